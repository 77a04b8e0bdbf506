// Triggers one by one. The edges that lead to the trigger's payer, and those that lead on from its payee,
// are taken one by one from both sides in turn; the search is over when one side has no more. Nearly
// all end soon, with nothing: these are told apart first, many at a time, so that the waits for
// memory fall together. What is left is searched to the end and becomes a web.
//
// Of a side, the edges still to be taken stand each for itself and for all edges of its account before it
// (or after, onward), until one that was taken.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_closing.h"

#include <string.h>

enum { BACK, ON, SIDES };
enum { SLOTS = 24, MOST_TAKEN = 24, STACK = MOST_TAKEN + 2, FAR = 24 };
typedef enum { NOT_ASKED, NOTHING, MAYBE } answer;

static bool is_wanted(const amlrt__closing *c, uint32_t edge)
{
  const amlrt__run *run = c->run;
  const amlrt__edges *e = &c->e;

  if (!amlrt__may_close(c, edge)) return false;
  if (!run->may_be_hub) return true;
  uint32_t from = e->from[edge - 1], to = e->to[edge - 1], row = e->row[edge - 1];
  return !(run->may_be_hub[from] && amlrt__barred_at(run, from, row)) &&
         !(run->may_be_hub[to] && amlrt__barred_at(run, to, row));
}

// ---- few steps for each of many ---------------------------------------------------------------------------

typedef struct slot { // a search under way
  uint32_t edge, low, time;
  uint32_t end[SIDES]; // where a side began; the other side must come there
  uint32_t n_stack[SIDES], n_taken[SIDES];
  bool met[SIDES], busy;
  int side;
  uint32_t stack[SIDES][STACK], taken[SIDES][MOST_TAKEN];
} slot;

static void start_slot(const amlrt__closing *c, slot *s, uint32_t edge)
{
  const amlrt__link_to *back = &c->back[edge], *on = &c->on[edge];

  s->edge = edge;
  s->time = back->time;
  s->low = amlrt__window_from(c, back->time);
  s->end[BACK] = back->account;
  s->end[ON] = on->account;
  s->n_taken[BACK] = s->n_taken[ON] = 0;
  s->n_stack[BACK] = s->n_stack[ON] = 1;
  s->stack[BACK][0] = back->first;
  s->stack[ON][0] = c->start[edge];
  s->met[BACK] = s->met[ON] = false;
  s->busy = true;
  s->side = BACK;
}

static bool was_taken(const slot *s, int side, uint32_t edge)
{
  bool was = false;

  for (uint32_t i = 0; i < s->n_taken[side]; i++)
    was |= s->taken[side][i] == edge;
  return was;
}

// One edge of one side. NOT_ASKED: go on.
static answer step_slot(const amlrt__closing *c, slot *s)
{
  int side = s->side;
  const amlrt__link_to *links = side == BACK ? c->back : c->on;
  uint32_t *top = &s->stack[side][s->n_stack[side] - 1], edge = *top;
  const amlrt__link_to *l = &links[edge];

  bool outside = side == BACK ? l->time < s->low : l->time >= s->time;
  if (outside || was_taken(s, side, edge)) {
    if (--s->n_stack[side] == 0) return s->met[side] ? MAYBE : NOTHING;
    __builtin_prefetch(&links[top[-1]]);
    return NOT_ASKED;
  }
  if (s->n_taken[side] == MOST_TAKEN) return MAYBE;
  s->taken[side][s->n_taken[side]++] = edge;
  *top = l->chain;
  __builtin_prefetch(&links[l->chain]);
  if (l->account == s->end[1 - side]) {
    s->met[side] = true;
  } else if (l->account != s->end[side]) {
    s->stack[side][s->n_stack[side]++] = l->first;
    __builtin_prefetch(&links[l->first]);
  }
  s->side = 1 - side;
  return NOT_ASKED;
}

// The next trigger for a slot; `end`: there is none.
static uint32_t next_wanted(const amlrt__closing *c, uint32_t edge, uint32_t end)
{
  for (; edge < end; edge++) {
    if (edge + FAR < end) {
      __builtin_prefetch(&c->back[c->back[edge + FAR].first]);
      __builtin_prefetch(&c->on[c->start[edge + FAR]]);
    }
    if (is_wanted(c, edge)) return edge;
  }
  return end;
}

static bool ask_all(amlrt_worker *w, uint32_t begin, uint32_t end, unsigned char *answers)
{
  const amlrt__closing *c = amlrt__closer_of(w)->c;
  slot slots[SLOTS];
  uint32_t next = next_wanted(c, begin, end), busy = 0;
  uint64_t steps = 0;

  for (int i = 0; i < SLOTS; i++)
    slots[i].busy = false;
  do {
    busy = 0;
    for (int i = 0; i < SLOTS; i++) {
      slot *s = &slots[i];
      if (!s->busy && next < end) {
        start_slot(c, s, next);
        next = next_wanted(c, next + 1, end);
      }
      if (!s->busy) continue;
      busy++;
      answer v = step_slot(c, s);
      if (v == NOT_ASKED) continue;
      answers[s->edge - begin] = (unsigned char)v;
      if (v == NOTHING) amlrt__closes_nothing(c, s->edge);
      s->busy = false;
    }
    steps += busy;
  } while (busy);
  return amlrt__step(w, steps + (end - begin));
}

// ---- one to the end -----------------------------------------------------------------------------------------

typedef struct search {
  amlrt_worker *w;
  const amlrt__closing *c;
  amlrt__closer *k;
  uint32_t edge, low, time;
  uint32_t end[SIDES], n_queue[SIDES], n_done[SIDES], n_taken[SIDES];
  bool met[SIDES];
} search;

static bool take(search *s, int side, uint32_t edge)
{
  amlrt__closer *k = s->k;

  if (!amlrt__grow(s->w->run->mem, &k->taken[side], &k->cap_taken[side], s->n_taken[side] + 1,
                   sizeof(uint32_t)))
    return amlrt__closing_nomem(s->w);
  k->taken[side][s->n_taken[side]++] = edge;
  return true;
}

// What is taken next was put in long before, so that it has come from memory meanwhile.
static bool put(search *s, int side, const amlrt__link_to *links, uint32_t edge)
{
  amlrt__closer *k = s->k;

  if (!amlrt__grow(s->w->run->mem, &k->queue[side], &k->cap_queue[side], s->n_queue[side] + 1,
                   sizeof(uint32_t)))
    return amlrt__closing_nomem(s->w);
  k->queue[side][s->n_queue[side]++] = edge;
  __builtin_prefetch(&links[edge]);
  __builtin_prefetch(&k->mark[side][edge], 1);
  return true;
}

static bool is_done(const search *s, int side)
{
  return s->n_done[side] == s->n_queue[side];
}

// Takes up to `most` edges of a side.
static bool expand(search *s, int side, uint32_t most)
{
  amlrt__closer *k = s->k;
  const amlrt__link_to *links = side == BACK ? s->c->back : s->c->on;
  uint32_t *mark = k->mark[side], n = 0;

  while (!is_done(s, side) && n < most) {
    uint32_t edge = k->queue[side][s->n_done[side]++];
    const amlrt__link_to *l = &links[edge];
    bool outside = side == BACK ? l->time < s->low : l->time >= s->time;
    if (outside || mark[edge] == k->serial) continue;
    n++;
    mark[edge] = k->serial;
    if (!put(s, side, links, l->chain)) return false;
    if (l->account == s->end[side]) continue; // no chain comes twice to where it ends
    if (!take(s, side, edge)) return false;
    if (l->account == s->end[1 - side])
      s->met[side] = true;
    else if (!put(s, side, links, l->first))
      return false;
  }
  return amlrt__step(s->w, n + 1);
}

static bool take_marks(amlrt_worker *w)
{
  amlrt__closer *k = amlrt__closer_of(w);
  size_t n = (size_t)k->c->e.n + 2;

  for (int side = 0; side < SIDES; side++) {
    if (!k->mark[side]) k->mark[side] = amlrt__array(w->run->mem, n, sizeof *k->mark[side]);
    if (!k->mark[side]) return amlrt__closing_nomem(w);
  }
  if (++k->serial != 0) return true;
  for (int side = 0; side < SIDES; side++)
    memset(k->mark[side], 0, n * sizeof *k->mark[side]);
  k->serial = 1; // once in four billion times
  return true;
}

// Of the edges that lead to the trigger, those that its payee leads to. They ascend.
static uint32_t keep_reached(const search *s, uint32_t *at, uint32_t n)
{
  const amlrt__edges *e = &s->c->e;
  uint32_t *arrival = s->k->head, kept = 0;

  for (uint32_t i = 0; i < n; i++) {
    uint32_t p = at[i] - 1, to = e->to[p];
    if (e->from[p] != s->end[ON] && arrival[e->from[p]] >= e->time[p]) continue;
    at[kept++] = at[i];
    if (to != s->end[BACK] && arrival[to] > e->time[p]) arrival[to] = e->time[p];
  }
  for (uint32_t i = 0; i < kept; i++)
    arrival[e->to[at[i] - 1]] = UINT32_MAX;
  return kept;
}

// Of the edges that the trigger's payee leads to, those that lead to the trigger; at the end of `at`.
static uint32_t keep_leading(const search *s, uint32_t *at, uint32_t n)
{
  const amlrt__edges *e = &s->c->e;
  uint32_t *departure = s->k->head,
           kept = n; // of an account: less than UINT32_MAX, the later the less

  for (uint32_t i = n; i-- > 0;) {
    uint32_t p = at[i] - 1, from = e->from[p], ago = UINT32_MAX - e->time[p];
    if (e->to[p] != s->end[BACK] && departure[e->to[p]] >= ago) continue;
    at[--kept] = at[i];
    if (from != s->end[ON] && departure[from] > ago) departure[from] = ago;
  }
  for (uint32_t i = kept; i < n; i++)
    departure[e->from[at[i] - 1]] = UINT32_MAX;
  return kept;
}

static bool to_web(search *s, int side)
{
  amlrt__list l = {s->k->taken[side], s->n_taken[side]};
  amlrt__mark mark = amlrt__mem_mark(&s->w->scratch);

  if (!amlrt__sort(s->w, &l)) return false;
  uint32_t begin = 0, end = l.n;
  if (side == BACK)
    end = keep_reached(s, l.at, l.n);
  else
    begin = keep_leading(s, l.at, l.n);
  bool ok = true;
  for (uint32_t i = begin; i < end && ok; i++)
    ok = amlrt__web_add(s->w, l.at[i]);
  amlrt__mem_back(&s->w->scratch, mark);
  return ok;
}

enum { FIRST_TURN = 32 };

static bool search_trigger(amlrt_worker *w, uint32_t edge)
{
  amlrt__closer *k = amlrt__closer_of(w);
  const amlrt__closing *c = k->c;
  search s = {.w = w,
              .c = c,
              .k = k,
              .edge = edge,
              .time = c->back[edge].time,
              .low = amlrt__window_from(c, c->back[edge].time),
              .end = {c->back[edge].account, c->on[edge].account}};

  if (!take_marks(w) || !put(&s, BACK, c->back, c->back[edge].first) ||
      !put(&s, ON, c->on, c->start[edge]))
    return false;
  int side = ON;
  for (uint32_t most = FIRST_TURN; !is_done(&s, side); most += side == ON ? most : 0) {
    side = 1 - side;
    if (!expand(&s, side, most)) return false;
  }
  if (!s.met[side]) {
    amlrt__closes_nothing(c, edge);
    return true;
  }
  return to_web(&s, side) && amlrt__closing_chains(w, edge);
}

// ---- the whole ------------------------------------------------------------------------------------------

bool amlrt__closing_search(amlrt_worker *w, uint32_t begin, uint32_t end)
{
  amlrt__closer *k = amlrt__closer_of(w);
  size_t n = end - begin;

  if (!amlrt__grow(w->run->mem, &k->answer, &k->cap_answer, n, 1)) return amlrt__closing_nomem(w);
  memset(k->answer, NOT_ASKED, n);
  bool batch = amlrt__trick(w->run, AMLRT_TRICK_CHAIN_BATCH);
  if (batch && !ask_all(w, begin, end, k->answer)) return false;
  for (size_t i = 0; i < n; i++) {
    uint32_t edge = begin + (uint32_t)i;
    if (!(batch ? k->answer[i] == MAYBE : is_wanted(k->c, edge))) continue;
    if (!search_trigger(w, edge)) return false;
  }
  return true;
}

void amlrt__closing_search_release(amlrt__closer *k, const amlrt_alloc *mem)
{
  for (int side = 0; side < SIDES; side++) {
    amlrt__release(mem, k->mark[side]);
    amlrt__release(mem, k->queue[side]);
    amlrt__release(mem, k->taken[side]);
  }
  amlrt__release(mem, k->answer);
}

enum { SAMPLE = 256, STEP_NS = 25, LONG_NS = 8000 };

double amlrt__closing_sample(const amlrt__closing *c)
{
  uint32_t n = 0, open = 0;
  uint64_t steps = 0;
  slot s;

  for (uint32_t i = 0; i < SAMPLE && c->e.n > 0; i++) {
    uint32_t at = 1 + (uint32_t)((uint64_t)c->e.n * i / SAMPLE), end = c->e.n + 1;
    if (end - at > SAMPLE) end = at + SAMPLE;
    at = next_wanted(c, at, end);
    if (at == end) continue;
    answer v;
    start_slot(c, &s, at);
    do {
      steps++;
      v = step_slot(c, &s);
    } while (v == NOT_ASKED);
    n++;
    open += v == MAYBE;
  }
  return n ? ((double)steps * (double)STEP_NS + (double)open * (double)LONG_NS) / n : 0;
}
