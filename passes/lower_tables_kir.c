// Roles, stages and sets as tables: the counterpart of ir/reference/ref_plan.c.
#include "passes/lower_inside.h"
#include "passes/pair_times.h"

// ---- roles ------------------------------------------------------------------------------------------

static void add_role(lower *l, const gir_node *n)
{
  kir_role r = {.name = lk_text(l, n->name), .kind = KIR_ROLE_ONE, .set = KIR_NONE};

  if (n->op == GIR_GROUP) r.kind = KIR_ROLE_GROUP;
  if (n->op == GIR_CHAIN) r.kind = KIR_ROLE_CHAIN;
  if (n->op != GIR_ONE) r.size = n->range;
  r.may_be_empty = n->op == GIR_GROUP && range_has_degree(&n->range, rational_int(0));
  VEC_PUSH(l->mem, &l->m->roles, r);
}

static void add_may_equal(lower *l, const gir_node *n)
{
  kir_two two = {lk_role(l, n->args[0]), lk_role(l, n->args[1])};
  VEC_PUSH(l->mem, &l->m->may_equal, two);
}

void lk_roles(lower *l)
{
  for (uint32_t i = 0; i < l->p->body.n && cx_ok(l->c); i++)
    if (l->p->body.at[i]->type == TY_ROLE) add_role(l, l->p->body.at[i]);
  for (uint32_t i = 0; i < l->p->body.n && cx_ok(l->c); i++)
    if (l->p->body.at[i]->op == GIR_MAY_EQUAL) add_may_equal(l, l->p->body.at[i]);
}

// ---- stages -----------------------------------------------------------------------------------------

static void give_kind(kir_stage *s, gir_op op)
{
  if (op == GIR_STAGE)
    s->kind = KIR_STAGE_PLAIN;
  else if (op == GIR_WALK)
    s->kind = KIR_STAGE_WALK;
  else if (op == GIR_LAYER)
    s->kind = KIR_STAGE_LAYER;
  else if (op == GIR_TERM)
    s->kind = KIR_STAGE_TERM;
  else if (op == GIR_PROBE)
    s->kind = KIR_STAGE_PROBE;
  else
    AML_BUG("%s is no stage", gir_ops[op].name);
}

static bool holds_triggers(const lower *l, const gir_node *n)
{
  for (uint32_t i = 0; i < l->u->triggers.n; i++)
    if (l->u->triggers.at[i] == n) return true;
  return false;
}

// Section 4.2: a side may be empty.
static bool may_be_empty(const lower *l, const kir_stage *s)
{
  const kir_role *roles = l->m->roles.at;
  return s->optional || (s->from != KIR_NONE && roles[s->from].may_be_empty) ||
         (s->to != KIR_NONE && roles[s->to].may_be_empty);
}

static void give_ends(const lower *l, kir_stage *s, const gir_node *n)
{
  const gir_node *from = gir_stage_from(n), *to = gir_stage_to(n);

  s->from = lk_role(l, from);
  s->to = lk_role(l, to);
  s->chain = n->op == GIR_WALK ? lk_role(l, n->args[1]) : KIR_NONE;
  s->closed = s->chain != KIR_NONE && s->from == s->to;
  s->ends_may_equal = s->from != KIR_NONE && s->to != KIR_NONE && gir_may_equal(l->p, from, to);
}

static void add_stage(lower *l, const gir_node *n, const gir_node *as_written, uint32_t *shown)
{
  kir_stage s = {.name = lk_text(l, n->name), .owner = KIR_NONE, .filter = KIR_NONE};

  give_kind(&s, n->op);
  give_ends(l, &s, n);
  s.shown = gir_is_evidence(n) ? (*shown)++ : KIR_NONE;
  s.optional = n->op == GIR_TERM && gir_term_is_optional(l->p, n);
  s.may_be_empty = may_be_empty(l, &s);
  s.required = gir_stage_is_required(l->p, n);
  s.compares_hops = n->op == GIR_WALK && gir_walk_compares_hops(l->p, n);
  s.can_trigger = holds_triggers(l, n);
  s.within = n->op == GIR_TERM || n->op == GIR_PROBE ? 0 : n->imm[0];
  s.support[0] = n->op == GIR_LAYER ? (uint32_t)n->imm[1] : 1;
  s.support[1] = n->op == GIR_LAYER ? (uint32_t)n->imm[2] : 1;
  s.line = lk_text(l, gir_constraint_text(l->u->source, as_written));
  const gir_node *filter = gir_stage_filter(n);
  if (filter) s.filter = lk_condition(l, KIR_FN_ROW, "filter", n->name, s.line, filter);
  s.same_filter = l->u->same.at[l->m->stages.n].filter;
  s.same_rows = l->u->same.at[l->m->stages.n].rows;
  VEC_PUSH(l->mem, &l->m->stages, s);
}

void lk_stages(lower *l)
{
  uint32_t shown = 0;

  for (uint32_t i = 0; i < l->p->body.n && cx_ok(l->c); i++)
    if (gir_is_stage(l->p->body.at[i]))
      add_stage(l, l->p->body.at[i], l->u->source->body.at[i], &shown);
}

// ---- sets -------------------------------------------------------------------------------------------

static void give_set_op(kir_set *s, gir_op op)
{
  if (op == GIR_HAS)
    s->op = KIR_SET_HAS;
  else if (op == GIR_HAS_SHARE)
    s->op = KIR_SET_SHARE;
  else if (op == GIR_IN_ROLE)
    s->op = KIR_SET_ROLE;
  else if (op == GIR_INTERSECT)
    s->op = KIR_SET_AND;
  else if (op == GIR_UNION)
    s->op = KIR_SET_OR;
  else if (op == GIR_MINUS)
    s->op = KIR_SET_MINUS;
  else
    AML_BUG("%s is no set", gir_ops[op].name);
}

// Children first. `judged`: right of a `-`, where shares are counted once and for all.
static uint32_t add_set(lower *l, const gir_node *n, uint32_t owner, bool judged)
{
  kir_module *m = l->m;
  kir_set s = {.a = KIR_NONE, .b = KIR_NONE};

  give_set_op(&s, n->op);
  if (n->op == GIR_IN_ROLE) {
    s.a = lk_role(l, n->args[0]);
  } else if (n->op == GIR_HAS || n->op == GIR_HAS_SHARE) {
    s.a = lk_index(l, n->args[0]);
    if (s.a < m->stages.n) m->stages.at[s.a].owner = owner;
    if (n->op == GIR_HAS) s.at_least = (uint64_t)n->imm[0];
    if (n->op == GIR_HAS_SHARE) s.share = n->value.v;
    if (n->op == GIR_HAS_SHARE && !judged) m->roles.at[owner].shares = true;
  } else {
    s.a = add_set(l, n->args[0], owner, judged);
    s.b = add_set(l, n->args[1], owner, judged || n->op == GIR_MINUS);
  }
  if (s.op != KIR_SET_SHARE) s.share = rational_int(0);
  VEC_PUSH(l->mem, &m->sets, s);
  return m->sets.n - 1;
}

// Groups are started in the order of their set statement, else of their first appearance.
void lk_sets(lower *l)
{
  for (uint32_t i = 0; i < l->p->body.n && cx_ok(l->c); i++) {
    const gir_node *n = l->p->body.at[i];
    if (n->op == GIR_GROUP && !gir_set_of(l->p, n))
      VEC_PUSH(l->mem, &l->m->start_order, lk_index(l, n));
    if (n->op != GIR_MEMBERS) continue;
    uint32_t owner = lk_index(l, n->args[0]);
    VEC_PUSH(l->mem, &l->m->start_order, owner);
    l->m->roles.at[owner].set = add_set(l, n->args[1], owner, false);
  }
}
