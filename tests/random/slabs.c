// A run that hands over what it found every few triggers (amlrt_run_opts.slab, which the command line
// asks for only on long runs) finds what a run in one piece does: every pattern of a detector, by every
// plan it has, on some numbers of threads, with every match, with episodes, and counted only.
//
//   slabs DETECTOR.so TABLE.csv ACCOUNTS.csv
//
// equality.py holds runs in one piece to the reference; this holds slabs to those.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/detector.h"
#include "amlrt/graph.h"
#include "amlrt/match.h"

typedef enum { WANT_ALL, WANT_EPISODES, WANT_LIGHT, N_WANTS } want;

typedef struct answer {
  uint8_t alerts[32]; // SHA-256
  uint64_t n, sum;    // light matches, a sum over them that has no order
} answer;

typedef struct world {
  amlrt_detector *detector;
  amlrt_table *table;
  amlrt_graph *graph;
  uint32_t passed, failed;
} world;

static void die(const char *what, const amlrt_error *err)
{
  fprintf(stderr, "slabs: %s: %s\n", what, err->text);
  abort();
}

static amlrt_status count_light(void *user, const amlrt_match *m)
{
  answer *a = user;
  uint64_t mixed = (uint64_t)m->trigger * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)m->degree;

  a->n++;
  a->sum += (mixed ^ mixed >> 29) * UINT64_C(0xbf58476d1ce4e5b9) + m->inconclusive;
  return AMLRT_OK;
}

static void digest(const amlrt_sink *sink, answer *a)
{
  amlrt_error err = {0};
  amlrt_out *out;
  FILE *file = tmpfile();

  if (!file || amlrt_out_stream(&out, file, "alerts", NULL, &err) < 0) die("tmpfile", &err);
  amlrt_write_alerts(out, sink);
  if (amlrt_out_close(out, a->alerts, &err) < 0) die("tmpfile", &err);
  fclose(file);
}

static answer run(const world *w, uint32_t i, want wanted, const amlrt_run_opts *common)
{
  answer a = {{0}, 0, 0};
  amlrt_run_opts o = *common;
  amlrt_error err = {0};
  amlrt_sink *sink = NULL;
  amlrt_mode mode = wanted == WANT_ALL ? AMLRT_MODE_ALL : AMLRT_MODE_EPISODE;
  amlrt_status st;

  if (wanted == WANT_LIGHT) {
    o.light = true;
    st = amlrt_detector_run(w->detector, i, 0, w->graph, &o, count_light, &a, NULL, &err);
    if (st != AMLRT_OK) die("run", &err);
    return a;
  }
  st = amlrt_sink_new(&sink, amlrt_detector_info(w->detector, i), 1, w->table, mode, NULL, &err);
  if (st < 0) die("sink", &err);
  o.user = sink;
  if (wanted == WANT_EPISODES) o.on_episode = amlrt_sink_add_episode;
  st = amlrt_detector_run(w->detector, i, 0, w->graph, &o, amlrt_sink_add, sink, NULL, &err);
  if (st == AMLRT_OK) st = amlrt_sink_finish(sink, &err);
  if (st != AMLRT_OK) die("run", &err);
  digest(sink, &a);
  amlrt_sink_free(sink);
  return a;
}

static void compare(world *w, uint32_t i, const char *plan, want wanted)
{
  static const uint32_t slabs[] = {1, 3, 17}, threads[] = {1, 3};
  amlrt_run_opts o = amlrt_run_opts_default();

  o.plan = plan;
  o.n_threads = 1;
  answer whole = run(w, i, wanted, &o);
  for (size_t k = 0; k < sizeof slabs / sizeof *slabs; k++) {
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
      o.slab = slabs[k];
      o.n_threads = threads[t];
      answer cut = run(w, i, wanted, &o);
      bool same = memcmp(cut.alerts, whole.alerts, sizeof cut.alerts) == 0 && cut.n == whole.n &&
                  cut.sum == whole.sum;
      w->passed += same;
      w->failed += !same;
      if (!same)
        printf("%s, plan %s, %s: slabs of %" PRIu32 " triggers, %" PRIu32 " threads: different\n",
               amlrt_detector_info(w->detector, i)->name, plan,
               (const char *[]){"all", "episode", "light"}[wanted], slabs[k], threads[t]);
    }
  }
}

int main(int argc, char **argv)
{
  world w = {0};
  amlrt_error err = {0};
  amlrt_read_opts ro = amlrt_read_opts_default();
  const char *plans[AMLRT_MAX_PLANS + 1];

  if (argc != 4) {
    fprintf(stderr, "usage: slabs DETECTOR.so TABLE.csv ACCOUNTS.csv\n");
    return 2;
  }
  ro.accounts_path = argv[3];
  const char *path = argv[2];
  if (amlrt_detector_load(&w.detector, argv[1], NULL, NULL, &err) < 0) die(argv[1], &err);
  if (amlrt_table_read(&w.table, &path, 1, &ro, &err) < 0) die(path, &err);
  if (amlrt_graph_build(&w.graph, w.table, NULL, &err) < 0) die("graph", &err);
  for (uint32_t i = 0; i < amlrt_detector_n(w.detector); i++) {
    amlrt_detector_plans(w.detector, i, plans);
    for (size_t p = 0; plans[p]; p++)
      for (want wanted = 0; wanted < N_WANTS; wanted++)
        compare(&w, i, plans[p], wanted);
  }
  amlrt_graph_free(w.graph);
  amlrt_table_free(w.table);
  amlrt_detector_free(w.detector);
  printf("slabs: %" PRIu32 " passed, %" PRIu32 " failed, 0 skipped\n", w.passed, w.failed);
  return w.failed != 0;
}
