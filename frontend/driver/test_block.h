// One `test` block: its transactions as a table, its pattern run over them, what was expected.
#ifndef AML_DRIVER_TEST_BLOCK_H
#define AML_DRIVER_TEST_BLOCK_H

#include "frontend/driver/cli.h"

typedef struct test_outcome {
  const char *name, *pattern;
  bool passed;
  const char *why; // lines of what was expected and what was found; "" when passed
} test_outcome;

// EXIT_DONE with an outcome; EXIT_PATTERN with diagnostics; EXIT_WORLD (said).
int test_block_run(cli *c, const sema_test *t, test_outcome *out);

#endif
