// Functions of kernel IR as C. An op that is one expression or one call is a row of `rows`; the rest
// (blocks, loops, variables, choices) has a function here.
#include "ir/emit_c_inside.h"

#include <string.h>

// How an expression binds, from the tightest on: what stands in another is put in parentheses by it.
typedef enum { BINDS_TIGHT, BINDS_NOT, BINDS_CMP, BINDS_AND, BINDS_OR, BINDS_SELECT } binding;

// $0 $1: arguments; $*: all of them, $+: all but the first, $#: how many those are; $i $j $k $v $r $y $t:
// attributes; $w worker, $e evaluation, $c columns of the table.
static const struct {
  const char *text;
  binding binds;
  const char *negated; // of a comparison
} rows[KIR_N_OPS] = {
    [KIR_CANDIDATE] = {"amlrt_candidate($w, (const uint32_t[]){$*});", 0, NULL},
    [KIR_GENERATE_ALL] = {"amlrt_generate_all($w, $0);", 0, NULL},
    [KIR_MARKS_BEGIN] = {"amlrt_w_marks_begin($w, $i);", 0, NULL},
    [KIR_CMP_BEGIN] = {"amlrt_cmp_begin($w, $0);", 0, NULL},
    [KIR_CMP_NOTE_ROW] = {"amlrt_cmp_note_row($w, $i, $0);", 0, NULL},
    [KIR_CMP_NOTE_LITERAL] = {"amlrt_cmp_note_literal($w, $y);", 0, NULL},
    [KIR_CMP_NOTE_STAGE] = {"amlrt_cmp_note_stage($w, $e, $i, $j, $0, $1);", 0, NULL},
    [KIR_CMP_SETTLE] = {"amlrt_cmp_settle($w)", BINDS_TIGHT, NULL},
    [KIR_FROM_OF] = {"$c->from[$0]", BINDS_TIGHT, NULL},
    [KIR_TO_OF] = {"$c->to[$0]", BINDS_TIGHT, NULL},
    [KIR_TIME_OF] = {"$c->time[$0]", BINDS_TIGHT, NULL},
    [KIR_TRIGGER_TIME] = {"amlrt_w_trigger_time($w)", BINDS_TIGHT, NULL},
    [KIR_I64] = {"$i", BINDS_TIGHT, NULL},
    [KIR_I_ADD] = {"amlrt_i64_add($0, $1)", BINDS_TIGHT, NULL},
    [KIR_FORMAT_OF] = {"$c->format[$0]", BINDS_TIGHT, NULL},
    [KIR_SYMBOL] = {"amlrt_w_symbol($w, $y)", BINDS_TIGHT, NULL},
    [KIR_OUT_OF] = {"amlrt_w_out($w, $0)", BINDS_TIGHT, NULL},
    [KIR_IN_OF] = {"amlrt_w_in($w, $0)", BINDS_TIGHT, NULL},
    [KIR_SIZE_OF] = {"amlrt_slice_n($0)", BINDS_TIGHT, NULL},
    [KIR_PASSES] = {"amlrt_w_passes($w, $i, $0)", BINDS_TIGHT, NULL},
    [KIR_ALLOWED] = {"amlrt_w_allowed($w, $0)", BINDS_TIGHT, NULL},
    [KIR_MARK] = {"amlrt_w_mark($w, $i, $0)", BINDS_TIGHT, NULL},
    [KIR_MARKED] = {"amlrt_w_marked($w, $i, $0)", BINDS_TIGHT, NULL},
    [KIR_N_MARKED] = {"amlrt_w_n_marked($w, $i)", BINDS_TIGHT, NULL},
    [KIR_U_EQ] = {"$0 == $1", BINDS_CMP, "$0 != $1"},
    [KIR_U_NE] = {"$0 != $1", BINDS_CMP, "$0 == $1"},
    [KIR_U_LT] = {"$0 < $1", BINDS_CMP, "$0 >= $1"},
    [KIR_I_LT] = {"$0 < $1", BINDS_CMP, "$0 >= $1"},
    [KIR_I_LE] = {"$0 <= $1", BINDS_CMP, "$0 > $1"},
    [KIR_B_AND] = {"$0 && $1", BINDS_AND, NULL},
    [KIR_B_OR] = {"$0 || $1", BINDS_OR, NULL},
    [KIR_B_NOT] = {"!$0", BINDS_NOT, NULL},
    [KIR_N_CONST] = {"amlrt_num_const((amlrt_frac)$v)", BINDS_TIGHT, NULL},
    [KIR_N_MONEY] = {"amlrt_num_money($w, (amlrt_frac)$v, $y)", BINDS_TIGHT, NULL},
    [KIR_N_TEXT] = {"amlrt_num_text($t)", BINDS_TIGHT, NULL},
    [KIR_N_FIELD] = {"amlrt_num_field($w, $i, $0)", BINDS_TIGHT, NULL},
    [KIR_N_COLUMN] = {"amlrt_num_column($w, $y, $0)", BINDS_TIGHT, NULL},
    [KIR_N_ATTRIBUTE] = {"amlrt_num_attribute($w, $y, $0, $i)", BINDS_TIGHT, NULL},
    [KIR_N_GAP] = {"amlrt_num_gap($w, $0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_AGG] = {"amlrt_num_agg($w, $e, $i, $j, $k, $0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_AGG_COLUMN] = {"amlrt_num_agg_column($w, $e, $i, $y, $k, $0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_COUNT] = {"amlrt_num_count($w, $e, $i, $0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_FIRST] = {"amlrt_num_first($w, $e, $i, $0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_LAST] = {"amlrt_num_last($w, $e, $i, $0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_MEMBERS] = {"amlrt_num_members($w, $e, $i)", BINDS_TIGHT, NULL},
    [KIR_N_SPAN] = {"amlrt_num_span($w, $e)", BINDS_TIGHT, NULL},
    [KIR_N_ADD] = {"amlrt_num_add($0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_SUB] = {"amlrt_num_sub($0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_MUL] = {"amlrt_num_mul($0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_DIV] = {"amlrt_num_div($0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_RATIO] = {"amlrt_num_ratio($0, $1)", BINDS_TIGHT, NULL},
    [KIR_N_NEG] = {"amlrt_num_neg($0)", BINDS_TIGHT, NULL},
    [KIR_C_CMP] = {"amlrt_cond_cmp($w, $i, $0, $1, $j)", BINDS_TIGHT, NULL},
    [KIR_C_IN] = {"amlrt_cond_in($w, $0, &(const amlrt_range)$r, $y, $j)", BINDS_TIGHT, NULL},
    [KIR_C_ONE_OF] = {"amlrt_cond_one_of($w, $0, (const amlrt_num[]){$+}, $#, $j)", BINDS_TIGHT,
                      NULL},
    [KIR_C_TRUTH] = {"amlrt_cond_truth($0)", BINDS_TIGHT, NULL},
    [KIR_C_CANNOT_SAY] = {"amlrt_cond_cannot_say()", BINDS_TIGHT, NULL},
    [KIR_C_SELECT] = {"$0 ? $1 : $2", BINDS_SELECT, NULL},
    [KIR_C_AND] = {"amlrt_cond_and($0, $1)", BINDS_TIGHT, NULL},
    [KIR_C_OR] = {"amlrt_cond_or($0, $1)", BINDS_TIGHT, NULL},
    [KIR_C_NOT] = {"amlrt_cond_not($0)", BINDS_TIGHT, NULL},
    [KIR_SHOW] = {"amlrt_show($w, $0, $j)", BINDS_TIGHT, NULL},
};

static const char *const c_types[KTY_N] = {
    [KTY_BOOL] = "bool",     [KTY_U32] = "uint32_t",      [KTY_I64] = "int64_t",
    [KTY_NUM] = "amlrt_num", [KTY_COND] = "amlrt_cond",   [KTY_SLICE] = "amlrt_slice",
    [KTY_VOID] = "void",     [KTY_VALUE] = "amlrt_value",
};

// A variable in reach; what it is known by in `used`.
typedef struct variable {
  const char *name;
  const void *key;
} variable;

typedef struct fn_emitter {
  emitter *e;
  const kir_fn *f;
  const char *name; // in C
  strbuf body;
  uint32_t indent, loops, n_temps;
  bool uses_w, uses_v, uses_cols;
  VEC(variable) scope;
  map *used; // variables that something reads, by key
} fn_emitter;

// ---- which variables are read -------------------------------------------------------------------------

static void declare(fn_emitter *fe, const char *name, const void *key)
{
  variable v = {name ? name : "", key};
  VEC_PUSH(fe->e->mem, &fe->scope, v);
}

static void note_read(fn_emitter *fe, const char *name)
{
  for (uint32_t i = fe->scope.n; name && i-- > 0;) {
    if (strcmp(fe->scope.at[i].name, name) != 0) continue;
    map_put(fe->used, fe->scope.at[i].key, fe);
    return;
  }
}

static bool is_read(const fn_emitter *fe, const void *key)
{
  return map_get(fe->used, key) != NULL;
}

// A FOR_EACH has two variables: the account is known by the node, the row by its arguments.
static const void *row_key(const kir_node *n)
{
  return n->args;
}

static void note_reads(fn_emitter *fe, const kir_node *n)
{
  uint32_t outside = fe->scope.n;
  if (n->op == KIR_VAR) note_read(fe, n->name);
  for (uint32_t k = 0; k < n->n_args; k++) {
    if (k == (n->op == KIR_FOR_EACH ? 1 : 0) && (n->op == KIR_FOR_EACH || n->op == KIR_PARALLEL)) {
      declare(fe, n->name, n);
      if (n->op == KIR_FOR_EACH) declare(fe, n->text, row_key(n));
    }
    if (n->args[k]) note_reads(fe, n->args[k]);
  }
  // A LET is declared for what follows in its block.
  fe->scope.n = outside;
  if (n->op == KIR_LET) declare(fe, n->name, n);
}

// ---- names of variables -------------------------------------------------------------------------------

static bool begins(const char *text, const char *with)
{
  return strncmp(text, with, strlen(with)) == 0;
}

static bool ends(const char *text, const char *with)
{
  size_t n = strlen(text), m = strlen(with);
  return n >= m && strcmp(text + n - m, with) == 0;
}

static bool is_taken_by_c(const fn_emitter *fe, const char *name)
{
  static const char *const words[] = {
      "auto",   "break",    "case",   "char",     "const",    "continue", "default",   "do",
      "double", "else",     "enum",   "extern",   "float",    "for",      "goto",      "if",
      "inline", "int",      "long",   "register", "restrict", "return",   "short",     "signed",
      "sizeof", "static",   "struct", "switch",   "typedef",  "union",    "unsigned",  "void",
      "while",  "volatile", "bool",   "true",     "false",    "asm",      "typeof",    "linux",
      "unix",   "w",        "v",      "cols",     "offsetof", "nullptr",  "constexpr", "alignas"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i], name) == 0) return true;
  bool odd = *name == '_' || (*name >= 'A' && *name <= 'Z') || ends(name, "_t") || ends(name, "_v");
  return odd || begins(name, "amlrt") || begins(name, "tmp_") || begins(name, "slice_") ||
         begins(name, "i_") || begins(name, fe->e->prefix);
}

// The variable as C has it: its own name, with `_v` behind it where C or we have another use for it.
static const char *c_variable(fn_emitter *fe, const char *name)
{
  return is_taken_by_c(fe, name) ? arena_printf(fe->e->mem, "%s_v", name) : name;
}

// ---- expressions --------------------------------------------------------------------------------------

typedef struct c_expr {
  const char *text;
  binding binds;
} c_expr;

enum {
  TALL = 24
}; // deeper expressions are cut into steps: compilers bound how deep parentheses go

static bool is_taller(const kir_node *n, uint32_t than)
{
  if (than == 0) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && is_taller(n->args[k], than - 1)) return true;
  return false;
}

static c_expr express(fn_emitter *fe, const kir_node *n);

static void line(fn_emitter *fe, const char *text)
{
  emit_flow(&fe->body, 2 * fe->indent, text);
}

static void open_block(fn_emitter *fe, const char *head)
{
  line(fe, head);
  fe->indent++;
}

static void close_block(fn_emitter *fe, const char *tail)
{
  fe->indent--;
  line(fe, tail);
}

static void emit_imm(fn_emitter *fe, strbuf *out, const kir_node *n, int which)
{
  kir_word_kind kind = kir_imm_kind(n->op, which);
  const kir_word *word = kind == KW_N ? NULL : kir_word_of(kind, n->imm[which]);
  if (word)
    strbuf_puts(out, word->c_name);
  else if (kind == KW_role || kind == KW_stage)
    emit_index(out, fe->e, kind == KW_role ? KREC_ROLE : KREC_STAGE, (uint32_t)n->imm[which]);
  else
    emit_int(out, n->imm[which]);
}

static void emit_args(strbuf *out, const kir_node *n, const c_expr *args, uint32_t first)
{
  for (uint32_t k = first; k < n->n_args; k++)
    strbuf_printf(out, "%s%s", k > first ? ", " : "", args[k].text);
}

// The operands of `&&` and `||` need none where they bind tighter, or are of the same kind.
static void emit_arg(strbuf *out, const kir_node *n, const c_expr *arg)
{
  binding mine = rows[n->op].binds;
  bool same = mine == arg->binds && (n->op == KIR_B_AND || n->op == KIR_B_OR);
  bool mixed = mine == BINDS_OR && arg->binds == BINDS_AND; // right, but compilers warn
  bool bare = mine == BINDS_TIGHT || (arg->binds < mine && !mixed) || same;
  strbuf_printf(out, bare ? "%s" : "(%s)", arg->text);
}

static void emit_place(fn_emitter *fe, strbuf *out, const kir_node *n, const c_expr *args,
                       char what)
{
  switch (what) {
  case '0':
  case '1':
  case '2':
    emit_arg(out, n, &args[what - '0']);
    break;
  case '*':
  case '+':
    emit_args(out, n, args, what == '+');
    break;
  case '#':
    strbuf_printf(out, "%u", n->n_args - 1);
    break;
  case 'i':
  case 'j':
  case 'k':
    emit_imm(fe, out, n, what - 'i');
    break;
  case 'v':
    emit_rational(out, n->value);
    break;
  case 'r':
    emit_range(out, &n->range);
    break;
  case 'y':
    emit_index(out, fe->e, KREC_SYMBOL, n->symbol < 0 ? KIR_NONE : (uint32_t)n->symbol);
    break;
  case 't':
    emit_string(out, n->text ? n->text : "");
    break;
  case 'w':
    fe->uses_w = true;
    strbuf_putc(out, 'w');
    break;
  case 'e':
    fe->uses_v = true;
    strbuf_putc(out, 'v');
    break;
  case 'c':
    fe->uses_w = fe->uses_cols = true;
    strbuf_puts(out, "cols");
    break;
  default:
    AML_BUG("rows of emit_c_fn.c: $%c", what);
  }
}

static const char *take_text(fn_emitter *fe, strbuf *out)
{
  const char *text = arena_text(fe->e->mem, strbuf_text(out), out->n);
  strbuf_release(out);
  return text;
}

// The row of an op with its arguments filled in.
static c_expr fill(fn_emitter *fe, const kir_node *n, const char *text, const c_expr *args)
{
  strbuf out;
  if (!text) AML_BUG("%s is no expression", kir_ops[n->op].name);
  strbuf_init(&out, fe->e->out->c);
  for (const char *t = text; *t; t++) {
    if (*t == '$')
      emit_place(fe, &out, n, args, *++t);
    else
      strbuf_putc(&out, *t);
  }
  return (c_expr){take_text(fe, &out), rows[n->op].binds};
}

static const char *new_temp(fn_emitter *fe)
{
  return arena_printf(fe->e->mem, "tmp_%u", ++fe->n_temps);
}

static void assign(fn_emitter *fe, const char *to, const kir_node *n)
{
  line(fe, arena_printf(fe->e->mem, "%s = %s;", to, express(fe, n).text));
}

// A choice too deep to stand in an expression: only what is chosen is worked out, as there.
static c_expr choose(fn_emitter *fe, const kir_node *n)
{
  const char *temp = new_temp(fe);
  line(fe, arena_printf(fe->e->mem, "%s %s;", c_types[n->type], temp));
  const char *cond = express(fe, n->args[0]).text;
  if (n->op == KIR_C_SELECT) {
    open_block(fe, arena_printf(fe->e->mem, "if (%s) {", cond));
    assign(fe, temp, n->args[1]);
    fe->indent--;
    open_block(fe, "} else {");
    assign(fe, temp, n->args[2]);
  } else {
    line(fe, arena_printf(fe->e->mem, "%s = %s;", temp, cond));
    open_block(fe, arena_printf(fe->e->mem, "if (%s%s) {", n->op == KIR_B_OR ? "!" : "", temp));
    assign(fe, temp, n->args[1]);
  }
  close_block(fe, "}");
  return (c_expr){temp, BINDS_TIGHT};
}

static c_expr variable_or_number(fn_emitter *fe, const kir_node *n)
{
  if (n->op == KIR_VAR) return (c_expr){c_variable(fe, n->name), BINDS_TIGHT};
  if (n->imm[0] == KIR_NONE) return (c_expr){"AMLRT_NONE", BINDS_TIGHT};
  return (c_expr){arena_printf(fe->e->mem, "%lldu", (long long)n->imm[0]), BINDS_TIGHT};
}

static c_expr express(fn_emitter *fe, const kir_node *n)
{
  bool tall = is_taller(n, TALL);
  if (!cx_ok(fe->e->out->c)) return (c_expr){"", BINDS_TIGHT};
  if (n->op == KIR_VAR || n->op == KIR_U32) return variable_or_number(fe, n);
  const char *text = rows[n->op].text;
  // `a >= b` reads better than `!(a < b)`.
  if (n->op == KIR_B_NOT && rows[n->args[0]->op].negated) {
    n = n->args[0];
    text = rows[n->op].negated;
  }
  if (tall && (n->op == KIR_C_SELECT || n->op == KIR_B_AND || n->op == KIR_B_OR))
    return choose(fe, n);
  c_expr *args = arena_try(fe->e->mem, (n->n_args + 1) * sizeof *args);
  if (!args) return (c_expr){"", BINDS_TIGHT};
  for (uint32_t k = 0; k < n->n_args; k++)
    args[k] = express(fe, n->args[k]);
  c_expr whole = fill(fe, n, text, args);
  if (!tall || n->type == KTY_VOID) return whole;
  const char *temp = new_temp(fe);
  line(fe, arena_printf(fe->e->mem, "const %s %s = %s;", c_types[n->type], temp, whole.text));
  return (c_expr){temp, BINDS_TIGHT};
}

// ---- statements ---------------------------------------------------------------------------------------

static void emit_stmt(fn_emitter *fe, const kir_node *n);

static void emit_stmts(fn_emitter *fe, const kir_node *block)
{
  for (uint32_t k = 0; k < block->n_args && cx_ok(fe->e->out->c); k++)
    emit_stmt(fe, block->args[k]);
}

// A variable that nothing reads would be a warning.
static void emit_variable(fn_emitter *fe, const char *type, const char *name, const char *value,
                          const void *key)
{
  const char *c_name = c_variable(fe, name);
  line(fe, arena_printf(fe->e->mem, "const %s %s = %s;", type, c_name, value));
  if (!is_read(fe, key)) line(fe, arena_printf(fe->e->mem, "(void)%s;", c_name));
}

static void emit_let(fn_emitter *fe, const kir_node *n)
{
  const char *value = express(fe, n->args[0]).text;
  emit_variable(fe, c_types[n->args[0]->type], n->name, value, n);
}

static void emit_if(fn_emitter *fe, const kir_node *n)
{
  open_block(fe, arena_printf(fe->e->mem, "if (%s) {", express(fe, n->args[0]).text));
  emit_stmts(fe, n->args[1]);
  if (n->args[2]) {
    fe->indent--;
    open_block(fe, "} else {");
    emit_stmts(fe, n->args[2]);
  }
  close_block(fe, "}");
}

// Loops that hold loops ask whether the run is to stop. The innermost are over with their slice, and run
// without a call.
static void emit_for_each(fn_emitter *fe, const kir_node *n)
{
  arena *mem = fe->e->mem;
  uint32_t k = ++fe->n_temps;
  const char *slice = express(fe, n->args[0]).text;
  if (n->args[0]->op != KIR_VAR) {
    line(fe, arena_printf(mem, "const amlrt_slice slice_%u = %s;", k, slice));
    slice = arena_printf(mem, "slice_%u", k);
  }
  open_block(fe, arena_printf(mem, "for (uint32_t i_%u = %s.lo; i_%u < %s.hi; i_%u++) {", k, slice,
                              k, slice, k));
  if (kir_holds(n, KIR_FOR_EACH)) {
    line(fe, "if (amlrt_w_stop(w)) return;");
    fe->uses_w = true;
  }
  if (is_read(fe, n))
    emit_variable(fe, "uint32_t", n->name, arena_printf(mem, "%s.nbr[i_%u]", slice, k), n);
  if (is_read(fe, row_key(n)))
    emit_variable(fe, "uint32_t", n->text, arena_printf(mem, "%s.row[i_%u]", slice, k), row_key(n));
  fe->loops++;
  emit_stmts(fe, n->args[1]);
  fe->loops--;
  close_block(fe, "}");
}

static void emit_return(fn_emitter *fe, const kir_node *n)
{
  const kir_node *what = n->args[0];
  if (what->op == KIR_C_SELECT) {
    open_block(fe, arena_printf(fe->e->mem, "if (%s) {", express(fe, what->args[0]).text));
    line(fe, arena_printf(fe->e->mem, "return %s;", express(fe, what->args[1]).text));
    close_block(fe, "}");
    what = what->args[2];
  }
  line(fe, arena_printf(fe->e->mem, "return %s;", express(fe, what).text));
}

static void emit_simple(fn_emitter *fe, const kir_node *n)
{
  if (n->op == KIR_CANDIDATE && n->n_args == 0) { // a pattern without single roles
    fe->uses_w = true;
    line(fe, "amlrt_candidate(w, NULL);");
    return;
  }
  line(fe, express(fe, n).text);
}

static void emit_stmt(fn_emitter *fe, const kir_node *n)
{
  if (n->op == KIR_BLOCK) {
    open_block(fe, "{");
    emit_stmts(fe, n);
    close_block(fe, "}");
  } else if (n->op == KIR_LET) {
    emit_let(fe, n);
  } else if (n->op == KIR_IF) {
    emit_if(fe, n);
  } else if (n->op == KIR_FOR_EACH) {
    emit_for_each(fe, n);
  } else if (n->op == KIR_PARALLEL) {
    emit_stmts(fe, n->args[0]);
  } else if (n->op == KIR_NEXT) {
    line(fe, fe->loops ? "continue;" : "return;");
  } else if (n->op == KIR_STOP) {
    line(fe, "break;");
  } else if (n->op == KIR_RETURN) {
    emit_return(fe, n);
  } else if (n->op == KIR_COMMENT) {
    emit_comment(&fe->body, 2 * fe->indent, n->text ? n->text : "");
  } else {
    emit_simple(fe, n);
  }
}

// ---- functions ----------------------------------------------------------------------------------------

static const kir_node *parallel_of(const kir_fn *f)
{
  for (uint32_t k = 0; k < f->body->n_args; k++)
    if (f->body->args[k]->op == KIR_PARALLEL) return f->body->args[k];
  return NULL;
}

static bool takes_eval(kir_fn_kind kind)
{
  return kind == KIR_FN_AGG || kind == KIR_FN_SHOW;
}

static void emit_head(fn_emitter *fe)
{
  const kir_fn *f = fe->f;
  const kir_node *parallel = f->kind == KIR_FN_GENERATE ? parallel_of(f) : NULL;
  strbuf head;
  strbuf_init(&head, fe->e->out->c);
  strbuf_printf(&head, "%s%s %s(amlrt_worker *w", fe->e->d->fn_prefix,
                c_types[kir_fn_gives[f->kind]], fe->name);
  if (takes_eval(f->kind)) strbuf_puts(&head, ", amlrt_eval *v");
  for (const kir_fn_param *p = kir_fn_params[f->kind]; p->name; p++)
    strbuf_printf(&head, ", uint32_t %s", p->name);
  if (parallel) strbuf_printf(&head, ", uint32_t %s", c_variable(fe, parallel->name));
  strbuf_putc(&head, ')');
  emit_flow(fe->e->out, 0, strbuf_text(&head));
  strbuf_release(&head);
}

static void emit_unused(fn_emitter *fe)
{
  const kir_node *parallel = fe->f->kind == KIR_FN_GENERATE ? parallel_of(fe->f) : NULL;
  strbuf *out = fe->e->out;
  if (!fe->uses_w) strbuf_puts(out, "  (void)w;\n");
  if (takes_eval(fe->f->kind) && !fe->uses_v) strbuf_puts(out, "  (void)v;\n");
  for (const kir_fn_param *p = kir_fn_params[fe->f->kind]; p->name; p++)
    if (!is_read(fe, p)) strbuf_printf(out, "  (void)%s;\n", p->name);
  if (parallel && !is_read(fe, parallel))
    strbuf_printf(out, "  (void)%s;\n", c_variable(fe, parallel->name));
  if (fe->uses_cols) strbuf_puts(out, "  const amlrt_cols *const cols = amlrt_w_cols(w);\n");
}

// file.aml, line 12: the line itself. No number where the text came from another file (kernel IR).
static void emit_origin(fn_emitter *fe)
{
  cx *c = fe->e->out->c;
  const kir_fn *f = fe->f;
  bool said = f->comment && *f->comment;
  const char *file = fe->e->m->source, *text = said ? f->comment : "a value that is shown";
  bool known = *file && f->span.file < source_count(c) && f->span.end > 0 &&
               ends(source_get(c, f->span.file)->name, file);
  if (known) {
    uint32_t number = source_line_col(c, f->span.file, f->span.start).line;
    text = arena_printf(fe->e->mem, "%s, line %u: %s", file, number, text);
  }
  strbuf_putc(fe->e->out, '\n');
  emit_comment(fe->e->out, 0, text);
  if (f->kind == KIR_FN_GENERATE)
    strbuf_puts(fe->e->out,
                "// For one trigger. The loop over triggers, in any order and on any worker, "
                "is the runtime's.\n");
}

static void emit_function(emitter *e, const kir_fn *f, const char *name)
{
  fn_emitter fe = {.e = e, .f = f, .name = name, .indent = 1};
  strbuf_init(&fe.body, e->out->c);
  fe.used = map_new(e->mem);
  for (const kir_fn_param *p = kir_fn_params[f->kind]; p->name; p++)
    declare(&fe, p->name, p);
  for (uint32_t k = 0; k < f->body->n_args; k++)
    note_reads(&fe, f->body->args[k]);
  emit_stmts(&fe, f->body);
  emit_origin(&fe);
  emit_head(&fe);
  strbuf_puts(e->out, "{\n");
  emit_unused(&fe);
  strbuf_add(e->out, strbuf_text(&fe.body), fe.body.n);
  strbuf_puts(e->out, "}\n");
  strbuf_release(&fe.body);
}

void emit_functions(emitter *e)
{
  strbuf_puts(e->out, "\n// ---- its conditions ----\n");
  for (uint32_t i = 0; i < e->m->fns.n && cx_ok(e->out->c); i++)
    if (e->fn_used[i]) emit_function(e, e->m->fns.at[i], e->fns[i]);
}
