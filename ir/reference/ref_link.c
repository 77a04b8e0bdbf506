// Candidates for an unbound single role, found along stages that every match must have.
//
// Of a role that is reached, `at` holds accounts of which at least one is in the role in every match
// that is still possible; `full`: they are all that can be. From there a stage leads on to the role at
// its other end, where the pattern makes sure that there is a transfer between the two.
#include "ir/reference/ref_inside.h"

typedef struct reached {
  ref_list at;
  bool yes, full;
} reached;

typedef struct link {
  const ref_stage *stage; // NULL: the accounts are the same
  int far_end;
  uint32_t near, far;
  bool full; // what is reached so is full
} link;

typedef struct search {
  ref_binder *b;
  ref_cx *rx;
  reached *role;
  link best;
  uint64_t best_cost;
  bool any;
} search;

static bool is_single(const search *s, uint32_t role)
{
  return s->rx->plan.role[role].node->op == GIR_ONE;
}

// Does someone in `near` surely have a transfer of the stage with someone in `far`? If any of the
// accounts reached will do, or all of them are known.
static bool leads_on(const search *s, const ref_stage *st, uint32_t near, uint32_t far)
{
  const ref_role *role = s->rx->plan.role;

  if (st->node->op != GIR_TERM)
    return !(is_single(s, near) && role[far].may_be_empty && !is_single(s, far));
  if (st->optional) return false;
  return st->owner == near || (s->role[near].full && !role[far].may_be_empty);
}

// Does everyone in `far` need a transfer of the stage with someone in `near`?
static bool binds_all(const search *s, const ref_stage *st, uint32_t near, uint32_t far)
{
  if (is_single(s, far)) return true;
  if (!s->role[near].full) return false;
  return st->node->op != GIR_TERM || (st->owner == far && !st->optional);
}

static uint64_t cost_of(search *s, const link *l)
{
  const ref_list *near = &s->role[l->near].at;
  uint64_t n = near->n;

  for (uint32_t i = 0; i < near->n && l->stage; i++)
    n += ref_alive(s->rx, near->at[i], l->far_end == REF_TO_END ? REF_OUT : REF_IN).n;
  return n;
}

static void offer(search *s, link l)
{
  uint64_t cost = cost_of(s, &l);

  if (s->any && cost >= s->best_cost) return;
  s->any = true;
  s->best_cost = cost;
  s->best = l;
}

// To single roles, or to groups that may lead further.
static bool is_wanted(const search *s, uint32_t near, uint32_t far, bool singles)
{
  if (near == AMLRT_NONE || far == AMLRT_NONE) return false;
  return s->role[near].yes && !s->role[far].yes && is_single(s, far) == singles;
}

static void offer_stages(search *s, bool singles)
{
  const ref_plan *plan = &s->rx->plan;

  for (uint32_t i = 0; i < plan->n_stages; i++) {
    const ref_stage *st = &plan->stage[i];
    if (!st->evidence || st->chain != AMLRT_NONE) continue;
    for (int e = 0; e < 2; e++) {
      uint32_t near = st->end[1 - e], far = st->end[e];
      if (!is_wanted(s, near, far, singles) || !leads_on(s, st, near, far)) continue;
      offer(s, (link){st, e, near, far, binds_all(s, st, near, far)});
    }
  }
}

// `set g = ... & h`: every member of g is in h.
static void offer_sets(search *s, const gir_node *set, uint32_t g, bool singles)
{
  const ref_role *role = s->rx->plan.role;

  if (set->op == GIR_INTERSECT) offer_sets(s, set->args[1], g, singles);
  if (set->op == GIR_INTERSECT || set->op == GIR_MINUS) offer_sets(s, set->args[0], g, singles);
  if (set->op != GIR_IN_ROLE) return;
  uint32_t h = ref_role_of(s->rx, set->args[0]);
  if (role[h].node->op == GIR_CHAIN) return;
  if (is_wanted(s, g, h, singles)) offer(s, (link){NULL, 0, g, h, is_single(s, h)});
  if (is_wanted(s, h, g, singles) && s->role[h].full && !role[g].may_be_empty)
    offer(s, (link){NULL, 0, h, g, true});
}

static bool best_link(search *s, bool singles)
{
  s->any = false;
  offer_stages(s, singles);
  for (uint32_t r = 0; r < s->rx->plan.n_roles; r++)
    if (s->rx->plan.role[r].set) offer_sets(s, s->rx->plan.role[r].set, r, singles);
  return s->any;
}

static bool follow(search *s, ref_list *out)
{
  const link *l = &s->best;
  const ref_list *near = &s->role[l->near].at;

  if (!l->stage) return ref_merge(s->rx, out, near, &(ref_list){NULL, 0});
  return ref_reached_by(s->rx, l->stage, l->far_end, near, 1, out);
}

static bool begin(search *s)
{
  uint32_t n = s->rx->plan.n_roles;

  s->role = ref_take(s->rx, n, sizeof *s->role);
  for (uint32_t r = 0; s->role && r < n; r++) {
    reached *at = &s->role[r];
    gir_op op = s->rx->plan.role[r].node->op;
    if (op == GIR_ONE && ref_is_bound(s->b, r))
      *at = (reached){s->b->keys.role[r], true, true};
    else if (op == GIR_GROUP && s->b->witness[r] != AMLRT_NONE)
      *at = (reached){{&s->b->witness[r], 1}, true, false};
  }
  return s->role != NULL;
}

static bool all_bound(const search *s)
{
  for (uint32_t r = 0; r < s->rx->plan.n_roles; r++)
    if (is_single(s, r) && !ref_is_bound(s->b, r)) return false;
  return true;
}

bool ref_bind_next(ref_binder *b, uint32_t *role, ref_list *candidates)
{
  search s = {.b = b, .rx = b->rx};

  *role = AMLRT_NONE;
  if (!begin(&s)) return false;
  if (all_bound(&s)) return true;
  for (;;) {
    if (best_link(&s, true)) {
      *role = s.best.far;
      return follow(&s, candidates);
    }
    if (!best_link(&s, false)) return true;
    reached *far = &s.role[s.best.far];
    if (!follow(&s, &far->at)) return false;
    far->yes = true;
    far->full = s.best.full;
  }
}
