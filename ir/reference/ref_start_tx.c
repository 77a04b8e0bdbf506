// The transfers every stage starts with: docs/semantics.md, 4.1, second part.
#include "ir/reference/ref_inside.h"

static bool is_group(const ref_cx *rx, uint32_t role)
{
  return role != AMLRT_NONE && rx->plan.role[role].node->op == GIR_GROUP;
}

// ---- all transfers between the two sides --------------------------------------------------------------

static ref_list accounts_at(const ref_eval *ev, const ref_stage *s, int end)
{
  uint32_t role = s->end[end];
  const ref_group *g = &ev->group[role];
  return is_group(ev->rx, role) ? (ref_list){g->account, g->n} : ev->keys->role[role];
}

static int side_of(int end)
{
  return end == REF_FROM_END ? REF_OUT : REF_IN;
}

// How many rows there are to look at from one end.
static uint64_t rows_at(ref_eval *ev, const ref_stage *s, int end)
{
  uint64_t n = 0;

  if (s->end[end] == AMLRT_NONE) return (uint64_t)ev->rx->now.row - ev->rx->now.first + 1;
  ref_list of = accounts_at(ev, s, end);
  for (uint32_t i = 0; i < of.n; i++)
    n += ref_alive(ev->rx, of.at[i], side_of(end)).n;
  return n;
}

static bool is_at_end(const ref_eval *ev, const ref_stage *s, int end, uint32_t account)
{
  if (s->end[end] == AMLRT_NONE) return true; // ref_ends_fit has the word
  ref_list of = accounts_at(ev, s, end);
  return ref_find(of.at, of.n, account) != AMLRT_NONE;
}

static bool add_rows(ref_eval *ev, const ref_stage *s, int known_end, ref_list rows, ref_list *out)
{
  ref_cx *rx = ev->rx;

  for (uint32_t i = 0; i < rows.n; i++) {
    uint32_t row = rows.at[i];
    if (!ref_exists(rx, row) || !ref_passes(rx, s, row)) continue;
    if (!is_at_end(ev, s, 1 - known_end, ref_at_end(rx, row, 1 - known_end))) continue;
    if (ref_ends_fit(rx, ev->keys, s, row)) out->at[out->n++] = row;
  }
  return ref_step(rx, rows.n);
}

static bool rows_of_window(ref_eval *ev, const ref_stage *s, ref_list *out)
{
  ref_cx *rx = ev->rx;

  for (uint32_t row = rx->now.first; row <= rx->now.row; row++)
    if (!add_rows(ev, s, REF_FROM_END, (ref_list){&row, 1}, out)) return false;
  return true;
}

static bool rows_between(ref_eval *ev, const ref_stage *s, ref_list *out)
{
  uint64_t from = rows_at(ev, s, REF_FROM_END), to = rows_at(ev, s, REF_TO_END);
  bool one_any = s->end[0] == AMLRT_NONE || s->end[1] == AMLRT_NONE;
  int end = from <= to ? REF_FROM_END : REF_TO_END;

  if (one_any) end = s->end[0] == AMLRT_NONE ? REF_TO_END : REF_FROM_END;
  if (!ref_list_take(ev->rx, out, end == REF_FROM_END ? from : to)) return false;
  if (s->end[end] == AMLRT_NONE) return rows_of_window(ev, s, out);
  ref_list of = accounts_at(ev, s, end);
  for (uint32_t i = 0; i < of.n; i++)
    if (!add_rows(ev, s, end, ref_alive(ev->rx, of.at[i], side_of(end)), out)) return false;
  return ref_sort(ev->rx, out);
}

// ---- the hops of a chain ------------------------------------------------------------------------------

// From account to account, from whichever has fewer rows.
static bool rows_of_hop(ref_eval *ev, const ref_stage *s, uint32_t from, uint32_t to, ref_list *out)
{
  ref_cx *rx = ev->rx;
  ref_list paid = ref_alive(rx, from, REF_OUT), got = ref_alive(rx, to, REF_IN);
  ref_list rows = paid.n <= got.n ? paid : got;

  for (uint32_t i = 0; i < rows.n; i++) {
    uint32_t row = rows.at[i];
    if (ref_from(rx, row) != from || ref_to(rx, row) != to) continue;
    if (ref_exists(rx, row) && ref_passes(rx, s, row)) out->at[out->n++] = row;
  }
  return ref_step(rx, rows.n);
}

// a -> via -> b: the account before hop h and after it.
static uint32_t stop(const ref_eval *ev, const ref_stage *s, uint32_t h)
{
  const ref_list *via = &ev->keys->role[s->chain];
  if (h == 0) return ev->keys->role[s->end[REF_FROM_END]].at[0];
  return h <= via->n ? via->at[h - 1] : ev->keys->role[s->end[REF_TO_END]].at[0];
}

static bool rows_of_walk(ref_eval *ev, const ref_stage *s, ref_tx *tx, ref_list *out)
{
  ref_by_member *by = &tx->by[0];
  size_t cap = 0;

  tx->n_hops = ev->keys->role[s->chain].n + 1;
  for (uint32_t h = 0; h < tx->n_hops; h++)
    cap += ref_alive(ev->rx, stop(ev, s, h), REF_OUT).n;
  by->begin = ref_take(ev->rx, (size_t)tx->n_hops + 1, sizeof *by->begin);
  if (!by->begin || !ref_list_take(ev->rx, out, cap)) return false;
  for (uint32_t h = 0; h < tx->n_hops; h++) {
    if (!rows_of_hop(ev, s, stop(ev, s, h), stop(ev, s, h + 1), out)) return false;
    by->begin[h + 1] = out->n;
  }
  return true;
}

// ---- within D -----------------------------------------------------------------------------------------

// Keeps those less than D older than the latest; of a chain over all hops.
static void keep_within(ref_eval *ev, const ref_stage *s, ref_tx *tx, ref_list *rows)
{
  const int64_t *time = ev->rx->col->time;
  uint32_t n = 0, h = 0;
  int64_t latest = INT64_MIN;

  if (s->within == 0) return;
  for (uint32_t i = 0; i < rows->n; i++)
    if (time[rows->at[i]] > latest) latest = time[rows->at[i]];
  int64_t open = ref_time_add(latest, -s->within);
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
static bool index_by(ref_eval *ev, ref_by_member *by, uint32_t n_tx, uint32_t n_members)
{
  ref_cx *rx = ev->rx;

  by->begin = ref_take(rx, (size_t)n_members + 1, sizeof *by->begin);
  by->at = ref_take(rx, n_tx, sizeof *by->at);
  by->n_left = ref_take(rx, n_members, sizeof *by->n_left);
  by->seen = ref_take(rx, n_members, sizeof *by->seen);
  if (!by->begin || !by->at || !by->n_left || !by->seen) return false;
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

static bool index_group(ref_eval *ev, ref_tx *tx, int end, uint32_t role)
{
  const ref_group *g = &ev->group[role];
  ref_by_member *by = &tx->by[end];

  by->member = ref_take(ev->rx, tx->n, sizeof *by->member);
  if (!by->member) return false;
  for (uint32_t i = 0; i < tx->n; i++)
    by->member[i] = ref_find(g->account, g->n, ref_at_end(ev->rx, tx->row[i], end));
  return index_by(ev, by, tx->n, g->n);
}

static bool index_hops(ref_eval *ev, ref_tx *tx)
{
  ref_by_member *by = &tx->by[0];

  by->member = ref_take(ev->rx, tx->n, sizeof *by->member);
  if (!by->member) return false;
  for (uint32_t h = 0; h < tx->n_hops; h++)
    for (uint32_t i = by->begin[h]; i < by->begin[h + 1]; i++)
      by->member[i] = h;
  return index_by(ev, by, tx->n, tx->n_hops);
}

bool ref_start_stage(ref_eval *ev, uint32_t stage)
{
  const ref_stage *s = &ev->rx->plan.stage[stage];
  ref_tx *tx = &ev->tx[stage];
  ref_list rows;

  *tx = (ref_tx){0};
  bool walk = s->node->op == GIR_WALK;
  if (walk ? !rows_of_walk(ev, s, tx, &rows) : !rows_between(ev, s, &rows)) return false;
  keep_within(ev, s, tx, &rows);
  tx->row = rows.at;
  tx->n = tx->n_left = rows.n;
  tx->left = ref_take(ev->rx, tx->n, sizeof *tx->left);
  if (!tx->left) return false;
  for (uint32_t i = 0; i < tx->n; i++)
    tx->left[i] = true;
  if (walk) return index_hops(ev, tx);
  for (int e = 0; e < 2; e++)
    if (is_group(ev->rx, s->end[e]) && !index_group(ev, tx, e, s->end[e])) return false;
  return true;
}

// ---- the whole start ----------------------------------------------------------------------------------

// Semantics 4.3: each hop, and each stage between single accounts or `any`, needs a transfer.
static bool lacks_required(const ref_stage *s, const ref_tx *tx)
{
  if (!s->required) return false;
  for (uint32_t h = 0; h < tx->n_hops; h++)
    if (tx->by[0].n_left[h] == 0) return true;
  return tx->n_left == 0;
}

static bool holds_trigger(const ref_eval *ev, uint32_t stage)
{
  const ref_tx *tx = &ev->tx[stage];

  for (uint32_t i = tx->n; i-- > 0;)
    if (tx->row[i] == ev->rx->now.row) return tx->left[i];
  return false;
}

// Semantics 4.4: e* is among the transfers left in a stage, with `trigger S;` in S.
bool ref_holds_trigger(const ref_eval *ev)
{
  const ref_plan *plan = &ev->rx->plan;

  if (plan->trigger != AMLRT_NONE) return holds_trigger(ev, plan->trigger);
  for (uint32_t i = 0; i < plan->n_stages; i++)
    if (plan->stage[i].evidence && holds_trigger(ev, i)) return true;
  return false;
}

bool ref_lacks_required(const ref_eval *ev)
{
  for (uint32_t i = 0; i < ev->rx->plan.n_stages; i++)
    if (lacks_required(&ev->rx->plan.stage[i], &ev->tx[i])) return true;
  return false;
}

// *hopeless: whatever shrinking does, this is no match, since nothing that is dropped comes back.
bool ref_start(ref_eval *ev, bool *hopeless)
{
  const ref_plan *plan = &ev->rx->plan;

  *hopeless = true;
  for (uint32_t i = 0; i < plan->n_groups; i++) {
    uint32_t role = plan->start_order[i];
    if (!ref_start_group(ev, role)) return false;
    if (ev->group[role].n < plan->role[role].least) return true;
  }
  for (uint32_t i = 0; i < plan->n_stages; i++) {
    if (!plan->stage[i].evidence) continue;
    if (!ref_start_stage(ev, i)) return false;
    if (lacks_required(&plan->stage[i], &ev->tx[i])) return true;
  }
  *hopeless = !ref_holds_trigger(ev);
  return true;
}
