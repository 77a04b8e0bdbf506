// The evaluator on compiled patterns written by hand: small tables counted by hand, and random ones
// against the reference interpreter on the pattern's text.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/support_program.h"

Suite *make_eval_suite(void);

// ---- counted by hand --------------------------------------------------------------------------------

typedef struct counted {
  const hand_program *of;
  const char *tx, *expect;
} counted;

static const counted cases[] = {
    // Payments below 10 USD, and of another currency, are none; the window is open below.
    {&hand_fan_in,
     "a h 1 10 USD\n"
     "b h 3 9.99 USD\n"
     "c h 5 12 EUR\n"
     "d h 8 11 USD\n"
     "e h 11 30 USD\n",
     "3 1 payer=[a d] hub=h collect:0,3\n"
     "4 1 payer=[d e] hub=h collect:3,4\n"},
    // c passes on nothing in time, and b's payment out before any in has no partner. d keeps 0.65 of
    // what it got: degree 0.5, so the mean over a and d is 0.75.
    {&hand_scatter,
     "s a 1 100 USD\n"
     "s d 2 100 USD\n"
     "b t 2 50 USD\n"
     "s b 3 100 USD\n"
     "a t 5 90 USD\n"
     "d t 6 65 USD\n",
     "5 0.75 source=s mid=[a d] sink=t scatter:0,1 gather:4,5\n"},
    // The gap of 2 s has degree 0.5, that of 3 s has 1; the way over z takes too long.
    {&hand_ring,
     "a b 1\n"
     "b c 3\n"
     "c a 6\n"
     "b z 4\n"
     "z a 15\n",
     "2 0.75 a=a via=<b c> ring:0,1,2\n"},
    // n got money from the sink. Both mules buy in p, one in q: 100 % and 50 % of them.
    {&hand_herd,
     "b m 1\n"
     "b n 1\n"
     "b o 2\n"
     "t n 2\n"
     "m t 3\n"
     "n t 3\n"
     "o t 4\n"
     "m p 5\n"
     "o p 5\n"
     "m q 6\n"
     "b t 7\n",
     "10 1 boss=b sink=t mule=[m o] shop=[p] ask:10 feed:0,2 pay:4,6 buy:7,8\n"},
    // 3 of 4 pairs are not in order, then 3 of 6: degrees 0.5 and 1. The payment back of 5 is no
    // hindrance, one of 6 is; a payment of 13 is one too much of x. The payments back are a match
    // of their own, with 5 of 6 pairs not in order.
    {&hand_both,
     "m y 0 1 EUR\n"
     "x m 1 12 USD\n"
     "m y 2 1 EUR\n"
     "x m 3 3 USD\n"
     "y x 3 5 USD\n"
     "m y 4 1 EUR\n"
     "x m 5 13 USD\n"
     "y x 6 6 USD\n"
     "m y 7 1 EUR\n",
     "3 0.5 x=x m=[m] y=y a:1,3 b:0,2\n"
     "5 1 x=x m=[m] y=y a:1,3 b:0,2,5\n"
     "7 0.3333333333333144 x=y m=[x] y=m a:4,7 b:1,3,6\n"},
};

START_TEST(counted_by_hand)
{
  const counted *c = &cases[_i];
  amlrt_table *t;
  sema_bench b;
  ref_printer out = {0};

  ref_compile(&b, c->of->pattern, NULL);
  ck_assert_int_eq(ref_table(&t, c->tx, NULL), AMLRT_OK);
  amlrt_graph *g = hand_graph(t);
  amlrt_run_opts o = amlrt_run_opts_default();
  out.info = ref_pattern_info(b.mem, b.m->patterns.at[0]);
  out.table = t;
  o.n_threads = 1;
  o.history_complete = true;
  ck_assert_str_eq(hand_run(&out, c->of->program, g, &o, AMLRT_OK, NULL), c->expect);
  amlrt_program search = *c->of->program;
  search.generate = NULL;
  ck_assert_str_eq(hand_run(&out, &search, g, &o, AMLRT_OK, NULL), c->expect);
  free(out.at);
  amlrt_graph_free(g);
  amlrt_table_free(t);
  sema_bench_release(&b);
}
END_TEST

// ---- random tables against the reference ----------------------------------------------------------------

static uint32_t draw(uint64_t *state, uint32_t n)
{
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*state >> 33) % n;
}

// Few accounts, many ties; some amounts and currencies are not given.
static char *random_tx(uint64_t seed)
{
  static const char *const currency[] = {"USD", "EUR", "US Dollar"};
  enum { ROWS = 48, LINE = 64 };
  char *text = malloc(ROWS * LINE), *at = text;

  ck_assert_ptr_nonnull(text);
  for (int i = 0; i < ROWS; i++) {
    uint32_t from = draw(&seed, 6), to = draw(&seed, 6), time = draw(&seed, 36);
    at += snprintf(at, LINE, "%c %c %u", 'a' + from, 'a' + to, time);
    if (draw(&seed, 12))
      at += snprintf(at, LINE, " %u %s\n", 1 + draw(&seed, 20),
                     currency[draw(&seed, 40) ? 0 : 1 + draw(&seed, 2)]);
    else
      at += snprintf(at, LINE, "\n");
  }
  return text;
}

typedef struct both_ways {
  sema_bench b;
  const gir_pattern *p;
  const hand_program *of;
  uint64_t matches;
} both_ways;

static void compare(both_ways *x, uint64_t seed)
{
  char *tx = random_tx(seed);
  amlrt_table *t;
  ref_printer want = {.constraints = true}, have = {.constraints = true};
  ref_opts ro = {.only_trigger = AMLRT_NONE, .hub_limit = seed % 3 ? 0 : 7};
  amlrt_run_opts o = amlrt_run_opts_default();
  ref_stats rs;
  amlrt_run_stats stats;

  ck_assert_int_eq(ref_table(&t, tx, NULL), AMLRT_OK);
  want.info = have.info = ref_pattern_info(x->b.mem, x->p);
  want.table = have.table = t;
  ck_assert_uint_eq(want.info->n_constraints, x->of->program->info->n_constraints);
  amlrt_graph *g = hand_graph(t);
  amlrt_status st = ref_run(x->p, 0, t, &ro, ref_print, &want, &rs, NULL);
  o.hub_limit = ro.hub_limit;
  o.n_threads = 1;
  const char *found = hand_run(&have, x->of->program, g, &o, st, &stats);
  ck_assert_msg(strcmp(found, want.at ? want.at : "") == 0, "seed %llu:\n%swanted:\n%sof:\n%s",
                (unsigned long long)seed, found, want.at, tx);
  ck_assert_uint_eq(stats.matches, rs.matches);
  ck_assert_uint_eq(stats.triggers, rs.triggers);
  ck_assert_uint_eq(stats.hub_triggers, rs.hub_triggers);
  ck_assert_int_eq(stats.hub_limit_hit, rs.hub_limit_hit);
  x->matches += rs.matches;
  free(want.at);
  free(have.at);
  free(tx);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}

START_TEST(as_the_reference)
{
  both_ways x = {.of = hand_programs[_i]};

  ref_compile(&x.b, x.of->pattern, NULL);
  x.p = x.b.m->patterns.at[0];
  for (uint64_t seed = 1; seed <= 150; seed++)
    compare(&x, seed);
  ck_assert_msg(x.matches > 30, "%llu matches: this tests too little",
                (unsigned long long)x.matches);
  sema_bench_release(&x.b);
}
END_TEST

Suite *make_eval_suite(void)
{
  Suite *s = suite_create("eval");
  TCase *tc = tcase_create("by hand");

  tcase_add_loop_test(tc, counted_by_hand, 0, sizeof cases / sizeof *cases);
  tcase_add_loop_test(tc, as_the_reference, 0, N_HAND_PROGRAMS);
  suite_add_tcase(s, tc);
  return s;
}
