// All pair constraints between the same two sides are judged together (docs/semantics.md, 4.2 (a)).
// Here they are brought together: the counterpart of ir/reference/ref_plan_pairs.c.
#include "passes/lower_inside.h"
#include "passes/pair_times.h"

static uint32_t pair_for(lower *l, uint32_t role, uint32_t a, uint32_t b)
{
  kir_module *m = l->m;

  for (uint32_t i = 0; i < m->pairs.n; i++) {
    const kir_pair *p = &m->pairs.at[i];
    if (p->role != role) continue;
    if (p->stage[0] == a && p->stage[1] == b) return i;
    if (role != KIR_NONE && p->stage[0] == b && p->stage[1] == a) return i;
  }
  kir_pair p = {.role = role, .stage = {a, b}, .lo = -INT64_MAX, .hi = INT64_MAX, .by_time = true};
  // A side that may be empty asks nothing of one that may not; two of them ask each other.
  bool may_a = m->stages.at[a].may_be_empty, may_b = m->stages.at[b].may_be_empty;
  p.asked[0] = role == KIR_NONE || may_a || !may_b;
  p.asked[1] = role == KIR_NONE || may_b || !may_a;
  VEC_PUSH(l->mem, &m->pairs, p);
  return m->pairs.n - 1;
}

// What the constraint says of times, added to what the pair knows already.
static void read_times(kir_pair *p, kir_pair_cond *k, const gir_node *cond)
{
  pair_times t = {.lo = p->lo, .hi = p->hi, .by_time = p->by_time};

  pair_times_add(&t, k->swapped, cond);
  p->lo = t.lo;
  p->hi = t.hi;
  p->by_time = t.by_time;
  k->has_gap = t.gap != NULL;
  if (!t.gap) return;
  k->gap = t.gap->range;
  k->gap_forward = t.gap_forward;
}

uint32_t lk_pair_of(lower *l, const gir_node *n, uint32_t constraint, uint32_t *place)
{
  bool along = n->op == GIR_HOP_PAIR;
  uint32_t role = along ? KIR_NONE : lk_role(l, n->args[0]);
  uint32_t a = lk_index(l, n->args[along ? 0 : 1]);
  uint32_t b = along ? a : lk_index(l, n->args[2]);
  uint32_t i = pair_for(l, role, a, b);
  const gir_node *cond = n->args[along ? 1 : 3];
  kir_pair_cond k = {.constraint = constraint};

  if (!cx_ok(l->c)) return i;
  k.swapped = l->m->pairs.at[i].stage[0] != a;
  const char *of = along ? l->m->stages.at[a].name : n->args[0]->name;
  k.fn = lk_condition(l, KIR_FN_PAIR, along ? "along" : "each", of, n->text, cond);
  read_times(&l->m->pairs.at[i], &k, cond);
  *place = l->m->pairs.at[i].conds.n;
  VEC_PUSH(l->mem, &l->m->pairs.at[i].conds, k);
  return i;
}
