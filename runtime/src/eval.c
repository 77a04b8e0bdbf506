// One candidate, evaluated: docs/semantics.md, 3 (may these be the keys?) and 4 (start, shrink, judge).
#include "runtime/src/eval.h"

#include <string.h>

// ---- keys -------------------------------------------------------------------------------------------

static void read_keys(const amlrt_worker *w, const uint32_t *at, amlrt__list *keys, uint32_t *copy)
{
  const amlrt__run *run = w->run;

  for (uint32_t r = 0; r < run->n_roles; r++) {
    uint32_t n = 1;
    keys[r] = (amlrt__list){NULL, 0};
    if (run->p->roles[r].kind == AMLRT_ROLE_GROUP) continue;
    if (run->p->roles[r].kind == AMLRT_ROLE_CHAIN) n = *at++;
    keys[r] = (amlrt__list){copy, n};
    while (n-- > 0)
      *copy++ = *at++;
  }
}

// How many numbers a candidate takes.
static size_t candidate_size(const amlrt__run *run, const uint32_t *at)
{
  const uint32_t *from = at;

  for (uint32_t r = 0; r < run->n_roles; r++) {
    if (run->p->roles[r].kind == AMLRT_ROLE_ONE) at++;
    if (run->p->roles[r].kind == AMLRT_ROLE_CHAIN) at += *at + 1;
  }
  return (size_t)(at - from);
}

// Different from all keys before it, but for two single roles of one `may equal`.
static bool is_new(const amlrt__run *run, const amlrt__list *keys, uint32_t role, uint32_t i)
{
  uint32_t account = keys[role].at[i];

  for (uint32_t r = 0; r <= role; r++) {
    bool ones =
        run->p->roles[r].kind == AMLRT_ROLE_ONE && run->p->roles[role].kind == AMLRT_ROLE_ONE;
    if (r != role && ones && amlrt__may_equal(run, r, role)) continue;
    for (uint32_t k = 0; k < keys[r].n && (r < role || k < i); k++)
      if (keys[r].at[k] == account) return false;
  }
  return true;
}

// A ring without an order of hops starts at its smallest account; a hop is between two accounts.
static bool walk_fits(const amlrt_pstage *s, const amlrt__list *keys)
{
  if (s->kind != AMLRT_STAGE_WALK) return true;
  const amlrt__list *via = &keys[s->chain];
  if (via->n == 0) return keys[s->from].at[0] != keys[s->to].at[0];
  for (uint32_t i = 0; s->closed && !s->compares_hops && i < via->n; i++)
    if (via->at[i] < keys[s->from].at[0]) return false;
  return true;
}

static bool keys_fit(amlrt_worker *w, const amlrt__list *keys)
{
  const amlrt__run *run = w->run;

  for (uint32_t r = 0; r < run->n_roles; r++)
    for (uint32_t i = 0; i < keys[r].n; i++)
      if (!is_new(run, keys, r, i) || amlrt__barred(w, keys[r].at[i])) return false;
  for (uint32_t i = 0; i < run->n_stages; i++)
    if (!walk_fits(&run->p->stages[i], keys)) return false;
  return true;
}

// ---- quick rejections ---------------------------------------------------------------------------------

static bool is_at(const amlrt_eval *v, uint32_t role, uint32_t account)
{
  return role == AMLRT_NONE || amlrt__is_group(v->w->run, role) || v->keys[role].at[0] == account;
}

// The plan has given the stage's transfers: that tells sooner whether e* is among them.
static bool is_given(const amlrt_eval *v, uint32_t stage)
{
  const amlrt__given *g = amlrt__given_of(v);
  return g && (g->stage[0] == stage || g->stage[1] == stage);
}

// Could e* lie in the stage, by the keys at its ends?
static bool may_hold_trigger(const amlrt_eval *v, uint32_t stage)
{
  const amlrt_pstage *s = &v->w->run->p->stages[stage];
  const amlrt_columns *col = v->w->run->col;
  uint32_t e = v->w->trigger;

  if (s->kind == AMLRT_STAGE_PROBE) return false;
  if (s->kind == AMLRT_STAGE_WALK || is_given(v, stage)) return true;
  return is_at(v, s->from, col->from[e]) && is_at(v, s->to, col->to[e]) &&
         amlrt__passes(v->w, stage, e) && amlrt__may_stay(v, stage, e);
}

static bool may_match(amlrt_eval *v)
{
  const amlrt__run *run = v->w->run;
  bool may = false;

  for (uint32_t i = 0; i < run->n_stages && !(may && !run->has_late); i++) {
    if (run->p->trigger != AMLRT_NONE && run->p->trigger != i) continue;
    if (!may_hold_trigger(v, i)) continue;
    may = true;
    v->late_trigger = v->late_trigger || run->late[i];
  }
  return may;
}

// ---- the whole ------------------------------------------------------------------------------------------

// Once in four billion candidates.
static void forget_places(amlrt_worker *w)
{
  size_t n = w->run->col->n_accounts;

  for (uint32_t r = 0; r < w->run->n_roles; r++)
    if (w->place[r]) memset(w->place[r], 0, n * sizeof *w->place[r]);
  w->place_serial = 1;
}

static bool eval_make(amlrt_worker *w, const uint32_t *candidate, amlrt_eval *v)
{
  const amlrt__run *run = w->run;
  size_t n = candidate_size(run, candidate);
  amlrt__list *keys = amlrt__take(w, run->n_roles, sizeof *keys);
  uint32_t *copy = amlrt__take(w, n, sizeof *copy);

  *v = (amlrt_eval){.w = w, .keys = keys};
  if (++w->place_serial == 0) forget_places(w);
  v->group = amlrt__take_clear(w, run->n_roles, sizeof *v->group);
  v->tx = amlrt__take_clear(w, run->n_stages, sizeof *v->tx);
  if (!keys || !copy || !v->group || !v->tx) return false;
  read_keys(w, candidate, keys, copy);
  return true;
}

static bool find_what_fits(amlrt_eval *v, bool *hopeless)
{
  if (!amlrt__start(v, hopeless)) return false;
  return *hopeless || amlrt__shrink(v, hopeless);
}

// All else of the match holds: what is only evidence is found now.
static bool judge_late(amlrt_eval *v, amlrt_degree *degree)
{
  amlrt_degree of_rest = 0;
  bool hopeless;

  v->late = true;
  if (!find_what_fits(v, &hopeless)) return false;
  if (!hopeless && !amlrt__judge(v, &of_rest)) return false;
  if (of_rest < *degree) *degree = of_rest;
  return true;
}

static bool evaluate(amlrt_worker *w, const uint32_t *candidate)
{
  amlrt_eval v;
  amlrt_degree degree = 0;
  bool hopeless;

  if (!eval_make(w, candidate, &v)) return false;
  if (!keys_fit(w, v.keys) || !may_match(&v)) return w->st == AMLRT_OK;
  if (!find_what_fits(&v, &hopeless)) return false;
  if (!hopeless && !amlrt__judge(&v, &degree)) return false;
  if (degree > 0 && w->run->has_late && !judge_late(&v, &degree)) return false;
  return degree > 0 ? amlrt__emit(&v, degree) : w->st == AMLRT_OK;
}

bool amlrt__evaluate(amlrt_worker *w, const uint32_t *candidate)
{
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  bool ok = evaluate(w, candidate);

  w->n_candidates++;
  amlrt__mem_back(&w->scratch, mark);
  return ok && amlrt__step(w, 1);
}
