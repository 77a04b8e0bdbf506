// Feeds the parser. A token that it refuses never reaches it: syntax_mend.c deals with that.
#include "frontend/syntax.h"

#include "frontend/syntax_inside.h"
#include "grammar.h"

token syntax__token(const syntax_state *s, uint32_t i)
{
  return s->l->tokens.at[i < s->l->tokens.n ? i : s->l->tokens.n - 1];
}

static bool opens(int kind)
{
  return kind == TK_LP || kind == TK_LBRACK || kind == TK_LBRACE;
}

static bool closes(int kind)
{
  return kind == TK_RP || kind == TK_RBRACK || kind == TK_RBRACE;
}

static void count_brackets(syntax_state *s, token t)
{
  uint32_t most = cx_get_limits(s->b->c)->max_depth;

  if (closes(t.kind) && s->open.n) s->open.n--;
  if (!opens(t.kind)) return;
  VEC_PUSH(s->b->mem, &s->open, s->at);
  if (s->open.n <= most) return;
  diag_error(s->b->c, DIAG_LIMIT, t.span, "brackets are nested deeper than %u", most);
  s->stop = true;
}

void syntax__feed(syntax_state *s, token t)
{
  s->b->now = t.span;
  count_brackets(s, t);
  if (s->stop) return;
  syntax_(s->parser, t.kind, t);
  s->last = t;
  s->fresh = t.kind == TK_SEMI || t.kind == TK_LBRACE || t.kind == TK_RBRACE;
  if (s->b->stop) s->stop = true; // the parser's stack was full and has been emptied
}

void syntax__feed_made_up(syntax_state *s, int kind, uint32_t at)
{
  syntax__feed(s, (token){kind, TOKEN_MADE_UP, {s->b->file->file, at, at}});
}

void syntax__doubt(syntax_state *s)
{
  s->quiet = true;
  s->b->doubted = true;
  s->b->doubt = syntax__token(s, s->first).span.start;
}

// ---- dropping a statement -----------------------------------------------------------------------

// The braces of the statement at hand that are open: {1..9} and {"a", "b"}, not those of blocks.
static uint32_t own_braces(const syntax_state *s)
{
  uint32_t n = 0;
  for (uint32_t i = s->open_before; i < s->open.n; i++)
    n += syntax__token(s, s->open.at[i]).kind == TK_LBRACE;
  return n;
}

static bool begins_line(const syntax_state *s, token t, syntax_place place)
{
  (void)s;
  return t.flags & TOKEN_FIRST_OF_LINE && syntax__begins(t.kind, place);
}

// Moves behind the statement: over its `;`, or to what ends it without one.
static void find_end(syntax_state *s)
{
  uint32_t own = own_braces(s), blocks = 0;

  for (;; s->at++) {
    token t = syntax__token(s, s->at);
    if (t.kind == TK_END) return;
    if (s->at > s->first && begins_line(s, t, s->place)) return;
    if (s->at > s->first && t.flags & TOKEN_FIRST_OF_LINE && t.kind == TK_PATTERN) return;
    if (t.kind == TK_LBRACE) blocks++;
    if (t.kind == TK_SEMI && !blocks) {
      s->at++;
      return;
    }
    if (t.kind != TK_RBRACE) continue;
    if (blocks == 1) { // the end of a block we know nothing of is the end of its statement
      token next = syntax__token(s, s->at + 1);
      if (s->place == IN_FILE || next.flags & TOKEN_FIRST_OF_LINE || next.kind == TK_RBRACE) {
        s->at++;
        return;
      }
    }
    if (blocks)
      blocks--;
    else if (own)
      own--;
    else if (s->place != IN_FILE)
      return; // the block's own end
  }
}

void syntax__skip(syntax_state *s)
{
  uint32_t here = syntax__token(s, s->at).span.start;

  find_end(s);
  s->open.n = s->open_before < s->open.n ? s->open_before : s->open.n;
  syntax__feed_made_up(s, TK_WRONG, here);
  syntax__feed_made_up(s, TK_SEMI, here);
}

// ---- the run ------------------------------------------------------------------------------------

static syntax_place place_now(const syntax_state *s)
{
  static const struct {
    int word;
    syntax_place place;
  } tells[] = {
      {TK_PATTERN, IN_FILE}, {TK_STAGE, IN_PATTERN}, {TK_OVER, IN_PROFILE}, {TK_TX, IN_TEST}};

  for (size_t i = 0; i < sizeof tells / sizeof *tells; i++)
    if (syntax_try(s->parser, &tells[i].word, 1) == SYNTAX_TAKEN) return tells[i].place;
  return IN_META;
}

static void begin_statement(syntax_state *s)
{
  s->first = s->at;
  s->place = place_now(s);
  s->open_before = s->open.n;
  s->quiet = false;
}

enum { STALLS_MAX = 32 }; // each block that is open and each made-up token is one

static void step(syntax_state *s)
{
  token t = syntax__token(s, s->at);

  if (s->fresh && syntax_at_statement(s->parser)) {
    begin_statement(s);
    if (syntax__mend_start(s)) return;
  }
  s->fresh = false;
  if (t.flags & TOKEN_AFTER_BAD) syntax__doubt(s);
  if (syntax__mend_duration(s)) return;
  if (syntax_try(s->parser, &t.kind, 1) == SYNTAX_REFUSED) {
    syntax__mend(s);
    return;
  }
  syntax__feed(s, t);
  s->at++;
}

void syntax_run(builder *b, lexed *l)
{
  syntax_state s = {.b = b, .l = l, .parser = arena_try(b->mem, syntax_bytes())};

  if (!s.parser || !l->tokens.n || l->tokens.at[l->tokens.n - 1].kind != TK_END)
    return; // no memory
  syntax_Init(s.parser, b);
  begin_statement(&s);
  while (s.at < l->tokens.n && !s.stop && !diag_stop(b->c)) {
    uint32_t before = s.at;
    step(&s);
    s.stalls = s.at > before ? 0 : s.stalls + 1;
    if (s.stalls > STALLS_MAX) AML_BUG("the parser does not get past token %u", s.at);
  }
  if (s.at == l->tokens.n) syntax_(s.parser, 0, s.last);
  syntax_Finalize(s.parser);
}
