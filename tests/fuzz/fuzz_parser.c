// The whole compiler without running, with any bytes as the pattern file: diagnostics, the formatter,
// graph IR and its text form. Then once more with memory running out somewhere on the way.
#include "frontend/sema.h"
#include "ir/base/arena.h"
#include "ir/base/cx.h"
#include "ir/base/diag.h"
#include "ir/gir.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char good_import[] = "#!amlc 1\n"
                                  "const day = 24h;\n"
                                  "param limit : money = 10_000 USD in 1 USD..1_000_000 USD;\n";

#define CHECK(held)                                                                                \
  do {                                                                                             \
    if (!(held)) {                                                                                 \
      fprintf(stderr, "fuzz_parser: not so: %s\n", #held);                                         \
      abort();                                                                                     \
    }                                                                                              \
  } while (0)

typedef struct input {
  const char *text;
  size_t n;
} input;

// An allocator that counts and, from its Nth call on, has no more.
typedef struct tight {
  uint64_t n_calls, fail_at;
} tight;

static void *tight_alloc(void *user, size_t bytes)
{
  tight *t = user;

  if (t->n_calls++ >= t->fail_at) return NULL;
  return malloc(bytes ? bytes : 1);
}

static void tight_release(void *user, void *block)
{
  (void)user;
  free(block);
}

// Imports of a name with an `s` are the file itself, a cycle; with a `g` a good one; others are absent.
static const char *read_import(void *user, const char *path, size_t *n, const char **why)
{
  const input *in = user;

  if (strchr(path, 's')) {
    *n = in->n;
    return in->text;
  }
  if (strchr(path, 'g')) {
    *n = sizeof good_import - 1;
    return good_import;
  }
  *why = "No such file or directory";
  return NULL;
}

static void render_all(cx *c)
{
  strbuf out;

  strbuf_init(&out, c);
  diag_render(c, &out, DIAG_TEXT, true);
  diag_render(c, &out, DIAG_JSON, false);
  diag_render(c, &out, DIAG_SARIF, false);
  strbuf_release(&out);
}

// print(parse(print(x))) is print(x).
static void check_round_trip(cx *c, arena *mem, const gir_module *m)
{
  strbuf one, two;

  strbuf_init(&one, c);
  strbuf_init(&two, c);
  gir_print(&one, m);
  uint32_t file = source_add(c, "printed.gir", strbuf_text(&one), one.n);
  gir_module *again = cx_ok(c) ? gir_parse(mem, c, file) : NULL;
  if (cx_ok(c)) {
    CHECK(again);
    gir_print(&two, again);
    CHECK(!cx_ok(c) || strcmp(strbuf_text(&one), strbuf_text(&two)) == 0);
  }
  strbuf_release(&one);
  strbuf_release(&two);
}

// What the formatter writes is read without an error, and formatting it again changes nothing.
static void check_format(cx *c, arena *mem, const ast_file *f)
{
  strbuf one, two;

  strbuf_init(&one, c);
  strbuf_init(&two, c);
  fmt_source(&one, c, f);
  uint32_t file = source_add(c, "formatted.aml", strbuf_text(&one), one.n);
  ast_file *again = cx_ok(c) ? parse_source(mem, c, file) : NULL;
  if (cx_ok(c)) {
    CHECK(again && diag_n_errors(c) == 0);
    fmt_source(&two, c, again);
    CHECK(!cx_ok(c) || strcmp(strbuf_text(&one), strbuf_text(&two)) == 0);
  }
  strbuf_release(&one);
  strbuf_release(&two);
}

static void parse_and_format(const input *in, const cx_allocator *alloc)
{
  cx *c = cx_new(alloc, NULL);
  arena *mem = c ? arena_new(c, "fuzz") : NULL;
  uint32_t file = mem ? source_add(c, "fuzz.aml", in->text, in->n) : UINT32_MAX;

  if (file != UINT32_MAX) {
    strbuf out;
    ast_file *f = parse_source(mem, c, file);
    strbuf_init(&out, c);
    if (f && cx_ok(c)) ast_print(&out, f);
    strbuf_release(&out);
    if (f && cx_ok(c) && diag_n_errors(c) == 0) check_format(c, mem, f);
  }
  arena_free(mem);
  cx_free(c);
}

static void compile(const input *in, const cx_allocator *alloc)
{
  input own = *in;
  cx *c = cx_new(alloc, NULL);
  arena *mem = c ? arena_new(c, "fuzz") : NULL;
  uint32_t file = mem ? source_add(c, "fuzz.aml", in->text, in->n) : UINT32_MAX;

  if (file != UINT32_MAX) {
    sema_root root = {.file = file};
    sema_loader loader = {.roots = &root, .n_roots = 1, .read = read_import, .user = &own};
    sema_program *p = sema_load(mem, c, &loader);
    gir_module *m = p && cx_ok(c) ? sema_lower(mem, c, p, NULL, 0) : NULL;
    if (cx_ok(c)) CHECK(m || diag_n_errors(c) > 0);
    if (cx_ok(c)) render_all(c);
    if (m && cx_ok(c) && diag_n_errors(c) == 0) check_round_trip(c, mem, m);
  }
  arena_free(mem);
  cx_free(c);
}

// FNV-1a: where memory runs out depends on the input only, so that a find is found again.
static uint64_t hash(const uint8_t *data, size_t size)
{
  uint64_t h = 14695981039346656037u;

  for (size_t i = 0; i < size; i++)
    h = (h ^ data[i]) * 1099511628211u;
  return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  input in = {.text = size ? (const char *)data : "", .n = size};
  tight t = {.fail_at = UINT64_MAX};
  cx_allocator alloc = {.alloc = tight_alloc, .release = tight_release, .user = &t};

  parse_and_format(&in, &alloc);
  compile(&in, &alloc);
  t.fail_at = hash(data, size) % (t.n_calls + 1);
  t.n_calls = 0;
  compile(&in, &alloc);
  return 0;
}
