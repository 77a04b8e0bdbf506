#include "backend_cpu/cpu.h"
#include "backend_cpu/omp.h"

void cpu_emit_c(strbuf *out, const kir_module *const *modules, uint32_t n, const kir_export *e)
{
  kir_emit_c(out, modules, n, e, &cpu_dialect_omp);
}
