#include "ir/op_row.h"
#include "ir/base/bug.h"

#include <string.h>

static bool is_mark(char ch)
{
  return ch == '?' || ch == '*';
}

uint32_t op_min_args(const char *takes)
{
  uint32_t n = 0;
  for (const char *t = takes; *t; t++)
    if (!is_mark(*t) && !is_mark(t[1])) n++;
  return n;
}

uint32_t op_n_args(const char *takes)
{
  uint32_t n = 0;
  for (const char *t = takes; *t; t++)
    if (!is_mark(*t) && t[1] != '*') n++;
  return n;
}

bool op_takes_more(const char *takes)
{
  return strchr(takes, '*') != NULL;
}

char op_arg_letter(const char *takes, uint32_t k)
{
  char last = '\0';
  for (const char *t = takes; *t; t++) {
    if (is_mark(*t)) continue;
    last = *t;
    if (k-- == 0) break;
  }
  return last;
}

bool op_has_attr(const char *attrs, char attr)
{
  return strchr(attrs, attr) != NULL;
}

const char *op_word(const char *attrs, const char *words, int which, size_t *n)
{
  if (!op_has_attr(attrs, (char)('i' + which))) return NULL;
  const char *at = words;
  for (int k = 0; k < which; k++) {
    at += strcspn(at, " ");
    at += *at == ' ';
  }
  *n = strcspn(at, " :");
  AML_BUG_UNLESS(*n > 0);
  return at;
}
