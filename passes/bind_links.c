// The counterpart of ir/reference/ref_link.c, worked out once for the pattern instead of for each
// trigger: which role is reached from which.
//
// Of a role that is reached, at least one account is in the role in every match that is still
// possible; `full`: whoever is in the role is among those reached.
#include "passes/bind_inside.h"
#include "passes/kir_write.h"

typedef struct reached {
  bool yes, full;
  bind_link by; // unless known from the start
  uint32_t n;   // links to here
} reached;

typedef struct search {
  const binder *b;
  const kir_module *m;
  reached *role;
} search;

bool bind_is_single(const binder *b, uint32_t role)
{
  return b->m->roles.at[role].kind == KIR_ROLE_ONE;
}

bool bind_may_equal(const binder *b, uint32_t a, uint32_t c)
{
  for (uint32_t i = 0; i < b->m->may_equal.n; i++) {
    const kir_two *two = &b->m->may_equal.at[i];
    if ((two->a == a && two->b == c) || (two->a == c && two->b == a)) return true;
  }
  return false;
}

// Does someone in `near` surely have a transfer of the stage with someone in `far`? If any of the
// accounts reached will do, or all of them are known.
static bool leads_on(const search *s, const kir_stage *st, uint32_t near, uint32_t far)
{
  const kir_role *role = s->m->roles.at;

  if (st->kind != KIR_STAGE_TERM) return !(bind_is_single(s->b, near) && role[far].may_be_empty);
  if (st->optional) return false;
  return st->owner == near || (s->role[near].full && !role[far].may_be_empty);
}

// Does everyone in `far` need a transfer of the stage with someone in `near`?
static bool binds_all(const search *s, const kir_stage *st, uint32_t near, uint32_t far)
{
  if (bind_is_single(s->b, far)) return true;
  if (!s->role[near].full) return false;
  return st->kind != KIR_STAGE_TERM || (st->owner == far && !st->optional);
}

static bool is_wanted(const search *s, uint32_t near, uint32_t far)
{
  if (near == KIR_NONE || far == KIR_NONE) return false;
  return s->role[near].yes && !s->role[far].yes && s->role[near].n < BIND_MAX_LINKS;
}

// Keeps the shorter of two steps; of equals, one to a single role, then the first.
static void offer(const search *s, bind_link l, bool full, reached *best)
{
  reached r = {.yes = true, .full = full, .by = l, .n = s->role[l.near].n + 1};
  bool single = bind_is_single(s->b, l.far);

  if (best->yes && best->n < r.n) return;
  if (best->yes && best->n == r.n && (bind_is_single(s->b, best->by.far) || !single)) return;
  *best = r;
}

static void offer_stages(const search *s, reached *best)
{
  for (uint32_t i = 0; i < s->m->stages.n; i++) {
    const kir_stage *st = &s->m->stages.at[i];
    if (st->kind == KIR_STAGE_PROBE || st->kind == KIR_STAGE_WALK) continue;
    for (int paid = 0; paid < 2; paid++) {
      uint32_t near = paid ? st->from : st->to, far = paid ? st->to : st->from;
      if (!is_wanted(s, near, far) || !leads_on(s, st, near, far)) continue;
      offer(s, (bind_link){i, paid, near, far}, binds_all(s, st, near, far), best);
    }
  }
}

// `set g = ... & h`: every member of g is in h.
static void offer_set(const search *s, uint32_t set, uint32_t g, reached *best)
{
  const kir_set *n = &s->m->sets.at[set];

  if (n->op == KIR_SET_AND) offer_set(s, n->b, g, best);
  if (n->op == KIR_SET_AND || n->op == KIR_SET_MINUS) offer_set(s, n->a, g, best);
  if (n->op != KIR_SET_ROLE) return;
  uint32_t h = n->a;
  if (s->m->roles.at[h].kind == KIR_ROLE_CHAIN) return;
  if (is_wanted(s, g, h))
    offer(s, (bind_link){KIR_NONE, false, g, h}, bind_is_single(s->b, h), best);
  if (is_wanted(s, h, g) && s->role[h].full && !s->m->roles.at[g].may_be_empty)
    offer(s, (bind_link){KIR_NONE, false, h, g}, true, best);
}

static bool best_step(const search *s, reached *best)
{
  *best = (reached){.yes = false};
  offer_stages(s, best);
  for (uint32_t r = 0; r < s->m->roles.n; r++)
    if (s->m->roles.at[r].set != KIR_NONE) offer_set(s, s->m->roles.at[r].set, r, best);
  return best->yes;
}

static bool begin(search *s)
{
  const binder *b = s->b;

  s->role = arena_try(b->u->mem, (b->m->roles.n + 1) * sizeof *s->role);
  for (uint32_t r = 0; s->role && r < b->m->roles.n; r++) {
    s->role[r].yes = b->known[r] != NULL;
    s->role[r].full = s->role[r].yes && bind_is_single(b, r);
  }
  return s->role != NULL;
}

static bool all_known(const binder *b)
{
  for (uint32_t r = 0; r < b->m->roles.n; r++)
    if (bind_is_single(b, r) && !b->known[r]) return false;
  return true;
}

// The links that lead to a role, first to last.
static void trace(const search *s, uint32_t role, bind_way *out)
{
  out->n = s->role[role].n;
  for (uint32_t k = out->n; k-- > 0; role = out->link[k].near)
    out->link[k] = s->role[role].by;
}

bool bind_next(const binder *b, bind_way *out, bool *all)
{
  search s = {.b = b, .m = b->m};
  reached best;

  *all = all_known(b);
  if (*all || !begin(&s)) return false;
  while (best_step(&s, &best)) {
    s.role[best.by.far] = best;
    if (!bind_is_single(b, best.by.far)) continue;
    trace(&s, best.by.far, out);
    return true;
  }
  return false;
}

bool bind_other_way(const binder *b, const bind_way *first, bind_way *out)
{
  search s = {.b = b, .m = b->m};
  const bind_link *l = &first->link[0];

  if (first->n != 1 || l->stage == KIR_NONE || !begin(&s)) return false;
  for (uint32_t i = 0; i < b->m->stages.n; i++) {
    const kir_stage *st = &b->m->stages.at[i];
    if (st->kind != KIR_STAGE_PLAIN || (st->from != l->far && st->to != l->far)) continue;
    uint32_t near = st->from == l->far ? st->to : st->from;
    if (i == l->stage || near == KIR_NONE || near == l->near || !s.role[near].full) continue;
    *out = (bind_way){.n = 1, .link = {{i, near == st->from, near, l->far}}};
    return true;
  }
  return false;
}

// ---- what is asked of a transfer ----------------------------------------------------------------------------------------------

// Slices hold what is inside the window; `same currency` and filters are left to ask.
kir_node *bind_passes(kir_module *m, span where, uint32_t stage, const char *row)
{
  bool all = m->currency != GIR_CURRENCY_SAME && m->stages.at[stage].filter == KIR_NONE;
  return all ? NULL : kw_passes(m, stage, kw_var(m, row, KTY_U32, where));
}

static kir_node *from_trigger(kir_module *m, int64_t seconds, span where)
{
  kir_node *now = kw_make(m, KIR_TRIGGER_TIME, where, NULL, NULL);
  return kw_make(m, KIR_I_ADD, where, now, kw_u32(m, KIR_I64, seconds, where));
}

// A bound that cuts off less than this part of the window costs more than it saves.
static bool is_worth_asking(const pass_unit *u, int64_t seconds)
{
  return seconds > u->kir->within / 16;
}

kir_node *bind_in_time(pass_unit *u, span where, uint32_t stage, const char *row)
{
  kir_module *m = u->kir;
  const pass_times *t = &u->times.at[stage];
  kir_node *out = NULL;

  if (is_worth_asking(u, t->late)) {
    kir_node *time = kw_make(m, KIR_TIME_OF, where, kw_var(m, row, KTY_U32, where), NULL);
    out = kw_make(m, KIR_I_LE, where, time, from_trigger(m, -t->late, where));
  }
  if (is_worth_asking(u, t->early)) {
    kir_node *time = kw_make(m, KIR_TIME_OF, where, kw_var(m, row, KTY_U32, where), NULL);
    kir_node *open = from_trigger(m, t->early - m->within, where);
    out = kw_and(m, out, kw_make(m, KIR_I_LT, where, open, time));
  }
  return out;
}
