// Each distinct text gets a number, 0, 1, 2, ..., in the order it first appears. Texts have no NUL
// inside.
#ifndef AMLRT_SRC_INTERN_H
#define AMLRT_SRC_INTERN_H

#include "runtime/src/alloc.h"
#include "amlrt/table.h"

typedef struct amlrt__intern_slot {
  uint32_t hash;
  uint32_t number; // plus 1; 0: free
  const char *text;
} amlrt__intern_slot;

typedef struct amlrt__intern {
  const amlrt_alloc *mem;
  amlrt__pool *pool; // where the texts go; outlives the intern
  amlrt__intern_slot *slot;
  size_t n_slots;    // a power of two, or 0
  const char **text; // by number
  size_t cap;
  uint32_t n;
} amlrt__intern;

void amlrt__intern_init(amlrt__intern *in, amlrt__pool *pool);
void amlrt__intern_release(amlrt__intern *in); // the texts stay in the pool
// Status: AMLRT_OK, AMLRT_E_NOMEM, AMLRT_E_TOO_LARGE (more than 2^32 - 2 texts).
amlrt_status amlrt__intern_add(amlrt__intern *in, const char *text, size_t n, uint32_t *number);
uint32_t amlrt__intern_find(const amlrt__intern *in, const char *text, size_t n); // AMLRT_NONE

#endif
