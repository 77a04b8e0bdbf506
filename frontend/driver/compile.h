// One compilation: the struct behind libamlc's handle, which the verbs use too.
#ifndef AML_DRIVER_COMPILE_H
#define AML_DRIVER_COMPILE_H

#include "amlc/amlc.h"
#include "frontend/sema.h"
#include "ir/gir.h"

typedef struct amlc_input {
  uint32_t file; // its source
  bool is_gir;
} amlc_input;

struct amlc {
  cx *c;
  arena *mem;
  VEC(amlc_input) inputs;
  VEC(sema_override) params;
  sema_program *program;           // of all .aml inputs; NULL: none yet
  gir_module *module;              // NULL until compiled without errors
  const amlrt_pattern_info *infos; // by pattern
  strbuf text, diagnostics;        // what amlc_emit and amlc_diagnostics gave out last
  bool compiled;
};

// Parses and checks without lowering: enough for --emit=ast, fmt and the tests of a file.
amlc_status amlc_parse(amlc *a);
// Reads a whole file ("-" is standard input) into the arena; NULL with a reason.
const char *amlc_read_text(arena *mem, const char *path, uint32_t max, size_t *n, const char **why);
// Does a name end so? ".gir" tells graph IR from patterns.
bool amlc_ends_with(const char *s, const char *end);
// The name of pattern i's source, and its text.
const source *amlc_pattern_source(const amlc *a, uint32_t i);

#endif
