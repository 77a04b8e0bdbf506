// The run of all patterns of a detector, one after the other: what they share is made once.
#include "runtime/src/alloc.h"
#include "runtime/src/clock.h"
#include "runtime/src/error.h"
#include "runtime/src/run_plan.h"

typedef struct all {
  amlrt__running *r;
  const amlrt_pplan **row;
  amlrt__mining *mining; // of those whose plan is not trigger-major
  uint32_t n;
  amlrt__commons commons;
} all;

// On the clock, without the filling of the graph, which is everybody's.
static double now_but_graph(const amlrt_graph *g)
{
  return amlrt__clock() - amlrt_graph_spent(g).clock;
}

static amlrt_status make_one(all *a, uint32_t i, const amlrt_program *p, uint32_t pattern_index,
                             const amlrt_graph *graph, const amlrt_run_opts *o, amlrt_error *err)
{
  amlrt__running *r = &a->r[i];
  size_t n_lists = (size_t)p->info->n_roles + p->info->n_stages;

  r->run.p = p;
  r->run.before = i ? &a->r[i - 1].run : NULL;
  r->run.graph = graph;
  r->run.opts = o;
  r->run.mem = o->mem ? o->mem : amlrt_alloc_default();
  r->pattern_index = pattern_index + i;
  r->peers = a->r;
  r->n_peers = i;
  for (uint32_t k = 0; k < i && !r->run.like; k++)
    if (a->r[k].run.p->within == p->within) r->run.like = &a->r[k].run;
  *r->stats = (amlrt_run_stats){0};
  r->lists = amlrt__array(r->run.mem, n_lists, sizeof *r->lists);
  if (!r->lists) return amlrt__nomem(err, p->info->name);
  amlrt_status st = amlrt__run_make(&r->run, err);
  if (st == AMLRT_OK) st = amlrt__plan_choose(&r->run, &a->row[i], err);
  if (st == AMLRT_OK) st = amlrt_graph_need(graph, amlrt__plan_sides(&r->run, a->row[i]), err);
  if (st != AMLRT_OK) return st;
  r->stats->plan = amlrt__plan_name(a->row[i]->kind);
  if (a->row[i]->kind == AMLRT_PLAN_TRIGGER) return AMLRT_OK;
  return amlrt__mining_make(&a->mining[i], r, a->row[i], err);
}

static void release(all *a, const amlrt_alloc *mem)
{
  for (uint32_t i = a->r ? a->n : 0; i-- > 0;) {
    if (a->mining && a->mining[i].r) amlrt__mining_release(&a->mining[i]);
    if (a->r[i].run.mem) amlrt__run_release(&a->r[i].run);
    amlrt__release(mem, a->r[i].lists);
  }
  amlrt__common_release(&a->commons, mem);
  amlrt__release(mem, a->r);
  amlrt__release(mem, a->row);
  amlrt__release(mem, a->mining);
}

static amlrt_status run_one(all *a, uint32_t i, amlrt_error *err)
{
  amlrt__mining *m = &a->mining[i];

  if (a->row[i]->kind == AMLRT_PLAN_TRIGGER) return amlrt__run_triggers(&a->r[i], err);
  return amlrt__mining_tell(m, amlrt__mine(m, err), err);
}

// What patterns have in common is made for all triggers at once: not where a run is to have something to show
// early, or what fits the memory decides what is found.
static amlrt_status take_commons(all *a, const amlrt_run_opts *o, amlrt_error *err)
{
  for (uint32_t i = 0; i < a->n && !o->slab && o->memory_limit == 0; i++) {
    const amlrt__plan_ops *ops = amlrt__plan_ops_of(a->row[i]->kind);
    amlrt__run *run = &a->r[i].run;
    run->commons = &a->commons;
    if (ops && ops->wants && !ops->wants(run, a->row[i], &a->commons))
      return amlrt__nomem(err, run->p->info->name);
  }
  return AMLRT_OK;
}

static bool goes_on(amlrt_status st)
{
  return st == AMLRT_OK || st == AMLRT_TRUNCATED;
}

static amlrt_status run_in_order(all *a, amlrt_error *err)
{
  amlrt_status worst = AMLRT_OK;

  for (uint32_t i = 0; i < a->n && goes_on(worst); i++) {
    amlrt_run_stats *stats = a->r[i].stats;
    double begin = amlrt__clock();
    amlrt_status st = run_one(a, i, err);
    stats->status = st;
    stats->seconds += amlrt__clock() - begin;
    if (st < 0) return st;
    if (!goes_on(st) || worst == AMLRT_OK) worst = st;
  }
  return worst;
}

amlrt_status amlrt__run_programs(const amlrt_program *const *p, uint32_t n, uint32_t pattern_index,
                                 const amlrt_graph *graph, const amlrt_run_opts *opts,
                                 amlrt_match_fn on_match, void *user, amlrt_run_stats *stats,
                                 amlrt_error *err)
{
  const amlrt_run_opts defaults = amlrt_run_opts_default();
  const amlrt_run_opts *o = opts ? opts : &defaults;
  const amlrt_alloc *mem = o->mem ? o->mem : amlrt_alloc_default();
  all a = {.n = n,
           .r = amlrt__array(mem, n, sizeof *a.r),
           .row = amlrt__array(mem, n, sizeof *a.row),
           .mining = amlrt__array(mem, n, sizeof *a.mining)};
  amlrt_run_stats *own = stats ? NULL : amlrt__array(mem, n, sizeof *own);
  amlrt_status st = AMLRT_OK;

  if (!a.r || !a.row || !a.mining || (!stats && !own)) st = amlrt__nomem(err, "run");
  for (uint32_t i = 0; st == AMLRT_OK && i < n; i++) {
    a.r[i].on_match = on_match;
    a.r[i].user = user;
    a.r[i].stats = stats ? &stats[i] : &own[i];
    double begin = now_but_graph(graph);
    st = make_one(&a, i, p[i], pattern_index, graph, o, err);
    a.r[i].stats->seconds = now_but_graph(graph) - begin;
  }
  if (st == AMLRT_OK) st = take_commons(&a, o, err);
  if (st == AMLRT_OK) st = run_in_order(&a, err);
  release(&a, mem);
  amlrt__release(mem, own);
  return st;
}
