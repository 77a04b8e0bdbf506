// The candidates of a trigger: collected in any order, then sorted by keys, each once.
#include "runtime/src/alloc.h"
#include "runtime/src/worker.h"

#include <string.h>

static bool room(amlrt_worker *w, size_t n)
{
  amlrt__candidates *c = &w->cand;
  size_t limit = w->run->scratch_limit;

  if (limit && (c->n + n) * sizeof *c->at + (c->count + 1) * sizeof *c->start > limit) {
    w->st = AMLRT_TRUNCATED;
    return false;
  }
  if (amlrt__grow(w->run->mem, &c->at, &c->cap, c->n + n, sizeof *c->at) &&
      amlrt__grow(w->run->mem, &c->start, &c->start_cap, c->count + 1, sizeof *c->start))
    return true;
  w->st = AMLRT_E_NOMEM;
  return false;
}

bool amlrt__add_words(amlrt_worker *w, const uint32_t *keys, uint32_t n)
{
  amlrt__candidates *c = &w->cand;

  if (!room(w, n)) return false;
  if (n) memcpy(c->at + c->n, keys, n * sizeof *keys);
  c->start[c->count++] = c->n;
  c->n += n;
  return true;
}

void amlrt_candidate(amlrt_worker *w, const uint32_t *keys)
{
  if (w->st == AMLRT_OK) (void)amlrt__add_words(w, keys, w->run->n_singles); // w->st says why not
}

bool amlrt__add_candidate(amlrt_worker *w, const amlrt__list *keys)
{
  const amlrt_prole *roles = w->run->p->roles;
  amlrt__candidates *c = &w->cand;
  size_t n = 0;

  for (uint32_t r = 0; r < w->run->n_roles; r++)
    if (roles[r].kind != AMLRT_ROLE_GROUP) n += (size_t)keys[r].n + 1;
  if (!room(w, n)) return false;
  c->start[c->count++] = c->n;
  for (uint32_t r = 0; r < w->run->n_roles; r++) {
    if (roles[r].kind == AMLRT_ROLE_GROUP) continue;
    if (roles[r].kind == AMLRT_ROLE_CHAIN) c->at[c->n++] = keys[r].n;
    if (keys[r].n) memcpy(c->at + c->n, keys[r].at, keys[r].n * sizeof *c->at);
    c->n += keys[r].n;
  }
  return true;
}

void amlrt_generate_all(amlrt_worker *w, uint32_t trigger)
{
  (void)trigger;                               // the one the worker is set to
  if (w->st == AMLRT_OK) (void)amlrt__bind(w); // w->st says why not
}

// ---- order ----------------------------------------------------------------------------------------

static int list_order(const uint32_t *a, uint32_t na, const uint32_t *b, uint32_t nb)
{
  for (uint32_t i = 0; i < na && i < nb; i++)
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  return (na > nb) - (na < nb);
}

// By keys in the order of the roles, chains as lists.
int amlrt__keys_order(const void *user, const void *pa, const void *pb)
{
  const amlrt__run *run = user;
  const uint32_t *a = pa, *b = pb;
  int order = 0;

  for (uint32_t r = 0; r < run->n_roles && order == 0; r++) {
    uint32_t na = 1, nb = 1;
    if (run->p->roles[r].kind == AMLRT_ROLE_GROUP) continue;
    if (run->p->roles[r].kind == AMLRT_ROLE_CHAIN) {
      na = *a++;
      nb = *b++;
    }
    order = list_order(a, na, b, nb);
    a += na;
    b += nb;
  }
  return order;
}

static bool sort_places(amlrt_worker *w)
{
  amlrt__candidates *c = &w->cand;
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  const void **at = amlrt__take(w, c->count, sizeof *at);

  if (!at) return false;
  for (size_t i = 0; i < c->count; i++)
    at[i] = c->at + c->start[i];
  if (!amlrt__sort_by(w, at, c->count, amlrt__keys_order, w->run)) return false;
  for (size_t i = 0; i < c->count; i++)
    c->start[i] = (size_t)((const uint32_t *)at[i] - c->at);
  amlrt__mem_back(&w->scratch, mark);
  return true;
}

bool amlrt__sort_candidates(amlrt_worker *w)
{
  amlrt__candidates *c = &w->cand;
  size_t n = 0;
  bool sorted = true;

  for (size_t i = 1; i < c->count && sorted; i++)
    sorted = amlrt__keys_order(w->run, c->at + c->start[i - 1], c->at + c->start[i]) <= 0;
  if (!sorted && !sort_places(w)) return false;
  for (size_t i = 0; i < c->count; i++)
    if (n == 0 || amlrt__keys_order(w->run, c->at + c->start[n - 1], c->at + c->start[i]) != 0)
      c->start[n++] = c->start[i];
  c->count = n;
  return true;
}
