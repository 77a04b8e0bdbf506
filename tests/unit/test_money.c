// Decimals, doubles, currencies.
#include <check.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/money.h"
#include "runtime/src/decimal.h"

Suite *make_money_suite(void);

static const struct {
  const char *text;
  bool ok;
  int64_t mantissa;
  int decimals;
} reads[] = {
    {"0", true, 0, 0},
    {"8630.40", true, 86304, 1},
    {"-12.50", true, -125, 1},
    {"+3", true, 3, 0},
    {"-0.00", true, 0, 0},
    {"007", true, 7, 0},
    {".5", true, 5, 1},
    {"5.", true, 5, 0},
    {"1000000000000.05", true, 100000000000005, 2},
    {"999999999999999999", true, 999999999999999999, 0},
    {"1000000000000000000", false, 0, 0},
    {"100000000000000000", true, 100000000000000000, 0},
    {"0.000000000000000001", true, 1, 18},
    {"0.0000000000000000001", false, 0, 0},
    {"1.000000000000000000000000", true, 1, 0},
    {"000000000000000000000000.1", true, 1, 1},
    {"123456789012345678.9", false, 0, 0},
    {"12345678901234567.8", true, 123456789012345678, 1},
    {"10.01", true, 1001, 2},
    {"100.001", true, 100001, 3},
    {"", false, 0, 0},
    {"-", false, 0, 0},
    {".", false, 0, 0},
    {"1e5", false, 0, 0},
    {"1,5", false, 0, 0},
    {" 1", false, 0, 0},
    {"1.2.3", false, 0, 0},
    {"--1", false, 0, 0},
    {"nan", false, 0, 0},
    {"0x10", false, 0, 0},
};

START_TEST(decimal_read)
{
  int64_t m = 77;
  int d = 77;
  const char *text = reads[_i].text;

  ck_assert_msg(amlrt_decimal_parse(&m, &d, text, strlen(text)) == reads[_i].ok, "'%s'", text);
  ck_assert_int_eq(m, reads[_i].ok ? reads[_i].mantissa : 77);
  ck_assert_int_eq(d, reads[_i].ok ? reads[_i].decimals : 77);
}
END_TEST

static const struct {
  int64_t mantissa;
  int decimals, min_decimals;
  const char *text;
} prints[] = {
    {0, 0, 0, "0"},
    {0, 2, 2, "0.00"},
    {86304, 1, 0, "8630.4"},
    {86304, 1, 2, "8630.40"},
    {8630400, 3, 2, "8630.40"},
    {5, 3, 0, "0.005"},
    {-5, 1, 0, "-0.5"},
    {1200, 2, 0, "12"},
    {12, 0, 2, "12.00"},
    {-1, 18, 0, "-0.000000000000000001"},
};

START_TEST(decimal_print)
{
  char out[64];

  ck_assert_uint_eq(
      amlrt_decimal_print(out, prints[_i].mantissa, prints[_i].decimals, prints[_i].min_decimals),
      strlen(prints[_i].text));
  ck_assert_str_eq(out, prints[_i].text);
}
END_TEST

START_TEST(decimal_print_largest)
{
  char out[64];
  amlrt_i128 max = (amlrt_i128)(~(unsigned __int128)0 >> 1);

  amlrt_decimal_print(out, max, 18, 0);
  ck_assert_str_eq(out, "170141183460469231731.687303715884105727");
  amlrt_decimal_print(out, -max - 1, 0, 0);
  ck_assert_str_eq(out, "-170141183460469231731687303715884105728");
}
END_TEST

START_TEST(scales_and_words)
{
  int64_t v;

  ck_assert_int_eq(amlrt__decimal_max_scale(0, 0), 18);
  ck_assert_int_eq(amlrt__decimal_max_scale(5, 1), 18);
  ck_assert_int_eq(amlrt__decimal_max_scale(999, 2), 17);
  ck_assert_int_eq(amlrt__decimal_max_scale(1000, 2), 16);
  ck_assert_int_eq(amlrt__decimal_max_scale(999999999999999999, 0), 0);
  ck_assert(amlrt__integer(&v, "-9223372036854775808", 20) && v == INT64_MIN);
  ck_assert(amlrt__integer(&v, "9223372036854775807", 19) && v == INT64_MAX);
  ck_assert(!amlrt__integer(&v, "9223372036854775808", 19));
  ck_assert(!amlrt__integer(&v, "-0", 2) && !amlrt__integer(&v, "-", 1));
  ck_assert(!amlrt__integer(&v, "", 0) && !amlrt__integer(&v, "01", 2));
  ck_assert(amlrt__is_number("0.5", 3) && amlrt__is_number("-12", 3) && amlrt__is_number("0", 1));
  ck_assert(!amlrt__is_number("012", 3) && !amlrt__is_number("+1", 2));
  ck_assert(!amlrt__is_number("1e5", 3) && !amlrt__is_number("-", 1));
}
END_TEST

static const struct {
  double v;
  const char *text;
} doubles[] = {
    {0.0, "0"},
    {-0.0, "0"},
    {1.0, "1"},
    {-1.5, "-1.5"},
    {0.83, "0.83"},
    {0.1 + 0.2, "0.30000000000000004"},
    {1.0 / 3.0, "0.3333333333333333"},
    {1234.5, "1234.5"},
    {1e-5, "0.00001"},
    {9.5e-6, "9.5e-6"},
    {1e16, "10000000000000000"},
    {1e17, "1e17"},
    {123456789012345680.0, "1.2345678901234568e17"},
    {12345678901234568.0, "12345678901234568"},
    {9007199254740993.0, "9007199254740992"},
    {1e22, "1e22"},
    {1e23, "1e23"},
    {1e300, "1e300"},
    {5e-324, "5e-324"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {1.7976931348623157e308, "1.7976931348623157e308"},
    {0x1p-44, "5.684341886080802e-14"},
    {9.5367431640625e-7, "9.5367431640625e-7"},
    {4.35, "4.35"},
    {0.000123, "0.000123"},
};

START_TEST(double_print)
{
  char out[32];

  ck_assert_uint_eq(amlrt_double_print(out, doubles[_i].v), strlen(out));
  ck_assert_str_eq(out, doubles[_i].text);
}
END_TEST

static void reads_back(double v)
{
  char out[32];

  amlrt_double_print(out, v);
  ck_assert_msg((double)strtold(out, NULL) == v, "%a as '%s'", v, out);
}

START_TEST(doubles_read_back)
{
  uint64_t x = 88172645463325252u;

  for (int i = 0; i < 20000; i++) {
    double v;
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    memcpy(&v, &x, sizeof v);
    if (v - v != 0.0) continue; // not finite
    reads_back(v);
    reads_back((double)(x >> 20) * 0x1p-44);
    reads_back((double)(x % 1000000) / 100);
  }
}
END_TEST

START_TEST(no_decimal_comma)
{
  char out[32];

  if (!setlocale(LC_NUMERIC, "de_DE.UTF-8")) (void)setlocale(LC_NUMERIC, "fr_FR.UTF-8");
  amlrt_double_print(out, 0.1 + 0.2);
  ck_assert_str_eq(out, "0.30000000000000004");
  (void)setlocale(LC_NUMERIC, "C");
}
END_TEST

static const struct {
  const char *name, *iso;
} currencies[] = {
    {"US Dollar", "USD"},
    {"Euro", "EUR"},
    {"Yuan", "CNY"},
    {"Yen", "JPY"},
    {"UK Pound", "GBP"},
    {"Canadian Dollar", "CAD"},
    {"Australian Dollar", "AUD"},
    {"Swiss Franc", "CHF"},
    {"Rupee", "INR"},
    {"Shekel", "ILS"},
    {"Saudi Riyal", "SAR"},
    {"Ruble", "RUB"},
    {"Mexican Peso", "MXN"},
    {"Brazil Real", "BRL"},
    {"Bitcoin", "BTC"},
};

START_TEST(ibm_currencies)
{
  const char *name = currencies[_i].name, *iso = currencies[_i].iso;

  ck_assert_str_eq(amlrt_currency_iso(name, strlen(name)), iso);
  ck_assert_str_eq(amlrt_currency_iso(iso, 3), iso);
  ck_assert_str_eq(amlrt_currency_ibm_name(iso), name);
}
END_TEST

START_TEST(other_currencies)
{
  ck_assert_str_eq(amlrt_currency_iso("SEK", 3), "SEK");
  ck_assert_str_eq(amlrt_currency_iso("usd", 3), "USD");
  ck_assert_ptr_null(amlrt_currency_ibm_name("SEK"));
  ck_assert_ptr_null(amlrt_currency_ibm_name("Euro"));
  ck_assert_ptr_null(amlrt_currency_iso("", 0));
  ck_assert_ptr_null(amlrt_currency_iso("Dollar", 6));
  ck_assert_ptr_null(amlrt_currency_iso("USDX", 4));
}
END_TEST

Suite *make_money_suite(void)
{
  Suite *s = suite_create("money");
  TCase *tc = tcase_create("decimals");

  tcase_add_loop_test(tc, decimal_read, 0, sizeof reads / sizeof *reads);
  tcase_add_loop_test(tc, decimal_print, 0, sizeof prints / sizeof *prints);
  tcase_add_test(tc, decimal_print_largest);
  tcase_add_test(tc, scales_and_words);
  suite_add_tcase(s, tc);
  tc = tcase_create("doubles");
  tcase_add_loop_test(tc, double_print, 0, sizeof doubles / sizeof *doubles);
  tcase_add_test(tc, doubles_read_back);
  tcase_add_test(tc, no_decimal_comma);
  suite_add_tcase(s, tc);
  tc = tcase_create("currencies");
  tcase_add_loop_test(tc, ibm_currencies, 0, sizeof currencies / sizeof *currencies);
  tcase_add_test(tc, other_currencies);
  suite_add_tcase(s, tc);
  return s;
}
