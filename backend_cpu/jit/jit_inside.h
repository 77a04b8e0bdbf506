// Between the files of this folder: one compilation on its way through LLVM.
#ifndef AML_BACKEND_CPU_JIT_INSIDE_H
#define AML_BACKEND_CPU_JIT_INSIDE_H

#include "backend_cpu/jit/jit.h"
#include "ir/base/map.h"
#include "ir/kir_fields.h"

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>

// ---- layouts and calls: jit_abi.c, from the tables of the runtime -------------------------------------

typedef enum {
#define ABI_STRUCT(name) ABI_##name,
#define ABI_MEMBER(name, member, kind, type)
#define ABI_ARRAY(name, member, kind, type, n)
#define ABI_END(name)
#include "amlrt/amlrt_abi.def"
  ABI_N,
  ABI__ = ABI_N // the type of what is no struct
} abi_id;

typedef enum { // of a member
  ABI_KIND_BOOL,
  ABI_KIND_U16,
  ABI_KIND_U32,
  ABI_KIND_I64,
  ABI_KIND_U64,
  ABI_KIND_I128,
  ABI_KIND_F64,
  ABI_KIND_PTR,
  ABI_KIND_ENUM,
  ABI_KIND_STRUCT
} abi_kind;

typedef struct abi_member {
  const char *name;
  abi_kind kind;
  abi_id type;   // of STRUCT
  uint32_t n;    // of an array; 1
  size_t offset; // in C
} abi_member;
typedef struct abi_layout {
  const char *name;
  size_t bytes, align; // in C
  const abi_member *members;
  uint32_t n_members;
} abi_layout;
extern const abi_layout abi_layouts[ABI_N];
// Place of a member; a name that is not there is a bug.
uint32_t abi_member_of(abi_id id, const char *name, size_t name_n);

typedef enum { // of an argument or result of a call
  abi_void,
  abi_bool,
  abi_enum,
  abi_u32,
  abi_i64,
  abi_num,
  abi_cond,
  abi_value,
  abi_frac,
  abi_slice,
  abi_worker,
  abi_cworker,
  abi_eval,
  abi_text,
  abi_range,
  abi_nums,
  abi_u32s,
  abi_cols
} abi_type;

typedef enum {
#define ABI_CALL(name, result, memory, arguments) CALL_##name,
#include "amlrt/amlrt_calls.def"
  CALL_N
} call_id;

typedef enum { CALL_ANY, CALL_READS, CALL_ITS_OWN } call_memory;
enum { CALL_MAX_ARGS = 7 };
typedef struct call_info {
  const char *name;
  abi_type result;
  call_memory memory;
  uint32_t n_args;
  abi_type args[CALL_MAX_ARGS];
} call_info;
extern const call_info call_infos[CALL_N];

// ---- one compilation ------------------------------------------------------------------------------------

typedef struct jit_cx {
  const jit_request *in;
  arena *mem;
  cx *c;
  LLVMContextRef lc;
  LLVMModuleRef m;
  LLVMBuilderRef b;
  LLVMTargetMachineRef tm;
  LLVMTargetDataRef data;
  LLVMTypeRef i1, i8, i16, i32, i64, i128, f64, ptr, none;
  LLVMTypeRef structs[ABI_N];
  LLVMTypeRef call_types[CALL_N];
  LLVMValueRef calls[CALL_N];
  unsigned sret, byval, align_attr, zeroext; // kinds of attributes
  map *strings;                              // global by interned text
  LLVMMetadataRef constant;                  // of loads of what never changes: an empty node
  unsigned invariant;                        // kind of that metadata
  // Debug information (jit_debug.c).
  LLVMDIBuilderRef di;
  LLVMMetadataRef unit, *files; // by source
  LLVMMetadataRef fn_type;
} jit_cx;

#define JIT_OF_FUNCTION ((LLVMAttributeIndex)LLVMAttributeFunctionIndex) // of attributes

void jit_types(jit_cx *j);
// NULL: LLVM lays the structs out as C does; else what differs.
const char *jit_layouts_differ(const jit_cx *j);
LLVMValueRef jit_callee(jit_cx *j, call_id id);          // declared when it is first asked for
LLVMTypeRef jit_type_of(const jit_cx *j, abi_type type); // what holds a value: aggregates by ptr
abi_id jit_struct_of(abi_type type);                     // of an aggregate; ABI_N: it is none
void jit_add_type_attr(const jit_cx *j, LLVMValueRef fn, unsigned index, unsigned kind,
                       abi_id type);
void jit_add_attr(const jit_cx *j, LLVMValueRef fn, unsigned index, const char *name,
                  uint64_t value);
// The same on a call; `kind` as in jit_cx.
void jit_add_call_attr(const jit_cx *j, LLVMValueRef call, unsigned index, unsigned kind,
                       uint64_t value);
void jit_add_call_type_attr(const jit_cx *j, LLVMValueRef call, unsigned index, unsigned kind,
                            abi_id type);

// ---- constants: jit_const.c -----------------------------------------------------------------------------

LLVMValueRef jit_int(const jit_cx *j, LLVMTypeRef type, int64_t v);
LLVMValueRef jit_string(jit_cx *j, const char *text); // address of its bytes, NUL behind them
LLVMValueRef jit_rational(jit_cx *j, rational v);     // an amlrt_frac
LLVMValueRef jit_range(jit_cx *j, const gir_range *r);
// A private constant; its address.
LLVMValueRef jit_global(jit_cx *j, const char *name, LLVMTypeRef type, LLVMValueRef value);

// ---- the parts of a module ------------------------------------------------------------------------------

typedef struct jit_module { // one pattern on its way
  jit_cx *j;
  const kir_module *m;
  LLVMValueRef *fns; // by function; NULL: no table names it
} jit_module;

void jit_functions(jit_module *jm);      // jit_fn.c
LLVMValueRef jit_tables(jit_module *jm); // jit_tables.c: address of its amlrt_program
void jit_export(jit_cx *j, const LLVMValueRef *programs); // amlrt_detector_get

void jit_debug_begin(jit_cx *j); // jit_debug.c
void jit_debug_fn(jit_cx *j, const kir_module *m, const kir_fn *f, LLVMValueRef fn);
void jit_debug_at(jit_cx *j, LLVMValueRef fn, span where);
void jit_debug_end(jit_cx *j);

// jit_target.c
jit_status jit_target_open(jit_cx *j, const char **why);
jit_status jit_optimise(jit_cx *j, const char **why);
jit_status jit_emit(jit_cx *j, jit_result *out);
// jit_link.c
jit_status jit_link(jit_linked **out, const void **get, const jit_result *object,
                    const jit_symbol *symbols, uint32_t n_symbols, arena *mem, const char **why);
void jit_release(jit_linked *l);

#endif
