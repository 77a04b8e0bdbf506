#include "runtime/src/csv.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/utf8.h"

#include <string.h>

enum { START_BYTES = 256 * 1024 };

// ---- the bytes at hand --------------------------------------------------------------------------

// Moves what is left to the front and reads more after it. Without an input: the bytes do not suffice.
static amlrt_status fill(amlrt__csv *csv, amlrt_error *err)
{
  amlrt_status st;
  size_t got;

  if (!csv->in) {
    csv->starved = true;
    return AMLRT_OK;
  }
  if (csv->begin > 0) {
    memmove(csv->own, csv->own + csv->begin, csv->end - csv->begin);
    csv->end -= csv->begin;
    csv->begin = 0;
  }
  if (csv->end == csv->cap && !amlrt__grow(csv->mem, &csv->own, &csv->cap, csv->cap + 1, 1))
    return amlrt__nomem(err, csv->name);
  csv->buf = csv->own;
  st = amlrt__input_read(csv->in, csv->own + csv->end, csv->cap - csv->end, &got, err);
  if (st < 0) return st;
  csv->end += got;
  csv->at_end = got == 0;
  return AMLRT_OK;
}

static amlrt_status skip_byte_order_mark(amlrt__csv *csv, amlrt_error *err)
{
  amlrt_status st = AMLRT_OK;

  while (st == AMLRT_OK && !csv->at_end && csv->end < 3)
    st = fill(csv, err);
  if (st == AMLRT_OK && csv->end >= 3 && memcmp(csv->buf, "\xef\xbb\xbf", 3) == 0) csv->begin = 3;
  return st;
}

void amlrt__csv_init_part(amlrt__csv *csv, const char *name, char delimiter, const amlrt_alloc *mem)
{
  *csv = (amlrt__csv){.name = name, .mem = mem, .delimiter = delimiter, .next_line = 1};
  amlrt__pool_init(&csv->undone, mem);
}

amlrt_status amlrt__csv_init(amlrt__csv *csv, amlrt__input *in, char delimiter, amlrt_error *err)
{
  amlrt_status st;

  amlrt__csv_init_part(csv, in->name, delimiter, in->mem);
  csv->in = in;
  if (!amlrt__grow(csv->mem, &csv->own, &csv->cap, START_BYTES, 1))
    return amlrt__nomem(err, in->name);
  csv->buf = csv->own;
  st = skip_byte_order_mark(csv, err);
  if (st < 0) amlrt__csv_release(csv);
  return st;
}

void amlrt__csv_release(amlrt__csv *csv)
{
  amlrt__release(csv->mem, csv->own);
  amlrt__release(csv->mem, csv->field);
  amlrt__pool_release(&csv->undone);
  csv->own = NULL;
  csv->field = NULL;
  csv->cap_fields = 0;
}

// Makes sure that the line that starts `from` bytes after begin is at hand. *n: its bytes with the
// LF, if any; 0: the end of the input; over AMLRT__RECORD_MAX: it goes on beyond that. Where the bytes
// do not suffice, csv is starved.
static amlrt_status have_line(amlrt__csv *csv, size_t from, size_t *n, amlrt_error *err)
{
  size_t seen = 0;

  for (;;) {
    const char *start = csv->buf + csv->begin + from;
    size_t left = csv->end - csv->begin - from;
    const char *lf = left > seen ? memchr(start + seen, '\n', left - seen) : NULL;
    amlrt_status st;
    *n = lf ? (size_t)(lf - start) + 1 : left;
    if (lf || csv->at_end || left > AMLRT__RECORD_MAX) return AMLRT_OK;
    seen = left;
    if ((st = fill(csv, err)) < 0 || csv->starved) return st;
  }
}

// The rest of a line that is too long.
static amlrt_status skip_long_line(amlrt__csv *csv, amlrt_error *err)
{
  for (;;) {
    const char *start = csv->buf + csv->begin, *lf = memchr(start, '\n', csv->end - csv->begin);
    amlrt_status st;
    csv->begin = lf ? csv->begin + (size_t)(lf - start) + 1 : csv->end;
    csv->skipping = !lf && !csv->at_end;
    if (!csv->skipping) return AMLRT_OK;
    if ((st = fill(csv, err)) < 0 || csv->starved) return st;
  }
}

// ---- fields -------------------------------------------------------------------------------------

// Fields over the most columns are counted and not kept.
static bool add_field(amlrt__csv *csv, const char *at, size_t n, bool escaped)
{
  if (csv->n_fields < AMLRT__MAX_COLUMNS) {
    if (csv->n_fields == csv->cap_fields &&
        !amlrt__grow(csv->mem, &csv->field, &csv->cap_fields, (size_t)csv->n_fields + 1,
                     sizeof *csv->field))
      return false;
    csv->field[csv->n_fields] = (amlrt__field){at, (uint32_t)n, escaped};
  }
  csv->n_fields++;
  return true;
}

static bool split_plain(amlrt__csv *csv, const char *at, const char *end)
{
  const char *start = at;

  for (; at < end; at++) {
    if (*at != csv->delimiter) continue;
    if (!add_field(csv, start, (size_t)(at - start), false)) return false;
    start = at + 1;
  }
  return add_field(csv, start, (size_t)(end - start), false);
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static bool split_blanks(amlrt__csv *csv, const char *at, const char *end)
{
  while (at < end) {
    const char *start;
    while (at < end && is_blank(*at))
      at++;
    start = at;
    while (at < end && !is_blank(*at))
      at++;
    if (at > start && !add_field(csv, start, (size_t)(at - start), false)) return false;
  }
  return true;
}

// ---- quotes -------------------------------------------------------------------------------------

typedef enum { QUOTE_DONE, QUOTE_OPEN, QUOTE_BAD, QUOTE_NOMEM } quote_fate;

static size_t without_line_end(const char *start, size_t n)
{
  if (n > 0 && start[n - 1] == '\n') n--;
  if (n > 0 && start[n - 1] == '\r') n--;
  return n;
}

// A quoted field that opens at *at; *at is left after its closing quote.
static quote_fate take_quoted(amlrt__csv *csv, const char **at, const char *end)
{
  const char *start = *at + 1, *p = start;
  bool escaped = false;

  for (;;) {
    p = memchr(p, '"', (size_t)(end - p));
    if (!p) return QUOTE_OPEN;
    if (p + 1 == end || p[1] != '"') break;
    escaped = true;
    p += 2;
  }
  if (!add_field(csv, start, (size_t)(p - start), escaped)) return QUOTE_NOMEM;
  *at = p + 1;
  return QUOTE_DONE;
}

// Splits a record, one line or more, that has quotes in it.
static quote_fate split_quoted(amlrt__csv *csv, const char *at, const char *end)
{
  csv->n_fields = 0;
  for (;;) {
    if (at < end && *at == '"') {
      quote_fate fate = take_quoted(csv, &at, end);
      if (fate != QUOTE_DONE) return fate;
      if (at < end && *at != csv->delimiter) return QUOTE_BAD;
    } else {
      const char *start = at, *stop = memchr(at, csv->delimiter, (size_t)(end - at));
      at = stop ? stop : end;
      if (!add_field(csv, start, (size_t)(at - start), false)) return QUOTE_NOMEM;
    }
    if (at == end) return QUOTE_DONE;
    at++;
  }
}

static bool right_count(const amlrt__csv *csv)
{
  if (!csv->n_expected || csv->n_fields == csv->n_expected) return true;
  return csv->at_least && csv->n_fields > csv->n_expected;
}

// Undoes the escapes of a record.
static bool undo_escapes(amlrt__csv *csv)
{
  for (uint32_t i = 0; i < csv->n_fields && i < AMLRT__MAX_COLUMNS; i++) {
    amlrt__field *f = &csv->field[i];
    uint32_t to = 0;
    char *text;
    if (!f->escaped) continue;
    text = amlrt__pool_room(&csv->undone, (size_t)f->n + 8); // see amlrt__csv_word
    if (!text) return false;
    for (uint32_t from = 0; from < f->n; from++) {
      text[to++] = f->at[from];
      if (f->at[from] == '"') from++; // the second of two
    }
    *f = (amlrt__field){text, to, false};
  }
  return true;
}

// Adds lines to the *n bytes of a record whose last field is open, up to one that has a quote in it.
// *n stays where there is none: it would end nowhere.
static amlrt_status more_lines(amlrt__csv *csv, size_t *n, uint64_t *n_lines, amlrt_error *err)
{
  size_t all = *n, more;
  uint64_t lines = *n_lines;

  for (;;) {
    amlrt_status st = have_line(csv, all, &more, err);
    if (st < 0 || csv->starved) return st;
    if (more == 0 || all + more > AMLRT__RECORD_MAX) return AMLRT_OK;
    const char *line = csv->buf + csv->begin + all;
    all += more;
    lines++;
    if (!memchr(line, '"', more)) continue;
    *n = all;
    *n_lines = lines;
    return AMLRT_OK;
  }
}

// The record of `*n` bytes, one line so far, with a quote in it. *n grows by the lines that it
// takes.
static amlrt_status quoted_record(amlrt__csv *csv, size_t *n, uint64_t *n_lines, amlrt_error *err)
{
  size_t first = *n;

  for (;;) {
    const char *start = csv->buf + csv->begin;
    size_t before = *n;
    quote_fate fate = split_quoted(csv, start, start + without_line_end(start, *n));
    amlrt_status st;
    if (fate == QUOTE_NOMEM) return amlrt__nomem(err, csv->name);
    if (fate == QUOTE_DONE && (*n_lines == 1 || right_count(csv)))
      return undo_escapes(csv) ? AMLRT_OK : amlrt__nomem(err, csv->name);
    if (fate == QUOTE_DONE || fate == QUOTE_BAD) break;
    if ((st = more_lines(csv, n, n_lines, err)) < 0 || csv->starved) return st;
    if (*n == before) break;
  }
  *n = first; // splitting the first line once more finds the column of the quote
  *n_lines = 1;
  const char *start = csv->buf + csv->begin;
  bool open = split_quoted(csv, start, start + without_line_end(start, first)) == QUOTE_OPEN;
  csv->fault = (amlrt__fault){AMLRT__BAD_QUOTE, csv->n_fields + open};
  return AMLRT_OK;
}

// ---- records ------------------------------------------------------------------------------------

// Bytes that cannot stand in a text: a fault, with the column of the first.
static void check_bytes(amlrt__csv *csv, const char *start, size_t n)
{
  if (amlrt__is_plain_ascii(start, n)) return;
  for (uint32_t i = 0; i < csv->n_fields && i < AMLRT__MAX_COLUMNS; i++) {
    const amlrt__field *f = &csv->field[i];
    amlrt__reason reason = AMLRT__GOOD;
    if (amlrt__utf8_bad(f->at, f->n) < f->n)
      reason = AMLRT__BAD_UTF8;
    else if (memchr(f->at, 0, f->n))
      reason = AMLRT__BAD_NUL;
    if (reason == AMLRT__GOOD) continue;
    csv->fault = (amlrt__fault){reason, i + 1};
    return;
  }
}

static amlrt_status split(amlrt__csv *csv, size_t *n, uint64_t *n_lines, amlrt_error *err)
{
  const char *start = csv->buf + csv->begin;
  size_t text = without_line_end(start, *n);
  bool ok;

  if (csv->delimiter == ' ')
    ok = split_blanks(csv, start, start + text);
  else if (memchr(start, '"', text))
    return quoted_record(csv, n, n_lines, err);
  else
    ok = split_plain(csv, start, start + text);
  return ok ? AMLRT_OK : amlrt__nomem(err, csv->name);
}

// Blank: nothing but what ends the line; with blanks as delimiters, no fields.
static bool blank_line(const amlrt__csv *csv, size_t n)
{
  const char *start = csv->buf + csv->begin;

  n = without_line_end(start, n);
  if (csv->delimiter == ' ')
    while (n > 0 && is_blank(start[n - 1]))
      n--;
  return n == 0;
}

// The first line of the next record, behind blank ones. *n is 0 where there is none.
static amlrt_status first_line(amlrt__csv *csv, size_t *n, amlrt_error *err)
{
  amlrt_status st = csv->skipping ? skip_long_line(csv, err) : AMLRT_OK;

  for (*n = 0; st == AMLRT_OK && !csv->starved;) {
    if ((st = have_line(csv, 0, n, err)) < 0) return st;
    if (csv->starved) *n = 0;
    if (*n == 0 || !blank_line(csv, *n)) break;
    csv->begin += *n;
    csv->next_line++;
    *n = 0;
  }
  return st;
}

amlrt_status amlrt__csv_next(amlrt__csv *csv, bool *more, amlrt_error *err)
{
  uint64_t n_lines = 1;
  size_t n;
  amlrt_status st;

  if (csv->in && csv->undone.blocks) amlrt__pool_release(&csv->undone);
  if ((st = first_line(csv, &n, err)) < 0) return st;
  *more = n > 0;
  if (!*more) return AMLRT_OK;
  csv->line = csv->next_line;
  csv->n_fields = 0;
  csv->fault = (amlrt__fault){AMLRT__GOOD, 0};
  if (n > AMLRT__RECORD_MAX) {
    csv->fault.reason = AMLRT__BAD_LONG_ROW;
    csv->skipping = true;
    csv->next_line++;
    return AMLRT_OK;
  }
  st = split(csv, &n, &n_lines, err);
  *more = !csv->starved;
  if (st < 0 || csv->starved) return st;
  if (csv->fault.reason == AMLRT__GOOD && !right_count(csv))
    csv->fault.reason = AMLRT__BAD_FIELD_COUNT;
  if (csv->fault.reason == AMLRT__GOOD) check_bytes(csv, csv->buf + csv->begin, n);
  csv->begin += n;
  csv->next_line += n_lines;
  return AMLRT_OK;
}

// ---- plain records ------------------------------------------------------------------------------

size_t amlrt__csv_scan_scalar(uint32_t *mark, const char *text, size_t n, char delimiter)
{
  size_t k = 0;

  for (size_t i = 0; i < n; i++) {
    char c = text[i];
    mark[k] = (uint32_t)i;
    k += c == delimiter || c == '\n' || c == '"' || c == 0 || (unsigned char)c >= 0x80;
  }
  return k;
}

bool amlrt__csv_plain(amlrt__csv *csv, const char *base, const uint32_t **mark,
                      const uint32_t *end_marks)
{
  const uint32_t *m = *mark;
  const char *start = csv->buf + csv->begin, *at = start;
  size_t left = (size_t)(end_marks - m), most = csv->cap_fields < left ? csv->cap_fields : left;
  amlrt__field *f = csv->field;
  const char delimiter = csv->delimiter; // what is written might be csv, for all that C knows
  uint32_t n = 0;

  for (; n < most; n++) {
    const char *stop = base + m[n];
    f[n].at = at;
    f[n].n = (uint32_t)(stop - at);
    f[n].escaped = false;
    at = stop + 1;
    if (*stop != delimiter) break;
  }
  if (n == 0 || n == most || at[-1] != '\n') return false;
  if (f[n].n > 0 && at[-2] == '\r') f[n].n--;
  csv->n_fields = n + 1;
  if (!right_count(csv) || at - start > AMLRT__RECORD_MAX) return false;
  csv->fault = (amlrt__fault){AMLRT__GOOD, 0};
  csv->line = csv->next_line++;
  csv->begin += (size_t)(at - start);
  *mark = m + n + 1;
  return true;
}

uint32_t amlrt__csv_find(amlrt__csv *csv, const char *name)
{
  size_t n = strlen(name);

  for (uint32_t i = 0; i < csv->n_fields; i++) {
    amlrt__text t = amlrt__csv_text(csv, i);
    if (t.n == n && memcmp(t.at, name, n) == 0) return i;
  }
  return csv->n_fields;
}
