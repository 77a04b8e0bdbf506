#include "ir/base/rational.h"

#include <string.h>

__extension__ typedef unsigned __int128 aml_u128;

#define I128_MAX ((aml_i128)(~(aml_u128)0 >> 1))

// The most negative number is kept out of fractions, so that negation never overflows.
static bool fits(aml_i128 v)
{
  return v >= -I128_MAX;
}

static aml_i128 absolute(aml_i128 v)
{
  return v < 0 ? -v : v;
}

static aml_i128 gcd(aml_i128 a, aml_i128 b)
{
  a = absolute(a);
  b = absolute(b);
  while (b) {
    aml_i128 r = a % b;
    a = b;
    b = r;
  }
  return a;
}

// By hand: clang turns its builtin for 128 bits into a call that libgcc does not have.
static bool mul(aml_i128 *out, aml_i128 a, aml_i128 b)
{
  if (a && absolute(b) > I128_MAX / absolute(a)) return false;
  *out = a * b;
  return true;
}

static bool add(aml_i128 *out, aml_i128 a, aml_i128 b)
{
  if (b > 0 ? a > I128_MAX - b : a < -I128_MAX - b) return false;
  *out = a + b;
  return true;
}

rational rational_int(int64_t v)
{
  return (rational){v, 1};
}

bool rational_make(rational *out, aml_i128 num, aml_i128 den)
{
  if (!den || !fits(num) || !fits(den)) return false;
  aml_i128 common = gcd(num, den);
  if (den < 0) common = -common;
  *out = (rational){num / common, den / common};
  return true;
}

bool rational_add(rational *out, rational a, rational b)
{
  aml_i128 common = gcd(a.den, b.den), left, right, num, den;

  return mul(&left, a.num, b.den / common) && mul(&right, b.num, a.den / common) &&
         add(&num, left, right) && mul(&den, a.den / common, b.den) && rational_make(out, num, den);
}

bool rational_sub(rational *out, rational a, rational b)
{
  b.num = -b.num;
  return rational_add(out, a, b);
}

bool rational_mul(rational *out, rational a, rational b)
{
  aml_i128 across = gcd(a.num, b.den), back = gcd(b.num, a.den), num, den;

  if (!mul(&num, a.num / across, b.num / back) || !mul(&den, a.den / back, b.den / across))
    return false;
  return rational_make(out, num, den);
}

bool rational_div(rational *out, rational a, rational b)
{
  if (!b.num) return false;
  rational inverse = b.num < 0 ? (rational){-b.den, -b.num} : (rational){b.den, b.num};
  return rational_mul(out, a, inverse);
}

static aml_i128 floor_div(aml_i128 a, aml_i128 b)
{
  aml_i128 q = a / b;
  return a % b < 0 ? q - 1 : q;
}

// Compares the continued fractions, whole part by whole part: nothing can overflow.
int rational_cmp(rational a, rational b)
{
  int sign = 1;

  for (;;) {
    aml_i128 p = floor_div(a.num, a.den), q = floor_div(b.num, b.den);
    if (p != q) return p < q ? -sign : sign;
    aml_i128 left = a.num - p * a.den, right = b.num - q * b.den;
    if (!left || !right) return left == right ? 0 : left ? sign : -sign;
    a = (rational){a.den, left}; // the inverses of the rests compare the other way round
    b = (rational){b.den, right};
    sign = -sign;
  }
}

double rational_double(rational a)
{
  return (double)a.num / (double)a.den;
}

bool rational_is_int(rational a)
{
  return a.den == 1;
}

// ---- text ---------------------------------------------------------------------------------------

static bool is_digit(char ch)
{
  return ch >= '0' && ch <= '9';
}

static bool push_digit(aml_i128 *v, char ch)
{
  return mul(v, *v, 10) && add(v, *v, ch - '0');
}

// Digits with single underscores between them, from *at on.
static bool parse_digits(aml_i128 *v, aml_i128 *scale, const char *text, size_t n, size_t *at)
{
  size_t i = *at;

  if (i >= n || !is_digit(text[i])) return false;
  for (; i < n && (is_digit(text[i]) || text[i] == '_'); i++) {
    if (text[i] == '_') {
      if (i + 1 >= n || !is_digit(text[i + 1])) return false;
      continue;
    }
    if (!push_digit(v, text[i]) || (scale && !mul(scale, *scale, 10))) return false;
  }
  *at = i;
  return true;
}

bool rational_parse(rational *out, const char *text, size_t n)
{
  aml_i128 v = 0, scale = 1;
  size_t at = 0;

  if (!parse_digits(&v, NULL, text, n, &at)) return false;
  if (at < n && text[at] == '.') {
    at++;
    if (!parse_digits(&v, &scale, text, n, &at)) return false;
  }
  return at == n && rational_make(out, v, scale);
}

static void print_i128(strbuf *out, aml_i128 v)
{
  char digit[40];
  size_t n = sizeof digit;

  if (v < 0) strbuf_putc(out, '-');
  v = absolute(v);
  do {
    digit[--n] = (char)('0' + (int)(v % 10));
    v /= 10;
  } while (v);
  strbuf_add(out, digit + n, sizeof digit - n);
}

// How many places the decimal fraction has; -1: it does not end within 18.
static int decimal_places(aml_i128 den)
{
  for (int places = 0; places <= 18; places++) {
    if (den == 1) return places;
    if (den % 10 == 0)
      den /= 10;
    else if (den % 5 == 0)
      den /= 5;
    else if (den % 2 == 0)
      den /= 2;
    else
      return -1;
  }
  return -1;
}

void rational_print(strbuf *out, rational a)
{
  int places = decimal_places(a.den);
  aml_i128 whole = absolute(a.num) / a.den, rest = absolute(a.num) % a.den;

  if (places < 0) {
    print_i128(out, a.num);
    strbuf_putc(out, '/');
    print_i128(out, a.den);
    return;
  }
  if (a.num < 0) strbuf_putc(out, '-');
  print_i128(out, whole);
  if (places) strbuf_putc(out, '.');
  for (; places; places--) { // den <= 10^18, so the rest times 10 stays small
    rest *= 10;
    strbuf_putc(out, (char)('0' + (int)(rest / a.den)));
    rest %= a.den;
  }
}

bool rational_read(rational *out, const char *text, size_t n)
{
  bool minus = n && text[0] == '-';
  rational whole, part = {1, 1};

  if (minus) {
    text++;
    n--;
  }
  const char *slash = memchr(text, '/', n);
  size_t n_whole = slash ? (size_t)(slash - text) : n;
  if (!rational_parse(&whole, text, n_whole)) return false;
  if (slash && !rational_parse(&part, slash + 1, n - n_whole - 1)) return false;
  if (!rational_div(&whole, whole, part)) return false;
  if (minus) whole.num = -whole.num;
  *out = whole;
  return true;
}
