// Output files: what stands under which name when, and what goes wrong with disks and folders.
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "amlrt/match.h"
#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_match.h"

Suite *make_outfile_suite(void);

static char folder[64];

static void make_folder(void)
{
  snprintf(folder, sizeof folder, "/tmp/amlc-outfile-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
}

// A path in the folder; good for two calls.
static const char *in_folder(const char *name)
{
  static char path[2][256];
  static int turn;

  turn ^= 1;
  snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
  return path[turn];
}

static void remove_folder(void)
{
  static const char *const names[] = {"a.txt", "b.txt", "sub/deep/a.txt", "link.txt"};

  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    unlink(in_folder(names[i]));
  rmdir(in_folder("sub/deep"));
  rmdir(in_folder("sub"));
  ck_assert_msg(rmdir(folder) == 0, "something is left in %s", folder);
}

static bool is_there(const char *name)
{
  return access(in_folder(name), F_OK) == 0;
}

static void holds(const char *name, const char *want)
{
  char text[64] = "";
  FILE *f = fopen(in_folder(name), "r");

  ck_assert_msg(f != NULL, "%s is not there", name);
  text[fread(text, 1, sizeof text - 1, f)] = '\0';
  fclose(f);
  ck_assert_str_eq(text, want);
}

static amlrt_outdir *open_dir(const char *path)
{
  amlrt_outdir *d = NULL;
  amlrt_error err = {0};

  ck_assert_msg(amlrt_outdir_open(&d, path, NULL, &err) == AMLRT_OK, "%s", err.text);
  return d;
}

static amlrt_out *open_out(amlrt_outdir *d, const char *name)
{
  amlrt_out *o = NULL;
  amlrt_error err = {0};

  ck_assert_msg(amlrt_out_open(&o, d, name, &err) == AMLRT_OK, "%s", err.text);
  return o;
}

static void write_file(amlrt_outdir *d, const char *name, const char *text)
{
  amlrt_out *o = open_out(d, name);

  amlrt_out_write(o, text, strlen(text));
  ck_assert_int_eq(amlrt_out_close(o, NULL, NULL), AMLRT_OK);
}

// ---- names ----------------------------------------------------------------------------------------

START_TEST(nothing_before_commit)
{
  make_folder();
  amlrt_outdir *d = open_dir(folder);
  write_file(d, "a.txt", "one");
  write_file(d, "b.txt", "two");
  ck_assert(!is_there("a.txt") && is_there(".a.txt.partial"));
  ck_assert_int_eq(amlrt_outdir_commit(d, NULL), AMLRT_OK);
  amlrt_outdir_free(d);
  holds("a.txt", "one");
  holds("b.txt", "two");
  d = open_dir(folder);
  write_file(d, "a.txt", "other");
  amlrt_outdir_free(d); // not committed: the old one stays
  holds("a.txt", "one");
  remove_folder();
}
END_TEST

START_TEST(two_at_once)
{
  make_folder();
  amlrt_outdir *d[2] = {open_dir(folder), open_dir(folder)};
  amlrt_out *o[2] = {open_out(d[0], "a.txt"), open_out(d[1], "a.txt")};
  for (int i = 0; i < 2; i++) {
    amlrt_out_printf(o[i], "run %d", i);
    ck_assert_int_eq(amlrt_out_close(o[i], NULL, NULL), AMLRT_OK);
  }
  ck_assert_int_eq(amlrt_outdir_commit(d[1], NULL), AMLRT_OK);
  holds("a.txt", "run 1");
  ck_assert_int_eq(amlrt_outdir_commit(d[0], NULL), AMLRT_OK);
  holds("a.txt", "run 0");
  amlrt_outdir_free(d[0]);
  amlrt_outdir_free(d[1]);
  remove_folder();
}
END_TEST

START_TEST(makes_folders)
{
  make_folder();
  char path[128];
  snprintf(path, sizeof path, "%s/sub/deep/", folder);
  amlrt_outdir *d = open_dir(path);
  write_file(d, "a.txt", "deep");
  ck_assert_int_eq(amlrt_outdir_commit(d, NULL), AMLRT_OK);
  amlrt_outdir_free(d);
  holds("sub/deep/a.txt", "deep");
  remove_folder();
}
END_TEST

START_TEST(link_and_mode_stay)
{
  struct stat st;

  make_folder();
  FILE *f = fopen(in_folder("b.txt"), "w");
  ck_assert_ptr_nonnull(f);
  fclose(f);
  ck_assert_int_eq(chmod(in_folder("b.txt"), 0640), 0);
  ck_assert_int_eq(symlink("b.txt", in_folder("link.txt")), 0);
  amlrt_outdir *d = open_dir(folder);
  write_file(d, "link.txt", "new");
  ck_assert_int_eq(amlrt_outdir_commit(d, NULL), AMLRT_OK);
  amlrt_outdir_free(d);
  holds("b.txt", "new");
  ck_assert(lstat(in_folder("link.txt"), &st) == 0 && S_ISLNK(st.st_mode));
  ck_assert(stat(in_folder("b.txt"), &st) == 0 && (st.st_mode & 0777) == 0640);
  remove_folder();
}
END_TEST

// ---- what goes wrong ------------------------------------------------------------------------------

// The device stays a device, and its being full shows at the latest when the file is closed.
START_TEST(full_disk)
{
  struct stat st;
  amlrt_error err = {0};
  amlrt_outdir *d = open_dir("/dev");
  amlrt_out *o = open_out(d, "full");

  for (int i = 0; i < 2000 * _i; i++)
    amlrt_out_printf(o, "%0100d\n", i);
  amlrt_out_write(o, "x", 1);
  ck_assert_int_eq(amlrt_out_close(o, NULL, &err), AMLRT_E_WRITE);
  ck_assert_int_eq(err.sys_errno, ENOSPC);
  ck_assert_ptr_nonnull(strstr(err.text, "'/dev/full'"));
  ck_assert_int_eq(amlrt_outdir_commit(d, NULL), AMLRT_E_WRITE);
  amlrt_outdir_free(d);
  ck_assert(stat("/dev/full", &st) == 0 && S_ISCHR(st.st_mode));
}
END_TEST

START_TEST(full_stream)
{
  amlrt_error err = {0};
  amlrt_out *o = NULL;
  FILE *f = fopen("/dev/full", "w");

  ck_assert_int_eq(amlrt_out_stream(&o, f, "standard output", NULL, NULL), AMLRT_OK);
  amlrt_out_write(o, "x", 1);
  ck_assert_int_eq(amlrt_out_close(o, NULL, &err), AMLRT_E_WRITE);
  ck_assert_ptr_nonnull(strstr(err.text, "'standard output'"));
  fclose(f);
}
END_TEST

START_TEST(bad_folders)
{
  static const struct {
    const char *path;
    amlrt_status want;
  } cases[] = {{"-", AMLRT_E_ARG},
               {"", AMLRT_E_ARG},
               {"/dev/null", AMLRT_E_WRITE},
               {"/dev/null/sub", AMLRT_E_WRITE},
               {"/proc/no-such-folder", AMLRT_E_WRITE}};
  amlrt_outdir *d = NULL;
  amlrt_error err = {0};

  ck_assert_int_eq(amlrt_outdir_open(&d, cases[_i].path, NULL, &err), cases[_i].want);
  ck_assert_ptr_null(d);
  ck_assert_ptr_nonnull(strstr(err.text, cases[_i].path));
}
END_TEST

START_TEST(name_of_a_folder)
{
  amlrt_error err = {0};
  amlrt_out *o = NULL;

  make_folder();
  ck_assert_int_eq(mkdir(in_folder("sub"), 0777), 0);
  amlrt_outdir *d = open_dir(folder);
  ck_assert_int_eq(amlrt_out_open(&o, d, "sub", &err), AMLRT_E_WRITE);
  ck_assert_ptr_null(o);
  ck_assert_int_eq(err.sys_errno, EISDIR);
  // It becomes one while the file is written: nothing of the set gets its name.
  write_file(d, "a.txt", "one");
  write_file(d, "sub2", "two");
  ck_assert_int_eq(mkdir(in_folder("sub2"), 0777), 0);
  ck_assert_int_eq(amlrt_outdir_commit(d, &err), AMLRT_E_WRITE);
  ck_assert(!is_there("a.txt"));
  amlrt_outdir_free(d);
  rmdir(in_folder("sub2"));
  remove_folder();
}
END_TEST

START_TEST(not_closed)
{
  amlrt_error err = {0};

  make_folder();
  amlrt_outdir *d = open_dir(folder);
  amlrt_out *o = open_out(d, "a.txt");
  ck_assert_int_eq(amlrt_outdir_commit(d, &err), AMLRT_E_ARG);
  ck_assert_int_eq(amlrt_out_close(o, NULL, NULL), AMLRT_OK);
  amlrt_outdir_free(d);
  remove_folder();
}
END_TEST

START_TEST(folder_without_leave)
{
  amlrt_outdir *d = NULL;
  amlrt_error err = {0};

  if (geteuid() == 0) {
    printf("outfile: skipped: root may write into any folder\n");
    return;
  }
  make_folder();
  ck_assert_int_eq(chmod(folder, 0500), 0);
  ck_assert_int_eq(amlrt_outdir_open(&d, folder, NULL, &err), AMLRT_E_WRITE);
  ck_assert_int_eq(err.sys_errno, EACCES);
  chmod(folder, 0700);
  remove_folder();
}
END_TEST

// ---- text -----------------------------------------------------------------------------------------

static char *stream_text(void (*write)(amlrt_out *o, const char *text, size_t n), const char *text,
                         size_t n, uint8_t sha256[32])
{
  char *got = NULL;
  size_t size;
  FILE *f = open_memstream(&got, &size);
  amlrt_out *o = NULL;

  ck_assert_int_eq(amlrt_out_stream(&o, f, "memory", NULL, NULL), AMLRT_OK);
  write(o, text, n);
  ck_assert_int_eq(amlrt_out_close(o, sha256, NULL), AMLRT_OK);
  fclose(f);
  return got;
}

START_TEST(escapes)
{
  static const struct {
    void (*write)(amlrt_out *o, const char *text, size_t n);
    const char *text;
    const char *want;
  } cases[] = {{amlrt_out_json, "", "\"\""},
               {amlrt_out_json, "a\"b\\c\n\t\x01", "\"a\\\"b\\\\c\\n\\t\\u0001\""},
               {amlrt_out_json, "Zürich \xff\xc3", "\"Zürich \xef\xbf\xbd\xef\xbf\xbd\""},
               {amlrt_out_csv, "plain", "plain"},
               {amlrt_out_csv, "", ""},
               {amlrt_out_csv, "a,b", "\"a,b\""},
               {amlrt_out_csv, "say \"so\"", "\"say \"\"so\"\"\""},
               {amlrt_out_csv, " blank", "\" blank\""},
               {amlrt_out_csv, "two\nlines", "\"two\nlines\""}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *got = stream_text(cases[i].write, cases[i].text, strlen(cases[i].text), NULL);
    ck_assert_str_eq(got, cases[i].want);
    free(got);
  }
}
END_TEST

// Over several buffers, and the hash is that of what was written.
START_TEST(large)
{
  size_t n = 300000;
  char *text = malloc(n + 1);
  uint8_t got[32], want[32];

  ck_assert_ptr_nonnull(text);
  for (size_t i = 0; i < n; i++)
    text[i] = (char)('a' + i % 23);
  text[n] = '\0';
  char *copy = stream_text(amlrt_out_write, text, n, got);
  ck_assert(strcmp(copy, text) == 0);
  amlrt_sha256(want, text, n);
  ck_assert_mem_eq(got, want, 32);
  free(copy);
  free(text);
}
END_TEST

START_TEST(long_printf)
{
  amlrt_out *o = NULL;
  uint8_t got[32], want[32];
  char text[2001];
  FILE *f = fopen("/dev/null", "w");

  ck_assert_int_eq(amlrt_out_stream(&o, f, "null", NULL, NULL), AMLRT_OK);
  amlrt_out_printf(o, "%2000d", 7);
  ck_assert_int_eq(amlrt_out_close(o, got, NULL), AMLRT_OK);
  fclose(f);
  snprintf(text, sizeof text, "%2000d", 7);
  amlrt_sha256(want, text, 2000);
  ck_assert_mem_eq(got, want, 32);
}
END_TEST

static amlrt_status write_with(const amlrt_alloc *mem)
{
  amlrt_outdir *d = NULL;
  amlrt_out *o = NULL;
  amlrt_status st = amlrt_outdir_open(&d, folder, mem, NULL);

  if (st >= 0) st = amlrt_out_open(&o, d, "a.txt", NULL);
  if (st >= 0) {
    amlrt_out_printf(o, "%1000d", 1);
    st = amlrt_out_close(o, NULL, NULL);
  }
  if (st >= 0) st = amlrt_outdir_commit(d, NULL);
  amlrt_outdir_free(d);
  return st;
}

START_TEST(every_allocation_fails_once)
{
  make_folder();
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    amlrt_status st = write_with(&mem);
    bool failed = alloc_fail_hit(&a);
    ck_assert_int_eq(st, failed ? AMLRT_E_NOMEM : AMLRT_OK);
    ck_assert(is_there("a.txt") == !failed && !is_there(".a.txt.partial"));
    alloc_fail_check(&a);
    if (!failed) break;
  }
  remove_folder();
}
END_TEST

// ---- manifest and rejects -------------------------------------------------------------------------

static void write_manifest(amlrt_out *o, const char *text, size_t n)
{
  amlrt_manifest_output out = {.name = "alerts.jsonl"};
  amlrt_manifest_pattern p = {
      .info = &test_patterns[0], .file = "fan.aml", .matches = 7, .alerts = 3, .inconclusive = 1};
  static const char *const limits[] = {"time-limit"};
  amlrt_manifest m = {.version = "0.1.0",
                      .build = "abc",
                      .mode = "episode",
                      .patterns = &p,
                      .n_patterns = 1,
                      .outputs = &out,
                      .n_outputs = 1,
                      .limits_hit = limits,
                      .n_limits_hit = 1};

  (void)text, (void)n;
  amlrt_write_manifest(o, &m);
}

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

START_TEST(manifest)
{
  char *got = stream_text(write_manifest, "", 0, NULL);

  ck_assert_str_eq(got, "{\n"
                        "  \"version\": \"0.1.0\",\n"
                        "  \"build\": \"abc\",\n"
                        "  \"mode\": \"episode\",\n"
                        "  \"patterns\": [\n"
                        "    {\n"
                        "      \"name\": \"fan\",\n"
                        "      \"id\": \"id-of-fan\",\n"
                        "      \"version\": \"1.2.0\",\n"
                        "      \"file\": \"fan.aml\",\n"
                        "      \"sha256\": \"" ZEROS "\",\n"
                        "      \"params\": {\n"
                        "        \"window\": \"1h\",\n"
                        "        \"peers\": \"2\"\n"
                        "      },\n"
                        "      \"matches\": 7,\n"
                        "      \"alerts\": 3,\n"
                        "      \"inconclusive\": 1,\n"
                        "      \"truncated\": 0,\n"
                        "      \"hub_triggers\": 0\n"
                        "    }\n"
                        "  ],\n"
                        "  \"outcomes\": {\n"
                        "    \"match\": 2,\n"
                        "    \"inconclusive\": 1,\n"
                        "    \"truncated\": 0\n"
                        "  },\n"
                        "  \"limits_hit\": [\n"
                        "    \"time-limit\"\n"
                        "  ],\n"
                        "  \"outputs\": [\n"
                        "    {\n"
                        "      \"name\": \"alerts.jsonl\",\n"
                        "      \"sha256\": \"" ZEROS "\"\n"
                        "    }\n"
                        "  ]\n"
                        "}\n");
  free(got);
}
END_TEST

static void add_names(TCase *tc)
{
  tcase_add_test(tc, nothing_before_commit);
  tcase_add_test(tc, two_at_once);
  tcase_add_test(tc, makes_folders);
  tcase_add_test(tc, link_and_mode_stay);
  tcase_add_loop_test(tc, full_disk, 0, 2);
  tcase_add_test(tc, full_stream);
  tcase_add_loop_test(tc, bad_folders, 0, 5);
  tcase_add_test(tc, name_of_a_folder);
  tcase_add_test(tc, not_closed);
  tcase_add_test(tc, folder_without_leave);
}

Suite *make_outfile_suite(void)
{
  Suite *s = suite_create("outfile");
  TCase *tc = tcase_create("outfile");

  add_names(tc);
  tcase_add_test(tc, escapes);
  tcase_add_test(tc, large);
  tcase_add_test(tc, long_printf);
  tcase_add_test(tc, every_allocation_fails_once);
  tcase_add_test(tc, manifest);
  suite_add_tcase(s, tc);
  return s;
}
