// Rows on their way into a table, in input order: texts become numbers, columns grow; then the rows
// that only all rows together can tell to be bad are rejected, and the rest is put in order.
#ifndef AMLRT_SRC_COLLECT_H
#define AMLRT_SRC_COLLECT_H

#include "runtime/src/csv.h"
#include "runtime/src/intern.h"
#include "runtime/src/table.h"

typedef struct amlrt__amount {
  int64_t mantissa; // AMLRT_NO_AMOUNT: not given
  int decimals;
} amlrt__amount;

// One good row; texts are borrowed. An empty currency or format is one not given.
typedef struct amlrt__row {
  int64_t time;
  amlrt__text from, to;
  amlrt__amount amount, amount_received;
  amlrt__text currency, currency_received, format;
  amlrt__text id; // where the data have ids
} amlrt__row;

// From this input row on, and until the next run, lines follow one another as rows do.
typedef struct amlrt__line_run {
  uint64_t input_row, line;
  uint32_t file;
} amlrt__line_run;

// The columns of a file, 1-based, in which a row can turn out to be bad later.
typedef struct amlrt__late_columns {
  uint32_t amount, amount_received, id;
} amlrt__late_columns;

typedef struct amlrt__collect {
  amlrt_table *t; // its rows and further columns grow
  const amlrt_alloc *mem;
  uint32_t n_rows;
  size_t cap_rows;
  uint8_t *scale, *scale_received; // decimals of the amounts, by row
  uint8_t *drop;                   // by row, once judged
  bool has_id;
  int64_t *id_int;      // by row
  const char **id_text; // by row, NULL: a canonical integer; no array while all are
  amlrt__intern accounts, formats, values;
  amlrt__intern currencies;     // spellings, as in the data
  amlrt__intern currency_names; // what identifies them
  uint32_t *name_of;            // spelling -> name
  size_t cap_name_of;
  int *decimals_of; // name + 1 -> decimals, once judged; 0: no currency
  uint64_t n_read;  // rows, bad ones too
  amlrt__line_run *run;
  size_t n_runs, cap_runs;
  const amlrt__late_columns *late; // by file; borrowed
} amlrt__collect;

// Works on t, which has no rows yet; t's further columns may be there already. Cannot fail.
void amlrt__collect_init(amlrt__collect *c, amlrt_table *t);
void amlrt__collect_release(amlrt__collect *c); // leaves t alone
// One more further column, empty in all rows so far; the name lives with the table.
bool amlrt__collect_new_extra(amlrt__collect *c, const char *name) AMLRT_MUST_USE;
// The next row of the input, good or bad, stands here.
bool amlrt__collect_line(amlrt__collect *c, uint32_t file, uint64_t line) AMLRT_MUST_USE;
// Adds a good row; its further columns are empty. On failure the row is not there.
amlrt_status amlrt__collect_add(amlrt__collect *c, const amlrt__row *row,
                                amlrt_error *err) AMLRT_MUST_USE;
// The value of a further column of the row added last.
amlrt_status amlrt__collect_extra(amlrt__collect *c, uint32_t extra, amlrt__text value,
                                  amlrt_error *err) AMLRT_MUST_USE;

// judge.c: chooses the decimals of each currency, and rejects rows whose amounts do not fit them
// and rows with a repeated id (the later one in input order). Makes t->by_id, in collected rows.
amlrt_status amlrt__collect_judge(amlrt__collect *c, amlrt_error *err) AMLRT_MUST_USE;
void amlrt__collect_drop_all(amlrt__collect *c); // once judged: no row is kept
// finish.c: puts what is left into the order of the table and numbers accounts, currencies,
// formats. Judge first. On failure the table is only good for amlrt_table_free.
amlrt_status amlrt__collect_finish(amlrt__collect *c, amlrt_error *err) AMLRT_MUST_USE;

#endif
