// Kernel IR to machine code through LLVM: the provider that libamlc-jit.so is.
//
// amlc loads it at run time (frontend/driver/jit_provider.c), so LLVM is not needed where it is not used:
// without the file amlc builds and runs, and a compiled object from the cache runs without it too. All
// that includes llvm-c is in this folder. Target: x86-64 with the System V ABI; others are refused.
#ifndef AML_BACKEND_CPU_JIT_H
#define AML_BACKEND_CPU_JIT_H

#include "ir/kir.h"

// What compiled code may call, and where it is: amlrt/amlrt_calls.def with the addresses of this process.
typedef struct jit_symbol {
  const char *name;
  const void *address;
} jit_symbol;

typedef enum {
  JIT_DONE,
  JIT_NOT_HERE, // no x86-64; `why`
  JIT_NO_CPU,   // LLVM knows no CPU of this name; `why`
  JIT_WORLD,    // no memory; `why`
  JIT_BUG       // LLVM refuses what we made of the patterns: our bug; `why`
} jit_status;

enum { // what jit_request.want may ask for
  JIT_WANT_OBJECT = 1,
  JIT_WANT_LLVM = 2,     // as this folder prints it
  JIT_WANT_LLVM_OPT = 4, // as LLVM's passes left it
  JIT_WANT_ASM = 8
};

typedef struct jit_request {
  arena *mem; // results live there
  const kir_module *const *modules;
  uint32_t n_modules;
  const char *hash;     // of the detector: 64 hex digits
  const char *compiler; // version of amlc
  const char *cpu;      // as LLVM names it; "native": this machine's; NULL: any x86-64
  unsigned want;
  bool verify; // have LLVM check each step; the IR as printed is checked in any case
} jit_request;

typedef struct jit_result {
  const char *object; // a relocatable ELF file
  size_t object_bytes;
  const char *llvm, *llvm_opt, *assembly;
  const char *why;
  double print_s, opt_s, emit_s; // seconds of each step
} jit_result;

typedef struct jit_linked jit_linked; // an object in memory, ready to run

typedef struct jit_provider {
  const char *build; // of the amlc it was built with: kernel IR passes as it lies in memory
  const char *llvm;  // version of LLVM
  // Threads: any number at once, each with its own request and context.
  jit_status (*compile)(jit_result *out, const jit_request *in);
  // Links an object by LLVM's ORC and finds amlrt_detector_get in it. Only `symbols` are resolved.
  jit_status (*link)(jit_linked **out, const void **get, const jit_result *object,
                     const jit_symbol *symbols, uint32_t n_symbols, arena *mem, const char **why);
  void (*release)(jit_linked *l); // NULL is fine
  // The name of this machine's CPU, for people.
  const char *(*cpu)(arena *mem);
} jit_provider;

// What libamlc-jit.so exports.
const jit_provider *amlc_jit_provider(void);

#endif
