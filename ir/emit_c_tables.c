// The tables of a module as C: amlrt_pattern_info for people, amlrt_program for the evaluator. The
// program's come from kir_fields.def, member by member.
#include "ir/emit_c_inside.h"
#include "ir/gir_table.h"

#include <stdio.h>
#include <string.h>

// One item in `{..}`, broken to fit the page.
static void begin_row(strbuf *row, const emitter *e)
{
  strbuf_init(row, e->out->c);
}

static void end_row(emitter *e, strbuf *row)
{
  emit_flow(e->out, 4, strbuf_text(row));
  strbuf_release(row);
}

// False: nothing to say, the table is NULL.
static bool begin_table(emitter *e, const char *type, const char *name, uint32_t n)
{
  if (n == 0) return false;
  strbuf_printf(e->out, "\nstatic const %s %s[] = {\n", type, emit_table_name(e, name));
  return true;
}

static void end_table(emitter *e)
{
  strbuf_puts(e->out, "};\n");
}

static const char *table_or_null(emitter *e, const char *name, uint32_t n)
{
  return n ? emit_table_name(e, name) : "NULL";
}

// ---- tables of the program ----------------------------------------------------------------------------

static bool is_unsaid(const kir_field *f, const void *at)
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
  case KF_OPT_FN:
    return kir_get_u32(f, at) == KIR_NONE;
  case KF_NAME:
  case KF_TEXT:
  case KF_ENUM:
  case KF_ENUM64:
  case KF_REF:
  case KF_OPT:
  case KF_ANY:
  case KF_FN:
    break;
  }
  return false;
}

static void emit_field(emitter *e, strbuf *out, const kir_field *f, const void *at)
{
  const kir_word *word;
  switch (f->kind) {
  case KF_NAME:
  case KF_TEXT:
    emit_string(out, kir_get_text(f, at));
    break;
  case KF_BOOL:
    strbuf_puts(out, kir_get_bool(f, at) ? "true" : "false");
    break;
  case KF_INT:
    emit_int(out, kir_get_int(f, at));
    break;
  case KF_U32:
    strbuf_printf(out, "%u", kir_get_u32(f, at));
    break;
  case KF_U64:
    strbuf_printf(out, "%lluu", (unsigned long long)kir_get_u64(f, at));
    break;
  case KF_RATIONAL:
    emit_rational(out, *kir_get_rational(f, at));
    break;
  case KF_RANGE:
    emit_range(out, kir_get_range(f, at));
    break;
  case KF_ENUM:
  case KF_ENUM64:
    word = kir_word_of((kir_word_kind)f->of, kir_get_int(f, at));
    strbuf_puts(out, word ? word->c_name : "0");
    break;
  case KF_ANY:
  case KF_REF:
  case KF_OPT:
    if (f->kind == KF_ANY && kir_get_u32(f, at) == KIR_NONE)
      strbuf_puts(out, "AMLRT_ANYONE");
    else
      emit_index(out, e, kir_target(f, at), kir_get_u32(f, at));
    break;
  case KF_FN:
  case KF_OPT_FN:
    strbuf_puts(out, e->fns[kir_get_u32(f, at)]);
    break;
  }
}

// .kind = AMLRT_ROLE_GROUP, .size = {..}
static void emit_members(emitter *e, strbuf *row, kir_record_id record, const void *at)
{
  uint32_t n;
  const kir_field *f = kir_record_fields(record, &n);
  bool any = false;
  for (uint32_t k = 0; k < n; k++) {
    if (!*f[k].c_member || is_unsaid(&f[k], at)) continue;
    strbuf_printf(row, "%s.%s = ", any ? ", " : "", f[k].c_member);
    emit_field(e, row, &f[k], at);
    any = true;
  }
}

static void emit_item(emitter *e, kir_record_id record, const void *at, uint32_t i)
{
  strbuf row;
  begin_row(&row, e);
  strbuf_putc(&row, '[');
  emit_index(&row, e, record, i);
  strbuf_puts(&row, "] = {");
  emit_members(e, &row, record, at);
  strbuf_puts(&row, "},");
  end_row(e, &row);
}

static void emit_records(emitter *e, kir_record_id record, const char *type, const char *name)
{
  uint32_t n = kir_n_items(e->m, record, 0);
  if (!begin_table(e, type, name, n)) return;
  for (uint32_t i = 0; i < n; i++) {
    // The constraint it stands for, as in the pattern.
    if (record == KREC_CON) emit_comment(e->out, 4, e->m->cons.at[i].text);
    emit_item(e, record, kir_item(e->m, record, 0, i), i);
  }
  end_table(e);
}

static const char *conds_name(emitter *e, uint32_t pair)
{
  return arena_printf(e->mem, "pair_%u_conds", pair);
}

static void emit_pairs(emitter *e)
{
  const kir_module *m = e->m;
  for (uint32_t i = 0; i < m->pairs.n; i++) {
    if (!begin_table(e, "amlrt_ppair_cond", conds_name(e, i), m->pairs.at[i].conds.n)) continue;
    for (uint32_t k = 0; k < m->pairs.at[i].conds.n; k++)
      emit_item(e, KREC_COND, &m->pairs.at[i].conds.at[k], k);
    end_table(e);
  }
  if (!begin_table(e, "amlrt_ppair", "pairs", m->pairs.n)) return;
  for (uint32_t i = 0; i < m->pairs.n; i++) {
    uint32_t n = m->pairs.at[i].conds.n;
    strbuf row;
    begin_row(&row, e);
    strbuf_printf(&row, "[%u] = {", i);
    emit_members(e, &row, KREC_PAIR, &m->pairs.at[i]);
    strbuf_printf(&row, ", .conds = %s, .n_conds = %u},", table_or_null(e, conds_name(e, i), n), n);
    end_row(e, &row);
  }
  end_table(e);
}

static void emit_may_equal(emitter *e)
{
  const kir_module *m = e->m;
  if (m->may_equal.n == 0) return;
  strbuf_printf(e->out, "\nstatic const uint32_t %s[][2] = {\n", emit_table_name(e, "may_equal"));
  for (uint32_t i = 0; i < m->may_equal.n; i++) {
    strbuf row;
    begin_row(&row, e);
    strbuf_putc(&row, '{');
    emit_index(&row, e, KREC_ROLE, m->may_equal.at[i].a);
    strbuf_puts(&row, ", ");
    emit_index(&row, e, KREC_ROLE, m->may_equal.at[i].b);
    strbuf_puts(&row, "},");
    end_row(e, &row);
  }
  end_table(e);
}

static void emit_start_order(emitter *e)
{
  const kir_module *m = e->m;
  if (!begin_table(e, "uint32_t", "start_order", m->start_order.n)) return;
  for (uint32_t i = 0; i < m->start_order.n; i++) {
    strbuf row;
    begin_row(&row, e);
    emit_index(&row, e, KREC_ROLE, m->start_order.at[i]);
    strbuf_putc(&row, ',');
    end_row(e, &row);
  }
  end_table(e);
}

static void emit_shown(emitter *e)
{
  const kir_module *m = e->m;
  if (begin_table(e, "amlrt_show_fn", "title_values", m->title_values.n)) {
    for (uint32_t i = 0; i < m->title_values.n; i++)
      strbuf_printf(e->out, "    %s,\n", e->fns[m->title_values.at[i]]);
    end_table(e);
  }
  if (begin_table(e, "amlrt_show_fn", "features", m->features.n)) {
    for (uint32_t i = 0; i < m->features.n; i++)
      strbuf_printf(e->out, "    %s,\n", e->fns[m->features.at[i].fn]);
    end_table(e);
  }
}

// ---- amlrt_pattern_info -------------------------------------------------------------------------------

static const char *word_of(kir_word_kind kind, int64_t value)
{
  const kir_word *w = kir_word_of(kind, value);
  return w ? w->c_name : "0";
}

static void emit_named(strbuf *row, const char *before, const char *name, const char *after)
{
  strbuf_puts(row, before);
  emit_string(row, name);
  strbuf_puts(row, after);
}

static void emit_role_infos(emitter *e)
{
  const kir_module *m = e->m;
  if (!begin_table(e, "amlrt_role_info", "role_infos", m->roles.n)) return;
  for (uint32_t i = 0; i < m->roles.n; i++) {
    strbuf row;
    begin_row(&row, e);
    strbuf_printf(&row, "[%s] = ", e->roles[i]);
    emit_named(&row, "{.name = ", m->roles.at[i].name, ", .kind = ");
    strbuf_printf(&row, "%s},", word_of(KW_role_kind, (int64_t)m->roles.at[i].kind));
    end_row(e, &row);
  }
  end_table(e);
}

static uint32_t n_shown(const kir_module *m)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < m->stages.n; i++)
    n += m->stages.at[i].shown != KIR_NONE;
  return n;
}

static void emit_stage_infos(emitter *e)
{
  const kir_module *m = e->m;
  if (!begin_table(e, "amlrt_stage_info", "stage_infos", n_shown(m))) return;
  for (uint32_t i = 0; i < m->stages.n; i++) {
    strbuf row;
    if (m->stages.at[i].shown == KIR_NONE) continue;
    begin_row(&row, e);
    strbuf_printf(&row, "[%u] = ", m->stages.at[i].shown);
    emit_named(&row, "{.name = ", m->stages.at[i].name, "},");
    end_row(e, &row);
  }
  end_table(e);
}

// The double nearest to a fraction: as a decimal where there is an exact one and both its parts are
// doubles (then C rounds it to the same), else with digits enough to read back as the same.
static void emit_double(strbuf *out, rational v)
{
  const aml_i128 exact = (aml_i128)1 << 53;
  char text[40];
  strbuf decimal;
  strbuf_init(&decimal, out->c);
  gir_print_rational(&decimal, v);
  bool fits = v.num <= exact && v.num >= -exact && v.den <= exact;
  if (fits && !strchr(strbuf_text(&decimal), '/')) {
    strbuf_puts(out, strbuf_text(&decimal));
    if (!strchr(strbuf_text(&decimal), '.')) strbuf_puts(out, ".0");
  } else {
    snprintf(text, sizeof text, "%.17g", rational_double(v));
    strbuf_puts(out, text);
    if (!strpbrk(text, ".e")) strbuf_puts(out, ".0");
  }
  strbuf_release(&decimal);
}

static void emit_bounds(strbuf *row, const gir_range *r)
{
  const rational *end[] = {&r->a, &r->b, &r->c, &r->d};
  for (unsigned i = 0; i < 4; i++) {
    strbuf_puts(row, i ? ", " : "");
    emit_double(row, r->has & (1u << i) ? *end[i] : rational_int(0));
  }
}

static void emit_constraint_infos(emitter *e)
{
  const kir_module *m = e->m;
  if (!begin_table(e, "amlrt_constraint_info", "constraint_infos", m->cons.n)) return;
  for (uint32_t i = 0; i < m->cons.n; i++) {
    const kir_con *c = &m->cons.at[i];
    strbuf row;
    begin_row(&row, e);
    emit_named(&row, "{.text = ", c->text ? c->text : "", ", .scope = ");
    strbuf_puts(&row, word_of(KW_scope, c->scope));
    if (c->shown.has) {
      strbuf_puts(&row, ", .has = ");
      emit_has(&row, c->shown.has);
      strbuf_puts(&row, ", .bounds = {");
      emit_bounds(&row, &c->shown);
      strbuf_putc(&row, '}');
    }
    strbuf_puts(&row, "},");
    end_row(e, &row);
  }
  end_table(e);
}

static void emit_feature_infos(emitter *e)
{
  const kir_module *m = e->m;
  if (!begin_table(e, "amlrt_feature_info", "feature_infos", m->features.n)) return;
  for (uint32_t i = 0; i < m->features.n; i++) {
    const kir_feature *f = &m->features.at[i];
    strbuf row;
    begin_row(&row, e);
    emit_named(&row, "{.name = ", f->name, ", .kind = ");
    strbuf_printf(&row, "%s, .bin_lo = ", word_of(KW_feature_kind, f->kind));
    emit_int(&row, f->lo);
    strbuf_puts(&row, ", .bin_hi = ");
    emit_int(&row, f->hi);
    strbuf_puts(&row, "},");
    end_row(e, &row);
  }
  end_table(e);
}

static void emit_params(emitter *e)
{
  const kir_module *m = e->m;
  if (!begin_table(e, "amlrt_param_info", "params", m->params.n)) return;
  for (uint32_t i = 0; i < m->params.n; i++) {
    strbuf row;
    begin_row(&row, e);
    emit_named(&row, "{.name = ", m->params.at[i].name, ", .value = ");
    emit_named(&row, "", m->params.at[i].value, "},");
    end_row(e, &row);
  }
  end_table(e);
}

static void emit_closed_start(emitter *e)
{
  const kir_module *m = e->m;
  if (!begin_table(e, "uint32_t", "closed_start", m->roles.n)) return;
  for (uint32_t i = 0; i < m->roles.n; i++) {
    uint32_t start = KIR_NONE;
    strbuf row;
    for (uint32_t k = 0; k < m->stages.n; k++)
      if (m->stages.at[k].closed && m->stages.at[k].chain == i) start = m->stages.at[k].from;
    begin_row(&row, e);
    strbuf_printf(&row, "[%s] = ", e->roles[i]);
    emit_index(&row, e, KREC_ROLE, start);
    strbuf_putc(&row, ',');
    end_row(e, &row);
  }
  end_table(e);
}

static void emit_list(emitter *e, const char *member, const char *count, const char *table,
                      uint32_t n)
{
  strbuf_printf(e->out, "    .%s = %s,\n    .%s = %u,\n", member, table_or_null(e, table, n), count,
                n);
}

static void emit_text_member(emitter *e, const char *member, const char *text)
{
  strbuf row;
  begin_row(&row, e);
  strbuf_printf(&row, ".%s = ", member);
  emit_named(&row, "", text, ",");
  end_row(e, &row);
}

static void emit_info(emitter *e)
{
  const kir_module *m = e->m;
  emit_role_infos(e);
  emit_stage_infos(e);
  emit_constraint_infos(e);
  emit_records(e, KREC_TITLE, "amlrt_title_part", "title_parts");
  emit_feature_infos(e);
  emit_params(e);
  emit_closed_start(e);
  strbuf_printf(e->out, "\nstatic const amlrt_pattern_info %s = {\n", emit_table_name(e, "info"));
  emit_text_member(e, "name", m->name);
  emit_text_member(e, "id", m->id);
  emit_text_member(e, "version", m->version);
  emit_text_member(e, "status", m->status);
  emit_list(e, "roles", "n_roles", "role_infos", m->roles.n);
  emit_list(e, "stages", "n_stages", "stage_infos", n_shown(m));
  emit_list(e, "constraints", "n_constraints", "constraint_infos", m->cons.n);
  emit_list(e, "title", "n_title", "title_parts", m->title.n);
  strbuf_printf(e->out, "    .n_title_values = %u,\n", m->title_values.n);
  emit_list(e, "features", "n_features", "feature_infos", m->features.n);
  emit_list(e, "params", "n_params", "params", m->params.n);
  strbuf_printf(e->out, "    .within = ");
  emit_int(e->out, m->within);
  strbuf_printf(e->out, ",\n    .closed_start = %s,\n};\n",
                table_or_null(e, "closed_start", m->roles.n));
}

// ---- amlrt_program ------------------------------------------------------------------------------------

static void emit_program(emitter *e)
{
  const kir_module *m = e->m;
  strbuf row;
  strbuf_printf(e->out, "\nstatic const amlrt_program %s = {\n", emit_table_name(e, "program"));
  strbuf_printf(e->out, "    .info = &%s,\n", emit_table_name(e, "info"));
  strbuf_printf(e->out, "    .roles = %s,\n", table_or_null(e, "roles", m->roles.n));
  emit_list(e, "stages", "n_stages", "stages", m->stages.n);
  emit_list(e, "sets", "n_sets", "sets", m->sets.n);
  emit_list(e, "pairs", "n_pairs", "pairs", m->pairs.n);
  strbuf_printf(e->out, "    .cons = %s,\n", table_or_null(e, "cons", m->cons.n));
  emit_list(e, "start_order", "n_groups", "start_order", m->start_order.n);
  emit_list(e, "may_equal", "n_may_equal", "may_equal", m->may_equal.n);
  emit_list(e, "symbols", "n_symbols", "symbols", m->symbols.n);
  emit_list(e, "plans", "n_plans", "plans", m->plans.n);
  emit_list(e, "needs", "n_needs", "needs", m->needs.n);
  strbuf_printf(e->out, "    .title_values = %s,\n",
                table_or_null(e, "title_values", m->title_values.n));
  strbuf_printf(e->out, "    .features = %s,\n", table_or_null(e, "features", m->features.n));
  begin_row(&row, e);
  emit_members(e, &row, KREC_HEAD, m);
  strbuf_putc(&row, ',');
  end_row(e, &row);
  end_table(e);
}

void emit_tables(emitter *e)
{
  strbuf_puts(e->out, "\n// ---- what people are told of the pattern ----\n");
  emit_info(e);
  strbuf_puts(e->out, "\n// ---- what the evaluator follows ----\n");
  emit_records(e, KREC_ROLE, "amlrt_prole", "roles");
  emit_records(e, KREC_STAGE, "amlrt_pstage", "stages");
  emit_records(e, KREC_SET, "amlrt_pset", "sets");
  emit_pairs(e);
  emit_records(e, KREC_CON, "amlrt_pcon", "cons");
  emit_start_order(e);
  emit_may_equal(e);
  emit_records(e, KREC_SYMBOL, "amlrt_symbol", "symbols");
  emit_records(e, KREC_PLAN, "amlrt_pplan", "plans");
  emit_records(e, KREC_NEED, "amlrt_need", "needs");
  emit_shown(e);
  emit_program(e);
}
