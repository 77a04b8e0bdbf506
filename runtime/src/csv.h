// The tokenizer: records of fields, RFC 4180. Lines end in LF or CRLF; a byte order mark at the start
// of an input and lines with nothing in them are passed over.
//
// A record is only read over more than one line, by a quoted field, where it then has the expected
// number of fields. Else its first line alone is bad and the next one is a record of its own: a
// stray quote costs one row, not all rows up to the next quote. So a record depends on nothing but
// the line it begins at: whoever knows such a line can read on from there.
//
// Bytes come from an input, or are a part of a file that is in memory.
#ifndef AMLRT_SRC_CSV_H
#define AMLRT_SRC_CSV_H

#include <string.h>

#include "runtime/src/alloc.h"
#include "runtime/src/input.h"
#include "runtime/src/reject.h"

enum { AMLRT__RECORD_MAX = 1 << 20, AMLRT__MAX_COLUMNS = 10000 };

typedef struct amlrt__text {
  const char *at;
  size_t n;
} amlrt__text;

typedef struct amlrt__field {
  const char *at;
  uint32_t n;
  bool escaped; // has "" inside, still to be undone
} amlrt__field;

typedef struct amlrt__csv {
  amlrt__input *in; // NULL: the bytes at hand are all there are
  const char *name; // of the input, for messages
  const amlrt_alloc *mem;
  char delimiter;      // ' ': runs of blanks and tabs, and no quotes
  uint32_t n_expected; // fields; 0: any number
  bool at_least;       // more fields than n_expected are fine too
  // the bytes at hand
  const char *buf;
  size_t begin, end;
  bool at_end;   // nothing comes after them
  bool skipping; // a line that is too long began before `begin` and still goes on
  bool starved;  // without input: the record at `begin` needs bytes after `end`
  char *own;     // with input: buf
  size_t cap;
  uint64_t next_line; // 1-based: the line that begins at `begin`
  // the record; valid until the next call
  uint64_t line; // where it begins
  amlrt__field *field;
  uint32_t n_fields;
  size_t cap_fields;
  amlrt__fault fault; // with a fault, there are no fields to be used
  // Fields whose escapes were undone. With an input, those of the record; else all so far.
  amlrt__pool undone;
} amlrt__csv;

amlrt_status amlrt__csv_init(amlrt__csv *csv, amlrt__input *in, char delimiter,
                             amlrt_error *err) AMLRT_MUST_USE;
// Of bytes in memory: set buf, begin, end, at_end before the first record.
void amlrt__csv_init_part(amlrt__csv *csv, const char *name, char delimiter,
                          const amlrt_alloc *mem);
void amlrt__csv_release(amlrt__csv *csv);
// The next record; *more is false at the end, and where the bytes do not suffice.
amlrt_status amlrt__csv_next(amlrt__csv *csv, bool *more, amlrt_error *err) AMLRT_MUST_USE;
// Which of the header's columns has this name: 0-based; the number of columns: none.
uint32_t amlrt__csv_find(amlrt__csv *csv, const char *name);

// The first eight bytes of a field of a block, then zeros; as a number that is only good for comparing.
// Behind each field of a block that many bytes can be read.
static inline uint64_t amlrt__csv_word(amlrt__text field)
{
  static const unsigned char keep[16] = {255, 255, 255, 255, 255, 255, 255, 255};
  uint64_t w, mask;

  memcpy(&w, field.at, 8);
  memcpy(&mask, keep + 8 - (field.n < 8 ? field.n : 8), 8);
  return w & mask;
}

static inline amlrt__text amlrt__csv_text(const amlrt__csv *csv, uint32_t i)
{
  return (amlrt__text){csv->field[i].at, csv->field[i].n};
}

// The same, sooner, for what most records are: one line without quotes, of plain ASCII, with the right
// number of fields.
//
// Finds the marks of text: its delimiters, line feeds, and all bytes that such a record does not have
// (quotes, NUL, 0x80 and above). Reads up to AMLRT__SLACK bytes beyond the text; writes up to as many
// marks beyond the last. Returns how many marks there are. n is below 2^32.
enum { AMLRT__SLACK = 64 };
typedef size_t amlrt__csv_scan(uint32_t *mark, const char *text, size_t n, char delimiter);
amlrt__csv_scan amlrt__csv_scan_scalar;
amlrt__csv_scan *amlrt__csv_scan_avx2(void); // NULL: not on this machine
// The record at `begin`, from the marks (counted from `base`) that follow, if it is such a one. *mark
// moves past its own. False: nothing happened, amlrt__csv_next has to read it.
bool amlrt__csv_plain(amlrt__csv *csv, const char *base, const uint32_t **mark,
                      const uint32_t *end_marks);

#endif
