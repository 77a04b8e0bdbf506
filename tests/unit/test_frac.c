// Exact fractions, graded ranges and degrees.
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/money.h"

Suite *make_frac_suite(void);

#define I128_MAX ((amlrt_i128)(~(unsigned __int128)0 >> 1))
#define I128_MIN (-I128_MAX - 1)

static amlrt_frac fr(int64_t num, int64_t den)
{
  return (amlrt_frac){num, den};
}

static amlrt_i128 pow2(int n)
{
  return (amlrt_i128)1 << n;
}

static void same(amlrt_frac a, amlrt_i128 num, amlrt_i128 den)
{
  ck_assert(a.den > 0);
  ck_assert_int_eq(amlrt_frac_cmp(a, (amlrt_frac){num, den}), 0);
}

START_TEST(small)
{
  amlrt_frac r;

  same(amlrt_frac_add(fr(1, 3), fr(1, 6)), 1, 2);
  same(amlrt_frac_sub(fr(1, 3), fr(1, 2)), -1, 6);
  same(amlrt_frac_mul(fr(-2, 3), fr(3, 4)), -1, 2);
  ck_assert(amlrt_frac_div(&r, fr(1, 3), fr(-2, 5)));
  same(r, -5, 6);
  ck_assert(!amlrt_frac_div(&r, fr(1, 3), fr(0, 5)));
  ck_assert(amlrt_frac_div(&r, fr(0, 3), fr(-5, 1)));
  same(r, 0, 1);
  same(amlrt_frac_int(-7), -7, 1);
  ck_assert_int_eq(amlrt_frac_cmp(fr(2, 4), fr(1, 2)), 0);
  ck_assert_int_eq(amlrt_frac_cmp(fr(-1, 2), fr(1, 3)), -1);
  ck_assert_int_eq(amlrt_frac_cmp(fr(-1, 2), fr(-2, 3)), 1);
}
END_TEST

// Products of 128-bit numbers are compared exactly.
START_TEST(wide_compare)
{
  amlrt_frac a = {I128_MAX, I128_MAX - 1}, b = {I128_MAX - 1, I128_MAX - 2};

  ck_assert_int_eq(amlrt_frac_cmp(a, b), -1);
  ck_assert_int_eq(amlrt_frac_cmp(b, a), 1);
  ck_assert_int_eq(amlrt_frac_cmp(a, a), 0);
  ck_assert_int_eq(amlrt_frac_cmp((amlrt_frac){-I128_MAX, I128_MAX - 1},
                                  (amlrt_frac){-(I128_MAX - 1), I128_MAX - 2}),
                   1);
  ck_assert_int_eq(amlrt_frac_cmp((amlrt_frac){I128_MIN, 1}, (amlrt_frac){-I128_MAX, 1}), -1);
}
END_TEST

// What overflows on the way and not in the end is exact.
START_TEST(exact_in_lowest_terms)
{
  amlrt_frac big = {I128_MAX, 3}, r;

  same(amlrt_frac_mul(big, (amlrt_frac){3, I128_MAX}), 1, 1);
  same(amlrt_frac_add(amlrt_frac_sub(big, fr(1, 3)), fr(1, 3)), I128_MAX, 3);
  ck_assert(amlrt_frac_div(&r, big, big));
  same(r, 1, 1);
  same(amlrt_frac_add((amlrt_frac){1, pow2(100) * 3}, (amlrt_frac){1, pow2(100) * 6}), 1,
       pow2(101));
}
END_TEST

// What does not fit is rounded to 62 bits, ties to even (docs/numbers.md).
START_TEST(rounded)
{
  amlrt_i128 m = pow2(62) - 1;

  same(amlrt_frac_mul((amlrt_frac){pow2(62) + 1, 1}, (amlrt_frac){pow2(64) - 1, 1}),
       (pow2(62) + 1) * (pow2(64) - 1), 1);                               // 127 bits: it fits
  same(amlrt_frac_mul((amlrt_frac){I128_MAX, 1}, fr(2, 1)), I128_MAX, 1); // the largest there is
  same(amlrt_frac_mul((amlrt_frac){-I128_MAX, 1}, fr(2, 1)), -I128_MAX, 1);
  same(amlrt_frac_mul((amlrt_frac){1, I128_MAX}, (amlrt_frac){1, I128_MAX}), 0, 1);
  // 1 / (2^127 + 2) is less than half of 2^-126, the finest step there is; 1 / (2^127 - 2) fits.
  same(amlrt_frac_mul((amlrt_frac){1, pow2(126) + 1}, fr(1, 2)), 0, 1);
  same(amlrt_frac_mul((amlrt_frac){1, pow2(126) - 1}, fr(1, 2)), 1, 2 * (pow2(126) - 1));
  // Steps of 2^-126: (2^62 - 1) and a sixteenth of a step, half a step less a bit, a step less a bit.
  same(amlrt_frac_mul((amlrt_frac){m, pow2(126)}, (amlrt_frac){pow2(66) + 1, pow2(66)}), m,
       pow2(126));
  same(amlrt_frac_mul((amlrt_frac){m, pow2(126)}, (amlrt_frac){pow2(63) + 1, pow2(63)}), m,
       pow2(126));
  same(amlrt_frac_mul((amlrt_frac){m, pow2(126)}, (amlrt_frac){pow2(62) + 1, pow2(62)}), pow2(62),
       pow2(126));
  // Exact ties, to even: odd / 2 steps of 2^-126.
  same(amlrt_frac_mul((amlrt_frac){5, pow2(126)}, fr(1, 2)), 2, pow2(126));
  same(amlrt_frac_mul((amlrt_frac){-7, pow2(126)}, fr(1, 2)), -4, pow2(126));
}
END_TEST

START_TEST(doubles)
{
  ck_assert(amlrt_frac_double(fr(1, 3)) == 1.0 / 3.0);
  ck_assert(amlrt_frac_double(fr(-3, 4)) == -0.75);
  ck_assert(amlrt_frac_double(fr(0, 9)) == 0.0);
  // However a fraction is written, it is the same double.
  int64_t k = INT64_C(94906267);
  ck_assert(amlrt_frac_double((amlrt_frac){(amlrt_i128)k * k * k, (amlrt_i128)k * k * (k + 2)}) ==
            amlrt_frac_double(fr(k, k + 2)));
  ck_assert(amlrt_frac_double((amlrt_frac){I128_MAX, 1}) == 0x1p127);
}
END_TEST

static amlrt_range graded(void)
{
  return (amlrt_range){15, fr(7, 10), fr(8, 10), fr(5, 4), fr(7, 5)};
}

START_TEST(ranges)
{
  amlrt_range r = graded();

  ck_assert_int_eq(amlrt_range_degree(&r, fr(7, 10)), 0);
  ck_assert_int_eq(amlrt_range_degree(&r, fr(1, 10)), 0);
  ck_assert_int_eq(amlrt_range_degree(&r, fr(8, 10)), AMLRT_DEGREE_ONE);
  ck_assert_int_eq(amlrt_range_degree(&r, fr(1, 1)), AMLRT_DEGREE_ONE);
  ck_assert_int_eq(amlrt_range_degree(&r, fr(5, 4)), AMLRT_DEGREE_ONE);
  ck_assert_int_eq(amlrt_range_degree(&r, fr(7, 5)), 0);
  ck_assert_int_eq(amlrt_range_degree(&r, fr(75, 100)),
                   amlrt_degree_of_double((0.75 - 0.7) / (0.8 - 0.7)));
  ck_assert_int_eq(amlrt_range_degree(&r, fr(13, 10)),
                   amlrt_degree_of_double((1.4 - 1.3) / (1.4 - 1.25)));
  r.has = AMLRT_HAS_B; // hard and closed
  ck_assert_int_eq(amlrt_range_degree(&r, fr(8, 10)), AMLRT_DEGREE_ONE);
  ck_assert_int_eq(amlrt_range_degree(&r, fr(79, 100)), 0);
  ck_assert_int_eq(amlrt_range_degree(&r, fr(1000, 1)), AMLRT_DEGREE_ONE);
  r.has = AMLRT_HAS_C | AMLRT_HAS_D;
  ck_assert_int_eq(amlrt_range_degree(&r, fr(-1000, 1)), AMLRT_DEGREE_ONE);
  ck_assert_int_eq(amlrt_range_degree(&r, fr(7, 5)), 0);
  r.has = 0;
  ck_assert_int_eq(amlrt_range_degree(&r, fr(5, 1)), AMLRT_DEGREE_ONE);
}
END_TEST

// Ends whose nearest doubles are equal.
START_TEST(thin_slope)
{
  amlrt_i128 k = (amlrt_i128)1 << 80;
  amlrt_range r = {AMLRT_HAS_A | AMLRT_HAS_B, {k, k}, {k + 2, k}, {0, 1}, {0, 1}};

  ck_assert_int_eq(amlrt_range_degree(&r, (amlrt_frac){k + 1, k}), AMLRT_DEGREE_ONE);
  ck_assert_int_eq(amlrt_range_degree(&r, (amlrt_frac){k, k}), 0);
}
END_TEST

START_TEST(degrees)
{
  ck_assert_int_eq(amlrt_degree_of_double(-1), 0);
  ck_assert_int_eq(amlrt_degree_of_double((double)NAN), 0);
  ck_assert_int_eq(amlrt_degree_of_double(1.5), AMLRT_DEGREE_ONE);
  ck_assert_int_eq(amlrt_degree_of_double(0.5), AMLRT_DEGREE_ONE / 2);
  ck_assert_int_eq(amlrt_degree_of_double(0x1p-45), 0); // a tie, to even
  ck_assert_int_eq(amlrt_degree_of_double(0x3p-45), 2);
  ck_assert_int_eq(amlrt_degree_of_double(0x1.8p-45), 1);
  ck_assert(amlrt_degree_double(AMLRT_DEGREE_ONE) == 1.0);
  ck_assert(amlrt_degree_double(3) == 0x3p-44);
  ck_assert_int_eq(amlrt_degree_mean(0, 0), AMLRT_DEGREE_ONE);
  ck_assert_int_eq(amlrt_degree_mean(10, 4), 2); // 2.5
  ck_assert_int_eq(amlrt_degree_mean(14, 4), 4); // 3.5
  ck_assert_int_eq(amlrt_degree_mean(11, 4), 3);
  ck_assert_int_eq(amlrt_degree_mean(9, 4), 2);
  ck_assert_int_eq(amlrt_degree_mean((amlrt_i128)AMLRT_DEGREE_ONE * 1000000, 1000000),
                   AMLRT_DEGREE_ONE);
}
END_TEST

Suite *make_frac_suite(void)
{
  Suite *s = suite_create("frac");
  TCase *tc = tcase_create("fractions");

  tcase_add_test(tc, small);
  tcase_add_test(tc, wide_compare);
  tcase_add_test(tc, exact_in_lowest_terms);
  tcase_add_test(tc, rounded);
  tcase_add_test(tc, doubles);
  suite_add_tcase(s, tc);
  tc = tcase_create("degrees");
  tcase_add_test(tc, ranges);
  tcase_add_test(tc, thin_slope);
  tcase_add_test(tc, degrees);
  suite_add_tcase(s, tc);
  return s;
}
