#include "runtime/src/block.h"
#include "runtime/src/time.h"

// Whether one of the eight bytes of w is c: the lowest such byte leaves a high bit set, and where there
// is none, no bit is.
static bool has_byte(uint64_t w, unsigned char c)
{
  const uint64_t ones = UINT64_C(0x0101010101010101);
  uint64_t x = w ^ ones * c;

  return ((x - ones) & ~x & ones << 7) != 0;
}

static bool has_colon(amlrt__text bank)
{
  if (bank.n <= 8) return has_byte(amlrt__csv_word(bank), ':');
  for (size_t i = 0; i < bank.n; i++)
    if (bank.at[i] == ':') return true;
  return false;
}

static amlrt__fault take_account(amlrt__block *b, uint32_t bank_column, int which)
{
  amlrt__text bank = amlrt__csv_text(&b->csv, bank_column);
  amlrt__text account = amlrt__csv_text(&b->csv, bank_column + 1);

  if (bank.n == 0) return (amlrt__fault){AMLRT__BAD_NO_BANK, bank_column + 1};
  if (has_colon(bank)) return (amlrt__fault){AMLRT__BAD_BANK_COLON, bank_column + 1};
  if (account.n == 0) return (amlrt__fault){AMLRT__BAD_NO_ACCOUNT, bank_column + 2};
  amlrt__block_bank_account(b, which, bank, account);
  return (amlrt__fault){AMLRT__GOOD, 0};
}

// Mostly what is paid arrives.
static amlrt__fault take_amounts(amlrt__csv *csv, amlrt__row *row)
{
  amlrt__text received = amlrt__csv_text(csv, AMLRT__IBM_AMOUNT_RECEIVED);
  amlrt__text paid = amlrt__csv_text(csv, AMLRT__IBM_AMOUNT_PAID);
  amlrt__reason reason = amlrt__read_amount(&row->amount_received, received);

  if (reason) return (amlrt__fault){reason, AMLRT__IBM_AMOUNT_RECEIVED + 1};
  row->amount = row->amount_received;
  if (amlrt__block_same(paid, received)) return (amlrt__fault){AMLRT__GOOD, 0};
  return (amlrt__fault){amlrt__read_amount(&row->amount, paid), AMLRT__IBM_AMOUNT_PAID + 1};
}

amlrt__fault amlrt__ibm_row(amlrt__block *b, amlrt__row *row)
{
  amlrt__csv *csv = &b->csv;
  amlrt__fault fault;

  if (!amlrt__block_time(b, &row->time, amlrt__csv_text(csv, AMLRT__IBM_TIME), amlrt__time_ibm))
    return (amlrt__fault){AMLRT__BAD_TIME, AMLRT__IBM_TIME + 1};
  fault = take_account(b, AMLRT__IBM_FROM_BANK, 0);
  if (!fault.reason) fault = take_account(b, AMLRT__IBM_TO_BANK, 1);
  if (!fault.reason) fault = take_amounts(csv, row);
  row->currency = amlrt__csv_text(csv, AMLRT__IBM_CURRENCY_PAID);
  row->currency_received = amlrt__csv_text(csv, AMLRT__IBM_CURRENCY_RECEIVED);
  row->format = amlrt__csv_text(csv, AMLRT__IBM_FORMAT);
  return fault;
}
