// What the files of `amlc why` share: finding the alert, its evidence, words, the page.
#ifndef AML_DRIVER_WHY_PARTS_H
#define AML_DRIVER_WHY_PARTS_H

#include "frontend/driver/json_read.h"
#include "ir/base/strbuf.h"
#include "ir/base/vec.h"
#include <stdio.h>

enum { WHY_WIDTH = 100 }; // columns of a page

// ---- why_find.c: the line of the alert -----------------------------------------------------------

typedef struct why_found {
  char *line; // of the alert, from malloc; NULL: the file holds no alert
  size_t n;
  uint64_t n_alerts; // in the file
} why_found;
// Finds the alert whose id begins with `match` (NULL: the first). An exit code.
int why_find(why_found *out, const char *path, const char *match, FILE *err);

// ---- why_evidence.c: its transfers ---------------------------------------------------------------

typedef struct why_transfer {
  const char *id, *time, *from, *to, *amount, *currency, *amount_received, *currency_received;
  const char *format;
  const char *stages; // "scatter, gather"
  int64_t seconds;    // time, read
  int64_t id_number;  // 0 where not all ids are integers
  bool has_number;
  uint32_t order; // of equal times, where ids are no integers
} why_transfer;
typedef VEC(why_transfer) why_transfers;
// Reads the rows of a match, one a transfer, in time order. False: the file cannot be read (errno), or
// is no evidence file (errno 0).
bool why_evidence(why_transfers *out, arena *mem, const char *path, const char *match_id);

// ---- why_words.c ---------------------------------------------------------------------------------

// A number of the JSON text, with at most 4 decimals; as it stands where that would hide it.
const char *why_number(arena *mem, const char *text);
// Seconds as "2 d 4 h 10 min".
const char *why_duration(arena *mem, const char *seconds);
// "2022-09-01T00:20:00Z" as "2022-09-01 00:20", with seconds only where asked.
const char *why_time(arena *mem, const char *time, bool seconds);
// "between 0.8 and 1.25, fading out at 0.7 and 1.4"; NULL: the constraint has no bounds.
const char *why_bounds(arena *mem, const json *constraint);
// What a constraint came to, in words. roles: of the alert, to tell one account from several.
const char *why_outcome(arena *mem, const json *constraint, const json *roles);
// A text that a terminal may be shown: control characters become '?'.
const char *why_clean(arena *mem, const char *text);
size_t why_columns(const char *text); // that the text takes on a terminal

// ---- why_page.c, why_table.c ---------------------------------------------------------------------

// The alert, all but its transfers where `transfers` is NULL (then their ids).
void why_page(strbuf *b, arena *mem, const json *alert, const why_transfers *transfers);
void why_table(strbuf *b, arena *mem, const why_transfers *transfers, const char *trigger);
// Appends the items, wrapped at WHY_WIDTH and indented; at most `max` of them, then how many more.
void why_wrap(strbuf *b, const char *const *items, uint32_t n, uint32_t max, size_t indent,
              size_t column);

#endif
