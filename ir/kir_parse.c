// Reads the text form of kernel IR, whatever the bytes: the answer is a module that the verifier passed,
// or diagnostics. Tables are read here, functions in kir_parse_fn.c.
#include "ir/kir_parse.h"
#include "ir/gir_table.h"

#include <string.h>

// ---- fields -------------------------------------------------------------------------------------------

static bool read_bool(ir_reader *r)
{
  if (rd_take_word(r, "yes")) return true;
  if (!rd_take_word(r, "no")) rd_expected(r, "`yes` or `no`");
  return false;
}

// A whole number from 0 to `most`.
static uint64_t read_count(ir_reader *r, uint64_t most)
{
  span where = r->tok.span;
  rational v = rd_need_rational(r);
  if (r->line_failed) return 0;
  if (rational_is_int(v) && v.num >= 0 && v.num <= (aml_i128)most) return (uint64_t)v.num;
  rd_fail(r, DIAG_BAD_NUMBER, where, "this is no whole number that may stand here");
  return 0;
}

static void read_enum(kir_parser *p, const kir_field *f, void *at)
{
  span where = p->r.tok.span;
  const char *word = rd_need(&p->r, GTOK_WORD, "a word");
  int64_t value = p->r.line_failed ? 0 : kir_word_value((kir_word_kind)f->of, word);
  if (value < 0)
    rd_fail(&p->r, DIAG_SYNTAX, where, "this is none of the values that may stand here");
  kir_set_enum(f, at, value < 0 ? 0 : value);
}

// What a label names may stand below: looked up at the end. The index of the item, for lists move.
static void read_index(kir_parser *p, const kir_field *f, void *at, uint32_t of, uint32_t i)
{
  ir_reader *r = &p->r;
  uint32_t *out = kir_field_at(f, at);
  if (rd_take_word(r, f->kind == KF_ANY ? "any" : "none")) return;
  if (r->tok.kind != GTOK_LABEL) {
    *out = (uint32_t)read_count(r, KIR_NONE - 1);
    return;
  }
  kir_fixup fix = {.field = f, .of = of, .item = i, .label = r->tok.text, .where = r->tok.span};
  VEC_PUSH(r->mem, &p->fixups, fix);
  rd_next(r);
}

static void read_field(kir_parser *p, const kir_field *f, void *at, uint32_t of, uint32_t i)
{
  ir_reader *r = &p->r;
  void *out = kir_field_at(f, at);
  switch (f->kind) {
  case KF_NAME:
    *(const char **)out = rd_need_name(r, "a name");
    break;
  case KF_TEXT:
    *(const char **)out = rd_need_text(r);
    break;
  case KF_BOOL:
    *(bool *)out = read_bool(r);
    break;
  case KF_INT:
    *(int64_t *)out = rd_need_int(r);
    break;
  case KF_U32:
    *(uint32_t *)out = (uint32_t)read_count(r, UINT32_MAX);
    break;
  case KF_U64:
    *(uint64_t *)out = read_count(r, UINT64_MAX);
    break;
  case KF_RATIONAL:
    *(rational *)out = rd_need_rational(r);
    break;
  case KF_RANGE:
    rd_range(r, out);
    break;
  case KF_ENUM:
  case KF_ENUM64:
    read_enum(p, f, at);
    break;
  case KF_REF:
  case KF_OPT:
  case KF_ANY:
  case KF_FN:
  case KF_OPT_FN:
    read_index(p, f, at, of, i);
    break;
  }
}

// word=value word=value, in the order of the table; what is left out has its usual value.
static void read_item(kir_parser *p, kir_record_id record, uint32_t of)
{
  uint32_t n, k = 0, i = kir_n_items(p->m, record, of);
  const kir_field *f = kir_record_fields(record, &n);
  void *at = kir_add_item(p->m, record, of);
  if (!at) return;
  for (; k < n && f[k].kind == KF_NAME; k++)
    read_field(p, &f[k], at, of, i);
  while (!p->r.line_failed && p->r.tok.kind == GTOK_WORD && cx_ok(p->r.c)) {
    while (k < n && !rd_is_word(&p->r, f[k].word))
      k++;
    if (k == n) {
      rd_fail(&p->r, DIAG_SYNTAX, p->r.tok.span,
              "no field of this name, or it stands behind a later one");
      break;
    }
    rd_next(&p->r);
    if (f[k].kind != KF_RANGE) rd_need_sign(&p->r, '=', "`=`");
    read_field(p, &f[k], at, of, i);
    k++;
  }
  rd_end_line(&p->r);
}

// ---- labels -------------------------------------------------------------------------------------------

uint32_t kir_find_label(const kir_module *m, kir_record_id record, const char *label)
{
  uint32_t n = record == KREC_ROLE ? m->roles.n : record == KREC_STAGE ? m->stages.n : 0;
  for (uint32_t i = 0; i < n; i++) {
    const char *name = kir_label_of(m, record, i);
    if (name && strcmp(name, label) == 0) return i;
  }
  return KIR_NONE;
}

static uint32_t find_fn(const kir_module *m, const char *label)
{
  for (uint32_t i = 0; i < m->fns.n; i++)
    if (strcmp(m->fns.at[i]->name, label) == 0) return i;
  return KIR_NONE;
}

static void resolve(kir_parser *p)
{
  for (uint32_t k = 0; k < p->fixups.n && !diag_stop(p->r.c); k++) {
    const kir_fixup *fix = &p->fixups.at[k];
    const kir_field *f = fix->field;
    void *at = p->m;
    if (f->record != KREC_HEAD) at = kir_item(p->m, f->record, fix->of, fix->item);
    uint32_t found = kir_is_fn(f->kind) ? find_fn(p->m, fix->label)
                                        : kir_find_label(p->m, kir_target(f, at), fix->label);
    if (found == KIR_NONE)
      diag_error(p->r.c, DIAG_SYNTAX, fix->where, "nothing of this name is there");
    *(uint32_t *)kir_field_at(f, at) = found;
  }
}

// ---- lines of a pattern -------------------------------------------------------------------------------

static bool read_head_line(kir_parser *p)
{
  uint32_t n;
  const kir_field *f = kir_record_fields(KREC_HEAD, &n);
  for (uint32_t k = 0; k < n; k++) {
    if (!rd_is_word(&p->r, f[k].word)) continue;
    if (p->seen & (1u << k))
      rd_fail(&p->r, DIAG_SYNTAX, p->r.tok.span, "this line stands in the pattern twice");
    p->seen |= 1u << k;
    rd_next(&p->r);
    read_field(p, &f[k], p->m, 0, 0);
    rd_end_line(&p->r);
    return true;
  }
  return false;
}

static bool read_table_line(kir_parser *p)
{
  for (int record = KREC_SYMBOL; record < KREC_N; record++) {
    if (!rd_is_word(&p->r, kir_record_words[record])) continue;
    uint32_t of = record == KREC_COND ? p->m->pairs.n - 1 : 0;
    if (record == KREC_COND && p->m->pairs.n == 0) {
      rd_fail(&p->r, DIAG_SYNTAX, p->r.tok.span, "no pair stands above this condition");
      rd_end_line(&p->r);
      return true;
    }
    rd_next(&p->r);
    read_item(p, (kir_record_id)record, of);
    return true;
  }
  return false;
}

// Up to and with `}`. A mistake in a function ends the reading: what its braces close is not known.
static void read_lines(kir_parser *p)
{
  ir_reader *r = &p->r;
  for (;;) {
    rd_skip_empty_lines(r);
    if (rd_stop(r)) {
      if (r->tok.kind == GTOK_END) rd_expected(r, "`}`");
      return;
    }
    if (rd_take_sign(r, '}')) {
      rd_end_line(r);
      return;
    }
    if (read_head_line(p) || read_table_line(p)) continue;
    if (rd_take_word(r, "fn")) {
      if (!kir_read_fn(p)) return;
      continue;
    }
    rd_expected(r, "a line of a pattern: a table's, or `fn`");
    rd_end_line(r);
  }
}

static void read_pattern(kir_parser *p)
{
  ir_reader *r = &p->r;
  uint32_t errors = diag_n_errors(r->c);
  rd_skip_empty_lines(r);
  if (!rd_take_word(r, "pattern")) rd_expected(r, "a pattern");
  p->m->name = rd_need_name(r, "the pattern's name");
  rd_need_sign(r, '{', "`{`");
  if (r->line_failed) return;
  rd_end_line(r);
  read_lines(p);
  rd_skip_empty_lines(r);
  if (diag_n_errors(r->c) == errors && r->tok.kind != GTOK_END && !diag_stop(r->c))
    rd_expected(r, "the end of the file behind the pattern");
}

kir_module *kir_parse(arena *mem, cx *c, uint32_t file)
{
  static const gir_form form = {"kir", "kernel IR", KIR_TEXT_VERSION, "{}=:~.(),"};
  uint32_t errors = diag_n_errors(c);
  kir_parser p = {.seen = 0};
  if (!rd_begin(&p.r, mem, c, file, &form)) return NULL;
  p.m = kir_module_new(mem);
  read_pattern(&p);
  if (cx_ok(c) && diag_n_errors(c) == errors) resolve(&p);
  if (!cx_ok(c) || diag_n_errors(c) != errors) return NULL;
  return kir_verify(c, p.m) ? p.m : NULL;
}
