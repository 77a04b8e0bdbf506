// Filling the slices of a graph: a counting sort by account in two steps.
//
// A plain counting sort writes each entry to a place of its own, which is a cache miss for each. So
// rows are first dealt, as records, to buckets of neighbouring accounts (few enough to be written side
// by side), and then sorted inside each bucket, whose slices fit the cache. Both steps keep the order
// of the rows. Blocks of rows and buckets are what threads share; each has its own place to write to,
// so the result does not depend on who does what.
#include "runtime/src/error.h"
#include "runtime/src/graph.h"
#include "amlrt/sched.h"

#include <string.h>

enum {
  BUCKET_BYTES = 64 * 1024, // of the entries of a bucket; this and the next: bench/micro/README.md
  MAX_BUCKETS = 2048,
  MIN_BLOCK = 16 * 1024, // rows
  MAX_BLOCKS = 256,
};

typedef struct record {
  uint32_t account, neighbour, row, time;
} record;

typedef struct fill {
  amlrt_graph *g;
  const amlrt_columns *c;
  const amlrt_graph_opts *opts;
  uint32_t shift;     // account >> shift is its bucket
  uint32_t n_buckets; // at least 1
  uint32_t n_blocks, block_rows;
  uint32_t *at;    // [block * n_buckets + bucket]: how many, then where the next record goes
  uint32_t *first; // by bucket, and the end: its records
  record *records;

  // The direction at hand.
  amlrt__side *side;
  const uint32_t *near, *far; // columns: whose slice an entry is in, the other end
} fill;

// What a worker counts in the second step.
typedef struct counts {
  amlrt_degrees degrees;
  uint32_t n_self;
} counts;

// ---- plan ---------------------------------------------------------------------------------------

static void plan(fill *f)
{
  uint64_t n = f->c->n_rows, accounts = f->c->n_accounts;
  uint64_t want = n * 3 * sizeof(uint32_t) / BUCKET_BYTES + 1;

  if (want > MAX_BUCKETS) want = MAX_BUCKETS;
  while (accounts > want << f->shift)
    f->shift++;
  f->n_buckets = accounts ? (uint32_t)((accounts - 1) >> f->shift) + 1 : 1;
  f->block_rows = (uint32_t)(n / MAX_BLOCKS) + 1;
  if (f->block_rows < MIN_BLOCK) f->block_rows = MIN_BLOCK;
  f->n_blocks = (uint32_t)((n + f->block_rows - 1) / f->block_rows);
}

static bool take_memory(fill *f)
{
  const amlrt_alloc *mem = &f->g->mem;
  uint64_t n = f->c->n_rows;

  f->at = amlrt__array(mem, (size_t)f->n_blocks * f->n_buckets, sizeof *f->at);
  f->first = amlrt__array(mem, (size_t)f->n_buckets + 1, sizeof *f->first);
  if (n <= SIZE_MAX / sizeof *f->records)
    f->records = amlrt__alloc(mem, (size_t)n * sizeof *f->records);
  return f->at && f->first && f->records;
}

static void block_range(const fill *f, uint64_t block, uint32_t *begin, uint32_t *end)
{
  uint64_t to = (block + 1) * f->block_rows;

  *begin = (uint32_t)(block * f->block_rows);
  *end = to < f->c->n_rows ? (uint32_t)to : f->c->n_rows;
}

// ---- first step: deal rows to buckets -----------------------------------------------------------

static amlrt_status count_blocks(void *user, void *state, const amlrt_chunk *chunk,
                                 amlrt_task *task, amlrt_error *err)
{
  fill *f = user;

  (void)state, (void)task, (void)err;
  for (uint64_t b = chunk->begin; b < chunk->end; b++) {
    uint32_t *count = f->at + b * f->n_buckets, begin, end;
    block_range(f, b, &begin, &end);
    memset(count, 0, f->n_buckets * sizeof *count);
    for (uint32_t r = begin; r < end; r++)
      count[f->near[r] >> f->shift]++;
  }
  return AMLRT_OK;
}

// Counts become places: bucket by bucket, and in a bucket block by block.
static void place_blocks(fill *f)
{
  uint32_t at = 0;

  for (uint32_t k = 0; k < f->n_buckets; k++) {
    f->first[k] = at;
    for (uint32_t b = 0; b < f->n_blocks; b++) {
      uint32_t *p = &f->at[(size_t)b * f->n_buckets + k], n = *p;
      *p = at;
      at += n;
    }
  }
  f->first[f->n_buckets] = at;
}

static amlrt_status deal_blocks(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                                amlrt_error *err)
{
  fill *f = user;
  const int64_t *time = f->c->time;
  uint64_t base = (uint64_t)f->g->time_base;

  (void)state, (void)task, (void)err;
  for (uint64_t b = chunk->begin; b < chunk->end; b++) {
    uint32_t *at = f->at + b * f->n_buckets, begin, end;
    block_range(f, b, &begin, &end);
    for (uint32_t r = begin; r < end; r++) {
      uint32_t v = f->near[r];
      // Times that do not fit are cut here, and not stored later.
      f->records[at[v >> f->shift]++] =
          (record){v, f->far[r], r, (uint32_t)((uint64_t)time[r] - base)};
    }
  }
  return AMLRT_OK;
}

// ---- second step: sort each bucket --------------------------------------------------------------

static void note_degree(amlrt_degrees *d, uint32_t v, uint32_t degree)
{
  int k = degree ? 32 - __builtin_clz(degree) : 0;

  d->accounts[k]++;
  d->transfers[k] += degree;
  if (d->max_account != AMLRT_NONE && degree <= d->max && (degree < d->max || v > d->max_account))
    return;
  d->max = degree;
  d->max_account = v;
}

// begin and end of the bucket's accounts; end is where the next entry goes.
static void place_accounts(fill *f, uint32_t bucket, counts *c)
{
  amlrt__side *s = f->side;
  uint32_t v0 = bucket << f->shift, at = f->first[bucket];
  uint64_t past = ((uint64_t)bucket + 1) << f->shift;
  uint32_t v1 = past < f->c->n_accounts ? (uint32_t)past : f->c->n_accounts;

  memset(s->end + v0, 0, (v1 - v0) * sizeof *s->end);
  for (uint32_t i = at; i < f->first[bucket + 1]; i++)
    s->end[f->records[i].account]++;
  for (uint32_t v = v0; v < v1; v++) {
    uint32_t degree = s->end[v];
    note_degree(&c->degrees, v, degree);
    s->begin[v] = s->end[v] = at;
    at += degree;
  }
}

static void sort_bucket(fill *f, uint32_t bucket, counts *c)
{
  amlrt__side *s = f->side;
  const record *r = f->records + f->first[bucket], *end = f->records + f->first[bucket + 1];

  place_accounts(f, bucket, c);
  for (; r < end; r++) {
    uint32_t i = s->end[r->account]++;
    s->neighbour[i] = r->neighbour;
    s->row[i] = r->row;
    if (s->time) s->time[i] = r->time;
    c->n_self += r->account == r->neighbour;
  }
}

static amlrt_status sort_buckets(void *user, void *state, const amlrt_chunk *chunk,
                                 amlrt_task *task, amlrt_error *err)
{
  (void)task, (void)err;
  for (uint64_t k = chunk->begin; k < chunk->end; k++)
    sort_bucket(user, (uint32_t)k, state);
  return AMLRT_OK;
}

static uint64_t bucket_cost(void *user, uint64_t bucket)
{
  const fill *f = user;

  return (uint64_t)f->first[bucket + 1] - f->first[bucket] + (UINT64_C(1) << f->shift);
}

static amlrt_status counts_start(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  const fill *f = user;
  counts *c = amlrt__array(&f->g->mem, 1, sizeof *c);

  (void)worker;
  if (!c) return amlrt__nomem(err, "graph");
  c->degrees.max_account = AMLRT_NONE;
  *state = c;
  return AMLRT_OK;
}

static void counts_add(void *user, uint32_t worker, void *state)
{
  fill *f = user;
  counts *c = state;
  amlrt_degrees *d = &f->side->degrees;

  (void)worker;
  for (int k = 0; k <= 32; k++) {
    d->accounts[k] += c->degrees.accounts[k];
    d->transfers[k] += c->degrees.transfers[k];
  }
  if (c->degrees.max_account != AMLRT_NONE &&
      (d->max_account == AMLRT_NONE || c->degrees.max > d->max ||
       (c->degrees.max == d->max && c->degrees.max_account < d->max_account))) {
    d->max = c->degrees.max;
    d->max_account = c->degrees.max_account;
  }
  f->g->n_self += c->n_self;
  amlrt__release(&f->g->mem, c);
}

// ---- both ---------------------------------------------------------------------------------------

static amlrt_work work_of(fill *f, uint64_t n)
{
  return (amlrt_work){
      .n = n, .threads = f->opts->threads, .mem = &f->g->mem, .user = f, .chunk_cost = 1};
}

// The host's question has a `user` of its own.
static bool ask_host(void *user)
{
  const fill *f = user;

  return f->opts->cancelled(f->opts->user);
}

static amlrt_status run_step(fill *f, amlrt_work work, amlrt_error *err)
{
  if (f->opts->cancelled) work.cancelled = ask_host;
  return amlrt_parallel(&work, err);
}

static amlrt_status fill_side(fill *f, amlrt__side *side, const uint32_t *near, const uint32_t *far,
                              amlrt_error *err)
{
  amlrt_work blocks = work_of(f, f->n_blocks), buckets = work_of(f, f->n_buckets);
  amlrt_status st;

  f->side = side;
  f->near = near;
  f->far = far;
  side->degrees.max_account = AMLRT_NONE;
  f->g->n_self = 0;
  blocks.body = count_blocks;
  if ((st = run_step(f, blocks, err)) != AMLRT_OK) return st;
  place_blocks(f);
  blocks.body = deal_blocks;
  if ((st = run_step(f, blocks, err)) != AMLRT_OK) return st;
  buckets.body = sort_buckets;
  buckets.cost = bucket_cost;
  buckets.start = counts_start;
  buckets.finish = counts_add;
  return run_step(f, buckets, err);
}

amlrt_status amlrt__graph_fill(amlrt_graph *g, unsigned side, const amlrt_graph_opts *opts,
                               amlrt_error *err)
{
  fill f = {.g = g, .c = amlrt_table_columns(g->table), .opts = opts};
  amlrt_status st = AMLRT_OK;

  plan(&f);
  if (!take_memory(&f)) st = amlrt__nomem(err, "graph");
  if (st == AMLRT_OK && side == AMLRT_GRAPH_OUT)
    st = fill_side(&f, &g->out, f.c->from, f.c->to, err);
  if (st == AMLRT_OK && side == AMLRT_GRAPH_IN) st = fill_side(&f, &g->in, f.c->to, f.c->from, err);
  amlrt__release(&g->mem, f.at);
  amlrt__release(&g->mem, f.first);
  amlrt__release(&g->mem, f.records);
  return st;
}
