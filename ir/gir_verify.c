// Holds graph IR to gir_rules.def: first the shape of every node, so that the rules after it may follow
// any argument; then roles, stages, sets, statements and conditions; last what follows from them.
#include "ir/gir_verify.h"
#include "ir/base/map.h"

#include <stdarg.h>
#include <stdio.h>

const char *const gir_rule_words[GIR_N_RULES] = {
#define GIR_RULE(id, words) words,
#include "ir/gir_rules.def"
};

void gir_broken(gir_verifier *v, gir_rule rule, span where, const char *fmt, ...)
{
  char detail[200];
  va_list args;
  va_start(args, fmt);
  vsnprintf(detail, sizeof detail, fmt, args);
  va_end(args);
  const char *name = v->p && v->p->name ? v->p->name : "";
  if (v->abort) AML_BUG("graph IR of '%s': %s (%s)", name, gir_rule_words[rule], detail);
  v->ok = false;
  diag_error(v->c, DIAG_GIR_INVALID, where, "%s", gir_rule_words[rule]);
  if (detail[0]) diag_note(v->c, (span){0}, "in '%s': %s", name, detail);
}

static void broken(gir_verifier *v, gir_rule rule, const gir_node *n)
{
  gir_broken(v, rule, n->span, "%s%s%s", gir_ops[n->op].name, n->name ? " " : "",
             n->name ? n->name : "");
}

// ---- the shape of nodes ---------------------------------------------------------------------------

typedef struct shapes {
  gir_verifier *v;
  const gir_node **seen; // by id
  bool *in_body;         // by id: it has had its turn in the body
} shapes;

static bool is_of_body(const gir_node *n)
{
  return n->type == TY_STAGE || (n->type == TY_ROLE && n->op != GIR_ANYONE);
}

static bool range_ends_in_order(const gir_range *r)
{
  const rational *end[] = {&r->a, &r->b, &r->c, &r->d};
  for (int i = 0; i < 4; i++) {
    for (int j = i + 1; j < 4; j++) {
      if (!(r->has & (1u << i)) || !(r->has & (1u << j))) continue;
      int cmp = rational_cmp(*end[i], *end[j]);
      if (cmp > 0 || (cmp == 0 && (i == 0 || j == 3))) return false;
    }
  }
  return true;
}

static void check_range(gir_verifier *v, const gir_node *n)
{
  const gir_range *r = &n->range;
  bool half = ((r->has & GIR_HAS_A) && !(r->has & GIR_HAS_B)) ||
              ((r->has & GIR_HAS_D) && !(r->has & GIR_HAS_C));
  rational end[] = {r->a, r->b, r->c, r->d};
  for (unsigned i = 0; i < 4; i++)
    half = half || ((r->has & (1u << i)) && end[i].den <= 0);
  if (half || r->has == 0 || r->has > 15)
    broken(v, RULE_RANGE, n);
  else if (!range_ends_in_order(r))
    broken(v, RULE_RANGE_ORDER, n);
  if (r->type != TY_NUMBER && r->type != TY_MONEY && r->type != TY_DURATION && r->type != TY_TIME)
    broken(v, RULE_RANGE_UNIT, n);
}

static void check_attrs(gir_verifier *v, const gir_node *n)
{
  if (gir_has_attr(n->op, 'n') && (!n->name || !*n->name)) broken(v, RULE_NAME, n);
  if (n->op == GIR_FIELD && gir_field_type(n->name) == TY_NONE) broken(v, RULE_FIELD, n);
  if (gir_has_attr(n->op, 't') && !n->text) broken(v, RULE_TEXT, n);
  if (gir_has_attr(n->op, 'r')) check_range(v, n);
  if (gir_has_attr(n->op, 'v')) {
    gir_type t = n->value.type;
    bool quantity = t == TY_NUMBER || t == TY_MONEY || t == TY_DURATION || t == TY_TIME;
    if (!(t == TY_TEXT ? n->value.text != NULL : quantity && n->value.v.den > 0))
      broken(v, RULE_VALUE, n);
  }
}

static void check_shape(shapes *s, const gir_node *n);

static void check_arg(shapes *s, const gir_node *n, uint32_t k)
{
  const gir_node *arg = n->args[k];
  if (!arg) {
    if (k < gir_min_args(n->op)) broken(s->v, RULE_ARG_MISSING, n);
    return;
  }
  if (arg->id >= s->v->p->n_nodes) {
    broken(s->v, RULE_ID, n);
  } else if (is_of_body(arg)) {
    if (!s->in_body[arg->id]) broken(s->v, RULE_ORDER, n);
  } else if (s->seen[arg->id] == arg) {
    broken(s->v, RULE_SHARED, arg);
  } else {
    check_shape(s, arg);
  }
  if (!gir_letter_takes(gir_arg_letter(n->op, k), arg->type)) broken(s->v, RULE_ARG_TYPE, n);
}

static void check_shape(shapes *s, const gir_node *n)
{
  if ((unsigned)n->op >= GIR_N_OPS || n->id >= s->v->p->n_nodes || s->seen[n->id]) {
    gir_broken(s->v, RULE_ID, n->span, "node %u", n->id);
    return;
  }
  s->seen[n->id] = n;
  uint32_t places = gir_n_args(n->op);
  if (n->n_args < places || (n->n_args > places && !gir_takes_more(n->op))) {
    broken(s->v, RULE_ARGS, n);
    return;
  }
  for (uint32_t k = 0; k < n->n_args; k++)
    check_arg(s, n, k);
  check_attrs(s->v, n);
  if (s->v->ok && n->type != gir_result_type(n)) broken(s->v, RULE_RESULT, n);
}

static bool is_title(gir_op op)
{
  return op == GIR_TITLE_TEXT || op == GIR_TITLE_ROLE || op == GIR_TITLE_VALUE;
}

static void check_body_shape(shapes *s)
{
  const gir_pattern *p = s->v->p;
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    bool stmt = n->type == TY_STMT && !is_title(n->op) && n->op != GIR_FEATURE;
    if (!stmt && !is_of_body(n)) broken(s->v, RULE_HOME, n);
    if (n->id < p->n_nodes && s->seen[n->id] == n) {
      broken(s->v, RULE_TWICE, n);
      continue;
    }
    check_shape(s, n);
    if (n->id < p->n_nodes) s->in_body[n->id] = true;
  }
}

static void check_list_shape(shapes *s, gir_node *const *nodes, uint32_t n_nodes, bool title)
{
  for (uint32_t i = 0; i < n_nodes; i++) {
    const gir_node *n = nodes[i];
    if (title ? !is_title(n->op) : n->op != GIR_FEATURE) broken(s->v, RULE_HOME, n);
    check_shape(s, n);
  }
}

static void check_shapes(gir_verifier *v)
{
  const gir_pattern *p = v->p;
  shapes s = {.v = v};
  s.seen = arena_try(v->mem, (p->n_nodes + 1) * sizeof *s.seen);
  s.in_body = arena_try(v->mem, (p->n_nodes + 1) * sizeof *s.in_body);
  if (!s.seen || !s.in_body) {
    v->ok = false;
    return;
  }
  check_body_shape(&s);
  check_list_shape(&s, p->title.at, p->title.n, true);
  check_list_shape(&s, p->features.at, p->features.n, false);
}

// ---- names ----------------------------------------------------------------------------------------

static void check_names(gir_verifier *v, gir_node *const *nodes, uint32_t n, gir_type type,
                        gir_rule rule)
{
  map *names = map_new(v->mem);
  for (uint32_t i = 0; i < n; i++) {
    const gir_node *node = nodes[i];
    if (node->type != type || !node->name) continue;
    if (!map_put(names, cx_intern_z(v->c, node->name), v)) broken(v, rule, node);
  }
}

// ---- roles and stages -----------------------------------------------------------------------------

static bool is_single_or_group(const gir_node *n)
{
  return n->op == GIR_ONE || n->op == GIR_GROUP;
}

static void check_ends(gir_verifier *v, const gir_node *n)
{
  const gir_node *from = gir_stage_from(n), *to = gir_stage_to(n);
  if (from->op == GIR_CHAIN || to->op == GIR_CHAIN ||
      (from->op == GIR_ANYONE && to->op == GIR_ANYONE))
    broken(v, RULE_ENDS, n);
  if (from == to) broken(v, RULE_SAME_ENDS, n);
}

static void check_stage(gir_verifier *v, const gir_node *n)
{
  check_ends(v, n);
  if (gir_stage_from(n)->op == GIR_GROUP && gir_stage_to(n)->op == GIR_GROUP)
    broken(v, RULE_ENDS, n);
  if (n->imm[0] < 0) broken(v, RULE_IMM, n);
}

static void check_layer(gir_verifier *v, const gir_node *n)
{
  if (gir_stage_from(n)->op != GIR_GROUP || gir_stage_to(n)->op != GIR_GROUP)
    broken(v, RULE_ENDS, n);
  if (gir_stage_from(n) == gir_stage_to(n)) broken(v, RULE_SAME_ENDS, n);
  if (n->imm[0] < 0 || n->imm[1] < 1 || n->imm[2] < 1) broken(v, RULE_IMM, n);
}

static bool has_order(const gir_node *n)
{
  if (n->op == GIR_BEFORE || n->op == GIR_GAP) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (has_order(n->args[k])) return true;
  return false;
}

// Which hop is the first of a ring is told by an order of its hops, or by nothing.
static void check_closed_order(gir_verifier *v, const gir_node *walk)
{
  if (gir_stage_from(walk) != gir_stage_to(walk) || !gir_walk_compares_hops(v->p, walk)) return;
  for (uint32_t i = 0; i < v->p->body.n; i++) {
    const gir_node *n = v->p->body.at[i];
    if (n->op == GIR_HOP_PAIR && n->args[0] == walk && has_order(n->args[1])) return;
  }
  broken(v, RULE_CLOSED_ORDER, walk);
}

static void check_walk(gir_verifier *v, const gir_node *n)
{
  if (gir_stage_from(n)->op != GIR_ONE || gir_stage_to(n)->op != GIR_ONE ||
      n->args[1]->op != GIR_CHAIN)
    broken(v, RULE_WALK, n);
  if (n->imm[0] < 0) broken(v, RULE_IMM, n);
  check_closed_order(v, n);
}

static void check_chain(gir_verifier *v, const gir_node *chain)
{
  uint32_t walks = 0;
  for (uint32_t i = 0; i < v->p->body.n; i++) {
    const gir_node *n = v->p->body.at[i];
    walks += n->op == GIR_WALK && n->args[1] == chain;
  }
  if (walks != 1) broken(v, RULE_CHAIN_ALONE, chain);
  if (chain->range.type != TY_NUMBER) broken(v, RULE_RANGE_UNIT, chain);
  if (!(chain->range.has & (GIR_HAS_C | GIR_HAS_D))) broken(v, RULE_CHAIN_BOUND, chain);
}

static void check_group(gir_verifier *v, const gir_node *group)
{
  bool bound = gir_set_of(v->p, group) != NULL;
  for (uint32_t i = 0; i < v->p->body.n; i++) {
    const gir_node *n = v->p->body.at[i];
    bound = bound || (n->op == GIR_STAGE && gir_stage_touches(n, group));
  }
  if (!bound) broken(v, RULE_UNBOUND, group);
  if (group->range.type != TY_NUMBER) broken(v, RULE_RANGE_UNIT, group);
}

// ---- sets -----------------------------------------------------------------------------------------

// How often the sets of the pattern count a term.
static uint32_t times_counted(const gir_node *set, const gir_node *term)
{
  uint32_t n = 0;
  if (set->op == GIR_HAS || set->op == GIR_HAS_SHARE) return set->args[0] == term;
  if (set->op == GIR_IN_ROLE) return 0;
  for (uint32_t k = 0; k < set->n_args; k++)
    n += times_counted(set->args[k], term);
  return n;
}

static void check_term(gir_verifier *v, const gir_node *term)
{
  uint32_t n = 0;
  check_ends(v, term);
  for (uint32_t i = 0; i < v->p->body.n; i++)
    if (v->p->body.at[i]->op == GIR_MEMBERS) n += times_counted(v->p->body.at[i]->args[1], term);
  if (n != 1) broken(v, RULE_TERM_HOME, term);
}

// A group may be named by a set only below its own set.
static void check_named_group(gir_verifier *v, const gir_node *members, const gir_node *role)
{
  if (role->op != GIR_GROUP) return;
  if (role == members->args[0]) {
    broken(v, RULE_SET_ORDER, members);
    return;
  }
  const gir_node *own = gir_set_of(v->p, role);
  for (uint32_t i = 0; own && i < v->p->body.n && v->p->body.at[i] != own; i++)
    if (v->p->body.at[i] == members) broken(v, RULE_SET_ORDER, members);
}

static void check_has(gir_verifier *v, const gir_node *has, const gir_node *members, bool right)
{
  const gir_node *term = has->args[0], *group = members->args[0];
  if (term->op != GIR_TERM && term->op != GIR_PROBE) {
    broken(v, RULE_TERM_HOME, has);
    return;
  }
  const gir_node *from = gir_stage_from(term), *to = gir_stage_to(term);
  const gir_node *partner = from == group ? to : from;
  if ((from == group) == (to == group) || !is_single_or_group(partner)) {
    broken(v, RULE_TERM_ENDS, term);
    return;
  }
  check_named_group(v, members, partner);
  if ((term->op == GIR_PROBE) != right) broken(v, RULE_PROBE, term);
  if (has->op == GIR_HAS && has->imm[0] < 1) broken(v, RULE_IMM, has);
  if (partner->op != GIR_GROUP && (has->op == GIR_HAS_SHARE || has->imm[0] > 1))
    broken(v, RULE_AT_LEAST, has);
  if (has->op == GIR_HAS_SHARE &&
      (has->value.type != TY_NUMBER || rational_cmp(has->value.v, rational_int(0)) <= 0 ||
       rational_cmp(has->value.v, rational_int(1)) > 0))
    broken(v, RULE_SHARE, has);
}

static void check_set(gir_verifier *v, const gir_node *set, const gir_node *members, bool right)
{
  if (set->op == GIR_HAS || set->op == GIR_HAS_SHARE) {
    check_has(v, set, members, right);
  } else if (set->op == GIR_IN_ROLE) {
    if (set->args[0]->op == GIR_ANYONE) broken(v, RULE_MEMBERS, members);
    if (set->args[0]->op == GIR_CHAIN) broken(v, RULE_CHAIN_ALONE, set->args[0]);
    check_named_group(v, members, set->args[0]);
  } else {
    check_set(v, set->args[0], members, right);
    check_set(v, set->args[1], members, right || set->op == GIR_MINUS);
  }
}

static void check_members(gir_verifier *v, const gir_node *n)
{
  if (n->args[0]->op != GIR_GROUP || gir_set_of(v->p, n->args[0]) != n)
    broken(v, RULE_MEMBERS, n);
  else
    check_set(v, n->args[1], n, false);
}

// ---- statements -----------------------------------------------------------------------------------

// The stages that aggregates of a condition read: evidence, and at the role where there is one.
static void check_read_stages(gir_verifier *v, const gir_node *n, const gir_node *role)
{
  for (uint32_t k = 0; k < n->n_args; k++) {
    const gir_node *arg = n->args[k];
    if (arg->type == TY_STAGE) {
      if (!gir_is_evidence(arg)) broken(v, RULE_EVIDENCE, n);
      if (role && !gir_stage_touches(arg, role)) broken(v, RULE_TOUCH, n);
    } else if (arg->type != TY_ROLE) {
      check_read_stages(v, arg, role);
    } else if (arg->op == GIR_ANYONE) {
      broken(v, RULE_SCOPE, n);
    }
  }
}

static void check_pair(gir_verifier *v, const gir_node *n)
{
  if (!is_single_or_group(n->args[0])) broken(v, RULE_EACH_ROLE, n);
  for (uint32_t k = 1; k <= 2; k++) {
    if (!gir_is_evidence(n->args[k])) broken(v, RULE_EVIDENCE, n);
    if (!gir_stage_touches(n->args[k], n->args[0])) broken(v, RULE_TOUCH, n);
  }
  gir_verify_expr(v, n->args[3], SCOPE_PAIR);
}

static void check_hop_pair(gir_verifier *v, const gir_node *n)
{
  if (n->args[0]->op != GIR_WALK) broken(v, RULE_ALONG, n);
  gir_verify_expr(v, n->args[1], SCOPE_PAIR);
}

static void check_each(gir_verifier *v, const gir_node *n)
{
  if (!is_single_or_group(n->args[0])) broken(v, RULE_EACH_ROLE, n);
  check_read_stages(v, n->args[1], n->args[0]);
  gir_verify_expr(v, n->args[1], SCOPE_MANY);
}

static void check_require(gir_verifier *v, const gir_node *n)
{
  check_read_stages(v, n->args[0], NULL);
  gir_verify_expr(v, n->args[0], SCOPE_MANY);
}

static void check_overlap(gir_verifier *v, const gir_node *n)
{
  for (uint32_t k = 0; k < 2; k++)
    if (!gir_is_evidence(n->args[k])) broken(v, RULE_EVIDENCE, n);
  if (n->range.type != TY_NUMBER) broken(v, RULE_RANGE_UNIT, n);
}

static void check_absent(gir_verifier *v, const gir_node *n)
{
  const gir_node *anchor = n->args[3];
  check_ends(v, n);
  if (n->imm[0] < 0 || n->imm[1] != (anchor != NULL)) broken(v, RULE_IMM, n);
  if (!anchor && n->imm[0] > 0) broken(v, RULE_ABSENT, n);
  if (anchor && !gir_is_evidence(anchor)) broken(v, RULE_EVIDENCE, n);
}

static void check_may_equal(gir_verifier *v, const gir_node *n)
{
  if (n->args[0] == n->args[1] || n->args[0]->op == GIR_ANYONE || n->args[1]->op == GIR_ANYONE)
    broken(v, RULE_MAY_EQUAL, n);
}

static void check_value(gir_verifier *v, const gir_node *n)
{
  check_read_stages(v, n, NULL);
  gir_verify_expr(v, n->args[0], SCOPE_MANY);
}

static void check_title_role(gir_verifier *v, const gir_node *n)
{
  if (n->args[0]->op == GIR_ANYONE) broken(v, RULE_SCOPE, n);
}

static void check_feature(gir_verifier *v, const gir_node *n)
{
  bool bins = n->imm[0] == GIR_FEATURE_HISTOGRAM;
  if (n->imm[0] < GIR_FEATURE_COUNT || n->imm[0] > GIR_FEATURE_HISTOGRAM ||
      (bins &&
       (n->imm[1] > n->imm[2] || (uint64_t)n->imm[2] - (uint64_t)n->imm[1] >= GIR_MAX_BINS)))
    broken(v, RULE_FEATURE, n);
  check_value(v, n);
}

// ---- patterns -------------------------------------------------------------------------------------

typedef void check_fn(gir_verifier *v, const gir_node *n);

static check_fn *const checks[GIR_N_OPS] = {
    [GIR_GROUP] = check_group,
    [GIR_CHAIN] = check_chain,
    [GIR_STAGE] = check_stage,
    [GIR_WALK] = check_walk,
    [GIR_LAYER] = check_layer,
    [GIR_TERM] = check_term,
    [GIR_PROBE] = check_term,
    [GIR_MEMBERS] = check_members,
    [GIR_PAIR] = check_pair,
    [GIR_HOP_PAIR] = check_hop_pair,
    [GIR_EACH] = check_each,
    [GIR_REQUIRE] = check_require,
    [GIR_OVERLAP] = check_overlap,
    [GIR_ABSENT] = check_absent,
    [GIR_MAY_EQUAL] = check_may_equal,
    [GIR_FEATURE] = check_feature,
    [GIR_TITLE_ROLE] = check_title_role,
    [GIR_TITLE_VALUE] = check_value,
};

static void check_nodes(gir_verifier *v, gir_node *const *nodes, uint32_t n)
{
  for (uint32_t i = 0; i < n && cx_ok(v->c); i++) {
    const gir_node *node = nodes[i];
    const gir_node *filter = NULL;
    if (gir_is_stage(node)) filter = gir_stage_filter(node);
    if (node->op == GIR_ABSENT) filter = node->args[2];
    if (filter) gir_verify_expr(v, filter, SCOPE_FILTER);
    if (checks[node->op]) checks[node->op](v, node);
  }
}

// Marks the other roles of a stage or a set one of whose roles is marked. True: one more is.
static bool spread(const gir_node *n, bool *reached)
{
  bool any = false, more = false;
  for (int turn = 0; turn < 2; turn++) {
    for (uint32_t k = 0; k < n->n_args; k++) {
      const gir_node *role = n->args[k];
      if (!role || role->type != TY_ROLE || role->op == GIR_ANYONE) continue;
      if (turn == 0) any = any || reached[role->id];
      if (turn == 1 && any && !reached[role->id]) reached[role->id] = more = true;
    }
  }
  return more;
}

// The roles that a set names bare hang together with its group.
static bool spread_set(const gir_node *set, const gir_node *group, bool *reached)
{
  if (set->op == GIR_HAS || set->op == GIR_HAS_SHARE) return false;
  if (set->op == GIR_IN_ROLE) {
    gir_node *role = set->args[0];
    if (reached[role->id] == reached[group->id]) return false;
    return reached[role->id] = reached[group->id] = true;
  }
  bool left = spread_set(set->args[0], group, reached);
  bool right = set->op != GIR_MINUS && spread_set(set->args[1], group, reached);
  return left || right;
}

// Follows stages and sets from the first role on, until nothing more is reached.
static void check_connected(gir_verifier *v)
{
  const gir_pattern *p = v->p;
  bool *reached = arena_try(v->mem, (p->n_nodes + 1) * sizeof *reached), more = true;
  if (!reached) return;
  for (uint32_t i = 0; i < p->body.n; i++) {
    if (p->body.at[i]->type != TY_ROLE) continue;
    reached[p->body.at[i]->id] = true;
    break;
  }
  while (more) {
    more = false;
    for (uint32_t i = 0; i < p->body.n; i++) {
      const gir_node *n = p->body.at[i];
      if (gir_is_evidence(n)) more = spread(n, reached) || more;
      if (n->op == GIR_MEMBERS) more = spread_set(n->args[1], n->args[0], reached) || more;
    }
  }
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if (n->type == TY_ROLE && !reached[n->id]) {
      broken(v, RULE_UNCONNECTED, n);
      return;
    }
  }
}

static void check_head(gir_verifier *v)
{
  const gir_pattern *p = v->p;
  if (!p->name || !*p->name || !p->id || !*p->id || !p->version || !*p->version || !p->status ||
      !p->doc || p->within <= 0 || p->hubs < 0 || (unsigned)p->currency > GIR_CURRENCY_IGNORED)
    gir_broken(v, RULE_HEAD, p->span, "within %lld, hubs %lld", (long long)p->within,
               (long long)p->hubs);
}

static bool stands_in_body(const gir_pattern *p, const gir_node *n)
{
  for (uint32_t i = 0; i < p->body.n; i++)
    if (p->body.at[i] == n) return true;
  return false;
}

static void check_derived(gir_verifier *v)
{
  gir_pattern again = *v->p;
  again.mem = v->mem;
  again.triggers.at = NULL;
  again.triggers.n = again.triggers.cap = 0;
  gir_derive(&again);
  if (!cx_ok(v->c)) return;
  if (again.triggers.n == 0) {
    gir_broken(v, RULE_NO_TRIGGER, v->p->span, "%s", "");
    return;
  }
  bool same = again.span_s == v->p->span_s && again.breakable == v->p->breakable &&
              again.triggers.n == v->p->triggers.n;
  for (uint32_t i = 0; same && i < again.triggers.n; i++)
    same = again.triggers.at[i] == v->p->triggers.at[i];
  if (!same)
    gir_broken(v, RULE_DERIVED, v->p->span, "the span is %lld s, %sbreakable, triggers: %u",
               (long long)again.span_s, again.breakable ? "" : "not ", again.triggers.n);
}

static void verify_pattern(gir_verifier *v)
{
  const gir_pattern *p = v->p;
  check_shapes(v);
  if (!v->ok) return; // the rules below follow arguments
  check_head(v);
  check_names(v, p->body.at, p->body.n, TY_ROLE, RULE_SAME_ROLE);
  check_names(v, p->body.at, p->body.n, TY_STAGE, RULE_SAME_STAGE);
  check_names(v, p->features.at, p->features.n, TY_STMT, RULE_SAME_FEATURE);
  check_nodes(v, p->body.at, p->body.n);
  check_nodes(v, p->title.at, p->title.n);
  check_nodes(v, p->features.at, p->features.n);
  if (p->trigger && !(stands_in_body(p, p->trigger) && gir_is_evidence(p->trigger)))
    gir_broken(v, RULE_TRIGGER, p->span, "%s", "");
  if (!v->ok) return;
  check_connected(v);
  check_derived(v);
}

// ---- modules --------------------------------------------------------------------------------------

static void verify_profile(gir_verifier *v, const gir_profile *f)
{
  bool ok = f->name && *f->name && f->within > 0 && (f->for_from || f->for_to) &&
            (f->over_out || f->over_in) && f->stats.n > 0;
  for (uint32_t i = 0; i < f->stats.n; i++) {
    const gir_stat *s = &f->stats.at[i];
    ok = ok && (unsigned)s->kind < GIR_N_STATS;
    ok = ok && (s->kind >= GIR_STAT_SUM) == (s->column != NULL);
  }
  if (!ok) gir_broken(v, RULE_PROFILE, f->span, "%s", f->name ? f->name : "");
}

static void verify_names(gir_verifier *v, const gir_module *m)
{
  map *patterns = map_new(v->mem), *profiles = map_new(v->mem);
  for (uint32_t i = 0; i < m->patterns.n; i++) {
    const gir_pattern *p = m->patterns.at[i];
    if (p->name && !map_put(patterns, cx_intern_z(v->c, p->name), v))
      gir_broken(v, RULE_SAME_PATTERN, p->span, "%s", p->name);
  }
  for (uint32_t i = 0; i < m->profiles.n; i++) {
    const gir_profile *f = m->profiles.at[i];
    if (f->name && !map_put(profiles, cx_intern_z(v->c, f->name), v))
      gir_broken(v, RULE_SAME_PATTERN, f->span, "%s", f->name);
  }
}

static bool verify_module(cx *c, const gir_module *m, bool abort)
{
  gir_verifier v = {.c = c, .abort = abort, .ok = true};
  bool ok = true;
  // What memory ran out on is not whole, and nobody may go on with it.
  if (!cx_ok(c) || !(v.mem = arena_new(c, "gir verify"))) return false;
  for (uint32_t i = 0; i < m->patterns.n && cx_ok(c); i++) {
    v.p = m->patterns.at[i];
    v.ok = true;
    verify_pattern(&v);
    ok = ok && v.ok;
  }
  v.p = NULL;
  v.ok = ok;
  for (uint32_t i = 0; i < m->profiles.n; i++)
    verify_profile(&v, m->profiles.at[i]);
  verify_names(&v, m);
  arena_free(v.mem);
  return v.ok && cx_ok(c);
}

bool gir_verify(cx *c, const gir_module *m)
{
  return verify_module(c, m, false);
}

void gir_verify_or_bug(const gir_module *m)
{
  (void)verify_module(arena_cx(m->mem), m, true);
}
