// Members and triggers that cannot stay, seen from how early and how late their account has anything
// that a pair constraint could hold it against. Asked before transfers are collected.
//
// What is looked at is more than what the match could have (all transfers of the account on that side,
// or with the key at the other end), so whoever fails here fails in shrinking (semantics 4.2 (a)) too.
#include "runtime/src/eval.h"

#include <string.h>

typedef struct times { // of transfers, the earliest and the latest; none: nothing is there
  bool any;
  int64_t first, last;
} times;

static const uint32_t *key_at(const amlrt_eval *v, const amlrt_pstage *s, int end)
{
  uint32_t role = amlrt__end_of(s, end);
  bool one = role != AMLRT_NONE && v->w->run->p->roles[role].kind == AMLRT_ROLE_ONE;
  return one ? v->keys[role].at : NULL;
}

// The first and the last time of a slice that is not empty.
static times times_between(const amlrt_worker *w, amlrt_slice rows, int end)
{
  const uint32_t *near = w->run->side[end]->time; // stands beside the rows
  const int64_t *time = w->run->col->time;
  int64_t base = w->run->time_base;

  if (near) return (times){true, base + near[rows.lo], base + near[rows.hi - 1]};
  return (times){true, time[rows.row[rows.lo]], time[rows.row[rows.hi - 1]]};
}

// Of all that the account has on that side of the stage.
static times times_of(const amlrt_eval *v, uint32_t stage, uint32_t role, uint32_t account)
{
  int end = amlrt__role_end(v->w->run, stage, role);
  amlrt_slice rows = amlrt__slice(v->w, account, end);

  // A ring touches its account at both ends.
  if (v->w->run->p->stages[stage].closed) return (times){true, INT64_MIN, INT64_MAX};
  if (rows.lo == rows.hi) return (times){.any = false};
  return times_between(v->w, rows, end);
}

// The same, of the transfers with the key at the other end, where there is one. Only what is asked for
// is looked at.
static void narrow(const amlrt_eval *v, uint32_t stage, uint32_t role, uint32_t account, bool first,
                   bool last, times *t)
{
  const amlrt_pstage *s = &v->w->run->p->stages[stage];
  int end = amlrt__role_end(v->w->run, stage, role);
  const uint32_t *key = s->kind == AMLRT_STAGE_WALK ? NULL : key_at(v, s, 1 - end);

  if (!key || !t->any) return;
  amlrt_slice rows = amlrt__slice(v->w, account, end);
  while (first && rows.lo < rows.hi && rows.nbr[rows.lo] != *key)
    rows.lo++;
  while (last && rows.lo < rows.hi && rows.nbr[rows.hi - 1] != *key)
    rows.hi--;
  if (rows.lo == rows.hi) {
    t->any = false;
    return;
  }
  *t = times_between(v->w, rows, end);
}

// Is time(side 1) - time(side 0) in [lo, hi] for any two?
static bool may_meet(const amlrt_ppair *p, const times *t0, const times *t1)
{
  if (!t0->any || !t1->any) return false;
  return t1->last >= amlrt_i64_add(t0->first, p->lo) && t1->first <= amlrt_i64_add(t0->last, p->hi);
}

bool amlrt__may_stay(const amlrt_eval *v, uint32_t stage, uint32_t row)
{
  const amlrt_program *p = v->w->run->p;
  const times own = {true, v->w->run->col->time[row], v->w->run->col->time[row]};

  if (!amlrt__trick(v->w->run, AMLRT_TRICK_WEED)) return true;
  for (uint32_t i = 0; i < p->n_pairs; i++) {
    const amlrt_ppair *pair = &p->pairs[i];
    for (int k = 0; k < 2; k++) {
      if (pair->role == AMLRT_NONE || pair->stage[k] != stage || !pair->asked[k]) continue;
      int end = amlrt__role_end(v->w->run, stage, pair->role);
      uint32_t account = amlrt__at_end(v->w, row, end);
      times other = times_of(v, pair->stage[1 - k], pair->role, account);
      if (!may_meet(pair, k ? &other : &own, k ? &own : &other)) return false;
    }
  }
  return true;
}

// Does every member of the role have a transfer left in the stage?
static bool is_needed(const amlrt_eval *v, uint32_t stage, uint32_t role)
{
  const amlrt_pstage *s = &v->w->run->p->stages[stage];

  if (s->kind == AMLRT_STAGE_PLAIN || s->kind == AMLRT_STAGE_LAYER) return true;
  return s->kind == AMLRT_STAGE_TERM && s->owner == role && !s->optional;
}

static bool has_meeting(const amlrt_eval *v, const amlrt_ppair *p, uint32_t account)
{
  bool lo = p->lo > INT64_MIN, hi = p->hi < INT64_MAX;
  times t[2];

  for (int k = 0; k < 2; k++)
    t[k] = times_of(v, p->stage[k], p->role, account);
  if (!may_meet(p, &t[0], &t[1])) return false;
  narrow(v, p->stage[0], p->role, account, lo, hi, &t[0]);
  narrow(v, p->stage[1], p->role, account, hi, lo, &t[1]);
  return may_meet(p, &t[0], &t[1]);
}

static bool may_stay(const amlrt_eval *v, const amlrt_ppair *p, uint32_t account)
{
  if (has_meeting(v, p, account)) return true;
  for (int k = 0; k < 2; k++)
    if (p->asked[k] && is_needed(v, p->stage[k], p->role)) return false;
  return true;
}

enum { AHEAD = 8 }; // of whose slices are fetched

static bool weed_by(amlrt_eval *v, const amlrt_ppair *p, amlrt__group *g)
{
  uint64_t steps = 0;

  for (uint32_t m = 0; m < g->n; m++) {
    for (int k = 0; k < 2 && m + AHEAD < g->n; k++)
      amlrt__slice_soon(v->w, g->account[m + AHEAD],
                        amlrt__role_end(v->w->run, p->stage[k], p->role));
    if (!g->left[m] || may_stay(v, p, g->account[m])) continue;
    g->left[m] = false;
    g->n_left--;
    steps++;
  }
  return amlrt__step(v->w, g->n + steps);
}

// Nobody asks who started: those who are gone need not be known at all.
static void forget_dropped(amlrt__group *g)
{
  uint32_t n = 0;

  for (uint32_t m = 0; m < g->n; m++)
    if (g->left[m]) g->account[n++] = g->account[m];
  g->n = n;
  memset(g->left, true, n);
}

bool amlrt__weed(amlrt_eval *v, uint32_t role, bool *hopeless)
{
  const amlrt__run *run = v->w->run;
  amlrt__group *g = &v->group[role];

  for (uint32_t i = 0; i < run->p->n_pairs && amlrt__trick(run, AMLRT_TRICK_WEED); i++)
    if (run->p->pairs[i].role == role && !weed_by(v, &run->p->pairs[i], g)) return false;
  *hopeless = g->n_left < run->least[role];
  if (g->n_left < g->n && !run->start_counts[role]) forget_dropped(g);
  return true;
}
