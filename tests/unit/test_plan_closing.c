// Plan closing-search against trigger-major: the same matches on random tables, for chains closed and open,
// with and without gaps, for any threads, slabs and tricks left out; and what the filter keeps.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/src/plan_closing.h"
#include "tests/unit/support_plan.h"

Suite *make_plan_closing_suite(void);

#define NO AMLRT_NONE
enum { ROWS = 900, ACCOUNTS = 60 };

// ---- patterns ---------------------------------------------------------------------------------------------

static amlrt_cond in_order(amlrt_worker *w, uint32_t a, uint32_t b)
{
  const amlrt_cols *c = amlrt_w_cols(w);
  return amlrt_cond_truth(c->time[a] < c->time[b]);
}

static amlrt_cond no_more(amlrt_worker *w, uint32_t a, uint32_t b)
{
  amlrt_cmp_begin(w, 0);
  amlrt_cmp_note_row(w, AMLRT_F_AMOUNT, a);
  amlrt_cmp_note_row(w, AMLRT_F_AMOUNT, b);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  return amlrt_cond_cmp(w, AMLRT_CMP_LE, amlrt_num_field(w, AMLRT_F_AMOUNT, b),
                        amlrt_num_field(w, AMLRT_F_AMOUNT, a), AMLRT_VALUE_NUMBER);
}

static const amlrt_role_info open_role[] = {
    {"a", AMLRT_ROLE_ONE}, {"via", AMLRT_ROLE_CHAIN}, {"b", AMLRT_ROLE_ONE}};
static const amlrt_prole open_roles[] = {
    {.kind = AMLRT_ROLE_ONE, .set = NO},
    {.kind = AMLRT_ROLE_CHAIN,
     .size = {.has = AMLRT_HAS_B | AMLRT_HAS_C, .b = {1, 1}, .c = {3, 1}},
     .set = NO},
    {.kind = AMLRT_ROLE_ONE, .set = NO}};
static const uint32_t both_ends[][2] = {{0, 2}};

// A pattern to change, from a closed chain with gaps that is written elsewhere.
typedef struct pattern {
  amlrt_program p;
  amlrt_pattern_info info;
  amlrt_pstage stage;
  amlrt_ppair pair;
  amlrt_ppair_cond cond[2];
  amlrt_pcon con[2];
  amlrt_pplan plan[2];
} pattern;

typedef enum { RING, RING_GAP, RING_VALUE, OPEN, OPEN_GAP, OPEN_VALUE, OPEN_ROUND, SHAPES } shape;

static void set_pair(pattern *x, shape s)
{
  bool gap = s == RING_GAP || s == OPEN_GAP;
  bool value = s == RING_VALUE || s == OPEN_VALUE;

  x->cond[0] = (amlrt_ppair_cond){.fn = in_order, .constraint = 1};
  x->cond[1] = (amlrt_ppair_cond){.fn = no_more, .constraint = 1};
  x->pair.conds = x->cond;
  x->pair.n_conds = value ? 2 : 1;
  x->pair.lo = 1;
  x->pair.hi = INT64_MAX;
  x->pair.by_time = !value;
  if (gap) x->pair = x->p.pairs[0];
}

// Constraints are told to people only: these tests compare matches.
static void make_pattern(pattern *x, shape s, bool exact)
{
  bool open = s >= OPEN;

  memset(x, 0, sizeof *x);
  x->p = *hand_ring.program;
  x->info = *x->p.info;
  x->stage = x->p.stages[0];
  x->pair = x->p.pairs[0];
  set_pair(x, s);
  bool gap = x->pair.n_conds == x->p.pairs[0].n_conds && x->pair.conds == x->p.pairs[0].conds;
  if (open) {
    x->info.roles = open_role;
    x->info.n_roles = 3;
    x->p.roles = open_roles;
    x->stage.to = 2;
    x->stage.closed = false;
    x->stage.ends_may_equal = s == OPEN_ROUND;
    x->p.may_equal = both_ends;
    x->p.n_may_equal = s == OPEN_ROUND;
  }
  if (!gap) {
    x->con[0] = (amlrt_pcon){.kind = AMLRT_CON_SIZE, .role = 1};
    x->con[1] = (amlrt_pcon){.kind = AMLRT_CON_PAIR, .pair = 0, .cond = 0};
    x->p.cons = x->con;
    x->info.n_constraints = 2;
  }
  x->plan[0] = (amlrt_pplan){.kind = AMLRT_PLAN_TRIGGER,
                             .key = {NO, NO},
                             .group = NO,
                             .stage = {NO, NO},
                             .lo = INT64_MIN,
                             .hi = INT64_MAX};
  x->plan[1] = (amlrt_pplan){.kind = AMLRT_PLAN_CLOSING,
                             .exact = exact,
                             .key = {0, open ? 2 : 0},
                             .group = 1,
                             .stage = {0, NO},
                             .lo = x->pair.lo,
                             .hi = x->pair.hi};
  x->p.info = &x->info;
  x->p.stages = &x->stage;
  x->p.pairs = &x->pair;
  x->p.plans = x->plan;
  x->p.n_plans = 2;
}

// ---- the same matches -------------------------------------------------------------------------------------

static const uint64_t tricks_off[] = {
    0, 1u << AMLRT_TRICK_CHAIN_FILTER, 1u << AMLRT_TRICK_CHAIN_SWEEP,
    1u << AMLRT_TRICK_CHAIN_SWEEP | 1u << AMLRT_TRICK_CHAIN_BATCH};
enum { N_TRICKS_OFF = sizeof tricks_off / sizeof *tricks_off };

START_TEST(same_as_trigger_major)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  uint64_t seed = 1 + (uint64_t)_i / SHAPES;
  amlrt_table *t = plan_mixed_table(seed * 77, ROWS, ACCOUNTS, 1 + (int)(seed % 5));
  pattern x;

  make_pattern(&x, (shape)(_i % SHAPES), false);
  if (seed % 3 == 1) x.p.currency = AMLRT_CURRENCY_SAME;
  if (seed % 3 == 2) x.p.hubs = 4;
  plan_same(&x.p, t, &o, "closing-search", AMLRT_OK, tricks_off, N_TRICKS_OFF);
  amlrt_table_free(t);
}
END_TEST

static void number_rows(pattern *x)
{
  x->stage.same_rows = 1 + (uint32_t)x->p.currency;
}

// One of each shape beside two others, of other lengths and gaps.
START_TEST(together)
{
  static const amlrt_prole long_roles[] = {
      {.kind = AMLRT_ROLE_ONE, .set = NO},
      {.kind = AMLRT_ROLE_CHAIN,
       .size = {.has = AMLRT_HAS_B | AMLRT_HAS_C, .b = {2, 1}, .c = {5, 1}},
       .set = NO}};
  uint64_t seed = 1 + (uint64_t)_i / SHAPES;
  amlrt_table *t = plan_mixed_table(seed * 77, ROWS, ACCOUNTS, 1 + (int)(seed % 5));
  const shape shapes[] = {(shape)(_i % SHAPES), seed % 2 ? RING_GAP : RING,
                          _i % SHAPES >= OPEN ? OPEN : RING_VALUE};
  pattern x[3];
  const amlrt_program *p[3];

  for (int k = 0; k < 3; k++) {
    make_pattern(&x[k], shapes[k], false);
    if (seed % 3 == 1) x[k].p.currency = AMLRT_CURRENCY_SAME;
    if ((seed + (uint64_t)k) % 3 == 2) x[k].p.hubs = 4;
    if (k == 1) x[k].p.roles = long_roles;
    number_rows(&x[k]);
    p[k] = &x[k].p;
  }
  plan_same_together(p, 3, t, "closing-search");
  amlrt_table_free(t);
}
END_TEST

START_TEST(memory_together)
{
  amlrt_table *t = plan_mixed_table(31, 200, 20, 2);
  pattern x[2];
  const amlrt_program *p[] = {&x[0].p, &x[1].p};

  make_pattern(&x[0], RING, true);
  make_pattern(&x[1], RING_GAP, false);
  number_rows(&x[0]);
  number_rows(&x[1]);
  plan_memory_fails_together(p, 2, t, "closing-search");
  amlrt_table_free(t);
}
END_TEST

START_TEST(finds_some)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_table *t = plan_mixed_table(77, ROWS, ACCOUNTS, 2);
  amlrt_graph *g = hand_graph(t);
  amlrt_run_stats stats;
  ref_printer out = {0};
  pattern x;

  make_pattern(&x, (shape)_i, false);
  out.info = &x.info;
  out.table = t;
  o.plan = "closing-search";
  hand_run(&out, &x.p, g, &o, AMLRT_OK, &stats);
  ck_assert_uint_gt(stats.matches, 2);
  ck_assert_str_eq(stats.plan, "closing-search");
  free(out.at);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

START_TEST(exact_counts)
{
  static const shape exact[] = {RING, OPEN, OPEN_ROUND};
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_table *t = plan_mixed_table((uint64_t)_i, 4 * ROWS, 2 * ACCOUNTS, 1 + _i % 4);
  amlrt_graph *g = hand_graph(t);
  pattern x;

  make_pattern(&x, exact[_i % 3], true);
  o.light = true;
  o.n_threads = 1;
  o.plan = "trigger-major";
  uint64_t want = plan_sum(&x.p, g, &o);
  ck_assert_uint_gt(want, 0);
  o.plan = "closing-search";
  ck_assert_uint_eq(plan_sum(&x.p, g, &o), want);
  o.n_threads = 4;
  ck_assert_uint_eq(plan_sum(&x.p, g, &o), want);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

// ---- corners ------------------------------------------------------------------------------------------------

START_TEST(empty_and_small)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  pattern x;

  make_pattern(&x, (shape)_i, false);
  plan_small_tables(&x.p, "closing-search");
  o.plan = "closing-search";
  for (int rows = 0; rows < 3; rows++) {
    amlrt_table *t = plan_mixed_table(3, rows, 2, 1);
    amlrt_graph *g = hand_graph(t);
    ref_printer out = {.info = &x.info, .table = t};
    ck_assert_str_eq(hand_run(&out, &x.p, g, &o, AMLRT_OK, NULL), "");
    free(out.at);
    amlrt_graph_free(g);
    amlrt_table_free(t);
  }
}
END_TEST

START_TEST(memory_fails)
{
  amlrt_table *t = plan_mixed_table(5, 120, 12, 2);
  pattern x;

  make_pattern(&x, (shape)_i, false);
  plan_memory_fails(&x.p, t, "closing-search", false, 1u << AMLRT_TRICK_CHAIN_SWEEP);
  amlrt_table_free(t);
}
END_TEST

// A table that does not fit is mined by trigger, and says so only where something was cut.
START_TEST(memory_is_limited)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_table *t = plan_mixed_table(9, ROWS, ACCOUNTS, 2);
  amlrt_graph *g = hand_graph(t);
  ref_printer want = {0}, out = {0};
  pattern x;

  make_pattern(&x, RING, false);
  out.info = want.info = &x.info;
  out.table = want.table = t;
  o.memory_limit = 1 << 20;
  o.n_threads = 1;
  o.plan = "trigger-major";
  hand_run(&want, &x.p, g, &o, HAND_DONE_OR_CUT, NULL);
  o.plan = "closing-search";
  hand_run(&out, &x.p, g, &o, HAND_DONE_OR_CUT, NULL);
  ck_assert_str_eq(out.at ? out.at : "", want.at ? want.at : "");
  free(want.at);
  free(out.at);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

START_TEST(sorts)
{
  uint64_t at[200], state = (uint64_t)_i;

  for (size_t n = 0; n < 200; n += 7) {
    for (size_t i = 0; i < n; i++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      at[i] = (state >> 60) << 32 | (state >> 40 & 7);
    }
    amlrt__closing_sort(at, n);
    for (size_t i = 1; i < n; i++)
      ck_assert(at[i - 1] <= at[i]);
  }
}
END_TEST

Suite *make_plan_closing_suite(void)
{
  Suite *s = suite_create("plan_closing");
  TCase *c = tcase_create("closing-search");

  tcase_set_timeout(c, 0);
  tcase_add_loop_test(c, same_as_trigger_major, 0, 3 * SHAPES);
  tcase_add_loop_test(c, together, 0, 6 * SHAPES);
  tcase_add_test(c, memory_together);
  tcase_add_loop_test(c, finds_some, 0, SHAPES);
  tcase_add_loop_test(c, exact_counts, 0, 12);
  tcase_add_loop_test(c, empty_and_small, 0, SHAPES);
  tcase_add_loop_test(c, memory_fails, 0, SHAPES);
  tcase_add_test(c, memory_is_limited);
  tcase_add_loop_test(c, sorts, 0, 5);
  suite_add_tcase(s, c);
  return s;
}
