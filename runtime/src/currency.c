#include "runtime/src/currency.h"

#include <string.h>

typedef struct currency {
  char code[4];
  const char *ibm; // NULL: not among IBM's
} currency;

static const currency currencies[] = {
#define CURRENCY(code, ibm, in_words) {#code, ibm},
#include "runtime/src/currency.def"
};
enum { N_CURRENCIES = sizeof currencies / sizeof *currencies };

static char upper(char c)
{
  return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool same_word(const char *known, const char *text, size_t n)
{
  if (strlen(known) != n) return false;
  for (size_t i = 0; i < n; i++)
    if (upper(known[i]) != upper(text[i])) return false;
  return true;
}

const char *amlrt_currency_iso(const char *name, size_t n)
{
  for (size_t i = 0; i < N_CURRENCIES; i++)
    if (same_word(currencies[i].code, name, n) ||
        (currencies[i].ibm && same_word(currencies[i].ibm, name, n)))
      return currencies[i].code;
  return NULL;
}

const char *amlrt_currency_ibm_name(const char *iso)
{
  for (size_t i = 0; i < N_CURRENCIES; i++)
    if (same_word(currencies[i].code, iso, strlen(iso))) return currencies[i].ibm;
  return NULL;
}

const char *amlrt__currency_name(const char *text, size_t *n)
{
  const char *iso = amlrt_currency_iso(text, *n);

  if (!iso) return text;
  *n = strlen(iso);
  return iso;
}
