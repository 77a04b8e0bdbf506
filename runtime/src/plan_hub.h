// The plan hub sweep (see plan_hub.c): what its files share.
//
//   amlrt__hub        a slab       the pattern as lines, units of work             plan_hub_spec.c, plan_hub.c
//   amlrt__hub_sweep  a worker     scratch arrays, the account at hand
//   amlrt__hub_line   an account   its transfers of one stage, and which are left  plan_hub_line.c
//   amlrt__hub_sum    an account   something added up over what is left of a line  plan_hub_sums.c
//
// A line holds the transfers of a stage that could ever be left, in order. At any trigger those left are
// lo .. hi - 1, and both ends only advance as triggers do. A transfer is left from the row `act` on, and
// as long as the time `die` lies in the window. Times are those of the graph: since its first row.
#ifndef AMLRT_SRC_PLAN_HUB_H
#define AMLRT_SRC_PLAN_HUB_H

#include "runtime/src/eval.h"
#include "runtime/src/hubs.h"
#include "runtime/src/plan.h"
#include "runtime/src/run_match.h"

enum { AMLRT__HUB_SIZES = 256 }; // sizes whose degree is kept

// Of a pattern that is not swept exactly: where a transfer of the line must have a partner.
typedef struct amlrt__hub_weed {
  bool at_key;      // among the key's own transfers, else among the neighbour's
  int side;         // of that account
  int64_t from, to; // time of the partner less that of the transfer
} amlrt__hub_weed;
enum { AMLRT__HUB_WEEDS = 4 }; // of a line; more are not asked

// One stage at the key.
typedef struct amlrt__hub_stage {
  uint32_t stage;
  int side;       // of the graph: the end at which the key is
  uint32_t group; // AMLRT_NONE: any
  bool self;      // transfers from the key to itself are of it
  bool triggers;  // the trigger may be in it
  bool counted;   // a match hangs on how many accounts there are
  uint64_t least; // transfers, with as many different accounts of a group, that a match needs
  uint64_t within;
  uint32_t pair, other; // the pair it stands in, and the line of its other side; AMLRT_NONE
  int pair_side;
  bool asked; // its transfers need a partner
  amlrt__hub_weed weed[AMLRT__HUB_WEEDS];
  uint32_t n_weeds;
  atomic_uchar *passes; // by account: a transfer of its passes the filter; NULL: there is no filter
  const amlrt_range *size;
  amlrt_degree degree[AMLRT__HUB_SIZES]; // by number of accounts
} amlrt__hub_stage;

typedef struct amlrt__hub_unit { // accounts begin .. end - 1; or a block of one account's triggers
  uint32_t begin, end;
  uint32_t first_row, end_row;
  uint64_t cost;
} amlrt__hub_unit;

enum { AMLRT__HUB_MANY = 255 };
// Patterns of a run that hang on the same number: what the first of them counts, for the others (common.h).
typedef struct amlrt__hub_numbers {
  unsigned char *
      of; // by entry: different neighbours, up to AMLRT__HUB_MANY; 0: too few, or somebody is barred
  atomic_uchar *most;   // by account: the greatest of its numbers
  atomic_uchar *uneven; // by account: neighbours of it are barred at times
} amlrt__hub_numbers;

typedef struct amlrt__hub { // a plan's state
  const amlrt__run *run;
  bool exact;
  bool counts; // a match hangs on how many different neighbours there are, and nothing else
  amlrt__common *common;      // of such; NULL: nobody else counts the same
  amlrt__hub_numbers numbers; // with `common`
  bool notes, knows;          // numbers are being counted, or are known
  atomic_uint n_done;         // units, where it notes
  uint32_t
      whole_from; // triggers from this row on do not reach back before the data; where it counts
  uint32_t key;
  amlrt__hub_stage *stage;
  uint32_t n_stages;
  uint32_t *of_stage; // by the program's stage: its line; AMLRT_NONE
  uint32_t *judge;    // constraints that are asked at a trigger, cheap ones first
  uint32_t n_judge;
  uint32_t n_triggers; // lines the trigger may be in
  bool side[2];        // is any stage there
  bool has_pairs, has_within;
  bool same_sides; // two lines stand at one side: a transfer may be in both
  // Accounts that are over the limit on hubs at some time: bits by account, and how many there are before
  // every 64. NULL: there is no limit.
  uint64_t *is_hub;
  uint32_t *hubs_before, n_hubs;
  uint64_t window;
  int64_t base; // time of the first row
  amlrt__hub_unit *unit;
  size_t n_units, cap_units;
} amlrt__hub;

// From this row on, and while this time lies in the window, the transfer may have partners.
typedef struct amlrt__hub_partner {
  uint32_t since, until; // since NONE: never
  bool is_known;
} amlrt__hub_partner;

typedef struct amlrt__hub_line {
  const amlrt__hub_stage *s;
  uint32_t *memory;
  size_t cap;
  uint32_t *row, *time, *nbr;
  uint32_t *act, *die;   // row, time where there is no pair
  uint32_t *prev, *next; // transfers with the same neighbour, where linked; NONE
  uint32_t n, lo, hi;
  bool is_linked, is_whole; // whole: nothing follows in the data
  uint32_t *last;           // by account: `base` + the place last seen
  uint32_t base, next_base;
  uint32_t c_lo, c_hi, n_different; // counted so far
  uint32_t b_lo, b_hi;              // so far in the counts of barred neighbours
  uint32_t at;                      // place of the next trigger
  uint32_t match_lo, match_hi;      // of the last match
  uint32_t
      *kept; // its rows, where lines changed behind it; its places, where some are barred; n_kept
  size_t cap_kept;
  bool some_off; // at the last match
  uint32_t n_kept;
  amlrt__hub_partner *partner; // by place, where is_weeded
  size_t cap_partners;
  bool is_weeded;
} amlrt__hub_line;

typedef enum {
  AMLRT__HUB_AMOUNT,
  AMLRT__HUB_BEST,
  AMLRT__HUB_DIFFERENT,
  AMLRT__HUB_MEAN
} amlrt__hub_what;

// Something kept over the transfers lo .. hi - 1 of a line; brought up to date when it is asked for.
typedef struct amlrt__hub_sum {
  amlrt__hub_what what;
  uint32_t line;
  bool is_column;
  amlrt_field field;
  uint32_t symbol;
  int sign;      // BEST: -1 the least, 1 the greatest
  uint32_t cond; // MEAN: the constraint
  uint32_t epoch, lo, hi;
  uint64_t n_missing;
  uint32_t n_codes, n_present; // AMOUNT, DIFFERENT: how many codes (currencies) occur
  uint32_t *count;             // by code
  amlrt_i128 *sum;             // AMOUNT: by decimals; MEAN: one
  int n_decimals;
  uint64_t has_decimals; // AMOUNT: bits
  int64_t *mantissa;     // AMOUNT: by place
  uint16_t *code;
  uint8_t *decimals;
  size_t cap_mantissa, cap_code, cap_decimals;
  uint32_t *queue; // BEST: places, the best first
  size_t cap, head, tail;
  amlrt_degree *degree; // MEAN: by place
  size_t cap_degree;
} amlrt__hub_sum;

typedef struct amlrt__hub_order { // of an overlap: pairs in order among those left
  uint32_t con, epoch;
  uint32_t *rank[2]; // by place: of A, B's transfers not later; of B, A's that are earlier
  size_t cap[2];
  uint32_t lo[2], hi[2];
  amlrt_i128 n;
} amlrt__hub_order;

typedef struct amlrt__hub_silence { // of an absence
  uint32_t epoch, at, end;          // entries of the account gone through
  int64_t latest; // of those, the time of the last that must not be; INT64_MIN: none
} amlrt__hub_silence;

typedef struct amlrt__hub_find { // waits for its turn, where an account has several currencies
  uint32_t trigger, until;
  bool exact, inconclusive;
  amlrt__link link; // with the one before it of its currency
  amlrt_currency currency;
  amlrt_degree degree;
  size_t features;
} amlrt__hub_find;

typedef struct amlrt__hub_bar { // a neighbour that is a hub at times
  uint32_t account, n;          // n: its transfers in the window
  bool is_known, was_on;        // in the piece at hand: barred
  amlrt__hub_state state;       // as it was asked last
} amlrt__hub_bar;

// What so many different neighbours come to, and the arrays they are counted with.
typedef struct amlrt__hub_number {
  amlrt_degree degree;
  int64_t value; // of the one feature
  bool is_short; // its degree is 1, and it has no feature but this
} amlrt__hub_number;

typedef struct amlrt__hub_counter {
  amlrt__hub_number *of; // by number
  amlrt_value *features; // n_features a number
  uint32_t n_known;
  size_t cap_of, cap_features, cap_next;
  uint32_t *last; // by account: `base` + the place last seen
  uint32_t base;
  uint32_t *next; // by place: a later one with the same neighbour; NONE: there is none so far
} amlrt__hub_counter;

typedef struct amlrt__hub_slice { // transfers in order
  const uint32_t *row, *time, *nbr;
  uint32_t n, but_for; // those with this neighbour are not there
  uint32_t entry;      // the first
} amlrt__hub_slice;

typedef struct amlrt__hub_sweep { // w->plan_state
  amlrt__view view;
  amlrt_eval eval;
  amlrt_worker *w;
  const amlrt__hub *h;
  amlrt__hub_line *line;  // at hand: of lines, or of apart
  amlrt__hub_line *lines; // of the account
  amlrt__hub_line *apart; // of a piece
  amlrt__hub_sum *sum;
  size_t n_sums, cap_sums;
  uint32_t n_asked;        // sums asked for, counted
  uint32_t *judge;         // constraints in turn; starts as the pattern's
  bool *is_dear;           // by constraint: asks for sums
  amlrt__hub_order *order; // by constraint
  amlrt__hub_silence *silence;
  amlrt__hub_counter counter;
  uint32_t epoch, n_epochs; // what is swept, counted
  // at hand
  uint32_t account, first_row, end_row; // triggers of these rows
  amlrt_currency currency;              // 0: any
  bool *seen;                           // by currency; NULL: currencies are not told apart
  // neighbours that may be barred; those with transfers left come first
  bool has_bars;  // of the lines at hand
  bool evaluates; // every trigger is left to the evaluator
  amlrt__hub_bar *bar;
  size_t n_bars, n_bars_in, cap_bars, n_bars_on;
  uint32_t *bar_at;          // by hub: its place, plus 1
  amlrt__hub_state bars_are; // none of those in the window changes before
  bool bars_agree;           // with what they were before in the piece
  bool in_piece;             // triggers piece_first .. piece_last wait
  uint32_t piece_first, piece_last;
  bool but_for_barred; // the lines at hand are without them
  amlrt__hub_state key_is;
  uint32_t trigger, time;
  // finds
  bool link_known; // the last match is noted in the lines
  bool has_kept;   // what it had is kept: it was found on other lines
  bool unsteady;   // what a match shares with a later one depends on more than time
  bool waits;      // finds wait
  amlrt__hub_find *find;
  size_t n_finds, cap_finds;
  amlrt_value *features;
  size_t n_features, cap_features;
} amlrt__hub_sweep;

static inline bool amlrt__hub_gone(const amlrt__hub_sweep *s, uint32_t time)
{
  return s->time - time >= s->h->window;
}

// Brings a line up to the trigger at hand.
static inline void amlrt__hub_advance(const amlrt__hub_sweep *s, amlrt__hub_line *l)
{
  const uint32_t *act = l->act, *die = l->die;
  uint32_t lo = l->lo, hi = l->hi, n = l->n;

  while (hi < n && act[hi] <= s->trigger)
    hi++;
  while (lo < hi && amlrt__hub_gone(s, die[lo]))
    lo++;
  if (l->s->within)
    while (lo < hi && l->time[hi - 1] - l->time[lo] >= l->s->within)
      lo++;
  l->lo = lo;
  l->hi = hi;
}

// ---- plan_hub_spec.c -----------------------------------------------------------------------------------------

bool amlrt__hub_spec(amlrt__hub *h, const amlrt__plan *pl); // false: no memory

// ---- plan_hub_cost.c ----------------------------------------------------------------------------------------------

double amlrt__hub_cost(const amlrt__run *run, const amlrt_pplan *row);
void amlrt__hub_spec_release(amlrt__hub *h);

static inline bool amlrt__hub_nomem(amlrt__hub_sweep *s) // false
{
  s->w->st = AMLRT_E_NOMEM;
  return false;
}

// Seconds, as far as they make a difference to times of 32 bits.
static inline int64_t amlrt__hub_near(int64_t v)
{
  const int64_t far = (int64_t)1 << 33;
  return v > far ? far : v < -far ? -far : v;
}

// ---- plan_hub_line.c -----------------------------------------------------------------------------------------

// Could the account have a match at all? Looks at its degrees and times only.
bool amlrt__hub_may_match(const amlrt__hub_sweep *s);
// Takes the account's transfers. *some: a match is possible still. False: no memory.
bool amlrt__hub_take_lines(amlrt__hub_sweep *s, bool *some);
void amlrt__hub_line_release(amlrt__hub_line *l, const amlrt_alloc *mem);
// The place, in the other line, of the first partner of a transfer that needs one.
uint32_t amlrt__hub_first_partner(const amlrt__hub_sweep *s, const amlrt__hub_line *l,
                                  uint32_t place);
// A transfer that is left stays so until this row leaves the window.
uint32_t amlrt__hub_die_row(const amlrt__hub_sweep *s, const amlrt__hub_line *l, uint32_t place);
// Different neighbours among the transfers left. False: no memory.
bool amlrt__hub_different(amlrt__hub_sweep *s, amlrt__hub_line *l, uint32_t *n);

// ---- plan_hub_weed.c -----------------------------------------------------------------------------------------

void amlrt__hub_take_weeds(const amlrt__hub *h, amlrt__hub_stage *st); // of the stage
// Could so many neighbours as are needed, and the trigger, have partners? False: no memory.
bool amlrt__hub_weed_trigger(amlrt__hub_sweep *s, bool *enough);

// ---- plan_hub_count.c ----------------------------------------------------------------------------------------

// The triggers of a slice, where the plan `counts`: matches are handed over.
bool amlrt__hub_count(amlrt__hub_sweep *s, const amlrt__hub_slice *l);
bool amlrt__hub_is_match(amlrt__hub_sweep *s, uint32_t n); // so many? False: no, or no memory
bool amlrt__hub_count_trigger(amlrt__hub_sweep *s, uint32_t n, amlrt__link link); // has so many
bool amlrt__hub_count_slice(amlrt__hub_sweep *s); // of the account, as the graph has it
void amlrt__hub_counter_release(amlrt__hub_counter *c, const amlrt_alloc *mem);

bool amlrt__hub_count_unbarred(
    amlrt__hub_sweep *s,
    amlrt__hub_line *l); // where neighbours are barred: plan_hub_unbarred.c
bool amlrt__hub_take_numbered(amlrt__hub_sweep *s); // the same, where numbers are known

// ---- plan_hub_numbers.c ------------------------------------------------------------------------------------

bool amlrt__hub_wants(const amlrt__run *run, const amlrt_pplan *row, amlrt__commons *all);
bool amlrt__hub_begin_numbers(amlrt__hub *h); // false: no memory
void amlrt__hub_end_numbers(amlrt__hub *h);
// Are the account's all that has to be known of it?
bool amlrt__hub_is_numbered(const amlrt__hub_sweep *s);
void amlrt__hub_note(const amlrt__hub_sweep *s, uint32_t entry,
                     uint32_t n); // of the account at hand
void amlrt__hub_note_uneven(const amlrt__hub_sweep *s);

// ---- plan_hub_sums.c -----------------------------------------------------------------------------------------

extern const amlrt__view_ops amlrt__hub_view;
// The mean degree of a filter or a gap. False: no memory, or view.unsure.
bool amlrt__hub_mean(amlrt__hub_sweep *s, uint32_t con, uint32_t line, amlrt_degree *degree);
void amlrt__hub_sums_release(amlrt__hub_sweep *s);

// ---- plan_hub_judge.c ----------------------------------------------------------------------------------------

bool amlrt__hub_judge_make(amlrt__hub_sweep *s);
void amlrt__hub_judge_release(amlrt__hub_sweep *s);
// All constraints but sizes, at the trigger at hand; *degree comes with that of the sizes, and gets lower.
bool amlrt__hub_judge(amlrt__hub_sweep *s, amlrt_degree *degree);

// ---- plan_hub_bars.c: who is barred ------------------------------------------------------------------

static inline bool amlrt__hub_is_hub(const amlrt__hub *h, uint32_t account)
{
  return h->is_hub[account / 64] >> (account % 64) & 1;
}
bool amlrt__hub_take_hubs(amlrt__hub *h); // false: no memory
// The key, at the trigger at hand. Triggers come in order.
bool amlrt__hub_key_barred(amlrt__hub_sweep *s);
// Are there hubs among the neighbours of the lines? False: no memory. Sets s->has_bars.
bool amlrt__hub_find_bars(amlrt__hub_sweep *s);
// The trigger at hand, where there are: done by do_trigger now, or later by `sweep` with others for which
// the same neighbours are barred.
typedef bool (*amlrt__hub_step)(amlrt__hub_sweep *s);
bool amlrt__hub_visit(amlrt__hub_sweep *s, amlrt__hub_step do_trigger, amlrt__hub_step sweep);
bool amlrt__hub_bring_bars(amlrt__hub_sweep *s); // to the lines as they are. False: no memory
// Is it, at the trigger at hand? After amlrt__hub_unbarred, of neighbours left.
bool amlrt__hub_is_off(const amlrt__hub_sweep *s, uint32_t account);
// Different neighbours left that are not barred, the trigger's among them, else 0; the line is up to date. False:
// no memory.
bool amlrt__hub_unbarred(amlrt__hub_sweep *s, amlrt__hub_line *l, uint32_t place, uint32_t *n);
bool amlrt__hub_end_bars(amlrt__hub_sweep *s, amlrt__hub_step sweep); // those that wait
// In the piece at hand?
bool amlrt__hub_is_barred(const amlrt__hub_sweep *s, uint32_t account);
void amlrt__hub_bars_release(amlrt__hub_sweep *s);

// ---- plan_hub_sweep.c ----------------------------------------------------------------------------------------

bool amlrt__hub_account(amlrt__hub_sweep *s);
// Brings lines up to the trigger at hand, as far as a match is possible. Are there transfers enough?
bool amlrt__hub_are_enough(amlrt__hub_sweep *s);
bool amlrt__hub_keep_last(amlrt__hub_sweep *s); // before lines change. False: no memory
void amlrt__hub_sweep_release(amlrt__hub_sweep *s);

#endif
