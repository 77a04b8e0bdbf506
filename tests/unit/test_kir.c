// Kernel IR is built, printed and read back; whatever else is read is answered by diagnostics.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/amlrt_gen.h"
#include "ir/kir_fields.h"
#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_gir.h"
#include "tests/unit/support_kir.h"

Suite *make_kir_suite(void);

// ---- tables ---------------------------------------------------------------------------------------

// The words of kir_words.def are counted as the runtime's enums are.
#define WORD(kind, text, value)                                                                    \
  {                                                                                                \
    KW_##kind, text, #value, (int)(value)                                                          \
  }
static const struct {
  kir_word_kind kind;
  const char *text, *c_name;
  int value;
} words[] = {
    WORD(field, "amount", AMLRT_F_AMOUNT),
    WORD(field, "currency", AMLRT_F_CURRENCY),
    WORD(field, "amount_received", AMLRT_F_AMOUNT_RECEIVED),
    WORD(field, "currency_received", AMLRT_F_CURRENCY_RECEIVED),
    WORD(field, "format", AMLRT_F_FORMAT),
    WORD(field, "time", AMLRT_F_TIME),
    WORD(field, "from", AMLRT_F_FROM),
    WORD(field, "to", AMLRT_F_TO),
    WORD(agg, "sum", AMLRT_A_SUM),
    WORD(agg, "min", AMLRT_A_MIN),
    WORD(agg, "max", AMLRT_A_MAX),
    WORD(agg, "mean", AMLRT_A_MEAN),
    WORD(agg, "distinct", AMLRT_A_DISTINCT),
    WORD(cmp, "eq", AMLRT_CMP_EQ),
    WORD(cmp, "ne", AMLRT_CMP_NE),
    WORD(cmp, "lt", AMLRT_CMP_LT),
    WORD(cmp, "le", AMLRT_CMP_LE),
    WORD(cmp, "gt", AMLRT_CMP_GT),
    WORD(cmp, "ge", AMLRT_CMP_GE),
    WORD(shown, "none", AMLRT_VALUE_NONE),
    WORD(shown, "number", AMLRT_VALUE_NUMBER),
    WORD(shown, "money", AMLRT_VALUE_MONEY),
    WORD(shown, "duration", AMLRT_VALUE_DURATION),
    WORD(shown, "time", AMLRT_VALUE_TIME),
    WORD(end, "from", 0),
    WORD(end, "to", 1),
    WORD(currency, "checked", AMLRT_CURRENCY_CHECKED),
    WORD(currency, "same", AMLRT_CURRENCY_SAME),
    WORD(currency, "ignored", AMLRT_CURRENCY_IGNORED),
    WORD(symbol_kind, "currency", AMLRT_SYMBOL_CURRENCY),
    WORD(symbol_kind, "format", AMLRT_SYMBOL_FORMAT),
    WORD(symbol_kind, "column", AMLRT_SYMBOL_COLUMN),
    WORD(symbol_kind, "attribute", AMLRT_SYMBOL_ATTRIBUTE),
    WORD(role_kind, "one", AMLRT_ROLE_ONE),
    WORD(role_kind, "group", AMLRT_ROLE_GROUP),
    WORD(role_kind, "chain", AMLRT_ROLE_CHAIN),
    WORD(stage_kind, "plain", AMLRT_STAGE_PLAIN),
    WORD(stage_kind, "walk", AMLRT_STAGE_WALK),
    WORD(stage_kind, "layer", AMLRT_STAGE_LAYER),
    WORD(stage_kind, "term", AMLRT_STAGE_TERM),
    WORD(stage_kind, "probe", AMLRT_STAGE_PROBE),
    WORD(set_op, "has", AMLRT_SET_HAS),
    WORD(set_op, "share", AMLRT_SET_SHARE),
    WORD(set_op, "role", AMLRT_SET_ROLE),
    WORD(set_op, "and", AMLRT_SET_AND),
    WORD(set_op, "or", AMLRT_SET_OR),
    WORD(set_op, "minus", AMLRT_SET_MINUS),
    WORD(con_kind, "size", AMLRT_CON_SIZE),
    WORD(con_kind, "filter", AMLRT_CON_FILTER),
    WORD(con_kind, "support", AMLRT_CON_SUPPORT),
    WORD(con_kind, "pair", AMLRT_CON_PAIR),
    WORD(con_kind, "each", AMLRT_CON_EACH),
    WORD(con_kind, "require", AMLRT_CON_REQUIRE),
    WORD(con_kind, "overlap", AMLRT_CON_OVERLAP),
    WORD(con_kind, "absent", AMLRT_CON_ABSENT),
    WORD(scope, "match", AMLRT_SCOPE_MATCH),
    WORD(scope, "members", AMLRT_SCOPE_MEMBERS),
    WORD(scope, "hops", AMLRT_SCOPE_HOPS),
    WORD(scope, "tx", AMLRT_SCOPE_TX),
    WORD(title_kind, "text", AMLRT_TITLE_TEXT),
    WORD(title_kind, "role", AMLRT_TITLE_ROLE),
    WORD(title_kind, "value", AMLRT_TITLE_VALUE),
    WORD(feature_kind, "count", AMLRT_FEATURE_COUNT),
    WORD(feature_kind, "sum", AMLRT_FEATURE_SUM),
    WORD(feature_kind, "min", AMLRT_FEATURE_MIN),
    WORD(feature_kind, "max", AMLRT_FEATURE_MAX),
    WORD(feature_kind, "mean", AMLRT_FEATURE_MEAN),
    WORD(feature_kind, "histogram", AMLRT_FEATURE_HISTOGRAM),
    WORD(plan_kind, "trigger_major", AMLRT_PLAN_TRIGGER),
    WORD(plan_kind, "hub_sweep", AMLRT_PLAN_HUB),
    WORD(plan_kind, "key_major", AMLRT_PLAN_PAIR),
    WORD(plan_kind, "closing_search", AMLRT_PLAN_CLOSING),
    WORD(need_kind, "standard", AMLRT_NEED_STANDARD),
    WORD(need_kind, "column", AMLRT_NEED_COLUMN),
    WORD(need_kind, "attribute", AMLRT_NEED_ATTRIBUTE),
};
enum { N_WORDS = sizeof words / sizeof *words };

START_TEST(words_are_the_runtimes)
{
  uint32_t n = 0;
  for (int i = 0; i < N_WORDS; i++) {
    const kir_word *w = kir_word_of(words[i].kind, words[i].value);
    ck_assert_ptr_nonnull(w);
    ck_assert_str_eq(w->text, words[i].text);
    if (words[i].kind != KW_end) ck_assert_str_eq(w->c_name, words[i].c_name);
    ck_assert_int_eq(kir_word_value(words[i].kind, words[i].text), words[i].value);
  }
  for (int k = 0; k < KW_N; k++)
    for (int64_t v = 0; kir_word_of((kir_word_kind)k, v); v++)
      n++;
  ck_assert_uint_eq(n, N_WORDS);
  ck_assert_int_eq(AMLRT_HAS_A | AMLRT_HAS_B << 4 | AMLRT_HAS_C << 8 | AMLRT_HAS_D << 12,
                   GIR_HAS_A | GIR_HAS_B << 4 | GIR_HAS_C << 8 | GIR_HAS_D << 12);
}
END_TEST

START_TEST(samples_have_every_op)
{
  kir_bench b[3];
  for (size_t i = 0; i < 3; i++) {
    kir_bench_init(&b[i], NULL);
    kir_bench_module(&b[i], kir_texts[i].name);
  }
  for (int op = 0; op < KIR_N_OPS; op++) {
    bool found = false;
    for (size_t i = 0; i < 3; i++)
      found = found || kir_first(b[i].m, (kir_op)op);
    ck_assert_msg(found, "no sample has %s", kir_ops[op].name);
  }
  for (size_t i = 0; i < 3; i++)
    kir_bench_release(&b[i]);
}
END_TEST

// Every field of every table is printed somewhere, so that reading back proves something.
START_TEST(samples_have_every_field)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  for (uint32_t k = 0; k < kir_n_fields; k++) {
    const kir_field *f = &kir_fields[k];
    bool head = f->record == KREC_HEAD, found = f->kind == KF_NAME;
    const char *behind = head ? " " : f->kind == KF_RANGE ? " in " : "=";
    const char *want = arena_printf(b.mem, "%s%s%s", head ? "\n  " : " ", f->word, behind);
    for (size_t i = 0; i < n_kir_texts; i++)
      found = found || strstr(kir_texts[i].text, want);
    ck_assert_msg(found, "no sample has '%s'", want);
  }
  kir_bench_release(&b);
}
END_TEST

// ---- round trips ----------------------------------------------------------------------------------

START_TEST(reads_what_it_prints)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  kir_bench_module(&b, kir_texts[_i].name);
  ck_assert_str_eq(kir_bench_print(&b), kir_texts[_i].text);
  kir_bench_release(&b);
}
END_TEST

static kir_node *make(kir_module *m, kir_op op, kir_node *a, kir_node *b)
{
  return kir_make(m, op, (span){0}, (kir_node *[]){a, b}, b ? 2 : a ? 1 : 0);
}

static void head(kir_module *m)
{
  m->name = "ring of 3";
  m->id = "00000000-0000-0000-0000-000000000002";
  m->version = "1.0.0";
  m->hash = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  VEC_PUSH(m->mem, &m->plans, kir_plan_trigger_major());
  m->currency = GIR_CURRENCY_SAME;
  m->within = m->span_s = 86400;
}

static const gir_range one_to_five = {
    .has = GIR_HAS_B | GIR_HAS_C, .type = TY_NUMBER, .b = {1, 1}, .c = {5, 1}};

static void tables(kir_module *m)
{
  kir_role start = {.name = "start", .kind = KIR_ROLE_ONE, .set = KIR_NONE};
  kir_role via = {.name = "via", .kind = KIR_ROLE_CHAIN, .set = KIR_NONE, .size = one_to_five};
  kir_stage ring = {.name = "the ring", .kind = KIR_STAGE_WALK, .chain = 1, .owner = KIR_NONE};
  ring.closed = ring.compares_hops = ring.can_trigger = true;
  ring.filter = KIR_NONE;
  ring.line = "stage ring: start -> via{1..5} -> start";
  kir_pair pair = {.role = KIR_NONE, .lo = 1, .hi = INT64_MAX, .by_time = true};
  pair.asked[0] = pair.asked[1] = true;
  kir_pair_cond cond = {.fn = 0, .constraint = 1};
  VEC_PUSH(m->mem, &pair.conds, cond);
  VEC_PUSH(m->mem, &m->roles, start);
  VEC_PUSH(m->mem, &m->roles, via);
  VEC_PUSH(m->mem, &m->stages, ring);
  VEC_PUSH(m->mem, &m->pairs, pair);
}

static void constraints(kir_module *m)
{
  kir_con size = {.kind = KIR_CON_SIZE, .text = "via{1..5}", .role = 1, .range = one_to_five};
  size.shown = one_to_five;
  size.stage = size.other = size.pair = size.cond = size.agg = KIR_NONE;
  size.from = size.to = size.filter = size.anchor = KIR_NONE;
  kir_con along = size;
  along.kind = KIR_CON_PAIR;
  along.text = "along ring: this before next";
  along.scope = AMLRT_SCOPE_HOPS;
  along.role = KIR_NONE;
  along.pair = along.cond = 0;
  along.range.has = along.shown.has = 0;
  VEC_PUSH(m->mem, &m->cons, size);
  VEC_PUSH(m->mem, &m->cons, along);
}

START_TEST(builds)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  kir_module *m = b.m = kir_module_new(b.mem);
  head(m);
  tables(m);
  constraints(m);
  kir_fn *f = kir_fn_new(m, KIR_FN_PAIR, "along", (span){0});
  f->comment = "along ring: this before next";
  kir_node *a = make(m, KIR_TIME_OF, kir_var(m, (span){0}, "a", KTY_U32), NULL);
  kir_node *b2 = make(m, KIR_TIME_OF, kir_var(m, (span){0}, "b", KTY_U32), NULL);
  kir_node *truth = make(m, KIR_C_TRUTH, make(m, KIR_I_LT, a, b2), NULL);
  kir_append(m, f->body, make(m, KIR_RETURN, truth, NULL));
  kir_verify_or_bug(m);
  ck_assert_str_eq(kir_bench_print(&b), kir_text_of("ring"));
  kir_bench_release(&b);
}
END_TEST

START_TEST(names_functions_for_c)
{
  static const char *const given[][2] = {{"each_mid", "each_mid"},       {"each_mid", "each_mid_2"},
                                         {"the ring.2", "the_ring_2"},   {"9 lives", "_9_lives"},
                                         {"\303\251t\303\251", "__t__"}, {"", "_"}};
  kir_bench b;
  kir_bench_init(&b, NULL);
  b.m = kir_module_new(b.mem);
  for (size_t i = 0; i < sizeof given / sizeof *given; i++)
    ck_assert_str_eq(kir_fn_new(b.m, KIR_FN_ROW, given[i][0], (span){0})->name, given[i][1]);
  kir_bench_release(&b);
}
END_TEST

START_TEST(blocks_and_symbols_grow)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  b.m = kir_module_new(b.mem);
  kir_fn *f = kir_fn_new(b.m, KIR_FN_ROW, "f", (span){0});
  for (uint32_t i = 0; i < 1000; i++) {
    kir_node *n = make(b.m, KIR_COMMENT, NULL, NULL);
    n->imm[0] = i;
    kir_append(b.m, f->body, n);
  }
  ck_assert_uint_eq(f->body->n_args, 1000);
  for (uint32_t i = 0; i < 1000; i++)
    ck_assert_int_eq(f->body->args[i]->imm[0], i);
  ck_assert_uint_eq(kir_symbol_of(b.m, KIR_SYM_FORMAT, "Wire"), 0);
  ck_assert_uint_eq(kir_symbol_of(b.m, KIR_SYM_COLUMN, "Wire"), 1);
  ck_assert_uint_eq(kir_symbol_of(b.m, KIR_SYM_FORMAT, "Wire"), 0);
  kir_bench_release(&b);
}
END_TEST

// ---- broken texts ---------------------------------------------------------------------------------

// In the text of a module one piece is replaced; the first diagnostic then says so.
static const struct {
  const char *name, *from, *to, *says;
} broken[] = {
    {"ring", "kir 1", "", "t.kir:3:1: error: expected `kir 1` [syntax]"},
    {"ring", "kir 1", "kir 2", "t.kir:1:1: error: this amlc reads kernel IR of version 1"},
    {"ring", "kir 1", "gir 1", "expected `kir 1`"},
    {"ring", "pattern", "pettern", "expected a pattern"},
    {"ring", "\"ring of 3\" {", "\"ring of 3\"", "expected `{` before the end of the line"},
    {"ring", "  role start", "  rule start", "expected a line of a pattern: a table's, or `fn`"},
    {"ring", "  version", "  id \"x\"\n  version", "this line stands in the pattern twice"},
    {"ring", "version \"1.0.0\"", "version 1", "expected a text in quotes"},
    {"ring", "currency same", "currency some", "none of the values that may stand here"},
    {"ring", "within 86400", "within ?", "no line of kernel IR contains this character"},
    {"ring", "within 86400", "within 1.5", "a whole number of at most 64 bits must stand here"},
    {"ring", "role start kind=one", "role", "expected a name"},
    {"ring", "kind=one", "kind one", "expected `=`"},
    {"ring", "kind=one", "sort=one", "no field of this name"},
    {"ring", "from=%start to=%start", "to=%start from=%start", "it stands behind a later one"},
    {"ring", "from=%start", "from=%stert", "nothing of this name is there"},
    {"ring", "from=%start", "from=-1", "this is no whole number that may stand here"},
    {"ring", "from=%start", "from=4294967295", "this is no whole number that may stand here"},
    {"ring", "closed=yes", "closed=maybe", "expected `yes` or `no`"},
    {"ring", "size in number 1..5", "size number 1..5", "expected `in` and a range"},
    {"ring",
     "  pair first=0 then=0 first_asked=yes then_asked=yes lo=1 hi=9223372036854775807 "
     "by_time=yes // 0\n",
     "", "no pair stands above this condition"},
    {"ring", "fn=%along", "fn=%alang", "nothing of this name is there"},
    {"ring", "fn pair along", "fn pear along", "there is no such kind of function"},
    {"ring", "fn pair along \"", "fn pair \"", "expected the name of the function"},
    {"ring", "return c_truth", "retern c_truth", "kernel IR has no statement of this name"},
    {"ring", "return c_truth", "c_truth c_truth", "kernel IR has no statement of this name"},
    {"ring", "c_truth(i_lt", "c_troth(i_lt", "kernel IR has no value of this name"},
    {"ring", "c_truth(i_lt", "return(i_lt", "kernel IR has no value of this name"},
    {"ring", "time_of(a), time_of(b)", "time_of(a)", "expected `,`"},
    {"ring", "time_of(a), time_of(b)", "time_of(a), time_of(b), time_of(a)", "expected `)`"},
    {"ring", "time_of(a)", "time_of(c)", "no variable of this name is in scope"},
    {"ring", "time_of(a)", "time_of()", "expected a value"},
    {"ring", "\n  }\n}\n", "\n  }\n}\nfn", "expected the end of the file behind the pattern"},
    {"ring", "\n  }\n}\n", "\n  }\n", "expected `}`"},
    {"ring", "\n  }\n}\n", "\n", "expected a statement"},
    {"everything", "for_each n row in", "for_each n row at", "expected `in`"},
    {"everything", "let c1 =", "let c1", "expected `=`"},
    {"everything", "field=amount", "field=amunt", "none of the values that may stand here"},
    {"everything", "field=amount", "feld=amount", "expected `field=`"},
    {"everything", "passes(e, stage=%pay)", "passes(e, stage=%pey)",
     "no role or stage of this name"},
    {"everything", "symbol=0", "symbal=0", "expected `symbol=`"},
    {"everything", "comment \"never\"", "comment never", "expected a text in quotes"},
    {"everything", "n_const(-7/3)", "n_const(a)", "expected a number"},
    {"everything", "set=4", "set=7", "a table points at something that is not there [kir-invalid]"},
};

START_TEST(reports_broken_text)
{
  char *text = text_replaced(kir_text_of(broken[_i].name), broken[_i].from, broken[_i].to);
  kir_bench b;
  kir_bench_init(&b, NULL);
  ck_assert_msg(!kir_bench_read(&b, text, strlen(text)), "'%s' was read", broken[_i].to);
  const char *first = strbuf_text(&b.out);
  const char *found = strstr(first, broken[_i].says);
  ck_assert_msg(found && found < first + strcspn(first, "\n"), "'%s' gave: %s", broken[_i].to,
                first);
  kir_bench_release(&b);
  free(text);
}
END_TEST

START_TEST(goes_on_after_an_error_in_a_table)
{
  char *one = text_replaced(kir_text_of("ring"), "kind=one", "kind=won");
  char *two = text_replaced(one, "currency same", "currency 7");
  kir_bench b;
  kir_bench_init(&b, NULL);
  ck_assert(!kir_bench_read(&b, two, strlen(two)));
  ck_assert_uint_eq(diag_n_errors(b.c), 2);
  kir_bench_release(&b);
  free(one);
  free(two);
}
END_TEST

// Reads any bytes; what it takes must read back as printed.
static void try_bytes(const char *text, size_t n)
{
  kir_bench b, again;
  kir_bench_init(&b, NULL);
  if (kir_bench_read(&b, text, n)) {
    const char *first = kir_bench_print(&b);
    kir_bench_init(&again, NULL);
    ck_assert_msg(kir_bench_read(&again, first, strlen(first)), "%s\n%s", first,
                  strbuf_text(&again.out));
    ck_assert_str_eq(kir_bench_print(&again), first);
    kir_bench_release(&again);
  } else {
    ck_assert_uint_gt(diag_n_errors(b.c), 0);
  }
  kir_bench_release(&b);
}

START_TEST(survives_a_cut_at_any_place)
{
  size_t n = strlen(kir_texts[_i].text);
  for (size_t cut = 0; cut < n; cut += 7)
    try_bytes(kir_texts[_i].text, cut);
}
END_TEST

START_TEST(survives_other_bytes_at_any_place)
{
  static const char bytes[] = {'%', '"', '\0', ' ', '9', '\n', '}', '~', '(', '\x80', 'a', ','};
  char *text = strdup(kir_texts[_i].text);
  size_t n = strlen(text);
  for (size_t at = 0; at < n; at += 5) {
    char was = text[at];
    text[at] = bytes[at / 5 % sizeof bytes];
    try_bytes(text, n);
    text[at] = was;
  }
  free(text);
}
END_TEST

// Deeper than any reader may follow is a diagnostic: parentheses, then blocks.
START_TEST(bounds_the_depth)
{
  static const char *const open[] = {"c_not(", "if c_truth {\n"};
  const char *text = kir_text_of("ring"), *at = strstr(text, _i ? "return" : "c_truth");
  kir_bench b;
  strbuf deep;
  kir_bench_init(&b, NULL);
  strbuf_init(&deep, b.c);
  strbuf_add(&deep, text, (size_t)(at - text));
  for (int i = 0; i < 20000; i++)
    strbuf_puts(&deep, _i ? "if u_lt(a, b) {\n" : open[0]);
  ck_assert(!kir_bench_read(&b, strbuf_text(&deep), deep.n));
  ck_assert_ptr_nonnull(strstr(strbuf_text(&b.out), "nested deeper"));
  ck_assert_uint_eq(diag_n_errors(b.c), 1);
  strbuf_release(&deep);
  kir_bench_release(&b);
}
END_TEST

// ---- no memory ------------------------------------------------------------------------------------

START_TEST(every_allocation_fails_once)
{
  const char *text = kir_texts[_i].text;
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    kir_bench b;
    alloc_fail_init(&a, n);
    cx_allocator mem = alloc_fail_cx(&a);
    kir_bench_init(&b, &mem);
    bool read = b.mem && kir_bench_read(&b, text, strlen(text));
    if (read) kir_bench_print(&b);
    bool failed = alloc_fail_hit(&a);
    if (!failed) ck_assert_str_eq(strbuf_text(&b.out), text);
    if (failed && b.c) ck_assert(!cx_ok(b.c));
    kir_bench_release(&b);
    alloc_fail_check(&a);
    if (!failed) break;
  }
}
END_TEST

static void table_cases(Suite *s)
{
  TCase *tc = tcase_create("tables");
  tcase_add_test(tc, words_are_the_runtimes);
  tcase_add_test(tc, samples_have_every_op);
  tcase_add_test(tc, samples_have_every_field);
  suite_add_tcase(s, tc);
}

Suite *make_kir_suite(void)
{
  Suite *s = suite_create("kir");
  table_cases(s);
  TCase *tc = tcase_create("text");
  tcase_add_loop_test(tc, reads_what_it_prints, 0, (int)n_kir_texts);
  tcase_add_test(tc, builds);
  tcase_add_test(tc, names_functions_for_c);
  tcase_add_test(tc, blocks_and_symbols_grow);
  tcase_add_loop_test(tc, reports_broken_text, 0, (int)(sizeof broken / sizeof *broken));
  tcase_add_test(tc, goes_on_after_an_error_in_a_table);
  tcase_add_loop_test(tc, bounds_the_depth, 0, 2);
  suite_add_tcase(s, tc);
  tc = tcase_create("any bytes");
  tcase_set_timeout(tc, 120);
  tcase_add_loop_test(tc, survives_a_cut_at_any_place, 0, (int)n_kir_texts);
  tcase_add_loop_test(tc, survives_other_bytes_at_any_place, 0, (int)n_kir_texts);
  tcase_add_loop_test(tc, every_allocation_fails_once, 0, (int)n_kir_texts);
  suite_add_tcase(s, tc);
  return s;
}
