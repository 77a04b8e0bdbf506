// A trigger's constraints on what is left of the lines: docs/semantics.md, 4.3, 5 and 7. Sizes are judged
// by the sweep, before anything here.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan_hub.h"

static const amlrt_pcon *con_of(const amlrt__hub_sweep *s, uint32_t con)
{
  return &s->h->run->p->cons[con];
}

bool amlrt__hub_judge_make(amlrt__hub_sweep *s)
{
  const amlrt_alloc *mem = s->w->run->mem;

  uint32_t n = s->h->run->p->info->n_constraints;

  s->order = amlrt__array(mem, n, sizeof *s->order);
  s->silence = amlrt__array(mem, n, sizeof *s->silence);
  s->judge = amlrt__array(mem, n, sizeof *s->judge);
  s->is_dear = amlrt__array(mem, n, sizeof *s->is_dear);
  if (!s->order || !s->silence || !s->judge || !s->is_dear) return false;
  for (uint32_t i = 0; i < s->h->n_judge; i++)
    s->judge[i] = s->h->judge[i];
  return true;
}

void amlrt__hub_judge_release(amlrt__hub_sweep *s)
{
  const amlrt_alloc *mem = s->w->run->mem;

  for (uint32_t i = 0; s->order && i < s->h->run->p->info->n_constraints; i++) {
    amlrt__release(mem, s->order[i].rank[0]);
    amlrt__release(mem, s->order[i].rank[1]);
  }
  amlrt__release(mem, s->order);
  amlrt__release(mem, s->silence);
  amlrt__release(mem, s->judge);
  amlrt__release(mem, s->is_dear);
}

// ---- absences --------------------------------------------------------------------------------------------

// The account's transfers from the first on: older ones than the window too, and those with barred
// neighbours.
static void begin_silence(const amlrt__hub_sweep *s, const amlrt_pcon *c, amlrt__hub_silence *q)
{
  const amlrt_adjacency *a = s->h->run->side[c->from == s->h->key ? AMLRT__FROM : AMLRT__TO];

  q->epoch = s->epoch;
  q->at = a->begin[s->account];
  q->end = a->end[s->account];
  q->latest = INT64_MIN;
}

// Is this what must not be?
static bool is_it(const amlrt__hub_sweep *s, const amlrt_pcon *c, uint32_t row)
{
  if (s->currency && s->h->run->col->currency[row] != s->currency) return false;
  if (!c->filter) return true;
  amlrt_cond f = c->filter(s->w, row);
  return f.truth == AMLRT_KNOWN && f.degree > 0;
}

// The time looked at, both ends open; false: the anchor has nothing.
static bool times_of(const amlrt__hub_sweep *s, const amlrt_pcon *c, int64_t *after,
                     int64_t *before)
{
  *after = (int64_t)s->time - (int64_t)s->h->window;
  *before = INT64_MAX; // by row then
  if (c->anchor == AMLRT_NONE) return true;
  const amlrt__hub_line *l = &s->line[s->h->of_stage[c->anchor]];
  if (l->lo == l->hi) return false;
  *before = l->time[l->lo];
  if (c->for_s) *after = amlrt_i64_add(*before, -c->for_s);
  return true;
}

// Both ends only advance, so transfers are gone through once, and the latest of them tells.
static bool judge_silence(amlrt__hub_sweep *s, uint32_t con, amlrt_degree *degree)
{
  const amlrt_pcon *c = con_of(s, con);
  const amlrt_adjacency *a = s->h->run->side[c->from == s->h->key ? AMLRT__FROM : AMLRT__TO];
  amlrt__hub_silence *q = &s->silence[con];
  int64_t after, before;

  *degree = 0;
  if (!times_of(s, c, &after, &before)) return true;
  if (q->epoch != s->epoch) begin_silence(s, c, q);
  uint32_t at = q->at;
  for (; at < q->end && (int64_t)a->time[at] < before && a->row[at] <= s->trigger; at++)
    if (a->neighbour[at] != s->account && is_it(s, c, a->row[at])) q->latest = a->time[at];
  uint32_t done = at - q->at;
  q->at = at;
  if (q->latest == INT64_MIN || q->latest <= after) *degree = AMLRT_DEGREE_ONE;
  return amlrt__step(s->w, done);
}

// ---- order between two stages ------------------------------------------------------------------------------

// rank[0][i]: how many of B's transfers are not later than A's i; rank[1][i]: how many of A's are earlier
// than B's i.
static void rank_all(amlrt__hub_order *o, const amlrt__hub_line *a, const amlrt__hub_line *b)
{
  uint32_t k = 0;

  for (uint32_t i = 0; i < a->n; i++) {
    while (k < b->n && b->time[k] <= a->time[i])
      k++;
    o->rank[0][i] = k;
  }
  k = 0;
  for (uint32_t i = 0; i < b->n; i++) {
    while (k < a->n && a->time[k] < b->time[i])
      k++;
    o->rank[1][i] = k;
  }
}

static bool take_order(amlrt__hub_sweep *s, amlrt__hub_order *o, const amlrt__hub_line *a,
                       const amlrt__hub_line *b)
{
  const amlrt_alloc *mem = s->w->run->mem;

  if (!amlrt__grow(mem, &o->rank[0], &o->cap[0], a->n, sizeof *o->rank[0]) ||
      !amlrt__grow(mem, &o->rank[1], &o->cap[1], b->n, sizeof *o->rank[1]))
    return amlrt__hub_nomem(s);
  rank_all(o, a, b);
  o->epoch = s->epoch;
  o->lo[0] = o->hi[0] = a->lo;
  o->lo[1] = o->hi[1] = b->lo;
  o->n = 0;
  return true;
}

static uint32_t clamp(uint32_t v, uint32_t lo, uint32_t hi)
{
  return v < lo ? lo : v > hi ? hi : v;
}

// Of the B that are counted, those later than A's i.
static uint32_t later(const amlrt__hub_order *o, uint32_t i)
{
  return o->hi[1] - clamp(o->rank[0][i], o->lo[1], o->hi[1]);
}

// Of the A that are counted, those earlier than B's i.
static uint32_t earlier(const amlrt__hub_order *o, uint32_t i)
{
  return clamp(o->rank[1][i], o->lo[0], o->hi[0]) - o->lo[0];
}

// Counts pairs in order as transfers come and go, one at a time.
static void bring_order(amlrt__hub_order *o, const amlrt__hub_line *a, const amlrt__hub_line *b)
{
  if (o->hi[0] <= a->lo && o->hi[1] <= b->lo) {
    o->lo[0] = o->hi[0] = a->lo;
    o->lo[1] = o->hi[1] = b->lo;
    o->n = 0;
  }
  for (; o->hi[0] < a->hi; o->hi[0]++)
    o->n += later(o, o->hi[0]);
  for (; o->hi[1] < b->hi; o->hi[1]++)
    o->n += earlier(o, o->hi[1]);
  for (; o->lo[0] < a->lo; o->lo[0]++)
    o->n -= later(o, o->lo[0]);
  for (; o->lo[1] < b->lo; o->lo[1]++)
    o->n -= earlier(o, o->lo[1]);
}

static bool judge_order(amlrt__hub_sweep *s, uint32_t con, amlrt_degree *degree)
{
  const amlrt_pcon *c = con_of(s, con);
  const amlrt__hub_line *a = &s->line[s->h->of_stage[c->stage]];
  const amlrt__hub_line *b = &s->line[s->h->of_stage[c->other]];
  amlrt__hub_order *o = &s->order[con];

  if (o->epoch != s->epoch && !take_order(s, o, a, b)) return false;
  bring_order(o, a, b);
  amlrt_i128 all = (amlrt_i128)(a->hi - a->lo) * (b->hi - b->lo);
  amlrt_frac share = {all - o->n, all ? all : 1};
  *degree = amlrt_range_degree(&c->range, share);
  return true;
}

// ---- the rest --------------------------------------------------------------------------------------------

// What cannot be said is left out as a whole: it does not touch the degree.
static void judge_aggregate(amlrt__hub_sweep *s, const amlrt_pcon *c, amlrt_degree *degree)
{
  bool each = c->kind == AMLRT_CON_EACH;
  amlrt_cond cond =
      c->agg(s->w, &s->eval, each ? c->role : AMLRT_NONE, each ? s->account : AMLRT_NONE);

  *degree = AMLRT_DEGREE_ONE;
  if (cond.truth != AMLRT_CANNOT_SAY) *degree = cond.truth == AMLRT_KNOWN ? cond.degree : 0;
}

static bool judge_mean(amlrt__hub_sweep *s, uint32_t con, amlrt_degree *degree)
{
  const amlrt_pcon *c = con_of(s, con);

  if (c->kind == AMLRT_CON_FILTER) return amlrt__hub_mean(s, con, s->h->of_stage[c->stage], degree);
  const amlrt_ppair *p = &s->h->run->p->pairs[c->pair];
  int side = p->conds[c->cond].swapped ? 1 : 0;
  if (p->asked[side]) return amlrt__hub_mean(s, con, s->h->of_stage[p->stage[side]], degree);
  // One without a partner counts as 1 until it gets one.
  s->view.unsure = true;
  return true;
}

static bool judge_one(amlrt__hub_sweep *s, uint32_t con, amlrt_degree *degree)
{
  const amlrt_pcon *c = con_of(s, con);

  switch (c->kind) {
  case AMLRT_CON_ABSENT:
    return judge_silence(s, con, degree);
  case AMLRT_CON_OVERLAP:
    return judge_order(s, con, degree);
  case AMLRT_CON_EACH:
  case AMLRT_CON_REQUIRE:
    judge_aggregate(s, c, degree);
    return s->w->st == AMLRT_OK;
  case AMLRT_CON_FILTER:
  case AMLRT_CON_PAIR:
    return judge_mean(s, con, degree);
  case AMLRT_CON_SIZE:
  case AMLRT_CON_SUPPORT:
    break;
  }
  AMLRT__BUG("a constraint that is not asked at a trigger");
}

static bool is_aggregate(const amlrt_pcon *c)
{
  return c->kind == AMLRT_CON_EACH || c->kind == AMLRT_CON_REQUIRE;
}

// An aggregate that turned out to ask for sums lets the next one, of which that is not known, go first:
// counts often fail, and sums look at amounts all over the table.
static void let_pass(amlrt__hub_sweep *s, uint32_t i)
{
  uint32_t mine = s->judge[i];

  if (i + 1 == s->h->n_judge || !s->is_dear[mine]) return;
  uint32_t next = s->judge[i + 1];
  if (!is_aggregate(con_of(s, next)) || s->is_dear[next]) return;
  s->judge[i] = next;
  s->judge[i + 1] = mine;
}

// In whatever order: the least degree is the least degree.
bool amlrt__hub_judge(amlrt__hub_sweep *s, amlrt_degree *degree)
{
  for (uint32_t i = 0; i < s->h->n_judge; i++) {
    amlrt_degree d = AMLRT_DEGREE_ONE;
    uint32_t con = s->judge[i], asked = s->n_asked;
    if (!judge_one(s, con, &d)) return false;
    if (s->view.unsure) return true;
    if (d < *degree) *degree = d;
    if (s->n_asked != asked && is_aggregate(con_of(s, con))) s->is_dear[con] = true;
    if (*degree > 0) continue;
    let_pass(s, i);
    return true;
  }
  return true;
}
