// Between the files that print C.
#ifndef AML_BACKEND_CPU_OMP_H
#define AML_BACKEND_CPU_OMP_H

#include "ir/kir.h"

extern const kir_dialect cpu_dialect_omp;

#endif
