// The run of one program over a graph; see amlrt_detector_run.
#ifndef AMLRT_SRC_RUN_DETECTOR_H
#define AMLRT_SRC_RUN_DETECTOR_H

#include "amlrt/detector.h"
#include "amlrt/program.h"

amlrt_status amlrt__run_program(const amlrt_program *p, uint32_t pattern_index,
                                const amlrt_graph *graph, const amlrt_run_opts *opts,
                                amlrt_match_fn on_match, void *user, amlrt_run_stats *stats,
                                amlrt_error *err) AMLRT_MUST_USE;

#endif
