// UTF-8, as strict as Unicode has it: no overlong forms, no surrogates, nothing above U+10FFFF.
#ifndef AML_BASE_UTF8_H
#define AML_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes of the character at `at`, of which n > 0 bytes are there; 0: not UTF-8.
size_t utf8_step(const char *at, size_t n);
// The place of the first byte that is not UTF-8; n: all is.
size_t utf8_check(const char *text, size_t n);
// Writes a character, at most 4 bytes; 0: there is no such character.
size_t utf8_put(char out[4], uint32_t code_point);

#endif
