// Groups that nothing anchors, and roles that no transfer links to the rest.
//
// A match is found from its trigger: every key account has to be reached from there through transfers
// that the match cannot do without, else it would be one of all accounts there are.
#include "frontend/sema_inside.h"

// ---- anchors --------------------------------------------------------------------------------------

static bool is_anchored(const sema_pattern *p, const sema_role *r)
{
  if (r->set) return true;
  for (uint32_t i = 0; i < p->stages.n; i++) {
    const gir_node *n = p->stages.at[i]->node;
    if (n && n->op == GIR_STAGE && gir_stage_touches(n, r->node)) return true;
  }
  return false;
}

void sema_check_anchors(sema_pattern *p)
{
  cx *c = p->env.c;

  for (uint32_t i = 0; i < p->roles.n; i++) {
    const sema_role *r = p->roles.at[i];
    if (r->shape != AST_ROLE_GROUP || !r->node || is_anchored(p, r)) continue;
    diag_error(c, DIAG_UNANCHORED_GROUP, r->where, "group `%s` is bound to other groups only",
               r->name);
    diag_help(c,
              "bind it to an account: `stage NAME: ACCOUNT -> %s;` or `set %s[2..] = "
              "out(ACCOUNT);` above this statement",
              r->name, r->name);
    p->bad_shape = true;
  }
}

// ---- links ----------------------------------------------------------------------------------------

typedef struct links {
  sema_pattern *p;
  const gir_node *trigger; // NULL: whatever links at all counts
  bool *reached;           // by node id
  bool more;
} links;

static bool is_there(const links *w, const gir_node *role)
{
  if (role->op != GIR_GROUP || !w->trigger || !gir_size_may_be_zero(role)) return true;
  return gir_stage_from(w->trigger) == role || gir_stage_to(w->trigger) == role;
}

static void link(links *w, const gir_node *a, const gir_node *b)
{
  if (a->op == GIR_ANYONE || b->op == GIR_ANYONE) return;
  if (w->reached[a->id] == w->reached[b->id]) return;
  w->reached[a->id] = w->reached[b->id] = w->more = true;
}

// The group whose set the term stands in.
static const gir_node *owner(const links *w, const sema_stage *g)
{
  const sema_symbol *s = map_get(w->p->env.names, g->stmt->name.text);
  return s && s->kind == SYM_ROLE ? s->role->node : NULL;
}

static bool stage_links(const links *w, const sema_stage *g)
{
  const gir_node *n = g->node, *from = gir_stage_from(n), *to = gir_stage_to(n);

  if (!w->trigger || n == w->trigger || n->op == GIR_WALK) return true;
  if (n->op == GIR_LAYER) return is_there(w, from) || is_there(w, to);
  if (n->op == GIR_STAGE) return is_there(w, from) && is_there(w, to);
  const gir_node *own = owner(w, g);
  return own && !g->optional && is_there(w, own);
}

static void spread_stage(links *w, const sema_stage *g)
{
  const gir_node *n = g->node;

  if (!n || !gir_is_evidence(n) || !stage_links(w, g)) return;
  link(w, gir_stage_from(n), gir_stage_to(n));
  if (n->op == GIR_WALK) link(w, n->args[0], n->args[1]);
}

// A role that a set names links its members to that role, unless it stands below a `|` or right of a `-`.
static void spread_set(links *w, const gir_node *set, const gir_node *group)
{
  if (set->op == GIR_IN_ROLE) {
    link(w, set->args[0], group);
  } else if (set->op == GIR_INTERSECT || set->op == GIR_MINUS ||
             (set->op == GIR_UNION && !w->trigger)) {
    spread_set(w, set->args[0], group);
    if (set->op != GIR_MINUS) spread_set(w, set->args[1], group);
  }
}

static void spread(links *w)
{
  const gir_pattern *out = w->p->out;

  do {
    w->more = false;
    for (uint32_t i = 0; i < w->p->stages.n; i++)
      spread_stage(w, w->p->stages.at[i]);
    for (uint32_t i = 0; i < out->body.n; i++) {
      const gir_node *n = out->body.at[i];
      if (n->op == GIR_MEMBERS && is_there(w, n->args[0])) spread_set(w, n->args[1], n->args[0]);
    }
  } while (w->more && cx_ok(w->p->env.c));
}

static const gir_node *some_reached(const links *w)
{
  for (uint32_t i = 0; i < w->p->roles.n; i++) {
    const gir_node *n = w->p->roles.at[i]->node;
    if (n && n->op == GIR_ONE && w->reached[n->id]) return n;
  }
  return NULL;
}

// A group between the role and the rest that may be empty, which is why it links nothing.
static const gir_node *empty_between(const links *w, const gir_node *role)
{
  for (uint32_t i = 0; i < w->p->stages.n; i++) {
    const gir_node *n = w->p->stages.at[i]->node;
    if (!n || !gir_stage_touches(n, role)) continue;
    const gir_node *other = gir_stage_from(n) == role ? gir_stage_to(n) : gir_stage_from(n);
    if (other->op == GIR_GROUP && w->trigger && !is_there(w, other)) return other;
  }
  return NULL;
}

static void report(links *w, const sema_role *r)
{
  cx *c = w->p->env.c;
  const gir_node *other = some_reached(w), *group = empty_between(w, r->node);

  diag_error(c, DIAG_UNCONNECTED_ROLE, r->where,
             "no transfer that every match has links `%s` to the rest", r->name);
  if (group)
    diag_note(c, group->span, "group `%s` may be empty, so it links nothing", group->name);
  else if (w->trigger)
    diag_note(c, w->trigger->span, "a match whose last transfer is here would have any `%s`",
              r->name);
  if (group)
    diag_help(c,
              "ask for one member at least, as in `%s[1..]`, or add a stage between `%s` and `%s`",
              group->name, r->name, other ? other->name : "another role");
  else
    diag_help(c, "add a stage between `%s` and `%s`, or a group that both take part in", r->name,
              other ? other->name : "another role");
}

// True: something was reported.
static bool check_from(links *w, bool groups)
{
  bool found = false;

  spread(w);
  for (uint32_t i = 0; i < w->p->roles.n; i++) {
    const sema_role *r = w->p->roles.at[i];
    if (!r->node || w->reached[r->node->id] || (!groups && r->node->op == GIR_GROUP)) continue;
    report(w, r);
    found = true;
    w->reached[r->node->id] = true; // what hangs on it is no mistake of its own
    spread(w);
  }
  return found;
}

static void mark_ends(links *w, const gir_node *stage)
{
  w->reached[gir_stage_from(stage)->id] = true;
  w->reached[gir_stage_to(stage)->id] = true;
}

void sema_check_links(sema_pattern *p)
{
  size_t n = p->out->n_nodes + 1u;
  links w = {.p = p, .reached = arena_try(p->env.mem, n * sizeof(bool))};

  if (!w.reached || p->roles.n == 0 || !p->roles.at[0]->node) return;
  w.reached[p->roles.at[0]->node->id] = true;
  if (check_from(&w, true)) return;
  for (uint32_t t = 0; t < p->out->triggers.n && cx_ok(p->env.c); t++) {
    for (size_t i = 0; i < n; i++)
      w.reached[i] = false;
    w.trigger = p->out->triggers.at[t];
    mark_ends(&w, w.trigger);
    if (check_from(&w, false)) return;
  }
}
