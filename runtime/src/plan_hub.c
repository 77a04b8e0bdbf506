// The plan hub sweep: for patterns with one key, each account's own transfers once, in order.
//
// What a match of the account needs is kept sliding: which transfers are left of each stage (an interval,
// see plan_hub_line.c), how many different neighbours they have, sums, extremes, pairs in order. So a
// trigger costs a few steps, and an account with a million transfers a million times that. Most accounts
// are done with by a look at how many transfers they have and how close these lie.
//
// Where the pattern's row says `exact`, the triggers it finds are the matches, with their degrees; what
// cannot be kept sliding (sums in several currencies with rates) is left to the evaluator, trigger by
// trigger. Else it finds triggers with enough different neighbours, and the evaluator does the rest. Why
// that is sound, and when exact: passes/kir_hub_sweep.c.
//
// A unit is a run of accounts, or, of an account with very many transfers, a block of its triggers, for
// which the window before it is gone through once more.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/graph.h"
#include "runtime/src/plan_hub.h"

enum {
  UNIT_COST = 8192,   // transfers
  BLOCK_COST = 65536, // transfers of a block, at least
  ROWS_A_CHUNK = 16384
};

// Times of 32 bits. The graph knows, filled or not.
static bool fits(const amlrt__run *run, const amlrt_pplan *row)
{
  (void)row;
  return run->graph->narrow;
}

// Where all hangs on a number of neighbours, a run for counts needs the slices that these stand in.
static bool alone(const amlrt__run *run, const amlrt_pplan *row)
{
  const amlrt_run_opts *o = run->opts;
  return row->exact && row->group != AMLRT_NONE && o->light && o->memory_limit == 0 &&
         run->hub_limit == 0;
}

static unsigned sides(const amlrt__run *run, const amlrt_pplan *row)
{
  return run->p->stages[0].from == row->key[0] ? AMLRT_GRAPH_OUT : AMLRT_GRAPH_IN;
}

// ---- filters ---------------------------------------------------------------------------------------------

// Asked in the order of rows, where columns are read one after the other, and noted: by row (run->known),
// and for its account that it has one that passes.
static amlrt_status start_filter(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  amlrt_worker *w;
  amlrt_status st = amlrt__worker_new(&w, ((amlrt__plan *)user)->run, err);

  (void)worker;
  *state = w;
  return st;
}

static void finish_filter(void *user, uint32_t worker, void *state)
{
  (void)user;
  (void)worker;
  amlrt__worker_free(state);
}

static amlrt_status do_filter(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                              amlrt_error *err)
{
  const amlrt__plan *pl = user;
  const amlrt__hub *h = pl->state;
  uint32_t first = pl->run->window_lo[pl->first];

  (void)err;
  if (amlrt_task_stop(task)) return AMLRT_INTERRUPTED;
  for (uint32_t i = 0; i < h->n_stages; i++) {
    const amlrt__hub_stage *s = &h->stage[i];
    const uint32_t *key = s->side == AMLRT__FROM ? pl->run->col->from : pl->run->col->to;
    if (!s->passes) continue;
    for (uint64_t k = chunk->begin; k < chunk->end; k++) {
      uint32_t row = first + (uint32_t)k;
      if (amlrt__passes_filter(state, s->stage, row))
        atomic_store_explicit(&s->passes[key[row]], 1, memory_order_relaxed);
    }
  }
  return AMLRT_OK;
}

static bool is_cancelled(void *user)
{
  const amlrt__plan *pl = user;
  return pl->run->opts->cancelled(pl->run->opts->user);
}

static amlrt_status ask_filters(amlrt__plan *pl, amlrt_error *err)
{
  const amlrt__hub *h = pl->state;
  bool any = false;

  for (uint32_t i = 0; i < h->n_stages; i++)
    any = any || h->stage[i].passes;
  if (!any || pl->end <= pl->first) return AMLRT_OK;
  const amlrt_work work = {.n = pl->end - pl->run->window_lo[pl->first],
                           .threads = pl->run->opts->n_threads,
                           .mem = pl->run->mem,
                           .user = pl,
                           .chunk_cost = ROWS_A_CHUNK,
                           .start = start_filter,
                           .finish = finish_filter,
                           .body = do_filter,
                           .cancelled = pl->run->opts->cancelled ? is_cancelled : NULL};
  return amlrt_parallel(&work, err);
}

// ---- units -----------------------------------------------------------------------------------------------

static bool add_unit(amlrt__hub *h, amlrt__hub_unit u)
{
  if (!amlrt__grow(h->run->mem, &h->unit, &h->cap_units, h->n_units + 1, sizeof *h->unit))
    return false;
  h->unit[h->n_units++] = u;
  return true;
}

static uint32_t n_at(const amlrt__hub *h, uint32_t account, int side)
{
  const amlrt_adjacency *a = h->run->side[side];
  return h->side[side] ? a->end[account] - a->begin[account] : 0;
}

// The most transfers in any window.
static uint32_t most_in_window(const amlrt__hub *h, uint32_t account, int side)
{
  const amlrt_adjacency *a = h->run->side[side];
  uint32_t most = 0, lo = a->begin[account];

  for (uint32_t i = lo; i < a->end[account]; i++) {
    while (a->time[i] - a->time[lo] >= h->window)
      lo++;
    if (i - lo + 1 > most) most = i - lo + 1;
  }
  return most;
}

// Each block goes through the window before it once more, so blocks are longer than that, as far as no thread
// is left without one.
static bool add_blocks(amlrt__hub *h, const amlrt__plan *pl, uint32_t account, uint64_t n)
{
  int side = n_at(h, account, AMLRT__FROM) > n_at(h, account, AMLRT__TO) ? AMLRT__FROM : AMLRT__TO;
  const amlrt_adjacency *a = h->run->side[side];
  uint32_t begin = a->begin[account], end = a->end[account];
  uint64_t twice = 2 * (uint64_t)most_in_window(h, account, side);
  uint32_t block = (end - begin - 1) / pl->threads + 1, first = pl->first;

  if (block > twice) block = (uint32_t)twice;
  if (block < BLOCK_COST) block = BLOCK_COST;
  for (uint32_t at = begin; at < end; at += block) {
    bool is_last = end - at <= block;
    uint32_t stop = is_last ? pl->end : a->row[at + block];
    if (stop > pl->end) stop = pl->end;
    amlrt__hub_unit u = {account, account + 1, first, stop,
                         n * (is_last ? end - at : block) / (end - begin)};
    if (first < stop && !add_unit(h, u)) return false;
    if (stop > first) first = stop;
    if (is_last) break;
  }
  return true;
}

static bool take_units(amlrt__hub *h, const amlrt__plan *pl)
{
  uint32_t n_accounts = h->run->col->n_accounts;
  amlrt__hub_unit u = {0, 0, pl->first, pl->end, 0};

  for (uint32_t a = 0; a < n_accounts; a++) {
    uint64_t n = (uint64_t)n_at(h, a, AMLRT__FROM) + n_at(h, a, AMLRT__TO);
    bool big = n >= BLOCK_COST;
    if (!big) {
      u.cost += n + 1;
      u.end = a + 1;
    }
    if (u.begin < u.end && (big || u.cost >= UNIT_COST)) {
      if (!add_unit(h, u)) return false;
      u.begin = u.end = a + !big;
      u.cost = 0;
    }
    if (!big) continue;
    if (!add_blocks(h, pl, a, n)) return false;
    u.begin = u.end = a + 1;
  }
  return u.begin == u.end || add_unit(h, u);
}

static uint64_t unit_cost(const amlrt__plan *pl, uint64_t unit)
{
  const amlrt__hub *h = pl->state;
  return h->unit[unit].cost + 1;
}

// ---- made, freed -----------------------------------------------------------------------------------------

static void release(amlrt__plan *pl)
{
  amlrt__hub *h = pl->state;

  if (!h) return;
  amlrt__hub_end_numbers(h);
  if (h->run) amlrt__hub_spec_release(h);
  amlrt__release(pl->run->mem, h->is_hub);
  amlrt__release(pl->run->mem, h->hubs_before);
  amlrt__release(pl->run->mem, h->unit);
  amlrt__release(pl->run->mem, h);
}

// A worker's arrays: by account where neighbours are counted, and of the largest account's transfers.
static bool fits_memory(const amlrt__hub *h, const amlrt__plan *pl)
{
  const amlrt_degrees *in = amlrt_graph_in_degrees(pl->run->graph);
  const amlrt_degrees *out = amlrt_graph_out_degrees(pl->run->graph);
  size_t most = in->max > out->max ? in->max : out->max, limit = pl->run->opts->memory_limit;
  size_t line = pl->run->col->n_accounts + 24 * most, shared = pl->run->col->n_rows / 4 + 1;

  return limit == 0 || (pl->threads * h->n_stages * line + shared) * sizeof(uint32_t) <= limit / 2;
}

static amlrt_status make(amlrt__plan *pl, amlrt_error *err)
{
  amlrt__hub *h = amlrt__array(pl->run->mem, 1, sizeof *h);

  pl->state = h;
  if (!h || !amlrt__hub_spec(h, pl) || !amlrt__hub_take_hubs(h))
    return amlrt__nomem(err, pl->run->p->info->name);
  if (!fits_memory(h, pl)) return AMLRT_TRUNCATED;
  if (!take_units(h, pl) || !amlrt__hub_begin_numbers(h))
    return amlrt__nomem(err, pl->run->p->info->name);
  h->whole_from = amlrt__whole_from(pl);
  pl->n_units = h->n_units;
  return ask_filters(pl, err);
}

static bool worker_make(amlrt_worker *w)
{
  const amlrt__hub *h = w->plan->state;
  const amlrt__run *run = w->run;
  amlrt__hub_sweep *s = amlrt__array(run->mem, 1, sizeof *s);

  w->plan_state = s;
  w->st = AMLRT_E_NOMEM;
  if (!s) return false;
  s->w = w;
  s->h = h;
  s->view.ops = &amlrt__hub_view;
  s->eval = (amlrt_eval){.w = w, .view = &s->view};
  s->line = s->lines = amlrt__array(run->mem, h->n_stages, sizeof *s->lines);
  s->apart = amlrt__array(run->mem, h->n_stages, sizeof *s->apart);
  if (!s->lines || !s->apart || !amlrt__hub_judge_make(s)) return false;
  for (uint32_t i = 0; i < h->n_stages; i++)
    s->lines[i].s = s->apart[i].s = &h->stage[i];
  if (run->p->currency == AMLRT_CURRENCY_SAME && h->exact) {
    s->seen = amlrt__array(run->mem, run->n_currencies, sizeof *s->seen);
    if (!s->seen) return false;
  }
  w->st = AMLRT_OK;
  return true;
}

static void worker_release(amlrt_worker *w)
{
  if (w->plan_state) amlrt__hub_sweep_release(w->plan_state);
  w->plan_state = NULL;
}

// ---- a unit ----------------------------------------------------------------------------------------------

static bool unit(amlrt_worker *w, uint64_t i)
{
  amlrt__hub_sweep *s = w->plan_state;
  const amlrt__hub_unit *u = &s->h->unit[i];

  s->first_row = u->first_row;
  s->end_row = u->end_row;
  for (uint32_t a = u->begin; a < u->end; a++) {
    s->account = a;
    if (!amlrt__hub_account(s)) return false;
  }
  amlrt__hub *h = w->plan->state;
  if (h->notes) atomic_fetch_add_explicit(&h->n_done, 1, memory_order_relaxed);
  return amlrt__step(w, u->cost);
}

const amlrt__plan_ops amlrt__plan_hub = {
    .kind = AMLRT_PLAN_HUB,
    .name = "hub-sweep",
    .fits = fits,
    .cost = amlrt__hub_cost,
    .alone = alone,
    .sides = sides,
    .wants = amlrt__hub_wants,
    .make = make,
    .release = release,
    .unit_cost = unit_cost,
    .worker_make = worker_make,
    .worker_release = worker_release,
    .unit = unit,
};
