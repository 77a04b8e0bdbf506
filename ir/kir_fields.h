// The tables of a module as records of fields (kir_fields.def): for printer, reader, verifier, emitter.
#ifndef AML_IR_KIR_FIELDS_H
#define AML_IR_KIR_FIELDS_H

#include "ir/kir_table.h"

typedef enum {
#define KIR_RECORD(id, list, type, word) KREC_##id,
#include "ir/kir_fields.def"
  KREC_N,
  KREC_PLACE,  // of a field: a place in no record of the module
  KREC_DEPENDS // of a field: another field tells
} kir_record_id;

typedef enum {
  KF_NAME,
  KF_TEXT,
  KF_BOOL,
  KF_INT,
  KF_U32,
  KF_U64,
  KF_RATIONAL,
  KF_RANGE,
  KF_ENUM,
  KF_ENUM64,
  KF_REF,
  KF_OPT,
  KF_ANY,
  KF_FN,
  KF_OPT_FN
} kir_field_kind;

typedef struct kir_one { // an item of a list of plain indexes
  uint32_t a;
} kir_one;

typedef struct kir_field {
  kir_record_id record;
  const char *word;
  kir_field_kind kind;
  int of; // kir_record_id, kir_word_kind or kir_fn_kind, by the kind of field
  size_t offset;
  const char *c_member;
} kir_field;
extern const kir_field kir_fields[];
extern const uint32_t kir_n_fields;
// The fields of a record stand together.
const kir_field *kir_record_fields(kir_record_id record, uint32_t *n);
extern const char *const kir_record_words[KREC_N];

// The items of a record: of COND those of pair `of`, else `of` is not looked at. HEAD: the module.
uint32_t kir_n_items(const kir_module *m, kir_record_id record, uint32_t of);
void *kir_item(const kir_module *m, kir_record_id record, uint32_t of, uint32_t i);
// A new item at the end, its indexes none; NULL where there is no memory.
void *kir_add_item(kir_module *m, kir_record_id record, uint32_t of);

// Fields of an item by their kinds. `at` is the item.
uint32_t kir_get_u32(const kir_field *f, const void *at);
int64_t kir_get_int(const kir_field *f, const void *at); // INT ENUM ENUM64
uint64_t kir_get_u64(const kir_field *f, const void *at);
bool kir_get_bool(const kir_field *f, const void *at);
const char *kir_get_text(const kir_field *f, const void *at); // "" where NULL
const rational *kir_get_rational(const kir_field *f, const void *at);
const gir_range *kir_get_range(const kir_field *f, const void *at);
void *kir_field_at(const kir_field *f, void *at);
void kir_set_enum(const kir_field *f, void *at, int64_t value); // ENUM ENUM64

bool kir_is_index(kir_field_kind kind); // REF OPT ANY FN OPT_FN
bool kir_is_fn(kir_field_kind kind);
bool kir_may_be_none(kir_field_kind kind);
// Which record an index of the item points into; KREC_N: it is to be none.
kir_record_id kir_target(const kir_field *f, const void *at);
// The name of item i of a record that has names, if a label can be made of it; NULL.
const char *kir_label_of(const kir_module *m, kir_record_id record, uint32_t i);

#endif
