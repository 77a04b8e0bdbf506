// Constants: numbers, texts, fractions, ranges, and tables of them.
#include "backend_cpu/jit/jit_inside.h"

#include <string.h>

LLVMValueRef jit_int(const jit_cx *j, LLVMTypeRef type, int64_t v)
{
  (void)j;
  return LLVMConstInt(type, (unsigned long long)v, true);
}

static LLVMValueRef int128(const jit_cx *j, aml_i128 v)
{
  __extension__ typedef unsigned __int128 u128;
  const uint64_t words[2] = {(uint64_t)(u128)v, (uint64_t)((u128)v >> 64)};
  return LLVMConstIntOfArbitraryPrecision(j->i128, 2, words);
}

LLVMValueRef jit_global(jit_cx *j, const char *name, LLVMTypeRef type, LLVMValueRef value)
{
  LLVMValueRef g = LLVMAddGlobal(j->m, type, name);
  LLVMSetInitializer(g, value);
  LLVMSetGlobalConstant(g, true);
  LLVMSetLinkage(g, LLVMPrivateLinkage);
  return g;
}

LLVMValueRef jit_string(jit_cx *j, const char *text)
{
  const char *key = cx_intern_z(j->c, text ? text : "");
  LLVMValueRef g = map_get(j->strings, key);
  if (g) return g;
  LLVMValueRef bytes = LLVMConstStringInContext2(j->lc, key, strlen(key), false);
  g = jit_global(j, "text", LLVMTypeOf(bytes), bytes);
  LLVMSetUnnamedAddress(g, LLVMGlobalUnnamedAddr);
  map_put(j->strings, key, g);
  return g;
}

LLVMValueRef jit_rational(jit_cx *j, rational v)
{
  LLVMValueRef parts[] = {int128(j, v.num), int128(j, v.den)};
  return LLVMConstNamedStruct(j->structs[ABI_amlrt_frac], parts, 2);
}

LLVMValueRef jit_range(jit_cx *j, const gir_range *r)
{
  const rational *end[] = {&r->a, &r->b, &r->c, &r->d};
  LLVMValueRef parts[5] = {jit_int(j, j->i32, r->has)};
  for (unsigned i = 0; i < 4; i++)
    parts[i + 1] =
        r->has & (1u << i) ? jit_rational(j, *end[i]) : LLVMConstNull(j->structs[ABI_amlrt_frac]);
  return LLVMConstNamedStruct(j->structs[ABI_amlrt_range], parts, 5);
}
