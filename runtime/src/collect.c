#include "runtime/src/collect.h"
#include "runtime/src/currency.h"
#include "runtime/src/decimal.h"
#include "runtime/src/error.h"
#include "amlrt/sched.h"

#include <string.h>

void amlrt__collect_init(amlrt__collect *c, amlrt_table *t)
{
  *c = (amlrt__collect){.t = t, .mem = &t->mem, .threads = 1};
  amlrt__intern_init(&c->accounts, &t->texts);
  amlrt__intern_init(&c->formats, &t->texts);
  amlrt__intern_init(&c->values, &t->texts);
  amlrt__intern_init(&c->currencies, &t->texts);
  amlrt__intern_init(&c->currency_names, &t->texts);
}

void amlrt__collect_release(amlrt__collect *c)
{
  amlrt__release(c->mem, c->scale);
  amlrt__release(c->mem, c->scale_received);
  amlrt__release(c->mem, c->drop);
  amlrt__release(c->mem, c->id_int);
  amlrt__release(c->mem, c->id_text);
  amlrt__release(c->mem, c->name_of);
  amlrt__release(c->mem, c->decimals_of);
  amlrt__release(c->mem, c->run);
  amlrt__intern_release(&c->accounts);
  amlrt__intern_release(&c->formats);
  amlrt__intern_release(&c->values);
  amlrt__intern_release(&c->currencies);
  amlrt__intern_release(&c->currency_names);
}

// ---- room ---------------------------------------------------------------------------------------

static bool grow(const amlrt__collect *c, void *block_ptr, size_t size, size_t need,
                 size_t *new_cap)
{
  *new_cap = c->cap_rows; // all columns have had the same steps
  return amlrt__grow(c->mem, block_ptr, new_cap, need, size);
}

// Columns that grew before one failed are longer than cap_rows says, which does no harm.
static bool grow_rows(amlrt__collect *c, size_t need)
{
  amlrt_table *t = c->t;
  size_t cap = c->cap_rows;

#define ROWS(type, name)                                                                           \
  if (!grow(c, &t->rows.name, sizeof *t->rows.name, need, &cap)) return false;
#include "runtime/src/rows.def"
  if (!grow(c, &c->scale, 1, need, &cap) || !grow(c, &c->scale_received, 1, need, &cap))
    return false;
  if (c->has_id && !grow(c, &c->id_int, sizeof *c->id_int, need, &cap)) return false;
  if (c->id_text && !grow(c, &c->id_text, sizeof *c->id_text, need, &cap)) return false;
  for (uint32_t i = 0; i < t->n_extra; i++)
    if (!grow(c, &t->own_extra[i].text, sizeof *t->own_extra[i].text, need, &cap)) return false;
  c->cap_rows = cap;
  return true;
}

amlrt_status amlrt__collect_room(amlrt__collect *c, uint32_t n, size_t expected, amlrt_error *err)
{
  size_t need = (size_t)c->n_rows + n;

  if (need > AMLRT_NONE - 1) return amlrt__collect_why(err, AMLRT_E_TOO_LARGE);
  if (need <= c->cap_rows) return AMLRT_OK;
  if (expected < need) expected = need;
  if (expected > AMLRT_NONE) expected = AMLRT_NONE;
  return grow_rows(c, expected) ? AMLRT_OK : amlrt__collect_why(err, AMLRT_E_NOMEM);
}

bool amlrt__collect_new_extra(amlrt__collect *c, const char *name)
{
  amlrt_table *t = c->t;
  size_t cap = t->n_extra;
  const char **text = amlrt__array(c->mem, c->cap_rows, sizeof *text);

  if (!text ||
      !amlrt__grow(c->mem, &t->own_extra, &cap, (size_t)t->n_extra + 1, sizeof *t->own_extra)) {
    amlrt__release(c->mem, text);
    return false;
  }
  t->own_extra[t->n_extra++] = (amlrt__extra){.name = name, .text = text};
  return true;
}

bool amlrt__collect_lines(amlrt__collect *c, uint32_t file, uint64_t line, uint64_t n)
{
  const amlrt__line_run *last = c->n_runs ? &c->run[c->n_runs - 1] : NULL;
  uint64_t row = c->n_read;

  if (!last || last->file != file || line - last->line != row - last->input_row) {
    if (!amlrt__grow(c->mem, &c->run, &c->cap_runs, c->n_runs + 1, sizeof *c->run)) return false;
    c->run[c->n_runs++] = (amlrt__line_run){row, line, file};
  }
  c->n_read += n;
  return true;
}

// ---- numbers for texts --------------------------------------------------------------------------

// 0 for an empty text, else its number plus 1.
static amlrt_status small_number(amlrt__intern *in, amlrt__text text, uint16_t *out)
{
  uint32_t number;
  amlrt_status st;

  *out = 0;
  if (text.n == 0) return AMLRT_OK;
  if ((st = amlrt__intern_add(in, text.at, text.n, &number)) < 0) return st;
  if (number >= UINT16_MAX) return AMLRT_E_TOO_LARGE;
  *out = (uint16_t)(number + 1);
  return AMLRT_OK;
}

static amlrt_status currency_number(amlrt__collect *c, amlrt__text text, uint16_t *out)
{
  uint32_t before = c->currencies.n;
  amlrt_status st;

  // Room for the name first: a spelling without a name would be half done.
  if (!amlrt__grow(c->mem, &c->name_of, &c->cap_name_of, (size_t)before + 1, sizeof *c->name_of))
    return AMLRT_E_NOMEM;
  if (text.n && amlrt__intern_find(&c->currencies, text.at, text.n) == AMLRT_NONE) {
    size_t n = text.n;
    const char *name = amlrt__currency_name(text.at, &n);
    st = amlrt__intern_add(&c->currency_names, name, n, &c->name_of[before]);
    if (st < 0) return st;
  }
  return small_number(&c->currencies, text, out);
}

// Most rows have the currency or the format of the row before.
static bool is_last(const amlrt__intern *in, amlrt__text text, uint16_t last)
{
  if (!last || !text.n) return false;
  return strncmp(in->text[last - 1], text.at, text.n) == 0 && !in->text[last - 1][text.n];
}

static amlrt_status take_currency(amlrt__collect *c, amlrt__text text, const uint16_t *column,
                                  uint16_t *out)
{
  uint16_t last = c->n_rows ? column[c->n_rows - 1] : 0;

  if (is_last(&c->currencies, text, last)) {
    *out = last;
    return AMLRT_OK;
  }
  return currency_number(c, text, out);
}

static amlrt_status take_texts(amlrt__collect *c, const amlrt__row *row)
{
  amlrt__rows *r = &c->t->rows;
  uint32_t k = c->n_rows;
  amlrt_status st = amlrt__intern_add(&c->accounts, row->from.at, row->from.n, &r->from[k]);

  if (st == AMLRT_OK) st = amlrt__intern_add(&c->accounts, row->to.at, row->to.n, &r->to[k]);
  if (st == AMLRT_OK) st = take_currency(c, row->currency, r->currency, &r->currency[k]);
  if (st == AMLRT_OK)
    st = take_currency(c, row->currency_received, r->currency_received, &r->currency_received[k]);
  if (st == AMLRT_OK) st = small_number(&c->formats, row->format, &r->format[k]);
  return st;
}

amlrt_status amlrt__collect_currency(amlrt__collect *c, amlrt__text text, uint16_t *number,
                                     amlrt_error *err)
{
  amlrt_status st = currency_number(c, text, number);

  return st < 0 ? amlrt__collect_why(err, st) : st;
}

amlrt_status amlrt__collect_format(amlrt__collect *c, amlrt__text text, uint16_t *number,
                                   amlrt_error *err)
{
  amlrt_status st = small_number(&c->formats, text, number);

  return st < 0 ? amlrt__collect_why(err, st) : st;
}

// ---- ids ----------------------------------------------------------------------------------------

bool amlrt__collect_text_ids(amlrt__collect *c)
{
  if (!c->id_text) c->id_text = amlrt__array(c->mem, c->cap_rows, sizeof *c->id_text);
  return c->id_text != NULL;
}

static amlrt_status take_id(amlrt__collect *c, amlrt__text id)
{
  const char *copy;

  c->id_int[c->n_rows] = 0;
  if (amlrt__integer(&c->id_int[c->n_rows], id.at, id.n)) {
    if (c->id_text) c->id_text[c->n_rows] = NULL;
    return AMLRT_OK;
  }
  if (!amlrt__collect_text_ids(c)) return AMLRT_E_NOMEM;
  copy = amlrt__pool_copy(&c->t->texts, id.at, id.n);
  if (!copy) return AMLRT_E_NOMEM;
  c->id_text[c->n_rows] = copy;
  return AMLRT_OK;
}

amlrt__reason amlrt__read_amount(amlrt__amount *out, amlrt__text text)
{
  switch (amlrt__decimal(&out->mantissa, &out->decimals, text.at, text.n)) {
  case AMLRT__DECIMAL_OK:
    return out->mantissa < 0 ? AMLRT__BAD_NEGATIVE : AMLRT__GOOD;
  case AMLRT__DECIMAL_BAD:
    return AMLRT__BAD_AMOUNT;
  case AMLRT__DECIMAL_LONG:
    break;
  }
  return AMLRT__BAD_DIGITS;
}

// ---- rows ---------------------------------------------------------------------------------------

amlrt_status amlrt__collect_why(amlrt_error *err, amlrt_status st)
{
  if (st == AMLRT_E_TOO_LARGE)
    return amlrt__fail(err, st,
                       "the data do not fit: at most 4,294,967,294 rows and accounts, and 65,535 "
                       "currencies and formats");
  return amlrt__nomem(err, "transactions");
}

amlrt_status amlrt__collect_add(amlrt__collect *c, const amlrt__row *row, amlrt_error *err)
{
  amlrt__rows *r = &c->t->rows;
  uint32_t k = c->n_rows;
  amlrt_status st = amlrt__collect_room(c, 1, 0, err);

  if (st < 0) return st;
  st = take_texts(c, row);
  if (st == AMLRT_OK && c->has_id) st = take_id(c, row->id);
  c->has_unused |= st < 0;
  if (st < 0) return amlrt__collect_why(err, st);
  r->time[k] = row->time;
  r->amount[k] = row->amount.mantissa;
  r->amount_received[k] = row->amount_received.mantissa;
  c->scale[k] = (uint8_t)row->amount.decimals;
  c->scale_received[k] = (uint8_t)row->amount_received.decimals;
  r->input_row[k] = c->n_read - 1;
  for (uint32_t i = 0; i < c->t->n_extra; i++)
    c->t->own_extra[i].text[k] = NULL;
  c->n_rows++;
  return AMLRT_OK;
}

amlrt_status amlrt__collect_extra(amlrt__collect *c, uint32_t extra, amlrt__text value,
                                  amlrt_error *err)
{
  uint32_t number;
  amlrt_status st;

  if (value.n == 0) {
    c->t->own_extra[extra].text[c->n_rows - 1] = NULL;
    return AMLRT_OK;
  }
  st = amlrt__intern_add(&c->values, value.at, value.n, &number);
  if (st < 0) return amlrt__collect_why(err, st);
  c->t->own_extra[extra].text[c->n_rows - 1] = c->values.text[number];
  return AMLRT_OK;
}

// ---- all rows -----------------------------------------------------------------------------------

enum { PIECE_ROWS = 1 << 16 };

typedef struct pieces {
  void (*body)(void *user, uint32_t begin, uint32_t end);
  void *user;
  uint32_t n;
} pieces;

static amlrt_status do_pieces(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                              amlrt_error *err)
{
  const pieces *p = user;
  uint64_t end = chunk->end * PIECE_ROWS;

  (void)state, (void)task, (void)err;
  p->body(p->user, (uint32_t)(chunk->begin * PIECE_ROWS), end < p->n ? (uint32_t)end : p->n);
  return AMLRT_OK;
}

amlrt_status amlrt__collect_over(const amlrt__collect *c, uint32_t n,
                                 void (*body)(void *user, uint32_t begin, uint32_t end), void *user,
                                 amlrt_error *err)
{
  pieces p = {body, user, n};
  const amlrt_work work = {.n = ((uint64_t)n + PIECE_ROWS - 1) / PIECE_ROWS,
                           .threads = c->threads,
                           .mem = c->mem,
                           .user = &p,
                           .body = do_pieces};

  if (work.n > 1 && amlrt_threads(c->threads) > 1) return amlrt_parallel(&work, err);
  if (n > 0) body(user, 0, n);
  return AMLRT_OK;
}
