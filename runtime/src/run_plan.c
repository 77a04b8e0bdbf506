// Mining by a plan: see plan.h. Units are shared out over threads; what they find becomes candidates,
// light matches or pieces of episodes, in the order of the units, and from there what the caller wants.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/fold.h"
#include "runtime/src/hubs.h"
#include "runtime/src/plan.h"
#include "runtime/src/run_detector.h"
#include "runtime/src/run_match.h"

#include <string.h>

typedef struct mining {
  amlrt__running *r;
  amlrt__plan plan;
  amlrt__want want;
  unsigned char *found; // WANT_ALL: candidates of the slab; WANT_FOLD: pieces of the run
  size_t n_found, cap_found;
} mining;

typedef struct candidate { // its keys follow it as n_words numbers
  uint32_t trigger, n_words;
} candidate;

// ---- what plans call --------------------------------------------------------------------------------------

bool amlrt__wants_features(const amlrt_worker *w)
{
  return w->want == AMLRT__WANT_LIGHT && w->run->p->info->n_features > 0;
}

static bool write_candidate(amlrt_worker *w, uint32_t trigger, const uint32_t *keys, uint32_t n)
{
  candidate c = {trigger, n};
  unsigned char *at = amlrt_task_room(w->task, sizeof c + n * sizeof *keys);

  if (!at) {
    w->st = AMLRT_E_NOMEM;
    return false;
  }
  memcpy(at, &c, sizeof c);
  if (n) memcpy(at + sizeof c, keys, n * sizeof *keys);
  return true;
}

bool amlrt__found(amlrt_worker *w, uint32_t trigger, const uint32_t *keys, uint32_t n)
{
  switch (w->want) {
  case AMLRT__WANT_ALL:
    return write_candidate(w, trigger, keys, n);
  case AMLRT__WANT_LIGHT:
    amlrt__worker_set(w, trigger);
    return amlrt__evaluate(w, keys);
  case AMLRT__WANT_NOTHING:
    return true;
  case AMLRT__WANT_FOLD:
    break;
  }
  return amlrt__fold_found(w, trigger, keys, n);
}

bool amlrt__found_exact(amlrt_worker *w, const amlrt__exact *m, const uint32_t *keys, uint32_t n)
{
  amlrt_match light = {.trigger = m->trigger,
                       .degree = m->degree,
                       .inconclusive = m->inconclusive,
                       .feature_values = m->features};

  switch (w->want) {
  case AMLRT__WANT_ALL:
    return write_candidate(w, m->trigger, keys, n);
  case AMLRT__WANT_LIGHT:
    return amlrt__light_write(w, &light);
  case AMLRT__WANT_NOTHING:
    return true;
  case AMLRT__WANT_FOLD:
    break;
  }
  return amlrt__fold_exact(w, m, keys, n);
}

bool amlrt__barred_at(const amlrt__run *run, uint32_t account, uint32_t trigger)
{
  return run->hubs && amlrt__hubs_over(run->hubs, run, account, trigger);
}

bool amlrt__reaches_back(const amlrt_worker *w, uint32_t trigger)
{
  const amlrt__run *run = w->run;
  int64_t open = amlrt_i64_add(run->col->time[trigger], -run->p->within);

  if (run->opts->history_complete || (!run->p->breakable && run->hub_limit == 0)) return false;
  return open < INT64_MAX && open + 1 < run->col->time[0];
}

// ---- hubs: what is told of triggers -------------------------------------------------------------------------

static bool make_hubs(amlrt__running *r)
{
  amlrt__run *run = &r->run;

  if (run->hub_limit == 0) return true;
  run->hubs = amlrt__hubs_make(run, run->hub_limit);
  if (!run->hubs) return false;
  if (run->p->hubs <= 0 || run->p->hubs == run->hub_limit) return true;
  run->hubs_own = amlrt__hubs_make(run, run->p->hubs);
  return run->hubs_own != NULL;
}

// By the run's limit alone.
static bool is_cut(const amlrt__run *run, uint32_t account, uint32_t trigger)
{
  if (run->opts->hub_limit <= 0 || run->hub_limit != run->opts->hub_limit) return false;
  if (run->p->hubs == run->hub_limit) return false;
  return amlrt__hubs_over(run->hubs, run, account, trigger) &&
         !(run->hubs_own && amlrt__hubs_over(run->hubs_own, run, account, trigger));
}

static void note_hubs(amlrt__running *r, uint32_t first, uint32_t end)
{
  const amlrt__run *run = &r->run;
  const amlrt_columns *col = run->col;

  if (!run->hubs) return;
  for (uint32_t e = first; e < end; e++) {
    uint32_t a = col->from[e], b = col->to[e];
    if (!run->may_be_hub[a] && !run->may_be_hub[b]) continue;
    if (run->p->currency == AMLRT_CURRENCY_SAME && col->currency[e] == 0) continue;
    if (!amlrt__barred_at(run, a, e) && !amlrt__barred_at(run, b, e)) continue;
    r->stats->hub_triggers++;
    if (is_cut(run, a, e) || is_cut(run, b, e)) r->stats->hub_limit_hit = true;
  }
}

// ---- the units ----------------------------------------------------------------------------------------------

static amlrt_status start_unit_worker(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  mining *m = user;
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

static void finish_unit_worker(void *user, uint32_t worker, void *state)
{
  mining *m = user;
  amlrt_worker *w = state;

  if (m->plan.ops->worker_release) m->plan.ops->worker_release(w);
  amlrt__fold_free(w->fold, w->run->mem);
  amlrt__finish_worker(m->r, worker, w);
}

static amlrt_status do_units(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                             amlrt_error *err)
{
  const mining *m = user;
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

static amlrt_status take_light(mining *m, const unsigned char *at, size_t n)
{
  const unsigned char *end = n ? at + n : at;
  amlrt_status st = AMLRT_OK;
  amlrt__heard heard;

  while (st == AMLRT_OK && at < end) {
    amlrt__hear(m->r->run.p, &at, m->r->lists, &heard);
    st = amlrt__take_match(m->r, &heard.match);
  }
  return st;
}

static amlrt_status take_units(void *user, const amlrt_chunk *chunk, const void *bytes, size_t n,
                               amlrt_error *err)
{
  mining *m = user;
  const amlrt__run *run = &m->r->run;
  const amlrt_run_opts *o = run->opts;

  if (o->progress && m->plan.n_units > 0)
    o->progress(o->user,
                m->plan.first - run->first +
                    (m->plan.end - m->plan.first) * chunk->end / m->plan.n_units,
                run->end - run->first);
  if (m->want == AMLRT__WANT_LIGHT) return take_light(m, bytes, n);
  if (n == 0) return AMLRT_OK;
  if (!amlrt__grow(run->mem, &m->found, &m->cap_found, m->n_found + n, 1))
    return amlrt__nomem(err, run->p->info->name);
  memcpy(m->found + m->n_found, bytes, n);
  m->n_found += n;
  return AMLRT_OK;
}

static bool cancelled(void *user)
{
  const mining *m = user;
  return m->r->run.opts->cancelled(m->r->run.opts->user);
}

static uint64_t unit_cost(void *user, uint64_t unit)
{
  const mining *m = user;
  return m->plan.ops->unit_cost(&m->plan, unit);
}

static amlrt_status mine_units(mining *m, amlrt_error *err)
{
  const amlrt__run *run = &m->r->run;
  amlrt_work work = {.n = m->plan.n_units,
                     .threads = run->opts->n_threads,
                     .mem = run->mem,
                     .user = m,
                     .cost = m->plan.ops->unit_cost ? unit_cost : NULL,
                     .start = start_unit_worker,
                     .finish = finish_unit_worker,
                     .body = do_units,
                     .consume = take_units,
                     .cancelled = run->opts->cancelled ? cancelled : NULL};

  return work.n ? amlrt_parallel(&work, err) : AMLRT_OK;
}

static amlrt_status mine_slab(mining *m, uint32_t first, uint32_t end, amlrt_error *err)
{
  m->plan.first = first;
  m->plan.end = end;
  m->plan.state = NULL;
  m->plan.n_units = 0;
  amlrt_status st = m->plan.ops->make(&m->plan, err);
  if (st == AMLRT_OK) st = mine_units(m, err);
  m->plan.ops->release(&m->plan);
  m->plan.state = NULL;
  return st;
}

// ---- every match: candidates sorted by trigger, then evaluated --------------------------------------------------

typedef struct sorted {
  mining *m;
  const candidate **at; // by trigger
  size_t n;
  size_t *start; // where the candidates of a trigger begin; n_triggers + 1
  size_t n_triggers;
} sorted;

static const candidate *candidate_at(const mining *m, size_t *offset)
{
  const candidate *c = (const candidate *)(const void *)(m->found + *offset);
  *offset += sizeof *c + c->n_words * sizeof(uint32_t);
  return c;
}

// A counting sort: triggers of a slab are dense.
static bool sort_found(sorted *s, uint32_t first, uint32_t end)
{
  const mining *m = s->m;
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
    const candidate *c = candidate_at(m, &at);
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
  return take_light(s->m, bytes, n);
}

static bool cancelled_sorted(void *user)
{
  return cancelled(((sorted *)user)->m);
}

static amlrt_status evaluate_found(mining *m, uint32_t first, uint32_t end, amlrt_error *err)
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

// ---- episodes: pieces joined, then evidence for the best match of each --------------------------------------------

typedef struct episodes {
  mining *m;
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
  bool ok = amlrt__sort_by(e->w, (const void **)e->at, e->n, order, e->w->run);
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
  amlrt__heard heard;

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

static amlrt_status write_episodes(mining *m, amlrt_error *err)
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

// ---- the whole ------------------------------------------------------------------------------------------------------

static bool has_ring(const amlrt_program *p)
{
  for (uint32_t i = 0; i < p->n_stages; i++)
    if (p->stages[i].closed) return true;
  return false;
}

// Matches of rings that differ in where they start are one episode: those the caller merges.
static amlrt__want wanted(const amlrt__run *run)
{
  const amlrt_run_opts *o = run->opts;

  if (o->light) return AMLRT__WANT_LIGHT;
  if (o->on_episode && amlrt__trick(run, AMLRT_TRICK_FOLD) && o->memory_limit == 0 &&
      !has_ring(run->p))
    return AMLRT__WANT_FOLD;
  return AMLRT__WANT_ALL;
}

// A slab that does not fit the memory limit is mined trigger by trigger, where what is cut does not depend
// on the plan.
static amlrt_status mine_by_trigger(mining *m, uint32_t first, uint32_t end, amlrt_error *err)
{
  amlrt__running *r = m->r;
  uint32_t all_first = r->run.first, all_end = r->run.end;
  uint64_t before = r->stats->hub_triggers;

  m->n_found = 0;
  r->run.first = first;
  r->run.end = end;
  amlrt_status st = amlrt__run_triggers(r, err);
  r->run.first = all_first;
  r->run.end = all_end;
  r->stats->hub_triggers = before; // they were counted for the slab
  return st;
}

static amlrt_status mine(mining *m, uint32_t first, uint32_t end, amlrt_error *err)
{
  note_hubs(m->r, first, end);
  amlrt_status st = mine_slab(m, first, end, err);
  if (st == AMLRT_TRUNCATED && m->want != AMLRT__WANT_FOLD)
    return mine_by_trigger(m, first, end, err);
  if (st == AMLRT_OK && m->want == AMLRT__WANT_ALL) st = evaluate_found(m, first, end, err);
  return st;
}

amlrt_status amlrt__run_plan(amlrt__running *r, const amlrt_pplan *row, amlrt_error *err)
{
  mining m = {.r = r, .want = wanted(&r->run)};
  uint32_t slab = r->run.opts->slab ? r->run.opts->slab : UINT32_MAX;
  bool truncated = false;
  amlrt_status st = AMLRT_OK;

  m.plan = (amlrt__plan){.ops = amlrt__plan_ops_of(row->kind),
                         .run = &r->run,
                         .row = row,
                         .threads = amlrt_threads(r->run.opts->n_threads)};
  if (!make_hubs(r)) return amlrt__nomem(err, r->run.p->info->name);
  for (uint32_t at = r->run.first; at < r->run.end && st == AMLRT_OK;) {
    uint32_t end = r->run.end - at > slab ? at + slab : r->run.end;
    st = mine(&m, at, end, err);
    truncated = truncated || st == AMLRT_TRUNCATED;
    if (st == AMLRT_TRUNCATED) st = AMLRT_OK;
    if (st == AMLRT_OK) r->stats->triggers = end - r->run.first;
    at = end;
  }
  // What was found until it was interrupted is told as far as it is whole.
  if (m.want == AMLRT__WANT_FOLD && (st == AMLRT_OK || st == AMLRT_INTERRUPTED)) {
    amlrt_status wrote = write_episodes(&m, err);
    if (wrote != AMLRT_OK) st = wrote;
  }
  amlrt__release(r->run.mem, m.found);
  if (st == AMLRT_OK && (truncated || r->cut || r->stats->hub_limit_hit)) st = AMLRT_TRUNCATED;
  return st;
}
