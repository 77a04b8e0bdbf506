// amlc features: a row of columns for each transaction.
#include "frontend/driver/cli.h"
#include <string.h>

static void write_table(amlrt_out *o, const void *features)
{
  amlrt_write_features(o, features);
}

static int check_path(const char *path)
{
  if (!path || !(amlc_ends_with(path, ".arrow") || amlc_ends_with(path, ".parquet")))
    return EXIT_DONE;
  cli_error("this amlc writes feature tables as CSV: name the file %s.csv", path);
  return EXIT_USAGE;
}

int verb_features(cli *c)
{
  static const char *const attributes[] = {"trigger", "member", NULL};
  const char *path = c->o.values[OPT_OUTPUT];
  amlrt_features *f = NULL;
  amlrt_error err = {0};
  cli_run r;
  int attribute = options_choice(&c->o, OPT_ATTRIBUTE, attributes);
  if (attribute < 0) return EXIT_USAGE;
  if (path && !strcmp(path, "-")) path = NULL;
  if (check_path(path) != EXIT_DONE) return EXIT_USAGE;
  int code = cli_run_open(c, &r);
  if (code == EXIT_DONE) {
    amlrt_status st = amlrt_features_new(&f, amlc_patterns(c->a), amlc_n_patterns(c->a), r.table,
                                         (amlrt_attribute)attribute, NULL, &err);
    if (st < 0) code = cli_fail(st, &err);
  }
  cli_taker taker = {
      .match = amlrt_features_add, .light = attribute == AMLRT_ATTRIBUTE_TRIGGER, .user = f};
  if (code == EXIT_DONE) code = cli_run_mine(c, &r, &taker);
  if (code == EXIT_DONE || code == EXIT_LIMIT) {
    int wrote = cli_write(c, path, write_table, f);
    if (wrote != EXIT_DONE) code = wrote;
  }
  for (uint32_t i = 0; i < r.n_limits_hit && !cli_quiet(c); i++)
    fprintf(stderr, "truncated: --%s was reached, so matches may be missing\n", r.limits_hit[i]);
  if (code == EXIT_DONE || code == EXIT_LIMIT) cli_run_say(c, &r);
  if (code == EXIT_DONE && path && !cli_quiet(c))
    fprintf(stderr, "%u rows are in %s\n", amlrt_table_columns(r.table)->n_rows, path);
  amlrt_features_free(f);
  cli_run_close(&r);
  return code;
}
