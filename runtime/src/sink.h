// The sink's insides, shared by match.c and episode.c. Internal to libamlrt.
#ifndef AMLRT__SINK_H
#define AMLRT__SINK_H

#include "runtime/src/match_keys.h"
#include "runtime/src/sha256.h"

typedef struct amlrt__alert {
  amlrt_alert pub; // pub.match is copy.match
  amlrt__copy copy;
  amlrt__u32s key; // as shown; made when the sink is finished
} amlrt__alert;

// A match that a later one could still contain (mode maximal).
typedef struct amlrt__waiting {
  amlrt__copy copy;
  struct amlrt__waiting *next; // the one before
} amlrt__waiting;

// All that is open under one pattern and keys.
typedef struct amlrt__group {
  uint32_t *key; // keys_grouped
  size_t n_key;
  uint64_t hash;
  struct amlrt__group *in_bucket;       // next of the same bucket
  struct amlrt__group *older, *younger; // by last trigger
  uint32_t last_trigger;
  // mode episode
  amlrt__copy best;   // the match of the highest degree, the latest of those
  amlrt__copy latest; // the last match, unless that is the best
  bool best_is_latest;
  uint64_t merged; // 0: no episode is open
  uint32_t trigger_first, trigger_last;
  // mode maximal
  amlrt__waiting *waiting;
} amlrt__group;

typedef struct amlrt__groups {
  amlrt__group **bucket;
  size_t n_buckets, n; // n_buckets: a power of 2, or 0
  amlrt__group *oldest, *youngest;
} amlrt__groups;

struct amlrt_sink {
  amlrt_alloc mem;
  const amlrt_pattern_info *patterns;
  uint32_t n_patterns;
  const amlrt_table *table;
  amlrt_mode mode;
  bool any, finished;
  uint32_t pattern, last_trigger; // of the match added last
  uint64_t *n_matches;            // by pattern
  amlrt__alert **alerts;
  size_t n_alerts, cap_alerts;
  amlrt__groups groups;
  amlrt__u32s scratch; // keys; cursors
};

// Makes an alert of a copy, which it takes over (only where it succeeds).
amlrt_status amlrt__sink_alert(amlrt_sink *s, amlrt__copy *copy, uint64_t merged,
                               uint32_t trigger_first, uint32_t trigger_last);

// Mode episode and mode maximal: a match comes in.
amlrt_status amlrt__episode_add(amlrt_sink *s, const amlrt_match *m);
amlrt_status amlrt__maximal_add(amlrt_sink *s, const amlrt_match *m);
// Closes the groups that no match with this trigger or a later one can touch; AMLRT_NONE: all.
amlrt_status amlrt__groups_close(amlrt_sink *s, uint32_t trigger);
void amlrt__groups_release(amlrt_sink *s);

// ids.c: fills match_id and alert_id. `a` and `b` are scratch; `empty` is a hash of nothing, made once
// for many alerts. False: no memory.
bool amlrt__ids(amlrt_alert *alert, const amlrt_pattern_info *p, const amlrt_table *t,
                amlrt__u32s *a, amlrt__u32s *b, const amlrt__sha256 *empty, const amlrt_alloc *mem);

#endif
