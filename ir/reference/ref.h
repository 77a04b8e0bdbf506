// The reference interpreter: the meaning of graph IR, as a program. docs/semantics.md line by line.
//
// It sees rows, exact sums and the match sink; never a pass, kernel IR, or the adjacency index of the
// compiled engines. Slow and obvious, but it binds roles along stages and never tries every account.
#ifndef AML_IR_REFERENCE_REF_H
#define AML_IR_REFERENCE_REF_H

#include "ir/gir.h"
#include "amlrt/match.h"

typedef struct ref_opts {
  const amlrt_rates *rates;      // NULL: none
  bool history_complete;         // nothing was before the first row: no match is inconclusive
  uint32_t only_trigger;         // AMLRT_NONE: all
  uint64_t match_limit;          // 0: none; the run ends after so many matches, AMLRT_TRUNCATED
  int64_t hub_limit;             // 0: none; as `hubs at most`, but marks the run truncated
  bool (*cancelled)(void *user); // asked often; true ends the run with AMLRT_INTERRUPTED
  void (*progress)(void *user, uint64_t triggers_done, uint64_t n_triggers);
  void *user;
  const amlrt_alloc *mem; // NULL for malloc
  bool all_stages; // look for the trigger in every stage, not only in the derived ones (for tests)
} ref_opts;

typedef struct ref_stats {
  uint64_t triggers; // looked at
  uint64_t matches;
  uint64_t hub_triggers; // triggers one of whose accounts was over `hubs at most` (or hub_limit)
  bool hub_limit_hit;    // by hub_limit, not by the pattern
} ref_stats;

// What the match sink and the files need to know of a pattern; in arena `mem`. Constraints, roles and
// stages in the order of gir_constraints and of the body.
const amlrt_pattern_info *ref_pattern_info(arena *mem, const gir_pattern *p);

// The first attribute or column the pattern needs and the data lack; NULL: none.
const char *ref_missing_attribute(const gir_pattern *p, const amlrt_table *t);

// Finds all matches of pattern p, calls on_match for each (by trigger, then keys).
// Returns: AMLRT_OK; AMLRT_TRUNCATED; AMLRT_INTERRUPTED; AMLRT_E_*; or what on_match returned (< 0).
// Threads: runs may share pattern and table.
amlrt_status ref_run(const gir_pattern *p, uint32_t pattern_index, const amlrt_table *t,
                     const ref_opts *opts, amlrt_match_fn on_match, void *user, ref_stats *stats,
                     amlrt_error *err) AML_MUST_USE;

#endif
