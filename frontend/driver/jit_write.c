#include "frontend/driver/jit_write.h"
#include "frontend/driver/engine_jit.h"
#include "frontend/driver/jit_dump.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool write_bytes(const char *path, const char *bytes, size_t n)
{
  FILE *f = fopen(path, "wb");
  if (!f) return false;
  bool ok = fwrite(bytes, 1, n, f) == n;
  return fclose(f) == 0 && ok;
}

// Under a temporary name first: nothing half-written stands under the final one.
static int write_object(cli *c, const char *to, const jit_result *made)
{
  const char *temp = arena_printf(c->mem, "%s.%ld.tmp", to, (long)getpid());
  if (*c->interrupted) return EXIT_CTRL_C;
  if (write_bytes(temp, made->object, made->object_bytes) && rename(temp, to) == 0)
    return EXIT_DONE;
  cli_error("cannot write %s: %s", to, strerror(errno));
  unlink(temp);
  return EXIT_WORLD;
}

bool jit_writes_objects(const cli *c)
{
  jit_library l;
  return !c->o.values[OPT_CC] && jit_library_find(&l, c->mem, c->exe);
}

static int make(cli *c, jit_library *l, const kernel *k, bool as_text, jit_result *made)
{
  unsigned dump;
  if (!jit_dump_wants(c, &dump)) return EXIT_USAGE;
  unsigned want = dump | (as_text ? JIT_WANT_LLVM : JIT_WANT_OBJECT);
  (void)jit_library_find(l, c->mem, c->exe);
  int code = engine_jit_make(c, l, k, c->o.values[OPT_TARGET_CPU], want, made);
  if (code == EXIT_NO_ENGINE) cli_error("--emit=%s: %s", as_text ? "llvm" : "obj", l->why);
  return code == EXIT_DONE ? jit_dump(c, made, dump) : code;
}

int jit_write(cli *c, const kernel *k, bool as_text)
{
  const char *to = c->o.values[OPT_OUTPUT];
  jit_library l;
  jit_result made;
  if (!as_text && (!to || !strcmp(to, "-"))) {
    cli_error("--emit=obj: say where to with -o FILE");
    return EXIT_USAGE;
  }
  int code = make(c, &l, k, as_text, &made);
  if (code == EXIT_DONE) code = as_text ? cli_write_text(c, made.llvm) : write_object(c, to, &made);
  jit_library_close(&l);
  return code;
}
