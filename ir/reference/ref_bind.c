// Binding the keys outward from the trigger: docs/semantics.md, 3.
//
// A sound generator: for each stage the trigger could be in, its ends are bound; whatever is still
// unbound is found along stages that every match must have. It may give bindings that are no match
// (evaluating them says so), never leave one out that is.
#include "ir/reference/ref_inside.h"

#include <string.h>

// ---- what is bound --------------------------------------------------------------------------------

bool ref_is_bound(const ref_binder *b, uint32_t role)
{
  return b->keys.role[role].at != NULL; // a chain may be bound to no account at all: via{0..3}
}

void ref_bind_one(ref_binder *b, uint32_t role, uint32_t account)
{
  b->account[role] = account;
  b->keys.role[role] = (ref_list){&b->account[role], 1};
}

void ref_unbind(ref_binder *b, uint32_t role)
{
  b->keys.role[role] = (ref_list){NULL, 0};
}

static bool is_single(const ref_binder *b, uint32_t role)
{
  return b->rx->plan.role[role].node->op == GIR_ONE;
}

// All key accounts are different, but for two single roles of one `may equal`; none is barred.
bool ref_key_fits(ref_binder *b, uint32_t role, uint32_t account)
{
  if (ref_barred(b->rx, account)) return false;
  for (uint32_t r = 0; r < b->rx->plan.n_roles; r++) {
    const ref_list *key = &b->keys.role[r];
    bool excused = is_single(b, role) && is_single(b, r) && ref_may_equal(b->rx, role, r);
    for (uint32_t i = 0; i < key->n && r != role && !excused; i++)
      if (key->at[i] == account) return false;
  }
  return true;
}

// ---- one binding found ------------------------------------------------------------------------------

static bool grow(ref_binder *b)
{
  ref_bindings *out = b->out;
  uint32_t cap = out->cap ? out->cap * 2 : 16;

  if (out->n < out->cap) return true;
  if (out->cap > UINT32_MAX / 2) {
    b->rx->st = AMLRT_E_NOMEM;
    return false;
  }
  const ref_keys **at = ref_take_found(b->rx, cap, sizeof *at);
  if (!at) return false;
  if (out->n) memcpy(at, out->at, out->n * sizeof *at);
  out->at = at;
  out->cap = cap;
  return true;
}

static bool record(ref_binder *b)
{
  uint32_t n_roles = b->rx->plan.n_roles;
  ref_keys *copy = ref_take_found(b->rx, 1, sizeof *copy);

  if (!copy || !grow(b)) return false;
  copy->role = ref_take_found(b->rx, n_roles, sizeof *copy->role);
  if (!copy->role) return false;
  for (uint32_t r = 0; r < n_roles; r++) {
    const ref_list *key = &b->keys.role[r];
    if (key->n == 0) continue;
    copy->role[r].at = ref_take_found(b->rx, key->n, sizeof *key->at);
    if (!copy->role[r].at) return false;
    memcpy(copy->role[r].at, key->at, key->n * sizeof *key->at);
    copy->role[r].n = key->n;
  }
  b->out->at[b->out->n++] = copy;
  return true;
}

// ---- the rest ---------------------------------------------------------------------------------------

static bool passes_between(ref_binder *b, const ref_stage *s)
{
  ref_cx *rx = b->rx;
  uint32_t from = b->keys.role[s->end[0]].at[0], to = b->keys.role[s->end[1]].at[0];
  ref_list paid = ref_alive(rx, from, REF_OUT), got = ref_alive(rx, to, REF_IN);
  ref_list rows = paid.n <= got.n ? paid : got;

  for (uint32_t i = 0; i < rows.n; i++) {
    uint32_t row = rows.at[i];
    if (ref_from(rx, row) != from || ref_to(rx, row) != to) continue;
    if (ref_exists(rx, row) && ref_passes(rx, s, row)) return true;
  }
  return false;
}

// A stage between two single roles needs a transfer: looked at as soon as both are bound.
static bool is_linked(ref_binder *b, uint32_t role)
{
  const ref_plan *plan = &b->rx->plan;

  for (uint32_t i = 0; i < plan->n_stages; i++) {
    const ref_stage *s = &plan->stage[i];
    if (s->node->op != GIR_STAGE || (s->end[0] != role && s->end[1] != role)) continue;
    uint32_t other = s->end[0] == role ? s->end[1] : s->end[0];
    if (other == AMLRT_NONE || !ref_is_bound(b, other)) continue;
    if (!passes_between(b, s)) return false;
  }
  return true;
}

static bool try_each(ref_binder *b, uint32_t role, const ref_list *candidates)
{
  for (uint32_t i = 0; i < candidates->n; i++) {
    if (!ref_step(b->rx, 1)) return false;
    if (!ref_key_fits(b, role, candidates->at[i])) continue;
    ref_bind_one(b, role, candidates->at[i]);
    bool ok = !is_linked(b, role) || ref_bind_rest(b);
    ref_unbind(b, role);
    if (!ok) return false;
  }
  return true;
}

// A walk whose chain is not bound and one of whose ends is; both is better.
static uint32_t walk_to_bind(const ref_binder *b)
{
  const ref_plan *plan = &b->rx->plan;
  uint32_t found = AMLRT_NONE;

  for (uint32_t i = 0; i < plan->n_stages; i++) {
    const ref_stage *s = &plan->stage[i];
    if (s->chain == AMLRT_NONE || ref_is_bound(b, s->chain)) continue;
    bool from = ref_is_bound(b, s->end[0]), to = ref_is_bound(b, s->end[1]);
    if (from && to) return i;
    if (from || to) found = i;
  }
  return found;
}

// Unconnected roles: the compiler refuses such patterns. Still right, if slow.
static bool all_accounts(ref_binder *b, ref_list *out)
{
  ref_cx *rx = b->rx;

  if (!ref_list_take(rx, out, 2 * ((size_t)rx->now.row - rx->now.first + 1))) return false;
  for (uint32_t row = rx->now.first; row <= rx->now.row; row++) {
    out->at[out->n++] = ref_from(rx, row);
    out->at[out->n++] = ref_to(rx, row);
  }
  if (!ref_sort(rx, out)) return false;
  ref_unique(out);
  return true;
}

static uint32_t unbound_single(const ref_binder *b)
{
  for (uint32_t r = 0; r < b->rx->plan.n_roles; r++)
    if (is_single(b, r) && !ref_is_bound(b, r)) return r;
  return AMLRT_NONE;
}

bool ref_bind_rest(ref_binder *b)
{
  ref_mark mark = ref_mem_mark(&b->rx->scratch);
  ref_list candidates;
  uint32_t role;

  if (!ref_step(b->rx, 1) || !ref_bind_next(b, &role, &candidates)) return false;
  uint32_t walk = role == AMLRT_NONE ? walk_to_bind(b) : AMLRT_NONE;
  bool ok;
  if (role != AMLRT_NONE) {
    ok = try_each(b, role, &candidates);
  } else if (walk != AMLRT_NONE) {
    ok = ref_walk_from_ends(b, walk);
  } else if ((role = unbound_single(b)) != AMLRT_NONE) {
    ok = all_accounts(b, &candidates) && try_each(b, role, &candidates);
  } else {
    ok = record(b);
  }
  ref_mem_back(&b->rx->scratch, mark);
  return ok;
}

// ---- from the trigger ---------------------------------------------------------------------------------

static void forget(ref_binder *b)
{
  for (uint32_t r = 0; r < b->rx->plan.n_roles; r++) {
    ref_unbind(b, r);
    b->witness[r] = AMLRT_NONE;
  }
}

// Binds the ends of the stage e* is supposed to be in; false: it cannot be.
static bool bind_ends(ref_binder *b, const ref_stage *s)
{
  for (int e = 0; e < 2; e++) {
    uint32_t role = s->end[e], account = ref_at_end(b->rx, b->rx->now.row, e);
    if (ref_barred(b->rx, account)) return false;
    if (role == AMLRT_NONE) continue;
    if (!is_single(b, role)) {
      b->witness[role] = account;
      continue;
    }
    if (!ref_key_fits(b, role, account)) return false;
    ref_bind_one(b, role, account);
  }
  return true;
}

static bool bind_from(ref_binder *b, uint32_t stage)
{
  ref_cx *rx = b->rx;
  const ref_stage *s = &rx->plan.stage[stage];
  bool same = ref_from(rx, rx->now.row) == ref_to(rx, rx->now.row);

  if (!ref_passes(rx, s, rx->now.row) || (same && !s->ends_may_equal)) return true;
  forget(b);
  if (s->chain != AMLRT_NONE) return same || ref_walk_from_trigger(b, stage);
  return !bind_ends(b, s) || ref_bind_rest(b);
}

// The stages the trigger can be in, by the pattern's word or as the compiler derived them.
static bool can_hold_trigger(const ref_cx *rx, uint32_t stage)
{
  const ref_stage *s = &rx->plan.stage[stage];

  if (!s->evidence) return false;
  if (rx->plan.trigger != AMLRT_NONE) return rx->plan.trigger == stage;
  if (rx->opts->all_stages) return true;
  for (uint32_t i = 0; i < rx->p->triggers.n; i++)
    if (rx->p->triggers.at[i] == s->node) return true;
  return false;
}

static int list_order(const ref_list *a, const ref_list *b)
{
  for (uint32_t i = 0; i < a->n && i < b->n; i++)
    if (a->at[i] != b->at[i]) return a->at[i] < b->at[i] ? -1 : 1;
  return (a->n > b->n) - (a->n < b->n);
}

// By keys in the order of the roles, chains as lists.
static int keys_order(const void *user, const void *pa, const void *pb)
{
  const ref_cx *rx = user;
  const ref_keys *a = pa, *b = pb;
  int order = 0;

  for (uint32_t r = 0; r < rx->plan.n_roles && order == 0; r++)
    order = list_order(&a->role[r], &b->role[r]);
  return order;
}

static bool sort_bindings(ref_cx *rx, ref_bindings *all)
{
  const void **at = ref_take(rx, all->n, sizeof *at);
  uint32_t n = 0;

  if (!at) return false;
  for (uint32_t i = 0; i < all->n; i++)
    at[i] = all->at[i];
  if (!ref_sort_by(rx, at, all->n, keys_order, rx)) return false;
  for (uint32_t i = 0; i < all->n; i++)
    if (i == 0 || keys_order(rx, at[i - 1], at[i]) != 0) all->at[n++] = at[i];
  all->n = n;
  return true;
}

bool ref_bind(ref_cx *rx, ref_bindings *out)
{
  ref_binder b = {.rx = rx, .out = out};
  uint32_t n = rx->plan.n_roles;

  *out = (ref_bindings){0};
  b.keys.role = ref_take(rx, n, sizeof *b.keys.role);
  b.account = ref_take(rx, n, sizeof *b.account);
  b.witness = ref_take(rx, n, sizeof *b.witness);
  if (!b.keys.role || !b.account || !b.witness) return false;
  for (uint32_t i = 0; i < rx->plan.n_stages; i++)
    if (can_hold_trigger(rx, i) && !bind_from(&b, i)) return false;
  return sort_bindings(rx, out);
}
