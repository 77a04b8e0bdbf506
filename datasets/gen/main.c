// amlgen: the command line of gen.h.
#include "datasets/gen/gen.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "amlgen: synthetic transactions in the IBM AML format, with laundering attempts planted.\n"
    "\n"
    "  amlgen [--rows N] [--seed S] --out FILE [--truth FILE] [--truth-csv FILE] [options]\n"
    "\n"
    "  --rows N        data rows in all (100000)\n"
    "  --seed S        any whole number; same seed and options, same bytes (1)\n"
    "  --out FILE      the transactions; - is standard output\n"
    "  --truth FILE    the attempts with their rows, in the form of HI-Small_Patterns.txt\n"
    "  --truth-csv FILE  attempt,typology,row: row is the 0-based number of the data row\n"
    "  --attempts N    attempts of each of the 12 typologies (5 in 20,000 rows, at most 50)\n"
    "  --accounts N    ordinary accounts (one for every 8 rows)\n"
    "  --days N        days from 2022-09-01 on, at least 10 (10)\n"
    "  --history N     days of thin activity before that, in which every account but the planted\n"
    "                  dormant ones is seen; takes one row an account (0)\n"
    "  -q, --quiet     no summary on standard error\n"
    "  --version, --help\n"
    "\n"
    "Exit codes: 0 done; 2 usage; 74 cannot write or get memory.\n";

enum { EXIT_USAGE = 2, EXIT_WORLD = 74 };

typedef struct {
  gen_opts opts;
  bool quiet, help, version;
} command;

static bool read_number(const char *text, uint64_t max, uint64_t *out)
{
  uint64_t v = 0;
  if (!*text) return false;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return false;
    uint64_t digit = (uint64_t)(*text - '0');
    if (v > (max - digit) / 10) return false;
    v = v * 10 + digit;
  }
  *out = v;
  return true;
}

static bool set_number(command *c, const char *name, uint64_t v)
{
  if (strcmp(name, "--rows") == 0)
    c->opts.rows = v;
  else if (strcmp(name, "--seed") == 0)
    c->opts.seed = v;
  else if (strcmp(name, "--attempts") == 0)
    c->opts.attempts = (uint32_t)v;
  else if (strcmp(name, "--accounts") == 0)
    c->opts.accounts = (uint32_t)v;
  else if (strcmp(name, "--days") == 0)
    c->opts.days = (uint32_t)v;
  else if (strcmp(name, "--history") == 0)
    c->opts.history_days = (uint32_t)v;
  else
    return false;
  return true;
}

static const char **file_option(command *c, const char *name)
{
  if (strcmp(name, "--out") == 0 || strcmp(name, "-o") == 0) return &c->opts.out;
  if (strcmp(name, "--truth") == 0) return &c->opts.truth;
  if (strcmp(name, "--truth-csv") == 0) return &c->opts.truth_csv;
  return NULL;
}

static bool flag_option(command *c, const char *name)
{
  if (strcmp(name, "-q") == 0 || strcmp(name, "--quiet") == 0)
    c->quiet = true;
  else if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0)
    c->help = true;
  else if (strcmp(name, "--version") == 0)
    c->version = true;
  else
    return false;
  return true;
}

static bool is_number_option(const char *name)
{
  command none = {0};
  return set_number(&none, name, 0);
}

static int complain(const char *what, const char *which)
{
  fprintf(stderr, "amlgen: %s %s\namlgen --help lists the options\n", which, what);
  return EXIT_USAGE;
}

static int read_options(command *c, int argc, char **argv)
{
  for (int i = 1; i < argc; i++) {
    const char *name = argv[i], **file = file_option(c, name);
    uint64_t v = 0;
    if (flag_option(c, name)) continue;
    if (!file && !is_number_option(name)) return complain("is no option", name);
    if (++i == argc) return complain("needs a value", name);
    if (file) {
      *file = argv[i];
      continue;
    }
    uint64_t max = strcmp(name, "--seed") == 0 ? UINT64_MAX : UINT32_MAX - 1;
    if (!read_number(argv[i], max, &v)) return complain("needs a whole number", name);
    set_number(c, name, v);
  }
  return 0;
}

static void summary(const gen_opts *o, const gen_result *r)
{
  fprintf(stderr, "%s: %llu rows, %llu of them planted, %llu exact duplicates, %u accounts\n",
          o->out, (unsigned long long)r->rows, (unsigned long long)r->planted_rows,
          (unsigned long long)r->duplicates, (unsigned)r->accounts);
  fprintf(stderr, "attempts:");
  for (int t = 0; t < GEN_N_TYPOLOGIES; t++) {
    fprintf(stderr, " %s %u", gen_typology_name[t], (unsigned)r->attempts[t]);
  }
  fprintf(stderr, "\n");
}

int main(int argc, char **argv)
{
  command c = {.opts = gen_defaults()};
  gen_result result = {0};
  gen_error error = {{0}};
  int rc = read_options(&c, argc, argv);
  if (rc) return rc;
  if (c.help || c.version) {
    fputs(c.help ? usage : "amlgen 1.0.0\n", stdout);
    return 0;
  }
  if (!c.opts.out) return complain("is needed", "--out FILE");
  gen_status st = gen_run(&c.opts, &result, &error);
  if (st == GEN_OK && !c.quiet) summary(&c.opts, &result);
  if (st == GEN_OK) return 0;
  fprintf(stderr, "amlgen: %s\n", error.text);
  return st == GEN_E_OPTIONS ? EXIT_USAGE : EXIT_WORLD;
}
