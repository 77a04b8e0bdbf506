// Set kernels: every kernel of every machine level against the definition, item by item.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/sets.h"
#include "tests/unit/alloc_fail.h"

Suite *make_sets_suite(void);

// ---- the definition -----------------------------------------------------------------------------

typedef struct set {
  uint32_t *a; // a block of exactly this size, so that sanitizers see a read past it
  size_t n;
} set;

static bool holds(set s, uint32_t x)
{
  for (size_t i = 0; i < s.n; i++)
    if (s.a[i] == x) return true;
  return false;
}

static set new_set(size_t n)
{
  set s = {malloc(n * sizeof(uint32_t) + (n == 0)), n};

  ck_assert_ptr_nonnull(s.a);
  return s;
}

// Items of a that are (are not) in b.
static set filtered(set a, set b, bool in)
{
  set s = new_set(a.n);

  s.n = 0;
  for (size_t i = 0; i < a.n; i++)
    if (holds(b, a.a[i]) == in) s.a[s.n++] = a.a[i];
  return s;
}

static set united(set a, set b)
{
  set s = new_set(a.n + b.n), rest = filtered(b, a, false);
  size_t i = 0, j = 0;

  s.n = 0;
  while (i < a.n || j < rest.n)
    s.a[s.n++] = j >= rest.n || (i < a.n && a.a[i] < rest.a[j]) ? a.a[i++] : rest.a[j++];
  free(rest.a);
  return s;
}

// ---- comparing ----------------------------------------------------------------------------------

typedef size_t (*two_to_one)(uint32_t *out, const uint32_t *a, size_t na, const uint32_t *b,
                             size_t nb);
typedef size_t (*two_to_count)(const uint32_t *a, size_t na, const uint32_t *b, size_t nb);

static void gives(two_to_one kernel, set a, set b, set want, const char *what)
{
  set out = new_set(want.n + AMLRT_SET_PAD);
  size_t n = kernel(out.a, a.a, a.n, b.a, b.n);

  ck_assert_msg(n == want.n, "%s of %zu and %zu: %zu items instead of %zu", what, a.n, b.n, n,
                want.n);
  ck_assert_msg(n == 0 || memcmp(out.a, want.a, n * sizeof *out.a) == 0, "%s of %zu and %zu", what,
                a.n, b.n);
  free(out.a);
}

static void counts(two_to_count kernel, set a, set b, size_t want, const char *what)
{
  size_t n = kernel(a.a, a.n, b.a, b.n);

  ck_assert_msg(n == want, "%s of %zu and %zu: %zu instead of %zu", what, a.n, b.n, n, want);
}

static void chosen(const amlrt_set_kernels *k, set a, set b, set both, set all, set less)
{
  uint32_t *out = malloc((all.n + AMLRT_SET_PAD) * sizeof *out);

  ck_assert_uint_eq(amlrt_set_intersect(k, out, a.a, a.n, b.a, b.n), both.n);
  ck_assert(both.n == 0 || memcmp(out, both.a, both.n * sizeof *out) == 0);
  ck_assert_uint_eq(amlrt_set_unite(k, out, a.a, a.n, b.a, b.n), all.n);
  ck_assert(all.n == 0 || memcmp(out, all.a, all.n * sizeof *out) == 0);
  ck_assert_uint_eq(amlrt_set_subtract(k, out, a.a, a.n, b.a, b.n), less.n);
  ck_assert(less.n == 0 || memcmp(out, less.a, less.n * sizeof *out) == 0);
  ck_assert_uint_eq(amlrt_set_count(k, a.a, a.n, b.a, b.n), both.n);
  free(out);
}

static void agree(const amlrt_set_kernels *k, set a, set b)
{
  set both = filtered(a, b, true), all = united(a, b), less = filtered(a, b, false);

  gives(k->intersect_merge, a, b, both, "intersect_merge");
  gives(k->intersect_gallop, a, b, both, "intersect_gallop");
  gives(k->unite_merge, a, b, all, "unite_merge");
  gives(k->unite_gallop, a, b, all, "unite_gallop");
  gives(k->subtract_merge, a, b, less, "subtract_merge");
  gives(k->subtract_gallop, a, b, less, "subtract_gallop");
  gives(k->subtract_few, a, b, less, "subtract_few");
  counts(k->count_merge, a, b, both.n, "count_merge");
  counts(k->count_gallop, a, b, both.n, "count_gallop");
  chosen(k, a, b, both, all, less);
  free(both.a);
  free(all.a);
  free(less.a);
}

// NULL, with a word about it, where this machine has no such level.
static const amlrt_set_kernels *level(int i)
{
  const amlrt_set_kernels *k = amlrt_set_kernels_of((amlrt_simd)i);

  if (!k) printf("sets: kernels %d are not of this machine: not tested\n", i);
  return k;
}

static uint64_t next_random(uint64_t *seed)
{
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return *seed;
}

// n items, `step` apart on average, from `from` on.
static set random_set(uint64_t *seed, size_t n, uint32_t from, uint32_t step)
{
  set s = new_set(n);
  uint32_t x = from;

  for (size_t i = 0; i < n; i++) {
    x += 1 + (uint32_t)(next_random(seed) % (2 * step - 1));
    s.a[i] = x;
  }
  return s;
}

// ---- tests --------------------------------------------------------------------------------------

START_TEST(all_small_sets)
{
  const amlrt_set_kernels *k = level(_i);

  for (unsigned p = 0; k && p < 64; p++)
    for (unsigned q = 0; q < 64; q++) {
      set a = new_set(6), b = new_set(6);
      a.n = b.n = 0;
      for (uint32_t x = 0; x < 6; x++) { // the largest numbers, beside which signs would be wrong
        if (p >> x & 1) a.a[a.n++] = x < 3 ? x : UINT32_MAX - 5 + x;
        if (q >> x & 1) b.a[b.n++] = x < 3 ? x : UINT32_MAX - 5 + x;
      }
      agree(k, a, b);
      free(a.a);
      free(b.a);
    }
}
END_TEST

START_TEST(all_pairs_of_sizes)
{
  const amlrt_set_kernels *k = level(_i);
  uint64_t seed = 0x9e3779b97f4a7c15;

  for (size_t na = 0; k && na <= 40; na++)
    for (size_t nb = 0; nb <= 40; nb++) {
      uint32_t from = na % 2 ? 0x7ffffff0 : 0; // across the change of sign
      set a = random_set(&seed, na, from, 2), b = random_set(&seed, nb, from, 2);
      agree(k, a, b);
      free(a.a);
      free(b.a);
    }
}
END_TEST

START_TEST(sizes_far_apart)
{
  static const struct {
    size_t n;
    uint32_t step;
  } shape[] = {{1, 3000}, {3, 900}, {17, 170}, {64, 50}, {200, 10}, {1000, 3}, {3000, 1}};
  const amlrt_set_kernels *k = level(_i);
  uint64_t seed = 88172645463325252;

  for (size_t i = 0; k && i < 7; i++)
    for (size_t j = 0; j < 7; j++)
      for (uint32_t from = 0; from < 2000; from += 700) {
        set a = random_set(&seed, shape[i].n, from, shape[i].step);
        set b = random_set(&seed, shape[j].n, 0, shape[j].step);
        agree(k, a, b);
        free(a.a);
        free(b.a);
      }
}
END_TEST

START_TEST(equal_and_disjoint)
{
  const amlrt_set_kernels *k = level(_i);
  uint64_t seed = 7;

  for (size_t n = 0; k && n <= 100; n++) {
    set a = random_set(&seed, n, 0, 5), above = random_set(&seed, n, 5000, 5), odd = new_set(n);
    for (size_t i = 0; i < n; i++) // between the items of a, and above
      odd.a[i] = 2 * (uint32_t)i + 1;
    agree(k, a, a);
    agree(k, a, above);
    agree(k, above, a);
    agree(k, a, odd);
    free(a.a);
    free(above.a);
    free(odd.a);
  }
}
END_TEST

START_TEST(single_items)
{
  const amlrt_set_kernels *k = level(_i);
  uint64_t seed = 3;

  for (size_t n = 0; k && n <= 150; n++) {
    set a = random_set(&seed, n, 0x7fffff80, 2);
    for (uint32_t x = 0x7fffff70; x < 0x7fffff80u + 4 * 150; x++) {
      size_t want = 0;
      while (want < n && a.a[want] < x)
        want++;
      ck_assert_uint_eq(k->lower_bound(a.a, n, x), want);
      ck_assert_int_eq(amlrt_set_contains(k, a.a, n, x), holds(a, x));
    }
    ck_assert_uint_eq(k->lower_bound(a.a, n, 0), 0);
    ck_assert_uint_eq(k->lower_bound(a.a, n, UINT32_MAX), n);
    free(a.a);
  }
}
END_TEST

START_TEST(stamps)
{
  amlrt_stamp s;
  const uint32_t members[] = {5, 0, 9, 5}, list[] = {0, 1, 5, 5, 8, 9};
  uint32_t out[6];

  ck_assert_int_eq(amlrt_stamp_init(&s, 10, NULL, NULL), AMLRT_OK);
  ck_assert_uint_eq(amlrt_stamp_count(&s, list, 6), 0);
  ck_assert_uint_eq(amlrt_stamp_add_all(&s, members, 4), 3);
  ck_assert(amlrt_stamp_has(&s, 9) && !amlrt_stamp_has(&s, 8) && !amlrt_stamp_add(&s, 9));
  ck_assert_uint_eq(amlrt_stamp_count(&s, list, 6), 4);
  ck_assert_uint_eq(amlrt_stamp_intersect(out, &s, list, 6), 4);
  ck_assert_mem_eq(out, ((uint32_t[]){0, 5, 5, 9}), 16);
  ck_assert_uint_eq(amlrt_stamp_subtract(out, &s, list, 6), 2);
  ck_assert_mem_eq(out, ((uint32_t[]){1, 8}), 8);
  memcpy(out, list, sizeof list); // in place
  ck_assert_uint_eq(amlrt_stamp_subtract(out, &s, out, 6), 2);
  ck_assert_mem_eq(out, ((uint32_t[]){1, 8}), 8);
  amlrt_stamp_clear(&s);
  ck_assert_uint_eq(amlrt_stamp_count(&s, list, 6), 0);
  s.now = UINT32_MAX; // the counter comes round: old marks must not count again
  amlrt_stamp_add_all(&s, members, 4);
  s.mark[1] = 1;
  amlrt_stamp_clear(&s);
  ck_assert_uint_eq(s.now, 1);
  ck_assert_uint_eq(amlrt_stamp_count(&s, list, 6), 0);
  amlrt_stamp_release(&s, NULL);
  amlrt_stamp_release(&s, NULL);
}
END_TEST

START_TEST(bitmaps)
{
  amlrt_bitmap b;
  const uint32_t members[] = {64, 0, 129, 64}, list[] = {0, 1, 63, 64, 128, 129};
  uint32_t out[6];

  ck_assert_int_eq(amlrt_bitmap_init(&b, 130, NULL, NULL), AMLRT_OK);
  ck_assert_uint_eq(amlrt_bitmap_words(&b), 3);
  amlrt_bitmap_add_all(&b, members, 4);
  ck_assert(amlrt_bitmap_has(&b, 129) && !amlrt_bitmap_has(&b, 128));
  ck_assert_uint_eq(amlrt_bitmap_count(&b, list, 6), 3);
  ck_assert_uint_eq(amlrt_bitmap_intersect(out, &b, list, 6), 3);
  ck_assert_mem_eq(out, ((uint32_t[]){0, 64, 129}), 12);
  ck_assert_uint_eq(amlrt_bitmap_subtract(out, &b, list, 6), 3);
  ck_assert_mem_eq(out, ((uint32_t[]){1, 63, 128}), 12);
  amlrt_bitmap_remove_all(&b, members, 2);
  ck_assert_uint_eq(amlrt_bitmap_count(&b, list, 6), 1);
  amlrt_bitmap_clear(&b);
  ck_assert_uint_eq(amlrt_bitmap_count(&b, list, 6), 0);
  amlrt_bitmap_release(&b, NULL);
  amlrt_bitmap_release(&b, NULL);
}
END_TEST

START_TEST(bits_in_both)
{
  const amlrt_set_kernels *k = level(_i);
  uint64_t seed = 11, a[100], b[100];

  for (size_t n = 0; k && n <= 100; n++) {
    size_t want = 0;
    for (size_t i = 0; i < n; i++) {
      a[i] = next_random(&seed);
      b[i] = i % 3 ? next_random(&seed) : UINT64_MAX;
      for (int bit = 0; bit < 64; bit++)
        want += a[i] >> bit & b[i] >> bit & 1;
    }
    ck_assert_uint_eq(k->count_bits(a, b, n), want);
  }
}
END_TEST

START_TEST(no_memory)
{
  alloc_fail a;
  amlrt_error err = {0};
  amlrt_stamp s;
  amlrt_bitmap b;

  alloc_fail_init(&a, 0);
  amlrt_alloc mem = alloc_fail_amlrt(&a);
  ck_assert_int_eq(amlrt_stamp_init(&s, 10, &mem, &err), AMLRT_E_NOMEM);
  ck_assert_int_eq(err.status, AMLRT_E_NOMEM);
  amlrt_stamp_release(&s, &mem);
  ck_assert_int_eq(amlrt_bitmap_init(&b, 10, &mem, NULL), AMLRT_E_NOMEM);
  amlrt_bitmap_release(&b, &mem);
  alloc_fail_check(&a);
  alloc_fail_init(&a, ALLOC_FAIL_NEVER);
  ck_assert_int_eq(amlrt_stamp_init(&s, 0, &mem, NULL), AMLRT_OK);
  amlrt_stamp_release(&s, &mem);
  alloc_fail_check(&a);
}
END_TEST

START_TEST(the_best_is_one_of_all)
{
  const amlrt_set_kernels *best = amlrt_set_kernels_best();
  bool is_known = false;

  for (int i = 0; i < AMLRT_N_SIMD; i++)
    is_known |= amlrt_set_kernels_of((amlrt_simd)i) == best;
  ck_assert(is_known);
  ck_assert_str_eq(amlrt_set_kernels_of(AMLRT_SIMD_NONE)->name, "scalar");
}
END_TEST

Suite *make_sets_suite(void)
{
  Suite *s = suite_create("sets");
  TCase *arrays = tcase_create("arrays"), *marks = tcase_create("marks");

  tcase_add_loop_test(arrays, all_small_sets, 0, AMLRT_N_SIMD);
  tcase_add_loop_test(arrays, all_pairs_of_sizes, 0, AMLRT_N_SIMD);
  tcase_add_loop_test(arrays, sizes_far_apart, 0, AMLRT_N_SIMD);
  tcase_add_loop_test(arrays, equal_and_disjoint, 0, AMLRT_N_SIMD);
  tcase_add_loop_test(arrays, single_items, 0, AMLRT_N_SIMD);
  tcase_add_test(arrays, the_best_is_one_of_all);
  suite_add_tcase(s, arrays);
  tcase_add_test(marks, stamps);
  tcase_add_test(marks, bitmaps);
  tcase_add_loop_test(marks, bits_in_both, 0, AMLRT_N_SIMD);
  tcase_add_test(marks, no_memory);
  suite_add_tcase(s, marks);
  return s;
}
