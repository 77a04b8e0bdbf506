// The engines, and one run of all patterns over one table.
#include "frontend/driver/engines.h"
#include "frontend/driver/plan_file.h"
#include "amlrt/graph.h"
#include "amlrt/sched.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Below so many transactions the reference engine has its answer before LLVM or the C compiler has made
// a detector (docs/engines.md has the measurement).
enum { AUTO_ROWS_JIT = 5000, AUTO_ROWS_C = 10000 };

engine_id cli_engine_asked(const cli *c, int *code)
{
  static const char *const names[] = {"auto", "jit", "c", "cuda", "reference", NULL};
  int k = options_choice(&c->o, OPT_ENGINE, names);
  *code = k < 0 ? EXIT_USAGE : EXIT_DONE;
  if (k == ENGINE_CUDA) {
    *code = EXIT_NO_ENGINE;
    cli_error("engine cuda is not built into this amlc; --engine=jit, c and reference are");
  }
  return k < 0 ? ENGINE_AUTO : (engine_id)k;
}

// ---- asking whether to stop ---------------------------------------------------------------------

static bool time_is_over(const cli *c)
{
  return c->deadline > 0 && cli_clock() > c->deadline;
}

bool cli_stop(void *user)
{
  const cli *c = user;
  return *c->interrupted || time_is_over(c);
}

typedef struct watch { // what the callbacks of reader and engine see
  cli *c;
  progress bar;
} watch;

static bool stop_asked(void *user)
{
  return cli_stop(((watch *)user)->c);
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
      !options_bytes(&c->o, OPT_MEMORY, &r->memory) ||
      !options_seconds(&c->o, OPT_TIME_LIMIT, &limit))
    return false;
  if (limit > 0) c->deadline = cli_clock() + limit;
  if (r->hub_limit > INT64_MAX) r->hub_limit = INT64_MAX;
  if (r->threads > UINT32_MAX) r->threads = UINT32_MAX;
  ro->threads = (uint32_t)r->threads;
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
  if (st == AMLRT_INTERRUPTED && !*c->interrupted) {
    cli_error("--time-limit was over before the data were read; nothing is written");
    return EXIT_LIMIT;
  }
  return st < 0 ? cli_fail(st, &err) : amlrt_exit_of(st);
}

static int read_rates(cli *c, cli_run *r)
{
  amlrt_error err = {0};
  if (!c->o.values[OPT_RATES]) return EXIT_DONE;
  amlrt_status st = amlrt_rates_read(&r->rates, c->o.values[OPT_RATES], NULL, &err);
  return st < 0 ? cli_fail(st, &err) : amlrt_exit_of(st);
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
  bool taken = c->patterns.n + c->data.n > 0; // by explain
  int code = taken ? EXIT_DONE : cli_take_args(c, CLI_NEEDS_DATA);
  if (code == EXIT_DONE) code = cli_add_patterns(c);
  if (code != EXIT_DONE) return code;
  if ((code = cli_compile(c)) != EXIT_DONE) return code;
  if (amlc_n_patterns(c->a)) return EXIT_DONE;
  cli_error("the files hold no pattern");
  return EXIT_USAGE;
}

// ---- which engine -------------------------------------------------------------------------------

// An engine that was asked for is looked for before anything is read.
static int find_engine(cli *c, cli_run *r, engine_id asked)
{
  if (asked == ENGINE_REFERENCE) return EXIT_DONE;
  r->compiled = arena_make(c->mem, engines);
  return engines_open(c, r->compiled, asked);
}

static void take_reference(cli_run *r, const char *why)
{
  if (r->compiled) engines_close(r->compiled);
  r->compiled = NULL;
  r->engine = "reference";
  r->engine_why = why;
}

// Does `auto` take the compiled detector? Sets why.
static bool auto_compiles(const cli_run *r, const char **why)
{
  uint32_t n = r->only_trigger == AMLRT_NONE ? amlrt_table_columns(r->table)->n_rows : 1;
  uint32_t least = r->compiled->id == ENGINE_JIT ? AUTO_ROWS_JIT : AUTO_ROWS_C;
  *why = "its detector was kept from an earlier run";
  if (engines_kept(r->compiled)) return true;
  *why = n < least ? "compiling would take longer than so few transactions"
                   : "there are transactions enough to compile for";
  return n >= least;
}

static int inputs_of(cli *c, kernel_input **in, uint32_t *n)
{
  *n = amlc_n_patterns(c->a);
  *in = arena_try(c->mem, *n * sizeof **in);
  for (uint32_t i = 0; *in && i < *n; i++)
    (*in)[i] = (kernel_input){c->a->module, c->a->module->patterns.at[i]};
  if (*in) return EXIT_DONE;
  cli_error("out of memory");
  return EXIT_WORLD;
}

// Only `auto` comes so far.
static int do_without(cli *c, cli_run *r)
{
  const char *why = r->compiled->why;
  if (!cli_quiet(c)) cli_error("%s; the reference engine takes its place", why);
  take_reference(r, why);
  return EXIT_DONE;
}

static int pick_engine(cli *c, cli_run *r, engine_id asked)
{
  const char *why = NULL;
  kernel_input *in;
  uint32_t n;
  int code;
  if (!r->compiled) {
    take_reference(r, NULL);
    return EXIT_DONE;
  }
  if (r->compiled->id == ENGINE_REFERENCE) return do_without(c, r);
  if ((code = inputs_of(c, &in, &n)) != EXIT_DONE) return code;
  if ((code = engines_compile(c, r->compiled, in, n)) != EXIT_DONE) return code;
  if (asked == ENGINE_AUTO && !auto_compiles(r, &why)) {
    take_reference(r, why);
    return EXIT_DONE;
  }
  if ((code = engines_load(c, r->compiled, in, n)) != EXIT_DONE) return code;
  if (r->compiled->id == ENGINE_REFERENCE) return do_without(c, r);
  r->engine = engines_name(r->compiled);
  r->engine_why = asked == ENGINE_AUTO ? why : NULL;
  kernel_say_times(c, engines_kernel(r->compiled));
  return EXIT_DONE;
}

int cli_run_open(cli *c, cli_run *r)
{
  amlrt_read_opts ro = amlrt_read_opts_default();
  int code;
  memset(r, 0, sizeof *r);
  r->started = (int64_t)time(NULL);
  engine_id asked = cli_engine_asked(c, &code);
  if (code != EXIT_DONE) return code;
  if (!read_options(c, r, &ro)) return EXIT_USAGE;
  if ((code = find_engine(c, r, asked)) != EXIT_DONE) return code;
  if ((code = compile_patterns(c)) != EXIT_DONE) return code;
  uint32_t n = amlc_n_patterns(c->a);
  r->stats = arena_try(c->mem, n * sizeof *r->stats);
  r->pattern_s = arena_try(c->mem, n * sizeof *r->pattern_s);
  if (!r->stats || !r->pattern_s) {
    cli_error("out of memory");
    return EXIT_WORLD;
  }
  if ((code = plan_asked(c, &r->plans)) != EXIT_DONE) return code;
  if ((code = read_rates(c, r)) != EXIT_DONE) return code;
  if ((code = read_table(c, r, &ro)) != EXIT_DONE) return code;
  if ((code = check_attributes(c, r->table)) != EXIT_DONE) return code;
  if ((code = find_trigger(c, r)) != EXIT_DONE) return code;
  return pick_engine(c, r, asked);
}

void cli_run_close(cli_run *r)
{
  amlrt_graph_free(r->graph);
  if (r->compiled) engines_close(r->compiled);
  amlrt_table_free(r->table);
  amlrt_rates_free(r->rates);
}

uint32_t cli_run_threads(const cli_run *r)
{
  return r->compiled ? amlrt_threads((uint32_t)r->threads) : 1;
}

void cli_run_say(const cli *c, const cli_run *r)
{
  const engines *e = r->compiled;
  uint32_t n = cli_run_threads(r);
  if (!cli_verbose(c) || cli_quiet(c)) return;
  fprintf(stderr, "engine %s", r->engine);
  if (r->engine_why) fprintf(stderr, " (%s)", r->engine_why);
  fprintf(stderr, ", %u thread%s: read %.3f s", n, n == 1 ? "" : "s", r->read_s);
  if (e)
    fprintf(stderr, ", compiled %.3f s, code and loading %.3f s, graph %.3f s",
            engines_compile_s(e), engines_code_s(e), r->graph_s);
  fprintf(stderr, ", mined %.3f s\n", r->mine_s);
  for (uint32_t i = 0; e && i < amlc_n_patterns(c->a); i++)
    fprintf(stderr, "  %-22s %-15s %.3f s\n", c->a->module->patterns.at[i]->name,
            r->stats[i].plan ? r->stats[i].plan : "", r->pattern_s[i]);
}

// ---- mining -------------------------------------------------------------------------------------

static void hit(cli_run *r, const char *limit)
{
  for (uint32_t i = 0; i < r->n_limits_hit; i++)
    if (!strcmp(r->limits_hit[i], limit)) return;
  r->limits_hit[r->n_limits_hit++] = limit;
}

static amlrt_status run_reference(cli *c, cli_run *r, watch *w, uint32_t i, const cli_taker *taker,
                                  amlrt_error *err)
{
  ref_opts o = {.rates = r->rates,
                .history_complete = r->history_complete,
                .only_trigger = r->only_trigger,
                .match_limit = r->match_limit,
                .hub_limit = (int64_t)r->hub_limit,
                .cancelled = stop_asked,
                .progress = show_mining,
                .user = w};
  ref_stats s = {0};
  amlrt_status st =
      ref_run(c->a->module->patterns.at[i], i, r->table, &o, taker->match, taker->user, &s, err);
  r->stats[i] = (amlrt_run_stats){.triggers = s.triggers,
                                  .matches = s.matches,
                                  .hub_triggers = s.hub_triggers,
                                  .hub_limit_hit = s.hub_limit_hit};
  return st;
}

static amlrt_status run_compiled(cli *c, cli_run *r, watch *w, const cli_taker *taker,
                                 amlrt_error *err)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  o.rates = r->rates;
  o.n_threads = (uint32_t)r->threads;
  o.history_complete = r->history_complete;
  o.only_trigger = r->only_trigger;
  o.match_limit = r->match_limit;
  o.hub_limit = (int64_t)r->hub_limit;
  o.memory_limit = (size_t)r->memory;
  o.plan = r->plans;
  o.off = kernel_tricks_off(c);
  o.light = taker->light;
  o.on_episode = taker->episode;
  // Where a run may be cut by time, what is found is handed over now and then.
  o.slab = c->deadline > 0 ? AMLRT_SLAB : 0;
  o.cancelled = stop_asked;
  o.progress = show_mining;
  o.user = w;
  return amlrt_detector_run_all(engines_detector(r->compiled), r->graph, &o, taker->match,
                                taker->user, r->stats, err);
}

static void note_limits(cli_run *r, uint32_t i, amlrt_status st)
{
  const amlrt_run_stats *s = &r->stats[i];
  if (s->hub_limit_hit) hit(r, "hub-limit");
  if (s->memory_limit_hit) hit(r, "memory");
  if (st == AMLRT_TRUNCATED && r->match_limit && s->matches >= r->match_limit)
    hit(r, "match-limit");
}

// All patterns at once: they share what they can.
static amlrt_status mine_compiled(cli *c, cli_run *r, watch *w, const cli_taker *taker,
                                  amlrt_error *err)
{
  uint32_t n = amlc_n_patterns(c->a);
  memset(r->stats, 0, n * sizeof *r->stats);
  progress_start(&w->bar, c, n == 1 ? c->a->module->patterns.at[0]->name : "mining");
  amlrt_status st = run_compiled(c, r, w, taker, err);
  progress_end(&w->bar);
  for (uint32_t i = 0; i < n; i++) {
    r->pattern_s[i] = r->stats[i].seconds;
    note_limits(r, i, r->stats[i].status);
  }
  return st;
}

static amlrt_status mine_by_reference(cli *c, cli_run *r, watch *w, const cli_taker *taker,
                                      amlrt_error *err)
{
  amlrt_status st = AMLRT_OK;
  for (uint32_t i = 0; i < amlc_n_patterns(c->a) && st >= 0 && st != AMLRT_INTERRUPTED; i++) {
    double t0 = cli_clock();
    progress_start(&w->bar, c, c->a->module->patterns.at[i]->name);
    st = run_reference(c, r, w, i, taker, err);
    progress_end(&w->bar);
    r->pattern_s[i] = cli_clock() - t0;
    note_limits(r, i, st);
  }
  return st;
}

static amlrt_status build_graph(cli *c, cli_run *r, amlrt_error *err)
{
  amlrt_graph_opts o = {
      .threads = (uint32_t)r->threads, .cancelled = cli_stop, .user = c, .later = true};
  double t0 = cli_clock();
  amlrt_status st = amlrt_graph_build(&r->graph, r->table, &o, err);
  r->graph_s = cli_clock() - t0;
  return st;
}

int cli_run_mine(cli *c, cli_run *r, const cli_taker *taker)
{
  watch w = {.c = c};
  amlrt_error err = {0};
  amlrt_status st = r->compiled ? build_graph(c, r, &err) : AMLRT_OK;
  double t0 = cli_clock();
  if (st >= 0)
    st = r->compiled ? mine_compiled(c, r, &w, taker, &err)
                     : mine_by_reference(c, r, &w, taker, &err);
  r->mine_s = cli_clock() - t0;
  if (r->graph) { // filled when first needed
    double filled = amlrt_graph_spent(r->graph).clock;
    r->graph_s += filled;
    r->mine_s -= filled;
  }
  if (st < 0) return cli_fail(st, &err);
  if (st == AMLRT_INTERRUPTED && *c->interrupted) return EXIT_CTRL_C;
  if (st == AMLRT_INTERRUPTED) hit(r, "time-limit");
  int code = plan_save(c, r);
  if (code != EXIT_DONE) return code;
  return r->n_limits_hit ? EXIT_LIMIT : EXIT_DONE;
}
