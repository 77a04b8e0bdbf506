// Patterns as graph IR for the tests of ir/, and short ways to read and print it.
#ifndef AML_TESTS_SUPPORT_GIR_H
#define AML_TESTS_SUPPORT_GIR_H

#include "ir/gir.h"

typedef struct gir_text {
  const char *name, *text;
} gir_text;

// Each as gir_print writes it.
extern const gir_text gir_texts[];
extern const size_t n_gir_texts;
const char *gir_text_of(const char *name); // NULL: there is none

// A context with an arena, for one module.
typedef struct gir_bench {
  cx *c;
  arena *mem;
  gir_module *m;
  strbuf out; // of the last print or diagnostics
} gir_bench;

void gir_bench_init(gir_bench *b, const cx_allocator *mem); // fields NULL when there is no memory
void gir_bench_release(gir_bench *b);
// Reads a text: true and b->m, or false and the diagnostics in b->out.
bool gir_bench_read(gir_bench *b, const char *text, size_t n);
// Reads a text that must be right.
gir_pattern *gir_bench_pattern(gir_bench *b, const char *text);
const char *gir_bench_print(gir_bench *b);
const char *gir_bench_diags(gir_bench *b);

// The node of a role or stage; NULL: there is none.
gir_node *gir_named(const gir_pattern *p, const char *name);
// The k-th node of an op in the body, from 0; NULL.
gir_node *gir_nth(const gir_pattern *p, gir_op op, uint32_t k);

// `text` with the first `from` replaced by `to`; to be freed. Fails the test where it is not there.
char *text_replaced(const char *text, const char *from, const char *to);

#endif
