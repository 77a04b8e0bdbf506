// What all workers of a run read: the program made ready for the table at hand.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/eval.h"
#include "runtime/src/hubs.h"
#include "runtime/src/worker.h"

#include <string.h>

// ---- currencies and other texts -------------------------------------------------------------------

const char *amlrt__canonical(const char *currency)
{
  const char *iso = amlrt_currency_iso(currency, strlen(currency));
  return iso ? iso : currency;
}

amlrt_i128 amlrt__ten_to(int n)
{
  amlrt_i128 v = 1;
  for (int i = 0; i < n; i++)
    v *= 10;
  return v;
}

// Literals may name currencies that the data do not have: they get numbers after the table's.
static uint32_t currency_of(amlrt__run *run, const char *text)
{
  const char *canonical = amlrt__canonical(text);

  for (uint32_t c = 1; c < run->n_currencies; c++)
    if (strcmp(run->currency[c], canonical) == 0) return c;
  run->currency[run->n_currencies] = canonical;
  return run->n_currencies++;
}

static uint32_t format_of(const amlrt_table *t, const char *text)
{
  for (uint32_t f = 1; f < amlrt_table_n_formats(t); f++)
    if (strcmp(amlrt_table_format(t, (uint16_t)f), text) == 0) return f;
  return 0;
}

static amlrt__symbol resolve(amlrt__run *run, const amlrt_symbol *s, uint32_t n_of_table)
{
  amlrt__symbol out = {0};

  switch (s->kind) {
  case AMLRT_SYMBOL_CURRENCY:
    out.currency = currency_of(run, s->text);
    out.number = out.currency < n_of_table ? out.currency : 0;
    break;
  case AMLRT_SYMBOL_FORMAT:
    out.number = format_of(run->table, s->text);
    break;
  case AMLRT_SYMBOL_COLUMN:
    out.extra = amlrt_table_find_extra(run->table, s->text);
    break;
  case AMLRT_SYMBOL_ATTRIBUTE:
    out.extra = amlrt_table_find_attribute(run->table, s->text);
    break;
  }
  return out;
}

static bool take_symbols(amlrt__run *run)
{
  const amlrt_program *p = run->p;
  uint32_t n = amlrt_table_n_currencies(run->table);

  if (n == 0) n = 1; // 0 is none
  run->currency = amlrt__array(run->mem, (size_t)n + p->n_symbols, sizeof *run->currency);
  run->unit = amlrt__array(run->mem, n, sizeof *run->unit);
  run->decimals = amlrt__array(run->mem, n, sizeof *run->decimals);
  run->symbol = amlrt__array(run->mem, p->n_symbols, sizeof *run->symbol);
  if (!run->currency || !run->unit || !run->decimals || !run->symbol) return false;
  for (uint32_t c = 0; c < n; c++) {
    const char *text = amlrt_table_currency(run->table, (amlrt_currency)c, &run->decimals[c]);
    run->currency[c] = c ? amlrt__canonical(text) : "";
    run->unit[c] = amlrt__ten_to(run->decimals[c]);
  }
  run->n_currencies = n;
  for (uint32_t i = 0; i < p->n_symbols; i++)
    run->symbol[i] = resolve(run, &p->symbols[i], n);
  return true;
}

// ---- roles and stages -----------------------------------------------------------------------------

// The smallest whole number that can have a degree above 0.
static uint64_t least_size(const amlrt_range *r)
{
  const amlrt_frac *end = r->has & AMLRT_HAS_A ? &r->a : r->has & AMLRT_HAS_B ? &r->b : NULL;

  if (!end || end->num <= 0) return 0;
  amlrt_i128 least = (end->num + end->den - 1) / end->den;
  return least > INT64_MAX ? INT64_MAX : (uint64_t)least;
}

static bool take_roles(amlrt__run *run)
{
  const amlrt_program *p = run->p;
  size_t n = run->n_roles;

  run->least = amlrt__array(run->mem, n, sizeof *run->least);
  run->may_equal = amlrt__array(run->mem, n * n, sizeof *run->may_equal);
  if (!run->least || !run->may_equal) return false;
  for (uint32_t r = 0; r < n; r++) {
    if (p->roles[r].kind == AMLRT_ROLE_GROUP) run->least[r] = least_size(&p->roles[r].size);
    run->n_singles += p->roles[r].kind == AMLRT_ROLE_ONE;
  }
  for (uint32_t i = 0; i < p->n_may_equal; i++) {
    size_t a = p->may_equal[i][0], b = p->may_equal[i][1];
    run->may_equal[a * n + b] = run->may_equal[b * n + a] = true;
  }
  return true;
}

// Answers of a filter that is the same as that of a stage, in a stage or pattern before it; NULL: none.
static atomic_uchar *known_like(const amlrt__run *run, uint32_t stage)
{
  uint32_t number = run->p->stages[stage].same_filter;

  if (number == 0) return NULL;
  for (const amlrt__run *r = run; r; r = r->before)
    for (uint32_t i = 0; i < (r == run ? stage : r->n_stages); i++)
      if (r->p->stages[i].same_filter == number && r->known[i]) return r->known[i];
  return NULL;
}

// A filter sees one transfer and nothing of the match, so its answer is noted by row.
static bool take_stages(amlrt__run *run)
{
  const amlrt_program *p = run->p;
  uint32_t n_can = 0;

  run->known = amlrt__array(run->mem, run->n_stages, sizeof *run->known);
  run->lent = amlrt__array(run->mem, run->n_stages, sizeof *run->lent);
  run->walk_pair = amlrt__array(run->mem, run->n_stages, sizeof *run->walk_pair);
  if (!run->known || !run->lent || !run->walk_pair) return false;
  run->any_stage = AMLRT_NONE;
  for (uint32_t i = 0; i < run->n_stages; i++) {
    run->walk_pair[i] = AMLRT_NONE;
    if (p->stages[i].can_trigger && n_can++ == 0) run->any_stage = i;
    if (!p->stages[i].filter) continue;
    run->known[i] = known_like(run, i);
    run->lent[i] = run->known[i] != NULL;
    if (!run->lent[i])
      run->known[i] = amlrt__array(run->mem, run->col->n_rows, sizeof *run->known[i]);
    if (!run->known[i]) return false;
  }
  if (n_can > 1) run->any_stage = AMLRT_NONE;
  for (uint32_t i = 0; i < p->n_pairs; i++)
    if (p->pairs[i].role == AMLRT_NONE) run->walk_pair[p->pairs[i].stage[0]] = i;
  return true;
}

// Members start with a transfer in each of their stages with one account or `any`. More is asked of them
// by pairs, sets and layers, and by what takes transfers away before.
static bool is_checked(const amlrt_program *p, uint32_t role)
{
  for (uint32_t i = 0; i < p->n_pairs; i++) {
    const amlrt_ppair *pair = &p->pairs[i];
    if (pair->role == role) return true;
    if (pair->role == AMLRT_NONE && p->stages[pair->stage[0]].chain == role) return true;
  }
  if (p->roles[role].kind != AMLRT_ROLE_GROUP) return false;
  if (p->roles[role].set != AMLRT_NONE) return true;
  for (uint32_t i = 0; i < p->n_stages; i++) {
    const amlrt_pstage *s = &p->stages[i];
    if (s->from != role && s->to != role) continue;
    if (s->kind == AMLRT_STAGE_LAYER || (s->kind == AMLRT_STAGE_PLAIN && s->within)) return true;
    uint32_t other = s->from == role ? s->to : s->from;
    if (other != AMLRT_NONE && p->roles[other].kind != AMLRT_ROLE_ONE) return true;
  }
  return false;
}

// Groups that a `-` takes away, or whose transfers `within D` is reckoned from: as they start.
static void note_starts(amlrt__run *run)
{
  const amlrt_program *p = run->p;

  for (uint32_t i = 0; i < run->n_stages; i++) {
    const amlrt_pstage *s = &p->stages[i];
    for (int e = 0; e < 2; e++) {
      uint32_t role = amlrt__end_of(s, e);
      if (role == AMLRT_NONE) continue;
      if (s->kind == AMLRT_STAGE_PROBE || s->within) run->start_counts[role] = true;
      if (p->roles[role].late) run->late[i] = run->has_late = true;
    }
  }
  // A role named anywhere in a set may stand right of a `-`.
  for (uint32_t i = 0; i < p->n_sets; i++)
    if (p->sets[i].op == AMLRT_SET_ROLE) run->start_counts[p->sets[i].a] = true;
  // And whoever another start comes from that counts.
  for (bool more = true; more;) {
    more = false;
    for (uint32_t i = 0; i < run->n_stages; i++) {
      const amlrt_pstage *s = &p->stages[i];
      if (s->owner == AMLRT_NONE || !run->start_counts[s->owner]) continue;
      uint32_t other = s->from == s->owner ? s->to : s->from;
      if (other == AMLRT_NONE || run->start_counts[other]) continue;
      run->start_counts[other] = more = true;
    }
  }
}

static bool take_checks(amlrt__run *run)
{
  const amlrt_program *p = run->p;

  run->checked = amlrt__array(run->mem, run->n_roles, sizeof *run->checked);
  run->start_counts = amlrt__array(run->mem, run->n_roles, sizeof *run->start_counts);
  run->late = amlrt__array(run->mem, run->n_stages, sizeof *run->late);
  if (!run->checked || !run->start_counts || !run->late) return false;
  note_starts(run);
  for (uint32_t r = 0; r < run->n_roles; r++) {
    run->checked[r] = is_checked(p, r);
    run->has_shares = run->has_shares || p->roles[r].shares;
    run->shrinks = run->shrinks || run->checked[r] || p->roles[r].shares;
  }
  for (uint32_t i = 0; i < p->info->n_constraints; i++)
    if (p->cons[i].kind == AMLRT_CON_EACH && amlrt__is_group(run, p->cons[i].role))
      run->has_each = run->shrinks = true;
  return true;
}

// ---- hubs -----------------------------------------------------------------------------------------

// Few accounts can be over the limit inside any window; the others need no counting.
static bool take_hubs(amlrt__run *run)
{
  uint32_t n = run->col->n_accounts;

  if (run->hub_limit == 0) return true;
  run->may_be_hub = amlrt__array(run->mem, n, sizeof *run->may_be_hub);
  if (!run->may_be_hub) return false;
  for (int e = 0; e < 2; e++)
    for (uint32_t a = 0; a < n; a++)
      if (run->side[e]->end[a] - run->side[e]->begin[a] > run->hub_limit) run->may_be_hub[a] = true;
  return true;
}

// ---- windows --------------------------------------------------------------------------------------

static amlrt_status take_windows(amlrt__run *run, amlrt_error *err)
{
  const amlrt_columns *c = run->col;

  run->window_lo =
      run->like ? run->like->window_lo : amlrt__array(run->mem, c->n_rows, sizeof *run->window_lo);
  if (!run->window_lo) return amlrt__nomem(err, "windows of triggers");
  run->cols = (amlrt_cols){.time = c->time,
                           .from = c->from,
                           .to = c->to,
                           .format = c->format,
                           .currency = c->currency,
                           .currency_received = c->currency_received,
                           .window_lo = run->window_lo};
  if (run->like) return AMLRT_OK;
  return amlrt_graph_window_lo(run->graph, run->p->within, run->window_lo, err);
}

// ---- the whole ------------------------------------------------------------------------------------

// The lower of the pattern's bound on hubs and the run's.
static int64_t hub_limit(int64_t of_pattern, int64_t of_run)
{
  if (of_pattern <= 0 || (of_run > 0 && of_run < of_pattern)) return of_run > 0 ? of_run : 0;
  return of_pattern;
}

// A share of the memory limit that does not depend on the number of threads: what is cut is cut on
// every machine.
enum { SHARES = 16 };

amlrt_status amlrt__run_make(amlrt__run *run, amlrt_error *err)
{
  const amlrt_run_opts *o = run->opts;

  run->table = amlrt_graph_table(run->graph);
  run->col = amlrt_table_columns(run->table);
  run->side[AMLRT__FROM] = amlrt_graph_out(run->graph);
  run->side[AMLRT__TO] = amlrt_graph_in(run->graph);
  run->sets = amlrt__trick(run, AMLRT_TRICK_SIMD) ? amlrt_set_kernels_best()
                                                  : amlrt_set_kernels_of(AMLRT_SIMD_NONE);
  run->time_base = amlrt_graph_time_base(run->graph);
  run->n_roles = run->p->info->n_roles;
  run->n_stages = run->p->n_stages;
  run->hub_limit = hub_limit(run->p->hubs, o->hub_limit);
  run->scratch_limit = o->memory_limit ? o->memory_limit / SHARES + 1 : 0;
  run->end = run->col->n_rows;
  if (o->only_trigger != AMLRT_NONE) {
    run->first = o->only_trigger;
    run->end = run->first < run->end ? run->first + 1 : run->first;
  }
  if (run->hub_limit) {
    amlrt_status st = amlrt_graph_need(run->graph, AMLRT_GRAPH_OUT | AMLRT_GRAPH_IN, err);
    if (st != AMLRT_OK) return st;
  }
  if (!take_symbols(run) || !take_roles(run) || !take_stages(run) || !take_checks(run) ||
      !take_hubs(run) || !amlrt__own_make(run))
    return amlrt__nomem(err, run->p->info->name);
  return take_windows(run, err);
}

void amlrt__run_release(amlrt__run *run)
{
  const amlrt_alloc *mem = run->mem;

  for (uint32_t i = 0; run->known && run->lent && i < run->n_stages; i++)
    if (!run->lent[i]) amlrt__release(mem, run->known[i]);
  amlrt__release(mem, run->lent);
  amlrt__release(mem, run->known);
  amlrt__release(mem, run->walk_pair);
  amlrt__release(mem, run->checked);
  amlrt__release(mem, run->own_to);
  amlrt__release(mem, run->start_counts);
  amlrt__release(mem, run->late);
  amlrt__hubs_free(run->hubs_made, mem);
  amlrt__hubs_free(run->hubs_own, mem);
  amlrt__release(mem, run->may_be_hub);
  amlrt__release(mem, run->stats);
  amlrt__release(mem, run->may_equal);
  amlrt__release(mem, run->least);
  amlrt__release(mem, run->symbol);
  amlrt__release(mem, run->unit);
  amlrt__release(mem, run->decimals);
  amlrt__release(mem, run->currency);
  if (!run->like) amlrt__release(mem, run->window_lo);
}
