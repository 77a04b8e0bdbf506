// Where a file keeps which column: found from its header, and from the map of --map.
#ifndef AMLRT_SRC_SCHEMA_H
#define AMLRT_SRC_SCHEMA_H

#include "runtime/src/csv.h"
#include "runtime/src/map.h"
#include "amlrt/table.h"

typedef struct amlrt__schema {
  amlrt_format format;           // never AUTO once a header was read
  bool has_header;               // the first record is one
  uint32_t n_fields;             // of a row
  bool at_least;                 // further fields are passed over (files without header)
  uint32_t at[AMLRT__N_COLUMNS]; // 0-based; AMLRT_NONE: not there. Generic only.
  uint32_t n_extra;
  uint32_t *extra_at;      // by extra: its column
  const char **extra_name; // sorted by bytes; texts in `pool`
  const amlrt_alloc *mem;
} amlrt__schema;

// The columns of the IBM AML format, as its header has them.
enum {
  AMLRT__IBM_TIME,
  AMLRT__IBM_FROM_BANK,
  AMLRT__IBM_FROM,
  AMLRT__IBM_TO_BANK,
  AMLRT__IBM_TO,
  AMLRT__IBM_AMOUNT_RECEIVED,
  AMLRT__IBM_CURRENCY_RECEIVED,
  AMLRT__IBM_AMOUNT_PAID,
  AMLRT__IBM_CURRENCY_PAID,
  AMLRT__IBM_FORMAT,
  AMLRT__IBM_LABEL, // may be missing
  AMLRT__IBM_N
};

// Finds the columns of one file whose first record csv has just read; where the map says that there
// is no header, csv has read nothing yet. Names of further columns are copied into pool. Failure:
// AMLRT_E_HEADER, AMLRT_E_MAP, AMLRT_E_NOMEM; nothing is left.
amlrt_status amlrt__schema_find(amlrt__schema *out, amlrt__csv *csv, amlrt_format format,
                                const amlrt__map *map, amlrt__pool *pool,
                                amlrt_error *err) AMLRT_MUST_USE;
void amlrt__schema_release(amlrt__schema *s);
// Whether a further file of the table has the same format and the same columns as the first.
amlrt_status amlrt__schema_same(const amlrt__schema *first, const char *first_name,
                                const amlrt__schema *next, const char *next_name,
                                amlrt_error *err) AMLRT_MUST_USE;

#endif
