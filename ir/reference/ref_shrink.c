// Shrinking to the greatest fit: docs/semantics.md, 4.2.
//
// What (a) asks only gets harder to meet as transfers and members go, so the order in which they go
// makes no difference: a queue holds the accounts that something was dropped at.
#include "ir/reference/ref_inside.h"

#include <string.h>

typedef struct shrink {
  ref_eval *ev;
  ref_cx *rx;
  bool **waiting;  // by role and member: is in the queue
  uint32_t *queue; // role, member, role, member, ...; a ring
  uint64_t cap, head, tail;
} shrink;

// ---- what is left -------------------------------------------------------------------------------------

static bool is_group(const ref_cx *rx, uint32_t role)
{
  return role != AMLRT_NONE && rx->plan.role[role].node->op == GIR_GROUP;
}

uint32_t ref_n_left(const ref_eval *ev, uint32_t role)
{
  return is_group(ev->rx, role) ? ev->group[role].n_left : ev->keys->role[role].n;
}

int ref_end_of(const ref_cx *rx, uint32_t stage, uint32_t role)
{
  const ref_stage *s = &rx->plan.stage[stage];
  return s->end[REF_FROM_END] == role ? REF_FROM_END : s->end[REF_TO_END] == role ? REF_TO_END : -1;
}

bool ref_rows_left(ref_eval *ev, uint32_t stage, ref_list *out)
{
  const ref_tx *tx = &ev->tx[stage];

  if (!ref_list_take(ev->rx, out, tx->n)) return false;
  for (uint32_t i = 0; i < tx->n; i++)
    if (tx->left[i]) out->at[out->n++] = tx->row[i];
  return ref_step(ev->rx, tx->n) && ref_sort(ev->rx, out);
}

// Places left of one member (or hop).
static bool places_of(ref_eval *ev, uint32_t stage, int end, uint32_t member, ref_list *out)
{
  const ref_tx *tx = &ev->tx[stage];
  const ref_by_member *by = &tx->by[end];

  if (!ref_list_take(ev->rx, out, by->n_left[member])) return false;
  for (uint32_t k = by->begin[member]; k < by->begin[member + 1]; k++)
    if (tx->left[by->at[k]]) out->at[out->n++] = by->at[k];
  return true;
}

static bool places_left(ref_eval *ev, uint32_t stage, ref_list *out)
{
  const ref_tx *tx = &ev->tx[stage];

  if (!ref_list_take(ev->rx, out, tx->n_left)) return false;
  for (uint32_t i = 0; i < tx->n; i++)
    if (tx->left[i]) out->at[out->n++] = i;
  return true;
}

// Of a walk, those of its start are its first hop, those of its end the last, of a ring's start both.
static bool places_of_walk(ref_eval *ev, uint32_t stage, uint32_t role, ref_list *out)
{
  const ref_stage *s = &ev->rx->plan.stage[stage];
  uint32_t last = ev->tx[stage].n_hops - 1;

  if (!s->closed) return places_of(ev, stage, 0, s->end[REF_FROM_END] == role ? 0 : last, out);
  ref_list first, end;
  if (!places_of(ev, stage, 0, 0, &first) || !places_of(ev, stage, 0, last, &end)) return false;
  return ref_merge(ev->rx, out, &first, &end);
}

// Places left of the transfers of one account of a role.
static bool places_at(ref_eval *ev, uint32_t stage, uint32_t role, uint32_t member, ref_list *out)
{
  int end = ref_end_of(ev->rx, stage, role);

  if (end >= 0 && is_group(ev->rx, role)) return places_of(ev, stage, end, member, out);
  if (end >= 0 && ev->rx->plan.stage[stage].chain != AMLRT_NONE)
    return places_of_walk(ev, stage, role, out);
  return places_left(ev, stage, out);
}

static void to_rows(const ref_eval *ev, uint32_t stage, const ref_list *places, uint32_t *rows)
{
  for (uint32_t i = 0; i < places->n; i++)
    rows[i] = ev->tx[stage].row[places->at[i]];
}

bool ref_rows_of(ref_eval *ev, uint32_t stage, uint32_t role, uint32_t member, ref_list *out)
{
  if (!places_at(ev, stage, role, member, out)) return false;
  to_rows(ev, stage, out, out->at);
  return ref_step(ev->rx, out->n) && ref_sort(ev->rx, out);
}

bool ref_rows_of_hop(ref_eval *ev, uint32_t stage, uint32_t hop, ref_list *out)
{
  if (!places_of(ev, stage, 0, hop, out)) return false;
  to_rows(ev, stage, out, out->at);
  return true;
}

// ---- the queue ----------------------------------------------------------------------------------------

static uint32_t n_members(const ref_eval *ev, uint32_t role)
{
  return is_group(ev->rx, role) ? ev->group[role].n : 1;
}

static bool queue_make(shrink *s)
{
  ref_cx *rx = s->rx;
  uint32_t n = rx->plan.n_roles;

  s->cap = 1;
  s->waiting = ref_take(rx, n, sizeof *s->waiting);
  if (!s->waiting) return false;
  for (uint32_t r = 0; r < n; r++) {
    s->waiting[r] = ref_take(rx, n_members(s->ev, r), sizeof *s->waiting[r]);
    if (!s->waiting[r]) return false;
    s->cap += n_members(s->ev, r);
  }
  s->queue = ref_take(rx, s->cap, 2 * sizeof *s->queue);
  return s->queue != NULL;
}

// Something was dropped at this account: look at it again. A walk waits as its chain.
static void look_at(shrink *s, uint32_t role, uint32_t member)
{
  if (s->waiting[role][member]) return;
  s->waiting[role][member] = true;
  uint64_t at = s->tail++ % s->cap;
  s->queue[2 * at] = role;
  s->queue[2 * at + 1] = member;
}

// ---- dropping -----------------------------------------------------------------------------------------

static void drop_tx(shrink *s, uint32_t stage, uint32_t place)
{
  const ref_stage *st = &s->rx->plan.stage[stage];
  ref_tx *tx = &s->ev->tx[stage];

  if (!tx->left[place]) return;
  tx->left[place] = false;
  tx->n_left--;
  if (st->chain != AMLRT_NONE) {
    tx->by[0].n_left[tx->by[0].member[place]]--;
    look_at(s, st->chain, 0);
  }
  for (int e = 0; e < 2; e++) {
    uint32_t role = st->end[e];
    if (role == AMLRT_NONE) continue;
    uint32_t member = is_group(s->rx, role) ? tx->by[e].member[place] : 0;
    if (is_group(s->rx, role)) tx->by[e].n_left[member]--;
    look_at(s, role, member);
  }
}

// The account may be named as a member of this one by another group's set.
static void look_at_sets(shrink *s, uint32_t role, uint32_t member)
{
  const ref_eval *ev = s->ev;
  uint32_t account = ev->group[role].account[member];

  for (uint32_t r = 0; r < s->rx->plan.n_roles; r++) {
    if (r == role || !s->rx->plan.role[r].set) continue;
    uint32_t m = ref_find(ev->group[r].account, ev->group[r].n, account);
    if (m != AMLRT_NONE && ev->group[r].left[m]) look_at(s, r, m);
  }
}

static void drop_member(shrink *s, uint32_t role, uint32_t member)
{
  ref_eval *ev = s->ev;

  ev->group[role].left[member] = false;
  ev->group[role].n_left--;
  for (uint32_t i = 0; i < s->rx->plan.n_stages; i++) {
    if (!s->rx->plan.stage[i].evidence) continue;
    for (int e = 0; e < 2; e++) {
      const ref_by_member *by = &ev->tx[i].by[e];
      if (s->rx->plan.stage[i].end[e] != role) continue;
      for (uint32_t k = by->begin[member]; k < by->begin[member + 1]; k++)
        drop_tx(s, i, by->at[k]);
    }
  }
  look_at_sets(s, role, member);
}

// ---- (a) a member -------------------------------------------------------------------------------------

// Different partners that a member has transfers left with in a stage.
static uint32_t n_partners(ref_eval *ev, uint32_t stage, int end, uint32_t member)
{
  const ref_tx *tx = &ev->tx[stage];
  const ref_by_member *by = &tx->by[end];
  ref_by_member *other = &ev->tx[stage].by[1 - end];
  uint32_t n = 0;

  if (!is_group(ev->rx, ev->rx->plan.stage[stage].end[1 - end])) return by->n_left[member] > 0;
  other->seen_by++;
  for (uint32_t k = by->begin[member]; k < by->begin[member + 1]; k++) {
    uint32_t place = by->at[k], partner = other->member[place];
    if (!tx->left[place] || other->seen[partner] == other->seen_by) continue;
    other->seen[partner] = other->seen_by;
    n++;
  }
  return n;
}

typedef struct member_at {
  ref_eval *ev;
  uint32_t role, member;
  bool shares; // counted as written (c), not as one partner (a)
} member_at;
typedef bool holds_fn(const member_at *m, const gir_node *set);
static holds_fn set_holds;

static uint32_t term_partners(const member_at *m, const gir_node *set, uint32_t *stage)
{
  *stage = m->ev->rx->plan.node[set->args[0]->id].index;
  return n_partners(m->ev, *stage, ref_end_of(m->ev->rx, *stage, m->role), m->member);
}

static bool holds_has(const member_at *m, const gir_node *set)
{
  uint32_t stage;
  return term_partners(m, set, &stage) >= (uint64_t)set->imm[0];
}

static bool holds_has_share(const member_at *m, const gir_node *set)
{
  const ref_plan *plan = &m->ev->rx->plan;
  amlrt_frac share = plan->node[set->id].v;
  uint32_t stage, n = term_partners(m, set, &stage);

  if (!m->shares) return n >= 1;
  int other = 1 - ref_end_of(m->ev->rx, stage, m->role);
  return n >= 1 && n * share.den >= share.num * ref_n_left(m->ev, plan->stage[stage].end[other]);
}

static bool holds_in_role(const member_at *m, const gir_node *set)
{
  const ref_eval *ev = m->ev;
  uint32_t role = ref_role_of(ev->rx, set->args[0]);
  uint32_t account = ev->group[m->role].account[m->member];

  if (is_group(ev->rx, role)) {
    uint32_t at = ref_find(ev->group[role].account, ev->group[role].n, account);
    return at != AMLRT_NONE && ev->group[role].left[at];
  }
  for (uint32_t i = 0; i < ev->keys->role[role].n; i++)
    if (ev->keys->role[role].at[i] == account) return true;
  return false;
}

static bool holds_intersect(const member_at *m, const gir_node *set)
{
  return set_holds(m, set->args[0]) && set_holds(m, set->args[1]);
}

static bool holds_union(const member_at *m, const gir_node *set)
{
  return set_holds(m, set->args[0]) || set_holds(m, set->args[1]);
}

// Who was right of the `-` at the start is in no start on its left: that part holds for good.
static bool holds_minus(const member_at *m, const gir_node *set)
{
  return set_holds(m, set->args[0]);
}

// Dispatch: an op that gives a set and cannot be asked again does not compile.
#define GIVES_ROLE(id, name)
#define GIVES_STAGE(id, name)
#define GIVES_SET(id, name) [GIR_##id] = holds_##name,
#define GIVES_STMT(id, name)
#define GIVES_BOOL(id, name)
#define GIVES_ANY(id, name)
#define GIVES_NUMBER(id, name)
#define GIVES_DURATION(id, name)
#define GIVES_TIME(id, name)
static holds_fn *const holds[GIR_N_OPS] = {
#define GIR_OP(id, name, takes, attrs, gives, ...) GIVES_##gives(id, name)
#include "ir/gir_ops.def"
};

static bool set_holds(const member_at *m, const gir_node *set)
{
  return holds[set->op](m, set);
}

// A member needs a transfer in each `stage` statement, its support in a layer, and its set.
static bool member_holds(shrink *s, uint32_t role, uint32_t member)
{
  const ref_plan *plan = &s->rx->plan;

  for (uint32_t i = 0; i < plan->n_stages; i++) {
    gir_op op = plan->stage[i].node->op;
    if (op != GIR_STAGE && op != GIR_LAYER) continue;
    for (int e = 0; e < 2; e++) {
      if (plan->stage[i].end[e] != role) continue;
      if (n_partners(s->ev, i, e, member) < plan->stage[i].support[e]) return false;
    }
  }
  const member_at at = {.ev = s->ev, .role = role, .member = member};
  return !plan->role[role].set || set_holds(&at, plan->role[role].set);
}

// ---- (a) pairs ----------------------------------------------------------------------------------------

static bool drop_lonely(shrink *s, const ref_pair *p, const ref_list place[2])
{
  ref_list rows[2];
  bool *has[2];

  for (int k = 0; k < 2; k++) {
    if (!ref_list_take(s->rx, &rows[k], place[k].n)) return false;
    to_rows(s->ev, p->stage[k], &place[k], rows[k].at);
    rows[k].n = place[k].n;
  }
  for (int k = 0; k < 2; k++) {
    has[k] = ref_take(s->rx, place[k].n, sizeof *has[k]);
    if (!has[k] || !ref_pair_partners(s->rx, p, rows, k, has[k])) return false;
  }
  for (int k = 0; k < 2; k++)
    for (uint32_t i = 0; p->asked[k] && i < place[k].n; i++)
      if (!has[k][i]) drop_tx(s, p->stage[k], place[k].at[i]);
  return true;
}

static bool check_pairs(shrink *s, uint32_t role, uint32_t member)
{
  const ref_plan *plan = &s->rx->plan;

  for (uint32_t i = 0; i < plan->n_pairs; i++) {
    const ref_pair *p = &plan->pair[i];
    ref_list place[2];
    if (p->role != role) continue;
    for (int k = 0; k < 2; k++)
      if (!places_at(s->ev, p->stage[k], role, member, &place[k])) return false;
    if (!drop_lonely(s, p, place)) return false;
  }
  return true;
}

// Between each hop and the next; not from the last to the first.
static bool check_hops(shrink *s, uint32_t chain)
{
  const ref_plan *plan = &s->rx->plan;

  for (uint32_t i = 0; i < plan->n_pairs; i++) {
    const ref_pair *p = &plan->pair[i];
    if (p->role != AMLRT_NONE || plan->stage[p->stage[0]].chain != chain) continue;
    for (uint32_t h = 0; h + 1 < s->ev->tx[p->stage[0]].n_hops; h++) {
      ref_list place[2];
      for (uint32_t k = 0; k < 2; k++)
        if (!places_of(s->ev, p->stage[0], 0, h + k, &place[k])) return false;
      if (!drop_lonely(s, p, place)) return false;
    }
  }
  return true;
}

static bool check(shrink *s, uint32_t role, uint32_t member)
{
  ref_mark mark = ref_mem_mark(&s->rx->scratch);

  s->waiting[role][member] = false;
  if (is_group(s->rx, role)) {
    if (!s->ev->group[role].left[member]) return true;
    if (!member_holds(s, role, member)) {
      drop_member(s, role, member);
      return ref_step(s->rx, 1);
    }
  }
  bool ok = s->rx->plan.role[role].node->op == GIR_CHAIN ? check_hops(s, role)
                                                         : check_pairs(s, role, member);
  ref_mem_back(&s->rx->scratch, mark);
  return ok && ref_step(s->rx, 1);
}

// Until nothing fails.
static bool shrink_a(shrink *s)
{
  while (s->head < s->tail) {
    uint64_t at = s->head++ % s->cap;
    if (!check(s, s->queue[2 * at], s->queue[2 * at + 1])) return false;
  }
  return true;
}

// ---- (b) aggregates, (c) shares -------------------------------------------------------------------------

static bool mark_by_each(shrink *s, const gir_node *each, bool **out)
{
  uint32_t role = ref_role_of(s->rx, each->args[0]);
  const ref_group *g = &s->ev->group[role];
  bool left_out;

  if (!is_group(s->rx, role)) return true;
  ref_mark mark = ref_mem_mark(&s->rx->scratch);
  ref_cond *c = ref_take(s->rx, g->n, sizeof *c);
  if (!c || !ref_each_members(s->ev, each, c, &left_out)) return false;
  for (uint32_t m = 0; m < g->n && !left_out; m++)
    if (g->left[m] && c[m].degree == 0) out[role][m] = true;
  ref_mem_back(&s->rx->scratch, mark);
  return true;
}

static void mark_by_share(shrink *s, uint32_t role, bool *out)
{
  const ref_group *g = &s->ev->group[role];

  for (uint32_t m = 0; m < g->n; m++) {
    const member_at at = {.ev = s->ev, .role = role, .member = m, .shares = true};
    if (g->left[m] && !set_holds(&at, s->rx->plan.role[role].set)) out[m] = true;
  }
}

static bool **marks(shrink *s)
{
  bool **out = ref_take(s->rx, s->rx->plan.n_roles, sizeof *out);

  for (uint32_t r = 0; out && r < s->rx->plan.n_roles; r++)
    if (!(out[r] = ref_take(s->rx, n_members(s->ev, r), sizeof *out[r]))) return NULL;
  return out;
}

static bool drop_marked(shrink *s, bool **out)
{
  bool any = false;

  for (uint32_t r = 0; r < s->rx->plan.n_roles; r++)
    for (uint32_t m = 0; m < n_members(s->ev, r); m++) {
      if (!out[r][m]) continue;
      drop_member(s, r, m);
      any = true;
    }
  return any;
}

// All members judged on the same state, then dropped at once.
static bool shrink_b(shrink *s, bool *dropped)
{
  const ref_plan *plan = &s->rx->plan;
  bool **out = marks(s);

  if (!out) return false;
  for (uint32_t i = 0; i < plan->n_constraints; i++)
    if (plan->constraint[i]->op == GIR_EACH && !mark_by_each(s, plan->constraint[i], out))
      return false;
  *dropped = drop_marked(s, out);
  return true;
}

static bool shrink_c(shrink *s, bool *dropped)
{
  bool **out = marks(s);

  if (!out) return false;
  for (uint32_t r = 0; r < s->rx->plan.n_roles; r++)
    if (s->rx->plan.role[r].shares) mark_by_share(s, r, out[r]);
  *dropped = drop_marked(s, out);
  return true;
}

bool ref_shrink(ref_eval *ev)
{
  shrink s = {.ev = ev, .rx = ev->rx};
  bool dropped = true;

  if (!queue_make(&s)) return false;
  for (uint32_t r = 0; r < ev->rx->plan.n_roles; r++)
    for (uint32_t m = 0; m < n_members(ev, r); m++)
      look_at(&s, r, m);
  while (dropped) {
    ref_mark mark = ref_mem_mark(&ev->rx->scratch);
    if (!shrink_a(&s) || !shrink_b(&s, &dropped)) return false;
    if (!dropped && !shrink_c(&s, &dropped)) return false;
    ref_mem_back(&ev->rx->scratch, mark);
  }
  return true;
}
