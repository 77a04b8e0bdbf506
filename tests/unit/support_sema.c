#include "tests/unit/support_sema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *read_text(void *user, const char *path, size_t *n, const char **why)
{
  const sema_bench *b = user;

  for (const sema_text *f = b->files; f && f->path; f++)
    if (strcmp(f->path, path) == 0) {
      *n = strlen(f->text);
      return f->text;
    }
  *why = "there is no such file";
  return NULL;
}

void sema_bench_init(sema_bench *b, const cx_allocator *mem, const sema_text *files)
{
  *b = (sema_bench){.files = files};
  b->c = cx_new(mem, NULL);
  if (b->c) b->mem = arena_new(b->c, "test");
  if (b->c) strbuf_init(&b->out, b->c);
}

void sema_bench_release(sema_bench *b)
{
  if (b->c) strbuf_release(&b->out);
  arena_free(b->mem);
  cx_free(b->c);
  *b = (sema_bench){0};
}

void sema_bench_run(sema_bench *b, const char *path, const char *text, const sema_override *o,
                    uint32_t n)
{
  sema_root root = {b->mem ? source_add(b->c, path, text, strlen(text)) : UINT32_MAX};
  sema_loader loader = {&root, 1, read_text, b};

  b->m = NULL;
  b->program = root.file == UINT32_MAX ? NULL : sema_load(b->mem, b->c, &loader);
  if (b->program) b->m = sema_lower(b->mem, b->c, b->program, o, n);
}

const char *sema_bench_print(sema_bench *b)
{
  strbuf_clear(&b->out);
  if (b->m) gir_print(&b->out, b->m);
  return strbuf_text(&b->out);
}

const char *sema_bench_diagnostics(sema_bench *b)
{
  strbuf_clear(&b->out);
  diag_render(b->c, &b->out, DIAG_JSON, false);
  return strbuf_text(&b->out);
}

char *sema_read_file(const char *path)
{
  FILE *f = fopen(path, "rb");
  char *text = f ? calloc(1, 1 << 20) : NULL;

  if (text) {
    size_t n = fread(text, 1, (1 << 20) - 1, f);
    text[n] = '\0';
  }
  if (f) fclose(f);
  return text;
}
