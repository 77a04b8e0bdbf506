// A pattern in plain words.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/driver/explain.h"
#include "frontend/driver/explain_words.h"
#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_gir.h"

Suite *make_explain_suite(void);

static const char scatter_gather[] =
    "scatter_gather 1.0.0\n"
    "\n"
    "Parameters\n"
    "  window     96h (covers every planted attempt)\n"
    "  middlemen  3\n"
    "\n"
    "Accounts\n"
    "  source  one account\n"
    "  mid     a group of at least 3 accounts\n"
    "  sink    one account\n"
    "  Single accounts are all different, and in no group.\n"
    "\n"
    "Transfers, all of them in the 96h up to the trigger\n"
    "  scatter  from source to mid\n"
    "  gather   from mid to sink\n"
    "\n"
    "Conditions\n"
    "  - for each account of mid: every scatter has a later gather, every gather an earlier "
    "scatter\n"
    "  - for each account of mid: sum(gather.amount) / sum(scatter.amount) is above 0.7 and below "
    "1.4,\n"
    "    fully from 0.8 to 1.25\n"
    "  What fails is left out, and the rest is judged: a transfer without partner, an account of a "
    "group\n"
    "    for which its condition fails.\n"
    "  Amounts are plain numbers: their currencies are ignored.\n"
    "\n"
    "Trigger\n"
    "  A match is reported at its last transfer, which falls in gather.\n"
    "  Not in scatter: by `each mid: scatter before gather` each of its transfers has a later "
    "one.\n"
    "  The pattern looks back at most 96h from the trigger.\n"
    "\n"
    "Alerts\n"
    "  One alert per source, sink; matches of these that share transfers are merged into one.\n"
    "  Its title: {source} reached {sink}{count(mid)}\n"
    "  The degree of a match is that of its weakest condition, 1 where all hold fully.\n"
    "  A match that reaches back before the first row of the data is marked inconclusive, for "
    "earlier\n"
    "    rows could break it; --history=complete says that there were none.\n"
    "\n"
    "Features of a transfer, besides count and degree of the matches it triggers\n"
    "  n  its matches counted by count(mid): columns n.2 to n.30, the last one also for all "
    "above\n";

// A piece of the words of a pattern; blanks and line ends count as one blank.
static const struct {
  const char *name, *says;
} pieces[] = {
    {"mule_herd",
     "those that paid at least one account of mule (theft), except any that are in mule, "
     "except any that were paid by collector"},
    {"mule_herd",
     "a group of any number of accounts, also none: those that were paid by at least 60% of "
     "mule (leak)"},
    {"mule_herd", "falls in cash_out, as the pattern asks."},
    {"mule_herd", "One alert per collector;"},
    {"cycle", "a chain of 1 to 11 accounts, each paying the next"},
    {"cycle", "from start, hop by hop through via, to start again"},
    {"cycle",
     "from each hop of ring to the next: every transfer has a later one in the next hop, every "
     "transfer there an earlier one in this hop"},
    {"cycle", "A ring of the same accounts in the same order is the same, wherever it starts."},
    {"cycle", "Earlier rows could add to a match but never break it"},
    {"random_walk",
     "such that the time from this to a later next is below 48h, fully up to 24h; and "
     "next.amount / this.amount is above 0.8 and below 1.05, fully from 0.9 to 1"},
    {"random_walk", "back: no transfer from end to start in the window"},
    {"random_walk",
     "more than 200 transfers in, or more than 200 out, in the window fills no role"},
    {"random_walk", "Only transfers in the trigger's currency count."},
    {"dormant", "every wake has a later move, every move an earlier wake"},
    {"dormant",
     "got: no transfer from any other account to account in the 180d before the first wake"},
    {"dormant", "looks back at most 187d from the trigger"},
    {"bipartite",
     "each of payers pays at least 2 of payees, each of payees is paid by at least 2 of "
     "payers"},
    {"gather_scatter", "a group of at least 2 accounts, fully from 5"},
    {"gather_scatter",
     "the share where the gather is not the earlier one is below 60%, fully up to 30%"},
    {"gather_scatter", "only those less than 24h older than the latest of them"},
    {"structuring", "from any account to account where format in {\"Cash\""},
    {"structuring", "count(deposit) is at least 2, fully from 3"},
    {"structuring", "account and the bank may share accounts"},
    {"structuring",
     "every deposit has an on at the same time or later, every on a deposit at the same "
     "time or earlier"},
    {"structuring", "within one currency; across currencies they need a rate table"},
    {"union", "those that were paid by a (given) or paid b (taken)"},
    {"union", "those that were paid by at least 2 accounts of near (far.1) and are in near"},
};

static gir_pattern *read_pattern(gir_bench *b, const char *name)
{
  gir_bench_init(b, NULL);
  gir_pattern *p = gir_bench_pattern(b, gir_text_of(name));
  strbuf_clear(&b->out);
  return p;
}

START_TEST(tells_a_pattern)
{
  gir_bench b;
  explain_pattern(&b.out, read_pattern(&b, "scatter_gather"));
  ck_assert_str_eq(strbuf_text(&b.out), scatter_gather);
  gir_bench_release(&b);
}
END_TEST

static char *with_single_blanks(const char *text)
{
  char *out = malloc(strlen(text) + 1), *at = out;
  for (; *text; text++) {
    char ch = *text == '\n' ? ' ' : *text;
    if (ch != ' ' || at == out || at[-1] != ' ') *at++ = ch;
  }
  *at = '\0';
  return out;
}

START_TEST(says)
{
  gir_bench b;
  explain_pattern(&b.out, read_pattern(&b, pieces[_i].name));
  char *text = with_single_blanks(strbuf_text(&b.out));
  ck_assert_msg(strstr(text, pieces[_i].says) != NULL, "'%s' is not in:\n%s", pieces[_i].says,
                strbuf_text(&b.out));
  free(text);
  gir_bench_release(&b);
}
END_TEST

START_TEST(lines_are_at_most_100_wide)
{
  gir_bench b;
  if (strcmp(gir_texts[_i].name, "profile") == 0) return;
  explain_pattern(&b.out, read_pattern(&b, gir_texts[_i].name));
  for (const char *t = strbuf_text(&b.out); *t; t += strcspn(t, "\n") + 1)
    ck_assert_msg(strcspn(t, "\n") <= 100, "%s", t);
  gir_bench_release(&b);
}
END_TEST

START_TEST(json)
{
  gir_bench b;
  explain_pattern_json(&b.out, read_pattern(&b, "dormant"));
  strbuf_putc(&b.out, '}');
  const char *text = strbuf_text(&b.out);
  ck_assert_ptr_eq(strstr(text, "{\"pattern\":\"dormant\",\"id\":\"00000000-"), text);
  ck_assert_ptr_nonnull(
      strstr(text, ",\"within_s\":604800,\"span_s\":16156800,\"currency\":\"checked\""));
  ck_assert_ptr_nonnull(strstr(text, ",\"keys\":[\"account\"]"));
  ck_assert_ptr_nonnull(
      strstr(text, "{\"name\":\"wake\",\"no_trigger_because\":\"each account: wake before "
                   "move\",\"text\":\"from payer to account\"}"));
  ck_assert_ptr_nonnull(strstr(
      text,
      ",\"triggers\":[\"move\"],\"breakable\":true,\"title\":\"\",\"features\":[],\"params\":[]}"));
  ck_assert_ptr_null(strchr(text, '\n'));
  gir_bench_release(&b);
}
END_TEST

// Ranges, as {a, b, c, d} in tenths; NO where missing.
#define NO (-99)
static const struct {
  int end[4];
  words_kind kind;
  const char *says;
} ranges[] = {
    {{NO, 30, NO, NO}, WORDS_COUNT, "at least 3 x"},
    {{NO, NO, 80, NO}, WORDS_COUNT, "at most 8 x"},
    {{NO, 20, 80, NO}, WORDS_COUNT, "2 to 8 x"},
    {{NO, 30, 30, NO}, WORDS_COUNT, "exactly 3 x"},
    {{10, 50, NO, NO}, WORDS_COUNT, "at least 2 x, fully from 5"},
    {{10, 20, NO, NO}, WORDS_COUNT, "at least 2 x"}, // nothing lies on the slope
    {{15, 50, NO, NO}, WORDS_COUNT, "at least 2 x, fully from 5"},
    {{-5, 50, NO, NO}, WORDS_COUNT, "at least 0 x, fully from 5"},
    {{NO, NO, 50, 80}, WORDS_COUNT, "at most 7 x, fully up to 5"},
    {{NO, NO, 50, 85}, WORDS_COUNT, "at most 8 x, fully up to 5"},
    {{NO, NO, 50, 60}, WORDS_COUNT, "at most 5 x"},
    {{10, 30, 50, 80}, WORDS_COUNT, "at least 2 and at most 7 x, fully from 3 to 5"},
    {{NO, 30, 50, 80}, WORDS_COUNT, "at least 3 and at most 7 x, fully up to 5"},
    {{10, 30, 30, 80}, WORDS_COUNT, "at least 2 and at most 7 x, fully at 3"},
    {{7, 8, 12, 14}, WORDS_VALUE, "above 0.7 and below 1.4 x, fully from 0.8 to 1.2"},
    {{7, 8, 12, NO}, WORDS_VALUE, "above 0.7 and at most 1.2 x, fully from 0.8"},
    {{NO, NO, 3, 6}, WORDS_SHARE, "below 60% x, fully up to 30%"},
};

START_TEST(words_of_ranges)
{
  gir_bench b;
  gir_bench_init(&b, NULL);
  gir_range r = {.type = TY_NUMBER};
  rational *end[] = {&r.a, &r.b, &r.c, &r.d};
  for (int i = 0; i < 4; i++) {
    if (ranges[_i].end[i] == NO) continue;
    ck_assert(rational_make(end[i], ranges[_i].end[i], 10));
    r.has |= 1u << i;
  }
  words_range(&b.out, &r, ranges[_i].kind, " x");
  ck_assert_str_eq(strbuf_text(&b.out), ranges[_i].says);
  gir_bench_release(&b);
}
END_TEST

// The pattern is read with memory; only what explains it runs out.
START_TEST(every_allocation_fails_once)
{
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    gir_bench b;
    alloc_fail_init(&a, ALLOC_FAIL_NEVER);
    cx_allocator mem = alloc_fail_cx(&a);
    gir_bench_init(&b, &mem);
    gir_pattern *p = gir_bench_pattern(&b, gir_text_of("random_walk"));
    a.fail_at = (uint64_t)a.n_calls + n;
    explain_pattern(&b.out, p);
    explain_pattern_json(&b.out, p);
    strbuf_putc(&b.out, '}');
    bool failed = alloc_fail_hit(&a);
    ck_assert(failed == !cx_ok(b.c));
    gir_bench_release(&b);
    alloc_fail_check(&a);
    if (!failed) break;
  }
}
END_TEST

Suite *make_explain_suite(void)
{
  Suite *s = suite_create("explain");
  TCase *tc = tcase_create("words");
  tcase_add_test(tc, tells_a_pattern);
  tcase_add_loop_test(tc, says, 0, (int)(sizeof pieces / sizeof *pieces));
  tcase_add_loop_test(tc, lines_are_at_most_100_wide, 0, (int)n_gir_texts);
  tcase_add_test(tc, json);
  tcase_add_loop_test(tc, words_of_ranges, 0, (int)(sizeof ranges / sizeof *ranges));
  tcase_add_test(tc, every_allocation_fails_once);
  suite_add_tcase(s, tc);
  return s;
}
