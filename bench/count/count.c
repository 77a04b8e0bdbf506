// Times detectors on one table, in one process, nothing written: a graph of ../shared/perf/gen.c (*.bin, or
// *.bin:SECONDS, which is how long its unit of time is), or any transaction table. What is asked comes on standard input, a line a run:
//
//   PATTERN THREADS PLAN [WANT [OFF [SECONDS]]]
//     PATTERN  number of the pattern over all detectors; or dN: all of detector N in one run
//     PLAN     its name; `-`: the cheapest
//     WANT     counts (the default: without evidence), episodes, all
//     OFF      tricks left out, NAME,NAME; `-`: none
//     SECONDS  after which the run is cut; 0: never
//   estimate PATTERN
//     what each plan would take
//   stream THREADS
//     seconds in which so many threads read 2 GiB of memory: what the machine can give
//
// and each is answered by one line of JSON, so that a caller may time another program between two runs.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
  int64_t unit; // of time, in seconds
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
  static const char *const formats[] = {"ACH", "Cash", "Cheque", "Wire"};
  char from[16], to[16], amount[32];
  amlrt_tx tx = {.from = from,
                 .to = to,
                 .time = d->time[i] * d->unit,
                 .amount = amount,
                 .currency = "USD",
                 .format = formats[i % 4]};

  snprintf(from, sizeof from, "%09" PRId32, d->from[i]);
  snprintf(to, sizeof to, "%09" PRId32, d->to[i]);
  snprintf(amount, sizeof amount, "%.2f", d->amount[i]);
  return amlrt_builder_add(b, &tx, err);
}

static amlrt_table *load_table(const char *path)
{
  amlrt_read_opts opts = amlrt_read_opts_default();
  amlrt_table *t = NULL;
  amlrt_error err = {0};

  if (amlrt_table_read(&t, &path, 1, &opts, &err) == AMLRT_OK) return t;
  fprintf(stderr, "bench_count: %s\n", err.text);
  amlrt_table_free(t);
  return NULL;
}

// The unit that is named behind the path, which it is cut from.
static int64_t take_unit(char *path)
{
  char *colon = strrchr(path, ':');

  if (!colon) return 1;
  *colon = '\0';
  return strtoll(colon + 1, NULL, 10);
}

static amlrt_table *load(char *path)
{
  int64_t unit = take_unit(path);
  size_t n = strlen(path);
  amlrt_table *t = NULL;
  amlrt_builder *b = NULL;
  amlrt_error err = {0};
  data d = {0};

  if (n < 4 || strcmp(path + n - 4, ".bin") != 0) return load_table(path);
  bool ok = read_data(&d, path);

  d.unit = unit;
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

enum { MOST_BINS = 256, MOST_TOGETHER = 256 };

typedef struct counts {
  const amlrt_pattern_info *info;
  uint32_t feature; // the first histogram; AMLRT_NONE
  uint64_t n, bin[MOST_BINS], check;
  double until; // on the clock; 0: never ends
} counts;

static amlrt_status count(void *user, const amlrt_match *m)
{
  counts *c = user;

  c->n++;
  if (c->feature == AMLRT_NONE) return AMLRT_OK;
  const amlrt_feature_info *f = &c->info->features[c->feature];
  amlrt_frac v = m->feature_values[c->feature].v;
  int64_t bin = (int64_t)(v.den == 1 ? v.num : v.num / v.den);
  if (bin < f->bin_lo) return AMLRT_OK;
  if (bin > f->bin_hi) bin = f->bin_hi;
  if (bin - f->bin_lo < MOST_BINS) c->bin[bin - f->bin_lo]++;
  c->check += (uint64_t)bin * (1 + m->trigger % 1000); // as proto.c has it
  return AMLRT_OK;
}

static amlrt_status count_episode(void *user, const amlrt_match *best, uint64_t merged,
                                  uint32_t trigger_first, uint32_t trigger_last)
{
  (void)trigger_first;
  (void)trigger_last;
  ((counts *)user)->n += merged - 1;
  return count(user, best);
}

static bool over(void *user)
{
  const counts *c = user;
  return c->until > 0 && bench_now() > c->until;
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

typedef struct question {
  const pattern *of; // the first, if all
  bool all;          // of its detector
  uint32_t threads;
  const char *plan, *want, *off; // plan NULL: the cheapest
  double seconds;
} question;

static uint64_t tricks_off(const char *names)
{
  uint64_t off = 0;

  while (*names) {
    size_t n = strcspn(names, ",");
    for (int i = 0; i < AMLRT_N_TRICKS; i++) {
      const char *name = amlrt_trick_of((amlrt_trick)i)->name;
      if (strlen(name) == n && memcmp(name, names, n) == 0) off |= (uint64_t)1 << i;
    }
    names += n + (names[n] == ',');
  }
  return off;
}

// Of all threads of this process: what others take does not count.
static double cpu_now(void)
{
  struct timespec t;

  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void print_answer(const question *q, const amlrt_table *t, const amlrt_run_stats *stats,
                         const counts *c, const double at[3], const double cpu[3], amlrt_status st)
{
  printf("{\"pattern\": \"%s\", \"plan\": \"%s\", \"threads\": %" PRIu32 ", \"rows\": %" PRIu32
         ", \"graph\": %.4f, \"mine\": %.4f, \"candidates\": %" PRIu64 ", \"matches\": %" PRIu64
         ", \"episodes\": %" PRIu64 ", \"triggers\": %" PRIu64
         ", \"cut\": %s, \"cpu_graph\": %.4f, \"cpu\": %.4f",
         q->all ? "all" : c->info->name, stats->plan && !q->all ? stats->plan : "", q->threads,
         amlrt_table_columns(t)->n_rows, at[1] - at[0], at[2] - at[1], stats->candidates, c->n,
         stats->episodes, stats->triggers, st == AMLRT_INTERRUPTED ? "true" : "false",
         cpu[1] - cpu[0], cpu[2] - cpu[0]);
  print_bins(c);
  printf("}\n");
}

static void run(const amlrt_table *t, const question *q)
{
  amlrt_graph_opts gopts = {.threads = q->threads, .later = true};
  amlrt_run_opts opts = amlrt_run_opts_default();
  amlrt_run_stats stats[MOST_TOGETHER] = {{0}};
  amlrt_error err = {0};
  amlrt_graph *g = NULL;
  counts c = {.info = amlrt_detector_info(q->of->detector, q->of->i)};
  double at[3] = {bench_now()}, cpu[3] = {cpu_now()};

  c.feature = q->all ? AMLRT_NONE : first_histogram(c.info);
  c.until = q->seconds > 0 ? at[0] + q->seconds : 0;
  opts.n_threads = q->threads;
  opts.history_complete = true;
  opts.light = strcmp(q->want, "counts") == 0;
  opts.on_episode = strcmp(q->want, "episodes") == 0 ? count_episode : NULL;
  opts.plan = q->plan;
  opts.off = tricks_off(q->off);
  opts.cancelled = over;
  opts.user = &c;
  amlrt_status st = amlrt_graph_build(&g, t, &gopts, &err);
  at[1] = bench_now();
  cpu[1] = cpu_now();
  if (st == AMLRT_OK && q->all)
    st = amlrt_detector_run_all(q->of->detector, g, &opts, count, &c, stats, &err);
  else if (st == AMLRT_OK)
    st = amlrt_detector_run(q->of->detector, q->of->i, 0, g, &opts, count, &c, stats, &err);
  at[2] = bench_now();
  cpu[2] = cpu_now();
  amlrt_graph_time filled =
      g ? amlrt_graph_spent(g) : (amlrt_graph_time){0}; // in the midst of the run
  at[1] += filled.clock;
  cpu[1] += filled.processor;
  amlrt_graph_free(g);
  if (st < 0)
    printf("{\"error\": \"%s\"}\n", err.text);
  else
    print_answer(q, t, stats, &c, at, cpu, st);
}

static void estimate(const amlrt_table *t, const pattern *p)
{
  amlrt_run_opts opts = amlrt_run_opts_default();
  amlrt_plan_estimate plan[AMLRT_MAX_PLANS];
  amlrt_error err = {0};
  amlrt_graph *g = NULL;
  uint32_t n = 0;

  amlrt_status st = amlrt_graph_build(&g, t, NULL, &err);
  double begin = bench_now();
  opts.history_complete = true;
  if (st == AMLRT_OK) st = amlrt_detector_estimate(p->detector, p->i, g, &opts, plan, &n, &err);
  double end = bench_now();
  amlrt_graph_free(g);
  printf("{\"pattern\": \"%s\", \"took\": %.4f, \"estimates\": {",
         amlrt_detector_info(p->detector, p->i)->name, end - begin);
  for (uint32_t i = 0; st == AMLRT_OK && i < n; i++)
    printf("%s\"%s\": %.6f", i ? ", " : "", plan[i].plan, plan[i].seconds);
  printf("}}\n");
}

// ---- the machine --------------------------------------------------------------------------------

enum { STREAM_WORDS = 1 << 25, STREAM_BLOCK = 1 << 16, STREAM_ROUNDS = 8 };

static amlrt_status add_up(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                           amlrt_error *err)
{
  const uint64_t *word = user;
  uint64_t *sum = state;

  (void)task, (void)err;
  for (uint64_t b = chunk->begin; b < chunk->end; b++)
    for (uint64_t i = 0; i < STREAM_BLOCK; i++)
      *sum += word[b % (STREAM_WORDS / STREAM_BLOCK) * STREAM_BLOCK + i];
  return AMLRT_OK;
}

static amlrt_status start_sum(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  (void)user, (void)worker, (void)err;
  *state = calloc(1, sizeof(uint64_t));
  return *state ? AMLRT_OK : AMLRT_E_NOMEM;
}

static void finish_sum(void *user, uint32_t worker, void *state)
{
  volatile uint64_t *kept = state; // what is added up is used

  (void)user, (void)worker, (void)*kept;
  free(state);
}

static void stream(uint32_t threads)
{
  uint64_t *word = malloc(STREAM_WORDS * sizeof *word);
  amlrt_error err = {0};

  if (!word) {
    printf("{\"error\": \"no memory\"}\n");
    return;
  }
  memset(word, 1, STREAM_WORDS * sizeof *word);
  amlrt_work work = {.n = STREAM_ROUNDS * (STREAM_WORDS / STREAM_BLOCK),
                     .threads = threads,
                     .user = word,
                     .start = start_sum,
                     .finish = finish_sum,
                     .body = add_up};
  double begin = bench_now();
  amlrt_status st = amlrt_parallel(&work, &err);
  printf("{\"threads\": %" PRIu32 ", \"ok\": %s, \"seconds\": %.4f}\n", threads,
         st == AMLRT_OK ? "true" : "false", bench_now() - begin);
  free(word);
}

// ---- lines --------------------------------------------------------------------------------------

enum { MOST_WORDS = 6 };

static size_t split(char *line, char *word[MOST_WORDS])
{
  size_t n = 0;

  line[strcspn(line, "\n")] = '\0';
  while (n < MOST_WORDS && *(line += strspn(line, " "))) {
    word[n++] = line;
    line += strcspn(line, " ");
    if (*line) *line++ = '\0';
  }
  return n;
}

// What a line names; NULL: there is no such thing.
static const pattern *find_pattern(const loaded *l, const char *word, bool *all)
{
  *all = *word == 'd';
  unsigned long k = strtoul(word + *all, NULL, 10);

  for (size_t i = 0; *all && i < l->n_patterns; i++)
    if (k < l->n_detectors && l->pattern[i].detector == l->detector[k]) return &l->pattern[i];
  return !*all && k < l->n_patterns ? &l->pattern[k] : NULL;
}

static bool answer(const amlrt_table *t, const loaded *l, char *line)
{
  char *word[MOST_WORDS];
  size_t n = split(line, word);
  bool asks_estimate = n == 2 && strcmp(word[0], "estimate") == 0;

  if (n == 2 && strcmp(word[0], "stream") == 0) {
    stream((uint32_t)strtoul(word[1], NULL, 10));
    fflush(stdout);
    return true;
  }
  if (n < 3 && !asks_estimate) {
    fprintf(stderr, "bench_count: a line is PATTERN THREADS PLAN\n");
    return false;
  }
  bool all;
  const pattern *of = find_pattern(l, word[asks_estimate], &all);
  question q = {.of = of,
                .all = all,
                .threads = asks_estimate ? 1 : (uint32_t)strtoul(word[1], NULL, 10),
                .want = n > 3 ? word[3] : "counts",
                .off = n > 4 ? word[4] : "-",
                .seconds = n > 5 ? (double)strtol(word[5], NULL, 10) : 0};
  if (!of || (all && amlrt_detector_n(of->detector) > MOST_TOGETHER) || q.threads == 0 ||
      q.threads > AMLRT_MAX_THREADS) {
    fprintf(stderr, "bench_count: no such pattern, or no threads\n");
    return false;
  }
  if (asks_estimate) {
    estimate(t, q.of);
  } else {
    q.plan = strcmp(word[2], "-") == 0 ? NULL : word[2];
    run(t, &q);
  }
  fflush(stdout);
  return true;
}

int main(int argc, char **argv)
{
  loaded l = {0};
  char line[256];

  if (argc < 3) {
    fprintf(stderr, "usage: bench_count TABLE DETECTOR.so ...\n");
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
