// A stretch of time made ready for the key-major sweep: its transfers as legs, packed.
//
//   1  transfers are picked that may be a leg of a match (plan_pair_pick.c)
//   2  the accounts left get ids, in the order they are met; where most are left, their numbers
//   3  what is left is sorted by counting: first legs by near account, second legs by middle; each first
//      leg knows where it falls among the second legs of its middle, so nothing is searched later
//
// All of it goes over the transfers in order; what it jumps about in is as large as the accounts are.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_pair.h"

#include <string.h>

enum { AHEAD = 16 }; // transfers between asking for memory and using it

bool amlrt__pair_room(amlrt_worker *w, void *block_ptr, size_t *cap, size_t n, size_t size)
{
  const amlrt_alloc *mem = w->run->mem;
  void *block;
  size_t bytes;

  if (n <= *cap) return true;
  memcpy(&block, block_ptr, sizeof block);
  amlrt__release(mem, block);
  n += n / 4;
  block = __builtin_mul_overflow(n, size, &bytes) ? NULL : amlrt__alloc(mem, bytes);
  memcpy(block_ptr, &block, sizeof block);
  *cap = block ? n : 0;
  if (!block) w->st = AMLRT_E_NOMEM;
  return block != NULL;
}

bool amlrt__pair_rooms(amlrt_worker *w, void *const *block_ptrs, const size_t *sizes, int n_arrays,
                       size_t *cap, size_t n)
{
  size_t had = *cap, got = had;

  if (n <= had) return true;
  for (int i = 0; i < n_arrays; i++) {
    got = had;
    if (!amlrt__pair_room(w, block_ptrs[i], &got, n, sizes[i])) {
      *cap = 0;
      return false;
    }
  }
  *cap = got;
  return true;
}

// ---- ids --------------------------------------------------------------------------------------------

static bool take_account_room(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const amlrt__run *run = s->p->run;
  size_t n = 2 * (size_t)b->n;
  void *const at[] = {&b->account, &b->currency, &b->next};
  const size_t sizes[] = {4, sizeof(amlrt_currency), 4};

  b->numbered = !s->p->layered && n >= run->col->n_accounts;
  if (!s->p->layered && n > run->col->n_accounts) n = run->col->n_accounts;
  return amlrt__pair_rooms(s->w, at, sizes, 3, &b->cap_ids, n + 1);
}

static inline uint32_t id_of(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t account)
{
  uint32_t *at = &s->id[account];

  if (*at < s->base) {
    b->account[b->n_ids] = account;
    *at = s->base + b->n_ids++;
  }
  return *at - s->base;
}

static uint32_t new_layer(amlrt__pair_block *b, uint32_t account, amlrt_currency currency)
{
  uint32_t id = b->n_ids++;

  b->account[id] = account;
  b->currency[id] = currency;
  b->next[id] = AMLRT_NONE;
  return id;
}

static uint32_t layer_of(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t account,
                         amlrt_currency currency)
{
  uint32_t *at = &s->id[account];

  if (*at < s->base) {
    *at = s->base + b->n_ids;
    return new_layer(b, account, currency);
  }
  for (uint32_t id = *at - s->base;; id = b->next[id]) {
    if (b->currency[id] == currency) return id;
    if (b->next[id] == AMLRT_NONE) return b->next[id] = new_layer(b, account, currency);
  }
}

// Once in four billion ids.
static void forget_ids(amlrt__pair_sweep *s, size_t n)
{
  if (s->base < UINT32_MAX - n) return;
  for (uint32_t a = 0; a < s->p->run->col->n_accounts; a++)
    s->id[a] = 0;
  s->base = 1;
}

static void give_ids(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const amlrt_currency *currency = s->p->run->col->currency;

  b->n_ids = b->numbered ? s->p->run->col->n_accounts : 0;
  if (b->numbered) return;
  forget_ids(s, 2 * (size_t)b->n);
  for (uint32_t i = 0; i < b->n; i++) {
    __builtin_prefetch(&s->id[b->id[0][i + AHEAD]]);
    __builtin_prefetch(&s->id[b->id[1][i + AHEAD]]);
    for (int e = 0; e < 2; e++)
      b->id[e][i] = s->p->layered ? layer_of(s, b, b->id[e][i], currency[b->row[i]])
                                  : id_of(s, b, b->id[e][i]);
  }
  s->base += b->n_ids;
}

// ---- the whole ---------------------------------------------------------------------------------------------

static int by_account(const void *user, const void *pa, const void *pb)
{
  const amlrt__pair_block *b = user;
  const amlrt__pair_near *x = pa, *y = pb;
  uint32_t ax = b->account[x->id], ay = b->account[y->id];

  return (ax > ay) - (ax < ay);
}

// Brings the currencies of an account together.
static bool join_layers(amlrt_worker *w, amlrt__pair_block *b)
{
  amlrt__mark mark = amlrt__mem_mark(&w->scratch);
  const void **at = amlrt__take(w, b->n_near, sizeof *at);
  amlrt__pair_near *near = amlrt__take(w, b->n_near, sizeof *near);

  for (uint32_t i = 0; at && i < b->n_near; i++)
    at[i] = &b->near[i];
  bool ok = at && near && amlrt__sort_by(w, at, b->n_near, by_account, b);
  for (uint32_t i = 0; ok && i < b->n_near; i++)
    near[i] = *(const amlrt__pair_near *)at[i];
  if (ok) memcpy(b->near, near, b->n_near * sizeof *near);
  amlrt__mem_back(&w->scratch, mark);
  return ok;
}

bool amlrt__pair_block_make(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t threads)
{
  if (!amlrt__pair_pick(s, b, threads) || !take_account_room(s, b)) return false;
  give_ids(s, b);
  if (!amlrt__pair_lists_make(s, b, threads)) return false;
  if (s->p->layered && !join_layers(s->w, b)) return false;
  return amlrt__step(s->w, b->end - b->lo);
}

void amlrt__pair_block_release(amlrt__pair_block *b, const amlrt_alloc *mem)
{
  void *const all[] = {b->account, b->currency, b->next, b->leg,    b->near,
                       b->far,     b->far_row,  b->time, b->row,    b->id[0],
                       b->id[1],   b->flag,     b->may,  b->by_mid, b->by_near};

  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    amlrt__release(mem, all[i]);
  *b = (amlrt__pair_block){0};
}
