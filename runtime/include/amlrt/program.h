// A program: what a compiled pattern hands to the runtime, as tables and functions.
//
// A detector is a generator of candidates (trigger, keys) and an exact evaluator of one candidate. The
// generator is compiled code (or the runtime's own, for any pattern); the evaluator is the runtime's
// (docs/semantics.md, sections 2 to 8) and calls the pattern's conditions, which are compiled code.
//
// This header is for generated code and for the compiler's back ends, not for people. Its layouts are
// part of the ABI: any change of it raises AMLRT_ABI_VERSION, and is a change of amlrt_abi.def, from which
// LLVM's layouts come: a member that is here and not there does not compile (runtime/src/abi.c).
#ifndef AMLRT_PROGRAM_H
#define AMLRT_PROGRAM_H

#include "amlrt/match.h"

#define AMLRT_ABI_VERSION 4u
#define AMLRT_ANYONE UINT32_MAX // as a role: `any`

// ---- what conditions are asked of ----------------------------------------------------------------

// One worker of a run: the table's columns, resolved texts, the rate table, the state of a comparison.
// Opaque; generated code passes it on to the functions of amlrt_gen.h.
typedef struct amlrt_worker amlrt_worker;
// One candidate while it is evaluated: members and transfers left. Opaque.
typedef struct amlrt_eval amlrt_eval;

// A value inside an expression.
typedef enum {
  AMLRT_NUM_UNKNOWN, // not given, or no rate
  AMLRT_NUM_NOTHING, // an aggregate of nothing, a division by 0
  AMLRT_NUM_NUMBER,
  AMLRT_NUM_TEXT,
  AMLRT_NUM_ACCOUNT
} amlrt_num_kind;
typedef struct amlrt_num {
  amlrt_num_kind kind;
  bool is_currency; // TEXT that names a currency, canonically
  uint32_t account; // ACCOUNT
  amlrt_frac v;     // NUMBER
  const char *text; // TEXT
} amlrt_num;

typedef enum { AMLRT_KNOWN, AMLRT_CANNOT_SAY, AMLRT_VOID } amlrt_truth; // VOID: of nothing
typedef struct amlrt_cond {
  amlrt_truth truth;
  amlrt_degree degree; // of KNOWN
  amlrt_value value;   // shown in the evidence
} amlrt_cond;

typedef amlrt_cond (*amlrt_row_fn)(amlrt_worker *w, uint32_t row);            // where
typedef amlrt_cond (*amlrt_pair_fn)(amlrt_worker *w, uint32_t a, uint32_t b); // sides 0 and 1
// Aggregates: of the match (role AMLRT_NONE), or of one account of a role under `each`.
typedef amlrt_cond (*amlrt_agg_fn)(amlrt_worker *w, amlrt_eval *v, uint32_t role, uint32_t account);
typedef amlrt_value (*amlrt_show_fn)(amlrt_worker *w, amlrt_eval *v); // titles, features

// ---- the pattern as tables -----------------------------------------------------------------------

typedef struct amlrt_prole {
  amlrt_role_kind kind;
  amlrt_range size;  // GROUP, CHAIN
  uint32_t set;      // root of the group's set expression; AMLRT_NONE: none
  bool may_be_empty; // GROUP: size 0 has a degree above 0
  bool shares;       // its set counts a share
  bool late;         // GROUP: evidence alone; no constraint and no other role depends on it
} amlrt_prole;

typedef enum {
  AMLRT_STAGE_PLAIN,
  AMLRT_STAGE_WALK,
  AMLRT_STAGE_LAYER,
  AMLRT_STAGE_TERM,
  AMLRT_STAGE_PROBE
} amlrt_stage_kind;
typedef struct amlrt_pstage {
  amlrt_stage_kind kind;
  uint32_t from, to; // roles, or AMLRT_ANYONE
  uint32_t chain;    // WALK: role; else AMLRT_NONE
  uint32_t owner;    // TERM, PROBE: the group whose set counts it; else AMLRT_NONE
  uint32_t shown;    // place among the info's stages; AMLRT_NONE: PROBE
  bool optional;     // TERM below a `|`
  bool may_be_empty; // semantics 4.2
  bool required;     // semantics 4.3
  bool ends_may_equal;
  bool closed;         // WALK that ends where it starts
  bool compares_hops;  // WALK: some `along` names both this and next (semantics 4.4)
  bool can_trigger;    // the compiler's derived set (a help), or only the stage of `trigger`
  int64_t within;      // seconds; 0: none
  uint32_t support[2]; // LAYER
  amlrt_row_fn filter; // NULL: none
  uint32_t
      same_filter; // filters of a detector with the same number say the same of every transfer;
                   // 0: not known
  uint32_t
      same_rows; // stages with the same number hold the same transfers, as far as no constraint asks: filter,
                 // window, currency rule and whether the ends may be one account; 0: not known
  const char *line; // as in the pattern's text, for people
} amlrt_pstage;

typedef enum {
  AMLRT_SET_HAS,
  AMLRT_SET_SHARE,
  AMLRT_SET_ROLE,
  AMLRT_SET_AND,
  AMLRT_SET_OR,
  AMLRT_SET_MINUS
} amlrt_set_op;
typedef struct amlrt_pset { // a node; children come before parents
  amlrt_set_op op;
  uint32_t a, b;     // children of AND OR MINUS; a: stage of HAS and SHARE, role of ROLE
  uint64_t at_least; // HAS
  amlrt_frac share;  // SHARE
} amlrt_pset;

// One pair constraint; those of the same role and stages are judged together (semantics 4.2).
typedef struct amlrt_ppair_cond {
  amlrt_pair_fn fn;
  uint32_t constraint; // place among the constraints
  bool swapped;        // its side 0 is the pair's side 1
  bool has_gap;        // its degree is that of one gap in `gap`, else it is an order or a value
  bool gap_forward;    // the gap runs from the pair's side 0 to its side 1
  amlrt_range gap;
} amlrt_ppair_cond;
typedef struct amlrt_ppair {
  uint32_t role;     // of `each`; AMLRT_NONE: along
  uint32_t stage[2]; // along: both the walk
  bool asked[2];     // transfers of this side need a partner
  int64_t lo, hi;    // time(side 1) - time(side 0) is in [lo, hi] for every pair that passes
  bool by_time;      // and every pair there passes
  const amlrt_ppair_cond *conds;
  uint32_t n_conds;
} amlrt_ppair;

typedef enum {
  AMLRT_CON_SIZE,    // role
  AMLRT_CON_FILTER,  // stage
  AMLRT_CON_SUPPORT, // stage (layer)
  AMLRT_CON_PAIR,    // pair; its entry in conds
  AMLRT_CON_EACH,    // role, agg
  AMLRT_CON_REQUIRE, // agg
  AMLRT_CON_OVERLAP, // stage, other, range
  AMLRT_CON_ABSENT   // from, to, filter, anchor, for_s
} amlrt_con_kind;
typedef struct amlrt_pcon { // in the order of the info's constraints
  amlrt_con_kind kind;
  uint32_t role, stage, other, pair, cond;
  amlrt_agg_fn agg;
  amlrt_range range;
  uint32_t from, to;   // ABSENT: roles, or AMLRT_ANYONE
  amlrt_row_fn filter; // ABSENT; NULL: none
  uint32_t anchor;     // ABSENT: stage of `before first(..)`; AMLRT_NONE
  int64_t for_s;       // ABSENT: 0: not said
} amlrt_pcon;

typedef enum {
  AMLRT_CURRENCY_CHECKED,
  AMLRT_CURRENCY_SAME,
  AMLRT_CURRENCY_IGNORED
} amlrt_currency_mode;

// A text that the pattern names and the table may hold: resolved to a number once a run.
typedef enum {
  AMLRT_SYMBOL_CURRENCY,
  AMLRT_SYMBOL_FORMAT,
  AMLRT_SYMBOL_COLUMN,
  AMLRT_SYMBOL_ATTRIBUTE
} amlrt_symbol_kind;
typedef struct amlrt_symbol {
  amlrt_symbol_kind kind;
  const char *text;
} amlrt_symbol;

// A plan: a sound way to find candidates. It may let too many through, never too few; what an `exact`
// plan finds are the matches, with their degrees. Rows are in the order of the compiler's liking, the
// last is the most wanted; the first is always TRIGGER, which does every pattern. The run picks one by
// its cost on the data at hand (amlrt_run_opts.plan names another).
typedef enum {
  AMLRT_PLAN_TRIGGER, // for each trigger, from its ends outward: `generate`, or the runtime's own
  AMLRT_PLAN_HUB,     // for each account of the one key, along its own slices, with sliding sums
  AMLRT_PLAN_PAIR, // for each account of one key, its two-hop paths through a group to the other key
  AMLRT_PLAN_CLOSING // chains, from the trigger back to the first hop
} amlrt_plan_kind;
typedef struct amlrt_pplan {
  amlrt_plan_kind kind;
  bool exact;
  // HUB: the key, NONE; PAIR: the two keys; CLOSING: start and end; TRIGGER: NONE
  uint32_t key[2];
  // PAIR: the group between; CLOSING: the chain; HUB: the group, where a match and its features hang on
  // its number of members alone; else NONE
  uint32_t group;
  // PAIR: between key[0] and group, between group and key[1]; CLOSING: the walk, NONE; else NONE
  uint32_t stage[2];
  // PAIR: every member left has a transfer of each stage with time(stage[1]) - time(stage[0]) in
  // [lo, hi]; CLOSING: so has every hop with the next. No such bound: INT64_MIN, INT64_MAX
  int64_t lo, hi;
  // CLOSING: amount of every hop / that of the hop before has a degree above 0 in it, as one comparison
  // (semantics 6); has 0: nothing known
  amlrt_range ratio;
} amlrt_pplan;

// A column or attribute that the data must have: a run over data without it is refused.
typedef enum { AMLRT_NEED_STANDARD, AMLRT_NEED_COLUMN, AMLRT_NEED_ATTRIBUTE } amlrt_need_kind;
typedef struct amlrt_need {
  amlrt_need_kind kind; // STANDARD: amount, currency, ...; COLUMN: a further one; of an account
  const char *name;
} amlrt_need;

// Compiled code that hands over candidates of one trigger (amlrt_candidate, below). NULL: the runtime's
// own generator is used, which works for every pattern.
typedef void (*amlrt_generate_fn)(amlrt_worker *w, uint32_t trigger);

typedef struct amlrt_program {
  const amlrt_pattern_info *info; // roles, shown stages, constraints, title, features, params
  const amlrt_prole *roles;       // info->n_roles
  const amlrt_pstage *stages;     // n_stages, in the order of the text, PROBEs among them
  uint32_t n_stages;
  const amlrt_pset *sets;
  uint32_t n_sets;
  const amlrt_ppair *pairs;
  uint32_t n_pairs;
  const amlrt_pcon *cons;      // info->n_constraints
  const uint32_t *start_order; // groups, in the order they are started
  uint32_t n_groups;
  const uint32_t (*may_equal)[2]; // pairs of roles
  uint32_t n_may_equal;
  const amlrt_symbol *symbols;
  uint32_t n_symbols;
  amlrt_currency_mode currency;
  int64_t within, span_s;
  int64_t hubs; // 0: not said
  bool breakable;
  uint32_t trigger;                  // stage of `trigger STAGE`; AMLRT_NONE
  const amlrt_show_fn *title_values; // info->n_title_values
  const amlrt_show_fn *features;     // info->n_features
  amlrt_generate_fn generate;        // NULL: the runtime's own
  const amlrt_pplan *plans;          // n_plans, at least the first
  uint32_t n_plans;
  const amlrt_need *needs;
  uint32_t n_needs;
} amlrt_program;

// What a detector exports: its one function, amlrt_detector_get (amlrt_gen.h), gives it.
typedef struct amlrt_detector_export {
  uint32_t abi_version; // AMLRT_ABI_VERSION it was compiled for
  uint32_t n_programs;
  // 64 hex digits: of one pattern, SHA-256 of the graph IR it was compiled from; of several, that of
  // their hashes, each with a new line behind it.
  const char *pattern_hash;
  const char *compiler; // version of amlc
  const amlrt_program *const *programs;
} amlrt_detector_export;

#endif
