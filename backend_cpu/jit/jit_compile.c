// One compilation, from kernel IR to an object file; and what libamlc-jit.so exports.
#include "backend_cpu/jit/jit_inside.h"
#include "aml_build_id.h"

#include <string.h>
#include <time.h>

static double clock_s(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const char *text_of(jit_cx *j)
{
  char *text = LLVMPrintModuleToString(j->m);
  size_t n = strlen(text);
  char *kept = arena_try(j->mem, n + 1);
  if (kept) memcpy(kept, text, n + 1);
  LLVMDisposeMessage(text);
  return kept ? kept : "";
}

static void open_cx(jit_cx *j, const jit_request *in)
{
  *j = (jit_cx){.in = in, .mem = in->mem, .c = arena_cx(in->mem)};
  j->lc = LLVMContextCreate();
  j->m = LLVMModuleCreateWithNameInContext("detector", j->lc);
  j->b = LLVMCreateBuilderInContext(j->lc);
  j->strings = map_new(j->mem);
}

static void close_cx(jit_cx *j)
{
  if (j->data) LLVMDisposeTargetData(j->data);
  if (j->tm) LLVMDisposeTargetMachine(j->tm);
  LLVMDisposeBuilder(j->b);
  LLVMDisposeModule(j->m);
  LLVMContextDispose(j->lc);
}

static jit_status print(jit_cx *j, const char **why)
{
  uint32_t n = j->in->n_modules;
  LLVMValueRef *programs = arena_try(j->mem, (n + 1) * sizeof *programs);
  jit_debug_begin(j);
  for (uint32_t i = 0; programs && i < n && cx_ok(j->c); i++) {
    jit_module jm = {.j = j, .m = j->in->modules[i]};
    jm.fns = arena_try(j->mem, (jm.m->fns.n + 1) * sizeof *jm.fns);
    if (!jm.fns) break;
    jit_functions(&jm);
    if (cx_ok(j->c)) programs[i] = jit_tables(&jm);
  }
  if (cx_ok(j->c)) jit_export(j, programs);
  jit_debug_end(j);
  if (cx_ok(j->c)) return JIT_DONE;
  *why = "out of memory";
  return JIT_WORLD;
}

static jit_status make(jit_cx *j, jit_result *out)
{
  double t0 = clock_s();
  jit_status st = jit_target_open(j, &out->why);
  if (st != JIT_DONE) return st;
  jit_types(j);
  const char *differs = jit_layouts_differ(j);
  if (differs) {
    out->why = arena_printf(j->mem, "LLVM lays %s out in another way than C", differs);
    return JIT_BUG;
  }
  if ((st = print(j, &out->why)) != JIT_DONE) return st;
  if (j->in->want & JIT_WANT_LLVM) out->llvm = text_of(j);
  double t1 = clock_s();
  out->print_s = t1 - t0;
  if ((st = jit_optimise(j, &out->why)) != JIT_DONE) return st;
  if (j->in->want & JIT_WANT_LLVM_OPT) out->llvm_opt = text_of(j);
  double t2 = clock_s();
  out->opt_s = t2 - t1;
  st = jit_emit(j, out);
  out->emit_s = clock_s() - t2;
  return st;
}

static jit_status compile(jit_result *out, const jit_request *in)
{
  jit_cx j;
  *out = (jit_result){.why = ""};
  open_cx(&j, in);
  jit_status st = make(&j, out);
  close_cx(&j);
  return st == JIT_DONE && !cx_ok(j.c) ? JIT_WORLD : st;
}

static const char *cpu_name(arena *mem)
{
  char *name = LLVMGetHostCPUName();
  const char *kept = arena_text(mem, name, strlen(name));
  LLVMDisposeMessage(name);
  return kept;
}

__attribute__((visibility("default"))) const jit_provider *amlc_jit_provider(void)
{
  static const jit_provider provider = {.build = AMLC_VERSION " " AMLC_BUILD_ID,
                                        .llvm = AML_LLVM_VERSION,
                                        .compile = compile,
                                        .link = jit_link,
                                        .release = jit_release,
                                        .cpu = cpu_name};
  return &provider;
}
