// Reads the text form of graph IR, which a user may hand in: whatever the bytes, the answer is a module
// that the verifier passed, or diagnostics. One mistake, one error: what hangs on a line that failed
// fails with it in silence.
#include "ir/gir_table.h"
#include "ir/ir_read.h"
#include "ir/base/map.h"

#include <string.h>

enum { DEPTH_FACTOR = 8 }; // lowering joins what a source nests, so its trees may be deeper

typedef struct node_facts {
  gir_node *node;
  uint32_t depth; // of the tree below it
  bool used;
} node_facts;

typedef struct parser {
  ir_reader r;
  gir_module *m;
  gir_pattern *p;
  map *labels;           // of the pattern: label to node, or to the parser where its line failed
  VEC(node_facts) facts; // by node id
  unsigned seen;         // header lines, by row of `lines`
} parser;

// ---- attributes -----------------------------------------------------------------------------------

static void read_value(parser *ps, gir_const *v)
{
  v->v = rational_int(0);
  v->type = rd_need_type(&ps->r);
  if (v->type == TY_MONEY) v->text = rd_need_currency(&ps->r);
  if (v->type == TY_TEXT)
    v->text = rd_need_text(&ps->r);
  else
    v->v = rd_need_rational(&ps->r);
}

static void read_imm(parser *ps, gir_node *n, int which)
{
  gir_word w = gir_imm_word(n->op, which);
  if (!w.name || ps->r.line_failed) return;
  if (ps->r.tok.kind != GTOK_WORD || strlen(ps->r.tok.text) != w.n ||
      memcmp(ps->r.tok.text, w.name, w.n) != 0) {
    rd_expected(&ps->r, cx_intern(ps->r.c, w.name, w.n));
    return;
  }
  rd_next(&ps->r);
  rd_need_sign(&ps->r, '=', "`=`");
  if (ps->r.line_failed) return;
  if (ps->r.tok.kind != GTOK_WORD) {
    n->imm[which] = rd_need_int(&ps->r);
    return;
  }
  n->imm[which] = gir_value_of(&w, ps->r.tok.text, strlen(ps->r.tok.text));
  if (n->imm[which] < 0)
    rd_fail(&ps->r, DIAG_SYNTAX, ps->r.tok.span, "this is none of the values that may stand here");
  rd_next(&ps->r);
}

static void read_attrs(parser *ps, gir_node *n)
{
  if (gir_has_attr(n->op, 'v')) read_value(ps, &n->value);
  if (gir_has_attr(n->op, 'r')) rd_range(&ps->r, &n->range);
  for (int k = 0; k < 3; k++)
    read_imm(ps, n, k);
  if (gir_has_attr(n->op, 't')) n->text = rd_need_text(&ps->r);
  n->type = gir_result_type(n);
  if (gir_ops[n->op].gives != TY_ANY) return;
  rd_need_sign(&ps->r, ':', "`:` and a type");
  span where = ps->r.tok.span;
  gir_type type = rd_need_type(&ps->r);
  if (!ps->r.line_failed && type != n->type)
    rd_fail(&ps->r, DIAG_GIR_INVALID, where, "the result is of another type");
}

// ---- nodes ----------------------------------------------------------------------------------------

// The node of a label; NULL after an error, or where the label's own line failed.
static gir_node *need_label(parser *ps)
{
  span where = ps->r.tok.span;
  const char *label = rd_need(&ps->r, GTOK_LABEL, "a node, as in %mid");
  void *found = ps->r.line_failed ? NULL : map_get(ps->labels, label);
  if (!found) rd_fail(&ps->r, DIAG_SYNTAX, where, "no line above makes a node of this label");
  if (found == ps) ps->r.line_failed = true;
  return ps->r.line_failed ? NULL : found;
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
  span where = ps->r.tok.span;
  if (rd_take_word(&ps->r, "none")) {
    if (args->at.n < gir_min_args(args->op))
      rd_fail(&ps->r, DIAG_SYNTAX, where, "an argument that must be there is missing");
    VEC_PUSH(ps->r.mem, &args->at, NULL);
    return;
  }
  gir_node *n = need_label(ps);
  if (!n || n->id >= ps->facts.n) return;
  node_facts *f = &ps->facts.at[n->id];
  if (!gir_letter_takes(gir_arg_letter(args->op, args->at.n), n->type))
    rd_fail(&ps->r, DIAG_GIR_INVALID, where, "the op takes something of another type here");
  if (f->used && !is_shareable(n))
    rd_fail(&ps->r, DIAG_GIR_INVALID, where, "a line above uses this node, and each has one use");
  f->used = true;
  if (!is_shareable(n) && f->depth > args->depth) args->depth = f->depth;
  VEC_PUSH(ps->r.mem, &args->at, n);
}

static void read_args(parser *ps, arg_list *args)
{
  uint32_t places = gir_takes_more(args->op) ? UINT32_MAX : gir_n_args(args->op);
  while (!ps->r.line_failed && args->at.n < places &&
         (ps->r.tok.kind == GTOK_LABEL || rd_is_word(&ps->r, "none")) && cx_ok(ps->r.c))
    read_arg(ps, args);
  if (args->at.n < gir_min_args(args->op)) rd_expected(&ps->r, "another argument, as in %mid");
}

static gir_op need_op(parser *ps)
{
  span where = ps->r.tok.span;
  const char *name = rd_need(&ps->r, GTOK_WORD, "an op");
  for (int op = 0; op < GIR_N_OPS; op++)
    if (strcmp(gir_ops[op].name, name) == 0) return (gir_op)op;
  rd_fail(&ps->r, DIAG_SYNTAX, where, "graph IR has no op of this name");
  return GIR_N_OPS;
}

static gir_node *read_node(parser *ps, span where)
{
  arg_list args = {.op = need_op(ps)};
  const char *name = NULL;
  if (ps->r.line_failed) return NULL;
  if (gir_has_attr(args.op, 'n')) name = rd_need_name(&ps->r, "a name");
  read_args(ps, &args);
  if (ps->r.line_failed || !cx_ok(ps->r.c)) return NULL;
  if (args.depth >= cx_get_limits(ps->r.c)->max_depth * DEPTH_FACTOR) {
    rd_fail(&ps->r, DIAG_LIMIT, where, "this is nested deeper than amlc reads");
    return NULL;
  }
  gir_node *n = gir_make(ps->p, args.op, where, args.at.at, args.at.n);
  node_facts f = {.node = n, .depth = args.depth + 1};
  VEC_PUSH(ps->r.mem, &ps->facts, f);
  n->name = name;
  read_attrs(ps, n);
  return n;
}

static void read_node_line(parser *ps)
{
  span where = ps->r.tok.span;
  const char *label = NULL;
  if (ps->r.tok.kind == GTOK_LABEL) {
    label = ps->r.tok.text;
    rd_next(&ps->r);
    rd_need_sign(&ps->r, '=', "`=`");
  }
  gir_node *n = ps->r.line_failed ? NULL : read_node(ps, where);
  if (n && !ps->r.line_failed && (n->type == TY_STMT) != (label == NULL))
    rd_fail(&ps->r, DIAG_SYNTAX, where,
            label ? "a statement has no label" : "only a statement has no label");
  bool ok = n && !ps->r.line_failed;
  if (label && !map_put(ps->labels, label, ok ? (void *)n : (void *)ps))
    rd_fail(&ps->r, DIAG_SYNTAX, where, "a line above has this label");
  if (ok && (n->type == TY_STMT || is_shareable(n))) gir_add(ps->p, n);
  rd_end_line(&ps->r);
}

// ---- lines of a pattern ---------------------------------------------------------------------------

typedef void line_fn(parser *ps);

static void line_id(parser *ps)
{
  ps->p->id = rd_need_text(&ps->r);
}

static void line_version(parser *ps)
{
  ps->p->version = rd_need_text(&ps->r);
}

static void line_status(parser *ps)
{
  ps->p->status = rd_need_text(&ps->r);
}

static void line_doc(parser *ps)
{
  ps->p->doc = rd_need_text(&ps->r);
}

static void line_within(parser *ps)
{
  ps->p->within = rd_need_int(&ps->r);
}

static void line_hubs(parser *ps)
{
  ps->p->hubs = rd_need_int(&ps->r);
}

static void line_currency(parser *ps)
{
  span where = ps->r.tok.span;
  const char *name = rd_need(&ps->r, GTOK_WORD, "checked, same or ignored");
  for (int k = 0; k < GIR_N_CURRENCIES; k++) {
    if (strcmp(gir_currency_names[k], name) != 0) continue;
    ps->p->currency = (gir_currency)k;
    return;
  }
  rd_fail(&ps->r, DIAG_SYNTAX, where, "expected checked, same or ignored");
}

static void line_meta(parser *ps)
{
  gir_meta m = {.key = rd_need_name(&ps->r, "a name")};
  while (!ps->r.line_failed && ps->r.tok.kind == GTOK_TEXT && cx_ok(ps->r.c))
    VEC_PUSH(ps->r.mem, &m.values, rd_need_text(&ps->r));
  if (!ps->r.line_failed) VEC_PUSH(ps->r.mem, &ps->p->meta, m);
}

static void line_param(parser *ps)
{
  gir_param p = {.name = rd_need_name(&ps->r, "a name")};
  p.type = rd_need_name(&ps->r, "a type");
  p.value = rd_need_text(&ps->r);
  p.reason = rd_need_text(&ps->r);
  if (!ps->r.line_failed) VEC_PUSH(ps->r.mem, &ps->p->params, p);
}

static void line_trigger(parser *ps)
{
  ps->p->trigger = need_label(ps);
}

// derived span=N breakable=yes triggers %a %b
static void line_derived(parser *ps)
{
  if (!rd_take_word(&ps->r, "span")) rd_expected(&ps->r, "`span=`");
  rd_need_sign(&ps->r, '=', "`=`");
  ps->p->span_s = rd_need_int(&ps->r);
  if (!rd_take_word(&ps->r, "breakable")) rd_expected(&ps->r, "`breakable=`");
  rd_need_sign(&ps->r, '=', "`=`");
  ps->p->breakable = rd_is_word(&ps->r, "yes");
  if (!rd_take_word(&ps->r, "yes") && !rd_take_word(&ps->r, "no"))
    rd_expected(&ps->r, "`yes` or `no`");
  if (!rd_take_word(&ps->r, "triggers")) rd_expected(&ps->r, "`triggers`");
  while (!ps->r.line_failed && ps->r.tok.kind == GTOK_LABEL && cx_ok(ps->r.c)) {
    gir_node *n = need_label(ps);
    if (n) VEC_PUSH(ps->r.mem, &ps->p->triggers, n);
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
    if (!rd_is_word(&ps->r, lines[i].word)) continue;
    if ((ps->seen & (1u << i)) && lines[i].how != MANY_TIMES)
      rd_fail(&ps->r, DIAG_SYNTAX, ps->r.tok.span, "this line stands in the pattern twice");
    ps->seen |= 1u << i;
    rd_next(&ps->r);
    if (!ps->r.line_failed) lines[i].read(ps);
    rd_end_line(&ps->r);
    return true;
  }
  return false;
}

// What nothing uses would be lost in printing.
static void check_uses(parser *ps)
{
  for (uint32_t i = 0; i < ps->facts.n && !diag_stop(ps->r.c); i++) {
    const gir_node *n = ps->facts.at[i].node;
    if (n->type != TY_STMT && !is_shareable(n) && !ps->facts.at[i].used)
      diag_error(ps->r.c, DIAG_GIR_INVALID, n->span, "no line below uses this node");
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
    rd_skip_empty_lines(&ps->r);
    if (rd_stop(&ps->r)) {
      if (ps->r.tok.kind == GTOK_END) rd_expected(&ps->r, "`}`");
      return;
    }
    if (rd_take_sign(&ps->r, '}')) {
      rd_end_line(&ps->r);
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
  uint32_t errors = diag_n_errors(ps->r.c);
  span where = ps->r.tok.span;
  ps->p = gir_pattern_new(ps->m, rd_need_name(&ps->r, "the pattern's name"), where);
  ps->labels = map_new(ps->r.mem);
  ps->facts.n = 0;
  ps->seen = 0;
  rd_need_sign(&ps->r, '{', "`{`");
  rd_end_line(&ps->r);
  read_lines(ps, pattern_line);
  if (diag_n_errors(ps->r.c) == errors) check_uses(ps);
  if (cx_ok(ps->r.c) && !saw_derived(ps)) gir_derive(ps->p);
}

// ---- profiles -------------------------------------------------------------------------------------

static void profile_stat(parser *ps, gir_profile *f)
{
  span where = ps->r.tok.span;
  const char *name = rd_need(&ps->r, GTOK_WORD, "a statistic");
  gir_stat s = {.kind = GIR_STAT_FAN};
  int kind = 0;
  while (kind < GIR_N_STATS && strcmp(gir_stat_names[kind], name) != 0)
    kind++;
  if (kind == GIR_N_STATS) {
    rd_fail(&ps->r, DIAG_SYNTAX, where, "profiles have no such statistic");
    return;
  }
  s.kind = (gir_stat_kind)kind;
  if (s.kind >= GIR_STAT_SUM) s.column = rd_need_name(&ps->r, "a column");
  if (!ps->r.line_failed) VEC_PUSH(ps->r.mem, &f->stats, s);
}

static void profile_line(parser *ps)
{
  gir_profile *f = ps->m->profiles.at[ps->m->profiles.n - 1];
  if (rd_take_word(&ps->r, "within")) {
    f->within = rd_need_int(&ps->r);
  } else if (rd_take_word(&ps->r, "for")) {
    f->for_from = rd_take_word(&ps->r, "from");
    f->for_to = rd_take_word(&ps->r, "to");
  } else if (rd_take_word(&ps->r, "over")) {
    f->over_out = rd_take_word(&ps->r, "out");
    f->over_in = rd_take_word(&ps->r, "in");
  } else if (rd_take_word(&ps->r, "stat")) {
    profile_stat(ps, f);
  } else {
    rd_expected(&ps->r, "within, for, over or stat");
  }
  rd_end_line(&ps->r);
}

static void read_profile(parser *ps)
{
  gir_profile *f = arena_make(ps->r.mem, gir_profile);
  f->span = ps->r.tok.span;
  f->name = rd_need_name(&ps->r, "the profile's name");
  uint32_t n = ps->m->profiles.n;
  VEC_PUSH(ps->r.mem, &ps->m->profiles, f);
  if (ps->m->profiles.n == n) return; // no memory
  rd_need_sign(&ps->r, '{', "`{`");
  rd_end_line(&ps->r);
  read_lines(ps, profile_line);
}

// ---- modules --------------------------------------------------------------------------------------

static void read_items(parser *ps)
{
  for (rd_skip_empty_lines(&ps->r); !rd_stop(&ps->r); rd_skip_empty_lines(&ps->r)) {
    if (rd_take_word(&ps->r, "pattern")) {
      read_pattern(ps);
    } else if (rd_take_word(&ps->r, "profile")) {
      read_profile(ps);
    } else {
      rd_expected(&ps->r, "a pattern or a profile");
      rd_end_line(&ps->r);
    }
  }
}

gir_module *gir_parse(arena *mem, cx *c, uint32_t file)
{
  static const gir_form form = {"gir", "graph IR", GIR_TEXT_VERSION, "{}=:~."};
  uint32_t errors = diag_n_errors(c);
  parser ps = {.m = NULL};
  if (!rd_begin(&ps.r, mem, c, file, &form)) return NULL;
  ps.m = gir_module_new(mem);
  read_items(&ps);
  if (!cx_ok(c) || diag_n_errors(c) != errors) return NULL;
  return gir_verify(c, ps.m) ? ps.m : NULL;
}
