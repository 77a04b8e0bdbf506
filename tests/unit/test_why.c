// `amlc why`: the JSON reader, the words, the page, and what it says of files that are not right.
#define _POSIX_C_SOURCE 200809L
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frontend/driver/options.h"
#include "frontend/driver/why.h"
#include "frontend/driver/why_parts.h"
#include "tests/unit/alloc_fail.h"

Suite *make_why_suite(void);

// ---- the reader -----------------------------------------------------------------------------------

// The tree as text: kinds and keys made visible.
static void show(strbuf *b, const json *v)
{
  static const char *const kinds[] = {"null", "bool", "number", "string", "list", "object"};

  if (v->key) strbuf_printf(b, "%s=", v->key);
  strbuf_puts(b, kinds[v->kind]);
  if (v->text) strbuf_printf(b, "(%s)", v->text);
  if (v->kind == JSON_BOOL) strbuf_puts(b, v->truth ? "(true)" : "(false)");
  if (v->kind != JSON_LIST && v->kind != JSON_OBJECT) return;
  strbuf_printf(b, "%u[", v->n);
  for (const json *m = v->first; m; m = m->next) {
    show(b, m);
    if (m->next) strbuf_putc(b, ' ');
  }
  strbuf_putc(b, ']');
}

START_TEST(reads)
{
  static const char *const cases[][2] = {
      {" null ", "null"},
      {"[true,false]", "list2[bool(true) bool(false)]"},
      {"-0.5e+10", "number(-0.5e+10)"},
      {"{\"a\":1,\"b\":{\"c\":[]}}", "object2[a=number(1) b=object1[c=list0[]]]"},
      {"\"\\\"\\\\\\/\\n\\u00fc\\u20ac\\ud83d\\ude00\"", "string(\"\\/\nü€😀)"},
      {"\"\\u0000\\ud83dx\"", "string(\xef\xbf\xbd\xef\xbf\xbdx)"}};
  cx *c = cx_new(NULL, NULL);
  arena *mem = arena_new(c, "test");

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *why = NULL;
    strbuf b;
    const json *v = json_read(mem, cases[i][0], strlen(cases[i][0]), &why);
    ck_assert_msg(v != NULL, "%s: %s", cases[i][0], why);
    strbuf_init(&b, c);
    show(&b, v);
    ck_assert_str_eq(strbuf_text(&b), cases[i][1]);
    strbuf_release(&b);
  }
  arena_free(mem);
  cx_free(c);
}
END_TEST

START_TEST(refuses)
{
  static const char *const cases[] = {"",          "nul",        "{",     "[1,",    "[1 2]",
                                      "{\"a\"}",   "{\"a\":}",   "{1:2}", "\"open", "\"\\x\"",
                                      "\"\\u12\"", "\"\t\"",     "01x",   "-",      "1.",
                                      "1e",        "[1,]",       "{}x",   "\"\\",   "\"\\\"",
                                      "tru",       "{\"a\":1,}", "]",     "+1",     "\"\\ud8\""};
  cx *c = cx_new(NULL, NULL);
  arena *mem = arena_new(c, "test");

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const char *why = NULL;
    ck_assert_msg(json_read(mem, cases[i], strlen(cases[i]), &why) == NULL, "%s", cases[i]);
    ck_assert_msg(why != NULL, "%s", cases[i]);
  }
  ck_assert(cx_ok(c));
  arena_free(mem);
  cx_free(c);
}
END_TEST

START_TEST(depth_is_bounded)
{
  char text[2 * 100000 + 1];
  const char *why = NULL;
  cx *c = cx_new(NULL, NULL);
  arena *mem = arena_new(c, "test");
  size_t n = _i ? 100000 : JSON_DEPTH;

  memset(text, '[', n);
  memset(text + n, ']', n);
  const json *v = json_read(mem, text, 2 * n, &why);
  ck_assert_int_eq(v != NULL, !_i);
  if (_i) ck_assert_ptr_nonnull(strstr(why, "deep"));
  arena_free(mem);
  cx_free(c);
}
END_TEST

START_TEST(reader_without_memory)
{
  static char text[60000] = "[\"";

  memset(text + 2, 'x', sizeof text - 5);
  memcpy(text + sizeof text - 3, "\"]", 3);
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    alloc_fail_init(&a, n);
    cx_allocator from = alloc_fail_cx(&a);
    const char *why = NULL;
    cx *c = cx_new(&from, NULL);
    arena *mem = c ? arena_new(c, "test") : NULL;
    const json *v = mem ? json_read(mem, text, strlen(text), &why) : NULL;
    bool failed = alloc_fail_hit(&a);
    ck_assert_int_eq(v == NULL, failed);
    arena_free(mem);
    cx_free(c);
    alloc_fail_check(&a);
    if (!failed) break;
  }
}
END_TEST

// ---- words ----------------------------------------------------------------------------------------

START_TEST(numbers)
{
  static const char *const cases[][2] = {{"1", "1"},
                                         {"0.8312345678912345", "0.8312"},
                                         {"-0.66666", "-0.6667"},
                                         {"0.00001", "0.00001"},
                                         {"1e+300", "1e+300"},
                                         {"12345.67", "12345.67"},
                                         {"0.99999", "1"},
                                         {"0", "0"}};
  static const char *const durations[][2] = {
      {"0", "0 s"},         {"59", "59 s"},   {"187800", "2 d 4 h 10 min"},
      {"86401", "1 d 1 s"}, {"1.5", "1.5 s"}, {"-5", "-5 s"}};
  cx *c = cx_new(NULL, NULL);
  arena *mem = arena_new(c, "test");

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    ck_assert_str_eq(why_number(mem, cases[i][0]), cases[i][1]);
  for (size_t i = 0; i < sizeof durations / sizeof *durations; i++)
    ck_assert_str_eq(why_duration(mem, durations[i][0]), durations[i][1]);
  ck_assert_str_eq(why_time(mem, "2022-09-01T00:20:30Z", false), "2022-09-01 00:20");
  ck_assert_str_eq(why_time(mem, "+12022-09-01T00:20:30Z", true), "+12022-09-01 00:20:30");
  ck_assert_str_eq(why_time(mem, "never", true), "never");
  ck_assert_str_eq(why_clean(mem, "a\x1b[31m\x7fü\xc2\x9bz"), "a?[31m?ü??z");
  ck_assert_uint_eq(why_columns("Zürich"), 6);
  arena_free(mem);
  cx_free(c);
}
END_TEST

START_TEST(outcomes)
{
#define C(text, value, bounds, rest)                                                               \
  "{\"text\":\"" text "\",\"value\":" value ",\"bounds\":[" bounds "],\"degree\":" rest "}"
  static const char *const cases[][2] = {
      {C("each one: pay before back", "null", "null,null,null,null", "1"), "holds"},
      {C("each one: pay before back", "null", "null,null,null,null", "0.5"),
       "holds to a degree of 0.5"},
      {C("mid[3..]", "3", "null,3,null,null", "1"), "is 3, wanted at least 3: holds"},
      {C("mid[..3]", "2", "null,null,3,null", "1"), "is 2, wanted at most 3: holds"},
      {C("each many: x in kept", "0.83", "0.7,0.8,1.25,1.4", "0.9"),
       "the worst is 0.83, wanted between 0.8 and 1.25 fully, fading out at 0.7 and 1.4: holds to "
       "a degree of 0.9"},
      {C("each one: x in 1..1", "1", "null,1,1,null", "1"), "is 1, wanted exactly 1: holds"},
      {C("along ring: gap(this, next) in 1h~2h..", "5400", "3600,7200,null,null", "0.5"),
       "the worst is 1 h 30 min, wanted at least 2 h fully, fading out at 1 h: holds to a degree "
       "of 0.5"},
      {C("require span <= 2d", "90000", "null,null,172800,null", "1"),
       "is 1 d 1 h, wanted at most 2 d: holds"},
      {C("require span / 2 in 1..", "9", "null,1,null,null", "1"),
       "is 9, wanted at least 1: holds"},
      {C("each many: x in 1..2", "null", "null,1,2,null", "1,\"left_out\":true"),
       "left out: it could not be evaluated here (an amount, a currency or a rate is missing)"}};
#undef C
  static const char roles_text[] = "{\"one\":\"a\",\"many\":[\"b\",\"c\"]}";
  cx *c = cx_new(NULL, NULL);
  arena *mem = arena_new(c, "test");
  const char *why;
  const json *roles = json_read(mem, roles_text, strlen(roles_text), &why);

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const json *v = json_read(mem, cases[i][0], strlen(cases[i][0]), &why);
    ck_assert_ptr_nonnull(v);
    ck_assert_str_eq(why_outcome(mem, v, roles), cases[i][1]);
  }
  arena_free(mem);
  cx_free(c);
}
END_TEST

// ---- pages ----------------------------------------------------------------------------------------

static char folder[64];

static const char *in_folder(const char *name)
{
  static char path[256];

  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void put_file(const char *name, const char *text)
{
  FILE *f = fopen(in_folder(name), "w");

  ck_assert_ptr_nonnull(f);
  fputs(text, f);
  fclose(f);
}

static void make_folder(void)
{
  snprintf(folder, sizeof folder, "/tmp/amlc-why-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
  unlink(in_folder("alerts.jsonl"));
  unlink(in_folder("evidence.csv"));
  ck_assert_int_eq(rmdir(folder), 0);
}

#define ID_A "aaaa1111aaaa1111aaaa1111aaaa1111"
#define ID_B "aaab2222aaaa2222aaaa2222aaaa2222"
#define ALERT(id, alert_id)                                                                        \
  "{\"match_id\":\"" id "\",\"pattern\":\"fan\",\"version\":\"1.0\",\"outcome\":\"match\","        \
  "\"degree\":0.75,\"trigger\":103,\"first\":\"2022-09-01T00:00:00Z\","                            \
  "\"last\":\"2022-09-01T02:03:00Z\",\"roles\":{\"hub\":\"x\",\"peer\":[\"y\",\"z\"]},"            \
  "\"stages\":{\"pay\":[101,102],\"back\":[102,103]},\"constraints\":["                            \
  "{\"text\":\"peer[2..]\",\"value\":2,\"bounds\":[null,2,null,null],\"degree\":1}],"              \
  "\"amounts\":{\"pay\":[{\"currency\":null,\"sum\":\"7.00\"}],\"back\":[]},"                      \
  "\"merged\":3,\"trigger_first\":99,\"trigger_last\":104,\"alert_id\":\"" alert_id "\","          \
  "\"truncated\":false,\"title\":\"x paid y, z\"}\n"
#define HEADER                                                                                     \
  "match_id,seq,stage,transaction,time,from,to,amount,currency,amount_received,"                   \
  "currency_received,format\n"
static const char two_alerts[] =
    ALERT(ID_A, "cccc0000cccc0000cccc0000cccc0000") ALERT(ID_B, "cccd0000cccc0000cccc0000cccc0000");
static const char evidence[] =
    HEADER ID_B ",0,pay,1,2022-09-01T00:00:00Z,q,q,,,,,\n" ID_A
                ",0,pay,101,2022-09-01T00:00:00Z,x,y,3.00,US Dollar,3.00,US Dollar,Wire\n" ID_A
                ",1,pay,102,2022-09-01T01:00:00Z,x,z,4.00,US Dollar,3.90,Euro,Wire\n" ID_A
                ",2,back,102,2022-09-01T01:00:00Z,x,z,4.00,US Dollar,3.90,Euro,Wire\n" ID_A
                ",3,back,103,2022-09-01T02:03:00Z,z,\"x\"\"\n,1\",,,,,Wire\n";

typedef struct shown {
  char *out, *err;
  int code;
} shown;

static shown print(const char *dir, const char *match)
{
  shown s;
  size_t n_out, n_err;
  FILE *out = open_memstream(&s.out, &n_out), *err = open_memstream(&s.err, &n_err);

  s.code = why_print(dir, match, out, err);
  fclose(out);
  fclose(err);
  return s;
}

static void done(shown *s)
{
  free(s->out);
  free(s->err);
}

static void page_has(const shown *s, const char *want)
{
  ck_assert_msg(strstr(s->out, want) != NULL, "'%s' is not in:\n%s", want, s->out);
}

START_TEST(page)
{
  make_folder();
  put_file("alerts.jsonl", two_alerts);
  put_file("evidence.csv", evidence);
  shown s = print(folder, NULL);
  ck_assert_int_eq(s.code, EXIT_DONE);
  ck_assert_str_eq(s.err, "");
  page_has(
      &s,
      "\n  x paid y, z\n"
      "\n"
      "  Pattern   fan 1.0\n"
      "  Outcome   match: fits to a degree of 0.75 (1 is fully)\n"
      "  When      2022-09-01 00:00:00 to 2022-09-01 02:03:00 UTC, 2 h 3 min\n"
      "  Episode   3 matches of these accounts that overlap, merged: triggers 99 to 104. "
      "Shown is the\n"
      "            latest of the best, trigger 103\n"
      "  Match id  " ID_A "\n"
      "  Alert id  cccc0000cccc0000cccc0000cccc0000\n"
      "\n"
      "Accounts\n"
      "  hub   x\n"
      "  peer  2 accounts: y, z\n"
      "\n"
      "Transfers (3, in time order, UTC; * is the trigger)\n"
      "     time              from  to                         amount  format  stage      id\n"
      "     2022-09-01 00:00  x     y                  3.00 US Dollar  Wire    pay        101\n"
      "     2022-09-01 01:00  x     z      4.00 US Dollar > 3.90 Euro  Wire    pay, back  102\n"
      "  *  2022-09-01 02:03  z     x\"?,1                           -  Wire    back       103\n"
      "\n"
      "Sums by stage\n"
      "  pay   7.00\n"
      "\n"
      "Constraints\n"
      "  peer[2..]\n"
      "      is 2, wanted at least 2: holds\n"
      "\n"
      "1 more alert. To see one,");
  done(&s);
  remove_folder();
}
END_TEST

// By the beginning of either id, of either case, and from a file.
START_TEST(finds)
{
  static const char *const by[] = {"aaab", "AAAB2222", ID_B, "cccd"};

  make_folder();
  put_file("alerts.jsonl", two_alerts);
  put_file("evidence.csv", evidence);
  for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
    shown s = print(i % 2 ? folder : in_folder("alerts.jsonl"), by[i]);
    ck_assert_int_eq(s.code, EXIT_DONE);
    page_has(&s, ID_B);
    page_has(&s, "Transfers (1,");
    ck_assert_ptr_null(strstr(s.out, "more alert"));
    done(&s);
  }
  remove_folder();
}
END_TEST

START_TEST(does_not_find)
{
  static const struct {
    const char *alerts, *match, *says;
    int code;
  } cases[] = {{two_alerts, "aaa", "at least 4", EXIT_USAGE},
               {two_alerts, "aaaz9", "no match id", EXIT_USAGE},
               {two_alerts, "aaaaa", "nearest is " ID_A, EXIT_USAGE},
               {two_alerts, ID_A "0", "no match id", EXIT_USAGE},
               {ALERT(ID_A, ID_B) ALERT(ID_A, ID_B), "aaaa", "2 alerts have", EXIT_USAGE},
               {"", "aaaa", "no alerts in", EXIT_USAGE},
               {"hello\n", NULL, ":1: this is no alert", EXIT_DATA},
               {ALERT(ID_A, ID_B) "{}\n", NULL, ":2: this is no alert", EXIT_DATA},
               {"{\"match_id\":\"" ID_A "\"}\n", NULL, "lacks a field", EXIT_DATA},
               {"{\"match_id\":\"" ID_A "\",\n", NULL, "no alerts file of ours", EXIT_DATA}};

  make_folder();
  put_file("alerts.jsonl", cases[_i].alerts);
  shown s = print(folder, cases[_i].match);
  ck_assert_int_eq(s.code, cases[_i].code);
  ck_assert_str_eq(s.out, "");
  ck_assert_msg(strstr(s.err, cases[_i].says) != NULL, "%s", s.err);
  done(&s);
  remove_folder();
}
END_TEST

START_TEST(no_alerts_at_all)
{
  make_folder();
  put_file("alerts.jsonl", "");
  shown s = print(folder, NULL);
  ck_assert_int_eq(s.code, EXIT_DONE);
  page_has(&s, "There are no alerts in");
  done(&s);
  unlink(in_folder("alerts.jsonl"));
  s = print(folder, NULL);
  ck_assert_int_eq(s.code, EXIT_WORLD);
  ck_assert_ptr_nonnull(strstr(s.err, "alerts.jsonl"));
  done(&s);
  remove_folder();
}
END_TEST

// Without usable evidence the page has the ids, and says what is missing.
START_TEST(without_evidence)
{
  static const char *const cases[] = {NULL, "wrong,header\n", HEADER, HEADER ID_A ",0,pay\n"};

  make_folder();
  put_file("alerts.jsonl", two_alerts);
  if (cases[_i]) put_file("evidence.csv", cases[_i]);
  shown s = print(folder, "aaaa");
  ck_assert_int_eq(s.code, EXIT_DONE);
  page_has(&s, "Transfers by stage, in time order\n  pay   2 transfers: 101, 102\n");
  ck_assert_ptr_nonnull(strstr(s.err, "evidence.csv"));
  done(&s);
  remove_folder();
}
END_TEST

static void fits(const char *text)
{
  for (const char *line = text; *line;) {
    size_t n = strcspn(line, "\n");
    char copy[1024];
    snprintf(copy, sizeof copy, "%.*s", (int)n, line);
    ck_assert_msg(why_columns(copy) <= WHY_WIDTH, "%zu columns: %s", why_columns(copy), copy);
    line += n + (line[n] == '\n');
  }
}

// Long names, a group of a thousand, a thousand transfers: still a page, which says what it leaves out.
START_TEST(large)
{
  make_folder();
  FILE *f = fopen(in_folder("alerts.jsonl"), "w");
  fputs("{\"match_id\":\"" ID_A "\",\"pattern\":\"p\",\"trigger\":999,\"roles\":{\"mid\":[", f);
  for (int i = 0; i < 1000; i++)
    fprintf(f, "%s\"021174:8007376%04d\"", i ? "," : "", i);
  fputs("]},\"stages\":{\"pay\":[]},\"constraints\":[],\"alert_id\":\"" ID_A "\"}\n", f);
  fclose(f);
  f = fopen(in_folder("evidence.csv"), "w");
  fputs(HEADER, f);
  for (int i = 0; i < 1000; i++)
    fprintf(f,
            ID_A ",%d,gather_in_a_stage,%d,2022-09-01T00:%02d:%02dZ,021174:8007376%04d,"
                 "0150240:812D22980,1234567.89,US Dollar,1234567.89,US Dollar,Reinvestment\n",
            i, i, i / 60, i % 60, i);
  fclose(f);
  shown s = print(folder, NULL);
  ck_assert_int_eq(s.code, EXIT_DONE);
  page_has(&s, "1000 accounts: 021174:80073760000, ");
  page_has(&s, " and 940 more\n");
  page_has(&s, "  ... 800 more, all in evidence.csv ...\n");
  page_has(&s, "1234567.89 USD");
  fits(s.out);
  done(&s);
  remove_folder();
}
END_TEST

Suite *make_why_suite(void)
{
  Suite *s = suite_create("why");
  TCase *tc = tcase_create("why");

  tcase_add_test(tc, reads);
  tcase_add_test(tc, refuses);
  tcase_add_loop_test(tc, depth_is_bounded, 0, 2);
  tcase_add_test(tc, reader_without_memory);
  tcase_add_test(tc, numbers);
  tcase_add_test(tc, outcomes);
  tcase_add_test(tc, page);
  tcase_add_test(tc, finds);
  tcase_add_loop_test(tc, does_not_find, 0, 10);
  tcase_add_test(tc, no_alerts_at_all);
  tcase_add_loop_test(tc, without_evidence, 0, 4);
  tcase_add_test(tc, large);
  suite_add_tcase(s, tc);
  return s;
}
