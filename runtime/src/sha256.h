// SHA-256 (FIPS 180-4), for the hashes in the manifest and for match ids.
#ifndef AMLRT_SRC_SHA256_H
#define AMLRT_SRC_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct amlrt__sha256 {
  uint32_t state[8];
  uint64_t bytes;
  uint8_t block[64];
  bool x86; // use the machine's own instructions
} amlrt__sha256;

void amlrt__sha256_init(amlrt__sha256 *h);
// The same for many bytes: asks the machine, which takes as long as a few short hashes.
void amlrt__sha256_init_bulk(amlrt__sha256 *h);
void amlrt__sha256_add(amlrt__sha256 *h, const void *data, size_t n);
void amlrt__sha256_end(amlrt__sha256 *h, uint8_t out[32]);
// 64 small hexadecimal digits and NUL.
void amlrt__sha256_hex(char out[65], const uint8_t digest[32]);

// sha256_x86.c. k: the constants of the 64 rounds.
bool amlrt__sha256_x86_here(void);
void amlrt__sha256_x86(uint32_t state[8], const uint8_t *at, size_t n_blocks, const uint32_t k[64]);

#endif
