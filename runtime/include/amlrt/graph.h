// The graph of a table: which rows an account sent and which it got, in the order of time.
//
// An adjacency is a structure of arrays. The entries of account v are begin[v] .. end[v]-1; each is one
// row of the table, and they ascend by row, which is the order of (time, id). A slice is always bounded
// by begin and end, never by the begin of the next account. A self-transfer is in both lists of its
// account. Parallel transfers are entries of their own.
//
// The arrays may be read up to AMLRT_GRAPH_PAD entries past the end of any slice (what stands there
// means nothing), so that kernels may load whole vectors and look ahead.
//
// Bytes, an entry: 4 neighbour, 4 row, 4 time; with both directions 24 an edge, and 16 an account. The
// columns a detector reads (time, from, to, both amounts, both currencies, format) are 38 an edge: 62
// in all. What names a row in the output (input row, id) comes on top and is not touched while mining.
//
// Threads: a finished graph is read-only and may be shared.
#ifndef AMLRT_GRAPH_H
#define AMLRT_GRAPH_H

#include "amlrt/amlrt.h"
#include "amlrt/table.h"

typedef struct amlrt_graph amlrt_graph;

#define AMLRT_GRAPH_PAD 16

typedef struct amlrt_adjacency {
  const uint32_t *begin, *end; // by account
  const uint32_t *neighbour;   // by entry: the account at the other end
  const uint32_t *row;         // by entry
  const uint32_t
      *time; // by entry: time of the row less that of the first row of the table. NULL: the
             // times of the table do not fit 32 bits (136 years of seconds); read its column
} amlrt_adjacency;

typedef struct amlrt_graph_opts {
  uint32_t threads;              // 0: as many as pay, at most all
  const amlrt_alloc *mem;        // NULL for malloc
  bool (*cancelled)(void *user); // asked by any thread now and then; NULL
  void *user;
  bool later; // nothing is filled yet; amlrt_graph_need does it, with these options
} amlrt_graph_opts;

// Builds both directions. The result does not depend on the number of threads. For the time of the
// building 16 bytes an edge more are needed.
// Returns: AMLRT_OK; AMLRT_INTERRUPTED or AMLRT_E_NOMEM: *out is NULL.
AMLRT_API amlrt_status amlrt_graph_build(amlrt_graph **out,            // out: freed by the caller
                                         const amlrt_table *t,         // in: outlives *out
                                         const amlrt_graph_opts *opts, // in: NULL for the defaults
                                         amlrt_error *err) AMLRT_MUST_USE;
AMLRT_API void amlrt_graph_free(amlrt_graph *g); // NULL is fine

// Fills the directions named, unless they are filled: of a graph built with `later`, of which some
// questions need none or one. A direction that is not filled must not be looked at. Runs call it for what
// they need. Threads: several at once. Returns as amlrt_graph_build.
enum { AMLRT_GRAPH_OUT = 1, AMLRT_GRAPH_IN = 2 };
AMLRT_API amlrt_status amlrt_graph_need(const amlrt_graph *g, unsigned sides,
                                        amlrt_error *err) AMLRT_MUST_USE;

// What was spent on filling so far: seconds on the clock, and of all processors.
typedef struct amlrt_graph_time {
  double clock, processor;
} amlrt_graph_time;
AMLRT_API amlrt_graph_time amlrt_graph_spent(const amlrt_graph *g);

AMLRT_API const amlrt_table *amlrt_graph_table(const amlrt_graph *g);
AMLRT_API const amlrt_adjacency *amlrt_graph_out(const amlrt_graph *g); // rows an account sent
AMLRT_API const amlrt_adjacency *amlrt_graph_in(const amlrt_graph *g);  // rows it got
AMLRT_API int64_t amlrt_graph_time_base(const amlrt_graph *g); // of the first row; 0 without rows

// ---- size and shape -----------------------------------------------------------------------------

typedef struct amlrt_graph_size {
  uint64_t adjacency; // bytes of the entries, both directions
  uint64_t accounts;  // bytes of begin and end, both directions
  uint64_t columns;   // bytes of the columns that a detector reads; they are the table's
} amlrt_graph_size;
AMLRT_API amlrt_graph_size amlrt_graph_bytes(const amlrt_graph *g);

// Degrees count transfers: self-transfers and parallel ones too. accounts[0] is how many accounts have
// degree 0, accounts[k] how many have one in 2^(k-1) .. 2^k - 1; transfers[k] is the sum of theirs.
typedef struct amlrt_degrees {
  uint32_t max;
  uint32_t max_account; // the first with it; AMLRT_NONE without accounts
  uint32_t accounts[33];
  uint64_t transfers[33];
} amlrt_degrees;
AMLRT_API const amlrt_degrees *amlrt_graph_out_degrees(const amlrt_graph *g);
AMLRT_API const amlrt_degrees *amlrt_graph_in_degrees(const amlrt_graph *g);
AMLRT_API uint32_t amlrt_graph_n_self(const amlrt_graph *g); // self-transfers

// ---- windows ------------------------------------------------------------------------------------

// For trigger e the rows lo[e] .. e exist: those up to e in the order of (time, id) with a time
// > time(e) - within. lo has room for n_rows. within < 1 is AMLRT_E_ARG.
AMLRT_API amlrt_status amlrt_graph_window_lo(const amlrt_graph *g, int64_t within, uint32_t *lo,
                                             amlrt_error *err) AMLRT_MUST_USE;

// The same for one trigger, searched (at the start of a chunk of triggers), and from the answer for an
// earlier trigger, advanced. within >= 1. Times are subtracted unsigned: no pair of times overflows.
AMLRT_API uint32_t amlrt_graph_window_first(const amlrt_graph *g, uint32_t e, int64_t within);
static inline uint32_t amlrt_window_next(const int64_t *time, uint32_t lo, uint32_t e,
                                         int64_t within)
{
  while ((uint64_t)time[e] - (uint64_t)time[lo] >= (uint64_t)within)
    lo++;
  return lo;
}

// The first entry of a slice with a row >= `row`; end where there is none. So what exists of a slice
// for trigger e is amlrt_slice_from(a->row, begin, end, lo[e]) .. amlrt_slice_from(.., e + 1) - 1.
static inline uint32_t amlrt_slice_from(const uint32_t *rows, uint32_t begin, uint32_t end,
                                        uint32_t row)
{
  uint32_t n = end - begin;

  while (n > 0) {
    uint32_t half = n / 2;
    bool below = rows[begin + half] < row;
    begin = below ? begin + half + 1 : begin;
    n = below ? n - half - 1 : half;
  }
  return begin;
}

#endif
