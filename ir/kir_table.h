// What a row of kir_ops.def says, taken apart: for builder, printer, reader, verifier and emitters only.
#ifndef AML_IR_KIR_TABLE_H
#define AML_IR_KIR_TABLE_H

#include "ir/kir.h"

// `kir N`, the first line of the text form. Goes up when an old text would be read wrongly.
#define KIR_TEXT_VERSION 1

uint32_t kir_min_args(kir_op op);
uint32_t kir_n_args(kir_op op);
bool kir_takes_more(kir_op op);
bool kir_has_attr(kir_op op, char attr);
// The type argument k must be of; KTY_VOID: a statement; KTY_ANY: any type a variable can have.
kir_type kir_arg_type(kir_op op, uint32_t k);
bool kir_type_is_value(kir_type type); // a variable can have it

// The whole numbers of an op stand for something: one row a kind in kir_words.def.
typedef enum {
#define KIR_WORDS(kind) KW_##kind,
#include "ir/kir_words.def"
  KW_N
} kir_word_kind;

typedef struct kir_word {
  kir_word_kind kind;
  const char *text;   // in the text form of kernel IR
  const char *c_name; // in generated C
} kir_word;
extern const char *const kir_word_kind_names[KW_N]; // as `words` of kir_ops.def spells them
// A value's word; NULL: this kind has none for it.
const kir_word *kir_word_of(kir_word_kind kind, int64_t value);
int64_t kir_word_value(kir_word_kind kind, const char *text); // -1: no such word
bool kir_has_words(kir_word_kind kind);                       // its values are words, not numbers

// What imm[which] of an op is; KW_N: the op has it not.
kir_word_kind kir_imm_kind(kir_op op, int which);

// Parameters of a function by its kind, ended by NULL; they are variables of its body.
typedef struct kir_fn_param {
  const char *name;
  kir_type type;
} kir_fn_param;
enum { KIR_MAX_PARAMS = 2 };
extern const kir_fn_param kir_fn_params[KIR_N_FN][KIR_MAX_PARAMS + 1];
extern const kir_type kir_fn_gives[KIR_N_FN]; // COND, VALUE; GENERATE: VOID

bool kir_is_identifier(const char *text); // of C: letters, digits, `_`, not first a digit

#endif
