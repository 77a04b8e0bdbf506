// The syntax tree of .aml files: what was written, with its places, nothing decided.
//
// Made by grammar.y through ast_build.c, read by sema_*.c, lower.c, fmt.c and ast_print.c. Names are
// interned (compare by address). A node that could not be parsed is left out after its diagnostic.
#ifndef AML_FRONTEND_AST_H
#define AML_FRONTEND_AST_H

#include "ir/base/diag.h"
#include "ir/base/rational.h"
#include "ir/base/vec.h"

// ---- names --------------------------------------------------------------------------------------

typedef struct ast_name {
  const char *text; // interned; NULL: absent
  span span;
} ast_name;

// ---- expressions --------------------------------------------------------------------------------

typedef enum {
#define AST_EXPR(id, name, fields) AST_##id,
#include "frontend/ast_kinds.def"
  AST_N_EXPR_KINDS
} ast_expr_kind;

typedef struct ast_expr ast_expr;
struct ast_expr {
  ast_expr_kind kind;
  span span;
  span op_span;     // of the operator, of the word in front of (...), of the name after a dot
  const char *text; // per kind, see ast_kinds.def; interned (texts in quotes: unescaped)
  rational value;   // NUMBER, DURATION (seconds), PERCENT (0.6 for 60%), MONEY
  int64_t time;     // TIME: seconds since 1970, UTC
  uint32_t depth;   // of its nesting, 1 for a leaf; never above the limit
  ast_expr *a, *b;  // operands
  ast_expr *lo0, *lo1, *hi0,
      *hi1;             // RANGE a~b..c~d: NULL where missing; a hard end has lo1 (hi0) only
  VEC(ast_expr *) args; // CALL, IN_SET
};

// ---- roles and stages ---------------------------------------------------------------------------

typedef enum { AST_ROLE_PLAIN, AST_ROLE_GROUP, AST_ROLE_CHAIN, AST_ROLE_ANY } ast_role_shape;

// A role where it stands in a statement: a, mid[3..], via{1..9}, any.
typedef struct ast_role {
  ast_role_shape shape; // as written here; a group's later places are PLAIN
  ast_name name;
  ast_expr
      *bounds; // RANGE of GROUP and CHAIN; a single value in brackets [3] is RANGE with lo1 = hi0
  span span;
} ast_role;

typedef enum {
  AST_SET_OUT,  // out(x ...)
  AST_SET_IN,   // in(x ...)
  AST_SET_ROLE, // a role's name
  AST_SET_AND,  // a & b
  AST_SET_OR,   // a | b
  AST_SET_MINUS // a - b, left-associative
} ast_set_kind;

typedef enum { AST_SUPPORT_NONE, AST_SUPPORT_AT_LEAST, AST_SUPPORT_ALL } ast_support_kind;

typedef struct ast_set ast_set;
struct ast_set {
  ast_set_kind kind;
  span span, op_span;
  ast_name name;            // x of OUT and IN, the role of ROLE
  ast_support_kind support; // of OUT and IN
  ast_expr *at_least;       // AT_LEAST: a number, or a share (60%)
  ast_expr *filter;         // after where; NULL
  ast_name as;              // text NULL: unnamed
  ast_set *a, *b;
  bool in_parens; // for fmt
  uint32_t depth; // as of ast_expr
};

// ---- items and statements -----------------------------------------------------------------------

typedef enum {
#define AST_STMT(id, name) AST_##id,
#include "frontend/ast_kinds.def"
  AST_N_STMT_KINDS
} ast_stmt_kind;

typedef struct ast_meta_entry {
  ast_name key;
  VEC(ast_name) values; // texts in quotes or names (dotted names are one text: amlworld.cycle)
  VEC(bool) quoted;
} ast_meta_entry;

typedef struct ast_test_tx { // tx a -> b 100 USD at 2022-09-01 00:20 with format = "Cash", ...;
  span span;
  ast_name from, to;
  ast_expr *amount; // MONEY, NUMBER, or NULL
  ast_expr *at;     // TIME or NUMBER
  VEC(ast_name) with_names;
  VEC(ast_expr *)
  with_values; // TEXT, NUMBER, MONEY (amount_received = 90 EUR sets its currency too)
} ast_test_tx;

typedef struct ast_expectation { // role = a, role = {b, c}, degree in R
  ast_name name;
  VEC(ast_name) accounts;
  bool is_set;     // {..}
  ast_expr *range; // degree in RANGE
} ast_expectation;

typedef struct ast_expect { // expect none; expect N match(es) [with ...];
  span span;
  int64_t n; // 0: none
  VEC(ast_expectation) with;
} ast_expect;

typedef struct ast_stmt ast_stmt;
typedef VEC(ast_stmt *) ast_stmts;

// One statement of a file, a pattern, a profile or a test. Which fields are set: per kind.
struct ast_stmt {
  ast_stmt_kind kind;
  span span;
  const char *doc; // `///` lines before it, joined by newlines; NULL
  ast_name
      name; // PATTERN PROFILE TEST(text in quotes) PARAM CONST STAGE SET ABSENT FEATURE TRIGGER, SCOPE's role or stage
  // PATTERN, PROFILE, TEST: what stands in the braces
  ast_stmts body;
  ast_name target; // TEST: the pattern after `for`; IMPORT: the path
  // META
  VEC(ast_meta_entry) meta;
  // PARAM name : type = value [in range] ["reason"]; CONST name = value; in TEST: param name = value
  ast_name type, reason;
  ast_expr *
      value; // also WITHIN, HUBS, ABSENT's `for D`, STAGE's `within D`, a constraint, FEATURE's expression
  ast_expr *range; // PARAM's `in`, STAGE's, FEATURE's bins
  // STAGE from -> [chain ->] to, ABSENT from -> to
  ast_role from, via, to;
  bool has_via;
  ast_expr *filter;                // where
  ast_expr *support_p, *support_q; // STAGE of group to group: NULL when not said
  bool has_support;
  // SET name[bounds] = set;
  ast_expr *bounds;
  ast_set *set;
  // ABSENT ... before first(stage)
  ast_expr *before; // the CALL first(stage); NULL
  // MAY_EQUAL a, b
  ast_name other;
  // ALERT: the text in quotes, raw with its braces
  ast_name text;
  // FEATURE name = count by EXPR bins R
  bool histogram;
  // PROFILE's statements: FOR, OVER (names), STAT (value: NAME or CALL)
  VEC(ast_name) names;
  // TEST's
  ast_test_tx *tx;
  ast_expect *expect;
};

typedef struct ast_file {
  uint32_t file;   // its source
  int64_t version; // of #!amlc N
  ast_stmts items; // IMPORT CONST PARAM PATTERN PROFILE TEST
} ast_file;

// ---- parse.c ------------------------------------------------------------------------------------

// Parses a source; diagnostics go to the context. Goes on after errors; NULL only when nothing can be
// made of it (no memory). Whether it is whole: diag_n_errors(c).
ast_file *parse_source(arena *mem, cx *c, uint32_t file);

// parse_expr.c: bytes [start, end) of a source as one value, range or condition, as what stands in the
// braces of an alert text or behind --param. Places are those of the source. NULL after a diagnostic.
ast_expr *parse_expr(arena *mem, cx *c, uint32_t file, uint32_t start, uint32_t end);

// ast_print.c: the tree as text, one line a node, without addresses (for --emit=ast).
void ast_print(strbuf *out, const ast_file *f);

// fmt.c: the file in the one layout; comments stay where they belong. Needs a file without errors.
void fmt_source(strbuf *out, cx *c, const ast_file *f);

// ---- helpers of ast_build.c that others may use ---------------------------------------------------

const char *ast_expr_kind_name(ast_expr_kind k);
const char *ast_stmt_kind_name(ast_stmt_kind k);

#endif
