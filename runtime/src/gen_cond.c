// Conditions and their degrees: docs/semantics.md, 5, and what cannot be evaluated, 6.
#include "runtime/src/worker.h"

#include <string.h>

static amlrt_cond known(amlrt_degree degree)
{
  return (amlrt_cond){.truth = AMLRT_KNOWN, .degree = degree, .value = {.v = {0, 1}}};
}

static amlrt_cond without(amlrt_truth why)
{
  return (amlrt_cond){.truth = why, .value = {.v = {0, 1}}};
}

amlrt_cond amlrt_cond_cannot_say(void)
{
  return without(AMLRT_CANNOT_SAY);
}

amlrt_cond amlrt_cond_truth(bool holds)
{
  return known(holds ? AMLRT_DEGREE_ONE : 0);
}

// ---- what is shown ----------------------------------------------------------------------------------

static amlrt_value shown_as(const amlrt_worker *w, const amlrt_num *v, amlrt_value_kind kind)
{
  amlrt_value out = {.kind = AMLRT_VALUE_NONE, .v = {0, 1}};

  if (v->kind != AMLRT_NUM_NUMBER) return out;
  out.kind = kind;
  out.v = v->v;
  if (kind == AMLRT_VALUE_MONEY && w->currency < amlrt_table_n_currencies(w->run->table))
    out.currency = (amlrt_currency)w->currency;
  return out;
}

// What is compared as a text may turn out to be a number of the data; it is shown as one.
static amlrt_value compared_as(const amlrt_worker *w, const amlrt_num *v, amlrt_value_kind kind)
{
  return shown_as(w, v, kind == AMLRT_VALUE_NONE ? AMLRT_VALUE_NUMBER : kind);
}

amlrt_value amlrt_show(amlrt_worker *w, amlrt_num v, amlrt_value_kind kind)
{
  if (kind == AMLRT_VALUE_NONE) v.kind = AMLRT_NUM_UNKNOWN;
  return shown_as(w, &v, kind);
}

// ---- comparisons ------------------------------------------------------------------------------------

// A number against a text: the text is read as a decimal, if it is one.
static bool as_number(amlrt_num *v)
{
  int64_t mantissa;
  int decimals;

  if (v->kind == AMLRT_NUM_NUMBER) return true;
  if (v->kind != AMLRT_NUM_TEXT) return false;
  if (!amlrt_decimal_parse(&mantissa, &decimals, v->text, strlen(v->text))) return false;
  v->kind = AMLRT_NUM_NUMBER;
  v->v = (amlrt_frac){mantissa, amlrt__ten_to(decimals)};
  return true;
}

static int texts(const amlrt_num *a, const amlrt_num *b)
{
  if (a->is_currency == b->is_currency) return strcmp(a->text, b->text);
  // "US Dollar" and "USD" are one currency.
  return strcmp(amlrt__canonical(a->text), amlrt__canonical(b->text));
}

static const char *text_of(const amlrt_worker *w, const amlrt_num *v)
{
  return v->kind == AMLRT_NUM_ACCOUNT ? amlrt_table_account(w->run->table, v->account) : v->text;
}

static int sign_of(int v)
{
  return (v > 0) - (v < 0);
}

// False: the two cannot be compared.
static bool order_of(const amlrt_worker *w, amlrt_num a, amlrt_num b, int *order)
{
  if (a.kind == AMLRT_NUM_UNKNOWN || b.kind == AMLRT_NUM_UNKNOWN) return false;
  if (a.kind == AMLRT_NUM_NUMBER || b.kind == AMLRT_NUM_NUMBER) {
    if (!as_number(&a) || !as_number(&b)) return false;
    *order = amlrt_frac_cmp(a.v, b.v);
  } else if (a.kind == AMLRT_NUM_TEXT && b.kind == AMLRT_NUM_TEXT) {
    *order = sign_of(texts(&a, &b));
  } else if (a.kind == AMLRT_NUM_ACCOUNT && b.kind == AMLRT_NUM_ACCOUNT) {
    *order = (a.account > b.account) - (a.account < b.account);
  } else {
    *order = sign_of(strcmp(text_of(w, &a), text_of(w, &b)));
  }
  return true;
}

static bool holds(amlrt_cmp op, int order)
{
  switch (op) {
  case AMLRT_CMP_EQ:
    return order == 0;
  case AMLRT_CMP_NE:
    return order != 0;
  case AMLRT_CMP_LT:
    return order < 0;
  case AMLRT_CMP_LE:
    return order <= 0;
  case AMLRT_CMP_GT:
    return order > 0;
  case AMLRT_CMP_GE:
    return order >= 0;
  }
  return false;
}

amlrt_cond amlrt_cond_cmp(amlrt_worker *w, amlrt_cmp op, amlrt_num a, amlrt_num b,
                          amlrt_value_kind shown)
{
  int order;

  if (a.kind == AMLRT_NUM_UNKNOWN || b.kind == AMLRT_NUM_UNKNOWN) return amlrt_cond_cannot_say();
  if (a.kind == AMLRT_NUM_NOTHING || b.kind == AMLRT_NUM_NOTHING) return without(AMLRT_VOID);
  if (!order_of(w, a, b, &order)) return amlrt_cond_cannot_say();
  amlrt_cond out = amlrt_cond_truth(holds(op, order));
  out.value = compared_as(w, &a, shown);
  return out;
}

static bool convert_range(amlrt_worker *w, amlrt_range *r, uint32_t currency)
{
  amlrt_frac *const end[] = {&r->a, &r->b, &r->c, &r->d};

  for (unsigned i = 0; i < 4; i++)
    if ((r->has & (1u << i)) && !amlrt__convert(w, end[i], currency, w->literal_time)) return false;
  return true;
}

amlrt_cond amlrt_cond_in(amlrt_worker *w, amlrt_num v, const amlrt_range *r, uint32_t symbol,
                         amlrt_value_kind shown)
{
  amlrt_range converted;

  if (v.kind == AMLRT_NUM_NOTHING) return without(AMLRT_VOID);
  if (v.kind != AMLRT_NUM_NUMBER) return amlrt_cond_cannot_say();
  if (w->convert && symbol != AMLRT_NONE) {
    converted = *r;
    r = &converted;
    if (!convert_range(w, &converted, w->run->symbol[symbol].currency))
      return amlrt_cond_cannot_say();
  }
  amlrt_cond out = known(amlrt_range_degree(r, v.v));
  out.value = compared_as(w, &v, shown);
  return out;
}

amlrt_cond amlrt_cond_one_of(amlrt_worker *w, amlrt_num v, const amlrt_num *of, uint32_t n,
                             amlrt_value_kind shown)
{
  bool unsure = false, found = false;
  int order;

  if (v.kind == AMLRT_NUM_NOTHING) return without(AMLRT_VOID);
  for (uint32_t k = 0; k < n && !found; k++) {
    if (!order_of(w, v, of[k], &order))
      unsure = true;
    else
      found = order == 0;
  }
  if (!found && unsure) return amlrt_cond_cannot_say();
  amlrt_cond out = amlrt_cond_truth(found);
  out.value = compared_as(w, &v, shown);
  return out;
}

// ---- and, or, not -----------------------------------------------------------------------------------

static bool is_known(const amlrt_cond *c, amlrt_degree degree)
{
  return c->truth == AMLRT_KNOWN && c->degree == degree;
}

// The minimum; a false part decides whatever the other is.
amlrt_cond amlrt_cond_and(amlrt_cond a, amlrt_cond b)
{
  if (is_known(&a, 0)) return a;
  if (is_known(&b, 0)) return b;
  if (a.truth == AMLRT_VOID || b.truth == AMLRT_VOID) return without(AMLRT_VOID);
  if (a.truth != AMLRT_KNOWN || b.truth != AMLRT_KNOWN) return amlrt_cond_cannot_say();
  return b.degree < a.degree ? b : a;
}

// The maximum; a true part decides whatever the other is.
amlrt_cond amlrt_cond_or(amlrt_cond a, amlrt_cond b)
{
  if (is_known(&a, AMLRT_DEGREE_ONE)) return a;
  if (is_known(&b, AMLRT_DEGREE_ONE)) return b;
  if (a.truth == AMLRT_CANNOT_SAY || b.truth == AMLRT_CANNOT_SAY) return amlrt_cond_cannot_say();
  if (a.truth == AMLRT_VOID) return is_known(&b, 0) ? a : b;
  if (b.truth == AMLRT_VOID) return is_known(&a, 0) ? b : a;
  return b.degree > a.degree ? b : a;
}

amlrt_cond amlrt_cond_not(amlrt_cond a)
{
  if (a.truth == AMLRT_KNOWN) a.degree = AMLRT_DEGREE_ONE - a.degree;
  return a;
}
