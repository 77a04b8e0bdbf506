// A small linker for objects that amlc compiled earlier: x86-64 ELF, in memory, LLVM not needed.
//
// It takes what backend_cpu/jit makes and refuses everything else with a reason: one text segment that
// may run, one of constants that may not be written, three kinds of relocation, and no symbol that is not
// in the list it is given. What lies outside the file's own bounds is never followed.
#ifndef AML_DRIVER_JIT_LOAD_H
#define AML_DRIVER_JIT_LOAD_H

#include "backend_cpu/jit/jit.h"

typedef struct jit_loaded {
  void *at; // NULL: nothing is loaded
  size_t bytes;
  const void *get;       // amlrt_detector_get
  struct jit_seen *seen; // what gdb was told of it; NULL: nothing
} jit_loaded;

// False: why. Threads: any.
bool jit_load(jit_loaded *out, arena *mem, const char *object, size_t n, const jit_symbol *symbols,
              uint32_t n_symbols, const char **why);
void jit_unload(jit_loaded *l); // nothing loaded is fine

#endif
