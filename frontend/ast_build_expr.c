// Formulas and the values in them.
#include "frontend/ast_build.h"

#include <string.h>
#include "grammar.h"
#include "ir/base/utf8.h"

const char *ast_expr_kind_name(ast_expr_kind k)
{
  static const char *const name[] = {
#define AST_EXPR(id, name, fields) name,
#include "frontend/ast_kinds.def"
  };
  return name[k];
}

void build_too_deep(builder *b)
{
  if (!b->too_deep) diag_error(b->c, DIAG_LIMIT, b->now, "this is nested deeper than amlc reads");
  b->too_deep = true;
  b->stop = true;
}

token build_join(token a, token b)
{
  a.span = span_join(a.span, b.span);
  a.flags |= TOKEN_AS_NAME | b.flags;
  return a;
}

token build_as_name(token t)
{
  t.kind = TK_NAME;
  t.flags |= TOKEN_AS_NAME;
  return t;
}

// ---- nodes --------------------------------------------------------------------------------------

static ast_expr *node(builder *b, ast_expr_kind kind, span where)
{
  ast_expr *e = arena_make(b->mem, ast_expr);
  e->kind = kind;
  e->span = where;
  e->depth = 1;
  return e;
}

static ast_expr *error_node(builder *b, span where)
{
  return node(b, AST_ERROR, where);
}

// The deeper of the two, child may be NULL.
static uint32_t deeper(uint32_t depth, const ast_expr *child)
{
  return child && child->depth > depth ? child->depth : depth;
}

// A node whose children nest `below` deep; past the limit an error in its place.
static ast_expr *parent(builder *b, ast_expr *e, uint32_t below)
{
  e->depth = below + 1;
  if (e->depth <= cx_get_limits(b->c)->max_depth) return e;
  if (!b->too_deep)
    diag_error(b->c, DIAG_LIMIT, e->span, "this formula has more than %u terms or levels",
               cx_get_limits(b->c)->max_depth);
  b->too_deep = true;
  return error_node(b, e->span);
}

// ---- names and texts ----------------------------------------------------------------------------

static const char *plain_text(builder *b, token t)
{
  size_t n;
  const char *text = token_text(b->c, t, &n);

  if (t.flags & TOKEN_MADE_UP) return cx_intern_z(b->c, "?");
  if (!memchr(text, '.', n)) return cx_intern(b->c, text, n);
  char *dotted = arena_text(b->mem, text, n); // blanks around the dots are not part of the name
  size_t kept = 0;
  for (size_t i = 0; dotted[i]; i++)
    if (!strchr(" \t\r\n", dotted[i])) dotted[kept++] = dotted[i];
  return cx_intern(b->c, dotted, kept);
}

ast_name build__name(builder *b, token t)
{
  ast_name name = {.span = t.span};
  if (t.kind == TK_TEXT)
    name.text = build__text(b, t);
  else
    name.text = plain_text(b, t);
  if (!name.text) name.text = cx_intern_z(b->c, "?");
  return name;
}

static bool bad_escape(builder *b, token t, size_t at, size_t n, const char *why)
{
  span where = t.span;
  where.start += (uint32_t)at;
  where.end = where.start + (uint32_t)n;
  diag_error(b->c, DIAG_BAD_TEXT, where, "%s", why);
  diag_help(b->c, "the escapes are `\\\"`, `\\\\`, `\\n` and `\\u{20AC}`; a brace is written `{{`");
  return false;
}

static int hex_digit(char ch)
{
  if (ch >= '0' && ch <= '9') return ch - '0';
  if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
  if (ch >= 'A' && ch <= 'F') return ch - 'A' + 10;
  return -1;
}

// \u{..}: from the backslash at *i to the closing brace.
static bool unicode_escape(builder *b, token t, const char *text, size_t n, size_t *i, char **out)
{
  size_t at = *i + 3, digits = 0;
  uint32_t code = 0;

  if (*i + 2 >= n || text[*i + 2] != '{') return bad_escape(b, t, *i, 2, "`\\u` without its `{`");
  for (; at < n && hex_digit(text[at]) >= 0 && digits < 7; at++, digits++)
    code = code * 16 + (uint32_t)hex_digit(text[at]);
  if (!digits || digits > 6 || at >= n || text[at] != '}')
    return bad_escape(b, t, *i, at - *i, "`\\u{..}` holds one to six hexadecimal digits");
  size_t width = code ? utf8_put(*out, code) : 0;
  if (!width) return bad_escape(b, t, *i, at + 1 - *i, "there is no such character");
  *out += width;
  *i = at + 1;
  return true;
}

static bool escape(builder *b, token t, const char *text, size_t n, size_t *i, char **out)
{
  char ch = *i + 1 < n ? text[*i + 1] : 0;

  if (ch == 'u') return unicode_escape(b, t, text, n, i, out);
  if (ch != '"' && ch != '\\' && ch != 'n') {
    size_t width = ch ? utf8_step(text + *i + 1, n - *i - 1) : 1;
    return bad_escape(b, t, *i, 1 + width, "a text has no such escape");
  }
  *(*out)++ = ch == 'n' ? '\n' : ch;
  *i += 2;
  return true;
}

const char *build__text(builder *b, token t)
{
  size_t n;
  const char *text = token_text(b->c, t, &n);

  if (t.flags & TOKEN_MADE_UP) return cx_intern_z(b->c, "?");
  if (t.flags & TOKEN_BAD || n < 2) return NULL;
  char *plain = arena_try(b->mem, n), *out = plain;
  if (!plain) return NULL;
  n--; // the closing quote
  for (size_t i = 1; i < n;) {
    if (text[i] != '\\')
      *out++ = text[i++];
    else if (!escape(b, t, text, n, &i, &out))
      return NULL;
  }
  return cx_intern(b->c, plain, (size_t)(out - plain));
}

ast_expr *build_text(builder *b, token t)
{
  const char *text = build__text(b, t);
  ast_expr *e = node(b, text ? AST_TEXT : AST_ERROR, t.span);
  e->text = text;
  return e;
}

ast_expr *build_name(builder *b, token t)
{
  ast_expr *e = node(b, AST_NAME, t.span);
  e->text = plain_text(b, t);
  return e;
}

ast_expr *build_dot(builder *b, token of, token field)
{
  ast_expr *e = node(b, AST_DOT, span_join(of.span, field.span));
  e->a = build_name(b, of);
  e->text = plain_text(b, field);
  e->op_span = field.span;
  e->depth = 2;
  return e;
}

// ---- numbers ------------------------------------------------------------------------------------

static int64_t unit_seconds(char unit)
{
  return unit == 'd' ? 86400 : unit == 'h' ? 3600 : unit == 'm' ? 60 : 1;
}

static bool read_number(token t, const char *text, size_t n, rational *v)
{
  if (t.kind == TK_NUMBER) return rational_parse(v, text, n);
  if (!rational_parse(v, text, n - 1)) return false;
  if (t.kind == TK_PERCENT) return rational_div(v, *v, rational_int(100));
  return rational_mul(v, *v, rational_int(unit_seconds(text[n - 1])));
}

static ast_expr_kind number_kind(token t)
{
  return t.kind == TK_NUMBER ? AST_NUMBER : t.kind == TK_PERCENT ? AST_PERCENT : AST_DURATION;
}

ast_expr *build_number(builder *b, token t)
{
  size_t n;
  const char *text = token_text(b->c, t, &n);
  ast_expr *e = node(b, number_kind(t), t.span);

  if (t.flags & (TOKEN_BAD | TOKEN_MADE_UP)) return error_node(b, t.span);
  if (!read_number(t, text, n, &e->value)) {
    bool underscore = memchr(text, '_', n) != NULL;
    diag_error(b->c, DIAG_BAD_NUMBER, t.span,
               underscore ? "this number is too large, or has a `_` that is not between digits"
                          : "this number is too large");
    return error_node(b, t.span);
  }
  if (e->kind == AST_DURATION) e->text = cx_intern(b->c, text, n);
  return e;
}

ast_expr *build_negative(builder *b, token minus, token number)
{
  ast_expr *e = build_number(b, number);
  e->span = span_join(minus.span, number.span);
  e->value.num = -e->value.num;
  return e;
}

ast_expr *build_money(builder *b, token number, token currency)
{
  ast_expr *e = build_number(b, number);
  e->span = span_join(number.span, currency.span);
  if (e->kind == AST_ERROR) return e;
  e->kind = AST_MONEY;
  e->text = plain_text(b, currency);
  e->op_span = currency.span;
  return e;
}

// ---- times --------------------------------------------------------------------------------------

// Days from 1970-01-01 to a date of the Gregorian calendar.
static int64_t days_to(int64_t y, int64_t m, int64_t d)
{
  y -= m <= 2; // years begin in March: the leap day is their last
  int64_t era = y / 400, of_era = y % 400;
  int64_t of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t month_days(int64_t y, int64_t m)
{
  bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  if (m == 2) return leap ? 29 : 28;
  return m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
}

// The number in the digits from text[at] on; 0 when the text ends before.
static int64_t digits(const char *text, size_t n, size_t at, size_t width)
{
  int64_t v = 0;
  if (at + width > n) return 0;
  for (size_t i = at; i < at + width; i++)
    v = v * 10 + (text[i] - '0');
  return v;
}

ast_expr *build_time(builder *b, token t)
{
  size_t n;
  const char *text = token_text(b->c, t, &n);
  bool seconds = n >= 19 && text[16] == ':';

  if (t.flags & (TOKEN_BAD | TOKEN_MADE_UP)) return error_node(b, t.span);
  // The lexer has seen the shape: YYYY-MM-DD[ HH:MM[:SS][Z]].
  int64_t y = digits(text, n, 0, 4), m = digits(text, n, 5, 2), d = digits(text, n, 8, 2);
  int64_t hour = digits(text, n, 11, 2), minute = digits(text, n, 14, 2);
  int64_t second = seconds ? digits(text, n, 17, 2) : 0;
  if (y < 1 || m < 1 || m > 12 || d < 1 || d > month_days(y, m) || hour > 23 || minute > 59 ||
      second > 59) {
    diag_error(b->c, DIAG_BAD_TIME, t.span, "there is no such day or time");
    return error_node(b, t.span);
  }
  ast_expr *e = node(b, AST_TIME, t.span);
  e->time = days_to(y, m, d) * 86400 + hour * 3600 + minute * 60 + second;
  return e;
}

// ---- formulas -----------------------------------------------------------------------------------

expr_list *build_exprs(builder *b, expr_list *list, ast_expr *e)
{
  if (!list) list = arena_make(b->mem, expr_list);
  VEC_PUSH(b->mem, &list->at, e);
  return list;
}

static ast_expr *with_args(builder *b, ast_expr *e, const expr_list *list, uint32_t below)
{
  e->args.at = list->at.at;
  e->args.n = list->at.n;
  e->args.cap = list->at.cap;
  for (uint32_t i = 0; i < list->at.n; i++)
    below = deeper(below, list->at.at[i]);
  return parent(b, e, below);
}

ast_expr *build_call(builder *b, token name, expr_list *args, token close)
{
  ast_expr *e = node(b, AST_CALL, span_join(name.span, close.span));
  e->text = plain_text(b, name);
  e->op_span = name.span;
  return with_args(b, e, args, 0);
}

ast_expr *build_parens(token open, ast_expr *e, token close)
{
  e->span = span_join(open.span, close.span);
  return e;
}

ast_expr *build_unary(builder *b, ast_expr_kind kind, token op, ast_expr *a)
{
  ast_expr *e = node(b, kind, span_join(op.span, a->span));
  e->op_span = op.span;
  e->a = a;
  return parent(b, e, a->depth);
}

ast_expr *build_binary(builder *b, ast_expr_kind kind, ast_expr *l, token op, ast_expr *r)
{
  ast_expr *e = node(b, kind, span_join(l->span, r->span));
  e->op_span = op.span;
  e->a = l;
  e->b = r;
  return parent(b, e, deeper(l->depth, r));
}

ast_expr *build_in_name(builder *b, ast_expr *l, token op, ast_expr *name)
{
  if (name->kind == AST_NAME || name->kind == AST_ERROR)
    return build_binary(b, AST_IN_RANGE, l, op, name);
  diag_error(b->c, DIAG_SYNTAX, name->span, "`in` needs a range or a set, and this is one value");
  diag_help(b->c, "write `5..` for at least 5, `..5` for at most, `2..5` for both; to compare with "
                  "one value, `=`");
  return error_node(b, span_join(l->span, name->span));
}

ast_expr *build_in_set(builder *b, ast_expr *l, token op, expr_list *items, token close)
{
  ast_expr *e = node(b, AST_IN_SET, span_join(l->span, close.span));
  e->op_span = op.span;
  e->a = l;
  return with_args(b, e, items, l->depth);
}

// ---- ranges -------------------------------------------------------------------------------------

bound *build_bound(builder *b, ast_expr *first, ast_expr *second)
{
  bound *at = arena_make(b->mem, bound);
  *at = (bound){first, second};
  return at;
}

ast_expr *build_range(builder *b, bound *lo, token dots, bound *hi)
{
  span where = dots.span;
  if (lo) where = span_join(lo->first->span, where);
  if (hi) where = span_join(where, hi->second ? hi->second->span : hi->first->span);
  ast_expr *e = node(b, AST_RANGE, where);
  e->op_span = dots.span;
  if (!lo && !hi) {
    diag_error(b->c, DIAG_SYNTAX, where, "a range without ends holds for everything");
    diag_help(b->c, "write `3..` for at least 3, `..8` for at most 8, `3..8` for both");
    return error_node(b, where);
  }
  // A hard end is where the degree jumps: b of `b..`, c of `..c`.
  if (lo) e->lo1 = lo->second ? lo->second : lo->first;
  if (lo && lo->second) e->lo0 = lo->first;
  if (hi) e->hi0 = hi->first;
  if (hi) e->hi1 = hi->second;
  return parent(b, e, deeper(deeper(deeper(deeper(0, e->lo0), e->lo1), e->hi0), e->hi1));
}

ast_expr *build_exactly(builder *b, ast_expr *e)
{
  ast_expr *range = node(b, AST_RANGE, e->span);
  range->op_span = e->span;
  range->lo1 = e;
  range->hi0 = e;
  return parent(b, range, e->depth);
}
