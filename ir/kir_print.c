// Kernel IR as text: tables record by record, functions statement by statement. What has its usual value
// (no, 0, none, an empty text) is left out. kir_parse.c reads it back; ir/README.md shows it.
#include "ir/kir_fields.h"
#include "ir/gir_table.h"

typedef struct printer {
  strbuf *out;
  const kir_module *m;
} printer;

// ---- tables ---------------------------------------------------------------------------------------

static void print_int(strbuf *out, int64_t v)
{
  strbuf_printf(out, "%lld", (long long)v);
}

static void print_word(strbuf *out, kir_word_kind kind, int64_t value)
{
  const kir_word *w = kir_word_of(kind, value);
  if (w)
    strbuf_puts(out, w->text);
  else
    print_int(out, value);
}

// By name where a label can be made of it, else by number.
static void print_index(printer *pr, kir_record_id record, uint32_t i)
{
  const char *label = i == KIR_NONE ? "none" : kir_label_of(pr->m, record, i);
  if (!label)
    strbuf_printf(pr->out, "%u", i);
  else
    strbuf_printf(pr->out, "%s%s", i == KIR_NONE ? "" : "%", label);
}

static void print_fn(printer *pr, uint32_t fn)
{
  if (fn < pr->m->fns.n)
    strbuf_printf(pr->out, "%%%s", pr->m->fns.at[fn]->name);
  else
    strbuf_puts(pr->out, "none");
}

static bool is_usual(const kir_field *f, const void *at)
{
  switch (f->kind) {
  case KF_BOOL:
    return !kir_get_bool(f, at);
  case KF_INT:
    return kir_get_int(f, at) == 0;
  case KF_U32:
    return kir_get_u32(f, at) == 0;
  case KF_U64:
    return kir_get_u64(f, at) == 0;
  case KF_RATIONAL:
    return kir_get_rational(f, at)->num == 0;
  case KF_RANGE:
    return kir_get_range(f, at)->has == 0;
  case KF_TEXT:
    return !*kir_get_text(f, at);
  case KF_OPT:
  case KF_OPT_FN:
    return kir_get_u32(f, at) == KIR_NONE;
  case KF_NAME:
  case KF_ENUM:
  case KF_ENUM64:
  case KF_REF:
  case KF_ANY:
  case KF_FN:
    break;
  }
  return false;
}

static void print_field(printer *pr, const kir_field *f, const void *at)
{
  strbuf *out = pr->out;
  switch (f->kind) {
  case KF_NAME:
    gir_print_name(out, kir_get_text(f, at));
    break;
  case KF_TEXT:
    gir_print_quoted(out, kir_get_text(f, at));
    break;
  case KF_BOOL:
    strbuf_puts(out, kir_get_bool(f, at) ? "yes" : "no");
    break;
  case KF_INT:
    print_int(out, kir_get_int(f, at));
    break;
  case KF_U32:
    strbuf_printf(out, "%u", kir_get_u32(f, at));
    break;
  case KF_U64:
    strbuf_printf(out, "%llu", (unsigned long long)kir_get_u64(f, at));
    break;
  case KF_RATIONAL:
    gir_print_rational(out, *kir_get_rational(f, at));
    break;
  case KF_RANGE:
    gir_print_range(out, kir_get_range(f, at));
    break;
  case KF_ENUM:
  case KF_ENUM64:
    print_word(out, (kir_word_kind)f->of, kir_get_int(f, at));
    break;
  case KF_ANY:
  case KF_REF:
  case KF_OPT:
    if (f->kind == KF_ANY && kir_get_u32(f, at) == KIR_NONE)
      strbuf_puts(out, "any");
    else
      print_index(pr, kir_target(f, at), kir_get_u32(f, at));
    break;
  case KF_FN:
  case KF_OPT_FN:
    print_fn(pr, kir_get_u32(f, at));
    break;
  }
}

static void print_item(printer *pr, kir_record_id record, const void *at, const char *indent)
{
  uint32_t n;
  const kir_field *f = kir_record_fields(record, &n);
  strbuf_printf(pr->out, "%s%s", indent, kir_record_words[record]);
  for (uint32_t k = 0; k < n; k++) {
    if (is_usual(&f[k], at)) continue;
    strbuf_printf(pr->out, " %s", f[k].word);
    // A range has a word of its own in front.
    if (f[k].kind != KF_NAME && f[k].kind != KF_RANGE) strbuf_putc(pr->out, '=');
    print_field(pr, &f[k], at);
  }
}

static bool is_counted(kir_record_id record)
{
  return record == KREC_SYMBOL || record == KREC_SET || record == KREC_PAIR || record == KREC_CON;
}

static void print_items(printer *pr, kir_record_id record)
{
  uint32_t n = kir_n_items(pr->m, record, 0);
  if (n > 0) strbuf_putc(pr->out, '\n');
  for (uint32_t i = 0; i < n; i++) {
    print_item(pr, record, kir_item(pr->m, record, 0, i), "  ");
    if (is_counted(record)) strbuf_printf(pr->out, " // %u", i);
    strbuf_putc(pr->out, '\n');
    for (uint32_t k = 0; record == KREC_PAIR && k < kir_n_items(pr->m, KREC_COND, i); k++) {
      print_item(pr, KREC_COND, kir_item(pr->m, KREC_COND, i, k), "    ");
      strbuf_putc(pr->out, '\n');
    }
  }
}

static void print_head(printer *pr)
{
  uint32_t n;
  const kir_field *f = kir_record_fields(KREC_HEAD, &n);
  for (uint32_t k = 0; k < n; k++) {
    if (is_usual(&f[k], pr->m)) continue;
    strbuf_printf(pr->out, "  %s ", f[k].word);
    print_field(pr, &f[k], pr->m);
    strbuf_putc(pr->out, '\n');
  }
}

// ---- functions ------------------------------------------------------------------------------------

static void print_expr(printer *pr, const kir_node *n);

typedef struct items { // printed with commas between them
  const char *before;  // the first
  bool any;
} items;

static void separate(printer *pr, items *list)
{
  strbuf_puts(pr->out, list->any ? ", " : list->before);
  list->any = true;
}

static void print_imm(printer *pr, const kir_node *n, int which, items *list)
{
  kir_word_kind kind = kir_imm_kind(n->op, which);
  if (kind == KW_N) return;
  separate(pr, list);
  strbuf_printf(pr->out, "%s=", kir_word_kind_names[kind]);
  if (kind == KW_role || kind == KW_stage) {
    bool fits = n->imm[which] >= 0 && n->imm[which] < KIR_NONE;
    print_index(pr, kind == KW_role ? KREC_ROLE : KREC_STAGE,
                fits ? (uint32_t)n->imm[which] : KIR_NONE);
  } else {
    print_word(pr->out, kind, n->imm[which]);
  }
}

// What stands behind the name of an op: arguments, then attributes.
static void print_rest(printer *pr, const kir_node *n, const char *before)
{
  items list = {.before = before};
  for (uint32_t k = 0; k < n->n_args; k++) {
    if (!n->args[k] || kir_arg_type(n->op, k) == KTY_VOID) continue;
    separate(pr, &list);
    print_expr(pr, n->args[k]);
  }
  if (kir_has_attr(n->op, 'v')) {
    separate(pr, &list);
    gir_print_rational(pr->out, n->value);
  }
  if (kir_has_attr(n->op, 'r')) {
    if (list.any) strbuf_putc(pr->out, ',');
    gir_print_range(pr->out, &n->range);
    list.any = true;
  }
  for (int k = 0; k < 3; k++)
    print_imm(pr, n, k, &list);
  if (kir_has_attr(n->op, 'y')) {
    separate(pr, &list);
    strbuf_puts(pr->out, "symbol=");
    if (n->symbol == KIR_NO_SYMBOL)
      strbuf_puts(pr->out, "none");
    else
      print_int(pr->out, n->symbol);
  }
  if (kir_has_attr(n->op, 't') && n->op != KIR_FOR_EACH) {
    separate(pr, &list);
    gir_print_quoted(pr->out, n->text ? n->text : "");
  }
}

static void print_expr(printer *pr, const kir_node *n)
{
  if (n->op == KIR_VAR) {
    strbuf_puts(pr->out, n->name ? n->name : "");
  } else if (n->op == KIR_U32) {
    if (n->imm[0] == KIR_NONE)
      strbuf_puts(pr->out, "none");
    else
      print_int(pr->out, n->imm[0]);
  } else {
    strbuf_printf(pr->out, "%s(", kir_ops[n->op].name);
    print_rest(pr, n, "");
    strbuf_putc(pr->out, ')');
  }
}

static void print_stmt(printer *pr, const kir_node *n, uint32_t depth);

static void print_indent(printer *pr, uint32_t depth)
{
  for (uint32_t i = 0; i < depth; i++)
    strbuf_puts(pr->out, "  ");
}

// " {", the statements, "}"; what stands behind it is the caller's.
static void print_block(printer *pr, const kir_node *block, uint32_t depth)
{
  strbuf_puts(pr->out, " {\n");
  for (uint32_t k = 0; k < block->n_args; k++)
    print_stmt(pr, block->args[k], depth + 1);
  print_indent(pr, depth);
  strbuf_putc(pr->out, '}');
}

static void print_names(printer *pr, const kir_node *n)
{
  if (kir_has_attr(n->op, 'n')) strbuf_printf(pr->out, " %s", n->name ? n->name : "");
  if (n->op == KIR_FOR_EACH) strbuf_printf(pr->out, " %s in", n->text ? n->text : "");
  if (n->op == KIR_LET) strbuf_puts(pr->out, " =");
}

static void print_stmt(printer *pr, const kir_node *n, uint32_t depth)
{
  print_indent(pr, depth);
  strbuf_puts(pr->out, kir_ops[n->op].name);
  if (n->op == KIR_BLOCK) {
    print_block(pr, n, depth);
    strbuf_putc(pr->out, '\n');
    return;
  }
  print_names(pr, n);
  print_rest(pr, n, " ");
  for (uint32_t k = 0, blocks = 0; k < n->n_args; k++) {
    if (!n->args[k] || kir_arg_type(n->op, k) != KTY_VOID) continue;
    if (blocks++) strbuf_puts(pr->out, " else");
    print_block(pr, n->args[k], depth);
  }
  strbuf_putc(pr->out, '\n');
}

static void print_function(printer *pr, const kir_fn *f)
{
  strbuf_printf(pr->out, "\n  fn %s %s ", kir_fn_names[f->kind], f->name);
  gir_print_quoted(pr->out, f->comment ? f->comment : "");
  print_block(pr, f->body, 1);
  strbuf_putc(pr->out, '\n');
}

void kir_print(strbuf *out, const kir_module *m)
{
  printer pr = {.out = out, .m = m};
  strbuf_printf(out, "kir %d\n\npattern ", KIR_TEXT_VERSION);
  gir_print_name(out, m->name);
  strbuf_puts(out, " {\n");
  print_head(&pr);
  for (int r = KREC_SYMBOL; r < KREC_N; r++)
    if (r != KREC_COND) print_items(&pr, (kir_record_id)r);
  for (uint32_t i = 0; i < m->fns.n; i++)
    print_function(&pr, m->fns.at[i]);
  strbuf_puts(out, "}\n");
}
