#include "ir/kir_fields.h"
#include "ir/gir_table.h"

#include <string.h>

const kir_field kir_fields[] = {
#define KIR_FIELD(record, type, member, word, kind, of, c_member)                                  \
  {KREC_##record, word, KF_##kind, (int)(of), offsetof(type, member), c_member},
#include "ir/kir_fields.def"
};
const uint32_t kir_n_fields = sizeof kir_fields / sizeof *kir_fields;

const char *const kir_record_words[KREC_N] = {
#define KIR_RECORD(id, list, type, word) word,
#include "ir/kir_fields.def"
};

static const struct {
  size_t list, bytes;
} places[KREC_N] = {
#define KIR_RECORD(id, list, type, word) {offsetof(kir_module, list), sizeof(type)},
#include "ir/kir_fields.def"
};

const kir_field *kir_record_fields(kir_record_id record, uint32_t *n)
{
  uint32_t first = 0;
  while (kir_fields[first].record != record)
    first++;
  *n = 0;
  while (first + *n < kir_n_fields && kir_fields[first + *n].record == record)
    ++*n;
  return &kir_fields[first];
}

// ---- items ----------------------------------------------------------------------------------------

typedef VEC(char) any_list; // as every VEC lies in memory

static any_list get_list(const kir_module *m, kir_record_id record, uint32_t of)
{
  any_list list;
  const char *at = (const char *)m + places[record].list;
  if (record == KREC_COND) at = (const char *)&m->pairs.at[of].conds;
  memcpy(&list, at, sizeof list);
  return list;
}

uint32_t kir_n_items(const kir_module *m, kir_record_id record, uint32_t of)
{
  if (record == KREC_HEAD) return 1;
  if (record == KREC_COND && of >= m->pairs.n) return 0;
  return get_list(m, record, of).n;
}

void *kir_item(const kir_module *m, kir_record_id record, uint32_t of, uint32_t i)
{
  AML_BUG_UNLESS(record != KREC_HEAD && i < kir_n_items(m, record, of));
  return get_list(m, record, of).at + i * places[record].bytes;
}

static void clear_item(kir_record_id record, void *at)
{
  uint32_t n;
  const kir_field *f = kir_record_fields(record, &n);
  memset(at, 0, places[record].bytes);
  for (uint32_t k = 0; k < n; k++) {
    if (kir_is_index(f[k].kind)) *(uint32_t *)kir_field_at(&f[k], at) = KIR_NONE;
    if (f[k].kind == KF_RATIONAL) *(rational *)kir_field_at(&f[k], at) = rational_int(0);
    if (f[k].kind == KF_NAME || f[k].kind == KF_TEXT) *(const char **)kir_field_at(&f[k], at) = "";
  }
}

void *kir_add_item(kir_module *m, kir_record_id record, uint32_t of)
{
  any_list list = get_list(m, record, of);
  void *items = list.at;
  char *home = (char *)m + places[record].list;
  if (record == KREC_COND) home = (char *)&m->pairs.at[of].conds;
  if (list.n >= list.cap && !vec__grow(m->mem, &items, list.n, &list.cap, places[record].bytes))
    return NULL;
  list.at = items;
  void *at = list.at + list.n++ * places[record].bytes;
  clear_item(record, at);
  memcpy(home, &list, sizeof list);
  return at;
}

// ---- fields ---------------------------------------------------------------------------------------

void *kir_field_at(const kir_field *f, void *at)
{
  return (char *)at + f->offset;
}

static const void *look(const kir_field *f, const void *at)
{
  return (const char *)at + f->offset;
}

uint32_t kir_get_u32(const kir_field *f, const void *at)
{
  return *(const uint32_t *)look(f, at);
}

int64_t kir_get_int(const kir_field *f, const void *at)
{
  unsigned small;
  if (f->kind != KF_ENUM) return *(const int64_t *)look(f, at);
  memcpy(&small, look(f, at), sizeof small);
  return small;
}

void kir_set_enum(const kir_field *f, void *at, int64_t value)
{
  unsigned small = (unsigned)value;
  if (f->kind == KF_ENUM)
    memcpy(kir_field_at(f, at), &small, sizeof small);
  else
    *(int64_t *)kir_field_at(f, at) = value;
}

uint64_t kir_get_u64(const kir_field *f, const void *at)
{
  return *(const uint64_t *)look(f, at);
}

bool kir_get_bool(const kir_field *f, const void *at)
{
  return *(const bool *)look(f, at);
}

const char *kir_get_text(const kir_field *f, const void *at)
{
  const char *text = *(const char *const *)look(f, at);
  return text ? text : "";
}

const rational *kir_get_rational(const kir_field *f, const void *at)
{
  return look(f, at);
}

const gir_range *kir_get_range(const kir_field *f, const void *at)
{
  return look(f, at);
}

bool kir_is_fn(kir_field_kind kind)
{
  return kind == KF_FN || kind == KF_OPT_FN;
}

bool kir_may_be_none(kir_field_kind kind)
{
  return kind == KF_OPT || kind == KF_ANY || kind == KF_OPT_FN;
}

bool kir_is_index(kir_field_kind kind)
{
  return kind == KF_REF || kir_is_fn(kind) || kir_may_be_none(kind);
}

static kir_record_id target_of_set(const kir_set *s)
{
  switch (s->op) {
  case KIR_SET_HAS:
  case KIR_SET_SHARE:
    return KREC_STAGE;
  case KIR_SET_ROLE:
    return KREC_ROLE;
  case KIR_SET_AND:
  case KIR_SET_OR:
  case KIR_SET_MINUS:
    break;
  }
  return KREC_SET;
}

kir_record_id kir_target(const kir_field *f, const void *at)
{
  if (f->of != KREC_DEPENDS) return (kir_record_id)f->of;
  if (f->record == KREC_SET) return target_of_set(at);
  const kir_title *t = at;
  return t->kind == KIR_TITLE_ROLE    ? KREC_ROLE
         : t->kind == KIR_TITLE_VALUE ? KREC_TITLE_VALUE
                                      : KREC_N;
}

const char *kir_label_of(const kir_module *m, kir_record_id record, uint32_t i)
{
  const char *name = NULL;
  if (record == KREC_ROLE && i < m->roles.n) name = m->roles.at[i].name;
  if (record == KREC_STAGE && i < m->stages.n) name = m->stages.at[i].name;
  return name && gir_is_word(name) ? name : NULL;
}
