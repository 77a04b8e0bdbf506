// The formatter: the tokens and comments of a file in the one layout.
//
// It works on tokens, not on the tree, so that nothing a person wrote can get lost. A statement is a
// line; what remains of the writer's own layout are empty lines (one at most), comments where they
// stood, `meta` on one line where it was, and statistics of a profile side by side.
#include "frontend/ast.h"

#include <string.h>
#include "frontend/fmt_inside.h"
#include "frontend/lexer.h"
#include "grammar.h"

enum { LEVELS_MAX = 8 }; // file, pattern, meta

typedef struct layout {
  cx *c;
  arena *mem;
  const source *s;
  lexed l;
  uint32_t t, k;         // next token, next comment
  uint32_t end;          // of the piece printed last, in the source
  int level;             // blocks that are open
  int block[LEVELS_MAX]; // the word each began with; 0: the file
  int last_word;         // of the statement printed last; 0: it was something else
  fmt_lines lines;
} layout;

static token tok(const layout *f, uint32_t i)
{
  return f->l.tokens.at[i < f->l.tokens.n ? i : f->l.tokens.n - 1];
}

static int kind(const layout *f, uint32_t i)
{
  return tok(f, i).kind;
}

// ---- what a token is ----------------------------------------------------------------------------

static bool is_word(int k)
{
  static const int words[] = {
      TK_NAME,
#define WORD(id, text) TK_##id,
#include "frontend/tokens.def"
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (words[i] == k) return true;
  return false;
}

static bool ends_value(int k)
{
  return is_word(k) || k == TK_NUMBER || k == TK_ISO || k == TK_DURATION || k == TK_PERCENT ||
         k == TK_TIME || k == TK_TEXT || k == TK_RP || k == TK_RBRACK || k == TK_RBRACE;
}

static bool begins_bound(int k)
{
  return is_word(k) || k == TK_NUMBER || k == TK_DURATION || k == TK_PERCENT || k == TK_TIME ||
         k == TK_LP || k == TK_MINUS;
}

static bool is_arithmetic(int k)
{
  return k == TK_PLUS || k == TK_MINUS || k == TK_STAR || k == TK_SLASH;
}

static bool is_unary(const layout *f, uint32_t i)
{
  int before = i ? kind(f, i - 1) : 0;
  bool word = before == TK_REQUIRE || before == TK_MOST || before == TK_LEAST;
  return kind(f, i) == TK_MINUS && (word || !ends_value(before));
}

// `in(x)`, a set; and not `a in (1+2)..5`.
static bool is_set_head(const layout *f, uint32_t i)
{
  int before = i ? kind(f, i - 1) : 0;
  return kind(f, i) == TK_IN && kind(f, i + 1) == TK_LP && !ends_value(before);
}

// Looks from token i in one direction for `~` or `..` in the same bound. Parentheses that only group
// are looked out of, those of a call are not.
static bool range_sign(const layout *f, uint32_t i, bool back)
{
  int depth = 0;

  while (back ? i > 0 : i + 1 < f->l.tokens.n) {
    i = back ? i - 1 : i + 1;
    int k = kind(f, i);
    bool in = back ? k == TK_RP : k == TK_LP, out = back ? k == TK_LP : k == TK_RP;
    if (in) depth++;
    if (out && depth == 0 && back && i > 0 && is_word(kind(f, i - 1))) return false;
    if (out && depth > 0) depth--;
    if (in || out || depth > 0) continue;
    if (k == TK_TILDE || k == TK_DOTDOT) return true;
    if (!is_arithmetic(k) && k != TK_DOT && !ends_value(k)) return false;
  }
  return false;
}

// `0.70*limit~0.80*limit..limit`: what stands in a bound is written close together.
static bool is_tight(const layout *f, uint32_t i)
{
  return is_arithmetic(kind(f, i)) && !is_unary(f, i) &&
         (range_sign(f, i, true) || range_sign(f, i, false));
}

// ---- blanks between tokens ----------------------------------------------------------------------

typedef struct stmt_shape {
  int word; // it begins with
  bool inline_meta;
  int braces; // open within it
  int parens;
  bool past_mark; // the first `:` or `=` is behind
} stmt_shape;

static uint32_t spaces_after(const layout *f, uint32_t i, const stmt_shape *sh)
{
  int before = kind(f, i - 1), k = kind(f, i);

  if (before == TK_LP || before == TK_LBRACK || before == TK_DOT || before == TK_TILDE) return 0;
  if (before == TK_LBRACE) return sh->inline_meta;
  if (before == TK_DOTDOT) return !begins_bound(k);
  return !is_unary(f, i - 1) && !is_tight(f, i - 1);
}

static uint32_t spaces_before(const layout *f, uint32_t i, const stmt_shape *sh)
{
  int before = kind(f, i - 1), k = kind(f, i);
  bool close = false;

  switch (k) {
  case TK_SEMI:
  case TK_COMMA:
  case TK_RP:
  case TK_RBRACK:
  case TK_LBRACK:
  case TK_DOT:
  case TK_TILDE:
    close = true;
    break;
  case TK_RBRACE:
    return sh->inline_meta;
  case TK_COLON:
    return sh->word == TK_PARAM && !sh->past_mark;
  case TK_DOTDOT:
    close = ends_value(before);
    break;
  case TK_LP:
    close = is_word(before) || is_set_head(f, i - 1);
    break;
  case TK_LBRACE: // via{1..9}
    close = sh->word == TK_STAGE;
    for (uint32_t j = i; close && j > 0 && kind(f, j - 1) != TK_SEMI; j--)
      close = kind(f, j - 1) != TK_WHERE;
    break;
  default:
    close = is_tight(f, i);
  }
  if (close) return 0;
  if (k == TK_TEXT && sh->word == TK_PARAM && before != TK_EQ) return 2; // the reason
  return spaces_after(f, i, sh);
}

static fmt_mark mark_of(const layout *f, uint32_t i, stmt_shape *sh)
{
  int k = kind(f, i);
  bool stage = sh->word == TK_STAGE || sh->word == TK_ABSENT;
  bool first_colon = k == TK_COLON && !sh->past_mark, first_eq = k == TK_EQ && !sh->past_mark;

  if (stage && kind(f, i - 1) == TK_COLON) return MARK_1;
  if (stage) return k == TK_WHERE && !sh->parens ? MARK_2 : MARK_NONE;
  if (sh->word == TK_PARAM) {
    if (first_colon) return MARK_1;
    if (first_eq) return MARK_2;
    return k == TK_IN && sh->past_mark ? MARK_3 : MARK_NONE;
  }
  if (sh->word == TK_TX) { // the amount, set to the right, and the time
    if (k == TK_AT) return MARK_2;
    return k == TK_NUMBER && !sh->past_mark && kind(f, i - 1) != TK_AT ? MARK_RIGHT : MARK_NONE;
  }
  return first_eq && (sh->word == TK_SET || sh->word == TK_CONST) ? MARK_1 : MARK_NONE;
}

static bool may_break(const layout *f, uint32_t i, const stmt_shape *sh)
{
  switch (kind(f, i)) {
  case TK_WHERE:
  case TK_WITHIN:
  case TK_SUPPORT:
  case TK_BEFORE:
  case TK_OVERLAP:
  case TK_FOR:
  case TK_AND:
  case TK_OR:
  case TK_BY:
  case TK_AMP:
  case TK_BAR:
    return true;
  case TK_WITH:
    return sh->word == TK_TX || sh->word == TK_EXPECT;
  case TK_MINUS:
    return sh->word == TK_SET && !sh->parens;
  case TK_TEXT:
    return sh->word == TK_PARAM || kind(f, i - 1) == TK_COMMA;
  default:
    return kind(f, i - 1) == TK_COMMA;
  }
}

// ---- lines --------------------------------------------------------------------------------------

static uint32_t newlines(const layout *f, uint32_t from, uint32_t to)
{
  uint32_t n = 0;
  for (uint32_t i = from; i < to; i++)
    n += f->s->text[i] == '\n';
  return n;
}

static bool opens_block(const layout *f)
{
  return !f->lines.n || (f->lines.at[f->lines.n - 1].group == TK_LBRACE);
}

static fmt_line new_line(layout *f, uint32_t start, int group)
{
  bool blank = newlines(f, f->end, start) > 1 && !opens_block(f) && group != TK_RBRACE;
  return (fmt_line){.indent = (uint32_t)f->level, .group = group, .blank = blank};
}

static void add_line(layout *f, fmt_line l)
{
  VEC_PUSH(f->mem, &f->lines, l);
}

static void add_atom(layout *f, fmt_line *l, span text, uint32_t spaces)
{
  fmt_atom a = {.text = f->s->text + text.start, .n = text.end - text.start, .spaces = spaces};
  VEC_PUSH(f->mem, &l->atoms, a);
  f->end = text.end;
}

static fmt_atom *last_atom(fmt_line *l)
{
  return l->atoms.n ? &l->atoms.at[l->atoms.n - 1] : NULL;
}

// The comments that stand before a token, within a statement.
static bool inner_comments(layout *f, fmt_line *l, uint32_t before, bool must_break)
{
  for (; f->k < f->l.comments.n && f->l.comments.at[f->k].span.start < before; f->k++) {
    const comment *c = &f->l.comments.at[f->k];
    add_atom(f, l, c->span, c->kind == COMMENT_BLOCK ? 1 : 2);
    if (last_atom(l)) last_atom(l)->must_break = must_break || c->first_of_line;
    must_break = c->kind != COMMENT_BLOCK;
  }
  return must_break;
}

static void comment_line(layout *f)
{
  const comment *c = &f->l.comments.at[f->k++];
  fmt_line *last = f->lines.n ? &f->lines.at[f->lines.n - 1] : NULL;

  if (last && !c->first_of_line && newlines(f, f->end, c->span.start) == 0 &&
      last->atoms.n) { // behind what is there
    const char *text = arena_text(f->mem, f->s->text + c->span.start, c->span.end - c->span.start);
    last->comment = last->comment ? arena_printf(f->mem, "%s %s", last->comment, text) : text;
    f->end = c->span.end;
    return;
  }
  fmt_line l = new_line(f, c->span.start, 0);
  add_atom(f, &l, c->span, 0);
  l.whole = true;
  add_line(f, l);
  f->last_word = 0;
}

// ---- statements ---------------------------------------------------------------------------------

static bool begins_block(int word)
{
  return word == TK_PATTERN || word == TK_PROFILE || word == TK_TEST || word == TK_META;
}

static bool is_block_start(const layout *f, int word)
{
  if (f->block[f->level] == TK_PATTERN) return word == TK_META;
  return f->level == 0 && begins_block(word) && word != TK_META;
}

// `meta { ... }` on one line stays on one.
static bool is_inline_meta(const layout *f, uint32_t first)
{
  uint32_t i = first;
  while (kind(f, i) != TK_RBRACE && kind(f, i) != TK_END)
    i++;
  return newlines(f, tok(f, first).span.start, tok(f, i).span.start) == 0;
}

static void count(stmt_shape *sh, int k)
{
  if (k == TK_LP) sh->parens++;
  if (k == TK_RP) sh->parens--;
  bool colon_only = sh->word == TK_STAGE || sh->word == TK_ABSENT;
  if (k == TK_EQ || (k == TK_COLON && colon_only)) sh->past_mark = true;
}

// The tokens from f->t up to the end of the statement: `;`, or the brace of a block.
static void statement_atoms(layout *f, fmt_line *l, stmt_shape *sh, bool block)
{
  bool must_break = false;

  for (uint32_t first = f->t;; f->t++) {
    token t = tok(f, f->t);
    bool begin = f->t == first;
    must_break = inner_comments(f, l, t.span.start, must_break) && !begin;
    add_atom(f, l, t.span, begin ? 0 : spaces_before(f, f->t, sh));
    fmt_atom *a = last_atom(l);
    if (!begin && a) {
      a->mark = mark_of(f, f->t, sh);
      a->may_break = may_break(f, f->t, sh);
      a->must_break = must_break;
      if (l->atoms.n > 1 && !tok(f, f->t - 1).span.end) a->spaces = 1;
    }
    must_break = false;
    count(sh, t.kind);
    bool ends = sh->inline_meta ? t.kind == TK_RBRACE : t.kind == TK_SEMI;
    if (ends || t.kind == TK_END || (block && !sh->inline_meta && t.kind == TK_LBRACE)) break;
  }
  f->t++;
}

// Statistics of a profile may stand side by side.
static bool goes_on(const layout *f, int word)
{
  return f->block[f->level] == TK_PROFILE && f->last_word == TK_NAME && word != TK_FOR &&
         word != TK_OVER && f->lines.n && !f->lines.at[f->lines.n - 1].comment &&
         !(tok(f, f->t).flags & TOKEN_FIRST_OF_LINE);
}

static void append_line(layout *f, const fmt_line *l)
{
  fmt_line *last = &f->lines.at[f->lines.n - 1];
  for (uint32_t i = 0; i < l->atoms.n; i++) {
    fmt_atom a = l->atoms.at[i];
    if (i == 0) {
      a.spaces = 1;
      a.may_break = true;
    }
    VEC_PUSH(f->mem, &last->atoms, a);
  }
}

static void statement(layout *f)
{
  int word = kind(f, f->t);
  bool block = is_block_start(f, word), after_line = f->lines.n > 0;
  stmt_shape sh = {.word = word};
  int before = after_line ? f->lines.at[f->lines.n - 1].group : 0;

  sh.inline_meta = block && word == TK_META && is_inline_meta(f, f->t);
  fmt_line l = new_line(f, tok(f, f->t).span.start, word);
  l.whole = sh.inline_meta;
  if (f->level == 0 && after_line && before && (block || before == TK_RBRACE)) l.blank = true;
  bool side_by_side = goes_on(f, word);
  statement_atoms(f, &l, &sh, block);
  if (side_by_side) append_line(f, &l);
  if (block && !sh.inline_meta) l.group = TK_LBRACE;
  if (!side_by_side) add_line(f, l);
  f->last_word =
      f->block[f->level] == TK_PROFILE && word != TK_FOR && word != TK_OVER ? TK_NAME : 0;
  if (l.group != TK_LBRACE) return;
  if (f->level + 1 >= LEVELS_MAX) AML_BUG("blocks nest %d deep", f->level);
  f->block[++f->level] = word;
}

static void close_block(layout *f)
{
  token t = tok(f, f->t++);

  if (f->level > 0) f->level--;
  fmt_line l = new_line(f, t.span.start, TK_RBRACE);
  add_atom(f, &l, t.span, 0);
  add_line(f, l);
  f->last_word = 0;
}

// Left out; but a comment behind it would become one before what follows, and so its documentation.
static void empty_statement(layout *f)
{
  token t = tok(f, f->t++);
  bool noted =
      f->k < f->l.comments.n && f->l.comments.at[f->k].span.start < tok(f, f->t).span.start;

  if (noted && newlines(f, t.span.end, f->l.comments.at[f->k].span.start) == 0) {
    fmt_line l = new_line(f, t.span.start, 0);
    add_atom(f, &l, t.span, 0);
    add_line(f, l);
  }
  f->end = t.span.end;
}

static void lay_out(layout *f)
{
  while (cx_ok(f->c)) {
    token t = tok(f, f->t);
    if (f->k < f->l.comments.n && f->l.comments.at[f->k].span.start < t.span.start)
      comment_line(f);
    else if (t.kind == TK_END)
      break;
    else if (t.kind == TK_RBRACE)
      close_block(f);
    else if (t.kind == TK_SEMI)
      empty_statement(f);
    else
      statement(f);
  }
}

void fmt_source(strbuf *out, cx *c, const ast_file *file)
{
  arena *mem = arena_new(c, "fmt");
  if (!mem) return;
  layout f = {.c = c, .mem = mem, .s = source_get(c, file->file)};
  const char *line_end = memchr(f.s->text, '\n', f.s->n);

  // What parse_source has found in order: the version line comes first.
  f.end = line_end ? (uint32_t)(line_end - f.s->text) : f.s->n;
  lex_source(&f.l, mem, c, file->file, f.end);
  if (f.l.tokens.n) lay_out(&f);
  strbuf_printf(out, "#!amlc %lld\n", (long long)file->version);
  if (f.lines.n) f.lines.at[0].blank = true;
  fmt__print(out, &f.lines);
  arena_free(mem);
}
