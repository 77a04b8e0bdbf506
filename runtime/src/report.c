// The files and the summary of a run.
#include "amlrt/report.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/outfile.h"

#include <inttypes.h>
#include <string.h>

int amlrt_exit_of(amlrt_status st)
{
  switch (st) {
  case AMLRT_OK:
    return AMLRT_EXIT_DONE;
  case AMLRT_TRUNCATED:
    return AMLRT_EXIT_LIMIT;
  case AMLRT_INTERRUPTED:
    return AMLRT_EXIT_CTRL_C;
  case AMLRT_E_NOMEM:
  case AMLRT_E_READ:
  case AMLRT_E_WRITE:
    return AMLRT_EXIT_WORLD;
  case AMLRT_E_ABI:
  case AMLRT_E_DETECTOR:
    return AMLRT_EXIT_NO_ENGINE;
  case AMLRT_E_ARG:
    return AMLRT_EXIT_USAGE;
  case AMLRT_E_HEADER:
  case AMLRT_E_REJECTS:
  case AMLRT_E_MAP:
  case AMLRT_E_RATES:
  case AMLRT_E_ACCOUNTS:
  case AMLRT_E_GRAPH:
  case AMLRT_E_TOO_LARGE:
    return AMLRT_EXIT_DATA;
  case AMLRT_E_NO_ATTRIBUTE:
    return AMLRT_EXIT_PATTERN;
  }
  AMLRT__BUG("a status without an exit code");
}

void amlrt_report_limit(amlrt_report *r, const char *limit)
{
  for (uint32_t i = 0; i < r->n_limits_hit; i++)
    if (!strcmp(r->limits_hit[i], limit)) return;
  if (r->n_limits_hit == sizeof r->limits_hit / sizeof *r->limits_hit)
    AMLRT__BUG("more limits than there are");
  r->limits_hit[r->n_limits_hit++] = limit;
}

// ---- counting -------------------------------------------------------------------------------------

typedef struct counts {
  uint64_t alerts, inconclusive, truncated;
} counts;

static counts count_alerts(const amlrt_sink *s, uint32_t pattern)
{
  counts n = {0, 0, 0};

  for (uint64_t i = 0; i < amlrt_sink_n(s); i++) {
    const amlrt_match *m = &amlrt_sink_alert(s, i)->match;
    if (m->pattern != pattern) continue;
    n.alerts++;
    n.inconclusive += m->inconclusive;
    n.truncated += m->truncated;
  }
  return n;
}

typedef struct rows {
  uint64_t read, used, rejected;
} rows;

static rows count_rows(const amlrt_table *t)
{
  rows n = {0, 0, 0};

  for (uint32_t i = 0; i < amlrt_table_n_inputs(t); i++) {
    const amlrt_input_info *in = amlrt_table_input(t, i);
    n.read += in->rows_read;
    n.used += in->rows_used;
    n.rejected += in->rows_rejected;
  }
  return n;
}

// ---- files ----------------------------------------------------------------------------------------

typedef void (*write_fn)(amlrt_out *o, const void *what);

typedef struct outputs { // what has been written so far, for the manifest
  amlrt_outdir *dir;
  amlrt_manifest_output files[8];
  uint32_t n;
} outputs;

// Writes one file of the folder and notes its hash.
static amlrt_status write_file(outputs *out, const char *name, write_fn write, const void *what,
                               amlrt_error *err)
{
  amlrt_manifest_output *f = &out->files[out->n];
  amlrt_out *o = NULL;
  amlrt_status st = amlrt_out_open(&o, out->dir, name, err);

  if (st < 0) return st;
  write(o, what);
  if ((st = amlrt_out_close(o, f->sha256, err)) < 0) return st;
  f->name = name;
  out->n++;
  return AMLRT_OK;
}

static void write_alerts(amlrt_out *o, const void *report)
{
  amlrt_write_alerts(o, ((const amlrt_report *)report)->sink);
}

static void write_evidence(amlrt_out *o, const void *report)
{
  amlrt_write_evidence(o, ((const amlrt_report *)report)->sink);
}

static void write_rejects(amlrt_out *o, const void *table)
{
  amlrt_write_rejects(o, table);
}

static void write_manifest(amlrt_out *o, const void *manifest)
{
  amlrt_write_manifest(o, manifest);
}

// run.json: what may differ between two equal runs.
static void write_run(amlrt_out *o, const void *report)
{
  const amlrt_report *r = report;
  char when[32];

  amlrt_time_print(when, r->started);
  amlrt_out_printf(o, "{\n  \"version\": \"%s\",\n  \"build\": \"%s\",\n  \"engine\": \"%s\",\n",
                   r->version, r->build, r->engine);
  if (r->engine_why) {
    amlrt_out_printf(o, "  \"engine_why\": ");
    amlrt_out_json(o, r->engine_why, strlen(r->engine_why));
    amlrt_out_printf(o, ",\n");
  }
  amlrt_out_printf(o, "  \"threads\": %" PRIu32 ",\n  \"started\": \"%s\",\n  \"seconds\": {",
                   r->threads, when);
  for (uint32_t i = 0; i < r->n_times; i++)
    amlrt_out_printf(o, "%s\"%s\": %.3f", i ? ", " : "", r->times[i].name, r->times[i].seconds);
  amlrt_out_printf(o, "},\n  \"exit\": %d,\n  \"arguments\": [", r->exit_code);
  for (int i = 1; i < r->argc; i++) {
    amlrt_out_printf(o, "%s", i > 1 ? ", " : "");
    amlrt_out_json(o, r->argv[i], strlen(r->argv[i]));
  }
  amlrt_out_printf(o, "],\n  \"patterns\": [");
  for (uint32_t i = 0; i < r->n_patterns; i++) {
    const amlrt_report_pattern *p = &r->patterns[i];
    amlrt_out_printf(o, "%s\n    {\"name\": ", i ? "," : "");
    amlrt_out_json(o, p->info->name, strlen(p->info->name));
    if (p->plan) amlrt_out_printf(o, ", \"plan\": \"%s\"", p->plan);
    amlrt_out_printf(o,
                     ", \"triggers\": %" PRIu64 ", \"matches\": %" PRIu64 ", \"alerts\": %" PRIu64
                     ", \"seconds\": %.3f}",
                     p->triggers, amlrt_sink_n_matches(r->sink, i), count_alerts(r->sink, i).alerts,
                     p->seconds);
  }
  amlrt_out_printf(o, "\n  ]\n}\n");
}

static void fill_manifest(amlrt_manifest *m, amlrt_manifest_pattern *ps, const amlrt_report *r,
                          const outputs *out)
{
  for (uint32_t i = 0; i < r->n_patterns; i++) {
    const amlrt_report_pattern *p = &r->patterns[i];
    counts k = count_alerts(r->sink, i);
    ps[i] = (amlrt_manifest_pattern){.info = p->info,
                                     .file = p->file,
                                     .matches = amlrt_sink_n_matches(r->sink, i),
                                     .alerts = k.alerts,
                                     .inconclusive = k.inconclusive,
                                     .truncated = k.truncated,
                                     .hub_triggers = p->hub_triggers};
    memcpy(ps[i].sha256, p->sha256, sizeof ps[i].sha256);
  }
  *m = (amlrt_manifest){.version = r->version,
                        .build = r->build,
                        .mode = r->mode,
                        .history = r->history_complete ? "complete" : "partial",
                        .patterns = ps,
                        .n_patterns = r->n_patterns,
                        .table = r->table,
                        .outputs = out->files,
                        .n_outputs = out->n,
                        .limits_hit = r->limits_hit,
                        .n_limits_hit = r->n_limits_hit};
}

amlrt_status amlrt_report_files(const amlrt_report *r, amlrt_outdir *dir, amlrt_error *err)
{
  const amlrt_alloc *mem = amlrt_alloc_default();
  amlrt_manifest_pattern *ps = amlrt__array(mem, r->n_patterns, sizeof *ps);
  outputs out = {.dir = dir};
  amlrt_manifest m;
  amlrt_status st;

  if (!ps) return amlrt__nomem(err, "the manifest");
  if ((st = write_file(&out, "alerts.jsonl", write_alerts, r, err)) < 0) goto out;
  if ((st = write_file(&out, "evidence.csv", write_evidence, r, err)) < 0) goto out;
  if ((st = write_file(&out, "rejects.csv", write_rejects, r->table, err)) < 0) goto out;
  fill_manifest(&m, ps, r, &out);
  if ((st = write_file(&out, "manifest.json", write_manifest, &m, err)) < 0) goto out;
  st = write_file(&out, "run.json", write_run, r, err);
out:
  amlrt__release(mem, ps);
  return st;
}

amlrt_status amlrt_report_rejects(const amlrt_table *t, amlrt_outdir *dir, amlrt_error *err)
{
  outputs out = {.dir = dir};

  return write_file(&out, "rejects.csv", write_rejects, t, err);
}

// ---- the summary ----------------------------------------------------------------------------------

void amlrt_report_summary(const amlrt_report *r, amlrt_out *o, const char *dir)
{
  rows n = count_rows(r->table);

  amlrt_out_printf(o, "%-22s %8s %13s %10s %8s\n", "pattern", "alerts", "inconclusive", "matches",
                   "time");
  for (uint32_t i = 0; i < r->n_patterns; i++) {
    counts k = count_alerts(r->sink, i);
    amlrt_out_printf(o, "%-22s %8" PRIu64 " %13" PRIu64 " %10" PRIu64 " %6.2f s\n",
                     r->patterns[i].info->name, k.alerts, k.inconclusive,
                     amlrt_sink_n_matches(r->sink, i), r->patterns[i].seconds);
  }
  amlrt_out_printf(o, "%" PRIu64 " transactions read, %" PRIu64 " used, %" PRIu64 " rejected",
                   n.read, n.used, n.rejected);
  if (n.rejected && dir) amlrt_out_printf(o, " (see %s/rejects.csv)", dir);
  amlrt_out_printf(o, "\n");
  for (uint32_t i = 0; i < r->n_limits_hit; i++)
    amlrt_out_printf(o, "truncated: --%s was reached, so alerts may be missing\n",
                     r->limits_hit[i]);
}

void amlrt_report_json(const amlrt_report *r, amlrt_out *o)
{
  rows n = count_rows(r->table);

  amlrt_out_printf(o,
                   "{\"rows\":{\"read\":%" PRIu64 ",\"used\":%" PRIu64 ",\"rejected\":%" PRIu64
                   "},\"patterns\":[",
                   n.read, n.used, n.rejected);
  for (uint32_t i = 0; i < r->n_patterns; i++) {
    counts k = count_alerts(r->sink, i);
    amlrt_out_printf(o,
                     "%s{\"name\":\"%s\",\"alerts\":%" PRIu64 ",\"inconclusive\":%" PRIu64
                     ",\"matches\":%" PRIu64 "}",
                     i ? "," : "", r->patterns[i].info->name, k.alerts, k.inconclusive,
                     amlrt_sink_n_matches(r->sink, i));
  }
  amlrt_out_printf(o, "],\"limits_hit\":[");
  for (uint32_t i = 0; i < r->n_limits_hit; i++)
    amlrt_out_printf(o, "%s\"%s\"", i ? "," : "", r->limits_hit[i]);
  amlrt_out_printf(o, "]}\n");
}
