// Conditions and values as functions: the counterpart of ir/reference/ref_expr.c and ref_value.c.
//
// A comparison is the unit in which currencies must agree: it begins, notes every amount and literal in
// it, settles, and only then takes values. The parts of an `and` or `or` are each put into a variable
// before the next begins, for the worker has the state of one comparison at a time.
#include "passes/lower_inside.h"

#include <string.h>

// By amlrt_field, amlrt_cmp, amlrt_agg, amlrt_value_kind of the runtime (ir/kir.h knows them as numbers).
enum {
  F_AMOUNT,
  F_CURRENCY,
  F_AMOUNT_RECEIVED,
  F_CURRENCY_RECEIVED,
  F_FORMAT,
  F_TIME,
  F_FROM,
  F_TO
};
enum { N_FIELDS = F_TO + 1 };
enum { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE };
enum { AGG_SUM, AGG_MIN, AGG_MAX, AGG_MEAN, AGG_DISTINCT };
enum { SHOWN_NONE, SHOWN_NUMBER, SHOWN_MONEY, SHOWN_DURATION, SHOWN_TIME };

typedef struct writer { // of one function
  lower *l;
  kir_module *m;
  kir_fn_kind kind;
  kir_node *body;
  uint32_t n_vars;
} writer;

// ---- nodes --------------------------------------------------------------------------------------------

static kir_node *make(writer *w, kir_op op, span where, kir_node *a, kir_node *b)
{
  kir_node *args[2] = {a, b};
  return kir_make(w->m, op, where, args, b ? 2 : a ? 1 : 0);
}

static void say(writer *w, kir_node *stmt)
{
  kir_append(w->m, w->body, stmt);
}

static kir_node *variable(writer *w, const char *name, kir_type type, span where)
{
  kir_node *n = make(w, KIR_VAR, where, NULL, NULL);
  n->name = cx_intern_z(w->l->c, name);
  n->type = type;
  return n;
}

static kir_node *number(writer *w, kir_op op, int64_t v, span where)
{
  kir_node *n = make(w, op, where, NULL, NULL);
  n->imm[0] = v;
  return n;
}

// The transfer of a side: a filter has one, a pair two.
static kir_node *row_of(writer *w, int64_t side, span where)
{
  if (w->kind == KIR_FN_ROW) return variable(w, "row", KTY_U32, where);
  return variable(w, side ? "b" : "a", KTY_U32, where);
}

// Whose transfers an aggregate counts: of the role and account asked for, or of the match.
static void whose(writer *w, kir_node *out[2], span where)
{
  bool agg = w->kind == KIR_FN_AGG;
  out[0] = agg ? variable(w, "role", KTY_U32, where) : number(w, KIR_U32, KIR_NONE, where);
  out[1] = agg ? variable(w, "account", KTY_U32, where) : number(w, KIR_U32, KIR_NONE, where);
}

// ---- fields -------------------------------------------------------------------------------------------

// F_..; N_FIELDS: a further column.
static int field_of(const char *name)
{
  static const char *const names[N_FIELDS] = {
      "amount", "currency", "amount_received", "currency_received", "format", "time", "from", "to"};
  for (int f = 0; f < N_FIELDS; f++)
    if (strcmp(names[f], name) == 0) return f;
  return N_FIELDS;
}

static bool is_amount(const gir_node *n)
{
  int f = field_of(n->name);
  return f == F_AMOUNT || f == F_AMOUNT_RECEIVED;
}

static bool is_sum_like(gir_op op)
{
  return op == GIR_SUM || op == GIR_MIN || op == GIR_MAX || op == GIR_MEAN;
}

static bool ignores_currency(const writer *w)
{
  return w->l->p->currency == GIR_CURRENCY_IGNORED;
}

static int64_t currency_symbol(writer *w, const char *text)
{
  if (!text || ignores_currency(w)) return KIR_NO_SYMBOL;
  return kir_symbol_of(w->m, KIR_SYM_CURRENCY, text);
}

static int shown_kind(const gir_node *n)
{
  if (n->type == TY_MONEY) return SHOWN_MONEY;
  if (n->type == TY_DURATION) return SHOWN_DURATION;
  if (n->type == TY_TIME) return SHOWN_TIME;
  return n->type == TY_TEXT || n->type == TY_ACCOUNT ? SHOWN_NONE : SHOWN_NUMBER;
}

// ---- currencies ---------------------------------------------------------------------------------------

// Does the comparison read or show amounts, so that the worker must know what became of them?
static bool minds_currency(const gir_node *n)
{
  if (n->type == TY_MONEY || is_sum_like(n->op) || n->op == GIR_DISTINCT) return true;
  if (n->op == GIR_IN_RANGE && n->range.type == TY_MONEY) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && n->args[k]->type != TY_ROLE && n->args[k]->type != TY_STAGE &&
        minds_currency(n->args[k]))
      return true;
  return false;
}

static void note_literal(writer *w, const char *currency, span where)
{
  int64_t symbol = currency_symbol(w, currency);

  if (symbol == KIR_NO_SYMBOL) return;
  kir_node *n = make(w, KIR_CMP_NOTE_LITERAL, where, NULL, NULL);
  n->symbol = symbol;
  say(w, n);
}

static void note_stage(writer *w, const gir_node *n)
{
  kir_node *of[2];

  whose(w, of, n->span);
  kir_node *note = make(w, KIR_CMP_NOTE_STAGE, n->span, of[0], of[1]);
  note->imm[0] = field_of(n->name);
  note->imm[1] = lk_index(w->l, n->args[0]);
  say(w, note);
}

// Every amount and literal in it; what is summed is noted by stage.
static void note_all(writer *w, const gir_node *n)
{
  if (is_sum_like(n->op)) {
    if (is_amount(n)) note_stage(w, n);
    return;
  }
  if (n->op == GIR_FIELD && is_amount(n)) {
    kir_node *note = make(w, KIR_CMP_NOTE_ROW, n->span, row_of(w, n->imm[0], n->span), NULL);
    note->imm[0] = field_of(n->name);
    say(w, note);
  }
  if (n->op == GIR_CONST && n->value.type == TY_MONEY) note_literal(w, n->value.text, n->span);
  if (n->op == GIR_IN_RANGE) note_literal(w, n->range.currency, n->span);
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && n->args[k]->type != TY_ROLE && n->args[k]->type != TY_STAGE)
      note_all(w, n->args[k]);
}

// At which literals are converted: the transfer under a `where`, the first side of a pair, else e*.
static kir_node *literal_time(writer *w, span where)
{
  if (w->kind == KIR_FN_ROW || w->kind == KIR_FN_PAIR)
    return make(w, KIR_TIME_OF, where, row_of(w, 0, where), NULL);
  return make(w, KIR_TRIGGER_TIME, where, NULL, NULL);
}

static void begin_comparison(writer *w, const gir_node *n)
{
  say(w, make(w, KIR_CMP_BEGIN, n->span, literal_time(w, n->span), NULL));
  if (!ignores_currency(w)) note_all(w, n);
}

// ---- values -------------------------------------------------------------------------------------------

static kir_node *value_of(writer *w, const gir_node *n);

static kir_node *constant(writer *w, const gir_node *n)
{
  int64_t symbol = n->value.type == TY_MONEY ? currency_symbol(w, n->value.text) : KIR_NO_SYMBOL;
  kir_op op = n->value.type == TY_TEXT  ? KIR_N_TEXT
              : symbol != KIR_NO_SYMBOL ? KIR_N_MONEY
                                        : KIR_N_CONST;
  kir_node *out = make(w, op, n->span, NULL, NULL);

  if (op == KIR_N_TEXT)
    out->text = lk_text(w->l, n->value.text);
  else
    out->value = n->value.v;
  out->symbol = symbol;
  return out;
}

static kir_node *of_transfer(writer *w, const gir_node *n)
{
  int f = n->op == GIR_FIELD ? field_of(n->name) : N_FIELDS;
  kir_op op = f < N_FIELDS ? KIR_N_FIELD : n->op == GIR_ATTRIBUTE ? KIR_N_ATTRIBUTE : KIR_N_COLUMN;
  kir_node *out = make(w, op, n->span, row_of(w, n->imm[0], n->span), NULL);

  if (op == KIR_N_FIELD) out->imm[0] = f;
  if (op == KIR_N_ATTRIBUTE) out->imm[0] = n->imm[1];
  if (op != KIR_N_FIELD)
    out->symbol =
        kir_symbol_of(w->m, op == KIR_N_ATTRIBUTE ? KIR_SYM_ATTRIBUTE : KIR_SYM_COLUMN, n->name);
  return out;
}

static int agg_of(gir_op op)
{
  if (op == GIR_SUM) return AGG_SUM;
  if (op == GIR_MIN) return AGG_MIN;
  if (op == GIR_MAX) return AGG_MAX;
  return op == GIR_MEAN ? AGG_MEAN : AGG_DISTINCT;
}

static kir_node *aggregate(writer *w, const gir_node *n)
{
  int f = field_of(n->name);
  kir_node *of[2];

  whose(w, of, n->span);
  kir_node *out = make(w, f < N_FIELDS ? KIR_N_AGG : KIR_N_AGG_COLUMN, n->span, of[0], of[1]);
  out->imm[0] = agg_of(n->op);
  if (f < N_FIELDS)
    out->imm[1] = f;
  else
    out->symbol = kir_symbol_of(w->m, KIR_SYM_COLUMN, n->name);
  out->imm[2] = lk_index(w->l, n->args[0]);
  return out;
}

static kir_node *of_stage(writer *w, kir_op op, const gir_node *n)
{
  kir_node *of[2];

  whose(w, of, n->span);
  kir_node *out = make(w, op, n->span, of[0], of[1]);
  out->imm[0] = lk_index(w->l, n->args[0]);
  return out;
}

// A division by 0 is unknown of a transfer or a pair, of nothing where many are counted.
static kir_op arithmetic_op(const writer *w, gir_op op)
{
  bool of_rows = w->kind == KIR_FN_ROW || w->kind == KIR_FN_PAIR;

  if (op == GIR_ADD) return KIR_N_ADD;
  if (op == GIR_SUB) return KIR_N_SUB;
  if (op == GIR_MUL) return KIR_N_MUL;
  if (op != GIR_DIV) AML_BUG("%s is no value", gir_ops[op].name);
  return of_rows ? KIR_N_RATIO : KIR_N_DIV;
}

static kir_node *arithmetic(writer *w, const gir_node *n)
{
  kir_op op = arithmetic_op(w, n->op);
  kir_node *a = value_of(w, n->args[0]);
  return make(w, op, n->span, a, value_of(w, n->args[1]));
}

static kir_node *value_of(writer *w, const gir_node *n)
{
  if (n->op == GIR_CONST) return constant(w, n);
  if (n->op == GIR_FIELD || n->op == GIR_COLUMN || n->op == GIR_ATTRIBUTE) return of_transfer(w, n);
  if (n->op == GIR_GAP) {
    kir_node *from = row_of(w, n->imm[0], n->span);
    return make(w, KIR_N_GAP, n->span, from, row_of(w, n->imm[1], n->span));
  }
  if (is_sum_like(n->op) || n->op == GIR_DISTINCT) return aggregate(w, n);
  if (n->op == GIR_COUNT) return of_stage(w, KIR_N_COUNT, n);
  if (n->op == GIR_FIRST) return of_stage(w, KIR_N_FIRST, n);
  if (n->op == GIR_LAST) return of_stage(w, KIR_N_LAST, n);
  if (n->op == GIR_SPAN) return make(w, KIR_N_SPAN, n->span, NULL, NULL);
  if (n->op == GIR_COUNT_ROLE) return number(w, KIR_N_MEMBERS, lk_role(w->l, n->args[0]), n->span);
  if (n->op == GIR_NEG) return make(w, KIR_N_NEG, n->span, value_of(w, n->args[0]), NULL);
  return arithmetic(w, n);
}

// ---- conditions ---------------------------------------------------------------------------------------

static kir_node *order(writer *w, const gir_node *n)
{
  kir_node *a = make(w, KIR_TIME_OF, n->span, row_of(w, n->imm[0], n->span), NULL);
  kir_node *b = make(w, KIR_TIME_OF, n->span, row_of(w, n->imm[1], n->span), NULL);
  kir_node *less = make(w, n->op == GIR_BEFORE ? KIR_I_LT : KIR_I_LE, n->span, a, b);
  return make(w, KIR_C_TRUTH, n->span, less, NULL);
}

static int cmp_of(gir_op op)
{
  if (op == GIR_EQ) return CMP_EQ;
  if (op == GIR_NE) return CMP_NE;
  if (op == GIR_LT) return CMP_LT;
  if (op == GIR_LE) return CMP_LE;
  if (op == GIR_GT) return CMP_GT;
  if (op != GIR_GE) AML_BUG("%s is no condition", gir_ops[op].name);
  return CMP_GE;
}

static kir_node *one_of(writer *w, const gir_node *n)
{
  enum { FEW = 8 };
  kir_node *few[FEW] = {0}, **args = few;

  if (n->n_args > FEW) args = arena_try(w->l->mem, n->n_args * sizeof *args);
  for (uint32_t k = 0; args && k < n->n_args; k++)
    args[k] = value_of(w, n->args[k]);
  return kir_make(w->m, KIR_C_ONE_OF, n->span, args ? args : few, args ? n->n_args : 0);
}

// The answer of a comparison whose currencies are settled.
static kir_node *comparison(writer *w, const gir_node *n)
{
  kir_node *out;

  if (n->op == GIR_ONE_OF) {
    out = one_of(w, n);
  } else if (n->op == GIR_IN_RANGE) {
    out = make(w, KIR_C_IN, n->span, value_of(w, n->args[0]), NULL);
    out->range = n->range;
    out->symbol = currency_symbol(w, n->range.currency);
  } else {
    kir_node *a = value_of(w, n->args[0]);
    out = make(w, KIR_C_CMP, n->span, a, value_of(w, n->args[1]));
    out->imm[0] = cmp_of(n->op);
  }
  out->imm[1] = shown_kind(n->args[0]);
  return out;
}

static kir_node *condition(writer *w, const gir_node *n);

// A condition that others follow: into a variable.
static kir_node *part(writer *w, const gir_node *n)
{
  const char *name = arena_printf(w->l->mem, "c%u", ++w->n_vars);
  kir_node *value = condition(w, n);
  kir_node *let = make(w, KIR_LET, n->span, value, NULL);

  let->name = cx_intern_z(w->l->c, name);
  say(w, let);
  return variable(w, name, KTY_COND, n->span);
}

static kir_node *condition(writer *w, const gir_node *n)
{
  if (n->op == GIR_AND || n->op == GIR_OR) {
    kir_node *a = part(w, n->args[0]);
    kir_node *b = part(w, n->args[1]);
    return make(w, n->op == GIR_AND ? KIR_C_AND : KIR_C_OR, n->span, a, b);
  }
  if (n->op == GIR_NOT) return make(w, KIR_C_NOT, n->span, condition(w, n->args[0]), NULL);
  if (n->op == GIR_BEFORE || n->op == GIR_NOT_AFTER) return order(w, n);
  if (!minds_currency(n)) return comparison(w, n);
  begin_comparison(w, n);
  kir_node *args[3];
  args[0] = make(w, KIR_CMP_SETTLE, n->span, NULL, NULL);
  args[1] = comparison(w, n);
  args[2] = make(w, KIR_C_CANNOT_SAY, n->span, NULL, NULL);
  return kir_make(w->m, KIR_C_SELECT, n->span, args, 3);
}

// ---- functions ----------------------------------------------------------------------------------------

// what_of; the builder makes it a C identifier that no other function has.
static const char *function_name(lower *l, const char *what, const char *of)
{
  return arena_printf(l->mem, "%s%s%s", what, *of ? "_" : "", of);
}

static writer begin_function(lower *l, kir_fn_kind kind, const char *name, span where)
{
  kir_fn *fn = kir_fn_new(l->m, kind, name, where);
  return (writer){.l = l, .m = l->m, .kind = kind, .body = fn->body};
}

uint32_t lk_condition(lower *l, kir_fn_kind kind, const char *what, const char *of,
                      const char *comment, const gir_node *cond)
{
  writer w = begin_function(l, kind, function_name(l, what, of), cond->span);
  uint32_t index = l->m->fns.n - 1;

  if (!cx_ok(l->c)) return index;
  l->m->fns.at[index]->comment = lk_text(l, comment);
  say(&w, make(&w, KIR_RETURN, cond->span, condition(&w, cond), NULL));
  return index;
}

static void return_shown(writer *w, kir_node *block, kir_node *value, int kind)
{
  kir_node *show = make(w, KIR_SHOW, value->span, value, NULL);

  show->imm[1] = kind;
  kir_append(w->m, block, make(w, KIR_RETURN, value->span, show, NULL));
}

// What cannot be settled is shown as nothing.
uint32_t lk_shown(lower *l, const char *what, const char *of, const gir_node *value)
{
  writer w = begin_function(l, KIR_FN_SHOW, function_name(l, what, of), value->span);
  uint32_t index = l->m->fns.n - 1;
  kir_node *block = w.body;

  if (!cx_ok(l->c)) return index;
  bool minds = minds_currency(value);
  if (minds) {
    begin_comparison(&w, value);
    block = make(&w, KIR_BLOCK, value->span, NULL, NULL);
  }
  return_shown(&w, block, value_of(&w, value), shown_kind(value));
  if (!minds) return index;
  say(&w, make(&w, KIR_IF, value->span, make(&w, KIR_CMP_SETTLE, value->span, NULL, NULL), block));
  return_shown(&w, w.body, number(&w, KIR_N_CONST, 0, value->span), SHOWN_NONE);
  return index;
}
