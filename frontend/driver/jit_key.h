// What decides the bytes of an object that engine jit makes: the name of its entry in the cache.
#ifndef AML_DRIVER_JIT_KEY_H
#define AML_DRIVER_JIT_KEY_H

#include "frontend/driver/jit_provider.h"
#include "frontend/driver/kernel.h"

// 64 hex digits of: kernel IR of all units, the sources that its places point into, CPU and features,
// ABI version, LLVM's version, this build of amlc, the library's file. LLVM is not loaded for it.
const char *jit_key(arena *mem, const jit_library *l, const kernel *k, const char *cpu);
// Whether code for this machine can be made at all: x86-64, 64-bit. NULL: yes; else why not.
const char *jit_refuses_machine(void);

#endif
