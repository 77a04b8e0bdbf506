// What a row of gir_ops.def or kir_ops.def says, taken apart. Both tables write arguments, attributes
// and the words of the text form in the same way.
#ifndef AML_IR_OP_ROW_H
#define AML_IR_OP_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// `takes`: one letter an argument; behind it `?`: may be missing, `*`: any number.
uint32_t op_min_args(const char *takes);
uint32_t op_n_args(const char *takes); // places of a finished node, the `*` aside
bool op_takes_more(const char *takes); // `*`: any number more
char op_arg_letter(const char *takes, uint32_t k);

bool op_has_attr(const char *attrs, char attr);
// Of the words of i, j, k the one at `which` (0, 1, 2): up to `n` bytes of the result; NULL: the op has
// no such number. What follows a `:` in it (names of values) is not counted in *n.
const char *op_word(const char *attrs, const char *words, int which, size_t *n);

#endif
