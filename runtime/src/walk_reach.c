// Where a path that must come from a known account can still come from. Nothing but pruning: a path
// that walk_search.c follows backward is given up where the target is out of reach.
#include "runtime/src/alloc.h"
#include "runtime/src/bind.h"

void amlrt__reach_free(amlrt__reach *r, const amlrt_alloc *mem)
{
  if (!r) return;
  amlrt__release(mem, r->seen);
  amlrt__release(mem, r->earliest);
  amlrt__release(mem, r->hops);
  amlrt__release(mem, r);
}

static bool reach_take(amlrt_worker *w, uint32_t stage)
{
  const amlrt_alloc *mem = w->run->mem;
  uint32_t n = w->run->col->n_accounts;

  if (w->reach[stage]) return true;
  amlrt__reach *r = amlrt__array(mem, 1, sizeof *r);
  if (r) {
    r->seen = amlrt__array(mem, n, sizeof *r->seen);
    r->earliest = amlrt__array(mem, n, sizeof *r->earliest);
    r->hops = amlrt__array(mem, n, sizeof *r->hops);
  }
  if (r && r->seen && r->earliest && r->hops) {
    w->reach[stage] = r;
    return true;
  }
  amlrt__reach_free(r, mem);
  w->st = AMLRT_E_NOMEM;
  return false;
}

// Hops follow each other by at least lo > 0 seconds: one pass in order of time finds all arrivals.
static bool sweep(amlrt_worker *w, uint32_t stage, int64_t lo, uint32_t target)
{
  amlrt__reach *r = w->reach[stage];
  const amlrt_columns *col = w->run->col;

  for (uint32_t row = w->first; row <= w->trigger; row++) {
    uint32_t from = col->from[row], to = col->to[row];
    bool goes = from == target || (r->seen[from] == r->serial &&
                                   amlrt_i64_add(r->earliest[from], lo) <= col->time[row]);
    if (!goes || r->seen[to] == r->serial || !amlrt__passes(w, stage, row)) continue;
    r->seen[to] = r->serial;
    r->earliest[to] = col->time[row];
  }
  return amlrt__step(w, amlrt__n_in_window(w));
}

static bool spread(amlrt_worker *w, uint32_t stage, uint32_t account, uint32_t hops,
                   amlrt__list *next)
{
  amlrt__reach *r = w->reach[stage];
  amlrt_slice s = amlrt__slice(w, account, AMLRT__FROM);

  for (uint32_t i = s.lo; i < s.hi; i++) {
    uint32_t to = s.nbr[i];
    if (r->seen[to] == r->serial || !amlrt__passes(w, stage, s.row[i])) continue;
    r->seen[to] = r->serial;
    r->hops[to] = hops;
    next->at[next->n++] = to;
  }
  return amlrt__step(w, (uint64_t)amlrt_slice_n(s) + 1);
}

// In no order: hop after hop, each account once.
static bool breadth_first(amlrt_worker *w, uint32_t stage, uint32_t target, uint32_t most_hops)
{
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  amlrt__list all;
  uint32_t done = 0;

  if (!amlrt__take_list(w, &all, (size_t)amlrt__n_in_window(w) + 1)) return false;
  all.at[all.n++] = target;
  for (uint32_t hops = 1; hops <= most_hops && done < all.n; hops++)
    for (uint32_t end = all.n; done < end; done++)
      if (!spread(w, stage, all.at[done], hops, &all)) return false;
  amlrt__mem_back(&w->scratch, mark);
  return true;
}

bool amlrt__reach_make(amlrt_worker *w, uint32_t stage, const amlrt_ppair *p, uint32_t target,
                       uint32_t most_hops)
{
  if (!reach_take(w, stage)) return false;
  amlrt__reach *r = w->reach[stage];
  r->serial++;
  r->ordered = p && p->lo > 0;
  return r->ordered ? sweep(w, stage, p->lo, target) : breadth_first(w, stage, target, most_hops);
}

bool amlrt__may_reach(const amlrt_worker *w, uint32_t stage, const amlrt_ppair *p, uint32_t account,
                      const amlrt__list *rows, uint32_t most_hops)
{
  const amlrt__reach *r = w->reach[stage];

  if (r->seen[account] != r->serial) return false;
  if (!r->ordered) return r->hops[account] <= most_hops;
  int64_t last = w->run->col->time[rows->at[rows->n - 1]];
  return amlrt_i64_add(r->earliest[account], p->lo) <= last;
}
