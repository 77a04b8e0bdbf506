// Deep copies of matches, and questions about their rows.
#include "runtime/src/match_copy.h"
#include "runtime/src/alloc.h"

#include <string.h>

// ---- the block ------------------------------------------------------------------------------------

typedef struct counts {
  size_t n_accounts, n_rows, bytes;
} counts;

static size_t total(const amlrt_list *lists, uint32_t n)
{
  size_t sum = 0;
  for (uint32_t i = 0; i < n; i++)
    sum += lists[i].n;
  return sum;
}

static counts measure(const amlrt_match *m, const amlrt_pattern_info *p)
{
  counts c = {.n_accounts = total(m->roles, p->n_roles), .n_rows = total(m->stages, p->n_stages)};
  size_t n_values = (size_t)p->n_title_values + p->n_features;
  size_t n_lists = (size_t)p->n_roles + p->n_stages;
  c.bytes = p->n_constraints * sizeof(amlrt_result) + n_values * sizeof(amlrt_value) +
            n_lists * sizeof(amlrt_list) + (c.n_accounts + c.n_rows) * sizeof(uint32_t);
  return c;
}

// The next `bytes` of a block. What needs the widest alignment is taken first.
static void *take(unsigned char **at, size_t bytes)
{
  void *got = *at;
  *at += bytes;
  return got;
}

static void *take_copy(unsigned char **at, const void *from, size_t bytes)
{
  void *to = take(at, bytes);
  if (bytes) memcpy(to, from, bytes);
  return to;
}

static void take_lists(unsigned char **at, amlrt_list *to, const amlrt_list *from, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++) {
    to[i].n = from[i].n;
    to[i].at = take_copy(at, from[i].at, from[i].n * sizeof(uint32_t));
  }
}

static void fill(amlrt_match *to, unsigned char *at, const amlrt_match *m,
                 const amlrt_pattern_info *p)
{
  amlrt_list *roles, *stages;

  *to = *m;
  to->constraints = take_copy(&at, m->constraints, p->n_constraints * sizeof(amlrt_result));
  to->title_values = take_copy(&at, m->title_values, p->n_title_values * sizeof(amlrt_value));
  to->feature_values = take_copy(&at, m->feature_values, p->n_features * sizeof(amlrt_value));
  to->roles = roles = take(&at, p->n_roles * sizeof *roles);
  to->stages = stages = take(&at, p->n_stages * sizeof *stages);
  take_lists(&at, roles, m->roles, p->n_roles);
  take_lists(&at, stages, m->stages, p->n_stages);
}

bool amlrt__copy_set(amlrt__copy *c, const amlrt_match *m, const amlrt_pattern_info *p,
                     const amlrt_alloc *mem)
{
  counts want = measure(m, p);

  if (!c->block || want.bytes > c->cap) {
    // A hub's match grows by a transfer at a time: half as much again keeps the copying linear.
    size_t cap = c->block ? want.bytes + want.bytes / 2 : want.bytes;
    void *block = amlrt__alloc(mem, cap);
    if (!block) return false;
    amlrt__release(mem, c->block);
    c->block = block;
    c->cap = cap;
  }
  c->used = want.bytes;
  fill(&c->match, c->block, m, p);
  return true;
}

void amlrt__copy_release(amlrt__copy *c, const amlrt_alloc *mem)
{
  amlrt__release(mem, c->block);
  *c = (amlrt__copy){0};
}

void amlrt__copy_trim(amlrt__copy *c, const amlrt_pattern_info *p, const amlrt_alloc *mem)
{
  amlrt__copy small = {0};

  if (!c->block || c->used >= c->cap - c->cap / 4) return;
  if (!amlrt__copy_set(&small, &c->match, p, mem)) return;
  amlrt__copy_release(c, mem);
  *c = small;
}

// ---- numbers ----------------------------------------------------------------------------------------

bool amlrt__u32s_room(amlrt__u32s *a, size_t n, const amlrt_alloc *mem)
{
  return amlrt__grow(mem, &a->at, &a->cap, n, sizeof *a->at);
}

void amlrt__u32s_release(amlrt__u32s *a, const amlrt_alloc *mem)
{
  amlrt__release(mem, a->at);
  *a = (amlrt__u32s){0};
}

// ---- rows -------------------------------------------------------------------------------------------

// The distinct numbers of two ascending lists, ascending. `to` has room for all.
static size_t merge(uint32_t *to, const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
  size_t i = 0, k = 0, n = 0;

  while (i < n_a && k < n_b) {
    uint32_t next = a[i] < b[k] ? a[i] : b[k];
    i += a[i] == next;
    k += b[k] == next;
    to[n++] = next;
  }
  for (; i < n_a; i++)
    to[n++] = a[i];
  for (; k < n_b; k++)
    to[n++] = b[k];
  return n;
}

bool amlrt__match_rows(amlrt__u32s *rows, amlrt__u32s *tmp, const amlrt_match *m, uint32_t n_stages,
                       const amlrt_alloc *mem)
{
  size_t n = total(m->stages, n_stages);

  rows->n = 0;
  if (!amlrt__u32s_room(rows, n, mem) || !amlrt__u32s_room(tmp, n, mem)) return false;
  for (uint32_t s = 0; s < n_stages; s++) {
    const amlrt_list *l = &m->stages[s];
    if (!l->n) continue;
    tmp->n = merge(tmp->at, rows->at, rows->n, l->at, l->n);
    amlrt__u32s swap = *tmp;
    *tmp = *rows;
    *rows = swap;
  }
  tmp->n = 0;
  return true;
}

uint32_t amlrt__match_first_row(const amlrt_match *m, uint32_t n_stages)
{
  uint32_t first = AMLRT_NONE;

  for (uint32_t s = 0; s < n_stages; s++)
    if (m->stages[s].n && m->stages[s].at[0] < first) first = m->stages[s].at[0];
  return first;
}

uint32_t amlrt__match_last_row(const amlrt_match *m, uint32_t n_stages)
{
  uint32_t last = AMLRT_NONE;

  for (uint32_t s = 0; s < n_stages; s++) {
    const amlrt_list *l = &m->stages[s];
    if (l->n && (last == AMLRT_NONE || l->at[l->n - 1] > last)) last = l->at[l->n - 1];
  }
  return last;
}

// The place of the first item that is not below the row.
static uint32_t place(const amlrt_list *l, uint32_t row)
{
  uint32_t lo = 0, hi = l->n;

  while (lo < hi) {
    uint32_t mid = lo + (hi - lo) / 2;
    if (l->at[mid] < row)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo;
}

static bool has(const amlrt_list *l, uint32_t row)
{
  uint32_t at = place(l, row);

  return at < l->n && l->at[at] == row;
}

// From the late end, where two matches of one episode overlap.
static bool lists_share(const amlrt_list *a, const amlrt_list *b)
{
  uint32_t i = a->n, k = b->n;

  while (i && k) {
    if (a->at[i - 1] == b->at[k - 1]) return true;
    if (a->at[i - 1] > b->at[k - 1])
      i--;
    else
      k--;
  }
  return false;
}

bool amlrt__match_share(const amlrt_match *a, const amlrt_match *b, uint32_t n_stages)
{
  for (uint32_t s = 0; s < n_stages; s++)
    if (has(&b->stages[s], a->trigger)) return true; // the usual case, without a walk
  for (uint32_t s = 0; s < n_stages; s++)
    for (uint32_t t = 0; t < n_stages; t++)
      if (lists_share(&a->stages[s], &b->stages[t])) return true;
  return false;
}

// Is the row in a list? Asked with ascending rows only: the cursor moves on and never back.
static bool ahead(const amlrt_list *l, uint32_t *cursor, uint32_t row)
{
  while (*cursor < l->n && l->at[*cursor] < row)
    ++*cursor;
  return *cursor < l->n && l->at[*cursor] == row;
}

// As one run: so it is where a match only grew.
static bool run_within(const amlrt_list *part, const amlrt_list *whole)
{
  if (!part->n) return true;
  uint32_t at = place(whole, part->at[0]);
  return whole->n - at >= part->n &&
         memcmp(whole->at + at, part->at, part->n * sizeof *part->at) == 0;
}

static bool list_within(const amlrt_list *part, uint32_t stage, const amlrt_match *whole,
                        uint32_t n_stages, uint32_t *cursor)
{
  if (run_within(part, &whole->stages[stage])) return true;
  memset(cursor, 0, n_stages * sizeof *cursor);
  for (uint32_t i = 0; i < part->n; i++) {
    bool found = ahead(&whole->stages[stage], &cursor[stage], part->at[i]);
    for (uint32_t t = 0; t < n_stages && !found; t++)
      found = ahead(&whole->stages[t], &cursor[t], part->at[i]);
    if (!found) return false;
  }
  return true;
}

bool amlrt__match_within(const amlrt_match *part, const amlrt_match *whole, uint32_t n_stages,
                         uint32_t *cursor)
{
  if (amlrt__match_first_row(part, n_stages) < amlrt__match_first_row(whole, n_stages))
    return false;
  for (uint32_t s = 0; s < n_stages; s++)
    if (!list_within(&part->stages[s], s, whole, n_stages, cursor)) return false;
  return true;
}
