// Memory of the runtime: the host's allocator, growing arrays, and a pool for texts.
#ifndef AMLRT_SRC_ALLOC_H
#define AMLRT_SRC_ALLOC_H

#include "amlrt/amlrt.h"

// NULL when there is none. Blocks are not cleared.
void *amlrt__alloc(const amlrt_alloc *mem, size_t bytes) AMLRT_MUST_USE;
// n * size bytes, cleared; NULL also when the product does not fit. n = 0 gives a block.
void *amlrt__array(const amlrt_alloc *mem, size_t n, size_t size) AMLRT_MUST_USE;
void amlrt__release(const amlrt_alloc *mem, void *block); // NULL is fine

// Makes room for `need` items of `size` bytes in the block that *block_ptr (any pointer type)
// points to, at least doubling. False: no memory; the block and *cap stay as they were.
bool amlrt__grow(const amlrt_alloc *mem, void *block_ptr, size_t *cap, size_t need,
                 size_t size) AMLRT_MUST_USE;

// Texts that live as long as their owner: copied in, never moved, freed all at once.
typedef struct amlrt__block amlrt__block;
typedef struct amlrt__pool {
  const amlrt_alloc *mem;
  amlrt__block *blocks;
  char *at;
  size_t left;
} amlrt__pool;

void amlrt__pool_init(amlrt__pool *pool, const amlrt_alloc *mem);
void amlrt__pool_release(amlrt__pool *pool);
// Room for n bytes, or NULL.
char *amlrt__pool_room(amlrt__pool *pool, size_t n) AMLRT_MUST_USE;
// A copy ended by NUL, or NULL.
const char *amlrt__pool_copy(amlrt__pool *pool, const char *text, size_t n) AMLRT_MUST_USE;

#endif
