// The engine that compiles patterns through LLVM, in memory.
#ifndef AML_DRIVER_ENGINE_JIT_H
#define AML_DRIVER_ENGINE_JIT_H

#include "amlrt/detector.h"
#include "frontend/driver/jit_provider.h"
#include "frontend/driver/jit_load.h"
#include "frontend/driver/kernel.h"
#include "frontend/driver/native_cache.h"

typedef struct engine_jit {
  jit_library library;
  native_cache cache;
  kernel kernel;
  const char *hash; // of the detector
  const char *cpu;  // --target-cpu, or "native"
  unsigned dump;    // of JIT_WANT_*
  const char *key;
  const char *kept; // the object, from the cache; NULL: it has to be made
  size_t kept_bytes;
  amlrt_detector *detector;
  jit_loaded loaded;  // the code: of an object from the cache
  jit_linked *linked; // or linked by LLVM
  double compile_s, code_s;
} engine_jit;

// Looks for libamlc-jit.so; loads and says nothing. EXIT_DONE, EXIT_NO_ENGINE (e->library.why).
int engine_jit_open(cli *c, engine_jit *e);
void engine_jit_close(engine_jit *e);
// Patterns to kernel IR, and a look into the cache. EXIT_DONE, or a failure (said).
int engine_jit_compile(cli *c, engine_jit *e, const kernel_input *in, uint32_t n);
// Kernel IR to code that runs: program i of e->detector is input i. EXIT_DONE; EXIT_NO_ENGINE when LLVM
// cannot be loaded (e->library.why, not said); another failure (said).
int engine_jit_load(cli *c, engine_jit *e);
// Has LLVM make what `want` names of the kernel's units. As engine_jit_load.
int engine_jit_make(cli *c, jit_library *l, const kernel *k, const char *cpu, unsigned want,
                    jit_result *out);

#endif
