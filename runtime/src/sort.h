// Stable sorts of numbers by a key: the same order on every machine, memory from the host.
#ifndef AMLRT_SRC_SORT_H
#define AMLRT_SRC_SORT_H

#include "amlrt/amlrt.h"

// Sorts items[0 .. n-1] by key[item]. False: no memory, order unspecified.
bool amlrt__sort_by_int(uint32_t *items, size_t n, const int64_t *key,
                        const amlrt_alloc *mem) AMLRT_MUST_USE;
// Sorts items by the bytes of text[item], all ended by NUL. False: no memory.
bool amlrt__sort_by_text(uint32_t *items, size_t n, const char *const *text,
                         const amlrt_alloc *mem) AMLRT_MUST_USE;

#endif
