// All pair constraints between the same two sides are judged together: docs/semantics.md, 4.2 (a).
// Here they are brought together, and what they say about times is made one interval.
#include "ir/reference/ref_inside.h"

static const int64_t ever = INT64_MAX;

// ---- intervals of whole seconds ---------------------------------------------------------------------

static int64_t clamp(amlrt_i128 v)
{
  return v > INT64_MAX ? INT64_MAX : v < -INT64_MAX ? -INT64_MAX : (int64_t)v;
}

static int64_t floor_of(amlrt_frac v)
{
  amlrt_i128 q = v.num / v.den;
  return clamp(q - (v.num % v.den < 0));
}

static int64_t ceil_of(amlrt_frac v)
{
  amlrt_i128 q = v.num / v.den;
  return clamp(q + (v.num % v.den > 0));
}

static bool has_degree(const amlrt_range *r, int64_t v)
{
  return amlrt_range_degree(r, amlrt_frac_int(v)) > 0;
}

// The first v in [lo, hi] with a degree above 0, where degrees rise; hi when there is none before it.
static int64_t first_with_degree(const amlrt_range *r, int64_t lo, int64_t hi)
{
  while (lo < hi) {
    int64_t mid = clamp(((amlrt_i128)lo + hi) >> 1);
    if (has_degree(r, mid))
      hi = mid;
    else
      lo = mid + 1;
  }
  return lo;
}

static int64_t last_with_degree(const amlrt_range *r, int64_t lo, int64_t hi)
{
  while (lo < hi) {
    int64_t mid = clamp(((amlrt_i128)lo + hi + 1) >> 1);
    if (has_degree(r, mid))
      lo = mid;
    else
      hi = mid - 1;
  }
  return lo;
}

// The whole seconds that have a degree above 0 (rounded as section 5 says) are [*lo, *hi].
static void gap_interval(const amlrt_range *r, int64_t *lo, int64_t *hi)
{
  *lo = -ever;
  *hi = ever;
  if (r->has & AMLRT_HAS_A)
    *lo = first_with_degree(r, floor_of(r->a), ceil_of(r->b));
  else if (r->has & AMLRT_HAS_B)
    *lo = ceil_of(r->b);
  if (r->has & AMLRT_HAS_D)
    *hi = last_with_degree(r, floor_of(r->c), ceil_of(r->d));
  else if (r->has & AMLRT_HAS_C)
    *hi = floor_of(r->c);
}

// ---- what one constraint says about times -------------------------------------------------------------

// time(j) - time(i) of the constraint's own sides is in [lo, hi].
static void bound(ref_pair *p, bool forward, int64_t lo, int64_t hi)
{
  int64_t from = forward ? lo : -hi, to = forward ? hi : -lo;

  if (from > p->lo) p->lo = from;
  if (to < p->hi) p->hi = to;
}

static void read_gap(ref_pair *p, ref_pair_cond *k, const ref_cx *rx, const gir_node *n)
{
  const amlrt_range *r = &rx->plan.node[n->id].range;
  bool forward = (n->args[0]->imm[0] == 0) != k->swapped;
  int64_t lo, hi;

  gap_interval(r, &lo, &hi);
  // A gap runs to a strictly later transfer.
  bound(p, forward, lo > 1 ? lo : 1, hi);
  if (k->has_gap) p->by_time = false;
  k->has_gap = true;
  k->gap = *r;
  k->gap_forward = forward;
}

static void read_times(ref_pair *p, ref_pair_cond *k, const ref_cx *rx, const gir_node *n)
{
  if (n->op == GIR_AND) {
    read_times(p, k, rx, n->args[0]);
    read_times(p, k, rx, n->args[1]);
  } else if ((n->op == GIR_BEFORE || n->op == GIR_NOT_AFTER) && n->imm[0] != n->imm[1]) {
    bound(p, (n->imm[0] == 0) != k->swapped, n->op == GIR_BEFORE ? 1 : 0, ever);
  } else if (n->op == GIR_IN_RANGE && n->args[0]->op == GIR_GAP &&
             n->args[0]->imm[0] != n->args[0]->imm[1]) {
    read_gap(p, k, rx, n);
  } else {
    p->by_time = false;
  }
}

// ---- bringing them together ---------------------------------------------------------------------------

static ref_pair *pair_for(ref_cx *rx, uint32_t role, uint32_t a, uint32_t b)
{
  ref_plan *plan = &rx->plan;

  for (uint32_t i = 0; i < plan->n_pairs; i++) {
    ref_pair *p = &plan->pair[i];
    if (p->role != role) continue;
    if (p->stage[0] == a && p->stage[1] == b) return p;
    if (role != AMLRT_NONE && p->stage[0] == b && p->stage[1] == a) return p;
  }
  ref_pair *p = &plan->pair[plan->n_pairs++];
  *p = (ref_pair){.role = role, .stage = {a, b}, .lo = -ever, .hi = ever, .by_time = true};
  p->cond = ref_take_run(rx, plan->n_constraints, sizeof *p->cond);
  // A side that may be empty asks nothing of one that may not; two of them ask each other.
  const ref_stage *sa = &plan->stage[a], *sb = &plan->stage[b];
  p->asked[0] = role == AMLRT_NONE || sa->may_be_empty || !sb->may_be_empty;
  p->asked[1] = role == AMLRT_NONE || sb->may_be_empty || !sa->may_be_empty;
  return p->cond ? p : NULL;
}

bool ref_plan_pairs(ref_cx *rx)
{
  ref_plan *plan = &rx->plan;

  for (uint32_t i = 0; i < plan->n_constraints; i++) {
    const gir_node *n = plan->constraint[i];
    if (n->op != GIR_PAIR && n->op != GIR_HOP_PAIR) continue;
    bool along = n->op == GIR_HOP_PAIR;
    uint32_t role = along ? AMLRT_NONE : plan->node[n->args[0]->id].index;
    uint32_t a = plan->node[n->args[along ? 0 : 1]->id].index;
    uint32_t b = along ? a : plan->node[n->args[2]->id].index;
    ref_pair *p = pair_for(rx, role, a, b);
    if (!p) return false;
    ref_pair_cond *k = &p->cond[p->n++];
    *k = (ref_pair_cond){.constraint = i, .cond = n->args[along ? 1 : 3]};
    k->swapped = p->stage[0] != a;
    read_times(p, k, rx, k->cond);
  }
  return true;
}
