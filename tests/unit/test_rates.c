// Exchange rates by day.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/money.h"
#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_files.h"

Suite *make_rates_suite(void);

#define DAY INT64_C(86400)
static const char good[] = "date,currency,rate\n"
                           "2022-09-02,US Dollar,0.99\n"
                           "*,EUR,1\n"
                           "2022-09-01,USD,0.98\n"
                           "2022-09-05,USD,1.010\n"
                           "2022-09-01,Yen,0.0071\n"
                           "2022-09-01,Doubloon,3\n";

static amlrt_rates *read_good(void)
{
  amlrt_rates *r;
  amlrt_error err = {.status = AMLRT_OK};

  ck_assert_msg(amlrt_rates_read(&r, file_with("rates.csv", good), NULL, &err) == AMLRT_OK, "%s",
                err.text);
  files_clean();
  return r;
}

static void rate(const amlrt_rates *r, const char *currency, int64_t time, int64_t want,
                 int want_decimals)
{
  int64_t m = -1;
  int d = -1;

  ck_assert_msg(amlrt_rates_at(r, currency, time, &m, &d) == (want >= 0), "%s", currency);
  ck_assert_int_eq(m, want);
  ck_assert_int_eq(d, want_decimals);
}

START_TEST(by_day)
{
  const int64_t first = 1661990400; // 2022-09-01
  amlrt_rates *r = read_good();

  rate(r, "USD", first - 1, -1, -1);
  rate(r, "USD", first, 98, 2);
  rate(r, "US Dollar", first + DAY - 1, 98, 2);
  rate(r, "USD", first + DAY, 99, 2);
  rate(r, "USD", first + 4 * DAY - 1, 99, 2);
  rate(r, "USD", first + 4 * DAY, 101, 2);
  rate(r, "USD", first + 4000 * DAY, 101, 2);
  rate(r, "EUR", 0, 1, 0);
  rate(r, "Euro", first, 1, 0);
  rate(r, "JPY", first, 71, 4);
  rate(r, "Doubloon", first, 3, 0);
  rate(r, "GBP", first, -1, -1);
  rate(r, "", first, -1, -1);
  amlrt_rates_free(r);
}
END_TEST

static const struct {
  const char *text, *words;
} bad[] = {
    {"", "date,currency,rate"},
    {"date,currency\n", "date,currency,rate"},
    {"date,cur,rate\n", "date,currency,rate"},
    {"date,currency,rate\n2022-09-01,USD\n", ":2: wrong number of fields"},
    {"date,currency,rate\n2022-9-01,USD,1\n", ":2: the date"},
    {"date,currency,rate\n2022-09-01,USD,0\n", ":2: the rate"},
    {"date,currency,rate\n2022-09-01,USD,-1\n", ":2: the rate"},
    {"date,currency,rate\n\n2022-09-01,USD,x\n", ":3: the rate"},
    {"date,currency,rate\n2022-09-01,,1\n", ":2: the currency"},
    {"date,currency,rate\n*,EUR,2\n", ":2: the base"},
    {"date,currency,rate\n*,EUR,1\n*,USD,1\n", ":3: there is a base"},
    {"date,currency,rate\n*,EUR,1\n2022-09-01,Euro,1.5\n", ":3: EUR is the base"},
    {"date,currency,rate\n2022-09-01,USD,1\n2022-09-01,US Dollar,2\n", "on line 2"},
};

START_TEST(errors)
{
  amlrt_rates *r;
  amlrt_error err = {.status = AMLRT_OK};

  ck_assert_int_eq(amlrt_rates_read(&r, file_with("rates.csv", bad[_i].text), NULL, &err),
                   AMLRT_E_RATES);
  ck_assert_ptr_null(r);
  ck_assert_msg(strstr(err.text, bad[_i].words) && strstr(err.text, "rates.csv"), "%s", err.text);
  files_clean();
}
END_TEST

START_TEST(missing_file)
{
  amlrt_rates *r;
  amlrt_error err = {.status = AMLRT_OK};

  ck_assert_int_eq(amlrt_rates_read(&r, "/nowhere/rates.csv", NULL, &err), AMLRT_E_READ);
  ck_assert_ptr_nonnull(strstr(err.text, "/nowhere/rates.csv"));
  amlrt_rates_free(NULL);
}
END_TEST

START_TEST(no_memory)
{
  const char *path = file_with("rates.csv", good);

  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    amlrt_rates *r;
    amlrt_status st = amlrt_rates_read(&r, path, &mem, NULL);
    bool hit = alloc_fail_hit(&a);
    ck_assert_int_eq(st, hit ? AMLRT_E_NOMEM : AMLRT_OK);
    if (hit) ck_assert_ptr_null(r);
    amlrt_rates_free(r);
    alloc_fail_check(&a);
    if (!hit) break;
  }
  files_clean();
}
END_TEST

Suite *make_rates_suite(void)
{
  Suite *s = suite_create("rates");
  TCase *tc = tcase_create("rates");

  tcase_add_test(tc, by_day);
  tcase_add_loop_test(tc, errors, 0, sizeof bad / sizeof *bad);
  tcase_add_test(tc, missing_file);
  tcase_add_test(tc, no_memory);
  suite_add_tcase(s, tc);
  return s;
}
