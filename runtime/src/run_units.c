// The units of plans, shared out over threads. Several patterns are mined in one go: their units are put in
// one row by the accounts they are about, so that what one pattern has read of the graph is still in the
// cache for the next.
#include "runtime/src/run_plan.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/fold.h"
#include "runtime/src/run_match.h"

#include <string.h>
#include <time.h>

typedef struct entry { // one unit
  uint32_t pattern;    // among those mined here
  uint64_t unit;
} entry;

typedef struct shared {
  amlrt__mining *const *m;
  uint32_t n;
  entry *entry;
  size_t n_entries;
} shared;

typedef struct crew { // one worker for each pattern
  amlrt_worker **w;
  double *seconds;
} crew;

// What a unit wrote is followed by this, so that the consumer can tell whose it is.
typedef struct footer {
  uint32_t pattern, pad;
  uint64_t bytes;
} footer;

double amlrt__now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// ---- workers ------------------------------------------------------------------------------------------------

static void dismiss(amlrt__mining *m, amlrt_worker *w)
{
  if (m->plan.ops->worker_release) m->plan.ops->worker_release(w);
  amlrt__fold_free(w->fold, w->run->mem);
  w->fold = NULL;
}

static amlrt_status hire(amlrt__mining *m, uint32_t worker, amlrt_worker **out, amlrt_error *err)
{
  void *state;
  amlrt_status st = amlrt__start_worker(m->r, worker, &state, err);
  amlrt_worker *w = *out = state;
  bool ok = true;

  if (st != AMLRT_OK) return st;
  w->plan = &m->plan;
  w->want = m->want;
  if (w->want == AMLRT__WANT_FOLD) ok = (w->fold = amlrt__fold_new(w->run->mem)) != NULL;
  if (ok && m->plan.ops->worker_make) ok = m->plan.ops->worker_make(w);
  if (ok) return AMLRT_OK;
  st = w->st == AMLRT_OK ? AMLRT_E_NOMEM : w->st;
  return st == AMLRT_E_NOMEM ? amlrt__nomem(err, m->r->run.p->info->name) : st;
}

static void finish(void *user, uint32_t worker, void *state)
{
  const shared *s = user;
  crew *c = state;
  const amlrt_alloc *mem = s->m[0]->r->run.mem;

  for (uint32_t i = 0; c->w && i < s->n; i++) {
    if (!c->w[i]) continue;
    dismiss(s->m[i], c->w[i]);
    s->m[i]->seconds += c->seconds[i];
    amlrt__finish_worker(s->m[i]->r, worker, c->w[i]);
  }
  amlrt__release(mem, c->w);
  amlrt__release(mem, c->seconds);
  amlrt__release(mem, c);
}

static amlrt_status start(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  const shared *s = user;
  const amlrt_alloc *mem = s->m[0]->r->run.mem;
  crew *c = amlrt__array(mem, 1, sizeof *c);
  amlrt_status st = AMLRT_OK;

  *state = NULL;
  if (!c) return amlrt__nomem(err, "workers");
  c->w = amlrt__array(mem, s->n, sizeof(amlrt_worker *));
  c->seconds = amlrt__array(mem, s->n, sizeof *c->seconds);
  if (!c->w || !c->seconds) st = amlrt__nomem(err, "workers");
  for (uint32_t i = 0; st == AMLRT_OK && i < s->n; i++)
    st = hire(s->m[i], worker, &c->w[i], err);
  if (st == AMLRT_OK)
    *state = c;
  else
    finish(user, worker, c);
  return st;
}

// ---- work ---------------------------------------------------------------------------------------------------

static bool sign(amlrt_worker *w, uint32_t pattern)
{
  footer f = {.pattern = pattern, .bytes = w->wrote};
  unsigned char *at;

  if (w->wrote == 0) return true;
  at = amlrt_task_room(w->task, sizeof f);
  if (!at) w->st = AMLRT_E_NOMEM;
  if (at) memcpy(at, &f, sizeof f);
  return at != NULL;
}

static amlrt_status do_unit(const amlrt__mining *m, amlrt_worker *w, const entry *e,
                            amlrt_task *task, amlrt_error *err)
{
  w->task = task;
  w->st = AMLRT_OK;
  w->said = w->wrote = 0;
  if (m->plan.ops->unit(w, e->unit) && (!w->fold || amlrt__fold_end(w)) && sign(w, e->pattern))
    (void)amlrt__step(w, 1);
  if (w->st == AMLRT_E_NOMEM) return amlrt__nomem(err, m->r->run.p->info->name);
  return w->st;
}

static amlrt_status body(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                         amlrt_error *err)
{
  const shared *s = user;
  const crew *c = state;
  double from = amlrt__now();

  for (uint64_t i = chunk->begin; i < chunk->end; i++) {
    const entry *e = &s->entry[i];
    amlrt_status st = do_unit(s->m[e->pattern], c->w[e->pattern], e, task, err);
    double to = amlrt__now();
    c->seconds[e->pattern] += to - from;
    from = to;
    if (st != AMLRT_OK) return st;
  }
  return AMLRT_OK;
}

// ---- what was found -----------------------------------------------------------------------------------------

amlrt_status amlrt__take_matches(amlrt__mining *m, const unsigned char *at, size_t n)
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

static amlrt_status take(amlrt__mining *m, const unsigned char *bytes, size_t n, amlrt_error *err)
{
  const amlrt__run *run = &m->r->run;

  if (m->want == AMLRT__WANT_LIGHT) return amlrt__take_matches(m, bytes, n);
  if (!amlrt__grow(run->mem, &m->found, &m->cap_found, m->n_found + n, 1))
    return amlrt__nomem(err, run->p->info->name);
  memcpy(m->found + m->n_found, bytes, n);
  m->n_found += n;
  return AMLRT_OK;
}

static void show_progress(const shared *s, const amlrt_chunk *chunk)
{
  const amlrt__plan *pl = &s->m[0]->plan;
  const amlrt__run *run = pl->run;
  const amlrt_run_opts *o = run->opts;

  if (!o->progress) return;
  uint64_t done = (uint64_t)(pl->end - pl->first) * chunk->end / s->n_entries;
  o->progress(o->user, pl->first - run->first + done, run->end - run->first);
}

// From the end back, for the footers stand behind what they are about. The order among patterns says
// nothing; that of the units of one pattern is kept.
static amlrt_status consume(void *user, const amlrt_chunk *chunk, const void *bytes, size_t n,
                            amlrt_error *err)
{
  const shared *s = user;
  const unsigned char *at = bytes;
  amlrt_status st = AMLRT_OK;
  size_t n_parts = 0, cap = 0;
  struct part {
    size_t from, n;
    uint32_t pattern;
  } *part = NULL;

  show_progress(s, chunk);
  while (n > 0 && st == AMLRT_OK) {
    footer f;
    n -= sizeof f;
    memcpy(&f, at + n, sizeof f);
    n -= f.bytes;
    if (!amlrt__grow(s->m[0]->r->run.mem, &part, &cap, n_parts + 1, sizeof *part))
      st = amlrt__nomem(err, "what was found");
    else
      part[n_parts++] = (struct part){n, f.bytes, f.pattern};
  }
  while (n_parts-- > 0 && st == AMLRT_OK)
    st = take(s->m[part[n_parts].pattern], at + part[n_parts].from, part[n_parts].n, err);
  amlrt__release(s->m[0]->r->run.mem, part);
  return st;
}

static bool cancelled(void *user)
{
  const amlrt_run_opts *o = ((const shared *)user)->m[0]->r->run.opts;
  return o->cancelled(o->user);
}

static uint64_t cost(void *user, uint64_t i)
{
  const shared *s = user;
  const amlrt__plan *pl = &s->m[s->entry[i].pattern]->plan;
  return pl->ops->unit_cost ? pl->ops->unit_cost(pl, s->entry[i].unit) : 1;
}

// ---- the whole ----------------------------------------------------------------------------------------------

static uint64_t key_of(const amlrt__plan *pl, uint64_t unit)
{
  return pl->ops->unit_key ? pl->ops->unit_key(pl, unit) : unit;
}

// Each pattern's units are in order; the one with the least key is next.
static bool list_units(shared *s, const amlrt_alloc *mem)
{
  uint64_t *at = amlrt__array(mem, s->n, sizeof *at);
  size_t n = 0;

  for (uint32_t i = 0; i < s->n; i++)
    n += s->m[i]->plan.n_units;
  s->entry = amlrt__array(mem, n, sizeof *s->entry);
  while (at && s->entry && s->n_entries < n) {
    uint32_t next = s->n;
    uint64_t least = 0;
    for (uint32_t i = 0; i < s->n; i++) {
      if (at[i] == s->m[i]->plan.n_units) continue;
      uint64_t key = key_of(&s->m[i]->plan, at[i]);
      if (next < s->n && key >= least) continue;
      next = i;
      least = key;
    }
    s->entry[s->n_entries++] = (entry){next, at[next]++};
  }
  amlrt__release(mem, at);
  return at && s->entry;
}

amlrt_status amlrt__mine_units(amlrt__mining *const *m, uint32_t n, amlrt_error *err)
{
  const amlrt__run *run = &m[0]->r->run;
  shared s = {.m = m, .n = n};

  if (!list_units(&s, run->mem)) {
    amlrt__release(run->mem, s.entry);
    return amlrt__nomem(err, run->p->info->name);
  }
  const amlrt_work work = {.n = s.n_entries,
                           .threads = run->opts->n_threads,
                           .mem = run->mem,
                           .user = &s,
                           .cost = cost,
                           .start = start,
                           .finish = finish,
                           .body = body,
                           .consume = consume,
                           .cancelled = run->opts->cancelled ? cancelled : NULL};
  amlrt_status st = work.n ? amlrt_parallel(&work, err) : AMLRT_OK;
  amlrt__release(run->mem, s.entry);
  return st;
}
