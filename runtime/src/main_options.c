#include "runtime/src/main_options.h"
#include "amlrt/money.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct row {
  const char *name, *arg, *help;
} row;

static const row rows[MAIN_N] = {
#define OPT(id, name, arg, help) {name, arg, help},
#include "runtime/src/main_options.def"
};

void amlrt__main_error(const char *fmt, ...)
{
  va_list ap;

  va_start(ap, fmt);
  fputs("detector: ", stderr);
  vfprintf(stderr, fmt, ap);
  fputc('\n', stderr);
  va_end(ap);
}

void amlrt__main_help(const char *program)
{
  printf(
      "usage: %s [options] DATA...\n\nFinds all matches of its patterns in transaction tables "
      "(IBM AML CSV or generic CSV,\ngzipped or not; `-` is standard input; several files are one "
      "table).\n\n",
      program);
  for (int i = 0; i < MAIN_N; i++)
    printf("  --%-12s %-6s %s\n", rows[i].name, rows[i].arg, rows[i].help);
}

// ---- words ----------------------------------------------------------------------------------------

static int find(const char *word, size_t n)
{
  for (int i = 0; i < MAIN_N; i++)
    if (strlen(rows[i].name) == n && !memcmp(rows[i].name, word, n)) return i;
  return -1;
}

static int find_short(char letter)
{
  if (letter == 'o') return MAIN_OUTPUT;
  if (letter == 'q') return MAIN_QUIET;
  return letter == 'h' ? MAIN_HELP : -1;
}

// The option of argv[*i]; *i moves on past its value.
static bool take(main_options *o, int argc, char **argv, int *i)
{
  const char *arg = argv[*i], *value = NULL;
  int id;

  if (arg[1] == '-') {
    const char *eq = strchr(arg, '=');
    id = find(arg + 2, eq ? (size_t)(eq - arg - 2) : strlen(arg + 2));
    if (eq) value = eq + 1;
  } else {
    id = find_short(arg[1]);
    if (arg[2]) value = arg + 2;
  }
  if (id < 0) {
    amlrt__main_error("there is no option %s; see --help", arg);
    return false;
  }
  if (!rows[id].arg[0]) {
    if (value) amlrt__main_error("--%s takes no value", rows[id].name);
    o->values[id] = "";
    return !value;
  }
  if (!value && *i + 1 < argc) value = argv[++*i];
  if (!value) amlrt__main_error("--%s needs a value: %s", rows[id].name, rows[id].arg);
  o->values[id] = value;
  return value != NULL;
}

// ---- values ---------------------------------------------------------------------------------------

static bool bad(main_option id, const char *value, const char *wanted)
{
  amlrt__main_error("--%s=%s: write %s", rows[id].name, value, wanted);
  return false;
}

static bool whole(const main_options *o, main_option id, uint64_t *out)
{
  const char *s = o->values[id];
  uint64_t v = 0;

  if (!s) return true;
  for (const char *p = s; *p; p++) {
    if (*p < '0' || *p > '9' || v > (UINT64_MAX - 9) / 10) return bad(id, s, "a whole number");
    v = v * 10 + (uint64_t)(*p - '0');
  }
  if (!*s || v == 0) return bad(id, s, "a whole number above 0");
  *out = v;
  return true;
}

typedef struct unit {
  char letter;
  double times;
} unit;

// A decimal that may end with a unit; false: it does not read so, or is not above 0.
static bool with_unit(const char *s, const unit *units, size_t n_units, double *out)
{
  size_t n = strlen(s);
  double v, times = 1;
  int64_t mantissa;
  int decimals;

  for (size_t i = 0; n > 0 && i < n_units; i++)
    if (s[n - 1] == units[i].letter) {
      times = units[i].times;
      n--;
      break;
    }
  if (!amlrt_decimal_parse(&mantissa, &decimals, s, n) || mantissa < 0) return false;
  v = (double)mantissa;
  while (decimals-- > 0)
    v /= 10;
  *out = v * times;
  return true;
}

static bool amounts(main_options *o)
{
  static const unit seconds[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
  static const unit bytes[] = {{'K', 1024}, {'M', 1048576}, {'G', 1073741824}};
  static const unit shares[] = {{'%', 0.01}};
  const char *s;
  double v = 0;

  if ((s = o->values[MAIN_TIME_LIMIT]) &&
      (!with_unit(s, seconds, 4, &o->time_limit) || o->time_limit <= 0))
    return bad(MAIN_TIME_LIMIT, s, "a time such as 90s, 5m or 2h");
  if ((s = o->values[MAIN_MEMORY])) {
    if (!with_unit(s, bytes, 3, &v) || v < 1 || v > 1e18)
      return bad(MAIN_MEMORY, s, "a size such as 512M or 2G");
    o->memory = (uint64_t)v;
  }
  if ((s = o->values[MAIN_MAX_REJECTS]) &&
      (!with_unit(s, shares, 1, &o->max_rejects) || o->max_rejects > 1))
    return bad(MAIN_MAX_REJECTS, s, "a share such as 1% or 0.01");
  return true;
}

// Place of the value in the list, 0 when not given, -1: said.
static int choice(const main_options *o, main_option id, const char *const *of, const char *list)
{
  const char *s = o->values[id];

  if (!s) return 0;
  for (int i = 0; of[i]; i++)
    if (!strcmp(of[i], s)) return i;
  bad(id, s, list);
  return -1;
}

static bool choices(main_options *o)
{
  static const char *const formats[] = {"auto", "ibm", "generic", NULL};
  static const char *const modes[] = {"episode", "maximal", "all", NULL};
  static const char *const histories[] = {"partial", "complete", NULL};
  int format = choice(o, MAIN_FORMAT, formats, "auto, ibm or generic");
  int mode = choice(o, MAIN_MODE, modes, "episode, maximal or all");
  int history = choice(o, MAIN_HISTORY, histories, "partial or complete");

  if (format < 0 || mode < 0 || history < 0) return false;
  o->format = (amlrt_format)format;
  o->mode = (amlrt_mode)mode;
  o->history_complete = history == 1;
  return true;
}

bool amlrt__main_options(main_options *out, const char **data, int argc, char **argv)
{
  bool only_data = false;

  *out = (main_options){.data = data, .max_rejects = amlrt_read_opts_default().max_rejects};
  for (int i = 1; i < argc; i++) {
    if (only_data || argv[i][0] != '-' || !argv[i][1])
      data[out->n_data++] = argv[i];
    else if (!strcmp(argv[i], "--"))
      only_data = true;
    else if (!take(out, argc, argv, &i))
      return false;
  }
  if (out->values[MAIN_HELP] || out->values[MAIN_VERSION]) return true;
  if (!out->n_data) {
    amlrt__main_error("name a transaction table (a CSV file, or `-`); see --help");
    return false;
  }
  if (!whole(out, MAIN_THREADS, &out->threads) ||
      !whole(out, MAIN_MATCH_LIMIT, &out->match_limit) ||
      !whole(out, MAIN_HUB_LIMIT, &out->hub_limit))
    return false;
  if (out->hub_limit > INT64_MAX) out->hub_limit = INT64_MAX;
  if (out->threads > UINT32_MAX) out->threads = UINT32_MAX;
  return amounts(out) && choices(out);
}
