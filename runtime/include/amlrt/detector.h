// Detectors: compiled patterns, loaded or linked, and their run over a table.
#ifndef AMLRT_DETECTOR_H
#define AMLRT_DETECTOR_H

#include "amlrt/match.h"

typedef struct amlrt_detector amlrt_detector;

// Loads a shared object that amlc wrote. Refused with a reason when it was built for another ABI
// (AMLRT_E_ABI) or is no detector (AMLRT_E_DETECTOR), or its pattern hash is not `hash` (NULL: any).
AMLRT_API amlrt_status amlrt_detector_load(amlrt_detector **out, const char *path, const char *hash,
                                           const amlrt_alloc *mem, amlrt_error *err) AMLRT_MUST_USE;
// The same for one that is linked in or was made in memory; `export` is an amlrt_detector_export.
AMLRT_API amlrt_status amlrt_detector_from(amlrt_detector **out, const void *export_,
                                           const char *hash, const amlrt_alloc *mem,
                                           amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API void amlrt_detector_free(amlrt_detector *d); // NULL is fine
AMLRT_API uint32_t amlrt_detector_n(const amlrt_detector *d);
AMLRT_API const amlrt_pattern_info *amlrt_detector_info(const amlrt_detector *d, uint32_t i);
// The first column or attribute that pattern i needs and the table has not ("amount", "risk"); NULL: it
// has all. A run over a table that lacks one is refused: AMLRT_E_NO_ATTRIBUTE.
AMLRT_API const char *amlrt_detector_missing(const amlrt_detector *d, uint32_t i,
                                             const amlrt_table *t);

// An episode (mode episode): the match of the highest degree, the latest of those; how many matches were
// merged; their first and last trigger. As amlrt_match_fn otherwise.
typedef amlrt_status (*amlrt_episode_fn)(void *user, const amlrt_match *best, uint64_t merged,
                                         uint32_t trigger_first, uint32_t trigger_last);

// Tricks that a run can leave out.
typedef enum {
#define AMLRT_TRICK(id, name, help) AMLRT_TRICK_##id,
#include "amlrt/tricks.def"
  AMLRT_N_TRICKS
} amlrt_trick;
typedef struct amlrt_trick_info {
  const char *name, *help;
} amlrt_trick_info;
AMLRT_API const amlrt_trick_info *amlrt_trick_of(amlrt_trick trick);

enum { AMLRT_SLAB = 1 << 18 }; // a good one where a run may be cut

typedef struct amlrt_run_opts {
  const amlrt_rates *rates; // NULL: none
  uint32_t n_threads;       // 0: all
  bool history_complete;
  uint32_t only_trigger; // AMLRT_NONE: all
  uint64_t match_limit;  // by pattern; 0: none
  int64_t hub_limit;     // 0: none
  size_t memory_limit;   // bytes for the run beside the graph; 0: none
  // What is wanted. Nothing set: on_match is called for every match, in order.
  //
  // light: matches have no roles, stages, constraints and title values (all NULL), and come in any
  // order that does not depend on n_threads. For counts and features.
  bool light;
  // Where a plan can, it folds matches into episodes, writes evidence once an episode, and calls this
  // instead of on_match; else on_match is called. Not with match_limit.
  amlrt_episode_fn on_episode;
  // "trigger-major", "hub-sweep", "key-major", "closing-search"; or one for each of some patterns:
  // "PATTERN=NAME,...". One that the pattern has not is AMLRT_E_ARG. NULL, "auto": the cheapest by
  // estimate.
  const char *plan;
  // At most so many triggers are mined before what was found is handed over, fewer at first and where
  // they take long, so that a run that is cut short has something to show; 0: the plan's choice.
  uint32_t slab;
  uint64_t off; // tricks left out: 1 << amlrt_trick
  bool (*cancelled)(void *user);
  void (*progress)(void *user, uint64_t triggers_done, uint64_t n_triggers);
  void *user;
  const amlrt_alloc *mem; // NULL: malloc
} amlrt_run_opts;
AMLRT_API amlrt_run_opts amlrt_run_opts_default(void);

typedef struct amlrt_run_stats {
  uint64_t triggers, candidates, matches, hub_triggers;
  uint64_t episodes; // handed over by on_episode
  const char *plan;  // that was taken
  bool hub_limit_hit, memory_limit_hit;
  amlrt_status status; // of this pattern, as amlrt_detector_run returns it
  double seconds;      // it took
} amlrt_run_stats;

typedef struct amlrt_graph amlrt_graph;

// The names of the plans a pattern has, ended by NULL; the first is "trigger-major".
#define AMLRT_MAX_PLANS 16
AMLRT_API void amlrt_detector_plans(const amlrt_detector *d, uint32_t i,
                                    const char *names[AMLRT_MAX_PLANS + 1]);

// What each plan of a pattern would take on the data, about, in seconds of one thread, in the order of
// amlrt_detector_plans; *n of them. A plan that this table does not allow is left out. Opts as for a run.
typedef struct amlrt_plan_estimate {
  const char *plan;
  double seconds;
} amlrt_plan_estimate;
AMLRT_API amlrt_status amlrt_detector_estimate(const amlrt_detector *d, uint32_t i,
                                               const amlrt_graph *graph, const amlrt_run_opts *opts,
                                               amlrt_plan_estimate out[AMLRT_MAX_PLANS],
                                               uint32_t *n, amlrt_error *err) AMLRT_MUST_USE;

// Finds all matches of pattern i; on_match is called from one thread at a time, in order of trigger,
// then keys, with pattern index `pattern_index`. Same bytes for any n_threads.
// Returns as ref_run: AMLRT_OK, AMLRT_TRUNCATED, AMLRT_INTERRUPTED, AMLRT_E_*, or what on_match returned.
// Threads: runs may share graph and detector.
AMLRT_API amlrt_status amlrt_detector_run(const amlrt_detector *d, uint32_t i,
                                          uint32_t pattern_index, const amlrt_graph *graph,
                                          const amlrt_run_opts *opts, amlrt_match_fn on_match,
                                          void *user, amlrt_run_stats *stats,
                                          amlrt_error *err) AMLRT_MUST_USE;

// The same for all patterns of the detector, with pattern indexes 0, 1, ..: they share what they can.
// stats: one for each, or NULL; a pattern that was not reached has status 0 and triggers 0. Returns the
// worst of the patterns' statuses; ends with the first failure, or where it is interrupted.
AMLRT_API amlrt_status amlrt_detector_run_all(const amlrt_detector *d, const amlrt_graph *graph,
                                              const amlrt_run_opts *opts, amlrt_match_fn on_match,
                                              void *user, amlrt_run_stats *stats,
                                              amlrt_error *err) AMLRT_MUST_USE;

#endif
