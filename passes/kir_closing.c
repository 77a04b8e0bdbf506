// Plan closing-search: chains found from their last hop, the trigger, backward to the first.
//
// Fits patterns whose keys all come from one walk: its ends and its chain are the only keys, no other
// stage can hold the trigger, and each hop is later than the one before, so that the trigger is the last
// hop. The row says how far hops lie apart, as the constraints along the walk have it: the plan follows
// no other transfers. What else the pattern asks is left to the evaluator; where there is nothing else
// (all is keys, times and the length of the chain), the row is `exact`.
//
// Only a row is added: nothing of the pattern changes. Stands behind LOWER, whose tables it reads.
#include "passes/passes.h"

#include <string.h>

static const kir_pair *pair_along(const kir_module *m, uint32_t walk)
{
  for (uint32_t i = 0; i < m->pairs.n; i++)
    if (m->pairs.at[i].role == KIR_NONE && m->pairs.at[i].stage[0] == walk) return &m->pairs.at[i];
  return NULL;
}

// The walk that all keys come from; KIR_NONE: there is none.
static uint32_t the_walk(const kir_module *m)
{
  uint32_t walk = KIR_NONE;

  for (uint32_t i = 0; i < m->stages.n; i++) {
    if (m->stages.at[i].kind != KIR_STAGE_WALK) {
      if (m->stages.at[i].can_trigger) return KIR_NONE;
      continue;
    }
    if (walk != KIR_NONE) return KIR_NONE;
    walk = i;
  }
  for (uint32_t r = 0; walk != KIR_NONE && r < m->roles.n; r++) {
    const kir_stage *s = &m->stages.at[walk];
    if (m->roles.at[r].kind == KIR_ROLE_GROUP) continue;
    if (r != s->from && r != s->to && r != s->chain) return KIR_NONE;
  }
  return walk;
}

// ---- is there more than keys, times and a length? ---------------------------------------------------------

static const kir_op of_length[] = {KIR_BLOCK, KIR_RETURN, KIR_SHOW,  KIR_N_CONST,
                                   KIR_N_ADD, KIR_N_SUB,  KIR_N_MUL, KIR_N_NEG};
enum { N_OF_LENGTH = sizeof of_length / sizeof *of_length };

// A value that the length of the chain is enough for.
static bool is_of_length(const kir_node *n, uint32_t chain)
{
  bool is = n->op == KIR_N_MEMBERS && n->imm[0] == (int64_t)chain;

  for (int i = 0; i < N_OF_LENGTH; i++)
    is = is || n->op == of_length[i];
  for (uint32_t i = 0; i < n->n_args && is; i++)
    is = !n->args[i] || is_of_length(n->args[i], chain);
  return is;
}

// Every pair that passes has degree 1.
static bool is_hard(const kir_pair *p)
{
  for (uint32_t i = 0; i < p->conds.n; i++) {
    const kir_pair_cond *k = &p->conds.at[i];
    if (k->has_gap && k->gap.has & (GIR_HAS_A | GIR_HAS_D)) return false;
  }
  return p->by_time;
}

static bool is_exact(const kir_module *m, uint32_t walk, const kir_pair *pair)
{
  uint32_t chain = m->stages.at[walk].chain;

  if (m->stages.n != 1 || !is_hard(pair)) return false;
  for (uint32_t r = 0; r < m->roles.n; r++)
    if (m->roles.at[r].kind == KIR_ROLE_GROUP) return false;
  for (uint32_t i = 0; i < m->cons.n; i++) {
    const kir_con *c = &m->cons.at[i];
    if (c->kind != KIR_CON_PAIR && !(c->kind == KIR_CON_SIZE && c->role == chain)) return false;
  }
  for (uint32_t i = 0; i < m->features.n; i++)
    if (!is_of_length(m->fns.at[m->features.at[i].fn]->body, chain)) return false;
  return true;
}

// ---- amounts of a hop and the next ------------------------------------------------------------------------

enum { PAID = 0 }; // of amlrt_field

static bool is_amount(const kir_node *n, const char *side)
{
  return n->op == KIR_N_FIELD && n->imm[0] == PAID && n->args[0]->op == KIR_VAR &&
         strcmp(n->args[0]->name, side) == 0;
}

// `next.amount / this.amount in RANGE` and nothing else; NULL: another condition.
static const gir_range *ratio_of(const kir_fn *fn)
{
  const kir_node *body = fn->body, *n = NULL;
  bool only = true;

  for (uint32_t i = 0; i < body->n_args; i++) {
    if (body->args[i]->op == KIR_RETURN) n = body->args[i]->args[0];
    only = only && (body->args[i]->op == KIR_RETURN || body->args[i]->op == KIR_CMP_BEGIN ||
                    body->args[i]->op == KIR_CMP_NOTE_ROW);
  }
  if (!n || !only || n->op != KIR_C_SELECT || n->args[0]->op != KIR_CMP_SETTLE) return NULL;
  const kir_node *in = n->args[1];
  if (n->args[2]->op != KIR_C_CANNOT_SAY || in->op != KIR_C_IN || in->symbol != KIR_NO_SYMBOL)
    return NULL;
  const kir_node *ratio = in->args[0];
  if (ratio->op != KIR_N_RATIO || !is_amount(ratio->args[0], "b")) return NULL;
  return is_amount(ratio->args[1], "a") ? &in->range : NULL;
}

static gir_range ratio_along(const kir_module *m, const kir_pair *pair)
{
  for (uint32_t i = 0; i < pair->conds.n; i++) {
    const gir_range *r = ratio_of(m->fns.at[pair->conds.at[i].fn]);
    if (r && !pair->conds.at[i].swapped) return *r;
  }
  return (gir_range){0};
}

pass_outcome pass_closing(pass_unit *u)
{
  kir_module *m = u->kir;
  uint32_t walk = the_walk(m);
  const kir_pair *pair = walk == KIR_NONE ? NULL : pair_along(m, walk);

  if (!pair || pair->lo < 1 || pair->lo > pair->hi) return PASS_UNCHANGED;
  const kir_stage *s = &m->stages.at[walk];
  kir_plan plan = {.kind = KIR_PLAN_CLOSING,
                   .exact = is_exact(m, walk, pair),
                   .key = {s->from, s->to},
                   .group = s->chain,
                   .stage = {walk, KIR_NONE},
                   .lo = pair->lo,
                   .hi = pair->hi,
                   .ratio = ratio_along(m, pair)};
  VEC_PUSH(u->mem, &m->plans, plan);
  return PASS_CHANGED;
}
