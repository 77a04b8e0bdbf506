// The reader of kernel IR: any bytes as the file. What it accepts must survive the verifier without an
// abort, print to a text that reads back to the same, and come out as C.
#include "backend_cpu/cpu.h"
#include "ir/base/arena.h"
#include "ir/base/cx.h"
#include "ir/base/diag.h"
#include "ir/kir.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const char *one, const char *two)
{
  fprintf(stderr, "fuzz_kir: %s:\n%s----\n%s", what, one, two);
  abort();
}

static void check_round_trip(cx *c, arena *mem, const kir_module *m)
{
  strbuf one, two;

  strbuf_init(&one, c);
  strbuf_init(&two, c);
  kir_print(&one, m);
  uint32_t file = source_add(c, "printed.kir", strbuf_text(&one), one.n);
  kir_module *again = kir_parse(mem, c, file);
  if (again) kir_print(&two, again);
  if (!again || strcmp(strbuf_text(&one), strbuf_text(&two)) != 0)
    fail("does not read back", strbuf_text(&one), strbuf_text(&two));
  strbuf_release(&one);
  strbuf_release(&two);
}

// Whatever texts and names came in, what goes out is plain ASCII.
static void check_c(cx *c, const kir_module *m)
{
  strbuf out;

  strbuf_init(&out, c);
  cpu_emit_c(&out, &m, 1, &(const kir_export){"0123", "1"});
  for (size_t i = 0; i < out.n; i++)
    if ((out.at[i] < ' ' && out.at[i] != '\n') || out.at[i] > '~')
      fail("C is not plain ASCII", out.at, "");
  strbuf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  cx *c = cx_new(NULL, NULL);
  arena *mem = arena_new(c, "fuzz");
  uint32_t file = source_add(c, "fuzz.kir", size ? (const char *)data : "", size);
  kir_module *m = kir_parse(mem, c, file);
  strbuf out;

  if (m) {
    check_round_trip(c, mem, m);
    check_c(c, m);
  }
  strbuf_init(&out, c);
  diag_render(c, &out, DIAG_TEXT, false);
  strbuf_release(&out);
  arena_free(mem);
  cx_free(c);
  return 0;
}
