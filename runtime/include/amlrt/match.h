// Matches: what every engine hands over, and the sink that turns them into alerts.
//
//   engine --amlrt_match--> amlrt_sink (episodes, ids) --> amlrt_alert --> alerts.jsonl, evidence.csv
//
// The meaning of a match is docs/semantics.md. All engines fill the same struct, so all write the same
// bytes.
#ifndef AMLRT_MATCH_H
#define AMLRT_MATCH_H

#include "amlrt/table.h"

// ---- what a pattern is, for people and files (made by the compiler, or compiled into a detector) ---

typedef enum { AMLRT_ROLE_ONE, AMLRT_ROLE_GROUP, AMLRT_ROLE_CHAIN } amlrt_role_kind;

typedef struct amlrt_role_info {
  const char *name;
  amlrt_role_kind kind; // ONE and CHAIN are keys
} amlrt_role_info;

typedef struct amlrt_stage_info {
  const char *name;
} amlrt_stage_info;

typedef enum {
  AMLRT_SCOPE_MATCH,   // require, size of a group, absent
  AMLRT_SCOPE_MEMBERS, // each
  AMLRT_SCOPE_HOPS,    // along
  AMLRT_SCOPE_TX       // where
} amlrt_scope;

typedef struct amlrt_constraint_info {
  const char *text; // as a line of the pattern: "each mid: scatter before gather"
  amlrt_scope scope;
  unsigned has;     // AMLRT_HAS_A.. of the bounds; 0: none
  double bounds[4]; // a, b, c, d
} amlrt_constraint_info;

// A number that a template or a feature shows.
typedef enum {
  AMLRT_VALUE_NONE, // of nothing, or cannot be evaluated
  AMLRT_VALUE_NUMBER,
  AMLRT_VALUE_MONEY,    // in units of `currency` (0: a plain number)
  AMLRT_VALUE_DURATION, // seconds
  AMLRT_VALUE_TIME      // seconds since 1970
} amlrt_value_kind;
typedef struct amlrt_value {
  amlrt_value_kind kind;
  amlrt_currency currency;
  amlrt_frac v;
} amlrt_value;

// A piece of the alert template, in order: a text, a role's account(s), or the next of `title_values`.
typedef enum { AMLRT_TITLE_TEXT, AMLRT_TITLE_ROLE, AMLRT_TITLE_VALUE } amlrt_title_kind;
typedef struct amlrt_title_part {
  amlrt_title_kind kind;
  const char *text; // TEXT
  uint32_t index;   // ROLE: role; VALUE: which of the match's title_values
} amlrt_title_part;

typedef enum {
  AMLRT_FEATURE_COUNT,
  AMLRT_FEATURE_SUM,
  AMLRT_FEATURE_MIN,
  AMLRT_FEATURE_MAX,
  AMLRT_FEATURE_MEAN,
  AMLRT_FEATURE_HISTOGRAM
} amlrt_feature_kind;
typedef struct amlrt_feature_info {
  const char *name;
  amlrt_feature_kind kind; // how the values of a transfer's matches become one number
  int64_t bin_lo, bin_hi;  // HISTOGRAM: columns NAME.lo .. NAME.hi, the last one open above
} amlrt_feature_info;

typedef struct amlrt_param_info {
  const char *name, *value; // value as text, canonical
} amlrt_param_info;

typedef struct amlrt_pattern_info {
  const char *name, *id, *version;
  const char *status; // "" when not said
  uint32_t n_roles, n_stages, n_constraints, n_title, n_title_values, n_features, n_params;
  const amlrt_role_info *roles;   // in the order they first appear; `any` is none
  const amlrt_stage_info *stages; // in the order of the text
  const amlrt_constraint_info *constraints;
  const amlrt_title_part *title;
  const amlrt_feature_info *features;
  const amlrt_param_info *params;
  int64_t within; // seconds
  // Where role k is start of closed chain c (a -> c -> a): closed_start[c] = k, else AMLRT_NONE. By role.
  const uint32_t *closed_start;
} amlrt_pattern_info;

// ---- a match ------------------------------------------------------------------------------------

typedef struct amlrt_list {
  const uint32_t *at;
  uint32_t n;
} amlrt_list;

typedef struct amlrt_result { // of one constraint
  bool left_out;              // could not be evaluated: left out as a whole
  amlrt_value value;          // NONE: no value to show (an order, an absence, left out)
  amlrt_degree degree;
} amlrt_result;

typedef struct amlrt_match {
  uint32_t pattern;                  // index into the run's patterns
  uint32_t trigger;                  // row
  const amlrt_list *roles;           // accounts; n_roles: one, group ascending, chain in order
  const amlrt_list *stages;          // rows ascending; n_stages
  const amlrt_result *constraints;   // n_constraints
  const amlrt_value *title_values;   // n_title_values
  const amlrt_value *feature_values; // n_features
  amlrt_degree degree;
  bool inconclusive; // earlier rows, not in the data, could break it
  bool truncated;    // a limit cut it
} amlrt_match;

// What an engine calls for every match: pattern by pattern, by trigger ascending, then by keys. The
// match and all it points to are the engine's and live until the call returns. A negative status stops
// the engine, which returns it.
typedef amlrt_status (*amlrt_match_fn)(void *user, const amlrt_match *m);

// ---- the sink -----------------------------------------------------------------------------------

typedef enum { AMLRT_MODE_EPISODE, AMLRT_MODE_MAXIMAL, AMLRT_MODE_ALL } amlrt_mode;

typedef struct amlrt_alert {
  amlrt_match match; // deep copy; lives with the sink
  char match_id[33]; // 32 hex digits
  char alert_id[33];
  uint64_t merged;
  uint32_t trigger_first, trigger_last; // rows
} amlrt_alert;

typedef struct amlrt_sink amlrt_sink;

// Threads: a sink belongs to one thread at a time.
AMLRT_API amlrt_status amlrt_sink_new(amlrt_sink **out, // out: freed by the caller
                                      const amlrt_pattern_info *patterns, // in: outlive *out
                                      uint32_t n_patterns,
                                      const amlrt_table *table, // in: outlives *out
                                      amlrt_mode mode, const amlrt_alloc *mem,
                                      amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API void amlrt_sink_free(amlrt_sink *s); // NULL is fine
// An amlrt_match_fn; user is the sink.
AMLRT_API amlrt_status amlrt_sink_add(void *sink, const amlrt_match *m);
// An episode that the engine has folded (an amlrt_episode_fn of detector.h); mode episode only. Episodes
// and matches may come in turn, but no match of an episode's keys.
AMLRT_API amlrt_status amlrt_sink_add_episode(void *sink, const amlrt_match *best, uint64_t merged,
                                              uint32_t trigger_first, uint32_t trigger_last);
// Ends all episodes and sorts. After it, no add.
AMLRT_API amlrt_status amlrt_sink_finish(amlrt_sink *s, amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API uint64_t amlrt_sink_n(const amlrt_sink *s);
AMLRT_API const amlrt_alert *amlrt_sink_alert(const amlrt_sink *s, uint64_t i);
AMLRT_API uint64_t amlrt_sink_n_matches(const amlrt_sink *s, uint32_t pattern); // before merging

// ---- files --------------------------------------------------------------------------------------

// A set of output files in one folder: written under temporary names, renamed together at commit, so
// that nothing half-written stands under a final name. "-" as folder: only the stream writers below.
typedef struct amlrt_outdir amlrt_outdir;
AMLRT_API amlrt_status amlrt_outdir_open(amlrt_outdir **out, const char *dir,
                                         const amlrt_alloc *mem,
                                         amlrt_error *err) AMLRT_MUST_USE; // makes the folder
AMLRT_API amlrt_status amlrt_outdir_commit(amlrt_outdir *o, amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API void amlrt_outdir_free(amlrt_outdir *o); // not committed: removes the temporary files

// Writes text to a file of the folder (name) or, with folder NULL, to a stdio stream of the caller's.
typedef struct amlrt_out amlrt_out;
AMLRT_API amlrt_status amlrt_out_open(amlrt_out **out, amlrt_outdir *dir, const char *name,
                                      amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API amlrt_status amlrt_out_stream(amlrt_out **out, void *stdio_file, const char *name,
                                        const amlrt_alloc *mem, amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API void amlrt_out_write(amlrt_out *o, const char *text,
                               size_t n); // errors are kept until close
AMLRT_API void amlrt_out_printf(amlrt_out *o, const char *fmt, ...) AMLRT_PRINTF(2, 3);
AMLRT_API void amlrt_out_json(amlrt_out *o, const char *text,
                              size_t n); // a JSON string with quotes
AMLRT_API void amlrt_out_csv(amlrt_out *o, const char *text,
                             size_t n); // a CSV field, quoted if needed
// Flushes, checks, gives the SHA-256 of what was written; frees the writer.
AMLRT_API amlrt_status amlrt_out_close(amlrt_out *o, uint8_t sha256[32],
                                       amlrt_error *err) AMLRT_MUST_USE;

AMLRT_API void amlrt_write_alerts(amlrt_out *o, const amlrt_sink *s);   // alerts.jsonl
AMLRT_API void amlrt_write_evidence(amlrt_out *o, const amlrt_sink *s); // evidence.csv
AMLRT_API void amlrt_write_rejects(amlrt_out *o, const amlrt_table *t); // rejects.csv

// manifest.json: nothing in it depends on clock, host, engine or number of threads.
typedef struct amlrt_manifest_output {
  const char *name;
  uint8_t sha256[32];
} amlrt_manifest_output;
typedef struct amlrt_manifest_pattern {
  const amlrt_pattern_info *info;
  const char *file;   // name of its source
  uint8_t sha256[32]; // of its source text
  uint64_t matches, alerts, inconclusive, truncated;
  uint64_t hub_triggers; // triggers one of whose accounts was over the pattern's `hubs at most`
} amlrt_manifest_pattern;
typedef struct amlrt_manifest {
  const char *version, *build;
  const char *mode, *history, *attribute; // as the options name them; NULL: left out
  const amlrt_manifest_pattern *patterns;
  uint32_t n_patterns;
  const amlrt_table *table;
  const amlrt_manifest_output *outputs;
  uint32_t n_outputs;
  const char *const *limits_hit; // "time-limit", "match-limit", ...
  uint32_t n_limits_hit;
} amlrt_manifest;
AMLRT_API void amlrt_write_manifest(amlrt_out *o, const amlrt_manifest *m);

#endif
