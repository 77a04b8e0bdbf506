// From transactions in memory to files. Internal to datasets/gen.
#ifndef DATASETS_GEN_WRITE_H
#define DATASETS_GEN_WRITE_H

#include "datasets/gen/plant.h"

// The CSV: header and a row for each transaction, in the order given.
gen_status gen_write_csv(const char *path, const gen_world *w, const gen_tx *tx, size_t n,
                         gen_error *e);

// Both truth files list attempts in order, and in an attempt rows by (time, row number).
// `row` holds the row numbers of all planted transactions in that order.
gen_status gen_write_truth(const char *path, const gen_world *w, const gen_plan *p,
                           const gen_tx *tx, const uint32_t *row, size_t n, gen_error *e);
gen_status gen_write_truth_csv(const char *path, const gen_plan *p, const gen_tx *tx,
                               const uint32_t *row, size_t n, gen_error *e);

#endif
