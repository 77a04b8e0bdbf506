#include "passes/features.h"

// Operations that look at nothing but their arguments.
static bool is_arithmetic(kir_op op)
{
  static const kir_op ops[] = {KIR_BLOCK, KIR_COMMENT, KIR_N_CONST, KIR_N_ADD, KIR_N_SUB,
                               KIR_N_MUL, KIR_N_DIV,   KIR_N_NEG,   KIR_SHOW,  KIR_RETURN};

  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
    if (ops[i] == op) return true;
  return false;
}

static bool counts_members(const kir_node *n, uint32_t role)
{
  bool counts = n->op == KIR_N_MEMBERS && n->imm[0] == (int64_t)role;

  if (!counts && !is_arithmetic(n->op)) return false;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && !counts_members(n->args[k], role)) return false;
  return true;
}

bool features_count(const kir_module *m, uint32_t role)
{
  for (uint32_t i = 0; i < m->features.n; i++)
    if (!counts_members(m->fns.at[m->features.at[i].fn]->body, role)) return false;
  return true;
}
