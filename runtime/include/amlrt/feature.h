// Feature columns: one row a transaction, made of all matches (no episodes).
//
// Columns of a pattern P, in this order: P.count, P.degree, then each feature P.NAME, a histogram
// P.NAME.lo .. P.NAME.hi. No match: count and degree 0, histogram 0, other aggregates empty.
#ifndef AMLRT_FEATURE_H
#define AMLRT_FEATURE_H

#include "amlrt/match.h"

typedef enum {
  AMLRT_ATTRIBUTE_TRIGGER, // a match counts for its trigger: never looks ahead
  AMLRT_ATTRIBUTE_MEMBER   // a match counts for every transaction in it: forensics
} amlrt_attribute;

typedef struct amlrt_features amlrt_features;

AMLRT_API amlrt_status amlrt_features_new(amlrt_features **out, const amlrt_pattern_info *patterns,
                                          uint32_t n_patterns, const amlrt_table *table,
                                          amlrt_attribute attribute, const amlrt_alloc *mem,
                                          amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API void amlrt_features_free(amlrt_features *f); // NULL is fine
AMLRT_API amlrt_status amlrt_features_add(void *features,
                                          const amlrt_match *m); // an amlrt_match_fn
// CSV: first column id, rows in input order.
AMLRT_API void amlrt_write_features(amlrt_out *o, const amlrt_features *f);

#endif
