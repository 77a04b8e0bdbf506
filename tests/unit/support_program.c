#include "tests/unit/support_program.h"

#include <check.h>
#include <string.h>

#include "amlrt/amlrt_gen.h"

#define NO AMLRT_NONE
#define N(array) (sizeof(array) / sizeof *(array))
#define ONE                                                                                        \
  {                                                                                                \
    .kind = AMLRT_ROLE_ONE, .set = NO                                                              \
  }
#define AT_LEAST(n)                                                                                \
  {                                                                                                \
    .has = AMLRT_HAS_B, .b = { n, 1 }                                                              \
  }
// A stage between two roles.
#define BETWEEN(a, b, place)                                                                       \
  .from = (a), .to = (b), .chain = NO, .owner = NO, .shown = (place), .can_trigger = true,         \
  .support = {1, 1}

// ---- fan_in ---------------------------------------------------------------------------------------

static amlrt_cond fan_in_filter(amlrt_worker *w, uint32_t row)
{
  amlrt_cmp_begin(w, amlrt_w_cols(w)->time[row]);
  amlrt_cmp_note_row(w, AMLRT_F_AMOUNT, row);
  amlrt_cmp_note_literal(w, 0);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  return amlrt_cond_cmp(w, AMLRT_CMP_GE, amlrt_num_field(w, AMLRT_F_AMOUNT, row),
                        amlrt_num_money(w, (amlrt_frac){10, 1}, 0), AMLRT_VALUE_MONEY);
}

// Too many candidates, some of them twice, some that cannot be: the evaluator says no to these.
static void fan_in_generate(amlrt_worker *w, uint32_t trigger)
{
  const amlrt_cols *cols = amlrt_w_cols(w);
  amlrt_slice in = amlrt_w_in(w, cols->to[trigger]);

  for (uint32_t i = in.lo; i < in.hi && !amlrt_w_stop(w); i++)
    amlrt_candidate(w, (const uint32_t[]){cols->to[in.row[i]]});
  amlrt_candidate(w, (const uint32_t[]){cols->from[trigger]});
}

static const amlrt_role_info fan_in_role[] = {{"payer", AMLRT_ROLE_GROUP}, {"hub", AMLRT_ROLE_ONE}};
static const amlrt_stage_info fan_in_shown[] = {{"collect"}};
static const amlrt_constraint_info fan_in_text[] = {
    {.text = "payer[2..]"}, {.text = "stage collect: payer -> hub where amount >= 10 USD"}};
static const amlrt_pattern_info fan_in_info = {.name = "t",
                                               .id = "",
                                               .version = "1.0.0",
                                               .n_roles = N(fan_in_role),
                                               .n_stages = N(fan_in_shown),
                                               .n_constraints = N(fan_in_text),
                                               .roles = fan_in_role,
                                               .stages = fan_in_shown,
                                               .constraints = fan_in_text,
                                               .within = 10};
static const amlrt_prole fan_in_roles[] = {
    {.kind = AMLRT_ROLE_GROUP, .size = AT_LEAST(2), .set = NO}, ONE};
static const amlrt_pstage fan_in_stages[] = {{BETWEEN(0, 1, 0), .filter = fan_in_filter}};
static const amlrt_pcon fan_in_cons[] = {{.kind = AMLRT_CON_SIZE, .role = 0},
                                         {.kind = AMLRT_CON_FILTER, .stage = 0}};
static const uint32_t fan_in_order[] = {0};
static const amlrt_symbol fan_in_symbols[] = {{AMLRT_SYMBOL_CURRENCY, "USD"}};
static const amlrt_program fan_in_program = {.info = &fan_in_info,
                                             .roles = fan_in_roles,
                                             .stages = fan_in_stages,
                                             .n_stages = N(fan_in_stages),
                                             .cons = fan_in_cons,
                                             .start_order = fan_in_order,
                                             .n_groups = N(fan_in_order),
                                             .symbols = fan_in_symbols,
                                             .n_symbols = N(fan_in_symbols),
                                             .within = 10,
                                             .span_s = 10,
                                             .trigger = NO,
                                             .generate = fan_in_generate};
const hand_program hand_fan_in = {
    "within 10s; stage collect: payer[2..] -> hub where amount >= 10 USD;", &fan_in_program};

// ---- scatter ----------------------------------------------------------------------------------------

static amlrt_cond in_order(amlrt_worker *w, uint32_t a, uint32_t b)
{
  const int64_t *time = amlrt_w_cols(w)->time;
  return amlrt_cond_truth(time[a] < time[b]);
}

static amlrt_cond scatter_ratio(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  static const amlrt_range kept = {.has = AMLRT_HAS_A | AMLRT_HAS_B | AMLRT_HAS_C | AMLRT_HAS_D,
                                   .a = {1, 2},
                                   .b = {4, 5},
                                   .c = {6, 5},
                                   .d = {3, 2}};
  amlrt_cmp_begin(w, amlrt_w_trigger_time(w));
  amlrt_cmp_note_stage(w, v, AMLRT_F_AMOUNT, 1, role, account);
  amlrt_cmp_note_stage(w, v, AMLRT_F_AMOUNT, 0, role, account);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  amlrt_num out = amlrt_num_agg(w, v, AMLRT_A_SUM, AMLRT_F_AMOUNT, 1, role, account);
  amlrt_num in = amlrt_num_agg(w, v, AMLRT_A_SUM, AMLRT_F_AMOUNT, 0, role, account);
  return amlrt_cond_in(w, amlrt_num_div(out, in), &kept, NO, AMLRT_VALUE_NUMBER);
}

static const amlrt_role_info scatter_role[] = {
    {"source", AMLRT_ROLE_ONE}, {"mid", AMLRT_ROLE_GROUP}, {"sink", AMLRT_ROLE_ONE}};
static const amlrt_stage_info scatter_shown[] = {{"scatter"}, {"gather"}};
static const amlrt_constraint_info scatter_text[] = {
    {.text = "mid[2..]"}, {.text = "each mid: scatter before gather"}, {.text = "each mid: .."}};
static const amlrt_pattern_info scatter_info = {.name = "t",
                                                .id = "",
                                                .version = "1.0.0",
                                                .n_roles = N(scatter_role),
                                                .n_stages = N(scatter_shown),
                                                .n_constraints = N(scatter_text),
                                                .roles = scatter_role,
                                                .stages = scatter_shown,
                                                .constraints = scatter_text,
                                                .within = 20};
static const amlrt_prole scatter_roles[] = {
    ONE, {.kind = AMLRT_ROLE_GROUP, .size = AT_LEAST(2), .set = NO}, ONE};
static const amlrt_pstage scatter_stages[] = {{BETWEEN(0, 1, 0)}, {BETWEEN(1, 2, 1)}};
static const amlrt_ppair_cond scatter_conds[] = {{.fn = in_order, .constraint = 1}};
static const amlrt_ppair scatter_pairs[] = {{.role = 1,
                                             .stage = {0, 1},
                                             .asked = {true, true},
                                             .lo = 1,
                                             .hi = INT64_MAX,
                                             .by_time = true,
                                             .conds = scatter_conds,
                                             .n_conds = 1}};
static const amlrt_pcon scatter_cons[] = {
    {.kind = AMLRT_CON_SIZE, .role = 1},
    {.kind = AMLRT_CON_PAIR, .pair = 0, .cond = 0},
    {.kind = AMLRT_CON_EACH, .role = 1, .agg = scatter_ratio}};
static const uint32_t scatter_order[] = {1};
static const amlrt_program scatter_program = {.info = &scatter_info,
                                              .roles = scatter_roles,
                                              .stages = scatter_stages,
                                              .n_stages = N(scatter_stages),
                                              .pairs = scatter_pairs,
                                              .n_pairs = N(scatter_pairs),
                                              .cons = scatter_cons,
                                              .start_order = scatter_order,
                                              .n_groups = N(scatter_order),
                                              .within = 20,
                                              .span_s = 20,
                                              .breakable = true,
                                              .trigger = NO};
const hand_program hand_scatter = {
    "within 20s; stage scatter: source -> mid[2..]; stage gather: mid -> sink;"
    "each mid: scatter before gather;"
    "each mid: sum(gather.amount) / sum(scatter.amount) in 0.5~0.8..1.2~1.5;",
    &scatter_program};

// ---- ring -------------------------------------------------------------------------------------------

#define RING_GAP                                                                                   \
  {                                                                                                \
    .has = AMLRT_HAS_A | AMLRT_HAS_B | AMLRT_HAS_C, .a = {1, 1}, .b = {3, 1}, .c = { 8, 1 }        \
  }
static const amlrt_range ring_gap = RING_GAP;

static amlrt_cond ring_in_time(amlrt_worker *w, uint32_t a, uint32_t b)
{
  return amlrt_cond_in(w, amlrt_num_gap(w, a, b), &ring_gap, NO, AMLRT_VALUE_DURATION);
}

static const amlrt_role_info ring_role[] = {{"a", AMLRT_ROLE_ONE}, {"via", AMLRT_ROLE_CHAIN}};
static const amlrt_stage_info ring_shown[] = {{"ring"}};
static const amlrt_constraint_info ring_text[] = {
    {.text = "via{1..3}"}, {.text = "along ring: this before next"}, {.text = "along ring: gap"}};
static const amlrt_pattern_info ring_info = {.name = "t",
                                             .id = "",
                                             .version = "1.0.0",
                                             .n_roles = N(ring_role),
                                             .n_stages = N(ring_shown),
                                             .n_constraints = N(ring_text),
                                             .roles = ring_role,
                                             .stages = ring_shown,
                                             .constraints = ring_text,
                                             .within = 20};
static const amlrt_prole ring_roles[] = {
    ONE,
    {.kind = AMLRT_ROLE_CHAIN,
     .size = {.has = AMLRT_HAS_B | AMLRT_HAS_C, .b = {1, 1}, .c = {3, 1}},
     .set = NO}};
static const amlrt_pstage ring_stages[] = {{.kind = AMLRT_STAGE_WALK,
                                            .chain = 1,
                                            .owner = NO,
                                            .required = true,
                                            .closed = true,
                                            .compares_hops = true,
                                            .can_trigger = true,
                                            .support = {1, 1}}};
static const amlrt_ppair_cond ring_conds[] = {
    {.fn = in_order, .constraint = 1},
    {.fn = ring_in_time, .constraint = 2, .has_gap = true, .gap_forward = true, .gap = RING_GAP}};
static const amlrt_ppair ring_pairs[] = {{.role = NO,
                                          .asked = {true, true},
                                          .lo = 2, // at 1 the gap has degree 0
                                          .hi = 8,
                                          .by_time = true,
                                          .conds = ring_conds,
                                          .n_conds = N(ring_conds)}};
static const amlrt_pcon ring_cons[] = {{.kind = AMLRT_CON_SIZE, .role = 1},
                                       {.kind = AMLRT_CON_PAIR, .pair = 0, .cond = 0},
                                       {.kind = AMLRT_CON_PAIR, .pair = 0, .cond = 1}};
static const amlrt_program ring_program = {.info = &ring_info,
                                           .roles = ring_roles,
                                           .stages = ring_stages,
                                           .n_stages = N(ring_stages),
                                           .pairs = ring_pairs,
                                           .n_pairs = N(ring_pairs),
                                           .cons = ring_cons,
                                           .within = 20,
                                           .span_s = 20,
                                           .trigger = NO};
const hand_program hand_ring = {"within 20s; stage ring: a -> via{1..3} -> a;"
                                "along ring: this before next;"
                                "along ring: gap(this, next) in 1s~3s..8s;",
                                &ring_program};

// ---- herd -------------------------------------------------------------------------------------------

static const amlrt_role_info herd_role[] = {{"boss", AMLRT_ROLE_ONE},
                                            {"sink", AMLRT_ROLE_ONE},
                                            {"mule", AMLRT_ROLE_GROUP},
                                            {"shop", AMLRT_ROLE_GROUP}};
static const amlrt_stage_info herd_shown[] = {{"ask"}, {"feed"}, {"pay"}, {"buy"}};
static const amlrt_constraint_info herd_text[] = {{.text = "mule[1..]"}, {.text = "shop[0..]"}};
static const amlrt_pattern_info herd_info = {.name = "t",
                                             .id = "",
                                             .version = "1.0.0",
                                             .n_roles = N(herd_role),
                                             .n_stages = N(herd_shown),
                                             .n_constraints = N(herd_text),
                                             .roles = herd_role,
                                             .stages = herd_shown,
                                             .constraints = herd_text,
                                             .within = 20};
static const amlrt_prole herd_roles[] = {ONE,
                                         ONE,
                                         {.kind = AMLRT_ROLE_GROUP, .size = AT_LEAST(1), .set = 4},
                                         {.kind = AMLRT_ROLE_GROUP,
                                          .size = AT_LEAST(0),
                                          .set = 5,
                                          .may_be_empty = true,
                                          .shares = true}};
#define TERM_OF(group, a, b, place)                                                                \
  .kind = AMLRT_STAGE_TERM, .from = (a), .to = (b), .chain = NO, .owner = (group),                 \
  .shown = (place), .can_trigger = true, .support = {1, 1}
static const amlrt_pstage herd_stages[] = {
    {BETWEEN(0, 1, 0), .required = true},
    {TERM_OF(2, 0, 2, 1)},
    {TERM_OF(2, 2, 1, 2)},
    {.kind = AMLRT_STAGE_PROBE, .from = 1, .to = 2, .chain = NO, .owner = 2, .shown = NO},
    {TERM_OF(3, 2, 3, 3), .may_be_empty = true}};
static const amlrt_pset herd_sets[] = {
    {.op = AMLRT_SET_HAS, .a = 1, .at_least = 1}, {.op = AMLRT_SET_HAS, .a = 2, .at_least = 1},
    {.op = AMLRT_SET_AND, .a = 0, .b = 1},        {.op = AMLRT_SET_HAS, .a = 3, .at_least = 1},
    {.op = AMLRT_SET_MINUS, .a = 2, .b = 3},      {.op = AMLRT_SET_SHARE, .a = 4, .share = {3, 5}}};
static const amlrt_pcon herd_cons[] = {{.kind = AMLRT_CON_SIZE, .role = 2},
                                       {.kind = AMLRT_CON_SIZE, .role = 3}};
static const uint32_t herd_order[] = {2, 3};
static const amlrt_program herd_program = {.info = &herd_info,
                                           .roles = herd_roles,
                                           .stages = herd_stages,
                                           .n_stages = N(herd_stages),
                                           .sets = herd_sets,
                                           .n_sets = N(herd_sets),
                                           .cons = herd_cons,
                                           .start_order = herd_order,
                                           .n_groups = N(herd_order),
                                           .within = 20,
                                           .span_s = 20,
                                           .breakable = true,
                                           .trigger = NO};
const hand_program hand_herd = {"within 20s; stage ask: boss -> sink;"
                                "set mule[1..] = (out(boss) as feed & in(sink) as pay) - out(sink);"
                                "set shop[0..] = out(mule, at least 60%) as buy;",
                                &herd_program};

// ---- both -------------------------------------------------------------------------------------------

static amlrt_cond both_large(amlrt_worker *w, uint32_t row)
{
  amlrt_cmp_begin(w, amlrt_w_cols(w)->time[row]);
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  return amlrt_cond_cmp(w, AMLRT_CMP_GT, amlrt_num_field(w, AMLRT_F_AMOUNT, row),
                        amlrt_num_const((amlrt_frac){5, 1}), AMLRT_VALUE_MONEY);
}

static amlrt_cond both_two(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  return amlrt_cond_cmp(w, AMLRT_CMP_GE, amlrt_num_count(w, v, 0, role, account),
                        amlrt_num_const((amlrt_frac){2, 1}), AMLRT_VALUE_NUMBER);
}

static amlrt_cond both_most(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account)
{
  amlrt_cmp_begin(w, amlrt_w_trigger_time(w));
  if (!amlrt_cmp_settle(w)) return amlrt_cond_cannot_say();
  amlrt_num most = amlrt_num_agg(w, v, AMLRT_A_MAX, AMLRT_F_AMOUNT, 0, role, account);
  return amlrt_cond_cmp(w, AMLRT_CMP_LE, most, amlrt_num_const((amlrt_frac){12, 1}),
                        AMLRT_VALUE_MONEY);
}

static const amlrt_role_info both_role[] = {
    {"x", AMLRT_ROLE_ONE}, {"m", AMLRT_ROLE_GROUP}, {"y", AMLRT_ROLE_ONE}};
static const amlrt_stage_info both_shown[] = {{"a"}, {"b"}};
static const amlrt_constraint_info both_text[] = {{.text = "m[1..]"},
                                                  {.text = "overlap"},
                                                  {.text = "absent"},
                                                  {.text = "require"},
                                                  {.text = "each"}};
static const amlrt_pattern_info both_info = {.name = "t",
                                             .id = "",
                                             .version = "1.0.0",
                                             .n_roles = N(both_role),
                                             .n_stages = N(both_shown),
                                             .n_constraints = N(both_text),
                                             .roles = both_role,
                                             .stages = both_shown,
                                             .constraints = both_text,
                                             .within = 20};
static const amlrt_prole both_roles[] = {
    ONE, {.kind = AMLRT_ROLE_GROUP, .size = AT_LEAST(1), .set = NO}, ONE};
static const amlrt_pstage both_stages[] = {{BETWEEN(0, 1, 0)}, {BETWEEN(1, 2, 1)}};
static const amlrt_pcon both_cons[] = {
    {.kind = AMLRT_CON_SIZE, .role = 1},
    {.kind = AMLRT_CON_OVERLAP,
     .stage = 0,
     .other = 1,
     .range = {.has = AMLRT_HAS_C | AMLRT_HAS_D, .c = {1, 2}, .d = {1, 1}}},
    {.kind = AMLRT_CON_ABSENT, .from = 2, .to = 0, .filter = both_large, .anchor = NO},
    {.kind = AMLRT_CON_REQUIRE, .agg = both_two},
    {.kind = AMLRT_CON_EACH, .role = 0, .agg = both_most}};
static const uint32_t both_order[] = {1};
static const amlrt_program both_program = {.info = &both_info,
                                           .roles = both_roles,
                                           .stages = both_stages,
                                           .n_stages = N(both_stages),
                                           .cons = both_cons,
                                           .start_order = both_order,
                                           .n_groups = N(both_order),
                                           .currency = AMLRT_CURRENCY_IGNORED,
                                           .within = 20,
                                           .span_s = 20,
                                           .breakable = true,
                                           .trigger = NO};
const hand_program hand_both = {
    "within 20s; ignoring currency; stage a: x -> m[1..]; stage b: m -> y;"
    "require a before b overlap ..50%~100%; absent q: y -> x where amount > 5;"
    "require count(a) >= 2; each x: max(a.amount) <= 12;",
    &both_program};

const hand_program *const hand_programs[] = {&hand_fan_in, &hand_scatter, &hand_ring, &hand_herd,
                                             &hand_both};

// ---- runs -------------------------------------------------------------------------------------------

void hand_load(hand_detector *d, const amlrt_program *p)
{
  *d = (hand_detector){.programs = {p}};
  d->export = (amlrt_detector_export){.abi_version = AMLRT_ABI_VERSION,
                                      .n_programs = 1,
                                      .pattern_hash = "none",
                                      .compiler = "by hand",
                                      .programs = d->programs};
  ck_assert_int_eq(amlrt_detector_from(&d->detector, &d->export, "none", NULL, NULL), AMLRT_OK);
}

amlrt_graph *hand_graph(const amlrt_table *t)
{
  const amlrt_graph_opts one = {.threads = 1};
  amlrt_graph *g;

  ck_assert_int_eq(amlrt_graph_build(&g, t, &one, NULL), AMLRT_OK);
  return g;
}

const char *hand_run(ref_printer *out, const amlrt_program *p, const amlrt_graph *g,
                     const amlrt_run_opts *o, int want, amlrt_run_stats *stats)
{
  hand_detector d;
  amlrt_error err = {0};

  hand_load(&d, p);
  out->n = 0;
  if (out->at) out->at[0] = '\0';
  amlrt_status st = amlrt_detector_run(d.detector, 0, 0, g, o, ref_print, out, stats, &err);
  bool fits = want == HAND_DONE_OR_CUT && (st == AMLRT_OK || st == AMLRT_TRUNCATED);
  ck_assert_msg(fits || (int)st == want, "status %d instead of %d: %s", st, want, err.text);
  amlrt_detector_free(d.detector);
  return out->at ? out->at : "";
}
