// The shortest text of a double. Short ones, nearly all there are, are found with one exact
// division; the rest by the free-format algorithm of Steele and White, "How to print floating-point
// numbers accurately" (1990), in exact integers. No printf: that one writes the locale's decimal
// comma.
#include "amlrt/money.h"

#include <string.h>

// ---- exact integers -----------------------------------------------------------------------------

// 2^1024 * 10^17 and 2^1074 * 20, the largest of both ends, fit.
enum { BIG_LIMBS = 40, MAX_DIGITS = 17 };
typedef struct big {
  int n;                    // limbs in use; the highest is not 0
  uint32_t limb[BIG_LIMBS]; // the lowest first
} big;

static big big_from(uint64_t v)
{
  big r = {.limb = {(uint32_t)v, (uint32_t)(v >> 32)}};

  r.n = v == 0 ? 0 : v >> 32 ? 2 : 1;
  return r;
}

static void big_mul(big *a, uint32_t by)
{
  uint64_t carry = 0;

  for (int i = 0; i < a->n; i++) {
    carry += (uint64_t)a->limb[i] * by;
    a->limb[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry) a->limb[a->n++] = (uint32_t)carry;
}

static void big_shl(big *a, int bits)
{
  for (; bits >= 31; bits -= 31)
    big_mul(a, UINT32_C(1) << 31);
  big_mul(a, UINT32_C(1) << bits);
}

static void big_pow10(big *a, int n)
{
  for (; n >= 9; n -= 9)
    big_mul(a, 1000000000);
  for (; n > 0; n--)
    big_mul(a, 10);
}

static int big_cmp(const big *a, const big *b)
{
  if (a->n != b->n) return a->n < b->n ? -1 : 1;
  for (int i = a->n - 1; i >= 0; i--)
    if (a->limb[i] != b->limb[i]) return a->limb[i] < b->limb[i] ? -1 : 1;
  return 0;
}

static big big_sum(const big *a, const big *b)
{
  big r;
  uint64_t carry = 0;

  r.n = a->n > b->n ? a->n : b->n;
  for (int i = 0; i < r.n; i++) {
    carry += (i < a->n ? a->limb[i] : 0) + (uint64_t)(i < b->n ? b->limb[i] : 0);
    r.limb[i] = (uint32_t)carry;
    carry >>= 32;
  }
  if (carry) r.limb[r.n++] = (uint32_t)carry;
  return r;
}

static void big_sub(big *a, const big *b) // a >= b
{
  uint64_t borrow = 0;

  for (int i = 0; i < a->n; i++) {
    uint64_t t = (uint64_t)a->limb[i] - (i < b->n ? b->limb[i] : 0) - borrow;
    a->limb[i] = (uint32_t)t;
    borrow = t >> 63;
  }
  while (a->n > 0 && a->limb[a->n - 1] == 0)
    a->n--;
}

// ---- digits -------------------------------------------------------------------------------------

// A positive number as digits d1 d2 ... dn and a point: 0.d1d2...dn * 10^point.
typedef struct decimal {
  char digit[MAX_DIGITS + 1];
  int n, point;
} decimal;

// value = r / s; every text strictly between (r - below) / s and (r + above) / s reads back as the
// double, and so do the two ends where its mantissa is even.
typedef struct interval {
  big r, s, below, above;
  bool closed;
} interval;

static interval make_interval(uint64_t mantissa, int exponent)
{
  // At a power of two the next lower double is only half as far.
  bool narrow = mantissa == UINT64_C(1) << 52 && exponent > -1074;
  interval iv = {.r = big_from(mantissa), .s = big_from(narrow ? 4 : 2), .below = big_from(1)};

  iv.above = big_from(narrow ? 2 : 1);
  iv.closed = (mantissa & 1) == 0;
  big_mul(&iv.r, narrow ? 4 : 2);
  if (exponent >= 0) {
    big_shl(&iv.r, exponent);
    big_shl(&iv.below, exponent);
    big_shl(&iv.above, exponent);
  } else {
    big_shl(&iv.s, -exponent);
  }
  return iv;
}

static void times_ten(interval *iv)
{
  big_mul(&iv->r, 10);
  big_mul(&iv->below, 10);
  big_mul(&iv->above, 10);
}

static bool reaches(const interval *iv, const big *r, const big *to) // r + above >= (or >) to
{
  big top = big_sum(r, &iv->above);
  int c = big_cmp(&top, to);

  return iv->closed ? c >= 0 : c > 0;
}

// Scales so that the upper end of the interval is in [0.1, 1) times ten to the returned power.
static int scale_to_point(interval *iv, int exponent2)
{
  // log10(2) is 0.30103; the guess is low or right, and the loops make it exact.
  int point = (int)((exponent2 * 30103L) / 100000) - 1;

  if (point > 0) big_pow10(&iv->s, point);
  if (point < 0) {
    big_pow10(&iv->r, -point);
    big_pow10(&iv->below, -point);
    big_pow10(&iv->above, -point);
  }
  while (reaches(iv, &iv->r, &iv->s)) {
    big_mul(&iv->s, 10);
    point++;
  }
  return point;
}

static int next_digit(interval *iv)
{
  int d = 0;

  times_ten(iv);
  while (big_cmp(&iv->r, &iv->s) >= 0) {
    big_sub(&iv->r, &iv->s);
    d++;
  }
  return d;
}

static decimal exact_digits(uint64_t mantissa, int exponent)
{
  interval iv = make_interval(mantissa, exponent);
  decimal out = {.n = 0};
  bool low, high;

  out.point = scale_to_point(&iv, exponent + 64 - __builtin_clzll(mantissa));
  do {
    int d = next_digit(&iv);
    int c = big_cmp(&iv.r, &iv.below);
    low = iv.closed ? c <= 0 : c < 0;
    high = reaches(&iv, &iv.r, &iv.s);
    if (low || high) { // the last digit: the nearer of d and d + 1, of those that are inside
      big twice = big_sum(&iv.r, &iv.r);
      int half = big_cmp(&twice, &iv.s);
      if (high && (!low || half > 0 || (half == 0 && (d & 1)))) d++;
    }
    out.digit[out.n++] = (char)('0' + d);
  } while (!low && !high && out.n < MAX_DIGITS);
  return out;
}

static decimal digits_of(uint64_t v, int point_shift)
{
  char text[24];
  int n = 0;
  decimal out = {.n = 0};

  for (; v; v /= 10)
    text[n++] = (char)('0' + v % 10);
  out.point = n - point_shift;
  for (int i = 0; i < n && i < MAX_DIGITS; i++)
    out.digit[out.n++] = text[n - 1 - i];
  while (out.n > 1 && out.digit[out.n - 1] == '0')
    out.n--;
  return out;
}

// Below 2^50 a whole number of 10^-k has at most 15 digits, of which no two texts share a double;
// both sides of the division are exact, so it gives what reading the text gives.
static bool short_digits(decimal *out, double v)
{
  double scale = 1.0;

  if (v >= 1e15 || v < 1e-5) return false;
  for (int k = 0; k <= 20; k++, scale *= 10.0) {
    double whole = v * scale + 0.5;
    if (whole >= 0x1p50) return false;
    uint64_t m = (uint64_t)whole;
    if ((double)m / scale != v) continue;
    *out = digits_of(m, k);
    return true;
  }
  return false;
}

// ---- layout -------------------------------------------------------------------------------------

static size_t put(char *out, size_t n, const char *text, int count)
{
  memcpy(out + n, text, (size_t)count);
  return n + (size_t)count;
}

static size_t put_plain(char *out, size_t n, const decimal *d)
{
  static const char zeros[] = "00000000000000000";

  if (d->point <= 0) {
    n = put(out, n, "0.", 2);
    n = put(out, n, zeros, -d->point);
    return put(out, n, d->digit, d->n);
  }
  if (d->n <= d->point) {
    n = put(out, n, d->digit, d->n);
    return put(out, n, zeros, d->point - d->n);
  }
  n = put(out, n, d->digit, d->point);
  n = put(out, n, ".", 1);
  return put(out, n, d->digit + d->point, d->n - d->point);
}

static size_t put_exponent(char *out, size_t n, const decimal *d)
{
  int e = d->point - 1, size = e < 0 ? -e : e;

  n = put(out, n, d->digit, 1);
  if (d->n > 1) {
    n = put(out, n, ".", 1);
    n = put(out, n, d->digit + 1, d->n - 1);
  }
  out[n++] = 'e';
  if (e < 0) out[n++] = '-';
  if (size >= 100) out[n++] = (char)('0' + size / 100);
  if (size >= 10) out[n++] = (char)('0' + size / 10 % 10);
  out[n++] = (char)('0' + size % 10);
  return n;
}

size_t amlrt_double_print(char out[32], double v)
{
  uint64_t bits, fraction;
  int biased;
  size_t n = 0;
  decimal d;

  memcpy(&bits, &v, sizeof bits);
  fraction = bits & ((UINT64_C(1) << 52) - 1);
  biased = (int)(bits >> 52 & 0x7ff);
  if (v == 0.0 || biased == 0x7ff) { // JSON has no word for what is not finite but null
    n = put(out, 0, v == 0.0 ? "0" : "null", v == 0.0 ? 1 : 4);
    out[n] = '\0';
    return n;
  }
  if (v < 0) {
    out[n++] = '-';
    v = -v;
  }
  if (!short_digits(&d, v))
    d = biased ? exact_digits(fraction | UINT64_C(1) << 52, biased - 1075)
               : exact_digits(fraction, -1074);
  n = v >= 1e-5 && v < 1e17 ? put_plain(out, n, &d) : put_exponent(out, n, &d);
  out[n] = '\0';
  return n;
}
