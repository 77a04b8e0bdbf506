// Growable arrays in an arena.
//
//   VEC(int) v = {0};
//   VEC_PUSH(mem, &v, 3);          // drops the item and marks the context when memory runs out
//   for (uint32_t i = 0; i < v.n; i++) use(v.at[i]);
#ifndef AML_BASE_VEC_H
#define AML_BASE_VEC_H

#include "ir/base/arena.h"

#define VEC(type)                                                                                  \
  struct {                                                                                         \
    type *at;                                                                                      \
    uint32_t n;                                                                                    \
    uint32_t cap;                                                                                  \
  }

// Makes room for one more; false (context marked) when there is none.
bool vec__grow(arena *mem, void **at, uint32_t n, uint32_t *cap, size_t item_bytes);

#define VEC_PUSH(mem, v, item)                                                                     \
  do {                                                                                             \
    if ((v)->n < (v)->cap ||                                                                       \
        vec__grow((mem), (void **)&(v)->at, (v)->n, &(v)->cap, sizeof *(v)->at)) {                 \
      (v)->at[(v)->n] = (item);                                                                    \
      (v)->n++;                                                                                    \
    }                                                                                              \
  } while (0)

#endif
