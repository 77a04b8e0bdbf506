#include "frontend/driver/engine_c.h"
#include <string.h>

int engine_c_fail(const cli *c, const native *n, native_status st)
{
  switch (st) {
  case NATIVE_DONE:
    return EXIT_DONE;
  case NATIVE_NO_CC:
    cli_error("%s", n->why);
    return EXIT_NO_ENGINE;
  case NATIVE_REFUSED:
    cli_error("%s", n->why);
    return EXIT_OUR_BUG;
  case NATIVE_WORLD:
    cli_error("%s", n->why);
    return EXIT_WORLD;
  case NATIVE_STOPPED:
    if (*c->interrupted) return EXIT_CTRL_C;
    cli_error("--time-limit was over before the detector was compiled; nothing "
              "is written");
    return EXIT_LIMIT;
  }
  AML_BUG("build status %d", (int)st);
}

int engine_c_open(cli *c, engine_c *e)
{
  native_opts o = {
      .mem = c->mem, .cc = c->o.values[OPT_CC], .exe = c->exe, .stop = cli_stop, .user = c};
  *e = (engine_c){0};
  native_status st = native_open(&e->native, &o);
  e->found = st == NATIVE_DONE;
  e->why = e->native.why;
  if (e->found) native_cache_open(&e->cache, c->mem);
  if (st == NATIVE_STOPPED) return engine_c_fail(c, &e->native, st);
  return e->found ? EXIT_DONE : EXIT_NO_ENGINE;
}

void engine_c_close(engine_c *e)
{
  amlrt_detector_free(e->detector);
  native_close(&e->native);
}

int engine_c_compile(cli *c, engine_c *e, const kernel_input *in, uint32_t n)
{
  pass_opts o;
  strbuf text;
  double t0 = cli_clock();
  int code = kernel_options(c, &o);
  if (code == EXIT_DONE) code = kernel_options_reach_code(&o);
  if (code == EXIT_DONE) code = kernel_make(c, &e->kernel, &o, in, n);
  if (code != EXIT_DONE) return code;
  strbuf_init(&text, c->a->c);
  kernel_text(&e->kernel, &text);
  e->size = text.n;
  char *kept = arena_try(c->mem, text.n + 1);
  if (kept) memcpy(kept, strbuf_text(&text), text.n);
  e->text = kept;
  strbuf_release(&text);
  if (!kept || !cx_ok(c->a->c)) {
    cli_error("out of memory");
    return EXIT_WORLD;
  }
  e->key = native_cache_key(c->mem, &e->native, e->text, e->size);
  e->kept = native_cache_find(&e->cache, e->key);
  e->compile_s = cli_clock() - t0;
  return EXIT_DONE;
}

static int build(cli *c, engine_c *e, const char **path)
{
  native_status st = native_build(&e->native, NATIVE_SO, e->text, e->size, path);
  if (st != NATIVE_DONE) return engine_c_fail(c, &e->native, st);
  const char *kept = native_cache_keep(&e->cache, e->key, *path);
  if (kept) *path = kept;
  return EXIT_DONE;
}

int engine_c_load(cli *c, engine_c *e)
{
  const char *path = e->kept;
  const char *hash = kernel_detector_hash(c->mem, &e->kernel);
  amlrt_error err = {0};
  double t0 = cli_clock();
  if (cli_verbose(c) && !cli_quiet(c) && e->cache.why) fprintf(stderr, "%s\n", e->cache.why);
  amlrt_status st = AMLRT_E_DETECTOR;
  if (path) st = amlrt_detector_load(&e->detector, path, hash, NULL, &err);
  if (st != AMLRT_OK) { // not kept, or thrown out since, or not to be loaded
                        // from there
    int code = build(c, e, &path);
    if (code != EXIT_DONE) return code;
    st = amlrt_detector_load(&e->detector, path, hash, NULL, &err);
    e->kept = NULL;
  }
  e->cc_s = cli_clock() - t0;
  if (st < 0) return cli_fail(st, &err);
  AML_BUG_UNLESS(amlrt_detector_n(e->detector) == e->kernel.units.n);
  return EXIT_DONE;
}
