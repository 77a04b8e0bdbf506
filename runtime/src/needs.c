#include "runtime/src/needs.h"
#include "runtime/src/error.h"

static bool has(const amlrt_table *t, const amlrt_need *need)
{
  switch (need->kind) {
  case AMLRT_NEED_STANDARD:
    return amlrt_table_has_column(t, need->name);
  case AMLRT_NEED_COLUMN:
    return amlrt_table_find_extra(t, need->name) != NULL;
  case AMLRT_NEED_ATTRIBUTE:
    return amlrt_table_find_attribute(t, need->name) != NULL;
  }
  return false;
}

const char *amlrt__missing(const amlrt_program *p, const amlrt_table *t)
{
  for (uint32_t i = 0; i < p->n_needs; i++)
    if (!has(t, &p->needs[i])) return p->needs[i].name;
  return NULL;
}

amlrt_status amlrt__check_needs(const amlrt_program *const *programs, uint32_t n,
                                const amlrt_table *t, amlrt_error *err)
{
  for (uint32_t i = 0; i < n; i++) {
    const char *missing = amlrt__missing(programs[i], t);
    if (missing)
      return amlrt__fail(err, AMLRT_E_NO_ATTRIBUTE,
                         "pattern %s needs `%s`, which the data do not have",
                         programs[i]->info->name, missing);
  }
  return AMLRT_OK;
}
