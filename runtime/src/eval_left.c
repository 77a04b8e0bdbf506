// What is left of a candidate: transfers of a stage, of one account, of one hop; members.
#include "runtime/src/eval.h"

#include <string.h>

uint32_t amlrt__n_left(const amlrt_eval *v, uint32_t role)
{
  return amlrt__is_group(v->w->run, role) ? v->group[role].n_left : v->keys[role].n;
}

uint32_t amlrt__n_members(const amlrt_eval *v, uint32_t role)
{
  return amlrt__is_group(v->w->run, role) ? v->group[role].n : 1;
}

int amlrt__role_end(const amlrt__run *run, uint32_t stage, uint32_t role)
{
  const amlrt_pstage *s = &run->p->stages[stage];

  if (role == AMLRT_NONE) return -1;
  return s->from == role ? AMLRT__FROM : s->to == role ? AMLRT__TO : -1;
}

// ---- places -------------------------------------------------------------------------------------------

static bool places_of(amlrt_eval *v, uint32_t stage, int end, uint32_t member, amlrt__list *out)
{
  const amlrt__tx *tx = &v->tx[stage];
  const amlrt__by *by = &tx->by[end];

  if (!amlrt__take_list(v->w, out, by->n_left[member])) return false;
  for (uint32_t k = by->begin[member]; k < by->begin[member + 1]; k++)
    if (tx->left[by->at[k]]) out->at[out->n++] = by->at[k];
  return true;
}

bool amlrt__places_of_hop(amlrt_eval *v, uint32_t stage, uint32_t hop, amlrt__list *out)
{
  return places_of(v, stage, 0, hop, out);
}

static bool places_left(amlrt_eval *v, uint32_t stage, amlrt__list *out)
{
  const amlrt__tx *tx = &v->tx[stage];

  if (!amlrt__take_list(v->w, out, tx->n_left)) return false;
  for (uint32_t i = 0; i < tx->n; i++)
    if (tx->left[i]) out->at[out->n++] = i;
  return true;
}

// Of a walk, those of its start are its first hop, those of its end the last, of a ring's start both.
static bool places_of_walk(amlrt_eval *v, uint32_t stage, uint32_t role, amlrt__list *out)
{
  const amlrt_pstage *s = &v->w->run->p->stages[stage];
  uint32_t last = v->tx[stage].n_hops - 1;
  amlrt__list first, end;

  if (!s->closed) return places_of(v, stage, 0, s->from == role ? 0 : last, out);
  if (!places_of(v, stage, 0, 0, &first) || !places_of(v, stage, 0, last, &end)) return false;
  return amlrt__merge(v->w, out, &first, &end);
}

bool amlrt__places_at(amlrt_eval *v, uint32_t stage, uint32_t role, uint32_t member,
                      amlrt__list *out)
{
  const amlrt__run *run = v->w->run;
  int end = amlrt__role_end(run, stage, role);

  if (end >= 0 && amlrt__is_group(run, role)) return places_of(v, stage, end, member, out);
  if (end >= 0 && run->p->stages[stage].chain != AMLRT_NONE)
    return places_of_walk(v, stage, role, out);
  return places_left(v, stage, out);
}

void amlrt__to_rows(const amlrt_eval *v, uint32_t stage, const amlrt__list *places, uint32_t *out)
{
  const uint32_t *row = v->tx[stage].row;

  for (uint32_t i = 0; i < places->n; i++)
    out[i] = row[places->at[i]];
}

// ---- rows, ascending ------------------------------------------------------------------------------------

bool amlrt__rows_of(amlrt_eval *v, uint32_t stage, uint32_t role, uint32_t member, amlrt__list *out)
{
  if (!amlrt__places_at(v, stage, role, member, out)) return false;
  amlrt__to_rows(v, stage, out, out->at);
  if (!amlrt__step(v->w, out->n)) return false;
  return v->w->run->p->stages[stage].chain == AMLRT_NONE || amlrt__sort(v->w, out);
}

bool amlrt__rows_of_hop(amlrt_eval *v, uint32_t stage, uint32_t hop, amlrt__list *out)
{
  if (!amlrt__places_of_hop(v, stage, hop, out)) return false;
  amlrt__to_rows(v, stage, out, out->at);
  return true;
}

bool amlrt__ask_member(amlrt_eval *v, uint32_t role, uint32_t member)
{
  uint32_t n = v->w->run->n_stages;

  v->member_role = role;
  v->member = member;
  v->member_account =
      amlrt__is_group(v->w->run, role) ? v->group[role].account[member] : v->keys[role].at[0];
  v->member_rows = amlrt__take_clear(v->w, n, sizeof *v->member_rows);
  return v->member_rows != NULL;
}

bool amlrt__rows_asked(amlrt_eval *v, uint32_t stage, uint32_t role, uint32_t account,
                       amlrt__list *out)
{
  amlrt__list *known = role == AMLRT_NONE ? v->rows : v->member_rows;

  (void)account; // the member at hand
  if (!known[stage].at && v->alone) {
    v->unsure = true;
    *out = (amlrt__list){NULL, 0};
    return true;
  }
  if (!known[stage].at) {
    uint32_t member = role == AMLRT_NONE ? 0 : v->member;
    if (!amlrt__rows_of(v, stage, role, member, &known[stage])) return false;
  }
  *out = known[stage];
  return true;
}

bool amlrt__members_left(amlrt_eval *v, uint32_t role, amlrt__list *out)
{
  const amlrt__group *g = &v->group[role];

  if (!amlrt__is_group(v->w->run, role)) {
    *out = v->keys[role];
    return true;
  }
  if (!amlrt__take_list(v->w, out, g->n_left)) return false;
  for (uint32_t m = 0; m < g->n; m++)
    if (g->left[m]) out->at[out->n++] = g->account[m];
  return true;
}
