#include "frontend/driver/engine_jit.h"
#include "amlrt/program.h"
#include "aml_build_id.h"
#include <string.h>

int engine_jit_open(cli *c, engine_jit *e)
{
  *e = (engine_jit){0};
  return jit_library_find(&e->library, c->mem, c->exe) ? EXIT_DONE : EXIT_NO_ENGINE;
}

void engine_jit_close(engine_jit *e)
{
  amlrt_detector_free(e->detector);
  if (e->linked) e->library.provider->release(e->linked);
  jit_library_close(&e->library);
}

int engine_jit_compile(cli *c, engine_jit *e, const kernel_input *in, uint32_t n)
{
  pass_opts o;
  double t0 = cli_clock();
  int code = kernel_options(c, &o);
  if (code == EXIT_DONE) code = kernel_options_reach_code(&o);
  if (code == EXIT_DONE) code = kernel_make(c, &e->kernel, &o, in, n);
  if (code != EXIT_DONE) return code;
  e->hash = e->kernel.units.n ? e->kernel.units.at[0]->kir->hash : "";
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
                    .hash = k->units.n ? k->units.at[0]->kir->hash : "",
                    .compiler = AMLC_VERSION,
                    .cpu = cpu,
                    .want = want};
  return say(l->provider->compile(out, &in), out->why);
}

int engine_jit_load(cli *c, engine_jit *e)
{
  jit_result made;
  amlrt_error err = {0};
  const void *get;
  const char *why = "";
  const amlrt_detector_export *(*export)(void);
  double t0 = cli_clock();
  int code = engine_jit_make(c, &e->library, &e->kernel, "native", JIT_WANT_OBJECT, &made);
  if (code != EXIT_DONE) return code;
  jit_status done =
      e->library.provider->link(&e->linked, &get, &made, jit_symbols, n_jit_symbols, c->mem, &why);
  if (done != JIT_DONE) return say(done, why);
  memcpy(&export, &get, sizeof export);
  amlrt_status st = amlrt_detector_from(&e->detector, export(), e->hash, NULL, &err);
  e->code_s = cli_clock() - t0;
  return st < 0 ? cli_fail(st, &err) : EXIT_DONE;
}
