// What pair constraints say about times: the counterpart of the first half of
// ir/reference/ref_plan_pairs.c.
#include "passes/pair_times.h"

static const int64_t ever = INT64_MAX;

// ---- degrees above 0 ----------------------------------------------------------------------------------

// A degree on a slope is a double, rounded once to a multiple of 2^-44, ties to even: of what is above
// 0, half of 2^-44 and less is rounded to 0.
static bool slope_has_degree(rational v, rational zero, rational one)
{
  const double half = 1.0 / 35184372088832.0; // 2^-45
  double x = rational_double(v), lo = rational_double(zero), hi = rational_double(one);

  if (lo == hi) return true;
  double d = lo < hi ? (x - lo) / (hi - lo) : (lo - x) / (lo - hi);
  return d > half;
}

static bool low_end_has(const gir_range *r, rational v)
{
  if (!(r->has & GIR_HAS_B) || rational_cmp(v, r->b) >= 0) return true;
  if (!(r->has & GIR_HAS_A) || rational_cmp(v, r->a) <= 0) return false;
  return slope_has_degree(v, r->a, r->b);
}

static bool high_end_has(const gir_range *r, rational v)
{
  if (!(r->has & GIR_HAS_C) || rational_cmp(v, r->c) <= 0) return true;
  if (!(r->has & GIR_HAS_D) || rational_cmp(v, r->d) >= 0) return false;
  return slope_has_degree(v, r->d, r->c);
}

bool range_has_degree(const gir_range *r, rational v)
{
  return low_end_has(r, v) && high_end_has(r, v);
}

// ---- intervals of whole seconds -----------------------------------------------------------------------

static int64_t clamp(aml_i128 v)
{
  return v > INT64_MAX ? INT64_MAX : v < -INT64_MAX ? -INT64_MAX : (int64_t)v;
}

static int64_t floor_of(rational v)
{
  return clamp(v.num / v.den - (v.num % v.den < 0));
}

static int64_t ceil_of(rational v)
{
  return clamp(v.num / v.den + (v.num % v.den > 0));
}

// The first v in [lo, hi] with a degree above 0, where degrees rise; hi when there is none before it.
static int64_t first_with_degree(const gir_range *r, int64_t lo, int64_t hi)
{
  while (lo < hi) {
    int64_t mid = clamp(((aml_i128)lo + hi) >> 1);
    if (range_has_degree(r, rational_int(mid)))
      hi = mid;
    else
      lo = mid + 1;
  }
  return lo;
}

static int64_t last_with_degree(const gir_range *r, int64_t lo, int64_t hi)
{
  while (lo < hi) {
    int64_t mid = clamp(((aml_i128)lo + hi + 1) >> 1);
    if (range_has_degree(r, rational_int(mid)))
      lo = mid;
    else
      hi = mid - 1;
  }
  return lo;
}

// The whole seconds that have a degree above 0 are [*lo, *hi].
static void gap_interval(const gir_range *r, int64_t *lo, int64_t *hi)
{
  *lo = -ever;
  *hi = ever;
  if (r->has & GIR_HAS_A)
    *lo = first_with_degree(r, floor_of(r->a), ceil_of(r->b));
  else if (r->has & GIR_HAS_B)
    *lo = ceil_of(r->b);
  if (r->has & GIR_HAS_D)
    *hi = last_with_degree(r, floor_of(r->c), ceil_of(r->d));
  else if (r->has & GIR_HAS_C)
    *hi = floor_of(r->c);
}

// ---- what one constraint says about times ---------------------------------------------------------------

// time(j) - time(i) of the constraint's own sides is in [lo, hi].
static void bound(pair_times *t, bool forward, int64_t lo, int64_t hi)
{
  int64_t from = forward ? lo : -hi, to = forward ? hi : -lo;

  if (from > t->lo) t->lo = from;
  if (to < t->hi) t->hi = to;
}

static void read_gap(pair_times *t, bool swapped, const gir_node *n)
{
  bool forward = (n->args[0]->imm[0] == 0) != swapped;
  int64_t lo, hi;

  gap_interval(&n->range, &lo, &hi);
  // A gap runs to a strictly later transfer.
  bound(t, forward, lo > 1 ? lo : 1, hi);
  if (t->gap) t->by_time = false;
  t->gap = n;
  t->gap_forward = forward;
}

void pair_times_add(pair_times *t, bool swapped, const gir_node *n)
{
  if (n->op == GIR_AND) {
    pair_times_add(t, swapped, n->args[0]);
    pair_times_add(t, swapped, n->args[1]);
  } else if ((n->op == GIR_BEFORE || n->op == GIR_NOT_AFTER) && n->imm[0] != n->imm[1]) {
    bound(t, (n->imm[0] == 0) != swapped, n->op == GIR_BEFORE ? 1 : 0, ever);
  } else if (n->op == GIR_IN_RANGE && n->args[0]->op == GIR_GAP &&
             n->args[0]->imm[0] != n->args[0]->imm[1]) {
    read_gap(t, swapped, n);
  } else {
    t->by_time = false;
  }
}
