// The exact sweep of one pair of keys: how many middles are alive at each trigger.
//
// A middle is alive at a trigger when it has a path that closes at it or before, both of whose legs lie in
// the window. So for each middle the latest earlier leg of its paths so far is kept (`best`), and it is
// alive as long as that row is inside. Paths are gone over by when they close; in a second order, by the
// earlier leg, middles leave the window.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_pair.h"

#include <string.h>

enum { FEW = 24, SOME = 64, DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

// ---- order ----------------------------------------------------------------------------------------------

static void insert_sort(amlrt__pair_path *path, uint32_t n)
{
  for (uint32_t i = 1; i < n; i++) {
    amlrt__pair_path p = path[i];
    uint32_t k = i;
    for (; k > 0 && path[k - 1].close > p.close; k--)
      path[k] = path[k - 1];
    path[k] = p;
  }
}

static void radix_sort(uint64_t *at, uint64_t *spare, uint32_t n, uint32_t lo, uint32_t hi)
{
  uint64_t *to = spare, *from = at;

  for (int shift = 0; shift < 32 && (hi - lo) >> shift; shift += DIGIT_BITS) {
    uint32_t count[DIGITS] = {0}, sum = 0;
    for (uint32_t i = 0; i < n; i++)
      count[(((uint32_t)(from[i] >> 32) - lo) >> shift) & (DIGITS - 1)]++;
    for (int d = 0; d < DIGITS; d++) {
      uint32_t c = count[d];
      count[d] = sum;
      sum += c;
    }
    for (uint32_t i = 0; i < n; i++)
      to[count[(((uint32_t)(from[i] >> 32) - lo) >> shift) & (DIGITS - 1)]++] = from[i];
    uint64_t *t = from;
    from = to;
    to = t;
  }
  if (from != at) memcpy(at, from, n * sizeof *at);
}

void amlrt__pair_sort(uint64_t *at, uint64_t *spare, uint32_t n)
{
  uint32_t lo = UINT32_MAX, hi = 0;

  for (uint32_t i = 1; n <= SOME && i < n; i++) {
    uint64_t x = at[i];
    uint32_t k = i;
    for (; k > 0 && at[k - 1] >> 32 > x >> 32; k--)
      at[k] = at[k - 1];
    at[k] = x;
  }
  if (n <= SOME) return;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t key = (uint32_t)(at[i] >> 32);
    if (key < lo) lo = key;
    if (key > hi) hi = key;
  }
  radix_sort(at, spare, n, lo, hi);
}

static void sort_by(uint64_t *at, const amlrt__pair_path *path, uint32_t n, bool by_close)
{
  for (uint32_t i = 0; i < n; i++)
    at[i] = (uint64_t)(by_close ? path[i].close : path[i].other) << 32 | i;
  amlrt__pair_sort(at, at + n, n);
}

// ---- a match -------------------------------------------------------------------------------------------

amlrt_degree amlrt__pair_degree_of(const amlrt__pairs *p, uint32_t n)
{
  if (n < AMLRT__PAIR_SIZES) return p->degree[n];
  return amlrt_range_degree(&p->run->p->roles[p->row->group].size, amlrt_frac_int(n));
}

static bool take_features(amlrt__pair_sweep *s, uint32_t n)
{
  const amlrt_program *p = s->p->run->p;

  s->group[s->p->row->group].n_left = n;
  for (uint32_t i = 0; i < p->info->n_features; i++)
    s->features[i] = p->features[i](s->w, &s->counted);
  return s->w->st == AMLRT_OK;
}

typedef struct sweep {
  amlrt__pair_sweep *s;
  const amlrt__run *run;
  uint32_t n_alive;
  uint32_t serial;  // of matches
  uint32_t last_lo; // the window's first row at the last match; AMLRT_NONE: there is none
  uint32_t n_hubs;  // members that may be barred
  bool may_trigger; // some path that closes at the row at hand lets it
} sweep;

static uint32_t account_of(const sweep *w, uint32_t id)
{
  return amlrt__pair_account(w->s->b, id);
}

// Of the two matches, this one and the last: a leg in common through the middle? NO also where that cannot
// be; UNTIL: cannot be said.
static amlrt__link link_by(const sweep *w, const amlrt__pair_member *m, uint32_t lo)
{
  bool before = m->serial == w->serial;
  uint32_t best = before ? m->best_before : m->best, close = before ? m->close_before : m->close;

  if (m->best == AMLRT_NONE || m->best < lo || close == AMLRT_NONE || close < lo)
    return AMLRT__LINK_NO;
  if (best == AMLRT_NONE || best < w->last_lo) return AMLRT__LINK_NO;
  if (w->s->p->plain || best >= lo) return AMLRT__LINK_YES;
  return AMLRT__LINK_UNTIL;
}

static amlrt__link link_to_last(const sweep *w, uint32_t lo)
{
  const amlrt__pair_sweep *s = w->s;
  amlrt__link link = AMLRT__LINK_NO;

  if (w->last_lo == AMLRT_NONE) return link;
  for (size_t i = 0; i < s->n_members; i++) {
    amlrt__link l = link_by(w, &s->member[i], lo);
    if (l == AMLRT__LINK_NO) continue;
    // Barred at one of the two it is no member there.
    if (w->n_hubs && w->run->may_be_hub[account_of(w, s->member[i].mid)]) l = AMLRT__LINK_UNTIL;
    if (l == AMLRT__LINK_YES) return l;
    link = l;
  }
  return link;
}

static bool exact_match(amlrt__pair_sweep *s, const amlrt__pair_find *f, const uint32_t *keys)
{
  amlrt__exact m = {.trigger = f->trigger,
                    .until = AMLRT__UNTIL_UNKNOWN,
                    .link = f->link,
                    .degree = amlrt__pair_degree_of(s->p, f->n),
                    .inconclusive = f->trigger < s->p->whole_from};

  if (amlrt__wants_features(s->w)) {
    if (!take_features(s, f->n)) return false;
    m.features = s->features;
  }
  return amlrt__found_exact(s->w, &m, keys, 2);
}

static bool hand_over(amlrt__pair_sweep *s, const amlrt__pair_find *f)
{
  uint32_t keys[2];

  keys[s->p->place[0]] = s->near_account;
  keys[s->p->place[1]] = f->far;
  if (s->p->exact) return exact_match(s, f, keys);
  if (s->p->gives && s->w->want != AMLRT__WANT_ALL) return amlrt__pair_give(s, f->trigger, keys);
  return amlrt__found(s->w, f->trigger, keys, 2);
}

static bool wait(amlrt__pair_sweep *s, const amlrt__pair_find *f)
{
  if (!amlrt__grow(s->w->run->mem, &s->find, &s->cap_finds, s->n_finds + 1, sizeof *s->find)) {
    s->w->st = AMLRT_E_NOMEM;
    return false;
  }
  s->find[s->n_finds++] = *f;
  return true;
}

static int by_far(const void *user, const void *pa, const void *pb)
{
  const amlrt__pair_find *a = pa, *b = pb;

  (void)user;
  if (a->far != b->far) return a->far < b->far ? -1 : 1;
  return (a->trigger > b->trigger) - (a->trigger < b->trigger);
}

bool amlrt__pair_finds(amlrt__pair_sweep *s)
{
  const amlrt_currency *currency = s->p->run->col->currency;
  amlrt__mark mark = amlrt__mem_mark(&s->w->scratch);
  const void **at = amlrt__take(s->w, s->n_finds, sizeof *at);
  const amlrt__pair_find *last = NULL;

  for (size_t i = 0; at && i < s->n_finds; i++)
    at[i] = &s->find[i];
  bool ok = at && amlrt__sort_by(s->w, at, s->n_finds, by_far, NULL);
  for (size_t i = 0; ok && i < s->n_finds; i++) {
    amlrt__pair_find f = *(const amlrt__pair_find *)at[i];
    bool follows = last && last->far == f.far && currency[last->trigger] == currency[f.trigger];
    if (!follows) f.link = AMLRT__LINK_NO;
    ok = hand_over(s, &f);
    last = at[i];
  }
  amlrt__mem_back(&s->w->scratch, mark);
  s->n_finds = 0;
  return ok;
}

// Enough middles are alive at the trigger.
static bool found(sweep *w, uint32_t trigger, uint32_t lo, uint32_t n)
{
  amlrt__pair_sweep *s = w->s;
  amlrt__pair_find f = {s->far_account, trigger, n, AMLRT__LINK_NO};

  if (amlrt__pair_barred(w->run, s->near_account, trigger) ||
      amlrt__pair_barred(w->run, s->far_account, trigger))
    return true;
  if (s->p->exact) {
    if (amlrt__pair_degree_of(s->p, n) == 0) return true;
    if (s->w->want == AMLRT__WANT_FOLD) f.link = link_to_last(w, lo);
    w->serial++;
    w->last_lo = lo;
  }
  return s->p->layered ? wait(s, &f) : hand_over(s, &f);
}

// ---- members ----------------------------------------------------------------------------------------------

static amlrt__pair_member *add_member(sweep *w, uint32_t mid)
{
  amlrt__pair_sweep *s = w->s;
  amlrt__pair_member *m = &s->member[s->n_members++];

  *m = (amlrt__pair_member){.mid = mid,
                            .best = AMLRT_NONE,
                            .close = AMLRT_NONE,
                            .best_before = AMLRT_NONE,
                            .close_before = AMLRT_NONE,
                            .serial = AMLRT_NONE,
                            .place = AMLRT_NONE};
  if (w->run->may_be_hub && w->run->may_be_hub[account_of(w, mid)]) w->n_hubs++;
  return m;
}

static amlrt__pair_member *find_member(sweep *w, uint32_t mid)
{
  amlrt__pair_sweep *s = w->s;

  if (s->slot[mid] == 0) {
    (void)add_member(w, mid);
    s->slot[mid] = (uint32_t)s->n_members;
  }
  return &s->member[s->slot[mid] - 1];
}

// Before the first change since the last match: what was so there.
static void keep_before(const sweep *w, amlrt__pair_member *m)
{
  if (m->serial == w->serial) return;
  m->serial = w->serial;
  m->best_before = m->best;
  m->close_before = m->close;
}

static void note_path(sweep *w, amlrt__pair_member *m, const amlrt__pair_path *p)
{
  keep_before(w, m);
  if (m->best == AMLRT_NONE || p->other > m->best) m->best = p->other;
  m->close = p->close;
}

// May the trigger be the leg the path closes with?
static bool may_trigger(const sweep *w, const amlrt__pair_path *p)
{
  return w->s->p->triggers[p->second] || (p->close == p->other && w->s->p->triggers[1 - p->second]);
}

// Alive members that are barred at the trigger.
static uint32_t n_barred(const sweep *w, uint32_t trigger, uint32_t lo)
{
  const amlrt__pair_sweep *s = w->s;
  uint32_t n = 0;

  for (size_t i = 0; w->n_hubs && i < s->n_members; i++) {
    const amlrt__pair_member *m = &s->member[i];
    if (m->best != AMLRT_NONE && m->best >= lo &&
        amlrt__pair_barred(w->run, account_of(w, m->mid), trigger))
      n++;
  }
  return n;
}

// In the class no account is barred, and no match is of one currency.
static bool judged_found(sweep *w, const amlrt__pair_path *p, uint32_t lo)
{
  amlrt__pair_sweep *s = w->s;
  amlrt__pair_answer a;
  uint32_t keys[2];

  if (!amlrt__pair_ask(s, p, lo, &a)) return false;
  if (a.what == AMLRT__PAIR_NO) return true;
  if (a.what == AMLRT__PAIR_EVALUATE)
    return hand_over(s, &(const amlrt__pair_find){.far = s->far_account, .trigger = p->close});
  const amlrt__exact m = {.trigger = p->close,
                          .until = AMLRT__UNTIL_UNKNOWN,
                          .degree = a.degree,
                          .inconclusive = p->close < s->p->whole_from,
                          .features = s->features};
  keys[s->p->place[0]] = s->near_account;
  keys[s->p->place[1]] = s->far_account;
  return amlrt__found_exact(s->w, &m, keys, 2);
}

static bool trigger_found(sweep *w, const amlrt__pair_path *p, uint32_t lo, uint32_t n)
{
  if (p->close < w->s->b->first || n < w->s->p->least || !w->may_trigger) return true;
  if (w->n_hubs) {
    if (amlrt__pair_barred(w->run, account_of(w, p->mid), p->close)) return true;
    n -= n_barred(w, p->close, lo);
    if (n < w->s->p->least) return true;
  }
  return w->s->p->judges ? judged_found(w, p, lo) : found(w, p->close, lo, n);
}

// ---- few paths, many paths ----------------------------------------------------------------------------------

static bool count_few(sweep *w, amlrt__pair_path *path, uint32_t n)
{
  amlrt__pair_sweep *s = w->s;

  insert_sort(path, n);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t alive = 0, lo = w->run->window_lo[path[i].close];
    note_path(w, find_member(w, path[i].mid), &path[i]);
    w->may_trigger |= may_trigger(w, &path[i]);
    if (i + 1 < n && path[i + 1].close == path[i].close) continue;
    for (size_t k = 0; k < s->n_members; k++)
      alive += s->member[k].best + 1 > lo; // NONE + 1 is 0
    if (!trigger_found(w, &path[i], lo, alive)) return false;
    w->may_trigger = false;
  }
  return true;
}

// Members whose best leg has left the window.
static void expire(sweep *w, const amlrt__pair_path *path, const uint64_t *by_other, uint32_t n,
                   uint32_t *at, uint32_t lo)
{
  amlrt__pair_sweep *s = w->s;

  for (; *at < n && (uint32_t)(by_other[*at] >> 32) < lo; ++*at) {
    const amlrt__pair_path *p = &path[(uint32_t)by_other[*at]];
    uint32_t slot = s->slot[p->mid];
    if (slot == 0 || s->member[slot - 1].best != p->other) continue;
    keep_before(w, &s->member[slot - 1]);
    s->member[slot - 1].best = AMLRT_NONE;
    w->n_alive--;
  }
}

static void enter(sweep *w, const amlrt__pair_path *p)
{
  amlrt__pair_member *m = find_member(w, p->mid);

  w->n_alive += m->best == AMLRT_NONE;
  note_path(w, m, p);
}

static bool count_many(sweep *w, amlrt__pair_path *path, uint32_t n)
{
  amlrt__pair_sweep *s = w->s;
  const uint64_t *by_close = s->order[0], *by_other = s->order[1];
  uint32_t at = 0;

  sort_by(s->order[0], path, n, true);
  sort_by(s->order[1], path, n, false);
  for (uint32_t i = 0; i < n; i++) {
    const amlrt__pair_path *p = &path[(uint32_t)by_close[i]];
    uint32_t lo = w->run->window_lo[p->close];
    expire(w, path, by_other, n, &at, lo);
    enter(w, p);
    w->may_trigger |= may_trigger(w, p);
    if (i + 1 < n && (uint32_t)(by_close[i + 1] >> 32) == p->close) continue;
    if (!trigger_found(w, p, lo, w->n_alive)) return false;
    w->may_trigger = false;
  }
  return true;
}

bool amlrt__pair_count(amlrt__pair_sweep *s, amlrt__pair_path *path, uint32_t n)
{
  sweep w = {.s = s, .run = s->p->run, .serial = 0, .last_lo = AMLRT_NONE};

  s->n_members = 0;
  s->parts_sorted = s->judge.begun = false;
  if (!amlrt__pair_room(s->w, &s->member, &s->cap_members, n, sizeof *s->member)) return false;
  for (int k = 0; k < 2 && n > FEW; k++)
    if (!amlrt__pair_room(s->w, &s->order[k], &s->cap_order[k], 2 * (size_t)n, sizeof *s->order[k]))
      return false;
  for (uint32_t i = 0; s->p->judges && i < s->n_pair_parts; i++)
    (void)find_member(&w, s->parts[i].mid);
  bool ok = n <= FEW ? count_few(&w, path, n) : count_many(&w, path, n);
  for (size_t i = 0; i < s->n_members; i++)
    s->slot[s->member[i].mid] = 0;
  return ok && amlrt__step(s->w, n);
}

void amlrt__pair_count_release(amlrt__pair_sweep *s)
{
  const amlrt_alloc *mem = s->w->run->mem;

  for (int k = 0; k < 2; k++)
    amlrt__release(mem, s->order[k]);
  amlrt__release(mem, s->find);
  amlrt__release(mem, s->member);
  amlrt__release(mem, s->slot);
}
