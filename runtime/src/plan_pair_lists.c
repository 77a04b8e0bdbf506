// The lists of a stretch: first legs by near account, second legs by middle, sorted by counting.
//
// Threads may share it: each takes a part of the transfers, with counts, then places, of its own. What an
// account has in earlier parts comes first, so every list is in order, whoever fills it.
#include "runtime/src/plan_pair.h"

#include <string.h>

enum { AHEAD = 16 }; // transfers between asking for memory and using it

typedef struct packing {
  const amlrt__pairs *p;
  amlrt__pair_block *b;
  uint32_t parts;
} packing;

// Counts and places of a part, by id.
static uint32_t *of_part(const packing *k, uint32_t *by_id, uint32_t part)
{
  return by_id + part * (k->b->n_ids + (size_t)1);
}

static uint32_t begin_of(const packing *k, uint32_t part)
{
  return amlrt__pair_cut(k->b->n, part, k->parts);
}

static bool each_part(amlrt__pair_sweep *s, packing *k, amlrt__part_fn fn)
{
  amlrt_status st =
      k->parts == 1 ? fn(k, 0) : amlrt__do_parts(s->w->plan, k->parts, k->parts, fn, k, NULL);

  if (st != AMLRT_OK) s->w->st = st;
  return st == AMLRT_OK;
}

// ---- second legs --------------------------------------------------------------------------------------------

static amlrt_status count_second(void *user, uint32_t part)
{
  const packing *k = user;
  const uint32_t *mid = amlrt__pair_ends_of(k->p, k->b, 1).mid, end = begin_of(k, part + 1);
  uint32_t *n = of_part(k, k->b->by_mid, part);

  memset(n, 0, (k->b->n_ids + (size_t)1) * sizeof *n);
  for (uint32_t i = begin_of(k, part); i < end; i++)
    n[mid[i]] += (k->b->flag[i] & AMLRT__PAIR_SECOND) != 0;
  return AMLRT_OK;
}

static void fence(amlrt__pair_block *b, uint32_t at)
{
  b->far[at] = (amlrt__pair_far){AMLRT_NONE, AMLRT__PAIR_FENCE};
  b->far_row[at] = AMLRT_NONE;
}

// Counts become places; behind the last list, where the next would begin. How much room all take.
static uint32_t place_second(const packing *k)
{
  uint32_t at = 2, stride = k->b->n_ids + 1, *by_mid = k->b->by_mid;

  for (uint32_t id = 0; id < k->b->n_ids; id++) {
    uint32_t begin = at;
    for (uint32_t part = 0; part < k->parts; part++) {
      uint32_t *n = &by_mid[id + (size_t)part * stride], of = *n;
      *n = at;
      at += of;
    }
    at += at > begin; // a fence
  }
  by_mid[k->b->n_ids] = at;
  return at;
}

// ---- first legs ---------------------------------------------------------------------------------------------

// Those that lead to any second leg. Fences are set on the way.
static amlrt_status count_first(void *user, uint32_t part)
{
  const packing *k = user;
  amlrt__pair_block *b = k->b;
  const amlrt__pair_ends ends = amlrt__pair_ends_of(k->p, b, 0);
  const uint32_t *by_mid = b->by_mid, end = begin_of(k, part + 1);
  uint32_t *n = of_part(k, b->by_near, part), ids = amlrt__pair_cut(b->n_ids, part + 1, k->parts);

  memset(n, 0, (b->n_ids + (size_t)1) * sizeof *n);
  for (uint32_t id = amlrt__pair_cut(b->n_ids, part, k->parts); id < ids; id++)
    if (by_mid[id] < by_mid[id + 1]) fence(b, by_mid[id + 1] - 1);
  for (uint32_t i = begin_of(k, part); i < end; i++) {
    uint32_t mid = ends.mid[i];
    uint32_t is = (b->flag[i] & AMLRT__PAIR_FIRST) && by_mid[mid] < by_mid[mid + 1];
    b->flag[i] = (unsigned char)((b->flag[i] & AMLRT__PAIR_SECOND) | is);
    n[ends.key[i]] += is;
  }
  return AMLRT_OK;
}

// Counts become places. A near account with fewer legs than a match needs gets none: 0.
static void place_first(const packing *k)
{
  amlrt__pair_block *b = k->b;
  uint32_t at = 1, stride = b->n_ids + 1;

  b->n_near = 0;
  for (uint32_t id = 0; id < b->n_ids; id++) {
    uint32_t all = 0, begin = at;
    for (uint32_t part = 0; part < k->parts; part++)
      all += b->by_near[id + (size_t)part * stride];
    bool enough = all > 0 && all >= k->p->least;
    for (uint32_t part = 0; part < k->parts; part++) {
      uint32_t *n = &b->by_near[id + (size_t)part * stride], of = *n;
      *n = enough ? at : 0;
      at += enough ? of : 0;
    }
    if (enough) b->near[b->n_near++] = (amlrt__pair_near){id, begin, at};
  }
  b->n_legs = at - 1;
}

// ---- both ---------------------------------------------------------------------------------------------------

static amlrt_status fill(void *user, uint32_t part)
{
  const packing *k = user;
  amlrt__pair_block *b = k->b;
  const amlrt__pair_ends first = amlrt__pair_ends_of(k->p, b, 0),
                         second = amlrt__pair_ends_of(k->p, b, 1);
  uint32_t n = begin_of(k, part + 1), *by_mid = of_part(k, b->by_mid, part),
           *by_near = of_part(k, b->by_near, part);
  const unsigned char *flag = b->flag;

  for (uint32_t i = begin_of(k, part); i < n; i++) {
    uint32_t at_ahead = i + AHEAD < n ? i + AHEAD : i;
    uint32_t at_soon = i + AHEAD / 2 < n ? i + AHEAD / 2 : i;
    __builtin_prefetch(&by_mid[second.mid[at_ahead]]);
    __builtin_prefetch(&by_mid[first.mid[at_ahead]]);
    __builtin_prefetch(&by_near[first.key[at_ahead]]);
    __builtin_prefetch(&b->far[by_mid[second.mid[at_soon]]], 1);
    __builtin_prefetch(&b->leg[by_near[first.key[at_soon]]], 1);
    if ((flag[i] & AMLRT__PAIR_FIRST) && by_near[first.key[i]]) {
      uint32_t mid = first.mid[i];
      b->leg[by_near[first.key[i]]++] = (amlrt__pair_leg){by_mid[mid], mid, b->time[i], b->row[i]};
    }
    if (flag[i] & AMLRT__PAIR_SECOND) {
      uint32_t at = by_mid[second.mid[i]]++;
      b->far[at] = (amlrt__pair_far){second.key[i], b->time[i]};
      b->far_row[at] = b->row[i];
    }
  }
  return AMLRT_OK;
}

bool amlrt__pair_lists_make(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t threads)
{
  packing k = {.p = s->p, .b = b, .parts = threads};
  void *const by_id[] = {&b->by_mid, &b->by_near}, *const far[] = {&b->far, &b->far_row};
  const size_t of_id[] = {4, 4}, of_far[] = {sizeof *b->far, sizeof *b->far_row};
  size_t n_ids = b->n_ids + (size_t)1;
  amlrt_worker *w = s->w;

  if (!amlrt__pair_rooms(w, by_id, of_id, 2, &b->cap_by_id, n_ids * k.parts) ||
      !each_part(s, &k, count_second) ||
      !amlrt__pair_rooms(w, far, of_far, 2, &b->cap_far, place_second(&k) + (size_t)AHEAD))
    return false;
  fence(b, 0);
  fence(b, 1);
  if (!each_part(s, &k, count_first) ||
      !amlrt__pair_room(w, &b->near, &b->cap_near, n_ids, sizeof *b->near))
    return false;
  place_first(&k);
  return amlrt__pair_room(w, &b->leg, &b->cap_legs, b->n_legs + (size_t)1 + AHEAD,
                          sizeof *b->leg) &&
         each_part(s, &k, fill);
}
