// Diagnostics: order, what is dropped, limits, and the three forms.
#include <check.h>
#include <string.h>

#include "ir/base/diag.h"
#include "ir/base/limits.h"
#include "tests/unit/alloc_fail.h"

static const char TEXT[] = "first line\n\tsecond \xc3\xa4 line\nthird\n";

typedef struct fixture {
  cx *c;
  uint32_t file;
  strbuf out;
} fixture;

static fixture begin(const char *text, size_t n)
{
  fixture f = {.c = cx_new(NULL, NULL)};
  f.file = source_add(f.c, "x.aml", text, n);
  strbuf_init(&f.out, f.c);
  return f;
}

static void end(fixture *f)
{
  strbuf_release(&f->out);
  cx_free(f->c);
}

static void expect(fixture *f, diag_format format, const char *text)
{
  strbuf_clear(&f->out);
  diag_render(f->c, &f->out, format, false);
  ck_assert_str_eq(strbuf_text(&f->out), text);
}

START_TEST(text_form)
{
  fixture f = begin(TEXT, sizeof TEXT - 1);

  diag_error(f.c, DIAG_SYNTAX, (span){f.file, 22, 26}, "the %s one", "second");
  diag_note(f.c, (span){f.file, 0, 5}, "compare this");
  diag_note(f.c, (span){0}, "and think of that");
  diag_help(f.c, "write another");
  diag_error(f.c, DIAG_BAD_NUMBER, (span){f.file, 6, 6}, "the first");
  expect(&f, DIAG_TEXT,
         "x.aml:1:7: error: the first [bad-number]\n"
         "    1 | first line\n"
         "      |       ^\n"
         "x.aml:2:11: error: the second one [syntax]\n"
         "    2 | \tsecond \xc3\xa4 line\n"
         "      | \t         ^~~~\n"
         "x.aml:1:1: note: compare this\n"
         "    1 | first line\n"
         "      | ^~~~~\n"
         "note: and think of that\n"
         "help: write another\n");
  ck_assert_uint_eq(diag_n_errors(f.c), 2);
  end(&f);
}
END_TEST

START_TEST(json_form)
{
  fixture f = begin(TEXT, sizeof TEXT - 1);

  diag_error(f.c, DIAG_SYNTAX, (span){f.file, 22, 26}, "a \"quote\"");
  diag_help(f.c, "write another");
  diag_error(f.c, DIAG_CANNOT_READ, (span){UINT32_MAX, 0, 0}, "no file");
  expect(&f, DIAG_JSON,
         "{\"file\":\"x.aml\",\"line\":2,\"column\":11,\"severity\":\"error\",\"code\":\"syntax\","
         "\"message\":\"a \\\"quote\\\"\",\"help\":\"write another\"}\n"
         "{\"file\":\"\",\"line\":1,\"column\":1,\"severity\":\"error\",\"code\":\"cannot-read\","
         "\"message\":\"no file\",\"help\":\"\"}\n");
  end(&f);
}
END_TEST

START_TEST(sarif_form)
{
  fixture f = begin(TEXT, sizeof TEXT - 1);

  diag_error(f.c, DIAG_SYNTAX, (span){f.file, 22, 26}, "wrong");
  diag_note(f.c, (span){f.file, 0, 5}, "see here");
  diag_help(f.c, "do that");
  diag_render(f.c, &f.out, DIAG_SARIF, false);
  const char *text = strbuf_text(&f.out);
  ck_assert_ptr_nonnull(strstr(text, "\"version\": \"2.1.0\""));
  ck_assert_ptr_nonnull(strstr(text, "\"ruleId\":\"syntax\",\"ruleIndex\":0,\"level\":\"error\""));
  ck_assert_ptr_nonnull(strstr(text, "\"text\":\"wrong\\nhelp: do that\""));
  ck_assert_ptr_nonnull(strstr(text, "\"region\":{\"startLine\":2,\"startColumn\":11,\"endLine\":2,"
                                     "\"endColumn\":15}"));
  ck_assert_ptr_nonnull(strstr(text, "\"relatedLocations\":["));
  end(&f);
}
END_TEST

START_TEST(second_error_at_a_place_is_dropped)
{
  fixture f = begin(TEXT, sizeof TEXT - 1);
  span where = {f.file, 0, 5};

  diag_error(f.c, DIAG_SYNTAX, where, "sharp");
  diag_error(f.c, DIAG_BAD_NUMBER, where, "vague");
  diag_note(f.c, where, "belongs to the vague one");
  diag_help(f.c, "so does this");
  expect(&f, DIAG_TEXT,
         "x.aml:1:1: error: sharp [syntax]\n"
         "    1 | first line\n"
         "      | ^~~~~\n");
  ck_assert_uint_eq(diag_n_errors(f.c), 1);
  diag_clear(f.c);
  ck_assert_uint_eq(diag_n_errors(f.c), 0);
  expect(&f, DIAG_TEXT, "");
  end(&f);
}
END_TEST

START_TEST(too_many_errors)
{
  cx_limits limits = {1000, 10, 3};
  fixture f = {.c = cx_new(NULL, &limits)};

  f.file = source_add(f.c, "x.aml", TEXT, sizeof TEXT - 1);
  strbuf_init(&f.out, f.c);
  for (uint32_t i = 0; i < 5; i++) {
    ck_assert(diag_stop(f.c) == (i > 3));
    diag_error(f.c, DIAG_SYNTAX, (span){f.file, i, i + 1}, "error %u", i);
  }
  ck_assert_uint_eq(diag_n_errors(f.c), 3);
  diag_render(f.c, &f.out, DIAG_TEXT, false);
  const char *last = strstr(strbuf_text(&f.out), "error 2");
  ck_assert_ptr_nonnull(last);
  ck_assert_ptr_null(strstr(last, "error 3"));
  ck_assert_ptr_nonnull(strstr(last, "\nerror: too many errors"));
  strbuf_clear(&f.out);
  diag_render(f.c, &f.out, DIAG_JSON, false);
  ck_assert_ptr_nonnull(strstr(strbuf_text(&f.out), "\"message\":\"too many errors"));
  end(&f);
}
END_TEST

START_TEST(colour_only_when_asked)
{
  fixture f = begin(TEXT, sizeof TEXT - 1);

  diag_error(f.c, DIAG_SYNTAX, (span){f.file, 0, 5}, "wrong");
  diag_render(f.c, &f.out, DIAG_TEXT, false);
  ck_assert_ptr_null(strchr(strbuf_text(&f.out), '\033'));
  strbuf_clear(&f.out);
  diag_render(f.c, &f.out, DIAG_TEXT, true);
  ck_assert_ptr_nonnull(strstr(strbuf_text(&f.out), "\033[1;31merror\033[0m: wrong"));
  end(&f);
}
END_TEST

// Nothing in a user's file may steer the terminal, and a line of any length is cut to what is seen.
START_TEST(source_lines_are_safe)
{
  char text[5000];
  memset(text, 'a', sizeof text);
  memcpy(text + 3000, "\033[31m\xff!", 7);
  fixture f = begin(text, sizeof text);

  diag_error(f.c, DIAG_SYNTAX, (span){f.file, 3005, 3007}, "bell \a rings");
  diag_render(f.c, &f.out, DIAG_TEXT, false);
  ck_assert_ptr_null(strchr(strbuf_text(&f.out), '\033'));
  ck_assert_ptr_null(strchr(strbuf_text(&f.out), '\a'));
  ck_assert_ptr_null(strchr(strbuf_text(&f.out), '\xff'));
  ck_assert_uint_lt(f.out.n, 600);
  ck_assert_ptr_nonnull(strstr(strbuf_text(&f.out), "x.aml:1:3006: "));
  end(&f);
}
END_TEST

START_TEST(span_over_lines)
{
  fixture f = begin(TEXT, sizeof TEXT - 1);

  diag_error(f.c, DIAG_SYNTAX, (span){f.file, 6, 30}, "long");
  diag_error(f.c, DIAG_SYNTAX, (span){f.file, 32, 32}, "at the end");
  expect(&f, DIAG_TEXT,
         "x.aml:1:7: error: long [syntax]\n"
         "    1 | first line\n"
         "      |       ^~~~\n"
         "x.aml:3:6: error: at the end [syntax]\n"
         "    3 | third\n"
         "      |      ^\n");
  end(&f);
}
END_TEST

START_TEST(without_memory)
{
  for (uint64_t n = 0;; n++) {
    alloc_fail fail;
    alloc_fail_init(&fail, n);
    cx_allocator mem = alloc_fail_cx(&fail);
    cx *c = cx_new(&mem, NULL);
    uint32_t file = c ? source_add(c, "x", TEXT, sizeof TEXT - 1) : 0;
    if (c) {
      strbuf out;
      strbuf_init(&out, c);
      for (uint32_t i = 0; i < 30; i++) {
        diag_error(c, DIAG_SYNTAX, (span){file, i, i + 1}, "a message of some length: %u", i);
        diag_note(c, (span){file, i, i + 1}, "%0900u", i);
        diag_help(c, "help %u", i);
      }
      ck_assert_uint_eq(diag_n_errors(c), 30);
      for (int form = DIAG_TEXT; form <= DIAG_SARIF; form++)
        diag_render(c, &out, (diag_format)form, false);
      diag_clear(c);
      strbuf_release(&out);
      ck_assert(cx_ok(c) == !alloc_fail_hit(&fail));
    }
    cx_free(c);
    alloc_fail_check(&fail);
    if (!alloc_fail_hit(&fail)) break;
  }
}
END_TEST

START_TEST(every_code_has_its_help)
{
  for (int i = 0; i < DIAG_N_CODES; i++) {
    ck_assert_uint_gt(strlen(diag_codes[i].help), 10);
    for (int k = 0; k < i; k++)
      ck_assert_str_ne(diag_codes[i].code, diag_codes[k].code);
  }
}
END_TEST

Suite *make_diag_suite(void)
{
  Suite *s = suite_create("diag");
  TCase *t = tcase_create("diagnostics");

  tcase_add_test(t, text_form);
  tcase_add_test(t, json_form);
  tcase_add_test(t, sarif_form);
  tcase_add_test(t, second_error_at_a_place_is_dropped);
  tcase_add_test(t, too_many_errors);
  tcase_add_test(t, colour_only_when_asked);
  tcase_add_test(t, source_lines_are_safe);
  tcase_add_test(t, span_over_lines);
  tcase_add_test(t, without_memory);
  tcase_add_test(t, every_code_has_its_help);
  suite_add_tcase(s, t);
  return s;
}
