// The tokenizer: records of fields, RFC 4180, from an input. Lines end in LF or CRLF; a byte order
// mark at the start and lines with nothing in them are passed over.
//
// A record is only read over more than one line, by a quoted field, where it then has the expected
// number of fields. Else its first line alone is bad and the next one is a record of its own: a
// stray quote costs one row, not all rows up to the next quote.
#ifndef AMLRT_SRC_CSV_H
#define AMLRT_SRC_CSV_H

#include "runtime/src/input.h"
#include "runtime/src/reject.h"

enum { AMLRT__RECORD_MAX = 1 << 20, AMLRT__MAX_COLUMNS = 10000 };

typedef struct amlrt__text {
  const char *at;
  size_t n;
} amlrt__text;

typedef struct amlrt__field {
  char *at;
  size_t n;
  bool escaped; // has "" inside, still to be undone
} amlrt__field;

typedef struct amlrt__csv {
  amlrt__input *in;
  const amlrt_alloc *mem;
  char delimiter;      // ' ': runs of blanks and tabs, and no quotes
  uint32_t n_expected; // fields; 0: any number
  bool at_least;       // more fields than n_expected are fine too
  // the bytes at hand
  char *buf;
  size_t cap, begin, end;
  bool at_end;
  uint64_t next_line; // 1-based: the line that begins at `begin`
  // the record; valid until the next call
  uint64_t line; // where it begins
  amlrt__field *field;
  uint32_t n_fields;
  size_t cap_fields;
  amlrt__fault fault; // with a fault, there are no fields to be used
} amlrt__csv;

amlrt_status amlrt__csv_init(amlrt__csv *csv, amlrt__input *in, char delimiter,
                             amlrt_error *err) AMLRT_MUST_USE;
void amlrt__csv_release(amlrt__csv *csv);
// The next record; *more is false at the end.
amlrt_status amlrt__csv_next(amlrt__csv *csv, bool *more, amlrt_error *err) AMLRT_MUST_USE;
// The text of a field, its escapes undone.
amlrt__text amlrt__csv_text(amlrt__csv *csv, uint32_t i);
// Which of the header's columns has this name: 0-based; the number of columns: none.
uint32_t amlrt__csv_find(amlrt__csv *csv, const char *name);

#endif
