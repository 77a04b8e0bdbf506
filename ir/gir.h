// Graph IR: what a pattern means, with all names, parameters and constants resolved.
//
// A module holds patterns and profiles; a pattern holds its nodes in the order of the text (body).
// Made by frontend/lower.c through gir_build.c (the sole maker of nodes), checked by gir_verify.c,
// printed and read by gir_print.c and gir_parse.c, walked by ir/reference. Its meaning: docs/semantics.md.
#ifndef AML_IR_GIR_H
#define AML_IR_GIR_H

#include "ir/base/diag.h"
#include "ir/base/rational.h"
#include "ir/base/vec.h"

typedef enum {
#define GIR_TYPE(id, name, words) TY_##id,
#include "ir/types.def"
  TY_N
} gir_type;

typedef enum {
#define GIR_OP(id, ...) GIR_##id,
#include "ir/gir_ops.def"
  GIR_N_OPS
} gir_op;

typedef enum { PH_SOURCE, PH_LOWERING } gir_phase;

typedef struct gir_op_info {
  const char *name, *takes, *attrs, *words;
  gir_type gives;
  gir_phase made;
} gir_op_info;
extern const gir_op_info gir_ops[GIR_N_OPS];

typedef struct gir_type_info {
  const char *name, *words;
} gir_type_info;
extern const gir_type_info gir_types[TY_N];

// A constant. MONEY: v in units, text the currency as written (ISO code), NULL: a plain number
// (`ignoring currency`). DURATION: seconds. TIME: seconds since 1970. TEXT: text.
typedef struct gir_const {
  gir_type type;
  rational v;
  const char *text;
} gir_const;

// A range a~b..c~d, as amlrt_range: hard ends have only b (c). All ends are of one type.
enum { GIR_HAS_A = 1, GIR_HAS_B = 2, GIR_HAS_C = 4, GIR_HAS_D = 8 };
typedef struct gir_range {
  unsigned has;
  gir_type type; // NUMBER MONEY DURATION TIME
  rational a, b, c, d;
  const char *currency; // of MONEY; NULL: plain numbers
} gir_range;

typedef struct gir_node gir_node;
struct gir_node {
  gir_op op;
  gir_type type;
  span span;   // where it stands in the source
  uint32_t id; // unique in its pattern, in order of making
  uint32_t n_args;
  gir_node **args;  // optional ones that are missing: NULL
  const char *name; // attr n (interned)
  const char *text; // attr t: the constraint as a line of the pattern; the words of a title
  int64_t imm[3];   // attrs i j k
  gir_range range;  // attr r
  gir_const value;  // attr v
};

typedef enum { GIR_CURRENCY_CHECKED, GIR_CURRENCY_SAME, GIR_CURRENCY_IGNORED } gir_currency;
enum { GIR_N_CURRENCIES = GIR_CURRENCY_IGNORED + 1 };
extern const char *const gir_currency_names[GIR_N_CURRENCIES]; // "checked", "same", "ignored"

typedef enum { // of FEATURE; as amlrt_feature_kind
  GIR_FEATURE_COUNT,
  GIR_FEATURE_SUM,
  GIR_FEATURE_MIN,
  GIR_FEATURE_MAX,
  GIR_FEATURE_MEAN,
  GIR_FEATURE_HISTOGRAM
} gir_feature_kind;

enum { GIR_MAX_BINS = 10000 }; // columns of one histogram

typedef struct gir_meta {
  const char *key;
  VEC(const char *) values;
} gir_meta;

typedef struct gir_param {
  const char *name, *type, *value, *reason; // value: canonical text; reason "" when not said
} gir_param;

typedef struct gir_pattern {
  const char *name, *id, *version, *status, *doc; // status, doc: "" when not said
  span span;
  VEC(gir_meta) meta;    // further entries
  VEC(gir_param) params; // with the values of this compilation
  int64_t within;        // seconds, > 0
  gir_currency currency;
  int64_t hubs;             // hubs at most N; 0: not said
  gir_node *trigger;        // trigger STAGE; NULL: not said
  VEC(gir_node *) body;     // ROLE (not ANYONE), STAGE and STMT nodes in the order of the text
  VEC(gir_node *) title;    // TITLE_*; empty: the default
  VEC(gir_node *) features; // FEATURE
  // Derived by gir_derive, printed, and checked by the verifier:
  int64_t span_s;           // W: how far back from the trigger anything is read, seconds
  VEC(gir_node *) triggers; // stages the trigger can fall in
  bool breakable;           // earlier rows could break a match (see semantics.md, Outcomes)
  uint32_t n_nodes;
  arena *mem;
} gir_pattern;

typedef enum {
  GIR_STAT_FAN,
  GIR_STAT_TRANSFERS,
  GIR_STAT_RATIO,
  GIR_STAT_SUM,
  GIR_STAT_MEAN,
  GIR_STAT_MIN,
  GIR_STAT_MAX,
  GIR_STAT_MEDIAN,
  GIR_STAT_VAR,
  GIR_STAT_SKEW,
  GIR_STAT_KURTOSIS
} gir_stat_kind;
typedef struct gir_stat {
  gir_stat_kind kind;
  const char *column; // of SUM and below: amount, ...
} gir_stat;
typedef struct gir_profile {
  const char *name;
  span span;
  int64_t within;
  bool for_from, for_to, over_out, over_in;
  VEC(gir_stat) stats;
} gir_profile;

typedef struct gir_module {
  VEC(gir_pattern *) patterns;
  VEC(gir_profile *) profiles;
  arena *mem;
} gir_module;

// ---- gir_build.c: the sole maker of nodes ---------------------------------------------------------

gir_module *gir_module_new(arena *mem);
gir_pattern *gir_pattern_new(gir_module *m, const char *name, span where); // appended to m
// A node with its arguments (args may hold NULL for missing optional ones); attributes are set by the
// caller on the result, then gir_add for what belongs into a body. The node has all places of its op:
// optional ones that were not given are NULL. An expression or set is an argument of one node only.
// Types are worked out here; that of an op giving ANY is final once the node is an argument of another
// (until then ask gir_result_type).
gir_node *gir_make(gir_pattern *p, gir_op op, span where, gir_node *const *args, uint32_t n_args);
void gir_add(gir_pattern *p, gir_node *n); // to body, title or features by its op
gir_node *gir_const_node(gir_pattern *p, span where, gir_const v);
gir_type gir_result_type(const gir_node *n); // of ops that give ANY

// Fills span_s, triggers and breakable. Call after the last gir_add.
void gir_derive(gir_pattern *p);

// ---- questions every reader of graph IR asks -----------------------------------------------------

bool gir_is_stage(const gir_node *n);             // STAGE WALK LAYER TERM PROBE
bool gir_is_evidence(const gir_node *n);          // the same less PROBE
bool gir_is_key(const gir_node *n);               // ONE or CHAIN
gir_node *gir_stage_from(const gir_node *n);      // role; of a WALK its start
gir_node *gir_stage_to(const gir_node *n);        // of a WALK its end
gir_node *gir_stage_filter(const gir_node *n);    // NULL
bool gir_size_may_be_zero(const gir_node *group); // size 0 has a degree above 0
const gir_node *gir_set_of(const gir_pattern *p, const gir_node *group); // its MEMBERS; NULL
// The term stands below a `|`: a member may do without it. (TERM only)
bool gir_term_is_optional(const gir_pattern *p, const gir_node *term);
// The stage needs a transfer in every match. See semantics.md, Required stages.
bool gir_stage_is_required(const gir_pattern *p, const gir_node *stage);
bool gir_may_equal(const gir_pattern *p, const gir_node *a, const gir_node *b);
bool gir_uses_aggregate(const gir_node *expr); // COUNT_ROLE .. SPAN somewhere in it
// The side of a pair may be empty (semantics.md, 4.2): it asks nothing of the other.
bool gir_stage_may_be_empty(const gir_pattern *p, const gir_node *stage);
bool gir_stage_touches(const gir_node *stage, const gir_node *role); // one of its ends is the role
bool gir_range_admits(const gir_range *r, rational v);               // v has a degree above 0
// Some `along` of the walk names both this and next: its chain, if closed, has a first hop.
bool gir_walk_compares_hops(const gir_pattern *p, const gir_node *walk);
// Each hop of the walk is strictly earlier than the next, by an `along` of its own.
bool gir_walk_is_ordered(const gir_pattern *p, const gir_node *walk);
// The statement that keeps the trigger out of a stage; NULL: it can fall there, as far as orders go.
// A pattern whose stages are all kept out never matches: gir_derive leaves no triggers.
const gir_node *gir_kept_out_by(const gir_pattern *p, const gir_node *stage);
// All constraints in the order the match lists them: GROUP and CHAIN (bounds), stages with a filter,
// LAYER (support), PAIR, HOP_PAIR, EACH, REQUIRE, OVERLAP, ABSENT. The k-th is *out[k].
typedef VEC(gir_node *) gir_nodes;
void gir_constraints(gir_nodes *out, const gir_pattern *p);
// The constraint as a line: "mid[3..]", "stage deposit: any -> account where ...", its text.
const char *gir_constraint_text(const gir_pattern *p, const gir_node *n);

// Calls `need` for every column and attribute that the pattern needs of the data, in the order of the
// text; some perhaps more than once. STANDARD: amount, currency, ...; COLUMN: a further one.
typedef enum { GIR_NEED_STANDARD, GIR_NEED_COLUMN, GIR_NEED_ATTRIBUTE } gir_need_kind;
typedef void (*gir_need_fn)(void *user, gir_need_kind kind, const char *name);
void gir_needs(const gir_pattern *p, gir_need_fn need, void *user);

// ---- print, read, verify, explain ------------------------------------------------------------------

void gir_print(strbuf *out, const gir_module *m);
// Reads what gir_print wrote; errors are diagnostics. NULL when there were any.
gir_module *gir_parse(arena *mem, cx *c, uint32_t file);
// Checks everything a reader of graph IR relies on; a violation in IR we made is a bug of ours
// (gir_verify_or_bug), in IR a user gave a diagnostic (false).
bool gir_verify(cx *c, const gir_module *m);
void gir_verify_or_bug(const gir_module *m);

// A range in words of the language: "3..", "0.7~0.8..1.25~1.4", "9000 USD..".
void gir_range_print(strbuf *out, const gir_range *r);
void gir_const_print(strbuf *out, const gir_const *v);
// A duration as people say it: "96h", "7d", "90m"; from 7 days on in days, where it comes out even.
void gir_duration_print(strbuf *out, rational seconds);
// A condition or a value as a line of the language; sides: what transfers 0 and 1 are called (under
// `along` this, next; under `each` the stages), NULL in a filter.
void gir_expr_print(strbuf *out, const gir_node *n, const char *const sides[2]);
void gir_set_print(strbuf *out, const gir_node *set,
                   const gir_node *group); // the set of that group
// A role where it is used: its name; `any`.
const char *gir_role_name(const gir_node *role);

#endif
