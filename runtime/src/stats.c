#include "runtime/src/stats.h"
#include "runtime/src/alloc.h"
#include "runtime/src/run_detector.h"

enum { SAMPLE = 1024, MAX_STAGES = 64, LONG_SLICE = 4096 };

// The k-th of n samples among the run's triggers.
uint32_t amlrt__sampled(const amlrt__run *run, uint32_t k, uint32_t n)
{
  uint64_t all = run->end - run->first;
  return run->first + (uint32_t)((2 * (uint64_t)k + 1) * all / (2 * (uint64_t)n));
}

static uint32_t sample_size(const amlrt__run *run, uint32_t most)
{
  uint32_t all = run->end - run->first;
  return all < most ? all : most;
}

// ---- the shape of the data --------------------------------------------------------------------------------

// Transfers of an account on one side with a time in (from, to].
static uint32_t n_between(const amlrt__run *run, uint32_t account, int side, int64_t from,
                          int64_t to)
{
  const amlrt_adjacency *a = run->side[side];
  const int64_t *time = run->col->time;
  uint32_t lo[2];

  for (int k = 0; k < 2; k++) {
    uint32_t begin = a->begin[account], end = a->end[account];
    while (begin < end) {
      uint32_t mid = begin + (end - begin) / 2;
      if (time[a->row[mid]] <= (k ? to : from))
        begin = mid + 1;
      else
        end = mid;
    }
    lo[k] = begin;
  }
  return lo[1] - lo[0];
}

static bool repeats(amlrt_worker *w, uint32_t e)
{
  const amlrt_columns *col = w->run->col;
  amlrt_slice s = amlrt__slice(w, col->from[e], AMLRT__FROM);

  for (uint32_t i = s.lo; i < s.hi && i < s.lo + LONG_SLICE; i++)
    if (s.nbr[i] == col->to[e] && s.row[i] < e) return true;
  return false;
}

static void look_at(amlrt_worker *w, uint32_t e, amlrt__stats *s)
{
  const amlrt__run *run = w->run;
  const amlrt_columns *col = run->col;

  amlrt__worker_set(w, e);
  for (int end = 0; end < 2; end++)
    for (int side = 0; side < 2; side++) {
      amlrt_slice l = amlrt__slice(w, end == AMLRT__FROM ? col->from[e] : col->to[e], side);
      s->degree[end][side] += l.hi - l.lo;
    }
  int64_t t = col->time[e];
  s->two_paths += n_between(run, col->to[e], AMLRT__FROM, amlrt_i64_add(t, -run->p->within),
                            amlrt_i64_add(t, run->p->within - 1));
  s->self += col->from[e] == col->to[e];
  s->same_pair += repeats(w, e);
  for (uint32_t i = 0; i < run->n_stages && i < MAX_STAGES; i++)
    s->pass[i] += amlrt__passes(w, i, e);
}

static void take_means(amlrt__stats *s)
{
  double n = s->n ? s->n : 1;

  for (int end = 0; end < 2; end++)
    for (int side = 0; side < 2; side++)
      s->degree[end][side] /= n;
  s->two_paths /= n;
  s->same_pair /= n;
  s->self /= n;
  for (int i = 0; i < MAX_STAGES; i++)
    s->pass[i] /= n;
}

// ---- trigger-major: some triggers are tried ------------------------------------------------------------------

bool amlrt__trigger_steps(amlrt__run *run, double enough, double *steps)
{
  const double walked_a_step = 64; // transfers gone over that take as long as another step
  uint32_t n = sample_size(run, AMLRT__TRIES);
  amlrt_worker *w;
  double all = 0;
  bool ok = true;

  *steps = 0;
  if (n == 0) return true;
  if (amlrt__worker_new(&w, run, NULL) != AMLRT_OK) return false;
  w->want = AMLRT__WANT_NOTHING;
  for (uint32_t k = 0; k < n && ok && (enough <= 0 || all <= enough * n); k++) {
    uint64_t before = w->steps, walked = w->walked;
    w->budget = before + AMLRT__STEPS_A_TRY;
    w->ask_at = before;
    ok = amlrt__run_trigger(w, amlrt__sampled(run, k, n));
    walked = w->walked - walked;
    all += (double)(w->steps - before - walked) + (double)walked / walked_a_step;
  }
  *steps = all / n;
  amlrt__worker_free(w);
  return ok;
}

const amlrt__stats *amlrt__stats_of(amlrt__run *run)
{
  amlrt_worker *w;

  if (run->stats) return run->stats;
  amlrt__stats *s = amlrt__array(run->mem, 1, sizeof *s);
  if (!s) return NULL;
  if (amlrt__worker_new(&w, run, NULL) != AMLRT_OK) {
    amlrt__release(run->mem, s);
    return NULL;
  }
  s->n = sample_size(run, SAMPLE);
  for (uint32_t k = 0; k < s->n; k++)
    look_at(w, amlrt__sampled(run, k, s->n), s);
  take_means(s);
  amlrt__worker_free(w);
  run->stats = s;
  return s;
}
