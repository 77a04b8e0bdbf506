// The reader of graph IR, which users may hand in too: any bytes as the file. What it accepts must
// survive the verifier without an abort, and print to a text that reads back to the same.
#include "ir/base/arena.h"
#include "ir/base/cx.h"
#include "ir/base/diag.h"
#include "ir/gir.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(cx *c, arena *mem, const gir_module *m)
{
  strbuf one, two;

  strbuf_init(&one, c);
  strbuf_init(&two, c);
  gir_print(&one, m);
  uint32_t file = source_add(c, "printed.gir", strbuf_text(&one), one.n);
  gir_module *again = gir_parse(mem, c, file);
  if (again) gir_print(&two, again);
  if (!again || strcmp(strbuf_text(&one), strbuf_text(&two)) != 0) {
    fprintf(stderr, "fuzz_gir: does not read back:\n%s----\n%s", strbuf_text(&one),
            strbuf_text(&two));
    abort();
  }
  strbuf_release(&one);
  strbuf_release(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  cx *c = cx_new(NULL, NULL);
  arena *mem = arena_new(c, "fuzz");
  uint32_t file = source_add(c, "fuzz.gir", size ? (const char *)data : "", size);
  gir_module *m = gir_parse(mem, c, file);
  strbuf out;

  if (m && gir_verify(c, m)) check_round_trip(c, mem, m);
  strbuf_init(&out, c);
  diag_render(c, &out, DIAG_TEXT, false);
  strbuf_release(&out);
  arena_free(mem);
  cx_free(c);
  return 0;
}
