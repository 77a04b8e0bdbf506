// Short ways to write statements and expressions of generators.
#ifndef AML_PASSES_KIR_WRITE_H
#define AML_PASSES_KIR_WRITE_H

#include "ir/kir.h"

kir_node *kw_make(kir_module *m, kir_op op, span where, kir_node *a,
                  kir_node *b);                                                  // NULL: not there
kir_node *kw_u32(kir_module *m, kir_op var_or_const, int64_t value, span where); // op with imm[0]
kir_node *kw_var(kir_module *m, const char *name, kir_type type, span where);
kir_node *kw_block(kir_module *m, span where);
// `name` is a new variable for the value; the statement goes into the block.
void kw_let(kir_module *m, kir_node *block, const char *name, kir_node *value);
// Appends `if (cond) {..}` and gives the block inside; cond NULL: gives `block` itself.
kir_node *kw_if(kir_module *m, kir_node *block, kir_node *cond);
// a && b; either may be NULL: not there.
kir_node *kw_and(kir_module *m, kir_node *a, kir_node *b);
// Appends a loop over a slice and gives its body.
kir_node *kw_for_each(kir_module *m, kir_node *block, kir_node *slice, const char *neighbour,
                      const char *row);
void kw_marks_begin(kir_module *m, kir_node *block, uint32_t slot, span where);
kir_node *kw_mark(kir_module *m, kir_op op, uint32_t slot, kir_node *account); // MARK, MARKED
kir_node *kw_passes(kir_module *m, uint32_t stage, kir_node *row);
// The transfers an account has at one end: what it paid where it is the from-end.
kir_node *kw_slice(kir_module *m, bool paid, kir_node *account);
void kw_comment(kir_module *m, kir_node *block, const char *text, span where);

enum { KW_SLOTS = 4 }; // marks that a worker has at a time

#endif
