// Output files: written under a temporary name, renamed together at commit; and one writer for files
// and streams, which keeps its first error until it is closed.
//
// The temporary name is `.NAME.partial` in the folder of the final one, with a number behind it while
// that is taken (another run, or what a killed one left). It is made with O_EXCL, so two runs at once
// never write into each other's files; whoever commits last gives the final ones.
#include "runtime/src/outfile.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER = 1 << 16, MAX_TRIES = 10000 };

typedef struct outfile {
  struct outfile *next;
  char *final, *partial; // partial NULL: written in place (a device or a pipe)
  bool open, failed, renamed;
} outfile;

struct amlrt_outdir {
  amlrt_alloc mem;
  char *dir;
  outfile *files; // the latest first
};

struct amlrt_out {
  amlrt_alloc mem;
  char *name;    // for messages
  int fd;        // or -1
  FILE *stream;  // or NULL
  outfile *file; // or NULL
  amlrt_status st;
  int sys_errno;
  amlrt__sha256 sha;
  size_t n;
  char buffer[BUFFER];
};

// ---- the folder -----------------------------------------------------------------------------------

static char *text_copy(const amlrt_alloc *mem, const char *text)
{
  size_t n = strlen(text) + 1;
  char *copy = amlrt__alloc(mem, n);

  return copy ? memcpy(copy, text, n) : NULL;
}

static bool is_folder(const char *path)
{
  struct stat st;

  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

// Makes the folder and what lies above it. 0 or errno. The text is cut and mended on the way.
static int make_folders(char *path)
{
  for (char *at = path + (path[0] == '/'); (at = strchr(at, '/')); at++) {
    *at = '\0';
    bool there = !*path || is_folder(path) || mkdir(path, 0777) == 0 || errno == EEXIST;
    *at = '/';
    if (!there) return errno;
  }
  if (mkdir(path, 0777) == 0 || is_folder(path)) return 0;
  return errno == EEXIST ? ENOTDIR : errno;
}

// Folders of what is written in place (/dev/stdout, the /dev/fd/63 of a shell's `>(gzip)`): it does not
// matter that no file can be made there.
static bool holds_devices(const char *dir)
{
  return strncmp(dir, "/dev", 4) == 0 || strncmp(dir, "/proc", 5) == 0;
}

amlrt_status amlrt_outdir_open(amlrt_outdir **out, const char *dir, const amlrt_alloc *mem,
                               amlrt_error *err)
{
  if (!mem) mem = amlrt_alloc_default();
  *out = NULL;
  if (!dir[0] || strcmp(dir, "-") == 0)
    return amlrt__fail(err, AMLRT_E_ARG, "'%s' is not the name of a folder", dir);
  amlrt_outdir *o = amlrt__array(mem, 1, sizeof *o);
  char *copy = text_copy(mem, dir);
  amlrt_status st = o && copy ? AMLRT_OK : amlrt__nomem(err, dir);
  int e = st < 0 ? 0 : make_folders(copy);

  if (e) st = amlrt__fail_sys(err, AMLRT_E_WRITE, e, "cannot make the folder '%s'", dir);
  if (st >= 0 && !holds_devices(dir) && access(dir, W_OK | X_OK) != 0)
    st = amlrt__fail_sys(err, AMLRT_E_WRITE, errno, "cannot write into the folder '%s'", dir);
  if (st < 0) {
    amlrt__release(mem, copy);
    amlrt__release(mem, o);
    return st;
  }
  *o = (amlrt_outdir){.mem = *mem, .dir = copy};
  *out = o;
  return AMLRT_OK;
}

static void file_free(outfile *f, const amlrt_alloc *mem)
{
  if (f->partial && !f->renamed) unlink(f->partial);
  amlrt__release(mem, f->partial);
  amlrt__release(mem, f->final);
  amlrt__release(mem, f);
}

void amlrt_outdir_free(amlrt_outdir *o)
{
  if (!o) return;
  amlrt_alloc mem = o->mem;

  while (o->files) {
    outfile *f = o->files;
    o->files = f->next;
    file_free(f, &mem);
  }
  amlrt__release(&mem, o->dir);
  amlrt__release(&mem, o);
}

// All is looked at before the first file gets its name, so that a commit fails as a whole if it can.
static amlrt_status may_commit(const amlrt_outdir *o, amlrt_error *err)
{
  for (const outfile *f = o->files; f; f = f->next) {
    if (f->open) return amlrt__fail(err, AMLRT_E_ARG, "'%s' is still being written", f->final);
    if (f->failed) return amlrt__fail(err, AMLRT_E_WRITE, "'%s' was not written", f->final);
    if (f->partial && !f->renamed && is_folder(f->final))
      return amlrt__fail_sys(err, AMLRT_E_WRITE, EISDIR, "cannot write '%s'", f->final);
  }
  return AMLRT_OK;
}

static void turn_around(amlrt_outdir *o)
{
  outfile *turned = NULL;

  while (o->files) {
    outfile *f = o->files;
    o->files = f->next;
    f->next = turned;
    turned = f;
  }
  o->files = turned;
}

amlrt_status amlrt_outdir_commit(amlrt_outdir *o, amlrt_error *err)
{
  amlrt_status st = may_commit(o, err);

  turn_around(o); // the first opened first: the manifest, written last, stands for the rest
  for (outfile *f = o->files; f && st >= 0; f = f->next) {
    if (!f->partial || f->renamed) continue;
    f->renamed = rename(f->partial, f->final) == 0;
    if (!f->renamed) st = amlrt__fail_sys(err, AMLRT_E_WRITE, errno, "cannot write '%s'", f->final);
  }
  turn_around(o);
  return st;
}

// ---- opening --------------------------------------------------------------------------------------

static char *join(const amlrt_alloc *mem, const char *dir, const char *name)
{
  size_t n = strlen(dir), cap = n + strlen(name) + 2;
  char *path = amlrt__alloc(mem, cap);

  if (path) snprintf(path, cap, "%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/", name);
  return path;
}

// The path that a symbolic link leads to, so that the link stays; *path is replaced. False: no memory.
static bool follow_link(const amlrt_alloc *mem, char **path)
{
  struct stat st;
  if (lstat(*path, &st) != 0 || !S_ISLNK(st.st_mode)) return true;
  char *real = realpath(*path, NULL);
  if (!real) return true; // leads nowhere: the link is replaced
  char *copy = text_copy(mem, real);
  free(real);
  if (!copy) return false;
  amlrt__release(mem, *path);
  *path = copy;
  return true;
}

static char *partial_name(const amlrt_alloc *mem, const char *final, int k)
{
  const char *slash = strrchr(final, '/');
  int n_dir = slash ? (int)(slash - final) + 1 : 0;
  size_t cap = strlen(final) + 32;
  char *path = amlrt__alloc(mem, cap);

  if (!path) return NULL;
  if (k == 0)
    snprintf(path, cap, "%.*s.%s.partial", n_dir, final, final + n_dir);
  else
    snprintf(path, cap, "%.*s.%s.partial.%d", n_dir, final, final + n_dir, k);
  return path;
}

static amlrt_status open_partial(int *fd, outfile *f, const amlrt_alloc *mem, amlrt_error *err)
{
  for (int k = 0; k < MAX_TRIES; k++) {
    f->partial = partial_name(mem, f->final, k);
    if (!f->partial) return amlrt__nomem(err, f->final);
    *fd = open(f->partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (*fd >= 0) return AMLRT_OK;
    int e = errno;
    amlrt__release(mem, f->partial);
    f->partial = NULL;
    if (e != EEXIST) return amlrt__fail_sys(err, AMLRT_E_WRITE, e, "cannot write '%s'", f->final);
  }
  return amlrt__fail_sys(err, AMLRT_E_WRITE, EEXIST, "cannot write '%s'", f->final);
}

// A device or a pipe is written in place: renaming over it would replace it.
static amlrt_status open_file(int *fd, outfile *f, const amlrt_alloc *mem, amlrt_error *err)
{
  struct stat st;
  bool there = stat(f->final, &st) == 0;

  if (there && S_ISDIR(st.st_mode))
    return amlrt__fail_sys(err, AMLRT_E_WRITE, EISDIR, "cannot write '%s'", f->final);
  if (!there || S_ISREG(st.st_mode)) {
    amlrt_status opened = open_partial(fd, f, mem, err);
    // A file that is replaced keeps who may read it; where that is refused, the user's default holds.
    if (opened >= 0 && there && fchmod(*fd, st.st_mode & 0777) != 0) errno = 0;
    return opened;
  }
  *fd = open(f->final, O_WRONLY | O_CLOEXEC);
  if (*fd < 0) return amlrt__fail_sys(err, AMLRT_E_WRITE, errno, "cannot write '%s'", f->final);
  return AMLRT_OK;
}

static amlrt_out *out_new(const amlrt_alloc *mem, const char *name)
{
  amlrt_out *o = amlrt__alloc(mem, sizeof *o);
  char *copy = text_copy(mem, name);

  if (!o || !copy) {
    amlrt__release(mem, o);
    amlrt__release(mem, copy);
    return NULL;
  }
  o->mem = *mem;
  o->name = copy;
  o->fd = -1;
  o->stream = NULL;
  o->file = NULL;
  o->st = AMLRT_OK;
  o->sys_errno = 0;
  o->n = 0;
  amlrt__sha256_init_bulk(&o->sha);
  return o;
}

static void out_free(amlrt_out *o)
{
  amlrt_alloc mem = o->mem;

  amlrt__release(&mem, o->name);
  amlrt__release(&mem, o);
}

amlrt_status amlrt_out_open(amlrt_out **out, amlrt_outdir *dir, const char *name, amlrt_error *err)
{
  const amlrt_alloc *mem = &dir->mem;
  outfile *f = amlrt__array(mem, 1, sizeof *f);
  char *final = join(mem, dir->dir, name);
  amlrt_status st = f && final && follow_link(mem, &final) ? AMLRT_OK : amlrt__nomem(err, name);
  amlrt_out *o = st < 0 ? NULL : out_new(mem, final);

  *out = NULL;
  if (f) f->final = final;
  if (st >= 0 && !o) st = amlrt__nomem(err, name);
  if (st >= 0) st = open_file(&o->fd, f, mem, err);
  if (st < 0) {
    if (o) out_free(o);
    if (f)
      file_free(f, mem);
    else
      amlrt__release(mem, final);
    return st;
  }
  f->open = true;
  f->next = dir->files;
  dir->files = f;
  o->file = f;
  *out = o;
  return AMLRT_OK;
}

amlrt_status amlrt_out_stream(amlrt_out **out, void *stdio_file, const char *name,
                              const amlrt_alloc *mem, amlrt_error *err)
{
  amlrt_out *o = out_new(mem ? mem : amlrt_alloc_default(), name);

  *out = o;
  if (!o) return amlrt__nomem(err, name);
  o->stream = stdio_file;
  return AMLRT_OK;
}

// ---- writing --------------------------------------------------------------------------------------

const amlrt_alloc *amlrt__out_mem(const amlrt_out *o)
{
  return &o->mem;
}

void amlrt__out_fail(amlrt_out *o, amlrt_status st, int sys_errno)
{
  if (o->st < 0) return;
  o->st = st;
  o->sys_errno = sys_errno;
}

bool amlrt__out_ok(const amlrt_out *o)
{
  return o->st >= 0;
}

static void write_fd(amlrt_out *o, const char *at, size_t n)
{
  while (n > 0 && o->st >= 0) {
    ssize_t k = write(o->fd, at, n);
    if (k < 0 && errno == EINTR) continue;
    if (k <= 0) {
      amlrt__out_fail(o, AMLRT_E_WRITE, k < 0 ? errno : EIO);
      return;
    }
    at += k;
    n -= (size_t)k;
  }
}

static void write_stream(amlrt_out *o, const char *at, size_t n)
{
  errno = 0;
  if (o->st >= 0 && fwrite(at, 1, n, o->stream) != n)
    amlrt__out_fail(o, AMLRT_E_WRITE, errno ? errno : EIO);
}

static void flush(amlrt_out *o)
{
  if (!o->n) return;
  amlrt__sha256_add(&o->sha, o->buffer, o->n);
  if (o->stream)
    write_stream(o, o->buffer, o->n);
  else
    write_fd(o, o->buffer, o->n);
  o->n = 0;
}

void amlrt_out_write(amlrt_out *o, const char *text, size_t n)
{
  if (n < BUFFER - o->n) { // nearly always
    memcpy(o->buffer + o->n, text, n);
    o->n += n;
    return;
  }
  while (n > 0) {
    size_t k = BUFFER - o->n < n ? BUFFER - o->n : n;
    memcpy(o->buffer + o->n, text, k);
    o->n += k;
    text += k;
    n -= k;
    if (o->n == BUFFER) flush(o);
  }
}

void amlrt_out_printf(amlrt_out *o, const char *fmt, ...)
{
  char small[512];
  va_list args;

  va_start(args, fmt);
  int n = vsnprintf(small, sizeof small, fmt, args);
  va_end(args);
  if (n < 0) {
    amlrt__out_fail(o, AMLRT_E_WRITE, EIO);
    return;
  }
  if ((size_t)n < sizeof small) {
    amlrt_out_write(o, small, (size_t)n);
    return;
  }
  char *big = amlrt__alloc(&o->mem, (size_t)n + 1);
  if (!big) {
    amlrt__out_fail(o, AMLRT_E_NOMEM, 0);
    return;
  }
  va_start(args, fmt);
  vsnprintf(big, (size_t)n + 1, fmt, args);
  va_end(args);
  amlrt_out_write(o, big, (size_t)n);
  amlrt__release(&o->mem, big);
}

static void close_under(amlrt_out *o)
{
  flush(o);
  errno = 0;
  if (o->stream && (fflush(o->stream) != 0 || ferror(o->stream)))
    amlrt__out_fail(o, AMLRT_E_WRITE, errno ? errno : EIO);
  // On some file systems a full disk shows only here.
  if (o->fd >= 0 && close(o->fd) != 0 && errno != EINTR) amlrt__out_fail(o, AMLRT_E_WRITE, errno);
}

amlrt_status amlrt_out_close(amlrt_out *o, uint8_t sha256[32], amlrt_error *err)
{
  uint8_t ignored[32];

  close_under(o);
  amlrt__sha256_end(&o->sha, sha256 ? sha256 : ignored);
  if (o->file) {
    o->file->open = false;
    o->file->failed = o->st < 0;
  }
  amlrt_status st = o->st;
  if (st == AMLRT_E_WRITE)
    amlrt__fail_sys(err, st, o->sys_errno, "cannot write '%s'", o->name);
  else if (st < 0)
    amlrt__nomem(err, o->name);
  out_free(o);
  return st;
}
