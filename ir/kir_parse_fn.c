// Functions of kernel IR, read from text: statements by line, expressions as name(..).
#include "ir/kir_parse.h"
#include "ir/kir_verify.h"

#include <string.h>

typedef VEC(kir_node *) node_list;

static bool failed(const kir_parser *p)
{
  return p->r.line_failed || !cx_ok(p->r.c) || diag_n_errors(p->r.c) != p->errors;
}

static bool too_deep(kir_parser *p)
{
  if (p->depth < cx_get_limits(p->r.c)->max_depth * KIR_DEPTH_FACTOR) return false;
  rd_fail(&p->r, DIAG_LIMIT, p->r.tok.span, "this is nested deeper than amlc reads");
  return true;
}

// ---- variables ----------------------------------------------------------------------------------------

static void declare(kir_parser *p, const char *name, kir_type type)
{
  kir_scope_var var = {name, type};
  VEC_PUSH(p->r.mem, &p->scope, var);
}

static kir_node *read_variable(kir_parser *p)
{
  span where = p->r.tok.span;
  const char *name = p->r.tok.text;
  rd_next(&p->r);
  for (uint32_t i = p->scope.n; i-- > 0;)
    if (strcmp(p->scope.at[i].name, name) == 0)
      return kir_var(p->m, where, name, p->scope.at[i].type);
  rd_fail(&p->r, DIAG_SYNTAX, where, "no variable of this name is in scope");
  return NULL;
}

// ---- attributes ---------------------------------------------------------------------------------------

static void read_comma(kir_parser *p, bool *any)
{
  if (*any) rd_need_sign(&p->r, ',', "`,`");
  *any = true;
}

static void read_word_and_equals(kir_parser *p, const char *word)
{
  if (failed(p)) return;
  if (!rd_take_word(&p->r, word)) rd_expected(&p->r, arena_printf(p->r.mem, "`%s=`", word));
  rd_need_sign(&p->r, '=', "`=`");
}

static int64_t read_label(kir_parser *p, kir_record_id record)
{
  span where = p->r.tok.span;
  if (p->r.tok.kind != GTOK_LABEL) return rd_need_int(&p->r);
  uint32_t found = kir_find_label(p->m, record, p->r.tok.text);
  if (found == KIR_NONE)
    rd_fail(&p->r, DIAG_SYNTAX, where, "no role or stage of this name stands above");
  rd_next(&p->r);
  return found;
}

static void read_imm(kir_parser *p, kir_node *n, int which, bool *any)
{
  kir_word_kind kind = kir_imm_kind(n->op, which);
  if (kind == KW_N || failed(p)) return;
  read_comma(p, any);
  read_word_and_equals(p, kir_word_kind_names[kind]);
  if (failed(p)) return;
  span where = p->r.tok.span;
  if (kind == KW_role || kind == KW_stage) {
    n->imm[which] = read_label(p, kind == KW_role ? KREC_ROLE : KREC_STAGE);
  } else if (kir_has_words(kind)) {
    const char *word = rd_need(&p->r, GTOK_WORD, "a word");
    n->imm[which] = failed(p) ? 0 : kir_word_value(kind, word);
    if (n->imm[which] < 0)
      rd_fail(&p->r, DIAG_SYNTAX, where, "this is none of the values that may stand here");
  } else {
    n->imm[which] = rd_need_int(&p->r);
  }
}

static void read_attrs(kir_parser *p, kir_node *n, bool any)
{
  if (kir_has_attr(n->op, 'v') && !failed(p)) {
    read_comma(p, &any);
    n->value = rd_need_rational(&p->r);
  }
  if (kir_has_attr(n->op, 'r') && !failed(p)) {
    read_comma(p, &any);
    rd_range(&p->r, &n->range);
  }
  for (int k = 0; k < 3; k++)
    read_imm(p, n, k, &any);
  if (kir_has_attr(n->op, 'y') && !failed(p)) {
    read_comma(p, &any);
    read_word_and_equals(p, "symbol");
    if (!failed(p) && !rd_take_word(&p->r, "none")) n->symbol = rd_need_int(&p->r);
  }
  if (kir_has_attr(n->op, 't') && n->op != KIR_FOR_EACH && !failed(p)) {
    read_comma(p, &any);
    n->text = rd_need_text(&p->r);
  }
}

// ---- expressions --------------------------------------------------------------------------------------

static kir_node *read_expr(kir_parser *p);

// The next token is a word with this character behind it.
static bool word_with(const ir_reader *r, char behind)
{
  const gir_lexer *l = &r->lex;
  uint32_t at = l->at;
  if (r->tok.kind != GTOK_WORD) return false;
  while (at < l->n && l->text[at] == ' ')
    at++;
  return at < l->n && l->text[at] == behind;
}

// Another argument follows, not an attribute or the end.
static bool more_args(const kir_parser *p, bool any)
{
  ir_reader ahead = p->r;
  if (any && !rd_take_sign(&ahead, ',')) return false;
  return ahead.tok.kind == GTOK_NUMBER ||
         (ahead.tok.kind == GTOK_WORD && !word_with(&ahead, '=') && !rd_is_word(&ahead, "in"));
}

static kir_op find_op(const char *name)
{
  for (int op = 0; op < KIR_N_OPS; op++)
    if (strcmp(kir_ops[op].name, name) == 0) return (kir_op)op;
  return KIR_N_OPS;
}

// Arguments that are values, separated by commas; bodies are the caller's to read.
static void read_args(kir_parser *p, kir_op op, node_list *args)
{
  bool any = false;
  uint32_t places = kir_takes_more(op) ? UINT32_MAX : kir_n_args(op);
  while (!failed(p) && args->n < places && kir_arg_type(op, args->n) != KTY_VOID &&
         (args->n < kir_min_args(op) || more_args(p, any))) {
    read_comma(p, &any);
    kir_node *arg = read_expr(p);
    if (arg) VEC_PUSH(p->r.mem, args, arg);
  }
}

static kir_node *read_call(kir_parser *p)
{
  span where = p->r.tok.span;
  kir_op op = find_op(p->r.tok.text);
  node_list args = {0};
  if (op == KIR_N_OPS || kir_ops[op].gives == KTY_VOID || op == KIR_VAR) {
    rd_fail(&p->r, DIAG_SYNTAX, where, "kernel IR has no value of this name");
    return NULL;
  }
  rd_next(&p->r);
  rd_need_sign(&p->r, '(', "`(`");
  read_args(p, op, &args);
  if (failed(p)) return NULL;
  kir_node *n = kir_make(p->m, op, where, args.at, args.n);
  read_attrs(p, n, args.n > 0);
  rd_need_sign(&p->r, ')', "`)`");
  return failed(p) ? NULL : n;
}

static kir_node *read_number(kir_parser *p)
{
  span where = p->r.tok.span;
  kir_node *n = kir_u32(p->m, where, KIR_NONE);
  if (!rd_take_word(&p->r, "none")) n->imm[0] = rd_need_int(&p->r);
  return n;
}

static kir_node *read_expr(kir_parser *p)
{
  kir_node *n = NULL;
  if (failed(p) || too_deep(p)) return NULL;
  p->depth++;
  if (p->r.tok.kind == GTOK_NUMBER || rd_is_word(&p->r, "none"))
    n = read_number(p);
  else if (word_with(&p->r, '('))
    n = read_call(p);
  else if (p->r.tok.kind == GTOK_WORD)
    n = read_variable(p);
  else
    rd_expected(&p->r, "a value");
  p->depth--;
  return failed(p) ? NULL : n;
}

// ---- statements ---------------------------------------------------------------------------------------

static kir_node *read_stmt(kir_parser *p);

// From `{` up to and with `}`. Variables of the block end with it.
static kir_node *read_block(kir_parser *p)
{
  span where = p->r.tok.span;
  uint32_t outside = p->scope.n;
  kir_node *block = kir_make(p->m, KIR_BLOCK, where, NULL, 0);
  rd_need_sign(&p->r, '{', "`{`");
  if (failed(p) || too_deep(p)) return NULL;
  rd_end_line(&p->r);
  p->depth++;
  for (rd_skip_empty_lines(&p->r); !failed(p) && !rd_take_sign(&p->r, '}');
       rd_skip_empty_lines(&p->r)) {
    kir_node *stmt = read_stmt(p);
    if (stmt) kir_append(p->m, block, stmt);
  }
  p->depth--;
  p->scope.n = outside;
  return failed(p) ? NULL : block;
}

static void read_names(kir_parser *p, kir_node *n)
{
  if (kir_has_attr(n->op, 'n')) n->name = rd_need(&p->r, GTOK_WORD, "the name of a variable");
  if (n->op == KIR_LET) rd_need_sign(&p->r, '=', "`=`");
  if (n->op != KIR_FOR_EACH) return;
  n->text = rd_need(&p->r, GTOK_WORD, "the name of a variable");
  if (!failed(p) && !rd_take_word(&p->r, "in")) rd_expected(&p->r, "`in`");
}

// The bodies of a loop or a choice; what a loop counts is known in its body alone.
static void read_bodies(kir_parser *p, const kir_node *n, node_list *args)
{
  uint32_t outside = p->scope.n;
  if (n->op == KIR_FOR_EACH || n->op == KIR_PARALLEL) declare(p, n->name, KTY_U32);
  if (n->op == KIR_FOR_EACH) declare(p, n->text, KTY_U32);
  for (uint32_t k = args->n; k < kir_n_args(n->op) && !failed(p); k++) {
    if (k >= kir_min_args(n->op) && !rd_take_word(&p->r, "else")) break;
    kir_node *block = read_block(p);
    if (block) VEC_PUSH(p->r.mem, args, block);
  }
  p->scope.n = outside;
}

static bool has_bodies(kir_op op)
{
  return op == KIR_IF || op == KIR_FOR_EACH || op == KIR_PARALLEL;
}

static kir_node *read_stmt(kir_parser *p)
{
  span where = p->r.tok.span;
  const char *word = rd_need(&p->r, GTOK_WORD, "a statement");
  kir_op op = failed(p) ? KIR_N_OPS : find_op(word);
  node_list args = {0};
  if (op == KIR_N_OPS || kir_ops[op].gives != KTY_VOID) {
    rd_fail(&p->r, DIAG_SYNTAX, where, "kernel IR has no statement of this name");
    return NULL;
  }
  kir_node *n = op == KIR_BLOCK ? read_block(p) : kir_make(p->m, op, where, NULL, 0);
  if (n && op != KIR_BLOCK) {
    read_names(p, n);
    read_args(p, op, &args);
    if (has_bodies(op)) read_bodies(p, n, &args);
    if (failed(p)) return NULL;
    kir_node *whole = kir_make(p->m, op, where, args.at, args.n);
    whole->name = n->name;
    whole->text = n->text;
    n = whole;
    read_attrs(p, n, args.n > 0);
    if (op == KIR_LET && !failed(p)) declare(p, n->name, args.at[0]->type);
  }
  if (failed(p)) return NULL;
  rd_end_line(&p->r);
  return n;
}

// ---- functions ----------------------------------------------------------------------------------------

static kir_fn_kind read_kind(kir_parser *p)
{
  span where = p->r.tok.span;
  const char *word = rd_need(&p->r, GTOK_WORD, "the kind of function");
  for (int k = 0; k < KIR_N_FN && !failed(p); k++)
    if (strcmp(kir_fn_names[k], word) == 0) return (kir_fn_kind)k;
  rd_fail(&p->r, DIAG_SYNTAX, where, "there is no such kind of function");
  return KIR_FN_ROW;
}

bool kir_read_fn(kir_parser *p)
{
  span where = p->r.tok.span;
  p->errors = diag_n_errors(p->r.c);
  p->scope.n = 0;
  p->depth = 0;
  kir_fn_kind kind = read_kind(p);
  const char *name = rd_need(&p->r, GTOK_WORD, "the name of the function");
  const char *comment = rd_need_text(&p->r);
  if (failed(p)) return false;
  kir_fn *f = kir_fn_new(p->m, kind, name, where);
  f->name = name; // one that cannot be, or is taken, is the verifier's to report
  f->comment = comment;
  for (const kir_fn_param *v = kir_fn_params[kind]; v->name; v++)
    declare(p, v->name, v->type);
  kir_node *body = read_block(p);
  if (!body) return false;
  f->body = body;
  rd_end_line(&p->r);
  return !failed(p);
}
