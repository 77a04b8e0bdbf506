// Set kernels with AVX2: eight items of one side are compared with eight of the other at once. The one
// file with intrinsics; its functions are compiled for AVX2 whatever the rest is compiled for, and
// reached only where the machine has it.
#include "runtime/src/sets.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi2,popcnt")))

enum { LANES = 8 };

AVX2 static inline __m256i load(const uint32_t *a)
{
  return _mm256_loadu_si256((const void *)a);
}

// Bit i: lane i of a is somewhere in b. Each lane of a meets all lanes of b by turning b: four turns
// inside its halves, and the same with the halves swapped.
AVX2 static inline unsigned found(__m256i a, __m256i b)
{
  __m256i c = _mm256_permute2x128_si256(b, b, 1);
  __m256i e0 = _mm256_or_si256(_mm256_cmpeq_epi32(a, b), _mm256_cmpeq_epi32(a, c));
  __m256i e1 = _mm256_or_si256(_mm256_cmpeq_epi32(a, _mm256_shuffle_epi32(b, 0x39)),
                               _mm256_cmpeq_epi32(a, _mm256_shuffle_epi32(c, 0x39)));
  __m256i e2 = _mm256_or_si256(_mm256_cmpeq_epi32(a, _mm256_shuffle_epi32(b, 0x4e)),
                               _mm256_cmpeq_epi32(a, _mm256_shuffle_epi32(c, 0x4e)));
  __m256i e3 = _mm256_or_si256(_mm256_cmpeq_epi32(a, _mm256_shuffle_epi32(b, 0x93)),
                               _mm256_cmpeq_epi32(a, _mm256_shuffle_epi32(c, 0x93)));
  __m256i e = _mm256_or_si256(_mm256_or_si256(e0, e1), _mm256_or_si256(e2, e3));
  return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(e));
}

// Writes the lanes that are set in the mask, and fills the room up to eight. Returns how many are set.
AVX2 static inline size_t compress(uint32_t *out, __m256i a, unsigned mask)
{
  uint64_t lanes = _pdep_u64(mask, UINT64_C(0x0101010101010101)) * 0xff;
  uint64_t order = _pext_u64(UINT64_C(0x0706050403020100), lanes);
  __m256i to = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)order));

  _mm256_storeu_si256((void *)out, _mm256_permutevar8x32_epi32(a, to));
  return (size_t)_mm_popcnt_u32(mask);
}

// ---- merge --------------------------------------------------------------------------------------

AVX2 static size_t intersect_merge(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                                   size_t nb)
{
  size_t i = 0, j = 0, k = 0;

  while (i + LANES <= na && j + LANES <= nb) {
    uint32_t x = a[i + LANES - 1], y = b[j + LANES - 1];
    __m256i va = load(a + i);
    // Also where nothing was found: with a branch here it was up to twice as slow (bench/micro).
    k += compress(out + k, va, found(va, load(b + j)));
    i += x <= y ? LANES : 0;
    j += y <= x ? LANES : 0;
  }
  return k + amlrt__scalar_intersect_merge(out + k, a + i, na - i, b + j, nb - j);
}

AVX2 static size_t count_merge(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
  size_t i = 0, j = 0, k = 0;

  while (i + LANES <= na && j + LANES <= nb) {
    uint32_t x = a[i + LANES - 1], y = b[j + LANES - 1];
    k += (size_t)_mm_popcnt_u32(found(load(a + i), load(b + j)));
    i += x <= y ? LANES : 0;
    j += y <= x ? LANES : 0;
  }
  return k + amlrt__scalar_count_merge(a + i, na - i, b + j, nb - j);
}

// Items of the eight at a that are not hit, less b; then the rest of a less b.
static size_t subtract_rest(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                            size_t nb, unsigned hit)
{
  uint32_t left[LANES] = {0};
  size_t n = na < LANES ? na : LANES, n_left = 0, k, j = 0;

  for (size_t i = 0; i < n; i++)
    if (!(hit >> i & 1)) left[n_left++] = a[i];
  k = amlrt__scalar_subtract_merge(out, left, n_left, b, nb);
  while (j < nb && n > 0 && b[j] <= a[n - 1])
    j++;
  return k + amlrt__scalar_subtract_merge(out + k, a + n, na - n, b + j, nb - j);
}

AVX2 static size_t subtract_merge(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                                  size_t nb)
{
  size_t i = 0, j = 0, k = 0;
  unsigned hit = 0; // lanes of the eight at a[i] that were found in b so far

  while (i + LANES <= na && j + LANES <= nb) {
    uint32_t x = a[i + LANES - 1], y = b[j + LANES - 1];
    __m256i va = load(a + i);
    hit |= found(va, load(b + j));
    if (x <= y) {
      k += compress(out + k, va, ~hit & 0xff);
      hit = 0;
      i += LANES;
    }
    j += y <= x ? LANES : 0;
  }
  return k + subtract_rest(out + k, a + i, na - i, b + j, nb - j, hit);
}

// ---- union --------------------------------------------------------------------------------------

// Merges two ascending vectors: the eight smallest of all into *lo, ascending, the others into *hi.
AVX2 static inline void merge_lanes(__m256i *lo, __m256i *hi)
{
  const __m256i reverse = _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0);
  __m256i b = _mm256_permutevar8x32_epi32(*hi, reverse);
  __m256i v[2] = {_mm256_min_epu32(*lo, b), _mm256_max_epu32(*lo, b)};

  for (int i = 0; i < 2; i++) { // each is bitonic: halves, quarters, neighbours
    __m256i t = _mm256_permute2x128_si256(v[i], v[i], 1);
    v[i] = _mm256_blend_epi32(_mm256_min_epu32(v[i], t), _mm256_max_epu32(v[i], t), 0xf0);
    t = _mm256_shuffle_epi32(v[i], 0x4e);
    v[i] = _mm256_blend_epi32(_mm256_min_epu32(v[i], t), _mm256_max_epu32(v[i], t), 0xcc);
    t = _mm256_shuffle_epi32(v[i], 0xb1);
    v[i] = _mm256_blend_epi32(_mm256_min_epu32(v[i], t), _mm256_max_epu32(v[i], t), 0xaa);
  }
  *lo = v[0];
  *hi = v[1];
}

// Appends the lanes that differ from the one before them; `last` is the vector appended before.
AVX2 static inline size_t append_new(uint32_t *out, __m256i v, __m256i last)
{
  __m256i before = _mm256_permute2x128_si256(last, v, 0x21); // upper half of last, lower of v
  before = _mm256_alignr_epi8(v, before, 12);
  __m256i same = _mm256_cmpeq_epi32(v, before);
  unsigned mask = ~(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(same)) & 0xff;
  return compress(out, v, mask);
}

// Appends the union of two ascending arrays in plain C. `rest` is short, repeats items, and both may
// begin with what was written last.
static size_t unite_rest(uint32_t *out, size_t k, const uint32_t *rest, size_t n_rest,
                         const uint32_t *a, size_t na)
{
  uint32_t clean[2 * LANES];
  size_t n = 0;

  for (size_t i = 0; i < n_rest; i++) {
    uint32_t last = n ? clean[n - 1] : k ? out[k - 1] : 0;
    if ((n || k) && rest[i] == last) continue;
    clean[n++] = rest[i];
  }
  while (na > 0 && k > 0 && a[0] <= out[k - 1]) {
    a++;
    na--;
  }
  return k + amlrt__scalar_unite_merge(out + k, clean, n, a, na);
}

AVX2 static size_t unite_merge(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                               size_t nb)
{
  size_t i = LANES, j = LANES, k;
  uint32_t rest[LANES], small[2 * LANES];
  __m256i lo, hi, last;

  if (na < LANES || nb < LANES) return amlrt__scalar_unite_merge(out, a, na, b, nb);
  lo = load(a);
  hi = load(b);
  merge_lanes(&lo, &hi);
  // Before the first comes what it cannot be: its own first lane, changed.
  last = _mm256_xor_si256(_mm256_permutevar8x32_epi32(lo, _mm256_setzero_si256()),
                          _mm256_set1_epi32(1));
  k = append_new(out, lo, last);
  while (i + LANES <= na && j + LANES <= nb) {
    bool from_a = a[i] <= b[j];
    last = lo;
    lo = load(from_a ? a + i : b + j);
    i += from_a ? LANES : 0;
    j += from_a ? 0 : LANES;
    merge_lanes(&lo, &hi);
    k += append_new(out + k, lo, last);
  }
  _mm256_storeu_si256((void *)rest, hi);
  // One side has fewer than eight left: they and the rest are few, the other side is merged to them.
  bool a_short = i + LANES > na;
  const uint32_t *few = a_short ? a + i : b + j, *many = a_short ? b + j : a + i;
  size_t n_few = a_short ? na - i : nb - j, n_many = a_short ? nb - j : na - i;
  size_t n = amlrt__scalar_unite_merge(small, rest, LANES, few, n_few);
  return unite_rest(out, k, small, n, many, n_many);
}

// ---- gallop -------------------------------------------------------------------------------------

enum { BLOCK = 32 };

// How many of 32 ascending items are below x.
AVX2 static inline size_t below_in_block(const uint32_t *a, __m256i x)
{
  __m256i n = _mm256_setzero_si256();

  for (int i = 0; i < BLOCK; i += LANES) {
    __m256i v = load(a + i);
    n = _mm256_add_epi32(n, _mm256_cmpeq_epi32(_mm256_max_epu32(v, x), v)); // -1: not below
  }
  __m128i s = _mm_add_epi32(_mm256_castsi256_si128(n), _mm256_extracti128_si256(n, 1));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
  s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
  return (size_t)(BLOCK + _mm_cvtsi128_si32(s));
}

// As amlrt__gallop, by blocks.
AVX2 static inline size_t gallop(const uint32_t *a, size_t at, size_t n, uint32_t x)
{
  size_t step = BLOCK, left;

  if (at + BLOCK > n) return amlrt__gallop(a, at, n, x);
  if (a[at + BLOCK - 1] >= x) return at + below_in_block(a + at, _mm256_set1_epi32((int)x));
  at += BLOCK;
  while (step < n - at && a[at + step - 1] < x) { // all before at are below x
    at += step;
    step *= 2;
  }
  left = step < n - at ? step : n - at; // the answer is in at .. at + left
  while (left > BLOCK) {
    size_t half = left / 2;
    at += a[at + half - 1] < x ? half : 0;
    left -= half;
  }
  if (at + BLOCK > n) return amlrt__gallop(a, at, n, x);
  return at + below_in_block(a + at, _mm256_set1_epi32((int)x));
}

AVX2 static size_t intersect_gallop(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                                    size_t nb)
{
  size_t k = 0, at = 0;

  for (size_t i = 0; i < na && at < nb; i++) {
    at = gallop(b, at, nb, a[i]);
    if (at < nb && b[at] == a[i]) out[k++] = a[i];
  }
  return k;
}

AVX2 static size_t count_gallop(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
  size_t k = 0, at = 0;

  for (size_t i = 0; i < na && at < nb; i++) {
    at = gallop(b, at, nb, a[i]);
    k += at < nb && b[at] == a[i];
  }
  return k;
}

AVX2 static size_t subtract_gallop(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                                   size_t nb)
{
  size_t k = 0, at = 0;

  for (size_t i = 0; i < na; i++) {
    at = gallop(b, at, nb, a[i]);
    out[k] = a[i];
    k += at >= nb || b[at] != a[i];
  }
  return k;
}

AVX2 static size_t lower_bound(const uint32_t *a, size_t na, uint32_t x)
{
  size_t at = 0, left = na;

  if (na < BLOCK) return amlrt__scalar_lower_bound(a, na, x);
  while (left > BLOCK) {
    size_t half = left / 2;
    at += a[at + half - 1] < x ? half : 0;
    left -= half;
  }
  // A block that would pass the end begins earlier: what it then sees twice is below x.
  if (at + BLOCK > na) at = na - BLOCK;
  return at + below_in_block(a + at, _mm256_set1_epi32((int)x));
}

// ---- bits ---------------------------------------------------------------------------------------

AVX2 static size_t count_bits(const uint64_t *a, const uint64_t *b, size_t n_words)
{
  size_t n = 0;

  for (size_t i = 0; i < n_words; i++)
    n += (size_t)_mm_popcnt_u64(a[i] & b[i]);
  return n;
}

static const amlrt_set_kernels avx2 = {
    .name = "avx2",
    .intersect_from = 24, // ratios: bench/micro/README.md
    .count_from = 34,
    .subtract_from = 34,
    .unite_from = 12,
    .intersect_merge = intersect_merge,
    .intersect_gallop = intersect_gallop,
    .count_merge = count_merge,
    .count_gallop = count_gallop,
    .unite_merge = unite_merge,
    .unite_gallop = amlrt__scalar_unite_gallop, // copies of runs: memcpy has its own vectors
    .subtract_merge = subtract_merge,
    .subtract_gallop = subtract_gallop,
    .subtract_few = amlrt__scalar_subtract_few,
    .lower_bound = lower_bound,
    .count_bits = count_bits,
};

const amlrt_set_kernels *amlrt__sets_avx2(void)
{
  bool have = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
              __builtin_cpu_supports("popcnt");

  return have ? &avx2 : NULL;
}

#else

const amlrt_set_kernels *amlrt__sets_avx2(void)
{
  return NULL;
}

#endif
