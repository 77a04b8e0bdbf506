// What the programs of bench/micro share: a clock, a seeded generator of transfers.
#ifndef AML_BENCH_MICRO_SUPPORT_H
#define AML_BENCH_MICRO_SUPPORT_H

#include "amlrt/table.h"

double bench_now(void); // seconds

// A pseudo-random sequence that is the same everywhere (SplitMix64).
uint64_t bench_random(uint64_t *seed);
double bench_uniform(uint64_t *seed); // in [0, 1)

// Made graphs; NULL and a word on standard error where memory runs out. Seeded: the same each time.
//
// Light: ten days in minutes; n/10 accounts whose activity has a Pareto tail (the busiest has about
// 4 % of all transfers); seven of ten transfers go to one of the sender's eight regular counterparties;
// 12 % are self-transfers.
amlrt_table *bench_light(uint64_t seed, uint32_t n);
// R-MAT with .57 .19 .19 .05 over 2^scale accounts, times uniform in 0..9,999.
amlrt_table *bench_rmat(uint64_t seed, uint32_t n, int scale);

#endif
