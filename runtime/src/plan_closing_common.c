// Transfers that may lie on a chain, and how they are linked in time: the same for all patterns of a run whose
// walks take in the same transfers, so made once (common.h). The filter asks for times alone; it is given the
// widest gap between a hop and the next that any of the patterns allows, and so drops nothing that one of them
// needs. Links hang on the window alone, and so does whether any way leads from a trigger's payee to its payer: a
// trigger that closes nothing is not asked again.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_closing.h"

static bool common_of(const amlrt__run *run, const amlrt_pplan *row, amlrt__common *out)
{
  const amlrt_pstage *walk = &run->p->stages[row->stage[0]];

  *out = (amlrt__common){
      .plan = AMLRT_PLAN_CLOSING, .rows = {walk->same_rows}, .side = {walk->closed}, .hi = row->hi};
  return walk->same_rows != 0;
}

bool amlrt__closing_wants(const amlrt__run *run, const amlrt_pplan *row, amlrt__commons *all)
{
  amlrt__common c;
  return !common_of(run, row, &c) || amlrt__common_want(all, run->mem, &c);
}

amlrt__common *amlrt__closing_common(amlrt__closing *c)
{
  amlrt__common what, *found = NULL;

  if (common_of(c->run, c->row, &what)) found = amlrt__common_of(c->run, &what);
  if (found) c->widest = found->hi < c->within - 1 ? (uint32_t)found->hi : c->within - 1;
  return found;
}

bool amlrt__closing_keep(amlrt__closing *c, amlrt__common *kept)
{
  if (c->walk->closed)
    c->nothing = amlrt__array(c->run->mem, (size_t)c->e.n + 1, sizeof *c->nothing);
  if (c->walk->closed && !c->nothing) return false;
  void *const array[AMLRT__COMMON_ARRAYS] = {c->e.from, c->e.to,  c->e.time, c->e.row,
                                             c->e.use,  c->back,  c->on,     c->start,
                                             c->in,     c->place, c->nothing};

  for (int i = 0; i < AMLRT__COMMON_ARRAYS; i++)
    kept->array[i] = array[i];
  kept->n = c->e.n;
  return kept->is_made = c->lent = true;
}

void amlrt__closing_take(amlrt__closing *c, const amlrt__common *kept)
{
  void *const *array = kept->array;

  c->e = (amlrt__edges){array[0], array[1], array[2], array[3], array[4], kept->n};
  c->back = array[5];
  c->on = array[6];
  c->start = array[7];
  c->in = array[8];
  c->place = array[9];
  c->nothing = array[10];
  c->lent = c->was_asked = true;
}
