// Detectors: refused with a reason, run with limits, over threads, stopped, without memory.
#include <check.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_files.h"
#include "tests/unit/support_program.h"

Suite *make_detector_suite(void);

// ---- loading ----------------------------------------------------------------------------------------

static void refused(const amlrt_detector_export *e, const char *hash, amlrt_status want,
                    const char *words)
{
  amlrt_detector *d = (amlrt_detector *)&want; // must be overwritten
  amlrt_error err = {0};

  ck_assert_int_eq(amlrt_detector_from(&d, e, hash, NULL, &err), want);
  ck_assert_ptr_null(d);
  ck_assert_int_eq(err.status, want);
  ck_assert_msg(strstr(err.text, words) != NULL, "'%s' is not in: %s", words, err.text);
}

START_TEST(what_is_refused)
{
  const amlrt_program *programs[] = {hand_fan_in.program};
  amlrt_detector_export e = {AMLRT_ABI_VERSION, 1, "abc", "amlc", programs};

  refused(NULL, NULL, AMLRT_E_DETECTOR, "not a detector");
  refused(&e, "abd", AMLRT_E_DETECTOR, "another pattern");
  e.abi_version++;
  refused(&e, NULL, AMLRT_E_ABI, "compile its patterns again");
  e.abi_version--;
  e.programs = NULL;
  refused(&e, NULL, AMLRT_E_DETECTOR, "no pattern");
}
END_TEST

START_TEST(what_cannot_be_loaded)
{
  amlrt_detector *d;
  amlrt_error err = {0};

  ck_assert_int_eq(amlrt_detector_load(&d, "/no/such/file.so", NULL, NULL, &err), AMLRT_E_DETECTOR);
  ck_assert_ptr_null(d);
  ck_assert_ptr_nonnull(strstr(err.text, "/no/such/file.so"));
  const char *text = file_with("text.so", "this is not a shared object\n");
  ck_assert_int_eq(amlrt_detector_load(&d, text, NULL, NULL, &err), AMLRT_E_DETECTOR);
  ck_assert_ptr_null(d);
  // A shared object, but no detector.
  ck_assert_int_eq(amlrt_detector_load(&d, "libm.so.6", NULL, NULL, &err), AMLRT_E_DETECTOR);
  ck_assert_msg(strstr(err.text, "amlrt_detector_get") != NULL, "%s", err.text);
  files_clean();
}
END_TEST

START_TEST(what_it_says)
{
  hand_detector d;

  hand_load(&d, hand_ring.program);
  ck_assert_uint_eq(amlrt_detector_n(d.detector), 1);
  ck_assert_ptr_eq(amlrt_detector_info(d.detector, 0), hand_ring.program->info);
  amlrt_error err = {0};
  ck_assert_int_eq(amlrt_detector_run(d.detector, 1, 0, NULL, NULL, NULL, NULL, NULL, &err),
                   AMLRT_E_ARG);
  amlrt_detector_free(d.detector);
  amlrt_detector_free(NULL);
}
END_TEST

// ---- a table with many matches ----------------------------------------------------------------------

enum { ROWS = 4000 };

typedef struct bench {
  amlrt_table *t;
  amlrt_graph *g;
  ref_printer out;
  amlrt_run_opts o;
  char *all; // the lines of a whole run on one thread
  uint64_t n_all;
} bench;

static amlrt_table *many(void)
{
  amlrt_builder *b;
  amlrt_table *t;
  uint64_t state = 7;

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  for (int i = 0; i < ROWS; i++) {
    char from[16], to[16];
    state = state * 6364136223846793005u + 1442695040888963407u;
    snprintf(from, sizeof from, "a%u", (unsigned)(state >> 33) % 60);
    snprintf(to, sizeof to, "a%u", (unsigned)(state >> 40) % 60);
    amlrt_tx tx = {.from = from, .to = to, .time = i / 4, .amount = "10", .currency = "USD"};
    ck_assert_int_eq(amlrt_builder_add(b, &tx, NULL), AMLRT_OK);
  }
  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  return t;
}

static void begin(bench *x, const hand_program *of)
{
  amlrt_run_stats stats;

  *x = (bench){.t = many(), .o = amlrt_run_opts_default()};
  x->g = hand_graph(x->t);
  x->out.info = of->program->info;
  x->out.table = x->t;
  x->out.constraints = true;
  x->o.n_threads = 1;
  x->all = strdup(hand_run(&x->out, of->program, x->g, &x->o, AMLRT_OK, &stats));
  x->n_all = stats.matches;
  ck_assert_uint_gt(x->n_all, 30);
  ck_assert_uint_eq(stats.triggers, ROWS);
}

// Too long for ck_assert_str_eq.
static void same(const char *a, const char *b)
{
  ck_assert(strcmp(a, b) == 0);
}

static void end(bench *x)
{
  free(x->all);
  free(x->out.at);
  amlrt_graph_free(x->g);
  amlrt_table_free(x->t);
}

START_TEST(any_number_of_threads)
{
  bench x;

  begin(&x, hand_programs[_i]);
  for (uint32_t threads = 2; threads <= 5; threads += 3) {
    x.o.n_threads = threads;
    const char *found = hand_run(&x.out, hand_programs[_i]->program, x.g, &x.o, AMLRT_OK, NULL);
    same(found, x.all);
  }
  end(&x);
}
END_TEST

// Trigger by trigger, all of them give what the whole run gave.
START_TEST(one_trigger)
{
  const amlrt_program *p = hand_scatter.program;
  bench x;
  size_t n = 0;

  begin(&x, &hand_scatter);
  for (uint32_t e = 0; e < ROWS; e++) {
    x.o.only_trigger = e;
    const char *found = hand_run(&x.out, p, x.g, &x.o, AMLRT_OK, NULL);
    ck_assert(strncmp(x.all + n, found, strlen(found)) == 0);
    n += strlen(found);
  }
  ck_assert_uint_eq(n, strlen(x.all));
  x.o.only_trigger = ROWS; // there is none
  ck_assert_str_eq(hand_run(&x.out, p, x.g, &x.o, AMLRT_OK, NULL), "");
  end(&x);
}
END_TEST

// ---- limits -------------------------------------------------------------------------------------------

START_TEST(limit_on_matches)
{
  const amlrt_program *p = hand_fan_in.program;
  amlrt_run_stats stats;
  bench x;

  begin(&x, &hand_fan_in);
  const uint64_t limits[] = {1, 2, 17, x.n_all - 1};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
    for (x.o.n_threads = 1; x.o.n_threads <= 3; x.o.n_threads++) {
      x.o.match_limit = limits[i];
      const char *found = hand_run(&x.out, p, x.g, &x.o, AMLRT_TRUNCATED, &stats);
      ck_assert(strncmp(x.all, found, strlen(found)) == 0);
      ck_assert_uint_eq(stats.matches, limits[i]);
    }
  x.o.match_limit = x.n_all; // nothing was cut
  same(hand_run(&x.out, p, x.g, &x.o, AMLRT_OK, NULL), x.all);
  end(&x);
}
END_TEST

// What does not fit is cut, in the same places for any number of threads.
START_TEST(limit_on_memory)
{
  const amlrt_program *p = hand_herd.program;
  unsigned partly = 0;
  bench x;

  begin(&x, &hand_herd);
  x.o.memory_limit = (size_t)64 << 20;
  same(hand_run(&x.out, p, x.g, &x.o, AMLRT_OK, NULL), x.all);
  x.o.memory_limit = 1000; // not even what all threads share
  ck_assert_str_eq(hand_run(&x.out, p, x.g, &x.o, AMLRT_TRUNCATED, NULL), "");
  for (x.o.memory_limit = 28000; x.o.memory_limit < 90000; x.o.memory_limit += 2000) {
    x.o.n_threads = 1;
    char *some = strdup(hand_run(&x.out, p, x.g, &x.o, HAND_DONE_OR_CUT, NULL));
    partly += some[0] && strcmp(some, x.all) != 0;
    x.o.n_threads = 3;
    same(hand_run(&x.out, p, x.g, &x.o, HAND_DONE_OR_CUT, NULL), some);
    free(some);
  }
  ck_assert_uint_gt(partly, 0);
  end(&x);
}
END_TEST

static bool after_a_while(void *user)
{
  return atomic_fetch_add((atomic_uint *)user, 1) >= 40;
}

START_TEST(stopped)
{
  atomic_uint asked;
  amlrt_run_stats stats;
  bench x;

  begin(&x, &hand_both);
  x.o.cancelled = after_a_while;
  x.o.user = &asked;
  for (x.o.n_threads = 1; x.o.n_threads <= 2; x.o.n_threads++) {
    atomic_init(&asked, 0);
    const char *found = hand_run(&x.out, hand_both.program, x.g, &x.o, AMLRT_INTERRUPTED, &stats);
    ck_assert(strncmp(x.all, found, strlen(found)) == 0);
    ck_assert_uint_lt(stats.matches, x.n_all);
  }
  end(&x);
}
END_TEST

typedef struct sulky {
  uint64_t left;
} sulky;

static amlrt_status takes_some(void *user, const amlrt_match *m)
{
  sulky *s = user;

  (void)m;
  return s->left-- > 0 ? AMLRT_OK : AMLRT_E_WRITE;
}

START_TEST(taker_says_no)
{
  hand_detector d;
  amlrt_run_stats stats;
  bench x;

  begin(&x, &hand_fan_in);
  hand_load(&d, hand_fan_in.program);
  for (x.o.n_threads = 1; x.o.n_threads <= 2; x.o.n_threads++) {
    sulky s = {.left = 9};
    ck_assert_int_eq(amlrt_detector_run(d.detector, 0, 0, x.g, &x.o, takes_some, &s, &stats, NULL),
                     AMLRT_E_WRITE);
    ck_assert_uint_eq(stats.matches, 10);
  }
  amlrt_detector_free(d.detector);
  end(&x);
}
END_TEST

// ---- every allocation fails once ------------------------------------------------------------------------

static void run_without_memory(const amlrt_program *p, const amlrt_graph *g,
                               const ref_printer *whole)
{
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    hand_detector d;
    ref_printer out = {.info = p->info, .table = whole->table, .constraints = true};
    amlrt_run_opts o = amlrt_run_opts_default();

    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    o.mem = &mem;
    o.n_threads = 1;
    o.hub_limit = 1000;
    hand_load(&d, p);
    amlrt_status st = amlrt_detector_run(d.detector, 0, 0, g, &o, ref_print, &out, NULL, NULL);
    amlrt_detector_free(d.detector);
    bool failed = alloc_fail_hit(&a);
    ck_assert_int_eq(st, failed ? AMLRT_E_NOMEM : AMLRT_OK);
    if (!failed) same(out.at ? out.at : "", whole->at);
    free(out.at);
    alloc_fail_check(&a);
    if (!failed) break;
  }
}

START_TEST(without_memory)
{
  const amlrt_program *p = hand_programs[_i]->program;
  bench x;

  begin(&x, hand_programs[_i]);
  x.o.hub_limit = 1000; // asked for every account, and never hit
  hand_run(&x.out, p, x.g, &x.o, AMLRT_OK, NULL);
  run_without_memory(p, x.g, &x.out);
  end(&x);
}
END_TEST

START_TEST(loaded_without_memory)
{
  const amlrt_program *programs[] = {hand_fan_in.program};
  const amlrt_detector_export e = {AMLRT_ABI_VERSION, 1, "abc", "amlc", programs};
  alloc_fail a;
  amlrt_detector *d;

  alloc_fail_init(&a, 0);
  amlrt_alloc mem = alloc_fail_amlrt(&a);
  ck_assert_int_eq(amlrt_detector_from(&d, &e, NULL, &mem, NULL), AMLRT_E_NOMEM);
  ck_assert_ptr_null(d);
  alloc_fail_init(&a, ALLOC_FAIL_NEVER);
  ck_assert_int_eq(amlrt_detector_from(&d, &e, NULL, &mem, NULL), AMLRT_OK);
  amlrt_detector_free(d);
  alloc_fail_check(&a);
}
END_TEST

// A host's table without what the pattern needs is refused before anything is looked at.
START_TEST(data_that_lack_a_column)
{
  static const amlrt_need needs[] = {{AMLRT_NEED_STANDARD, "amount"},
                                     {AMLRT_NEED_STANDARD, "format"},
                                     {AMLRT_NEED_COLUMN, "risk"},
                                     {AMLRT_NEED_ATTRIBUTE, "bank"}};
  static const char *const missing[] = {NULL, NULL, "risk", "risk", "bank"};
  const uint32_t first[] = {0, 0, 1, 2, 3}, n[] = {0, 1, 3, 2, 1};
  amlrt_table *t = many();
  amlrt_graph *g = hand_graph(t);
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_program p = *hand_fan_in.program;
  hand_detector d;

  hand_load(&d, &p);
  for (int i = 0; i < 5; i++) {
    amlrt_error err = {0};
    ref_printer out = {.info = p.info, .table = t};
    p.needs = needs + first[i];
    p.n_needs = n[i];
    const char *lacks = amlrt_detector_missing(d.detector, 0, t);
    ck_assert_pstr_eq(lacks, missing[i]);
    amlrt_status st = amlrt_detector_run(d.detector, 0, 0, g, &o, ref_print, &out, NULL, &err);
    ck_assert_int_eq(st, lacks ? AMLRT_E_NO_ATTRIBUTE : AMLRT_OK);
    if (lacks) ck_assert_ptr_nonnull(strstr(err.text, lacks));
    free(out.at);
  }
  amlrt_detector_free(d.detector);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

Suite *make_detector_suite(void)
{
  Suite *s = suite_create("detector");
  TCase *tc = tcase_create("loading");

  tcase_add_test(tc, what_is_refused);
  tcase_add_test(tc, what_cannot_be_loaded);
  tcase_add_test(tc, what_it_says);
  tcase_add_test(tc, loaded_without_memory);
  suite_add_tcase(s, tc);
  tc = tcase_create("runs");
  tcase_add_loop_test(tc, any_number_of_threads, 0, N_HAND_PROGRAMS);
  tcase_add_test(tc, data_that_lack_a_column);
  tcase_add_test(tc, one_trigger);
  tcase_add_test(tc, limit_on_matches);
  tcase_add_test(tc, limit_on_memory);
  tcase_add_test(tc, stopped);
  tcase_add_test(tc, taker_says_no);
  tcase_add_loop_test(tc, without_memory, 0, N_HAND_PROGRAMS);
  suite_add_tcase(s, tc);
  return s;
}
