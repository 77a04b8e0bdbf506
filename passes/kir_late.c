// Marks the groups that are only evidence: whatever is in them, no constraint fails, no other role and
// no other stage changes. The runtime starts them when all else of a match holds, so that a candidate
// that is none costs nothing for them.
//
// Stands first behind LOWER: the tables it marks are whole, and nothing behind it reads the mark.
#include "passes/passes.h"

typedef struct asker {
  const kir_module *m;
  uint32_t role; // may it wait?
} asker;

static bool is_at(const asker *a, uint32_t stage)
{
  const kir_stage *s = &a->m->stages.at[stage];
  return s->from == a->role || s->to == a->role;
}

// Any number of members has degree 1.
static bool any_size_will_do(const gir_range *r)
{
  bool from_none = !(r->has & GIR_HAS_A) && (!(r->has & GIR_HAS_B) || r->b.num <= 0);
  return from_none && !(r->has & (GIR_HAS_C | GIR_HAS_D));
}

// A stage between the group and one account or `any`, or a term of its own set: neither asks anything
// of the other end.
static bool stage_asks_nothing(const asker *a, const kir_stage *s)
{
  uint32_t other = s->from == a->role ? s->to : s->from;

  if (s->kind == KIR_STAGE_TERM) return s->owner == a->role;
  if (s->kind == KIR_STAGE_PROBE) return s->owner == a->role;
  if (s->kind != KIR_STAGE_PLAIN || s->required) return false;
  return other == KIR_NONE || a->m->roles.at[other].kind == KIR_ROLE_ONE;
}

static bool set_names(const asker *a, uint32_t set)
{
  const kir_set *n = &a->m->sets.at[set];

  if (n->op == KIR_SET_ROLE) return n->a == a->role;
  if (n->op == KIR_SET_HAS || n->op == KIR_SET_SHARE) return false;
  return set_names(a, n->a) || set_names(a, n->b);
}

static bool node_asks(const asker *a, const kir_node *n)
{
  int64_t stage = -1;

  if (n->op == KIR_N_SPAN) return true;
  if (n->op == KIR_N_MEMBERS && n->imm[0] == a->role) return true;
  if (n->op == KIR_CMP_NOTE_STAGE) stage = n->imm[1];
  if (n->op == KIR_N_AGG || n->op == KIR_N_AGG_COLUMN) stage = n->imm[2];
  if (n->op == KIR_N_COUNT || n->op == KIR_N_FIRST || n->op == KIR_N_LAST) stage = n->imm[0];
  if (stage >= 0 && is_at(a, (uint32_t)stage)) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && node_asks(a, n->args[k])) return true;
  return false;
}

static bool constraint_asks(const asker *a, const kir_con *c)
{
  switch (c->kind) {
  case KIR_CON_SIZE:   // any_size_will_do
  case KIR_CON_FILTER: // the mean of degrees above 0 is above 0
  case KIR_CON_SUPPORT:
  case KIR_CON_PAIR: // asked by pair
    return false;
  case KIR_CON_EACH:
    return c->role == a->role || node_asks(a, a->m->fns.at[c->agg]->body);
  case KIR_CON_REQUIRE:
    return node_asks(a, a->m->fns.at[c->agg]->body);
  case KIR_CON_OVERLAP:
    return is_at(a, c->stage) || is_at(a, c->other);
  case KIR_CON_ABSENT:
    return c->from == a->role || c->to == a->role || (c->anchor != KIR_NONE && is_at(a, c->anchor));
  }
  AML_BUG("a constraint of no kind");
}

static bool pair_asks(const asker *a, const kir_pair *p)
{
  return p->role == a->role || is_at(a, p->stage[0]) || is_at(a, p->stage[1]);
}

// Shares are judged together, in rounds (semantics 4.2 (c)): those of one group may wait for all else
// only where no other group has any.
static bool others_share(const asker *a)
{
  for (uint32_t r = 0; r < a->m->roles.n; r++)
    if (r != a->role && a->m->roles.at[r].shares) return true;
  return false;
}

static bool may_wait(const asker *a)
{
  const kir_module *m = a->m;
  const kir_role *role = &m->roles.at[a->role];

  if (role->kind != KIR_ROLE_GROUP || !any_size_will_do(&role->size)) return false;
  if (role->shares && others_share(a)) return false;
  for (uint32_t i = 0; i < m->stages.n; i++)
    if (is_at(a, i) && !stage_asks_nothing(a, &m->stages.at[i])) return false;
  for (uint32_t r = 0; r < m->roles.n; r++)
    if (r != a->role && m->roles.at[r].set != KIR_NONE && set_names(a, m->roles.at[r].set))
      return false;
  for (uint32_t i = 0; i < m->pairs.n; i++)
    if (pair_asks(a, &m->pairs.at[i])) return false;
  for (uint32_t i = 0; i < m->cons.n; i++)
    if (constraint_asks(a, &m->cons.at[i])) return false;
  return true;
}

pass_outcome pass_late(pass_unit *u)
{
  bool any = false;

  for (uint32_t r = 0; r < u->kir->roles.n; r++) {
    const asker a = {.m = u->kir, .role = r};
    u->kir->roles.at[r].late = may_wait(&a);
    any = any || u->kir->roles.at[r].late;
  }
  return any ? PASS_CHANGED : PASS_UNCHANGED;
}
