// amlc fmt: pattern files in the one layout.
#include "frontend/driver/cli.h"
#include <string.h>

static int fmt_one(cli *c, uint32_t i, const ast_file *tree, bool check, bool *changed)
{
  strbuf *b = &c->a->text;
  const source *src = source_get(c->a->c, c->a->inputs.at[i].file);
  strbuf_clear(b);
  fmt_source(b, c->a->c, tree);
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
  int code = cli_take_args(c, CLI_NO_DATA);
  if (code == EXIT_DONE) code = cli_add_patterns(c);
  if (code != EXIT_DONE) return code;
  for (uint32_t i = 0; i < c->a->inputs.n; i++)
    if (c->a->inputs.at[i].is_gir) {
      cli_error("`fmt` formats .aml files; graph IR has one layout already");
      return EXIT_USAGE;
    }
  VEC(ast_file *) trees = {0}; // parsed alone: a layout needs no imports and no meaning
  for (uint32_t i = 0; i < c->a->inputs.n; i++)
    VEC_PUSH(c->mem, &trees, parse_source(c->mem, c->a->c, c->a->inputs.at[i].file));
  if ((code = cli_report(c)) != EXIT_DONE) return code;
  for (uint32_t i = 0; i < trees.n && code == EXIT_DONE; i++)
    code = fmt_one(c, i, trees.at[i], check, &changed);
  return code == EXIT_DONE && check && changed ? EXIT_FINDING : code;
}
