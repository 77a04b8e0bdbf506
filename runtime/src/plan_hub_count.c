// Patterns that hang on how many different neighbours there are, and nothing else (`group` of the pattern's
// row): the account's slice is gone over once, where it lies, and a number is all that is kept.
//
// What such a number comes to (its degree, its features) is found out when it first occurs.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_hub.h"

#include <string.h>

enum { FEW = 16, AHEAD = 16, ASK_EVERY = 1024 };

void amlrt__hub_counter_release(amlrt__hub_counter *c, const amlrt_alloc *mem)
{
  amlrt__release(mem, c->last);
  amlrt__release(mem, c->next);
  amlrt__release(mem, c->of);
  amlrt__release(mem, c->features);
}

// ---- what a number comes to ------------------------------------------------------------------------------

typedef struct members_view {
  amlrt__view view;
  uint32_t n;
} members_view;

static uint64_t members_of(amlrt__view *v, uint32_t role)
{
  (void)role; // the group: features ask for nothing else
  return ((members_view *)v)->n;
}

static amlrt_degree degree_of(const amlrt__hub_stage *st, uint32_t n)
{
  if (!st->counted) return AMLRT_DEGREE_ONE;
  return n < AMLRT__HUB_SIZES ? st->degree[n] : amlrt_range_degree(st->size, amlrt_frac_int(n));
}

// Numbers rise one by one, so the next one is the first that is not known.
static bool learn(amlrt__hub_sweep *s)
{
  static const amlrt__view_ops ops = {.members = members_of};
  amlrt__hub_counter *c = &s->counter;
  const amlrt_program *p = s->h->run->p;
  const amlrt_alloc *mem = s->h->run->mem;
  uint32_t n_features = p->info->n_features, n = c->n_known;
  members_view view = {.view = {.ops = &ops}, .n = n};
  amlrt_eval eval = {.w = s->w, .view = &view.view};

  if (!amlrt__grow(mem, &c->of, &c->cap_of, (size_t)n + 1, sizeof *c->of) ||
      !amlrt__grow(mem, &c->features, &c->cap_features, ((size_t)n + 1) * n_features + 1,
                   sizeof *c->features))
    return amlrt__hub_nomem(s);
  amlrt_value *values = c->features + (size_t)n * n_features;
  for (uint32_t i = 0; i < n_features; i++)
    values[i] = p->features[i](s->w, &eval);
  amlrt_degree degree = degree_of(&s->h->stage[0], n);
  int64_t value;
  bool is_short = degree == AMLRT_DEGREE_ONE && amlrt__is_one_count(values, n_features, &value);
  c->of[n] = (amlrt__hub_number){degree, is_short ? value : 0, is_short};
  c->n_known++;
  return s->w->st == AMLRT_OK;
}

// ---- a match ---------------------------------------------------------------------------------------------

static bool give(amlrt__hub_sweep *s, uint32_t trigger, uint32_t n, amlrt__link link)
{
  const amlrt__hub_counter *c = &s->counter;
  const amlrt__hub_number *of = &c->of[n];
  bool inconclusive = trigger < s->h->whole_from;

  if (of->degree == 0) return true;
  if (s->w->want == AMLRT__WANT_LIGHT && of->is_short && !inconclusive)
    return amlrt__count_write(s->w, trigger, of->value);
  const amlrt__exact m = {.trigger = trigger,
                          // The trigger is left, and the latest.
                          .until = s->unsteady ? AMLRT__UNTIL_UNKNOWN : trigger,
                          .link = link,
                          .degree = of->degree,
                          .inconclusive = inconclusive,
                          .features = amlrt__wants_features(s->w)
                                          ? c->features + (size_t)n * s->h->run->p->info->n_features
                                          : NULL};
  return amlrt__found_exact(s->w, &m, &s->account, 1);
}

bool amlrt__hub_is_match(amlrt__hub_sweep *s, uint32_t n)
{
  while (n >= s->counter.n_known)
    if (!learn(s)) return false;
  return s->counter.of[n].degree > 0;
}

bool amlrt__hub_count_trigger(amlrt__hub_sweep *s, uint32_t n, amlrt__link link)
{
  return give(s, s->trigger, n, link);
}

// ---- the sweep -------------------------------------------------------------------------------------------

static bool take_room(amlrt__hub_sweep *s, uint32_t n)
{
  amlrt__hub_counter *c = &s->counter;
  const amlrt__run *run = s->h->run;

  if (!amlrt__grow(run->mem, &c->next, &c->cap_next, n, sizeof *c->next))
    return amlrt__hub_nomem(s);
  if (n <= FEW) return true;
  if (!c->last) {
    c->last = amlrt__array(run->mem, run->col->n_accounts, sizeof *c->last);
    if (!c->last) return amlrt__hub_nomem(s);
    c->base = 1;
  }
  if (UINT32_MAX - c->base < n) {
    memset(c->last, 0, run->col->n_accounts * sizeof *c->last);
    c->base = 1;
  }
  return true;
}

// Place of the neighbour's transfer before this one, if it is among lo .. i - 1; else NONE.
static inline uint32_t before_few(const uint32_t *nbr, uint32_t lo, uint32_t i)
{
  for (uint32_t k = i; k-- > lo;)
    if (nbr[k] == nbr[i]) return k;
  return AMLRT_NONE;
}

static inline uint32_t before_many(uint32_t *last, uint32_t base, uint32_t lo, uint32_t i)
{
  uint32_t at = *last - base; // large where it was another account's

  *last = base + i;
  return at < i && at >= lo ? at : AMLRT_NONE;
}

// What stands in the slice from the account to itself is stepped over.
static inline bool count_all(amlrt__hub_sweep *s, const amlrt__hub_slice *l, bool few)
{
  amlrt__hub_counter *c = &s->counter;
  const uint32_t *nbr = l->nbr, *time = l->time, *row = l->row;
  uint32_t *next = c->next, *last = c->last;
  const uint32_t n = l->n, base = c->base, but_for = l->but_for, first_row = s->first_row;
  const uint64_t window = s->h->window;
  const bool may_be_barred = s->h->is_hub && amlrt__hub_is_hub(s->h, s->account);
  const bool notes = s->h->notes;
  const uint64_t least = s->h->stage[0].least;
  uint32_t lo = 0, count = 0;

  for (uint32_t i = 0; i < n; i++) {
    if (!few && i + AHEAD < n) __builtin_prefetch(&last[nbr[i + AHEAD]], 1);
    for (; time[i] - time[lo] >= window; lo++)
      count -= next[lo] == AMLRT_NONE;
    next[i] = 0; // not counted when it leaves
    if (nbr[i] == but_for) continue;
    uint32_t at = few ? before_few(nbr, lo, i) : before_many(&last[nbr[i]], base, lo, i);
    next[i] = AMLRT_NONE;
    if (at == AMLRT_NONE)
      count++;
    else
      next[at] = i;
    if (count >= c->n_known && !learn(s)) return false;
    bool noted = notes && count >= least;
    if ((c->of[count].degree == 0 && !noted) || row[i] < first_row) continue;
    s->trigger = row[i];
    s->time = time[i];
    if (may_be_barred && amlrt__hub_key_barred(s)) continue;
    if (noted) amlrt__hub_note(s, l->entry + i, count);
    if (!give(s, row[i], count, AMLRT__LINK_UNTIL)) return false;
    if (i % ASK_EVERY == 0 && !amlrt__step(s->w, ASK_EVERY)) return false;
  }
  if (!few) c->base += n;
  return true;
}

bool amlrt__hub_count(amlrt__hub_sweep *s, const amlrt__hub_slice *l)
{
  // 0 is not met by a trigger, which has a neighbour, but is known, so that numbers are places.
  if (s->counter.n_known == 0 && !learn(s)) return false;
  if (!take_room(s, l->n)) return false;
  return l->n <= FEW ? count_all(s, l, true) : count_all(s, l, false);
}

// The account's entries that exist for triggers of rows from `first` on.
static amlrt__hub_slice slice_from(const amlrt__hub_sweep *s, uint32_t first)
{
  const amlrt__run *run = s->h->run;
  const amlrt__hub_stage *st = &s->h->stage[0];
  const amlrt_adjacency *a = run->side[st->side];
  uint32_t begin = a->begin[s->account], end = a->end[s->account];

  if (first > 0) begin = amlrt_slice_from(a->row, begin, end, first);
  if (s->end_row < run->col->n_rows) end = amlrt_slice_from(a->row, begin, end, s->end_row);
  return (amlrt__hub_slice){.row = a->row + begin,
                            .time = a->time + begin,
                            .nbr = a->neighbour + begin,
                            .n = end - begin,
                            .entry = begin,
                            .but_for = st->self ? AMLRT_NONE : s->account};
}

bool amlrt__hub_count_slice(amlrt__hub_sweep *s)
{
  uint32_t first = s->first_row > 0 ? s->h->run->window_lo[s->first_row] : 0;
  const amlrt__hub_slice l = slice_from(s, first);

  return amlrt__hub_count(s, &l);
}

bool amlrt__hub_take_numbered(amlrt__hub_sweep *s)
{
  const amlrt__hub_slice l = slice_from(s, s->first_row);
  const unsigned char *number = s->h->numbers.of + l.entry;

  for (uint32_t i = 0; i < l.n; i++) {
    s->trigger = l.row[i];
    s->time = l.time[i];
    if (number[i] > 0 && amlrt__hub_is_match(s, number[i]) &&
        !give(s, l.row[i], number[i], AMLRT__LINK_UNTIL))
      return false;
    if (i % ASK_EVERY == 0 && !amlrt__step(s->w, ASK_EVERY)) return false;
  }
  return s->w->st == AMLRT_OK;
}
