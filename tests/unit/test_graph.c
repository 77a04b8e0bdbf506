// The graph store against the columns it was built from, for any number of threads.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amlrt/graph.h"
#include "tests/unit/alloc_fail.h"

Suite *make_graph_suite(void);

// ---- tables -------------------------------------------------------------------------------------

static amlrt_table *finish(amlrt_builder *b)
{
  amlrt_table *t = NULL;

  ck_assert_int_eq(amlrt_builder_finish(&t, b, NULL), AMLRT_OK);
  amlrt_builder_free(b);
  return t;
}

static amlrt_builder *begin(void)
{
  amlrt_builder *b = NULL;

  ck_assert_int_eq(amlrt_builder_new(&b, NULL, NULL), AMLRT_OK);
  return b;
}

static void add(amlrt_builder *b, uint32_t from, uint32_t to, int64_t time)
{
  char f[16], t[16];
  amlrt_tx tx = {.from = f, .to = t, .time = time};

  snprintf(f, sizeof f, "%06u", from);
  snprintf(t, sizeof t, "%06u", to);
  ck_assert_int_eq(amlrt_builder_add(b, &tx, NULL), AMLRT_OK);
}

static uint32_t next_random(uint64_t *seed)
{
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*seed >> 33);
}

// Ties in time, parallel transfers, self-transfers, and hubs: the lower an account, the busier.
static amlrt_table *random_table(uint64_t seed, uint32_t n, uint32_t accounts, uint32_t times)
{
  amlrt_builder *b = begin();

  for (uint32_t i = 0; i < n; i++) {
    uint32_t from = next_random(&seed) % accounts, to = next_random(&seed) % accounts;
    if (next_random(&seed) % 2) from %= 1 + accounts / 50;
    if (next_random(&seed) % 3 == 0) to = 0;
    if (next_random(&seed) % 8 == 0) to = from;
    add(b, from, to, (int64_t)(next_random(&seed) % times));
  }
  return finish(b);
}

static amlrt_graph *graph_of(const amlrt_table *t, uint32_t threads)
{
  amlrt_graph *g = NULL;
  amlrt_graph_opts opts = {.threads = threads};

  ck_assert_int_eq(amlrt_graph_build(&g, t, &opts, NULL), AMLRT_OK);
  return g;
}

// ---- checking -----------------------------------------------------------------------------------

// Every row is where it belongs: entries in account order back to back, rows ascending, all there.
static void check_side(const amlrt_graph *g, const amlrt_adjacency *a, const uint32_t *near,
                       const uint32_t *far)
{
  const amlrt_columns *c = amlrt_table_columns(amlrt_graph_table(g));
  uint32_t at = 0;

  for (uint32_t v = 0; v < c->n_accounts; v++) {
    ck_assert_uint_eq(a->begin[v], at);
    for (uint32_t i = a->begin[v]; i < a->end[v]; i++) {
      uint32_t r = a->row[i];
      ck_assert_uint_lt(r, c->n_rows);
      ck_assert(i == a->begin[v] || a->row[i - 1] < r);
      ck_assert_uint_eq(near[r], v);
      ck_assert_uint_eq(far[r], a->neighbour[i]);
      if (a->time) ck_assert_int_eq(amlrt_graph_time_base(g) + a->time[i], c->time[r]);
    }
    at = a->end[v];
  }
  ck_assert_uint_eq(at, c->n_rows);
}

static void check_degrees(const amlrt_graph *g, const amlrt_adjacency *a, const amlrt_degrees *d)
{
  uint32_t n = amlrt_table_columns(amlrt_graph_table(g))->n_accounts, first = AMLRT_NONE;
  amlrt_degrees want = {0};

  for (uint32_t v = 0; v < n; v++) {
    uint32_t degree = a->end[v] - a->begin[v], k = 0;
    while (degree >> k)
      k++;
    want.accounts[k]++;
    want.transfers[k] += degree;
    if (first == AMLRT_NONE || degree > want.max) {
      want.max = degree;
      first = v;
    }
  }
  ck_assert_uint_eq(d->max, want.max);
  ck_assert_uint_eq(d->max_account, first);
  ck_assert_mem_eq(d->accounts, want.accounts, sizeof want.accounts);
  ck_assert_mem_eq(d->transfers, want.transfers, sizeof want.transfers);
}

static void check(const amlrt_graph *g)
{
  const amlrt_columns *c = amlrt_table_columns(amlrt_graph_table(g));
  uint32_t n_self = 0;

  check_side(g, amlrt_graph_out(g), c->from, c->to);
  check_side(g, amlrt_graph_in(g), c->to, c->from);
  check_degrees(g, amlrt_graph_out(g), amlrt_graph_out_degrees(g));
  check_degrees(g, amlrt_graph_in(g), amlrt_graph_in_degrees(g));
  for (uint32_t r = 0; r < c->n_rows; r++)
    n_self += c->from[r] == c->to[r];
  ck_assert_uint_eq(amlrt_graph_n_self(g), n_self);
}

static void same_side(const amlrt_adjacency *a, const amlrt_adjacency *b, const amlrt_columns *c)
{
  size_t rows = c->n_rows * sizeof(uint32_t), accounts = c->n_accounts * sizeof(uint32_t);

  ck_assert(memcmp(a->begin, b->begin, accounts) == 0 && memcmp(a->end, b->end, accounts) == 0);
  ck_assert(memcmp(a->neighbour, b->neighbour, rows) == 0 && memcmp(a->row, b->row, rows) == 0);
  ck_assert((a->time == NULL) == (b->time == NULL));
  if (a->time) ck_assert(memcmp(a->time, b->time, rows) == 0);
}

// ---- tests --------------------------------------------------------------------------------------

START_TEST(by_hand)
{
  amlrt_builder *b = begin();

  add(b, 1, 2, 50);
  add(b, 1, 1, 10);
  add(b, 2, 1, 20);
  add(b, 1, 2, 20);
  amlrt_table *t = finish(b);
  amlrt_graph *g = graph_of(t, 1);
  const amlrt_adjacency *out = amlrt_graph_out(g), *in = amlrt_graph_in(g);
  // In time order: 0: 1>1 @10, 1: 2>1 @20, 2: 1>2 @20, 3: 1>2 @50; the accounts are 0 and 1.
  ck_assert_mem_eq(out->begin, ((uint32_t[]){0, 3}), 8);
  ck_assert_mem_eq(out->end, ((uint32_t[]){3, 4}), 8);
  ck_assert_mem_eq(out->row, ((uint32_t[]){0, 2, 3, 1}), 16);
  ck_assert_mem_eq(out->neighbour, ((uint32_t[]){0, 1, 1, 0}), 16);
  ck_assert_mem_eq(out->time, ((uint32_t[]){0, 10, 40, 10}), 16);
  ck_assert_mem_eq(in->row, ((uint32_t[]){0, 1, 2, 3}), 16);
  ck_assert_mem_eq(in->end, ((uint32_t[]){2, 4}), 8);
  ck_assert_int_eq(amlrt_graph_time_base(g), 10);
  ck_assert_uint_eq(amlrt_graph_n_self(g), 1);
  ck_assert_uint_eq(amlrt_graph_out_degrees(g)->max, 3);
  ck_assert_uint_eq(amlrt_graph_out_degrees(g)->accounts[2], 1);
  ck_assert_ptr_eq(amlrt_graph_table(g), t);
  check(g);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

static const struct {
  uint32_t n, accounts, times;
} shapes[] = {{1, 1, 1},          {2, 2, 5},      {300, 7, 40},
              {5000, 9000, 1000}, {70000, 3, 10}, {120000, 20000, 100000}};

START_TEST(any_number_of_threads)
{
  amlrt_table *t =
      random_table((uint64_t)_i + 1, shapes[_i].n, shapes[_i].accounts, shapes[_i].times);
  amlrt_graph *one = graph_of(t, 1);

  check(one);
  for (uint32_t threads = 2; threads <= 4; threads += 2) {
    amlrt_graph *g = graph_of(t, threads);
    same_side(amlrt_graph_out(one), amlrt_graph_out(g), amlrt_table_columns(t));
    same_side(amlrt_graph_in(one), amlrt_graph_in(g), amlrt_table_columns(t));
    ck_assert_mem_eq(amlrt_graph_in_degrees(one), amlrt_graph_in_degrees(g), sizeof(amlrt_degrees));
    ck_assert_mem_eq(amlrt_graph_out_degrees(one), amlrt_graph_out_degrees(g),
                     sizeof(amlrt_degrees));
    ck_assert_uint_eq(amlrt_graph_n_self(one), amlrt_graph_n_self(g));
    amlrt_graph_free(g);
  }
  amlrt_graph_free(one);
  amlrt_table_free(t);
}
END_TEST

START_TEST(no_rows)
{
  amlrt_table *t = finish(begin());
  amlrt_graph *g = NULL;
  uint32_t lo = 7;

  ck_assert_int_eq(amlrt_graph_build(&g, t, NULL, NULL), AMLRT_OK);
  check(g);
  ck_assert_uint_eq(amlrt_graph_out_degrees(g)->max_account, AMLRT_NONE);
  ck_assert_int_eq(amlrt_graph_window_lo(g, 1, &lo, NULL), AMLRT_OK);
  ck_assert_uint_eq(lo, 7);
  ck_assert_uint_eq(amlrt_graph_bytes(g).columns, 0);
  amlrt_graph_free(g);
  amlrt_graph_free(NULL);
  amlrt_table_free(t);
}
END_TEST

// {last time, fits 32 bits?} of a table whose first time is the base.
static const struct {
  int64_t base, last;
  bool fits;
} ranges[] = {
    {0, UINT32_MAX, true},
    {0, (int64_t)UINT32_MAX + 1, false},
    {-5, UINT32_MAX - INT64_C(5), true},
    {INT64_MIN, INT64_MAX, false},
    {INT64_MAX - 1, INT64_MAX, true},
};

START_TEST(wide_times)
{
  amlrt_builder *b = begin();

  add(b, 1, 2, ranges[_i].last);
  add(b, 2, 3, ranges[_i].base);
  amlrt_table *t = finish(b);
  amlrt_graph *g = graph_of(t, 2);
  uint32_t lo[2];

  ck_assert_int_eq(amlrt_graph_out(g)->time != NULL, ranges[_i].fits);
  ck_assert_int_eq(amlrt_graph_in(g)->time != NULL, ranges[_i].fits);
  ck_assert_int_eq(amlrt_graph_time_base(g), ranges[_i].base);
  check(g);
  ck_assert_int_eq(amlrt_graph_window_lo(g, 1, lo, NULL), AMLRT_OK);
  ck_assert_mem_eq(lo, ((uint32_t[]){0, 1}), 8);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

START_TEST(bytes_an_edge)
{
  amlrt_table *t = random_table(5, 10000, 100, 1000);
  amlrt_graph *g = graph_of(t, 1);
  amlrt_graph_size s = amlrt_graph_bytes(g);

  ck_assert_uint_eq(s.accounts, 16 * 100);
  ck_assert_uint_eq(s.adjacency, 24 * (10000 + AMLRT_GRAPH_PAD));
  ck_assert_uint_le(s.adjacency + s.columns, 64 * (10000 + AMLRT_GRAPH_PAD));
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

START_TEST(windows)
{
  static const int64_t within[] = {1, 2, 10, 1000, INT64_MAX};
  amlrt_table *t = random_table(9, 2000, 30, 600);
  amlrt_graph *g = graph_of(t, 1);
  const amlrt_columns *c = amlrt_table_columns(t);
  uint32_t *lo = malloc(c->n_rows * sizeof *lo);

  for (size_t k = 0; k < sizeof within / sizeof *within; k++) {
    ck_assert_int_eq(amlrt_graph_window_lo(g, within[k], lo, NULL), AMLRT_OK);
    for (uint32_t e = 0; e < c->n_rows; e++) {
      uint32_t want = 0;
      while (c->time[want] <= c->time[e] - within[k])
        want++;
      ck_assert_uint_eq(lo[e], want);
      ck_assert_uint_eq(amlrt_graph_window_first(g, e, within[k]), want);
      ck_assert_uint_eq(amlrt_window_next(c->time, e ? lo[e - 1] : 0, e, within[k]), want);
    }
  }
  free(lo);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

START_TEST(window_needs_a_length)
{
  amlrt_table *t = random_table(9, 10, 3, 6);
  amlrt_graph *g = graph_of(t, 1);
  amlrt_error err = {0};
  uint32_t lo[10];

  ck_assert_int_eq(amlrt_graph_window_lo(g, 0, lo, &err), AMLRT_E_ARG);
  ck_assert_int_eq(err.status, AMLRT_E_ARG);
  amlrt_graph_free(g);
  amlrt_table_free(t);
}
END_TEST

START_TEST(slices)
{
  const uint32_t rows[] = {3, 4, 8, 20, 21};

  for (uint32_t begin = 0; begin <= 5; begin++)
    for (uint32_t end = begin; end <= 5; end++)
      for (uint32_t row = 0; row < 25; row++) {
        uint32_t want = begin;
        while (want < end && rows[want] < row)
          want++;
        ck_assert_uint_eq(amlrt_slice_from(rows, begin, end, row), want);
      }
}
END_TEST

static bool stop_at_once(void *user)
{
  int *asked = user;

  return __atomic_add_fetch(asked, 1, __ATOMIC_RELAXED) > 2;
}

START_TEST(cancelled)
{
  amlrt_table *t = random_table(3, 100000, 500, 1000);
  int asked = 0;
  amlrt_graph_opts opts = {.threads = 2, .cancelled = stop_at_once, .user = &asked};
  amlrt_graph *g = (amlrt_graph *)t;

  ck_assert_int_eq(amlrt_graph_build(&g, t, &opts, NULL), AMLRT_INTERRUPTED);
  ck_assert_ptr_null(g);
  amlrt_table_free(t);
}
END_TEST

START_TEST(no_memory)
{
  amlrt_table *t = random_table(4, 40000, 500, 1000);

  for (uint32_t threads = 1; threads <= 2; threads++)
    for (uint64_t n = 0;; n++) {
      alloc_fail a;
      alloc_fail_init(&a, n);
      amlrt_alloc mem = alloc_fail_amlrt(&a);
      amlrt_graph_opts opts = {.threads = threads, .mem = &mem};
      amlrt_graph *g = NULL;
      amlrt_error err = {0};
      amlrt_status st = amlrt_graph_build(&g, t, &opts, &err);
      bool failed = alloc_fail_hit(&a);
      if (failed) {
        ck_assert_int_eq(st, AMLRT_E_NOMEM);
        ck_assert_int_eq(err.status, AMLRT_E_NOMEM);
        ck_assert_ptr_null(g);
      }
      if (g) check(g);
      amlrt_graph_free(g);
      alloc_fail_check(&a);
      if (!failed) break;
    }
  amlrt_table_free(t);
}
END_TEST

Suite *make_graph_suite(void)
{
  Suite *s = suite_create("graph");
  TCase *store = tcase_create("store"), *window = tcase_create("windows");

  tcase_add_test(store, by_hand);
  tcase_add_loop_test(store, any_number_of_threads, 0, sizeof shapes / sizeof *shapes);
  tcase_add_test(store, no_rows);
  tcase_add_loop_test(store, wide_times, 0, sizeof ranges / sizeof *ranges);
  tcase_add_test(store, bytes_an_edge);
  tcase_add_test(store, cancelled);
  tcase_add_test(store, no_memory);
  suite_add_tcase(s, store);
  tcase_add_test(window, windows);
  tcase_add_test(window, window_needs_a_length);
  tcase_add_test(window, slices);
  suite_add_tcase(s, window);
  return s;
}
