// The parser between its tokens and the tree: grammar.y makes it, syntax.c drives it and says what is
// wrong.
#ifndef AML_FRONTEND_SYNTAX_H
#define AML_FRONTEND_SYNTAX_H

#include "frontend/ast_build.h"

// ---- made by grammar.y --------------------------------------------------------------------------

size_t syntax_bytes(void); // of a parser
void syntax_Init(void *parser, builder *b);
void syntax_(void *parser, int kind, token t); // after TK_END comes 0
void syntax_Finalize(void *parser);

typedef enum { SYNTAX_REFUSED, SYNTAX_TAKEN_AS_NAME, SYNTAX_TAKEN } syntax_taken;

// Whether the parser would take these tokens one after the other, and as what the first. Changes
// nothing.
syntax_taken syntax_try(const void *parser, const int *kinds, int n);
// Whether a statement, an item or an entry may begin here.
bool syntax_at_statement(const void *parser);

// ---- syntax.c -----------------------------------------------------------------------------------

// Feeds all tokens; errors are reported and stepped over.
void syntax_run(builder *b, lexed *l);

#endif
