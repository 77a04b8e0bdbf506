// Mining by plans, slab by slab: see plan.h. What plans call, and what becomes of what they find.
#include "runtime/src/alloc.h"
#include "runtime/src/clock.h"
#include "runtime/src/error.h"
#include "runtime/src/fold.h"
#include "runtime/src/hubs.h"
#include "runtime/src/run_match.h"
#include "runtime/src/run_plan.h"

#include <string.h>

// ---- what plans call --------------------------------------------------------------------------------------

bool amlrt__wants_features(const amlrt_worker *w)
{
  return w->want == AMLRT__WANT_LIGHT && w->run->p->info->n_features > 0;
}

static bool write_candidate(amlrt_worker *w, uint32_t trigger, const uint32_t *keys, uint32_t n)
{
  amlrt__candidate c = {trigger, n};
  unsigned char *at = amlrt__room(w, sizeof c + n * sizeof *keys);

  if (!at) return false;
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
    return amlrt__evaluate(w, keys) || amlrt__was_cut(w);
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

// Can something before the data break a match?
static bool hangs_on_past(const amlrt__run *run)
{
  return !run->opts->history_complete && (run->p->breakable || run->hub_limit != 0);
}

bool amlrt__reaches_back(const amlrt_worker *w, uint32_t trigger)
{
  const amlrt__run *run = w->run;
  int64_t open = amlrt_i64_add(run->col->time[trigger], -run->p->within);

  return hangs_on_past(run) && open < INT64_MAX && open + 1 < run->col->time[0];
}

uint32_t amlrt__whole_from(const amlrt__plan *pl)
{
  const amlrt__run *run = pl->run;
  uint32_t lo = pl->first, hi = pl->end;

  if (!hangs_on_past(run)) return lo;
  int64_t open = amlrt_i64_add(run->col->time[0], run->p->within);
  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (run->col->time[mid] < open - 1)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

// ---- hubs: what is told of triggers -------------------------------------------------------------------------

// Those of another pattern of the run that are the same, or new ones.
static const amlrt__hubs *hubs_like(const amlrt__running *r, int64_t limit)
{
  const amlrt__run *run = &r->run;

  for (uint32_t i = 0; i < r->n_peers; i++) {
    const amlrt__run *peer = &r->peers[i].run;
    bool same =
        peer->p->within == run->p->within && peer->hub_limit == limit && peer->hubs &&
        (peer->p->currency == AMLRT_CURRENCY_SAME) == (run->p->currency == AMLRT_CURRENCY_SAME);
    if (same) return peer->hubs;
  }
  return NULL;
}

static bool make_hubs(amlrt__running *r)
{
  amlrt__run *run = &r->run;

  if (run->hub_limit == 0) return true;
  run->hubs = hubs_like(r, run->hub_limit);
  if (!run->hubs) run->hubs = run->hubs_made = amlrt__hubs_make(run, run->hub_limit);
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

typedef struct noting { // over triggers
  amlrt__running *r;
  uint32_t first;
} noting;

typedef struct noted { // of a worker
  uint64_t n;
  bool cut;
} noted;

static void note_trigger(const amlrt__run *run, uint32_t e, noted *out)
{
  const amlrt_columns *col = run->col;
  uint32_t a = col->from[e], b = col->to[e];

  if (!amlrt__hubs_ever(run->hubs, a) && !amlrt__hubs_ever(run->hubs, b)) return;
  if (run->p->currency == AMLRT_CURRENCY_SAME && col->currency[e] == 0) return;
  if (!amlrt__barred_at(run, a, e) && !amlrt__barred_at(run, b, e)) return;
  out->n++;
  out->cut = out->cut || is_cut(run, a, e) || is_cut(run, b, e);
}

static amlrt_status start_noting(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  const amlrt__run *run = &((noting *)user)->r->run;

  (void)worker;
  *state = amlrt__array(run->mem, 1, sizeof(noted));
  return *state ? AMLRT_OK : amlrt__nomem(err, run->p->info->name);
}

static void finish_noting(void *user, uint32_t worker, void *state)
{
  amlrt__running *r = ((noting *)user)->r;
  noted *n = state;

  (void)worker;
  r->noted.triggers += n->n;
  r->noted.hit = r->noted.hit || n->cut;
  amlrt__release(r->run.mem, n);
}

static amlrt_status do_noting(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                              amlrt_error *err)
{
  const noting *n = user;

  (void)err;
  if (amlrt_task_stop(task)) return AMLRT_INTERRUPTED;
  for (uint64_t i = chunk->begin; i < chunk->end; i++)
    note_trigger(&n->r->run, n->first + (uint32_t)i, state);
  return AMLRT_OK;
}

static bool cancelled_noting(void *user)
{
  const amlrt_run_opts *o = ((noting *)user)->r->run.opts;
  return o->cancelled(o->user);
}

enum { TRIGGERS_A_CHUNK = 65536 };

static amlrt_status note_triggers(amlrt__running *r, uint32_t first, uint32_t end, amlrt_error *err)
{
  const amlrt__run *run = &r->run;
  noting n = {r, first};
  const amlrt_work work = {.n = end - first,
                           .threads = run->opts->n_threads,
                           .mem = run->mem,
                           .user = &n,
                           .chunk_cost = TRIGGERS_A_CHUNK,
                           .start = start_noting,
                           .finish = finish_noting,
                           .body = do_noting,
                           .cancelled = run->opts->cancelled ? cancelled_noting : NULL};

  r->noted = (struct amlrt__noted){0};
  amlrt_status st = amlrt_parallel(&work, err);
  r->noted.is_whole = st == AMLRT_OK && first == run->first && end == run->end;
  return st;
}

// What another pattern of the run noted of the same hubs.
static bool note_as_peer(amlrt__running *r, uint32_t first, uint32_t end)
{
  const amlrt__run *run = &r->run;

  for (uint32_t i = 0; i < r->n_peers && first == run->first && end == run->end; i++) {
    const amlrt__running *peer = &r->peers[i];
    if (!peer->noted.is_whole || peer->run.hubs != run->hubs || peer->run.p->hubs != run->p->hubs)
      continue;
    r->noted = peer->noted;
    return true;
  }
  return false;
}

static amlrt_status note_hubs(amlrt__running *r, uint32_t first, uint32_t end, amlrt_error *err)
{
  amlrt_status st = AMLRT_OK;

  if (!r->run.hubs || end <= first) return st;
  if (!note_as_peer(r, first, end)) st = note_triggers(r, first, end, err);
  r->stats->hub_triggers += r->noted.triggers;
  r->stats->hub_limit_hit = r->stats->hub_limit_hit || r->noted.hit;
  return st;
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
static amlrt_status mine_by_trigger(amlrt__mining *m, uint32_t first, uint32_t end,
                                    amlrt_error *err)
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

static amlrt_status mine_units(amlrt__mining *m, uint32_t first, uint32_t end, amlrt_error *err)
{
  m->plan.first = first;
  m->plan.end = end;
  m->plan.state = NULL;
  m->plan.n_units = 0;
  amlrt_status st = note_hubs(m->r, first, end, err);
  if (st != AMLRT_OK) return st;
  st = m->plan.ops->make(&m->plan, err);
  if (st == AMLRT_OK) st = amlrt__mine_units(m, err);
  m->plan.ops->release(&m->plan);
  m->plan.state = NULL;
  return st;
}

// What a slab had is told before the next is begun, but for episodes.
static amlrt_status mine_slab(amlrt__mining *m, uint32_t first, uint32_t end, amlrt_error *err)
{
  amlrt_status st = mine_units(m, first, end, err);
  if (st == AMLRT_TRUNCATED && m->want != AMLRT__WANT_FOLD)
    return mine_by_trigger(m, first, end, err);
  if (st == AMLRT_OK && m->want == AMLRT__WANT_ALL) st = amlrt__evaluate_found(m, first, end, err);
  return st;
}

amlrt_status amlrt__mining_make(amlrt__mining *m, amlrt__running *r, const amlrt_pplan *row,
                                amlrt_error *err)
{
  *m = (amlrt__mining){.r = r, .want = wanted(&r->run)};
  m->plan = (amlrt__plan){.ops = amlrt__plan_ops_of(row->kind),
                          .run = &r->run,
                          .row = row,
                          .threads = amlrt_threads(r->run.opts->n_threads)};
  return make_hubs(r) ? AMLRT_OK : amlrt__nomem(err, r->run.p->info->name);
}

void amlrt__mining_release(amlrt__mining *m)
{
  amlrt__release(m->r->run.mem, m->found);
}

// A run that may be cut has something to show only behind its first slab. So slabs begin small, and become small
// again where they take long; but a slab goes over what is in its first window, too, so it is no smaller than that.
enum { LEAST_SLAB = 64 };
static const double soon_s = 0.05, late_s = 0.25;

static uint32_t fit_slab(const amlrt__run *run, uint32_t at, uint32_t slab)
{
  uint32_t most = run->opts->slab, least = at - run->window_lo[at];

  if (least < LEAST_SLAB) least = LEAST_SLAB;
  if (slab < least) slab = least;
  return slab < most ? slab : most;
}

static uint32_t next_slab(uint32_t slab, double took)
{
  if (took > late_s) return slab / 2;
  return took < soon_s && slab < UINT32_MAX / 2 ? slab * 2 : slab;
}

amlrt_status amlrt__mine(amlrt__mining *m, amlrt_error *err)
{
  const amlrt__run *run = &m->r->run;
  uint32_t slab = run->opts->slab ? 0 : UINT32_MAX;
  bool truncated = false;
  amlrt_status st = AMLRT_OK;

  for (uint32_t at = run->first; at < run->end && st == AMLRT_OK;) {
    if (run->opts->slab) slab = fit_slab(run, at, slab);
    uint32_t end = run->end - at > slab ? at + slab : run->end;
    double begin = amlrt__clock();
    st = mine_slab(m, at, end, err);
    slab = next_slab(slab, amlrt__clock() - begin);
    truncated = truncated || st == AMLRT_TRUNCATED;
    if (st == AMLRT_TRUNCATED) st = AMLRT_OK;
    if (st == AMLRT_OK) m->r->stats->triggers = end - run->first;
    at = end;
  }
  return st == AMLRT_OK && truncated ? AMLRT_TRUNCATED : st;
}

amlrt_status amlrt__mining_tell(amlrt__mining *m, amlrt_status mined, amlrt_error *err)
{
  amlrt_status st = AMLRT_OK;

  // What was found until it was interrupted is told as far as it is whole.
  if (m->want == AMLRT__WANT_FOLD && mined >= 0) st = amlrt__write_episodes(m, err);
  if (st == AMLRT_OK) st = mined;
  if (st == AMLRT_OK && (m->r->cut || m->r->stats->hub_limit_hit)) st = AMLRT_TRUNCATED;
  return st;
}
