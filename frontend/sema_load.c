// Files: parsing those the user named and what they import, and the names they put in reach.
#include "frontend/sema_inside.h"

#include <string.h>

// ---- paths ----------------------------------------------------------------------------------------

static size_t folder_bytes(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

// Takes `.` and `a/..` out, so that one file has one path. In place; text only, no links are followed.
static void normalize(char *path)
{
  char *out = path, *base = path;
  const char *at = path;

  if (*at == '/') base = out = path + 1, at++;
  for (bool more = *at != '\0'; more;) {
    size_t n = strcspn(at, "/");
    more = at[n] != '\0'; // asked before the `/` below is written, perhaps over the end
    bool up = n == 2 && at[0] == '.' && at[1] == '.';
    bool nothing = n == 0 || (n == 1 && at[0] == '.');
    char *last = out; // start of the part before, if there is one that can go
    if (up && out > base) {
      last = out - 1;
      while (last > base && last[-1] != '/')
        last--;
    }
    bool pops = up && out > base && !(out - last == 3 && last[0] == '.' && last[1] == '.');
    if (pops) {
      out = last;
    } else if (!nothing) {
      memmove(out, at, n);
      out += n;
      *out++ = '/';
    }
    at += n + more;
  }
  if (out > base) out--;
  *out = '\0';
}

static const char *resolve(sema_state *st, const char *from, const char *path)
{
  bool absolute = *path == '/';
  size_t n = absolute ? 0 : folder_bytes(from), m = strlen(path);
  char *text = arena_try(st->mem, n + m + 2);

  if (!text) return "";
  memcpy(text, from, n);
  memcpy(text + n, path, m + 1);
  normalize(text);
  return cx_intern_z(st->c, text);
}

// ---- parsing --------------------------------------------------------------------------------------

static sema_unit *new_unit(sema_state *st, uint32_t file, const char *path, uint32_t depth)
{
  sema_unit *u = arena_make(st->mem, sema_unit);
  uint32_t before = diag_n_errors(st->c);

  *u = (sema_unit){.file = file, .path = path, .depth = depth};
  u->own = map_new(st->mem);
  u->tree = parse_source(st->mem, st->c, file);
  u->broken = !u->tree || diag_n_errors(st->c) > before;
  VEC_PUSH(st->mem, &st->units, u);
  if (u->tree) VEC_PUSH(st->mem, &st->program->files, u->tree);
  return u;
}

static sema_unit *find_unit(const sema_state *st, const char *path)
{
  for (uint32_t i = 0; i < st->units.n; i++)
    if (st->units.at[i]->path == path) return st->units.at[i];
  return NULL;
}

static void load_imports(sema_state *st, sema_unit *u, sema_unit *const *chain);

static void report_cycle(sema_state *st, sema_unit *u, const sema_unit *to, const ast_stmt *s,
                         sema_unit *const *chain)
{
  strbuf files;
  bool in = false;

  strbuf_init(&files, st->c);
  for (uint32_t i = 0; i <= u->depth; i++) {
    in = in || chain[i] == to;
    if (in) strbuf_printf(&files, "%s -> ", chain[i]->path);
  }
  strbuf_puts(&files, to->path);
  diag_error(st->c, DIAG_IMPORT_CYCLE, s->target.span, "this file imports itself: %s",
             strbuf_text(&files));
  diag_help(st->c, "move what both files need into a third one");
  strbuf_release(&files);
}

static sema_unit *read_import(sema_state *st, const sema_unit *u, const ast_stmt *s,
                              const char *path)
{
  const char *why = "no file can be read here";
  size_t n = 0;
  const char *text = st->loader.read ? st->loader.read(st->loader.user, path, &n, &why) : NULL;

  if (!text) {
    diag_error(st->c, DIAG_CANNOT_READ, s->target.span, "`%s` cannot be read: %s", path,
               why ? why : "unknown reason");
    diag_help(st->c, "a path in `import` starts from the folder of the importing file");
    return NULL;
  }
  uint32_t file = source_add(st->c, path, text, n);
  return file == UINT32_MAX ? NULL : new_unit(st, file, path, u->depth + 1);
}

static void load_import(sema_state *st, sema_unit *u, const ast_stmt *s, sema_unit *const *chain)
{
  if (!s->target.text || !*s->target.text) return;
  const char *path = resolve(st, u->path, s->target.text);
  sema_unit *v = find_unit(st, path);

  if (v && v->loading) {
    report_cycle(st, u, v, s, chain);
    return;
  }
  if (!v && u->depth + 1 >= cx_get_limits(st->c)->max_depth) {
    diag_error(st->c, DIAG_LIMIT, s->target.span, "imports are nested more than %u deep",
               cx_get_limits(st->c)->max_depth);
    diag_help(st->c, "import the files needed straight");
    return;
  }
  bool fresh = !v;
  if (!v) v = read_import(st, u, s, path);
  if (!v) return;
  VEC_PUSH(st->mem, &u->imports, v);
  if (fresh || !v->visible) load_imports(st, v, chain);
}

// `chain` holds the files that led here, by depth. A unit met again is complete, or in the chain.
static void load_imports(sema_state *st, sema_unit *u, sema_unit *const *chain)
{
  size_t n = (u->depth + 1u) * sizeof *chain;
  sema_unit **here = arena_try(st->mem, n);

  if (!here || !u->tree) return;
  if (u->depth) memcpy(here, chain, n - sizeof *chain);
  here[u->depth] = u;
  u->loading = true;
  u->visible = map_new(st->mem); // filled once all are loaded
  for (uint32_t i = 0; i < u->tree->items.n && !diag_stop(st->c); i++) {
    const ast_stmt *s = u->tree->items.at[i];
    if (s && s->kind == AST_IMPORT) load_import(st, u, s, here);
  }
  u->loading = false;
}

// ---- names ----------------------------------------------------------------------------------------

static void report_twice(cx *c, const ast_name *name, span first, const char *what)
{
  diag_error(c, DIAG_DUPLICATE_NAME, name->span, "there are two %s called `%s`", what, name->text);
  diag_note(c, first, "the other stands here");
  diag_help(c, "give one of the two another name");
}

static void own_names(sema_state *st, sema_unit *u)
{
  sema_env e = {.c = st->c, .mem = st->mem, .state = st, .unit = u, .any_currency = true};

  u->visible = u->own; // what declaring looks into
  for (uint32_t i = 0; u->tree && i < u->tree->items.n; i++) {
    const ast_stmt *s = u->tree->items.at[i];
    if (!s || (s->kind != AST_CONST && s->kind != AST_PARAM)) continue;
    sema_symbol *sym = sema_declare(&e, s->kind == AST_CONST ? SYM_CONST : SYM_PARAM, s->name);
    if (!sym) continue;
    sym->stmt = s;
    sym->of_file = true;
    map_put(u->own, sym->name, sym);
  }
}

static void put_names(sema_state *st, sema_unit *into, const sema_unit *from, bool *seen)
{
  for (uint32_t i = 0; i < st->units.n; i++) {
    if (st->units.at[i] != from) continue;
    if (seen[i]) return;
    seen[i] = true;
  }
  for (uint32_t i = 0; i < map_n(from->own); i++) {
    sema_symbol *s = map_value(from->own, i);
    if (map_put(into->visible, s->name, s)) continue;
    const sema_symbol *other = map_get(into->visible, s->name);
    ast_name name = {s->name, s->where};
    if (other != s) report_twice(st->c, &name, other->where, "constants or parameters");
  }
  for (uint32_t i = 0; i < from->imports.n; i++)
    put_names(st, into, from->imports.at[i], seen);
}

static void visible_names(sema_state *st, sema_unit *u)
{
  bool *seen = arena_try(st->mem, st->units.n * sizeof *seen);

  u->visible = map_new(st->mem);
  if (seen) put_names(st, u, u, seen);
}

static void file_values(sema_state *st, sema_unit *u)
{
  sema_env e = {.c = st->c, .mem = st->mem, .state = st, .unit = u, .any_currency = true};

  for (uint32_t i = 0; i < map_n(u->own) && !diag_stop(st->c); i++)
    sema_eval_symbol(&e, map_value(u->own, i));
}

// Two of one name: among all that is run, and within each file.
static void unique_patterns(sema_state *st)
{
  map *run[2] = {map_new(st->mem), map_new(st->mem)}; // patterns, profiles

  for (uint32_t k = 0; k < st->units.n; k++) {
    const sema_unit *u = st->units.at[k];
    map *own[2] = {map_new(st->mem), map_new(st->mem)};
    for (uint32_t i = 0; u->tree && i < u->tree->items.n; i++) {
      ast_stmt *s = u->tree->items.at[i];
      if (!s || (s->kind != AST_PATTERN && s->kind != AST_PROFILE) || !s->name.text) continue;
      bool profile = s->kind == AST_PROFILE;
      map *m = (u->root ? run : own)[profile];
      if (map_put(m, s->name.text, s)) continue;
      const ast_stmt *other = map_get(m, s->name.text);
      report_twice(st->c, &s->name, other->name.span, profile ? "profiles" : "patterns");
    }
  }
}

static const ast_stmt *pattern_in(const sema_unit *u, const char *name)
{
  for (uint32_t i = 0; u->tree && i < u->tree->items.n; i++) {
    const ast_stmt *s = u->tree->items.at[i];
    if (s && s->kind == AST_PATTERN && s->name.text && strcmp(s->name.text, name) == 0) return s;
  }
  return NULL;
}

const ast_stmt *sema_find_pattern(sema_state *st, const char *name, sema_unit **unit)
{
  for (uint32_t i = 0; i < st->units.n; i++) {
    const ast_stmt *s = pattern_in(st->units.at[i], name);
    if (!s) continue;
    *unit = st->units.at[i];
    return s;
  }
  return NULL;
}

void sema_pattern_names(sema_state *st, sema_names *out)
{
  for (uint32_t k = 0; k < st->units.n; k++) {
    const sema_unit *u = st->units.at[k];
    for (uint32_t i = 0; u->tree && i < u->tree->items.n; i++) {
      const ast_stmt *s = u->tree->items.at[i];
      if (s && s->kind == AST_PATTERN && s->name.text) VEC_PUSH(st->mem, out, s->name.text);
    }
  }
}

// ---- the whole ------------------------------------------------------------------------------------

static void list_items(sema_state *st, const sema_unit *u)
{
  sema_program *p = st->program;

  for (uint32_t i = 0; u->tree && i < u->tree->items.n; i++) {
    const ast_stmt *s = u->tree->items.at[i];
    if (s && s->kind == AST_PATTERN && s->name.text) {
      VEC_PUSH(st->mem, &p->patterns, s);
      VEC_PUSH(st->mem, &p->pattern_files, u->file);
    }
    sema_test t = {s, s && s->target.text ? s->target.text : "", u->file};
    if (s && s->kind == AST_TEST) VEC_PUSH(st->mem, &p->tests, t);
  }
}

static void load_roots(sema_state *st)
{
  for (uint32_t i = 0; i < st->loader.n_roots && !diag_stop(st->c); i++) {
    uint32_t file = st->loader.roots[i].file;
    char *path =
        arena_text(st->mem, source_get(st->c, file)->name, strlen(source_get(st->c, file)->name));
    normalize(path);
    sema_unit *u = new_unit(st, file, cx_intern_z(st->c, path), 0);
    u->root = true;
    st->program->n_roots++;
  }
  uint32_t n = st->units.n;
  for (uint32_t i = 0; i < n && !diag_stop(st->c); i++)
    if (!st->units.at[i]->visible) load_imports(st, st->units.at[i], NULL);
}

static void load_all(sema_state *st)
{
  load_roots(st);
  for (uint32_t i = 0; i < st->units.n && cx_ok(st->c); i++)
    own_names(st, st->units.at[i]);
  for (uint32_t i = 0; i < st->units.n && cx_ok(st->c); i++)
    visible_names(st, st->units.at[i]);
  for (uint32_t i = 0; i < st->units.n && cx_ok(st->c); i++) {
    file_values(st, st->units.at[i]);
    if (st->units.at[i]->root) list_items(st, st->units.at[i]);
  }
  unique_patterns(st);
  sema_check_tests(st);
}

sema_program *sema_load(arena *mem, cx *c, const sema_loader *loader)
{
  sema_program *p = arena_make(mem, sema_program);
  sema_state *st = arena_make(mem, sema_state);

  *st = (sema_state){.c = c, .mem = mem, .loader = *loader, .program = p};
  p->state = st;
  load_all(st);
  return cx_ok(c) ? p : NULL;
}
