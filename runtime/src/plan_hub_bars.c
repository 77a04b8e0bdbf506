// Barred accounts (docs/semantics.md, 2, hubs) in the sweep of an account.
//
// Who is barred differs from trigger to trigger. So an account is swept in pieces: of triggers for which
// the same neighbours in the window are barred. Within a piece these are as if they had never been; what
// they are at triggers that have them not in their window, or that cannot match for other reasons, makes
// no difference. Most triggers are told by a look: nobody in the window changes before some row and time.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_hub.h"

static bool no_memory(amlrt__hub_sweep *s)
{
  s->w->st = AMLRT_E_NOMEM;
  return false;
}

void amlrt__hub_bars_release(amlrt__hub_sweep *s)
{
  amlrt__release(s->w->run->mem, s->bar);
  amlrt__release(s->w->run->mem, s->bar_at);
}

static amlrt__hub_state ask(const amlrt__hub_sweep *s, uint32_t account)
{
  return amlrt__hubs_state(s->h->run->hubs, s->h->run, account, s->trigger, s->h->base + s->time,
                           s->currency);
}

bool amlrt__hub_key_barred(amlrt__hub_sweep *s)
{
  if (!s->h->is_hub || !s->h->is_hub[s->account]) return false;
  // Patterns that are not swept exactly do not tell currencies apart.
  if (s->h->run->p->currency == AMLRT_CURRENCY_SAME && s->currency == 0)
    return amlrt__barred_at(s->h->run, s->account, s->trigger);
  if (!amlrt__hub_still(s, &s->key_is)) s->key_is = ask(s, s->account);
  return s->key_is.is_over;
}

bool amlrt__hub_has_bars(const amlrt__hub_sweep *s)
{
  const bool *is_hub = s->h->is_hub;

  if (!s->h->exact || !is_hub) return false;
  for (int e = 0; e < 2; e++) {
    const amlrt_adjacency *a = s->h->run->side[e];
    for (uint32_t i = a->begin[s->account]; s->h->side[e] && i < a->end[s->account]; i++)
      if (is_hub[a->neighbour[i]] && a->neighbour[i] != s->account) return true;
  }
  return false;
}

// ---- the neighbours --------------------------------------------------------------------------------------

static void swap_bars(amlrt__hub_sweep *s, size_t i, size_t k)
{
  amlrt__hub_bar b = s->bar[i];

  s->bar[i] = s->bar[k];
  s->bar[k] = b;
  s->bar_at[s->bar[i].account] = (uint32_t)i + 1;
  s->bar_at[s->bar[k].account] = (uint32_t)k + 1;
}

// One more transfer with it in the window.
static bool more(amlrt__hub_sweep *s, uint32_t account)
{
  if (s->bar_at[account] == 0) {
    if (!amlrt__grow(s->w->run->mem, &s->bar, &s->cap_bars, s->n_bars + 1, sizeof *s->bar))
      return no_memory(s);
    s->bar[s->n_bars++] = (amlrt__hub_bar){.account = account};
    s->bar_at[account] = (uint32_t)s->n_bars;
  }
  size_t at = s->bar_at[account] - 1;
  if (s->bar[at].n++ > 0) return true;
  swap_bars(s, at, s->n_bars_in++);
  s->bars_are = (amlrt__hub_state){0}; // to be asked anew
  return true;
}

static void forget(amlrt__hub_sweep *s, size_t at)
{
  swap_bars(s, at, s->n_bars - 1);
  s->bar_at[s->bar[--s->n_bars].account] = 0;
}

// One less. What it was in this piece must be known to its end.
static void less(amlrt__hub_sweep *s, uint32_t account)
{
  size_t at = s->bar_at[account] - 1;

  if (--s->bar[at].n > 0) return;
  swap_bars(s, at, --s->n_bars_in);
  if (!s->bar[s->n_bars_in].is_known) forget(s, s->n_bars_in);
}

// Are those in the window barred, or not, as they were before in this piece? Notes what they are.
static bool is_as_before(amlrt__hub_sweep *s)
{
  amlrt__hub_state are = {false, UINT32_MAX, INT64_MAX};
  bool same = true;

  if (amlrt__hub_still(s, &s->bars_are)) return true;
  for (size_t i = 0; i < s->n_bars_in; i++) {
    amlrt__hub_bar *b = &s->bar[i];
    if (!amlrt__hub_still(s, &b->state)) b->state = ask(s, b->account);
    same = same && !(b->is_known && b->was_on != b->state.is_over);
    if (b->state.row < are.row) are.row = b->state.row;
    if (b->state.time < are.time) are.time = b->state.time;
  }
  if (!same) return false;
  for (size_t i = 0; i < s->n_bars_in; i++) {
    s->bar[i].is_known = true;
    s->bar[i].was_on = s->bar[i].state.is_over;
  }
  s->bars_are = are;
  return true;
}

static void begin_piece(amlrt__hub_sweep *s)
{
  for (size_t i = 0; i < s->n_bars_in; i++)
    s->bar[i].is_known = false;
  while (s->n_bars > s->n_bars_in)
    forget(s, s->n_bars - 1);
  s->bars_are = (amlrt__hub_state){0};
}

// ---- the window ------------------------------------------------------------------------------------------

typedef struct window { // of one side
  const amlrt_adjacency *a;
  uint32_t lo, hi, end;
  uint64_t least; // transfers that a match needs
} window;

static bool is_bar(const amlrt__hub_sweep *s, uint32_t account)
{
  return s->h->is_hub[account] && account != s->account;
}

static bool move_window(amlrt__hub_sweep *s, window *win)
{
  const amlrt_adjacency *a = win->a;
  uint32_t lo = win->lo, hi = win->hi;

  for (; hi < win->end && a->row[hi] <= s->trigger; hi++)
    if (is_bar(s, a->neighbour[hi]) && !more(s, a->neighbour[hi])) return false;
  for (; lo < hi && amlrt__hub_gone(s, a->time[lo]); lo++)
    if (is_bar(s, a->neighbour[lo])) less(s, a->neighbour[lo]);
  win->lo = lo;
  win->hi = hi;
  return true;
}

// The next row of the account, in order, on either side.
static bool next_row(amlrt__hub_sweep *s, const window win[2])
{
  bool any = false;

  for (int e = 0; e < 2; e++) {
    if (win[e].hi == win[e].end) continue;
    uint32_t row = win[e].a->row[win[e].hi];
    if (any && row >= s->trigger) continue;
    any = true;
    s->trigger = row;
    s->time = win[e].a->time[win[e].hi];
  }
  return any;
}

static void set_windows(const amlrt__hub_sweep *s, window win[2])
{
  const amlrt__run *run = s->h->run;

  for (int e = 0; e < 2; e++) {
    const amlrt_adjacency *a = run->side[e];
    uint32_t begin = a->begin[s->account], end = s->h->side[e] ? a->end[s->account] : begin;
    if (s->first_row > 0)
      begin = amlrt_slice_from(a->row, begin, end, run->window_lo[s->first_row]);
    if (s->end_row < run->col->n_rows) end = amlrt_slice_from(a->row, begin, end, s->end_row);
    win[e] = (window){.a = a, .lo = begin, .hi = begin, .end = end};
  }
  for (uint32_t i = 0; i < s->h->n_stages; i++) {
    const amlrt__hub_stage *st = &s->h->stage[i];
    if (st->least > win[st->side].least) win[st->side].least = st->least;
  }
}

// Can the trigger at hand have a match, whoever is barred?
static bool may_match(amlrt__hub_sweep *s, const window win[2])
{
  if (s->trigger < s->first_row) return false;
  if (win[0].hi - win[0].lo < win[0].least || win[1].hi - win[1].lo < win[1].least) return false;
  if (s->currency && s->h->run->col->currency[s->trigger] != s->currency) return false;
  return !amlrt__hub_key_barred(s);
}

// ---- pieces ----------------------------------------------------------------------------------------------

static bool do_piece(amlrt__hub_sweep *s, uint32_t first_row, uint32_t end_row,
                     bool (*sweep)(amlrt__hub_sweep *s))
{
  uint32_t first = s->first_row, end = s->end_row, trigger = s->trigger, time = s->time;
  amlrt__hub_state key = s->key_is;

  s->first_row = first_row;
  s->end_row = end_row;
  s->in_pieces = true;
  s->key_is = (amlrt__hub_state){0};
  bool ok = sweep(s);
  s->in_pieces = false;
  s->key_is = key;
  s->first_row = first;
  s->end_row = end;
  s->trigger = trigger;
  s->time = time;
  begin_piece(s);
  return ok;
}

static bool go_over(amlrt__hub_sweep *s, bool (*sweep)(amlrt__hub_sweep *s))
{
  bool any = false; // trigger in the piece that may match
  uint32_t first_row = 0, last_row = 0;
  window win[2];

  set_windows(s, win);
  while (next_row(s, win)) {
    if (!move_window(s, &win[0]) || !move_window(s, &win[1])) return false;
    if (!amlrt__step(s->w, 1)) return false;
    if (!may_match(s, win)) continue;
    if (any && !is_as_before(s)) {
      if (!do_piece(s, first_row, last_row + 1, sweep)) return false;
      any = false;
    }
    if (!any) {
      begin_piece(s);
      is_as_before(s);
      first_row = s->trigger;
    }
    any = true;
    last_row = s->trigger;
  }
  return !any || do_piece(s, first_row, last_row + 1, sweep);
}

bool amlrt__hub_pieces(amlrt__hub_sweep *s, bool (*sweep)(amlrt__hub_sweep *s))
{
  const amlrt__run *run = s->h->run;

  if (!s->bar_at) {
    s->bar_at = amlrt__array(run->mem, run->col->n_accounts, sizeof *s->bar_at);
    if (!s->bar_at) return no_memory(s);
  }
  bool ok = go_over(s, sweep);
  s->n_bars_in = 0;
  while (s->n_bars > 0)
    forget(s, s->n_bars - 1);
  return ok;
}
