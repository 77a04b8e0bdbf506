#include "ir/ir_read.h"

#include <string.h>

void rd_next(ir_reader *r)
{
  r->tok = gir_lex(&r->lex);
  if (r->tok.kind == GTOK_BAD) r->line_failed = true;
}

// The lexer has told what it found wrong.
void rd_fail(ir_reader *r, diag_code code, span where, const char *what)
{
  if (!r->line_failed) diag_error(r->c, code, where, "%s", what);
  r->line_failed = true;
}

void rd_expected(ir_reader *r, const char *what)
{
  if (!r->line_failed)
    diag_error(r->c, DIAG_SYNTAX, r->tok.span, "expected %s%s", what,
               r->tok.kind == GTOK_LINE ? " before the end of the line" : "");
  r->line_failed = true;
}

bool rd_is_sign(const ir_reader *r, char sign)
{
  return r->tok.kind == GTOK_SIGN && r->tok.sign == sign;
}

bool rd_is_word(const ir_reader *r, const char *word)
{
  return r->tok.kind == GTOK_WORD && strcmp(r->tok.text, word) == 0;
}

bool rd_take_sign(ir_reader *r, char sign)
{
  if (!rd_is_sign(r, sign)) return false;
  rd_next(r);
  return true;
}

bool rd_take_word(ir_reader *r, const char *word)
{
  if (!rd_is_word(r, word)) return false;
  rd_next(r);
  return true;
}

const char *rd_need(ir_reader *r, gir_token_kind kind, const char *what)
{
  if (r->line_failed || r->tok.kind != kind) {
    rd_expected(r, what);
    return "";
  }
  const char *text = r->tok.text;
  rd_next(r);
  return text;
}

const char *rd_need_name(ir_reader *r, const char *what)
{
  return rd_need(r, r->tok.kind == GTOK_TEXT ? GTOK_TEXT : GTOK_WORD, what);
}

const char *rd_need_text(ir_reader *r)
{
  return rd_need(r, GTOK_TEXT, "a text in quotes");
}

rational rd_need_rational(ir_reader *r)
{
  rational v = rational_int(0);
  span where = r->tok.span;
  const char *text = rd_need(r, GTOK_NUMBER, "a number");
  if (!r->line_failed && !rational_read(&v, text, strlen(text)))
    rd_fail(r, DIAG_BAD_NUMBER, where, "this number cannot be read, or is too large");
  return v;
}

int64_t rd_need_int(ir_reader *r)
{
  span where = r->tok.span;
  rational v = rd_need_rational(r);
  if (r->line_failed) return 0;
  if (rational_is_int(v) && v.num >= INT64_MIN && v.num <= INT64_MAX) return (int64_t)v.num;
  rd_fail(r, DIAG_BAD_NUMBER, where, "a whole number of at most 64 bits must stand here");
  return 0;
}

void rd_need_sign(ir_reader *r, char sign, const char *what)
{
  if (!r->line_failed && !rd_take_sign(r, sign)) rd_expected(r, what);
}

void rd_end_line(ir_reader *r)
{
  if (!r->line_failed && r->tok.kind != GTOK_LINE && r->tok.kind != GTOK_END)
    rd_expected(r, "the end of the line");
  while (r->tok.kind != GTOK_LINE && r->tok.kind != GTOK_END && cx_ok(r->c))
    rd_next(r);
  if (r->tok.kind == GTOK_LINE) rd_next(r);
  // The first token of the next line may be a bad one, already reported.
  r->line_failed = r->tok.kind == GTOK_BAD;
}

void rd_skip_empty_lines(ir_reader *r)
{
  while (r->tok.kind == GTOK_LINE && cx_ok(r->c))
    rd_next(r);
}

bool rd_stop(const ir_reader *r)
{
  return r->tok.kind == GTOK_END || diag_stop(r->c);
}

gir_type rd_need_type(ir_reader *r)
{
  span where = r->tok.span;
  const char *name = rd_need(r, GTOK_WORD, "a type");
  for (int t = 0; t < TY_N; t++)
    if (strcmp(gir_types[t].name, name) == 0) return (gir_type)t;
  rd_fail(r, DIAG_SYNTAX, where, "this is no type of graph IR");
  return TY_NONE;
}

const char *rd_need_currency(ir_reader *r)
{
  return rd_take_word(r, "none") ? NULL : rd_need_text(r);
}

void rd_range(ir_reader *r, gir_range *out)
{
  if (!rd_take_word(r, "in")) rd_expected(r, "`in` and a range");
  if (r->line_failed) return;
  out->type = rd_need_type(r);
  if (out->type == TY_MONEY) out->currency = rd_need_currency(r);
  if (r->tok.kind == GTOK_NUMBER) {
    out->b = rd_need_rational(r);
    out->has |= GIR_HAS_B;
    if (rd_take_sign(r, '~')) {
      out->a = out->b;
      out->b = rd_need_rational(r);
      out->has |= GIR_HAS_A;
    }
  }
  rd_need_sign(r, '.', "`..`");
  if (r->tok.kind == GTOK_NUMBER) {
    out->c = rd_need_rational(r);
    out->has |= GIR_HAS_C;
    if (rd_take_sign(r, '~')) {
      out->d = rd_need_rational(r);
      out->has |= GIR_HAS_D;
    }
  }
}

static bool read_version(ir_reader *r, const gir_form *form)
{
  uint32_t errors = diag_n_errors(r->c);
  rd_skip_empty_lines(r);
  span where = r->tok.span;
  if (!rd_take_word(r, form->word))
    rd_expected(r, arena_printf(r->mem, "`%s %d`", form->word, form->version));
  int64_t version = rd_need_int(r);
  if (!r->line_failed && version != form->version)
    rd_fail(r, DIAG_SYNTAX, where,
            arena_printf(r->mem, "this amlc reads %s of version %d", form->name, form->version));
  rd_end_line(r);
  return diag_n_errors(r->c) == errors;
}

bool rd_begin(ir_reader *r, arena *mem, cx *c, uint32_t file, const gir_form *form)
{
  const source *src = source_get(c, file);
  *r = (ir_reader){.c = c, .mem = mem};
  r->lex = (gir_lexer){.c = c, .text = src->text, .file = file, .n = src->n, .form = form};
  if (src->n > cx_get_limits(c)->max_file_bytes) {
    diag_error(c, DIAG_LIMIT, (span){.file = file}, "this file is longer than amlc reads");
    return false;
  }
  rd_next(r);
  return read_version(r, form);
}
