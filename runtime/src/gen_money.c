// A comparison and its currencies: docs/semantics.md, 6. Compiled conditions say what amounts and
// literals stand in it, and ask whether it can be evaluated, before they take values.
#include "runtime/src/eval.h"

bool amlrt__is_amount(amlrt_field f)
{
  return f == AMLRT_F_AMOUNT || f == AMLRT_F_AMOUNT_RECEIVED;
}

uint32_t amlrt__currency_at(const amlrt_worker *w, amlrt_field f, uint32_t row)
{
  const amlrt_columns *col = w->run->col;
  return f == AMLRT_F_AMOUNT ? col->currency[row] : col->currency_received[row];
}

void amlrt_cmp_begin(amlrt_worker *w, int64_t literal_time)
{
  w->cmp_one = 0;
  w->cmp_several = w->cmp_missing = false;
  w->convert = false;
  w->currency = 0;
  w->literal_time = literal_time;
}

void amlrt__note_currency(amlrt_worker *w, uint32_t currency)
{
  if (currency == 0) w->cmp_missing = true;
  if (w->cmp_one == 0) w->cmp_one = currency;
  if (w->cmp_one != currency) w->cmp_several = true;
}

static bool is_ignored(const amlrt_worker *w)
{
  return w->run->p->currency == AMLRT_CURRENCY_IGNORED;
}

void amlrt_cmp_note_row(amlrt_worker *w, amlrt_field amount, uint32_t row)
{
  if (!is_ignored(w)) amlrt__note_currency(w, amlrt__currency_at(w, amount, row));
}

void amlrt_cmp_note_literal(amlrt_worker *w, uint32_t symbol)
{
  if (!is_ignored(w)) amlrt__note_currency(w, w->run->symbol[symbol].currency);
}

void amlrt_cmp_note_stage(amlrt_worker *w, amlrt_eval *v, amlrt_field amount, uint32_t stage,
                          uint32_t role, uint32_t account)
{
  amlrt__list rows;

  if (is_ignored(w)) return;
  if (v->view) {
    v->view->ops->note(v->view, amount, stage, role, account);
    return;
  }
  if (!amlrt__rows_asked(v, stage, role, account, &rows)) return;
  for (uint32_t i = 0; i < rows.n; i++)
    amlrt__note_currency(w, amlrt__currency_at(w, amount, rows.at[i]));
}

bool amlrt_cmp_settle(amlrt_worker *w)
{
  w->convert = w->cmp_several;
  w->currency = w->cmp_several ? 0 : w->cmp_one;
  if (w->cmp_missing || w->st != AMLRT_OK) return false;
  return !w->cmp_several || w->run->opts->rates;
}

bool amlrt__convert(amlrt_worker *w, amlrt_frac *v, uint32_t currency, int64_t time)
{
  int64_t mantissa;
  int decimals;

  if (!amlrt_rates_at(w->run->opts->rates, w->run->currency[currency], time, &mantissa, &decimals))
    return false;
  *v = amlrt_frac_mul(*v, (amlrt_frac){mantissa, amlrt__ten_to(decimals)});
  return true;
}
