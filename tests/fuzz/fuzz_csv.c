// The CSV reader, with any bytes as the file: as transactions, and as an accounts file beside three
// good transactions. What it makes of them must be a table that keeps its own promises.
#include "amlrt/table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char good_rows[] = "src,dst,time,amount,currency\n"
                                "a,b,1,10.50,USD\n"
                                "012:b,c,2,3,EUR\n"
                                "c,a,2,0.000001,BTC\n";

#define CHECK(held)                                                                                \
  do {                                                                                             \
    if (!(held)) {                                                                                 \
      fprintf(stderr, "fuzz_csv: not so: %s\n", #held);                                            \
      abort();                                                                                     \
    }                                                                                              \
  } while (0)

// A file in memory that can be opened by name. Writes its name, returns its descriptor.
static int memory_file(char name[32], const void *data, size_t size)
{
  int fd = memfd_create("fuzz", 0);

  CHECK(fd >= 0);
  for (size_t done = 0; done < size;) {
    ssize_t n = write(fd, (const char *)data + done, size - done);
    CHECK(n > 0);
    done += (size_t)n;
  }
  snprintf(name, 32, "/dev/fd/%d", fd);
  return fd;
}

static void check_rows(const amlrt_table *t)
{
  const amlrt_columns *c = amlrt_table_columns(t);
  char id[64];

  for (uint32_t i = 0; i < c->n_rows; i++) {
    CHECK(c->from[i] < c->n_accounts && c->to[i] < c->n_accounts);
    CHECK(i == 0 || c->time[i - 1] <= c->time[i]);
    CHECK(c->currency[i] < amlrt_table_n_currencies(t));
    CHECK(c->format[i] < amlrt_table_n_formats(t));
    CHECK(amlrt_table_row_by_input(t, i) < c->n_rows);
    if (amlrt_table_id_text(t, i, id, sizeof id) < sizeof id)
      CHECK(amlrt_table_find_id(t, id) == i);
  }
  for (uint32_t i = 1; i < c->n_accounts; i++)
    CHECK(strcmp(amlrt_table_account(t, i - 1), amlrt_table_account(t, i)) < 0);
}

static void check_totals(const amlrt_table *t)
{
  uint64_t n_used = 0, n_rejected = 0;

  for (uint32_t i = 0; i < amlrt_table_n_inputs(t); i++) {
    const amlrt_input_info *info = amlrt_table_input(t, i);
    CHECK(info->rows_read == info->rows_used + info->rows_rejected);
    n_used += info->rows_used;
    n_rejected += info->rows_rejected;
  }
  CHECK(n_used == amlrt_table_columns(t)->n_rows);
  CHECK(n_rejected == amlrt_table_n_rejects(t));
}

static void read_one(const char *path, const char *accounts)
{
  amlrt_read_opts opts = amlrt_read_opts_default();
  amlrt_error err = {.status = AMLRT_OK};
  amlrt_table *t = NULL;
  amlrt_status st;

  opts.accounts_path = accounts;
  opts.max_rejects = 1.0;
  st = amlrt_table_read(&t, &path, 1, &opts, &err);
  CHECK(st >= 0 || err.text[0] != '\0');
  if (st == AMLRT_OK) {
    CHECK(t);
    check_rows(t);
    check_totals(t);
  }
  amlrt_table_free(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char input[32], good[32];
  int fd = memory_file(input, data, size);
  int good_fd = memory_file(good, good_rows, sizeof good_rows - 1);

  read_one(input, NULL);
  read_one(good, input);
  close(good_fd);
  close(fd);
  return 0;
}
