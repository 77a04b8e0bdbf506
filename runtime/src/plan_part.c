// Work in parts that threads share, where each part writes to places of its own.
#include "runtime/src/error.h"
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

// ---- units ------------------------------------------------------------------------------------------------

typedef struct units {
  amlrt__plan *pl;
  bool (*unit)(amlrt_worker *w, uint64_t unit);
} units;

static amlrt_status start(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  amlrt__plan *pl = ((units *)user)->pl;
  amlrt_worker *w;
  amlrt_status st = amlrt__worker_new(&w, pl->run, err);

  (void)worker;
  if (st != AMLRT_OK) return st;
  w->plan = pl;
  w->want = AMLRT__WANT_NOTHING;
  *state = w;
  if (!pl->ops->worker_make || pl->ops->worker_make(w)) return AMLRT_OK;
  if (pl->ops->worker_release) pl->ops->worker_release(w);
  amlrt__worker_free(w);
  *state = NULL;
  return amlrt__nomem(err, pl->run->p->info->name);
}

static void finish(void *user, uint32_t worker, void *state)
{
  const amlrt__plan *pl = ((units *)user)->pl;

  (void)worker;
  if (pl->ops->worker_release) pl->ops->worker_release(state);
  amlrt__worker_free(state);
}

static amlrt_status do_units(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                             amlrt_error *err)
{
  const units *u = user;
  amlrt_worker *w = state;

  w->task = task;
  w->st = AMLRT_OK;
  w->said = 0;
  for (uint64_t i = chunk->begin; i < chunk->end && w->st == AMLRT_OK; i++)
    if (!u->unit(w, i)) break;
  return w->st == AMLRT_E_NOMEM ? amlrt__nomem(err, u->pl->run->p->info->name) : w->st;
}

static uint64_t unit_cost(void *user, uint64_t unit)
{
  const amlrt__plan *pl = ((const units *)user)->pl;
  return pl->ops->unit_cost(pl, unit);
}

static bool units_cancelled(void *user)
{
  const amlrt_run_opts *o = ((const units *)user)->pl->run->opts;
  return o->cancelled(o->user);
}

amlrt_status amlrt__do_units(amlrt__plan *pl, bool (*unit)(amlrt_worker *w, uint64_t unit),
                             amlrt_error *err)
{
  units u = {pl, unit};
  const amlrt_work work = {.n = pl->n_units,
                           .threads = pl->threads,
                           .mem = pl->run->mem,
                           .user = &u,
                           .cost = pl->ops->unit_cost ? unit_cost : NULL,
                           .start = start,
                           .finish = finish,
                           .body = do_units,
                           .cancelled = pl->run->opts->cancelled ? units_cancelled : NULL};

  return work.n ? amlrt_parallel(&work, err) : AMLRT_OK;
}
