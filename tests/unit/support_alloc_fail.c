#include "tests/unit/alloc_fail.h"

#include <check.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void *take(void *user, size_t bytes)
{
  alloc_fail *a = user;

  if (atomic_fetch_add(&a->n_calls, 1) >= a->fail_at) return NULL;
  // A size of 0 still gives a block of its own, as the contract of the runtime has it.
  void *block = malloc(bytes ? bytes : 1);
  if (!block) return NULL;
  memset(block, 0xA5, bytes);
  atomic_fetch_add(&a->n_live, 1);
  return block;
}

static void give_back(void *user, void *block)
{
  alloc_fail *a = user;

  if (!block) return;
  atomic_fetch_sub(&a->n_live, 1);
  free(block);
}

void alloc_fail_init(alloc_fail *a, uint64_t fail_at)
{
  atomic_init(&a->n_calls, 0);
  atomic_init(&a->n_live, 0);
  a->fail_at = fail_at;
}

amlrt_alloc alloc_fail_amlrt(alloc_fail *a)
{
  return (amlrt_alloc){.alloc = take, .release = give_back, .user = a};
}

cx_allocator alloc_fail_cx(alloc_fail *a)
{
  return (cx_allocator){.alloc = take, .release = give_back, .user = a};
}

bool alloc_fail_hit(const alloc_fail *a)
{
  return atomic_load(&a->n_calls) > a->fail_at;
}

void alloc_fail_check(const alloc_fail *a)
{
  int64_t n_live = atomic_load(&a->n_live);

  ck_assert_msg(n_live == 0, "%" PRId64 " blocks are still alive, of %" PRIu64 " asked for", n_live,
                atomic_load(&a->n_calls));
}
