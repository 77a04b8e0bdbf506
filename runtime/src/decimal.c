#include "runtime/src/decimal.h"

#include <string.h>

__extension__ typedef unsigned __int128 u128;

const int64_t amlrt__pow10[AMLRT__MAX_DIGITS + 1] = {1,
                                                     10,
                                                     100,
                                                     1000,
                                                     10000,
                                                     100000,
                                                     1000000,
                                                     10000000,
                                                     100000000,
                                                     1000000000,
                                                     10000000000,
                                                     100000000000,
                                                     1000000000000,
                                                     10000000000000,
                                                     100000000000000,
                                                     1000000000000000,
                                                     10000000000000000,
                                                     100000000000000000,
                                                     1000000000000000000};

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

// Appends digits to *m. Zeros wait in *zeros until a digit follows, so that trailing ones cost
// nothing.
static bool add_digits(int64_t *m, int *digits, const char *t, size_t n, int *zeros)
{
  for (size_t i = 0; i < n; i++) {
    if (t[i] == '0') {
      if (*zeros <= AMLRT__MAX_DIGITS) ++*zeros; // more than that never fits: no need to count on
      continue;
    }
    if (*m == 0) *digits = 0;
    int more = *m ? *zeros + 1 : 1;
    if (*digits + more > AMLRT__MAX_DIGITS) return false;
    *m = *m * amlrt__pow10[more] + (t[i] - '0');
    *digits += more;
    *zeros = 0;
  }
  return true;
}

// Digits around a point: the whole part, then the fraction, whose trailing zeros do not count.
static amlrt__decimal_fate convert(int64_t *m, int *decimals, const char *whole, size_t n_whole,
                                   const char *part, size_t n_part)
{
  int64_t v = 0;
  int digits = 0, zeros = 0;

  if (!add_digits(&v, &digits, whole, n_whole, &zeros)) return AMLRT__DECIMAL_LONG;
  while (n_part && part[n_part - 1] == '0')
    n_part--;
  if (v == 0) zeros = 0; // "000": leading
  if (n_part == 0) {
    if (digits + zeros > AMLRT__MAX_DIGITS) return AMLRT__DECIMAL_LONG;
    v *= amlrt__pow10[zeros];
  } else {
    if (n_part > AMLRT__MAX_DIGITS) return AMLRT__DECIMAL_LONG;
    if (!add_digits(&v, &digits, part, n_part, &zeros)) return AMLRT__DECIMAL_LONG;
  }
  *m = v;
  *decimals = (int)n_part;
  return AMLRT__DECIMAL_OK;
}

// What most amounts are: digits with a point among them or none, which fit whatever they are.
static bool short_decimal(int64_t *mantissa, int *decimals, const char *text, size_t n)
{
  size_t point = n;
  uint64_t v = 0;
  int d;

  if (n > AMLRT__MAX_DIGITS) return false;
  for (size_t i = 0; i < n; i++) {
    unsigned digit = (unsigned char)text[i] - (unsigned)'0';
    if (digit <= 9)
      v = v * 10 + digit;
    else if (text[i] == '.' && point == n)
      point = i;
    else
      return false;
  }
  if (n == (point < n)) return false; // no digits
  for (d = point < n ? (int)(n - point - 1) : 0; d > 0 && v % 10 == 0; d--)
    v /= 10;
  *mantissa = (int64_t)v;
  *decimals = d;
  return true;
}

amlrt__decimal_fate amlrt__decimal(int64_t *mantissa, int *decimals, const char *text, size_t n)
{
  if (short_decimal(mantissa, decimals, text, n)) return AMLRT__DECIMAL_OK;
  bool negative = n && text[0] == '-';
  size_t at = n && (text[0] == '-' || text[0] == '+'), whole = at, part, end;
  amlrt__decimal_fate fate;

  while (at < n && is_digit(text[at]))
    at++;
  part = end = at;
  if (at < n && text[at] == '.') {
    part = end = at + 1;
    while (end < n && is_digit(text[end]))
      end++;
  }
  if (end != n || (at - whole) + (end - part) == 0) return AMLRT__DECIMAL_BAD;
  fate = convert(mantissa, decimals, text + whole, at - whole, text + part, end - part);
  if (fate == AMLRT__DECIMAL_OK && negative) *mantissa = -*mantissa;
  return fate;
}

bool amlrt_decimal_parse(int64_t *mantissa, int *decimals, const char *text, size_t n)
{
  return amlrt__decimal(mantissa, decimals, text, n) == AMLRT__DECIMAL_OK;
}

int amlrt__decimal_max_scale(int64_t mantissa, int decimals)
{
  int64_t whole = (mantissa < 0 ? -mantissa : mantissa) / amlrt__pow10[decimals];
  int digits = 0;

  while (digits < AMLRT__MAX_DIGITS && whole >= amlrt__pow10[digits])
    digits++;
  return AMLRT__MAX_DIGITS - digits;
}

bool amlrt__integer(int64_t *out, const char *text, size_t n)
{
  bool negative = n && text[0] == '-';
  size_t at = negative;
  int64_t v = 0;

  if (at == n || n - at > 19 || (text[at] == '0' && n > 1)) return false;
  for (; at < n; at++) {
    if (!is_digit(text[at])) return false;
    int64_t digit = text[at] - '0';
    if (__builtin_mul_overflow(v, 10, &v)) return false;
    if (__builtin_add_overflow(v, negative ? -digit : digit, &v)) return false;
  }
  *out = v;
  return true;
}

bool amlrt__is_number(const char *text, size_t n)
{
  int64_t m;
  int decimals;
  size_t at = n && text[0] == '-';

  if (n > at && text[at] == '+') return false;
  if (n > at + 1 && text[at] == '0' && text[at + 1] != '.') return false;
  return amlrt_decimal_parse(&m, &decimals, text, n);
}

size_t amlrt_decimal_print(char out[64], amlrt_i128 mantissa, int decimals, int min_decimals)
{
  u128 v = mantissa < 0 ? -(u128)mantissa : (u128)mantissa;
  char digits[48];
  size_t at = sizeof digits, n = 0;
  int shown = decimals;

  while (shown > min_decimals && shown > 0 && v % 10 == 0) { // "8.30" -> "8.3"
    v /= 10;
    shown--;
  }
  for (int i = 0; v != 0 || i <= shown; i++) {
    if (at == 0) break;
    digits[--at] = (char)('0' + (int)(v % 10));
    v /= 10;
  }
  size_t whole = sizeof digits - at - (size_t)shown;
  if (mantissa < 0) out[n++] = '-';
  memcpy(out + n, digits + at, whole);
  n += whole;
  if (shown > 0 || min_decimals > 0) out[n++] = '.';
  memcpy(out + n, digits + at + whole, (size_t)shown);
  n += (size_t)shown;
  for (; shown < min_decimals && n < 63; shown++)
    out[n++] = '0';
  out[n] = '\0';
  return n;
}
