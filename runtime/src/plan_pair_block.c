// A stretch of time made ready for the key-major sweep: its transfers as legs, packed.
//
//   1  accounts get ids, in the order they are met; a stretch that meets most of them takes their numbers
//   2  legs that can be in no match are dropped: a first leg whose near account has no other one near
//      enough, a second leg likewise, a leg without a partner at its middle
//   3  what is left is sorted by counting: first legs by near account, second legs by middle; each first
//      leg knows where it falls among the second legs of its middle, so nothing is searched later
//
// All of it goes over the transfers in order; what it jumps about in is as large as the stretch has
// accounts. The loops of 2 have no branches that depend on the data: they cost more than what they spare.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_pair.h"

#include <string.h>

enum { ROUNDS = 2 };            // of dropping, at most
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

static bool take_account_room(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const amlrt__run *run = s->p->run;
  size_t n = 2 * (size_t)(b->end - b->lo);
  void *const at[] = {&b->account, &b->currency, &b->next, &b->by_id[0], &b->by_id[1]};
  const size_t sizes[] = {4, sizeof(amlrt_currency), 4, 4, 4};

  b->numbered = !s->p->layered && n >= run->col->n_accounts;
  if (!s->p->layered && n > run->col->n_accounts) n = run->col->n_accounts;
  return rooms(s->w, at, sizes, 5, &b->cap_ids, n + 1);
}

// ---- ids --------------------------------------------------------------------------------------------

static inline uint32_t id_of(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t account)
{
  uint32_t *at = &s->map[account];

  if (*at < s->map_base) {
    b->account[b->n_ids] = account;
    *at = s->map_base + b->n_ids++;
  }
  return *at - s->map_base;
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
  uint32_t *at = &s->map[account];

  if (*at < s->map_base) {
    *at = s->map_base + b->n_ids;
    return new_layer(b, account, currency);
  }
  for (uint32_t id = *at - s->map_base;; id = b->next[id]) {
    if (b->currency[id] == currency) return id;
    if (b->next[id] == AMLRT_NONE) return b->next[id] = new_layer(b, account, currency);
  }
}

// Once in four billion ids.
static void forget_ids(amlrt__pair_sweep *s, size_t n)
{
  if (s->map_base < UINT32_MAX - n) return;
  memset(s->map, 0, s->p->run->col->n_accounts * sizeof *s->map);
  s->map_base = 1;
}

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

static void take_plain(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const amlrt_columns *col = s->p->run->col;
  const uint32_t *from = col->from, *to = col->to;
  uint64_t base = (uint64_t)col->time[0];
  uint32_t n = 0, past = col->n_rows - AHEAD;

  for (uint32_t row = b->lo; row < b->end; row++) {
    if (row < past && !b->numbered) {
      __builtin_prefetch(&s->map[from[row + AHEAD]]);
      __builtin_prefetch(&s->map[to[row + AHEAD]]);
    }
    if (from[row] == to[row]) continue;
    b->id[AMLRT__FROM][n] = b->numbered ? from[row] : id_of(s, b, from[row]);
    b->id[AMLRT__TO][n] = b->numbered ? to[row] : id_of(s, b, to[row]);
    b->time[n] = (uint32_t)((uint64_t)col->time[row] - base);
    b->row[n] = row;
    b->flag[n++] = FIRST | SECOND;
  }
  b->n = n;
}

static bool take_picked(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const amlrt_columns *col = s->p->run->col;
  uint32_t n = 0;

  for (uint32_t row = b->lo; row < b->end; row++) {
    amlrt_currency c = s->p->layered ? col->currency[row] : 0;
    unsigned char flag = may_be(s, row);
    if (!flag) continue;
    b->id[AMLRT__FROM][n] = b->numbered ? col->from[row] : layer_of(s, b, col->from[row], c);
    b->id[AMLRT__TO][n] = b->numbered ? col->to[row] : layer_of(s, b, col->to[row], c);
    b->time[n] = (uint32_t)((uint64_t)col->time[row] - (uint64_t)col->time[0]);
    b->row[n] = row;
    b->flag[n++] = flag;
  }
  b->n = n;
  return s->w->st == AMLRT_OK;
}

static bool take_transfers(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const amlrt__pairs *p = s->p;
  bool picked = p->layered || p->self[0] || p->self[1];

  for (int k = 0; k < 2; k++)
    picked = picked || p->run->known[p->row->stage[k]];
  forget_ids(s, 2 * (size_t)(b->end - b->lo));
  b->n_ids = b->numbered ? p->run->col->n_accounts : 0;
  if (picked && !take_picked(s, b)) return false;
  if (!picked) take_plain(s, b);
  if (!b->numbered) s->map_base += b->n_ids;
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

// Keeps a leg when the one before it or behind it of its key is inside a window. By key: the last leg. What
// is no leg goes to a key of its own, and the leg before the first is far away.
static void keep_by_key(const amlrt__pairs *p, amlrt__pair_block *b)
{
  const uint32_t *key0 = ends_of(p, b, 0).key, *key1 = ends_of(p, b, 1).key, *time = b->time;
  const uint32_t window = p->window, n = b->n, nobody = b->n_ids;
  uint32_t *last0 = b->by_id[0], *last1 = b->by_id[1];
  const unsigned char *flag = b->flag;
  unsigned char *keep = b->keep;

  b->time[n] = AMLRT__PAIR_FENCE;
  for (uint32_t id = 0; id <= nobody; id++)
    last0[id] = last1[id] = n;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t k0 = pick(flag[i] & FIRST, key0[i], nobody);
    uint32_t k1 = pick(flag[i] & SECOND, key1[i], nobody);
    uint32_t j0 = last0[k0], j1 = last1[k1];
    unsigned char near0 = time[i] - time[j0] <= window ? FIRST : 0;
    unsigned char near1 = time[i] - time[j1] <= window ? SECOND : 0;
    last0[k0] = last1[k1] = i;
    keep[j0] |= near0;
    keep[j1] |= near1;
    keep[i] |= near0 | near1;
  }
}

// Keeps a leg when one of the other kind stands at its middle before it (forward) or behind it, near
// enough. By middle: the time of the last first leg, of the last second leg.
static void keep_by_middle(const amlrt__pairs *p, amlrt__pair_block *b, bool forward)
{
  const uint32_t *mid0 = ends_of(p, b, 0).mid, *mid1 = ends_of(p, b, 1).mid, *time = b->time;
  const uint32_t n = b->n, nobody = b->n_ids;
  uint32_t *last0 = b->by_id[0], *last1 = b->by_id[1];
  const unsigned char *flag = b->flag;
  unsigned char *keep = b->keep;
  // Is the other leg one that comes before the leg, seen in the direction at hand, and how far is it?
  const unsigned char ask0 = (forward ? p->looks_back : p->looks_ahead) ? FIRST : 0;
  const unsigned char ask1 = (forward ? p->looks_ahead : p->looks_back) ? SECOND : 0;
  const uint32_t most0 = forward ? p->back[1] : p->ahead[1];
  const uint32_t most1 = forward ? p->ahead[1] : p->back[1];
  const uint32_t turn = forward ? 0 : UINT32_MAX; // (x ^ turn) - turn is x, or -x

  for (uint32_t id = 0; id <= nobody; id++)
    last0[id] = last1[id] = AMLRT__PAIR_FENCE;
  for (uint32_t k = 0; k < n; k++) {
    uint32_t i = forward ? k : n - 1 - k, t = time[i];
    uint32_t m0 = pick(flag[i] & FIRST, mid0[i], nobody);
    uint32_t m1 = pick(flag[i] & SECOND, mid1[i], nobody);
    uint32_t far0 = ((t - last1[m0]) ^ turn) - turn, far1 = ((t - last0[m1]) ^ turn) - turn;
    keep[i] |= (unsigned char)((far0 <= most0 ? ask0 : 0) | (far1 <= most1 ? ask1 : 0));
    last0[m0] = t;
    last1[m1] = t;
  }
}

// What was kept is what there is.
static void take_kept(amlrt__pair_block *b)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < b->n; i++) {
    unsigned char flag = b->flag[i] & b->keep[i];
    b->id[0][n] = b->id[0][i];
    b->id[1][n] = b->id[1][i];
    b->time[n] = b->time[i];
    b->row[n] = b->row[i];
    b->flag[n] = flag;
    n += flag != 0;
  }
  b->n = n;
  memset(b->keep, 0, (size_t)n + 1);
}

// Rounds, as long as they drop enough to pay.
static bool drop_hopeless(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const amlrt__pairs *p = s->p;

  memset(b->keep, 0, (size_t)b->n + 1);
  for (int round = 0; round < ROUNDS; round++) {
    uint32_t before = b->n;
    if (p->least >= 2) {
      keep_by_key(p, b);
      take_kept(b);
    }
    keep_by_middle(p, b, true);
    keep_by_middle(p, b, false);
    take_kept(b);
    if (!amlrt__step(s->w, before)) return false;
    if (b->n > before - before / 4) break;
  }
  return true;
}

// ---- lists ------------------------------------------------------------------------------------------

// How many second legs a middle has, then how many first legs a near account has that lead to any.
static void count_legs(const amlrt__pairs *p, amlrt__pair_block *b, uint32_t *n_first,
                       uint32_t *n_second)
{
  const uint32_t *mid0 = ends_of(p, b, 0).mid, *mid1 = ends_of(p, b, 1).mid;
  const uint32_t *near = ends_of(p, b, 0).key;
  uint32_t *by_mid = b->by_id[0], *by_near = b->by_id[1];

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
  uint32_t far = 2, leg = 1, *by_mid = b->by_id[0], *by_near = b->by_id[1];

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
  uint32_t n = b->n, *by_mid = b->by_id[0], *by_near = b->by_id[1];
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

  if (!take_rows(s->w, b) || !take_account_room(s, b)) return false;
  if (!take_transfers(s, b) || !drop_hopeless(s, b)) return false;
  count_legs(s->p, b, &n_first, &n_second);
  if (!take_lists(s, b, n_first, n_second)) return false;
  place_lists(s->p, b);
  fill_lists(s->p, b);
  if (s->p->layered && !join_layers(s->w, b)) return false;
  return amlrt__step(s->w, b->end - b->lo);
}

void amlrt__pair_block_release(amlrt__pair_block *b, const amlrt_alloc *mem)
{
  void *const all[] = {b->account, b->currency, b->next,     b->leg,      b->near,
                       b->far,     b->far_row,  b->time,     b->row,      b->id[0],
                       b->id[1],   b->flag,     b->by_id[0], b->by_id[1], b->keep};

  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    amlrt__release(mem, all[i]);
  *b = (amlrt__pair_block){0};
}
