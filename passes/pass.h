// Passes and their runner. A pass sees a unit and nothing else: no I/O, no clock, no flags. The runner
// times, verifies, dumps, skips or stops after every one; switching any optional pass off may change
// speed, never a match or its evidence.
#ifndef AML_PASSES_PASS_H
#define AML_PASSES_PASS_H

#include "ir/kir.h"

typedef enum { PASS_UNCHANGED, PASS_CHANGED, PASS_FAILED } pass_outcome; // FAILED: no memory

typedef enum { PASS_LEVEL_GIR, PASS_LEVEL_LOWER, PASS_LEVEL_KIR } pass_level;

// When the transfers left in a stage of a match can be, t being the time of the trigger: later than
// t - within + early, and not later than t - late. Seconds, both >= 0.
typedef struct pass_times {
  int64_t early, late;
} pass_times;

// What stages have in common with others, of this pattern and those before it in the run. Those with the same
// number ask the same of a transfer (filter), and take in the same transfers (rows); 0: not known.
typedef struct pass_same {
  uint32_t filter, rows;
} pass_same;

typedef struct pass_unit pass_unit;
struct pass_unit { // one pattern on its way
  cx *c;
  arena *mem;
  const gir_pattern *source; // as it was compiled: what people are shown comes from here
  gir_module *gir_all;       // a module that holds `gir` alone
  gir_pattern *gir;          // GIR passes change it
  // Facts that graph IR has no place for; what no pass has said yet holds of every pattern.
  gir_nodes triggers;                  // stages the trigger is looked for in
  VEC(pass_times) times;               // by stage, in the order of the text
  VEC(pass_same) same;                 // likewise
  kir_module *kir;                     // from LOWER on
  const pass_unit *before;             // the pattern of the run that was done before; NULL
  const char *pattern_hash, *src_name; // for the kernel IR; see pass_opts
};

typedef struct pass_info {
  const char *name, *cli, *help;
  pass_level level;
  pass_outcome (*run)(pass_unit *u);
} pass_info;
extern const pass_info passes[];
extern const uint32_t n_passes;
uint32_t pass_find(const char *cli); // n_passes: none

typedef struct pass_opts {    // names as on the command line; NULL: not given
  const char *const *disable; // list, n_disable; LOWER is run all the same
  uint32_t n_disable;
  const char *stop_after;
  const char *only;        // run this one alone (LOWER cannot be left out for KIR passes)
  const char *dump_after;  // a pass, or "all"
  const char *hash;        // 64 hex digits that name the graph IR; NULL: zeros, the host sets them
  const pass_unit *before; // done just before, of the same detector; NULL: none
  const char *source;      // name of the pattern's file, for comments; NULL: as the context has it
  // Called with a dump: the pass's name, the text. The host writes it.
  void (*dump)(void *user, const char *pattern, uint32_t place, const char *pass, const char *text);
  double (*clock)(void *user); // seconds; NULL: no times
  void *user;
} pass_opts;

typedef struct pass_time {
  double seconds;
  bool ran, changed;
} pass_time;

// Runs the pipeline on a copy of pattern `p`. NULL without memory. With stop_after or only at a GIR
// level, unit->kir is NULL. times (n_passes items) may be NULL. Names that are no pass are ignored:
// the host has checked them (pass_find).
pass_unit *passes_run(arena *mem, cx *c, const gir_module *m, const gir_pattern *p,
                      const pass_opts *opts, pass_time *times);

#endif
