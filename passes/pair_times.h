// What pair constraints say about the times of two transfers, as one interval of whole seconds.
#ifndef AML_PASSES_PAIR_TIMES_H
#define AML_PASSES_PAIR_TIMES_H

#include "ir/gir.h"

typedef struct pair_times {
  int64_t lo, hi;      // time(side 1) - time(side 0) is in [lo, hi] for every pair that passes
  bool by_time;        // and every pair there passes
  const gir_node *gap; // the last `gap(..) in RANGE` read; NULL: none
  bool gap_forward;    // it runs from side 0 to side 1
} pair_times;

// Narrows *t by one condition. swapped: the condition's side 0 is side 1 of *t. Each call is one
// constraint: a second gap in it, and whatever is no order, leaves by_time false.
void pair_times_add(pair_times *t, bool swapped, const gir_node *cond);

// Does v have a degree above 0, rounded as docs/semantics.md, 5 says?
bool range_has_degree(const gir_range *r, rational v);

#endif
