#include "runtime/src/error.h"
#include "runtime/src/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *amlrt_status_text(amlrt_status st)
{
  switch (st) {
#define AMLRT_STATUS(id, number, text)                                                             \
  case AMLRT_##id:                                                                                 \
    return text;
#include "amlrt/status.def"
  }
  return "unknown status";
}

const char *amlrt_version(void)
{
  return "0.1.0";
}

// A text cut by its buffer may end inside a character: takes that part off.
static void trim_cut_character(char *text, size_t n)
{
  while (n > 0 && amlrt__utf8_bad(text, n) < n)
    text[--n] = '\0';
}

AMLRT_PRINTF(4, 0)
static size_t fill(amlrt_error *err, amlrt_status st, int sys_errno, const char *fmt, va_list args)
{
  int n = vsnprintf(err->text, sizeof err->text, fmt, args);

  err->status = st;
  err->sys_errno = sys_errno;
  if (n < 0) n = 0;
  return (size_t)n < sizeof err->text ? (size_t)n : sizeof err->text - 1;
}

amlrt_status amlrt__fail(amlrt_error *err, amlrt_status st, const char *fmt, ...)
{
  va_list args;

  if (!err) return st;
  va_start(args, fmt);
  size_t n = fill(err, st, 0, fmt, args);
  va_end(args);
  if (n == sizeof err->text - 1) trim_cut_character(err->text, n);
  return st;
}

amlrt_status amlrt__fail_sys(amlrt_error *err, amlrt_status st, int sys_errno, const char *fmt, ...)
{
  va_list args;

  if (!err) return st;
  va_start(args, fmt);
  size_t n = fill(err, st, sys_errno, fmt, args);
  va_end(args);
  snprintf(err->text + n, sizeof err->text - n, ": %s", strerror(sys_errno));
  n = strlen(err->text);
  if (n == sizeof err->text - 1) trim_cut_character(err->text, n);
  return st;
}

amlrt_status amlrt__nomem(amlrt_error *err, const char *what)
{
  return amlrt__fail(err, AMLRT_E_NOMEM, "%s: out of memory", what);
}

const char *amlrt__show(char *out, size_t cap, const char *text, size_t n)
{
  bool cut = n > cap - 1;
  size_t shown = cut ? cap - 4 : n, at = 0;

  memcpy(out, text, shown);
  while (at < shown) {
    size_t bad = at + amlrt__utf8_bad(out + at, shown - at);
    if (bad < shown) out[bad] = '?';
    at = bad + (bad < shown);
  }
  for (size_t i = 0; i < shown; i++)
    if ((unsigned char)out[i] < 0x20 || out[i] == 0x7f) out[i] = out[i] == '\t' ? ' ' : '?';
  memcpy(out + shown, cut ? "..." : "", cut ? 4 : 1);
  return out;
}

void amlrt__bug(const char *file, int line, const char *what)
{
  fprintf(stderr, "libamlrt: bug: %s:%d: %s\n", file, line, what);
  abort();
}
