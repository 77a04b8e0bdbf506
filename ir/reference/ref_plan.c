// The pattern made ready for a run: indexes instead of pointers, constants in the numbers of the data,
// columns looked up. Nothing is decided here that docs/semantics.md does not say.
#include "ir/reference/ref_inside.h"

#include <string.h>

static const char *const fields[REF_N_FIELDS] = {
    [REF_AMOUNT] = "amount",
    [REF_CURRENCY] = "currency",
    [REF_AMOUNT_RECEIVED] = "amount_received",
    [REF_CURRENCY_RECEIVED] = "currency_received",
    [REF_FORMAT] = "format",
    [REF_TIME] = "time",
    [REF_FROM] = "from",
    [REF_TO] = "to",
};

amlrt_frac ref_frac(rational r)
{
  return (amlrt_frac){r.num, r.den};
}

amlrt_range ref_range(const gir_range *r)
{
  amlrt_range out = {.has = r->has};

  if (r->has & GIR_HAS_A) out.a = ref_frac(r->a);
  if (r->has & GIR_HAS_B) out.b = ref_frac(r->b);
  if (r->has & GIR_HAS_C) out.c = ref_frac(r->c);
  if (r->has & GIR_HAS_D) out.d = ref_frac(r->d);
  return out;
}

uint32_t ref_role_of(const ref_cx *rx, const gir_node *role)
{
  return role->op == GIR_ANYONE ? AMLRT_NONE : rx->plan.node[role->id].index;
}

bool ref_may_equal(const ref_cx *rx, uint32_t a, uint32_t b)
{
  return rx->plan.may_equal[(size_t)a * rx->plan.n_roles + b];
}

// ---- currencies -------------------------------------------------------------------------------------

const char *ref_currency_text(const char *text)
{
  const char *iso = amlrt_currency_iso(text, strlen(text));
  return iso ? iso : text;
}

// Literals may name currencies that the data do not have: they get numbers after the table's.
static uint32_t currency_of(ref_plan *plan, const char *text)
{
  const char *canonical = ref_currency_text(text);

  for (uint32_t c = 1; c < plan->n_currencies; c++)
    if (strcmp(plan->currency[c], canonical) == 0) return c;
  plan->currency[plan->n_currencies] = canonical;
  return plan->n_currencies++;
}

static bool take_currencies(ref_cx *rx)
{
  ref_plan *plan = &rx->plan;
  uint32_t n = amlrt_table_n_currencies(rx->table);

  plan->currency = ref_take_run(rx, (size_t)n + rx->p->n_nodes, sizeof *plan->currency);
  if (!plan->currency) return false;
  for (uint32_t c = 0; c < n; c++)
    plan->currency[c] =
        c ? ref_currency_text(amlrt_table_currency(rx->table, (amlrt_currency)c, NULL)) : "";
  plan->n_currencies = n ? n : 1;
  return true;
}

// ---- nodes of expressions ---------------------------------------------------------------------------

static void note_name(ref_cx *rx, ref_node *at, const gir_node *n)
{
  at->field = REF_N_FIELDS;
  bool standard = n->op != GIR_ATTRIBUTE && n->op != GIR_COLUMN;
  for (uint32_t f = 0; standard && f < REF_N_FIELDS; f++)
    if (strcmp(fields[f], n->name) == 0) at->field = f;
  if (n->op == GIR_ATTRIBUTE)
    at->extra = amlrt_table_find_attribute(rx->table, n->name);
  else if (at->field == REF_N_FIELDS)
    at->extra = amlrt_table_find_extra(rx->table, n->name);
}

static bool names_a_field(gir_op op)
{
  static const bool names[GIR_N_OPS] = {
      [GIR_FIELD] = true, [GIR_COLUMN] = true, [GIR_ATTRIBUTE] = true, [GIR_SUM] = true,
      [GIR_MIN] = true,   [GIR_MAX] = true,    [GIR_MEAN] = true,      [GIR_DISTINCT] = true,
  };
  return names[op];
}

static void note_expr(ref_cx *rx, const gir_node *n)
{
  ref_node *at = &rx->plan.node[n->id];

  if (names_a_field(n->op)) note_name(rx, at, n);
  if (n->op == GIR_CONST || n->op == GIR_HAS_SHARE) {
    at->v = ref_frac(n->value.v);
    if (n->value.type == TY_MONEY && n->value.text)
      at->currency = currency_of(&rx->plan, n->value.text);
  }
  if (n->op == GIR_IN_RANGE || n->op == GIR_OVERLAP) at->range = ref_range(&n->range);
  if (n->op == GIR_IN_RANGE && n->range.currency)
    at->currency = currency_of(&rx->plan, n->range.currency);
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && n->args[k]->type != TY_ROLE && n->args[k]->type != TY_STAGE)
      note_expr(rx, n->args[k]);
}

// ---- roles and stages -------------------------------------------------------------------------------

// The smallest whole number that can have a degree above 0.
static uint64_t least_size(const amlrt_range *r)
{
  const amlrt_frac *end = r->has & AMLRT_HAS_A ? &r->a : r->has & AMLRT_HAS_B ? &r->b : NULL;

  if (!end || end->num <= 0) return 0;
  amlrt_i128 least = (end->num + end->den - 1) / end->den;
  return least > INT64_MAX ? INT64_MAX : (uint64_t)least;
}

// What a set asks of the group that it is the set of: who owns its terms, does it count shares?
static void note_set(ref_cx *rx, const gir_node *set, uint32_t owner, bool judged)
{
  ref_plan *plan = &rx->plan;

  if (set->op == GIR_IN_ROLE) return;
  if (set->op == GIR_HAS || set->op == GIR_HAS_SHARE) {
    plan->stage[plan->node[set->args[0]->id].index].owner = owner;
    if (set->op == GIR_HAS_SHARE && !judged) plan->role[owner].shares = true;
    return;
  }
  note_set(rx, set->args[0], owner, judged);
  note_set(rx, set->args[1], owner, judged || set->op == GIR_MINUS);
}

static void add_role(ref_cx *rx, const gir_node *n)
{
  ref_role *r = &rx->plan.role[rx->plan.n_roles];

  rx->plan.node[n->id].index = rx->plan.n_roles++;
  *r = (ref_role){.node = n};
  if (n->op == GIR_ONE) return;
  r->size = ref_range(&n->range);
  r->least = least_size(&r->size);
  if (n->op == GIR_CHAIN) return;
  const gir_node *members = gir_set_of(rx->p, n);
  r->set = members ? members->args[1] : NULL;
  r->may_be_empty = amlrt_range_degree(&r->size, amlrt_frac_int(0)) > 0;
}

static bool note_may_equal(ref_cx *rx)
{
  ref_plan *plan = &rx->plan;
  size_t n = plan->n_roles;

  plan->may_equal = ref_take_run(rx, n * n, sizeof *plan->may_equal);
  if (!plan->may_equal) return false;
  for (size_t a = 0; a < n; a++)
    for (size_t b = 0; b < n; b++)
      plan->may_equal[a * n + b] = gir_may_equal(rx->p, plan->role[a].node, plan->role[b].node);
  return true;
}

static void note_ends(ref_cx *rx, ref_stage *s)
{
  s->end[REF_FROM_END] = ref_role_of(rx, gir_stage_from(s->node));
  s->end[REF_TO_END] = ref_role_of(rx, gir_stage_to(s->node));
  s->chain = s->node->op == GIR_WALK ? ref_role_of(rx, s->node->args[1]) : AMLRT_NONE;
  s->closed = s->chain != AMLRT_NONE && s->end[0] == s->end[1];
  s->ends_may_equal =
      s->end[0] != AMLRT_NONE && s->end[1] != AMLRT_NONE && ref_may_equal(rx, s->end[0], s->end[1]);
}

// Section 4.2: a side may be empty.
static bool side_may_be_empty(const ref_cx *rx, const ref_stage *s)
{
  for (int e = 0; e < 2; e++)
    if (s->end[e] != AMLRT_NONE && rx->plan.role[s->end[e]].may_be_empty) return true;
  return s->optional;
}

static bool add_stage(ref_cx *rx, const gir_node *n)
{
  ref_stage *s = &rx->plan.stage[rx->plan.n_stages];

  rx->plan.node[n->id].index = rx->plan.n_stages++;
  *s = (ref_stage){.node = n, .filter = gir_stage_filter(n), .owner = AMLRT_NONE};
  note_ends(rx, s);
  s->evidence = gir_is_evidence(n);
  s->optional = n->op == GIR_TERM && gir_term_is_optional(rx->p, n);
  s->may_be_empty = side_may_be_empty(rx, s);
  s->required = gir_stage_is_required(rx->p, n);
  s->within = n->op == GIR_TERM || n->op == GIR_PROBE ? 0 : n->imm[0];
  s->support[0] = s->support[1] = 1;
  if (n->op == GIR_LAYER) {
    s->support[REF_FROM_END] = (uint32_t)n->imm[1];
    s->support[REF_TO_END] = (uint32_t)n->imm[2];
  }
  if (!s->filter) return true;
  s->known = ref_take_run(rx, rx->col->n_rows, 1);
  return s->known != NULL;
}

// ---- the whole --------------------------------------------------------------------------------------

static bool take_plan(ref_cx *rx)
{
  ref_plan *plan = &rx->plan;
  uint32_t n = rx->p->body.n;

  plan->node = ref_take_run(rx, rx->p->n_nodes, sizeof *plan->node);
  plan->role = ref_take_run(rx, n, sizeof *plan->role);
  plan->stage = ref_take_run(rx, n, sizeof *plan->stage);
  plan->pair = ref_take_run(rx, n, sizeof *plan->pair);
  plan->constraint = ref_take_run(rx, n, sizeof(const gir_node *));
  plan->start_order = ref_take_run(rx, n, sizeof *plan->start_order);
  plan->trigger = AMLRT_NONE;
  return plan->node && plan->role && plan->stage && plan->pair && plan->constraint &&
         plan->start_order && take_currencies(rx);
}

// In the order that gir_constraints gives: that of the text.
static bool is_constraint(const gir_node *n)
{
  static const bool is[GIR_N_OPS] = {
      [GIR_GROUP] = true,   [GIR_CHAIN] = true,  [GIR_LAYER] = true,
      [GIR_PAIR] = true,    [GIR_EACH] = true,   [GIR_HOP_PAIR] = true,
      [GIR_REQUIRE] = true, [GIR_ABSENT] = true, [GIR_OVERLAP] = true,
  };
  return is[n->op] || (gir_is_stage(n) && gir_is_evidence(n) && gir_stage_filter(n));
}

static void note_statement(ref_cx *rx, const gir_node *n)
{
  ref_plan *plan = &rx->plan;

  if (n->op == GIR_GROUP && !gir_set_of(rx->p, n))
    plan->start_order[plan->n_groups++] = plan->node[n->id].index;
  if (n->op == GIR_MEMBERS) {
    uint32_t owner = plan->node[n->args[0]->id].index;
    plan->start_order[plan->n_groups++] = owner;
    note_set(rx, n->args[1], owner, false);
  }
  if (!is_constraint(n)) return;
  // A role or a stage is found by its own index; only statements are looked up by constraint.
  if (n->type == TY_STMT) plan->node[n->id].index = plan->n_constraints;
  plan->constraint[plan->n_constraints++] = n;
}

bool ref_plan_make(ref_cx *rx)
{
  const gir_pattern *p = rx->p;

  if (!take_plan(rx)) return false;
  for (uint32_t i = 0; i < p->body.n; i++)
    if (p->body.at[i]->type == TY_ROLE) add_role(rx, p->body.at[i]);
  if (!note_may_equal(rx)) return false;
  for (uint32_t i = 0; i < p->body.n; i++)
    if (gir_is_stage(p->body.at[i]) && !add_stage(rx, p->body.at[i])) return false;
  for (uint32_t i = 0; i < p->body.n; i++) {
    note_expr(rx, p->body.at[i]);
    note_statement(rx, p->body.at[i]);
  }
  for (uint32_t i = 0; i < p->title.n; i++)
    note_expr(rx, p->title.at[i]);
  for (uint32_t i = 0; i < p->features.n; i++)
    note_expr(rx, p->features.at[i]);
  if (p->trigger) rx->plan.trigger = rx->plan.node[p->trigger->id].index;
  return ref_plan_pairs(rx);
}
