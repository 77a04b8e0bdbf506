#include "runtime/src/map.h"
#include "runtime/src/error.h"
#include "runtime/src/input.h"
#include "runtime/src/utf8.h"

#include <string.h>

enum { MAP_BYTES_MAX = 1 << 20, MAX_POSITION = 10000 };

static const struct {
  const char *name;
  bool needed;
} columns[] = {
#define COLUMN(id, name, needed, in_words) {#name, needed},
#include "runtime/src/column.def"
};

const char *amlrt__column_name(amlrt__column c)
{
  return columns[c].name;
}

bool amlrt__column_needed(amlrt__column c)
{
  return columns[c].needed;
}

static bool is_word(const char *text, size_t n, const char *word)
{
  return strlen(word) == n && memcmp(text, word, n) == 0;
}

amlrt__column amlrt__column_find(const char *name, size_t n)
{
  int c = 0;

  while (c < AMLRT__N_COLUMNS && !is_word(name, n, columns[c].name))
    c++;
  return (amlrt__column)c;
}

void amlrt__map_init(amlrt__map *map, const amlrt_alloc *mem)
{
  *map = (amlrt__map){.has_header = true, .delimiter = ','};
  amlrt__pool_init(&map->texts, mem);
}

void amlrt__map_release(amlrt__map *map)
{
  amlrt__release(map->texts.mem, map->entry);
  amlrt__pool_release(&map->texts);
  map->entry = NULL;
  map->n = map->cap = 0;
}

// ---- one line -----------------------------------------------------------------------------------

typedef struct words {
  const char *key, *value;
  size_t n_key, n_value;
} words;

typedef struct reader {
  amlrt__map *map;
  amlrt_error *err;
  uint32_t line;
} reader;

static amlrt_status bad_line(const reader *r, const char *what, const char *text, size_t n)
{
  char shown[80];

  return amlrt__fail(r->err, AMLRT_E_MAP, "%s:%u: %s: '%s'", r->map->path, r->line, what,
                     amlrt__show(shown, sizeof shown, text, n));
}

static void trim(const char **text, size_t *n)
{
  while (*n > 0 && (**text == ' ' || **text == '\t')) {
    ++*text;
    --*n;
  }
  while (*n > 0 && ((*text)[*n - 1] == ' ' || (*text)[*n - 1] == '\t' || (*text)[*n - 1] == '\r'))
    --*n;
}

// `key = value`; the value may stand in quotes. False: it is not of that form.
static bool split_words(words *w, const char *line, size_t n)
{
  const char *equals = memchr(line, '=', n);

  if (!equals) return false;
  *w = (words){line, equals + 1, (size_t)(equals - line), n - (size_t)(equals - line) - 1};
  trim(&w->key, &w->n_key);
  trim(&w->value, &w->n_value);
  if (w->n_value >= 2 && w->value[0] == '"' && w->value[w->n_value - 1] == '"') {
    w->value++;
    w->n_value -= 2;
  }
  return w->n_key > 0 && w->n_value > 0;
}

static amlrt_status set_delimiter(reader *r, const words *w)
{
  static const struct {
    const char *name;
    char is;
  } known[] = {{"comma", ','}, {"tab", '\t'}, {"semicolon", ';'}, {"space", ' '}, {"pipe", '|'}};

  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (!is_word(w->value, w->n_value, known[i].name)) continue;
    r->map->delimiter = known[i].is;
    return AMLRT_OK;
  }
  return bad_line(r, "the delimiter is one of comma, tab, semicolon, space, pipe", w->value,
                  w->n_value);
}

static amlrt_status set_header(reader *r, const words *w)
{
  bool none = is_word(w->value, w->n_value, "none");

  if (!none && !is_word(w->value, w->n_value, "first"))
    return bad_line(r, "the header is none, or first (the first line)", w->value, w->n_value);
  r->map->has_header = !none;
  return AMLRT_OK;
}

static amlrt_status add_entry(reader *r, const words *w, amlrt__column column, bool is_extra)
{
  amlrt__map *m = r->map;
  size_t skip = is_extra ? strlen("extra.") : 0;
  amlrt__map_entry e = {.column = column, .is_extra = is_extra, .line = r->line};

  e.ours = amlrt__pool_copy(&m->texts, w->key + skip, w->n_key - skip);
  e.theirs = amlrt__pool_copy(&m->texts, w->value, w->n_value);
  if (!e.ours || !e.theirs ||
      !amlrt__grow(m->texts.mem, &m->entry, &m->cap, m->n + 1, sizeof *m->entry))
    return amlrt__nomem(r->err, m->path);
  for (size_t i = 0; i < m->n; i++)
    if (m->entry[i].is_extra == is_extra && strcmp(m->entry[i].ours, e.ours) == 0)
      return bad_line(r, "this column is given twice", w->key, w->n_key);
  m->entry[m->n++] = e;
  return AMLRT_OK;
}

static amlrt_status read_line(reader *r, const char *line, size_t n)
{
  amlrt__column column;
  words w;

  trim(&line, &n);
  if (n == 0 || *line == '#') return AMLRT_OK;
  if (!split_words(&w, line, n))
    return bad_line(r, "a line is 'our column = column in the file'", line, n);
  if (is_word(w.key, w.n_key, "delimiter")) return set_delimiter(r, &w);
  if (is_word(w.key, w.n_key, "header")) return set_header(r, &w);
  column = amlrt__column_find(w.key, w.n_key);
  if (column < AMLRT__N_COLUMNS) return add_entry(r, &w, column, false);
  if (w.n_key > 6 && memcmp(w.key, "extra.", 6) == 0) {
    if (amlrt__column_find(w.key + 6, w.n_key - 6) < AMLRT__N_COLUMNS)
      return bad_line(r, "a standard column is written without 'extra.'", w.key, w.n_key);
    return add_entry(r, &w, AMLRT__N_COLUMNS, true);
  }
  return bad_line(r,
                  "unknown word; known are src dst time id amount currency amount_received "
                  "currency_received format, extra.NAME for a further column, header, delimiter",
                  w.key, w.n_key);
}

// ---- the file -----------------------------------------------------------------------------------

static amlrt_status read_text(char **text, size_t *n, const char *path, const amlrt_alloc *mem,
                              amlrt_error *err)
{
  amlrt__input in;
  amlrt_status st;
  size_t cap = 0, got = 1;

  *n = 0;
  if ((st = amlrt__input_open(&in, path, mem, err)) < 0) return st;
  while (st == AMLRT_OK && got > 0 && *n <= MAP_BYTES_MAX) {
    if (!amlrt__grow(mem, text, &cap, *n + 4096, 1))
      st = amlrt__nomem(err, path);
    else
      st = amlrt__input_read(&in, *text + *n, cap - *n, &got, err);
    if (st == AMLRT_OK) *n += got;
  }
  amlrt__input_close(&in);
  if (st == AMLRT_OK && *n > MAP_BYTES_MAX)
    st = amlrt__fail(err, AMLRT_E_MAP, "'%s' is longer than a column map can be (1 MiB)", path);
  return st;
}

static amlrt_status read_lines(reader *r, const char *text, size_t n)
{
  amlrt_status st = AMLRT_OK;
  const char *end = text + n;

  if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) text += 3;
  while (st == AMLRT_OK && text < end) {
    const char *lf = memchr(text, '\n', (size_t)(end - text)), *stop = lf ? lf : end;
    r->line++;
    st = read_line(r, text, (size_t)(stop - text));
    text = lf ? lf + 1 : end;
  }
  return st;
}

// Without a header their columns are positions, 1-based, and the needed ones must be among them.
static amlrt_status to_positions(reader *r)
{
  amlrt__map *m = r->map;
  bool given[AMLRT__N_COLUMNS] = {false};

  for (size_t i = 0; i < m->n; i++) {
    amlrt__map_entry *e = &m->entry[i];
    uint32_t position = 0;
    r->line = e->line;
    for (const char *c = e->theirs; *c; c++)
      position = *c < '0' || *c > '9' || position > MAX_POSITION
                     ? MAX_POSITION + 1
                     : position * 10 + (uint32_t)(*c - '0');
    if (position < 1 || position > MAX_POSITION)
      return bad_line(r, "with 'header = none' a column is a number, the first is 1", e->theirs,
                      strlen(e->theirs));
    e->theirs = NULL;
    e->position = position - 1;
    if (!e->is_extra) given[e->column] = true;
  }
  for (int c = 0; c < AMLRT__N_COLUMNS; c++)
    if (columns[c].needed && !given[c])
      return amlrt__fail(r->err, AMLRT_E_MAP, "%s: 'header = none' needs a line '%s = POSITION'",
                         m->path, columns[c].name);
  return AMLRT_OK;
}

amlrt_status amlrt__map_read(amlrt__map *map, const char *path, amlrt_error *err)
{
  reader r = {map, err, 0};
  char *text = NULL;
  size_t n;
  amlrt_status st;

  map->path = path;
  st = read_text(&text, &n, path, map->texts.mem, err);
  if (st == AMLRT_OK && (amlrt__utf8_bad(text, n) < n || memchr(text, 0, n)))
    st = amlrt__fail(err, AMLRT_E_MAP, "'%s' is not UTF-8 text", path);
  if (st == AMLRT_OK) st = read_lines(&r, text, n);
  if (st == AMLRT_OK && !map->has_header) st = to_positions(&r);
  amlrt__release(map->texts.mem, text);
  return st;
}
