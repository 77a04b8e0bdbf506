#include "runtime/src/fold.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/run_match.h"

#include <string.h>

typedef struct rows { // of all stages of a match, ascending, each once
  uint32_t *at;
  size_t n, cap;
} rows;

struct amlrt__fold {
  amlrt__piece piece; // the episode at hand; merged 0: none
  uint32_t *keys;
  size_t cap_keys;
  rows last; // of the last match, where last_known
  bool last_known;
  // what the evaluator noted
  rows noted;
  bool found;
  amlrt_degree degree;
};

amlrt__fold *amlrt__fold_new(const amlrt_alloc *mem)
{
  return amlrt__array(mem, 1, sizeof(amlrt__fold));
}

void amlrt__fold_free(amlrt__fold *f, const amlrt_alloc *mem)
{
  if (!f) return;
  amlrt__release(mem, f->keys);
  amlrt__release(mem, f->last.at);
  amlrt__release(mem, f->noted.at);
  amlrt__release(mem, f);
}

static bool no_memory(amlrt_worker *w)
{
  w->st = AMLRT_E_NOMEM;
  return false;
}

// ---- one match ------------------------------------------------------------------------------------------

bool amlrt__fold_note(amlrt_eval *v, amlrt_degree degree)
{
  amlrt_worker *w = v->w;
  const amlrt_program *p = w->run->p;
  amlrt__fold *f = w->fold;
  uint32_t n_stages = 0;

  f->found = true;
  f->degree = degree;
  f->noted.n = 0;
  for (uint32_t i = 0; i < p->n_stages; i++) {
    amlrt__list l;
    if (p->stages[i].kind == AMLRT_STAGE_PROBE) continue;
    if (!amlrt__rows_asked(v, i, AMLRT_NONE, 0, &l)) return false;
    if (!amlrt__grow(w->run->mem, &f->noted.at, &f->noted.cap, f->noted.n + l.n, sizeof(uint32_t)))
      return no_memory(w);
    if (l.n) memcpy(f->noted.at + f->noted.n, l.at, l.n * sizeof *l.at);
    f->noted.n += l.n;
    n_stages++;
  }
  if (n_stages == 1 && p->stages[0].kind != AMLRT_STAGE_WALK) return true;
  amlrt__list all = {.at = f->noted.at, .n = (uint32_t)f->noted.n};
  if (!amlrt__sort(w, &all)) return false;
  amlrt__unique(&all);
  if (all.at != f->noted.at) memcpy(f->noted.at, all.at, all.n * sizeof *all.at);
  f->noted.n = all.n;
  return true;
}

// Evaluates a candidate and leaves what it is in f->found, degree, noted.
static bool ask(amlrt_worker *w, uint32_t trigger, const uint32_t *keys)
{
  w->fold->found = false;
  amlrt__worker_set(w, trigger);
  return amlrt__evaluate(w, keys);
}

static bool have_common(const rows *a, const rows *b)
{
  size_t i = 0, k = 0;

  while (i < a->n && k < b->n) {
    if (a->at[i] == b->at[k]) return true;
    if (a->at[i] < b->at[k])
      i++;
    else
      k++;
  }
  return false;
}

static void swap_rows(amlrt__fold *f)
{
  rows r = f->last;
  f->last = f->noted;
  f->noted = r;
}

// What was found exactly must be found by the evaluator too.
static bool ask_sure(amlrt_worker *w, uint32_t trigger, const uint32_t *keys)
{
  if (!ask(w, trigger, keys)) return false;
  if (!w->fold->found) AMLRT__BUG("a plan found a match that is none");
  return true;
}

static bool until_says(const amlrt_worker *w, uint32_t until, uint32_t trigger)
{
  return w->run->window_lo[trigger] <= until;
}

// ---- an episode -----------------------------------------------------------------------------------------

static bool write_piece(amlrt_worker *w)
{
  amlrt__fold *f = w->fold;
  size_t keys = f->piece.n_words * sizeof *f->keys;

  if (f->piece.merged == 0) return true;
  unsigned char *at = amlrt__room(w, amlrt__piece_bytes(&f->piece));
  if (!at) return false;
  memcpy(at, &f->piece, sizeof f->piece);
  if (keys) memcpy(at + sizeof f->piece, f->keys, keys);
  f->piece.merged = 0;
  return true;
}

bool amlrt__fold_end(amlrt_worker *w)
{
  return write_piece(w);
}

static bool same_keys(const amlrt__fold *f, const uint32_t *keys, uint32_t n)
{
  return f->piece.merged > 0 && f->piece.n_words == n &&
         (n == 0 || memcmp(f->keys, keys, n * sizeof *keys) == 0);
}

// One more match of the keys at hand; `goes_on`: it belongs to the episode that is open.
static bool add(amlrt_worker *w, const uint32_t *keys, uint32_t n, const amlrt__piece *m,
                bool goes_on)
{
  amlrt__fold *f = w->fold;

  if (goes_on) {
    amlrt__fold_join(&f->piece, m);
    return true;
  }
  f->piece.has_ended = same_keys(f, keys, n);
  if (!write_piece(w)) return false;
  if (!amlrt__grow(w->run->mem, &f->keys, &f->cap_keys, n, sizeof *f->keys)) return no_memory(w);
  if (n) memmove(f->keys, keys, n * sizeof *keys);
  f->piece = *m;
  f->piece.n_words = n;
  return true;
}

void amlrt__fold_join(amlrt__piece *a, const amlrt__piece *b)
{
  if (b->degree >= a->degree) { // the latest of the highest
    a->degree = b->degree;
    a->best = b->best;
  }
  a->last = b->last;
  a->until = b->until;
  a->has_ended = b->has_ended;
  a->merged += b->merged;
}

// Evaluates the last match of the episode at hand, so that its rows are known.
static bool know_last(amlrt_worker *w)
{
  amlrt__fold *f = w->fold;

  if (f->last_known) return true;
  if (!ask_sure(w, f->piece.last, f->keys)) return false;
  swap_rows(f);
  f->last_known = true;
  return true;
}

static bool exact_goes_on(amlrt_worker *w, const amlrt__exact *m, const uint32_t *keys, bool *does)
{
  amlrt__fold *f = w->fold;

  *does = m->link == AMLRT__LINK_YES;
  if (m->link != AMLRT__LINK_UNTIL) return true;
  if (f->piece.until != AMLRT__UNTIL_UNKNOWN) {
    *does = until_says(w, f->piece.until, m->trigger);
    return true;
  }
  if (!know_last(w) || !ask_sure(w, m->trigger, keys)) return false;
  *does = have_common(&f->last, &f->noted);
  return true;
}

bool amlrt__fold_exact(amlrt_worker *w, const amlrt__exact *m, const uint32_t *keys, uint32_t n)
{
  amlrt__piece p = {.first = m->trigger,
                    .last = m->trigger,
                    .best = m->trigger,
                    .until = m->until,
                    .degree = m->degree,
                    .merged = 1};
  bool goes_on = false;

  if (same_keys(w->fold, keys, n) && !exact_goes_on(w, m, keys, &goes_on)) return false;
  w->fold->last_known = false;
  return add(w, keys, n, &p, goes_on);
}

bool amlrt__fold_found(amlrt_worker *w, uint32_t trigger, const uint32_t *keys, uint32_t n)
{
  amlrt__fold *f = w->fold;
  bool goes_on = false, same = same_keys(f, keys, n);

  if (same && f->piece.until == AMLRT__UNTIL_UNKNOWN && !know_last(w)) return false;
  if (!ask(w, trigger, keys)) return false;
  if (!f->found) return true;
  if (same) {
    goes_on = f->piece.until != AMLRT__UNTIL_UNKNOWN ? until_says(w, f->piece.until, trigger)
                                                     : have_common(&f->last, &f->noted);
  }
  amlrt__piece p = {.first = trigger,
                    .last = trigger,
                    .best = trigger,
                    .until = AMLRT__UNTIL_UNKNOWN,
                    .degree = f->degree,
                    .merged = 1};
  swap_rows(f);
  f->last_known = true;
  return add(w, keys, n, &p, goes_on);
}

// ---- pieces ---------------------------------------------------------------------------------------------

bool amlrt__fold_joins(amlrt_worker *w, const amlrt__piece *a, const amlrt__piece *b, bool *does)
{
  amlrt__fold *f = w->fold;

  *does = false;
  if (a->has_ended) return true;
  if (a->until != AMLRT__UNTIL_UNKNOWN) {
    *does = until_says(w, a->until, b->first);
    return true;
  }
  if (!ask_sure(w, a->last, amlrt__piece_keys(a))) return false;
  swap_rows(f);
  if (!ask_sure(w, b->first, amlrt__piece_keys(b))) return false;
  *does = have_common(&f->last, &f->noted);
  return true;
}
