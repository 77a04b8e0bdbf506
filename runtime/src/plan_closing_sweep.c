// Many triggers at once: one bit each. Where a search for one trigger would take many edges of a window
// that itself is not long, two passes over the window's edges do it for 256 triggers.
//
// Onward in time, an account's bits say which triggers' payees have come there; an edge notes those of
// its payer. Against time, an account's bits say which triggers' payers can be reached from there; what
// an edge noted and its payee has now lies on the way from a trigger's payee to its payer.
//
// Accounts get small numbers, unit by unit, so that their bits lie close together.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_closing.h"

#include <string.h>

enum { WORDS = 4, MOST = 64 * WORDS };

typedef struct bits {
  uint64_t at[WORDS];
} bits;

typedef struct hop { // an edge of the unit; accounts by their small numbers
  uint32_t from, to, time, edge;
} hop;

typedef struct on_way { // an edge on the way of a trigger of the group
  uint32_t trigger, edge;
} on_way;

struct amlrt__sweep {
  uint32_t *number; // by account; right only where account[number] says so
  uint32_t *account;
  size_t cap_account;
  uint32_t n_accounts;
  hop *hop;
  size_t cap_hop;
  uint32_t n_hops;
  bits *came, *leads; // by small number
  size_t cap_came, cap_leads;
  bits *noted; // by hop
  size_t cap_noted;
  on_way *way;
  size_t cap_way, n_way;
  uint32_t *sorted; // edges, by trigger
  size_t cap_sorted;
};

typedef struct group { // of triggers
  uint32_t n, edge[MOST], from[MOST], to[MOST], low[MOST], time[MOST];
  uint32_t begin, end; // hops
} group;

void amlrt__closing_sweep_release(amlrt__sweep *s, const amlrt_alloc *mem)
{
  if (!s) return;
  amlrt__release(mem, s->number);
  amlrt__release(mem, s->account);
  amlrt__release(mem, s->hop);
  amlrt__release(mem, s->came);
  amlrt__release(mem, s->leads);
  amlrt__release(mem, s->noted);
  amlrt__release(mem, s->way);
  amlrt__release(mem, s->sorted);
  amlrt__release(mem, s);
}

// ---- the unit's edges ---------------------------------------------------------------------------------------

static amlrt__sweep *sweep_of(amlrt_worker *w)
{
  amlrt__closer *k = amlrt__closer_of(w);
  const amlrt_alloc *mem = w->run->mem;
  size_t n = w->run->col->n_accounts;

  if (k->sweep) return k->sweep;
  amlrt__sweep *s = amlrt__array(mem, 1, sizeof *s);
  if (s) s->number = amlrt__array(mem, n, sizeof *s->number);
  if (s && s->number) return k->sweep = s;
  amlrt__closing_sweep_release(s, mem);
  w->st = AMLRT_E_NOMEM;
  return NULL;
}

static bool has_number(const amlrt__sweep *s, uint32_t account)
{
  uint32_t n = s->number[account];
  return n < s->n_accounts && s->account[n] == account;
}

static uint32_t number_of(amlrt__sweep *s, uint32_t account)
{
  if (has_number(s, account)) return s->number[account];
  s->account[s->n_accounts] = account;
  return s->number[account] = s->n_accounts++;
}

// The first edge in the window of an edge.
static uint32_t window_begin(const amlrt__closing *c, uint32_t edge)
{
  uint32_t t = amlrt__window_from(c, c->e.time[edge - 1]), lo = 1, n = edge - 1;

  while (n > 0) {
    uint32_t half = n / 2;
    bool below = c->e.time[lo + half - 1] < t;
    lo = below ? lo + half + 1 : lo;
    n = below ? n - half - 1 : half;
  }
  return lo;
}

static bool take_hops(amlrt_worker *w, amlrt__sweep *s, uint32_t begin, uint32_t end)
{
  const amlrt__closing *c = amlrt__closer_of(w)->c;
  const amlrt__edges *e = &c->e;
  const amlrt_alloc *mem = w->run->mem;
  uint32_t low = window_begin(c, begin);
  size_t most = end - low;

  if (!amlrt__grow(mem, &s->hop, &s->cap_hop, most, sizeof *s->hop) ||
      !amlrt__grow(mem, &s->account, &s->cap_account, 2 * most, sizeof *s->account) ||
      !amlrt__grow(mem, &s->noted, &s->cap_noted, most, sizeof *s->noted))
    return amlrt__closing_nomem(w);
  s->n_hops = s->n_accounts = 0;
  for (uint32_t i = low; i < end; i++)
    if (e->use[i - 1] & AMLRT__HOP)
      s->hop[s->n_hops++] =
          (hop){number_of(s, e->from[i - 1]), number_of(s, e->to[i - 1]), e->time[i - 1], i};
  if (!amlrt__grow(mem, &s->came, &s->cap_came, s->n_accounts, sizeof *s->came) ||
      !amlrt__grow(mem, &s->leads, &s->cap_leads, s->n_accounts, sizeof *s->leads))
    return amlrt__closing_nomem(w);
  return amlrt__step(w, most);
}

// ---- a group ------------------------------------------------------------------------------------------------

static bool is_wanted(amlrt_worker *w, const amlrt__sweep *s, uint32_t edge)
{
  const amlrt__closing *c = amlrt__closer_of(w)->c;
  uint32_t from = c->e.from[edge - 1], to = c->e.to[edge - 1], row = c->e.row[edge - 1];

  return amlrt__may_close(c, edge) && has_number(s, from) && has_number(s, to) &&
         !amlrt__closing_barred(w, from, row) && !amlrt__closing_barred(w, to, row);
}

// Triggers from `edge` on; the first not looked at is the result.
static uint32_t take_group(amlrt_worker *w, amlrt__sweep *s, group *g, uint32_t edge, uint32_t end)
{
  const amlrt__closing *c = amlrt__closer_of(w)->c;

  g->n = 0;
  for (; edge < end && g->n < MOST; edge++) {
    if (!is_wanted(w, s, edge)) continue;
    g->edge[g->n] = edge;
    g->from[g->n] = s->number[c->e.from[edge - 1]];
    g->to[g->n] = s->number[c->e.to[edge - 1]];
    g->time[g->n] = c->e.time[edge - 1];
    g->low[g->n] = amlrt__window_from(c, c->e.time[edge - 1]);
    g->n++;
  }
  if (g->n == 0) return edge;
  while (g->begin < s->n_hops && s->hop[g->begin].time < g->low[0])
    g->begin++;
  if (g->end < g->begin) g->end = g->begin;
  while (g->end < s->n_hops && s->hop[g->end].time < g->time[g->n - 1])
    g->end++;
  return edge;
}

static inline void set_bit(bits *b, uint32_t i)
{
  b->at[i / 64] |= (uint64_t)1 << (i % 64);
}

// Edges of one second do not follow each other: all are asked before one adds anything.
static void sweep_onward(amlrt__sweep *s, const group *g)
{
  uint32_t in = 0;

  memset(s->came, 0, s->n_accounts * sizeof *s->came);
  for (uint32_t i = g->begin, j; i < g->end;) {
    uint32_t t = s->hop[i].time;
    for (; in < g->n && g->low[in] <= t; in++)
      set_bit(&s->came[g->to[in]], in);
    for (j = i; j < g->end && s->hop[j].time == t; j++)
      s->noted[j] = s->came[s->hop[j].from];
    for (; i < j; i++) {
      bits *to = &s->came[s->hop[i].to];
      for (int k = 0; k < WORDS; k++)
        to->at[k] |= s->noted[i].at[k];
    }
  }
}

static bool add_ways(amlrt_worker *w, amlrt__sweep *s, const bits *b, uint32_t edge)
{
  if (!amlrt__grow(w->run->mem, &s->way, &s->cap_way, s->n_way + MOST, sizeof *s->way))
    return amlrt__closing_nomem(w);
  for (uint32_t k = 0; k < WORDS; k++)
    for (uint64_t left = b->at[k]; left; left &= left - 1)
      s->way[s->n_way++] = (on_way){k * 64 + (uint32_t)__builtin_ctzll(left), edge};
  return true;
}

static bool sweep_back(amlrt_worker *w, amlrt__sweep *s, const group *g)
{
  uint32_t left = g->n;

  s->n_way = 0;
  memset(s->leads, 0, s->n_accounts * sizeof *s->leads);
  for (uint32_t i = g->end, j; i > g->begin;) {
    uint32_t t = s->hop[i - 1].time;
    for (; left > 0 && g->time[left - 1] > t; left--)
      set_bit(&s->leads[g->from[left - 1]], left - 1);
    for (j = i; j > g->begin && s->hop[j - 1].time == t; j--) {
      bits *noted = &s->noted[j - 1];
      const bits *leads = &s->leads[s->hop[j - 1].to];
      uint64_t any = 0;
      for (int k = 0; k < WORDS; k++)
        any |= noted->at[k] &= leads->at[k];
      if (any && !add_ways(w, s, noted, s->hop[j - 1].edge)) return false;
    }
    for (; i > j; i--) {
      bits *from = &s->leads[s->hop[i - 1].from];
      for (int k = 0; k < WORDS; k++)
        from->at[k] |= s->noted[i - 1].at[k];
    }
  }
  return amlrt__step(w, (g->end - g->begin) * 2 + s->n_way);
}

// The edges on the way, by trigger, ascending; they were found against time. Those of the k-th come to lie
// from start[k] to start[k + 1].
static bool sort_ways(amlrt_worker *w, amlrt__sweep *s, uint32_t start[MOST + 1])
{
  if (!amlrt__grow(w->run->mem, &s->sorted, &s->cap_sorted, s->n_way, sizeof *s->sorted))
    return amlrt__closing_nomem(w);
  memset(start, 0, (MOST + 1) * sizeof *start);
  for (size_t i = 0; i < s->n_way; i++)
    start[s->way[i].trigger + 1]++;
  for (int k = 0; k < MOST; k++)
    start[k + 1] += start[k];
  for (size_t i = 0; i < s->n_way; i++) {
    uint32_t k = s->way[i].trigger;
    s->sorted[--start[k + 1]] = s->way[i].edge;
  }
  memmove(start, start + 1, MOST * sizeof *start);
  start[MOST] = (uint32_t)s->n_way;
  return true;
}

static bool follow_ways(amlrt_worker *w, amlrt__sweep *s, const group *g)
{
  uint32_t start[MOST + 1];

  if (!sort_ways(w, s, start)) return false;
  for (uint32_t k = 0; k < g->n; k++) {
    if (start[k] == start[k + 1]) amlrt__closes_nothing(amlrt__closer_of(w)->c, g->edge[k]);
    if (start[k] == start[k + 1]) continue;
    for (uint32_t i = start[k]; i < start[k + 1]; i++)
      if (!amlrt__web_add(w, s->sorted[i])) return false;
    if (!amlrt__closing_chains(w, g->edge[k])) return false;
  }
  return true;
}

bool amlrt__closing_sweep(amlrt_worker *w, uint32_t begin, uint32_t end)
{
  amlrt__sweep *s = sweep_of(w);
  group g = {.begin = 0};

  if (!s || !take_hops(w, s, begin, end)) return false;
  for (uint32_t edge = begin; edge < end;) {
    edge = take_group(w, s, &g, edge, end);
    if (g.n == 0) break;
    sweep_onward(s, &g);
    if (!sweep_back(w, s, &g) || !follow_ways(w, s, &g)) return false;
  }
  return true;
}
