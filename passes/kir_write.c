#include "passes/kir_write.h"

kir_node *kw_make(kir_module *m, kir_op op, span where, kir_node *a, kir_node *b)
{
  kir_node *args[2] = {a, b};
  return kir_make(m, op, where, args, b ? 2 : a ? 1 : 0);
}

kir_node *kw_u32(kir_module *m, kir_op op, int64_t value, span where)
{
  kir_node *n = kir_make(m, op, where, NULL, 0);
  n->imm[0] = value;
  return n;
}

kir_node *kw_var(kir_module *m, const char *name, kir_type type, span where)
{
  kir_node *n = kir_make(m, KIR_VAR, where, NULL, 0);
  n->name = name;
  n->type = type;
  return n;
}

kir_node *kw_block(kir_module *m, span where)
{
  return kir_make(m, KIR_BLOCK, where, NULL, 0);
}

void kw_let(kir_module *m, kir_node *block, const char *name, kir_node *value)
{
  kir_node *let = kw_make(m, KIR_LET, value->span, value, NULL);
  let->name = name;
  kir_append(m, block, let);
}

kir_node *kw_if(kir_module *m, kir_node *block, kir_node *cond)
{
  if (!cond) return block;
  kir_node *inside = kw_block(m, cond->span);
  kir_append(m, block, kw_make(m, KIR_IF, cond->span, cond, inside));
  return inside;
}

kir_node *kw_and(kir_module *m, kir_node *a, kir_node *b)
{
  if (!a || !b) return a ? a : b;
  return kw_make(m, KIR_B_AND, a->span, a, b);
}

kir_node *kw_for_each(kir_module *m, kir_node *block, kir_node *slice, const char *neighbour,
                      const char *row)
{
  kir_node *body = kw_block(m, slice->span);
  kir_node *loop = kw_make(m, KIR_FOR_EACH, slice->span, slice, body);

  loop->name = neighbour;
  loop->text = row;
  kir_append(m, block, loop);
  return body;
}

void kw_marks_begin(kir_module *m, kir_node *block, uint32_t slot, span where)
{
  kir_append(m, block, kw_u32(m, KIR_MARKS_BEGIN, slot, where));
}

kir_node *kw_mark(kir_module *m, kir_op op, uint32_t slot, kir_node *account)
{
  kir_node *n = kw_make(m, op, account->span, account, NULL);
  n->imm[0] = slot;
  return n;
}

kir_node *kw_passes(kir_module *m, uint32_t stage, kir_node *row)
{
  kir_node *n = kw_make(m, KIR_PASSES, row->span, row, NULL);
  n->imm[0] = stage;
  return n;
}

kir_node *kw_slice(kir_module *m, bool paid, kir_node *account)
{
  return kw_make(m, paid ? KIR_OUT_OF : KIR_IN_OF, account->span, account, NULL);
}

void kw_comment(kir_module *m, kir_node *block, const char *text, span where)
{
  kir_node *n = kir_make(m, KIR_COMMENT, where, NULL, 0);
  n->text = cx_intern_z(arena_cx(m->mem), text);
  kir_append(m, block, n);
}
