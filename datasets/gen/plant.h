// Laundering attempts put into the world. Internal to datasets/gen.
#ifndef DATASETS_GEN_PLANT_H
#define DATASETS_GEN_PLANT_H

#include "datasets/gen/world.h"

typedef struct {
  gen_typology typology;
  uint32_t size; // what the BEGIN line names: degree, hops, deposits, mules
} gen_attempt;

typedef struct {
  gen_tx *tx; // planted transfers, attempt after attempt
  size_t n_tx, cap_tx;
  gen_attempt *attempt; // attempt k has tx[].attempt == k + 1
  size_t n_attempts, cap_attempts;
  uint32_t *silent; // accounts that must have no history
  size_t n_silent, cap_silent;
} gen_plan;

// Plants `each` attempts of every typology. New accounts are added to the world.
gen_status gen_plant(gen_plan *p, gen_world *w, gen_rng *r, uint32_t each, gen_error *e);
void gen_plan_release(gen_plan *p);

#endif
