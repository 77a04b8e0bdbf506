// libamlc-jit.so, which has LLVM in it: found beside amlc, loaded when code is to be made.
#ifndef AML_DRIVER_JIT_PROVIDER_H
#define AML_DRIVER_JIT_PROVIDER_H

#include "backend_cpu/jit/jit.h"

typedef struct jit_library {
  const char *path; // of the file; NULL: not there
  const char *why;  // why it is not there, or was not loaded, for people
  void *handle;
  const jit_provider *provider; // NULL: not loaded
} jit_library;

// Looks for the file; loads nothing. False: l->why.
bool jit_library_find(jit_library *l, arena *mem, const char *exe);
// Loads it. False: l->why.
bool jit_library_load(jit_library *l, arena *mem);
void jit_library_close(jit_library *l);

// What compiled code may call, in this process.
extern const jit_symbol jit_symbols[];
extern const uint32_t n_jit_symbols;

#endif
