// Barred accounts (docs/semantics.md, 2, hubs) in the sweep of an account.
//
// Who is barred differs from trigger to trigger. Where none of the neighbours left is, which nearly always
// a look tells (nobody changes before some row and time), the trigger is judged as it stands. Else it
// waits, with those behind it for which the same neighbours are barred: they are a piece, which is swept
// by itself as if the barred had never been. Without them less is left, never more, so a trigger that has
// not enough with them needs no look; and who has no transfer left, barred or not, makes no difference.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_hub.h"

// Few accounts have so many transfers inside one window.
bool amlrt__hub_take_hubs(amlrt__hub *h)
{
  const amlrt__run *run = h->run;
  uint32_t n = run->col->n_accounts;

  if (!run->hubs) return true;
  h->is_hub = amlrt__array(run->mem, n / 64 + 1, sizeof *h->is_hub);
  h->hubs_before = amlrt__array(run->mem, n / 64 + 1, sizeof *h->hubs_before);
  if (!h->is_hub || !h->hubs_before) return false;
  for (uint32_t a = 0; a < n; a++) {
    if (a % 64 == 0) h->hubs_before[a / 64] = h->n_hubs;
    if (!amlrt__hubs_ever(run->hubs, a)) continue;
    h->is_hub[a / 64] |= (uint64_t)1 << (a % 64);
    h->n_hubs++;
  }
  return true;
}

// Place of a hub among all.
static uint32_t *place_of(const amlrt__hub_sweep *s, uint32_t hub)
{
  const amlrt__hub *h = s->h;
  uint64_t below = h->is_hub[hub / 64] & (((uint64_t)1 << (hub % 64)) - 1);
  return &s->bar_at[h->hubs_before[hub / 64] + (uint32_t)__builtin_popcountll(below)];
}

void amlrt__hub_bars_release(amlrt__hub_sweep *s)
{
  amlrt__release(s->w->run->mem, s->bar);
  amlrt__release(s->w->run->mem, s->bar_at);
}

static bool still(const amlrt__hub_sweep *s, const amlrt__hub_state *state)
{
  return s->trigger < state->row && s->h->base + s->time < state->time;
}

static amlrt__hub_state ask(const amlrt__hub_sweep *s, uint32_t account)
{
  return amlrt__hubs_state(s->h->run->hubs, s->h->run, account, s->trigger, s->h->base + s->time,
                           s->currency);
}

bool amlrt__hub_key_barred(amlrt__hub_sweep *s)
{
  if (!s->h->is_hub || !amlrt__hub_is_hub(s->h, s->account)) return false;
  // Patterns that are not swept exactly do not tell currencies apart.
  if (s->h->run->p->currency == AMLRT_CURRENCY_SAME && s->currency == 0)
    return amlrt__barred_at(s->h->run, s->account, s->trigger);
  if (!still(s, &s->key_is)) s->key_is = ask(s, s->account);
  return s->key_is.is_over;
}

bool amlrt__hub_find_bars(amlrt__hub_sweep *s)
{
  const amlrt__hub *h = s->h;

  s->has_bars = false;
  if (!h->exact || !h->is_hub || h->n_hubs == 0) return true;
  for (uint32_t i = 0; i < h->n_stages && !s->has_bars; i++)
    for (uint32_t k = 0; k < s->line[i].n && !s->has_bars; k++)
      s->has_bars = amlrt__hub_is_hub(h, s->line[i].nbr[k]);
  if (!s->has_bars || s->bar_at) return true;
  s->bar_at = amlrt__array(s->w->run->mem, h->n_hubs, sizeof *s->bar_at);
  return s->bar_at || amlrt__hub_nomem(s);
}

bool amlrt__hub_is_barred(const amlrt__hub_sweep *s, uint32_t account)
{
  if (!amlrt__hub_is_hub(s->h, account)) return false;
  uint32_t at = *place_of(s, account);
  return at > 0 && s->bar[at - 1].is_known && s->bar[at - 1].was_on;
}

// ---- the neighbours --------------------------------------------------------------------------------------

static void swap_bars(amlrt__hub_sweep *s, size_t i, size_t k)
{
  amlrt__hub_bar b = s->bar[i];

  if (i == k) return;
  s->bar[i] = s->bar[k];
  s->bar[k] = b;
  *place_of(s, s->bar[i].account) = (uint32_t)i + 1;
  *place_of(s, s->bar[k].account) = (uint32_t)k + 1;
}

// One more transfer with it is left.
static bool more(amlrt__hub_sweep *s, uint32_t account)
{
  uint32_t *place = place_of(s, account);

  if (*place == 0) {
    if (!amlrt__grow(s->w->run->mem, &s->bar, &s->cap_bars, s->n_bars + 1, sizeof *s->bar))
      return amlrt__hub_nomem(s);
    s->bar[s->n_bars++] = (amlrt__hub_bar){.account = account};
    *place = (uint32_t)s->n_bars;
  }
  size_t at = *place - 1;
  if (s->bar[at].n++ > 0) return true;
  swap_bars(s, at, s->n_bars_in++);
  s->bars_are = (amlrt__hub_state){0}; // to be asked anew
  return true;
}

static void forget(amlrt__hub_sweep *s, size_t at)
{
  swap_bars(s, at, s->n_bars - 1);
  *place_of(s, s->bar[--s->n_bars].account) = 0;
}

// One less. What it was in this piece must be known to its end.
static void less(amlrt__hub_sweep *s, uint32_t account)
{
  size_t at = *place_of(s, account) - 1;

  if (--s->bar[at].n > 0) return;
  swap_bars(s, at, --s->n_bars_in);
  if (!s->bar[s->n_bars_in].is_known) forget(s, s->n_bars_in);
  s->bars_are = (amlrt__hub_state){0};
}

static bool bring_line(amlrt__hub_sweep *s, amlrt__hub_line *l)
{
  const uint32_t *nbr = l->nbr;
  uint32_t lo = l->b_lo, hi = l->b_hi;

  for (; lo < l->lo && lo < hi; lo++)
    if (amlrt__hub_is_hub(s->h, nbr[lo])) less(s, nbr[lo]);
  if (hi < l->lo) lo = hi = l->lo;
  for (; hi < l->hi; hi++)
    if (amlrt__hub_is_hub(s->h, nbr[hi]) && !more(s, nbr[hi])) return false;
  l->b_lo = lo;
  l->b_hi = hi;
  return true;
}

bool amlrt__hub_bring_bars(amlrt__hub_sweep *s)
{
  for (uint32_t i = 0; i < s->h->n_stages; i++)
    if (!bring_line(s, &s->line[i])) return false;
  if (still(s, &s->bars_are)) return true;
  s->bars_are = (amlrt__hub_state){false, UINT32_MAX, INT64_MAX};
  s->bars_agree = false;
  s->n_bars_on = 0;
  for (size_t i = 0; i < s->n_bars_in; i++) {
    amlrt__hub_state *state = &s->bar[i].state;
    if (!still(s, state)) *state = ask(s, s->bar[i].account);
    s->n_bars_on += state->is_over;
    if (state->row < s->bars_are.row) s->bars_are.row = state->row;
    if (state->time < s->bars_are.time) s->bars_are.time = state->time;
  }
  return true;
}

bool amlrt__hub_is_off(const amlrt__hub_sweep *s, uint32_t account)
{
  return amlrt__hub_is_hub(s->h, account) && s->bar[*place_of(s, account) - 1].state.is_over;
}

bool amlrt__hub_unbarred(amlrt__hub_sweep *s, amlrt__hub_line *l, uint32_t place, uint32_t *n)
{
  *n = 0;
  if (!amlrt__hub_bring_bars(s)) return false;
  if (amlrt__hub_is_off(s, l->nbr[place])) return true;
  if (!amlrt__hub_different(s, l, n)) return false;
  *n -= (uint32_t)s->n_bars_on;
  return true;
}

// ---- pieces ----------------------------------------------------------------------------------------------

// Are those left barred, or not, as they were before in this piece?
static bool do_agree(const amlrt__hub_sweep *s)
{
  for (size_t i = 0; !s->bars_agree && i < s->n_bars_in; i++)
    if (s->bar[i].is_known && s->bar[i].was_on != s->bar[i].state.is_over) return false;
  return true;
}

static void know_bars(amlrt__hub_sweep *s)
{
  for (size_t i = 0; !s->bars_agree && i < s->n_bars_in; i++) {
    s->bar[i].is_known = true;
    s->bar[i].was_on = s->bar[i].state.is_over;
  }
  s->bars_agree = true;
}

static void forget_piece(amlrt__hub_sweep *s)
{
  for (size_t i = 0; i < s->n_bars_in; i++)
    s->bar[i].is_known = false;
  while (s->n_bars > s->n_bars_in)
    forget(s, s->n_bars - 1);
  s->in_piece = s->bars_agree = false;
}

// Sweeps the triggers that wait, on lines of their own.
static bool do_piece(amlrt__hub_sweep *s, amlrt__hub_step sweep)
{
  const amlrt__hub_sweep before = *s;

  if (!s->in_piece) return true;
  if (!amlrt__hub_keep_last(s)) return false;
  s->first_row = s->piece_first;
  s->end_row = s->piece_last + 1;
  s->line = s->apart;
  s->but_for_barred = true;
  s->key_is = (amlrt__hub_state){0};
  bool ok = sweep(s) && amlrt__hub_keep_last(s);
  s->first_row = before.first_row;
  s->end_row = before.end_row;
  s->line = before.line;
  s->but_for_barred = false;
  s->key_is = before.key_is;
  s->has_bars = true;
  s->epoch = before.epoch;
  s->trigger = before.trigger;
  s->time = before.time;
  forget_piece(s);
  return ok;
}

bool amlrt__hub_visit(amlrt__hub_sweep *s, amlrt__hub_step do_trigger, amlrt__hub_step sweep)
{
  if (amlrt__hub_key_barred(s)) return true;
  if (!amlrt__hub_bring_bars(s)) return false;
  if (s->in_piece && !do_agree(s) && !do_piece(s, sweep)) return false;
  if (!s->in_piece && s->n_bars_on == 0) return do_trigger(s);
  if (!s->in_piece) s->piece_first = s->trigger;
  s->in_piece = true;
  s->piece_last = s->trigger;
  know_bars(s);
  return true;
}

bool amlrt__hub_end_bars(amlrt__hub_sweep *s, amlrt__hub_step sweep)
{
  bool ok = do_piece(s, sweep);

  s->n_bars_in = 0;
  forget_piece(s);
  s->bars_are = (amlrt__hub_state){0};
  return ok;
}
