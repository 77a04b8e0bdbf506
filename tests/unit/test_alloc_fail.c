// The failing allocator itself: it must fail when told to, or the brutal tests test nothing.
#include "tests/unit/alloc_fail.h"

#include <check.h>

Suite *make_alloc_fail_suite(void);

START_TEST(fails_from_the_nth_call_on)
{
  alloc_fail a;
  alloc_fail_init(&a, 2);
  amlrt_alloc mem = alloc_fail_amlrt(&a);
  void *first = mem.alloc(mem.user, 8);
  void *second = mem.alloc(mem.user, 0);

  ck_assert_ptr_nonnull(first);
  ck_assert_ptr_nonnull(second);
  ck_assert(!alloc_fail_hit(&a));
  ck_assert_ptr_null(mem.alloc(mem.user, 8));
  ck_assert_ptr_null(mem.alloc(mem.user, 8));
  ck_assert(alloc_fail_hit(&a));
  ck_assert_int_eq(atomic_load(&a.n_live), 2);
  mem.release(mem.user, first);
  mem.release(mem.user, second);
  mem.release(mem.user, NULL);
  alloc_fail_check(&a);
}
END_TEST

START_TEST(never_fails_when_told_so)
{
  alloc_fail a;
  alloc_fail_init(&a, ALLOC_FAIL_NEVER);
  cx_allocator mem = alloc_fail_cx(&a);
  unsigned char *block = mem.alloc(mem.user, 3);

  ck_assert_ptr_nonnull(block);
  ck_assert_int_eq(block[0], 0xA5);
  ck_assert_int_eq(block[2], 0xA5);
  mem.release(mem.user, block);
  ck_assert(!alloc_fail_hit(&a));
  alloc_fail_check(&a);
}
END_TEST

Suite *make_alloc_fail_suite(void)
{
  Suite *s = suite_create("alloc_fail");
  TCase *tc = tcase_create("calls");
  tcase_add_test(tc, fails_from_the_nth_call_on);
  tcase_add_test(tc, never_fails_when_told_so);
  suite_add_tcase(s, tc);
  return s;
}
