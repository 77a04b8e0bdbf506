// Plan key-major against trigger-major: the same matches on random tables, for either direction of the two
// stages, orders and gaps, what is left to the evaluator, any threads, slabs, limits on hubs and currencies.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/src/plan_pair.h"
#include "tests/unit/support_plan.h"

Suite *make_plan_pair_suite(void);

#define NO AMLRT_NONE
enum {
  ROWS = 600,
  ACCOUNTS = 13,
  SOURCE = 0,
  MID = 1,
  SINK = 2,
  SCATTER = 0,
  GATHER = 1,
  BACK = 2
};

// ---- patterns ---------------------------------------------------------------------------------------------

static amlrt_cond is_small(amlrt_worker *w, uint32_t row)
{
  amlrt_cmp_begin(w, amlrt_w_cols(w)->time[row]);
  amlrt_cmp_note_row(w, AMLRT_F_AMOUNT, row);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  return amlrt_cond_cmp(w, AMLRT_CMP_LT, amlrt_num_field(w, AMLRT_F_AMOUNT, row),
                        amlrt_num_const((amlrt_frac){30, 1}), AMLRT_VALUE_NUMBER);
}

static amlrt_cond in_order(amlrt_worker *w, uint32_t a, uint32_t b)
{
  const amlrt_cols *c = amlrt_w_cols(w);
  return amlrt_cond_truth(c->time[a] < c->time[b]);
}

static amlrt_cond not_later(amlrt_worker *w, uint32_t a, uint32_t b)
{
  const amlrt_cols *c = amlrt_w_cols(w);
  return amlrt_cond_truth(c->time[a] <= c->time[b]);
}

static amlrt_cond backward(amlrt_worker *w, uint32_t a, uint32_t b)
{
  return in_order(w, b, a);
}

static const amlrt_range hard_gap = {.has = AMLRT_HAS_B | AMLRT_HAS_C, .b = {2, 1}, .c = {6, 1}};
static const amlrt_range graded_gap = {.has = AMLRT_HAS_C | AMLRT_HAS_D, .c = {4, 1}, .d = {9, 1}};

static amlrt_cond has_hard_gap(amlrt_worker *w, uint32_t a, uint32_t b)
{
  return amlrt_cond_in(w, amlrt_num_gap(w, a, b), &hard_gap, NO, AMLRT_VALUE_DURATION);
}

static amlrt_cond has_graded_gap(amlrt_worker *w, uint32_t a, uint32_t b)
{
  return amlrt_cond_in(w, amlrt_num_gap(w, a, b), &graded_gap, NO, AMLRT_VALUE_DURATION);
}

// What a middle passes on, of what it got.
static amlrt_cond kept(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  static const amlrt_range r = {
      .has = AMLRT_HAS_A | AMLRT_HAS_B | AMLRT_HAS_C, .a = {1, 5}, .b = {4, 5}, .c = {2, 1}};

  amlrt_cmp_begin(w, amlrt_w_trigger_time(w));
  amlrt_cmp_note_stage(w, v, AMLRT_F_AMOUNT, GATHER, role, account);
  amlrt_cmp_note_stage(w, v, AMLRT_F_AMOUNT, SCATTER, role, account);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  amlrt_num a = amlrt_num_agg(w, v, AMLRT_A_SUM, AMLRT_F_AMOUNT, GATHER, role, account);
  amlrt_num b = amlrt_num_agg(w, v, AMLRT_A_SUM, AMLRT_F_AMOUNT, SCATTER, role, account);
  return amlrt_cond_in(w, amlrt_num_div(a, b), &r, NO, AMLRT_VALUE_NUMBER);
}

// Small, or less so.
static amlrt_cond is_rather_small(amlrt_worker *w, uint32_t row)
{
  static const amlrt_range r = {.has = AMLRT_HAS_C | AMLRT_HAS_D, .c = {20, 1}, .d = {38, 1}};

  amlrt_cmp_begin(w, amlrt_w_cols(w)->time[row]);
  amlrt_cmp_note_row(w, AMLRT_F_AMOUNT, row);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  return amlrt_cond_in(w, amlrt_num_field(w, AMLRT_F_AMOUNT, row), &r, NO, AMLRT_VALUE_NUMBER);
}

// As many payments in a middle as the match has middles, at most: hangs on the others.
static amlrt_cond is_quiet(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  amlrt_cmp_begin(w, amlrt_w_trigger_time(w));
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  return amlrt_cond_cmp(w, AMLRT_CMP_LE, amlrt_num_count(w, v, SCATTER, role, account),
                        amlrt_num_members(w, v, MID), AMLRT_VALUE_NUMBER);
}

// Of a middle: not long, and not much.
static amlrt_cond is_brief(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  static const amlrt_range r = {.has = AMLRT_HAS_C | AMLRT_HAS_D, .c = {3, 1}, .d = {9, 1}};
  amlrt_num last = amlrt_num_last(w, v, GATHER, role, account);
  amlrt_num first = amlrt_num_first(w, v, SCATTER, role, account);

  amlrt_cmp_begin(w, amlrt_w_trigger_time(w));
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  return amlrt_cond_in(w, amlrt_num_sub(last, first), &r, NO, AMLRT_VALUE_DURATION);
}

static amlrt_cond is_short(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  (void)role;
  (void)account;
  amlrt_cmp_begin(w, amlrt_w_trigger_time(w));
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  return amlrt_cond_cmp(w, AMLRT_CMP_LT, amlrt_num_span(w, v), amlrt_num_const((amlrt_frac){8, 1}),
                        AMLRT_VALUE_DURATION);
}

static amlrt_value n_mids(amlrt_worker *w, amlrt_eval *v)
{
  return amlrt_show(w, amlrt_num_members(w, v, MID), AMLRT_VALUE_NUMBER);
}

static const amlrt_role_info role[] = {
    {"source", AMLRT_ROLE_ONE}, {"mid", AMLRT_ROLE_GROUP}, {"sink", AMLRT_ROLE_ONE}};
static const amlrt_stage_info shown[] = {{"scatter"}, {"gather"}, {"back"}};
static const amlrt_constraint_info text[8];
static const amlrt_feature_info feature = {"n", AMLRT_FEATURE_SUM, 0, 0};
static const amlrt_show_fn show = n_mids;
static const uint32_t order[] = {MID};
static const uint32_t keys_equal[][2] = {{SOURCE, SINK}}, mid_is_key[][2] = {{SOURCE, MID}};

// A pattern to change: source -> mid[2..], mid -> sink.
typedef struct pattern {
  amlrt_program p;
  amlrt_pattern_info info;
  amlrt_prole roles[3];
  amlrt_pstage stage[3];
  amlrt_ppair pair;
  amlrt_ppair_cond cond;
  amlrt_pcon con[8];
  amlrt_pplan plan[2];
} pattern;

typedef enum {
  PLAIN,
  SINGLE,
  GRADED,
  FILTER,
  BEFORE,
  TIES,
  REVERSED,
  HARD_GAP,
  COMMON_PAYERS,
  COMMON_PAYEES,
  TRIGGER_STAGE,
  GRADED_GAP,
  RATIO,
  RATIO_AND_ORDER,
  RATIO_AND_GAP,
  RATIO_AND_FILTER,
  RATIO_OF_MATCH,
  RATIO_AND_MORE,
  COUNTED,
  WITHIN,
  KEYS_EQUAL,
  MID_IS_KEY,
  PAYS_BACK,
  PRUNING,
  SHAPES
} shape;

static void add(pattern *x, amlrt_pcon c)
{
  x->con[x->info.n_constraints++] = c;
}

static void set_pair(pattern *x, amlrt_pair_fn fn, int64_t lo, int64_t hi)
{
  x->cond = (amlrt_ppair_cond){.fn = fn, .constraint = x->info.n_constraints};
  x->pair = (amlrt_ppair){.role = MID,
                          .stage = {SCATTER, GATHER},
                          .asked = {true, true},
                          .lo = lo,
                          .hi = hi,
                          .by_time = true,
                          .conds = &x->cond,
                          .n_conds = 1};
  x->p.pairs = &x->pair;
  x->p.n_pairs = 1;
  add(x, (amlrt_pcon){.kind = AMLRT_CON_PAIR, .pair = 0, .cond = 0});
  x->plan[1].lo = lo;
  x->plan[1].hi = hi;
}

static void set_gap(pattern *x, amlrt_pair_fn fn, const amlrt_range *gap, int64_t lo, int64_t hi)
{
  set_pair(x, fn, lo, hi);
  x->cond.has_gap = x->cond.gap_forward = true;
  x->cond.gap = *gap;
}

static void set_ratio(pattern *x)
{
  add(x, (amlrt_pcon){.kind = AMLRT_CON_EACH, .role = MID, .agg = kept});
  x->plan[1].exact = false;
}

// What the evaluator must decide, or what it decides again.
static void add_evaluated(pattern *x, shape s)
{
  x->plan[1].exact = false;
  if (s == GRADED_GAP) set_gap(x, has_graded_gap, &graded_gap, 1, 8);
  if (s == RATIO || s == RATIO_AND_ORDER) set_ratio(x);
  if (s == RATIO_AND_GAP) set_gap(x, has_graded_gap, &graded_gap, 1, 8);
  if (s >= RATIO_AND_GAP && s <= RATIO_AND_MORE) set_ratio(x);
  if (s == RATIO_AND_FILTER) x->stage[GATHER].filter = is_rather_small;
  if (s == RATIO_AND_FILTER) add(x, (amlrt_pcon){.kind = AMLRT_CON_FILTER, .stage = GATHER});
  if (s == RATIO_OF_MATCH) add(x, (amlrt_pcon){.kind = AMLRT_CON_REQUIRE, .agg = is_short});
  if (s == RATIO_AND_MORE)
    add(x, (amlrt_pcon){.kind = AMLRT_CON_EACH, .role = MID, .agg = is_brief});
  if (s == COUNTED) add(x, (amlrt_pcon){.kind = AMLRT_CON_EACH, .role = MID, .agg = is_quiet});
  if (s == RATIO_AND_ORDER || s == PRUNING) set_pair(x, in_order, 1, INT64_MAX);
  if (s == WITHIN) x->stage[SCATTER].within = 5;
  if (s == KEYS_EQUAL || s == MID_IS_KEY) {
    x->p.may_equal = s == KEYS_EQUAL ? keys_equal : mid_is_key;
    x->p.n_may_equal = 1;
    x->stage[SCATTER].ends_may_equal = s == MID_IS_KEY;
  }
  if (s != PAYS_BACK) return;
  x->stage[BACK] = x->stage[GATHER];
  x->stage[BACK].from = SINK;
  x->stage[BACK].to = SOURCE;
  x->stage[BACK].shown = BACK;
  x->stage[BACK].required = true;
  x->stage[BACK].can_trigger = false;
  x->p.trigger = GATHER;
  x->p.n_stages = x->info.n_stages = 3;
}

static void add_shape(pattern *x, shape s)
{
  switch (s) {
  case PLAIN:
    break;
  case SINGLE:
    x->roles[MID].size = (amlrt_range){.has = AMLRT_HAS_B, .b = {1, 1}};
    break;
  case GRADED: // of one: nothing; too many: less and less
    x->roles[MID].size = (amlrt_range){.has = AMLRT_HAS_A | AMLRT_HAS_B | AMLRT_HAS_C | AMLRT_HAS_D,
                                       .a = {1, 1},
                                       .b = {3, 1},
                                       .c = {4, 1},
                                       .d = {7, 1}};
    break;
  case FILTER:
    x->stage[GATHER].filter = is_small;
    add(x, (amlrt_pcon){.kind = AMLRT_CON_FILTER, .stage = GATHER});
    break;
  case BEFORE:
    set_pair(x, in_order, 1, INT64_MAX);
    break;
  case TIES:
    set_pair(x, not_later, 0, INT64_MAX);
    break;
  case REVERSED:
    set_pair(x, backward, -INT64_MAX, -1);
    break;
  case HARD_GAP:
    set_gap(x, has_hard_gap, &hard_gap, 2, 6);
    break;
  case COMMON_PAYERS:
    x->stage[SCATTER].from = MID;
    x->stage[SCATTER].to = SOURCE;
    break;
  case COMMON_PAYEES:
    x->stage[GATHER].from = SINK;
    x->stage[GATHER].to = MID;
    break;
  case TRIGGER_STAGE:
    x->p.trigger = SCATTER;
    break;
  case GRADED_GAP:
  case RATIO:
  case RATIO_AND_ORDER:
  case RATIO_AND_GAP:
  case RATIO_AND_FILTER:
  case RATIO_OF_MATCH:
  case RATIO_AND_MORE:
  case COUNTED:
  case WITHIN:
  case KEYS_EQUAL:
  case MID_IS_KEY:
  case PAYS_BACK:
  case PRUNING:
    add_evaluated(x, s);
    break;
  case SHAPES:
    break;
  }
}

static void make_pattern(pattern *x, shape s)
{
  static const amlrt_pplan trigger = {.kind = AMLRT_PLAN_TRIGGER,
                                      .key = {NO, NO},
                                      .group = NO,
                                      .stage = {NO, NO},
                                      .lo = INT64_MIN,
                                      .hi = INT64_MAX};

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
  x->roles[SOURCE] = x->roles[SINK] = (amlrt_prole){.kind = AMLRT_ROLE_ONE, .set = NO};
  x->roles[MID] =
      (amlrt_prole){.kind = AMLRT_ROLE_GROUP, .set = NO, .size = {.has = AMLRT_HAS_B, .b = {2, 1}}};
  for (uint32_t i = 0; i < 2; i++)
    x->stage[i] = (amlrt_pstage){.from = i == SCATTER ? SOURCE : MID,
                                 .to = i == SCATTER ? MID : SINK,
                                 .chain = NO,
                                 .owner = NO,
                                 .shown = i,
                                 .can_trigger = true,
                                 .support = {1, 1}};
  x->plan[0] = x->plan[1] = trigger;
  x->plan[1].kind = AMLRT_PLAN_PAIR;
  x->plan[1].exact = true;
  x->plan[1].key[0] = SOURCE;
  x->plan[1].key[1] = SINK;
  x->plan[1].group = MID;
  x->plan[1].stage[0] = SCATTER;
  x->plan[1].stage[1] = GATHER;
  x->p = (amlrt_program){.info = &x->info,
                         .roles = x->roles,
                         .stages = x->stage,
                         .n_stages = 2,
                         .cons = x->con,
                         .start_order = order,
                         .n_groups = 1,
                         .within = 12,
                         .span_s = 12,
                         .breakable = true,
                         .trigger = NO,
                         .features = &show,
                         .plans = x->plan,
                         .n_plans = 2};
  add(x, (amlrt_pcon){.kind = AMLRT_CON_SIZE, .role = MID});
  add_shape(x, s);
}

// ---- the same matches -------------------------------------------------------------------------------------

START_TEST(same_as_trigger_major)
{
  static const uint64_t off[] = {0, 1u << AMLRT_TRICK_PAIR_JUDGE};
  amlrt_run_opts o = amlrt_run_opts_default();
  uint64_t seed = 1 + (uint64_t)_i / SHAPES;
  amlrt_table *t = plan_table(seed * 77, ROWS, ACCOUNTS, 1 + (int)(seed % 4));
  pattern x;

  make_pattern(&x, (shape)(_i % SHAPES));
  plan_draw_case(&x.p, &o, seed);
  plan_same(&x.p, t, &o, "key-major", HAND_DONE_OR_CUT, off, 2);
  amlrt_table_free(t);
}
END_TEST

// Episodes: what is told of links is what the evaluator finds.
START_TEST(episodes)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  uint64_t seed = 1 + (uint64_t)_i / SHAPES;
  amlrt_table *t = plan_table(seed * 31, ROWS, ACCOUNTS, 1 + (int)(seed % 4));
  pattern x;

  make_pattern(&x, (shape)(_i % SHAPES));
  plan_draw_case(&x.p, &o, seed);
  plan_same_episodes(&x.p, &x.plan[1], t, &o, "key-major");
  amlrt_table_free(t);
}
END_TEST

// As pass share numbers them.
static void number_rows(pattern *x)
{
  for (uint32_t i = 0; i < x->p.n_stages; i++) {
    amlrt_pstage *s = &x->stage[i];
    s->same_rows = 1 + (s->filter ? 2u : 0) + (s->ends_may_equal ? 4u : 0) + (s->within ? 8u : 0) +
                   16 * (uint32_t)x->p.currency;
  }
}

// Three patterns: one of each shape beside two others.
START_TEST(together)
{
  uint64_t seed = 1 + (uint64_t)_i / SHAPES;
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_table *t = plan_table(seed * 31, ROWS, ACCOUNTS, 1 + (int)(seed % 4));
  const shape shapes[] = {(shape)(_i % SHAPES), (shape)((_i * 5 + 3) % SHAPES),
                          seed % 2 ? PLAIN : BEFORE};
  pattern x[3];
  const amlrt_program *p[3];

  for (int k = 0; k < 3; k++) {
    make_pattern(&x[k], shapes[k]);
    plan_draw_case(&x[k].p, &o, seed + 6 * (uint64_t)k);
    number_rows(&x[k]);
    p[k] = &x[k].p;
  }
  plan_same_together(p, 3, t, "key-major");
  amlrt_table_free(t);
}
END_TEST

START_TEST(memory_together)
{
  amlrt_table *t = plan_table(31, 200, 20, 2);
  pattern x[2];
  const amlrt_program *p[] = {&x[0].p, &x[1].p};

  make_pattern(&x[0], PLAIN);
  make_pattern(&x[1], BEFORE);
  number_rows(&x[0]);
  number_rows(&x[1]);
  plan_memory_fails_together(p, 2, t, "key-major");
  amlrt_table_free(t);
}
END_TEST

START_TEST(finds_some)
{
  amlrt_table *t = plan_table(77, ROWS, ACCOUNTS, 2);
  pattern x;

  make_pattern(&x, (shape)_i);
  plan_finds_some(&x.p, t, "key-major");
  amlrt_table_free(t);
}
END_TEST

// Few rows an account, so that legs are dropped and ids given; pairs with many paths; a window as long as
// the data, and one of some rows.
START_TEST(large)
{
  static const int64_t within[] = {20, 400, 100000};
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_table *t = plan_table(5, 20000, _i % 2 ? 9000 : 150, 3);
  amlrt_graph *g = hand_graph(t);
  pattern x;

  make_pattern(&x, _i / 2 % 2 ? BEFORE : PLAIN);
  x.p.within = x.p.span_s = x.info.within = within[_i / 4];
  o.light = true;
  o.n_threads = 2;
  if (_i / 4 < 1 || _i % 2) {
    o.plan = "trigger-major";
    uint64_t want = plan_sum(&x.p, g, &o);
    o.plan = "key-major";
    ck_assert_uint_eq(plan_sum(&x.p, g, &o), want);
  }
  o.plan = "key-major";
  uint64_t one = plan_sum(&x.p, g, &o);
  o.n_threads = 1;
  o.slab = 7000;
  ck_assert_uint_eq(plan_sum(&x.p, g, &o), one);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

// So many rows in so long a window that threads share the packing of it.
START_TEST(packed_together)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_table *t = plan_table(6, 600000, 20000, 3);
  amlrt_graph *g = hand_graph(t);
  pattern x;

  make_pattern(&x, _i ? BEFORE : PLAIN);
  x.p.within = x.p.span_s = x.info.within = 100000;
  o.light = true;
  o.plan = "key-major";
  o.n_threads = 1;
  uint64_t want = plan_sum(&x.p, g, &o);
  ck_assert_uint_gt(want, 2000);
  for (o.n_threads = 2; o.n_threads < 5; o.n_threads++)
    ck_assert_uint_eq(plan_sum(&x.p, g, &o), want);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

// ---- corners ------------------------------------------------------------------------------------------------

// Counts need the columns alone, also where the evaluator decides; the slices are filled for who asks for them.
START_TEST(without_slices)
{
  static const shape shapes[] = {PLAIN,           BEFORE,         GRADED_GAP,
                                 RATIO_AND_ORDER, RATIO_OF_MATCH, COUNTED};
  const amlrt_graph_opts later = {.later = true, .threads = 1};
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_table *t = plan_table(9, ROWS, ACCOUNTS, 2);
  amlrt_graph *g;
  pattern x;

  make_pattern(&x, shapes[_i]);
  ck_assert_int_eq(amlrt_graph_build(&g, t, &later, NULL), AMLRT_OK);
  o.light = true;
  uint64_t sum = plan_sum(&x.p, g, &o);
  ck_assert_ptr_null(amlrt_graph_out(g)->begin);
  o.plan = "trigger-major";
  ck_assert_uint_eq(plan_sum(&x.p, g, &o), sum);
  ck_assert_ptr_nonnull(amlrt_graph_out(g)->begin);
  ck_assert_ptr_nonnull(amlrt_graph_in(g)->begin);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

// Times that do not fit: the plan steps back.
START_TEST(long_times)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_run_stats stats;
  amlrt_builder *b;
  amlrt_table *t;
  ref_printer out = {0};
  pattern x;

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  for (int64_t i = 0; i < 4; i++) {
    amlrt_tx tx = {.from = i % 2 ? "b" : "a", .to = i % 2 ? "c" : "b", .time = i << 40};
    ck_assert_int_eq(amlrt_builder_add(b, &tx, NULL), AMLRT_OK);
  }
  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  amlrt_graph *g = hand_graph(t);
  make_pattern(&x, SINGLE);
  o.plan = "key-major";
  out = (ref_printer){.info = &x.info, .table = t};
  hand_run(&out, &x.p, g, &o, AMLRT_OK, &stats);
  ck_assert_str_eq(stats.plan, "trigger-major");
  free(out.at);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

START_TEST(empty_and_small)
{
  pattern x;

  make_pattern(&x, (shape)_i);
  plan_small_tables(&x.p, "key-major");
}
END_TEST

START_TEST(memory_fails)
{
  amlrt_table *t = plan_table(4, 150, 6, 2);
  pattern x;

  make_pattern(&x, (shape)(_i % SHAPES));
  if (_i < SHAPES) x.p.hubs = 6;
  if (_i < SHAPES && _i % 2) x.p.currency = AMLRT_CURRENCY_SAME;
  plan_memory_fails(&x.p, t, "key-major", true, 0);
  amlrt_table_free(t);
}
END_TEST

Suite *make_plan_pair_suite(void)
{
  Suite *s = suite_create("plan_pair");
  TCase *tc = tcase_create("all");

  tcase_set_timeout(tc, 0);
  tcase_add_loop_test(tc, same_as_trigger_major, 0, 3 * SHAPES);
  tcase_add_loop_test(tc, together, 0, 6 * SHAPES);
  tcase_add_test(tc, memory_together);
  tcase_add_loop_test(tc, episodes, 0, 12 * SHAPES);
  tcase_add_loop_test(tc, finds_some, 0, SHAPES);
  tcase_add_loop_test(tc, large, 0, 12);
  tcase_add_loop_test(tc, packed_together, 0, 2);
  tcase_add_loop_test(tc, without_slices, 0, 6);
  tcase_add_test(tc, long_times);
  tcase_add_loop_test(tc, empty_and_small, 0, SHAPES);
  tcase_add_loop_test(tc, memory_fails, 0, 2 * SHAPES);
  suite_add_tcase(s, tc);
  return s;
}
