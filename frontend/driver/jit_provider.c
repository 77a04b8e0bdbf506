#include "frontend/driver/jit_key.h"
#include "aml_build_id.h"
#include "amlrt/amlrt_gen.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef AML_LIBDIR
#define AML_LIBDIR "lib"
#endif

const jit_symbol jit_symbols[] = {
#define ABI_CALL(name, result, memory, arguments) {#name, (const void *)(uintptr_t)name},
#include "amlrt/amlrt_calls.def"
};
const uint32_t n_jit_symbols = sizeof jit_symbols / sizeof *jit_symbols;

// AMLC_JIT names another file; "off": none.
bool jit_library_find(jit_library *l, arena *mem, const char *exe)
{
  static const char *const places[] = {"libamlc-jit.so", "../" AML_LIBDIR "/amlc/libamlc-jit.so"};
  const char *named = getenv("AMLC_JIT"), *slash = strrchr(exe, '/');
  *l = (jit_library){
      .why = "libamlc-jit.so is not beside this program: it comes with an amlc that was "
             "built where LLVM 19 is installed (on Debian `apt-get install "
             "llvm-19-dev`)"};
  if (jit_refuses_machine()) {
    l->why = jit_refuses_machine();
    return false;
  }
  if (named && !strcmp(named, "off")) {
    l->why = "it is switched off by AMLC_JIT";
    return false;
  }
  if (named && *named) {
    l->path = named;
    return true;
  }
  for (size_t i = 0; slash && i < sizeof places / sizeof *places && !l->path; i++) {
    const char *path = arena_printf(mem, "%.*s/%s", (int)(slash - exe), exe, places[i]);
    if (access(path, R_OK) == 0) l->path = path;
  }
  return l->path != NULL;
}

static bool refuse(jit_library *l, const char *why)
{
  l->why = why;
  l->provider = NULL;
  return false;
}

bool jit_library_load(jit_library *l, arena *mem)
{
  const jit_provider *(*get)(void);
  if (l->provider) return true;
  if (!l->path) return false;
  l->handle = dlopen(l->path, RTLD_LAZY | RTLD_LOCAL);
  if (!l->handle) {
    const char *said = dlerror();
    return refuse(
        l, arena_printf(mem, "LLVM 19 cannot be loaded (on Debian `apt-get install libllvm19`): %s",
                        said ? said : l->path));
  }
  void *symbol = dlsym(l->handle, "amlc_jit_provider");
  if (!symbol) return refuse(l, arena_printf(mem, "%s is something else", l->path));
  memcpy(&get, &symbol, sizeof get); // ISO C has no cast for it, POSIX says that it works
  l->provider = get();
  if (strcmp(l->provider->build, AMLC_VERSION " " AMLC_BUILD_ID) != 0)
    return refuse(l, arena_printf(mem, "%s belongs to another build of amlc", l->path));
  return true;
}

// LLVM does not go while code that it linked may run.
void jit_library_close(jit_library *l)
{
  if (l->handle) dlclose(l->handle);
  l->handle = NULL;
  l->provider = NULL;
}
