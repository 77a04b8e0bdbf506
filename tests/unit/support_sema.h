// A whole compilation from texts in memory, for the tests of frontend/sema.
#ifndef AML_TESTS_SUPPORT_SEMA_H
#define AML_TESTS_SUPPORT_SEMA_H

#include "frontend/sema.h"

typedef struct sema_text {
  const char *path, *text;
} sema_text;

typedef struct sema_bench {
  cx *c;
  arena *mem;
  const sema_text *files; // what imports may read; ended by {NULL, NULL}; NULL: none
  sema_program *program;
  gir_module *m;
  strbuf out; // of the last print or diagnostics
} sema_bench;

void sema_bench_init(sema_bench *b, const cx_allocator *mem, const sema_text *files);
void sema_bench_release(sema_bench *b);
// Loads a root file and lowers all of it. b->m is NULL where there were errors.
void sema_bench_run(sema_bench *b, const char *path, const char *text, const sema_override *o,
                    uint32_t n);
const char *sema_bench_print(sema_bench *b);       // the graph IR
const char *sema_bench_diagnostics(sema_bench *b); // one JSON object a line
// The text of a file of the tree; NULL: cannot be read. Freed by the caller.
char *sema_read_file(const char *path);

#endif
