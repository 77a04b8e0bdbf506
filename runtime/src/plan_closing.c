// Plan closing-search: chains whose hops follow each other in time, found from their last hop, which is
// the trigger (semantics 4.4).
//
//   filter   transfers that cannot lie on a closed chain are dropped (plan_closing_filter.c)
//   link     what is left is linked in time (plan_closing_link.c)
//   units    blocks of triggers; each trigger's edges that lie on some way from its payee to its payer
//            are found by a search (plan_closing_search.c), or of many triggers at once, by a sweep
//            (plan_closing_sweep.c), whichever costs less
//   chains   these few edges are followed, list of accounts by list of accounts (plan_closing_chain.c)
//
// What is asked of all hops is that each follows the one before by the seconds the row says; what the
// constraints along the walk ask beside is asked in the last step, of few. A trigger whose edges make no
// chain so has no match: e* must have a partner in the hop before, that one another, down to the first.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan_closing.h"
#include "runtime/src/stats.h"

#include <string.h>

// ---- what the pattern asks ----------------------------------------------------------------------------------

static int64_t window_of(const amlrt__run *run, const amlrt_pplan *row)
{
  int64_t within = run->p->within, of_walk = run->p->stages[row->stage[0]].within;
  return of_walk > 0 && of_walk < within ? of_walk : within;
}

static bool fits(const amlrt__run *run, const amlrt_pplan *row)
{
  const amlrt_columns *col = run->col;

  // Times in 32 bits, with room for a window beyond both ends.
  if (col->n_rows == 0) return true;
  uint64_t span = (uint64_t)col->time[col->n_rows - 1] - (uint64_t)col->time[0];
  return row->lo >= 1 && span < INT32_MAX - 2;
}

// Counts need nothing but the columns.
static bool alone(const amlrt__run *run, const amlrt_pplan *row)
{
  const amlrt_run_opts *o = run->opts;
  return row->exact && o->light && o->memory_limit == 0 && run->hub_limit == 0;
}

// Filter and links, or lists, take some touches for each transfer, in a row; what comes then is a small
// share of what trigger-major does, and has no long tail that a sample misses. Closed, it grows with the
// smaller side, or triggers are swept together; open, what came to the payer is looked through.
static double cost(const amlrt__run *run, const amlrt_pplan *row)
{
  const double filter = 4, lists = 6, asked = 12, most = 64, entry = 0.125, not_sampled = 4;
  const amlrt__stats *s = run->stats;
  uint32_t walk = row->stage[0];
  bool closed = run->p->stages[walk].closed;
  double in = s ? s->degree[AMLRT__FROM][AMLRT__TO] : not_sampled;
  double out = s ? s->degree[AMLRT__TO][AMLRT__FROM] : not_sampled;

  if (closed && in > out) in = out;
  if (closed && in > most) in = most;
  double each = (closed ? filter : lists) + entry * in;
  if (s && run->p->stages[walk].filter && walk < sizeof s->pass / sizeof *s->pass)
    each = asked + each * s->pass[walk];
  return (run->end - run->first) * each;
}

static uint32_t longest_chain(const amlrt_range *r, uint32_t most)
{
  while (most > 0 && amlrt_range_degree(r, amlrt_frac_int(most)) == 0)
    most--;
  return most;
}

enum { MOST_LENGTH = 4096 }; // of a chain; the language's bound is far below

static bool take_lengths(amlrt__closing *c)
{
  const amlrt_range *size = &c->run->p->roles[c->walk->chain].size;

  c->longest = longest_chain(size, MOST_LENGTH);
  c->degree = amlrt__array(c->run->mem, (size_t)c->longest + 1, sizeof *c->degree);
  if (!c->degree) return false;
  for (uint32_t n = 0; n <= c->longest; n++)
    c->degree[n] = amlrt_range_degree(size, amlrt_frac_int(n));
  while (c->shortest < c->longest && c->degree[c->shortest] == 0)
    c->shortest++;
  return true;
}

static uint32_t at_most(int64_t v, int64_t most)
{
  return (uint32_t)(v < most ? v : most);
}

static void take_times(amlrt__closing *c)
{
  const amlrt_columns *col = c->run->col;
  int64_t span = col->time[c->end - 1] - col->time[c->begin];

  c->base = col->time[c->begin] - 1;
  c->within = at_most(window_of(c->run, c->row), span + 1);
  c->least = at_most(c->row->lo, span + 1);
  c->most = c->widest = at_most(c->row->hi, c->within - 1);
  c->any_gap = c->least == 1 && c->most == c->within - 1;
  c->only_time = c->pair->by_time;
}

static amlrt_status begin(amlrt__plan *pl, amlrt_error *err)
{
  const amlrt__run *run = pl->run;
  amlrt__closing *c = amlrt__array(run->mem, 1, sizeof *c);

  pl->state = c;
  if (!c) return amlrt__nomem(err, run->p->info->name);
  c->run = run;
  c->row = pl->row;
  c->stage = pl->row->stage[0];
  c->walk = &run->p->stages[c->stage];
  c->pair = &run->p->pairs[run->walk_pair[c->stage]];
  c->first = pl->first;
  c->end = pl->end;
  c->begin = run->window_lo[pl->first];
  take_times(c);
  return take_lengths(c) ? AMLRT_OK : amlrt__nomem(err, run->p->info->name);
}

// ---- memory -----------------------------------------------------------------------------------------------

enum { BYTES_A_ROW = 24, BYTES_AN_EDGE = 64, BYTES_AN_ACCOUNT = 12 };

// May the slab be more than the limit allows? Each worker keeps marks by edge and numbers by account.
static bool is_too_much(const amlrt__plan *pl, uint64_t rows, uint64_t edges)
{
  uint64_t limit = pl->run->opts->memory_limit;
  uint64_t worker = edges * 8 + (uint64_t)pl->run->col->n_accounts * BYTES_AN_ACCOUNT;

  return limit && rows * BYTES_A_ROW + edges * BYTES_AN_EDGE + worker * pl->threads > limit / 2;
}

// ---- units --------------------------------------------------------------------------------------------------

enum { UNITS = 64, FEWEST = 32, MOST_EDGES = 16384, SAMPLED = 64 };

// Hops in the window of an edge, mean.
static double hops_in_window(const amlrt__closing *c)
{
  const amlrt__edges *e = &c->e;
  double n = 0;

  for (uint32_t k = 0; k < SAMPLED && e->n > 0; k++) {
    uint32_t at = (uint32_t)((uint64_t)e->n * k / SAMPLED), lo = 0, end = at;
    uint32_t t = amlrt__window_from(c, e->time[at]);
    while (lo < end) {
      uint32_t mid = lo + (end - lo) / 2;
      if (e->time[mid] < t)
        lo = mid + 1;
      else
        end = mid;
    }
    n += at - lo;
  }
  return n / (double)SAMPLED;
}

// Measured: what a sweep takes for one hop, of 256 triggers; for one edge of a unit.
static const double sweep_ns = 8, hop_ns = 15;

// Triggers to be asked yet, of each edge.
static double share_asked(const amlrt__closing *c)
{
  uint64_t n = 0;

  if (!c->was_asked || c->e.n == 0) return 1;
  for (uint32_t edge = 1; edge <= c->e.n; edge++)
    n += amlrt__may_close(c, edge);
  return (double)n / c->e.n;
}

// For an edge of a unit: in sweeps, of a group of triggers each, over the unit and the window before it; by searches.
static bool sweeps_cost_less(const amlrt__closing *c, uint64_t unit, double in_window)
{
  double share = share_asked(c), groups = (double)unit * share / 256;

  if (share < 1 && groups < 1) groups = 1;
  double sweep = groups * (in_window + (share < 1 ? (double)unit : 0)) * sweep_ns / (double)unit;
  return sweep + 3 * hop_ns < share * amlrt__closing_sample(c);
}

static void choose_units(amlrt__closing *c)
{
  double in_window = hops_in_window(c);
  uint64_t unit = c->e.n / UNITS;

  unit = unit < FEWEST ? FEWEST : unit > MOST_EDGES ? MOST_EDGES : unit;
  c->dense = c->walk->closed && amlrt__trick(c->run, AMLRT_TRICK_CHAIN_SWEEP) &&
             sweeps_cost_less(c, unit, in_window);
  if (c->dense && (double)unit < in_window / 2) unit = (uint64_t)(in_window / 2);
  c->unit = unit;
}

static amlrt_status make_edges(const amlrt__plan *pl, amlrt__closing *c, amlrt_error *err)
{
  amlrt_status st = amlrt__closing_filter(pl, c, err);

  if (st == AMLRT_OK && is_too_much(pl, 0, c->e.n)) st = AMLRT_TRUNCATED;
  if (st != AMLRT_OK) return st;
  return c->walk->closed ? amlrt__closing_link(pl, c, err) : amlrt__closing_lists(c, err);
}

static amlrt_status take_edges(const amlrt__plan *pl, amlrt__closing *c, amlrt_error *err)
{
  amlrt__common *common = amlrt__closing_common(c);
  amlrt_status st = AMLRT_OK;

  if (!c->walk->closed) amlrt__closing_take_ratio(c);
  if (common && common->is_made) {
    amlrt__closing_take(c, common);
    return st;
  }
  st = make_edges(pl, c, err);
  if (st == AMLRT_OK && common && !amlrt__closing_keep(c, common))
    st = amlrt__nomem(err, "triggers that close nothing");
  return st;
}

static amlrt_status make(amlrt__plan *pl, amlrt_error *err)
{
  if (pl->first >= pl->end) return AMLRT_OK;
  if (is_too_much(pl, pl->end - pl->run->window_lo[pl->first], 0)) return AMLRT_TRUNCATED;
  amlrt_status st = begin(pl, err);
  amlrt__closing *c = pl->state;

  if (st == AMLRT_OK && c->longest == 0 && c->degree[0] == 0) return AMLRT_OK;
  if (st == AMLRT_OK) st = take_edges(pl, c, err);
  if (st != AMLRT_OK) return st;
  choose_units(c);
  pl->n_units = (c->e.n + c->unit - 1) / c->unit;
  return AMLRT_OK;
}

static void release(amlrt__plan *pl)
{
  amlrt__closing *c = pl->state;

  if (!c) return;
  if (!c->lent) {
    amlrt__closing_release_edges(c);
    amlrt__release(pl->run->mem, c->back);
    amlrt__release(pl->run->mem, c->on);
    amlrt__release(pl->run->mem, c->start);
    amlrt__release(pl->run->mem, c->in);
    amlrt__release(pl->run->mem, c->place);
  }
  amlrt__release(pl->run->mem, c->degree);
  amlrt__release(pl->run->mem, c);
}

// ---- a worker ---------------------------------------------------------------------------------------------

static bool worker_make(amlrt_worker *w)
{
  const amlrt__closing *c = w->plan->state;
  const amlrt_alloc *mem = w->run->mem;
  uint32_t n = w->run->col->n_accounts;
  amlrt__closer *k = amlrt__array(mem, 1, sizeof *k);

  w->plan_state = k;
  if (!k) return false;
  k->c = c;
  k->head = amlrt__alloc(mem, ((size_t)n + 1) * sizeof *k->head);
  k->path = amlrt__array(mem, (size_t)c->longest + 2, sizeof *k->path);
  if (!k->head || !k->path) return false;
  memset(k->head, 0xff, n * sizeof *k->head);
  return true;
}

static void worker_release(amlrt_worker *w)
{
  amlrt__closer *k = w->plan_state;
  const amlrt_alloc *mem = w->run->mem;

  if (!k) return;
  amlrt__closing_search_release(k, mem);
  amlrt__closing_sweep_release(k->sweep, mem);
  uint32_t *const of_web[] = {k->web.edge, k->web.from, k->web.to,
                              k->web.time, k->web.next, k->web.first};
  for (size_t i = 0; i < sizeof of_web / sizeof *of_web; i++)
    amlrt__release(mem, of_web[i]);
  amlrt__release(mem, k->head);
  amlrt__release(mem, k->path);
  amlrt__release(mem, k->step);
  amlrt__release(mem, k->found);
  amlrt__release(mem, k);
  w->plan_state = NULL;
}

static bool do_unit(amlrt_worker *w, uint64_t unit)
{
  const amlrt__closing *c = w->plan->state;
  uint32_t begin = 1 + (uint32_t)(unit * c->unit), end = c->e.n + 1;

  if (end - begin > c->unit) end = begin + (uint32_t)c->unit;
  bool ok = !c->walk->closed ? amlrt__closing_open(w, begin, end)
            : c->dense       ? amlrt__closing_sweep(w, begin, end)
                             : amlrt__closing_search(w, begin, end);
  return ok && amlrt__closing_hand_over(w);
}

const amlrt__plan_ops amlrt__plan_closing = {.kind = AMLRT_PLAN_CLOSING,
                                             .name = "closing-search",
                                             .fits = fits,
                                             .cost = cost,
                                             .alone = alone,
                                             .wants = amlrt__closing_wants,
                                             .make = make,
                                             .release = release,
                                             .worker_make = worker_make,
                                             .worker_release = worker_release,
                                             .unit = do_unit};
