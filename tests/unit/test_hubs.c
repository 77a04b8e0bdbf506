// When accounts are hubs: the intervals against counting, on random tables.
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "runtime/src/hubs.h"
#include "tests/unit/support_program.h"

Suite *make_hubs_suite(void);

enum { ROWS = 600, ACCOUNTS = 9 };

static amlrt_table *random_table(uint64_t seed)
{
  static const char *const currency[] = {"USD", "EUR", ""};
  amlrt_builder *b;
  amlrt_table *t;
  uint64_t state = seed;

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  for (int i = 0; i < ROWS; i++) {
    char from[16], to[16];
    state = state * 6364136223846793005u + 1442695040888963407u;
    // Some accounts are busier than others; some pay themselves; some rows have the same time.
    snprintf(from, sizeof from, "a%u",
             (unsigned)(state >> 33) % ((unsigned)(state >> 50) % ACCOUNTS + 1));
    snprintf(to, sizeof to, "a%u", (unsigned)(state >> 41) % ACCOUNTS);
    amlrt_tx tx = {.from = from,
                   .to = to,
                   .time = (int64_t)(i + (int)(state >> 60)) / 3,
                   .amount = "10",
                   .currency = currency[(state >> 20) % 3]};
    if (!*tx.currency) tx.currency = NULL;
    ck_assert_int_eq(amlrt_builder_add(b, &tx, NULL), AMLRT_OK);
  }
  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  return t;
}

// Counted for each trigger and account, as the definition says.
static bool counted(const amlrt__run *run, uint32_t account, uint32_t e)
{
  const amlrt_columns *col = run->col;
  int64_t sent = 0, got = 0;

  for (uint32_t row = run->window_lo[e]; row <= e; row++) {
    if (run->p->currency == AMLRT_CURRENCY_SAME && col->currency[row] != col->currency[e]) continue;
    sent += col->from[row] == account;
    got += col->to[row] == account;
  }
  return sent > run->hub_limit || got > run->hub_limit;
}

static void compare(const amlrt_program *p, uint64_t seed, int64_t limit, uint32_t *n_over)
{
  amlrt_table *t = random_table(seed);
  amlrt_graph *g = hand_graph(t);
  amlrt_run_opts o = amlrt_run_opts_default();
  o.hub_limit = limit;
  amlrt__run run = {.p = p, .graph = g, .opts = &o, .mem = amlrt_alloc_default()};
  ck_assert_int_eq(amlrt__run_make(&run, NULL), AMLRT_OK);
  amlrt__hubs *h = amlrt__hubs_make(&run, run.hub_limit);
  ck_assert_ptr_nonnull(h);

  for (uint32_t e = 0; e < run.col->n_rows; e++) {
    if (p->currency == AMLRT_CURRENCY_SAME && run.col->currency[e] == 0) continue;
    for (uint32_t a = 0; a < run.col->n_accounts; a++) {
      bool is = counted(&run, a, e);
      *n_over += is;
      ck_assert_msg(amlrt__hubs_over(h, &run, a, e) == is, "seed %u, limit %d, account %u, row %u",
                    (unsigned)seed, (int)limit, a, e);
    }
  }
  amlrt__hubs_free(h, run.mem);
  amlrt__run_release(&run);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}

START_TEST(as_counted)
{
  amlrt_program p = *hand_fan_in.program;
  uint32_t n_over = 0;

  p.currency = _i % 2 ? AMLRT_CURRENCY_SAME : AMLRT_CURRENCY_CHECKED;
  p.within = 1 + _i * 7;
  for (int64_t limit = 1; limit < 12; limit += 3)
    compare(&p, 100 + (uint64_t)_i, limit, &n_over);
  ck_assert_uint_gt(n_over, 0);
}
END_TEST

Suite *make_hubs_suite(void)
{
  Suite *s = suite_create("hubs");
  TCase *c = tcase_create("intervals");

  tcase_add_loop_test(c, as_counted, 0, 12);
  suite_add_tcase(s, c);
  return s;
}
