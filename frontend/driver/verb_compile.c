// amlc compile: patterns in, a form of them out.
#include "frontend/driver/cli.h"
#include "amlrt/match.h"
#include <string.h>

int verb_compile(cli *c)
{
  static const char *const forms[] = {"gir", "ast", NULL};
  int form = options_choice(&c->o, OPT_EMIT, forms);
  if (form < 0) return EXIT_USAGE;
  int code = cli_take_args(c, false);
  if (code == EXIT_DONE) code = cli_add_patterns(c);
  if (code != EXIT_DONE) return code;
  if (form == 1)
    amlc_parse(c->a);
  else if ((code = cli_compile(c)) != EXIT_DONE)
    return code;
  const char *text = amlc_emit(c->a, form == 1 ? AMLC_EMIT_AST : AMLC_EMIT_GIR);
  return cli_write_text(c, text ? text : "");
}
