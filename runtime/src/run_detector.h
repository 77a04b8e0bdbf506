// The run of programs over a graph; see amlrt_detector_run.
#ifndef AMLRT_SRC_RUN_DETECTOR_H
#define AMLRT_SRC_RUN_DETECTOR_H

#include "amlrt/detector.h"
#include "amlrt/program.h"
#include "runtime/src/worker.h"

// All programs in order; the status is the worst of those of the patterns (stats[i].status).
amlrt_status amlrt__run_programs(const amlrt_program *const *p, uint32_t n, uint32_t pattern_index,
                                 const amlrt_graph *graph, const amlrt_run_opts *opts,
                                 amlrt_match_fn on_match, void *user, amlrt_run_stats *stats,
                                 amlrt_error *err) AMLRT_MUST_USE;

// What a run hands to its caller, by whatever plan; shared by run_detector.c and run_plan.c.
typedef struct amlrt__running {
  amlrt__run run;
  uint32_t pattern_index;
  amlrt_match_fn on_match;
  void *user;
  amlrt_run_stats *stats;
  amlrt_list *lists;                  // of the match at hand, for the consumer
  const struct amlrt__running *peers; // patterns of the same run made before it; n_peers
  uint32_t n_peers;
  struct amlrt__noted { // of hubs, over all triggers
    uint64_t triggers;
    bool is_whole, hit;
  } noted;
  bool over; // the limit on matches
  bool cut;  // the limit on memory
} amlrt__running;

// One match goes to the caller; AMLRT_INTERRUPTED at the limit on matches.
amlrt_status amlrt__take_match(amlrt__running *r, amlrt_match *m);
// Callbacks of the scheduler that make and free a worker; user is the amlrt__running.
amlrt_status amlrt__start_worker(void *user, uint32_t worker, void **state, amlrt_error *err);
void amlrt__finish_worker(void *user, uint32_t worker, void *state);
// Evaluates the candidates of the worker's trigger. False: w->st.
bool amlrt__evaluate_all(amlrt_worker *w);
bool amlrt__was_cut(amlrt_worker *w);
bool amlrt__run_trigger(amlrt_worker *w, uint32_t trigger); // by trigger-major
// Mines by the plan trigger-major.
amlrt_status amlrt__run_triggers(amlrt__running *r, amlrt_error *err);

#endif
