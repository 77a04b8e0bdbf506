// Match ids and alert ids: the encoding of docs/output.md made again here, and what they hang on.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_match.h"

Suite *make_ids_suite(void);

// Fields with their lengths, as the page says.
typedef struct fields {
  char text[4096];
  size_t n;
} fields;

static void field(fields *f, const char *text)
{
  f->n += (size_t)snprintf(f->text + f->n, sizeof f->text - f->n, "%zu:%s,", strlen(text), text);
}

static void all_fields(fields *f, const char *const *texts)
{
  for (; *texts; texts++)
    field(f, *texts);
}

static void id_is(const char *id, const fields *f)
{
  uint8_t sum[32];
  char hex[33];

  amlrt_sha256(sum, f->text, f->n);
  for (int i = 0; i < 16; i++)
    snprintf(hex + 2 * i, 3, "%02x", (unsigned)sum[i]);
  ck_assert_str_eq(id, hex);
}

static amlrt_sink *sink_with(const amlrt_table *t, const test_match *m)
{
  amlrt_sink *s = sink_of(t, AMLRT_MODE_EPISODE);

  ck_assert_int_eq(amlrt_sink_add(s, &m->m), AMLRT_OK);
  ck_assert_int_eq(amlrt_sink_finish(s, NULL), AMLRT_OK);
  return s;
}

START_TEST(encoding)
{
  static const char *const head[] = {"id-of-fan", "1.2.0", "2", "window", "1h", "peers", "2", NULL};
  static const char *const keys[] = {"hub", "1", "b", "", NULL};
  static const char *const rows[] = {"3", "100", "101", "103", NULL};
  amlrt_table *t = minutes(4, false);
  test_match m;
  fields match = {.n = 0}, alert = {.n = 0};

  fan(&m, 1, ROWS(0, 1), ROWS(1, 3), 16);
  amlrt_sink *s = sink_with(t, &m);
  field(&match, "amlc-match-1");
  all_fields(&match, head);
  all_fields(&match, keys);
  all_fields(&match, rows);
  id_is(amlrt_sink_alert(s, 0)->match_id, &match);
  field(&alert, "amlc-alert-1");
  all_fields(&alert, head);
  all_fields(&alert, keys);
  field(&alert, "103");
  id_is(amlrt_sink_alert(s, 0)->alert_id, &alert);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

START_TEST(ring_encoding)
{
  static const char *const head[] = {"id-of-ring", "1", "0", NULL};
  static const char *const shown[] = {"start", "1", "c", "via", "2", "a", "b", "", NULL};
  static const char *const turned[] = {"via", "3", "a", "b", "c", "", "tx2", NULL};
  static const char *const rows[] = {"3", "tx0", "tx1", "tx2", NULL};
  amlrt_table *t = minutes(4, true);
  test_match m;
  fields match = {.n = 0}, alert = {.n = 0};

  ring(&m, ROWS(2, 0, 1), ROWS(0, 1, 2), 16);
  amlrt_sink *s = sink_with(t, &m);
  field(&match, "amlc-match-1");
  all_fields(&match, head);
  all_fields(&match, shown);
  all_fields(&match, rows);
  id_is(amlrt_sink_alert(s, 0)->match_id, &match);
  field(&alert, "amlc-alert-1");
  all_fields(&alert, head);
  all_fields(&alert, turned);
  id_is(amlrt_sink_alert(s, 0)->alert_id, &alert);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

// An alert keeps its id while its episode grows; the match shown has another.
START_TEST(alert_id_stays)
{
  amlrt_table *t = minutes(20, false), *longer = minutes(30, false);
  amlrt_sink *s[2] = {sink_of(t, AMLRT_MODE_EPISODE), sink_of(longer, AMLRT_MODE_EPISODE)};
  test_match m;

  for (int k = 0; k < 2; k++) {
    ring(&m, ROWS(1, 2, 0), ROWS(0, 1, 2), 16);
    ck_assert_int_eq(amlrt_sink_add(s[k], &m.m), AMLRT_OK);
    ring(&m, ROWS(2, 0, 1), ROWS(1, 2, 3), 16);
    if (k) ck_assert_int_eq(amlrt_sink_add(s[k], &m.m), AMLRT_OK);
    ck_assert_int_eq(amlrt_sink_finish(s[k], NULL), AMLRT_OK);
    ck_assert_uint_eq(amlrt_sink_n(s[k]), 1);
  }
  const amlrt_alert *a = amlrt_sink_alert(s[0], 0), *b = amlrt_sink_alert(s[1], 0);
  ck_assert_str_eq(a->alert_id, b->alert_id);
  ck_assert_str_ne(a->match_id, b->match_id);
  for (int k = 0; k < 2; k++)
    amlrt_sink_free(s[k]);
  amlrt_table_free(t);
  amlrt_table_free(longer);
}
END_TEST

// Ids longer than any buffer on the stack.
START_TEST(long_ids)
{
  static char id[5000];
  amlrt_tx tx = {.from = "a", .to = "b", .time = 1, .id = id};
  amlrt_builder *b = NULL;
  amlrt_table *t = NULL;
  test_match m;

  memset(id, 'x', sizeof id - 1);
  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  ck_assert_int_eq(amlrt_builder_add(b, &tx, NULL), AMLRT_OK);
  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  ring(&m, ROWS(0, 1), ROWS(0), 16);
  amlrt_sink *s = sink_with(t, &m);
  char *text = alerts_text(s);
  ck_assert_ptr_nonnull(strstr(text, id));
  ck_assert_uint_eq(strlen(amlrt_sink_alert(s, 0)->match_id), 32);
  free(text);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

Suite *make_ids_suite(void)
{
  Suite *s = suite_create("ids");
  TCase *tc = tcase_create("ids");

  tcase_add_test(tc, encoding);
  tcase_add_test(tc, ring_encoding);
  tcase_add_test(tc, alert_id_stays);
  tcase_add_test(tc, long_ids);
  suite_add_tcase(s, tc);
  return s;
}
