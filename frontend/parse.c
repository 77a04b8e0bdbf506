// From a source to its tree: bounds, encoding, version line, tokens, grammar.
#include "frontend/ast.h"

#include <string.h>
#include "frontend/syntax.h"
#include "ir/base/utf8.h"

enum { THIS_VERSION = 1 };
static const char BOM[] = "\xef\xbb\xbf"; // what some editors put before the text
static const char VERSION_WORD[] = "#!amlc";

static bool check_bounds(cx *c, uint32_t file)
{
  const source *s = source_get(c, file);
  uint32_t most = cx_get_limits(c)->max_file_bytes;

  if (s->n > most) {
    diag_error(c, DIAG_LIMIT, (span){.file = file}, "the file has %u bytes, and amlc reads %u",
               s->n, most);
    diag_help(c, "a pattern file holds patterns only; several may be given, or imported");
    return false;
  }
  const char *zero = memchr(s->text, 0, s->n);
  if (zero) {
    uint32_t at = (uint32_t)(zero - s->text);
    diag_error(c, DIAG_BAD_CHARACTER, (span){file, at, at + 1},
               "a zero byte: is this a text file?");
    return false;
  }
  uint32_t bad = (uint32_t)utf8_check(s->text, s->n);
  if (bad == s->n) return true;
  diag_error(c, DIAG_BAD_CHARACTER, (span){file, bad, bad + 1}, "this byte (%02x) is not UTF-8",
             (unsigned char)s->text[bad]);
  diag_help(c, "save the file as UTF-8");
  return false;
}

static bool is_blank(char ch)
{
  return ch == ' ' || ch == '\t' || ch == '\r';
}

static void no_version(cx *c, uint32_t file, uint32_t at, uint32_t end)
{
  diag_error(c, DIAG_NO_VERSION_LINE, (span){file, at, end}, "the version line is missing");
  diag_help(c, "write `#!amlc 1` as the first line");
}

// Reads `#!amlc N` at *at and moves behind it. Whatever is wrong with it, the rest is read.
static int64_t version_line(cx *c, uint32_t file, uint32_t *at)
{
  const source *s = source_get(c, file);
  const char *line = s->text + *at, *end = memchr(line, '\n', s->n - *at);
  uint32_t n = end ? (uint32_t)(end - line) : s->n - *at, i = sizeof VERSION_WORD - 1;
  int64_t version = 0;

  while (n && is_blank(line[n - 1]))
    n--;
  if (strncmp(line, "#!", 2) != 0) {
    no_version(c, file, *at, *at + (n ? 1 : 0));
    return THIS_VERSION;
  }
  span where = {file, *at, *at + n};
  *at += n;
  if (strncmp(line, VERSION_WORD, i) != 0 || i >= n || !is_blank(line[i])) {
    no_version(c, file, where.start, where.end);
    return THIS_VERSION;
  }
  while (i < n && is_blank(line[i]))
    i++;
  uint32_t digits = i;
  for (; i < n && i < digits + 6 && line[i] >= '0' && line[i] <= '9'; i++)
    version = version * 10 + (line[i] - '0');
  if (i == n && i > digits && version == THIS_VERSION) return version;
  where.start += digits;
  diag_error(c, DIAG_NO_VERSION_LINE, where, "this amlc reads language version %d, not `%.*s`",
             THIS_VERSION, (int)(n - digits), line + digits);
  diag_help(c, "write `#!amlc %d`, or use the amlc that the file was written for", THIS_VERSION);
  return version;
}

ast_file *parse_source(arena *mem, cx *c, uint32_t file)
{
  lexed tokens = {0};
  builder b = {.mem = mem, .c = c, .lexed = &tokens};
  uint32_t at = 0;

  b.file = arena_make(mem, ast_file);
  b.file->file = file;
  b.file->version = THIS_VERSION;
  if (!check_bounds(c, file)) return cx_ok(c) ? b.file : NULL;
  if (strncmp(source_get(c, file)->text, BOM, sizeof BOM - 1) == 0) at = sizeof BOM - 1;
  b.file->version = version_line(c, file, &at);
  if (b.file->version != THIS_VERSION) return b.file; // its errors would not be this language's
  lex_source(&tokens, mem, c, file, at);
  syntax_run(&b, &tokens);
  return cx_ok(c) ? b.file : NULL;
}
