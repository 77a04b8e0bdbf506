// A match as it is handed over: keys, members, evidence, constraints, values. docs/semantics.md, 4.4.
#include "runtime/src/eval.h"
#include "runtime/src/fold.h"
#include "runtime/src/run_match.h"

static bool give_roles(amlrt_eval *v, amlrt_match *m)
{
  uint32_t n = v->w->run->n_roles;
  amlrt_list *roles = amlrt__take(v->w, n, sizeof *roles);

  m->roles = roles;
  for (uint32_t r = 0; roles && r < n; r++) {
    amlrt__list left;
    if (!amlrt__members_left(v, r, &left)) return false;
    roles[r] = (amlrt_list){left.at, left.n};
  }
  return roles != NULL;
}

// The evidence: all transfers left of every stage but those right of a `-`.
static bool give_stages(amlrt_eval *v, amlrt_match *m)
{
  const amlrt_program *p = v->w->run->p;
  amlrt_list *stages = amlrt__take(v->w, p->info->n_stages, sizeof *stages);

  m->stages = stages;
  for (uint32_t i = 0; stages && i < p->n_stages; i++) {
    amlrt__list rows;
    if (p->stages[i].kind == AMLRT_STAGE_PROBE) continue;
    if (!amlrt__rows_asked(v, i, AMLRT_NONE, 0, &rows)) return false;
    stages[p->stages[i].shown] = (amlrt_list){rows.at, rows.n};
  }
  return stages != NULL;
}

static const amlrt_value *give_values(amlrt_eval *v, const amlrt_show_fn *fns, uint32_t n)
{
  amlrt_value *out = amlrt__take(v->w, n, sizeof *out);

  for (uint32_t i = 0; out && i < n; i++)
    out[i] = fns[i](v->w, v);
  return out;
}

bool amlrt__emit(amlrt_eval *v, amlrt_degree degree)
{
  amlrt_worker *w = v->w;
  const amlrt_program *p = w->run->p;
  amlrt_match m = {.trigger = w->trigger, .degree = degree, .constraints = v->result};

  if (w->want == AMLRT__WANT_NOTHING) return w->st == AMLRT_OK;
  if (w->want == AMLRT__WANT_FOLD) return amlrt__fold_note(v, degree);
  if (w->want == AMLRT__WANT_LIGHT) {
    m.feature_values = give_values(v, p->features, p->info->n_features);
    if (!amlrt__is_inconclusive(v, &m.inconclusive) || w->st != AMLRT_OK) return false;
    return amlrt__light_write(w, &m);
  }
  if (!give_roles(v, &m) || !give_stages(v, &m)) return false;
  m.title_values = give_values(v, p->title_values, p->info->n_title_values);
  m.feature_values = give_values(v, p->features, p->info->n_features);
  if (!amlrt__is_inconclusive(v, &m.inconclusive) || w->st != AMLRT_OK) return false;
  return amlrt__match_write(w, &m);
}
