// See common.h.
#include "runtime/src/common.h"
#include "runtime/src/alloc.h"

static bool is_same(const amlrt__common *a, const amlrt__common *b)
{
  return a->plan == b->plan && a->rows[0] == b->rows[0] && a->rows[1] == b->rows[1] &&
         a->side[0] == b->side[0] && a->side[1] == b->side[1];
}

static amlrt__common *find(const amlrt__commons *all, const amlrt__common *what)
{
  for (size_t i = 0; i < all->n; i++)
    if (is_same(&all->at[i], what)) return &all->at[i];
  return NULL;
}

static void widen(amlrt__common *c, const amlrt__common *what)
{
  if (what->least < c->least) c->least = what->least;
  if (what->lo < c->lo) c->lo = what->lo;
  if (what->hi > c->hi) c->hi = what->hi;
  c->loops = c->loops || what->loops;
  c->n_wanting++;
}

bool amlrt__common_want(amlrt__commons *all, const amlrt_alloc *mem, const amlrt__common *what)
{
  amlrt__common *c = find(all, what);

  if (c) {
    widen(c, what);
    return true;
  }
  if (!amlrt__grow(mem, &all->at, &all->cap, all->n + 1, sizeof *all->at)) return false;
  all->at[all->n] = *what;
  all->at[all->n++].n_wanting = 1;
  return true;
}

amlrt__common *amlrt__common_of(const amlrt__run *run, const amlrt__common *what)
{
  amlrt__common *c = run->commons ? find(run->commons, what) : NULL;
  return c && c->n_wanting > 1 ? c : NULL;
}

void amlrt__common_release(amlrt__commons *all, const amlrt_alloc *mem)
{
  for (size_t i = 0; i < all->n; i++)
    for (int k = 0; k < AMLRT__COMMON_ARRAYS; k++)
      amlrt__release(mem, all->at[i].array[k]);
  amlrt__release(mem, all->at);
  *all = (amlrt__commons){0};
}
