// From the bytes of a file to rows in the table, by several threads. Three things are to be done with
// each block: load it (read, hash, unpack), which is done in the order of the file; parse it, which several
// threads do at once; settle it, in the order of the file again. Whoever has nothing to do takes the next
// thing that can be done. At most n_blocks blocks are in memory.
//
// A block ends at the end of a line, which can be inside a quoted field. That is a guess at where a record
// ends, and settling finds out: the bytes of a record that was cut go before the next block, which is
// parsed again.
#ifndef AMLRT_SRC_PIPE_H
#define AMLRT_SRC_PIPE_H

#include <pthread.h>

#include "runtime/src/block.h"

typedef struct amlrt__bytes {
  char *at;
  size_t n, cap;
} amlrt__bytes;

typedef struct amlrt__pipe {
  // Set by the reader before the first block.
  amlrt__input *in;
  amlrt__collect *rows;
  uint32_t file, threads;
  size_t block_bytes;
  char delimiter;
  // Tells the host how far it is. Always called from the thread that runs the pipe, as long as that gets
  // a thread's share of the work.
  amlrt_status (*ask)(void *user, uint64_t rows, uint64_t bytes, amlrt_error *err);
  void *user;
  // Set before the rows.
  const amlrt__schema *schema;
  uint64_t line; // where the next block to be settled begins

  // Loading; one thread at a time.
  amlrt__csv probe;  // tries where records end
  amlrt__bytes tail; // loaded, and left to the next block
  // Settling; one thread at a time.
  amlrt__bytes left; // of a record that was cut
  bool skipping;     // it is a line that is too long, and `left` is empty
  uint32_t rows_before;

  amlrt__block *block; // a ring: block number i is in slot i % n_blocks
  uint32_t n_blocks;
  amlrt__scratch *scratch; // by thread
  pthread_mutex_t lock;    // what follows
  pthread_cond_t changed;
  bool has_lock;
  uint64_t n_loaded, n_begun, n_settled; // blocks: those up to n_begun are parsed or being so
  bool loading, settling, all_loaded, stopped;
  bool must_ask;
  uint64_t n_rows, bytes; // settled; rows of all files, bytes of this one as stored
  amlrt_status status;
  amlrt_error error;
} amlrt__pipe;

// Makes room and loads the first block. Release the pipe in any case.
amlrt_status amlrt__pipe_start(amlrt__pipe *p, amlrt_error *err) AMLRT_MUST_USE;
// Reads the first record, which is a header, from the first block.
amlrt_status amlrt__pipe_header(amlrt__pipe *p, amlrt__csv *head, bool *more,
                                amlrt_error *err) AMLRT_MUST_USE;
// Takes up all rows. AMLRT_OK, AMLRT_INTERRUPTED, AMLRT_E_*.
amlrt_status amlrt__pipe_rows(amlrt__pipe *p, amlrt_error *err) AMLRT_MUST_USE;
void amlrt__pipe_release(amlrt__pipe *p);

#endif
