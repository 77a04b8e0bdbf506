// Cutting items into chunks, for the scheduler.
#ifndef AMLRT_SRC_CHUNKS_H
#define AMLRT_SRC_CHUNKS_H

#include "runtime/src/alloc.h"
#include "amlrt/sched.h"

typedef enum { AMLRT__IDLE, AMLRT__RUNNING, AMLRT__DONE, AMLRT__GONE } amlrt__chunk_state;

typedef struct amlrt__output {
  char *bytes;
  size_t n, cap;
} amlrt__output;

typedef struct amlrt__piece {
  amlrt_chunk chunk;
  uint64_t cost;
  bool dear; // a part of an item, or one item that costs more than a chunk should
  amlrt__chunk_state state;
  amlrt__output out; // while it waits
} amlrt__piece;

typedef struct amlrt__cut {
  amlrt__piece *piece;
  size_t n, cap;
  size_t *dear; // the dear ones, the dearest first
  size_t n_dear;
} amlrt__cut;

// Cuts the items of the work. False: no memory, *cut is empty.
bool amlrt__cut_make(amlrt__cut *cut, const amlrt_work *work,
                     const amlrt_alloc *mem) AMLRT_MUST_USE;
void amlrt__cut_release(amlrt__cut *cut, const amlrt_alloc *mem);

#endif
