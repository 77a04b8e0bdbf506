// What the parser refuses: which mistake it is, in the analyst's words, and how to read on.
//
// Each mend_ function looks for one mistake. Finding it, it reports it, changes what is fed so that
// the parser goes on, and returns true. The sharpest come first; the last resort drops the statement.
#include "frontend/syntax_inside.h"

#include <string.h>
#include "grammar.h"

static token now(const syntax_state *s)
{
  return syntax__token(s, s->at);
}

static int next_kind(const syntax_state *s)
{
  return syntax__token(s, s->at + 1).kind;
}

static bool takes2(const syntax_state *s, int a, int b)
{
  int kinds[] = {a, b};
  return syntax_try(s->parser, kinds, 2) != SYNTAX_REFUSED;
}

static bool takes3(const syntax_state *s, int a, int b, int c)
{
  int kinds[] = {a, b, c};
  return syntax_try(s->parser, kinds, 3) != SYNTAX_REFUSED;
}

static bool takes(const syntax_state *s, int kind)
{
  return syntax_try(s->parser, &kind, 1) != SYNTAX_REFUSED;
}

// Right behind the last token: where something is missing.
static span behind(const syntax_state *s)
{
  return (span){s->last.span.file, s->last.span.end, s->last.span.end};
}

// The token at hand becomes one of another kind, whose text nobody reads.
static void feed_as(syntax_state *s, int kind, uint32_t flags)
{
  token t = now(s);
  t.kind = kind;
  t.flags |= flags;
  syntax__feed(s, t);
  s->at++;
}

static void help_form(syntax_state *s)
{
  token first = syntax__token(s, s->first);
  const char *form = syntax__form(first.kind, s->place);
  if (form) diag_help(s->b->c, "it is written `%s`", form);
}

// ---- signs of other languages -------------------------------------------------------------------

typedef struct foreign_row {
  const char *text;
  int meant, or_meant; // 0: none
  const char *help;
} foreign_row;

static const foreign_row foreign[] = {
    {"==", TK_EQ, 0, "write `=` to compare"},
    {"===", TK_EQ, 0, "write `=` to compare"},
    {":=", TK_EQ, 0, "write `=`"},
    {"&&", TK_AND, TK_AMP, "write `and` between conditions, `&` between sets"},
    {"||", TK_OR, TK_BAR, "write `or` between conditions, `|` between sets"},
    {"!", TK_NOT, 0, "write `not`"},
    {"<>", TK_NE, 0, "write `!=`"},
    {"=<", TK_LE, 0, "write `<=`"},
    {"=>", TK_ARROW, TK_GE, "write `->` between roles, `>=` to compare"},
    {"==>", TK_ARROW, 0, "write `->`"},
    {"-->", TK_ARROW, 0, "write `->`"},
    {"...", TK_DOTDOT, 0, "write `..`"},
    {"\xe2\x86\x92", TK_ARROW, 0, "write `->`"},
    {"\xe2\x89\xa4", TK_LE, 0, "write `<=`"},
    {"\xe2\x89\xa5", TK_GE, 0, "write `>=`"},
    {"\xe2\x89\xa0", TK_NE, 0, "write `!=`"},
    {"\xe2\x80\xa6", TK_DOTDOT, 0, "write `..`"},
    {"\xe2\x80\x93", TK_MINUS, TK_DOTDOT, "write `-`; a range is written with `..`"},
    {"\xe2\x80\x94", TK_MINUS, TK_DOTDOT, "write `-`; a range is written with `..`"},
    {"\xe2\x88\x92", TK_MINUS, 0, "write `-`"},
};

static const foreign_row *find_foreign(const syntax_state *s, token t)
{
  size_t n;
  const char *text = token_text(s->b->c, t, &n);
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
    if (strlen(foreign[i].text) == n && memcmp(foreign[i].text, text, n) == 0) return &foreign[i];
  return NULL;
}

static bool mend_foreign(syntax_state *s)
{
  token t = now(s);
  const foreign_row *row = t.kind == TK_FOREIGN ? find_foreign(s, t) : NULL;
  if (!row) return false;
  int kind = takes(s, row->meant) ? row->meant : row->or_meant;

  diag_error(s->b->c, DIAG_SYNTAX, t.span, "`%s` is not a sign of this language", row->text);
  diag_help(s->b->c, "%s", row->help);
  if (kind && takes(s, kind))
    feed_as(s, kind, 0);
  else
    syntax__skip(s);
  return true;
}

// ---- words --------------------------------------------------------------------------------------

// `AND`, `Stage`
static bool mend_capitals(syntax_state *s)
{
  token t = now(s);
  int kind = t.kind == TK_NAME || t.kind == TK_ISO ? syntax__uncapital(s, t) : 0;
  if (!kind || !takes2(s, kind, next_kind(s))) return false;
  diag_error(s->b->c, DIAG_SYNTAX, t.span, "the word is written %s, in small letters",
             token_kind_text(kind));
  feed_as(s, kind, 0);
  return true;
}

// A reserved word, a text or a number where a name is meant.
static bool mend_name(syntax_state *s)
{
  token t = now(s);
  bool value = t.kind == TK_TEXT || t.kind == TK_NUMBER || t.kind == TK_DURATION;

  if (!value && !token_is_reserved(t.kind)) return false;
  if (!takes2(s, TK_NAME, next_kind(s))) return false;
  if (value && s->place == IN_TEST && syntax__token(s, s->first).kind == TK_TX) {
    diag_error(s->b->c, DIAG_SYNTAX, t.span, "an account is a name or a text in quotes");
    diag_help(s->b->c, "put it in double quotes");
  } else if (value) {
    diag_error(s->b->c, DIAG_SYNTAX, t.span, "a name stands here, not %s", token_kind_text(t.kind));
    diag_help(s->b->c, "a name begins with a letter: letters, digits and `_`, without quotes");
  } else {
    const char *word = syntax__found(s, t);
    diag_error(s->b->c, DIAG_SYNTAX, t.span, "%s is a word of the language and no name", word);
    diag_help(s->b->c, "choose another name, such as `%.*s_1`", (int)strlen(word) - 2, word + 1);
  }
  feed_as(s, TK_NAME, 0);
  return true;
}

// A name where a text in quotes is meant.
static bool mend_text(syntax_state *s)
{
  token t = now(s);
  if (t.kind != TK_NAME || !takes2(s, TK_TEXT, next_kind(s))) return false;
  diag_error(s->b->c, DIAG_SYNTAX, t.span, "a text in quotes stands here, not a name");
  diag_help(s->b->c, "put it in double quotes");
  feed_as(s, TK_TEXT, TOKEN_MADE_UP);
  return true;
}

static const char *unit_letter(const char *word, size_t n)
{
  static const struct {
    const char *word, *letter;
  } units[] = {{"s", "s"}, {"sec", "s"}, {"second", "s"}, {"m", "m"}, {"min", "m"}, {"minute", "m"},
               {"h", "h"}, {"hr", "h"},  {"hour", "h"},   {"d", "d"}, {"day", "d"}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    size_t m = strlen(units[i].word);
    bool plural = n == m + 1 && word[n - 1] == 's';
    if ((n == m || plural) && memcmp(units[i].word, word, m) == 0) return units[i].letter;
  }
  return NULL;
}

bool syntax__mend_duration(syntax_state *s)
{
  token t = now(s), word = syntax__token(s, s->at + 1);
  size_t n, n_number;
  const char *text = token_text(s->b->c, word, &n), *number = token_text(s->b->c, t, &n_number);

  if (t.kind != TK_NUMBER || word.kind != TK_NAME || s->quiet) return false;
  const char *unit = unit_letter(text, n);
  bool weeks = n >= 4 && strncmp(text, "week", 4) == 0;
  if ((!unit && !weeks) || !takes(s, TK_NUMBER) || takes2(s, TK_NUMBER, TK_NAME)) return false;
  diag_error(s->b->c, DIAG_SYNTAX, span_join(t.span, word.span),
             "a duration is one word: a number and s, m, h or d");
  if (unit)
    diag_help(s->b->c, "write `%.*s%s`", (int)n_number, number, unit);
  else
    diag_help(s->b->c, "write it in days: a week is `7d`");
  t.flags |= TOKEN_BAD;
  t.span.end = word.span.end;
  syntax__feed(s, t);
  s->at += 2;
  return true;
}

static bool mend_misspelt(syntax_state *s)
{
  token t = now(s);
  const char *text = NULL;
  int kind = t.kind == TK_NAME ? syntax__nearest(s, t, &text) : 0;

  if (!kind || !takes2(s, kind, next_kind(s))) return false;
  diag_error(s->b->c, DIAG_SYNTAX, t.span, "%s means nothing here", syntax__found(s, t));
  diag_help(s->b->c, "did you mean `%s`?", text);
  feed_as(s, kind, 0);
  return true;
}

// ---- the start of a statement -------------------------------------------------------------------

// Whether t stands further right than the line of the brace begins: then it is meant to be inside.
static bool is_indented(const syntax_state *s, token open, token t)
{
  line_col brace = source_line_col(s->b->c, open.span.file, open.span.start);
  line_col word = source_line_col(s->b->c, t.span.file, t.span.start);
  return word.col - 1 > strspn(brace.line_text, " \t");
}

static bool unclosed(syntax_state *s, token t)
{
  if (!s->open.n || !takes(s, TK_RBRACE)) return false;
  token open = syntax__token(s, s->open.at[s->open.n - 1]);
  bool nested = t.kind != TK_END && is_indented(s, open, t);

  if (nested) {
    diag_error(s->b->c, DIAG_SYNTAX, t.span, "%s cannot stand in these braces",
               syntax__found(s, t));
    s->surplus_braces++; // the one that closes them is still to come
  } else if (!s->ended) {
    if (t.kind == TK_END)
      diag_error(s->b->c, DIAG_SYNTAX, behind(s), "a `}` is missing at the end");
    else
      diag_error(s->b->c, DIAG_SYNTAX, t.span, "a `}` is missing before %s", syntax__found(s, t));
  }
  if (!s->ended && open.kind == TK_LBRACE) diag_note(s->b->c, open.span, "the `{` is here");
  if (nested) diag_help(s->b->c, "write it below their `}`");
  s->ended = s->ended || t.kind == TK_END;
  syntax__feed_made_up(s, TK_RBRACE, t.span.start);
  return true;
}

static bool closes_block(int kind)
{
  return kind == TK_END || kind == TK_PATTERN || kind == TK_PROFILE || kind == TK_TEST ||
         kind == TK_IMPORT;
}

static const char *place_text(syntax_place place)
{
  switch (place) {
  case IN_FILE:
    return "a file holds `import`, `const`, `param`, `pattern`, `profile` and `test`";
  case IN_PATTERN:
    return "a pattern holds `meta`, `param`, `within`, `stage`, `set`, `absent`, `each`, `along`, "
           "`require`, `trigger`, `hubs`, `same`, `ignoring`, `may`, `alert` and `feature`";
  case IN_PROFILE:
    return "a profile holds `for`, `over` and statistics, as in `sum(amount);`";
  case IN_TEST:
    return "a test holds `param`, `tx` and `expect`";
  case IN_META:
    return "an entry is written `key: \"value\";`";
  }
  return "";
}

// The first word of a statement is none.
static void bad_start(syntax_state *s)
{
  token t = now(s);
  const char *home = syntax__home(t.kind), *text;

  if (t.kind == TK_RBRACE && s->place == IN_FILE) {
    if (s->surplus_braces)
      s->surplus_braces--;
    else
      diag_error(s->b->c, DIAG_SYNTAX, t.span, "this `}` closes nothing");
    s->at++;
    s->fresh = true;
    return;
  }
  if (home) {
    diag_error(s->b->c, DIAG_SYNTAX, t.span, "%s stands %s, not here", syntax__found(s, t), home);
    syntax__skip(s);
    return;
  }
  int near = t.kind == TK_NAME ? syntax__nearest(s, t, &text) : 0;
  diag_error(s->b->c, DIAG_SYNTAX, t.span, "no statement begins with %s", syntax__found(s, t));
  if (near)
    diag_help(s->b->c, "did you mean `%s`?", text);
  else
    diag_help(s->b->c, "%s", place_text(s->place));
  if (near && takes2(s, near, next_kind(s)))
    feed_as(s, near, 0);
  else
    syntax__skip(s);
}

bool syntax__mend_start(syntax_state *s)
{
  token t = now(s);
  // In `meta` a word of a statement would be an entry's key, if `:` came behind it.
  if (s->place == IN_META && t.flags & TOKEN_FIRST_OF_LINE && next_kind(s) != TK_COLON &&
      (syntax__begins(t.kind, IN_PATTERN) || syntax__begins(t.kind, IN_FILE)))
    return unclosed(s, t);
  // In a profile it would be a statistic.
  int next = next_kind(s);
  if (s->place != IN_PROFILE || next == TK_SEMI || next == TK_LP || !syntax__home(t.kind) ||
      syntax__begins(t.kind, IN_PROFILE) || closes_block(t.kind))
    return false;
  bad_start(s);
  return true;
}

static bool mend_bad_start(syntax_state *s)
{
  if (s->at != s->first) return false;
  if (closes_block(now(s).kind) && unclosed(s, now(s))) return true;
  bad_start(s);
  return true;
}

// `in ["ACH", "Wire"]`, `in (1, 2)`
static bool mend_set_brackets(syntax_state *s)
{
  token t = now(s);
  if (t.kind != TK_LBRACK || s->last.kind != TK_IN) return false;
  diag_error(s->b->c, DIAG_SYNTAX, t.span, "a set of values stands in braces");
  diag_help(s->b->c, "write `in {\"ACH\", \"Wire\"}`; a range has no brackets: `in 2..8`");
  syntax__skip(s);
  return true;
}

// ---- something is missing, or too much ----------------------------------------------------------

static void missing_semi(syntax_state *s)
{
  if (!(s->last.flags & TOKEN_BAD)) // the text without its quote has swallowed the `;`
    diag_error(s->b->c, DIAG_SYNTAX, behind(s), "a `;` is missing here");
  syntax__feed_made_up(s, TK_SEMI, s->last.span.end);
}

// What comes next begins a statement, or closes the block.
static bool mend_semi(syntax_state *s)
{
  if (!takes2(s, TK_SEMI, now(s).kind)) return false;
  missing_semi(s);
  return true;
}

// What comes next is on a line of its own, whatever it is.
static bool mend_semi_at_line(syntax_state *s)
{
  token t = now(s);
  bool wordlike = t.kind == TK_NAME || t.kind == TK_END || syntax__home(t.kind) != NULL;
  if (!(t.flags & TOKEN_FIRST_OF_LINE) || !wordlike || !takes(s, TK_SEMI)) return false;
  missing_semi(s);
  return true;
}

static void note_open(syntax_state *s, int kind)
{
  if (kind != TK_RP && kind != TK_RBRACK && kind != TK_RBRACE) return;
  if (!s->open.n) return;
  diag_note(s->b->c, syntax__token(s, s->open.at[s->open.n - 1]).span, "opened here");
}

static bool mend_missing(syntax_state *s)
{
  static const int candidates[] = {TK_ARROW,  TK_COLON,  TK_EQ,     TK_IN,    TK_COMMA,
                                   TK_RP,     TK_RBRACK, TK_RBRACE, TK_FOR,   TK_AT,
                                   TK_DOTDOT, TK_LP,     TK_LBRACE, TK_MATCH, TK_NAME};
  token t = now(s);

  for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
    int kind = candidates[i];
    if (syntax_try(s->parser, &kind, 1) != SYNTAX_TAKEN) continue;
    if (!takes3(s, kind, t.kind, next_kind(s))) continue;
    bool value = kind == TK_NAME && takes(s, TK_NUMBER);
    diag_error(s->b->c, DIAG_SYNTAX, behind(s), "%s is missing here",
               value ? "a value" : token_kind_text(kind));
    note_open(s, kind);
    help_form(s);
    syntax__feed_made_up(s, kind, s->last.span.end);
    syntax__doubt(s);
    return true;
  }
  return false;
}

static bool mend_surplus(syntax_state *s)
{
  token t = now(s);
  if (t.kind == TK_END || t.kind == TK_NAME || token_is_reserved(t.kind)) return false;
  if (!takes2(s, next_kind(s), syntax__token(s, s->at + 2).kind)) return false;
  diag_error(s->b->c, DIAG_SYNTAX, t.span, "%s is too much here", syntax__found(s, t));
  help_form(s);
  s->at++;
  syntax__doubt(s);
  return true;
}

// ---- all of it ----------------------------------------------------------------------------------

static void mend_by_dropping(syntax_state *s)
{
  token t = now(s);

  if (t.kind == TK_END && !s->ended) {
    diag_error(s->b->c, DIAG_SYNTAX, behind(s), "the file ends in the middle of a statement");
    diag_note(s->b->c, syntax__token(s, s->first).span, "the statement begins here");
    s->ended = true;
  } else if (t.kind != TK_END) {
    diag_error(s->b->c, DIAG_SYNTAX, t.span, "%s is expected here, and this is %s",
               syntax__expected(s), syntax__found(s, t));
    help_form(s);
  }
  syntax__skip(s);
}

void syntax__mend(syntax_state *s)
{
  token t = now(s);

  if (s->quiet || t.flags & TOKEN_BAD) {
    if (s->at == s->first && closes_block(t.kind) && unclosed(s, t)) return;
    syntax__skip(s);
    return;
  }
  if (mend_foreign(s) || mend_capitals(s) || mend_bad_start(s) || mend_semi(s)) return;
  if (mend_name(s) || mend_text(s) || mend_misspelt(s)) return;
  if (mend_set_brackets(s)) return;
  if (mend_semi_at_line(s) || mend_missing(s) || mend_surplus(s)) return;
  mend_by_dropping(s);
}
