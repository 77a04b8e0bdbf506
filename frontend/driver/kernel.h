// Patterns through the passes to kernel IR, and on to C text.
#ifndef AML_DRIVER_KERNEL_H
#define AML_DRIVER_KERNEL_H

#include "frontend/driver/cli.h"
#include "passes/pass.h"

typedef struct kernel_input { // one pattern of the translation unit
  const gir_module *module;
  const gir_pattern *pattern;
} kernel_input;

typedef struct kernel {
  VEC(pass_unit *) units;
  pass_time *times; // n_passes for each unit
  double seconds;   // of passes and printing
} kernel;

// Takes the passes' options of the command line. EXIT_DONE, or EXIT_USAGE (said).
int kernel_options(cli *c, pass_opts *out);
// Tricks of the runtime that --disable leaves out, as amlrt_run_opts.off has them.
uint64_t kernel_tricks_off(cli *c);
// Do the options let the pipeline end in kernel IR? Else EXIT_USAGE (said).
int kernel_options_reach_code(const pass_opts *o);
// Runs the passes over all inputs. EXIT_DONE, EXIT_WORLD (said).
int kernel_make(cli *c, kernel *k, const pass_opts *o, const kernel_input *in, uint32_t n);
// All patterns of the compilation.
int kernel_make_all(cli *c, kernel *k, const pass_opts *o);
// What names the detector of all units: the hash of one pattern, or that of several hashes.
const char *kernel_detector_hash(arena *mem, const kernel *k);
// The one translation unit of all units.
void kernel_text(kernel *k, strbuf *out);
// With -v: time and effect of each pass, on standard error.
void kernel_say_times(const cli *c, const kernel *k);
// The hash that names a pattern's graph IR: 64 hex digits.
const char *kernel_hash(arena *mem, const gir_pattern *p);

#endif
