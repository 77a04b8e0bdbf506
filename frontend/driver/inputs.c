// Which argument of the command is a pattern, and which is data.
#include "frontend/driver/cli.h"
#include "ir/base/map.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_folder(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool exists(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0;
}

// ---- the library --------------------------------------------------------------------------------

// Beside the program: installed (PREFIX/bin, PREFIX/share/amlc/patterns), or in a build folder
// (build/release, patterns). AMLC_PATTERNS names another place.
const char *cli_library(cli *c)
{
  static const char *const beside[] = {"../share/amlc/patterns", "../../patterns"};
  const char *named = getenv("AMLC_PATTERNS");
  if (named && *named) return is_folder(named) ? named : NULL;
  const char *slash = strrchr(c->exe, '/');
  if (!slash) return NULL;
  for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
    const char *dir = arena_printf(c->mem, "%.*s/%s", (int)(slash - c->exe), c->exe, beside[i]);
    if (is_folder(dir)) return dir;
  }
  return NULL;
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool cli_folder(cli_paths *out, arena *mem, const char *dir)
{
  DIR *d = opendir(dir);
  if (!d) return false;
  uint32_t first = out->n;
  for (struct dirent *e; (e = readdir(d));) {
    if (e->d_name[0] == '.' || !amlc_ends_with(e->d_name, ".aml")) continue;
    bool slash = amlc_ends_with(dir, "/");
    const char *path = arena_printf(mem, "%s%s%s", dir, slash ? "" : "/", e->d_name);
    VEC_PUSH(mem, out, path);
  }
  closedir(d);
  if (out->n > first) qsort(out->at + first, out->n - first, sizeof *out->at, by_text);
  return true;
}

static const char *library_file(cli *c, const char *name)
{
  const char *dir = cli_library(c);
  if (!dir || strchr(name, '/')) return NULL;
  const char *path = arena_printf(c->mem, "%s/%s.aml", dir, name);
  return exists(path) ? path : NULL;
}

// The library pattern a word is near to, or NULL.
static const char *near_library(cli *c, const char *word)
{
  cli_paths files = {0};
  const char *dir = cli_library(c);
  if (!dir || strchr(word, '/') || !cli_folder(&files, c->mem, dir)) return NULL;
  const char **names = arena_try(c->mem, (files.n + 1) * sizeof *names);
  for (uint32_t i = 0; names && i < files.n; i++) {
    const char *base = strrchr(files.at[i], '/') + 1;
    names[i] = arena_text(c->mem, base, strlen(base) - strlen(".aml"));
  }
  return names ? nearest_word(word, names, files.n) : NULL;
}

// ---- arguments ----------------------------------------------------------------------------------

static int take_folder(cli *c, const char *dir)
{
  cli_paths files = {0};
  if (!cli_folder(&files, c->mem, dir)) {
    cli_error("cannot read folder %s: %s", dir, strerror(errno));
    return EXIT_WORLD;
  }
  if (!files.n) {
    cli_error("folder %s holds no .aml file", dir);
    return EXIT_USAGE;
  }
  for (uint32_t i = 0; i < files.n; i++)
    VEC_PUSH(c->mem, &c->patterns, files.at[i]);
  return EXIT_DONE;
}

// Is it a pattern? Then it is taken. An existing file wins over a library pattern of the same name.
static bool take_pattern(cli *c, const char *arg, cli_data data, int *code)
{
  const char *found = NULL;
  if (amlc_ends_with(arg, ".aml") || amlc_ends_with(arg, ".gir") ||
      (data == CLI_NO_DATA && !strcmp(arg, "-")))
    found = arg;
  else if (is_folder(arg)) {
    *code = take_folder(c, arg);
    return true;
  } else if (!exists(arg))
    found = library_file(c, arg);
  if (!found) return false;
  VEC_PUSH(c->mem, &c->patterns, found);
  return true;
}

static int not_a_pattern(cli *c, const char *arg)
{
  const char *near = near_library(c, arg);
  if (near)
    cli_error("`%s` is no pattern file and no pattern of the library; did you mean `%s`?", arg,
              near);
  else
    cli_error("`%s` is no pattern file (.aml, .gir), no folder and no pattern of the library", arg);
  return EXIT_USAGE;
}

int cli_take_args(cli *c, cli_data data)
{
  for (uint32_t i = 0; i < c->o.args.n; i++) {
    int code = EXIT_DONE;
    const char *arg = c->o.args.at[i];
    if (take_pattern(c, arg, data, &code)) {
      if (code != EXIT_DONE) return code;
      continue;
    }
    bool misspelt = i == 0 && strcmp(arg, "-") != 0 && !exists(arg); // the first is a pattern
    if (data == CLI_NO_DATA || misspelt) return not_a_pattern(c, arg);
    VEC_PUSH(c->mem, &c->data, arg);
  }
  if (!c->patterns.n) {
    cli_error("`%s` needs a pattern file; see `amlc help %s`", verbs[c->o.verb].name,
              verbs[c->o.verb].name);
    return EXIT_USAGE;
  }
  if (data == CLI_NEEDS_DATA && !c->data.n) {
    cli_error("`%s` needs a transaction table after the patterns (a CSV file, or `-`)",
              verbs[c->o.verb].name);
    return EXIT_USAGE;
  }
  return EXIT_DONE;
}

int cli_add_patterns(cli *c)
{
  amlc_status st = AMLC_OK;
  for (uint32_t i = 0; i < c->patterns.n && st != AMLC_E_NOMEM; i++)
    st = amlc_add_file(c->a, c->patterns.at[i]);
  for (uint32_t i = 0; i < c->o.params.n && st != AMLC_E_NOMEM; i++) {
    if (!strchr(c->o.params.at[i], '=')) {
      cli_error("--param %s: write PATTERN.NAME=VALUE", c->o.params.at[i]);
      return EXIT_USAGE;
    }
    const char *eq = strchr(c->o.params.at[i], '=');
    st = amlc_set_param(
        c->a, arena_text(c->mem, c->o.params.at[i], (size_t)(eq - c->o.params.at[i])), eq + 1);
  }
  if (diag_n_errors(c->a->c)) { // files that cannot be read
    cli_report(c);
    return EXIT_WORLD;
  }
  if (st == AMLC_E_NOMEM) {
    cli_error("out of memory");
    return EXIT_WORLD;
  }
  return EXIT_DONE;
}
