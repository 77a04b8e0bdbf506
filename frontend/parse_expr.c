// A piece of a source as one expression: fed to the parser as the value of a constant.
#include "frontend/syntax.h"

#include "grammar.h"

typedef struct run {
  builder b;
  lexed tokens;
  void *parser;
} run;

static void feed(run *r, int kind, span where)
{
  token t = {kind, TOKEN_MADE_UP, where};
  syntax_(r->parser, kind, t);
}

static void report(run *r, token t)
{
  cx *c = r->b.c;
  size_t n;
  const char *text = token_text(c, t, &n);

  if (t.flags & TOKEN_BAD) return; // its diagnostic is out
  if (t.kind == TK_END)
    diag_error(c, DIAG_SYNTAX, t.span, "something is missing at the end");
  else
    diag_error(c, DIAG_SYNTAX, t.span, "`%.*s` is not expected here", (int)n, text);
  diag_help(c, "write one value, as in `3`, `24h`, `9_000 USD`, `2..8` or `count(STAGE)`");
}

static bool too_deep(run *r)
{
  uint32_t depth = 0, most = cx_get_limits(r->b.c)->max_depth;

  for (uint32_t i = 0; i < r->tokens.tokens.n; i++) {
    if (r->tokens.tokens.at[i].kind == TK_LP) depth++;
    if (r->tokens.tokens.at[i].kind == TK_RP && depth) depth--;
    if (depth <= most) continue;
    diag_error(r->b.c, DIAG_LIMIT, r->tokens.tokens.at[i].span,
               "brackets are nested deeper than %u", most);
    return true;
  }
  return false;
}

// Feeds what the parser takes. False: it refused one, which is reported, or its stack was full.
static bool feed_all(run *r, span last)
{
  int semi = TK_SEMI;

  for (uint32_t i = 0; i < r->tokens.tokens.n && cx_ok(r->b.c); i++) {
    token t = r->tokens.tokens.at[i];
    bool end = t.kind == TK_END;
    if (syntax_try(r->parser, end ? &semi : &t.kind, 1) == SYNTAX_REFUSED) {
      if (end) t.span = last;
      report(r, t);
      return false;
    }
    if (end) break;
    r->b.now = t.span;
    syntax_(r->parser, t.kind, t);
    if (r->b.stop) return false;
  }
  feed(r, TK_SEMI, last);
  return !r->b.stop;
}

ast_expr *parse_expr(arena *mem, cx *c, uint32_t file, uint32_t start, uint32_t end)
{
  bool more = end < source_get(c, file)->n; // the byte behind the piece, such as its closing brace
  span first = {file, start, start}, last = {file, more || !end ? end : end - 1, end + more};
  run r = {.b = {.mem = mem, .c = c}};
  uint32_t before = diag_n_errors(c);

  r.b.lexed = &r.tokens;
  r.b.file = arena_make(mem, ast_file);
  r.b.file->file = file;
  lex_range(&r.tokens, mem, c, file, start, end);
  if (diag_n_errors(c) > before || !cx_ok(c) || too_deep(&r)) return NULL;
  r.parser = cx_alloc(c, syntax_bytes()); // not of the arena: a text may hold thousands of pieces
  if (!r.parser) return NULL;
  syntax_Init(r.parser, &r.b);
  feed(&r, TK_CONST, first);
  feed(&r, TK_NAME, first);
  feed(&r, TK_EQ, first);
  bool ok = feed_all(&r, last);
  if (ok) feed(&r, TK_END, last);
  if (ok) syntax_(r.parser, 0, (token){0});
  syntax_Finalize(r.parser);
  cx_release(c, r.parser);
  ok = ok && cx_ok(c) && r.b.file->items.n == 1;
  return ok ? r.b.file->items.at[0]->value : NULL;
}
