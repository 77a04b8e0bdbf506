// amlc check: parse and analyse.
#include "frontend/driver/cli.h"

int verb_check(cli *c)
{
  int code = cli_take_args(c, CLI_NO_DATA);
  if (code == EXIT_DONE) code = cli_add_patterns(c);
  if (code != EXIT_DONE) return code;
  code = cli_compile(c);
  if (code == EXIT_DONE && !cli_quiet(c)) {
    uint32_t n = amlc_n_patterns(c->a), w = diag_n_warnings(c->a->c);
    fprintf(stderr, "%u pattern%s in %u file%s: no errors", n, n == 1 ? "" : "s", c->patterns.n,
            c->patterns.n == 1 ? "" : "s");
    if (w) fprintf(stderr, ", %u warning%s", w, w == 1 ? "" : "s");
    fputc('\n', stderr);
  }
  return code;
}
