#include "ir/gir.h"

bool gir_is_stage(const gir_node *n)
{
  return n->type == TY_STAGE;
}

bool gir_is_evidence(const gir_node *n)
{
  return gir_is_stage(n) && n->op != GIR_PROBE;
}

bool gir_is_key(const gir_node *n)
{
  return n->op == GIR_ONE || n->op == GIR_CHAIN;
}

gir_node *gir_stage_from(const gir_node *n)
{
  return n->args[0];
}

gir_node *gir_stage_to(const gir_node *n)
{
  return n->args[n->op == GIR_WALK ? 2 : 1];
}

gir_node *gir_stage_filter(const gir_node *n)
{
  return n->args[n->op == GIR_WALK ? 3 : 2];
}

bool gir_stage_touches(const gir_node *stage, const gir_node *role)
{
  return gir_stage_from(stage) == role || gir_stage_to(stage) == role;
}

bool gir_range_admits(const gir_range *r, rational v)
{
  if ((r->has & GIR_HAS_A) && rational_cmp(v, r->a) <= 0) return false;
  if ((r->has & GIR_HAS_D) && rational_cmp(v, r->d) >= 0) return false;
  if (!(r->has & GIR_HAS_A) && (r->has & GIR_HAS_B) && rational_cmp(v, r->b) < 0) return false;
  if (!(r->has & GIR_HAS_D) && (r->has & GIR_HAS_C) && rational_cmp(v, r->c) > 0) return false;
  return true;
}

bool gir_size_may_be_zero(const gir_node *group)
{
  return group->op == GIR_GROUP && gir_range_admits(&group->range, rational_int(0));
}

const gir_node *gir_set_of(const gir_pattern *p, const gir_node *group)
{
  for (uint32_t i = 0; i < p->body.n; i++)
    if (p->body.at[i]->op == GIR_MEMBERS && p->body.at[i]->args[0] == group) return p->body.at[i];
  return NULL;
}

// Is `term` counted somewhere in `set` below a `|`?
static bool is_below_union(const gir_node *set, const gir_node *term, bool below)
{
  if (set->op == GIR_HAS || set->op == GIR_HAS_SHARE) return below && set->args[0] == term;
  if (set->op == GIR_IN_ROLE) return false;
  below = below || set->op == GIR_UNION;
  return is_below_union(set->args[0], term, below) || is_below_union(set->args[1], term, below);
}

bool gir_term_is_optional(const gir_pattern *p, const gir_node *term)
{
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if (n->op == GIR_MEMBERS && is_below_union(n->args[1], term, false)) return true;
  }
  return false;
}

bool gir_stage_may_be_empty(const gir_pattern *p, const gir_node *stage)
{
  return gir_size_may_be_zero(gir_stage_from(stage)) || gir_size_may_be_zero(gir_stage_to(stage)) ||
         (stage->op == GIR_TERM && gir_term_is_optional(p, stage));
}

bool gir_stage_is_required(const gir_pattern *p, const gir_node *stage)
{
  (void)p;
  if (stage->op == GIR_WALK) return true;
  return stage->op == GIR_STAGE && gir_stage_from(stage)->op != GIR_GROUP &&
         gir_stage_to(stage)->op != GIR_GROUP;
}

bool gir_may_equal(const gir_pattern *p, const gir_node *a, const gir_node *b)
{
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if (n->op != GIR_MAY_EQUAL) continue;
    if ((n->args[0] == a && n->args[1] == b) || (n->args[0] == b && n->args[1] == a)) return true;
  }
  return false;
}

bool gir_uses_aggregate(const gir_node *expr)
{
  if (expr->op >= GIR_COUNT_ROLE && expr->op <= GIR_SPAN) return true;
  for (uint32_t k = 0; k < expr->n_args; k++)
    if (expr->args[k] && gir_uses_aggregate(expr->args[k])) return true;
  return false;
}

static bool reads_side(const gir_node *n, int64_t side)
{
  if (n->op == GIR_BEFORE || n->op == GIR_NOT_AFTER || n->op == GIR_GAP) return true;
  if (n->op == GIR_FIELD || n->op == GIR_COLUMN || n->op == GIR_ATTRIBUTE) return n->imm[0] == side;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && reads_side(n->args[k], side)) return true;
  return false;
}

bool gir_walk_compares_hops(const gir_pattern *p, const gir_node *walk)
{
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if (n->op != GIR_HOP_PAIR || n->args[0] != walk) continue;
    if (reads_side(n->args[1], 0) && reads_side(n->args[1], 1)) return true;
  }
  return false;
}

static bool is_constraint(const gir_node *n)
{
  static const bool always[GIR_N_OPS] = {
      [GIR_GROUP] = true,   [GIR_CHAIN] = true,    [GIR_LAYER] = true,
      [GIR_PAIR] = true,    [GIR_HOP_PAIR] = true, [GIR_EACH] = true,
      [GIR_REQUIRE] = true, [GIR_OVERLAP] = true,  [GIR_ABSENT] = true,
  };
  return always[n->op] || (gir_is_evidence(n) && gir_stage_filter(n));
}

void gir_constraints(gir_nodes *out, const gir_pattern *p)
{
  for (uint32_t i = 0; i < p->body.n; i++)
    if (is_constraint(p->body.at[i])) VEC_PUSH(p->mem, out, p->body.at[i]);
}
