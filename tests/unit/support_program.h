// Compiled patterns written by hand, as generated code would be, and their runs in tests: the tables of
// amlrt/program.h filled in, beside the pattern's text, which the reference interpreter runs.
#ifndef AML_TESTS_PROGRAM_H
#define AML_TESTS_PROGRAM_H

#include "amlrt/detector.h"
#include "amlrt/graph.h"
#include "amlrt/program.h"
#include "tests/unit/support_ref.h"

typedef struct hand_program {
  const char *pattern; // body, as ref_compile takes it
  const amlrt_program *program;
} hand_program;

extern const hand_program hand_fan_in;  // a filter that compares money
extern const hand_program hand_scatter; // a group between two keys: order and ratio under each
extern const hand_program hand_ring;    // a closed chain with a gap
extern const hand_program hand_herd; // a set with `&` and `-`, a share, a group that may be empty
extern const hand_program hand_both; // overlap, absence, require, each of one account
extern const hand_program *const hand_programs[]; // all of them
enum { N_HAND_PROGRAMS = 5 };

// A detector of one program.
typedef struct hand_detector {
  const amlrt_program *programs[1];
  amlrt_detector_export export;
  amlrt_detector *detector;
} hand_detector;
void hand_load(hand_detector *d, const amlrt_program *p);

// Matches as lines of ref_print, one run that must end with the status. `out` is used again.
#define HAND_DONE_OR_CUT 99 // as the status: AMLRT_OK or AMLRT_TRUNCATED
const char *hand_run(ref_printer *out, const amlrt_program *p, const amlrt_graph *g,
                     const amlrt_run_opts *o, int want, amlrt_run_stats *stats);
amlrt_graph *hand_graph(const amlrt_table *t);

#endif
