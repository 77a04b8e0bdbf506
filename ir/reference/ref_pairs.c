// Partners of transfers: docs/semantics.md, 4.2 (a) and the two pair rows of the table in 5.
//
// Both sides are in order of time, so the partners that times allow lie between two bounds that only
// advance. Where a pair says nothing but times, being between them is all there is to it.
#include "ir/reference/ref_inside.h"

// Of the other side's rows, those that times allow as partners of one transfer: [lo, hi).
typedef struct window {
  uint32_t lo, hi;
} window;

static void advance(const ref_cx *rx, const ref_pair *p, int side, uint32_t row,
                    const ref_list *other, window *w)
{
  const int64_t *time = rx->col->time;
  int64_t first = ref_time_add(time[row], side == 0 ? p->lo : -p->hi);
  int64_t last = ref_time_add(time[row], side == 0 ? p->hi : -p->lo);

  while (w->lo < other->n && time[other->at[w->lo]] < first)
    w->lo++;
  if (w->hi < w->lo) w->hi = w->lo;
  while (w->hi < other->n && time[other->at[w->hi]] <= last)
    w->hi++;
}

static ref_cond ask_pair(ref_cx *rx, const ref_pair_cond *k, uint32_t row0, uint32_t row1)
{
  ref_scope scope = k->swapped ? ref_scope_pair(rx, row1, row0) : ref_scope_pair(rx, row0, row1);
  return ref_ask(&scope, k->cond);
}

// Every one of the constraints has a degree above 0 for this pair.
static bool passes(ref_cx *rx, const ref_pair *p, uint32_t row0, uint32_t row1)
{
  for (uint32_t k = 0; k < p->n; k++) {
    ref_cond c = ask_pair(rx, &p->cond[k], row0, row1);
    if (c.truth != REF_KNOWN || c.degree == 0) return false;
  }
  return true;
}

static bool passes_from(ref_cx *rx, const ref_pair *p, int side, uint32_t mine, uint32_t other)
{
  return side == 0 ? passes(rx, p, mine, other) : passes(rx, p, other, mine);
}

bool ref_pair_partners(ref_cx *rx, const ref_pair *p, const ref_list rows[2], int side, bool *has)
{
  const ref_list *mine = &rows[side], *other = &rows[1 - side];
  window w = {0, 0};

  for (uint32_t i = 0; i < mine->n; i++) {
    advance(rx, p, side, mine->at[i], other, &w);
    has[i] = p->by_time && w.lo < w.hi;
    if (p->by_time) continue;
    uint32_t j = w.lo;
    while (j < w.hi && !has[i])
      has[i] = passes_from(rx, p, side, mine->at[i], other->at[j++]);
    if (!ref_step(rx, j - w.lo)) return false;
  }
  return ref_step(rx, mine->n);
}

// ---- the best partner ---------------------------------------------------------------------------------

static void better(ref_best *best, amlrt_degree degree, uint32_t partner)
{
  if (best->found && degree <= best->degree) return;
  *best = (ref_best){true, degree, partner};
}

// Section 5: the best degree of constraint k among the partners that pass all constraints of the pair;
// of equals, the first in order.
static bool best_of_all(ref_cx *rx, const ref_pair *p, const ref_pair_cond *k, uint32_t mine,
                        const ref_list *other, window w, ref_best *best)
{
  int side = k->swapped ? 1 : 0;

  for (uint32_t j = w.lo; j < w.hi; j++) {
    uint32_t row = other->at[j];
    if (!passes_from(rx, p, side, mine, row)) continue;
    ref_cond c = side == 0 ? ask_pair(rx, k, mine, row) : ask_pair(rx, k, row, mine);
    better(best, c.degree, row);
  }
  return ref_step(rx, (uint64_t)w.hi - w.lo);
}

static amlrt_degree gap_degree(const ref_cx *rx, const ref_pair_cond *k, int side, uint32_t mine,
                               uint32_t other)
{
  const int64_t *time = rx->col->time;
  amlrt_i128 gap = (amlrt_i128)time[other] - time[mine];

  if ((side == 0) != k->gap_forward) gap = -gap;
  return amlrt_range_degree(&k->gap, amlrt_frac_int(gap));
}

// Is the gap to `other` short of where its degree is 1 (or past it, for gaps that run backward)?
static bool before_top(const ref_cx *rx, const ref_pair_cond *k, int side, uint32_t mine,
                       uint32_t other)
{
  const int64_t *time = rx->col->time;
  amlrt_i128 gap = (amlrt_i128)time[other] - time[mine];

  if ((side == 0) == k->gap_forward)
    return (k->gap.has & AMLRT_HAS_B) && amlrt_frac_cmp(amlrt_frac_int(gap), k->gap.b) < 0;
  return (k->gap.has & AMLRT_HAS_C) && amlrt_frac_cmp(amlrt_frac_int(-gap), k->gap.c) > 0;
}

// The degree of a gap rises to a top and falls: the best is the last before the top or the first in it.
static void best_gap(const ref_cx *rx, const ref_pair_cond *k, uint32_t mine, const ref_list *other,
                     window w, ref_best *best)
{
  int side = k->swapped ? 1 : 0;
  uint32_t lo = w.lo, hi = w.hi;

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (before_top(rx, k, side, mine, other->at[mid]))
      lo = mid + 1;
    else
      hi = mid;
  }
  if (lo > w.lo) {
    uint32_t j = lo - 1;
    amlrt_degree degree = gap_degree(rx, k, side, mine, other->at[j]);
    while (j > w.lo && gap_degree(rx, k, side, mine, other->at[j - 1]) == degree)
      j--;
    better(best, degree, other->at[j]);
  }
  if (lo < w.hi) better(best, gap_degree(rx, k, side, mine, other->at[lo]), other->at[lo]);
}

bool ref_pair_best(ref_cx *rx, const ref_pair *p, const ref_pair_cond *k, const ref_list rows[2],
                   ref_best *best)
{
  int side = k->swapped ? 1 : 0;
  const ref_list *mine = &rows[side], *other = &rows[1 - side];
  window w = {0, 0};

  for (uint32_t i = 0; i < mine->n; i++) {
    best[i] = (ref_best){0};
    advance(rx, p, side, mine->at[i], other, &w);
    if (!p->by_time) {
      if (!best_of_all(rx, p, k, mine->at[i], other, w, &best[i])) return false;
    } else if (k->has_gap) {
      best_gap(rx, k, mine->at[i], other, w, &best[i]);
    } else if (w.lo < w.hi) {
      best[i] = (ref_best){true, AMLRT_DEGREE_ONE, other->at[w.lo]};
    }
  }
  return ref_step(rx, mine->n);
}

amlrt_value ref_pair_value(ref_cx *rx, const ref_pair_cond *k, uint32_t mine, uint32_t partner)
{
  return (k->swapped ? ask_pair(rx, k, partner, mine) : ask_pair(rx, k, mine, partner)).value;
}
