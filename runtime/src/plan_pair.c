// The plan key-major sweep: for patterns in which a group hangs between two keys, so that each of its
// members has a transfer with either (scatter-gather and its like).
//
// The run is cut into stretches of time. Each is packed (plan_pair_block.c), with as much before it as its
// triggers see; then each near account's two-hop paths are gone over (plan_pair_find.c), and the few pairs
// of keys that enough middles join are swept exactly in the order of time (plan_pair_count.c). So every
// path is touched once in all, not once for each trigger, and in memory that fits the cache.
//
// A stretch is a unit. Where the window is so wide that there are too few of them for the threads, blocks
// are made first, and their near accounts are what is shared out.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan_pair.h"
#include "runtime/src/stats.h"

#include <string.h>

// ---- the row made ready -----------------------------------------------------------------------------------

static bool fits(const amlrt__run *run, const amlrt_pplan *row)
{
  const amlrt_columns *col = run->col;

  (void)row;
  if (col->n_rows == 0) return false;
  uint64_t all = (uint64_t)col->time[col->n_rows - 1] - (uint64_t)col->time[0];
  return all <= AMLRT__PAIR_MOST_TIME && col->n_rows < UINT32_MAX / 4;
}

// The end at which the key stands in the stage between it and the group.
static int end_of(const amlrt_program *p, uint32_t stage, uint32_t key)
{
  return p->stages[stage].from == key ? AMLRT__FROM : AMLRT__TO;
}

static uint32_t clamped(int64_t v, uint32_t most)
{
  return v < 0 ? 0 : v > (int64_t)most ? most : (uint32_t)v;
}

// The second leg's time less the first's is in [lo, hi] and less than the window away.
static void take_times(amlrt__pairs *p)
{
  const amlrt_pplan *row = p->row;
  int64_t within = p->run->p->within;
  int64_t lo = row->lo < -INT64_MAX ? -INT64_MAX : row->lo;

  p->window = clamped(within - 1, AMLRT__PAIR_MOST_TIME);
  p->looks_back = lo <= 0;
  p->looks_ahead = row->hi >= 0;
  p->back[1] = clamped(-lo, p->window);
  p->back[0] = p->looks_ahead ? 0 : clamped(-row->hi, AMLRT__PAIR_MOST_TIME);
  p->ahead[1] = clamped(row->hi, p->window);
  p->ahead[0] = p->looks_back ? 0 : clamped(lo, AMLRT__PAIR_MOST_TIME);
  p->plain = lo < -(int64_t)p->window && row->hi > (int64_t)p->window;
}

static bool can_trigger(const amlrt_program *p, uint32_t stage)
{
  return p->trigger == AMLRT_NONE ? p->stages[stage].can_trigger : p->trigger == stage;
}

static uint32_t place_of(const amlrt_program *p, uint32_t key)
{
  uint32_t n = 0;

  for (uint32_t r = 0; r < key; r++)
    n += p->roles[r].kind == AMLRT_ROLE_ONE;
  return n;
}

// The group is what has a transfer in both stages, and nothing else.
static bool is_plain_set(const amlrt_program *p, uint32_t set, const amlrt_pplan *row)
{
  if (set == AMLRT_NONE) return true;
  const amlrt_pset *s = &p->sets[set];
  if (s->op == AMLRT_SET_AND) return is_plain_set(p, s->a, row) && is_plain_set(p, s->b, row);
  bool ours = s->a == row->stage[0] || s->a == row->stage[1];
  return s->op == AMLRT_SET_HAS && ours && s->at_least <= 1;
}

// Is what the sweep has at hand all that the evaluator has to start with (see amlrt__given)?
static bool can_give(const amlrt__pairs *p)
{
  const amlrt_program *prog = p->run->p;
  uint32_t group = p->row->group;

  if (p->layered || p->keys_may_equal || p->run->start_counts[group] || prog->roles[group].late)
    return false;
  for (uint32_t i = 0; i < prog->n_stages; i++) {
    const amlrt_pstage *s = &prog->stages[i];
    if (i != p->row->stage[0] && i != p->row->stage[1] && (s->from == group || s->to == group))
      return false;
  }
  for (int k = 0; k < 2; k++)
    if (p->self[k] || amlrt__may_equal(p->run, group, p->row->key[k])) return false;
  return is_plain_set(prog, prog->roles[group].set, p->row);
}

void amlrt__pairs_take_row(amlrt__pairs *p)
{
  const amlrt_program *prog = p->run->p;
  const amlrt_pplan *row = p->row;

  for (int k = 0; k < 2; k++) {
    p->end[k] = end_of(prog, row->stage[k], row->key[k]);
    p->triggers[k] = can_trigger(prog, row->stage[k]);
    p->self[k] = prog->stages[row->stage[k]].ends_may_equal;
    p->place[k] = place_of(prog, row->key[k]);
  }
  p->keys_may_equal = amlrt__may_equal(p->run, row->key[0], row->key[1]);
  p->exact = row->exact;
  p->layered = prog->currency == AMLRT_CURRENCY_SAME;
  p->gives = !row->exact && can_give(p);
  p->least = p->run->least[row->group];
  for (uint32_t n = 0; n < AMLRT__PAIR_SIZES; n++)
    p->degree[n] = amlrt_range_degree(&prog->roles[row->group].size, amlrt_frac_int(n));
  while (p->least < AMLRT__PAIR_SIZES && p->degree[p->least] == 0)
    p->least++;
  take_times(p);
  if (p->gives) amlrt__pair_take_judge(p);
}

// Looks back from the match to other transfers of accounts.
static bool has_absence(const amlrt_program *p)
{
  for (uint32_t i = 0; i < p->info->n_constraints; i++)
    if (p->cons[i].kind == AMLRT_CON_ABSENT) return true;
  return false;
}

// Counts need nothing but the columns, where they are exact, or what is evaluated starts with what it is given.
static bool alone(const amlrt__run *run, const amlrt_pplan *row)
{
  const amlrt_run_opts *o = run->opts;
  amlrt__pairs p = {.run = run, .row = row};

  if (!o->light || o->memory_limit != 0 || run->hub_limit != 0) return false;
  if (row->exact) return true;
  amlrt__pairs_take_row(&p);
  return amlrt__pair_only_members(&p) && !has_absence(run->p);
}

// ---- units --------------------------------------------------------------------------------------------------

enum {
  STRETCH_WINDOWS = 6,    // a stretch is so many windows long at least
  STRETCH_ROWS = 1 << 17, // and has so many rows, or
  STRETCHES = 8,          // a share of all, where these are few
  FEW_A_THREAD = 6,       // stretches
  LEAST_HALVES = 5,       // of a window, that a stretch is long even then
  NEAR_UNITS = 256,       // units a block is cut into
  NARROW_ROWS = 2         // a narrow window has so many rows an account at most
};

// Rows that exist for a trigger, mean of some.
static uint32_t rows_a_window(const amlrt__plan *pl)
{
  const amlrt__run *run = pl->run;
  uint64_t n = 0;
  enum { ASKED = 64 };

  for (uint64_t k = 0; k < ASKED; k++) {
    uint32_t e = pl->first + (uint32_t)((pl->end - pl->first) * k / ASKED);
    n += e - run->window_lo[e] + 1;
  }
  return (uint32_t)(n / ASKED);
}

static bool add_unit(amlrt__pairs *p, amlrt__pair_unit unit)
{
  if (!amlrt__grow(p->run->mem, &p->unit, &p->cap_units, p->n_units + 1, sizeof *p->unit))
    return false;
  p->unit[p->n_units++] = unit;
  return true;
}

static bool cut_stretches(amlrt__pairs *p, const amlrt__plan *pl, uint32_t n)
{
  uint64_t rows = pl->end - pl->first;

  for (uint64_t k = 0; k < n; k++) {
    uint32_t first = pl->first + (uint32_t)(rows * k / n),
             end = pl->first + (uint32_t)(rows * (k + 1) / n);
    if (first == end) continue;
    if (!add_unit(p, (amlrt__pair_unit){.first = first,
                                        .end = end,
                                        .block = AMLRT_NONE,
                                        .cost = end - p->run->window_lo[first]}))
      return false;
  }
  return true;
}

static bool same_account(const amlrt__pair_block *b, uint32_t i, uint32_t k)
{
  return k < b->n_near &&
         amlrt__pair_account(b, b->near[i].id) == amlrt__pair_account(b, b->near[k].id);
}

// Near accounts in ranges of about as many legs.
static bool cut_block(amlrt__pairs *p, uint32_t block)
{
  const amlrt__pair_block *b = &p->block[block];
  uint32_t most = b->n_legs / NEAR_UNITS + 1, begin = 0, legs = 0;

  for (uint32_t i = 0; i < b->n_near; i++) {
    legs += b->near[i].end - b->near[i].begin;
    if (i + 1 < b->n_near && (legs < most || same_account(b, i, i + 1))) continue;
    if (!add_unit(p, (amlrt__pair_unit){b->first, b->end, block, begin, i + 1, legs})) return false;
    begin = i + 1;
    legs = 0;
  }
  return true;
}

static void set_block(const amlrt__pairs *p, amlrt__pair_block *b, const amlrt__pair_unit *unit)
{
  b->first = unit->first;
  b->end = unit->end;
  b->lo = p->run->window_lo[unit->first];
}

static bool worker_make(amlrt_worker *w);
static void worker_release(amlrt_worker *w);

// The stretches become blocks, and these the units.
static amlrt_status make_blocks(amlrt__plan *pl, amlrt_error *err)
{
  amlrt__pairs *p = pl->state;
  amlrt_worker *w;
  uint32_t n = (uint32_t)p->n_units,
           threads = amlrt__part_threads(pl, (pl->end - pl->first) / (n ? n : 1));
  if (threads > AMLRT__PAIR_PARTS) threads = AMLRT__PAIR_PARTS;
  amlrt_status st = amlrt__worker_new(&w, p->run, err);

  if (st != AMLRT_OK) return st;
  w->plan = pl;
  p->block = amlrt__array(p->run->mem, n, sizeof *p->block);
  p->n_blocks = p->block ? n : 0;
  bool ok = p->block && worker_make(w);
  for (uint32_t i = 0; ok && i < n; i++) {
    set_block(p, &p->block[i], &p->unit[i]);
    ok = amlrt__pair_block_make(w->plan_state, &p->block[i], threads);
  }
  p->n_units = 0;
  for (uint32_t i = 0; ok && i < n; i++)
    ok = cut_block(p, i);
  st = ok ? AMLRT_OK : w->st != AMLRT_OK ? w->st : AMLRT_E_NOMEM;
  worker_release(w);
  amlrt__worker_free(w);
  return st;
}

// Where there are few, each thread gets as many: shorter ones rather than blocks, for what is made twice costs
// less than waiting.
static uint32_t n_stretches(const amlrt__plan *pl, uint32_t window)
{
  uint32_t rows = pl->end - pl->first, threads = pl->threads, stretch = STRETCH_WINDOWS * window;
  uint32_t least = rows / STRETCHES < STRETCH_ROWS ? rows / STRETCHES + 1 : STRETCH_ROWS;

  if (stretch < least) stretch = least;
  uint32_t n = rows / stretch + 1, even = (n + threads - 1) / threads * threads;
  bool few = n < FEW_A_THREAD * threads;
  return few && rows / even >= LEAST_HALVES * (uint64_t)window / 2 ? even : n;
}

amlrt_status amlrt__pairs_begin(amlrt__plan *pl, amlrt_error *err)
{
  amlrt__pairs *p = amlrt__array(pl->run->mem, 1, sizeof *p);

  pl->state = p;
  if (!p) return amlrt__nomem(err, pl->run->p->info->name);
  p->run = pl->run;
  p->row = pl->row;
  amlrt__pairs_take_row(p);
  p->whole_from = amlrt__whole_from(pl);
  return AMLRT_OK;
}

amlrt_status amlrt__pairs_cut(amlrt__plan *pl, amlrt_error *err)
{
  amlrt__pairs *p = pl->state;
  uint32_t window = rows_a_window(pl), n = n_stretches(pl, window);

  // Whether it pays is seen in the first stretch, where there are more.
  p->drops = (!p->marks || p->marking) &&
             (n > pl->threads || window / NARROW_ROWS < pl->run->col->n_accounts);
  amlrt_status st = cut_stretches(p, pl, n) ? AMLRT_OK : AMLRT_E_NOMEM;
  if (st == AMLRT_OK && n < pl->threads) st = make_blocks(pl, err);
  pl->n_units = p->n_units;
  return st == AMLRT_E_NOMEM ? amlrt__nomem(err, pl->run->p->info->name) : st;
}

static amlrt_status make(amlrt__plan *pl, amlrt_error *err)
{
  amlrt_status st = amlrt__pairs_begin(pl, err);

  if (st == AMLRT_OK) st = amlrt__pair_take_marks(pl, err);
  return st == AMLRT_OK ? amlrt__pairs_cut(pl, err) : st;
}

void amlrt__pairs_release(amlrt__plan *pl)
{
  amlrt__pairs *p = pl->state;

  if (!p) return;
  for (uint32_t i = 0; i < p->n_blocks; i++)
    amlrt__pair_block_release(&p->block[i], p->run->mem);
  amlrt__release(p->run->mem, p->block);
  amlrt__release(p->run->mem, p->unit);
  amlrt__release(p->run->mem, p);
  pl->state = NULL;
}

static uint64_t unit_cost(const amlrt__plan *pl, uint64_t unit)
{
  return ((const amlrt__pairs *)pl->state)->unit[unit].cost;
}

// ---- a worker -------------------------------------------------------------------------------------------------

static bool worker_make(amlrt_worker *w)
{
  const amlrt__run *run = w->run;
  amlrt__pair_sweep *s = amlrt__array(run->mem, 1, sizeof *s);

  w->plan_state = s;
  if (!s) return false;
  s->w = w;
  s->p = w->plan->state;
  s->base = 1;
  s->met = amlrt__array(run->mem, run->col->n_accounts, sizeof *s->met);
  s->id = amlrt__array(run->mem, run->col->n_accounts, sizeof *s->id);
  s->group = amlrt__array(run->mem, run->n_roles, sizeof *s->group);
  s->features = amlrt__array(run->mem, run->p->info->n_features, sizeof *s->features);
  s->counted = (amlrt_eval){.w = w, .group = s->group};
  return s->met && s->id && s->group && s->features && (!s->p->judges || amlrt__pair_judge_make(s));
}

static void worker_release(amlrt_worker *w)
{
  amlrt__pair_sweep *s = w->plan_state;
  const amlrt_alloc *mem = w->run->mem;

  if (!s) return;
  amlrt__pair_block_release(&s->own, mem);
  amlrt__pair_find_release(s);
  amlrt__pair_count_release(s);
  amlrt__pair_give_release(s);
  amlrt__pair_judge_release(s);
  amlrt__release(mem, s->met);
  amlrt__release(mem, s->id);
  amlrt__release(mem, s->slots);
  amlrt__release(mem, s->group);
  amlrt__release(mem, s->features);
  amlrt__release(mem, s);
  w->plan_state = NULL;
}

// What is kept by id starts empty with a block.
static bool begin_block(amlrt__pair_sweep *s, const amlrt__pair_block *b)
{
  s->b = b;
  if (!amlrt__pair_room(s->w, &s->seen, &s->cap_seen, (size_t)b->n_ids + 1, sizeof *s->seen) ||
      !amlrt__pair_room(s->w, &s->slot, &s->cap_slot, (size_t)b->n_ids + 1, sizeof *s->slot))
    return false;
  if (!amlrt__pair_room(s->w, &s->reached, &s->cap_reached, (size_t)b->n_ids + 1,
                        sizeof *s->reached))
    return false;
  memset(s->reached, 0, (b->n_ids + (size_t)1) * sizeof *s->reached);
  memset(s->seen, 0, (b->n_ids + (size_t)1) * sizeof *s->seen);
  memset(s->slot, 0, (b->n_ids + (size_t)1) * sizeof *s->slot);
  s->past = 0;
  return true;
}

bool amlrt__pairs_unit(amlrt_worker *w, uint64_t unit)
{
  amlrt__pair_sweep *s = w->plan_state;
  const amlrt__pair_unit *u = &s->p->unit[unit];
  const amlrt__pair_block *b = &s->own;
  uint32_t begin = u->near_begin, end = u->near_end;

  if (u->block == AMLRT_NONE) {
    set_block(s->p, &s->own, u);
    if (!amlrt__pair_block_make(s, &s->own, 1)) return false;
    begin = 0;
    end = s->own.n_near;
  } else {
    b = &s->p->block[u->block];
  }
  if ((u->block == AMLRT_NONE || s->b != b) && !begin_block(s, b)) return false;
  // What is known of far accounts is a leg's number: from legs further on it would seem to be of now.
  if (begin < s->past) memset(s->seen, 0, (b->n_ids + (size_t)1) * sizeof *s->seen);
  s->past = end;
  for (uint32_t i = begin; i < end; i++) {
    if (!amlrt__pair_near_account(s, &b->near[i])) return false;
    if (s->n_finds > 0 && !same_account(b, i, i + 1) && !amlrt__pair_finds(s)) return false;
  }
  return true;
}

// ---- its cost -------------------------------------------------------------------------------------------------

enum { BUILD_TOUCHES = 6 }; // of a transfer, before any path is looked at

static double cost(const amlrt__run *run, const amlrt_pplan *row)
{
  const amlrt__stats *s = run->stats;

  (void)row;
  if (!s) return 1e18;
  return ((double)BUILD_TOUCHES + 2 * s->two_paths) * (run->end - run->first);
}

const amlrt__plan_ops amlrt__plan_pair = {
    .kind = AMLRT_PLAN_PAIR,
    .name = "key-major",
    .fits = fits,
    .alone = alone,
    .cost = cost,
    .wants = amlrt__pair_wants,
    .make = make,
    .release = amlrt__pairs_release,
    .unit_cost = unit_cost,
    .worker_make = worker_make,
    .worker_release = worker_release,
    .unit = amlrt__pairs_unit,
};
