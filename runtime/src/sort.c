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

// ---- texts: radix sort by eight bytes at a time, merge sort where few are left --------------------

enum {
  FEW = 16,    // sorted by insertion
  MANY = 2048, // from so many on, radix sort
  DEEPEST = 64 // texts that are the same for so long are merged
};

typedef struct text_item {
  uint64_t head; // eight bytes from `depth` on, the first highest; fewer: zeros
  uint32_t item;
} text_item;

typedef struct text_sort {
  const char *const *text;
  size_t depth;
} text_sort;

static uint64_t head_of(const char *text)
{
  uint64_t head = 0;

  for (int i = 0; i < 8 && text[i]; i++)
    head |= (uint64_t)(unsigned char)text[i] << (56 - 8 * i);
  return head;
}

static bool after(const text_item *x, const text_item *y, const text_sort *s)
{
  if (x->head != y->head) return x->head > y->head;
  if (!(x->head & 0xff)) return false; // both end here
  return strcmp(s->text[x->item] + s->depth + 8, s->text[y->item] + s->depth + 8) > 0;
}

static void merge(text_item *to, const text_item *from, size_t lo, size_t mid, size_t hi,
                  const text_sort *s)
{
  size_t i = lo, j = mid;

  if (mid >= hi || !after(&from[mid - 1], &from[mid], s)) { // in order already
    memcpy(to + lo, from + lo, (hi - lo) * sizeof *to);
    return;
  }
  for (size_t k = lo; k < hi; k++)
    to[k] = j >= hi || (i < mid && !after(&from[i], &from[j], s)) ? from[i++] : from[j++];
}

static void merge_sort(text_item *a, text_item *b, size_t n, const text_sort *s)
{
  text_item *from = a, *to = b;

  for (size_t width = 1; width < n; width *= 2) {
    for (size_t lo = 0; lo < n; lo += 2 * width)
      merge(to, from, lo, lo + width < n ? lo + width : n, lo + 2 * width < n ? lo + 2 * width : n,
            s);
    text_item *t = from;
    from = to;
    to = t;
  }
  if (from != a) memcpy(a, from, n * sizeof *a);
}

static void insertion_sort(text_item *a, size_t n, const text_sort *s)
{
  for (size_t i = 1; i < n; i++) {
    text_item x = a[i];
    size_t k = i;
    for (; k > 0 && after(&a[k - 1], &x, s); k--)
      a[k] = a[k - 1];
    a[k] = x;
  }
}

// By the heads alone.
static void radix_sort(text_item *a, text_item *b, size_t n)
{
  text_item *from = a, *to = b;

  for (int shift = 0; shift < 64; shift += 8) {
    size_t count[256] = {0}, at = 0;
    for (size_t i = 0; i < n; i++)
      count[from[i].head >> shift & 255]++;
    if (count[from[0].head >> shift & 255] == n) continue;
    for (int d = 0; d < 256; d++) {
      size_t c = count[d];
      count[d] = at;
      at += c;
    }
    for (size_t i = 0; i < n; i++)
      to[count[from[i].head >> shift & 255]++] = from[i];
    text_item *t = from;
    from = to;
    to = t;
  }
  if (from != a) memcpy(a, from, n * sizeof *a);
}

// Sets out for the next eight bytes of the texts up to `end`, and for where the ones behind are.
static void look_ahead(const text_item *a, size_t n, size_t *at, size_t end, const text_sort *s)
{
  enum { AHEAD = 16 };

  for (; *at < n && *at < end + AHEAD; ++*at) {
    if (n - *at > AHEAD) __builtin_prefetch(&s->text[a[*at + AHEAD].item]);
    if (a[*at].head & 0xff) __builtin_prefetch(s->text[a[*at].item] + s->depth + 8);
  }
}

// The heads of a are those at s->depth. b is scratch.
static void sort_texts(text_item *a, text_item *b, size_t n, text_sort s)
{
  size_t begin, end, ahead = 0;

  if (n <= FEW) {
    insertion_sort(a, n, &s);
    return;
  }
  if (n < MANY || s.depth >= DEEPEST) {
    merge_sort(a, b, n, &s);
    return;
  }
  radix_sort(a, b, n);
  for (begin = 0; begin < n; begin = end) { // texts with one head
    for (end = begin + 1; end < n && a[end].head == a[begin].head; end++)
      continue;
    look_ahead(a, n, &ahead, end, &s);
    if (end - begin == 1 || !(a[begin].head & 0xff)) continue;
    for (size_t i = begin; i < end; i++)
      a[i].head = head_of(s.text[a[i].item] + s.depth + 8);
    sort_texts(a + begin, b, end - begin, (text_sort){s.text, s.depth + 8});
  }
}

bool amlrt__sort_by_text(uint32_t *items, size_t n, const char *const *text, const amlrt_alloc *mem)
{
  text_item *a, *b;

  if (n < 2) return true;
  a = amlrt__alloc(mem, n * sizeof *a);
  b = amlrt__alloc(mem, n * sizeof *b);
  if (a && b) {
    for (size_t i = 0; i < n; i++)
      a[i] = (text_item){head_of(text[items[i]]), items[i]};
    sort_texts(a, b, n, (text_sort){text, 0});
    for (size_t i = 0; i < n; i++)
      items[i] = a[i].item;
  }
  bool ok = a && b;
  amlrt__release(mem, a);
  amlrt__release(mem, b);
  return ok;
}
