// Stage statements: to STAGE, WALK or LAYER. Absences and `may equal` beside them.
#include "frontend/sema_inside.h"

#include <string.h>

// ---- roles ----------------------------------------------------------------------------------------

static void default_range(gir_range *r)
{
  *r = (gir_range){.has = GIR_HAS_B, .type = TY_NUMBER};
  r->a = r->b = r->c = r->d = rational_int(0);
}

static bool chain_ends(sema_pattern *p, const sema_role *r, gir_range *g)
{
  cx *c = p->env.c;

  if (!(g->has & (GIR_HAS_C | GIR_HAS_D))) {
    diag_error(c, DIAG_CHAIN_BOUND, r->bounds->span, "chain `%s` has no upper bound on its length",
               r->name);
    diag_help(c, "write one, as in `%s{1..8}`", r->name);
    return false;
  }
  if (rational_cmp(g->has & GIR_HAS_D ? g->d : g->c, rational_int(100)) > 0) {
    diag_error(c, DIAG_CHAIN_BOUND, r->bounds->span, "chain `%s` is longer than 100 accounts",
               r->name);
    diag_help(c, "lower the upper bound: each account more costs a search of its own");
    return false;
  }
  if (!(g->has &
        GIR_HAS_B)) { // ..8: from nothing; a closed chain goes through one account at least
    g->has |= GIR_HAS_B;
    g->b = rational_int(r->closed ? 1 : 0);
  }
  if (r->closed && gir_range_admits(g, rational_int(0))) {
    diag_error(c, DIAG_CHAIN_BOUND, r->bounds->span,
               "a chain back to where it started goes through one account at least");
    diag_help(c, "write `%s{1..}` with your upper bound", r->name);
    return false;
  }
  if (rational_cmp(g->has & GIR_HAS_D ? g->d : g->c, rational_int(0)) > 0) return true;
  diag_error(c, DIAG_CHAIN_BOUND, r->bounds->span, "a chain of no account is a plain stage");
  diag_help(c, "write `A -> B`");
  return false;
}

static gir_range role_range(sema_pattern *p, const sema_role *r)
{
  gir_range g;
  const char *what = r->shape == AST_ROLE_CHAIN ? "the length of a chain" : "the size of a group";

  default_range(&g);
  if (!r->bounds || !sema_size_range(&p->env, r->bounds, what, &g)) {
    p->bad_shape = true;
    default_range(&g);
  } else if (!g.has) {
    p->bad_shape = true;
    diag_error(p->env.c, r->shape == AST_ROLE_CHAIN ? DIAG_CHAIN_BOUND : DIAG_ALWAYS_TRUE,
               r->bounds->span, "these bounds say nothing");
    if (r->shape == AST_ROLE_CHAIN)
      diag_help(p->env.c, "write both ends, as in `%s{1..8}`", r->name);
    else
      diag_help(p->env.c, "write the least size, as in `%s[1..]`; `[0..]` if it may be empty",
                r->name);
    default_range(&g);
  } else if (r->shape == AST_ROLE_CHAIN && !chain_ends(p, r, &g)) {
    p->bad_shape = true;
  }
  return g;
}

gir_node *lower_role(sema_pattern *p, sema_role *r)
{
  if (r->node) return r->node;
  gir_op op = r->shape == AST_ROLE_GROUP   ? GIR_GROUP
              : r->shape == AST_ROLE_CHAIN ? GIR_CHAIN
                                           : GIR_ONE;
  r->node = gir_make(p->out, op, r->where, NULL, 0);
  r->node->name = r->name;
  if (op != GIR_ONE) r->node->range = role_range(p, r);
  gir_add(p->out, r->node);
  return r->node;
}

static sema_role *role_of(sema_pattern *p, const ast_role *r)
{
  sema_symbol *s = r->name.text ? map_get(p->env.names, r->name.text) : NULL;
  return s && s->kind == SYM_ROLE ? s->role : NULL;
}

static gir_node *end_node(sema_pattern *p, const ast_role *r)
{
  if (r->shape == AST_ROLE_ANY) return gir_make(p->out, GIR_ANYONE, r->span, NULL, 0);
  sema_role *role = role_of(p, r);
  return role ? lower_role(p, role) : NULL;
}

// ---- ends -----------------------------------------------------------------------------------------

static bool ends_differ(sema_pattern *p, const ast_stmt *s)
{
  cx *c = p->env.c;
  bool any = s->from.shape == AST_ROLE_ANY && s->to.shape == AST_ROLE_ANY;

  if (any) {
    diag_error(c, DIAG_ANY_TO_ANY, span_join(s->from.span, s->to.span),
               "`any -> any` is every transfer there is");
    diag_help(c, "name the account at one end at least");
    return false;
  }
  if (s->from.shape == AST_ROLE_ANY || s->from.name.text != s->to.name.text) return true;
  const sema_role *r = role_of(p, &s->from);
  diag_error(c, DIAG_SELF_STAGE, span_join(s->from.span, s->to.span),
             "the two ends of a transfer are different accounts");
  if (r && r->shape == AST_ROLE_GROUP)
    diag_help(c, "for transfers within a group, write two groups with the same set");
  else
    diag_help(c, "write two roles; for money that comes back, a chain: `%s -> via{1..8} -> %s`",
              s->from.name.text, s->from.name.text);
  return false;
}

// ---- support --------------------------------------------------------------------------------------

static bool support_value(sema_pattern *p, const ast_expr *x, int64_t *out)
{
  cx *c = p->env.c;
  gir_range g;

  *out = 1;
  if (!x) return true;
  if (!sema_size_range(&p->env, x, "support", &g)) return false;
  if (g.has & (GIR_HAS_A | GIR_HAS_D)) {
    diag_error(c, DIAG_SUPPORT, x->span, "support is not graded: a member has it or not");
    diag_help(c, "write a whole number, as in `2..`");
    return false;
  }
  if (g.has != GIR_HAS_B) {
    diag_error(c, DIAG_SUPPORT, x->span, "support has a lower bound and no upper one");
    diag_help(c, "write `%s..`: at least so many",
              g.has & GIR_HAS_B
                  ? sema_value_text(p->env.mem, c, &(sema_value){.type = TY_NUMBER, .v = g.b})
                  : "2");
    return false;
  }
  if (rational_cmp(g.b, rational_int(1)) < 0) {
    diag_error(c, DIAG_SUPPORT, x->span, "support is at least 1");
    diag_help(c, "write `1..`, or leave it out");
    return false;
  }
  *out = (int64_t)g.b.num;
  return true;
}

static bool no_support(sema_pattern *p, const ast_stmt *s)
{
  const ast_expr *x = s->support_p;

  if (!s->has_support || !x) return true;
  diag_error(p->env.c, DIAG_SUPPORT, x->span, "`support` is between two groups");
  diag_help(p->env.c, "bound the group's size instead, in its brackets");
  return false;
}

// ---- stages ---------------------------------------------------------------------------------------

static bool chain_shape(sema_pattern *p, const ast_stmt *s)
{
  const ast_role *ends[2] = {&s->from, &s->to};

  if (s->via.shape != AST_ROLE_CHAIN) {
    diag_error(p->env.c, DIAG_CHAIN_BOUND, s->via.span,
               "a chain has bounds on its length, in braces");
    diag_help(p->env.c, "write `%s{1..8}`", s->via.name.text ? s->via.name.text : "via");
    return false;
  }
  for (int k = 0; k < 2; k++) {
    const sema_role *r = role_of(p, ends[k]);
    if (ends[k]->shape == AST_ROLE_ANY || (r && r->shape != AST_ROLE_PLAIN)) {
      diag_error(p->env.c, DIAG_CHAIN_ENDS, ends[k]->span, "a chain runs between single accounts");
      diag_help(p->env.c, "name one account here, without brackets");
      return false;
    }
    if (!r) return false;
  }
  return true;
}

static bool lone_chain(sema_pattern *p, const ast_stmt *s)
{
  const ast_role *ends[2] = {&s->from, &s->to};

  for (int k = 0; k < 2; k++)
    if (ends[k]->shape == AST_ROLE_CHAIN) {
      diag_error(p->env.c, DIAG_CHAIN_ENDS, ends[k]->span, "a chain stands between two accounts");
      diag_help(p->env.c, "write `A -> %s{..} -> B`", ends[k]->name.text);
      return true;
    }
  return false;
}

static gir_node *make_walk(sema_pattern *p, const ast_stmt *s)
{
  if (!chain_shape(p, s)) return NULL;
  sema_role *via = role_of(p, &s->via);
  if (!via) return NULL;
  via->closed = s->from.name.text == s->to.name.text;
  gir_node *from = end_node(p, &s->from), *chain = lower_role(p, via), *to = end_node(p, &s->to);
  gir_node *args[4] = {from, chain, to, lower_filter(p, s->filter, s)};
  return from && to && no_support(p, s) ? gir_make(p->out, GIR_WALK, s->span, args, 4) : NULL;
}

static gir_node *make_stage(sema_pattern *p, const ast_stmt *s)
{
  int64_t sup_from = 1, sup_to = 1;

  if (lone_chain(p, s) || !ends_differ(p, s)) return NULL;
  gir_node *from = end_node(p, &s->from), *to = end_node(p, &s->to);
  gir_node *args[3] = {from, to, lower_filter(p, s->filter, s)};
  if (!from || !to || from->op == GIR_CHAIN || to->op == GIR_CHAIN) return NULL;
  if (from->op != GIR_GROUP || to->op != GIR_GROUP)
    return no_support(p, s) ? gir_make(p->out, GIR_STAGE, s->span, args, 3) : NULL;
  bool ok = support_value(p, s->support_p, &sup_from);
  ok = support_value(p, s->support_q, &sup_to) && ok;
  if (!ok) return NULL;
  gir_node *n = gir_make(p->out, GIR_LAYER, s->span, args, 3);
  n->imm[1] = sup_from;
  n->imm[2] = sup_to;
  return n;
}

static sema_stage *stage_of(sema_pattern *p, const ast_stmt *s)
{
  for (uint32_t i = 0; i < p->stages.n; i++)
    if (p->stages.at[i]->stmt == s && !p->stages.at[i]->term) return p->stages.at[i];
  return NULL;
}

void lower_stage(sema_pattern *p, const ast_stmt *s)
{
  sema_stage *g = stage_of(p, s);
  int64_t within = 0;
  gir_node *n = s->has_via ? make_walk(p, s) : make_stage(p, s);

  if (s->value) (void)sema_seconds(&p->env, s->value, "the `within` of a stage", &within);
  if (!n || !g) {
    p->bad_shape = true;
    if (g) g->bad = true;
    return;
  }
  n->name = g->name;
  n->imm[0] = within;
  gir_add(p->out, n);
  g->node = n;
}
