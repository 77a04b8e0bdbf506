// Modules of kernel IR for the tests of ir/, and short ways to read and print them.
#ifndef AML_TESTS_SUPPORT_KIR_H
#define AML_TESTS_SUPPORT_KIR_H

#include "ir/kir.h"

typedef struct kir_text {
  const char *name, *text;
} kir_text;

// Each as kir_print writes it.
extern const kir_text kir_texts[];
extern const size_t n_kir_texts;
const char *kir_text_of(const char *name); // NULL: there is none

// A context with an arena, for one module.
typedef struct kir_bench {
  cx *c;
  arena *mem;
  kir_module *m;
  strbuf out; // of the last print or diagnostics
} kir_bench;

void kir_bench_init(kir_bench *b, const cx_allocator *mem); // fields NULL when there is no memory
void kir_bench_release(kir_bench *b);
// Reads a text: true and b->m, or false and the diagnostics in b->out.
bool kir_bench_read(kir_bench *b, const char *text, size_t n);
// Reads one of kir_texts.
kir_module *kir_bench_module(kir_bench *b, const char *name);
const char *kir_bench_print(kir_bench *b);
const char *kir_bench_diags(kir_bench *b);

kir_fn *kir_fn_named(const kir_module *m, const char *name);
kir_node *kir_first(const kir_module *m, kir_op op); // NULL: no function has it

#endif
