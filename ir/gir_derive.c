// What follows from a pattern: how far back it reads, where its trigger can fall, whether earlier rows
// could break a match. docs/semantics.md, 8 (Outcomes) and 9.
#include "ir/gir.h"

// ---- orders ---------------------------------------------------------------------------------------

static bool is_time_of(const gir_node *n, int64_t side)
{
  return n->op == GIR_FIELD && n->type == TY_TIME && n->imm[0] == side;
}

static bool mentions_gap(const gir_node *n, int64_t first)
{
  if (n->op == GIR_GAP) return n->imm[0] == first && n->imm[1] == 1 - first;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && mentions_gap(n->args[k], first)) return true;
  return false;
}

// Whatever pair passes `cond`, its side `first` is strictly earlier than the other side.
static bool implies_before(const gir_node *cond, int64_t first)
{
  if (cond->op == GIR_BEFORE) return cond->imm[0] == first && cond->imm[1] == 1 - first;
  if (cond->op == GIR_AND)
    return implies_before(cond->args[0], first) || implies_before(cond->args[1], first);
  if (cond->op == GIR_OR)
    return implies_before(cond->args[0], first) && implies_before(cond->args[1], first);
  if (cond->op == GIR_NOT) return false;
  if (cond->op == GIR_LT && is_time_of(cond->args[0], first) &&
      is_time_of(cond->args[1], 1 - first))
    return true;
  if (cond->op == GIR_GT && is_time_of(cond->args[0], 1 - first) &&
      is_time_of(cond->args[1], first))
    return true;
  // What compares a gap holds for no pair unless there is one.
  return mentions_gap(cond, first);
}

bool gir_walk_is_ordered(const gir_pattern *p, const gir_node *walk)
{
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if (n->op == GIR_HOP_PAIR && n->args[0] == walk && implies_before(n->args[1], 0)) return true;
  }
  return false;
}

// Every transfer of `stage` needs a partner in the other side, strictly later. One exception each: a
// side that may be empty asks nothing, and of a chain only the hops at the role are asked.
static bool pair_keeps_out(const gir_pattern *p, const gir_node *pair, const gir_node *stage)
{
  for (uint32_t side = 0; side < 2; side++) {
    if (pair->args[1 + side] != stage) continue;
    if (gir_stage_may_be_empty(p, pair->args[2 - side])) continue;
    if (!implies_before(pair->args[3], side)) continue;
    if (stage->op != GIR_WALK) return true;
    if (gir_stage_to(stage) == pair->args[0] && gir_walk_is_ordered(p, stage)) return true;
  }
  return false;
}

// No pair may be out of order, and the later side is there in every match.
static bool overlap_keeps_out(const gir_pattern *p, const gir_node *n, const gir_node *stage)
{
  const gir_range *r = &n->range;
  if (n->args[0] != stage || gir_stage_may_be_empty(p, n->args[1])) return false;
  return !(r->has & GIR_HAS_D) && (r->has & GIR_HAS_C) && rational_cmp(r->c, rational_int(0)) <= 0;
}

// Some transfer of another stage is later than `bound`, a first(..) or last(..), so last(stage) < it.
static bool is_last_of(const gir_node *n, const gir_node *stage)
{
  return n->op == GIR_LAST && n->args[0] == stage;
}

static bool is_of_other(const gir_node *n, const gir_node *stage)
{
  return (n->op == GIR_FIRST || n->op == GIR_LAST) && n->args[0] != stage;
}

static bool require_keeps_out(const gir_node *cond, const gir_node *stage)
{
  if (cond->op == GIR_AND)
    return require_keeps_out(cond->args[0], stage) || require_keeps_out(cond->args[1], stage);
  if (cond->op == GIR_LT)
    return is_last_of(cond->args[0], stage) && is_of_other(cond->args[1], stage);
  if (cond->op == GIR_GT)
    return is_of_other(cond->args[0], stage) && is_last_of(cond->args[1], stage);
  return false;
}

const gir_node *gir_kept_out_by(const gir_pattern *p, const gir_node *stage)
{
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if ((n->op == GIR_PAIR && pair_keeps_out(p, n, stage)) ||
        (n->op == GIR_OVERLAP && overlap_keeps_out(p, n, stage)) ||
        (n->op == GIR_REQUIRE && require_keeps_out(n->args[0], stage)))
      return n;
  }
  return NULL;
}

static void derive_triggers(gir_pattern *p)
{
  p->triggers.n = 0;
  for (uint32_t i = 0; i < p->body.n; i++) {
    gir_node *n = p->body.at[i];
    if (!gir_is_evidence(n) || (p->trigger && p->trigger != n)) continue;
    if (!gir_kept_out_by(p, n)) VEC_PUSH(p->mem, &p->triggers, n);
  }
}

// ---- span and outcomes ----------------------------------------------------------------------------

static int64_t derive_span(const gir_pattern *p)
{
  int64_t further = 0;
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if (n->op == GIR_ABSENT && n->args[3] && n->imm[0] > further) further = n->imm[0];
  }
  return p->within > INT64_MAX - further ? INT64_MAX : p->within + further;
}

// Something only a `-` or a share judges, which rows that came before could turn.
static bool set_is_breakable(const gir_node *set)
{
  if (set->op == GIR_MINUS || set->op == GIR_HAS_SHARE) return true;
  for (uint32_t k = 0; k < set->n_args; k++)
    if (set->args[k] && set->args[k]->type == TY_SET && set_is_breakable(set->args[k])) return true;
  return false;
}

static bool is_breakable(const gir_node *n)
{
  if (n->op == GIR_ABSENT || n->op == GIR_OVERLAP) return true;
  if (n->op == GIR_GROUP) return (n->range.has & (GIR_HAS_C | GIR_HAS_D)) != 0;
  if (n->op == GIR_MEMBERS) return set_is_breakable(n->args[1]);
  return (n->op == GIR_EACH || n->op == GIR_REQUIRE) && gir_uses_aggregate(n);
}

void gir_derive(gir_pattern *p)
{
  p->span_s = derive_span(p);
  p->breakable = p->hubs > 0;
  for (uint32_t i = 0; i < p->body.n; i++)
    p->breakable = p->breakable || is_breakable(p->body.at[i]);
  derive_triggers(p);
}
