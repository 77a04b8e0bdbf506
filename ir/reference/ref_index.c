// Rows by account, and what exists for a trigger: docs/semantics.md, 1 and 2.
//
// Triggers come in ascending order, so the bounds of an account's rows inside the window only ever
// advance; they are moved when the account is next looked at.
#include "ir/reference/ref_inside.h"

int64_t ref_time_add(int64_t t, int64_t d)
{
  int64_t sum;

  if (!__builtin_add_overflow(t, d, &sum)) return sum;
  return d < 0 ? INT64_MIN : INT64_MAX;
}

// Counting sort of the rows by the account at one end; rows of an account stay in order.
static bool side_make(ref_cx *rx, ref_side *s, const uint32_t *account)
{
  uint32_t n = rx->col->n_accounts, n_rows = rx->col->n_rows;

  s->rows = ref_take_run(rx, n_rows, sizeof *s->rows);
  s->begin = ref_take_run(rx, (size_t)n + 1, sizeof *s->begin);
  s->lo = ref_take_run(rx, n, sizeof *s->lo);
  s->hi = ref_take_run(rx, n, sizeof *s->hi);
  if (!s->rows || !s->begin || !s->lo || !s->hi) return false;
  for (uint32_t r = 0; r < n_rows; r++)
    s->begin[account[r] + 1]++;
  for (uint32_t a = 0; a < n; a++)
    s->begin[a + 1] += s->begin[a];
  for (uint32_t a = 0; a < n; a++)
    s->lo[a] = s->begin[a];
  for (uint32_t r = 0; r < n_rows; r++)
    s->rows[s->lo[account[r]]++] = r;
  for (uint32_t a = 0; a < n; a++)
    s->lo[a] = s->hi[a] = s->begin[a];
  return true;
}

bool ref_index_make(ref_cx *rx)
{
  if (!side_make(rx, &rx->side[REF_OUT], rx->col->from)) return false;
  if (!side_make(rx, &rx->side[REF_IN], rx->col->to)) return false;
  if (rx->hub_limit == 0) return true;
  rx->hub_asked = ref_take_run(rx, rx->col->n_accounts, sizeof *rx->hub_asked);
  return rx->hub_asked != NULL;
}

// Section 2: a transfer exists iff e <= e* and time(e) > time(e*) - within.
void ref_now_set(ref_cx *rx, uint32_t trigger)
{
  ref_now *now = &rx->now;

  now->row = trigger;
  now->time = rx->col->time[trigger];
  now->serial++;
  int64_t open = ref_time_add(now->time, -rx->p->within);
  while (now->first < trigger && rx->col->time[now->first] <= open)
    now->first++;
}

ref_list ref_alive(ref_cx *rx, uint32_t account, int side)
{
  ref_side *s = &rx->side[side];
  uint32_t end = s->begin[account + 1], *lo = &s->lo[account], *hi = &s->hi[account];

  while (*hi < end && s->rows[*hi] <= rx->now.row)
    ++*hi;
  while (*lo < *hi && s->rows[*lo] < rx->now.first)
    ++*lo;
  return (ref_list){s->rows + *lo, *hi - *lo};
}

// Section 2, `same currency;`: only transfers in e*'s currency exist.
bool ref_exists(const ref_cx *rx, uint32_t row)
{
  return rx->p->currency != GIR_CURRENCY_SAME ||
         rx->col->currency[row] == rx->col->currency[rx->now.row];
}

uint64_t ref_n_existing(ref_cx *rx, uint32_t account, int side)
{
  ref_list rows = ref_alive(rx, account, side);
  uint64_t n = 0;

  if (rx->p->currency != GIR_CURRENCY_SAME) return rows.n;
  for (uint32_t i = 0; i < rows.n; i++)
    n += ref_exists(rx, rows.at[i]);
  return n;
}

// Section 2, hubs: more than N existing transfers in, or more than N out.
bool ref_barred(ref_cx *rx, uint32_t account)
{
  if (rx->hub_limit == 0) return false;
  uint64_t *asked = &rx->hub_asked[account];
  if (*asked >> 1 != rx->now.serial) {
    uint64_t limit = (uint64_t)rx->hub_limit;
    bool barred =
        ref_n_existing(rx, account, REF_OUT) > limit || ref_n_existing(rx, account, REF_IN) > limit;
    *asked = rx->now.serial << 1 | barred;
  }
  return *asked & 1;
}

// A filter sees one transfer and nothing of the match, so its answer is noted by row.
bool ref_passes(ref_cx *rx, const ref_stage *s, uint32_t row)
{
  if (!s->filter) return true;
  if (s->known[row] == 0) {
    ref_scope scope = ref_scope_row(rx, row);
    ref_cond c = ref_ask(&scope, s->filter);
    s->known[row] = c.truth == REF_KNOWN && c.degree > 0 ? 2 : 1;
  }
  return s->known[row] == 2;
}
