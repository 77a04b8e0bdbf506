// Which transfers of a stretch may be legs of a match at all, packed.
//
//   1  each is asked which legs it may be by itself (flag_rows: the one place where a row is taken or not)
//   2  in rounds, legs are dropped that can be in no match: without another one of their key near enough, or
//      without a partner at their middle
//   3  what is left is packed
//
// A round goes over the transfers forward and backward, and keeps of each account when it last was what.
// That is where the time goes, so it is kept small: times are slots, of which a window has a few dozen, and
// four of them are 8 bytes. A leg is kept that is a slot too far, or near to what is older than all slots
// together: such cost what they are worth later, and no more. So nothing needs to be cleared, ever: the
// slots of a pass begin where those of the one before cannot be seen.
#include "runtime/src/plan_pair.h"

#include <string.h>

enum {
  AHEAD = 16,       // transfers between asking for memory and using it
  SLOTS = 32,       // a window has, about
  EVER = 1 << 16,   // slots: all of them
  LITTLE = 8,       // a round that drops less than this share of the transfers was in vain: then
  REST = 7,         // stretches are not tried
  KEY_SHIFT = 2,    // flags beside those of legs, of one: another leg of its key is near
  MIDDLE_SHIFT = 4, // a partner at its middle is
  LEGS = AMLRT__PAIR_FIRST | AMLRT__PAIR_SECOND
};

// ---- by itself ----------------------------------------------------------------------------------------

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

// Of rows begin .. end - 1 of the block. How many may be any leg.
static uint32_t flag_rows(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t begin, uint32_t end)
{
  const amlrt_columns *col = s->p->run->col;
  const uint32_t *from = col->from + b->lo, *to = col->to + b->lo;
  unsigned char *may = b->may;
  bool all = picks_all(s->p);
  uint32_t n = 0;

  for (uint32_t i = begin; all && i < end; i++) {
    may[i] = from[i] == to[i] ? 0 : LEGS;
    n += from[i] != to[i];
  }
  for (uint32_t i = begin; !all && i < end; i++) {
    may[i] = may_be(s, b->lo + i);
    n += may[i] != 0;
  }
  return n;
}

// ---- transfers gone over ------------------------------------------------------------------------------

// Rows of the table, or those packed.
typedef struct view {
  const uint32_t *id[2];
  unsigned char *flag;
  const int64_t *when;  // of the table; NULL: packed
  const uint32_t *time; // packed
  uint64_t base;        // subtracted from `when`
  uint32_t n;
} view;

static view rows_of(const amlrt__pair_sweep *s, const amlrt__pair_block *b)
{
  const amlrt_columns *col = s->p->run->col;

  return (view){.id = {col->from + b->lo, col->to + b->lo},
                .flag = b->may,
                .when = col->time + b->lo,
                .base = (uint64_t)col->time[0],
                .n = b->end - b->lo};
}

static view packed_of(const amlrt__pair_block *b)
{
  return (view){.id = {b->id[0], b->id[1]}, .flag = b->flag, .time = b->time, .n = b->n};
}

static inline uint32_t time_at(const view *v, uint32_t i)
{
  return v->when ? (uint32_t)((uint64_t)v->when[i] - v->base) : v->time[i];
}

// The first behind i at that time or later.
static uint32_t first_at(const view *v, uint32_t i, uint64_t time)
{
  uint32_t lo = i + 1, step = 1;

  while (step < v->n - lo && time_at(v, lo + step) < time) {
    lo += step;
    step *= 2;
  }
  uint32_t hi = step < v->n - lo ? lo + step : v->n;
  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (time_at(v, mid) < time)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

// ---- what can be in no match ---------------------------------------------------------------------------

typedef struct pass {
  amlrt__pair_met *met;
  const uint32_t *key[2], *mid[2]; // by leg
  unsigned char *flag;
  uint32_t last;         // the last transfer
  uint32_t key_reach;    // slots that another leg of the key is away at most, and one
  uint32_t mid_reach[2]; // and, by leg, its partner; 0: none counts
} pass;

static inline uint16_t pick(bool first, uint16_t a, uint16_t b)
{
  return first ? a : b;
}

static inline bool near(uint16_t now, uint16_t met, uint32_t reach)
{
  return (uint16_t)(now - met) < reach;
}

// The transfer, in the slot `now`: what is near of those gone over before, as flags.
static inline unsigned char meet(const pass *p, uint32_t i, uint16_t now)
{
  unsigned char flag = p->flag[i];
  amlrt__pair_met *key0 = &p->met[p->key[0][i]], *key1 = &p->met[p->key[1][i]],
                  *mid0 = &p->met[p->mid[0][i]], *mid1 = &p->met[p->mid[1][i]];
  int is = near(now, key0->key[0], p->key_reach) << KEY_SHIFT |
           near(now, key1->key[1], p->key_reach) << (KEY_SHIFT + 1) |
           near(now, mid0->mid[1], p->mid_reach[0]) << MIDDLE_SHIFT |
           near(now, mid1->mid[0], p->mid_reach[1]) << (MIDDLE_SHIFT + 1);

  key0->key[0] = pick(flag & AMLRT__PAIR_FIRST, now, key0->key[0]);
  mid0->mid[0] = pick(flag & AMLRT__PAIR_FIRST, now, mid0->mid[0]);
  key1->key[1] = pick(flag & AMLRT__PAIR_SECOND, now, key1->key[1]);
  mid1->mid[1] = pick(flag & AMLRT__PAIR_SECOND, now, mid1->mid[1]);
  return (unsigned char)(flag | is);
}

static inline void soon(const pass *p, uint32_t i)
{
  __builtin_prefetch(&p->met[p->key[0][i]], 1);
  __builtin_prefetch(&p->met[p->mid[0][i]], 1);
}

static void go_forward(const pass *p, uint32_t begin, uint32_t end, uint16_t now)
{
  for (uint32_t i = begin; i < end; i++) {
    soon(p, i + AHEAD < p->last ? i + AHEAD : p->last);
    p->flag[i] = meet(p, i, now);
  }
}

// Keeps legs with both: another of the key, and a partner.
static void go_backward(const pass *p, uint32_t begin, uint32_t end, uint16_t now)
{
  for (uint32_t i = end; i-- > begin;) {
    soon(p, i < AHEAD ? 0 : i - AHEAD);
    unsigned char flag = meet(p, i, now);
    p->flag[i] = flag & (flag >> KEY_SHIFT) & (flag >> MIDDLE_SHIFT) & LEGS;
  }
}

// Slots of so many units that lie between two things at most `most` apart, and one.
static uint32_t reach(uint32_t most, uint32_t unit)
{
  uint32_t slots = most / unit + (most % unit != 0);
  return slots < EVER ? slots + 1 : EVER;
}

static pass make_pass(const amlrt__pair_sweep *s, const view *v, uint32_t unit, bool forward)
{
  const amlrt__pairs *p = s->p;
  bool behind = forward ? p->looks_back : p->looks_ahead,
       ahead = forward ? p->looks_ahead : p->looks_back;
  pass out = {.met = s->met, .flag = v->flag, .last = v->n - 1};

  for (int leg = 0; leg < 2; leg++) {
    out.key[leg] = v->id[p->end[leg]];
    out.mid[leg] = v->id[1 - p->end[leg]];
  }
  out.key_reach = p->least < 2 ? EVER : reach(p->window, unit);
  if (behind) out.mid_reach[0] = reach(forward ? p->back[1] : p->ahead[1], unit);
  if (ahead) out.mid_reach[1] = reach(forward ? p->ahead[1] : p->back[1], unit);
  return out;
}

// Where the transfers of each slot end. False: w->st.
static bool cut_slots(amlrt__pair_sweep *s, const view *v, uint32_t unit)
{
  uint32_t first = time_at(v, 0);
  size_t all = (time_at(v, v->n - 1) - first) / unit + (size_t)1, n = 0;

  if (!amlrt__pair_room(s->w, &s->slots, &s->cap_slots, all < v->n ? all : v->n, sizeof *s->slots))
    return false;
  for (uint32_t i = 0; i < v->n;) {
    uint32_t slot = (time_at(v, i) - first) / unit;
    i = first_at(v, i, first + (slot + (uint64_t)1) * unit);
    s->slots[n++] = (amlrt__pair_slot){i, slot};
  }
  s->n_slots = n;
  return true;
}

// One round.
static bool drop_hopeless(amlrt__pair_sweep *s, const view *v)
{
  uint32_t unit = s->p->window < SLOTS ? 1 : s->p->window / SLOTS;

  if (v->n == 0) return true;
  if (!cut_slots(s, v, unit)) return false;
  const pass forward = make_pass(s, v, unit, true), backward = make_pass(s, v, unit, false);
  uint32_t most = reach(s->p->window, unit), last = s->slots[s->n_slots - 1].slot;
  uint32_t begin = s->clock + most, end = begin + last + most + last;
  for (size_t k = 0; k < s->n_slots; k++)
    go_forward(&forward, k ? s->slots[k - 1].end : 0, s->slots[k].end,
               (uint16_t)(begin + s->slots[k].slot));
  for (size_t k = s->n_slots; k-- > 0;)
    go_backward(&backward, k ? s->slots[k - 1].end : 0, s->slots[k].end,
                (uint16_t)(end - s->slots[k].slot));
  s->clock = end;
  return amlrt__step(s->w, v->n);
}

// ---- packed ---------------------------------------------------------------------------------------------

// Rows begin .. end - 1 of the block that have flags, to `n` and on; behind these only where nothing is.
// Accounts keep their own numbers until the block's are known.
static void take_shared(const amlrt__pair_block *b, const view *v, uint32_t begin, uint32_t end,
                        uint32_t n)
{
  for (uint32_t i = begin; i < end; i++) {
    if (v->flag[i] == 0) continue;
    b->id[0][n] = v->id[0][i];
    b->id[1][n] = v->id[1][i];
    b->time[n] = time_at(v, i);
    b->row[n] = b->lo + i;
    b->flag[n++] = v->flag[i];
  }
}

// The same by one thread, without branches that depend on the data.
static void take_rows(amlrt__pair_block *b, const view *v)
{
  const uint32_t *from = v->id[0], *to = v->id[1], lo = b->lo, past = v->n;
  uint32_t *id0 = b->id[0], *id1 = b->id[1], *time = b->time, *row = b->row, n = 0;
  unsigned char *flag = b->flag;

  for (uint32_t i = 0; i < past; i++) {
    id0[n] = from[i];
    id1[n] = to[i];
    time[n] = (uint32_t)((uint64_t)v->when[i] - v->base);
    row[n] = lo + i;
    flag[n] = v->flag[i];
    n += v->flag[i] != 0;
  }
  b->n = n;
}

// What was kept is what there is.
static void take_kept(amlrt__pair_block *b)
{
  uint32_t *id0 = b->id[0], *id1 = b->id[1], *time = b->time, *row = b->row, n = 0, past = b->n;
  unsigned char *flag = b->flag;

  for (uint32_t i = 0; i < past; i++) {
    id0[n] = id0[i];
    id1[n] = id1[i];
    time[n] = time[i];
    row[n] = row[i];
    flag[n] = flag[i];
    n += flag[i] != 0;
  }
  b->n = n;
}

// ---- rounds ---------------------------------------------------------------------------------------------

// Where a round dropped little, the next few stretches go without.
static bool tries_rounds(amlrt__pair_sweep *s)
{
  if (!s->p->drops || s->rest > 0) {
    s->rest -= s->rest > 0;
    return false;
  }
  return true;
}

static bool do_round(amlrt__pair_sweep *s, amlrt__pair_block *b, bool packed)
{
  const view v = packed ? packed_of(b) : rows_of(s, b);

  if (!drop_hopeless(s, &v)) return false;
  if (packed)
    take_kept(b);
  else
    take_rows(b, &v);
  return true;
}

// Of n transfers. Another round pays where one dropped half.
static bool do_rounds(amlrt__pair_sweep *s, amlrt__pair_block *b, bool packed, uint32_t n)
{
  uint32_t had = n;

  for (bool first = true; first || b->n <= had / 2; first = false) {
    if (!first) had = b->n;
    if (had == 0) break;
    if (!do_round(s, b, packed)) return false;
    if (first && b->n > had - had / LITTLE) s->rest = REST;
    packed = true;
  }
  return true;
}

// ---- by several threads -----------------------------------------------------------------------------------

typedef struct sharing {
  amlrt__pair_sweep *s;
  amlrt__pair_block *b;
  uint32_t parts, n[AMLRT__PAIR_PARTS]; // how many have flags, then where they begin
} sharing;

static uint32_t begin_of(const sharing *k, uint32_t part)
{
  return amlrt__pair_cut(k->b->end - k->b->lo, part, k->parts);
}

static amlrt_status flag_part(void *user, uint32_t part)
{
  sharing *k = user;

  k->n[part] = flag_rows(k->s, k->b, begin_of(k, part), begin_of(k, part + 1));
  return AMLRT_OK;
}

static amlrt_status take_part(void *user, uint32_t part)
{
  sharing *k = user;
  const view v = rows_of(k->s, k->b);

  take_shared(k->b, &v, begin_of(k, part), begin_of(k, part + 1), k->n[part]);
  return AMLRT_OK;
}

static bool pick_shared(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t parts)
{
  sharing k = {.s = s, .b = b, .parts = parts};
  uint32_t n = 0;

  s->w->st = amlrt__do_parts(s->w->plan, parts, parts, flag_part, &k, NULL);
  for (uint32_t i = 0; i < parts; i++) {
    uint32_t of_part = k.n[i];
    k.n[i] = n;
    n += of_part;
  }
  b->n = n;
  if (s->w->st == AMLRT_OK)
    s->w->st = amlrt__do_parts(s->w->plan, parts, parts, take_part, &k, NULL);
  return s->w->st == AMLRT_OK && (!tries_rounds(s) || do_rounds(s, b, true, n));
}

// ---- the whole --------------------------------------------------------------------------------------------

static void take_row(amlrt__pair_block *b, const amlrt_columns *col, uint32_t row,
                     unsigned char flag)
{
  uint32_t n = b->n++;

  b->id[AMLRT__FROM][n] = col->from[row];
  b->id[AMLRT__TO][n] = col->to[row];
  b->time[n] = (uint32_t)((uint64_t)col->time[row] - (uint64_t)col->time[0]);
  b->row[n] = row;
  b->flag[n] = flag;
}

// Those that patterns found together.
static bool pick_marked(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  b->n = 0;
  for (uint32_t at = b->lo / 64; at <= (b->end - 1) / 64; at++) {
    uint64_t word = atomic_load_explicit(&s->p->marks[at], memory_order_relaxed);
    for (; word; word &= word - 1) {
      uint32_t row = at * 64 + (uint32_t)__builtin_ctzll(word);
      unsigned char flag = row >= b->lo && row < b->end ? may_be(s, row) : 0;
      if (flag) take_row(b, s->p->run->col, row, flag);
    }
  }
  return s->w->st == AMLRT_OK;
}

static bool pick_alone(amlrt__pair_sweep *s, amlrt__pair_block *b)
{
  const view rows = rows_of(s, b);
  uint32_t n = flag_rows(s, b, 0, rows.n);
  bool tries = tries_rounds(s), packed = !tries || n <= rows.n / 2;

  if (s->w->st != AMLRT_OK) return false;
  if (packed) take_rows(b, &rows);
  return !tries || do_rounds(s, b, packed, n);
}

static bool pick_transfers(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t threads)
{
  if (s->p->marks && !s->p->marking) return pick_marked(s, b);
  return threads > 1 && picks_all(s->p) ? pick_shared(s, b, threads) : pick_alone(s, b);
}

static bool take_room(amlrt_worker *w, amlrt__pair_block *b)
{
  void *const at[] = {&b->time, &b->row, &b->id[0], &b->id[1], &b->flag, &b->may};
  const size_t sizes[] = {4, 4, 4, 4, 1, 1};

  return amlrt__pair_rooms(w, at, sizes, 6, &b->cap_rows, (size_t)(b->end - b->lo) + AHEAD);
}

bool amlrt__pair_pick(amlrt__pair_sweep *s, amlrt__pair_block *b, uint32_t threads)
{
  if (!take_room(s->w, b)) return false;
  bool ok = pick_transfers(s, b, threads);
  for (uint32_t i = 0; ok && i < AHEAD; i++) // is looked at before its turn
    b->id[0][b->n + i] = b->id[1][b->n + i] = 0;
  return ok && amlrt__step(s->w, b->end - b->lo);
}
