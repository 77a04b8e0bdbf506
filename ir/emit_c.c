// The frame of generated C: header comment, names, texts; one module after the other; the export.
#include "ir/emit_c_inside.h"

#include <string.h>

enum {
  PAGE = 100,
  LEAST_ROOM = 50,
  C_STRING_MAX = 4095
}; // characters that every compiler takes in one string

// ---- texts ------------------------------------------------------------------------------------------

static void emit_char(strbuf *out, unsigned char ch)
{
  if (ch == '"' || ch == '\\' || ch == '?')
    strbuf_printf(out, "\\%c", ch); // no `?`: no trigraph
  else if (ch == '\n')
    strbuf_puts(out, "\\n");
  else if (ch < 0x20 || ch > 0x7e)
    strbuf_printf(out, "\\%03o", ch);
  else
    strbuf_putc(out, (char)ch);
}

void emit_string(strbuf *out, const char *text)
{
  size_t n = strlen(text);
  bool fits = n <= C_STRING_MAX;
  strbuf_puts(out, fits ? "\"" : "(const char[]){");
  for (size_t i = 0; i < n; i++) {
    if (fits)
      emit_char(out, (unsigned char)text[i]);
    else // plain char may be signed
      strbuf_printf(out, "%d, ", (signed char)text[i]);
  }
  strbuf_puts(out, fits ? "\"" : "0}");
}

void emit_comment_text(strbuf *out, const char *text)
{
  char last = '\0';
  for (const char *t = text; *t; t++) {
    unsigned char ch = (unsigned char)*t;
    if ((last == '*' && ch == '/') || (last == '/' && ch == '*')) strbuf_putc(out, ' ');
    last = '\0';
    if (ch == '\n' || ch == '\t')
      strbuf_putc(out, ' ');
    else if (ch < 0x20 || ch > 0x7e)
      strbuf_printf(out, "<%02x>", ch);
    else
      strbuf_putc(out, last = (char)ch);
  }
  // A `\` at the end, also as `??/`, would draw the next line into the comment.
  if (last == '\\' || last == '/') strbuf_puts(out, " .");
}

static bool is_bracket(char ch, const char *these)
{
  return ch && strchr(these, ch) != NULL;
}

// Where the text is best broken: at the last blank that fits of those in the fewest brackets, behind a
// comma or an operator if there is one, never inside a string. The whole text where it fits.
static size_t fitting(const char *text, size_t room, int *depth_there)
{
  size_t best = 0, i = 0;
  int depth = *depth_there, least = 0;
  bool in_string = false;
  for (; text[i]; i++) {
    if (text[i] == '"') in_string = !in_string;
    if (in_string && text[i] == '\\') i++;
    if (in_string) continue;
    depth += is_bracket(text[i], "({[");
    depth -= is_bracket(text[i], ")}]");
    if (text[i] != ' ' || i == 0) continue;
    if (i > room && best) break;
    int rank = depth + (is_bracket(text[i - 1], ",&|?{") ? 0 : 1000);
    if (best && rank > least) continue;
    best = i;
    least = rank;
    *depth_there = depth;
  }
  return best == 0 || (!text[i] && i <= room) ? strlen(text) : best;
}

static void emit_indent(strbuf *out, size_t n)
{
  while (n-- > 0)
    strbuf_putc(out, ' ');
}

void emit_flow(strbuf *out, uint32_t indent, const char *text)
{
  enum { DEEPEST = 6 }; // further in, the page would be too narrow
  size_t column = indent;
  int depth = 0;
  while (*text) {
    size_t n = fitting(text, column + LEAST_ROOM < PAGE ? PAGE - column : LEAST_ROOM, &depth);
    emit_indent(out, column);
    strbuf_add(out, text, n);
    strbuf_putc(out, '\n');
    text += n;
    while (*text == ' ')
      text++;
    column = indent + 4u * (unsigned)(depth < 1 ? 1 : depth > DEEPEST ? DEEPEST : depth);
  }
}

void emit_comment(strbuf *out, uint32_t indent, const char *text)
{
  strbuf plain;
  strbuf_init(&plain, out->c);
  emit_comment_text(&plain, text);
  emit_indent(out, indent);
  strbuf_printf(out, "// %s\n", strbuf_text(&plain));
  strbuf_release(&plain);
}

// ---- names ------------------------------------------------------------------------------------------

static const char *take_name(emitter *e, const char *wanted)
{
  const char *name = cx_intern_z(e->out->c, wanted);
  for (uint32_t k = 2; !map_put(e->taken, name, e) && cx_ok(e->out->c); k++)
    name = cx_intern_z(e->out->c, arena_printf(e->mem, "%s_%u", wanted, k));
  return name;
}

static const char *plain_name(emitter *e, const char *prefix, const char *kind, const char *name)
{
  char *plain = arena_printf(e->mem, "%s%s%s", prefix, kind, name);
  for (char *t = plain; *t; t++) {
    bool letter = (*t >= 'a' && *t <= 'z') || (*t >= 'A' && *t <= 'Z') || *t == '_';
    if (!letter && !(*t >= '0' && *t <= '9')) *t = '_';
  }
  return plain;
}

const char *emit_name(emitter *e, const char *kind, const char *name)
{
  return take_name(e, plain_name(e, e->prefix, kind, name));
}

const char *emit_table_name(emitter *e, const char *name)
{
  return arena_printf(e->mem, "%s_%s", e->prefix, name);
}

// What a prefix must not begin with: with an `_` and more behind it C or the runtime may have the name.
static bool is_reserved(const char *prefix)
{
  static const char *const begins[] = {
      "amlrt", "AMLRT", "_",     "int", "uint", "INT",  "UINT", "size",    "SIZE",    "SIG", "wint",
      "WINT",  "wchar", "WCHAR", "max", "MAX",  "NULL", "ptr",  "ptrdiff", "PTRDIFF", "bool"};
  for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
    if (strncmp(prefix, begins[i], strlen(begins[i])) == 0) return true;
  return *prefix >= '0' && *prefix <= '9';
}

static const char *const tables[] = {
    "role_infos",   "stage_infos",   "constraint_infos",
    "title_parts",  "feature_infos", "params",
    "closed_start", "info",          "roles",
    "stages",       "sets",          "pairs",
    "cons",         "start_order",   "may_equal",
    "symbols",      "title_values",  "features",
    "program",      "plans",         "needs",
};

static void name_tables(emitter *e)
{
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
    (void)take_name(e, emit_table_name(e, tables[i]));
  for (uint32_t i = 0; i < e->m->pairs.n && cx_ok(e->out->c); i++)
    (void)take_name(e, emit_table_name(e, arena_printf(e->mem, "pair_%u_conds", i)));
}

static void name_items(emitter *e)
{
  const kir_module *m = e->m;
  for (uint32_t i = 0; i < m->roles.n; i++)
    e->roles[i] = emit_name(e, "_ROLE_", m->roles.at[i].name);
  for (uint32_t i = 0; i < m->stages.n; i++)
    e->stages[i] = emit_name(e, "_STAGE_", m->stages.at[i].name);
  for (uint32_t i = 0; i < m->symbols.n; i++)
    e->symbols[i] = emit_name(e, "_TEXT_", m->symbols.at[i].text);
  for (uint32_t i = 0; i < m->fns.n; i++)
    e->fns[i] = emit_name(e, "_", m->fns.at[i]->name);
}

// A function that no table names would be a warning of the C compiler.
static void note_uses(emitter *e)
{
  for (uint32_t k = 0; k < kir_n_fields; k++) {
    const kir_field *f = &kir_fields[k];
    uint32_t lists = f->record == KREC_COND ? e->m->pairs.n : 1;
    if (!kir_is_fn(f->kind)) continue;
    for (uint32_t of = 0; of < lists; of++)
      for (uint32_t i = 0; i < kir_n_items(e->m, f->record, of); i++) {
        const void *at = f->record == KREC_HEAD ? e->m : kir_item(e->m, f->record, of, i);
        uint32_t fn = kir_get_u32(f, at);
        if (fn < e->m->fns.n) e->fn_used[fn] = true;
      }
  }
}

// False: no memory.
static bool begin_module(emitter *e, const kir_module *m)
{
  const char *plain = plain_name(e, "", "", m->name);
  e->m = m;
  e->prefix = take_name(e, is_reserved(plain) ? arena_printf(e->mem, "p_%s", plain) : plain);
  e->roles = arena_try(e->mem, (m->roles.n + 1) * sizeof *e->roles);
  e->stages = arena_try(e->mem, (m->stages.n + 1) * sizeof *e->stages);
  e->symbols = arena_try(e->mem, (m->symbols.n + 1) * sizeof *e->symbols);
  e->fns = arena_try(e->mem, (m->fns.n + 1) * sizeof *e->fns);
  e->fn_used = arena_try(e->mem, (m->fns.n + 1) * sizeof *e->fn_used);
  if (!e->roles || !e->stages || !e->symbols || !e->fns || !e->fn_used) return false;
  name_tables(e);
  name_items(e);
  note_uses(e);
  return cx_ok(e->out->c);
}

// ---- values -----------------------------------------------------------------------------------------

void emit_int(strbuf *out, int64_t v)
{
  if (v == INT64_MIN)
    strbuf_puts(out, "INT64_MIN");
  else if (v == INT64_MAX || v == -INT64_MAX)
    strbuf_puts(out, v > 0 ? "INT64_MAX" : "-INT64_MAX");
  else
    strbuf_printf(out, "%lld", (long long)v);
}

static void emit_i128(strbuf *out, aml_i128 v)
{
  __extension__ typedef unsigned __int128 u128;
  if (v >= INT64_MIN && v <= INT64_MAX) {
    emit_int(out, (int64_t)v);
    return;
  }
  u128 bits = (u128)v;
  uint64_t high = (uint64_t)(bits >> 64);
  // As a signed number, without leaving the range of one.
  int64_t hi = high > INT64_MAX ? -(int64_t)(UINT64_MAX - high) - 1 : (int64_t)high;
  strbuf_puts(out, "AMLRT_I128(");
  emit_int(out, hi);
  strbuf_printf(out, ", %lluu)", (unsigned long long)(uint64_t)bits);
}

void emit_rational(strbuf *out, rational v)
{
  strbuf_putc(out, '{');
  emit_i128(out, v.num);
  strbuf_puts(out, ", ");
  emit_i128(out, v.den);
  strbuf_putc(out, '}');
}

void emit_has(strbuf *out, unsigned has)
{
  bool any = false;
  for (unsigned i = 0; i < 4; i++) {
    if (!(has & (1u << i))) continue;
    strbuf_printf(out, "%sAMLRT_HAS_%c", any ? " | " : "", "ABCD"[i]);
    any = true;
  }
  if (!any) strbuf_putc(out, '0');
}

void emit_range(strbuf *out, const gir_range *r)
{
  const rational *end[] = {&r->a, &r->b, &r->c, &r->d};
  strbuf_puts(out, "{.has = ");
  emit_has(out, r->has);
  for (unsigned i = 0; i < 4; i++) {
    if (!(r->has & (1u << i))) continue;
    strbuf_printf(out, ", .%c = ", "abcd"[i]);
    emit_rational(out, *end[i]);
  }
  strbuf_putc(out, '}');
}

void emit_index(strbuf *out, const emitter *e, kir_record_id record, uint32_t i)
{
  const kir_module *m = e->m;
  if (i == KIR_NONE)
    strbuf_puts(out, "AMLRT_NONE");
  else if (record == KREC_ROLE && i < m->roles.n)
    strbuf_puts(out, e->roles[i]);
  else if (record == KREC_STAGE && i < m->stages.n)
    strbuf_puts(out, e->stages[i]);
  else if (record == KREC_SYMBOL && i < m->symbols.n)
    strbuf_puts(out, e->symbols[i]);
  else
    strbuf_printf(out, "%u", i);
}

// ---- the file ---------------------------------------------------------------------------------------

static void emit_fact(strbuf *out, const char *word, const char *text)
{
  strbuf line;
  if (!text || !*text) return;
  strbuf_init(&line, out->c);
  strbuf_printf(&line, "%s: ", word);
  strbuf_puts(&line, text);
  emit_comment(out, 0, strbuf_text(&line));
  strbuf_release(&line);
}

static void emit_seconds(strbuf *out, const char *word, int64_t seconds)
{
  strbuf_printf(out, "// %s: %lld s\n", word, (long long)seconds);
}

static void emit_module_comment(emitter *e)
{
  const kir_module *m = e->m;
  strbuf *out = e->out;
  strbuf_puts(out, "\n// ==== pattern ====\n");
  emit_fact(out, "pattern", m->name);
  emit_fact(out, "version", m->version);
  emit_fact(out, "status", m->status);
  emit_fact(out, "id", m->id);
  emit_fact(out, "file", m->source);
  emit_fact(out, "hash of its graph IR", m->hash);
  for (uint32_t i = 0; i < m->plans.n; i++)
    emit_fact(out, i ? "or plan" : "plan", kir_word_of(KW_plan_kind, m->plans.at[i].kind)->text);
  emit_seconds(out, "within", m->within);
  for (uint32_t i = 0; i < m->params.n; i++) {
    const gir_param *p = &m->params.at[i];
    emit_fact(out, "parameter",
              arena_printf(e->mem, "%s = %s%s%s", p->name, p->value,
                           p->reason && *p->reason ? ": " : "", p->reason ? p->reason : ""));
  }
}

static void emit_enum(emitter *e, const char *what, const char *const *names, uint32_t n)
{
  if (n == 0) return;
  strbuf_printf(e->out, "\nenum { // %s\n", what);
  for (uint32_t i = 0; i < n; i++)
    strbuf_printf(e->out, "  %s = %u,\n", names[i], i);
  strbuf_puts(e->out, "};\n");
}

static const char *emit_module(emitter *e, const kir_module *m)
{
  if (!begin_module(e, m)) return "";
  emit_module_comment(e);
  emit_enum(e, "its roles, by index", e->roles, m->roles.n);
  emit_enum(e, "its stages, by index", e->stages, m->stages.n);
  emit_enum(e, "the texts it looks up in the table", e->symbols, m->symbols.n);
  emit_functions(e);
  emit_tables(e);
  return emit_table_name(e, "program");
}

static void emit_header(strbuf *out, const kir_module *const *modules, uint32_t n,
                        const kir_dialect *d)
{
  strbuf_printf(
      out, "// Detectors that amlc made of patterns (%s). Do not edit: change the pattern.\n//\n",
      d->name);
  for (uint32_t i = 0; i < n; i++)
    emit_fact(out, modules[i]->name, modules[i]->version);
  strbuf_puts(
      out,
      "//\n"
      "// Functions are the pattern's conditions; the runtime's evaluator calls them through the\n"
      "// tables below them, of which amlrt/program.h says what they mean.\n");
  strbuf_printf(out, "#include %s\n", d->header);
}

static void emit_export(strbuf *out, const kir_dialect *d, const char *const *programs, uint32_t n,
                        const kir_export *x)
{
  strbuf_puts(out, "\n// ==== what this file exports ====\n\nstatic const amlrt_program *const "
                   "programs[] = {\n");
  for (uint32_t i = 0; i < n; i++)
    strbuf_printf(out, "    &%s,\n", programs[i]);
  strbuf_puts(out, "};\n\nstatic const amlrt_detector_export detector = {\n"
                   "    .abi_version = AMLRT_ABI_VERSION,\n");
  strbuf_printf(out, "    .n_programs = %u,\n    .pattern_hash = ", n);
  emit_string(out, x->hash);
  strbuf_puts(out, ",\n    .compiler = ");
  emit_string(out, x->compiler);
  strbuf_puts(out, ",\n    .programs = programs,\n};\n");
  strbuf_printf(
      out, "\n%sconst amlrt_detector_export *amlrt_detector_get(void)\n{\n  return &detector;\n}\n",
      d->export_mark);
}

void kir_emit_c(strbuf *out, const kir_module *const *modules, uint32_t n, const kir_export *x,
                const kir_dialect *d)
{
  emitter e = {.out = out, .mem = arena_new(out->c, "emit C"), .d = d};
  const char **programs = e.mem ? arena_try(e.mem, (n + 1) * sizeof *programs) : NULL;
  if (programs) {
    e.taken = map_new(e.mem);
    (void)take_name(&e, "programs");
    (void)take_name(&e, "detector");
    emit_header(out, modules, n, d);
    for (uint32_t i = 0; i < n && cx_ok(out->c); i++)
      programs[i] = emit_module(&e, modules[i]);
    if (cx_ok(out->c)) emit_export(out, d, programs, n, x);
  }
  arena_free(e.mem);
}
