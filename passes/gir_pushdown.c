// Carries the times that pair constraints ask from transfer to transfer, so that a stage knows how far
// from the trigger its transfers can be before any partner is looked for.
//
// If each transfer of `scatter` needs a later one of `gather`, and none is later than the trigger, then
// no transfer of `scatter` that is left is as late as the trigger. The bound is asked where transfers
// are first met: in the loops that BIND writes.
//
// Stands before LOWER, for graph IR still has the conditions as such.
#include "passes/pair_times.h"
#include "passes/passes.h"

typedef struct order { // of one constraint between two stages
  uint32_t stage[2];
  bool asked[2];
  int64_t lo, hi;
} order;
typedef VEC(order) orders;

static uint32_t place_of(const gir_pattern *p, const gir_node *stage)
{
  uint32_t k = 0;

  for (uint32_t i = 0; p->body.at[i] != stage; i++)
    k += gir_is_stage(p->body.at[i]);
  return k;
}

// Section 4.2: a side may be empty, degrees rounded as they are when members are counted.
static bool may_be_empty(const gir_pattern *p, const gir_node *stage)
{
  const gir_node *end[2] = {gir_stage_from(stage), gir_stage_to(stage)};

  for (int e = 0; e < 2; e++)
    if (end[e]->op == GIR_GROUP && range_has_degree(&end[e]->range, rational_int(0))) return true;
  return stage->op == GIR_TERM && gir_term_is_optional(p, stage);
}

// Of a walk a pair asks only the hops at its role, so the rest of the walk is not bound.
static bool is_asked(const gir_pattern *p, const gir_node *stage, const gir_node *other)
{
  if (stage->op == GIR_WALK) return false;
  return may_be_empty(p, stage) || !may_be_empty(p, other);
}

static void read_orders(pass_unit *u, orders *out)
{
  const gir_pattern *p = u->gir;

  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if (n->op != GIR_PAIR) continue;
    pair_times t = {.lo = -INT64_MAX, .hi = INT64_MAX, .by_time = true};
    pair_times_add(&t, false, n->args[3]);
    order o = {.stage = {place_of(p, n->args[1]), place_of(p, n->args[2])}, .lo = t.lo, .hi = t.hi};
    o.asked[0] = is_asked(p, n->args[1], n->args[2]);
    o.asked[1] = is_asked(p, n->args[2], n->args[1]);
    VEC_PUSH(u->mem, out, o);
  }
}

// a + b, from 0 up to what leaves nothing in the window.
static int64_t sum(const pass_unit *u, int64_t a, int64_t b)
{
  aml_i128 s = (aml_i128)a + b;
  return s > u->gir->within ? u->gir->within : s < 0 ? 0 : (int64_t)s;
}

static bool raise(int64_t *at, int64_t to)
{
  if (to <= *at) return false;
  *at = to;
  return true;
}

// Every transfer of `mine` needs one of `other` that is lo to hi later (negative: earlier).
static bool carry(const pass_unit *u, pass_times *mine, const pass_times *other, int64_t lo,
                  int64_t hi)
{
  bool later = raise(&mine->late, sum(u, other->late, lo));
  return raise(&mine->early, sum(u, other->early, -hi)) || later;
}

static bool carry_all(pass_unit *u, const orders *all)
{
  bool changed = false;

  for (uint32_t i = 0; i < all->n; i++) {
    const order *o = &all->at[i];
    pass_times *a = &u->times.at[o->stage[0]], *b = &u->times.at[o->stage[1]];
    if (o->asked[0]) changed |= carry(u, a, b, o->lo, o->hi);
    if (o->asked[1]) changed |= carry(u, b, a, -o->hi, -o->lo);
  }
  return changed;
}

pass_outcome pass_pushdown(pass_unit *u)
{
  orders all = {0};
  bool changed = false;

  read_orders(u, &all);
  if (!cx_ok(u->c)) return PASS_FAILED;
  // A bound goes through each stage once, unless the orders contradict each other.
  for (uint32_t i = 0; i <= u->times.n && carry_all(u, &all); i++)
    changed = true;
  return changed ? PASS_CHANGED : PASS_UNCHANGED;
}
