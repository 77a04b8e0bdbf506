// Moves what does not change in a loop in front of it: times reckoned from the trigger.
//
// Stands behind all passes that write loops, and before DEAD, which drops what is left unused. Moved
// are only values that cost little where the loop is never entered; the rest is left to the C compiler,
// which knows the machine.
#include "passes/kir_write.h"
#include "passes/passes.h"

#include <string.h>

typedef struct hoister {
  pass_unit *u;
  kir_module *m;
  uint32_t n_moved;
} hoister;

static bool declares(const kir_node *n, const char *name)
{
  bool loop = n->op == KIR_FOR_EACH || n->op == KIR_PARALLEL;

  if ((n->op == KIR_LET || loop) && n->name && strcmp(n->name, name) == 0) return true;
  if (loop && n->text && strcmp(n->text, name) == 0) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && declares(n->args[k], name)) return true;
  return false;
}

// Its variables all come from outside the loop.
static bool is_fixed(const kir_node *n, const kir_node *loop)
{
  if (n->op == KIR_VAR) return !declares(loop, n->name);
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && !is_fixed(n->args[k], loop)) return false;
  return true;
}

static bool is_worth_it(kir_op op)
{
  return op == KIR_I_ADD || op == KIR_TIME_OF || op == KIR_FROM_OF || op == KIR_TO_OF;
}

static bool is_same(const kir_node *a, const kir_node *b)
{
  if (a->op != b->op || a->n_args != b->n_args || a->symbol != b->symbol) return false;
  if (a->name != b->name && (!a->name || !b->name || strcmp(a->name, b->name) != 0)) return false;
  for (int i = 0; i < 3; i++)
    if (a->imm[i] != b->imm[i]) return false;
  for (uint32_t k = 0; k < a->n_args; k++) {
    if (!a->args[k] != !b->args[k]) return false;
    if (a->args[k] && !is_same(a->args[k], b->args[k])) return false;
  }
  return true;
}

// The variable that a `let` of the block before the loop holds the value in; NULL: none yet.
static const char *moved_before(const kir_node *block, const kir_node *value)
{
  for (uint32_t i = 0; i < block->n_args; i++)
    if (block->args[i]->op == KIR_LET && is_same(block->args[i]->args[0], value))
      return block->args[i]->name;
  return NULL;
}

static kir_node *move_out(hoister *h, kir_node *before, kir_node *value)
{
  const char *name = moved_before(before, value);

  if (!name) {
    name = cx_intern_z(h->u->c, arena_printf(h->u->mem, "t%u", ++h->n_moved));
    kw_let(h->m, before, name, value);
  }
  return kw_var(h->m, name, value->type, value->span);
}

static void move_fixed(hoister *h, kir_node *before, kir_node *n, const kir_node *loop)
{
  for (uint32_t k = 0; k < n->n_args; k++) {
    kir_node *arg = n->args[k];
    if (!arg) continue;
    if (is_worth_it(arg->op) && is_fixed(arg, loop))
      n->args[k] = move_out(h, before, arg);
    else
      move_fixed(h, before, arg, loop);
  }
}

// `out` gets the block's statements, each loop behind what was moved out of it.
static void visit(hoister *h, kir_node *block)
{
  kir_node *out = kw_block(h->m, block->span);

  for (uint32_t i = 0; i < block->n_args && cx_ok(h->u->c); i++) {
    kir_node *n = block->args[i];
    if (n->op == KIR_FOR_EACH) move_fixed(h, out, n->args[1], n);
    kir_append(h->m, out, n);
    for (uint32_t k = 0; k < n->n_args; k++)
      if (n->args[k] && n->args[k]->op == KIR_BLOCK) visit(h, n->args[k]);
  }
  if (!cx_ok(h->u->c)) return;
  block->args = out->args;
  block->n_args = out->n_args;
}

pass_outcome pass_hoist(pass_unit *u)
{
  hoister h = {.u = u, .m = u->kir};

  for (uint32_t i = 0; i < u->kir->fns.n; i++)
    if (u->kir->fns.at[i]->kind == KIR_FN_GENERATE) visit(&h, u->kir->fns.at[i]->body);
  if (!cx_ok(u->c)) return PASS_FAILED;
  return h.n_moved ? PASS_CHANGED : PASS_UNCHANGED;
}
