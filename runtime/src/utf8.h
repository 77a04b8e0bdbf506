// UTF-8, checked.
#ifndef AMLRT_SRC_UTF8_H
#define AMLRT_SRC_UTF8_H

#include <stdbool.h>
#include <stddef.h>

// The first byte that is not part of a well-formed character (Unicode, table 3-7), or n.
size_t amlrt__utf8_bad(const char *text, size_t n);
// Whether all bytes are 0x01 .. 0x7f: fast, and true for nearly every row.
bool amlrt__is_plain_ascii(const char *text, size_t n);

#endif
