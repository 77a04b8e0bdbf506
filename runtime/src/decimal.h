// Decimal texts and powers of ten.
#ifndef AMLRT_SRC_DECIMAL_H
#define AMLRT_SRC_DECIMAL_H

#include "amlrt/money.h"

enum { AMLRT__MAX_DIGITS = 18 };
extern const int64_t amlrt__pow10[AMLRT__MAX_DIGITS + 1];

typedef enum {
  AMLRT__DECIMAL_OK,
  AMLRT__DECIMAL_BAD, // not a plain decimal
  AMLRT__DECIMAL_LONG // over 18 digits
} amlrt__decimal_fate;

// What amlrt_decimal_parse does, with the reason. Outputs are set on OK only.
amlrt__decimal_fate amlrt__decimal(int64_t *mantissa, int *decimals, const char *text, size_t n);
// The largest scale at which the amount has at most 18 digits: 18 less its digits before the point.
int amlrt__decimal_max_scale(int64_t mantissa, int decimals);
// A 64-bit integer as people write it: no plus, no leading zeros, not -0. False: it is not one.
bool amlrt__integer(int64_t *out, const char *text, size_t n);
// Whether a text is a number rather than a code: a decimal without plus and without leading zeros.
bool amlrt__is_number(const char *text, size_t n);

#endif
