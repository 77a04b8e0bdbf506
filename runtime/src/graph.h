// The insides of a graph.
#ifndef AMLRT_SRC_GRAPH_H
#define AMLRT_SRC_GRAPH_H

#include "runtime/src/alloc.h"
#include "amlrt/graph.h"

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
};

// graph_build.c: fills both sides, whose arrays are there.
amlrt_status amlrt__graph_fill(amlrt_graph *g, const amlrt_graph_opts *opts,
                               amlrt_error *err) AMLRT_MUST_USE;

#endif
