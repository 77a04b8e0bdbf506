#include "ir/base/map.h"

#include <string.h>
#include "ir/base/vec.h"

typedef struct entry {
  const char *key;
  void *value;
} entry;

struct map {
  arena *mem;
  VEC(entry) entries; // in the order of insertion
  uint32_t *slot;     // place in entries plus 1; 0: free
  uint32_t n_slots;   // power of two
};

map *map_new(arena *mem)
{
  map *m = arena_make(mem, map);
  m->mem = mem;
  return m;
}

// The slot of the key, or the free one where it would stand. Keys are interned: the address is it.
static uint32_t *find_slot(uint32_t *slot, uint32_t n_slots, const entry *entries, const char *key)
{
  uint64_t h = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u;
  uint32_t at = (uint32_t)(h >> 32) & (n_slots - 1);

  while (slot[at] && entries[slot[at] - 1].key != key)
    at = (at + 1) & (n_slots - 1);
  return &slot[at];
}

static bool grow_slots(map *m)
{
  uint32_t wide = m->n_slots ? m->n_slots * 2 : 16;
  uint32_t *slot = arena_try(m->mem, wide * sizeof *slot);

  if (!slot) return false;
  for (uint32_t i = 0; i < m->entries.n; i++)
    *find_slot(slot, wide, m->entries.at, m->entries.at[i].key) = i + 1;
  m->slot = slot;
  m->n_slots = wide;
  return true;
}

bool map_put(map *m, const char *key, void *value)
{
  if (m->entries.n * 2 >= m->n_slots && !grow_slots(m)) return true; // lost, and cx_ok says so
  uint32_t *slot = find_slot(m->slot, m->n_slots, m->entries.at, key);
  if (*slot) return false;
  uint32_t before = m->entries.n;
  VEC_PUSH(m->mem, &m->entries, ((entry){key, value}));
  if (m->entries.n > before) *slot = m->entries.n;
  return true;
}

void *map_get(const map *m, const char *key)
{
  if (!m->n_slots) return NULL;
  uint32_t at = *find_slot(m->slot, m->n_slots, m->entries.at, key);
  return at ? m->entries.at[at - 1].value : NULL;
}

uint32_t map_n(const map *m)
{
  return m->entries.n;
}

const char *map_key(const map *m, uint32_t i)
{
  return m->entries.at[i].key;
}

void *map_value(const map *m, uint32_t i)
{
  return m->entries.at[i].value;
}
