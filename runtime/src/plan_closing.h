// Plan closing-search: what its files share. Chains whose hops follow each other in time are found from
// their last hop, the trigger (plan_closing.c says how).
//
// An edge is a transfer that may lie on a chain; edges are numbered from 1 in the order of rows. Times
// are whole seconds since a base, at least 1, so that 0 is before all and UINT32_MAX after all.
#ifndef AMLRT_SRC_PLAN_CLOSING_H
#define AMLRT_SRC_PLAN_CLOSING_H

#include "runtime/src/plan.h"

enum {
  AMLRT__HOP = 1,
  AMLRT__LAST = 2
}; // may be a hop before the last; may be the last, the trigger

typedef struct amlrt__edges { // place i: edge i + 1
  uint32_t *from, *to, *time, *row;
  uint8_t *use;
  uint32_t n;
} amlrt__edges;

// Of an open chain: a transfer among those its payee got.
typedef struct amlrt__entry {
  uint32_t from, time, row;
  uint32_t before; // its payer's list: the first entry not before it in the order of rows
  double amount;   // paid; no number where not given
  uint32_t currency;
} amlrt__entry;

// How an edge goes on, backward or onward in time: to the account at its far end, and there to the nearest
// edge in time, strictly before or after it; `chain` is the next one at its near end.
typedef struct amlrt__link_to {
  uint32_t account, time, first, chain;
} amlrt__link_to;

typedef struct amlrt__closing {
  const amlrt__run *run;
  const amlrt_pplan *row;
  const amlrt_pstage *walk;
  uint32_t stage;
  const amlrt_ppair *pair;
  uint32_t begin, first, end; // rows: existing for some trigger; triggers
  int64_t base;               // a time less this
  uint32_t within;            // a chain's times differ by less
  uint32_t least, most;       // seconds between a hop and the next
  uint32_t widest;            // the most that any pattern asks for which edges are filtered
  bool only_time;             // nothing else is asked of a hop and the next
  bool any_gap;               // and no most but the window
  uint32_t longest;           // chain: accounts between its ends, at most
  uint32_t shortest;
  amlrt_degree *degree; // by length, up to `longest`
  amlrt__edges e;
  bool lent; // edges, links and entries are the run's (common.h)
  // By edge: of one that may be the last, no way leads from its payee to its payer; nobody need ask again. NULL:
  // nobody else would.
  unsigned char *nothing;
  bool was_asked; // by a pattern before
  // By edge; [0] and [n + 1] end all chains.
  amlrt__link_to *back, *on;
  uint32_t *start; // of an edge that may be the last: the first in its window that its payee sent
  // Of open chains: entries by payee; of an edge, its entry.
  amlrt__entry *in;
  uint32_t *place;
  double ratio[2]; // amount of a hop / that of the hop before, with room for rounding
  uint64_t unit;   // edges of a unit
  bool dense;      // sweep many triggers at once, else search for each
} amlrt__closing;

// The first time that is in the window, or may be the hop before, for something at `time`.
static inline uint32_t amlrt__window_from(const amlrt__closing *c, uint32_t time)
{
  return time >= c->within ? time - c->within + 1 : 1;
}
static inline uint32_t amlrt__gap_from(const amlrt__closing *c, uint32_t time)
{
  return time > c->most ? time - c->most : 1;
}

// plan_closing_filter.c: fills c->e. Only of closed chains some transfers are left out.
amlrt_status amlrt__closing_filter(const amlrt__plan *pl, amlrt__closing *c, amlrt_error *err);
void amlrt__closing_release_edges(amlrt__closing *c);
// plan_closing_link.c: fills c->back, c->on, c->start.
amlrt_status amlrt__closing_link(const amlrt__plan *pl, amlrt__closing *c, amlrt_error *err);

// plan_closing_common.c: edges, links and entries are the same for all patterns whose walks take in the same
// transfers, if edges are filtered for the widest gap that one of them asks.
bool amlrt__closing_wants(const amlrt__run *run, const amlrt_pplan *row, amlrt__commons *all);
// What others of the run want too; NULL: nothing. Sets c->widest.
amlrt__common *amlrt__closing_common(amlrt__closing *c);
// From now on the run's. False: no memory.
bool amlrt__closing_keep(amlrt__closing *c, amlrt__common *kept);
void amlrt__closing_take(amlrt__closing *c, const amlrt__common *kept);

// ---- of a worker ----------------------------------------------------------------------------------

// The edges that a trigger's chains are made of, ascending: few, of some thousands of millions.
typedef struct amlrt__web {
  uint32_t *edge, *from, *to, *time, *next, *first;
  uint32_t n, n_rows;
  size_t cap;
} amlrt__web;

typedef struct amlrt__sweep amlrt__sweep;
typedef struct amlrt__closer {
  const amlrt__closing *c;
  uint32_t *head; // by account: UINT32_MAX, but while a web is woven
  amlrt__web web;
  // searching one trigger: plan_closing_search.c
  uint32_t *mark[2]; // by edge: serial of the search that took it
  uint32_t serial;
  uint32_t *queue[2], *taken[2];
  size_t cap_queue[2], cap_taken[2];
  unsigned char *answer; // by edge of the unit
  size_t cap_answer;
  amlrt__sweep *sweep;
  // following chains: plan_closing_chain.c
  uint64_t *step;
  size_t cap_step;
  uint32_t *path;
  uint32_t *found; // what a unit found: number of words, trigger, keys
  size_t cap_found, n_found;
} amlrt__closer;

static inline amlrt__closer *amlrt__closer_of(const amlrt_worker *w)
{
  return w->plan_state;
}
static inline bool amlrt__closing_nomem(amlrt_worker *w)
{
  w->st = AMLRT_E_NOMEM;
  return false;
}

// plan_closing_chain.c
bool amlrt__web_add(amlrt_worker *w, uint32_t edge); // ascending
// Follows the chains in the web that `trigger` (an edge) closes, hands them over and empties the web.
bool amlrt__closing_chains(amlrt_worker *w, uint32_t trigger);
// Does a transfer follow another in a chain: by their times (since the base), and what is asked along?
bool amlrt__closing_follows(amlrt_worker *w, const amlrt__closing *c, uint32_t time0, uint32_t row0,
                            uint32_t time1, uint32_t row1);
void amlrt__closing_sort(uint64_t *at, size_t n);
bool amlrt__closing_barred(const amlrt_worker *w, uint32_t account, uint32_t row);

// plan_closing_search.c: triggers one by one. Edges begin .. end - 1.
bool amlrt__closing_search(amlrt_worker *w, uint32_t begin, uint32_t end);
void amlrt__closing_search_release(amlrt__closer *k, const amlrt_alloc *mem);
// Could the edge be a trigger, by the edges nearest to it?
static inline bool amlrt__may_close(const amlrt__closing *c, uint32_t edge)
{
  const amlrt__link_to *before = &c->back[c->back[edge].first];

  if (c->nothing && c->nothing[edge]) return false;
  return c->e.use[edge - 1] & AMLRT__LAST &&
         before->time >= amlrt__gap_from(c, c->back[edge].time) &&
         c->on[c->start[edge]].time <= before->time;
}
static inline void amlrt__closes_nothing(const amlrt__closing *c, uint32_t edge)
{
  if (c->nothing) c->nothing[edge] = 1;
}
// What a search costs, from a sample: nanoseconds about.
double amlrt__closing_sample(const amlrt__closing *c);

// plan_closing_open.c: chains that need not close.
amlrt_status amlrt__closing_lists(amlrt__closing *c, amlrt_error *err); // fills c->in, c->place
void amlrt__closing_take_ratio(amlrt__closing *c);
bool amlrt__closing_open(amlrt_worker *w, uint32_t begin, uint32_t end);
// plan_closing_found.c: one more of those of a unit, in the order the caller of the run wants; all over.
bool amlrt__closing_found(amlrt_worker *w, uint32_t row, const uint32_t *ends, uint32_t n_chain,
                          const uint32_t *chain);
bool amlrt__closing_hand_over(amlrt_worker *w);

// plan_closing_sweep.c: many triggers at once.
bool amlrt__closing_sweep(amlrt_worker *w, uint32_t begin, uint32_t end);
void amlrt__closing_sweep_release(amlrt__sweep *s, const amlrt_alloc *mem);

#endif
