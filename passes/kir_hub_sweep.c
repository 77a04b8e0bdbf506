// The plan hub sweep: for patterns with one key, one pass over each account's own transfers.
//
// Appends a row to the pattern's plans; the sweep itself is the runtime's (plan_hub.c).
//
// Why it is sound. The key is an account, and the trigger is a transfer of a stage that has the key at
// one end: whoever goes over every account's transfers meets every (trigger, key) once. This holds only
// where all stages the trigger can fall in stand at the key; for other patterns there is no row. What a
// group needs (so many different accounts, each with a transfer at the key) is a count over the window,
// and no match lacks it.
//
// When it is exact, so that what it counts are the matches:
//   - every stage is between the key and a group of its own, or `any`. So a member is its transfers: it
//     is left as long as one of them is, and nothing else takes transfers away but (below) pairs;
//   - a pair constraint is under `each KEY`, decided by times alone, and no stage stands in two of them.
//     Then dropping is over after one step: a transfer dropped has no partner, so nobody loses one. The
//     partners of a transfer are those of a span of time, which moves with it; so what is left of a stage
//     is, at any trigger, an interval of its transfers in order, whose ends only advance;
//   - the degree of a gap does not rise as it gets longer, or rises in one step (a hard end): then the
//     first partner is the best and stays so. The gap must run from the side that is named first;
//   - aggregates are of the match or of the key, never under `each` of a group, whose rounds drop more;
//   - absences are between the key and everyone: they look at the key's own transfers.
// Of an exact row `group` is set where one group is all there is: a match hangs on how many members it has, and
// so do its features. Then nothing is needed but one side of the graph, and whatever is shown is known by number.
//
// `same currency`, hubs and currencies that cannot be added are the runtime's to tell apart, trigger by
// trigger.
//
// Stands behind all that write loops: it adds none, and reads which stages the trigger can fall in.
#include "passes/features.h"
#include "passes/passes.h"

static uint32_t other_end(const kir_stage *s, uint32_t key)
{
  return s->from == key ? s->to : s->from;
}

static bool at_key(const kir_stage *s, uint32_t key)
{
  return (s->from == key) != (s->to == key);
}

// The one single role; KIR_NONE: none, several, or a chain.
static uint32_t only_key(const kir_module *m)
{
  uint32_t key = KIR_NONE;

  for (uint32_t r = 0; r < m->roles.n; r++) {
    if (m->roles.at[r].kind == KIR_ROLE_CHAIN) return KIR_NONE;
    if (m->roles.at[r].kind != KIR_ROLE_ONE) continue;
    if (key != KIR_NONE) return KIR_NONE;
    key = r;
  }
  return key;
}

static bool may_hold_trigger(const kir_module *m, uint32_t stage)
{
  return m->trigger == KIR_NONE ? m->stages.at[stage].can_trigger : m->trigger == stage;
}

static bool triggers_at_key(const kir_module *m, uint32_t key)
{
  for (uint32_t i = 0; i < m->stages.n; i++)
    if (may_hold_trigger(m, i) && !at_key(&m->stages.at[i], key)) return false;
  return true;
}

// ---- exact ------------------------------------------------------------------------------------------------

static uint32_t n_stages_of(const kir_module *m, uint32_t group)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < m->stages.n; i++)
    n += m->stages.at[i].from == group || m->stages.at[i].to == group;
  return n;
}

// `set g = out(key)` says the same as a stage.
static bool is_plain_set(const kir_module *m, uint32_t stage, uint32_t group)
{
  uint32_t set = m->roles.at[group].set;

  if (set == KIR_NONE || m->stages.at[stage].owner != group) return false;
  const kir_set *s = &m->sets.at[set];
  return s->op == KIR_SET_HAS && s->a == stage && s->at_least <= 1;
}

static bool stage_is_exact(const kir_module *m, uint32_t stage, uint32_t key)
{
  const kir_stage *s = &m->stages.at[stage];
  uint32_t group = other_end(s, key);

  if (!at_key(s, key)) return false;
  if (group == KIR_NONE) return s->kind == KIR_STAGE_PLAIN;
  if (n_stages_of(m, group) != 1) return false;
  if (s->kind == KIR_STAGE_TERM) return !s->optional && is_plain_set(m, stage, group);
  return s->kind == KIR_STAGE_PLAIN && m->roles.at[group].set == KIR_NONE;
}

static bool gap_is_exact(const kir_pair_cond *k)
{
  if (!k->has_gap || !(k->gap.has & (GIR_HAS_A | GIR_HAS_D))) return true;
  return !(k->gap.has & GIR_HAS_A) && k->gap_forward == !k->swapped;
}

static bool pair_is_exact(const kir_module *m, const kir_pair *p, uint32_t key)
{
  if (p->role != key || !p->by_time || p->stage[0] == p->stage[1]) return false;
  if (p->lo < 0 && p->hi > 0) return false; // partners on both sides of a transfer
  for (int s = 0; s < 2; s++) {
    uint32_t n = 0;
    if (m->stages.at[p->stage[s]].within) return false;
    for (uint32_t i = 0; i < m->pairs.n; i++)
      n += m->pairs.at[i].stage[0] == p->stage[s] || m->pairs.at[i].stage[1] == p->stage[s];
    if (n != 1) return false;
  }
  for (uint32_t k = 0; k < p->conds.n; k++)
    if (!gap_is_exact(&p->conds.at[k])) return false;
  return true;
}

static bool con_is_exact(const kir_con *c, uint32_t key)
{
  switch (c->kind) {
  case KIR_CON_SIZE:
  case KIR_CON_FILTER:
  case KIR_CON_PAIR: // see its pair
  case KIR_CON_REQUIRE:
  case KIR_CON_OVERLAP:
    return true;
  case KIR_CON_SUPPORT:
    return false;
  case KIR_CON_EACH:
    return c->role == key;
  case KIR_CON_ABSENT:
    break;
  }
  return (c->from == key && c->to == KIR_NONE) || (c->from == KIR_NONE && c->to == key);
}

static bool is_exact(const kir_module *m, uint32_t key)
{
  for (uint32_t i = 0; i < m->stages.n; i++)
    if (!stage_is_exact(m, i, key)) return false;
  for (uint32_t i = 0; i < m->pairs.n; i++)
    if (!pair_is_exact(m, &m->pairs.at[i], key)) return false;
  for (uint32_t i = 0; i < m->cons.n; i++)
    if (!con_is_exact(&m->cons.at[i], key)) return false;
  return true;
}

// The group whose number of members is all that a match hangs on; KIR_NONE: there is more.
static uint32_t only_group(const kir_module *m, uint32_t key)
{
  if (m->stages.n != 1 || m->stages.at[0].within || m->pairs.n > 0) return KIR_NONE;
  uint32_t group = other_end(&m->stages.at[0], key);
  for (uint32_t i = 0; i < m->cons.n; i++)
    if (m->cons.at[i].kind != KIR_CON_SIZE) return KIR_NONE;
  return group != KIR_NONE && features_count(m, group) ? group : KIR_NONE;
}

pass_outcome pass_hub_sweep(pass_unit *u)
{
  kir_module *m = u->kir;
  uint32_t key = only_key(m);
  kir_plan plan = kir_plan_trigger_major();

  if (key == KIR_NONE || !triggers_at_key(m, key)) return PASS_UNCHANGED;
  plan.kind = KIR_PLAN_HUB;
  plan.key[0] = key;
  plan.exact = is_exact(m, key);
  if (plan.exact) plan.group = only_group(m, key);
  VEC_PUSH(u->mem, &m->plans, plan);
  return cx_ok(u->c) ? PASS_CHANGED : PASS_FAILED;
}
