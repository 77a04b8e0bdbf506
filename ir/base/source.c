#include "ir/base/source.h"

#include <string.h>
#include "ir/base/cx_inside.h"

static bool grow_sources(cx *c)
{
  uint32_t wide = c->cap_sources ? c->cap_sources * 2 : 8;
  source **grown = cx_realloc(c, c->sources, c->n_sources * sizeof *grown, wide * sizeof *grown);

  if (!grown) return false;
  c->sources = grown;
  c->cap_sources = wide;
  return true;
}

uint32_t source_add(cx *c, const char *name, const char *text, size_t n)
{
  size_t name_n = strlen(name);
  source *s = NULL;

  if (n >= UINT32_MAX)
    cx_nomem(c);
  else if (c->n_sources < c->cap_sources || grow_sources(c))
    s = cx_alloc(c, sizeof *s + name_n + 1 + n + 1);
  if (!s) return UINT32_MAX;

  char *at = (char *)(s + 1); // name and text live behind their source, in one block
  memcpy(at, name, name_n + 1);
  *s = (source){.name = at, .text = at + name_n + 1, .n = (uint32_t)n};
  at += name_n + 1;
  if (n) memcpy(at, text, n);
  at[n] = 0;
  c->sources[c->n_sources] = s;
  return c->n_sources++;
}

const source *source_get(const cx *c, uint32_t file)
{
  if (file >= c->n_sources) AML_BUG("no source %u", file);
  return c->sources[file];
}

uint32_t source_count(const cx *c)
{
  return c->n_sources;
}

line_col source_line_col(const cx *c, uint32_t file, uint32_t at)
{
  const source *s = source_get(c, file);
  uint32_t begin = 0;
  line_col where = {.line = 1, .col = 1};

  if (at > s->n) at = s->n;
  for (uint32_t i = 0; i < at; i++)
    if (s->text[i] == '\n') {
      where.line++;
      begin = i + 1;
    }
  for (uint32_t i = begin; i < at; i++) // the tail bytes of a character do not count
    if (((unsigned char)s->text[i] & 0xc0) != 0x80) where.col++;
  const char *end = memchr(s->text + begin, '\n', s->n - begin);
  where.line_text = s->text + begin;
  where.line_n = end ? (uint32_t)(end - where.line_text) : s->n - begin;
  if (where.line_n && where.line_text[where.line_n - 1] == '\r') where.line_n--;
  return where;
}

span span_join(span a, span b)
{
  return (span){.file = a.file, .start = a.start, .end = b.end};
}
