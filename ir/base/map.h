// Text to pointer, keys interned (compared by address). Order of iteration: order of insertion.
#ifndef AML_BASE_MAP_H
#define AML_BASE_MAP_H

#include "ir/base/arena.h"

typedef struct map map;

map *map_new(arena *mem);                           // never NULL
bool map_put(map *m, const char *key, void *value); // false: the key is there, nothing changed
void *map_get(const map *m, const char *key);       // NULL: not there
uint32_t map_n(const map *m);
const char *map_key(const map *m, uint32_t i);
void *map_value(const map *m, uint32_t i);

// The name in the list nearest to `word` by edit distance (transposition counts one), if it is near
// enough to be a misspelling (at most a third of its letters), else NULL.
const char *nearest_word(const char *word, const char *const *names, size_t n_names);

#endif
