// The plans there are, and which one a run takes.
#include "runtime/src/error.h"
#include "runtime/src/plan.h"
#include "runtime/src/stats.h"

#include <stdio.h>
#include <string.h>

#define AMLRT__PLAN(kind, ops) extern const amlrt__plan_ops ops;
#include "runtime/src/plans.def"

const amlrt__plan_ops *amlrt__plan_ops_of(amlrt_plan_kind kind)
{
  static const struct {
    amlrt_plan_kind kind;
    const amlrt__plan_ops *ops;
  } plans[] = {
#define AMLRT__PLAN(kind, ops) {AMLRT_PLAN_##kind, &ops},
#include "runtime/src/plans.def"
      {AMLRT_PLAN_TRIGGER, NULL}};
  enum { N = sizeof plans / sizeof *plans };

  for (int i = 0; i < N; i++)
    if (plans[i].kind == kind) return plans[i].ops;
  return NULL;
}

const char *amlrt__plan_name(amlrt_plan_kind kind)
{
  switch (kind) {
  case AMLRT_PLAN_TRIGGER:
    return "trigger-major";
  case AMLRT_PLAN_HUB:
    return "hub-sweep";
  case AMLRT_PLAN_PAIR:
    return "key-major";
  case AMLRT_PLAN_CLOSING:
    return "closing-search";
  }
  AMLRT__BUG("a plan without a name");
}

const amlrt_trick_info *amlrt_trick_of(amlrt_trick trick)
{
  static const amlrt_trick_info tricks[] = {
#define AMLRT_TRICK(id, name, help) {name, help},
#include "amlrt/tricks.def"
  };
  return &tricks[trick];
}

// ---- the plan asked for -----------------------------------------------------------------------------------

typedef struct word {
  const char *at;
  size_t n;
} word;

static bool is_text(word w, const char *text)
{
  return w.n == strlen(text) && memcmp(w.at, text, w.n) == 0;
}

// What `spec` says for the pattern: "NAME", or "PATTERN=NAME,...": the last entry that fits. n = 0: nothing.
static word asked_for(const char *spec, const char *pattern)
{
  word out = {"", 0};

  while (spec && *spec) {
    size_t n = strcspn(spec, ","), left = strcspn(spec, "=,");
    word all = {spec, n};
    if (left == n)
      out = all;
    else if (is_text((word){spec, left}, pattern))
      out = (word){spec + left + 1, n - left - 1};
    spec += n + (spec[n] == ',');
  }
  return is_text(out, "auto") ? (word){"", 0} : out;
}

static const amlrt_pplan trigger_major = {
    .kind = AMLRT_PLAN_TRIGGER,
    .key = {AMLRT_NONE, AMLRT_NONE},
    .group = AMLRT_NONE,
    .stage = {AMLRT_NONE, AMLRT_NONE},
    .lo = INT64_MIN,
    .hi = INT64_MAX,
};

static bool is_there(const amlrt_pplan *row)
{
  return row->kind == AMLRT_PLAN_TRIGGER || amlrt__plan_ops_of(row->kind);
}

static amlrt_status refuse(const amlrt__run *run, word asked, amlrt_error *err)
{
  const amlrt_program *p = run->p;
  char has[160], shown[64];
  size_t n = (size_t)snprintf(has, sizeof has, "trigger-major");

  for (uint32_t i = 0; i < p->n_plans && n < sizeof has; i++)
    if (p->plans[i].kind != AMLRT_PLAN_TRIGGER && is_there(&p->plans[i]))
      n += (size_t)snprintf(has + n, sizeof has - n, ", %s", amlrt__plan_name(p->plans[i].kind));
  return amlrt__fail(err, AMLRT_E_ARG, "pattern %s has no plan '%s'; it has: %s", p->info->name,
                     amlrt__show(shown, sizeof shown, asked.at, asked.n), has);
}

bool amlrt__plan_can(const amlrt__run *run, const amlrt_pplan *row)
{
  const amlrt__plan_ops *ops = amlrt__plan_ops_of(row->kind);
  if (row->kind == AMLRT_PLAN_TRIGGER) return true;
  return ops && (!ops->fits || ops->fits(run, row));
}

// ---- the cheapest ---------------------------------------------------------------------------------------

// Below so many triggers the choice takes longer than what it saves.
enum { FEW_TRIGGERS = 2048, STEPS_ALWAYS = 4 };

static double ns_a_touch(amlrt_plan_kind kind)
{
  switch (kind) {
#define AMLRT__COST(kind, ps)                                                                      \
  case AMLRT_PLAN_##kind:                                                                          \
    return (ps) / 1000.0;
#include "runtime/src/costs.def"
  }
  AMLRT__BUG("a plan without a cost");
}

// `enough`: what is dearer than so many nanoseconds need not be known; 0: it need.
static bool cost_of(amlrt__run *run, const amlrt_pplan *row, double enough, double *ns)
{
  const amlrt__plan_ops *ops = amlrt__plan_ops_of(row->kind);
  double each = (run->end - run->first) * ns_a_touch(row->kind), steps;

  *ns = 0;
  if (ops && ops->cost && !amlrt__stats_of(run)) return false;
  if (ops && ops->cost) *ns = ops->cost(run, row) * ns_a_touch(row->kind);
  if (ops || each <= 0) return true;
  if (!amlrt__trigger_steps(run, enough / each, &steps)) return false;
  *ns = (steps + (double)STEPS_ALWAYS) * each;
  return true;
}

bool amlrt__plan_cost(amlrt__run *run, const amlrt_pplan *row, double *ns)
{
  return cost_of(run, row, 0, ns);
}

bool amlrt__plan_is_alone(const amlrt__run *run, const amlrt_pplan *row)
{
  const amlrt__plan_ops *ops = amlrt__plan_ops_of(row->kind);
  return ops && ops->alone && ops->alone(run, row);
}

unsigned amlrt__plan_sides(const amlrt__run *run, const amlrt_pplan *row)
{
  const amlrt__plan_ops *ops = amlrt__plan_ops_of(row->kind);

  if (!amlrt__plan_is_alone(run, row)) return AMLRT_GRAPH_OUT | AMLRT_GRAPH_IN;
  return ops->sides ? ops->sides(run, row) : 0;
}

static amlrt_status take_cheapest(amlrt__run *run, const amlrt_pplan **row, amlrt_error *err)
{
  const amlrt_program *p = run->p;
  double least = 0, ns;
  bool found = false;

  for (uint32_t i = p->n_plans; i-- > 0;)
    if (amlrt__plan_can(run, &p->plans[i]) && amlrt__plan_is_alone(run, &p->plans[i])) {
      *row = &p->plans[i];
      return AMLRT_OK;
    }
  amlrt_status st = amlrt_graph_need(run->graph, AMLRT_GRAPH_OUT | AMLRT_GRAPH_IN, err);
  if (st != AMLRT_OK) return st;
  // Trigger-major, the first, is asked last: finding out what it costs takes longest.
  for (uint32_t i = p->n_plans; i-- > 0;) {
    const amlrt_pplan *at = &p->plans[i];
    if (!amlrt__plan_can(run, at)) continue;
    if (run->end - run->first < FEW_TRIGGERS) {
      *row = at;
      return AMLRT_OK;
    }
    if (!cost_of(run, at, found ? least : 0, &ns)) return amlrt__nomem(err, p->info->name);
    if (!found || ns < least) {
      found = true;
      least = ns;
      *row = at;
    }
  }
  return AMLRT_OK;
}

amlrt_status amlrt__plan_choose(amlrt__run *run, const amlrt_pplan **row, amlrt_error *err)
{
  const amlrt_program *p = run->p;
  word asked = asked_for(run->opts->plan, p->info->name);
  bool known = asked.n == 0 || is_text(asked, amlrt__plan_name(AMLRT_PLAN_TRIGGER));

  *row = p->n_plans ? &p->plans[0] : &trigger_major;
  // One trigger is quickest by itself; what a limit on matches cuts depends on the order of triggers.
  bool by_trigger = run->opts->only_trigger != AMLRT_NONE || run->opts->match_limit > 0;
  for (uint32_t i = 0; i < p->n_plans; i++) {
    const amlrt_pplan *at = &p->plans[i];
    if (!is_text(asked, amlrt__plan_name(at->kind)) || !is_there(at)) continue;
    known = true;
    if (!by_trigger && amlrt__plan_can(run, at)) *row = at;
  }
  if (!known) return refuse(run, asked, err);
  if (asked.n == 0 && !by_trigger && p->n_plans > 1) return take_cheapest(run, row, err);
  return AMLRT_OK;
}
