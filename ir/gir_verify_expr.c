// The rules of conditions and values.
#include "ir/gir_verify.h"

static void broken(gir_verifier *v, gir_rule rule, const gir_node *n)
{
  gir_broken(v, rule, n->span, "%s%s%s", gir_ops[n->op].name, n->name ? " " : "",
             n->name ? n->name : "");
}

// ---- units ----------------------------------------------------------------------------------------

// Amounts are plain numbers where the pattern ignores currencies; a further column is what its values are.
static bool units_agree(const gir_verifier *v, gir_type a, gir_type b)
{
  if (a == b || a == TY_ANY || b == TY_ANY) return true;
  if (v->p->currency == GIR_CURRENCY_IGNORED)
    if ((a == TY_MONEY && b == TY_NUMBER) || (a == TY_NUMBER && b == TY_MONEY)) return true;
  return (a == TY_ACCOUNT && b == TY_TEXT) || (a == TY_TEXT && b == TY_ACCOUNT);
}

static void check_currency(gir_verifier *v, const gir_node *n, gir_type type, const char *currency)
{
  if (type == TY_MONEY && !currency && v->p->currency != GIR_CURRENCY_IGNORED)
    broken(v, RULE_CURRENCY, n);
}

void gir_verify_range(gir_verifier *v, const gir_node *n, gir_type unit)
{
  if (!units_agree(v, unit, n->range.type)) broken(v, RULE_RANGE_UNIT, n);
  check_currency(v, n, n->range.type, n->range.currency);
}

// Sums, products and their like: money with plain numbers only where that is the same thing.
static void check_arithmetic(gir_verifier *v, const gir_node *n)
{
  gir_type a = n->args[0]->type, b = n->n_args > 1 ? n->args[1]->type : a;
  bool ignored = v->p->currency == GIR_CURRENCY_IGNORED;
  bool ok = n->type != TY_NONE;
  if (n->op == GIR_ADD || n->op == GIR_SUB)
    ok = ok && (units_agree(v, a, b) || a == TY_TIME || b == TY_TIME);
  else if (n->op == GIR_MUL)
    ok = ok && (ignored || a != TY_MONEY || b != TY_MONEY);
  else if (n->op == GIR_DIV)
    ok = ok && (ignored || a != TY_NUMBER || b != TY_MONEY);
  if (!ok) broken(v, RULE_UNITS, n);
}

static void check_comparison(gir_verifier *v, const gir_node *n)
{
  for (uint32_t k = 1; k < n->n_args; k++)
    if (!units_agree(v, n->args[0]->type, n->args[k]->type)) broken(v, RULE_UNITS, n);
}

// ---- scopes ---------------------------------------------------------------------------------------

static bool is_of_transfer(gir_op op)
{
  return op == GIR_FIELD || op == GIR_COLUMN || op == GIR_ATTRIBUTE;
}

static bool is_of_pair(gir_op op)
{
  return op == GIR_BEFORE || op == GIR_NOT_AFTER || op == GIR_GAP;
}

static bool is_aggregate(gir_op op)
{
  return op >= GIR_COUNT_ROLE && op <= GIR_SPAN;
}

static void check_scope(gir_verifier *v, const gir_node *n, gir_scope scope)
{
  if ((is_of_transfer(n->op) && scope == SCOPE_MANY) ||
      (is_of_pair(n->op) && scope != SCOPE_PAIR) || (is_aggregate(n->op) && scope != SCOPE_MANY))
    broken(v, RULE_SCOPE, n);
  int64_t sides = scope == SCOPE_PAIR ? 2 : 1;
  if (is_of_transfer(n->op) && (n->imm[0] < 0 || n->imm[0] >= sides)) broken(v, RULE_SIDE, n);
  if (is_of_pair(n->op) &&
      !((n->imm[0] == 0 && n->imm[1] == 1) || (n->imm[0] == 1 && n->imm[1] == 0)))
    broken(v, RULE_SIDE, n);
}

// ---- ops ------------------------------------------------------------------------------------------

static bool is_graded(const gir_node *n)
{
  if (n->op == GIR_IN_RANGE && (n->range.has & (GIR_HAS_A | GIR_HAS_D))) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k]->type == TY_BOOL && is_graded(n->args[k])) return true;
  return false;
}

static void check_fields(gir_verifier *v, const gir_node *n)
{
  if (n->op == GIR_COLUMN && gir_field_type(n->name) != TY_NONE) broken(v, RULE_FIELD, n);
  if (n->op == GIR_ATTRIBUTE && n->imm[1] != 0 && n->imm[1] != 1) broken(v, RULE_IMM, n);
  if (n->op >= GIR_SUM && n->op <= GIR_MEAN) {
    gir_type of = gir_field_type(n->name);
    if (of != TY_NONE && of != TY_MONEY) broken(v, RULE_AMOUNT, n);
  }
}

static void check_conditions(gir_verifier *v, const gir_node *n)
{
  if (n->op >= GIR_EQ && n->op <= GIR_GE) check_comparison(v, n);
  if (n->op == GIR_IN_RANGE) gir_verify_range(v, n, n->args[0]->type);
  if (n->op == GIR_NOT && is_graded(n->args[0])) broken(v, RULE_NOT_GRADED, n);
  if (n->op == GIR_ONE_OF) {
    check_comparison(v, n);
    for (uint32_t k = 1; k < n->n_args; k++)
      if (n->args[k]->op != GIR_CONST) broken(v, RULE_ONE_OF, n);
  }
}

void gir_verify_expr(gir_verifier *v, const gir_node *n, gir_scope scope)
{
  check_scope(v, n, scope);
  check_fields(v, n);
  check_conditions(v, n);
  if (n->op >= GIR_ADD && n->op <= GIR_NEG) check_arithmetic(v, n);
  if (n->op == GIR_CONST) check_currency(v, n, n->value.type, n->value.text);
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k]->type != TY_ROLE && n->args[k]->type != TY_STAGE)
      gir_verify_expr(v, n->args[k], scope);
}
