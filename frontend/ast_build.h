// Makes the nodes of the tree. Called by the actions of grammar.y only.
//
// A token's text is read here: numbers, times and texts that cannot be read are reported and become
// AST_ERROR. Nothing returns NULL but what is documented to.
#ifndef AML_FRONTEND_AST_BUILD_H
#define AML_FRONTEND_AST_BUILD_H

#include "frontend/ast.h"
#include "frontend/lexer.h"

typedef struct builder {
  arena *mem;
  cx *c;
  const lexed *lexed; // its comments are where `///` is looked up
  ast_file *file;
  span now;       // of the token being fed
  bool too_deep;  // said once a file
  bool stop;      // the parser has lost its place
  bool doubted;   // the statement that begins at `doubt` was mended by a guess: it is left out, so
  uint32_t doubt; // that nothing is said of what nobody wrote
} builder;

typedef ast_stmts stmt_list;
typedef struct meta_list {
  VEC(ast_meta_entry) at;
} meta_list;
typedef ast_meta_entry meta_entry;
typedef struct name_list {
  VEC(ast_name) at;
} name_list;
typedef struct expr_list {
  VEC(ast_expr *) at;
} expr_list;
typedef struct bound { // a or a~b
  ast_expr *first, *second;
} bound;
typedef struct tail { // what may follow the roles of a stage or an absence
  ast_expr *filter, *value, *before, *support_p, *support_q;
} tail;

// The parser's stack is full.
void build_too_deep(builder *b);

// ---- tokens -------------------------------------------------------------------------------------

token build_join(token a, token b); // one token from the start of a to the end of b
token build_as_name(token t);

// ---- formulas -----------------------------------------------------------------------------------

ast_expr *build_number(builder *b, token t); // NUMBER, DURATION, PERCENT
ast_expr *build_negative(builder *b, token minus, token number);
ast_expr *build_money(builder *b, token number, token currency);
ast_expr *build_time(builder *b, token t);
ast_expr *build_text(builder *b, token t);
ast_expr *build_name(builder *b, token t);
ast_expr *build_dot(builder *b, token of, token field);
ast_expr *build_call(builder *b, token name, expr_list *args, token close);
ast_expr *build_parens(token open, ast_expr *e, token close);
ast_expr *build_unary(builder *b, ast_expr_kind kind, token op, ast_expr *a);
ast_expr *build_binary(builder *b, ast_expr_kind kind, ast_expr *l, token op, ast_expr *r);
ast_expr *build_in_name(builder *b, ast_expr *l, token op, ast_expr *name);
ast_expr *build_in_set(builder *b, ast_expr *l, token op, expr_list *items, token close);
expr_list *build_exprs(builder *b, expr_list *list, ast_expr *e); // list NULL: a new one
bound *build_bound(builder *b, ast_expr *first, ast_expr *second);
ast_expr *build_range(builder *b, bound *lo, token dots, bound *hi);
ast_expr *build_exactly(builder *b, ast_expr *e);

// ---- roles and sets -----------------------------------------------------------------------------

ast_role *build_role(builder *b, ast_role_shape shape, token name, ast_expr *bounds, token last);
ast_role *build_sized_any(builder *b, token any, ast_expr *bounds, token last);
ast_set *build_set_role(builder *b, token name);
ast_set *build_set_parens(builder *b, token open, ast_set *s, token close);
ast_set *build_set_as(builder *b, ast_set *s, token name);
ast_set *build_set_op(builder *b, ast_set_kind kind, ast_set *l, token op, ast_set *r);
ast_set *build_reach(builder *b, ast_set_kind kind, token word, ast_set *s, token close);
ast_set *build_source(builder *b, token name, ast_expr *at_least, ast_expr *filter);
ast_expr *build_all(builder *b, token all); // for build_source: not at least k, but all

// ---- statements ---------------------------------------------------------------------------------

stmt_list *build_stmts(builder *b);
stmt_list *build_add(builder *b, stmt_list *list, ast_stmt *s); // s NULL: nothing to add
void build_file(builder *b, stmt_list *items);

ast_stmt *build_import(builder *b, token word, token path, token last);
ast_stmt *build_const(builder *b, token word, token name, ast_expr *value, token last);
ast_stmt *build_param(builder *b, token word, token name, const token *type, ast_expr *value,
                      ast_expr *range, const token *reason, token last);
ast_stmt *build_block(builder *b, ast_stmt_kind kind, token word, token name, stmt_list *body,
                      token last);
ast_stmt *build_profile(builder *b, token word, token name, ast_expr *within, stmt_list *body,
                        token last);
ast_stmt *build_test(builder *b, token word, token name, token target, stmt_list *body, token last);

// A statement that is its word and at most a name and a formula.
ast_stmt *build_simple(builder *b, ast_stmt_kind kind, token word, ast_expr *value, token last);
ast_stmt *build_named(builder *b, ast_stmt_kind kind, token word, token name, ast_expr *value,
                      token last);
ast_stmt *build_may_equal(builder *b, token word, token name, token other, token last);
ast_stmt *build_alert(builder *b, token word, token text, token last);
ast_stmt *build_feature(builder *b, token word, token name, ast_expr *value, token last);
ast_stmt *build_histogram(builder *b, token word, token name, ast_expr *count, ast_expr *by,
                          ast_expr *bins, token last);

meta_list *build_metas(builder *b);
meta_list *build_add_meta(builder *b, meta_list *list, token key, meta_entry *values);
meta_entry *build_values(builder *b, meta_entry *list, token value); // list NULL: a new one
ast_stmt *build_meta(builder *b, token word, meta_list *entries, token last);

tail *build_tail(builder *b);
tail *build_tail_where(builder *b, tail *t, token word, ast_expr *filter);
tail *build_tail_value(builder *b, tail *t, token word, ast_expr *value); // `within D`, `for D`
tail *build_tail_before(builder *b, tail *t, token word, ast_expr *call);
tail *build_tail_support(builder *b, tail *t, token word, ast_expr *p, ast_expr *q);
ast_stmt *build_stage(builder *b, token word, token name, ast_role *from, ast_role *via,
                      ast_role *to, tail *t, token last);
ast_stmt *build_absent(builder *b, token word, token name, ast_role *from, ast_role *to, tail *t,
                       token last);
ast_stmt *build_set_stmt(builder *b, token word, token name, ast_expr *bounds, ast_set *set,
                         token last);

name_list *build_names(builder *b, name_list *list, token name); // list NULL: a new one
ast_stmt *build_names_stmt(builder *b, ast_stmt_kind kind, token word, name_list *names,
                           token last);
ast_stmt *build_stat(builder *b, ast_expr *call, token last);

ast_test_tx *build_pairs(builder *b, ast_test_tx *list, token name, ast_expr *value);
ast_stmt *build_tx(builder *b, token word, token from, token to, ast_expr *amount, ast_expr *at,
                   ast_test_tx *with, token last);
ast_expectation *build_expected(builder *b, token name, name_list *accounts, ast_expr *range);
ast_expectation *build_expected_one(builder *b, token name, token account);
ast_expect *build_expectations(builder *b, ast_expect *list, ast_expectation *e);
ast_stmt *build_expect(builder *b, token word, const token *n, ast_expect *with, token last);

// ---- for ast_build_*.c --------------------------------------------------------------------------

ast_name build__name(builder *b, token t); // of a name, or of a text in quotes without them
// The text in quotes without them and with its escapes read; NULL after a diagnostic.
const char *build__text(builder *b, token t);

#endif
