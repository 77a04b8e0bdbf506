#include "tests/unit/support_plan.h"
#include "runtime/src/run_detector.h"
#include "tests/unit/alloc_fail.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *currency_of(uint64_t state, uint64_t seed, bool mixed)
{
  static const char *const some[] = {"USD", "USD", "EUR", NULL}, *const all[] = {"USD", "EUR",
                                                                                 NULL};
  return mixed ? all[(state >> 20) % 8 % 3] : some[(state >> 58) % (seed % 4 ? 2 : 4)];
}

static amlrt_table *make_table(uint64_t seed, int rows, unsigned accounts, int rows_a_second,
                               bool mixed)
{
  amlrt_builder *b;
  amlrt_table *t;
  uint64_t state = seed;

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  for (int i = 0; i < rows; i++) {
    char from[16], to[16], amount[16];
    state = state * 6364136223846793005u + 1442695040888963407u;
    snprintf(from, sizeof from, "a%u",
             (unsigned)(state >> 33) % ((unsigned)(state >> 50) % accounts + 1));
    snprintf(to, sizeof to, "a%u", (unsigned)(state >> 41) % accounts);
    snprintf(amount, sizeof amount, "%u.%u", (unsigned)(state >> 27) % 40,
             (unsigned)(state >> 20) % 4);
    amlrt_tx tx = {.from = from,
                   .to = to,
                   .time = i / rows_a_second,
                   .amount = amount,
                   .currency = currency_of(state, seed, mixed)};
    ck_assert_int_eq(amlrt_builder_add(b, &tx, NULL), AMLRT_OK);
  }
  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  return t;
}

amlrt_table *plan_table(uint64_t seed, int rows, unsigned accounts, int rows_a_second)
{
  return make_table(seed, rows, accounts, rows_a_second, false);
}

amlrt_table *plan_mixed_table(uint64_t seed, int rows, unsigned accounts, int rows_a_second)
{
  return make_table(seed, rows, accounts, rows_a_second, true);
}

// ---- added up -----------------------------------------------------------------------------------

typedef struct counted {
  const amlrt_pattern_info *info;
  uint64_t sum;
} counted;

static amlrt_status count(void *user, const amlrt_match *m)
{
  counted *c = user;

  c->sum += 1 + (uint64_t)m->trigger * 1000 + (uint64_t)(m->degree >> 20) + m->inconclusive;
  if (c->info->n_features > 0) {
    amlrt_frac v = m->feature_values[0].v;
    c->sum += 77 * (uint64_t)v.num + (uint64_t)v.den;
  }
  return AMLRT_OK;
}

amlrt_status plan_episode(void *user, const amlrt_match *m, uint64_t merged, uint32_t first,
                          uint32_t last)
{
  counted *c = user;

  c->sum += 1 + merged * 1000003 + first * 10007 + last * 101;
  return count(user, m);
}

uint64_t plan_sum(const amlrt_program *p, const amlrt_graph *g, const amlrt_run_opts *o)
{
  hand_detector d;
  counted c = {.info = p->info};

  hand_load(&d, p);
  amlrt_status st = amlrt_detector_run(d.detector, 0, 0, g, o, count, &c, NULL, NULL);
  ck_assert_int_ge(st, AMLRT_OK);
  amlrt_detector_free(d.detector);
  return c.sum;
}

// ---- the same -----------------------------------------------------------------------------------

void plan_draw_case(amlrt_program *p, amlrt_run_opts *o, uint64_t seed)
{
  if (seed % 3 == 1) p->currency = AMLRT_CURRENCY_SAME;
  if (seed % 3 == 2) p->currency = AMLRT_CURRENCY_IGNORED;
  if (seed % 2 == 1) p->hubs = 5 + (int64_t)(seed % 7);
  o->history_complete = seed % 5 == 0;
}

static void same_in_slabs(const amlrt_program *p, const amlrt_graph *g, const amlrt_run_opts *asked,
                          int status, const char *want, uint64_t sum)
{
  static const uint32_t slabs[] = {0, 1, 41, 300, 0, 300}, threads[] = {4, 1, 4, 1, 1, 2};
  ref_printer out = {.info = p->info, .table = amlrt_graph_table(g)};
  amlrt_run_opts o = *asked;

  for (size_t i = 0; i < sizeof slabs / sizeof *slabs; i++) {
    o.slab = slabs[i];
    o.n_threads = threads[i];
    o.light = false;
    const char *have = hand_run(&out, p, g, &o, status, NULL);
    ck_assert_msg(strcmp(have, want) == 0, "slab %u, tricks off %llx: differs", slabs[i],
                  (unsigned long long)o.off);
    o.light = true;
    ck_assert_uint_eq(plan_sum(p, g, &o), sum);
  }
  free(out.at);
}

void plan_same(const amlrt_program *p, const amlrt_table *t, const amlrt_run_opts *asked,
               const char *plan, int status, const uint64_t *off, size_t n_off)
{
  amlrt_graph *g = hand_graph(t);
  ref_printer want = {.info = p->info, .table = t};
  amlrt_run_opts o = *asked;

  o.plan = "trigger-major";
  hand_run(&want, p, g, &o, status, NULL);
  o.light = true;
  uint64_t sum = plan_sum(p, g, &o);
  o.plan = plan;
  for (size_t i = 0; i < (off ? n_off : 1); i++) {
    o.off = off ? off[i] : 0;
    same_in_slabs(p, g, &o, status, want.at ? want.at : "", sum);
  }
  free(want.at);
  amlrt_graph_free(g);
}

void plan_same_episodes(const amlrt_program *p, amlrt_pplan *row, const amlrt_table *t,
                        const amlrt_run_opts *asked, const char *plan)
{
  amlrt_graph *g = hand_graph(t);
  amlrt_run_opts o = *asked;
  bool exact = row->exact;

  o.on_episode = plan_episode;
  o.plan = plan;
  o.n_threads = 1;
  uint64_t want = plan_sum(p, g, &o);
  row->exact = false; // all of it by the evaluator
  for (o.slab = 0; o.slab < 200; o.slab += 90)
    ck_assert_uint_eq(plan_sum(p, g, &o), want);
  row->exact = exact;
  o.slab = 60;
  o.n_threads = 4;
  ck_assert_uint_eq(plan_sum(p, g, &o), want);
  amlrt_graph_free(g);
}

void plan_finds_some(const amlrt_program *p, const amlrt_table *t, const char *plan)
{
  amlrt_graph *g = hand_graph(t);
  amlrt_run_opts o = amlrt_run_opts_default();

  o.light = true;
  o.plan = plan;
  ck_assert_uint_gt(plan_sum(p, g, &o), 2000);
  amlrt_graph_free(g);
}

// ---- several patterns -----------------------------------------------------------------------------

static amlrt_status count_of(void *user, const amlrt_match *m)
{
  return count((counted *)user + m->pattern, m);
}

static amlrt_status episode_of(void *user, const amlrt_match *m, uint64_t merged, uint32_t first,
                               uint32_t last)
{
  return plan_episode((counted *)user + m->pattern, m, merged, first, last);
}

static amlrt_status run_together(const amlrt_program *const *p, uint32_t n, const amlrt_graph *g,
                                 const amlrt_run_opts *o, counted sums[PLAN_TOGETHER])
{
  ck_assert_uint_le(n, PLAN_TOGETHER);
  for (uint32_t i = 0; i < n; i++)
    sums[i] = (counted){.info = p[i]->info};
  return amlrt__run_programs(p, n, 0, g, o, count_of, sums, NULL, NULL);
}

void plan_same_together(const amlrt_program *const *p, uint32_t n, const amlrt_table *t,
                        const char *plan)
{
  amlrt_graph *g = hand_graph(t);
  amlrt_run_opts o = amlrt_run_opts_default();
  counted alone[PLAN_TOGETHER], sums[PLAN_TOGETHER];

  o.plan = plan;
  for (int way = 0; way < 6; way++) {
    o.n_threads = way % 2 ? 4 : 1;
    o.light = way / 2 == 0;
    o.on_episode = way / 2 == 2 ? episode_of : NULL;
    for (uint32_t i = 0; i < n; i++)
      ck_assert_int_ge(run_together(&p[i], 1, g, &o, &alone[i]), AMLRT_OK);
    ck_assert_int_ge(run_together(p, n, g, &o, sums), AMLRT_OK);
    for (uint32_t i = 0; i < n; i++)
      ck_assert_msg(sums[i].sum == alone[i].sum, "pattern %u differs, %d", i, way);
  }
  amlrt_graph_free(g);
}

void plan_memory_fails_together(const amlrt_program *const *p, uint32_t n, const amlrt_table *t,
                                const char *plan)
{
  amlrt_graph *g = hand_graph(t);
  amlrt_run_opts o = amlrt_run_opts_default();
  counted sums[PLAN_TOGETHER];
  bool failed = true;

  o.plan = plan;
  o.light = true;
  o.n_threads = 1;
  for (uint64_t k = 0; failed; k++) {
    alloc_fail a;
    alloc_fail_init(&a, k);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    o.mem = &mem;
    amlrt_status st = run_together(p, n, g, &o, sums);
    failed = alloc_fail_hit(&a);
    ck_assert_int_eq(st, failed ? AMLRT_E_NOMEM : AMLRT_OK);
    alloc_fail_check(&a);
  }
  amlrt_graph_free(g);
}

// ---- corners ------------------------------------------------------------------------------------

void plan_small_tables(const amlrt_program *p, const char *plan)
{
  amlrt_run_opts o = amlrt_run_opts_default();

  for (int rows = 0; rows < 4; rows++) {
    amlrt_table *t = plan_table(3, rows, 2, 1);
    amlrt_graph *g = hand_graph(t);
    o.plan = plan;
    uint64_t sum = plan_sum(p, g, &o);
    o.plan = "trigger-major";
    ck_assert_uint_eq(plan_sum(p, g, &o), sum);
    amlrt_graph_free(g);
    amlrt_table_free(t);
  }
}

// False: it did not come so far.
static bool fails_at(const amlrt_program *p, const amlrt_graph *g, amlrt_run_opts *o, uint64_t n)
{
  hand_detector d;
  counted c = {.info = p->info};
  alloc_fail a;
  alloc_fail_init(&a, n);
  amlrt_alloc mem = alloc_fail_amlrt(&a);

  o->mem = &mem;
  hand_load(&d, p);
  amlrt_status st = amlrt_detector_run(d.detector, 0, 0, g, o, count, &c, NULL, NULL);
  amlrt_detector_free(d.detector);
  bool failed = alloc_fail_hit(&a);
  ck_assert_int_eq(st, failed ? AMLRT_E_NOMEM : AMLRT_OK);
  alloc_fail_check(&a);
  return failed;
}

void plan_memory_fails(const amlrt_program *p, const amlrt_table *t, const char *plan, bool light,
                       uint64_t off)
{
  amlrt_graph *g = hand_graph(t);
  amlrt_run_opts o = amlrt_run_opts_default();

  o.plan = plan;
  o.light = light;
  o.n_threads = 1;
  for (uint64_t n = 0; fails_at(p, g, &o, n); n++)
    o.off = n % 2 ? 0 : off;
  amlrt_graph_free(g);
}
