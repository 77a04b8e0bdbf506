#include "runtime/src/read.h"
#include "runtime/src/time.h"

#include <string.h>

// "bank:account" at *at, which moves past it.
static amlrt__text make_key(char **at, amlrt__text bank, amlrt__text account)
{
  amlrt__text key = {*at, bank.n + 1 + account.n};

  memcpy(*at, bank.at, bank.n);
  (*at)[bank.n] = ':';
  memcpy(*at + bank.n + 1, account.at, account.n);
  *at += key.n;
  return key;
}

static amlrt__fault take_account(amlrt__csv *csv, uint32_t bank_column, char **keys,
                                 amlrt__text *key)
{
  amlrt__text bank = amlrt__csv_text(csv, bank_column);
  amlrt__text account = amlrt__csv_text(csv, bank_column + 1);

  if (bank.n == 0) return (amlrt__fault){AMLRT__BAD_NO_BANK, bank_column + 1};
  if (memchr(bank.at, ':', bank.n)) return (amlrt__fault){AMLRT__BAD_BANK_COLON, bank_column + 1};
  if (account.n == 0) return (amlrt__fault){AMLRT__BAD_NO_ACCOUNT, bank_column + 2};
  *key = make_key(keys, bank, account);
  return (amlrt__fault){AMLRT__GOOD, 0};
}

static amlrt__fault take_amount(amlrt__csv *csv, uint32_t column, amlrt__amount *amount)
{
  return (amlrt__fault){amlrt__read_amount(amount, amlrt__csv_text(csv, column)), column + 1};
}

amlrt__fault amlrt__ibm_row(amlrt__reader *r, amlrt__row *row)
{
  amlrt__csv *csv = &r->csv;
  char *keys = r->keys;
  amlrt__text time = amlrt__csv_text(csv, AMLRT__IBM_TIME);
  amlrt__fault fault;

  if (!amlrt__time_ibm(&row->time, time.at, time.n))
    return (amlrt__fault){AMLRT__BAD_TIME, AMLRT__IBM_TIME + 1};
  fault = take_account(csv, AMLRT__IBM_FROM_BANK, &keys, &row->from);
  if (!fault.reason) fault = take_account(csv, AMLRT__IBM_TO_BANK, &keys, &row->to);
  if (!fault.reason) fault = take_amount(csv, AMLRT__IBM_AMOUNT_RECEIVED, &row->amount_received);
  if (!fault.reason) fault = take_amount(csv, AMLRT__IBM_AMOUNT_PAID, &row->amount);
  row->currency = amlrt__csv_text(csv, AMLRT__IBM_CURRENCY_PAID);
  row->currency_received = amlrt__csv_text(csv, AMLRT__IBM_CURRENCY_RECEIVED);
  row->format = amlrt__csv_text(csv, AMLRT__IBM_FORMAT);
  return fault;
}
