// The runner of passes, and what each pass does to a pattern.
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ir/reference/ref.h"
#include "passes/pass.h"
#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_gir.h"
#include "tests/unit/support_sema.h"

Suite *make_passes_suite(void);

#define PATTERNS AML_SOURCE_DIR "/patterns/"

static const char *const library[] = {"bipartite", "cycle",          "dormant",     "fan_in",
                                      "fan_out",   "gather_scatter", "mule_herd",   "random_walk",
                                      "stack",     "scatter_gather", "structuring", "pass_through"};
enum { N_LIBRARY = sizeof library / sizeof *library };

// ---- a pattern, run through passes
// ----------------------------------------------------------------

typedef struct dumped { // what the runner handed out
  char names[400];      // of passes, a blank behind each
  char text[60000];     // of the last one
  uint32_t last_place;
} dumped;

static void keep_dump(void *user, const char *pattern, uint32_t place, const char *pass,
                      const char *text)
{
  dumped *d = user;
  size_t n = strlen(d->names);

  ck_assert_ptr_nonnull(pattern);
  snprintf(d->names + n, sizeof d->names - n, "%s ", pass);
  ck_assert_uint_lt(strlen(text), sizeof d->text);
  snprintf(d->text, sizeof d->text, "%s", text);
  d->last_place = place;
}

// Check's own messages are too short for a dump.
static void check_text(const char *text, const char *has, const char *has_not)
{
  bool ok = (!has || strstr(text, has)) && (!has_not || !strstr(text, has_not));

  if (!ok) fputs(text, stderr);
  ck_assert_msg(ok, "expected '%s' and not '%s'", has ? has : "", has_not ? has_not : "");
}

typedef struct passed {
  sema_bench b;
  dumped d;
  pass_time times[32];
  pass_unit *u;
} passed;

static void pass_file(passed *k, const char *name, const pass_opts *opts)
{
  char path[1000];
  pass_opts o = *opts;

  ck_assert_uint_le(n_passes, sizeof k->times / sizeof *k->times);
  snprintf(path, sizeof path, PATTERNS "%s.aml", name);
  char *text = sema_read_file(path);
  ck_assert_ptr_nonnull(text);
  *k = (passed){.u = NULL};
  sema_bench_init(&k->b, NULL, NULL);
  sema_bench_run(&k->b, path, text, NULL, 0);
  free(text);
  ck_assert_msg(k->b.m, "%s", sema_bench_diagnostics(&k->b));
  o.dump = keep_dump;
  if (!o.user) o.user = &k->d;
  k->u = passes_run(k->b.mem, k->b.c, k->b.m, k->b.m->patterns.at[0], &o, k->times);
  ck_assert_ptr_nonnull(k->u);
}

static void pass_release(passed *k)
{
  sema_bench_release(&k->b);
}

static bool ran(const passed *k, const char *pass)
{
  return k->times[pass_find(pass)].ran;
}

// ---- the runner
// -----------------------------------------------------------------------------------

START_TEST(order)
{
  passed k;
  char all[400] = "";

  pass_file(&k, "scatter_gather", &(pass_opts){.dump_after = "all"});
  for (uint32_t i = 0; i < n_passes; i++) {
    size_t n = strlen(all);
    snprintf(all + n, sizeof all - n, "%s ", passes[i].cli);
  }
  ck_assert_str_eq(k.d.names, all);
  ck_assert_uint_eq(k.d.last_place, n_passes - 1);
  pass_release(&k);
}
END_TEST

START_TEST(rows)
{
  pass_level level = PASS_LEVEL_GIR;

  for (uint32_t i = 0; i < n_passes; i++) {
    ck_assert_uint_eq(pass_find(passes[i].cli), i);
    ck_assert_uint_gt(strlen(passes[i].help), 10);
    ck_assert_uint_ge(passes[i].level, level);
    level = passes[i].level;
  }
  ck_assert_uint_eq(pass_find("nothing"), n_passes);
}
END_TEST

START_TEST(dump_one)
{
  passed k;

  pass_file(&k, "scatter_gather", &(pass_opts){.dump_after = "lower"});
  ck_assert_str_eq(k.d.names, "lower ");
  ck_assert_ptr_nonnull(strstr(k.d.text, "pattern scatter_gather {"));
  pass_release(&k);
  pass_file(&k, "scatter_gather", &(pass_opts){.dump_after = "nothing"});
  ck_assert_str_eq(k.d.names, "");
  pass_release(&k);
}
END_TEST

START_TEST(disable)
{
  const char *const off[] = {"bind", "lower", "triggers"};
  passed k;

  pass_file(&k, "scatter_gather", &(pass_opts){.disable = off, .n_disable = 3});
  ck_assert(!ran(&k, "bind"));
  ck_assert(!ran(&k, "triggers"));
  ck_assert(ran(&k, "lower"));
  ck_assert(ran(&k, "hub-sweep"));
  ck_assert_uint_eq(k.u->kir->generate, KIR_NONE);
  ck_assert(k.u->kir->stages.at[0].can_trigger); // scatter, which an order keeps out
  pass_release(&k);
}
END_TEST

START_TEST(stop_after)
{
  passed k;

  pass_file(&k, "scatter_gather", &(pass_opts){.stop_after = "pushdown", .dump_after = "all"});
  ck_assert_str_eq(k.d.names, "pushdown ");
  ck_assert_ptr_null(k.u->kir);
  pass_release(&k);
  pass_file(&k, "scatter_gather", &(pass_opts){.stop_after = "lower"});
  ck_assert_ptr_nonnull(k.u->kir);
  ck_assert(!ran(&k, "bind"));
  pass_release(&k);
}
END_TEST

START_TEST(only)
{
  passed k;

  pass_file(&k, "scatter_gather", &(pass_opts){.only = "triggers", .dump_after = "all"});
  ck_assert_str_eq(k.d.names, "triggers ");
  ck_assert_ptr_null(k.u->kir);
  pass_release(&k);
  pass_file(&k, "scatter_gather", &(pass_opts){.only = "bind", .dump_after = "all"});
  ck_assert_str_eq(k.d.names, "lower bind ");
  ck_assert_ptr_nonnull(k.u->kir);
  pass_release(&k);
}
END_TEST

static double tick(void *user)
{
  dumped *d = user;
  return d->last_place++; // one second a call
}

START_TEST(times)
{
  passed k;
  dumped ticks = {.last_place = 0};

  pass_file(&k, "stack", &(pass_opts){.clock = tick, .user = &ticks});
  for (uint32_t i = 0; i < n_passes; i++)
    ck_assert(k.times[i].ran && k.times[i].seconds > 0.5 && k.times[i].seconds < 1.5);
  ck_assert(k.times[pass_find("lower")].changed);
  ck_assert(!k.times[pass_find("late")].changed);
  pass_release(&k);
}
END_TEST

// A pattern that the verifier refuses must not get past the first pass.
START_TEST(verifies)
{
  int status = 0;
  pid_t child = fork();

  ck_assert_int_ge(child, 0);
  if (child == 0) {
    passed k;
    if (!freopen("/dev/null", "w", stderr)) _exit(1);
    signal(SIGABRT, SIG_DFL);
    pass_file(&k, "stack", &(pass_opts){.stop_after = "pushdown"});
    k.b.m->patterns.at[0]->within = -1;
    (void)passes_run(k.b.mem, k.b.c, k.b.m, k.b.m->patterns.at[0],
                     &(pass_opts){.stop_after = "pushdown"}, NULL);
    _exit(0);
  }
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}
END_TEST

// The original stays as it was, whatever passes do to the copy.
START_TEST(original)
{
  passed k;

  pass_file(&k, library[_i], &(pass_opts){.stop_after = "pushdown"});
  char *before = strdup(sema_bench_print(&k.b));
  ck_assert_ptr_nonnull(passes_run(k.b.mem, k.b.c, k.b.m, k.b.m->patterns.at[0], NULL, k.times));
  ck_assert_str_eq(sema_bench_print(&k.b), before);
  free(before);
  pass_release(&k);
}
END_TEST

// Any one pass off: what is left is kernel IR that the verifier takes, with the
// same conditions.
START_TEST(one_off)
{
  for (uint32_t i = 0; i < n_passes; i++) {
    passed k;
    pass_file(&k, library[_i], &(pass_opts){.disable = &passes[i].cli, .n_disable = 1});
    ck_assert(passes[i].level == PASS_LEVEL_LOWER || !k.times[i].ran);
    ck_assert_ptr_nonnull(k.u->kir);
    ck_assert_uint_gt(k.u->kir->cons.n + k.u->kir->roles.n, 0);
    pass_release(&k);
  }
}
END_TEST

START_TEST(no_memory)
{
  for (uint64_t n = 0;; n++) {
    alloc_fail a;
    char *text = sema_read_file(PATTERNS "scatter_gather.aml");
    sema_bench b;
    static dumped d;
    pass_opts opts = {.dump_after = "all", .dump = keep_dump, .user = &d};

    ck_assert_ptr_nonnull(text);
    d = (dumped){.last_place = 0};
    alloc_fail_init(&a, ALLOC_FAIL_NEVER);
    cx_allocator mem = alloc_fail_cx(&a);
    sema_bench_init(&b, &mem, NULL);
    sema_bench_run(&b, "p.aml", text, NULL, 0);
    free(text);
    ck_assert_ptr_nonnull(b.m);
    a.fail_at = atomic_load(&a.n_calls) + n;
    pass_unit *u = passes_run(b.mem, b.c, b.m, b.m->patterns.at[0], &opts, NULL);
    bool failed = alloc_fail_hit(&a);
    ck_assert(failed ? !u : u != NULL);
    sema_bench_release(&b);
    alloc_fail_check(&a);
    if (!failed) break;
  }
}
END_TEST

// ---- passes on graph IR
// -----------------------------------------------------------------------------

#define HEAD                                                                                       \
  "gir 1\npattern p {\n  id \"1\"\n  version \"1\"\n  within 3600\n  %a = "                        \
  "one a\n"                                                                                        \
  "  %m = group m in number 1..\n  %in = stage in %a %m within=0\n  %b = one "                     \
  "b\n"                                                                                            \
  "  %out = stage out %m %b within=0\n"
#define PAIR(cond) "  pair %m %in %out " cond " \"\"\n"
#define BEFORE "  %1 = before first=0 then=1\n"
#define GAP(range) "  %8 = gap first=0 then=1\n  %9 = in_range %8 in duration " range "\n"

// Runs graph IR through passes and keeps the dump of one.
static pass_unit *pass_text(gir_bench *g, dumped *d, const char *statements, const char *after)
{
  char text[4000];

  snprintf(text, sizeof text, "%s%s}\n", HEAD, statements);
  gir_bench_init(g, NULL);
  gir_pattern *p = gir_bench_pattern(g, text);
  *d = (dumped){.last_place = 0};
  pass_opts opts = {.dump_after = after, .dump = keep_dump, .user = d};
  pass_unit *u = passes_run(g->mem, g->c, g->m, p, &opts, NULL);
  ck_assert_ptr_nonnull(u);
  return u;
}

typedef struct dump_row {
  const char *statements;
  const char *has, *has_not; // of the dump
} dump_row;

static void check_dump(const dump_row *r, const char *after)
{
  gir_bench g;
  dumped *d = malloc(sizeof *d);

  ck_assert_ptr_nonnull(d);
  pass_text(&g, d, r->statements, after);
  check_text(d->text, r->has, r->has_not);
  gir_bench_release(&g);
  free(d);
}

static const dump_row pushed[] = {
    {BEFORE PAIR("%1"), "// in: later than trigger - within + 0s, not later than trigger - 1s",
     NULL},
    {BEFORE PAIR("%1"), "// out: later than trigger - within + 1s, not later than trigger - 0s",
     NULL},
    {GAP("60..600") PAIR("%9"),
     "// in: later than trigger - within + 0s, not later than trigger - 60s", NULL},
    {GAP("60..600") PAIR("%9"),
     "// out: later than trigger - within + 60s, not later than trigger - 0s", NULL},
    {"  %1 = not_after first=0 then=1\n" PAIR("%1"), NULL, "// in:"},
    {"", NULL, "// in:"},
    // A side that may be empty asks nothing of the other; its own transfers
    // need a partner.
    {"  %x = group x in number 0..\n  %s = term s %m %x\n  %7 = has %s "
     "at_least=1\n  members %x "
     "%7\n"
     "  %1 = before first=0 then=1\n  pair %m %in %s %1 \"\"\n",
     "// s: later than trigger - within + 1s", "// in:"},
    // Through a third stage.
    {"  %c = one c\n  %s = stage s %b %c within=0\n  %1 = before first=0 "
     "then=1\n"
     "  pair %m %in %out %1 \"\"\n  %2 = before first=0 then=1\n  pair %b %out "
     "%s %2 \"\"\n",
     "// in: later than trigger - within + 0s, not later than trigger - 2s", NULL},
};

START_TEST(pushdown)
{
  check_dump(&pushed[_i], "pushdown");
}
END_TEST

static const dump_row triggered[] = {
    {BEFORE PAIR("%1"), "// trigger in: out\n", NULL},
    {"", "// trigger in: in out\n", NULL},
    {"  trigger %in\n", "// trigger in: in\n", NULL},
};

START_TEST(triggers)
{
  check_dump(&triggered[_i], "triggers");
}
END_TEST

// ---- LOWER
// --------------------------------------------------------------------------------------------

typedef struct pair_row {
  const char *statements;
  int64_t lo, hi;
  bool by_time, asked0, asked1;
} pair_row;

static const int64_t ever = INT64_MAX;
static const pair_row pair_rows[] = {
    {BEFORE PAIR("%1"), 1, INT64_MAX, true, true, true},
    {"  %1 = not_after first=0 then=1\n" PAIR("%1"), 0, INT64_MAX, true, true, true},
    {"  %1 = before first=1 then=0\n" PAIR("%1"), -INT64_MAX, -1, true, true, true},
    // The pair's sides are those of its first constraint.
    {BEFORE PAIR("%1") "  %2 = not_after first=1 then=0\n  pair %m %out %in %2 \"\"\n", 1,
     INT64_MAX, true, true, true},
    {GAP("60..600") PAIR("%9"), 60, 600, true, true, true},
    {GAP("..600") PAIR("%9"), 1, 600, true, true, true},
    {GAP("60~120..600~700") PAIR("%9"), 61, 699, true, true, true},
    {BEFORE GAP("..600") "  %2 = and %1 %9\n" PAIR("%2"), 1, 600, true, true, true},
    // Two gaps in one constraint have two degrees.
    {GAP("..600") "  %2 = gap first=0 then=1\n  %3 = in_range %2 in duration "
                  "5..\n"
                  "  %4 = and %9 %3\n" PAIR("%4"),
     5, 600, false, true, true},
    {BEFORE "  %2 = not %1\n" PAIR("%2"), -INT64_MAX, INT64_MAX, false, true, true},
    {"  %x = group x in number 0..\n  %s = term s %m %x\n  %7 = has %s "
     "at_least=1\n  members %x "
     "%7\n"
     "  %1 = before first=0 then=1\n  pair %m %in %s %1 \"\"\n",
     1, INT64_MAX, true, false, true},
};

START_TEST(lower_pairs)
{
  const pair_row *r = &pair_rows[_i];
  gir_bench g;
  dumped *d = malloc(sizeof *d);

  ck_assert_ptr_nonnull(d);
  pass_unit *u = pass_text(&g, d, r->statements, NULL);
  ck_assert_uint_eq(u->kir->pairs.n, 1);
  const kir_pair *p = &u->kir->pairs.at[0];
  ck_assert_int_eq(p->lo, r->lo);
  ck_assert_int_eq(p->hi, r->hi);
  ck_assert_int_le(p->hi, ever);
  ck_assert_int_eq(p->by_time, r->by_time);
  ck_assert_int_eq(p->asked[0], r->asked0);
  ck_assert_int_eq(p->asked[1], r->asked1);
  ck_assert_uint_eq(u->kir->cons.at[u->kir->cons.n - 1].pair, 0);
  gir_bench_release(&g);
  free(d);
}
END_TEST

static const dump_row lowered[] = {
    // A comparison of amounts: begin, note, settle, then values.
    {"  %1 = sum amount %in : money\n  %2 = const money \"USD\" 4 : money\n  "
     "%5 = gt %1 %2\n"
     "  require %5 \"\"\n",
     "cmp_begin trigger_time()\n    cmp_note_stage", NULL},
    {"  %1 = sum amount %in : money\n  %2 = const money \"USD\" 4 : money\n  "
     "%5 = gt %1 %2\n"
     "  require %5 \"\"\n",
     "return c_select(cmp_settle(), c_cmp(", NULL},
    // Without amounts there is nothing to settle.
    {"  %1 = count %in\n  %2 = const number 4 : number\n  %5 = gt %1 %2\n  "
     "require %5 \"\"\n",
     "return c_cmp(", "cmp_begin"},
    {"  currency ignored\n  %1 = sum amount %in : money\n  %2 = const money "
     "none 4 : money\n"
     "  %5 = gt %1 %2\n  require %5 \"\"\n",
     "cmp_begin", "cmp_note"},
    // Each part of an `and` is computed before the next begins.
    {"  %1 = sum amount %in : money\n  %2 = const money \"USD\" 4 : money\n  "
     "%5 = gt %1 %2\n"
     "  %6 = sum amount %out : money\n  %7 = const money \"EUR\" 4 : money\n  "
     "%8 = gt %6 %7\n"
     "  %9 = and %5 %8\n  require %9 \"\"\n",
     "return c_and(c1, c2)", NULL},
    {BEFORE PAIR("%1"), "return c_truth(i_lt(time_of(a), time_of(b)))", NULL},
    {"  %1 = field amount side=0 : money\n  %2 = field amount side=1 : money\n "
     " %3 = lt %1 "
     "%2\n" PAIR("%3"),
     "cmp_begin time_of(a)", NULL},
};

START_TEST(lower_text)
{
  check_dump(&lowered[_i], "lower");
}
END_TEST

// Constraints keep their texts and their bounds, also where a pass changed the
// condition.
START_TEST(lower_shown)
{
  gir_bench g;
  dumped *d = malloc(sizeof *d);

  ck_assert_ptr_nonnull(d);
  pass_unit *u = pass_text(&g, d,
                           "  %1 = count %in\n  %2 = const number 4 : number\n"
                           "  %3 = const number 3 : number\n  %4 = add %2 %3 : number\n"
                           "  %5 = gt %1 %4\n  require %5 \"require count(in) > 4 + 3\"\n",
                           NULL);
  const kir_con *c = &u->kir->cons.at[u->kir->cons.n - 1];
  ck_assert_int_eq(c->kind, KIR_CON_REQUIRE);
  ck_assert_str_eq(c->text, "require count(in) > 4 + 3");
  ck_assert_uint_eq(c->shown.has,
                    0); // what it was compared with was no constant
  ck_assert_str_eq(u->kir->cons.at[0].text, "m[1..]");
  ck_assert_uint_eq(u->kir->cons.at[0].shown.has, GIR_HAS_B);
  gir_bench_release(&g);
  free(d);
}
END_TEST

// What people are shown is what the reference shows.
static void check_constraints(const kir_module *m, const amlrt_pattern_info *info)
{
  ck_assert_uint_eq(m->cons.n, info->n_constraints);
  for (uint32_t i = 0; i < m->cons.n; i++) {
    const kir_con *c = &m->cons.at[i];
    const amlrt_constraint_info *r = &info->constraints[i];
    const rational end[4] = {c->shown.a, c->shown.b, c->shown.c, c->shown.d};
    ck_assert_str_eq(c->text, r->text);
    ck_assert_int_eq(c->scope, r->scope);
    ck_assert_uint_eq(c->shown.has, r->has);
    for (unsigned e = 0; e < 4; e++)
      if (r->has & (1u << e)) ck_assert(rational_double(end[e]) == r->bounds[e]);
  }
}

START_TEST(info)
{
  passed *k = malloc(sizeof *k);
  uint32_t shown = 0;

  ck_assert_ptr_nonnull(k);
  pass_file(k, library[_i], &(pass_opts){.stop_after = "lower"});
  const kir_module *m = k->u->kir;
  const amlrt_pattern_info *r = ref_pattern_info(k->b.mem, k->b.m->patterns.at[0]);
  ck_assert_str_eq(m->name, r->name);
  ck_assert_int_eq(m->within, r->within);
  check_constraints(m, r);
  ck_assert_uint_eq(m->roles.n, r->n_roles);
  for (uint32_t i = 0; i < m->roles.n; i++) {
    ck_assert_str_eq(m->roles.at[i].name, r->roles[i].name);
    ck_assert_int_eq(m->roles.at[i].kind, r->roles[i].kind);
  }
  for (uint32_t i = 0; i < m->stages.n; i++) {
    if (m->stages.at[i].shown == KIR_NONE) continue;
    ck_assert_uint_eq(m->stages.at[i].shown, shown);
    ck_assert_str_eq(m->stages.at[i].name, r->stages[shown++].name);
  }
  ck_assert_uint_eq(shown, r->n_stages);
  ck_assert_uint_eq(m->title.n, r->n_title);
  ck_assert_uint_eq(m->title_values.n, r->n_title_values);
  ck_assert_uint_eq(m->features.n, r->n_features);
  ck_assert_uint_eq(m->params.n, r->n_params);
  pass_release(k);
  free(k);
}
END_TEST

// What the passes make of the library, as text, reads back as it was.
START_TEST(reads_back)
{
  passed *k = malloc(sizeof *k);
  strbuf again;

  ck_assert_ptr_nonnull(k);
  pass_file(k, library[_i], &(pass_opts){.dump_after = "size-bounds"});
  uint32_t file = source_add(k->b.c, "dump.kir", k->d.text, strlen(k->d.text));
  kir_module *m = kir_parse(k->b.mem, k->b.c, file);
  ck_assert_msg(m, "%.2000s", sema_bench_diagnostics(&k->b));
  strbuf_init(&again, k->b.c);
  kir_print(&again, m);
  ck_assert(strcmp(strbuf_text(&again), k->d.text) == 0);
  strbuf_release(&again);
  pass_release(k);
  free(k);
}
END_TEST

// ---- passes on kernel IR
// ------------------------------------------------------------------------------

typedef struct plan_row {
  const char *pattern;
  const char *has, *has_not; // of the kernel IR
} plan_row;

static const plan_row plans[] = {
    {"scatter_gather", "candidate the_source, the_sink", "generate_all"},
    {"scatter_gather", "n_marked(slot=", " marked("}, // each key is counted by itself
    {"stack", "candidate the_first, the_middle, the_last", "n_marked"},
    {"bipartite", "candidate the_a, the_b", "generate_all"},
    {"fan_in", "candidate the_hub", "generate_all"},
    {"mule_herd", "candidate the_collector", "generate_all"},
    {"cycle", NULL, "parallel"},
    {"random_walk", NULL, "parallel"},
    // Keys from one walk in order of time: exact where there is nothing else.
    {"cycle", "plan kind=closing_search exact=yes key=%start", NULL},
    {"random_walk", "plan kind=closing_search key=%start far_key=%end", "closing_search exact"},
    {"random_walk", "lo=1 hi=172799 ratio in number 0.8~0.9..1~1.05", NULL},
    {"pass_through", NULL, "closing_search"},
};

START_TEST(plan)
{
  const plan_row *r = &plans[_i];
  passed *k = malloc(sizeof *k);

  ck_assert_ptr_nonnull(k);
  pass_file(k, r->pattern, &(pass_opts){.dump_after = "size-bounds"});
  check_text(k->d.text, r->has, r->has_not);
  pass_release(k);
  free(k);
}
END_TEST

static const dump_row bound[] = {
    // A witness of the group leads on to the other key.
    {"", "candidate the_a, the_b", "generate_all"},
    // A group that may be empty does not: no match needs a transfer there.
    {"  trigger %in\n", "for_each", NULL},
    // Three keys in a ring: the smaller side first, the other looked up.
    {"  %c = one c\n  %s = stage s %b %c within=0\n  %t = stage t %c %a "
     "within=0\n  trigger %out\n",
     "candidate the_a, the_b, the_c", NULL},
    {"  %c = one c\n  %s = stage s %b %c within=0\n  %t = stage t %c %a "
     "within=0\n",
     "if u_lt(size_of(", NULL},
    {"  %c = one c\n  %s = stage s %b %c within=0\n  %t = stage t %c %a "
     "within=0\n",
     "stop", NULL},
    // `may equal` lifts that keys differ.
    {"  may_equal %a %b\n", NULL, "u_ne(n1, the_"},
};

START_TEST(bind)
{
  check_dump(&bound[_i], "bind");
}
END_TEST

#define SHOPS(size, set)                                                                           \
  "  %x = group x in number " size "\n  %s = term s %m %x\n  %7 = " set "\n  members %x %7\n"

// Nothing depends on whom the middlemen pay besides.
static const dump_row waiting[] = {
    {SHOPS("0..", "has %s at_least=1"), "may_be_empty=yes late=yes", NULL},
    {SHOPS("1..", "has %s at_least=1"), NULL, "late=yes"},
    {SHOPS("0..5", "has %s at_least=1"), NULL, "late=yes"},
    // Counted, or summed up.
    {SHOPS("0..", "has %s at_least=1") "  %8 = count_role %x\n  %9 = const number 9 : number\n"
                                       "  %10 = lt %8 %9\n  require %10 \"\"\n",
     NULL, "late=yes"},
    {SHOPS("0..", "has %s at_least=1") "  %8 = count %s\n  %9 = const number 9 : number\n"
                                       "  %10 = lt %8 %9\n  each %m %10 \"\"\n",
     NULL, "late=yes"},
    // Its transfers have partners to find.
    {SHOPS("0..", "has %s at_least=1") "  %8 = before first=0 then=1\n  pair %m %in %s %8 \"\"\n",
     NULL, "late=yes"},
    // Another group is taken from it.
    {SHOPS("0..", "has %s at_least=1") "  %y = group y in number 0..\n  %t = term t %x %y\n"
                                       "  %9 = has %t at_least=1\n  members %y %9\n",
     "role y kind=group size in number 0.. set=1 may_be_empty=yes late=yes",
     "set=0 may_be_empty=yes late=yes"},
};

START_TEST(late)
{
  check_dump(&waiting[_i], "late");
}
END_TEST

// ---- the suite
// ------------------------------------------------------------------------------------------

#define LOOP(tc, test, rows) tcase_add_loop_test(tc, test, 0, sizeof rows / sizeof *rows)

Suite *make_passes_suite(void)
{
  Suite *s = suite_create("passes");
  TCase *tc = tcase_create("runner");

  tcase_add_test(tc, rows);
  tcase_add_test(tc, order);
  tcase_add_test(tc, dump_one);
  tcase_add_test(tc, disable);
  tcase_add_test(tc, stop_after);
  tcase_add_test(tc, only);
  tcase_add_test(tc, times);
  tcase_add_test(tc, verifies);
  tcase_add_loop_test(tc, original, 0, N_LIBRARY);
  tcase_add_loop_test(tc, one_off, 0, N_LIBRARY);
  tcase_add_test(tc, no_memory);
  suite_add_tcase(s, tc);
  tc = tcase_create("passes");
  LOOP(tc, pushdown, pushed);
  LOOP(tc, triggers, triggered);
  LOOP(tc, lower_pairs, pair_rows);
  LOOP(tc, lower_text, lowered);
  tcase_add_test(tc, lower_shown);
  tcase_add_loop_test(tc, info, 0, N_LIBRARY);
  tcase_add_loop_test(tc, reads_back, 0, N_LIBRARY);
  LOOP(tc, plan, plans);
  LOOP(tc, bind, bound);
  LOOP(tc, late, waiting);
  suite_add_tcase(s, tc);
  return s;
}
