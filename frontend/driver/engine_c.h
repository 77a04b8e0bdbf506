// The engine that compiles patterns to C, and loads what the C compiler makes of them.
#ifndef AML_DRIVER_ENGINE_C_H
#define AML_DRIVER_ENGINE_C_H

#include "amlrt/detector.h"
#include "frontend/driver/kernel.h"
#include "frontend/driver/native_cache.h"

typedef struct engine_c {
  bool found;      // a C compiler: native is open
  const char *why; // why none was found
  native native;
  native_cache cache;
  kernel kernel;
  const char *text; // of the translation unit
  size_t size;
  const char *key,
      *kept; // kept: the cache's file of it; NULL: it has to be built
  amlrt_detector *detector;
  double compile_s, cc_s;
} engine_c;

// Looks for a C compiler; says nothing. EXIT_DONE, EXIT_NO_ENGINE (e->why), EXIT_CTRL_C.
int engine_c_open(cli *c, engine_c *e);
void engine_c_close(engine_c *e);
// Patterns to C text, and a look into the cache. EXIT_DONE, or a failure (said).
int engine_c_compile(cli *c, engine_c *e, const kernel_input *in, uint32_t n);
// Builds what is not in the cache, and loads it: program i of e->detector is input i.
int engine_c_load(cli *c, engine_c *e);
// The exit code of a build that failed; says why.
int engine_c_fail(const cli *c, const native *n, native_status st);

#endif
