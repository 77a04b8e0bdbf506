// An object file in memory made ready to run by LLVM's ORC: the way of a detector that was compiled just
// now. One from the cache is linked without LLVM (frontend/driver/jit_load.c).
#include "backend_cpu/jit/jit_inside.h"

#include <llvm-c/Error.h>
#include <llvm-c/ExecutionEngine.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>
#include <llvm-c/OrcEE.h>

#include <string.h>

struct jit_linked {
  LLVMOrcLLJITRef jit;
};

static const char *keep_error(arena *mem, LLVMErrorRef error)
{
  char *message = LLVMGetErrorMessage(error);
  const char *kept = arena_text(mem, message, strlen(message));
  LLVMDisposeErrorMessage(message);
  return kept;
}

// A library of its own that sees nothing of the process: what is not in the list does not resolve.
static LLVMErrorRef define_symbols(LLVMOrcLLJITRef jit, LLVMOrcJITDylibRef lib,
                                   const jit_symbol *symbols, uint32_t n, arena *mem)
{
  LLVMOrcExecutionSessionRef es = LLVMOrcLLJITGetExecutionSession(jit);
  LLVMOrcCSymbolMapPair *pairs = arena_try(mem, (n + 1) * sizeof *pairs);
  for (uint32_t i = 0; pairs && i < n; i++) {
    pairs[i].Name = LLVMOrcExecutionSessionIntern(es, symbols[i].name);
    pairs[i].Sym.Address = (LLVMOrcExecutorAddress)(uintptr_t)symbols[i].address;
    pairs[i].Sym.Flags = (LLVMJITSymbolFlags){
        LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable, 0};
  }
  return pairs ? LLVMOrcJITDylibDefine(lib, LLVMOrcAbsoluteSymbols(pairs, n)) : NULL;
}

typedef struct found {
  LLVMErrorRef error;
  LLVMOrcExecutorAddress address;
} found;

static void take_found(LLVMErrorRef error, LLVMOrcCSymbolMapPairs result, size_t n, void *user)
{
  found *f = user;
  f->error = error;
  if (!error && n) f->address = result[0].Sym.Address;
}

// Linking is done here, on this thread: the call is back when the callback was called.
static LLVMErrorRef look_up(LLVMOrcLLJITRef jit, LLVMOrcJITDylibRef lib, const void **get)
{
  LLVMOrcExecutionSessionRef es = LLVMOrcLLJITGetExecutionSession(jit);
  LLVMOrcCJITDylibSearchOrderElement where = {lib, LLVMOrcJITDylibLookupFlagsMatchAllSymbols};
  LLVMOrcCLookupSetElement what = {LLVMOrcExecutionSessionIntern(es, "amlrt_detector_get"),
                                   LLVMOrcSymbolLookupFlagsRequiredSymbol};
  found f = {0};
  LLVMOrcExecutionSessionLookup(es, LLVMOrcLookupKindStatic, &where, 1, &what, 1, take_found, &f);
  *get = (const void *)(uintptr_t)f.address;
  return f.error;
}

// What goes wrong comes back from the look-up; it is not to be printed besides.
static void say_nothing(void *user, LLVMErrorRef error)
{
  (void)user;
  LLVMConsumeError(error);
}

static LLVMErrorRef load(LLVMOrcLLJITRef jit, const void **get, const jit_result *object,
                         const jit_symbol *symbols, uint32_t n_symbols, arena *mem)
{
  LLVMOrcExecutionSessionRef es = LLVMOrcLLJITGetExecutionSession(jit);
  LLVMOrcJITDylibRef lib = LLVMOrcExecutionSessionCreateBareJITDylib(es, "detector");
  LLVMOrcExecutionSessionSetErrorReporter(es, say_nothing, NULL);
  LLVMErrorRef error = define_symbols(jit, lib, symbols, n_symbols, mem);
  if (error) return error;
  LLVMMemoryBufferRef bytes =
      LLVMCreateMemoryBufferWithMemoryRangeCopy(object->object, object->object_bytes, "detector.o");
  if ((error = LLVMOrcLLJITAddObjectFile(jit, lib, bytes))) return error;
  return look_up(jit, lib, get);
}

// Tells gdb of the code: names, and lines of the pattern.
static LLVMOrcObjectLayerRef make_layer(void *user, LLVMOrcExecutionSessionRef es,
                                        const char *triple)
{
  LLVMOrcObjectLayerRef layer = LLVMOrcCreateRTDyldObjectLinkingLayerWithSectionMemoryManager(es);
  (void)user;
  (void)triple;
  LLVMOrcRTDyldObjectLinkingLayerRegisterJITEventListener(layer,
                                                          LLVMCreateGDBRegistrationListener());
  return layer;
}

static LLVMErrorRef make_jit(LLVMOrcLLJITRef *jit)
{
  LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
  LLVMOrcLLJITBuilderSetObjectLinkingLayerCreator(builder, make_layer, NULL);
  return LLVMOrcCreateLLJIT(jit, builder); // takes the builder
}

jit_status jit_link(jit_linked **out, const void **get, const jit_result *object,
                    const jit_symbol *symbols, uint32_t n_symbols, arena *mem, const char **why)
{
  LLVMOrcLLJITRef jit = NULL;
  *out = NULL;
  *get = NULL;
  LLVMErrorRef error = make_jit(&jit);
  if (!error) error = load(jit, get, object, symbols, n_symbols, mem);
  if (!error) {
    *out = arena_make(mem, jit_linked);
    (*out)->jit = jit;
    return JIT_DONE;
  }
  *why = keep_error(mem, error);
  jit_linked failed = {jit};
  jit_release(&failed);
  return JIT_BUG;
}

void jit_release(jit_linked *l)
{
  if (!l || !l->jit) return;
  LLVMErrorRef error = LLVMOrcDisposeLLJIT(l->jit);
  if (error) LLVMConsumeError(error);
  l->jit = NULL;
}
