// Growable text on the context's allocator. Out of memory marks the context and keeps what is there.
#ifndef AML_BASE_STRBUF_H
#define AML_BASE_STRBUF_H

#include "ir/base/cx.h"

typedef struct strbuf {
  cx *c;
  char *at; // always ended by NUL once anything was added; strbuf_text is never NULL
  size_t n, cap;
} strbuf;

void strbuf_init(strbuf *b, cx *c);
void strbuf_release(strbuf *b);
void strbuf_clear(strbuf *b);
const char *strbuf_text(const strbuf *b);
void strbuf_add(strbuf *b, const char *text, size_t n);
void strbuf_puts(strbuf *b, const char *text);
void strbuf_putc(strbuf *b, char ch);
void strbuf_printf(strbuf *b, const char *fmt, ...) AML_PRINTF(2, 3);
// The text as a JSON or SARIF string, with its quotes.
void strbuf_json(strbuf *b, const char *text);

#endif
