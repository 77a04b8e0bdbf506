#include "frontend/driver/engine_jit.h"
#include "amlrt/program.h"
#include "frontend/driver/jit_dump.h"
#include "frontend/driver/jit_key.h"
#include "aml_build_id.h"
#include <string.h>
#include <stdlib.h>

#ifdef NDEBUG
enum { CHECK_EACH_STEP = 0 };
#else
enum { CHECK_EACH_STEP = 1 };
#endif

int engine_jit_open(cli *c, engine_jit *e)
{
  *e = (engine_jit){.cpu = c->o.values[OPT_TARGET_CPU] ? c->o.values[OPT_TARGET_CPU] : "native"};
  if (!jit_library_find(&e->library, c->mem, c->exe)) return EXIT_NO_ENGINE;
  native_cache_open(&e->cache, c->mem);
  return EXIT_DONE;
}

void engine_jit_close(engine_jit *e)
{
  amlrt_detector_free(e->detector);
  jit_unload(&e->loaded);
  if (e->linked) e->library.provider->release(e->linked);
  jit_library_close(&e->library);
}

int engine_jit_compile(cli *c, engine_jit *e, const kernel_input *in, uint32_t n)
{
  pass_opts o;
  double t0 = cli_clock();
  int code = kernel_options(c, &o);
  if (code == EXIT_DONE) code = kernel_options_reach_code(&o);
  if (code == EXIT_DONE && !jit_dump_wants(c, &e->dump)) code = EXIT_USAGE;
  if (code == EXIT_DONE) code = kernel_make(c, &e->kernel, &o, in, n);
  if (code != EXIT_DONE) return code;
  e->hash = kernel_detector_hash(c->mem, &e->kernel);
  if (e->cache.folder) {
    e->key = jit_key(c->mem, &e->library, &e->kernel, e->cpu);
    // What is to be shown has to be made.
    if (!e->dump) e->kept = native_cache_read(&e->cache, e->key, &e->kept_bytes);
  }
  e->compile_s = cli_clock() - t0;
  return EXIT_DONE;
}

static int say(jit_status st, const char *why)
{
  switch (st) {
  case JIT_DONE:
    return EXIT_DONE;
  case JIT_NOT_HERE:
    cli_error("engine jit: %s", why);
    return EXIT_NO_ENGINE;
  case JIT_NO_CPU:
    cli_error("--target-cpu: %s", why);
    return EXIT_USAGE;
  case JIT_WORLD:
    cli_error("out of memory");
    return EXIT_WORLD;
  case JIT_BUG:
    cli_error("%s\n  This is a bug of amlc; please report it with the pattern.", why);
    return EXIT_OUR_BUG;
  }
  AML_BUG("status %d", (int)st);
}

int engine_jit_make(cli *c, jit_library *l, const kernel *k, const char *cpu, unsigned want,
                    jit_result *out)
{
  VEC(const kir_module *) modules = {0};
  if (!jit_library_load(l, c->mem)) return EXIT_NO_ENGINE;
  for (uint32_t i = 0; i < k->units.n; i++)
    VEC_PUSH(c->mem, &modules, k->units.at[i]->kir);
  jit_request in = {.mem = c->mem,
                    .modules = modules.at,
                    .n_modules = modules.n,
                    .hash = kernel_detector_hash(c->mem, k),
                    .compiler = AMLC_VERSION,
                    .cpu = cpu,
                    .want = want,
                    .verify = CHECK_EACH_STEP};
  return say(l->provider->compile(out, &in), out->why);
}

static int take(engine_jit *e, const void *get)
{
  const amlrt_detector_export *(*export)(void);
  amlrt_error err = {0};
  memcpy(&export, &get, sizeof export); // ISO C has no cast for it, POSIX says that it works
  amlrt_status st = amlrt_detector_from(&e->detector, export(), e->hash, NULL, &err);
  if (st < 0) return cli_fail(st, &err);
  AML_BUG_UNLESS(amlrt_detector_n(e->detector) == e->kernel.units.n);
  return EXIT_DONE;
}

// From the cache. What our linker does not take is made again, as if it had not been there.
static bool load_kept(cli *c, engine_jit *e)
{
  const char *why = "";
  if (!e->kept) return false;
  if (jit_load(&e->loaded, c->mem, e->kept, e->kept_bytes, jit_symbols, n_jit_symbols, &why))
    return true;
  if (cli_verbose(c) && !cli_quiet(c)) fprintf(stderr, "a kept object was not taken: %s\n", why);
  e->kept = NULL;
  return false;
}

// What perf and gdb are to see goes through our own linker, which tells them.
static int link_made(cli *c, engine_jit *e, const jit_result *made, const void **get)
{
  const char *why = "";
  if (getenv("AMLC_PERF")) {
    bool ok = jit_load(&e->loaded, c->mem, made->object, made->object_bytes, jit_symbols,
                       n_jit_symbols, &why);
    *get = e->loaded.get;
    return ok ? EXIT_DONE : say(JIT_BUG, why);
  }
  return say(
      e->library.provider->link(&e->linked, get, made, jit_symbols, n_jit_symbols, c->mem, &why),
      why);
}

static int make(cli *c, engine_jit *e, const void **get)
{
  jit_result made;
  unsigned want = JIT_WANT_OBJECT | e->dump;
  int code = engine_jit_make(c, &e->library, &e->kernel, e->cpu, want, &made);
  if (code == EXIT_DONE) code = jit_dump(c, &made, e->dump);
  if (code != EXIT_DONE) return code;
  if (e->key) native_cache_write(&e->cache, e->key, made.object, made.object_bytes);
  code = link_made(c, e, &made, get);
  if (code == EXIT_DONE && cli_verbose(c) && !cli_quiet(c))
    fprintf(stderr, "LLVM: printing %.1f ms, passes %.1f ms, code %.1f ms, %zu bytes\n",
            1e3 * made.print_s, 1e3 * made.opt_s, 1e3 * made.emit_s, made.object_bytes);
  return code;
}

int engine_jit_load(cli *c, engine_jit *e)
{
  const void *get = NULL;
  double t0 = cli_clock();
  if (cli_verbose(c) && !cli_quiet(c) && e->cache.why) fprintf(stderr, "%s\n", e->cache.why);
  int code = EXIT_DONE;
  if (load_kept(c, e))
    get = e->loaded.get;
  else
    code = make(c, e, &get);
  if (code == EXIT_DONE) code = take(e, get);
  e->code_s = cli_clock() - t0;
  return code;
}
