// Holds kernel IR to kir_rules.def: here modules and tables, in kir_verify_fn.c functions.
#include "ir/kir_verify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const kir_rule_words[KIR_N_RULES] = {
#define KIR_RULE(id, words) words,
#include "ir/kir_rules.def"
};

void kir_broken(kir_verifier *v, kir_rule rule, span where, const char *fmt, ...)
{
  char detail[200];
  va_list args;
  va_start(args, fmt);
  vsnprintf(detail, sizeof detail, fmt, args);
  va_end(args);
  const char *name = v->m->name ? v->m->name : "";
  if (v->abort) AML_BUG("kernel IR of '%s': %s (%s)", name, kir_rule_words[rule], detail);
  v->ok = false;
  diag_error(v->c, DIAG_KIR_INVALID, where, "%s", kir_rule_words[rule]);
  if (detail[0]) diag_note(v->c, (span){0}, "in '%s': %s", name, detail);
}

// Tables have no place in a text of their own.
static void broken(kir_verifier *v, kir_rule rule, kir_record_id record, uint32_t i)
{
  kir_broken(v, rule, (span){0}, "%s %u", kir_record_words[record], i);
}

// ---- ranges -----------------------------------------------------------------------------------------

void kir_verify_range(kir_verifier *v, const gir_range *r, span where, const char *what)
{
  const rational *end[] = {&r->a, &r->b, &r->c, &r->d};
  bool half = ((r->has & GIR_HAS_A) && !(r->has & GIR_HAS_B)) ||
              ((r->has & GIR_HAS_D) && !(r->has & GIR_HAS_C)) || r->has > 15;
  for (unsigned i = 0; i < 4; i++)
    half = half || ((r->has & (1u << i)) && end[i]->den <= 0);
  if (half) {
    kir_broken(v, KRULE_RANGE, where, "%s", what);
    return;
  }
  for (unsigned i = 0; i < 4; i++) {
    for (unsigned j = i + 1; j < 4; j++) {
      if (!(r->has & (1u << i)) || !(r->has & (1u << j))) continue;
      int cmp = rational_cmp(*end[i], *end[j]);
      if (cmp > 0 || (cmp == 0 && (i == 0 || j == 3))) {
        kir_broken(v, KRULE_RANGE_ORDER, where, "%s", what);
        return;
      }
    }
  }
}

// ---- fields of every table ----------------------------------------------------------------------------

static uint32_t n_targets(const kir_module *m, kir_record_id record)
{
  if (record == KREC_N) return 0;
  // Places among conditions are looked at with their constraint, other places with their stage.
  if (record == KREC_PLACE || record == KREC_COND) return KIR_NONE;
  return kir_n_items(m, record, 0);
}

static void check_index(kir_verifier *v, const kir_field *f, const void *at, uint32_t i)
{
  uint32_t index = kir_get_u32(f, at);
  if (index == KIR_NONE) {
    if (!kir_may_be_none(f->kind)) broken(v, KRULE_INDEX, f->record, i);
  } else if (kir_is_fn(f->kind)) {
    if (index >= v->m->fns.n)
      broken(v, KRULE_INDEX, f->record, i);
    else if ((int)v->m->fns.at[index]->kind != f->of)
      broken(v, KRULE_FN_KIND, f->record, i);
  } else if (index >= n_targets(v->m, kir_target(f, at))) {
    broken(v, KRULE_INDEX, f->record, i);
  }
}

static void check_field(kir_verifier *v, const kir_field *f, const void *at, uint32_t i)
{
  if (kir_is_index(f->kind)) check_index(v, f, at, i);
  if (f->kind == KF_NAME && !*kir_get_text(f, at)) broken(v, KRULE_ITEM_NAME, f->record, i);
  if (f->kind == KF_RATIONAL && kir_get_rational(f, at)->den <= 0)
    broken(v, KRULE_WORD, f->record, i);
  if (f->kind == KF_RANGE)
    kir_verify_range(v, kir_get_range(f, at), (span){0}, kir_record_words[f->record]);
  if ((f->kind == KF_ENUM || f->kind == KF_ENUM64) &&
      !kir_word_of((kir_word_kind)f->of, kir_get_int(f, at)))
    broken(v, KRULE_WORD, f->record, i);
}

static void check_fields(kir_verifier *v)
{
  for (uint32_t k = 0; k < kir_n_fields; k++) {
    const kir_field *f = &kir_fields[k];
    uint32_t lists = f->record == KREC_COND ? v->m->pairs.n : 1;
    for (uint32_t of = 0; of < lists && cx_ok(v->c); of++) {
      uint32_t n = kir_n_items(v->m, f->record, of);
      for (uint32_t i = 0; i < n; i++)
        check_field(v, f, f->record == KREC_HEAD ? v->m : kir_item(v->m, f->record, of, i), i);
    }
  }
}

// ---- names --------------------------------------------------------------------------------------------

static void check_names(kir_verifier *v, kir_record_id record)
{
  map *names = map_new(v->mem);
  uint32_t n;
  const kir_field *f = kir_record_fields(record, &n); // the name is the first
  for (uint32_t i = 0; i < kir_n_items(v->m, record, 0) && cx_ok(v->c); i++) {
    const char *name = kir_get_text(f, kir_item(v->m, record, 0, i));
    if (*name && !map_put(names, cx_intern_z(v->c, name), v)) broken(v, KRULE_ITEM_NAME, record, i);
  }
}

static void check_fn_names(kir_verifier *v)
{
  map *names = map_new(v->mem);
  for (uint32_t i = 0; i < v->m->fns.n && cx_ok(v->c); i++) {
    const kir_fn *f = v->m->fns.at[i];
    if (!f->name || !kir_is_identifier(f->name) || !map_put(names, cx_intern_z(v->c, f->name), v))
      kir_broken(v, KRULE_FN_NAME, f->span, "%s", f->name ? f->name : "");
  }
}

// ---- tables -------------------------------------------------------------------------------------------

static bool is_hash(const char *text)
{
  size_t n = strspn(text, "0123456789abcdef");
  return n == 64 && !text[n];
}

static void check_head(kir_verifier *v)
{
  const kir_module *m = v->m;
  if (!m->name || !*m->name || !m->id || !*m->id || !m->version || !*m->version || !m->hash ||
      !is_hash(m->hash) || m->within <= 0 || m->span_s < 0 || m->hubs < 0 ||
      (m->trigger < m->stages.n && m->stages.at[m->trigger].kind == KIR_STAGE_PROBE))
    kir_broken(v, KRULE_HEAD, (span){0}, "within %lld, span %lld, hubs %lld", (long long)m->within,
               (long long)m->span_s, (long long)m->hubs);
}

static void check_roles(kir_verifier *v)
{
  for (uint32_t i = 0; i < v->m->roles.n; i++) {
    const kir_role *r = &v->m->roles.at[i];
    bool group = r->kind == KIR_ROLE_GROUP;
    if ((!group && (r->set != KIR_NONE || r->may_be_empty || r->shares || r->late)) ||
        (r->kind == KIR_ROLE_ONE && r->size.has))
      broken(v, KRULE_ROLE, KREC_ROLE, i);
  }
}

static bool is_role(const kir_module *m, uint32_t role, int kind)
{
  return role != KIR_NONE && (int)m->roles.at[role].kind == kind;
}

static bool stage_is_right(const kir_module *m, const kir_stage *s)
{
  bool walk = s->kind == KIR_STAGE_WALK, probe = s->kind == KIR_STAGE_PROBE;
  bool owned = s->kind == KIR_STAGE_TERM || probe;
  if (is_role(m, s->from, KIR_ROLE_CHAIN) || is_role(m, s->to, KIR_ROLE_CHAIN)) return false;
  if (s->from == KIR_NONE && s->to == KIR_NONE) return false;
  if (walk && !(is_role(m, s->from, KIR_ROLE_ONE) && is_role(m, s->to, KIR_ROLE_ONE) &&
                is_role(m, s->chain, KIR_ROLE_CHAIN)))
    return false;
  if (owned && !is_role(m, s->owner, KIR_ROLE_GROUP)) return false;
  if (s->kind == KIR_STAGE_LAYER &&
      !(is_role(m, s->from, KIR_ROLE_GROUP) && is_role(m, s->to, KIR_ROLE_GROUP)))
    return false;
  return walk == (s->chain != KIR_NONE) && owned == (s->owner != KIR_NONE) &&
         s->closed == (walk && s->from == s->to) && s->within >= 0;
}

static void check_stages(kir_verifier *v)
{
  uint32_t shown = 0;
  for (uint32_t i = 0; i < v->m->stages.n; i++) {
    const kir_stage *s = &v->m->stages.at[i];
    if (!stage_is_right(v->m, s)) broken(v, KRULE_STAGE, KREC_STAGE, i);
    if (s->shown != (s->kind == KIR_STAGE_PROBE ? KIR_NONE : shown))
      broken(v, KRULE_SHOWN, KREC_STAGE, i);
    shown += s->kind != KIR_STAGE_PROBE;
  }
}

static void check_sets(kir_verifier *v)
{
  for (uint32_t i = 0; i < v->m->sets.n; i++) {
    const kir_set *s = &v->m->sets.at[i];
    bool inner = s->op == KIR_SET_AND || s->op == KIR_SET_OR || s->op == KIR_SET_MINUS;
    bool share = s->op == KIR_SET_SHARE;
    bool ok = inner == (s->b != KIR_NONE) && (s->op == KIR_SET_HAS) == (s->at_least > 0);
    ok = ok && (share ? s->share.num > 0 && s->share.num <= s->share.den : s->share.num == 0);
    if (!ok) broken(v, KRULE_SET, KREC_SET, i);
    if (inner && (s->a >= i || s->b >= i)) broken(v, KRULE_SET_ORDER, KREC_SET, i);
  }
}

static void check_start(kir_verifier *v)
{
  const kir_module *m = v->m;
  uint32_t n = 0;
  for (uint32_t r = 0; r < m->roles.n; r++) {
    uint32_t times = 0;
    for (uint32_t i = 0; i < m->start_order.n; i++)
      times += m->start_order.at[i] == r;
    n += times;
    if (times != (m->roles.at[r].kind == KIR_ROLE_GROUP)) broken(v, KRULE_START, KREC_ROLE, r);
  }
  if (n != m->start_order.n) broken(v, KRULE_START, KREC_START, n);
}

static void check_pairs(kir_verifier *v)
{
  const kir_module *m = v->m;
  for (uint32_t i = 0; i < m->pairs.n; i++) {
    const kir_pair *p = &m->pairs.at[i];
    bool along = p->role == KIR_NONE;
    if (p->conds.n == 0 ||
        (along && (p->stage[0] != p->stage[1] || m->stages.at[p->stage[0]].kind != KIR_STAGE_WALK)))
      broken(v, KRULE_PAIR, KREC_PAIR, i);
    for (uint32_t k = 0; k < p->conds.n; k++) {
      const kir_con *c = &m->cons.at[p->conds.at[k].constraint];
      if (c->kind != KIR_CON_PAIR || c->pair != i || c->cond != k)
        broken(v, KRULE_PAIR, KREC_COND, k);
    }
  }
}

static bool con_is_right(const kir_module *m, const kir_con *c)
{
  const kir_stage *s = c->stage == KIR_NONE ? NULL : &m->stages.at[c->stage];
  switch (c->kind) {
  case KIR_CON_SIZE:
    return is_role(m, c->role, KIR_ROLE_GROUP) || is_role(m, c->role, KIR_ROLE_CHAIN);
  case KIR_CON_FILTER:
    return s && s->filter != KIR_NONE;
  case KIR_CON_SUPPORT:
    return s && s->kind == KIR_STAGE_LAYER;
  case KIR_CON_PAIR:
    return c->pair != KIR_NONE && c->cond < m->pairs.at[c->pair].conds.n;
  case KIR_CON_EACH:
    return c->role != KIR_NONE && c->agg != KIR_NONE;
  case KIR_CON_REQUIRE:
    return c->agg != KIR_NONE;
  case KIR_CON_OVERLAP:
    return s && c->other != KIR_NONE;
  case KIR_CON_ABSENT:
    break;
  }
  return c->for_s >= 0 && (c->from != KIR_NONE || c->to != KIR_NONE);
}

static void check_cons(kir_verifier *v)
{
  for (uint32_t i = 0; i < v->m->cons.n; i++)
    if (!con_is_right(v->m, &v->m->cons.at[i])) broken(v, KRULE_CONSTRAINT, KREC_CON, i);
}

// Between two roles, whichever is the payer.
static bool joins(const kir_stage *s, uint32_t a, uint32_t b)
{
  return (s->from == a && s->to == b) || (s->from == b && s->to == a);
}

static bool plan_is_right(const kir_module *m, const kir_plan *p)
{
  bool bare = p->key[1] == KIR_NONE && p->stage[0] == KIR_NONE;
  const kir_stage *s = p->stage[0] == KIR_NONE ? NULL : &m->stages.at[p->stage[0]];
  const kir_stage *then = p->stage[1] == KIR_NONE ? NULL : &m->stages.at[p->stage[1]];
  switch (p->kind) {
  case KIR_PLAN_TRIGGER:
    return bare && !then && p->key[0] == KIR_NONE && p->group == KIR_NONE && !p->exact;
  case KIR_PLAN_HUB:
    return bare && !then && is_role(m, p->key[0], KIR_ROLE_ONE) &&
           (p->group == KIR_NONE || (p->exact && is_role(m, p->group, KIR_ROLE_GROUP)));
  case KIR_PLAN_PAIR:
    return is_role(m, p->key[0], KIR_ROLE_ONE) && is_role(m, p->key[1], KIR_ROLE_ONE) &&
           is_role(m, p->group, KIR_ROLE_GROUP) && s && then && joins(s, p->key[0], p->group) &&
           joins(then, p->group, p->key[1]);
  case KIR_PLAN_CLOSING:
    break;
  }
  return s && !then && s->kind == KIR_STAGE_WALK && p->group == s->chain && p->key[0] == s->from &&
         p->key[1] == s->to;
}

static void check_plans(kir_verifier *v)
{
  const kir_module *m = v->m;
  if (m->plans.n == 0 || m->plans.at[0].kind != KIR_PLAN_TRIGGER)
    broken(v, KRULE_PLAN, KREC_PLAN, 0);
  for (uint32_t i = 0; i < m->plans.n; i++)
    if (!plan_is_right(m, &m->plans.at[i]) || m->plans.at[i].lo > m->plans.at[i].hi)
      broken(v, KRULE_PLAN, KREC_PLAN, i);
}

static void check_shown(kir_verifier *v)
{
  const kir_module *m = v->m;
  for (uint32_t i = 0; i < m->title.n; i++)
    if ((m->title.at[i].kind == KIR_TITLE_TEXT) != (m->title.at[i].index == KIR_NONE))
      broken(v, KRULE_TITLE, KREC_TITLE, i);
  for (uint32_t i = 0; i < m->features.n; i++) {
    const kir_feature *f = &m->features.at[i];
    if (f->kind == GIR_FEATURE_HISTOGRAM &&
        (f->lo > f->hi || (uint64_t)f->hi - (uint64_t)f->lo >= GIR_MAX_BINS))
      broken(v, KRULE_FEATURE, KREC_FEATURE, i);
  }
  for (uint32_t i = 0; i < m->may_equal.n; i++)
    if (m->may_equal.at[i].a == m->may_equal.at[i].b) broken(v, KRULE_MAY_EQUAL, KREC_MAY_EQUAL, i);
}

// ---- modules ------------------------------------------------------------------------------------------

static void verify_tables(kir_verifier *v)
{
  check_fields(v);
  check_names(v, KREC_ROLE);
  check_names(v, KREC_STAGE);
  check_names(v, KREC_FEATURE);
  if (!v->ok) return; // the rules below follow indexes
  check_head(v);
  check_roles(v);
  check_stages(v);
  check_sets(v);
  check_start(v);
  check_cons(v);
  check_pairs(v);
  check_plans(v);
  check_shown(v);
}

static bool verify_module(cx *c, const kir_module *m, bool abort)
{
  kir_verifier v = {.c = c, .abort = abort, .m = m, .ok = true};
  // What memory ran out on is not whole, and nobody may go on with it.
  if (!cx_ok(c) || !(v.mem = arena_new(c, "kir verify"))) return false;
  v.seen = map_new(v.mem);
  check_fn_names(&v);
  verify_tables(&v);
  for (uint32_t i = 0; i < m->fns.n && !diag_stop(c); i++)
    kir_verify_fn(&v, m->fns.at[i]);
  arena_free(v.mem);
  return v.ok && cx_ok(c);
}

bool kir_verify(cx *c, const kir_module *m)
{
  return verify_module(c, m, false);
}

void kir_verify_or_bug(const kir_module *m)
{
  (void)verify_module(arena_cx(m->mem), m, true);
}
