// What fmt.c and fmt_lines.c share: the lines to print.
#ifndef AML_FRONTEND_FMT_INSIDE_H
#define AML_FRONTEND_FMT_INSIDE_H

#include "ir/base/strbuf.h"
#include "ir/base/vec.h"

enum { FMT_COLUMNS = 100, FMT_INDENT = 2 };

// Columns that lines below each other share. A mark stands before an atom; the one of MARK_RIGHT ends
// in a column.
typedef enum { MARK_NONE, MARK_RIGHT, MARK_1, MARK_2, MARK_3, FMT_MARKS } fmt_mark;

// A token or a comment within a line.
typedef struct fmt_atom {
  const char *text;
  size_t n;
  uint32_t spaces; // before it
  fmt_mark mark;
  bool may_break;  // the line may be broken before it
  bool must_break; // and has to be
} fmt_atom;

typedef struct fmt_line {
  uint32_t indent; // in levels
  int group;       // lines of one group below each other share columns; 0: none
  bool blank;      // an empty line before it
  bool whole;      // never broken
  VEC(fmt_atom) atoms;
  const char *comment; // behind it; NULL
} fmt_line;

typedef VEC(fmt_line) fmt_lines;

void fmt__print(strbuf *out, fmt_lines *lines);

#endif
