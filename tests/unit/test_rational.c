// Exact fractions: arithmetic at its limits, text there and back.
#include <check.h>
#include <string.h>

#include "ir/base/rational.h"

#define BIG ((aml_i128)1 << 126)

static rational frac(int64_t num, int64_t den)
{
  rational r = {0, 1};
  ck_assert(rational_make(&r, num, den));
  return r;
}

static void is(rational r, int64_t num, int64_t den)
{
  ck_assert_int_eq((int64_t)r.num, num);
  ck_assert_int_eq((int64_t)r.den, den);
}

START_TEST(lowest_terms)
{
  rational r;

  is(frac(6, 4), 3, 2);
  is(frac(6, -4), -3, 2);
  is(frac(0, -7), 0, 1);
  ck_assert(!rational_make(&r, 1, 0));
  ck_assert(rational_is_int(frac(8, 4)));
  ck_assert(!rational_is_int(frac(1, 3)));
}
END_TEST

START_TEST(arithmetic)
{
  rational r;

  ck_assert(rational_add(&r, frac(1, 6), frac(1, 10)));
  is(r, 4, 15);
  ck_assert(rational_sub(&r, frac(1, 6), frac(1, 2)));
  is(r, -1, 3);
  ck_assert(rational_mul(&r, frac(-4, 9), frac(3, 8)));
  is(r, -1, 6);
  ck_assert(rational_div(&r, frac(1, 2), frac(-3, 4)));
  is(r, -2, 3);
  ck_assert(!rational_div(&r, frac(1, 2), frac(0, 1)));
  is(r, -2, 3); // unchanged
}
END_TEST

START_TEST(overflow_is_said)
{
  rational big, r = {7, 1};

  ck_assert(rational_make(&big, BIG, 1));
  ck_assert(!rational_add(&r, big, big));
  ck_assert(!rational_mul(&r, big, rational_int(3)));
  ck_assert(!rational_mul(&r, big, big));
  is(r, 7, 1);
  ck_assert(rational_mul(&r, big, frac(1, 4)));
  ck_assert(rational_sub(&r, big, big));
  is(r, 0, 1);
  ck_assert(rational_div(&r, big, big));
  is(r, 1, 1);
}
END_TEST

START_TEST(comparison_is_exact)
{
  rational a, b;

  ck_assert_int_eq(rational_cmp(frac(1, 3), frac(2, 6)), 0);
  ck_assert_int_eq(rational_cmp(frac(1, 3), frac(1, 2)), -1);
  ck_assert_int_eq(rational_cmp(frac(-1, 3), frac(-1, 2)), 1);
  ck_assert_int_eq(rational_cmp(frac(-1, 2), frac(0, 1)), -1);
  ck_assert_int_eq(rational_cmp(frac(7, 2), frac(3, 1)), 1);
  // Two that are one as doubles.
  ck_assert(rational_make(&a, BIG, BIG - 1));
  ck_assert(rational_make(&b, BIG - 1, BIG - 2));
  ck_assert_int_eq(rational_cmp(a, b), -1);
  ck_assert_int_eq(rational_cmp(b, a), 1);
  ck_assert_int_eq(rational_cmp(a, a), 0);
  ck_assert(rational_double(a) == rational_double(b));
}
END_TEST

// Text, and what it is printed as; NULL: it cannot be read.
static const char *const texts[][2] = {
    {"0", "0"},
    {"3", "3"},
    {"9_900", "9900"},
    {"0.25", "0.25"},
    {"1_0.5_0", "10.5"},
    {"00.70", "0.7"},
    {"0.000000000000000001", "0.000000000000000001"},
    {"170141183460469231731687303715884105727", "170141183460469231731687303715884105727"},
    {"170141183460469231731687303715884105728", NULL},
    {"99999999999999999999999999999999999999999", NULL},
    {"", NULL},
    {"_1", NULL},
    {"1_", NULL},
    {"1__0", NULL},
    {"1.", NULL},
    {".5", NULL},
    {"1.2.3", NULL},
    {"-1", NULL},
    {"1e5", NULL},
};

START_TEST(text_is_read)
{
  rational r = {0, 1};
  bool ok = rational_parse(&r, texts[_i][0], strlen(texts[_i][0]));
  cx *c = cx_new(NULL, NULL);
  strbuf b;

  ck_assert(ok == (texts[_i][1] != NULL));
  strbuf_init(&b, c);
  rational_print(&b, r);
  if (ok) ck_assert_str_eq(strbuf_text(&b), texts[_i][1]);
  strbuf_release(&b);
  cx_free(c);
}
END_TEST

static const struct {
  int64_t num, den;
  const char *text;
} printed[] = {
    {-7, 20, "-0.35"},
    {1, 3, "1/3"},
    {-22, 7, "-22/7"},
    {5, 1, "5"},
    {-3, 1, "-3"},
    {1, 8, "0.125"},
    {1, (int64_t)1 << 30, "1/1073741824"},
    {0, 1, "0"},
};

START_TEST(print_reads_back)
{
  rational r = frac(printed[_i].num, printed[_i].den), back;
  cx *c = cx_new(NULL, NULL);
  strbuf b;

  strbuf_init(&b, c);
  rational_print(&b, r);
  ck_assert_str_eq(strbuf_text(&b), printed[_i].text);
  ck_assert(rational_read(&back, strbuf_text(&b), b.n));
  ck_assert_int_eq(rational_cmp(r, back), 0);
  ck_assert(!rational_read(&back, "1/0", 3));
  ck_assert(!rational_read(&back, "--1", 3));
  strbuf_release(&b);
  cx_free(c);
}
END_TEST

Suite *make_rational_suite(void)
{
  Suite *s = suite_create("rational");
  TCase *t = tcase_create("fractions");

  tcase_add_test(t, lowest_terms);
  tcase_add_test(t, arithmetic);
  tcase_add_test(t, overflow_is_said);
  tcase_add_test(t, comparison_is_exact);
  tcase_add_loop_test(t, text_is_read, 0, sizeof texts / sizeof *texts);
  tcase_add_loop_test(t, print_reads_back, 0, sizeof printed / sizeof *printed);
  suite_add_tcase(s, t);
  return s;
}
