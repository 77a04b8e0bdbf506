#include "runtime/src/block.h"
#include "runtime/src/decimal.h"
#include "runtime/src/error.h"

#include <string.h>

void amlrt__block_init(amlrt__block *b, const amlrt__collect *rows, const char *name,
                       char delimiter)
{
  *b = (amlrt__block){.mem = rows->mem, .rows_so_far = rows};
  b->scan = amlrt__csv_scan_avx2();
  if (!b->scan) b->scan = amlrt__csv_scan_scalar;
  amlrt__csv_init_part(&b->csv, name, delimiter, rows->mem);
  amlrt__pool_init(&b->texts, rows->mem);
  amlrt__intern_init(&b->currencies, &b->texts);
  amlrt__intern_init(&b->formats, &b->texts);
}

void amlrt__block_release(amlrt__block *b)
{
  if (!b->mem) return;
#define ROWS(type, name) amlrt__release(b->mem, b->rows.name);
#include "runtime/src/rows.def"
  amlrt__release(b->mem, b->scale);
  amlrt__release(b->mem, b->scale_received);
  amlrt__release(b->mem, b->id_int);
  amlrt__release(b->mem, b->id_text);
  amlrt__release(b->mem, b->extra);
  amlrt__release(b->mem, b->miss);
  amlrt__release(b->mem, b->run);
  amlrt__release(b->mem, b->bad);
  amlrt__release(b->mem, b->currency_of);
  amlrt__release(b->mem, b->format_of);
  amlrt__release(b->mem, b->buf);
  amlrt__intern_release(&b->currencies);
  amlrt__intern_release(&b->formats);
  amlrt__pool_release(&b->texts);
  amlrt__csv_release(&b->csv);
  b->mem = NULL;
}

void amlrt__scratch_release(amlrt__scratch *s, const amlrt_alloc *mem)
{
  amlrt__release(mem, s->mark);
}

// ---- text ---------------------------------------------------------------------------------------

bool amlrt__block_room(amlrt__block *b, size_t before, size_t after)
{
  size_t need = before + after + AMLRT__SLACK;
  char *buf;

  b->begin = b->end = before;
  if (need <= b->cap_buf) return true;
  buf = amlrt__alloc(b->mem, need);
  if (!buf) return false;
  amlrt__release(b->mem, b->buf);
  b->buf = buf;
  b->cap_buf = need;
  return true;
}

bool amlrt__block_extend(amlrt__block *b, size_t after)
{
  return amlrt__grow(b->mem, &b->buf, &b->cap_buf, b->end + after + AMLRT__SLACK, 1);
}

bool amlrt__block_prepend(amlrt__block *b, const char *text, size_t n)
{
  size_t had = b->end - b->begin, before = n + n / 2, cap = before + had + AMLRT__SLACK;
  char *buf;

  if (n > b->begin) {
    buf = amlrt__alloc(b->mem, cap);
    if (!buf) return false;
    memcpy(buf + before, b->buf + b->begin, had);
    amlrt__release(b->mem, b->buf);
    b->buf = buf;
    b->cap_buf = cap;
    b->begin = before;
    b->end = before + had;
  }
  b->begin -= n;
  if (n > 0) memcpy(b->buf + b->begin, text, n);
  return true;
}

static void start_over(amlrt__block *b, bool skipping)
{
  amlrt__csv *csv = &b->csv;

  csv->n_expected = b->schema->n_fields;
  csv->at_least = b->schema->at_least;
  csv->buf = b->buf;
  csv->begin = b->begin;
  csv->end = b->end;
  csv->at_end = b->at_end;
  csv->skipping = skipping;
  csv->starved = false;
  csv->next_line = 1;
  if (csv->undone.blocks) amlrt__pool_release(&csv->undone);
  amlrt__intern_clear(&b->currencies);
  amlrt__intern_clear(&b->formats);
  amlrt__pool_release(&b->texts);
  b->n_rows = 0;
  b->n_misses = b->n_runs = b->n_bad = 0;
  b->n_records = 0;
  b->n_queued = 0;
  b->has_id_text = false;
  b->last_time = (amlrt__text){"", 0};
  memset(b->recent_currency, 0, sizeof b->recent_currency);
  memset(b->recent_format, 0, sizeof b->recent_format);
}

// ---- keys ---------------------------------------------------------------------------------------

static amlrt__key *key_of(amlrt__block *b, int which)
{
  return &b->queue[2 * b->n_queued + (uint32_t)which];
}

// Whether a text stands in the block, so that the bytes behind it can be read too.
static bool in_block(const amlrt__block *b, const char *at)
{
  return (uintptr_t)at - (uintptr_t)b->csv.buf < b->csv.end;
}

void amlrt__block_account(amlrt__block *b, int which, amlrt__text text)
{
  amlrt__key *key = key_of(b, which);

  if (text.n < AMLRT__KEY_SHORT && in_block(b, text.at))
    amlrt__key_load(key, text.at, text.n, text.n);
  else
    amlrt__key_make(key, text.at, text.n);
  amlrt__intern_prefetch(&b->rows_so_far->accounts, key);
}

void amlrt__block_bank_account(amlrt__block *b, int which, amlrt__text bank, amlrt__text account)
{
  amlrt__key *key = key_of(b, which);
  size_t n = bank.n + 1 + account.n;
  char brief[AMLRT__KEY_SHORT], *to = brief;

  if (n < AMLRT__KEY_SHORT &&
      bank.at + bank.n + 1 == account.at) { // one after the other, no quotes
    amlrt__key_load(key, bank.at, n, bank.n);
  } else {
    if (n >= AMLRT__KEY_SHORT) to = amlrt__pool_room(&b->texts, n);
    if (!to) {
      b->no_memory = true;
      return;
    }
    memcpy(to, bank.at, bank.n);
    to[bank.n] = ':';
    memcpy(to + bank.n + 1, account.at, account.n);
    amlrt__key_make(key, to, n);
  }
  amlrt__intern_prefetch(&b->rows_so_far->accounts, key);
}

static bool missed(amlrt__block *b, const amlrt__key *key, uint32_t row, uint32_t column)
{
  if (!amlrt__grow(b->mem, &b->miss, &b->cap_misses, b->n_misses + 1, sizeof *b->miss))
    return false;
  b->miss[b->n_misses++] = (amlrt__miss){*key, row, column};
  return true;
}

// Looks up the accounts of the rows that wait.
static bool look_up(amlrt__block *b)
{
  uint32_t number[2 * AMLRT__QUEUE_ROWS], row = b->n_rows - b->n_queued, n = b->n_queued;

  amlrt__intern_find_keys(&b->rows_so_far->accounts, b->queue, 2 * (size_t)n, number);
  b->n_queued = 0;
  for (uint32_t i = 0; i < n; i++, row++) {
    b->rows.from[row] = number[2 * i];
    b->rows.to[row] = number[2 * i + 1];
    if (number[2 * i] == AMLRT_NONE && !missed(b, &b->queue[2 * i], row, AMLRT__MISS_FROM))
      return false;
    if (number[2 * i + 1] == AMLRT_NONE && !missed(b, &b->queue[2 * i + 1], row, AMLRT__MISS_TO))
      return false;
  }
  return true;
}

// ---- values -------------------------------------------------------------------------------------

// The last eight bytes of a text that has so many.
static uint64_t last_word(amlrt__text t)
{
  return amlrt__csv_word((amlrt__text){t.at + t.n - 8, 8});
}

// Of texts of usual length two words that overlap are compared, without a call.
bool amlrt__block_same(amlrt__text a, amlrt__text b)
{
  if (a.n != b.n) return false;
  if (a.n > 16) return memcmp(a.at, b.at, a.n) == 0;
  if (a.n == 0) return true;
  return amlrt__csv_word(a) == amlrt__csv_word(b) && (a.n <= 8 || last_word(a) == last_word(b));
}

// Most rows have the time of the row before.
bool amlrt__block_time(amlrt__block *b, int64_t *time, amlrt__text text,
                       bool (*read)(int64_t *out, const char *text, size_t n))
{
  if (text.n > 0 && amlrt__block_same(text, b->last_time)) {
    *time = b->last_time_value;
    return true;
  }
  if (!read(time, text.at, text.n)) return false;
  b->last_time = text;
  b->last_time_value = *time;
  return true;
}

static amlrt_status new_number(const amlrt__block *b, amlrt__intern *in, amlrt__text text,
                               uint16_t *out)
{
  amlrt__key key;
  uint32_t number = 0;
  amlrt_status st;

  if (text.n < AMLRT__KEY_SHORT && in_block(b, text.at))
    amlrt__key_load(&key, text.at, text.n, text.n);
  else
    amlrt__key_make(&key, text.at, text.n);
  if ((st = amlrt__intern_add_key(in, &key, &number)) < 0) return st;
  if (number >= UINT16_MAX) return AMLRT_E_TOO_LARGE;
  *out = (uint16_t)(number + 1);
  return AMLRT_OK;
}

// A text's number in the block, plus 1; 0 for an empty one.
static amlrt_status small_number(const amlrt__block *b, amlrt__intern *in, amlrt__recent *recent,
                                 amlrt__text text, uint16_t *out)
{
  amlrt__recent this = {.n = (uint32_t)text.n}, *r;
  amlrt_status st;

  *out = 0;
  if (text.n == 0) return AMLRT_OK;
  if (text.n > 16) return new_number(b, in, text, out);
  this.head = amlrt__csv_word(text);
  this.tail = text.n > 8 ? last_word(text) : 0;
  r = &recent[((this.head ^ this.tail * 5) * UINT64_C(0x9e3779b97f4a7c15)) >> 59];
  if (r->n != this.n || r->head != this.head || r->tail != this.tail) {
    if ((st = new_number(b, in, text, &this.number)) < 0) return st;
    *r = this;
  }
  *out = r->number;
  return AMLRT_OK;
}

static amlrt_status take_id(amlrt__block *b, uint32_t k, amlrt__text id)
{
  b->id_int[k] = 0;
  b->id_text[k] = NULL;
  if (amlrt__integer(&b->id_int[k], id.at, id.n)) return AMLRT_OK;
  b->id_text[k] = amlrt__pool_copy(&b->texts, id.at, id.n);
  b->has_id_text = true;
  return b->id_text[k] ? AMLRT_OK : AMLRT_E_NOMEM;
}

static amlrt_status take_extra(amlrt__block *b, uint32_t k, uint32_t i)
{
  amlrt__text text = amlrt__csv_text(&b->csv, b->schema->extra_at[i]);
  uint32_t *to = &b->extra[(size_t)k * b->schema->n_extra + i];
  amlrt__key key;

  *to = 0;
  if (text.n == 0) return AMLRT_OK;
  amlrt__key_make(&key, text.at, text.n);
  *to = amlrt__intern_find_key(&b->rows_so_far->values, &key) + 1; // AMLRT_NONE + 1 is 0
  return *to || missed(b, &key, k, AMLRT__MISS_EXTRA + i) ? AMLRT_OK : AMLRT_E_NOMEM;
}

// ---- rows ---------------------------------------------------------------------------------------

static bool grow(const amlrt__block *b, void *block_ptr, size_t size, size_t *new_cap)
{
  *new_cap = b->cap;
  return amlrt__grow(b->mem, block_ptr, new_cap, (size_t)b->n_rows + 1, size);
}

static bool room_for_row(amlrt__block *b)
{
  size_t cap = b->cap;

  if (b->n_rows < b->cap) return true;
#define ROWS(type, name)                                                                           \
  if (!grow(b, &b->rows.name, sizeof *b->rows.name, &cap)) return false;
#include "runtime/src/rows.def"
  if (!grow(b, &b->scale, 1, &cap) || !grow(b, &b->scale_received, 1, &cap)) return false;
  if (b->rows_so_far->has_id && (!grow(b, &b->id_int, sizeof *b->id_int, &cap) ||
                                 !grow(b, &b->id_text, sizeof *b->id_text, &cap)))
    return false;
  if (b->schema->n_extra && !grow(b, &b->extra, b->schema->n_extra * sizeof *b->extra, &cap))
    return false;
  b->cap = cap;
  return true;
}

static amlrt_status add_row(amlrt__block *b, const amlrt__row *row)
{
  amlrt__rows *r = &b->rows;
  uint32_t k = b->n_rows;
  amlrt_status st = AMLRT_OK;

  if (!room_for_row(b) || b->no_memory) return AMLRT_E_NOMEM;
  r->time[k] = row->time;
  r->amount[k] = row->amount.mantissa;
  r->amount_received[k] = row->amount_received.mantissa;
  b->scale[k] = (uint8_t)row->amount.decimals;
  b->scale_received[k] = (uint8_t)row->amount_received.decimals;
  r->input_row[k] = b->n_records - 1;
  st = small_number(b, &b->currencies, b->recent_currency, row->currency, &r->currency[k]);
  if (st == AMLRT_OK)
    st = small_number(b, &b->currencies, b->recent_currency, row->currency_received,
                      &r->currency_received[k]);
  if (st == AMLRT_OK)
    st = small_number(b, &b->formats, b->recent_format, row->format, &r->format[k]);
  if (st == AMLRT_OK && b->rows_so_far->has_id) st = take_id(b, k, row->id);
  for (uint32_t i = 0; st == AMLRT_OK && i < b->schema->n_extra; i++)
    st = take_extra(b, k, i);
  if (st < 0) return st;
  b->n_rows++;
  if (++b->n_queued == AMLRT__QUEUE_ROWS && !look_up(b)) return AMLRT_E_NOMEM;
  return AMLRT_OK;
}

// The record at hand stands at csv.line; runs as in collect.
static bool note_line(amlrt__block *b)
{
  const amlrt__line_run *last = b->n_runs ? &b->run[b->n_runs - 1] : NULL;
  uint64_t row = b->n_records, line = b->csv.line;

  if (!last || line - last->line != row - last->input_row) {
    if (!amlrt__grow(b->mem, &b->run, &b->cap_runs, b->n_runs + 1, sizeof *b->run)) return false;
    b->run[b->n_runs++] = (amlrt__line_run){row, line, 0};
  }
  b->n_records++;
  return true;
}

static amlrt_status take_record(amlrt__block *b)
{
  amlrt__fault fault = b->csv.fault;
  amlrt__row row = {.id = {"", 0}};

  if (!note_line(b)) return AMLRT_E_NOMEM;
  if (!fault.reason)
    fault = b->schema->format == AMLRT_FORMAT_IBM ? amlrt__ibm_row(b, &row)
                                                  : amlrt__generic_row(b, &row);
  if (!fault.reason) return add_row(b, &row);
  if (!amlrt__grow(b->mem, &b->bad, &b->cap_bad, b->n_bad + 1, sizeof *b->bad))
    return AMLRT_E_NOMEM;
  b->bad[b->n_bad++] = (amlrt__bad_row){b->csv.line, fault};
  return b->no_memory ? AMLRT_E_NOMEM : AMLRT_OK;
}

// ---- parsing ------------------------------------------------------------------------------------

// The marks of the block; *n is 0 where there is no use in them.
static bool find_marks(amlrt__block *b, amlrt__scratch *s, size_t *n)
{
  size_t bytes = b->end - b->begin;

  *n = 0;
  if (b->csv.delimiter == ' ' || bytes == 0 || bytes >= UINT32_MAX) return true;
  if (!amlrt__grow(b->mem, &s->mark, &s->cap_marks, bytes + AMLRT__SLACK, sizeof *s->mark))
    return false;
  *n = b->scan(s->mark, b->buf + b->begin, bytes, b->csv.delimiter);
  return true;
}

// Without marks both are NULL, and nothing may be added to these.
static amlrt_status parse_records(amlrt__block *b, const uint32_t *mark, const uint32_t *end_marks,
                                  amlrt_error *err)
{
  const char *base = b->buf + b->begin;
  amlrt__csv *csv = &b->csv;
  amlrt_status st = AMLRT_OK;
  bool more = true;

  while (st == AMLRT_OK) {
    if (csv->skipping || !amlrt__csv_plain(csv, base, &mark, end_marks)) {
      if ((st = amlrt__csv_next(csv, &more, err)) < 0) return st;
      if (!more) break;
      while (mark < end_marks && *mark < csv->begin - b->begin)
        mark++;
    }
    st = take_record(b);
  }
  if (st == AMLRT_OK && b->n_queued > 0 && !look_up(b)) st = AMLRT_E_NOMEM;
  return st < 0 ? amlrt__collect_why(err, st) : st;
}

amlrt_status amlrt__block_parse(amlrt__block *b, bool skipping, amlrt__scratch *s, amlrt_error *err)
{
  size_t n;

  start_over(b, skipping);
  if (!find_marks(b, s, &n)) return amlrt__nomem(err, "reading");
  return parse_records(b, n ? s->mark : NULL, n ? s->mark + n : NULL, err);
}

// ---- settling -----------------------------------------------------------------------------------

static amlrt_status settle_misses(amlrt__block *b, amlrt__collect *c, amlrt_error *err)
{
  for (size_t i = 0; i < b->n_misses; i++) {
    const amlrt__miss *m = &b->miss[i];
    bool is_extra = m->column >= AMLRT__MISS_EXTRA;
    uint32_t number;
    amlrt_status st = amlrt__intern_add_key(is_extra ? &c->values : &c->accounts, &m->key, &number);
    if (st < 0) return amlrt__collect_why(err, st);
    if (is_extra)
      b->extra[(size_t)m->row * b->schema->n_extra + (m->column - AMLRT__MISS_EXTRA)] = number + 1;
    else
      (m->column == AMLRT__MISS_FROM ? b->rows.from : b->rows.to)[m->row] = number;
  }
  return AMLRT_OK;
}

static amlrt_status settle_small(amlrt__block *b, amlrt__collect *c, amlrt_error *err)
{
  amlrt_status st = AMLRT_OK;

  amlrt__release(b->mem, b->currency_of);
  amlrt__release(b->mem, b->format_of);
  b->currency_of = amlrt__array(b->mem, (size_t)b->currencies.n + 1, sizeof *b->currency_of);
  b->format_of = amlrt__array(b->mem, (size_t)b->formats.n + 1, sizeof *b->format_of);
  if (!b->currency_of || !b->format_of) return amlrt__nomem(err, "transactions");
  for (uint32_t i = 0; st == AMLRT_OK && i < b->currencies.n; i++) {
    const char *text = b->currencies.text[i];
    st = amlrt__collect_currency(c, (amlrt__text){text, strlen(text)}, &b->currency_of[i + 1], err);
  }
  for (uint32_t i = 0; st == AMLRT_OK && i < b->formats.n; i++) {
    const char *text = b->formats.text[i];
    st = amlrt__collect_format(c, (amlrt__text){text, strlen(text)}, &b->format_of[i + 1], err);
  }
  return st;
}

static amlrt_status settle_ids(amlrt__block *b, amlrt__collect *c, amlrt_error *err)
{
  if (!b->has_id_text) return AMLRT_OK;
  if (!amlrt__collect_text_ids(c)) return amlrt__nomem(err, "ids");
  for (uint32_t k = 0; k < b->n_rows; k++) {
    if (!b->id_text[k]) continue;
    b->id_text[k] = amlrt__pool_copy(&c->t->texts, b->id_text[k], strlen(b->id_text[k]));
    if (!b->id_text[k]) return amlrt__nomem(err, "ids");
  }
  return AMLRT_OK;
}

static amlrt_status settle_records(amlrt__block *b, amlrt__collect *c, uint32_t file, uint64_t line,
                                   amlrt_error *err)
{
  amlrt_input_info *info = &c->t->input[file];

  for (size_t i = 0; i < b->n_runs; i++) {
    uint64_t end = i + 1 < b->n_runs ? b->run[i + 1].input_row : b->n_records;
    if (!amlrt__collect_lines(c, file, line - 1 + b->run[i].line, end - b->run[i].input_row))
      return amlrt__nomem(err, "transactions");
  }
  for (size_t i = 0; i < b->n_bad; i++) {
    const amlrt__bad_row *bad = &b->bad[i];
    if (!amlrt__table_reject(c->t, file, line - 1 + bad->line, bad->fault.column,
                             amlrt__reason_text(bad->fault.reason)))
      return amlrt__nomem(err, "rejects");
  }
  info->rows_read += b->n_records;
  info->rows_rejected += b->n_bad;
  return AMLRT_OK;
}

static void copy_extras(const amlrt__block *b, amlrt__collect *c)
{
  uint32_t n_extra = b->schema->n_extra;

  for (uint32_t i = 0; i < n_extra; i++) {
    const char **to = c->t->own_extra[i].text + c->n_rows;
    for (uint32_t k = 0; k < b->n_rows; k++) {
      uint32_t number = b->extra[(size_t)k * n_extra + i];
      to[k] = number ? c->values.text[number - 1] : NULL;
    }
  }
}

static void copy_ids(const amlrt__block *b, amlrt__collect *c)
{
  memcpy(c->id_int + c->n_rows, b->id_int, b->n_rows * sizeof *c->id_int);
  if (c->id_text) memcpy(c->id_text + c->n_rows, b->id_text, b->n_rows * sizeof *c->id_text);
}

static void copy_rows(const amlrt__block *b, amlrt__collect *c, uint64_t first_record)
{
  amlrt__rows *to = &c->t->rows;
  const amlrt__rows *from = &b->rows;
  uint32_t n = b->n_rows, at = c->n_rows;

  if (n == 0) return;
  memcpy(to->time + at, from->time, n * sizeof *to->time);
  memcpy(to->from + at, from->from, n * sizeof *to->from);
  memcpy(to->to + at, from->to, n * sizeof *to->to);
  memcpy(to->amount + at, from->amount, n * sizeof *to->amount);
  memcpy(to->amount_received + at, from->amount_received, n * sizeof *to->amount_received);
  memcpy(c->scale + at, b->scale, n);
  memcpy(c->scale_received + at, b->scale_received, n);
  for (uint32_t k = 0; k < n; k++) {
    to->currency[at + k] = b->currency_of[from->currency[k]];
    to->currency_received[at + k] = b->currency_of[from->currency_received[k]];
    to->format[at + k] = b->format_of[from->format[k]];
    to->input_row[at + k] = first_record + from->input_row[k];
  }
  if (c->has_id) copy_ids(b, c);
  copy_extras(b, c);
  c->n_rows += n;
}

amlrt_status amlrt__block_settle(amlrt__block *b, amlrt__collect *c, uint32_t file, uint64_t line,
                                 size_t expected, amlrt_error *err)
{
  uint64_t first_record = c->n_read;
  amlrt_status st = amlrt__collect_room(c, b->n_rows, expected, err);

  if (st == AMLRT_OK) st = settle_misses(b, c, err);
  if (st == AMLRT_OK) st = settle_small(b, c, err);
  if (st == AMLRT_OK) st = settle_ids(b, c, err);
  if (st == AMLRT_OK) st = settle_records(b, c, file, line, err);
  if (st == AMLRT_OK) copy_rows(b, c, first_record);
  return st;
}
