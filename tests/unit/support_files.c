#include "tests/unit/support_files.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { MAX_FILES = 64, PATH_BYTES = 512 };

static char made[MAX_FILES][PATH_BYTES], folder[PATH_BYTES];
static int n_made;

static const char *new_path(const char *name)
{
  const char *tmp = getenv("TMPDIR");

  if (!folder[0]) {
    snprintf(folder, sizeof folder, "%.200s/amlrt-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
  }
  ck_assert_int_lt(n_made, MAX_FILES);
  snprintf(made[n_made], PATH_BYTES, "%.300s/%.100s", folder, name);
  return made[n_made++];
}

const char *file_with_bytes(const char *name, const void *bytes, size_t n)
{
  const char *path = new_path(name);
  FILE *f = fopen(path, "wb");

  ck_assert_ptr_nonnull(f);
  ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
  ck_assert_int_eq(fclose(f), 0);
  return path;
}

const char *file_with(const char *name, const char *text)
{
  return file_with_bytes(name, text, strlen(text));
}

const char *file_packed(const char *name, const char *text, size_t cut)
{
  const char *path = new_path(name);
  gzFile f = gzopen(path, "wb");
  long size;

  ck_assert_ptr_nonnull(f);
  ck_assert_int_eq(gzwrite(f, text, (unsigned)strlen(text)), (int)strlen(text));
  ck_assert_int_eq(gzclose(f), Z_OK);
  FILE *check = fopen(path, "rb");
  ck_assert_ptr_nonnull(check);
  fseek(check, 0, SEEK_END);
  size = ftell(check);
  fclose(check);
  ck_assert_int_eq(truncate(path, size - (long)cut), 0);
  return path;
}

void files_clean(void)
{
  for (int i = 0; i < n_made; i++)
    unlink(made[i]);
  if (folder[0]) rmdir(folder);
  folder[0] = '\0';
  n_made = 0;
}

const char *data_file(const char *name)
{
  static char paths[4][PATH_BYTES];
  static int next;
  const char *dir = getenv("AML_DATA_DIR");
  char *path = paths[next++ % 4];

  if (dir && *dir)
    snprintf(path, PATH_BYTES, "%.300s/%.200s", dir, name);
  else
    snprintf(path, PATH_BYTES, "%s/../shared/data/%.200s", AML_SOURCE_DIR, name);
  if (access(path, R_OK) == 0) return path;
  printf("skipped: %s is not there (AML_DATA_DIR)\n", name);
  return NULL;
}
