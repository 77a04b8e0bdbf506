// Tokens: a source cut into words, signs and values, with its comments beside them.
#ifndef AML_FRONTEND_LEXER_H
#define AML_FRONTEND_LEXER_H

#include "ir/base/diag.h"
#include "ir/base/vec.h"

typedef enum {
  TOKEN_FIRST_OF_LINE = 1, // nothing but blanks before it on its line
  TOKEN_BAD = 2,           // its diagnostic is out; stands in for what was meant
  TOKEN_AS_NAME = 4,       // its text is a name or is taken as it stands, quotes are none of it
  TOKEN_MADE_UP = 8,       // not in the text: put in by the parser to go on
  TOKEN_AFTER_BAD = 16     // behind a character that is none, which was reported and left out
} token_flags;

typedef struct token {
  int kind; // TK_ of the generated grammar.h
  uint32_t flags;
  span span;
} token;

typedef enum { COMMENT_LINE, COMMENT_BLOCK, COMMENT_DOC } comment_kind;

typedef struct comment {
  comment_kind kind;
  span span;          // without the end of line
  bool first_of_line; // nothing but blanks before it on its line
} comment;

typedef struct lexed {
  VEC(token) tokens;     // the last is the end of the file, TK_END
  VEC(comment) comments; // in their order
} lexed;

// Cuts a source, from `from` on. Reports what is no token, and goes on.
void lex_source(lexed *out, arena *mem, cx *c, uint32_t file, uint32_t from);
// The same for the bytes [from, to) alone; places are those of the source.
void lex_range(lexed *out, arena *mem, cx *c, uint32_t file, uint32_t from, uint32_t to);

// The token's text; not ended by NUL.
const char *token_text(const cx *c, token t, size_t *n);
// How a message calls a kind of token: "`;`", "`within`", "a name".
const char *token_kind_text(int kind);
// The words that are never names.
bool token_is_reserved(int kind);

// ---- between lexer.re and lex.c -----------------------------------------------------------------

// What lexer.re finds besides tokens.
enum {
  LEX_END = 0,
  LEX_NAME = -1, // a name or a word
  LEX_LINE_COMMENT = -2,
  LEX_DOC_COMMENT = -3,
  LEX_BLOCK_COMMENT = -4, // its opening; the rest is skipped by hand
  LEX_NEWLINE = -5,
  LEX_BLANK = -6,
  LEX_BAD_NUMBER = -7,
  LEX_BAD_TIME = -8,
  LEX_OPEN_TEXT = -9, // a text without its closing quote
  LEX_SINGLE_QUOTED = -10,
  LEX_FANCY_QUOTED = -11,
  LEX_BAD_WORD = -12, // letters beyond a-z
  LEX_BAD_CHARACTER = -13
};

typedef struct lex_cursor {
  const char *at;    // what comes next
  const char *limit; // the end; a NUL stands there
} lex_cursor;

// Moves the cursor over one piece and says what it is.
int lex_step(lex_cursor *s);

#endif
