// The C compiler as a program, and the cache of what it made.
#include "frontend/driver/build_native.h"
#include "frontend/driver/native_cache.h"
#include "frontend/driver/run_program.h"
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *make_build_native_suite(void);

static cx *c;
static arena *mem;
static char folder[] = "/tmp/test-native-XXXXXX";

// As a program of a build folder: headers are found at ../../runtime/include.
static const char *program(void)
{
  return AML_SOURCE_DIR "/build/any/amlc";
}

// Under sanitizers all tests share the process: its environment is put back.
static const char *const names[] = {"PATH",           "HOME",       "TMPDIR",
                                    "XDG_CACHE_HOME", "AMLC_CACHE", "AMLC_INCLUDE"};
enum { N_NAMES = sizeof names / sizeof *names };
static char *saved[N_NAMES];

static void save_environment(void)
{
  for (int i = 0; i < N_NAMES; i++) {
    const char *value = getenv(names[i]);
    saved[i] = value ? strdup(value) : NULL;
  }
}

static void restore_environment(void)
{
  for (int i = 0; i < N_NAMES; i++) {
    if (saved[i])
      setenv(names[i], saved[i], 1);
    else
      unsetenv(names[i]);
    free(saved[i]);
  }
}

static void setup(void)
{
  save_environment();
  memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
  ck_assert_ptr_nonnull(mkdtemp(folder));
  c = cx_new(NULL, NULL);
  mem = arena_new(c, "test");
  setenv("TMPDIR", folder, 1);
  setenv("AMLC_INCLUDE", AML_SOURCE_DIR "/runtime/include", 1);
  unsetenv("AMLC_CACHE");
}

static void remove_all(const char *path)
{
  const char *argv[] = {run_find(mem, "rm"), "-r", path, NULL};
  strbuf said;
  int code;
  strbuf_init(&said, c);
  ck_assert_int_eq(run_program(argv, NULL, &said, &code, NULL, NULL), RUN_EXITED);
  strbuf_release(&said);
}

static void teardown(void)
{
  restore_environment();
  remove_all(folder);
  arena_free(mem);
  cx_free(c);
}

static native open_native(const char *cc)
{
  native n;
  native_opts o = {.mem = mem, .cc = cc, .exe = program()};
  native_status st = native_open(&n, &o);
  ck_assert_msg(st == NATIVE_DONE, "%s", n.why);
  return n;
}

static bool exists(const char *path)
{
  return access(path, F_OK) == 0;
}

// ---- programs -----------------------------------------------------------------------------------

START_TEST(programs_are_found_on_path)
{
  setenv("PATH", "/nowhere::/usr/bin:/bin", 1);
  ck_assert_ptr_nonnull(run_find(mem, "ls"));
  ck_assert_ptr_null(run_find(mem, "no-such-program"));
  ck_assert_ptr_null(run_find(mem, ""));
  ck_assert_ptr_null(run_find(mem, "/etc"));
  setenv("PATH", "", 1);
  ck_assert_ptr_null(run_find(mem, "ls"));
}
END_TEST

START_TEST(words_are_no_shell)
{
  const char *argv[] = {run_find(mem, "echo"), "a;b", "$HOME", "`id`", "", NULL};
  strbuf said;
  int code = 1;
  strbuf_init(&said, c);
  ck_assert_int_eq(run_program(argv, "/", &said, &code, NULL, NULL), RUN_EXITED);
  ck_assert_int_eq(code, 0);
  ck_assert_str_eq(strbuf_text(&said), "a;b $HOME `id` \n");
  strbuf_release(&said);
}
END_TEST

static bool at_once(void *user)
{
  (void)user;
  return true;
}

START_TEST(a_program_is_ended_on_request)
{
  const char *argv[] = {run_find(mem, "sleep"), "60", NULL};
  strbuf said;
  int code;
  strbuf_init(&said, c);
  ck_assert_int_eq(run_program(argv, NULL, &said, &code, at_once, NULL), RUN_STOPPED);
  strbuf_release(&said);
}
END_TEST

// ---- compiling ----------------------------------------------------------------------------------

static const char good[] = "#include \"amlrt/amlrt_gen.h\"\nint seven(void);\n"
                           "int seven(void)\n{\n  return 7;\n}\n";

START_TEST(a_shared_object_is_built_and_removed)
{
  native n = open_native(NULL);
  const char *path, *first;
  struct stat st;
  ck_assert_int_eq(native_build(&n, NATIVE_SO, good, strlen(good), &first), NATIVE_DONE);
  ck_assert_int_eq(native_build(&n, NATIVE_OBJ, good, strlen(good), &path), NATIVE_DONE);
  ck_assert(exists(first) && exists(path) && strcmp(first, path) != 0);
  ck_assert_int_eq(stat(n.folder, &st), 0);
  ck_assert_int_eq(st.st_mode & 0777, 0700);
  ck_assert(native_install(mem, path, arena_printf(mem, "%s/kept.o", folder), 0640));
  ck_assert_int_eq(stat(arena_printf(mem, "%s/kept.o", folder), &st), 0);
  ck_assert_int_eq(st.st_mode & 0777, 0640);
  ck_assert(!native_install(mem, path, arena_printf(mem, "%s/no/kept.o", folder), 0640));
  native_close(&n);
  ck_assert(!exists(first));
}
END_TEST

START_TEST(what_the_compiler_refuses_is_our_bug)
{
  native n = open_native(NULL);
  const char *path, bad[] = "int f(void) { return no_such_name; }\n";
  ck_assert_int_eq(native_build(&n, NATIVE_SO, bad, strlen(bad), &path), NATIVE_REFUSED);
  ck_assert_ptr_null(path);
  ck_assert_ptr_nonnull(strstr(n.why, "no_such_name"));
  native_close(&n);
  ck_assert(exists(arena_printf(mem, "%s/cc.log", n.folder)));
  ck_assert(exists(arena_printf(mem, "%s/detector.c", n.folder)));
}
END_TEST

START_TEST(a_compiler_that_is_missing_or_broken)
{
  native n;
  native_opts o = {.mem = mem, .cc = "no-such-cc", .exe = program()};
  ck_assert_int_eq(native_open(&n, &o), NATIVE_NO_CC);
  ck_assert_ptr_nonnull(strstr(n.why, "no-such-cc"));
  o.cc = "false";
  ck_assert_int_eq(native_open(&n, &o), NATIVE_NO_CC);
  native_close(&n);
  // Answers --version, and compiles nothing.
  const char *path;
  n = open_native("true");
  n.cc.at[0] = run_find(mem, "false");
  ck_assert_int_eq(native_build(&n, NATIVE_SO, good, strlen(good), &path), NATIVE_NO_CC);
  ck_assert_ptr_nonnull(strstr(n.why, "does not work"));
  native_close(&n);
}
END_TEST

START_TEST(a_compiler_of_several_words)
{
  native n = open_native("cc  -g0 -DX=1");
  const char *path;
  ck_assert_int_eq(n.cc.n, 3);
  ck_assert_str_eq(n.cc.at[2], "-DX=1");
  const char text[] = "int x = X;\n";
  ck_assert_int_eq(native_build(&n, NATIVE_SO, text, strlen(text), &path), NATIVE_DONE);
  native_close(&n);
}
END_TEST

// ---- the cache ----------------------------------------------------------------------------------

static const char *made(const char *name, const char *text)
{
  const char *path = arena_printf(mem, "%s/%s", folder, name);
  FILE *f = fopen(path, "wb");
  ck_assert_ptr_nonnull(f);
  fputs(text, f);
  fclose(f);
  return path;
}

static const char *key_of(native *n, const char *text)
{
  return native_cache_key(mem, n, text, strlen(text));
}

START_TEST(the_key_is_of_all_that_decides)
{
  native n = open_native("cc"), m = open_native("cc -g0");
  const char *key = key_of(&n, "a");
  ck_assert_int_eq((int)strlen(key), 64);
  ck_assert_str_eq(key, key_of(&n, "a"));
  ck_assert_str_ne(key, key_of(&n, "b"));
  ck_assert_str_ne(key, key_of(&m, "a"));
  n.version = "another";
  ck_assert_str_ne(key, key_of(&n, "a"));
}
END_TEST

START_TEST(what_is_kept_is_found_while_it_is_whole)
{
  native n = open_native(NULL);
  native_cache k;
  const char *key = key_of(&n, "a");
  setenv("AMLC_CACHE", arena_printf(mem, "%s/a/b", folder), 1);
  native_cache_open(&k, mem);
  ck_assert_ptr_nonnull(k.folder);
  ck_assert_ptr_null(native_cache_find(&k, key));
  const char *path = native_cache_keep(&k, key, made("x", "the detector"));
  ck_assert_ptr_nonnull(path);
  ck_assert_str_eq(native_cache_find(&k, key), path);
  FILE *f = fopen(path, "ab");
  fputs("!", f);
  fclose(f);
  ck_assert_ptr_null(native_cache_find(&k, key));
  ck_assert_ptr_nonnull(native_cache_keep(&k, key, made("x", "the detector")));
  ck_assert_ptr_nonnull(native_cache_find(&k, key));
  chmod(path, 0666); // somebody else could have written it
  ck_assert_ptr_null(native_cache_find(&k, key));
  unlink(path);
  ck_assert_int_eq(symlink(made("y", "the detector"), path), 0);
  ck_assert_ptr_null(native_cache_find(&k, key));
}
END_TEST

START_TEST(a_folder_that_others_can_write_is_refused)
{
  native_cache k;
  setenv("AMLC_CACHE", folder, 1);
  chmod(folder, 0770);
  native_cache_open(&k, mem);
  ck_assert_ptr_null(k.folder);
  ck_assert_ptr_nonnull(strstr(k.why, "others may write"));
  chmod(folder, 0700);
  native_cache_open(&k, mem);
  ck_assert_ptr_nonnull(k.folder);
  setenv("AMLC_CACHE", made("file", ""), 1);
  native_cache_open(&k, mem);
  ck_assert_ptr_null(k.folder);
  setenv("AMLC_CACHE", "off", 1);
  native_cache_open(&k, mem);
  ck_assert(!k.folder && !k.why);
  unsetenv("AMLC_CACHE");
  unsetenv("HOME");
  setenv("XDG_CACHE_HOME", "relative", 1);
  native_cache_open(&k, mem);
  ck_assert(!k.folder && !k.why);
  setenv("XDG_CACHE_HOME", folder, 1);
  native_cache_open(&k, mem);
  ck_assert_str_eq(k.folder, arena_printf(mem, "%s/amlc", folder));
}
END_TEST

// One of two processes that keep and find the same keys. Contents differ, as two compilers' would:
// what is found is always whole.
static int keep_and_find(const char *own)
{
  enum { ROUNDS = 300, SIZE = 20000 };
  native_cache k;
  native_cache_open(&k, mem);
  if (!k.folder) return 1;
  const char *path = arena_printf(mem, "%s/%s", folder, own);
  FILE *f = fopen(path, "wb");
  for (int i = 0; i < SIZE; i++)
    putc(own[0], f);
  fclose(f);
  int found = 0;
  for (int i = 0; i < ROUNDS; i++) {
    const char *key = arena_printf(mem, "%064x", i % 3);
    if (!native_cache_keep(&k, key, path)) return 2;
    const char *at = native_cache_find(&k, key);
    struct stat st;
    if (!at) continue; // the other one is about to replace it
    found++;
    if (stat(at, &st) < 0 || st.st_size != SIZE) return 3;
  }
  return found > 0 ? 0 : 4;
}

START_TEST(two_processes_share_the_cache)
{
  int status[2];
  pid_t child[2];
  setenv("AMLC_CACHE", arena_printf(mem, "%s/shared", folder), 1);
  for (int i = 0; i < 2; i++) {
    child[i] = fork();
    if (child[i] == 0) _exit(keep_and_find(i ? "b" : "a"));
  }
  for (int i = 0; i < 2; i++)
    ck_assert_int_eq(waitpid(child[i], &status[i], 0), child[i]);
  for (int i = 0; i < 2; i++)
    ck_assert_int_eq(status[i], 0);
}
END_TEST

START_TEST(the_oldest_entries_make_room)
{
  native_cache k;
  setenv("AMLC_CACHE", arena_printf(mem, "%s/small", folder), 1);
  native_cache_open(&k, mem);
  const char *file = made("x", "x");
  for (int i = 0; i <= NATIVE_CACHE_MOST; i++)
    ck_assert_ptr_nonnull(native_cache_keep(&k, arena_printf(mem, "%064x", i), file));
  ck_assert_ptr_null(native_cache_find(&k, arena_printf(mem, "%064x", 0)));
  ck_assert_ptr_nonnull(native_cache_find(&k, arena_printf(mem, "%064x", NATIVE_CACHE_MOST)));
}
END_TEST

Suite *make_build_native_suite(void)
{
  Suite *s = suite_create("build_native");
  TCase *tc = tcase_create("build");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, programs_are_found_on_path);
  tcase_add_test(tc, words_are_no_shell);
  tcase_add_test(tc, a_program_is_ended_on_request);
  tcase_add_test(tc, a_shared_object_is_built_and_removed);
  tcase_add_test(tc, what_the_compiler_refuses_is_our_bug);
  tcase_add_test(tc, a_compiler_that_is_missing_or_broken);
  tcase_add_test(tc, a_compiler_of_several_words);
  suite_add_tcase(s, tc);
  tc = tcase_create("cache");
  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, the_key_is_of_all_that_decides);
  tcase_add_test(tc, what_is_kept_is_found_while_it_is_whole);
  tcase_add_test(tc, a_folder_that_others_can_write_is_refused);
  tcase_add_test(tc, two_processes_share_the_cache);
  tcase_add_test(tc, the_oldest_entries_make_room);
  suite_add_tcase(s, tc);
  return s;
}
