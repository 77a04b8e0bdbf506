// The run of a detector: docs/semantics.md, 2 and 8 (limits). Triggers are shared out in chunks; what a
// chunk finds goes to the consumer as bytes, in order.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan.h"
#include "runtime/src/run_detector.h"
#include "runtime/src/run_match.h"

amlrt_run_opts amlrt_run_opts_default(void)
{
  return (amlrt_run_opts){.only_trigger = AMLRT_NONE};
}

// ---- hubs: section 2 ----------------------------------------------------------------------------------

static bool over(amlrt_worker *w, uint32_t account, int64_t limit)
{
  if (limit <= 0) return false;
  return amlrt__has_more(w, account, AMLRT__FROM, (uint64_t)limit) ||
         amlrt__has_more(w, account, AMLRT__TO, (uint64_t)limit);
}

// Over the limit of the run, but not over the pattern's own.
static bool is_cut(amlrt_worker *w, uint32_t account)
{
  const amlrt__run *run = w->run;
  return over(w, account, run->opts->hub_limit) && !over(w, account, run->p->hubs);
}

// A trigger counts as touched when one of its accounts is barred. An account barred later in its
// window was so when its own last transfer was the trigger, so those of e* are enough to look at,
// unless e* is the only trigger looked at.
static bool note_hubs(amlrt_worker *w)
{
  const amlrt_columns *col = w->run->col;
  const amlrt_run_opts *o = w->run->opts;
  uint32_t e = w->trigger;

  if (w->run->hub_limit == 0) return true;
  bool barred = amlrt__barred(w, col->from[e]) || amlrt__barred(w, col->to[e]);
  if (barred && !amlrt__say(w, AMLRT__SAID_HUB)) return false;
  if (o->hub_limit == 0) return true;
  if (o->only_trigger == AMLRT_NONE && !barred) return true;
  for (uint32_t row = o->only_trigger == AMLRT_NONE ? e : w->first; row <= e; row++)
    if (is_cut(w, col->from[row]) || is_cut(w, col->to[row]))
      return amlrt__say(w, AMLRT__SAID_HUB_CUT);
  return true;
}

// ---- a trigger ------------------------------------------------------------------------------------------

// True: the memory limit was what stopped it, and the run goes on without.
bool amlrt__was_cut(amlrt_worker *w)
{
  if (w->st != AMLRT_TRUNCATED) return false;
  w->st = AMLRT_OK;
  w->cut = true;
  return true;
}

static bool find_candidates(amlrt_worker *w)
{
  const amlrt_program *p = w->run->p;

  if (p->generate)
    p->generate(w, w->trigger);
  else
    amlrt_generate_all(w, w->trigger);
  return w->st == AMLRT_OK && amlrt__sort_candidates(w);
}

bool amlrt__evaluate_all(amlrt_worker *w)
{
  const amlrt__mark empty = amlrt__mem_mark(&w->scratch);

  for (size_t i = 0; i < w->cand.count; i++)
    if (!amlrt__evaluate(w, w->cand.at + w->cand.start[i]) && !amlrt__was_cut(w)) return false;
  amlrt__mem_back(&w->scratch, empty);
  amlrt__mem_trim(&w->scratch);
  return true;
}

bool amlrt__run_trigger(amlrt_worker *w, uint32_t trigger)
{
  const amlrt__mark empty = amlrt__mem_mark(&w->scratch);

  amlrt__worker_set(w, trigger);
  // `same currency;`: if e* has none, there is no match.
  if (w->checks_currency && w->currency_of_trigger == 0) return true;
  if (!note_hubs(w)) return amlrt__was_cut(w);
  // Without all its candidates a trigger has no match, without room for one it has the others.
  bool ok = find_candidates(w);
  amlrt__mem_back(&w->scratch, empty);
  return ok ? amlrt__evaluate_all(w) : amlrt__was_cut(w);
}

// ---- the scheduler's callbacks ----------------------------------------------------------------------------

amlrt_status amlrt__start_worker(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  amlrt__running *r = user;
  amlrt_worker *w;
  amlrt_status st = amlrt__worker_new(&w, &r->run, err);

  (void)worker;
  if (w) w->want = r->run.opts->light ? AMLRT__WANT_LIGHT : AMLRT__WANT_ALL;
  *state = w;
  return st;
}

void amlrt__finish_worker(void *user, uint32_t worker, void *state)
{
  amlrt__running *r = user;
  amlrt_worker *w = state;

  (void)worker;
  r->stats->candidates += w->n_candidates;
  r->cut = r->cut || w->cut;
  r->stats->memory_limit_hit = r->stats->memory_limit_hit || w->cut;
  amlrt__worker_free(w);
}

static amlrt_status body(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                         amlrt_error *err)
{
  const amlrt__running *r = user;
  amlrt_worker *w = state;

  w->task = task;
  w->st = AMLRT_OK;
  w->said = 0;
  for (uint64_t i = chunk->begin; i < chunk->end; i++) {
    if (!amlrt__run_trigger(w, r->run.first + (uint32_t)i) || !amlrt__step(w, 64)) break;
  }
  if (w->st == AMLRT_E_NOMEM) return amlrt__nomem(err, r->run.p->info->name);
  return w->st;
}

amlrt_status amlrt__take_match(amlrt__running *r, amlrt_match *m)
{
  uint64_t limit = r->run.opts->match_limit;

  if (limit && r->stats->matches == limit) {
    // One more than may be: only now is something cut.
    r->over = true;
    return AMLRT_INTERRUPTED;
  }
  m->pattern = r->pattern_index;
  r->stats->matches++;
  amlrt_status st = r->on_match(r->user, m);
  return st < 0 ? st : AMLRT_OK;
}

static amlrt_status consume(void *user, const amlrt_chunk *chunk, const void *bytes, size_t n,
                            amlrt_error *err)
{
  amlrt__running *r = user;
  const unsigned char *at = bytes, *end = n ? at + n : at;
  amlrt_status st = AMLRT_OK;
  amlrt__heard heard = {0};

  (void)err;
  while (st == AMLRT_OK && at < end) {
    amlrt__hear(r->run.p, &at, r->lists, &heard);
    if (heard.what == AMLRT__SAID_MATCH || heard.what == AMLRT__SAID_LIGHT)
      st = amlrt__take_match(r, &heard.match);
    if (heard.what == AMLRT__SAID_HUB) r->stats->hub_triggers++;
    if (heard.what == AMLRT__SAID_HUB_CUT) r->stats->hub_limit_hit = true;
  }
  r->stats->triggers = st == AMLRT_OK ? chunk->end : heard.trigger - r->run.first + 1;
  const amlrt_run_opts *o = r->run.opts;
  if (st == AMLRT_OK && o->progress) o->progress(o->user, chunk->end, r->run.end - r->run.first);
  return st;
}

static bool cancelled(void *user)
{
  const amlrt__running *r = user;
  return r->run.opts->cancelled(r->run.opts->user);
}

// ---- the whole ------------------------------------------------------------------------------------------

enum { CHUNKS_A_RUN = 1024, MOST_TRIGGERS = 512, FEWEST_TRIGGERS = 16, WAITING_SHARE = 4 };

static uint64_t chunk_size(uint64_t n)
{
  uint64_t size = n / CHUNKS_A_RUN;

  if (size > MOST_TRIGGERS) return MOST_TRIGGERS; // what is found waits in memory
  return size < FEWEST_TRIGGERS ? FEWEST_TRIGGERS : size;
}

enum { TRIGGERS_A_THREAD = 4096, SEARCHES_A_THREAD = 256 };

// Where all threads may be used, no more than have some milliseconds of work each: making them and
// waiting for them costs as much.
static uint32_t threads_wanted(const amlrt__run *run)
{
  uint32_t threads = amlrt_threads(run->opts->n_threads), n = run->end - run->first;
  uint32_t pays = n / (run->p->generate ? TRIGGERS_A_THREAD : SEARCHES_A_THREAD) + 1;

  return run->opts->n_threads == 0 && pays < threads ? pays : threads;
}

// How many threads fit the limit on memory beside what all share; 0: not even one.
static uint32_t threads_that_fit(const amlrt__run *run)
{
  const amlrt_run_opts *o = run->opts;
  uint32_t threads = threads_wanted(run);
  size_t shared = (size_t)run->col->n_rows * sizeof *run->window_lo, limit = o->memory_limit;
  size_t worker = (size_t)run->col->n_accounts *
                  (2 * sizeof(amlrt__bounds) + (run->hub_limit ? sizeof(uint64_t) : 0) +
                   run->p->n_groups * sizeof(amlrt__place));

  if (limit == 0) return threads;
  for (uint32_t i = 0; i < run->n_stages; i++)
    shared += run->known[i] ? run->col->n_rows : 0;
  shared += limit / WAITING_SHARE;
  // Candidates, all else of a trigger, and what a chunk found (its buffer doubles as it grows).
  worker += 4 * run->scratch_limit;
  if (shared >= limit || worker > limit - shared) return 0;
  size_t most = (limit - shared) / worker;
  return most < threads ? (uint32_t)most : threads;
}

amlrt_status amlrt__run_triggers(amlrt__running *r, amlrt_error *err)
{
  const amlrt_run_opts *o = r->run.opts;
  uint32_t threads = threads_that_fit(&r->run);
  amlrt_work w = {.n = r->run.end - r->run.first,
                  .threads = threads,
                  .mem = r->run.mem,
                  .max_waiting = o->memory_limit / WAITING_SHARE,
                  .user = r,
                  .start = amlrt__start_worker,
                  .finish = amlrt__finish_worker,
                  .body = body,
                  .consume = consume,
                  .cancelled = o->cancelled ? cancelled : NULL};

  r->stats->memory_limit_hit = r->stats->memory_limit_hit || threads == 0;
  if (threads == 0) return AMLRT_TRUNCATED;
  w.chunk_cost = chunk_size(w.n);
  amlrt_status st = amlrt_parallel(&w, err);
  if (st == AMLRT_INTERRUPTED && r->over) st = AMLRT_TRUNCATED;
  if (st == AMLRT_OK && (r->cut || r->stats->hub_limit_hit)) st = AMLRT_TRUNCATED;
  return st;
}
