// What tests of plans share: random tables, and runs by a plan held to trigger-major.
#ifndef AML_TESTS_PLAN_H
#define AML_TESTS_PLAN_H

#include "tests/unit/support_program.h"

// Some accounts are busier than others; some pay themselves; some rows have the same time. With a seed that
// is no multiple of 4 all rows have a currency.
amlrt_table *plan_table(uint64_t seed, int rows, unsigned accounts, int rows_a_second);
// Two currencies and rows without one, about as many of each.
amlrt_table *plan_mixed_table(uint64_t seed, int rows, unsigned accounts, int rows_a_second);

// The matches of a run, or its episodes where o->on_episode is plan_episode, added up: whatever differs changes
// the sum, the order does not.
uint64_t plan_sum(const amlrt_program *p, const amlrt_graph *g, const amlrt_run_opts *o);
amlrt_status plan_episode(void *user, const amlrt_match *m, uint64_t merged, uint32_t first,
                          uint32_t last);

// Currencies, a limit on hubs and what is known of the past, by the seed.
void plan_draw_case(amlrt_program *p, amlrt_run_opts *o, uint64_t seed);

// By the plan all matches are those of trigger-major, in lines and added up: in one piece and in slabs, with one
// thread and several, for each of `off` (n_off masks of tricks left out; NULL: 0 alone). o: what is asked for;
// status: how runs end, as hand_run takes it.
void plan_same(const amlrt_program *p, const amlrt_table *t, const amlrt_run_opts *o,
               const char *plan, int status, const uint64_t *off, size_t n_off);
// In one run of n patterns, each finds what it finds alone: counts, matches, episodes, for one thread and several;
// and says so where memory fails.
enum { PLAN_TOGETHER = 8 };
void plan_same_together(const amlrt_program *const *p, uint32_t n, const amlrt_table *t,
                        const char *plan);
void plan_memory_fails_together(const amlrt_program *const *p, uint32_t n, const amlrt_table *t,
                                const char *plan);
// Enough that the comparisons say something.
void plan_finds_some(const amlrt_program *p, const amlrt_table *t, const char *plan);
// Episodes by the plan are those that the evaluator finds where the row says that it is not exact.
void plan_same_episodes(const amlrt_program *p, amlrt_pplan *row, const amlrt_table *t,
                        const amlrt_run_opts *o, const char *plan);

// Tables of no row and of few: the same by trigger-major.
void plan_small_tables(const amlrt_program *p, const char *plan);
// Memory fails at each place in turn: the run says so and loses nothing. `off`: tricks left out each second time.
void plan_memory_fails(const amlrt_program *p, const amlrt_table *t, const char *plan, bool light,
                       uint64_t off);

#endif
