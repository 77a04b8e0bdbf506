// Matches folded into episodes as they are found: docs/semantics.md, 8, mode episode. A plan hands over
// the matches of the same keys one after the other (plan.h), so a worker keeps one episode at a time and
// writes a piece when it ends. Pieces of the same keys that several units found are joined afterwards.
#ifndef AMLRT_SRC_FOLD_H
#define AMLRT_SRC_FOLD_H

#include "runtime/src/eval.h"
#include "runtime/src/plan.h"

// An episode, or a piece of one at a unit's edge; its keys follow it as n_words numbers.
typedef struct amlrt__piece {
  uint32_t n_words, first, last, best; // triggers
  uint32_t until;                      // of the last match; AMLRT__UNTIL_UNKNOWN
  amlrt_degree degree;                 // of the best
  uint64_t merged;
  bool has_ended; // the next match of the keys is known to have nothing in common with the last
} amlrt__piece;

// As it is written, a multiple of 8 bytes.
static inline size_t amlrt__piece_bytes(const amlrt__piece *p)
{
  return (sizeof *p + p->n_words * sizeof(uint32_t) + 7) & ~(size_t)7;
}
static inline const uint32_t *amlrt__piece_keys(const amlrt__piece *p)
{
  return (const uint32_t *)(p + 1);
}

amlrt__fold *amlrt__fold_new(const amlrt_alloc *mem);
void amlrt__fold_free(amlrt__fold *f, const amlrt_alloc *mem);
// A match of WANT_FOLD, from the evaluator: its degree and rows are noted.
bool amlrt__fold_note(amlrt_eval *v, amlrt_degree degree);
// The next match: found exactly, or by the evaluator.
bool amlrt__fold_exact(amlrt_worker *w, const amlrt__exact *m, const uint32_t *keys, uint32_t n);
bool amlrt__fold_found(amlrt_worker *w, uint32_t trigger, const uint32_t *keys, uint32_t n);
// The unit is over: writes what is open.
bool amlrt__fold_end(amlrt_worker *w);
// Does the piece b go on where a ends? Both of the same keys. *does is the answer.
bool amlrt__fold_joins(amlrt_worker *w, const amlrt__piece *a, const amlrt__piece *b, bool *does);
// Joins b to a.
void amlrt__fold_join(amlrt__piece *a, const amlrt__piece *b);

#endif
