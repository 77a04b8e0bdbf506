// What a pattern needs of the data. What only a title or a feature shows is not needed: it stays empty.
#include "ir/reference/ref.h"

#include <string.h>

typedef struct needs {
  const gir_pattern *p;
  const amlrt_table *t;
  const char *missing;
} needs;

static void need_column(needs *n, const char *name)
{
  if (!n->missing && !amlrt_table_has_column(n->t, name)) n->missing = name;
}

// Amounts are compared by currency unless the pattern ignores it.
static void need_field(needs *n, const char *name)
{
  bool money = n->p->currency != GIR_CURRENCY_IGNORED;

  if (strcmp(name, "time") == 0 || strcmp(name, "from") == 0 || strcmp(name, "to") == 0) return;
  need_column(n, name);
  if (money && strcmp(name, "amount") == 0) need_column(n, "currency");
  if (money && strcmp(name, "amount_received") == 0) need_column(n, "currency_received");
}

static bool is_standard(const char *name)
{
  static const char *const names[] = {
      "amount", "currency", "amount_received", "format", "currency_received", "time", "from", "to"};

  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

static void need_further(needs *n, const char *name)
{
  if (!n->missing && !amlrt_table_find_extra(n->t, name)) n->missing = name;
}

static bool is_aggregate_of_field(gir_op op)
{
  return op == GIR_SUM || op == GIR_MIN || op == GIR_MAX || op == GIR_MEAN || op == GIR_DISTINCT;
}

static void look(needs *n, const gir_node *node)
{
  if (node->op == GIR_FIELD) need_field(n, node->name);
  if (node->op == GIR_COLUMN) need_further(n, node->name);
  if (is_aggregate_of_field(node->op) && is_standard(node->name)) need_field(n, node->name);
  if (is_aggregate_of_field(node->op) && !is_standard(node->name)) need_further(n, node->name);
  if (node->op == GIR_ATTRIBUTE && !n->missing && !amlrt_table_find_attribute(n->t, node->name))
    n->missing = node->name;
  for (uint32_t k = 0; k < node->n_args; k++)
    if (node->args[k] && node->args[k]->type != TY_ROLE && node->args[k]->type != TY_STAGE)
      look(n, node->args[k]);
}

const char *ref_missing_attribute(const gir_pattern *p, const amlrt_table *t)
{
  needs n = {.p = p, .t = t};

  if (p->currency == GIR_CURRENCY_SAME) need_column(&n, "currency");
  for (uint32_t i = 0; i < p->body.n; i++)
    look(&n, p->body.at[i]);
  return n.missing;
}
