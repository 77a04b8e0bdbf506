// Bad kernel IR, a row for each rule of the verifier and more for those with several sides.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ir/kir_verify.h"
#include "tests/unit/support_gir.h"
#include "tests/unit/support_kir.h"

Suite *make_kir_verify_suite(void);

// Breaks a good module. A row either replaces a piece of the text, where text can say it, or has a
// function that spoils the nodes or tables.
typedef struct bad_row {
  kir_rule rule;
  const char *name;
  const char *from, *to;
  void (*spoil)(kir_module *m);
} bad_row;

// ---- what text cannot say -------------------------------------------------------------------------

static void too_few_args(kir_module *m)
{
  kir_first(m, KIR_U_EQ)->n_args = 1;
}

static void too_many_args(kir_module *m)
{
  kir_node *n = kir_first(m, KIR_GENERATE_ALL);
  n->args = arena_alloc(m->mem, 2 * sizeof *n->args);
  n->args[0] = kir_u32(m, (span){0}, 1);
  n->args[1] = kir_u32(m, (span){0}, 2);
  n->n_args = 2;
}

static void missing_arg(kir_module *m)
{
  kir_first(m, KIR_U_EQ)->args[1] = NULL;
}

static void wrong_arg(kir_module *m)
{
  kir_first(m, KIR_U_EQ)->args[1] = kir_make(m, KIR_TRIGGER_TIME, (span){0}, NULL, 0);
}

static void let_of_a_statement(kir_module *m)
{
  kir_first(m, KIR_LET)->args[0] = kir_make(m, KIR_NEXT, (span){0}, NULL, 0);
}

static void wrong_type(kir_module *m)
{
  kir_first(m, KIR_U_EQ)->type = KTY_U32;
}

static void untyped_variable(kir_module *m)
{
  kir_first(m, KIR_VAR)->type = KTY_ANY;
}

static void two_uses(kir_module *m)
{
  kir_node *and = kir_first(m, KIR_B_AND);
  and->args[1] = and->args[0];
}

static void cycle_of_nodes(kir_module *m)
{
  kir_node *and = kir_first(m, KIR_B_AND);
  and->args[1] = and;
}

static void no_such_op(kir_module *m)
{
  kir_first(m, KIR_U_EQ)->op = KIR_N_OPS;
}

static kir_node *return_truth(kir_module *m)
{
  return kir_first(m, KIR_C_TRUTH);
}

// c_not(c_not(.. )) deeper than anyone follows.
static void deep_expression(kir_module *m)
{
  kir_node *ret = kir_first(m, KIR_RETURN), *n = ret->args[0];
  for (int i = 0; i < 5000; i++)
    n = kir_make(m, KIR_C_NOT, (span){0}, &n, 1);
  ret->args[0] = n;
}

static void deep_blocks(kir_module *m)
{
  kir_fn *f = kir_fn_named(m, "along");
  for (int i = 0; i < KIR_MAX_NESTING + 2; i++) {
    kir_node *outer = kir_make(m, KIR_BLOCK, (span){0}, NULL, 0);
    kir_append(m, outer, f->body);
    f->body = outer;
  }
}

static void deep_choices(kir_module *m)
{
  kir_node *truth = return_truth(m);
  for (int i = 0; i < KIR_MAX_NESTING + 2; i++) {
    kir_node *less =
        kir_make(m, KIR_U_EQ, (span){0},
                 (kir_node *[]){kir_u32(m, (span){0}, 1), kir_u32(m, (span){0}, 2)}, 2);
    truth->args[0] = kir_make(m, KIR_B_OR, (span){0}, (kir_node *[]){less, truth->args[0]}, 2);
  }
}

static void if_without_block(kir_module *m)
{
  kir_first(m, KIR_IF)->args[1] = kir_make(m, KIR_COMMENT, (span){0}, NULL, 0);
  kir_first(m, KIR_IF)->args[1]->text = "";
}

static void function_without_body(kir_module *m)
{
  m->fns.at[0]->body = NULL;
}

static void odd_kind_of_function(kir_module *m)
{
  m->fns.at[0]->kind = KIR_N_FN;
}

static void no_name(kir_module *m)
{
  kir_first(m, KIR_LET)->name = NULL;
}

static void no_row_name(kir_module *m)
{
  kir_first(m, KIR_FOR_EACH)->text = "no name";
}

static void no_text(kir_module *m)
{
  kir_first(m, KIR_COMMENT)->text = NULL;
}

static void no_value(kir_module *m)
{
  kir_first(m, KIR_N_CONST)->value.den = 0;
}

static void half_a_slope(kir_module *m)
{
  kir_first(m, KIR_C_IN)->range.has = GIR_HAS_A | GIR_HAS_C;
}

static void broken_end(kir_module *m)
{
  m->roles.at[1].size.b.den = 0;
}

static void wrong_variable_type(kir_module *m)
{
  kir_fn_named(m, "filter_back")->body->args[0]->args[0] = kir_var(m, (span){0}, "row", KTY_I64);
}

static void undeclared(kir_module *m)
{
  kir_first(m, KIR_VAR)->name = "c";
}

static void out_of_scope(kir_module *m)
{
  kir_node *loop = kir_first(m, KIR_FOR_EACH);
  kir_first(m, KIR_CANDIDATE)->args[1] = kir_var(m, (span){0}, loop->name, KTY_U32);
}

static void same_role_name(kir_module *m)
{
  m->roles.at[2].name = m->roles.at[0].name;
}

static void no_stage_name(kir_module *m)
{
  m->stages.at[1].name = "";
}

static void no_fn_name(kir_module *m)
{
  m->fns.at[0]->name = "a b";
}

static void same_fn_name(kir_module *m)
{
  m->fns.at[1]->name = m->fns.at[0]->name;
}

static void odd_kind_of_role(kir_module *m)
{
  m->roles.at[0].kind = KIR_ROLE_CHAIN + 1;
}

static void odd_currency(kir_module *m)
{
  m->currency = (gir_currency)7;
}

static void odd_scope(kir_module *m)
{
  m->cons.at[0].scope = -1;
}

static void broken_share(kir_module *m)
{
  m->sets.at[0].share.den = 0;
}

static void no_within(kir_module *m)
{
  m->within = 0;
}

static void no_module_name(kir_module *m)
{
  m->name = NULL;
}

static void none_where_one_must_be(kir_module *m)
{
  m->features.at[0].fn = KIR_NONE;
}

// ---- the rows -------------------------------------------------------------------------------------

#define EV "everything"
#define RI "ring"

static const bad_row rows[] = {
    {KRULE_ARGS, EV, .spoil = too_few_args},
    {KRULE_ARGS, EV, .spoil = too_many_args},
    {KRULE_ARG_MISSING, EV, .spoil = missing_arg},
    {KRULE_ARG_TYPE, EV, .spoil = wrong_arg},
    {KRULE_ARG_TYPE, EV, .spoil = let_of_a_statement},
    {KRULE_ARG_TYPE, EV, "c_not(c4)", "c_not(row)", NULL},
    {KRULE_ARG_TYPE, EV, "let number = format_of(row)", "let number = show(n_span(), shown=none)",
     NULL},
    {KRULE_RESULT, EV, .spoil = wrong_type},
    {KRULE_RESULT, EV, .spoil = untyped_variable},
    {KRULE_SHARED, EV, .spoil = two_uses},
    {KRULE_SHARED, EV, .spoil = cycle_of_nodes},
    {KRULE_SHARED, EV, .spoil = no_such_op},
    {KRULE_DEPTH, RI, .spoil = deep_expression},
    {KRULE_DEPTH, RI, .spoil = deep_blocks},
    {KRULE_DEPTH, RI, .spoil = deep_choices},
    {KRULE_BODY, EV, .spoil = if_without_block},
    {KRULE_BODY, EV, .spoil = function_without_body},
    {KRULE_BODY, EV, .spoil = odd_kind_of_function},
    {KRULE_NAME, EV, .spoil = no_name},
    {KRULE_NAME, EV, .spoil = no_row_name},
    {KRULE_NAME, EV, "let late = ", "let x.1 = 1\n let late = ", NULL},
    {KRULE_NAME, EV, "let never_read = ", "let none = 1\n let never_read = ", NULL},
    {KRULE_TEXT, EV, .spoil = no_text},
    {KRULE_VALUE, EV, .spoil = no_value},
    {KRULE_IMM, EV, "marks_begin slot=3", "marks_begin slot=4", NULL},
    {KRULE_IMM, EV, "marks_begin slot=3", "marks_begin slot=-1", NULL},
    {KRULE_IMM, EV, "n_members(role=%mid)", "n_members(role=4)", NULL},
    {KRULE_IMM, EV, "passes(e, stage=%pay)", "passes(e, stage=6)", NULL},
    {KRULE_IMM, EV, "u_lt(1, size_of", "u_lt(-1, size_of", NULL},
    {KRULE_IMM, EV, "u_lt(1, size_of", "u_lt(4294967296, size_of", NULL},
    {KRULE_AMOUNT, EV, "cmp_note_row row, field=amount", "cmp_note_row row, field=time", NULL},
    {KRULE_AMOUNT, EV, "account, field=amount, stage=%pay\n", "account, field=to, stage=%pay\n",
     NULL},
    {KRULE_AMOUNT, EV, "agg=sum, field=amount", "agg=sum, field=format", NULL},
    {KRULE_RANGE, EV, .spoil = half_a_slope},
    {KRULE_RANGE, EV, .spoil = broken_end},
    {KRULE_RANGE_ORDER, EV, "-0.5..2.5~3.5", "3..2.5~3.5", NULL},
    {KRULE_RANGE_ORDER, EV, "size in number 1~2..8~9", "size in number 2~2..8~9", NULL},
    {KRULE_SYMBOL, EV, "cmp_note_literal symbol=0", "cmp_note_literal symbol=4", NULL},
    {KRULE_SYMBOL, EV, "cmp_note_literal symbol=0", "cmp_note_literal symbol=none", NULL},
    {KRULE_SYMBOL_KIND, EV, "cmp_note_literal symbol=0", "cmp_note_literal symbol=1", NULL},
    {KRULE_SYMBOL_KIND, EV, "n_column(row, symbol=2)", "n_column(row, symbol=3)", NULL},
    {KRULE_SYMBOL_KIND, EV, "end=to, symbol=3", "end=to, symbol=0", NULL},
    {KRULE_UNDECLARED, RI, .spoil = undeclared},
    {KRULE_UNDECLARED, EV, .spoil = out_of_scope},
    {KRULE_VAR_TYPE, EV, .spoil = wrong_variable_type},
    {KRULE_REDECLARED, EV, "let c2 =", "let c1 = c_cannot_say()\n let c2 =", NULL},
    {KRULE_REDECLARED, EV, "let c2 =", "let row = 1\n let c2 =", NULL},
    {KRULE_REDECLARED, EV, "for_each n2 row2", "for_each n row2", NULL},
    {KRULE_REDECLARED, EV, "for_each n2 row2", "for_each n2 n2", NULL},
    {KRULE_REDECLARED, EV, "parallel e {", "parallel e {\n let e = 1", NULL},
    {KRULE_WHERE, EV, "c_truth(u_ne(from_of(row), to_of(row)))", "c_truth(allowed(row))", NULL},
    {KRULE_WHERE, EV, "n_gap(a, b)", "n_span()", NULL},
    {KRULE_WHERE, EV, "n_members(role=%mid)", "n_field(1, field=time)", NULL},
    {KRULE_WHERE, EV, "comment \"never\"", "candidate row, row", NULL},
    {KRULE_WHERE, EV, "let from = from_of(e)", "let from = from_of(e)\n let x = c_cannot_say()",
     NULL},
    {KRULE_WHERE, EV, "let from = from_of(e)", "let from = from_of(e)\n return c_cannot_say()",
     NULL},
    {KRULE_LOOP, EV, "comment \"never\"", "next", NULL},
    {KRULE_LOOP, EV, "generate_all e", "stop", NULL},
    {KRULE_RETURN_TYPE, EV, "return show(n_add(", "return c_cannot_say()\n return show(n_add(",
     NULL},
    {KRULE_RETURN_TYPE, EV, "return c_cannot_say()\n      }", "return row\n      }", NULL},
    {KRULE_NO_RETURN, EV, "        return c_cannot_say()\n      }", "      }", NULL},
    {KRULE_NO_RETURN, RI, "    return c_truth(i_lt(time_of(a), time_of(b)))\n", "", NULL},
    {KRULE_PARALLEL, EV, "comment \"both ends are bound\"", "let x = 1", NULL},
    {KRULE_PARALLEL, EV, "comment \"both ends are bound\"", "parallel d {\n}", NULL},
    {KRULE_PARALLEL, EV, "generate_all e", "parallel d {\n}", NULL},
    {KRULE_CANDIDATE, EV, "candidate from, to_of(e)", "candidate from", NULL},
    {KRULE_CANDIDATE, EV, "candidate from, to_of(e)", "candidate from, from, from", NULL},
    {KRULE_CANDIDATE, RI, "\n  }\n}\n",
     "\n  }\n  fn generate g \"\" {\n parallel e {\n candidate e\n }\n }\n}\n", NULL},
    {KRULE_MARKS, EV, "marks_begin slot=3", "marks_begin slot=2", NULL},
    {KRULE_MARKS, EV, "      marks_begin slot=3\n", "if u_lt(from, e) {\n marks_begin slot=3\n }\n",
     NULL},
    {KRULE_MARKS, EV, "size_of(out_of(from))", "n_marked(slot=1)", NULL},
    {KRULE_CMP_ORDER, EV, "cmp_begin time_of(row)\n", "", NULL},
    {KRULE_CMP_ORDER, EV, "let c2 =", "cmp_note_row row, field=amount\n let c2 =", NULL},
    {KRULE_CMP_ORDER, EV, "let c2 =", "let ok = cmp_settle()\n let c2 =", NULL},
    {KRULE_CMP_VALUE, EV, "c_select(cmp_settle(), ", "c_select(u_eq(1, 1), ", NULL},
    {KRULE_CMP_VALUE, EV, "let late = ",
     "let sum = n_agg(role, account, agg=sum, field=amount, "
     "stage=%pay)\n let late = ",
     NULL},
    {KRULE_HEAD, EV, .spoil = no_within},
    {KRULE_HEAD, EV, .spoil = no_module_name},
    {KRULE_HEAD, EV, "hash \"0011", "hash \"001", NULL},
    {KRULE_HEAD, EV, "hash \"0011", "hash \"00AA", NULL},
    {KRULE_HEAD, EV, "version \"1.2.3\"", "version \"\"", NULL},
    {KRULE_HEAD, EV, "hubs 1000", "hubs -1", NULL},
    {KRULE_HEAD, EV, "span 172800", "span -1", NULL},
    {KRULE_HEAD, EV, "trigger %pay", "trigger %not_back", NULL},
    {KRULE_FN_NAME, EV, .spoil = no_fn_name},
    {KRULE_FN_NAME, EV, .spoil = same_fn_name},
    {KRULE_ITEM_NAME, EV, .spoil = same_role_name},
    {KRULE_ITEM_NAME, EV, .spoil = no_stage_name},
    {KRULE_ITEM_NAME, EV, "feature best", "feature n", NULL},
    {KRULE_INDEX, EV, "set=4", "set=7", NULL},
    {KRULE_INDEX, EV, "index=0", "index=1", NULL},
    {KRULE_INDEX, EV, "anchor=%pay", "anchor=6", NULL},
    {KRULE_INDEX, EV, "constraint=5", "constraint=9", NULL},
    {KRULE_INDEX, EV, .spoil = none_where_one_must_be},
    {KRULE_FN_KIND, EV, "agg=%each_payer", "agg=%filter_pay", NULL},
    {KRULE_FN_KIND, EV, "generate %generate", "generate %title", NULL},
    {KRULE_WORD, EV, .spoil = odd_kind_of_role},
    {KRULE_WORD, EV, .spoil = odd_currency},
    {KRULE_WORD, EV, .spoil = odd_scope},
    {KRULE_WORD, EV, .spoil = broken_share},
    {KRULE_ROLE, EV, "role payer kind=one", "role payer kind=one set=4", NULL},
    {KRULE_ROLE, EV, "role payer kind=one", "role payer kind=one size in number 1..", NULL},
    {KRULE_ROLE, RI, "1..5\n", "1..5 shares=yes\n", NULL},
    {KRULE_STAGE, EV, "from=any to=%others", "from=any to=any", NULL},
    {KRULE_STAGE, EV, "kind=layer from=%mid", "kind=layer from=%payer", NULL},
    {KRULE_STAGE, EV, "to=%mid owner=%mid shown=2", "to=%mid shown=2", NULL},
    {KRULE_STAGE, EV, "to=%mid owner=%mid shown=2", "to=%mid owner=%payer shown=2", NULL},
    {KRULE_STAGE, EV, "within=3600", "within=-1", NULL},
    {KRULE_STAGE, RI, "to=%start", "to=%via", NULL},
    {KRULE_STAGE, RI, "closed=yes ", "", NULL},
    {KRULE_STAGE, RI, "chain=%via", "chain=%start", NULL},
    {KRULE_SHOWN, EV, "shown=1", "shown=2", NULL},
    {KRULE_SHOWN, EV, "to=%payer owner=%mid", "to=%payer owner=%mid shown=4", NULL},
    {KRULE_SET, EV, "op=has a=%mid.1 at_least=1", "op=has a=%mid.1", NULL},
    {KRULE_SET, EV, "op=share a=%mid.2 share=0.6", "op=share a=%mid.2 share=1.1", NULL},
    {KRULE_SET, EV, "op=minus a=2 b=3", "op=minus a=2", NULL},
    {KRULE_SET, EV, "op=role a=%payee", "op=role a=%payee b=0", NULL},
    {KRULE_SET_ORDER, EV, "op=or a=0 b=1", "op=or a=0 b=2", NULL},
    {KRULE_START, EV, "  start role=%others\n", "", NULL},
    {KRULE_START, EV, "start role=%others", "start role=%mid", NULL},
    {KRULE_START, EV, "start role=%others", "start role=%others\n  start role=%payer", NULL},
    {KRULE_PAIR, EV, "pair=0 cond=1", "pair=0 cond=0", NULL},
    {KRULE_PAIR, EV, "constraint=6", "constraint=5", NULL},
    {KRULE_PAIR, EV, "pair role=%mid", "pair", NULL},
    {KRULE_PAIR, EV, "\n  con kind=size", "  pair role=%mid first=0 then=1\n\n  con kind=size",
     NULL},
    {KRULE_CONSTRAINT, EV, "role=%mid range", "role=%payer range", NULL},
    {KRULE_CONSTRAINT, EV, "scope=tx stage=%pay", "scope=tx stage=%gift", NULL},
    {KRULE_CONSTRAINT, EV, "scope=match stage=%layer", "scope=match stage=%pay", NULL},
    {KRULE_CONSTRAINT, EV, "pair=0 cond=1", "pair=0 cond=2", NULL},
    {KRULE_CONSTRAINT, EV, "role=%payer agg", "agg", NULL},
    {KRULE_CONSTRAINT, EV, " agg=%require", "", NULL},
    {KRULE_CONSTRAINT, EV, " other=%gift", "", NULL},
    {KRULE_CONSTRAINT, EV, "for=15552000", "for=-1", NULL},
    {KRULE_CONSTRAINT, EV, "from=%payee filter", "filter", NULL},
    {KRULE_TITLE, EV, "kind=value index=0", "kind=value", NULL},
    {KRULE_INDEX, EV, "kind=value index=0", "kind=text index=0", NULL},
    {KRULE_FEATURE, EV, "lo=-2 hi=30", "lo=31 hi=30", NULL},
    {KRULE_FEATURE, EV, "lo=-2 hi=30", "lo=-9223372036854775808 hi=9223372036854775807", NULL},
    {KRULE_PLAN, EV, "plan kind=trigger_major", "plan kind=hub_sweep", NULL},
    {KRULE_PLAN, EV, "lo=1 hi=3600", "lo=3601 hi=3600", NULL},
    {KRULE_PLAN, EV, "plan kind=key_major exact", "plan kind=hub_sweep exact", NULL},
    {KRULE_MAY_EQUAL, EV, "may_equal a=%payer b=%payee", "may_equal a=%payer b=%payer", NULL},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

// ---- the tests ------------------------------------------------------------------------------------

// Reads the row's text as it is broken, or spoils what was read; b->out says what was found.
static void read_row(kir_bench *b, const bad_row *row)
{
  if (row->spoil) {
    row->spoil(kir_bench_module(b, row->name));
    ck_assert(!kir_verify(b->c, b->m));
    kir_bench_diags(b);
    return;
  }
  char *text = text_replaced(kir_text_of(row->name), row->from, row->to);
  ck_assert_msg(!kir_bench_read(b, text, strlen(text)), "'%s' was read", row->to);
  free(text);
}

START_TEST(catches_bad_ir)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  read_row(&b, &rows[_i]);
  const char *said = strbuf_text(&b.out);
  ck_assert_msg(strstr(said, kir_rule_words[rows[_i].rule]) != NULL, "row %d, to be caught: %s\n%s",
                _i, kir_rule_words[rows[_i].rule], said);
  kir_bench_release(&b);
}
END_TEST

START_TEST(every_rule_has_bad_ir)
{
  bool tried[KIR_N_RULES] = {false};
  for (int i = 0; i < N_ROWS; i++)
    tried[rows[i].rule] = true;
  for (int r = 0; r < KIR_N_RULES; r++)
    ck_assert_msg(tried[r], "no row breaks: %s", kir_rule_words[r]);
}
END_TEST

START_TEST(passes_good_ir)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  kir_bench_module(&b, kir_texts[_i].name);
  kir_verify_or_bug(b.m);
  ck_assert(kir_verify(b.c, b.m));
  ck_assert_uint_eq(diag_n_errors(b.c), 0);
  kir_bench_release(&b);
}
END_TEST

Suite *make_kir_verify_suite(void)
{
  Suite *s = suite_create("kir_verify");
  TCase *tc = tcase_create("rules");
  tcase_add_loop_test(tc, catches_bad_ir, 0, N_ROWS);
  tcase_add_test(tc, every_rule_has_bad_ir);
  tcase_add_loop_test(tc, passes_good_ir, 0, (int)n_kir_texts);
  suite_add_tcase(s, tc);
  return s;
}
