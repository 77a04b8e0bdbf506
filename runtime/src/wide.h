// Unsigned integers of 384 bits, for the few places where an exact product of 128-bit numbers is
// needed. Slow and plain: long division bit by bit.
#ifndef AMLRT_SRC_WIDE_H
#define AMLRT_SRC_WIDE_H

#include <stdbool.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 amlrt__u128;

enum { AMLRT__WIDE_LIMBS = 6 };
typedef struct amlrt__wide {
  uint64_t limb[AMLRT__WIDE_LIMBS]; // the lowest first
} amlrt__wide;

amlrt__wide amlrt__wide_from(amlrt__u128 v);
amlrt__wide amlrt__wide_mul(amlrt__u128 a, amlrt__u128 b);
amlrt__wide amlrt__wide_add(amlrt__wide a, amlrt__wide b);
amlrt__wide amlrt__wide_sub(amlrt__wide a, amlrt__wide b); // a >= b
amlrt__wide amlrt__wide_shl(amlrt__wide a, int bits);
amlrt__wide amlrt__wide_shr(amlrt__wide a, int bits);
int amlrt__wide_cmp(amlrt__wide a, amlrt__wide b);
int amlrt__wide_bits(amlrt__wide a); // of 0: 0
amlrt__u128 amlrt__wide_low(amlrt__wide a);
// Quotient, and the remainder into *rest. b > 0.
amlrt__wide amlrt__wide_div(amlrt__wide a, amlrt__wide b, amlrt__wide *rest);
amlrt__wide amlrt__wide_gcd(amlrt__wide a, amlrt__wide b);

#endif
