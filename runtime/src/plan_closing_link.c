// The edges left, linked: from each, in one step, the nearest edge that may come before or after it, and
// from there along all edges of an account. Edges lie in the order of time, so that a search, which stays
// inside one window, touches memory that lies together.
//
// Two passes, as in the filter, that may go on at the same time, in blocks that see one window beyond
// their ends: a link that would lead out of every window is left out.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan_closing.h"

enum { FAR = 16 };

typedef struct linking {
  amlrt__closing *c;
  uint32_t blocks;
} linking;

static uint32_t cut(const linking *l, uint32_t k)
{
  return (uint32_t)((uint64_t)l->c->e.n * k / l->blocks);
}

// The first place with a time >= t.
static uint32_t place_from(const amlrt__edges *e, uint32_t t)
{
  uint32_t lo = 0, n = e->n;

  while (n > 0) {
    uint32_t half = n / 2;
    bool below = e->time[lo + half] < t;
    lo = below ? lo + half + 1 : lo;
    n = below ? n - half - 1 : half;
  }
  return lo;
}

// Edges of one second come neither before nor after each other: they are all asked before any is noted.
static void link_back(amlrt__closing *c, uint32_t *last, uint32_t halo, uint32_t begin,
                      uint32_t end)
{
  const amlrt__edges *e = &c->e;

  for (uint32_t i = halo, j; i < end;) {
    uint32_t t = e->time[i];
    for (j = i; j < end && e->time[j] == t; j++) {
      if (j + FAR < e->n) {
        __builtin_prefetch(&last[e->from[j + FAR]]);
        __builtin_prefetch(&last[e->to[j + FAR]], 1);
      }
      if (j >= begin) c->back[j + 1] = (amlrt__link_to){e->from[j], t, last[e->from[j]], 0};
    }
    for (; i < j; i++) {
      if (!(e->use[i] & AMLRT__HOP)) continue;
      if (i >= begin) c->back[i + 1].chain = last[e->to[i]];
      last[e->to[i]] = i + 1;
    }
  }
}

typedef struct next { // of an account: the next edge it sent; the first it sent in the window
  uint32_t after, first;
} next;

// Of edges that may be the last, also the first hop that may be: as this goes back, so does the window's
// begin, `low`.
static void link_on(amlrt__closing *c, next *at, uint32_t begin, uint32_t end, uint32_t halo)
{
  const amlrt__edges *e = &c->e;
  uint32_t low = halo;

  for (uint32_t i = halo, j; i > begin;) {
    uint32_t t = e->time[i - 1], from = amlrt__window_from(c, t);
    for (; low > 0 && e->time[low - 1] >= from; low--) {
      if (low > FAR) __builtin_prefetch(&at[e->from[low - 1 - FAR]], 1);
      if (e->use[low - 1] & AMLRT__HOP) at[e->from[low - 1]].first = low;
    }
    for (j = i; j > begin && e->time[j - 1] == t; j--) {
      if (j > FAR) {
        __builtin_prefetch(&at[e->from[j - 1 - FAR]], 1);
        __builtin_prefetch(&at[e->to[j - 1 - FAR]]);
      }
      if (j > end) continue;
      const next *to = &at[e->to[j - 1]];
      c->on[j] = (amlrt__link_to){e->to[j - 1], t, to->after, e->n + 1};
      c->start[j] = to->first;
    }
    for (; i > j; i--) {
      if (!(e->use[i - 1] & AMLRT__HOP)) continue;
      next *from_at = &at[e->from[i - 1]];
      if (i <= end) c->on[i].chain = from_at->after;
      from_at->after = i;
    }
  }
}

static amlrt_status link_block_back(const linking *l, uint32_t k)
{
  amlrt__closing *c = l->c;
  uint32_t begin = cut(l, k), end = cut(l, k + 1);
  uint32_t *last = amlrt__array(c->run->mem, c->run->col->n_accounts, sizeof *last);

  if (!last) return AMLRT_E_NOMEM;
  uint32_t halo = begin < end ? place_from(&c->e, amlrt__window_from(c, c->e.time[begin])) : begin;
  link_back(c, last, halo, begin, end);
  amlrt__release(c->run->mem, last);
  return AMLRT_OK;
}

static amlrt_status link_block_on(const linking *l, uint32_t k)
{
  amlrt__closing *c = l->c;
  uint32_t begin = cut(l, k), end = cut(l, k + 1), n = c->run->col->n_accounts;
  next *at = amlrt__alloc(c->run->mem, n * sizeof *at + 1);

  if (!at) return AMLRT_E_NOMEM;
  for (uint32_t a = 0; a < n; a++)
    at[a] = (next){c->e.n + 1, c->e.n + 1};
  uint32_t halo = end;
  if (begin < end && k + 1 < l->blocks) halo = place_from(&c->e, c->e.time[end - 1] + c->within);
  link_on(c, at, begin, end, halo);
  amlrt__release(c->run->mem, at);
  return AMLRT_OK;
}

static amlrt_status link_part(void *user, uint32_t part)
{
  const linking *l = user;
  return part % 2 ? link_block_on(l, part / 2) : link_block_back(l, part / 2);
}

amlrt_status amlrt__closing_link(const amlrt__plan *pl, amlrt__closing *c, amlrt_error *err)
{
  const amlrt_alloc *mem = c->run->mem;
  size_t n = (size_t)c->e.n + 2;
  uint32_t threads = amlrt__part_threads(pl, c->e.n);
  linking l = {c, (threads + 1) / 2};

  c->back = amlrt__alloc(mem, n * sizeof *c->back);
  c->on = amlrt__alloc(mem, n * sizeof *c->on);
  c->start = amlrt__alloc(mem, n * sizeof *c->start);
  if (!c->back || !c->on || !c->start) return amlrt__nomem(err, "links between transfers");
  c->back[0] = (amlrt__link_to){AMLRT_NONE, 0, 0, 0};
  c->on[n - 1] = (amlrt__link_to){AMLRT_NONE, UINT32_MAX, (uint32_t)(n - 1), (uint32_t)(n - 1)};
  amlrt_status st = amlrt__do_parts(pl, threads, 2 * l.blocks, link_part, &l, err);
  return st == AMLRT_E_NOMEM ? amlrt__nomem(err, "links between transfers") : st;
}
