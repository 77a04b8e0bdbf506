// Detectors: loaded or linked, checked, run.
#include "amlrt/detector.h"
#include "amlrt/graph.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/needs.h"
#include "runtime/src/plan.h"
#include "runtime/src/run_detector.h"

#include <dlfcn.h>
#include <string.h>

#define SYMBOL "amlrt_detector_get"

struct amlrt_detector {
  amlrt_alloc mem;
  const amlrt_detector_export *export;
  void *library; // NULL: linked in
};

// ---- checks -------------------------------------------------------------------------------------------

static amlrt_status check(const amlrt_detector_export *e, const char *hash, amlrt_error *err)
{
  if (!e) return amlrt__fail(err, AMLRT_E_DETECTOR, "this is not a detector");
  if (e->abi_version != AMLRT_ABI_VERSION)
    return amlrt__fail(err, AMLRT_E_ABI,
                       "the detector was built for version %u of the runtime's interface, this is "
                       "version %u: compile its patterns again",
                       e->abi_version, AMLRT_ABI_VERSION);
  if (!e->programs || !e->pattern_hash)
    return amlrt__fail(err, AMLRT_E_DETECTOR, "the detector exports no pattern");
  if (hash && strcmp(hash, e->pattern_hash) != 0)
    return amlrt__fail(err, AMLRT_E_DETECTOR,
                       "the detector was compiled from another pattern: its hash is %.64s, %.64s "
                       "was asked for",
                       e->pattern_hash, hash);
  return AMLRT_OK;
}

static amlrt_status make(amlrt_detector **out, const amlrt_detector_export *e, void *library,
                         const char *hash, const amlrt_alloc *mem, amlrt_error *err)
{
  amlrt_status st = check(e, hash, err);

  if (st < 0) return st;
  if (!mem) mem = amlrt_alloc_default();
  amlrt_detector *d = amlrt__array(mem, 1, sizeof *d);
  if (!d) return amlrt__nomem(err, "detector");
  *d = (amlrt_detector){.mem = *mem, .export = e, .library = library};
  *out = d;
  return AMLRT_OK;
}

// ---- made, freed --------------------------------------------------------------------------------------

amlrt_status amlrt_detector_from(amlrt_detector **out, const void *export_, const char *hash,
                                 const amlrt_alloc *mem, amlrt_error *err)
{
  *out = NULL;
  return make(out, export_, NULL, hash, mem, err);
}

typedef const amlrt_detector_export *get_fn(void);

static const amlrt_detector_export *exported(void *library)
{
  void *symbol = dlsym(library, SYMBOL);
  get_fn *get;

  if (!symbol) return NULL;
  memcpy(&get, &symbol, sizeof get); // ISO C has no cast for it, POSIX says that it works
  return get();
}

amlrt_status amlrt_detector_load(amlrt_detector **out, const char *path, const char *hash,
                                 const amlrt_alloc *mem, amlrt_error *err)
{
  *out = NULL;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *why = dlerror();
    return amlrt__fail(err, AMLRT_E_DETECTOR, "cannot load a detector: %s", why ? why : path);
  }
  const amlrt_detector_export *e = exported(library);
  amlrt_status st;
  if (e)
    st = make(out, e, library, hash, mem, err);
  else
    st = amlrt__fail(err, AMLRT_E_DETECTOR, "%s is not a detector: it has no " SYMBOL, path);
  if (st < 0) dlclose(library);
  return st;
}

void amlrt_detector_free(amlrt_detector *d)
{
  if (!d) return;
  amlrt_alloc mem = d->mem;
  if (d->library) dlclose(d->library);
  amlrt__release(&mem, d);
}

// ---- asked, run -----------------------------------------------------------------------------------------

uint32_t amlrt_detector_n(const amlrt_detector *d)
{
  return d->export->n_programs;
}

const amlrt_pattern_info *amlrt_detector_info(const amlrt_detector *d, uint32_t i)
{
  return d->export->programs[i]->info;
}

void amlrt_detector_plans(const amlrt_detector *d, uint32_t i,
                          const char *names[AMLRT_MAX_PLANS + 1])
{
  const amlrt_program *p = d->export->programs[i];
  uint32_t n = 0;

  names[n++] = amlrt__plan_name(AMLRT_PLAN_TRIGGER);
  for (uint32_t k = 0; k < p->n_plans && n < AMLRT_MAX_PLANS; k++)
    if (amlrt__plan_ops_of(p->plans[k].kind)) names[n++] = amlrt__plan_name(p->plans[k].kind);
  names[n] = NULL;
}

amlrt_status amlrt_detector_estimate(const amlrt_detector *d, uint32_t i, const amlrt_graph *graph,
                                     const amlrt_run_opts *opts,
                                     amlrt_plan_estimate out[AMLRT_MAX_PLANS], uint32_t *n,
                                     amlrt_error *err)
{
  const amlrt_run_opts defaults = amlrt_run_opts_default();
  const amlrt_run_opts *o = opts ? opts : &defaults;
  amlrt__run run = {.p = d->export->programs[i],
                    .graph = graph,
                    .opts = o,
                    .mem = o->mem ? o->mem : amlrt_alloc_default()};
  amlrt_status st = amlrt__run_make(&run, err);

  if (st == AMLRT_OK) st = amlrt_graph_need(graph, AMLRT_GRAPH_OUT | AMLRT_GRAPH_IN, err);
  *n = 0;
  for (uint32_t k = 0; st == AMLRT_OK && k < run.p->n_plans && *n < AMLRT_MAX_PLANS; k++) {
    const amlrt_pplan *row = &run.p->plans[k];
    double ns;
    if (!amlrt__plan_can(&run, row)) continue;
    if (!amlrt__plan_cost(&run, row, &ns)) st = amlrt__nomem(err, "estimate");
    out[(*n)++] = (amlrt_plan_estimate){amlrt__plan_name(row->kind), ns / 1e9};
  }
  amlrt__run_release(&run);
  return st;
}

const char *amlrt_detector_missing(const amlrt_detector *d, uint32_t i, const amlrt_table *t)
{
  return amlrt__missing(d->export->programs[i], t);
}

amlrt_status amlrt_detector_run(const amlrt_detector *d, uint32_t i, uint32_t pattern_index,
                                const amlrt_graph *graph, const amlrt_run_opts *opts,
                                amlrt_match_fn on_match, void *user, amlrt_run_stats *stats,
                                amlrt_error *err)
{
  if (i >= d->export->n_programs)
    return amlrt__fail(err, AMLRT_E_ARG, "the detector has %u patterns, there is no number %u",
                       d->export->n_programs, i);
  amlrt_status st = amlrt__check_needs(&d->export->programs[i], 1, amlrt_graph_table(graph), err);
  if (st < 0) return st;
  return amlrt__run_programs(&d->export->programs[i], 1, pattern_index, graph, opts, on_match, user,
                             stats, err);
}

amlrt_status amlrt_detector_run_all(const amlrt_detector *d, const amlrt_graph *graph,
                                    const amlrt_run_opts *opts, amlrt_match_fn on_match, void *user,
                                    amlrt_run_stats *stats, amlrt_error *err)
{
  amlrt_status st =
      amlrt__check_needs(d->export->programs, d->export->n_programs, amlrt_graph_table(graph), err);
  if (st < 0) return st;
  return amlrt__run_programs(d->export->programs, d->export->n_programs, 0, graph, opts, on_match,
                             user, stats, err);
}
