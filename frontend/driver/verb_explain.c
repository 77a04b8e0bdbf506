// amlc explain: what a pattern looks for, in words, and how it is found.
#include "frontend/driver/engines.h"
#include "frontend/driver/explain.h"
#include "frontend/driver/explain_plan.h"

typedef struct job {
  cli *c;
  kernel k;
  cli_run r;
  bool with_data;
  explain_mined *mined;
} job;

static int compile(cli *c)
{
  int code = cli_add_patterns(c);
  return code == EXIT_DONE ? cli_compile(c) : code;
}

static int write_all(job *j)
{
  cli *c = j->c;
  strbuf *out = &c->a->text;
  strbuf_clear(out);
  for (uint32_t i = 0; i < amlc_n_patterns(c->a); i++) {
    const gir_pattern *p = c->a->module->patterns.at[i];
    if (c->o.values[OPT_JSON]) {
      explain_pattern_json(out, p);
      explain_plans_json(out, c, &j->k, j->with_data ? &j->r : NULL, j->mined, i);
      strbuf_puts(out, "}\n");
      continue;
    }
    if (i) strbuf_putc(out, '\n');
    explain_pattern(out, p);
    explain_plans(out, &j->k, i);
    if (j->with_data) explain_data(out, c, &j->r, j->mined, i);
  }
  return cli_write_text(c, strbuf_text(out));
}

int verb_explain(cli *c)
{
  job j = {.c = c};
  pass_opts o = {0};
  int limit = EXIT_DONE;
  int code = cli_take_args(c, CLI_MAY_HAVE_DATA);
  if (code != EXIT_DONE) return code;
  j.with_data = c->data.n > 0;
  if (j.with_data)
    code = cli_run_open(c, &j.r);
  else
    code = compile(c);
  if (code == EXIT_DONE) code = kernel_make_all(c, &j.k, &o);
  if (code == EXIT_DONE && j.with_data) code = explain_mine(c, &j.r, &j.mined);
  if (code == EXIT_LIMIT) {
    limit = code;
    code = EXIT_DONE;
  }
  if (code == EXIT_DONE) code = write_all(&j);
  if (j.with_data) cli_run_close(&j.r);
  return code == EXIT_DONE ? limit : code;
}
