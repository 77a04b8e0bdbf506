// Exact money and exact numbers: currencies, 128-bit fixed-point amounts, fractions, degrees, rates.
#ifndef AMLRT_MONEY_H
#define AMLRT_MONEY_H

#include "amlrt/amlrt.h"

// ---- currencies ---------------------------------------------------------------------------------

// A currency is a small number within one table: 0 is "none given". "US Dollar" and "USD" are one
// currency: the ISO 4217 code where the name is known is what identifies it, else the text in the data.
typedef uint16_t amlrt_currency;

// The ISO code of a name or code ("Euro", "EUR" -> "EUR"; "Bitcoin" -> "BTC"), or NULL if unknown.
// Source: ISO 4217, and the names that IBM AML's files use. Threads: any.
AMLRT_API const char *amlrt_currency_iso(const char *name, size_t n);
// The name IBM AML's files use for an ISO code ("US Dollar"), or NULL.
AMLRT_API const char *amlrt_currency_ibm_name(const char *iso);

// ---- decimals -----------------------------------------------------------------------------------

// A decimal text as mantissa and number of decimals, trailing zeros removed: "8630.40" -> 86304, 1.
// False: not a plain decimal (digits, at most one point, an optional sign), or over 18 digits.
AMLRT_API bool amlrt_decimal_parse(int64_t *mantissa, int *decimals, const char *text, size_t n);
// mantissa / 10^decimals as text, with at least `min_decimals` decimals and no further trailing zeros.
// Writes at most 64 bytes, with NUL; returns the length.
AMLRT_API size_t amlrt_decimal_print(char out[64], amlrt_i128 mantissa, int decimals,
                                     int min_decimals);
// The shortest text that reads back as the same double ("0.83", "1", "1e300"); the JSON way.
// Writes at most 32 bytes, with NUL; returns the length. Finite values only.
AMLRT_API size_t amlrt_double_print(char out[32], double v);

// ---- exact fractions ----------------------------------------------------------------------------

// A value of an expression: an exact fraction. den > 0. Not always in lowest terms.
typedef struct amlrt_frac {
  amlrt_i128 num, den;
} amlrt_frac;

// Arithmetic. Where 128 bits do not hold the exact result even in lowest terms, the result is the
// nearest fraction with a 62-bit mantissa (the same on every engine): see docs/semantics.md, Numbers.
// amlrt_frac_div by zero: false, else true.
AMLRT_API amlrt_frac amlrt_frac_int(amlrt_i128 v);
AMLRT_API amlrt_frac amlrt_frac_add(amlrt_frac a, amlrt_frac b);
AMLRT_API amlrt_frac amlrt_frac_sub(amlrt_frac a, amlrt_frac b);
AMLRT_API amlrt_frac amlrt_frac_mul(amlrt_frac a, amlrt_frac b);
AMLRT_API bool amlrt_frac_div(amlrt_frac *out, amlrt_frac a, amlrt_frac b);
AMLRT_API int amlrt_frac_cmp(amlrt_frac a, amlrt_frac b); // exact for any two: -1 0 1
AMLRT_API double
amlrt_frac_double(amlrt_frac a); // (double)num / (double)den, two roundings and one division

// ---- degrees ------------------------------------------------------------------------------------

// A degree in [0, 1] as a multiple of 2^-44: 0 .. AMLRT_DEGREE_ONE.
typedef int64_t amlrt_degree;
#define AMLRT_DEGREE_ONE ((amlrt_degree)1 << 44)

// A range a~b..c~d: 0 at or below a, rising to 1 at b, 1 up to c, falling to 0 at d. A hard end has only
// b (or c), and is closed. Bits of `has`: AMLRT_HAS_A .. AMLRT_HAS_D.
enum { AMLRT_HAS_A = 1, AMLRT_HAS_B = 2, AMLRT_HAS_C = 4, AMLRT_HAS_D = 8 };
typedef struct amlrt_range {
  unsigned has;
  amlrt_frac a, b, c, d;
} amlrt_range;

// Degree of an exact value: ends are decided exactly; on a slope the degree is computed in double from
// the nearest doubles of value and ends, (v - a) / (b - a) or (d - v) / (d - c), and rounded once to a
// multiple of 2^-44, ties to even.
AMLRT_API amlrt_degree amlrt_range_degree(const amlrt_range *r, amlrt_frac v);
AMLRT_API amlrt_degree amlrt_degree_of_double(double d); // rounded once, ties to even, clamped
AMLRT_API double amlrt_degree_double(amlrt_degree d);    // exact
// sum / n rounded to a multiple of 2^-44, ties to even; n = 0: one.
AMLRT_API amlrt_degree amlrt_degree_mean(amlrt_i128 sum, uint64_t n);

// ---- rates --------------------------------------------------------------------------------------

// A dated table of exchange rates: how many units of the base currency one unit was worth.
// CSV with header `date,currency,rate`: YYYY-MM-DD, ISO code or IBM name, decimal. A rate holds from
// the start of its day (UTC) until the next one for the currency; before the first there is none. The
// base currency is the one of a line `*,CUR,1`, else every rate is in one unnamed unit.
typedef struct amlrt_rates amlrt_rates;

AMLRT_API amlrt_status amlrt_rates_read(amlrt_rates **out,      // out: freed by the caller
                                        const char *path,       // in
                                        const amlrt_alloc *mem, // in: NULL for malloc
                                        amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API void amlrt_rates_free(amlrt_rates *r); // NULL is fine
// The rate of a currency (canonical text) at a time as mantissa and decimals; false: there is none.
AMLRT_API bool amlrt_rates_at(const amlrt_rates *r, const char *currency, int64_t time,
                              int64_t *mantissa, int *decimals);

#endif
