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

enum { FIRST = 1, SECOND = 2 }; // legs, as flags
enum { AHEAD = 16 };            // transfers between asking for memory and using it

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

// Several arrays that grow together.
static bool rooms(amlrt_worker *w, void *const *block_ptrs, const size_t *sizes, int n_arrays,
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

  return rooms(w, at, sizes, 6, &b->cap_rows, (size_t)(b->end - b->lo) + AHEAD);
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

// Takes what is picked; accounts keep their own numbers until the block's are known.
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
  memset(b->flag, FIRST | SECOND, n);
}

static bool pick_each(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const amlrt_columns *col = s->p->run->col;
  uint32_t n = 0;

  for (uint32_t row = b->lo; row < b->end; row++) {
    unsigned char flag = may_be(s, row);
    if (!flag) continue;
    b->id[AMLRT__FROM][n] = col->from[row];
    b->id[AMLRT__TO][n] = col->to[row];
    b->time[n] = (uint32_t)((uint64_t)col->time[row] - (uint64_t)col->time[0]);
    b->row[n] = row;
    b->flag[n++] = flag;
  }
  b->n = n;
  return s->w->st == AMLRT_OK;
}

static bool pick_transfers(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  if (picks_all(s->p))
    pick_plain(s, b);
  else if (!pick_each(s, b))
    return false;
  for (uint32_t i = 0; i < AHEAD; i++) // is looked at before its turn
    b->id[0][b->n + i] = b->id[1][b->n + i] = 0;
  return amlrt__step(s->w, b->end - b->lo);
}

// ---- what can be in no match ---------------------------------------------------------------------------

// Whose leg it is, and of which middle.
typedef struct ends {
  const uint32_t *key, *mid;
} ends;

static ends ends_of(const amlrt__pairs *p, const amlrt__pair_block *b, int leg)
{
  return (ends){b->id[p->end[leg]], b->id[1 - p->end[leg]]};
}

static inline uint32_t pick(bool first, uint32_t a, uint32_t b)
{
  return first ? a : b;
}

// Keeps a leg when the one of its key before it, or behind it, is in the window. What an earlier stretch
// left with an account is in no window, or is a leg indeed.
static void keep_by_key(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const uint32_t *key0 = ends_of(s->p, b, 0).key, *key1 = ends_of(s->p, b, 1).key, *rows = b->row;
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
    unsigned char near0 = (last0 - open < row - open) & flag & FIRST;
    unsigned char near1 = (unsigned char)((last1 - open < row - open) << 1) & flag & SECOND;
    *at0 = pick(flag & FIRST, row + 1, *at0);
    *at1 = pick(flag & SECOND, row + 1, *at1);
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
  const uint32_t *mid0 = ends_of(p, b, 0).mid, *mid1 = ends_of(p, b, 1).mid, *time = b->time;
  const uint32_t n = b->n, lo = b->lo, *rows = b->row;
  const unsigned char *flags = b->flag;
  unsigned char *keep = b->keep;
  amlrt__pair_met *met = s->met;
  // Is the other leg one that comes before the leg, seen in the direction at hand, and how far is it?
  const unsigned char ask0 = (forward ? p->looks_back : p->looks_ahead) ? FIRST : 0;
  const unsigned char ask1 = (forward ? p->looks_ahead : p->looks_back) ? SECOND : 0;
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
    at0[0] = pick(flag & FIRST, t, at0[0]);
    at1[1] = pick(flag & SECOND, t, at1[1]);
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
  void *const at[] = {&b->account, &b->currency, &b->next, &b->by_mid, &b->by_near};
  const size_t sizes[] = {4, sizeof(amlrt_currency), 4, 4, 4};

  b->numbered = !s->p->layered && n >= run->col->n_accounts;
  if (!s->p->layered && n > run->col->n_accounts) n = run->col->n_accounts;
  return rooms(s->w, at, sizes, 5, &b->cap_ids, n + 1);
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

// ---- lists ------------------------------------------------------------------------------------------

// How many second legs a middle has, then how many first legs a near account has that lead to any.
static void count_legs(const amlrt__pairs *p, amlrt__pair_block *b, uint32_t *n_first,
                       uint32_t *n_second)
{
  const uint32_t *mid0 = ends_of(p, b, 0).mid, *mid1 = ends_of(p, b, 1).mid;
  const uint32_t *near = ends_of(p, b, 0).key;
  uint32_t *by_mid = b->by_mid, *by_near = b->by_near;

  *n_first = *n_second = 0;
  memset(by_mid, 0, (b->n_ids + (size_t)1) * sizeof *by_mid);
  memset(by_near, 0, (b->n_ids + (size_t)1) * sizeof *by_near);
  for (uint32_t i = 0; i < b->n; i++) {
    uint32_t is = (b->flag[i] & SECOND) != 0;
    by_mid[mid1[i]] += is;
    *n_second += is;
  }
  for (uint32_t i = 0; i < b->n; i++) {
    uint32_t is = (b->flag[i] & FIRST) && by_mid[mid0[i]] > 0;
    b->flag[i] = (unsigned char)((b->flag[i] & SECOND) | is);
    by_near[near[i]] += is;
    *n_first += is;
  }
}

static bool take_lists(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t n_first,
                       uint32_t n_second)
{
  void *const far[] = {&b->far, &b->far_row};
  const size_t sizes[] = {sizeof *b->far, sizeof *b->far_row};
  amlrt_worker *w = s->w;
  size_t fences = b->n_ids < n_second ? b->n_ids : n_second;

  return amlrt__pair_room(w, &b->leg, &b->cap_legs, (size_t)n_first + AHEAD, sizeof *b->leg) &&
         amlrt__pair_room(w, &b->near, &b->cap_near, (size_t)b->n_ids + 1, sizeof *b->near) &&
         rooms(w, far, sizes, 2, &b->cap_far, (size_t)n_second + fences + AHEAD);
}

static void fence(amlrt__pair_block *b, uint32_t at)
{
  b->far[at] = (amlrt__pair_far){AMLRT_NONE, AMLRT__PAIR_FENCE};
  b->far_row[at] = AMLRT_NONE;
}

// Counts become places. A near account with fewer legs than a match needs gets none.
static void place_lists(const amlrt__pairs *p, amlrt__pair_block *b)
{
  uint32_t far = 2, leg = 1, *by_mid = b->by_mid, *by_near = b->by_near;

  fence(b, 0);
  fence(b, 1);
  b->n_near = 0;
  for (uint32_t id = 0; id < b->n_ids; id++) {
    uint32_t n = by_mid[id];
    by_mid[id] = far;
    if (n) {
      far += n;
      fence(b, far++);
    }
    n = by_near[id];
    by_near[id] = 0;
    if (n == 0 || n < p->least) continue;
    by_near[id] = leg;
    b->near[b->n_near++] = (amlrt__pair_near){id, leg, leg + n};
    leg += n;
  }
  b->n_legs = leg - 1;
}

static void fill_lists(const amlrt__pairs *p, amlrt__pair_block *b)
{
  const ends first = ends_of(p, b, 0), second = ends_of(p, b, 1);
  uint32_t n = b->n, *by_mid = b->by_mid, *by_near = b->by_near;
  const unsigned char *flag = b->flag;

  for (uint32_t i = 0; i < n; i++) {
    uint32_t k = i + AHEAD < n ? i + AHEAD : i, j = i + AHEAD / 2 < n ? i + AHEAD / 2 : i;
    __builtin_prefetch(&by_mid[second.mid[k]]);
    __builtin_prefetch(&by_mid[first.mid[k]]);
    __builtin_prefetch(&by_near[first.key[k]]);
    __builtin_prefetch(&b->far[by_mid[second.mid[j]]], 1);
    __builtin_prefetch(&b->leg[by_near[first.key[j]]], 1);
    if ((flag[i] & FIRST) && by_near[first.key[i]]) {
      uint32_t mid = first.mid[i];
      b->leg[by_near[first.key[i]]++] = (amlrt__pair_leg){by_mid[mid], mid, b->time[i], b->row[i]};
    }
    if (flag[i] & SECOND) {
      uint32_t at = by_mid[second.mid[i]]++;
      b->far[at] = (amlrt__pair_far){second.key[i], b->time[i]};
      b->far_row[at] = b->row[i];
    }
  }
}

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

bool amlrt__pair_block_make(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  uint32_t n_first, n_second;

  if (!take_rows(s->w, b) || !pick_transfers(s, b) || !drop_hopeless(s, b)) return false;
  if (!take_account_room(s, b)) return false;
  give_ids(s, b);
  count_legs(s->p, b, &n_first, &n_second);
  if (!take_lists(s, b, n_first, n_second)) return false;
  place_lists(s->p, b);
  fill_lists(s->p, b);
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
