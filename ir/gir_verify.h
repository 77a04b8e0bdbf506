// Between gir_verify.c and gir_verify_expr.c, and for their test.
#ifndef AML_IR_GIR_VERIFY_H
#define AML_IR_GIR_VERIFY_H

#include "ir/gir_table.h"

typedef enum {
#define GIR_RULE(id, words) RULE_##id,
#include "ir/gir_rules.def"
  GIR_N_RULES
} gir_rule;

extern const char *const gir_rule_words[GIR_N_RULES];

typedef struct gir_verifier {
  cx *c;                // where diagnostics go
  bool abort;           // a broken rule is a bug of ours
  const gir_pattern *p; // NULL in a profile
  arena *mem;
  bool ok;
} gir_verifier;

// A rule is broken. The detail may be "".
void gir_broken(gir_verifier *v, gir_rule rule, span where, const char *fmt, ...) AML_PRINTF(4, 5);

typedef enum { SCOPE_FILTER, SCOPE_PAIR, SCOPE_MANY } gir_scope; // one transfer, two, aggregates

// The conditions and values below a node: scopes, sides, units, fields.
void gir_verify_expr(gir_verifier *v, const gir_node *n, gir_scope scope);
// A range on a value of this unit, in the pattern's currency mode.
void gir_verify_range(gir_verifier *v, const gir_node *n, gir_type unit);

#endif
