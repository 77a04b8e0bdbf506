// amlc run: patterns and data in, alerts with evidence out.
#include "frontend/driver/engines.h"
#include "aml_build_id.h"
#include "amlrt/report.h"
#include <string.h>

typedef struct job {
  cli *c;
  cli_run *r;
  amlrt_sink *sink;
  amlrt_report report;
  cli_verified verified;
  double total_s;
  int code;
} job;

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void write_alerts(amlrt_out *o, const void *sink)
{
  amlrt_write_alerts(o, sink);
}

// ---- the report ---------------------------------------------------------------------------------

static const amlrt_report_pattern *report_patterns(const job *j)
{
  uint32_t n = amlc_n_patterns(j->c->a);
  amlrt_report_pattern *ps = arena_try(j->c->mem, (n + 1) * sizeof *ps);
  for (uint32_t i = 0; ps && i < n; i++) {
    const source *src = amlc_pattern_source(j->c->a, i);
    ps[i] = (amlrt_report_pattern){.info = &amlc_patterns(j->c->a)[i],
                                   .file = base_name(src->name),
                                   .triggers = j->r->stats[i].triggers,
                                   .hub_triggers = j->r->stats[i].hub_triggers,
                                   .plan = j->r->stats[i].plan,
                                   .seconds = j->r->pattern_s[i]};
    amlrt_sha256(ps[i].sha256, src->text, src->n);
  }
  return ps;
}

static int fill_report(job *j)
{
  const cli_run *r = j->r;
  cli *c = j->c;
  const engines *e = r->compiled;
  const amlrt_report_time times[] = {
      {"read", r->read_s},
      {"compile", e ? engines_compile_s(e) : 0},
      {e && e->id == ENGINE_JIT ? "llvm" : "cc", e ? engines_code_s(e) : 0},
      {"graph", r->graph_s},
      {"mine", r->mine_s},
      {"total", j->total_s}};
  amlrt_report_time *kept = arena_try(c->mem, sizeof times);
  const amlrt_report_pattern *ps = report_patterns(j);
  if (!kept || !ps) {
    cli_error("out of memory");
    return EXIT_WORLD;
  }
  memcpy(kept, times, sizeof times);
  amlrt_report *p = &j->report;
  p->version = AMLC_VERSION;
  p->build = AMLC_BUILD_ID;
  p->mode = c->o.values[OPT_MODE] ? c->o.values[OPT_MODE] : "episode";
  p->history_complete = r->history_complete;
  p->patterns = ps;
  p->n_patterns = amlc_n_patterns(c->a);
  p->table = r->table;
  p->sink = j->sink;
  for (uint32_t i = 0; i < r->n_limits_hit; i++)
    amlrt_report_limit(p, r->limits_hit[i]);
  p->engine = r->engine;
  p->engine_why = r->engine_why;
  p->threads = cli_run_threads(r);
  p->started = r->started;
  p->times = kept;
  p->n_times = sizeof times / sizeof *times;
  p->exit_code = j->code;
  p->argv = c->argv;
  p->argc = c->argc;
  return EXIT_DONE;
}

// ---- telling ------------------------------------------------------------------------------------

static void write_summary(amlrt_out *o, const void *user)
{
  const job *j = user;
  const char *dir = j->c->o.values[OPT_OUTPUT];
  if (dir && !strcmp(dir, "-")) dir = NULL;
  amlrt_report_summary(&j->report, o, dir);
  if (j->verified.alerts)
    amlrt_out_printf(o, "%llu alerts computed again by the reference engine, %llu differ\n",
                     (unsigned long long)j->verified.alerts,
                     (unsigned long long)j->verified.mismatches);
  if (dir && amlrt_sink_n(j->sink) > 0)
    amlrt_out_printf(o, "alerts are in %s; `amlc why %s` shows one\n", dir, dir);
}

static void write_json(amlrt_out *o, const void *user)
{
  amlrt_report_json(&((const job *)user)->report, o);
}

// What cannot be written to standard error is lost: the files are what counts. A full standard output
// is told of by main.
static void tell(const job *j, FILE *to, void (*write)(amlrt_out *o, const void *user))
{
  amlrt_error err = {0};
  amlrt_out *o = NULL;
  uint8_t sum[32];
  if (amlrt_out_stream(&o, to, "the summary", NULL, &err) < 0) return;
  write(o, j);
  if (amlrt_out_close(o, sum, &err) < 0) return;
}

// ---- the run ------------------------------------------------------------------------------------

// Too many bad rows: they are all there is to write.
static int only_rejects(const cli_run *r, amlrt_outdir *dir)
{
  amlrt_error err = {0};
  amlrt_status st = amlrt_report_rejects(r->table, dir, &err);
  if (st >= 0) st = amlrt_outdir_commit(dir, &err);
  return st < 0 ? cli_fail(st, &err) : EXIT_DATA;
}

static int mine(job *j, amlrt_mode mode)
{
  amlrt_error err = {0};
  amlrt_status st = amlrt_sink_new(&j->sink, amlc_patterns(j->c->a), amlc_n_patterns(j->c->a),
                                   j->r->table, mode, NULL, &err);
  if (st < 0) return cli_fail(st, &err);
  cli_taker taker = {.match = amlrt_sink_add, .user = j->sink};
  if (mode == AMLRT_MODE_EPISODE) taker.episode = amlrt_sink_add_episode;
  j->code = cli_run_mine(j->c, j->r, &taker);
  if (j->code != EXIT_DONE && j->code != EXIT_LIMIT) return j->code;
  st = amlrt_sink_finish(j->sink, &err);
  return st < 0 ? cli_fail(st, &err) : EXIT_DONE;
}

// --verify: what differs is said; the files are written all the same, and the exit code is 6.
static int verify(job *j, uint64_t n, uint64_t seed)
{
  int code = cli_verify(j->c, j->r, j->sink, n, seed, &j->verified);
  if (code == EXIT_MISMATCH) j->code = EXIT_MISMATCH;
  return code == EXIT_MISMATCH ? EXIT_DONE : code;
}

static int write_files(job *j, amlrt_outdir *dir)
{
  amlrt_error err = {0};
  amlrt_status st = amlrt_report_files(&j->report, dir, &err);
  if (st < 0) return cli_fail(st, &err);
  if (*j->c->interrupted) return EXIT_CTRL_C; // nothing under a final name yet
  st = amlrt_outdir_commit(dir, &err);
  return st < 0 ? cli_fail(st, &err) : EXIT_DONE;
}

static int finish(job *j, amlrt_outdir *dir)
{
  int code = fill_report(j);
  if (code == EXIT_DONE)
    code = dir ? write_files(j, dir) : cli_write(j->c, NULL, write_alerts, j->sink);
  if (code != EXIT_DONE) return code;
  if (*j->c->interrupted) return EXIT_CTRL_C;
  if (!cli_quiet(j->c)) tell(j, stderr, write_summary);
  cli_run_say(j->c, j->r);
  if (dir && j->c->o.values[OPT_JSON]) tell(j, stdout, write_json);
  if (j->code == EXIT_DONE && j->c->o.values[OPT_FAIL_ON] && amlrt_sink_n(j->sink) > 0)
    return EXIT_FINDING;
  return j->code;
}

int verb_run(cli *c)
{
  static const char *const modes[] = {"episode", "maximal", "all", NULL};
  static const char *const findings[] = {"match", NULL};
  const char *dir = c->o.values[OPT_OUTPUT];
  amlrt_outdir *out = NULL;
  amlrt_error err = {0};
  cli_run r;
  job j = {.c = c, .r = &r};
  uint64_t again = 0, seed = 1;
  int mode = options_choice(&c->o, OPT_MODE, modes);
  double t0 = cli_clock();
  if (mode < 0 || options_choice(&c->o, OPT_FAIL_ON, findings) < 0) return EXIT_USAGE;
  if (!options_uint(&c->o, OPT_VERIFY, &again) || !options_uint(&c->o, OPT_SEED, &seed))
    return EXIT_USAGE;
  if (dir && !strcmp(dir, "-")) dir = NULL;
  int code = cli_run_open(c, &r);
  bool rejects = code == EXIT_DATA && r.table;
  if ((code == EXIT_DONE || rejects) && dir) {
    amlrt_status st = amlrt_outdir_open(&out, dir, NULL, &err);
    if (st < 0) code = cli_fail(st, &err);
  }
  if (rejects && out) code = only_rejects(&r, out);
  if (code == EXIT_DONE) code = mine(&j, (amlrt_mode)mode);
  if (code == EXIT_DONE && again > 0) code = verify(&j, again, seed);
  j.total_s = cli_clock() - t0;
  if (code == EXIT_DONE) code = finish(&j, out);
  amlrt_sink_free(j.sink);
  amlrt_outdir_free(out);
  cli_run_close(&r);
  return code;
}
