// Conditions: comparisons, ranges, lists, orders, and what joins them.
#include "frontend/sema_inside.h"

#include <string.h>

static sema_x wrong(void)
{
  return (sema_x){.type = TY_NONE};
}

static sema_x condition(gir_node *n, span where, bool graded)
{
  return (sema_x){.type = TY_BOOL, .node = n, .where = where, .graded = graded};
}

static bool single(sema_pattern *p, const sema_x *x)
{
  if (x->is_const && x->v.is_range) {
    diag_error(p->env.c, DIAG_UNIT_MISMATCH, x->where,
               "this is a range, and one value is meant here");
    diag_help(p->env.c, "a range stands after `in`");
    return false;
  }
  return x->type != TY_NONE;
}

// ---- comparing ------------------------------------------------------------------------------------

static gir_op compare_op(ast_expr_kind k)
{
  return k == AST_EQ   ? GIR_EQ
         : k == AST_NE ? GIR_NE
         : k == AST_LT ? GIR_LT
         : k == AST_LE ? GIR_LE
         : k == AST_GT ? GIR_GT
                       : GIR_GE;
}

static bool is_currency_field(const sema_x *x)
{
  return !x->is_const && x->node->op == GIR_FIELD && strncmp(x->node->name, "currency", 8) == 0;
}

// `currency = "Euo"` would just never match: say so.
static void check_currency_text(sema_pattern *p, const sema_x *field, const sema_x *text)
{
  if (is_currency_field(field) && text->is_const && text->type == TY_TEXT)
    sema_check_currency(&p->env, text->v.text, text->where);
}

static sema_x compare(sema_pattern *p, const sema_scope *s, const ast_expr *x)
{
  sema_x a = lower_value(p, &p->env, s, x->a), b = lower_value(p, &p->env, s, x->b);

  if (!single(p, &a) || !single(p, &b) || !sema_comparable(&p->env, x, &a, &b)) return wrong();
  check_currency_text(p, &a, &b);
  check_currency_text(p, &b, &a);
  bool from_param = (a.is_const && a.v.from_param) || (b.is_const && b.v.from_param);
  gir_node *args[2] = {lower_node(p, &a), lower_node(p, &b)};
  gir_node *n = gir_make(p->out, compare_op(x->kind), x->span, args, 2);
  sema_check_truth(p, x, n, from_param);
  return condition(n, x->span, false);
}

// ---- x in range -----------------------------------------------------------------------------------

static sema_x in_range(sema_pattern *p, const sema_scope *s, const ast_expr *x)
{
  sema_x a = lower_value(p, &p->env, s, x->a);
  sema_value r = sema_range(&p->env, x->b);

  if (!single(p, &a) || r.type == TY_NONE) return wrong();
  if (a.type == TY_TEXT || a.type == TY_ACCOUNT) {
    diag_error(p->env.c, DIAG_UNIT_MISMATCH, x->a->span, "%s lies in no range",
               sema_unit_words(a.type));
    diag_help(p->env.c, "write a list, as in `format in {\"ACH\", \"Wire\"}`");
    return wrong();
  }
  if (!sema_range_coerce(&p->env, &r, a.type, x->b->span)) {
    diag_note(p->env.c, a.where, "this is %s", sema_unit_words(a.type));
    return wrong();
  }
  gir_node *arg = lower_node(p, &a);
  gir_node *n = gir_make(p->out, GIR_IN_RANGE, x->span, &arg, 1);
  n->range = r.range;
  sema_check_truth(p, x, n, r.from_param || (a.is_const && a.v.from_param));
  return condition(n, x->span, r.range.has & (GIR_HAS_A | GIR_HAS_D));
}

static sema_x in_set(sema_pattern *p, const sema_scope *s, const ast_expr *x)
{
  sema_x a = lower_value(p, &p->env, s, x->a);
  VEC(gir_node *) args = {0};
  bool ok = single(p, &a);

  VEC_PUSH(p->env.mem, &args, ok ? lower_node(p, &a) : NULL);
  for (uint32_t i = 0; i < x->args.n && cx_ok(p->env.c); i++) {
    if (!x->args.at[i]) return wrong();
    sema_value v = sema_const(&p->env, x->args.at[i]);
    sema_x item = {.type = v.type, .is_const = true, .v = v, .where = x->args.at[i]->span};
    ast_expr eq = {.kind = AST_EQ, .span = x->span, .a = x->a, .b = x->args.at[i]};
    if (!ok || !single(p, &item) || !sema_comparable(&p->env, &eq, &a, &item)) {
      ok = false;
      continue;
    }
    check_currency_text(p, &a, &item);
    VEC_PUSH(p->env.mem, &args, lower_node(p, &item));
  }
  if (!ok) return wrong();
  if (a.is_const) {
    diag_error(p->env.c, DIAG_ALWAYS_TRUE, x->a->span,
               "this is a constant: nothing of a transfer is asked");
    return wrong();
  }
  return condition(gir_make(p->out, GIR_ONE_OF, x->span, args.at, args.n), x->span, false);
}

// ---- orders ---------------------------------------------------------------------------------------

static int order_side(sema_pattern *p, const sema_scope *s, const ast_expr *at)
{
  if (!at || at->kind == AST_ERROR) return -1;
  if (at->kind != AST_NAME) {
    diag_error(p->env.c, DIAG_WRONG_KIND, at->span, "an order is between two stages");
    diag_help(p->env.c, s->kind == IN_ALONG ? "write `this before next`" : "write `A before B`");
    return -1;
  }
  if (s->kind == IN_ALONG) {
    if (strcmp(at->text, "this") == 0) return 0;
    if (strcmp(at->text, "next") == 0) return 1;
    diag_error(p->env.c, DIAG_ALONG_SIDES, at->span,
               "under `along` a transfer is `this` or `next`, not `%s`", at->text);
    diag_help(p->env.c, "write `this before next`");
    return -1;
  }
  for (int k = 0; k < 2; k++)
    if (s->side[k] && strcmp(s->side[k]->name, at->text) == 0) return k;
  return -1; // lower_constraint.c has said what is wrong
}

static sema_x order(sema_pattern *p, const sema_scope *s, const ast_expr *x)
{
  cx *c = p->env.c;

  if (s->kind == IN_REQUIRE) {
    diag_error(c, DIAG_NEEDS_OVERLAP, x->span,
               "under `require` an order is about all pairs of transfers");
    diag_help(c, "say how much may be out of order, as in `overlap ..20%%`, alone in its "
                 "statement; or write `each ROLE:` for an order at every account");
    return wrong();
  }
  if (s->kind != IN_PAIR && s->kind != IN_ALONG) {
    diag_error(c, DIAG_PAIR_SCOPE, x->span, "an order is between two transfers");
    diag_help(c, "write it under `each ROLE:`, `along STAGE:` or `require ... overlap`");
    return wrong();
  }
  int a = order_side(p, s, x->a), b = order_side(p, s, x->b);
  if (a < 0 || b < 0) return wrong();
  if (a == b) {
    bool strict = x->kind == AST_BEFORE;
    diag_error(c, strict ? DIAG_NEVER_TRUE : DIAG_ALWAYS_TRUE, x->span,
               strict ? "no transfer is before itself" : "no transfer is after itself");
    diag_help(c, "name two stages");
    return wrong();
  }
  gir_node *n =
      gir_make(p->out, x->kind == AST_BEFORE ? GIR_BEFORE : GIR_NOT_AFTER, x->span, NULL, 0);
  n->imm[0] = a;
  n->imm[1] = b;
  return condition(n, x->span, false);
}

static sema_x misplaced_overlap(sema_pattern *p, const sema_scope *s, const ast_expr *x)
{
  cx *c = p->env.c;

  diag_error(c, DIAG_OVERLAP_SCOPE, x->op_span.end ? x->op_span : x->span,
             "`overlap` is about all pairs of the whole match");
  if (s->kind == IN_REQUIRE)
    diag_help(c, "write `require A before B overlap R;` as a statement of its own");
  else
    diag_help(c, "leave `overlap` out: here every transfer needs one partner in order; or write "
                 "`require` instead");
  return wrong();
}

// ---- and, or, not ---------------------------------------------------------------------------------

static sema_x joined(sema_pattern *p, const sema_scope *s, const ast_expr *x)
{
  sema_x a = lower_condition(p, s, x->a), b = lower_condition(p, s, x->b);

  if (a.type == TY_NONE || b.type == TY_NONE) return wrong();
  gir_node *args[2] = {a.node, b.node};
  gir_node *n = gir_make(p->out, x->kind == AST_AND ? GIR_AND : GIR_OR, x->span, args, 2);
  return condition(n, x->span, a.graded || b.graded);
}

static sema_x opposite(sema_pattern *p, const sema_scope *s, const ast_expr *x)
{
  sema_x a = lower_condition(p, s, x->a);

  if (a.type == TY_NONE) return a;
  if (a.graded) {
    diag_error(p->env.c, DIAG_NOT_GRADED, x->span, "`not` of a graded condition is not defined");
    diag_note(p->env.c, a.where, "this is graded, by its `~`");
    diag_help(p->env.c, "write the range that is meant, as in `in ..0.7~0.8`");
    return wrong();
  }
  return condition(gir_make(p->out, GIR_NOT, x->span, &a.node, 1), x->span, false);
}

static sema_x no_condition(sema_pattern *p, const sema_scope *s, const ast_expr *x)
{
  sema_x a = lower_value(p, &p->env, s, x);

  if (!single(p, &a)) return wrong();
  diag_error(p->env.c, DIAG_NOT_CONDITION, x->span, "this is %s, and a condition is meant here",
             sema_unit_words(a.type));
  diag_help(p->env.c, "compare it, as in `... > 3` or `... in 3..8`");
  return wrong();
}

sema_x lower_condition(sema_pattern *p, const sema_scope *s, const ast_expr *x)
{
  if (!x || !cx_ok(p->env.c)) return wrong();
  switch (x->kind) {
  case AST_EQ:
  case AST_NE:
  case AST_LT:
  case AST_LE:
  case AST_GT:
  case AST_GE:
    return compare(p, s, x);
  case AST_IN_RANGE:
    return in_range(p, s, x);
  case AST_IN_SET:
    return in_set(p, s, x);
  case AST_AND:
  case AST_OR:
    return joined(p, s, x);
  case AST_NOT:
    return opposite(p, s, x);
  case AST_BEFORE:
  case AST_NOT_AFTER:
    return order(p, s, x);
  case AST_OVERLAP:
    return misplaced_overlap(p, s, x);
  case AST_ERROR:
  case AST_NUMBER:
  case AST_DURATION:
  case AST_PERCENT:
  case AST_MONEY:
  case AST_TEXT:
  case AST_TIME:
  case AST_NAME:
  case AST_DOT:
  case AST_CALL:
  case AST_NEG:
  case AST_ADD:
  case AST_SUB:
  case AST_MUL:
  case AST_DIV:
  case AST_RANGE:
  case AST_N_EXPR_KINDS:
    break;
  }
  return no_condition(p, s, x);
}

gir_node *lower_filter(sema_pattern *p, const ast_expr *x, const ast_stmt *stmt)
{
  sema_scope s = {.kind = IN_FILTER, .stmt = stmt};

  if (!x) return NULL;
  sema_x f = lower_condition(p, &s, x);
  return f.type == TY_BOOL ? f.node : NULL;
}
