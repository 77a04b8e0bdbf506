// The keys of a match as a row of numbers. Internal to libamlrt.
#ifndef AMLRT__MATCH_KEYS_H
#define AMLRT__MATCH_KEYS_H

#include "runtime/src/match_copy.h"

// The role that is the start of closed chain c, or AMLRT_NONE.
uint32_t amlrt__ring_start(const amlrt_pattern_info *p, uint32_t role);
// Is the role the start of some closed chain?
bool amlrt__is_ring_start(const amlrt_pattern_info *p, uint32_t role);

// Where the least rotation of the numbers begins: a ring has no first account of its own.
size_t amlrt__least_rotation(const uint32_t *at, size_t n);
// The accounts of closed chain c with its start, from the account where its least rotation begins.
// Appended to `out`. False: no memory.
bool amlrt__ring(amlrt__u32s *out, const amlrt_match *m, const amlrt_pattern_info *p, uint32_t role,
                 const amlrt_alloc *mem);

// Appends the keys, role by role, so that comparing the numbers from the left compares the keys:
// accounts are counted from 1 and a chain ends with 0. False: no memory.
bool amlrt__keys_shown(amlrt__u32s *out, const amlrt_match *m, const amlrt_pattern_info *p,
                       const amlrt_alloc *mem);
// The same for grouping: a closed chain stands with its start as a ring, and its start not by itself.
bool amlrt__keys_grouped(amlrt__u32s *out, const amlrt_match *m, const amlrt_pattern_info *p,
                         const amlrt_alloc *mem);
// -1, 0, 1.
int amlrt__keys_cmp(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b);
uint64_t amlrt__keys_hash(const uint32_t *at, size_t n);

#endif
