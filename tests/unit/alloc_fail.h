// An allocator for tests: fails at its Nth call, and counts the blocks that live.
//
// The brutal test of a function is one loop: fail the first allocation, then the second, and so on
// until the call gets all it wants; whatever fails must leave nothing behind.
//
//   for (uint64_t n = 0;; n++) {
//     alloc_fail a;
//     alloc_fail_init(&a, n);
//     amlrt_alloc mem = alloc_fail_amlrt(&a);
//     amlrt_table *t = NULL;
//     amlrt_status st = amlrt_table_read(&t, ..., &mem, NULL);
//     bool failed = alloc_fail_hit(&a);
//     if (failed) ck_assert_ptr_null(t);
//     amlrt_table_free(t);
//     alloc_fail_check(&a);
//     if (!failed) break;
//   }
//
// Blocks handed out are filled with 0xA5, so that a field nobody set is seen. Threads: any.
#ifndef AML_TESTS_ALLOC_FAIL_H
#define AML_TESTS_ALLOC_FAIL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "amlrt/amlrt.h"
#include "ir/base/cx.h"

#define ALLOC_FAIL_NEVER UINT64_MAX

typedef struct alloc_fail {
  atomic_uint_least64_t n_calls; // allocations asked for so far
  atomic_int_least64_t n_live;   // blocks handed out and not released
  uint64_t fail_at;              // the call that fails, from 0; all later ones fail too
} alloc_fail;

void alloc_fail_init(alloc_fail *a, uint64_t fail_at);

// The same allocator for the runtime and for the compiler. Both borrow *a.
amlrt_alloc alloc_fail_amlrt(alloc_fail *a);
cx_allocator alloc_fail_cx(alloc_fail *a);

// True once an allocation was refused.
bool alloc_fail_hit(const alloc_fail *a);

// Fails the Check test when a block is still alive.
void alloc_fail_check(const alloc_fail *a);

#endif
