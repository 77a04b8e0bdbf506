// A detector as a program: what `amlc run` does, without a compiler.
#include "amlrt/main.h"
#include "amlrt/detector.h"
#include "amlrt/graph.h"
#include "amlrt/report.h"
#include "amlrt/sched.h"
#include "runtime/src/alloc.h"
#include "runtime/src/clock.h"
#include "runtime/src/main_options.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

typedef struct run {
  const amlrt_detector_export *export;
  const amlrt_main_info *info;
  main_options o;
  double start, deadline; // of --time-limit; 0: none
  atomic_bool time_over;
  amlrt_detector *detector;
  amlrt_table *table;
  amlrt_rates *rates;
  amlrt_graph *graph;
  amlrt_sink *sink;
  uint32_t only_trigger;
  amlrt_report report;
  amlrt_report_pattern *patterns;
  amlrt_report_time times[4]; // read, graph, mine, total
} run;

// ---- stopping -------------------------------------------------------------------------------------

// The signals stay blocked in all threads, so one that was sent is pending: no handler, no global.
static void block_signals(void)
{
  sigset_t set;

  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGPIPE, SIG_IGN); // a closed pipe is an error of the write, which is reported
}

static bool interrupted(void)
{
  sigset_t set;

  return sigpending(&set) == 0 &&
         (sigismember(&set, SIGINT) == 1 || sigismember(&set, SIGTERM) == 1);
}

static bool stop_asked(void *user)
{
  run *r = user;

  if (interrupted()) return true;
  if (r->deadline > 0 && amlrt__clock() > r->deadline) atomic_store(&r->time_over, true);
  return atomic_load(&r->time_over);
}

static int fail(amlrt_status st, const amlrt_error *err)
{
  amlrt__main_error("%s", err->text[0] ? err->text : amlrt_status_text(st));
  return amlrt_exit_of(st);
}

// ---- what goes in ---------------------------------------------------------------------------------

static int read_data(run *r)
{
  amlrt_read_opts ro = amlrt_read_opts_default();
  amlrt_error err = {0};
  double t0 = amlrt__clock();

  ro.format = r->o.format;
  ro.map_path = r->o.values[MAIN_MAP];
  ro.accounts_path = r->o.values[MAIN_ACCOUNTS];
  ro.max_rejects = r->o.max_rejects;
  ro.threads = (uint32_t)r->o.threads;
  ro.cancelled = stop_asked;
  ro.user = r;
  amlrt_status st = amlrt_table_read(&r->table, r->o.data, r->o.n_data, &ro, &err);
  r->times[0].seconds = amlrt__clock() - t0;
  if (st == AMLRT_INTERRUPTED && atomic_load(&r->time_over)) {
    amlrt__main_error("--time-limit was over before the data were read; nothing is written");
    return AMLRT_EXIT_LIMIT;
  }
  if (st < 0) return fail(st, &err);
  if (st != AMLRT_OK) return amlrt_exit_of(st);
  if (!r->o.values[MAIN_RATES]) return AMLRT_EXIT_DONE;
  st = amlrt_rates_read(&r->rates, r->o.values[MAIN_RATES], NULL, &err);
  return st < 0 ? fail(st, &err) : AMLRT_EXIT_DONE;
}

static int check_needs(const run *r)
{
  for (uint32_t i = 0; i < amlrt_detector_n(r->detector); i++) {
    const char *missing = amlrt_detector_missing(r->detector, i, r->table);
    if (!missing) continue;
    amlrt__main_error("pattern %s needs `%s`, which the data do not have",
                      amlrt_detector_info(r->detector, i)->name, missing);
    return AMLRT_EXIT_PATTERN;
  }
  return AMLRT_EXIT_DONE;
}

static int find_trigger(run *r)
{
  const char *id = r->o.values[MAIN_TRIGGER];

  r->only_trigger = id ? amlrt_table_find_id(r->table, id) : AMLRT_NONE;
  if (!id || r->only_trigger != AMLRT_NONE) return AMLRT_EXIT_DONE;
  amlrt__main_error("--trigger %s: the data have no transaction with this id", id);
  return AMLRT_EXIT_USAGE;
}

static int build_graph(run *r)
{
  amlrt_graph_opts go = {
      .threads = (uint32_t)r->o.threads, .cancelled = stop_asked, .user = r, .later = true};
  amlrt_error err = {0};
  double t0 = amlrt__clock();
  amlrt_status st = amlrt_graph_build(&r->graph, r->table, &go, &err);

  r->times[1].seconds = amlrt__clock() - t0;
  if (st < 0) return fail(st, &err);
  if (st == AMLRT_INTERRUPTED && !interrupted()) return AMLRT_EXIT_DONE; // the time was over
  return amlrt_exit_of(st);
}

// ---- mining ---------------------------------------------------------------------------------------

static void note_limits(run *r, amlrt_status st, const amlrt_run_stats *stats)
{
  bool by_matches = r->o.match_limit && stats->matches >= r->o.match_limit;

  if (stats->hub_limit_hit) amlrt_report_limit(&r->report, "hub-limit");
  if (stats->memory_limit_hit) amlrt_report_limit(&r->report, "memory");
  if (st == AMLRT_TRUNCATED && by_matches) amlrt_report_limit(&r->report, "match-limit");
}

static amlrt_status mine_one(run *r, uint32_t i, amlrt_error *err)
{
  amlrt_run_opts ro = amlrt_run_opts_default();
  amlrt_run_stats stats = {0};

  ro.rates = r->rates;
  ro.n_threads = (uint32_t)r->o.threads;
  ro.history_complete = r->o.history_complete;
  ro.only_trigger = r->only_trigger;
  ro.match_limit = r->o.match_limit;
  ro.hub_limit = (int64_t)r->o.hub_limit;
  ro.memory_limit = (size_t)r->o.memory;
  ro.plan = r->o.values[MAIN_PLAN];
  ro.slab = r->deadline > 0 ? AMLRT_SLAB : 0;
  if (r->o.mode == AMLRT_MODE_EPISODE) ro.on_episode = amlrt_sink_add_episode;
  ro.cancelled = stop_asked;
  ro.user = r;
  amlrt_status st =
      amlrt_detector_run(r->detector, i, i, r->graph, &ro, amlrt_sink_add, r->sink, &stats, err);
  r->patterns[i].seconds = stats.seconds;
  r->patterns[i].triggers = stats.triggers;
  r->patterns[i].hub_triggers = stats.hub_triggers;
  r->patterns[i].plan = stats.plan;
  note_limits(r, st, &stats);
  return st;
}

static int mine(run *r, amlrt_pattern_info *infos)
{
  uint32_t n = amlrt_detector_n(r->detector);
  amlrt_error err = {0};
  double t0 = amlrt__clock();
  amlrt_status st = amlrt_sink_new(&r->sink, infos, n, r->table, r->o.mode, NULL, &err);

  for (uint32_t i = 0; st >= 0 && i < n && r->graph; i++) {
    st = mine_one(r, i, &err);
    if (st == AMLRT_INTERRUPTED) break;
  }
  if (st == AMLRT_INTERRUPTED && interrupted()) return AMLRT_EXIT_CTRL_C;
  if (atomic_load(&r->time_over)) amlrt_report_limit(&r->report, "time-limit");
  if (st >= 0) st = amlrt_sink_finish(r->sink, &err);
  double filled = r->graph ? amlrt_graph_spent(r->graph).clock : 0; // when first needed
  r->times[1].seconds += filled;
  r->times[2].seconds = amlrt__clock() - t0 - filled;
  return st < 0 ? fail(st, &err) : AMLRT_EXIT_DONE;
}

// ---- what comes out -------------------------------------------------------------------------------

// A text of 64 hex digits as 32 bytes.
static void unhex(uint8_t out[32], const char *hex)
{
  static const char digits[] = "0123456789abcdef";

  memset(out, 0, 32);
  for (int i = 0; i < 64 && hex[i]; i++) {
    const char *d = strchr(digits, hex[i]);
    if (d) out[i / 2] = (uint8_t)(out[i / 2] << 4 | (uint8_t)(d - digits));
  }
}

static void fill_report(run *r, int argc, char **argv)
{
  static const char *const modes[] = {"episode", "maximal", "all"};
  amlrt_report *p = &r->report;

  p->version = r->info->version;
  p->build = r->info->build;
  p->mode = modes[r->o.mode];
  p->history_complete = r->o.history_complete;
  p->patterns = r->patterns;
  p->n_patterns = amlrt_detector_n(r->detector);
  p->table = r->table;
  p->sink = r->sink;
  p->engine = "c";
  p->threads = amlrt_threads((uint32_t)r->o.threads);
  p->times = r->times;
  p->n_times = 4;
  p->argv = argv;
  p->argc = argc;
  r->times[3].seconds = amlrt__clock() - r->start;
  p->exit_code = p->n_limits_hit ? AMLRT_EXIT_LIMIT : AMLRT_EXIT_DONE;
}

static void tell(const run *r, const char *dir)
{
  amlrt_error err = {0};
  amlrt_out *o = NULL;
  uint8_t sum[32];

  if (amlrt_out_stream(&o, stderr, "the summary", NULL, &err) < 0) return;
  amlrt_report_summary(&r->report, o, dir);
  if (amlrt_out_close(o, sum, &err) < 0) return; // the files are what counts
}

static amlrt_status write_alerts(const run *r, amlrt_error *err)
{
  amlrt_out *o = NULL;
  uint8_t sum[32];
  amlrt_status st = amlrt_out_stream(&o, stdout, "standard output", NULL, err);

  if (st < 0) return st;
  amlrt_write_alerts(o, r->sink);
  return amlrt_out_close(o, sum, err);
}

static int write_out(const run *r, amlrt_outdir *dir, const char *name)
{
  amlrt_error err = {0};
  amlrt_status st = dir ? amlrt_report_files(&r->report, dir, &err) : write_alerts(r, &err);

  if (st >= 0 && interrupted()) return AMLRT_EXIT_CTRL_C;
  if (st >= 0 && dir) st = amlrt_outdir_commit(dir, &err);
  if (st < 0) return fail(st, &err);
  if (!r->o.values[MAIN_QUIET]) tell(r, name);
  return r->report.exit_code;
}

static int only_rejects(const run *r, amlrt_outdir *dir)
{
  amlrt_error err = {0};
  amlrt_status st = amlrt_report_rejects(r->table, dir, &err);

  if (st >= 0) st = amlrt_outdir_commit(dir, &err);
  return st < 0 ? fail(st, &err) : AMLRT_EXIT_DATA;
}

// ---- all of it ------------------------------------------------------------------------------------

static int run_all(run *r, amlrt_pattern_info *infos, int argc, char **argv)
{
  const char *name = r->o.values[MAIN_OUTPUT];
  amlrt_outdir *dir = NULL;
  amlrt_error err = {0};
  int code = read_data(r);
  bool rejects = code == AMLRT_EXIT_DATA && r->table;

  if (name && !strcmp(name, "-")) name = NULL;
  if (code == AMLRT_EXIT_DONE) code = check_needs(r);
  if (code == AMLRT_EXIT_DONE) code = find_trigger(r);
  if ((code == AMLRT_EXIT_DONE || rejects) && name) {
    amlrt_status st = amlrt_outdir_open(&dir, name, NULL, &err);
    if (st < 0) code = fail(st, &err);
  }
  if (rejects && dir) code = only_rejects(r, dir);
  if (code == AMLRT_EXIT_DONE) code = build_graph(r);
  if (code == AMLRT_EXIT_DONE) code = mine(r, infos);
  if (code == AMLRT_EXIT_DONE) {
    fill_report(r, argc, argv);
    code = write_out(r, dir, name);
  }
  amlrt_outdir_free(dir);
  return code;
}

static void say_version(const run *r)
{
  printf("detector of amlc %s (%s), libamlrt %s\n", r->info->version, r->info->build,
         amlrt_version());
  for (uint32_t i = 0; i < amlrt_detector_n(r->detector); i++) {
    const amlrt_pattern_info *p = amlrt_detector_info(r->detector, i);
    printf("pattern %s %s (%s)\n", p->name, p->version, p->id);
    for (uint32_t k = 0; k < p->n_params; k++)
      printf("  %s = %s\n", p->params[k].name, p->params[k].value);
  }
  printf("hash %s\n", r->export->pattern_hash);
}

// Needs its detector loaded.
static int run_program(run *r, int argc, char **argv)
{
  const amlrt_alloc *mem = amlrt_alloc_default();
  uint32_t n = amlrt_detector_n(r->detector);
  amlrt_pattern_info *infos = amlrt__array(mem, n, sizeof *infos);
  int code = AMLRT_EXIT_WORLD;

  r->patterns = amlrt__array(mem, n, sizeof *r->patterns);
  if (!infos || !r->patterns) {
    amlrt__main_error("out of memory");
    goto out;
  }
  for (uint32_t i = 0; i < n; i++) {
    infos[i] = *amlrt_detector_info(r->detector, i);
    r->patterns[i].info = &infos[i];
    r->patterns[i].file = r->info->files[i];
    unhex(r->patterns[i].sha256, r->info->sha256[i]);
  }
  code = run_all(r, infos, argc, argv);
  amlrt_sink_free(r->sink);
  amlrt_graph_free(r->graph);
  amlrt_table_free(r->table);
  amlrt_rates_free(r->rates);
out:
  amlrt__release(mem, r->patterns);
  amlrt__release(mem, infos);
  return code;
}

int amlrt_detector_main(const amlrt_detector_export *detector, const amlrt_main_info *info,
                        int argc, char **argv)
{
  const amlrt_alloc *mem = amlrt_alloc_default();
  const char **data = amlrt__array(mem, (size_t)argc, sizeof *data);
  run r = {.export = detector,
           .info = info,
           .start = amlrt__clock(),
           .times = {{"read", 0}, {"graph", 0}, {"mine", 0}, {"total", 0}}};
  amlrt_error err = {0};
  int code = AMLRT_EXIT_USAGE;

  r.report.started = (int64_t)time(NULL);
  block_signals();
  amlrt_status st = amlrt_detector_from(&r.detector, detector, NULL, NULL, &err);
  if (st < 0 || !data)
    code = st < 0 ? fail(st, &err) : AMLRT_EXIT_WORLD;
  else if (amlrt__main_options(&r.o, data, argc, argv)) {
    if (r.o.time_limit > 0) r.deadline = r.start + r.o.time_limit;
    if (r.o.values[MAIN_HELP] || r.o.values[MAIN_VERSION]) {
      code = AMLRT_EXIT_DONE;
      if (r.o.values[MAIN_HELP])
        amlrt__main_help(argv[0]);
      else
        say_version(&r);
    } else {
      code = run_program(&r, argc, argv);
    }
  }
  amlrt_detector_free(r.detector);
  amlrt__release(mem, data);
  if (fflush(stdout) == 0) return code;
  amlrt__main_error("cannot write standard output");
  return code == AMLRT_EXIT_DONE ? AMLRT_EXIT_WORLD : code;
}
