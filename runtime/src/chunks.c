// The cut depends on the costs and nothing else, so that what a run does is the same for any number
// of threads.
#include "runtime/src/chunks.h"

#include <stdlib.h>

enum { DEFAULT_CHUNKS = 1024 }; // enough for a few dozen threads to end at about the same time

typedef struct cutter {
  amlrt__cut *cut;
  const amlrt_work *work;
  const amlrt_alloc *mem;
  uint64_t aim; // what a chunk should cost
} cutter;

static uint64_t plus(uint64_t a, uint64_t b)
{
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t total_cost(const amlrt_work *work)
{
  uint64_t total = 0;

  if (!work->cost) return work->n;
  for (uint64_t i = 0; i < work->n; i++)
    total = plus(total, work->cost(work->user, i));
  return total;
}

static bool add(cutter *c, amlrt_chunk chunk, uint64_t cost, bool dear)
{
  amlrt__cut *cut = c->cut;

  if (!amlrt__grow(c->mem, &cut->piece, &cut->cap, cut->n + 1, sizeof *cut->piece)) return false;
  cut->piece[cut->n++] = (amlrt__piece){.chunk = chunk, .cost = cost, .dear = dear};
  cut->n_dear += dear;
  return true;
}

static bool cut_evenly(cutter *c)
{
  uint64_t n = c->work->n;

  for (uint64_t i = 0; i < n;) {
    uint64_t end = n - i > c->aim ? i + c->aim : n;
    if (!add(c, (amlrt_chunk){i, end, 0, 1}, end - i, false)) return false;
    i = end;
  }
  return true;
}

// An item that fills a chunk, or several.
static bool cut_item(cutter *c, uint64_t item, uint64_t cost)
{
  uint64_t parts = cost / c->aim;

  if (parts > c->work->max_parts) parts = c->work->max_parts;
  if (parts < 2) parts = 1;
  for (uint32_t p = 0; p < parts; p++)
    if (!add(c, (amlrt_chunk){item, item + 1, p, (uint32_t)parts}, cost / parts, true))
      return false;
  return true;
}

static bool cut_by_cost(cutter *c)
{
  uint64_t begin = 0, sum = 0;

  for (uint64_t i = 0; i < c->work->n; i++) {
    uint64_t cost = c->work->cost(c->work->user, i);
    bool dear = cost / 2 >= c->aim;
    if (begin < i && (dear || plus(sum, cost) > c->aim)) {
      if (!add(c, (amlrt_chunk){begin, i, 0, 1}, sum, false)) return false;
      begin = i;
      sum = 0;
    }
    if (dear) {
      if (!cut_item(c, i, cost)) return false;
      begin = i + 1;
    } else {
      sum = plus(sum, cost);
    }
  }
  return begin == c->work->n || add(c, (amlrt_chunk){begin, c->work->n, 0, 1}, sum, false);
}

// qsort has no argument for the pieces, so it sorts these.
typedef struct dear_item {
  uint64_t cost;
  size_t piece;
} dear_item;

static int dearest_first(const void *a, const void *b)
{
  const dear_item *x = a, *y = b;

  if (x->cost != y->cost) return x->cost > y->cost ? -1 : 1;
  return x->piece < y->piece ? -1 : 1;
}

static bool list_dear(cutter *c)
{
  amlrt__cut *cut = c->cut;
  dear_item *items = amlrt__array(c->mem, cut->n_dear, sizeof *items);
  size_t k = 0;

  cut->dear = amlrt__array(c->mem, cut->n_dear, sizeof *cut->dear);
  if (items && cut->dear) {
    for (size_t i = 0; i < cut->n; i++)
      if (cut->piece[i].dear) items[k++] = (dear_item){cut->piece[i].cost, i};
    qsort(items, k, sizeof *items, dearest_first);
    for (size_t i = 0; i < k; i++)
      cut->dear[i] = items[i].piece;
  }
  bool ok = items && cut->dear;
  amlrt__release(c->mem, items);
  return ok;
}

bool amlrt__cut_make(amlrt__cut *cut, const amlrt_work *work, const amlrt_alloc *mem)
{
  cutter c = {.cut = cut, .work = work, .mem = mem, .aim = work->chunk_cost};

  *cut = (amlrt__cut){0};
  if (c.aim == 0) c.aim = total_cost(work) / DEFAULT_CHUNKS;
  if (c.aim == 0) c.aim = 1;
  if ((work->cost ? cut_by_cost(&c) : cut_evenly(&c)) && list_dear(&c)) return true;
  amlrt__cut_release(cut, mem);
  return false;
}

void amlrt__cut_release(amlrt__cut *cut, const amlrt_alloc *mem)
{
  for (size_t i = 0; i < cut->n; i++)
    amlrt__release(mem, cut->piece[i].out.bytes);
  amlrt__release(mem, cut->piece);
  amlrt__release(mem, cut->dear);
  *cut = (amlrt__cut){0};
}
