// Work over the items 0 .. n-1 by several threads, with an output that does not depend on how many.
//
// The items are cut into chunks of about equal cost, in order; the cut depends on n and the costs only,
// never on the number of threads. Threads take chunk after chunk. What a chunk writes goes into a
// buffer of its own, and finished buffers are handed to one consumer in the order of the chunks while
// others still work: the consumer sees the same bytes in the same order for any number of threads.
//
// Threads: amlrt_parallel may be called from any thread, several calls may run at once. Called from
// inside a body it works, with one thread. A process that used more than one thread here must not go
// on using them in a forked child: GNU OpenMP hangs there.
#ifndef AMLRT_SCHED_H
#define AMLRT_SCHED_H

#include "amlrt/amlrt.h"

// Items begin .. end-1. An item that is too dear for one chunk may be split: then begin is that item,
// end is begin + 1, and this chunk is part `part` of n_parts. How the item is divided is the body's to
// say; its parts are chunks in the order of their numbers. Where nothing is split: part 0 of 1.
typedef struct amlrt_chunk {
  uint64_t begin, end;
  uint32_t part, n_parts;
} amlrt_chunk;

// What a body writes to and asks while it works on a chunk.
typedef struct amlrt_task amlrt_task;

// Room for `bytes` more bytes of the chunk's output, to be filled at once: the next call may move the
// output. NULL: no memory. Without a consumer the output is thrown away.
AMLRT_API void *amlrt_task_room(amlrt_task *task, size_t bytes) AMLRT_MUST_USE;
// Copies bytes to the output.
AMLRT_API amlrt_status amlrt_task_write(amlrt_task *task, const void *bytes, size_t n,
                                        amlrt_error *err) AMLRT_MUST_USE;
// True: nobody will look at this chunk any more; the body returns AMLRT_INTERRUPTED soon. To be asked
// every few milliseconds of work. Asks `cancelled` too.
AMLRT_API bool amlrt_task_stop(amlrt_task *task);
AMLRT_API uint32_t amlrt_task_worker(const amlrt_task *task); // 0 .. amlrt_threads(threads)-1

// What is to be done. Set what is needed, leave the rest zero. `user` goes to every callback.
typedef struct amlrt_work {
  uint64_t n;             // items
  uint32_t threads;       // 0: all (OMP_NUM_THREADS, where set)
  const amlrt_alloc *mem; // NULL for malloc
  size_t max_waiting;     // bytes of finished output that may wait for their turn, see below;
                          // 0: 64 MiB
  void *user;

  // How dear an item is, in a unit of the caller's; NULL: all alike. Asked twice for each item, by the
  // calling thread, before the work begins.
  uint64_t (*cost)(void *user, uint64_t item);
  uint64_t chunk_cost; // what a chunk should cost; 0: a 1024th of all
  uint32_t max_parts;  // most parts that an item twice as dear as a chunk is split into; 0, 1: none

  // State of one worker, made and freed around its chunks: `start` in the worker's own thread, `finish`
  // in the calling thread when all work has ended, for the workers in order (so it may add up what they
  // counted without a lock). Either may be NULL. `finish` is called for exactly those workers
  // whose `start` succeeded. A `start` that fails ends the run.
  amlrt_status (*start)(void *user, uint32_t worker, void **state, amlrt_error *err);
  void (*finish)(void *user, uint32_t worker, void *state);

  // Works on a chunk. Threads: several at once. Returns AMLRT_OK, AMLRT_TRUNCATED (the run goes on),
  // or what ends the run: AMLRT_INTERRUPTED, AMLRT_E_*.
  amlrt_status (*body)(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                       amlrt_error *err);

  // Takes the output of the chunks, in their order, chunks without output too. Threads: one call at a
  // time, but not always from the same thread. Returns as a body does. NULL: no output is kept.
  amlrt_status (*consume)(void *user, const amlrt_chunk *chunk, const void *bytes, size_t n,
                          amlrt_error *err);

  // Asked between chunks and by amlrt_task_stop, perhaps by several threads at once. True ends the run.
  bool (*cancelled)(void *user);
} amlrt_work;

// Does all of it. The dearest chunks are started first, as far as what then waits for its turn stays
// below half of max_waiting; above max_waiting only the chunk that is next to be handed over is
// started. So at most max_waiting and one chunk for each worker wait.
//
// Returns: AMLRT_OK; AMLRT_TRUNCATED: some chunk said so; AMLRT_INTERRUPTED: cancelled, the consumer
//          has seen the chunks up to some place; AMLRT_E_*. Where bodies or the consumer fail, the
//          status and error of the first of those chunks in order are returned, whatever the number of
//          threads, and the consumer has seen exactly the chunks before it. AMLRT_E_NOMEM before any
//          chunk or from `start`: the consumer has seen the chunks up to some place.
AMLRT_API amlrt_status amlrt_parallel(const amlrt_work *work, amlrt_error *err) AMLRT_MUST_USE;

// How many workers `threads` stands for: all for 0, at most AMLRT_MAX_THREADS.
#define AMLRT_MAX_THREADS 512
AMLRT_API uint32_t amlrt_threads(uint32_t threads);

#endif
