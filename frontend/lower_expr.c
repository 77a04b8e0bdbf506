// Expressions and conditions: checked and lowered in one walk.
//
// A subtree that is constant stays a value (sema_units.c works it out exactly) and becomes a CONST node
// only where it meets something that varies. With no pattern at hand (bounds, parameters) the scope is
// IN_CONST, where whatever varies is an error.
#include "frontend/sema_inside.h"

#include <string.h>

static sema_x wrong(void)
{
  return (sema_x){.type = TY_NONE};
}

static sema_x constant(sema_value v, span where)
{
  return (sema_x){.type = v.type, .is_const = true, .v = v, .where = where};
}

static sema_x varying(gir_node *n, span where)
{
  n->type = gir_result_type(n);
  return (sema_x){.type = n->type, .node = n, .where = where};
}

gir_node *lower_node(sema_pattern *p, const sema_x *x)
{
  gir_const k = {.type = x->v.type, .v = x->v.v, .text = x->v.text};

  if (!x->is_const) return x->node;
  return gir_const_node(p->out, x->where, k);
}

// ---- literals -----------------------------------------------------------------------------------

static sema_x literal(sema_env *e, const ast_expr *x)
{
  sema_value v = {.type = TY_NUMBER, .v = x->value};

  if (x->kind == AST_DURATION) v.type = TY_DURATION;
  v.is_share = x->kind == AST_PERCENT;
  if (x->kind == AST_TEXT || x->kind == AST_MONEY) v.text = x->text;
  if (x->kind == AST_TEXT) {
    v.type = TY_TEXT;
    v.v = rational_int(0);
  }
  if (x->kind == AST_TIME) {
    v.type = TY_TIME;
    v.v = rational_int(x->time);
  }
  if (x->kind == AST_MONEY) {
    v.type = TY_MONEY;
    if (!sema_money_literal(e, &v, x->span)) return wrong();
  }
  return constant(v, x->span);
}

// ---- names --------------------------------------------------------------------------------------

static bool is_field(const char *name)
{
  return sema_word_index(&sema_field_words, name) < sema_field_words.n;
}

static sema_x symbol_value(sema_env *e, const sema_scope *s, const ast_expr *x, sema_symbol *sym)
{
  sym->used = true;
  if (sym->kind == SYM_CONST || sym->kind == SYM_PARAM) {
    sema_eval_symbol(e, sym);
    return constant(sym->value, x->span);
  }
  diag_error(e->c, DIAG_WRONG_KIND, x->span, "`%s` is %s, and a value is meant here", x->text,
             sema_kind_words(sym));
  if (s->kind == IN_FILTER)
    diag_help(e->c,
              "a filter sees the fields of one transfer: amount, format, time, from, to, ...");
  else if (sym->kind == SYM_ROLE && sym->role->shape == AST_ROLE_PLAIN)
    diag_help(e->c, "it is one account; values come from stages, as in `sum(STAGE.amount)`");
  else if (s->kind != IN_CONST)
    diag_help(e->c, "write `count(%s)` for how many there are", x->text);
  return wrong();
}

static void value_names(sema_names *out, sema_env *e)
{
  map *maps[2] = {e->names, e->unit->visible};

  for (int k = 0; k < 2; k++)
    for (uint32_t i = 0; maps[k] && i < map_n(maps[k]); i++) {
      const sema_symbol *sym = map_value(maps[k], i);
      if (sym->kind == SYM_CONST || sym->kind == SYM_PARAM) VEC_PUSH(e->mem, out, sym->name);
    }
}

static sema_x unknown_name(sema_env *e, const sema_scope *s, const ast_expr *x)
{
  sema_names names = {0};

  if (e->unit->broken) return wrong();
  diag_error(e->c, DIAG_UNKNOWN_NAME, x->span, "nothing here is called `%s`", x->text);
  value_names(&names, e);
  if (s->kind == IN_FILTER)
    for (size_t i = 0; i < sema_field_words.n; i++)
      VEC_PUSH(e->mem, &names, sema_field_words.at[i]);
  sema_suggest(e->c, x->text, names.at, names.n, "parameters and constants");
  return wrong();
}

// A name that only a column of the data can have. One that is nearly a parameter, or of five letters
// and more and nearly a field, is taken for a misspelling; shorter ones (`type`) are too close to all.
static bool is_misspelt(sema_env *e, const char *name)
{
  sema_names names = {0};

  if (strlen(name) < 4) return false;
  value_names(&names, e);
  if (nearest_word(name, names.at, names.n)) return true;
  return strlen(name) > 4 && nearest_word(name, sema_field_words.at, sema_field_words.n);
}

static sema_x field_node(sema_pattern *p, const char *name, span where, int64_t side)
{
  gir_node *n = gir_make(p->out, is_field(name) ? GIR_FIELD : GIR_COLUMN, where, NULL, 0);
  n->name = name;
  n->imm[0] = side;
  return varying(n, where);
}

static sema_x span_value(sema_pattern *p, sema_env *e, const sema_scope *s, const ast_expr *x)
{
  if (s->kind == IN_REQUIRE || s->kind == IN_OUTPUT)
    return varying(gir_make(p->out, GIR_SPAN, x->span, NULL, 0), x->span);
  diag_error(e->c, s->kind == IN_CONST ? DIAG_NOT_CONSTANT : DIAG_AGGREGATE_SCOPE, x->span,
             "`span` is of the whole match");
  diag_help(e->c, "it stands under `require`, `alert` and `feature`");
  return wrong();
}

static sema_x bare_field(sema_pattern *p, sema_env *e, const sema_scope *s, const ast_expr *x)
{
  if (s->kind == IN_FILTER) return field_node(p, x->text, x->span, 0);
  if (s->kind == IN_CONST) {
    diag_error(e->c, DIAG_NOT_CONSTANT, x->span,
               "`%s` varies from transfer to transfer; a constant is needed here", x->text);
    diag_help(e->c, "write a number, or the name of a parameter");
    return wrong();
  }
  diag_error(e->c, DIAG_FIELD_SCOPE, x->span, "`%s` of which transfer?", x->text);
  if (s->kind == IN_ALONG)
    diag_help(e->c, "write `this.%s` or `next.%s`", x->text, x->text);
  else if (s->kind == IN_PAIR)
    diag_help(e->c, "write `%s.%s` or `%s.%s`", s->side[0]->name, x->text, s->side[1]->name,
              x->text);
  else
    diag_help(
        e->c,
        "write an aggregate of a stage, as in `sum(STAGE.%s)`, or put it into the stage's `where`",
        x->text);
  return wrong();
}

static sema_x name_value(sema_pattern *p, sema_env *e, const sema_scope *s, const ast_expr *x)
{
  sema_symbol *sym = sema_find(e, x->text);

  if (strcmp(x->text, "span") == 0) return span_value(p, e, s, x);
  if (sym && (!is_field(x->text) || s->kind != IN_FILTER)) return symbol_value(e, s, x, sym);
  if (is_field(x->text)) return bare_field(p, e, s, x);
  if (s->kind == IN_FILTER && !is_misspelt(e, x->text)) return field_node(p, x->text, x->span, 0);
  return unknown_name(e, s, x);
}

// ---- NAME.field ---------------------------------------------------------------------------------

static sema_x attribute(sema_pattern *p, sema_env *e, const ast_expr *x, bool of_to)
{
  if (is_field(x->text)) {
    diag_error(e->c, DIAG_UNKNOWN_FIELD, x->op_span,
               "`%s` is a field of the transfer, not of an account", x->text);
    diag_help(e->c, "write `%s` alone", x->text);
    return wrong();
  }
  gir_node *n = gir_make(p->out, GIR_ATTRIBUTE, x->span, NULL, 0);
  n->name = x->text;
  n->imm[1] = of_to;
  return varying(n, x->span);
}

static bool known_field(sema_env *e, const ast_expr *x)
{
  if (is_field(x->text) || strlen(x->text) < 5) return true;
  const char *near = nearest_word(x->text, sema_field_words.at, sema_field_words.n);
  if (!near) return true;
  diag_error(e->c, DIAG_UNKNOWN_FIELD, x->op_span, "a transfer has no field `%s`", x->text);
  diag_help(e->c, "did you mean `%s`?", near);
  return false;
}

static int side_of(const sema_scope *s, const char *name)
{
  if (s->kind == IN_ALONG)
    return strcmp(name, "this") == 0 ? 0 : strcmp(name, "next") == 0 ? 1 : -1;
  for (int k = 0; k < 2; k++)
    if (s->side[k] && strcmp(s->side[k]->name, name) == 0) return k;
  return -1;
}

static sema_x side_field(sema_pattern *p, sema_env *e, const sema_scope *s, const ast_expr *x)
{
  int side = side_of(s, x->a->text);

  if (side >= 0) return known_field(e, x) ? field_node(p, x->text, x->span, side) : wrong();
  if (s->kind == IN_ALONG) {
    diag_error(e->c, DIAG_ALONG_SIDES, x->a->span,
               "under `along` a transfer is `this` or `next`, not `%s`", x->a->text);
    diag_help(e->c, "write `this.%s` or `next.%s`", x->text, x->text);
  }
  return wrong(); // in a pair: lower_constraint.c has said what is wrong with the stage
}

static sema_x misplaced_field(sema_pattern *p, sema_env *e, const sema_scope *s, const ast_expr *x)
{
  const char *base = x->a->text;
  sema_symbol *sym = sema_find(e, base);

  if (s->kind == IN_FILTER) {
    diag_error(e->c, DIAG_FIELD_SCOPE, x->a->span,
               "a filter sees one transfer of its own stage, not `%s`", base);
    if (is_field(x->text))
      diag_help(e->c, "write `%s` alone", x->text);
    else
      diag_help(e->c, "write `from.%s` or `to.%s`", x->text, x->text);
    return wrong();
  }
  if (s->kind == IN_CONST) {
    diag_error(e->c, DIAG_NOT_CONSTANT, x->span, "a constant is needed here");
    return wrong();
  }
  if (!sym || sym->kind != SYM_STAGE) {
    (void)sema_find_stage(p, (ast_name){base, x->a->span},
                          true); // says what it is, or that it is not
    return wrong();
  }
  diag_error(e->c, DIAG_FIELD_SCOPE, x->span,
             "`%s.%s` is of one transfer, and this is about all of them", base, x->text);
  diag_help(e->c,
            "write an aggregate, as in `sum(%s.%s)`, or put the condition into `where` of `%s`",
            base, x->text, base);
  return wrong();
}

static sema_x dot_value(sema_pattern *p, sema_env *e, const sema_scope *s, const ast_expr *x)
{
  if (!x->a || x->a->kind != AST_NAME) return wrong();
  if (s->kind == IN_PAIR || s->kind == IN_ALONG) return side_field(p, e, s, x);
  bool of_to = strcmp(x->a->text, "to") == 0;
  if (s->kind == IN_FILTER && (of_to || strcmp(x->a->text, "from") == 0))
    return attribute(p, e, x, of_to);
  return misplaced_field(p, e, s, x);
}

// ---- arithmetic ---------------------------------------------------------------------------------

static bool single(sema_env *e, const sema_x *x)
{
  if (x->type == TY_NONE && !(x->is_const && x->v.is_range)) return false;
  if (!x->is_const || !x->v.is_range) return true;
  diag_error(e->c, DIAG_UNIT_MISMATCH, x->where, "this is a range, and one value is meant here");
  diag_help(e->c, "a range stands after `in`");
  return false;
}

static sema_x negated(sema_pattern *p, sema_env *e, const sema_scope *s, const ast_expr *x)
{
  sema_x a = lower_value(p, e, s, x->a);

  if (!single(e, &a)) return wrong();
  if (a.type == TY_TIME || a.type == TY_TEXT || a.type == TY_ACCOUNT) {
    diag_error(e->c, DIAG_UNIT_MISMATCH, x->span, "%s has no sign", sema_unit_words(a.type));
    return wrong();
  }
  if (!a.is_const)
    return varying(gir_make(p->out, GIR_NEG, x->span, (gir_node *[]){a.node}, 1), x->span);
  a.v.v.num = -a.v.v.num;
  a.where = x->span;
  return a;
}

static gir_op arith_op(ast_expr_kind k)
{
  return k == AST_ADD ? GIR_ADD : k == AST_SUB ? GIR_SUB : k == AST_MUL ? GIR_MUL : GIR_DIV;
}

static sema_x arithmetic(sema_pattern *p, sema_env *e, const sema_scope *s, const ast_expr *x)
{
  sema_x a = lower_value(p, e, s, x->a), b = lower_value(p, e, s, x->b);

  if (!single(e, &a) || !single(e, &b)) return wrong();
  if (a.is_const && b.is_const) return constant(sema_fold(e, x, &a.v, &b.v), x->span);
  if (sema_arith_type(e, x->kind, a.type, b.type) == TY_NONE) {
    sema_report_arith(e, x, a.type, b.type);
    return wrong();
  }
  if (x->kind == AST_DIV && b.is_const && b.v.v.num == 0) {
    diag_error(e->c, DIAG_ZERO_DIVISION, x->span, "this divides by 0");
    diag_help(e->c, "write another divisor");
    return wrong();
  }
  gir_node *args[2] = {lower_node(p, &a), lower_node(p, &b)};
  return varying(gir_make(p->out, arith_op(x->kind), x->span, args, 2), x->span);
}

static sema_x not_a_value(sema_env *e, const ast_expr *x)
{
  diag_error(e->c, DIAG_NOT_CONDITION, x->span,
             x->kind == AST_RANGE ? "a range stands where one value is meant"
                                  : "a condition stands where a value is meant");
  return wrong();
}

sema_x lower_value(sema_pattern *p, sema_env *e, const sema_scope *s, const ast_expr *x)
{
  if (!x || !cx_ok(e->c)) return wrong();
  switch (x->kind) {
  case AST_ERROR:
    return wrong();
  case AST_NUMBER:
  case AST_DURATION:
  case AST_PERCENT:
  case AST_MONEY:
  case AST_TEXT:
  case AST_TIME:
    return literal(e, x);
  case AST_NAME:
    return name_value(p, e, s, x);
  case AST_DOT:
    return dot_value(p, e, s, x);
  case AST_CALL:
    if (s->kind != IN_CONST) return lower_call(p, s, x);
    diag_error(e->c, DIAG_NOT_CONSTANT, x->span,
               "a constant is needed here, and `%s(...)` varies from match to match", x->text);
    diag_help(e->c, "write a number, or the name of a parameter");
    return wrong();
  case AST_NEG:
    return negated(p, e, s, x);
  case AST_ADD:
  case AST_SUB:
  case AST_MUL:
  case AST_DIV:
    return arithmetic(p, e, s, x);
  case AST_NOT:
  case AST_EQ:
  case AST_NE:
  case AST_LT:
  case AST_LE:
  case AST_GT:
  case AST_GE:
  case AST_AND:
  case AST_OR:
  case AST_IN_RANGE:
  case AST_IN_SET:
  case AST_RANGE:
  case AST_BEFORE:
  case AST_NOT_AFTER:
  case AST_OVERLAP:
  case AST_N_EXPR_KINDS:
    break;
  }
  return not_a_value(e, x);
}
