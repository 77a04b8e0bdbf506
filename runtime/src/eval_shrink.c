// Shrinking to the greatest fit: docs/semantics.md, 4.2.
//
// What (a) asks only gets harder to meet as transfers and members go, so the order in which they go
// makes no difference: a queue holds the accounts that something was dropped at.
#include "runtime/src/error.h"
#include "runtime/src/eval.h"

typedef struct shrink {
  amlrt_eval *v;
  amlrt_worker *w;
  const amlrt__run *run;
  bool **waiting;  // by role and member: is in the queue
  uint32_t *queue; // role, member, role, member, ...; a ring
  uint64_t cap, head, tail;
} shrink;

// ---- the queue ----------------------------------------------------------------------------------------

// Something was dropped at this account: look at it again. A walk waits as its chain.
static void look_at(shrink *s, uint32_t role, uint32_t member)
{
  if (!s->waiting[role] || s->waiting[role][member]) return;
  s->waiting[role][member] = true;
  uint64_t at = s->tail++ % s->cap;
  s->queue[2 * at] = role;
  s->queue[2 * at + 1] = member;
}

static bool queue_make(shrink *s)
{
  uint32_t n = s->run->n_roles;

  s->cap = 1;
  s->waiting = amlrt__take_clear(s->w, n, sizeof *s->waiting);
  if (!s->waiting) return false;
  for (uint32_t r = 0; r < n; r++) {
    uint32_t members = amlrt__n_members(s->v, r);
    if (!amlrt__role_at_hand(s->v, r)) continue; // nobody looks at it
    s->waiting[r] = amlrt__take_clear(s->w, members, sizeof *s->waiting[r]);
    if (!s->waiting[r]) return false;
    s->cap += members;
  }
  s->queue = amlrt__take(s->w, s->cap, 2 * sizeof *s->queue);
  return s->queue != NULL;
}

// ---- dropping -----------------------------------------------------------------------------------------

static void drop_tx(shrink *s, uint32_t stage, uint32_t place)
{
  const amlrt_pstage *st = &s->run->p->stages[stage];
  amlrt__tx *tx = &s->v->tx[stage];

  if (!tx->left[place]) return;
  tx->left[place] = false;
  tx->n_left--;
  if (st->chain != AMLRT_NONE) {
    tx->by[0].n_left[tx->by[0].member[place]]--;
    look_at(s, st->chain, 0);
  }
  for (int e = 0; e < 2; e++) {
    uint32_t role = amlrt__end_of(st, e), member = 0;
    if (role == AMLRT_NONE) continue;
    if (amlrt__is_group(s->run, role)) {
      member = tx->by[e].member[place];
      tx->by[e].n_left[member]--;
    }
    look_at(s, role, member);
  }
}

// The account may be named as a member of this one by another group's set.
static void look_at_sets(shrink *s, uint32_t role, uint32_t member)
{
  const amlrt_eval *v = s->v;
  uint32_t account = v->group[role].account[member];

  for (uint32_t r = 0; r < s->run->n_roles; r++) {
    if (r == role || s->run->p->roles[r].set == AMLRT_NONE) continue;
    uint32_t m = amlrt__member_of(&v->group[r], account);
    if (m != AMLRT_NONE && v->group[r].left[m]) look_at(s, r, m);
  }
}

static void drop_member(shrink *s, uint32_t role, uint32_t member)
{
  amlrt_eval *v = s->v;

  v->group[role].left[member] = false;
  v->group[role].n_left--;
  for (uint32_t i = 0; i < s->run->n_stages; i++) {
    const amlrt_pstage *st = &s->run->p->stages[i];
    if (st->kind == AMLRT_STAGE_PROBE || !amlrt__is_at_hand(v, i)) continue;
    for (int e = 0; e < 2; e++) {
      const amlrt__by *by = &v->tx[i].by[e];
      if (amlrt__end_of(st, e) != role) continue;
      for (uint32_t k = by->begin[member]; k < by->begin[member + 1]; k++)
        drop_tx(s, i, by->at[k]);
    }
  }
  look_at_sets(s, role, member);
}

// ---- (a) a member -------------------------------------------------------------------------------------

// Different partners that a member has transfers left with in a stage, counted up to `most`.
static uint32_t n_partners(amlrt_eval *v, uint32_t stage, int end, uint32_t member, uint32_t most)
{
  const amlrt_pstage *st = &v->w->run->p->stages[stage];
  const amlrt__tx *tx = &v->tx[stage];
  const amlrt__by *by = &tx->by[end];
  amlrt__by *other = &v->tx[stage].by[1 - end];
  uint32_t n = 0;

  if (by->n_left[member] == 0) return 0;
  if (most <= 1 || !amlrt__is_group(v->w->run, amlrt__end_of(st, 1 - end))) return 1;
  other->seen_by++;
  for (uint32_t k = by->begin[member]; k < by->begin[member + 1] && n < most; k++) {
    uint32_t place = by->at[k], partner = other->member[place];
    if (!tx->left[place] || other->seen[partner] == other->seen_by) continue;
    other->seen[partner] = other->seen_by;
    n++;
  }
  return n;
}

typedef struct member_at {
  amlrt_eval *v;
  uint32_t role, member;
  bool shares; // counted as written (c), not as one partner (a)
} member_at;

static uint32_t term_partners(const member_at *m, uint32_t stage, uint64_t most)
{
  int end = amlrt__role_end(m->v->w->run, stage, m->role);
  return n_partners(m->v, stage, end, m->member, most < UINT32_MAX ? (uint32_t)most : UINT32_MAX);
}

static bool share_holds(const member_at *m, const amlrt_pset *set)
{
  if (!m->shares) return term_partners(m, set->a, 1) >= 1;
  uint32_t n = term_partners(m, set->a, UINT32_MAX);
  int other = 1 - amlrt__role_end(m->v->w->run, set->a, m->role);
  uint32_t all = amlrt__n_left(m->v, amlrt__end_of(&m->v->w->run->p->stages[set->a], other));
  return n >= 1 && n * set->share.den >= set->share.num * all;
}

static bool is_in_role(const member_at *m, uint32_t role)
{
  const amlrt_eval *v = m->v;
  const amlrt__group *g = &v->group[role];
  uint32_t account = v->group[m->role].account[m->member];

  if (amlrt__is_group(v->w->run, role)) {
    uint32_t at = amlrt__member_of(g, account);
    return at != AMLRT_NONE && g->left[at];
  }
  for (uint32_t i = 0; i < v->keys[role].n; i++)
    if (v->keys[role].at[i] == account) return true;
  return false;
}

static bool set_holds(const member_at *m, uint32_t set)
{
  const amlrt_pset *n = &m->v->w->run->p->sets[set];

  switch (n->op) {
  case AMLRT_SET_HAS:
    return term_partners(m, n->a, n->at_least) >= n->at_least;
  case AMLRT_SET_SHARE:
    return share_holds(m, n);
  case AMLRT_SET_ROLE:
    return is_in_role(m, n->a);
  case AMLRT_SET_AND:
    return set_holds(m, n->a) && set_holds(m, n->b);
  case AMLRT_SET_OR:
    return set_holds(m, n->a) || set_holds(m, n->b);
  case AMLRT_SET_MINUS:
    // Who was right of the `-` at the start is in no start on its left: that part holds for good.
    return set_holds(m, n->a);
  }
  AMLRT__BUG("a set that cannot be asked");
}

// A member needs a transfer in each `stage` statement, its support in a layer, and its set.
static bool member_holds(shrink *s, uint32_t role, uint32_t member)
{
  const amlrt_program *p = s->run->p;

  for (uint32_t i = 0; i < p->n_stages; i++) {
    const amlrt_pstage *st = &p->stages[i];
    if (st->kind != AMLRT_STAGE_PLAIN && st->kind != AMLRT_STAGE_LAYER) continue;
    for (int e = 0; e < 2; e++)
      if (amlrt__end_of(st, e) == role &&
          n_partners(s->v, i, e, member, st->support[e]) < st->support[e])
        return false;
  }
  const member_at at = {.v = s->v, .role = role, .member = member};
  return p->roles[role].set == AMLRT_NONE || set_holds(&at, p->roles[role].set);
}

// ---- (a) pairs ----------------------------------------------------------------------------------------

static bool drop_lonely(shrink *s, const amlrt_ppair *p, const amlrt__list place[2])
{
  amlrt__list rows[2];
  bool *has[2];

  for (int k = 0; k < 2; k++) {
    if (!amlrt__take_list(s->w, &rows[k], place[k].n)) return false;
    amlrt__to_rows(s->v, p->stage[k], &place[k], rows[k].at);
    rows[k].n = place[k].n;
  }
  for (int k = 0; k < 2; k++) {
    has[k] = amlrt__take(s->w, place[k].n, sizeof *has[k]);
    if (!has[k]) return false;
    if (p->asked[k] && !amlrt__pair_partners(s->w, p, rows, k, has[k])) return false;
  }
  for (int k = 0; k < 2; k++)
    for (uint32_t i = 0; p->asked[k] && i < place[k].n; i++)
      if (!has[k][i]) drop_tx(s, p->stage[k], place[k].at[i]);
  return true;
}

static bool check_pairs(shrink *s, uint32_t role, uint32_t member)
{
  const amlrt_program *prog = s->run->p;

  for (uint32_t i = 0; i < prog->n_pairs; i++) {
    const amlrt_ppair *p = &prog->pairs[i];
    amlrt__list place[2];
    if (p->role != role) continue;
    for (int k = 0; k < 2; k++)
      if (!amlrt__places_at(s->v, p->stage[k], role, member, &place[k])) return false;
    if (!drop_lonely(s, p, place)) return false;
  }
  return true;
}

// Between each hop and the next; not from the last to the first.
static bool check_hops(shrink *s, uint32_t chain)
{
  const amlrt_program *prog = s->run->p;

  for (uint32_t i = 0; i < prog->n_pairs; i++) {
    const amlrt_ppair *p = &prog->pairs[i];
    if (p->role != AMLRT_NONE || prog->stages[p->stage[0]].chain != chain) continue;
    for (uint32_t h = 0; h + 1 < s->v->tx[p->stage[0]].n_hops; h++) {
      amlrt__list place[2];
      for (uint32_t k = 0; k < 2; k++)
        if (!amlrt__places_of_hop(s->v, p->stage[0], h + k, &place[k])) return false;
      if (!drop_lonely(s, p, place)) return false;
    }
  }
  return true;
}

static bool check(shrink *s, uint32_t role, uint32_t member)
{
  s->waiting[role][member] = false;
  if (amlrt__is_group(s->run, role)) {
    if (!s->v->group[role].left[member]) return true;
    if (!member_holds(s, role, member)) {
      drop_member(s, role, member);
      return amlrt__step(s->w, 1);
    }
  }
  amlrt__mark mark = amlrt__mem_mark(&s->w->scratch);
  bool chain = s->run->p->roles[role].kind == AMLRT_ROLE_CHAIN;
  bool ok = chain ? check_hops(s, role) : check_pairs(s, role, member);
  amlrt__mem_back(&s->w->scratch, mark);
  return ok && amlrt__step(s->w, 1);
}

// Until nothing fails. *small: a group has fewer members left than any match has.
static bool shrink_a(shrink *s, bool *small)
{
  while (s->head < s->tail) {
    uint64_t at = s->head++ % s->cap;
    uint32_t role = s->queue[2 * at];
    if (!check(s, role, s->queue[2 * at + 1])) return false;
    if (amlrt__is_group(s->run, role) && s->v->group[role].n_left < s->run->least[role]) {
      *small = true;
      return true;
    }
  }
  return true;
}

// ---- (b) aggregates, (c) shares -------------------------------------------------------------------------

static bool mark_by_each(shrink *s, const amlrt_pcon *c, bool **out)
{
  const amlrt__group *g = &s->v->group[c->role];
  bool left_out;

  if (!amlrt__is_group(s->run, c->role)) return true;
  amlrt__mark mark = amlrt__mem_mark(&s->w->scratch);
  amlrt_cond *by_member = amlrt__take(s->w, g->n, sizeof *by_member);
  if (!by_member || !amlrt__each_members(s->v, c, by_member, &left_out)) return false;
  for (uint32_t m = 0; m < g->n && !left_out; m++)
    if (g->left[m] && by_member[m].degree == 0) out[c->role][m] = true;
  amlrt__mem_back(&s->w->scratch, mark);
  return true;
}

static void mark_by_share(shrink *s, uint32_t role, bool *out)
{
  const amlrt__group *g = &s->v->group[role];

  for (uint32_t m = 0; m < g->n; m++) {
    const member_at at = {.v = s->v, .role = role, .member = m, .shares = true};
    if (g->left[m] && !set_holds(&at, s->run->p->roles[role].set)) out[m] = true;
  }
}

static bool **marks(shrink *s)
{
  bool **out = amlrt__take(s->w, s->run->n_roles, sizeof *out);

  for (uint32_t r = 0; out && r < s->run->n_roles; r++)
    if (!(out[r] = amlrt__take_clear(s->w, amlrt__n_members(s->v, r), sizeof *out[r]))) return NULL;
  return out;
}

static bool drop_marked(shrink *s, bool **out)
{
  bool any = false;

  for (uint32_t r = 0; r < s->run->n_roles; r++)
    for (uint32_t m = 0; m < amlrt__n_members(s->v, r); m++) {
      if (!out[r][m]) continue;
      drop_member(s, r, m);
      any = true;
    }
  return any;
}

// All members judged on the same state, then dropped at once.
static bool shrink_b(shrink *s, bool *dropped)
{
  const amlrt_program *p = s->run->p;
  bool **out = marks(s);

  if (!out) return false;
  for (uint32_t i = 0; i < p->info->n_constraints; i++)
    if (p->cons[i].kind == AMLRT_CON_EACH && !mark_by_each(s, &p->cons[i], out)) return false;
  *dropped = drop_marked(s, out);
  return true;
}

static bool shrink_c(shrink *s, bool *dropped)
{
  bool **out = marks(s);

  if (!out) return false;
  for (uint32_t r = 0; r < s->run->n_roles; r++)
    if (s->run->p->roles[r].shares && amlrt__role_at_hand(s->v, r)) mark_by_share(s, r, out[r]);
  *dropped = drop_marked(s, out);
  return true;
}

bool amlrt__shrink(amlrt_eval *v, bool *hopeless)
{
  shrink s = {.v = v, .w = v->w, .run = v->w->run};
  bool dropped = true;

  *hopeless = false;
  if (!s.run->shrinks) return true;
  if (!queue_make(&s)) return false;
  for (uint32_t r = 0; r < s.run->n_roles; r++)
    for (uint32_t m = 0; s.run->checked[r] && m < amlrt__n_members(v, r); m++)
      if (!amlrt__is_group(s.run, r) || v->group[r].left[m]) look_at(&s, r, m);
  while (dropped) {
    if (!shrink_a(&s, hopeless)) return false;
    if (*hopeless) return true;
    amlrt__mark mark = amlrt__mem_mark(&v->w->scratch);
    dropped = false;
    if (s.run->has_each && !v->late && !shrink_b(&s, &dropped)) return false;
    if (!dropped && s.run->has_shares && !shrink_c(&s, &dropped)) return false;
    amlrt__mem_back(&v->w->scratch, mark);
  }
  return true;
}
