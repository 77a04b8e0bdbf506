// The engines, and one run of all patterns over one table.
#include "frontend/driver/cli.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *cli_engine(const cli *c, int *exit_code)
{
  static const char *const names[] = {"auto", "jit", "c", "cuda", "reference", NULL};
  int k = options_choice(&c->o, OPT_ENGINE, names);
  *exit_code = EXIT_USAGE;
  if (k < 0) return NULL;
  *exit_code = EXIT_NO_ENGINE;
  if (k == 0 || k == 4) return "reference";
  cli_error("engine %s is not built into this amlc; --engine=reference is", names[k]);
  return NULL;
}

// ---- asking whether to stop ---------------------------------------------------------------------

typedef struct watch { // what the callbacks of reader and engine see
  cli *c;
  progress bar;
  bool time_over;
} watch;

static bool stop_asked(void *user)
{
  watch *w = user;
  if (*w->c->interrupted) return true;
  if (w->c->deadline > 0 && cli_clock() > w->c->deadline) w->time_over = true;
  return w->time_over;
}

static void show_reading(void *user, uint64_t rows, uint64_t bytes)
{
  watch *w = user;
  (void)bytes;
  progress_show(&w->bar, rows, 0, "rows");
}

static void show_mining(void *user, uint64_t done, uint64_t all)
{
  watch *w = user;
  progress_show(&w->bar, done, all, "transactions");
}

// ---- opening ------------------------------------------------------------------------------------

static bool read_options(cli *c, cli_run *r, amlrt_read_opts *ro)
{
  static const char *const formats[] = {"auto", "ibm", "generic", NULL};
  static const char *const histories[] = {"partial", "complete", NULL};
  int format = options_choice(&c->o, OPT_FORMAT, formats);
  int history = options_choice(&c->o, OPT_HISTORY, histories);
  double limit = 0;
  r->threads = 0;
  if (format < 0 || history < 0 || !options_share(&c->o, OPT_MAX_REJECTS, &ro->max_rejects) ||
      !options_uint(&c->o, OPT_MATCH_LIMIT, &r->match_limit) ||
      !options_uint(&c->o, OPT_HUB_LIMIT, &r->hub_limit) ||
      !options_uint(&c->o, OPT_THREADS, &r->threads) ||
      !options_seconds(&c->o, OPT_TIME_LIMIT, &limit))
    return false;
  if (limit > 0) c->deadline = cli_clock() + limit;
  if (r->hub_limit > INT64_MAX) r->hub_limit = INT64_MAX;
  ro->format = (amlrt_format)format;
  ro->map_path = c->o.values[OPT_MAP];
  ro->accounts_path = c->o.values[OPT_ACCOUNTS];
  r->history_complete = history == 1;
  return true;
}

static int read_table(cli *c, cli_run *r, amlrt_read_opts *ro)
{
  watch w = {.c = c};
  amlrt_error err = {0};
  double t0 = cli_clock();
  ro->cancelled = stop_asked;
  ro->progress = show_reading;
  ro->user = &w;
  progress_start(&w.bar, c, "reading");
  amlrt_status st = amlrt_table_read(&r->table, c->data.at, c->data.n, ro, &err);
  progress_end(&w.bar);
  r->read_s = cli_clock() - t0;
  if (st == AMLRT_INTERRUPTED && w.time_over) {
    cli_error("--time-limit was over before the data were read; nothing is written");
    return EXIT_LIMIT;
  }
  if (st < 0) cli_error("%s", err.text);
  return cli_exit_of(st);
}

static int read_rates(cli *c, cli_run *r)
{
  amlrt_error err = {0};
  if (!c->o.values[OPT_RATES]) return EXIT_DONE;
  amlrt_status st = amlrt_rates_read(&r->rates, c->o.values[OPT_RATES], NULL, &err);
  if (st < 0) cli_error("%s", err.text);
  return cli_exit_of(st);
}

// The node of a pattern that names an attribute or column, for the message; NULL.
static const gir_node *find_use(const gir_node *n, const char *name)
{
  if (!n) return NULL;
  const char *dot = strchr(name, '.');
  bool is_use = n->name && n->type != TY_ROLE && n->type != TY_STAGE && n->type != TY_STMT;
  if (is_use && (!strcmp(n->name, name) || (dot && !strcmp(n->name, dot + 1)))) return n;
  for (uint32_t i = 0; i < n->n_args; i++) {
    const gir_node *found = find_use(n->args[i], name);
    if (found) return found;
  }
  return NULL;
}

static void say_missing(cli *c, const gir_pattern *p, const char *name)
{
  span where = p->span;
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *use = find_use(p->body.at[i], name);
    if (use) {
      where = use->span;
      break;
    }
  }
  diag_error(c->a->c, DIAG_UNKNOWN_ATTRIBUTE, where, "the data have no `%s`", name);
  diag_help(c->a->c, "attributes of accounts come from --accounts FILE, further columns from the "
                     "generic format");
}

static int check_attributes(cli *c, const amlrt_table *t)
{
  for (uint32_t i = 0; i < c->a->module->patterns.n; i++) {
    const gir_pattern *p = c->a->module->patterns.at[i];
    const char *missing = ref_missing_attribute(p, t);
    if (missing) say_missing(c, p, missing);
  }
  return diag_n_errors(c->a->c) ? cli_report(c) : EXIT_DONE;
}

static int find_trigger(cli *c, cli_run *r)
{
  const char *id = c->o.values[OPT_TRIGGER];
  r->only_trigger = AMLRT_NONE;
  if (!id) return EXIT_DONE;
  r->only_trigger = amlrt_table_find_id(r->table, id);
  if (r->only_trigger != AMLRT_NONE) return EXIT_DONE;
  cli_error("--trigger %s: the data have no transaction with this id", id);
  return EXIT_USAGE;
}

static int compile_patterns(cli *c)
{
  int code = cli_take_args(c, true);
  if (code == EXIT_DONE) code = cli_add_patterns(c);
  if (code != EXIT_DONE) return code;
  if ((code = cli_compile(c)) != EXIT_DONE) return code;
  if (amlc_n_patterns(c->a)) return EXIT_DONE;
  cli_error("the files hold no pattern");
  return EXIT_USAGE;
}

int cli_run_open(cli *c, cli_run *r)
{
  amlrt_read_opts ro = amlrt_read_opts_default();
  int code;
  memset(r, 0, sizeof *r);
  r->started = (int64_t)time(NULL);
  if (!(r->engine = cli_engine(c, &code))) return code;
  if (!read_options(c, r, &ro)) return EXIT_USAGE;
  if ((code = compile_patterns(c)) != EXIT_DONE) return code;
  uint32_t n = amlc_n_patterns(c->a);
  r->stats = arena_try(c->mem, n * sizeof *r->stats);
  r->pattern_s = arena_try(c->mem, n * sizeof *r->pattern_s);
  if (!r->stats || !r->pattern_s) {
    cli_error("out of memory");
    return EXIT_WORLD;
  }
  if ((code = read_rates(c, r)) != EXIT_DONE) return code;
  if ((code = read_table(c, r, &ro)) != EXIT_DONE) return code;
  if ((code = check_attributes(c, r->table)) != EXIT_DONE) return code;
  return find_trigger(c, r);
}

void cli_run_close(cli_run *r)
{
  amlrt_table_free(r->table);
  amlrt_rates_free(r->rates);
}

// ---- mining -------------------------------------------------------------------------------------

static void hit(cli_run *r, const char *limit)
{
  for (uint32_t i = 0; i < r->n_limits_hit; i++)
    if (!strcmp(r->limits_hit[i], limit)) return;
  r->limits_hit[r->n_limits_hit++] = limit;
}

static amlrt_status mine_one(cli *c, cli_run *r, watch *w, uint32_t i, amlrt_match_fn fn,
                             void *user, amlrt_error *err)
{
  const gir_pattern *p = c->a->module->patterns.at[i];
  ref_opts ro = {.rates = r->rates,
                 .history_complete = r->history_complete,
                 .only_trigger = r->only_trigger,
                 .match_limit = r->match_limit,
                 .hub_limit = (int64_t)r->hub_limit,
                 .cancelled = stop_asked,
                 .progress = show_mining,
                 .user = w};
  double t0 = cli_clock();
  progress_start(&w->bar, c, p->name);
  amlrt_status st = ref_run(p, i, r->table, &ro, fn, user, &r->stats[i], err);
  progress_end(&w->bar);
  r->pattern_s[i] = cli_clock() - t0;
  if (r->stats[i].hub_limit_hit) hit(r, "hub-limit");
  if (st == AMLRT_TRUNCATED && !r->stats[i].hub_limit_hit) hit(r, "match-limit");
  if (r->match_limit && r->stats[i].matches >= r->match_limit && st == AMLRT_TRUNCATED)
    hit(r, "match-limit");
  return st;
}

int cli_run_mine(cli *c, cli_run *r, amlrt_match_fn fn, void *user)
{
  watch w = {.c = c};
  amlrt_error err = {0};
  double t0 = cli_clock();
  for (uint32_t i = 0; i < amlc_n_patterns(c->a); i++) {
    amlrt_status st = mine_one(c, r, &w, i, fn, user, &err);
    if (st < 0) {
      cli_error("%s", err.text[0] ? err.text : amlrt_status_text(st));
      return cli_exit_of(st);
    }
    if (st != AMLRT_INTERRUPTED) continue;
    if (*c->interrupted) return EXIT_CTRL_C;
    hit(r, "time-limit");
    break;
  }
  r->mine_s = cli_clock() - t0;
  return r->n_limits_hit ? EXIT_LIMIT : EXIT_DONE;
}
