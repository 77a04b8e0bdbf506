#include "datasets/gen/gen.h"
#include "datasets/gen/plant.h"
#include "datasets/gen/write.h"

#include <stdlib.h>
#include <string.h>

const char *const gen_typology_name[GEN_N_TYPOLOGIES] = {
#define TYPOLOGY(id, title, before, after) #id,
#include "datasets/gen/typologies.def"
};

enum {
  MIN_DAYS = 10, // the longest planted attempt spans 8 days
  MAX_DAYS = 366,
  MAX_HISTORY = 1000,
  MAX_ACCOUNTS = 20000000,
  MAX_ATTEMPTS = 100000,
  MAX_ROWS = 1000000000,
  LATE_BY = 90, // minutes a late row may stand behind its place
};

// Everything one run holds; released in one place.
typedef struct {
  gen_world world;
  gen_plan plan;
  gen_tx *tx, *sorted;
  bool *silent;
  uint32_t *planted; // row numbers of planted transactions
  size_t n, n_duplicates;
} job;

gen_opts gen_defaults(void)
{
  return (gen_opts){.rows = 100000, .seed = 1, .attempts = GEN_AUTO, .days = 10};
}

static gen_status check(const gen_opts *o, gen_error *e)
{
  if (o->rows < 1 || o->rows > MAX_ROWS) {
    return gen_fail(e, GEN_E_OPTIONS, "rows must be 1 to %d", MAX_ROWS);
  }
  if (o->days < MIN_DAYS || o->days > MAX_DAYS) {
    return gen_fail(e, GEN_E_OPTIONS, "days must be %d to %d", MIN_DAYS, MAX_DAYS);
  }
  if (o->history_days > MAX_HISTORY) {
    return gen_fail(e, GEN_E_OPTIONS, "history must be at most %d days", MAX_HISTORY);
  }
  if (o->accounts && (o->accounts < 100 || o->accounts > MAX_ACCOUNTS)) {
    return gen_fail(e, GEN_E_OPTIONS, "accounts must be 100 to %d", MAX_ACCOUNTS);
  }
  if (o->rows / 8 > MAX_ACCOUNTS && !o->accounts) {
    return gen_fail(e, GEN_E_OPTIONS, "so many rows need accounts to be said (at most %d)",
                    MAX_ACCOUNTS);
  }
  if (o->attempts != GEN_AUTO && o->attempts > MAX_ATTEMPTS) {
    return gen_fail(e, GEN_E_OPTIONS, "attempts must be at most %d", MAX_ATTEMPTS);
  }
  if (!o->out) return gen_fail(e, GEN_E_OPTIONS, "no output file named");
  return GEN_OK;
}

// 5 of each typology in 20,000 rows, 50 in 2,000,000 and more, none below 2,000 rows.
static uint32_t attempts_of(const gen_opts *o)
{
  if (o->attempts != GEN_AUTO) return o->attempts;
  uint32_t k = 0;
  while (k < 50 && (uint64_t)(k + 1) * (k + 1) * 800 <= o->rows)
    k++;
  return o->rows < 2000 ? 0 : k;
}

static gen_status allocate(job *j, uint64_t rows, gen_error *e)
{
  j->tx = malloc(rows * sizeof *j->tx);
  j->sorted = malloc(rows * sizeof *j->sorted);
  j->silent = calloc(j->world.n_accounts, sizeof *j->silent);
  j->planted = malloc((j->plan.n_tx + 1) * sizeof *j->planted);
  if (j->tx && j->sorted && j->silent && j->planted) return GEN_OK;
  return gen_fail(e, GEN_E_NOMEM, "not enough memory for %llu rows", (unsigned long long)rows);
}

// Planted rows first, then history, background, and copies of background rows.
static void fill(job *j, const gen_opts *o)
{
  gen_rng r;
  const gen_plan *p = &j->plan;
  if (p->n_tx) memcpy(j->tx, p->tx, p->n_tx * sizeof *j->tx);
  for (size_t i = 0; i < p->n_silent; i++)
    j->silent[p->silent[i]] = true;
  gen_rng_init(&r, o->seed, 3);
  j->n = p->n_tx + gen_history(&j->world, &r, j->silent, j->tx + p->n_tx);
  size_t from = j->n, left = o->rows - j->n;
  j->n_duplicates = left >= 100 ? (left < 2000 ? 2 : left / 1000) : 0;
  gen_rng_init(&r, o->seed, 4);
  gen_background(&j->world, &r, j->tx + from, left - j->n_duplicates);
  j->n = o->rows;
  for (size_t i = o->rows - j->n_duplicates; i < o->rows; i++) {
    j->tx[i] = j->tx[from + gen_below(&r, (uint32_t)(left - j->n_duplicates))];
  }
}

static void shuffle(gen_tx *tx, size_t n, gen_rng *r)
{
  for (size_t i = n; i > 1; i--) {
    size_t k = gen_below(r, (uint32_t)i);
    gen_tx t = tx[i - 1];
    tx[i - 1] = tx[k];
    tx[k] = t;
  }
}

// Near time order, as the published files are: rows of one minute stand in any order, and one row
// in eight stands up to LATE_BY minutes too late.
static gen_status order(job *j, const gen_opts *o, gen_error *e)
{
  gen_rng r;
  int32_t lead = (int32_t)o->history_days * 1440;
  size_t n_slots = (size_t)lead + o->days * 1440u + LATE_BY + 2;
  size_t *end = calloc(n_slots + 1, sizeof *end);
  uint32_t *slot = malloc(j->n * sizeof *slot);
  if (!end || !slot) {
    free(end);
    free(slot);
    return gen_fail(e, GEN_E_NOMEM, "not enough memory to order %zu rows", j->n);
  }
  gen_rng_init(&r, o->seed, 5);
  for (size_t i = 0; i < j->n; i++) {
    uint32_t late = gen_chance(&r, 125) ? gen_below(&r, LATE_BY + 1) : 0;
    slot[i] = (uint32_t)(j->tx[i].minute + lead) + late;
    end[slot[i] + 1]++;
  }
  for (size_t s = 0; s < n_slots; s++)
    end[s + 1] += end[s];
  for (size_t i = 0; i < j->n; i++)
    j->sorted[end[slot[i]]++] = j->tx[i];
  for (size_t s = 0, from = 0; s < n_slots; from = end[s++]) {
    shuffle(j->sorted + from, end[s] - from, &r);
  }
  free(end);
  free(slot);
  return GEN_OK;
}

// qsort has no argument for the rows, so the key is copied out beside the row number.
typedef struct {
  uint32_t attempt, row;
  int32_t minute;
} planted_key;

static int by_attempt_time_row(const void *x, const void *y)
{
  const planted_key *a = x, *b = y;
  if (a->attempt != b->attempt) return a->attempt < b->attempt ? -1 : 1;
  if (a->minute != b->minute) return a->minute < b->minute ? -1 : 1;
  return a->row < b->row ? -1 : a->row > b->row;
}

static gen_status list_planted(job *j, gen_error *e)
{
  size_t n = 0;
  planted_key *key = malloc((j->plan.n_tx + 1) * sizeof *key);
  if (!key) return gen_fail(e, GEN_E_NOMEM, "not enough memory to list the attempts");
  for (size_t i = 0; i < j->n; i++) {
    const gen_tx *t = &j->sorted[i];
    if (t->attempt) key[n++] = (planted_key){t->attempt, (uint32_t)i, t->minute};
  }
  qsort(key, n, sizeof *key, by_attempt_time_row);
  for (size_t i = 0; i < n; i++)
    j->planted[i] = key[i].row;
  free(key);
  return GEN_OK;
}

static gen_status make(job *j, const gen_opts *o, gen_error *e)
{
  gen_rng r;
  gen_status st = gen_world_init(&j->world, o, e);
  if (st < 0) return st;
  gen_rng_init(&r, o->seed, 2);
  if ((st = gen_plant(&j->plan, &j->world, &r, attempts_of(o), e)) < 0) return st;
  uint64_t least = j->plan.n_tx + gen_history_max(&j->world);
  if (o->rows < least) {
    return gen_fail(e, GEN_E_OPTIONS,
                    "%llu rows are too few: attempts take %zu and history %zu; ask for more rows, "
                    "fewer attempts, fewer accounts or no history",
                    (unsigned long long)o->rows, j->plan.n_tx, gen_history_max(&j->world));
  }
  if ((st = allocate(j, o->rows, e)) < 0) return st;
  fill(j, o);
  if ((st = order(j, o, e)) < 0) return st;
  return list_planted(j, e);
}

static gen_status write_all(const job *j, const gen_opts *o, gen_error *e)
{
  size_t n = j->plan.n_tx;
  gen_status st = GEN_OK;
  if (o->truth) st = gen_write_truth(o->truth, &j->world, &j->plan, j->sorted, j->planted, n, e);
  if (st == GEN_OK && o->truth_csv) {
    st = gen_write_truth_csv(o->truth_csv, &j->plan, j->sorted, j->planted, n, e);
  }
  if (st == GEN_OK) st = gen_write_csv(o->out, &j->world, j->sorted, j->n, e);
  return st;
}

gen_status gen_run(const gen_opts *opts, gen_result *result, gen_error *error)
{
  job j = {0};
  gen_status st = check(opts, error);
  if (st == GEN_OK) st = make(&j, opts, error);
  if (st == GEN_OK) st = write_all(&j, opts, error);
  if (st == GEN_OK) {
    *result = (gen_result){.rows = j.n,
                           .planted_rows = j.plan.n_tx,
                           .duplicates = j.n_duplicates,
                           .accounts = j.world.n_accounts};
    for (size_t i = 0; i < j.plan.n_attempts; i++)
      result->attempts[j.plan.attempt[i].typology]++;
  }
  gen_plan_release(&j.plan);
  gen_world_release(&j.world);
  free(j.tx);
  free(j.sorted);
  free(j.silent);
  free(j.planted);
  return st;
}
