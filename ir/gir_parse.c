// Reads the text form of graph IR, which a user may hand in: whatever the bytes, the answer is a module
// that the verifier passed, or diagnostics. One mistake, one error: what hangs on a line that failed
// fails with it in silence.
#include "ir/gir_lex.h"
#include "ir/gir_table.h"
#include "ir/base/map.h"

#include <string.h>

enum { DEPTH_FACTOR = 8 }; // lowering joins what a source nests, so its trees may be deeper

typedef struct node_facts {
  gir_node *node;
  uint32_t depth; // of the tree below it
  bool used;
} node_facts;

typedef struct parser {
  cx *c;
  arena *mem;
  gir_lexer lex;
  gir_token tok;    // the next one
  bool line_failed; // the rest of this line is skipped
  gir_module *m;
  gir_pattern *p;
  map *labels;           // of the pattern: label to node, or to the parser where its line failed
  VEC(node_facts) facts; // by node id
  unsigned seen;         // header lines, by row of `lines`
} parser;

// ---- tokens ---------------------------------------------------------------------------------------

static void next(parser *ps)
{
  ps->tok = gir_lex(&ps->lex);
  if (ps->tok.kind == GTOK_BAD) ps->line_failed = true;
}

// One error a line; the lexer has told what it found wrong.
static void fail(parser *ps, diag_code code, span where, const char *what)
{
  if (!ps->line_failed) diag_error(ps->c, code, where, "%s", what);
  ps->line_failed = true;
}

static void expected(parser *ps, const char *what)
{
  if (!ps->line_failed)
    diag_error(ps->c, DIAG_SYNTAX, ps->tok.span, "expected %s%s", what,
               ps->tok.kind == GTOK_LINE ? " before the end of the line" : "");
  ps->line_failed = true;
}

static bool is_sign(const parser *ps, char sign)
{
  return ps->tok.kind == GTOK_SIGN && ps->tok.sign == sign;
}

static bool is_word(const parser *ps, const char *word)
{
  return ps->tok.kind == GTOK_WORD && strcmp(ps->tok.text, word) == 0;
}

static bool take_sign(parser *ps, char sign)
{
  if (!is_sign(ps, sign)) return false;
  next(ps);
  return true;
}

static bool take_word(parser *ps, const char *word)
{
  if (!is_word(ps, word)) return false;
  next(ps);
  return true;
}

static const char *need(parser *ps, gir_token_kind kind, const char *what)
{
  if (ps->line_failed || ps->tok.kind != kind) {
    expected(ps, what);
    return "";
  }
  const char *text = ps->tok.text;
  next(ps);
  return text;
}

// A name: a word, or anything in quotes.
static const char *need_name(parser *ps, const char *what)
{
  return need(ps, ps->tok.kind == GTOK_TEXT ? GTOK_TEXT : GTOK_WORD, what);
}

static const char *need_text(parser *ps)
{
  return need(ps, GTOK_TEXT, "a text in quotes");
}

static rational need_rational(parser *ps)
{
  rational v = rational_int(0);
  span where = ps->tok.span;
  const char *text = need(ps, GTOK_NUMBER, "a number");
  if (!ps->line_failed && !rational_read(&v, text, strlen(text)))
    fail(ps, DIAG_BAD_NUMBER, where, "this number cannot be read, or is too large");
  return v;
}

static int64_t need_int(parser *ps)
{
  span where = ps->tok.span;
  rational v = need_rational(ps);
  if (ps->line_failed) return 0;
  if (rational_is_int(v) && v.num >= INT64_MIN && v.num <= INT64_MAX) return (int64_t)v.num;
  fail(ps, DIAG_BAD_NUMBER, where, "a whole number of at most 64 bits must stand here");
  return 0;
}

static void need_sign(parser *ps, char sign, const char *what)
{
  if (!ps->line_failed && !take_sign(ps, sign)) expected(ps, what);
}

// The end of a line, wherever it is; complains about what stands before it.
static void end_line(parser *ps)
{
  if (!ps->line_failed && ps->tok.kind != GTOK_LINE && ps->tok.kind != GTOK_END)
    expected(ps, "the end of the line");
  while (ps->tok.kind != GTOK_LINE && ps->tok.kind != GTOK_END && cx_ok(ps->c))
    next(ps);
  if (ps->tok.kind == GTOK_LINE) next(ps);
  // The first token of the next line may be a bad one, already reported.
  ps->line_failed = ps->tok.kind == GTOK_BAD;
}

static void skip_empty_lines(parser *ps)
{
  while (ps->tok.kind == GTOK_LINE && cx_ok(ps->c))
    next(ps);
}

static bool stop(const parser *ps)
{
  return ps->tok.kind == GTOK_END || diag_stop(ps->c);
}

// ---- attributes -----------------------------------------------------------------------------------

static gir_type need_type(parser *ps)
{
  span where = ps->tok.span;
  const char *name = need(ps, GTOK_WORD, "a type");
  for (int t = 0; t < TY_N; t++)
    if (strcmp(gir_types[t].name, name) == 0) return (gir_type)t;
  fail(ps, DIAG_SYNTAX, where, "this is no type of graph IR");
  return TY_NONE;
}

// After `money`: its currency, or none.
static const char *need_currency(parser *ps)
{
  return take_word(ps, "none") ? NULL : need_text(ps);
}

static void read_range(parser *ps, gir_range *r)
{
  if (!take_word(ps, "in")) expected(ps, "`in` and a range");
  if (ps->line_failed) return;
  r->type = need_type(ps);
  if (r->type == TY_MONEY) r->currency = need_currency(ps);
  if (ps->tok.kind == GTOK_NUMBER) {
    r->b = need_rational(ps);
    r->has |= GIR_HAS_B;
    if (take_sign(ps, '~')) {
      r->a = r->b;
      r->b = need_rational(ps);
      r->has |= GIR_HAS_A;
    }
  }
  need_sign(ps, '.', "`..`");
  if (ps->tok.kind == GTOK_NUMBER) {
    r->c = need_rational(ps);
    r->has |= GIR_HAS_C;
    if (take_sign(ps, '~')) {
      r->d = need_rational(ps);
      r->has |= GIR_HAS_D;
    }
  }
}

static void read_value(parser *ps, gir_const *v)
{
  v->v = rational_int(0);
  v->type = need_type(ps);
  if (v->type == TY_MONEY) v->text = need_currency(ps);
  if (v->type == TY_TEXT)
    v->text = need_text(ps);
  else
    v->v = need_rational(ps);
}

static void read_imm(parser *ps, gir_node *n, int which)
{
  gir_word w = gir_imm_word(n->op, which);
  if (!w.name || ps->line_failed) return;
  if (ps->tok.kind != GTOK_WORD || strlen(ps->tok.text) != w.n ||
      memcmp(ps->tok.text, w.name, w.n) != 0) {
    expected(ps, cx_intern(ps->c, w.name, w.n));
    return;
  }
  next(ps);
  need_sign(ps, '=', "`=`");
  if (ps->line_failed) return;
  if (ps->tok.kind != GTOK_WORD) {
    n->imm[which] = need_int(ps);
    return;
  }
  n->imm[which] = gir_value_of(&w, ps->tok.text, strlen(ps->tok.text));
  if (n->imm[which] < 0)
    fail(ps, DIAG_SYNTAX, ps->tok.span, "this is none of the values that may stand here");
  next(ps);
}

static void read_attrs(parser *ps, gir_node *n)
{
  if (gir_has_attr(n->op, 'v')) read_value(ps, &n->value);
  if (gir_has_attr(n->op, 'r')) read_range(ps, &n->range);
  for (int k = 0; k < 3; k++)
    read_imm(ps, n, k);
  if (gir_has_attr(n->op, 't')) n->text = need_text(ps);
  n->type = gir_result_type(n);
  if (gir_ops[n->op].gives != TY_ANY) return;
  need_sign(ps, ':', "`:` and a type");
  span where = ps->tok.span;
  gir_type type = need_type(ps);
  if (!ps->line_failed && type != n->type)
    fail(ps, DIAG_GIR_INVALID, where, "the result is of another type");
}

// ---- nodes ----------------------------------------------------------------------------------------

// The node of a label; NULL after an error, or where the label's own line failed.
static gir_node *need_label(parser *ps)
{
  span where = ps->tok.span;
  const char *label = need(ps, GTOK_LABEL, "a node, as in %mid");
  void *found = ps->line_failed ? NULL : map_get(ps->labels, label);
  if (!found) fail(ps, DIAG_SYNTAX, where, "no line above makes a node of this label");
  if (found == ps) ps->line_failed = true;
  return ps->line_failed ? NULL : found;
}

static bool is_shareable(const gir_node *n)
{
  return n->type == TY_STAGE || (n->type == TY_ROLE && n->op != GIR_ANYONE);
}

typedef struct arg_list {
  gir_op op;
  VEC(gir_node *) at;
  uint32_t depth; // of the deepest
} arg_list;

static void read_arg(parser *ps, arg_list *args)
{
  span where = ps->tok.span;
  if (take_word(ps, "none")) {
    if (args->at.n < gir_min_args(args->op))
      fail(ps, DIAG_SYNTAX, where, "an argument that must be there is missing");
    VEC_PUSH(ps->mem, &args->at, NULL);
    return;
  }
  gir_node *n = need_label(ps);
  if (!n || n->id >= ps->facts.n) return;
  node_facts *f = &ps->facts.at[n->id];
  if (!gir_letter_takes(gir_arg_letter(args->op, args->at.n), n->type))
    fail(ps, DIAG_GIR_INVALID, where, "the op takes something of another type here");
  if (f->used && !is_shareable(n))
    fail(ps, DIAG_GIR_INVALID, where, "a line above uses this node, and each has one use");
  f->used = true;
  if (!is_shareable(n) && f->depth > args->depth) args->depth = f->depth;
  VEC_PUSH(ps->mem, &args->at, n);
}

static void read_args(parser *ps, arg_list *args)
{
  uint32_t places = gir_takes_more(args->op) ? UINT32_MAX : gir_n_args(args->op);
  while (!ps->line_failed && args->at.n < places &&
         (ps->tok.kind == GTOK_LABEL || is_word(ps, "none")) && cx_ok(ps->c))
    read_arg(ps, args);
  if (args->at.n < gir_min_args(args->op)) expected(ps, "another argument, as in %mid");
}

static gir_op need_op(parser *ps)
{
  span where = ps->tok.span;
  const char *name = need(ps, GTOK_WORD, "an op");
  for (int op = 0; op < GIR_N_OPS; op++)
    if (strcmp(gir_ops[op].name, name) == 0) return (gir_op)op;
  fail(ps, DIAG_SYNTAX, where, "graph IR has no op of this name");
  return GIR_N_OPS;
}

static gir_node *read_node(parser *ps, span where)
{
  arg_list args = {.op = need_op(ps)};
  const char *name = NULL;
  if (ps->line_failed) return NULL;
  if (gir_has_attr(args.op, 'n')) name = need_name(ps, "a name");
  read_args(ps, &args);
  if (ps->line_failed || !cx_ok(ps->c)) return NULL;
  if (args.depth >= cx_get_limits(ps->c)->max_depth * DEPTH_FACTOR) {
    fail(ps, DIAG_LIMIT, where, "this is nested deeper than amlc reads");
    return NULL;
  }
  gir_node *n = gir_make(ps->p, args.op, where, args.at.at, args.at.n);
  node_facts f = {.node = n, .depth = args.depth + 1};
  VEC_PUSH(ps->mem, &ps->facts, f);
  n->name = name;
  read_attrs(ps, n);
  return n;
}

static void read_node_line(parser *ps)
{
  span where = ps->tok.span;
  const char *label = NULL;
  if (ps->tok.kind == GTOK_LABEL) {
    label = ps->tok.text;
    next(ps);
    need_sign(ps, '=', "`=`");
  }
  gir_node *n = ps->line_failed ? NULL : read_node(ps, where);
  if (n && !ps->line_failed && (n->type == TY_STMT) != (label == NULL))
    fail(ps, DIAG_SYNTAX, where,
         label ? "a statement has no label" : "only a statement has no label");
  bool ok = n && !ps->line_failed;
  if (label && !map_put(ps->labels, label, ok ? (void *)n : (void *)ps))
    fail(ps, DIAG_SYNTAX, where, "a line above has this label");
  if (ok && (n->type == TY_STMT || is_shareable(n))) gir_add(ps->p, n);
  end_line(ps);
}

// ---- lines of a pattern ---------------------------------------------------------------------------

typedef void line_fn(parser *ps);

static void line_id(parser *ps)
{
  ps->p->id = need_text(ps);
}

static void line_version(parser *ps)
{
  ps->p->version = need_text(ps);
}

static void line_status(parser *ps)
{
  ps->p->status = need_text(ps);
}

static void line_doc(parser *ps)
{
  ps->p->doc = need_text(ps);
}

static void line_within(parser *ps)
{
  ps->p->within = need_int(ps);
}

static void line_hubs(parser *ps)
{
  ps->p->hubs = need_int(ps);
}

static void line_currency(parser *ps)
{
  span where = ps->tok.span;
  const char *name = need(ps, GTOK_WORD, "checked, same or ignored");
  for (int k = 0; k < GIR_N_CURRENCIES; k++) {
    if (strcmp(gir_currency_names[k], name) != 0) continue;
    ps->p->currency = (gir_currency)k;
    return;
  }
  fail(ps, DIAG_SYNTAX, where, "expected checked, same or ignored");
}

static void line_meta(parser *ps)
{
  gir_meta m = {.key = need_name(ps, "a name")};
  while (!ps->line_failed && ps->tok.kind == GTOK_TEXT && cx_ok(ps->c))
    VEC_PUSH(ps->mem, &m.values, need_text(ps));
  if (!ps->line_failed) VEC_PUSH(ps->mem, &ps->p->meta, m);
}

static void line_param(parser *ps)
{
  gir_param p = {.name = need_name(ps, "a name")};
  p.type = need_name(ps, "a type");
  p.value = need_text(ps);
  p.reason = need_text(ps);
  if (!ps->line_failed) VEC_PUSH(ps->mem, &ps->p->params, p);
}

static void line_trigger(parser *ps)
{
  ps->p->trigger = need_label(ps);
}

// derived span=N breakable=yes triggers %a %b
static void line_derived(parser *ps)
{
  if (!take_word(ps, "span")) expected(ps, "`span=`");
  need_sign(ps, '=', "`=`");
  ps->p->span_s = need_int(ps);
  if (!take_word(ps, "breakable")) expected(ps, "`breakable=`");
  need_sign(ps, '=', "`=`");
  ps->p->breakable = is_word(ps, "yes");
  if (!take_word(ps, "yes") && !take_word(ps, "no")) expected(ps, "`yes` or `no`");
  if (!take_word(ps, "triggers")) expected(ps, "`triggers`");
  while (!ps->line_failed && ps->tok.kind == GTOK_LABEL && cx_ok(ps->c)) {
    gir_node *n = need_label(ps);
    if (n) VEC_PUSH(ps->mem, &ps->p->triggers, n);
  }
}

enum { MANY_TIMES = 1, DERIVED = 2 };
static const struct {
  const char *word;
  line_fn *read;
  unsigned how;
} lines[] = {
    {"id", line_id, 0},
    {"version", line_version, 0},
    {"status", line_status, 0},
    {"doc", line_doc, 0},
    {"meta", line_meta, MANY_TIMES},
    {"param", line_param, MANY_TIMES},
    {"within", line_within, 0},
    {"currency", line_currency, 0},
    {"hubs", line_hubs, 0},
    {"trigger", line_trigger, 0},
    {"derived", line_derived, DERIVED},
};
enum { N_LINES = sizeof lines / sizeof *lines };

static bool read_header_line(parser *ps)
{
  for (unsigned i = 0; i < N_LINES; i++) {
    if (!is_word(ps, lines[i].word)) continue;
    if ((ps->seen & (1u << i)) && lines[i].how != MANY_TIMES)
      fail(ps, DIAG_SYNTAX, ps->tok.span, "this line stands in the pattern twice");
    ps->seen |= 1u << i;
    next(ps);
    if (!ps->line_failed) lines[i].read(ps);
    end_line(ps);
    return true;
  }
  return false;
}

// What nothing uses would be lost in printing.
static void check_uses(parser *ps)
{
  for (uint32_t i = 0; i < ps->facts.n && !diag_stop(ps->c); i++) {
    const gir_node *n = ps->facts.at[i].node;
    if (n->type != TY_STMT && !is_shareable(n) && !ps->facts.at[i].used)
      diag_error(ps->c, DIAG_GIR_INVALID, n->span, "no line below uses this node");
  }
}

static bool saw_derived(const parser *ps)
{
  for (unsigned i = 0; i < N_LINES; i++)
    if (lines[i].how == DERIVED) return (ps->seen & (1u << i)) != 0;
  return false;
}

// After `{` and the end of its line, up to and with `}`.
static void read_lines(parser *ps, line_fn *read)
{
  for (;;) {
    skip_empty_lines(ps);
    if (stop(ps)) {
      if (ps->tok.kind == GTOK_END) expected(ps, "`}`");
      return;
    }
    if (take_sign(ps, '}')) {
      end_line(ps);
      return;
    }
    read(ps);
  }
}

static void pattern_line(parser *ps)
{
  if (!read_header_line(ps)) read_node_line(ps);
}

static void read_pattern(parser *ps)
{
  uint32_t errors = diag_n_errors(ps->c);
  span where = ps->tok.span;
  ps->p = gir_pattern_new(ps->m, need_name(ps, "the pattern's name"), where);
  ps->labels = map_new(ps->mem);
  ps->facts.n = 0;
  ps->seen = 0;
  need_sign(ps, '{', "`{`");
  end_line(ps);
  read_lines(ps, pattern_line);
  if (diag_n_errors(ps->c) == errors) check_uses(ps);
  if (cx_ok(ps->c) && !saw_derived(ps)) gir_derive(ps->p);
}

// ---- profiles -------------------------------------------------------------------------------------

static void profile_stat(parser *ps, gir_profile *f)
{
  span where = ps->tok.span;
  const char *name = need(ps, GTOK_WORD, "a statistic");
  gir_stat s = {.kind = GIR_STAT_FAN};
  int kind = 0;
  while (kind < GIR_N_STATS && strcmp(gir_stat_names[kind], name) != 0)
    kind++;
  if (kind == GIR_N_STATS) {
    fail(ps, DIAG_SYNTAX, where, "profiles have no such statistic");
    return;
  }
  s.kind = (gir_stat_kind)kind;
  if (s.kind >= GIR_STAT_SUM) s.column = need_name(ps, "a column");
  if (!ps->line_failed) VEC_PUSH(ps->mem, &f->stats, s);
}

static void profile_line(parser *ps)
{
  gir_profile *f = ps->m->profiles.at[ps->m->profiles.n - 1];
  if (take_word(ps, "within")) {
    f->within = need_int(ps);
  } else if (take_word(ps, "for")) {
    f->for_from = take_word(ps, "from");
    f->for_to = take_word(ps, "to");
  } else if (take_word(ps, "over")) {
    f->over_out = take_word(ps, "out");
    f->over_in = take_word(ps, "in");
  } else if (take_word(ps, "stat")) {
    profile_stat(ps, f);
  } else {
    expected(ps, "within, for, over or stat");
  }
  end_line(ps);
}

static void read_profile(parser *ps)
{
  gir_profile *f = arena_make(ps->mem, gir_profile);
  f->span = ps->tok.span;
  f->name = need_name(ps, "the profile's name");
  uint32_t n = ps->m->profiles.n;
  VEC_PUSH(ps->mem, &ps->m->profiles, f);
  if (ps->m->profiles.n == n) return; // no memory
  need_sign(ps, '{', "`{`");
  end_line(ps);
  read_lines(ps, profile_line);
}

// ---- modules --------------------------------------------------------------------------------------

static void read_version(parser *ps)
{
  skip_empty_lines(ps);
  span where = ps->tok.span;
  if (!take_word(ps, "gir")) expected(ps, "`gir 1`");
  int64_t version = need_int(ps);
  if (!ps->line_failed && version != GIR_TEXT_VERSION)
    fail(ps, DIAG_SYNTAX, where, "this amlc reads graph IR of version 1");
  end_line(ps);
}

static void read_items(parser *ps)
{
  for (skip_empty_lines(ps); !stop(ps); skip_empty_lines(ps)) {
    if (take_word(ps, "pattern")) {
      read_pattern(ps);
    } else if (take_word(ps, "profile")) {
      read_profile(ps);
    } else {
      expected(ps, "a pattern or a profile");
      end_line(ps);
    }
  }
}

gir_module *gir_parse(arena *mem, cx *c, uint32_t file)
{
  const source *src = source_get(c, file);
  uint32_t errors = diag_n_errors(c);
  parser ps = {.c = c, .mem = mem, .lex = {.c = c, .text = src->text, .file = file, .n = src->n}};
  if (src->n > cx_get_limits(c)->max_file_bytes) {
    diag_error(c, DIAG_LIMIT, (span){.file = file}, "this file is longer than amlc reads");
    return NULL;
  }
  ps.m = gir_module_new(mem);
  next(&ps);
  read_version(&ps);
  if (diag_n_errors(c) == errors) read_items(&ps);
  if (!cx_ok(c) || diag_n_errors(c) != errors) return NULL;
  return gir_verify(c, ps.m) ? ps.m : NULL;
}
