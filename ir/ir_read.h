// Reading lines of the text forms of both IRs: tokens, numbers, ranges. One error a line; after it the
// rest of the line is read in silence (line_failed), so callers need not look at every result.
#ifndef AML_IR_IR_READ_H
#define AML_IR_IR_READ_H

#include "ir/gir_lex.h"
#include "ir/gir.h"

typedef struct ir_reader {
  cx *c;
  arena *mem;
  gir_lexer lex;
  gir_token tok;    // the next one
  bool line_failed; // the rest of this line is skipped
} ir_reader;

// Starts on a file whose first line is `form` and a version ("gir 1"). False: a diagnostic says why.
bool rd_begin(ir_reader *r, arena *mem, cx *c, uint32_t file, const gir_form *form);

void rd_next(ir_reader *r);
void rd_fail(ir_reader *r, diag_code code, span where, const char *what);
void rd_expected(ir_reader *r, const char *what); // "expected `what`", at the next token
bool rd_is_sign(const ir_reader *r, char sign);
bool rd_is_word(const ir_reader *r, const char *word);
bool rd_take_sign(ir_reader *r, char sign); // goes on when it stands there
bool rd_take_word(ir_reader *r, const char *word);
const char *rd_need(ir_reader *r, gir_token_kind kind, const char *what); // its text; "" where not
const char *rd_need_name(ir_reader *r, const char *what); // a word, or anything in quotes
const char *rd_need_text(ir_reader *r);
rational rd_need_rational(ir_reader *r);
int64_t rd_need_int(ir_reader *r);
void rd_need_sign(ir_reader *r, char sign, const char *what);
gir_type rd_need_type(ir_reader *r);
const char *rd_need_currency(ir_reader *r);  // after `money`; NULL: none
void rd_range(ir_reader *r, gir_range *out); // in number 3~4..8

void rd_end_line(ir_reader *r); // wherever it is; complains about what stands before it
void rd_skip_empty_lines(ir_reader *r);
bool rd_stop(const ir_reader *r); // the end of the file, too many errors, no memory

#endif
