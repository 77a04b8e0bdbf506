#include "runtime/src/input.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RAW_BYTES = 128 * 1024, MAGIC_BYTES = 8, READ_AT_MOST = 1 << 30 };

// ---- stored bytes -------------------------------------------------------------------------------

static amlrt_status read_stored(amlrt__input *in, void *buf, size_t cap, size_t *got,
                                amlrt_error *err)
{
  ssize_t n;

  if (cap > READ_AT_MOST) cap = READ_AT_MOST;
  do
    n = read(in->fd, buf, cap);
  while (n < 0 && errno == EINTR);
  if (n < 0) return amlrt__fail_sys(err, AMLRT_E_READ, errno, "cannot read '%s'", in->name);
  if (n == 0) in->at_end = true;
  in->bytes += (uint64_t)n;
  amlrt__sha256_add(&in->hash, buf, (size_t)n);
  *got = (size_t)n;
  return AMLRT_OK;
}

static amlrt_status fill_raw(amlrt__input *in, size_t at_least, amlrt_error *err)
{
  amlrt_status st = AMLRT_OK;
  size_t got = 0;

  if (in->raw_at == in->raw_end) in->raw_at = in->raw_end = 0;
  while (st == AMLRT_OK && !in->at_end && in->raw_end - in->raw_at < at_least) {
    st = read_stored(in, in->raw + in->raw_end, RAW_BYTES - in->raw_end, &got, err);
    if (st == AMLRT_OK) in->raw_end += got;
  }
  return st;
}

// ---- gzip ---------------------------------------------------------------------------------------

static void *z_alloc(void *mem, unsigned n, unsigned size)
{
  return amlrt__array(mem, n, size);
}

static void z_release(void *mem, void *block)
{
  amlrt__release(mem, block);
}

static amlrt_status start_member(amlrt__input *in, amlrt_error *err)
{
  // zlib takes a plain pointer; the allocator behind it is only read.
  amlrt_alloc *mem;
  memcpy(&mem, &in->mem, sizeof mem);
  in->z = (z_stream){.zalloc = z_alloc, .zfree = z_release, .opaque = mem};
  if (inflateInit2(&in->z, 15 + 16) != Z_OK) // a window of any size, with a gzip header
    return amlrt__fail(err, AMLRT_E_NOMEM, "'%s': out of memory", in->name);
  in->inflating = true;
  return AMLRT_OK;
}

static void end_member(amlrt__input *in)
{
  if (in->inflating) inflateEnd(&in->z);
  in->inflating = false;
}

// One call of inflate on what is at hand. *got may be 0 where only a header was read.
static amlrt_status inflate_some(amlrt__input *in, char *buf, size_t cap, size_t *got,
                                 amlrt_error *err)
{
  unsigned room = cap > READ_AT_MOST ? READ_AT_MOST : (unsigned)cap;
  int z;

  in->z.next_in = in->raw + in->raw_at;
  in->z.avail_in = (unsigned)(in->raw_end - in->raw_at);
  in->z.next_out = (unsigned char *)buf;
  in->z.avail_out = room;
  z = inflate(&in->z, Z_NO_FLUSH);
  in->raw_at = in->raw_end - in->z.avail_in;
  *got = room - in->z.avail_out;
  if (z == Z_STREAM_END) {
    end_member(in);
    return AMLRT_OK;
  }
  if (z == Z_MEM_ERROR) return amlrt__fail(err, AMLRT_E_NOMEM, "'%s': out of memory", in->name);
  if (z != Z_OK && z != Z_BUF_ERROR)
    return amlrt__fail(err, AMLRT_E_READ, "cannot read '%s': the gzip data are damaged (%s)",
                       in->name, in->z.msg ? in->z.msg : "no reason given");
  return AMLRT_OK;
}

// A gzip file is one member or more, one after the other.
static amlrt_status read_packed(amlrt__input *in, char *buf, size_t cap, size_t *got,
                                amlrt_error *err)
{
  amlrt_status st;

  for (*got = 0; *got == 0;) {
    if ((st = fill_raw(in, 1, err)) < 0) return st;
    if (in->raw_at == in->raw_end) {
      if (!in->inflating) return AMLRT_OK;
      return amlrt__fail(err, AMLRT_E_READ, "cannot read '%s': the gzip data end too early",
                         in->name);
    }
    if (!in->inflating && (st = start_member(in, err)) < 0) return st;
    if ((st = inflate_some(in, buf, cap, got, err)) < 0) return st;
  }
  return AMLRT_OK;
}

// ---- all inputs ---------------------------------------------------------------------------------

// Formats that are known by their first bytes and cannot be read.
static const char *other_format(const unsigned char *b, size_t n)
{
  if (n >= 4 && memcmp(b, "\x28\xb5\x2f\xfd", 4) == 0) return "zstd data; unpack it with 'zstd -d'";
  if (n >= 4 && memcmp(b, "PAR1", 4) == 0) return "a Parquet file; write it as CSV";
  if (n >= 6 && memcmp(b, "ARROW1", 6) == 0) return "an Arrow file; write it as CSV";
  if (n >= 4 && memcmp(b, "PK\x03\x04", 4) == 0) return "a zip file; unpack it first";
  return NULL;
}

static amlrt_status look_at_start(amlrt__input *in, amlrt_error *err)
{
  const char *other;
  amlrt_status st = fill_raw(in, MAGIC_BYTES, err);

  if (st < 0) return st;
  other = other_format(in->raw, in->raw_end);
  if (other) return amlrt__fail(err, AMLRT_E_READ, "cannot read '%s': it is %s", in->name, other);
  in->packed = in->raw_end >= 2 && in->raw[0] == 0x1f && in->raw[1] == 0x8b;
  return AMLRT_OK;
}

static amlrt_status open_fd(amlrt__input *in, const char *path, amlrt_error *err)
{
  struct stat info;

  in->name = path;
  if (strcmp(path, "-") == 0) {
    in->name = "standard input";
    in->fd = STDIN_FILENO;
    in->may_wait = true;
    return AMLRT_OK;
  }
  do
    in->fd = open(path, O_RDONLY | O_CLOEXEC);
  while (in->fd < 0 && errno == EINTR);
  if (in->fd < 0) return amlrt__fail_sys(err, AMLRT_E_READ, errno, "cannot open '%s'", path);
  in->owns_fd = true;
  if (fstat(in->fd, &info) != 0) return AMLRT_OK; // reading will say why
  if (S_ISDIR(info.st_mode)) {
    close(in->fd);
    return amlrt__fail_sys(err, AMLRT_E_READ, EISDIR, "cannot read '%s'", path);
  }
  in->may_wait = !S_ISREG(info.st_mode);
  if (S_ISREG(info.st_mode) && info.st_size > 0) in->size = (uint64_t)info.st_size;
  return AMLRT_OK;
}

amlrt_status amlrt__input_open(amlrt__input *in, const char *path, const amlrt_alloc *mem,
                               amlrt_error *err)
{
  amlrt_status st;

  *in = (amlrt__input){.mem = mem};
  amlrt__sha256_init_bulk(&in->hash);
  if ((st = open_fd(in, path, err)) < 0) return st;
  in->raw = amlrt__alloc(mem, RAW_BYTES);
  st = in->raw ? look_at_start(in, err) : amlrt__nomem(err, in->name);
  if (st < 0) amlrt__input_close(in);
  return st;
}

amlrt_status amlrt__input_read(amlrt__input *in, char *buf, size_t cap, size_t *got,
                               amlrt_error *err)
{
  if (in->packed) return read_packed(in, buf, cap, got, err);
  if (in->raw_at < in->raw_end) {
    *got = in->raw_end - in->raw_at < cap ? in->raw_end - in->raw_at : cap;
    memcpy(buf, in->raw + in->raw_at, *got);
    in->raw_at += *got;
    return AMLRT_OK;
  }
  *got = 0;
  return in->at_end ? AMLRT_OK : read_stored(in, buf, cap, got, err);
}

bool amlrt__input_ready(const amlrt__input *in)
{
  struct pollfd wait = {.fd = in->fd, .events = POLLIN};

  return !in->may_wait || in->raw_at < in->raw_end || poll(&wait, 1, 0) != 0;
}

void amlrt__input_close(amlrt__input *in)
{
  end_member(in);
  if (in->owns_fd) close(in->fd);
  amlrt__release(in->mem, in->raw);
  in->raw = NULL;
  in->owns_fd = false;
}
