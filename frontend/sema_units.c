// Units: what an operation on two of them gives, and working out constants exactly.
#include "frontend/sema_inside.h"

#include <string.h>

static bool is_plain(const sema_env *e, gir_type t)
{
  return t == TY_NUMBER || t == TY_ANY || (t == TY_MONEY && e->currency == GIR_CURRENCY_IGNORED);
}

static gir_type sum_type(const sema_env *e, ast_expr_kind op, gir_type a, gir_type b)
{
  if (a == TY_TIME && b == TY_TIME) return op == AST_SUB ? TY_DURATION : TY_NONE;
  if (a == TY_TIME && b == TY_DURATION) return TY_TIME;
  if (a == TY_DURATION && b == TY_TIME) return op == AST_ADD ? TY_TIME : TY_NONE;
  if (is_plain(e, a) && is_plain(e, b))
    return a == TY_MONEY || b == TY_MONEY ? TY_MONEY : TY_NUMBER;
  return a == b && (a == TY_MONEY || a == TY_DURATION) ? a : TY_NONE;
}

static gir_type product_type(const sema_env *e, ast_expr_kind op, gir_type a, gir_type b)
{
  bool quantity = a == TY_MONEY || a == TY_DURATION;

  if (b == TY_NUMBER && quantity) return a;
  if (op == AST_MUL && a == TY_NUMBER && (b == TY_MONEY || b == TY_DURATION)) return b;
  if (op == AST_DIV && a == b && quantity) return TY_NUMBER;
  if (is_plain(e, a) && is_plain(e, b))
    return a == TY_MONEY || b == TY_MONEY ? TY_MONEY : TY_NUMBER;
  return TY_NONE;
}

gir_type sema_arith_type(const sema_env *e, ast_expr_kind op, gir_type a, gir_type b)
{
  if (a == TY_ANY) a = TY_NUMBER; // a further column is a plain number
  if (b == TY_ANY) b = TY_NUMBER;
  if (op == AST_ADD || op == AST_SUB) return sum_type(e, op, a, b);
  return product_type(e, op, a, b);
}

static const char *verb_of(ast_expr_kind op)
{
  return op == AST_ADD   ? "added to"
         : op == AST_SUB ? "subtracted from"
         : op == AST_MUL ? "multiplied by"
                         : "divided by";
}

void sema_report_arith(sema_env *e, const ast_expr *x, gir_type a, gir_type b)
{
  bool swap = x->kind == AST_SUB;
  const char *one = sema_unit_words(swap ? b : a), *two = sema_unit_words(swap ? a : b);

  diag_error(e->c, DIAG_UNIT_MISMATCH, x->span, "%s cannot be %s %s", one, verb_of(x->kind), two);
  diag_note(e->c, x->a->span, "this is %s", sema_unit_words(a));
  diag_note(e->c, x->b->span, "this is %s", sema_unit_words(b));
  if ((a == TY_MONEY && b == TY_NUMBER) || (a == TY_NUMBER && b == TY_MONEY))
    diag_help(e->c, "give the number a currency, as in `500 USD`, or say `ignoring currency;`");
  else if (x->kind == AST_ADD || x->kind == AST_SUB)
    diag_help(e->c, "write both sides in one unit");
  else
    diag_help(
        e->c,
        "a quantity is multiplied or divided by a plain number, or divided by one of its own unit");
}

// ---- constants ----------------------------------------------------------------------------------

static bool fold_values(ast_expr_kind op, rational *out, rational a, rational b)
{
  if (op == AST_ADD) return rational_add(out, a, b);
  if (op == AST_SUB) return rational_sub(out, a, b);
  if (op == AST_MUL) return rational_mul(out, a, b);
  return rational_div(out, a, b);
}

static bool same_currency(sema_env *e, const ast_expr *x, const sema_value *a, const sema_value *b)
{
  if (a->type != TY_MONEY || b->type != TY_MONEY || a->text == b->text) return true;
  if (!a->text || !b->text) return true;
  diag_error(e->c, DIAG_CURRENCY_MISMATCH, x->span, "%s and %s are two currencies", a->text,
             b->text);
  diag_help(e->c, "constants are not converted: write both in one currency");
  return false;
}

sema_value sema_fold(sema_env *e, const ast_expr *x, const sema_value *a, const sema_value *b)
{
  gir_type t = sema_arith_type(e, x->kind, a->type, b->type);
  sema_value out = {.type = t,
                    .from_param = a->from_param || b->from_param,
                    .is_share = a->is_share || b->is_share};

  if (t == TY_NONE) {
    sema_report_arith(e, x, a->type, b->type);
    return out;
  }
  if (!same_currency(e, x, a, b)) return sema_wrong();
  if (t == TY_MONEY)
    out.text = a->type == TY_MONEY && a->text ? a->text : b->type == TY_MONEY ? b->text : NULL;
  if (x->kind == AST_DIV && b->v.num == 0) {
    diag_error(e->c, DIAG_ZERO_DIVISION, x->span, "this divides by 0");
    diag_help(e->c, "write another divisor");
    return sema_wrong();
  }
  if (fold_values(x->kind, &out.v, a->v, b->v)) return out;
  diag_error(e->c, DIAG_OVERFLOW, x->span, "this value is too large, or too fine, to be exact");
  diag_help(e->c, "write it with fewer digits");
  return sema_wrong();
}

// ---- comparing ----------------------------------------------------------------------------------

static bool is_order(ast_expr_kind k)
{
  return k == AST_LT || k == AST_LE || k == AST_GT || k == AST_GE;
}

static void report_column(sema_env *e, const sema_x *column, const sema_x *other)
{
  diag_error(e->c, DIAG_UNIT_MISMATCH, other->where,
             "this is %s, and a further column holds plain numbers or texts",
             sema_unit_words(other->type));
  diag_note(e->c, column->where, "this is a column of the data");
  if (other->type == TY_MONEY)
    diag_help(e->c, "say `ignoring currency;`, or compare with a plain number");
  else
    diag_help(e->c, "compare with a plain number or a text");
}

static void report_compare(sema_env *e, const ast_expr *x, const sema_x *a, const sema_x *b)
{
  if (a->type == TY_ANY || b->type == TY_ANY) {
    report_column(e, a->type == TY_ANY ? a : b, a->type == TY_ANY ? b : a);
    return;
  }
  const ast_expr *at = b->is_const || !a->is_const ? x->b : x->a;
  gir_type here = at == x->b ? b->type : a->type, there = at == x->b ? a->type : b->type;

  diag_error(e->c, DIAG_UNIT_MISMATCH, at ? at->span : b->where, "%s is compared with %s here",
             sema_unit_words(there), sema_unit_words(here));
  diag_note(e->c, at == x->b ? a->where : b->where, "this is %s", sema_unit_words(there));
  if (there == TY_MONEY) diag_help(e->c, "write an amount, as in `9_000 USD`");
  if (there == TY_DURATION) diag_help(e->c, "write a duration, as in `48h`");
  if (there == TY_NUMBER) diag_help(e->c, "write a plain number");
  if (there == TY_TEXT || there == TY_ACCOUNT) diag_help(e->c, "write a text in quotes");
  if (there == TY_TIME) diag_help(e->c, "write a time, as in `2022-09-01 00:20`");
}

static bool comparable(const sema_env *e, ast_expr_kind op, gir_type a, gir_type b)
{
  bool texts = a == TY_TEXT || a == TY_ACCOUNT;

  if (a == TY_BOOL || b == TY_BOOL) return false;
  if (is_order(op) && (texts || b == TY_TEXT || b == TY_ACCOUNT)) return false;
  if (a == TY_ANY || b == TY_ANY) {
    gir_type other = a == TY_ANY ? b : a;
    return other == TY_ANY || other == TY_TEXT || is_plain(e, other) || other == TY_ACCOUNT;
  }
  if (texts) return b == TY_TEXT || b == TY_ACCOUNT;
  return a == b || (is_plain(e, a) && is_plain(e, b));
}

// A plain constant beside an amount becomes an amount, where the pattern takes amounts as numbers.
static void lift(sema_x *x, const sema_x *other)
{
  if (!x->is_const || x->type != TY_NUMBER || other->type != TY_MONEY) return;
  x->type = x->v.type = TY_MONEY;
  x->v.text = NULL;
}

bool sema_comparable(sema_env *e, const ast_expr *x, sema_x *a, sema_x *b)
{
  if (a->type == TY_NONE || b->type == TY_NONE) return false;
  bool money = a->type == TY_MONEY && !a->is_const && b->type == TY_NUMBER && b->is_const;
  bool ymoney = b->type == TY_MONEY && !b->is_const && a->type == TY_NUMBER && a->is_const;
  if ((money || ymoney) && e->currency != GIR_CURRENCY_IGNORED && !e->any_currency) {
    const sema_x *plain = money ? b : a;
    diag_error(e->c, DIAG_NO_CURRENCY, plain->where,
               "an amount is compared with a number that names no currency");
    diag_note(e->c, money ? a->where : b->where, "this is an amount");
    diag_help(e->c,
              "write the currency, as in `9_000 USD`, or say `ignoring currency;` in the pattern");
    return false;
  }
  if (!comparable(e, x->kind, a->type, b->type)) {
    if (is_order(x->kind) && a->type == b->type) {
      diag_error(e->c, DIAG_UNIT_MISMATCH, x->span, "%s has no order: it is equal or not",
                 sema_unit_words(a->type));
      diag_help(e->c, "compare with `=` or `!=`");
    } else {
      report_compare(e, x, a, b);
    }
    return false;
  }
  if (a->is_const && b->is_const && !same_currency(e, x, &a->v, &b->v)) return false;
  lift(a, b);
  lift(b, a);
  return true;
}
