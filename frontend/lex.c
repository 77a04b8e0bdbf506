// Tokens and comments of a source, and what is wrong with pieces that are neither.
#include "frontend/lexer.h"

#include <string.h>
#include <strings.h>
#include "grammar.h"

typedef struct word {
  const char *text;
  int kind;
  bool reserved;
} word;

static const word words[] = {
#define WORD(id, text) {text, TK_##id, false},
#define RESERVED(id, text) {text, TK_##id, true},
#include "frontend/tokens.def"
#undef WORD
#undef RESERVED
};
enum { N_WORDS = sizeof words / sizeof *words };

const char *token_text(const cx *c, token t, size_t *n)
{
  *n = t.span.end - t.span.start;
  return source_get(c, t.span.file)->text + t.span.start;
}

const char *token_kind_text(int kind)
{
  switch (kind) {
  case TK_END:
    return "the end of the file";
#define SIGN(id, text)                                                                             \
  case TK_##id:                                                                                    \
    return "`" text "`";
#define VALUE(id, what)                                                                            \
  case TK_##id:                                                                                    \
    return what;
#include "frontend/tokens.def"
#undef SIGN
#undef VALUE
  default:
    break;
  }
  static const char *const quoted[] = {
#define WORD(id, text) "`" text "`",
#define RESERVED(id, text) "`" text "`",
#include "frontend/tokens.def"
#undef WORD
#undef RESERVED
  };
  for (int i = 0; i < N_WORDS; i++)
    if (words[i].kind == kind) return quoted[i];
  return "something else";
}

bool token_is_reserved(int kind)
{
  for (int i = 0; i < N_WORDS; i++)
    if (words[i].kind == kind) return words[i].reserved;
  return false;
}

static int word_kind(const char *text, size_t n)
{
  for (int i = 0; i < N_WORDS; i++)
    if (strncmp(words[i].text, text, n) == 0 && !words[i].text[n]) return words[i].kind;
  return TK_NAME;
}

// ---- one source ---------------------------------------------------------------------------------

typedef struct lexing {
  lexed *out;
  arena *mem;
  cx *c;
  const char *text; // what the cursor moves in
  uint32_t file;
  uint32_t base; // where it stands in the source
  lex_cursor cursor;
  bool first_of_line; // nothing but blanks so far on this line
  bool after_bad;     // a wrong character was left out
} lexing;

static span piece(const lexing *l, const char *start)
{
  return (span){l->file, l->base + (uint32_t)(start - l->text),
                l->base + (uint32_t)(l->cursor.at - l->text)};
}

static void add_token(lexing *l, int kind, uint32_t flags, const char *start)
{
  token t = {kind, flags | (l->first_of_line ? TOKEN_FIRST_OF_LINE : 0), piece(l, start)};
  if (l->after_bad) t.flags |= TOKEN_AFTER_BAD;
  l->first_of_line = false;
  l->after_bad = false;
  VEC_PUSH(l->mem, &l->out->tokens, t);
}

static void add_comment(lexing *l, comment_kind kind, const char *start)
{
  comment c = {kind, piece(l, start), l->first_of_line};
  while (kind != COMMENT_BLOCK && c.span.end > c.span.start &&
         strchr(" \t\r", l->text[c.span.end - 1 - l->base]))
    c.span.end--;
  VEC_PUSH(l->mem, &l->out->comments, c);
}

static void block_comment(lexing *l, const char *start)
{
  const char *at = l->cursor.at;
  const char *end = memmem(at, (size_t)(l->cursor.limit - at), "*/", 2);

  if (!end) {
    diag_error(l->c, DIAG_UNCLOSED_COMMENT, piece(l, start), "this comment does not end");
    diag_help(l->c, "close it with `*/`");
  }
  l->cursor.at = end ? end + 2 : l->cursor.limit;
  add_comment(l, COMMENT_BLOCK, start);
  if (memchr(start, '\n', (size_t)(l->cursor.at - start))) l->first_of_line = true;
}

// `10USD`, `5min`, `1e6`, `.5`, `1.2.3`: what the writer meant can mostly be told.
static void bad_number(lexing *l, const char *start)
{
  span where = piece(l, start);
  int n = (int)(where.end - where.start), digits = (int)strspn(start, "0123456789._");
  const char *suffix = start + digits;
  int n_suffix = n - digits;
  bool capitals = n_suffix >= 3 && n_suffix <= 5;

  for (int i = 0; i < n_suffix; i++)
    capitals = capitals && suffix[i] >= 'A' && suffix[i] <= 'Z';
  diag_error(l->c, DIAG_BAD_NUMBER, where, "`%.*s` is not a number", n, start);
  if (start[0] == '.')
    diag_help(l->c, "write `0%.*s`", n, start);
  else if (n_suffix == 0)
    diag_help(l->c, "a number has one decimal point; a version stands in quotes: \"%.*s\"", n,
              start);
  else if (capitals)
    diag_help(l->c, "put a space before the currency: `%.*s %.*s`", digits, start, n_suffix,
              suffix);
  else if (suffix[0] == 'e' || suffix[0] == 'E')
    diag_help(l->c, "write it out, as in `1_000_000` or `0.001`");
  else if (strspn(suffix, "smhd0123456789") == (size_t)n_suffix && n_suffix > 1)
    diag_help(l->c, "a duration has one unit: `90m` for an hour and a half");
  else
    diag_help(l->c, "the units are s, m, h, d and %%, as in `90m` or `60%%`");
  add_token(l, TK_NUMBER, TOKEN_BAD, start);
}

static void bad_time(lexing *l, const char *start)
{
  diag_error(l->c, DIAG_BAD_TIME, piece(l, start), "this is not how a time is written");
  diag_help(l->c, "write `2022-09-01 00:20`, in UTC; seconds may follow, as in "
                  "`2022-09-01 00:20:05`");
  add_token(l, TK_TIME, TOKEN_BAD, start);
}

static void open_text(lexing *l, const char *start)
{
  diag_error(l->c, DIAG_BAD_TEXT, piece(l, start), "this text has no closing quote on its line");
  diag_help(l->c, "end it with `\"`; a line break in a text is written `\\n`");
  add_token(l, TK_TEXT, TOKEN_BAD, start);
}

static void quoted_otherwise(lexing *l, const char *start)
{
  diag_error(l->c, DIAG_BAD_TEXT, piece(l, start), "a text stands in straight double quotes");
  diag_help(l->c, "write it as \"...\"");
  add_token(l, TK_TEXT, TOKEN_BAD, start);
}

static void bad_word(lexing *l, const char *start)
{
  diag_error(l->c, DIAG_BAD_CHARACTER, piece(l, start),
             "a name has the letters a to z and A to Z, digits and `_` only");
  diag_help(l->c, "any letters may stand in a text in quotes or in a comment");
  add_token(l, TK_NAME, TOKEN_BAD, start);
}

// A run of wrong bytes is one mistake. Bytes that are not UTF-8 were reported by parse.c, once.
static void bad_character(lexing *l, const char *start)
{
  unsigned char ch = (unsigned char)*start;

  l->after_bad = true;
  while (l->cursor.at < l->cursor.limit && ((unsigned char)*l->cursor.at & 0xc0) == 0x80)
    l->cursor.at++;
  if (ch == 0)
    diag_error(l->c, DIAG_BAD_CHARACTER, piece(l, start), "a zero byte: is this a text file?");
  else if (ch < 0x20 || ch == 0x7f)
    diag_error(l->c, DIAG_BAD_CHARACTER, piece(l, start), "a control character (%02x)", ch);
  else if (ch < 0x80)
    diag_error(l->c, DIAG_BAD_CHARACTER, piece(l, start), "`%c` means nothing in a pattern", ch);
  else
    diag_error(l->c, DIAG_BAD_CHARACTER, piece(l, start), "this character means nothing here");
  if (ch == '%') diag_help(l->c, "a share is one word: `60%%`");
}

static void odd_piece(lexing *l, int kind, const char *start)
{
  switch (kind) {
  case LEX_BAD_NUMBER:
    bad_number(l, start);
    return;
  case LEX_BAD_TIME:
    bad_time(l, start);
    return;
  case LEX_OPEN_TEXT:
    open_text(l, start);
    return;
  case LEX_SINGLE_QUOTED:
  case LEX_FANCY_QUOTED:
    quoted_otherwise(l, start);
    return;
  case LEX_BAD_WORD:
    bad_word(l, start);
    return;
  default:
    bad_character(l, start);
  }
}

static void lex_piece(lexing *l, int kind, const char *start)
{
  switch (kind) {
  case LEX_BLANK:
    return;
  case LEX_NEWLINE:
    l->first_of_line = true;
    return;
  case LEX_LINE_COMMENT:
    add_comment(l, COMMENT_LINE, start);
    return;
  case LEX_DOC_COMMENT:
    add_comment(l, COMMENT_DOC, start);
    return;
  case LEX_BLOCK_COMMENT:
    block_comment(l, start);
    return;
  case LEX_NAME:
    add_token(l, word_kind(start, (size_t)(l->cursor.at - start)), 0, start);
    return;
  default:
    if (kind > 0)
      add_token(l, kind, 0, start);
    else
      odd_piece(l, kind, start);
  }
}

static bool is_reserved_shouted(const char *text, size_t n)
{
  for (int i = 0; i < N_WORDS; i++)
    if (words[i].reserved && strncasecmp(words[i].text, text, n) == 0 && !words[i].text[n])
      return true;
  return false;
}

// USD behind a number is a currency, wherever else it is a name. `3 AND x` is a mistake of its own.
static void mark_currencies(lexing *l)
{
  for (uint32_t i = 1; i < l->out->tokens.n; i++) {
    token *t = &l->out->tokens.at[i];
    size_t n;
    const char *text = token_text(l->c, *t, &n);
    bool capitals = t->kind == TK_NAME && n >= 3 && n <= 5;
    for (size_t k = 0; capitals && k < n; k++)
      capitals = text[k] >= 'A' && text[k] <= 'Z';
    bool number = l->out->tokens.at[i - 1].kind == TK_NUMBER;
    if (capitals && number && !is_reserved_shouted(text, n)) t->kind = TK_ISO;
  }
}

static void lex_all(lexing *l, const char *from, const char *limit)
{
  int kind = LEX_BLANK;

  l->cursor = (lex_cursor){from, limit};
  while (kind != LEX_END && !diag_stop(l->c)) {
    const char *start = l->cursor.at;
    kind = lex_step(&l->cursor);
    if (kind != LEX_END) lex_piece(l, kind, start);
  }
  mark_currencies(l);
  l->cursor.at = limit;
  add_token(l, TK_END, 0, limit);
}

void lex_source(lexed *out, arena *mem, cx *c, uint32_t file, uint32_t from)
{
  const source *s = source_get(c, file);
  lexing l = {.out = out, .mem = mem, .c = c, .text = s->text, .file = file, .first_of_line = true};

  lex_all(&l, s->text + from, s->text + s->n);
}

void lex_range(lexed *out, arena *mem, cx *c, uint32_t file, uint32_t from, uint32_t to)
{
  // A copy, for the lexer needs its NUL at the limit.
  const char *text = arena_text(mem, source_get(c, file)->text + from, to - from);
  lexing l = {.out = out, .mem = mem, .c = c, .text = text, .file = file, .base = from};

  if (cx_ok(c)) lex_all(&l, text, text + (to - from));
}
