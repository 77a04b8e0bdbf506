// Test blocks: the pattern is there, and what is expected speaks of its roles and of the test's accounts.
#include "frontend/sema_inside.h"

#include <string.h>

// The role a pattern's text has under this name, by its shape; AST_ROLE_ANY: none.
static ast_role_shape shape_of(const ast_stmt *pattern, const char *name)
{
  ast_role_shape found = AST_ROLE_ANY;

  for (uint32_t i = 0; i < pattern->body.n; i++) {
    const ast_stmt *s = pattern->body.at[i];
    if (!s) continue;
    if (s->kind == AST_SET && s->name.text == name) return AST_ROLE_GROUP;
    const ast_role *roles[] = {&s->from, &s->via, &s->to};
    for (int k = 0; s->kind == AST_STAGE && k < 3; k++) {
      if (roles[k]->name.text != name || (k == 1 && !s->has_via) || roles[k]->shape == AST_ROLE_ANY)
        continue;
      if (roles[k]->shape != AST_ROLE_PLAIN) return roles[k]->shape;
      found = AST_ROLE_PLAIN;
    }
  }
  return found;
}

static void role_names(sema_state *st, const ast_stmt *pattern, sema_names *out)
{
  for (uint32_t i = 0; i < pattern->body.n; i++) {
    const ast_stmt *s = pattern->body.at[i];
    if (!s) continue;
    const char *names[] = {s->from.name.text, s->has_via ? s->via.name.text : NULL,
                           s->to.name.text};
    if (s->kind == AST_SET && s->name.text) VEC_PUSH(st->mem, out, s->name.text);
    for (int k = 0; s->kind == AST_STAGE && k < 3; k++) {
      bool there = !names[k];
      for (uint32_t i2 = 0; i2 < out->n; i2++)
        there = there || out->at[i2] == names[k];
      if (!there) VEC_PUSH(st->mem, out, names[k]);
    }
  }
}

static bool is_account(const ast_stmt *test, const char *name)
{
  for (uint32_t i = 0; i < test->body.n; i++) {
    const ast_stmt *s = test->body.at[i];
    if (s && s->kind == AST_TX && s->tx && (s->tx->from.text == name || s->tx->to.text == name))
      return true;
  }
  return false;
}

static void check_accounts(sema_state *st, const ast_stmt *test, const ast_expectation *x,
                           ast_role_shape shape)
{
  cx *c = st->c;

  if (shape == AST_ROLE_PLAIN && x->is_set) {
    diag_error(c, DIAG_BAD_TEST, x->name.span, "`%s` is one account", x->name.text);
    diag_help(c, "write `%s = ACCOUNT`", x->name.text);
  } else if (shape != AST_ROLE_PLAIN && !x->is_set) {
    diag_error(c, DIAG_BAD_TEST, x->name.span, "`%s` is %s", x->name.text,
               shape == AST_ROLE_GROUP ? "a group" : "a chain");
    diag_help(c, "write its accounts in braces, as in `%s = {b, c}`", x->name.text);
  }
  for (uint32_t i = 0; i < x->accounts.n; i++) {
    const ast_name *a = &x->accounts.at[i];
    if (!a->text || is_account(test, a->text)) continue;
    diag_error(c, DIAG_BAD_TEST, a->span, "no transfer of this test has an account `%s`", a->text);
    diag_help(c, "name an account of a `tx` statement");
  }
}

static void check_expectation(sema_state *st, const ast_stmt *test, const ast_stmt *pattern,
                              const ast_expectation *x)
{
  sema_names names = {0};

  if (!x->name.text) return;
  bool degree = strcmp(x->name.text, "degree") == 0;
  if (x->range) {
    sema_unit *u;
    (void)sema_find_pattern(st, pattern->name.text, &u);
    sema_env e = {.c = st->c, .mem = st->mem, .state = st, .unit = u, .any_currency = true};
    sema_value v = sema_range(&e, x->range);
    if (v.type != TY_NONE) (void)sema_range_coerce(&e, &v, TY_NUMBER, x->range->span);
    if (degree) return;
    diag_error(st->c, DIAG_BAD_TEST, x->name.span, "only `degree` lies in a range");
    diag_help(st->c, "write `degree in 0.5..`, or the accounts of a role: `%s = {a, b}`",
              x->name.text);
    return;
  }
  ast_role_shape shape = shape_of(pattern, x->name.text);
  if (shape != AST_ROLE_ANY) {
    check_accounts(st, test, x, shape);
    return;
  }
  diag_error(st->c, DIAG_UNKNOWN_ROLE, x->name.span, "pattern `%s` has no role `%s`",
             pattern->name.text, x->name.text);
  if (degree) {
    diag_help(st->c, "write `degree in RANGE`");
    return;
  }
  role_names(st, pattern, &names);
  sema_suggest(st->c, x->name.text, names.at, names.n, "roles");
}

static void check_test_param(sema_state *st, const ast_stmt *s, const ast_stmt *pattern)
{
  sema_override o = {pattern->name.text, s->name.text, NULL, s->value, s->name.span};

  if (s->name.text) sema_check_overrides(st, &o, 1);
}

static bool in_reach(sema_state *st, const sema_unit *u, const char *name, uint32_t depth)
{
  sema_unit *of;
  const ast_stmt *p = sema_find_pattern(st, name, &of);

  if (p && of == u) return true;
  if (!p || depth > cx_get_limits(st->c)->max_depth) return false;
  for (uint32_t i = 0; u->tree && i < u->tree->items.n; i++)
    if (u->tree->items.at[i] == p) return true;
  for (uint32_t i = 0; i < u->imports.n; i++)
    if (in_reach(st, u->imports.at[i], name, depth + 1)) return true;
  return false;
}

static const ast_stmt *target(sema_state *st, const sema_unit *u, const ast_stmt *test)
{
  sema_names names = {0};
  sema_unit *of;

  if (!test->target.text) return NULL;
  const ast_stmt *p = sema_find_pattern(st, test->target.text, &of);
  if (p && in_reach(st, u, test->target.text, 0)) return p;
  diag_error(st->c, DIAG_UNKNOWN_PATTERN, test->target.span, "there is no pattern `%s` in reach",
             test->target.text);
  if (p) {
    diag_note(st->c, p->name.span, "it stands here");
    diag_help(st->c, "write `import \"%s\";`", of->path);
    return NULL;
  }
  sema_pattern_names(st, &names);
  sema_suggest(st->c, test->target.text, names.at, names.n, "patterns");
  return NULL;
}

static void check_test(sema_state *st, const sema_unit *u, const ast_stmt *test)
{
  const ast_stmt *pattern = target(st, u, test);
  bool expects = false;

  for (uint32_t i = 0; i < test->body.n && !diag_stop(st->c); i++) {
    const ast_stmt *s = test->body.at[i];
    if (!s) continue;
    if (s->kind == AST_EXPECT) expects = true;
    if (!pattern) continue;
    if (s->kind == AST_PARAM) check_test_param(st, s, pattern);
    for (uint32_t k = 0; s->kind == AST_EXPECT && s->expect && k < s->expect->with.n; k++)
      check_expectation(st, test, pattern, &s->expect->with.at[k]);
  }
  if (expects || u->broken) return;
  diag_error(st->c, DIAG_BAD_TEST, test->name.span, "this test expects nothing");
  diag_help(st->c, "end it with `expect none;` or `expect 1 match;`");
}

static void unique_names(sema_state *st, const sema_unit *u)
{
  map *names = map_new(st->mem);

  for (uint32_t i = 0; u->tree && i < u->tree->items.n; i++) {
    ast_stmt *s = u->tree->items.at[i];
    if (!s || s->kind != AST_TEST || !s->name.text || map_put(names, s->name.text, s)) continue;
    const ast_stmt *other = map_get(names, s->name.text);
    diag_error(st->c, DIAG_DUPLICATE_NAME, s->name.span, "there are two tests called \"%s\"",
               s->name.text);
    diag_note(st->c, other->name.span, "the other stands here");
    diag_help(st->c, "give one of the two another name");
  }
}

void sema_check_tests(sema_state *st)
{
  for (uint32_t k = 0; k < st->units.n && !diag_stop(st->c); k++) {
    const sema_unit *u = st->units.at[k];
    if (!u->root) continue;
    unique_names(st, u);
    for (uint32_t i = 0; u->tree && i < u->tree->items.n; i++) {
      const ast_stmt *s = u->tree->items.at[i];
      if (s && s->kind == AST_TEST) check_test(st, u, s);
    }
  }
}
