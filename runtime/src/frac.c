// Exact fractions. The fast way is 128-bit arithmetic with overflow checks; only where that
// overflows the exact result is made in 384 bits, reduced, and rounded if it must be
// (docs/numbers.md). The result depends on the two values alone, not on how their fractions were
// written.
#include "amlrt/money.h"
#include "runtime/src/wide.h"

#define I128_MAX ((amlrt_i128)(((amlrt__u128)1 << 127) - 1))

enum { MANTISSA_BITS = 62, FINEST = 126, FITS_BITS = 127 };

static amlrt__u128 magnitude(amlrt_i128 v)
{
  return v < 0 ? -(amlrt__u128)v : (amlrt__u128)v;
}

// Products of such numbers are exact in 128 bits, and so is the sum of two.
static bool are_small(amlrt_frac a, amlrt_frac b)
{
  return a.num == (int64_t)a.num && a.den == (int64_t)a.den && b.num == (int64_t)b.num &&
         b.den == (int64_t)b.den;
}

static amlrt_i128 product(amlrt_i128 a, amlrt_i128 b)
{
  return (amlrt_i128)(int64_t)a * (int64_t)b;
}

static amlrt_frac signed_frac(bool negative, amlrt__u128 num, amlrt__u128 den)
{
  amlrt_i128 n = (amlrt_i128)num;

  return (amlrt_frac){negative ? -n : n, (amlrt_i128)den};
}

static bool fits(amlrt__wide num, amlrt__wide den)
{
  return amlrt__wide_bits(num) <= FITS_BITS && amlrt__wide_bits(den) <= FITS_BITS;
}

// num / den * 2^scale to the nearest whole number, ties to even; it must be below 2^64.
static uint64_t scaled_quotient(amlrt__wide num, amlrt__wide den, int scale)
{
  amlrt__wide rest, q;
  int half;

  if (scale >= 0)
    num = amlrt__wide_shl(num, scale);
  else
    den = amlrt__wide_shl(den, -scale);
  q = amlrt__wide_div(num, den, &rest);
  half = amlrt__wide_cmp(amlrt__wide_shl(rest, 1), den);
  return q.limb[0] + (half > 0 || (half == 0 && (q.limb[0] & 1)));
}

// The nearest m / 2^scale with m of 62 bits; scale is at most 126, and what is 2^127 or more is
// the largest number there is.
static amlrt_frac nearest(bool negative, amlrt__wide num, amlrt__wide den)
{
  int nb = amlrt__wide_bits(num), db = amlrt__wide_bits(den), scale = MANTISSA_BITS - (nb - db);
  amlrt__wide n = num, d = den;

  // num / den is in (2^(nb-db-1), 2^(nb-db+1)): one bit fewer where it is at least 2^(nb-db).
  if (nb >= db)
    d = amlrt__wide_shl(den, nb - db);
  else
    n = amlrt__wide_shl(num, db - nb);
  if (amlrt__wide_cmp(n, d) >= 0) scale--;
  if (scale > FINEST) scale = FINEST;
  if (MANTISSA_BITS - scale > FITS_BITS) return signed_frac(negative, (amlrt__u128)I128_MAX, 1);
  amlrt__u128 m = scaled_quotient(num, den, scale);
  if (scale < 0) {
    if (m >> (FITS_BITS + scale)) return signed_frac(negative, (amlrt__u128)I128_MAX, 1);
    return signed_frac(negative, m << -scale, 1);
  }
  return signed_frac(negative, m, (amlrt__u128)1 << scale);
}

static amlrt_frac from_wide(bool negative, amlrt__wide num, amlrt__wide den)
{
  amlrt__wide g, rest;

  if (!fits(num, den)) {
    g = amlrt__wide_gcd(num, den);
    num = amlrt__wide_div(num, g, &rest);
    den = amlrt__wide_div(den, g, &rest);
    if (!fits(num, den)) return nearest(negative, num, den);
  }
  return signed_frac(negative, amlrt__wide_low(num), amlrt__wide_low(den));
}

amlrt_frac amlrt_frac_int(amlrt_i128 v)
{
  return (amlrt_frac){v, 1};
}

// a + b, or a - b.
static amlrt_frac add_wide(amlrt_frac a, amlrt_frac b, bool minus)
{
  amlrt__wide x = amlrt__wide_mul(magnitude(a.num), (amlrt__u128)b.den);
  amlrt__wide y = amlrt__wide_mul(magnitude(b.num), (amlrt__u128)a.den);
  amlrt__wide den = amlrt__wide_mul((amlrt__u128)a.den, (amlrt__u128)b.den);
  bool x_negative = a.num < 0, y_negative = (b.num < 0) != minus;

  if (x_negative == y_negative) return from_wide(x_negative, amlrt__wide_add(x, y), den);
  if (amlrt__wide_cmp(x, y) >= 0) return from_wide(x_negative, amlrt__wide_sub(x, y), den);
  return from_wide(y_negative, amlrt__wide_sub(y, x), den);
}

amlrt_frac amlrt_frac_add(amlrt_frac a, amlrt_frac b)
{
  amlrt_frac r;
  amlrt_i128 x, y;

  if (a.den == b.den && !__builtin_add_overflow(a.num, b.num, &r.num) && r.num >= -I128_MAX) {
    r.den = a.den;
    return r;
  }
  if (are_small(a, b))
    return (amlrt_frac){product(a.num, b.den) + product(b.num, a.den), product(a.den, b.den)};
  if (__builtin_mul_overflow(a.num, b.den, &x) || __builtin_mul_overflow(b.num, a.den, &y) ||
      __builtin_add_overflow(x, y, &r.num) || __builtin_mul_overflow(a.den, b.den, &r.den) ||
      r.num < -I128_MAX)
    return add_wide(a, b, false);
  return r;
}

amlrt_frac amlrt_frac_sub(amlrt_frac a, amlrt_frac b)
{
  if (b.num < -I128_MAX) return add_wide(a, b, true); // the one number without a positive twin
  return amlrt_frac_add(a, (amlrt_frac){-b.num, b.den});
}

static amlrt_frac mul_wide(bool negative, amlrt__u128 an, amlrt__u128 ad, amlrt__u128 bn,
                           amlrt__u128 bd)
{
  return from_wide(negative, amlrt__wide_mul(an, bn), amlrt__wide_mul(ad, bd));
}

amlrt_frac amlrt_frac_mul(amlrt_frac a, amlrt_frac b)
{
  amlrt_frac r;

  if (__builtin_mul_overflow(a.num, b.num, &r.num) ||
      __builtin_mul_overflow(a.den, b.den, &r.den) || r.num < -I128_MAX)
    return mul_wide((a.num < 0) != (b.num < 0), magnitude(a.num), (amlrt__u128)a.den,
                    magnitude(b.num), (amlrt__u128)b.den);
  return r;
}

bool amlrt_frac_div(amlrt_frac *out, amlrt_frac a, amlrt_frac b)
{
  amlrt_frac r;

  if (b.num == 0) return false;
  if (b.num > 0 && are_small(a, b)) {
    *out = (amlrt_frac){product(a.num, b.den), product(a.den, b.num)};
    return true;
  }
  if (b.num > 0 && !__builtin_mul_overflow(a.num, b.den, &r.num) &&
      !__builtin_mul_overflow(a.den, b.num, &r.den) && r.num >= -I128_MAX) {
    *out = r;
    return true;
  }
  *out = mul_wide((a.num < 0) != (b.num < 0), magnitude(a.num), (amlrt__u128)a.den,
                  (amlrt__u128)b.den, magnitude(b.num));
  return true;
}

int amlrt_frac_cmp(amlrt_frac a, amlrt_frac b)
{
  amlrt_i128 x, y;

  if (are_small(a, b)) {
    x = product(a.num, b.den);
    y = product(b.num, a.den);
    return x < y ? -1 : x > y;
  }
  if ((a.num < 0) != (b.num < 0)) return a.num < 0 ? -1 : 1;
  if (!__builtin_mul_overflow(a.num, b.den, &x) && !__builtin_mul_overflow(b.num, a.den, &y))
    return x < y ? -1 : x > y;
  int c = amlrt__wide_cmp(amlrt__wide_mul(magnitude(a.num), (amlrt__u128)b.den),
                          amlrt__wide_mul(magnitude(b.num), (amlrt__u128)a.den));
  return a.num < 0 ? -c : c;
}

// Up to 2^53 both conversions are exact, and the quotient is the nearest double however the
// fraction is written. Above, lowest terms make it so that the writing does not matter.
double amlrt_frac_double(amlrt_frac a)
{
  const amlrt__u128 exact = (amlrt__u128)1 << 53;
  amlrt__u128 n = magnitude(a.num), d = (amlrt__u128)a.den;

  if (n > exact || d > exact) {
    amlrt__u128 x = n, y = d;
    while (y) {
      amlrt__u128 t = x % y;
      x = y;
      y = t;
    }
    n /= x;
    d /= x;
  }
  double v = (double)n / (double)d;
  return a.num < 0 ? -v : v;
}
