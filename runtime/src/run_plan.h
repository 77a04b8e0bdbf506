// Mining by plans (plan.h).
#ifndef AMLRT_SRC_RUN_PLAN_H
#define AMLRT_SRC_RUN_PLAN_H

#include "runtime/src/plan.h"
#include "runtime/src/run_detector.h"

// One pattern that is mined by a plan.
typedef struct amlrt__mining {
  amlrt__running *r;
  amlrt__plan plan;
  amlrt__want want;
  unsigned char *found; // WANT_ALL: candidates of the slab; WANT_FOLD: pieces of the run
  size_t n_found, cap_found;
} amlrt__mining;

typedef struct amlrt__candidate { // its keys follow it as n_words numbers
  uint32_t trigger, n_words;
} amlrt__candidate;

// run_plan.c: one pattern made ready, and freed.
amlrt_status amlrt__mining_make(amlrt__mining *m, amlrt__running *r, const amlrt_pplan *row,
                                amlrt_error *err);
void amlrt__mining_release(amlrt__mining *m);
// Mines it slab by slab; then it is told to the caller. The status is that of amlrt_detector_run.
amlrt_status amlrt__mine(amlrt__mining *m, amlrt_error *err);
amlrt_status amlrt__mining_tell(amlrt__mining *m, amlrt_status mined, amlrt_error *err);

// run_units.c: does the units of the plan, which is made.
amlrt_status amlrt__mine_units(amlrt__mining *m, amlrt_error *err);
// run_found.c: the candidates found, sorted by trigger and keys, evaluated, given to the caller.
amlrt_status amlrt__evaluate_found(amlrt__mining *m, uint32_t first, uint32_t end,
                                   amlrt_error *err);
// run_episodes.c: the pieces found, joined to episodes; their evidence; to the caller.
amlrt_status amlrt__write_episodes(amlrt__mining *m, amlrt_error *err);

// Reads matches out of a chunk's output and gives them to the caller.
amlrt_status amlrt__take_matches(amlrt__mining *m, const unsigned char *at, size_t n);

#endif
