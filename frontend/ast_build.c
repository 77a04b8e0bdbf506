// Statements, roles and sets.
#include "frontend/ast_build.h"

#include <string.h>
#include "grammar.h"

const char *ast_stmt_kind_name(ast_stmt_kind k)
{
  static const char *const name[] = {
#define AST_STMT(id, name) name,
#include "frontend/ast_kinds.def"
  };
  return name[k];
}

// A list of the tree is the builder's list, kept.
#define TAKE(to, from)                                                                             \
  do {                                                                                             \
    (to).at = (from).at;                                                                           \
    (to).n = (from).n;                                                                             \
    (to).cap = (from).cap;                                                                         \
  } while (0)

// ---- documentation ------------------------------------------------------------------------------

static bool only_blanks(const char *text, uint32_t from, uint32_t to)
{
  for (uint32_t i = from; i < to; i++)
    if (!strchr(" \t\r\n", text[i])) return false;
  return true;
}

// How many comments stand before a place.
static uint32_t comments_before(const lexed *l, uint32_t at)
{
  uint32_t lo = 0, hi = l->comments.n;
  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (l->comments.at[mid].span.start < at)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

// The `///` lines right before a place, without their marks; NULL: there are none.
static const char *doc_before(builder *b, span item)
{
  const source *s = source_get(b->c, item.file);
  uint32_t end = comments_before(b->lexed, item.start), first = end, at = item.start;
  strbuf text;

  while (first > 0) {
    const comment *c = &b->lexed->comments.at[first - 1];
    bool doc = c->kind == COMMENT_DOC && c->first_of_line;
    if (!doc || !only_blanks(s->text, c->span.end, at)) break;
    at = c->span.start;
    first--;
  }
  if (first == end) return NULL;
  strbuf_init(&text, b->c);
  for (uint32_t i = first; i < end; i++) {
    span c = b->lexed->comments.at[i].span;
    uint32_t from = c.start + 3;
    if (from < c.end && s->text[from] == ' ') from++;
    if (i > first) strbuf_putc(&text, '\n');
    strbuf_add(&text, s->text + from, c.end - from);
  }
  const char *doc = arena_text(b->mem, strbuf_text(&text), text.n);
  strbuf_release(&text);
  return doc;
}

// ---- statements ---------------------------------------------------------------------------------

static ast_stmt *stmt(builder *b, ast_stmt_kind kind, token word, token last)
{
  ast_stmt *s = arena_make(b->mem, ast_stmt);
  s->kind = kind;
  s->span = span_join(word.span, last.span);
  s->doc = doc_before(b, word.span);
  return s;
}

stmt_list *build_stmts(builder *b)
{
  return arena_make(b->mem, stmt_list);
}

stmt_list *build_add(builder *b, stmt_list *list, ast_stmt *s)
{
  bool doubted = s && b->doubted && s->span.start == b->doubt;
  if (s && !doubted) VEC_PUSH(b->mem, list, s);
  return list;
}

void build_file(builder *b, stmt_list *items)
{
  b->file->items = *items;
}

ast_stmt *build_import(builder *b, token word, token path, token last)
{
  ast_stmt *s = stmt(b, AST_IMPORT, word, last);
  s->target = build__name(b, path);
  return s;
}

ast_stmt *build_const(builder *b, token word, token name, ast_expr *value, token last)
{
  return build_named(b, AST_CONST, word, name, value, last);
}

ast_stmt *build_param(builder *b, token word, token name, const token *type, ast_expr *value,
                      ast_expr *range, const token *reason, token last)
{
  ast_stmt *s = build_named(b, AST_PARAM, word, name, value, last);
  if (type) s->type = build__name(b, *type);
  if (reason) s->reason = build__name(b, *reason);
  s->range = range;
  return s;
}

ast_stmt *build_block(builder *b, ast_stmt_kind kind, token word, token name, stmt_list *body,
                      token last)
{
  ast_stmt *s = build_named(b, kind, word, name, NULL, last);
  s->body = *body;
  return s;
}

ast_stmt *build_profile(builder *b, token word, token name, ast_expr *within, stmt_list *body,
                        token last)
{
  ast_stmt *s = build_block(b, AST_PROFILE, word, name, body, last);
  s->value = within;
  return s;
}

ast_stmt *build_test(builder *b, token word, token name, token target, stmt_list *body, token last)
{
  ast_stmt *s = build_block(b, AST_TEST, word, name, body, last);
  s->target = build__name(b, target);
  return s;
}

ast_stmt *build_simple(builder *b, ast_stmt_kind kind, token word, ast_expr *value, token last)
{
  ast_stmt *s = stmt(b, kind, word, last);
  s->value = value;
  return s;
}

ast_stmt *build_named(builder *b, ast_stmt_kind kind, token word, token name, ast_expr *value,
                      token last)
{
  ast_stmt *s = build_simple(b, kind, word, value, last);
  s->name = build__name(b, name);
  return s;
}

ast_stmt *build_may_equal(builder *b, token word, token name, token other, token last)
{
  ast_stmt *s = build_named(b, AST_MAY_EQUAL, word, name, NULL, last);
  s->other = build__name(b, other);
  return s;
}

ast_stmt *build_alert(builder *b, token word, token text, token last)
{
  ast_stmt *s = stmt(b, AST_ALERT, word, last);
  s->text = build__name(b, text);
  return s;
}

ast_stmt *build_feature(builder *b, token word, token name, ast_expr *value, token last)
{
  return build_named(b, AST_FEATURE, word, name, value, last);
}

ast_stmt *build_histogram(builder *b, token word, token name, ast_expr *count, ast_expr *by,
                          ast_expr *bins, token last)
{
  ast_stmt *s = build_named(b, AST_FEATURE, word, name, by, last);
  if (count->kind != AST_NAME || strcmp(count->text, "count") != 0) {
    diag_error(b->c, DIAG_SYNTAX, count->span, "a histogram counts matches, and nothing else");
    diag_help(b->c, "write `feature NAME = count by EXPR bins 2..30;`");
  }
  s->histogram = true;
  s->range = bins;
  return s;
}

// ---- meta ---------------------------------------------------------------------------------------

meta_list *build_metas(builder *b)
{
  return arena_make(b->mem, meta_list);
}

meta_list *build_add_meta(builder *b, meta_list *list, token key, meta_entry *values)
{
  values->key = build__name(b, key);
  VEC_PUSH(b->mem, &list->at, *values);
  return list;
}

meta_entry *build_values(builder *b, meta_entry *list, token value)
{
  if (!list) list = arena_make(b->mem, meta_entry);
  ast_name name = build__name(b, value);
  VEC_PUSH(b->mem, &list->values, name);
  VEC_PUSH(b->mem, &list->quoted, value.kind == TK_TEXT);
  return list;
}

ast_stmt *build_meta(builder *b, token word, meta_list *entries, token last)
{
  ast_stmt *s = stmt(b, AST_META, word, last);
  TAKE(s->meta, entries->at);
  return s;
}

// ---- roles, stages, absences --------------------------------------------------------------------

ast_role *build_role(builder *b, ast_role_shape shape, token name, ast_expr *bounds, token last)
{
  ast_role *r = arena_make(b->mem, ast_role);
  r->shape = shape;
  r->name = build__name(b, name);
  r->bounds = bounds;
  r->span = span_join(name.span, last.span);
  return r;
}

ast_role *build_sized_any(builder *b, token any, ast_expr *bounds, token last)
{
  ast_role *r = build_role(b, AST_ROLE_ANY, any, NULL, last);
  (void)bounds;
  diag_error(b->c, DIAG_SYNTAX, r->span, "`any` has no size: it is whoever there is");
  diag_help(b->c, "give the group a name, as in `payer[3..]`, or leave the size out");
  return r;
}

tail *build_tail(builder *b)
{
  return arena_make(b->mem, tail);
}

// Each part once; a second one is reported and left out.
static void set_once(builder *b, ast_expr **part, token word, ast_expr *e)
{
  size_t n;
  const char *text = token_text(b->c, word, &n);

  if (*part) {
    diag_error(b->c, DIAG_SYNTAX, word.span, "a second `%.*s`", (int)n, text);
    diag_note(b->c, (*part)->span, "the first is here");
    return;
  }
  *part = e;
}

tail *build_tail_where(builder *b, tail *t, token word, ast_expr *filter)
{
  if (t->filter) {
    diag_error(b->c, DIAG_SYNTAX, word.span, "a second `where`");
    diag_note(b->c, t->filter->span, "the first is here");
    diag_help(b->c, "join the two filters with `and`");
    return t;
  }
  t->filter = filter;
  return t;
}

tail *build_tail_value(builder *b, tail *t, token word, ast_expr *value)
{
  set_once(b, &t->value, word, value);
  return t;
}

tail *build_tail_before(builder *b, tail *t, token word, ast_expr *call)
{
  set_once(b, &t->before, word, call);
  return t;
}

tail *build_tail_support(builder *b, tail *t, token word, ast_expr *p, ast_expr *q)
{
  bool again = t->support_p != NULL;
  set_once(b, &t->support_p, word, p);
  if (!again) t->support_q = q;
  return t;
}

ast_stmt *build_stage(builder *b, token word, token name, ast_role *from, ast_role *via,
                      ast_role *to, tail *t, token last)
{
  ast_stmt *s = build_named(b, AST_STAGE, word, name, t->value, last);
  s->from = *from;
  if (via) s->via = *via;
  s->has_via = via != NULL;
  s->to = *to;
  s->filter = t->filter;
  s->support_p = t->support_p;
  s->support_q = t->support_q;
  s->has_support = t->support_p != NULL;
  return s;
}

ast_stmt *build_absent(builder *b, token word, token name, ast_role *from, ast_role *to, tail *t,
                       token last)
{
  ast_stmt *s = build_named(b, AST_ABSENT, word, name, t->value, last);
  s->from = *from;
  s->to = *to;
  s->filter = t->filter;
  s->before = t->before;
  return s;
}

// ---- sets ---------------------------------------------------------------------------------------

static ast_set *set_node(builder *b, ast_set_kind kind, span where)
{
  ast_set *s = arena_make(b->mem, ast_set);
  s->kind = kind;
  s->span = where;
  s->op_span = where;
  s->depth = 1;
  return s;
}

ast_set *build_set_role(builder *b, token name)
{
  ast_set *s = set_node(b, AST_SET_ROLE, name.span);
  s->name = build__name(b, name);
  return s;
}

ast_set *build_set_parens(builder *b, token open, ast_set *s, token close)
{
  (void)b;
  s->span = span_join(open.span, close.span);
  s->in_parens = true;
  return s;
}

ast_set *build_set_as(builder *b, ast_set *s, token name)
{
  s->as = build__name(b, name);
  s->span = span_join(s->span, name.span);
  return s;
}

static const char *set_sign(ast_set_kind kind)
{
  return kind == AST_SET_AND ? "&" : kind == AST_SET_OR ? "|" : "-";
}

static void say_mixed(builder *b, const ast_set *l, ast_set_kind kind, token op)
{
  diag_error(b->c, DIAG_SYNTAX, op.span, "`%s` and `%s` are mixed without parentheses",
             set_sign(l->kind), set_sign(kind));
  diag_note(b->c, l->op_span, "the `%s` is here", set_sign(l->kind));
  diag_help(b->c, "say which comes first: `(a %s b) %s c` or `a %s (b %s c)`", set_sign(l->kind),
            set_sign(kind), set_sign(l->kind), set_sign(kind));
}

ast_set *build_set_op(builder *b, ast_set_kind kind, ast_set *l, token op, ast_set *r)
{
  bool row = l->kind >= AST_SET_AND && !l->in_parens;
  if (row && l->kind != kind) say_mixed(b, l, kind, op);
  ast_set *s = set_node(b, kind, span_join(l->span, r->span));
  s->op_span = op.span;
  s->a = l;
  s->b = r;
  s->depth = 1 + (l->depth > r->depth ? l->depth : r->depth);
  if (s->depth <= cx_get_limits(b->c)->max_depth) return s;
  if (!b->too_deep)
    diag_error(b->c, DIAG_LIMIT, s->span, "this set has more than %u terms or levels",
               cx_get_limits(b->c)->max_depth);
  b->too_deep = true;
  return r;
}

ast_expr *build_all(builder *b, token all)
{
  ast_expr *e = build_name(b, all);
  e->op_span = all.span; // a name does not set it: that tells `all` from a parameter of that name
  return e;
}

ast_set *build_source(builder *b, token name, ast_expr *at_least, ast_expr *filter)
{
  ast_set *s = set_node(b, AST_SET_OUT, name.span);
  s->name = build__name(b, name);
  s->filter = filter;
  if (!at_least) return s;
  bool all = at_least->kind == AST_NAME && at_least->op_span.end > 0;
  s->support = all ? AST_SUPPORT_ALL : AST_SUPPORT_AT_LEAST;
  s->at_least = all ? NULL : at_least;
  return s;
}

ast_set *build_reach(builder *b, ast_set_kind kind, token word, ast_set *s, token close)
{
  (void)b;
  s->kind = kind;
  s->op_span = word.span;
  s->span = span_join(word.span, close.span);
  return s;
}

ast_stmt *build_set_stmt(builder *b, token word, token name, ast_expr *bounds, ast_set *set,
                         token last)
{
  ast_stmt *s = build_named(b, AST_SET, word, name, NULL, last);
  s->bounds = bounds;
  s->set = set;
  return s; // without bounds: sema_roles.c knows whether the group has them from an earlier stage
}

// ---- profiles and tests -------------------------------------------------------------------------

name_list *build_names(builder *b, name_list *list, token name)
{
  if (!list) list = arena_make(b->mem, name_list);
  VEC_PUSH(b->mem, &list->at, build__name(b, name));
  return list;
}

ast_stmt *build_names_stmt(builder *b, ast_stmt_kind kind, token word, name_list *names, token last)
{
  ast_stmt *s = stmt(b, kind, word, last);
  TAKE(s->names, names->at);
  return s;
}

ast_stmt *build_stat(builder *b, ast_expr *call, token last)
{
  token word = {.span = call->op_span};
  return build_simple(b, AST_STAT, word, call, last);
}

ast_test_tx *build_pairs(builder *b, ast_test_tx *list, token name, ast_expr *value)
{
  if (!list) list = arena_make(b->mem, ast_test_tx);
  VEC_PUSH(b->mem, &list->with_names, build__name(b, name));
  VEC_PUSH(b->mem, &list->with_values, value);
  return list;
}

ast_stmt *build_tx(builder *b, token word, token from, token to, ast_expr *amount, ast_expr *at,
                   ast_test_tx *with, token last)
{
  ast_stmt *s = stmt(b, AST_TX, word, last);
  s->tx = with ? with : arena_make(b->mem, ast_test_tx);
  s->tx->span = s->span;
  s->tx->from = build__name(b, from);
  s->tx->to = build__name(b, to);
  s->tx->amount = amount;
  s->tx->at = at;
  return s;
}

ast_expectation *build_expected(builder *b, token name, name_list *accounts, ast_expr *range)
{
  ast_expectation *e = arena_make(b->mem, ast_expectation);
  e->name = build__name(b, name);
  e->is_set = !range;
  e->range = range;
  if (accounts) TAKE(e->accounts, accounts->at);
  return e;
}

ast_expectation *build_expected_one(builder *b, token name, token account)
{
  ast_expectation *e = build_expected(b, name, build_names(b, NULL, account), NULL);
  e->is_set = false;
  return e;
}

ast_expect *build_expectations(builder *b, ast_expect *list, ast_expectation *e)
{
  if (!list) list = arena_make(b->mem, ast_expect);
  VEC_PUSH(b->mem, &list->with, *e);
  return list;
}

ast_stmt *build_expect(builder *b, token word, const token *n, ast_expect *with, token last)
{
  ast_stmt *s = stmt(b, AST_EXPECT, word, last);
  s->expect = with ? with : arena_make(b->mem, ast_expect);
  s->expect->span = s->span;
  if (!n) return s;
  ast_expr *count = build_number(b, *n);
  if (count->kind == AST_ERROR) return s;
  if (!rational_is_int(count->value) || rational_cmp(count->value, rational_int(INT32_MAX)) > 0) {
    diag_error(b->c, DIAG_BAD_NUMBER, count->span, "a number of matches is a whole number");
    return s;
  }
  s->expect->n = (int64_t)count->value.num;
  return s;
}
