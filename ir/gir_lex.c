#include "ir/gir_lex.h"
#include "ir/base/utf8.h"

#include <string.h>

static bool is_digit(char ch)
{
  return ch >= '0' && ch <= '9';
}

static bool is_name_char(char ch)
{
  return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_' || ch == '.' ||
         is_digit(ch);
}

static char look(const gir_lexer *l, uint32_t ahead)
{
  return ahead < l->n - l->at ? l->text[l->at + ahead] : '\0';
}

static span from(const gir_lexer *l, uint32_t start)
{
  return (span){.file = l->file, .start = start, .end = l->at};
}

static void skip_blanks(gir_lexer *l)
{
  while (l->at < l->n) {
    char ch = l->text[l->at];
    if (ch == ' ' || ch == '\t' || ch == '\r') {
      l->at++;
    } else if (ch == '/' && look(l, 1) == '/') {
      while (l->at < l->n && l->text[l->at] != '\n')
        l->at++;
    } else {
      return;
    }
  }
}

static const char *skip_name(gir_lexer *l)
{
  uint32_t start = l->at;
  while (l->at < l->n && is_name_char(l->text[l->at]))
    l->at++;
  return cx_intern(l->c, l->text + start, l->at - start);
}

static void skip_digits(gir_lexer *l)
{
  while (is_digit(look(l, 0)))
    l->at++;
}

// A dot belongs to the number only with a digit behind it: `3..8` has two numbers.
static void skip_number(gir_lexer *l)
{
  if (look(l, 0) == '-') l->at++;
  skip_digits(l);
  if (look(l, 0) == '.' && is_digit(look(l, 1))) {
    l->at++;
    skip_digits(l);
  }
  if (look(l, 0) == '/' && is_digit(look(l, 1))) {
    l->at++;
    skip_digits(l);
  }
}

// \u{..}, after the u. False: not a character, or one that no text may hold.
static bool read_code_point(gir_lexer *l, strbuf *out)
{
  static const char hex[] = "0123456789abcdef";
  uint32_t v = 0, digits = 0;
  char bytes[4];
  if (look(l, 0) != '{') return false;
  for (l->at++; look(l, 0) != '}'; l->at++, digits++) {
    const char *digit = look(l, 0) ? strchr(hex, look(l, 0) | 0x20) : NULL;
    if (!digit || digits == 6) return false;
    v = v * 16 + (uint32_t)(digit - hex);
  }
  l->at++;
  size_t n = digits && v ? utf8_put(bytes, v) : 0;
  strbuf_add(out, bytes, n);
  return n > 0;
}

static bool read_escape(gir_lexer *l, strbuf *out)
{
  char ch = look(l, 0);
  l->at++;
  if (ch == 'u') return read_code_point(l, out);
  if (ch != '"' && ch != '\\' && ch != 'n') return false;
  strbuf_putc(out, ch == 'n' ? '\n' : ch);
  return true;
}

// The rest of a text after its quote. NULL: what is wrong.
static const char *read_text(gir_lexer *l, strbuf *out)
{
  while (l->at < l->n) {
    char ch = l->text[l->at];
    if (ch == '"') {
      l->at++;
      return NULL;
    }
    if (ch == '\n') break;
    if (ch == '\\') {
      l->at++;
      if (l->at >= l->n || !read_escape(l, out))
        return "this escape is none of \\\" \\\\ \\n \\u{..}";
      continue;
    }
    size_t step = utf8_step(l->text + l->at, l->n - l->at);
    if (step == 0 || ch == '\0') return "this text holds bytes that are not UTF-8";
    strbuf_add(out, l->text + l->at, step);
    l->at += (uint32_t)step;
  }
  return "this text does not end";
}

static gir_token lex_text(gir_lexer *l)
{
  uint32_t start = l->at++;
  strbuf out;
  strbuf_init(&out, l->c);
  const char *wrong = read_text(l, &out);
  gir_token t = {.kind = wrong ? GTOK_BAD : GTOK_TEXT, .span = from(l, start)};
  if (wrong)
    diag_error(l->c, DIAG_BAD_TEXT, t.span, "%s", wrong);
  else
    t.text = cx_intern(l->c, strbuf_text(&out), out.n);
  strbuf_release(&out);
  return t;
}

static gir_token lex_bad(gir_lexer *l)
{
  uint32_t start = l->at;
  size_t step = utf8_step(l->text + l->at, l->n - l->at);
  l->at += step ? (uint32_t)step : 1;
  gir_token t = {.kind = GTOK_BAD, .span = from(l, start)};
  diag_error(l->c, DIAG_BAD_CHARACTER, t.span, "no line of %s contains this character",
             l->form->name);
  return t;
}

static gir_token lex_sign(gir_lexer *l)
{
  char ch = look(l, 0);
  gir_token t = {.kind = GTOK_SIGN, .sign = ch};
  uint32_t start = l->at;
  if (ch == '\0' || !strchr(l->form->signs, ch) || (ch == '.' && look(l, 1) != '.'))
    return lex_bad(l);
  l->at += ch == '.' ? 2 : 1;
  t.span = from(l, start);
  return t;
}

gir_token gir_lex(gir_lexer *l)
{
  skip_blanks(l);
  uint32_t start = l->at;
  gir_token t = {.kind = GTOK_END, .span = from(l, start)};
  char ch = look(l, 0);
  if (l->at >= l->n) return t;
  if (ch == '"') return lex_text(l);
  if (ch == '\n') {
    l->at++;
    t.kind = GTOK_LINE;
  } else if (is_digit(ch) || (ch == '-' && is_digit(look(l, 1)))) {
    skip_number(l);
    t.kind = GTOK_NUMBER;
    t.text = cx_intern(l->c, l->text + start, l->at - start);
  } else if (ch == '%' && is_name_char(look(l, 1))) {
    l->at++;
    t.kind = GTOK_LABEL;
    t.text = skip_name(l);
  } else if (is_name_char(ch) && ch != '.') {
    t.kind = GTOK_WORD;
    t.text = skip_name(l);
  } else {
    return lex_sign(l);
  }
  t.span = from(l, start);
  return t;
}
