// Conditions and their degrees: docs/semantics.md, 5, and what cannot be evaluated, 6.
//
// A comparison is the unit in which currencies must agree. What it cannot evaluate is unknown
// (REF_CANNOT_SAY); a comparison with an aggregate of nothing or a division by 0 is void (REF_VOID):
// it has degree 0, and so has its `not`.
#include "ir/reference/ref_inside.h"

#include <string.h>

static ref_cond known(amlrt_degree degree)
{
  return (ref_cond){.truth = REF_KNOWN, .degree = degree, .value = {.v = {0, 1}}};
}

static ref_cond truth(bool holds)
{
  return known(holds ? AMLRT_DEGREE_ONE : 0);
}

static ref_cond without(ref_truth why)
{
  return (ref_cond){.truth = why, .value = {.v = {0, 1}}};
}

ref_cond ref_no(void)
{
  return known(0);
}

// ---- times of a pair --------------------------------------------------------------------------------

static ref_cond cond_before(ref_scope *s, const gir_node *n)
{
  const int64_t *time = s->rx->col->time;
  return truth(time[s->row[n->imm[0]]] < time[s->row[n->imm[1]]]);
}

static ref_cond cond_not_after(ref_scope *s, const gir_node *n)
{
  const int64_t *time = s->rx->col->time;
  return truth(time[s->row[n->imm[0]]] <= time[s->row[n->imm[1]]]);
}

// ---- comparisons ------------------------------------------------------------------------------------

// A number against a text: the text is read as a decimal, if it is one.
static bool as_number(ref_value *v)
{
  int64_t mantissa;
  int decimals;

  if (v->kind == REF_NUMBER) return true;
  if (v->kind != REF_TEXT) return false;
  if (!amlrt_decimal_parse(&mantissa, &decimals, v->text, strlen(v->text))) return false;
  *v = ref_number((amlrt_frac){mantissa, ref_ten_to(decimals)});
  return true;
}

static int texts(const ref_value *a, const ref_value *b)
{
  if (a->is_currency == b->is_currency) return strcmp(a->text, b->text);
  // "US Dollar" and "USD" are one currency.
  return strcmp(ref_currency_text(a->text), ref_currency_text(b->text));
}

static const char *text_of(const ref_cx *rx, const ref_value *v)
{
  return v->kind == REF_ACCOUNT ? amlrt_table_account(rx->table, v->account) : v->text;
}

static int sign_of(int v)
{
  return (v > 0) - (v < 0);
}

// False: the two cannot be compared.
static bool order_of(const ref_cx *rx, ref_value a, ref_value b, int *order)
{
  if (a.kind == REF_UNKNOWN || b.kind == REF_UNKNOWN) return false;
  if (a.kind == REF_NUMBER || b.kind == REF_NUMBER) {
    if (!as_number(&a) || !as_number(&b)) return false;
    *order = amlrt_frac_cmp(a.v, b.v);
  } else if (a.kind == REF_TEXT && b.kind == REF_TEXT) {
    *order = sign_of(texts(&a, &b));
  } else if (a.kind == REF_ACCOUNT && b.kind == REF_ACCOUNT) {
    *order = (a.account > b.account) - (a.account < b.account);
  } else {
    *order = sign_of(strcmp(text_of(rx, &a), text_of(rx, &b)));
  }
  return true;
}

// Brings the currencies of a comparison together; false: it cannot be evaluated.
static bool settled(ref_scope *s, const gir_node *n)
{
  ref_currencies c = {0};
  return ref_currencies_of(s, n, &c) && ref_settle(s, &c);
}

// Both sides of a comparison and their order; *out is the answer where there is none.
static bool compared(ref_scope *s, const gir_node *n, int *order, ref_cond *out)
{
  *out = without(REF_CANNOT_SAY);
  if (!settled(s, n)) return false;
  ref_value a = ref_value_of(s, n->args[0]), b = ref_value_of(s, n->args[1]);
  if (a.kind == REF_UNKNOWN || b.kind == REF_UNKNOWN) return false;
  if (a.kind == REF_NOTHING || b.kind == REF_NOTHING) {
    *out = without(REF_VOID);
    return false;
  }
  if (!order_of(s->rx, a, b, order)) return false;
  out->value = ref_shown(s, n->args[0], &a);
  return true;
}

static ref_cond answer(ref_cond out, bool holds)
{
  out.truth = REF_KNOWN;
  out.degree = holds ? AMLRT_DEGREE_ONE : 0;
  return out;
}

static ref_cond cond_eq(ref_scope *s, const gir_node *n)
{
  ref_cond out;
  int order;
  return compared(s, n, &order, &out) ? answer(out, order == 0) : out;
}

static ref_cond cond_ne(ref_scope *s, const gir_node *n)
{
  ref_cond out;
  int order;
  return compared(s, n, &order, &out) ? answer(out, order != 0) : out;
}

static ref_cond cond_lt(ref_scope *s, const gir_node *n)
{
  ref_cond out;
  int order;
  return compared(s, n, &order, &out) ? answer(out, order < 0) : out;
}

static ref_cond cond_le(ref_scope *s, const gir_node *n)
{
  ref_cond out;
  int order;
  return compared(s, n, &order, &out) ? answer(out, order <= 0) : out;
}

static ref_cond cond_gt(ref_scope *s, const gir_node *n)
{
  ref_cond out;
  int order;
  return compared(s, n, &order, &out) ? answer(out, order > 0) : out;
}

static ref_cond cond_ge(ref_scope *s, const gir_node *n)
{
  ref_cond out;
  int order;
  return compared(s, n, &order, &out) ? answer(out, order >= 0) : out;
}

static bool convert_range(ref_scope *s, amlrt_range *r, uint32_t currency)
{
  amlrt_frac *const end[] = {&r->a, &r->b, &r->c, &r->d};

  if (!s->convert || currency == 0) return true;
  for (unsigned i = 0; i < 4; i++)
    if ((r->has & (1u << i)) && !ref_converted(s, end[i], currency, s->literal_time)) return false;
  return true;
}

static ref_cond cond_in_range(ref_scope *s, const gir_node *n)
{
  const ref_node *at = &s->rx->plan.node[n->id];
  amlrt_range range = at->range;

  if (!settled(s, n)) return without(REF_CANNOT_SAY);
  ref_value v = ref_value_of(s, n->args[0]);
  if (v.kind == REF_NOTHING) return without(REF_VOID);
  if (v.kind != REF_NUMBER || !convert_range(s, &range, at->currency))
    return without(REF_CANNOT_SAY);
  ref_cond out = known(amlrt_range_degree(&range, v.v));
  out.value = ref_shown(s, n->args[0], &v);
  return out;
}

static ref_cond cond_one_of(ref_scope *s, const gir_node *n)
{
  bool unsure = false, found = false;
  int order;

  if (!settled(s, n)) return without(REF_CANNOT_SAY);
  ref_value v = ref_value_of(s, n->args[0]);
  if (v.kind == REF_NOTHING) return without(REF_VOID);
  for (uint32_t k = 1; k < n->n_args && !found; k++) {
    if (!order_of(s->rx, v, ref_value_of(s, n->args[k]), &order))
      unsure = true;
    else
      found = order == 0;
  }
  if (!found && unsure) return without(REF_CANNOT_SAY);
  ref_cond out = truth(found);
  out.value = ref_shown(s, n->args[0], &v);
  return out;
}

// ---- and, or, not -----------------------------------------------------------------------------------

static bool is_known(const ref_cond *c, amlrt_degree degree)
{
  return c->truth == REF_KNOWN && c->degree == degree;
}

// The minimum; a false part decides whatever the other is.
static ref_cond cond_and(ref_scope *s, const gir_node *n)
{
  ref_cond a = ref_ask(s, n->args[0]), b = ref_ask(s, n->args[1]);

  if (is_known(&a, 0)) return a;
  if (is_known(&b, 0)) return b;
  if (a.truth == REF_VOID || b.truth == REF_VOID) return without(REF_VOID);
  if (a.truth != REF_KNOWN || b.truth != REF_KNOWN) return without(REF_CANNOT_SAY);
  return b.degree < a.degree ? b : a;
}

// The maximum; a true part decides whatever the other is.
static ref_cond cond_or(ref_scope *s, const gir_node *n)
{
  ref_cond a = ref_ask(s, n->args[0]), b = ref_ask(s, n->args[1]);

  if (is_known(&a, AMLRT_DEGREE_ONE)) return a;
  if (is_known(&b, AMLRT_DEGREE_ONE)) return b;
  if (a.truth == REF_CANNOT_SAY || b.truth == REF_CANNOT_SAY) return without(REF_CANNOT_SAY);
  if (a.truth == REF_VOID) return is_known(&b, 0) ? a : b;
  if (b.truth == REF_VOID) return is_known(&a, 0) ? b : a;
  return b.degree > a.degree ? b : a;
}

static ref_cond cond_not(ref_scope *s, const gir_node *n)
{
  ref_cond a = ref_ask(s, n->args[0]);

  if (a.truth == REF_KNOWN) a.degree = AMLRT_DEGREE_ONE - a.degree;
  return a;
}

// ---- dispatch: an op that gives a condition and has no meaning here does not compile ------------------

typedef ref_cond cond_fn(ref_scope *s, const gir_node *n);
#define GIVES_ROLE(id, name)
#define GIVES_STAGE(id, name)
#define GIVES_SET(id, name)
#define GIVES_STMT(id, name)
#define GIVES_BOOL(id, name) [GIR_##id] = cond_##name,
#define GIVES_ANY(id, name)
#define GIVES_NUMBER(id, name)
#define GIVES_DURATION(id, name)
#define GIVES_TIME(id, name)
static cond_fn *const conds[GIR_N_OPS] = {
#define GIR_OP(id, name, takes, attrs, gives, ...) GIVES_##gives(id, name)
#include "ir/gir_ops.def"
};

ref_cond ref_ask(ref_scope *s, const gir_node *cond)
{
  if (!conds[cond->op]) AML_BUG("%s is no condition", gir_ops[cond->op].name);
  return conds[cond->op](s, cond);
}
