// The marks of CSV text with AVX2: 64 bytes are compared at once, and the bits of what was found become
// places. Compiled for AVX2 whatever the rest is compiled for, and reached only where the machine has it.
#include "runtime/src/csv.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

typedef struct wanted {
  __m256i delimiter, lf, quote, zero;
} wanted;

AVX2 static inline uint32_t marks_of(__m256i x, const wanted *w)
{
  __m256i a = _mm256_or_si256(_mm256_cmpeq_epi8(x, w->delimiter), _mm256_cmpeq_epi8(x, w->lf));
  __m256i b = _mm256_or_si256(_mm256_cmpeq_epi8(x, w->quote), _mm256_cmpeq_epi8(x, w->zero));

  // The high bit of a byte counts: set in what is equal, and in x itself from 0x80 on.
  return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(a, b), x));
}

// Eight places at a time are written, also where fewer are left: no branch for each.
AVX2 static inline uint32_t *put_marks(uint32_t *to, uint64_t bits, uint32_t at)
{
  uint32_t *end = to + _mm_popcnt_u64(bits);

  for (; bits; to += 8)
    for (int i = 0; i < 8; i++) {
      to[i] = at + (uint32_t)_tzcnt_u64(bits);
      bits = _blsr_u64(bits);
    }
  return end;
}

AVX2 static size_t scan(uint32_t *mark, const char *text, size_t n, char delimiter)
{
  const wanted w = {_mm256_set1_epi8(delimiter), _mm256_set1_epi8('\n'), _mm256_set1_epi8('"'),
                    _mm256_setzero_si256()};
  uint32_t *to = mark;

  for (size_t i = 0; i < n; i += 64) {
    uint64_t lo = marks_of(_mm256_loadu_si256((const void *)(text + i)), &w);
    uint64_t hi = marks_of(_mm256_loadu_si256((const void *)(text + i + 32)), &w);
    uint64_t bits = lo | hi << 32;
    if (n - i < 64) bits = _bzhi_u64(bits, (unsigned)(n - i));
    to = put_marks(to, bits, (uint32_t)i);
  }
  return (size_t)(to - mark);
}

amlrt__csv_scan *amlrt__csv_scan_avx2(void)
{
  bool here = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
              __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");

  return here ? scan : NULL;
}

#else

amlrt__csv_scan *amlrt__csv_scan_avx2(void)
{
  return NULL;
}

#endif
