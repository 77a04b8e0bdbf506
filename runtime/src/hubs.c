// When accounts are hubs. With more than N transfers on one side, the N + 1 latest of them up to the
// trigger must lie in its window: from the row of each on, the account is a hub until the one N places
// before it has left the window. These times, joined where they touch, are kept by account and, under
// `same currency;`, by currency.
#include "runtime/src/hubs.h"
#include "runtime/src/alloc.h"

typedef struct over { // from this row on, before this time
  uint32_t row;
  int64_t until;
} over;

typedef struct part { // of one account, side and currency (0: any)
  uint32_t account;
  uint16_t currency, side;
  size_t begin, end; // among the overs
} part;

struct amlrt__hubs {
  over *over;
  size_t n, cap;
  part *part; // by account, ascending
  size_t n_parts, cap_parts;
  uint32_t *first; // by account: place of its first part; only where may_be_hub
  uint64_t *ever;  // bits by account: has parts
};

typedef struct maker {
  amlrt__hubs *h;
  const amlrt__run *run;
  size_t limit;
  uint32_t *rows; // of the part at hand
  int64_t *times; // beside them: in the table they stand far apart
  size_t n, cap, cap_times;
} maker;

// ---- making -------------------------------------------------------------------------------------------

static bool add_over(maker *m, uint32_t row, int64_t time, int64_t until)
{
  amlrt__hubs *h = m->h;
  over *last = h->n > h->part[h->n_parts - 1].begin ? &h->over[h->n - 1] : NULL;

  if (last && time < last->until) { // still over
    last->until = until;
    return true;
  }
  if (!amlrt__grow(m->run->mem, &h->over, &h->cap, h->n + 1, sizeof *h->over)) return false;
  h->over[h->n++] = (over){row, until};
  return true;
}

static bool add_part(maker *m, uint32_t account, uint16_t currency, int side)
{
  amlrt__hubs *h = m->h;

  if (m->n <= m->limit) return true;
  if (!amlrt__grow(m->run->mem, &h->part, &h->cap_parts, h->n_parts + 1, sizeof *h->part))
    return false;
  h->part[h->n_parts++] = (part){
      .account = account, .currency = currency, .side = (uint16_t)side, .begin = h->n, .end = h->n};
  for (size_t i = m->limit; i < m->n; i++) {
    int64_t until = amlrt_i64_add(m->times[i - m->limit], m->run->p->within);
    if (m->times[i] < until && !add_over(m, m->rows[i], m->times[i], until)) return false;
  }
  if (h->n == h->part[h->n_parts - 1].begin) { // never
    h->n_parts--;
    return true;
  }
  h->ever[account / 64] |= (uint64_t)1 << (account % 64);
  h->part[h->n_parts - 1].end = h->n;
  return true;
}

static void add_row(maker *m, const amlrt_adjacency *a, uint32_t at)
{
  m->rows[m->n] = a->row[at];
  m->times[m->n++] = a->time ? m->run->time_base + a->time[at] : m->run->col->time[a->row[at]];
}

// The rows of an account on one side, those of one currency after those of another.
static bool take_side(maker *m, uint32_t account, int side)
{
  const amlrt_adjacency *a = m->run->side[side];
  uint32_t begin = a->begin[account], n = a->end[account] - begin;
  const amlrt_currency *currency = m->run->col->currency;

  if (n <= m->limit) return true;
  if (!amlrt__grow(m->run->mem, &m->rows, &m->cap, n, sizeof *m->rows) ||
      !amlrt__grow(m->run->mem, &m->times, &m->cap_times, n, sizeof *m->times))
    return false;
  if (m->run->p->currency != AMLRT_CURRENCY_SAME) {
    m->n = 0;
    for (uint32_t i = 0; i < n; i++)
      add_row(m, a, begin + i);
    return add_part(m, account, 0, side);
  }
  uint32_t n_currencies = amlrt_table_n_currencies(m->run->table);
  for (uint32_t c = 1; c < n_currencies; c++) {
    m->n = 0;
    for (uint32_t i = 0; i < n; i++)
      if (currency[a->row[begin + i]] == c) add_row(m, a, begin + i);
    if (!add_part(m, account, (uint16_t)c, side)) return false;
  }
  return true;
}

static bool take_all(maker *m)
{
  uint32_t n = m->run->col->n_accounts;

  for (uint32_t a = 0; a < n; a++) {
    m->h->first[a] = (uint32_t)m->h->n_parts;
    if (!m->run->may_be_hub[a]) continue;
    if (!take_side(m, a, AMLRT__FROM) || !take_side(m, a, AMLRT__TO)) return false;
  }
  return true;
}

amlrt__hubs *amlrt__hubs_make(const amlrt__run *run, int64_t limit)
{
  amlrt__hubs *h = amlrt__array(run->mem, 1, sizeof *h);
  maker m = {.h = h, .run = run, .limit = (size_t)limit};

  if (!h) return NULL;
  h->first = amlrt__array(run->mem, run->col->n_accounts, sizeof *h->first);
  h->ever = amlrt__array(run->mem, run->col->n_accounts / 64 + 1, sizeof *h->ever);
  bool ok = h->first && h->ever && take_all(&m);
  amlrt__release(run->mem, m.rows);
  amlrt__release(run->mem, m.times);
  if (ok) return h;
  amlrt__hubs_free(h, run->mem);
  return NULL;
}

void amlrt__hubs_free(amlrt__hubs *h, const amlrt_alloc *mem)
{
  if (!h) return;
  amlrt__release(mem, h->over);
  amlrt__release(mem, h->part);
  amlrt__release(mem, h->first);
  amlrt__release(mem, h->ever);
  amlrt__release(mem, h);
}

// ---- asking -------------------------------------------------------------------------------------------

// The last of the overs begin .. end - 1 that starts at the row or before; end: none.
static size_t last_by(const amlrt__hubs *h, size_t begin, size_t end, uint32_t row)
{
  size_t lo = begin, hi = end;

  while (lo < hi) {
    size_t mid = lo + (hi - lo) / 2;
    if (h->over[mid].row <= row)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo > begin ? lo - 1 : end;
}

bool amlrt__hubs_ever(const amlrt__hubs *h, uint32_t account)
{
  return h->ever[account / 64] >> (account % 64) & 1;
}

bool amlrt__hubs_over(const amlrt__hubs *h, const amlrt__run *run, uint32_t account,
                      uint32_t trigger)
{
  bool same = run->p->currency == AMLRT_CURRENCY_SAME;

  if (!amlrt__hubs_ever(h, account)) return false;
  for (size_t i = h->first[account]; i < h->n_parts && h->part[i].account == account; i++) {
    const part *p = &h->part[i];
    if (same && p->currency != run->col->currency[trigger]) continue;
    size_t at = last_by(h, p->begin, p->end, trigger);
    if (at < p->end && run->col->time[trigger] < h->over[at].until) return true;
  }
  return false;
}

amlrt__hub_state amlrt__hubs_state(const amlrt__hubs *h, const amlrt__run *run, uint32_t account,
                                   uint32_t trigger, int64_t time, amlrt_currency currency)
{
  amlrt__hub_state out = {false, UINT32_MAX, INT64_MAX};
  bool same = run->p->currency == AMLRT_CURRENCY_SAME;

  for (size_t i = h->first[account]; i < h->n_parts && h->part[i].account == account; i++) {
    const part *p = &h->part[i];
    if (same && p->currency != currency) continue;
    size_t at = last_by(h, p->begin, p->end, trigger);
    if (at < p->end && time < h->over[at].until)
      return (amlrt__hub_state){true, UINT32_MAX, h->over[at].until};
    size_t next = at < p->end ? at + 1 : p->begin;
    if (next < p->end && h->over[next].row < out.row) out.row = h->over[next].row;
  }
  return out;
}
