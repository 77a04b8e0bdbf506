// The generator of transactions. What its files look like as a whole is held by
// datasets/check_gen.py; here are the parts that a file shows only now and then.
#include "datasets/gen/world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *make_gen_suite(void);

static gen_world small_world(uint64_t seed)
{
  gen_world w;
  gen_opts o = gen_defaults();
  o.rows = 80000;
  o.seed = seed;
  ck_assert_int_eq(gen_world_init(&w, &o, NULL), GEN_OK);
  ck_assert_uint_eq(w.n_ordinary, 10000);
  return w;
}

static int by_text(const void *a, const void *b)
{
  return strcmp(a, b);
}

START_TEST(no_two_accounts_have_one_key)
{
  gen_world w = small_world(7);
  enum { N = 10000, SIZE = 32 };
  char(*key)[SIZE] = malloc((size_t)N * SIZE);
  ck_assert_ptr_nonnull(key);
  for (uint32_t i = 0; i < N; i++) {
    char bank[16], account[16];
    gen_bank_text(&w, i, bank);
    gen_account_text(&w, i, account);
    ck_assert_uint_eq(strlen(account), 9);
    ck_assert_int_eq(bank[0], '0');
    snprintf(key[i], SIZE, "%s:%s", bank, account);
  }
  qsort(key, N, SIZE, by_text);
  for (uint32_t i = 1; i < N; i++)
    ck_assert_str_ne(key[i - 1], key[i]);
  free(key);
  gen_world_release(&w);
}
END_TEST

START_TEST(background_keeps_to_the_rules)
{
  enum { N = 20000 };
  gen_world w = small_world(8);
  gen_rng r;
  gen_tx *tx = malloc(N * sizeof *tx);
  ck_assert_ptr_nonnull(tx);
  gen_rng_init(&r, 8, 1);
  gen_background(&w, &r, tx, N);
  for (uint32_t i = 0; i < N; i++) {
    ck_assert_uint_lt(tx[i].from, w.n_ordinary);
    ck_assert_uint_lt(tx[i].to, w.n_ordinary);
    ck_assert_int_ge(tx[i].minute, 0);
    ck_assert_int_lt(tx[i].minute, 10 * 1440);
    ck_assert_int_gt(tx[i].paid, 0);
    ck_assert_int_gt(tx[i].received, 0);
    ck_assert_int_eq(tx[i].format == FMT_reinvestment, tx[i].from == tx[i].to);
  }
  free(tx);
  gen_world_release(&w);
}
END_TEST

// {currency, US cents, minor units}: at least 1, whatever the rate.
static const int64_t minor[][3] = {
    {CUR_us_dollar, 100, 100}, {CUR_yen, 100, 14300},    {CUR_swiss_franc, 1, 1},
    {CUR_bitcoin, 100, 50},    {CUR_saudi_riyal, 4, 15},
};

START_TEST(rates)
{
  ck_assert_int_eq(gen_minor((currency)minor[_i][0], minor[_i][1]), minor[_i][2]);
}
END_TEST

START_TEST(values_have_a_long_tail)
{
  gen_rng r;
  int64_t least = INT64_MAX, most = 0;
  gen_rng_init(&r, 9, 0);
  for (int i = 0; i < 1000000; i++) {
    int64_t v = gen_value(&r);
    if (v < least) least = v;
    if (v > most) most = v;
  }
  ck_assert_int_ge(least, 512);
  ck_assert_int_gt(most, (int64_t)1 << 34);
}
END_TEST

START_TEST(bad_options)
{
  gen_result result = {.rows = 5};
  gen_error e = {{0}};
  gen_opts o = gen_defaults();
  ck_assert_int_eq(gen_run(&o, &result, &e), GEN_E_OPTIONS); // no output named
  o.out = "/nowhere/at/all";
  ck_assert_int_eq(gen_run(&o, &result, &e), GEN_E_IO);
  ck_assert_ptr_nonnull(strstr(e.text, "/nowhere/at/all"));
  o.rows = 0;
  ck_assert_int_eq(gen_run(&o, &result, NULL), GEN_E_OPTIONS);
  o.rows = 10;
  o.attempts = 1;
  ck_assert_int_eq(gen_run(&o, &result, &e), GEN_E_OPTIONS);
  ck_assert_ptr_nonnull(strstr(e.text, "too few"));
  o.days = 9;
  ck_assert_int_eq(gen_run(&o, &result, &e), GEN_E_OPTIONS);
  ck_assert_uint_eq(result.rows, 5);
}
END_TEST

Suite *make_gen_suite(void)
{
  Suite *s = suite_create("gen");
  TCase *tc = tcase_create("world");
  tcase_add_test(tc, no_two_accounts_have_one_key);
  tcase_add_test(tc, background_keeps_to_the_rules);
  tcase_add_loop_test(tc, rates, 0, sizeof minor / sizeof *minor);
  tcase_add_test(tc, values_have_a_long_tail);
  tcase_add_test(tc, bad_options);
  suite_add_tcase(s, tc);
  return s;
}
