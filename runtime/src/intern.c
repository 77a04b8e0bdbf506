#include "runtime/src/intern.h"

#include <string.h>

void amlrt__intern_init(amlrt__intern *in, amlrt__pool *pool)
{
  *in = (amlrt__intern){.mem = pool->mem, .pool = pool};
}

void amlrt__intern_release(amlrt__intern *in)
{
  amlrt__release(in->mem, in->slot);
  amlrt__release(in->mem, in->text);
  amlrt__intern_init(in, in->pool);
}

// Eight bytes at a time, each folded in by a 64-bit multiplication. Numbers never depend on it.
static uint32_t hash_of(const char *text, size_t n)
{
  uint64_t h = UINT64_C(0x9e3779b97f4a7c15) ^ n, w;

  for (; n >= 8; text += 8, n -= 8) {
    memcpy(&w, text, 8);
    h = (h ^ w) * UINT64_C(0xff51afd7ed558ccd);
    h ^= h >> 32;
  }
  w = 0;
  memcpy(&w, text, n);
  h = (h ^ w) * UINT64_C(0xc4ceb9fe1a85ec53);
  h ^= h >> 29;
  h *= UINT64_C(0xff51afd7ed558ccd);
  return (uint32_t)(h >> 32);
}

// The slot of the text, or the free one where it belongs. There is always a free one.
static amlrt__intern_slot *find(const amlrt__intern *in, uint32_t hash, const char *text, size_t n)
{
  size_t at = hash & (in->n_slots - 1);

  for (;; at = (at + 1) & (in->n_slots - 1)) {
    amlrt__intern_slot *s = &in->slot[at];
    if (!s->number) return s;
    if (s->hash == hash && strncmp(s->text, text, n) == 0 && s->text[n] == '\0') return s;
  }
}

static bool more_slots(amlrt__intern *in)
{
  size_t n = in->n_slots ? in->n_slots * 2 : 64;
  amlrt__intern_slot *slot = amlrt__array(in->mem, n, sizeof *slot);

  if (!slot) return false;
  for (size_t i = 0; i < in->n_slots; i++) {
    size_t at = in->slot[i].hash & (n - 1);
    if (!in->slot[i].number) continue;
    while (slot[at].number)
      at = (at + 1) & (n - 1);
    slot[at] = in->slot[i];
  }
  amlrt__release(in->mem, in->slot);
  in->slot = slot;
  in->n_slots = n;
  return true;
}

amlrt_status amlrt__intern_add(amlrt__intern *in, const char *text, size_t n, uint32_t *number)
{
  uint32_t hash = hash_of(text, n);
  amlrt__intern_slot *s;
  const char *copy;

  if ((size_t)in->n + in->n / 2 >= in->n_slots && !more_slots(in)) return AMLRT_E_NOMEM;
  s = find(in, hash, text, n);
  if (s->number) {
    *number = s->number - 1;
    return AMLRT_OK;
  }
  if (in->n >= AMLRT_NONE - 1) return AMLRT_E_TOO_LARGE;
  if (!amlrt__grow(in->mem, &in->text, &in->cap, (size_t)in->n + 1, sizeof *in->text))
    return AMLRT_E_NOMEM;
  copy = amlrt__pool_copy(in->pool, text, n);
  if (!copy) return AMLRT_E_NOMEM;
  in->text[in->n] = copy;
  *number = in->n++;
  *s = (amlrt__intern_slot){hash, in->n, copy};
  return AMLRT_OK;
}

uint32_t amlrt__intern_find(const amlrt__intern *in, const char *text, size_t n)
{
  amlrt__intern_slot *s;

  if (!in->n_slots) return AMLRT_NONE;
  s = find(in, hash_of(text, n), text, n);
  return s->number ? s->number - 1 : AMLRT_NONE;
}
