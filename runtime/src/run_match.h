// What a chunk of triggers writes for the consumer: matches, and what was noted of triggers, in order.
#ifndef AMLRT_SRC_RUN_MATCH_H
#define AMLRT_SRC_RUN_MATCH_H

#include "runtime/src/eval.h"

typedef enum {
  AMLRT__SAID_MATCH,
  AMLRT__SAID_LIGHT,  // a match without roles, stages, constraints, title
  AMLRT__SAID_COUNT,  // the same, whose feature values are whole numbers; heard as LIGHT
  AMLRT__SAID_ONE,    // the same, of degree 1, with at most one feature
  AMLRT__SAID_HUB,    // an account of the trigger is barred
  AMLRT__SAID_HUB_CUT // by the run's limit alone
} amlrt__said;

// Room for so many bytes of the unit's output, counted; NULL: no memory, w->st.
void *amlrt__room(amlrt_worker *w, size_t bytes);
bool amlrt__say(amlrt_worker *w, amlrt__said what); // of the trigger at hand

bool amlrt__light_write(amlrt_worker *w, const amlrt_match *m);
// Are these no feature values, or one whole number? Then the match, if its degree is 1 and it is not
// inconclusive, may be written so.
bool amlrt__is_one_count(const amlrt_value *v, uint32_t n, int64_t *value);
bool amlrt__count_write(amlrt_worker *w, uint32_t trigger, int64_t value);

enum { AMLRT__MOST_COUNTS = 4 }; // feature values of a COUNT

typedef struct amlrt__heard {
  amlrt__said what;
  uint32_t trigger;
  amlrt_match match; // points into the bytes read, or to count
  amlrt_value count[AMLRT__MOST_COUNTS];
  bool is_set; // match and count are those of a COUNT or ONE, but for what differs
} amlrt__heard;

// Reads what stands at *at and moves on; lists has room for the roles and shown stages. *out is that of the
// call before, or zero.
void amlrt__hear(const amlrt_program *p, const unsigned char **at, amlrt_list *lists,
                 amlrt__heard *out);

#endif
