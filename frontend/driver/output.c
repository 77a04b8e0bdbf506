// Text of a verb to a file (under a temporary name, renamed when whole) or to standard output.
#include "frontend/driver/cli.h"
#include "amlrt/match.h"
#include <string.h>

int cli_fail(amlrt_status st, const amlrt_error *err)
{
  cli_error("%s", err->text[0] ? err->text : amlrt_status_text(st));
  return amlrt_exit_of(st);
}

// Splits a path into folder and name.
static const char *folder_of(arena *mem, const char *path, const char **name)
{
  const char *slash = strrchr(path, '/');
  *name = slash ? slash + 1 : path;
  if (!slash) return ".";
  return slash == path ? "/" : arena_text(mem, path, (size_t)(slash - path));
}

// Has an amlrt_out write to a path, or to standard output (path NULL or "-"), and makes it final.
int cli_write(cli *c, const char *path, void (*write)(amlrt_out *o, const void *what),
              const void *what)
{
  amlrt_error err = {0};
  amlrt_outdir *dir = NULL;
  amlrt_out *o = NULL;
  uint8_t hash[32];
  const char *name = NULL;
  amlrt_status st;
  if (path && !strcmp(path, "-")) path = NULL;
  if (path) {
    st = amlrt_outdir_open(&dir, folder_of(c->mem, path, &name), NULL, &err);
    if (st >= 0) st = amlrt_out_open(&o, dir, name, &err);
  } else {
    st = amlrt_out_stream(&o, stdout, "standard output", NULL, &err);
  }
  if (st >= 0) {
    write(o, what);
    st = amlrt_out_close(o, hash, &err);
  }
  if (st >= 0 && *c->interrupted) st = AMLRT_INTERRUPTED;
  if (st == AMLRT_OK && path) st = amlrt_outdir_commit(dir, &err);
  amlrt_outdir_free(dir);
  return st < 0 ? cli_fail(st, &err) : amlrt_exit_of(st);
}

static void write_text(amlrt_out *o, const void *text)
{
  amlrt_out_write(o, text, strlen(text));
}

int cli_write_file(cli *c, const char *path, const char *text)
{
  return cli_write(c, path, write_text, text);
}

int cli_write_text(cli *c, const char *text)
{
  if (!cx_ok(c->a->c)) {
    cli_error("out of memory");
    return EXIT_WORLD;
  }
  return cli_write_file(c, c->o.values[OPT_OUTPUT], text);
}
