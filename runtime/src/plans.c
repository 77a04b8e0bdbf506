// The plans there are, and which one a run takes.
#include "runtime/src/error.h"
#include "runtime/src/plan.h"

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

static amlrt_status refuse(const amlrt__run *run, amlrt_error *err)
{
  const amlrt_program *p = run->p;
  char has[160];
  size_t n = (size_t)snprintf(has, sizeof has, "trigger-major");

  for (uint32_t i = 0; i < p->n_plans && n < sizeof has; i++)
    if (p->plans[i].kind != AMLRT_PLAN_TRIGGER && is_there(&p->plans[i]))
      n += (size_t)snprintf(has + n, sizeof has - n, ", %s", amlrt__plan_name(p->plans[i].kind));
  return amlrt__fail(err, AMLRT_E_ARG, "pattern %s has no plan %s; it has: %s", p->info->name,
                     run->opts->plan, has);
}

static bool can_do(const amlrt__run *run, const amlrt_pplan *row)
{
  const amlrt__plan_ops *ops = amlrt__plan_ops_of(row->kind);
  return ops && (!ops->fits || ops->fits(run, row));
}

amlrt_status amlrt__plan_choose(const amlrt__run *run, const amlrt_pplan **row, amlrt_error *err)
{
  const amlrt_program *p = run->p;
  const char *name = run->opts->plan;
  bool known = !name || strcmp(name, amlrt__plan_name(AMLRT_PLAN_TRIGGER)) == 0;

  *row = p->n_plans ? &p->plans[0] : &trigger_major;
  // One trigger is quickest by itself; what a limit on matches cuts depends on the order of triggers.
  bool by_trigger = run->opts->only_trigger != AMLRT_NONE || run->opts->match_limit > 0;
  for (uint32_t i = 0; i < p->n_plans; i++) {
    const amlrt_pplan *at = &p->plans[i];
    bool asked = name && strcmp(name, amlrt__plan_name(at->kind)) == 0;
    if (!is_there(at)) continue;
    known = known || asked;
    if ((!name || asked) && !by_trigger && can_do(run, at)) *row = at;
  }
  return known ? AMLRT_OK : refuse(run, err);
}
