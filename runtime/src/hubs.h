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

#endif
