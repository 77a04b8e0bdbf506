// Source texts and places in them. A place is 12 bytes; line and column are found when printing.
#ifndef AML_BASE_SOURCE_H
#define AML_BASE_SOURCE_H

#include "ir/base/cx.h"

typedef struct span {
  uint32_t file;       // index of the source in its context
  uint32_t start, end; // bytes; [start, end)
} span;

typedef struct source {
  const char *name; // as the user gave it; "-" is standard input
  const char *text; // ended by NUL, which does not count
  uint32_t n;
} source;

// Copies name and text; the source lives as long as the context. UINT32_MAX: no memory.
uint32_t source_add(cx *c, const char *name, const char *text, size_t n);
const source *source_get(const cx *c, uint32_t file);
uint32_t source_count(const cx *c);

typedef struct line_col {
  uint32_t line, col;    // 1-based; col counts characters (UTF-8 code points)
  const char *line_text; // start of the line
  uint32_t line_n;       // its bytes, without the end of line
} line_col;
line_col source_line_col(const cx *c, uint32_t file, uint32_t at);

span span_join(span a, span b); // from the start of a to the end of b; same file

#endif
