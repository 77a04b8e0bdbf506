// The units of a plan, shared out over threads; what they found, in the order of the units.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/fold.h"
#include "runtime/src/run_match.h"
#include "runtime/src/run_plan.h"

#include <string.h>

static amlrt_status start(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  amlrt__mining *m = user;
  amlrt_status st = amlrt__start_worker(m->r, worker, state, err);
  amlrt_worker *w = *state;

  if (st != AMLRT_OK) return st;
  w->plan = &m->plan;
  w->want = m->want;
  bool ok = true;
  if (w->want == AMLRT__WANT_FOLD) ok = (w->fold = amlrt__fold_new(w->run->mem)) != NULL;
  if (ok && m->plan.ops->worker_make) ok = m->plan.ops->worker_make(w);
  if (ok) return AMLRT_OK;
  st = w->st == AMLRT_OK ? AMLRT_E_NOMEM : w->st;
  if (m->plan.ops->worker_release) m->plan.ops->worker_release(w);
  amlrt__fold_free(w->fold, w->run->mem);
  amlrt__worker_free(w);
  *state = NULL;
  return st == AMLRT_E_NOMEM ? amlrt__nomem(err, m->r->run.p->info->name) : st;
}

static void finish(void *user, uint32_t worker, void *state)
{
  amlrt__mining *m = user;
  amlrt_worker *w = state;

  if (m->plan.ops->worker_release) m->plan.ops->worker_release(w);
  amlrt__fold_free(w->fold, w->run->mem);
  amlrt__finish_worker(m->r, worker, w);
}

static amlrt_status body(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                         amlrt_error *err)
{
  const amlrt__mining *m = user;
  amlrt_worker *w = state;

  w->task = task;
  w->st = AMLRT_OK;
  w->said = 0;
  for (uint64_t u = chunk->begin; u < chunk->end && w->st == AMLRT_OK; u++) {
    if (!m->plan.ops->unit(w, u) || (w->fold && !amlrt__fold_end(w)) || !amlrt__step(w, 1)) break;
  }
  if (w->st == AMLRT_E_NOMEM) return amlrt__nomem(err, m->r->run.p->info->name);
  return w->st;
}

amlrt_status amlrt__take_matches(amlrt__mining *m, const unsigned char *at, size_t n)
{
  const unsigned char *end = n ? at + n : at;
  amlrt_status st = AMLRT_OK;
  amlrt__heard heard = {0};

  while (st == AMLRT_OK && at < end) {
    amlrt__hear(m->r->run.p, &at, m->r->lists, &heard);
    st = amlrt__take_match(m->r, &heard.match);
  }
  return st;
}

static amlrt_status consume(void *user, const amlrt_chunk *chunk, const void *bytes, size_t n,
                            amlrt_error *err)
{
  amlrt__mining *m = user;
  const amlrt__run *run = &m->r->run;
  const amlrt_run_opts *o = run->opts;

  if (o->progress && m->plan.n_units > 0)
    o->progress(o->user,
                m->plan.first - run->first +
                    (m->plan.end - m->plan.first) * chunk->end / m->plan.n_units,
                run->end - run->first);
  if (m->want == AMLRT__WANT_LIGHT) return amlrt__take_matches(m, bytes, n);
  if (n == 0) return AMLRT_OK;
  if (!amlrt__grow(run->mem, &m->found, &m->cap_found, m->n_found + n, 1))
    return amlrt__nomem(err, run->p->info->name);
  memcpy(m->found + m->n_found, bytes, n);
  m->n_found += n;
  return AMLRT_OK;
}

static bool cancelled(void *user)
{
  const amlrt__mining *m = user;
  return m->r->run.opts->cancelled(m->r->run.opts->user);
}

static uint64_t unit_cost(void *user, uint64_t unit)
{
  const amlrt__mining *m = user;
  return m->plan.ops->unit_cost(&m->plan, unit);
}

amlrt_status amlrt__mine_units(amlrt__mining *m, amlrt_error *err)
{
  const amlrt__run *run = &m->r->run;
  amlrt_work work = {.n = m->plan.n_units,
                     .threads = run->opts->n_threads,
                     .mem = run->mem,
                     .user = m,
                     .cost = m->plan.ops->unit_cost ? unit_cost : NULL,
                     .start = start,
                     .finish = finish,
                     .body = body,
                     .consume = consume,
                     .cancelled = run->opts->cancelled ? cancelled : NULL};

  return work.n ? amlrt_parallel(&work, err) : AMLRT_OK;
}
