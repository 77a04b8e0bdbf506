// A stretch of time made ready for the key-major sweep: its transfers as legs, packed.
//
//   1  transfers are picked that may be a leg at all
//   2  legs are dropped that can be in no match: without another one of their key near enough, or without
//      a partner at their middle
//   3  the accounts left get ids, in the order they are met; where most are left, their numbers
//   4  what is left is sorted by counting: first legs by near account, second legs by middle; each first
//      leg knows where it falls among the second legs of its middle, so nothing is searched later
//
// All of it goes over the transfers in order; what it jumps about in is as large as the accounts are. The
// loops of 2 have no branches that depend on the data: they cost more than what they spare.
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

static bool take_rows(amlrt_worker *w, amlrt__pair_block *b)
{
  void *const at[] = {&b->time, &b->row, &b->id[0], &b->id[1], &b->flag, &b->keep};
  const size_t sizes[] = {4, 4, 4, 4, 1, 1};

  return amlrt__pair_rooms(w, at, sizes, 6, &b->cap_rows, (size_t)(b->end - b->lo) + AHEAD);
}

// ---- picking ------------------------------------------------------------------------------------------

// Which legs the transfer may be by itself.
static unsigned char may_be(amlrt__pair_sweep *s, uint32_t row)
{
  const amlrt__pairs *p = s->p;
  const amlrt_columns *col = p->run->col;
  unsigned char flag = 0;

  if (p->layered && col->currency[row] == 0) return 0;
  for (int k = 0; k < 2; k++) {
    uint32_t stage = p->row->stage[k];
    if (col->from[row] == col->to[row] && !p->self[k]) continue;
    if (p->run->known[stage] && !amlrt__passes_filter(s->w, stage, row)) continue;
    flag |= (unsigned char)(1 << k);
  }
  return flag;
}

// Does everything pass that is no self-transfer?
static bool picks_all(const amlrt__pairs *p)
{
  return !p->layered && !p->self[0] && !p->self[1] && !p->run->known[p->row->stage[0]] &&
         !p->run->known[p->row->stage[1]];
}

typedef struct picking {
  const amlrt_columns *col;
  amlrt__pair_block *b;
  uint32_t parts, n[AMLRT__PAIR_PARTS]; // how many are picked, then where they begin
} picking;

static amlrt_status count_picked(void *user, uint32_t part)
{
  picking *k = user;
  const uint32_t *from = k->col->from + k->b->lo, *to = k->col->to + k->b->lo;
  uint32_t past = k->b->end - k->b->lo, end = amlrt__pair_cut(past, part + 1, k->parts), n = 0;

  for (uint32_t i = amlrt__pair_cut(past, part, k->parts); i < end; i++)
    n += from[i] != to[i];
  k->n[part] = n;
  return AMLRT_OK;
}

// Takes what is picked; accounts keep their own numbers until the block's are known.
static amlrt_status take_picked(void *user, uint32_t part)
{
  picking *k = user;
  const amlrt__pair_block *b = k->b;
  const uint32_t *from = k->col->from + b->lo, *to = k->col->to + b->lo, lo = b->lo;
  const int64_t *when = k->col->time + b->lo;
  const uint64_t base = (uint64_t)k->col->time[0];
  uint32_t *id0 = b->id[AMLRT__FROM], *id1 = b->id[AMLRT__TO], *time = b->time, *row = b->row;
  uint32_t n = k->n[part], past = b->end - b->lo, begin = amlrt__pair_cut(past, part, k->parts),
           end = amlrt__pair_cut(past, part + 1, k->parts);

  for (uint32_t i = begin; i < end; i++) {
    if (from[i] == to[i]) continue;
    id0[n] = from[i];
    id1[n] = to[i];
    time[n] = (uint32_t)((uint64_t)when[i] - base);
    row[n++] = lo + i;
  }
  memset(b->flag + k->n[part], AMLRT__PAIR_FIRST | AMLRT__PAIR_SECOND, n - k->n[part]);
  return AMLRT_OK;
}

static amlrt_status pick_parts(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t parts)
{
  picking k = {.col = s->p->run->col, .b = b, .parts = parts};
  uint32_t n = 0;

  amlrt_status st = amlrt__do_parts(s->w->plan, parts, parts, count_picked, &k, NULL);
  for (uint32_t i = 0; i < parts; i++) {
    uint32_t of_part = k.n[i];
    k.n[i] = n;
    n += of_part;
  }
  b->n = n;
  return st == AMLRT_OK ? amlrt__do_parts(s->w->plan, parts, parts, take_picked, &k, NULL) : st;
}

// The same by one thread, in one go.
static void pick_plain(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const amlrt_columns *col = s->p->run->col;
  const uint32_t *from = col->from + b->lo, *to = col->to + b->lo, lo = b->lo;
  const int64_t *when = col->time + b->lo;
  const uint64_t base = (uint64_t)col->time[0];
  uint32_t *id0 = b->id[AMLRT__FROM], *id1 = b->id[AMLRT__TO], *time = b->time, *row = b->row;
  uint32_t n = 0, past = b->end - b->lo;

  for (uint32_t i = 0; i < past; i++) {
    id0[n] = from[i];
    id1[n] = to[i];
    time[n] = (uint32_t)((uint64_t)when[i] - base);
    row[n] = lo + i;
    n += from[i] != to[i];
  }
  b->n = n;
  memset(b->flag, AMLRT__PAIR_FIRST | AMLRT__PAIR_SECOND, n);
}

static inline bool pick_row(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t row)
{
  const amlrt_columns *col = s->p->run->col;
  unsigned char flag = may_be(s, row);
  uint32_t n = b->n;

  if (!flag) return s->w->st == AMLRT_OK;
  b->id[AMLRT__FROM][n] = col->from[row];
  b->id[AMLRT__TO][n] = col->to[row];
  b->time[n] = (uint32_t)((uint64_t)col->time[row] - (uint64_t)col->time[0]);
  b->row[n] = row;
  b->flag[n] = flag;
  b->n++;
  return true;
}

static bool pick_each(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  b->n = 0;
  for (uint32_t row = b->lo; row < b->end; row++)
    if (!pick_row(s, b, row)) return false;
  return true;
}

// Those that patterns found together.
static bool pick_marked(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  b->n = 0;
  for (uint32_t at = b->lo / 64; at <= (b->end - 1) / 64; at++) {
    uint64_t word = atomic_load_explicit(&s->p->marks[at], memory_order_relaxed);
    for (; word; word &= word - 1) {
      uint32_t row = at * 64 + (uint32_t)__builtin_ctzll(word);
      if (row >= b->lo && row < b->end && !pick_row(s, b, row)) return false;
    }
  }
  return true;
}

static bool pick_transfers(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t threads)
{
  if (s->p->marks && !s->p->marking) {
    if (!pick_marked(s, b)) return false;
  } else if (picks_all(s->p) && threads > 1) {
    amlrt_status st = pick_parts(s, b, threads);
    if (st != AMLRT_OK) s->w->st = st;
    if (st != AMLRT_OK) return false;
  } else if (picks_all(s->p))
    pick_plain(s, b);
  else if (!pick_each(s, b))
    return false;
  for (uint32_t i = 0; i < AHEAD; i++) // is looked at before its turn
    b->id[0][b->n + i] = b->id[1][b->n + i] = 0;
  return amlrt__step(s->w, b->end - b->lo);
}

// ---- what can be in no match ---------------------------------------------------------------------------

static inline uint32_t pick(bool first, uint32_t a, uint32_t b)
{
  return first ? a : b;
}

// Keeps a leg when the one of its key before it, or behind it, is in the window. What an earlier stretch
// left with an account is in no window, or is a leg indeed.
static void keep_by_key(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const uint32_t *key0 = amlrt__pair_ends_of(s->p, b, 0).key,
                 *key1 = amlrt__pair_ends_of(s->p, b, 1).key, *rows = b->row;
  const uint32_t *window_lo = s->p->run->window_lo, n = b->n, lo = b->lo, none = b->end - b->lo;
  const unsigned char *flags = b->flag;
  unsigned char *keep = b->keep; // by row
  amlrt__pair_met *met = s->met;

  for (uint32_t i = 0; i < n; i++) {
    __builtin_prefetch(&met[key0[i + AHEAD]], 1);
    __builtin_prefetch(&met[key1[i + AHEAD]], 1);
    uint32_t row = rows[i], open = pick(window_lo[row] > lo, window_lo[row], lo);
    uint32_t *at0 = &met[key0[i]].key[0], *at1 = &met[key1[i]].key[1];
    uint32_t last0 = *at0 - 1, last1 = *at1 - 1;
    unsigned char flag = flags[i];
    unsigned char near0 = (last0 - open < row - open) & flag & AMLRT__PAIR_FIRST;
    unsigned char near1 =
        (unsigned char)((last1 - open < row - open) << 1) & flag & AMLRT__PAIR_SECOND;
    *at0 = pick(flag & AMLRT__PAIR_FIRST, row + 1, *at0);
    *at1 = pick(flag & AMLRT__PAIR_SECOND, row + 1, *at1);
    keep[row - lo] |= near0 | near1;
    keep[pick(near0, last0 - lo, none)] |= near0;
    keep[pick(near1, last1 - lo, none)] |= near1;
  }
}

// Keeps a leg when one of the other kind stands at its middle before it (forward) or behind it, near
// enough. What an earlier stretch left with an account is too far, or is a leg indeed.
static void keep_by_middle(amlrt__pair_sweep *s, amlrt__pair_block *b, bool forward)
{
  const amlrt__pairs *p = s->p;
  const uint32_t *mid0 = amlrt__pair_ends_of(p, b, 0).mid, *mid1 = amlrt__pair_ends_of(p, b, 1).mid,
                 *time = b->time;
  const uint32_t n = b->n, lo = b->lo, *rows = b->row;
  const unsigned char *flags = b->flag;
  unsigned char *keep = b->keep;
  amlrt__pair_met *met = s->met;
  // Is the other leg one that comes before the leg, seen in the direction at hand, and how far is it?
  const unsigned char ask0 = (forward ? p->looks_back : p->looks_ahead) ? AMLRT__PAIR_FIRST : 0;
  const unsigned char ask1 = (forward ? p->looks_ahead : p->looks_back) ? AMLRT__PAIR_SECOND : 0;
  const uint32_t most0 = forward ? p->back[1] : p->ahead[1];
  const uint32_t most1 = forward ? p->ahead[1] : p->back[1];
  const uint32_t turn = forward ? 0 : UINT32_MAX; // (x ^ turn) - turn is x, or -x
  const int way = forward ? 0 : 1;

  for (uint32_t k = 0; k < n; k++) {
    uint32_t i = forward ? k : n - 1 - k, t = time[i];
    uint32_t next = forward ? i + AHEAD : i < AHEAD ? 0 : i - AHEAD;
    __builtin_prefetch(&met[mid0[next]], 1);
    __builtin_prefetch(&met[mid1[next]], 1);
    uint32_t *at0 = met[mid0[i]].mid[way], *at1 = met[mid1[i]].mid[way];
    unsigned char flag = flags[i];
    uint32_t far0 = ((t - at0[1]) ^ turn) - turn, far1 = ((t - at1[0]) ^ turn) - turn;
    unsigned char near = (unsigned char)((far0 <= most0 ? ask0 : 0) | (far1 <= most1 ? ask1 : 0));
    keep[rows[i] - lo] |= near & flag;
    at0[0] = pick(flag & AMLRT__PAIR_FIRST, t, at0[0]);
    at1[1] = pick(flag & AMLRT__PAIR_SECOND, t, at1[1]);
  }
}

// What was kept is what there is.
static void take_kept(amlrt__pair_block *b)
{
  uint32_t *id0 = b->id[0], *id1 = b->id[1], *time = b->time, *row = b->row;
  unsigned char *flags = b->flag, *keep = b->keep;
  uint32_t n = 0, past = b->n, lo = b->lo;

  for (uint32_t i = 0; i < past; i++) {
    unsigned char flag = flags[i] & keep[row[i] - lo];
    keep[row[i] - lo] = 0;
    id0[n] = id0[i];
    id1[n] = id1[i];
    time[n] = time[i];
    row[n] = row[i];
    flags[n] = flag;
    n += flag != 0;
  }
  b->n = n;
}

// One round: a second costs more than what it drops.
static bool drop_hopeless(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  if (!s->p->narrow) return true;
  memset(b->keep, 0, (size_t)(b->end - b->lo) + 1);
  keep_by_key(s, b);
  take_kept(b);
  keep_by_middle(s, b, true);
  keep_by_middle(s, b, false);
  take_kept(b);
  return amlrt__step(s->w, b->end - b->lo);
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
  uint32_t *at = &s->met[account].id;

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
  uint32_t *at = &s->met[account].id;

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
    s->met[a].id = 0;
  s->base = 1;
}

static void give_ids(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const amlrt_currency *currency = s->p->run->col->currency;

  b->n_ids = b->numbered ? s->p->run->col->n_accounts : 0;
  if (b->numbered) return;
  forget_ids(s, 2 * (size_t)b->n);
  for (uint32_t i = 0; i < b->n; i++) {
    __builtin_prefetch(&s->met[b->id[0][i + AHEAD]]);
    __builtin_prefetch(&s->met[b->id[1][i + AHEAD]]);
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
  if (!take_rows(s->w, b) || !pick_transfers(s, b, threads) || !drop_hopeless(s, b)) return false;
  if (!take_account_room(s, b)) return false;
  give_ids(s, b);
  if (!amlrt__pair_lists_make(s, b, threads)) return false;
  if (s->p->layered && !join_layers(s->w, b)) return false;
  return amlrt__step(s->w, b->end - b->lo);
}

void amlrt__pair_block_release(amlrt__pair_block *b, const amlrt_alloc *mem)
{
  void *const all[] = {b->account, b->currency, b->next, b->leg,    b->near,
                       b->far,     b->far_row,  b->time, b->row,    b->id[0],
                       b->id[1],   b->flag,     b->keep, b->by_mid, b->by_near};

  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    amlrt__release(mem, all[i]);
  *b = (amlrt__pair_block){0};
}
