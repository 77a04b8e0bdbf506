// Chains as keys: docs/semantics.md, 3 and 4.4 (closed chains). A depth-first search along transfers,
// from the trigger's hop or from an end that is bound; each list of accounts is a candidate of its own.
//
// Of every hop the transfers that can still have partners in the hop beside it are kept; where none is
// left, the path is given up. Closed chains without an order of hops are rings: found once, whatever
// hop the trigger is, and started at their smallest account.
#include "runtime/src/bind.h"

enum { LEFT, RIGHT, STEPS_BEFORE_REACH = 200 };

typedef struct walk {
  amlrt__binder *b;
  amlrt_worker *w;
  const amlrt_pstage *s;
  uint32_t stage;
  const amlrt_ppair *p; // constraints along it; NULL: none
  uint32_t *path;       // accounts [left, right]
  amlrt__list *hop;     // transfers between path[i] and path[i + 1] that can have partners
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

static bool search(walk *k);

static uint32_t n_path(const walk *k)
{
  return k->right - k->left + 1;
}

static uint32_t head_of(const walk *k, int side)
{
  return k->path[side == LEFT ? k->left : k->right];
}

static uint32_t role_at(const walk *k, int side)
{
  return side == LEFT ? k->s->from : k->s->to;
}

static bool on_path(const walk *k, uint32_t account)
{
  for (uint32_t i = k->left; i <= k->right; i++)
    if (k->path[i] == account) return true;
  return false;
}

// ---- a chain found ------------------------------------------------------------------------------------

static bool length_fits(const walk *k, uint32_t n)
{
  const amlrt_range *size = &k->b->run->p->roles[k->s->chain].size;
  return amlrt_range_degree(size, amlrt_frac_int(n)) > 0;
}

static bool with_chain(walk *k, amlrt__list chain)
{
  k->b->keys[k->s->chain] = chain;
  bool ok = amlrt__bind_rest(k->b);
  amlrt__unbind(k->b, k->s->chain);
  return ok;
}

static bool complete(walk *k)
{
  uint32_t n = n_path(k) - 2;
  return !length_fits(k, n) || with_chain(k, (amlrt__list){k->path + k->left + 1, n});
}

// Binds the ring's start where it is not bound, and goes on with the chain.
static bool with_ring(walk *k, uint32_t account, amlrt__list chain)
{
  bool bound = amlrt__is_bound(k->b, k->s->from), fits = true;

  if (!bound) amlrt__bind_one(k->b, k->s->from, account);
  for (uint32_t i = 0; i < chain.n && fits; i++)
    fits = amlrt__key_fits(k->b, k->s->chain, chain.at[i]);
  bool ok = !fits || with_chain(k, chain);
  if (!bound) amlrt__unbind(k->b, k->s->from);
  return ok;
}

// A ring of n accounts starts at its smallest.
static bool complete_ring(walk *k, uint32_t n)
{
  const uint32_t *ring = k->path + k->left;
  uint32_t start = k->s->from, least = 0;
  amlrt__list chain;

  if (n < 2 || !length_fits(k, n - 1)) return true;
  for (uint32_t i = 1; i < n; i++)
    if (ring[i] < ring[least]) least = i;
  if (amlrt__is_bound(k->b, start) ? k->b->keys[start].at[0] != ring[least]
                                   : !amlrt__key_fits(k->b, start, ring[least]))
    return true;
  amlrt__mark mark = amlrt__mem_mark(&k->w->scratch);
  if (!amlrt__take_list(k->w, &chain, n - 1)) return false;
  for (uint32_t i = 1; i < n; i++)
    chain.at[chain.n++] = ring[(least + i) % n];
  bool ok = with_ring(k, ring[least], chain);
  amlrt__mem_back(&k->w->scratch, mark);
  return ok;
}

// ---- closing an end -----------------------------------------------------------------------------------

// The account at this end can be nothing but the role's: it is the role's already, or on the path twice.
static bool must_close(const walk *k, int side)
{
  uint32_t head = head_of(k, side), role = role_at(k, side);

  if (n_path(k) < 2) return false;
  if (k->target != AMLRT_NONE && side == LEFT) return head == k->target;
  if (amlrt__is_bound(k->b, role)) return k->b->keys[role].at[0] == head;
  return k->path[k->left] == k->path[k->right];
}

static bool may_close(const walk *k, int side)
{
  uint32_t head = head_of(k, side), role = role_at(k, side);

  if (n_path(k) < 2) return false;
  if (k->target != AMLRT_NONE && side == LEFT) return head == k->target;
  if (amlrt__is_bound(k->b, role)) return k->b->keys[role].at[0] == head;
  return amlrt__key_fits(k->b, role, head);
}

static bool close_end(walk *k, int side)
{
  uint32_t role = role_at(k, side), was = k->target;
  bool bound = amlrt__is_bound(k->b, role);

  if (k->ring) return complete_ring(k, n_path(k) - !k->ring_of_trigger);
  if (!bound) amlrt__bind_one(k->b, role, head_of(k, side));
  if (k->s->closed) k->target = k->b->keys[role].at[0];
  k->closed[side] = true;
  bool ok = search(k);
  k->closed[side] = false;
  k->target = was;
  if (!bound) amlrt__unbind(k->b, role);
  return ok;
}

// ---- transfers at an end --------------------------------------------------------------------------------

// A transfer and where it leads: the account in the high half, the row in the low one. So whole numbers
// in order are by account, and of one account in order of time.
typedef uint64_t step;

static step step_to(uint32_t account, uint32_t row)
{
  return (step)account << 32 | row;
}

static uint32_t account_of(step s)
{
  return (uint32_t)(s >> 32);
}

static uint32_t row_of(step s)
{
  return (uint32_t)s;
}

static bool has_partner(walk *k, amlrt__list this_hop, amlrt__list next_hop, int side, bool *has)
{
  const amlrt__list rows[2] = {this_hop, next_hop};
  return amlrt__pair_partners(k->w, k->p, rows, side, has);
}

// Keeps the steps that have a partner in the hop beside. They are in order of time.
static bool keep_partnered(walk *k, int side, step *at, uint32_t *n)
{
  amlrt__list rows, hop = k->hop[side == LEFT ? k->left : k->right - 1];
  bool *has = amlrt__take(k->w, *n, sizeof *has);
  uint32_t kept = 0;

  if (!has || !amlrt__take_list(k->w, &rows, *n)) return false;
  for (uint32_t i = 0; i < *n; i++)
    rows.at[rows.n++] = row_of(at[i]);
  if (side == LEFT ? !has_partner(k, rows, hop, 0, has) : !has_partner(k, hop, rows, 1, has))
    return false;
  for (uint32_t i = 0; i < *n; i++)
    if (has[i]) at[kept++] = at[i];
  *n = kept;
  return true;
}

// Transfers at the head, less those without partner in the hop beside.
static bool next_steps(walk *k, int side, step **out, uint32_t *n)
{
  uint32_t head = head_of(k, side);
  amlrt_slice s = amlrt__slice(k->w, head, side == LEFT ? AMLRT__TO : AMLRT__FROM);
  step *at = amlrt__take(k->w, amlrt_slice_n(s), sizeof *at);

  *n = 0;
  if (!at) return false;
  for (uint32_t i = s.lo; i < s.hi; i++)
    if (s.nbr[i] != head && amlrt__passes(k->w, k->stage, s.row[i]))
      at[(*n)++] = step_to(s.nbr[i], s.row[i]);
  *out = at;
  if (!amlrt__step(k->w, amlrt_slice_n(s))) return false;
  return !k->p || n_path(k) < 2 || *n == 0 || keep_partnered(k, side, at, n);
}

// Smaller than `middle` to the front; how many these are.
static uint32_t part(step *at, uint32_t n, step middle)
{
  uint32_t lo = 0, hi = n;

  for (;;) {
    while (lo < hi && at[lo] < middle)
      lo++;
    while (lo < hi && at[hi - 1] >= middle)
      hi--;
    if (lo == hi) return lo;
    step s = at[lo];
    at[lo++] = at[--hi];
    at[hi] = s;
  }
}

enum { FEW_STEPS = 24 };

// In place. Each part has half the range of values of the one it is of, so that it ends after `bit`
// parts, and mostly much sooner.
static void sort_steps(step *at, uint32_t n, unsigned bit)
{
  while (n > FEW_STEPS && bit > 0) {
    step low = at[0], high = at[0];
    for (uint32_t i = 1; i < n; i++) {
      low = at[i] < low ? at[i] : low;
      high = at[i] > high ? at[i] : high;
    }
    uint32_t smaller = part(at, n, low + (high - low) / 2 + 1);
    sort_steps(at, smaller, --bit);
    at += smaller;
    n -= smaller;
  }
  for (uint32_t i = 1; i < n; i++) {
    step s = at[i];
    uint32_t k = i;
    for (; k > 0 && at[k - 1] > s; k--)
      at[k] = at[k - 1];
    at[k] = s;
  }
}

// ---- one more hop ---------------------------------------------------------------------------------------

// May the path go on to this account? Twice only where it ends as it began.
static bool may_visit(const walk *k, uint32_t account, int side)
{
  if (amlrt__barred(k->w, account)) return false;
  if (k->ring && !k->ring_of_trigger && account < k->target) return false;
  if (!on_path(k, account)) return true;
  if (account != head_of(k, 1 - side)) return false;
  return k->s->closed ? !k->ring_of_trigger : k->s->ends_may_equal;
}

// e* itself must find a partner in a hop beside it.
static bool trigger_has_partner(walk *k, int side, amlrt__list rows, bool *yes)
{
  uint32_t beside = side == LEFT ? k->left : k->right - 1, e = k->w->trigger;
  amlrt__list one = {&e, 1};

  *yes = true;
  if (!k->p || k->trigger_hop == AMLRT_NONE || beside != k->trigger_hop) return true;
  return side == LEFT ? has_partner(k, rows, one, 1, yes) : has_partner(k, one, rows, 0, yes);
}

// Where the left end must be is known: after some steps it pays to know whether it can be reached.
static bool in_reach(walk *k, uint32_t account, const amlrt__list *rows, bool *yes)
{
  *yes = true;
  if (k->target == AMLRT_NONE || account == k->target) return true;
  if (++k->n_steps < STEPS_BEFORE_REACH) return true;
  if (!k->reach_made && !amlrt__reach_make(k->w, k->stage, k->p, k->target, k->most)) return false;
  k->reach_made = true;
  *yes = amlrt__may_reach(k->w, k->stage, k->p, account, rows, k->most - n_path(k) - 1);
  return true;
}

static bool go_to(walk *k, int side, uint32_t account, amlrt__list rows)
{
  bool yes;

  if (!may_visit(k, account, side)) return true;
  if (!trigger_has_partner(k, side, rows, &yes)) return false;
  if (!yes) return true;
  if (side == LEFT && !in_reach(k, account, &rows, &yes)) return false;
  if (!yes) return true;
  if (side == LEFT) {
    k->path[--k->left] = account;
    k->hop[k->left] = rows;
  } else {
    k->path[++k->right] = account;
    k->hop[k->right - 1] = rows;
  }
  bool ok = search(k);
  if (side == LEFT)
    k->left++;
  else
    k->right--;
  return ok;
}

static bool extend(walk *k, int side)
{
  step *at;
  uint32_t n;
  amlrt__list rows;

  if (!next_steps(k, side, &at, &n)) return false;
  sort_steps(at, n, 64);
  for (uint32_t i = 0, j; i < n; i = j) {
    amlrt__mark mark = amlrt__mem_mark(&k->w->scratch);
    for (j = i; j < n && account_of(at[j]) == account_of(at[i]);)
      j++;
    if (!amlrt__take_list(k->w, &rows, j - i)) return false;
    for (uint32_t m = i; m < j; m++)
      rows.at[rows.n++] = row_of(at[m]);
    if (!go_to(k, side, account_of(at[i]), rows)) return false;
    amlrt__mem_back(&k->w->scratch, mark);
  }
  return true;
}

// The head becomes one of the chain, unless it is the closed end the search began at.
static bool may_extend(walk *k, int side)
{
  if (n_path(k) + 1 > k->most || must_close(k, side)) return false;
  // e* is the latest, so where hops follow strictly it is the last.
  if (side == RIGHT && k->trigger_hop != AMLRT_NONE && k->p && k->p->lo > 0) return false;
  return n_path(k) == 1 || k->ring || amlrt__key_fits(k->b, k->s->chain, head_of(k, side));
}

static bool search(walk *k)
{
  amlrt__mark mark = amlrt__mem_mark(&k->w->scratch);
  int side = k->closed[RIGHT] ? LEFT : RIGHT;

  if (!amlrt__step(k->w, 1)) return false;
  if (k->closed[LEFT] && k->closed[RIGHT]) return complete(k);
  if (may_close(k, side) && !close_end(k, side)) return false;
  if (may_extend(k, side) && !extend(k, side)) return false;
  amlrt__mem_back(&k->w->scratch, mark);
  return true;
}

// ---- beginning ----------------------------------------------------------------------------------------

// The longest chain that can be; the window bounds it in any case.
static uint32_t most_accounts(const walk *k)
{
  const amlrt_range *r = &k->b->run->p->roles[k->s->chain].size;
  const amlrt_frac *end = r->has & AMLRT_HAS_D ? &r->d : &r->c;
  uint32_t in_window = amlrt__n_in_window(k->w);

  if (!(r->has & (AMLRT_HAS_C | AMLRT_HAS_D)) || end->num / end->den >= in_window) return in_window;
  return end->num < 0 ? 0 : (uint32_t)(end->num / end->den);
}

static bool begin(walk *k, amlrt__binder *b, uint32_t stage)
{
  const amlrt_program *p = b->run->p;
  uint32_t pair = b->run->walk_pair[stage];

  *k = (walk){.b = b, .w = b->w, .s = &p->stages[stage], .stage = stage};
  k->target = k->trigger_hop = AMLRT_NONE;
  k->ring = k->s->closed && !k->s->compares_hops;
  // Where a ring starts, and so which hops are beside, is known at the end.
  if (pair != AMLRT_NONE && !k->ring) k->p = &p->pairs[pair];
  uint32_t n = most_accounts(k);
  k->most = n + 2;
  k->path = amlrt__take(k->w, 2 * ((size_t)n + 4), sizeof *k->path);
  k->hop = amlrt__take(k->w, 2 * ((size_t)n + 4), sizeof *k->hop);
  k->left = k->right = n + 4;
  return k->path && k->hop;
}

// The transfers of e*'s hop: those between its accounts.
static bool begin_at_trigger(walk *k, uint32_t to)
{
  if (!amlrt__hop(k->w, k->stage, head_of(k, RIGHT), to, &k->hop[k->left])) return false;
  k->trigger_hop = k->left;
  k->path[++k->right] = to;
  return true;
}

bool amlrt__walk_from_trigger(amlrt__binder *b, uint32_t stage)
{
  amlrt_worker *w = b->w;
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  uint32_t from = w->run->col->from[w->trigger], to = w->run->col->to[w->trigger];
  walk k;

  if (amlrt__barred(w, from) || amlrt__barred(w, to)) return true;
  if (!begin(&k, b, stage)) return false;
  k.path[k.left] = from;
  if (k.ring) {
    // Back from e*'s payer to its payee; e* closes the ring.
    k.ring_of_trigger = k.closed[RIGHT] = true;
    k.target = to;
    k.most--;
  } else if (!begin_at_trigger(&k, to)) {
    return false;
  }
  bool ok = search(&k);
  amlrt__mem_back(&w->scratch, mark);
  return ok;
}

bool amlrt__walk_from_ends(amlrt__binder *b, uint32_t stage)
{
  amlrt__mark mark = amlrt__mem_mark(&b->w->scratch);
  walk k;

  if (!begin(&k, b, stage)) return false;
  bool from = amlrt__is_bound(b, k.s->from), to = amlrt__is_bound(b, k.s->to);
  // From the end backward where that is bound, else from the start onward.
  k.closed[to ? RIGHT : LEFT] = true;
  k.path[k.left] = b->keys[to ? k.s->to : k.s->from].at[0];
  if (from && to) k.target = b->keys[k.s->from].at[0];
  bool ok = search(&k);
  amlrt__mem_back(&b->w->scratch, mark);
  return ok;
}
