// SHA-256 (FIPS 180-4), for the hashes in the manifest and for match ids.
#ifndef AMLRT_SRC_SHA256_H
#define AMLRT_SRC_SHA256_H

#include <stddef.h>
#include <stdint.h>

typedef struct amlrt__sha256 {
  uint32_t state[8];
  uint64_t bytes;
  uint8_t block[64];
} amlrt__sha256;

void amlrt__sha256_init(amlrt__sha256 *h);
void amlrt__sha256_add(amlrt__sha256 *h, const void *data, size_t n);
void amlrt__sha256_end(amlrt__sha256 *h, uint8_t out[32]);
// 64 small hexadecimal digits and NUL.
void amlrt__sha256_hex(char out[65], const uint8_t digest[32]);

#endif
