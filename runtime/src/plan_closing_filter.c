// The streaming filter: of all transfers keeps those that may lie on a closed chain.
//
// On a closed chain a hop before the last has a hop or the trigger after it, and before it a hop, or it is
// the first, and then the trigger comes in at its payer; the trigger has a hop before it, and the first
// one goes out from its payee. All that is asked of the times nearest to a transfer, in two passes
// over the transfers: `back` in order of time, `ahead` against it. What fell out is not seen in
// the next round.
//
// With one thread `ahead` knows already what `back` let fall; with more the two go on at the same time,
// each in blocks of rows; a block sees as much in front of it as a window is long, so it answers as if
// it saw all.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan_closing.h"

#include <string.h>

enum { HOP_BEFORE = 1, FIRST_BEFORE = 2 }; // back
enum { NEXT_AFTER = 1, LAST_AFTER = 2 };   // ahead
enum { BACK, AHEAD };
enum { FAR = 24 }; // accounts are fetched so far in advance

typedef struct seen { // of an account, the nearest: a hop or trigger that came in, that went out
  uint32_t in, out;
} seen;

typedef struct closing_round {
  const amlrt__closing *c;
  // what is looked at: the transfers of the table, or the edges left
  const uint32_t *from, *to, *time;
  const int64_t *wide; // times of the table; NULL: `time`
  const uint8_t *use;  // NULL: all but self-transfers
  uint32_t n;
  uint8_t *side[2];
  uint32_t blocks;
  bool settled; // side[AHEAD] is what is left
  // what is left
  amlrt__edges out;
  uint32_t *kept; // by part of the packing
  uint32_t parts;
} closing_round;

// ---- transfers ------------------------------------------------------------------------------------------

// What is looked at, in registers: nothing that the passes write changes it.
typedef struct view {
  const uint32_t *restrict from, *restrict to, *restrict time;
  const int64_t *restrict wide;
  const uint8_t *restrict use;
  int64_t base;
  uint32_t n, first, within, most;
} view;

static view view_of(const closing_round *r)
{
  return (view){.from = r->from,
                .to = r->to,
                .time = r->time,
                .wide = r->wide,
                .use = r->use,
                .base = r->c->base,
                .n = r->n,
                .first = r->c->first - r->c->begin,
                .within = r->c->within,
                .most = r->c->widest};
}

static inline uint8_t use_of(const view *v, uint32_t i)
{
  if (v->use) return v->use[i];
  return v->from[i] == v->to[i] ? 0 : i >= v->first ? AMLRT__HOP | AMLRT__LAST : AMLRT__HOP;
}

static inline uint32_t time_of(const view *v, uint32_t i)
{
  return v->wide ? (uint32_t)(v->wide[i] - v->base) : v->time[i];
}

// What is left of a use, by what was seen on both sides.
static inline uint8_t left_of(uint8_t use, uint8_t back, uint8_t ahead)
{
  unsigned last = use / AMLRT__LAST & back / FIRST_BEFORE & back;
  unsigned hop = use & ahead & (back | ahead / LAST_AFTER);

  return (uint8_t)((hop & 1) * AMLRT__HOP | (last & 1) * AMLRT__LAST);
}

// ---- the two passes -------------------------------------------------------------------------------------

// (No function of its own: compilers drop calls of what only prefetches.)
static void look_back(const closing_round *r, seen *restrict at, uint32_t halo, uint32_t begin,
                      uint32_t end)
{
  const view v = view_of(r);
  uint8_t *restrict out = r->side[BACK];

  for (uint32_t i = halo; i < end; i++) {
    if (i + FAR < v.n) {
      __builtin_prefetch(&at[v.from[i + FAR]], 1);
      __builtin_prefetch(&at[v.to[i + FAR]], 1);
    }
    uint8_t use = use_of(&v, i);
    seen *from = &at[v.from[i]], *to = &at[v.to[i]];
    uint32_t t = time_of(&v, i);
    uint32_t gap = t > v.most ? t - v.most : 1, window = t >= v.within ? t - v.within + 1 : 1;
    if (i >= begin)
      out[i] = (uint8_t)((from->in >= gap) * HOP_BEFORE + (to->out >= window) * FIRST_BEFORE);
    if (!(use & AMLRT__HOP)) continue;
    from->out = t;
    to->in = t;
  }
}

static void look_ahead(const closing_round *r, seen *restrict at, uint32_t begin, uint32_t end,
                       uint32_t halo, const uint8_t *restrict back)
{
  const view v = view_of(r);
  uint8_t *restrict out = r->side[AHEAD];

  for (uint32_t i = halo; i-- > begin;) {
    if (i - FAR < v.n) {
      __builtin_prefetch(&at[v.from[i - FAR]], 1);
      __builtin_prefetch(&at[v.to[i - FAR]], 1);
    }
    uint8_t use = use_of(&v, i);
    seen *from = &at[v.from[i]], *to = &at[v.to[i]];
    uint32_t t = time_of(&v, i);
    uint8_t ahead =
        (uint8_t)((to->out - t <= v.most) * NEXT_AFTER + (from->in - t < v.within) * LAST_AFTER);
    use = left_of(use, back ? back[i] : HOP_BEFORE | FIRST_BEFORE, ahead);
    if (i < end) out[i] = back ? use : ahead;
    if (use) from->out = t;
    if (use & AMLRT__LAST) to->in = t;
  }
}

// The first place with a time >= t.
static uint32_t place_from(const view *v, uint32_t t)
{
  uint32_t lo = 0, n = v->n;

  while (n > 0) {
    uint32_t half = n / 2;
    bool below = time_of(v, lo + half) < t;
    lo = below ? lo + half + 1 : lo;
    n = below ? n - half - 1 : half;
  }
  return lo;
}

static uint32_t cut(const closing_round *r, uint32_t k, uint32_t n)
{
  return (uint32_t)((uint64_t)r->n * k / n);
}

static amlrt_status look(void *user, uint32_t part)
{
  const closing_round *r = user;
  const view v = view_of(r);
  const amlrt__run *run = r->c->run;
  bool alone = r->blocks == 0;
  uint32_t blocks = alone ? 1 : r->blocks, k = part / 2, n_accounts = run->col->n_accounts;
  uint32_t begin = cut(r, k, blocks), end = cut(r, k + 1, blocks);
  seen *at = amlrt__array(run->mem, n_accounts, sizeof *at);

  if (!at) return AMLRT_E_NOMEM;
  if (begin < end && part % 2 == BACK) {
    uint32_t halo = place_from(&v, amlrt__window_from(r->c, time_of(&v, begin)));
    look_back(r, at, halo, begin, end);
  } else if (begin < end) {
    uint32_t halo = end;
    if (k + 1 < blocks) halo = place_from(&v, time_of(&v, end - 1) + r->c->within);
    for (uint32_t a = 0; a < n_accounts; a++)
      at[a] = (seen){UINT32_MAX, UINT32_MAX};
    look_ahead(r, at, begin, end, halo, alone ? r->side[BACK] : NULL);
  }
  amlrt__release(run->mem, at);
  return AMLRT_OK;
}

// ---- packing --------------------------------------------------------------------------------------------

static amlrt_status count_part(void *user, uint32_t part)
{
  const closing_round *r = user;
  const view v = view_of(r);
  const uint8_t *restrict back = r->side[BACK];
  uint8_t *restrict left = r->side[AHEAD];
  uint32_t begin = cut(r, part, r->parts), end = cut(r, part + 1, r->parts), n = 0;

  for (uint32_t i = begin; i < end && !r->settled; i++)
    left[i] = left_of(use_of(&v, i), back[i], left[i]);
  for (uint32_t i = begin; i < end; i++)
    n += left[i] != 0;
  r->kept[part] = n;
  return AMLRT_OK;
}

static amlrt_status pack_part(void *user, uint32_t part)
{
  const closing_round *r = user;
  const view v = view_of(r);
  const uint8_t *restrict left = r->side[AHEAD];
  const uint32_t *restrict row = r->c->e.row;
  const amlrt__edges out = r->out;
  uint32_t at = part ? r->kept[part - 1] : 0, to = r->kept[part];

  for (uint32_t i = cut(r, part, r->parts); at < to; i++) {
    if (!left[i]) continue;
    out.from[at] = v.from[i];
    out.to[at] = v.to[i];
    out.time[at] = time_of(&v, i);
    out.row[at] = r->wide ? r->c->begin + i : row[i];
    out.use[at++] = left[i];
  }
  return AMLRT_OK;
}

static void release_edges(amlrt__edges *e, const amlrt_alloc *mem)
{
  amlrt__release(mem, e->from);
  amlrt__release(mem, e->to);
  amlrt__release(mem, e->time);
  amlrt__release(mem, e->row);
  amlrt__release(mem, e->use);
  *e = (amlrt__edges){0};
}

static bool take_edges(amlrt__edges *e, uint32_t n, const amlrt_alloc *mem)
{
  size_t bytes = ((size_t)n + 1) * sizeof(uint32_t);

  *e = (amlrt__edges){.n = n,
                      .from = amlrt__alloc(mem, bytes),
                      .to = amlrt__alloc(mem, bytes),
                      .time = amlrt__alloc(mem, bytes),
                      .row = amlrt__alloc(mem, bytes),
                      .use = amlrt__alloc(mem, (size_t)n + 1)};
  return e->from && e->to && e->time && e->row && e->use;
}

enum { PARTS_A_THREAD = 4 };

static amlrt_status pack(const amlrt__plan *pl, closing_round *r, amlrt_error *err)
{
  const amlrt_alloc *mem = pl->run->mem;
  uint32_t n = 0, threads = amlrt__part_threads(pl, r->n);

  r->parts = threads * PARTS_A_THREAD;
  r->kept = amlrt__array(mem, r->parts, sizeof *r->kept);
  amlrt_status st = r->kept ? AMLRT_OK : AMLRT_E_NOMEM;
  if (st == AMLRT_OK) st = amlrt__do_parts(pl, threads, r->parts, count_part, r, err);
  for (uint32_t k = 0; st == AMLRT_OK && k < r->parts; k++)
    r->kept[k] = n += r->kept[k];
  if (st == AMLRT_OK && !take_edges(&r->out, n, mem)) st = AMLRT_E_NOMEM;
  if (st == AMLRT_OK) st = amlrt__do_parts(pl, threads, r->parts, pack_part, r, err);
  amlrt__release(mem, r->kept);
  return st;
}

// ---- rounds ---------------------------------------------------------------------------------------------

static amlrt_status look_both_ways(const amlrt__plan *pl, closing_round *r, amlrt_error *err)
{
  uint32_t threads = amlrt__part_threads(pl, r->n);

  r->blocks = threads / 2;
  if (r->blocks) return amlrt__do_parts(pl, threads, 2 * r->blocks, look, r, err);
  r->settled = true;
  amlrt_status st = look(r, BACK);
  return st == AMLRT_OK ? look(r, AHEAD) : st;
}

// Of a chain that is open, any transfer may be a hop: it is only packed.
static bool drops(const amlrt__closing *c)
{
  return c->walk->closed && amlrt__trick(c->run, AMLRT_TRICK_CHAIN_FILTER);
}

static void keep_all(closing_round *r)
{
  memset(r->side[BACK], HOP_BEFORE | FIRST_BEFORE, r->n);
  memset(r->side[AHEAD], NEXT_AFTER | LAST_AFTER, r->n);
}

static amlrt_status do_round(const amlrt__plan *pl, amlrt__closing *c, closing_round *r,
                             amlrt_error *err)
{
  const amlrt_alloc *mem = c->run->mem;
  amlrt_status st = AMLRT_OK;

  for (int s = 0; s < 2; s++) {
    r->side[s] = amlrt__alloc(mem, (size_t)r->n + 1);
    if (!r->side[s]) st = AMLRT_E_NOMEM;
  }
  if (st == AMLRT_OK && !drops(c)) keep_all(r);
  if (st == AMLRT_OK && drops(c)) st = look_both_ways(pl, r, err);
  if (st == AMLRT_OK) st = pack(pl, r, err);
  amlrt__release(mem, r->side[BACK]);
  amlrt__release(mem, r->side[AHEAD]);
  amlrt__edges *unused = st == AMLRT_OK ? &c->e : &r->out;
  release_edges(unused, mem);
  if (st == AMLRT_OK) c->e = r->out;
  return st;
}

// ---- what the pattern asks of one transfer ----------------------------------------------------------------

typedef struct asking {
  const amlrt__closing *c;
  uint8_t *use;
  uint32_t parts;
} asking;

static bool may_be_hop(amlrt_worker *w, const amlrt__closing *c, uint32_t row)
{
  const amlrt_columns *col = c->run->col;

  if (col->from[row] == col->to[row]) return false;
  if (c->run->p->currency == AMLRT_CURRENCY_SAME && col->currency[row] == 0) return false;
  return !c->run->known[c->stage] || amlrt__passes_filter(w, c->stage, row);
}

static amlrt_status ask_part(void *user, uint32_t part)
{
  const asking *a = user;
  const amlrt__closing *c = a->c;
  uint64_t n = c->end - c->begin;
  amlrt_worker *w;

  amlrt_status st = amlrt__worker_new(&w, c->run, NULL);
  if (st != AMLRT_OK) return st;
  for (uint64_t i = n * part / a->parts; i < n * (part + 1) / a->parts; i++) {
    uint32_t row = c->begin + (uint32_t)i;
    if (!may_be_hop(w, c, row)) continue;
    a->use[i] = row >= c->first ? AMLRT__HOP | AMLRT__LAST : AMLRT__HOP;
  }
  st = w->st;
  amlrt__worker_free(w);
  return st;
}

// *use NULL: nothing is asked but that it is no self-transfer.
static amlrt_status ask_uses(const amlrt__plan *pl, amlrt__closing *c, uint8_t **use,
                             amlrt_error *err)
{
  uint32_t threads = amlrt__part_threads(pl, c->end - c->begin);
  asking a = {.c = c, .parts = threads * 2};

  *use = NULL;
  if (!c->run->known[c->stage] && c->run->p->currency != AMLRT_CURRENCY_SAME) return AMLRT_OK;
  *use = a.use = amlrt__array(c->run->mem, c->end - c->begin, 1);
  return a.use ? amlrt__do_parts(pl, threads, a.parts, ask_part, &a, err) : AMLRT_E_NOMEM;
}

// ---- the whole ------------------------------------------------------------------------------------------

// A round that drops less than a tenth costs more than it saves.
enum { MOST_ROUNDS = 6, LEAST_DROPPED = 10 };

amlrt_status amlrt__closing_filter(const amlrt__plan *pl, amlrt__closing *c, amlrt_error *err)
{
  const amlrt_columns *col = c->run->col;
  closing_round r = {.c = c,
                     .from = col->from + c->begin,
                     .to = col->to + c->begin,
                     .wide = col->time + c->begin,
                     .n = c->end - c->begin};
  uint8_t *use;
  amlrt_status st = ask_uses(pl, c, &use, err);

  r.use = use;
  if (st == AMLRT_OK) st = do_round(pl, c, &r, err);
  amlrt__release(c->run->mem, use);
  for (int k = 1; st == AMLRT_OK && drops(c) && k < MOST_ROUNDS; k++) {
    if (c->e.n > r.n - r.n / LEAST_DROPPED || c->e.n == 0) break;
    r = (closing_round){
        .c = c, .from = c->e.from, .to = c->e.to, .time = c->e.time, .use = c->e.use, .n = c->e.n};
    st = do_round(pl, c, &r, err);
  }
  return st == AMLRT_E_NOMEM ? amlrt__nomem(err, "transfers that may lie on a chain") : st;
}

void amlrt__closing_release_edges(amlrt__closing *c)
{
  release_edges(&c->e, c->run->mem);
}
