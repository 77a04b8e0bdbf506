// What a row of gir_ops.def says, taken apart: for builder, printer, reader and verifier only.
#ifndef AML_IR_GIR_TABLE_H
#define AML_IR_GIR_TABLE_H

#include "ir/gir.h"

// `gir N`, the first line of the text form. Goes up when an old text would be read wrongly.
#define GIR_TEXT_VERSION 1

// Arguments: letters of `takes` with their marks taken off.
uint32_t gir_min_args(gir_op op);
uint32_t gir_n_args(gir_op op); // places of a finished node, the `*` aside
bool gir_takes_more(gir_op op); // `*`: any number more
char gir_arg_letter(gir_op op, uint32_t k);
bool gir_letter_takes(char letter, gir_type type); // ANY passes for every value

bool gir_has_attr(gir_op op, char attr);

// What i, j, k (attr 0, 1, 2) is called in the text form, and the names of its values, if it has any.
typedef struct gir_word {
  const char *name; // not ended by NUL; NULL: the op has no such number
  size_t n;
  const char *values; // "count,sum,..."; NULL
  size_t n_values;    // bytes of it
} gir_word;
gir_word gir_imm_word(gir_op op, int which);
// The name of a value; false: it has none and is printed as a number.
bool gir_value_name(const gir_word *w, int64_t value, const char **at, size_t *n);
// The value of a name; -1: there is none.
int64_t gir_value_of(const gir_word *w, const char *name, size_t n);

// The standard fields of a transfer; TY_NONE: no such field (a further column, then).
gir_type gir_field_type(const char *name);

// By gir_stat_kind, in the text form.
enum { GIR_N_STATS = GIR_STAT_KURTOSIS + 1 };
extern const char *const gir_stat_names[GIR_N_STATS];

// A name that stands in the text form without quotes: letters, digits, `_`, `.`, not first a digit.
bool gir_is_word(const char *text);
// A text in quotes, escaped so that the reader gives it back byte for byte.
void gir_print_quoted(strbuf *out, const char *text);
void gir_print_name(strbuf *out, const char *name); // a word, or in quotes
// A decimal where that reads back equal, else a fraction.
void gir_print_rational(strbuf *out, rational v);
void gir_print_range(strbuf *out, const gir_range *r); // " in number 3~4..8"

#endif
