#include "frontend/driver/options.h"
#include "ir/base/map.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const verb_info verbs[VERB_N] = {
#define VERB(id, name, args, line, more) {name, args, line, more},
#include "frontend/driver/verbs.def"
};

const opt_info opt_table[OPT_N] = {
#define OPT(id, name, letter, arg, bits, help) {name, letter, arg, (unsigned)(bits), help},
#include "frontend/driver/options.def"
};

static const char *near_verb(const char *word)
{
  const char *names[VERB_N];
  for (int i = 0; i < VERB_N; i++)
    names[i] = verbs[i].name;
  return nearest_word(word, names, VERB_N);
}

static const char *near_option(const char *word, verb_id verb)
{
  const char *names[OPT_N];
  size_t n = 0;
  for (int i = 0; i < OPT_N; i++)
    if (opt_table[i].verb_bits >> verb & 1) names[n++] = opt_table[i].name;
  return nearest_word(word, names, n);
}

static options_outcome usage(const char *fmt, ...) AML_PRINTF(1, 2);
static options_outcome usage(const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  fputs("amlc: ", stderr);
  vfprintf(stderr, fmt, ap);
  fputc('\n', stderr);
  va_end(ap);
  return OPTIONS_USAGE;
}

static options_outcome unknown_option(const char *word, verb_id verb)
{
  const char *near = near_option(word, verb);
  if (near)
    return usage("`%s` has no option --%s; did you mean --%s?", verbs[verb].name, word, near);
  return usage("`%s` has no option --%s; see `amlc help %s`", verbs[verb].name, word,
               verbs[verb].name);
}

// The option of a long name that the verb takes, or -1.
static int find_long(const char *name, size_t n, verb_id verb)
{
  for (int i = 0; i < OPT_N; i++)
    if (strlen(opt_table[i].name) == n && !memcmp(opt_table[i].name, name, n) &&
        (opt_table[i].verb_bits >> verb & 1))
      return i;
  return -1;
}

static int find_letter(char letter, verb_id verb)
{
  for (int i = 0; i < OPT_N; i++)
    if (opt_table[i].letter == letter && (opt_table[i].verb_bits >> verb & 1)) return i;
  return -1;
}

static void set_value(options *o, arena *mem, int id, const char *value)
{
  o->values[id] = value;
  if (id == OPT_PARAM) VEC_PUSH(mem, &o->params, value);
}

// One argument that begins with a dash; *i is moved on past its value.
static options_outcome parse_option(options *o, arena *mem, int argc, char **argv, int *i)
{
  const char *arg = argv[*i];
  const char *value = NULL;
  int id;
  if (arg[1] == '-') {
    const char *name = arg + 2;
    const char *eq = strchr(name, '=');
    size_t n = eq ? (size_t)(eq - name) : strlen(name);
    id = find_long(name, n, o->verb);
    if (id < 0) return unknown_option(arena_text(mem, name, n), o->verb);
    if (eq) value = eq + 1;
  } else {
    id = find_letter(arg[1], o->verb);
    if (id < 0) return usage("`%s` has no option -%c", verbs[o->verb].name, arg[1]);
    if (arg[2]) value = arg + 2;
  }
  if (!opt_table[id].arg[0]) {
    if (value) return usage("--%s takes no value", opt_table[id].name);
    value = "";
  } else if (!value) {
    if (*i + 1 >= argc)
      return usage("--%s needs a value: %s", opt_table[id].name, opt_table[id].arg);
    value = argv[++*i];
  }
  set_value(o, mem, id, value);
  return OPTIONS_OK;
}

static options_outcome parse_verb(options *o, const char *word)
{
  for (int i = 0; i < VERB_N; i++)
    if (!strcmp(verbs[i].name, word)) {
      o->verb = (verb_id)i;
      return OPTIONS_OK;
    }
  const char *near = near_verb(word);
  if (near) return usage("there is no verb `%s`; did you mean `%s`?", word, near);
  return usage("there is no verb `%s`; see `amlc help`", word);
}

options_outcome options_parse(options *out, arena *mem, int argc, char **argv)
{
  bool only_args = false;
  memset(out, 0, sizeof *out);
  out->verb = VERB_HELP;
  if (argc < 2) return OPTIONS_SHOW_HELP;
  if (!strcmp(argv[1], "--version")) return OPTIONS_SHOW_VERSION;
  if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) return OPTIONS_SHOW_HELP;
  options_outcome what = parse_verb(out, argv[1]);
  if (what != OPTIONS_OK) return what;
  for (int i = 2; i < argc; i++) {
    if (only_args || argv[i][0] != '-' || !argv[i][1]) {
      VEC_PUSH(mem, &out->args, argv[i]);
    } else if (!strcmp(argv[i], "--")) {
      only_args = true;
    } else if ((what = parse_option(out, mem, argc, argv, &i)) != OPTIONS_OK) {
      return what;
    }
  }
  if (out->values[OPT_VERSION]) return OPTIONS_SHOW_VERSION;
  if (out->values[OPT_HELP]) return OPTIONS_SHOW_HELP;
  return OPTIONS_OK;
}

// ---- values -------------------------------------------------------------------------------------

static bool bad_value(opt_id id, const char *value, const char *wanted)
{
  fprintf(stderr, "amlc: --%s=%s: write %s\n", opt_table[id].name, value, wanted);
  return false;
}

bool options_uint(const options *o, opt_id id, uint64_t *out)
{
  const char *s = o->values[id];
  uint64_t v = 0;
  if (!s) return true;
  for (const char *p = s; *p; p++) {
    if (*p < '0' || *p > '9' || v > (UINT64_MAX - 9) / 10)
      return bad_value(id, s, "a whole number");
    v = v * 10 + (uint64_t)(*p - '0');
  }
  if (!*s || v == 0) return bad_value(id, s, "a whole number above 0");
  *out = v;
  return true;
}

// A plain decimal in front of *end.
static bool parse_decimal(const char *s, size_t n, double *out)
{
  int64_t mantissa;
  int decimals;
  if (!amlrt_decimal_parse(&mantissa, &decimals, s, n) || mantissa < 0) return false;
  double v = (double)mantissa;
  while (decimals-- > 0)
    v /= 10;
  *out = v;
  return true;
}

typedef struct unit {
  char letter;
  double worth;
} unit;

// A decimal with one of the units behind it, or none.
static bool parse_with_unit(const char *s, const unit *units, size_t n_units, double *out)
{
  double times = 1;
  size_t n = strlen(s);
  for (size_t i = 0; n > 0 && i < n_units; i++)
    if (s[n - 1] == units[i].letter) {
      times = units[i].worth;
      n--;
      break;
    }
  if (!parse_decimal(s, n, out)) return false;
  *out *= times;
  return true;
}

bool options_seconds(const options *o, opt_id id, double *out)
{
  static const unit units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
  const char *s = o->values[id];
  double v;
  if (!s) return true;
  if (!parse_with_unit(s, units, sizeof units / sizeof *units, &v) || v <= 0)
    return bad_value(id, s, "a time such as 90s, 5m or 2h");
  *out = v;
  return true;
}

bool options_bytes(const options *o, opt_id id, uint64_t *out)
{
  static const unit units[] = {{'K', 1024}, {'M', 1048576}, {'G', 1073741824}};
  const char *s = o->values[id];
  double v;
  if (!s) return true;
  if (!parse_with_unit(s, units, sizeof units / sizeof *units, &v) || v < 1 || v > 1e18)
    return bad_value(id, s, "a size such as 512M or 2G");
  *out = (uint64_t)v;
  return true;
}

bool options_share(const options *o, opt_id id, double *out)
{
  const char *s = o->values[id];
  double v;
  if (!s) return true;
  size_t n = strlen(s);
  bool percent = n > 0 && s[n - 1] == '%';
  if (percent) n--;
  if (!parse_decimal(s, n, &v)) return bad_value(id, s, "a share such as 1% or 0.01");
  if (percent) v /= 100;
  if (v > 1) return bad_value(id, s, "a share of at most 100%");
  *out = v;
  return true;
}

int options_choice(const options *o, opt_id id, const char *const *choices)
{
  const char *s = o->values[id];
  size_t n = 0;
  if (!s) return 0;
  for (; choices[n]; n++)
    if (!strcmp(choices[n], s)) return (int)n;
  const char *near = nearest_word(s, choices, n);
  fprintf(stderr, "amlc: --%s=%s: ", opt_table[id].name, s);
  if (near) fprintf(stderr, "did you mean `%s`? ", near);
  fputs("It is one of", stderr);
  for (size_t i = 0; i < n; i++)
    fprintf(stderr, "%s %s", i ? "," : "", choices[i]);
  fputc('\n', stderr);
  return -1;
}

bool options_colour(const options *o, int fd)
{
  const char *when = o->values[OPT_COLOR];
  const char *no = getenv("NO_COLOR");
  if (when && !strcmp(when, "always")) return true;
  if (when && !strcmp(when, "never")) return false;
  if (no && *no) return false;
  const char *term = getenv("TERM");
  return isatty(fd) && term && strcmp(term, "dumb") != 0;
}
