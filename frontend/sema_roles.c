// The roles, stages and absences of a pattern: which there are, before anything is lowered.
#include "frontend/sema_inside.h"

#include <string.h>

// ---- roles ----------------------------------------------------------------------------------------

static sema_role *role_named(sema_pattern *p, const char *name)
{
  sema_symbol *s = name ? map_get(p->env.names, name) : NULL;
  return s && s->kind == SYM_ROLE ? s->role : NULL;
}

static sema_role *new_role(sema_pattern *p, ast_name name, ast_role_shape shape,
                           const ast_expr *bounds)
{
  sema_symbol *s = sema_declare(&p->env, SYM_ROLE, name);

  if (!s) {
    p->bad_shape = true;
    return NULL;
  }
  s->role = arena_make(p->env.mem, sema_role);
  *s->role = (sema_role){.name = name.text, .shape = shape, .where = name.span, .bounds = bounds};
  VEC_PUSH(p->env.mem, &p->roles, s->role);
  return s->role;
}

static bool has_bounds_in(const ast_role *r, const char *name, const ast_role **found)
{
  if (r->shape != AST_ROLE_GROUP || r->name.text != name) return false;
  *found = r;
  return true;
}

// Where a later statement gives a name its brackets; span of it, or false.
static bool bounds_later(const sema_pattern *p, const char *name, span *where,
                         const ast_expr **bounds)
{
  const ast_role *r = NULL;

  for (uint32_t i = 0; i < p->stmt->body.n; i++) {
    const ast_stmt *s = p->stmt->body.at[i];
    if (!s) continue;
    if (s->kind == AST_SET && s->name.text == name && s->bounds) {
      *where = s->bounds->span;
      *bounds = s->bounds;
      return true;
    }
    if (s->kind != AST_STAGE ||
        !(has_bounds_in(&s->from, name, &r) || has_bounds_in(&s->to, name, &r)))
      continue;
    *where = r->span;
    *bounds = r->bounds;
    return true;
  }
  return false;
}

static void first_role(sema_pattern *p, const ast_role *r)
{
  span later;
  const ast_expr *bounds = r->bounds;
  ast_role_shape shape = r->shape;

  if (shape == AST_ROLE_PLAIN && bounds_later(p, r->name.text, &later, &bounds)) {
    diag_error(p->env.c, DIAG_GROUP_BOUNDS, r->span,
               "the bounds of group `%s` stand where it first appears", r->name.text);
    diag_note(p->env.c, later, "they stand here");
    diag_help(p->env.c, "move the brackets up to here");
    shape = AST_ROLE_GROUP;
    p->bad_shape = true;
  }
  (void)new_role(p, r->name, shape, bounds);
}

static void report_chain_again(sema_pattern *p, const sema_role *chain, span where)
{
  p->bad_shape = true;
  diag_error(p->env.c, DIAG_CHAIN_ROLE, where, "`%s` is a chain: it stands in its own stage only",
             chain->name);
  diag_note(p->env.c, chain->where, "its stage is here");
  diag_help(p->env.c, "its hops are reached by `along`, its length by `count(%s)`", chain->name);
}

static void again(sema_pattern *p, const ast_role *r, sema_role *known)
{
  if (known->shape == AST_ROLE_CHAIN) {
    report_chain_again(p, known, r->span);
    return;
  }
  if (r->shape == AST_ROLE_PLAIN) return;
  p->bad_shape = true;
  if (r->shape == AST_ROLE_CHAIN) {
    diag_error(p->env.c, DIAG_CHAIN_ROLE, r->span, "`%s` is already %s, and no chain", r->name.text,
               known->shape == AST_ROLE_GROUP ? "a group" : "one account");
    diag_note(p->env.c, known->where, "it stands here first");
    diag_help(p->env.c, "give the chain a name of its own");
    return;
  }
  if (known->bounds && known->bounds == r->bounds) return; // reported where it first appears
  diag_error(p->env.c, DIAG_GROUP_BOUNDS, r->span,
             "the bounds of group `%s` stand where it first appears, and once", r->name.text);
  diag_note(p->env.c, known->where, "it appears here first");
  diag_help(p->env.c, "write `%s` alone here", r->name.text);
}

static void see_role(sema_pattern *p, const ast_role *r)
{
  if (r->shape == AST_ROLE_ANY || !r->name.text) return;
  sema_role *known = role_named(p, r->name.text);
  if (known)
    again(p, r, known);
  else
    first_role(p, r);
}

// ---- stages and sets --------------------------------------------------------------------------------

// NULL: reported.
static sema_stage *new_stage(sema_pattern *p, ast_name name, const ast_stmt *stmt)
{
  sema_symbol *s = NULL;

  if (p->stages.n >= SEMA_MAX_STAGES) {
    diag_error(p->env.c, DIAG_LIMIT, p->stmt->name.span,
               "a pattern has at most %d stages and terms", SEMA_MAX_STAGES);
    diag_help(p->env.c, "write several patterns");
  } else {
    s = sema_declare(&p->env, SYM_STAGE, name);
  }
  if (!s) {
    p->bad_shape = true;
    return NULL;
  }
  s->stage = arena_make(p->env.mem, sema_stage);
  *s->stage = (sema_stage){.name = name.text, .where = name.span, .stmt = stmt};
  VEC_PUSH(p->env.mem, &p->stages, s->stage);
  return s->stage;
}

static void see_stage(sema_pattern *p, const ast_stmt *s)
{
  (void)new_stage(p, s->name, s);
  see_role(p, &s->from);
  if (s->has_via) see_role(p, &s->via);
  see_role(p, &s->to);
}

typedef struct set_walk {
  sema_pattern *p;
  const ast_stmt *stmt;
  uint32_t n; // terms so far
} set_walk;

static void see_term(set_walk *w, const ast_set *x, bool probe, bool optional)
{
  ast_name name = x->as;

  w->n++;
  if (!name.text) {
    const char *text = arena_printf(w->p->env.mem, "%s.%u", w->stmt->name.text, w->n);
    name = (ast_name){cx_intern_z(w->p->env.c, text), x->span};
  }
  sema_stage *g = new_stage(w->p, name, w->stmt);
  if (!g) return;
  g->term = x;
  g->probe = probe;
  g->optional = optional;
}

static void see_terms(set_walk *w, const ast_set *x, bool probe, bool optional)
{
  if (!x || !cx_ok(w->p->env.c)) return;
  switch (x->kind) {
  case AST_SET_OUT:
  case AST_SET_IN:
    see_term(w, x, probe, optional);
    return;
  case AST_SET_ROLE:
    return;
  case AST_SET_AND:
  case AST_SET_OR:
  case AST_SET_MINUS:
    break;
  }
  optional = optional || x->kind == AST_SET_OR;
  see_terms(w, x->a, probe, optional);
  see_terms(w, x->b, probe || x->kind == AST_SET_MINUS, optional);
}

static void set_of_other(sema_pattern *p, const ast_stmt *s, const sema_role *r)
{
  p->bad_shape = true;
  diag_error(p->env.c, DIAG_SET_OF_ONE, s->name.span, "`%s` is %s, and a set is given to a group",
             s->name.text, r->shape == AST_ROLE_CHAIN ? "a chain" : "one account");
  diag_note(p->env.c, r->where, "it stands here first");
  diag_help(p->env.c,
            r->shape == AST_ROLE_CHAIN
                ? "give the set a name of its own"
                : "give it bounds where it first stands, as in `%s[1..]`, or the set another name",
            s->name.text);
}

static void set_again(sema_pattern *p, const ast_stmt *s, const sema_role *r)
{
  cx *c = p->env.c;

  if (r->set) {
    diag_error(c, DIAG_DUPLICATE_NAME, s->name.span, "group `%s` already has a set", s->name.text);
    diag_note(c, r->set->name.span, "it stands here");
    diag_help(c, "join both with `&`, or give this set another name");
  } else {
    diag_error(c, DIAG_GROUP_BOUNDS, s->bounds->span,
               "the bounds of group `%s` stand where it first appears, and once", s->name.text);
    diag_note(c, r->where, "it appears here first");
    diag_help(c, "write `set %s = ...`", s->name.text);
  }
  p->bad_shape = true;
}

// The group that the set is given to; NULL: reported.
static sema_role *group_of_set(sema_pattern *p, const ast_stmt *s)
{
  sema_role *r = role_named(p, s->name.text);

  if (!r) {
    r = new_role(p, s->name, AST_ROLE_GROUP, s->bounds);
    if (!r || s->bounds) return r;
    p->bad_shape = true;
    diag_error(p->env.c, DIAG_GROUP_BOUNDS, s->name.span, "group `%s` has no bounds on its size",
               s->name.text);
    diag_help(p->env.c, "write them in brackets, as in `set %s[1..] = ...`", s->name.text);
    return r;
  }
  if (r->shape != AST_ROLE_GROUP) {
    set_of_other(p, s, r);
    return NULL;
  }
  if (r->set || (s->bounds && s->bounds != r->bounds)) {
    set_again(p, s, r);
    return r->set ? NULL : r;
  }
  return r;
}

static void see_set(sema_pattern *p, const ast_stmt *s, uint32_t at)
{
  set_walk w = {p, s, 0};
  sema_role *r = s->name.text ? group_of_set(p, s) : NULL;

  if (!r) return;
  r->set = s;
  r->set_at = at;
  see_terms(&w, s->set, false, false);
}

static void see_absent(sema_pattern *p, const ast_stmt *s)
{
  (void)sema_declare(&p->env, SYM_ABSENT, s->name);
}

void sema_declare_roles(sema_pattern *p)
{
  for (uint32_t i = 0; i < p->stmt->body.n && cx_ok(p->env.c); i++) {
    const ast_stmt *s = p->stmt->body.at[i];
    if (!s) continue;
    if (s->kind == AST_STAGE) see_stage(p, s);
    if (s->kind == AST_SET) see_set(p, s, i);
    if (s->kind == AST_ABSENT) see_absent(p, s);
  }
}
