// Functions of kernel IR: first the shape of every node, so that the rules after it may follow any
// argument; then variables, jumps, marks and comparisons along the way the code runs.
#include "ir/kir_verify.h"

#include <string.h>

typedef struct variable {
  const char *name;
  kir_type type;
} variable;

// What is known where the code has come to.
typedef struct flow {
  enum { CMP_NONE, CMP_OPEN, CMP_SETTLED } cmp;
  unsigned marks; // slots that were begun
  bool ended;     // by a jump or a return
} flow;

typedef struct checker {
  kir_verifier *v;
  const kir_fn *f;
  VEC(variable) scope;
  uint32_t loops; // FOR_EACH around
  bool in_parallel;
} checker;

static void broken(kir_verifier *v, kir_rule rule, const kir_node *n)
{
  const char *op = (unsigned)n->op < KIR_N_OPS ? kir_ops[n->op].name : "";
  kir_broken(v, rule, n->span, "%s%s%s", op, n->name ? " " : "", n->name ? n->name : "");
}

// ---- the shape of nodes -------------------------------------------------------------------------------

static bool is_amount(int64_t field)
{
  const kir_word *w = kir_word_of(KW_field, field);
  return w && (strcmp(w->text, "amount") == 0 || strcmp(w->text, "amount_received") == 0);
}

static bool imm_is_right(const kir_module *m, kir_word_kind kind, const kir_node *n, int64_t imm)
{
  if (kir_has_words(kind)) return kir_word_of(kind, imm) != NULL;
  if (kind == KW_slot) return imm >= 0 && imm < KIR_N_SLOTS;
  if (kind == KW_role) return imm >= 0 && imm < m->roles.n;
  if (kind == KW_stage) return imm >= 0 && imm < m->stages.n;
  return n->op != KIR_U32 || (imm >= 0 && imm <= UINT32_MAX);
}

static bool is_distinct(int64_t agg)
{
  const kir_word *w = kir_word_of(KW_agg, agg);
  return w && strcmp(w->text, "distinct") == 0;
}

static bool reads_amount(const kir_node *n)
{
  if (n->op == KIR_N_FIELD) return is_amount(n->imm[0]);
  if (n->op == KIR_N_AGG) return !is_distinct(n->imm[0]);
  return n->op == KIR_N_MONEY;
}

static void check_imms(kir_verifier *v, const kir_node *n)
{
  for (int k = 0; k < 3; k++) {
    kir_word_kind kind = kir_imm_kind(n->op, k);
    if (kind != KW_N && !imm_is_right(v->m, kind, n, n->imm[k])) broken(v, KRULE_IMM, n);
  }
  bool note = n->op == KIR_CMP_NOTE_ROW || n->op == KIR_CMP_NOTE_STAGE;
  if ((note && !is_amount(n->imm[0])) ||
      (n->op == KIR_N_AGG && reads_amount(n) && !is_amount(n->imm[1])))
    broken(v, KRULE_AMOUNT, n);
}

static bool symbol_fits(const kir_node *n, int kind)
{
  switch (kind) {
  case KIR_SYM_COLUMN:
    return n->op == KIR_N_COLUMN || n->op == KIR_N_AGG_COLUMN;
  case KIR_SYM_ATTRIBUTE:
    return n->op == KIR_N_ATTRIBUTE;
  case KIR_SYM_FORMAT:
    return n->op == KIR_SYMBOL;
  }
  return n->op == KIR_SYMBOL || n->op == KIR_CMP_NOTE_LITERAL || n->op == KIR_N_MONEY ||
         n->op == KIR_C_IN;
}

static void check_symbol(kir_verifier *v, const kir_node *n)
{
  if (n->op == KIR_C_IN && n->symbol == KIR_NO_SYMBOL) return; // a range without a currency
  if (n->symbol < 0 || n->symbol >= v->m->symbols.n)
    broken(v, KRULE_SYMBOL, n);
  else if (!symbol_fits(n, (int)v->m->symbols.at[n->symbol].kind))
    broken(v, KRULE_SYMBOL_KIND, n);
}

static bool is_variable_name(const char *name)
{
  return name && kir_is_identifier(name) && strcmp(name, "none") != 0;
}

static void check_attrs(kir_verifier *v, const kir_node *n)
{
  bool two = n->op == KIR_FOR_EACH;
  if (kir_has_attr(n->op, 'n') && !is_variable_name(n->name)) broken(v, KRULE_NAME, n);
  if (two && !is_variable_name(n->text)) broken(v, KRULE_NAME, n);
  if (kir_has_attr(n->op, 't') && !n->text && !two) broken(v, KRULE_TEXT, n);
  if (kir_has_attr(n->op, 'v') && n->value.den <= 0) broken(v, KRULE_VALUE, n);
  if (kir_has_attr(n->op, 'r')) kir_verify_range(v, &n->range, n->span, kir_ops[n->op].name);
  if (kir_has_attr(n->op, 'y')) check_symbol(v, n);
  check_imms(v, n);
}

// A body is a block, but in a block any statement may stand. What RETURN takes is the function's to say.
static void check_arg(kir_verifier *v, const kir_node *n, uint32_t k)
{
  kir_type takes = kir_arg_type(n->op, k), gives = n->args[k]->type;
  if (n->op == KIR_LET ? !kir_type_is_value(gives) : n->op != KIR_RETURN && takes != gives)
    broken(v, KRULE_ARG_TYPE, n);
  else if (takes == KTY_VOID && n->op != KIR_BLOCK && n->args[k]->op != KIR_BLOCK)
    broken(v, KRULE_BODY, n);
}

static bool may_be_missing(const kir_node *n, uint32_t k)
{
  return k >= kir_min_args(n->op) && k < kir_n_args(n->op);
}

static void check_shape(kir_verifier *v, const kir_node *n, uint32_t depth)
{
  if ((unsigned)n->op >= KIR_N_OPS || !map_put(v->seen, (const char *)n, v)) {
    broken(v, KRULE_SHARED, n);
    return;
  }
  if (depth > cx_get_limits(v->c)->max_depth * KIR_DEPTH_FACTOR) {
    broken(v, KRULE_DEPTH, n);
    return;
  }
  uint32_t places = kir_n_args(n->op);
  if (n->n_args < places || (n->n_args > places && !kir_takes_more(n->op))) {
    broken(v, KRULE_ARGS, n);
    return;
  }
  for (uint32_t k = 0; k < n->n_args && cx_ok(v->c); k++) {
    if (n->args[k]) {
      check_shape(v, n->args[k], depth + 1);
      check_arg(v, n, k);
    } else if (!may_be_missing(n, k)) {
      broken(v, KRULE_ARG_MISSING, n);
    }
  }
  if (kir_ops[n->op].gives == KTY_ANY ? !kir_type_is_value(n->type)
                                      : n->type != kir_ops[n->op].gives)
    broken(v, KRULE_RESULT, n);
  check_attrs(v, n);
}

// ---- where an op may stand ----------------------------------------------------------------------------

enum {
  IN_ROW = 1 << KIR_FN_ROW,
  IN_PAIR = 1 << KIR_FN_PAIR,
  IN_AGG = 1 << KIR_FN_AGG,
  IN_SHOW = 1 << KIR_FN_SHOW,
  IN_GENERATE = 1 << KIR_FN_GENERATE,
  IN_ALL = IN_ROW | IN_PAIR | IN_AGG | IN_SHOW | IN_GENERATE
};

// Ops that are about transfers at hand, about many, or about the search; 0: anywhere.
static const unsigned homes[KIR_N_OPS] = {
    [KIR_CMP_NOTE_ROW] = IN_ROW | IN_PAIR,
    [KIR_N_FIELD] = IN_ROW | IN_PAIR,
    [KIR_N_COLUMN] = IN_ROW | IN_PAIR,
    [KIR_N_ATTRIBUTE] = IN_ROW | IN_PAIR,
    [KIR_N_GAP] = IN_PAIR,
    [KIR_N_RATIO] = IN_ROW | IN_PAIR,
    [KIR_CMP_NOTE_STAGE] = IN_AGG | IN_SHOW,
    [KIR_N_AGG] = IN_AGG | IN_SHOW,
    [KIR_N_AGG_COLUMN] = IN_AGG | IN_SHOW,
    [KIR_N_COUNT] = IN_AGG | IN_SHOW,
    [KIR_N_FIRST] = IN_AGG | IN_SHOW,
    [KIR_N_LAST] = IN_AGG | IN_SHOW,
    [KIR_N_MEMBERS] = IN_AGG | IN_SHOW,
    [KIR_N_SPAN] = IN_AGG | IN_SHOW,
    [KIR_CMP_BEGIN] = IN_ALL & ~IN_GENERATE,
    [KIR_CMP_NOTE_LITERAL] = IN_ALL & ~IN_GENERATE,
    [KIR_CMP_SETTLE] = IN_ALL & ~IN_GENERATE,
    [KIR_RETURN] = IN_ALL & ~IN_GENERATE,
    [KIR_FOR_EACH] = IN_GENERATE,
    [KIR_PARALLEL] = IN_GENERATE,
    [KIR_CANDIDATE] = IN_GENERATE,
    [KIR_GENERATE_ALL] = IN_GENERATE,
    [KIR_MARKS_BEGIN] = IN_GENERATE,
    [KIR_MARK] = IN_GENERATE,
    [KIR_MARKED] = IN_GENERATE,
    [KIR_N_MARKED] = IN_GENERATE,
    [KIR_OUT_OF] = IN_GENERATE,
    [KIR_IN_OF] = IN_GENERATE,
    [KIR_SIZE_OF] = IN_GENERATE,
    [KIR_PASSES] = IN_GENERATE,
    [KIR_ALLOWED] = IN_GENERATE,
};

static void check_home(checker *k, const kir_node *n)
{
  bool value = n->type == KTY_NUM || n->type == KTY_COND || n->type == KTY_VALUE;
  unsigned in = homes[n->op] ? homes[n->op] : value ? IN_ALL & ~IN_GENERATE : IN_ALL;
  if (!(in & (1u << k->f->kind))) broken(k->v, KRULE_WHERE, n);
}

// ---- variables ----------------------------------------------------------------------------------------

static const variable *find(const checker *k, const char *name)
{
  for (uint32_t i = k->scope.n; i-- > 0;)
    if (strcmp(k->scope.at[i].name, name) == 0) return &k->scope.at[i];
  return NULL;
}

static void declare(checker *k, const kir_node *n, const char *name, kir_type type)
{
  variable var = {name, type};
  if (find(k, name)) broken(k->v, KRULE_REDECLARED, n);
  VEC_PUSH(k->v->mem, &k->scope, var);
}

static void check_variable(checker *k, const kir_node *n)
{
  const variable *var = find(k, n->name);
  if (!var)
    broken(k->v, KRULE_UNDECLARED, n);
  else if (var->type != n->type)
    broken(k->v, KRULE_VAR_TYPE, n);
}

// ---- expressions --------------------------------------------------------------------------------------

// Where two ways meet, only what holds on both is known.
static void meet(flow *a, const flow *b)
{
  if (b->ended) return;
  if (a->ended) {
    *a = *b;
    return;
  }
  if (a->cmp != b->cmp) a->cmp = CMP_NONE;
  a->marks &= b->marks;
}

static void check_expr(checker *k, const kir_node *n, flow *at, uint32_t nesting);

// What stands behind the first argument of these may not be worked out at all.
static void check_choice(checker *k, const kir_node *n, flow *at, uint32_t nesting)
{
  check_expr(k, n->args[0], at, nesting);
  flow one = *at, other = *at;
  check_expr(k, n->args[1], &one, nesting + 1);
  if (n->n_args > 2) check_expr(k, n->args[2], &other, nesting + 1);
  meet(&one, &other);
  *at = one;
}

static void check_marks(checker *k, const kir_node *n, const flow *at)
{
  bool asks = n->op == KIR_MARK || n->op == KIR_MARKED || n->op == KIR_N_MARKED;
  if (asks && !(at->marks & (1u << n->imm[0]))) broken(k->v, KRULE_MARKS, n);
}

static void check_expr(checker *k, const kir_node *n, flow *at, uint32_t nesting)
{
  check_home(k, n);
  if (nesting > KIR_MAX_NESTING) {
    broken(k->v, KRULE_DEPTH, n);
  } else if (n->op == KIR_B_AND || n->op == KIR_B_OR || n->op == KIR_C_SELECT) {
    check_choice(k, n, at, nesting);
  } else {
    for (uint32_t i = 0; i < n->n_args && !diag_stop(k->v->c); i++)
      check_expr(k, n->args[i], at, nesting);
  }
  if (n->op == KIR_VAR) check_variable(k, n);
  if (reads_amount(n) && at->cmp != CMP_SETTLED) broken(k->v, KRULE_CMP_VALUE, n);
  if (n->op == KIR_CMP_SETTLE) {
    if (at->cmp != CMP_OPEN) broken(k->v, KRULE_CMP_ORDER, n);
    at->cmp = CMP_SETTLED;
  }
  check_marks(k, n, at);
}

// ---- statements ---------------------------------------------------------------------------------------

static void check_stmt(checker *k, const kir_node *n, flow *at, uint32_t nesting);

static void check_block(checker *k, const kir_node *block, flow *at, uint32_t nesting)
{
  uint32_t outside = k->scope.n;
  if (nesting > KIR_MAX_NESTING) {
    broken(k->v, KRULE_DEPTH, block);
    return;
  }
  for (uint32_t i = 0; i < block->n_args && !diag_stop(k->v->c); i++)
    check_stmt(k, block->args[i], at, nesting);
  k->scope.n = outside;
}

static void check_if(checker *k, const kir_node *n, flow *at, uint32_t nesting)
{
  flow other = *at;
  check_block(k, n->args[1], at, nesting + 1);
  if (n->args[2]) check_block(k, n->args[2], &other, nesting + 1);
  meet(at, &other);
}

// What is begun in a loop is not known to be behind it: there may be no turn.
static void check_for_each(checker *k, const kir_node *n, const flow *at, uint32_t nesting)
{
  flow inside = *at;
  uint32_t outside = k->scope.n;
  declare(k, n, n->name, KTY_U32);
  declare(k, n, n->text, KTY_U32);
  k->loops++;
  check_block(k, n->args[1], &inside, nesting + 1);
  k->loops--;
  k->scope.n = outside;
}

static void check_parallel(checker *k, const kir_node *n, uint32_t nesting)
{
  flow inside = {.cmp = CMP_NONE};
  uint32_t outside = k->scope.n;
  if (k->in_parallel || nesting > 0) broken(k->v, KRULE_PARALLEL, n);
  declare(k, n, n->name, KTY_U32);
  k->in_parallel = true;
  check_block(k, n->args[0], &inside, nesting + 1);
  k->in_parallel = false;
  k->scope.n = outside;
}

static void check_candidate(checker *k, const kir_node *n)
{
  const kir_module *m = k->v->m;
  uint32_t singles = 0, chains = 0;
  for (uint32_t i = 0; i < m->roles.n; i++) {
    singles += m->roles.at[i].kind == KIR_ROLE_ONE;
    chains += m->roles.at[i].kind == KIR_ROLE_CHAIN;
  }
  if (chains || n->n_args != singles) broken(k->v, KRULE_CANDIDATE, n);
}

static void check_comparison(checker *k, const kir_node *n, flow *at)
{
  if (n->op == KIR_CMP_BEGIN)
    at->cmp = CMP_OPEN;
  else if (at->cmp != CMP_OPEN)
    broken(k->v, KRULE_CMP_ORDER, n);
}

static bool is_note(kir_op op)
{
  return op == KIR_CMP_NOTE_ROW || op == KIR_CMP_NOTE_LITERAL || op == KIR_CMP_NOTE_STAGE;
}

static void check_own(checker *k, const kir_node *n, flow *at, uint32_t nesting)
{
  if (n->op == KIR_LET) declare(k, n, n->name, n->args[0]->type);
  if (n->op == KIR_BLOCK) check_block(k, n, at, nesting + 1);
  if (n->op == KIR_IF) check_if(k, n, at, nesting);
  if (n->op == KIR_FOR_EACH) check_for_each(k, n, at, nesting);
  if (n->op == KIR_PARALLEL) check_parallel(k, n, nesting);
  if (n->op == KIR_CANDIDATE) check_candidate(k, n);
  if (n->op == KIR_MARKS_BEGIN) at->marks |= 1u << n->imm[0];
  if (n->op == KIR_CMP_BEGIN || is_note(n->op)) check_comparison(k, n, at);
  if (n->op == KIR_RETURN && n->args[0]->type != kir_fn_gives[k->f->kind])
    broken(k->v, KRULE_RETURN_TYPE, n);
  bool next = n->op == KIR_NEXT, stop = n->op == KIR_STOP;
  if ((stop && !k->loops) || (next && !k->loops && !k->in_parallel)) broken(k->v, KRULE_LOOP, n);
  if (next || stop || n->op == KIR_RETURN) at->ended = true;
}

static void check_stmt(checker *k, const kir_node *n, flow *at, uint32_t nesting)
{
  check_home(k, n);
  for (uint32_t i = 0; i < n->n_args && !diag_stop(k->v->c); i++)
    if (n->args[i] && n->args[i]->type != KTY_VOID) check_expr(k, n->args[i], at, nesting);
  check_own(k, n, at, nesting);
}

// ---- functions ----------------------------------------------------------------------------------------

// A generator's one statement, comments aside, is its parallel loop: nothing outside it is written, so
// triggers can be looked at in any order on any worker.
static void check_generator(checker *k)
{
  uint32_t loops = 0;
  for (uint32_t i = 0; i < k->f->body->n_args; i++) {
    const kir_node *n = k->f->body->args[i];
    loops += n->op == KIR_PARALLEL;
    if (n->op != KIR_PARALLEL && n->op != KIR_COMMENT) broken(k->v, KRULE_PARALLEL, n);
  }
  if (loops != 1) broken(k->v, KRULE_PARALLEL, k->f->body);
}

void kir_verify_fn(kir_verifier *v, const kir_fn *f)
{
  checker k = {.v = v, .f = f};
  flow at = {.cmp = CMP_NONE};
  bool ok = v->ok;
  v->ok = true;
  if (!f->body || f->body->op != KIR_BLOCK || (unsigned)f->kind >= KIR_N_FN)
    kir_broken(v, KRULE_BODY, f->span, "%s", f->name ? f->name : "");
  else
    check_shape(v, f->body, 0);
  if (v->ok && cx_ok(v->c)) {
    for (const kir_fn_param *p = kir_fn_params[f->kind]; p->name; p++)
      declare(&k, f->body, p->name, p->type);
    check_block(&k, f->body, &at, 0);
    if (f->kind == KIR_FN_GENERATE)
      check_generator(&k);
    else if (!at.ended)
      kir_broken(v, KRULE_NO_RETURN, f->span, "%s", f->name ? f->name : "");
  }
  v->ok = v->ok && ok;
}
