// Kernel IR as C: texts and names are escaped, every sample is C that compilers take without a warning.
#include <check.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "amlrt/amlrt_gen.h"
#include "backend_cpu/cpu.h"
#include "ir/emit_c_inside.h"
#include "ir/kir_verify.h"
#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_gir.h"
#include "tests/unit/support_kir.h"

extern char **environ;

Suite *make_emit_c_suite(void);

// ---- texts ----------------------------------------------------------------------------------------

static const struct {
  const char *text, *string, *comment;
} texts[] = {
    {"plain 'text'", "\"plain 'text'\"", "plain 'text'"},
    {"\"quoted\"", "\"\\\"quoted\\\"\"", "\"quoted\""},
    {"end */ and /* begin", "\"end */ and /* begin\"", "end * / and / * begin"},
    {"*/*/", "\"*/*/\"", "* / * / ."},
    {"trigraph ?\?/", "\"trigraph \\?\\?/\"", "trigraph ?\?/ ."},
    {"back\\", "\"back\\\\\"", "back\\ ."},
    {"two\nlines\t\r", "\"two\\nlines\\011\\015\"", "two lines <0d>"},
    {"\303\251 \342\200\256", "\"\\303\\251 \\342\\200\\256\"", "<c3><a9> <e2><80><ae>"},
    {"1\0012", "\"1\\0012\"", "1<01>2"},
    {"%d {$w}", "\"%d {$w}\"", "%d {$w}"},
    {"", "\"\"", ""},
};

START_TEST(escapes_texts)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  emit_string(&b.out, texts[_i].text);
  ck_assert_str_eq(strbuf_text(&b.out), texts[_i].string);
  strbuf_clear(&b.out);
  emit_comment_text(&b.out, texts[_i].text);
  ck_assert_str_eq(strbuf_text(&b.out), texts[_i].comment);
  kir_bench_release(&b);
}
END_TEST

START_TEST(long_texts_become_arrays)
{
  char text[5000];
  kir_bench b;
  kir_bench_init(&b, NULL);
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  text[1] = '\xe9';
  emit_string(&b.out, text);
  ck_assert_ptr_nonnull(strstr(strbuf_text(&b.out), "(const char[]){120, -23, 120, "));
  kir_bench_release(&b);
}
END_TEST

START_TEST(breaks_lines_outside_strings)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  emit_flow(&b.out, 2,
            "call_of_a_function_with_a_long_name(first, another_call(\"a string with, blanks and "
            "\\\" in it\", second), third_argument);");
  ck_assert_str_eq(strbuf_text(&b.out),
                   "  call_of_a_function_with_a_long_name(first,\n"
                   "      another_call(\"a string with, blanks and \\\" in it\", second), "
                   "third_argument);\n");
  kir_bench_release(&b);
}
END_TEST

START_TEST(writes_fractions)
{
  static const struct {
    int64_t hi;
    uint64_t lo;
    const char *text;
  } rows[] = {
      {0, 7, "{7, 1}"},
      {-1, UINT64_MAX, "{-1, 1}"},
      {-1, (uint64_t)INT64_MIN, "{INT64_MIN, 1}"},
      {0, INT64_MAX, "{INT64_MAX, 1}"},
      {0, (uint64_t)INT64_MAX + 1, "{AMLRT_I128(0, 9223372036854775808u), 1}"},
      {-2, 5, "{AMLRT_I128(-2, 5u), 1}"},
      {INT64_MIN, 0, "{AMLRT_I128(INT64_MIN, 0u), 1}"},
      {INT64_MAX, UINT64_MAX, "{AMLRT_I128(INT64_MAX, 18446744073709551615u), 1}"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    kir_bench b;
    amlrt_i128 v = AMLRT_I128(rows[i].hi, rows[i].lo);
    kir_bench_init(&b, NULL);
    emit_rational(&b.out, (rational){v, 1});
    ck_assert_str_eq(strbuf_text(&b.out), rows[i].text);
    kir_bench_release(&b);
  }
}
END_TEST

// ---- whole files ----------------------------------------------------------------------------------

static bool has(const char *text, const char *piece)
{
  return strstr(text, piece) != NULL;
}

static const char *emit_one(kir_bench *b)
{
  const kir_module *m = b->m;
  strbuf_clear(&b->out);
  cpu_emit_c(&b->out, &m, 1, &(const kir_export){"0123", "1"});
  return strbuf_text(&b->out);
}

START_TEST(is_written_for_readers)
{
  static const char *const pieces[] = {
      "// pattern: scatter_gather\n",
      "// version: 1.0.0\n",
      "// parameter: window = 96h: covers every planted attempt of IBM AML HI-Small\n",
      "  scatter_gather_STAGE_gather = 1,\n",
      "// each mid: scatter before gather\nstatic amlrt_cond scatter_gather_each_mid(",
      "    [scatter_gather_ROLE_mid] = {.kind = AMLRT_ROLE_GROUP,",
      ".bounds = {0.7, 0.8, 1.25, 1.4}}",
      "    // mid[3..]\n    [0] = {.kind = AMLRT_CON_SIZE, ",
      "static void scatter_gather_generate(amlrt_worker *w, uint32_t e)\n",
      ".generate = scatter_gather_generate",
      "AMLRT_API const amlrt_detector_export *amlrt_detector_get(void)\n",
  };
  kir_bench b;
  kir_bench_init(&b, NULL);
  kir_bench_module(&b, "scatter_gather");
  const char *text = emit_one(&b);
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
    ck_assert_msg(has(text, pieces[i]), "missing: %s", pieces[i]);
  kir_bench_release(&b);
}
END_TEST

START_TEST(gives_the_same_bytes)
{
  kir_bench b, again;
  kir_bench_init(&b, NULL);
  kir_bench_init(&again, NULL);
  kir_bench_module(&b, kir_texts[_i].name);
  kir_bench_module(&again, kir_texts[_i].name);
  ck_assert_str_eq(emit_one(&b), emit_one(&again));
  kir_bench_release(&b);
  kir_bench_release(&again);
}
END_TEST

// What no table names is left out: it would be a warning.
START_TEST(leaves_out_unused_functions)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  kir_bench_module(&b, "scatter_gather")->generate = KIR_NONE;
  ck_assert(!has(emit_one(&b), "amlrt_candidate"));
  kir_bench_release(&b);
}
END_TEST

// ---- compilers ------------------------------------------------------------------------------------

// True where the compiler is there and takes the text, or is not there at all. `name` for the report.
static bool compiler_takes(const char *compiler, const char *text, const char *name)
{
  char path[] = "/tmp/aml_emit_c_XXXXXX";
  const char *argv[] = {compiler,
                        "-std=c11",
                        "-Wall",
                        "-Wextra",
                        "-Wconversion",
                        "-Wpedantic",
                        "-Wshadow",
                        "-Werror",
                        "-fsyntax-only",
                        "-I",
                        AML_SOURCE_DIR "/runtime/include",
                        "-x",
                        "c",
                        path,
                        NULL};
  pid_t pid;
  int status = -1, fd = mkstemp(path);
  ck_assert_int_ge(fd, 0);
  ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
  close(fd);
  int error = posix_spawnp(&pid, compiler, NULL, NULL, (char *const *)(uintptr_t)argv, environ);
  if (error == 0) ck_assert_int_eq(waitpid(pid, &status, 0), pid);
  if (error == ENOENT) printf("emit_c: %s is not here, so it does not check %s\n", compiler, name);
  unlink(path);
  return error == ENOENT || status == 0;
}

static void compile(const char *text, const char *name)
{
  ck_assert_msg(compiler_takes("cc", text, name), "cc does not take %s", name);
  ck_assert_msg(compiler_takes("clang", text, name), "clang does not take %s", name);
}

START_TEST(compiles)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  kir_bench_module(&b, kir_texts[_i].name);
  compile(emit_one(&b), kir_texts[_i].name);
  kir_bench_release(&b);
}
END_TEST

// Modules of one name, and of names that run into each other.
START_TEST(compiles_many_in_one_file)
{
  static const char *const names[] = {"ring", "ring", "ring_ROLE", "int", "amlrt_num", "main", "9"};
  enum { N = sizeof names / sizeof *names };
  const kir_module *modules[N + 1];
  kir_bench b;
  kir_bench_init(&b, NULL);
  for (int i = 0; i < N; i++) {
    kir_module *m = kir_bench_module(&b, i % 2 ? "everything" : "ring");
    m->name = names[i];
    modules[i] = m;
  }
  modules[N] = kir_bench_module(&b, "scatter_gather");
  strbuf_clear(&b.out);
  cpu_emit_c(&b.out, modules, N + 1, &(const kir_export){"0123", "1"});
  compile(strbuf_text(&b.out), "many modules");
  kir_bench_release(&b);
}
END_TEST

// Names of variables, roles, stages and functions that C has other plans for; texts that would end
// strings and comments.
START_TEST(compiles_odd_names_and_texts)
{
  static const char *const swaps[][2] = {
      {"pattern everything", "pattern \"static */ int\""},
      {"version \"1.2.3\"", "version \"*/ \\\" ?\?/\""},
      {"let from = from_of(e)", "let w = 1\n let v_v = w\n let v = v_v\n let int = v\n"
                                "let uint32_t = int\n let tmp_1 = 2\n let NULL = tmp_1\n"
                                "let cols = 1\n let static_____int_pay = 1\n"
                                "let amlrt_w_out = uint32_t\n let i_2 = i_2_of\n"
                                "let from = from_of(e)"},
      {"i_2_of", "amlrt_w_out"},
      {"fn show title", "fn show roles"},
      {"fn=%title", "fn=%roles"},
      {"fn=%title", "fn=%roles"},
      {"comment \"never\"", "comment \"/* ?\?/ */ \\\\\""},
      {"\"a reason", "\"\\u{202e}\\n\\n#error\\n"},
      {"text=\"Wire\"", "text=\"USD\""},
  };
  char *text = strdup(kir_text_of("everything"));
  kir_bench b;
  for (size_t i = 0; i < sizeof swaps / sizeof *swaps; i++) {
    char *next = text_replaced(text, swaps[i][0], swaps[i][1]);
    free(text);
    text = next;
  }
  kir_bench_init(&b, NULL);
  ck_assert_msg(kir_bench_read(&b, text, strlen(text)), "%s", strbuf_text(&b.out));
  compile(emit_one(&b), "odd names");
  kir_bench_release(&b);
  free(text);
}
END_TEST

static kir_node *make(kir_module *m, kir_op op, kir_node *a, kir_node *b, kir_node *c)
{
  return kir_make(m, op, (span){0}, (kir_node *[]){a, b, c}, c ? 3 : b ? 2 : a ? 1 : 0);
}

// Conditions as deep as a front end may make them: compilers bound how deep brackets go.
START_TEST(compiles_deep_expressions)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  kir_module *m = kir_bench_module(&b, "ring");
  kir_node *sum = make(m, KIR_N_CONST, NULL, NULL, NULL), *ret = kir_first(m, KIR_RETURN);
  kir_node *holds = ret->args[0]->args[0];
  for (int i = 0; i < 1500; i++) {
    kir_node *one = make(m, KIR_N_CONST, NULL, NULL, NULL);
    sum = make(m, i % 3 ? KIR_N_ADD : KIR_N_MUL, i % 2 ? sum : one, i % 2 ? one : sum, NULL);
  }
  for (uint32_t i = 0; i < 190; i++) {
    kir_node *less =
        make(m, KIR_U_LT, kir_u32(m, (span){0}, i), kir_u32(m, (span){0}, i + 1), NULL);
    holds = make(m, i % 2 ? KIR_B_AND : KIR_B_OR, less, holds, NULL);
    if (i % 4 == 0) holds = make(m, KIR_B_NOT, holds, NULL, NULL);
  }
  kir_node *cmp = make(m, KIR_C_CMP, sum, make(m, KIR_N_CONST, NULL, NULL, NULL), NULL);
  kir_node *never = make(m, KIR_C_CANNOT_SAY, NULL, NULL, NULL);
  ret->args[0] = make(m, KIR_C_NOT, make(m, KIR_C_SELECT, holds, cmp, never), NULL, NULL);
  kir_verify_or_bug(m);
  compile(emit_one(&b), "deep expressions");
  kir_bench_release(&b);
}
END_TEST

// As deep as the verifier lets code nest.
START_TEST(compiles_deep_blocks)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  kir_module *m = kir_bench_module(&b, "ring");
  kir_fn *f = kir_fn_named(m, "along");
  for (int i = 0; i < KIR_MAX_NESTING; i++) {
    kir_node *outer = make(m, KIR_BLOCK, NULL, NULL, NULL);
    kir_append(m, outer, f->body);
    f->body = outer;
  }
  kir_verify_or_bug(m);
  compile(emit_one(&b), "deep blocks");
  kir_bench_release(&b);
}
END_TEST

// A pattern without single roles has candidates without keys.
START_TEST(compiles_a_candidate_of_nobody)
{
  kir_bench b;
  kir_bench_init(&b, NULL);
  kir_module *m = kir_bench_module(&b, "scatter_gather");
  m->roles.n = 0;
  kir_node *candidate = kir_first(m, KIR_CANDIDATE);
  candidate->n_args = 0;
  ck_assert(has(emit_one(&b), "amlrt_candidate(w, NULL);"));
  kir_bench_release(&b);
}
END_TEST

// ---- no memory ------------------------------------------------------------------------------------

START_TEST(every_allocation_fails_once)
{
  const char *text = kir_texts[_i].text;
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    kir_bench b;
    alloc_fail_init(&a, n);
    cx_allocator mem = alloc_fail_cx(&a);
    kir_bench_init(&b, &mem);
    bool read = b.mem && kir_bench_read(&b, text, strlen(text));
    if (read) emit_one(&b);
    bool failed = alloc_fail_hit(&a);
    if (failed && b.c) ck_assert(!cx_ok(b.c));
    kir_bench_release(&b);
    alloc_fail_check(&a);
    if (!failed) break;
  }
}
END_TEST

Suite *make_emit_c_suite(void)
{
  Suite *s = suite_create("emit_c");
  TCase *tc = tcase_create("texts");
  tcase_add_loop_test(tc, escapes_texts, 0, (int)(sizeof texts / sizeof *texts));
  tcase_add_test(tc, long_texts_become_arrays);
  tcase_add_test(tc, breaks_lines_outside_strings);
  tcase_add_test(tc, writes_fractions);
  suite_add_tcase(s, tc);
  tc = tcase_create("files");
  tcase_add_test(tc, is_written_for_readers);
  tcase_add_loop_test(tc, gives_the_same_bytes, 0, (int)n_kir_texts);
  tcase_add_test(tc, leaves_out_unused_functions);
  tcase_add_loop_test(tc, every_allocation_fails_once, 0, (int)n_kir_texts);
  suite_add_tcase(s, tc);
  tc = tcase_create("compilers");
  tcase_add_loop_test(tc, compiles, 0, (int)n_kir_texts);
  tcase_add_test(tc, compiles_many_in_one_file);
  tcase_add_test(tc, compiles_odd_names_and_texts);
  tcase_add_test(tc, compiles_deep_expressions);
  tcase_add_test(tc, compiles_deep_blocks);
  tcase_add_test(tc, compiles_a_candidate_of_nobody);
  suite_add_tcase(s, tc);
  return s;
}
