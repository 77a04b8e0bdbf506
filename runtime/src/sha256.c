#include "runtime/src/sha256.h"
#include "amlrt/amlrt.h"

#include <string.h>

static const uint32_t k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotr(uint32_t x, int n)
{
  return x >> n | x << (32 - n);
}

static uint32_t read_be32(const uint8_t *p)
{
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void schedule(uint32_t w[64], const uint8_t *block)
{
  for (int i = 0; i < 16; i++)
    w[i] = read_be32(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    uint32_t s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
}

// One round. Instead of moving the eight words along, the next round is called with them one
// further.
static void round_of(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f,
                     uint32_t g, uint32_t *h, uint32_t k_and_w)
{
  uint32_t s1 = rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25);
  uint32_t t1 = *h + s1 + (g ^ (e & (f ^ g))) + k_and_w;
  uint32_t s0 = rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22);

  *d += t1;
  *h = t1 + s0 + ((a & b) | (c & (a | b)));
}

static void compress(uint32_t state[8], const uint8_t *block)
{
  uint32_t w[64];
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

  schedule(w, block);
  for (int i = 0; i < 64; i += 8) {
    round_of(a, b, c, &d, e, f, g, &h, k[i] + w[i]);
    round_of(h, a, b, &c, d, e, f, &g, k[i + 1] + w[i + 1]);
    round_of(g, h, a, &b, c, d, e, &f, k[i + 2] + w[i + 2]);
    round_of(f, g, h, &a, b, c, d, &e, k[i + 3] + w[i + 3]);
    round_of(e, f, g, &h, a, b, c, &d, k[i + 4] + w[i + 4]);
    round_of(d, e, f, &g, h, a, b, &c, k[i + 5] + w[i + 5]);
    round_of(c, d, e, &f, g, h, a, &b, k[i + 6] + w[i + 6]);
    round_of(b, c, d, &e, f, g, h, &a, k[i + 7] + w[i + 7]);
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void amlrt__sha256_init(amlrt__sha256 *h)
{
  static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

  memset(h, 0, sizeof *h);
  memcpy(h->state, start, sizeof start);
}

void amlrt__sha256_init_bulk(amlrt__sha256 *h)
{
  amlrt__sha256_init(h);
  h->x86 = amlrt__sha256_x86_here();
}

static void compress_all(amlrt__sha256 *h, const uint8_t *at, size_t n_blocks)
{
  if (h->x86) {
    amlrt__sha256_x86(h->state, at, n_blocks, k);
    return;
  }
  for (; n_blocks > 0; n_blocks--, at += 64)
    compress(h->state, at);
}

void amlrt__sha256_add(amlrt__sha256 *h, const void *data, size_t n)
{
  const uint8_t *p = data;
  size_t have = h->bytes % 64;

  if (n == 0) return;
  h->bytes += n;
  if (have) {
    size_t take = n < 64 - have ? n : 64 - have;
    memcpy(h->block + have, p, take);
    p += take;
    n -= take;
    if (have + take < 64) return;
    compress_all(h, h->block, 1);
  }
  compress_all(h, p, n / 64);
  memcpy(h->block, p + n / 64 * 64, n % 64);
}

void amlrt__sha256_end(amlrt__sha256 *h, uint8_t out[32])
{
  static const uint8_t pad[64] = {0x80};
  uint64_t bits = h->bytes * 8;
  size_t have = h->bytes % 64;
  uint8_t length[8];

  for (int i = 0; i < 8; i++)
    length[i] = (uint8_t)(bits >> (56 - 8 * i));
  amlrt__sha256_add(h, pad, have < 56 ? 56 - have : 120 - have);
  amlrt__sha256_add(h, length, sizeof length);
  for (int i = 0; i < 32; i++)
    out[i] = (uint8_t)(h->state[i / 4] >> (24 - 8 * (i % 4)));
}

void amlrt__sha256_hex(char out[65], const uint8_t digest[32])
{
  static const char digit[] = "0123456789abcdef";

  for (int i = 0; i < 32; i++) {
    out[2 * i] = digit[digest[i] >> 4];
    out[2 * i + 1] = digit[digest[i] & 15];
  }
  out[64] = '\0';
}

void amlrt_sha256(uint8_t out[32], const void *data, size_t n)
{
  amlrt__sha256 h;

  amlrt__sha256_init(&h);
  amlrt__sha256_add(&h, data, n);
  amlrt__sha256_end(&h, out);
}
