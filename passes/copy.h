// A copy of a pattern that passes may change. The original stays as the front end made it, for the
// reference interpreter and for what people are shown.
#ifndef AML_PASSES_COPY_H
#define AML_PASSES_COPY_H

#include "ir/gir.h"

// NULL without memory. Appended to m.
gir_pattern *copy_pattern(gir_module *m, const gir_pattern *p);

#endif
