// Judging what is left: docs/semantics.md, 4.3, and the degrees of 5.
#include "runtime/src/error.h"
#include "runtime/src/eval.h"

// ---- means, and the worst -----------------------------------------------------------------------------

// Section 5: degrees are added as whole numbers; the worst is the lowest, the first of equals.
typedef struct mean {
  amlrt_i128 sum;
  uint64_t n;
  amlrt_degree lowest;
  amlrt_value value; // of the worst
} mean;

static void mean_add(mean *m, amlrt_degree degree, amlrt_value value)
{
  if (m->n == 0 || degree < m->lowest) {
    m->lowest = degree;
    m->value = value;
  }
  m->sum += degree;
  m->n++;
}

static amlrt_degree mean_of(const mean *m)
{
  return amlrt_degree_mean(m->sum, m->n);
}

static const amlrt_value no_value = {.kind = AMLRT_VALUE_NONE, .v = {0, 1}};

static void give(amlrt_result *out, amlrt_degree degree, amlrt_value value)
{
  *out = (amlrt_result){.value = value, .degree = degree};
}

// Section 6: left out as a whole, and no part of the match's degree.
static void leave_out(amlrt_result *out)
{
  *out = (amlrt_result){.left_out = true, .value = no_value, .degree = AMLRT_DEGREE_ONE};
}

static void give_mean(amlrt_result *out, const mean *m)
{
  give(out, mean_of(m), m->n ? m->value : no_value);
}

static void give_cond(amlrt_result *out, const amlrt_cond *c)
{
  if (c->truth == AMLRT_CANNOT_SAY)
    leave_out(out);
  else
    give(out, c->truth == AMLRT_KNOWN ? c->degree : 0, c->value);
}

// ---- roles and stages ---------------------------------------------------------------------------------

// Size of a group, length of a chain.
static void judge_size(amlrt_eval *v, const amlrt_pcon *c, amlrt_result *out)
{
  amlrt_frac size = amlrt_frac_int(amlrt__n_left(v, c->role));
  amlrt_value value = {.kind = AMLRT_VALUE_NUMBER, .v = size};

  give(out, amlrt_range_degree(&v->w->run->p->roles[c->role].size, size), value);
}

// `where`: the mean over the transfers left.
static bool judge_filter(amlrt_eval *v, const amlrt_pcon *c, amlrt_result *out)
{
  amlrt_row_fn filter = v->w->run->p->stages[c->stage].filter;
  mean m = {0};
  amlrt__list rows;

  if (!amlrt__rows_asked(v, c->stage, AMLRT_NONE, 0, &rows)) return false;
  for (uint32_t i = 0; i < rows.n; i++) {
    amlrt_cond cond = filter(v->w, rows.at[i]);
    mean_add(&m, cond.degree, cond.value);
  }
  give_mean(out, &m);
  return amlrt__step(v->w, rows.n);
}

// ---- pairs --------------------------------------------------------------------------------------------

typedef struct pair_mean {
  mean of_accounts;       // or of hops
  amlrt_degree lowest;    // over all transfers
  uint32_t mine, partner; // the worst transfer and its best partner; AMLRT_NONE: has none
  bool any;
} pair_mean;

static void note_worst(pair_mean *pm, const amlrt__best *b, amlrt_degree degree, uint32_t mine)
{
  if (pm->any && degree >= pm->lowest) return;
  pm->any = true;
  pm->lowest = degree;
  pm->mine = mine;
  pm->partner = b->found ? b->partner : AMLRT_NONE;
}

// One account, or two consecutive hops: the mean over the transfers of the side named first.
static bool pair_at(amlrt_eval *v, const amlrt_ppair *p, const amlrt_ppair_cond *k,
                    const amlrt__list rows[2], pair_mean *pm)
{
  int side = k->swapped ? 1 : 0;
  const amlrt__list *mine = &rows[side];
  mean m = {0};
  amlrt__best *best = amlrt__take(v->w, mine->n, sizeof *best);

  if (!best || !amlrt__pair_best(v->w, p, k, rows, best)) return false;
  for (uint32_t i = 0; i < mine->n; i++) {
    if (!best[i].found && p->asked[side]) AMLRT__BUG("a transfer is left without a partner");
    // One of which no partner is asked, and that has none, counts as 1.
    amlrt_degree degree = best[i].found ? best[i].degree : AMLRT_DEGREE_ONE;
    mean_add(&m, degree, no_value);
    note_worst(pm, &best[i], degree, mine->at[i]);
  }
  mean_add(&pm->of_accounts, mean_of(&m), no_value);
  return true;
}

static bool pair_of_members(amlrt_eval *v, const amlrt_ppair *p, const amlrt_ppair_cond *k,
                            pair_mean *pm)
{
  bool group = amlrt__is_group(v->w->run, p->role);

  for (uint32_t m = 0; m < amlrt__n_members(v, p->role); m++) {
    amlrt__list rows[2];
    if (group && !v->group[p->role].left[m]) continue;
    amlrt__mark mark = amlrt__mem_mark(&v->w->scratch);
    for (int s = 0; s < 2; s++)
      if (!amlrt__rows_of(v, p->stage[s], p->role, m, &rows[s])) return false;
    if (!pair_at(v, p, k, rows, pm)) return false;
    amlrt__mem_back(&v->w->scratch, mark);
  }
  return true;
}

static bool pair_of_hops(amlrt_eval *v, const amlrt_ppair *p, const amlrt_ppair_cond *k,
                         pair_mean *pm)
{
  for (uint32_t h = 0; h + 1 < v->tx[p->stage[0]].n_hops; h++) {
    amlrt__list rows[2];
    amlrt__mark mark = amlrt__mem_mark(&v->w->scratch);
    for (uint32_t s = 0; s < 2; s++)
      if (!amlrt__rows_of_hop(v, p->stage[0], h + s, &rows[s])) return false;
    if (!pair_at(v, p, k, rows, pm)) return false;
    amlrt__mem_back(&v->w->scratch, mark);
  }
  return true;
}

static bool judge_pair(amlrt_eval *v, const amlrt_pcon *c, amlrt_result *out)
{
  const amlrt_ppair *p = &v->w->run->p->pairs[c->pair];
  const amlrt_ppair_cond *k = &p->conds[c->cond];
  pair_mean pm = {.lowest = 0};
  bool along = p->role == AMLRT_NONE;

  if (along ? !pair_of_hops(v, p, k, &pm) : !pair_of_members(v, p, k, &pm)) return false;
  bool shown = pm.any && pm.partner != AMLRT_NONE;
  give(out, mean_of(&pm.of_accounts),
       shown ? amlrt__pair_value(v->w, k, pm.mine, pm.partner) : no_value);
  return true;
}

// ---- each, require, overlap, absent -------------------------------------------------------------------

bool amlrt__each_members(amlrt_eval *v, const amlrt_pcon *c, amlrt_cond *by_member, bool *left_out)
{
  const amlrt__group *g = &v->group[c->role];

  *left_out = false;
  for (uint32_t m = 0; m < g->n; m++) {
    if (!g->left[m]) continue;
    amlrt__mark mark = amlrt__mem_mark(&v->w->scratch);
    if (!amlrt__ask_member(v, c->role, m)) return false;
    by_member[m] = c->agg(v->w, v, c->role, v->member_account);
    amlrt__mem_back(&v->w->scratch, mark);
    if (!amlrt__step(v->w, 1)) return false;
    if (by_member[m].truth == AMLRT_CANNOT_SAY) *left_out = true;
  }
  return true;
}

static bool judge_each_group(amlrt_eval *v, const amlrt_pcon *c, amlrt_result *out)
{
  const amlrt__group *g = &v->group[c->role];
  amlrt_cond *by_member = amlrt__take(v->w, g->n, sizeof *by_member);
  bool left_out;
  mean m = {0};

  if (!by_member || !amlrt__each_members(v, c, by_member, &left_out)) return false;
  for (uint32_t i = 0; i < g->n; i++)
    if (g->left[i]) mean_add(&m, by_member[i].degree, by_member[i].value);
  if (left_out)
    leave_out(out);
  else
    give_mean(out, &m);
  return true;
}

static bool judge_each(amlrt_eval *v, const amlrt_pcon *c, amlrt_result *out)
{
  if (amlrt__is_group(v->w->run, c->role)) return judge_each_group(v, c, out);
  if (!amlrt__ask_member(v, c->role, 0)) return false;
  amlrt_cond cond = c->agg(v->w, v, c->role, v->member_account);
  give_cond(out, &cond);
  return v->w->st == AMLRT_OK;
}

static bool judge_require(amlrt_eval *v, const amlrt_pcon *c, amlrt_result *out)
{
  amlrt_cond cond = c->agg(v->w, v, AMLRT_NONE, AMLRT_NONE);

  give_cond(out, &cond);
  return v->w->st == AMLRT_OK;
}

// Pairs (a, b) with time(a) < time(b), counted by walking both lists once.
static amlrt_i128 pairs_in_order(const amlrt_worker *w, const amlrt__list *a, const amlrt__list *b)
{
  const int64_t *time = w->run->col->time;
  amlrt_i128 n = 0;
  uint32_t earlier = 0;

  for (uint32_t i = 0; i < b->n; i++) {
    while (earlier < a->n && time[a->at[earlier]] < time[b->at[i]])
      earlier++;
    n += earlier;
  }
  return n;
}

static bool judge_overlap(amlrt_eval *v, const amlrt_pcon *c, amlrt_result *out)
{
  amlrt__list a, b;

  if (!amlrt__rows_asked(v, c->stage, AMLRT_NONE, 0, &a)) return false;
  if (!amlrt__rows_asked(v, c->other, AMLRT_NONE, 0, &b)) return false;
  amlrt_i128 all = (amlrt_i128)a.n * b.n, in_order = pairs_in_order(v->w, &a, &b);
  amlrt_frac share = {all - in_order, all ? all : 1};
  amlrt_value value = {.kind = AMLRT_VALUE_NUMBER, .v = share};
  give(out, amlrt_range_degree(&c->range, share), value);
  return amlrt__step(v->w, (uint64_t)a.n + b.n);
}

static bool judge_absent(amlrt_eval *v, const amlrt_pcon *c, amlrt_result *out)
{
  bool absent;

  if (!amlrt__is_absent(v, c, &absent)) return false;
  give(out, absent ? AMLRT_DEGREE_ONE : 0, no_value);
  return true;
}

static bool judge_one(amlrt_eval *v, const amlrt_pcon *c, amlrt_result *out)
{
  switch (c->kind) {
  case AMLRT_CON_SIZE:
    judge_size(v, c, out);
    return true;
  case AMLRT_CON_FILTER:
    return judge_filter(v, c, out);
  case AMLRT_CON_SUPPORT:
    give(out, AMLRT_DEGREE_ONE, no_value); // it held, or nobody would be left
    return true;
  case AMLRT_CON_PAIR:
    return judge_pair(v, c, out);
  case AMLRT_CON_EACH:
    return judge_each(v, c, out);
  case AMLRT_CON_REQUIRE:
    return judge_require(v, c, out);
  case AMLRT_CON_OVERLAP:
    return judge_overlap(v, c, out);
  case AMLRT_CON_ABSENT:
    return judge_absent(v, c, out);
  }
  AMLRT__BUG("a constraint that cannot be judged");
}

// ---- the whole ----------------------------------------------------------------------------------------

// Of a group that is only evidence, and its transfers.
static bool is_late(const amlrt_eval *v, const amlrt_pcon *c)
{
  if (c->kind == AMLRT_CON_SIZE) return v->w->run->p->roles[c->role].late;
  return c->kind == AMLRT_CON_FILTER && v->w->run->late[c->stage];
}

static bool judge_kind(amlrt_eval *v, bool sizes, amlrt_degree *least)
{
  const amlrt_program *p = v->w->run->p;

  for (uint32_t k = 0; k<p->info->n_constraints && * least> 0; k++) {
    amlrt_result *r = &v->result[k];
    if ((p->cons[k].kind == AMLRT_CON_SIZE) != sizes || is_late(v, &p->cons[k]) != v->late)
      continue;
    if (!judge_one(v, &p->cons[k], r)) return false;
    if (!r->left_out && r->degree < *least) *least = r->degree;
  }
  return true;
}

// Sizes cost nothing to judge, so they come first; what else holds does not depend on the order.
bool amlrt__judge(amlrt_eval *v, amlrt_degree *degree)
{
  const amlrt__run *run = v->w->run;
  amlrt_degree least = AMLRT_DEGREE_ONE;

  *degree = 0;
  if (!amlrt__holds_trigger(v) || amlrt__lacks_required(v)) return true;
  if (!v->late) {
    v->result = amlrt__take(v->w, run->p->info->n_constraints, sizeof *v->result);
    v->rows = amlrt__take_clear(v->w, run->n_stages, sizeof *v->rows);
  }
  if (!v->result || !v->rows) return false;
  if (!judge_kind(v, true, &least) || !judge_kind(v, false, &least)) return false;
  *degree = least;
  return true;
}
