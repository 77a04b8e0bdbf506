// Work shared among the patterns of a run: filters that say the same of every transfer get the same number,
// in whatever stage of whatever pattern they stand, so that the runtime asks them once (its answers by row).
//
// Two filters are the same when their code is, with the texts it names, and when currencies are looked at
// alike: `ignoring currency` changes what a comparison of amounts means. Numbers run on from pattern to
// pattern; what a pattern gets depends on those before it only.
#include "passes/passes.h"

#include <string.h>

static bool same_number(rational a, rational b)
{
  return a.num == b.num && a.den == b.den;
}

static bool same_text(const char *a, const char *b)
{
  return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_range(const gir_range *a, const gir_range *b)
{
  return a->has == b->has && a->type == b->type && same_text(a->currency, b->currency) &&
         same_number(a->a, b->a) && same_number(a->b, b->b) && same_number(a->c, b->c) &&
         same_number(a->d, b->d);
}

static bool same_symbol(const kir_module *m, int64_t i, const kir_module *n, int64_t k)
{
  if (i < 0 || k < 0) return i == k;
  const kir_symbol *a = &m->symbols.at[i], *b = &n->symbols.at[k];
  return a->kind == b->kind && same_text(a->text, b->text);
}

static bool same_code(const kir_module *m, const kir_node *a, const kir_module *n,
                      const kir_node *b)
{
  if (!a || !b) return a == b;
  if (a->op != b->op || a->n_args != b->n_args || !same_text(a->name, b->name) ||
      !same_text(a->text, b->text) || memcmp(a->imm, b->imm, sizeof a->imm) != 0 ||
      !same_symbol(m, a->symbol, n, b->symbol) || !same_range(&a->range, &b->range) ||
      !same_number(a->value, b->value))
    return false;
  for (uint32_t i = 0; i < a->n_args; i++)
    if (!same_code(m, a->args[i], n, b->args[i])) return false;
  return true;
}

// The number of a filter of `n` that is the same; 0: none. Only stages before `end` have theirs.
static uint32_t number_like(const kir_module *m, const kir_stage *s, const kir_module *n,
                            uint32_t end)
{
  if (m->currency != n->currency) return 0;
  for (uint32_t i = 0; i < end; i++) {
    const kir_stage *t = &n->stages.at[i];
    if (t->filter == KIR_NONE || t->same_filter == 0) continue;
    if (same_code(m, m->fns.at[s->filter]->body, n, n->fns.at[t->filter]->body))
      return t->same_filter;
  }
  return 0;
}

static uint32_t last_number(const kir_module *m)
{
  uint32_t last = 0;

  for (uint32_t i = 0; i < m->stages.n; i++)
    if (m->stages.at[i].same_filter > last) last = m->stages.at[i].same_filter;
  return last;
}

pass_outcome pass_share(pass_unit *u)
{
  kir_module *m = u->kir;
  uint32_t last = 0;
  bool changed = false;

  for (const pass_unit *b = u->before; b; b = b->before)
    if (last_number(b->kir) > last) last = last_number(b->kir);
  for (uint32_t i = 0; i < m->stages.n; i++) {
    kir_stage *s = &m->stages.at[i];
    if (s->filter == KIR_NONE) continue;
    s->same_filter = number_like(m, s, m, i);
    for (const pass_unit *b = u->before; b && s->same_filter == 0; b = b->before)
      s->same_filter = number_like(m, s, b->kir, b->kir->stages.n);
    if (s->same_filter == 0) s->same_filter = ++last;
    changed = true;
  }
  return changed ? PASS_CHANGED : PASS_UNCHANGED;
}
