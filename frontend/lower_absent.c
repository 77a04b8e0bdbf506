// Absences, and `may equal`.
#include "frontend/sema_inside.h"

#include <string.h>

// ---- absences -------------------------------------------------------------------------------------

static gir_node *absent_end(sema_pattern *p, const ast_role *r)
{
  if (r->shape == AST_ROLE_ANY) return gir_make(p->out, GIR_ANYONE, r->span, NULL, 0);
  sema_role *role = sema_find_role(p, r->name);
  if (!role) return NULL;
  if (role->shape == AST_ROLE_CHAIN) {
    diag_error(p->env.c, DIAG_CHAIN_ROLE, r->span,
               "`%s` is a chain: it stands in its own stage only", role->name);
    diag_note(p->env.c, role->where, "its stage is here");
    diag_help(p->env.c, "name an end of the chain, or `any`");
    return NULL;
  }
  if (r->shape != AST_ROLE_PLAIN) {
    diag_error(p->env.c, DIAG_GROUP_BOUNDS, r->span,
               "the bounds of group `%s` stand where it first appears, and once", role->name);
    diag_note(p->env.c, role->where, "it appears here first");
    diag_help(p->env.c, "write `%s` alone here", role->name);
    return NULL;
  }
  return role->node;
}

static bool ends_fit(sema_pattern *p, const ast_stmt *s)
{
  span both = span_join(s->from.span, s->to.span);

  if (s->from.shape == AST_ROLE_ANY && s->to.shape == AST_ROLE_ANY) {
    diag_error(p->env.c, DIAG_ANY_TO_ANY, both, "`any -> any` is every transfer there is");
    diag_help(p->env.c, "name the account at one end at least");
    return false;
  }
  if (s->from.shape == AST_ROLE_ANY || s->from.name.text != s->to.name.text) return true;
  diag_error(p->env.c, DIAG_SELF_STAGE, both, "the two ends of a transfer are different accounts");
  diag_help(p->env.c, "write two roles, or `any` for every other account");
  return false;
}

// before first(STAGE): the stage, or NULL after a diagnostic.
static gir_node *anchor(sema_pattern *p, const ast_expr *x)
{
  bool first = x->kind == AST_CALL && strcmp(x->text, "first") == 0 && x->args.n == 1;

  if (x->kind == AST_ERROR) return NULL;
  if (!first || !x->args.at[0] || x->args.at[0]->kind != AST_NAME) {
    diag_error(p->env.c, DIAG_ABSENCE, x->span, "an absence ends at the first transfer of a stage");
    diag_help(p->env.c, "write `before first(STAGE)`");
    return NULL;
  }
  const ast_expr *at = x->args.at[0];
  sema_stage *g = sema_find_stage(p, (ast_name){at->text, at->span}, true);
  return g ? g->node : NULL;
}

void lower_absent(sema_pattern *p, const ast_stmt *s)
{
  int64_t back = 0;
  bool ok = ends_fit(p, s);
  gir_node *args[4] = {NULL};

  if (ok) args[0] = absent_end(p, &s->from);
  if (ok) args[1] = absent_end(p, &s->to);
  args[2] = lower_filter(p, s->filter, s);
  if (s->before) args[3] = anchor(p, s->before);
  if (s->value && !sema_seconds(&p->env, s->value, "how far an absence looks back", &back)) return;
  if (s->value && !s->before) {
    diag_error(p->env.c, DIAG_ABSENCE, s->value->span,
               "`for` says how far to look back, and from where is missing");
    diag_help(p->env.c, "write `before first(STAGE) for %s`",
              s->value->text ? s->value->text : "180d");
    return;
  }
  if (!args[0] || !args[1] || !s->name.text || (s->before && !args[3])) return;
  gir_node *n = gir_make(p->out, GIR_ABSENT, s->span, args, 4);
  n->name = s->name.text;
  n->text = lower_text(p, s->span);
  n->imm[0] = back;
  n->imm[1] = args[3] != NULL;
  gir_add(p->out, n);
}

// ---- may equal ------------------------------------------------------------------------------------

void lower_may_equal(sema_pattern *p, const ast_stmt *s)
{
  cx *c = p->env.c;
  sema_role *a = sema_find_role(p, s->name), *b = sema_find_role(p, s->other);

  if (!a || !b || !a->node || !b->node) return;
  if (a == b) {
    diag_error(c, DIAG_MAY_EQUAL, s->other.span, "a role always equals itself");
    diag_help(c, "name two roles");
    return;
  }
  bool chain = a->shape == AST_ROLE_CHAIN || b->shape == AST_ROLE_CHAIN;
  bool group = a->shape == AST_ROLE_GROUP || b->shape == AST_ROLE_GROUP;
  if (chain && !group) {
    diag_error(c, DIAG_MAY_EQUAL, s->span, "the accounts of a chain differ from all other keys");
    diag_help(c,
              "for money that comes back, write the same role at both ends: `A -> via{1..8} -> A`");
    return;
  }
  gir_node *args[2] = {a->node, b->node};
  gir_add(p->out, gir_make(p->out, GIR_MAY_EQUAL, s->span, args, 2));
}
