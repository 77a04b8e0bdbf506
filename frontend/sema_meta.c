// meta: who a pattern is.
#include "frontend/sema_inside.h"

#include <ctype.h>
#include <string.h>

static bool is_uuid(const char *t)
{
  static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

  if (strlen(t) != sizeof shape - 1) return false;
  for (size_t i = 0; shape[i]; i++)
    if (shape[i] == '-' ? t[i] != '-' : !isxdigit((unsigned char)t[i])) return false;
  return true;
}

// One value, not empty; else reported.
static const char *one_value(sema_pattern *p, const ast_meta_entry *m)
{
  if (m->values.n == 1 && m->values.at[0].text && *m->values.at[0].text)
    return m->values.at[0].text;
  span where = m->values.n > 1    ? m->values.at[1].span
               : m->values.n == 1 ? m->values.at[0].span
                                  : m->key.span;
  diag_error(p->env.c, DIAG_BAD_VALUE, where, "`%s` has one value", m->key.text);
  diag_help(p->env.c, "write `%s: \"...\";`", m->key.text);
  return "-";
}

static void id_entry(sema_pattern *p, const ast_meta_entry *m)
{
  const char *id = one_value(p, m);

  p->out->id = id;
  if (is_uuid(id) || strcmp(id, "-") == 0) return;
  diag_error(p->env.c, DIAG_BAD_ID, m->values.at[0].span, "`%s` is no UUID", id);
  diag_help(p->env.c, "write 32 hexadecimal digits in groups, as `uuidgen` prints them: "
                      "\"6f1c1a52-6c0e-4c39-9d53-0b7e6b1f0a11\"");
}

static void status_entry(sema_pattern *p, const ast_meta_entry *m)
{
  const char *status = one_value(p, m);

  p->out->status = status;
  if (strcmp(status, "-") == 0 || sema_word_index(&sema_status_words, status) < sema_status_words.n)
    return;
  diag_error(p->env.c, DIAG_UNKNOWN_WORD, m->values.at[0].span, "`%s` is no status of a pattern",
             status);
  sema_help_words(p->env.c, status, &sema_status_words);
}

static void other_entry(sema_pattern *p, const ast_meta_entry *m)
{
  gir_meta g = {.key = m->key.text};

  for (uint32_t i = 0; i < m->values.n; i++)
    if (m->values.at[i].text) VEC_PUSH(p->env.mem, &g.values, m->values.at[i].text);
  VEC_PUSH(p->env.mem, &p->out->meta, g);
}

static bool is_repeated(sema_pattern *p, const ast_stmt *s, uint32_t at)
{
  const ast_name *key = &s->meta.at[at].key;

  for (uint32_t i = 0; i < at; i++) {
    if (s->meta.at[i].key.text != key->text) continue;
    diag_error(p->env.c, DIAG_DUPLICATE_NAME, key->span, "`%s` stands in `meta` twice", key->text);
    diag_note(p->env.c, s->meta.at[i].key.span, "here first");
    diag_help(p->env.c, "write several values in one entry, with commas");
    return true;
  }
  return false;
}

static void entry(sema_pattern *p, const ast_stmt *s, uint32_t at)
{
  const ast_meta_entry *m = &s->meta.at[at];

  if (!m->key.text) return;
  if (sema_word_index(&sema_meta_words, m->key.text) == sema_meta_words.n) {
    diag_error(p->env.c, DIAG_UNKNOWN_META, m->key.span, "`meta` has no entry `%s`", m->key.text);
    sema_help_words(p->env.c, m->key.text, &sema_meta_words);
    return;
  }
  if (is_repeated(p, s, at)) return;
  if (strcmp(m->key.text, "id") == 0)
    id_entry(p, m);
  else if (strcmp(m->key.text, "version") == 0)
    p->out->version = one_value(p, m);
  else if (strcmp(m->key.text, "status") == 0)
    status_entry(p, m);
  else
    other_entry(p, m);
}

static bool is_misspelt(const ast_stmt *s, const char *key)
{
  for (uint32_t i = 0; i < s->meta.n; i++)
    if (s->meta.at[i].key.text && nearest_word(s->meta.at[i].key.text, &key, 1)) return true;
  return false;
}

void sema_meta_statement(sema_pattern *p)
{
  const ast_stmt *s = p->meta;
  cx *c = p->env.c;

  if (!s) {
    diag_error(c, DIAG_NO_META,
               (span){p->stmt->span.file, p->stmt->span.start, p->stmt->span.start + 7},
               "pattern `%s` has no `meta`", p->stmt->name.text);
    diag_help(c, "write `meta { id: \"a UUID\"; version: \"1.0.0\"; }`; `uuidgen` makes one");
    return;
  }
  for (uint32_t i = 0; i < s->meta.n && cx_ok(c); i++)
    entry(p, s, i);
  bool id = *p->out->id || is_misspelt(s, "id"),
       version = *p->out->version || is_misspelt(s, "version");
  if (id && version) return;
  diag_error(c, DIAG_NO_META, (span){s->span.file, s->span.start, s->span.start + 4},
             "`meta` has no `%s`", id ? "version" : "id");
  if (id)
    diag_help(c, "write `version: \"1.0.0\";`");
  else
    diag_help(c, "write `id: \"a UUID\";`; `uuidgen` makes one");
}
