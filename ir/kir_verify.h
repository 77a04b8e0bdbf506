// Between kir_verify.c (tables) and kir_verify_fn.c (functions), and for their test.
#ifndef AML_IR_KIR_VERIFY_H
#define AML_IR_KIR_VERIFY_H

#include "ir/kir_fields.h"
#include "ir/base/map.h"

typedef enum {
#define KIR_RULE(id, words) KRULE_##id,
#include "ir/kir_rules.def"
  KIR_N_RULES
} kir_rule;

extern const char *const kir_rule_words[KIR_N_RULES];

typedef struct kir_verifier {
  cx *c;      // where diagnostics go
  bool abort; // a broken rule is a bug of ours
  const kir_module *m;
  arena *mem;
  map *seen; // nodes, by address
  bool ok;
} kir_verifier;

// A rule is broken. The detail may be "".
void kir_broken(kir_verifier *v, kir_rule rule, span where, const char *fmt, ...) AML_PRINTF(4, 5);

// Statements and blocks may nest so deep, and expressions: the printer, the reader and C compilers go
// as deep as the tree (clang counts 256 brackets).
enum { KIR_MAX_NESTING = 200, KIR_DEPTH_FACTOR = 9 };

enum { KIR_N_SLOTS = 4 }; // of marks

void kir_verify_range(kir_verifier *v, const gir_range *r, span where, const char *what);
void kir_verify_fn(kir_verifier *v, const kir_fn *f);

#endif
