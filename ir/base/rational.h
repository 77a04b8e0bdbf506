// Exact fractions for constants and bounds of patterns: 128-bit numerator and denominator.
#ifndef AML_BASE_RATIONAL_H
#define AML_BASE_RATIONAL_H

#include "ir/base/strbuf.h"

__extension__ typedef __int128 aml_i128;

typedef struct rational {
  aml_i128 num, den; // den > 0, lowest terms
} rational;

rational rational_int(int64_t v);
// False: overflow or division by zero; *out is then unchanged.
bool rational_make(rational *out, aml_i128 num, aml_i128 den) AML_MUST_USE;
bool rational_add(rational *out, rational a, rational b) AML_MUST_USE;
bool rational_sub(rational *out, rational a, rational b) AML_MUST_USE;
bool rational_mul(rational *out, rational a, rational b) AML_MUST_USE;
bool rational_div(rational *out, rational a, rational b) AML_MUST_USE;
int rational_cmp(rational a, rational b); // exact, -1 0 1
double rational_double(rational a);       // numerator and denominator rounded, then divided
bool rational_parse(rational *out, const char *text, size_t n) AML_MUST_USE; // 9_900, 0.25; no sign
bool rational_is_int(rational a);
// "3", "-7/20"; a decimal where it ends within 18 places: "0.7".
void rational_print(strbuf *out, rational a);
bool rational_read(rational *out, const char *text, size_t n) AML_MUST_USE; // what _print wrote

#endif
