// The grammar of .aml files. Actions only call ast_build.c; what is wrong is said by syntax.c, which
// asks before it feeds a token whether the parser takes it (the functions at the end of this file).
// So Lemon's own error handling runs only when syntax.c wants it: it feeds WRONG, and then a `;`,
// and the statement at hand is dropped.
//
// Reserved are only the words of language.md, section 2; every other word falls back to a name.

%name            syntax_
%token_prefix    TK_
%token_type      {token}
%extra_context   {builder *b}
%start_symbol    file
// At most some 20 entries a level of parentheses; a row of signs that fills it is met by a diagnostic.
%stack_size      4000

%include {
#include "frontend/ast_build.h"
#include "frontend/syntax.h"
#include <assert.h>
}

%stack_overflow { build_too_deep(b); }
%syntax_error   { (void)yymajor; (void)yyminor; (void)b; }

%token WRONG FOREIGN END.

%fallback NAME
  PATTERN PROFILE TEST IMPORT CONST PARAM META STAGE SET ABSENT EACH ALONG REQUIRE TRIGGER HUBS MOST
  LEAST ALL SAME IGNORING CURRENCY MAY EQUAL ALERT FEATURE ANY OUT TX WITH EXPECT NONE MATCH OVER.

%type items        {stmt_list *}
%type stmts        {stmt_list *}
%type pstmts       {stmt_list *}
%type tstmts       {stmt_list *}
%type item         {ast_stmt *}
%type stmt         {ast_stmt *}
%type shared       {ast_stmt *}
%type pstmt        {ast_stmt *}
%type tstmt        {ast_stmt *}
%type metas        {meta_list *}
%type values       {meta_entry *}
%type tail         {tail *}
%type atail        {tail *}
%type role         {ast_role *}
%type set          {ast_set *}
%type term         {ast_set *}
%type reach        {ast_set *}
%type source       {ast_set *}
%type dotted       {token}
%type acct         {token}
%type dir          {token}
%type names        {name_list *}
%type dirs         {name_list *}
%type accts        {name_list *}
%type pairs        {ast_test_tx *}
%type expectations {ast_expect *}
%type expectation  {ast_expectation *}
%type exprs        {expr_list *}
%type operands     {expr_list *}
%type bound        {bound *}

%default_type      {ast_expr *}

// END is a token, so that an item dropped for its errors is not taken for the end of the file.
file ::= items(L) END.                            { build_file(b, L); }

items(A) ::= .                                    { A = build_stmts(b); }
items(A) ::= items(L) item(S).                    { A = build_add(b, L, S); }

item(A) ::= shared(S).                            { A = S; }
item(A) ::= IMPORT(I) TEXT(T) SEMI(E).            { A = build_import(b, I, T, E); }
item(A) ::= PATTERN(P) NAME(N) LBRACE stmts(L) RBRACE(E). {
  A = build_block(b, AST_PATTERN, P, N, L, E);
}
item(A) ::= PROFILE(P) NAME(N) WITHIN sum(D) LBRACE pstmts(L) RBRACE(E). {
  A = build_profile(b, P, N, D, L, E);
}
item(A) ::= TEST(P) TEXT(N) FOR NAME(T) LBRACE tstmts(L) RBRACE(E). {
  A = build_test(b, P, N, T, L, E);
}
item(A) ::= SEMI.                                 { A = NULL; }
item(A) ::= error SEMI.                           { A = NULL; }

// ---- what may stand in a file and in a pattern --------------------------------------------------

shared(A) ::= CONST(P) NAME(N) EQ value(V) SEMI(E). {
  A = build_const(b, P, N, V, E);
}
shared(A) ::= PARAM(P) NAME(N) COLON NAME(T) EQ value(V) SEMI(E). {
  A = build_param(b, P, N, &T, V, NULL, NULL, E);
}
shared(A) ::= PARAM(P) NAME(N) COLON NAME(T) EQ value(V) TEXT(W) SEMI(E). {
  A = build_param(b, P, N, &T, V, NULL, &W, E);
}
shared(A) ::= PARAM(P) NAME(N) COLON NAME(T) EQ value(V) IN range(R) SEMI(E). {
  A = build_param(b, P, N, &T, V, R, NULL, E);
}
shared(A) ::= PARAM(P) NAME(N) COLON NAME(T) EQ value(V) IN range(R) TEXT(W) SEMI(E). {
  A = build_param(b, P, N, &T, V, R, &W, E);
}

// ---- a pattern ----------------------------------------------------------------------------------

stmts(A) ::= .                                    { A = build_stmts(b); }
stmts(A) ::= stmts(L) stmt(S).                    { A = build_add(b, L, S); }

stmt(A) ::= shared(S).                            { A = S; }
stmt(A) ::= META(P) LBRACE metas(M) RBRACE(E).    { A = build_meta(b, P, M, E); }
stmt(A) ::= WITHIN(P) sum(D) SEMI(E).             { A = build_simple(b, AST_WITHIN, P, D, E); }
stmt(A) ::= HUBS(P) AT MOST sum(N) SEMI(E).       { A = build_simple(b, AST_HUBS, P, N, E); }
stmt(A) ::= TRIGGER(P) NAME(N) SEMI(E).           { A = build_named(b, AST_TRIGGER, P, N, NULL, E); }
stmt(A) ::= SAME(P) CURRENCY SEMI(E).             { A = build_simple(b, AST_SAME_CURRENCY, P, NULL, E); }
stmt(A) ::= IGNORING(P) CURRENCY SEMI(E). {
  A = build_simple(b, AST_IGNORING_CURRENCY, P, NULL, E);
}
stmt(A) ::= MAY(P) EQUAL NAME(N) COMMA NAME(M) SEMI(E). {
  A = build_may_equal(b, P, N, M, E);
}
stmt(A) ::= STAGE(P) NAME(N) COLON role(F) ARROW role(T) tail(O) SEMI(E). {
  A = build_stage(b, P, N, F, NULL, T, O, E);
}
stmt(A) ::= STAGE(P) NAME(N) COLON role(F) ARROW role(V) ARROW role(T) tail(O) SEMI(E). {
  A = build_stage(b, P, N, F, V, T, O, E);
}
stmt(A) ::= SET(P) NAME(N) EQ set(X) SEMI(E).     { A = build_set_stmt(b, P, N, NULL, X, E); }
stmt(A) ::= SET(P) NAME(N) LBRACK size(R) RBRACK EQ set(X) SEMI(E). {
  A = build_set_stmt(b, P, N, R, X, E);
}
stmt(A) ::= ABSENT(P) NAME(N) COLON role(F) ARROW role(T) atail(O) SEMI(E). {
  A = build_absent(b, P, N, F, T, O, E);
}
stmt(A) ::= EACH(P) NAME(N) COLON constraint(C) SEMI(E). {
  A = build_named(b, AST_EACH, P, N, C, E);
}
stmt(A) ::= ALONG(P) NAME(N) COLON constraint(C) SEMI(E). {
  A = build_named(b, AST_ALONG, P, N, C, E);
}
stmt(A) ::= REQUIRE(P) constraint(C) SEMI(E).     { A = build_simple(b, AST_REQUIRE, P, C, E); }
stmt(A) ::= ALERT(P) TEXT(T) SEMI(E).             { A = build_alert(b, P, T, E); }
stmt(A) ::= FEATURE(P) NAME(N) EQ constraint(V) SEMI(E). {
  A = build_feature(b, P, N, V, E);
}
stmt(A) ::= FEATURE(P) NAME(N) EQ constraint(F) BY sum(V) BINS range(R) SEMI(E). {
  A = build_histogram(b, P, N, F, V, R, E);
}
stmt(A) ::= SEMI.                                 { A = NULL; }
stmt(A) ::= error SEMI.                           { A = NULL; }

metas(A) ::= .                                    { A = build_metas(b); }
metas(A) ::= metas(M) NAME(K) COLON values(V) SEMI. { A = build_add_meta(b, M, K, V); }
metas(A) ::= metas(M) SEMI.                       { A = M; }
metas(A) ::= metas(M) error SEMI.                 { A = M; }

values(A) ::= metaval(T).                         { A = build_values(b, NULL, T); }
values(A) ::= values(L) COMMA metaval(T).         { A = build_values(b, L, T); }

%type metaval {token}
metaval(A) ::= TEXT(T).                           { A = T; }
metaval(A) ::= NUMBER(T).                         { A = T; }
metaval(A) ::= TIME(T).                           { A = T; }
metaval(A) ::= dotted(T).                         { A = T; }

dotted(A) ::= NAME(T).                            { A = build_as_name(T); }
dotted(A) ::= dotted(L) DOT NAME(T).              { A = build_join(L, T); }

tail(A) ::= .                                     { A = build_tail(b); }
tail(A) ::= tail(O) WHERE(W) filter(F).           { A = build_tail_where(b, O, W, F); }
tail(A) ::= tail(O) WITHIN(W) sum(D).             { A = build_tail_value(b, O, W, D); }
tail(A) ::= tail(O) SUPPORT(W) size(P).           { A = build_tail_support(b, O, W, P, NULL); }
tail(A) ::= tail(O) SUPPORT(W) size(P) COMMA size(Q). {
  A = build_tail_support(b, O, W, P, Q);
}

atail(A) ::= .                                    { A = build_tail(b); }
atail(A) ::= atail(O) WHERE(W) filter(F).         { A = build_tail_where(b, O, W, F); }
atail(A) ::= atail(O) BEFORE(W) call(C).          { A = build_tail_before(b, O, W, C); }
atail(A) ::= atail(O) FOR(W) sum(D).              { A = build_tail_value(b, O, W, D); }

role(A) ::= ANY(T).                               { A = build_role(b, AST_ROLE_ANY, T, NULL, T); }
role(A) ::= ANY(T) LBRACK size(R) RBRACK(E).      { A = build_sized_any(b, T, R, E); }
role(A) ::= NAME(N).                              { A = build_role(b, AST_ROLE_PLAIN, N, NULL, N); }
role(A) ::= NAME(N) LBRACK size(R) RBRACK(E).     { A = build_role(b, AST_ROLE_GROUP, N, R, E); }
role(A) ::= NAME(N) LBRACE size(R) RBRACE(E).     { A = build_role(b, AST_ROLE_CHAIN, N, R, E); }

// ---- sets ---------------------------------------------------------------------------------------

// One level for all three: build_set_op asks for parentheses where they are mixed.
set(A) ::= term(T).                               { A = T; }
set(A) ::= set(L) AMP(O) term(R).                 { A = build_set_op(b, AST_SET_AND, L, O, R); }
set(A) ::= set(L) BAR(O) term(R).                 { A = build_set_op(b, AST_SET_OR, L, O, R); }
set(A) ::= set(L) MINUS(O) term(R).               { A = build_set_op(b, AST_SET_MINUS, L, O, R); }

term(A) ::= NAME(N).                              { A = build_set_role(b, N); }
term(A) ::= OUT(N).                               { A = build_set_role(b, N); }
term(A) ::= LP(L) set(S) RP(R).                   { A = build_set_parens(b, L, S, R); }
term(A) ::= reach(R).                             { A = R; }
term(A) ::= reach(R) AS NAME(N).                  { A = build_set_as(b, R, N); }

reach(A) ::= OUT(O) LP source(S) RP(E).           { A = build_reach(b, AST_SET_OUT, O, S, E); }
reach(A) ::= IN(O) LP source(S) RP(E).            { A = build_reach(b, AST_SET_IN, O, S, E); }

source(A) ::= NAME(N).                            { A = build_source(b, N, NULL, NULL); }
source(A) ::= NAME(N) WHERE filter(F).            { A = build_source(b, N, NULL, F); }
source(A) ::= NAME(N) COMMA atleast(K).           { A = build_source(b, N, K, NULL); }
source(A) ::= NAME(N) COMMA atleast(K) WHERE filter(F). { A = build_source(b, N, K, F); }

atleast(A) ::= AT LEAST sum(K).                   { A = K; }
atleast(A) ::= ALL(T).                            { A = build_all(b, T); }

// ---- formulas -----------------------------------------------------------------------------------

// A filter is a constraint without `before`, for `absent ... where F before first(S)`.
filter(A) ::= filter(L) OR(O) fand(R).            { A = build_binary(b, AST_OR, L, O, R); }
filter(A) ::= fand(L).                            { A = L; }
fand(A) ::= fand(L) AND(O) fnot(R).               { A = build_binary(b, AST_AND, L, O, R); }
fand(A) ::= fnot(L).                              { A = L; }
fnot(A) ::= NOT(O) fnot(R).                       { A = build_unary(b, AST_NOT, O, R); }
fnot(A) ::= relation(L).                          { A = L; }

constraint(A) ::= constraint(L) OR(O) cand(R).    { A = build_binary(b, AST_OR, L, O, R); }
constraint(A) ::= cand(L).                        { A = L; }
cand(A) ::= cand(L) AND(O) cnot(R).               { A = build_binary(b, AST_AND, L, O, R); }
cand(A) ::= cnot(L).                              { A = L; }
cnot(A) ::= NOT(O) cnot(R).                       { A = build_unary(b, AST_NOT, O, R); }
cnot(A) ::= relation(L).                          { A = L; }
cnot(A) ::= order(L).                             { A = L; }
cnot(A) ::= order(L) OVERLAP(O) range(R).         { A = build_binary(b, AST_OVERLAP, L, O, R); }
cnot(A) ::= sum(L) NOT(O) AFTER(P) sum(R). {
  A = build_binary(b, AST_NOT_AFTER, L, build_join(O, P), R);
}
order(A) ::= sum(L) BEFORE(O) sum(R).             { A = build_binary(b, AST_BEFORE, L, O, R); }

relation(A) ::= operand(L).                       { A = L; }
relation(A) ::= operand(L) EQ(O) operand(R).      { A = build_binary(b, AST_EQ, L, O, R); }
relation(A) ::= operand(L) NE(O) operand(R).      { A = build_binary(b, AST_NE, L, O, R); }
relation(A) ::= operand(L) LT(O) operand(R).      { A = build_binary(b, AST_LT, L, O, R); }
relation(A) ::= operand(L) LE(O) operand(R).      { A = build_binary(b, AST_LE, L, O, R); }
relation(A) ::= operand(L) GT(O) operand(R).      { A = build_binary(b, AST_GT, L, O, R); }
relation(A) ::= operand(L) GE(O) operand(R).      { A = build_binary(b, AST_GE, L, O, R); }
relation(A) ::= sum(L) IN(O) range(R).            { A = build_binary(b, AST_IN_RANGE, L, O, R); }
relation(A) ::= sum(L) IN(O) sum(R).              { A = build_in_name(b, L, O, R); }
relation(A) ::= sum(L) IN(O) LBRACE operands(R) RBRACE(E). { A = build_in_set(b, L, O, R, E); }

operands(A) ::= operand(E).                       { A = build_exprs(b, NULL, E); }
operands(A) ::= operands(L) COMMA operand(E).     { A = build_exprs(b, L, E); }
operand(A) ::= sum(E).                            { A = E; }
operand(A) ::= TEXT(T).                           { A = build_text(b, T); }

value(A) ::= range(R).                            { A = R; }
value(A) ::= sum(E).                              { A = E; }
value(A) ::= TEXT(T).                             { A = build_text(b, T); }

// A range, or one value that is both ends.
size(A) ::= range(R).                             { A = R; }
size(A) ::= sum(E).                               { A = build_exactly(b, E); }

range(A) ::= bound(L) DOTDOT(D) bound(H).         { A = build_range(b, L, D, H); }
range(A) ::= bound(L) DOTDOT(D).                  { A = build_range(b, L, D, NULL); }
range(A) ::= DOTDOT(D) bound(H).                  { A = build_range(b, NULL, D, H); }
range(A) ::= DOTDOT(D).                           { A = build_range(b, NULL, D, NULL); }
bound(A) ::= sum(E).                              { A = build_bound(b, E, NULL); }
bound(A) ::= sum(E) TILDE sum(F).                 { A = build_bound(b, E, F); }

sum(A) ::= sum(L) PLUS(O) product(R).             { A = build_binary(b, AST_ADD, L, O, R); }
sum(A) ::= sum(L) MINUS(O) product(R).            { A = build_binary(b, AST_SUB, L, O, R); }
sum(A) ::= product(E).                            { A = E; }
product(A) ::= product(L) STAR(O) factor(R).      { A = build_binary(b, AST_MUL, L, O, R); }
product(A) ::= product(L) SLASH(O) factor(R).     { A = build_binary(b, AST_DIV, L, O, R); }
product(A) ::= factor(E).                         { A = E; }
factor(A) ::= MINUS(O) factor(E).                 { A = build_unary(b, AST_NEG, O, E); }
factor(A) ::= primary(E).                         { A = E; }

primary(A) ::= NUMBER(T).                         { A = build_number(b, T); }
primary(A) ::= NUMBER(T) ISO(C).                  { A = build_money(b, T, C); }
primary(A) ::= DURATION(T).                       { A = build_number(b, T); }
primary(A) ::= PERCENT(T).                        { A = build_number(b, T); }
primary(A) ::= TIME(T).                           { A = build_time(b, T); }
primary(A) ::= NAME(T).                           { A = build_name(b, T); }
primary(A) ::= NAME(T) DOT NAME(F).               { A = build_dot(b, T, F); }
primary(A) ::= call(C).                           { A = C; }
primary(A) ::= LP(L) constraint(C) RP(R).         { A = build_parens(L, C, R); }

call(A) ::= NAME(N) LP exprs(L) RP(E).            { A = build_call(b, N, L, E); }
exprs(A) ::= constraint(E).                       { A = build_exprs(b, NULL, E); }
exprs(A) ::= exprs(L) COMMA constraint(E).        { A = build_exprs(b, L, E); }

// ---- a profile ----------------------------------------------------------------------------------

pstmts(A) ::= .                                   { A = build_stmts(b); }
pstmts(A) ::= pstmts(L) pstmt(S).                 { A = build_add(b, L, S); }
pstmt(A) ::= FOR(P) names(L) SEMI(E).             { A = build_names_stmt(b, AST_FOR, P, L, E); }
pstmt(A) ::= OVER(P) dirs(L) SEMI(E).             { A = build_names_stmt(b, AST_OVER, P, L, E); }
pstmt(A) ::= NAME(N) SEMI(E).                     { A = build_simple(b, AST_STAT, N, build_name(b, N), E); }
pstmt(A) ::= call(C) SEMI(E).                     { A = build_stat(b, C, E); }
pstmt(A) ::= SEMI.                                { A = NULL; }
pstmt(A) ::= error SEMI.                          { A = NULL; }

names(A) ::= NAME(N).                             { A = build_names(b, NULL, N); }
names(A) ::= names(L) COMMA NAME(N).              { A = build_names(b, L, N); }
dirs(A) ::= dir(N).                               { A = build_names(b, NULL, N); }
dirs(A) ::= dirs(L) COMMA dir(N).                 { A = build_names(b, L, N); }
dir(A) ::= NAME(N).                               { A = N; }
dir(A) ::= IN(N).                                 { A = N; }

// ---- a test -------------------------------------------------------------------------------------

tstmts(A) ::= .                                   { A = build_stmts(b); }
tstmts(A) ::= tstmts(L) tstmt(S).                 { A = build_add(b, L, S); }
tstmt(A) ::= PARAM(P) NAME(N) EQ value(V) SEMI(E). {
  A = build_param(b, P, N, NULL, V, NULL, NULL, E);
}
tstmt(A) ::= TX(P) acct(F) ARROW acct(T) amount(M) when(W) SEMI(E). {
  A = build_tx(b, P, F, T, M, W, NULL, E);
}
tstmt(A) ::= TX(P) acct(F) ARROW acct(T) amount(M) when(W) WITH pairs(L) SEMI(E). {
  A = build_tx(b, P, F, T, M, W, L, E);
}
tstmt(A) ::= EXPECT(P) NONE SEMI(E).              { A = build_expect(b, P, NULL, NULL, E); }
tstmt(A) ::= EXPECT(P) NUMBER(N) MATCH SEMI(E).   { A = build_expect(b, P, &N, NULL, E); }
tstmt(A) ::= EXPECT(P) NUMBER(N) MATCH WITH expectations(L) SEMI(E). {
  A = build_expect(b, P, &N, L, E);
}
tstmt(A) ::= SEMI.                                { A = NULL; }
tstmt(A) ::= error SEMI.                          { A = NULL; }

acct(A) ::= NAME(N).                              { A = build_as_name(N); }
acct(A) ::= TEXT(N).                              { A = N; }
accts(A) ::= acct(N).                             { A = build_names(b, NULL, N); }
accts(A) ::= accts(L) COMMA acct(N).              { A = build_names(b, L, N); }

amount(A) ::= .                                   { A = NULL; }
amount(A) ::= NUMBER(T).                          { A = build_number(b, T); }
amount(A) ::= NUMBER(T) ISO(C).                   { A = build_money(b, T, C); }
when(A) ::= .                                     { A = NULL; }
when(A) ::= AT TIME(T).                           { A = build_time(b, T); }
when(A) ::= AT NUMBER(T).                         { A = build_number(b, T); }

pairs(A) ::= dotted(N) EQ given(V).               { A = build_pairs(b, NULL, N, V); }
pairs(A) ::= pairs(L) COMMA dotted(N) EQ given(V). { A = build_pairs(b, L, N, V); }
given(A) ::= TEXT(T).                             { A = build_text(b, T); }
given(A) ::= NUMBER(T).                           { A = build_number(b, T); }
given(A) ::= MINUS(O) NUMBER(T).                  { A = build_negative(b, O, T); }
given(A) ::= NUMBER(T) ISO(C).                    { A = build_money(b, T, C); }

expectations(A) ::= expectation(X).               { A = build_expectations(b, NULL, X); }
expectations(A) ::= expectations(L) COMMA expectation(X). { A = build_expectations(b, L, X); }
expectation(A) ::= NAME(N) EQ acct(T).            { A = build_expected_one(b, N, T); }
expectation(A) ::= NAME(N) EQ LBRACE RBRACE.      { A = build_expected(b, N, NULL, NULL); }
expectation(A) ::= NAME(N) EQ LBRACE accts(L) RBRACE. { A = build_expected(b, N, L, NULL); }
expectation(A) ::= NAME(N) IN range(R).           { A = build_expected(b, N, NULL, R); }

// ---- what syntax.c asks -------------------------------------------------------------------------

%code {
// A run of the automaton beside the real stack, which it reads and leaves as it is.
typedef struct trial {
  const yyParser *p;
  ptrdiff_t base; // states of the real stack that still stand
  int n;          // and those pushed above them
  YYACTIONTYPE above[64];
} trial;

static trial trial_new(const void *parser)
{
  const yyParser *p = parser;
  return (trial){.p = p, .base = p->yytos - p->yystack};
}

static YYACTIONTYPE trial_top(const trial *t)
{
  return t->n ? t->above[t->n - 1] : t->p->yystack[t->base].stateno;
}

static void trial_push(trial *t, YYACTIONTYPE state)
{
  if (t->n == (int)(sizeof t->above / sizeof *t->above)) AML_BUG("a trial that grows");
  t->above[t->n++] = state;
}

static void trial_reduce(trial *t, unsigned rule)
{
  for (int n = -yyRuleInfoNRhs[rule]; n > 0; n--) {
    if (t->n) t->n--;
    else t->base--;
  }
  trial_push(t, yy_find_reduce_action(trial_top(t), (YYCODETYPE)yyRuleInfoLhs[rule]));
}

static bool explicit_in(YYACTIONTYPE state, int kind)
{
  return state <= YY_MAX_SHIFT && yy_lookahead[yy_shift_ofst[state] + kind] == kind;
}

static syntax_taken trial_step(trial *t, int kind)
{
  for (;;) {
    YYACTIONTYPE state = trial_top(t);
    YYACTIONTYPE act = yy_find_shift_action((YYCODETYPE)kind, state);
    if (act == YY_ACCEPT_ACTION) return SYNTAX_TAKEN;
    if (act <= YY_MAX_SHIFTREDUCE) {
      bool itself = explicit_in(state, kind);
      trial_push(t, act > YY_MAX_SHIFT ? act + (YY_MIN_REDUCE - YY_MIN_SHIFTREDUCE) : act);
      return itself ? SYNTAX_TAKEN : SYNTAX_TAKEN_AS_NAME;
    }
    if (act < YY_MIN_REDUCE) return SYNTAX_REFUSED;
    trial_reduce(t, act - YY_MIN_REDUCE);
  }
}

size_t syntax_bytes(void)
{
  return sizeof(yyParser);
}

syntax_taken syntax_try(const void *parser, const int *kinds, int n)
{
  trial t = trial_new(parser);
  syntax_taken first = SYNTAX_REFUSED;

  for (int i = 0; i < n; i++) {
    syntax_taken now = trial_step(&t, kinds[i]);
    if (now == SYNTAX_REFUSED) return SYNTAX_REFUSED;
    if (i == 0) first = now;
  }
  return first;
}

// Lists of statements are where an error may be shifted; an empty statement leads there.
bool syntax_at_statement(const void *parser)
{
  trial t = trial_new(parser);

  for (;;) {
    YYACTIONTYPE act = yy_find_shift_action(TK_SEMI, trial_top(&t));
    if (act < YY_MIN_REDUCE) break;
    trial_reduce(&t, act - YY_MIN_REDUCE);
  }
  return yy_find_reduce_action(trial_top(&t), YYERRORSYMBOL) <= YY_MAX_SHIFTREDUCE;
}
}
