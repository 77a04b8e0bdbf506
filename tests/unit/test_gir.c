// Graph IR is built, printed and read back; whatever else is read is answered by diagnostics.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_gir.h"

Suite *make_gir_suite(void);

// ---- round trips ----------------------------------------------------------------------------------

START_TEST(reads_what_it_prints)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  bool ok = gir_bench_read(&b, gir_texts[_i].text, strlen(gir_texts[_i].text));
  ck_assert_msg(ok, "%s: %s", gir_texts[_i].name, strbuf_text(&b.out));
  ck_assert_str_eq(gir_bench_print(&b), gir_texts[_i].text);
  gir_bench_release(&b);
}
END_TEST

// Written by hand, without what follows from the rest.
START_TEST(derives_what_is_left_out)
{
  const char *text = gir_texts[_i].text, *at = strstr(text, "  derived");
  if (!at) return;
  char *line = strndup(at, strcspn(at, "\n"));
  char *without = text_replaced(text, line, "  // no line of derived facts");
  gir_bench b;
  gir_bench_init(&b, NULL);
  gir_bench_pattern(&b, without);
  ck_assert_str_eq(gir_bench_print(&b), text);
  gir_bench_release(&b);
  free(without);
  free(line);
}
END_TEST

static gir_node *role(gir_pattern *p, gir_op op, const char *name)
{
  gir_node *n = gir_make(p, op, p->span, NULL, 0);
  n->name = name;
  n->range = (gir_range){.has = GIR_HAS_B, .type = TY_NUMBER, .b = rational_int(3)};
  gir_add(p, n);
  return n;
}

static gir_node *stage(gir_pattern *p, const char *name, gir_node *from, gir_node *to)
{
  gir_node *n = gir_make(p, GIR_STAGE, p->span, (gir_node *[]){from, to}, 2);
  n->name = name;
  gir_add(p, n);
  return n;
}

static gir_node *sum(gir_pattern *p, gir_node *of)
{
  gir_node *n = gir_make(p, GIR_SUM, p->span, &of, 1);
  n->name = "amount";
  return n;
}

static gir_node *band(gir_pattern *p, gir_node *of)
{
  gir_node *n = gir_make(p, GIR_IN_RANGE, p->span, &of, 1);
  rational end[4];
  for (int i = 0; i < 4; i++)
    ck_assert(rational_make(&end[i], (int[]){70, 80, 125, 140}[i], 100));
  n->range = (gir_range){15, TY_NUMBER, end[0], end[1], end[2], end[3], NULL};
  return n;
}

static void say(gir_pattern *p, gir_op op, gir_node *arg, const char *text)
{
  gir_node *n = gir_make(p, op, p->span, &arg, arg != NULL);
  n->text = text;
  gir_add(p, n);
}

static void head(gir_pattern *p)
{
  static const char *const tags[] = {"amlworld.scatter_gather", "stage.layering"};
  gir_meta m = {.key = "tags"};
  for (int i = 0; i < 2; i++)
    VEC_PUSH(p->mem, &m.values, tags[i]);
  VEC_PUSH(p->mem, &p->meta, m);
  gir_param window = {"window", "duration", "96h", "covers every planted attempt"};
  gir_param middlemen = {"middlemen", "count", "3", ""};
  VEC_PUSH(p->mem, &p->params, window);
  VEC_PUSH(p->mem, &p->params, middlemen);
  p->id = "00000000-0000-0000-0000-000000000001";
  p->version = "1.0.0";
  p->within = 345600;
  p->currency = GIR_CURRENCY_IGNORED;
}

START_TEST(builds)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  b.m = gir_module_new(b.mem);
  gir_pattern *p = gir_pattern_new(b.m, "scatter_gather", (span){0});
  head(p);
  gir_node *payer = role(p, GIR_ONE, "source"), *mid = role(p, GIR_GROUP, "mid");
  gir_node *scatter = stage(p, "scatter", payer, mid);
  gir_node *sink = role(p, GIR_ONE, "sink"), *gather = stage(p, "gather", mid, sink);
  gir_node *before = gir_make(p, GIR_BEFORE, p->span, NULL, 0);
  before->imm[1] = 1;
  gir_node *pair = gir_make(p, GIR_PAIR, p->span, (gir_node *[]){mid, scatter, gather, before}, 4);
  pair->text = "each mid: scatter before gather";
  gir_add(p, pair);
  gir_node *ratio =
      gir_make(p, GIR_DIV, p->span, (gir_node *[]){sum(p, gather), sum(p, scatter)}, 2);
  gir_node *each = gir_make(p, GIR_EACH, p->span, (gir_node *[]){mid, band(p, ratio)}, 2);
  each->text = "each mid: sum(gather.amount) / sum(scatter.amount) in kept";
  gir_add(p, each);
  say(p, GIR_TITLE_ROLE, payer, NULL);
  say(p, GIR_TITLE_TEXT, NULL, " reached ");
  say(p, GIR_TITLE_ROLE, sink, NULL);
  say(p, GIR_TITLE_VALUE, gir_make(p, GIR_COUNT_ROLE, p->span, &mid, 1), NULL);
  gir_node *count = gir_make(p, GIR_COUNT_ROLE, p->span, &mid, 1);
  gir_node *feature = gir_make(p, GIR_FEATURE, p->span, &count, 1);
  feature->name = "n";
  feature->imm[0] = GIR_FEATURE_HISTOGRAM;
  feature->imm[1] = 2;
  feature->imm[2] = 30;
  gir_add(p, feature);
  gir_derive(p);
  gir_verify_or_bug(b.m);
  ck_assert(gir_verify(b.c, b.m));
  ck_assert_str_eq(gir_bench_print(&b), gir_text_of("scatter_gather"));
  gir_bench_release(&b);
}
END_TEST

// ---- broken texts ---------------------------------------------------------------------------------

// In the text of a pattern one piece is replaced; the first diagnostic then says so.
static const struct {
  const char *name, *from, *to, *says;
} broken[] = {
    {"cycle", "gir 1", "", "t.gir:3:1: error: expected `gir 1` [syntax]"},
    {"cycle", "gir 1", "gir 2", "t.gir:1:1: error: this amlc reads graph IR of version 1"},
    {"cycle", "pattern", "pettern", "expected a pattern or a profile"},
    {"cycle", "cycle {", "cycle", "expected `{` before the end of the line"},
    {"cycle", "\n}\n", "\n", "expected `}`"},
    {"cycle", "  version", "  id \"x\"\n  version",
     "5:3: error: this line stands in the pattern twice"},
    {"cycle", "version \"1.0.0\"", "version 1", "expected a text in quotes"},
    {"cycle", "version \"1.0.0\"", "version \"1.0", "this text does not end [bad-text]"},
    {"cycle", "version \"1.0.0\"", "version \"1\\q\"", "this escape is none of"},
    {"cycle", "version \"1.0.0\"", "version \"1\\u{0}\"", "this escape is none of"},
    {"cycle", "version \"1.0.0\"", "version \"1\\u{d800}\"", "this escape is none of"},
    {"cycle", "version \"1.0.0\"", "version \"\xff\"", "bytes that are not UTF-8"},
    {"cycle", "version \"1.0.0\"", "version \"1.0.0\" 2", "expected the end of the line"},
    {"cycle", "within 345600", "within 1.5", "a whole number of at most 64 bits must stand here"},
    {"cycle", "within 345600", "within 9223372036854775808", "a whole number of at most 64 bits"},
    {"cycle", "within 345600", "within 1/0", "this number cannot be read"},
    {"cycle", "within 345600", "within ?", "no line of graph IR contains this character"},
    {"cycle", "currency checked", "currency odd", "expected checked, same or ignored"},
    {"cycle", "%start = one start", "%start = one", "expected a name before the end of the line"},
    {"cycle", "%start = one start", "%start one start", "expected `=`"},
    {"cycle", "%start = one start", "%start = won start", "graph IR has no op of this name"},
    {"cycle", "%start = one start", "one start", "only a statement has no label"},
    {"cycle", "hop_pair", "%9 = hop_pair", "a statement has no label"},
    {"cycle", "%via = chain", "%start = chain", "a line above has this label"},
    {"cycle", "%via %start", "%vie %start", "no line above makes a node of this label"},
    {"cycle", "ring %start %via %start", "ring %start %via", "expected another argument"},
    {"cycle", "ring %start %via %start", "ring %start %via none", "that must be there is missing"},
    {"cycle", "hop_pair %ring %1", "hop_pair %1 %1", "takes something of another type here"},
    {"cycle", "%4 = add %2 %3", "%4 = add %2 %2", "a line above uses this node"},
    {"cycle", "title_value %4", "title_text \"x\"", "no line below uses this node [gir-invalid]"},
    {"cycle", "in number 1..11", "in numbers 1..11", "this is no type of graph IR"},
    {"cycle", "in number 1..11", "number 1..11", "expected `in` and a range"},
    {"cycle", "in number 1..11", "in number 1", "expected `..`"},
    {"cycle", "in number 1..11", "in number 1~..11", "expected a number"},
    {"cycle", "in number 1..11", "in number 11..1", "the ends of a range are out of order"},
    {"cycle", "within=0", "within=x", "none of the values that may stand here"},
    {"cycle", "within=0", "with=0", "expected within"},
    {"cycle", "first=0 then=1", "first=0 then=0",
     "a condition reads a transfer other than the scope's"},
    {"cycle", ": number\n", ": money\n", "the result is of another type"},
    {"cycle", "span=345600", "span=345601", "span, triggers or breakable are not what follows"},
    {"cycle", "breakable=no", "breakable=yes", "span, triggers or breakable are not what follows"},
    {"cycle", "breakable=no", "breakable=maybe", "expected `yes` or `no`"},
    {"cycle", "triggers %ring", "triggers %ring %ring", "span, triggers or breakable are not"},
    {"mule_herd", "trigger %cash_out", "trigger %mule", "something other than a stage of evidence"},
    {"structuring", "money \"USD\" 10000", "money USD 10000", "expected a text in quotes"},
    {"profile", "stat fan", "stat fun", "profiles have no such statistic"},
    {"profile", "stat sum amount", "stat sum", "expected a column"},
    {"profile", "for from to", "for",
     "a profile without window, accounts, directions or statistics"},
    {"profile", "over out in", "above out in", "expected within, for, over or stat"},
};

START_TEST(reports_broken_text)
{
  char *text = text_replaced(gir_text_of(broken[_i].name), broken[_i].from, broken[_i].to);
  gir_bench b;
  gir_bench_init(&b, NULL);
  ck_assert_msg(!gir_bench_read(&b, text, strlen(text)), "'%s' was read", broken[_i].to);
  const char *first = strbuf_text(&b.out);
  const char *found = strstr(first, broken[_i].says);
  ck_assert_msg(found && found < first + strcspn(first, "\n"), "'%s' gave: %s", broken[_i].to,
                first);
  gir_bench_release(&b);
  free(text);
}
END_TEST

// What hangs on a broken line says nothing of its own.
START_TEST(one_mistake_one_error)
{
  char *text = text_replaced(gir_text_of("scatter_gather"), "group mid", "grupp mid");
  gir_bench b;
  gir_bench_init(&b, NULL);
  ck_assert(!gir_bench_read(&b, text, strlen(text)));
  ck_assert_uint_eq(diag_n_errors(b.c), 1);
  gir_bench_release(&b);
  free(text);
}
END_TEST

START_TEST(goes_on_after_an_error)
{
  char *one = text_replaced(gir_text_of("scatter_gather"), "group mid", "grupp mid");
  char *two = text_replaced(one, "one sink", "one 7");
  char *three = text_replaced(two, "currency ignored", "currency 1");
  gir_bench b;
  gir_bench_init(&b, NULL);
  ck_assert(!gir_bench_read(&b, three, strlen(three)));
  ck_assert_uint_eq(diag_n_errors(b.c), 3);
  gir_bench_release(&b);
  free(one);
  free(two);
  free(three);
}
END_TEST

// Reads any bytes; what it takes must read back as printed.
static void try_bytes(const char *text, size_t n)
{
  gir_bench b, again;
  gir_bench_init(&b, NULL);
  if (gir_bench_read(&b, text, n)) {
    const char *first = gir_bench_print(&b);
    gir_bench_init(&again, NULL);
    ck_assert_msg(gir_bench_read(&again, first, strlen(first)), "%s\n%s", first,
                  strbuf_text(&again.out));
    ck_assert_str_eq(gir_bench_print(&again), first);
    gir_bench_release(&again);
  } else {
    ck_assert_uint_gt(diag_n_errors(b.c), 0);
  }
  gir_bench_release(&b);
}

START_TEST(survives_a_cut_at_any_place)
{
  size_t n = strlen(gir_texts[_i].text);
  for (size_t cut = 0; cut < n; cut += 3)
    try_bytes(gir_texts[_i].text, cut);
}
END_TEST

START_TEST(survives_other_bytes_at_any_place)
{
  static const char bytes[] = {'%', '"', '\0', ' ', '9', '\n', '}', '~', '-', '\x80', 'a'};
  char *text = strdup(gir_texts[_i].text);
  size_t n = strlen(text);
  for (size_t at = 0; at < n; at += 2) {
    char was = text[at];
    text[at] = bytes[at / 2 % sizeof bytes];
    try_bytes(text, n);
    text[at] = was;
  }
  free(text);
}
END_TEST

// A tree deeper than any reader may follow is a diagnostic.
START_TEST(bounds_the_depth)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  strbuf text;
  strbuf_init(&text, b.c);
  strbuf_puts(&text, "gir 1\npattern deep {\n id \"1\"\n version \"1\"\n within 1\n"
                     "%a = one a\n%b = one b\n%1 = field amount side=0 : money\n");
  for (int i = 2; i < 20000; i++)
    strbuf_printf(&text, "%%%d = neg %%%d : money\n", i, i - 1);
  strbuf_puts(
      &text,
      "%x = field amount side=0 : money\n%y = eq %19999 %x\n%s = stage s %a %b %y within=0\n}\n");
  ck_assert(!gir_bench_read(&b, strbuf_text(&text), text.n));
  ck_assert_ptr_nonnull(strstr(strbuf_text(&b.out), "nested deeper"));
  ck_assert_uint_eq(diag_n_errors(b.c), 1);
  strbuf_release(&text);
  gir_bench_release(&b);
}
END_TEST

// ---- no memory ------------------------------------------------------------------------------------

START_TEST(every_allocation_fails_once)
{
  const char *text = gir_texts[_i].text;
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    gir_bench b;
    alloc_fail_init(&a, n);
    cx_allocator mem = alloc_fail_cx(&a);
    gir_bench_init(&b, &mem);
    bool read = b.mem && gir_bench_read(&b, text, strlen(text));
    if (read) gir_bench_print(&b);
    bool failed = alloc_fail_hit(&a);
    if (!failed) ck_assert_str_eq(strbuf_text(&b.out), text);
    if (failed && b.c) ck_assert(!cx_ok(b.c));
    gir_bench_release(&b);
    alloc_fail_check(&a);
    if (!failed) break;
  }
}
END_TEST

// ---- words ----------------------------------------------------------------------------------------

static rational part(int num, int den)
{
  rational r;
  ck_assert(rational_make(&r, num, den));
  return r;
}

START_TEST(prints_ranges)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  const struct {
    gir_range r;
    const char *text;
  } rows[] = {
      {{GIR_HAS_B, TY_NUMBER, .b = part(3, 1)}, "3.."},
      {{GIR_HAS_C, TY_NUMBER, .c = part(1, 3)}, "..1/3"},
      {{15, TY_NUMBER, part(7, 10), part(4, 5), part(5, 4), part(7, 5), NULL}, "0.7~0.8..1.25~1.4"},
      {{GIR_HAS_B, TY_MONEY, .b = part(9900, 1), .currency = "USD"}, "9900 USD.."},
      {{GIR_HAS_C, TY_MONEY, .c = part(1234567, 1), .currency = "EUR"}, "..1_234_567 EUR"},
      {{GIR_HAS_C | GIR_HAS_D, TY_DURATION, .c = part(172800, 1), .d = part(259200, 1)},
       "..48h~72h"},
      {{GIR_HAS_B, TY_DURATION, .b = part(604800, 1)}, "7d.."},
      {{GIR_HAS_B | GIR_HAS_C, TY_DURATION, .b = part(5400, 1), .c = part(1, 2)}, "90m..0.5s"},
      {{GIR_HAS_B, TY_TIME, .b = part(1661990400, 1)}, "2022-09-01 00:00.."},
      {{GIR_HAS_B, TY_TIME, .b = part(951782399, 1)}, "2000-02-28 23:59:59.."},
      {{GIR_HAS_B, TY_TIME, .b = part(-1, 1)}, "1969-12-31 23:59:59.."},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    strbuf_clear(&b.out);
    gir_range_print(&b.out, &rows[i].r);
    ck_assert_str_eq(strbuf_text(&b.out), rows[i].text);
  }
  gir_bench_release(&b);
}
END_TEST

START_TEST(prints_conditions)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  gir_pattern *p = gir_bench_pattern(&b, gir_text_of("structuring"));
  ck_assert_str_eq(
      gir_constraint_text(p, gir_named(p, "deposit")),
      "stage deposit: any -> account where format in {\"Cash\", \"Cheque \\\"new\\\"\\n\"} "
      "and amount in 7000 USD~8000 USD..10_000 USD and (from.bank != \"012\" or not risk * "
      "1/3 > -0.5) and time >= 2022-09-01 02:40");
  gir_expr_print(&b.out, gir_nth(p, GIR_REQUIRE, 1)->args[0], NULL);
  ck_assert_str_eq(strbuf_text(&b.out),
                   "sum(deposit.amount) > 10_000 USD and max(deposit.amount) - "
                   "min(deposit.amount) < mean(deposit.amount_received)");
  gir_bench_release(&b);
}
END_TEST

START_TEST(prints_sets_and_bounds)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  gir_pattern *p = gir_bench_pattern(&b, gir_text_of("mule_herd"));
  gir_node *victims = gir_named(p, "victims"), *others = gir_named(p, "others");
  gir_set_print(&b.out, gir_set_of(p, victims)->args[1], victims);
  strbuf_puts(&b.out, "; ");
  gir_set_print(&b.out, gir_set_of(p, others)->args[1], others);
  ck_assert_str_eq(strbuf_text(&b.out),
                   "in(mule) as theft - mule - out(collector); out(mule, at least 60%) as leak");
  ck_assert_str_eq(gir_constraint_text(p, victims), "victims[6..]");
  p = gir_bench_pattern(&b, gir_text_of("cycle"));
  ck_assert_str_eq(gir_constraint_text(p, gir_named(p, "via")), "via{1..11}");
  p = gir_bench_pattern(&b, gir_text_of("bipartite"));
  ck_assert_str_eq(gir_constraint_text(p, gir_named(p, "layer")),
                   "stage layer: payers -> payees support 2.., 2..");
  p = gir_bench_pattern(&b, gir_text_of("union"));
  strbuf_clear(&b.out);
  gir_set_print(&b.out, gir_nth(p, GIR_MEMBERS, 1)->args[1], gir_named(p, "far"));
  ck_assert_str_eq(strbuf_text(&b.out), "out(near, at least 2) & near");
  gir_bench_release(&b);
}
END_TEST

// ---- questions ------------------------------------------------------------------------------------

START_TEST(tells_what_may_be_empty)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  gir_pattern *p = gir_bench_pattern(&b, gir_text_of("union"));
  ck_assert(gir_term_is_optional(p, gir_named(p, "given")));
  ck_assert(!gir_term_is_optional(p, gir_named(p, "far.1")));
  ck_assert(gir_stage_may_be_empty(p, gir_named(p, "given")));
  ck_assert(!gir_stage_may_be_empty(p, gir_named(p, "far.1")));
  ck_assert(!gir_size_may_be_zero(gir_named(p, "near")));
  p = gir_bench_pattern(&b, gir_text_of("mule_herd"));
  ck_assert(gir_size_may_be_zero(gir_named(p, "others")));
  ck_assert(gir_stage_may_be_empty(p, gir_named(p, "leak")));
  ck_assert(!gir_stage_is_required(p, gir_named(p, "cash_out")));
  ck_assert(!gir_is_evidence(gir_named(p, "victims.2")));
  p = gir_bench_pattern(&b, gir_text_of("structuring"));
  ck_assert(gir_stage_is_required(p, gir_named(p, "deposit")));
  ck_assert(gir_may_equal(p, gir_named(p, "the bank"), gir_named(p, "account")));
  p = gir_bench_pattern(&b, gir_text_of("cycle"));
  ck_assert(gir_stage_is_required(p, gir_named(p, "ring")));
  ck_assert(gir_walk_compares_hops(p, gir_named(p, "ring")));
  gir_bench_release(&b);
}
END_TEST

// {a, b, c, d (0: missing), value} and whether it has a degree above 0.
static const struct {
  unsigned has;
  int a, b, c, d, value;
  bool admits;
} admits[] = {
    {GIR_HAS_B, 0, 3, 0, 0, 3, true},
    {GIR_HAS_B, 0, 3, 0, 0, 2, false},
    {GIR_HAS_A | GIR_HAS_B, 1, 5, 0, 0, 1, false},
    {GIR_HAS_A | GIR_HAS_B, 1, 5, 0, 0, 2, true},
    {GIR_HAS_C, 0, 0, 8, 0, 8, true},
    {GIR_HAS_C, 0, 0, 8, 0, 9, false},
    {GIR_HAS_C | GIR_HAS_D, 0, 0, 8, 10, 9, true},
    {GIR_HAS_C | GIR_HAS_D, 0, 0, 8, 10, 10, false},
};

START_TEST(tells_what_a_range_admits)
{
  gir_range r = {admits[_i].has,
                 TY_NUMBER,
                 rational_int(admits[_i].a),
                 rational_int(admits[_i].b),
                 rational_int(admits[_i].c),
                 rational_int(admits[_i].d),
                 NULL};
  ck_assert_int_eq(gir_range_admits(&r, rational_int(admits[_i].value)), admits[_i].admits);
}
END_TEST

START_TEST(lists_constraints_in_order)
{
  static const gir_op ops[] = {GIR_GROUP, GIR_GROUP, GIR_GROUP, GIR_PAIR};
  gir_bench b;
  gir_nodes list = {0};
  gir_bench_init(&b, NULL);
  gir_constraints(&list, gir_bench_pattern(&b, gir_text_of("mule_herd")));
  ck_assert_uint_eq(list.n, 4);
  for (uint32_t i = 0; i < list.n; i++)
    ck_assert_int_eq(list.at[i]->op, ops[i]);
  gir_bench_release(&b);
}
END_TEST

Suite *make_gir_suite(void)
{
  Suite *s = suite_create("gir");
  TCase *text = tcase_create("text"), *bad = tcase_create("bad text"), *ask = tcase_create("words");
  int n = (int)n_gir_texts;
  tcase_add_loop_test(text, reads_what_it_prints, 0, n);
  tcase_add_loop_test(text, derives_what_is_left_out, 0, n);
  tcase_add_test(text, builds);
  tcase_add_loop_test(bad, reports_broken_text, 0, (int)(sizeof broken / sizeof *broken));
  tcase_add_test(bad, one_mistake_one_error);
  tcase_add_test(bad, goes_on_after_an_error);
  tcase_add_loop_test(bad, survives_a_cut_at_any_place, 0, n);
  tcase_add_loop_test(bad, survives_other_bytes_at_any_place, 0, n);
  tcase_add_test(bad, bounds_the_depth);
  tcase_add_loop_test(bad, every_allocation_fails_once, 0, n);
  tcase_add_test(ask, prints_ranges);
  tcase_add_test(ask, prints_conditions);
  tcase_add_test(ask, prints_sets_and_bounds);
  tcase_add_test(ask, tells_what_may_be_empty);
  tcase_add_loop_test(ask, tells_what_a_range_admits, 0, (int)(sizeof admits / sizeof *admits));
  tcase_add_test(ask, lists_constraints_in_order);
  suite_add_tcase(s, text);
  suite_add_tcase(s, bad);
  suite_add_tcase(s, ask);
  return s;
}
