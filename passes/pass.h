// Passes and their runner. A pass sees a module and nothing else: no I/O, no clock, no flags. The runner
// times, verifies, dumps, skips or stops after every one; switching any optional pass off may change
// speed, never a match or its evidence.
#ifndef AML_PASSES_PASS_H
#define AML_PASSES_PASS_H

#include "ir/kir.h"

typedef enum { PASS_UNCHANGED, PASS_CHANGED, PASS_FAILED } pass_outcome; // FAILED: no memory

typedef enum { PASS_LEVEL_GIR, PASS_LEVEL_LOWER, PASS_LEVEL_KIR } pass_level;

typedef struct pass_unit { // one pattern on its way
  cx *c;
  arena *mem;
  gir_module *gir_all; // the module it came from
  gir_pattern *gir;    // GIR passes change it (a copy of the program's own)
  kir_module *kir;     // from LOWER on
} pass_unit;

typedef struct pass_info {
  const char *name, *cli, *help;
  pass_level level;
  pass_outcome (*run)(pass_unit *u);
} pass_info;
extern const pass_info passes[];
extern const uint32_t n_passes;
uint32_t pass_find(const char *cli); // n_passes: none

typedef struct pass_opts {    // names as on the command line; NULL: not given
  const char *const *disable; // list, n_disable
  uint32_t n_disable;
  const char *stop_after;
  const char *only; // run this one alone (on graph IR; LOWER cannot be left out for KIR passes)
  const char *dump_after; // a pass, or "all"
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
// level, unit->kir is NULL. times (n_passes items) may be NULL.
pass_unit *passes_run(arena *mem, cx *c, const gir_module *m, const gir_pattern *p,
                      const pass_opts *opts, pass_time *times);

#endif
