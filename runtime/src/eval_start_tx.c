// The transfers every stage starts with: docs/semantics.md, 4.1, second part.
#include "runtime/src/eval.h"

// ---- all transfers between the two sides --------------------------------------------------------------

static amlrt__list accounts_at(const amlrt_eval *v, const amlrt_pstage *s, int end)
{
  uint32_t role = amlrt__end_of(s, end);
  const amlrt__group *g = &v->group[role];

  return amlrt__is_group(v->w->run, role) ? (amlrt__list){g->account, g->n} : v->keys[role];
}

// How many rows there are to look at from one end.
static uint64_t rows_at(amlrt_eval *v, const amlrt_pstage *s, int end)
{
  uint64_t n = 0;

  if (amlrt__end_of(s, end) == AMLRT_NONE) return amlrt__n_in_window(v->w);
  amlrt__list of = accounts_at(v, s, end);
  for (uint32_t i = 0; i < of.n; i++)
    n += amlrt_slice_n(amlrt__slice(v->w, of.at[i], end));
  return n;
}

typedef struct far_side { // who may be at the other end
  bool any;               // amlrt__ends_fit has the word
  bool one;
  amlrt__list of;
} far_side;

static far_side far_of(const amlrt_eval *v, const amlrt_pstage *s, int end)
{
  if (amlrt__end_of(s, end) == AMLRT_NONE) return (far_side){.any = true};
  amlrt__list of = accounts_at(v, s, end);
  return (far_side){.one = of.n == 1, .of = of};
}

static bool is_there(const far_side *f, uint32_t account)
{
  if (f->any) return true;
  if (f->one) return f->of.at[0] == account;
  return amlrt__find(f->of.at, f->of.n, account) != AMLRT_NONE;
}

static bool add_rows(amlrt_eval *v, uint32_t stage, const far_side *f, amlrt_slice s,
                     amlrt__list *out)
{
  amlrt_worker *w = v->w;

  for (uint32_t i = s.lo; i < s.hi; i++) {
    uint32_t row = s.row[i];
    if (!is_there(f, s.nbr[i]) || !amlrt__passes(w, stage, row)) continue;
    if (amlrt__ends_fit(w, v->keys, stage, row)) out->at[out->n++] = row;
  }
  return amlrt__step(w, s.hi - s.lo);
}

static bool rows_of_window(amlrt_eval *v, uint32_t stage, amlrt__list *out)
{
  amlrt_worker *w = v->w;

  for (uint32_t row = w->first; row <= w->trigger; row++)
    if (amlrt__passes(w, stage, row) && amlrt__ends_fit(w, v->keys, stage, row))
      out->at[out->n++] = row;
  return amlrt__step(w, amlrt__n_in_window(w));
}

static bool rows_between(amlrt_eval *v, uint32_t stage, amlrt__list *out)
{
  const amlrt_pstage *s = &v->w->run->p->stages[stage];
  bool any = s->from == AMLRT_NONE || s->to == AMLRT_NONE;
  uint64_t from = any && s->from == AMLRT_NONE ? UINT64_MAX : rows_at(v, s, AMLRT__FROM);
  uint64_t to = any && s->to == AMLRT_NONE ? UINT64_MAX : rows_at(v, s, AMLRT__TO);
  int end = from <= to ? AMLRT__FROM : AMLRT__TO;

  if (amlrt__end_of(s, end) == AMLRT_NONE)
    return amlrt__take_list(v->w, out, amlrt__n_in_window(v->w)) && rows_of_window(v, stage, out);
  if (!amlrt__take_list(v->w, out, end == AMLRT__FROM ? from : to)) return false;
  amlrt__list of = accounts_at(v, s, end);
  far_side far = far_of(v, s, 1 - end);
  for (uint32_t i = 0; i < of.n; i++)
    if (!add_rows(v, stage, &far, amlrt__slice(v->w, of.at[i], end), out)) return false;
  return amlrt__sort(v->w, out);
}

// ---- the hops of a chain ------------------------------------------------------------------------------

// From account to account, from whichever has fewer rows.
static bool rows_of_hop(amlrt_eval *v, uint32_t stage, uint32_t from, uint32_t to, amlrt__list *out)
{
  amlrt_worker *w = v->w;
  amlrt_slice paid = amlrt__slice(w, from, AMLRT__FROM), got = amlrt__slice(w, to, AMLRT__TO);
  bool by_payer = amlrt_slice_n(paid) <= amlrt_slice_n(got);
  amlrt_slice s = by_payer ? paid : got;
  uint32_t far = by_payer ? to : from;

  for (uint32_t i = s.lo; i < s.hi; i++)
    if (s.nbr[i] == far && amlrt__passes(w, stage, s.row[i])) out->at[out->n++] = s.row[i];
  return amlrt__step(w, s.hi - s.lo);
}

// a -> via -> b: the account before hop h and after it.
static uint32_t stop(const amlrt_eval *v, const amlrt_pstage *s, uint32_t h)
{
  const amlrt__list *via = &v->keys[s->chain];
  if (h == 0) return v->keys[s->from].at[0];
  return h <= via->n ? via->at[h - 1] : v->keys[s->to].at[0];
}

static bool rows_of_walk(amlrt_eval *v, uint32_t stage, amlrt__tx *tx, amlrt__list *out)
{
  const amlrt_pstage *s = &v->w->run->p->stages[stage];
  amlrt__by *by = &tx->by[0];
  size_t cap = 0;

  tx->n_hops = v->keys[s->chain].n + 1;
  for (uint32_t h = 0; h < tx->n_hops; h++)
    cap += amlrt_slice_n(amlrt__slice(v->w, stop(v, s, h), AMLRT__FROM));
  by->begin = amlrt__take(v->w, (size_t)tx->n_hops + 1, sizeof *by->begin);
  if (!by->begin || !amlrt__take_list(v->w, out, cap)) return false;
  by->begin[0] = 0;
  for (uint32_t h = 0; h < tx->n_hops; h++) {
    if (!rows_of_hop(v, stage, stop(v, s, h), stop(v, s, h + 1), out)) return false;
    by->begin[h + 1] = out->n;
  }
  return true;
}

// ---- within D -----------------------------------------------------------------------------------------

// Keeps those less than D older than the latest; of a chain over all hops.
static void keep_within(amlrt_eval *v, const amlrt_pstage *s, amlrt__tx *tx, amlrt__list *rows)
{
  const int64_t *time = v->w->run->col->time;
  uint32_t n = 0, h = 0;
  int64_t latest = INT64_MIN;

  if (s->within == 0) return;
  for (uint32_t i = 0; i < rows->n; i++)
    if (time[rows->at[i]] > latest) latest = time[rows->at[i]];
  int64_t open = amlrt_i64_add(latest, -s->within);
  for (uint32_t i = 0; i < rows->n; i++) {
    for (; h < tx->n_hops && tx->by[0].begin[h] == i; h++)
      tx->by[0].begin[h] = n;
    if (time[rows->at[i]] > open) rows->at[n++] = rows->at[i];
  }
  for (; tx->n_hops && h <= tx->n_hops; h++)
    tx->by[0].begin[h] = n;
  rows->n = n;
}

// ---- whose transfers they are -------------------------------------------------------------------------

// Places by member, each member's in order: a counting sort.
static bool index_by(amlrt_eval *v, amlrt__by *by, uint32_t n_tx, uint32_t n_members)
{
  amlrt_worker *w = v->w;

  by->begin = amlrt__take_clear(w, (size_t)n_members + 1, sizeof *by->begin);
  by->at = amlrt__take(w, n_tx, sizeof *by->at);
  by->n_left = amlrt__take_clear(w, n_members, sizeof *by->n_left);
  if (!by->begin || !by->at || !by->n_left) return false;
  for (uint32_t i = 0; i < n_tx; i++)
    by->begin[by->member[i] + 1]++;
  for (uint32_t m = 0; m < n_members; m++)
    by->begin[m + 1] += by->begin[m];
  for (uint32_t i = 0; i < n_tx; i++) {
    uint32_t m = by->member[i];
    by->at[by->begin[m] + by->n_left[m]++] = i;
  }
  return true;
}

// `counted`: members of the other end count how many different ones of this they have.
static bool index_group(amlrt_eval *v, amlrt__tx *tx, int end, uint32_t role, bool counted)
{
  const amlrt__group *g = &v->group[role];
  amlrt__by *by = &tx->by[end];

  by->member = amlrt__take(v->w, tx->n, sizeof *by->member);
  by->seen = amlrt__take_clear(v->w, counted ? g->n : 0, sizeof *by->seen);
  if (!by->member || !by->seen) return false;
  for (uint32_t i = 0; i < tx->n; i++)
    by->member[i] = amlrt__find(g->account, g->n, amlrt__at_end(v->w, tx->row[i], end));
  return index_by(v, by, tx->n, g->n);
}

static bool index_hops(amlrt_eval *v, amlrt__tx *tx)
{
  amlrt__by *by = &tx->by[0];

  by->member = amlrt__take(v->w, tx->n, sizeof *by->member);
  if (!by->member) return false;
  for (uint32_t h = 0; h < tx->n_hops; h++)
    for (uint32_t i = by->begin[h]; i < by->begin[h + 1]; i++)
      by->member[i] = h;
  return index_by(v, by, tx->n, tx->n_hops);
}

bool amlrt__start_stage(amlrt_eval *v, uint32_t stage)
{
  const amlrt_pstage *s = &v->w->run->p->stages[stage];
  amlrt__tx *tx = &v->tx[stage];
  amlrt__list rows;
  bool walk = s->kind == AMLRT_STAGE_WALK;

  *tx = (amlrt__tx){0};
  if (walk ? !rows_of_walk(v, stage, tx, &rows) : !rows_between(v, stage, &rows)) return false;
  keep_within(v, s, tx, &rows);
  tx->row = rows.at;
  tx->n = tx->n_left = rows.n;
  tx->left = amlrt__take(v->w, tx->n, sizeof *tx->left);
  if (!tx->left) return false;
  for (uint32_t i = 0; i < tx->n; i++)
    tx->left[i] = true;
  if (walk) return index_hops(v, tx);
  bool group[2];
  for (int e = 0; e < 2; e++)
    group[e] = amlrt__is_group(v->w->run, amlrt__end_of(s, e));
  for (int e = 0; e < 2; e++)
    if (group[e] && !index_group(v, tx, e, amlrt__end_of(s, e), group[1 - e])) return false;
  return true;
}
