// Orders: those that can never hold together, and where they let the trigger fall.
//
// Two checks. (1) All pair constraints of the same two sides hold for one pair, so `A before B` and
// `B before A` there leave none. (2) `A before B` makes every transfer of A need a later one of B, and
// every one of B an earlier one of A, wherever the side asked for is there in every match; a circle of
// needs with a strict step in it has no end, so none of its stages could hold a transfer.
#include "frontend/sema_inside.h"

typedef struct order {
  const gir_node *first, *then; // stages; of a walk both the same
  const gir_node *at;           // the condition
  const gir_node *scope;        // the role of `each`, the walk of `along`; NULL: an overlap of 0
  bool strict;
  bool swapped; // first is side 1
} order;

typedef VEC(order) orders;

// ---- collecting -----------------------------------------------------------------------------------

typedef struct sides {
  const gir_node *stage[2], *scope;
} sides;

static void add(sema_pattern *p, orders *out, const sides *s, const gir_node *at, int64_t first,
                bool strict)
{
  order o = {s->stage[first], s->stage[1 - first], at, s->scope, strict, first == 1};
  VEC_PUSH(p->env.mem, out, o);
}

static void gap_inside(sema_pattern *p, orders *out, const sides *s, const gir_node *at,
                       const gir_node *n)
{
  if (n->op == GIR_GAP) {
    add(p, out, s, at, n->imm[0], true);
    return;
  }
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k]) gap_inside(p, out, s, at, n->args[k]);
}

static bool is_time(const gir_node *n)
{
  return n->op == GIR_FIELD && n->type == TY_TIME;
}

static void of_condition(sema_pattern *p, orders *out, const sides *s, const gir_node *n)
{
  if (n->op == GIR_AND) {
    of_condition(p, out, s, n->args[0]);
    of_condition(p, out, s, n->args[1]);
    return;
  }
  if (n->op == GIR_OR || n->op == GIR_NOT) return; // nothing that every pair has
  if (n->op == GIR_BEFORE || n->op == GIR_NOT_AFTER) {
    add(p, out, s, n, n->imm[0], n->op == GIR_BEFORE);
    return;
  }
  bool less = n->op == GIR_LT || n->op == GIR_LE, more = n->op == GIR_GT || n->op == GIR_GE;
  if ((less || more) && is_time(n->args[0]) && is_time(n->args[1]) &&
      n->args[0]->imm[0] != n->args[1]->imm[0]) {
    add(p, out, s, n, n->args[less ? 0 : 1]->imm[0], n->op == GIR_LT || n->op == GIR_GT);
    return;
  }
  gap_inside(p, out, s, n, n);
}

static bool no_overlap(const gir_node *n)
{
  const gir_range *r = &n->range;
  return !(r->has & GIR_HAS_D) && (r->has & GIR_HAS_C) && rational_cmp(r->c, rational_int(0)) <= 0;
}

static void collect(sema_pattern *p, orders *out)
{
  for (uint32_t i = 0; i < p->out->body.n && cx_ok(p->env.c); i++) {
    const gir_node *n = p->out->body.at[i];
    sides s = {{NULL, NULL}, NULL};
    if (n->op == GIR_PAIR) {
      s = (sides){{n->args[1], n->args[2]}, n->args[0]};
      of_condition(p, out, &s, n->args[3]);
    } else if (n->op == GIR_HOP_PAIR) {
      s = (sides){{n->args[0], n->args[0]}, n->args[0]};
      of_condition(p, out, &s, n->args[1]);
    } else if (n->op == GIR_OVERLAP && no_overlap(n)) {
      s = (sides){{n->args[0], n->args[1]}, NULL};
      add(p, out, &s, n, 0, true);
    }
  }
}

// ---- (1) the same two sides -------------------------------------------------------------------------

static const char *name_of(const gir_node *stage)
{
  return stage->name ? stage->name : "";
}

static bool opposed(const order *a, const order *b)
{
  if (!a->scope || a->scope != b->scope || !(a->strict || b->strict)) return false;
  if (a->first == a->then)
    return b->first == b->then && a->first == b->first && a->swapped != b->swapped;
  return a->first == b->then && a->then == b->first;
}

static void report_opposed(sema_pattern *p, const order *a, const order *b)
{
  cx *c = p->env.c;

  if (a->first == a->then)
    diag_error(c, DIAG_ORDER_CYCLE, b->at->span, "no hop is both before and after the next one");
  else
    diag_error(c, DIAG_ORDER_CYCLE, b->at->span,
               "no transfer of `%s` is both before and after one of `%s`", name_of(a->first),
               name_of(a->then));
  diag_note(c, a->at->span, "the opposite order stands here");
  diag_help(c, "leave one of the two out");
}

static bool check_opposed(sema_pattern *p, const orders *all)
{
  enum { MOST = 500 }; // more orders than any pattern has; the circles below find the rest
  bool found = false;

  for (uint32_t i = 0; i < all->n && i < MOST; i++)
    for (uint32_t k = 0; k < i; k++) {
      if (!opposed(&all->at[k], &all->at[i])) continue;
      report_opposed(p, &all->at[k], &all->at[i]);
      found = true;
      break;
    }
  return found;
}

// ---- (2) circles of needs ---------------------------------------------------------------------------

typedef struct need { // every transfer of `who` needs one of `whom`
  const gir_node *who, *whom;
  const order *by;
} need;
typedef VEC(need) needs;

static void needs_of(sema_pattern *p, const orders *all, bool later, needs *out)
{
  for (uint32_t i = 0; i < all->n; i++) {
    const order *o = &all->at[i];
    need n = {later ? o->first : o->then, later ? o->then : o->first, o};
    // Of a chain only the hops at the role are asked: a circle through it proves nothing.
    if (n.who->op == GIR_WALK || n.whom->op == GIR_WALK) continue;
    if (!gir_stage_may_be_empty(p->out, n.whom)) VEC_PUSH(p->env.mem, out, n);
  }
}

// The steps from `from` to `to`, breadth first; via[k]: the need that led to it. By node id.
static bool path(sema_pattern *p, const needs *all, const gir_node *from, const gir_node *to,
                 const need **via)
{
  VEC(const gir_node *) queue = {0};

  for (uint32_t i = 0; i < p->out->n_nodes; i++)
    via[i] = NULL;
  VEC_PUSH(p->env.mem, &queue, from);
  for (uint32_t at = 0; at < queue.n; at++) {
    for (uint32_t i = 0; i < all->n; i++) {
      const need *n = &all->at[i];
      if (n->who != queue.at[at] || n->whom == from || via[n->whom->id]) continue;
      via[n->whom->id] = n;
      if (n->whom == to) return true;
      VEC_PUSH(p->env.mem, &queue, n->whom);
    }
  }
  return false;
}

static void report_circle(sema_pattern *p, const need *strict, const need **via)
{
  cx *c = p->env.c;
  const gir_node *at = strict->who;
  const order *last = strict->by;

  for (const gir_node *n = at; n != strict->whom && via[n->id]; n = via[n->id]->who)
    if (via[n->id]->by->at->span.start > last->at->span.start) last = via[n->id]->by;
  diag_error(c, DIAG_ORDER_CYCLE, last->at->span,
             "these orders go round in a circle: no transfer can meet them");
  if (strict->by != last) diag_note(c, strict->by->at->span, "one of them stands here");
  for (const gir_node *n = at; n != strict->whom && via[n->id]; n = via[n->id]->who)
    if (via[n->id]->by != last) diag_note(c, via[n->id]->by->at->span, "one of them stands here");
  diag_help(c, "leave one of them out");
}

static bool check_circles(sema_pattern *p, const orders *all, bool later)
{
  needs n = {0};
  const need **via = arena_try(p->env.mem, (p->out->n_nodes + 1) * sizeof *via);
  uint32_t tried = 0;

  needs_of(p, all, later, &n);
  for (uint32_t i = 0; via && i < n.n && tried < 200 && cx_ok(p->env.c); i++) {
    if (!n.at[i].by->strict) continue;
    tried++;
    if (!path(p, &n, n.at[i].whom, n.at[i].who, via)) continue;
    report_circle(p, &n.at[i], via);
    return true;
  }
  return false;
}

// ---- overlaps both ways -----------------------------------------------------------------------------

static rational most_of(const gir_range *r)
{
  return r->has & GIR_HAS_D ? r->d : r->c;
}

// A pair that is not in order one way is in order, or simultaneous, the other: the shares add up to 1.
static bool are_opposed_overlaps(const gir_node *a, const gir_node *b)
{
  rational sum;

  if (a->op != GIR_OVERLAP || b->op != GIR_OVERLAP) return false;
  if (a->args[0] != b->args[1] || a->args[1] != b->args[0]) return false;
  if (!(a->range.has & b->range.has & GIR_HAS_C)) return false;
  return rational_add(&sum, most_of(&a->range), most_of(&b->range)) &&
         rational_cmp(sum, rational_int(1)) < 0;
}

static bool check_overlaps(sema_pattern *p)
{
  for (uint32_t i = 0; i < p->out->body.n; i++)
    for (uint32_t k = 0; k < i && p->out->body.at[i]->op == GIR_OVERLAP; k++) {
      const gir_node *a = p->out->body.at[i], *b = p->out->body.at[k];
      if (!are_opposed_overlaps(a, b)) continue;
      diag_error(p->env.c, DIAG_ORDER_CYCLE, a->span,
                 "both overlaps can never be this small at once");
      diag_note(p->env.c, b->span, "the opposite order stands here");
      diag_help(p->env.c, "leave one of the two out");
      return true;
    }
  return false;
}

// ---- closed chains ----------------------------------------------------------------------------------

static bool has_start(const orders *all, const gir_node *walk)
{
  for (uint32_t i = 0; i < all->n; i++) {
    const order *o = &all->at[i];
    if (o->scope == walk && o->strict && !o->swapped && o->first == o->then) return true;
  }
  return false;
}

static void check_closed(sema_pattern *p, const orders *all)
{
  for (uint32_t i = 0; i < p->out->body.n; i++) {
    const gir_node *n = p->out->body.at[i];
    if (n->op != GIR_HOP_PAIR) continue;
    const gir_node *walk = n->args[0];
    if (gir_stage_from(walk) != gir_stage_to(walk) || has_start(all, walk)) continue;
    diag_error(p->env.c, DIAG_CLOSED_CHAIN, n->span,
               "chain `%s` is closed, and nothing says where it starts", name_of(walk));
    diag_note(p->env.c, walk->span, "it ends where it began");
    diag_help(p->env.c, "add `along %s: this before next;`, or a `gap(this, next)`", name_of(walk));
    return;
  }
}

bool sema_check_orders(sema_pattern *p)
{
  orders all = {0};

  collect(p, &all);
  check_closed(p, &all);
  bool wrong = check_overlaps(p);
  wrong = check_opposed(p, &all) || wrong;
  return wrong || check_circles(p, &all, true) || check_circles(p, &all, false);
}

// ---- the trigger ------------------------------------------------------------------------------------

void sema_check_trigger(sema_pattern *p)
{
  cx *c = p->env.c;

  if (p->out->triggers.n > 0) return;
  if (p->out->trigger) {
    const gir_node *by = gir_kept_out_by(p->out, p->out->trigger);
    diag_error(c, DIAG_BAD_TRIGGER, p->trigger->name.span,
               "the last transfer of a match is never in `%s`", p->trigger->name.text);
    if (by) diag_note(c, by->span, "each of its transfers needs a later one, as this says");
    diag_help(c, "name another stage, or leave `trigger` out");
    return;
  }
  diag_error(c, DIAG_BAD_TRIGGER, p->stmt->name.span,
             "each stage needs a later transfer, so a match has no last one");
  for (uint32_t i = 0; i < p->stages.n; i++) {
    const gir_node *n = p->stages.at[i]->node;
    const gir_node *by = n && gir_is_evidence(n) ? gir_kept_out_by(p->out, n) : NULL;
    if (by) diag_note(c, by->span, "this keeps it out of `%s`", n->name);
  }
  diag_help(c, "leave one of the orders out");
}
