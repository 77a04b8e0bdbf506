// Tables built by hand; and every allocation of reading and building made to fail once.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_table.h"

Suite *make_builder_suite(void);

// ---- built by hand ------------------------------------------------------------------------------

static void add(amlrt_builder *b, amlrt_tx tx)
{
  amlrt_error err = {.status = AMLRT_OK};

  ck_assert_msg(amlrt_builder_add(b, &tx, &err) == AMLRT_OK, "%s", err.text);
}

START_TEST(build)
{
  amlrt_builder *b;
  amlrt_table *t;

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  add(b, (amlrt_tx){.from = "b", .to = "a", .time = 5, .amount = "100", .currency = "USD"});
  ck_assert_int_eq(amlrt_builder_set(b, "note", "hello", NULL), AMLRT_OK);
  add(b, (amlrt_tx){.from = "a", .to = "c", .time = 3, .format = "Cash"});
  ck_assert_int_eq(amlrt_builder_set(b, "score", "1.5", NULL), AMLRT_OK);
  add(b, (amlrt_tx){.from = "a",
                    .to = "b",
                    .time = 3,
                    .amount = "2.5",
                    .currency = "Euro",
                    .amount_received = "3",
                    .currency_received = "USD"});
  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  ck_assert_str_eq(row(t, 0), "1 a>c -  > -  Cash @3");
  ck_assert_str_eq(row(t, 1), "2 a>b 2.5 Euro > 3 USD  @3");
  ck_assert_str_eq(row(t, 2), "0 b>a 100 USD > 100 USD  @5");
  ck_assert_str_eq(amlrt_table_find_extra(t, "note")->text[2], "hello");
  ck_assert_ptr_null(amlrt_table_find_extra(t, "note")->text[0]);
  ck_assert_int_eq(amlrt_table_find_extra(t, "score")->mantissa[0], 15);
  ck_assert(amlrt_table_has_column(t, "format"));
  ck_assert_uint_eq(amlrt_table_n_inputs(t), 0);
  amlrt_table_free(t);
}
END_TEST

static const amlrt_tx bad_tx[] = {
    {.from = "", .to = "b"},
    {.from = NULL, .to = "b"},
    {.from = "a", .to = "\xff"},
    {.from = "a", .to = "b", .amount = "x"},
    {.from = "a", .to = "b", .amount = "-1"},
    {.from = "a", .to = "b", .id = ""},
};

START_TEST(build_errors)
{
  amlrt_builder *b;
  amlrt_table *t;
  amlrt_error err = {.status = AMLRT_OK};

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  ck_assert_int_eq(amlrt_builder_set(b, "x", "1", &err), AMLRT_E_ARG);
  ck_assert_int_eq(amlrt_builder_add(b, &bad_tx[_i], &err), AMLRT_E_ARG);
  add(b, (amlrt_tx){.from = "a", .to = "b", .id = "1"});
  ck_assert_int_eq(amlrt_builder_set(b, "amount", "1", &err), AMLRT_E_ARG);
  ck_assert_int_eq(amlrt_builder_set(b, "x", "\xff", &err), AMLRT_E_ARG);
  add(b, (amlrt_tx){.from = "a", .to = "c"}); // its number is 1, too
  ck_assert_int_eq(amlrt_builder_finish(&t, b, &err), AMLRT_E_ARG);
  ck_assert_ptr_null(t);
  ck_assert_str_eq(err.text, "transaction 1: the id is repeated");
  ck_assert_int_eq(amlrt_builder_add(b, &bad_tx[0], &err), AMLRT_E_ARG);
  amlrt_builder_free(b);
  amlrt_builder_free(NULL);
}
END_TEST

START_TEST(build_nothing)
{
  amlrt_builder *b;
  amlrt_table *t;

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  ck_assert_uint_eq(amlrt_table_columns(t)->n_rows, 0);
  amlrt_table_free(t);
}
END_TEST

// ---- no memory ----------------------------------------------------------------------------------

// Reads with allocation n failing, for all n.
static void brutal(table_test *x, const char *const *paths, size_t n_paths, amlrt_status want)
{
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    x->opts.mem = &mem;
    amlrt_status st = amlrt_table_read(&x->t, paths, n_paths, &x->opts, &x->err);
    bool hit = alloc_fail_hit(&a);
    ck_assert_msg(st == (hit ? AMLRT_E_NOMEM : want), "%d at %d: %s", st, (int)n, x->err.text);
    if (hit) ck_assert_ptr_null(x->t);
    amlrt_table_free(x->t);
    alloc_fail_check(&a);
    if (!hit) break;
  }
  x->t = NULL;
}

static const char ibm[] =
    IBM_HEADER ",Is Laundering\n"
               "2022/09/01 00:20,021174,800737690,012,80011F990,2848.96,Euro,2848.96,Euro,ACH,1\n"
               "2022/09/01 00:20,1,A,1,B,1,Euro,2.5,Bitcoin,Wire,0\n";

START_TEST(no_memory_ibm)
{
  table_test x = start();
  const char *paths[2] = {file_with("a.csv", ibm), file_packed("b.csv.gz", ibm, 0)};

  brutal(&x, paths, 2, AMLRT_OK);
  stop(&x);
}
END_TEST

START_TEST(no_memory_generic)
{
  table_test x = start();
  const char *paths[2] = {
      file_with("a.csv", "id,src,dst,time,amount,currency,format,note,score\n"
                         "x,a,b,9,1.5,EUR,Cash,\"a\"\"b\",5\n2,c,d,7,3,USD,,n,4\n2,c,d,7,,,,,\n"
                         "3,c,d,7,0.00000000000000001,USD,,,\n4,c,d,7,5000000,USD,,,\n"
                         "5,c,d,zz,5,USD,,,\n"),
      file_with("b.csv",
                "src,dst,id,time,amount,currency,format,note,score\na,b,6,9,1,EUR,Cash,,\n")};

  x.opts.max_rejects = 1;
  brutal(&x, paths, 2, AMLRT_OK);
  x.opts.max_rejects = 0;
  brutal(&x, paths, 2, AMLRT_E_REJECTS);
  stop(&x);
}
END_TEST

START_TEST(no_memory_map)
{
  table_test x = start();
  const char *path = file_with("a.txt", "b a 10 7\nd c 9 8\n");

  x.opts.map_path = file_with("m.map", "header = none\ndelimiter = space\nsrc = 2\ndst = 1\n"
                                       "time = 3\nextra.w = 4\n");
  brutal(&x, &path, 1, AMLRT_OK);
  stop(&x);
}
END_TEST

// Errors of the data with memory failing on the way to them: one of the two, and nothing is left.
START_TEST(no_memory_errors)
{
  static const char *const texts[] = {"", "src,dst\n", "src,dst,time,x,x\n", "a,b\n"};

  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    table_test x = start();
    const char *path = file_with("a.csv", texts[i]);
    brutal(&x, &path, 1, AMLRT_E_HEADER);
    stop(&x);
  }
}
END_TEST

static amlrt_status build_some(amlrt_table **t, const amlrt_alloc *mem)
{
  static const amlrt_tx txs[] = {
      {.from = "b", .to = "a", .time = 5, .amount = "100", .currency = "USD", .id = "x"},
      {.from = "a", .to = "c", .time = 3, .format = "Cash", .amount = "0.5", .currency = "Gold"},
      {.from = "a", .to = "b", .time = 4},
  };
  amlrt_builder *b;
  amlrt_status st = amlrt_builder_new(&b, mem, NULL);

  *t = NULL;
  for (size_t i = 0; st == AMLRT_OK && i < 3; i++) {
    st = amlrt_builder_add(b, &txs[i], NULL);
    if (st == AMLRT_OK) st = amlrt_builder_set(b, i == 1 ? "note" : "score", "5", NULL);
  }
  if (st == AMLRT_OK) st = amlrt_builder_finish(t, b, NULL);
  amlrt_builder_free(b);
  return st;
}

START_TEST(no_memory_builder)
{
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    amlrt_table *t;
    amlrt_status st = build_some(&t, &mem);
    bool hit = alloc_fail_hit(&a);
    ck_assert_int_eq(st, hit ? AMLRT_E_NOMEM : AMLRT_OK);
    if (hit) ck_assert_ptr_null(t);
    amlrt_table_free(t);
    alloc_fail_check(&a);
    if (!hit) break;
  }
}
END_TEST

Suite *make_builder_suite(void)
{
  Suite *s = suite_create("builder");
  TCase *tc = tcase_create("builder");

  tcase_add_test(tc, build);
  tcase_add_loop_test(tc, build_errors, 0, sizeof bad_tx / sizeof *bad_tx);
  tcase_add_test(tc, build_nothing);
  suite_add_tcase(s, tc);
  tc = tcase_create("no memory");
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, no_memory_ibm);
  tcase_add_test(tc, no_memory_generic);
  tcase_add_test(tc, no_memory_map);
  tcase_add_test(tc, no_memory_errors);
  tcase_add_test(tc, no_memory_builder);
  suite_add_tcase(s, tc);
  return s;
}
