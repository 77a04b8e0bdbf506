// A worker: one thread's view of what exists for its trigger, and what generated code asks of it.
#include "runtime/src/worker.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"

#include <string.h>

// ---- made, freed ----------------------------------------------------------------------------------

static bool worker_take(amlrt_worker *w)
{
  const amlrt__run *run = w->run;
  uint32_t n = run->col->n_accounts;
  bool one = run->end <= run->first + 1;

  w->reach = amlrt__array(run->mem, run->n_stages, sizeof *w->reach);
  w->place = amlrt__array(run->mem, run->n_roles, sizeof *w->place);
  if (!w->reach || !w->place) return false;
  if (run->hub_limit > 0) {
    w->hub_asked = amlrt__array(run->mem, n, sizeof *w->hub_asked);
    if (!w->hub_asked) return false;
  }
  for (int e = 0; e < 2 && !one; e++) {
    const amlrt_degrees *d =
        e ? amlrt_graph_in_degrees(run->graph) : amlrt_graph_out_degrees(run->graph);
    if (d->max <= AMLRT__FEW_ROWS) continue;
    w->bounds[e] = amlrt__array(run->mem, n, sizeof *w->bounds[e]);
    if (!w->bounds[e]) return false;
  }
  return true;
}

amlrt_status amlrt__worker_new(amlrt_worker **out, const amlrt__run *run, amlrt_error *err)
{
  amlrt_worker *w = amlrt__array(run->mem, 1, sizeof *w);

  *out = NULL;
  if (!w) return amlrt__nomem(err, run->p->info->name);
  w->run = run;
  w->checks_currency = run->p->currency == AMLRT_CURRENCY_SAME;
  amlrt__mem_init(&w->scratch, run->mem, run->scratch_limit);
  if (!worker_take(w)) {
    amlrt__worker_free(w);
    return amlrt__nomem(err, run->p->info->name);
  }
  *out = w;
  return AMLRT_OK;
}

void amlrt__worker_free(amlrt_worker *w)
{
  if (!w) return;
  const amlrt_alloc *mem = w->run->mem;
  amlrt__mem_release(&w->scratch);
  for (uint32_t i = 0; w->reach && i < w->run->n_stages; i++)
    amlrt__reach_free(w->reach[i], mem);
  for (int s = 0; s < AMLRT__SLOTS; s++)
    amlrt__release(mem, w->slot[s].mark);
  for (uint32_t r = 0; w->place && r < w->run->n_roles; r++)
    amlrt__release(mem, w->place[r]);
  amlrt__release(mem, w->place);
  amlrt__release(mem, w->reach);
  amlrt__release(mem, w->bounds[0]);
  amlrt__release(mem, w->bounds[1]);
  amlrt__release(mem, w->hub_asked);
  amlrt__release(mem, w->cand.at);
  amlrt__release(mem, w->cand.start);
  amlrt__release(mem, w);
}

// Once in four billion triggers.
static void forget_bounds(amlrt_worker *w)
{
  for (int e = 0; e < 2; e++)
    if (w->bounds[e]) memset(w->bounds[e], 0, w->run->col->n_accounts * sizeof *w->bounds[e]);
  w->serial++;
}

void amlrt__worker_set(amlrt_worker *w, uint32_t trigger)
{
  bool back = trigger < w->trigger;

  w->trigger = trigger;
  w->first = w->run->window_lo[trigger];
  w->time = w->run->col->time[trigger];
  if ((uint32_t)++w->serial == 0) forget_bounds(w);
  if (back || w->serial == 1) w->from_now = (uint32_t)w->serial;
  w->currency_of_trigger = w->run->col->currency[trigger];
  w->cand.n = w->cand.count = 0;
}

// ---- what exists ----------------------------------------------------------------------------------

// The first entry of at .. end with a row >= `row`, looked for further and further on.
static uint32_t advance(const uint32_t *rows, uint32_t at, uint32_t end, uint32_t row)
{
  uint32_t lo = at, step = 1;

  while (at < end && rows[at] < row) {
    lo = at + 1;
    at = step < end - lo ? lo + step : end;
    step *= 2;
  }
  return amlrt_slice_from(rows, lo, at, row);
}

// Triggers come mostly in order, so that the bounds of before are near, and before these.
void amlrt__find_bounds(amlrt_worker *w, uint32_t account, int end, amlrt__bounds *b)
{
  const amlrt_adjacency *a = w->run->side[end];
  uint32_t stop = a->end[account];

  if (b->serial == 0 || b->serial < w->from_now || !amlrt__trick(w->run, AMLRT_TRICK_ADVANCE)) {
    b->lo = amlrt_slice_from(a->row, a->begin[account], stop, w->first);
    b->hi = amlrt_slice_from(a->row, b->lo, stop, w->trigger + 1);
  } else {
    b->lo = advance(a->row, b->lo, stop, w->first);
    b->hi = advance(a->row, b->hi > b->lo ? b->hi : b->lo, stop, w->trigger + 1);
  }
  b->serial = (uint32_t)w->serial;
}

bool amlrt__has_more(amlrt_worker *w, uint32_t account, int end, uint64_t limit)
{
  amlrt_slice s = amlrt__slice(w, account, end);
  uint64_t n = s.hi - s.lo;

  // Most have too few in any currency.
  if (!w->checks_currency || n <= limit) return n > limit;
  n = 0;
  uint32_t i = s.lo;
  for (; i < s.hi && n <= limit; i++)
    n += amlrt__exists(w, s.row[i]);
  w->walked += i - s.lo;
  amlrt__step(w, i - s.lo);
  return n > limit;
}

// Semantics 2, hubs: more than N existing transfers in, or more than N out.
bool amlrt__is_hub(amlrt_worker *w, uint32_t account)
{
  uint64_t limit = (uint64_t)w->run->hub_limit;

  uint64_t *asked = &w->hub_asked[account];
  if (*asked >> 1 != w->serial) {
    bool barred = amlrt__has_more(w, account, AMLRT__FROM, limit) ||
                  amlrt__has_more(w, account, AMLRT__TO, limit);
    *asked = w->serial << 1 | barred;
  }
  return *asked & 1;
}

enum { NOT_ASKED, FAILS, PASSES };

bool amlrt__passes_filter(amlrt_worker *w, uint32_t stage, uint32_t row)
{
  atomic_uchar *known = &w->run->known[stage][row];
  unsigned char answer = atomic_load_explicit(known, memory_order_relaxed);

  if (answer == NOT_ASKED) {
    amlrt_cond c = w->run->p->stages[stage].filter(w, row);
    answer = c.truth == AMLRT_KNOWN && c.degree > 0 ? PASSES : FAILS;
    // Whoever else asks at the same time comes to the same answer.
    atomic_store_explicit(known, answer, memory_order_relaxed);
  }
  return answer == PASSES;
}

// ---- for generated code ---------------------------------------------------------------------------

const amlrt_cols *amlrt_w_cols(const amlrt_worker *w)
{
  return &w->run->cols;
}

uint32_t amlrt_w_symbol(const amlrt_worker *w, uint32_t symbol)
{
  return w->run->symbol[symbol].number;
}

int64_t amlrt_w_trigger_time(const amlrt_worker *w)
{
  return w->time;
}

// Whoever asks for a slice walks it: that counts as work, so that amlrt_w_stop asks in time.
static amlrt_slice slice_to_walk(amlrt_worker *w, uint32_t account, int end)
{
  amlrt_slice s = amlrt__slice(w, account, end);

  w->steps += s.hi - s.lo;
  w->walked += s.hi - s.lo;
  return s;
}

amlrt_slice amlrt_w_out(amlrt_worker *w, uint32_t account)
{
  return slice_to_walk(w, account, AMLRT__FROM);
}

amlrt_slice amlrt_w_in(amlrt_worker *w, uint32_t account)
{
  return slice_to_walk(w, account, AMLRT__TO);
}

bool amlrt_w_allowed(amlrt_worker *w, uint32_t account)
{
  return !amlrt__barred(w, account);
}

bool amlrt_w_passes(amlrt_worker *w, uint32_t stage, uint32_t row)
{
  return amlrt__passes(w, stage, row);
}

bool amlrt_w_stop(amlrt_worker *w)
{
  return !amlrt__step(w, 16);
}

// ---- marks ----------------------------------------------------------------------------------------

void amlrt_w_marks_begin(amlrt_worker *w, uint32_t slot)
{
  struct amlrt__slot *s = &w->slot[slot];

  s->n = 0;
  if (!s->mark) {
    s->mark = amlrt__array(w->run->mem, w->run->col->n_accounts, sizeof *s->mark);
    if (!s->mark) w->st = AMLRT_E_NOMEM;
  }
  if (++s->now != 0) return;
  if (s->mark) memset(s->mark, 0, w->run->col->n_accounts * sizeof *s->mark);
  s->now = 1; // once in four billion times
}

// Without memory nothing is marked; the generator is told to stop.
bool amlrt_w_mark(amlrt_worker *w, uint32_t slot, uint32_t account)
{
  struct amlrt__slot *s = &w->slot[slot];

  if (!s->mark || s->mark[account] == s->now) return false;
  s->mark[account] = s->now;
  s->n++;
  return true;
}

bool amlrt_w_marked(const amlrt_worker *w, uint32_t slot, uint32_t account)
{
  const struct amlrt__slot *s = &w->slot[slot];
  return s->mark && s->mark[account] == s->now;
}

uint32_t amlrt_w_n_marked(const amlrt_worker *w, uint32_t slot)
{
  return w->slot[slot].n;
}
