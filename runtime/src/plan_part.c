// Work in parts that threads share, where each part writes to places of its own.
#include "runtime/src/plan.h"

typedef struct parts {
  amlrt__part_fn fn;
  void *user;
  const amlrt__run *run;
} parts;

static amlrt_status do_chunk(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                             amlrt_error *err)
{
  const parts *p = user;
  amlrt_status st = AMLRT_OK;

  (void)state;
  (void)task;
  (void)err;
  for (uint64_t i = chunk->begin; i < chunk->end && st == AMLRT_OK; i++)
    st = p->fn(p->user, (uint32_t)i);
  return st;
}

static bool cancelled(void *user)
{
  const amlrt_run_opts *o = ((const parts *)user)->run->opts;
  return o->cancelled(o->user);
}

enum { ROWS_A_THREAD = 1 << 18 }; // making threads and waiting for them costs as much

uint32_t amlrt__part_threads(const amlrt__plan *pl, uint64_t rows)
{
  uint64_t pays = rows / ROWS_A_THREAD + 1;
  return pays < pl->threads ? (uint32_t)pays : pl->threads;
}

amlrt_status amlrt__do_parts(const amlrt__plan *pl, uint32_t threads, uint32_t n, amlrt__part_fn fn,
                             void *user, amlrt_error *err)
{
  parts p = {fn, user, pl->run};
  amlrt_work work = {.n = n,
                     .threads = threads < n ? threads : n,
                     .chunk_cost = 1,
                     .mem = pl->run->mem,
                     .user = &p,
                     .body = do_chunk,
                     .cancelled = pl->run->opts->cancelled ? cancelled : NULL};

  return n ? amlrt_parallel(&work, err) : AMLRT_OK;
}
