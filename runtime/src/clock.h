// What a clock says, in seconds.
#ifndef AMLRT_SRC_CLOCK_H
#define AMLRT_SRC_CLOCK_H

#include <time.h>

static inline double amlrt__clock_of(clockid_t id)
{
  struct timespec t;
  clock_gettime(id, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline double amlrt__clock(void) // only differences mean something
{
  return amlrt__clock_of(CLOCK_MONOTONIC);
}

#endif
