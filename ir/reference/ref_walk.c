// Chains as keys: docs/semantics.md, 3 and 4.4 (closed chains). A depth-first search along transfers,
// from the trigger's hop or from an end that is bound; each list of accounts is a binding of its own.
//
// Of every hop the transfers that can still have partners in the hop beside it are kept; where none is
// left, the path is given up. Closed chains without an order of hops are rings: found once, whatever
// hop the trigger is, and started at their smallest account.
#include "ir/reference/ref_inside.h"

enum { LEFT, RIGHT, STEPS_BEFORE_REACH = 200 };

typedef struct walk {
  ref_binder *b;
  ref_cx *rx;
  ref_stage *s;
  const ref_pair *p; // constraints along it; NULL: none
  uint32_t *path;    // accounts [left, right]
  ref_list *hop;     // transfers between path[i] and path[i + 1] that can have partners
  uint32_t left, right;
  bool closed[2];       // this end is the role's account
  uint32_t most;        // accounts of a path, ends counted
  uint32_t target;      // what the left end must be; AMLRT_NONE: not known
  uint32_t trigger_hop; // AMLRT_NONE: e* is no hop
  bool ring;
  bool ring_of_trigger; // e* closes the ring from the right end to the left
  uint64_t n_steps;
  bool reach_made;
} walk;

static bool search(walk *w);

static uint32_t n_path(const walk *w)
{
  return w->right - w->left + 1;
}

static uint32_t role_at(const walk *w, int side)
{
  return w->s->end[side == LEFT ? REF_FROM_END : REF_TO_END];
}

static bool on_path(const walk *w, uint32_t account)
{
  for (uint32_t i = w->left; i <= w->right; i++)
    if (w->path[i] == account) return true;
  return false;
}

// ---- a chain found ------------------------------------------------------------------------------------

static bool length_fits(const walk *w, uint32_t n)
{
  return amlrt_range_degree(&w->rx->plan.role[w->s->chain].size, amlrt_frac_int(n)) > 0;
}

static bool with_chain(walk *w, ref_list chain)
{
  w->b->keys.role[w->s->chain] = chain;
  bool ok = ref_bind_rest(w->b);
  ref_unbind(w->b, w->s->chain);
  return ok;
}

static bool complete(walk *w)
{
  uint32_t n = n_path(w) - 2;
  return !length_fits(w, n) || with_chain(w, (ref_list){w->path + w->left + 1, n});
}

// A ring of n accounts starts at its smallest.
static bool complete_ring(walk *w, uint32_t n)
{
  const uint32_t *ring = w->path + w->left;
  uint32_t start = w->s->end[0], least = 0;
  bool bound = ref_is_bound(w->b, start);
  ref_list chain;

  if (n < 2 || !length_fits(w, n - 1)) return true;
  for (uint32_t i = 1; i < n; i++)
    if (ring[i] < ring[least]) least = i;
  if (bound ? w->b->keys.role[start].at[0] != ring[least] : !ref_key_fits(w->b, start, ring[least]))
    return true;
  ref_mark mark = ref_mem_mark(&w->rx->scratch);
  if (!ref_list_take(w->rx, &chain, n - 1)) return false;
  for (uint32_t i = 1; i < n; i++)
    chain.at[chain.n++] = ring[(least + i) % n];
  if (!bound) ref_bind_one(w->b, start, ring[least]);
  bool fits = true;
  for (uint32_t i = 0; i < chain.n; i++)
    fits = fits && ref_key_fits(w->b, w->s->chain, chain.at[i]);
  bool ok = !fits || with_chain(w, chain);
  if (!bound) ref_unbind(w->b, start);
  ref_mem_back(&w->rx->scratch, mark);
  return ok;
}

// ---- closing an end -----------------------------------------------------------------------------------

// The account at this end can be nothing but the role's: it is the role's already, or on the path twice.
static bool must_close(const walk *w, int side)
{
  uint32_t head = w->path[side == LEFT ? w->left : w->right], role = role_at(w, side);

  if (w->target != AMLRT_NONE && side == LEFT) return head == w->target && n_path(w) > 1;
  if (ref_is_bound(w->b, role)) return w->b->keys.role[role].at[0] == head && n_path(w) > 1;
  return n_path(w) > 1 && w->path[w->left] == w->path[w->right];
}

static bool may_close(const walk *w, int side)
{
  uint32_t head = w->path[side == LEFT ? w->left : w->right], role = role_at(w, side);

  if (n_path(w) < 2) return false;
  if (w->target != AMLRT_NONE && side == LEFT) return head == w->target;
  if (ref_is_bound(w->b, role)) return w->b->keys.role[role].at[0] == head;
  return ref_key_fits(w->b, role, head);
}

static bool close_end(walk *w, int side)
{
  uint32_t role = role_at(w, side), was = w->target;
  bool bound = ref_is_bound(w->b, role);

  if (w->ring) return complete_ring(w, n_path(w) - !w->ring_of_trigger);
  if (!bound) ref_bind_one(w->b, role, w->path[side == LEFT ? w->left : w->right]);
  if (w->s->closed) w->target = w->b->keys.role[role].at[0];
  w->closed[side] = true;
  bool ok = search(w);
  w->closed[side] = false;
  w->target = was;
  if (!bound) ref_unbind(w->b, role);
  return ok;
}

// ---- one more hop -------------------------------------------------------------------------------------

// May the path go on to this account? Twice only where it ends as it began.
static bool may_visit(const walk *w, uint32_t account, int side)
{
  if (ref_barred(w->rx, account)) return false;
  if (w->ring && !w->ring_of_trigger && account < w->target) return false;
  if (!on_path(w, account)) return true;
  uint32_t other = w->path[side == LEFT ? w->right : w->left];
  if (account != other) return false;
  return w->s->closed ? !w->ring_of_trigger : w->s->ends_may_equal;
}

static bool has_partner(walk *w, ref_list this_hop, ref_list next_hop, int side, bool *has)
{
  const ref_list rows[2] = {this_hop, next_hop};
  return ref_pair_partners(w->rx, w->p, rows, side, has);
}

// Transfers at the head, less those without partner in the hop beside; sorted by the other account.
static bool next_rows(walk *w, int side, const void ***out, uint32_t *n_out)
{
  ref_cx *rx = w->rx;
  ref_list all =
      ref_alive(rx, w->path[side == LEFT ? w->left : w->right], side == LEFT ? REF_IN : REF_OUT);
  ref_list rows;
  uint32_t n = 0;

  if (!ref_list_take(rx, &rows, all.n)) return false;
  for (uint32_t i = 0; i < all.n; i++) {
    uint32_t row = all.at[i];
    if (ref_from(rx, row) == ref_to(rx, row)) continue;
    if (ref_exists(rx, row) && ref_passes(rx, w->s, row)) rows.at[rows.n++] = row;
  }
  *out = ref_take(rx, rows.n, sizeof **out);
  bool *has = ref_take(rx, rows.n, sizeof *has);
  if (!*out || !has || !ref_step(rx, all.n)) return false;
  bool beside = w->p && n_path(w) > 1;
  ref_list hop = beside ? w->hop[side == LEFT ? w->left : w->right - 1] : (ref_list){NULL, 0};
  if (beside &&
      !(side == LEFT ? has_partner(w, rows, hop, 0, has) : has_partner(w, hop, rows, 1, has)))
    return false;
  for (uint32_t i = 0; i < rows.n; i++)
    if (!beside || has[i]) (*out)[n++] = &rows.at[i];
  *n_out = n;
  return true;
}

static uint32_t far_account(const ref_cx *rx, const void *row, int side)
{
  return ref_at_end(rx, *(const uint32_t *)row, side == LEFT ? REF_FROM_END : REF_TO_END);
}

typedef struct order_user {
  const ref_cx *rx;
  int side;
} order_user;

static int by_account(const void *user, const void *a, const void *b)
{
  const order_user *u = user;
  uint32_t x = far_account(u->rx, a, u->side), y = far_account(u->rx, b, u->side);
  return (x > y) - (x < y);
}

// e* itself must find a partner in a hop beside it.
static bool trigger_has_partner(walk *w, int side, ref_list rows, bool *yes)
{
  uint32_t beside = side == LEFT ? w->left : w->right - 1, e = w->rx->now.row;
  bool has = true;

  *yes = true;
  if (!w->p || w->trigger_hop == AMLRT_NONE || beside != w->trigger_hop) return true;
  ref_list one = {&e, 1};
  if (!(side == LEFT ? has_partner(w, rows, one, 1, &has) : has_partner(w, one, rows, 0, &has)))
    return false;
  *yes = has;
  return true;
}

// Where the left end must be is known: after some steps it pays to know whether it can be reached.
static bool in_reach(walk *w, uint32_t account, const ref_list *rows, bool *yes)
{
  *yes = true;
  if (w->target == AMLRT_NONE || account == w->target) return true;
  if (++w->n_steps < STEPS_BEFORE_REACH) return true;
  if (!w->reach_made && !ref_reach_make(w->rx, w->s, w->p, w->target, w->most)) return false;
  w->reach_made = true;
  *yes = ref_may_reach(w->rx, w->s, w->p, account, rows, w->most - n_path(w) - 1);
  return true;
}

static bool go_to(walk *w, int side, uint32_t account, ref_list rows)
{
  bool yes;

  if (!may_visit(w, account, side)) return true;
  if (!trigger_has_partner(w, side, rows, &yes)) return false;
  if (!yes) return true;
  if (side == LEFT && !in_reach(w, account, &rows, &yes)) return false;
  if (!yes) return true;
  if (side == LEFT) {
    w->path[--w->left] = account;
    w->hop[w->left] = rows;
  } else {
    w->path[++w->right] = account;
    w->hop[w->right - 1] = rows;
  }
  bool ok = search(w);
  if (side == LEFT)
    w->left++;
  else
    w->right--;
  return ok;
}

static bool extend(walk *w, int side)
{
  const order_user user = {w->rx, side};
  const void **row;
  uint32_t n;
  ref_list rows;

  if (!next_rows(w, side, &row, &n)) return false;
  if (!ref_sort_by(w->rx, row, n, by_account, &user)) return false;
  for (uint32_t i = 0, k; i < n; i = k) {
    uint32_t account = far_account(w->rx, row[i], side);
    ref_mark mark = ref_mem_mark(&w->rx->scratch);
    for (k = i; k < n && far_account(w->rx, row[k], side) == account;)
      k++;
    if (!ref_list_take(w->rx, &rows, k - i)) return false;
    for (uint32_t j = i; j < k; j++)
      rows.at[rows.n++] = *(const uint32_t *)row[j];
    if (!go_to(w, side, account, rows)) return false;
    ref_mem_back(&w->rx->scratch, mark);
  }
  return true;
}

// The head becomes one of the chain, unless it is the closed end the search began at.
static bool may_extend(walk *w, int side)
{
  uint32_t head = w->path[side == LEFT ? w->left : w->right];

  if (n_path(w) + 1 > w->most || must_close(w, side)) return false;
  // e* is the latest, so where hops follow strictly it is the last.
  if (side == RIGHT && w->trigger_hop != AMLRT_NONE && w->p && w->p->lo > 0) return false;
  return n_path(w) == 1 || w->ring || ref_key_fits(w->b, w->s->chain, head);
}

static bool search(walk *w)
{
  ref_mark mark = ref_mem_mark(&w->rx->scratch);
  int side = w->closed[RIGHT] ? LEFT : RIGHT;

  if (!ref_step(w->rx, 1)) return false;
  if (w->closed[LEFT] && w->closed[RIGHT]) return complete(w);
  if (may_close(w, side) && !close_end(w, side)) return false;
  if (may_extend(w, side) && !extend(w, side)) return false;
  ref_mem_back(&w->rx->scratch, mark);
  return true;
}

// ---- beginning ----------------------------------------------------------------------------------------

// The longest chain that can be; the window bounds it in any case.
static uint32_t most_accounts(const walk *w)
{
  const amlrt_range *r = &w->rx->plan.role[w->s->chain].size;
  const amlrt_frac *end = r->has & AMLRT_HAS_D ? &r->d : &r->c;
  uint32_t in_window = w->rx->now.row - w->rx->now.first + 1;

  if (!(r->has & (AMLRT_HAS_C | AMLRT_HAS_D)) || end->num / end->den >= in_window) return in_window;
  return end->num < 0 ? 0 : (uint32_t)(end->num / end->den);
}

static bool begin(walk *w, ref_binder *b, uint32_t stage)
{
  ref_plan *plan = &b->rx->plan;

  *w = (walk){.b = b, .rx = b->rx, .s = &plan->stage[stage]};
  w->target = w->trigger_hop = AMLRT_NONE;
  for (uint32_t i = 0; i < plan->n_pairs; i++)
    if (plan->pair[i].role == AMLRT_NONE && plan->pair[i].stage[0] == stage) w->p = &plan->pair[i];
  w->ring = w->s->closed && !gir_walk_compares_hops(b->rx->p, w->s->node);
  if (w->ring) w->p = NULL; // where it starts, and so which hops are beside, is known at the end
  uint32_t n = most_accounts(w);
  w->most = n + 2;
  w->path = ref_take(w->rx, 2 * ((size_t)n + 4), sizeof *w->path);
  w->hop = ref_take(w->rx, 2 * ((size_t)n + 4), sizeof *w->hop);
  w->left = w->right = n + 4;
  return w->path && w->hop;
}

bool ref_walk_from_trigger(ref_binder *b, uint32_t stage)
{
  ref_mark mark = ref_mem_mark(&b->rx->scratch);
  ref_cx *rx = b->rx;
  uint32_t from = ref_from(rx, rx->now.row), to = ref_to(rx, rx->now.row);
  walk w;

  if (ref_barred(rx, from) || ref_barred(rx, to)) return true;
  if (!begin(&w, b, stage)) return false;
  w.path[w.left] = from;
  if (w.ring) {
    // Back from e*'s payer to its payee; e* closes the ring.
    w.ring_of_trigger = w.closed[RIGHT] = true;
    w.target = to;
    w.most--;
  } else {
    const void **row;
    uint32_t n;
    if (!next_rows(&w, RIGHT, &row, &n) || !ref_list_take(rx, &w.hop[w.left], n)) return false;
    for (uint32_t i = 0; i < n; i++)
      if (far_account(rx, row[i], RIGHT) == to)
        w.hop[w.left].at[w.hop[w.left].n++] = *(const uint32_t *)row[i];
    w.trigger_hop = w.left;
    w.path[++w.right] = to;
  }
  bool ok = search(&w);
  ref_mem_back(&rx->scratch, mark);
  return ok;
}

bool ref_walk_from_ends(ref_binder *b, uint32_t stage)
{
  ref_mark mark = ref_mem_mark(&b->rx->scratch);
  walk w;

  if (!begin(&w, b, stage)) return false;
  bool from = ref_is_bound(b, w.s->end[REF_FROM_END]), to = ref_is_bound(b, w.s->end[REF_TO_END]);
  // From the end backward where that is bound, else from the start onward.
  w.closed[to ? RIGHT : LEFT] = true;
  w.path[w.left] = b->keys.role[w.s->end[to ? REF_TO_END : REF_FROM_END]].at[0];
  if (from && to) w.target = b->keys.role[w.s->end[REF_FROM_END]].at[0];
  bool ok = search(&w);
  ref_mem_back(&b->rx->scratch, mark);
  return ok;
}
