// Reading in blocks by several threads: the table is the same for any number of threads and any size of
// blocks, whatever is in the file.
#include <check.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/src/csv.h"
#include "runtime/src/intern.h"
#include "runtime/src/read.h"
#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_dump.h"
#include "tests/unit/support_table.h"

Suite *make_read_suite(void);

// ---- random files -------------------------------------------------------------------------------

enum { MAX_TEXT = 64 * 1024 };

typedef struct draw {
  uint64_t seed;
  char text[MAX_TEXT];
  size_t n;
  bool ibm, crlf, bad, quotes;
} draw;

static uint32_t below(draw *d, uint32_t n)
{
  d->seed += UINT64_C(0x9e3779b97f4a7c15);
  uint64_t z = d->seed;
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (uint32_t)((z ^ z >> 31) >> 32) % n;
}

static void put(draw *d, const char *text)
{
  size_t n = strlen(text);

  ck_assert_uint_lt(d->n + n, MAX_TEXT);
  memcpy(d->text + d->n, text, n + 1);
  d->n += n;
}

static const char *one_of(draw *d, const char *const *texts, uint32_t n)
{
  return texts[below(d, n)];
}
#define ONE_OF(d, ...)                                                                             \
  one_of(d, (const char *const[]){__VA_ARGS__},                                                    \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

// A field: as it is, in quotes, with lines and quotes inside.
static void put_field(draw *d, const char *text)
{
  if (!d->quotes || below(d, 4) != 0) {
    put(d, text);
    return;
  }
  put(d, "\"");
  put(d, text);
  if (below(d, 3) == 0) put(d, ONE_OF(d, "\n", "\r\n", "\n\n\n", "\"\"", ",", "a,b\n2,c,1"));
  put(d, "\"");
}

static void put_end(draw *d)
{
  put(d, d->crlf && below(d, 8) ? "\r\n" : "\n");
  if (below(d, 20) == 0) put(d, ONE_OF(d, "\n", "\r\n", "\n\n"));
}

static void put_number(draw *d, uint32_t n)
{
  char text[16];

  snprintf(text, sizeof text, "%" PRIu32, n);
  put(d, text);
}

static void put_time(draw *d)
{
  char text[64];
  uint32_t day = 1 + below(d, 3), minute = below(d, 60);

  if (d->bad && below(d, 15) == 0) {
    put(d, ONE_OF(d, "", "yesterday", "2022/13/01 00:00", "2022-02-30"));
    return;
  }
  if (d->ibm)
    snprintf(text, sizeof text, "2022/09/%02" PRIu32 " 00:%02" PRIu32, day, minute);
  else
    snprintf(text, sizeof text, "2022-09-%02" PRIu32 "T00:%02" PRIu32 ":00Z", day, minute);
  put(d, text);
}

static void put_amount(draw *d)
{
  if (d->bad && below(d, 15) == 0)
    put(d, ONE_OF(d, "-1", "x", "1234567890123456789", "0.0000000000000001", "1e5", ""));
  else
    put_field(d, ONE_OF(d, "1", "2.50", "0.001", "100000.00", "7", "000012.340", "+3", ".5", "6."));
}

static void put_account(draw *d)
{
  char text[32];

  if (below(d, 12) == 0) {
    put_field(d, ONE_OF(d, "a", "an account with a name of more than thirty-two bytes",
                        "twenty-four bytes 012345", "exactly thirty-one bytes long 1",
                        "\xc3\xa9t\xc3\xa9"));
    return;
  }
  if (d->bad && below(d, 40) == 0) put(d, ONE_OF(d, "\xff\xfe", "\"", "a\"b", ",", "c:d"));
  snprintf(text, sizeof text, "%X", 0x8000 + below(d, 60));
  put_field(d, text);
}

static void put_currency(draw *d)
{
  put_field(d, ONE_OF(d, "Euro", "EUR", "US Dollar", "Yen", "XBT", "USD"));
}

static void put_ibm_row(draw *d)
{
  put_time(d);
  for (int i = 0; i < 2; i++) {
    put(d, ",");
    put_field(d, ONE_OF(d, "01", "1", "27138", "0203"));
    put(d, ",");
    put_account(d);
  }
  for (int i = 0; i < 2; i++) {
    put(d, ",");
    put_amount(d);
    put(d, ",");
    put_currency(d);
  }
  put(d, ",");
  put_field(d, ONE_OF(d, "Wire", "ACH", "Cheque"));
  put(d, ",0");
}

static void put_generic_row(draw *d, uint32_t i)
{
  put_account(d);
  put(d, ",");
  put_account(d);
  put(d, ",");
  put_time(d);
  put(d, ",");
  if (d->bad && below(d, 15) == 0)
    put(d, ONE_OF(d, "5", "an id", "id \"7\"", ""));
  else
    put_number(d, d->seed & 1 ? i : 100000 - i);
  put(d, ",");
  put_amount(d);
  put(d, ",");
  put_currency(d);
  put(d, ",");
  put_field(d, ONE_OF(d, "", "note", "a longer note of many words, 40 bytes or so", "1.5", "2"));
}

static void put_rows(draw *d, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++) {
    if (d->ibm)
      put_ibm_row(d);
    else
      put_generic_row(d, i);
    if (d->bad && below(d, 25) == 0) put(d, ONE_OF(d, ",", "\"", ",\"open", "\r"));
    put_end(d);
  }
  if (below(d, 2) && d->n > 0) d->text[--d->n] = '\0'; // the last line does not end
}

static void draw_file(draw *d, uint64_t seed)
{
  d->seed = seed;
  d->n = 0;
  d->ibm = below(d, 2);
  d->crlf = below(d, 3) == 0;
  d->bad = below(d, 2);
  d->quotes = below(d, 2);
  if (below(d, 8) == 0) put(d, "\xef\xbb\xbf");
  put(d, d->ibm ? IBM_HEADER ",Is Laundering" : "src,dst,time,id,amount,currency,\"no\"\"te\"");
  put_end(d);
  put_rows(d, below(d, 10) ? below(d, 40) : 0);
}

// ---- the same table ------------------------------------------------------------------------------

typedef struct what {
  const char *const *paths;
  size_t n_paths;
  amlrt_read_opts opts;
} what;

static char *read_as(const what *w, uint32_t threads, size_t block_bytes)
{
  amlrt_read_opts opts = w->opts;
  amlrt_table *t = NULL;
  amlrt_error err = {.text = ""};
  char *text;

  opts.threads = threads;
  amlrt_status st = amlrt__table_read_cut(&t, w->paths, w->n_paths, &opts, block_bytes, &err);
  if (t) {
    text = table_dump(t);
  } else {
    text = malloc(600);
    if (text) snprintf(text, 600, "%d %s", (int)st, err.text);
  }
  ck_assert_ptr_nonnull(text);
  amlrt_table_free(t);
  return text;
}

static void same_however_read(const what *w, uint64_t seed)
{
  static const struct {
    uint32_t threads;
    size_t bytes;
  } ways[] = {{1, 1},  {1, 100}, {1, 1000}, {2, 7},   {2, 150},
              {3, 40}, {3, 900}, {8, 1},    {8, 333}, {0, AMLRT__BLOCK_BYTES}};
  char *one = read_as(w, 1, 1 << 20);

  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    char *other = read_as(w, ways[i].threads, ways[i].bytes);
    ck_assert_msg(strcmp(one, other) == 0,
                  "seed %" PRIu64 ": %" PRIu32 " threads, blocks of %zu bytes: %s\nis not\n%s",
                  seed, ways[i].threads, ways[i].bytes, other, one);
    free(other);
  }
  free(one);
}

START_TEST(random_files)
{
  static draw d;

  for (uint64_t seed = 0; seed < 60; seed++) {
    draw_file(&d, seed);
    const char *path =
        seed % 5 ? file_with_bytes("data.csv", d.text, d.n) : file_packed("data.csv.gz", d.text, 0);
    what w = {&path, 1, amlrt_read_opts_default()};
    w.opts.max_rejects = seed % 7 ? 1.0 : 0.05;
    same_however_read(&w, seed);
    files_clean();
  }
}
END_TEST

START_TEST(several_files)
{
  static draw d;

  for (uint64_t seed = 1000; seed < 1012; seed++) {
    const char *paths[3];
    for (int i = 0; i < 3; i++) {
      char name[16];
      draw_file(&d, seed * 3 + (uint64_t)i);
      snprintf(name, sizeof name, "%d.csv", i);
      paths[i] = file_with_bytes(name, d.text, d.n);
    }
    what w = {paths, 3, amlrt_read_opts_default()};
    w.opts.max_rejects = 1.0;
    same_however_read(&w, seed); // now and then they are of two formats, an error
    files_clean();
  }
}
END_TEST

START_TEST(mapped_files)
{
  static draw d;
  static const char *const maps[] = {
      "src = src\ndst = dst\ntime = time\nextra.e = currency\n",
      "header = none\nsrc = 1\ndst = 2\ntime = 3\namount = 5\n",
      "delimiter = space\nheader = none\nsrc = 1\ndst = 2\ntime = 3\n",
  };

  for (uint64_t seed = 2000; seed < 2018; seed++) {
    do
      draw_file(&d, seed + 7 * (d.seed % 1000));
    while (d.ibm);
    const char *path = file_with_bytes("data.csv", d.text, d.n);
    what w = {&path, 1, amlrt_read_opts_default()};
    w.opts.max_rejects = 1.0;
    w.opts.map_path = file_with("a.map", maps[seed % 3]);
    same_however_read(&w, seed);
    files_clean();
  }
}
END_TEST

// ---- long lines and records ----------------------------------------------------------------------

static void long_text(const char *before, char fill, size_t n, const char *behind)
{
  size_t n_before = strlen(before), n_behind = strlen(behind);
  char *text = malloc(n_before + n + n_behind);

  ck_assert_ptr_nonnull(text);
  memcpy(text, before, n_before);
  memset(text + n_before, fill, n);
  memcpy(text + n_before + n, behind, n_behind);
  const char *path = file_with_bytes("long.csv", text, n_before + n + n_behind);
  what w = {&path, 1, amlrt_read_opts_default()};
  w.opts.max_rejects = 1.0;
  char *one = read_as(&w, 1, (size_t)8 << 20);
  static const size_t bytes[] = {150000, 1 << 20};
  for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
    for (uint32_t threads = 1; threads < 3; threads++) {
      char *other = read_as(&w, threads, bytes[i]);
      ck_assert_str_eq(one, other);
      free(other);
    }
  free(one);
  free(text);
  files_clean();
}

START_TEST(long_lines)
{
  static const size_t n[] = {300000, AMLRT__RECORD_MAX - 5, AMLRT__RECORD_MAX - 4,
                             2 * AMLRT__RECORD_MAX};

  for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
    long_text("src,dst,time\na,b,1\nc,", 'x', n[i], ",1\nd,e,2\n");
    long_text("src,dst,time\na,b,1\nc,\"", '\n', n[i], "\",1\nd,e,2\n");
    long_text("src,dst,time\na,b,1\nc,", 'x', n[i], "");
    long_text("src,dst,time\na,b,1\nc,\"", '\n', n[i], "");
    long_text("src,dst,time\n", '\n', n[i], "a,b,1\n");
    long_text("src,dst,time,\"", 'x', n[i], "\"\na,b,1,2\n");
  }
}
END_TEST

// Every row goes over two lines: no line is a record.
START_TEST(rows_of_two_lines)
{
  size_t cap = 40000, n = 0;
  char *text = malloc(cap);

  ck_assert_ptr_nonnull(text);
  n += (size_t)snprintf(text, cap, "src,dst,time,note\n");
  for (int i = 0; n + 200 < cap; i++)
    n += (size_t)snprintf(text + n, cap - n, "a%d,b%d,%d,\"x,y\nz,1,2,3\"\n", i % 50, i % 70, i);
  const char *path = file_with_bytes("two.csv", text, n);
  what w = {&path, 1, amlrt_read_opts_default()};
  w.opts.max_rejects = 0;
  same_however_read(&w, 0);
  free(text);
  files_clean();
}
END_TEST

// ---- failures ------------------------------------------------------------------------------------

START_TEST(no_memory)
{
  static draw d;

  for (uint64_t seed = 3000; seed < 3003; seed++) {
    draw_file(&d, seed);
    const char *path = file_with_bytes("data.csv", d.text, d.n);
    for (uint64_t n = 0;; n++) {
      alloc_fail a;
      alloc_fail_init(&a, n);
      amlrt_alloc mem = alloc_fail_amlrt(&a);
      amlrt_read_opts opts = amlrt_read_opts_default();
      amlrt_table *t = NULL;
      opts.mem = &mem;
      opts.threads = 1 + (uint32_t)seed % 3;
      opts.max_rejects = 1.0;
      amlrt_status st = amlrt__table_read_cut(&t, &path, 1, &opts, 700, NULL);
      bool failed = alloc_fail_hit(&a);
      if (failed) {
        ck_assert_ptr_null(t);
        ck_assert_int_eq(st, AMLRT_E_NOMEM);
      }
      amlrt_table_free(t);
      alloc_fail_check(&a);
      if (!failed) break;
    }
    files_clean();
  }
}
END_TEST

static bool third_time(void *user)
{
  return ++*(int *)user == 3;
}

START_TEST(cancelled)
{
  static char text[400000];
  size_t n = (size_t)snprintf(text, sizeof text, "src,dst,time\n");

  while (n + 20 < sizeof text)
    n += (size_t)snprintf(text + n, sizeof text - n, "a,b,%d\n", (int)(n % 977));
  const char *path = file_with_bytes("data.csv", text, n);
  for (uint32_t threads = 1; threads < 5; threads++) {
    amlrt_read_opts opts = amlrt_read_opts_default();
    amlrt_table *t = NULL;
    int asked = 0;
    opts.threads = threads;
    opts.cancelled = third_time;
    opts.user = &asked;
    amlrt_status st = amlrt__table_read_cut(&t, &path, 1, &opts, 1000, NULL);
    ck_assert(st == AMLRT_INTERRUPTED || (st == AMLRT_OK && asked < 3));
    amlrt_table_free(t);
  }
  files_clean();
}
END_TEST

// ---- looking up while one adds -------------------------------------------------------------------

enum { N_KEYS = 300000, N_LOOKERS = 3 };

typedef struct lookup {
  amlrt__intern texts;
  atomic_bool done;
  atomic_uint n_wrong, n_found;
} lookup;

static void key_of(amlrt__key *key, char text[64], uint32_t i)
{
  int n = i % 50 ? snprintf(text, 64, "%" PRIu32, i)
                 : snprintf(text, 64, "a text of over twenty bytes, %" PRIu32, i);

  amlrt__key_make(key, text, (size_t)n);
}

// A text is found with its own number, or not yet.
static void *look_up(void *user)
{
  lookup *l = user;
  uint32_t seed = 1;

  while (!atomic_load(&l->done)) {
    amlrt__key key;
    char text[64];
    seed = seed * 1664525 + 1013904223;
    uint32_t i = (seed >> 8) % N_KEYS;
    key_of(&key, text, i);
    uint32_t number = amlrt__intern_find_key(&l->texts, &key);
    if (number != AMLRT_NONE) atomic_fetch_add(&l->n_found, 1);
    if (number != AMLRT_NONE && number != i) atomic_fetch_add(&l->n_wrong, 1);
  }
  return NULL;
}

START_TEST(found_while_adding)
{
  static lookup l;
  amlrt__pool pool;
  pthread_t thread[N_LOOKERS];

  amlrt__pool_init(&pool, amlrt_alloc_default());
  amlrt__intern_init(&l.texts, &pool);
  for (int i = 0; i < N_LOOKERS; i++)
    ck_assert_int_eq(pthread_create(&thread[i], NULL, look_up, &l), 0);
  for (uint32_t i = 0; i < N_KEYS; i++) {
    amlrt__key key;
    char text[64];
    uint32_t number;
    key_of(&key, text, i);
    ck_assert_int_eq(amlrt__intern_add_key(&l.texts, &key, &number), AMLRT_OK);
    ck_assert_uint_eq(number, i);
  }
  atomic_store(&l.done, true);
  for (int i = 0; i < N_LOOKERS; i++)
    ck_assert_int_eq(pthread_join(thread[i], NULL), 0);
  ck_assert_uint_eq(atomic_load(&l.n_wrong), 0);
  amlrt__intern_release(&l.texts);
  amlrt__pool_release(&pool);
}
END_TEST

// Many new accounts: texts are looked up while others get their numbers.
START_TEST(many_accounts)
{
  enum { ROWS = 20000, CAP = ROWS * 40 };
  char *text = malloc(CAP);
  size_t n = 0;

  ck_assert_ptr_nonnull(text);
  n += (size_t)snprintf(text, CAP, "src,dst,time\n");
  for (uint32_t i = 0; i < ROWS; i++)
    n += (size_t)snprintf(text + n, CAP - n, "%" PRIu32 ",%" PRIu32 ",%" PRIu32 "\n",
                          i * 7919 % 9973, i * 104729 % 19997, i % 1000);
  const char *path = file_with_bytes("many.csv", text, n);
  what w = {&path, 1, amlrt_read_opts_default()};
  char *one = read_as(&w, 1, 1 << 20);
  for (uint32_t i = 0; i < 12; i++) {
    char *other = read_as(&w, 2 + i % 3, 3000 + 1000 * i);
    ck_assert_msg(strcmp(one, other) == 0, "reading %" PRIu32, i);
    free(other);
  }
  free(one);
  free(text);
  files_clean();
}
END_TEST

START_TEST(marks)
{
  static draw d;
  static uint32_t one[MAX_TEXT + AMLRT__SLACK], other[MAX_TEXT + AMLRT__SLACK];
  amlrt__csv_scan *fast = amlrt__csv_scan_avx2();

  if (!fast) return;
  for (uint64_t seed = 0; seed < 200; seed++) {
    draw_file(&d, seed);
    size_t from = below(&d, 70) % (d.n + 1), n = d.n - from - below(&d, 70) % (d.n - from + 1);
    ck_assert_uint_lt(d.n + AMLRT__SLACK, MAX_TEXT);
    size_t k = amlrt__csv_scan_scalar(one, d.text + from, n, ',');
    ck_assert_uint_eq(fast(other, d.text + from, n, ','), k);
    ck_assert_int_eq(memcmp(one, other, k * sizeof *one), 0);
  }
}
END_TEST

static void add(Suite *s, const char *name, const TTest *test)
{
  TCase *tc = tcase_create(name);

  tcase_set_timeout(tc, 300);
  tcase_add_test(tc, test);
  suite_add_tcase(s, tc);
}

Suite *make_read_suite(void)
{
  Suite *s = suite_create("read");

  add(s, "random_files", random_files);
  add(s, "several_files", several_files);
  add(s, "mapped_files", mapped_files);
  add(s, "long_lines", long_lines);
  add(s, "rows_of_two_lines", rows_of_two_lines);
  add(s, "no_memory", no_memory);
  add(s, "cancelled", cancelled);
  add(s, "found_while_adding", found_while_adding);
  add(s, "many_accounts", many_accounts);
  add(s, "marks", marks);
  return s;
}
