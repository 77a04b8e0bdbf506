// Judging what is left: docs/semantics.md, 4.3, and the degrees of 5.
#include "ir/reference/ref_inside.h"

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

static void give_cond(amlrt_result *out, const ref_cond *c)
{
  if (c->truth == REF_CANNOT_SAY)
    leave_out(out);
  else
    give(out, c->truth == REF_KNOWN ? c->degree : 0, c->value);
}

// ---- roles and stages ---------------------------------------------------------------------------------

typedef bool judge_fn(ref_eval *ev, const gir_node *n, amlrt_result *out);

// What is no constraint.
static bool judge_nothing(ref_eval *ev, const gir_node *n, amlrt_result *out)
{
  (void)ev;
  (void)n;
  give(out, AMLRT_DEGREE_ONE, no_value);
  return true;
}

// Size of a group, length of a chain.
static bool judge_size(ref_eval *ev, const gir_node *n, amlrt_result *out)
{
  uint32_t role = ref_role_of(ev->rx, n);
  amlrt_frac size = amlrt_frac_int(ref_n_left(ev, role));
  amlrt_value value = {.kind = AMLRT_VALUE_NUMBER, .v = size};

  give(out, amlrt_range_degree(&ev->rx->plan.role[role].size, size), value);
  return true;
}

// `where`: the mean over the transfers left. The support of a layer held, or nobody would be left.
static bool judge_where(ref_eval *ev, const gir_node *n, amlrt_result *out)
{
  uint32_t stage = ev->rx->plan.node[n->id].index;
  mean m = {0};
  ref_list rows;

  if (!gir_stage_filter(n)) return judge_nothing(ev, n, out);
  if (!ref_rows_left(ev, stage, &rows)) return false;
  for (uint32_t i = 0; i < rows.n; i++) {
    ref_scope scope = ref_scope_row(ev->rx, rows.at[i]);
    ref_cond c = ref_ask(&scope, gir_stage_filter(n));
    mean_add(&m, c.degree, c.value);
  }
  give_mean(out, &m);
  return ref_step(ev->rx, rows.n);
}

// ---- pairs --------------------------------------------------------------------------------------------

typedef struct pair_mean {
  mean of_accounts;       // or of hops
  amlrt_degree lowest;    // over all transfers
  uint32_t mine, partner; // the worst transfer and its best partner; AMLRT_NONE: has none
  bool any;
} pair_mean;

static void note_worst(pair_mean *pm, const ref_best *b, amlrt_degree degree, uint32_t mine)
{
  if (pm->any && degree >= pm->lowest) return;
  pm->any = true;
  pm->lowest = degree;
  pm->mine = mine;
  pm->partner = b->found ? b->partner : AMLRT_NONE;
}

// One account, or two consecutive hops: the mean over the transfers of the side named first.
static bool pair_at(ref_eval *ev, const ref_pair *p, const ref_pair_cond *k, const ref_list rows[2],
                    pair_mean *pm)
{
  int side = k->swapped ? 1 : 0;
  const ref_list *mine = &rows[side];
  mean m = {0};
  ref_best *best = ref_take(ev->rx, mine->n, sizeof *best);

  if (!best || !ref_pair_best(ev->rx, p, k, rows, best)) return false;
  for (uint32_t i = 0; i < mine->n; i++) {
    // A transfer of which no partner is asked, and that has none, counts as 1.
    AML_BUG_UNLESS(best[i].found || !p->asked[side]);
    amlrt_degree degree = best[i].found ? best[i].degree : AMLRT_DEGREE_ONE;
    mean_add(&m, degree, no_value);
    note_worst(pm, &best[i], degree, mine->at[i]);
  }
  mean_add(&pm->of_accounts, mean_of(&m), no_value);
  return true;
}

static const ref_pair *pair_of(const ref_cx *rx, const gir_node *n, const ref_pair_cond **k)
{
  uint32_t constraint = rx->plan.node[n->id].index;

  for (uint32_t i = 0; i < rx->plan.n_pairs; i++)
    for (uint32_t c = 0; c < rx->plan.pair[i].n; c++) {
      *k = &rx->plan.pair[i].cond[c];
      if ((*k)->constraint == constraint) return &rx->plan.pair[i];
    }
  AML_BUG("a pair constraint that is in no pair");
}

static void give_pair(ref_eval *ev, const ref_pair_cond *k, const pair_mean *pm, amlrt_result *out)
{
  bool shown = pm->any && pm->partner != AMLRT_NONE;
  give(out, mean_of(&pm->of_accounts),
       shown ? ref_pair_value(ev->rx, k, pm->mine, pm->partner) : no_value);
}

static bool judge_pair(ref_eval *ev, const gir_node *n, amlrt_result *out)
{
  const ref_pair_cond *k;
  const ref_pair *p = pair_of(ev->rx, n, &k);
  bool group = ev->rx->plan.role[p->role].node->op == GIR_GROUP;
  uint32_t n_members = group ? ev->group[p->role].n : 1;
  pair_mean pm = {.lowest = 0};

  for (uint32_t m = 0; m < n_members; m++) {
    ref_list rows[2];
    if (group && !ev->group[p->role].left[m]) continue;
    ref_mark mark = ref_mem_mark(&ev->rx->scratch);
    for (int s = 0; s < 2; s++)
      if (!ref_rows_of(ev, p->stage[s], p->role, m, &rows[s])) return false;
    if (!pair_at(ev, p, k, rows, &pm)) return false;
    ref_mem_back(&ev->rx->scratch, mark);
  }
  give_pair(ev, k, &pm, out);
  return true;
}

static bool judge_hop_pair(ref_eval *ev, const gir_node *n, amlrt_result *out)
{
  const ref_pair_cond *k;
  const ref_pair *p = pair_of(ev->rx, n, &k);
  pair_mean pm = {.lowest = 0};

  for (uint32_t h = 0; h + 1 < ev->tx[p->stage[0]].n_hops; h++) {
    ref_list rows[2];
    ref_mark mark = ref_mem_mark(&ev->rx->scratch);
    for (uint32_t s = 0; s < 2; s++)
      if (!ref_rows_of_hop(ev, p->stage[0], h + s, &rows[s])) return false;
    if (!pair_at(ev, p, k, rows, &pm)) return false;
    ref_mem_back(&ev->rx->scratch, mark);
  }
  give_pair(ev, k, &pm, out);
  return true;
}

// ---- each, require, overlap, absent -------------------------------------------------------------------

bool ref_each_members(ref_eval *ev, const gir_node *each, ref_cond *by_member, bool *left_out)
{
  uint32_t role = ref_role_of(ev->rx, each->args[0]);
  const ref_group *g = &ev->group[role];

  *left_out = false;
  for (uint32_t m = 0; m < g->n; m++) {
    ref_scope scope;
    if (!g->left[m]) continue;
    ref_mark mark = ref_mem_mark(&ev->rx->scratch);
    if (!ref_scope_member(ev, role, m, &scope)) return false;
    by_member[m] = ref_ask(&scope, each->args[1]);
    ref_mem_back(&ev->rx->scratch, mark);
    if (!ref_step(ev->rx, 1)) return false;
    if (by_member[m].truth == REF_CANNOT_SAY) *left_out = true;
  }
  return true;
}

static bool judge_each_group(ref_eval *ev, const gir_node *n, amlrt_result *out)
{
  const ref_group *g = &ev->group[ref_role_of(ev->rx, n->args[0])];
  ref_cond *c = ref_take(ev->rx, g->n, sizeof *c);
  bool left_out;
  mean m = {0};

  if (!c || !ref_each_members(ev, n, c, &left_out)) return false;
  for (uint32_t i = 0; i < g->n; i++)
    if (g->left[i]) mean_add(&m, c[i].degree, c[i].value);
  if (left_out)
    leave_out(out);
  else
    give_mean(out, &m);
  return true;
}

static bool judge_each(ref_eval *ev, const gir_node *n, amlrt_result *out)
{
  ref_scope scope;

  if (n->args[0]->op == GIR_GROUP) return judge_each_group(ev, n, out);
  if (!ref_scope_member(ev, ref_role_of(ev->rx, n->args[0]), 0, &scope)) return false;
  ref_cond c = ref_ask(&scope, n->args[1]);
  give_cond(out, &c);
  return ev->rx->st == AMLRT_OK;
}

static bool judge_require(ref_eval *ev, const gir_node *n, amlrt_result *out)
{
  ref_cond c = ref_ask(&ev->match, n->args[0]);

  give_cond(out, &c);
  return ev->rx->st == AMLRT_OK;
}

// Pairs (a, b) with time(a) < time(b), counted by walking both lists once.
static amlrt_i128 pairs_in_order(const ref_cx *rx, const ref_list *a, const ref_list *b)
{
  const int64_t *time = rx->col->time;
  amlrt_i128 n = 0;
  uint32_t earlier = 0;

  for (uint32_t i = 0; i < b->n; i++) {
    while (earlier < a->n && time[a->at[earlier]] < time[b->at[i]])
      earlier++;
    n += earlier;
  }
  return n;
}

static bool judge_overlap(ref_eval *ev, const gir_node *n, amlrt_result *out)
{
  ref_list a, b;

  if (!ref_scope_rows(&ev->match, n->args[0], &a)) return false;
  if (!ref_scope_rows(&ev->match, n->args[1], &b)) return false;
  amlrt_i128 all = (amlrt_i128)a.n * b.n, in_order = pairs_in_order(ev->rx, &a, &b);
  amlrt_frac share = {all - in_order, all ? all : 1};
  amlrt_value value = {.kind = AMLRT_VALUE_NUMBER, .v = share};
  give(out, amlrt_range_degree(&ev->rx->plan.node[n->id].range, share), value);
  return ref_step(ev->rx, (uint64_t)a.n + b.n);
}

static bool judge_absent(ref_eval *ev, const gir_node *n, amlrt_result *out)
{
  bool absent;

  if (!ref_is_absent(ev, n, &absent)) return false;
  give(out, absent ? AMLRT_DEGREE_ONE : 0, no_value);
  return true;
}

// ---- dispatch: a role, stage or statement without a judgement does not compile -------------------------

#define judge_one judge_nothing
#define judge_anyone judge_nothing
#define judge_group judge_size
#define judge_chain judge_size
#define judge_stage judge_where
#define judge_walk judge_where
#define judge_layer judge_where
#define judge_term judge_where
#define judge_probe judge_nothing
#define judge_members judge_nothing
#define judge_may_equal judge_nothing
#define judge_feature judge_nothing
#define judge_title_text judge_nothing
#define judge_title_role judge_nothing
#define judge_title_value judge_nothing

#define GIVES_ROLE(id, name) [GIR_##id] = judge_##name,
#define GIVES_STAGE(id, name) GIVES_ROLE(id, name)
#define GIVES_SET(id, name)
#define GIVES_STMT(id, name) GIVES_ROLE(id, name)
#define GIVES_BOOL(id, name)
#define GIVES_ANY(id, name)
#define GIVES_NUMBER(id, name)
#define GIVES_DURATION(id, name)
#define GIVES_TIME(id, name)
static judge_fn *const judges[GIR_N_OPS] = {
#define GIR_OP(id, name, takes, attrs, gives, ...) GIVES_##gives(id, name)
#include "ir/gir_ops.def"
};

bool ref_judge(ref_eval *ev, amlrt_degree *degree)
{
  ref_cx *rx = ev->rx;

  *degree = 0;
  if (!ref_holds_trigger(ev) || ref_lacks_required(ev)) return true;
  ev->result = ref_take(rx, rx->plan.n_constraints, sizeof *ev->result);
  if (!ev->result || !ref_scope_match(ev, &ev->match)) return false;
  amlrt_degree least = AMLRT_DEGREE_ONE;
  for (uint32_t k = 0; k < rx->plan.n_constraints; k++) {
    const gir_node *n = rx->plan.constraint[k];
    if (!judges[n->op](ev, n, &ev->result[k])) return false;
    if (ev->result[k].left_out) continue;
    if (ev->result[k].degree == 0) return true;
    if (ev->result[k].degree < least) least = ev->result[k].degree;
  }
  *degree = least;
  return true;
}
