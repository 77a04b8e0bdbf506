// Absences: docs/semantics.md, 7; and how far back a match looks: 8, Outcomes.
#include "ir/reference/ref_inside.h"

// Rows [first, end) are looked at, from accounts `side[0]` to `side[1]`.
typedef struct question {
  ref_eval *ev;
  const gir_node *node;
  uint32_t first, end;
  bool any[2];
  ref_list side[2]; // sorted
  bool ends_may_equal;
} question;

// The first row later than a time.
static uint32_t row_after(const ref_cx *rx, int64_t time)
{
  uint32_t lo = 0, hi = rx->col->n_rows;

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (rx->col->time[mid] <= time)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

// `before first(S)`: strictly before it, and later than it minus D, or else back to the window's start.
static bool set_times(question *q, bool *anchored)
{
  ref_eval *ev = q->ev;
  ref_cx *rx = ev->rx;
  ref_list rows;

  *anchored = true;
  q->first = rx->now.first;
  q->end = rx->now.row + 1;
  if (!q->node->args[3]) return true;
  if (!ref_scope_rows(&ev->match, q->node->args[3], &rows)) return false;
  *anchored = rows.n > 0;
  if (rows.n == 0) return true;
  int64_t first = rx->col->time[rows.at[0]];
  q->end = row_after(rx, ref_time_add(first, -1));
  if (q->node->imm[0]) q->first = row_after(rx, ref_time_add(first, -q->node->imm[0]));
  return true;
}

static bool set_side(question *q, int side)
{
  ref_eval *ev = q->ev;
  uint32_t role = ref_role_of(ev->rx, q->node->args[side]);
  ref_list left;

  q->any[side] = role == AMLRT_NONE;
  if (role == AMLRT_NONE) return true;
  if (ev->rx->plan.role[role].node->op != GIR_GROUP)
    return ref_merge(ev->rx, &q->side[side], &ev->keys->role[role], &(ref_list){NULL, 0});
  const ref_group *g = &ev->group[role];
  if (!ref_list_take(ev->rx, &left, g->n)) return false;
  for (uint32_t m = 0; m < g->n; m++)
    if (g->left[m]) left.at[left.n++] = g->account[m];
  q->side[side] = left;
  return true;
}

static bool is_on(const question *q, int side, uint32_t account)
{
  return q->any[side] || ref_find(q->side[side].at, q->side[side].n, account) != AMLRT_NONE;
}

// Is this the transfer that must not be?
static bool is_it(const question *q, uint32_t row)
{
  ref_cx *rx = q->ev->rx;
  uint32_t from = ref_from(rx, row), to = ref_to(rx, row);

  if (!ref_exists(rx, row) || !is_on(q, 0, from) || !is_on(q, 1, to)) return false;
  if (from == to && !q->ends_may_equal) return false;
  if (!q->node->args[2]) return true;
  ref_scope scope = ref_scope_row(rx, row);
  ref_cond c = ref_ask(&scope, q->node->args[2]);
  return c.truth == REF_KNOWN && c.degree > 0;
}

// Among the rows of an account on one side.
static bool look_at_account(const question *q, uint32_t account, int side, bool *found)
{
  const ref_side *s = &q->ev->rx->side[side];
  uint32_t lo = s->begin[account], hi = s->begin[account + 1], end = hi;

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (s->rows[mid] < q->first)
      lo = mid + 1;
    else
      hi = mid;
  }
  uint32_t k = lo;
  for (; k < end && s->rows[k] < q->end && !*found; k++)
    *found = is_it(q, s->rows[k]);
  return ref_step(q->ev->rx, (uint64_t)k - lo + 1);
}

static bool look(const question *q, bool *found)
{
  int side = !q->any[0] && (q->any[1] || q->side[0].n <= q->side[1].n) ? 0 : 1;

  *found = false;
  if (q->any[side]) {
    for (uint32_t row = q->first; row < q->end && !*found; row++)
      *found = is_it(q, row);
    return ref_step(q->ev->rx, q->end > q->first ? q->end - q->first : 0);
  }
  for (uint32_t i = 0; i < q->side[side].n && !*found; i++)
    if (!look_at_account(q, q->side[side].at[i], side == 0 ? REF_OUT : REF_IN, found)) return false;
  return true;
}

bool ref_is_absent(ref_eval *ev, const gir_node *absent, bool *holds)
{
  question q = {.ev = ev, .node = absent};
  bool anchored, found;

  // Nothing can be said to be absent before the first of nothing.
  *holds = false;
  if (!set_times(&q, &anchored)) return false;
  if (!anchored) return true;
  if (!set_side(&q, 0) || !set_side(&q, 1)) return false;
  q.ends_may_equal = gir_may_equal(ev->rx->p, absent->args[0], absent->args[1]);
  if (!look(&q, &found)) return false;
  *holds = !found;
  return true;
}

// ---- outcomes -----------------------------------------------------------------------------------------

bool ref_is_inconclusive(ref_eval *ev)
{
  const ref_cx *rx = ev->rx;
  int64_t open = ref_time_add(rx->now.time, -rx->p->within);

  if (rx->opts->history_complete) return false;
  if (!rx->p->breakable && rx->hub_limit == 0) return false;
  for (uint32_t k = 0; k < rx->plan.n_constraints; k++) {
    const gir_node *n = rx->plan.constraint[k];
    ref_list rows;
    if (n->op != GIR_ABSENT || !n->args[3] || n->imm[0] == 0) continue;
    if (!ref_scope_rows(&ev->match, n->args[3], &rows) || rows.n == 0) continue;
    int64_t from = ref_time_add(rx->col->time[rows.at[0]], -n->imm[0]);
    if (from < open) open = from;
  }
  // The earliest second looked at is the one after `open`.
  return open < INT64_MAX && open + 1 < rx->col->time[0];
}
