// Open chains: from the trigger, their last hop, backward, hop by hop. Every list of accounts is a match
// of its own, so nothing is told from both ends: what counts is that a transfer that cannot be the hop
// before is sent away at once. All that this takes lies together, in lists by payee, in order of time.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan_closing.h"

#include <math.h>

enum { FAR = 12, TRIGGERS_FAR = 8 };

// ---- the lists --------------------------------------------------------------------------------------------

// Before the list of an account lies an entry that ends it, with time 0. next: by account, cleared.
static uint32_t place_lists(const amlrt__closing *c, uint32_t *next)
{
  uint32_t at = 0, n = c->run->col->n_accounts;

  for (uint32_t i = 0; i < c->e.n; i++)
    next[c->e.to[i]]++;
  for (uint32_t a = 0; a < n; a++) {
    uint32_t size = next[a];
    next[a] = at + 1;
    if (size) at += size + 1;
  }
  return at;
}

static double amount_of(const amlrt__closing *c, uint32_t row)
{
  const amlrt_columns *col = c->run->col;

  if (col->amount[row] == AMLRT_NO_AMOUNT) return (double)NAN;
  return (double)col->amount[row] / (double)c->run->unit[col->currency[row]];
}

static void fill_lists(amlrt__closing *c, uint32_t *next)
{
  const amlrt__edges *e = &c->e;

  for (uint32_t i = 0; i < e->n; i++) {
    if (i + FAR < e->n) {
      __builtin_prefetch(&next[e->from[i + FAR]]);
      __builtin_prefetch(&next[e->to[i + FAR]], 1);
      __builtin_prefetch(&c->in[next[e->to[i + FAR / 2]]], 1);
    }
    uint32_t at = next[e->to[i]]++;
    c->place[i] = at;
    c->in[at] = (amlrt__entry){.from = e->from[i],
                               .time = e->time[i],
                               .row = e->row[i],
                               .before = next[e->from[i]],
                               .amount = amount_of(c, e->row[i]),
                               .currency = c->run->col->currency[e->row[i]]};
  }
}

// Ends of a range as doubles that leave out no amount that the exact comparison lets through.
void amlrt__closing_take_ratio(amlrt__closing *c)
{
  const amlrt_range *r = &c->row->ratio;
  const amlrt_frac *lo = r->has & AMLRT_HAS_A ? &r->a : r->has & AMLRT_HAS_B ? &r->b : NULL;
  const amlrt_frac *hi = r->has & AMLRT_HAS_D ? &r->d : r->has & AMLRT_HAS_C ? &r->c : NULL;
  const double room = 1e-9;

  c->ratio[0] = lo ? (double)lo->num / (double)lo->den : -HUGE_VAL;
  c->ratio[1] = hi ? (double)hi->num / (double)hi->den : HUGE_VAL;
  if (lo) c->ratio[0] -= room * (1 + fabs(c->ratio[0]));
  if (hi) c->ratio[1] += room * (1 + fabs(c->ratio[1]));
}

amlrt_status amlrt__closing_lists(amlrt__closing *c, amlrt_error *err)
{
  const amlrt_alloc *mem = c->run->mem;
  size_t n = (size_t)c->e.n * 2 + 2;
  uint32_t *next = amlrt__array(mem, c->run->col->n_accounts, sizeof *next);

  c->place = amlrt__alloc(mem, n / 2 * sizeof *c->place);
  if (next) n = (size_t)place_lists(c, next) + 1;
  c->in = amlrt__array(mem, n, sizeof *c->in);
  if (next && c->place && c->in) fill_lists(c, next);
  amlrt__release(mem, next);
  return next && c->place && c->in ? AMLRT_OK : amlrt__nomem(err, "transfers by payee");
}

// ---- the search -----------------------------------------------------------------------------------------

typedef struct walking {
  amlrt_worker *w;
  const amlrt__closing *c;
  amlrt__closer *k;
  uint32_t end, row, low; // of the trigger: its payee; the first time in its window
  uint32_t n_path;        // accounts before the end, the nearest first: path[n] down to path[1]
  size_t n_step;
  bool checks_currency, ends_may_equal;
} walking;

// What is quickly told.
static inline bool may_follow(const walking *f, const amlrt__entry *a, const amlrt__entry *b)
{
  const amlrt__closing *c = f->c;

  if (b->time - a->time < c->least || b->time - a->time > c->most) return false;
  if (a->currency == b->currency || c->run->p->currency == AMLRT_CURRENCY_IGNORED) {
    double ratio = b->amount / a->amount;
    return !(ratio < c->ratio[0]) && !(ratio > c->ratio[1]);
  }
  return !f->checks_currency;
}

// Steps begin .. end - 1 are of the hop after it.
static bool leads_to_one(const walking *f, uint32_t place, size_t begin, size_t end)
{
  const amlrt__closing *c = f->c;
  const amlrt__entry *a = &c->in[place];

  for (size_t i = begin; i < end; i++) {
    const amlrt__entry *b = &c->in[(uint32_t)f->k->step[i]];
    if (a->time < b->time && may_follow(f, a, b) &&
        amlrt__closing_follows(f->w, c, a->time, a->row, b->time, b->row))
      return true;
  }
  return false;
}

// A step: the account it comes from, then its entry.
static bool push(walking *f, uint32_t place)
{
  amlrt__closer *k = f->k;

  if (!amlrt__grow(f->w->run->mem, &k->step, &k->cap_step, f->n_step + 1, sizeof *k->step))
    return amlrt__closing_nomem(f->w);
  k->step[f->n_step++] = (uint64_t)f->c->in[place].from << 32 | place;
  return true;
}

static bool on_path(const walking *f, uint32_t account)
{
  const uint32_t *path = f->k->path + f->c->longest + 1;

  for (uint32_t i = 1; i <= f->n_path; i++)
    if (path[-(int64_t)i] == account) return true;
  return false;
}

static bool go_back(walking *f, size_t begin, size_t end);

// All transfers of a hop that come from one account: steps begin .. end - 1, in order of time. The account
// starts the chain, or is one more on the way.
static bool visit(walking *f, size_t begin, size_t end)
{
  const amlrt__closing *c = f->c;
  uint32_t account = (uint32_t)(f->k->step[begin] >> 32), *path = f->k->path + c->longest + 1;
  uint32_t ends[2] = {account, f->end};
  bool round = account == f->end;

  if (round && (!f->ends_may_equal || f->n_path == 0)) return true;
  if (on_path(f, account) || amlrt__closing_barred(f->w, account, f->row)) return true;
  if (!amlrt__closing_found(f->w, f->row, ends, f->n_path, path - f->n_path)) return false;
  if (round || f->n_path == c->longest) return true;
  // Where nothing is asked but the order in time, the latest of them is enough.
  if (c->any_gap && c->only_time) begin = end - 1;
  path[-(int64_t)++f->n_path] = account;
  bool ok = go_back(f, begin, end);
  f->n_path--;
  return ok;
}

static bool go_back(walking *f, size_t begin, size_t end)
{
  const amlrt__closing *c = f->c;
  const amlrt__entry *latest = &c->in[(uint32_t)f->k->step[end - 1]];
  const amlrt__entry *earliest = &c->in[(uint32_t)f->k->step[begin]];
  uint32_t low = amlrt__gap_from(c, earliest->time), place = latest->before;
  size_t base = f->n_step;

  if (low < f->low) low = f->low;
  while (c->in[--place].time >= low)
    if (leads_to_one(f, place, begin, end) && !push(f, place)) return false;
  if (!amlrt__step(f->w, latest->before - place)) return false;
  if (f->n_step == base) return true;
  amlrt__closing_sort(f->k->step + base, f->n_step - base);
  size_t n = f->n_step;
  for (size_t i = base, j; i < n; i = j) {
    for (j = i + 1; j < n && f->k->step[j] >> 32 == f->k->step[i] >> 32;)
      j++;
    if (!visit(f, i, j)) return false;
  }
  f->n_step = base;
  return true;
}

static bool walk_back(amlrt_worker *w, uint32_t edge)
{
  amlrt__closer *k = amlrt__closer_of(w);
  const amlrt__closing *c = k->c;
  const amlrt__edges *e = &c->e;
  walking f = {.w = w,
               .c = c,
               .k = k,
               .end = e->to[edge - 1],
               .row = e->row[edge - 1],
               .low = amlrt__window_from(c, e->time[edge - 1]),
               .checks_currency = w->checks_currency,
               .ends_may_equal = c->walk->ends_may_equal};

  if (amlrt__closing_barred(w, f.end, f.row)) return true;
  if (!c->only_time) amlrt__worker_set(w, f.row);
  return push(&f, c->place[edge - 1]) && visit(&f, 0, 1);
}

bool amlrt__closing_open(amlrt_worker *w, uint32_t begin, uint32_t end)
{
  const amlrt__closing *c = amlrt__closer_of(w)->c;

  for (uint32_t i = begin; i < end; i++) {
    if (i + 2 * TRIGGERS_FAR < end) __builtin_prefetch(&c->in[c->place[i - 1 + 2 * TRIGGERS_FAR]]);
    if (i + TRIGGERS_FAR < end)
      __builtin_prefetch(&c->in[c->in[c->place[i - 1 + TRIGGERS_FAR]].before - 1]);
    if (c->e.use[i - 1] & AMLRT__LAST && !walk_back(w, i)) return false;
  }
  return amlrt__step(w, end - begin);
}
