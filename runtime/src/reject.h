// Reasons of rejected rows.
#ifndef AMLRT_SRC_REJECT_H
#define AMLRT_SRC_REJECT_H

#include <stdint.h>

typedef enum {
  AMLRT__GOOD,
#define REJECT(id, text) AMLRT__BAD_##id,
#include "runtime/src/reject.def"
} amlrt__reason;

const char *amlrt__reason_text(amlrt__reason reason);

// What is wrong with a row: the reason, and the 1-based column it is in (0: the row as a whole).
typedef struct amlrt__fault {
  amlrt__reason reason;
  uint32_t column;
} amlrt__fault;

#endif
