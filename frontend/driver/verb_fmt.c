// amlc fmt: pattern files in the one layout.
#include "frontend/driver/cli.h"
#include <string.h>

// The formatted text of the i-th input, in `b`.
static void format(cli *c, uint32_t i, strbuf *b)
{
  strbuf_clear(b);
  fmt_source(b, c->a->c, c->a->program->files.at[i]);
}

static int fmt_one(cli *c, uint32_t i, strbuf *b, bool check, bool *changed)
{
  const source *src = source_get(c->a->c, c->a->inputs.at[i].file);
  format(c, i, b);
  if (!cx_ok(c->a->c)) {
    cli_error("out of memory");
    return EXIT_WORLD;
  }
  const char *text = strbuf_text(b);
  bool differs = strlen(text) != src->n || memcmp(text, src->text, src->n) != 0;
  bool is_stdin = !strcmp(src->name, "-");
  *changed = *changed || differs;
  if (check) {
    if (differs) printf("%s\n", src->name);
    return EXIT_DONE;
  }
  if (is_stdin) {
    fputs(text, stdout);
    return EXIT_DONE;
  }
  if (!differs) return EXIT_DONE;
  int code = cli_write_file(c, src->name, text);
  if (code == EXIT_DONE && !cli_quiet(c)) fprintf(stderr, "formatted %s\n", src->name);
  return code;
}

int verb_fmt(cli *c)
{
  bool changed = false, check = c->o.values[OPT_CHECK] != NULL;
  int code = cli_take_args(c, false);
  if (code == EXIT_DONE) code = cli_add_patterns(c);
  if (code != EXIT_DONE) return code;
  for (uint32_t i = 0; i < c->a->inputs.n; i++)
    if (c->a->inputs.at[i].is_gir) {
      cli_error("`fmt` formats .aml files; graph IR has one layout already");
      return EXIT_USAGE;
    }
  amlc_parse(c->a);
  if ((code = cli_report(c)) != EXIT_DONE) return code;
  for (uint32_t i = 0; i < c->a->inputs.n && code == EXIT_DONE; i++)
    code = fmt_one(c, i, &c->a->text, check, &changed);
  return code == EXIT_DONE && check && changed ? EXIT_FINDING : code;
}
