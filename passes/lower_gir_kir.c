// Graph IR to kernel IR: tables for the runtime's evaluator, a function for each condition, and no
// generator of its own yet: the runtime's serves every pattern, so nothing here can fail to lower.
//
// Stands between the two levels; it is the one pass that cannot be left out.
#include "passes/lower_inside.h"
#include "passes/passes.h"

#include <string.h>

uint32_t lk_index(const lower *l, const gir_node *n)
{
  return l->index[n->id];
}

uint32_t lk_role(const lower *l, const gir_node *role)
{
  return role->op == GIR_ANYONE ? KIR_NONE : lk_index(l, role);
}

const char *lk_text(lower *l, const char *text)
{
  return cx_intern_z(l->c, text ? text : "");
}

// Where a file lies says nothing about a pattern: generated text has its name alone.
static const char *source_name(const lower *l)
{
  const pass_unit *u = l->u;
  const char *name = u->src_name;

  if (!name)
    name = u->source->span.file < source_count(l->c) ? source_get(l->c, u->source->span.file)->name
                                                     : "";
  const char *slash = strrchr(name, '/');
  return slash ? slash + 1 : name;
}

// Each once. As the pattern was compiled: what a pass leaves out is needed all the same, so that no
// switch decides which data are refused.
static void add_need(void *user, gir_need_kind kind, const char *name)
{
  lower *l = user;
  kir_need need = {.name = lk_text(l, name)};

  if (kind == GIR_NEED_COLUMN) need.kind = KIR_NEED_COLUMN;
  if (kind == GIR_NEED_ATTRIBUTE) need.kind = KIR_NEED_ATTRIBUTE;
  for (uint32_t i = 0; i < l->m->needs.n; i++)
    if (l->m->needs.at[i].kind == need.kind && l->m->needs.at[i].name == need.name) return;
  VEC_PUSH(l->mem, &l->m->needs, need);
}

static void lower_head(lower *l)
{
  static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
  const gir_pattern *p = l->p;
  kir_module *m = l->m;

  m->name = lk_text(l, p->name);
  m->id = lk_text(l, p->id);
  m->version = lk_text(l, p->version);
  m->status = lk_text(l, p->status);
  m->hash = lk_text(l, l->u->pattern_hash ? l->u->pattern_hash : zeros);
  m->source = lk_text(l, source_name(l));
  m->currency = p->currency;
  m->within = p->within;
  m->span_s = p->span_s;
  m->hubs = p->hubs;
  m->breakable = p->breakable;
  m->trigger = p->trigger ? lk_index(l, p->trigger) : KIR_NONE;
  m->generate = KIR_NONE;
  VEC_PUSH(l->mem, &m->plans, kir_plan_trigger_major());
  gir_needs(l->u->source, add_need, l);
}

// Places of roles, stages and constraints: those of the body, each counted for itself.
static void number_nodes(lower *l)
{
  uint32_t roles = 0, stages = 0;

  for (uint32_t i = 0; i < l->p->body.n; i++) {
    const gir_node *n = l->p->body.at[i];
    if (n->type == TY_ROLE) l->index[n->id] = roles++;
    if (gir_is_stage(n)) l->index[n->id] = stages++;
  }
}

pass_outcome pass_lower(pass_unit *u)
{
  lower l = {.u = u, .c = u->c, .mem = u->mem, .p = u->gir};

  l.index = arena_try(u->mem, ((size_t)u->gir->n_nodes + 1) * sizeof *l.index);
  l.m = kir_module_new(u->mem);
  if (!l.index || !cx_ok(u->c)) return PASS_FAILED;
  number_nodes(&l);
  lower_head(&l);
  lk_roles(&l);
  lk_stages(&l);
  lk_sets(&l);
  lk_constraints(&l);
  lk_output(&l);
  if (!cx_ok(u->c)) return PASS_FAILED;
  u->kir = l.m;
  return PASS_CHANGED;
}
