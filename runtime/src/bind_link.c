// Candidates for an unbound single role, found along stages that every match must have.
//
// Of a role that is reached, `at` holds accounts of which at least one is in the role in every match
// that is still possible; `full`: they are all that can be. From there a stage leads on to the role at
// its other end, where the pattern makes sure that there is a transfer between the two.
#include "runtime/src/bind.h"

typedef struct reached {
  amlrt__list at;
  bool yes, full;
} reached;

typedef struct link {
  uint32_t stage; // AMLRT_NONE: the accounts are the same
  int far_end;
  uint32_t near, far;
  bool full; // what is reached so is full
} link;

typedef struct search {
  amlrt__binder *b;
  const amlrt__run *run;
  reached *role;
  link best;
  uint64_t best_cost;
  bool any;
} search;

// Does someone in `near` surely have a transfer of the stage with someone in `far`? If any of the
// accounts reached will do, or all of them are known.
static bool leads_on(const search *s, const amlrt_pstage *st, uint32_t near, uint32_t far)
{
  const amlrt_prole *role = s->run->p->roles;

  if (st->kind != AMLRT_STAGE_TERM)
    return !(amlrt__is_single(s->run, near) && role[far].may_be_empty &&
             !amlrt__is_single(s->run, far));
  if (st->optional) return false;
  return st->owner == near || (s->role[near].full && !role[far].may_be_empty);
}

// Does everyone in `far` need a transfer of the stage with someone in `near`?
static bool binds_all(const search *s, const amlrt_pstage *st, uint32_t near, uint32_t far)
{
  if (amlrt__is_single(s->run, far)) return true;
  if (!s->role[near].full) return false;
  return st->kind != AMLRT_STAGE_TERM || (st->owner == far && !st->optional);
}

static uint64_t cost_of(const search *s, const link *l)
{
  const amlrt__list *near = &s->role[l->near].at;
  uint64_t n = near->n;

  for (uint32_t i = 0; i < near->n && l->stage != AMLRT_NONE; i++)
    n += amlrt_slice_n(amlrt__slice(s->b->w, near->at[i], 1 - l->far_end));
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
  return s->role[near].yes && !s->role[far].yes && amlrt__is_single(s->run, far) == singles;
}

static void offer_stages(search *s, bool singles)
{
  const amlrt_program *p = s->run->p;

  for (uint32_t i = 0; i < p->n_stages; i++) {
    const amlrt_pstage *st = &p->stages[i];
    if (st->kind == AMLRT_STAGE_PROBE || st->chain != AMLRT_NONE) continue;
    for (int e = 0; e < 2; e++) {
      uint32_t near = amlrt__end_of(st, 1 - e), far = amlrt__end_of(st, e);
      if (!is_wanted(s, near, far, singles) || !leads_on(s, st, near, far)) continue;
      offer(s, (link){i, e, near, far, binds_all(s, st, near, far)});
    }
  }
}

// `set g = ... & h`: every member of g is in h.
static void offer_sets(search *s, uint32_t set, uint32_t g, bool singles)
{
  const amlrt_prole *role = s->run->p->roles;
  const amlrt_pset *n = &s->run->p->sets[set];

  if (n->op == AMLRT_SET_AND) offer_sets(s, n->b, g, singles);
  if (n->op == AMLRT_SET_AND || n->op == AMLRT_SET_MINUS) offer_sets(s, n->a, g, singles);
  if (n->op != AMLRT_SET_ROLE || role[n->a].kind == AMLRT_ROLE_CHAIN) return;
  uint32_t h = n->a;
  if (is_wanted(s, g, h, singles))
    offer(s, (link){AMLRT_NONE, 0, g, h, amlrt__is_single(s->run, h)});
  if (is_wanted(s, h, g, singles) && s->role[h].full && !role[g].may_be_empty)
    offer(s, (link){AMLRT_NONE, 0, h, g, true});
}

static bool best_link(search *s, bool singles)
{
  s->any = false;
  offer_stages(s, singles);
  for (uint32_t r = 0; r < s->run->n_roles; r++)
    if (s->run->p->roles[r].set != AMLRT_NONE) offer_sets(s, s->run->p->roles[r].set, r, singles);
  return s->any;
}

static bool follow(search *s, amlrt__list *out)
{
  const link *l = &s->best;
  const amlrt__list *near = &s->role[l->near].at;

  if (l->stage == AMLRT_NONE) return amlrt__copy(s->b->w, out, near) && amlrt__sort(s->b->w, out);
  return amlrt__reached_by(s->b->w, l->stage, l->far_end, near, 1, out);
}

static bool begin(search *s)
{
  uint32_t n = s->run->n_roles;

  s->role = amlrt__take_clear(s->b->w, n, sizeof *s->role);
  for (uint32_t r = 0; s->role && r < n; r++) {
    reached *at = &s->role[r];
    amlrt_role_kind kind = s->run->p->roles[r].kind;
    if (kind == AMLRT_ROLE_ONE && amlrt__is_bound(s->b, r))
      *at = (reached){s->b->keys[r], true, true};
    else if (kind == AMLRT_ROLE_GROUP && s->b->witness[r] != AMLRT_NONE)
      *at = (reached){{&s->b->witness[r], 1}, true, false};
  }
  return s->role != NULL;
}

static bool all_bound(const search *s)
{
  for (uint32_t r = 0; r < s->run->n_roles; r++)
    if (amlrt__is_single(s->run, r) && !amlrt__is_bound(s->b, r)) return false;
  return true;
}

bool amlrt__bind_next(amlrt__binder *b, uint32_t *role, amlrt__list *candidates)
{
  search s = {.b = b, .run = b->run};

  *role = AMLRT_NONE;
  if (all_bound(&s)) return true;
  if (!begin(&s)) return false;
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
