// The words of the text forms of graph IR and kernel IR.
#ifndef AML_IR_GIR_LEX_H
#define AML_IR_GIR_LEX_H

#include "ir/base/diag.h"

typedef enum {
  GTOK_END,
  GTOK_LINE,   // the end of a line
  GTOK_WORD,   // abc, SET.2: text
  GTOK_LABEL,  // %abc, %7: text is what follows the %
  GTOK_TEXT,   // "abc": text is unescaped
  GTOK_NUMBER, // -3, 0.25, 1/3: text is as written
  GTOK_SIGN,   // one of the form's, by its first byte in `sign`
  GTOK_BAD     // already reported
} gir_token_kind;

typedef struct gir_token {
  gir_token_kind kind;
  char sign;
  const char *text; // interned
  span span;
} gir_token;

// Which IR it is.
typedef struct gir_form {
  const char *word, *name; // "gir", "graph IR"
  int version;
  const char *signs; // their first bytes; `.` is written `..`
} gir_form;

typedef struct gir_lexer {
  cx *c;
  const gir_form *form;
  const char *text;
  uint32_t file, n, at;
} gir_lexer;

gir_token gir_lex(gir_lexer *l);

#endif
