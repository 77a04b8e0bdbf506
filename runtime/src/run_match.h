// What a chunk of triggers writes for the consumer: matches, and what was noted of triggers, in order.
#ifndef AMLRT_SRC_RUN_MATCH_H
#define AMLRT_SRC_RUN_MATCH_H

#include "runtime/src/eval.h"

typedef enum {
  AMLRT__SAID_MATCH,
  AMLRT__SAID_LIGHT,  // a match without roles, stages, constraints, title
  AMLRT__SAID_COUNT,  // the same, whose feature values are whole numbers; heard as LIGHT
  AMLRT__SAID_HUB,    // an account of the trigger is barred
  AMLRT__SAID_HUB_CUT // by the run's limit alone
} amlrt__said;

// Room for so many bytes of the unit's output, counted; NULL: no memory, w->st.
void *amlrt__room(amlrt_worker *w, size_t bytes);
bool amlrt__say(amlrt_worker *w, amlrt__said what); // of the trigger at hand

bool amlrt__light_write(amlrt_worker *w, const amlrt_match *m);

enum { AMLRT__MOST_COUNTS = 4 }; // feature values of a COUNT

typedef struct amlrt__heard {
  amlrt__said what;
  uint32_t trigger;
  amlrt_match match; // points into the bytes read, or to count
  amlrt_value count[AMLRT__MOST_COUNTS];
} amlrt__heard;

// Reads what stands at *at and moves on; lists has room for the roles and shown stages.
void amlrt__hear(const amlrt_program *p, const unsigned char **at, amlrt_list *lists,
                 amlrt__heard *out);

#endif
