// From collected rows to a finished table: the order of (time, id), and numbers for texts that do
// not depend on the order of the input.
#include "runtime/src/collect.h"
#include "runtime/src/error.h"
#include "runtime/src/sort.h"

#include <string.h>

typedef struct finish {
  amlrt__collect *c;
  amlrt_table *t;
  const amlrt_alloc *mem;
  uint32_t n;             // rows kept
  uint32_t *order;        // new place -> collected row; NULL: the same
  uint32_t *place;        // collected row -> new place; NULL: the same
  const uint32_t *number; // of accounts, of formats, of currencies: old -> new
} finish;

// ---- order --------------------------------------------------------------------------------------

// Whether all rows are kept and stand in the order of (time, id) as they are, as most files have them.
// Ids that are texts, or numbers of input rows, leave rows of one time in input order.
static bool is_in_order(const finish *f)
{
  const int64_t *time = f->t->rows.time;
  const int64_t *id = f->c->has_id && !f->c->id_text ? f->c->id_int : NULL;

  if (f->c->drop) return false;
  for (uint32_t k = 1; k < f->c->n_rows; k++)
    if (time[k - 1] > time[k] || (id && time[k - 1] == time[k] && id[k - 1] > id[k])) return false;
  return true;
}

static bool kept_rows(finish *f)
{
  uint32_t *order = amlrt__alloc(f->mem, (size_t)f->c->n_rows * sizeof *order);

  if (!order) return false;
  f->order = order;
  f->n = 0;
  for (uint32_t k = 0; k < f->c->n_rows; k++)
    if (!f->c->drop || !f->c->drop[k]) order[f->n++] = k;
  return true;
}

static bool find_order(finish *f)
{
  const amlrt__collect *c = f->c;
  const amlrt__rows *r = &f->t->rows;

  if (c->has_id && !c->id_text) memcpy(f->order, f->t->by_id, f->n * sizeof *f->order);
  return amlrt__sort_by_int(f->order, f->n, r->time, f->mem);
}

static bool index_rows(finish *f)
{
  f->place = amlrt__alloc(f->mem, (size_t)f->c->n_rows * sizeof *f->place);
  f->t->by_input = amlrt__alloc(f->mem, (size_t)f->n * sizeof *f->t->by_input);
  if (!f->place || !f->t->by_input) return false;
  for (uint32_t i = 0; i < f->n; i++)
    f->place[f->order[i]] = i;
  for (uint32_t k = 0, i = 0; k < f->c->n_rows; k++)
    if (!f->c->drop || !f->c->drop[k]) f->t->by_input[i++] = f->place[k];
  for (uint32_t i = 0; f->t->by_id && i < f->n; i++)
    f->t->by_id[i] = f->place[f->t->by_id[i]];
  return true;
}

typedef struct move {
  const uint32_t *order;
  const char *from;
  char *to;
  size_t size;
} move;

static void move_rows(void *user, uint32_t begin, uint32_t end)
{
  const move *m = user;

  for (uint32_t i = begin; i < end; i++) { // a copy of known size is one instruction
    size_t k = m->order[i];
    if (m->size == 8)
      memcpy(m->to + (size_t)8 * i, m->from + 8 * k, 8);
    else if (m->size == 4)
      memcpy(m->to + (size_t)4 * i, m->from + 4 * k, 4);
    else
      memcpy(m->to + i * m->size, m->from + k * m->size, m->size);
  }
}

// A column in the new order; the old block is released. NULL: no memory, the old one stays.
static void *reordered(finish *f, void *old, size_t size)
{
  move m = {f->order, old, NULL, size};

  if (f->n <= SIZE_MAX / size) m.to = amlrt__alloc(f->mem, f->n * size);
  if (!m.to) return NULL;
  if (amlrt__collect_over(f->c, f->n, move_rows, &m, NULL) != AMLRT_OK) {
    amlrt__release(f->mem, m.to);
    return NULL;
  }
  amlrt__release(f->mem, old);
  return m.to;
}

static bool reorder(finish *f)
{
  amlrt__rows *r = &f->t->rows;
  amlrt__collect *c = f->c;
  void *block;

#define ROWS(type, name)                                                                           \
  if (!(block = reordered(f, r->name, sizeof *r->name))) return false;                             \
  r->name = block;
#include "runtime/src/rows.def"
  for (uint32_t i = 0; i < f->t->n_extra; i++) {
    if (!(block = reordered(f, f->t->own_extra[i].text, sizeof(char *)))) return false;
    f->t->own_extra[i].text = block;
  }
  if (c->id_text) {
    if (!(block = reordered(f, c->id_text, sizeof *c->id_text))) return false;
    c->id_text = block;
  } else if (c->has_id) {
    if (!(block = reordered(f, c->id_int, sizeof *c->id_int))) return false;
    c->id_int = block;
  }
  return true;
}

static bool put_in_order(finish *f)
{
  amlrt__collect *c = f->c;

  f->n = c->n_rows;
  if (!is_in_order(f) && !(kept_rows(f) && find_order(f) && index_rows(f) && reorder(f)))
    return false;
  if (c->id_text) {
    f->t->id_text = c->id_text;
    c->id_text = NULL;
  } else if (c->has_id) {
    f->t->id_int = c->id_int;
    c->id_int = NULL;
  }
  return true;
}

// ---- numbers of texts ---------------------------------------------------------------------------

// New numbers for old ones: those in use, in the order of the bytes of their texts. On entry
// is_used says which are (not 0); on success number[old] is the new one and *n how many there are.
static bool renumber(finish *f, const char *const *text, uint32_t n_old, uint32_t *number,
                     uint32_t **by_text, uint32_t *n)
{
  uint32_t *items = amlrt__array(f->mem, n_old, sizeof *items), count = 0;

  if (!items) return false;
  for (uint32_t i = 0; i < n_old; i++)
    if (number[i]) items[count++] = i;
  if (!amlrt__sort_by_text(items, count, text, f->mem)) {
    amlrt__release(f->mem, items);
    return false;
  }
  for (uint32_t i = 0; i < count; i++)
    number[items[i]] = i;
  *by_text = items;
  *n = count;
  return true;
}

static void put_account_numbers(void *user, uint32_t begin, uint32_t end)
{
  const finish *f = user;
  amlrt__rows *r = &f->t->rows;

  for (uint32_t i = begin; i < end; i++) {
    r->from[i] = f->number[r->from[i]];
    r->to[i] = f->number[r->to[i]];
  }
}

// Which of the old numbers are in use: all, unless rows were dropped.
static uint32_t *numbers(const finish *f, uint32_t n_old, bool *all)
{
  uint32_t *number = amlrt__array(f->mem, n_old, sizeof *number);

  *all = !f->c->has_unused;
  for (uint32_t i = 0; number && *all && i < n_old; i++)
    number[i] = 1;
  return number;
}

static bool number_accounts(finish *f)
{
  amlrt__rows *r = &f->t->rows;
  const amlrt__intern *in = &f->c->accounts;
  bool all, ok;
  uint32_t *number = numbers(f, in->n, &all), *items = NULL, n = 0;

  ok = number != NULL;
  for (uint32_t i = 0; ok && !all && i < f->n; i++)
    number[r->from[i]] = number[r->to[i]] = 1;
  ok = ok && renumber(f, in->text, in->n, number, &items, &n);
  if (ok) f->t->account = amlrt__array(f->mem, n, sizeof *f->t->account);
  ok = ok && f->t->account;
  for (uint32_t i = 0; ok && i < n; i++)
    f->t->account[i] = in->text[items[i]];
  f->number = number;
  ok = ok && amlrt__collect_over(f->c, f->n, put_account_numbers, f, NULL) == AMLRT_OK;
  f->t->columns.n_accounts = ok ? n : 0;
  amlrt__release(f->mem, number);
  amlrt__release(f->mem, items);
  return ok;
}

static void put_format_numbers(void *user, uint32_t begin, uint32_t end)
{
  const finish *f = user;
  uint16_t *format = f->t->rows.format;

  for (uint32_t i = begin; i < end; i++)
    if (format[i]) format[i] = (uint16_t)(f->number[format[i] - 1] + 1);
}

static bool number_formats(finish *f)
{
  amlrt__rows *r = &f->t->rows;
  const amlrt__intern *in = &f->c->formats;
  bool all, ok;
  uint32_t *number = numbers(f, in->n, &all), *items = NULL, n = 0;

  ok = number != NULL;
  for (uint32_t i = 0; ok && !all && i < f->n; i++)
    if (r->format[i]) number[r->format[i] - 1] = 1;
  ok = ok && renumber(f, in->text, in->n, number, &items, &n);
  if (ok) f->t->format = amlrt__array(f->mem, (size_t)n + 1, sizeof *f->t->format);
  ok = ok && f->t->format;
  if (ok) f->t->format[0] = "";
  for (uint32_t i = 0; ok && i < n; i++)
    f->t->format[i + 1] = in->text[items[i]];
  f->number = number;
  ok = ok && amlrt__collect_over(f->c, f->n, put_format_numbers, f, NULL) == AMLRT_OK;
  f->t->n_formats = ok ? n + 1 : 0;
  amlrt__release(f->mem, number);
  amlrt__release(f->mem, items);
  return ok;
}

// The spelling of each currency in use that is the first in byte order; NULL: not in use.
static bool first_spellings(const finish *f, const char **spelling)
{
  const amlrt__rows *r = &f->t->rows;
  const amlrt__collect *c = f->c;
  bool *is_used = amlrt__array(f->mem, (size_t)c->currencies.n + 1, sizeof *is_used);

  if (!is_used) return false;
  if (!c->has_unused) memset(is_used, true, (size_t)c->currencies.n + 1);
  for (uint32_t i = 0; c->has_unused && i < f->n; i++)
    is_used[r->currency[i]] = is_used[r->currency_received[i]] = true;
  for (uint32_t s = 0; s < c->currencies.n; s++) {
    const char **first = &spelling[c->name_of[s]], *text = c->currencies.text[s];
    if (is_used[s + 1] && (!*first || strcmp(text, *first) < 0)) *first = text;
  }
  amlrt__release(f->mem, is_used);
  return true;
}

static void put_currencies(finish *f, const char **spelling, const uint32_t *items, uint32_t n)
{
  amlrt_table *t = f->t;
  const amlrt__collect *c = f->c;

  t->n_currencies = n + 1;
  t->currency[0] = (amlrt__currency){"", "", c->decimals_of[0]};
  for (uint32_t i = 0; i < n; i++)
    t->currency[i + 1] = (amlrt__currency){spelling[items[i]], c->currency_names.text[items[i]],
                                           c->decimals_of[items[i] + 1]};
  for (uint32_t i = 0; i <= n; i++)
    if (t->currency[i].decimals > t->max_decimals) t->max_decimals = t->currency[i].decimals;
}

static void put_currency_numbers(void *user, uint32_t begin, uint32_t end)
{
  const finish *f = user;
  const uint32_t *name_of = f->c->name_of;
  amlrt__rows *r = &f->t->rows;

  for (uint32_t i = begin; i < end; i++) {
    amlrt_currency *paid = &r->currency[i], *received = &r->currency_received[i];
    if (*paid) *paid = (amlrt_currency)(f->number[name_of[*paid - 1]] + 1);
    if (*received) *received = (amlrt_currency)(f->number[name_of[*received - 1]] + 1);
  }
}

static bool number_currencies(finish *f)
{
  const amlrt__collect *c = f->c;
  uint32_t n_names = c->currency_names.n, *items = NULL, n = 0;
  const char **spelling = amlrt__array(f->mem, n_names, sizeof *spelling);
  uint32_t *number = amlrt__array(f->mem, n_names, sizeof *number);
  bool ok = spelling && number && first_spellings(f, spelling);

  for (uint32_t i = 0; ok && i < n_names; i++)
    number[i] = spelling[i] != NULL;
  ok = ok && renumber(f, spelling, n_names, number, &items, &n);
  if (ok) f->t->currency = amlrt__array(f->mem, (size_t)n + 1, sizeof *f->t->currency);
  ok = ok && f->t->currency;
  if (ok) put_currencies(f, spelling, items, n);
  f->number = number;
  ok = ok && amlrt__collect_over(f->c, f->n, put_currency_numbers, f, NULL) == AMLRT_OK;
  amlrt__release(f->mem, spelling);
  amlrt__release(f->mem, number);
  amlrt__release(f->mem, items);
  return ok;
}

// ---- all ----------------------------------------------------------------------------------------

static bool settle_extras(finish *f)
{
  amlrt_table *t = f->t;

  t->extra = amlrt__array(f->mem, t->n_extra, sizeof *t->extra);
  if (!t->extra) return false;
  for (uint32_t i = 0; i < t->n_extra; i++)
    if (!amlrt__extra_settle(&t->extra[i], &t->own_extra[i], f->n, false, f->mem)) return false;
  return true;
}

static void publish(finish *f)
{
  amlrt_columns *c = &f->t->columns;

  c->n_rows = f->n;
#define ROWS(type, name) c->name = f->t->rows.name;
#include "runtime/src/rows.def"
}

amlrt_status amlrt__collect_finish(amlrt__collect *c, amlrt_error *err)
{
  finish f = {.c = c, .t = c->t, .mem = c->mem};
  bool ok = put_in_order(&f) && number_accounts(&f) && number_formats(&f) &&
            number_currencies(&f) && settle_extras(&f);

  if (ok) publish(&f);
  amlrt__release(f.mem, f.order);
  amlrt__release(f.mem, f.place);
  return ok ? AMLRT_OK : amlrt__nomem(err, "transactions");
}
