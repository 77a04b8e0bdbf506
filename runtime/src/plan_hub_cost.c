// What a run by hub-sweep costs, from a sample of its triggers: how often there is enough at the key, and, where the
// evaluator decides, what it takes for those of the sample.
//
// In touches (stats.h), measured on graphs with few and with many transfers a window; the unit is in costs.def.
#include "runtime/src/plan_hub.h"
#include "runtime/src/stats.h"

enum { SAMPLE = 1024, MOST_LEAST = 16, MOST_LOOKS = 64 };

typedef struct sample {
  const amlrt__hub *h;
  amlrt_worker *w;
  bool tries;         // candidates are evaluated
  uint32_t n, enough; // triggers; times that there is enough
  uint64_t steps;     // of the evaluator
} sample;

// At least so many different neighbours that pass, seen from the latest on.
static bool has_different(sample *s, const amlrt__hub_stage *st, amlrt_slice at)
{
  uint32_t found[MOST_LEAST], n = 0;

  if (at.hi - at.lo < st->least) return false;
  if (st->least > MOST_LEAST) return true;
  for (uint32_t i = at.hi; i-- > at.lo && at.hi - i <= MOST_LOOKS && n < st->least;) {
    uint32_t k = 0;
    while (k < n && found[k] != at.nbr[i])
      k++;
    if (k == n && amlrt__passes(s->w, st->stage, at.row[i])) found[n++] = at.nbr[i];
  }
  return n >= st->least || at.hi - at.lo > MOST_LOOKS;
}

static bool has_enough(sample *s, uint32_t account)
{
  for (uint32_t i = 0; i < s->h->n_stages; i++) {
    const amlrt__hub_stage *st = &s->h->stage[i];
    amlrt_slice at = amlrt__slice(s->w, account, st->side);
    if (!has_different(s, st, at)) return false;
  }
  return true;
}

static bool try(sample *s, uint32_t account)
{
  uint64_t before = s->w->steps;

  s->w->budget = before + AMLRT__STEPS_A_TRY;
  s->w->ask_at = before;
  bool ok = amlrt__evaluate(s->w, &account);
  if (s->w->st == AMLRT_TRUNCATED) {
    s->w->st = AMLRT_OK;
    ok = true;
  }
  s->steps += s->w->steps - before;
  return ok;
}

static bool look_at(sample *s, uint32_t e)
{
  const amlrt_columns *col = s->h->run->col;

  amlrt__worker_set(s->w, e);
  for (uint32_t i = 0; i < s->h->n_stages; i++) {
    const amlrt__hub_stage *st = &s->h->stage[i];
    uint32_t account = st->side == AMLRT__FROM ? col->from[e] : col->to[e];
    if (!st->triggers || (col->from[e] == col->to[e] && !st->self)) continue;
    if (!amlrt__passes(s->w, st->stage, e) || !has_enough(s, account)) continue;
    s->enough++;
    if (s->tries && !try(s, account)) return false;
  }
  return true;
}

static bool look_at_some(sample *s, const amlrt__run *run, uint32_t most)
{
  uint32_t all = run->end - run->first;

  s->n = all < most ? all : most;
  for (uint32_t k = 0; k < s->n; k++)
    if (!look_at(s, amlrt__sampled(run, k, s->n))) return false;
  return true;
}

// Those that the evaluator tries are the triggers that trigger-major tries, so that chance does not decide between them.
static bool take_samples(sample *cheap, sample *dear, const amlrt__run *run)
{
  if (amlrt__worker_new(&cheap->w, run, NULL) != AMLRT_OK) return false;
  cheap->w->want = AMLRT__WANT_NOTHING;
  dear->w = cheap->w;
  bool ok = look_at_some(cheap, run, SAMPLE) &&
            (cheap->h->exact || look_at_some(dear, run, AMLRT__TRIES));
  amlrt__worker_free(cheap->w);
  return ok;
}

// Conditions that a trigger with enough comes to. One that must not be there is asked first, and seldom leaves a
// trigger for the others.
static double n_asked(const amlrt__hub *h)
{
  bool absent = h->n_judge > 0 && h->run->p->cons[h->judge[0]].kind == AMLRT_CON_ABSENT;
  return absent ? 1 : h->n_judge;
}

// Touches: each transfer copied for each stage, and asked by a filter; where there is enough, a trigger with its
// conditions and sums, or for the evaluator a candidate and its steps.
static double touches_of(const sample *cheap, const sample *dear)
{
  const double trigger = 2.5, entry = 3.75, filter = 7.5, enough = 15, judged = 15;
  const double candidate = 25, step = 24;
  const amlrt__hub *h = cheap->h;
  double each = trigger, there = (double)cheap->enough / (cheap->n ? cheap->n : 1);

  for (uint32_t i = 0; i < h->n_stages; i++)
    each += entry + (h->run->known[h->stage[i].stage] ? filter : 0);
  if (h->exact) return each + there * (enough + judged * n_asked(h));
  return each + there * candidate + step * (double)dear->steps / (dear->n ? dear->n : 1);
}

double amlrt__hub_cost(const amlrt__run *run, const amlrt_pplan *row)
{
  amlrt__hub h = {0};
  const amlrt__plan pl = {.run = run, .row = row};
  sample cheap = {.h = &h}, dear = {.h = &h, .tries = true};
  double each = 1e9; // no memory: another plan may need less

  if (amlrt__hub_spec(&h, &pl) && take_samples(&cheap, &dear, run))
    each = touches_of(&cheap, &dear);
  amlrt__hub_spec_release(&h);
  return each * (run->end - run->first);
}
