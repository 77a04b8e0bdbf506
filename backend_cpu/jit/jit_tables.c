// The tables of a module as constants: amlrt_pattern_info for people, amlrt_program for the evaluator.
// The program's come from ir/kir_fields.def and the layouts of amlrt_abi.def, member by member.
#include "backend_cpu/jit/jit_inside.h"
#include "amlrt/program.h"

#include <string.h>

// ---- one struct ---------------------------------------------------------------------------------------

enum { MOST_MEMBERS = 48, MOST_ITEMS = 4 };
typedef struct row { // a struct being filled; what is not set is zero
  jit_cx *j;
  abi_id id;
  LLVMValueRef value[MOST_MEMBERS][MOST_ITEMS];
} row;

static void row_begin(row *r, jit_cx *j, abi_id id)
{
  memset(r, 0, sizeof *r);
  r->j = j;
  r->id = id;
}

static LLVMTypeRef item_type(const row *r, uint32_t member)
{
  LLVMTypeRef type = LLVMStructGetTypeAtIndex(r->j->structs[r->id], member);
  return abi_layouts[r->id].members[member].n > 1 ? LLVMGetElementType(type) : type;
}

// "support[1]": member and item.
static void set(row *r, const char *path, LLVMValueRef v)
{
  size_t n = strcspn(path, "[");
  uint32_t member = abi_member_of(r->id, path, n);
  uint32_t item = path[n] ? (uint32_t)(path[n + 1] - '0') : 0;
  AML_BUG_UNLESS(item < abi_layouts[r->id].members[member].n && item < MOST_ITEMS);
  AML_BUG_UNLESS(LLVMTypeOf(v) == item_type(r, member));
  r->value[member][item] = v;
}

static void set_int(row *r, const char *path, int64_t v)
{
  uint32_t member = abi_member_of(r->id, path, strcspn(path, "["));
  set(r, path, jit_int(r->j, item_type(r, member), v));
}

static void set_text(row *r, const char *path, const char *text)
{
  set(r, path, jit_string(r->j, text));
}

static LLVMValueRef row_end(row *r)
{
  const abi_layout *l = &abi_layouts[r->id];
  LLVMValueRef members[MOST_MEMBERS];
  for (uint32_t m = 0; m < l->n_members; m++) {
    LLVMTypeRef type = item_type(r, m);
    for (uint32_t k = 0; k < l->members[m].n; k++)
      if (!r->value[m][k]) r->value[m][k] = LLVMConstNull(type);
    members[m] =
        l->members[m].n == 1 ? r->value[m][0] : LLVMConstArray2(type, r->value[m], l->members[m].n);
  }
  return LLVMConstNamedStruct(r->j->structs[r->id], members, l->n_members);
}

// ---- a table of them ----------------------------------------------------------------------------------

typedef VEC(LLVMValueRef) values;

static void add(jit_module *jm, values *all, LLVMValueRef v)
{
  VEC_PUSH(jm->j->mem, all, v);
}

// Its address; NULL where it is empty.
static LLVMValueRef table(jit_module *jm, const char *name, LLVMTypeRef type, const values *all)
{
  jit_cx *j = jm->j;
  if (all->n == 0) return LLVMConstNull(j->ptr);
  LLVMValueRef array = LLVMConstArray2(type, all->at, all->n);
  return jit_global(j, arena_printf(j->mem, "%s.%s", jm->m->name, name), LLVMTypeOf(array), array);
}

static LLVMValueRef function_of(const jit_module *jm, uint32_t i)
{
  return i < jm->m->fns.n && jm->fns[i] ? jm->fns[i] : LLVMConstNull(jm->j->ptr);
}

static void set_field(jit_module *jm, row *r, const kir_field *f, const void *at)
{
  switch (f->kind) {
  case KF_NAME:
  case KF_TEXT:
    set_text(r, f->c_member, kir_get_text(f, at));
    break;
  case KF_BOOL:
    set_int(r, f->c_member, kir_get_bool(f, at));
    break;
  case KF_INT:
  case KF_ENUM:
  case KF_ENUM64:
    set_int(r, f->c_member, kir_get_int(f, at));
    break;
  case KF_U64:
    set_int(r, f->c_member, (int64_t)kir_get_u64(f, at));
    break;
  case KF_U32:
  case KF_ANY:
  case KF_REF:
  case KF_OPT: // none and `any` are the same number there and here
    set_int(r, f->c_member, kir_get_u32(f, at));
    break;
  case KF_RATIONAL:
    set(r, f->c_member, jit_rational(jm->j, *kir_get_rational(f, at)));
    break;
  case KF_RANGE:
    set(r, f->c_member, jit_range(jm->j, kir_get_range(f, at)));
    break;
  case KF_FN:
  case KF_OPT_FN:
    set(r, f->c_member, function_of(jm, kir_get_u32(f, at)));
    break;
  }
}

static void set_fields(jit_module *jm, row *r, kir_record_id record, const void *at)
{
  uint32_t n;
  const kir_field *f = kir_record_fields(record, &n);
  for (uint32_t k = 0; k < n; k++)
    if (*f[k].c_member) set_field(jm, r, &f[k], at);
}

static LLVMValueRef item(jit_module *jm, kir_record_id record, abi_id id, const void *at)
{
  row r;
  row_begin(&r, jm->j, id);
  set_fields(jm, &r, record, at);
  return row_end(&r);
}

// ---- tables of the program ----------------------------------------------------------------------------
// What becomes of each record of kir_fields.def: a table of structs, or a function below. A new record
// without a line here does not compile.

typedef struct table_info {
  abi_id id;                // of a table of structs; ABI_N: something else
  const char *list, *count; // members of amlrt_program; "" no count
} table_info;
#define STRUCTS(id, list, count)                                                                   \
  {                                                                                                \
    ABI_##id, list, count                                                                          \
  }
#define ELSE                                                                                       \
  {                                                                                                \
    ABI_N, "", ""                                                                                  \
  }
#define TABLE_HEAD ELSE
#define TABLE_SYMBOL STRUCTS(amlrt_symbol, "symbols", "n_symbols")
#define TABLE_PARAM ELSE
#define TABLE_ROLE STRUCTS(amlrt_prole, "roles", "")
#define TABLE_MAY_EQUAL ELSE
#define TABLE_STAGE STRUCTS(amlrt_pstage, "stages", "n_stages")
#define TABLE_SET STRUCTS(amlrt_pset, "sets", "n_sets")
#define TABLE_START ELSE
#define TABLE_PAIR ELSE
#define TABLE_COND ELSE
#define TABLE_CON STRUCTS(amlrt_pcon, "cons", "")
#define TABLE_TITLE ELSE
#define TABLE_TITLE_VALUE ELSE
#define TABLE_FEATURE ELSE
#define TABLE_NEED STRUCTS(amlrt_need, "needs", "n_needs")
#define TABLE_PLAN STRUCTS(amlrt_pplan, "plans", "n_plans")
static const table_info tables[KREC_N] = {
#define KIR_RECORD(id, list, type, word) [KREC_##id] = TABLE_##id,
#include "ir/kir_fields.def"
};

static void set_list(row *program, const char *list, const char *count, LLVMValueRef at, uint32_t n)
{
  set(program, list, at);
  if (*count) set_int(program, count, n);
}

static void set_records(jit_module *jm, row *program, kir_record_id record)
{
  const table_info *t = &tables[record];
  values all = {0};
  uint32_t n = kir_n_items(jm->m, record, 0);
  for (uint32_t i = 0; i < n; i++)
    add(jm, &all, item(jm, record, t->id, kir_item(jm->m, record, 0, i)));
  set_list(program, t->list, t->count, table(jm, t->list, jm->j->structs[t->id], &all), n);
}

static void set_pairs(jit_module *jm, row *program)
{
  const kir_module *m = jm->m;
  values pairs = {0};
  row r;
  for (uint32_t i = 0; i < m->pairs.n; i++) {
    values conds = {0};
    for (uint32_t k = 0; k < m->pairs.at[i].conds.n; k++)
      add(jm, &conds, item(jm, KREC_COND, ABI_amlrt_ppair_cond, &m->pairs.at[i].conds.at[k]));
    row_begin(&r, jm->j, ABI_amlrt_ppair);
    set_fields(jm, &r, KREC_PAIR, &m->pairs.at[i]);
    set_list(&r, "conds", "n_conds",
             table(jm, "conds", jm->j->structs[ABI_amlrt_ppair_cond], &conds), conds.n);
    add(jm, &pairs, row_end(&r));
  }
  set_list(program, "pairs", "n_pairs", table(jm, "pairs", jm->j->structs[ABI_amlrt_ppair], &pairs),
           pairs.n);
}

static LLVMValueRef index_of(const jit_module *jm, uint32_t i)
{
  return jit_int(jm->j, jm->j->i32, i);
}

static void set_may_equal(jit_module *jm, row *program)
{
  const kir_module *m = jm->m;
  values all = {0};
  for (uint32_t i = 0; i < m->may_equal.n; i++) {
    LLVMValueRef two[] = {index_of(jm, m->may_equal.at[i].a), index_of(jm, m->may_equal.at[i].b)};
    add(jm, &all, LLVMConstArray2(jm->j->i32, two, 2));
  }
  set_list(program, "may_equal", "n_may_equal",
           table(jm, "may_equal", LLVMArrayType2(jm->j->i32, 2), &all), all.n);
}

static void set_start_order(jit_module *jm, row *program)
{
  const kir_module *m = jm->m;
  values all = {0};
  for (uint32_t i = 0; i < m->start_order.n; i++)
    add(jm, &all, index_of(jm, m->start_order.at[i]));
  set_list(program, "start_order", "n_groups", table(jm, "start_order", jm->j->i32, &all), all.n);
}

static void set_shown(jit_module *jm, row *program)
{
  const kir_module *m = jm->m;
  values titles = {0}, features = {0};
  for (uint32_t i = 0; i < m->title_values.n; i++)
    add(jm, &titles, function_of(jm, m->title_values.at[i]));
  for (uint32_t i = 0; i < m->features.n; i++)
    add(jm, &features, function_of(jm, m->features.at[i].fn));
  set(program, "title_values", table(jm, "title_values", jm->j->ptr, &titles));
  set(program, "features", table(jm, "features", jm->j->ptr, &features));
}

// ---- amlrt_pattern_info -------------------------------------------------------------------------------

static void set_role_infos(jit_module *jm, row *info)
{
  const kir_module *m = jm->m;
  values all = {0};
  row r;
  for (uint32_t i = 0; i < m->roles.n; i++) {
    row_begin(&r, jm->j, ABI_amlrt_role_info);
    set_text(&r, "name", m->roles.at[i].name);
    set_int(&r, "kind", (int64_t)m->roles.at[i].kind);
    add(jm, &all, row_end(&r));
  }
  set_list(info, "roles", "n_roles",
           table(jm, "role_infos", jm->j->structs[ABI_amlrt_role_info], &all), all.n);
}

static void set_stage_infos(jit_module *jm, row *info)
{
  const kir_module *m = jm->m;
  values all = {0};
  row r;
  for (uint32_t i = 0; i < m->stages.n; i++)
    if (m->stages.at[i].shown != KIR_NONE) add(jm, &all, NULL);
  for (uint32_t i = 0; i < m->stages.n && cx_ok(jm->j->c); i++) {
    if (m->stages.at[i].shown == KIR_NONE) continue;
    AML_BUG_UNLESS(m->stages.at[i].shown < all.n);
    row_begin(&r, jm->j, ABI_amlrt_stage_info);
    set_text(&r, "name", m->stages.at[i].name);
    all.at[m->stages.at[i].shown] = row_end(&r);
  }
  set_list(info, "stages", "n_stages",
           table(jm, "stage_infos", jm->j->structs[ABI_amlrt_stage_info], &all), all.n);
}

static void set_bounds(row *r, const gir_range *range)
{
  static const char *const paths[] = {"bounds[0]", "bounds[1]", "bounds[2]", "bounds[3]"};
  const rational *end[] = {&range->a, &range->b, &range->c, &range->d};
  set_int(r, "has", range->has);
  for (unsigned i = 0; i < 4; i++)
    if (range->has & (1u << i))
      set(r, paths[i], LLVMConstReal(r->j->f64, rational_double(*end[i])));
}

static void set_constraint_infos(jit_module *jm, row *info)
{
  const kir_module *m = jm->m;
  values all = {0};
  row r;
  for (uint32_t i = 0; i < m->cons.n; i++) {
    row_begin(&r, jm->j, ABI_amlrt_constraint_info);
    set_text(&r, "text", m->cons.at[i].text);
    set_int(&r, "scope", m->cons.at[i].scope);
    set_bounds(&r, &m->cons.at[i].shown);
    add(jm, &all, row_end(&r));
  }
  set_list(info, "constraints", "n_constraints",
           table(jm, "constraint_infos", jm->j->structs[ABI_amlrt_constraint_info], &all), all.n);
}

static void set_title(jit_module *jm, row *info)
{
  const kir_module *m = jm->m;
  values all = {0};
  for (uint32_t i = 0; i < m->title.n; i++)
    add(jm, &all, item(jm, KREC_TITLE, ABI_amlrt_title_part, &m->title.at[i]));
  set_list(info, "title", "n_title",
           table(jm, "title_parts", jm->j->structs[ABI_amlrt_title_part], &all), all.n);
  set_int(info, "n_title_values", m->title_values.n);
}

static void set_feature_infos(jit_module *jm, row *info)
{
  const kir_module *m = jm->m;
  values all = {0};
  row r;
  for (uint32_t i = 0; i < m->features.n; i++) {
    row_begin(&r, jm->j, ABI_amlrt_feature_info);
    set_text(&r, "name", m->features.at[i].name);
    set_int(&r, "kind", m->features.at[i].kind);
    set_int(&r, "bin_lo", m->features.at[i].lo);
    set_int(&r, "bin_hi", m->features.at[i].hi);
    add(jm, &all, row_end(&r));
  }
  set_list(info, "features", "n_features",
           table(jm, "feature_infos", jm->j->structs[ABI_amlrt_feature_info], &all), all.n);
}

static void set_params(jit_module *jm, row *info)
{
  const kir_module *m = jm->m;
  values all = {0};
  row r;
  for (uint32_t i = 0; i < m->params.n; i++) {
    row_begin(&r, jm->j, ABI_amlrt_param_info);
    set_text(&r, "name", m->params.at[i].name);
    set_text(&r, "value", m->params.at[i].value);
    add(jm, &all, row_end(&r));
  }
  set_list(info, "params", "n_params",
           table(jm, "params", jm->j->structs[ABI_amlrt_param_info], &all), all.n);
}

static void set_closed_start(jit_module *jm, row *info)
{
  const kir_module *m = jm->m;
  values all = {0};
  for (uint32_t i = 0; i < m->roles.n; i++) {
    uint32_t start = KIR_NONE;
    for (uint32_t k = 0; k < m->stages.n; k++)
      if (m->stages.at[k].closed && m->stages.at[k].chain == i) start = m->stages.at[k].from;
    add(jm, &all, index_of(jm, start));
  }
  set(info, "closed_start", table(jm, "closed_start", jm->j->i32, &all));
}

static LLVMValueRef one(jit_module *jm, const char *name, row *r)
{
  values all = {0};
  add(jm, &all, row_end(r));
  return table(jm, name, jm->j->structs[r->id], &all);
}

static LLVMValueRef info_of(jit_module *jm)
{
  const kir_module *m = jm->m;
  row info;
  row_begin(&info, jm->j, ABI_amlrt_pattern_info);
  set_text(&info, "name", m->name);
  set_text(&info, "id", m->id);
  set_text(&info, "version", m->version);
  set_text(&info, "status", m->status);
  set_role_infos(jm, &info);
  set_stage_infos(jm, &info);
  set_constraint_infos(jm, &info);
  set_title(jm, &info);
  set_feature_infos(jm, &info);
  set_params(jm, &info);
  set_int(&info, "within", m->within);
  set_closed_start(jm, &info);
  return one(jm, "info", &info);
}

// ---- amlrt_program, amlrt_detector_export -------------------------------------------------------------

LLVMValueRef jit_tables(jit_module *jm)
{
  row program;
  row_begin(&program, jm->j, ABI_amlrt_program);
  set(&program, "info", info_of(jm));
  for (int record = 0; record < KREC_N; record++)
    if (tables[record].id != ABI_N) set_records(jm, &program, (kir_record_id)record);
  set_pairs(jm, &program);
  set_start_order(jm, &program);
  set_may_equal(jm, &program);
  set_shown(jm, &program);
  set_fields(jm, &program, KREC_HEAD, jm->m);
  return one(jm, "program", &program);
}

void jit_export(jit_cx *j, const LLVMValueRef *programs)
{
  jit_module none = {.j = j, .m = &(const kir_module){.name = "detector"}};
  values all = {0};
  row export;
  for (uint32_t i = 0; i < j->in->n_modules; i++)
    add(&none, &all, programs[i]);
  row_begin(&export, j, ABI_amlrt_detector_export);
  set_int(&export, "abi_version", AMLRT_ABI_VERSION);
  set_text(&export, "pattern_hash", j->in->hash);
  set_text(&export, "compiler", j->in->compiler);
  set_list(&export, "programs", "n_programs", table(&none, "programs", j->ptr, &all), all.n);
  LLVMValueRef get =
      LLVMAddFunction(j->m, "amlrt_detector_get", LLVMFunctionType(j->ptr, NULL, 0, false));
  LLVMPositionBuilderAtEnd(j->b, LLVMAppendBasicBlockInContext(j->lc, get, "entry"));
  LLVMBuildRet(j->b, one(&none, "export", &export));
}
