// Sets: the choice of kernels by machine and by sizes, stamps, bitmaps.
#include "runtime/src/sets.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"

#include <string.h>

// ---- choice -------------------------------------------------------------------------------------

const amlrt_set_kernels *amlrt_set_kernels_of(amlrt_simd simd)
{
  switch (simd) {
  case AMLRT_SIMD_NONE:
    return &amlrt__sets_scalar;
  case AMLRT_SIMD_AVX2:
    return amlrt__sets_avx2();
  }
  return NULL;
}

const amlrt_set_kernels *amlrt_set_kernels_best(void)
{
  const amlrt_set_kernels *k = amlrt__sets_avx2();

  return k ? k : &amlrt__sets_scalar;
}

static bool much_smaller(size_t na, size_t nb, uint32_t ratio)
{
  return na <= nb / ratio;
}

size_t amlrt_set_intersect(const amlrt_set_kernels *k, uint32_t *out, const uint32_t *a, size_t na,
                           const uint32_t *b, size_t nb)
{
  if (much_smaller(na, nb, k->intersect_from)) return k->intersect_gallop(out, a, na, b, nb);
  if (much_smaller(nb, na, k->intersect_from)) return k->intersect_gallop(out, b, nb, a, na);
  return k->intersect_merge(out, a, na, b, nb);
}

size_t amlrt_set_count(const amlrt_set_kernels *k, const uint32_t *a, size_t na, const uint32_t *b,
                       size_t nb)
{
  if (much_smaller(na, nb, k->count_from)) return k->count_gallop(a, na, b, nb);
  if (much_smaller(nb, na, k->count_from)) return k->count_gallop(b, nb, a, na);
  return k->count_merge(a, na, b, nb);
}

size_t amlrt_set_unite(const amlrt_set_kernels *k, uint32_t *out, const uint32_t *a, size_t na,
                       const uint32_t *b, size_t nb)
{
  if (much_smaller(na, nb, k->unite_from)) return k->unite_gallop(out, a, na, b, nb);
  if (much_smaller(nb, na, k->unite_from)) return k->unite_gallop(out, b, nb, a, na);
  return k->unite_merge(out, a, na, b, nb);
}

size_t amlrt_set_subtract(const amlrt_set_kernels *k, uint32_t *out, const uint32_t *a, size_t na,
                          const uint32_t *b, size_t nb)
{
  if (much_smaller(na, nb, k->count_from)) return k->subtract_gallop(out, a, na, b, nb);
  if (much_smaller(nb, na, k->subtract_from)) return k->subtract_few(out, a, na, b, nb);
  return k->subtract_merge(out, a, na, b, nb);
}

bool amlrt_set_contains(const amlrt_set_kernels *k, const uint32_t *a, size_t na, uint32_t x)
{
  size_t at = k->lower_bound(a, na, x);

  return at < na && a[at] == x;
}

// ---- stamps -------------------------------------------------------------------------------------

amlrt_status amlrt_stamp_init(amlrt_stamp *s, uint32_t n, const amlrt_alloc *mem, amlrt_error *err)
{
  *s = (amlrt_stamp){.n = n, .now = 1};
  s->mark = amlrt__array(mem ? mem : amlrt_alloc_default(), n, sizeof *s->mark);
  return s->mark ? AMLRT_OK : amlrt__nomem(err, "marks of accounts");
}

void amlrt_stamp_release(amlrt_stamp *s, const amlrt_alloc *mem)
{
  amlrt__release(mem ? mem : amlrt_alloc_default(), s->mark);
  *s = (amlrt_stamp){0};
}

void amlrt_stamp_clear(amlrt_stamp *s)
{
  if (++s->now != 0) return;
  memset(s->mark, 0, s->n * sizeof *s->mark); // once in four billion times
  s->now = 1;
}

size_t amlrt_stamp_add_all(amlrt_stamp *s, const uint32_t *a, size_t n)
{
  size_t n_new = 0;

  for (size_t i = 0; i < n; i++)
    n_new += amlrt_stamp_add(s, a[i]);
  return n_new;
}

size_t amlrt_stamp_intersect(uint32_t *out, const amlrt_stamp *s, const uint32_t *a, size_t n)
{
  size_t k = 0;

  for (size_t i = 0; i < n; i++) {
    uint32_t x = a[i];
    out[k] = x;
    k += amlrt_stamp_has(s, x);
  }
  return k;
}

size_t amlrt_stamp_subtract(uint32_t *out, const amlrt_stamp *s, const uint32_t *a, size_t n)
{
  size_t k = 0;

  for (size_t i = 0; i < n; i++) {
    uint32_t x = a[i];
    out[k] = x;
    k += !amlrt_stamp_has(s, x);
  }
  return k;
}

size_t amlrt_stamp_count(const amlrt_stamp *s, const uint32_t *a, size_t n)
{
  size_t k = 0;

  for (size_t i = 0; i < n; i++)
    k += amlrt_stamp_has(s, a[i]);
  return k;
}

// ---- bitmaps ------------------------------------------------------------------------------------

size_t amlrt_bitmap_words(const amlrt_bitmap *b)
{
  return ((size_t)b->n + 63) / 64;
}

amlrt_status amlrt_bitmap_init(amlrt_bitmap *b, uint32_t n, const amlrt_alloc *mem,
                               amlrt_error *err)
{
  *b = (amlrt_bitmap){.n = n};
  b->words =
      amlrt__array(mem ? mem : amlrt_alloc_default(), amlrt_bitmap_words(b), sizeof *b->words);
  return b->words ? AMLRT_OK : amlrt__nomem(err, "bitmap of accounts");
}

void amlrt_bitmap_release(amlrt_bitmap *b, const amlrt_alloc *mem)
{
  amlrt__release(mem ? mem : amlrt_alloc_default(), b->words);
  *b = (amlrt_bitmap){0};
}

void amlrt_bitmap_clear(amlrt_bitmap *b)
{
  memset(b->words, 0, amlrt_bitmap_words(b) * sizeof *b->words);
}

void amlrt_bitmap_add_all(amlrt_bitmap *b, const uint32_t *a, size_t n)
{
  for (size_t i = 0; i < n; i++)
    amlrt_bitmap_add(b, a[i]);
}

void amlrt_bitmap_remove_all(amlrt_bitmap *b, const uint32_t *a, size_t n)
{
  for (size_t i = 0; i < n; i++)
    amlrt_bitmap_remove(b, a[i]);
}

size_t amlrt_bitmap_intersect(uint32_t *out, const amlrt_bitmap *b, const uint32_t *a, size_t n)
{
  size_t k = 0;

  for (size_t i = 0; i < n; i++) {
    uint32_t x = a[i];
    out[k] = x;
    k += amlrt_bitmap_has(b, x);
  }
  return k;
}

size_t amlrt_bitmap_subtract(uint32_t *out, const amlrt_bitmap *b, const uint32_t *a, size_t n)
{
  size_t k = 0;

  for (size_t i = 0; i < n; i++) {
    uint32_t x = a[i];
    out[k] = x;
    k += !amlrt_bitmap_has(b, x);
  }
  return k;
}

size_t amlrt_bitmap_count(const amlrt_bitmap *b, const uint32_t *a, size_t n)
{
  size_t k = 0;

  for (size_t i = 0; i < n; i++)
    k += amlrt_bitmap_has(b, a[i]);
  return k;
}
