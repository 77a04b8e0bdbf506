// A row of a file, by format: from fields to values.
#ifndef AMLRT_SRC_READ_H
#define AMLRT_SRC_READ_H

#include "runtime/src/collect.h"
#include "runtime/src/schema.h"

typedef struct amlrt__reader {
  amlrt_table *t;
  const amlrt_read_opts *opts;
  amlrt__map map;
  amlrt__collect rows;
  amlrt__schema first, other;  // of the first file, and of a further one
  const amlrt__schema *schema; // of the file being read: one of the two
  amlrt__late_columns *late;   // by file
  amlrt__csv csv;
  char *keys; // scratch for account keys; holds those of the longest record
} amlrt__reader;

// Fill in *row from the record at hand; texts point into it. The reason is AMLRT__GOOD where all is
// well.
amlrt__fault amlrt__ibm_row(amlrt__reader *r, amlrt__row *row);
amlrt__fault amlrt__generic_row(amlrt__reader *r, amlrt__row *row);
// An amount of the data: a decimal of at most 18 digits, not negative.
amlrt__reason amlrt__read_amount(amlrt__amount *out, amlrt__text text);

// accounts.c: adds the attributes of a file to a table. `ibm`: account keys are bank:account.
amlrt_status amlrt__accounts_read(amlrt_table *t, const char *path, bool ibm,
                                  amlrt_error *err) AMLRT_MUST_USE;

#endif
