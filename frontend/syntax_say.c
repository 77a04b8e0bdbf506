// Words for messages: what is expected, what was found, which word was meant.
#include "frontend/syntax_inside.h"

#include <string.h>
#include <strings.h>
#include "grammar.h"
#include "ir/base/map.h"

// ---- statements ---------------------------------------------------------------------------------

enum { HOME_FILE = 1, HOME_PATTERN = 2, HOME_PROFILE = 4, HOME_TEST = 8, HOME_SHARED = 3 };

typedef struct statement_form {
  int word, home;
  const char *form;
} statement_form;

static const statement_form forms[] = {
#define STATEMENT(id, place, form) {TK_##id, HOME_##place, form},
#include "frontend/statements.def"
};
enum { N_FORMS = sizeof forms / sizeof *forms };

static int home_of(syntax_place place)
{
  switch (place) {
  case IN_FILE:
    return HOME_FILE;
  case IN_PATTERN:
    return HOME_PATTERN;
  case IN_PROFILE:
    return HOME_PROFILE;
  case IN_TEST:
    return HOME_TEST;
  case IN_META:
    return 0;
  }
  return 0;
}

static const statement_form *find_form(int word)
{
  for (int i = 0; i < N_FORMS; i++)
    if (forms[i].word == word) return &forms[i];
  return NULL;
}

const char *syntax__form(int word, syntax_place place)
{
  const statement_form *f = find_form(word);
  if (place == IN_TEST && word == TK_PARAM) return "param NAME = VALUE;";
  return f && f->home & home_of(place) ? f->form : NULL;
}

bool syntax__begins(int word, syntax_place place)
{
  return syntax__form(word, place) != NULL;
}

const char *syntax__home(int word)
{
  const statement_form *f = find_form(word);
  if (!f) return NULL;
  if (f->home & HOME_PATTERN) return "in a pattern";
  if (f->home & HOME_PROFILE) return "in a profile";
  if (f->home & HOME_TEST) return "in a test";
  return "outside of patterns";
}

// ---- expected and found -------------------------------------------------------------------------

typedef struct choice_list {
  const char *at[4];
  int n;
} choice_list;

static void choose(choice_list *l, const char *what)
{
  if (l->n < (int)(sizeof l->at / sizeof *l->at)) l->at[l->n++] = what;
}

static bool takes(const syntax_state *s, int kind)
{
  return syntax_try(s->parser, &kind, 1) == SYNTAX_TAKEN;
}

static void choose_words(const syntax_state *s, choice_list *l)
{
  static const int word[] = {
#define WORD(id, text) TK_##id,
#define RESERVED(id, text) TK_##id,
#include "frontend/tokens.def"
#undef WORD
#undef RESERVED
  };
  for (size_t i = 0; i < sizeof word / sizeof *word; i++) {
    bool again = i > 0 && word[i] == word[i - 1]; // `match` and `matches` are one kind
    if (!again && word[i] != TK_IN && takes(s, word[i])) choose(l, token_kind_text(word[i]));
  }
}

const char *syntax__expected(const syntax_state *s)
{
  static const int sign[] = {TK_SEMI, TK_ARROW,  TK_COLON,  TK_EQ,     TK_COMMA,
                             TK_RP,   TK_RBRACK, TK_RBRACE, TK_LBRACE, TK_DOTDOT};
  bool value = takes(s, TK_NUMBER) && takes(s, TK_LP);
  choice_list l = {.n = 0};

  for (size_t i = 0; i < sizeof sign / sizeof *sign; i++)
    if (takes(s, sign[i]) && !(value && sign[i] == TK_DOTDOT)) choose(&l, token_kind_text(sign[i]));
  if (value)
    choose(&l, "a value");
  else if (takes(s, TK_NUMBER))
    choose(&l, "a number");
  if (!value && takes(s, TK_NAME)) choose(&l, "a name");
  if (!value && takes(s, TK_TEXT)) choose(&l, "a text in quotes");
  if (!value && takes(s, TK_TIME)) choose(&l, "a time such as 2022-09-01 00:20");
  if (!value) choose_words(s, &l);
  if (takes(s, TK_STAR)) choose(&l, "an operator");
  if (l.n == 0) return "nothing more";

  const char *text = l.at[0];
  for (int i = 1; i < l.n; i++)
    text = arena_printf(s->b->mem, "%s%s%s", text, i + 1 < l.n ? ", " : " or ", l.at[i]);
  return text;
}

const char *syntax__found(const syntax_state *s, token t)
{
  size_t n;
  const char *text = token_text(s->b->c, t, &n);

  if (t.kind == TK_END) return "the end of the file";
  if (t.kind == TK_TEXT) return "a text in quotes";
  if (n > 40) n = 40;
  return arena_printf(s->b->mem, "`%.*s`", (int)n, text);
}

// ---- words --------------------------------------------------------------------------------------

typedef struct word_row {
  const char *text;
  int kind;
} word_row;

static const word_row word_rows[] = {
#define WORD(id, text) {text, TK_##id},
#define RESERVED(id, text) {text, TK_##id},
#include "frontend/tokens.def"
#undef WORD
#undef RESERVED
};
enum { N_ROWS = sizeof word_rows / sizeof *word_rows };

int syntax__nearest(const syntax_state *s, token t, const char **text)
{
  const char *names[N_ROWS];
  size_t n, n_names = 0;
  const char *word = token_text(s->b->c, t, &n);

  for (int i = 0; i < N_ROWS; i++)
    if (takes(s, word_rows[i].kind)) names[n_names++] = word_rows[i].text;
  *text = nearest_word(arena_text(s->b->mem, word, n), names, n_names);
  if (*text && n <= 3 && (*text)[0] != word[0]) *text = NULL; // `let` is not `set`
  for (int i = 0; *text && i < N_ROWS; i++)
    if (word_rows[i].text == *text) return word_rows[i].kind;
  return 0;
}

int syntax__uncapital(const syntax_state *s, token t)
{
  size_t n;
  const char *text = token_text(s->b->c, t, &n);

  for (int i = 0; i < N_ROWS; i++)
    if (strncasecmp(text, word_rows[i].text, n) == 0 && !word_rows[i].text[n])
      return word_rows[i].kind;
  return 0;
}
