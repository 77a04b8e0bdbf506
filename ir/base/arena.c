#include "ir/base/arena.h"

#include <stdio.h>
#include <string.h>
#include "ir/base/cx_inside.h"
#include "ir/base/vec.h"

enum { BLOCK_BYTES = 16 * 1024 };

typedef struct block {
  struct block *next;
  size_t used, cap; // of the bytes behind the header
} block;

struct arena {
  cx *c;
  const char *name; // for a debugger
  block *blocks;    // the first is the one being filled
};

static size_t align_up(size_t n)
{
  return (n + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
}

#define BLOCK_HEAD ((sizeof(block) + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1))

arena *arena_new(cx *c, const char *name)
{
  arena *a = cx_alloc(c, sizeof *a);
  if (!a) return NULL;
  *a = (arena){.c = c, .name = name};
  return a;
}

void arena_free(arena *a)
{
  if (!a) return;
  for (block *b = a->blocks, *next; b; b = next) {
    next = b->next;
    cx_release(a->c, b);
  }
  cx_release(a->c, a);
}

cx *arena_cx(const arena *a)
{
  return a->c;
}

static void *block_take(block *b, size_t bytes)
{
  void *at = (unsigned char *)b + BLOCK_HEAD + b->used;
  b->used += bytes;
  return memset(at, 0, bytes);
}

// A big piece gets a block of its own, behind the one being filled, so that its rest is not lost.
static void *big_piece(arena *a, size_t bytes)
{
  block *b = bytes > SIZE_MAX - BLOCK_HEAD ? NULL : cx_alloc(a->c, BLOCK_HEAD + bytes);
  if (!b) {
    cx_nomem(a->c);
    return NULL;
  }
  *b = (block){.cap = bytes};
  if (a->blocks) {
    b->next = a->blocks->next;
    a->blocks->next = b;
  } else {
    a->blocks = b;
  }
  return block_take(b, bytes);
}

void *arena_try(arena *a, size_t bytes)
{
  block *b = a->blocks;

  if (bytes > SIZE_MAX - 2 * ARENA_ALIGN) {
    cx_nomem(a->c);
    return NULL;
  }
  bytes = align_up(bytes ? bytes : 1);
  if (b && bytes <= b->cap - b->used) return block_take(b, bytes);
  if (bytes > BLOCK_BYTES / 4) return big_piece(a, bytes);
  b = cx_alloc(a->c, BLOCK_HEAD + BLOCK_BYTES);
  if (!b) return NULL;
  *b = (block){.next = a->blocks, .cap = BLOCK_BYTES};
  a->blocks = b;
  return block_take(b, bytes);
}

void *arena_alloc(arena *a, size_t bytes)
{
  if (bytes > ARENA_NODE_BYTES) AML_BUG("a node of %zu bytes; arrays use arena_try", bytes);
  void *at = arena_try(a, bytes);
  return at ? at : memset(cx__reserve(a->c, bytes), 0, bytes);
}

char *arena_text(arena *a, const char *text, size_t n)
{
  static char nothing[1] = "";
  char *copy = n < SIZE_MAX ? arena_try(a, n + 1) : NULL;
  if (!copy) return nothing;
  if (n) memcpy(copy, text, n);
  return copy;
}

char *arena_printf(arena *a, const char *fmt, ...)
{
  va_list args;

  va_start(args, fmt);
  int n = vsnprintf(NULL, 0, fmt, args);
  va_end(args);
  if (n < 0) AML_BUG("a format that cannot be printed: %s", fmt);
  char *text = arena_try(a, (size_t)n + 1);
  if (!text) return arena_text(a, "", SIZE_MAX);
  va_start(args, fmt);
  vsnprintf(text, (size_t)n + 1, fmt, args);
  va_end(args);
  return text;
}

bool vec__grow(arena *mem, void **at, uint32_t n, uint32_t *cap, size_t item_bytes)
{
  uint32_t wide = *cap ? *cap * 2 : 8;

  if (*cap > UINT32_MAX / 2 || wide > SIZE_MAX / item_bytes) {
    cx_nomem(arena_cx(mem));
    return false;
  }
  void *grown = arena_try(mem, wide * item_bytes);
  if (!grown) return false;
  if (n) memcpy(grown, *at, n * item_bytes);
  *at = grown;
  *cap = wide;
  return true;
}
