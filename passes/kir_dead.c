// Drops what nothing uses: variables, branches and loops that do nothing, marks that nobody asks.
//
// Stands last, for every pass before it leaves something behind.
#include "passes/passes.h"

#include <string.h>

typedef struct sweeper {
  const kir_node *body; // of the function
  bool changed;
} sweeper;

static bool uses(const kir_node *n, const char *name)
{
  if (n->op == KIR_VAR) return strcmp(n->name, name) == 0;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && uses(n->args[k], name)) return true;
  return false;
}

static bool uses_slot(const kir_node *n, int64_t slot)
{
  bool marks = n->op == KIR_MARK || n->op == KIR_MARKED || n->op == KIR_N_MARKED;

  if (marks && n->imm[0] == slot) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && uses_slot(n->args[k], slot)) return true;
  return false;
}

// A value that leaves something behind when it is asked: a mark, the state of a comparison.
static bool has_effect(const kir_node *n)
{
  if (n->op == KIR_MARK || n->op == KIR_CMP_SETTLE) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && has_effect(n->args[k])) return true;
  return false;
}

static bool is_empty(const kir_node *block)
{
  for (uint32_t i = 0; block && i < block->n_args; i++)
    if (block->args[i]->op != KIR_COMMENT) return false;
  return true;
}

static bool is_dead(const sweeper *s, const kir_node *n)
{
  if (n->op == KIR_LET) return !has_effect(n->args[0]) && !uses(s->body, n->name);
  if (n->op == KIR_MARKS_BEGIN) return !uses_slot(s->body, n->imm[0]);
  if (n->op == KIR_FOR_EACH) return is_empty(n->args[1]);
  if (n->op != KIR_IF) return false;
  return is_empty(n->args[1]) && is_empty(n->args[2]) && !has_effect(n->args[0]);
}

static void sweep(sweeper *s, kir_node *block)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < block->n_args; i++) {
    kir_node *stmt = block->args[i];
    for (uint32_t k = 0; k < stmt->n_args; k++)
      if (stmt->args[k] && stmt->args[k]->op == KIR_BLOCK) sweep(s, stmt->args[k]);
    if (is_dead(s, stmt))
      s->changed = true;
    else
      block->args[n++] = stmt;
  }
  block->n_args = n;
}

pass_outcome pass_dead(pass_unit *u)
{
  bool changed = false;

  for (uint32_t i = 0; i < u->kir->fns.n; i++) {
    kir_node *body = u->kir->fns.at[i]->body;
    sweeper s = {.body = body};
    do {
      s.changed = false;
      sweep(&s, body);
      changed = changed || s.changed;
    } while (s.changed);
  }
  return changed ? PASS_CHANGED : PASS_UNCHANGED;
}
