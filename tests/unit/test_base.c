// ir/base: context, arenas, texts, maps, sources; and each of them without memory.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/base/map.h"
#include "ir/base/source.h"
#include "ir/base/strbuf.h"
#include "ir/base/utf8.h"
#include "ir/base/vec.h"
#include "tests/unit/alloc_fail.h"

// ---- context and arenas -------------------------------------------------------------------------

START_TEST(interned_texts_are_one)
{
  cx *c = cx_new(NULL, NULL);
  const char *a = cx_intern(c, "window.more", 6), *b = cx_intern_z(c, "window");
  char name[16];

  ck_assert_ptr_eq(a, b);
  ck_assert_str_eq(a, "window");
  ck_assert_ptr_ne(a, cx_intern_z(c, "windo"));
  ck_assert_ptr_ne(a, cx_intern_z(c, "windows"));
  for (int i = 0; i < 2000; i++) { // the table grows, the addresses stay
    snprintf(name, sizeof name, "n%d", i);
    ck_assert_ptr_eq(cx_intern_z(c, name), cx_intern_z(c, name));
  }
  ck_assert_ptr_eq(a, cx_intern_z(c, "window"));
  ck_assert(cx_ok(c));
  cx_free(c);
}
END_TEST

START_TEST(arena_gives_zeroed_aligned_memory)
{
  cx *c = cx_new(NULL, NULL);
  arena *a = arena_new(c, "test");

  for (size_t n = 0; n < 3000; n += 7) {
    unsigned char *at = n % 2 ? arena_alloc(a, n) : arena_try(a, n * 20);
    size_t bytes = n % 2 ? n : n * 20;
    ck_assert_uint_eq((uintptr_t)at % 16, 0);
    ck_assert(bytes == 0 || (at[0] == 0 && memcmp(at, at + 1, bytes - 1) == 0));
    memset(at, 0xff, bytes);
  }
  ck_assert_str_eq(arena_text(a, "abcdef", 3), "abc");
  ck_assert_str_eq(arena_printf(a, "%d of %s", 3, "x"), "3 of x");
  ck_assert_ptr_eq(arena_cx(a), c);
  ck_assert(cx_ok(c));
  ck_assert_ptr_null(arena_try(a, SIZE_MAX - 3));
  ck_assert(!cx_ok(c));
  arena_free(a);
  arena_free(NULL);
  cx_free(c);
}
END_TEST

START_TEST(vec_grows)
{
  cx *c = cx_new(NULL, NULL);
  arena *a = arena_new(c, "test");
  VEC(int) v = {0};

  for (int i = 0; i < 10000; i++)
    VEC_PUSH(a, &v, i);
  ck_assert_uint_eq(v.n, 10000);
  for (int i = 0; i < 10000; i++)
    ck_assert_int_eq(v.at[i], i);
  arena_free(a);
  cx_free(c);
}
END_TEST

// Every allocation fails once, with all later ones; nodes still come, from the reserve.
START_TEST(without_memory)
{
  for (uint64_t n = 0;; n++) {
    alloc_fail fail;
    alloc_fail_init(&fail, n);
    cx_allocator mem = alloc_fail_cx(&fail);
    cx *c = cx_new(&mem, NULL);
    if (c) {
      arena *a = arena_new(c, "test");
      for (int i = 0; a && i < 100 && cx_ok(c); i++)
        ck_assert_ptr_nonnull(arena_alloc(a, 1000));
      if (a) ck_assert_ptr_nonnull(arena_alloc(a, 4000));
      if (a) ck_assert_ptr_nonnull(map_new(a));
      ck_assert_ptr_nonnull(cx_intern_z(c, "text"));
      uint32_t file = source_add(c, "name", "text", 4);
      if (file != UINT32_MAX) ck_assert_str_eq(source_get(c, file)->text, "text");
      strbuf b;
      strbuf_init(&b, c);
      for (int i = 0; i < 100; i++)
        strbuf_printf(&b, "%d ", i);
      ck_assert_ptr_nonnull(strbuf_text(&b));
      strbuf_release(&b);
      ck_assert(cx_ok(c) == !alloc_fail_hit(&fail));
      arena_free(a);
    }
    bool failed = alloc_fail_hit(&fail);
    ck_assert(c || failed);
    cx_free(c);
    alloc_fail_check(&fail);
    if (!failed) break;
  }
}
END_TEST

// ---- texts --------------------------------------------------------------------------------------

START_TEST(strbuf_adds)
{
  cx *c = cx_new(NULL, NULL);
  strbuf b;

  strbuf_init(&b, c);
  ck_assert_str_eq(strbuf_text(&b), "");
  strbuf_puts(&b, "ab");
  strbuf_putc(&b, 'c');
  strbuf_printf(&b, "%s-%d", "d", 5);
  strbuf_add(&b, "xyz", 1);
  ck_assert_str_eq(strbuf_text(&b), "abcd-5x");
  for (int i = 0; i < 1000; i++)
    strbuf_puts(&b, "0123456789");
  ck_assert_uint_eq(b.n, 10007);
  strbuf_clear(&b);
  ck_assert_str_eq(strbuf_text(&b), "");
  strbuf_release(&b);
  cx_free(c);
}
END_TEST

static const char *const json[][2] = {
    {"", "\"\""},
    {"a\"b\\c", "\"a\\\"b\\\\c\""},
    {"\n\t\r\x01\x7f", "\"\\n\\t\\r\\u0001\\u007f\""},
    {"\xe2\x82\xac", "\"\xe2\x82\xac\""},
    {"a\xff", "\"a\\ufffd\""},
    {"\xe2\x82", "\"\\ufffd\\ufffd\""},
};

START_TEST(strbuf_writes_json)
{
  cx *c = cx_new(NULL, NULL);
  strbuf b;

  strbuf_init(&b, c);
  strbuf_json(&b, json[_i][0]);
  ck_assert_str_eq(strbuf_text(&b), json[_i][1]);
  strbuf_release(&b);
  cx_free(c);
}
END_TEST

static const struct {
  const char *text;
  size_t good; // bytes that are UTF-8
} utf8[] = {
    {"", 0},
    {"abc", 3},
    {"\xc3\xa4", 2},
    {"\xe2\x82\xac", 3},
    {"\xf0\x9f\x98\x80", 4},
    {"a\x80", 1},             // a tail byte alone
    {"a\xc0\xaf", 1},         // overlong
    {"a\xe0\x80\xaf", 1},     // overlong
    {"a\xf0\x80\x80\xaf", 1}, // overlong
    {"a\xed\xa0\x80", 1},     // a surrogate
    {"a\xf4\x90\x80\x80", 1}, // above U+10FFFF
    {"a\xf8\x88\x80\x80", 1},
    {"a\xe2\x82", 1}, // cut short
    {"a\xc3", 1},
};

START_TEST(utf8_is_strict)
{
  ck_assert_uint_eq(utf8_check(utf8[_i].text, strlen(utf8[_i].text)), utf8[_i].good);
}
END_TEST

START_TEST(utf8_puts)
{
  static const uint32_t code[] = {0x41, 0xe4, 0x20ac, 0x1f600, 0xd800, 0x110000};
  static const size_t width[] = {1, 2, 3, 4, 0, 0};
  char out[4];

  for (int i = 0; i < 6; i++) {
    size_t n = utf8_put(out, code[i]);
    ck_assert_uint_eq(n, width[i]);
    if (n) ck_assert_uint_eq(utf8_step(out, n), n);
  }
}
END_TEST

// ---- maps and words -----------------------------------------------------------------------------

START_TEST(map_keeps_order)
{
  cx *c = cx_new(NULL, NULL);
  arena *a = arena_new(c, "test");
  map *m = map_new(a);
  int value[500];
  char name[16];

  ck_assert_ptr_null(map_get(m, cx_intern_z(c, "n0")));
  for (int i = 0; i < 500; i++) {
    snprintf(name, sizeof name, "n%d", i);
    ck_assert(map_put(m, cx_intern_z(c, name), &value[i]));
  }
  ck_assert(!map_put(m, cx_intern_z(c, "n7"), &value[8]));
  ck_assert_ptr_eq(map_get(m, cx_intern_z(c, "n7")), &value[7]);
  ck_assert_uint_eq(map_n(m), 500);
  ck_assert_str_eq(map_key(m, 499), "n499");
  ck_assert_ptr_eq(map_value(m, 0), &value[0]);
  arena_free(a);
  cx_free(c);
}
END_TEST

static const struct {
  const char *word, *nearest;
} near_words[] = {
    {"stge", "stage"},   {"sateg", NULL},         {"satge", "stage"}, {"Stage", "stage"},
    {"stages", "stage"}, {"withni", "within"},    {"xyz", NULL},      {"ab", NULL},
    {"a", NULL},         {"requires", "require"}, {"", NULL},
};

START_TEST(nearest_words)
{
  static const char *const names[] = {"stage", "set", "within", "require", "a"};
  const char *near = nearest_word(near_words[_i].word, names, 4);

  if (near_words[_i].nearest)
    ck_assert_str_eq(near, near_words[_i].nearest);
  else
    ck_assert_ptr_null(near);
}
END_TEST

START_TEST(nearest_word_of_any_length)
{
  static const char *const names[] = {"stage"};
  char word[500];

  memset(word, 'x', sizeof word - 1);
  word[sizeof word - 1] = 0;
  ck_assert_ptr_null(nearest_word(word, names, 1));
}
END_TEST

// ---- sources ------------------------------------------------------------------------------------

static const struct {
  uint32_t at, line, col, line_n;
} places[] = {{0, 1, 1, 2}, {2, 1, 3, 2}, {3, 2, 1, 3}, {5, 2, 2, 3},
              {7, 3, 1, 1}, {8, 3, 2, 1}, {99, 3, 2, 1}};

START_TEST(lines_and_columns)
{
  cx *c = cx_new(NULL, NULL);
  uint32_t file = source_add(c, "x", "ab\n\xc3\xa4z\nq", 8); // a line has 2, 2 and 1 characters
  line_col at = source_line_col(c, file, places[_i].at);

  ck_assert_uint_eq(at.line, places[_i].line);
  ck_assert_uint_eq(at.col, places[_i].col);
  ck_assert_uint_eq(at.line_n, places[_i].line_n);
  cx_free(c);
}
END_TEST

START_TEST(sources_are_copies)
{
  cx *c = cx_new(NULL, NULL);
  char text[] = "one\r\ntwo";

  for (uint32_t i = 0; i < 20; i++)
    ck_assert_uint_eq(source_add(c, "name", text, 8), i);
  text[0] = 'X';
  ck_assert_str_eq(source_get(c, 0)->text, "one\r\ntwo");
  ck_assert_str_eq(source_get(c, 19)->name, "name");
  ck_assert_uint_eq(source_count(c), 20);
  ck_assert_uint_eq(source_line_col(c, 3, 1).line_n, 3); // without the end of line
  cx_free(c);
}
END_TEST

Suite *make_base_suite(void)
{
  Suite *s = suite_create("base");
  TCase *memory = tcase_create("memory"), *text = tcase_create("text");

  tcase_add_test(memory, interned_texts_are_one);
  tcase_add_test(memory, arena_gives_zeroed_aligned_memory);
  tcase_add_test(memory, vec_grows);
  tcase_add_test(memory, without_memory);
  suite_add_tcase(s, memory);
  tcase_add_test(text, strbuf_adds);
  tcase_add_loop_test(text, strbuf_writes_json, 0, sizeof json / sizeof *json);
  tcase_add_loop_test(text, utf8_is_strict, 0, sizeof utf8 / sizeof *utf8);
  tcase_add_test(text, utf8_puts);
  tcase_add_test(text, map_keeps_order);
  tcase_add_loop_test(text, nearest_words, 0, sizeof near_words / sizeof *near_words);
  tcase_add_test(text, nearest_word_of_any_length);
  tcase_add_loop_test(text, lines_and_columns, 0, sizeof places / sizeof *places);
  tcase_add_test(text, sources_are_copies);
  suite_add_tcase(s, text);
  return s;
}
