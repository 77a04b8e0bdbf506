// Members judged by their own transfers, before groups that hang on all members are started.
//
// What a member of such a group has left after the first dropping (docs/semantics.md, 4.2 (a)) hangs on nobody but
// itself: its stages lead to keys, to `any`, or to the members of one group that is in by any one transfer and asked
// nothing else. So its aggregates under `each` can be judged at once, as the first round (b) will, and whoever fails is
// dropped without what it would have led to being collected. In that round all are judged on one state; dropping some
// before changes nothing that others are judged by, for no other group has aggregates under `each`.
//
// One member that cannot be judged saves all others of the group (semantics 6), so this is only done where amounts
// are plain numbers and all are given.
#include "runtime/src/alloc.h"
#include "runtime/src/eval.h"

#include <string.h>

// ---- for which groups -------------------------------------------------------------------------------------

static bool is_asked(const amlrt__run *run, uint32_t stage, uint32_t role)
{
  const amlrt_pstage *s = &run->p->stages[stage];
  return (s->from == role || s->to == role) && s->kind != AMLRT_STAGE_PROBE && !run->late[stage];
}

static uint32_t n_asked(const amlrt__run *run, uint32_t role)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < run->n_stages; i++)
    n += is_asked(run, i, role);
  return n;
}

static uint32_t other_end(const amlrt_pstage *s, uint32_t role)
{
  return s->from == role ? s->to : s->from;
}

// Can the set be told as soon as the group is there, by it and the keys?
static bool is_known_then(const amlrt__run *run, uint32_t set, uint32_t role)
{
  const amlrt_pset *s = &run->p->sets[set];
  uint32_t of = s->a;

  if (s->op == AMLRT_SET_AND || s->op == AMLRT_SET_OR || s->op == AMLRT_SET_MINUS)
    return is_known_then(run, s->a, role) && is_known_then(run, s->b, role);
  if (s->op != AMLRT_SET_ROLE) of = other_end(&run->p->stages[s->a], run->p->stages[s->a].owner);
  return of == role || !amlrt__is_group(run, of);
}

// Is whoever has one transfer of the stage in the group, but for those right of a `-`?
static bool is_in_by_one(const amlrt__run *run, uint32_t stage, uint32_t owner, uint32_t role)
{
  const amlrt_pset *set = run->p->sets, *s = &set[run->p->roles[owner].set];

  for (; s->op == AMLRT_SET_MINUS; s = &set[s->a])
    if (!is_known_then(run, s->b, role)) return false;
  bool one = s->op == AMLRT_SET_SHARE || (s->op == AMLRT_SET_HAS && s->at_least <= 1);
  return one && s->a == stage && n_asked(run, owner) == 1;
}

static bool has_pairs(const amlrt__run *run, uint32_t role)
{
  for (uint32_t i = 0; i < run->p->n_pairs; i++)
    if (run->p->pairs[i].role == role) return true;
  return false;
}

// Is a transfer of the stage left by what the member has alone? *owner: the group it leads to.
static bool stage_is_own(const amlrt__run *run, uint32_t stage, uint32_t role, uint32_t *owner)
{
  const amlrt_pstage *s = &run->p->stages[stage];
  uint32_t far = other_end(s, role);

  for (uint32_t i = 0; i < run->p->n_pairs; i++) {
    const amlrt_ppair *p = &run->p->pairs[i];
    if ((p->stage[0] == stage || p->stage[1] == stage) && p->role != role) return false;
  }
  if (s->within || s->from == s->to) return false;
  if (s->kind == AMLRT_STAGE_PLAIN) return !amlrt__is_group(run, far);
  if (s->kind != AMLRT_STAGE_TERM || s->owner != far || far == role) return false;
  if (*owner != AMLRT_NONE || has_pairs(run, far) || !is_in_by_one(run, stage, far, role))
    return false;
  *owner = far;
  return true;
}

static bool has_each(const amlrt__run *run, uint32_t role, bool of_others)
{
  const amlrt_program *p = run->p;

  for (uint32_t i = 0; i < p->info->n_constraints; i++)
    if (p->cons[i].kind == AMLRT_CON_EACH && amlrt__is_group(run, p->cons[i].role) &&
        (p->cons[i].role != role) == of_others)
      return true;
  return false;
}

static bool are_own(const amlrt__run *run, uint32_t role, uint32_t *owner)
{
  const amlrt_prole *r = &run->p->roles[role];

  *owner = AMLRT_NONE;
  if (r->kind != AMLRT_ROLE_GROUP || r->late || r->set != AMLRT_NONE) return false;
  if (!has_each(run, role, false) || has_each(run, role, true)) return false;
  for (uint32_t i = 0; i < run->n_stages; i++)
    if (is_asked(run, i, role) && !stage_is_own(run, i, role, owner)) return false;
  return true;
}

static bool are_given(const int64_t *amount, uint32_t n)
{
  bool all = true;

  for (uint32_t i = 0; i < n; i++)
    all &= amount[i] != INT64_MIN;
  return all;
}

bool amlrt__own_make(amlrt__run *run)
{
  const amlrt_columns *col = run->col;

  run->own_to = amlrt__array(run->mem, run->n_roles, sizeof *run->own_to);
  if (!run->own_to) return false;
  for (uint32_t r = 0; r < run->n_roles; r++)
    run->own_to[r] = AMLRT_NONE;
  if (run->p->currency != AMLRT_CURRENCY_IGNORED || !amlrt__trick(run, AMLRT_TRICK_OWN))
    return true;
  for (uint32_t r = 0; r < run->n_roles; r++) {
    uint32_t owner;
    if (!are_own(run, r, &owner)) continue;
    if (!are_given(col->amount, col->n_rows)) return true;
    run->own_to[r] = owner == AMLRT_NONE ? r : owner;
  }
  return true;
}

// ---- a member ---------------------------------------------------------------------------------------------

typedef struct own {
  amlrt_eval *v;
  amlrt_worker *w;
  uint32_t role, owner;
  amlrt__list barred; // from the owner, by what stands right of a `-`
  amlrt__list *rows;  // by stage, of the member at hand
} own;

static bool take_barred(own *o)
{
  const amlrt_program *p = o->w->run->p;

  o->barred = (amlrt__list){NULL, 0};
  if (o->owner == o->role) return true;
  for (const amlrt_pset *s = &p->sets[p->roles[o->owner].set]; s->op == AMLRT_SET_MINUS;
       s = &p->sets[s->a]) {
    amlrt__list more, both;
    if (!amlrt__start_right(o->v, s->b, &more)) return false;
    if (o->barred.n > 0 && !amlrt__merge(o->w, &both, &o->barred, &more)) return false;
    o->barred = o->barred.n > 0 ? both : more;
  }
  return true;
}

static bool is_far(const own *o, uint32_t far, uint32_t account)
{
  if (far == AMLRT_NONE) return amlrt__is_any(o->w, o->v->keys, account);
  if (far != o->owner) return o->v->keys[far].at[0] == account;
  return amlrt__find(o->barred.at, o->barred.n, account) == AMLRT_NONE &&
         !amlrt__barred(o->w, account) && !amlrt__is_key(o->w, o->v->keys, account, far);
}

static bool take_rows(own *o, uint32_t stage, uint32_t account)
{
  const amlrt_pstage *s = &o->w->run->p->stages[stage];
  int end = s->from == o->role ? AMLRT__FROM : AMLRT__TO;
  amlrt_slice of = amlrt__slice(o->w, account, end);
  amlrt__list *out = &o->rows[stage];

  if (!amlrt__take_list(o->w, out, amlrt_slice_n(of) + 1)) return false;
  for (uint32_t i = of.lo; i < of.hi; i++) {
    if (of.nbr[i] == account && !s->ends_may_equal) continue;
    if (is_far(o, other_end(s, o->role), of.nbr[i]) && amlrt__passes(o->w, stage, of.row[i]))
      out->at[out->n++] = of.row[i];
  }
  return amlrt__step(o->w, of.hi - of.lo);
}

static void keep(amlrt__list *rows, const bool *has)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < rows->n; i++)
    if (has[i]) rows->at[n++] = rows->at[i];
  rows->n = n;
}

static bool keep_partnered(own *o, const amlrt_ppair *p, bool *dropped)
{
  amlrt__list *rows[2] = {&o->rows[p->stage[0]], &o->rows[p->stage[1]]};
  const amlrt__list both[2] = {*rows[0], *rows[1]};
  bool *has[2];

  for (int k = 0; k < 2; k++) {
    has[k] = amlrt__take(o->w, both[k].n, sizeof *has[k]);
    if (!has[k]) return false;
    memset(has[k], true, both[k].n);
    if (p->asked[k] && !amlrt__pair_partners(o->w, p, both, k, has[k])) return false;
  }
  for (uint32_t i = 0; p->stage[0] == p->stage[1] && i < both[0].n; i++)
    has[0][i] = has[1][i] = has[0][i] && has[1][i];
  keep(rows[0], has[0]);
  if (rows[1] != rows[0]) keep(rows[1], has[1]);
  *dropped = *dropped || rows[0]->n < both[0].n || rows[1]->n < both[1].n;
  return true;
}

static bool drop_lonely(own *o)
{
  const amlrt_program *p = o->w->run->p;
  bool dropped = true;

  while (dropped) {
    dropped = false;
    for (uint32_t i = 0; i < p->n_pairs; i++)
      if (p->pairs[i].role == o->role && !keep_partnered(o, &p->pairs[i], &dropped)) return false;
  }
  return true;
}

// Each of its stages to a key or `any` has a transfer left.
static bool has_all(const own *o)
{
  const amlrt__run *run = o->w->run;

  for (uint32_t i = 0; i < run->n_stages; i++)
    if (is_asked(run, i, o->role) && run->p->stages[i].kind == AMLRT_STAGE_PLAIN && !o->rows[i].n)
      return false;
  return true;
}

static bool fails_each(own *o, uint32_t member)
{
  const amlrt_program *p = o->w->run->p;
  amlrt_eval *v = o->v;
  bool fails = false;

  v->member_role = o->role;
  v->member = member;
  v->member_account = v->group[o->role].account[member];
  v->member_rows = o->rows;
  v->alone = true;
  for (uint32_t i = 0; i < p->info->n_constraints && !fails; i++) {
    if (p->cons[i].kind != AMLRT_CON_EACH || p->cons[i].role != o->role) continue;
    v->unsure = false;
    amlrt_cond c = p->cons[i].agg(o->w, v, o->role, v->member_account);
    fails = !v->unsure && c.truth != AMLRT_CANNOT_SAY && c.degree == 0;
  }
  v->alone = false;
  return fails;
}

static bool judge(own *o, uint32_t member, bool *stays)
{
  const amlrt__run *run = o->w->run;
  amlrt__mark mark = amlrt__mem_mark(&o->w->scratch);

  o->rows = amlrt__take_clear(o->w, run->n_stages, sizeof *o->rows);
  if (!o->rows) return false;
  for (uint32_t i = 0; i < run->n_stages; i++)
    if (is_asked(run, i, o->role) && !take_rows(o, i, o->v->group[o->role].account[member]))
      return false;
  if (!drop_lonely(o)) return false;
  *stays = has_all(o) && !fails_each(o, member);
  amlrt__mem_back(&o->w->scratch, mark);
  return o->w->st == AMLRT_OK && amlrt__step(o->w, 1);
}

// ---- all of them ------------------------------------------------------------------------------------------

// The member whose transfer the trigger must be; AMLRT_NONE: not known.
static uint32_t trigger_member(const own *o)
{
  const amlrt__run *run = o->w->run;
  uint32_t stage = run->p->trigger != AMLRT_NONE ? run->p->trigger : run->any_stage;

  if (stage == AMLRT_NONE || !is_asked(run, stage, o->role)) return AMLRT_NONE;
  int end = run->p->stages[stage].from == o->role ? AMLRT__FROM : AMLRT__TO;
  return amlrt__member_of(&o->v->group[o->role], amlrt__at_end(o->w, o->w->trigger, end));
}

static bool make(own *o, amlrt_eval *v, uint32_t role)
{
  *o = (own){.v = v, .w = v->w, .role = role, .owner = v->w->run->own_to[role]};
  return take_barred(o);
}

bool amlrt__judge_own_trigger(amlrt_eval *v, uint32_t role, bool *hopeless)
{
  own o;
  bool stays = true;

  if (!make(&o, v, role)) return false;
  uint32_t first = trigger_member(&o);
  if (first != AMLRT_NONE && !judge(&o, first, &stays)) return false;
  *hopeless = !stays;
  return true;
}

bool amlrt__judge_own(amlrt_eval *v, uint32_t role, bool *hopeless)
{
  own o;
  amlrt__group *g = &v->group[role];
  bool stays;

  if (!make(&o, v, role)) return false;
  uint32_t first = trigger_member(&o);
  for (uint32_t m = 0; m < g->n && !*hopeless; m++) {
    if (m == first || !g->left[m]) continue;
    if (!judge(&o, m, &stays)) return false;
    if (stays) continue;
    g->left[m] = false;
    g->n_left--;
    *hopeless = g->n_left < v->w->run->least[role];
  }
  return true;
}
