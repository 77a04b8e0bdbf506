// Aggregates, and `gap`.
#include "frontend/sema_inside.h"

#include <string.h>

static sema_x wrong(void)
{
  return (sema_x){.type = TY_NONE};
}

static sema_x done(gir_node *n, span where)
{
  n->type = gir_result_type(n);
  return (sema_x){.type = n->type, .node = n, .where = where};
}

// ---- what stands in the parentheses ---------------------------------------------------------------

static void report_shape(sema_pattern *p, const ast_expr *x, const sema_builtin *f)
{
  diag_error(p->env.c, DIAG_WRONG_KIND, x->span, "`%s` is not written like this", f->name);
  diag_help(p->env.c, "write `%s`", f->help);
}

static const ast_expr *only_arg(sema_pattern *p, const ast_expr *x, const sema_builtin *f)
{
  if (x->args.n == 1)
    return x->args.at[0] && x->args.at[0]->kind != AST_ERROR ? x->args.at[0] : NULL;
  report_shape(p, x, f);
  return NULL;
}

// Under `each` a stage means the member's own transfers, so it has to have some.
static bool touches(sema_pattern *p, const sema_scope *s, const sema_stage *stage, span where)
{
  if (s->kind != IN_EACH || !stage->node || !s->role->node) return true;
  if (gir_stage_from(stage->node) == s->role->node) return true;
  if (gir_stage_to(stage->node) == s->role->node) return true;
  diag_error(p->env.c, DIAG_EACH_ROLE, where, "stage `%s` does not touch `%s`", stage->name,
             s->role->name);
  diag_note(p->env.c, stage->where, "`%s` is between other roles", stage->name);
  diag_help(p->env.c, "name a stage of `%s`, or write `require` for the whole match",
            s->role->name);
  return false;
}

static gir_node *stage_arg(sema_pattern *p, const sema_scope *s, const ast_expr *at)
{
  sema_stage *stage = sema_find_stage(p, (ast_name){at->text, at->span}, true);

  if (!stage || !touches(p, s, stage, at->span)) return NULL;
  return stage->node;
}

static gir_node *role_arg(sema_pattern *p, const ast_expr *at, const sema_role *r)
{
  if (r->shape != AST_ROLE_PLAIN) return r->node;
  diag_error(p->env.c, DIAG_WRONG_KIND, at->span, "`%s` is one account: there is nothing to count",
             r->name);
  diag_help(p->env.c,
            "count the transfers of a stage, as in `count(STAGE)`, or the members of a group");
  return NULL;
}

static sema_x count_of(sema_pattern *p, const sema_scope *s, const ast_expr *x,
                       const sema_builtin *f)
{
  const ast_expr *at = only_arg(p, x, f);

  if (!at) return wrong();
  if (at->kind != AST_NAME) {
    report_shape(p, x, f);
    return wrong();
  }
  sema_symbol *sym = sema_find(&p->env, at->text);
  if (!sym) { // a stage or a role: both lists are of use
    sema_names names = {0};
    if (p->env.unit->broken) return wrong();
    diag_error(p->env.c, DIAG_UNKNOWN_NAME, at->span, "no stage and no group is called `%s`",
               at->text);
    sema_names_of(&names, p, SYM_STAGE);
    sema_names_of(&names, p, SYM_ROLE);
    sema_suggest(p->env.c, at->text, names.at, names.n, "stages and roles");
    return wrong();
  }
  bool role = sym->kind == SYM_ROLE;
  gir_node *n = role ? role_arg(p, at, sym->role) : stage_arg(p, s, at);
  if (!n) return wrong();
  return done(gir_make(p->out, role ? GIR_COUNT_ROLE : GIR_COUNT, x->span, &n, 1), x->span);
}

// ---- aggregates of a field ------------------------------------------------------------------------

static gir_type field_type(const char *name)
{
  static const gir_type types[] = {
#define SEMA_FIELD(name, type, help) TY_##type,
#include "frontend/builtins.def"
  };
  uint32_t i = sema_word_index(&sema_field_words, name);
  return i < sema_field_words.n ? types[i] : TY_ANY;
}

static bool field_fits(sema_pattern *p, const ast_expr *at, const sema_builtin *f)
{
  cx *c = p->env.c;
  gir_type t = field_type(at->text);
  const char *near = t == TY_ANY && strlen(at->text) >= 5
                         ? nearest_word(at->text, sema_field_words.at, sema_field_words.n)
                         : NULL;

  if (near) {
    diag_error(c, DIAG_UNKNOWN_FIELD, at->op_span, "a transfer has no field `%s`", at->text);
    diag_help(c, "did you mean `%s`?", near);
    return false;
  }
  if (f->op == GIR_DISTINCT || t == TY_MONEY || t == TY_ANY) return true;
  diag_error(c, DIAG_UNIT_MISMATCH, at->span, "`%s` of %s is not defined", f->name,
             sema_unit_words(t));
  if (t == TY_TIME)
    diag_help(c, "write `first(%s)` or `last(%s)`", at->a->text, at->a->text);
  else
    diag_help(c, "write `distinct(%s.%s)` for how many there are", at->a->text, at->text);
  return false;
}

static sema_x field_aggregate(sema_pattern *p, const sema_scope *s, const ast_expr *x,
                              const sema_builtin *f)
{
  const ast_expr *at = only_arg(p, x, f);

  if (!at) return wrong();
  if (at->kind == AST_NAME && sema_find(&p->env, at->text)) {
    diag_error(p->env.c, DIAG_WRONG_KIND, at->span, "`%s` of what? A field is missing", f->name);
    diag_help(p->env.c, f->op == GIR_DISTINCT ? "write `%s(%s.currency)`" : "write `%s(%s.amount)`",
              f->name, at->text);
    return wrong();
  }
  if (at->kind != AST_DOT || !at->a || at->a->kind != AST_NAME) {
    report_shape(p, x, f);
    return wrong();
  }
  gir_node *stage = stage_arg(p, s, at->a);
  if (!stage || !field_fits(p, at, f)) return wrong();
  gir_node *n = gir_make(p->out, f->op, x->span, &stage, 1);
  n->name = at->text;
  return done(n, x->span);
}

static sema_x time_of(sema_pattern *p, const sema_scope *s, const ast_expr *x,
                      const sema_builtin *f)
{
  const ast_expr *at = only_arg(p, x, f);

  if (!at) return wrong();
  if (at->kind != AST_NAME) {
    report_shape(p, x, f);
    return wrong();
  }
  gir_node *stage = stage_arg(p, s, at);
  return stage ? done(gir_make(p->out, f->op, x->span, &stage, 1), x->span) : wrong();
}

// ---- gap ------------------------------------------------------------------------------------------

static int pair_side(sema_pattern *p, const sema_scope *s, const ast_expr *at)
{
  if (!at || at->kind == AST_ERROR) return -1;
  if (at->kind == AST_NAME && s->kind == IN_ALONG) {
    if (strcmp(at->text, "this") == 0) return 0;
    if (strcmp(at->text, "next") == 0) return 1;
    diag_error(p->env.c, DIAG_ALONG_SIDES, at->span,
               "under `along` a transfer is `this` or `next`, not `%s`", at->text);
    diag_help(p->env.c, "write `gap(this, next) in RANGE`");
    return -1;
  }
  if (at->kind == AST_NAME)
    for (int k = 0; k < 2; k++)
      if (s->side[k] && strcmp(s->side[k]->name, at->text) == 0) return k;
  return -1; // lower_constraint.c has said what is wrong
}

static sema_x gap_of(sema_pattern *p, const sema_scope *s, const ast_expr *x, const sema_builtin *f)
{
  if (x->args.n != 2) {
    report_shape(p, x, f);
    return wrong();
  }
  int a = pair_side(p, s, x->args.at[0]), b = pair_side(p, s, x->args.at[1]);
  if (a < 0 || b < 0) return wrong();
  if (a == b) {
    diag_error(p->env.c, DIAG_NEVER_TRUE, x->span, "no transfer is later than itself");
    diag_help(p->env.c, "name the two transfers between which the time runs");
    return wrong();
  }
  gir_node *n = gir_make(p->out, GIR_GAP, x->span, NULL, 0);
  n->imm[0] = a;
  n->imm[1] = b;
  return done(n, x->span);
}

// ---- where they stand -----------------------------------------------------------------------------

static bool in_place(sema_pattern *p, const sema_scope *s, const ast_expr *x, const sema_builtin *f)
{
  cx *c = p->env.c;
  bool pair = s->kind == IN_PAIR || s->kind == IN_ALONG;

  if (f->op == GIR_GAP) {
    if (pair) return true;
    diag_error(c, DIAG_PAIR_SCOPE, x->span, "`gap` is of two single transfers");
    diag_help(c, s->kind == IN_REQUIRE
                     ? "write it under `each ROLE:`, or compare `first(B) - last(A)`"
                     : "write it under `each ROLE:` or `along STAGE:`");
    return false;
  }
  if (s->kind == IN_FILTER) {
    diag_error(c, DIAG_AGGREGATE_SCOPE, x->span, "a filter sees one transfer, and `%s` is of many",
               f->name);
    diag_help(c, "write it under `each ROLE:` or `require`");
    return false;
  }
  if (!pair) return true;
  diag_error(c, s->kind == IN_ALONG ? DIAG_AGGREGATE_SCOPE : DIAG_PAIR_MIX, x->span,
             "`%s` is of many transfers, and this is about two", f->name);
  diag_help(c, "write the aggregate in a statement of its own, under `each ROLE:` or `require`");
  return false;
}

sema_x lower_call(sema_pattern *p, const sema_scope *s, const ast_expr *x)
{
  uint32_t i = sema_word_index(&sema_builtin_words, x->text);

  if (i == sema_builtin_words.n || sema_builtins[i].takes == TAKES_NOTHING) {
    diag_error(p->env.c, DIAG_UNKNOWN_FUNCTION, x->op_span, "there is no `%s(...)`", x->text);
    if (i == sema_builtin_words.n)
      sema_suggest(p->env.c, x->text, sema_builtin_words.at, sema_builtin_words.n, "aggregates");
    else
      diag_help(p->env.c, "write `%s` without parentheses", x->text);
    return wrong();
  }
  const sema_builtin *f = &sema_builtins[i];
  if (!in_place(p, s, x, f)) return wrong();
  switch (f->takes) {
  case TAKES_ROLE_STAGE:
    return count_of(p, s, x, f);
  case TAKES_FIELD:
    return field_aggregate(p, s, x, f);
  case TAKES_STAGE:
    return time_of(p, s, x, f);
  case TAKES_PAIR:
    return gap_of(p, s, x, f);
  case TAKES_NOTHING:
    break;
  }
  return wrong();
}
