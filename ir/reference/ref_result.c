// A match as it is handed over: keys, members, evidence, constraints, values. docs/semantics.md, 4.4.
#include "ir/reference/ref_inside.h"

static bool members_left(ref_eval *ev, uint32_t role, amlrt_list *out)
{
  const ref_group *g = &ev->group[role];
  ref_list left;

  if (ev->rx->plan.role[role].node->op != GIR_GROUP) {
    *out = (amlrt_list){ev->keys->role[role].at, ev->keys->role[role].n};
    return true;
  }
  if (!ref_list_take(ev->rx, &left, g->n)) return false;
  for (uint32_t m = 0; m < g->n; m++)
    if (g->left[m]) left.at[left.n++] = g->account[m];
  *out = (amlrt_list){left.at, left.n};
  return true;
}

static bool give_roles(ref_eval *ev, amlrt_match *m)
{
  amlrt_list *roles = ref_take(ev->rx, ev->rx->plan.n_roles, sizeof *roles);

  m->roles = roles;
  for (uint32_t r = 0; roles && r < ev->rx->plan.n_roles; r++)
    if (!members_left(ev, r, &roles[r])) return false;
  return roles != NULL;
}

// The evidence: all transfers left of every stage but those right of a `-`.
static bool give_stages(ref_eval *ev, amlrt_match *m)
{
  const ref_plan *plan = &ev->rx->plan;
  amlrt_list *stages = ref_take(ev->rx, plan->n_stages, sizeof *stages);
  uint32_t n = 0;

  m->stages = stages;
  for (uint32_t i = 0; stages && i < plan->n_stages; i++) {
    ref_list rows;
    if (!plan->stage[i].evidence) continue;
    if (!ref_scope_rows(&ev->match, plan->stage[i].node, &rows)) return false;
    stages[n++] = (amlrt_list){rows.at, rows.n};
  }
  return stages != NULL;
}

static bool give_values(ref_eval *ev, amlrt_match *m)
{
  const gir_pattern *p = ev->rx->p;
  amlrt_value *title = ref_take(ev->rx, p->title.n, sizeof *title);
  amlrt_value *feature = ref_take(ev->rx, p->features.n, sizeof *feature);
  uint32_t n = 0;

  if (!title || !feature) return false;
  for (uint32_t i = 0; i < p->title.n; i++)
    if (p->title.at[i]->op == GIR_TITLE_VALUE)
      title[n++] = ref_show(&ev->match, p->title.at[i]->args[0]);
  for (uint32_t i = 0; i < p->features.n; i++)
    feature[i] = ref_show(&ev->match, p->features.at[i]->args[0]);
  m->title_values = title;
  m->feature_values = feature;
  return ev->rx->st == AMLRT_OK;
}

bool ref_emit(ref_eval *ev, amlrt_degree degree)
{
  ref_cx *rx = ev->rx;
  amlrt_match m = {.pattern = rx->pattern_index, .trigger = rx->now.row, .degree = degree};

  if (rx->opts->match_limit && rx->emitted == rx->opts->match_limit) {
    // One more than may be: only now is something cut.
    rx->st = AMLRT_TRUNCATED;
    return false;
  }
  if (!give_roles(ev, &m) || !give_stages(ev, &m) || !give_values(ev, &m)) return false;
  m.constraints = ev->result;
  m.inconclusive = ref_is_inconclusive(ev);
  if (rx->st != AMLRT_OK) return false;
  amlrt_status st = rx->on_match(rx->user, &m);
  if (st < 0) rx->st = st;
  rx->emitted++;
  rx->stats->matches++;
  return rx->st == AMLRT_OK;
}
