// Plans: how the candidates of a whole run are found. One file and one row of plans.def a plan.
//
// The plan trigger-major goes over the triggers (run_detector.c). Every other plan cuts its work into
// units of its own (accounts of a key, blocks of time) that any worker may take, and calls, for what
// it finds, amlrt__found or amlrt__found_exact. What then happens is decided in one place
// (run_plan.c), by what the caller of the run wants:
//
//   every match, with evidence   candidates are kept, sorted by trigger and keys, then evaluated
//   counts (light)               matches without evidence go out as they are found
//   episodes                     matches of the same keys are folded into episodes as they are found;
//                                evidence is made once an episode
//
// A plan finds, for every trigger in pl->first .. pl->end - 1, every candidate that could be a match,
// each (trigger, keys) at most once in all. Matches of the same keys must come one after the other,
// with rising triggers and without other keys between, in each unit; where several units find some of the
// same keys, their triggers must not interleave (units as blocks of time).
#ifndef AMLRT_SRC_PLAN_H
#define AMLRT_SRC_PLAN_H

#include "runtime/src/common.h"
#include "runtime/src/worker.h"

typedef struct amlrt__plan_ops amlrt__plan_ops;

// One plan at work on one slab of triggers.
typedef struct amlrt__plan {
  const amlrt__plan_ops *ops;
  const amlrt__run *run;
  const amlrt_pplan *row;
  uint32_t first, end; // triggers to be found; what exists for them reaches further back
  uint64_t n_units;    // set by make
  uint32_t threads;
  void *state; // of the plan, shared by its workers
} amlrt__plan;

struct amlrt__plan_ops {
  amlrt_plan_kind kind;
  const char *name; // as --plan says it
  // Can it be done on this table at all (say, times fit 32 bits)? NULL: always.
  bool (*fits)(const amlrt__run *run, const amlrt_pplan *row);
  // Memory touches that mining triggers first .. end - 1 costs, about (stats.h). NULL: unknown, large.
  double (*cost)(const amlrt__run *run, const amlrt_pplan *row);
  // Does it mine this run from the columns alone, or these and some sides of the graph? Then it is taken
  // without asking what other plans cost, and no more of the graph is filled for it. NULL: never.
  bool (*alone)(const amlrt__run *run, const amlrt_pplan *row);
  // These sides: AMLRT_GRAPH_OUT, AMLRT_GRAPH_IN. NULL: none.
  unsigned (*sides)(const amlrt__run *run, const amlrt_pplan *row);
  // Says what it could do with that other patterns of the run might want, too (amlrt__common_want). NULL:
  // nothing. False: no memory.
  bool (*wants)(const amlrt__run *run, const amlrt_pplan *row, amlrt__commons *all);
  // Makes pl->state and sets pl->n_units. Called by the run's own thread; may use all threads itself
  // (amlrt_parallel). Returns AMLRT_OK; AMLRT_TRUNCATED: does not fit run->opts->memory_limit, the
  // slab is then halved; AMLRT_INTERRUPTED; AMLRT_E_NOMEM.
  amlrt_status (*make)(amlrt__plan *pl, amlrt_error *err);
  void (*release)(amlrt__plan *pl); // of a state half made, too
  // How dear a unit is, in any measure; NULL: all alike.
  uint64_t (*unit_cost)(const amlrt__plan *pl, uint64_t unit);
  // A worker's own state, w->plan_state; w->plan is set. NULL: none needed. False: w->st says why.
  bool (*worker_make)(amlrt_worker *w);
  void (*worker_release)(amlrt_worker *w); // of a state half made, too
  // Does one unit. False: w->st says why. Asks amlrt__step often, with what it did.
  bool (*unit)(amlrt_worker *w, uint64_t unit);
};

// By kind; NULL: trigger-major, which has none.
const amlrt__plan_ops *amlrt__plan_ops_of(amlrt_plan_kind kind);
const char *amlrt__plan_name(amlrt_plan_kind kind);

// The plan for a run: the one asked for, else the cheapest. AMLRT_E_ARG: the pattern has not the one asked
// for; the error says which it has.
amlrt_status amlrt__plan_choose(amlrt__run *run, const amlrt_pplan **row, amlrt_error *err);
// Can it be done here: is the plan there, and does it fit the table?
bool amlrt__plan_can(const amlrt__run *run, const amlrt_pplan *row);
bool amlrt__plan_is_alone(const amlrt__run *run, const amlrt_pplan *row);
unsigned amlrt__plan_sides(const amlrt__run *run, const amlrt_pplan *row); // that it needs
// What a row of the program's would take, about, in nanoseconds of one thread. False: no memory.
bool amlrt__plan_cost(amlrt__run *run, const amlrt_pplan *row, double *ns);

// A candidate: its keys by role as amlrt__candidates has them (single roles: the account; chains: how
// many, then these; groups nothing), n words. It is evaluated here or later. Sets the worker's trigger.
bool amlrt__found(amlrt_worker *w, uint32_t trigger, const uint32_t *keys, uint32_t n);

// A match, found exactly: it need not be evaluated. Matches of the same keys are one episode as long as
// each has a transaction in common with the one before. That is told by `link`, of this match and the one
// of the same keys that was handed over just before it in the same unit; or by `until`: a later match of
// the same keys has a transaction in common with this one exactly where its first existing row
// (run->window_lo) is <= until. features: n_features values, where amlrt__wants_features, else NULL.
typedef enum { AMLRT__LINK_UNTIL, AMLRT__LINK_NO, AMLRT__LINK_YES } amlrt__link;
#define AMLRT__UNTIL_UNKNOWN UINT32_MAX
typedef struct amlrt__exact {
  uint32_t trigger, until;
  amlrt__link link;
  amlrt_degree degree;
  bool inconclusive;
  const amlrt_value *features;
} amlrt__exact;
bool amlrt__found_exact(amlrt_worker *w, const amlrt__exact *m, const uint32_t *keys, uint32_t n);
bool amlrt__wants_features(const amlrt_worker *w);

// Is the account barred by the limit on hubs, for this trigger? Answered from intervals made once for
// all potential hubs (run->may_be_hub), in any order of triggers, by any worker. Not for
// `same currency;`, where it depends on the trigger's currency: see hubs.c.
bool amlrt__barred_at(const amlrt__run *run, uint32_t account, uint32_t trigger);

// Does a match of the trigger reach back before the data begin (semantics 8), in a pattern without
// absences that look further back than the window? Then it is inconclusive.
bool amlrt__reaches_back(const amlrt_worker *w, uint32_t trigger);
// The first trigger of the plan that does not: none behind it does.
uint32_t amlrt__whole_from(const amlrt__plan *pl);

// plan_part.c: parts 0 .. n-1 of a work, each done by one of so many threads. Stops at the first
// that fails.
typedef amlrt_status (*amlrt__part_fn)(void *user, uint32_t part);
amlrt_status amlrt__do_parts(const amlrt__plan *pl, uint32_t threads, uint32_t n, amlrt__part_fn fn,
                             void *user, amlrt_error *err);
uint32_t amlrt__part_threads(const amlrt__plan *pl, uint64_t rows); // as many as pay
// All units of a plan that is made, by workers of its own, in any order; nothing is handed over.
amlrt_status amlrt__do_units(amlrt__plan *pl, bool (*unit)(amlrt_worker *w, uint64_t unit),
                             amlrt_error *err);

#endif
