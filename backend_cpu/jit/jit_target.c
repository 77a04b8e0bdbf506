// The machine that code is made for, LLVM's passes, and the object file.
#include "backend_cpu/jit/jit_inside.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/Error.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include <pthread.h>
#include <string.h>

static const char triple[] = "x86_64-unknown-linux-gnu";

static void initialise(void)
{
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
}

// A message of LLVM, kept; it is released.
static const char *keep(arena *mem, char *message)
{
  const char *kept = arena_text(mem, message ? message : "", message ? strlen(message) : 0);
  LLVMDisposeMessage(message);
  return kept;
}

static const char *keep_error(arena *mem, LLVMErrorRef error)
{
  char *message = LLVMGetErrorMessage(error);
  const char *kept = arena_text(mem, message, strlen(message));
  LLVMDisposeErrorMessage(message);
  return kept;
}

// ---- the machine --------------------------------------------------------------------------------------

static LLVMTargetMachineRef make_machine(LLVMTargetRef target, const char *cpu,
                                         const char *features)
{
  LLVMTargetMachineOptionsRef o = LLVMCreateTargetMachineOptions();
  LLVMTargetMachineOptionsSetCPU(o, cpu);
  LLVMTargetMachineOptionsSetFeatures(o, features);
  LLVMTargetMachineOptionsSetCodeGenOptLevel(o, LLVMCodeGenLevelDefault);
  LLVMTargetMachineOptionsSetRelocMode(o, LLVMRelocPIC);
  LLVMTargetMachineOptionsSetCodeModel(o, LLVMCodeModelSmall);
  LLVMTargetMachineRef tm = LLVMCreateTargetMachineWithOptions(target, triple, o);
  LLVMDisposeTargetMachineOptions(o);
  return tm;
}

static bool is_cpu(const char *name)
{
  static const char *const names[] = {
#define CPU(name) name,
#include "backend_cpu/jit/cpus.def"
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(names[i], name)) return true;
  return !strcmp(name, "native");
}

jit_status jit_target_open(jit_cx *j, const char **why)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  const char *cpu = j->in->cpu ? j->in->cpu : "x86-64", *features = "";
  LLVMTargetRef target;
  char *message = NULL;
  if (!is_cpu(cpu)) {
    *why = arena_printf(j->mem,
                        "there is no CPU `%s`; it takes native, x86-64, x86-64-v3, haswell, "
                        "znver4 and the other names of LLVM 19",
                        cpu);
    return JIT_NO_CPU;
  }
  pthread_once(&once, initialise);
  if (LLVMGetTargetFromTriple(triple, &target, &message)) {
    *why = keep(j->mem, message);
    return JIT_NOT_HERE;
  }
  if (!strcmp(cpu, "native")) {
    cpu = keep(j->mem, LLVMGetHostCPUName());
    features = keep(j->mem, LLVMGetHostCPUFeatures());
  }
  j->tm = make_machine(target, cpu, features);
  if (!j->tm) {
    *why = "LLVM cannot make code for this machine";
    return JIT_NOT_HERE;
  }
  j->data = LLVMCreateTargetDataLayout(j->tm);
  LLVMSetTarget(j->m, triple);
  LLVMSetModuleDataLayout(j->m, j->data);
  return JIT_DONE;
}

// ---- passes -------------------------------------------------------------------------------------------

static jit_status verify(jit_cx *j, const char *when, const char **why)
{
  char *message = NULL;
  bool broken = LLVMVerifyModule(j->m, LLVMReturnStatusAction, &message);
  const char *text = keep(j->mem, message);
  if (!broken) return JIT_DONE;
  *why = arena_printf(j->mem, "LLVM refuses its IR %s: %s", when, text);
  return JIT_BUG;
}

// LLVM checks the whole module after each step on each function: with many patterns that is quadratic.
enum { MOST_CHECKED_EACH = 16 };

jit_status jit_optimise(jit_cx *j, const char **why)
{
  if (verify(j, "as amlc wrote it", why) != JIT_DONE) return JIT_BUG;
  LLVMPassBuilderOptionsRef o = LLVMCreatePassBuilderOptions();
  LLVMPassBuilderOptionsSetVerifyEach(o, j->in->verify && j->in->n_modules <= MOST_CHECKED_EACH);
  LLVMErrorRef error = LLVMRunPasses(j->m, "default<O2>", j->tm, o);
  LLVMDisposePassBuilderOptions(o);
  if (error) {
    *why = keep_error(j->mem, error);
    return JIT_BUG;
  }
  return j->in->verify ? verify(j, "after its passes", why) : JIT_DONE;
}

// ---- code ---------------------------------------------------------------------------------------------

static jit_status emit(jit_cx *j, LLVMModuleRef m, LLVMCodeGenFileType kind, const char **at,
                       size_t *bytes, const char **why)
{
  LLVMMemoryBufferRef buffer = NULL;
  char *message = NULL;
  if (LLVMTargetMachineEmitToMemoryBuffer(j->tm, m, kind, &message, &buffer)) {
    *why = keep(j->mem, message);
    return JIT_BUG;
  }
  size_t n = LLVMGetBufferSize(buffer);
  char *copy = arena_try(j->mem, n + 1);
  if (copy) memcpy(copy, LLVMGetBufferStart(buffer), n);
  LLVMDisposeMemoryBuffer(buffer);
  *at = copy;
  *bytes = n;
  return copy ? JIT_DONE : JIT_WORLD;
}

jit_status jit_emit(jit_cx *j, jit_result *out)
{
  jit_status st = JIT_DONE;
  size_t n;
  if (j->in->want & JIT_WANT_ASM) { // making code changes the module
    LLVMModuleRef copy = LLVMCloneModule(j->m);
    st = emit(j, copy, LLVMAssemblyFile, &out->assembly, &n, &out->why);
    LLVMDisposeModule(copy);
  }
  if (st == JIT_DONE && j->in->want & JIT_WANT_OBJECT)
    st = emit(j, j->m, LLVMObjectFile, &out->object, &out->object_bytes, &out->why);
  return st;
}
