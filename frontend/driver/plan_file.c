// Plans asked for, saved and pinned: --plan, --use-plan, --save-plan. A plan file has a line for each
// pattern, "PATTERN PLAN"; what follows a # is a comment.
#include "frontend/driver/plan_file.h"
#include <string.h>

static bool has_pattern(const cli *c, const char *name, size_t n)
{
  for (uint32_t i = 0; i < amlc_n_patterns(c->a); i++) {
    const char *at = c->a->module->patterns.at[i]->name;
    if (strlen(at) == n && !memcmp(at, name, n)) return true;
  }
  return false;
}

// "PATTERN=NAME,..." names patterns of this run only.
static int check_spec(const cli *c, const char *spec)
{
  while (*spec) {
    size_t n = strcspn(spec, ","), left = strcspn(spec, "=,");
    if (left < n && !has_pattern(c, spec, left)) {
      cli_error("--plan: this run has no pattern %.*s", (int)left, spec);
      return EXIT_USAGE;
    }
    spec += n + (spec[n] == ',');
  }
  return EXIT_DONE;
}

enum { MAX_LINE = 4096 };

// One line of a plan file becomes an entry of the spec; false: it is none.
static bool add_line(const cli *c, strbuf *spec, char *line)
{
  static const char blank[] = " \t\r\n";
  line[strcspn(line, "#\n")] = '\0';
  char *pattern = line + strspn(line, blank);
  size_t n = strcspn(pattern, blank);
  char *plan = pattern + n + strspn(pattern + n, blank);
  size_t m = strcspn(plan, blank);
  if (n == 0) return true;
  if (m == 0 || plan[m + strspn(plan + m, blank)] != '\0') return false;
  if (has_pattern(c, pattern, n)) strbuf_printf(spec, "%.*s=%.*s,", (int)n, pattern, (int)m, plan);
  return true;
}

static int read_file(const cli *c, const char *path, strbuf *spec)
{
  char line[MAX_LINE];
  FILE *f = fopen(path, "r");
  if (!f) {
    cli_error("cannot read the plan file %s", path);
    return EXIT_WORLD;
  }
  bool good = true;
  uint32_t number = 0;
  while (good && fgets(line, sizeof line, f)) {
    number++;
    good = add_line(c, spec, line);
  }
  if (!good) cli_error("%s:%u: a plan file has lines of the form PATTERN PLAN", path, number);
  bool failed = ferror(f);
  fclose(f);
  if (failed) cli_error("cannot read the plan file %s", path);
  return failed ? EXIT_WORLD : good ? EXIT_DONE : EXIT_USAGE;
}

int plan_asked(cli *c, const char **spec)
{
  const char *path = c->o.values[OPT_USE_PLAN], *option = c->o.values[OPT_PLAN];
  strbuf text;
  int code = EXIT_DONE;
  *spec = NULL;
  if (!path && !option) return EXIT_DONE;
  strbuf_init(&text, c->a->c);
  if (path) code = read_file(c, path, &text);
  if (code == EXIT_DONE && option) code = check_spec(c, option);
  if (option) strbuf_puts(&text, option);
  if (code == EXIT_DONE) *spec = arena_text(c->mem, strbuf_text(&text), text.n);
  strbuf_release(&text);
  return code;
}

int plan_save(cli *c, const cli_run *r)
{
  const char *path = c->o.values[OPT_SAVE_PLAN];
  strbuf text;
  if (!path || !r->compiled) return EXIT_DONE;
  strbuf_init(&text, c->a->c);
  strbuf_puts(&text, "# plans of a run of amlc: --use-plan takes them again\n");
  for (uint32_t i = 0; i < amlc_n_patterns(c->a); i++)
    if (r->stats[i].plan)
      strbuf_printf(&text, "%s %s\n", c->a->module->patterns.at[i]->name, r->stats[i].plan);
  int code = cli_write_file(c, path, strbuf_text(&text));
  strbuf_release(&text);
  return code;
}
