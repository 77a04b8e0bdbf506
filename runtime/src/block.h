// A block: a part of a file that begins at a line, and the rows in it. Blocks are parsed by several
// threads at once; one after the other, in the order of the file, they are settled: their texts get the
// numbers of the table, their rows go to its columns.
//
// A text that the table has a number for when a block is parsed gets it then; a text that is new is
// missed, and gets one when the block is settled. What numbers texts have does not show in the table.
#ifndef AMLRT_SRC_BLOCK_H
#define AMLRT_SRC_BLOCK_H

#include "runtime/src/collect.h"
#include "runtime/src/schema.h"

enum { AMLRT__QUEUE_ROWS = 32 };

// A text without a number yet: which row and column it is for.
typedef enum { AMLRT__MISS_FROM, AMLRT__MISS_TO, AMLRT__MISS_EXTRA } amlrt__miss_kind;
typedef struct amlrt__miss {
  amlrt__key key; // borrows from the text read, or from the block's pool
  uint32_t row;
  uint32_t column; // amlrt__miss_kind; MISS_EXTRA + i: further column i
} amlrt__miss;

// A short text that was met lately, and its number. There are few currencies and formats.
enum { AMLRT__N_RECENT = 32 };
typedef struct amlrt__recent {
  uint64_t head, tail; // its first eight bytes and its last eight
  uint32_t n;          // 0: none
  uint16_t number;
} amlrt__recent;

typedef struct amlrt__bad_row {
  uint64_t line; // counted from 1 in the block
  amlrt__fault fault;
} amlrt__bad_row;

// What one thread needs while it parses.
typedef struct amlrt__scratch {
  uint32_t *mark;
  size_t cap_marks;
} amlrt__scratch;

typedef struct amlrt__block {
  // the same for all blocks of a file; what is read of rows_so_far, others may be adding to
  const amlrt_alloc *mem;
  const amlrt__collect *rows_so_far;
  const amlrt__schema *schema;
  amlrt__csv_scan *scan;
  // The text; AMLRT__SLACK bytes behind its end can be read.
  char *buf;
  size_t cap_buf, begin, end;
  bool at_end;    // nothing comes after it
  uint64_t bytes; // of the file as stored, up to its end
  // of loading or parsing: told when its turn to be settled comes
  amlrt_status status;
  amlrt_error error;
  bool unreadable; // loading failed
  bool parsed;
  amlrt__csv csv; // tells where parsing ended
  // the rows
  uint32_t n_rows;
  size_t cap;
  amlrt__rows
      rows; // from, to: numbers of the table, or missed; currency, currency_received, format:
            // numbers of the block, plus 1; input_row: the record, counted in the block
  uint8_t *scale, *scale_received;
  int64_t *id_int;
  const char **id_text; // NULL: an integer
  bool has_id_text;
  uint32_t *extra; // row by row; number plus 1, 0: not given
  amlrt__intern currencies, formats;
  amlrt__pool texts; // of both, of missed keys and of ids
  amlrt__miss *miss;
  size_t n_misses, cap_misses;
  // the records
  uint64_t n_records;
  amlrt__line_run *run; // as in amlrt__collect, counted in the block
  size_t n_runs, cap_runs;
  amlrt__bad_row *bad;
  size_t n_bad, cap_bad;
  // while parsing
  amlrt__key queue[2 * AMLRT__QUEUE_ROWS]; // accounts of the last rows, still to be looked up
  uint32_t n_queued;                       // rows
  bool no_memory;                          // for a key of the row at hand
  amlrt__text last_time;
  int64_t last_time_value;
  amlrt__recent recent_currency[AMLRT__N_RECENT], recent_format[AMLRT__N_RECENT];
  // once settled
  uint16_t *currency_of, *format_of; // number of the block, plus 1 -> of the table
} amlrt__block;

void amlrt__block_init(amlrt__block *b, const amlrt__collect *rows, const char *name,
                       char delimiter); // the schema is set later
void amlrt__block_release(amlrt__block *b);
void amlrt__scratch_release(amlrt__scratch *s, const amlrt_alloc *mem);
// Room for `before` bytes and `after` bytes behind them; the text is gone.
bool amlrt__block_room(amlrt__block *b, size_t before, size_t after) AMLRT_MUST_USE;
// Room for so many bytes behind the text.
bool amlrt__block_extend(amlrt__block *b, size_t after) AMLRT_MUST_USE;
// Puts n bytes before the text.
bool amlrt__block_prepend(amlrt__block *b, const char *text, size_t n) AMLRT_MUST_USE;
// Parses the text, from scratch. `skipping`: it begins inside a line that is too long. Threads: several
// blocks at once, also while another is settled.
amlrt_status amlrt__block_parse(amlrt__block *b, bool skipping, amlrt__scratch *s,
                                amlrt_error *err) AMLRT_MUST_USE;
// Gives numbers to its texts, notes its lines and its bad rows, adds its rows to the table. `line`:
// where the block begins. `expected`: rows of the table in all, as far as one can tell.
amlrt_status amlrt__block_settle(amlrt__block *b, amlrt__collect *c, uint32_t file, uint64_t line,
                                 size_t expected, amlrt_error *err) AMLRT_MUST_USE;

// For read_ibm.c and read_generic.c. The key of account 0 (from) or 1 (to) of the row at hand.
void amlrt__block_account(amlrt__block *b, int which, amlrt__text text);
void amlrt__block_bank_account(amlrt__block *b, int which, amlrt__text bank, amlrt__text account);
bool amlrt__block_same(amlrt__text a, amlrt__text b); // of two fields
bool amlrt__block_time(amlrt__block *b, int64_t *time, amlrt__text text,
                       bool (*read)(int64_t *out, const char *text, size_t n));

// read_ibm.c, read_generic.c: the row from the record at hand; texts point into it. The reason is
// AMLRT__GOOD where all is well. row->from and row->to are not set, but the block's keys.
amlrt__fault amlrt__ibm_row(amlrt__block *b, amlrt__row *row);
amlrt__fault amlrt__generic_row(amlrt__block *b, amlrt__row *row);

#endif
