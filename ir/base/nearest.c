// "Did you mean ...?"
#include "ir/base/map.h"

#include <string.h>

enum { WORD_MAX = 64 };

static char lower(char ch)
{
  return ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
}

static uint32_t min2(uint32_t a, uint32_t b)
{
  return a < b ? a : b;
}

// Damerau and Levenshtein's distance, restricted to swaps of neighbours; case does not count.
static uint32_t distance(const char *a, size_t n, const char *b, size_t m)
{
  uint32_t row[3][WORD_MAX + 1]; // this row and the two before it, taken in turn

  for (uint32_t j = 0; j <= m; j++)
    row[0][j] = j;
  for (uint32_t i = 1; i <= n; i++) {
    uint32_t *now = row[i % 3], *above = row[(i + 2) % 3], *two_up = row[(i + 1) % 3];
    now[0] = i;
    for (uint32_t j = 1; j <= m; j++) {
      uint32_t cost = lower(a[i - 1]) != lower(b[j - 1]);
      now[j] = min2(min2(above[j] + 1, now[j - 1] + 1), above[j - 1] + cost);
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        now[j] = min2(now[j], two_up[j - 2] + 1);
    }
  }
  return row[n % 3][m];
}

const char *nearest_word(const char *word, const char *const *names, size_t n_names)
{
  size_t n = strlen(word);
  const char *best = NULL;
  uint32_t best_distance = (uint32_t)(n / 3) + 1;

  if (n > WORD_MAX) return NULL;
  for (size_t i = 0; i < n_names; i++) {
    size_t m = strlen(names[i]);
    if (m > WORD_MAX) continue;
    uint32_t d = distance(word, n, names[i], m);
    if (d >= best_distance) continue;
    best = names[i];
    best_distance = d;
  }
  return best;
}
