// Chains in a web of few edges: followed from the payee of the trigger to its payer, account by account.
//
// Every list of accounts is one chain, however many transfers there are between two of them. Of each hop
// those edges are kept that follow one of the hop before; where nothing but the order in time is asked,
// the earliest of them is enough.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_closing.h"

#define NOWHERE UINT32_MAX
enum { FEW = 16 };

// ---- the web --------------------------------------------------------------------------------------------

static bool web_grow(amlrt__web *web, const amlrt_alloc *mem)
{
  uint32_t **part[] = {&web->edge, &web->from, &web->to, &web->time, &web->next, &web->first};
  size_t cap = 0;

  for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
    cap = web->cap;
    if (!amlrt__grow(mem, part[i], &cap, (size_t)web->n + 1, sizeof **part[i])) return false;
  }
  web->cap = cap;
  return true;
}

bool amlrt__web_add(amlrt_worker *w, uint32_t edge)
{
  amlrt__closer *k = amlrt__closer_of(w);
  const amlrt__edges *e = &k->c->e;
  amlrt__web *web = &k->web;

  if (web->n == web->cap && !web_grow(web, w->run->mem)) return amlrt__closing_nomem(w);
  web->edge[web->n] = edge;
  web->from[web->n] = e->from[edge - 1];
  web->to[web->n] = e->to[edge - 1];
  web->time[web->n] = e->time[edge - 1];
  web->n++;
  return true;
}

// Under `same currency;` edges of other currencies than the trigger's are dropped.
static void keep_currency(const amlrt__closing *c, amlrt__web *web, uint32_t row)
{
  const amlrt_currency *currency = c->run->col->currency;
  uint32_t n = 0;

  if (c->run->p->currency != AMLRT_CURRENCY_SAME) return;
  for (uint32_t i = 0; i < web->n; i++) {
    if (currency[c->e.row[web->edge[i] - 1]] != currency[row]) continue;
    web->edge[n] = web->edge[i];
    web->from[n] = web->from[i];
    web->to[n] = web->to[i];
    web->time[n++] = web->time[i];
  }
  web->n = n;
}

static void weave(amlrt__closer *k)
{
  amlrt__web *web = &k->web;

  for (uint32_t i = web->n; i-- > 0;) {
    web->first[i] = k->head[web->to[i]];
    web->next[i] = k->head[web->from[i]];
    k->head[web->from[i]] = i;
  }
}

static void unweave(amlrt__closer *k)
{
  for (uint32_t i = 0; i < k->web.n; i++)
    k->head[k->web.from[i]] = NOWHERE;
  k->web.n = 0;
}

typedef struct following { // the chains that one trigger closes
  amlrt_worker *w;
  const amlrt__closing *c;
  amlrt__closer *k;
  uint32_t start, payer, row, time; // start: the trigger's payee
  uint32_t n_path;                  // accounts behind the start
  size_t n_step;
} following;

static bool found(const following *f)
{
  const uint32_t ends[2] = {f->start, f->start};

  return amlrt__closing_found(f->w, f->row, ends, f->n_path, f->k->path);
}

// ---- hops that follow each other --------------------------------------------------------------------------

static bool passes(amlrt_worker *w, const amlrt_ppair *p, uint32_t row0, uint32_t row1)
{
  for (uint32_t i = 0; i < p->n_conds; i++) {
    const amlrt_ppair_cond *k = &p->conds[i];
    amlrt_cond c = k->swapped ? k->fn(w, row1, row0) : k->fn(w, row0, row1);
    if (c.truth != AMLRT_KNOWN || c.degree == 0) return false;
  }
  return true;
}

bool amlrt__closing_follows(amlrt_worker *w, const amlrt__closing *c, uint32_t time0, uint32_t row0,
                            uint32_t time1, uint32_t row1)
{
  if (time1 <= time0 || time1 - time0 < c->least || time1 - time0 > c->most) return false;
  return c->only_time || passes(w, c->pair, row0, row1);
}

static uint32_t row_of(const following *f, uint32_t place)
{
  return f->c->e.row[f->k->web.edge[place] - 1];
}

// Steps begin .. end - 1 are of the hop before.
static bool follows_one(const following *f, size_t begin, size_t end, uint32_t time, uint32_t row)
{
  const amlrt__web *web = &f->k->web;

  for (size_t i = begin; i < end; i++) {
    uint32_t before = (uint32_t)f->k->step[i];
    if (amlrt__closing_follows(f->w, f->c, web->time[before], row_of(f, before), time, row))
      return true;
  }
  return false;
}

bool amlrt__closing_barred(const amlrt_worker *w, uint32_t account, uint32_t row)
{
  const amlrt__run *run = w->run;
  return run->may_be_hub && run->may_be_hub[account] && amlrt__barred_at(run, account, row);
}

static bool on_path(const following *f, uint32_t account)
{
  if (account == f->start) return true;
  for (uint32_t i = 0; i < f->n_path; i++)
    if (f->k->path[i] == account) return true;
  return false;
}

// ---- the search -----------------------------------------------------------------------------------------

// A step: the account it leads to, then the edge's place in the web.
static bool push(following *f, uint32_t place)
{
  amlrt__closer *k = f->k;

  if (!amlrt__grow(f->w->run->mem, &k->step, &k->cap_step, f->n_step + 1, sizeof *k->step))
    return amlrt__closing_nomem(f->w);
  k->step[f->n_step++] = (uint64_t)k->web.to[place] << 32 | place;
  return true;
}

static void sift(uint64_t *at, size_t i, size_t n)
{
  uint64_t x = at[i];

  for (size_t child; (child = 2 * i + 1) < n; i = child) {
    if (child + 1 < n && at[child] < at[child + 1]) child++;
    if (at[child] <= x) break;
    at[i] = at[child];
  }
  at[i] = x;
}

// Mostly there are two or three.
void amlrt__closing_sort(uint64_t *at, size_t n)
{
  if (n > FEW) {
    for (size_t i = n / 2; i-- > 0;)
      sift(at, i, n);
    for (size_t end = n; end-- > 1;) {
      uint64_t x = at[0];
      at[0] = at[end];
      at[end] = x;
      sift(at, 0, end);
    }
    return;
  }
  for (size_t i = 1; i < n; i++) {
    uint64_t x = at[i];
    size_t j = i;
    for (; j > 0 && at[j - 1] > x; j--)
      at[j] = at[j - 1];
    at[j] = x;
  }
}

static bool go_on(following *f, uint32_t place, size_t begin, size_t end);

// All edges of a hop to one account: steps begin .. end - 1, in order of time.
static bool visit(following *f, size_t begin, size_t end)
{
  const amlrt__closing *c = f->c;
  uint32_t account = (uint32_t)(f->k->step[begin] >> 32);
  bool closes = account == f->payer, ok = true;

  if (on_path(f, account) || f->n_path + 1 + !closes > c->longest) return true;
  if (amlrt__closing_barred(f->w, account, f->row)) return true;
  if (c->any_gap && c->only_time) end = begin + 1;
  f->k->path[f->n_path++] = account;
  if (!closes)
    ok = go_on(f, f->k->web.first[(uint32_t)f->k->step[begin]], begin, end);
  else if (follows_one(f, begin, end, f->time, f->row))
    ok = found(f);
  f->n_path--;
  return ok;
}

static bool go_on(following *f, uint32_t place, size_t begin, size_t end)
{
  const amlrt__web *web = &f->k->web;
  size_t base = f->n_step;

  for (; place != NOWHERE; place = web->next[place]) {
    if (begin < end && !follows_one(f, begin, end, web->time[place], row_of(f, place))) continue;
    if (!push(f, place)) return false;
  }
  if (!amlrt__step(f->w, f->n_step - base + 1)) return false;
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

bool amlrt__closing_chains(amlrt_worker *w, uint32_t trigger)
{
  amlrt__closer *k = amlrt__closer_of(w);
  const amlrt__edges *e = &k->c->e;
  following f = {.w = w,
                 .c = k->c,
                 .k = k,
                 .start = e->to[trigger - 1],
                 .payer = e->from[trigger - 1],
                 .row = e->row[trigger - 1],
                 .time = e->time[trigger - 1]};

  if (!k->c->only_time) amlrt__worker_set(w, f.row);
  keep_currency(k->c, &k->web, f.row);
  weave(k);
  bool ok = go_on(&f, k->head[f.start], 0, 0);
  unweave(k);
  return ok;
}
