#include "ir/base/cx.h"

#include <stdlib.h>
#include <string.h>
#include "ir/base/cx_inside.h"
#include "ir/base/limits.h"

static void *libc_alloc(void *user, size_t bytes)
{
  (void)user;
  return malloc(bytes);
}

static void libc_release(void *user, void *block)
{
  (void)user;
  free(block);
}

static const cx_allocator libc_memory = {libc_alloc, libc_release, NULL};
static const cx_limits default_limits = {LIMIT_FILE_BYTES, LIMIT_DEPTH, LIMIT_ERRORS};

cx *cx_new(const cx_allocator *mem, const cx_limits *limits)
{
  if (!mem) mem = &libc_memory;
  cx *c = mem->alloc(mem->user, sizeof *c);
  if (!c) return NULL;
  memset(c, 0, sizeof *c);
  c->mem = *mem;
  c->limits = limits ? *limits : default_limits;
  c->reserve = mem->alloc(mem->user, CX_RESERVE_BYTES);
  if (c->reserve) c->names = arena_new(c, "names");
  if (c->names) c->diag.mem = arena_new(c, "diagnostics");
  if (!c->diag.mem) {
    cx_free(c);
    return NULL;
  }
  return c;
}

void cx_free(cx *c)
{
  if (!c) return;
  for (uint32_t i = 0; i < c->n_sources; i++)
    cx_release(c, c->sources[i]);
  cx_release(c, c->sources);
  arena_free(c->diag.mem);
  arena_free(c->names);
  cx_release(c, c->interned.slot);
  cx_release(c, c->reserve);
  cx_allocator mem = c->mem;
  mem.release(mem.user, c);
}

bool cx_ok(const cx *c)
{
  return !c->nomem;
}

void cx_nomem(cx *c)
{
  c->nomem = true;
}

const cx_limits *cx_get_limits(const cx *c)
{
  return &c->limits;
}

void *cx_alloc(cx *c, size_t bytes)
{
  void *block = c->mem.alloc(c->mem.user, bytes ? bytes : 1);
  if (!block) cx_nomem(c);
  return block;
}

void *cx_realloc(cx *c, void *block, size_t old_bytes, size_t new_bytes)
{
  void *grown = cx_alloc(c, new_bytes);
  if (!grown) return NULL;
  if (block) memcpy(grown, block, old_bytes < new_bytes ? old_bytes : new_bytes);
  cx_release(c, block);
  return grown;
}

void cx_release(cx *c, void *block)
{
  if (block) c->mem.release(c->mem.user, block);
}

void *cx__reserve(cx *c, size_t bytes)
{
  bytes = (bytes + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
  if (bytes > CX_RESERVE_BYTES - c->reserve_used)
    AML_BUG("the reserve of memory is used up: some loop does not ask cx_ok");
  void *at = c->reserve + c->reserve_used;
  c->reserve_used += bytes;
  return at;
}

// ---- interned texts -----------------------------------------------------------------------------

static uint32_t text_hash(const char *text, size_t n)
{
  uint32_t h = 2166136261u; // FNV-1a
  for (size_t i = 0; i < n; i++)
    h = (h ^ (unsigned char)text[i]) * 16777619u;
  return h;
}

static uint32_t intern_find(const intern_table *t, const char *text, size_t n)
{
  uint32_t at = text_hash(text, n) & (t->cap - 1);
  while (t->slot[at] && (strncmp(t->slot[at], text, n) != 0 || t->slot[at][n]))
    at = (at + 1) & (t->cap - 1);
  return at;
}

static bool intern_grow(cx *c)
{
  intern_table *t = &c->interned;
  intern_table wide = {.n = t->n, .cap = t->cap ? t->cap * 2 : 256};

  wide.slot = cx_alloc(c, wide.cap * sizeof *wide.slot);
  if (!wide.slot) return false;
  memset(wide.slot, 0, wide.cap * sizeof *wide.slot);
  for (uint32_t i = 0; i < t->cap; i++)
    if (t->slot[i]) wide.slot[intern_find(&wide, t->slot[i], strlen(t->slot[i]))] = t->slot[i];
  cx_release(c, t->slot);
  *t = wide;
  return true;
}

const char *cx_intern(cx *c, const char *text, size_t n)
{
  intern_table *t = &c->interned;

  n = strnlen(text, n); // a NUL ends the text: two interned texts differ before their ends
  if (t->n * 2 >= t->cap && !intern_grow(c)) return "";
  uint32_t at = intern_find(t, text, n);
  if (t->slot[at]) return t->slot[at];
  char *copy = arena_try(c->names, n + 1);
  if (!copy) return "";
  memcpy(copy, text, n);
  t->slot[at] = copy;
  t->n++;
  return copy;
}

const char *cx_intern_z(cx *c, const char *text)
{
  return cx_intern(c, text, strlen(text));
}
