// The transfers every stage starts with: docs/semantics.md, 4.1, second part.
#include "runtime/src/eval.h"

#include <string.h>

// ---- all transfers between the two sides --------------------------------------------------------------

static amlrt__list accounts_at(const amlrt_eval *v, const amlrt_pstage *s, int end)
{
  uint32_t role = amlrt__end_of(s, end);
  const amlrt__group *g = &v->group[role];

  return amlrt__is_group(v->w->run, role) ? (amlrt__list){g->account, g->n} : v->keys[role];
}

// Is the account in that place still left? Who is not has none left in any stage either; but `within D`
// is reckoned from all that the stage starts with.
static bool is_wanted(const amlrt_eval *v, const amlrt_pstage *s, int end, uint32_t at)
{
  uint32_t role = amlrt__end_of(s, end);
  return s->within || !amlrt__is_group(v->w->run, role) || v->group[role].left[at];
}

// How many rows there are to look at from one end; what is over `most` is not counted on.
static uint64_t rows_at(amlrt_eval *v, const amlrt_pstage *s, int end, uint64_t most)
{
  uint64_t n = 0;

  if (amlrt__end_of(s, end) == AMLRT_NONE) return UINT64_MAX;
  amlrt__list of = accounts_at(v, s, end);
  for (uint32_t i = 0; i < of.n && n <= most; i++)
    if (is_wanted(v, s, end, i)) n += amlrt_slice_n(amlrt__slice(v->w, of.at[i], end));
  return n;
}

enum { MUCH = 8 };

// How many accounts stand at an end; `any` is the last to look from.
static uint64_t n_at(const amlrt_eval *v, const amlrt_pstage *s, int end)
{
  return amlrt__end_of(s, end) == AMLRT_NONE ? UINT64_MAX : accounts_at(v, s, end).n;
}

// From which end to look: where there are fewer rows. Those of the smaller end are counted; counting
// at the other is a look at each of its accounts, which pays only where these are much fewer than rows.
static int end_to_look_from(amlrt_eval *v, const amlrt_pstage *s, uint64_t *rows)
{
  int end = n_at(v, s, AMLRT__FROM) <= n_at(v, s, AMLRT__TO) ? AMLRT__FROM : AMLRT__TO;

  *rows = rows_at(v, s, end, UINT64_MAX - 1);
  if (*rows / MUCH <= n_at(v, s, 1 - end)) return end;
  uint64_t other = rows_at(v, s, 1 - end, *rows);
  if (other >= *rows) return end;
  *rows = other;
  return 1 - end;
}

// The rows of a stage as they are found; `member`, where wanted: of each the place of its far account.
typedef struct finder {
  amlrt_eval *v;
  uint32_t stage;
  const amlrt_pstage *s;
  int end; // looked from
  uint32_t far;
  const amlrt__group *far_group; // NULL: one account, or any
  amlrt__list out;
  uint32_t *member;
} finder;

// Is the account at the far end in the stage? *member: its place in a group.
static bool is_far(const finder *f, uint32_t account, uint32_t *member)
{
  if (f->far_group) {
    *member = amlrt__member_of(f->far_group, account);
    return *member != AMLRT_NONE && (f->s->within || f->far_group->left[*member]);
  }
  if (f->far == AMLRT_NONE) return amlrt__is_any(f->v->w, f->v->keys, account);
  return f->v->keys[f->far].at[0] == account;
}

static bool add_rows(finder *f, uint32_t account)
{
  amlrt_worker *w = f->v->w;
  amlrt_slice s = amlrt__slice(w, account, f->end);
  uint32_t n = f->out.n, member = 0;
  bool equal = f->s->ends_may_equal;

  for (uint32_t i = s.lo; i < s.hi; i++) {
    uint32_t nbr = s.nbr[i];
    if ((nbr == account && !equal) || !is_far(f, nbr, &member)) continue;
    if (!amlrt__passes(w, f->stage, s.row[i])) continue;
    if (f->member) f->member[n] = member;
    f->out.at[n++] = s.row[i];
  }
  f->out.n = n;
  return amlrt__step(w, s.hi - s.lo);
}

static bool rows_of_window(amlrt_eval *v, uint32_t stage, amlrt__list *out)
{
  amlrt_worker *w = v->w;
  const amlrt_columns *col = w->run->col;

  if (!amlrt__take_list(w, out, amlrt__n_in_window(w))) return false;
  for (uint32_t row = w->first; row <= w->trigger; row++)
    if (col->from[row] != col->to[row] && amlrt__passes(w, stage, row) &&
        amlrt__is_any(w, v->keys, col->from[row]) && amlrt__is_any(w, v->keys, col->to[row]))
      out->at[out->n++] = row;
  return amlrt__step(w, amlrt__n_in_window(w));
}

// Leaves places of the far end's members in tx, where they come with the rows.
static bool rows_between(amlrt_eval *v, uint32_t stage, amlrt__tx *tx, amlrt__list *out)
{
  const amlrt_pstage *s = &v->w->run->p->stages[stage];
  finder f = {.v = v, .stage = stage, .s = s};
  uint64_t rows;

  if (s->from == AMLRT_NONE && s->to == AMLRT_NONE) return rows_of_window(v, stage, out);
  f.end = end_to_look_from(v, s, &rows);
  f.far = amlrt__end_of(s, 1 - f.end);
  if (amlrt__is_group(v->w->run, f.far)) f.far_group = &v->group[f.far];
  amlrt__list of = accounts_at(v, s, f.end);
  if (!amlrt__take_list(v->w, &f.out, rows)) return false;
  // Those of one account need no sorting, so places stay with their rows; unless `within D` takes some.
  if (of.n == 1 && f.far_group && v->w->run->shrinks && s->within == 0) {
    f.member = amlrt__take(v->w, rows, sizeof *f.member);
    if (!f.member) return false;
  }
  for (uint32_t i = 0; i < of.n; i++)
    if (is_wanted(v, s, f.end, i) && !add_rows(&f, of.at[i])) return false;
  tx->by[1 - f.end].member = f.member;
  *out = f.out;
  return amlrt__sort(v->w, out);
}

// ---- the hops of a chain ------------------------------------------------------------------------------

bool amlrt__hop(amlrt_worker *w, uint32_t stage, uint32_t from, uint32_t to, amlrt__list *out)
{
  amlrt_slice paid = amlrt__slice(w, from, AMLRT__FROM), got = amlrt__slice(w, to, AMLRT__TO);
  bool by_payer = amlrt_slice_n(paid) <= amlrt_slice_n(got);
  amlrt_slice s = by_payer ? paid : got;
  uint32_t far = by_payer ? to : from;

  if (!amlrt__take_list(w, out, amlrt_slice_n(s))) return false;
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
  size_t all = 0;

  tx->n_hops = v->keys[s->chain].n + 1;
  by->begin = amlrt__take(v->w, (size_t)tx->n_hops + 1, sizeof *by->begin);
  amlrt__list *hop = amlrt__take(v->w, tx->n_hops, sizeof *hop);
  if (!by->begin || !hop) return false;
  for (uint32_t h = 0; h < tx->n_hops; h++) {
    if (!amlrt__hop(v->w, stage, stop(v, s, h), stop(v, s, h + 1), &hop[h])) return false;
    all += hop[h].n;
  }
  if (!amlrt__take_list(v->w, out, all)) return false;
  for (uint32_t h = 0; h < tx->n_hops; h++) {
    by->begin[h] = out->n;
    memcpy(out->at + out->n, hop[h].at, hop[h].n * sizeof *out->at);
    out->n += hop[h].n;
  }
  by->begin[tx->n_hops] = out->n;
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

// `within D` done, transfers of who was dropped before (eval_weed.c) go.
static void keep_left(const amlrt_eval *v, const amlrt_pstage *s, amlrt__list *rows)
{
  for (int e = 0; e < 2; e++) {
    uint32_t role = amlrt__end_of(s, e), n = 0;
    const amlrt__group *g = &v->group[role];
    if (!amlrt__is_group(v->w->run, role) || g->n_left == g->n) continue;
    for (uint32_t i = 0; i < rows->n; i++) {
      uint32_t m = amlrt__member_of(g, amlrt__at_end(v->w, rows->at[i], e));
      if (g->left[m]) rows->at[n++] = rows->at[i];
    }
    rows->n = n;
  }
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

  by->seen = amlrt__take_clear(v->w, counted ? g->n : 0, sizeof *by->seen);
  if (!by->seen) return false;
  if (by->member) return index_by(v, by, tx->n, g->n);
  by->member = amlrt__take(v->w, tx->n, sizeof *by->member);
  if (!by->member) return false;
  for (uint32_t i = 0; i < tx->n; i++)
    by->member[i] = amlrt__member_of(g, amlrt__at_end(v->w, tx->row[i], end));
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

// The rows of a stage that the plan has given, with the places of their members. False: it has not.
static bool take_given(const amlrt_eval *v, uint32_t stage, amlrt__tx *tx, amlrt__list *out)
{
  const amlrt__given *g = amlrt__given_of(v);

  for (int k = 0; g && k < 2; k++) {
    if (g->stage[k] != stage) continue;
    tx->by[amlrt__role_end(v->w->run, stage, g->role)].member = g->place[k];
    *out = g->row[k];
    return true;
  }
  return false;
}

bool amlrt__start_stage(amlrt_eval *v, uint32_t stage)
{
  const amlrt_pstage *s = &v->w->run->p->stages[stage];
  amlrt__tx *tx = &v->tx[stage];
  amlrt__list rows;
  bool walk = s->kind == AMLRT_STAGE_WALK;

  *tx = (amlrt__tx){0};
  if (!take_given(v, stage, tx, &rows) &&
      (walk ? !rows_of_walk(v, stage, tx, &rows) : !rows_between(v, stage, tx, &rows)))
    return false;
  keep_within(v, s, tx, &rows);
  if (s->within && !walk) keep_left(v, s, &rows);
  tx->row = rows.at;
  tx->n = tx->n_left = rows.n;
  tx->left = amlrt__take(v->w, tx->n, sizeof *tx->left);
  if (!tx->left) return false;
  memset(tx->left, true, tx->n);
  if (walk) return index_hops(v, tx);
  if (!v->w->run->shrinks) return true; // nothing is asked by member
  bool group[2];
  for (int e = 0; e < 2; e++)
    group[e] = amlrt__is_group(v->w->run, amlrt__end_of(s, e));
  for (int e = 0; e < 2; e++)
    if (group[e] && !index_group(v, tx, e, amlrt__end_of(s, e), group[1 - e])) return false;
  return true;
}
