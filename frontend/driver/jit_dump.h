// --dump: what LLVM was given and what it made of it, as text.
#ifndef AML_DRIVER_JIT_DUMP_H
#define AML_DRIVER_JIT_DUMP_H

#include "backend_cpu/jit/jit.h"
#include "frontend/driver/cli.h"

// The JIT_WANT_* bits that --dump names; 0: none. False: usage (said).
bool jit_dump_wants(cli *c, unsigned *want);
// Writes those to --dump-dir, else to standard error. An exit code.
int jit_dump(cli *c, const jit_result *made, unsigned want);

#endif
