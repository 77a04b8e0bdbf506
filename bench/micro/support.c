#include "bench/micro/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double bench_now(void)
{
  struct timespec t;

  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint64_t mixed(uint64_t z)
{
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

uint64_t bench_random(uint64_t *seed)
{
  return mixed(*seed += 0x9e3779b97f4a7c15u);
}

double bench_uniform(uint64_t *seed)
{
  return (double)(bench_random(seed) >> 11) * 0x1p-53;
}

// ---- tables -------------------------------------------------------------------------------------

// Keys of one length, so that accounts are numbered as they are here.
static bool add(amlrt_builder *b, uint32_t from, uint32_t to, int64_t time)
{
  char f[16], t[16];
  amlrt_tx tx = {.from = f, .to = t, .time = time};

  snprintf(f, sizeof f, "%09u", from);
  snprintf(t, sizeof t, "%09u", to);
  return amlrt_builder_add(b, &tx, NULL) == AMLRT_OK;
}

static amlrt_table *finish(amlrt_builder *b, bool ok)
{
  amlrt_table *t = NULL;
  amlrt_error err = {0};

  if (!ok || amlrt_builder_finish(&t, b, &err) < 0)
    fprintf(stderr, "cannot make the graph: %s\n", ok ? err.text : "out of memory");
  amlrt_builder_free(b);
  return t;
}

// ---- light --------------------------------------------------------------------------------------

// A rank of activity: the k-th account has a share that falls as k^-0.75.
static uint32_t by_activity(double u, uint32_t accounts)
{
  double u2 = u * u;

  return (uint32_t)(u2 * u2 * accounts);
}

// Busy accounts are spread over all numbers.
static uint32_t *shuffled(uint64_t *seed, uint32_t n)
{
  uint32_t *a = malloc(n * sizeof *a);

  for (uint32_t i = 0; a && i < n; i++) {
    uint32_t j = (uint32_t)(bench_random(seed) % (i + 1));
    a[i] = a[j];
    a[j] = i;
  }
  return a;
}

static uint32_t regular(uint32_t from, uint64_t k, uint32_t accounts)
{
  uint64_t seed = mixed((uint64_t)from << 8 | k);

  return by_activity(bench_uniform(&seed), accounts);
}

amlrt_table *bench_light(uint64_t seed, uint32_t n)
{
  uint32_t accounts = n / 10 + 1, *number = shuffled(&seed, accounts);
  amlrt_builder *b = NULL;
  bool ok = number && amlrt_builder_new(&b, NULL, NULL) == AMLRT_OK;

  for (uint32_t i = 0; ok && i < n; i++) {
    uint32_t from = by_activity(bench_uniform(&seed), accounts), to;
    double kind = bench_uniform(&seed);
    if (kind < 0.12)
      to = from;
    else if (kind < 0.82)
      to = regular(from, bench_random(&seed) % 8, accounts);
    else
      to = by_activity(bench_uniform(&seed), accounts);
    int64_t time = 60 * (int64_t)(bench_random(&seed) % (10 * 24 * 60));
    ok = add(b, number[from], number[to], time);
  }
  free(number);
  return finish(b, ok);
}

// ---- R-MAT --------------------------------------------------------------------------------------

amlrt_table *bench_rmat(uint64_t seed, uint32_t n, int scale)
{
  amlrt_builder *b = NULL;
  bool ok = amlrt_builder_new(&b, NULL, NULL) == AMLRT_OK;

  for (uint32_t i = 0; ok && i < n; i++) {
    uint32_t from = 0, to = 0;
    for (int level = 0; level < scale; level++) {
      double u = bench_uniform(&seed);
      from = from << 1 | (u >= 0.76);
      to = to << 1 | ((u >= 0.57 && u < 0.76) || u >= 0.95);
    }
    ok = add(b, from, to, (int64_t)(bench_random(&seed) % 10000));
  }
  return finish(b, ok);
}
