// Absences: docs/semantics.md, 7; and how far back a match looks: 8, Outcomes.
#include "runtime/src/eval.h"

// Rows [first, end) are looked at, from accounts `side[0]` to `side[1]`.
typedef struct question {
  amlrt_eval *v;
  const amlrt_pcon *con;
  uint32_t first, end;
  bool any[2];
  amlrt__list side[2]; // sorted
  bool ends_may_equal;
} question;

// The first row later than a time.
static uint32_t row_after(const amlrt_worker *w, int64_t time)
{
  const amlrt_columns *col = w->run->col;
  uint32_t lo = 0, hi = col->n_rows;

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (col->time[mid] <= time)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

// `before first(S)`: strictly before it, and later than it minus D, or else back to the window's start.
static bool set_times(question *q, bool *anchored)
{
  amlrt_worker *w = q->v->w;
  amlrt__list rows;

  *anchored = true;
  q->first = w->first;
  q->end = w->trigger + 1;
  if (q->con->anchor == AMLRT_NONE) return true;
  if (!amlrt__rows_asked(q->v, q->con->anchor, AMLRT_NONE, 0, &rows)) return false;
  *anchored = rows.n > 0;
  if (rows.n == 0) return true;
  int64_t first = w->run->col->time[rows.at[0]];
  q->end = row_after(w, amlrt_i64_add(first, -1));
  if (q->con->for_s) q->first = row_after(w, amlrt_i64_add(first, -q->con->for_s));
  return true;
}

static bool set_side(question *q, int side)
{
  amlrt_eval *v = q->v;
  uint32_t role = side == 0 ? q->con->from : q->con->to;

  q->any[side] = role == AMLRT_NONE;
  if (role == AMLRT_NONE) return true;
  if (amlrt__is_group(v->w->run, role)) return amlrt__members_left(v, role, &q->side[side]);
  return amlrt__copy(v->w, &q->side[side], &v->keys[role]) && amlrt__sort(v->w, &q->side[side]);
}

static bool is_on(const question *q, int side, uint32_t account)
{
  return q->any[side] || amlrt__find(q->side[side].at, q->side[side].n, account) != AMLRT_NONE;
}

// Is this the transfer that must not be?
static bool is_it(const question *q, uint32_t row)
{
  amlrt_worker *w = q->v->w;
  uint32_t from = w->run->col->from[row], to = w->run->col->to[row];

  if (!amlrt__exists(w, row) || !is_on(q, 0, from) || !is_on(q, 1, to)) return false;
  if (from == to && !q->ends_may_equal) return false;
  if (!q->con->filter) return true;
  amlrt_cond c = q->con->filter(w, row);
  return c.truth == AMLRT_KNOWN && c.degree > 0;
}

// Among the rows of an account on one side; they may be older than the window.
static bool look_at_account(const question *q, uint32_t account, int side, bool *found)
{
  const amlrt_adjacency *a = q->v->w->run->side[side];
  uint32_t end = a->end[account];
  uint32_t lo = amlrt_slice_from(a->row, a->begin[account], end, q->first), k = lo;

  for (; k < end && a->row[k] < q->end && !*found; k++)
    *found = is_it(q, a->row[k]);
  return amlrt__step(q->v->w, (uint64_t)k - lo + 1);
}

static bool look(const question *q, bool *found)
{
  int side = !q->any[0] && (q->any[1] || q->side[0].n <= q->side[1].n) ? 0 : 1;

  *found = false;
  if (q->any[side]) {
    for (uint32_t row = q->first; row < q->end && !*found; row++)
      *found = is_it(q, row);
    return amlrt__step(q->v->w, q->end > q->first ? q->end - q->first : 0);
  }
  for (uint32_t i = 0; i < q->side[side].n && !*found; i++)
    if (!look_at_account(q, q->side[side].at[i], side, found)) return false;
  return true;
}

bool amlrt__is_absent(amlrt_eval *v, const amlrt_pcon *c, bool *holds)
{
  question q = {.v = v, .con = c};
  bool anchored, found;

  // Nothing can be said to be absent before the first of nothing.
  *holds = false;
  if (!set_times(&q, &anchored)) return false;
  if (!anchored) return true;
  if (!set_side(&q, 0) || !set_side(&q, 1)) return false;
  q.ends_may_equal =
      c->from != AMLRT_NONE && c->to != AMLRT_NONE && amlrt__may_equal(v->w->run, c->from, c->to);
  if (!look(&q, &found)) return false;
  *holds = !found;
  return true;
}

// ---- outcomes -----------------------------------------------------------------------------------------

bool amlrt__is_inconclusive(amlrt_eval *v, bool *is)
{
  const amlrt__run *run = v->w->run;
  int64_t open = amlrt_i64_add(v->w->time, -run->p->within);

  *is = false;
  if (run->opts->history_complete) return true;
  if (!run->p->breakable && run->hub_limit == 0) return true;
  for (uint32_t k = 0; k < run->p->info->n_constraints; k++) {
    const amlrt_pcon *c = &run->p->cons[k];
    if (c->kind != AMLRT_CON_ABSENT || c->anchor == AMLRT_NONE || c->for_s == 0) continue;
    amlrt_num first = amlrt_num_first(v->w, v, c->anchor, AMLRT_NONE, AMLRT_NONE);
    if (v->w->st != AMLRT_OK) return false;
    if (first.kind != AMLRT_NUM_NUMBER) continue;
    int64_t from = amlrt_i64_add((int64_t)first.v.num, -c->for_s);
    if (from < open) open = from;
  }
  // The earliest second looked at is the one after `open`.
  *is = open < INT64_MAX && open + 1 < run->col->time[0];
  return true;
}
