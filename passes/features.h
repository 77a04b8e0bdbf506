// What the features of a pattern hang on.
#ifndef AML_PASSES_FEATURES_H
#define AML_PASSES_FEATURES_H

#include "ir/kir.h"

// Do all features come of the number of members of the role (a group or a chain) alone?
bool features_count(const kir_module *m, uint32_t role);

#endif
