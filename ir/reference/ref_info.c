// What files and people need to know of a pattern: names, texts, bounds.
#include "ir/reference/ref.h"

static bool is_role_shown(const gir_node *n)
{
  return n->type == TY_ROLE && n->op != GIR_ANYONE;
}

static amlrt_role_kind kind_of(const gir_node *n)
{
  if (n->op == GIR_GROUP) return AMLRT_ROLE_GROUP;
  return n->op == GIR_CHAIN ? AMLRT_ROLE_CHAIN : AMLRT_ROLE_ONE;
}

// By the place of a role in the body; AMLRT_NONE: no role of the body.
static uint32_t role_index(const gir_pattern *p, const gir_node *role)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < p->body.n; i++) {
    if (p->body.at[i] == role) return n;
    n += is_role_shown(p->body.at[i]);
  }
  return AMLRT_NONE;
}

static void give_roles(arena *mem, amlrt_pattern_info *out, const gir_pattern *p)
{
  amlrt_role_info *roles = arena_try(mem, (p->body.n + 1) * sizeof *roles);
  uint32_t *closed = arena_try(mem, (p->body.n + 1) * sizeof *closed);

  if (!roles || !closed) return;
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    closed[i] = AMLRT_NONE;
    if (is_role_shown(n)) roles[out->n_roles++] = (amlrt_role_info){n->name, kind_of(n)};
  }
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if (n->op == GIR_WALK && gir_stage_from(n) == gir_stage_to(n))
      closed[role_index(p, n->args[1])] = role_index(p, gir_stage_from(n));
  }
  out->roles = roles;
  out->closed_start = closed;
}

static void give_stages(arena *mem, amlrt_pattern_info *out, const gir_pattern *p)
{
  amlrt_stage_info *stages = arena_try(mem, (p->body.n + 1) * sizeof *stages);

  if (!stages) return;
  for (uint32_t i = 0; i < p->body.n; i++)
    if (gir_is_stage(p->body.at[i]) && gir_is_evidence(p->body.at[i]))
      stages[out->n_stages++] = (amlrt_stage_info){p->body.at[i]->name};
  out->stages = stages;
}

// ---- constraints --------------------------------------------------------------------------------------

static amlrt_scope scope_of(const gir_node *n)
{
  if (n->op == GIR_PAIR || n->op == GIR_EACH) return AMLRT_SCOPE_MEMBERS;
  if (n->op == GIR_HOP_PAIR) return AMLRT_SCOPE_HOPS;
  return gir_is_stage(n) && gir_stage_filter(n) ? AMLRT_SCOPE_TX : AMLRT_SCOPE_MATCH;
}

static void range_bounds(amlrt_constraint_info *c, const gir_range *r)
{
  c->has = r->has;
  if (r->has & GIR_HAS_A) c->bounds[0] = rational_double(r->a);
  if (r->has & GIR_HAS_B) c->bounds[1] = rational_double(r->b);
  if (r->has & GIR_HAS_C) c->bounds[2] = rational_double(r->c);
  if (r->has & GIR_HAS_D) c->bounds[3] = rational_double(r->d);
}

// A comparison with a constant bounds from below, above or both.
static unsigned sides_of(gir_op op)
{
  if (op == GIR_GT || op == GIR_GE) return GIR_HAS_B;
  if (op == GIR_LT || op == GIR_LE) return GIR_HAS_C;
  return op == GIR_EQ ? GIR_HAS_B | GIR_HAS_C : 0;
}

static void cond_bounds(amlrt_constraint_info *c, const gir_node *cond)
{
  if (cond->op == GIR_IN_RANGE) range_bounds(c, &cond->range);
  if (!sides_of(cond->op) || cond->args[1]->op != GIR_CONST) return;
  const gir_const *v = &cond->args[1]->value;
  if (v->type == TY_TEXT) return;
  c->has = sides_of(cond->op);
  c->bounds[1] = c->bounds[2] = rational_double(v->v);
}

static const gir_node *cond_of(const gir_node *n)
{
  if (gir_is_stage(n)) return gir_stage_filter(n);
  if (n->op == GIR_PAIR) return n->args[3];
  if (n->op == GIR_HOP_PAIR || n->op == GIR_EACH) return n->args[1];
  return n->op == GIR_REQUIRE ? n->args[0] : NULL;
}

static void give_constraints(arena *mem, amlrt_pattern_info *out, const gir_pattern *p)
{
  gir_nodes nodes = {0};

  gir_constraints(&nodes, p);
  amlrt_constraint_info *list = arena_try(mem, (nodes.n + 1) * sizeof *list);
  if (!list) return;
  for (uint32_t i = 0; i < nodes.n; i++) {
    const gir_node *n = nodes.at[i];
    list[i] = (amlrt_constraint_info){.text = gir_constraint_text(p, n), .scope = scope_of(n)};
    if (n->op == GIR_GROUP || n->op == GIR_CHAIN || n->op == GIR_OVERLAP)
      range_bounds(&list[i], &n->range);
    if (cond_of(n)) cond_bounds(&list[i], cond_of(n));
  }
  out->constraints = list;
  out->n_constraints = nodes.n;
}

// ---- title, features, parameters ----------------------------------------------------------------------

static void give_title(arena *mem, amlrt_pattern_info *out, const gir_pattern *p)
{
  amlrt_title_part *parts = arena_try(mem, (p->title.n + 1) * sizeof *parts);

  if (!parts) return;
  for (uint32_t i = 0; i < p->title.n; i++) {
    const gir_node *n = p->title.at[i];
    if (n->op == GIR_TITLE_TEXT)
      parts[i] = (amlrt_title_part){.kind = AMLRT_TITLE_TEXT, .text = n->text};
    else if (n->op == GIR_TITLE_ROLE)
      parts[i] = (amlrt_title_part){.kind = AMLRT_TITLE_ROLE, .index = role_index(p, n->args[0])};
    else
      parts[i] = (amlrt_title_part){.kind = AMLRT_TITLE_VALUE, .index = out->n_title_values++};
  }
  out->title = parts;
  out->n_title = p->title.n;
}

// The runtime's kinds are the IR's, in the same order.
_Static_assert((int)GIR_FEATURE_COUNT == (int)AMLRT_FEATURE_COUNT &&
                   (int)GIR_FEATURE_HISTOGRAM == (int)AMLRT_FEATURE_HISTOGRAM,
               "feature kinds differ");

static void give_features(arena *mem, amlrt_pattern_info *out, const gir_pattern *p)
{
  amlrt_feature_info *list = arena_try(mem, (p->features.n + 1) * sizeof *list);

  if (!list) return;
  for (uint32_t i = 0; i < p->features.n; i++) {
    const gir_node *n = p->features.at[i];
    list[i] = (amlrt_feature_info){.name = n->name,
                                   .kind = (amlrt_feature_kind)n->imm[0],
                                   .bin_lo = n->imm[1],
                                   .bin_hi = n->imm[2]};
  }
  out->features = list;
  out->n_features = p->features.n;
}

static void give_params(arena *mem, amlrt_pattern_info *out, const gir_pattern *p)
{
  amlrt_param_info *list = arena_try(mem, (p->params.n + 1) * sizeof *list);

  if (!list) return;
  for (uint32_t i = 0; i < p->params.n; i++)
    list[i] = (amlrt_param_info){p->params.at[i].name, p->params.at[i].value};
  out->params = list;
  out->n_params = p->params.n;
}

const amlrt_pattern_info *ref_pattern_info(arena *mem, const gir_pattern *p)
{
  amlrt_pattern_info *out = arena_make(mem, amlrt_pattern_info);

  *out = (amlrt_pattern_info){
      .name = p->name, .id = p->id, .version = p->version, .status = p->status};
  out->within = p->within;
  give_roles(mem, out, p);
  give_stages(mem, out, p);
  give_constraints(mem, out, p);
  give_title(mem, out, p);
  give_features(mem, out, p);
  give_params(mem, out, p);
  return out;
}
