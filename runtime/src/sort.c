#include "runtime/src/sort.h"
#include "runtime/src/alloc.h"

#include <string.h>

// ---- integers: radix sort, 11 bits at a time ----------------------------------------------------

enum { RADIX_BITS = 11, RADIX = 1 << RADIX_BITS };

typedef struct int_item {
  uint64_t key;
  uint32_t item;
} int_item;

static uint64_t ordered(int64_t v)
{
  return (uint64_t)v ^ UINT64_C(1) << 63;
}

static bool int_sorted(const uint32_t *items, size_t n, const int64_t *key)
{
  for (size_t i = 1; i < n; i++)
    if (key[items[i - 1]] > key[items[i]]) return false;
  return true;
}

// One pass from a to b. False: all items have the same digit, nothing moved.
static bool radix_pass(int_item *b, const int_item *a, size_t n, int shift)
{
  size_t count[RADIX] = {0}, at = 0;

  for (size_t i = 0; i < n; i++)
    count[a[i].key >> shift & (RADIX - 1)]++;
  if (count[a[0].key >> shift & (RADIX - 1)] == n) return false;
  for (int d = 0; d < RADIX; d++) {
    size_t c = count[d];
    count[d] = at;
    at += c;
  }
  for (size_t i = 0; i < n; i++)
    b[count[a[i].key >> shift & (RADIX - 1)]++] = a[i];
  return true;
}

bool amlrt__sort_by_int(uint32_t *items, size_t n, const int64_t *key, const amlrt_alloc *mem)
{
  int_item *a, *b;

  if (n < 2 || int_sorted(items, n, key)) return true;
  a = amlrt__array(mem, n, sizeof *a);
  b = amlrt__array(mem, n, sizeof *b);
  if (a && b) {
    for (size_t i = 0; i < n; i++)
      a[i] = (int_item){ordered(key[items[i]]), items[i]};
    for (int shift = 0; shift < 64; shift += RADIX_BITS) {
      if (!radix_pass(b, a, n, shift)) continue;
      int_item *t = a;
      a = b;
      b = t;
    }
    for (size_t i = 0; i < n; i++)
      items[i] = a[i].item;
  }
  bool ok = a && b;
  amlrt__release(mem, a);
  amlrt__release(mem, b);
  return ok;
}

// ---- texts: merge sort, the first eight bytes at hand --------------------------------------------

typedef struct text_item {
  uint64_t head; // the first eight bytes, the first highest; fewer: zeros
  uint32_t item;
} text_item;

static uint64_t head_of(const char *text)
{
  uint64_t head = 0;

  for (int i = 0; i < 8 && text[i]; i++)
    head |= (uint64_t)(unsigned char)text[i] << (56 - 8 * i);
  return head;
}

static bool after(const text_item *x, const text_item *y, const char *const *text)
{
  if (x->head != y->head) return x->head > y->head;
  if (!(x->head & 0xff)) return false; // both end here
  return strcmp(text[x->item] + 8, text[y->item] + 8) > 0;
}

static void merge(text_item *to, const text_item *from, size_t lo, size_t mid, size_t hi,
                  const char *const *text)
{
  size_t i = lo, j = mid;

  if (mid >= hi || !after(&from[mid - 1], &from[mid], text)) { // in order already
    memcpy(to + lo, from + lo, (hi - lo) * sizeof *to);
    return;
  }
  for (size_t k = lo; k < hi; k++)
    to[k] = j >= hi || (i < mid && !after(&from[i], &from[j], text)) ? from[i++] : from[j++];
}

bool amlrt__sort_by_text(uint32_t *items, size_t n, const char *const *text, const amlrt_alloc *mem)
{
  text_item *a, *b;

  if (n < 2) return true;
  a = amlrt__array(mem, n, sizeof *a);
  b = amlrt__array(mem, n, sizeof *b);
  if (a && b) {
    for (size_t i = 0; i < n; i++)
      a[i] = (text_item){head_of(text[items[i]]), items[i]};
    for (size_t width = 1; width < n; width *= 2) {
      for (size_t lo = 0; lo < n; lo += 2 * width)
        merge(b, a, lo, lo + width < n ? lo + width : n, lo + 2 * width < n ? lo + 2 * width : n,
              text);
      text_item *t = a;
      a = b;
      b = t;
    }
    for (size_t i = 0; i < n; i++)
      items[i] = a[i].item;
  }
  bool ok = a && b;
  amlrt__release(mem, a);
  amlrt__release(mem, b);
  return ok;
}
