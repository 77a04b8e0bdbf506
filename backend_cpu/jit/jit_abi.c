// Layouts and calls as the runtime's tables say them, as LLVM types and declarations.
#include "backend_cpu/jit/jit_inside.h"
#include "amlrt/amlrt_gen.h"

#include <string.h>

// ---- the tables ---------------------------------------------------------------------------------------

#define ABI_STRUCT(name) static const abi_member members_##name[] = {
#define ABI_MEMBER(name, member, kind, type)                                                       \
  {#member, ABI_KIND_##kind, ABI_##type, 1, offsetof(name, member)},
#define ABI_ARRAY(name, member, kind, type, n)                                                     \
  {#member, ABI_KIND_##kind, ABI_##type, n, offsetof(name, member)},
#define ABI_END(name)                                                                              \
  }                                                                                                \
  ;
#include "amlrt/amlrt_abi.def"

const abi_layout abi_layouts[ABI_N] = {
#define ABI_STRUCT(name)
#define ABI_MEMBER(name, member, kind, type)
#define ABI_ARRAY(name, member, kind, type, n)
#define ABI_END(name)                                                                              \
  [ABI_##name] = {#name, sizeof(name), _Alignof(name), members_##name,                             \
                  sizeof members_##name / sizeof *members_##name},
#include "amlrt/amlrt_abi.def"
};

#define UNPACK(...) __VA_ARGS__
#define COUNT(...) (sizeof((const abi_type[]){__VA_ARGS__}) / sizeof(abi_type))
const call_info call_infos[CALL_N] = {
#define ABI_CALL(name, result, memory, arguments)                                                  \
  {#name, result, CALL_##memory, COUNT arguments, {UNPACK arguments}},
#include "amlrt/amlrt_calls.def"
};

uint32_t abi_member_of(abi_id id, const char *name, size_t name_n)
{
  const abi_layout *l = &abi_layouts[id];
  for (uint32_t i = 0; i < l->n_members; i++)
    if (!strncmp(l->members[i].name, name, name_n) && !l->members[i].name[name_n]) return i;
  AML_BUG("amlrt_abi.def: %s has no %.*s", l->name, (int)name_n, name);
}

// ---- types --------------------------------------------------------------------------------------------

static LLVMTypeRef member_type(const jit_cx *j, const abi_member *m)
{
  LLVMTypeRef one = NULL;
  switch (m->kind) {
  case ABI_KIND_BOOL:
    one = j->i8;
    break;
  case ABI_KIND_U16:
    one = j->i16;
    break;
  case ABI_KIND_U32:
  case ABI_KIND_ENUM:
    one = j->i32;
    break;
  case ABI_KIND_I64:
  case ABI_KIND_U64:
    one = j->i64;
    break;
  case ABI_KIND_I128:
    one = j->i128;
    break;
  case ABI_KIND_F64:
    one = j->f64;
    break;
  case ABI_KIND_PTR:
    one = j->ptr;
    break;
  case ABI_KIND_STRUCT:
    one = j->structs[m->type];
    break;
  }
  return m->n == 1 ? one : LLVMArrayType2(one, m->n);
}

static void make_struct(jit_cx *j, abi_id id)
{
  enum { MOST = 48 };
  const abi_layout *l = &abi_layouts[id];
  LLVMTypeRef types[MOST];
  AML_BUG_UNLESS(l->n_members <= MOST);
  for (uint32_t i = 0; i < l->n_members; i++)
    types[i] = member_type(j, &l->members[i]);
  j->structs[id] = LLVMStructCreateNamed(j->lc, l->name);
  LLVMStructSetBody(j->structs[id], types, l->n_members, false);
}

static unsigned attr_kind(const char *name)
{
  return LLVMGetEnumAttributeKindForName(name, strlen(name));
}

void jit_types(jit_cx *j)
{
  j->i1 = LLVMInt1TypeInContext(j->lc);
  j->i8 = LLVMInt8TypeInContext(j->lc);
  j->i16 = LLVMInt16TypeInContext(j->lc);
  j->i32 = LLVMInt32TypeInContext(j->lc);
  j->i64 = LLVMInt64TypeInContext(j->lc);
  j->i128 = LLVMInt128TypeInContext(j->lc);
  j->f64 = LLVMDoubleTypeInContext(j->lc);
  j->ptr = LLVMPointerTypeInContext(j->lc, 0);
  j->none = LLVMVoidTypeInContext(j->lc);
  for (int id = 0; id < ABI_N; id++)
    make_struct(j, (abi_id)id);
  j->sret = attr_kind("sret");
  j->byval = attr_kind("byval");
  j->align_attr = attr_kind("align");
  j->zeroext = attr_kind("zeroext");
  j->invariant = LLVMGetMDKindIDInContext(j->lc, "invariant.load", strlen("invariant.load"));
  j->constant = LLVMMDNodeInContext2(j->lc, NULL, 0);
}

const char *jit_layouts_differ(const jit_cx *j)
{
  for (int id = 0; id < ABI_N; id++) {
    const abi_layout *l = &abi_layouts[id];
    if (LLVMABISizeOfType(j->data, j->structs[id]) != l->bytes ||
        LLVMABIAlignmentOfType(j->data, j->structs[id]) != l->align)
      return l->name;
    for (uint32_t i = 0; i < l->n_members; i++)
      if (LLVMOffsetOfElement(j->data, j->structs[id], i) != l->members[i].offset)
        return arena_printf(j->mem, "%s.%s", l->name, l->members[i].name);
  }
  return NULL;
}

// ---- calls --------------------------------------------------------------------------------------------
// System V, x86-64: structs of more than 16 bytes go through memory, as argument (byval: a copy on the
// stack) and as result (sret: the caller's place, its address first). All of ours are larger.

abi_id jit_struct_of(abi_type type)
{
  switch (type) {
  case abi_num:
    return ABI_amlrt_num;
  case abi_cond:
    return ABI_amlrt_cond;
  case abi_value:
    return ABI_amlrt_value;
  case abi_frac:
    return ABI_amlrt_frac;
  case abi_slice:
    return ABI_amlrt_slice;
  case abi_void:
  case abi_bool:
  case abi_enum:
  case abi_u32:
  case abi_i64:
  case abi_worker:
  case abi_cworker:
  case abi_eval:
  case abi_text:
  case abi_range:
  case abi_nums:
  case abi_u32s:
  case abi_cols:
    break;
  }
  return ABI_N;
}

LLVMTypeRef jit_type_of(const jit_cx *j, abi_type type)
{
  switch (type) {
  case abi_void:
    return j->none;
  case abi_bool:
    return j->i1;
  case abi_enum:
  case abi_u32:
    return j->i32;
  case abi_i64:
    return j->i64;
  case abi_num:
  case abi_cond:
  case abi_value:
  case abi_frac:
  case abi_slice:
  case abi_worker:
  case abi_cworker:
  case abi_eval:
  case abi_text:
  case abi_range:
  case abi_nums:
  case abi_u32s:
  case abi_cols:
    break;
  }
  return j->ptr;
}

void jit_add_attr(const jit_cx *j, LLVMValueRef fn, unsigned index, const char *name,
                  uint64_t value)
{
  LLVMAddAttributeAtIndex(fn, index, LLVMCreateEnumAttribute(j->lc, attr_kind(name), value));
}

void jit_add_type_attr(const jit_cx *j, LLVMValueRef fn, unsigned index, unsigned kind, abi_id type)
{
  LLVMAddAttributeAtIndex(fn, index, LLVMCreateTypeAttribute(j->lc, kind, j->structs[type]));
  LLVMAddAttributeAtIndex(fn, index,
                          LLVMCreateEnumAttribute(j->lc, j->align_attr, abi_layouts[type].align));
}

void jit_add_call_attr(const jit_cx *j, LLVMValueRef call, unsigned index, unsigned kind,
                       uint64_t value)
{
  LLVMAddCallSiteAttribute(call, index, LLVMCreateEnumAttribute(j->lc, kind, value));
}

void jit_add_call_type_attr(const jit_cx *j, LLVMValueRef call, unsigned index, unsigned kind,
                            abi_id type)
{
  LLVMAddCallSiteAttribute(call, index, LLVMCreateTypeAttribute(j->lc, kind, j->structs[type]));
  jit_add_call_attr(j, call, index, j->align_attr, abi_layouts[type].align);
}

// Bits of the attribute `memory`: two for each place (arguments, inaccessible, other): 1 reads, 2 writes.
static uint64_t memory_bits(call_memory memory)
{
  return memory == CALL_READS ? 1u | 1u << 2 | 1u << 4 : 3u;
}

static void declare(jit_cx *j, call_id id)
{
  const call_info *info = &call_infos[id];
  LLVMTypeRef types[CALL_MAX_ARGS + 1];
  unsigned n = 0, hidden = jit_struct_of(info->result) != ABI_N;
  if (hidden) types[n++] = j->ptr;
  for (uint32_t k = 0; k < info->n_args && info->args[k] != abi_void; k++)
    types[n++] = jit_type_of(j, info->args[k]);
  j->call_types[id] =
      LLVMFunctionType(hidden ? j->none : jit_type_of(j, info->result), types, n, false);
  LLVMValueRef fn = LLVMAddFunction(j->m, info->name, j->call_types[id]);
  AML_BUG_UNLESS(!strcmp(LLVMGetValueName(fn), info->name));
  j->calls[id] = fn;
  jit_add_attr(j, fn, JIT_OF_FUNCTION, "nounwind", 0);
  if (info->memory != CALL_ANY)
    jit_add_attr(j, fn, JIT_OF_FUNCTION, "memory", memory_bits(info->memory));
  if (hidden) jit_add_type_attr(j, fn, 1, j->sret, jit_struct_of(info->result));
  if (info->result == abi_bool) jit_add_attr(j, fn, LLVMAttributeReturnIndex, "zeroext", 0);
  for (unsigned k = 0; k < n - hidden; k++) {
    abi_id type = jit_struct_of(info->args[k]);
    if (type != ABI_N) jit_add_type_attr(j, fn, k + hidden + 1, j->byval, type);
    if (info->args[k] == abi_bool) jit_add_attr(j, fn, k + hidden + 1, "zeroext", 0);
  }
}

LLVMValueRef jit_callee(jit_cx *j, call_id id)
{
  if (!j->calls[id]) declare(j, id);
  return j->calls[id];
}
