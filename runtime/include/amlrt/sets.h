// Sets of accounts or rows: ascending arrays, stamps, bitmaps.
//
// An array kernel comes in several ways of working, each in plain C and, where the machine has it, with
// AVX2; all ways give the same result. amlrt_set_intersect and its like choose the way by the sizes, at
// ratios that bench/micro measured. Which to use:
//   merge   both are walked: for sizes that are alike
//   gallop  each item of the smaller is searched in the larger, from where the last was found
//   stamp   one set against many: its members are marked once in an array over all accounts
//   bitmap  the same in a 32nd of the memory, for sets that stay (hubs)
//
// Threads: kernels any; a stamp or bitmap is changed by one thread at a time.
#ifndef AMLRT_SETS_H
#define AMLRT_SETS_H

#include "amlrt/amlrt.h"

#define AMLRT_SET_PAD 8 // more items than the result that `out` has room for

// The kernels of sets.def, as functions.
typedef struct amlrt_set_kernels {
  const char *name; // "scalar", "avx2"
  // Ratios of sizes from which on galloping is faster: intersections; counts, and small less large;
  // large less small; unions.
  uint32_t intersect_from, count_from, subtract_from, unite_from;
#define SET_KERNEL(name, returns, arguments, help) returns(*name) arguments;
#include "amlrt/sets.def"
} amlrt_set_kernels;

typedef enum { AMLRT_SIMD_NONE, AMLRT_SIMD_AVX2 } amlrt_simd;
#define AMLRT_N_SIMD 2

// NULL: this machine cannot, or the library was built for another kind of machine.
AMLRT_API const amlrt_set_kernels *amlrt_set_kernels_of(amlrt_simd simd);
// The fastest this machine can. To be asked once a run, not once a set.
AMLRT_API const amlrt_set_kernels *amlrt_set_kernels_best(void);

// The way by the sizes; conditions as in sets.def. Inputs in any order of size.
AMLRT_API size_t amlrt_set_intersect(const amlrt_set_kernels *k, uint32_t *out, const uint32_t *a,
                                     size_t na, const uint32_t *b, size_t nb);
AMLRT_API size_t amlrt_set_count(const amlrt_set_kernels *k, const uint32_t *a, size_t na,
                                 const uint32_t *b, size_t nb); // how many are in both
AMLRT_API size_t amlrt_set_unite(const amlrt_set_kernels *k, uint32_t *out, const uint32_t *a,
                                 size_t na, const uint32_t *b, size_t nb);
AMLRT_API size_t amlrt_set_subtract(const amlrt_set_kernels *k, uint32_t *out, const uint32_t *a,
                                    size_t na, const uint32_t *b, size_t nb); // in a, not in b
AMLRT_API bool amlrt_set_contains(const amlrt_set_kernels *k, const uint32_t *a, size_t na,
                                  uint32_t x);

// ---- stamps -------------------------------------------------------------------------------------

// A set over 0 .. n-1 that is emptied by counting up: 4 bytes for each possible member. mark[x] == now
// says that x is in it.
typedef struct amlrt_stamp {
  uint32_t *mark;
  uint32_t n, now; // now >= 1
} amlrt_stamp;

AMLRT_API amlrt_status amlrt_stamp_init(amlrt_stamp *s, uint32_t n, const amlrt_alloc *mem,
                                        amlrt_error *err) AMLRT_MUST_USE;   // NULL for malloc
AMLRT_API void amlrt_stamp_release(amlrt_stamp *s, const amlrt_alloc *mem); // zeroed is fine
AMLRT_API void amlrt_stamp_clear(amlrt_stamp *s);
static inline bool amlrt_stamp_has(const amlrt_stamp *s, uint32_t x)
{
  return s->mark[x] == s->now;
}
static inline bool amlrt_stamp_add(amlrt_stamp *s, uint32_t x) // true: it was not there
{
  bool is_new = s->mark[x] != s->now;

  s->mark[x] = s->now;
  return is_new;
}
// Arrays here may stand in any order and repeat items.
AMLRT_API size_t amlrt_stamp_add_all(amlrt_stamp *s, const uint32_t *a, size_t n); // how many new
AMLRT_API size_t amlrt_stamp_intersect(uint32_t *out, const amlrt_stamp *s, const uint32_t *a,
                                       size_t n); // items of a that are in s; out may be a
AMLRT_API size_t amlrt_stamp_subtract(uint32_t *out, const amlrt_stamp *s, const uint32_t *a,
                                      size_t n); // items of a that are not; out may be a
AMLRT_API size_t amlrt_stamp_count(const amlrt_stamp *s, const uint32_t *a, size_t n);

// ---- bitmaps ------------------------------------------------------------------------------------

// A set over 0 .. n-1, a bit each. Emptied by removing what was added, or as a whole. Two bitmaps meet
// in the kernel count_bits.
typedef struct amlrt_bitmap {
  uint64_t *words;
  uint32_t n;
} amlrt_bitmap;

AMLRT_API amlrt_status amlrt_bitmap_init(amlrt_bitmap *b, uint32_t n, const amlrt_alloc *mem,
                                         amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API void amlrt_bitmap_release(amlrt_bitmap *b, const amlrt_alloc *mem); // zeroed is fine
AMLRT_API void amlrt_bitmap_clear(amlrt_bitmap *b);
AMLRT_API size_t amlrt_bitmap_words(const amlrt_bitmap *b);
static inline bool amlrt_bitmap_has(const amlrt_bitmap *b, uint32_t x)
{
  return b->words[x / 64] >> x % 64 & 1;
}
static inline void amlrt_bitmap_add(amlrt_bitmap *b, uint32_t x)
{
  b->words[x / 64] |= UINT64_C(1) << x % 64;
}
static inline void amlrt_bitmap_remove(amlrt_bitmap *b, uint32_t x)
{
  b->words[x / 64] &= ~(UINT64_C(1) << x % 64);
}
AMLRT_API void amlrt_bitmap_add_all(amlrt_bitmap *b, const uint32_t *a, size_t n);
AMLRT_API void amlrt_bitmap_remove_all(amlrt_bitmap *b, const uint32_t *a, size_t n);
AMLRT_API size_t amlrt_bitmap_intersect(uint32_t *out, const amlrt_bitmap *b, const uint32_t *a,
                                        size_t n); // out may be a
AMLRT_API size_t amlrt_bitmap_subtract(uint32_t *out, const amlrt_bitmap *b, const uint32_t *a,
                                       size_t n); // out may be a
AMLRT_API size_t amlrt_bitmap_count(const amlrt_bitmap *b, const uint32_t *a, size_t n);

#endif
