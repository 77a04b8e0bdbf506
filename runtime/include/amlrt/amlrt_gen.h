// What generated code may call. Includes no intrinsics and no system header beyond C's own: generated
// C is compiled against this file alone. See program.h for the tables.
#ifndef AMLRT_AMLRT_GEN_H
#define AMLRT_AMLRT_GEN_H

#include "amlrt/program.h"

// The detectors of a generated file: what it exports, and all that it does.
AMLRT_API const amlrt_detector_export *amlrt_detector_get(void);

// A constant of more than 64 bits: hi * 2^64 + lo.
#define AMLRT_I128(hi, lo) ((amlrt_i128)(hi) * ((amlrt_i128)1 << 64) + (amlrt_i128)(uint64_t)(lo))

// ---- one transfer ----------------------------------------------------------------------------------

typedef enum {
  AMLRT_F_AMOUNT,
  AMLRT_F_CURRENCY,
  AMLRT_F_AMOUNT_RECEIVED,
  AMLRT_F_CURRENCY_RECEIVED,
  AMLRT_F_FORMAT,
  AMLRT_F_TIME,
  AMLRT_F_FROM,
  AMLRT_F_TO
} amlrt_field;

// Columns, for the loops of generators.
typedef struct amlrt_cols {
  const int64_t *time;
  const uint32_t *from, *to;
  const uint16_t *format;
  const amlrt_currency *currency, *currency_received;
  const uint32_t *window_lo; // by row e: rows existing for e are those in [window_lo[e], e]
} amlrt_cols;
AMLRT_API const amlrt_cols *amlrt_w_cols(const amlrt_worker *w);
// A symbol of the program as a number of the table: a currency or format (0: the table has it not).
AMLRT_API uint32_t amlrt_w_symbol(const amlrt_worker *w, uint32_t symbol);
// Time of the trigger at hand.
AMLRT_API int64_t amlrt_w_trigger_time(const amlrt_worker *w);
// a + b, at the ends of the range where it leaves it.
static inline int64_t amlrt_i64_add(int64_t a, int64_t b)
{
  if (b > 0 && a > INT64_MAX - b) return INT64_MAX;
  if (b < 0 && a < INT64_MIN - b) return INT64_MIN;
  return a + b;
}

// ---- a comparison: the unit in which currencies must agree (semantics 6) -----------------------------

// begin; note every amount and literal in it; settle (false: AMLRT_CANNOT_SAY); then take values.
AMLRT_API void amlrt_cmp_begin(amlrt_worker *w, int64_t literal_time);
AMLRT_API void amlrt_cmp_note_row(amlrt_worker *w, amlrt_field amount, uint32_t row);
AMLRT_API void amlrt_cmp_note_literal(amlrt_worker *w, uint32_t symbol);
AMLRT_API void amlrt_cmp_note_stage(amlrt_worker *w, amlrt_eval *v, amlrt_field amount,
                                    uint32_t stage, uint32_t role, uint32_t account);
AMLRT_API bool amlrt_cmp_settle(amlrt_worker *w);

AMLRT_API amlrt_num amlrt_num_field(amlrt_worker *w, amlrt_field f, uint32_t row);
AMLRT_API amlrt_num amlrt_num_column(amlrt_worker *w, uint32_t symbol, uint32_t row);
AMLRT_API amlrt_num amlrt_num_attribute(amlrt_worker *w, uint32_t symbol, uint32_t row,
                                        uint32_t end);
AMLRT_API amlrt_num amlrt_num_gap(amlrt_worker *w, uint32_t from_row,
                                  uint32_t to_row); // UNKNOWN unless strictly later
// Constants: a fraction; money of a symbol's currency (converted where the comparison converts); text.
AMLRT_API amlrt_num amlrt_num_const(amlrt_frac v);
AMLRT_API amlrt_num amlrt_num_money(amlrt_worker *w, amlrt_frac v, uint32_t symbol);
AMLRT_API amlrt_num amlrt_num_text(const char *text);
// Aggregates over the transfers left of a stage (shown or not), of the match (role AMLRT_NONE) or of
// one account of a role.
typedef enum { AMLRT_A_SUM, AMLRT_A_MIN, AMLRT_A_MAX, AMLRT_A_MEAN, AMLRT_A_DISTINCT } amlrt_agg;
AMLRT_API amlrt_num amlrt_num_agg(amlrt_worker *w, amlrt_eval *v, amlrt_agg what, amlrt_field f,
                                  uint32_t stage, uint32_t role, uint32_t account);
AMLRT_API amlrt_num amlrt_num_agg_column(amlrt_worker *w, amlrt_eval *v, amlrt_agg what,
                                         uint32_t symbol, uint32_t stage, uint32_t role,
                                         uint32_t account);
AMLRT_API amlrt_num amlrt_num_count(amlrt_worker *w, amlrt_eval *v, uint32_t stage, uint32_t role,
                                    uint32_t account);
AMLRT_API amlrt_num amlrt_num_first(amlrt_worker *w, amlrt_eval *v, uint32_t stage, uint32_t role,
                                    uint32_t account);
AMLRT_API amlrt_num amlrt_num_last(amlrt_worker *w, amlrt_eval *v, uint32_t stage, uint32_t role,
                                   uint32_t account);
AMLRT_API amlrt_num amlrt_num_members(amlrt_worker *w, amlrt_eval *v, uint32_t counted_role);
AMLRT_API amlrt_num amlrt_num_span(amlrt_worker *w, amlrt_eval *v);
// Arithmetic: UNKNOWN and NOTHING pass through, UNKNOWN first.
AMLRT_API amlrt_num amlrt_num_add(amlrt_num a, amlrt_num b);
AMLRT_API amlrt_num amlrt_num_sub(amlrt_num a, amlrt_num b);
AMLRT_API amlrt_num amlrt_num_mul(amlrt_num a, amlrt_num b);
AMLRT_API amlrt_num amlrt_num_div(amlrt_num a, amlrt_num b);
AMLRT_API amlrt_num amlrt_num_neg(amlrt_num a);
// A division in a filter or a pair, where nothing but a division by 0 gives NOTHING: it is UNKNOWN.
static inline amlrt_num amlrt_num_ratio(amlrt_num a, amlrt_num b)
{
  amlrt_num q = amlrt_num_div(a, b);
  if (q.kind == AMLRT_NUM_NOTHING) q.kind = AMLRT_NUM_UNKNOWN;
  return q;
}

// Conditions. `shown` says how the left value appears in the evidence: a kind of value, and for MONEY
// the currency of the comparison.
typedef enum {
  AMLRT_CMP_EQ,
  AMLRT_CMP_NE,
  AMLRT_CMP_LT,
  AMLRT_CMP_LE,
  AMLRT_CMP_GT,
  AMLRT_CMP_GE
} amlrt_cmp;
AMLRT_API amlrt_cond amlrt_cond_cmp(amlrt_worker *w, amlrt_cmp op, amlrt_num a, amlrt_num b,
                                    amlrt_value_kind shown);
AMLRT_API amlrt_cond amlrt_cond_in(amlrt_worker *w, amlrt_num v, const amlrt_range *r,
                                   uint32_t symbol, // currency of a money range, AMLRT_NONE: none
                                   amlrt_value_kind shown);
AMLRT_API amlrt_cond amlrt_cond_one_of(amlrt_worker *w, amlrt_num v, const amlrt_num *of,
                                       uint32_t n, amlrt_value_kind shown);
AMLRT_API amlrt_cond amlrt_cond_cannot_say(void);
AMLRT_API amlrt_cond amlrt_cond_truth(bool holds);
AMLRT_API amlrt_cond amlrt_cond_and(amlrt_cond a, amlrt_cond b);
AMLRT_API amlrt_cond amlrt_cond_or(amlrt_cond a, amlrt_cond b);
AMLRT_API amlrt_cond amlrt_cond_not(amlrt_cond a);
AMLRT_API amlrt_value amlrt_show(amlrt_worker *w, amlrt_num v, amlrt_value_kind kind);

// ---- generators --------------------------------------------------------------------------------------

// Transfers of one account on one side that exist for the trigger at hand, in row order. The arrays are
// of the graph's; entry i is (nbr[i], row[i]), lo <= i < hi.
typedef struct amlrt_slice {
  const uint32_t *nbr, *row;
  uint32_t lo, hi;
} amlrt_slice;
static inline uint32_t amlrt_slice_n(amlrt_slice s)
{
  return s.hi - s.lo;
}
AMLRT_API amlrt_slice amlrt_w_out(amlrt_worker *w, uint32_t account);
AMLRT_API amlrt_slice amlrt_w_in(amlrt_worker *w, uint32_t account);
// May the account be a key at all (not barred by a hub limit)?
AMLRT_API bool amlrt_w_allowed(amlrt_worker *w, uint32_t account);
// Does the transfer exist (same currency), and pass the stage's filter with a degree above 0? Cached.
AMLRT_API bool amlrt_w_passes(amlrt_worker *w, uint32_t stage, uint32_t row);
// Marks of accounts, forgotten at each begin: for counting different neighbours. Slots 0 .. 3.
AMLRT_API void amlrt_w_marks_begin(amlrt_worker *w, uint32_t slot);
AMLRT_API bool amlrt_w_mark(amlrt_worker *w, uint32_t slot,
                            uint32_t account); // true: was not marked
AMLRT_API bool amlrt_w_marked(const amlrt_worker *w, uint32_t slot, uint32_t account);
AMLRT_API uint32_t amlrt_w_n_marked(const amlrt_worker *w, uint32_t slot); // how many are marked
// Hands over a candidate: accounts of the single roles in role order. Any order, repeats are fine.
AMLRT_API void amlrt_candidate(amlrt_worker *w, const uint32_t *keys);
// Hands the binding of this trigger to the runtime's own generator.
AMLRT_API void amlrt_generate_all(amlrt_worker *w, uint32_t trigger);
// Must the generator stop (cancelled, out of memory)? Asked in every loop that holds another.
AMLRT_API bool amlrt_w_stop(amlrt_worker *w);

#endif
