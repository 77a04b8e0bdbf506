// What a pattern needs of the data.
#ifndef AMLRT_SRC_NEEDS_H
#define AMLRT_SRC_NEEDS_H

#include "amlrt/program.h"

// The first column or attribute that the program needs and the table has not; NULL: none.
const char *amlrt__missing(const amlrt_program *p, const amlrt_table *t);
// AMLRT_OK, or AMLRT_E_NO_ATTRIBUTE with the pattern and what it needs.
amlrt_status amlrt__check_needs(const amlrt_program *const *programs, uint32_t n,
                                const amlrt_table *t, amlrt_error *err);

#endif
