// The scheduler: every item once, output in order, the first failure wins; for any number of threads.
#include <check.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "amlrt/sched.h"
#include "tests/unit/alloc_fail.h"

Suite *make_sched_suite(void);

enum { CAP = 20000 };

// What the callbacks of a test share.
typedef struct job {
  amlrt_work work;
  // Orders to the callbacks.
  uint64_t fail_from, fail_step; // items that fail: from, from + step, ..; step 0: none
  uint64_t truncate;             // an item that says so
  uint64_t consume_fails;        // the consumer fails at this item's chunk
  uint64_t cancel_after;         // questions
  uint32_t bad_worker;           // its start fails
  size_t bytes;                  // of output an item
  uint64_t dear;                 // an item that costs a thousand
  // What happened.
  uint64_t got[CAP]; // item * 1000 + part, as the consumer saw them
  size_t n_got;
  atomic_uint seen[CAP]; // by item: parts worked on
  atomic_uint n_questions, n_started, n_consuming;
  uint32_t n_finished;
  uint64_t counted;    // by the workers, added up
  atomic_uint n_wrong; // of what the callbacks ask, see must
} job;

static const uint64_t NEVER = UINT64_MAX;

// What a callback asserts. Check has one lock and one write to a file for every ck_assert: a hundred
// thousand of them from several threads are no test of the scheduler any more, and under a thread
// sanitizer on a busy machine they take minutes. So they are counted here, and asserted when the run
// is over.
static void must(job *j, bool is_so)
{
  if (!is_so) atomic_fetch_add(&j->n_wrong, 1);
}

static job *new_job(uint64_t n, uint32_t threads)
{
  job *j = calloc(1, sizeof *j);

  ck_assert_ptr_nonnull(j);
  ck_assert_uint_le(n, CAP);
  j->work.n = n;
  j->work.threads = threads;
  j->work.user = j;
  j->fail_from = j->truncate = j->consume_fails = j->cancel_after = j->dear = NEVER;
  j->bad_worker = UINT32_MAX;
  j->bytes = 8;
  return j;
}

static amlrt_status failed(amlrt_error *err, uint64_t item)
{
  if (err) snprintf(err->text, sizeof err->text, "item %llu", (unsigned long long)item);
  return AMLRT_E_ARG;
}

static amlrt_status body(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                         amlrt_error *err)
{
  job *j = user;
  uint64_t *count = state;
  amlrt_status st = AMLRT_OK;

  must(j, amlrt_task_worker(task) < amlrt_threads(j->work.threads));
  must(j, chunk->n_parts == 1 || chunk->end == chunk->begin + 1);
  for (uint64_t i = chunk->begin; i < chunk->end; i++) {
    uint64_t word = i * 1000 + chunk->part;
    atomic_fetch_add(&j->seen[i], 1);
    if (count) ++*count;
    if (i == j->truncate) st = AMLRT_TRUNCATED;
    if (i >= j->fail_from && j->fail_step && (i - j->fail_from) % j->fail_step == 0)
      return failed(err, i);
    if (amlrt_task_write(task, &word, sizeof word, err) < 0) return AMLRT_E_NOMEM;
    if (j->bytes > sizeof word) {
      void *room = amlrt_task_room(task, j->bytes - sizeof word);
      if (!room) return AMLRT_E_NOMEM;
      memset(room, 0, j->bytes - sizeof word);
    }
  }
  return st;
}

static amlrt_status consume(void *user, const amlrt_chunk *chunk, const void *bytes, size_t n,
                            amlrt_error *err)
{
  job *j = user;

  must(j, atomic_fetch_add(&j->n_consuming, 1) == 0); // one at a time
  must(j, n == (chunk->end - chunk->begin) * j->bytes);
  for (size_t at = 0; at < n; at += j->bytes)
    memcpy(&j->got[j->n_got++], (const char *)bytes + at, sizeof *j->got);
  atomic_fetch_sub(&j->n_consuming, 1);
  if (chunk->begin <= j->consume_fails && j->consume_fails < chunk->end)
    return failed(err, j->consume_fails);
  return AMLRT_OK;
}

static uint64_t cost(void *user, uint64_t item)
{
  const job *j = user;

  return item == j->dear ? 1000 : item % 7;
}

static amlrt_status start(void *user, uint32_t worker, void **state, amlrt_error *err)
{
  job *j = user;

  if (worker == j->bad_worker) return failed(err, worker);
  atomic_fetch_add(&j->n_started, 1);
  *state = calloc(1, sizeof(uint64_t));
  return *state ? AMLRT_OK : AMLRT_E_NOMEM;
}

static void finish(void *user, uint32_t worker, void *state)
{
  job *j = user;
  uint64_t *count = state;

  (void)worker;
  j->n_finished++;
  j->counted += *count;
  free(count);
}

static bool cancelled(void *user)
{
  job *j = user;

  return atomic_fetch_add(&j->n_questions, 1) >= j->cancel_after;
}

// The consumer saw the items 0 .. n-1 in order, each once, split or not.
static bool saw_items(const job *j, uint64_t n)
{
  uint64_t item = 0, part = 0;

  for (size_t k = 0; k < j->n_got; k++) {
    if (j->got[k] / 1000 != item) {
      item++;
      part = 0;
    }
    if (j->got[k] != item * 1000 + part) return false;
    part++;
  }
  return n == (j->n_got ? item + 1 : 0);
}

// The same, and no callback was wrong; for the thread of the test.
static void got_items(const job *j, uint64_t n)
{
  ck_assert(saw_items(j, n));
  ck_assert_uint_eq(atomic_load(&j->n_wrong), 0);
}

// ---- tests; _i is the number of threads less one --------------------------------------------------

static const uint64_t sizes[] = {0, 1, 2, 3, 1023, 1024, 1025, 5000, CAP};

START_TEST(all_in_order)
{
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    job *j = new_job(sizes[k], (uint32_t)_i + 1);
    j->work.body = body;
    j->work.consume = consume;
    ck_assert_int_eq(amlrt_parallel(&j->work, NULL), AMLRT_OK);
    got_items(j, sizes[k]);
    ck_assert_uint_eq(j->n_got, sizes[k]);
    free(j);
  }
}
END_TEST

START_TEST(without_a_consumer)
{
  job *j = new_job(5000, (uint32_t)_i + 1);

  j->work.body = body;
  j->work.cost = cost;
  j->work.chunk_cost = 20;
  j->work.start = start;
  j->work.finish = finish;
  ck_assert_int_eq(amlrt_parallel(&j->work, NULL), AMLRT_OK);
  for (uint64_t i = 0; i < 5000; i++)
    ck_assert_uint_eq(atomic_load(&j->seen[i]), 1);
  ck_assert_uint_eq(j->counted, 5000);
  ck_assert_uint_eq(j->n_finished, atomic_load(&j->n_started));
  free(j);
}
END_TEST

START_TEST(dear_items_are_split)
{
  for (uint64_t dear = 0; dear < 100; dear += 33) {
    job *j = new_job(100, (uint32_t)_i + 1);
    j->work.body = body;
    j->work.consume = consume;
    j->work.cost = cost;
    j->work.chunk_cost = 30;
    j->work.max_parts = dear == 66 ? 4 : 100;
    j->dear = dear;
    ck_assert_int_eq(amlrt_parallel(&j->work, NULL), AMLRT_OK);
    got_items(j, 100);
    ck_assert_uint_eq(atomic_load(&j->seen[dear]), dear == 66 ? 4 : 1000 / 30);
    free(j);
  }
}
END_TEST

// Whatever else fails meanwhile, the first failure in order is what is told.
START_TEST(the_first_failure_wins)
{
  for (int round = 0; round < 20; round++) {
    job *j = new_job(6000, (uint32_t)_i + 1);
    amlrt_error err = {0};
    j->work.body = body;
    j->work.consume = consume;
    j->work.chunk_cost = 10;
    j->work.cost = cost;
    j->dear = 4321; // is started first, and fails
    j->fail_from = 4321 - 4000;
    j->fail_step = 1000;
    ck_assert_int_eq(amlrt_parallel(&j->work, &err), AMLRT_E_ARG);
    ck_assert_int_eq(err.status, AMLRT_E_ARG);
    ck_assert_str_eq(err.text, "item 321");
    ck_assert_uint_gt(j->n_got, 310);
    ck_assert_uint_le(j->n_got, 321);
    got_items(j, j->n_got);
    free(j);
  }
}
END_TEST

START_TEST(the_consumer_fails)
{
  job *j = new_job(6000, (uint32_t)_i + 1);
  amlrt_error err = {0};

  j->work.body = body;
  j->work.consume = consume;
  j->consume_fails = 2000;
  j->fail_from = 3000;
  j->fail_step = 1;
  ck_assert_int_eq(amlrt_parallel(&j->work, &err), AMLRT_E_ARG);
  ck_assert_str_eq(err.text, "item 2000");
  free(j);
}
END_TEST

START_TEST(truncated_goes_on)
{
  job *j = new_job(3000, (uint32_t)_i + 1);

  j->work.body = body;
  j->work.consume = consume;
  j->truncate = 77;
  ck_assert_int_eq(amlrt_parallel(&j->work, NULL), AMLRT_TRUNCATED);
  got_items(j, 3000);
  free(j);
}
END_TEST

START_TEST(a_worker_cannot_start)
{
  job *j = new_job(3000, (uint32_t)_i + 1);
  amlrt_error err = {0};

  j->work.body = body;
  j->work.start = start;
  j->work.finish = finish;
  j->bad_worker = (uint32_t)_i;
  ck_assert_int_eq(amlrt_parallel(&j->work, &err), AMLRT_E_ARG);
  ck_assert_int_eq(err.status, AMLRT_E_ARG);
  ck_assert_uint_eq(j->n_finished, atomic_load(&j->n_started));
  ck_assert_uint_le(j->n_finished, (uint32_t)_i);
  free(j);
}
END_TEST

START_TEST(cancelled_between_chunks)
{
  for (uint64_t after = 0; after < 50; after += 7) {
    job *j = new_job(3000, (uint32_t)_i + 1);
    j->work.body = body;
    j->work.consume = consume;
    j->work.cancelled = cancelled;
    j->cancel_after = after;
    ck_assert_int_eq(amlrt_parallel(&j->work, NULL), AMLRT_INTERRUPTED);
    got_items(j, j->n_got);
    free(j);
  }
}
END_TEST

// Works until it is told to stop.
static amlrt_status endless(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                            amlrt_error *err)
{
  job *j = user;

  (void)state;
  if (chunk->begin == j->fail_from) return failed(err, chunk->begin);
  while (!amlrt_task_stop(task))
    ;
  return AMLRT_INTERRUPTED;
}

START_TEST(cancelled_inside)
{
  job *j = new_job(50, (uint32_t)_i + 1);

  j->work.body = endless;
  j->work.cancelled = cancelled;
  j->cancel_after = 1000;
  ck_assert_int_eq(amlrt_parallel(&j->work, NULL), AMLRT_INTERRUPTED);
  free(j);
}
END_TEST

// An early chunk that fails lets the later ones go.
START_TEST(a_failure_stops_later_chunks)
{
  job *j = new_job(50, (uint32_t)_i + 1);
  amlrt_error err = {0};

  j->work.body = endless;
  j->fail_from = 0;
  ck_assert_int_eq(amlrt_parallel(&j->work, &err), AMLRT_E_ARG);
  ck_assert_str_eq(err.text, "item 0");
  free(j);
}
END_TEST

START_TEST(late_cancel_of_a_whole_run)
{
  job *j = new_job(10, 1);

  j->work.body = body;
  j->work.consume = consume;
  j->work.cancelled = cancelled;
  j->cancel_after = 10; // the question after the last chunk
  ck_assert_int_eq(amlrt_parallel(&j->work, NULL), AMLRT_OK);
  got_items(j, 10);
  free(j);
}
END_TEST

// ---- bounded memory -------------------------------------------------------------------------------

// An allocator that knows how many bytes live, and the most that ever did.
typedef struct meter {
  atomic_size_t live, most;
} meter;

enum { HEAD = 16 };

static void *meter_take(void *user, size_t bytes)
{
  meter *m = user;
  char *block = malloc(HEAD + bytes);

  if (!block) return NULL;
  memcpy(block, &bytes, sizeof bytes);
  size_t live = atomic_fetch_add(&m->live, bytes) + bytes, most = atomic_load(&m->most);
  while (live > most && !atomic_compare_exchange_weak(&m->most, &most, live))
    ;
  return block + HEAD;
}

static void meter_give_back(void *user, void *block)
{
  meter *m = user;
  size_t bytes;

  if (!block) return;
  memcpy(&bytes, (char *)block - HEAD, sizeof bytes);
  atomic_fetch_sub(&m->live, bytes);
  free((char *)block - HEAD);
}

// The first chunk is slow: what comes after it has to wait.
static amlrt_status slow_first(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                               amlrt_error *err)
{
  const struct timespec a_while = {.tv_nsec = 50 * 1000 * 1000};

  if (chunk->begin == 0) nanosleep(&a_while, NULL);
  return body(user, state, chunk, task, err);
}

START_TEST(waiting_output_is_bounded)
{
  enum { ITEM = 64 * 1024, WAITING = 1024 * 1024 };
  job *j = new_job(1000, (uint32_t)_i + 1);
  meter m = {0};
  amlrt_alloc mem = {meter_take, meter_give_back, &m};

  j->work.mem = &mem;
  j->work.body = slow_first;
  j->work.consume = consume;
  j->work.chunk_cost = 1;
  j->work.cost = cost; // most items are dear: many are started out of turn
  j->dear = 999;
  j->bytes = ITEM;
  j->work.max_waiting = WAITING;
  ck_assert_int_eq(amlrt_parallel(&j->work, NULL), AMLRT_OK);
  ck_assert_uint_eq(j->n_got, 1000);
  got_items(j, 1000);
  // A worker has a buffer at work, which is copied as it grows, and one may be kept for it.
  ck_assert_uint_lt(atomic_load(&m.most), WAITING + ((size_t)_i + 1) * 5 * ITEM + 256 * 1024);
  ck_assert_uint_eq(atomic_load(&m.live), 0);
  free(j);
}
END_TEST

START_TEST(one_byte_may_wait)
{
  job *j = new_job(3000, (uint32_t)_i + 1);

  j->work.body = body;
  j->work.consume = consume;
  j->work.max_waiting = 1;
  j->work.cost = cost;
  j->dear = 2500;
  ck_assert_int_eq(amlrt_parallel(&j->work, NULL), AMLRT_OK);
  got_items(j, 3000);
  free(j);
}
END_TEST

START_TEST(no_memory)
{
  for (uint64_t n = 0;; n++) {
    job *j = new_job(300, (uint32_t)_i + 1);
    amlrt_error err = {0};
    alloc_fail a;
    alloc_fail_init(&a, n);
    amlrt_alloc mem = alloc_fail_amlrt(&a);
    j->work.mem = &mem;
    j->work.body = body;
    j->work.consume = consume;
    j->work.chunk_cost = 20;
    j->work.max_parts = 10;
    j->work.cost = cost;
    j->dear = 200;
    amlrt_status st = amlrt_parallel(&j->work, &err);
    bool hit = alloc_fail_hit(&a);
    ck_assert_int_eq(st, hit ? AMLRT_E_NOMEM : AMLRT_OK);
    ck_assert_int_eq(err.status, st);
    got_items(j, st == AMLRT_OK ? 300 : j->n_got ? j->got[j->n_got - 1] / 1000 + 1 : 0);
    alloc_fail_check(&a);
    free(j);
    if (!hit) break;
  }
}
END_TEST

// ---- runs inside and beside each other ------------------------------------------------------------

static amlrt_status inner_run(void *user, void *state, const amlrt_chunk *chunk, amlrt_task *task,
                              amlrt_error *err)
{
  job *j = new_job(100, 4);

  (void)user, (void)state, (void)chunk, (void)task;
  j->work.body = body;
  j->work.consume = consume;
  amlrt_status st = amlrt_parallel(&j->work, err);
  if (!saw_items(j, 100) || atomic_load(&j->n_wrong)) st = AMLRT_E_ARG;
  free(j);
  return st;
}

START_TEST(a_run_inside_a_run)
{
  amlrt_work work = {.n = 20, .threads = (uint32_t)_i + 1, .body = inner_run};

  ck_assert_int_eq(amlrt_parallel(&work, NULL), AMLRT_OK);
}
END_TEST

START_TEST(how_many_threads)
{
  ck_assert_uint_ge(amlrt_threads(0), 1);
  ck_assert_uint_eq(amlrt_threads(3), 3);
  ck_assert_uint_eq(amlrt_threads(UINT32_MAX), AMLRT_MAX_THREADS);
}
END_TEST

static uint64_t enormous(void *user, uint64_t item)
{
  (void)user;
  return item % 2 ? UINT64_MAX : UINT64_MAX / 2;
}

START_TEST(costs_that_overflow)
{
  job *j = new_job(50, (uint32_t)_i + 1);

  j->work.body = body;
  j->work.consume = consume;
  j->work.cost = enormous;
  ck_assert_int_eq(amlrt_parallel(&j->work, NULL), AMLRT_OK);
  got_items(j, 50);
  free(j);
}
END_TEST

Suite *make_sched_suite(void)
{
  Suite *s = suite_create("sched");
  TCase *order = tcase_create("order"), *ends = tcase_create("ends"),
        *memory = tcase_create("memory");

  tcase_add_loop_test(order, all_in_order, 0, 4);
  tcase_add_loop_test(order, without_a_consumer, 0, 4);
  tcase_add_loop_test(order, dear_items_are_split, 0, 4);
  tcase_add_loop_test(order, costs_that_overflow, 0, 2);
  tcase_add_loop_test(order, a_run_inside_a_run, 0, 2);
  tcase_add_test(order, how_many_threads);
  suite_add_tcase(s, order);
  tcase_add_loop_test(ends, the_first_failure_wins, 0, 4);
  tcase_add_loop_test(ends, the_consumer_fails, 0, 4);
  tcase_add_loop_test(ends, truncated_goes_on, 0, 4);
  tcase_add_loop_test(ends, a_worker_cannot_start, 0, 4);
  tcase_add_loop_test(ends, cancelled_between_chunks, 0, 4);
  tcase_add_loop_test(ends, cancelled_inside, 0, 4);
  tcase_add_loop_test(ends, a_failure_stops_later_chunks, 0, 4);
  tcase_add_test(ends, late_cancel_of_a_whole_run);
  suite_add_tcase(s, ends);
  tcase_add_loop_test(memory, waiting_output_is_bounded, 0, 4);
  tcase_add_loop_test(memory, one_byte_may_wait, 0, 4);
  tcase_add_loop_test(memory, no_memory, 0, 4);
  suite_add_tcase(s, memory);
  return s;
}
