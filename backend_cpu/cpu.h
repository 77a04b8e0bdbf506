// The CPU back end: kernel IR to C11, and on to a shared object or a program through the system's C
// compiler, started by argument vector in a private folder, never through a shell.
#ifndef AML_BACKEND_CPU_CPU_H
#define AML_BACKEND_CPU_CPU_H

#include "ir/kir.h"

// The C text of the modules (dialect_omp.c).
void cpu_emit_c(strbuf *out, const kir_module *const *modules, uint32_t n, const kir_export *e);

#endif
