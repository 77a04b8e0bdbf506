// The tokenizer: fields, quotes, line ends, faults, and inputs of all kinds.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/src/csv.h"
#include "runtime/src/utf8.h"
#include "tests/unit/support_files.h"

Suite *make_csv_suite(void);

// All records of a text, as "field|field" and '\n' after each; a fault as "!reason@column".
static const char *tokens(const char *path, char delimiter, uint32_t n_expected)
{
  static char out[4096];
  amlrt__input in;
  amlrt__csv csv;
  amlrt_error err = {.status = AMLRT_OK};
  bool more = true;
  size_t n = 0;

  ck_assert_int_eq(amlrt__input_open(&in, path, amlrt_alloc_default(), &err), AMLRT_OK);
  ck_assert_int_eq(amlrt__csv_init(&csv, &in, delimiter, &err), AMLRT_OK);
  csv.n_expected = n_expected;
  out[0] = '\0';
  for (;;) {
    ck_assert_int_eq(amlrt__csv_next(&csv, &more, &err), AMLRT_OK);
    if (!more) break;
    n += (size_t)snprintf(out + n, sizeof out - n, "%d:", (int)csv.line);
    if (csv.fault.reason)
      n += (size_t)snprintf(out + n, sizeof out - n, "!%s@%u", amlrt__reason_text(csv.fault.reason),
                            csv.fault.column);
    for (uint32_t i = 0; !csv.fault.reason && i < csv.n_fields; i++) {
      amlrt__text t = amlrt__csv_text(&csv, i);
      n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", i ? "|" : "", (int)t.n, t.at);
    }
    n += (size_t)snprintf(out + n, sizeof out - n, "\n");
  }
  amlrt__csv_release(&csv);
  amlrt__input_close(&in);
  files_clean();
  return out;
}

#define COUNT "!wrong number of fields@0\n"
#define QUOTE "!a quoted field does not end, or text follows its end@"

static const struct {
  const char *text, *want;
  uint32_t n_expected;
  char delimiter;
} cases[] = {
    {"", "", 0, ','},
    {"\n\r\n\n", "", 0, ','},
    {"a,b,c", "1:a|b|c\n", 0, ','},
    {"a,b,c\n", "1:a|b|c\n", 0, ','},
    {"a,b\r\nc,d\r\n", "1:a|b\n2:c|d\n", 0, ','},
    {"\xef\xbb\xbf"
     "a,b\n",
     "1:a|b\n", 0, ','},
    {"a,,\n,\n", "1:a||\n2:|\n", 0, ','},
    {"a\n\nb\n", "1:a\n3:b\n", 0, ','},
    {"a b,c\td\n", "1:a b|c\td\n", 0, ','},
    {"a;b,c\n", "1:a|b,c\n", 0, ';'},
    {"  1  2\t3 \n   \n4 5 6\n", "1:1|2|3\n3:4|5|6\n", 3, ' '},
    {"\"a\" b\n", "1:\"a\"|b\n", 0, ' '},
    // quotes
    {"\"a\",\"b,c\",d\n", "1:a|b,c|d\n", 0, ','},
    {"\"a\"\"b\",\"\"\n", "1:a\"b|\n", 0, ','},
    {"\"a\"\"\",\"\"\"\"\n", "1:a\"|\"\n", 0, ','},
    {"a\"b,c\n", "1:a\"b|c\n", 0, ','},
    {"\"a\r\nb\",c\r\nd,e\r\n", "1:a\r\nb|c\n3:d|e\n", 2, ','},
    {"\"a\n\nb\",\"c\n\"\nd,e", "1:a\n\nb|c\n\n5:d|e\n", 2, ','},
    {"\"a\"b,c\nd,e\n", "1:" QUOTE "1\n2:d|e\n", 2, ','},
    {"a,\"b\nc,d\ne,f\n", "1:" QUOTE "2\n2:c|d\n3:e|f\n", 2, ','},
    {"a,\"b\nc,d\ne,\"f\n", "1:" QUOTE "2\n2:c|d\n3:" QUOTE "2\n", 2, ','},
    {"a,\"b\nc,\"\ne,f\n", "1:a|b\nc,\n3:e|f\n", 2, ','}, // a field of two lines: so it is written
    {"\"", "1:" QUOTE "1\n", 0, ','},
    // numbers of fields
    {"a,b\na\na,b,c\na,b\n", "1:a|b\n2:" COUNT "3:" COUNT "4:a|b\n", 2, ','},
    // bytes
    {"a,\xff\nb,c\n", "1:!not UTF-8@2\n2:b|c\n", 2, ','},
    {"\xc3\xa4,b\n", "1:\xc3\xa4|b\n", 2, ','},
    {"\xed\xa0\x80,b\n", "1:!not UTF-8@1\n", 2, ','},
    {"\xc0\xaf,b\n", "1:!not UTF-8@1\n", 2, ','},
    {"b,\xf4\x90\x80\x80\n", "1:!not UTF-8@2\n", 2, ','},
    {"b,\xe2\x82\n", "1:!not UTF-8@2\n", 2, ','},
};

START_TEST(split)
{
  ck_assert_str_eq(
      tokens(file_with("a.csv", cases[_i].text), cases[_i].delimiter, cases[_i].n_expected),
      cases[_i].want);
}
END_TEST

START_TEST(nul_byte)
{
  ck_assert_str_eq(tokens(file_with_bytes("a.csv", "a,b\0c\nd,e\n", 10), ',', 2),
                   "1:!a NUL byte@2\n2:d|e\n");
}
END_TEST

// Lines around the blocks that are read, and rows that are too long.
static void one_long_line(char *text, size_t length)
{
  amlrt__input in;
  amlrt__csv csv;
  bool more;

  memset(text, 'x', length);
  text[length / 2] = ',';
  memcpy(text + length, "\nc,d\n", 6);
  ck_assert_int_eq(amlrt__input_open(&in, file_with("a.csv", text), amlrt_alloc_default(), NULL),
                   AMLRT_OK);
  ck_assert_int_eq(amlrt__csv_init(&csv, &in, ',', NULL), AMLRT_OK);
  ck_assert_int_eq(amlrt__csv_next(&csv, &more, NULL), AMLRT_OK);
  if (length + 1 > AMLRT__RECORD_MAX) {
    ck_assert_int_eq(csv.fault.reason, AMLRT__BAD_LONG_ROW);
  } else {
    ck_assert_int_eq(csv.fault.reason, AMLRT__GOOD);
    ck_assert_uint_eq(csv.n_fields, 2);
    ck_assert_uint_eq(csv.field[0].n + csv.field[1].n + 1, length);
  }
  ck_assert_int_eq(amlrt__csv_next(&csv, &more, NULL), AMLRT_OK);
  ck_assert(more && csv.line == 2 && csv.n_fields == 2);
  ck_assert_mem_eq(amlrt__csv_text(&csv, 1).at, "d", 1);
  amlrt__csv_release(&csv);
  amlrt__input_close(&in);
  files_clean();
}

START_TEST(long_lines)
{
  static const size_t lengths[] = {128 * 1024 - 1,    128 * 1024, 255 * 1024,
                                   256 * 1024 - 1,    256 * 1024, AMLRT__RECORD_MAX - 1,
                                   AMLRT__RECORD_MAX, 5u << 20};
  char *text = malloc((5u << 20) + 16);

  ck_assert_ptr_nonnull(text);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
    one_long_line(text, lengths[i]);
  free(text);
}
END_TEST

// The same through gzip.
START_TEST(packed)
{
  ck_assert_str_eq(tokens(file_packed("a.csv.gz", "a,b\nc,d\n", 0), ',', 2), "1:a|b\n2:c|d\n");
  ck_assert_str_eq(tokens(file_packed("a.csv.gz", "", 0), ',', 2), "");
}
END_TEST

static amlrt_status read_all(const char *path, amlrt_error *err)
{
  amlrt__input in;
  char buf[4096];
  size_t got = 1;
  amlrt_status st = amlrt__input_open(&in, path, amlrt_alloc_default(), err);

  if (st < 0) return st;
  while (st == AMLRT_OK && got > 0)
    st = amlrt__input_read(&in, buf, sizeof buf, &got, err);
  amlrt__input_close(&in);
  return st;
}

static void cannot_read(const char *path, const char *words, int sys_errno)
{
  amlrt_error err = {.status = AMLRT_OK};

  ck_assert_int_eq(read_all(path, &err), AMLRT_E_READ);
  ck_assert_int_eq(err.status, AMLRT_E_READ);
  ck_assert_int_eq(err.sys_errno, sys_errno);
  ck_assert_msg(strstr(err.text, path) != NULL, "%s", err.text);
  ck_assert_msg(strstr(err.text, words) != NULL, "%s", err.text);
}

START_TEST(bad_inputs)
{
  cannot_read("/nowhere/at/all.csv", "No such file", 2);
  cannot_read("/", "Is a directory", 21);
  cannot_read("/proc/self/mem", "Input/output error", 5); // opens, and cannot be read
  cannot_read(file_packed("cut.gz", "a,b\nc,d\n", 5), "too early", 0);
  cannot_read(file_packed("header.gz", "a,b\nc,d\n", 24), "too early", 0);
  cannot_read(file_with_bytes("bad.gz", "\x1f\x8b\x08\0\0\0\0\0\0\0\xff\xff\xff\xff", 14),
              "damaged", 0);
  cannot_read(file_with_bytes("a.zst", "\x28\xb5\x2f\xfd....", 8), "zstd", 0);
  cannot_read(file_with("a.parquet", "PAR1...."), "Parquet", 0);
  files_clean();
}
END_TEST

START_TEST(utf8)
{
  ck_assert(amlrt__is_plain_ascii("abcdefgh\x7f", 9));
  ck_assert(!amlrt__is_plain_ascii("abcdefg\x80", 8));
  ck_assert(!amlrt__is_plain_ascii("abcdefgh\x80", 9));
  ck_assert(!amlrt__is_plain_ascii("abc\0efgh", 8));
  ck_assert(!amlrt__is_plain_ascii("\x01\0\x01\x01\x01\x01\x01\x01", 8));
  ck_assert(amlrt__is_plain_ascii("\x01\x01\x01\x01\x01\x01\x01\x01", 8));
  ck_assert_uint_eq(amlrt__utf8_bad("a\xf0\x9f\x92\xb6z\xe2\x82\xac", 9), 9);
  ck_assert_uint_eq(amlrt__utf8_bad("a\xf0\x9f\x92", 4), 1);
}
END_TEST

Suite *make_csv_suite(void)
{
  Suite *s = suite_create("csv");
  TCase *tc = tcase_create("tokens");

  tcase_add_loop_test(tc, split, 0, sizeof cases / sizeof *cases);
  tcase_add_test(tc, nul_byte);
  tcase_add_test(tc, long_lines);
  tcase_add_test(tc, packed);
  tcase_add_test(tc, bad_inputs);
  tcase_add_test(tc, utf8);
  suite_add_tcase(s, tc);
  return s;
}
