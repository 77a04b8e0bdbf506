// Members judged as the window slides, for patterns that ask more of a member than a path: what it passes on
// of what it got, gaps that are graded, so many payments.
//
// In the class (amlrt__pair_take_judge) what is left of a member hangs on its own legs alone: those that exist
// for the trigger and have a partner. So a member is judged anew only when one of its legs enters the window
// or leaves it, by the pattern's own compiled conditions, which are shown its legs through a view (view.h). Who
// fails is left; the others are the members of the match, as in semantics 4.2 (b), where all are judged
// on one state and none touches another. Nearly all triggers fail here, for what a member costs when it changes,
// where the evaluator would go over all members each time.
//
// Where nothing but members and their transfers is asked, the degree follows too: each constraint's is a mean
// over members or transfers, and its sum is kept. What the view cannot say is left to the evaluator.
#include "runtime/src/alloc.h"
#include "runtime/src/plan_pair.h"

#include <string.h>

// ---- the class --------------------------------------------------------------------------------------------

static bool pair_is_judged(amlrt__pairs *p)
{
  const amlrt_program *prog = p->run->p;
  const amlrt_ppair *pair = prog->pairs;

  if (prog->n_pairs == 0) return true;
  if (prog->n_pairs > 1 || pair->role != p->row->group || !pair->by_time || !pair->asked[0] ||
      !pair->asked[1])
    return false;
  for (int k = 0; k < 2; k++)
    if (pair->stage[k] != p->row->stage[0] && pair->stage[k] != p->row->stage[1]) return false;
  if (pair->stage[0] == pair->stage[1]) return false;
  p->pair = pair;
  p->side[0] = pair->stage[0] == p->row->stage[0] ? 0 : 1;
  p->side[1] = 1 - p->side[0];
  return true;
}

// Amounts of the pattern are converted at the trigger's time: then nothing said of a member would last.
static bool hangs_on_trigger(const amlrt__run *run)
{
  return run->p->currency != AMLRT_CURRENCY_IGNORED && run->opts->rates;
}

bool amlrt__pair_only_members(const amlrt__pairs *p)
{
  const amlrt_program *prog = p->run->p;

  if (!p->gives || prog->info->n_roles != 3 || prog->n_stages != 2 || prog->n_may_equal > 0)
    return false;
  for (int k = 0; k < 2; k++)
    if (prog->stages[k].within) return false;
  return p->run->hub_limit == 0;
}

void amlrt__pair_take_judge(amlrt__pairs *p)
{
  const amlrt_program *prog = p->run->p;
  bool each = false;

  if (!amlrt__pair_only_members(p) || hangs_on_trigger(p->run) || !pair_is_judged(p)) return;
  p->tells_degree = true;
  for (uint32_t i = 0; i < prog->info->n_constraints; i++) {
    const amlrt_pcon *c = &prog->cons[i];
    bool of_group = c->kind == AMLRT_CON_EACH && c->role == p->row->group;
    each |= of_group;
    p->n_means += c->kind != AMLRT_CON_SIZE;
    if (c->kind != AMLRT_CON_SIZE && c->kind != AMLRT_CON_FILTER && c->kind != AMLRT_CON_PAIR)
      p->tells_degree &= of_group;
  }
  p->judges = (each || p->tells_degree) && amlrt__trick(p->run, AMLRT_TRICK_PAIR_JUDGE);
}

// ---- what conditions see ------------------------------------------------------------------------------------

static amlrt__pair_judge *judge_of(amlrt__view *v)
{
  return (amlrt__pair_judge *)(void *)v; // its first member
}

// Is it the member at hand that is asked for?
static bool is_own(amlrt__pair_judge *j, uint32_t role)
{
  bool own = j->asks_member && role == j->role;

  if (!own) j->view.unsure = true;
  return own;
}

static amlrt_num see_agg(amlrt__view *v, const amlrt__view_agg *a)
{
  amlrt__pair_judge *j = judge_of(v);

  if (!is_own(j, a->role)) return (amlrt_num){.kind = AMLRT_NUM_UNKNOWN};
  if (a->is_column)
    return amlrt_num_agg_column(j->own.w, &j->own, a->what, a->symbol, a->stage, a->role,
                                a->account);
  return amlrt_num_agg(j->own.w, &j->own, a->what, a->field, a->stage, a->role, a->account);
}

static uint64_t see_count(amlrt__view *v, uint32_t stage, uint32_t role, uint32_t account)
{
  amlrt__pair_judge *j = judge_of(v);

  (void)account;
  return is_own(j, role) ? j->rows[stage].n : 0;
}

static uint64_t see_members(amlrt__view *v, uint32_t role)
{
  amlrt__pair_judge *j = judge_of(v);

  if (role != j->role || j->asks_member) j->view.unsure = true;
  return j->n_left;
}

static bool see_first(amlrt__view *v, uint32_t stage, uint32_t role, uint32_t account,
                      int64_t *time)
{
  amlrt__pair_judge *j = judge_of(v);

  (void)account;
  if (!is_own(j, role)) return false;
  *time = j->own.w->run->col->time[j->rows[stage].at[0]];
  return true;
}

static bool see_last(amlrt__view *v, uint32_t stage, uint32_t role, uint32_t account, int64_t *time)
{
  amlrt__pair_judge *j = judge_of(v);

  (void)account;
  if (!is_own(j, role)) return false;
  *time = j->own.w->run->col->time[j->rows[stage].at[j->rows[stage].n - 1]];
  return true;
}

static bool see_span(amlrt__view *v, int64_t *seconds)
{
  (void)seconds;
  v->unsure = true;
  return false;
}

static void see_note(amlrt__view *v, amlrt_field amount, uint32_t stage, uint32_t role,
                     uint32_t account)
{
  amlrt__pair_judge *j = judge_of(v);

  if (is_own(j, role)) amlrt_cmp_note_stage(j->own.w, &j->own, amount, stage, role, account);
}

static const amlrt__view_ops sight = {.agg = see_agg,
                                      .count = see_count,
                                      .members = see_members,
                                      .first = see_first,
                                      .last = see_last,
                                      .span = see_span,
                                      .note = see_note};

bool amlrt__pair_judge_make(amlrt__pair_sweep *s)
{
  amlrt__pair_judge *j = &s->judge;
  const amlrt_alloc *mem = s->w->run->mem;

  j->view.ops = &sight;
  j->role = s->p->row->group;
  j->n_means = s->p->tells_degree && s->w->want == AMLRT__WANT_LIGHT ? s->p->n_means : 0;
  j->rows = amlrt__array(mem, s->p->run->n_stages, sizeof *j->rows);
  j->total = amlrt__array(mem, s->p->n_means, sizeof *j->total);
  j->asked = (amlrt_eval){.w = s->w, .view = &j->view};
  j->own = (amlrt_eval){.w = s->w, .member_role = j->role, .member_rows = j->rows};
  return j->rows && j->total;
}

void amlrt__pair_judge_release(amlrt__pair_sweep *s)
{
  const amlrt_alloc *mem = s->w->run->mem;
  amlrt__pair_judge *j = &s->judge;

  amlrt__release(mem, j->rows);
  amlrt__release(mem, j->total);
  amlrt__release(mem, j->event);
  amlrt__release(mem, j->row);
  amlrt__release(mem, j->member);
  amlrt__release(mem, j->changed);
  amlrt__release(mem, j->share);
}

// ---- legs by member -----------------------------------------------------------------------------------------

#define MEMBER_BITS ((UINT32_C(1) << 31) - 1)

static bool take_rooms(amlrt__pair_sweep *s)
{
  amlrt__pair_judge *j = &s->judge;
  size_t legs = s->n_pair_parts, members = s->n_members;

  return amlrt__pair_room(s->w, &j->event, &j->cap_events, legs, sizeof *j->event) &&
         amlrt__pair_room(s->w, &j->row, &j->cap_rows, legs, sizeof *j->row) &&
         amlrt__pair_room(s->w, &j->member, &j->cap_members, members, sizeof *j->member) &&
         amlrt__pair_room(s->w, &j->changed, &j->cap_changed, members, sizeof *j->changed) &&
         amlrt__pair_room(s->w, &j->share, &j->cap_shares, members * j->n_means, sizeof *j->share);
}

// The legs of the pair in order, and the rows of each member's together. Asked for at the first trigger that
// has enough middles.
static bool begin_judging(amlrt__pair_sweep *s)
{
  amlrt__pair_judge *j = &s->judge;
  uint32_t at = 0;

  if (!s->parts_sorted && !amlrt__pair_sort_parts(s)) return false;
  if (!take_rooms(s)) return false;
  memset(j->member, 0, s->n_members * sizeof *j->member);
  for (uint32_t i = 0; i < s->n_pair_parts; i++) {
    const amlrt__pair_part *part = &s->parts[(uint32_t)s->by_row[i]];
    uint32_t m = s->slot[part->mid] - 1;
    j->event[i] = (amlrt__pair_event){part->row, m & MEMBER_BITS, part->second};
    j->member[m].hi[part->second]++;
  }
  for (uint32_t m = 0; m < s->n_members; m++)
    for (int k = 0; k < 2; k++) {
      uint32_t n = j->member[m].hi[k];
      j->member[m].lo[k] = j->member[m].hi[k] = at;
      at += n;
    }
  memset(j->total, 0, s->p->n_means * sizeof *j->total);
  j->begin = j->end = 0;
  j->n_left = j->n_unsure = 0;
  j->begun = true;
  return amlrt__step(s->w, s->n_pair_parts);
}

static void note_change(amlrt__pair_judge *j, uint32_t m, uint32_t *n)
{
  if (j->member[m].changed) return;
  j->member[m].changed = true;
  j->changed[(*n)++] = m;
}

// Legs enter and leave; returns how many members that touches.
static uint32_t slide(amlrt__pair_sweep *s, uint32_t lo, uint32_t trigger)
{
  amlrt__pair_judge *j = &s->judge;
  uint32_t n = 0;

  for (; j->end < s->n_pair_parts && j->event[j->end].row <= trigger; j->end++) {
    const amlrt__pair_event *e = &j->event[j->end];
    j->row[j->member[e->member].hi[e->second]++] = e->row;
    note_change(j, e->member, &n);
  }
  for (; j->begin < j->end && j->event[j->begin].row < lo; j->begin++) {
    const amlrt__pair_event *e = &j->event[j->begin];
    j->member[e->member].lo[e->second]++;
    note_change(j, e->member, &n);
  }
  return n;
}

// ---- a member -----------------------------------------------------------------------------------------------

// Drops legs without a partner. By times alone, so nobody loses a partner by that (semantics 4.2 (a)).
static bool keep_partnered(amlrt__pair_sweep *s, amlrt__list legs[2])
{
  const amlrt__pairs *p = s->p;
  amlrt__list side[2], kept;
  bool *has[2];

  for (int k = 0; k < 2; k++)
    side[p->side[k]] = legs[k];
  for (int k = 0; k < 2; k++) {
    has[k] = amlrt__take(s->w, side[k].n, sizeof *has[k]);
    if (!has[k] || !amlrt__pair_partners(s->w, p->pair, side, k, has[k])) return false;
  }
  for (int k = 0; k < 2; k++) {
    const bool *stays = has[p->side[k]];
    if (!amlrt__take_list(s->w, &kept, legs[k].n)) return false;
    for (uint32_t i = 0; i < legs[k].n; i++)
      if (stays[i]) kept.at[kept.n++] = legs[k].at[i];
    legs[k] = kept;
  }
  return true;
}

// The member's part in the mean of a constraint.
static bool share_of(amlrt__pair_sweep *s, const amlrt_pcon *c, const amlrt_cond *each,
                     amlrt__pair_share *out)
{
  amlrt__pair_judge *j = &s->judge;
  const amlrt_program *prog = s->p->run->p;

  *out = (amlrt__pair_share){each->degree, 1};
  if (c->kind == AMLRT_CON_FILTER) {
    const amlrt__list *rows = &j->rows[c->stage];
    *out = (amlrt__pair_share){0, rows->n};
    for (uint32_t i = 0; i < rows->n; i++)
      out->sum += prog->stages[c->stage].filter(s->w, rows->at[i]).degree;
  } else if (c->kind == AMLRT_CON_PAIR) {
    const amlrt__list side[2] = {j->rows[s->p->pair->stage[0]], j->rows[s->p->pair->stage[1]]};
    return amlrt__pair_mean(s->w, s->p->pair, &s->p->pair->conds[c->cond], side, &out->sum);
  }
  return s->w->st == AMLRT_OK;
}

// What the constraints say of the member whose legs are at hand.
static bool ask_constraints(amlrt__pair_sweep *s, uint32_t m, amlrt__pair_state *state)
{
  amlrt__pair_judge *j = &s->judge;
  const amlrt_program *prog = s->p->run->p;
  uint32_t at = 0;

  for (uint32_t i = 0; i < prog->info->n_constraints && *state == AMLRT__PAIR_LEFT; i++) {
    const amlrt_pcon *c = &prog->cons[i];
    amlrt_cond each = {.truth = AMLRT_KNOWN};
    if (c->kind == AMLRT_CON_EACH && c->role == j->role) {
      each = c->agg(s->w, &j->asked, j->role, j->own.member_account);
      if (s->w->st != AMLRT_OK) return false;
      if (j->view.unsure || each.truth == AMLRT_CANNOT_SAY)
        *state = AMLRT__PAIR_UNSURE;
      else if (each.degree == 0)
        *state = AMLRT__PAIR_OUT;
    }
    if (j->n_means == 0 || c->kind == AMLRT_CON_SIZE) continue;
    if (!share_of(s, c, &each, &j->share[m * j->n_means + at++])) return false;
  }
  return true;
}

static bool judge_legs(amlrt__pair_sweep *s, uint32_t m, amlrt__pair_state *state)
{
  amlrt__pair_judge *j = &s->judge;
  const amlrt__pair_judged *at = &j->member[m];
  amlrt__list legs[2];

  *state = AMLRT__PAIR_OUT;
  for (int k = 0; k < 2; k++) {
    legs[k] = (amlrt__list){j->row + at->lo[k], at->hi[k] - at->lo[k]};
    if (legs[k].n == 0) return true;
  }
  if (s->p->pair && !keep_partnered(s, legs)) return false;
  if (legs[0].n == 0 || legs[1].n == 0) return true;
  for (int k = 0; k < 2; k++)
    j->rows[s->p->row->stage[k]] = legs[k];
  j->own.member = m;
  j->own.member_account = amlrt__pair_account(s->b, s->member[m].mid);
  j->view.unsure = false;
  *state = AMLRT__PAIR_LEFT;
  return ask_constraints(s, m, state);
}

static void count_member(amlrt__pair_judge *j, uint32_t m, int by)
{
  const amlrt__pair_share *share = &j->share[m * j->n_means];

  if (j->member[m].state == AMLRT__PAIR_UNSURE) j->n_unsure += (uint32_t)by;
  if (j->member[m].state != AMLRT__PAIR_LEFT) return;
  j->n_left += (uint32_t)by;
  for (uint32_t k = 0; k < j->n_means; k++) {
    j->total[k].sum += by * share[k].sum;
    j->total[k].n += (uint64_t)by * share[k].n;
  }
}

static bool judge_member(amlrt__pair_sweep *s, uint32_t m)
{
  amlrt__pair_judge *j = &s->judge;
  amlrt__pair_state state;
  amlrt__mark mark = amlrt__mem_mark(&s->w->scratch);

  count_member(j, m, -1);
  if (!judge_legs(s, m, &state)) return false;
  amlrt__mem_back(&s->w->scratch, mark);
  j->member[m].state = state;
  j->member[m].changed = false;
  count_member(j, m, 1);
  return true;
}

// ---- a trigger ------------------------------------------------------------------------------------------------

static amlrt_degree degree_of_all(const amlrt__pair_judge *j, amlrt_degree of_size)
{
  amlrt_degree least = of_size;

  for (uint32_t k = 0; k < j->n_means; k++) {
    amlrt_degree d = amlrt_degree_mean(j->total[k].sum, j->total[k].n);
    if (d < least) least = d;
  }
  return least;
}

// Features are asked of the match.
static bool take_features(amlrt__pair_sweep *s)
{
  amlrt__pair_judge *j = &s->judge;
  const amlrt_program *p = s->p->run->p;

  j->asks_member = j->view.unsure = false;
  for (uint32_t i = 0; i < p->info->n_features && !j->view.unsure; i++)
    s->features[i] = p->features[i](s->w, &j->asked);
  return s->w->st == AMLRT_OK;
}

static bool judge_changed(amlrt__pair_sweep *s, uint32_t lo, uint32_t trigger)
{
  amlrt__pair_judge *j = &s->judge;
  uint32_t n = slide(s, lo, trigger);

  j->asks_member = true;
  for (uint32_t i = 0; i < n; i++)
    if (!judge_member(s, j->changed[i])) return false;
  return amlrt__step(s->w, n);
}

bool amlrt__pair_ask(amlrt__pair_sweep *s, const amlrt__pair_path *path, uint32_t lo,
                     amlrt__pair_answer *out)
{
  amlrt__pair_judge *j = &s->judge;
  amlrt_degree of_size;

  out->what = AMLRT__PAIR_NO;
  if (!j->begun && !begin_judging(s)) return false;
  amlrt__worker_set(s->w, path->close);
  if (!judge_changed(s, lo, path->close)) return false;
  if (j->n_unsure > 0) {
    out->what = AMLRT__PAIR_EVALUATE;
    return true;
  }
  if (j->n_left < s->p->least) return true;
  if (j->member[s->slot[path->mid] - 1].state != AMLRT__PAIR_LEFT) return true; // the trigger's own
  of_size = amlrt__pair_degree_of(s->p, j->n_left);
  if (of_size == 0) return true;
  out->what = AMLRT__PAIR_EVALUATE;
  if (!s->p->tells_degree || s->w->want != AMLRT__WANT_LIGHT) return true;
  if (!take_features(s)) return false;
  if (j->view.unsure) return true;
  out->degree = degree_of_all(j, of_size);
  out->what = out->degree > 0 ? AMLRT__PAIR_MATCH : AMLRT__PAIR_NO;
  return true;
}
