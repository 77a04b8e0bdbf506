#include "runtime/src/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Large blocks ask for pages of 2 MiB, which Linux gives on request only: building a graph in them took
// 0.57 to 0.64 of the time (medians; bench/micro/README.md).
#define HUGE_PAGE ((size_t)2 << 20)
#define HUGE_FROM (4 * HUGE_PAGE) // smaller blocks would waste too much of their last page

static void *default_alloc(void *user, size_t bytes)
{
  void *block;

  (void)user;
  if (bytes < HUGE_FROM || bytes > SIZE_MAX - HUGE_PAGE) return malloc(bytes);
  bytes = (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
  block = aligned_alloc(HUGE_PAGE, bytes);
  if (block) (void)madvise(block, bytes, MADV_HUGEPAGE); // refused: ordinary pages
  return block;
}

static void default_release(void *user, void *block)
{
  (void)user;
  free(block);
}

const amlrt_alloc *amlrt_alloc_default(void)
{
  static const amlrt_alloc def = {default_alloc, default_release, NULL};

  return &def;
}

void *amlrt__alloc(const amlrt_alloc *mem, size_t bytes)
{
  return mem->alloc(mem->user, bytes ? bytes : 1);
}

void *amlrt__array(const amlrt_alloc *mem, size_t n, size_t size)
{
  size_t bytes;
  void *block;

  if (__builtin_mul_overflow(n, size, &bytes)) return NULL;
  block = amlrt__alloc(mem, bytes);
  if (block) memset(block, 0, bytes);
  return block;
}

void amlrt__release(const amlrt_alloc *mem, void *block)
{
  if (block) mem->release(mem->user, block);
}

bool amlrt__grow(const amlrt_alloc *mem, void *block_ptr, size_t *cap, size_t need, size_t size)
{
  size_t new_cap = *cap < 8 ? 16 : *cap * 2, bytes;
  void *old, *block;

  if (need <= *cap) return true;
  if (new_cap < need) new_cap = need;
  if (__builtin_mul_overflow(new_cap, size, &bytes)) return false;
  block = amlrt__alloc(mem, bytes);
  if (!block) return false;
  memcpy(&old, block_ptr, sizeof old); // any pointer type: all have one representation here
  if (old) memcpy(block, old, *cap * size);
  amlrt__release(mem, old);
  memcpy(block_ptr, &block, sizeof block);
  *cap = new_cap;
  return true;
}

// ---- pool ---------------------------------------------------------------------------------------

enum { POOL_BLOCK = 64 * 1024 };

struct amlrt__block {
  amlrt__block *next;
};

void amlrt__pool_init(amlrt__pool *pool, const amlrt_alloc *mem)
{
  *pool = (amlrt__pool){.mem = mem};
}

void amlrt__pool_release(amlrt__pool *pool)
{
  amlrt__block *b = pool->blocks;

  while (b) {
    amlrt__block *next = b->next;
    amlrt__release(pool->mem, b);
    b = next;
  }
  amlrt__pool_init(pool, pool->mem);
}

static char *new_block(amlrt__pool *pool, size_t bytes)
{
  amlrt__block *b = amlrt__alloc(pool->mem, sizeof *b + bytes);

  if (!b) return NULL;
  b->next = pool->blocks;
  pool->blocks = b;
  return (char *)(b + 1);
}

char *amlrt__pool_room(amlrt__pool *pool, size_t n)
{
  char *to;

  if (n > POOL_BLOCK / 4) // a long text gets a block of its own
    return n < SIZE_MAX - sizeof(amlrt__block) ? new_block(pool, n) : NULL;
  if (n > pool->left) {
    char *block = new_block(pool, POOL_BLOCK);
    if (!block) return NULL;
    pool->at = block;
    pool->left = POOL_BLOCK;
  }
  to = pool->at;
  pool->at += n;
  pool->left -= n;
  return to;
}

const char *amlrt__pool_copy(amlrt__pool *pool, const char *text, size_t n)
{
  char *to = n < SIZE_MAX ? amlrt__pool_room(pool, n + 1) : NULL;

  if (!to) return NULL;
  memcpy(to, text, n);
  to[n] = '\0';
  return to;
}
