// What a pattern needs of the data. What only a title or a feature shows is not needed: it stays empty.
#include "ir/gir.h"

#include <string.h>

typedef struct needs {
  const gir_pattern *p;
  gir_need_fn need;
  void *user;
} needs;

static void need_column(const needs *n, const char *name)
{
  n->need(n->user, GIR_NEED_STANDARD, name);
}

// Amounts are compared by currency unless the pattern ignores it.
static void need_field(const needs *n, const char *name)
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

static bool is_aggregate_of_field(gir_op op)
{
  return op == GIR_SUM || op == GIR_MIN || op == GIR_MAX || op == GIR_MEAN || op == GIR_DISTINCT;
}

static void look(const needs *n, const gir_node *node)
{
  bool aggregate = is_aggregate_of_field(node->op);

  if (node->op == GIR_FIELD || (aggregate && is_standard(node->name))) need_field(n, node->name);
  if (node->op == GIR_COLUMN || (aggregate && !is_standard(node->name)))
    n->need(n->user, GIR_NEED_COLUMN, node->name);
  if (node->op == GIR_ATTRIBUTE) n->need(n->user, GIR_NEED_ATTRIBUTE, node->name);
  for (uint32_t k = 0; k < node->n_args; k++)
    if (node->args[k] && node->args[k]->type != TY_ROLE && node->args[k]->type != TY_STAGE)
      look(n, node->args[k]);
}

void gir_needs(const gir_pattern *p, gir_need_fn need, void *user)
{
  needs n = {.p = p, .need = need, .user = user};

  if (p->currency == GIR_CURRENCY_SAME) need_column(&n, "currency");
  for (uint32_t i = 0; i < p->body.n; i++)
    look(&n, p->body.at[i]);
}
