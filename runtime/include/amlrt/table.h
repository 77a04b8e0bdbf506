// The transaction table: rows of all input files in columns, sorted by (time, id).
//
// A row number (uint32_t, 0 .. n_rows-1) is the position in that order and the name of a transaction
// everywhere inside; ids and input positions are columns. Accounts are numbers too (0 .. n_accounts-1),
// given in the order of the bytes of their keys, so comparing numbers compares keys.
//
// Threads: a finished table is read-only and may be shared.
#ifndef AMLRT_TABLE_H
#define AMLRT_TABLE_H

#include "amlrt/amlrt.h"
#include "amlrt/money.h"

typedef struct amlrt_table amlrt_table;

#define AMLRT_NONE UINT32_MAX

// An amount: mantissa / 10^(decimals of its currency, see amlrt_table_currency). INT64_MIN: not given.
#define AMLRT_NO_AMOUNT INT64_MIN

// The columns, for reading. All arrays have n_rows items and are owned by the table.
typedef struct amlrt_columns {
  uint32_t n_rows;
  uint32_t n_accounts;
  const int64_t *time;       // seconds since 1970-01-01 UTC (integer times as they are)
  const uint32_t *from, *to; // accounts
  const int64_t *amount;     // paid
  const int64_t *amount_received;
  const amlrt_currency *currency; // of amount
  const amlrt_currency *currency_received;
  const uint16_t *format;    // see amlrt_table_format; 0: not given
  const uint64_t *input_row; // 0-based data row number over all files, rejected rows counted
} amlrt_columns;

AMLRT_API const amlrt_columns *amlrt_table_columns(const amlrt_table *t);
AMLRT_API void amlrt_table_free(amlrt_table *t); // NULL is fine

// Accounts. The key is "bank:account" (IBM) or the src/dst text (generic). Texts live with the table.
AMLRT_API const char *amlrt_table_account(const amlrt_table *t, uint32_t account);
AMLRT_API uint32_t amlrt_table_find_account(const amlrt_table *t,
                                            const char *key); // AMLRT_NONE: not there

// Currencies and formats of the table: number to text. A currency's text is as it stands in the data
// ("Euro"); "EUR" and "Euro" are one currency, and where the data have several spellings of one, the
// text is the first of them in byte order. amlrt_table_find_currency takes any spelling.
// `decimals` of a currency: the most any amount of it needs.
AMLRT_API const char *amlrt_table_currency(const amlrt_table *t, amlrt_currency c, int *decimals);
AMLRT_API amlrt_currency amlrt_table_find_currency(const amlrt_table *t,
                                                   const char *text);            // 0: not there
AMLRT_API uint32_t amlrt_table_n_currencies(const amlrt_table *t);               // with 0, "none"
AMLRT_API const char *amlrt_table_format(const amlrt_table *t, uint16_t format); // "" for 0
AMLRT_API uint32_t amlrt_table_n_formats(const amlrt_table *t);
// The most decimals of any currency: amounts are multiples of 10^-that.
AMLRT_API int amlrt_table_max_decimals(const amlrt_table *t);

// Ids. Where all ids are integers (canonical, 64-bit) they order rows of equal time and are numbers in
// the output; else rows of equal time are ordered by their input row and ids are texts.
AMLRT_API bool amlrt_table_ids_are_integers(const amlrt_table *t);
AMLRT_API int64_t amlrt_table_id_int(const amlrt_table *t, uint32_t row); // integers only
AMLRT_API size_t amlrt_table_id_text(const amlrt_table *t, uint32_t row, char *out,
                                     size_t cap);                             // snprintf's way
AMLRT_API uint32_t amlrt_table_find_id(const amlrt_table *t, const char *id); // row; AMLRT_NONE
// The row at a place in the input order of used rows (features are written so): k = 0 .. n_rows-1.
AMLRT_API uint32_t amlrt_table_row_by_input(const amlrt_table *t, uint32_t k);

// Further columns of the generic format, and attributes of accounts (--accounts: bank, entity and any
// further column). A column is a number if all its values are (empty ones aside).
typedef enum { AMLRT_COL_TEXT, AMLRT_COL_NUMBER } amlrt_col_type;
typedef struct amlrt_extra {
  const char *name;
  amlrt_col_type type;
  const char *const *text; // TEXT: by row or account; NULL where not given
  const int64_t *mantissa; // NUMBER: by row or account; AMLRT_NO_AMOUNT where not given
  int decimals;            // of all mantissas
} amlrt_extra;
AMLRT_API uint32_t amlrt_table_n_extra(const amlrt_table *t);
AMLRT_API const amlrt_extra *amlrt_table_extra(const amlrt_table *t, uint32_t i);
AMLRT_API const amlrt_extra *amlrt_table_find_extra(const amlrt_table *t, const char *name); // NULL
AMLRT_API uint32_t amlrt_table_n_attributes(const amlrt_table *t);
AMLRT_API const amlrt_extra *amlrt_table_attribute(const amlrt_table *t, uint32_t i);
AMLRT_API const amlrt_extra *amlrt_table_find_attribute(const amlrt_table *t,
                                                        const char *name); // NULL
// Which standard columns the data had at all (a pattern that needs an absent one is refused before the
// run): names amount currency amount_received currency_received format id.
AMLRT_API bool amlrt_table_has_column(const amlrt_table *t, const char *name);

// ---- reading ------------------------------------------------------------------------------------

typedef enum { AMLRT_FORMAT_AUTO, AMLRT_FORMAT_IBM, AMLRT_FORMAT_GENERIC } amlrt_format;

// A rejected row: its text is not kept. Column is 1-based, 0: the row as a whole; line is 1-based.
typedef struct amlrt_reject {
  uint32_t file; // index of the input
  uint64_t line;
  uint32_t column;
  const char *reason; // static text
} amlrt_reject;

typedef struct amlrt_input_info {
  const char *path;                             // as given
  uint64_t bytes;                               // as stored (compressed size for .gz)
  uint8_t sha256[32];                           // of the bytes as stored
  uint64_t rows_read, rows_used, rows_rejected; // read = used + rejected
} amlrt_input_info;

typedef struct amlrt_read_opts {
  amlrt_format format;
  const char *map_path;          // --map: lines `column = name in the file` (# comments); NULL
  const char *accounts_path;     // --accounts; NULL
  double max_rejects;            // share of rows; 0.01 is the default; over it: AMLRT_E_REJECTS
  const amlrt_alloc *mem;        // NULL for malloc
  bool (*cancelled)(void *user); // asked now and then, by the thread that reads; NULL
  void (*progress)(void *user, uint64_t rows, uint64_t bytes); // NULL
  void *user;
  uint32_t threads; // 0: all. The table does not depend on it
} amlrt_read_opts;
AMLRT_API amlrt_read_opts amlrt_read_opts_default(void);

// Reads one or more files as one table; "-" is standard input; .gz is unpacked. Ids of the IBM format
// are 0-based row numbers running on over the files.
// Returns: AMLRT_OK; AMLRT_INTERRUPTED; AMLRT_E_*: *out is NULL. AMLRT_E_REJECTS leaves *out with the
//          rejects only (no rows), so that they can be written.
AMLRT_API amlrt_status amlrt_table_read(amlrt_table **out,           // out: freed by the caller
                                        const char *const *paths,    // in: n_paths
                                        size_t n_paths,              // in
                                        const amlrt_read_opts *opts, // in: NULL for the defaults
                                        amlrt_error *err) AMLRT_MUST_USE;

AMLRT_API uint32_t amlrt_table_n_inputs(const amlrt_table *t);
AMLRT_API const amlrt_input_info *amlrt_table_input(const amlrt_table *t, uint32_t i);
AMLRT_API uint64_t amlrt_table_n_rejects(const amlrt_table *t);
AMLRT_API const amlrt_reject *amlrt_table_reject(const amlrt_table *t, uint64_t i);

// ---- building by hand (test blocks, embedding) ---------------------------------------------------

typedef struct amlrt_builder amlrt_builder;
typedef struct amlrt_tx {
  const char *from, *to; // keys
  int64_t time;
  const char *amount, *currency;                   // decimal text and name; NULL: not given
  const char *amount_received, *currency_received; // both NULL: what is paid
  const char *format;                              // NULL: not given
  const char *id;                                  // NULL: the row number
} amlrt_tx;
AMLRT_API amlrt_status amlrt_builder_new(amlrt_builder **out, const amlrt_alloc *mem,
                                         amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API amlrt_status amlrt_builder_add(amlrt_builder *b, const amlrt_tx *tx,
                                         amlrt_error *err) AMLRT_MUST_USE;
// A further column's value for the row added last; text, or a decimal text.
AMLRT_API amlrt_status amlrt_builder_set(amlrt_builder *b, const char *column, const char *value,
                                         amlrt_error *err) AMLRT_MUST_USE;
// Makes the table. Afterwards, whatever came out, the builder can only be freed. A repeated id and
// amounts of one currency that do not fit 18 digits together are AMLRT_E_ARG.
AMLRT_API amlrt_status amlrt_builder_finish(amlrt_table **out, amlrt_builder *b,
                                            amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API void amlrt_builder_free(amlrt_builder *b); // NULL is fine

// ---- times --------------------------------------------------------------------------------------

// ISO 8601 or "YYYY/MM/DD HH:MM[:SS]", no zone means UTC, whole seconds; or an integer. False: cannot be read.
AMLRT_API bool amlrt_time_parse(int64_t *out, const char *text, size_t n);
// "2022-09-01T00:20:00Z". Writes at most 32 bytes, with NUL; returns the length.
AMLRT_API size_t amlrt_time_print(char out[32], int64_t time);

#endif
