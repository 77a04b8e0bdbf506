// Statistics of the data at hand, sampled, for the costs of plans. They depend on the table and the
// pattern only: the same choice on every machine and for any number of threads.
#ifndef AMLRT_SRC_STATS_H
#define AMLRT_SRC_STATS_H

#include "runtime/src/worker.h"

typedef struct amlrt__stats {
  uint32_t n; // transfers sampled, evenly over the run's triggers
  // Existing transfers (in the window up to the trigger) of the two accounts of a transfer, mean:
  // degree[end][side]: of its payer (AMLRT__FROM) or payee, those it sent (AMLRT__FROM) or got.
  double degree[2][2];
  // Two-hop paths that begin with a transfer, mean: transfers its payee sent within a window's length
  // before or after it.
  double two_paths;
  double
      same_pair; // share of transfers with an earlier one between the same two accounts in the window
  double self;   // share of self-transfers
  double pass
      [64]; // share of transfers that pass the stage's filter; 1: no filter. The first 64 stages
} amlrt__stats;

// Triggers that plans try, and the steps after which one is left.
enum { AMLRT__TRIES = 128, AMLRT__STEPS_A_TRY = 1 << 15 };
// The k-th of n samples, evenly among the run's triggers.
uint32_t amlrt__sampled(const amlrt__run *run, uint32_t k, uint32_t n);

// Sampled when first asked; NULL: no memory. Freed with the run.
const amlrt__stats *amlrt__stats_of(amlrt__run *run);

// Steps that trigger-major takes for a trigger, mean, as amlrt__step counts them: some triggers are tried.
// It ends as soon as the mean is more than `enough` (0: never). False: no memory.
bool amlrt__trigger_steps(amlrt__run *run, double enough, double *steps);

#endif
