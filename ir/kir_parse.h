// Between kir_parse.c (tables) and kir_parse_fn.c (functions).
#ifndef AML_IR_KIR_PARSE_H
#define AML_IR_KIR_PARSE_H

#include "ir/ir_read.h"
#include "ir/kir_fields.h"

typedef struct kir_fixup { // an index by name, to be looked up when all is read
  const kir_field *field;
  uint32_t of, item;
  const char *label;
  span where;
} kir_fixup;

typedef struct kir_scope_var {
  const char *name;
  kir_type type;
} kir_scope_var;

typedef struct kir_parser {
  ir_reader r;
  kir_module *m;
  unsigned seen; // head lines
  VEC(kir_fixup) fixups;
  // of the function at hand
  VEC(kir_scope_var) scope;
  uint32_t depth;  // of blocks and parentheses
  uint32_t errors; // before it
} kir_parser;

// A role or stage by its label; KIR_NONE: there is none.
uint32_t kir_find_label(const kir_module *m, kir_record_id record, const char *label);
// After `fn`: the whole function. False: it had a mistake, and nothing behind it can be read.
bool kir_read_fn(kir_parser *p);

#endif
