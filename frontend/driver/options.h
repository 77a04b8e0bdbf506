// The command line, parsed: verbs.def and options.def are its tables.
#ifndef AML_DRIVER_OPTIONS_H
#define AML_DRIVER_OPTIONS_H

#include "ir/base/strbuf.h"
#include "ir/base/vec.h"
#include "amlrt/table.h"

// Exit codes, as amlrt/report.h has them.
enum {
#define AMLRT_EXIT(id, number, words) EXIT_##id = (number),
#include "amlrt/exit.def"
};

typedef enum {
#define VERB(id, ...) VERB_##id,
#include "frontend/driver/verbs.def"
  VERB_N
} verb_id;

enum {
#define VERB(id, ...) V_##id = 1 << VERB_##id,
#include "frontend/driver/verbs.def"
  V_ALL = (1 << VERB_N) - 1
};

typedef enum {
#define OPT(id, ...) OPT_##id,
#include "frontend/driver/options.def"
  OPT_N
} opt_id;

typedef struct verb_info {
  const char *name, *args, *line, *more;
} verb_info;
extern const verb_info verbs[VERB_N];

typedef struct opt_info {
  const char *name;
  char letter;
  const char *arg;
  unsigned verb_bits;
  const char *help;
} opt_info;
extern const opt_info opt_table[OPT_N];

typedef struct options {
  verb_id verb;
  const char
      *values[OPT_N]; // the text given last; "" for an option without argument; NULL: not given
  VEC(const char *) params; // all --param, in order
  VEC(const char *) args;   // what is no option
} options;

typedef enum { OPTIONS_OK, OPTIONS_SHOW_HELP, OPTIONS_SHOW_VERSION, OPTIONS_USAGE } options_outcome;

// Parses argv; on OPTIONS_USAGE says on standard error what is wrong and what is near.
options_outcome options_parse(options *out, arena *mem, int argc, char **argv);

// Values of options. False: said on standard error.
bool options_uint(const options *o, opt_id id, uint64_t *out);  // unchanged when not given
bool options_seconds(const options *o, opt_id id, double *out); // 90, 90s, 5m, 2h, 1d
bool options_bytes(const options *o, opt_id id, uint64_t *out); // 4096, 512M, 2G
bool options_share(const options *o, opt_id id, double *out);   // 0.01, 1%
// Index of the value in the list (ended by NULL); 0 when not given; -1: said.
int options_choice(const options *o, opt_id id, const char *const *choices);

// Is colour wanted on this stream?
bool options_colour(const options *o, int fd);

#endif
