// Partners of transfers: docs/semantics.md, 4.2 (a) and the two pair rows of the table in 5.
//
// Both sides are in order of time, so the partners that times allow lie between two bounds that only
// advance. Where a pair says nothing but times, being between them is all there is to it.
#include "runtime/src/eval.h"

// Of the other side's rows, those that times allow as partners of one transfer: [lo, hi).
typedef struct window {
  uint32_t lo, hi;
} window;

static void advance(const amlrt_worker *w, const amlrt_ppair *p, int side, uint32_t row,
                    const amlrt__list *other, window *win)
{
  const int64_t *time = w->run->col->time;
  int64_t first = amlrt_i64_add(time[row], side == 0 ? p->lo : -p->hi);
  int64_t last = amlrt_i64_add(time[row], side == 0 ? p->hi : -p->lo);

  while (win->lo < other->n && time[other->at[win->lo]] < first)
    win->lo++;
  if (win->hi < win->lo) win->hi = win->lo;
  while (win->hi < other->n && time[other->at[win->hi]] <= last)
    win->hi++;
}

static amlrt_cond ask_pair(amlrt_worker *w, const amlrt_ppair_cond *k, uint32_t row0, uint32_t row1)
{
  return k->swapped ? k->fn(w, row1, row0) : k->fn(w, row0, row1);
}

// Every one of the constraints has a degree above 0 for this pair.
static bool passes(amlrt_worker *w, const amlrt_ppair *p, uint32_t row0, uint32_t row1)
{
  for (uint32_t k = 0; k < p->n_conds; k++) {
    amlrt_cond c = ask_pair(w, &p->conds[k], row0, row1);
    if (c.truth != AMLRT_KNOWN || c.degree == 0) return false;
  }
  return true;
}

static bool passes_from(amlrt_worker *w, const amlrt_ppair *p, int side, uint32_t mine,
                        uint32_t other)
{
  return side == 0 ? passes(w, p, mine, other) : passes(w, p, other, mine);
}

bool amlrt__pair_partners(amlrt_worker *w, const amlrt_ppair *p, const amlrt__list rows[2],
                          int side, bool *has)
{
  const amlrt__list *mine = &rows[side], *other = &rows[1 - side];
  window win = {0, 0};

  for (uint32_t i = 0; i < mine->n; i++) {
    advance(w, p, side, mine->at[i], other, &win);
    has[i] = p->by_time && win.lo < win.hi;
    if (p->by_time) continue;
    uint32_t j = win.lo;
    while (j < win.hi && !has[i])
      has[i] = passes_from(w, p, side, mine->at[i], other->at[j++]);
    if (!amlrt__step(w, j - win.lo)) return false;
  }
  return amlrt__step(w, mine->n);
}

// ---- the best partner ---------------------------------------------------------------------------------

static void better(amlrt__best *best, amlrt_degree degree, uint32_t partner)
{
  if (best->found && degree <= best->degree) return;
  *best = (amlrt__best){true, partner, degree};
}

// Section 5: the best degree of constraint k among the partners that pass all constraints of the pair;
// of equals, the first in order. Nothing is better than one.
static bool best_of_all(amlrt_worker *w, const amlrt_ppair *p, const amlrt_ppair_cond *k,
                        uint32_t mine, const amlrt__list *other, window win, amlrt__best *best)
{
  int side = k->swapped ? 1 : 0;
  uint32_t j = win.lo;

  for (; j < win.hi && !(best->found && best->degree == AMLRT_DEGREE_ONE); j++) {
    uint32_t row = other->at[j];
    if (!passes_from(w, p, side, mine, row)) continue;
    amlrt_cond c = k->fn(w, mine, row); // `mine` is of the side it names first
    better(best, c.degree, row);
  }
  return amlrt__step(w, (uint64_t)j - win.lo);
}

static amlrt_i128 gap_of(const amlrt_worker *w, const amlrt_ppair_cond *k, int side, uint32_t mine,
                         uint32_t other)
{
  const int64_t *time = w->run->col->time;
  amlrt_i128 gap = (amlrt_i128)time[other] - time[mine];

  return (side == 0) == k->gap_forward ? gap : -gap;
}

static amlrt_degree gap_degree(const amlrt_worker *w, const amlrt_ppair_cond *k, int side,
                               uint32_t mine, uint32_t other)
{
  return amlrt_range_degree(&k->gap, amlrt_frac_int(gap_of(w, k, side, mine, other)));
}

// Is the gap to `other` short of where its degree is 1 (or past it, for gaps that run backward)?
static bool before_top(const amlrt_worker *w, const amlrt_ppair_cond *k, int side, uint32_t mine,
                       uint32_t other)
{
  amlrt_frac gap = amlrt_frac_int(gap_of(w, k, side, mine, other));

  if ((side == 0) == k->gap_forward)
    return (k->gap.has & AMLRT_HAS_B) && amlrt_frac_cmp(gap, k->gap.b) < 0;
  return (k->gap.has & AMLRT_HAS_C) && amlrt_frac_cmp(gap, k->gap.c) > 0;
}

// The degree of a gap rises to a top and falls: the best is the last before the top or the first in it.
static void best_gap(const amlrt_worker *w, const amlrt_ppair_cond *k, uint32_t mine,
                     const amlrt__list *other, window win, amlrt__best *best)
{
  int side = k->swapped ? 1 : 0;
  uint32_t lo = win.lo, hi = win.hi;

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (before_top(w, k, side, mine, other->at[mid]))
      lo = mid + 1;
    else
      hi = mid;
  }
  if (lo > win.lo) {
    uint32_t j = lo - 1;
    amlrt_degree degree = gap_degree(w, k, side, mine, other->at[j]);
    while (j > win.lo && gap_degree(w, k, side, mine, other->at[j - 1]) == degree)
      j--;
    better(best, degree, other->at[j]);
  }
  if (lo < win.hi) better(best, gap_degree(w, k, side, mine, other->at[lo]), other->at[lo]);
}

bool amlrt__pair_best(amlrt_worker *w, const amlrt_ppair *p, const amlrt_ppair_cond *k,
                      const amlrt__list rows[2], amlrt__best *best)
{
  int side = k->swapped ? 1 : 0;
  const amlrt__list *mine = &rows[side], *other = &rows[1 - side];
  window win = {0, 0};

  for (uint32_t i = 0; i < mine->n; i++) {
    best[i] = (amlrt__best){0};
    advance(w, p, side, mine->at[i], other, &win);
    if (!p->by_time) {
      if (!best_of_all(w, p, k, mine->at[i], other, win, &best[i])) return false;
    } else if (k->has_gap) {
      best_gap(w, k, mine->at[i], other, win, &best[i]);
    } else if (win.lo < win.hi) {
      best[i] = (amlrt__best){true, other->at[win.lo], AMLRT_DEGREE_ONE};
    }
  }
  return amlrt__step(w, mine->n);
}

bool amlrt__pair_mean(amlrt_worker *w, const amlrt_ppair *p, const amlrt_ppair_cond *k,
                      const amlrt__list rows[2], amlrt_degree *mean)
{
  uint32_t n = rows[k->swapped ? 1 : 0].n;
  amlrt__best *best = amlrt__take(w, n, sizeof *best);
  amlrt_i128 sum = 0;

  if (!best || !amlrt__pair_best(w, p, k, rows, best)) return false;
  for (uint32_t i = 0; i < n; i++)
    sum += best[i].found ? best[i].degree : AMLRT_DEGREE_ONE;
  *mean = amlrt_degree_mean(sum, n);
  return true;
}

amlrt_value amlrt__pair_value(amlrt_worker *w, const amlrt_ppair_cond *k, uint32_t mine,
                              uint32_t partner)
{
  return k->fn(w, mine, partner).value;
}
