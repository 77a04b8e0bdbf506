// What several patterns of a run would each find out for itself, found out once.
//
// Pass share numbers the stages of a run that take in the same transfers. Before anything is mined every
// pattern says, by its plan's hook `wants`, what it could do with; what at least two want is made by the
// first of them, in its plan's own files, and kept to the end of the run:
//
//   hub sweep       by entry, how many different neighbours, where all hangs on that      plan_hub_numbers.c
//   key-major       rows that can be legs between two keys that enough middles join     plan_pair_marks.c
//   closing search  transfers that the filter of chains leaves, and their links          plan_closing_common.c
//
// A thing is made for the widest of all that want it (`least`, `lo`, `hi`, `loops`), so that it rules out nothing
// that any of them could find; what a pattern asks beyond that it asks itself. So it changes what patterns cost,
// never what they find.
//
// Things are made between the patterns' units, by the run's own thread, and only read in units.
#ifndef AMLRT_SRC_COMMON_H
#define AMLRT_SRC_COMMON_H

#include "runtime/src/worker.h"

enum { AMLRT__COMMON_ARRAYS = 11 };

typedef struct amlrt__common {
  // What must be the same.
  amlrt_plan_kind plan; // whose it is
  uint32_t rows[2];     // numbers of the stages, by pass share
  int side[2];          // what the plan tells apart beside: ends at which keys stand, say
  // The widest of what is asked.
  uint64_t least; // members
  int64_t lo, hi; // seconds from a transfer to the next
  bool loops;     // keys may be one account
  // The run's.
  uint32_t n_wanting;
  bool is_made;
  void *array[AMLRT__COMMON_ARRAYS]; // as the plan has them; freed with the run
  uint32_t n;
} amlrt__common;

typedef struct amlrt__commons {
  amlrt__common *at;
  size_t n, cap;
} amlrt__commons;

// A pattern wants it. False: no memory.
bool amlrt__common_want(amlrt__commons *all, const amlrt_alloc *mem, const amlrt__common *what);
// The thing, made or not; NULL: no other pattern wants it.
amlrt__common *amlrt__common_of(const amlrt__run *run, const amlrt__common *what);
void amlrt__common_release(amlrt__commons *all, const amlrt_alloc *mem);

#endif
