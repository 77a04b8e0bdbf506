// A trigger's constraints on what is left of the lines: docs/semantics.md, 4.3, 5 and 7. Sizes are judged
// by the sweep, before anything here.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan_hub.h"

static bool no_memory(amlrt__hub_sweep *s)
{
  s->w->st = AMLRT_E_NOMEM;
  return false;
}

static const amlrt_pcon *con_of(const amlrt__hub_sweep *s, uint32_t i)
{
  return &s->h->run->p->cons[s->h->judge[i]];
}

bool amlrt__hub_judge_make(amlrt__hub_sweep *s)
{
  const amlrt_alloc *mem = s->w->run->mem;

  s->order = amlrt__array(mem, s->h->n_judge, sizeof *s->order);
  s->silence = amlrt__array(mem, s->h->n_judge, sizeof *s->silence);
  return s->order && s->silence;
}

void amlrt__hub_judge_release(amlrt__hub_sweep *s)
{
  const amlrt_alloc *mem = s->w->run->mem;

  for (uint32_t i = 0; s->order && s->silence && i < s->h->n_judge; i++) {
    amlrt__release(mem, s->order[i].rank[0]);
    amlrt__release(mem, s->order[i].rank[1]);
    amlrt__release(mem, s->silence[i].time);
  }
  amlrt__release(mem, s->order);
  amlrt__release(mem, s->silence);
}

// ---- absences --------------------------------------------------------------------------------------------

// All transfers of the account that must not be, older ones than the window too; barred neighbours count.
static bool take_silence(amlrt__hub_sweep *s, const amlrt_pcon *c, amlrt__hub_silence *q)
{
  const amlrt__run *run = s->h->run;
  const amlrt_adjacency *a = run->side[c->from == s->h->key ? AMLRT__FROM : AMLRT__TO];
  uint32_t begin = a->begin[s->account], end = a->end[s->account];

  q->n = q->at = 0;
  if (!amlrt__grow(run->mem, &q->time, &q->cap, 2 * (size_t)(end - begin) + 2, sizeof *q->time))
    return no_memory(s);
  q->row = q->time + (end - begin);
  for (uint32_t i = begin; i < end && a->row[i] < s->end_row; i++) {
    if (a->neighbour[i] == s->account) continue;
    if (s->currency && run->col->currency[a->row[i]] != s->currency) continue;
    if (c->filter) {
      amlrt_cond f = c->filter(s->w, a->row[i]);
      if (f.truth != AMLRT_KNOWN || f.degree == 0) continue;
    }
    q->time[q->n] = a->time[i];
    q->row[q->n++] = a->row[i];
  }
  q->epoch = s->epoch;
  return amlrt__step(s->w, end - begin);
}

// The end of the time looked at, and its beginning, both open; false: the anchor has nothing.
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

// Both ends only advance, so the last transfer before the end is never further back than before.
static bool judge_silence(amlrt__hub_sweep *s, uint32_t i, amlrt_degree *degree)
{
  const amlrt_pcon *c = con_of(s, i);
  amlrt__hub_silence *q = &s->silence[i];
  int64_t after, before;

  *degree = 0;
  if (!times_of(s, c, &after, &before)) return true;
  if (q->epoch != s->epoch && !take_silence(s, c, q)) return false;
  while (q->at < q->n && q->row[q->at] <= s->trigger && (int64_t)q->time[q->at] < before)
    q->at++;
  if (q->at == 0 || (int64_t)q->time[q->at - 1] <= after) *degree = AMLRT_DEGREE_ONE;
  return true;
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
    return no_memory(s);
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

static bool judge_order(amlrt__hub_sweep *s, uint32_t i, amlrt_degree *degree)
{
  const amlrt_pcon *c = con_of(s, i);
  const amlrt__hub_line *a = &s->line[s->h->of_stage[c->stage]];
  const amlrt__hub_line *b = &s->line[s->h->of_stage[c->other]];
  amlrt__hub_order *o = &s->order[i];

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

static bool judge_mean(amlrt__hub_sweep *s, uint32_t i, amlrt_degree *degree)
{
  const amlrt_pcon *c = con_of(s, i);

  if (c->kind == AMLRT_CON_FILTER)
    return amlrt__hub_mean(s, s->h->judge[i], s->h->of_stage[c->stage], degree);
  const amlrt_ppair *p = &s->h->run->p->pairs[c->pair];
  int side = p->conds[c->cond].swapped ? 1 : 0;
  if (p->asked[side])
    return amlrt__hub_mean(s, s->h->judge[i], s->h->of_stage[p->stage[side]], degree);
  // One without a partner counts as 1 until it gets one.
  s->view.unsure = true;
  return true;
}

static bool judge_one(amlrt__hub_sweep *s, uint32_t i, amlrt_degree *degree)
{
  const amlrt_pcon *c = con_of(s, i);

  switch (c->kind) {
  case AMLRT_CON_ABSENT:
    return judge_silence(s, i, degree);
  case AMLRT_CON_OVERLAP:
    return judge_order(s, i, degree);
  case AMLRT_CON_EACH:
  case AMLRT_CON_REQUIRE:
    judge_aggregate(s, c, degree);
    return s->w->st == AMLRT_OK;
  case AMLRT_CON_FILTER:
  case AMLRT_CON_PAIR:
    return judge_mean(s, i, degree);
  case AMLRT_CON_SIZE:
  case AMLRT_CON_SUPPORT:
    break;
  }
  AMLRT__BUG("a constraint that is not asked at a trigger");
}

bool amlrt__hub_judge(amlrt__hub_sweep *s, amlrt_degree *degree)
{
  for (uint32_t i = 0; i < s->h->n_judge; i++) {
    amlrt_degree d = AMLRT_DEGREE_ONE;
    if (!judge_one(s, i, &d)) return false;
    if (s->view.unsure) return true;
    if (d < *degree) *degree = d;
    if (*degree == 0) return true;
  }
  return true;
}
