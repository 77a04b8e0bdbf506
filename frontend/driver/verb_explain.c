// amlc explain: what a pattern looks for, in words.
#include "frontend/driver/cli.h"
#include "frontend/driver/explain.h"

int verb_explain(cli *c)
{
  int code = cli_take_args(c, false);
  if (code == EXIT_DONE) code = cli_add_patterns(c);
  if (code != EXIT_DONE) return code;
  if ((code = cli_compile(c)) != EXIT_DONE) return code;
  strbuf_clear(&c->a->text);
  for (uint32_t i = 0; i < amlc_n_patterns(c->a); i++) {
    const gir_pattern *p = c->a->module->patterns.at[i];
    if (c->o.values[OPT_JSON]) {
      explain_pattern_json(&c->a->text, p);
      strbuf_putc(&c->a->text, '\n');
      continue;
    }
    if (i) strbuf_putc(&c->a->text, '\n');
    explain_pattern(&c->a->text, p);
  }
  return cli_write_text(c, strbuf_text(&c->a->text));
}
