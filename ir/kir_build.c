#include "ir/kir_table.h"

#include <string.h>

kir_module *kir_module_new(arena *mem)
{
  kir_module *m = arena_make(mem, kir_module);
  m->name = m->id = m->version = m->status = m->hash = m->source = "";
  m->trigger = m->generate = KIR_NONE;
  m->mem = mem;
  return m;
}

// Places for arguments come in powers of two, so that a BLOCK knows without a count when it is full.
static uint32_t places_of(uint32_t n)
{
  uint32_t places = 1;
  while (places < n)
    places *= 2;
  return places;
}

static kir_node **new_args(kir_module *m, uint32_t n)
{
  size_t bytes = places_of(n) * sizeof(kir_node *);
  return n <= 8 ? arena_alloc(m->mem, bytes) : arena_try(m->mem, bytes);
}

kir_node *kir_make(kir_module *m, kir_op op, span where, kir_node *const *args, uint32_t n_args)
{
  uint32_t n = kir_n_args(op);
  if (n_args > n && !kir_takes_more(op))
    AML_BUG("%s: %u arguments, it takes %u", kir_ops[op].name, n_args, n);
  if (n_args > n) n = n_args;
  kir_node *node = arena_make(m->mem, kir_node);
  node->op = op;
  node->type = kir_ops[op].gives;
  node->span = where;
  node->symbol = KIR_NO_SYMBOL;
  node->value = rational_int(0);
  node->args = new_args(m, n);
  node->n_args = node->args ? n : 0;
  for (uint32_t k = 0; k < n_args && k < node->n_args; k++)
    node->args[k] = args[k];
  return node;
}

kir_node *kir_var(kir_module *m, span where, const char *name, kir_type type)
{
  kir_node *n = kir_make(m, KIR_VAR, where, NULL, 0);
  n->name = name;
  n->type = type;
  return n;
}

kir_node *kir_u32(kir_module *m, span where, uint32_t value)
{
  kir_node *n = kir_make(m, KIR_U32, where, NULL, 0);
  n->imm[0] = value;
  return n;
}

void kir_append(kir_module *m, kir_node *block, kir_node *stmt)
{
  if (block->op != KIR_BLOCK) AML_BUG("a statement is appended to %s", kir_ops[block->op].name);
  uint32_t n = block->n_args;
  if (n > 0 && n == places_of(n)) {
    kir_node **more = arena_try(m->mem, 2 * (size_t)n * sizeof *more);
    if (!more) return; // the context is marked
    memcpy(more, block->args, n * sizeof *more);
    block->args = more;
  }
  block->args[block->n_args++] = stmt;
}

// ---- functions ------------------------------------------------------------------------------------

static bool is_taken(const kir_module *m, const char *name)
{
  for (uint32_t i = 0; i < m->fns.n; i++)
    if (strcmp(m->fns.at[i]->name, name) == 0) return true;
  return false;
}

static const char *free_name(kir_module *m, const char *name)
{
  cx *c = arena_cx(m->mem);
  bool digit = *name >= '0' && *name <= '9';
  char *plain = arena_printf(m->mem, "%s%s", digit || !*name ? "_" : "", name);
  for (char *t = plain; *t; t++) {
    char one[2] = {*t, '\0'};
    bool number = *t >= '0' && *t <= '9';
    if (!number && !kir_is_identifier(one)) *t = '_';
  }
  const char *taken = plain;
  for (uint32_t k = 2; is_taken(m, taken) && cx_ok(c); k++)
    taken = arena_printf(m->mem, "%s_%u", plain, k);
  return cx_intern_z(c, taken);
}

kir_fn *kir_fn_new(kir_module *m, kir_fn_kind kind, const char *name, span where)
{
  kir_fn *f = arena_make(m->mem, kir_fn);
  f->kind = kind;
  f->name = free_name(m, name);
  f->comment = "";
  f->span = where;
  f->body = kir_make(m, KIR_BLOCK, where, NULL, 0);
  VEC_PUSH(m->mem, &m->fns, f);
  return f;
}

uint32_t kir_symbol_of(kir_module *m, int kind, const char *text)
{
  for (uint32_t i = 0; i < m->symbols.n; i++)
    if ((int)m->symbols.at[i].kind == kind && strcmp(m->symbols.at[i].text, text) == 0) return i;
  AML_BUG_UNLESS(kind >= KIR_SYM_CURRENCY && kind <= KIR_SYM_ATTRIBUTE);
  kir_symbol s = {.kind = (enum kir_symbol_kind)kind, .text = text};
  VEC_PUSH(m->mem, &m->symbols, s);
  return m->symbols.n ? m->symbols.n - 1 : 0;
}

kir_plan kir_plan_trigger_major(void)
{
  return (kir_plan){.kind = KIR_PLAN_TRIGGER,
                    .key = {KIR_NONE, KIR_NONE},
                    .group = KIR_NONE,
                    .stage = {KIR_NONE, KIR_NONE},
                    .lo = INT64_MIN,
                    .hi = INT64_MAX};
}

bool kir_holds(const kir_node *n, kir_op op)
{
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && (n->args[k]->op == op || kir_holds(n->args[k], op))) return true;
  return false;
}
