#include "ir/base/strbuf.h"

#include <stdio.h>
#include <string.h>
#include "ir/base/utf8.h"

void strbuf_init(strbuf *b, cx *c)
{
  *b = (strbuf){.c = c};
}

void strbuf_release(strbuf *b)
{
  cx_release(b->c, b->at);
  *b = (strbuf){.c = b->c};
}

void strbuf_clear(strbuf *b)
{
  b->n = 0;
  if (b->at) b->at[0] = 0;
}

const char *strbuf_text(const strbuf *b)
{
  return b->at ? b->at : "";
}

// Room for n more bytes and the NUL.
static bool make_room(strbuf *b, size_t n)
{
  if (n < b->cap - b->n) return true;
  if (n > SIZE_MAX / 4 || b->n > SIZE_MAX / 4) {
    cx_nomem(b->c);
    return false;
  }
  size_t wide = b->cap < 64 ? 64 : b->cap * 2;
  while (wide - b->n <= n)
    wide *= 2;
  char *grown = cx_realloc(b->c, b->at, b->n, wide);
  if (!grown) return false;
  grown[b->n] = 0;
  b->at = grown;
  b->cap = wide;
  return true;
}

void strbuf_add(strbuf *b, const char *text, size_t n)
{
  if (!make_room(b, n)) return;
  if (n) memcpy(b->at + b->n, text, n);
  b->n += n;
  b->at[b->n] = 0;
}

void strbuf_puts(strbuf *b, const char *text)
{
  strbuf_add(b, text, strlen(text));
}

void strbuf_putc(strbuf *b, char ch)
{
  strbuf_add(b, &ch, 1);
}

void strbuf_printf(strbuf *b, const char *fmt, ...)
{
  va_list args;

  va_start(args, fmt);
  int n = vsnprintf(NULL, 0, fmt, args);
  va_end(args);
  if (n < 0) AML_BUG("a format that cannot be printed: %s", fmt);
  if (!make_room(b, (size_t)n)) return;
  va_start(args, fmt);
  vsnprintf(b->at + b->n, (size_t)n + 1, fmt, args);
  va_end(args);
  b->n += (size_t)n;
}

static void json_char(strbuf *b, unsigned char ch)
{
  switch (ch) {
  case '"':
    strbuf_puts(b, "\\\"");
    return;
  case '\\':
    strbuf_puts(b, "\\\\");
    return;
  case '\n':
    strbuf_puts(b, "\\n");
    return;
  case '\t':
    strbuf_puts(b, "\\t");
    return;
  case '\r':
    strbuf_puts(b, "\\r");
    return;
  default:
    if (ch < 0x20 || ch == 0x7f)
      strbuf_printf(b, "\\u%04x", ch);
    else
      strbuf_putc(b, (char)ch);
  }
}

// Bytes that are no UTF-8 become U+FFFD: JSON has no other way to carry them.
void strbuf_json(strbuf *b, const char *text)
{
  size_t n = strlen(text);

  strbuf_putc(b, '"');
  for (size_t i = 0, w; i < n; i += w) {
    w = utf8_step(text + i, n - i);
    if (w == 1) {
      json_char(b, (unsigned char)text[i]);
    } else if (w == 0) {
      strbuf_puts(b, "\\ufffd");
      w = 1;
    } else {
      strbuf_add(b, text + i, w);
    }
  }
  strbuf_putc(b, '"');
}
