#include "frontend/syntax.h"

#include "grammar.h"

void syntax_run(builder *b, lexed *l)
{
  void *parser = arena_try(b->mem, syntax_bytes());
  if (!parser) return;
  syntax_Init(parser, b);
  for (uint32_t i = 0; i < l->tokens.n && !diag_stop(b->c); i++) {
    token t = l->tokens.at[i];
    if (!syntax_try(parser, &t.kind, 1)) {
      diag_error(b->c, DIAG_SYNTAX, t.span, "this is not expected here");
      break;
    }
    syntax_(parser, t.kind, t);
  }
  syntax_Finalize(parser);
}
