#include "ir/gir_table.h"

gir_module *gir_module_new(arena *mem)
{
  gir_module *m = arena_make(mem, gir_module);
  m->mem = mem;
  return m;
}

gir_pattern *gir_pattern_new(gir_module *m, const char *name, span where)
{
  gir_pattern *p = arena_make(m->mem, gir_pattern);
  p->name = name;
  p->id = p->version = p->status = p->doc = "";
  p->span = where;
  p->mem = m->mem;
  VEC_PUSH(m->mem, &m->patterns, p);
  return p;
}

// Adding what is of one unit keeps it; a time and a duration give a time, two times a duration.
static gir_type sum_type(gir_op op, gir_type a, gir_type b)
{
  if (a == TY_ANY) return b == TY_ANY ? TY_NUMBER : b;
  if (b == TY_ANY) return a;
  if (a == TY_TIME && b == TY_TIME) return op == GIR_SUB ? TY_DURATION : TY_NONE;
  if (a == TY_TIME && b == TY_DURATION) return TY_TIME;
  if (a == TY_DURATION && b == TY_TIME) return op == GIR_ADD ? TY_TIME : TY_NONE;
  if (a == b) return a;
  // Plain numbers, where the pattern ignores currencies; the verifier minds the rest.
  if ((a == TY_MONEY && b == TY_NUMBER) || (a == TY_NUMBER && b == TY_MONEY)) return TY_MONEY;
  return TY_NONE;
}

static gir_type product_type(gir_op op, gir_type a, gir_type b)
{
  if (a == TY_ANY) a = TY_NUMBER;
  if (b == TY_ANY) b = TY_NUMBER;
  if (a == TY_TIME || b == TY_TIME) return TY_NONE;
  if (b == TY_NUMBER) return a;
  if (op == GIR_DIV) return a == b ? TY_NUMBER : a == TY_NUMBER && b == TY_MONEY ? b : TY_NONE;
  if (a == TY_NUMBER) return b;
  return a == TY_MONEY && b == TY_MONEY ? TY_MONEY : TY_NONE;
}

static gir_type arg_type(const gir_node *n, uint32_t k)
{
  return k < n->n_args && n->args[k] ? n->args[k]->type : TY_NONE;
}

gir_type gir_result_type(const gir_node *n)
{
  if (gir_ops[n->op].gives != TY_ANY) return gir_ops[n->op].gives;
  gir_type a = arg_type(n, 0), b = arg_type(n, 1);
  if (n->op == GIR_FIELD) return gir_field_type(n->name);
  if (n->op == GIR_COLUMN || n->op == GIR_ATTRIBUTE) return TY_ANY;
  if (n->op == GIR_CONST) return n->value.type;
  if (n->op == GIR_ADD || n->op == GIR_SUB) return sum_type(n->op, a, b);
  if (n->op == GIR_MUL || n->op == GIR_DIV) return product_type(n->op, a, b);
  if (n->op == GIR_NEG) return a == TY_ANY ? TY_NUMBER : a == TY_TIME ? TY_NONE : a;
  // Aggregates of a column: of a standard field its unit, of a further one plain numbers.
  gir_type of = gir_field_type(n->name);
  return of == TY_NONE ? TY_NUMBER : of;
}

gir_node *gir_make(gir_pattern *p, gir_op op, span where, gir_node *const *args, uint32_t n_args)
{
  uint32_t n = gir_n_args(op);
  if (n_args > n && !gir_takes_more(op))
    AML_BUG("%s: %u arguments, it takes %u", gir_ops[op].name, n_args, n);
  if (n_args > n) n = n_args;
  gir_node *node = arena_make(p->mem, gir_node);
  node->op = op;
  node->span = where;
  node->id = p->n_nodes++;
  // Few places always fit (arena.h); a long list may not, and then the context is marked.
  size_t bytes = (n ? n : 1) * sizeof(gir_node *);
  node->args = n <= 8 ? arena_alloc(p->mem, bytes) : arena_try(p->mem, bytes);
  node->n_args = node->args ? n : 0;
  for (uint32_t k = 0; k < n_args && k < node->n_args; k++) {
    node->args[k] = args[k];
    // Its attributes are there by now, so what it gives is known.
    if (args[k]) args[k]->type = gir_result_type(args[k]);
  }
  node->type = gir_result_type(node);
  return node;
}

void gir_add(gir_pattern *p, gir_node *n)
{
  if (n->op == GIR_TITLE_TEXT || n->op == GIR_TITLE_ROLE || n->op == GIR_TITLE_VALUE)
    VEC_PUSH(p->mem, &p->title, n);
  else if (n->op == GIR_FEATURE)
    VEC_PUSH(p->mem, &p->features, n);
  else
    VEC_PUSH(p->mem, &p->body, n);
}

gir_node *gir_const_node(gir_pattern *p, span where, gir_const v)
{
  gir_node *n = gir_make(p, GIR_CONST, where, NULL, 0);
  n->value = v;
  n->type = v.type;
  return n;
}
