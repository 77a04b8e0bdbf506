#include "runtime/src/utf8.h"

#include <stdint.h>
#include <string.h>

// Length of the well-formed character at text, or 0.
static size_t character(const unsigned char *t, size_t n)
{
  unsigned char lo = 0x80, hi = 0xbf; // bounds of the second byte
  size_t len;

  if (t[0] < 0x80) return 1;
  if (t[0] < 0xc2 || t[0] > 0xf4) return 0;
  len = t[0] < 0xe0 ? 2 : t[0] < 0xf0 ? 3 : 4;
  if (t[0] == 0xe0) lo = 0xa0; // overlong
  if (t[0] == 0xed) hi = 0x9f; // surrogates
  if (t[0] == 0xf0) lo = 0x90; // overlong
  if (t[0] == 0xf4) hi = 0x8f; // above U+10FFFF
  if (n < len || t[1] < lo || t[1] > hi) return 0;
  for (size_t i = 2; i < len; i++)
    if ((t[i] & 0xc0) != 0x80) return 0;
  return len;
}

size_t amlrt__utf8_bad(const char *text, size_t n)
{
  const unsigned char *t = (const unsigned char *)text;
  size_t at = 0;

  while (at < n) {
    size_t len = character(t + at, n - at);
    if (!len) return at;
    at += len;
  }
  return n;
}

bool amlrt__is_plain_ascii(const char *text, size_t n)
{
  const uint64_t high = UINT64_C(0x8080808080808080), ones = UINT64_C(0x0101010101010101);
  uint64_t bad = 0;
  size_t i = 0;

  for (; i + 8 <= n; i += 8) {
    uint64_t w;
    memcpy(&w, text + i, 8);
    bad |= (w | (w - ones)) & high; // a byte of 0 or of 0x80 and above sets a high bit
  }
  for (; i < n; i++)
    bad |= text[i] == 0 || (unsigned char)text[i] >= 0x80;
  return bad == 0;
}
