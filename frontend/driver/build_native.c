#include "frontend/driver/build_native.h"
#include "frontend/driver/run_program.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Words of the build: what a program of ours links with, and where libraries are installed.
#ifndef AML_LINK_WORDS
#define AML_LINK_WORDS "-fopenmp -lz"
#endif
#ifndef AML_LIBDIR
#define AML_LIBDIR "lib"
#endif

static native_status fail(native *n, native_status st, const char *why)
{
  n->why = why;
  return st;
}

// ---- finding ------------------------------------------------------------------------------------

static void split_words(native_words *out, arena *mem, const char *text)
{
  while (*text) {
    size_t n = strcspn(text, " \t");
    if (n) {
      const char *word = arena_text(mem, text, n);
      VEC_PUSH(mem, out, word);
    }
    text += n + (text[n] != 0);
  }
}

// A file beside this program: installed, or in a build folder. NULL: not there.
static const char *find_beside(const native *n, const char *const *places, size_t n_places)
{
  const char *slash = strrchr(n->o.exe, '/');
  for (size_t i = 0; slash && i < n_places; i++) {
    const char *path =
        arena_printf(n->o.mem, "%.*s/%s", (int)(slash - n->o.exe), n->o.exe, places[i]);
    if (access(path, R_OK) == 0) return path;
  }
  return NULL;
}

// AMLC_INCLUDE names another place; so does a build folder that is not two levels down.
static const char *find_include(const native *n)
{
  static const char *const places[] = {"../include/amlrt/amlrt_gen.h",
                                       "../../runtime/include/amlrt/amlrt_gen.h"};
  const char *named = getenv("AMLC_INCLUDE");
  if (named && *named) return named;
  const char *header = find_beside(n, places, sizeof places / sizeof *places);
  if (!header) return NULL;
  return arena_text(n->o.mem, header, strlen(header) - strlen("/amlrt/amlrt_gen.h"));
}

static const char *find_runtime(const native *n)
{
  static const char *const places[] = {"../" AML_LIBDIR "/libamlrt.a", "runtime/libamlrt.a"};
  const char *path = find_beside(n, places, sizeof places / sizeof *places);
  return path ? path : "-lamlrt";
}

static native_status no_cc(native *n, const char *name)
{
  return fail(
      n, NATIVE_NO_CC,
      arena_printf(n->o.mem,
                   "no C compiler: there is no program `%s` on PATH; install one (on Debian "
                   "`apt-get install gcc libc6-dev`) or name yours by --cc or CC",
                   name));
}

static native_status ask_version(native *n)
{
  const char *argv[64];
  size_t k = 0;
  int code = 0;
  strbuf said;
  for (uint32_t i = 0; i < n->cc.n && k < 62; i++)
    argv[k++] = n->cc.at[i];
  argv[k++] = "--version";
  argv[k] = NULL;
  strbuf_init(&said, arena_cx(n->o.mem));
  run_outcome what = run_program(argv, NULL, &said, &code, n->o.stop, n->o.user);
  n->version = arena_text(n->o.mem, strbuf_text(&said), said.n);
  strbuf_release(&said);
  if (what == RUN_STOPPED) return fail(n, NATIVE_STOPPED, "stopped");
  if (what == RUN_EXITED && code == 0) return NATIVE_DONE;
  return fail(n, NATIVE_NO_CC,
              arena_printf(n->o.mem, "`%s --version` failed: this is no C compiler", argv[0]));
}

native_status native_open(native *n, const native_opts *o)
{
  const char *env = getenv("CC");
  *n = (native){.o = *o, .why = ""};
  split_words(&n->cc, o->mem, o->cc ? o->cc : env && *env ? env : "cc");
  const char *name = n->cc.n ? n->cc.at[0] : "cc";
  const char *path = run_find(o->mem, name);
  if (!path) return no_cc(n, name);
  n->cc.at[0] = path;
  n->include = find_include(n);
  n->library = find_runtime(n);
  if (!n->include)
    return fail(n, NATIVE_NO_CC,
                "the headers of libamlrt are not beside this program; install them, or name their "
                "folder by AMLC_INCLUDE");
  return ask_version(n);
}

// ---- the private folder -------------------------------------------------------------------------

static bool make_folder(native *n)
{
  const char *tmp = getenv("TMPDIR");
  if (n->folder) return true;
  char *name = arena_printf(n->o.mem, "%s/amlc-XXXXXX", tmp && *tmp ? tmp : "/tmp");
  if (!mkdtemp(name)) { // mode 0700
    n->why = arena_printf(n->o.mem, "cannot make a folder in %s: %s", tmp && *tmp ? tmp : "/tmp",
                          strerror(errno));
    return false;
  }
  n->folder = name;
  return true;
}

void native_close(native *n)
{
  if (!n->folder || n->keep_folder) return;
  DIR *d = opendir(n->folder);
  for (struct dirent *e; d && (e = readdir(d));)
    unlinkat(dirfd(d), e->d_name, 0); // "." and ".." are refused
  if (d) closedir(d);
  rmdir(n->folder);
  n->folder = NULL;
}

static bool write_text(const char *path, const char *text, size_t size)
{
  FILE *f = fopen(path, "wb");
  if (!f) return false;
  bool ok = fwrite(text, 1, size, f) == size;
  return fclose(f) == 0 && ok;
}

// ---- compiling ----------------------------------------------------------------------------------

void native_flags(native_words *out, arena *mem, native_kind kind)
{
  static const char *const always[] = {"-std=c11", "-O3", "-ffp-contract=off", "-fPIC",
                                       "-fvisibility=hidden"};
  for (size_t i = 0; i < sizeof always / sizeof *always; i++)
    VEC_PUSH(mem, out, always[i]);
  if (kind == NATIVE_SO) VEC_PUSH(mem, out, "-shared");
  if (kind == NATIVE_OBJ) VEC_PUSH(mem, out, "-c");
}

static run_outcome run_cc(native *n, native_kind kind, const char *source, const char *object,
                          strbuf *said, int *code)
{
  native_words w = {0};
  arena *mem = n->o.mem;
  for (uint32_t i = 0; i < n->cc.n; i++)
    VEC_PUSH(mem, &w, n->cc.at[i]);
  native_flags(&w, mem, kind);
  VEC_PUSH(mem, &w, "-I");
  VEC_PUSH(mem, &w, n->include);
  VEC_PUSH(mem, &w, source);
  VEC_PUSH(mem, &w, "-o");
  VEC_PUSH(mem, &w, object);
  if (kind == NATIVE_EXE) {
    VEC_PUSH(mem, &w, n->library);
    split_words(&w, mem, AML_LINK_WORDS);
  }
  VEC_PUSH(mem, &w, NULL);
  if (!cx_ok(arena_cx(mem))) {
    errno = ENOMEM;
    return RUN_CANNOT;
  }
  return run_program(w.at, n->folder, said, code, n->o.stop, n->o.user);
}

// The compiler failed. Does it compile (and link) anything at all?
static bool works_at_all(native *n, native_kind kind)
{
  static const char tiny[] = "#include <stdint.h>\nint main(void)\n{\n  int32_t zero = 0;\n"
                             "  return zero;\n}\n";
  const char *path = arena_printf(n->o.mem, "%s/probe.c", n->folder);
  strbuf said;
  int code = 1;
  strbuf_init(&said, arena_cx(n->o.mem));
  bool ran = write_text(path, tiny, sizeof tiny - 1) &&
             run_cc(n, kind, "probe.c", "probe", &said, &code) == RUN_EXITED && code == 0;
  strbuf_release(&said);
  return ran;
}

// The first line that says what was wrong.
static const char *first_line(arena *mem, const char *text)
{
  static const char *const words[] = {"error: ", "cannot find", "undefined reference",
                                      "multiple def"};
  const char *first = NULL;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    const char *at = strstr(text, words[i]);
    if (at && (!first || at < first)) first = at;
  }
  if (!first) first = text;
  while (first > text && first[-1] != '\n')
    first--;
  return arena_text(mem, first, strcspn(first, "\n"));
}

static native_status explain_failure(native *n, native_kind kind, const char *said)
{
  arena *mem = n->o.mem;
  const char *line = first_line(mem, said);
  if (strstr(said, "No space left on device"))
    return fail(n, NATIVE_WORLD, arena_printf(mem, "%s: no space left on device", n->folder));
  if (kind == NATIVE_EXE && works_at_all(n, NATIVE_SO) && !works_at_all(n, kind))
    return fail(n, NATIVE_NO_CC,
                arena_printf(mem,
                             "%s cannot link a program here: %s; a detector links with libamlrt, "
                             "zlib and OpenMP (on Debian `apt-get install gcc zlib1g-dev`)",
                             n->cc.at[0], line));
  if (!works_at_all(n, kind))
    return fail(n, NATIVE_NO_CC,
                arena_printf(mem,
                             "the C compiler %s does not work (%s); install a whole one (on Debian "
                             "`apt-get install gcc libc6-dev`)",
                             n->cc.at[0], line));
  const char *log = arena_printf(mem, "%s/cc.log", n->folder);
  n->keep_folder = write_text(log, said, strlen(said));
  return fail(n, NATIVE_REFUSED,
              arena_printf(mem,
                           "the C compiler refused code that amlc wrote. This is a bug of amlc; "
                           "please report it.\n  %s\n  the code and all messages are kept: "
                           "%s/detector.c, %s",
                           line, n->folder, log));
}

native_status native_build(native *n, native_kind kind, const char *text, size_t size,
                           const char **path)
{
  static const char *const suffix[] = {".o", ".so", ""};
  arena *mem = n->o.mem;
  strbuf said;
  int code = 0;
  *path = NULL;
  if (!make_folder(n)) return NATIVE_WORLD;
  const char *source = arena_printf(mem, "%s/detector.c", n->folder);
  const char *object = arena_printf(mem, "detector%u%s", n->n_built++, suffix[kind]);
  if (!write_text(source, text, size))
    return fail(n, NATIVE_WORLD, arena_printf(mem, "cannot write %s: %s", source, strerror(errno)));
  strbuf_init(&said, arena_cx(mem));
  run_outcome what = run_cc(n, kind, "detector.c", object, &said, &code);
  const char *words = arena_text(mem, strbuf_text(&said), said.n);
  strbuf_release(&said);
  switch (what) {
  case RUN_EXITED:
    break;
  case RUN_STOPPED:
    return fail(n, NATIVE_STOPPED, "stopped");
  case RUN_CANNOT:
    return fail(n, NATIVE_WORLD,
                arena_printf(mem, "cannot start %s: %s", n->cc.at[0], strerror(errno)));
  case RUN_KILLED:
    return fail(n, NATIVE_WORLD, arena_printf(mem, "%s was ended by signal %d", n->cc.at[0], code));
  }
  if (code != 0) return explain_failure(n, kind, words);
  *path = arena_printf(mem, "%s/%s", n->folder, object);
  return NATIVE_DONE;
}

// ---- putting in place ---------------------------------------------------------------------------

static bool copy_bytes(int from, int to)
{
  char block[1 << 16];
  ssize_t n;
  while ((n = read(from, block, sizeof block)) > 0)
    for (ssize_t done = 0; done < n;) {
      ssize_t k = write(to, block + done, (size_t)(n - done));
      if (k < 0 && errno != EINTR) return false;
      if (k > 0) done += k;
    }
  return n == 0;
}

bool native_install(arena *mem, const char *from, const char *to, unsigned mode)
{
  char *temp = arena_printf(mem, "%s.XXXXXX", to);
  int in = open(from, O_RDONLY | O_CLOEXEC);
  int out = in < 0 ? -1 : mkostemp(temp, O_CLOEXEC);
  if (out < 0) {
    int why = errno;
    if (in >= 0) close(in);
    errno = why;
    return false;
  }
  bool ok = copy_bytes(in, out) && fchmod(out, mode) == 0;
  int why = errno;
  close(in);
  if (close(out) < 0 && ok) {
    why = errno;
    ok = false;
  }
  if (ok && rename(temp, to) == 0) return true;
  if (ok) why = errno;
  unlink(temp);
  errno = why;
  return false;
}
