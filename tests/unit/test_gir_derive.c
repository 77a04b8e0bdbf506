// What follows from a pattern: span, triggers, breakable.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_gir.h"

Suite *make_gir_derive_suite(void);

// A pattern of two stages at m: a -> m, m -> b; %s is what stands in place of STATEMENTS.
static const char two_stages[] = "gir 1\npattern p {\n  id \"1\"\n  version \"1\"\n  within 3600\n"
                                 "  %a = one a\n  %m = group m in number 1..\n"
                                 "  %in = stage in %a %m within=0\n  %b = one b\n"
                                 "  %out = stage out %m %b within=0\n"
                                 "STATEMENTS}\n";

#define BEFORE "  %1 = before first=0 then=1\n"
#define PAIR(cond) "  pair %m %in %out " cond " \"\"\n"
#define MAYBE                                                                                      \
  "  %x = group x in number 0..\n  %s = term s %m %x\n  %9 = has %s at_least=1\n  members %x %9\n"
#define LAST_FIRST "  %1 = last %in\n  %2 = first %out\n"

typedef struct row {
  const char *statements;
  const char *triggers; // names, a blank behind each
  int64_t span_s;
  bool breakable;
} row;

static const row two_rows[] = {
    {"", "in out ", 3600, false},
    {BEFORE PAIR("%1"), "out ", 3600, false},
    // The other way round, by the sides and by the stages.
    {"  %1 = before first=1 then=0\n" PAIR("%1"), "in ", 3600, false},
    {BEFORE "  pair %m %out %in %1 \"\"\n", "in ", 3600, false},
    // Of equal time, the greater id is the trigger: it may be in either.
    {"  %1 = not_after first=0 then=1\n" PAIR("%1"), "in out ", 3600, false},
    {"  %1 = gap first=0 then=1\n  %2 = in_range %1 in duration ..60\n" PAIR("%2"), "out ", 3600,
     false},
    {"  %1 = gap first=0 then=1\n  %2 = const duration 60 : duration\n  %3 = lt %1 %2\n" PAIR("%3"),
     "out ", 3600, false},
    {"  %1 = field time side=0 : time\n  %2 = field time side=1 : time\n  %3 = lt %1 %2\n" PAIR(
         "%3"),
     "out ", 3600, false},
    {"  %1 = field time side=1 : time\n  %2 = field time side=0 : time\n  %3 = gt %1 %2\n" PAIR(
         "%3"),
     "out ", 3600, false},
    {"  %1 = field time side=0 : time\n  %2 = field time side=1 : time\n  %3 = le %1 %2\n" PAIR(
         "%3"),
     "in out ", 3600, false},
    // One part of an `and` is enough, of an `or` all are needed.
    {BEFORE "  %2 = not_after first=0 then=1\n  %3 = and %2 %1\n" PAIR("%3"), "out ", 3600, false},
    {BEFORE "  %2 = not_after first=0 then=1\n  %3 = or %2 %1\n" PAIR("%3"), "in out ", 3600,
     false},
    {BEFORE "  %2 = before first=0 then=1\n  %3 = or %2 %1\n" PAIR("%3"), "out ", 3600, false},
    {BEFORE "  %2 = not %1\n" PAIR("%2"), "in out ", 3600, false},
    // For the whole match.
    {"  overlap %in %out in number ..0 \"\"\n", "out ", 3600, true},
    {"  overlap %in %out in number ..0.2 \"\"\n", "in out ", 3600, true},
    {"  overlap %in %out in number ..0~0.2 \"\"\n", "in out ", 3600, true},
    {LAST_FIRST "  %3 = lt %1 %2\n  require %3 \"\"\n", "out ", 3600, true},
    {LAST_FIRST "  %3 = gt %2 %1\n  require %3 \"\"\n", "out ", 3600, true},
    {LAST_FIRST "  %3 = le %1 %2\n  require %3 \"\"\n", "in out ", 3600, true},
    {LAST_FIRST "  %3 = lt %2 %1\n  require %3 \"\"\n", "in out ", 3600, true},
    // `trigger`
    {"  trigger %in\n", "in ", 3600, false},
    {BEFORE PAIR("%1") "  trigger %out\n", "out ", 3600, false},
    // Span and outcomes.
    {"  absent q %b %a for=0 anchored=no \"\"\n", "in out ", 3600, true},
    {"  absent q %b %a none %in for=0 anchored=yes \"\"\n", "in out ", 3600, true},
    {"  absent q %b %a none %in for=7 anchored=yes \"\"\n", "in out ", 3607, true},
    {"  absent q %b %a none %in for=7 anchored=yes \"\"\n"
     "  absent r %b %a none %in for=5 anchored=yes \"\"\n",
     "in out ", 3607, true},
    {"  hubs 7\n", "in out ", 3600, true},
    {"  %1 = sum amount %in : money\n  %2 = sum amount %out : money\n  %3 = le %1 %2\n  each %m %3 "
     "\"\"\n",
     "in out ", 3600, true},
    {"  %x = group x in number ..5\n  %s = stage s %a %x within=0\n", "in out s ", 3600, true},
    {"  %x = group x in number ..5~9\n  %s = stage s %a %x within=0\n", "in out s ", 3600, true},
    {"  %x = group x in number 1~5..\n  %s = stage s %a %x within=0\n", "in out s ", 3600, false},
    {"  %x = group x in number 1..\n  %t = term t %m %x\n  %1 = has %t at_least=2\n  members %x "
     "%1\n",
     "in out t ", 3600, false},
    {"  %x = group x in number 1..\n  %t = term t %m %x\n  %1 = has_share %t number 1\n  members "
     "%x "
     "%1\n",
     "in out t ", 3600, true},
    {"  %x = group x in number 1..\n  %t = term t %m %x\n  %1 = has %t at_least=1\n  %u = probe u "
     "%b "
     "%x\n  %2 = has %u at_least=1\n  %3 = minus %1 %2\n  members %x %3\n",
     "in out t ", 3600, true},
    // A side that may be empty asks nothing, so the other is not kept out; its own transfers are asked.
    {MAYBE "  %1 = before first=0 then=1\n"
           "  pair %m %in %s %1 \"\"\n",
     "in out s ", 3600, false},
    {MAYBE "  %1 = before first=0 then=1\n"
           "  pair %m %s %out %1 \"\"\n",
     "in out ", 3600, false},
    {MAYBE "  overlap %in %s in number ..0 \"\"\n", "in out s ", 3600, true},
};

static char *names_of(const gir_pattern *p)
{
  char *out = calloc(1, 200);
  for (uint32_t i = 0; i < p->triggers.n; i++) {
    size_t n = strlen(out);
    snprintf(out + n, 200 - n, "%s ", p->triggers.at[i]->name);
  }
  return out;
}

static void check_row(const char *text, const row *want)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  gir_pattern *p = gir_bench_pattern(&b, text);
  char *triggers = names_of(p);
  ck_assert_str_eq(triggers, want->triggers);
  ck_assert_int_eq(p->span_s, want->span_s);
  ck_assert_int_eq(p->breakable, want->breakable);
  free(triggers);
  gir_bench_release(&b);
}

START_TEST(two_stages_at_a_group)
{
  char *text = text_replaced(two_stages, "STATEMENTS", two_rows[_i].statements);
  check_row(text, &two_rows[_i]);
  free(text);
}
END_TEST

// A chain start -> via -> end, then end -> b.
static const char chain[] = "gir 1\npattern p {\n  id \"1\"\n  version \"1\"\n  within 3600\n"
                            "  %s = one s\n  %via = chain via in number 1..3\n  %e = one e\n"
                            "  %walk = walk walk %s %via %e within=0\n  %b = one b\n"
                            "  %out = stage out %e %b within=0\n"
                            "STATEMENTS}\n";

static const row chain_rows[] = {
    {"", "walk out ", 3600, false},
    {BEFORE "  hop_pair %walk %1 \"\"\n", "walk out ", 3600, false},
    // Only the hop at `e` is asked; it is the last only where the hops are in order.
    {BEFORE "  pair %e %walk %out %1 \"\"\n", "walk out ", 3600, false},
    {BEFORE
     "  hop_pair %walk %1 \"\"\n  %2 = before first=0 then=1\n  pair %e %walk %out %2 \"\"\n",
     "out ", 3600, false},
    {"  %1 = gap first=0 then=1\n  %2 = in_range %1 in duration ..60\n  hop_pair %walk %2 \"\"\n"
     "  %3 = before first=0 then=1\n  pair %e %walk %out %3 \"\"\n",
     "out ", 3600, false},
    {BEFORE "  pair %e %out %walk %1 \"\"\n", "walk ", 3600, false},
};

START_TEST(chain_and_stage)
{
  char *text = text_replaced(chain, "STATEMENTS", chain_rows[_i].statements);
  check_row(text, &chain_rows[_i]);
  free(text);
}
END_TEST

START_TEST(says_what_keeps_a_stage_out)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  gir_pattern *p = gir_bench_pattern(&b, gir_text_of("scatter_gather"));
  ck_assert_ptr_eq(gir_kept_out_by(p, gir_named(p, "scatter")), gir_nth(p, GIR_PAIR, 0));
  ck_assert_ptr_null(gir_kept_out_by(p, gir_named(p, "gather")));
  gir_bench_release(&b);
}
END_TEST

Suite *make_gir_derive_suite(void)
{
  Suite *s = suite_create("gir_derive");
  TCase *tc = tcase_create("facts");
  tcase_add_loop_test(tc, two_stages_at_a_group, 0, (int)(sizeof two_rows / sizeof *two_rows));
  tcase_add_loop_test(tc, chain_and_stage, 0, (int)(sizeof chain_rows / sizeof *chain_rows));
  tcase_add_test(tc, says_what_keeps_a_stage_out);
  suite_add_tcase(s, tc);
  return s;
}
