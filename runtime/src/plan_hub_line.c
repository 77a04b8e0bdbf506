// The transfers of a stage at one account, and which of them are left at a trigger.
//
// Without a pair a transfer is left from its own row on until it leaves the window. With one it is left
// while it has a partner: from the first partner's row on, if that comes later, and until the last partner
// leaves the window, if that goes first (partners all lie on one side of it in time, so nothing happens in
// between). Partners move on with the transfer; so `act` and `die` rise along a line, and what is left is
// an interval.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_hub.h"

#include <string.h>

enum { ARRAYS = 7, MANY = 64, AHEAD = 12, FEW = 16 };
// Arrays whose lengths are powers of two apart would share few lines of a cache.
enum { APART = 80 };

static void lay_out(amlrt__hub_line *l)
{
  uint32_t **const array[ARRAYS] = {&l->row, &l->time, &l->nbr, &l->act,
                                    &l->die, &l->prev, &l->next};

  for (int i = 0; i < ARRAYS; i++)
    *array[i] = l->memory + (size_t)i * (l->cap + APART);
  if (l->s->pair != AMLRT_NONE) return;
  l->act = l->row;
  l->die = l->time;
}

static bool grow(amlrt__hub_sweep *s, amlrt__hub_line *l, size_t need)
{
  size_t cap = l->cap ? l->cap : MANY;

  while (cap < need)
    cap *= 2;
  if (cap == l->cap) return true;
  uint32_t *at = amlrt__alloc(s->w->run->mem, (cap + APART) * ARRAYS * sizeof *at);
  if (!at) return amlrt__hub_nomem(s);
  amlrt__release(s->w->run->mem, l->memory);
  l->memory = at;
  l->cap = cap;
  lay_out(l);
  return true;
}

void amlrt__hub_line_release(amlrt__hub_line *l, const amlrt_alloc *mem)
{
  amlrt__release(mem, l->memory);
  amlrt__release(mem, l->kept);
  amlrt__release(mem, l->last);
  amlrt__release(mem, l->partner);
}

// ---- can there be a match? -------------------------------------------------------------------------------

// Do so many transfers lie inside one window, anywhere?
static bool are_close(const uint32_t *time, uint32_t n, uint32_t least, uint64_t window)
{
  for (uint32_t i = 0; i + least <= n; i++)
    if (time[i + least - 1] - time[i] < window) return true;
  return false;
}

bool amlrt__hub_may_match(const amlrt__hub_sweep *s)
{
  const amlrt__hub *h = s->h;
  uint32_t account = s->account;

  for (uint32_t i = 0; i < h->n_stages; i++) {
    const amlrt__hub_stage *st = &h->stage[i];
    const amlrt_adjacency *a = h->run->side[st->side];
    uint32_t begin = a->begin[account], n = a->end[account] - begin;
    if (n < st->least) return false;
    if (st->passes && st->least > 0 &&
        !atomic_load_explicit(&st->passes[account], memory_order_relaxed))
      return false;
    if (h->knows) {
      unsigned char most = atomic_load_explicit(&h->numbers.most[account], memory_order_relaxed);
      if (most < AMLRT__HUB_MANY && most < st->least) return false;
    } else if (st->least >= 2 && !are_close(a->time + begin, n, (uint32_t)st->least, h->window))
      return false;
  }
  return true;
}

// ---- what stands in a stage ------------------------------------------------------------------------------

// Drops what does not pass.
static void keep_passing(const amlrt__hub_sweep *s, amlrt__hub_line *l)
{
  const amlrt__run *run = s->h->run;
  const amlrt_currency *currency = run->col->currency;
  bool filter = run->known[l->s->stage] != NULL;
  uint32_t n = 0;

  if (!filter && s->currency == 0 && !s->but_for_barred) return;
  for (uint32_t i = 0; i < l->n; i++) {
    uint32_t row = l->row[i], time = l->time[i], nbr = l->nbr[i];
    bool keep = s->currency == 0 || currency[row] == s->currency;
    keep = keep && !(s->but_for_barred && amlrt__hub_is_barred(s, nbr));
    keep = keep && (!filter || amlrt__passes_filter(s->w, l->s->stage, row));
    l->row[n] = row;
    l->time[n] = time;
    l->nbr[n] = nbr;
    n += keep;
  }
  l->n = n;
}

// Copies entries, but for those from the account to itself; gives how many.
static uint32_t copy_entries(amlrt__hub_line *l, const amlrt_adjacency *a, uint32_t begin,
                             uint32_t end, uint32_t but_for)
{
  uint32_t *restrict row = l->row, *restrict time = l->time, *restrict nbr = l->nbr, n = 0;
  const uint32_t *from_row = a->row, *from_time = a->time, *from_nbr = a->neighbour;

  for (uint32_t i = begin; i < end; i++) {
    uint32_t other = from_nbr[i];
    row[n] = from_row[i];
    time[n] = from_time[i];
    nbr[n] = other;
    n += other != but_for;
  }
  return n;
}

static bool take_line(amlrt__hub_sweep *s, amlrt__hub_line *l)
{
  const amlrt__run *run = s->h->run;
  const amlrt_adjacency *a = run->side[l->s->side];
  uint32_t begin = a->begin[s->account], end = a->end[s->account];

  if (s->first_row > 0) begin = amlrt_slice_from(a->row, begin, end, run->window_lo[s->first_row]);
  uint32_t stop = end;
  if (s->end_row < run->col->n_rows) stop = amlrt_slice_from(a->row, begin, end, s->end_row);
  l->is_whole = stop == end;
  l->is_linked = l->is_weeded = false;
  l->lo = l->hi = l->at = l->c_lo = l->c_hi = l->n_different = l->b_lo = l->b_hi = 0;
  if (!grow(s, l, (size_t)(stop - begin) + 1)) return false;
  l->n = copy_entries(l, a, begin, stop, l->s->self ? AMLRT_NONE : s->account);
  keep_passing(s, l);
  return true;
}

// ---- pairs -----------------------------------------------------------------------------------------------

typedef struct reach { // of a transfer at 0, its partners' times
  int64_t from, to;
} reach;

static reach reach_of(const amlrt__hub_sweep *s, const amlrt__hub_line *l)
{
  const amlrt_ppair *p = &s->h->run->p->pairs[l->s->pair];
  bool first = l->s->pair_side == 0;
  return (reach){first ? amlrt__hub_near(p->lo) : -amlrt__hub_near(p->hi),
                 first ? amlrt__hub_near(p->hi) : -amlrt__hub_near(p->lo)};
}

// By place, when it is left, as far as partners go; act NONE: never.
static void find_partners(const amlrt__hub_sweep *s, amlrt__hub_line *l, const amlrt__hub_line *o)
{
  const reach r = reach_of(s, l);
  const uint32_t *time = l->time, *row = l->row, *o_time = o->time, *o_row = o->row;
  uint32_t *restrict act = l->act, *restrict die = l->die;
  uint32_t lo = 0, hi = 0, n = l->n, o_n = o->n;

  for (uint32_t i = 0; i < n; i++) {
    int64_t first = time[i] + r.from, last = time[i] + r.to;
    while (lo < o_n && (int64_t)o_time[lo] < first)
      lo++;
    if (hi < lo) hi = lo;
    while (hi < o_n && (int64_t)o_time[hi] <= last)
      hi++;
    act[i] = die[i] = AMLRT_NONE;
    if (lo == hi) continue;
    act[i] = o_row[lo] > row[i] ? o_row[lo] : row[i];
    die[i] = o_time[hi - 1] < time[i] ? o_time[hi - 1] : time[i];
  }
}

static void drop_lonely(amlrt__hub_line *l)
{
  uint32_t *row = l->row, *time = l->time, *nbr = l->nbr, *act = l->act, *die = l->die;
  uint32_t n = 0, all = l->n;

  while (n < all && act[n] != AMLRT_NONE)
    n++;
  for (uint32_t i = n; i < all; i++) {
    if (act[i] == AMLRT_NONE) continue;
    row[n] = row[i];
    time[n] = time[i];
    nbr[n] = nbr[i];
    act[n] = act[i];
    die[n] = die[i];
    n++;
  }
  l->n = n;
}

// All of them are left, with a partner or without.
static void keep_lonely(amlrt__hub_line *l)
{
  memcpy(l->act, l->row, l->n * sizeof *l->act);
  memcpy(l->die, l->time, l->n * sizeof *l->die);
}

static void take_pairs(amlrt__hub_sweep *s)
{
  uint32_t n = s->h->n_stages;

  for (uint32_t i = 0; i < n; i++)
    if (s->line[i].s->pair != AMLRT_NONE && s->line[i].s->asked)
      find_partners(s, &s->line[i], &s->line[s->line[i].s->other]);
  for (uint32_t i = 0; i < n; i++) {
    if (s->line[i].s->pair == AMLRT_NONE) continue;
    if (s->line[i].s->asked)
      drop_lonely(&s->line[i]);
    else
      keep_lonely(&s->line[i]);
  }
}

// The partners of a transfer that is asked for one are left themselves, so they are all in the other line.
uint32_t amlrt__hub_first_partner(const amlrt__hub_sweep *s, const amlrt__hub_line *l,
                                  uint32_t place)
{
  const amlrt__hub_line *o = &s->line[l->s->other];
  int64_t first = l->time[place] + reach_of(s, l).from;
  uint32_t lo = 0, hi = o->n;

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if ((int64_t)o->time[mid] < first)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

uint32_t amlrt__hub_die_row(const amlrt__hub_sweep *s, const amlrt__hub_line *l, uint32_t place)
{
  if (l->s->pair == AMLRT_NONE || !l->s->asked) return l->row[place];
  const amlrt__hub_line *o = &s->line[l->s->other];
  int64_t last = l->time[place] + reach_of(s, l).to;
  uint32_t lo = 0, hi = o->n;

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if ((int64_t)o->time[mid] <= last)
      lo = mid + 1;
    else
      hi = mid;
  }
  return o->row[lo - 1] < l->row[place] ? o->row[lo - 1] : l->row[place];
}

// ---- the whole -------------------------------------------------------------------------------------------

bool amlrt__hub_take_lines(amlrt__hub_sweep *s, bool *some)
{
  *some = true;
  for (uint32_t i = 0; i < s->h->n_stages && *some; i++) {
    if (!take_line(s, &s->line[i])) return false;
    if (s->line[i].n < s->line[i].s->least) *some = false;
  }
  if (!*some || !s->h->has_pairs) return true;
  take_pairs(s);
  for (uint32_t i = 0; i < s->h->n_stages; i++)
    if (s->line[i].n < s->line[i].s->least) *some = false;
  return true;
}

// ---- different neighbours ---------------------------------------------------------------------------------

// Of few transfers each is held against those before it.
static void link_few(amlrt__hub_line *l)
{
  const uint32_t *nbr = l->nbr;

  for (uint32_t i = 0; i < l->n; i++) {
    uint32_t k = i;
    while (k-- > 0 && nbr[k] != nbr[i]) {
    }
    l->prev[i] = k; // NONE where it ran out
    l->next[i] = AMLRT_NONE;
    if (k != AMLRT_NONE) l->next[k] = i;
  }
  l->is_linked = true;
}

// One look at a large array for each transfer: where its neighbour was seen last.
static bool link_line(amlrt__hub_sweep *s, amlrt__hub_line *l)
{
  const amlrt__run *run = s->h->run;

  if (l->n <= FEW) {
    link_few(l);
    return true;
  }
  if (!l->last) {
    l->last = amlrt__array(run->mem, run->col->n_accounts, sizeof *l->last);
    if (!l->last) return amlrt__hub_nomem(s);
    l->next_base = 1;
  }
  if (UINT32_MAX - l->next_base < l->n) {
    memset(l->last, 0, run->col->n_accounts * sizeof *l->last);
    l->next_base = 1;
  }
  uint32_t base = l->next_base;
  for (uint32_t i = 0; i < l->n; i++) {
    if (i + AHEAD < l->n) __builtin_prefetch(&l->last[l->nbr[i + AHEAD]], 1);
    uint32_t *last = &l->last[l->nbr[i]];
    l->next[i] = l->prev[i] = AMLRT_NONE;
    if (*last >= base) {
      l->prev[i] = *last - base;
      l->next[l->prev[i]] = i;
    }
    *last = base + i;
  }
  l->next_base = base + l->n;
  l->is_linked = true;
  return true;
}

// A transfer counts when it comes and its neighbour had none left, and again when it goes and it has none.
bool amlrt__hub_different(amlrt__hub_sweep *s, amlrt__hub_line *l, uint32_t *n)
{
  if (!l->is_linked && !link_line(s, l)) return false;
  uint32_t lo = l->c_lo, hi = l->c_hi, count = l->n_different;
  if (hi <= l->lo) {
    lo = hi = l->lo;
    count = 0;
  }
  for (; hi < l->hi; hi++)
    count += l->prev[hi] == AMLRT_NONE || l->prev[hi] < lo;
  for (; lo < l->lo; lo++)
    count -= l->next[lo] >= hi; // NONE is greater
  l->c_lo = lo;
  l->c_hi = hi;
  *n = l->n_different = count;
  return true;
}
