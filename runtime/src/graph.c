// The graph: made, asked, freed. How its slices are filled: graph_build.c.
#include "runtime/src/graph.h"
#include "runtime/src/clock.h"
#include "runtime/src/error.h"
#include "amlrt/sched.h"

// ---- making -------------------------------------------------------------------------------------

// Not cleared: that would write every page once more.
static uint32_t *numbers(const amlrt_alloc *mem, uint64_t n)
{
  size_t bytes;

  if (__builtin_mul_overflow(n, sizeof(uint32_t), &bytes)) return NULL;
  return amlrt__alloc(mem, bytes);
}

static bool side_new(amlrt__side *s, const amlrt_graph *g, const amlrt_columns *c)
{
  const amlrt_alloc *mem = &g->mem;
  uint64_t n = (uint64_t)c->n_rows + AMLRT_GRAPH_PAD;

  s->begin = numbers(mem, c->n_accounts);
  s->end = numbers(mem, c->n_accounts);
  s->neighbour = numbers(mem, n);
  s->row = numbers(mem, n);
  s->time = g->narrow ? numbers(mem, n) : NULL;
  if (!s->begin || !s->end || !s->neighbour || !s->row || (g->narrow && !s->time)) return false;
  for (uint64_t i = c->n_rows; i < n; i++) {
    s->neighbour[i] = s->row[i] = 0;
    if (s->time) s->time[i] = 0;
  }
  s->pub = (amlrt_adjacency){s->begin, s->end, s->neighbour, s->row, s->time};
  return true;
}

static void side_release(amlrt__side *s, const amlrt_alloc *mem)
{
  amlrt__release(mem, s->begin);
  amlrt__release(mem, s->end);
  amlrt__release(mem, s->neighbour);
  amlrt__release(mem, s->row);
  amlrt__release(mem, s->time);
}

static amlrt_graph *graph_new(const amlrt_table *t, const amlrt_alloc *mem)
{
  amlrt_graph *g = amlrt__array(mem, 1, sizeof *g);
  const amlrt_columns *c = amlrt_table_columns(t);
  uint32_t n = c->n_rows;

  if (!g) return NULL;
  g->mem = *mem;
  g->table = t;
  g->time_base = n ? c->time[0] : 0;
  g->narrow = n == 0 || (uint64_t)c->time[n - 1] - (uint64_t)c->time[0] <= UINT32_MAX;
  g->self = g;
  if (pthread_mutex_init(&g->lock, NULL) == 0) return g;
  amlrt__release(mem, g);
  return NULL;
}

// Below, waiting for each other at the end of each step costs threads more than they save.
enum { ROWS_A_THREAD = 150000 };

static uint32_t threads_that_pay(uint32_t n_rows)
{
  uint32_t all = amlrt_threads(0), pay = n_rows / ROWS_A_THREAD;

  if (pay < 1) pay = 1;
  return pay < all ? pay : all;
}

amlrt_status amlrt_graph_build(amlrt_graph **out, const amlrt_table *t,
                               const amlrt_graph_opts *opts, amlrt_error *err)
{
  amlrt_graph_opts o = opts ? *opts : (amlrt_graph_opts){0};
  amlrt_graph *g;
  amlrt_status st;

  *out = NULL;
  if (!o.mem) o.mem = amlrt_alloc_default();
  if (o.threads == 0) o.threads = threads_that_pay(amlrt_table_columns(t)->n_rows);
  g = graph_new(t, o.mem);
  if (!g) return amlrt__nomem(err, "graph");
  g->opts = o;
  st = o.later ? AMLRT_OK : amlrt_graph_need(g, AMLRT_GRAPH_OUT | AMLRT_GRAPH_IN, err);
  if (st == AMLRT_OK)
    *out = g;
  else
    amlrt_graph_free(g);
  return st;
}

static amlrt_graph_time now(void)
{
  return (amlrt_graph_time){amlrt__clock(), amlrt__clock_of(CLOCK_PROCESS_CPUTIME_ID)};
}

static amlrt_status fill(amlrt_graph *g, unsigned side, amlrt_error *err)
{
  amlrt__side *s = side == AMLRT_GRAPH_OUT ? &g->out : &g->in;
  amlrt_status st = AMLRT_OK;
  amlrt_graph_time begin = now();

  if (atomic_load_explicit(&g->filled, memory_order_relaxed) & side) return AMLRT_OK;
  if (!side_new(s, g, amlrt_table_columns(g->table))) st = amlrt__nomem(err, "graph");
  if (st == AMLRT_OK) st = amlrt__graph_fill(g, side, &g->opts, err);
  amlrt_graph_time end = now();
  g->spent.clock += end.clock - begin.clock;
  g->spent.processor += end.processor - begin.processor;
  if (st == AMLRT_OK) {
    atomic_fetch_or_explicit(&g->filled, side, memory_order_release);
    return AMLRT_OK;
  }
  side_release(s, &g->mem); // may be asked for again
  *s = (amlrt__side){0};
  return st;
}

amlrt_status amlrt_graph_need(const amlrt_graph *g, unsigned sides, amlrt_error *err)
{
  amlrt_graph *own = g->self;
  amlrt_status st = AMLRT_OK;

  if ((atomic_load_explicit(&own->filled, memory_order_acquire) & sides) == sides) return AMLRT_OK;
  if (pthread_mutex_lock(&own->lock) != 0)
    return amlrt__fail(err, AMLRT_E_ARG, "graph: a lock failed");
  if (sides & AMLRT_GRAPH_OUT) st = fill(own, AMLRT_GRAPH_OUT, err);
  if (st == AMLRT_OK && (sides & AMLRT_GRAPH_IN)) st = fill(own, AMLRT_GRAPH_IN, err);
  (void)pthread_mutex_unlock(&own->lock);
  return st;
}

amlrt_graph_time amlrt_graph_spent(const amlrt_graph *g)
{
  amlrt_graph *own = g->self;
  amlrt_graph_time spent = {0};

  if (pthread_mutex_lock(&own->lock) != 0) return spent;
  spent = own->spent;
  (void)pthread_mutex_unlock(&own->lock);
  return spent;
}

void amlrt_graph_free(amlrt_graph *g)
{
  if (!g) return;
  amlrt_alloc mem = g->mem;
  side_release(&g->out, &mem);
  side_release(&g->in, &mem);
  (void)pthread_mutex_destroy(&g->lock);
  amlrt__release(&mem, g);
}

// ---- asking -------------------------------------------------------------------------------------

const amlrt_table *amlrt_graph_table(const amlrt_graph *g)
{
  return g->table;
}

const amlrt_adjacency *amlrt_graph_out(const amlrt_graph *g)
{
  return &g->out.pub;
}

const amlrt_adjacency *amlrt_graph_in(const amlrt_graph *g)
{
  return &g->in.pub;
}

int64_t amlrt_graph_time_base(const amlrt_graph *g)
{
  return g->time_base;
}

const amlrt_degrees *amlrt_graph_out_degrees(const amlrt_graph *g)
{
  return &g->out.degrees;
}

const amlrt_degrees *amlrt_graph_in_degrees(const amlrt_graph *g)
{
  return &g->in.degrees;
}

uint32_t amlrt_graph_n_self(const amlrt_graph *g)
{
  return g->n_self;
}

amlrt_graph_size amlrt_graph_bytes(const amlrt_graph *g)
{
  const amlrt_columns *c = amlrt_table_columns(g->table);
  const size_t entry = (g->narrow ? 3 : 2) * sizeof(uint32_t);
  const size_t row = sizeof *c->time + sizeof *c->from + sizeof *c->to + sizeof *c->amount +
                     sizeof *c->amount_received + sizeof *c->currency +
                     sizeof *c->currency_received + sizeof *c->format;

  return (amlrt_graph_size){
      .adjacency = 2 * entry * ((uint64_t)c->n_rows + AMLRT_GRAPH_PAD),
      .accounts = 2 * 2 * sizeof(uint32_t) * (uint64_t)c->n_accounts,
      .columns = row * (uint64_t)c->n_rows,
  };
}

// ---- windows ------------------------------------------------------------------------------------

amlrt_status amlrt_graph_window_lo(const amlrt_graph *g, int64_t within, uint32_t *lo,
                                   amlrt_error *err)
{
  const amlrt_columns *c = amlrt_table_columns(g->table);
  uint32_t first = 0;

  if (within < 1) return amlrt__fail(err, AMLRT_E_ARG, "a window is at least one second long");
  for (uint32_t e = 0; e < c->n_rows; e++)
    lo[e] = first = amlrt_window_next(c->time, first, e, within);
  return AMLRT_OK;
}

uint32_t amlrt_graph_window_first(const amlrt_graph *g, uint32_t e, int64_t within)
{
  const int64_t *time = amlrt_table_columns(g->table)->time;
  uint32_t lo = 0, hi = e; // the answer is in lo .. hi

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if ((uint64_t)time[e] - (uint64_t)time[mid] >= (uint64_t)within)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}
