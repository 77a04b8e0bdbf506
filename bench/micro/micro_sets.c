// Set kernels against each other over ratios of sizes: nanoseconds for each item of the smaller set.
#include <stdio.h>
#include <stdlib.h>

#include "amlrt/sets.h"
#include "bench/micro/support.h"

// Several pairs, so that branches are not learnt by heart; all of them stay in the level-2 cache.
enum { PAIRS = 16, LARGE = 4096, STEP = 8, ROUNDS = 8, RUNS = 7 };

typedef struct sets {
  uint32_t *a[PAIRS], *b[PAIRS], *out;
  size_t na, nb;
} sets;

static volatile size_t sink; // what keeps results from being thrown away

// n items, STEP * scale apart on average.
static uint32_t *ascending(uint64_t *seed, size_t n, uint32_t scale)
{
  uint32_t *a = malloc(n * sizeof *a), x = 0;

  for (size_t i = 0; a && i < n; i++)
    a[i] = x += 1 + (uint32_t)(bench_random(seed) % (2 * STEP * scale - 1));
  return a;
}

static bool make(sets *s, uint32_t ratio)
{
  uint64_t seed = ratio;
  bool ok = true;

  *s = (sets){.na = LARGE / ratio, .nb = LARGE};
  for (int p = 0; p < PAIRS; p++) {
    s->a[p] = ascending(&seed, s->na, ratio);
    s->b[p] = ascending(&seed, s->nb, 1);
    ok = ok && s->a[p] && s->b[p];
  }
  s->out = malloc((s->na + s->nb + AMLRT_SET_PAD) * sizeof *s->out);
  return ok && s->out;
}

static void drop(sets *s)
{
  for (int p = 0; p < PAIRS; p++) {
    free(s->a[p]);
    free(s->b[p]);
  }
  free(s->out);
}

typedef enum { A_AND_B, COUNT, A_OR_B, A_LESS_B, B_LESS_A } operation;

static size_t run(const amlrt_set_kernels *k, operation op, bool gallop, const sets *s, int p)
{
  const uint32_t *a = s->a[p], *b = s->b[p];
  size_t na = s->na, nb = s->nb;

  switch (op) {
  case A_AND_B:
    return (gallop ? k->intersect_gallop : k->intersect_merge)(s->out, a, na, b, nb);
  case COUNT:
    return (gallop ? k->count_gallop : k->count_merge)(a, na, b, nb);
  case A_OR_B:
    return (gallop ? k->unite_gallop : k->unite_merge)(s->out, a, na, b, nb);
  case A_LESS_B:
    return (gallop ? k->subtract_gallop : k->subtract_merge)(s->out, a, na, b, nb);
  case B_LESS_A:
    return (gallop ? k->subtract_few : k->subtract_merge)(s->out, b, nb, a, na);
  }
  return 0;
}

// Nanoseconds for each item of the smaller set, the best of several runs.
static double measure(const amlrt_set_kernels *k, operation op, bool gallop, const sets *s)
{
  double best = 1e9;

  for (int r = 0; r < RUNS; r++) {
    double t = bench_now();
    for (int round = 0; round < ROUNDS; round++)
      for (int p = 0; p < PAIRS; p++)
        sink += run(k, op, gallop, s, p);
    t = (bench_now() - t) * 1e9 / ((double)ROUNDS * (double)PAIRS * (double)s->na);
    if (t < best) best = t;
  }
  return best;
}

// The same for a stamp or a bitmap over all numbers in which the larger set is marked already.
static double measure_marks(const sets *s, bool bitmap)
{
  amlrt_stamp stamp;
  amlrt_bitmap bits;
  uint32_t n = 2 * STEP * LARGE;
  double best = 1e9;

  if (amlrt_stamp_init(&stamp, n, NULL, NULL) < 0) return -1;
  if (amlrt_bitmap_init(&bits, n, NULL, NULL) < 0) return -1;
  amlrt_stamp_add_all(&stamp, s->b[0], s->nb);
  amlrt_bitmap_add_all(&bits, s->b[0], s->nb);
  for (int r = 0; r < RUNS; r++) {
    double t = bench_now();
    for (int round = 0; round < ROUNDS; round++)
      for (int p = 0; p < PAIRS; p++)
        sink += bitmap ? amlrt_bitmap_count(&bits, s->a[p], s->na)
                       : amlrt_stamp_count(&stamp, s->a[p], s->na);
    t = (bench_now() - t) * 1e9 / ((double)ROUNDS * (double)PAIRS * (double)s->na);
    if (t < best) best = t;
  }
  amlrt_stamp_release(&stamp, NULL);
  amlrt_bitmap_release(&bits, NULL);
  return best;
}

static void table(const char *title, operation op)
{
  const amlrt_set_kernels *plain = amlrt_set_kernels_of(AMLRT_SIMD_NONE),
                          *simd = amlrt_set_kernels_of(AMLRT_SIMD_AVX2);

  printf("\n%s\n\n| ratio | merge | gallop | merge, AVX2 | gallop, AVX2 |\n|---|---|---|---|---|\n",
         title);
  for (uint32_t ratio = 1; ratio <= 512; ratio *= 2) {
    sets s;
    if (make(&s, ratio)) {
      printf("| %u | %.2f | %.2f |", ratio, measure(plain, op, false, &s),
             measure(plain, op, true, &s));
      if (simd)
        printf(" %.2f | %.2f |\n", measure(simd, op, false, &s), measure(simd, op, true, &s));
      else
        printf(" - | - |\n");
    }
    drop(&s);
  }
}

static void marks(void)
{
  printf("\nCount of the smaller in a marked larger set\n\n| ratio | stamp | bitmap "
         "|\n|---|---|---|\n");
  for (uint32_t ratio = 1; ratio <= 64; ratio *= 8) {
    sets s;
    if (make(&s, ratio))
      printf("| %u | %.2f | %.2f |\n", ratio, measure_marks(&s, false), measure_marks(&s, true));
    drop(&s);
  }
}

int main(void)
{
  table("Intersection", A_AND_B);
  table("Count of the intersection", COUNT);
  table("Union", A_OR_B);
  table("Difference, the smaller less the larger", A_LESS_B);
  table("Difference, the larger less the smaller", B_LESS_A);
  marks();
  return 0;
}
