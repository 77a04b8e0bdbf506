// When accounts are over a limit on hubs (docs/semantics.md, 2): found once for all potential hubs, then
// answered for any trigger, in any order, by any thread.
#ifndef AMLRT_SRC_HUBS_H
#define AMLRT_SRC_HUBS_H

#include "runtime/src/worker.h"

// Limit > 0; NULL: no memory. Freed by amlrt__hubs_free.
amlrt__hubs *amlrt__hubs_make(const amlrt__run *run, int64_t limit);
void amlrt__hubs_free(amlrt__hubs *h, const amlrt_alloc *mem);
bool amlrt__hubs_over(const amlrt__hubs *h, const amlrt__run *run, uint32_t account,
                      uint32_t trigger);
// Is it, whatever the trigger? False: never.
bool amlrt__hubs_ever(const amlrt__hubs *h, uint32_t account);

// The same answer for triggers in order: it stays so for those that are before the row and before the
// time.
typedef struct amlrt__hub_state {
  bool is_over;
  uint32_t row;
  int64_t time;
} amlrt__hub_state;
// time, currency: of the trigger.
amlrt__hub_state amlrt__hubs_state(const amlrt__hubs *h, const amlrt__run *run, uint32_t account,
                                   uint32_t trigger, int64_t time, amlrt_currency currency);

#endif
