// Where a path that must come from a known account can still come from. Nothing but pruning: a path
// that ref_walk.c follows backward is given up where the target is out of reach.
#include "ir/reference/ref_inside.h"

static bool reach_take(ref_cx *rx, ref_stage *s)
{
  uint32_t n = rx->col->n_accounts;

  if (s->reach) return true;
  struct ref_reach *r = ref_take_run(rx, 1, sizeof *r);
  if (!r) return false;
  r->seen = ref_take_run(rx, n, sizeof *r->seen);
  r->earliest = ref_take_run(rx, n, sizeof *r->earliest);
  r->hops = ref_take_run(rx, n, sizeof *r->hops);
  if (!r->seen || !r->earliest || !r->hops) return false;
  s->reach = r;
  return true;
}

// Hops follow each other by at least lo > 0 seconds: one pass in order of time finds all arrivals.
static bool sweep(ref_cx *rx, const ref_stage *s, int64_t lo, uint32_t target)
{
  struct ref_reach *r = s->reach;
  const int64_t *time = rx->col->time;

  for (uint32_t row = rx->now.first; row <= rx->now.row; row++) {
    uint32_t from = ref_from(rx, row), to = ref_to(rx, row);
    bool goes = from == target ||
                (r->seen[from] == r->serial && ref_time_add(r->earliest[from], lo) <= time[row]);
    if (!goes || r->seen[to] == r->serial) continue;
    if (!ref_exists(rx, row) || !ref_passes(rx, s, row)) continue;
    r->seen[to] = r->serial;
    r->earliest[to] = time[row];
  }
  return ref_step(rx, (uint64_t)rx->now.row - rx->now.first + 1);
}

static bool spread(ref_cx *rx, const ref_stage *s, uint32_t account, uint32_t hops, ref_list *next)
{
  struct ref_reach *r = s->reach;
  ref_list rows = ref_alive(rx, account, REF_OUT);

  for (uint32_t i = 0; i < rows.n; i++) {
    uint32_t row = rows.at[i], to = ref_to(rx, row);
    if (r->seen[to] == r->serial || !ref_exists(rx, row) || !ref_passes(rx, s, row)) continue;
    r->seen[to] = r->serial;
    r->hops[to] = hops;
    next->at[next->n++] = to;
  }
  return ref_step(rx, rows.n + 1);
}

// In no order: hop after hop, each account once.
static bool breadth_first(ref_cx *rx, const ref_stage *s, uint32_t target, uint32_t most_hops)
{
  ref_mark mark = ref_mem_mark(&rx->scratch);
  ref_list all;
  uint32_t done = 0;

  if (!ref_list_take(rx, &all, (size_t)rx->now.row - rx->now.first + 2)) return false;
  all.at[all.n++] = target;
  for (uint32_t hops = 1; hops <= most_hops && done < all.n; hops++)
    for (uint32_t end = all.n; done < end; done++)
      if (!spread(rx, s, all.at[done], hops, &all)) return false;
  ref_mem_back(&rx->scratch, mark);
  return true;
}

bool ref_reach_make(ref_cx *rx, ref_stage *s, const ref_pair *p, uint32_t target,
                    uint32_t most_hops)
{
  if (!reach_take(rx, s)) return false;
  s->reach->serial++;
  s->reach->ordered = p && p->lo > 0;
  return s->reach->ordered ? sweep(rx, s, p->lo, target) : breadth_first(rx, s, target, most_hops);
}

bool ref_may_reach(const ref_cx *rx, const ref_stage *s, const ref_pair *p, uint32_t account,
                   const ref_list *rows, uint32_t most_hops)
{
  const struct ref_reach *r = s->reach;

  if (r->seen[account] != r->serial) return false;
  if (!r->ordered) return r->hops[account] <= most_hops;
  int64_t last = rx->col->time[rows->at[rows->n - 1]];
  return ref_time_add(r->earliest[account], p->lo) <= last;
}
