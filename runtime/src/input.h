// One input: a file or standard input, plain or gzip, with the hash of its bytes as stored.
#ifndef AMLRT_SRC_INPUT_H
#define AMLRT_SRC_INPUT_H

#include <zlib.h>

#include "runtime/src/sha256.h"
#include "amlrt/amlrt.h"

typedef struct amlrt__input {
  const amlrt_alloc *mem;
  const char *name; // for messages: the path, or "standard input"
  int fd;
  bool owns_fd, at_end; // at_end: of the stored bytes
  bool may_wait;        // a pipe or the like
  bool packed, inflating;
  uint64_t bytes; // as stored, so far
  uint64_t size;  // of a file: as stored; 0: not known
  amlrt__sha256 hash;
  unsigned char *raw; // stored bytes waiting: the first ones, which were looked at, or packed ones
  size_t raw_at, raw_end;
  z_stream z;
} amlrt__input;

// "-" is standard input. Failure: AMLRT_E_READ with the system's reason, AMLRT_E_NOMEM; nothing is
// left.
amlrt_status amlrt__input_open(amlrt__input *in, const char *path, const amlrt_alloc *mem,
                               amlrt_error *err) AMLRT_MUST_USE;
// Up to cap bytes, unpacked; *got = 0: the end. A gzip file that ends early or is damaged is an
// error.
amlrt_status amlrt__input_read(amlrt__input *in, char *buf, size_t cap, size_t *got,
                               amlrt_error *err) AMLRT_MUST_USE;
// Whether reading would not have to wait: false where it would wait for who writes to a pipe.
bool amlrt__input_ready(const amlrt__input *in);
void amlrt__input_close(amlrt__input *in); // once after each successful open

#endif
