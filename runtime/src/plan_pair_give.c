// What the evaluator starts a candidate with: its middles and their legs, which the sweep has at hand. To
// look for them among the transfers of two hubs would cost far more than all the rest.
//
// Left out are middles without a path and legs without any: shrinking would drop them (semantics 4.2).
#include "runtime/src/alloc.h"
#include "runtime/src/plan_pair.h"

static uint32_t row_of(uint64_t order)
{
  return (uint32_t)(order >> 32);
}

// Asked for when the first of its candidates is given, or judged.
bool amlrt__pair_sort_parts(amlrt__pair_sweep *s)
{
  uint32_t n = s->n_pair_parts;

  if (!amlrt__pair_room(s->w, &s->by_row, &s->cap_by_row, 2 * (size_t)n, sizeof *s->by_row))
    return false;
  for (uint32_t i = 0; i < n; i++)
    s->by_row[i] = (uint64_t)s->parts[i].row << 32 | i;
  amlrt__pair_sort(s->by_row, s->by_row + n, n);
  s->parts_sorted = true;
  s->parts_begin = s->parts_end = 0;
  return true;
}

// Members that are alive at the trigger, by account: who they are, and where they stand there.
static bool give_members(amlrt__pair_sweep *s, uint32_t trigger, amlrt__given *g)
{
  const amlrt__run *run = s->p->run;
  uint32_t lo = run->window_lo[trigger], n = 0;

  if (!amlrt__pair_room(s->w, &s->alive, &s->cap_alive, 2 * s->n_members, sizeof *s->alive) ||
      !amlrt__pair_room(s->w, &s->accounts, &s->cap_accounts, s->n_members, sizeof *s->accounts))
    return false;
  for (uint32_t i = 0; i < s->n_members; i++) {
    amlrt__pair_member *m = &s->member[i];
    uint32_t account = amlrt__pair_account(s->b, m->mid);
    m->place = AMLRT_NONE;
    if (m->best == AMLRT_NONE || m->best < lo) continue;
    if (!amlrt__pair_barred(run, account, trigger)) s->alive[n++] = (uint64_t)account << 32 | i;
  }
  amlrt__pair_sort(s->alive, s->alive + n, n);
  for (uint32_t i = 0; i < n; i++) {
    s->accounts[i] = (uint32_t)(s->alive[i] >> 32);
    s->member[(uint32_t)s->alive[i]].place = i;
  }
  g->member = (amlrt__list){s->accounts, n};
  return true;
}

static void give_rows(amlrt__pair_sweep *s, uint32_t trigger, amlrt__given *g)
{
  uint32_t lo = s->p->run->window_lo[trigger];

  while (s->parts_begin < s->n_pair_parts && row_of(s->by_row[s->parts_begin]) < lo)
    s->parts_begin++;
  while (s->parts_end < s->n_pair_parts && row_of(s->by_row[s->parts_end]) <= trigger)
    s->parts_end++;
  for (uint32_t i = s->parts_begin; i < s->parts_end; i++) {
    const amlrt__pair_part *part = &s->parts[(uint32_t)s->by_row[i]];
    uint32_t slot = s->slot[part->mid]; // 0: its first path closes later
    uint32_t place = slot ? s->member[slot - 1].place : AMLRT_NONE;
    if (place == AMLRT_NONE) continue;
    amlrt__list *rows = &g->row[part->second];
    g->place[part->second][rows->n] = place;
    rows->at[rows->n++] = part->row;
  }
}

bool amlrt__pair_give(amlrt__pair_sweep *s, uint32_t trigger, const uint32_t *keys)
{
  const amlrt_pplan *row = s->p->row;
  amlrt__given g = {trigger, row->group, {row->stage[0], row->stage[1]}, .member = {NULL, 0}};

  if (!s->parts_sorted && !amlrt__pair_sort_parts(s)) return false;
  for (int k = 0; k < 2; k++) {
    if (!amlrt__pair_room(s->w, &s->rows[k], &s->cap_rows[k], s->n_pair_parts + AMLRT_SET_PAD,
                          sizeof *s->rows[k]) ||
        !amlrt__pair_room(s->w, &s->places[k], &s->cap_places[k], s->n_pair_parts,
                          sizeof *s->places[k]))
      return false;
    g.row[k] = (amlrt__list){s->rows[k], 0};
    g.place[k] = s->places[k];
  }
  if (!give_members(s, trigger, &g)) return false;
  give_rows(s, trigger, &g);
  s->w->given = &g;
  bool ok = amlrt__found(s->w, trigger, keys, 2);
  s->w->given = NULL;
  return ok && amlrt__step(s->w, s->n_members + (s->parts_end - s->parts_begin));
}

void amlrt__pair_give_release(amlrt__pair_sweep *s)
{
  const amlrt_alloc *mem = s->w->run->mem;

  for (int k = 0; k < 2; k++) {
    amlrt__release(mem, s->rows[k]);
    amlrt__release(mem, s->places[k]);
  }
  amlrt__release(mem, s->by_row);
  amlrt__release(mem, s->alive);
  amlrt__release(mem, s->accounts);
}
