// Patterns that the evaluator decides: triggers whose neighbours cannot be members, seen from what their accounts
// have that a pair constraint could hold their transfers against.
//
// What is looked at is more than what a match could have: all transfers of the account on that side. So where
// too few neighbours have a partner, so they have in the evaluator's shrinking (docs/semantics.md, 4.2 (a)).
#include "runtime/src/alloc.h"
#include "runtime/src/plan_hub.h"

#include <string.h>

enum { MOST_LEAST = 16, MOST_LOOKS = 64 }; // beyond, the evaluator is asked at once

// ---- the pattern -----------------------------------------------------------------------------------------

static void add_weed(const amlrt__run *run, amlrt__hub_stage *st, const amlrt_ppair *p, int k)
{
  bool at_key = p->role != st->group;
  int side = amlrt__role_end(run, p->stage[1 - k], p->role);

  if (side < 0 || st->n_weeds == AMLRT__HUB_WEEDS) return;
  st->weed[st->n_weeds++] =
      (amlrt__hub_weed){.at_key = at_key,
                        .side = side,
                        .from = k == 0 ? amlrt__hub_near(p->lo) : -amlrt__hub_near(p->hi),
                        .to = k == 0 ? amlrt__hub_near(p->hi) : -amlrt__hub_near(p->lo)};
}

void amlrt__hub_take_weeds(const amlrt__hub *h, amlrt__hub_stage *st)
{
  const amlrt_program *p = h->run->p;

  if (h->exact || !amlrt__trick(h->run, AMLRT_TRICK_WEED)) return;
  for (uint32_t i = 0; i < p->n_pairs; i++)
    for (int k = 0; k < 2; k++) {
      const amlrt_ppair *pair = &p->pairs[i];
      if (pair->stage[k] != st->stage || !pair->asked[k]) continue;
      if (pair->role != h->key && pair->role != st->group) continue;
      if (pair->role == AMLRT_NONE || p->stages[pair->stage[1 - k]].kind == AMLRT_STAGE_WALK)
        continue;
      add_weed(h->run, st, pair, k);
    }
}

// ---- partners --------------------------------------------------------------------------------------------

// The first of the entries begin .. end - 1 whose time is not before.
static uint32_t first_from(const uint32_t *time, uint32_t begin, uint32_t end, int64_t from)
{
  while (begin < end) {
    uint32_t mid = begin + (end - begin) / 2;
    if ((int64_t)time[mid] < from)
      begin = mid + 1;
    else
      end = mid;
  }
  return begin;
}

static amlrt__hub_partner partner_of(const amlrt__hub_sweep *s, const amlrt__hub_line *l,
                                     uint32_t place)
{
  amlrt__hub_partner out = {.since = l->row[place], .until = l->time[place], .is_known = true};
  int64_t t = l->time[place];

  for (uint32_t i = 0; i < l->s->n_weeds; i++) {
    const amlrt__hub_weed *w = &l->s->weed[i];
    const amlrt_adjacency *a = s->h->run->side[w->side];
    uint32_t account = w->at_key ? s->account : l->nbr[place], end = a->end[account];
    uint32_t first = first_from(a->time, a->begin[account], end, t + w->from);
    uint32_t last = first_from(a->time, first, end, t + w->to + 1);
    if (first == last) return (amlrt__hub_partner){.since = AMLRT_NONE, .is_known = true};
    if (a->row[first] > out.since) out.since = a->row[first];
    if (a->time[last - 1] < out.until) out.until = a->time[last - 1];
  }
  return out;
}

// Does the transfer in that place, which exists, have partners at the trigger?
static bool may_stay(amlrt__hub_sweep *s, amlrt__hub_line *l, uint32_t place)
{
  amlrt__hub_partner *p = &l->partner[place];

  if (!p->is_known) *p = partner_of(s, l, place);
  return p->since <= s->trigger && !amlrt__hub_gone(s, p->until);
}

static bool begin_line(amlrt__hub_sweep *s, amlrt__hub_line *l)
{
  if (!amlrt__grow(s->w->run->mem, &l->partner, &l->cap_partners, l->n, sizeof *l->partner)) {
    return amlrt__hub_nomem(s);
  }
  memset(l->partner, 0, l->n * sizeof *l->partner);
  l->is_weeded = true;
  return true;
}

// ---- a trigger -------------------------------------------------------------------------------------------

static bool is_among(const uint32_t *at, uint32_t n, uint32_t account)
{
  for (uint32_t i = 0; i < n; i++)
    if (at[i] == account) return true;
  return false;
}

static bool has_enough(amlrt__hub_sweep *s, amlrt__hub_line *l)
{
  uint32_t found[MOST_LEAST], n = 0;

  // Triggers of one line: this one is the last in it.
  if (s->h->n_triggers == 1 && l->s->triggers && !may_stay(s, l, l->hi - 1)) return false;
  if (l->s->least > MOST_LEAST || l->hi - l->lo > MOST_LOOKS) return true;
  for (uint32_t i = l->hi; i-- > l->lo && n < l->s->least;)
    if (!is_among(found, n, l->nbr[i]) && may_stay(s, l, i)) found[n++] = l->nbr[i];
  return n >= l->s->least;
}

bool amlrt__hub_weed_trigger(amlrt__hub_sweep *s, bool *enough)
{
  *enough = true;
  for (uint32_t i = 0; i < s->h->n_stages && *enough; i++) {
    amlrt__hub_line *l = &s->line[i];
    if (l->s->n_weeds == 0 || l->lo == l->hi) continue;
    if (!l->is_weeded && !begin_line(s, l)) return false;
    *enough = has_enough(s, l);
  }
  return true;
}
