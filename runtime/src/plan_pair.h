// The plan key-major sweep (see plan_pair.c): what its files share.
//
//   amlrt__pairs        a slab      the plan's row made ready: sides, bounds on time, stretches
//   amlrt__pair_block   a stretch   its transfers as legs, packed               plan_pair_block.c, plan_pair_pick.c, plan_pair_lists.c
//   amlrt__pair_sweep   a worker    candidate map, paths of one near account    plan_pair_find.c
//   amlrt__pair_member  a pair      its middles, alive in a sliding window      plan_pair_count.c
//   amlrt__pair_part    a pair      its legs, for the evaluator                 plan_pair_give.c
//   amlrt__pair_judge   a pair      its members, judged one by one              plan_pair_judge.c
//
// What several patterns of a run have in common: plan_pair_marks.c.
//
// The near key is key[0] of the row, the far key is key[1]; accounts of the group between are middles. A
// transfer between the near key and a middle is a first leg, one between a middle and the far key a second
// leg, two of the same middle are a path. A path closes at the later of its legs.
//
// Inside a block accounts have numbers of their own (ids), so that what is kept by account fits the cache;
// under `same currency;` an account has an id for each currency. Times are those of the graph: since its
// first row. They fit 30 bits, so that what stands between lists is further away than any window.
#ifndef AMLRT_SRC_PLAN_PAIR_H
#define AMLRT_SRC_PLAN_PAIR_H

#include "runtime/src/eval.h"
#include "runtime/src/plan.h"

enum { AMLRT__PAIR_SIZES = 256 };                       // sizes whose degree is kept
enum { AMLRT__PAIR_FIRST = 1, AMLRT__PAIR_SECOND = 2 }; // legs, as flags
enum { AMLRT__PAIR_PARTS = 16 };                        // of a stretch, at most
#define AMLRT__PAIR_MOST_TIME ((UINT32_C(1) << 30) - 1)
#define AMLRT__PAIR_FENCE UINT32_C(0xb0b0b0b0) // a time, between lists

typedef struct amlrt__pair_leg { // first leg, by near id, in order
  uint32_t at;                   // place of the first second leg of its middle behind it, in `far`
  uint32_t mid, time, row;
} amlrt__pair_leg;
typedef struct amlrt__pair_far { // second leg, by middle, in order; a fence behind each list
  uint32_t key, time;            // id of the far account
} amlrt__pair_far;
// Of an account, in which slot of time it was met last. Never cleared: what is left from earlier is too old.
typedef struct amlrt__pair_met {
  uint16_t key[2]; // as the near account of a first leg, the far account of a second leg
  uint16_t mid[2]; // as the middle of a first leg, of a second leg
} amlrt__pair_met;
typedef struct amlrt__pair_slot { // transfers up to `end`, those of the one before behind
  uint32_t end, slot;
} amlrt__pair_slot;
typedef struct amlrt__pair_near {
  uint32_t id, begin, end; // among the legs
} amlrt__pair_near;

// Rows lo .. end - 1, for the triggers first .. end - 1.
typedef struct amlrt__pair_block {
  uint32_t lo, first, end;
  uint32_t n_ids;
  bool numbered;            // ids are the numbers of the accounts
  uint32_t *account;        // by id, where not numbered
  amlrt_currency *currency; // by id, where layered
  uint32_t *next;           // by id, where layered: the account's next; AMLRT_NONE
  amlrt__pair_leg *leg;     // from 1
  uint32_t n_legs;
  amlrt__pair_near *near;
  uint32_t n_near;
  amlrt__pair_far *far;
  uint32_t *far_row;
  // while it is made
  uint32_t n; // transfers
  uint32_t *time, *row, *id[2];
  unsigned char *flag, *may;  // which legs: of those picked; by row
  uint32_t *by_mid, *by_near; // by part and id
  size_t cap_rows, cap_ids, cap_by_id, cap_legs, cap_far, cap_near;
} amlrt__pair_block;

static inline uint32_t amlrt__pair_account(const amlrt__pair_block *b, uint32_t id)
{
  return b->numbered ? id : b->account[id];
}

typedef struct
    amlrt__pair_unit { // a stretch of time; of a block made before: near accounts begin .. end-1
  uint32_t first, end;
  uint32_t block, near_begin, near_end; // block AMLRT_NONE: made by the worker
  uint64_t cost;
} amlrt__pair_unit;

typedef struct amlrt__pairs { // a plan's state
  const amlrt__run *run;
  const amlrt_pplan *row;
  int end[2];       // by key: where it stands in its stage
  bool triggers[2]; // by leg: the trigger may be one
  bool self[2];     // by leg: its ends may be one account
  bool keys_may_equal;
  uint32_t place[2];            // by key: among the keys of a candidate
  bool gives;                   // what the evaluator starts with is at hand, and given
  bool judges;                  // members are judged before anything is evaluated
  bool tells_degree;            // and the degree of a match follows
  const amlrt_ppair *pair;      // that they are judged by; NULL: none
  int side[2];                  // of the pair, by leg
  uint32_t n_means;             // constraints but sizes
  bool exact, layered, plain;   // plain: no bound on time but the window
  uint32_t window;              // two legs of a match are at most so far apart
  bool looks_back, looks_ahead; // the second leg may stand before, behind the first
  uint32_t back[2], ahead[2];   // by how much: least, most
  bool drops;                   // legs that can be in no match, where it pays
  uint32_t whole_from;          // triggers from here on do not reach back before the data
  uint64_t least;               // middles
  // Rows that alone can be legs of a match, by bits (common.h); NULL: not known. With `marking` they are
  // found out: nothing is swept, and nobody is handed anything.
  atomic_ullong *marks;
  bool marking;
  amlrt_degree degree[AMLRT__PAIR_SIZES]; // by number of middles
  amlrt__pair_unit *unit;
  size_t n_units, cap_units;
  amlrt__pair_block *block; // made before the units
  uint32_t n_blocks;
} amlrt__pairs;

typedef struct amlrt__pair_path {
  uint32_t close, other; // rows: of the later leg, of the earlier
  uint32_t mid;
  uint32_t cand : 31, second : 1; // second: closes with its second leg
} amlrt__pair_path;

// Any leg of a candidate, for what the evaluator starts with.
typedef struct amlrt__pair_part {
  uint32_t row, mid;
  uint32_t cand : 31, second : 1;
} amlrt__pair_part;

typedef struct amlrt__pair_cand { // a far account that enough middles lead to
  uint32_t far, n;                // id; paths, then where they end
  uint32_t last;                  // the leg whose path came last
  uint32_t n_parts;               // legs, then where they end
} amlrt__pair_cand;

typedef struct amlrt__pair_member { // of the pair at hand
  uint32_t mid;
  uint32_t best;  // row: the latest earlier leg of any path so far; AMLRT_NONE: expired or none
  uint32_t close; // row: the latest close so far
  uint32_t best_before, close_before, serial; // at the last match, where serial is that of now
  uint32_t place;                             // among those given to the evaluator; AMLRT_NONE
} amlrt__pair_member;

// A match, or a candidate. Under `same currency;` it waits: those of the same keys in several currencies are
// handed over in the order of their triggers.
typedef struct amlrt__pair_find {
  uint32_t far, trigger; // account, row
  uint32_t n;            // middles
  amlrt__link link;      // to the one before it of its currency
} amlrt__pair_find;

// ---- members judged: plan_pair_judge.c ------------------------------------------------------------------

typedef enum {
  AMLRT__PAIR_OUT,  // no member
  AMLRT__PAIR_LEFT, // a member
  AMLRT__PAIR_UNSURE
} amlrt__pair_state;

typedef struct amlrt__pair_event { // a leg, by row
  uint32_t row;
  uint32_t member : 31, second : 1;
} amlrt__pair_event;

typedef struct amlrt__pair_judged { // by place among the members
  uint32_t lo[2], hi[2];            // by leg: its rows that exist
  amlrt__pair_state state;
  bool changed; // since it was judged
} amlrt__pair_judged;

typedef struct amlrt__pair_share { // in the mean of a constraint
  int64_t sum;
  uint32_t n;
} amlrt__pair_share;

typedef struct amlrt__pair_judge {
  amlrt__view view; // the first: what conditions are shown
  bool asks_member; // else the match
  uint32_t role;    // of members
  amlrt_eval asked, own;
  amlrt__list *rows; // by stage: of the member at hand
  // of the pair at hand
  bool begun;
  amlrt__pair_event *event; // by row
  uint32_t begin, end;      // those that exist
  uint32_t *row;            // by member and leg
  amlrt__pair_judged *member;
  uint32_t *changed;
  amlrt__pair_share *share; // by member and constraint
  uint32_t n_means;         // 0: the degree is not asked for
  uint32_t n_left, n_unsure;
  struct amlrt__pair_total {
    amlrt_i128 sum;
    uint64_t n;
  } * total; // by constraint
  size_t cap_events, cap_rows, cap_members, cap_changed, cap_shares;
} amlrt__pair_judge;

typedef struct amlrt__pair_answer {
  enum { AMLRT__PAIR_NO, AMLRT__PAIR_MATCH, AMLRT__PAIR_EVALUATE } what;
  amlrt_degree degree; // of MATCH
} amlrt__pair_answer;

typedef struct amlrt__pair_sweep { // w->plan_state
  amlrt_worker *w;
  const amlrt__pairs *p;
  const amlrt__pair_block *b; // at hand
  amlrt__pair_block own;
  amlrt__pair_met *met; // by account
  uint32_t clock;       // the last slot so far
  uint32_t rest;        // stretches in which dropping legs is not tried
  amlrt__pair_slot *slots;
  size_t n_slots, cap_slots;
  uint32_t *id;   // by account: base + id
  uint32_t base;  // ids below are of former blocks
  uint32_t *seen; // by id: the last leg that led there, or candidate
  uint32_t *slot; // by id: place among the members + 1
  uint32_t past;  // near accounts below it are done, of the block at hand
  size_t cap_seen, cap_slot;
  uint32_t *range[2]; // by leg of the near account: its second legs
  size_t cap_range[2];
  amlrt__pair_cand *cand;
  size_t n_cand, cap_cand;
  amlrt__pair_path *path, *sorted;
  size_t n_paths, cap_paths, cap_sorted;
  uint64_t *order[2]; // places of paths by close, by other
  size_t cap_order[2];
  amlrt__pair_member *member;
  size_t n_members, cap_members;
  uint32_t near_account, far_account; // at hand
  // legs of candidates, for the evaluator
  amlrt__pair_part *part, *sorted_part; // of the near account; by candidate
  size_t n_parts, cap_parts, cap_sorted_parts;
  uint32_t *reached; // by id: of a middle, behind the last second leg that was taken
  size_t cap_reached;
  const amlrt__pair_part *parts; // of the pair at hand
  uint32_t n_pair_parts;
  bool parts_sorted;
  uint64_t *by_row;                // row, place among the parts
  uint32_t parts_begin, parts_end; // those of the window
  uint64_t *alive;                 // members to be given: account, place
  uint32_t *accounts, *rows[2], *places[2];
  size_t cap_by_row, cap_alive, cap_accounts, cap_rows[2], cap_places[2];
  amlrt__pair_judge judge;
  amlrt__pair_find *find; // that wait
  size_t n_finds, cap_finds;
  amlrt_eval counted; // stands for a match of which only the sizes are known
  amlrt__group *group;
  amlrt_value *features;
} amlrt__pair_sweep;

// Room for n items, whatever was there is lost. False: w->st.
bool amlrt__pair_room(amlrt_worker *w, void *block_ptr, size_t *cap, size_t n, size_t size);
// Several arrays that grow together.
bool amlrt__pair_rooms(amlrt_worker *w, void *const *block_ptrs, const size_t *sizes, int n_arrays,
                       size_t *cap, size_t n);

// Where part k of n things begins.
static inline uint32_t amlrt__pair_cut(uint32_t n, uint32_t k, uint32_t parts)
{
  return (uint32_t)((uint64_t)n * k / parts);
}

// Whose leg it is, and of which middle.
typedef struct amlrt__pair_ends {
  const uint32_t *key, *mid;
} amlrt__pair_ends;
static inline amlrt__pair_ends amlrt__pair_ends_of(const amlrt__pairs *p,
                                                   const amlrt__pair_block *b, int leg)
{
  return (amlrt__pair_ends){b->id[p->end[leg]], b->id[1 - p->end[leg]]};
}

// ---- plan_pair.c -----------------------------------------------------------------------------------

// The row made ready, without units.
amlrt_status amlrt__pairs_begin(amlrt__plan *pl, amlrt_error *err);
void amlrt__pairs_take_row(amlrt__pairs *p); // of p->run, p->row
amlrt_status amlrt__pairs_cut(amlrt__plan *pl, amlrt_error *err);
void amlrt__pairs_release(amlrt__plan *pl);
bool amlrt__pairs_unit(amlrt_worker *w, uint64_t unit);

// ---- plan_pair_marks.c -----------------------------------------------------------------------------

bool amlrt__pair_wants(const amlrt__run *run, const amlrt_pplan *row, amlrt__commons *all);
// Sets p->marks, where other patterns of the run want them, too.
amlrt_status amlrt__pair_take_marks(amlrt__plan *pl, amlrt_error *err);

static inline void amlrt__pair_mark(const amlrt__pairs *p, uint32_t row)
{
  atomic_ullong *word = &p->marks[row / 64];
  unsigned long long bit = 1ULL << row % 64;

  if (!(atomic_load_explicit(word, memory_order_relaxed) & bit))
    atomic_fetch_or_explicit(word, bit, memory_order_relaxed);
}

// ---- plan_pair_block.c -----------------------------------------------------------------------------

// Makes rows of b->lo .. b->end - 1 ready. By more than one thread only outside of units. False: w->st.
bool amlrt__pair_block_make(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t threads);
void amlrt__pair_block_release(amlrt__pair_block *b, const amlrt_alloc *mem);

// ---- plan_pair_pick.c ------------------------------------------------------------------------------

// Fills b->id with accounts, b->time, b->row and b->flag. By more than one thread as above.
bool amlrt__pair_pick(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t threads);

// ---- plan_pair_lists.c -----------------------------------------------------------------------------

// Sorts the transfers left, b->n, with ids given.
bool amlrt__pair_lists_make(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t threads);

// ---- plan_pair_find.c ------------------------------------------------------------------------------

// All pairs of the near account.
bool amlrt__pair_near_account(amlrt__pair_sweep *s, const amlrt__pair_near *near);
void amlrt__pair_find_release(amlrt__pair_sweep *s);

// ---- plan_pair_count.c -----------------------------------------------------------------------------

// By the upper 32 bits; stable. `spare` has room for as many.
void amlrt__pair_sort(uint64_t *at, uint64_t *spare, uint32_t n);
static inline bool amlrt__pair_barred(const amlrt__run *run, uint32_t account, uint32_t trigger)
{
  return run->may_be_hub && run->may_be_hub[account] && amlrt__barred_at(run, account, trigger);
}
// Of so many members; 0: no match.
amlrt_degree amlrt__pair_degree_of(const amlrt__pairs *p, uint32_t n);
// The paths of one pair: finds its matches. Sorts them.
bool amlrt__pair_count(amlrt__pair_sweep *s, amlrt__pair_path *path, uint32_t n);
// Hands over what waits.
bool amlrt__pair_finds(amlrt__pair_sweep *s);
void amlrt__pair_count_release(amlrt__pair_sweep *s);

// ---- plan_pair_give.c ------------------------------------------------------------------------------

// Hands over a candidate of the pair at hand with what it starts with.
bool amlrt__pair_give(amlrt__pair_sweep *s, uint32_t trigger, const uint32_t *keys);
bool amlrt__pair_sort_parts(amlrt__pair_sweep *s); // of the pair at hand, by row
void amlrt__pair_give_release(amlrt__pair_sweep *s);

// ---- plan_pair_judge.c -----------------------------------------------------------------------------

// Sets p->judges and what goes with it, of a row made ready otherwise.
void amlrt__pair_take_judge(amlrt__pairs *p);
// Is all that the pattern has the two keys, the group and their stages, without any odds and ends?
bool amlrt__pair_only_members(const amlrt__pairs *p);
bool amlrt__pair_judge_make(amlrt__pair_sweep *s);
void amlrt__pair_judge_release(amlrt__pair_sweep *s);
// Judges the pair at hand at the trigger that the path closes with. Sets the worker's trigger; features of a
// match are in s->features.
bool amlrt__pair_ask(amlrt__pair_sweep *s, const amlrt__pair_path *path, uint32_t lo,
                     amlrt__pair_answer *out);

#endif
