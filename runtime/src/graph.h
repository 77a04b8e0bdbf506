// The insides of a graph.
#ifndef AMLRT_SRC_GRAPH_H
#define AMLRT_SRC_GRAPH_H

#include "runtime/src/alloc.h"
#include "amlrt/graph.h"

#include <pthread.h>
#include <stdatomic.h>

// One direction, to write to.
typedef struct amlrt__side {
  uint32_t *begin, *end, *neighbour, *row, *time;
  amlrt_adjacency pub; // the same pointers
  amlrt_degrees degrees;
} amlrt__side;

struct amlrt_graph {
  amlrt_alloc mem;
  const amlrt_table *table;
  int64_t time_base;
  bool narrow; // times are kept with the entries
  uint32_t n_self;
  amlrt__side out, in;
  amlrt_graph_opts opts;
  amlrt_graph *self;      // what amlrt_graph_need writes to, under the lock
  pthread_mutex_t lock;   // one fills, the others wait
  atomic_uint filled;     // AMLRT_GRAPH_OUT, AMLRT_GRAPH_IN
  amlrt_graph_time spent; // under the lock
};

// graph_build.c: fills a side, whose arrays are there.
amlrt_status amlrt__graph_fill(amlrt_graph *g, unsigned side, const amlrt_graph_opts *opts,
                               amlrt_error *err) AMLRT_MUST_USE;

#endif
