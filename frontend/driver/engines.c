#include "frontend/driver/engines.h"

static bool may_be(const engines *e, engine_id id)
{
  return e->asked == ENGINE_AUTO || e->asked == id;
}

static int no_engine(const char *name, const char *why)
{
  cli_error("engine %s: %s; --engine=reference needs none", name, why);
  return EXIT_NO_ENGINE;
}

static int open_c(cli *c, engines *e)
{
  int code = engine_c_open(c, &e->c);
  if (code == EXIT_DONE) e->id = ENGINE_C;
  if (code != EXIT_NO_ENGINE) return code;
  if (e->asked == ENGINE_C) return no_engine("c", e->c.why);
  e->why = arena_printf(c->mem, "engine jit is not available: %s; nor is engine c: %s", e->why,
                        e->c.why);
  return EXIT_DONE;
}

int engines_open(cli *c, engines *e, engine_id asked)
{
  *e = (engines){.asked = asked, .not_c = e->not_c, .id = ENGINE_REFERENCE};
  if (may_be(e, ENGINE_JIT)) {
    int code = engine_jit_open(c, &e->jit);
    if (code == EXIT_DONE) {
      e->id = ENGINE_JIT;
      return EXIT_DONE;
    }
    if (asked == ENGINE_JIT) return no_engine("jit", e->jit.library.why);
    e->why = e->jit.library.why;
  }
  return may_be(e, ENGINE_C) && !e->not_c ? open_c(c, e) : EXIT_DONE;
}

void engines_close(engines *e)
{
  engine_jit_close(&e->jit);
  engine_c_close(&e->c);
}

bool engines_any(const engines *e)
{
  return e->id == ENGINE_JIT || e->id == ENGINE_C;
}

int engines_compile(cli *c, engines *e, const kernel_input *in, uint32_t n)
{
  return e->id == ENGINE_JIT ? engine_jit_compile(c, &e->jit, in, n)
                             : engine_c_compile(c, &e->c, in, n);
}

bool engines_kept(const engines *e)
{
  return (e->id == ENGINE_C ? e->c.kept : e->jit.kept) != NULL;
}

int engines_load(cli *c, engines *e, const kernel_input *in, uint32_t n)
{
  int code;
  if (e->id == ENGINE_C) return engine_c_load(c, &e->c);
  if ((code = engine_jit_load(c, &e->jit)) != EXIT_NO_ENGINE) return code;
  if (e->asked == ENGINE_JIT) return no_engine("jit", e->jit.library.why);
  e->why = e->jit.library.why;
  e->id = ENGINE_REFERENCE;
  if (e->not_c) return EXIT_DONE;
  if ((code = open_c(c, e)) != EXIT_DONE || e->id != ENGINE_C) return code;
  if ((code = engine_c_compile(c, &e->c, in, n)) != EXIT_DONE) return code;
  return engine_c_load(c, &e->c);
}

amlrt_detector *engines_detector(const engines *e)
{
  return e->id == ENGINE_JIT ? e->jit.detector : e->c.detector;
}

const kernel *engines_kernel(const engines *e)
{
  return e->id == ENGINE_JIT ? &e->jit.kernel : &e->c.kernel;
}

const char *engines_name(const engines *e)
{
  return e->id == ENGINE_JIT ? "jit" : e->id == ENGINE_C ? "c" : "reference";
}

double engines_compile_s(const engines *e)
{
  return e->id == ENGINE_JIT ? e->jit.compile_s : e->c.compile_s;
}

double engines_code_s(const engines *e)
{
  return e->id == ENGINE_JIT ? e->jit.code_s : e->c.cc_s;
}
