// What the verbs share: the command's state, inputs, diagnostics, the run of an engine, progress.
#ifndef AML_DRIVER_CLI_H
#define AML_DRIVER_CLI_H

#include "frontend/driver/compile.h"
#include "frontend/driver/options.h"
#include "ir/reference/ref.h"
#include "amlrt/detector.h"
#include "amlrt/feature.h"
#include "amlrt/report.h"
#include <signal.h>
#include <stdio.h>

// One command. Made by main.c, passed to every verb.
typedef struct cli {
  options o;
  amlc *a;                                  // the compilation
  arena *mem;                               // its arena
  const char *exe;                          // path of this program, for finding the library
  const volatile sig_atomic_t *interrupted; // set by Ctrl-C and SIGTERM
  double deadline;                          // of --time-limit, on the clock of cli_clock; 0: none
  int argc;                                 // as given, for run.json
  char **argv;
  VEC(const char *) patterns; // files
  VEC(const char *) data;
} cli;

// A verb: returns the exit code. One file each: verb_NAME.c.
int verb_check(cli *c);
int verb_run(cli *c);
int verb_features(cli *c);
int verb_why(cli *c);
int verb_compile(cli *c);
int verb_explain(cli *c);
int verb_test(cli *c);
int verb_fmt(cli *c);
int verb_list(cli *c);
int verb_help(cli *c);

void cli_error(const char *fmt, ...) AML_PRINTF(1, 2); // "amlc: ..." on standard error
bool cli_quiet(const cli *c);
bool cli_verbose(const cli *c);
double cli_clock(void); // seconds, monotonic

// ---- inputs.c: which argument is what ------------------------------------------------------------

// Sorts the arguments into pattern files (folders and names of the library opened up) and data:
// arguments that are no patterns, where the verb takes any, else an error. Returns an exit code.
typedef enum { CLI_NO_DATA, CLI_MAY_HAVE_DATA, CLI_NEEDS_DATA } cli_data;
int cli_take_args(cli *c, cli_data data);
// Adds the pattern files and parameters to the compilation.
int cli_add_patterns(cli *c);
// The folder of the pattern library, or NULL.
const char *cli_library(cli *c);
// All .aml files of a folder in the order of their names; false when it cannot be read.
typedef VEC(const char *) cli_paths;
bool cli_folder(cli_paths *out, arena *mem, const char *dir);

// ---- report.c -----------------------------------------------------------------------------------

// Shows all diagnostics as --diagnostics asks; an exit code: EXIT_PATTERN when there were errors.
int cli_report(cli *c);
int cli_compile(cli *c); // compiles what was added, then reports
void cli_version(FILE *f);
void cli_help(FILE *f, const cli *c, bool of_verb);

// ---- output.c -----------------------------------------------------------------------------------

// Says what failed; its exit code.
int cli_fail(amlrt_status st, const amlrt_error *err);
// Has `write` fill a file (renamed when whole), or standard output (path NULL or "-"). An exit code.
int cli_write(cli *c, const char *path, void (*write)(amlrt_out *o, const void *what),
              const void *what);
int cli_write_file(cli *c, const char *path, const char *text);
int cli_write_text(cli *c, const char *text); // to where -o says

// ---- engine.c -----------------------------------------------------------------------------------

typedef enum { ENGINE_AUTO, ENGINE_JIT, ENGINE_C, ENGINE_CUDA, ENGINE_REFERENCE } engine_id;
// What --engine asks for; *code is why not: EXIT_USAGE, EXIT_NO_ENGINE (both said), else EXIT_DONE.
engine_id cli_engine_asked(const cli *c, int *code);

// Is it to end: Ctrl-C, or the time of --time-limit is over? user: the cli. Threads: any.
bool cli_stop(void *user);

typedef struct cli_run { // one run of all patterns over one table
  amlrt_table *table;
  amlrt_rates *rates;
  amlrt_graph *graph;       // of a compiled engine
  struct engines *compiled; // NULL: the reference engine
  const char *engine;       // "jit", "c", "reference"
  const char *engine_why;   // why `auto` took it; NULL: it was asked for
  bool history_complete;
  uint32_t only_trigger;
  const char *plans; // asked for, see amlrt_run_opts.plan; NULL: none
  uint64_t match_limit, hub_limit, threads, memory;
  double read_s, graph_s, mine_s;
  int64_t started;           // seconds since 1970
  amlrt_run_stats *stats;    // by pattern
  double *pattern_s;         // by pattern
  const char *limits_hit[4]; // "time-limit", ...
  uint32_t n_limits_hit;
} cli_run;

// Compiles, reads the data, checks that they have what the patterns need, picks the engine and
// makes it ready. An exit code; on failure everything is said, and EXIT_DATA may leave r->table
// with the rejects only. To be closed in any case.
int cli_run_open(cli *c, cli_run *r);
typedef struct cli_taker { // who takes what is found
  amlrt_match_fn match;
  amlrt_episode_fn episode; // NULL: matches only
  bool light;               // needs no roles, stages, constraints of a match
  void *user;
} cli_taker;
// Mines; EXIT_DONE, EXIT_LIMIT (with limits_hit), EXIT_CTRL_C, or a failure (said).
int cli_run_mine(cli *c, cli_run *r, const cli_taker *taker);
void cli_run_close(cli_run *r);
uint32_t cli_run_threads(const cli_run *r);
// With -v: the engine, why, how many threads, and what took how long, as a line.
void cli_run_say(const cli *c, const cli_run *r);

// ---- verify.c -----------------------------------------------------------------------------------

typedef struct cli_verified {
  uint64_t alerts, mismatches;
} cli_verified;
// Draws `n` alerts and has the reference engine compute each again. EXIT_DONE, EXIT_MISMATCH (each
// one said), EXIT_CTRL_C, or a failure (said).
int cli_verify(cli *c, const cli_run *r, const amlrt_sink *sink, uint64_t n, uint64_t seed,
               cli_verified *out);

// ---- progress.c: one line on a terminal, after a second -------------------------------------------

typedef struct progress {
  bool on;
  double start, shown;
  const char *what; // "reading", the pattern's name
} progress;
void progress_start(progress *p, const cli *c, const char *what);
void progress_show(progress *p, uint64_t done, uint64_t all, const char *unit); // all 0: not known
void progress_end(progress *p);

#endif
