// The set kernels by machine: sets_scalar.c for all, sets_avx2.c.
#ifndef AMLRT_SRC_SETS_H
#define AMLRT_SRC_SETS_H

#include "amlrt/sets.h"

extern const amlrt_set_kernels amlrt__sets_scalar;
// NULL: not on this machine.
const amlrt_set_kernels *amlrt__sets_avx2(void);

#define SET_KERNEL(name, returns, arguments, help) returns amlrt__scalar_##name arguments;
#include "amlrt/sets.def"

// The first place >= at of an item >= x: steps that double, then halving. For searches one after
// another, each from where the last ended.
static inline size_t amlrt__gallop(const uint32_t *a, size_t at, size_t n, uint32_t x)
{
  size_t step = 1, left;

  if (at >= n || a[at] >= x) return at;
  while (step < n - at && a[at + step] < x) { // a[at] < x
    at += step;
    step *= 2;
  }
  left = step < n - at ? step : n - at; // the answer is in at + 1 .. at + left
  while (left > 1) {
    size_t half = left / 2;
    at += a[at + half] < x ? half : 0;
    left -= half;
  }
  return at + 1;
}

#endif
