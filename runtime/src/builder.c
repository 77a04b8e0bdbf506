// A table built by hand. The same path as that of a file, but a bad row is an error at once.
#include "runtime/src/collect.h"
#include "runtime/src/decimal.h"
#include "runtime/src/error.h"
#include "runtime/src/map.h"
#include "runtime/src/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct amlrt_builder {
  amlrt_alloc mem;
  amlrt_table *t;
  amlrt__collect rows;
  bool finished;
};

static const amlrt__late_columns no_columns;

amlrt_status amlrt_builder_new(amlrt_builder **out, const amlrt_alloc *mem, amlrt_error *err)
{
  const amlrt_alloc *from = mem ? mem : amlrt_alloc_default();
  amlrt_builder *b = amlrt__array(from, 1, sizeof *b);

  *out = NULL;
  if (!b) return amlrt__nomem(err, "builder");
  b->mem = *from;
  b->t = amlrt__table_new(from);
  if (!b->t) {
    amlrt__release(from, b);
    return amlrt__nomem(err, "builder");
  }
  b->t->has = (1u << AMLRT__N_COLUMNS) - 1;
  amlrt__collect_init(&b->rows, b->t);
  b->rows.has_id = true;
  b->rows.late = &no_columns;
  *out = b;
  return AMLRT_OK;
}

void amlrt_builder_free(amlrt_builder *b)
{
  if (!b) return;
  amlrt_alloc mem = b->mem;
  if (!b->finished) { // else the collected rows are gone, and the table is the caller's
    amlrt__collect_release(&b->rows);
    amlrt_table_free(b->t);
  }
  amlrt__release(&mem, b);
}

// ---- rows ---------------------------------------------------------------------------------------

static amlrt_status bad(const amlrt_builder *b, amlrt__reason reason, const char *text,
                        amlrt_error *err)
{
  char shown[64];

  return amlrt__fail(err, AMLRT_E_ARG, "transaction %" PRIu32 ": %s: '%s'", b->rows.n_rows,
                     amlrt__reason_text(reason),
                     amlrt__show(shown, sizeof shown, text, strlen(text)));
}

static amlrt_status take_text(const amlrt_builder *b, amlrt__text *out, const char *text,
                              amlrt_error *err)
{
  *out = (amlrt__text){text ? text : "", text ? strlen(text) : 0};
  if (amlrt__utf8_bad(out->at, out->n) < out->n) return bad(b, AMLRT__BAD_UTF8, text, err);
  return AMLRT_OK;
}

static amlrt_status take_account(const amlrt_builder *b, amlrt__text *out, const char *text,
                                 amlrt_error *err)
{
  if (!text || !*text) return bad(b, AMLRT__BAD_NO_ACCOUNT, "", err);
  return take_text(b, out, text, err);
}

static amlrt_status take_amount(const amlrt_builder *b, amlrt__amount *out, const char *text,
                                amlrt_error *err)
{
  amlrt__reason reason;

  *out = (amlrt__amount){AMLRT_NO_AMOUNT, 0};
  if (!text) return AMLRT_OK;
  reason = amlrt__read_amount(out, (amlrt__text){text, strlen(text)});
  return reason ? bad(b, reason, text, err) : AMLRT_OK;
}

amlrt_status amlrt_builder_add(amlrt_builder *b, const amlrt_tx *tx, amlrt_error *err)
{
  bool received = tx->amount_received || tx->currency_received;
  const char *amount = received ? tx->amount_received : tx->amount;
  const char *currency = received ? tx->currency_received : tx->currency;
  amlrt__row row = {.time = tx->time};
  char number[16];
  amlrt_status st;

  if (b->finished) return amlrt__fail(err, AMLRT_E_ARG, "the builder is finished");
  snprintf(number, sizeof number, "%" PRIu32, b->rows.n_rows);
  if ((st = take_account(b, &row.from, tx->from, err)) < 0) return st;
  if ((st = take_account(b, &row.to, tx->to, err)) < 0) return st;
  if ((st = take_amount(b, &row.amount, tx->amount, err)) < 0) return st;
  if ((st = take_amount(b, &row.amount_received, amount, err)) < 0) return st;
  if ((st = take_text(b, &row.currency, tx->currency, err)) < 0) return st;
  if ((st = take_text(b, &row.currency_received, currency, err)) < 0) return st;
  if ((st = take_text(b, &row.format, tx->format, err)) < 0) return st;
  if ((st = take_text(b, &row.id, tx->id ? tx->id : number, err)) < 0) return st;
  if (row.id.n == 0) return bad(b, AMLRT__BAD_NO_ID, "", err);
  if (!amlrt__collect_lines(&b->rows, 0, (uint64_t)b->rows.n_rows + 1, 1))
    return amlrt__nomem(err, "builder");
  st = amlrt__collect_add(&b->rows, &row, err);
  if (st < 0) b->rows.n_read--;
  return st;
}

static uint32_t find_extra(const amlrt_table *t, const char *name)
{
  uint32_t i = 0;

  while (i < t->n_extra && strcmp(t->own_extra[i].name, name) != 0)
    i++;
  return i;
}

amlrt_status amlrt_builder_set(amlrt_builder *b, const char *column, const char *value,
                               amlrt_error *err)
{
  uint32_t i = find_extra(b->t, column);
  amlrt__text text;
  amlrt_status st;

  if (b->finished || b->rows.n_rows == 0)
    return amlrt__fail(err, AMLRT_E_ARG, "there is no transaction to set '%s' of", column);
  if (!*column || amlrt__column_find(column, strlen(column)) < AMLRT__N_COLUMNS)
    return amlrt__fail(err, AMLRT_E_ARG, "'%s' is not a further column", column);
  if ((st = take_text(b, &text, value, err)) < 0) return st;
  if (i == b->t->n_extra) {
    const char *name = amlrt__pool_copy(&b->t->texts, column, strlen(column));
    if (!name || !amlrt__collect_new_extra(&b->rows, name)) return amlrt__nomem(err, "builder");
  }
  return amlrt__collect_extra(&b->rows, i, text, err);
}

// ---- the end ------------------------------------------------------------------------------------

amlrt_status amlrt_builder_finish(amlrt_table **out, amlrt_builder *b, amlrt_error *err)
{
  amlrt_table *t = b->t;
  amlrt_status st;

  *out = NULL;
  if (b->finished) return amlrt__fail(err, AMLRT_E_ARG, "the builder is finished");
  b->finished = true; // whatever comes: rows that are half in order cannot be added to
  st = amlrt__collect_judge(&b->rows, err);
  if (st == AMLRT_OK && t->n_rejects > 0)
    st = amlrt__fail(err, AMLRT_E_ARG, "transaction %" PRIu64 ": %s", t->reject[0].line - 1,
                     t->reject[0].reason);
  if (st == AMLRT_OK) st = amlrt__collect_finish(&b->rows, err);
  amlrt__collect_release(&b->rows);
  b->t = NULL;
  if (st == AMLRT_OK)
    *out = t;
  else
    amlrt_table_free(t);
  return st;
}
