// Names: looking them up, declaring them, and what to say about one that nothing has.
#include "frontend/sema_inside.h"

#include <string.h>

// ---- words of builtins.def ----------------------------------------------------------------------

const sema_builtin sema_builtins[N_BUILTINS] = {
#define SEMA_BUILTIN(id, name, takes, op, help) {#name, TAKES_##takes, GIR_##op, help},
#include "frontend/builtins.def"
};

static const char *const field_words[] = {
#define SEMA_FIELD(name, type, help) #name,
#include "frontend/builtins.def"
};
static const char *const builtin_words[] = {
#define SEMA_BUILTIN(id, name, takes, op, help) #name,
#include "frontend/builtins.def"
};
static const char *const type_words[] = {
#define SEMA_TYPE(id, name, type, help) #name,
#include "frontend/builtins.def"
};
static const char *const meta_words[] = {
#define SEMA_META(name, help) #name,
#include "frontend/builtins.def"
};
static const char *const status_words[] = {
#define SEMA_STATUS(name, help) #name,
#include "frontend/builtins.def"
};
static const char *const stat_words[] = {
#define SEMA_STAT(name, kind, column, help) #name,
#include "frontend/builtins.def"
};

#define WORDS(list)                                                                                \
  {                                                                                                \
    list, sizeof list / sizeof *list                                                               \
  }
const sema_words sema_field_words = WORDS(field_words);
const sema_words sema_builtin_words = WORDS(builtin_words);
const sema_words sema_type_words = WORDS(type_words);
const sema_words sema_meta_words = WORDS(meta_words);
const sema_words sema_status_words = WORDS(status_words);
const sema_words sema_stat_words = WORDS(stat_words);

uint32_t sema_word_index(const sema_words *w, const char *word)
{
  uint32_t i = 0;
  while (i < w->n && strcmp(w->at[i], word) != 0)
    i++;
  return i;
}

// ---- suggestions --------------------------------------------------------------------------------

enum { SHORT_LIST = 10 };

void sema_suggest(cx *c, const char *word, const char *const *names, size_t n, const char *what)
{
  const char *near = nearest_word(word, names, n);

  if (near && strcmp(near, word) != 0) {
    diag_help(c, "did you mean `%s`?", near);
    return;
  }
  if (n == 0) {
    diag_help(c, "there are no %s here", what);
    return;
  }
  if (n > SHORT_LIST) return;
  strbuf list;
  strbuf_init(&list, c);
  for (size_t i = 0; i < n; i++)
    strbuf_printf(&list, "%s%s", i ? ", " : "", names[i]);
  diag_help(c, "the %s are: %s", what, strbuf_text(&list));
  strbuf_release(&list);
}

void sema_help_words(cx *c, const char *word, const sema_words *w)
{
  const char *near = nearest_word(word, w->at, w->n);
  strbuf list;

  if (near) {
    diag_help(c, "did you mean `%s`?", near);
    return;
  }
  strbuf_init(&list, c);
  for (size_t i = 0; i < w->n; i++)
    strbuf_printf(&list, "%s%s", i == 0 ? "" : i + 1 < w->n ? ", " : " or ", w->at[i]);
  diag_help(c, "write %s", strbuf_text(&list));
  strbuf_release(&list);
}

void sema_names_of(sema_names *out, sema_pattern *p, sema_kind kind)
{
  arena *mem = p->env.mem;

  for (uint32_t i = 0; i < map_n(p->env.names); i++) {
    const sema_symbol *s = map_value(p->env.names, i);
    if (s->kind == kind && !(kind == SYM_STAGE && strchr(s->name, '.')))
      VEC_PUSH(mem, out, s->name);
  }
}

// ---- looking up and declaring -------------------------------------------------------------------

const char *sema_kind_words(const sema_symbol *s)
{
  switch (s->kind) {
  case SYM_CONST:
    return "a constant";
  case SYM_PARAM:
    return "a parameter";
  case SYM_STAGE:
    return "a stage";
  case SYM_ABSENT:
    return "an absence";
  case SYM_ROLE:
    break;
  }
  switch (s->role->shape) {
  case AST_ROLE_GROUP:
    return "a group";
  case AST_ROLE_CHAIN:
    return "a chain";
  case AST_ROLE_PLAIN:
  case AST_ROLE_ANY:
    break;
  }
  return "a role";
}

// The pattern's own copy of a constant or parameter of the file: its value may differ by pattern.
static sema_symbol *copy_of_file(sema_env *e, const char *name)
{
  const sema_symbol *s = e->unit->visible ? map_get(e->unit->visible, name) : NULL;
  if (!s) return NULL;
  sema_symbol *copy = arena_make(e->mem, sema_symbol);
  *copy = *s;
  copy->state = SYM_NEW;
  copy->used = false;
  map_put(e->names, name, copy);
  return copy;
}

sema_symbol *sema_find(sema_env *e, const char *name)
{
  if (!name) return NULL;
  if (!e->names) return e->unit->visible ? map_get(e->unit->visible, name) : NULL;
  sema_symbol *s = map_get(e->names, name);
  return s ? s : copy_of_file(e, name);
}

static bool is_reserved(sema_kind kind, const char *name)
{
  if (strcmp(name, "span") == 0) return true;
  if (kind == SYM_STAGE) return strcmp(name, "this") == 0 || strcmp(name, "next") == 0;
  if (kind != SYM_CONST && kind != SYM_PARAM) return false;
  return sema_word_index(&sema_field_words, name) < sema_field_words.n;
}

sema_symbol *sema_declare(sema_env *e, sema_kind kind, ast_name name)
{
  sema_symbol *s = arena_make(e->mem, sema_symbol);

  if (!name.text) return NULL;
  *s = (sema_symbol){.kind = kind, .name = name.text, .where = name.span};
  if (is_reserved(kind, name.text)) {
    diag_error(e->c, DIAG_RESERVED_NAME, name.span, "`%s` already has a meaning of its own",
               name.text);
    diag_help(e->c, "take another name, such as `%s_1`", name.text);
  }
  sema_symbol *other = sema_find(e, name.text);
  if (other) {
    diag_error(e->c, DIAG_DUPLICATE_NAME, name.span, "`%s` is already the name of %s", name.text,
               sema_kind_words(other));
    diag_note(e->c, other->where, "it stands here first");
    diag_help(e->c, "give one of the two another name");
    return NULL;
  }
  if (e->names) map_put(e->names, name.text, s);
  return s;
}

static void report_kind(sema_pattern *p, ast_name name, const sema_symbol *s, sema_kind wanted_kind)
{
  cx *c = p->env.c;
  const char *wanted = wanted_kind == SYM_ROLE ? "a role" : "a stage";
  sema_names names = {0};

  diag_error(c, DIAG_WRONG_KIND, name.span, "`%s` is %s, and %s is meant here", name.text,
             sema_kind_words(s), wanted);
  diag_note(c, s->where, "`%s` stands here", name.text);
  sema_names_of(&names, p, wanted_kind);
  sema_suggest(c, "", names.at, names.n, wanted_kind == SYM_ROLE ? "roles" : "stages");
}

sema_role *sema_find_role(sema_pattern *p, ast_name name)
{
  cx *c = p->env.c;
  sema_names roles = {0};

  if (!name.text) return NULL;
  sema_symbol *s = map_get(p->env.names, name.text);
  if (s && s->kind == SYM_ROLE) return s->role;
  if (s) {
    report_kind(p, name, s, SYM_ROLE);
    return NULL;
  }
  if (p->env.unit->broken) return NULL; // it may have stood in a statement that was dropped
  diag_error(c, DIAG_UNKNOWN_ROLE, name.span, "no stage or set of this pattern has a role `%s`",
             name.text);
  sema_names_of(&roles, p, SYM_ROLE);
  sema_suggest(c, name.text, roles.at, roles.n, "roles");
  return NULL;
}

sema_stage *sema_find_stage(sema_pattern *p, ast_name name, bool evidence)
{
  cx *c = p->env.c;
  sema_names stages = {0};

  if (!name.text) return NULL;
  sema_symbol *s = map_get(p->env.names, name.text);
  if (s && s->kind == SYM_STAGE) {
    if (!evidence || !s->stage->probe) return s->stage;
    diag_error(c, DIAG_WRONG_KIND, name.span,
               "`%s` stands right of a `-`: its transfers are no part of the match", name.text);
    diag_note(c, s->where, "it stands here");
    diag_help(c, "name a stage, or a term that is not right of a `-`");
    return NULL;
  }
  if (s) {
    report_kind(p, name, s, SYM_STAGE);
    return NULL;
  }
  if (p->env.unit->broken) return NULL;
  diag_error(c, DIAG_UNKNOWN_STAGE, name.span, "this pattern has no stage `%s`", name.text);
  sema_names_of(&stages, p, SYM_STAGE);
  sema_suggest(c, name.text, stages.at, stages.n, "stages");
  return NULL;
}
