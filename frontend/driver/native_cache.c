#include "frontend/driver/native_cache.h"
#include "ir/base/strbuf.h"
#include "amlrt/program.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// ---- the folder ---------------------------------------------------------------------------------

static const char *place(arena *mem)
{
  const char *own = getenv("AMLC_CACHE"), *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  if (own && *own) return own;
  if (xdg && *xdg == '/') return arena_printf(mem, "%s/amlc", xdg); // a relative one counts not
  if (home && *home == '/') return arena_printf(mem, "%s/.cache/amlc", home);
  return NULL;
}

// mkdir -p, each folder for us alone.
static bool make_folders(arena *mem, const char *path)
{
  for (const char *p = path + 1; *p; p++) {
    if (*p != '/') continue;
    const char *above = arena_text(mem, path, (size_t)(p - path));
    if (mkdir(above, 0700) < 0 && errno != EEXIST) return false;
  }
  return mkdir(path, 0700) == 0 || errno == EEXIST;
}

// NULL: fine.
static const char *refuse(const char *path)
{
  struct stat st;
  if (lstat(path, &st) < 0) return strerror(errno);
  if (S_ISLNK(st.st_mode) && stat(path, &st) < 0) return strerror(errno);
  if (!S_ISDIR(st.st_mode)) return "it is no folder";
  if (st.st_uid != geteuid()) return "it belongs to somebody else";
  if (st.st_mode & (S_IWGRP | S_IWOTH)) return "others may write to it";
  return access(path, R_OK | W_OK | X_OK) < 0 ? strerror(errno) : NULL;
}

void native_cache_open(native_cache *k, arena *mem)
{
  const char *path = place(mem);
  *k = (native_cache){.mem = mem};
  if (!path || !strcmp(path, "off")) return;
  const char *why = make_folders(mem, path) ? refuse(path) : strerror(errno);
  if (why)
    k->why = arena_printf(mem, "detectors are not kept in %s: %s", path, why);
  else
    k->folder = path;
}

// ---- files --------------------------------------------------------------------------------------

static void hex_of(char out[65], const char *text, size_t n)
{
  uint8_t sum[32];
  amlrt_sha256(sum, text, n);
  for (int i = 0; i < 32; i++)
    snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

// A whole file that is ours and that others cannot write; false: errno, or it is not.
static bool read_file(strbuf *out, const char *path)
{
  char block[1 << 15];
  struct stat st;
  ssize_t n = -1;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  bool ours = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
              !(st.st_mode & (S_IWGRP | S_IWOTH));
  while (ours && (n = read(fd, block, sizeof block)) > 0)
    strbuf_add(out, block, (size_t)n);
  close(fd);
  return ours && n == 0 && cx_ok(out->c);
}

static const char *entry(const native_cache *k, const char *key, const char *suffix)
{
  return arena_printf(k->mem, "%s/%s.%s", k->folder, key, suffix);
}

const char *native_cache_find(const native_cache *k, const char *key)
{
  if (!k->folder) return NULL;
  const char *file = entry(k, key, "so");
  char sum[65];
  strbuf text, want;
  strbuf_init(&text, arena_cx(k->mem));
  strbuf_init(&want, arena_cx(k->mem));
  bool whole = read_file(&want, entry(k, key, "sum")) && read_file(&text, file) && text.n > 0;
  if (whole) {
    hex_of(sum, strbuf_text(&text), text.n);
    whole = want.n == 65 && !memcmp(strbuf_text(&want), sum, 64);
  }
  strbuf_release(&text);
  strbuf_release(&want);
  if (!whole) return NULL;
  utimensat(AT_FDCWD, file, NULL, 0); // used last just now
  return file;
}

// ---- objects of engine jit ------------------------------------------------------------------------

static const char jit_magic[] = "amlc object 1 "; // then the checksum and a new line
enum { JIT_HEAD = sizeof jit_magic - 1 + 64 + 1 };

static void jit_head(char out[JIT_HEAD + 1], const char *bytes, size_t n)
{
  char sum[65];
  hex_of(sum, bytes, n);
  snprintf(out, JIT_HEAD + 1, "%s%s\n", jit_magic, sum);
}

const char *native_cache_read(const native_cache *k, const char *key, size_t *n)
{
  char head[JIT_HEAD + 1];
  strbuf text;
  char *out = NULL;
  if (!k->folder) return NULL;
  const char *path = entry(k, key, "jit");
  strbuf_init(&text, arena_cx(k->mem));
  if (read_file(&text, path) && text.n > JIT_HEAD) {
    *n = text.n - JIT_HEAD;
    jit_head(head, strbuf_text(&text) + JIT_HEAD, *n);
    if (!memcmp(head, strbuf_text(&text), JIT_HEAD)) out = arena_try(k->mem, *n);
    if (out) memcpy(out, strbuf_text(&text) + JIT_HEAD, *n);
  }
  strbuf_release(&text);
  if (out) utimensat(AT_FDCWD, path, NULL, 0); // used last just now
  return out;
}

// ---- the key ------------------------------------------------------------------------------------

static void add_part(strbuf *b, const char *text, size_t n)
{
  strbuf_printf(b, "%zu ", n); // its length before it: no two lists of parts look alike
  strbuf_add(b, text, n);
}

void native_parts_add(native_parts *p, const char *text, size_t n)
{
  add_part(&p->text, text, n);
}

const char *native_parts_key(native_parts *p, arena *mem)
{
  char hex[65];
  hex_of(hex, strbuf_text(&p->text), p->text.n);
  strbuf_release(&p->text);
  return arena_text(mem, hex, 64);
}

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// The names and texts of all public headers, in the order of the names.
static void add_headers(strbuf *b, arena *mem, const char *include)
{
  const char *folder = arena_printf(mem, "%s/amlrt", include);
  native_words names = {0};
  DIR *d = opendir(folder);
  for (struct dirent *e; d && (e = readdir(d));) {
    if (e->d_name[0] == '.') continue;
    const char *name = arena_text(mem, e->d_name, strlen(e->d_name));
    VEC_PUSH(mem, &names, name);
  }
  if (d) closedir(d);
  if (names.n) qsort(names.at, names.n, sizeof *names.at, by_text);
  for (uint32_t i = 0; i < names.n; i++) {
    strbuf text;
    FILE *f = fopen(arena_printf(mem, "%s/%s", folder, names.at[i]), "rb");
    char block[4096];
    strbuf_init(&text, arena_cx(mem));
    for (size_t n; f && (n = fread(block, 1, sizeof block, f)) > 0;)
      strbuf_add(&text, block, n);
    if (f) fclose(f);
    add_part(b, names.at[i], strlen(names.at[i]));
    add_part(b, strbuf_text(&text), text.n);
    strbuf_release(&text);
  }
}

const char *native_cache_key(arena *mem, const native *n, const char *text, size_t size)
{
  native_words flags = {0};
  char hex[65];
  strbuf b;
  strbuf_init(&b, arena_cx(mem));
  strbuf_printf(&b, "amlc detectors, ABI %u ", AMLRT_ABI_VERSION);
  native_flags(&flags, mem, NATIVE_SO);
  for (uint32_t i = 0; i < flags.n; i++)
    add_part(&b, flags.at[i], strlen(flags.at[i]));
  for (uint32_t i = 0; i < n->cc.n; i++)
    add_part(&b, n->cc.at[i], strlen(n->cc.at[i]));
  add_part(&b, n->version, strlen(n->version));
  add_headers(&b, mem, n->include);
  add_part(&b, text, size);
  hex_of(hex, strbuf_text(&b), b.n);
  strbuf_release(&b);
  return arena_text(mem, hex, 64);
}

// ---- keeping ------------------------------------------------------------------------------------

typedef struct aged {
  struct timespec used;
  const char *name;
} aged;

static int by_use(const void *a, const void *b)
{
  const aged *x = a, *y = b;
  if (x->used.tv_sec != y->used.tv_sec) return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
  if (x->used.tv_nsec != y->used.tv_nsec) return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
  return strcmp(x->name, y->name);
}

// 1: an entry's name, KEY.so or KEY.jit; 2: of a file being written, KEY.so.XXXXXX; 0: neither.
static int kind_of(const char *name)
{
  static const char *const suffix[] = {".so", ".jit", ".sum"};
  size_t n = strspn(name, "0123456789abcdef");
  for (int i = 0; n == 64 && i < 3; i++) {
    size_t m = strlen(suffix[i]);
    if (strncmp(name + n, suffix[i], m) != 0) continue;
    if (!name[n + m]) return i < 2;
    if (name[n + m] == '.') return 2;
  }
  return 0;
}

// Entries that were not used for longest make room; what a run left half-written goes after a day.
static void prune(const native_cache *k)
{
  enum { DAY_S = 86400, LEAVE = NATIVE_CACHE_MOST * 3 / 4 };
  VEC(aged) all = {0};
  DIR *d = opendir(k->folder);
  if (!d) return;
  for (struct dirent *e; (e = readdir(d));) {
    struct stat st;
    int kind = kind_of(e->d_name);
    if (!kind || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) continue;
    if (kind == 2) {
      if (st.st_mtime + DAY_S < time(NULL)) unlinkat(dirfd(d), e->d_name, 0);
      continue;
    }
    aged a = {st.st_mtim, arena_text(k->mem, e->d_name, 64)};
    VEC_PUSH(k->mem, &all, a);
  }
  if (all.n > NATIVE_CACHE_MOST) {
    qsort(all.at, all.n, sizeof *all.at, by_use);
    for (uint32_t i = 0; i < all.n - LEAVE; i++) {
      unlink(entry(k, all.at[i].name, "so"));
      unlink(entry(k, all.at[i].name, "jit"));
      unlink(entry(k, all.at[i].name, "sum"));
    }
  }
  closedir(d);
}

static bool keep_sum(const native_cache *k, const char *key, const char *text, size_t size)
{
  char *temp = arena_printf(k->mem, "%s/%s.sum.XXXXXX", k->folder, key);
  char line[66];
  hex_of(line, text, size);
  line[64] = '\n';
  int fd = mkostemp(temp, O_CLOEXEC); // mode 0600
  if (fd < 0) return false;
  bool ok = write(fd, line, 65) == 65;
  ok = close(fd) == 0 && ok;
  if (ok && rename(temp, entry(k, key, "sum")) == 0) return true;
  unlink(temp);
  return false;
}

static bool write_all(int fd, const char *text, size_t n)
{
  while (n) {
    ssize_t k = write(fd, text, n);
    if (k < 0 && errno != EINTR) return false;
    if (k < 0) continue;
    text += k;
    n -= (size_t)k;
  }
  return true;
}

// What cannot be kept is made again.
void native_cache_write(const native_cache *k, const char *key, const char *bytes, size_t n)
{
  char head[JIT_HEAD + 1];
  if (!k->folder) return;
  char *temp = arena_printf(k->mem, "%s/%s.jit.XXXXXX", k->folder, key);
  int fd = mkostemp(temp, O_CLOEXEC); // mode 0600
  if (fd < 0) return;
  jit_head(head, bytes, n);
  bool ok = write_all(fd, head, JIT_HEAD) && write_all(fd, bytes, n);
  ok = close(fd) == 0 && ok;
  if (!ok || rename(temp, entry(k, key, "jit")) < 0) unlink(temp);
  prune(k);
}

const char *native_cache_keep(const native_cache *k, const char *key, const char *file)
{
  if (!k->folder) return NULL;
  const char *to = entry(k, key, "so");
  strbuf text;
  strbuf_init(&text, arena_cx(k->mem));
  // The sum goes first: until the file is there the entry is not, and a file that does not fit its
  // sum is not either.
  bool ok = read_file(&text, file) && keep_sum(k, key, strbuf_text(&text), text.n) &&
            native_install(k->mem, file, to, 0600);
  strbuf_release(&text);
  prune(k);
  return ok ? to : NULL;
}
