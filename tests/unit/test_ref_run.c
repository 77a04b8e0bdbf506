// A run as a whole: memory, cancelling, statistics, what the data lack, large inputs.
#include "tests/unit/support_ref.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/alloc_fail.h"

// Something of everything.
static const char everything[] =
    "within 100s; hubs at most 50;"
    "stage s: a -> m[1..] where amount in 0 USD~1 USD..; stage t: m -> b within 90s;"
    "set u[0..] = (out(m, at least 50%) as v | in(b) as w) - in(a);"
    "stage walk: b -> via{1..3} -> c; absent q: c -> a before first(s) for 500s;"
    "each m: s before t; each m: sum(t.amount) / sum(s.amount) in 0.1~0.5..2;"
    "along walk: gap(this, next) in ..50s; require s before t overlap ..90%;"
    "require count(m) + count(via) in 3.. and distinct(s.currency) in 1..;"
    "alert \"{a} {count(m)} {sum(s.amount)} {span}\"; feature n = count by count(m) bins 1..3;";

static const char graph[] = "x p 1 10 USD Cash\n"
                            "x q 2 20 USD Cash\n"
                            "p y 3 10 USD Cash\n"
                            "q y 4 10 USD Cash\n"
                            "q r 5 10 USD Cash\n"
                            "y k 6 10 USD Cash\n"
                            "k l 7 10 USD Cash\n"
                            "l n 8 10 USD Cash\n";

START_TEST(every_allocation_fails_once)
{
  sema_bench b;
  amlrt_table *t;
  uint64_t n = 0;

  ref_compile(&b, everything, NULL);
  ck_assert_int_eq(ref_table(&t, graph, NULL), AMLRT_OK);
  for (bool failed = true; failed; n++) {
    alloc_fail a;
    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    amlrt_error err = {0};
    ref_opts o = {.only_trigger = AMLRT_NONE, .mem = &mem};
    ref_printer out = {.info = ref_pattern_info(b.mem, b.m->patterns.at[0]), .table = t};
    amlrt_status st = ref_run(b.m->patterns.at[0], 0, t, &o, ref_print, &out, NULL, &err);
    failed = alloc_fail_hit(&a);
    ck_assert_int_eq(st, failed ? AMLRT_E_NOMEM : AMLRT_OK);
    ck_assert_int_eq(err.status, st);
    alloc_fail_check(&a);
    if (!failed) ck_assert_uint_gt(out.n, 0);
    free(out.at);
  }
  ck_assert_uint_gt(n, 3);
  amlrt_table_free(t);
  sema_bench_release(&b);
}
END_TEST

// ---- stopping -----------------------------------------------------------------------------------------

static bool stop_at_once(void *user)
{
  ++*(int *)user;
  return true;
}

static amlrt_status refuse(void *user, const amlrt_match *m)
{
  (void)user;
  (void)m;
  return AMLRT_E_WRITE;
}

static amlrt_status count_matches(void *user, const amlrt_match *m)
{
  (void)m;
  ++*(uint64_t *)user;
  return AMLRT_OK;
}

// n lines: transfer i at time i; `#` stands for i.
static char *lines(uint32_t n, const char *line)
{
  size_t cap = (size_t)n * 64 + 1, at = 0;
  char *text = malloc(cap);

  ck_assert_ptr_nonnull(text);
  for (uint32_t i = 0; i < n; i++) {
    for (const char *c = line; *c; c++)
      at += (size_t)(*c == '#' ? snprintf(text + at, cap - at, "%u", i)
                               : snprintf(text + at, cap - at, "%c", *c));
  }
  return text;
}

START_TEST(cancelled)
{
  sema_bench b;
  amlrt_table *t;
  int asked = 0;
  uint64_t n = 0;
  char *tx = lines(5000, "x y# #\n");
  ref_opts o = {.only_trigger = AMLRT_NONE, .cancelled = stop_at_once, .user = &asked};

  ref_compile(&b, "within 1d; stage s: a -> g[1..];", NULL);
  ck_assert_int_eq(ref_table(&t, tx, NULL), AMLRT_OK);
  ck_assert_int_eq(ref_run(b.m->patterns.at[0], 0, t, &o, count_matches, &n, NULL, NULL),
                   AMLRT_INTERRUPTED);
  ck_assert_int_eq(asked, 1);
  free(tx);
  amlrt_table_free(t);
  sema_bench_release(&b);
}
END_TEST

START_TEST(sink_fails)
{
  sema_bench b;
  amlrt_table *t;

  ref_compile(&b, "within 10s; stage s: a -> b;", NULL);
  ck_assert_int_eq(ref_table(&t, "x y 1\ny z 2\n", NULL), AMLRT_OK);
  ref_stats stats;
  ck_assert_int_eq(ref_run(b.m->patterns.at[0], 0, t, NULL, refuse, NULL, &stats, NULL),
                   AMLRT_E_WRITE);
  amlrt_table_free(t);
  sema_bench_release(&b);
}
END_TEST

START_TEST(statistics)
{
  sema_bench b;
  amlrt_table *t;
  ref_stats stats;
  uint64_t n = 0;
  ref_opts o = {.only_trigger = AMLRT_NONE};

  ref_compile(&b, "within 10s; hubs at most 2; stage s: a -> b;", NULL);
  ck_assert_int_eq(ref_table(&t, "x y 1\nx y 2\nx z 3\nw x 4\nw v 5\n", NULL), AMLRT_OK);
  ck_assert_int_eq(ref_run(b.m->patterns.at[0], 7, t, &o, count_matches, &n, &stats, NULL),
                   AMLRT_OK);
  ck_assert_uint_eq(stats.triggers, 5);
  ck_assert_uint_eq(stats.matches, 3);
  ck_assert_uint_eq(stats.matches, n);
  ck_assert_uint_eq(stats.hub_triggers, 2); // x -> z and w -> x
  ck_assert(!stats.hub_limit_hit);
  amlrt_table_free(t);
  sema_bench_release(&b);
}
END_TEST

// ---- large --------------------------------------------------------------------------------------------

static uint64_t run_on(const char *pattern, const char *tx)
{
  sema_bench b;
  amlrt_table *t;
  uint64_t n = 0;

  ref_compile(&b, pattern, NULL);
  ck_assert_int_eq(ref_table(&t, tx, NULL), AMLRT_OK);
  ck_assert_int_eq(ref_run(b.m->patterns.at[0], 0, t, NULL, count_matches, &n, NULL, NULL),
                   AMLRT_OK);
  amlrt_table_free(t);
  sema_bench_release(&b);
  return n;
}

static char *with_last(char *tx, const char *last)
{
  size_t n = strlen(tx), m = strlen(last);
  tx = realloc(tx, n + m + 1);
  ck_assert_ptr_nonnull(tx);
  memcpy(tx + n, last, m + 1);
  return tx;
}

// Every payment of a hub is a trigger, and all are in its window.
START_TEST(a_hub)
{
  char *tx = lines(3000, "p# hub #\n");

  ck_assert_uint_eq(run_on("within 1d; stage s: p[2..] -> a;", tx), 2999);
  free(tx);
}
END_TEST

// 200,000 parallel payments inside the window of one trigger.
START_TEST(parallel_payments)
{
  char *tx = with_last(lines(200000, "x y # 5 USD w\n"), "y z 200001 5 USD w\n");

  ck_assert_uint_eq(run_on("within 10d; trigger t; stage s: a -> b; stage t: b -> c;"
                           "each b: s before t; each b: gap(s, t) in ..9d~11d;"
                           "require s before t overlap ..5%; require sum(s.amount) > 5 USD;",
                           tx),
                    1);
  free(tx);
}
END_TEST

START_TEST(a_large_group)
{
  char *tx = with_last(lines(10000, "p# y #\n"), "y z 10001\n");

  ck_assert_uint_eq(run_on("within 10d; trigger t; stage s: g[10000..] -> b; stage t: b -> c;"
                           "each g: count(s) in 1..1;",
                           tx),
                    1);
  free(tx);
}
END_TEST

// A million ways into a ring, none of which closes.
START_TEST(no_ring)
{
  enum { LAYERS = 20, WIDE = 10 };
  char *tx = malloc(LAYERS * WIDE * WIDE * 32 + 64);
  size_t at = 0;

  ck_assert_ptr_nonnull(tx);
  for (unsigned l = 0; l < LAYERS; l++)
    for (unsigned i = 0; i < WIDE * WIDE; i++)
      at += (size_t)snprintf(tx + at, 32, "n%u_%u n%u_%u %u\n", l, i / WIDE, l + 1, i % WIDE, l);
  ck_assert_uint_eq(
      run_on("within 10d; stage ring: a -> via{1..15} -> a; along ring: this before next;", tx), 0);
  free(tx);
}
END_TEST

// ---- what the data lack ---------------------------------------------------------------------------------

// A pattern needs what its constraints read; a title shows nothing where the data have nothing.
typedef struct lack_case {
  const char *pattern, *csv, *lacks;
} lack_case;

static const lack_case lacks[] = {
    {"within 10s; stage s: a -> b;", "src,dst,time\n", NULL},
    {"within 10s; stage s: a -> b where amount > 1 USD;", "src,dst,time\n", "amount"},
    {"within 10s; stage s: a -> b where amount > 1 USD;", "src,dst,time,amount\n", "currency"},
    {"within 10s; ignoring currency; stage s: a -> b where amount > 1;", "src,dst,time,amount\n",
     NULL},
    {"within 10s; same currency; stage s: a -> b;", "src,dst,time,amount\n", "currency"},
    {"within 10s; stage s: a -> b where format = \"Cash\";", "src,dst,time\n", "format"},
    {"within 10s; stage s: a -> b where score > 1;", "src,dst,time\n", "score"},
    {"within 10s; stage s: a -> b where from.bank = \"1\";", "src,dst,time\n", "bank"},
    {"within 10s; stage s: a -> b; require sum(s.amount) > 1 USD;", "src,dst,time\n", "amount"},
    {"within 10s; stage s: a -> b; alert \"{sum(s.amount)}\";", "src,dst,time\n", NULL},
};

static amlrt_table *read_csv(const char *text)
{
  char path[] = "/tmp/aml_ref_csv_XXXXXX";
  const char *paths[] = {path};
  amlrt_table *t;
  int fd = mkstemp(path);

  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
  close(fd);
  ck_assert_int_eq(amlrt_table_read(&t, paths, 1, NULL, NULL), AMLRT_OK);
  unlink(path);
  return t;
}

START_TEST(missing)
{
  const lack_case *c = &lacks[_i];
  sema_bench b;
  amlrt_table *t = read_csv(c->csv);

  ref_compile(&b, c->pattern, NULL);
  ck_assert_pstr_eq(ref_missing_attribute(b.m->patterns.at[0], t), c->lacks);
  amlrt_table_free(t);
  sema_bench_release(&b);
}
END_TEST

// ---- further columns ------------------------------------------------------------------------------------

START_TEST(columns)
{
  static const char *const score[] = {"0.5", "2", NULL, "7"};
  sema_bench b;
  amlrt_builder *builder;
  amlrt_table *t;
  uint64_t n = 0;

  ck_assert_int_eq(amlrt_builder_new(&builder, NULL, NULL), AMLRT_OK);
  for (int i = 0; i < 4; i++) {
    amlrt_tx tx = {.from = "x", .to = "y", .time = i};
    ck_assert_int_eq(amlrt_builder_add(builder, &tx, NULL), AMLRT_OK);
    if (score[i]) ck_assert_int_eq(amlrt_builder_set(builder, "score", score[i], NULL), AMLRT_OK);
    ck_assert_int_eq(amlrt_builder_set(builder, "note", i % 2 ? "red" : "blue", NULL), AMLRT_OK);
  }
  ck_assert_int_eq(amlrt_builder_finish(&t, builder, NULL), AMLRT_OK);
  amlrt_builder_free(builder);
  // Row 2 has no score; row 1 and 3 are red, with 2 and 7. A number compares with a text of digits.
  ref_compile(&b,
              "within 10s; stage s: a -> b where score >= 2 and note = \"red\" and score != \"3\";"
              "require sum(s.score) in 2.. and distinct(s.note) = 1;",
              NULL);
  ck_assert_int_eq(ref_run(b.m->patterns.at[0], 0, t, NULL, count_matches, &n, NULL, NULL),
                   AMLRT_OK);
  ck_assert_uint_eq(n, 2);
  amlrt_table_free(t);
  sema_bench_release(&b);
}
END_TEST

// ---- what files need to know ------------------------------------------------------------------------------

START_TEST(info)
{
  sema_bench b;

  ref_compile(&b, everything, NULL);
  const gir_pattern *p = b.m->patterns.at[0];
  const amlrt_pattern_info *i = ref_pattern_info(b.mem, p);
  gir_nodes constraints = {0};
  gir_constraints(&constraints, p);
  ck_assert_str_eq(i->name, "t");
  ck_assert_uint_eq(i->n_constraints, constraints.n);
  ck_assert_uint_eq(i->n_roles, 6);
  ck_assert_str_eq(i->roles[1].name, "m");
  ck_assert_int_eq(i->roles[1].kind, AMLRT_ROLE_GROUP);
  ck_assert_int_eq(i->roles[4].kind, AMLRT_ROLE_CHAIN);
  ck_assert_uint_eq(i->n_stages, 5);
  ck_assert_uint_eq(i->n_title_values, 3);
  ck_assert_uint_eq(i->n_features, 1);
  ck_assert_int_eq(i->features[0].bin_hi, 3);
  ck_assert_uint_eq(i->closed_start[4], AMLRT_NONE);
  sema_bench_release(&b);
  ref_compile(&b, "within 10s; stage ring: a -> via{1..2~5} -> a; along ring: this before next;",
              NULL);
  i = ref_pattern_info(b.mem, b.m->patterns.at[0]);
  ck_assert_uint_eq(i->closed_start[1], 0);
  ck_assert_uint_eq(i->closed_start[0], AMLRT_NONE);
  ck_assert_uint_eq(i->constraints[0].has, AMLRT_HAS_B | AMLRT_HAS_C | AMLRT_HAS_D);
  ck_assert_double_eq(i->constraints[0].bounds[3], 5);
  sema_bench_release(&b);
}
END_TEST

Suite *make_ref_run_suite(void);
Suite *make_ref_run_suite(void)
{
  Suite *s = suite_create("ref_run");
  TCase *tc = tcase_create("run"), *large = tcase_create("large");

  tcase_add_test(tc, every_allocation_fails_once);
  tcase_add_test(tc, cancelled);
  tcase_add_test(tc, sink_fails);
  tcase_add_test(tc, statistics);
  tcase_add_loop_test(tc, missing, 0, sizeof lacks / sizeof *lacks);
  tcase_add_test(tc, columns);
  tcase_add_test(tc, info);
  suite_add_tcase(s, tc);
  tcase_set_timeout(large, 60);
  tcase_add_test(large, a_hub);
  tcase_add_test(large, parallel_payments);
  tcase_add_test(large, a_large_group);
  tcase_add_test(large, no_ring);
  suite_add_tcase(s, large);
  return s;
}
