// Memory of a run: two stacks of blocks, one for the whole run, one emptied after each trigger.
#include "ir/reference/ref_inside.h"

#include <string.h>

enum { BLOCK_BYTES = 64 * 1024, ALIGN = 16, STEPS_BETWEEN_ASKS = 1 << 16 };

struct ref_block {
  ref_block *next;
  size_t used, cap; // of the bytes behind the header
};

#define BLOCK_HEAD ((sizeof(ref_block) + (ALIGN - 1)) & ~(size_t)(ALIGN - 1))

void ref_mem_init(ref_mem *m, const amlrt_alloc *alloc)
{
  *m = (ref_mem){.alloc = alloc};
}

void ref_mem_release(ref_mem *m)
{
  for (ref_block *b = m->first, *next; b; b = next) {
    next = b->next;
    m->alloc->release(m->alloc->user, b);
  }
  m->first = m->top = NULL;
}

ref_mark ref_mem_mark(const ref_mem *m)
{
  return (ref_mark){m->top, m->top ? m->top->used : 0};
}

void ref_mem_back(ref_mem *m, ref_mark mark)
{
  ref_block *above = mark.top ? mark.top->next : m->first;

  for (ref_block *b = above; b && b->used; b = b->next)
    b->used = 0;
  if (mark.top) mark.top->used = mark.used;
  m->top = mark.top ? mark.top : m->first;
}

// A block with room, put above the top: the empty one that lies there, or a new one.
static bool mem_grow(ref_mem *m, size_t bytes)
{
  ref_block *above = m->top ? m->top->next : m->first;

  if (!above || above->cap < bytes) {
    size_t cap = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    if (cap > SIZE_MAX - BLOCK_HEAD) return false;
    ref_block *b = m->alloc->alloc(m->alloc->user, BLOCK_HEAD + cap);
    if (!b) return false;
    *b = (ref_block){.next = above, .cap = cap};
    if (m->top)
      m->top->next = b;
    else
      m->first = b;
    above = b;
  }
  m->top = above;
  return true;
}

static void *mem_take(ref_cx *rx, ref_mem *m, size_t n, size_t bytes)
{
  size_t total;

  if (__builtin_mul_overflow(n ? n : 1, bytes, &total) || total > SIZE_MAX - ALIGN) {
    rx->st = AMLRT_E_NOMEM;
    return NULL;
  }
  total = (total + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
  if ((!m->top || m->top->cap - m->top->used < total) && !mem_grow(m, total)) {
    rx->st = AMLRT_E_NOMEM;
    return NULL;
  }
  void *at = (unsigned char *)m->top + BLOCK_HEAD + m->top->used;
  m->top->used += total;
  return memset(at, 0, total);
}

void *ref_take_run(ref_cx *rx, size_t n, size_t bytes)
{
  return mem_take(rx, &rx->run, n, bytes);
}

void *ref_take_found(ref_cx *rx, size_t n, size_t bytes)
{
  return mem_take(rx, &rx->found, n, bytes);
}

void *ref_take(ref_cx *rx, size_t n, size_t bytes)
{
  return mem_take(rx, &rx->scratch, n, bytes);
}

bool ref_list_take(ref_cx *rx, ref_list *out, size_t cap)
{
  *out = (ref_list){ref_take(rx, cap, sizeof *out->at), 0};
  return out->at != NULL;
}

bool ref_step(ref_cx *rx, uint64_t n)
{
  rx->steps += n;
  if (rx->steps < rx->ask_at) return rx->st == AMLRT_OK;
  rx->ask_at = rx->steps + STEPS_BETWEEN_ASKS;
  if (rx->st == AMLRT_OK && rx->opts->cancelled && rx->opts->cancelled(rx->opts->user))
    rx->st = AMLRT_INTERRUPTED;
  return rx->st == AMLRT_OK;
}
