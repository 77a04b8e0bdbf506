// Folds constants and drops parts of conditions that always hold.
//
// First of all passes, so that what follows sees conditions in their simplest form: an `and` with a
// part that always holds hides an order from those that read times.
//
// Only the right part of an `and` or `or` may go: of equals, the value shown is that of the left one.
// Amounts are left alone: a literal that is folded away no longer says which currency it had.
#include "passes/passes.h"

// Beyond this a product or a sum might not be what the runtime makes of it, step by step.
static bool is_small(rational v)
{
  const aml_i128 most = (aml_i128)1 << 40;
  return v.num < most && v.num > -most && v.den < most;
}

static bool is_plain(gir_type t)
{
  return t == TY_NUMBER || t == TY_DURATION || t == TY_TIME;
}

static bool is_number(const gir_node *n)
{
  return n->op == GIR_CONST && is_plain(n->type) && is_small(n->value.v);
}

static bool reckon(rational *out, const gir_node *n)
{
  if (n->op == GIR_NEG) return rational_sub(out, rational_int(0), n->args[0]->value.v);
  rational a = n->args[0]->value.v, b = n->args[1]->value.v;
  if (n->op == GIR_ADD) return rational_add(out, a, b);
  if (n->op == GIR_SUB) return rational_sub(out, a, b);
  if (n->op == GIR_MUL) return rational_mul(out, a, b);
  return rational_div(out, a, b); // false by 0: what that means depends on where it stands
}

static bool is_arithmetic(gir_op op)
{
  return op == GIR_ADD || op == GIR_SUB || op == GIR_MUL || op == GIR_DIV || op == GIR_NEG;
}

static gir_node *folded(gir_pattern *p, gir_node *n)
{
  rational v;

  if (!is_arithmetic(n->op) || !is_plain(n->type)) return n;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (!is_number(n->args[k])) return n;
  if (!reckon(&v, n)) return n;
  return gir_const_node(p, n->span, (gir_const){.type = n->type, .v = v});
}

// A hard comparison of two constants: is it `holds`?
static bool always_is(const gir_node *n, bool holds)
{
  if (n->op < GIR_EQ || n->op > GIR_GE || !is_number(n->args[0]) || !is_number(n->args[1]))
    return false;
  int order = rational_cmp(n->args[0]->value.v, n->args[1]->value.v);
  bool is = n->op == GIR_EQ   ? order == 0
            : n->op == GIR_NE ? order != 0
            : n->op == GIR_LT ? order < 0
            : n->op == GIR_LE ? order <= 0
            : n->op == GIR_GT ? order > 0
                              : order >= 0;
  return is == holds;
}

// What n comes to, once its arguments are folded.
static gir_node *simpler(gir_pattern *p, gir_node *n)
{
  if (n->op == GIR_AND && always_is(n->args[1], true)) return n->args[0];
  if (n->op == GIR_OR && always_is(n->args[1], false)) return n->args[0];
  if (n->op == GIR_NOT && n->args[0]->op == GIR_NOT) return n->args[0]->args[0];
  return folded(p, n);
}

static bool is_value(const gir_node *n)
{
  return n && n->type != TY_ROLE && n->type != TY_STAGE && n->type != TY_SET;
}

static gir_node *fold(gir_pattern *p, gir_node *n, bool *changed)
{
  for (uint32_t k = 0; k < n->n_args; k++)
    if (is_value(n->args[k])) n->args[k] = fold(p, n->args[k], changed);
  gir_node *out = simpler(p, n);
  *changed = *changed || out != n;
  return out;
}

// A stage, a statement, a part of the title: only what it asks changes, never it itself.
static bool fold_in(gir_pattern *p, gir_node *n)
{
  bool changed = false;

  for (uint32_t k = 0; k < n->n_args; k++)
    if (is_value(n->args[k])) n->args[k] = fold(p, n->args[k], &changed);
  return changed;
}

pass_outcome pass_normalise(pass_unit *u)
{
  gir_pattern *p = u->gir;
  bool changed = false;

  for (uint32_t i = 0; i < p->body.n; i++)
    changed |= fold_in(p, p->body.at[i]);
  for (uint32_t i = 0; i < p->title.n; i++)
    changed |= fold_in(p, p->title.at[i]);
  for (uint32_t i = 0; i < p->features.n; i++)
    changed |= fold_in(p, p->features.at[i]);
  if (!cx_ok(u->c)) return PASS_FAILED;
  if (changed) gir_derive(p);
  return changed ? PASS_CHANGED : PASS_UNCHANGED;
}
