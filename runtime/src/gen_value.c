// Values of expressions: docs/semantics.md, 5 and 6.
#include "runtime/src/error.h"
#include "runtime/src/eval.h"

#include <string.h>

static amlrt_num number(amlrt_frac v)
{
  return (amlrt_num){.kind = AMLRT_NUM_NUMBER, .v = v};
}

static amlrt_num whole(amlrt_i128 v)
{
  return number((amlrt_frac){v, 1});
}

static amlrt_num unknown(void)
{
  return (amlrt_num){.kind = AMLRT_NUM_UNKNOWN};
}

static amlrt_num nothing(void)
{
  return (amlrt_num){.kind = AMLRT_NUM_NOTHING};
}

// ---- one transfer -----------------------------------------------------------------------------------

static amlrt_num amount_of(amlrt_worker *w, amlrt_field f, uint32_t row)
{
  const amlrt_columns *col = w->run->col;
  int64_t mantissa = f == AMLRT_F_AMOUNT ? col->amount[row] : col->amount_received[row];
  uint32_t currency = amlrt__currency_at(w, f, row);

  if (mantissa == AMLRT_NO_AMOUNT) return unknown();
  amlrt_frac v = {mantissa, w->run->unit[currency]};
  if (w->convert && !amlrt__convert(w, &v, currency, col->time[row])) return unknown();
  return number(v);
}

static amlrt_num currency_text(const amlrt_worker *w, uint32_t currency)
{
  if (currency == 0) return unknown();
  return (amlrt_num){
      .kind = AMLRT_NUM_TEXT, .text = w->run->currency[currency], .is_currency = true};
}

static amlrt_num format_text(const amlrt_worker *w, uint16_t format)
{
  if (format == 0) return unknown();
  return amlrt_num_text(amlrt_table_format(w->run->table, format));
}

static amlrt_num account_of(uint32_t account)
{
  return (amlrt_num){.kind = AMLRT_NUM_ACCOUNT, .account = account};
}

amlrt_num amlrt_num_field(amlrt_worker *w, amlrt_field f, uint32_t row)
{
  const amlrt_columns *col = w->run->col;

  switch (f) {
  case AMLRT_F_AMOUNT:
  case AMLRT_F_AMOUNT_RECEIVED:
    return amount_of(w, f, row);
  case AMLRT_F_CURRENCY:
    return currency_text(w, col->currency[row]);
  case AMLRT_F_CURRENCY_RECEIVED:
    return currency_text(w, col->currency_received[row]);
  case AMLRT_F_FORMAT:
    return format_text(w, col->format[row]);
  case AMLRT_F_TIME:
    return whole(col->time[row]);
  case AMLRT_F_FROM:
    return account_of(col->from[row]);
  case AMLRT_F_TO:
    return account_of(col->to[row]);
  }
  return unknown();
}

static amlrt_num extra_of(const amlrt_extra *x, uint32_t i)
{
  if (!x) return unknown();
  if (x->type == AMLRT_COL_TEXT) return x->text[i] ? amlrt_num_text(x->text[i]) : unknown();
  if (x->mantissa[i] == AMLRT_NO_AMOUNT) return unknown();
  return number((amlrt_frac){x->mantissa[i], amlrt__ten_to(x->decimals)});
}

amlrt_num amlrt_num_column(amlrt_worker *w, uint32_t symbol, uint32_t row)
{
  return extra_of(w->run->symbol[symbol].extra, row);
}

amlrt_num amlrt_num_attribute(amlrt_worker *w, uint32_t symbol, uint32_t row, uint32_t end)
{
  return extra_of(w->run->symbol[symbol].extra, amlrt__at_end(w, row, (int)end));
}

amlrt_num amlrt_num_gap(amlrt_worker *w, uint32_t from_row, uint32_t to_row)
{
  const int64_t *time = w->run->col->time;

  if (time[to_row] <= time[from_row]) return unknown();
  return whole((amlrt_i128)time[to_row] - time[from_row]);
}

amlrt_num amlrt_num_const(amlrt_frac v)
{
  return number(v);
}

amlrt_num amlrt_num_money(amlrt_worker *w, amlrt_frac v, uint32_t symbol)
{
  uint32_t currency = w->run->symbol[symbol].currency;

  if (w->convert && !amlrt__convert(w, &v, currency, w->literal_time)) return unknown();
  return number(v);
}

amlrt_num amlrt_num_text(const char *text)
{
  return (amlrt_num){.kind = AMLRT_NUM_TEXT, .text = text};
}

// ---- many transfers ---------------------------------------------------------------------------------

typedef struct many { // what an aggregate is taken over
  amlrt_worker *w;
  amlrt_field field;
  const amlrt_extra *extra; // of a column
  bool is_column;
  amlrt__list rows;
} many;

static amlrt_num value_at(const many *m, uint32_t row)
{
  return m->is_column ? extra_of(m->extra, row) : amlrt_num_field(m->w, m->field, row);
}

// Decimals of an amount or column that is taken as it is; false: not given, or no such field.
static bool plain(const many *m, uint32_t row, int64_t *v, int *decimals)
{
  const amlrt__run *run = m->w->run;

  if (!m->is_column && amlrt__is_amount(m->field)) {
    bool paid = m->field == AMLRT_F_AMOUNT;
    *v = paid ? run->col->amount[row] : run->col->amount_received[row];
    *decimals = run->decimals[amlrt__currency_at(m->w, m->field, row)];
  } else {
    if (!m->is_column || !m->extra || m->extra->type != AMLRT_COL_NUMBER) return false;
    *v = m->extra->mantissa[row];
    *decimals = m->extra->decimals;
  }
  return *v != AMLRT_NO_AMOUNT;
}

enum { MOST_DECIMALS = 38 };

// The exact sum: whole numbers by number of decimals, which 128 bits hold for any table.
static amlrt_num plain_sum(const many *m)
{
  amlrt_i128 sum[MOST_DECIMALS + 1] = {0};
  amlrt_frac total = {0, 1};
  int64_t v;
  int decimals, most = -1;

  for (uint32_t i = 0; i < m->rows.n; i++) {
    if (!plain(m, m->rows.at[i], &v, &decimals)) return unknown();
    if (decimals < 0 || decimals > MOST_DECIMALS) AMLRT__BUG("more decimals than amounts have");
    if (decimals > most) most = decimals;
    sum[decimals] += v;
  }
  for (int d = 0; d <= most; d++)
    if (sum[d]) total = amlrt_frac_add(total, (amlrt_frac){sum[d], amlrt__ten_to(d)});
  return number(total);
}

// Several currencies: each amount converted at its own time, added in the order of transfers.
static amlrt_num converted_sum(const many *m)
{
  amlrt_frac total = {0, 1};

  for (uint32_t i = 0; i < m->rows.n; i++) {
    amlrt_num v = value_at(m, m->rows.at[i]);
    if (v.kind != AMLRT_NUM_NUMBER) return unknown();
    total = amlrt_frac_add(total, v.v);
  }
  return number(total);
}

static amlrt_num sum_of(const many *m)
{
  bool time = !m->is_column && m->field == AMLRT_F_TIME;

  if (!amlrt__step(m->w, m->rows.n)) return unknown();
  return m->w->convert || time ? converted_sum(m) : plain_sum(m);
}

static amlrt_num mean_of(const many *m)
{
  amlrt_num sum = sum_of(m);

  if (sum.kind != AMLRT_NUM_NUMBER) return sum;
  if (!amlrt_frac_div(&sum.v, sum.v, amlrt_frac_int(m->rows.n))) return nothing();
  return sum;
}

// The least (sign -1) or the greatest (sign 1).
static amlrt_num extreme(const many *m, int sign)
{
  amlrt_num best = nothing();

  if (!amlrt__step(m->w, m->rows.n)) return unknown();
  for (uint32_t i = 0; i < m->rows.n; i++) {
    amlrt_num v = value_at(m, m->rows.at[i]);
    if (v.kind != AMLRT_NUM_NUMBER) return unknown();
    if (i == 0 || amlrt_frac_cmp(v.v, best.v) * sign > 0) best = v;
  }
  return best;
}

static int value_order(const void *user, const void *pa, const void *pb)
{
  const amlrt_num *a = pa, *b = pb;

  (void)user;
  if (a->kind == AMLRT_NUM_TEXT) return strcmp(a->text, b->text);
  // Of an amount, `account` holds its currency: 5 USD and 5 EUR are different.
  if (a->account != b->account) return a->account < b->account ? -1 : 1;
  return a->kind == AMLRT_NUM_NUMBER ? amlrt_frac_cmp(a->v, b->v) : 0;
}

static amlrt_num distinct_key(const many *m, uint32_t row)
{
  amlrt_num v = value_at(m, row);

  if (m->w->run->p->currency == AMLRT_CURRENCY_IGNORED) return v;
  if (!m->is_column && amlrt__is_amount(m->field))
    v.account = amlrt__currency_at(m->w, m->field, row);
  return v;
}

// How many different ones; what is not given counts for nothing. Never unknown.
static amlrt_num distinct(const many *m)
{
  amlrt_worker *w = m->w;
  uint32_t n_given = 0, n_different = 0;
  bool convert = w->convert;
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  amlrt_num *value = amlrt__take(w, m->rows.n, sizeof *value);
  const void **given = amlrt__take(w, m->rows.n, sizeof *given);

  if (!value || !given) return unknown();
  w->convert = false; // as they are
  for (uint32_t i = 0; i < m->rows.n; i++) {
    value[i] = distinct_key(m, m->rows.at[i]);
    if (value[i].kind != AMLRT_NUM_UNKNOWN) given[n_given++] = &value[i];
  }
  w->convert = convert;
  if (!amlrt__sort_by(w, given, n_given, value_order, NULL)) return unknown();
  for (uint32_t i = 0; i < n_given; i++)
    n_different += i == 0 || value_order(NULL, given[i - 1], given[i]) != 0;
  amlrt__mem_back(&w->scratch, mark);
  return whole(n_different);
}

static amlrt_num aggregate(const many *m, amlrt_agg what)
{
  switch (what) {
  case AMLRT_A_SUM:
    return sum_of(m);
  case AMLRT_A_MIN:
    return extreme(m, -1);
  case AMLRT_A_MAX:
    return extreme(m, 1);
  case AMLRT_A_MEAN:
    return mean_of(m);
  case AMLRT_A_DISTINCT:
    return distinct(m);
  }
  return unknown();
}

amlrt_num amlrt_num_agg(amlrt_worker *w, amlrt_eval *v, amlrt_agg what, amlrt_field f,
                        uint32_t stage, uint32_t role, uint32_t account)
{
  many m = {.w = w, .field = f};

  if (v->view)
    return v->view->ops->agg(
        v->view, &(const amlrt__view_agg){
                     .what = what, .field = f, .stage = stage, .role = role, .account = account});
  if (v->alone && f != AMLRT_F_AMOUNT) v->unsure = true; // of others it may be missing
  if (!amlrt__rows_asked(v, stage, role, account, &m.rows)) return unknown();
  return aggregate(&m, what);
}

amlrt_num amlrt_num_agg_column(amlrt_worker *w, amlrt_eval *v, amlrt_agg what, uint32_t symbol,
                               uint32_t stage, uint32_t role, uint32_t account)
{
  many m = {.w = w, .is_column = true, .extra = w->run->symbol[symbol].extra};

  if (v->view)
    return v->view->ops->agg(v->view, &(const amlrt__view_agg){.what = what,
                                                               .is_column = true,
                                                               .symbol = symbol,
                                                               .stage = stage,
                                                               .role = role,
                                                               .account = account});
  if (v->alone) v->unsure = true; // of others it may be missing
  if (!amlrt__rows_asked(v, stage, role, account, &m.rows)) return unknown();
  return aggregate(&m, what);
}

amlrt_num amlrt_num_count(amlrt_worker *w, amlrt_eval *v, uint32_t stage, uint32_t role,
                          uint32_t account)
{
  amlrt__list rows;

  (void)w;
  if (v->view) return whole((amlrt_i128)v->view->ops->count(v->view, stage, role, account));
  return amlrt__rows_asked(v, stage, role, account, &rows) ? whole(rows.n) : unknown();
}

amlrt_num amlrt_num_first(amlrt_worker *w, amlrt_eval *v, uint32_t stage, uint32_t role,
                          uint32_t account)
{
  amlrt__list rows;
  int64_t time;

  if (v->view)
    return v->view->ops->first(v->view, stage, role, account, &time) ? whole(time) : nothing();
  if (!amlrt__rows_asked(v, stage, role, account, &rows)) return unknown();
  return rows.n ? whole(w->run->col->time[rows.at[0]]) : nothing();
}

amlrt_num amlrt_num_last(amlrt_worker *w, amlrt_eval *v, uint32_t stage, uint32_t role,
                         uint32_t account)
{
  amlrt__list rows;
  int64_t time;

  if (v->view)
    return v->view->ops->last(v->view, stage, role, account, &time) ? whole(time) : nothing();
  if (!amlrt__rows_asked(v, stage, role, account, &rows)) return unknown();
  return rows.n ? whole(w->run->col->time[rows.at[rows.n - 1]]) : nothing();
}

amlrt_num amlrt_num_members(amlrt_worker *w, amlrt_eval *v, uint32_t counted_role)
{
  (void)w;
  if (v->view) return whole((amlrt_i128)v->view->ops->members(v->view, counted_role));
  if (v->alone) v->unsure = true;
  return whole(amlrt__n_left(v, counted_role));
}

// From the first to the last transfer left of the match, whatever is asked of.
amlrt_num amlrt_num_span(amlrt_worker *w, amlrt_eval *v)
{
  const int64_t *time = w->run->col->time;
  uint32_t first = AMLRT_NONE, last = 0;
  int64_t seconds;

  if (v->view) return v->view->ops->span(v->view, &seconds) ? whole(seconds) : nothing();
  for (uint32_t i = 0; i < w->run->n_stages; i++) {
    const amlrt__tx *tx = &v->tx[i];
    for (uint32_t k = 0; k < tx->n; k++) {
      if (!tx->left[k]) continue;
      if (tx->row[k] < first) first = tx->row[k];
      if (tx->row[k] > last) last = tx->row[k];
    }
  }
  if (first == AMLRT_NONE) return nothing();
  return whole((amlrt_i128)time[last] - time[first]);
}

// ---- arithmetic -------------------------------------------------------------------------------------

// Both numbers? If not, *out says why: unknown wins over nothing.
static bool operands(const amlrt_num *a, const amlrt_num *b, amlrt_num *out)
{
  if (a->kind == AMLRT_NUM_NUMBER && b->kind == AMLRT_NUM_NUMBER) return true;
  bool none = (a->kind == AMLRT_NUM_NUMBER || a->kind == AMLRT_NUM_NOTHING) &&
              (b->kind == AMLRT_NUM_NUMBER || b->kind == AMLRT_NUM_NOTHING);
  *out = none ? nothing() : unknown();
  return false;
}

amlrt_num amlrt_num_add(amlrt_num a, amlrt_num b)
{
  amlrt_num out;
  return operands(&a, &b, &out) ? number(amlrt_frac_add(a.v, b.v)) : out;
}

amlrt_num amlrt_num_sub(amlrt_num a, amlrt_num b)
{
  amlrt_num out;
  return operands(&a, &b, &out) ? number(amlrt_frac_sub(a.v, b.v)) : out;
}

amlrt_num amlrt_num_mul(amlrt_num a, amlrt_num b)
{
  amlrt_num out;
  return operands(&a, &b, &out) ? number(amlrt_frac_mul(a.v, b.v)) : out;
}

amlrt_num amlrt_num_div(amlrt_num a, amlrt_num b)
{
  amlrt_num out;

  if (!operands(&a, &b, &out)) return out;
  return amlrt_frac_div(&a.v, a.v, b.v) ? a : nothing();
}

amlrt_num amlrt_num_neg(amlrt_num a)
{
  if (a.kind == AMLRT_NUM_TEXT || a.kind == AMLRT_NUM_ACCOUNT) return unknown();
  if (a.kind == AMLRT_NUM_NUMBER) a.v.num = -a.v.num;
  return a;
}
