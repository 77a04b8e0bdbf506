// What only all rows together can tell: the decimals that a currency is kept with, amounts that do
// not fit them, and repeated ids. None of it depends on the order of the rows, but which of two
// rows with one id is the later.
#include "runtime/src/collect.h"
#include "runtime/src/decimal.h"
#include "runtime/src/error.h"
#include "runtime/src/sort.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { N_SCALES = AMLRT__MAX_DIGITS + 1 };

// One of the two amounts of all rows.
typedef struct side {
  int64_t *mantissa;
  const uint8_t *scale;
  const amlrt_currency *currency;
} side;

static void get_sides(amlrt__collect *c, side out[2])
{
  amlrt__rows *r = &c->t->rows;

  out[0] = (side){r->amount, c->scale, r->currency};
  out[1] = (side){r->amount_received, c->scale_received, r->currency_received};
}

static bool is_dropped(const amlrt__collect *c, uint32_t k)
{
  return c->drop && c->drop[k];
}

static uint32_t name_of(const amlrt__collect *c, amlrt_currency spelling)
{
  return spelling ? c->name_of[spelling - 1] + 1 : 0;
}

// ---- rejecting ----------------------------------------------------------------------------------

static amlrt_status reject(amlrt__collect *c, uint32_t k, int which, amlrt__reason reason,
                           amlrt_error *err)
{
  uint64_t input_row = c->t->rows.input_row[k];
  size_t lo = 0, hi = c->n_runs;
  const amlrt__late_columns *late;

  if (!c->drop) c->drop = amlrt__array(c->mem, c->n_rows, 1);
  if (!c->drop) return amlrt__nomem(err, "transactions");
  while (hi - lo > 1) {
    size_t mid = lo + (hi - lo) / 2;
    if (c->run[mid].input_row <= input_row)
      lo = mid;
    else
      hi = mid;
  }
  const amlrt__line_run *run = &c->run[lo];
  late = &c->late[run->file];
  uint32_t column = which == 0 ? late->amount : which == 1 ? late->amount_received : late->id;
  if (!amlrt__table_reject(c->t, run->file, run->line + (input_row - run->input_row), column,
                           amlrt__reason_text(reason)))
    return amlrt__nomem(err, "rejects");
  if (run->file < c->t->n_inputs) c->t->input[run->file].rows_rejected++;
  c->drop[k] = 1;
  c->has_unused = true;
  return AMLRT_OK;
}

// ---- decimals of currencies ---------------------------------------------------------------------

// largest[name * N_SCALES + d]: the largest mantissa with d decimals, plus 1; 0: none.
static void find_largest(amlrt__collect *c, int64_t *largest)
{
  side sides[2];

  get_sides(c, sides);
  for (int s = 0; s < 2; s++)
    for (uint32_t k = 0; k < c->n_rows; k++) {
      int64_t m = sides[s].mantissa[k];
      if (m == AMLRT_NO_AMOUNT) continue;
      int64_t *to =
          &largest[(size_t)name_of(c, sides[s].currency[k]) * N_SCALES + sides[s].scale[k]];
      if (m + 1 > *to) *to = m + 1;
    }
}

// Whether all amounts of a currency fit at the decimals that the finest of them needs.
static bool all_fit(const int64_t *largest, int *decimals)
{
  int room = AMLRT__MAX_DIGITS;

  *decimals = 0;
  for (int d = 0; d < N_SCALES; d++) {
    if (!largest[d]) continue;
    int most = amlrt__decimal_max_scale(largest[d] - 1, d);
    if (most < room) room = most;
    *decimals = d;
  }
  return *decimals <= room;
}

// Where not all fit: the decimals with which the most do, of equals the fewest decimals.
static void best_decimals(amlrt__collect *c, uint32_t name, int *decimals)
{
  int64_t change[N_SCALES + 1] = {0}, here = 0, most = -1;
  side sides[2];

  get_sides(c, sides);
  for (int s = 0; s < 2; s++)
    for (uint32_t k = 0; k < c->n_rows; k++) {
      int64_t m = sides[s].mantissa[k];
      if (m == AMLRT_NO_AMOUNT || name_of(c, sides[s].currency[k]) != name) continue;
      int most_scale = amlrt__decimal_max_scale(m, sides[s].scale[k]);
      if (sides[s].scale[k] > most_scale) continue;
      change[sides[s].scale[k]]++;
      change[most_scale + 1]--;
    }
  for (int d = 0; d < N_SCALES; d++) {
    here += change[d];
    if (here <= most) continue;
    most = here;
    *decimals = d;
  }
}

static amlrt_status choose_decimals(amlrt__collect *c, bool *fit, amlrt_error *err)
{
  uint32_t n = c->currency_names.n + 1;
  int64_t *largest = amlrt__array(c->mem, (size_t)n * N_SCALES, sizeof *largest);

  c->decimals_of = amlrt__array(c->mem, n, sizeof *c->decimals_of);
  if (!largest || !c->decimals_of) {
    amlrt__release(c->mem, largest);
    return amlrt__nomem(err, "amounts");
  }
  *fit = true;
  find_largest(c, largest);
  for (uint32_t i = 0; i < n; i++) {
    if (all_fit(largest + (size_t)i * N_SCALES, &c->decimals_of[i])) continue;
    best_decimals(c, i, &c->decimals_of[i]);
    *fit = false;
  }
  amlrt__release(c->mem, largest);
  return AMLRT_OK;
}

static amlrt_status reject_amounts(amlrt__collect *c, amlrt_error *err)
{
  side sides[2];

  get_sides(c, sides);
  for (uint32_t k = 0; k < c->n_rows; k++)
    for (int s = 0; s < 2 && !is_dropped(c, k); s++) {
      int64_t m = sides[s].mantissa[k];
      int decimals = c->decimals_of[name_of(c, sides[s].currency[k])];
      amlrt__reason reason = AMLRT__GOOD;
      if (m == AMLRT_NO_AMOUNT) continue;
      if (sides[s].scale[k] > decimals)
        reason = AMLRT__BAD_FINE;
      else if (amlrt__decimal_max_scale(m, sides[s].scale[k]) < decimals)
        reason = AMLRT__BAD_LARGE;
      amlrt_status st = reason ? reject(c, k, s, reason, err) : AMLRT_OK;
      if (st < 0) return st;
    }
  return AMLRT_OK;
}

static void rescale(void *user, uint32_t begin, uint32_t end)
{
  amlrt__collect *c = user;
  side sides[2];

  get_sides(c, sides);
  for (int s = 0; s < 2; s++)
    for (uint32_t k = begin; k < end; k++) {
      int decimals = c->decimals_of[name_of(c, sides[s].currency[k])];
      if (sides[s].mantissa[k] != AMLRT_NO_AMOUNT && !is_dropped(c, k))
        sides[s].mantissa[k] *= amlrt__pow10[decimals - sides[s].scale[k]];
    }
}

// ---- ids ----------------------------------------------------------------------------------------

// Ids are texts as soon as one of a row left is: then all of them are made texts.
static amlrt_status settle_ids(amlrt__collect *c, amlrt_error *err)
{
  bool any = false;
  char text[24];

  for (uint32_t k = 0; c->id_text && k < c->n_rows; k++)
    any |= c->id_text[k] && !is_dropped(c, k);
  if (!any) {
    amlrt__release(c->mem, c->id_text);
    c->id_text = NULL;
    return AMLRT_OK;
  }
  for (uint32_t k = 0; k < c->n_rows; k++) {
    if (c->id_text[k] || is_dropped(c, k)) continue;
    int n = snprintf(text, sizeof text, "%" PRId64, c->id_int[k]);
    c->id_text[k] = amlrt__pool_copy(&c->t->texts, text, (size_t)n);
    if (!c->id_text[k]) return amlrt__nomem(err, "ids");
  }
  return AMLRT_OK;
}

static bool same_id(const amlrt__collect *c, uint32_t a, uint32_t b)
{
  return c->id_text ? strcmp(c->id_text[a], c->id_text[b]) == 0 : c->id_int[a] == c->id_int[b];
}

// The rows left in the order of their ids; of equals, all but the first in input order are
// rejected.
static amlrt_status reject_repeated(amlrt__collect *c, amlrt_error *err)
{
  uint32_t *items = amlrt__array(c->mem, c->n_rows, sizeof *items), n = 0, n_kept = 0;

  c->t->by_id = items;
  if (!items) return amlrt__nomem(err, "ids");
  for (uint32_t k = 0; k < c->n_rows; k++)
    if (!is_dropped(c, k)) items[n++] = k;
  if (!(c->id_text ? amlrt__sort_by_text(items, n, c->id_text, c->mem)
                   : amlrt__sort_by_int(items, n, c->id_int, c->mem)))
    return amlrt__nomem(err, "ids");
  for (uint32_t i = 0; i < n; i++) {
    if (n_kept == 0 || !same_id(c, items[n_kept - 1], items[i])) {
      items[n_kept++] = items[i];
      continue;
    }
    amlrt_status st = reject(c, items[i], 2, AMLRT__BAD_REPEATED_ID, err);
    if (st < 0) return st;
  }
  return AMLRT_OK;
}

// ---- all ----------------------------------------------------------------------------------------

// Rejects in the order of files and lines, whenever they were found.
static amlrt_status sort_rejects(amlrt_table *t, amlrt_error *err)
{
  size_t n = t->n_rejects;
  int64_t *key = amlrt__array(&t->mem, n, sizeof *key);
  uint32_t *items = amlrt__array(&t->mem, n, sizeof *items);
  amlrt_reject *sorted = amlrt__array(&t->mem, n, sizeof *sorted);
  bool ok = key && items && sorted && n < UINT32_MAX;

  for (size_t i = 0; ok && i < n; i++) {
    key[i] = (int64_t)((uint64_t)t->reject[i].file << 40 | t->reject[i].line);
    items[i] = (uint32_t)i;
  }
  ok = ok && amlrt__sort_by_int(items, n, key, &t->mem);
  for (size_t i = 0; ok && i < n; i++)
    sorted[i] = t->reject[items[i]];
  amlrt__release(&t->mem, key);
  amlrt__release(&t->mem, items);
  if (!ok) {
    amlrt__release(&t->mem, sorted);
    return amlrt__nomem(err, "rejects");
  }
  amlrt__release(&t->mem, t->reject);
  t->reject = sorted;
  t->cap_rejects = n;
  return AMLRT_OK;
}

amlrt_status amlrt__collect_judge(amlrt__collect *c, amlrt_error *err)
{
  uint64_t early = c->t->n_rejects;
  bool fit = true;
  amlrt_status st;

  st = choose_decimals(c, &fit, err);
  if (st == AMLRT_OK && !fit) st = reject_amounts(c, err);
  if (st == AMLRT_OK) st = amlrt__collect_over(c, c->n_rows, rescale, c, err);
  if (st == AMLRT_OK && c->has_id) st = settle_ids(c, err);
  if (st == AMLRT_OK && c->has_id) st = reject_repeated(c, err);
  if (st == AMLRT_OK && c->t->n_rejects > early) st = sort_rejects(c->t, err);
  return st;
}

void amlrt__collect_drop_all(amlrt__collect *c)
{
  c->n_rows = 0;
  c->has_unused = true;
}
