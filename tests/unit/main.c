// The one program of all unit tests. Arguments, if any, name the suites to run.
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITE(name) Suite *make_##name##_suite(void);
#include "tests/unit/suites.def"
#undef SUITE

typedef struct suite_row {
  const char *name;
  Suite *(*make)(void);
} suite_row;

static const suite_row suites[] = {
#define SUITE(name) {#name, make_##name##_suite},
#include "tests/unit/suites.def"
#undef SUITE
    {NULL, NULL},
};

// Sanitizers report what the process left behind at its end, and a forked child hides that. Where
// one is built in, each test runs in the process itself, as it does with CK_FORK=no.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAVE_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAVE_SANITIZER 1
#endif
#endif
#ifndef HAVE_SANITIZER
#define HAVE_SANITIZER 0
#endif

static bool wanted(const char *name, int n, char **names)
{
  for (int i = 0; i < n; i++)
    if (strcmp(names[i], name) == 0) return true;
  return n == 0;
}

static bool known(const char *name)
{
  for (const suite_row *s = suites; s->name; s++)
    if (strcmp(s->name, name) == 0) return true;
  fprintf(stderr, "unit_tests: no suite is called '%s'; the suites are:\n", name);
  for (const suite_row *s = suites; s->name; s++)
    fprintf(stderr, "  %s\n", s->name);
  return false;
}

int main(int argc, char **argv)
{
  // No test has a time limit: a busy machine is no fault of the code. Read when a suite is made.
  setenv("CK_DEFAULT_TIMEOUT", "0", 1);
  SRunner *runner = srunner_create(NULL);

  for (int i = 1; i < argc; i++)
    if (!known(argv[i])) return 2;
  for (const suite_row *s = suites; s->name; s++)
    if (wanted(s->name, argc - 1, argv + 1)) srunner_add_suite(runner, s->make());
  if (HAVE_SANITIZER) srunner_set_fork_status(runner, CK_NOFORK);

  srunner_run_all(runner, CK_ENV);
  int n_failed = srunner_ntests_failed(runner);
  int n_run = srunner_ntests_run(runner);
  srunner_free(runner);
  printf("unit: %d passed, %d failed, 0 skipped\n", n_run - n_failed, n_failed);
  return n_failed != 0;
}
