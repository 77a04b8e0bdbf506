// Transfers that can be legs between two keys that enough middles join: the same for all patterns that take
// their legs from the same transfers, whatever they ask of them beyond that, so found out once (common.h). Each
// of the patterns then packs these alone, which are few, and sweeps them as it would all.
//
// Found out is what the sweep itself begins with, for the fewest middles and the widest times that any of the
// patterns asks: the candidates of every near account. A leg that is left in a match has a path to its far account
// then, and that is a candidate, with as many paths at least as the match has middles.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan_pair.h"

// What the row asks for; false: it has nothing to share.
static bool common_of(const amlrt__pairs *p, amlrt__common *out)
{
  const amlrt_pstage *stages = p->run->p->stages;
  const amlrt_pplan *row = p->row;

  *out = (amlrt__common){.plan = AMLRT_PLAN_PAIR,
                         .least = p->least,
                         .lo = row->lo,
                         .hi = row->hi,
                         .loops = p->keys_may_equal};
  for (int k = 0; k < 2; k++) {
    out->rows[k] = stages[row->stage[k]].same_rows;
    out->side[k] = p->end[k];
  }
  return out->rows[0] && out->rows[1] && p->least >= 2;
}

bool amlrt__pair_wants(const amlrt__run *run, const amlrt_pplan *row, amlrt__commons *all)
{
  amlrt__pairs p = {.run = run, .row = row};
  amlrt__common c;

  amlrt__pairs_take_row(&p);
  return !common_of(&p, &c) || amlrt__common_want(all, run->mem, &c);
}

// The widest of all that want it.
static void widen(amlrt__pairs *p, const amlrt__common *c)
{
  p->least = c->least;
  p->keys_may_equal = c->loops;
  p->gives = p->judges = false;
  p->marks = c->array[0];
  p->marking = true;
}

static amlrt_status find_marks(const amlrt__plan *pl, amlrt__common *c, amlrt_error *err)
{
  amlrt_pplan row = *pl->row;
  amlrt__plan wide = *pl;
  amlrt_status st;

  if (!c->array[0])
    c->array[0] = amlrt__array(pl->run->mem, pl->run->col->n_rows / 64 + 1, sizeof(atomic_ullong));
  if (!c->array[0]) return amlrt__nomem(err, pl->run->p->info->name);
  row.lo = c->lo;
  row.hi = c->hi;
  wide.row = &row;
  st = amlrt__pairs_begin(&wide, err);
  if (st == AMLRT_OK) {
    widen(wide.state, c);
    st = amlrt__pairs_cut(&wide, err);
  }
  if (st == AMLRT_OK) st = amlrt__do_units(&wide, amlrt__pairs_unit, err);
  amlrt__pairs_release(&wide);
  c->is_made = st == AMLRT_OK;
  return st;
}

amlrt_status amlrt__pair_take_marks(amlrt__plan *pl, amlrt_error *err)
{
  amlrt__pairs *p = pl->state;
  amlrt__common what, *c;
  amlrt_status st = AMLRT_OK;

  if (!common_of(p, &what) || !(c = amlrt__common_of(pl->run, &what))) return AMLRT_OK;
  if (!c->is_made) st = find_marks(pl, c, err);
  if (st == AMLRT_OK) p->marks = c->array[0];
  return st;
}
