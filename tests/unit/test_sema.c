// Checking and lowering: every diagnostic at its place and nothing beside it, the same text put right,
// files that import each other, values from outside, the example patterns, and failing memory.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_sema.h"

#define HEAD                                                                                       \
  "#!amlc 1\npattern p {\n  meta { id: \"6f1c1a52-6c0e-4c39-9d53-0b7e6b1f0a11\"; version: "        \
  "\"1.0\"; }\n"                                                                                   \
  "  within 96h;\n  "

// ---- the table ------------------------------------------------------------------------------------

typedef struct sema_case {
  diag_code code;
  const char *bad, *good;
} sema_case;

static const sema_case cases[] = {
#define CASE(code, bad, good) {DIAG_##code, bad, good},
#include "tests/unit/sema_cases.def"
};
enum { N_CASES = sizeof cases / sizeof *cases };

// The whole file, without the mark @; *line and *col are where it stood.
static char *whole_text(const char *text, int *line, int *col)
{
  bool file = strncmp(text, "#!amlc", 6) == 0;
  size_t n = strlen(text) + sizeof HEAD + 8;
  char *out = calloc(1, n), *to = out;

  ck_assert_ptr_nonnull(out);
  snprintf(out, n, "%s%s%s", file ? "" : HEAD, text, file ? "\n" : "\n}\n");
  *line = *col = 1;
  bool found = false;
  for (const char *at = out; *at; at++) {
    if (*at == '@' && !found) {
      found = true;
      continue;
    }
    if (!found) *line += *at == '\n';
    if (!found) *col = *at == '\n' ? 1 : *col + 1;
    *to++ = *at;
  }
  *to = '\0';
  return out;
}

START_TEST(reports)
{
  const sema_case *k = &cases[_i];
  sema_bench b;
  int line, col;
  char want[200], *text = whole_text(k->bad, &line, &col);

  sema_bench_init(&b, NULL, NULL);
  sema_bench_run(&b, "p.aml", text, NULL, 0);
  const char *said = sema_bench_diagnostics(&b);
  bool error = diag_codes[k->code].severity == DIAG_SEV_ERROR;
  snprintf(want, sizeof want,
           "{\"file\":\"p.aml\",\"line\":%d,\"column\":%d,\"severity\":\"%s\",\"code\":\"%s\"",
           line, col, error ? "error" : "warning", diag_codes[k->code].code);
  ck_assert_msg(strncmp(said, want, strlen(want)) == 0, "%s\nexpected %s\nsaid %s", text, want,
                said);
  ck_assert_msg(strchr(said, '\n') == strrchr(said, '\n'), "%s\nmore than one: %s", text, said);
  ck_assert_msg(!strstr(said, "\"help\":\"\"") && !strstr(said, "\"help\":null"), "%s\nno help: %s",
                text, said);
  ck_assert(error == !b.m);
  sema_bench_release(&b);
  free(text);
}
END_TEST

START_TEST(accepts)
{
  const sema_case *k = &cases[_i];
  sema_bench b;
  int line, col;
  char *text = whole_text(k->good, &line, &col);

  sema_bench_init(&b, NULL, NULL);
  sema_bench_run(&b, "p.aml", text, NULL, 0);
  const char *said = sema_bench_diagnostics(&b);
  ck_assert_msg(!*said, "%s\nsaid %s", text, said);
  ck_assert_ptr_nonnull(b.m);
  sema_bench_release(&b);
  free(text);
}
END_TEST

// ---- several at once, and nothing vague after a sharp one --------------------------------------------

static uint32_t lines_of(const char *text)
{
  uint32_t n = 0;
  for (; *text; text++)
    n += *text == '\n';
  return n;
}

START_TEST(several_in_one_run)
{
  sema_bench b;

  sema_bench_init(&b, NULL, NULL);
  sema_bench_run(&b, "p.aml",
                 HEAD
                 "stage s: a -> m[5..3];\n stage t: m -> b where amount > 5;\n each m: s befor t;\n"
                 " require cont(s) > 3;\n param x: count = 3; }\n",
                 NULL, 0);
  const char *said = sema_bench_diagnostics(&b);
  ck_assert_msg(strstr(said, "\"empty-range\""), "%s", said);
  ck_assert_msg(strstr(said, "\"no-currency\""), "%s", said);
  ck_assert_msg(strstr(said, "\"unknown-function\""), "%s", said);
  ck_assert_msg(!strstr(said, "unanchored") && !strstr(said, "unconnected"), "%s", said);
  sema_bench_release(&b);
}
END_TEST

START_TEST(a_dropped_statement_is_not_missed)
{
  sema_bench b;

  sema_bench_init(&b, NULL, NULL);
  sema_bench_run(&b, "p.aml",
                 HEAD "stage s: a -> m[5..];\n stage t m -> b;\n each m: s before t;\n"
                      " require count(m) < 5; }\n",
                 NULL, 0);
  const char *said = sema_bench_diagnostics(&b);
  ck_assert_msg(strstr(said, "\"syntax\"") && strstr(said, "\"never-true\""), "%s", said);
  ck_assert_msg(lines_of(said) == 2, "%s", said);
  sema_bench_release(&b);
}
END_TEST

START_TEST(a_parameter_may_make_a_bound_idle)
{
  sema_bench b;

  sema_bench_init(&b, NULL, NULL);
  sema_bench_run(&b, "p.aml",
                 HEAD "param lo: count = 0; stage s: a -> m[1..]; require count(m) >= lo; }\n",
                 NULL, 0);
  ck_assert_str_eq(sema_bench_diagnostics(&b), "");
  ck_assert_ptr_nonnull(b.m);
  sema_bench_release(&b);
}
END_TEST

START_TEST(bad_input_never_crashes)
{
  static const char *const texts[] = {
      "",
      "#!amlc 1\n",
      "#!amlc 1\npattern",
      "#!amlc 1\npattern p {",
      "#!amlc 1\npattern p { stage",
      "#!amlc 1\ntest",
      HEAD "stage s: a -> m[170141183460469231731687303715884105727..]; }",
      HEAD "stage s: a -> m[-170141183460469231731687303715884105727..1]; }",
      HEAD "const x = 170141183460469231731687303715884105727; stage s: a -> m[-x..]; }",
      HEAD "const x = 0.000000000000000000000000000000000001; stage s: a -> m[x*x*x*x..]; }",
      HEAD "stage s: a -> b within 99999999999999999999d; hubs at most 99999999999999999999; }",
      HEAD "stage s: -> ; set = ; absent : any -> any; each : ; along : this; require ; alert ; "
           "feature = ; }",
      HEAD "stage s: a -> b; set m[1..] = ; each m: ; trigger ; may equal ; }",
      HEAD "set m[1..] = out(m); }",
      HEAD "set m[1..] = m; }",
      HEAD "stage s: a{1..2} -> b{1..2}; }",
      HEAD "stage s: a -> a -> a; along s: this before this; each a: s before s; }",
      HEAD "alert \"{{{}}}{{}{\\u{110000}{x\"; stage s: a -> b; }",
      HEAD "stage s: a -> b; alert \"{((((((a}\"; feature x = count by bins ..; }",
      HEAD "stage s: a -> b; trigger s; trigger s; may equal s, s; absent s: s -> s before "
           "first(first(s)); }",
  };
  sema_bench b;

  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    sema_bench_init(&b, NULL, NULL);
    sema_bench_run(&b, "p.aml", texts[i], NULL, 0);
    (void)sema_bench_diagnostics(&b);
    sema_bench_release(&b);
  }
}
END_TEST

// ---- imports ----------------------------------------------------------------------------------------

#define META "meta { id: \"6f1c1a52-6c0e-4c39-9d53-0b7e6b1f0a11\"; version: \"1\"; } within 1d; "

static const sema_text shelf[] = {
    {"lib/base.aml",
     "#!amlc 1\nconst few = 3;\nparam limit: money = 9_000 USD in 1 USD..99_000 USD \"why\";\n"
     "pattern other { " META "stage s: x -> y; }\n"},
    {"lib/two.aml", "#!amlc 1\nimport \"base.aml\";\nconst many = 2 * few;\n"},
    {"lib/ring.aml", "#!amlc 1\nimport \"../ring2.aml\";\n"},
    {"ring2.aml", "#!amlc 1\nimport \"./lib/../lib/ring.aml\";\n"},
    {"self.aml", "#!amlc 1\nimport \"self.aml\";\n"},
    {"twice.aml", "#!amlc 1\nconst few = 4;\n"},
    {"bad.aml", "#!amlc 1\nconst x = 3 / 0;\n"},
    {NULL, NULL},
};

static void run_with_shelf(sema_bench *b, const char *text)
{
  sema_bench_init(b, NULL, shelf);
  sema_bench_run(b, "p.aml", text, NULL, 0);
}

START_TEST(imports_put_names_in_reach)
{
  sema_bench b;

  run_with_shelf(&b, "#!amlc 1\nimport \"lib/two.aml\";\nimport \"lib/base.aml\";\n"
                     "pattern p { " META "stage s: a -> m[few..many] where amount > limit; }\n"
                     "test \"t\" for other { expect none; }\n");
  ck_assert_str_eq(sema_bench_diagnostics(&b), "");
  ck_assert_ptr_nonnull(b.m);
  ck_assert_uint_eq(b.program->files.n, 3);
  ck_assert_uint_eq(b.program->n_roots, 1);
  ck_assert_uint_eq(b.m->patterns.n, 1);
  const gir_pattern *p = b.m->patterns.at[0];
  ck_assert_uint_eq(p->params.n, 1);
  ck_assert_str_eq(p->params.at[0].name, "limit");
  ck_assert_str_eq(p->params.at[0].value, "9000 USD");
  ck_assert_msg(strstr(sema_bench_print(&b), "group m in number 3..6"), "%s", strbuf_text(&b.out));
  gir_module *one = sema_lower_one(b.mem, b.c, b.program, "other", NULL, 0);
  ck_assert_ptr_nonnull(one);
  ck_assert_str_eq(one->patterns.at[0]->name, "other");
  sema_bench_release(&b);
}
END_TEST

static const struct {
  const char *text, *code, *words;
} bad_imports[] = {
    {"#!amlc 1\nimport \"lib/ring.aml\";\n", "import-cycle",
     "lib/ring.aml -> ring2.aml -> lib/ring.aml"},
    {"#!amlc 1\nimport \"self.aml\";\n", "import-cycle", "self.aml -> self.aml"},
    {"#!amlc 1\nimport \"p.aml\";\n", "import-cycle", "p.aml -> p.aml"},
    {"#!amlc 1\nimport \"nowhere.aml\";\n", "cannot-read", "nowhere.aml"},
    {"#!amlc 1\nimport \"lib/base.aml\";\nimport \"twice.aml\";\n", "duplicate-name", "few"},
    {"#!amlc 1\nimport \"lib/base.aml\";\nconst few = 3;\n", "duplicate-name", "few"},
    {"#!amlc 1\nimport \"lib/base.aml\";\npattern p { " META
     "const few = 3; stage s: a -> m[few..]; }\n",
     "duplicate-name", "few"},
    {"#!amlc 1\npattern p { " META "stage s: a -> b; }\npattern p { " META "stage s: a -> b; }\n",
     "duplicate-name", "`p`"},
    {"#!amlc 1\nimport \"bad.aml\";\n", "zero-division", "0"},
};

START_TEST(imports_that_go_wrong)
{
  sema_bench b;

  run_with_shelf(&b, bad_imports[_i].text);
  const char *said = sema_bench_diagnostics(&b);
  ck_assert_msg(strstr(said, bad_imports[_i].code) && strstr(said, bad_imports[_i].words), "%s",
                said);
  ck_assert_msg(lines_of(said) == 1, "%s", said);
  ck_assert_ptr_null(b.m);
  sema_bench_release(&b);
}
END_TEST

// ---- values from outside ------------------------------------------------------------------------------

static const char tunable[] =
    "#!amlc 1\nparam limit: money = 9_000 USD in 1 USD..99_000 USD;\n"
    "pattern p { " META "param n: count = 3 in 2..9; param r: range = 1.. in 0..50;\n"
    "stage s: a -> m[n..] where amount > limit; require count(s) in r; }\n";

static const struct {
  sema_override o;
  const char *code; // NULL: right, and then the graph IR has `has`
  const char *has;
} overrides[] = {
    {{"p", "n", "4", NULL, {UINT32_MAX, 0, 0}}, NULL, "group m in number 4.."},
    {{"", "n", "2 + 3", NULL, {UINT32_MAX, 0, 0}}, NULL, "group m in number 5.."},
    {{"p", "r", "2~3..8", NULL, {UINT32_MAX, 0, 0}}, NULL, "number 2~3..8"},
    {{"p", "limit", "5_000 USD", NULL, {UINT32_MAX, 0, 0}}, NULL, "5000 USD"},
    {{"p", "n", "12", NULL, {UINT32_MAX, 0, 0}}, "value-outside", NULL},
    {{"p", "n", "2.5", NULL, {UINT32_MAX, 0, 0}}, "not-whole", NULL},
    {{"p", "n", "3d", NULL, {UINT32_MAX, 0, 0}}, "unit-mismatch", NULL},
    {{"p", "n", "3 +", NULL, {UINT32_MAX, 0, 0}}, "syntax", NULL},
    {{"p", "r", "3", NULL, {UINT32_MAX, 0, 0}}, "unit-mismatch", NULL},
    {{"p", "r", "1..99", NULL, {UINT32_MAX, 0, 0}}, "value-outside", NULL},
    {{"p", "limit", "5_000 EUR", NULL, {UINT32_MAX, 0, 0}}, "currency-mismatch", NULL},
    {{"p", "limt", "5_000 USD", NULL, {UINT32_MAX, 0, 0}}, "unknown-parameter", NULL},
    {{"q", "n", "4", NULL, {UINT32_MAX, 0, 0}}, "unknown-pattern", NULL},
};

START_TEST(values_from_outside)
{
  sema_bench b;

  sema_bench_init(&b, NULL, NULL);
  sema_bench_run(&b, "p.aml", tunable, &overrides[_i].o, 1);
  const char *said = sema_bench_diagnostics(&b);
  if (overrides[_i].code) {
    ck_assert_msg(strstr(said, overrides[_i].code) && lines_of(said) == 1, "%s", said);
    ck_assert_ptr_null(b.m);
  } else {
    ck_assert_str_eq(said, "");
    ck_assert_msg(strstr(sema_bench_print(&b), overrides[_i].has), "%s", strbuf_text(&b.out));
  }
  sema_bench_release(&b);
}
END_TEST

// ---- lowering -------------------------------------------------------------------------------------------

static const char *const examples[] = {
    "bipartite", "cycle",        "dormant",     "fan_in",         "fan_out", "gather_scatter",
    "mule_herd", "pass_through", "random_walk", "scatter_gather", "stack",   "structuring",
};
enum { N_EXAMPLES = sizeof examples / sizeof *examples };

static char *example_text(int i)
{
  char path[400];

  snprintf(path, sizeof path, AML_SOURCE_DIR "/tests/examples/%s.aml", examples[i]);
  char *text = sema_read_file(path);
  ck_assert_msg(text != NULL, "%s cannot be read", path);
  return text;
}

START_TEST(examples_compile)
{
  sema_bench b;
  char *text = example_text(_i);

  sema_bench_init(&b, NULL, NULL);
  sema_bench_run(&b, "p.aml", text, NULL, 0);
  ck_assert_str_eq(sema_bench_diagnostics(&b), "");
  ck_assert_ptr_nonnull(b.m);
  ck_assert_str_eq(b.m->patterns.at[0]->name, examples[_i]);
  ck_assert_msg(*b.m->patterns.at[0]->doc, "the /// line is lost");
  sema_bench_release(&b);
  free(text);
}
END_TEST

// Source, and pieces of the graph IR that have to follow each other in this order.
static const struct {
  const char *text;
  const char *pieces[8];
} lowered[] = {
    {"stage s: a -> m[3..]; set k[2..] = (out(m, at least 60%) as x | in(a)) - out(a where amount "
     "> 3 USD) - m;",
     {"one a", "group m in number 3..", "stage s", "group k in number 2..", "term x %m %k",
      "term k.2 %k %a", "probe k.3 %a %k", "members %k"}},
    {"require count(t) > 3; stage s: a -> b; stage t: b -> c; each b: t not after s or gap(s, t) "
     "in ..2d;",
     {"stage s", "one c", "stage t", "require", "pair %b %t %s"}},
    {"stage s: any -> m[1~3..8~9] where not (format = \"ACH\" or amount in {3 USD, 4 USD}) within "
     "2d;",
     {"group m in number 1~3..8~9", "anyone", "not", "within=172800"}},
    {"stage s: a -> m[2..]; set k[2..] = out(a); stage t: m -> k support 2..; each m: s before t "
     "/* why */ \n and s.amount >= t.amount;",
     {"layer t %m %k within=0 support_from=2 support_to=1", "pair %m %s %t",
      "\"each m: s before t and s.amount >= t.amount\""}},
    {"stage w: a -> v{2..4} -> a where from.bank = to.bank; along w: next.time - this.time <= 2h "
     "and this before next;",
     {"chain v in number 2..4", "walk w %a %v %a", "hop_pair"}},
    {"stage s: a -> m[2..]; absent q: any -> a where amount > 3 USD before first(s) for 3d; alert "
     "\"{{{a}} {count(m) + 1}\\n\\u{41}\"; trigger s;",
     {"absent q", "for=259200 anchored=yes", "title_text \"{\"", "title_role %a", "title_value",
      "title_text \"\\nA\"", "trigger %s", "derived span=604800"}},
    {"stage s: a -> m[2..]; feature x = mean(span); feature y = sum(sum(s.amount)); feature h = "
     "count by 2*count(m) bins 4..9;",
     {"span", "feature x", "kind=mean", "kind=sum", "feature h", "kind=histogram lo=4 hi=9"}},
    {"ignoring currency; stage s: a -> b where amount > 0.5 * fee; require sum(s.amount) > "
     "count(s) * 100; require s before u overlap 0..10%~20%; stage u: b -> c;",
     {"currency ignored", "column fee", "gt", "require", "overlap %s %u in number 0..0.1~0.2"}},
};

START_TEST(lowers)
{
  sema_bench b;
  char text[1000];

  snprintf(text, sizeof text, HEAD "%s\n}\n", lowered[_i].text);
  sema_bench_init(&b, NULL, NULL);
  sema_bench_run(&b, "p.aml", text, NULL, 0);
  ck_assert_str_eq(sema_bench_diagnostics(&b), "");
  const char *at = sema_bench_print(&b);
  for (int i = 0; i < 8 && lowered[_i].pieces[i]; i++) {
    const char *found = strstr(at, lowered[_i].pieces[i]);
    ck_assert_msg(found != NULL, "no '%s' in its place:\n%s", lowered[_i].pieces[i],
                  strbuf_text(&b.out));
    at = found;
  }
  sema_bench_release(&b);
}
END_TEST

START_TEST(profiles_lower)
{
  sema_bench b;

  sema_bench_init(&b, NULL, NULL);
  sema_bench_run(
      &b, "p.aml",
      "#!amlc 1\nprofile activity within 24h { for from, to; over out, in; fan; transfers; ratio; "
      "sum(amount); kurtosis(amount_received); }\n",
      NULL, 0);
  ck_assert_str_eq(sema_bench_diagnostics(&b), "");
  const gir_profile *g = b.m->profiles.at[0];
  ck_assert(g->for_from && g->for_to && g->over_out && g->over_in && g->within == 86400);
  ck_assert_uint_eq(g->stats.n, 5);
  ck_assert_int_eq(g->stats.at[4].kind, GIR_STAT_KURTOSIS);
  ck_assert_str_eq(g->stats.at[4].column, "amount_received");
  sema_bench_release(&b);
}
END_TEST

// ---- memory that runs out -----------------------------------------------------------------------------

// The text with everything in it, right and wrong.
static const char rich[] =
    "#!amlc 1\nimport \"lib/two.aml\";\nconst half = 50%;\n/// doc\npattern p { " META
    "param n: count = 3 in 2..9 \"why\"; ignoring currency; hubs at most 9; may equal a, c;\n"
    "stage s: a -> m[n..many]; stage w: a -> v{1..3} -> c where amount in 1~2..; set k[0..] = "
    "(out(m, at least 2) | in(a)) - m;\n"
    "stage t: m -> c within 2h; absent q: any -> a before first(s) for 3d; each m: s before t; "
    "along w: this before next;\n"
    "require count(s) > few; require s before t overlap ..half; alert \"{a}: {count(m)} {n}\"; "
    "feature f = count by count(m) bins 2..9; }\n"
    "test \"t\" for p { param n = 4; tx x -> y 1 USD at 1; expect 1 match with a = x, m = {y}, "
    "degree in 0.5..; }\n"
    "profile g within 24h { for from; over out; fan; sum(amount); }\n";
static const char rich_bad[] = HEAD "param n: count = 12 in 2..9; stage s: a -> m[5..3]; stage s: "
                                    "q -> v{1..} -> q; each mm: s befor t;\n"
                                    "require s before s; set k[1..] = out(k) & out(s); alert "
                                    "\"{zz} {count(}\"; feature f = m; } test \"x\" for y { }";

static bool compile_failing_at(uint64_t n, const char *text)
{
  alloc_fail a;
  sema_bench b;

  alloc_fail_init(&a, n);
  cx_allocator mem = alloc_fail_cx(&a);
  sema_bench_init(&b, &mem, shelf);
  if (b.mem) {
    sema_bench_run(&b, "p.aml", text, NULL, 0);
    if (alloc_fail_hit(&a)) ck_assert_ptr_null(b.m);
    if (b.c) (void)sema_bench_diagnostics(&b);
  }
  bool failed = alloc_fail_hit(&a);
  sema_bench_release(&b);
  alloc_fail_check(&a);
  return failed;
}

START_TEST(memory_runs_out)
{
  for (uint64_t n = 0; compile_failing_at(n, rich); n++)
    continue;
  for (uint64_t n = 0; compile_failing_at(n, rich_bad); n++)
    continue;
  for (int i = 0; i < N_EXAMPLES; i++) {
    char *text = example_text(i);
    for (uint64_t n = 0; compile_failing_at(n, text); n++)
      continue;
    free(text);
  }
}
END_TEST

START_TEST(the_rich_one_is_right)
{
  sema_bench b;

  run_with_shelf(&b, rich);
  ck_assert_str_eq(sema_bench_diagnostics(&b), "");
  ck_assert_ptr_nonnull(b.m);
  sema_bench_release(&b);
}
END_TEST

Suite *make_sema_suite(void)
{
  Suite *s = suite_create("sema");
  TCase *t = tcase_create("diagnostics");

  tcase_add_loop_test(t, reports, 0, N_CASES);
  tcase_add_loop_test(t, accepts, 0, N_CASES);
  tcase_add_test(t, several_in_one_run);
  tcase_add_test(t, a_dropped_statement_is_not_missed);
  tcase_add_test(t, a_parameter_may_make_a_bound_idle);
  tcase_add_test(t, bad_input_never_crashes);
  suite_add_tcase(s, t);
  t = tcase_create("files and values");
  tcase_add_test(t, imports_put_names_in_reach);
  tcase_add_loop_test(t, imports_that_go_wrong, 0, sizeof bad_imports / sizeof *bad_imports);
  tcase_add_loop_test(t, values_from_outside, 0, sizeof overrides / sizeof *overrides);
  suite_add_tcase(s, t);
  t = tcase_create("lowering");
  tcase_add_loop_test(t, examples_compile, 0, N_EXAMPLES);
  tcase_add_loop_test(t, lowers, 0, sizeof lowered / sizeof *lowered);
  tcase_add_test(t, profiles_lower);
  tcase_add_test(t, the_rich_one_is_right);
  tcase_add_test(t, memory_runs_out);
  suite_add_tcase(s, t);
  return s;
}
