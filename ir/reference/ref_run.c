// The loop over triggers: docs/semantics.md, 2 to 4. For each transfer, in order, the bindings that can
// have it as the last one are found, and each is started, shrunk and judged.
#include "ir/reference/ref_inside.h"

#include <stdio.h>

enum { TRIGGERS_BETWEEN_PROGRESS = 256 };

static bool eval_make(ref_cx *rx, const ref_keys *keys, ref_eval *ev)
{
  *ev = (ref_eval){.rx = rx, .keys = keys};
  ev->group = ref_take(rx, rx->plan.n_roles, sizeof *ev->group);
  ev->tx = ref_take(rx, rx->plan.n_stages, sizeof *ev->tx);
  return ev->group && ev->tx;
}

// Section 4: start, shrink, judge.
static bool evaluate(ref_cx *rx, const ref_keys *keys)
{
  ref_mark mark = ref_mem_mark(&rx->scratch);
  ref_eval ev;
  bool hopeless;
  amlrt_degree degree = 0;

  if (!eval_make(rx, keys, &ev) || !ref_start(&ev, &hopeless)) return false;
  if (!hopeless && (!ref_shrink(&ev) || !ref_judge(&ev, &degree))) return false;
  if (degree > 0 && !ref_emit(&ev, degree)) return false;
  ref_mem_back(&rx->scratch, mark);
  return ref_step(rx, 1);
}

// ---- hubs: section 2 ----------------------------------------------------------------------------------

static bool over(ref_cx *rx, uint32_t account, int64_t limit)
{
  if (limit <= 0) return false;
  return ref_n_existing(rx, account, REF_OUT) > (uint64_t)limit ||
         ref_n_existing(rx, account, REF_IN) > (uint64_t)limit;
}

// Over the limit of the run, but not over the pattern's own.
static bool cut(ref_cx *rx, uint32_t account)
{
  return over(rx, account, rx->opts->hub_limit) && !over(rx, account, rx->p->hubs);
}

// A trigger counts as touched when one of its accounts is barred. An account barred later in its
// window was so when its own last transfer was the trigger, so those of e* are enough to look at,
// unless e* is the only trigger looked at.
static void count_hubs(ref_cx *rx)
{
  uint32_t e = rx->now.row, from = ref_from(rx, e), to = ref_to(rx, e);

  if (rx->hub_limit == 0) return;
  if (ref_barred(rx, from) || ref_barred(rx, to)) rx->stats->hub_triggers++;
  if (rx->opts->hub_limit == 0 || rx->stats->hub_limit_hit) return;
  uint32_t first = rx->opts->only_trigger == AMLRT_NONE ? e : rx->now.first;
  for (uint32_t row = first; row <= e; row++)
    if (cut(rx, ref_from(rx, row)) || cut(rx, ref_to(rx, row))) rx->stats->hub_limit_hit = true;
}

// ---- triggers -----------------------------------------------------------------------------------------

static bool run_trigger(ref_cx *rx, uint32_t trigger)
{
  ref_mark scratch = ref_mem_mark(&rx->scratch), found = ref_mem_mark(&rx->found);
  ref_bindings all = {0};

  ref_now_set(rx, trigger);
  rx->stats->triggers++;
  // `same currency;`: if e* has none, there is no match.
  if (rx->p->currency == GIR_CURRENCY_SAME && rx->col->currency[trigger] == 0) return true;
  count_hubs(rx);
  if (!ref_bind(rx, &all)) return false;
  for (uint32_t i = 0; i < all.n; i++)
    if (!evaluate(rx, all.at[i])) return false;
  ref_mem_back(&rx->scratch, scratch);
  ref_mem_back(&rx->found, found);
  return true;
}

static void run_triggers(ref_cx *rx)
{
  uint32_t n = rx->col->n_rows, first = 0, end = n;

  if (rx->opts->only_trigger != AMLRT_NONE) {
    first = rx->opts->only_trigger;
    end = first < n ? first + 1 : first;
  }
  for (uint32_t e = first; e < end; e++) {
    if (!run_trigger(rx, e) || !ref_step(rx, 64)) return;
    uint32_t done = e - first + 1;
    if (rx->opts->progress && (done % TRIGGERS_BETWEEN_PROGRESS == 0 || e + 1 == end))
      rx->opts->progress(rx->opts->user, done, end - first);
  }
}

// The lower of the pattern's bound on hubs and the run's.
static int64_t hub_limit(const gir_pattern *p, const ref_opts *opts)
{
  if (p->hubs <= 0 || (opts->hub_limit > 0 && opts->hub_limit < p->hubs))
    return opts->hub_limit > 0 ? opts->hub_limit : 0;
  return p->hubs;
}

static amlrt_status finish(ref_cx *rx, amlrt_error *err)
{
  ref_mem_release(&rx->run);
  ref_mem_release(&rx->found);
  ref_mem_release(&rx->scratch);
  if (rx->st == AMLRT_OK && rx->stats->hub_limit_hit) rx->st = AMLRT_TRUNCATED;
  if (rx->st == AMLRT_E_NOMEM && err) {
    *err = (amlrt_error){.status = rx->st};
    snprintf(err->text, sizeof err->text, "pattern %s: out of memory", rx->p->name);
  }
  return rx->st;
}

amlrt_status ref_run(const gir_pattern *p, uint32_t pattern_index, const amlrt_table *t,
                     const ref_opts *opts, amlrt_match_fn on_match, void *user, ref_stats *stats,
                     amlrt_error *err)
{
  static const ref_opts defaults = {.only_trigger = AMLRT_NONE};
  const ref_opts *o = opts ? opts : &defaults;
  const amlrt_alloc *mem = o->mem ? o->mem : amlrt_alloc_default();
  ref_stats own = {0};
  ref_cx rx = {.p = p,
               .pattern_index = pattern_index,
               .table = t,
               .col = amlrt_table_columns(t),
               .opts = o,
               .on_match = on_match,
               .user = user,
               .stats = stats ? stats : &own};

  *rx.stats = (ref_stats){0};
  rx.hub_limit = hub_limit(p, o);
  ref_mem_init(&rx.run, mem);
  ref_mem_init(&rx.found, mem);
  ref_mem_init(&rx.scratch, mem);
  if (ref_index_make(&rx) && ref_plan_make(&rx)) run_triggers(&rx);
  return finish(&rx, err);
}
