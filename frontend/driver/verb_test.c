// amlc test: the `test` blocks of pattern files, run by an engine (episode mode, history complete).
#include "frontend/driver/cli.h"
#include "frontend/driver/test_block.h"
#include <string.h>

static void say_json(const test_outcome *t, const char *file, uint32_t line, bool first)
{
  printf("%s{\"file\":\"%s\",\"line\":%u,\"name\":\"%s\",\"pattern\":\"%s\",\"passed\":%s}",
         first ? "" : ",\n ", file, line, t->name, t->pattern, t->passed ? "true" : "false");
}

static void say_failed(const test_outcome *t, const char *file, uint32_t line)
{
  fprintf(stderr, "%s:%u: failed: test \"%s\" for %s\n%s", file, line, t->name, t->pattern, t->why);
}

int verb_test(cli *c)
{
  int code = cli_take_args(c, false);
  if (code == EXIT_DONE) code = cli_add_patterns(c);
  if (code != EXIT_DONE) return code;
  if (!cli_engine(c, &code)) return code;
  if ((code = cli_compile(c)) != EXIT_DONE) return code;
  bool json = c->o.values[OPT_JSON] != NULL;
  uint32_t n = c->a->program->tests.n, failed = 0;
  if (json) printf("[");
  for (uint32_t i = 0; i < n && !*c->interrupted; i++) {
    const sema_test *t = &c->a->program->tests.at[i];
    test_outcome o;
    code = test_block_run(c, t, &o);
    if (code == EXIT_PATTERN) return cli_report(c);
    if (code != EXIT_DONE) return code;
    const char *file = source_get(c->a->c, t->file)->name;
    uint32_t line = source_line_col(c->a->c, t->file, t->stmt->span.start).line;
    failed += !o.passed;
    if (json)
      say_json(&o, file, line, i == 0);
    else if (!o.passed)
      say_failed(&o, file, line);
    else if (cli_verbose(c))
      fprintf(stderr, "%s:%u: passed: test \"%s\" for %s\n", file, line, o.name, o.pattern);
  }
  if (json) printf("]\n");
  if (*c->interrupted) return EXIT_CTRL_C;
  if (!json && !cli_quiet(c)) printf("%u passed, %u failed\n", n - failed, failed);
  return failed ? EXIT_FINDING : EXIT_DONE;
}
