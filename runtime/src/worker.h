// What the files of the evaluator share: docs/semantics.md as tables and functions over the graph.
//
// Lifetimes of data, from long to short:
//   amlrt__run      a run         what all workers read: tables, resolved texts, windows, filters asked
//   amlrt_worker    a thread      what exists for its trigger, candidates, scratch memory
//   amlrt_eval      a candidate   members and transfers left, as they shrink (eval.h)
//
// Out of memory, a limit and a stop on request unwind the same way: w->st is set, and whatever returns
// bool gives false. Ends of a transfer are 0 (from) and 1 (to); the rows an account stands in at an end
// are side `end` of the graph. AMLRT_NONE is no role, no row, no account; as a role it is `any`.
#ifndef AMLRT_SRC_WORKER_H
#define AMLRT_SRC_WORKER_H

#include "amlrt/amlrt_gen.h"
#include "amlrt/detector.h"
#include "amlrt/graph.h"
#include "amlrt/sched.h"
#include "amlrt/sets.h"

#include <stdatomic.h>

enum { AMLRT__FROM, AMLRT__TO };
enum { AMLRT__SLOT_LIST = 4, AMLRT__SLOTS }; // of marks; generated code has those before SLOT_LIST

typedef struct amlrt__list {
  uint32_t *at;
  uint32_t n;
} amlrt__list;

// ---- scratch memory: worker_mem.c -----------------------------------------------------------------

typedef struct amlrt__chunk amlrt__chunk;
typedef struct amlrt__mem { // a stack of memory: taken piece by piece, given back down to a mark
  const amlrt_alloc *alloc;
  amlrt__chunk *first, *top; // chunks above `top` are empty, and kept for use again
  size_t asked, limit;       // bytes taken and not given back; how many may be, 0: any
} amlrt__mem;
typedef struct amlrt__mark {
  amlrt__chunk *top;
  size_t used, asked;
} amlrt__mark;

void amlrt__mem_init(amlrt__mem *m, const amlrt_alloc *alloc, size_t limit);
void amlrt__mem_release(amlrt__mem *m);
void amlrt__mem_trim(
    amlrt__mem *m); // of an empty one: frees what is more than a usual trigger needs
amlrt__mark amlrt__mem_mark(const amlrt__mem *m);
void amlrt__mem_back(amlrt__mem *m, amlrt__mark mark);
// n items, not cleared; NULL and w->st where there is no memory. Never NULL for n = 0.
void *amlrt__take(amlrt_worker *w, size_t n, size_t bytes);
void *amlrt__take_clear(amlrt_worker *w, size_t n, size_t bytes); // zeroed
bool amlrt__take_list(amlrt_worker *w, amlrt__list *out, size_t cap);
// Counts steps of work and asks now and then whether to stop; false: unwind.
bool amlrt__ask_stop(amlrt_worker *w);

// ---- a run: worker_run.c --------------------------------------------------------------------------

typedef struct amlrt__symbol {
  uint32_t number;          // of the table: a currency or format, 0: it has it not
  uint32_t currency;        // of CURRENCY: number among run->currency
  const amlrt_extra *extra; // of COLUMN and ATTRIBUTE; NULL: not there
} amlrt__symbol;

typedef struct amlrt__hubs amlrt__hubs;   // hubs.h
typedef struct amlrt__stats amlrt__stats; // stats.h

typedef struct amlrt__run {
  const amlrt_program *p;
  const amlrt_graph *graph;
  const amlrt_table *table;
  const amlrt_columns *col;
  const amlrt_adjacency *side[2];
  const amlrt_run_opts *opts;
  const amlrt_alloc *mem;
  const amlrt_set_kernels *sets;
  amlrt_cols cols;
  uint32_t *window_lo;
  amlrt__symbol *symbol;
  const char **currency; // canonical texts; those after the table's are of the pattern
  int *decimals;         // by currency of the table
  amlrt_i128 *unit;      // by currency of the table: 10^decimals
  uint64_t *least;       // by role: no smaller size has a degree above 0
  bool *may_equal;       // by role and role
  uint32_t *walk_pair;   // by stage: the pair along it; AMLRT_NONE
  bool *checked;         // by role: its accounts may fail as they start (semantics 4.2 (a))
  bool *start_counts; // by role: who started it decides something for good, even if dropped later
  uint32_t *
      own_to; // by role: its members are judged by what they have alone, and this group may be at the other end of
              // that (eval_own.c), or itself; AMLRT_NONE: they are not
  bool *late; // by stage: evidence alone, of a late role
  bool has_late;
  bool has_each;   // aggregates under `each` of a group: rounds (b)
  bool has_shares; // rounds (c)
  bool shrinks;    // any of these
  atomic_uchar *
      *known; // by stage and row: 0 not asked, 1 fails, 2 passes the filter; NULL: no filter
  bool *lent; // by stage: the answers belong to another
  uint32_t n_roles, n_stages, n_singles, n_currencies;
  uint32_t any_stage;  // the one stage the trigger can be in; AMLRT_NONE: several
  bool *may_be_hub;    // by account: has more transfers than the limit in all; NULL: no limit
  amlrt__stats *stats; // NULL: not sampled yet
  const struct amlrt__run *before; // made before it for the same detector; NULL
  const struct amlrt__run *like;   // a run made before with the same windows, whose are used; NULL
  struct amlrt__commons *commons;  // of the patterns of its run (common.h); NULL: nothing
  const amlrt__hubs *hubs;         // when accounts are over that limit; NULL: not asked yet
  amlrt__hubs *hubs_made;          // hubs, where they are its own
  amlrt__hubs *hubs_own; // the same for the pattern's own limit, where the run's is lower; NULL
  int64_t time_base;     // what times of the adjacency are reckoned from
  int64_t hub_limit;     // the lower of the pattern's and the run's; 0: none
  size_t scratch_limit;  // of a trigger; 0: none
  uint32_t first, end;   // triggers
} amlrt__run;

amlrt_status amlrt__run_make(amlrt__run *run, amlrt_error *err);
void amlrt__run_release(amlrt__run *run);
static inline bool amlrt__trick(const amlrt__run *run, amlrt_trick trick) // is it on?
{
  return !(run->opts->off >> trick & 1);
}
static inline bool amlrt__may_equal(const amlrt__run *run, uint32_t a, uint32_t b)
{
  return run->may_equal[(size_t)a * run->n_roles + b];
}
static inline bool amlrt__is_group(const amlrt__run *run, uint32_t role)
{
  return role != AMLRT_NONE && run->p->roles[role].kind == AMLRT_ROLE_GROUP;
}
static inline uint32_t amlrt__end_of(const amlrt_pstage *s, int end)
{
  return end == AMLRT__FROM ? s->from : s->to;
}

// ---- a worker: worker.c ---------------------------------------------------------------------------

// What exists of an account's rows on one side, for the trigger whose serial (its low half) this is; the
// next trigger's are looked for from there on.
typedef struct amlrt__bounds {
  uint32_t lo, hi, serial;
} amlrt__bounds;

// Where an account stands in a group of the candidate with this serial.
typedef struct amlrt__place {
  uint32_t serial, at;
} amlrt__place;

// Candidates of a trigger, one after the other. By role: the account of a single role; the number of
// accounts of a chain, and these; of a group nothing.
typedef struct amlrt__candidates {
  uint32_t *at;
  size_t n, cap;
  size_t *start; // by candidate
  size_t count, start_cap;
} amlrt__candidates;

// What becomes of a match (run_plan.c).
typedef enum {
  AMLRT__WANT_ALL,    // written whole for the consumer
  AMLRT__WANT_LIGHT,  // its trigger, degree and features
  AMLRT__WANT_FOLD,   // its degree and rows, for the episode at hand
  AMLRT__WANT_NOTHING // it is only counted what finding it costs
} amlrt__want;
typedef struct amlrt__plan amlrt__plan;
typedef struct amlrt__fold amlrt__fold;

typedef struct amlrt__reach amlrt__reach; // of a walk, see walk_reach.c
typedef struct amlrt__given amlrt__given; // what a candidate starts with, see eval.h

struct amlrt_worker {
  const amlrt__run *run;
  amlrt_task *task;
  amlrt_status st; // AMLRT_OK, or why all unwinds; TRUNCATED: the memory limit
  uint64_t steps, ask_at;
  uint64_t walked; // of the steps: transfers gone over by compiled loops, which cost little each
  uint64_t budget; // of steps, for a trial; 0: none
  amlrt__mem scratch;
  // what exists for the trigger at hand
  uint32_t trigger, first;
  int64_t time;
  uint64_t serial;   // counts triggers, to tell what was noted for which
  uint32_t from_now; // low half of the serial since when triggers have only gone up
  bool checks_currency;
  amlrt_currency currency_of_trigger;
  amlrt__bounds *bounds[2]; // by account; NULL: searched for each time
  uint64_t *hub_asked; // by account: serial of the trigger it was asked for, times 2, plus barred
  // the comparison at hand (gen_money.c)
  uint32_t cmp_one;              // the first currency seen, 0: none
  bool cmp_several, cmp_missing; // missing: an amount or its currency is not given
  bool convert;                  // it adds up several currencies
  uint32_t currency;             // of all of it; 0: several or none
  int64_t literal_time;          // at which amounts of the pattern are converted
  struct amlrt__slot {
    uint32_t *mark;
    uint32_t now, n;
  } slot[AMLRT__SLOTS];
  amlrt__candidates cand;
  amlrt__reach **reach;  // by stage
  amlrt__place **place;  // by group and account; made when first used
  uint32_t place_serial; // counts candidates
  uint64_t n_candidates;
  size_t wrote; // bytes, in the unit at hand
  size_t said;  // bytes written for the consumer in the chunk at hand
  bool cut;     // by the memory limit
  amlrt__want want;
  const amlrt__plan *plan;   // NULL: trigger-major
  void *plan_state;          // of the plan's
  amlrt__fold *fold;         // WANT_FOLD
  const amlrt__given *given; // by the plan, for the candidate at hand; NULL: looked for
};

amlrt_status amlrt__worker_new(amlrt_worker **out, const amlrt__run *run, amlrt_error *err);
void amlrt__worker_free(amlrt_worker *w);
void amlrt__worker_set(amlrt_worker *w, uint32_t trigger);

static inline bool amlrt__step(amlrt_worker *w, uint64_t n)
{
  w->steps += n;
  return w->steps < w->ask_at ? w->st == AMLRT_OK : amlrt__ask_stop(w);
}
void amlrt__find_bounds(amlrt_worker *w, uint32_t account, int end, amlrt__bounds *b);
enum { AMLRT__FEW_ROWS = 32 }; // slices that are searched as quickly as their bounds are looked up
// Rows of an account at an end that exist for the trigger (but for `same currency`).
static inline amlrt_slice amlrt__slice(amlrt_worker *w, uint32_t account, int end)
{
  const amlrt_adjacency *a = w->run->side[end];
  uint32_t begin = a->begin[account], stop = a->end[account];
  amlrt_slice out = {.nbr = a->neighbour, .row = a->row};

  if (stop - begin <= AMLRT__FEW_ROWS || !w->bounds[end]) {
    out.lo = amlrt_slice_from(a->row, begin, stop, w->first);
    out.hi = amlrt_slice_from(a->row, out.lo, stop, w->trigger + 1);
    return out;
  }
  amlrt__bounds *b = &w->bounds[end][account];
  if (b->serial != (uint32_t)w->serial) amlrt__find_bounds(w, account, end, b);
  out.lo = b->lo;
  out.hi = b->hi;
  return out;
}
// The slice will be asked for in some hundred steps: has it fetched.
static inline void amlrt__slice_soon(const amlrt_worker *w, uint32_t account, int end)
{
  __builtin_prefetch(&w->run->side[end]->begin[account]);
  __builtin_prefetch(&w->run->side[end]->end[account]);
}
// By the limit on hubs (semantics 2).
bool amlrt__is_hub(amlrt_worker *w, uint32_t account);
static inline bool amlrt__barred(amlrt_worker *w, uint32_t account)
{
  return w->run->may_be_hub && w->run->may_be_hub[account] && amlrt__is_hub(w, account);
}
// Do more than so many of its transfers exist?
bool amlrt__has_more(amlrt_worker *w, uint32_t account, int end, uint64_t limit);
bool amlrt__passes_filter(amlrt_worker *w, uint32_t stage, uint32_t row);
// Of a row inside the window: `same currency`.
static inline bool amlrt__exists(const amlrt_worker *w, uint32_t row)
{
  return !w->checks_currency || w->run->col->currency[row] == w->currency_of_trigger;
}
static inline bool amlrt__passes(amlrt_worker *w, uint32_t stage, uint32_t row)
{
  if (!amlrt__exists(w, row)) return false;
  return !w->run->known[stage] || amlrt__passes_filter(w, stage, row);
}
static inline uint32_t amlrt__at_end(const amlrt_worker *w, uint32_t row, int end)
{
  return end == AMLRT__FROM ? w->run->col->from[row] : w->run->col->to[row];
}
static inline uint32_t amlrt__n_in_window(const amlrt_worker *w)
{
  return w->trigger - w->first + 1;
}
bool amlrt__add_candidate(amlrt_worker *w, const amlrt__list *keys);      // by role
bool amlrt__add_words(amlrt_worker *w, const uint32_t *keys, uint32_t n); // as it is kept
int amlrt__keys_order(const void *run, const void *a,
                      const void *b);         // of two candidates; run: amlrt__run
bool amlrt__sort_candidates(amlrt_worker *w); // and drops repeats

// ---- sets: worker_list.c --------------------------------------------------------------------------

bool amlrt__sort(amlrt_worker *w, amlrt__list *l);                   // ascending
void amlrt__unique(amlrt__list *l);                                  // of a sorted list
uint32_t amlrt__find(const uint32_t *at, uint32_t n, uint32_t what); // in a sorted one; AMLRT_NONE
bool amlrt__keep_common(amlrt_worker *w, amlrt__list *a, const amlrt__list *b); // both sorted
bool amlrt__keep_others(amlrt_worker *w, amlrt__list *a, const amlrt__list *b);
bool amlrt__merge(amlrt_worker *w, amlrt__list *out, const amlrt__list *a, const amlrt__list *b);
bool amlrt__copy(amlrt_worker *w, amlrt__list *out, const amlrt__list *a);
// Everyone with a transfer inside the window.
bool amlrt__all_in_window(amlrt_worker *w, amlrt__list *out);
// Sorts pointers by an order of the caller's; stable.
typedef int (*amlrt__order)(const void *user, const void *a, const void *b);
bool amlrt__sort_by(amlrt_worker *w, const void **at, size_t n, amlrt__order order,
                    const void *user);

// ---- amounts: gen_money.c -------------------------------------------------------------------------

bool amlrt__is_amount(amlrt_field f);
uint32_t amlrt__currency_at(const amlrt_worker *w, amlrt_field f, uint32_t row);
bool amlrt__convert(amlrt_worker *w, amlrt_frac *v, uint32_t currency, int64_t time);
amlrt_i128 amlrt__ten_to(int n);
const char *amlrt__canonical(const char *currency); // the ISO code where the name is known

// ---- the generic generator: bind_*.c, walk_*.c ----------------------------------------------------

bool amlrt__bind(amlrt_worker *w);
void amlrt__reach_free(amlrt__reach *r, const amlrt_alloc *mem);

// ---- triggers: eval.c, run_match.c ----------------------------------------------------------------

bool amlrt__evaluate(amlrt_worker *w, const uint32_t *candidate);

#endif
