// What the files of the reference interpreter share. Read README.md first: it maps docs/semantics.md,
// section by section, to the functions below.
//
// Four lifetimes of data, from long to short:
//   ref_cx    a run        the plan of the pattern, rows by account, what was learnt of filters
//   ref_now   a trigger    what exists for it (inside ref_cx)
//   ref_keys  a binding    accounts of the single roles, lists of the chains
//   ref_eval  a binding's  members and transfers left, as they shrink
//
// Out of memory, a failing sink and a stop on request unwind the same way: rx->st is set, and whatever
// returns bool gives false. Row numbers, account numbers and indexes are uint32_t, AMLRT_NONE is none.
#ifndef AML_IR_REFERENCE_REF_INSIDE_H
#define AML_IR_REFERENCE_REF_INSIDE_H

#include "ir/reference/ref.h"

// ---- memory: ref_mem.c ----------------------------------------------------------------------------

typedef struct ref_block ref_block;
typedef struct ref_mem { // a stack of memory: taken piece by piece, given back down to a mark
  const amlrt_alloc *alloc;
  ref_block *first, *top; // blocks above `top` are empty, and kept for use again
} ref_mem;
typedef struct ref_mark {
  ref_block *top;
  size_t used;
} ref_mark;

typedef struct ref_list {
  uint32_t *at;
  uint32_t n;
} ref_list;

// ---- the pattern, made ready: ref_plan.c ----------------------------------------------------------

typedef enum { // of one transfer; the order of `fields` in ref_plan.c
  REF_AMOUNT,
  REF_CURRENCY,
  REF_AMOUNT_RECEIVED,
  REF_CURRENCY_RECEIVED,
  REF_FORMAT,
  REF_TIME,
  REF_FROM,
  REF_TO,
  REF_N_FIELDS
} ref_field;

enum { REF_OUT, REF_IN }; // rows an account paid, rows it was paid
enum { REF_FROM_END, REF_TO_END };

typedef struct ref_role {
  const gir_node *node; // ONE, GROUP or CHAIN
  amlrt_range size;     // GROUP, CHAIN
  uint64_t least;       // no smaller size has a degree above 0
  bool may_be_empty;    // size 0 has a degree above 0
  const gir_node *set;  // set expression, NULL: none
  bool shares;          // the set counts a share that is judged in 4.2 (c)
} ref_role;

typedef struct ref_stage {
  const gir_node *node, *filter;
  uint32_t end[2];   // roles; AMLRT_NONE: any
  uint32_t chain;    // WALK
  uint32_t owner;    // TERM, PROBE: the group whose set counts it
  bool evidence;     // all but PROBE
  bool optional;     // TERM below a `|`
  bool may_be_empty; // see semantics 4.2
  bool required;     // see semantics 4.3
  bool ends_may_equal;
  bool closed;             // WALK that ends where it starts
  int64_t within;          // seconds, 0: none
  uint32_t support[2];     // LAYER: partners a member of this end needs; else 1
  struct ref_reach *reach; // WALK: see ref_reach.c
  uint8_t *known;          // by row: 0 not asked, 1 fails, 2 passes the filter; NULL: no filter
} ref_stage;

// One constraint of a pair. `swapped`: its side 0 is the pair's side 1.
typedef struct ref_pair_cond {
  uint32_t constraint;
  const gir_node *cond;
  bool swapped;
  bool has_gap;     // its degree is that of a gap in `gap`
  bool gap_forward; // the gap runs from the pair's side 0 to its side 1
  amlrt_range gap;
} ref_pair_cond;

// All constraints between the same two sides (semantics 4.2): of one `each`, or of the hops of a walk.
typedef struct ref_pair {
  uint32_t role; // AMLRT_NONE: along
  uint32_t stage[2];
  bool asked[2];  // transfers of this side need a partner
  int64_t lo, hi; // time(side 1) - time(side 0) is in [lo, hi] for every pair that passes
  bool by_time;   // and every pair there passes; each constraint has one gap at most
  ref_pair_cond *cond;
  uint32_t n;
} ref_pair;

// What a node of an expression refers to, looked up once.
typedef struct ref_node {
  uint32_t index; // ROLE: of roles, STAGE: of stages; constraints: of constraints
  uint32_t field; // ref_field, or REF_N_FIELDS: a further column or attribute
  const amlrt_extra *extra;
  amlrt_frac v;      // CONST, HAS_SHARE
  amlrt_range range; // IN_RANGE, OVERLAP
  uint32_t currency; // of a money constant or range; 0: a plain number
} ref_node;

typedef struct ref_plan {
  ref_node *node; // by gir_node.id
  ref_role *role;
  ref_stage *stage;
  ref_pair *pair;
  const gir_node **constraint;
  bool *may_equal;       // by role and role
  uint32_t *start_order; // groups, in the order they are started
  const char **currency; // canonical text by currency; those after the table's are of the pattern
  uint32_t n_roles, n_stages, n_pairs, n_constraints, n_groups, n_currencies;
  uint32_t trigger; // trigger STAGE
} ref_plan;

// ---- a run ----------------------------------------------------------------------------------------

// Rows of every account on one side, in order; those alive are [lo, hi).
typedef struct ref_side {
  uint32_t *rows, *begin, *lo, *hi; // begin has n_accounts + 1 items
} ref_side;

// What exists for the trigger at hand (semantics 2).
typedef struct ref_now {
  uint32_t row;   // e*
  uint32_t first; // the first row inside the window
  int64_t time;
  uint64_t serial; // counts triggers, to tell what was noted for which
} ref_now;

typedef struct ref_run_cx {
  const gir_pattern *p;
  uint32_t pattern_index;
  const amlrt_table *table;
  const amlrt_columns *col;
  const ref_opts *opts;
  amlrt_match_fn on_match;
  void *user;
  ref_stats *stats;
  amlrt_status st;        // AMLRT_OK, or why all unwinds
  uint64_t steps, ask_at; // `cancelled` is asked when steps reaches ask_at
  uint64_t emitted;
  ref_mem run;
  ref_mem found;   // bindings of a trigger
  ref_mem scratch; // all else of a trigger
  ref_plan plan;
  ref_side side[2];
  int64_t hub_limit;   // the lower of the pattern's and the option's; 0: none
  uint64_t *hub_asked; // by account: serial of the trigger it was asked for, times 2, plus barred
  ref_now now;
} ref_cx;

// The keys: by role, the account of a single role, the list of a chain; n = 0: not bound (or a group).
typedef struct ref_keys {
  ref_list *role;
} ref_keys;

typedef struct ref_group { // a group of a binding
  uint32_t *account;       // start, ascending
  bool *left;
  uint32_t n, n_left;
} ref_group;

// Places of a stage's transfers by member of one end: of member m, at[begin[m]] .. at[begin[m + 1] - 1].
typedef struct ref_by_member {
  uint32_t *begin, *at;
  uint32_t *member;        // by place
  uint32_t *n_left;        // by member
  uint64_t *seen, seen_by; // by member: scratch for counting different ones
} ref_by_member;

typedef struct ref_tx { // a stage of a binding
  uint32_t *row;        // ascending; of a walk hop by hop
  bool *left;
  uint32_t n, n_left;
  ref_by_member by[2]; // by end, where that is a group; [0] by hop of a walk
  uint32_t n_hops;     // of a walk
} ref_tx;

// Where an expression is asked: of a transfer, a pair, a member, or the match.
typedef struct ref_scope {
  ref_cx *rx;
  uint32_t row[2];       // of a transfer or a pair; AMLRT_NONE: none
  struct ref_eval *ev;   // of a member or the match
  uint32_t role, member; // role AMLRT_NONE: the match
  ref_list *rows;        // by stage, made when asked for; at NULL: not yet
  int64_t literal_time;  // at which amounts of the pattern are converted
  bool convert;          // the comparison at hand adds up several currencies
  uint32_t currency;     // of the comparison at hand, 0: several or none
} ref_scope;

typedef struct ref_eval {
  ref_cx *rx;
  const ref_keys *keys;
  ref_group *group;     // by role
  ref_tx *tx;           // by stage
  amlrt_result *result; // by constraint
  ref_scope match;      // all transfers left, once shrinking is done
} ref_eval;

// ---- ref_mem.c ------------------------------------------------------------------------------------

void ref_mem_init(ref_mem *m, const amlrt_alloc *alloc);
void ref_mem_release(ref_mem *m);
ref_mark ref_mem_mark(const ref_mem *m);
void ref_mem_back(ref_mem *m, ref_mark mark);
// n zeroed items; NULL and rx->st when there is no memory. Never NULL for n = 0.
void *ref_take_run(ref_cx *rx, size_t n, size_t bytes);
void *ref_take_found(ref_cx *rx, size_t n, size_t bytes);
void *ref_take(ref_cx *rx, size_t n, size_t bytes); // from scratch
bool ref_list_take(ref_cx *rx, ref_list *out, size_t cap);
// Counts steps and asks `cancelled` now and then; false: unwind.
bool ref_step(ref_cx *rx, uint64_t n);

// ---- ref_list.c: sets of accounts and rows ---------------------------------------------------------

bool ref_sort(ref_cx *rx, ref_list *l);                           // ascending
void ref_unique(ref_list *l);                                     // of a sorted list
uint32_t ref_find(const uint32_t *at, uint32_t n, uint32_t what); // in a sorted one; AMLRT_NONE
void ref_keep_common(ref_list *a, const ref_list *b);             // both sorted
void ref_keep_others(ref_list *a, const ref_list *b);
bool ref_merge(ref_cx *rx, ref_list *out, const ref_list *a, const ref_list *b);
// Sorts pointers by an order of the caller's.
typedef int (*ref_order)(const void *user, const void *a, const void *b);
bool ref_sort_by(ref_cx *rx, const void **at, uint32_t n, ref_order order, const void *user);

// ---- ref_index.c: rows by account, and what exists (semantics 1 and 2) ------------------------------

bool ref_index_make(ref_cx *rx);
void ref_now_set(ref_cx *rx, uint32_t trigger);             // triggers ascending
ref_list ref_alive(ref_cx *rx, uint32_t account, int side); // inside the window, up to e*
bool ref_exists(const ref_cx *rx, uint32_t row); // of a row inside the window: `same currency`
bool ref_barred(ref_cx *rx, uint32_t account);   // by hubs at most
uint64_t ref_n_existing(ref_cx *rx, uint32_t account, int side);
bool ref_passes(ref_cx *rx, const ref_stage *s, uint32_t row); // its filter, with a degree above 0
static inline uint32_t ref_from(const ref_cx *rx, uint32_t row)
{
  return rx->col->from[row];
}
static inline uint32_t ref_to(const ref_cx *rx, uint32_t row)
{
  return rx->col->to[row];
}
// The account at an end of a row.
static inline uint32_t ref_at_end(const ref_cx *rx, uint32_t row, int end)
{
  return end == REF_FROM_END ? rx->col->from[row] : rx->col->to[row];
}
int64_t ref_time_add(int64_t t, int64_t d); // stops at the ends of int64_t

// ---- ref_plan.c, ref_plan_pairs.c -------------------------------------------------------------------

bool ref_plan_make(ref_cx *rx);
bool ref_plan_pairs(ref_cx *rx);
amlrt_frac ref_frac(rational r);
amlrt_range ref_range(const gir_range *r);
const char *ref_currency_text(const char *text); // the ISO code where the name is known
uint32_t ref_role_of(const ref_cx *rx, const gir_node *role); // AMLRT_NONE: any
bool ref_may_equal(const ref_cx *rx, uint32_t a, uint32_t b);

// ---- ref_bind.c, ref_link.c, ref_walk.c, ref_reach.c: keys (semantics 3) ----------------------------

// All bindings that can have the trigger as last transfer, each once, ascending. May be too many.
typedef struct ref_bindings {
  const ref_keys **at;
  uint32_t n, cap;
} ref_bindings;
bool ref_bind(ref_cx *rx, ref_bindings *out);

typedef struct ref_binder { // a search under way
  ref_cx *rx;
  ref_bindings *out;
  ref_keys keys;     // bound so far
  uint32_t *account; // by role: where keys of single roles lie
  uint32_t *witness; // by group: this account is a member; AMLRT_NONE: nothing known
} ref_binder;
bool ref_bind_rest(ref_binder *b);
// May the key role have the account, beside what is bound? A chain: as one more of its list.
bool ref_key_fits(ref_binder *b, uint32_t role, uint32_t account);
bool ref_is_bound(const ref_binder *b, uint32_t role);
void ref_bind_one(ref_binder *b, uint32_t role, uint32_t account);
void ref_unbind(ref_binder *b, uint32_t role);
// The unbound single role with the fewest candidates along stages; *role AMLRT_NONE: none.
bool ref_bind_next(ref_binder *b, uint32_t *role, ref_list *candidates);
bool ref_walk_from_trigger(ref_binder *b, uint32_t stage); // e* is one of its transfers
bool ref_walk_from_ends(ref_binder *b, uint32_t stage);    // an end or both are bound

// Which accounts can be reached from `target` in the stage's transfers, and when at the earliest: for
// pruning only, so it may say yes too often.
struct ref_reach {
  uint64_t serial;   // counts uses
  uint64_t *seen;    // by account: serial
  int64_t *earliest; // by account: time of arrival, where hops are in order of time
  uint32_t *hops;    // by account: the fewest, where they are not
  bool ordered;
};
bool ref_reach_make(ref_cx *rx, ref_stage *s, const ref_pair *p, uint32_t target,
                    uint32_t most_hops);
// May a path go from the target over `account`, and on with one of `rows`, in so many hops?
bool ref_may_reach(const ref_cx *rx, const ref_stage *s, const ref_pair *p, uint32_t account,
                   const ref_list *rows, uint32_t most_hops);

// ---- ref_start.c, ref_start_tx.c: semantics 4.1 -----------------------------------------------------

bool ref_start(ref_eval *ev, bool *hopeless);
bool ref_holds_trigger(const ref_eval *ev);  // e* is left
bool ref_lacks_required(const ref_eval *ev); // a stage that needs a transfer has none left
bool ref_start_group(ref_eval *ev, uint32_t role);
bool ref_start_stage(ref_eval *ev, uint32_t stage);
// The accounts at end `far` that at least `needed` different partners at the other end have a transfer
// of the stage with.
bool ref_reached_by(ref_cx *rx, const ref_stage *s, int far, const ref_list *partners,
                    uint64_t needed, ref_list *out);
bool ref_is_key(const ref_cx *rx, const ref_keys *k, uint32_t account, uint32_t but_for_role);
// May a transfer lie in the stage, its ends seen (semantics 3): different, `any` no key and not barred?
bool ref_ends_fit(ref_cx *rx, const ref_keys *k, const ref_stage *s, uint32_t row);

// ---- ref_pairs.c: partners (semantics 4.2, 5) -------------------------------------------------------

// has[i]: rows[side].at[i] has a partner on the other side that passes all constraints.
bool ref_pair_partners(ref_cx *rx, const ref_pair *p, const ref_list rows[2], int side, bool *has);
typedef struct ref_best {
  bool found;
  amlrt_degree degree;
  uint32_t partner; // row
} ref_best;
// For every transfer of the side constraint k names first: its best partner. `best` by place.
bool ref_pair_best(ref_cx *rx, const ref_pair *p, const ref_pair_cond *k, const ref_list rows[2],
                   ref_best *best);
// The value shown of constraint k for a transfer of the side it names first and its partner.
amlrt_value ref_pair_value(ref_cx *rx, const ref_pair_cond *k, uint32_t mine, uint32_t partner);

// ---- ref_shrink.c: semantics 4.2 --------------------------------------------------------------------

bool ref_shrink(ref_eval *ev);
// Rows left of a stage: all, or those of one account of a role (of a walk: its hops at the role).
bool ref_rows_left(ref_eval *ev, uint32_t stage, ref_list *out);
bool ref_rows_of(ref_eval *ev, uint32_t stage, uint32_t role, uint32_t member, ref_list *out);
bool ref_rows_of_hop(ref_eval *ev, uint32_t stage, uint32_t hop, ref_list *out);
int ref_end_of(const ref_cx *rx, uint32_t stage, uint32_t role); // -1: does not touch it
uint32_t ref_n_left(const ref_eval *ev, uint32_t role); // members of a group, accounts of a key

// ---- ref_expr.c, ref_value.c, ref_money.c: conditions and values (semantics 5 and 6) -----------------

typedef enum { REF_UNKNOWN, REF_NOTHING, REF_NUMBER, REF_TEXT, REF_ACCOUNT } ref_kind;
typedef struct ref_value {
  ref_kind kind;
  amlrt_frac v;
  const char *text;
  uint32_t account;
  bool is_currency; // the text names a currency, canonically
} ref_value;

typedef enum { REF_KNOWN, REF_CANNOT_SAY, REF_VOID } ref_truth; // VOID: of nothing, or divided by 0
typedef struct ref_cond {
  ref_truth truth;
  amlrt_degree degree; // of KNOWN
  amlrt_value value;   // shown
} ref_cond;

ref_scope ref_scope_row(ref_cx *rx, uint32_t row);
ref_scope ref_scope_pair(ref_cx *rx, uint32_t row0, uint32_t row1);
bool ref_scope_match(ref_eval *ev, ref_scope *out);
bool ref_scope_member(ref_eval *ev, uint32_t role, uint32_t member, ref_scope *out);
bool ref_scope_rows(ref_scope *s, const gir_node *stage, ref_list *out);

ref_cond ref_ask(ref_scope *s, const gir_node *cond);
ref_cond ref_no(void);
amlrt_value ref_show(ref_scope *s, const gir_node *expr); // of titles and features
// The value of an expression inside a comparison whose currencies were looked at.
ref_value ref_value_of(ref_scope *s, const gir_node *expr);
amlrt_value ref_shown(const ref_scope *s, const gir_node *expr, const ref_value *v);

// The currencies a comparison adds, compares or divides.
typedef struct ref_currencies {
  uint32_t one;          // the first seen, 0: none
  bool several, missing; // missing: an amount or its currency is not given
} ref_currencies;
bool ref_currencies_of(ref_scope *s, const gir_node *expr, ref_currencies *c);
void ref_currencies_add(ref_currencies *c, uint32_t currency);
// False: the comparison cannot be evaluated. Sets convert and currency.
bool ref_settle(ref_scope *s, const ref_currencies *c);
// A field of a transfer in the comparison's currency.
ref_value ref_field_of(ref_scope *s, const ref_node *at, uint32_t row);
ref_value ref_attribute_of(ref_scope *s, const ref_node *at, uint32_t row, int end);
bool ref_converted(ref_scope *s, amlrt_frac *v, uint32_t currency, int64_t time);
ref_value ref_number(amlrt_frac v);
ref_value ref_unknown(void);
ref_value ref_nothing(void);
int ref_decimals(const ref_cx *rx, uint32_t currency);
amlrt_i128 ref_ten_to(int n);

// ---- ref_judge.c, ref_absent.c: semantics 4.3, 5, 7 ---------------------------------------------------

// *degree 0: no match. Fills ev->result.
bool ref_judge(ref_eval *ev, amlrt_degree *degree);
bool ref_is_absent(ref_eval *ev, const gir_node *absent, bool *holds);
// How far back the match looks, and whether earlier rows could break it (semantics 8).
bool ref_is_inconclusive(ref_eval *ev);
// `each` of a group: *left_out, and the degree and value of every member left (by member).
bool ref_each_members(ref_eval *ev, const gir_node *each, ref_cond *by_member, bool *left_out);

// ---- ref_result.c ---------------------------------------------------------------------------------

bool ref_emit(ref_eval *ev, amlrt_degree degree);

#endif
