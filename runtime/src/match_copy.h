// Deep copies of matches, and questions about their rows. Internal to libamlrt.
#ifndef AMLRT__MATCH_COPY_H
#define AMLRT__MATCH_COPY_H

#include "amlrt/match.h"

// A match that owns what it points to, in one block that is reused when another is copied over it.
typedef struct amlrt__copy {
  amlrt_match match; // valid while block is set
  void *block;
  size_t used, cap;
} amlrt__copy;

// Copies m over c. False: no memory, c is as it was.
bool amlrt__copy_set(amlrt__copy *c, const amlrt_match *m, const amlrt_pattern_info *p,
                     const amlrt_alloc *mem);
void amlrt__copy_release(amlrt__copy *c, const amlrt_alloc *mem);
// Gives back what a smaller match leaves unused of a big block; keeps the block if it cannot.
void amlrt__copy_trim(amlrt__copy *c, const amlrt_pattern_info *p, const amlrt_alloc *mem);

// A growing array of numbers that is used again and again.
typedef struct amlrt__u32s {
  uint32_t *at;
  size_t n, cap;
} amlrt__u32s;
// Room for at least n in all; false: no memory, unchanged.
bool amlrt__u32s_room(amlrt__u32s *a, size_t n, const amlrt_alloc *mem);
void amlrt__u32s_release(amlrt__u32s *a, const amlrt_alloc *mem);

// The distinct rows of a match, ascending. `tmp` is scratch. False: no memory.
bool amlrt__match_rows(amlrt__u32s *rows, amlrt__u32s *tmp, const amlrt_match *m, uint32_t n_stages,
                       const amlrt_alloc *mem);
// The earliest and the latest row of a match; AMLRT_NONE when it has none.
uint32_t amlrt__match_first_row(const amlrt_match *m, uint32_t n_stages);
uint32_t amlrt__match_last_row(const amlrt_match *m, uint32_t n_stages);
// Do they share a row?
bool amlrt__match_share(const amlrt_match *a, const amlrt_match *b, uint32_t n_stages);
// Are all rows of `part` in `whole`? `cursor` has n_stages items of scratch.
bool amlrt__match_within(const amlrt_match *part, const amlrt_match *whole, uint32_t n_stages,
                         uint32_t *cursor);

#endif
