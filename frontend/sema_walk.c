// What an expression names, before it is understood: to tell pairs from aggregates, to see which stages
// a constraint waits for, and which parameters are used.
#include "frontend/sema_inside.h"

#include <string.h>

static bool is_aggregate(const ast_expr *x)
{
  if (x->kind == AST_NAME) return strcmp(x->text, "span") == 0;
  if (x->kind != AST_CALL) return false;
  uint32_t i = sema_word_index(&sema_builtin_words, x->text);
  return i < sema_builtin_words.n && sema_builtins[i].op != GIR_GAP;
}

typedef struct walk {
  arena *mem;
  sema_uses *out;
} walk;

static void uses(const walk *w, const ast_expr *x, bool pair, bool aggregate);

static void uses_of_call(const walk *w, const ast_expr *x)
{
  bool gap = strcmp(x->text, "gap") == 0, aggregate = !gap && is_aggregate(x);

  for (uint32_t i = 0; i < x->args.n; i++)
    uses(w, x->args.at[i], gap, aggregate);
}

static void uses(const walk *w, const ast_expr *x, bool pair, bool aggregate)
{
  if (!x) return;
  if (x->kind == AST_NAME) {
    sema_use u = {{x->text, x->span}, pair, aggregate};
    VEC_PUSH(w->mem, w->out, u);
    return;
  }
  if (x->kind == AST_CALL) {
    uses_of_call(w, x);
    return;
  }
  bool order = x->kind == AST_BEFORE || x->kind == AST_NOT_AFTER;
  bool dot = x->kind == AST_DOT;
  const ast_expr *parts[] = {x->a, x->b, x->lo0, x->lo1, x->hi0, x->hi1};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    uses(w, parts[i], order || (dot && !aggregate), aggregate && dot);
  for (uint32_t i = 0; i < x->args.n; i++)
    uses(w, x->args.at[i], false, false);
}

void sema_uses_of(arena *mem, sema_uses *out, const ast_expr *x)
{
  walk w = {mem, out};
  uses(&w, x, false, false);
}

static bool any_of(const ast_expr *x, bool (*is)(const ast_expr *))
{
  if (!x) return false;
  if (is(x)) return true;
  for (uint32_t i = 0; i < x->args.n; i++)
    if (any_of(x->args.at[i], is)) return true;
  return any_of(x->a, is) || any_of(x->b, is) || any_of(x->lo0, is) || any_of(x->lo1, is) ||
         any_of(x->hi0, is) || any_of(x->hi1, is);
}

bool sema_has_aggregate(const ast_expr *x)
{
  return any_of(x, is_aggregate);
}

static bool is_overlap(const ast_expr *x)
{
  return x->kind == AST_OVERLAP;
}

bool sema_has_overlap(const ast_expr *x)
{
  return any_of(x, is_overlap);
}
