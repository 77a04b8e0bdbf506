// amlc why: an alert in words.
#include "frontend/driver/cli.h"
#include "frontend/driver/why.h"

int verb_why(cli *c)
{
  uint32_t n = c->o.args.n;

  if (n < 1 || n > 2) {
    cli_error("why takes the folder that `amlc run -o` wrote, and the beginning of a match id");
    return EXIT_USAGE;
  }
  return why_print(c->o.args.at[0], n == 2 ? c->o.args.at[1] : NULL, stdout, stderr);
}
