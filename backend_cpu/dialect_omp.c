#include "backend_cpu/omp.h"

// Threads are the runtime's (libamlrt, by OpenMP): generated code is one thread's work.
const kir_dialect cpu_dialect_omp = {
    .name = "C11",
    .header = "<amlrt/amlrt_gen.h>",
    .fn_prefix = "static ",
    .export_mark = "AMLRT_API ",
};
