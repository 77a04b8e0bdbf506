// The insides of a table.
#ifndef AMLRT_SRC_TABLE_H
#define AMLRT_SRC_TABLE_H

#include "runtime/src/alloc.h"
#include "amlrt/table.h"

typedef struct amlrt__rows {
#define ROWS(type, name) type *name;
#include "runtime/src/rows.def"
} amlrt__rows;

// What amlrt_extra points to, to write to.
typedef struct amlrt__extra {
  const char *name;
  const char **text; // by row or account; NULL once the column turned out to be numbers
  int64_t *mantissa; // NULL: text
} amlrt__extra;

typedef struct amlrt__currency {
  const char *text; // as the data have it
  const char *name; // what identifies it: the ISO code where known
  int decimals;
} amlrt__currency;

struct amlrt_table {
  amlrt_alloc mem;
  amlrt__pool texts;
  amlrt_columns columns; // points into rows
  amlrt__rows rows;

  const char **account;
  amlrt__currency *currency; // [0]: none
  uint32_t n_currencies;
  const char **format; // [0]: none
  uint32_t n_formats;
  int max_decimals;

  unsigned has; // bit 1 << AMLRT__COL_...
  // Ids: with neither array an id is the number of the input row.
  int64_t *id_int;
  const char **id_text;
  uint32_t *by_id;    // rows in the order of their ids; with an array only
  uint32_t *by_input; // rows in the order of the input; NULL: the same order

  uint32_t n_extra, n_attributes;
  amlrt_extra *extra, *attribute;
  amlrt__extra *own_extra, *own_attribute;

  amlrt_input_info *input;
  uint32_t n_inputs;
  amlrt_reject *reject;
  uint64_t n_rejects;
  size_t cap_rejects;
};

// Rows and accounts of a match lie anywhere in the table. Who is about to print many of them sets out for
// all of a window first, so that memory is waited for once and not for each.
enum { AMLRT__WINDOW = 32 };
void amlrt__prefetch_rows(const amlrt_table *t, const uint32_t *row,
                          uint32_t n); // and their accounts
void amlrt__prefetch_ids(const amlrt_table *t, const uint32_t *row, uint32_t n);
void amlrt__prefetch_accounts(const amlrt_table *t, const uint32_t *account, uint32_t n);
// How much of a list of n the window has that begins at i: 0 unless one does.
static inline uint32_t amlrt__window(uint32_t i, uint32_t n)
{
  if (i % AMLRT__WINDOW != 0) return 0;
  return n - i < AMLRT__WINDOW ? n - i : AMLRT__WINDOW;
}

amlrt_table *amlrt__table_new(const amlrt_alloc *mem); // NULL: no memory
bool amlrt__table_reject(amlrt_table *t, uint32_t file, uint64_t line, uint32_t column,
                         const char *reason) AMLRT_MUST_USE;
// Decides the type of a column of n texts and fills in *pub; own->text and pub may change places in
// memory for numbers. `is_text`: text in any case. False: no memory.
bool amlrt__extra_settle(amlrt_extra *pub, amlrt__extra *own, uint32_t n, bool is_text,
                         const amlrt_alloc *mem) AMLRT_MUST_USE;

// Attributes of accounts. Adds one called `name` (its text is not copied), empty, and gives it
// back; NULL: no memory. amlrt__attributes_settle when all are filled.
amlrt__extra *amlrt__attribute_add(amlrt_table *t, const char *name);
bool amlrt__attributes_settle(amlrt_table *t) AMLRT_MUST_USE;
// Attribute `bank` of the IBM format: what stands before the first ':' of the key.
amlrt_status amlrt__bank_attribute(amlrt_table *t, amlrt_error *err) AMLRT_MUST_USE;

#endif
