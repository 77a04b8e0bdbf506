// What the files sema_*.c and lower*.c share. Nobody else includes it.
//
// One pattern is worked through in this order (sema_pattern.c): names of parameters and constants,
// their values; the single statements (within, ...); roles, stages and sets; then statement by
// statement checked and lowered; last what needs the whole (anchors, links, orders, triggers).
// Whatever is wrong is reported where it is found, and marked (type TY_NONE, node NULL, `bad`), so
// that nothing vague follows.
#ifndef AML_FRONTEND_SEMA_INSIDE_H
#define AML_FRONTEND_SEMA_INSIDE_H

#include "frontend/sema.h"
#include "ir/base/map.h"

// ---- values of constants ------------------------------------------------------------------------

typedef struct sema_value {
  gir_type type; // NUMBER MONEY DURATION TIME TEXT, of a range that of its ends (ANY: it has none);
                 // NONE: wrong and reported
  bool is_range;
  bool from_param;  // a parameter had a say in it
  bool is_share;    // written as a percentage, or a parameter of type share
  rational v;       // MONEY in units, DURATION and TIME in seconds
  const char *text; // TEXT; MONEY: the currency, NULL: a plain number
  gir_range range;
} sema_value;

// ---- words of builtins.def ----------------------------------------------------------------------

typedef enum { TAKES_NOTHING, TAKES_ROLE_STAGE, TAKES_STAGE, TAKES_FIELD, TAKES_PAIR } sema_takes;

typedef enum {
#define SEMA_BUILTIN(id, ...) BUILTIN_##id,
#include "frontend/builtins.def"
  N_BUILTINS
} sema_builtin_id;

typedef struct sema_builtin {
  const char *name;
  sema_takes takes;
  gir_op op;
  const char *help;
} sema_builtin;
extern const sema_builtin sema_builtins[N_BUILTINS];

typedef enum {
#define SEMA_TYPE(id, ...) PARAM_##id,
#include "frontend/builtins.def"
  N_PARAM_TYPES
} sema_param_type;

// A list of words, as nearest_word takes it.
typedef struct sema_words {
  const char *const *at;
  size_t n;
} sema_words;
extern const sema_words sema_field_words, sema_builtin_words, sema_type_words, sema_meta_words,
    sema_status_words, sema_stat_words;
uint32_t sema_word_index(const sema_words *w, const char *word); // w->n: not in it

// ---- names --------------------------------------------------------------------------------------

typedef enum { SYM_CONST, SYM_PARAM, SYM_ROLE, SYM_STAGE, SYM_ABSENT } sema_kind;

typedef struct sema_role {
  const char *name;
  ast_role_shape shape;   // PLAIN (one account), GROUP, CHAIN
  span where;             // where it first appears
  const ast_expr *bounds; // of GROUP and CHAIN; NULL: missing and reported
  const ast_stmt *set;    // its set statement
  uint32_t set_at;        // place of that statement in the pattern
  bool closed;            // CHAIN between a role and itself
  bool bad;               // reported: nothing more about it
  gir_node *node;         // once its first statement is lowered
} sema_role;

typedef struct sema_stage {
  const char *name;
  span where;
  const ast_stmt *stmt; // STAGE, or SET of a term
  const ast_set *term;  // NULL: a stage statement
  bool probe;           // right of a `-`
  bool optional;        // below a `|`
  bool bad;
  gir_node *node;
} sema_stage;

typedef struct sema_symbol {
  sema_kind kind;
  const char *name;
  span where;
  const ast_stmt *stmt; // CONST PARAM
  bool of_file;         // stands outside the pattern
  enum { SYM_NEW, SYM_BUSY, SYM_DONE } state;
  sema_value value; // of CONST and PARAM, once DONE
  bool used;
  sema_role *role;
  sema_stage *stage;
} sema_symbol;

// ---- files --------------------------------------------------------------------------------------

typedef struct sema_unit sema_unit;
struct sema_unit { // a file
  ast_file *tree;
  uint32_t file;
  const char *path; // normalized
  bool root, loading;
  bool
      broken; // it has syntax errors: what is missing may have stood in a statement that was dropped
  uint32_t depth;
  VEC(sema_unit *) imports;
  map *own;     // constants and parameters of this file: sema_symbol
  map *visible; // and of those it imports
};

typedef struct sema_state sema_state;
struct sema_state {
  cx *c;
  arena *mem;
  sema_loader loader;
  sema_program *program;
  VEC(sema_unit *) units;
  VEC(const ast_stmt *) used; // parameters of files that some pattern used
};

// ---- where an expression stands -----------------------------------------------------------------

typedef enum {
  IN_CONST,   // bounds, parameters
  IN_FILTER,  // where
  IN_EACH,    // aggregates of a member
  IN_PAIR,    // one transfer of each of two stages
  IN_ALONG,   // this and next
  IN_REQUIRE, // aggregates of the match
  IN_OUTPUT   // alert and feature
} sema_scope_kind;

typedef struct sema_scope {
  sema_scope_kind kind;
  const sema_role *role;     // EACH, PAIR
  const sema_stage *side[2]; // PAIR
  const ast_stmt *stmt;      // the statement, for notes
} sema_scope;

// Everything an expression needs to be understood: of a file, or of a pattern.
typedef struct sema_env {
  cx *c;
  arena *mem;
  sema_state *state;
  sema_unit *unit;
  map *names;        // symbols of the pattern, and copies of the file's; NULL: of a file
  bool any_currency; // outside a pattern: amounts may be plain, the pattern will say
  gir_currency currency;
  span currency_at;    // `ignoring currency`
  const char *pattern; // its name, for overrides; NULL
  const sema_override *overrides;
  uint32_t n_overrides;
  uint32_t depth; // of constants worked out from constants
} sema_env;

// A value or a condition, checked. type NONE: wrong and reported.
typedef struct sema_x {
  gir_type type;
  bool is_const;
  sema_value v;   // constant
  gir_node *node; // else
  span where;
  bool graded; // of conditions
} sema_x;

// What one pattern may hold: far above any that a person writes, and what follows stays quick.
enum { SEMA_MAX_STATEMENTS = 2000, SEMA_MAX_STAGES = 1000 };

// ---- a pattern ----------------------------------------------------------------------------------

typedef struct sema_pattern {
  sema_env env;
  const ast_stmt *stmt;
  gir_pattern *out;
  VEC(sema_role *) roles;      // in order of first appearance
  VEC(sema_stage *) stages;    // in order of the text
  VEC(sema_symbol *) params;   // of the pattern, then those of files it uses
  VEC(const ast_stmt *) later; // constraints that stand above the stages they name
  const ast_stmt *within, *hubs, *trigger, *alert, *currency_stmt, *meta;
  bool bad_shape; // a role, stage or set is wrong: no vague words about the whole
} sema_pattern;

// sema_names.c
sema_symbol *sema_find(sema_env *e, const char *name);                 // also of the file; NULL
sema_symbol *sema_declare(sema_env *e, sema_kind kind, ast_name name); // NULL after a diagnostic
sema_role *sema_find_role(sema_pattern *p, ast_name name);             // NULL after a diagnostic
sema_stage *sema_find_stage(sema_pattern *p, ast_name name, bool evidence);
const char *sema_kind_words(const sema_symbol *s); // "a role"
// Adds the help "did you mean ...", or the list of what there is if it is short.
void sema_suggest(cx *c, const char *word, const char *const *names, size_t n, const char *what);
void sema_help_words(cx *c, const char *word, const sema_words *w);
typedef VEC(const char *) sema_names;
void sema_names_of(sema_names *out, sema_pattern *p, sema_kind kind);

// sema_value.c
sema_value sema_wrong(void);
sema_value sema_number(rational v);
const char *sema_value_text(arena *mem, cx *c, const sema_value *v); // canonical
const char *sema_unit_words(gir_type t);                             // "a duration"
void sema_help_unit(cx *c, gir_type want);                           // how such a value is written
// Makes v of the type wanted where units allow it (a plain number for an amount under `ignoring
// currency`); else reports, and v becomes wrong.
bool sema_coerce(sema_env *e, sema_value *v, gir_type want, span where, const char *what);
bool sema_money_literal(sema_env *e, sema_value *v, span where);
void sema_check_currency(sema_env *e, const char *code, span where);
bool sema_known_currency(const char *name);

// sema_range.c
sema_value sema_range(sema_env *e, const ast_expr *r); // RANGE, or the NAME of one
bool sema_range_within(const gir_range *inner, const gir_range *outer);
bool sema_range_coerce(sema_env *e, sema_value *v, gir_type want, span where);
// Bounds of a number of accounts: whole, not negative.
bool sema_size_range(sema_env *e, const ast_expr *r, const char *what, gir_range *out);

// sema_params.c
void sema_eval_symbol(sema_env *e, sema_symbol *s);
void sema_check_overrides(sema_state *st, const sema_override *o, uint32_t n);
bool sema_whole(sema_env *e, const ast_expr *x, int64_t lo, int64_t hi, const char *what,
                int64_t *out);
bool sema_seconds(sema_env *e, const ast_expr *x, const char *what, int64_t *out);
sema_value sema_const(sema_env *e, const ast_expr *x); // a constant that is no range

// sema_units.c: types of operations
gir_type sema_arith_type(const sema_env *e, ast_expr_kind op, gir_type a, gir_type b);
void sema_report_arith(sema_env *e, const ast_expr *x, gir_type a, gir_type b);
sema_value sema_fold(sema_env *e, const ast_expr *x, const sema_value *a, const sema_value *b);
bool sema_comparable(sema_env *e, const ast_expr *x, sema_x *a, sema_x *b);

// sema_truth.c: constraints that hold always or never
void sema_check_truth(sema_pattern *p, const ast_expr *x, const gir_node *cond, bool from_param);

// sema_roles.c
void sema_declare_roles(sema_pattern *p);
// sema_meta.c
void sema_meta_statement(sema_pattern *p);
// sema_connect.c
void sema_check_anchors(sema_pattern *p);
void sema_check_links(sema_pattern *p);
// sema_orders.c
bool sema_check_orders(sema_pattern *p); // true: some can never hold
void sema_check_trigger(sema_pattern *p);
// sema_template.c
void sema_alert(sema_pattern *p, const ast_stmt *s);
// sema_test.c
void sema_check_tests(sema_state *st);

// sema_load.c
const ast_stmt *sema_find_pattern(sema_state *st, const char *name, sema_unit **unit);
void sema_pattern_names(sema_state *st, sema_names *out);

// sema_walk.c: the names in an expression
typedef struct sema_use {
  ast_name name;
  bool of_pair;      // side of an order or a gap, or in front of a dot
  bool of_aggregate; // argument of an aggregate
} sema_use;
typedef VEC(sema_use) sema_uses;
void sema_uses_of(arena *mem, sema_uses *out, const ast_expr *x); // in the order of the text
bool sema_has_aggregate(const ast_expr *x);
bool sema_has_overlap(const ast_expr *x);

// sema_pattern.c
gir_pattern *sema_lower_pattern(sema_state *st, gir_module *m, const ast_stmt *stmt,
                                sema_unit *unit, const sema_override *o, uint32_t n);
// lower_expr.c
sema_x lower_value(sema_pattern *p, sema_env *e, const sema_scope *s, const ast_expr *x);
sema_x lower_condition(sema_pattern *p, const sema_scope *s, const ast_expr *x);
gir_node *lower_node(sema_pattern *p, const sema_x *x); // makes a CONST of a constant
gir_node *lower_filter(sema_pattern *p, const ast_expr *x,
                       const ast_stmt *stmt); // NULL: none, or wrong
// lower_call.c
sema_x lower_call(sema_pattern *p, const sema_scope *s, const ast_expr *x);
// lower_stage.c
void lower_stage(sema_pattern *p, const ast_stmt *s);
// lower_absent.c
void lower_absent(sema_pattern *p, const ast_stmt *s);
void lower_may_equal(sema_pattern *p, const ast_stmt *s);
gir_node *lower_role(sema_pattern *p, sema_role *r); // adds it where it first appears
// lower_set.c
void lower_set(sema_pattern *p, const ast_stmt *s);
// lower_constraint.c
void lower_each(sema_pattern *p, const ast_stmt *s);
void lower_along(sema_pattern *p, const ast_stmt *s);
void lower_require(sema_pattern *p, const ast_stmt *s);
const char *lower_text(sema_pattern *p, span where); // the statement as a line, without its `;`
// lower_output.c
void lower_feature(sema_pattern *p, const ast_stmt *s);
void lower_profile(sema_state *st, sema_unit *u, gir_module *m, const ast_stmt *s);

#endif
