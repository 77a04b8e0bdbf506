// Degrees: multiples of 2^-44, added as integers.
#include "amlrt/money.h"
#include "runtime/src/wide.h"

amlrt_degree amlrt_degree_of_double(double d)
{
  if (!(d > 0.0)) return 0; // NaN too
  if (d >= 1.0) return AMLRT_DEGREE_ONE;
  double scaled = d * (double)AMLRT_DEGREE_ONE; // a power of two: exact
  amlrt_degree whole = (amlrt_degree)scaled;
  double part = scaled - (double)whole; // exact
  return whole + (part > 0.5 || (part == 0.5 && (whole & 1)));
}

double amlrt_degree_double(amlrt_degree d)
{
  return (double)d / (double)AMLRT_DEGREE_ONE;
}

amlrt_degree amlrt_degree_mean(amlrt_i128 sum, uint64_t n)
{
  if (n == 0) return AMLRT_DEGREE_ONE;
  amlrt__u128 s = sum < 0 ? 0 : (amlrt__u128)sum, q = s / n, rest = s % n;
  amlrt__u128 above =
      n - rest; // rest and above against each other: no doubling that could overflow
  return (amlrt_degree)(q + (rest > above || (rest == above && (q & 1))));
}

// How far v is on the way from the end of degree 0 to the end of degree 1. The ends differ; where
// their nearest doubles do not, v is as good as at the far end.
static amlrt_degree slope(amlrt_frac v, amlrt_frac zero, amlrt_frac one)
{
  double x = amlrt_frac_double(v), lo = amlrt_frac_double(zero), hi = amlrt_frac_double(one);

  if (lo == hi) return AMLRT_DEGREE_ONE;
  if (lo < hi) return amlrt_degree_of_double((x - lo) / (hi - lo));
  return amlrt_degree_of_double((lo - x) / (lo - hi));
}

static amlrt_degree low_end(const amlrt_range *r, amlrt_frac v)
{
  if (!(r->has & AMLRT_HAS_B) || amlrt_frac_cmp(v, r->b) >= 0) return AMLRT_DEGREE_ONE;
  if (!(r->has & AMLRT_HAS_A) || amlrt_frac_cmp(v, r->a) <= 0) return 0;
  return slope(v, r->a, r->b);
}

static amlrt_degree high_end(const amlrt_range *r, amlrt_frac v)
{
  if (!(r->has & AMLRT_HAS_C) || amlrt_frac_cmp(v, r->c) <= 0) return AMLRT_DEGREE_ONE;
  if (!(r->has & AMLRT_HAS_D) || amlrt_frac_cmp(v, r->d) >= 0) return 0;
  return slope(v, r->d, r->c);
}

amlrt_degree amlrt_range_degree(const amlrt_range *r, amlrt_frac v)
{
  amlrt_degree lo = low_end(r, v);

  if (lo == 0) return 0;
  amlrt_degree hi = high_end(r, v);
  return lo < hi ? lo : hi;
}
