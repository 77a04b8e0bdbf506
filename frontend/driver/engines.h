// The engines that compile, as one: jit where it is, else c.
#ifndef AML_DRIVER_ENGINES_H
#define AML_DRIVER_ENGINES_H

#include "frontend/driver/engine_c.h"
#include "frontend/driver/engine_jit.h"

typedef struct engines {
  engine_id asked;
  bool not_c;      // `auto` goes from jit to the reference
  engine_id id;    // ENGINE_JIT, ENGINE_C; ENGINE_REFERENCE: none is there
  const char *why; // why a better one is not; NULL
  engine_jit jit;
  engine_c c;
} engines;

// Looks for the engine that was asked for, or the best there is; of `auto` says nothing. EXIT_DONE, or
// EXIT_NO_ENGINE (said), EXIT_CTRL_C.
int engines_open(cli *c, engines *e, engine_id asked);
void engines_close(engines *e);
bool engines_any(const engines *e); // jit or c is there
int engines_compile(cli *c, engines *e, const kernel_input *in, uint32_t n);
bool engines_kept(const engines *e); // the detector is in the cache
// Makes the detector ready. `auto` goes on to the next engine where LLVM cannot be loaded (e->why).
int engines_load(cli *c, engines *e, const kernel_input *in, uint32_t n);
amlrt_detector *engines_detector(const engines *e);
const kernel *engines_kernel(const engines *e);
const char *engines_name(const engines *e);
// Seconds: patterns to kernel IR (and C text); that to code in memory.
double engines_compile_s(const engines *e);
double engines_code_s(const engines *e);

#endif
