// The command line of a detector that is a program.
#ifndef AMLRT_SRC_MAIN_OPTIONS_H
#define AMLRT_SRC_MAIN_OPTIONS_H

#include "amlrt/match.h"

typedef enum {
#define OPT(id, ...) MAIN_##id,
#include "runtime/src/main_options.def"
  MAIN_N
} main_option;

typedef struct main_options {
  const char *values[MAIN_N]; // "" for an option without argument; NULL: not given
  const char **data;          // n_data words of argv
  size_t n_data;
  // What the values say:
  amlrt_format format;
  amlrt_mode mode;
  bool history_complete;
  uint64_t threads, match_limit, hub_limit, memory;
  double time_limit, max_rejects; // 0: not given; share
} main_options;

// False: said on standard error. data: room for argc words.
bool amlrt__main_options(main_options *out, const char **data, int argc, char **argv);
void amlrt__main_help(const char *program);
// "amlc detector: ..." on standard error.
void amlrt__main_error(const char *fmt, ...) AMLRT_PRINTF(1, 2);

#endif
