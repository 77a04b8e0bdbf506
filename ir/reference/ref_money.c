// Amounts, their currencies, and when they can be added, compared or divided: docs/semantics.md, 6.
#include "ir/reference/ref_inside.h"

int ref_decimals(const ref_cx *rx, uint32_t currency)
{
  int decimals = 0;
  amlrt_table_currency(rx->table, (amlrt_currency)currency, &decimals);
  return decimals;
}

amlrt_i128 ref_ten_to(int n)
{
  amlrt_i128 v = 1;
  for (int i = 0; i < n; i++)
    v *= 10;
  return v;
}

static bool is_amount(const ref_node *at)
{
  return at->field == REF_AMOUNT || at->field == REF_AMOUNT_RECEIVED;
}

static uint32_t currency_at(const ref_cx *rx, uint32_t field, uint32_t row)
{
  return field == REF_AMOUNT ? rx->col->currency[row] : rx->col->currency_received[row];
}

// ---- which currencies a comparison holds ------------------------------------------------------------

void ref_currencies_add(ref_currencies *c, uint32_t currency)
{
  if (currency == 0) c->missing = true;
  if (c->one == 0) c->one = currency;
  if (c->one != currency) c->several = true;
}

static bool add_rows(ref_scope *s, const gir_node *n, const ref_node *at, ref_currencies *c)
{
  ref_list rows;

  if (!ref_scope_rows(s, n->args[0], &rows)) return false;
  for (uint32_t i = 0; i < rows.n; i++)
    ref_currencies_add(c, currency_at(s->rx, at->field, rows.at[i]));
  return true;
}

static bool is_sum_like(gir_op op)
{
  return op == GIR_SUM || op == GIR_MIN || op == GIR_MAX || op == GIR_MEAN;
}

bool ref_currencies_of(ref_scope *s, const gir_node *n, ref_currencies *c)
{
  const ref_node *at = &s->rx->plan.node[n->id];

  if (s->rx->p->currency == GIR_CURRENCY_IGNORED) return true;
  if (is_sum_like(n->op)) return !is_amount(at) || add_rows(s, n, at, c);
  if (n->op == GIR_FIELD && is_amount(at))
    ref_currencies_add(c, currency_at(s->rx, at->field, s->row[n->imm[0]]));
  if ((n->op == GIR_CONST || n->op == GIR_IN_RANGE) && at->currency)
    ref_currencies_add(c, at->currency);
  for (uint32_t k = 0; k < n->n_args; k++) {
    const gir_node *arg = n->args[k];
    if (!arg || arg->type == TY_ROLE || arg->type == TY_STAGE) continue;
    if (!ref_currencies_of(s, arg, c)) return false;
  }
  return true;
}

bool ref_settle(ref_scope *s, const ref_currencies *c)
{
  s->convert = c->several;
  s->currency = c->several ? 0 : c->one;
  if (c->missing) return false;
  return !c->several || s->rx->opts->rates;
}

// ---- amounts ----------------------------------------------------------------------------------------

bool ref_converted(ref_scope *s, amlrt_frac *v, uint32_t currency, int64_t time)
{
  int64_t mantissa;
  int decimals;
  const char *text = s->rx->plan.currency[currency];

  if (!amlrt_rates_at(s->rx->opts->rates, text, time, &mantissa, &decimals)) return false;
  *v = amlrt_frac_mul(*v, (amlrt_frac){mantissa, ref_ten_to(decimals)});
  return true;
}

static ref_value amount_of(ref_scope *s, uint32_t field, uint32_t row)
{
  const amlrt_columns *col = s->rx->col;
  int64_t mantissa = field == REF_AMOUNT ? col->amount[row] : col->amount_received[row];
  uint32_t currency = currency_at(s->rx, field, row);

  if (mantissa == AMLRT_NO_AMOUNT) return ref_unknown();
  amlrt_frac v = {mantissa, ref_ten_to(ref_decimals(s->rx, currency))};
  if (s->convert && !ref_converted(s, &v, currency, col->time[row])) return ref_unknown();
  return ref_number(v);
}

// ---- fields -----------------------------------------------------------------------------------------

static ref_value account(uint32_t a)
{
  return (ref_value){.kind = REF_ACCOUNT, .account = a};
}

static ref_value currency_text(const ref_cx *rx, uint32_t currency)
{
  if (currency == 0) return ref_unknown();
  return (ref_value){.kind = REF_TEXT, .text = rx->plan.currency[currency], .is_currency = true};
}

static ref_value format_text(const ref_cx *rx, uint16_t format)
{
  if (format == 0) return ref_unknown();
  return (ref_value){.kind = REF_TEXT, .text = amlrt_table_format(rx->table, format)};
}

static ref_value extra_of(const amlrt_extra *x, uint32_t i)
{
  if (!x) return ref_unknown();
  if (x->type == AMLRT_COL_TEXT)
    return x->text[i] ? (ref_value){.kind = REF_TEXT, .text = x->text[i]} : ref_unknown();
  if (x->mantissa[i] == AMLRT_NO_AMOUNT) return ref_unknown();
  return ref_number((amlrt_frac){x->mantissa[i], ref_ten_to(x->decimals)});
}

ref_value ref_field_of(ref_scope *s, const ref_node *at, uint32_t row)
{
  const amlrt_columns *col = s->rx->col;

  switch ((ref_field)at->field) {
  case REF_AMOUNT:
  case REF_AMOUNT_RECEIVED:
    return amount_of(s, at->field, row);
  case REF_CURRENCY:
    return currency_text(s->rx, col->currency[row]);
  case REF_CURRENCY_RECEIVED:
    return currency_text(s->rx, col->currency_received[row]);
  case REF_FORMAT:
    return format_text(s->rx, col->format[row]);
  case REF_TIME:
    return ref_number(amlrt_frac_int(col->time[row]));
  case REF_FROM:
    return account(col->from[row]);
  case REF_TO:
    return account(col->to[row]);
  case REF_N_FIELDS:
    break;
  }
  return extra_of(at->extra, row);
}

// An attribute of the account at one end of a transfer: `from.bank`.
ref_value ref_attribute_of(ref_scope *s, const ref_node *at, uint32_t row, int end)
{
  return extra_of(at->extra, ref_at_end(s->rx, row, end));
}
