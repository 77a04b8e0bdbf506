// Episodes of a plan's: pieces joined, then evidence for the best match of each.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/fold.h"
#include "runtime/src/run_match.h"
#include "runtime/src/run_plan.h"

typedef struct episodes {
  amlrt__mining *m;
  amlrt_worker *w; // for sorting and joining
  amlrt__piece **at;
  size_t n;
} episodes;

static int by_keys(const void *user, const void *a, const void *b)
{
  const amlrt__piece *p = a, *q = b;
  int order = amlrt__keys_order(user, amlrt__piece_keys(p), amlrt__piece_keys(q));
  return order ? order : (p->first > q->first) - (p->first < q->first);
}

static int by_best(const void *user, const void *a, const void *b)
{
  const amlrt__piece *p = a, *q = b;
  if (p->best != q->best) return p->best < q->best ? -1 : 1;
  return amlrt__keys_order(user, amlrt__piece_keys(p), amlrt__piece_keys(q));
}

static bool sort_pieces(episodes *e, amlrt__order order)
{
  amlrt__mark mark = amlrt__mem_mark(&e->w->scratch);
  bool ok = amlrt__sort_by(e->w, (const void **)(void *)e->at, e->n, order, e->w->run);
  amlrt__mem_back(&e->w->scratch, mark);
  return ok;
}

static bool join_pieces(episodes *e)
{
  size_t n = 0;

  if (!sort_pieces(e, by_keys)) return false;
  for (size_t i = 0; i < e->n; i++) {
    amlrt__piece *p = e->at[i], *last = n ? e->at[n - 1] : NULL;
    bool joins =
        last && amlrt__keys_order(e->w->run, amlrt__piece_keys(last), amlrt__piece_keys(p)) == 0;
    if (joins && !amlrt__fold_joins(e->w, last, p, &joins)) return false;
    if (joins)
      amlrt__fold_join(last, p);
    else
      e->at[n++] = p;
  }
  e->n = n;
  return sort_pieces(e, by_best);
}

static amlrt_status list_pieces(episodes *e)
{
  const amlrt_alloc *mem = e->m->r->run.mem;
  size_t cap = 0;

  for (size_t at = 0; at < e->m->n_found;) {
    amlrt__piece *p = (amlrt__piece *)(void *)(e->m->found + at);
    if (!amlrt__grow(mem, &e->at, &cap, e->n + 1, sizeof(amlrt__piece *))) return AMLRT_E_NOMEM;
    e->at[e->n++] = p;
    at += amlrt__piece_bytes(p);
  }
  return AMLRT_OK;
}

static amlrt_status start_episode_worker(void *user, uint32_t worker, void **state,
                                         amlrt_error *err)
{
  return amlrt__start_worker(((episodes *)user)->m->r, worker, state, err);
}

static void finish_episode_worker(void *user, uint32_t worker, void *state)
{
  amlrt__finish_worker(((episodes *)user)->m->r, worker, state);
}

static amlrt_status do_episodes(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                                amlrt_error *err)
{
  const episodes *e = user;
  amlrt_worker *w = state;

  w->task = task;
  w->st = AMLRT_OK;
  w->said = 0;
  for (uint64_t i = chunk->begin; i < chunk->end; i++) {
    amlrt__worker_set(w, e->at[i]->best);
    if (!amlrt__evaluate(w, amlrt__piece_keys(e->at[i]))) break;
    amlrt__mem_trim(&w->scratch);
  }
  if (w->st == AMLRT_E_NOMEM) return amlrt__nomem(err, w->run->p->info->name);
  return w->st;
}

static amlrt_status take_episodes(void *user, const amlrt_chunk *chunk, const void *bytes, size_t n,
                                  amlrt_error *err)
{
  const episodes *e = user;
  amlrt__running *r = e->m->r;
  const unsigned char *at = bytes, *end = n ? at + n : at;
  uint64_t i = chunk->begin;
  amlrt__heard heard = {0};

  (void)err;
  for (; at < end; i++) {
    amlrt__hear(r->run.p, &at, r->lists, &heard);
    const amlrt__piece *p = e->at[i];
    if (heard.trigger != p->best || heard.match.degree != p->degree)
      AMLRT__BUG("a plan found another degree than the evaluator");
    heard.match.pattern = r->pattern_index;
    r->stats->matches += p->merged;
    r->stats->episodes++;
    amlrt_status st = r->run.opts->on_episode(r->user, &heard.match, p->merged, p->first, p->last);
    if (st < 0) return st;
  }
  if (i != chunk->end) AMLRT__BUG("a plan found a match that is none");
  return AMLRT_OK;
}

amlrt_status amlrt__write_episodes(amlrt__mining *m, amlrt_error *err)
{
  const amlrt__run *run = &m->r->run;
  episodes e = {.m = m};
  void *state = NULL;
  amlrt_status st = amlrt__start_worker(m->r, 0, &state, err);

  e.w = state;
  if (st == AMLRT_OK) st = list_pieces(&e);
  if (st == AMLRT_OK) {
    e.w->want = AMLRT__WANT_FOLD;
    e.w->fold = amlrt__fold_new(run->mem);
    if (!e.w->fold || !join_pieces(&e)) st = e.w->st == AMLRT_OK ? AMLRT_E_NOMEM : e.w->st;
    amlrt__fold_free(e.w->fold, run->mem);
  }
  if (e.w) amlrt__finish_worker(m->r, 0, e.w);
  amlrt_work work = {.n = e.n,
                     .threads = run->opts->n_threads,
                     .mem = run->mem,
                     .user = &e,
                     .start = start_episode_worker,
                     .finish = finish_episode_worker,
                     .body = do_episodes,
                     .consume = take_episodes};
  if (st == AMLRT_OK && work.n) st = amlrt_parallel(&work, err);
  amlrt__release(run->mem, e.at);
  return st == AMLRT_E_NOMEM ? amlrt__nomem(err, run->p->info->name) : st;
}
