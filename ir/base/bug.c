#include "ir/base/bug.h"

#include <stdio.h>
#include <stdlib.h>

void aml_bug(const char *file, int line, const char *fmt, ...)
{
  va_list args;

  va_start(args, fmt);
  fprintf(stderr, "amlc: bug at %s:%d: ", file, line);
  vfprintf(stderr, fmt, args);
  fprintf(stderr, "\nThis is a fault of amlc, not of your pattern or data. Please report it.\n");
  va_end(args);
  abort();
}
