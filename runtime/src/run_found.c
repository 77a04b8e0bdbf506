// Every match of a plan's: candidates sorted by trigger and keys, then evaluated.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/run_match.h"
#include "runtime/src/run_plan.h"

typedef struct sorted {
  amlrt__mining *m;
  const amlrt__candidate **at; // by trigger
  size_t n;
  size_t *start; // where the candidates of a trigger begin; n_triggers + 1
  size_t n_triggers;
} sorted;

static const amlrt__candidate *candidate_at(const amlrt__mining *m, size_t *offset)
{
  const amlrt__candidate *c = (const amlrt__candidate *)(const void *)(m->found + *offset);
  *offset += sizeof *c + c->n_words * sizeof(uint32_t);
  return c;
}

// A counting sort: triggers of a slab are dense.
static bool sort_found(sorted *s, uint32_t first, uint32_t end)
{
  const amlrt__mining *m = s->m;
  const amlrt_alloc *mem = m->r->run.mem;
  size_t n_triggers = end - first;

  s->start = amlrt__array(mem, n_triggers + 2, sizeof *s->start);
  if (!s->start) return false;
  for (size_t at = 0; at < m->n_found; s->n++)
    s->start[candidate_at(m, &at)->trigger - first + 2]++;
  s->at = amlrt__array(mem, s->n, sizeof *s->at);
  if (!s->at) return false;
  for (size_t i = 2; i < n_triggers + 2; i++)
    s->start[i] += s->start[i - 1];
  for (size_t at = 0; at < m->n_found;) {
    const amlrt__candidate *c = candidate_at(m, &at);
    s->at[s->start[c->trigger - first + 1]++] = c;
  }
  for (size_t i = 0; i < n_triggers; i++) // only triggers with candidates
    if (s->start[i + 1] > s->start[i]) s->start[s->n_triggers++] = s->start[i];
  s->start[s->n_triggers] = s->n;
  return true;
}

static bool evaluate_trigger(const sorted *s, amlrt_worker *w, size_t i)
{
  amlrt__worker_set(w, s->at[s->start[i]]->trigger);
  for (size_t k = s->start[i]; k < s->start[i + 1]; k++)
    if (!amlrt__add_words(w, (const uint32_t *)(s->at[k] + 1), s->at[k]->n_words)) return false;
  return amlrt__sort_candidates(w) && amlrt__evaluate_all(w);
}

static amlrt_status start_plain_worker(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  return amlrt__start_worker(((sorted *)user)->m->r, worker, state, err);
}

static void finish_plain_worker(void *user, uint32_t worker, void *state)
{
  amlrt__finish_worker(((sorted *)user)->m->r, worker, state);
}

static amlrt_status do_sorted(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                              amlrt_error *err)
{
  const sorted *s = user;
  amlrt_worker *w = state;

  w->task = task;
  w->st = AMLRT_OK;
  w->said = 0;
  for (uint64_t i = chunk->begin; i < chunk->end; i++)
    if (!evaluate_trigger(s, w, i) && !amlrt__was_cut(w)) break;
  if (w->st == AMLRT_E_NOMEM) return amlrt__nomem(err, w->run->p->info->name);
  return w->st;
}

static amlrt_status take_sorted(void *user, const amlrt_chunk *chunk, const void *bytes, size_t n,
                                amlrt_error *err)
{
  const sorted *s = user;

  (void)chunk;
  (void)err;
  return amlrt__take_matches(s->m, bytes, n);
}

static bool cancelled_sorted(void *user)
{
  return ((sorted *)user)->m->r->run.opts->cancelled(((sorted *)user)->m->r->run.opts->user);
}

amlrt_status amlrt__evaluate_found(amlrt__mining *m, uint32_t first, uint32_t end, amlrt_error *err)
{
  const amlrt__run *run = &m->r->run;
  sorted s = {.m = m};
  amlrt_status st = AMLRT_OK;

  if (!sort_found(&s, first, end)) st = amlrt__nomem(err, run->p->info->name);
  amlrt_work work = {.n = s.n_triggers,
                     .threads = run->opts->n_threads,
                     .mem = run->mem,
                     .user = &s,
                     .start = start_plain_worker,
                     .finish = finish_plain_worker,
                     .body = do_sorted,
                     .consume = take_sorted,
                     .cancelled = run->opts->cancelled ? cancelled_sorted : NULL};
  if (st == AMLRT_OK && work.n) st = amlrt_parallel(&work, err);
  amlrt__release(run->mem, s.start);
  amlrt__release(run->mem, s.at);
  m->n_found = 0;
  return st;
}
