// The start of every group: docs/semantics.md, 4.1. (Stages: eval_start_tx.c.)
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/eval.h"

#include <string.h>

// Section 3: no group and no `any` contains a key account; `may equal` lifts that for a group.
bool amlrt__is_key(const amlrt_worker *w, const amlrt__list *keys, uint32_t account,
                   uint32_t but_for_role)
{
  const amlrt__run *run = w->run;

  for (uint32_t r = 0; r < run->n_roles; r++)
    for (uint32_t i = 0; i < keys[r].n; i++) {
      if (keys[r].at[i] != account) continue;
      if (but_for_role == AMLRT_NONE || !amlrt__may_equal(run, but_for_role, r)) return true;
      break;
    }
  return false;
}

bool amlrt__is_any(amlrt_worker *w, const amlrt__list *keys, uint32_t account)
{
  return !amlrt__barred(w, account) && !amlrt__is_key(w, keys, account, AMLRT_NONE);
}

// The accounts of a role: of a group its start, or, where `start` is not asked for, who is still left.
static bool accounts_of(amlrt_eval *v, uint32_t role, bool start, amlrt__list *out)
{
  const amlrt__group *g = &v->group[role];

  if (!amlrt__is_group(v->w->run, role)) {
    *out = v->keys[role];
    return true;
  }
  if (!start && g->n_left < g->n) return amlrt__members_left(v, role, out);
  *out = (amlrt__list){g->account, g->n};
  return true;
}

// ---- terms of a set ---------------------------------------------------------------------------------

// Adds the accounts at `far` of the transfers whose other end is `account`, those once that were not
// marked before.
static bool add_partners(amlrt_worker *w, uint32_t stage, uint32_t account, int far,
                         amlrt__list *out)
{
  amlrt_slice s = amlrt__slice(w, account, 1 - far);
  const struct amlrt__slot *slot = &w->slot[AMLRT__SLOT_LIST];
  bool equal = w->run->p->stages[stage].ends_may_equal;

  for (uint32_t i = s.lo; i < s.hi; i++) {
    uint32_t nbr = s.nbr[i];
    if (slot->mark[nbr] == slot->now || (nbr == account && !equal)) continue;
    if (!amlrt__passes(w, stage, s.row[i])) continue;
    slot->mark[nbr] = slot->now;
    out->at[out->n++] = nbr;
  }
  return amlrt__step(w, s.hi - s.lo);
}

static bool begin_marks(amlrt_worker *w)
{
  amlrt_w_marks_begin(w, AMLRT__SLOT_LIST);
  return w->st == AMLRT_OK;
}

static void keep_repeated(amlrt__list *l, uint64_t needed)
{
  uint32_t n = 0;

  for (uint32_t i = 0, k; i < l->n; i = k) {
    for (k = i + 1; k < l->n && l->at[k] == l->at[i];)
      k++;
    if (k - i >= needed) l->at[n++] = l->at[i];
  }
  l->n = n;
}

enum { AHEAD = 8 }; // of whose slices are fetched

bool amlrt__reached_by(amlrt_worker *w, uint32_t stage, int far, const amlrt__list *partners,
                       uint64_t needed, amlrt__list *out)
{
  size_t cap = 0;

  for (uint32_t i = 0; i < partners->n && i < AHEAD; i++)
    amlrt__slice_soon(w, partners->at[i], 1 - far);
  for (uint32_t i = 0; i < partners->n; i++) {
    if (i + AHEAD < partners->n) amlrt__slice_soon(w, partners->at[i + AHEAD], 1 - far);
    cap += amlrt_slice_n(amlrt__slice(w, partners->at[i], 1 - far));
  }
  if (!amlrt__take_list(w, out, cap) || !begin_marks(w)) return false;
  for (uint32_t i = 0; i < partners->n; i++) {
    // Where partners are counted, each has marks of its own.
    if (needed > 1 && i > 0 && !begin_marks(w)) return false;
    if (!add_partners(w, stage, partners->at[i], far, out)) return false;
  }
  if (!amlrt__sort(w, out)) return false;
  if (needed > 1) keep_repeated(out, needed);
  return true;
}

static bool start_of_set(amlrt_eval *v, uint32_t set, bool judged, amlrt__list *out);

// The end of the group whose set counts the term.
static int owner_end(const amlrt_pstage *s)
{
  return s->to == s->owner ? AMLRT__TO : AMLRT__FROM;
}

// Partners that make up a share of n: the least k with k >= share * n; of none, nobody.
static uint64_t share_of(amlrt_frac share, uint64_t n)
{
  amlrt_i128 whole = share.num * (amlrt_i128)n;

  if (n == 0) return UINT64_MAX;
  amlrt_i128 k = (whole + share.den - 1) / share.den;
  return k < 1 ? 1 : (uint64_t)k;
}

static bool start_of_term(amlrt_eval *v, const amlrt_pset *n, bool judged, amlrt__list *out)
{
  const amlrt_pstage *s = &v->w->run->p->stages[n->a];
  bool start = judged || v->w->run->start_counts[s->owner];
  int far = owner_end(s);
  amlrt__list partners;
  uint64_t needed = n->at_least;

  if (!accounts_of(v, amlrt__end_of(s, 1 - far), start, &partners)) return false;
  // Shares count as one partner here, but right of a `-`, where they are judged for good.
  if (n->op == AMLRT_SET_SHARE) needed = judged ? share_of(n->share, partners.n) : 1;
  return amlrt__reached_by(v->w, n->a, far, &partners, needed, out);
}

static bool start_of_role(amlrt_eval *v, uint32_t role, amlrt__list *out)
{
  amlrt__list of;
  // A chain has its own order.
  return accounts_of(v, role, true, &of) && amlrt__copy(v->w, out, &of) && amlrt__sort(v->w, out);
}

static bool start_of_two(amlrt_eval *v, const amlrt_pset *n, bool judged, amlrt__list *out)
{
  amlrt__list a, b;

  if (!start_of_set(v, n->a, judged, &a)) return false;
  if (n->op == AMLRT_SET_AND && a.n == 0) {
    *out = a;
    return true;
  }
  if (!start_of_set(v, n->b, judged || n->op == AMLRT_SET_MINUS, &b)) return false;
  if (n->op == AMLRT_SET_OR) return amlrt__merge(v->w, out, &a, &b);
  *out = a;
  return n->op == AMLRT_SET_AND ? amlrt__keep_common(v->w, out, &b)
                                : amlrt__keep_others(v->w, out, &b);
}

// A set expression as it is at the start. `judged`: right of a `-`, where shares count as written.
static bool start_of_set(amlrt_eval *v, uint32_t set, bool judged, amlrt__list *out)
{
  const amlrt_pset *n = &v->w->run->p->sets[set];

  switch (n->op) {
  case AMLRT_SET_HAS:
  case AMLRT_SET_SHARE:
    return start_of_term(v, n, judged, out);
  case AMLRT_SET_ROLE:
    return start_of_role(v, n->a, out);
  case AMLRT_SET_AND:
  case AMLRT_SET_OR:
  case AMLRT_SET_MINUS:
    return start_of_two(v, n, judged, out);
  }
  AMLRT__BUG("a set without a start");
}

bool amlrt__start_right(amlrt_eval *v, uint32_t set, amlrt__list *out)
{
  return start_of_set(v, set, true, out);
}

// ---- stages of the group ----------------------------------------------------------------------------

// The end at which a `stage` statement between the group and one account or `any` has the group.
static int group_end(const amlrt__run *run, uint32_t stage, uint32_t role)
{
  const amlrt_pstage *s = &run->p->stages[stage];

  if (s->kind != AMLRT_STAGE_PLAIN) return -1;
  for (int e = 0; e < 2; e++) {
    uint32_t other = amlrt__end_of(s, 1 - e);
    if (amlrt__end_of(s, e) != role) continue;
    if (other == AMLRT_NONE || run->p->roles[other].kind == AMLRT_ROLE_ONE) return e;
  }
  return -1;
}

static const amlrt__list *partner_of(const amlrt_eval *v, uint32_t stage, int far)
{
  return &v->keys[amlrt__end_of(&v->w->run->p->stages[stage], 1 - far)];
}

// The stage of the group with one account that has the fewest transfers. *hopeless: a stage has fewer
// than the group needs members.
static uint32_t smallest_stage(amlrt_eval *v, uint32_t role, bool *hopeless)
{
  const amlrt__run *run = v->w->run;
  uint32_t best = AMLRT_NONE, best_n = 0;

  for (uint32_t i = 0; i < run->n_stages; i++) {
    int far = group_end(run, i, role);
    if (far < 0 || amlrt__end_of(&run->p->stages[i], 1 - far) == AMLRT_NONE) continue;
    uint32_t n = amlrt_slice_n(amlrt__slice(v->w, partner_of(v, i, far)->at[0], 1 - far));
    if (n < run->least[role]) *hopeless = true;
    if (best == AMLRT_NONE || n < best_n) {
      best = i;
      best_n = n;
    }
  }
  return best;
}

// Does the account at end `far` have a transfer of the stage with the key?
static bool has_transfer_with(amlrt_worker *w, uint32_t stage, int far, uint32_t account,
                              uint32_t key)
{
  amlrt_slice s = amlrt__slice(w, account, far);

  if (account == key && !w->run->p->stages[stage].ends_may_equal) return false;
  for (uint32_t i = s.lo; i < s.hi; i++)
    if (s.nbr[i] == key && amlrt__passes(w, stage, s.row[i])) return true;
  return false;
}

static bool keep_each(amlrt_worker *w, uint32_t stage, int far, uint32_t key, amlrt__list *of)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < of->n; i++)
    if (has_transfer_with(w, stage, far, of->at[i], key)) of->at[n++] = of->at[i];
  of->n = n;
  return true;
}

// Looks for all of them among the key's transfers: marked are those not met yet.
static bool keep_met(amlrt_worker *w, uint32_t stage, int far, uint32_t key, amlrt__list *of)
{
  struct amlrt__slot *slot = &w->slot[AMLRT__SLOT_LIST];
  amlrt_slice s = amlrt__slice(w, key, 1 - far);
  bool equal = w->run->p->stages[stage].ends_may_equal;
  uint32_t n = 0;

  if (!begin_marks(w)) return false;
  for (uint32_t i = 0; i < of->n; i++)
    slot->mark[of->at[i]] = slot->now;
  for (uint32_t i = s.lo; i < s.hi; i++) {
    uint32_t nbr = s.nbr[i];
    if (slot->mark[nbr] != slot->now || (nbr == key && !equal)) continue;
    if (amlrt__passes(w, stage, s.row[i])) slot->mark[nbr] = 0;
  }
  for (uint32_t i = 0; i < of->n; i++)
    if (slot->mark[of->at[i]] == 0) of->at[n++] = of->at[i];
  of->n = n;
  return true;
}

// Keeps those that have a transfer in the stage with its key; where fewer rows are to be looked at, by
// their own slices, else by the key's.
static bool keep_by_key(amlrt_eval *v, uint32_t stage, int far, amlrt__list *of)
{
  uint32_t key = partner_of(v, stage, far)->at[0];
  uint32_t of_key = amlrt_slice_n(amlrt__slice(v->w, key, 1 - far));
  uint64_t own = amlrt__trick(v->w->run, AMLRT_TRICK_SMALLER_SIDE) ? of->n : UINT64_MAX;

  for (uint32_t i = 0; i < of->n && own <= of_key; i++)
    own += amlrt_slice_n(amlrt__slice(v->w, of->at[i], far));
  if (!amlrt__step(v->w, own < of_key ? own : of_key)) return false;
  return own <= of_key ? keep_each(v->w, stage, far, key, of) : keep_met(v->w, stage, far, key, of);
}

static bool keep_stage(amlrt_eval *v, uint32_t stage, int far, amlrt__list *of, bool *bounded)
{
  if (*bounded) return keep_by_key(v, stage, far, of);
  *bounded = true;
  return amlrt__reached_by(v->w, stage, far, partner_of(v, stage, far), 1, of);
}

// Keeps what has a transfer in each of the group's stages with one account; from the smallest on, until
// fewer are left than are needed.
static bool keep_by_accounts(amlrt_eval *v, uint32_t role, amlrt__list *of, bool *bounded,
                             bool *hopeless)
{
  const amlrt__run *run = v->w->run;
  uint32_t first = smallest_stage(v, role, hopeless);

  if (first == AMLRT_NONE || *hopeless) return true;
  if (!keep_stage(v, first, group_end(run, first, role), of, bounded)) return false;
  for (uint32_t i = 0; i < run->n_stages; i++) {
    int far = group_end(run, i, role);
    if (of->n < run->least[role]) *hopeless = true;
    if (*hopeless) return true;
    if (i == first || far < 0 || amlrt__end_of(&run->p->stages[i], 1 - far) == AMLRT_NONE) continue;
    if (!keep_stage(v, i, far, of, bounded)) return false;
  }
  return true;
}

// With `any`, which is never the account itself.
static bool has_transfer(amlrt_eval *v, uint32_t stage, int end, uint32_t account)
{
  amlrt_worker *w = v->w;
  amlrt_slice s = amlrt__slice(w, account, end);

  for (uint32_t i = s.lo; i < s.hi; i++)
    if (s.nbr[i] != account && amlrt__passes(w, stage, s.row[i]) &&
        amlrt__is_any(w, v->keys, s.nbr[i]))
      return amlrt__step(w, i - s.lo);
  amlrt__step(w, s.hi - s.lo);
  return false;
}

// Keeps what has a transfer in each of the group's stages with `any`.
static bool keep_by_any(amlrt_eval *v, uint32_t role, amlrt__list *of)
{
  const amlrt__run *run = v->w->run;

  for (uint32_t i = 0; i < run->n_stages; i++) {
    int far = group_end(run, i, role);
    uint32_t n = 0;
    if (far < 0 || amlrt__end_of(&run->p->stages[i], 1 - far) != AMLRT_NONE) continue;
    for (uint32_t k = 0; k < of->n; k++)
      if (has_transfer(v, i, far, of->at[k])) of->at[n++] = of->at[k];
    of->n = n;
  }
  return v->w->st == AMLRT_OK;
}

// Sections 2 and 3: barred accounts and key accounts are no members.
static void keep_allowed(amlrt_eval *v, uint32_t role, amlrt__list *of)
{
  uint32_t n = 0;

  for (uint32_t k = 0; k < of->n; k++) {
    uint32_t account = of->at[k];
    if (amlrt__barred(v->w, account) || amlrt__is_key(v->w, v->keys, account, role)) continue;
    of->at[n++] = account;
  }
  of->n = n;
}

enum { FEW = 8 };

// Notes where each member stands, so that asking for one takes one look.
static bool note_places(amlrt_eval *v, uint32_t role)
{
  amlrt_worker *w = v->w;
  amlrt__group *g = &v->group[role];

  if (g->n <= FEW) return true;
  if (!w->place[role]) {
    w->place[role] = amlrt__array(w->run->mem, w->run->col->n_accounts, sizeof *w->place[role]);
    if (!w->place[role]) {
      w->st = AMLRT_E_NOMEM;
      return false;
    }
  }
  for (uint32_t m = 0; m < g->n; m++)
    w->place[role][g->account[m]] = (amlrt__place){w->place_serial, m};
  g->place = w->place[role];
  g->serial = w->place_serial;
  return amlrt__step(w, g->n);
}

// Members that cannot stay go. The trigger's own, which nobody can do without, is asked first.
static bool drop_members(amlrt_eval *v, uint32_t role, bool *hopeless)
{
  bool own = v->w->run->own_to[role] != AMLRT_NONE;

  if (own && !amlrt__judge_own_trigger(v, role, hopeless)) return false;
  if (*hopeless) return true;
  if (!amlrt__weed(v, role, hopeless)) return false;
  return !own || *hopeless || amlrt__judge_own(v, role, hopeless);
}

static bool start_with(amlrt_eval *v, uint32_t role, const amlrt__list *of, bool given,
                       bool *hopeless)
{
  amlrt__group *g = &v->group[role];

  *g = (amlrt__group){.account = of->at, .n = of->n, .n_left = of->n};
  *hopeless = g->n < v->w->run->least[role];
  if (*hopeless) return true;
  g->left = amlrt__take(v->w, of->n, sizeof *g->left);
  if (!g->left) return false;
  memset(g->left, true, g->n);
  if (!given && !drop_members(v, role, hopeless)) return false;
  return *hopeless || note_places(v, role);
}

static bool start_group(amlrt_eval *v, uint32_t role, bool *hopeless)
{
  const amlrt_prole *r = &v->w->run->p->roles[role];
  amlrt__list start = {NULL, 0};
  bool bounded = r->set != AMLRT_NONE;

  const amlrt__given *given = amlrt__given_of(v);

  *hopeless = false;
  if (given && given->role == role) return start_with(v, role, &given->member, true, hopeless);
  if (bounded && !start_of_set(v, r->set, false, &start)) return false;
  if (!keep_by_accounts(v, role, &start, &bounded, hopeless)) return false;
  if (*hopeless) return true;
  if (!bounded && !amlrt__all_in_window(v->w, &start)) return false;
  keep_allowed(v, role, &start);
  if (!keep_by_any(v, role, &start)) return false;
  return start_with(v, role, &start, false, hopeless);
}

// ---- the whole start ----------------------------------------------------------------------------------

// Semantics 4.3: each hop, and each stage between single accounts or `any`, needs a transfer.
static bool lacks_required(const amlrt_pstage *s, const amlrt__tx *tx)
{
  if (!s->required) return false;
  for (uint32_t h = 0; h < tx->n_hops; h++)
    if (tx->by[0].n_left[h] == 0) return true;
  return tx->n_left == 0;
}

bool amlrt__lacks_required(const amlrt_eval *v)
{
  for (uint32_t i = 0; i < v->w->run->n_stages; i++)
    if (lacks_required(&v->w->run->p->stages[i], &v->tx[i])) return true;
  return false;
}

static bool holds_trigger(const amlrt_eval *v, uint32_t stage)
{
  const amlrt__tx *tx = &v->tx[stage];

  // It is the last in order, so of a stage without hops the last place.
  for (uint32_t i = tx->n; i-- > 0;) {
    if (tx->row[i] == v->w->trigger) return tx->left[i];
    if (tx->n_hops == 0) return false;
  }
  return false;
}

// Semantics 4.4: e* is among the transfers left in a stage, with `trigger S;` in S. As long as it may
// lie in a stage that is not started yet, nothing speaks against it.
bool amlrt__holds_trigger(const amlrt_eval *v)
{
  const amlrt_program *p = v->w->run->p;

  if (v->late_trigger && !v->late) return true;
  if (p->trigger != AMLRT_NONE) return holds_trigger(v, p->trigger);
  for (uint32_t i = 0; i < p->n_stages; i++)
    if (p->stages[i].kind != AMLRT_STAGE_PROBE && holds_trigger(v, i)) return true;
  return false;
}

bool amlrt__start(amlrt_eval *v, bool *hopeless)
{
  const amlrt__run *run = v->w->run;
  const amlrt_program *p = run->p;

  *hopeless = false;
  for (uint32_t i = 0; i < p->n_groups && !*hopeless; i++) {
    uint32_t role = p->start_order[i];
    if (amlrt__role_at_hand(v, role) && !start_group(v, role, hopeless)) return false;
  }
  for (uint32_t i = 0; i < run->n_stages && !*hopeless; i++) {
    if (p->stages[i].kind == AMLRT_STAGE_PROBE || !amlrt__is_at_hand(v, i)) continue;
    if (!amlrt__start_stage(v, i)) return false;
    *hopeless = lacks_required(&p->stages[i], &v->tx[i]);
  }
  *hopeless = *hopeless || !amlrt__holds_trigger(v);
  return true;
}
