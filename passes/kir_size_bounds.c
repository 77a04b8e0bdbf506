// Counts different neighbours before a candidate is handed over.
//
// Where a group must have at least k members and each of them has a transfer with a key, the key has at
// least k different neighbours in that stage. Each key is asked as soon as it is bound, outside all
// loops that bind further ones, and counting ends at k, so that a hub costs no more than others. (To
// count those that two keys have in common was tried: it walks all transfers of both, which the
// evaluator does from the smaller side. scatter_gather took 1.6 times as long.) Too many are counted at
// times (a member fails for other reasons), too few never.
//
// Stands behind BIND, whose loops it guards.
#include "passes/bind_inside.h"
#include "passes/kir_write.h"
#include "passes/pair_times.h"
#include "passes/passes.h"

#include <string.h>

typedef struct bounder {
  pass_unit *u;
  kir_module *m;
  const kir_node *candidate; // whose arguments name the variables of the keys
  uint32_t *least;           // by role: of a group, members it must have; 0, 1: nothing to count
  uint32_t slots;            // in use
  uint32_t n_loops;
} bounder;

// ---- what must be counted ---------------------------------------------------------------------------------

// The smallest size with a degree above 0; 0 where that is more than anyone counts.
static uint32_t least_size(const gir_range *r)
{
  const rational *end = r->has & GIR_HAS_A ? &r->a : r->has & GIR_HAS_B ? &r->b : NULL;
  const uint32_t most = 1u << 20;

  if (!end || end->num <= 0 || end->num / end->den >= most) return 0;
  uint32_t n = (uint32_t)(end->num / end->den);
  while (n < most && !range_has_degree(r, rational_int(n)))
    n++;
  return n < most ? n : 0;
}

// Every member of the group has a transfer of the stage that is left with the account of the key.
static bool asks(const kir_stage *st, uint32_t group, uint32_t key)
{
  bool between = (st->from == group && st->to == key) || (st->to == group && st->from == key);

  if (!between) return false;
  return st->kind == KIR_STAGE_PLAIN ||
         (st->kind == KIR_STAGE_TERM && st->owner == group && !st->optional);
}

static uint32_t stage_between(const bounder *b, uint32_t group, uint32_t key)
{
  for (uint32_t i = 0; i < b->m->stages.n; i++)
    if (asks(&b->m->stages.at[i], group, key)) return i;
  return KIR_NONE;
}

// ---- writing ----------------------------------------------------------------------------------------------

static kir_node *var(bounder *b, const char *name, span where)
{
  return kw_var(b->m, name, KTY_U32, where);
}

static kir_node *at_least(bounder *b, kir_node *n, uint32_t least)
{
  kir_node *few = kw_make(b->m, KIR_U_LT, n->span, n, kw_u32(b->m, KIR_U32, least, n->span));
  return kw_make(b->m, KIR_B_NOT, n->span, few, NULL);
}

static uint32_t free_slot(bounder *b)
{
  uint32_t s = 0;

  while (s < KW_SLOTS && (b->slots & (1u << s)))
    s++;
  if (s < KW_SLOTS) b->slots |= 1u << s;
  return s;
}

// Marks the neighbours of a key in `slot` until there are enough.
static void write_marks(bounder *b, kir_node *block, kir_node *slice, uint32_t stage, uint32_t slot,
                        uint32_t enough)
{
  span where = slice->span;
  const char *nbr = cx_intern_z(b->u->c, arena_printf(b->u->mem, "m%u", ++b->n_loops));
  const char *row = cx_intern_z(b->u->c, arena_printf(b->u->mem, "mrow%u", b->n_loops));

  kw_marks_begin(b->m, block, slot, where);
  kir_node *body = kw_for_each(b->m, block, slice, nbr, row);
  kir_node *cond = bind_in_time(b->u, where, stage, row);
  cond = kw_and(b->m, cond, bind_passes(b->m, where, stage, row));
  cond = kw_and(b->m, cond, kw_mark(b->m, KIR_MARK, slot, var(b, nbr, where)));
  kir_node *inside = kw_if(b->m, body, cond);
  inside = kw_if(b->m, inside, at_least(b, kw_u32(b->m, KIR_N_MARKED, slot, where), enough));
  kir_append(b->m, inside, kir_make(b->m, KIR_STOP, where, NULL, 0));
}

static kir_node *slice_of(bounder *b, uint32_t stage, uint32_t key, const char *name, span where)
{
  return kw_slice(b->m, b->m->stages.at[stage].from == key, var(b, name, where));
}

// The key has enough transfers at all: asked first, for it costs nothing.
static kir_node *write_sizes(bounder *b, kir_node *block, uint32_t key, const char *name,
                             span where)
{
  kir_node *cond = NULL;

  for (uint32_t g = 0; g < b->m->roles.n; g++) {
    uint32_t stage = b->least[g] >= 2 ? stage_between(b, g, key) : KIR_NONE;
    if (stage == KIR_NONE) continue;
    kir_node *slice = slice_of(b, stage, key, name, where);
    kir_node *size = kw_make(b->m, KIR_SIZE_OF, where, slice, NULL);
    cond = kw_and(b->m, cond, at_least(b, size, b->least[g]));
  }
  return kw_if(b->m, block, cond);
}

static kir_node *write_count(bounder *b, kir_node *block, uint32_t g, uint32_t stage, uint32_t key,
                             const char *name, span where)
{
  uint32_t slot = free_slot(b), least = b->least[g];

  if (slot == KW_SLOTS) return block;
  kw_comment(
      b->m, block,
      arena_printf(b->u->mem, "%s needs at least %u accounts", b->m->roles.at[g].name, least),
      where);
  write_marks(b, block, slice_of(b, stage, key, name, where), stage, slot, least);
  b->slots &= ~(1u << slot); // asked at once, and not again
  return kw_if(b->m, block, at_least(b, kw_u32(b->m, KIR_N_MARKED, slot, where), least));
}

// ---- where keys are bound ---------------------------------------------------------------------------------

static uint32_t key_of(const bounder *b, const kir_node *let)
{
  uint32_t k = 0;

  for (uint32_t r = 0; let->op == KIR_LET && r < b->m->roles.n; r++) {
    if (b->m->roles.at[r].kind != KIR_ROLE_ONE) continue;
    if (strcmp(b->candidate->args[k++]->name, let->name) == 0) return r;
  }
  return KIR_NONE;
}

static bool visit(bounder *b, kir_node *block);

// Everything behind the `let` at place i goes behind the count.
static bool guard(bounder *b, kir_node *block, uint32_t i, uint32_t key)
{
  const kir_node *let = block->args[i];
  uint32_t n = block->n_args;
  kir_node **rest = block->args + i + 1;
  kir_node *after = kw_block(b->m, let->span), *inside;

  for (uint32_t k = 0; k < n - i - 1; k++)
    kir_append(b->m, after, rest[k]);
  block->n_args = i + 1;
  inside = write_sizes(b, block, key, let->name, let->span);
  for (uint32_t g = 0; g < b->m->roles.n; g++) {
    uint32_t stage = b->least[g] >= 2 ? stage_between(b, g, key) : KIR_NONE;
    if (stage != KIR_NONE) inside = write_count(b, inside, g, stage, key, let->name, let->span);
  }
  bool changed = inside != block;
  changed |= visit(b, after);
  for (uint32_t k = 0; k < after->n_args; k++)
    kir_append(b->m, inside, after->args[k]);
  return changed;
}

static bool visit(bounder *b, kir_node *block)
{
  bool changed = false;

  for (uint32_t i = 0; i < block->n_args && cx_ok(b->u->c); i++) {
    kir_node *n = block->args[i];
    uint32_t key = key_of(b, n);
    if (key != KIR_NONE) return guard(b, block, i, key) || changed;
    for (uint32_t k = 0; k < n->n_args; k++)
      if (n->args[k] && n->args[k]->op == KIR_BLOCK) changed |= visit(b, n->args[k]);
  }
  return changed;
}

// ---- the whole --------------------------------------------------------------------------------------------

// A candidate of the function, and the marks it uses already.
static void look(bounder *b, const kir_node *n)
{
  if (n->op == KIR_CANDIDATE) b->candidate = n;
  if (n->op == KIR_MARKS_BEGIN) b->slots |= 1u << n->imm[0];
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k]) look(b, n->args[k]);
}

pass_outcome pass_size_bounds(pass_unit *u)
{
  kir_module *m = u->kir;
  bounder b = {.u = u, .m = m};
  bool any = false;

  if (m->generate == KIR_NONE) return PASS_UNCHANGED;
  b.least = arena_try(u->mem, (m->roles.n + 1) * sizeof *b.least);
  if (!b.least) return PASS_FAILED;
  for (uint32_t r = 0; r < m->roles.n; r++) {
    if (m->roles.at[r].kind == KIR_ROLE_GROUP) b.least[r] = least_size(&m->roles.at[r].size);
    any = any || b.least[r] >= 2;
  }
  kir_node *body = m->fns.at[m->generate]->body;
  look(&b, body);
  if (!any || !b.candidate) return PASS_UNCHANGED;
  bool changed = visit(&b, body);
  if (!cx_ok(u->c)) return PASS_FAILED;
  return changed ? PASS_CHANGED : PASS_UNCHANGED;
}
