// Feature columns: by trigger and by member, every kind of aggregate, histograms, nothing.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_match.h"

Suite *make_feature_suite(void);

static amlrt_features *features_of(const amlrt_table *t, amlrt_attribute attribute)
{
  amlrt_features *f = NULL;

  ck_assert_int_eq(amlrt_features_new(&f, test_patterns, 2, t, attribute, NULL, NULL), AMLRT_OK);
  return f;
}

static void add(amlrt_features *f, const test_match *m)
{
  ck_assert_int_eq(amlrt_features_add(f, &m->m), AMLRT_OK);
}

#define HEADER                                                                                     \
  "id,fan.count,fan.degree,fan.n.1,fan.n.2,fan.n.3,fan.sum,fan.low,fan.high,fan.mean,fan.seen,"    \
  "ring.count,ring.degree\n"

static void text_is(amlrt_features *f, const char *want)
{
  char *text = features_text(f);

  ck_assert_str_eq(text, want);
  free(text);
  amlrt_features_free(f);
}

// Two matches of one trigger, with the values 2 and 5; a ring.
START_TEST(by_trigger)
{
  amlrt_table *t = minutes(4, false);
  amlrt_features *f = features_of(t, AMLRT_ATTRIBUTE_TRIGGER);
  test_match m;

  fan(&m, 0, ROWS(0, 2), NO_ROWS, 8), add(f, &m);
  fan(&m, 1, ROWS(0, 1), ROWS(0, 1, 2), 4), add(f, &m);
  ring(&m, ROWS(0, 1), ROWS(3), 16), add(f, &m);
  text_is(f, HEADER "100,0,0,0,0,0,,,,,0,0,0\n"
                    "101,0,0,0,0,0,,,,,0,0,0\n"
                    "102,2,0.5,0,1,1,7,2,5,3.5,2,0,0\n"
                    "103,0,0,0,0,0,,,,,0,1,1\n");
  amlrt_table_free(t);
}
END_TEST

// Each transaction once a match, though it stands in two stages.
START_TEST(by_member)
{
  amlrt_table *t = minutes(3, true);
  amlrt_features *f = features_of(t, AMLRT_ATTRIBUTE_MEMBER);
  test_match m;

  fan(&m, 0, ROWS(0), ROWS(0, 1), 8), add(f, &m);
  fan(&m, 0, ROWS(0), ROWS(1), 16), add(f, &m);
  text_is(f, HEADER "tx0,2,1,0,1,1,5,2,3,2.5,2,0,0\n"
                    "tx1,2,1,0,1,1,5,2,3,2.5,2,0,0\n"
                    "tx2,0,0,0,0,0,,,,,0,0,0\n");
  amlrt_table_free(t);
}
END_TEST

static void values(test_match *m, amlrt_value_kind kind, int64_t num, int64_t den)
{
  for (int i = 0; i < 6; i++)
    m->feature_values[i] = (amlrt_value){.kind = kind, .v = {num, den}};
}

// Below the first bin: in none. Between bins: in the lower. Without a value: nowhere.
START_TEST(edges)
{
  amlrt_table *t = minutes(2, false);
  amlrt_features *f = features_of(t, AMLRT_ATTRIBUTE_TRIGGER);
  test_match m;

  fan(&m, 0, ROWS(0), NO_ROWS, 16);
  values(&m, AMLRT_VALUE_NONE, 0, 1), add(f, &m);
  values(&m, AMLRT_VALUE_NUMBER, -5, 2), add(f, &m);
  values(&m, AMLRT_VALUE_NUMBER, 5, 2), add(f, &m);
  values(&m, AMLRT_VALUE_MONEY, INT64_MAX, 1), add(f, &m);
  fan(&m, 0, ROWS(1), NO_ROWS, 16);
  values(&m, AMLRT_VALUE_NONE, 0, 1), add(f, &m);
  text_is(f, HEADER "100,4,1,0,1,1,9.223372036854776e18,-2.5,9.223372036854776e18,"
                    "3.0744573456182584e18,3,0,0\n"
                    "101,1,1,0,0,0,,,,,0,0,0\n");
  amlrt_table_free(t);
}
END_TEST

START_TEST(input_order)
{
  static const amlrt_tx rows[] = {{.from = "a", .to = "b", .time = 9, .id = "z,1"},
                                  {.from = "a", .to = "b", .time = 3, .id = "y"}};
  amlrt_builder *b = NULL;
  amlrt_table *t = NULL;
  test_match m;

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  for (int i = 0; i < 2; i++)
    ck_assert_int_eq(amlrt_builder_add(b, &rows[i], NULL), AMLRT_OK);
  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  amlrt_features *f = NULL;
  ck_assert_int_eq(
      amlrt_features_new(&f, test_patterns + 1, 1, t, AMLRT_ATTRIBUTE_TRIGGER, NULL, NULL),
      AMLRT_OK);
  ring(&m, ROWS(0, 1), ROWS(1), 12);
  ck_assert_int_eq(amlrt_features_add(f, &m.m), AMLRT_E_ARG); // no such pattern here
  m.m.pattern = 0;
  add(f, &m);
  text_is(f, "id,ring.count,ring.degree\n\"z,1\",1,0.75\ny,0,0\n");
  amlrt_table_free(t);
}
END_TEST

START_TEST(nothing)
{
  amlrt_table *t = minutes(0, false);

  text_is(features_of(t, AMLRT_ATTRIBUTE_MEMBER), HEADER);
  amlrt_features_free(NULL);
  amlrt_table_free(t);
}
END_TEST

START_TEST(bins_that_do_not_fit)
{
  static const amlrt_feature_info wide[] = {{"n", AMLRT_FEATURE_HISTOGRAM, 5, 4},
                                            {"n", AMLRT_FEATURE_HISTOGRAM, INT64_MIN, INT64_MAX},
                                            {"n", AMLRT_FEATURE_HISTOGRAM, 1, INT64_MAX}};
  amlrt_table *t = minutes(1, false);
  amlrt_pattern_info p = test_patterns[0];
  amlrt_features *f = NULL;

  p.features = &wide[_i];
  p.n_features = 1;
  ck_assert_int_eq(amlrt_features_new(&f, &p, 1, t, AMLRT_ATTRIBUTE_TRIGGER, NULL, NULL),
                   AMLRT_E_ARG);
  ck_assert_ptr_null(f);
  amlrt_table_free(t);
}
END_TEST

static amlrt_status run(amlrt_features **f, const amlrt_table *t, const amlrt_alloc *mem)
{
  test_match m;
  amlrt_status st = amlrt_features_new(f, test_patterns, 2, t, AMLRT_ATTRIBUTE_MEMBER, mem, NULL);

  for (uint32_t i = 0; i < 9 && st >= 0; i++) {
    fan(&m, 0, ROWS(i), ROWS(i, i + 1), 8);
    values(&m, AMLRT_VALUE_NUMBER, i, 2);
    st = amlrt_features_add(*f, &m.m);
  }
  return st;
}

START_TEST(every_allocation_fails_once)
{
  amlrt_table *t = minutes(10, false);

  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    amlrt_features *f = NULL;
    amlrt_status st = run(&f, t, &mem);
    bool failed = alloc_fail_hit(&a);
    ck_assert_int_eq(st, failed ? AMLRT_E_NOMEM : AMLRT_OK);
    amlrt_features_free(f);
    alloc_fail_check(&a);
    if (!failed) break;
  }
  amlrt_table_free(t);
}
END_TEST

Suite *make_feature_suite(void)
{
  Suite *s = suite_create("feature");
  TCase *tc = tcase_create("feature");

  tcase_add_test(tc, by_trigger);
  tcase_add_test(tc, by_member);
  tcase_add_test(tc, edges);
  tcase_add_test(tc, input_order);
  tcase_add_test(tc, nothing);
  tcase_add_loop_test(tc, bins_that_do_not_fit, 0, 3);
  tcase_add_test(tc, every_allocation_fails_once);
  suite_add_tcase(s, tc);
  return s;
}
