#include "frontend/driver/test_block.h"
#include "amlrt/graph.h"
#include <string.h>

// ---- the table ----------------------------------------------------------------------------------

// A value of a transaction as the text a CSV file would hold.
static const char *value_text(arena *mem, const ast_expr *e)
{
  strbuf b;
  strbuf_init(&b, arena_cx(mem));
  if (e->kind == AST_TEXT || e->kind == AST_NAME)
    strbuf_puts(&b, e->text);
  else if (e->kind == AST_TIME)
    strbuf_printf(&b, "%lld", (long long)e->time);
  else
    rational_print(&b, e->value);
  const char *text = arena_text(mem, strbuf_text(&b), strlen(strbuf_text(&b)));
  strbuf_release(&b);
  return text;
}

static const char *currency_of(const ast_expr *e)
{
  return e->kind == AST_MONEY ? e->text : NULL;
}

// Fills the standard columns from `with name = value`; false: it is a further column.
static bool take_standard(arena *mem, amlrt_tx *tx, const char *name, const ast_expr *e)
{
  const char *text = value_text(mem, e);
  if (!strcmp(name, "amount")) {
    tx->amount = text;
    if (currency_of(e)) tx->currency = currency_of(e);
  } else if (!strcmp(name, "amount_received")) {
    tx->amount_received = text;
    if (currency_of(e)) tx->currency_received = currency_of(e);
  } else if (!strcmp(name, "currency")) {
    tx->currency = text;
  } else if (!strcmp(name, "currency_received")) {
    tx->currency_received = text;
  } else if (!strcmp(name, "format")) {
    tx->format = text;
  } else if (!strcmp(name, "id")) {
    tx->id = text;
  } else {
    return false;
  }
  return true;
}

static amlrt_status add_tx(cli *c, amlrt_builder *b, const ast_test_tx *t, amlrt_error *err)
{
  amlrt_tx tx = {.from = t->from.text, .to = t->to.text};
  VEC(uint32_t) further = {0};
  if (t->at->kind == AST_TIME)
    tx.time = t->at->time;
  else
    tx.time = (int64_t)t->at->value.num; // a whole number: checked by sema
  if (t->amount) {
    tx.amount = value_text(c->mem, t->amount);
    tx.currency = currency_of(t->amount);
  }
  for (uint32_t i = 0; i < t->with_names.n; i++)
    if (!take_standard(c->mem, &tx, t->with_names.at[i].text, t->with_values.at[i]))
      VEC_PUSH(c->mem, &further, i);
  amlrt_status st = amlrt_builder_add(b, &tx, err);
  for (uint32_t i = 0; i < further.n && st == AMLRT_OK; i++)
    st = amlrt_builder_set(b, t->with_names.at[further.at[i]].text,
                           value_text(c->mem, t->with_values.at[further.at[i]]), err);
  return st;
}

static amlrt_status make_table(cli *c, const ast_stmt *test, amlrt_table **out, amlrt_error *err)
{
  amlrt_builder *b = NULL;
  amlrt_status st = amlrt_builder_new(&b, NULL, err);
  for (uint32_t i = 0; i < test->body.n && st == AMLRT_OK; i++)
    if (test->body.at[i]->kind == AST_TX) st = add_tx(c, b, test->body.at[i]->tx, err);
  if (st == AMLRT_OK) st = amlrt_builder_finish(out, b, err);
  amlrt_builder_free(b);
  return st;
}

// ---- what was expected --------------------------------------------------------------------------

typedef struct found { // a run's alerts with what is needed to name them
  const amlrt_sink *sink;
  const amlrt_pattern_info *info;
  const amlrt_table *table;
} found;

static bool same_accounts(const found *f, const amlrt_list *have, const ast_expectation *e,
                          bool ordered)
{
  if (have->n != e->accounts.n) return false;
  for (uint32_t i = 0; i < have->n; i++) {
    bool is = false;
    for (uint32_t k = 0; k < e->accounts.n && !is; k++)
      is = (!ordered || k == i) &&
           !strcmp(amlrt_table_account(f->table, have->at[i]), e->accounts.at[k].text);
    if (!is) return false;
  }
  return true;
}

// A number of a range's end; ends of `degree in` are constants (checked by sema).
static bool end_value(const ast_expr *e, double *out)
{
  if (!e) return false;
  *out = rational_double(e->value);
  return true;
}

static bool degree_within(amlrt_degree d, const ast_expr *range)
{
  double v = amlrt_degree_double(d), end;
  if (end_value(range->lo1 ? range->lo1 : range->lo0, &end) && v < end) return false;
  if (end_value(range->hi0 ? range->hi0 : range->hi1, &end) && v > end) return false;
  return true;
}

static bool meets(const found *f, const amlrt_alert *a, const ast_expectation *e)
{
  if (e->range) return degree_within(a->match.degree, e->range);
  for (uint32_t r = 0; r < f->info->n_roles; r++)
    if (!strcmp(f->info->roles[r].name, e->name.text))
      return same_accounts(f, &a->match.roles[r], e, f->info->roles[r].kind == AMLRT_ROLE_CHAIN);
  return false; // no such role: sema reported it
}

static bool meets_all(const found *f, const amlrt_alert *a, const ast_expect *e)
{
  for (uint32_t i = 0; i < e->with.n; i++)
    if (!meets(f, a, &e->with.at[i])) return false;
  return true;
}

static uint64_t count_meeting(const found *f, const ast_expect *e)
{
  uint64_t n = 0;
  for (uint64_t i = 0; i < amlrt_sink_n(f->sink); i++)
    n += meets_all(f, amlrt_sink_alert(f->sink, i), e);
  return n;
}

static void list_alerts(strbuf *b, const found *f)
{
  for (uint64_t i = 0; i < amlrt_sink_n(f->sink); i++) {
    const amlrt_alert *a = amlrt_sink_alert(f->sink, i);
    char degree[32];
    amlrt_double_print(degree, amlrt_degree_double(a->match.degree));
    strbuf_printf(b, "  found: degree = %s", degree);
    for (uint32_t r = 0; r < f->info->n_roles; r++) {
      bool one = f->info->roles[r].kind == AMLRT_ROLE_ONE;
      strbuf_printf(b, ", %s = %s", f->info->roles[r].name, one ? "" : "{");
      for (uint32_t k = 0; k < a->match.roles[r].n; k++)
        strbuf_printf(b, "%s%s", k ? ", " : "",
                      amlrt_table_account(f->table, a->match.roles[r].at[k]));
      if (!one) strbuf_puts(b, "}");
    }
    strbuf_putc(b, '\n');
  }
}

static void say_expected(cli *c, strbuf *b, const ast_expect *e, uint64_t n, bool total)
{
  const source *src = source_get(c->a->c, e->span.file);
  strbuf_printf(b, "  expected: ");
  strbuf_add(b, src->text + e->span.start, e->span.end - e->span.start);
  strbuf_printf(b, "\n  but %llu match%s %s\n", (unsigned long long)n, n == 1 ? "" : "es",
                total ? "in all" : "like that");
}

// Every `expect N match with ...` is met by exactly N alerts; a plain one says how many there are in
// all, and without a plain one that is the sum.
static void judge(cli *c, const ast_stmt *test, const found *f, test_outcome *out)
{
  uint64_t all = amlrt_sink_n(f->sink), sum = 0;
  bool plain = false;
  const ast_expect *last = NULL;
  strbuf b;
  strbuf_init(&b, c->a->c);
  for (uint32_t i = 0; i < test->body.n; i++) {
    const ast_stmt *s = test->body.at[i];
    if (s->kind != AST_EXPECT) continue;
    bool total = s->expect->with.n == 0;
    uint64_t n = total ? all : count_meeting(f, s->expect);
    if (n != (uint64_t)s->expect->n) say_expected(c, &b, s->expect, n, total);
    plain = plain || total;
    sum += (uint64_t)s->expect->n;
    last = s->expect;
  }
  if (b.n == 0 && last && !plain && sum != all) say_expected(c, &b, last, all, true);
  if (b.n > 0) list_alerts(&b, f);
  out->passed = b.n == 0;
  out->why = arena_text(c->mem, strbuf_text(&b), b.n);
  strbuf_release(&b);
}

// ---- the run ------------------------------------------------------------------------------------

typedef struct how { // which engine: a program of a detector, or none
  const amlrt_detector *detector;
  uint32_t program;
} how;

static amlrt_status run_reference(cli *c, const gir_pattern *p, const amlrt_table *t,
                                  amlrt_sink *sink, amlrt_error *err)
{
  ref_opts opts = {
      .history_complete = true, .only_trigger = AMLRT_NONE, .cancelled = cli_stop, .user = c};
  ref_stats stats;
  return ref_run(p, 0, t, &opts, amlrt_sink_add, sink, &stats, err);
}

static amlrt_status run_compiled(cli *c, const how *h, const amlrt_table *t, amlrt_sink *sink,
                                 amlrt_error *err)
{
  amlrt_graph_opts go = {.threads = 1};
  amlrt_run_opts opts = amlrt_run_opts_default();
  amlrt_run_stats stats;
  amlrt_graph *graph = NULL;
  opts.n_threads = 1;
  opts.history_complete = true;
  opts.cancelled = cli_stop;
  opts.user = c;
  amlrt_status st = amlrt_graph_build(&graph, t, &go, err);
  if (st == AMLRT_OK)
    st = amlrt_detector_run(h->detector, h->program, 0, graph, &opts, amlrt_sink_add, sink, &stats,
                            err);
  amlrt_graph_free(graph);
  return st;
}

static amlrt_status run_pattern(cli *c, const gir_pattern *p, const ast_stmt *test, const how *h,
                                found *f, amlrt_sink **sink, test_outcome *out, amlrt_error *err)
{
  amlrt_status st = amlrt_sink_new(sink, f->info, 1, f->table, AMLRT_MODE_EPISODE, NULL, err);
  if (st != AMLRT_OK) return st;
  st = h->detector ? run_compiled(c, h, f->table, *sink, err)
                   : run_reference(c, p, f->table, *sink, err);
  if (st == AMLRT_OK) st = amlrt_sink_finish(*sink, err);
  if (st != AMLRT_OK) return st;
  f->sink = *sink;
  judge(c, test, f, out);
  return AMLRT_OK;
}

gir_module *test_block_lower(cli *c, const sema_test *t)
{
  VEC(sema_override) params = {0};
  for (uint32_t i = 0; i < t->stmt->body.n; i++) {
    const ast_stmt *s = t->stmt->body.at[i];
    sema_override o = {
        .pattern = t->pattern, .name = s->name.text, .expr = s->value, .where = s->span};
    if (s->kind == AST_PARAM) VEC_PUSH(c->mem, &params, o);
  }
  return sema_lower_one(c->mem, c->a->c, c->a->program, t->pattern, params.at, params.n);
}

int test_block_run(cli *c, const sema_test *t, const gir_module *m, const amlrt_detector *d,
                   uint32_t program, test_outcome *out)
{
  amlrt_error err = {0};
  amlrt_table *table = NULL;
  amlrt_sink *sink = NULL;
  how h = {d, program};
  const gir_pattern *p = m->patterns.at[0];
  *out = (test_outcome){.name = t->stmt->name.text, .pattern = t->pattern, .why = ""};
  amlrt_status st = make_table(c, t->stmt, &table, &err);
  if (st == AMLRT_OK) {
    const char *missing = ref_missing_attribute(p, table);
    found f = {.info = ref_pattern_info(c->mem, p), .table = table};
    if (missing)
      out->why =
          arena_printf(c->mem, "  no tx of the test has `%s`, which the pattern needs\n", missing);
    else
      st = run_pattern(c, p, t->stmt, &h, &f, &sink, out, &err);
  }
  amlrt_sink_free(sink);
  amlrt_table_free(table);
  return st < 0 ? cli_fail(st, &err) : amlrt_exit_of(st);
}
