#include "ir/kir_table.h"
#include "ir/op_row.h"

#include <string.h>

const char *const kir_type_names[KTY_N] = {
    [KTY_VOID] = "void",   [KTY_BOOL] = "bool",   [KTY_U32] = "u32",
    [KTY_I64] = "i64",     [KTY_NUM] = "num",     [KTY_COND] = "cond",
    [KTY_SLICE] = "slice", [KTY_VALUE] = "value", [KTY_ANY] = "any",
};

const kir_op_info kir_ops[KIR_N_OPS] = {
#define KIR_OP(id, name, takes, attrs, gives, words) {#name, takes, attrs, words, KTY_##gives},
#include "ir/kir_ops.def"
};

const char *const kir_fn_names[KIR_N_FN] = {
    [KIR_FN_ROW] = "row",   [KIR_FN_PAIR] = "pair",         [KIR_FN_AGG] = "agg",
    [KIR_FN_SHOW] = "show", [KIR_FN_GENERATE] = "generate",
};

const kir_fn_param kir_fn_params[KIR_N_FN][KIR_MAX_PARAMS + 1] = {
    [KIR_FN_ROW] = {{"row", KTY_U32}},
    [KIR_FN_PAIR] = {{"a", KTY_U32}, {"b", KTY_U32}},
    [KIR_FN_AGG] = {{"role", KTY_U32}, {"account", KTY_U32}},
};

const kir_type kir_fn_gives[KIR_N_FN] = {
    [KIR_FN_ROW] = KTY_COND,   [KIR_FN_PAIR] = KTY_COND,     [KIR_FN_AGG] = KTY_COND,
    [KIR_FN_SHOW] = KTY_VALUE, [KIR_FN_GENERATE] = KTY_VOID,
};

// ---- rows of kir_ops.def --------------------------------------------------------------------------

uint32_t kir_min_args(kir_op op)
{
  return op_min_args(kir_ops[op].takes);
}

uint32_t kir_n_args(kir_op op)
{
  return op_n_args(kir_ops[op].takes);
}

bool kir_takes_more(kir_op op)
{
  return op_takes_more(kir_ops[op].takes);
}

bool kir_has_attr(kir_op op, char attr)
{
  return op_has_attr(kir_ops[op].attrs, attr);
}

kir_type kir_arg_type(kir_op op, uint32_t k)
{
  if (op == KIR_LET) return KTY_ANY;
  switch (op_arg_letter(kir_ops[op].takes, k)) {
  case 's':
    return KTY_VOID;
  case 'b':
    return KTY_BOOL;
  case 'u':
    return KTY_U32;
  case 'i':
    return KTY_I64;
  case 'n':
    return KTY_NUM;
  case 'c':
    return KTY_COND;
  case 'l':
    return KTY_SLICE;
  }
  AML_BUG("kir_ops.def: %s takes something unknown", kir_ops[op].name);
}

bool kir_type_is_value(kir_type type)
{
  return type == KTY_BOOL || type == KTY_U32 || type == KTY_I64 || type == KTY_NUM ||
         type == KTY_COND || type == KTY_SLICE;
}

// ---- words ----------------------------------------------------------------------------------------

const char *const kir_word_kind_names[KW_N] = {
#define KIR_WORDS(kind) #kind,
#include "ir/kir_words.def"
};

static const kir_word words[] = {
#define KIR_WORD(kind, text, c_name) {KW_##kind, text, c_name},
#include "ir/kir_words.def"
};
enum { N_WORDS = sizeof words / sizeof *words };

const kir_word *kir_word_of(kir_word_kind kind, int64_t value)
{
  for (size_t i = 0; i < N_WORDS && value >= 0; i++)
    if (words[i].kind == kind && value-- == 0) return &words[i];
  return NULL;
}

int64_t kir_word_value(kir_word_kind kind, const char *text)
{
  int64_t value = 0;
  for (size_t i = 0; i < N_WORDS; i++) {
    if (words[i].kind != kind) continue;
    if (strcmp(words[i].text, text) == 0) return value;
    value++;
  }
  return -1;
}

bool kir_has_words(kir_word_kind kind)
{
  return kir_word_of(kind, 0) != NULL;
}

kir_word_kind kir_imm_kind(kir_op op, int which)
{
  size_t n;
  const char *name = op_word(kir_ops[op].attrs, kir_ops[op].words, which, &n);
  if (!name) return KW_N;
  for (int k = 0; k < KW_N; k++)
    if (strlen(kir_word_kind_names[k]) == n && memcmp(kir_word_kind_names[k], name, n) == 0)
      return (kir_word_kind)k;
  AML_BUG("kir_ops.def: %s has a number that kir_words.def does not know", kir_ops[op].name);
}

// ---- names ----------------------------------------------------------------------------------------

bool kir_is_identifier(const char *text)
{
  for (const char *t = text; *t; t++) {
    bool letter = (*t >= 'a' && *t <= 'z') || (*t >= 'A' && *t <= 'Z') || *t == '_';
    if (!letter && !(t > text && *t >= '0' && *t <= '9')) return false;
  }
  return *text != '\0';
}
