#include "runtime/src/time.h"
#include "runtime/src/decimal.h"

#include <string.h>

enum { DAY_S = 86400, DAYS_400_YEARS = 146097, DAYS_TO_1970 = 719468 };

// Integer times are kept so far from the ends of 64 bits that a window never overflows.
static const int64_t farthest = INT64_C(4000000000000000000);

// ---- calendar -----------------------------------------------------------------------------------

static bool is_leap(int64_t y)
{
  return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static int days_in_month(int64_t y, int m)
{
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  return m == 2 && is_leap(y) ? 29 : days[m - 1];
}

static int64_t floor_div(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

// Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its
// year; the months then have a pattern of 153 days in 5.
static int64_t days_of(int64_t y, int m, int d)
{
  int64_t march_year = y - (m <= 2), month = m > 2 ? m - 3 : m + 9;
  int64_t leap_days =
      floor_div(march_year, 4) - floor_div(march_year, 100) + floor_div(march_year, 400);

  return 365 * march_year + leap_days + (153 * month + 2) / 5 + d - 1 - DAYS_TO_1970;
}

static void date_of(int64_t days, int64_t *y, int *m, int *d)
{
  int64_t shifted = days + DAYS_TO_1970, era = floor_div(shifted, DAYS_400_YEARS);
  int64_t of_era = shifted - era * DAYS_400_YEARS;
  int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  int64_t month = (5 * of_year + 2) / 153;

  *d = (int)(of_year - (153 * month + 2) / 5) + 1;
  *m = (int)(month < 10 ? month + 3 : month - 9);
  *y = year + era * 400 + (*m <= 2);
}

// ---- reading ------------------------------------------------------------------------------------

typedef struct scan {
  const char *at, *end;
} scan;

static bool number(scan *s, int n_digits, int *out)
{
  int v = 0;

  if (s->end - s->at < n_digits) return false;
  for (int i = 0; i < n_digits; i++) {
    char c = s->at[i];
    if (c < '0' || c > '9') return false;
    v = v * 10 + (c - '0');
  }
  s->at += n_digits;
  *out = v;
  return true;
}

static bool take(scan *s, char c)
{
  if (s->at == s->end || *s->at != c) return false;
  s->at++;
  return true;
}

static bool date(scan *s, char separator, int64_t *days)
{
  int y, m, d;

  if (!number(s, 4, &y) || !take(s, separator) || !number(s, 2, &m) || !take(s, separator) ||
      !number(s, 2, &d))
    return false;
  if (m < 1 || m > 12 || d < 1 || d > days_in_month(y, m)) return false;
  *days = days_of(y, m, d);
  return true;
}

static bool clock_time(scan *s, int64_t *seconds)
{
  int h, m, sec = 0;

  if (!number(s, 2, &h) || !take(s, ':') || !number(s, 2, &m)) return false;
  if (take(s, ':') && !number(s, 2, &sec)) return false;
  if (h > 23 || m > 59 || sec > 59) return false;
  *seconds = h * 3600 + m * 60 + sec;
  return true;
}

// "Z", "+02", "+0200", "+02:00", or nothing.
static bool zone(scan *s, int64_t *offset)
{
  int h, m = 0;
  bool west;

  *offset = 0;
  if (s->at == s->end || take(s, 'Z') || take(s, 'z')) return true;
  west = *s->at == '-';
  if (!take(s, '-') && !take(s, '+')) return false;
  if (!number(s, 2, &h)) return false;
  if (take(s, ':') ? !number(s, 2, &m) : s->at != s->end && !number(s, 2, &m)) return false;
  if (h > 23 || m > 59) return false;
  *offset = (west ? -1 : 1) * (h * 3600 + m * 60);
  return true;
}

// A fraction of a second is read if it is nothing: ".000".
static bool no_fraction(scan *s)
{
  if (!take(s, '.') && !take(s, ',')) return true;
  if (s->at == s->end || *s->at != '0') return false;
  while (take(s, '0'))
    continue;
  return true;
}

bool amlrt__time_ibm(int64_t *out, const char *text, size_t n)
{
  scan s = {text, text + n};
  int64_t days, seconds;

  if (!date(&s, '/', &days) || !take(&s, ' ') || !clock_time(&s, &seconds) || s.at != s.end)
    return false;
  *out = days * DAY_S + seconds;
  return true;
}

bool amlrt__time_day(int64_t *out, const char *text, size_t n)
{
  scan s = {text, text + n};
  int64_t days;

  if (!date(&s, '-', &days) || s.at != s.end) return false;
  *out = days * DAY_S;
  return true;
}

static bool iso(int64_t *out, const char *text, size_t n)
{
  scan s = {text, text + n};
  int64_t days, seconds, offset;

  if (!date(&s, '-', &days)) return false;
  if (!take(&s, 'T') && !take(&s, 't') && !take(&s, ' ')) return false;
  if (!clock_time(&s, &seconds) || !no_fraction(&s) || !zone(&s, &offset) || s.at != s.end)
    return false;
  *out = days * DAY_S + seconds - offset;
  return true;
}

bool amlrt_time_parse(int64_t *out, const char *text, size_t n)
{
  int64_t v;

  if (amlrt__integer(&v, text, n)) {
    if (v > farthest || v < -farthest) return false;
    *out = v;
    return true;
  }
  return amlrt__time_ibm(out, text, n) || iso(out, text, n) || amlrt__time_day(out, text, n);
}

// ---- printing -----------------------------------------------------------------------------------

static size_t put_number(char *out, size_t n, uint64_t v, int min_digits)
{
  char digits[24];
  int count = 0;

  for (; v || count < min_digits; v /= 10)
    digits[count++] = (char)('0' + v % 10);
  while (count > 0)
    out[n++] = digits[--count];
  return n;
}

size_t amlrt_time_print(char out[32], int64_t time)
{
  int64_t days = floor_div(time, DAY_S), seconds = time - days * DAY_S, y;
  int m, d;
  size_t n = 0;

  date_of(days, &y, &m, &d);
  if (y < 0)
    out[n++] = '-';
  else if (y > 9999)
    out[n++] = '+'; // ISO 8601: a year of more than four digits has a sign
  n = put_number(out, n, (uint64_t)(y < 0 ? -y : y), 4);
  out[n++] = '-';
  n = put_number(out, n, (uint64_t)m, 2);
  out[n++] = '-';
  n = put_number(out, n, (uint64_t)d, 2);
  out[n++] = 'T';
  n = put_number(out, n, (uint64_t)(seconds / 3600), 2);
  out[n++] = ':';
  n = put_number(out, n, (uint64_t)(seconds / 60 % 60), 2);
  out[n++] = ':';
  n = put_number(out, n, (uint64_t)(seconds % 60), 2);
  out[n++] = 'Z';
  out[n] = '\0';
  return n;
}
