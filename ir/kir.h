// Kernel IR: what a detector does, spelled out for the back ends.
//
// A module is one pattern: tables (as amlrt/program.h lays them out) and functions: the conditions that
// the runtime's evaluator asks, and the generator of candidates. All that C, LLVM and CUDA share is
// settled here; a back end only prints. Made by passes/lower_gir_kir.c through kir_build.c, checked by
// kir_verify.c, printed and read by kir_print.c and kir_parse.c.
#ifndef AML_IR_KIR_H
#define AML_IR_KIR_H

#include "ir/gir.h"

typedef enum {
  KTY_VOID,
  KTY_BOOL,
  KTY_U32,
  KTY_I64,
  KTY_NUM,
  KTY_COND,
  KTY_SLICE,
  KTY_VALUE,
  KTY_ANY,
  KTY_N
} kir_type;
extern const char *const kir_type_names[KTY_N];

typedef enum {
#define KIR_OP(id, ...) KIR_##id,
#include "ir/kir_ops.def"
  KIR_N_OPS
} kir_op;

typedef struct kir_op_info {
  const char *name, *takes, *attrs, *words;
  kir_type gives;
} kir_op_info;
extern const kir_op_info kir_ops[KIR_N_OPS];

enum { KIR_NO_SYMBOL = -1 };
#define KIR_NONE UINT32_MAX // a role: `any`, or none; a function, stage, set: none

typedef struct kir_node kir_node;
struct kir_node {
  kir_op op;
  kir_type type;
  span span; // of the pattern's text
  uint32_t n_args;
  kir_node **args;  // missing optional ones: NULL
  const char *name; // attr n (interned)
  const char *text; // attr t (interned)
  int64_t imm[3];
  int64_t symbol; // attr y
  gir_range range;
  rational value; // attr v
};

typedef enum {     // what the runtime calls it for; gives its parameters and result
  KIR_FN_ROW,      // (row): cond           where
  KIR_FN_PAIR,     // (a, b): cond          each, along
  KIR_FN_AGG,      // (role, account): cond each, require
  KIR_FN_SHOW,     // (): value             titles, features
  KIR_FN_GENERATE, // (): void              a PARALLEL loop over triggers
  KIR_N_FN
} kir_fn_kind;
extern const char *const kir_fn_names[KIR_N_FN];

typedef struct kir_fn {
  kir_fn_kind kind;
  const char *name;    // unique in the module, a C identifier: filter_scatter, pair_0, generate
  const char *comment; // line of the pattern it stands for
  span span;
  kir_node *body; // BLOCK
} kir_fn;

typedef struct kir_symbol {
  enum kir_symbol_kind { KIR_SYM_CURRENCY, KIR_SYM_FORMAT, KIR_SYM_COLUMN, KIR_SYM_ATTRIBUTE } kind;
  const char *text;
} kir_symbol;

// Tables: field by field as amlrt/program.h; functions are indexes into fns, KIR_NONE for none.
typedef struct kir_role {
  const char *name;
  enum { KIR_ROLE_ONE, KIR_ROLE_GROUP, KIR_ROLE_CHAIN } kind;
  gir_range size;
  uint32_t set;
  bool may_be_empty, shares, late;
} kir_role;
typedef struct kir_stage {
  const char *name;
  enum { KIR_STAGE_PLAIN, KIR_STAGE_WALK, KIR_STAGE_LAYER, KIR_STAGE_TERM, KIR_STAGE_PROBE } kind;
  uint32_t from, to, chain, owner, shown;
  bool optional, may_be_empty, required, ends_may_equal, closed, compares_hops, can_trigger;
  int64_t within;
  uint32_t support[2];
  uint32_t filter, same_filter, same_rows;
  const char *line;
} kir_stage;
typedef struct kir_set {
  enum { KIR_SET_HAS, KIR_SET_SHARE, KIR_SET_ROLE, KIR_SET_AND, KIR_SET_OR, KIR_SET_MINUS } op;
  uint32_t a, b;
  uint64_t at_least;
  rational share;
} kir_set;
typedef struct kir_pair_cond {
  uint32_t fn, constraint;
  bool swapped, has_gap, gap_forward;
  gir_range gap;
} kir_pair_cond;
typedef struct kir_pair {
  uint32_t role, stage[2];
  bool asked[2], by_time;
  int64_t lo, hi;
  VEC(kir_pair_cond) conds;
} kir_pair;
typedef struct kir_con {
  enum {
    KIR_CON_SIZE,
    KIR_CON_FILTER,
    KIR_CON_SUPPORT,
    KIR_CON_PAIR,
    KIR_CON_EACH,
    KIR_CON_REQUIRE,
    KIR_CON_OVERLAP,
    KIR_CON_ABSENT
  } kind;
  const char *text; // of the info: the constraint as a line
  int64_t scope;    // of the info: amlrt_scope
  gir_range shown;  // of the info: bounds shown (has 0: none)
  uint32_t role, stage, other, pair, cond, agg, from, to, filter, anchor;
  gir_range range;
  int64_t for_s;
} kir_con;
typedef struct kir_title {
  enum { KIR_TITLE_TEXT, KIR_TITLE_ROLE, KIR_TITLE_VALUE } kind;
  const char *text;
  uint32_t index; // role; or place among title_values
} kir_title;
typedef struct kir_feature {
  const char *name;
  int64_t kind, lo, hi;
  uint32_t fn;
} kir_feature;
typedef struct kir_two {
  uint32_t a, b;
} kir_two;

typedef struct kir_plan { // see amlrt_pplan
  enum { KIR_PLAN_TRIGGER, KIR_PLAN_HUB, KIR_PLAN_PAIR, KIR_PLAN_CLOSING } kind;
  bool exact;
  uint32_t key[2], group, stage[2];
  int64_t lo, hi;
  gir_range ratio;
} kir_plan;

typedef struct kir_need { // what the data must have
  enum { KIR_NEED_STANDARD, KIR_NEED_COLUMN, KIR_NEED_ATTRIBUTE } kind;
  const char *name;
} kir_need;

typedef struct kir_module {
  const char *name, *id, *version, *status;
  const char *hash;   // 64 hex digits: of the graph IR it came from
  const char *source; // name of the source file, for comments
  VEC(gir_param) params;
  VEC(kir_role) roles;
  VEC(kir_stage) stages;
  VEC(kir_set) sets;
  VEC(kir_pair) pairs;
  VEC(kir_con) cons;
  VEC(kir_title) title;
  VEC(uint32_t) title_values; // SHOW functions
  VEC(kir_feature) features;
  VEC(uint32_t) start_order; // roles
  VEC(kir_two) may_equal;
  VEC(kir_symbol) symbols;
  VEC(kir_plan) plans; // the first is TRIGGER; the last is wanted most
  VEC(kir_need) needs;
  VEC(kir_fn *) fns;
  gir_currency currency;
  int64_t within, span_s, hubs;
  bool breakable;
  uint32_t trigger;  // stage; KIR_NONE
  uint32_t generate; // GENERATE function; KIR_NONE: the runtime's own generator
  arena *mem;
} kir_module;

// ---- kir_build.c ----------------------------------------------------------------------------------

kir_module *kir_module_new(arena *mem);
// A node with its arguments; it has all places of its op, optional ones that were not given are NULL. The
// caller sets the attributes on the result. Each node is an argument of one other node.
kir_node *kir_make(kir_module *m, kir_op op, span where, kir_node *const *args, uint32_t n_args);
// Short for the two that need an attribute to have a type or a meaning. Parameters are variables: `row`
// of ROW, `a` and `b` of PAIR, `role` and `account` of AGG.
kir_node *kir_var(kir_module *m, span where, const char *name, kir_type type);
kir_node *kir_u32(kir_module *m, span where, uint32_t value);
// The plan that does every pattern: the first of a module's.
kir_plan kir_plan_trigger_major(void);
// Appended; its index is fns.n - 1. Its body is an empty BLOCK. What C does not take in a name becomes
// `_`, and a name that is there already gets a number.
kir_fn *kir_fn_new(kir_module *m, kir_fn_kind kind, const char *name, span where);
uint32_t kir_symbol_of(kir_module *m, int kind, const char *text); // found or added
// A BLOCK grows: appends a statement.
void kir_append(kir_module *m, kir_node *block, kir_node *stmt);
bool kir_holds(const kir_node *n, kir_op op); // somewhere below it

// ---- print, read, verify ----------------------------------------------------------------------------

void kir_print(strbuf *out, const kir_module *m);
kir_module *kir_parse(arena *mem, cx *c,
                      uint32_t file); // errors are diagnostics; NULL when there were any
// Types, arities, variables declared before use and in scope, indexes in range, tables consistent, no
// race: a PARALLEL body declares all it writes, and PARALLEL stands only at the top of a generator.
bool kir_verify(cx *c, const kir_module *m);
void kir_verify_or_bug(const kir_module *m);

// ---- emit_c.c: kernel IR as text of a C-family language --------------------------------------------

typedef struct kir_dialect { // what differs between OpenMP C and CUDA C
  const char *name;
  const char *header;      // the one include
  const char *fn_prefix;   // "static "
  const char *export_mark; // before the exported table
} kir_dialect;
// One translation unit with all modules and the exported table. Reviewable: comments name the pattern's
// lines, stages and constraints.
// What it says of itself: `hash` names what it was compiled from (64 hex digits), `compiler` is amlc's
// version.
typedef struct kir_export {
  const char *hash, *compiler;
} kir_export;
void kir_emit_c(strbuf *out, const kir_module *const *modules, uint32_t n, const kir_export *e,
                const kir_dialect *d);

#endif
