// Constraints, and what people are shown of a pattern: the counterpart of ir/reference/ref_info.c.
// Texts and bounds are those of the pattern as it was compiled, whatever passes made of it.
#include "passes/lower_inside.h"

// ---- bounds shown -------------------------------------------------------------------------------------

// As amlrt_scope.
enum { SCOPE_MATCH, SCOPE_MEMBERS, SCOPE_HOPS, SCOPE_TX };

static int scope_of(const gir_node *n)
{
  if (n->op == GIR_PAIR || n->op == GIR_EACH) return SCOPE_MEMBERS;
  if (n->op == GIR_HOP_PAIR) return SCOPE_HOPS;
  return gir_is_stage(n) && gir_stage_filter(n) ? SCOPE_TX : SCOPE_MATCH;
}

// A comparison with a constant bounds from below, above or both.
static unsigned sides_of(gir_op op)
{
  if (op == GIR_GT || op == GIR_GE) return GIR_HAS_B;
  if (op == GIR_LT || op == GIR_LE) return GIR_HAS_C;
  return op == GIR_EQ ? GIR_HAS_B | GIR_HAS_C : 0;
}

static gir_range bounds_of(const gir_node *cond)
{
  gir_range none = {.has = 0};

  if (cond->op == GIR_IN_RANGE) return cond->range;
  if (!sides_of(cond->op) || cond->args[1]->op != GIR_CONST) return none;
  const gir_const *v = &cond->args[1]->value;
  if (v->type == TY_TEXT) return none;
  return (gir_range){
      .has = sides_of(cond->op), .type = v->type, .b = v->v, .c = v->v, .currency = v->text};
}

static const gir_node *cond_of(const gir_node *n)
{
  if (gir_is_stage(n)) return gir_stage_filter(n);
  if (n->op == GIR_PAIR) return n->args[3];
  if (n->op == GIR_HOP_PAIR || n->op == GIR_EACH) return n->args[1];
  return n->op == GIR_REQUIRE ? n->args[0] : NULL;
}

static gir_range bounds_shown(const gir_node *n)
{
  if (n->op == GIR_GROUP || n->op == GIR_CHAIN || n->op == GIR_OVERLAP) return n->range;
  return cond_of(n) ? bounds_of(cond_of(n)) : (gir_range){.has = 0};
}

// ---- constraints --------------------------------------------------------------------------------------

static void give_absent(lower *l, kir_con *c, const gir_node *n)
{
  c->kind = KIR_CON_ABSENT;
  c->from = lk_role(l, n->args[0]);
  c->to = lk_role(l, n->args[1]);
  if (n->args[2]) c->filter = lk_condition(l, KIR_FN_ROW, "filter", n->name, n->text, n->args[2]);
  if (n->args[3]) c->anchor = lk_index(l, n->args[3]);
  c->for_s = n->args[3] ? n->imm[0] : 0;
}

static void give_stage(lower *l, kir_con *c, const gir_node *n)
{
  // The degree of a layer with a filter is the filter's.
  c->kind = gir_stage_filter(n) ? KIR_CON_FILTER : KIR_CON_SUPPORT;
  c->stage = lk_index(l, n);
}

static void give_kind(lower *l, kir_con *c, const gir_node *n, uint32_t place)
{
  if (n->op == GIR_GROUP || n->op == GIR_CHAIN) {
    c->kind = KIR_CON_SIZE;
    c->role = lk_index(l, n);
    c->range = n->range;
  } else if (gir_is_stage(n)) {
    give_stage(l, c, n);
  } else if (n->op == GIR_PAIR || n->op == GIR_HOP_PAIR) {
    c->kind = KIR_CON_PAIR;
    c->pair = lk_pair_of(l, n, place, &c->cond);
  } else if (n->op == GIR_EACH) {
    c->kind = KIR_CON_EACH;
    c->role = lk_role(l, n->args[0]);
    c->agg = lk_condition(l, KIR_FN_AGG, "each", n->args[0]->name, n->text, n->args[1]);
  } else if (n->op == GIR_REQUIRE) {
    c->kind = KIR_CON_REQUIRE;
    c->agg = lk_condition(l, KIR_FN_AGG, "require", "", n->text, n->args[0]);
  } else if (n->op == GIR_OVERLAP) {
    c->kind = KIR_CON_OVERLAP;
    c->stage = lk_index(l, n->args[0]);
    c->other = lk_index(l, n->args[1]);
    c->range = n->range;
  } else if (n->op == GIR_ABSENT) {
    give_absent(l, c, n);
  } else {
    AML_BUG("%s is no constraint", gir_ops[n->op].name);
  }
}

static void add_constraint(lower *l, const gir_node *n, const gir_node *as_written)
{
  kir_con c = {.role = KIR_NONE, .stage = KIR_NONE, .other = KIR_NONE, .pair = KIR_NONE};

  c.cond = c.agg = c.from = c.to = c.filter = c.anchor = KIR_NONE;
  c.text = lk_text(l, gir_constraint_text(l->u->source, as_written));
  c.scope = scope_of(as_written);
  c.shown = bounds_shown(as_written);
  give_kind(l, &c, n, l->m->cons.n);
  VEC_PUSH(l->mem, &l->m->cons, c);
}

void lk_constraints(lower *l)
{
  gir_nodes now = {0}, written = {0};

  gir_constraints(&now, l->p);
  gir_constraints(&written, l->u->source);
  if (!cx_ok(l->c)) return;
  if (now.n != written.n) AML_BUG("a pass left %u of %u constraints", now.n, written.n);
  for (uint32_t i = 0; i < now.n && cx_ok(l->c); i++)
    add_constraint(l, now.at[i], written.at[i]);
}

// ---- title, features, parameters ------------------------------------------------------------------------

static void add_title(lower *l, const gir_node *n)
{
  kir_title t = {.text = NULL, .index = KIR_NONE};

  if (n->op == GIR_TITLE_TEXT) {
    t.kind = KIR_TITLE_TEXT;
    t.text = lk_text(l, n->text);
  } else if (n->op == GIR_TITLE_ROLE) {
    t.kind = KIR_TITLE_ROLE;
    t.index = lk_role(l, n->args[0]);
  } else {
    t.kind = KIR_TITLE_VALUE;
    t.index = l->m->title_values.n;
    uint32_t fn = lk_shown(l, "title", "", n->args[0]);
    VEC_PUSH(l->mem, &l->m->title_values, fn);
  }
  VEC_PUSH(l->mem, &l->m->title, t);
}

static void add_feature(lower *l, const gir_node *n)
{
  kir_feature f = {.name = lk_text(l, n->name), .kind = n->imm[0]};

  f.lo = n->imm[1];
  f.hi = n->imm[2];
  f.fn = lk_shown(l, "feature", n->name, n->args[0]);
  VEC_PUSH(l->mem, &l->m->features, f);
}

void lk_output(lower *l)
{
  for (uint32_t i = 0; i < l->p->title.n && cx_ok(l->c); i++)
    add_title(l, l->p->title.at[i]);
  for (uint32_t i = 0; i < l->p->features.n && cx_ok(l->c); i++)
    add_feature(l, l->p->features.at[i]);
  for (uint32_t i = 0; i < l->p->params.n; i++)
    VEC_PUSH(l->mem, &l->m->params, l->p->params.at[i]);
}
