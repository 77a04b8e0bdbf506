// Time to build the graph of a table, beside a memcpy of as many bytes to new memory.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/graph.h"
#include "amlrt/sched.h"
#include "bench/micro/support.h"

enum { RUNS = 7 };

// ---- memcpy -------------------------------------------------------------------------------------

typedef struct copy {
  char *to;
  const char *from;
  size_t n;
} copy;

enum { COPY_PIECE = 1 << 20 };

static amlrt_status copy_pieces(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                                amlrt_error *err)
{
  const copy *c = user;
  size_t begin = chunk->begin * COPY_PIECE, end = chunk->end * COPY_PIECE;

  (void)state, (void)task, (void)err;
  if (end > c->n) end = c->n;
  memcpy(c->to + begin, c->from + begin, end - begin);
  return AMLRT_OK;
}

// Seconds; below 0: no memory.
static double time_copy(const char *from, size_t n, uint32_t threads)
{
  const amlrt_alloc *mem = amlrt_alloc_default(); // as the build has it: with huge pages
  copy c = {mem->alloc(mem->user, n), from, n};
  amlrt_work work = {.n = (n + COPY_PIECE - 1) / COPY_PIECE,
                     .threads = threads,
                     .chunk_cost = 1,
                     .user = &c,
                     .body = copy_pieces};

  if (!c.to) return -1;
  double t = bench_now();
  amlrt_status st = amlrt_parallel(&work, NULL);
  t = bench_now() - t;
  mem->release(mem->user, c.to);
  return st == AMLRT_OK ? t : -1;
}

// ---- build --------------------------------------------------------------------------------------

static double time_build(const amlrt_table *t, uint32_t threads, amlrt_graph_size *size)
{
  amlrt_graph_opts opts = {.threads = threads};
  amlrt_graph *g = NULL;
  double s = bench_now();

  if (amlrt_graph_build(&g, t, &opts, NULL) < 0) return -1;
  s = bench_now() - s;
  *size = amlrt_graph_bytes(g);
  amlrt_graph_free(g);
  return s;
}

static double smaller(double best, double s)
{
  return s < best ? s : best;
}

static int measure(const char *name, amlrt_table *t)
{
  if (!t) return 1;
  const amlrt_columns *c = amlrt_table_columns(t);
  amlrt_graph_size size = {0};
  bool ok = time_build(t, 1, &size) >= 0;
  size_t bytes = size.adjacency + size.accounts;
  char *from = malloc(bytes);

  if (from) memset(from, 1, bytes);
  for (uint32_t threads = 1; ok && from && threads <= 2; threads++) {
    double build = 1e9, copied = 1e9;
    for (int i = 0; i < RUNS; i++) {
      build = smaller(build, time_build(t, threads, &size));
      copied = smaller(copied, time_copy(from, bytes, threads));
    }
    ok = build >= 0 && copied >= 0;
    printf("| %s | %" PRIu32 " | %" PRIu32 " | %" PRIu32 " | %.1f | %.1f | %.1f | %.1f | %.1f |\n",
           name, c->n_rows, c->n_accounts, threads, 1e3 * build, c->n_rows / build / 1e6,
           1e3 * copied, build / copied, (double)(size.adjacency + size.columns) / c->n_rows);
    fflush(stdout);
  }
  if (!from) ok = false;
  free(from);
  amlrt_table_free(t);
  return !ok;
}

int main(void)
{
  printf("| graph | edges | accounts | threads | build ms | M edges/s | memcpy ms | ratio | "
         "bytes an edge |\n|---|---|---|---|---|---|---|---|---|\n");
  int failed = measure("light", bench_light(1, 5000000));
  failed |= measure("light", bench_light(1, 10000000));
  failed |= measure("R-MAT", bench_rmat(2, 5000000, 18));
  failed |= measure("R-MAT", bench_rmat(2, 10000000, 19));
  return failed;
}
