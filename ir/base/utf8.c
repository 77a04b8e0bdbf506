#include "ir/base/utf8.h"

static bool tail(const unsigned char *p, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if ((p[i] & 0xc0) != 0x80) return false;
  return true;
}

size_t utf8_step(const char *at, size_t n)
{
  const unsigned char *p = (const unsigned char *)at;

  if (p[0] < 0x80) return 1;
  if (p[0] < 0xc2) return 0; // a tail byte, or an overlong form of two bytes
  if (p[0] < 0xe0) return n >= 2 && tail(p + 1, 1) ? 2 : 0;
  if (p[0] < 0xf0) {
    if (n < 3 || !tail(p + 1, 2)) return 0;
    if (p[0] == 0xe0 && p[1] < 0xa0) return 0;  // overlong
    if (p[0] == 0xed && p[1] >= 0xa0) return 0; // surrogate
    return 3;
  }
  if (p[0] > 0xf4 || n < 4 || !tail(p + 1, 3)) return 0;
  if (p[0] == 0xf0 && p[1] < 0x90) return 0;  // overlong
  if (p[0] == 0xf4 && p[1] >= 0x90) return 0; // above U+10FFFF
  return 4;
}

size_t utf8_check(const char *text, size_t n)
{
  size_t i = 0, w;

  while (i < n && (w = utf8_step(text + i, n - i)) > 0)
    i += w;
  return i;
}

size_t utf8_put(char out[4], uint32_t cp)
{
  if (cp < 0x80) {
    out[0] = (char)cp;
    return 1;
  }
  if (cp < 0x800) {
    out[0] = (char)(0xc0 | cp >> 6);
    out[1] = (char)(0x80 | (cp & 0x3f));
    return 2;
  }
  if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000)) return 0;
  if (cp < 0x10000) {
    out[0] = (char)(0xe0 | cp >> 12);
    out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
    out[2] = (char)(0x80 | (cp & 0x3f));
    return 3;
  }
  out[0] = (char)(0xf0 | cp >> 18);
  out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
  out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
  out[3] = (char)(0x80 | (cp & 0x3f));
  return 4;
}
