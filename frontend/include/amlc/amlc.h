// libamlc: the compiler as a library. Patterns in, graph IR or matches out.
//
//   amlc *a;
//   if (amlc_new(&a, NULL) < 0) ...
//   amlc_add_file(a, "scatter_gather.aml");
//   if (amlc_compile(a) < 0) puts(amlc_diagnostics(a, AMLC_TEXT));
//   else st = amlc_run(a, table, &opts, amlrt_sink_add, sink, &err);
//   amlc_free(a);
//
// Ownership: an amlc owns all it hands out; texts live until the next call of the same function or
// amlc_free. Threads: one amlc belongs to one thread at a time; any number may live side by side. After
// amlc_compile, amlc_run and amlc_pattern may be called from several threads at once.
#ifndef AMLC_AMLC_H
#define AMLC_AMLC_H

#include "amlrt/match.h"

typedef struct amlc amlc;

typedef enum {
  AMLC_OK = 0,
  AMLC_E_NOMEM = -1,    // out of memory
  AMLC_E_REJECTED = -2, // a pattern has an error: see amlc_diagnostics
  AMLC_E_READ = -3,     // a file cannot be read: see amlc_diagnostics
  AMLC_E_ARG = -4       // called out of order, or with an argument out of range
} amlc_status;

typedef struct amlc_allocator { // both functions set
  void *(*alloc)(void *user, size_t bytes);
  void (*release)(void *user, void *block);
  void *user;
} amlc_allocator;

AMLRT_API amlc_status amlc_new(amlc **out,
                               const amlc_allocator *mem) AMLRT_MUST_USE; // NULL: malloc
AMLRT_API void amlc_free(amlc *a);                                        // NULL is fine

// Patterns: a .aml file (or .gir: graph IR as amlc_emit writes it), or a text in memory whose name is
// used in messages (and tells .gir from .aml). Imports are read relative to the importing file.
AMLRT_API amlc_status amlc_add_file(amlc *a, const char *path) AMLRT_MUST_USE;
AMLRT_API amlc_status amlc_add_text(amlc *a, const char *name, const char *text,
                                    size_t n) AMLRT_MUST_USE;
// A parameter's value in the syntax of the language: "scatter_gather.window", "24h". Before compiling.
AMLRT_API amlc_status amlc_set_param(amlc *a, const char *name, const char *value) AMLRT_MUST_USE;

// Parses, checks and lowers all that was added. Once. AMLC_E_REJECTED: nothing can be run.
AMLRT_API amlc_status amlc_compile(amlc *a) AMLRT_MUST_USE;

typedef enum { AMLC_TEXT, AMLC_JSON, AMLC_SARIF } amlc_diagnostics_format;
// All diagnostics so far; "" when there are none (SARIF: an empty run).
AMLRT_API const char *amlc_diagnostics(amlc *a, amlc_diagnostics_format format);
AMLRT_API uint32_t amlc_n_errors(const amlc *a);

typedef enum { AMLC_EMIT_AST, AMLC_EMIT_GIR } amlc_emit_kind;
// A form of the compiled patterns as text; NULL before amlc_compile succeeded (AST: before it ran).
AMLRT_API const char *amlc_emit(amlc *a, amlc_emit_kind kind);

AMLRT_API uint32_t amlc_n_patterns(const amlc *a);
// The patterns of the run, an array of amlc_n_patterns for amlrt_sink_new; NULL before compiling.
AMLRT_API const amlrt_pattern_info *amlc_patterns(const amlc *a);

typedef struct amlc_run_opts {
  const amlrt_rates *rates; // NULL: none
  bool history_complete;    // nothing was before the first row
  uint32_t only_trigger;    // row, AMLRT_NONE: all
  uint64_t match_limit;     // by pattern; 0: none
  int64_t hub_limit;        // 0: none
  bool (*cancelled)(void *user);
  void (*progress)(void *user, uint32_t pattern, uint64_t done, uint64_t all);
  void *user;
  const amlrt_alloc *mem; // NULL: malloc
} amlc_run_opts;
AMLRT_API amlc_run_opts amlc_run_opts_default(void);

// Finds all matches of all patterns with the reference engine, calls on_match for each, pattern by
// pattern. Returns: AMLRT_OK; AMLRT_TRUNCATED, AMLRT_INTERRUPTED; AMLRT_E_NO_ATTRIBUTE when the data
// lack what a pattern needs; other AMLRT_E_*. For speed, have `amlc compile --emit=so` make a detector of
// the patterns and run that (amlrt/detector.h): its matches are the same.
AMLRT_API amlrt_status amlc_run(amlc *a, const amlrt_table *table, const amlc_run_opts *opts,
                                amlrt_match_fn on_match, void *user,
                                amlrt_error *err) AMLRT_MUST_USE;

#endif
