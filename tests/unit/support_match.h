// Matches in tests: a table made by hand, two patterns, and what the writers make of them as text.
#ifndef AML_TESTS_MATCH_H
#define AML_TESTS_MATCH_H

#include "amlrt/feature.h"
#include "tests/unit/alloc_fail.h"

// Pattern 0, "fan": role hub (one), role peer (group); stages pay, back; one constraint with bounds, one
// without; a title; features n (histogram 1..3) and sum, low, high, mean, seen of one value each.
// Pattern 1, "ring": role start (one), role via (chain from start to start); stage hop.
extern const amlrt_pattern_info test_patterns[2];

// Row k is the transfer k: accounts a .. e in turn, one a minute, 10.50 USD, 11.50 and so on. Integer
// ids from 100, or texts "tx0", ...
amlrt_table *minutes(uint32_t n, bool text_ids);

// A match of "fan" with hub a and rows of the two stages (ended by AMLRT_NONE). Filled into *m, whose
// memory it uses; degree in parts of 16.
typedef struct test_match {
  amlrt_match m;
  uint32_t hub, peers[4], rows[2][64];
  amlrt_list roles[2], stages[2];
  amlrt_result results[2];
  amlrt_value title_values[4], feature_values[6];
} test_match;
void fan(test_match *t, uint32_t hub, const uint32_t *pay, const uint32_t *back, int degree16);
// A match of "ring": start, then the chain (ended by AMLRT_NONE), and rows.
void ring(test_match *t, const uint32_t *accounts, const uint32_t *rows, int degree16);

#define ROWS(...) ((const uint32_t[]){__VA_ARGS__, AMLRT_NONE})
#define NO_ROWS ((const uint32_t[]){AMLRT_NONE})

// What a writer writes, as text; the caller frees it.
char *alerts_text(const amlrt_sink *s);
char *evidence_text(const amlrt_sink *s);
char *features_text(const amlrt_features *f);
amlrt_sink *sink_of(const amlrt_table *t, amlrt_mode mode);

#endif
