// Binding the keys outward from the trigger: docs/semantics.md, 3.
//
// For each stage the trigger could be in its ends are bound; whatever is still unbound is found along
// stages that every match must have. This may give candidates that are no match, never leave one out.
#include "runtime/src/bind.h"

// ---- what is bound --------------------------------------------------------------------------------

void amlrt__bind_one(amlrt__binder *b, uint32_t role, uint32_t account)
{
  b->account[role] = account;
  b->keys[role] = (amlrt__list){&b->account[role], 1};
}

void amlrt__unbind(amlrt__binder *b, uint32_t role)
{
  b->keys[role] = (amlrt__list){NULL, 0};
}

// All key accounts are different, but for two single roles of one `may equal`; none is barred.
bool amlrt__key_fits(amlrt__binder *b, uint32_t role, uint32_t account)
{
  const amlrt__run *run = b->run;

  if (amlrt__barred(b->w, account)) return false;
  for (uint32_t r = 0; r < run->n_roles; r++) {
    const amlrt__list *key = &b->keys[r];
    bool excused =
        amlrt__is_single(run, role) && amlrt__is_single(run, r) && amlrt__may_equal(run, role, r);
    for (uint32_t i = 0; i < key->n && r != role && !excused; i++)
      if (key->at[i] == account) return false;
  }
  return true;
}

// ---- the rest ---------------------------------------------------------------------------------------

static bool passes_between(amlrt__binder *b, uint32_t stage)
{
  const amlrt_pstage *s = &b->run->p->stages[stage];
  uint32_t from = b->keys[s->from].at[0], to = b->keys[s->to].at[0];
  amlrt_slice paid = amlrt__slice(b->w, from, AMLRT__FROM), got = amlrt__slice(b->w, to, AMLRT__TO);
  bool by_payer = amlrt_slice_n(paid) <= amlrt_slice_n(got);
  amlrt_slice rows = by_payer ? paid : got;
  uint32_t far = by_payer ? to : from;

  for (uint32_t i = rows.lo; i < rows.hi; i++)
    if (rows.nbr[i] == far && amlrt__passes(b->w, stage, rows.row[i]))
      return amlrt__step(b->w, i - rows.lo);
  amlrt__step(b->w, rows.hi - rows.lo);
  return false;
}

// A stage between two single roles needs a transfer: looked at as soon as both are bound.
static bool is_linked(amlrt__binder *b, uint32_t role)
{
  const amlrt_program *p = b->run->p;

  for (uint32_t i = 0; i < p->n_stages; i++) {
    const amlrt_pstage *s = &p->stages[i];
    if (s->kind != AMLRT_STAGE_PLAIN || (s->from != role && s->to != role)) continue;
    uint32_t other = s->from == role ? s->to : s->from;
    if (other == AMLRT_NONE || !amlrt__is_bound(b, other)) continue;
    if (!passes_between(b, i)) return false;
  }
  return true;
}

static bool try_each(amlrt__binder *b, uint32_t role, const amlrt__list *candidates)
{
  for (uint32_t i = 0; i < candidates->n; i++) {
    if (!amlrt__step(b->w, 1)) return false;
    if (!amlrt__key_fits(b, role, candidates->at[i])) continue;
    amlrt__bind_one(b, role, candidates->at[i]);
    bool ok = !is_linked(b, role) || amlrt__bind_rest(b);
    amlrt__unbind(b, role);
    if (!ok) return false;
  }
  return true;
}

// A walk whose chain is not bound and one of whose ends is; both is better.
static uint32_t walk_to_bind(const amlrt__binder *b)
{
  const amlrt_program *p = b->run->p;
  uint32_t found = AMLRT_NONE;

  for (uint32_t i = 0; i < p->n_stages; i++) {
    const amlrt_pstage *s = &p->stages[i];
    if (s->chain == AMLRT_NONE || amlrt__is_bound(b, s->chain)) continue;
    bool from = amlrt__is_bound(b, s->from), to = amlrt__is_bound(b, s->to);
    if (from && to) return i;
    if (from || to) found = i;
  }
  return found;
}

static uint32_t unbound_single(const amlrt__binder *b)
{
  for (uint32_t r = 0; r < b->run->n_roles; r++)
    if (amlrt__is_single(b->run, r) && !amlrt__is_bound(b, r)) return r;
  return AMLRT_NONE;
}

bool amlrt__bind_rest(amlrt__binder *b)
{
  amlrt__mark mark = amlrt__mem_mark(&b->w->scratch);
  amlrt__list candidates;
  uint32_t role;
  bool ok;

  if (!amlrt__step(b->w, 1) || !amlrt__bind_next(b, &role, &candidates)) return false;
  uint32_t walk = role == AMLRT_NONE ? walk_to_bind(b) : AMLRT_NONE;
  if (role != AMLRT_NONE) {
    ok = try_each(b, role, &candidates);
  } else if (walk != AMLRT_NONE) {
    ok = amlrt__walk_from_ends(b, walk);
  } else if ((role = unbound_single(b)) != AMLRT_NONE) {
    // Unconnected roles: the compiler refuses such patterns. Still right, if slow.
    ok = amlrt__all_in_window(b->w, &candidates) && try_each(b, role, &candidates);
  } else {
    ok = amlrt__add_candidate(b->w, b->keys);
  }
  amlrt__mem_back(&b->w->scratch, mark);
  return ok;
}

// ---- from the trigger ---------------------------------------------------------------------------------

static void forget(amlrt__binder *b)
{
  for (uint32_t r = 0; r < b->run->n_roles; r++) {
    amlrt__unbind(b, r);
    b->witness[r] = AMLRT_NONE;
  }
}

// Binds the ends of the stage e* is supposed to be in; false: it cannot be.
static bool bind_ends(amlrt__binder *b, const amlrt_pstage *s)
{
  for (int e = 0; e < 2; e++) {
    uint32_t role = amlrt__end_of(s, e), account = amlrt__at_end(b->w, b->w->trigger, e);
    if (amlrt__barred(b->w, account)) return false;
    if (role == AMLRT_NONE) continue;
    if (!amlrt__is_single(b->run, role)) {
      b->witness[role] = account;
      continue;
    }
    if (!amlrt__key_fits(b, role, account)) return false;
    amlrt__bind_one(b, role, account);
  }
  return true;
}

static bool bind_from(amlrt__binder *b, uint32_t stage)
{
  const amlrt_pstage *s = &b->run->p->stages[stage];
  const amlrt_columns *col = b->run->col;
  uint32_t e = b->w->trigger;
  bool same = col->from[e] == col->to[e];

  if (!amlrt__passes(b->w, stage, e) || (same && !s->ends_may_equal)) return true;
  forget(b);
  if (s->chain != AMLRT_NONE) return same || amlrt__walk_from_trigger(b, stage);
  return !bind_ends(b, s) || amlrt__bind_rest(b);
}

// The stages the trigger can be in, by the pattern's word or as the compiler derived them.
static bool can_hold_trigger(const amlrt_program *p, uint32_t stage)
{
  if (p->stages[stage].kind == AMLRT_STAGE_PROBE) return false;
  return p->trigger != AMLRT_NONE ? p->trigger == stage : p->stages[stage].can_trigger;
}

bool amlrt__bind(amlrt_worker *w)
{
  uint32_t n = w->run->n_roles;
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  amlrt__binder b = {.w = w, .run = w->run};

  b.keys = amlrt__take(w, n, sizeof *b.keys);
  b.account = amlrt__take(w, n, sizeof *b.account);
  b.witness = amlrt__take(w, n, sizeof *b.witness);
  if (!b.keys || !b.account || !b.witness) return false;
  for (uint32_t i = 0; i < w->run->n_stages; i++)
    if (can_hold_trigger(w->run->p, i) && !bind_from(&b, i)) return false;
  amlrt__mem_back(&w->scratch, mark);
  return w->st == AMLRT_OK;
}
