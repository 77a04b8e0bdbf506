// The sink and the files of alerts: order, fields, and what they say, to the byte.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_match.h"

Suite *make_match_suite(void);

static void add(amlrt_sink *s, const test_match *t)
{
  ck_assert_int_eq(amlrt_sink_add(s, &t->m), AMLRT_OK);
}

static void finish(amlrt_sink *s)
{
  ck_assert_int_eq(amlrt_sink_finish(s, NULL), AMLRT_OK);
}

// The text between two marks of a line.
static const char *between(const char *text, const char *from, const char *to)
{
  static char out[4096];
  const char *at = strstr(text, from);

  ck_assert_msg(at != NULL, "'%s' is not in %s", from, text);
  at += strlen(from);
  const char *end = strstr(at, to);
  ck_assert_ptr_nonnull(end);
  snprintf(out, sizeof out, "%.*s", (int)(end - at), at);
  return out;
}

// ---- order ----------------------------------------------------------------------------------------

START_TEST(order_is_trigger_pattern_keys)
{
  amlrt_table *t = minutes(12, false);
  amlrt_sink *s = sink_of(t, AMLRT_MODE_ALL);
  test_match m;

  fan(&m, 0, ROWS(3), NO_ROWS, 16), add(s, &m);
  fan(&m, 0, ROWS(5), NO_ROWS, 16), add(s, &m);
  fan(&m, 2, ROWS(5), NO_ROWS, 16), add(s, &m);
  ring(&m, ROWS(0, 1, 2), ROWS(3), 16), add(s, &m);
  ring(&m, ROWS(0, 1), ROWS(5), 16), add(s, &m);
  ring(&m, ROWS(0, 1, 2), ROWS(5), 16), add(s, &m);
  ring(&m, ROWS(0, 2), ROWS(5), 16), add(s, &m);
  finish(s);
  ck_assert_uint_eq(amlrt_sink_n(s), 7);
  ck_assert_uint_eq(amlrt_sink_n_matches(s, 0), 3);
  ck_assert_uint_eq(amlrt_sink_n_matches(s, 1), 4);
  static const uint32_t want[][3] = {// trigger, pattern, second key
                                     {3, 0, 2}, {3, 1, 1}, {5, 0, 2}, {5, 0, 2},
                                     {5, 1, 1}, {5, 1, 1}, {5, 1, 2}};
  for (uint64_t i = 0; i < 7; i++) {
    const amlrt_match *a = &amlrt_sink_alert(s, i)->match;
    ck_assert_uint_eq(a->trigger, want[i][0]);
    ck_assert_uint_eq(a->pattern, want[i][1]);
    ck_assert_uint_eq(a->roles[1].at[0], want[i][2]);
  }
  ck_assert_uint_eq(amlrt_sink_alert(s, 2)->match.roles[0].at[0], 0);
  ck_assert_uint_eq(amlrt_sink_alert(s, 3)->match.roles[0].at[0], 2);
  ck_assert_uint_eq(amlrt_sink_alert(s, 4)->match.roles[1].n, 1); // the shorter chain first
  ck_assert_ptr_null(amlrt_sink_alert(s, 7));
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

START_TEST(order_of_calls_is_held)
{
  amlrt_table *t = minutes(4, false);
  amlrt_sink *s = sink_of(t, AMLRT_MODE_EPISODE);
  test_match m;

  ring(&m, ROWS(0, 1), ROWS(2), 16), add(s, &m);
  ring(&m, ROWS(0, 1), ROWS(1), 16); // an earlier trigger
  ck_assert_int_eq(amlrt_sink_add(s, &m.m), AMLRT_E_ARG);
  fan(&m, 0, ROWS(3), NO_ROWS, 16); // an earlier pattern
  ck_assert_int_eq(amlrt_sink_add(s, &m.m), AMLRT_E_ARG);
  ring(&m, ROWS(0, 1), ROWS(9), 16); // no such row
  ck_assert_int_eq(amlrt_sink_add(s, &m.m), AMLRT_E_ARG);
  ck_assert_uint_eq(amlrt_sink_n(s), 0);
  finish(s);
  ck_assert_uint_eq(amlrt_sink_n(s), 1);
  ck_assert_int_eq(amlrt_sink_add(s, &m.m), AMLRT_E_ARG);
  ck_assert_int_eq(amlrt_sink_finish(s, NULL), AMLRT_E_ARG);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

START_TEST(nothing)
{
  amlrt_table *t = minutes(0, false);
  amlrt_sink *s = sink_of(t, AMLRT_MODE_EPISODE);

  finish(s);
  char *alerts = alerts_text(s), *evidence = evidence_text(s);
  ck_assert_str_eq(alerts, "");
  ck_assert_str_eq(evidence, "match_id,seq,stage,transaction,time,from,to,amount,currency,"
                             "amount_received,currency_received,format\n");
  free(alerts);
  free(evidence);
  amlrt_sink_free(s);
  amlrt_sink_free(NULL);
  amlrt_table_free(t);
}
END_TEST

// ---- files ----------------------------------------------------------------------------------------

static amlrt_sink *one_fan(const amlrt_table *t)
{
  amlrt_sink *s = sink_of(t, AMLRT_MODE_ALL);
  test_match m;

  fan(&m, 0, ROWS(0, 2), ROWS(2, 3), 12);
  add(s, &m);
  finish(s);
  return s;
}

START_TEST(alert_line)
{
  amlrt_table *t = minutes(4, false);
  amlrt_sink *s = one_fan(t);
  char *text = alerts_text(s), want[4096];
  const amlrt_alert *a = amlrt_sink_alert(s, 0);

  snprintf(want, sizeof want,
           "{\"match_id\":\"%s\",\"pattern\":\"fan\",\"version\":\"1.2.0\",\"outcome\":\"match\","
           "\"degree\":0.75,\"trigger\":103,\"first\":\"1970-01-01T00:00:00Z\","
           "\"last\":\"1970-01-01T00:03:00Z\",\"roles\":{\"hub\":\"a\",\"peer\":[\"c\",\"d\"]},"
           "\"stages\":{\"pay\":[100,102],\"back\":[102,103]},\"constraints\":["
           "{\"text\":\"peer[1~2..]\",\"value\":1.75,\"bounds\":[1,2,null,null],\"degree\":0.75},"
           "{\"text\":\"each hub: pay before back\",\"value\":null,"
           "\"bounds\":[null,null,null,null],\"degree\":1}],"
           "\"amounts\":{\"pay\":[{\"currency\":\"USD\",\"sum\":\"23.00\"}],"
           "\"back\":[{\"currency\":\"USD\",\"sum\":\"26.00\"}]},"
           "\"merged\":1,\"trigger_first\":103,\"trigger_last\":103,\"alert_id\":\"%s\","
           "\"truncated\":false,"
           "\"title\":\"a paid c, d: 12345.60 USD, 2 d 4 h 10 min, 0.25 @ "
           "1970-01-01T00:01:00Z\"}\n",
           a->match_id, a->alert_id);
  ck_assert_str_eq(text, want);
  free(text);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

START_TEST(evidence_rows)
{
  amlrt_table *t = minutes(4, true);
  amlrt_sink *s = one_fan(t);
  char *text = evidence_text(s), want[4096];
  const char *id = amlrt_sink_alert(s, 0)->match_id;

  snprintf(want, sizeof want,
           "match_id,seq,stage,transaction,time,from,to,amount,currency,amount_received,"
           "currency_received,format\n"
           "%s,0,pay,tx0,1970-01-01T00:00:00Z,a,b,10.50,USD,10.50,USD,Wire\n"
           "%s,1,pay,tx2,1970-01-01T00:02:00Z,c,d,12.50,USD,12.50,USD,Wire\n"
           "%s,2,back,tx2,1970-01-01T00:02:00Z,c,d,12.50,USD,12.50,USD,Wire\n"
           "%s,3,back,tx3,1970-01-01T00:03:00Z,d,e,13.50,USD,13.50,USD,Wire\n",
           id, id, id, id);
  ck_assert_str_eq(text, want);
  free(text);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

START_TEST(marks)
{
  amlrt_table *t = minutes(4, true);
  amlrt_sink *s = sink_of(t, AMLRT_MODE_ALL);
  test_match m;

  fan(&m, 0, ROWS(0), ROWS(1), 16);
  m.m.inconclusive = m.m.truncated = true;
  m.results[0].left_out = true;
  m.results[0].degree = AMLRT_DEGREE_ONE;
  m.title_values[1].kind = AMLRT_VALUE_NONE;
  m.title_values[2] = (amlrt_value){AMLRT_VALUE_DURATION, 0, {0, 1}};
  m.title_values[0] = (amlrt_value){AMLRT_VALUE_MONEY, 0, {1, 3}};
  add(s, &m);
  finish(s);
  char *text = alerts_text(s);
  ck_assert_str_eq(between(text, "\"outcome\":", ","), "\"inconclusive\"");
  ck_assert_str_eq(between(text, "\"truncated\":", ","), "true");
  ck_assert_str_eq(between(text, "\"trigger\":", ","), "\"tx1\"");
  ck_assert_str_eq(between(text, "\"constraints\":[", "}"),
                   "{\"text\":\"peer[1~2..]\",\"value\":null,\"bounds\":[1,2,null,null],"
                   "\"degree\":1,\"left_out\":true");
  ck_assert_str_eq(between(text, "\"title\":\"", "\"}"),
                   "a paid c, d: 0.33, ?, 0 s @ 1970-01-01T00:01:00Z");
  free(text);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

START_TEST(default_title)
{
  amlrt_table *t = minutes(4, false);
  amlrt_sink *s = sink_of(t, AMLRT_MODE_ALL);
  test_match m;

  ring(&m, ROWS(1, 2, 3), ROWS(0, 1), 16), add(s, &m);
  finish(s);
  char *text = alerts_text(s);
  ck_assert_str_eq(between(text, "\"title\":\"", "\"}"), "ring: start b; via c, d");
  free(text);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

// Currencies by the bytes of their names, a row without one first, without an amount not at all.
START_TEST(sums_by_currency)
{
  static const amlrt_tx rows[] = {
      {.from = "a", .to = "b", .time = 1, .amount = "0.1", .currency = "Yen"},
      {.from = "a", .to = "b", .time = 2, .amount = "999999999999999.99", .currency = "Euro"},
      {.from = "a", .to = "b", .time = 3, .amount = "2.000001", .currency = "Bitcoin"},
      {.from = "a", .to = "b", .time = 4, .amount = "7"},
      {.from = "a", .to = "b", .time = 5, .currency = "Euro"},
      {.from = "a", .to = "b", .time = 6, .amount = "999999999999999.99", .currency = "Euro"}};
  amlrt_builder *b = NULL;
  amlrt_table *t = NULL;
  test_match m;

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    ck_assert_int_eq(amlrt_builder_add(b, &rows[i], NULL), AMLRT_OK);
  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  amlrt_sink *s = sink_of(t, AMLRT_MODE_ALL);
  ring(&m, ROWS(0, 1), ROWS(0, 1, 2, 3, 4, 5), 16), add(s, &m);
  finish(s);
  char *text = alerts_text(s);
  ck_assert_str_eq(between(text, "\"amounts\":", "]"),
                   "{\"hop\":[{\"currency\":null,\"sum\":\"7.00\"},"
                   "{\"currency\":\"Bitcoin\",\"sum\":\"2.000001\"},"
                   "{\"currency\":\"Euro\",\"sum\":\"1999999999999999.98\"},"
                   "{\"currency\":\"Yen\",\"sum\":\"0.10\"}");
  free(text);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

// ---- memory ---------------------------------------------------------------------------------------

static amlrt_status run(amlrt_sink **out, const amlrt_table *t, amlrt_mode mode,
                        const amlrt_alloc *mem)
{
  test_match m;
  amlrt_status st = amlrt_sink_new(out, test_patterns, 2, t, mode, mem, NULL);

  for (uint32_t i = 0; i < 40 && st >= 0; i++) {
    fan(&m, i % 3, ROWS(i), ROWS(i + 1), (int)(i % 4) + 8);
    st = amlrt_sink_add(*out, &m.m);
  }
  for (uint32_t i = 0; i < 9 && st >= 0; i++) {
    ring(&m, i % 2 ? ROWS(0, 1, 2) : ROWS(1, 2, 0), ROWS(i, i + 1, i + 2), 16 - (int)i);
    st = amlrt_sink_add(*out, &m.m);
  }
  return st < 0 ? st : amlrt_sink_finish(*out, NULL);
}

START_TEST(every_allocation_fails_once)
{
  amlrt_table *t = minutes(50, true);

  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    amlrt_sink *s = NULL;
    amlrt_status st = run(&s, t, (amlrt_mode)_i, &mem);
    bool failed = alloc_fail_hit(&a);
    // A copy that could not be made smaller, a table that could not be made larger: no failure.
    ck_assert(st == AMLRT_OK || (failed && st == AMLRT_E_NOMEM));
    if (st < 0 && s) ck_assert_uint_eq(amlrt_sink_n(s), 0);
    amlrt_sink_free(s);
    alloc_fail_check(&a);
    if (!failed) break;
  }
  amlrt_table_free(t);
}
END_TEST

// The writers find out at closing.
START_TEST(writers_without_memory)
{
  amlrt_table *t = minutes(4, false);
  amlrt_sink *s = one_fan(t);

  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    amlrt_out *o = NULL;
    FILE *f = fopen("/dev/null", "w");
    amlrt_status st = amlrt_out_stream(&o, f, "null", &mem, NULL);
    if (st >= 0) {
      amlrt_write_alerts(o, s);
      amlrt_write_evidence(o, s);
      st = amlrt_out_close(o, NULL, NULL);
    }
    fclose(f);
    bool failed = alloc_fail_hit(&a);
    ck_assert_int_eq(st, failed ? AMLRT_E_NOMEM : AMLRT_OK);
    alloc_fail_check(&a);
    if (!failed) break;
  }
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

Suite *make_match_suite(void)
{
  Suite *s = suite_create("match");
  TCase *tc = tcase_create("match");

  tcase_add_test(tc, order_is_trigger_pattern_keys);
  tcase_add_test(tc, order_of_calls_is_held);
  tcase_add_test(tc, nothing);
  tcase_add_test(tc, alert_line);
  tcase_add_test(tc, evidence_rows);
  tcase_add_test(tc, marks);
  tcase_add_test(tc, default_title);
  tcase_add_test(tc, sums_by_currency);
  tcase_add_loop_test(tc, every_allocation_fails_once, 0, 3);
  tcase_add_test(tc, writers_without_memory);
  suite_add_tcase(s, tc);
  return s;
}
