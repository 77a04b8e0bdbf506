// The plan key-major sweep: for patterns in which a group hangs between two keys.
//
// Appends a row to the pattern's plans; the sweep itself is the runtime's (plan_pair.c). For each account of
// one key it goes over the two-hop paths through the group to the other key.
//
// Why it is sound. The pattern has two single roles, and a group of at least one member in every match, of
// whom each has a transfer left with either key, in a stage of its own with each. The trigger is in one of
// these two stages. So in every match there are as many middles as the group needs, each with a path whose
// two legs exist for the trigger; and the trigger is the later leg of such a path, for it is the last
// transfer of all and left, its middle is a member, and that has a transfer left in the other stage. Where
// the two stages stand in a pair constraint at the group that both sides are asked for, every transfer left
// has a partner left, so the same is true of paths between whose legs there is [lo, hi].
//
// When it is exact, so that what it counts are the matches:
//   - there is nothing but the keys, the group and the two stages: no `within` of a stage, no `may equal`,
//     no constraint but the group's size, filters that are hard, and one pair constraint at the group;
//   - the pair constraint is decided by times alone and is hard. Then two transfers of a path with a time in
//     [lo, hi] are partners of each other: none of them is ever dropped, and a middle is a member as long as
//     it has one such path. So the match is the middles that have one, and its degree that of their number;
//   - what features show comes of the number of members.
// `same currency` and limits on hubs are the runtime's to tell apart.
//
// Stands behind all that write loops: it adds none.
#include "passes/pair_times.h"
#include "passes/features.h"
#include "passes/passes.h"

// ---- between two keys ---------------------------------------------------------------------------------------

// The two single roles; false: there are more or fewer, or a chain.
static bool two_keys(const kir_module *m, uint32_t key[2])
{
  uint32_t n = 0;

  for (uint32_t r = 0; r < m->roles.n; r++) {
    if (m->roles.at[r].kind == KIR_ROLE_CHAIN) return false;
    if (m->roles.at[r].kind != KIR_ROLE_ONE) continue;
    if (n == 2) return false;
    key[n++] = r;
  }
  return n == 2;
}

// Every member of the group has a transfer of the stage that is left with the account of the key.
static bool asks(const kir_stage *s, uint32_t group, uint32_t key)
{
  bool between = (s->from == group && s->to == key) || (s->to == group && s->from == key);

  if (!between) return false;
  return s->kind == KIR_STAGE_PLAIN ||
         (s->kind == KIR_STAGE_TERM && s->owner == group && !s->optional);
}

static uint32_t stage_between(const kir_module *m, uint32_t group, uint32_t key)
{
  for (uint32_t i = 0; i < m->stages.n; i++)
    if (asks(&m->stages.at[i], group, key)) return i;
  return KIR_NONE;
}

static bool may_hold_trigger(const kir_module *m, uint32_t stage)
{
  return m->trigger == KIR_NONE ? m->stages.at[stage].can_trigger : m->trigger == stage;
}

static bool triggers_between(const kir_module *m, const kir_plan *plan)
{
  for (uint32_t i = 0; i < m->stages.n; i++)
    if (may_hold_trigger(m, i) && i != plan->stage[0] && i != plan->stage[1]) return false;
  return true;
}

// A group that does for the plan: key and stage are filled in.
static bool hangs_between(const kir_module *m, uint32_t group, kir_plan *plan)
{
  const kir_role *r = &m->roles.at[group];

  if (r->kind != KIR_ROLE_GROUP || range_has_degree(&r->size, rational_int(0))) return false;
  plan->group = group;
  for (int k = 0; k < 2; k++) {
    plan->stage[k] = stage_between(m, group, plan->key[k]);
    if (plan->stage[k] == KIR_NONE) return false;
  }
  return triggers_between(m, plan);
}

// The pair constraints between the two stages at the group; NULL: none.
static const kir_pair *pair_between(const kir_module *m, const kir_plan *plan)
{
  for (uint32_t i = 0; i < m->pairs.n; i++) {
    const kir_pair *p = &m->pairs.at[i];
    bool same = p->stage[0] == plan->stage[0] && p->stage[1] == plan->stage[1];
    bool turned = p->stage[0] == plan->stage[1] && p->stage[1] == plan->stage[0];
    if (p->role == plan->group && (same || turned)) return p;
  }
  return NULL;
}

static int64_t minus(int64_t v)
{
  return v == INT64_MIN ? INT64_MAX : -v;
}

static void take_times(const kir_module *m, kir_plan *plan)
{
  const kir_pair *p = pair_between(m, plan);

  if (!p || !p->asked[0] || !p->asked[1]) return;
  bool same = p->stage[0] == plan->stage[0];
  plan->lo = same ? p->lo : minus(p->hi);
  plan->hi = same ? p->hi : minus(p->lo);
}

// ---- exact ---------------------------------------------------------------------------------------------------

static bool is_graded(const gir_range *r)
{
  return r->has & (GIR_HAS_A | GIR_HAS_D);
}

static bool has_graded(const kir_node *n)
{
  if (n->op == KIR_C_IN && is_graded(&n->range)) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && has_graded(n->args[k])) return true;
  return false;
}

// The group is what has a transfer in both stages, and nothing else.
static bool is_plain_set(const kir_module *m, uint32_t set, const kir_plan *plan)
{
  if (set == KIR_NONE) return true;
  const kir_set *s = &m->sets.at[set];
  if (s->op == KIR_SET_AND) return is_plain_set(m, s->a, plan) && is_plain_set(m, s->b, plan);
  bool ours = s->a == plan->stage[0] || s->a == plan->stage[1];
  return s->op == KIR_SET_HAS && ours && s->at_least <= 1;
}

static bool stage_is_exact(const kir_module *m, uint32_t stage)
{
  const kir_stage *s = &m->stages.at[stage];

  if (s->within || s->ends_may_equal) return false;
  return s->filter == KIR_NONE || !has_graded(m->fns.at[s->filter]->body);
}

static bool pair_is_exact(const kir_module *m, const kir_plan *plan)
{
  const kir_pair *p = pair_between(m, plan);

  if (m->pairs.n == 0) return true;
  if (m->pairs.n > 1 || !p || !p->by_time || !p->asked[0] || !p->asked[1]) return false;
  for (uint32_t k = 0; k < p->conds.n; k++)
    if (p->conds.at[k].has_gap && is_graded(&p->conds.at[k].gap)) return false;
  return true;
}

static bool is_exact(const kir_module *m, const kir_plan *plan)
{
  if (m->roles.n != 3 || m->stages.n != 2 || m->may_equal.n > 0) return false;
  for (uint32_t i = 0; i < 2; i++)
    if (!stage_is_exact(m, i)) return false;
  for (uint32_t i = 0; i < m->cons.n; i++)
    if (m->cons.at[i].kind != KIR_CON_SIZE && m->cons.at[i].kind != KIR_CON_FILTER &&
        m->cons.at[i].kind != KIR_CON_PAIR)
      return false;
  if (!features_count(m, plan->group)) return false;
  return is_plain_set(m, m->roles.at[plan->group].set, plan) && pair_is_exact(m, plan);
}

// ---- the whole -----------------------------------------------------------------------------------------------

pass_outcome pass_key_major(pass_unit *u)
{
  kir_module *m = u->kir;
  kir_plan plan = kir_plan_trigger_major();

  plan.kind = KIR_PLAN_PAIR;
  if (!two_keys(m, plan.key)) return PASS_UNCHANGED;
  for (uint32_t r = 0; r < m->roles.n; r++) {
    if (!hangs_between(m, r, &plan)) continue;
    take_times(m, &plan);
    plan.exact = is_exact(m, &plan);
    VEC_PUSH(u->mem, &m->plans, plan);
    return cx_ok(u->c) ? PASS_CHANGED : PASS_FAILED;
  }
  return PASS_UNCHANGED;
}
