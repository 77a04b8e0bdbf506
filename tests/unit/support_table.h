// Reading tables in tests: one file or more, what comes out of it in words.
#ifndef AML_TESTS_TABLE_H
#define AML_TESTS_TABLE_H

#include "amlrt/table.h"
#include "tests/unit/support_files.h"

#define IBM_HEADER                                                                                 \
  "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,"    \
  "Payment Currency,Payment Format"

typedef struct table_test {
  amlrt_read_opts opts;
  amlrt_error err;
  amlrt_table *t;
} table_test;

table_test start(void);
// Reads, and fails the test where the status is not the one that is wanted.
void read_paths(table_test *x, const char *const *paths, size_t n, amlrt_status want);
void read_text(table_test *x, const char *text, amlrt_status want); // as data.csv
void stop(table_test *x);
// The error text has these words.
void says(const table_test *x, const char *words);
// A row in words: "id from>to amount currency > amount currency format @time". Good until the next call.
const char *row(const amlrt_table *t, uint32_t i);
void reject_is(const amlrt_table *t, uint64_t i, uint64_t line, uint32_t column,
               const char *reason);
// read = used + rejected, for each file and in all.
void totals(const amlrt_table *t);

#endif
