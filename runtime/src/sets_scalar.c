// Set kernels in plain C. Merges are written without branches on the data: which side is smaller
// cannot be foretold, and a wrong guess costs more than both moves.
#include "runtime/src/sets.h"

#include <string.h>

// ---- merge --------------------------------------------------------------------------------------

size_t amlrt__scalar_intersect_merge(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                                     size_t nb)
{
  size_t i = 0, j = 0, k = 0;

  while (i < na && j < nb) {
    uint32_t x = a[i], y = b[j];
    out[k] = x;
    k += x == y;
    i += x <= y;
    j += y <= x;
  }
  return k;
}

size_t amlrt__scalar_count_merge(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
  size_t i = 0, j = 0, k = 0;

  while (i < na && j < nb) {
    uint32_t x = a[i], y = b[j];
    k += x == y;
    i += x <= y;
    j += y <= x;
  }
  return k;
}

// The rest of a set, appended.
static size_t append(uint32_t *out, size_t k, const uint32_t *a, size_t n)
{
  if (n) memcpy(out + k, a, n * sizeof *a);
  return k + n;
}

size_t amlrt__scalar_unite_merge(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                                 size_t nb)
{
  size_t i = 0, j = 0, k = 0;

  while (i < na && j < nb) {
    uint32_t x = a[i], y = b[j];
    out[k++] = x < y ? x : y;
    i += x <= y;
    j += y <= x;
  }
  k = append(out, k, a + i, na - i);
  return append(out, k, b + j, nb - j);
}

size_t amlrt__scalar_subtract_merge(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                                    size_t nb)
{
  size_t i = 0, j = 0, k = 0;

  while (i < na && j < nb) {
    uint32_t x = a[i], y = b[j];
    out[k] = x;
    k += x < y;
    i += x <= y;
    j += y <= x;
  }
  return append(out, k, a + i, na - i);
}

// ---- gallop -------------------------------------------------------------------------------------

size_t amlrt__scalar_intersect_gallop(uint32_t *out, const uint32_t *a, size_t na,
                                      const uint32_t *b, size_t nb)
{
  size_t k = 0, at = 0;

  for (size_t i = 0; i < na && at < nb; i++) {
    at = amlrt__gallop(b, at, nb, a[i]);
    if (at < nb && b[at] == a[i]) out[k++] = a[i];
  }
  return k;
}

size_t amlrt__scalar_count_gallop(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
  size_t k = 0, at = 0;

  for (size_t i = 0; i < na && at < nb; i++) {
    at = amlrt__gallop(b, at, nb, a[i]);
    k += at < nb && b[at] == a[i];
  }
  return k;
}

size_t amlrt__scalar_unite_gallop(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                                  size_t nb)
{
  size_t k = 0, at = 0;

  for (size_t i = 0; i < na; i++) {
    size_t to = amlrt__gallop(b, at, nb, a[i]);
    k = append(out, k, b + at, to - at);
    at = to + (to < nb && b[to] == a[i]);
    out[k++] = a[i];
  }
  return append(out, k, b + at, nb - at);
}

size_t amlrt__scalar_subtract_gallop(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                                     size_t nb)
{
  size_t k = 0, at = 0;

  for (size_t i = 0; i < na; i++) {
    at = amlrt__gallop(b, at, nb, a[i]);
    out[k] = a[i];
    k += at >= nb || b[at] != a[i];
  }
  return k;
}

size_t amlrt__scalar_subtract_few(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                                  size_t nb)
{
  size_t k = 0, at = 0;

  for (size_t j = 0; j < nb && at < na; j++) {
    size_t to = amlrt__gallop(a, at, na, b[j]);
    k = append(out, k, a + at, to - at);
    at = to + (to < na && a[to] == b[j]);
  }
  return append(out, k, a + at, na - at);
}

// ---- single items, bits -------------------------------------------------------------------------

size_t amlrt__scalar_lower_bound(const uint32_t *a, size_t na, uint32_t x)
{
  size_t at = 0, left = na;

  while (left > 1) {
    size_t half = left / 2;
    at += a[at + half - 1] < x ? half : 0;
    left -= half;
  }
  return at + (left == 1 && a[at] < x);
}

size_t amlrt__scalar_count_bits(const uint64_t *a, const uint64_t *b, size_t n_words)
{
  size_t n = 0;

  for (size_t i = 0; i < n_words; i++)
    n += (size_t)__builtin_popcountll(a[i] & b[i]);
  return n;
}

const amlrt_set_kernels amlrt__sets_scalar = {
    .name = "scalar",
    .intersect_from = 4, // ratios: bench/micro/README.md
    .count_from = 4,
    .subtract_from = 5,
    .unite_from = 5,
#define SET_KERNEL(name, returns, arguments, help) .name = amlrt__scalar_##name,
#include "amlrt/sets.def"
};
