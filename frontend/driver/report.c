// Diagnostics, help and version as text.
#include "frontend/driver/cli.h"
#include "aml_build_id.h"
#include "amlrt/report.h"
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void cli_error(const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  fputs("amlc: ", stderr);
  vfprintf(stderr, fmt, ap);
  fputc('\n', stderr);
  va_end(ap);
}

bool cli_quiet(const cli *c)
{
  return c->o.values[OPT_QUIET] != NULL;
}

bool cli_verbose(const cli *c)
{
  return c->o.values[OPT_VERBOSE] != NULL;
}

double cli_clock(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int cli_report(cli *c)
{
  static const char *const kinds[] = {"text", "json", "sarif", NULL};
  int kind = c->o.values[OPT_JSON] && c->o.verb == VERB_CHECK && !c->o.values[OPT_DIAGNOSTICS]
                 ? 1
                 : options_choice(&c->o, OPT_DIAGNOSTICS, kinds);
  if (kind < 0) return EXIT_USAGE;
  strbuf *b = &c->a->diagnostics;
  strbuf_clear(b);
  FILE *to = kind == 0 ? stderr : stdout;
  diag_render(c->a->c, b, (diag_format)kind, kind == 0 && options_colour(&c->o, STDERR_FILENO));
  fputs(strbuf_text(b), to);
  if (!cx_ok(c->a->c)) {
    cli_error("out of memory");
    return EXIT_WORLD;
  }
  return diag_n_errors(c->a->c) ? EXIT_PATTERN : EXIT_DONE;
}

int cli_compile(cli *c)
{
  AML_BUG_UNLESS(amlc_compile(c->a) != AMLC_E_ARG);
  return cli_report(c);
}

void cli_version(FILE *f)
{
  fprintf(f, "amlc %s (%s)\nengines: jit, c, reference\n", AMLC_VERSION, AMLC_BUILD_ID);
}

// ---- help ---------------------------------------------------------------------------------------

static void wrap(FILE *f, const char *text, int indent, int width)
{
  int col = indent;
  fprintf(f, "%*s", indent, "");
  while (*text) {
    int n = (int)strcspn(text, " ");
    if (col > indent && col + 1 + n > width) {
      fprintf(f, "\n%*s", indent, "");
      col = indent;
    }
    if (col > indent) {
      fputc(' ', f);
      col++;
    }
    fprintf(f, "%.*s", n, text);
    col += n;
    text += n;
    while (*text == ' ')
      text++;
  }
  fputc('\n', f);
}

static void help_all(FILE *f)
{
  fputs("amlc compiles money-laundering patterns and runs them over transactions.\n\n"
        "usage: amlc VERB [options] ...\n\n",
        f);
  for (int i = 0; i < VERB_N; i++)
    fprintf(f, "  %-9s %s\n", verbs[i].name, verbs[i].line);
  fputs("\n`amlc help VERB` shows a verb's options. Begin with:\n\n"
        "  amlc list\n"
        "  amlc run scatter_gather transactions.csv -o out\n"
        "  amlc why out\n",
        f);
}

static void help_option(FILE *f, const opt_info *o)
{
  char left[64];
  snprintf(left, sizeof left, "%s%c%s--%s%s%s", o->letter ? "-" : " ", o->letter ? o->letter : ' ',
           o->letter ? ", " : "  ", o->name, o->arg[0] ? " " : "", o->arg);
  if (strlen(left) <= 28) {
    fprintf(f, "  %-28s  ", left);
    fprintf(f, "%s\n", o->help);
  } else {
    fprintf(f, "  %s\n  %-28s  %s\n", left, "", o->help);
  }
}

void cli_help(FILE *f, const cli *c, bool of_verb)
{
  if (!of_verb) {
    help_all(f);
    return;
  }
  const verb_info *v = &verbs[c->o.verb];
  fprintf(f, "amlc %s: %s\n\nusage: amlc %s [options] %s\n\n", v->name, v->line, v->name, v->args);
  wrap(f, v->more, 0, 96);
  fputc('\n', f);
  for (int i = 0; i < OPT_N; i++)
    if (opt_table[i].verb_bits >> c->o.verb & 1) help_option(f, &opt_table[i]);
}
