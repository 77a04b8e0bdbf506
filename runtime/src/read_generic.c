#include "runtime/src/block.h"

static amlrt__text text_of(amlrt__block *b, amlrt__column c)
{
  if (b->schema->at[c] == AMLRT_NONE) return (amlrt__text){"", 0};
  return amlrt__csv_text(&b->csv, b->schema->at[c]);
}

static amlrt__fault fault_in(const amlrt__block *b, amlrt__column c, amlrt__reason reason)
{
  return (amlrt__fault){reason, b->schema->at[c] + 1};
}

static amlrt__fault take_amount(amlrt__block *b, amlrt__column c, amlrt__amount *amount)
{
  amlrt__text text = text_of(b, c);

  *amount = (amlrt__amount){AMLRT_NO_AMOUNT, 0};
  if (text.n == 0) return (amlrt__fault){AMLRT__GOOD, 0};
  return fault_in(b, c, amlrt__read_amount(amount, text));
}

// Where a file has no columns for what arrives, what is paid arrives. A file that only has the
// currency that arrives does not say how much of it.
static void same_received(const amlrt__block *b, amlrt__row *row)
{
  const uint32_t *at = b->schema->at;

  if (at[AMLRT__COL_CURRENCY_RECEIVED] != AMLRT_NONE) return;
  if (at[AMLRT__COL_AMOUNT_RECEIVED] == AMLRT_NONE) row->amount_received = row->amount;
  row->currency_received = row->currency;
}

amlrt__fault amlrt__generic_row(amlrt__block *b, amlrt__row *row)
{
  amlrt__text from = text_of(b, AMLRT__COL_SRC), to = text_of(b, AMLRT__COL_DST);
  amlrt__fault fault;

  row->id = text_of(b, AMLRT__COL_ID);
  row->currency = text_of(b, AMLRT__COL_CURRENCY);
  row->currency_received = text_of(b, AMLRT__COL_CURRENCY_RECEIVED);
  row->format = text_of(b, AMLRT__COL_FORMAT);
  if (from.n == 0) return fault_in(b, AMLRT__COL_SRC, AMLRT__BAD_NO_ACCOUNT);
  if (to.n == 0) return fault_in(b, AMLRT__COL_DST, AMLRT__BAD_NO_ACCOUNT);
  if (!amlrt__block_time(b, &row->time, text_of(b, AMLRT__COL_TIME), amlrt_time_parse))
    return fault_in(b, AMLRT__COL_TIME, AMLRT__BAD_TIME);
  if (b->rows_so_far->has_id && row->id.n == 0) return fault_in(b, AMLRT__COL_ID, AMLRT__BAD_NO_ID);
  fault = take_amount(b, AMLRT__COL_AMOUNT, &row->amount);
  if (!fault.reason) fault = take_amount(b, AMLRT__COL_AMOUNT_RECEIVED, &row->amount_received);
  if (fault.reason) return fault;
  same_received(b, row);
  amlrt__block_account(b, 0, from);
  amlrt__block_account(b, 1, to);
  return fault;
}
