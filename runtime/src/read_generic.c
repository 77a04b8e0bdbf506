#include "runtime/src/read.h"

static amlrt__text text_of(amlrt__reader *r, amlrt__column c)
{
  if (r->schema->at[c] == AMLRT_NONE) return (amlrt__text){"", 0};
  return amlrt__csv_text(&r->csv, r->schema->at[c]);
}

static amlrt__fault fault_in(const amlrt__reader *r, amlrt__column c, amlrt__reason reason)
{
  return (amlrt__fault){reason, r->schema->at[c] + 1};
}

static amlrt__fault take_amount(amlrt__reader *r, amlrt__column c, amlrt__amount *amount)
{
  amlrt__text text = text_of(r, c);

  *amount = (amlrt__amount){AMLRT_NO_AMOUNT, 0};
  if (text.n == 0) return (amlrt__fault){AMLRT__GOOD, 0};
  return fault_in(r, c, amlrt__read_amount(amount, text));
}

// Where a file has no columns for what arrives, what is paid arrives. A file that only has the
// currency that arrives does not say how much of it.
static void same_received(const amlrt__reader *r, amlrt__row *row)
{
  const uint32_t *at = r->schema->at;

  if (at[AMLRT__COL_CURRENCY_RECEIVED] != AMLRT_NONE) return;
  if (at[AMLRT__COL_AMOUNT_RECEIVED] == AMLRT_NONE) row->amount_received = row->amount;
  row->currency_received = row->currency;
}

amlrt__fault amlrt__generic_row(amlrt__reader *r, amlrt__row *row)
{
  amlrt__text time = text_of(r, AMLRT__COL_TIME);
  amlrt__fault fault;

  row->from = text_of(r, AMLRT__COL_SRC);
  row->to = text_of(r, AMLRT__COL_DST);
  row->id = text_of(r, AMLRT__COL_ID);
  row->currency = text_of(r, AMLRT__COL_CURRENCY);
  row->currency_received = text_of(r, AMLRT__COL_CURRENCY_RECEIVED);
  row->format = text_of(r, AMLRT__COL_FORMAT);
  if (row->from.n == 0) return fault_in(r, AMLRT__COL_SRC, AMLRT__BAD_NO_ACCOUNT);
  if (row->to.n == 0) return fault_in(r, AMLRT__COL_DST, AMLRT__BAD_NO_ACCOUNT);
  if (!amlrt_time_parse(&row->time, time.at, time.n))
    return fault_in(r, AMLRT__COL_TIME, AMLRT__BAD_TIME);
  if (r->rows.has_id && row->id.n == 0) return fault_in(r, AMLRT__COL_ID, AMLRT__BAD_NO_ID);
  fault = take_amount(r, AMLRT__COL_AMOUNT, &row->amount);
  if (!fault.reason) fault = take_amount(r, AMLRT__COL_AMOUNT_RECEIVED, &row->amount_received);
  if (!fault.reason) same_received(r, row);
  return fault;
}
