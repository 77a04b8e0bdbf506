// Random numbers that are the same everywhere: xoshiro256** seeded by splitmix64, both written
// here from their published descriptions (Blackman and Vigna, 2018; Steele, Lea and Flood, 2014).
#ifndef DATASETS_GEN_RNG_H
#define DATASETS_GEN_RNG_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint64_t s[4];
} gen_rng;

// A good mixer of 64 bits: also used to give each account its fixed properties.
static inline uint64_t gen_mix(uint64_t x)
{
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// Each purpose has a stream of its own, so that planting more does not change the background.
static inline void gen_rng_init(gen_rng *r, uint64_t seed, uint64_t stream)
{
  uint64_t x = gen_mix(seed) ^ gen_mix(~stream);
  for (int i = 0; i < 4; i++)
    r->s[i] = gen_mix(x + (uint64_t)i * 0x9E3779B97F4A7C15u);
}

static inline uint64_t gen_rotl(uint64_t x, int k)
{
  return (x << k) | (x >> (64 - k));
}

static inline uint64_t gen_next(gen_rng *r)
{
  uint64_t out = gen_rotl(r->s[1] * 5, 7) * 9, t = r->s[1] << 17;
  r->s[2] ^= r->s[0];
  r->s[3] ^= r->s[1];
  r->s[1] ^= r->s[2];
  r->s[0] ^= r->s[3];
  r->s[2] ^= t;
  r->s[3] = gen_rotl(r->s[3], 45);
  return out;
}

// 0 <= result < n, n > 0. The bias is below n / 2^32: of no weight here, and it costs no division.
static inline uint32_t gen_below(gen_rng *r, uint32_t n)
{
  return (uint32_t)(((gen_next(r) >> 32) * n) >> 32);
}

// lo <= result <= hi
static inline uint32_t gen_between(gen_rng *r, uint32_t lo, uint32_t hi)
{
  return lo + gen_below(r, hi - lo + 1);
}

static inline bool gen_chance(gen_rng *r, uint32_t per_mille)
{
  return gen_below(r, 1000) < per_mille;
}

#endif
