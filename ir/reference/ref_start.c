// The start of every group: docs/semantics.md, 4.1. (Stages: ref_start_tx.c.)
#include "ir/reference/ref_inside.h"

// Section 3: no group and no `any` contains a key account; `may equal` lifts that for a group.
bool ref_is_key(const ref_cx *rx, const ref_keys *k, uint32_t account, uint32_t but_for_role)
{
  for (uint32_t r = 0; r < rx->plan.n_roles; r++) {
    const ref_list *key = &k->role[r];
    for (uint32_t i = 0; i < key->n; i++) {
      if (key->at[i] != account) continue;
      if (but_for_role == AMLRT_NONE || !ref_may_equal(rx, but_for_role, r)) return true;
      break;
    }
  }
  return false;
}

bool ref_ends_fit(ref_cx *rx, const ref_keys *k, const ref_stage *s, uint32_t row)
{
  if (ref_from(rx, row) == ref_to(rx, row) && !s->ends_may_equal) return false;
  for (int e = 0; e < 2; e++) {
    uint32_t account = ref_at_end(rx, row, e);
    if (s->end[e] != AMLRT_NONE) continue;
    if (ref_barred(rx, account) || ref_is_key(rx, k, account, AMLRT_NONE)) return false;
  }
  return true;
}

// The accounts of a role: of a group its start.
static ref_list accounts_of(const ref_eval *ev, uint32_t role)
{
  const ref_group *g = &ev->group[role];
  return ev->rx->plan.role[role].node->op == GIR_GROUP ? (ref_list){g->account, g->n}
                                                       : ev->keys->role[role];
}

// ---- terms of a set ---------------------------------------------------------------------------------

// Adds the accounts at `far` of the transfers of s whose other end is `account`, each once.
static bool add_partners(ref_cx *rx, const ref_stage *s, uint32_t account, int far, ref_list *out)
{
  ref_list rows = ref_alive(rx, account, far == REF_TO_END ? REF_OUT : REF_IN);
  ref_list mine = {out->at + out->n, 0};

  for (uint32_t i = 0; i < rows.n; i++) {
    uint32_t row = rows.at[i];
    if (!ref_exists(rx, row) || !ref_passes(rx, s, row)) continue;
    if (ref_from(rx, row) == ref_to(rx, row) && !s->ends_may_equal) continue;
    mine.at[mine.n++] = ref_at_end(rx, row, far);
  }
  if (!ref_sort(rx, &mine) || !ref_step(rx, rows.n)) return false;
  ref_unique(&mine);
  out->n += mine.n;
  return true;
}

bool ref_reached_by(ref_cx *rx, const ref_stage *s, int far, const ref_list *partners,
                    uint64_t needed, ref_list *out)
{
  size_t cap = 0;
  uint32_t n = 0;

  for (uint32_t i = 0; i < partners->n; i++)
    cap += ref_alive(rx, partners->at[i], far == REF_TO_END ? REF_OUT : REF_IN).n;
  if (!ref_list_take(rx, out, cap)) return false;
  for (uint32_t i = 0; i < partners->n; i++)
    if (!add_partners(rx, s, partners->at[i], far, out)) return false;
  if (!ref_sort(rx, out)) return false;
  for (uint32_t i = 0, k; i < out->n; i = k) {
    for (k = i + 1; k < out->n && out->at[k] == out->at[i];)
      k++;
    if (k - i >= needed) out->at[n++] = out->at[i];
  }
  out->n = n;
  return true;
}

// A set expression as it is at the start. `judged`: right of a `-`, where shares count as written.
typedef bool start_fn(ref_eval *ev, const gir_node *set, bool judged, ref_list *out);
static start_fn start_of_set;

static bool term(ref_eval *ev, const gir_node *set, uint64_t needed, ref_list *out)
{
  const ref_plan *plan = &ev->rx->plan;
  const ref_stage *s = &plan->stage[plan->node[set->args[0]->id].index];
  int far = s->end[REF_TO_END] == s->owner ? REF_TO_END : REF_FROM_END;
  ref_list partners = accounts_of(ev, s->end[1 - far]);

  return ref_reached_by(ev->rx, s, far, &partners, needed, out);
}

static bool start_has(ref_eval *ev, const gir_node *set, bool judged, ref_list *out)
{
  (void)judged;
  return term(ev, set, (uint64_t)set->imm[0], out);
}

// Partners that make up a share of n: the least k with k >= share * n; of none, nobody.
static uint64_t share_of(const ref_node *at, uint64_t n)
{
  amlrt_i128 whole = at->v.num * (amlrt_i128)n;

  if (n == 0) return UINT64_MAX;
  amlrt_i128 k = (whole + at->v.den - 1) / at->v.den;
  return k < 1 ? 1 : (uint64_t)k;
}

static bool start_has_share(ref_eval *ev, const gir_node *set, bool judged, ref_list *out)
{
  const ref_plan *plan = &ev->rx->plan;
  const ref_stage *s = &plan->stage[plan->node[set->args[0]->id].index];
  uint32_t other = s->end[REF_TO_END] == s->owner ? s->end[REF_FROM_END] : s->end[REF_TO_END];
  uint64_t needed = share_of(&plan->node[set->id], accounts_of(ev, other).n);

  return term(ev, set, judged ? needed : 1, out);
}

static bool start_in_role(ref_eval *ev, const gir_node *set, bool judged, ref_list *out)
{
  ref_list of = accounts_of(ev, ref_role_of(ev->rx, set->args[0]));

  (void)judged;
  // A chain's list is in its own order; a copy is sorted.
  return ref_merge(ev->rx, out, &of, &(ref_list){NULL, 0});
}

static bool start_intersect(ref_eval *ev, const gir_node *set, bool judged, ref_list *out)
{
  ref_list b;

  if (!start_of_set(ev, set->args[0], judged, out)) return false;
  if (!start_of_set(ev, set->args[1], judged, &b)) return false;
  ref_keep_common(out, &b);
  return true;
}

static bool start_union(ref_eval *ev, const gir_node *set, bool judged, ref_list *out)
{
  ref_list a, b;

  if (!start_of_set(ev, set->args[0], judged, &a)) return false;
  if (!start_of_set(ev, set->args[1], judged, &b)) return false;
  return ref_merge(ev->rx, out, &a, &b);
}

static bool start_minus(ref_eval *ev, const gir_node *set, bool judged, ref_list *out)
{
  ref_list b;

  if (!start_of_set(ev, set->args[0], judged, out)) return false;
  if (!start_of_set(ev, set->args[1], true, &b)) return false;
  ref_keep_others(out, &b);
  return true;
}

// Dispatch: an op that gives a set and has no start does not compile.
#define GIVES_ROLE(id, name)
#define GIVES_STAGE(id, name)
#define GIVES_SET(id, name) [GIR_##id] = start_##name,
#define GIVES_STMT(id, name)
#define GIVES_BOOL(id, name)
#define GIVES_ANY(id, name)
#define GIVES_NUMBER(id, name)
#define GIVES_DURATION(id, name)
#define GIVES_TIME(id, name)
static start_fn *const starts[GIR_N_OPS] = {
#define GIR_OP(id, name, takes, attrs, gives, ...) GIVES_##gives(id, name)
#include "ir/gir_ops.def"
};

static bool start_of_set(ref_eval *ev, const gir_node *set, bool judged, ref_list *out)
{
  if (!starts[set->op]) AML_BUG("%s is no set", gir_ops[set->op].name);
  return starts[set->op](ev, set, judged, out);
}

// ---- stages of the group ----------------------------------------------------------------------------

// The end at which a `stage` statement between the group and one account or `any` has the group.
static int far_end(const ref_plan *plan, const ref_stage *s, uint32_t role)
{
  if (s->node->op != GIR_STAGE) return -1;
  for (int e = 0; e < 2; e++) {
    uint32_t other = s->end[1 - e];
    if (s->end[e] != role) continue;
    if (other == AMLRT_NONE || plan->role[other].node->op == GIR_ONE) return e;
  }
  return -1;
}

// Keeps what has a transfer in each of the group's stages with one account.
static bool keep_by_accounts(ref_eval *ev, uint32_t role, ref_list *of, bool *bounded)
{
  const ref_plan *plan = &ev->rx->plan;

  for (uint32_t i = 0; i < plan->n_stages; i++) {
    const ref_stage *s = &plan->stage[i];
    int far = far_end(plan, s, role);
    if (far < 0 || s->end[1 - far] == AMLRT_NONE) continue;
    ref_list there;
    const ref_list *one = &ev->keys->role[s->end[1 - far]];
    if (!ref_reached_by(ev->rx, s, far, one, 1, &there)) return false;
    if (*bounded)
      ref_keep_common(of, &there);
    else
      *of = there;
    *bounded = true;
  }
  return true;
}

static bool has_transfer(ref_eval *ev, const ref_stage *s, int far, uint32_t account)
{
  ref_cx *rx = ev->rx;
  ref_list rows = ref_alive(rx, account, far == REF_FROM_END ? REF_OUT : REF_IN);

  for (uint32_t i = 0; i < rows.n; i++) {
    uint32_t row = rows.at[i];
    if (!ref_exists(rx, row) || !ref_passes(rx, s, row)) continue;
    if (ref_ends_fit(rx, ev->keys, s, row)) return ref_step(rx, i);
  }
  return false;
}

// Keeps what has a transfer in each of the group's stages with `any`.
static bool keep_by_any(ref_eval *ev, uint32_t role, ref_list *of)
{
  const ref_plan *plan = &ev->rx->plan;

  for (uint32_t i = 0; i < plan->n_stages; i++) {
    const ref_stage *s = &plan->stage[i];
    int far = far_end(plan, s, role);
    uint32_t n = 0;
    if (far < 0 || s->end[1 - far] != AMLRT_NONE) continue;
    for (uint32_t k = 0; k < of->n; k++)
      if (has_transfer(ev, s, far, of->at[k])) of->at[n++] = of->at[k];
    of->n = n;
  }
  return ev->rx->st == AMLRT_OK;
}

// Nothing bounds the group but `any`: whoever has a transfer inside the window.
static bool all_in_window(ref_eval *ev, ref_list *of)
{
  ref_cx *rx = ev->rx;

  if (!ref_list_take(rx, of, 2 * ((size_t)rx->now.row - rx->now.first + 1))) return false;
  for (uint32_t row = rx->now.first; row <= rx->now.row; row++) {
    of->at[of->n++] = ref_from(rx, row);
    of->at[of->n++] = ref_to(rx, row);
  }
  if (!ref_sort(rx, of)) return false;
  ref_unique(of);
  return true;
}

// Sections 2 and 3: barred accounts and key accounts are no members.
static void keep_allowed(ref_eval *ev, uint32_t role, ref_list *of)
{
  uint32_t n = 0;

  for (uint32_t k = 0; k < of->n; k++) {
    uint32_t account = of->at[k];
    if (ref_barred(ev->rx, account) || ref_is_key(ev->rx, ev->keys, account, role)) continue;
    of->at[n++] = account;
  }
  of->n = n;
}

bool ref_start_group(ref_eval *ev, uint32_t role)
{
  const ref_role *r = &ev->rx->plan.role[role];
  ref_group *g = &ev->group[role];
  ref_list start = {NULL, 0};
  bool bounded = r->set != NULL;

  if (r->set && !start_of_set(ev, r->set, false, &start)) return false;
  if (!keep_by_accounts(ev, role, &start, &bounded)) return false;
  if (!bounded && !all_in_window(ev, &start)) return false;
  keep_allowed(ev, role, &start);
  if (!keep_by_any(ev, role, &start)) return false;
  *g = (ref_group){.account = start.at, .n = start.n, .n_left = start.n};
  g->left = ref_take(ev->rx, start.n, sizeof *g->left);
  if (!g->left) return false;
  for (uint32_t i = 0; i < g->n; i++)
    g->left[i] = true;
  return true;
}
