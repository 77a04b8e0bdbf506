// One `test` block of a pattern file: its table, its run, its judgement.
#ifndef AML_DRIVER_TEST_BLOCK_H
#define AML_DRIVER_TEST_BLOCK_H

#include "frontend/driver/cli.h"

typedef struct test_outcome {
  const char *name, *pattern; // of the test
  bool passed;
  const char *why; // what was expected and found, lines for people; "" when passed
} test_outcome;

// The pattern with the test's parameters; NULL: diagnostics, or no memory.
gir_module *test_block_lower(cli *c, const sema_test *t);
// Runs a test's pattern by the reference engine, or by program `program` of a detector (NULL:
// none). An exit code; EXIT_DONE whether the test passed or not.
int test_block_run(cli *c, const sema_test *t, const gir_module *m, const amlrt_detector *d,
                   uint32_t program, test_outcome *out);

#endif
