// Set statements: terms to TERM and PROBE nodes, the whole to MEMBERS.
#include "frontend/sema_inside.h"

#include <string.h>

typedef struct set_cx {
  sema_pattern *p;
  const ast_stmt *stmt;
  sema_role *group;
  uint32_t at; // place of the statement in the pattern
} set_cx;

// ---- roles that a set names -----------------------------------------------------------------------

// Where a role first appears: the place of its statement.
static bool appears_before(const sema_pattern *p, const char *name, uint32_t at)
{
  for (uint32_t i = 0; i < at; i++) {
    const ast_stmt *s = p->stmt->body.at[i];
    if (!s) continue;
    if (s->kind == AST_SET && s->name.text == name) return true;
    if (s->kind == AST_STAGE && (s->from.name.text == name || s->to.name.text == name ||
                                 (s->has_via && s->via.name.text == name)))
      return true;
  }
  return false;
}

static sema_role *named_role(set_cx *w, ast_name name)
{
  cx *c = w->p->env.c;
  sema_role *r = sema_find_role(w->p, name);

  if (!r) return NULL;
  if (r->shape == AST_ROLE_CHAIN) {
    diag_error(c, DIAG_CHAIN_ROLE, name.span, "`%s` is a chain: it stands in its own stage only",
               r->name);
    diag_note(c, r->where, "its stage is here");
    diag_help(c, "name an end of the chain");
    return NULL;
  }
  if (r == w->group) {
    diag_error(c, DIAG_SET_ORDER, name.span, "set `%s` is made from itself", r->name);
    diag_help(c, "name a role of an earlier statement");
    return NULL;
  }
  if (!appears_before(w->p, name.text, w->at)) {
    diag_error(c, DIAG_SET_ORDER, name.span, "`%s` first appears below this set", r->name);
    diag_note(c, r->where, "here");
    diag_help(c,
              "move that statement above this one: a set is made of roles of earlier statements");
    return NULL;
  }
  if (r->set && r->set_at > w->at) {
    diag_error(c, DIAG_SET_ORDER, name.span, "the set of `%s` stands below this one", r->name);
    diag_note(c, r->set->name.span, "here");
    diag_help(c, "move `set %s` above this statement", r->name);
    return NULL;
  }
  return r;
}

// ---- terms ----------------------------------------------------------------------------------------

static sema_stage *stage_of_term(const sema_pattern *p, const ast_set *x)
{
  for (uint32_t i = 0; i < p->stages.n; i++)
    if (p->stages.at[i]->term == x) return p->stages.at[i];
  return NULL;
}

// The share or the number of `at least`: true if it is there and right.
static bool at_least(set_cx *w, const ast_set *x, bool *share, sema_value *v)
{
  cx *c = w->p->env.c;

  *share = true;
  *v = sema_number(rational_int(1));
  if (x->support == AST_SUPPORT_ALL) return true;
  *v = sema_const(&w->p->env, x->at_least);
  if (!sema_coerce(&w->p->env, v, TY_NUMBER, x->at_least ? x->at_least->span : x->span,
                   "`at least`"))
    return false;
  rational one = rational_int(1);
  *share = v->is_share;
  if (*share && rational_cmp(v->v, rational_int(0)) > 0 && rational_cmp(v->v, one) <= 0)
    return true;
  if (!*share && rational_is_int(v->v) && rational_cmp(v->v, one) >= 0 &&
      rational_cmp(v->v, rational_int(INT32_MAX)) <= 0)
    return true;
  diag_error(c, DIAG_SUPPORT, x->at_least->span,
             *share ? "a share lies above 0%% and up to 100%%"
                    : "`at least` counts accounts: a whole number from 1 on, or a share");
  diag_help(c, "write `at least 2`, `at least 60%%` or `all`");
  return false;
}

static gir_node *has_node(set_cx *w, const ast_set *x, gir_node *term, const sema_role *partner)
{
  bool share = false;
  sema_value v;
  gir_node *n;

  if (x->support == AST_SUPPORT_NONE) {
    n = gir_make(w->p->out, GIR_HAS, x->span, &term, 1);
    n->imm[0] = 1;
    return n;
  }
  if (partner->shape != AST_ROLE_GROUP) {
    diag_error(w->p->env.c, DIAG_SUPPORT, x->at_least ? x->at_least->span : x->span,
               "`%s` is one account: there is nothing to count", partner->name);
    diag_help(w->p->env.c, "write `%s(%s)`", x->kind == AST_SET_OUT ? "out" : "in", partner->name);
    return NULL;
  }
  if (!at_least(w, x, &share, &v)) return NULL;
  n = gir_make(w->p->out, share ? GIR_HAS_SHARE : GIR_HAS, x->span, &term, 1);
  if (share)
    n->value = (gir_const){.type = TY_NUMBER, .v = v.v};
  else
    n->imm[0] = (int64_t)v.v.num;
  return n;
}

static gir_node *term_node(set_cx *w, const ast_set *x)
{
  sema_pattern *p = w->p;
  sema_role *partner = named_role(w, x->name);
  sema_stage *g = stage_of_term(p, x);

  if (!partner || !g || !partner->node) {
    (void)lower_filter(p, x->filter, w->stmt); // what is wrong in there is still said
    return NULL;
  }
  bool out = x->kind == AST_SET_OUT;
  gir_node *args[3] = {out ? partner->node : w->group->node, out ? w->group->node : partner->node,
                       lower_filter(p, x->filter, w->stmt)};
  gir_node *n = gir_make(p->out, g->probe ? GIR_PROBE : GIR_TERM, x->span, args, 3);
  n->name = g->name;
  gir_node *has = has_node(w, x, n, partner);
  if (!has) return NULL;
  g->node = n;
  gir_add(p->out, n);
  return has;
}

// ---- the expression -------------------------------------------------------------------------------

static gir_node *role_node(set_cx *w, const ast_set *x)
{
  sema_role *r = named_role(w, x->name);

  if (!r || !r->node) return NULL;
  return gir_make(w->p->out, GIR_IN_ROLE, x->span, &r->node, 1);
}

static gir_node *set_node(set_cx *w, const ast_set *x)
{
  gir_op op = GIR_INTERSECT;

  if (!x || !cx_ok(w->p->env.c)) return NULL;
  switch (x->kind) {
  case AST_SET_OUT:
  case AST_SET_IN:
    return term_node(w, x);
  case AST_SET_ROLE:
    return role_node(w, x);
  case AST_SET_AND:
    break;
  case AST_SET_OR:
    op = GIR_UNION;
    break;
  case AST_SET_MINUS:
    op = GIR_MINUS;
    break;
  }
  gir_node *args[2] = {set_node(w, x->a), NULL};
  args[1] = set_node(w, x->b);
  return args[0] && args[1] ? gir_make(w->p->out, op, x->span, args, 2) : NULL;
}

static bool may_equal_group(const set_cx *w, const char *name)
{
  for (uint32_t i = 0; i < w->p->stmt->body.n; i++) {
    const ast_stmt *m = w->p->stmt->body.at[i];
    if (!m || m->kind != AST_MAY_EQUAL) continue;
    if (m->name.text == name && m->other.text == w->group->name) return true;
    if (m->other.text == name && m->name.text == w->group->name) return true;
  }
  return false;
}

// A key account is in no group, so `out(a) & b` of a single role b is always empty.
static void check_single_roles(set_cx *w, const ast_set *x)
{
  cx *c = w->p->env.c;

  if (!x || x->kind == AST_SET_OR) return;
  if (x->kind != AST_SET_ROLE) {
    check_single_roles(w, x->a);
    if (x->kind == AST_SET_AND) check_single_roles(w, x->b);
    return;
  }
  const sema_symbol *s = x->name.text ? map_get(w->p->env.names, x->name.text) : NULL;
  if (!s || s->kind != SYM_ROLE || !s->role->node || s->role->shape != AST_ROLE_PLAIN) return;
  if (may_equal_group(w, s->name)) return;
  diag_error(c, DIAG_NEVER_TRUE, x->span, "no member of `%s` is the account `%s`", w->group->name,
             s->name);
  diag_help(c, "write `out(%s)` or `in(%s)`, or say `may equal %s, %s;`", s->name, s->name, s->name,
            w->group->name);
}

void lower_set(sema_pattern *p, const ast_stmt *s)
{
  sema_symbol *sym = s->name.text ? map_get(p->env.names, s->name.text) : NULL;

  if (!sym || sym->kind != SYM_ROLE || sym->role->set != s) {
    p->bad_shape = true;
    return;
  }
  set_cx w = {p, s, sym->role, sym->role->set_at};
  gir_node *group = lower_role(p, sym->role), *set = set_node(&w, s->set);
  if (!set) {
    p->bad_shape = true;
    return;
  }
  check_single_roles(&w, s->set);
  gir_node *args[2] = {group, set};
  gir_add(p->out, gir_make(p->out, GIR_MEMBERS, s->span, args, 2));
}
