// The plan trigger-major on random graphs: every match of the reference is
// among the candidates.
//
// Generators are run here by a walk over their kernel IR, slow and obvious, so
// that a candidate that is missing is bind's fault and not a back end's.
// Patterns have no filters: all transfers pass.
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "passes/pass.h"
#include "tests/unit/support_ref.h"

Suite *make_bind_suite(void);

enum { MAX_ACCOUNTS = 32, MAX_VARS = 200, MAX_FOUND = 20000, N_ROWS = 60 };

typedef struct walk {
  const kir_module *m;
  const amlrt_columns *col;
  uint32_t row, first; // e*, and the first row of its window
  struct {
    const char *name;
    int64_t v;
  } vars[MAX_VARS];
  uint32_t n_vars;
  bool marked[4][MAX_ACCOUNTS];
  bool all; // the runtime's own generator was asked
  uint32_t n_found;
  uint32_t found[MAX_FOUND][4];
} walk;

typedef enum { GO_ON, GO_NEXT, GO_STOP } flow;

static flow run_block(walk *w, const kir_node *block);

static void set(walk *w, const char *name, int64_t v)
{
  ck_assert_uint_lt(w->n_vars, MAX_VARS);
  w->vars[w->n_vars].name = name;
  w->vars[w->n_vars++].v = v;
}

static int64_t get(const walk *w, const char *name)
{
  for (uint32_t i = w->n_vars; i-- > 0;)
    if (strcmp(w->vars[i].name, name) == 0) return w->vars[i].v;
  ck_abort_msg("no variable %s", name);
  return 0;
}

static int64_t value(walk *w, const kir_node *n);

// Transfers of a slice: whose, and at which end.
static bool is_in(const walk *w, const kir_node *slice, int64_t account, uint32_t row)
{
  return (slice->op == KIR_OUT_OF ? w->col->from[row] : w->col->to[row]) == account;
}

static int64_t size_of(walk *w, const kir_node *slice)
{
  int64_t n = 0, account = value(w, slice->args[0]);

  for (uint32_t r = w->first; r <= w->row; r++)
    n += is_in(w, slice, account, r);
  return n;
}

static int64_t value_of_mark(walk *w, const kir_node *n)
{
  bool *slot = w->marked[n->imm[0]];
  int64_t count = 0;

  if (n->op == KIR_N_MARKED) {
    for (uint32_t a = 0; a < MAX_ACCOUNTS; a++)
      count += slot[a];
    return count;
  }
  int64_t account = value(w, n->args[0]);
  bool was = slot[account];
  if (n->op == KIR_MARKED) return was;
  slot[account] = true;
  return !was;
}

static int64_t value(walk *w, const kir_node *n)
{
  if (n->op == KIR_VAR) return get(w, n->name);
  if (n->op == KIR_U32 || n->op == KIR_I64) return n->imm[0];
  if (n->op == KIR_FROM_OF) return w->col->from[value(w, n->args[0])];
  if (n->op == KIR_TO_OF) return w->col->to[value(w, n->args[0])];
  if (n->op == KIR_TIME_OF) return w->col->time[value(w, n->args[0])];
  if (n->op == KIR_TRIGGER_TIME) return w->col->time[w->row];
  if (n->op == KIR_I_ADD) return value(w, n->args[0]) + value(w, n->args[1]);
  if (n->op == KIR_SIZE_OF) return size_of(w, n->args[0]);
  if (n->op == KIR_PASSES || n->op == KIR_ALLOWED) return 1;
  if (n->op == KIR_MARK || n->op == KIR_MARKED || n->op == KIR_N_MARKED) return value_of_mark(w, n);
  if (n->op == KIR_B_NOT) return !value(w, n->args[0]);
  if (n->op == KIR_B_AND) return value(w, n->args[0]) && value(w, n->args[1]);
  int64_t a = value(w, n->args[0]), b = value(w, n->args[1]);
  if (n->op == KIR_U_EQ) return a == b;
  if (n->op == KIR_U_NE) return a != b;
  if (n->op == KIR_U_LT || n->op == KIR_I_LT) return a < b;
  if (n->op == KIR_I_LE) return a <= b;
  ck_abort_msg("%s in a generator", kir_ops[n->op].name);
  return 0;
}

static void for_each(walk *w, const kir_node *n)
{
  const kir_node *slice = n->args[0];
  int64_t account = value(w, slice->args[0]);
  uint32_t vars = w->n_vars;

  for (uint32_t r = w->first; r <= w->row; r++) {
    if (!is_in(w, slice, account, r)) continue;
    set(w, n->name, slice->op == KIR_OUT_OF ? w->col->to[r] : w->col->from[r]);
    set(w, n->text, r);
    flow f = run_block(w, n->args[1]);
    w->n_vars = vars;
    if (f == GO_STOP) return;
  }
}

static void candidate(walk *w, const kir_node *n)
{
  ck_assert_uint_lt(w->n_found, MAX_FOUND);
  ck_assert_uint_le(n->n_args, 4);
  for (uint32_t k = 0; k < n->n_args; k++)
    w->found[w->n_found][k] = (uint32_t)value(w, n->args[k]);
  w->n_found++;
}

static flow run_stmt(walk *w, const kir_node *n)
{
  if (n->op == KIR_NEXT) return GO_NEXT;
  if (n->op == KIR_STOP) return GO_STOP;
  if (n->op == KIR_IF) {
    const kir_node *arm = value(w, n->args[0]) ? n->args[1] : n->args[2];
    return arm ? run_block(w, arm) : GO_ON;
  }
  if (n->op == KIR_BLOCK) return run_block(w, n);
  if (n->op == KIR_LET) set(w, n->name, value(w, n->args[0]));
  if (n->op == KIR_FOR_EACH) for_each(w, n);
  if (n->op == KIR_CANDIDATE) candidate(w, n);
  if (n->op == KIR_GENERATE_ALL) w->all = true;
  if (n->op == KIR_MARKS_BEGIN) memset(w->marked[n->imm[0]], 0, sizeof w->marked[0]);
  return GO_ON;
}

static flow run_block(walk *w, const kir_node *block)
{
  uint32_t vars = w->n_vars;
  flow f = GO_ON;

  for (uint32_t i = 0; i < block->n_args && f == GO_ON; i++)
    f = run_stmt(w, block->args[i]);
  w->n_vars = vars;
  return f;
}

static void generate(walk *w, uint32_t trigger)
{
  const kir_node *parallel = w->m->fns.at[w->m->generate]->body->args[0];

  w->row = trigger;
  w->first = 0;
  while (w->col->time[w->first] <= w->col->time[trigger] - w->m->within)
    w->first++;
  w->n_vars = w->n_found = 0;
  w->all = false;
  set(w, parallel->name, trigger);
  (void)run_block(w, parallel->args[0]);
}

// ---- against the reference
// ----------------------------------------------------------------------------

static amlrt_status must_be_found(void *user, const amlrt_match *match)
{
  walk *w = user;
  uint32_t key[4], n = 0;
  bool found;

  generate(w, match->trigger);
  for (uint32_t r = 0; r < w->m->roles.n; r++)
    if (w->m->roles.at[r].kind == KIR_ROLE_ONE) key[n++] = match->roles[r].at[0];
  found = w->all;
  for (uint32_t i = 0; i < w->n_found && !found; i++)
    found = memcmp(w->found[i], key, n * sizeof *key) == 0;
  ck_assert_msg(found, "a match of trigger %u is no candidate", match->trigger);
  return AMLRT_OK;
}

static uint32_t draw(uint64_t *state, uint32_t below)
{
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((*state >> 33) % below);
}

static amlrt_table *draw_table(uint64_t seed)
{
  static char text[N_ROWS * 40];
  size_t at = 0;
  amlrt_table *t = NULL;
  uint32_t accounts = 4 + draw(&seed, 4), times = 20 + draw(&seed, 80);

  for (uint32_t i = 0; i < N_ROWS; i++) {
    uint32_t from = draw(&seed, accounts), to = draw(&seed, accounts), time = draw(&seed, times);
    at += (size_t)snprintf(text + at, sizeof text - at, "a%u a%u %u\n", from, to, time);
  }
  ck_assert_int_eq(ref_table(&t, text, NULL), AMLRT_OK);
  return t;
}

static uint64_t check_on(const gir_pattern *p, const kir_module *m, uint64_t seed)
{
  walk *w = calloc(1, sizeof *w);
  amlrt_table *t = draw_table(seed);
  ref_opts opts = {.only_trigger = AMLRT_NONE, .history_complete = true};
  ref_stats stats = {0};
  amlrt_error err = {0};

  ck_assert_ptr_nonnull(w);
  w->m = m;
  w->col = amlrt_table_columns(t);
  ck_assert_int_eq(ref_run(p, 0, t, &opts, must_be_found, w, &stats, &err), AMLRT_OK);
  amlrt_table_free(t);
  free(w);
  return stats.matches;
}

// Each pattern, with all passes and with each of those on kernel IR off.
static const char *const patterns[] = {
    "within 20s; stage s: a -> b;",
    "within 20s; stage s: a -> m[1..]; stage g: m -> b;",
    "within 20s; stage s: a -> m[2..]; stage g: m -> b; each m: s before g;",
    "within 20s; stage s: a -> m[2..3]; stage g: m -> b; each m: gap(s, g) in "
    "3s..9s;",
    "within 30s; stage s: a -> m[1~3..]; stage g: m -> b; each m: g before s;",
    "within 20s; stage s: a -> m[2..]; stage g: m -> b; may equal a, b;",
    "within 20s; stage s: a -> m[1..]; stage g: m -> b; may equal m, b;",
    "within 25s; stage one: a -> b; stage two: b -> c; each b: one before two;",
    "within 25s; stage one: a -> b; stage two: b -> c; stage three: c -> a;",
    "within 25s; stage one: a -> b; stage two: b -> c; stage three: c -> a; "
    "each b: one before two; "
    "each c: two before three;",
    "within 25s; stage one: a -> b; stage two: b -> c; may equal a, c;",
    "within 20s; stage s: any -> a; stage t: a -> b;",
    "within 20s; stage s: a -> any; stage t: any -> b; set m[2..] = out(a) & "
    "in(b);",
    "within 20s; stage s: a -> any; stage t: any -> b; set m[1..] = (out(a) & "
    "in(b)) - out(b);",
    "within 20s; stage s: a -> b; set m[1..] = out(a) | in(b);",
    "within 20s; stage s: a -> m[1..]; set n[1..] = out(m); stage t: n -> b;",
    "within 20s; stage s: a -> m[2..]; set n[0..] = out(m) as t; each m: s "
    "before t;",
    "within 20s; stage s: a -> l[1..]; stage t: r[1..] -> b; stage x: l -> r "
    "support 1.., 1..;",
    "within 30s; stage s: a -> l[2..]; stage t: r[2..] -> b; stage x: l -> r "
    "support 2.., 1..;",
    "within 20s; stage s: a -> m[1..]; stage t: any -> b; set n[1..] = in(b) & "
    "m;",
    "within 20s; trigger s; stage s: a -> m[2..]; stage g: m -> b;",
    "within 20s; stage s: m[2..] -> b; set n[1..] = out(m, at least 2) - m;",
    "within 20s; stage s: m[2..] -> b; set n[1..] = out(m, at least 60%); "
    "stage t: n -> c;",
};
enum { N_PATTERNS = sizeof patterns / sizeof *patterns };

START_TEST(no_match_is_lost)
{
  sema_bench b;
  uint64_t matches = 0;

  ref_compile(&b, patterns[_i], NULL);
  const gir_pattern *p = b.m->patterns.at[0];
  for (uint32_t off = 0; off <= n_passes; off++) {
    pass_opts opts = {.disable = off < n_passes ? &passes[off].cli : NULL,
                      .n_disable = off < n_passes};
    pass_unit *u = passes_run(b.mem, b.c, b.m, p, &opts, NULL);
    ck_assert_ptr_nonnull(u);
    if (off < n_passes && u->kir->generate == KIR_NONE) continue; // bind is off
    ck_assert_uint_ne(u->kir->generate, KIR_NONE);
    for (uint64_t seed = 1; seed <= (off < n_passes ? 2 : 6); seed++)
      matches += check_on(p, u->kir, seed * 7919 + (uint64_t)_i);
  }
  ck_assert_uint_gt(matches, 0);
  sema_bench_release(&b);
}
END_TEST

Suite *make_bind_suite(void)
{
  Suite *s = suite_create("bind");
  TCase *tc = tcase_create("sound");
  tcase_set_timeout(tc, 120);
  tcase_add_loop_test(tc, no_match_is_lost, 0, N_PATTERNS);
  suite_add_tcase(s, tc);
  return s;
}
