// What syntax.c, syntax_mend.c and syntax_say.c share.
#ifndef AML_FRONTEND_SYNTAX_INSIDE_H
#define AML_FRONTEND_SYNTAX_INSIDE_H

#include "frontend/syntax.h"

// Where a statement stands: which words may begin it.
typedef enum { IN_FILE, IN_PATTERN, IN_PROFILE, IN_TEST, IN_META } syntax_place;

typedef struct syntax_run_state {
  builder *b;
  lexed *l;
  void *parser;
  uint32_t at;             // the token to feed next
  token last;              // the token fed last
  uint32_t first;          // of the statement at hand
  syntax_place place;      // of the statement at hand
  uint32_t open_before;    // brackets that were open where it began
  bool quiet;              // its error is out: what follows in it hangs on that
  uint32_t surplus_braces; // at the end of blocks that held what must stand outside
  bool ended;              // that the file ends too early is said
  bool fresh;              // a `;` or a brace was fed: the next token may begin a statement
  bool stop;
  uint32_t stalls;    // steps since the last token was passed
  VEC(uint32_t) open; // brackets that are open, as places in l->tokens
} syntax_state;

// ---- syntax.c -----------------------------------------------------------------------------------

token syntax__token(const syntax_state *s, uint32_t i);            // past the end: the last
void syntax__feed(syntax_state *s, token t);                       // one that the parser takes
void syntax__feed_made_up(syntax_state *s, int kind, uint32_t at); // at: a byte of the source
void syntax__skip(syntax_state *s);                                // drops the statement at hand
// The statement at hand is read on, but it is left out of the tree and no more is said of it.
void syntax__doubt(syntax_state *s);

// ---- syntax_mend.c ------------------------------------------------------------------------------

// The parser refuses the token at hand: says why and mends it, or drops the statement.
void syntax__mend(syntax_state *s);
// At the first token of a statement that the parser takes, but not as what was meant.
bool syntax__mend_start(syntax_state *s);
// `96 h`, `5 days`: at the number, before it is taken for one.
bool syntax__mend_duration(syntax_state *s);

// ---- syntax_say.c -------------------------------------------------------------------------------

// `; or a value`, at most four; what the parser would take now. In the builder's arena.
const char *syntax__expected(const syntax_state *s);
// "`stge`", "the end of the file"
const char *syntax__found(const syntax_state *s, token t);
// How the statement that begins with this word is written; NULL: it is no such word.
const char *syntax__form(int word, syntax_place place);
// Whether a statement in this place begins with this word.
bool syntax__begins(int word, syntax_place place);
// The place where statements begin with this word: "in a pattern"; NULL: nowhere.
const char *syntax__home(int word);
// The kind of the word nearest to a misspelt one among those the parser takes now; 0: none is near.
int syntax__nearest(const syntax_state *s, token t, const char **text);
// The kind of the word that the token is but for its capitals; 0: none.
int syntax__uncapital(const syntax_state *s, token t);

#endif
