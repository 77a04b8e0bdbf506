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

// An amount of the data: a decimal of at most 18 digits, not negative.
amlrt__reason amlrt__read_amount(amlrt__amount *out, amlrt__text text);

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
  uint32_t threads; // for what is done with all rows; one, unless set. 0: all
  uint32_t n_rows;
  size_t cap_rows;
  uint8_t *scale, *scale_received; // decimals of the amounts, by row
  uint8_t *drop;                   // by row, once judged; NULL: none is dropped
  bool has_unused;                 // texts may have numbers that no row left uses
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
// The next n rows of the input, good or bad, stand here: one a line, from this line on.
bool amlrt__collect_lines(amlrt__collect *c, uint32_t file, uint64_t line,
                          uint64_t n) AMLRT_MUST_USE;
// Adds a good row; its further columns are empty. On failure the row is not there.
amlrt_status amlrt__collect_add(amlrt__collect *c, const amlrt__row *row,
                                amlrt_error *err) AMLRT_MUST_USE;
// The value of a further column of the row added last.
amlrt_status amlrt__collect_extra(amlrt__collect *c, uint32_t extra, amlrt__text value,
                                  amlrt_error *err) AMLRT_MUST_USE;

// For who writes rows from n_rows on himself. Room for n more; where memory has to be got, for as many
// rows as are expected in all. AMLRT_E_TOO_LARGE, AMLRT_E_NOMEM.
amlrt_status amlrt__collect_room(amlrt__collect *c, uint32_t n, size_t expected,
                                 amlrt_error *err) AMLRT_MUST_USE;
// Ids of rows become texts, if they are not yet.
bool amlrt__collect_text_ids(amlrt__collect *c) AMLRT_MUST_USE;
// What the columns of a row hold for a currency and a format: 0 for an empty text.
amlrt_status amlrt__collect_currency(amlrt__collect *c, amlrt__text text, uint16_t *number,
                                     amlrt_error *err) AMLRT_MUST_USE;
amlrt_status amlrt__collect_format(amlrt__collect *c, amlrt__text text, uint16_t *number,
                                   amlrt_error *err) AMLRT_MUST_USE;
// The failure of taking up a row, in words.
amlrt_status amlrt__collect_why(amlrt_error *err, amlrt_status st);
// Calls body for pieces of the rows 0 .. n-1, several at once.
amlrt_status amlrt__collect_over(const amlrt__collect *c, uint32_t n,
                                 void (*body)(void *user, uint32_t begin, uint32_t end), void *user,
                                 amlrt_error *err) AMLRT_MUST_USE;

// judge.c: chooses the decimals of each currency, and rejects rows whose amounts do not fit them
// and rows with a repeated id (the later one in input order). Makes t->by_id, in collected rows.
amlrt_status amlrt__collect_judge(amlrt__collect *c, amlrt_error *err) AMLRT_MUST_USE;
void amlrt__collect_drop_all(amlrt__collect *c); // once judged: no row is kept
// finish.c: puts what is left into the order of the table and numbers accounts, currencies,
// formats. Judge first. On failure the table is only good for amlrt_table_free.
amlrt_status amlrt__collect_finish(amlrt__collect *c, amlrt_error *err) AMLRT_MUST_USE;

#endif
