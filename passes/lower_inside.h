// What the files of the lowering from graph IR to kernel IR share.
//
// The rules are those of docs/semantics.md as ir/reference works them out; each function here has its
// counterpart there. All that people are shown (texts, bounds, title) is taken from the pattern as it
// was compiled (unit->source), whose body has the same nodes in the same order.
#ifndef AML_PASSES_LOWER_INSIDE_H
#define AML_PASSES_LOWER_INSIDE_H

#include "passes/pass.h"

typedef struct lower {
  pass_unit *u;
  cx *c;
  arena *mem;
  const gir_pattern *p;
  kir_module *m;
  uint32_t *index; // by gir_node.id: role -> roles, stage -> stages, statement -> cons
} lower;

uint32_t lk_role(const lower *l, const gir_node *role); // KIR_NONE: any
uint32_t lk_index(const lower *l, const gir_node *n);
const char *lk_text(lower *l, const char *text); // interned; "" of NULL

// ---- lower_tables_kir.c -----------------------------------------------------------------------------

void lk_roles(lower *l);  // roles, may_equal
void lk_stages(lower *l); // after roles
void lk_sets(lower *l);   // after stages; start order too

// ---- lower_pairs_kir.c, lower_cons_kir.c ------------------------------------------------------------

// Adds one constraint (its place among cons) to the pair of its sides; *place: where it stands there.
uint32_t lk_pair_of(lower *l, const gir_node *n, uint32_t constraint, uint32_t *place);
void lk_constraints(lower *l);
void lk_output(lower *l); // title, features, parameters

// ---- lower_expr_kir.c: functions --------------------------------------------------------------------

// Index of a new function that gives the condition `cond`, under a name made of both texts.
uint32_t lk_condition(lower *l, kir_fn_kind kind, const char *what, const char *of,
                      const char *comment, const gir_node *cond);
uint32_t lk_shown(lower *l, const char *what, const char *of, const gir_node *value);

#endif
