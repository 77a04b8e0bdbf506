// Looks for the trigger only in stages it can fall in: those each of whose transfers needs a strictly
// later one are left out (docs/semantics.md, 9).
//
// Stands last of the passes on graph IR, for the simplest conditions keep out most; the tables that
// LOWER writes next say where the trigger is looked for.
#include "passes/passes.h"

pass_outcome pass_triggers(pass_unit *u)
{
  const gir_pattern *p = u->gir;

  if (u->triggers.n == p->triggers.n) return PASS_UNCHANGED;
  u->triggers.n = 0;
  for (uint32_t i = 0; i < p->triggers.n; i++)
    VEC_PUSH(u->mem, &u->triggers, p->triggers.at[i]);
  return cx_ok(u->c) ? PASS_CHANGED : PASS_FAILED;
}
