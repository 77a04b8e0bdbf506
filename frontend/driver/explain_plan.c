#include "frontend/driver/explain_plan.h"
#include "frontend/driver/engines.h"
#include <inttypes.h>
#include <string.h>

static const char *plan_name(int kind)
{
  static const char *const names[] = {[KIR_PLAN_TRIGGER] = "trigger-major",
                                      [KIR_PLAN_HUB] = "hub-sweep",
                                      [KIR_PLAN_PAIR] = "key-major",
                                      [KIR_PLAN_CLOSING] = "closing-search"};
  return names[kind];
}

// ---- without data -----------------------------------------------------------------------------------

static void say_plan(strbuf *out, const kir_module *m, const kir_plan *p)
{
  strbuf_printf(out, "  %-15s ", plan_name((int)p->kind));
  switch (p->kind) {
  case KIR_PLAN_TRIGGER:
    strbuf_puts(out,
                "for each transfer that can be the last: from its two accounts along the stages");
    break;
  case KIR_PLAN_HUB:
    strbuf_printf(out, "once along all transfers of each %s, with sliding sums",
                  m->roles.at[p->key[0]].name);
    break;
  case KIR_PLAN_PAIR:
    strbuf_printf(out, "for each %s, once over the two-hop paths through %s to %s",
                  m->roles.at[p->key[0]].name, m->roles.at[p->group].name,
                  m->roles.at[p->key[1]].name);
    break;
  case KIR_PLAN_CLOSING:
    strbuf_printf(out, "chains of %s, from the last transfer back, without transfers on no chain",
                  m->stages.at[p->stage[0]].name);
    break;
  }
  strbuf_puts(out, "\n");
  if (p->kind != KIR_PLAN_TRIGGER)
    strbuf_printf(out, "%18s%s\n", "",
                  p->exact ? "it finds the matches themselves, each with its degree"
                           : "what it finds is then evaluated");
}

void explain_plans(strbuf *out, const kernel *k, uint32_t i)
{
  const kir_module *m = k->units.at[i]->kir;
  bool none = true;
  strbuf_puts(out, "\nHow it is found\n");
  for (uint32_t p = 0; p < m->plans.n; p++)
    say_plan(out, m, &m->plans.at[p]);
  strbuf_puts(out, "  The run takes the one that costs least on its data; all find the same.\n");
  strbuf_puts(out, "  Passes that changed something:");
  for (uint32_t p = 0; p < n_passes; p++) {
    if (!k->times[(size_t)i * n_passes + p].changed) continue;
    strbuf_printf(out, "%s %s", none ? "" : ",", passes[p].cli);
    none = false;
  }
  strbuf_printf(out, "%s\n", none ? " none" : "");
}

// ---- with data --------------------------------------------------------------------------------------

typedef struct mined {
  uint64_t alerts;
  uint64_t *transfers; // of the alerts, by stage
  amlrt_plan_estimate estimate[AMLRT_MAX_PLANS];
  uint32_t n_estimates;
} mined;

struct explain_mined {
  cli *c;
  mined *by_pattern;
  amlrt_sink *sink;
};

static int estimate(cli *c, const cli_run *r, mined *m, uint32_t i)
{
  amlrt_run_opts o = amlrt_run_opts_default();
  amlrt_error err = {0};
  o.rates = r->rates;
  o.hub_limit = (int64_t)r->hub_limit;
  amlrt_status st = amlrt_detector_estimate(engines_detector(r->compiled), i, r->graph, &o,
                                            m->estimate, &m->n_estimates, &err);
  (void)c;
  return st < 0 ? cli_fail(st, &err) : EXIT_DONE;
}

static void count_alerts(explain_mined *m)
{
  for (uint64_t a = 0; a < amlrt_sink_n(m->sink); a++) {
    const amlrt_match *match = &amlrt_sink_alert(m->sink, a)->match;
    mined *p = &m->by_pattern[match->pattern];
    p->alerts++;
    for (uint32_t s = 0; s < amlc_patterns(m->c->a)[match->pattern].n_stages; s++)
      p->transfers[s] += match->stages[s].n;
  }
}

int explain_mine(cli *c, cli_run *r, explain_mined **out)
{
  uint32_t n = amlc_n_patterns(c->a);
  amlrt_error err = {0};
  explain_mined *m = arena_make(c->mem, explain_mined);
  *m = (explain_mined){.c = c, .by_pattern = arena_alloc(c->mem, n * sizeof(mined))};
  memset(m->by_pattern, 0, n * sizeof(mined));
  for (uint32_t i = 0; i < n; i++) {
    size_t bytes = (amlc_patterns(c->a)[i].n_stages + 1) * sizeof(uint64_t);
    m->by_pattern[i].transfers = memset(arena_alloc(c->mem, bytes), 0, bytes);
  }
  *out = m;
  amlrt_status st =
      amlrt_sink_new(&m->sink, amlc_patterns(c->a), n, r->table, AMLRT_MODE_EPISODE, NULL, &err);
  if (st < 0) return cli_fail(st, &err);
  cli_taker taker = {.match = amlrt_sink_add, .episode = amlrt_sink_add_episode, .user = m->sink};
  int code = cli_run_mine(c, r, &taker);
  if (code == EXIT_DONE || code == EXIT_LIMIT) {
    st = amlrt_sink_finish(m->sink, &err);
    if (st < 0) code = cli_fail(st, &err);
  }
  if (code == EXIT_DONE || code == EXIT_LIMIT) count_alerts(m);
  amlrt_sink_free(m->sink);
  for (uint32_t i = 0; r->compiled && i < n && (code == EXIT_DONE || code == EXIT_LIMIT); i++) {
    int failed = estimate(c, r, &m->by_pattern[i], i);
    if (failed != EXIT_DONE) code = failed;
  }
  return code;
}

void explain_data(strbuf *out, cli *c, const cli_run *r, const explain_mined *m, uint32_t i)
{
  const amlrt_pattern_info *info = &amlc_patterns(c->a)[i];
  const amlrt_run_stats *s = &r->stats[i];
  const mined *p = &m->by_pattern[i];
  double rate = r->pattern_s[i] > 0 ? (double)s->triggers / r->pattern_s[i] : 0;
  strbuf_printf(out, "\nOn these %" PRIu32 " transfers\n", amlrt_table_columns(r->table)->n_rows);
  for (uint32_t k = 0; k < p->n_estimates; k++)
    strbuf_printf(out, "  %-15s estimated %8.3f s of one thread%s\n", p->estimate[k].plan,
                  p->estimate[k].seconds,
                  s->plan && !strcmp(s->plan, p->estimate[k].plan) ? ", taken" : "");
  strbuf_printf(out, "  engine %s, %" PRIu32 " thread%s: %.3f s, %.0f transfers a second\n",
                r->engine, cli_run_threads(r), cli_run_threads(r) == 1 ? "" : "s", r->pattern_s[i],
                rate);
  strbuf_printf(out, "  %" PRIu64 " matches in %" PRIu64 " alerts", s->matches, p->alerts);
  if (s->candidates) strbuf_printf(out, "; %" PRIu64 " candidates evaluated", s->candidates);
  if (s->hub_triggers)
    strbuf_printf(out, "; %" PRIu64 " last transfers barred by hubs", s->hub_triggers);
  strbuf_puts(out, "\n");
  for (uint32_t k = 0; k < info->n_stages; k++)
    strbuf_printf(out, "  %-15s %" PRIu64 " transfers in the alerts\n", info->stages[k].name,
                  p->transfers[k]);
}

// ---- as JSON ----------------------------------------------------------------------------------------

static void data_json(strbuf *out, cli *c, const cli_run *r, const mined *p, uint32_t i)
{
  const amlrt_pattern_info *info = &amlc_patterns(c->a)[i];
  const amlrt_run_stats *s = &r->stats[i];
  strbuf_printf(out, ",\"data\":{\"transfers\":%" PRIu32 ",\"engine\":\"%s\",\"threads\":%" PRIu32,
                amlrt_table_columns(r->table)->n_rows, r->engine, cli_run_threads(r));
  if (s->plan) strbuf_printf(out, ",\"plan\":\"%s\"", s->plan);
  strbuf_printf(out, ",\"seconds\":%.6f,\"estimates\":{", r->pattern_s[i]);
  for (uint32_t k = 0; k < p->n_estimates; k++)
    strbuf_printf(out, "%s\"%s\":%.6f", k ? "," : "", p->estimate[k].plan, p->estimate[k].seconds);
  strbuf_printf(out,
                "},\"candidates\":%" PRIu64 ",\"matches\":%" PRIu64 ",\"alerts\":%" PRIu64
                ",\"stages\":{",
                s->candidates, s->matches, p->alerts);
  for (uint32_t k = 0; k < info->n_stages; k++)
    strbuf_printf(out, "%s\"%s\":%" PRIu64, k ? "," : "", info->stages[k].name, p->transfers[k]);
  strbuf_puts(out, "}}");
}

void explain_plans_json(strbuf *out, cli *c, const kernel *k, const cli_run *r,
                        const explain_mined *m, uint32_t i)
{
  const kir_module *kir = k->units.at[i]->kir;
  bool first = true;
  strbuf_puts(out, ",\"plans\":[");
  for (uint32_t p = 0; p < kir->plans.n; p++)
    strbuf_printf(out, "%s{\"plan\":\"%s\",\"exact\":%s}", p ? "," : "",
                  plan_name((int)kir->plans.at[p].kind), kir->plans.at[p].exact ? "true" : "false");
  strbuf_puts(out, "],\"passes\":[");
  for (uint32_t p = 0; p < n_passes; p++) {
    if (!k->times[(size_t)i * n_passes + p].changed) continue;
    strbuf_printf(out, "%s\"%s\"", first ? "" : ",", passes[p].cli);
    first = false;
  }
  strbuf_puts(out, "]");
  if (r) data_json(out, c, r, &m->by_pattern[i], i);
}
