// One account: its triggers in order, with what is left of every line at each of them.
//
// Which currency counts differs from trigger to trigger under `same currency;`: an account is then swept
// once for each. Who is barred differs too: see plan_hub_bars.c.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_hub.h"

#include <string.h>

void amlrt__hub_sweep_release(amlrt__hub_sweep *s)
{
  const amlrt_alloc *mem = s->w->run->mem;

  for (uint32_t i = 0; i < s->h->n_stages; i++) {
    if (s->lines) amlrt__hub_line_release(&s->lines[i], mem);
    if (s->apart) amlrt__hub_line_release(&s->apart[i], mem);
  }
  amlrt__hub_sums_release(s);
  amlrt__hub_judge_release(s);
  amlrt__hub_counter_release(&s->counter, mem);
  amlrt__release(mem, s->lines);
  amlrt__release(mem, s->apart);
  amlrt__release(mem, s->find);
  amlrt__release(mem, s->features);
  amlrt__release(mem, s->seen);
  amlrt__hub_bars_release(s);
  amlrt__release(mem, s);
}

// ---- what was found --------------------------------------------------------------------------------------

typedef struct rows { // ascending
  const uint32_t *at, *end;
} rows;

static bool have_common(rows a, rows b)
{
  while (a.at < a.end && b.at < b.end) {
    if (*a.at == *b.at) return true;
    if (*a.at < *b.at)
      a.at++;
    else
      b.at++;
  }
  return false;
}

static rows rows_left(const amlrt__hub_line *l)
{
  return (rows){l->row + l->lo, l->row + l->hi};
}

static rows rows_matched(const amlrt__hub_line *l)
{
  return (rows){l->row + l->match_lo, l->row + l->match_hi};
}

// Has what is left a transaction in common with what was left at the last match? In one line, where the
// two intervals meet; in two of the same side, where they hold the same row.
static bool shares(const amlrt__hub_sweep *s)
{
  const amlrt__hub *h = s->h;

  for (uint32_t i = 0; i < h->n_stages; i++)
    if (s->line[i].lo < s->line[i].match_hi && s->line[i].lo < s->line[i].hi) return true;
  for (uint32_t i = 0; h->same_sides && i < h->n_stages; i++)
    for (uint32_t k = 0; k < h->n_stages; k++) {
      const amlrt__hub_line *a = &s->line[i], *b = &s->line[k];
      if (i == k || a->s->side != b->s->side) continue;
      if (have_common(rows_matched(a), rows_left(b))) return true;
    }
  return false;
}

// The same with a match found on other lines: who was barred then is not in them, who is now not in these.
static bool shares_kept(const amlrt__hub_sweep *s)
{
  for (uint32_t i = 0; i < s->h->n_stages; i++)
    for (uint32_t k = 0; k < s->h->n_stages; k++) {
      const amlrt__hub_line *a = &s->lines[i], *b = &s->line[k];
      if (a->s->side != b->s->side) continue;
      if (have_common((rows){a->kept, a->kept + a->n_kept}, rows_left(b))) return true;
    }
  return false;
}

static amlrt__link link_of(const amlrt__hub_sweep *s)
{
  if (s->link_known) return shares(s) ? AMLRT__LINK_YES : AMLRT__LINK_NO;
  if (s->has_kept) return shares_kept(s) ? AMLRT__LINK_YES : AMLRT__LINK_NO;
  return AMLRT__LINK_UNTIL;
}

bool amlrt__hub_keep_last(amlrt__hub_sweep *s)
{
  for (uint32_t i = 0; i < s->h->n_stages && s->link_known; i++) {
    const amlrt__hub_line *from = &s->line[i];
    amlrt__hub_line *l = &s->lines[i];
    uint32_t n = from->match_hi - from->match_lo;
    if (!amlrt__grow(s->w->run->mem, &l->kept, &l->cap_kept, n, sizeof *l->kept))
      return amlrt__hub_nomem(s);
    if (n) memcpy(l->kept, from->row + from->match_lo, n * sizeof *l->kept);
    l->n_kept = n;
    s->has_kept = true;
  }
  s->link_known = false;
  return true;
}

// A transfer that is left now is left as long as its last row lies in the window, so a later match has one
// in common exactly where its window reaches back to the latest of these; and they rise along a line.
static uint32_t until_of(const amlrt__hub_sweep *s)
{
  uint32_t until = 0;

  if (s->unsteady) return AMLRT__UNTIL_UNKNOWN;
  for (uint32_t i = 0; i < s->h->n_stages; i++) {
    const amlrt__hub_line *l = &s->line[i];
    if (l->s->pair != AMLRT_NONE && !s->line[l->s->other].is_whole) return AMLRT__UNTIL_UNKNOWN;
    if (l->lo == l->hi) continue;
    uint32_t die = amlrt__hub_die_row(s, l, l->hi - 1);
    if (die > until) until = die;
  }
  return until;
}

static bool keep_features(amlrt__hub_sweep *s, size_t *at)
{
  const amlrt_program *p = s->h->run->p;
  uint32_t n = p->info->n_features;

  if (!s->waits) s->n_features = 0;
  *at = s->n_features;
  if (!amlrt__wants_features(s->w)) return true;
  if (!amlrt__grow(s->w->run->mem, &s->features, &s->cap_features, s->n_features + n,
                   sizeof *s->features))
    return amlrt__hub_nomem(s);
  for (uint32_t i = 0; i < n; i++)
    s->features[s->n_features++] = p->features[i](s->w, &s->eval);
  return true;
}

static bool give(amlrt__hub_sweep *s, const amlrt__hub_find *f)
{
  const amlrt__exact m = {.trigger = f->trigger,
                          .until = f->until,
                          .link = f->link,
                          .degree = f->degree,
                          .inconclusive = f->inconclusive,
                          .features =
                              amlrt__wants_features(s->w) ? s->features + f->features : NULL};

  if (!f->exact) return amlrt__found(s->w, f->trigger, &s->account, 1);
  return amlrt__found_exact(s->w, &m, &s->account, 1);
}

static bool give_or_keep(amlrt__hub_sweep *s, const amlrt__hub_find *f)
{
  if (!s->waits) return give(s, f);
  if (!amlrt__grow(s->w->run->mem, &s->find, &s->cap_finds, s->n_finds + 1, sizeof *s->find))
    return amlrt__hub_nomem(s);
  s->find[s->n_finds++] = *f;
  return true;
}

static bool add_candidate(amlrt__hub_sweep *s)
{
  s->link_known = s->has_kept = false;
  return give_or_keep(s, &(const amlrt__hub_find){.trigger = s->trigger, .currency = s->currency});
}

static bool add_match(amlrt__hub_sweep *s, amlrt_degree degree)
{
  amlrt__hub_find f = {.trigger = s->trigger,
                       .exact = true,
                       .until = until_of(s),
                       .link = link_of(s),
                       .currency = s->currency,
                       .degree = degree};

  if (!keep_features(s, &f.features) || !amlrt__is_inconclusive(&s->eval, &f.inconclusive))
    return false;
  if (s->view.unsure) return add_candidate(s);
  for (uint32_t i = 0; i < s->h->n_stages; i++) {
    s->line[i].match_lo = s->line[i].lo;
    s->line[i].match_hi = s->line[i].hi;
  }
  s->link_known = true;
  return give_or_keep(s, &f);
}

static int by_trigger(const void *user, const void *a, const void *b)
{
  const amlrt__hub_find *f = a, *g = b;

  (void)user;
  return (f->trigger > g->trigger) - (f->trigger < g->trigger);
}

// Finds of several currencies, in order of triggers. Matches of different ones have nothing in common.
static bool give_all(amlrt__hub_sweep *s)
{
  amlrt__mark mark = amlrt__mem_mark(&s->w->scratch);
  const void **at = amlrt__take(s->w, s->n_finds, sizeof *at);
  const amlrt__hub_find *before = NULL;

  if (!at) return false;
  for (size_t i = 0; i < s->n_finds; i++)
    at[i] = &s->find[i];
  if (!amlrt__sort_by(s->w, at, s->n_finds, by_trigger, NULL)) return false;
  for (size_t i = 0; i < s->n_finds; i++) {
    amlrt__hub_find f = *(const amlrt__hub_find *)at[i];
    if (!before || !before->exact)
      f.link = AMLRT__LINK_UNTIL;
    else if (before->currency != f.currency)
      f.link = AMLRT__LINK_NO;
    if (!give(s, &f)) return false;
    before = at[i];
  }
  amlrt__mem_back(&s->w->scratch, mark);
  s->n_finds = s->n_features = 0;
  return true;
}

// ---- a trigger -------------------------------------------------------------------------------------------

// `same currency;`: a trigger without one has no match.
static bool lacks_currency(const amlrt__hub_sweep *s)
{
  const amlrt__run *run = s->h->run;
  return run->p->currency == AMLRT_CURRENCY_SAME && run->col->currency[s->trigger] == 0;
}

// The degree of the sizes; 0: no match.
static bool judge_sizes(amlrt__hub_sweep *s, amlrt_degree *degree)
{
  *degree = AMLRT_DEGREE_ONE;
  for (uint32_t i = 0; i<s->h->n_stages && * degree> 0; i++) {
    const amlrt__hub_stage *st = s->line[i].s;
    uint32_t n;
    if (!st->counted || (!s->h->exact && st->least <= 1)) continue;
    if (!amlrt__hub_different(s, &s->line[i], &n)) return false;
    if (!s->h->exact) {
      if (n < st->least) *degree = 0;
      continue;
    }
    amlrt_degree d =
        n < AMLRT__HUB_SIZES ? st->degree[n] : amlrt_range_degree(st->size, amlrt_frac_int(n));
    if (d < *degree) *degree = d;
  }
  return true;
}

static bool weed(amlrt__hub_sweep *s)
{
  bool enough;
  return amlrt__hub_weed_trigger(s, &enough) && (!enough || add_candidate(s));
}

static bool do_trigger(amlrt__hub_sweep *s)
{
  amlrt_degree degree;

  if (amlrt__hub_key_barred(s) || (!s->h->exact && lacks_currency(s))) return true;
  if (!judge_sizes(s, &degree)) return false;
  if (degree == 0) return true;
  if (!s->h->exact) return weed(s);
  s->view.unsure = false;
  s->w->trigger = s->trigger;
  s->w->time = s->h->base + s->time;
  if (s->h->n_judge > 0 && !amlrt__hub_judge(s, &degree)) return false;
  if (s->view.unsure) return add_candidate(s);
  return degree == 0 || add_match(s, degree);
}

// ---- a piece ---------------------------------------------------------------------------------------------

// The line with the next trigger: a transfer that is left as it comes. NULL: there is none.
static amlrt__hub_line *next_trigger(amlrt__hub_sweep *s)
{
  amlrt__hub_line *next = NULL;

  for (uint32_t i = 0; i < s->h->n_stages; i++) {
    amlrt__hub_line *l = &s->line[i];
    if (!l->s->triggers) continue;
    while (l->at < l->n && l->act[l->at] != l->row[l->at])
      l->at++;
    if (l->at < l->n && (!next || l->row[l->at] < next->row[next->at])) next = l;
  }
  return next;
}

// Moves on behind the trigger at hand. Is it left in one of its lines?
static bool pass_trigger(amlrt__hub_sweep *s)
{
  bool left = false;

  for (uint32_t i = 0; i < s->h->n_stages; i++) {
    amlrt__hub_line *l = &s->line[i];
    if (!l->s->triggers || l->at == l->n || l->row[l->at] != s->trigger) continue;
    left = left || (l->act[l->at] == s->trigger && !amlrt__hub_gone(s, l->die[l->at]));
    l->at++;
  }
  return left;
}

// Lines that are not brought up to it now will be for a later trigger.
bool amlrt__hub_are_enough(amlrt__hub_sweep *s)
{
  for (uint32_t i = 0; i < s->h->n_stages; i++) {
    amlrt__hub_line *l = &s->line[i];
    amlrt__hub_advance(s, l);
    if (l->hi - l->lo < l->s->least) return false;
  }
  return true;
}

static bool sweep(amlrt__hub_sweep *s);

static bool visit(amlrt__hub_sweep *s)
{
  if (!amlrt__step(s->w, 1)) return false;
  if (s->evaluates) return amlrt__hub_key_barred(s) || add_candidate(s);
  return s->has_bars ? amlrt__hub_visit(s, do_trigger, sweep) : do_trigger(s);
}

static bool sweep_all_lines(amlrt__hub_sweep *s)
{
  amlrt__hub_line *l;

  while ((l = next_trigger(s)) != NULL) {
    s->trigger = l->row[l->at];
    s->time = l->time[l->at];
    bool left = pass_trigger(s);
    if (!left || s->trigger < s->first_row || !(s->evaluates || amlrt__hub_are_enough(s))) continue;
    if (!visit(s)) return false;
  }
  return true;
}

// The same where the trigger can be in one line only.
static bool sweep_one_line(amlrt__hub_sweep *s, const amlrt__hub_line *l)
{
  for (uint32_t i = 0; i < l->n; i++) {
    s->trigger = l->row[i];
    s->time = l->time[i];
    if (l->act[i] != s->trigger || amlrt__hub_gone(s, l->die[i])) continue;
    if (s->trigger < s->first_row || !(s->evaluates || amlrt__hub_are_enough(s))) continue;
    if (!visit(s)) return false;
  }
  return true;
}

// Is a number all that is asked for here? Where finds wait for their turn, or it hangs on more than time what
// a match has in common with the next, there is more.
static bool is_counted(const amlrt__hub_sweep *s)
{
  if (!s->h->counts || s->has_bars || s->waits) return false;
  return !s->unsteady || s->w->want != AMLRT__WANT_FOLD;
}

static bool sweep_lines(amlrt__hub_sweep *s)
{
  const amlrt__hub_line *l = s->line;

  if (is_counted(s))
    return amlrt__hub_count(
        s, &(const amlrt__hub_slice){
               .row = l->row, .time = l->time, .nbr = l->nbr, .n = l->n, .but_for = AMLRT_NONE});
  if (s->h->counts && s->has_bars && !s->waits) return amlrt__hub_count_unbarred(s, s->line);
  if (s->h->n_triggers != 1) return sweep_all_lines(s);
  for (uint32_t i = 0; i < s->h->n_stages; i++)
    if (s->line[i].s->triggers) return sweep_one_line(s, &s->line[i]);
  return true;
}

static bool sweep(amlrt__hub_sweep *s)
{
  bool some;

  s->epoch = ++s->n_epochs;
  s->has_bars = s->evaluates = false;
  if (!amlrt__hub_take_lines(s, &some)) return false;
  if (!some) return true;
  if (!s->but_for_barred && !amlrt__hub_find_bars(s)) return false;
  if (!s->has_bars) return sweep_lines(s);
  s->unsteady = true; // who is left hangs on who is barred
  // `within` reaches further back where the latest is barred: then more is left without it, not less.
  s->evaluates = s->h->has_within;
  if (s->evaluates) return sweep_lines(s);
  return sweep_lines(s) && amlrt__hub_end_bars(s, sweep);
}

// ---- an account ------------------------------------------------------------------------------------------

static bool sweep_currency(amlrt__hub_sweep *s)
{
  s->key_is = (amlrt__hub_state){0}; // not asked
  s->link_known = s->has_kept = false;
  return sweep(s);
}

static uint32_t find_currencies(amlrt__hub_sweep *s)
{
  const amlrt__run *run = s->h->run;
  uint32_t n = 0;

  for (uint32_t c = 0; c < run->n_currencies; c++)
    s->seen[c] = false;
  for (int e = 0; e < 2; e++) {
    const amlrt_adjacency *a = run->side[e];
    for (uint32_t i = a->begin[s->account]; s->h->side[e] && i < a->end[s->account]; i++) {
      amlrt_currency c = run->col->currency[a->row[i]];
      n += c != 0 && !s->seen[c];
      s->seen[c] = true;
    }
  }
  return n;
}

// `same currency;`: each by itself, handed over in order of triggers.
static bool sweep_currencies(amlrt__hub_sweep *s)
{
  uint32_t n = find_currencies(s);

  s->waits = n > 1;
  s->unsteady = s->unsteady || n > 1;
  for (uint32_t c = 1; c < s->h->run->n_currencies && n > 0; c++) {
    if (!s->seen[c]) continue;
    s->currency = (amlrt_currency)c;
    if (!sweep_currency(s)) return false;
    n--;
  }
  s->currency = 0;
  if (!s->waits) return true;
  s->waits = false;
  return give_all(s);
}

static bool has_hub(const amlrt__hub_sweep *s, const amlrt__hub_stage *st)
{
  const amlrt_adjacency *a = s->h->run->side[st->side];

  for (uint32_t i = a->begin[s->account]; i < a->end[s->account]; i++)
    if (amlrt__hub_is_hub(s->h, a->neighbour[i])) return true;
  return false;
}

// Are all transfers of the account in the line, and nobody ever barred?
static bool is_bare(const amlrt__hub_sweep *s)
{
  const amlrt__hub *h = s->h;
  const amlrt__run *run = h->run;

  if (run->p->currency == AMLRT_CURRENCY_SAME || run->known[h->stage[0].stage]) return false;
  return h->n_hubs == 0 || !has_hub(s, &h->stage[0]);
}

bool amlrt__hub_account(amlrt__hub_sweep *s)
{
  if (!amlrt__hub_may_match(s)) return true;
  s->unsteady = s->h->has_within;
  if (amlrt__hub_is_numbered(s)) return amlrt__hub_take_numbered(s);
  if (s->h->counts && is_bare(s)) return amlrt__hub_count_slice(s);
  return s->seen ? sweep_currencies(s) : sweep_currency(s);
}
