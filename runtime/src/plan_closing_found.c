// Chains found, handed over. Where matches of the same keys are to come one after the other (episodes of
// open chains), those of a unit are kept and sorted first.
#include "runtime/src/alloc.h"
#include "runtime/src/eval.h"
#include "runtime/src/plan_closing.h"

#include <string.h>

// ---- what an exact plan knows -------------------------------------------------------------------------------

typedef struct length_view {
  amlrt__view view;
  uint64_t length;
} length_view;

static uint64_t length_of(amlrt__view *v, uint32_t role)
{
  (void)role; // the chain: features of an exact plan ask for nothing else
  return ((length_view *)v)->length;
}

static bool features_of(amlrt_worker *w, uint32_t length, amlrt__exact *m)
{
  static const amlrt__view_ops ops = {.members = length_of};
  const amlrt_program *p = w->run->p;
  length_view view = {.view = {.ops = &ops}, .length = length};
  amlrt_eval eval = {.w = w, .view = &view.view};

  if (!amlrt__wants_features(w)) return true;
  amlrt_value *values = amlrt__take(w, p->info->n_features, sizeof *values);
  for (uint32_t i = 0; values && i < p->info->n_features; i++)
    values[i] = p->features[i](w, &eval);
  m->features = values;
  return values != NULL;
}

// Words after the first two: a match's keys.
static bool hand_over(amlrt_worker *w, const uint32_t *match)
{
  const amlrt__closing *c = amlrt__closer_of(w)->c;
  uint32_t n_words = match[0], row = match[1], length = 0;
  const uint32_t *keys = match + 2;

  if (!c->row->exact) return amlrt__found(w, row, keys, n_words);
  for (uint32_t r = 0; r < w->run->n_roles; r++) {
    if (w->run->p->roles[r].kind == AMLRT_ROLE_CHAIN) length = *keys;
    keys += w->run->p->roles[r].kind == AMLRT_ROLE_CHAIN ? *keys + 1 : 1;
  }
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  amlrt__exact m = {.trigger = row,
                    .until = AMLRT__UNTIL_UNKNOWN,
                    .degree = c->degree[length],
                    .inconclusive = amlrt__reaches_back(w, row)};
  bool ok = features_of(w, length, &m) && amlrt__found_exact(w, &m, match + 2, n_words);
  amlrt__mem_back(&w->scratch, mark);
  return ok;
}

// ---- in which order -----------------------------------------------------------------------------------------

bool amlrt__closing_found(amlrt_worker *w, uint32_t row, const uint32_t *ends, uint32_t n_chain,
                          const uint32_t *chain)
{
  amlrt__closer *k = amlrt__closer_of(w);
  const amlrt__run *run = w->run;

  if (k->c->degree[n_chain] == 0) return true;
  if (!amlrt__grow(run->mem, &k->found, &k->cap_found,
                   k->n_found + (size_t)n_chain + run->n_roles + 3, sizeof *k->found))
    return amlrt__closing_nomem(w);
  uint32_t *match = k->found + k->n_found, n = 2;
  for (uint32_t r = 0; r < run->n_roles; r++) {
    if (run->p->roles[r].kind == AMLRT_ROLE_ONE) match[n++] = ends[r == k->c->walk->from ? 0 : 1];
    if (run->p->roles[r].kind != AMLRT_ROLE_CHAIN) continue;
    match[n++] = n_chain;
    memcpy(match + n, chain, n_chain * sizeof *chain);
    n += n_chain;
  }
  match[0] = n - 2;
  match[1] = row;
  if (w->want != AMLRT__WANT_FOLD) return hand_over(w, match);
  k->n_found += n;
  return true;
}

// By keys, in any order that keeps the same ones together; then by trigger.
static int by_keys(const void *user, const void *a, const void *b)
{
  const uint32_t *p = a, *q = b;

  (void)user;
  if (p[0] != q[0]) return p[0] < q[0] ? -1 : 1;
  int order = memcmp(p + 2, q + 2, p[0] * sizeof *p);
  return order ? order : (p[1] > q[1]) - (p[1] < q[1]);
}

bool amlrt__closing_hand_over(amlrt_worker *w)
{
  amlrt__closer *k = amlrt__closer_of(w);
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  size_t n = 0;

  for (size_t at = 0; at < k->n_found; at += k->found[at] + 2)
    n++;
  if (n == 0) return true;
  const void **match = amlrt__take(w, n, sizeof *match);
  for (size_t at = 0, i = 0; match && at < k->n_found; at += k->found[at] + 2)
    match[i++] = k->found + at;
  bool ok = match && amlrt__sort_by(w, match, n, by_keys, NULL);
  for (size_t i = 0; ok && i < n; i++)
    ok = hand_over(w, match[i]);
  amlrt__mem_back(&w->scratch, mark);
  k->n_found = 0;
  return ok;
}
