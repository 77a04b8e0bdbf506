// What a plan keeps sliding, asked by compiled conditions in the place of lists of transfers left.
//
// Conditions are compiled against amlrt_num_agg and its like (gen_value.c, gen_money.c). These look at
// the amlrt_eval they are given; where it has a view, the view answers, so that there is one code for a
// pattern's conditions, whoever keeps the sums. A view that cannot answer sets `unsure` and gives what it
// likes: the plan then leaves the trigger to the evaluator.
#ifndef AMLRT_SRC_VIEW_H
#define AMLRT_SRC_VIEW_H

#include "runtime/src/worker.h"

typedef struct amlrt__view amlrt__view;

typedef struct amlrt__view_agg { // over the transfers left of a stage
  amlrt_agg what;
  bool is_column; // `symbol`, else `field`
  amlrt_field field;
  uint32_t symbol;
  uint32_t stage, role, account;
} amlrt__view_agg;

typedef struct amlrt__view_ops {
  amlrt_num (*agg)(amlrt__view *v, const amlrt__view_agg *a);
  uint64_t (*count)(amlrt__view *v, uint32_t stage, uint32_t role, uint32_t account);
  uint64_t (*members)(amlrt__view *v, uint32_t role);
  // False: of nothing.
  bool (*first)(amlrt__view *v, uint32_t stage, uint32_t role, uint32_t account, int64_t *time);
  bool (*last)(amlrt__view *v, uint32_t stage, uint32_t role, uint32_t account, int64_t *time);
  bool (*span)(amlrt__view *v, int64_t *seconds);
  // Calls amlrt__note_currency for each currency among the transfers left of a stage, 0 for missing.
  void (*note)(amlrt__view *v, amlrt_field amount, uint32_t stage, uint32_t role, uint32_t account);
} amlrt__view_ops;

struct amlrt__view {
  const amlrt__view_ops *ops;
  bool unsure;
};

// Of the comparison at hand: one more amount of this currency.
void amlrt__note_currency(amlrt_worker *w, uint32_t currency);

#endif
