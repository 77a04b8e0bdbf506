// Patterns that hang on a number alone (plan_hub_count.c), at accounts some of whose neighbours are barred at times:
// these are taken off the number, so nothing need be swept again without them. What a match has in common with the
// last is told by the transfers of those who were not barred then and are not now.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_hub.h"

// Has the trigger at hand a transfer in common with the last match: one of who was not barred then, nor is now?
static bool shares_unbarred(const amlrt__hub_sweep *s, const amlrt__hub_line *l)
{
  for (uint32_t i = l->lo; !l->some_off && i < l->match_hi; i++)
    if (!amlrt__hub_is_off(s, l->nbr[i])) return true;
  for (uint32_t k = 0; l->some_off && k < l->n_kept; k++)
    if (l->kept[k] >= l->lo && !amlrt__hub_is_off(s, l->nbr[l->kept[k]])) return true;
  return false;
}

// The match at hand is the last; of whom something is barred, the places of what is not are kept.
static bool keep_unbarred(amlrt__hub_sweep *s, amlrt__hub_line *l)
{
  s->has_kept = true;
  l->match_lo = l->lo;
  l->match_hi = l->hi;
  l->some_off = s->n_bars_on > 0;
  if (!l->some_off) return true;
  if (!amlrt__grow(s->w->run->mem, &l->kept, &l->cap_kept, l->hi - l->lo, sizeof *l->kept))
    return amlrt__hub_nomem(s);
  l->n_kept = 0;
  for (uint32_t i = l->lo; i < l->hi; i++)
    if (!amlrt__hub_is_off(s, l->nbr[i])) l->kept[l->n_kept++] = i;
  return true;
}

static bool link_unbarred(amlrt__hub_sweep *s, amlrt__hub_line *l, amlrt__link *link)
{
  *link = !s->has_kept            ? AMLRT__LINK_UNTIL
          : shares_unbarred(s, l) ? AMLRT__LINK_YES
                                  : AMLRT__LINK_NO;
  return keep_unbarred(s, l);
}

// How many of the neighbours left are not barred at the trigger: counted, or as another pattern did. 0: no match.
static bool number_at(amlrt__hub_sweep *s, amlrt__hub_line *l, uint32_t place, uint32_t entry,
                      uint32_t *n)
{
  const amlrt__hub *h = s->h;

  *n = h->knows ? h->numbers.of[entry] : 0;
  if (h->knows && *n < AMLRT__HUB_MANY) {
    if (*n > 0 && !amlrt__hub_is_match(s, *n)) *n = 0;
    amlrt__hub_advance(s, l);
    return *n == 0 || amlrt__hub_bring_bars(s);
  }
  if (!amlrt__hub_are_enough(s) || amlrt__hub_key_barred(s)) return true;
  if (!amlrt__hub_unbarred(s, l, place, n)) return false;
  if (*n < l->s->least) *n = 0;
  if (*n > 0 && h->notes) amlrt__hub_note(s, entry, *n);
  return true;
}

// A number is all that is asked for, but some neighbours may be barred: they are taken off.
bool amlrt__hub_count_unbarred(amlrt__hub_sweep *s, amlrt__hub_line *l)
{
  const amlrt_adjacency *a = s->h->run->side[l->s->side];
  uint32_t entry = a->begin[s->account];

  amlrt__hub_note_uneven(s);
  for (uint32_t i = 0; i < l->n; i++) {
    amlrt__link link = AMLRT__LINK_UNTIL;
    uint32_t n;
    s->trigger = l->row[i];
    s->time = l->time[i];
    while (a->row[entry] != s->trigger)
      entry++;
    if (s->trigger < s->first_row) continue;
    if (!amlrt__step(s->w, 1) || !number_at(s, l, i, entry, &n)) return false;
    if (n == 0 || !amlrt__hub_is_match(s, n)) continue;
    if (s->w->want == AMLRT__WANT_FOLD && !link_unbarred(s, l, &link)) return false;
    if (!amlrt__hub_count_trigger(s, n, link)) return false;
  }
  return s->w->st == AMLRT_OK;
}
