// Values of expressions: docs/semantics.md, 5 (the value shown) and 6.
#include "ir/reference/ref_inside.h"

#include <string.h>

ref_value ref_number(amlrt_frac v)
{
  return (ref_value){.kind = REF_NUMBER, .v = v};
}

ref_value ref_unknown(void)
{
  return (ref_value){.kind = REF_UNKNOWN};
}

ref_value ref_nothing(void)
{
  return (ref_value){.kind = REF_NOTHING};
}

static ref_value whole(int64_t v)
{
  return ref_number(amlrt_frac_int(v));
}

// ---- scopes -----------------------------------------------------------------------------------------

ref_scope ref_scope_row(ref_cx *rx, uint32_t row)
{
  return ref_scope_pair(rx, row, AMLRT_NONE);
}

ref_scope ref_scope_pair(ref_cx *rx, uint32_t row0, uint32_t row1)
{
  return (ref_scope){
      .rx = rx, .row = {row0, row1}, .role = AMLRT_NONE, .literal_time = rx->col->time[row0]};
}

bool ref_scope_member(ref_eval *ev, uint32_t role, uint32_t member, ref_scope *out)
{
  *out = (ref_scope){.rx = ev->rx,
                     .row = {AMLRT_NONE, AMLRT_NONE},
                     .ev = ev,
                     .role = role,
                     .member = member,
                     .literal_time = ev->rx->now.time};
  out->rows = ref_take(ev->rx, ev->rx->plan.n_stages, sizeof *out->rows);
  return out->rows != NULL;
}

bool ref_scope_match(ref_eval *ev, ref_scope *out)
{
  return ref_scope_member(ev, AMLRT_NONE, 0, out);
}

// A stage name means the member's transfers in it, or all of the match.
bool ref_scope_rows(ref_scope *s, const gir_node *stage, ref_list *out)
{
  uint32_t i = s->rx->plan.node[stage->id].index;

  if (!s->rows[i].at) {
    bool ok = s->role == AMLRT_NONE ? ref_rows_left(s->ev, i, &s->rows[i])
                                    : ref_rows_of(s->ev, i, s->role, s->member, &s->rows[i]);
    if (!ok) return false;
  }
  *out = s->rows[i];
  return true;
}

// ---- one transfer -----------------------------------------------------------------------------------

static ref_value value_field(ref_scope *s, const gir_node *n)
{
  return ref_field_of(s, &s->rx->plan.node[n->id], s->row[n->imm[0]]);
}

static ref_value value_column(ref_scope *s, const gir_node *n)
{
  return value_field(s, n);
}

static ref_value value_attribute(ref_scope *s, const gir_node *n)
{
  int end = n->imm[1] == 0 ? REF_FROM_END : REF_TO_END;
  return ref_attribute_of(s, &s->rx->plan.node[n->id], s->row[n->imm[0]], end);
}

// From side i to side j, where that is strictly later; else there is no pair.
static ref_value value_gap(ref_scope *s, const gir_node *n)
{
  const int64_t *time = s->rx->col->time;
  int64_t from = time[s->row[n->imm[0]]], to = time[s->row[n->imm[1]]];

  if (to <= from) return ref_unknown();
  return ref_number(amlrt_frac_int((amlrt_i128)to - from));
}

// ---- many transfers ---------------------------------------------------------------------------------

static ref_value value_count_role(ref_scope *s, const gir_node *n)
{
  return whole(ref_n_left(s->ev, ref_role_of(s->rx, n->args[0])));
}

static ref_value value_count(ref_scope *s, const gir_node *n)
{
  ref_list rows;
  return ref_scope_rows(s, n->args[0], &rows) ? whole(rows.n) : ref_unknown();
}

// Decimals of an amount or column that is taken as it is; false: not given, or not such a field.
static bool plain(const ref_scope *s, const ref_node *at, uint32_t row, int64_t *v, int *decimals)
{
  const amlrt_columns *col = s->rx->col;

  if (at->field == REF_AMOUNT) {
    *v = col->amount[row];
    *decimals = ref_decimals(s->rx, col->currency[row]);
  } else if (at->field == REF_AMOUNT_RECEIVED) {
    *v = col->amount_received[row];
    *decimals = ref_decimals(s->rx, col->currency_received[row]);
  } else {
    if (!at->extra || at->extra->type != AMLRT_COL_NUMBER) return false;
    *v = at->extra->mantissa[row];
    *decimals = at->extra->decimals;
  }
  return *v != AMLRT_NO_AMOUNT;
}

enum { MOST_DECIMALS = 38 };

// The exact sum: whole numbers by number of decimals, which 128 bits hold for any table.
static ref_value plain_sum(ref_scope *s, const ref_node *at, const ref_list *rows)
{
  amlrt_i128 sum[MOST_DECIMALS + 1] = {0};
  amlrt_frac total = {0, 1};
  int64_t v;
  int decimals;

  for (uint32_t i = 0; i < rows->n; i++) {
    if (!plain(s, at, rows->at[i], &v, &decimals)) return ref_unknown();
    AML_BUG_UNLESS(decimals >= 0 && decimals <= MOST_DECIMALS);
    sum[decimals] += v;
  }
  for (int d = 0; d <= MOST_DECIMALS; d++)
    if (sum[d]) total = amlrt_frac_add(total, (amlrt_frac){sum[d], ref_ten_to(d)});
  return ref_number(total);
}

// Several currencies: each amount converted at its own time, added in the order of transfers.
static ref_value converted_sum(ref_scope *s, const ref_node *at, const ref_list *rows)
{
  amlrt_frac total = {0, 1};

  for (uint32_t i = 0; i < rows->n; i++) {
    ref_value v = ref_field_of(s, at, rows->at[i]);
    if (v.kind != REF_NUMBER) return ref_unknown();
    total = amlrt_frac_add(total, v.v);
  }
  return ref_number(total);
}

static ref_value sum_of(ref_scope *s, const gir_node *n, const ref_list *rows)
{
  const ref_node *at = &s->rx->plan.node[n->id];

  if (!ref_step(s->rx, rows->n)) return ref_unknown();
  return s->convert || at->field == REF_TIME ? converted_sum(s, at, rows) : plain_sum(s, at, rows);
}

static ref_value value_sum(ref_scope *s, const gir_node *n)
{
  ref_list rows;
  return ref_scope_rows(s, n->args[0], &rows) ? sum_of(s, n, &rows) : ref_unknown();
}

static ref_value value_mean(ref_scope *s, const gir_node *n)
{
  ref_list rows;

  if (!ref_scope_rows(s, n->args[0], &rows)) return ref_unknown();
  ref_value sum = sum_of(s, n, &rows);
  if (sum.kind != REF_NUMBER) return sum;
  if (!amlrt_frac_div(&sum.v, sum.v, amlrt_frac_int(rows.n))) return ref_nothing();
  return sum;
}

// The least (sign -1) or the greatest (sign 1).
static ref_value extreme(ref_scope *s, const gir_node *n, int sign)
{
  const ref_node *at = &s->rx->plan.node[n->id];
  ref_value best = ref_nothing();
  ref_list rows;

  if (!ref_scope_rows(s, n->args[0], &rows) || !ref_step(s->rx, rows.n)) return ref_unknown();
  for (uint32_t i = 0; i < rows.n; i++) {
    ref_value v = ref_field_of(s, at, rows.at[i]);
    if (v.kind != REF_NUMBER) return ref_unknown();
    if (i == 0 || amlrt_frac_cmp(v.v, best.v) * sign > 0) best = v;
  }
  return best;
}

static ref_value value_min(ref_scope *s, const gir_node *n)
{
  return extreme(s, n, -1);
}

static ref_value value_max(ref_scope *s, const gir_node *n)
{
  return extreme(s, n, 1);
}

static ref_value value_first(ref_scope *s, const gir_node *n)
{
  ref_list rows;

  if (!ref_scope_rows(s, n->args[0], &rows)) return ref_unknown();
  return rows.n ? whole(s->rx->col->time[rows.at[0]]) : ref_nothing();
}

static ref_value value_last(ref_scope *s, const gir_node *n)
{
  ref_list rows;

  if (!ref_scope_rows(s, n->args[0], &rows)) return ref_unknown();
  return rows.n ? whole(s->rx->col->time[rows.at[rows.n - 1]]) : ref_nothing();
}

// From the first to the last transfer left of the match, whatever the scope.
static ref_value value_span(ref_scope *s, const gir_node *n)
{
  uint32_t first = AMLRT_NONE, last = 0;

  (void)n;
  for (uint32_t i = 0; i < s->rx->plan.n_stages; i++) {
    const ref_tx *tx = &s->ev->tx[i];
    for (uint32_t k = 0; k < tx->n; k++) {
      if (!tx->left[k]) continue;
      if (tx->row[k] < first) first = tx->row[k];
      if (tx->row[k] > last) last = tx->row[k];
    }
  }
  if (first == AMLRT_NONE) return ref_nothing();
  const int64_t *time = s->rx->col->time;
  return ref_number(amlrt_frac_int((amlrt_i128)time[last] - time[first]));
}

// ---- distinct ---------------------------------------------------------------------------------------

static int text_order(const ref_value *a, const ref_value *b)
{
  return strcmp(a->text, b->text);
}

static int value_order(const void *user, const void *pa, const void *pb)
{
  const ref_value *a = pa, *b = pb;

  (void)user;
  if (a->kind == REF_TEXT) return text_order(a, b);
  // Of an amount, `account` holds its currency: 5 USD and 5 EUR are different.
  if (a->account != b->account) return a->account < b->account ? -1 : 1;
  return a->kind == REF_NUMBER ? amlrt_frac_cmp(a->v, b->v) : 0;
}

static ref_value distinct_key(ref_scope *s, const ref_node *at, uint32_t row)
{
  ref_value v = ref_field_of(s, at, row);

  if (s->rx->p->currency == GIR_CURRENCY_IGNORED) return v;
  if (at->field == REF_AMOUNT) v.account = s->rx->col->currency[row];
  if (at->field == REF_AMOUNT_RECEIVED) v.account = s->rx->col->currency_received[row];
  return v;
}

// How many different ones; what is not given counts for nothing. Never unknown.
static ref_value value_distinct(ref_scope *s, const gir_node *n)
{
  const ref_node *at = &s->rx->plan.node[n->id];
  ref_scope as_is = *s;
  ref_list rows;
  uint32_t n_given = 0, n_different = 0;

  as_is.convert = false;
  if (!ref_scope_rows(s, n->args[0], &rows)) return ref_unknown();
  ref_value *value = ref_take(s->rx, rows.n, sizeof *value);
  const void **given = ref_take(s->rx, rows.n, sizeof *given);
  if (!value || !given) return ref_unknown();
  for (uint32_t i = 0; i < rows.n; i++) {
    value[i] = distinct_key(&as_is, at, rows.at[i]);
    if (value[i].kind != REF_UNKNOWN) given[n_given++] = &value[i];
  }
  if (!ref_sort_by(s->rx, given, n_given, value_order, NULL)) return ref_unknown();
  for (uint32_t i = 0; i < n_given; i++)
    n_different += i == 0 || value_order(NULL, given[i - 1], given[i]) != 0;
  return whole(n_different);
}

// ---- constants and arithmetic -----------------------------------------------------------------------

static ref_value value_const(ref_scope *s, const gir_node *n)
{
  const ref_node *at = &s->rx->plan.node[n->id];
  amlrt_frac v = at->v;

  if (n->value.type == TY_TEXT) return (ref_value){.kind = REF_TEXT, .text = n->value.text};
  if (s->convert && at->currency && !ref_converted(s, &v, at->currency, s->literal_time))
    return ref_unknown();
  return ref_number(v);
}

// Both numbers? If not, *out says why: unknown wins over nothing.
static bool operands(ref_scope *s, const gir_node *n, ref_value *a, ref_value *b, ref_value *out)
{
  *a = ref_value_of(s, n->args[0]);
  *b = ref_value_of(s, n->args[1]);
  if (a->kind == REF_NUMBER && b->kind == REF_NUMBER) return true;
  bool nothing = (a->kind == REF_NUMBER || a->kind == REF_NOTHING) &&
                 (b->kind == REF_NUMBER || b->kind == REF_NOTHING);
  *out = nothing ? ref_nothing() : ref_unknown();
  return false;
}

static ref_value value_add(ref_scope *s, const gir_node *n)
{
  ref_value a, b, out;
  return operands(s, n, &a, &b, &out) ? ref_number(amlrt_frac_add(a.v, b.v)) : out;
}

static ref_value value_sub(ref_scope *s, const gir_node *n)
{
  ref_value a, b, out;
  return operands(s, n, &a, &b, &out) ? ref_number(amlrt_frac_sub(a.v, b.v)) : out;
}

static ref_value value_mul(ref_scope *s, const gir_node *n)
{
  ref_value a, b, out;
  return operands(s, n, &a, &b, &out) ? ref_number(amlrt_frac_mul(a.v, b.v)) : out;
}

// Division by 0: unknown of a transfer or a pair, nothing of more.
static ref_value value_div(ref_scope *s, const gir_node *n)
{
  ref_value a, b, out;

  if (!operands(s, n, &a, &b, &out)) return out;
  if (!amlrt_frac_div(&a.v, a.v, b.v)) return s->ev ? ref_nothing() : ref_unknown();
  return a;
}

static ref_value value_neg(ref_scope *s, const gir_node *n)
{
  ref_value a = ref_value_of(s, n->args[0]);

  if (a.kind == REF_TEXT || a.kind == REF_ACCOUNT) return ref_unknown();
  if (a.kind == REF_NUMBER) a.v.num = -a.v.num;
  return a;
}

// ---- dispatch: an op that gives a value and has no meaning here does not compile ----------------------

typedef ref_value value_fn(ref_scope *s, const gir_node *n);
#define GIVES_ROLE(id, name)
#define GIVES_STAGE(id, name)
#define GIVES_SET(id, name)
#define GIVES_STMT(id, name)
#define GIVES_BOOL(id, name)
#define GIVES_ANY(id, name) [GIR_##id] = value_##name,
#define GIVES_NUMBER(id, name) GIVES_ANY(id, name)
#define GIVES_DURATION(id, name) GIVES_ANY(id, name)
#define GIVES_TIME(id, name) GIVES_ANY(id, name)
static value_fn *const values[GIR_N_OPS] = {
#define GIR_OP(id, name, takes, attrs, gives, ...) GIVES_##gives(id, name)
#include "ir/gir_ops.def"
};

ref_value ref_value_of(ref_scope *s, const gir_node *expr)
{
  if (!values[expr->op]) AML_BUG("%s is no value", gir_ops[expr->op].name);
  return values[expr->op](s, expr);
}

// ---- what is shown ----------------------------------------------------------------------------------

static amlrt_value_kind kind_shown(gir_type type)
{
  if (type == TY_MONEY) return AMLRT_VALUE_MONEY;
  if (type == TY_DURATION) return AMLRT_VALUE_DURATION;
  if (type == TY_TIME) return AMLRT_VALUE_TIME;
  return AMLRT_VALUE_NUMBER;
}

amlrt_value ref_shown(const ref_scope *s, const gir_node *expr, const ref_value *v)
{
  amlrt_value out = {.kind = AMLRT_VALUE_NONE, .v = {0, 1}};

  if (v->kind != REF_NUMBER) return out;
  out.kind = kind_shown(expr->type);
  out.v = v->v;
  if (out.kind == AMLRT_VALUE_MONEY && s->currency < amlrt_table_n_currencies(s->rx->table))
    out.currency = (amlrt_currency)s->currency;
  return out;
}

amlrt_value ref_show(ref_scope *s, const gir_node *expr)
{
  ref_currencies c = {0};
  ref_value v = ref_unknown();

  if (ref_currencies_of(s, expr, &c) && ref_settle(s, &c)) v = ref_value_of(s, expr);
  return ref_shown(s, expr, &v);
}
