// libamlc: one compilation from sources to graph IR, and its run by the reference engine.
#include "frontend/driver/compile.h"
#include "ir/base/limits.h"
#include "ir/reference/ref.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *default_alloc(void *user, size_t bytes)
{
  (void)user;
  return malloc(bytes);
}

static void default_release(void *user, void *block)
{
  (void)user;
  free(block);
}

amlc_status amlc_new(amlc **out, const amlc_allocator *mem)
{
  const cx_allocator own = {mem ? mem->alloc : default_alloc, mem ? mem->release : default_release,
                            mem ? mem->user : NULL};
  *out = NULL;
  amlc *a = own.alloc(own.user, sizeof *a);
  if (!a) return AMLC_E_NOMEM;
  memset(a, 0, sizeof *a);
  a->c = cx_new(&own, NULL);
  a->mem = a->c ? arena_new(a->c, "compilation") : NULL;
  if (!a->mem) {
    cx_free(a->c);
    own.release(own.user, a);
    return AMLC_E_NOMEM;
  }
  strbuf_init(&a->text, a->c);
  strbuf_init(&a->diagnostics, a->c);
  *out = a;
  return AMLC_OK;
}

void amlc_free(amlc *a)
{
  if (!a) return;
  cx *c = a->c;
  strbuf_release(&a->text);
  strbuf_release(&a->diagnostics);
  arena_free(a->mem);
  // The handle came from the context's allocator, which ends last.
  cx_release(c, a);
  cx_free(c);
}

static amlc_status status_of(const amlc *a)
{
  if (!cx_ok(a->c)) return AMLC_E_NOMEM;
  return diag_n_errors(a->c) ? AMLC_E_REJECTED : AMLC_OK;
}

// ---- sources ------------------------------------------------------------------------------------

static const char *read_stream(arena *mem, FILE *f, uint32_t max, size_t *n, const char **why)
{
  VEC(char) text = {0};
  int ch;
  while ((ch = getc(f)) != EOF && text.n <= max && cx_ok(arena_cx(mem)))
    VEC_PUSH(mem, &text, (char)ch);
  if (ferror(f)) {
    *why = arena_printf(mem, "%s", strerror(errno));
    return NULL;
  }
  *n = text.n; // one byte over the limit is enough for the parser to refuse it
  return text.n ? text.at : "";
}

const char *amlc_read_text(arena *mem, const char *path, uint32_t max, size_t *n, const char **why)
{
  if (!strcmp(path, "-")) return read_stream(mem, stdin, max, n, why);
  FILE *f = fopen(path, "rb");
  if (!f) {
    *why = arena_printf(mem, "%s", strerror(errno));
    return NULL;
  }
  const char *text = read_stream(mem, f, max, n, why);
  fclose(f);
  return text;
}

bool amlc_ends_with(const char *s, const char *end)
{
  size_t n = strlen(s), m = strlen(end);
  return n >= m && !strcmp(s + n - m, end);
}

amlc_status amlc_add_text(amlc *a, const char *name, const char *text, size_t n)
{
  if (a->compiled || a->program) return AMLC_E_ARG;
  uint32_t file = source_add(a->c, name, text, n);
  if (file == UINT32_MAX) return AMLC_E_NOMEM;
  amlc_input in = {file, amlc_ends_with(name, ".gir")};
  VEC_PUSH(a->mem, &a->inputs, in);
  return cx_ok(a->c) ? AMLC_OK : AMLC_E_NOMEM;
}

amlc_status amlc_add_file(amlc *a, const char *path)
{
  size_t n = 0;
  const char *why = "";
  const char *text = amlc_read_text(a->mem, path, cx_get_limits(a->c)->max_file_bytes, &n, &why);
  if (!cx_ok(a->c)) return AMLC_E_NOMEM;
  if (!text) {
    diag_error(a->c, DIAG_CANNOT_READ, (span){UINT32_MAX, 0, 0}, "cannot read %s: %s", path, why);
    return AMLC_E_READ;
  }
  return amlc_add_text(a, path, text, n);
}

amlc_status amlc_set_param(amlc *a, const char *name, const char *value)
{
  const char *dot = strchr(name, '.');
  if (a->compiled) return AMLC_E_ARG;
  sema_override o = {.pattern =
                         dot ? cx_intern(a->c, name, (size_t)(dot - name)) : cx_intern_z(a->c, ""),
                     .name = cx_intern_z(a->c, dot ? dot + 1 : name),
                     .value = cx_intern_z(a->c, value),
                     .where = {UINT32_MAX, 0, 0}};
  VEC_PUSH(a->mem, &a->params, o);
  return cx_ok(a->c) ? AMLC_OK : AMLC_E_NOMEM;
}

// ---- compiling ----------------------------------------------------------------------------------

static const char *read_import(void *user, const char *path, size_t *n, const char **why)
{
  amlc *a = user;
  return amlc_read_text(a->mem, path, cx_get_limits(a->c)->max_file_bytes, n, why);
}

amlc_status amlc_parse(amlc *a)
{
  VEC(sema_root) roots = {0};
  if (a->program) return status_of(a);
  for (uint32_t i = 0; i < a->inputs.n; i++) {
    sema_root r = {a->inputs.at[i].file};
    if (!a->inputs.at[i].is_gir) VEC_PUSH(a->mem, &roots, r);
  }
  sema_loader loader = {roots.at, roots.n, read_import, a};
  a->program = sema_load(a->mem, a->c, &loader);
  return status_of(a);
}

// Patterns of .gir inputs join those of the .aml inputs; names must stay unique.
static void add_gir_inputs(amlc *a, gir_module *m)
{
  for (uint32_t i = 0; i < a->inputs.n && cx_ok(a->c); i++) {
    if (!a->inputs.at[i].is_gir) continue;
    gir_module *more = gir_parse(a->mem, a->c, a->inputs.at[i].file);
    for (uint32_t k = 0; more && k < more->patterns.n; k++) {
      gir_pattern *p = more->patterns.at[k];
      for (uint32_t j = 0; j < m->patterns.n; j++)
        if (m->patterns.at[j]->name == p->name)
          diag_error(a->c, DIAG_DUPLICATE_NAME, p->span, "there are two patterns `%s` in this run",
                     p->name);
      VEC_PUSH(a->mem, &m->patterns, p);
    }
    for (uint32_t k = 0; more && k < more->profiles.n; k++)
      VEC_PUSH(a->mem, &m->profiles, more->profiles.at[k]);
  }
}

static void make_infos(amlc *a)
{
  uint32_t n = a->module->patterns.n;
  amlrt_pattern_info *infos = arena_try(a->mem, (n + 1) * sizeof *infos);
  for (uint32_t i = 0; infos && i < n; i++)
    infos[i] = *ref_pattern_info(a->mem, a->module->patterns.at[i]);
  a->infos = infos;
}

amlc_status amlc_compile(amlc *a)
{
  if (a->compiled) return AMLC_E_ARG;
  a->compiled = true;
  if (amlc_parse(a) == AMLC_E_NOMEM || !a->program) return AMLC_E_NOMEM;
  gir_module *m = sema_lower(a->mem, a->c, a->program, a->params.at, a->params.n);
  if (!m && !diag_n_errors(a->c)) return AMLC_E_NOMEM;
  if (!m) m = gir_module_new(a->mem); // so that errors of .gir inputs come out in the same run
  add_gir_inputs(a, m);
  if (status_of(a) < 0) return status_of(a);
  a->module = m;
  make_infos(a);
  return status_of(a);
}

const char *amlc_diagnostics(amlc *a, amlc_diagnostics_format format)
{
  static const diag_format formats[] = {DIAG_TEXT, DIAG_JSON, DIAG_SARIF};
  strbuf_clear(&a->diagnostics);
  diag_render(a->c, &a->diagnostics, formats[format], false);
  return strbuf_text(&a->diagnostics);
}

uint32_t amlc_n_errors(const amlc *a)
{
  return diag_n_errors(a->c);
}

const char *amlc_emit(amlc *a, amlc_emit_kind kind)
{
  strbuf_clear(&a->text);
  switch (kind) {
  case AMLC_EMIT_AST:
    if (!a->program) return NULL;
    for (uint32_t i = 0; i < a->program->n_roots; i++)
      ast_print(&a->text, a->program->files.at[i]);
    break;
  case AMLC_EMIT_GIR:
    if (!a->module) return NULL;
    gir_print(&a->text, a->module);
    break;
  }
  return strbuf_text(&a->text);
}

uint32_t amlc_n_patterns(const amlc *a)
{
  return a->module ? a->module->patterns.n : 0;
}

const amlrt_pattern_info *amlc_patterns(const amlc *a)
{
  return a->infos;
}

const source *amlc_pattern_source(const amlc *a, uint32_t i)
{
  return source_get(a->c, a->module->patterns.at[i]->span.file);
}

// ---- running ------------------------------------------------------------------------------------

amlc_run_opts amlc_run_opts_default(void)
{
  return (amlc_run_opts){.only_trigger = AMLRT_NONE};
}

typedef struct progress_of { // tells the host which pattern is being run
  const amlc_run_opts *opts;
  uint32_t pattern;
} progress_of;

static bool run_cancelled(void *user)
{
  const progress_of *p = user;
  return p->opts->cancelled && p->opts->cancelled(p->opts->user);
}

static void run_progress(void *user, uint64_t done, uint64_t all)
{
  const progress_of *p = user;
  if (p->opts->progress) p->opts->progress(p->opts->user, p->pattern, done, all);
}

static amlrt_status fail_attribute(const gir_pattern *p, const char *name, amlrt_error *err)
{
  if (err) {
    err->status = AMLRT_E_NO_ATTRIBUTE;
    err->sys_errno = 0;
    snprintf(err->text, sizeof err->text, "pattern %s needs `%s`, which the data do not have",
             p->name, name);
  }
  return AMLRT_E_NO_ATTRIBUTE;
}

amlrt_status amlc_run(amlc *a, const amlrt_table *table, const amlc_run_opts *opts,
                      amlrt_match_fn on_match, void *user, amlrt_error *err)
{
  amlrt_status all = AMLRT_OK;
  for (uint32_t i = 0; i < amlc_n_patterns(a); i++) {
    const char *missing = ref_missing_attribute(a->module->patterns.at[i], table);
    if (missing) return fail_attribute(a->module->patterns.at[i], missing, err);
  }
  for (uint32_t i = 0; i < amlc_n_patterns(a); i++) {
    progress_of of = {opts, i};
    ref_opts ro = {.rates = opts->rates,
                   .history_complete = opts->history_complete,
                   .only_trigger = opts->only_trigger,
                   .match_limit = opts->match_limit,
                   .hub_limit = opts->hub_limit,
                   .cancelled = run_cancelled,
                   .progress = run_progress,
                   .user = &of,
                   .mem = opts->mem};
    ref_stats stats;
    amlrt_status st =
        ref_run(a->module->patterns.at[i], i, table, &ro, on_match, user, &stats, err);
    if (st < 0 || st == AMLRT_INTERRUPTED) return st;
    if (st != AMLRT_OK) all = st;
  }
  return all;
}
