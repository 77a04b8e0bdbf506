// host DETECTOR.so TABLE.csv: loads the detector as a bank's program would, and prints each match as
// pattern, trigger, degree and number of constraints left out.
#include "amlrt/detector.h"
#include "amlrt/graph.h"
#include "amlrt/match.h"
#include <inttypes.h>
#include <stdio.h>

static amlrt_status print(void *user, const amlrt_match *m)
{
  const amlrt_detector *d = user;
  const amlrt_pattern_info *info = amlrt_detector_info(d, m->pattern);
  uint32_t left_out = 0, members = 0;
  for (uint32_t i = 0; i < info->n_constraints; i++)
    left_out += m->constraints[i].left_out;
  for (uint32_t i = 0; i < info->n_roles; i++)
    members += m->roles[i].n;
  printf("%s %u %" PRId64 " %u %u\n", info->name, m->trigger, m->degree, left_out, members);
  return AMLRT_OK;
}

static int fail(const amlrt_error *err)
{
  fprintf(stderr, "host: %s\n", err->text);
  return 1;
}

int main(int argc, char **argv)
{
  amlrt_read_opts ro = amlrt_read_opts_default();
  amlrt_graph_opts go = {0};
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_error err = {0};
  amlrt_detector *d = NULL;
  amlrt_table *t = NULL;
  amlrt_graph *g = NULL;
  const char *paths[] = {argc > 2 ? argv[2] : ""};
  amlrt_status st = amlrt_detector_load(&d, argc > 1 ? argv[1] : "", NULL, NULL, &err);
  if (st >= 0) st = amlrt_table_read(&t, paths, 1, &ro, &err);
  if (st >= 0) st = amlrt_graph_build(&g, t, &go, &err);
  for (uint32_t i = 0; st >= 0 && i < amlrt_detector_n(d); i++)
    st = amlrt_detector_run(d, i, i, g, &o, print, d, NULL, &err);
  amlrt_graph_free(g);
  amlrt_table_free(t);
  amlrt_detector_free(d);
  return st < 0 ? fail(&err) : 0;
}
