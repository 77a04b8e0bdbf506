// Reads files as one table and prints what it took: one line of JSON for bench/read.py.
#include "bench/micro/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static double seconds_of(struct timeval t)
{
  return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

int main(int argc, char **argv)
{
  amlrt_read_opts opts = amlrt_read_opts_default();
  amlrt_table *t = NULL;
  amlrt_error err = {0};

  if (argc < 3) {
    fprintf(stderr, "usage: micro_read THREADS FILE...\n");
    return 2;
  }
  opts.threads = (uint32_t)strtoul(argv[1], NULL, 10);
  double start = bench_now();
  amlrt_status st =
      amlrt_table_read(&t, (const char *const *)(argv + 2), (size_t)argc - 2, &opts, &err);
  double took = bench_now() - start;
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  if (st < 0) {
    fprintf(stderr, "micro_read: %s\n", err.text);
    return 1;
  }
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < amlrt_table_n_inputs(t); i++)
    bytes += amlrt_table_input(t, i)->bytes;
  const amlrt_columns *c = amlrt_table_columns(t);
  printf("{\"seconds\": %.4f, \"cpu_seconds\": %.4f, \"rows\": %" PRIu32 ", \"accounts\": %" PRIu32
         ", \"rejects\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"peak_mb\": %.1f}\n",
         took, seconds_of(use.ru_utime) + seconds_of(use.ru_stime), c->n_rows, c->n_accounts,
         amlrt_table_n_rejects(t), bytes, (double)use.ru_maxrss / 1024.0);
  amlrt_table_free(t);
  return 0;
}
