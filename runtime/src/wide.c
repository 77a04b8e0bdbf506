#include "runtime/src/wide.h"

#define LIMBS AMLRT__WIDE_LIMBS

amlrt__wide amlrt__wide_from(amlrt__u128 v)
{
  return (amlrt__wide){{(uint64_t)v, (uint64_t)(v >> 64)}};
}

amlrt__wide amlrt__wide_mul(amlrt__u128 a, amlrt__u128 b)
{
  uint64_t x[2] = {(uint64_t)a, (uint64_t)(a >> 64)}, y[2] = {(uint64_t)b, (uint64_t)(b >> 64)};
  amlrt__wide r = {{0}};

  for (int i = 0; i < 2; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < 2; j++) {
      amlrt__u128 t = (amlrt__u128)x[i] * y[j] + r.limb[i + j] + carry;
      r.limb[i + j] = (uint64_t)t;
      carry = (uint64_t)(t >> 64);
    }
    r.limb[i + 2] = carry;
  }
  return r;
}

amlrt__wide amlrt__wide_add(amlrt__wide a, amlrt__wide b)
{
  amlrt__u128 t = 0;

  for (int i = 0; i < LIMBS; i++) {
    t += (amlrt__u128)a.limb[i] + b.limb[i];
    a.limb[i] = (uint64_t)t;
    t >>= 64;
  }
  return a;
}

amlrt__wide amlrt__wide_sub(amlrt__wide a, amlrt__wide b)
{
  uint64_t borrow = 0;

  for (int i = 0; i < LIMBS; i++) {
    amlrt__u128 t = (amlrt__u128)a.limb[i] - b.limb[i] - borrow;
    a.limb[i] = (uint64_t)t;
    borrow = (uint64_t)(t >> 64) & 1;
  }
  return a;
}

amlrt__wide amlrt__wide_shl(amlrt__wide a, int bits)
{
  amlrt__wide r = {{0}};
  int limbs = bits / 64, rest = bits % 64;

  for (int i = LIMBS - 1; i >= limbs; i--) {
    r.limb[i] = a.limb[i - limbs] << rest;
    if (rest && i > limbs) r.limb[i] |= a.limb[i - limbs - 1] >> (64 - rest);
  }
  return r;
}

amlrt__wide amlrt__wide_shr(amlrt__wide a, int bits)
{
  amlrt__wide r = {{0}};
  int limbs = bits / 64, rest = bits % 64;

  for (int i = 0; i + limbs < LIMBS; i++) {
    r.limb[i] = a.limb[i + limbs] >> rest;
    if (rest && i + limbs + 1 < LIMBS) r.limb[i] |= a.limb[i + limbs + 1] << (64 - rest);
  }
  return r;
}

int amlrt__wide_cmp(amlrt__wide a, amlrt__wide b)
{
  for (int i = LIMBS - 1; i >= 0; i--)
    if (a.limb[i] != b.limb[i]) return a.limb[i] < b.limb[i] ? -1 : 1;
  return 0;
}

int amlrt__wide_bits(amlrt__wide a)
{
  for (int i = LIMBS - 1; i >= 0; i--)
    if (a.limb[i]) return 64 * i + 64 - __builtin_clzll(a.limb[i]);
  return 0;
}

amlrt__u128 amlrt__wide_low(amlrt__wide a)
{
  return (amlrt__u128)a.limb[1] << 64 | a.limb[0];
}

amlrt__wide amlrt__wide_div(amlrt__wide a, amlrt__wide b, amlrt__wide *rest)
{
  amlrt__wide q = {{0}};

  for (int shift = amlrt__wide_bits(a) - amlrt__wide_bits(b); shift >= 0; shift--) {
    amlrt__wide part = amlrt__wide_shl(b, shift);
    if (amlrt__wide_cmp(a, part) < 0) continue;
    a = amlrt__wide_sub(a, part);
    q.limb[shift / 64] |= UINT64_C(1) << (shift % 64);
  }
  *rest = a;
  return q;
}

static int trailing_zeros(amlrt__wide a)
{
  for (int i = 0; i < LIMBS; i++)
    if (a.limb[i]) return 64 * i + __builtin_ctzll(a.limb[i]);
  return 0;
}

amlrt__wide amlrt__wide_gcd(amlrt__wide a, amlrt__wide b)
{
  int za, zb;

  if (!amlrt__wide_bits(a)) return b;
  if (!amlrt__wide_bits(b)) return a;
  za = trailing_zeros(a);
  zb = trailing_zeros(b);
  a = amlrt__wide_shr(a, za);
  b = amlrt__wide_shr(b, zb);
  for (;;) { // both are odd
    int c = amlrt__wide_cmp(a, b);
    if (c == 0) return amlrt__wide_shl(a, za < zb ? za : zb);
    amlrt__wide d = c > 0 ? amlrt__wide_sub(a, b) : amlrt__wide_sub(b, a);
    if (c < 0) b = a;
    a = amlrt__wide_shr(d, trailing_zeros(d)); // gcd(|a - b|, the smaller)
  }
}
