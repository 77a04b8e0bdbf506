// Lists of accounts and of rows as sets: sorted, each once.
#include "ir/reference/ref_inside.h"

#include <string.h>

static bool is_sorted(const ref_list *l)
{
  for (uint32_t i = 1; i < l->n; i++)
    if (l->at[i - 1] > l->at[i]) return false;
  return true;
}

static void insertion_sort(uint32_t *at, uint32_t n)
{
  for (uint32_t i = 1; i < n; i++) {
    uint32_t v = at[i], k = i;
    for (; k > 0 && at[k - 1] > v; k--)
      at[k] = at[k - 1];
    at[k] = v;
  }
}

// One turn of a radix sort: by the byte at `shift`.
static void radix_turn(uint32_t *to, const uint32_t *from, uint32_t n, unsigned shift)
{
  uint32_t start[257] = {0};

  for (uint32_t i = 0; i < n; i++)
    start[((from[i] >> shift) & 255) + 1]++;
  for (unsigned b = 1; b < 257; b++)
    start[b] += start[b - 1];
  for (uint32_t i = 0; i < n; i++)
    to[start[(from[i] >> shift) & 255]++] = from[i];
}

bool ref_sort(ref_cx *rx, ref_list *l)
{
  if (is_sorted(l)) return true;
  if (l->n < 32) {
    insertion_sort(l->at, l->n);
    return true;
  }
  ref_mark mark = ref_mem_mark(&rx->scratch);
  uint32_t *spare = ref_take(rx, l->n, sizeof *spare);
  if (!spare) return false;
  for (unsigned shift = 0; shift < 32; shift += 16) {
    radix_turn(spare, l->at, l->n, shift);
    radix_turn(l->at, spare, l->n, shift + 8);
  }
  ref_mem_back(&rx->scratch, mark);
  return ref_step(rx, l->n);
}

void ref_unique(ref_list *l)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < l->n; i++)
    if (i == 0 || l->at[i] != l->at[i - 1]) l->at[n++] = l->at[i];
  l->n = n;
}

uint32_t ref_find(const uint32_t *at, uint32_t n, uint32_t what)
{
  uint32_t lo = 0, hi = n;

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (at[mid] < what)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo < n && at[lo] == what ? lo : AMLRT_NONE;
}

static void keep(ref_list *a, const ref_list *b, bool common)
{
  uint32_t n = 0, k = 0;

  for (uint32_t i = 0; i < a->n; i++) {
    while (k < b->n && b->at[k] < a->at[i])
      k++;
    if ((k < b->n && b->at[k] == a->at[i]) == common) a->at[n++] = a->at[i];
  }
  a->n = n;
}

void ref_keep_common(ref_list *a, const ref_list *b)
{
  keep(a, b, true);
}

void ref_keep_others(ref_list *a, const ref_list *b)
{
  keep(a, b, false);
}

bool ref_merge(ref_cx *rx, ref_list *out, const ref_list *a, const ref_list *b)
{
  if (!ref_list_take(rx, out, (size_t)a->n + b->n)) return false;
  if (a->n) memcpy(out->at, a->at, a->n * sizeof *a->at);
  if (b->n) memcpy(out->at + a->n, b->at, b->n * sizeof *b->at);
  out->n = a->n + b->n;
  if (!ref_sort(rx, out)) return false;
  ref_unique(out);
  return true;
}

bool ref_sort_by(ref_cx *rx, const void **at, uint32_t n, ref_order order, const void *user)
{
  ref_mark mark = ref_mem_mark(&rx->scratch);
  const void **spare = ref_take(rx, n, sizeof *spare);
  if (!spare) return false;
  for (uint64_t run = 1; run < n; run *= 2) {
    for (uint64_t lo = 0; lo < n; lo += 2 * run) {
      uint64_t mid = lo + run < n ? lo + run : n, hi = lo + 2 * run < n ? lo + 2 * run : n;
      for (uint64_t a = lo, b = mid, k = lo; k < hi; k++)
        spare[k] = a < mid && (b == hi || order(user, at[a], at[b]) <= 0) ? at[a++] : at[b++];
    }
    memcpy(at, spare, n * sizeof *at);
    if (!ref_step(rx, n)) return false;
  }
  ref_mem_back(&rx->scratch, mark);
  return true;
}
