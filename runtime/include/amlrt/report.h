// What a run leaves behind: the files of its folder, and a summary for people. `amlc run` and detectors
// that are programs (amlrt/main.h) write through this, so both leave the same bytes.
//
// Exit codes of programs of ours are here too: a contract with scripts.
#ifndef AMLRT_REPORT_H
#define AMLRT_REPORT_H

#include "amlrt/match.h"

enum {
#define AMLRT_EXIT(id, number, words) AMLRT_EXIT_##id = (number),
#include "amlrt/exit.def"
};
// The exit code of a failure or outcome.
AMLRT_API int amlrt_exit_of(amlrt_status st);

typedef struct amlrt_report_pattern {
  const amlrt_pattern_info *info;
  const char *file;      // name of its source
  uint8_t sha256[32];    // of its source text
  uint64_t triggers;     // looked at
  uint64_t hub_triggers; // barred by `hubs at most`
  const char *plan;      // by which it was mined; NULL: none (engine reference)
  double seconds;
} amlrt_report_pattern;

typedef struct amlrt_report_time {
  const char *name; // "read", "mine"
  double seconds;
} amlrt_report_time;

// All of it is the caller's, and lives as long as the calls below.
typedef struct amlrt_report {
  const char *version, *build; // of amlc
  const char *mode;            // "episode", "maximal", "all"
  bool history_complete;
  const amlrt_report_pattern *patterns; // by pattern index of the sink
  uint32_t n_patterns;
  const amlrt_table *table;
  const amlrt_sink *sink; // finished
  const char *limits_hit[8];
  uint32_t n_limits_hit;
  // From here on: what may differ between two equal runs, for run.json and the summary.
  const char *engine;     // "c", "reference"
  const char *engine_why; // why this one, in words; NULL: it was asked for
  uint32_t threads;
  int64_t started; // seconds since 1970
  const amlrt_report_time *times;
  uint32_t n_times;
  int exit_code;
  char *const *argv; // argc words, the first of which is left out
  int argc;
} amlrt_report;

// Notes that a limit was hit, once: "time-limit", "match-limit", "hub-limit", "memory". A static text.
AMLRT_API void amlrt_report_limit(amlrt_report *r, const char *limit);

// alerts.jsonl, evidence.csv, rejects.csv, manifest.json, run.json; the caller commits the folder.
AMLRT_API amlrt_status amlrt_report_files(const amlrt_report *r, amlrt_outdir *dir,
                                          amlrt_error *err) AMLRT_MUST_USE;
// rejects.csv alone: of a table that had too many bad rows.
AMLRT_API amlrt_status amlrt_report_rejects(const amlrt_table *t, amlrt_outdir *dir,
                                            amlrt_error *err) AMLRT_MUST_USE;
// Alerts and time by pattern, totals of rows, limits. dir: where the files are; NULL: nowhere.
AMLRT_API void amlrt_report_summary(const amlrt_report *r, amlrt_out *o, const char *dir);
// The same as one JSON object, without times.
AMLRT_API void amlrt_report_json(const amlrt_report *r, amlrt_out *o);

#endif
