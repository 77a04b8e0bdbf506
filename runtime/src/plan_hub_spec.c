// A pattern with one key as lines: one for each stage at the key that a match needs or the trigger may be in.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan_hub.h"

static bool at_key(const amlrt_pstage *s, uint32_t key)
{
  return (s->from == key) != (s->to == key);
}

static bool may_hold_trigger(const amlrt_program *p, uint32_t stage)
{
  return p->trigger == AMLRT_NONE ? p->stages[stage].can_trigger : p->trigger == stage;
}

// Does each member of the group need a transfer of the stage?
static bool is_needed(const amlrt_pstage *s, uint32_t group)
{
  if (group == AMLRT_NONE) return false;
  if (s->kind == AMLRT_STAGE_TERM) return s->owner == group && !s->optional;
  return s->kind == AMLRT_STAGE_PLAIN;
}

static void set_size(amlrt__hub_stage *out, const amlrt_range *size)
{
  out->size = size;
  for (uint32_t n = 0; n < AMLRT__HUB_SIZES; n++) {
    out->degree[n] = amlrt_range_degree(size, amlrt_frac_int(n));
    if (n > 0 && out->degree[n] != AMLRT_DEGREE_ONE) out->counted = true;
  }
  if (size->has & (AMLRT_HAS_C | AMLRT_HAS_D)) out->counted = true;
  // Degrees rise to a top and fall: the first size with one is the least.
  while (out->least < AMLRT__HUB_SIZES && out->degree[out->least] == 0)
    out->least++;
  if (out->least == AMLRT__HUB_SIZES) out->counted = true;
}

static void set_pair(amlrt__hub *h, amlrt__hub_stage *out)
{
  const amlrt_program *p = h->run->p;

  out->pair = out->other = AMLRT_NONE;
  for (uint32_t i = 0; h->exact && i < p->n_pairs; i++)
    for (int k = 0; k < 2; k++) {
      if (p->pairs[i].stage[k] != out->stage) continue;
      if (out->pair != AMLRT_NONE || !p->pairs[i].by_time)
        AMLRT__BUG("a pattern that is swept by key has other pairs than it may");
      out->pair = i;
      out->pair_side = k;
      out->asked = p->pairs[i].asked[k];
      h->has_pairs = true;
    }
}

static void add_stage(amlrt__hub *h, uint32_t stage)
{
  const amlrt_program *p = h->run->p;
  const amlrt_pstage *s = &p->stages[stage];
  amlrt__hub_stage *out = &h->stage[h->n_stages];

  if (!at_key(s, h->key)) {
    if (h->exact || may_hold_trigger(p, stage))
      AMLRT__BUG("a pattern that is swept by key has a stage away from it");
    return;
  }
  out->stage = stage;
  out->side = s->from == h->key ? AMLRT__FROM : AMLRT__TO;
  out->group = amlrt__end_of(s, 1 - out->side);
  out->self = s->ends_may_equal && out->group != AMLRT_NONE;
  out->triggers = may_hold_trigger(p, stage);
  if (is_needed(s, out->group)) set_size(out, &p->roles[out->group].size);
  if (s->required && out->least == 0) out->least = 1;
  if (!h->exact && !out->triggers && out->least == 0) return;
  if (h->exact) out->within = (uint64_t)s->within;
  if (out->within) h->has_within = true;
  set_pair(h, out);
  amlrt__hub_take_weeds(h, out);
  if (h->side[out->side]) h->same_sides = true;
  h->side[out->side] = true;
  h->n_triggers += out->triggers;
  h->of_stage[stage] = h->n_stages++;
}

static bool is_soft(const amlrt_range *r)
{
  return (r->has & (AMLRT_HAS_A | AMLRT_HAS_D)) != 0;
}

// In turns: what is cheap to know and often fails comes first. What cannot fail, and is 1, is left out.
enum { ABSENCES, ORDERS, AGGREGATES, MEANS, N_TURNS };

static int turn_of(const amlrt_program *p, const amlrt_pcon *c)
{
  switch (c->kind) {
  case AMLRT_CON_ABSENT:
    return ABSENCES;
  case AMLRT_CON_OVERLAP:
    return ORDERS;
  case AMLRT_CON_EACH:
  case AMLRT_CON_REQUIRE:
    return AGGREGATES;
  case AMLRT_CON_FILTER:
    return MEANS;
  case AMLRT_CON_PAIR:
    if (p->pairs[c->pair].conds[c->cond].has_gap && is_soft(&p->pairs[c->pair].conds[c->cond].gap))
      return MEANS;
    return N_TURNS;
  case AMLRT_CON_SIZE:
  case AMLRT_CON_SUPPORT:
    break;
  }
  return N_TURNS;
}

static void set_judge(amlrt__hub *h)
{
  const amlrt_program *p = h->run->p;

  for (int turn = 0; h->exact && turn < N_TURNS; turn++)
    for (uint32_t i = 0; i < p->info->n_constraints; i++)
      if (turn_of(p, &p->cons[i]) == turn) h->judge[h->n_judge++] = i;
}

bool amlrt__hub_spec(amlrt__hub *h, const amlrt__plan *pl)
{
  const amlrt_program *p = pl->run->p;
  const amlrt_alloc *mem = pl->run->mem;

  h->run = pl->run;
  h->exact = pl->row->exact;
  h->counts = h->exact && pl->row->group != AMLRT_NONE;
  h->key = pl->row->key[0];
  h->window = (uint64_t)p->within;
  h->base = amlrt_graph_time_base(pl->run->graph);
  h->stage = amlrt__array(mem, p->n_stages, sizeof *h->stage);
  h->of_stage = amlrt__array(mem, p->n_stages, sizeof *h->of_stage);
  h->judge = amlrt__array(mem, p->info->n_constraints, sizeof *h->judge);
  if (!h->stage || !h->of_stage || !h->judge) return false;
  for (uint32_t i = 0; i < p->n_stages; i++) {
    h->of_stage[i] = AMLRT_NONE;
    add_stage(h, i);
  }
  for (uint32_t i = 0; i < h->n_stages; i++) {
    amlrt__hub_stage *s = &h->stage[i];
    if (s->pair != AMLRT_NONE) s->other = h->of_stage[p->pairs[s->pair].stage[1 - s->pair_side]];
  }
  for (uint32_t i = 0; i < h->n_stages; i++) {
    amlrt__hub_stage *s = &h->stage[i];
    if (!pl->run->known[s->stage]) continue;
    s->passes = amlrt__array(mem, pl->run->col->n_accounts, sizeof *s->passes);
    if (!s->passes) return false;
  }
  set_judge(h);
  return true;
}

void amlrt__hub_spec_release(amlrt__hub *h)
{
  const amlrt_alloc *mem = h->run->mem;

  for (uint32_t i = 0; h->stage && i < h->n_stages; i++)
    amlrt__release(mem, h->stage[i].passes);
  amlrt__release(mem, h->stage);
  amlrt__release(mem, h->of_stage);
  amlrt__release(mem, h->judge);
}
