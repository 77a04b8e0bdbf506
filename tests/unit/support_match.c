#define _POSIX_C_SOURCE 200809L
#include "tests/unit/support_match.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// ---- patterns -------------------------------------------------------------------------------------

static const amlrt_role_info fan_roles[] = {{"hub", AMLRT_ROLE_ONE}, {"peer", AMLRT_ROLE_GROUP}};
static const amlrt_stage_info fan_stages[] = {{"pay"}, {"back"}};
static const amlrt_constraint_info fan_constraints[] = {
    {"peer[1~2..]", AMLRT_SCOPE_MATCH, AMLRT_HAS_A | AMLRT_HAS_B, {1.0, 2.0, 0.0, 0.0}},
    {"each hub: pay before back", AMLRT_SCOPE_MEMBERS, 0, {0.0, 0.0, 0.0, 0.0}}};
static const amlrt_title_part fan_title[] = {
    {AMLRT_TITLE_ROLE, NULL, 0},   {AMLRT_TITLE_TEXT, " paid ", 0}, {AMLRT_TITLE_ROLE, NULL, 1},
    {AMLRT_TITLE_TEXT, ": ", 0},   {AMLRT_TITLE_VALUE, NULL, 0},    {AMLRT_TITLE_TEXT, ", ", 0},
    {AMLRT_TITLE_VALUE, NULL, 1},  {AMLRT_TITLE_TEXT, ", ", 0},     {AMLRT_TITLE_VALUE, NULL, 2},
    {AMLRT_TITLE_TEXT, "\n@ ", 0}, {AMLRT_TITLE_VALUE, NULL, 3}};
static const amlrt_feature_info fan_features[] = {
    {"n", AMLRT_FEATURE_HISTOGRAM, 1, 3}, {"sum", AMLRT_FEATURE_SUM, 0, 0},
    {"low", AMLRT_FEATURE_MIN, 0, 0},     {"high", AMLRT_FEATURE_MAX, 0, 0},
    {"mean", AMLRT_FEATURE_MEAN, 0, 0},   {"seen", AMLRT_FEATURE_COUNT, 0, 0}};
static const amlrt_param_info fan_params[] = {{"window", "1h"}, {"peers", "2"}};
static const uint32_t fan_closed[] = {AMLRT_NONE, AMLRT_NONE};

static const amlrt_role_info ring_roles[] = {{"start", AMLRT_ROLE_ONE}, {"via", AMLRT_ROLE_CHAIN}};
static const amlrt_stage_info ring_stages[] = {{"hop"}};
static const uint32_t ring_closed[] = {AMLRT_NONE, 0};

#define COUNT(a) ((uint32_t)(sizeof(a) / sizeof *(a)))

const amlrt_pattern_info test_patterns[2] = {{.name = "fan",
                                              .id = "id-of-fan",
                                              .version = "1.2.0",
                                              .status = "test",
                                              .n_roles = COUNT(fan_roles),
                                              .n_stages = COUNT(fan_stages),
                                              .n_constraints = COUNT(fan_constraints),
                                              .n_title = COUNT(fan_title),
                                              .n_title_values = 4,
                                              .n_features = COUNT(fan_features),
                                              .n_params = COUNT(fan_params),
                                              .roles = fan_roles,
                                              .stages = fan_stages,
                                              .constraints = fan_constraints,
                                              .title = fan_title,
                                              .features = fan_features,
                                              .params = fan_params,
                                              .within = 600,
                                              .closed_start = fan_closed},
                                             {.name = "ring",
                                              .id = "id-of-ring",
                                              .version = "1",
                                              .status = "",
                                              .n_roles = COUNT(ring_roles),
                                              .n_stages = COUNT(ring_stages),
                                              .roles = ring_roles,
                                              .stages = ring_stages,
                                              .within = 600,
                                              .closed_start = ring_closed}};

// ---- table ----------------------------------------------------------------------------------------

amlrt_table *minutes(uint32_t n, bool text_ids)
{
  static const char *const names[] = {"a", "b", "c", "d", "e"};
  amlrt_builder *b = NULL;
  amlrt_table *t = NULL;

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  for (uint32_t i = 0; i < n; i++) {
    char amount[32], id[32];
    snprintf(amount, sizeof amount, "%u.5", 10 + i);
    snprintf(id, sizeof id, text_ids ? "tx%u" : "%u", text_ids ? i : 100 + i);
    amlrt_tx tx = {.from = names[i % 5],
                   .to = names[(i + 1) % 5],
                   .time = 60 * (int64_t)i,
                   .amount = amount,
                   .currency = "USD",
                   .format = "Wire",
                   .id = id};
    ck_assert_int_eq(amlrt_builder_add(b, &tx, NULL), AMLRT_OK);
  }
  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  return t;
}

// ---- matches --------------------------------------------------------------------------------------

static amlrt_list take(uint32_t *to, const uint32_t *from)
{
  uint32_t n = 0;

  for (; from[n] != AMLRT_NONE; n++) {
    ck_assert_uint_lt(n, 64);
    to[n] = from[n];
  }
  return (amlrt_list){to, n};
}

static void finish(test_match *t, int degree16)
{
  uint32_t last = 0;

  for (int s = 0; s < 2; s++)
    if (t->stages[s].n && t->stages[s].at[t->stages[s].n - 1] > last)
      last = t->stages[s].at[t->stages[s].n - 1];
  t->m.trigger = last;
  t->m.roles = t->roles;
  t->m.stages = t->stages;
  t->m.constraints = t->results;
  t->m.title_values = t->title_values;
  t->m.feature_values = t->feature_values;
  t->m.degree = AMLRT_DEGREE_ONE / 16 * degree16;
}

static amlrt_value number(amlrt_value_kind kind, int64_t num, int64_t den)
{
  return (amlrt_value){.kind = kind, .v = {num, den}};
}

void fan(test_match *t, uint32_t hub, const uint32_t *pay, const uint32_t *back, int degree16)
{
  memset(t, 0, sizeof *t);
  t->hub = hub;
  t->roles[0] = (amlrt_list){&t->hub, 1};
  t->roles[1] = take(t->peers, ROWS(2, 3));
  t->stages[0] = take(t->rows[0], pay);
  t->stages[1] = take(t->rows[1], back);
  t->results[0] = (amlrt_result){false, number(AMLRT_VALUE_NUMBER, 7, 4), AMLRT_DEGREE_ONE / 4 * 3};
  t->results[1] = (amlrt_result){false, number(AMLRT_VALUE_NONE, 0, 1), AMLRT_DEGREE_ONE};
  t->title_values[0] = number(AMLRT_VALUE_MONEY, 12345600, 1000);
  t->title_values[0].currency = 1;
  t->title_values[1] = number(AMLRT_VALUE_DURATION, 187800, 1);
  t->title_values[2] = number(AMLRT_VALUE_NUMBER, 1, 4);
  t->title_values[3] = number(AMLRT_VALUE_TIME, 60, 1);
  for (int i = 0; i < 6; i++)
    t->feature_values[i] = number(AMLRT_VALUE_NUMBER, t->stages[0].n + t->stages[1].n, 1);
  finish(t, degree16);
}

void ring(test_match *t, const uint32_t *accounts, const uint32_t *rows, int degree16)
{
  memset(t, 0, sizeof *t);
  t->hub = accounts[0];
  t->roles[0] = (amlrt_list){&t->hub, 1};
  t->roles[1] = take(t->peers, accounts + 1);
  t->stages[0] = take(t->rows[0], rows);
  t->m.pattern = 1;
  finish(t, degree16);
}

// ---- text -----------------------------------------------------------------------------------------

typedef struct memory {
  FILE *f;
  char *text;
  size_t n;
  amlrt_out *o;
} memory;

static void begin(memory *m)
{
  *m = (memory){0};
  m->f = open_memstream(&m->text, &m->n);
  ck_assert_ptr_nonnull(m->f);
  ck_assert_int_eq(amlrt_out_stream(&m->o, m->f, "memory", NULL, NULL), AMLRT_OK);
}

static char *end(memory *m)
{
  ck_assert_int_eq(amlrt_out_close(m->o, NULL, NULL), AMLRT_OK);
  fclose(m->f);
  return m->text;
}

char *alerts_text(const amlrt_sink *s)
{
  memory m;

  begin(&m);
  amlrt_write_alerts(m.o, s);
  return end(&m);
}

char *evidence_text(const amlrt_sink *s)
{
  memory m;

  begin(&m);
  amlrt_write_evidence(m.o, s);
  return end(&m);
}

char *features_text(const amlrt_features *f)
{
  memory m;

  begin(&m);
  amlrt_write_features(m.o, f);
  return end(&m);
}

amlrt_sink *sink_of(const amlrt_table *t, amlrt_mode mode)
{
  amlrt_sink *s = NULL;

  ck_assert_int_eq(amlrt_sink_new(&s, test_patterns, 2, t, mode, NULL, NULL), AMLRT_OK);
  return s;
}
