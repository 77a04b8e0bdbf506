// The tables that compilers take layouts and calls from (amlrt/amlrt_abi.def, amlrt/amlrt_calls.def) say
// what the headers say: proved here by the compiler, member by member and prototype by prototype.
// Nothing of this file is left in the library.
#include "amlrt/amlrt_gen.h"

#include <stddef.h>

// ---- layouts ----------------------------------------------------------------------------------------
// The structs once more, made of the table.

#define ABI_TYPE_BOOL(type) bool
#define ABI_TYPE_U16(type) uint16_t
#define ABI_TYPE_U32(type) uint32_t
#define ABI_TYPE_I64(type) int64_t
#define ABI_TYPE_U64(type) uint64_t
#define ABI_TYPE_I128(type) amlrt_i128
#define ABI_TYPE_F64(type) double
#define ABI_TYPE_PTR(type) void *
#define ABI_TYPE_ENUM(type) uint32_t
#define ABI_TYPE_STRUCT(type) struct as_##type

#define ABI_STRUCT(name) struct as_##name {
#define ABI_MEMBER(name, member, kind, type) ABI_TYPE_##kind(type) member;
#define ABI_ARRAY(name, member, kind, type, n) ABI_TYPE_##kind(type) member[n];
#define ABI_END(name)                                                                              \
  }                                                                                                \
  ;
#include "amlrt/amlrt_abi.def"

#define ABI_SAME_PLACE(name, member)                                                               \
  _Static_assert(offsetof(struct as_##name, member) == offsetof(name, member) &&                   \
                     sizeof(((struct as_##name *)0)->member) == sizeof(((name *)0)->member),       \
                 "amlrt_abi.def: " #name "." #member);
#define ABI_STRUCT(name)
#define ABI_MEMBER(name, member, kind, type) ABI_SAME_PLACE(name, member)
#define ABI_ARRAY(name, member, kind, type, n) ABI_SAME_PLACE(name, member)
#define ABI_END(name)                                                                              \
  _Static_assert(sizeof(struct as_##name) == sizeof(name) &&                                       \
                     _Alignof(struct as_##name) == _Alignof(name),                                 \
                 "amlrt_abi.def: " #name);
#include "amlrt/amlrt_abi.def"

// A member that a header has and the table has not could hide in the padding: one initialiser a row, and
// the compiler minds one too few (-Wmissing-field-initializers) or too many.
#define ABI_NONE_BOOL 0
#define ABI_NONE_U16 0
#define ABI_NONE_U32 0
#define ABI_NONE_I64 0
#define ABI_NONE_U64 0
#define ABI_NONE_I128 0
#define ABI_NONE_F64 0
#define ABI_NONE_PTR NULL
#define ABI_NONE_ENUM 0
#define ABI_NONE_STRUCT                                                                            \
  {                                                                                                \
    0                                                                                              \
  }

#define ABI_STRUCT(name) static const name all_of_##name __attribute__((unused)) = {
#define ABI_MEMBER(name, member, kind, type) ABI_NONE_##kind,
#define ABI_ARRAY(name, member, kind, type, n) {0},
#define ABI_END(name)                                                                              \
  }                                                                                                \
  ;
#include "amlrt/amlrt_abi.def"

// ---- calls ------------------------------------------------------------------------------------------

typedef void abi_void;
typedef bool abi_bool;
typedef unsigned abi_enum;
typedef uint32_t abi_u32;
typedef int64_t abi_i64;
typedef amlrt_num abi_num;
typedef amlrt_cond abi_cond;
typedef amlrt_value abi_value;
typedef amlrt_frac abi_frac;
typedef amlrt_slice abi_slice;
typedef amlrt_worker *abi_worker;
typedef const amlrt_worker *abi_cworker;
typedef amlrt_eval *abi_eval;
typedef const char *abi_text;
typedef const amlrt_range *abi_range;
typedef const amlrt_num *abi_nums;
typedef const uint32_t *abi_u32s;
typedef const amlrt_cols *abi_cols;

// A prototype that is not that of amlrt_gen.h does not compile.
#define ABI_CALL(name, result, memory, arguments) result name arguments;
#include "amlrt/amlrt_calls.def"
