// amlc list: the library's patterns, a line each.
#include "frontend/driver/cli.h"
#include <string.h>

// The first line of a documentation comment.
static const char *first_line(arena *mem, const char *doc)
{
  return arena_text(mem, doc, strcspn(doc, "\n"));
}

static void list_json(strbuf *b, const gir_pattern *p, bool first)
{
  strbuf_puts(b, first ? "\n  {\"name\": " : ",\n  {\"name\": ");
  strbuf_json(b, p->name);
  strbuf_puts(b, ", \"version\": ");
  strbuf_json(b, p->version);
  strbuf_puts(b, ", \"status\": ");
  strbuf_json(b, p->status);
  strbuf_puts(b, ", \"line\": ");
  strbuf_json(b, p->doc);
  strbuf_puts(b, "}");
}

int verb_list(cli *c)
{
  cli_paths files = {0};
  const char *dir = cli_library(c);
  strbuf *b = &c->a->text;
  if (!dir || !cli_folder(&files, c->mem, dir)) {
    cli_error("the pattern library is not beside this program; AMLC_PATTERNS=DIR names it");
    return EXIT_WORLD;
  }
  for (uint32_t i = 0; i < files.n; i++)
    VEC_PUSH(c->mem, &c->patterns, files.at[i]);
  int code = cli_add_patterns(c);
  if (code != EXIT_DONE) return code;
  if ((code = cli_compile(c)) != EXIT_DONE) return code;
  strbuf_clear(b);
  bool json = c->o.values[OPT_JSON] != NULL;
  if (json) strbuf_puts(b, "[");
  for (uint32_t i = 0; i < amlc_n_patterns(c->a); i++) {
    const gir_pattern *p = c->a->module->patterns.at[i];
    if (json)
      list_json(b, p, i == 0);
    else
      strbuf_printf(b, "%-18s %-12s %s\n", p->name, p->status, first_line(c->mem, p->doc));
  }
  if (json) strbuf_puts(b, "\n]\n");
  return cli_write_text(c, strbuf_text(b));
}
