// The key-major sweep of one near account: the far accounts that enough middles lead to, and their paths.
//
// First all second legs behind the account's legs are gone over once. For each far account the last leg
// that led there is noted; when another middle leads there inside a window the far account becomes a
// candidate. (Two middles of a match have legs inside one window; between these two in the order of legs
// stand two in a row of different middles, just as near. So no pair is missed.) Few far accounts become
// candidates, and only their paths are taken, in a second pass, and sorted by candidate.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_pair.h"

#include <string.h>

enum {
  AHEAD = 16, // legs between asking for memory and using it
  SOME = 32   // gone over twice: what they lead to, and what is known of that
};
#define CANDIDATE (UINT32_C(1) << 31)
#define ITSELF UINT32_MAX

// ---- candidates ----------------------------------------------------------------------------------------

static bool add_candidate(amlrt__pair_sweep *s, uint32_t far)
{
  if (!amlrt__grow(s->w->run->mem, &s->cand, &s->cap_cand, s->n_cand + 1, sizeof *s->cand)) {
    s->w->st = AMLRT_E_NOMEM;
    return false;
  }
  s->seen[far] = CANDIDATE | (uint32_t)s->n_cand;
  s->cand[s->n_cand++] = (amlrt__pair_cand){.far = far};
  return true;
}

// The far account was seen inside the window, or always asks.
static bool seen_again(amlrt__pair_sweep *s, uint32_t far, uint32_t leg)
{
  uint32_t seen = s->seen[far];

  if (seen & CANDIDATE) return true;
  if (s->p->least >= 2 && s->b->leg[seen].mid == s->b->leg[leg].mid) {
    s->seen[far] = leg;
    return true;
  }
  return add_candidate(s, far);
}

// The second legs that make a path with the leg, backward and forward from where it falls among those of its
// middle. What is known of their far accounts is asked for on the way: it will be there when they are looked at.
static inline void range_of(const amlrt__pair_sweep *s, uint32_t leg, uint32_t *begin,
                            uint32_t *end)
{
  const amlrt__pairs *p = s->p;
  const amlrt__pair_far *far = s->b->far;
  const uint32_t t = s->b->leg[leg].time, at = s->b->leg[leg].at, *seen = s->seen;
  uint32_t lo = at, hi = at;

  // Too near: only where an order or a gap asks for a distance.
  while (!p->looks_ahead && t - far[hi - 1].time < p->back[0])
    lo = --hi;
  while (!p->looks_back && far[lo].time - t < p->ahead[0])
    hi = ++lo;
  if (p->looks_back)
    while (t - far[lo - 1].time <= p->back[1])
      __builtin_prefetch(&seen[far[--lo].key], 1);
  if (p->looks_ahead)
    while (far[hi].time - t <= p->ahead[1])
      __builtin_prefetch(&seen[far[hi++].key], 1);
  *begin = lo;
  *end = hi;
}

// Goes over them. Legs from `since` on are inside the window.
static inline bool look_at(amlrt__pair_sweep *s, uint32_t leg, uint32_t since, uint32_t begin,
                           uint32_t end)
{
  const amlrt__pair_far *far = s->b->far;
  uint32_t *seen = s->seen;

  for (uint32_t q = begin; q < end; q++) {
    uint32_t *at = &seen[far[q].key];
    if (*at < since)
      *at = leg;
    else if (!seen_again(s, far[q].key, leg))
      return false;
  }
  return true;
}

static bool find_candidates(amlrt__pair_sweep *s, const amlrt__pair_near *near, uint64_t *n)
{
  const amlrt__pair_leg *legs = s->b->leg;
  const uint32_t window = s->p->window, first = near->begin;
  const bool single = s->p->least < 2;
  uint32_t open = first, *begin, *end;

  *n = 0;
  s->n_cand = 0;
  for (int k = 0; k < 2; k++)
    if (!amlrt__pair_room(s->w, &s->range[k], &s->cap_range[k], near->end - first,
                          sizeof *s->range[k]))
      return false;
  begin = s->range[0];
  end = s->range[1];
  for (uint32_t some = first; some < near->end; some += SOME) {
    uint32_t past = near->end - some < SOME ? near->end : some + SOME;
    for (uint32_t leg = some; leg < past; leg++) {
      __builtin_prefetch(&s->b->far[legs[leg + AHEAD].at]);
      range_of(s, leg, &begin[leg - first], &end[leg - first]);
    }
    for (uint32_t leg = some; leg < past; leg++) {
      while (legs[leg].time - legs[open].time > window)
        open++;
      if (!look_at(s, leg, single ? 0 : open, begin[leg - first], end[leg - first])) return false;
      *n += end[leg - first] - begin[leg - first];
    }
  }
  return true;
}

// ---- paths -----------------------------------------------------------------------------------------------

static inline void add_path(amlrt__pair_sweep *s, amlrt__pair_path path)
{
  s->path[s->n_paths++] = path;
  s->cand[path.cand].n++;
}

// Of one first leg. Of those that close with it only the latest second leg of each far account counts.
static void paths_of(amlrt__pair_sweep *s, uint32_t leg, uint32_t begin, uint32_t end)
{
  const amlrt__pair_block *b = s->b;
  const amlrt__pair_leg *l = &b->leg[leg];
  uint32_t at = l->at < begin ? begin : l->at < end ? l->at : end;

  for (uint32_t q = at; q-- > begin;) {
    uint32_t seen = s->seen[b->far[q].key];
    if (!(seen & CANDIDATE) || seen == ITSELF) continue;
    amlrt__pair_cand *c = &s->cand[seen & ~CANDIDATE];
    if (c->last == leg) continue;
    c->last = leg;
    add_path(s, (amlrt__pair_path){l->row, b->far_row[q], l->mid, seen & ~CANDIDATE, 0});
  }
  for (uint32_t q = at; q < end; q++) {
    uint32_t seen = s->seen[b->far[q].key];
    if (!(seen & CANDIDATE) || seen == ITSELF) continue;
    add_path(s, (amlrt__pair_path){b->far_row[q], l->row, l->mid, seen & ~CANDIDATE, 1});
  }
}

// ---- marks -----------------------------------------------------------------------------------------------

static void count_paths(amlrt__pair_sweep *s, const amlrt__pair_near *near)
{
  const amlrt__pair_block *b = s->b;

  for (uint32_t i = 0; i < near->end - near->begin; i++)
    for (uint32_t q = s->range[0][i]; q < s->range[1][i]; q++) {
      uint32_t seen = s->seen[b->far[q].key];
      if ((seen & CANDIDATE) && seen != ITSELF) s->cand[seen & ~CANDIDATE].n++;
    }
}

// The legs of the paths to candidates with as many as a match has middles. All of them: which path counts hangs
// on what a pattern asks.
static void mark_paths(amlrt__pair_sweep *s, const amlrt__pair_near *near)
{
  const amlrt__pair_block *b = s->b;

  count_paths(s, near);
  for (uint32_t i = 0; i < near->end - near->begin; i++) {
    bool any = false;
    for (uint32_t q = s->range[0][i]; q < s->range[1][i]; q++) {
      uint32_t seen = s->seen[b->far[q].key];
      if (!(seen & CANDIDATE) || seen == ITSELF || s->cand[seen & ~CANDIDATE].n < s->p->least)
        continue;
      amlrt__pair_mark(s->p, b->far_row[q]);
      any = true;
    }
    if (any) amlrt__pair_mark(s->p, b->leg[near->begin + i].row);
  }
}

// ---- parts: what the evaluator starts with ----------------------------------------------------------------

// The legs of all paths of one first leg to candidates, each once: second legs that an earlier first leg of
// the middle led to are parts already.
static void parts_of(amlrt__pair_sweep *s, uint32_t leg, uint32_t begin, uint32_t end)
{
  const amlrt__pair_block *b = s->b;
  const amlrt__pair_leg *l = &b->leg[leg];
  uint32_t reached = s->reached[l->mid];

  for (uint32_t q = begin; q < end; q++) {
    uint32_t seen = s->seen[b->far[q].key];
    if (!(seen & CANDIDATE) || seen == ITSELF) continue;
    amlrt__pair_cand *c = &s->cand[seen & ~CANDIDATE];
    if (c->last != leg) {
      s->part[s->n_parts++] = (amlrt__pair_part){l->row, l->mid, seen & ~CANDIDATE, 0};
      c->n_parts++;
      c->last = leg;
    }
    if (q < reached) continue;
    s->part[s->n_parts++] = (amlrt__pair_part){b->far_row[q], l->mid, seen & ~CANDIDATE, 1};
    c->n_parts++;
  }
  if (end > reached) s->reached[l->mid] = end;
}

static bool take_parts(amlrt__pair_sweep *s, const amlrt__pair_near *near)
{
  const amlrt_alloc *mem = s->w->run->mem;
  uint32_t n = near->end - near->begin;

  s->n_parts = 0;
  for (size_t c = 0; c < s->n_cand; c++)
    s->cand[c].last = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t begin = s->range[0][i], end = s->range[1][i];
    size_t most = s->n_parts + 2 * (size_t)(end - begin);
    if (!amlrt__grow(mem, &s->part, &s->cap_parts, most, sizeof *s->part)) {
      s->w->st = AMLRT_E_NOMEM;
      return false;
    }
    parts_of(s, near->begin + i, begin, end);
  }
  for (uint32_t i = 0; i < n; i++)
    s->reached[s->b->leg[near->begin + i].mid] = 0;
  return amlrt__pair_room(s->w, &s->sorted_part, &s->cap_sorted_parts, s->n_parts,
                          sizeof *s->sorted_part);
}

static void sort_parts(amlrt__pair_sweep *s)
{
  uint32_t at = 0;

  for (size_t c = 0; c < s->n_cand; c++) {
    uint32_t n = s->cand[c].n_parts;
    s->cand[c].n_parts = at;
    at += n;
  }
  for (size_t i = 0; i < s->n_parts; i++)
    s->sorted_part[s->cand[s->part[i].cand].n_parts++] = s->part[i];
}

// ---- paths, taken ------------------------------------------------------------------------------------------

static bool take_paths(amlrt__pair_sweep *s, const amlrt__pair_near *near)
{
  const amlrt_alloc *mem = s->w->run->mem;

  s->n_paths = 0;
  for (uint32_t i = 0; i < near->end - near->begin; i++) {
    uint32_t begin = s->range[0][i], end = s->range[1][i];
    if (s->n_paths + (end - begin) > s->cap_paths &&
        !amlrt__grow(mem, &s->path, &s->cap_paths, s->n_paths + (end - begin), sizeof *s->path)) {
      s->w->st = AMLRT_E_NOMEM;
      return false;
    }
    paths_of(s, near->begin + i, begin, end);
  }
  return amlrt__pair_room(s->w, &s->sorted, &s->cap_sorted, s->n_paths, sizeof *s->sorted);
}

static void sort_paths(amlrt__pair_sweep *s)
{
  uint32_t at = 0;

  for (size_t c = 0; c < s->n_cand; c++) {
    uint32_t n = s->cand[c].n;
    s->cand[c].n = at;
    at += n;
  }
  for (size_t i = 0; i < s->n_paths; i++)
    s->sorted[s->cand[s->path[i].cand].n++] = s->path[i];
}

// ---- the whole -------------------------------------------------------------------------------------------

static bool count_pairs(amlrt__pair_sweep *s)
{
  uint32_t begin = 0, parts = 0;

  for (size_t c = 0; c < s->n_cand; c++) {
    uint32_t end = s->cand[c].n;
    s->far_account = amlrt__pair_account(s->b, s->cand[c].far);
    s->parts = s->sorted_part + parts;
    s->n_pair_parts = s->cand[c].n_parts - parts;
    parts = s->cand[c].n_parts;
    if (end - begin >= s->p->least && !amlrt__pair_count(s, s->sorted + begin, end - begin))
      return false;
    begin = end;
  }
  return true;
}

static void forget_candidates(amlrt__pair_sweep *s, uint32_t near)
{
  for (size_t c = 0; c < s->n_cand; c++)
    s->seen[s->cand[c].far] = 0;
  s->seen[near] = 0;
}

bool amlrt__pair_near_account(amlrt__pair_sweep *s, const amlrt__pair_near *near)
{
  uint64_t n;
  bool gives = s->p->gives && (s->p->judges || s->w->want != AMLRT__WANT_ALL);

  s->near_account = amlrt__pair_account(s->b, near->id);
  if (!s->p->keys_may_equal) s->seen[near->id] = ITSELF;
  bool ok = find_candidates(s, near, &n);
  if (ok && s->n_cand > 0 && s->p->marking) {
    mark_paths(s, near);
  } else if (ok && s->n_cand > 0) {
    ok = take_paths(s, near) && (!gives || take_parts(s, near));
    if (ok) {
      sort_paths(s);
      if (gives) sort_parts(s);
      ok = count_pairs(s);
    }
  }
  forget_candidates(s, near->id);
  return ok && amlrt__step(s->w, n + (near->end - near->begin));
}

void amlrt__pair_find_release(amlrt__pair_sweep *s)
{
  const amlrt_alloc *mem = s->w->run->mem;

  for (int k = 0; k < 2; k++)
    amlrt__release(mem, s->range[k]);
  amlrt__release(mem, s->cand);
  amlrt__release(mem, s->path);
  amlrt__release(mem, s->sorted);
  amlrt__release(mem, s->part);
  amlrt__release(mem, s->sorted_part);
  amlrt__release(mem, s->reached);
  amlrt__release(mem, s->seen);
}
