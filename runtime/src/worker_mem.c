// Scratch memory of a worker: one stack of chunks, emptied after each trigger.
#include "runtime/src/worker.h"

#include <string.h>

enum { CHUNK_BYTES = 64 * 1024, ALIGN = 16, STEPS_BETWEEN_ASKS = 1 << 15 };
#define KEEP_BYTES ((size_t)4 << 20) // of an empty stack

struct amlrt__chunk {
  amlrt__chunk *next;
  size_t used, cap; // of the bytes behind the header
};

#define CHUNK_HEAD ((sizeof(amlrt__chunk) + (ALIGN - 1)) & ~(size_t)(ALIGN - 1))

void amlrt__mem_init(amlrt__mem *m, const amlrt_alloc *alloc, size_t limit)
{
  *m = (amlrt__mem){.alloc = alloc, .limit = limit};
}

static void free_from(const amlrt__mem *m, amlrt__chunk *c)
{
  for (amlrt__chunk *next; c; c = next) {
    next = c->next;
    m->alloc->release(m->alloc->user, c);
  }
}

void amlrt__mem_release(amlrt__mem *m)
{
  free_from(m, m->first);
  m->first = m->top = NULL;
}

void amlrt__mem_trim(amlrt__mem *m)
{
  size_t kept = 0;

  for (amlrt__chunk **c = &m->first; *c; c = &(*c)->next) {
    kept += (*c)->cap;
    if (kept <= KEEP_BYTES) continue;
    free_from(m, *c);
    *c = NULL;
    m->top = m->first;
    return;
  }
}

amlrt__mark amlrt__mem_mark(const amlrt__mem *m)
{
  return (amlrt__mark){m->top, m->top ? m->top->used : 0, m->asked};
}

void amlrt__mem_back(amlrt__mem *m, amlrt__mark mark)
{
  amlrt__chunk *above = mark.top ? mark.top->next : m->first;

  for (; above && above->used; above = above->next)
    above->used = 0;
  if (mark.top) mark.top->used = mark.used;
  m->top = mark.top ? mark.top : m->first;
  m->asked = mark.asked;
}

// A chunk with room, put above the top: the empty one that lies there, or a new one.
static bool mem_grow(amlrt__mem *m, size_t bytes)
{
  amlrt__chunk *above = m->top ? m->top->next : m->first;

  if (!above || above->cap < bytes) {
    size_t cap = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    if (cap > SIZE_MAX - CHUNK_HEAD) return false;
    amlrt__chunk *c = m->alloc->alloc(m->alloc->user, CHUNK_HEAD + cap);
    if (!c) return false;
    *c = (amlrt__chunk){.next = above, .cap = cap};
    if (m->top)
      m->top->next = c;
    else
      m->first = c;
    above = c;
  }
  m->top = above;
  return true;
}

void *amlrt__take(amlrt_worker *w, size_t n, size_t bytes)
{
  amlrt__mem *m = &w->scratch;
  size_t total;

  if (__builtin_mul_overflow(n ? n : 1, bytes, &total) || total > SIZE_MAX - ALIGN - m->asked) {
    w->st = AMLRT_E_NOMEM;
    return NULL;
  }
  total = (total + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
  // What is asked for is counted, not what chunks hold, so that a limit cuts the same everywhere.
  if (m->limit && m->asked + total > m->limit) {
    w->st = AMLRT_TRUNCATED;
    return NULL;
  }
  if ((!m->top || m->top->cap - m->top->used < total) && !mem_grow(m, total)) {
    w->st = AMLRT_E_NOMEM;
    return NULL;
  }
  void *at = (unsigned char *)m->top + CHUNK_HEAD + m->top->used;
  m->top->used += total;
  m->asked += total;
  return at;
}

void *amlrt__take_clear(amlrt_worker *w, size_t n, size_t bytes)
{
  void *at = amlrt__take(w, n, bytes);

  if (at) memset(at, 0, n * bytes);
  return at;
}

bool amlrt__take_list(amlrt_worker *w, amlrt__list *out, size_t cap)
{
  *out = (amlrt__list){amlrt__take(w, cap + AMLRT_SET_PAD, sizeof *out->at), 0};
  return out->at != NULL;
}

bool amlrt__ask_stop(amlrt_worker *w)
{
  w->ask_at = w->steps + STEPS_BETWEEN_ASKS;
  if (w->budget && w->st == AMLRT_OK) {
    if (w->steps > w->budget) w->st = AMLRT_TRUNCATED;
    if (w->budget < w->ask_at) w->ask_at = w->budget;
  }
  if (w->st == AMLRT_OK && w->task && amlrt_task_stop(w->task)) w->st = AMLRT_INTERRUPTED;
  return w->st == AMLRT_OK;
}
