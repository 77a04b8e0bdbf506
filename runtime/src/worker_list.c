// Lists of accounts and of rows as sets: sorted, each once.
#include "runtime/src/worker.h"

#include <string.h>

static bool is_sorted(const amlrt__list *l)
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

enum { FEW = 48, MANY = 2048, SMALL_DIGIT = 8, LARGE_DIGIT = 11 };

// One turn of a radix sort: by the `digit` bits at `shift`.
static void radix_turn(uint32_t *to, const uint32_t *from, uint32_t n, unsigned shift,
                       unsigned digit)
{
  uint32_t start[(1 << LARGE_DIGIT) + 1], mask = (1u << digit) - 1;

  memset(start, 0, (mask + 2) * sizeof *start);
  for (uint32_t i = 0; i < n; i++)
    start[(from[i] >> shift & mask) + 1]++;
  for (uint32_t b = 1; b <= mask; b++)
    start[b] += start[b - 1];
  for (uint32_t i = 0; i < n; i++)
    to[start[from[i] >> shift & mask]++] = from[i];
}

bool amlrt__sort(amlrt_worker *w, amlrt__list *l)
{
  uint32_t all = 0;

  if (is_sorted(l)) return true;
  if (l->n < FEW) {
    insertion_sort(l->at, l->n);
    return true;
  }
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  uint32_t *spare = amlrt__take(w, l->n, sizeof *spare), *at = l->at;
  if (!spare) return false;
  for (uint32_t i = 0; i < l->n; i++)
    all |= at[i];
  unsigned digit = l->n < MANY ? SMALL_DIGIT : LARGE_DIGIT;
  for (unsigned shift = 0; shift < 32 && all >> shift; shift += digit) {
    uint32_t *was = at;
    radix_turn(spare, at, l->n, shift, digit);
    at = spare;
    spare = was;
  }
  if (at != l->at) memcpy(l->at, at, l->n * sizeof *at);
  amlrt__mem_back(&w->scratch, mark);
  return amlrt__step(w, l->n);
}

void amlrt__unique(amlrt__list *l)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < l->n; i++)
    if (i == 0 || l->at[i] != l->at[i - 1]) l->at[n++] = l->at[i];
  l->n = n;
}

uint32_t amlrt__find(const uint32_t *at, uint32_t n, uint32_t what)
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

bool amlrt__keep_common(amlrt_worker *w, amlrt__list *a, const amlrt__list *b)
{
  amlrt__list out;

  if (!amlrt__take_list(w, &out, a->n < b->n ? a->n : b->n)) return false;
  out.n = (uint32_t)amlrt_set_intersect(w->run->sets, out.at, a->at, a->n, b->at, b->n);
  *a = out;
  return true;
}

bool amlrt__keep_others(amlrt_worker *w, amlrt__list *a, const amlrt__list *b)
{
  amlrt__list out;

  if (!amlrt__take_list(w, &out, a->n)) return false;
  out.n = (uint32_t)amlrt_set_subtract(w->run->sets, out.at, a->at, a->n, b->at, b->n);
  *a = out;
  return true;
}

bool amlrt__copy(amlrt_worker *w, amlrt__list *out, const amlrt__list *a)
{
  if (!amlrt__take_list(w, out, a->n)) return false;
  if (a->n) memcpy(out->at, a->at, a->n * sizeof *a->at);
  out->n = a->n;
  return true;
}

bool amlrt__merge(amlrt_worker *w, amlrt__list *out, const amlrt__list *a, const amlrt__list *b)
{
  if (!amlrt__take_list(w, out, (size_t)a->n + b->n)) return false;
  out->n = (uint32_t)amlrt_set_unite(w->run->sets, out->at, a->at, a->n, b->at, b->n);
  return true;
}

bool amlrt__all_in_window(amlrt_worker *w, amlrt__list *out)
{
  const amlrt_columns *col = w->run->col;

  if (!amlrt__take_list(w, out, 2 * (size_t)amlrt__n_in_window(w))) return false;
  for (uint32_t row = w->first; row <= w->trigger; row++) {
    out->at[out->n++] = col->from[row];
    out->at[out->n++] = col->to[row];
  }
  if (!amlrt__step(w, out->n) || !amlrt__sort(w, out)) return false;
  amlrt__unique(out);
  return true;
}

bool amlrt__sort_by(amlrt_worker *w, const void **at, size_t n, amlrt__order order,
                    const void *user)
{
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  const void **spare = amlrt__take(w, n, sizeof *spare);

  if (!spare) return false;
  for (size_t run = 1; run < n; run *= 2) {
    for (size_t lo = 0; lo < n; lo += 2 * run) {
      size_t mid = lo + run < n ? lo + run : n, hi = lo + 2 * run < n ? lo + 2 * run : n;
      for (size_t a = lo, b = mid, k = lo; k < hi; k++)
        spare[k] = a < mid && (b == hi || order(user, at[a], at[b]) <= 0) ? at[a++] : at[b++];
    }
    memcpy(at, spare, n * sizeof *at);
    if (!amlrt__step(w, n)) return false;
  }
  amlrt__mem_back(&w->scratch, mark);
  return true;
}
