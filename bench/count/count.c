// Times detectors on a graph of ../shared/perf/gen.c, in one process: counts by size, with the building of
// the graph, nothing written. What is asked comes on standard input, a line a run:
//
//   PATTERN THREADS PLAN       number of the pattern over all detectors; PLAN `-`: the cheapest
//
// and each is answered by one line of JSON, so that a caller may time another program between two runs.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/detector.h"
#include "amlrt/graph.h"
#include "amlrt/sched.h"
#include "bench/micro/support.h"

// ---- the data -----------------------------------------------------------------------------------

// int64 rows, int64 accounts, int32 from[], int32 to[], int32 time[], double amount[].
typedef struct data {
  int64_t n, n_accounts;
  int32_t *from, *to, *time;
  double *amount;
} data;

static bool read_array(FILE *f, void **out, size_t n, size_t bytes)
{
  *out = malloc(n ? n * bytes : 1);
  return *out && fread(*out, bytes, n, f) == n;
}

static bool read_data(data *d, const char *path)
{
  FILE *f = fopen(path, "rb");
  int64_t head[2];
  void *part[4] = {NULL};
  bool ok = f && fread(head, sizeof *head, 2, f) == 2 && head[0] >= 0 && head[0] < UINT32_MAX;

  for (int i = 0; ok && i < 4; i++)
    ok = read_array(f, &part[i], (size_t)head[0], i < 3 ? sizeof(int32_t) : sizeof(double));
  if (f) fclose(f);
  *d = (data){.from = part[0], .to = part[1], .time = part[2], .amount = part[3]};
  if (ok) d->n = head[0], d->n_accounts = head[1];
  if (!ok) fprintf(stderr, "bench_count: cannot read %s\n", path);
  return ok;
}

static void free_data(data *d)
{
  free(d->from);
  free(d->to);
  free(d->time);
  free(d->amount);
}

// Keys of one length, so that accounts are numbered as they are in the file.
static amlrt_status add_row(amlrt_builder *b, const data *d, int64_t i, amlrt_error *err)
{
  char from[16], to[16], amount[32];
  amlrt_tx tx = {.from = from, .to = to, .time = d->time[i], .amount = amount, .currency = "USD"};

  snprintf(from, sizeof from, "%09" PRId32, d->from[i]);
  snprintf(to, sizeof to, "%09" PRId32, d->to[i]);
  snprintf(amount, sizeof amount, "%.2f", d->amount[i]);
  return amlrt_builder_add(b, &tx, err);
}

static amlrt_table *load(const char *path)
{
  amlrt_table *t = NULL;
  amlrt_builder *b = NULL;
  amlrt_error err = {0};
  data d = {0};
  bool ok = read_data(&d, path);

  if (ok) ok = amlrt_builder_new(&b, NULL, &err) == AMLRT_OK;
  for (int64_t i = 0; ok && i < d.n; i++)
    ok = add_row(b, &d, i, &err) == AMLRT_OK;
  if (ok) ok = amlrt_builder_finish(&t, b, &err) == AMLRT_OK;
  if (!ok) fprintf(stderr, "bench_count: %s\n", err.text);
  amlrt_builder_free(b);
  free_data(&d);
  return t;
}

// ---- the detectors ------------------------------------------------------------------------------

typedef struct pattern {
  const amlrt_detector *detector;
  uint32_t i;
} pattern;

typedef struct loaded {
  amlrt_detector **detector;
  pattern *pattern;
  size_t n_detectors, n_patterns;
} loaded;

static bool add_patterns(loaded *l, const amlrt_detector *d)
{
  uint32_t n = amlrt_detector_n(d);
  pattern *more = realloc(l->pattern, (l->n_patterns + n) * sizeof *more);

  if (!more) return false;
  l->pattern = more;
  for (uint32_t i = 0; i < n; i++)
    l->pattern[l->n_patterns++] = (pattern){d, i};
  return true;
}

static bool load_detectors(loaded *l, char *const *paths, int n)
{
  l->detector = calloc((size_t)n, sizeof(amlrt_detector *));
  if (!l->detector) return false;
  for (int k = 0; k < n; k++) {
    amlrt_error err = {0};
    if (amlrt_detector_load(&l->detector[k], paths[k], NULL, NULL, &err) != AMLRT_OK) {
      fprintf(stderr, "bench_count: %s\n", err.text);
      return false;
    }
    l->n_detectors++;
    if (!add_patterns(l, l->detector[k])) return false;
  }
  return true;
}

static void free_detectors(loaded *l)
{
  for (size_t k = 0; k < l->n_detectors; k++)
    amlrt_detector_free(l->detector[k]);
  free(l->detector);
  free(l->pattern);
}

// ---- a run --------------------------------------------------------------------------------------

enum { MOST_BINS = 256 };

typedef struct counts {
  const amlrt_pattern_info *info;
  uint32_t feature; // the first histogram; AMLRT_NONE
  uint64_t n, bin[MOST_BINS], check;
} counts;

static amlrt_status count(void *user, const amlrt_match *m)
{
  counts *c = user;

  c->n++;
  if (c->feature == AMLRT_NONE) return AMLRT_OK;
  const amlrt_feature_info *f = &c->info->features[c->feature];
  amlrt_frac v = m->feature_values[c->feature].v;
  int64_t bin = (int64_t)(v.num / v.den);
  if (bin < f->bin_lo) return AMLRT_OK;
  if (bin > f->bin_hi) bin = f->bin_hi;
  if (bin - f->bin_lo < MOST_BINS) c->bin[bin - f->bin_lo]++;
  c->check += (uint64_t)bin * (1 + m->trigger % 1000); // as proto.c has it
  return AMLRT_OK;
}

static uint32_t first_histogram(const amlrt_pattern_info *info)
{
  for (uint32_t i = 0; i < info->n_features; i++)
    if (info->features[i].kind == AMLRT_FEATURE_HISTOGRAM) return i;
  return AMLRT_NONE;
}

static void print_bins(const counts *c)
{
  bool first = true;

  if (c->feature == AMLRT_NONE) return;
  printf(", \"check\": %" PRIu64 ", \"bins\": {", c->check);
  for (int i = 0; i < MOST_BINS; i++) {
    if (!c->bin[i]) continue;
    printf("%s\"%" PRId64 "\": %" PRIu64, first ? "" : ", ",
           c->info->features[c->feature].bin_lo + i, c->bin[i]);
    first = false;
  }
  printf("}");
}

static amlrt_status run(const amlrt_table *t, const pattern *p, uint32_t threads, const char *plan)
{
  amlrt_graph_opts gopts = {.threads = threads};
  amlrt_run_opts opts = amlrt_run_opts_default();
  amlrt_run_stats stats = {0};
  amlrt_error err = {0};
  amlrt_graph *g = NULL;
  counts c = {.info = amlrt_detector_info(p->detector, p->i)};
  double begin = bench_now(), built;

  c.feature = first_histogram(c.info);
  opts.n_threads = threads;
  opts.history_complete = true;
  opts.light = true;
  opts.plan = plan;
  amlrt_status st = amlrt_graph_build(&g, t, &gopts, &err);
  built = bench_now();
  if (st == AMLRT_OK)
    st = amlrt_detector_run(p->detector, p->i, 0, g, &opts, count, &c, &stats, &err);
  double end = bench_now();
  amlrt_graph_free(g);
  if (st < 0) {
    printf("{\"error\": \"%s\"}\n", err.text);
    return st;
  }
  printf("{\"pattern\": \"%s\", \"plan\": \"%s\", \"threads\": %" PRIu32 ", \"rows\": %" PRIu32
         ", \"graph\": %.4f, \"mine\": %.4f, \"candidates\": %" PRIu64 ", \"matches\": %" PRIu64,
         c.info->name, stats.plan ? stats.plan : "", threads, amlrt_table_columns(t)->n_rows,
         built - begin, end - built, stats.candidates, c.n);
  print_bins(&c);
  printf("}\n");
  return st;
}

static bool answer(const amlrt_table *t, const loaded *l, char *line)
{
  char *end, *plan;
  unsigned long k = strtoul(line, &end, 10), threads = strtoul(end, &end, 10);

  plan = end + strspn(end, " ");
  plan[strcspn(plan, " \n")] = '\0';
  if (k >= l->n_patterns || threads == 0 || threads > AMLRT_MAX_THREADS || !*plan) {
    fprintf(stderr, "bench_count: a line is PATTERN THREADS PLAN\n");
    return false;
  }
  (void)run(t, &l->pattern[k], (uint32_t)threads, strcmp(plan, "-") == 0 ? NULL : plan);
  fflush(stdout);
  return true;
}

int main(int argc, char **argv)
{
  loaded l = {0};
  char line[256];

  if (argc < 3) {
    fprintf(stderr, "usage: bench_count DATA.bin DETECTOR.so ...\n");
    return 64;
  }
  amlrt_table *t = load(argv[1]);
  bool ok = t && load_detectors(&l, argv + 2, argc - 2);
  if (ok) printf("{\"ready\": %zu}\n", l.n_patterns);
  fflush(stdout);
  while (ok && fgets(line, sizeof line, stdin))
    ok = answer(t, &l, line);
  free_detectors(&l);
  amlrt_table_free(t);
  return !ok;
}
