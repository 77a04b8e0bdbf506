// What the data lack of what a pattern needs.
#include "ir/reference/ref.h"

typedef struct search {
  const amlrt_table *t;
  const char *missing; // the first
} search;

static bool has(const amlrt_table *t, gir_need_kind kind, const char *name)
{
  switch (kind) {
  case GIR_NEED_STANDARD:
    return amlrt_table_has_column(t, name);
  case GIR_NEED_COLUMN:
    return amlrt_table_find_extra(t, name) != NULL;
  case GIR_NEED_ATTRIBUTE:
    return amlrt_table_find_attribute(t, name) != NULL;
  }
  AML_BUG("need %d", (int)kind);
}

static void check(void *user, gir_need_kind kind, const char *name)
{
  search *s = user;

  if (!s->missing && !has(s->t, kind, name)) s->missing = name;
}

const char *ref_missing_attribute(const gir_pattern *p, const amlrt_table *t)
{
  search s = {.t = t};

  gir_needs(p, check, &s);
  return s.missing;
}
