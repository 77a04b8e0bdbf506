// Plan hub-sweep against trigger-major: the same matches on random tables, for every constraint that is kept
// sliding, for any threads, slabs, limits on hubs and currencies; and accounts cut into blocks.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/src/plan_hub.h"
#include "tests/unit/support_plan.h"

Suite *make_plan_hub_suite(void);

#define NO AMLRT_NONE
enum { ROWS = 700, ACCOUNTS = 14, CREDIT = 0, DEBIT = 1 };

// ---- patterns ---------------------------------------------------------------------------------------------

static amlrt_cond is_ten(amlrt_worker *w, uint32_t row)
{
  static const amlrt_range r = {.has = AMLRT_HAS_A | AMLRT_HAS_B, .a = {5, 1}, .b = {20, 1}};
  const amlrt_cols *c = amlrt_w_cols(w);

  amlrt_cmp_begin(w, c->time[row]);
  amlrt_cmp_note_row(w, AMLRT_F_AMOUNT, row);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  return amlrt_cond_in(w, amlrt_num_field(w, AMLRT_F_AMOUNT, row), &r, NO, AMLRT_VALUE_NUMBER);
}

static amlrt_cond is_large(amlrt_worker *w, uint32_t row)
{
  amlrt_cmp_begin(w, amlrt_w_cols(w)->time[row]);
  amlrt_cmp_note_row(w, AMLRT_F_AMOUNT, row);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  return amlrt_cond_cmp(w, AMLRT_CMP_GE, amlrt_num_field(w, AMLRT_F_AMOUNT, row),
                        amlrt_num_const((amlrt_frac){33, 1}), AMLRT_VALUE_NUMBER);
}

static amlrt_cond in_order(amlrt_worker *w, uint32_t a, uint32_t b)
{
  const amlrt_cols *c = amlrt_w_cols(w);
  return amlrt_cond_truth(c->time[a] < c->time[b]);
}

static amlrt_cond soon_after(amlrt_worker *w, uint32_t a, uint32_t b)
{
  const amlrt_cols *c = amlrt_w_cols(w);
  return amlrt_cond_truth(c->time[a] < c->time[b] && c->time[b] <= c->time[a] + 4);
}

static const amlrt_range gap_range = {.has = AMLRT_HAS_C | AMLRT_HAS_D, .c = {4, 1}, .d = {9, 1}};

static amlrt_cond has_gap(amlrt_worker *w, uint32_t a, uint32_t b)
{
  return amlrt_cond_in(w, amlrt_num_gap(w, a, b), &gap_range, NO, AMLRT_VALUE_DURATION);
}

// sum / sum in a graded range.
static amlrt_cond ratio(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  static const amlrt_range r = {
      .has = AMLRT_HAS_A | AMLRT_HAS_B | AMLRT_HAS_C, .a = {1, 5}, .b = {4, 5}, .c = {2, 1}};

  amlrt_cmp_begin(w, amlrt_w_trigger_time(w));
  amlrt_cmp_note_stage(w, v, AMLRT_F_AMOUNT, DEBIT, role, account);
  amlrt_cmp_note_stage(w, v, AMLRT_F_AMOUNT, CREDIT, role, account);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  amlrt_num a = amlrt_num_agg(w, v, AMLRT_A_SUM, AMLRT_F_AMOUNT, DEBIT, role, account);
  amlrt_num b = amlrt_num_agg(w, v, AMLRT_A_SUM, AMLRT_F_AMOUNT, CREDIT, role, account);
  return amlrt_cond_in(w, amlrt_num_div(a, b), &r, NO, AMLRT_VALUE_NUMBER);
}

static amlrt_cond at_least(amlrt_worker *w, amlrt_num v, int64_t n)
{
  return amlrt_cond_cmp(w, AMLRT_CMP_GE, v, amlrt_num_const((amlrt_frac){n, 1}),
                        AMLRT_VALUE_NUMBER);
}

static amlrt_cond spread(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  amlrt_cmp_begin(w, amlrt_w_trigger_time(w));
  amlrt_cmp_note_stage(w, v, AMLRT_F_AMOUNT, CREDIT, role, account);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  amlrt_num a = amlrt_num_agg(w, v, AMLRT_A_MAX, AMLRT_F_AMOUNT, CREDIT, role, account);
  amlrt_num b = amlrt_num_agg(w, v, AMLRT_A_MIN, AMLRT_F_AMOUNT, CREDIT, role, account);
  amlrt_num m = amlrt_num_agg(w, v, AMLRT_A_MEAN, AMLRT_F_AMOUNT, CREDIT, role, account);
  return amlrt_cond_cmp(w, AMLRT_CMP_GT, amlrt_num_sub(a, b), m, AMLRT_VALUE_NUMBER);
}

static amlrt_cond different(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  amlrt_num a = amlrt_num_agg(w, v, AMLRT_A_DISTINCT, AMLRT_F_CURRENCY, CREDIT, role, account);
  amlrt_num b = amlrt_num_agg(w, v, AMLRT_A_DISTINCT, AMLRT_F_TO, DEBIT, role, account);
  amlrt_num c = amlrt_num_members(w, v, 1);
  return at_least(w, amlrt_num_add(amlrt_num_add(a, b), c), 5);
}

static amlrt_cond times(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  amlrt_num first = amlrt_num_first(w, v, CREDIT, role, account);
  amlrt_num last = amlrt_num_last(w, v, DEBIT, role, account);
  amlrt_num n = amlrt_num_count(w, v, CREDIT, role, account);
  amlrt_num more = amlrt_num_sub(amlrt_num_span(w, v), amlrt_num_sub(last, first));
  return amlrt_cond_and(at_least(w, amlrt_num_sub(last, first), 3),
                        at_least(w, amlrt_num_add(more, n), 3));
}

static amlrt_value n_credits(amlrt_worker *w, amlrt_eval *v)
{
  return amlrt_show(w, amlrt_num_count(w, v, CREDIT, NO, NO), AMLRT_VALUE_NUMBER);
}

static amlrt_value n_payers(amlrt_worker *w, amlrt_eval *v)
{
  return amlrt_show(w, amlrt_num_members(w, v, 1), AMLRT_VALUE_NUMBER);
}

// Of one member nothing, of an even number no whole number.
static amlrt_value part_of_payers(amlrt_worker *w, amlrt_eval *v)
{
  const amlrt_num one = amlrt_num_const((amlrt_frac){1, 1});
  amlrt_num less = amlrt_num_sub(amlrt_num_members(w, v, 1), one);
  return amlrt_show(w, amlrt_num_div(one, less), AMLRT_VALUE_NUMBER);
}

static const amlrt_role_info role[] = {
    {"hub", AMLRT_ROLE_ONE}, {"payer", AMLRT_ROLE_GROUP}, {"payee", AMLRT_ROLE_GROUP}};
static const amlrt_stage_info shown[] = {{"credit"}, {"debit"}};
static const amlrt_constraint_info text[8];
static const amlrt_feature_info feature = {"n", AMLRT_FEATURE_SUM, 0, 0};
static const amlrt_show_fn show = n_credits, show_payers = n_payers, show_part = part_of_payers;
static const uint32_t order[] = {1, 2};
static const amlrt_pplan plans[] = {{.kind = AMLRT_PLAN_TRIGGER,
                                     .key = {NO, NO},
                                     .group = NO,
                                     .stage = {NO, NO},
                                     .lo = INT64_MIN,
                                     .hi = INT64_MAX},
                                    {.kind = AMLRT_PLAN_HUB,
                                     .exact = true,
                                     .key = {0, NO},
                                     .group = NO,
                                     .stage = {NO, NO},
                                     .lo = INT64_MIN,
                                     .hi = INT64_MAX}};

// A pattern to change: payer[..] -> hub, hub -> payee[..].
typedef struct pattern {
  amlrt_program p;
  amlrt_pattern_info info;
  amlrt_prole roles[3];
  amlrt_pstage stage[2];
  amlrt_ppair pair;
  amlrt_ppair_cond cond;
  amlrt_pcon con[8];
  amlrt_pplan plan[2];
} pattern;

typedef enum {
  SIZES,
  OPTIONAL,
  FILTERS,
  BEFORE,
  TIES,
  GAP,
  ONE_ASKED,
  RATIO,
  SPREAD,
  DIFFERENT,
  TIMES,
  ORDER,
  SILENT,
  NOT_SINCE,
  WITHIN,
  ONE_SIDE,
  TRIGGER_STAGE,
  ANYONE,
  PRUNING,
  WEEDED,
  COUNTED,
  COUNTED_GRADED,
  COUNTED_FILTER,
  COUNTED_OUT,
  SHAPES
} shape;

static void add(pattern *x, amlrt_pcon c)
{
  x->con[x->info.n_constraints++] = c;
}

static void require(pattern *x, amlrt_agg_fn fn)
{
  add(x, (amlrt_pcon){.kind = AMLRT_CON_REQUIRE, .agg = fn});
}

static void set_pair(pattern *x, amlrt_pair_fn fn, int64_t lo, int64_t hi)
{
  x->cond = (amlrt_ppair_cond){.fn = fn, .constraint = x->info.n_constraints};
  x->pair = (amlrt_ppair){.role = 0,
                          .stage = {CREDIT, DEBIT},
                          .asked = {true, true},
                          .lo = lo,
                          .hi = hi,
                          .by_time = true,
                          .conds = &x->cond,
                          .n_conds = 1};
  x->p.pairs = &x->pair;
  x->p.n_pairs = 1;
  add(x, (amlrt_pcon){.kind = AMLRT_CON_PAIR, .pair = 0, .cond = 0});
}

static amlrt_cond not_later(amlrt_worker *w, uint32_t a, uint32_t b)
{
  const amlrt_cols *c = amlrt_w_cols(w);
  return amlrt_cond_truth(c->time[a] <= c->time[b]);
}

static void absent(pattern *x, uint32_t from, uint32_t to, int64_t for_s)
{
  add(x, (amlrt_pcon){.kind = AMLRT_CON_ABSENT,
                      .from = from,
                      .to = to,
                      .anchor = for_s < 0 ? NO : CREDIT,
                      .for_s = for_s < 0 ? 0 : for_s});
}

static const uint32_t equal_payer[][2] = {{0, 1}};

// One group, and nothing asked but how many it has.
static void set_counted(pattern *x, shape s)
{
  x->p.n_stages = x->info.n_stages = 1;
  x->info.n_roles = 2;
  x->p.n_groups = 1;
  x->info.n_constraints = 0;
  add(x, (amlrt_pcon){.kind = AMLRT_CON_SIZE, .role = 1});
  x->p.features = s == COUNTED_GRADED ? &show_part : &show_payers;
  x->plan[1].group = 1;
  if (s == COUNTED) x->roles[1].size = (amlrt_range){.has = AMLRT_HAS_B, .b = {2, 1}};
  if (s == COUNTED_GRADED)
    x->roles[1].size = (amlrt_range){
        .has = AMLRT_HAS_A | AMLRT_HAS_B | AMLRT_HAS_C, .a = {1, 1}, .b = {4, 1}, .c = {6, 1}};
  if (s == COUNTED_FILTER) x->stage[CREDIT].filter = is_large;
  if (s != COUNTED_OUT) return;
  x->stage[CREDIT].from = 0;
  x->stage[CREDIT].to = 1;
  x->stage[CREDIT].ends_may_equal = true;
  x->p.may_equal = equal_payer;
  x->p.n_may_equal = 1;
}

// Payers who were paid before; left to the evaluator.
static void set_weeded(pattern *x)
{
  x->stage[DEBIT].from = NO;
  x->stage[DEBIT].to = 1;
  x->roles[1].size = (amlrt_range){.has = AMLRT_HAS_B, .b = {3, 1}};
  x->info.n_roles = 2;
  x->p.n_groups = 1;
  x->info.n_constraints = 0;
  add(x, (amlrt_pcon){.kind = AMLRT_CON_SIZE, .role = 1});
  set_pair(x, in_order, 1, 4);
  x->cond.fn = soon_after;
  x->pair.role = 1;
  x->pair.stage[0] = DEBIT;
  x->pair.stage[1] = CREDIT;
  x->p.trigger = CREDIT;
  x->plan[1].exact = false;
}

static void add_shape(pattern *x, shape s)
{
  switch (s) {
  case SIZES:
    x->roles[1].size = (amlrt_range){.has = AMLRT_HAS_A | AMLRT_HAS_B, .a = {1, 1}, .b = {4, 1}};
    x->roles[2].size = (amlrt_range){
        .has = AMLRT_HAS_B | AMLRT_HAS_C | AMLRT_HAS_D, .b = {2, 1}, .c = {3, 1}, .d = {7, 1}};
    break;
  case OPTIONAL:
    x->roles[2].size = (amlrt_range){.has = AMLRT_HAS_C, .c = {2, 1}};
    x->roles[2].may_be_empty = x->stage[DEBIT].may_be_empty = true;
    break;
  case FILTERS:
    x->stage[CREDIT].filter = is_ten;
    add(x, (amlrt_pcon){.kind = AMLRT_CON_FILTER, .stage = CREDIT});
    break;
  case BEFORE:
    set_pair(x, in_order, 1, INT64_MAX);
    break;
  case TIES:
    set_pair(x, not_later, 0, INT64_MAX);
    break;
  case GAP:
    set_pair(x, has_gap, 1, 8);
    x->cond.has_gap = x->cond.gap_forward = true;
    x->cond.gap = gap_range;
    break;
  case ONE_ASKED:
    set_pair(x, in_order, 1, INT64_MAX);
    x->roles[2].size = (amlrt_range){.has = AMLRT_HAS_C, .c = {2, 1}};
    x->roles[2].may_be_empty = x->stage[DEBIT].may_be_empty = true;
    x->pair.asked[0] = false;
    break;
  case RATIO:
    require(x, ratio);
    require(x, times);
    break;
  case SPREAD:
    require(x, spread);
    break;
  case DIFFERENT:
    add(x, (amlrt_pcon){.kind = AMLRT_CON_EACH, .role = 0, .agg = different});
    break;
  case TIMES:
    set_pair(x, in_order, 1, INT64_MAX);
    require(x, times);
    break;
  case ORDER:
    add(x, (amlrt_pcon){.kind = AMLRT_CON_OVERLAP,
                        .stage = CREDIT,
                        .other = DEBIT,
                        .range = {.has = AMLRT_HAS_C | AMLRT_HAS_D, .c = {1, 5}, .d = {4, 5}}});
    break;
  case SILENT:
    absent(x, 0, NO, 25);
    absent(x, NO, 0, 0);
    break;
  case NOT_SINCE:
    absent(x, 0, NO, -1);
    x->con[x->info.n_constraints - 1].filter = is_large;
    break;
  case WITHIN:
    x->stage[CREDIT].within = 5;
    require(x, ratio);
    break;
  case ONE_SIDE: // two stages that a transfer may be in both of
    x->stage[DEBIT].from = 2;
    x->stage[DEBIT].to = 0;
    x->stage[DEBIT].filter = is_ten;
    break;
  case TRIGGER_STAGE:
    x->p.trigger = CREDIT;
    x->stage[DEBIT].ends_may_equal = true;
    break;
  case ANYONE:
    x->stage[DEBIT].to = NO;
    x->stage[DEBIT].required = true;
    x->info.n_roles = 2;
    x->p.n_groups = 1;
    add(x, (amlrt_pcon){.kind = AMLRT_CON_SIZE, .role = 1});
    x->con[0] = x->con[--x->info.n_constraints];
    x->con[1] = x->con[0];
    break;
  case PRUNING:
    set_pair(x, in_order, 1, INT64_MAX);
    x->pair.by_time = false;
    x->plan[1].exact = false;
    break;
  case WEEDED:
    set_weeded(x);
    break;
  case COUNTED:
  case COUNTED_GRADED:
  case COUNTED_FILTER:
  case COUNTED_OUT:
    set_counted(x, s);
    break;
  case SHAPES:
    break;
  }
}

static const uint32_t equal[][2] = {{0, 2}};

static void make_pattern(pattern *x, shape s)
{
  static const amlrt_range some = {.has = AMLRT_HAS_B, .b = {1, 1}};

  memset(x, 0, sizeof *x);
  x->info = (amlrt_pattern_info){.name = "t",
                                 .id = "",
                                 .version = "1.0.0",
                                 .n_roles = 3,
                                 .n_stages = 2,
                                 .n_features = 1,
                                 .roles = role,
                                 .stages = shown,
                                 .constraints = text,
                                 .features = &feature,
                                 .within = 12};
  x->roles[0] = (amlrt_prole){.kind = AMLRT_ROLE_ONE, .set = NO};
  x->roles[1] = x->roles[2] = (amlrt_prole){.kind = AMLRT_ROLE_GROUP, .set = NO, .size = some};
  for (uint32_t i = 0; i < 2; i++)
    x->stage[i] = (amlrt_pstage){.from = i == CREDIT ? 1 : 0,
                                 .to = i == CREDIT ? 0 : 2,
                                 .chain = NO,
                                 .owner = NO,
                                 .shown = i,
                                 .can_trigger = true,
                                 .support = {1, 1}};
  memcpy(x->plan, plans, sizeof plans);
  x->p = (amlrt_program){.info = &x->info,
                         .roles = x->roles,
                         .stages = x->stage,
                         .n_stages = 2,
                         .cons = x->con,
                         .start_order = order,
                         .n_groups = 2,
                         .within = 12,
                         .span_s = 12,
                         .breakable = true,
                         .trigger = NO,
                         .features = &show,
                         .plans = x->plan,
                         .n_plans = 2};
  for (uint32_t g = 1; g < 3; g++)
    add(x, (amlrt_pcon){.kind = AMLRT_CON_SIZE, .role = g});
  add_shape(x, s);
  if (s == TRIGGER_STAGE) {
    x->p.may_equal = equal;
    x->p.n_may_equal = 1;
  }
}

// ---- the same matches -------------------------------------------------------------------------------------

START_TEST(same_as_trigger_major)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  uint64_t seed = 1 + (uint64_t)_i / SHAPES;
  amlrt_table *t = plan_table(seed * 77, ROWS, ACCOUNTS, 1 + (int)(seed % 4));
  pattern x;

  make_pattern(&x, (shape)(_i % SHAPES));
  plan_draw_case(&x.p, &o, seed);
  plan_same(&x.p, t, &o, "hub-sweep", HAND_DONE_OR_CUT, NULL, 0);
  amlrt_table_free(t);
}
END_TEST

// Episodes: the run itself asks the evaluator whether degree and match are right.
START_TEST(episodes)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  uint64_t seed = 1 + (uint64_t)_i / SHAPES;
  amlrt_table *t = plan_table(seed * 31, ROWS, ACCOUNTS, 1 + (int)(seed % 4));
  pattern x;

  make_pattern(&x, (shape)(_i % SHAPES));
  plan_draw_case(&x.p, &o, seed);
  plan_same_episodes(&x.p, &x.plan[1], t, &o, "hub-sweep");
  amlrt_table_free(t);
}
END_TEST

// Patterns that hang on one number, of several sizes; the table has an account with blocks of its own, too.
START_TEST(together)
{
  static const shape shapes[] = {COUNTED, COUNTED_GRADED, COUNTED_OUT, COUNTED_FILTER};
  static const int64_t least[] = {3, 2, 5};
  shape s = shapes[_i % 4];
  amlrt_table *t = _i < 4 ? plan_table(5, 160000, 2, 3)
                          : plan_table((uint64_t)_i * 31, ROWS, ACCOUNTS, 1 + _i % 3);
  pattern x[4];
  const amlrt_program *p[4];

  for (int k = 0; k < 4; k++) {
    make_pattern(&x[k], s);
    if (k < 3) x[k].roles[1].size = (amlrt_range){.has = AMLRT_HAS_B, .b = {least[k], 1}};
    if (_i / 4 % 3 == 1) x[k].p.hubs = 6;
    if (_i / 4 % 3 == 2 && k != 1) x[k].p.hubs = 7;
    if (_i % 5 == 4) x[k].p.currency = AMLRT_CURRENCY_SAME;
    x[k].stage[CREDIT].same_rows = 1;
    p[k] = &x[k].p;
  }
  plan_same_together(p, 4, t, "hub-sweep");
  amlrt_table_free(t);
}
END_TEST

START_TEST(memory_together)
{
  amlrt_table *t = plan_table(31, 200, 20, 2);
  pattern x[2];
  const amlrt_program *p[] = {&x[0].p, &x[1].p};

  for (int k = 0; k < 2; k++) {
    make_pattern(&x[k], COUNTED);
    x[k].p.hubs = 9;
    x[k].stage[CREDIT].same_rows = 1;
  }
  plan_memory_fails_together(p, 2, t, "hub-sweep");
  amlrt_table_free(t);
}
END_TEST

START_TEST(finds_some)
{
  amlrt_table *t = plan_table(77, ROWS, ACCOUNTS, 2);
  pattern x;

  make_pattern(&x, (shape)_i);
  plan_finds_some(&x.p, t, "hub-sweep");
  amlrt_table_free(t);
}
END_TEST

// An account with so many transfers that its triggers are several units.
START_TEST(blocks)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_table *t = plan_table(5, 160000, 2, 3);
  amlrt_graph *g = hand_graph(t);
  pattern x;

  make_pattern(&x, (shape)_i);
  o.light = true;
  o.n_threads = 1;
  o.plan = "trigger-major";
  uint64_t want = plan_sum(&x.p, g, &o);
  o.plan = "hub-sweep";
  ck_assert_uint_eq(plan_sum(&x.p, g, &o), want);
  o.n_threads = 4;
  ck_assert_uint_eq(plan_sum(&x.p, g, &o), want);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

// The same where all of them lie in one window: each thread has a block nevertheless.
START_TEST(blocks_of_a_window)
{
  static const shape shapes[] = {SIZES, RATIO, BEFORE, ORDER, SILENT, COUNTED};
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_table *t = plan_table(6, 300000, 2, 3);
  amlrt_graph *g = hand_graph(t);
  pattern x;

  make_pattern(&x, shapes[_i]);
  x.info.within = x.p.within = x.p.span_s = 1 << 20;
  o.light = true;
  o.plan = "hub-sweep";
  o.n_threads = 1;
  uint64_t want = plan_sum(&x.p, g, &o);
  for (o.n_threads = 2; o.n_threads < 5; o.n_threads++)
    ck_assert_uint_eq(plan_sum(&x.p, g, &o), want);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

// Of a graph that is filled when it is needed, a run for counts fills what it looks at.
START_TEST(one_side_is_filled)
{
  static const shape shapes[] = {COUNTED, COUNTED_OUT};
  const amlrt_graph_opts later = {.threads = 1, .later = true};
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_table *t = plan_table(9, ROWS, ACCOUNTS, 2);
  amlrt_graph *whole = hand_graph(t), *g;
  pattern x;

  make_pattern(&x, shapes[_i]);
  o.light = true;
  uint64_t want = plan_sum(&x.p, whole, &o);
  ck_assert_int_eq(amlrt_graph_build(&g, t, &later, NULL), AMLRT_OK);
  ck_assert_uint_eq(plan_sum(&x.p, g, &o), want);
  ck_assert_ptr_nonnull(_i == 0 ? amlrt_graph_in(g)->row : amlrt_graph_out(g)->row);
  ck_assert_ptr_null(_i == 0 ? amlrt_graph_out(g)->row : amlrt_graph_in(g)->row);
  o.light = false; // the evaluator needs both
  ck_assert_uint_ge(plan_sum(&x.p, g, &o), 1);
  amlrt_graph_free(g);
  amlrt_graph_free(whole);
  amlrt_table_free(t);
}
END_TEST

// ---- corners ------------------------------------------------------------------------------------------------

START_TEST(empty_and_small)
{
  pattern x;

  make_pattern(&x, (shape)_i);
  plan_small_tables(&x.p, "hub-sweep");
}
END_TEST

START_TEST(memory_fails)
{
  amlrt_table *t = plan_table(4, 150, 6, 2);
  pattern x;

  make_pattern(&x, (shape)_i);
  x.p.hubs = 6;
  x.p.currency = _i % 2 ? AMLRT_CURRENCY_SAME : AMLRT_CURRENCY_CHECKED;
  plan_memory_fails(&x.p, t, "hub-sweep", true, 0);
  amlrt_table_free(t);
}
END_TEST

Suite *make_plan_hub_suite(void)
{
  Suite *s = suite_create("plan_hub");
  TCase *tc = tcase_create("all");

  tcase_set_timeout(tc, 0);
  tcase_add_loop_test(tc, same_as_trigger_major, 0, 3 * SHAPES);
  tcase_add_loop_test(tc, episodes, 0, 12 * SHAPES);
  tcase_add_loop_test(tc, together, 0, 48);
  tcase_add_test(tc, memory_together);
  tcase_add_loop_test(tc, finds_some, 0, SHAPES);
  tcase_add_loop_test(tc, blocks, 0, SHAPES);
  tcase_add_loop_test(tc, blocks_of_a_window, 0, 6);
  tcase_add_loop_test(tc, one_side_is_filled, 0, 2);
  tcase_add_loop_test(tc, empty_and_small, 0, SHAPES);
  tcase_add_loop_test(tc, memory_fails, 0, SHAPES);
  suite_add_tcase(s, tc);
  return s;
}
