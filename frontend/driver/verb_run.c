// amlc run: patterns and data in, alerts with evidence out.
#include "frontend/driver/cli.h"
#include "aml_build_id.h"
#include <string.h>
#include <unistd.h>

typedef struct outputs { // what has been written so far, for the manifest
  amlrt_outdir *dir;
  amlrt_manifest_output files[8];
  uint32_t n;
} outputs;

typedef void (*write_fn)(amlrt_out *o, const void *what);

// Writes one file of the folder and notes its hash.
static int write_file(outputs *out, const char *name, write_fn write, const void *what)
{
  amlrt_error err = {0};
  amlrt_out *o = NULL;
  amlrt_manifest_output *f = &out->files[out->n];
  amlrt_status st = amlrt_out_open(&o, out->dir, name, &err);
  if (st < 0) return cli_fail(st, &err);
  write(o, what);
  st = amlrt_out_close(o, f->sha256, &err);
  if (st < 0) return cli_fail(st, &err);
  f->name = name;
  out->n++;
  return EXIT_DONE;
}

static void write_alerts(amlrt_out *o, const void *sink)
{
  amlrt_write_alerts(o, sink);
}

static void write_evidence(amlrt_out *o, const void *sink)
{
  amlrt_write_evidence(o, sink);
}

static void write_rejects(amlrt_out *o, const void *table)
{
  amlrt_write_rejects(o, table);
}

static void write_manifest(amlrt_out *o, const void *manifest)
{
  amlrt_write_manifest(o, manifest);
}

// ---- counts by pattern --------------------------------------------------------------------------

typedef struct counts {
  uint64_t alerts, inconclusive, truncated;
} counts;

static counts count_alerts(const amlrt_sink *s, uint32_t pattern)
{
  counts n = {0, 0, 0};
  for (uint64_t i = 0; i < amlrt_sink_n(s); i++) {
    const amlrt_alert *a = amlrt_sink_alert(s, i);
    if (a->match.pattern != pattern) continue;
    n.alerts++;
    n.inconclusive += a->match.inconclusive;
    n.truncated += a->match.truncated;
  }
  return n;
}

typedef struct job {
  cli *c;
  cli_run *r;
  amlrt_sink *sink;
  double total_s;
  int code;
} job;

// ---- run.json: what may differ between two equal runs ---------------------------------------------

static void write_run(amlrt_out *o, const void *user)
{
  const job *j = user;
  const cli_run *r = j->r;
  char when[32];
  amlrt_time_print(when, r->started);
  amlrt_out_printf(o, "{\n  \"version\": \"%s\",\n  \"build\": \"%s\",\n  \"engine\": \"%s\",\n",
                   AMLC_VERSION, AMLC_BUILD_ID, r->engine);
  amlrt_out_printf(o, "  \"threads\": 1,\n  \"started\": \"%s\",\n", when);
  amlrt_out_printf(o, "  \"seconds\": {\"read\": %.3f, \"mine\": %.3f, \"total\": %.3f},\n",
                   r->read_s, r->mine_s, j->total_s);
  amlrt_out_printf(o, "  \"exit\": %d,\n  \"arguments\": [", j->code);
  for (int i = 1; i < j->c->argc; i++) {
    amlrt_out_printf(o, "%s", i > 1 ? ", " : "");
    amlrt_out_json(o, j->c->argv[i], strlen(j->c->argv[i]));
  }
  amlrt_out_printf(o, "],\n  \"patterns\": [");
  for (uint32_t i = 0; i < amlc_n_patterns(j->c->a); i++) {
    const char *name = amlc_patterns(j->c->a)[i].name;
    counts n = count_alerts(j->sink, i);
    amlrt_out_printf(o, "%s\n    {\"name\": ", i ? "," : "");
    amlrt_out_json(o, name, strlen(name));
    amlrt_out_printf(
        o, ", \"triggers\": %llu, \"matches\": %llu, \"alerts\": %llu, \"seconds\": %.3f}",
        (unsigned long long)r->stats[i].triggers,
        (unsigned long long)amlrt_sink_n_matches(j->sink, i), (unsigned long long)n.alerts,
        r->pattern_s[i]);
  }
  amlrt_out_printf(o, "\n  ]\n}\n");
}

// ---- the manifest -------------------------------------------------------------------------------

static const char *base_name(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static int write_all(job *j, outputs *out)
{
  cli *c = j->c;
  uint32_t n = amlc_n_patterns(c->a);
  int code;
  if ((code = write_file(out, "alerts.jsonl", write_alerts, j->sink)) != EXIT_DONE ||
      (code = write_file(out, "evidence.csv", write_evidence, j->sink)) != EXIT_DONE ||
      (code = write_file(out, "rejects.csv", write_rejects, j->r->table)) != EXIT_DONE)
    return code;
  amlrt_manifest_pattern *ps = arena_try(c->mem, n * sizeof *ps);
  if (!ps) return EXIT_WORLD;
  for (uint32_t i = 0; i < n; i++) {
    const source *src = amlc_pattern_source(c->a, i);
    counts k = count_alerts(j->sink, i);
    ps[i] = (amlrt_manifest_pattern){.info = &amlc_patterns(c->a)[i],
                                     .file = base_name(src->name),
                                     .matches = amlrt_sink_n_matches(j->sink, i),
                                     .alerts = k.alerts,
                                     .inconclusive = k.inconclusive,
                                     .truncated = k.truncated,
                                     .hub_triggers = j->r->stats[i].hub_triggers};
    amlrt_sha256(ps[i].sha256, src->text, src->n);
  }
  amlrt_manifest m = {.version = AMLC_VERSION,
                      .build = AMLC_BUILD_ID,
                      .mode = c->o.values[OPT_MODE] ? c->o.values[OPT_MODE] : "episode",
                      .history = j->r->history_complete ? "complete" : "partial",
                      .patterns = ps,
                      .n_patterns = n,
                      .table = j->r->table,
                      .outputs = out->files,
                      .n_outputs = out->n,
                      .limits_hit = j->r->limits_hit,
                      .n_limits_hit = j->r->n_limits_hit};
  if ((code = write_file(out, "manifest.json", write_manifest, &m)) != EXIT_DONE) return code;
  return write_file(out, "run.json", write_run, j);
}

// ---- the summary --------------------------------------------------------------------------------

static void rows_total(const amlrt_table *t, uint64_t *read, uint64_t *used, uint64_t *rejected)
{
  *read = *used = *rejected = 0;
  for (uint32_t i = 0; i < amlrt_table_n_inputs(t); i++) {
    const amlrt_input_info *in = amlrt_table_input(t, i);
    *read += in->rows_read;
    *used += in->rows_used;
    *rejected += in->rows_rejected;
  }
}

static void summary_text(const job *j, const char *dir)
{
  uint64_t read, used, rejected;
  rows_total(j->r->table, &read, &used, &rejected);
  fprintf(stderr, "%-22s %8s %13s %10s %8s\n", "pattern", "alerts", "inconclusive", "matches",
          "time");
  for (uint32_t i = 0; i < amlc_n_patterns(j->c->a); i++) {
    counts n = count_alerts(j->sink, i);
    fprintf(stderr, "%-22s %8llu %13llu %10llu %6.2f s\n", amlc_patterns(j->c->a)[i].name,
            (unsigned long long)n.alerts, (unsigned long long)n.inconclusive,
            (unsigned long long)amlrt_sink_n_matches(j->sink, i), j->r->pattern_s[i]);
  }
  fprintf(stderr, "%llu transactions read, %llu used, %llu rejected", (unsigned long long)read,
          (unsigned long long)used, (unsigned long long)rejected);
  fprintf(stderr, rejected && dir ? " (see %s/rejects.csv)\n" : "\n", dir);
  for (uint32_t i = 0; i < j->r->n_limits_hit; i++)
    fprintf(stderr, "truncated: --%s was reached, so alerts may be missing\n", j->r->limits_hit[i]);
  if (cli_verbose(j->c))
    fprintf(stderr, "engine %s: read %.2f s, mined %.2f s\n", j->r->engine, j->r->read_s,
            j->r->mine_s);
  if (dir && amlrt_sink_n(j->sink) > 0)
    fprintf(stderr, "alerts are in %s; `amlc why %s` shows one\n", dir, dir);
}

// --json: the summary as one object on standard output.
static void summary_json(const job *j)
{
  uint64_t read, used, rejected;
  rows_total(j->r->table, &read, &used, &rejected);
  printf("{\"rows\":{\"read\":%llu,\"used\":%llu,\"rejected\":%llu},\"patterns\":[",
         (unsigned long long)read, (unsigned long long)used, (unsigned long long)rejected);
  for (uint32_t i = 0; i < amlc_n_patterns(j->c->a); i++) {
    counts n = count_alerts(j->sink, i);
    printf("%s{\"name\":\"%s\",\"alerts\":%llu,\"inconclusive\":%llu,\"matches\":%llu}",
           i ? "," : "", amlc_patterns(j->c->a)[i].name, (unsigned long long)n.alerts,
           (unsigned long long)n.inconclusive,
           (unsigned long long)amlrt_sink_n_matches(j->sink, i));
  }
  printf("],\"limits_hit\":[");
  for (uint32_t i = 0; i < j->r->n_limits_hit; i++)
    printf("%s\"%s\"", i ? "," : "", j->r->limits_hit[i]);
  printf("]}\n");
}

// Too many bad rows: they are all there is to write.
static int only_rejects(const cli_run *r, outputs *out)
{
  amlrt_error err = {0};
  int code = write_file(out, "rejects.csv", write_rejects, r->table);
  if (code != EXIT_DONE) return code;
  amlrt_status st = amlrt_outdir_commit(out->dir, &err);
  return st < 0 ? cli_fail(st, &err) : EXIT_DATA;
}

static int mine(job *j, amlrt_mode mode)
{
  amlrt_error err = {0};
  amlrt_status st = amlrt_sink_new(&j->sink, amlc_patterns(j->c->a), amlc_n_patterns(j->c->a),
                                   j->r->table, mode, NULL, &err);
  if (st < 0) return cli_fail(st, &err);
  j->code = cli_run_mine(j->c, j->r, amlrt_sink_add, j->sink);
  if (j->code != EXIT_DONE && j->code != EXIT_LIMIT) return j->code;
  st = amlrt_sink_finish(j->sink, &err);
  return st < 0 ? cli_fail(st, &err) : EXIT_DONE;
}

static int finish(job *j, outputs *out, const char *dir)
{
  amlrt_error err = {0};
  int code = dir ? write_all(j, out) : cli_write(j->c, NULL, write_alerts, j->sink);
  if (code != EXIT_DONE) return code;
  if (*j->c->interrupted) return EXIT_CTRL_C; // nothing under a final name yet
  amlrt_status st = dir ? amlrt_outdir_commit(out->dir, &err) : AMLRT_OK;
  if (st < 0) return cli_fail(st, &err);
  if (!cli_quiet(j->c)) summary_text(j, dir);
  if (dir && j->c->o.values[OPT_JSON]) summary_json(j);
  if (j->code == EXIT_DONE && j->c->o.values[OPT_FAIL_ON] && amlrt_sink_n(j->sink) > 0)
    return EXIT_FINDING;
  return j->code;
}

int verb_run(cli *c)
{
  static const char *const modes[] = {"episode", "maximal", "all", NULL};
  static const char *const findings[] = {"match", NULL};
  const char *dir = c->o.values[OPT_OUTPUT];
  outputs out = {0};
  amlrt_error err = {0};
  cli_run r;
  job j = {.c = c, .r = &r};
  int mode = options_choice(&c->o, OPT_MODE, modes);
  double t0 = cli_clock();
  if (mode < 0 || options_choice(&c->o, OPT_FAIL_ON, findings) < 0) return EXIT_USAGE;
  if (dir && !strcmp(dir, "-")) dir = NULL;
  int code = cli_run_open(c, &r);
  bool rejects = code == EXIT_DATA && r.table;
  if ((code == EXIT_DONE || rejects) && dir) {
    amlrt_status st = amlrt_outdir_open(&out.dir, dir, NULL, &err);
    if (st < 0) code = cli_fail(st, &err);
  }
  if (rejects && out.dir) code = only_rejects(&r, &out);
  if (code == EXIT_DONE) code = mine(&j, (amlrt_mode)mode);
  j.total_s = cli_clock() - t0;
  if (code == EXIT_DONE) code = finish(&j, &out, dir);
  amlrt_sink_free(j.sink);
  amlrt_outdir_free(out.dir);
  cli_run_close(&r);
  return code;
}
