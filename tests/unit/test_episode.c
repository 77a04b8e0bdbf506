// Episodes and maximal matches: by hand, and against the definitions told plainly, on drawn matches.
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/src/match_keys.h"
#include "tests/unit/support_match.h"

Suite *make_episode_suite(void);

static void add(amlrt_sink *s, const test_match *t)
{
  ck_assert_int_eq(amlrt_sink_add(s, &t->m), AMLRT_OK);
}

static void finish(amlrt_sink *s, uint64_t want)
{
  ck_assert_int_eq(amlrt_sink_finish(s, NULL), AMLRT_OK);
  ck_assert_uint_eq(amlrt_sink_n(s), want);
}

static void alert_is(const amlrt_sink *s, uint64_t i, uint32_t trigger, uint64_t merged,
                     uint32_t first, uint32_t last)
{
  const amlrt_alert *a = amlrt_sink_alert(s, i);

  ck_assert_uint_eq(a->match.trigger, trigger);
  ck_assert_uint_eq(a->merged, merged);
  ck_assert_uint_eq(a->trigger_first, first);
  ck_assert_uint_eq(a->trigger_last, last);
}

// ---- episodes -------------------------------------------------------------------------------------

START_TEST(merges_what_overlaps)
{
  amlrt_table *t = minutes(20, false);
  amlrt_sink *s = sink_of(t, AMLRT_MODE_EPISODE);
  test_match m;

  fan(&m, 0, ROWS(0, 1), NO_ROWS, 8), add(s, &m);
  fan(&m, 1, ROWS(1), ROWS(2), 8), add(s, &m);  // other keys
  fan(&m, 0, ROWS(3), ROWS(1), 12), add(s, &m); // shares row 1, across stages
  fan(&m, 0, ROWS(3, 4), NO_ROWS, 8), add(s, &m);
  fan(&m, 0, ROWS(1, 5), NO_ROWS, 8), add(s, &m); // shares with the first, not with the one before
  finish(s, 3);
  alert_is(s, 0, 2, 1, 2, 2);
  alert_is(s, 1, 3, 3, 1, 4); // the best, not the last
  alert_is(s, 2, 5, 1, 5, 5);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

START_TEST(shows_the_latest_of_the_best)
{
  amlrt_table *t = minutes(20, false);
  amlrt_sink *s = sink_of(t, AMLRT_MODE_EPISODE);
  test_match m;

  for (uint32_t i = 0; i < 6; i++)
    fan(&m, 0, ROWS(i, i + 1), NO_ROWS, i == 1 || i == 3 ? 16 : 4), add(s, &m);
  finish(s, 1);
  alert_is(s, 0, 4, 6, 1, 6);
  amlrt_sink_free(s);
  amlrt_table_free(t);
}
END_TEST

START_TEST(rings_turn)
{
  amlrt_table *t = minutes(20, false);
  test_match m;

  for (int mode = AMLRT_MODE_EPISODE; mode <= AMLRT_MODE_ALL; mode++) {
    amlrt_sink *s = sink_of(t, (amlrt_mode)mode);
    ring(&m, ROWS(2, 0, 1), ROWS(0, 1, 2), 16), add(s, &m);
    ring(&m, ROWS(0, 1, 2), ROWS(0, 1, 2, 3), 16), add(s, &m); // the same ring
    ring(&m, ROWS(0, 2, 1), ROWS(2, 3, 4), 16), add(s, &m);    // the other way round
    finish(s, mode == AMLRT_MODE_ALL ? 3 : 2);
    if (mode == AMLRT_MODE_EPISODE) alert_is(s, 0, 3, 2, 2, 3);
    if (mode == AMLRT_MODE_MAXIMAL) alert_is(s, 0, 3, 1, 3, 3);
    ck_assert_uint_eq(amlrt_sink_alert(s, amlrt_sink_n(s) - 2)->match.roles[0].at[0], 0);
    amlrt_sink_free(s);
  }
  amlrt_table_free(t);
}
END_TEST

START_TEST(least_rotations)
{
  static const struct {
    uint32_t ring[6];
    size_t n, at;
  } cases[] = {{{0}, 0, 0},
               {{7}, 1, 0},
               {{3, 1, 2}, 3, 1},
               {{1, 2, 3}, 3, 0},
               {{2, 1, 2, 1}, 4, 1},
               {{1, 1, 1, 1}, 4, 0},
               {{2, 1, 1, 2, 1}, 5, 1},
               {{1, 2, 1, 1, 2, 0}, 6, 5}};

  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    size_t at = amlrt__least_rotation(cases[i].ring, cases[i].n);
    ck_assert_uint_eq(at, cases[i].at);
  }
}
END_TEST

// ---- against the definitions ----------------------------------------------------------------------

enum { N = 60, ROWS_N = 40 };

typedef struct drawn {
  uint32_t hub, pay[8], back[8];
  int degree16;
  uint64_t rows; // bit by bit
  uint32_t trigger;
} drawn;

static uint32_t draw(uint32_t *state, uint32_t n)
{
  *state = *state * 1664525u + 1013904223u;
  return (*state >> 16) % n;
}

static void take_row(drawn *d, uint32_t *list, uint32_t row)
{
  uint32_t n = 0;

  while (list[n] != AMLRT_NONE)
    n++;
  list[n] = row;
  list[n + 1] = AMLRT_NONE;
  d->rows |= UINT64_C(1) << row;
}

// Rows of the last ten minutes before the trigger, which is in it.
static void draw_match(drawn *d, uint32_t *state, uint32_t trigger)
{
  uint32_t from = trigger > 9 ? trigger - 9 : 0, n = 0;

  *d = (drawn){.hub = draw(state, 3), .trigger = trigger, .degree16 = 4 + (int)draw(state, 3)};
  d->pay[0] = d->back[0] = AMLRT_NONE;
  for (uint32_t r = from; r < trigger && n < 6; r++)
    if (draw(state, 4) == 0) take_row(d, draw(state, 2) ? d->pay : d->back, r), n++;
  take_row(d, d->pay, trigger);
}

static bool later_contains(const drawn *all, int i, int n)
{
  for (int k = i + 1; k < n; k++)
    if (all[k].hub == all[i].hub && (all[i].rows & ~all[k].rows) == 0 &&
        all[k].degree16 >= all[i].degree16)
      return true;
  return false;
}

static void has_alert(const amlrt_sink *s, const drawn *shown, uint64_t merged, uint32_t first,
                      uint32_t last)
{
  for (uint64_t i = 0; i < amlrt_sink_n(s); i++) {
    const amlrt_alert *a = amlrt_sink_alert(s, i);
    if (a->match.trigger != shown->trigger || a->match.roles[0].at[0] != shown->hub) continue;
    ck_assert_uint_eq(a->merged, merged);
    ck_assert_uint_eq(a->trigger_first, first);
    ck_assert_uint_eq(a->trigger_last, last);
    return;
  }
  ck_abort_msg("no alert of trigger %u", shown->trigger);
}

static uint64_t check_maximal(const amlrt_sink *s, const drawn *all, int n)
{
  uint64_t want = 0;

  for (int i = 0; i < n; i++) {
    if (later_contains(all, i, n)) continue;
    has_alert(s, &all[i], 1, all[i].trigger, all[i].trigger);
    want++;
  }
  return want;
}

static uint64_t check_episodes(const amlrt_sink *s, const drawn *all, int n)
{
  uint64_t want = 0;

  for (uint32_t hub = 0; hub < 3; hub++) {
    const drawn *best = NULL, *before = NULL;
    uint64_t merged = 0;
    uint32_t first = 0;
    for (int i = 0; i <= n; i++) {
      if (i < n && all[i].hub != hub) continue;
      if (before && (i == n || !(before->rows & all[i].rows))) {
        has_alert(s, best, merged, first, before->trigger);
        want++;
        best = NULL;
      }
      if (i == n) break;
      if (!best) merged = 0, first = all[i].trigger;
      if (!best || all[i].degree16 >= best->degree16) best = &all[i];
      merged++;
      before = &all[i];
    }
  }
  return want;
}

START_TEST(drawn_matches)
{
  uint32_t state = (uint32_t)_i * 7919u + 1u;
  amlrt_table *t = minutes(ROWS_N, false);
  drawn all[N];
  test_match m;
  int n = 0;

  for (uint32_t trigger = 0; trigger < ROWS_N; trigger++)
    for (uint32_t hub = 0; hub < 3 && n < N; hub++) {
      draw_match(&all[n], &state, trigger);
      all[n].hub = hub;
      if (draw(&state, 2)) n++;
    }
  for (int mode = AMLRT_MODE_EPISODE; mode <= AMLRT_MODE_MAXIMAL; mode++) {
    amlrt_sink *s = sink_of(t, (amlrt_mode)mode);
    for (int i = 0; i < n; i++)
      fan(&m, all[i].hub, all[i].pay, all[i].back, all[i].degree16), add(s, &m);
    ck_assert_int_eq(amlrt_sink_finish(s, NULL), AMLRT_OK);
    uint64_t want =
        mode == AMLRT_MODE_EPISODE ? check_episodes(s, all, n) : check_maximal(s, all, n);
    ck_assert_uint_eq(amlrt_sink_n(s), want);
    amlrt_sink_free(s);
  }
  amlrt_table_free(t);
}
END_TEST

// ---- memory ---------------------------------------------------------------------------------------

// A busy hub: however many matches merge, two copies are kept; and what a window has left behind is
// closed on the way.
START_TEST(memory_stays)
{
  amlrt_table *t = minutes(4000, false);
  alloc_fail a;
  alloc_fail_init(&a, ALLOC_FAIL_NEVER);
  amlrt_alloc mem = alloc_fail_amlrt(&a);
  amlrt_sink *s = NULL;
  test_match m;
  int64_t most = 0;

  ck_assert_int_eq(amlrt_sink_new(&s, test_patterns, 2, t, (amlrt_mode)_i, &mem, NULL), AMLRT_OK);
  for (uint32_t i = 0; i + 1 < 4000; i++) {
    fan(&m, 0, ROWS(i / 40 * 40, i + 1), NO_ROWS, i % 2 ? 8 : 7), add(s, &m);
    int64_t live = atomic_load(&a.n_live);
    if (i < 40 && live > most) most = live;
    // An alert is two blocks; of all others there are no more than there were at the beginning.
    ck_assert_int_le(live, most + 2 * (i / 40 + 1) * (_i == AMLRT_MODE_EPISODE ? 1 : 40) + 4);
  }
  ck_assert_int_eq(amlrt_sink_finish(s, NULL), AMLRT_OK);
  amlrt_sink_free(s);
  alloc_fail_check(&a);
  amlrt_table_free(t);
}
END_TEST

Suite *make_episode_suite(void)
{
  Suite *s = suite_create("episode");
  TCase *tc = tcase_create("episode");

  tcase_add_test(tc, merges_what_overlaps);
  tcase_add_test(tc, shows_the_latest_of_the_best);
  tcase_add_test(tc, rings_turn);
  tcase_add_test(tc, least_rotations);
  tcase_add_loop_test(tc, drawn_matches, 0, 200);
  tcase_add_loop_test(tc, memory_stays, AMLRT_MODE_EPISODE, AMLRT_MODE_MAXIMAL + 1);
  suite_add_tcase(s, tc);
  return s;
}
