// `amlc why`: finds the alert and its evidence, and prints the page.
#include "frontend/driver/why.h"
#include "frontend/driver/options.h"
#include "frontend/driver/why_parts.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct paths {
  const char *alerts, *evidence; // evidence NULL: none to look for
} paths;

static paths paths_of(arena *mem, const char *dir)
{
  struct stat st;
  if (strcmp(dir, "-") == 0) return (paths){dir, NULL};
  if (stat(dir, &st) != 0 || S_ISDIR(st.st_mode)) {
    const char *slash = dir[0] && dir[strlen(dir) - 1] == '/' ? "" : "/";
    return (paths){arena_printf(mem, "%s%salerts.jsonl", dir, slash),
                   arena_printf(mem, "%s%sevidence.csv", dir, slash)};
  }
  const char *name = strrchr(dir, '/');
  int n = name ? (int)(name - dir) + 1 : 0;
  return (paths){dir, arena_printf(mem, "%.*sevidence.csv", n, dir)};
}

// The fields that a page cannot do without.
static bool is_alert(const json *a)
{
  return json_get(a, "match_id", JSON_STRING) && json_get(a, "pattern", JSON_STRING) &&
         json_get(a, "roles", JSON_OBJECT) && json_get(a, "stages", JSON_OBJECT) &&
         json_get(a, "constraints", JSON_LIST);
}

static int nomem(FILE *err)
{
  fprintf(err, "amlc: out of memory\n");
  return EXIT_WORLD;
}

// The evidence, or NULL, which the page lives with: then it shows ids. Said, for it is a loss.
static const why_transfers *evidence(why_transfers *ts, arena *mem, const char *path,
                                     const json *alert, FILE *err)
{
  if (!path) return NULL;
  bool ok = why_evidence(ts, mem, path, json_get(alert, "match_id", JSON_STRING)->text);
  if (ok && ts->n) return ts;
  if (!cx_ok(arena_cx(mem))) return NULL;
  if (ok)
    fprintf(err, "amlc: '%s' has no row of this match: transfers are shown by their ids\n", path);
  else if (errno)
    fprintf(err, "amlc: cannot read '%s': %s: transfers are shown by their ids\n", path,
            strerror(errno));
  else
    fprintf(err, "amlc: '%s' is no evidence of ours: transfers are shown by their ids\n", path);
  return NULL;
}

static void put_others(strbuf *b, const char *dir, const why_found *found)
{
  unsigned long long n = found->n_alerts - 1;

  if (n == 0)
    strbuf_puts(b, "\nThis is the only alert.\n");
  else
    strbuf_printf(b,
                  "\n%llu more alert%s. To see one, give the beginning of its match id:\n"
                  "  amlc why %s MATCH\n",
                  n, n == 1 ? "" : "s", dir);
}

static int show(const why_found *found, const paths *p, arena *mem, const char *dir, bool others,
                FILE *out, FILE *err)
{
  const char *why = NULL;
  const json *alert = json_read(mem, found->line, found->n, &why);
  why_transfers ts = {0};
  strbuf b;

  if (!cx_ok(arena_cx(mem))) return nomem(err);
  if (!alert || !is_alert(alert)) {
    fprintf(err, "amlc: '%s' is no alerts file of ours: %s\n", p->alerts,
            alert ? "an alert lacks a field" : why);
    return EXIT_DATA;
  }
  strbuf_init(&b, arena_cx(mem));
  why_page(&b, mem, alert, evidence(&ts, mem, p->evidence, alert, err));
  if (others) put_others(&b, dir, found);
  bool ok = cx_ok(arena_cx(mem));
  if (ok) fputs(strbuf_text(&b), out);
  strbuf_release(&b);
  return ok ? EXIT_DONE : nomem(err);
}

static int print_with(arena *mem, const char *dir, const char *match, FILE *out, FILE *err)
{
  paths p = paths_of(mem, dir);
  why_found found;

  int code = why_find(&found, p.alerts, match, err);
  if (code != EXIT_DONE) return code;
  if (found.line)
    code = show(&found, &p, mem, dir, match == NULL, out, err);
  else
    fprintf(out, "There are no alerts in '%s'.\n", p.alerts);
  free(found.line);
  return code;
}

int why_print(const char *dir, const char *match, FILE *out, FILE *err)
{
  cx *c = cx_new(NULL, NULL);
  arena *mem = c ? arena_new(c, "why") : NULL;
  int code = mem ? print_with(mem, dir, match, out, err) : nomem(err);

  arena_free(mem);
  cx_free(c);
  return code;
}
