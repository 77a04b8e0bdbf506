// Work shared among the patterns of a run: stages that ask the same of a transfer get the same number for their
// filter, and stages that take in the same transfers get the same number for these, in whatever pattern they
// stand. The runtime asks a filter once (its answers by row), and sweeps what several patterns sweep once.
//
// Two filters are the same when their conditions are, and when currencies are looked at alike: `ignoring
// currency` changes what a comparison of amounts means. Two stages take in the same transfers when their filters
// are the same and so are the window, the currency rule, their own `within`, and whether a transfer from an
// account to itself may be there. Which roles stand at their ends, and what else is asked of them, is for the
// plans to see: one goes over the transfers of an account, another over those of pairs.
//
// No match can change, for numbers say what is equal, never what to do. Numbers run on from pattern to pattern;
// what a pattern gets depends on those before it only.
//
// Stands last of the passes on graph IR: conditions are as they will be, and the tables that LOWER writes carry
// the numbers.
#include "passes/passes.h"

#include <string.h>

// ---- conditions -----------------------------------------------------------------------------------------

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

static bool same_value(const gir_const *a, const gir_const *b)
{
  return a->type == b->type && same_number(a->v, b->v) && same_text(a->text, b->text);
}

static bool same_condition(const gir_node *a, const gir_node *b)
{
  if (!a || !b) return a == b;
  if (a->op != b->op || a->type != b->type || a->n_args != b->n_args ||
      !same_text(a->name, b->name) || !same_text(a->text, b->text) ||
      memcmp(a->imm, b->imm, sizeof a->imm) != 0 || !same_range(&a->range, &b->range) ||
      !same_value(&a->value, &b->value))
    return false;
  for (uint32_t i = 0; i < a->n_args; i++)
    if (!same_condition(a->args[i], b->args[i])) return false;
  return true;
}

// ---- stages ---------------------------------------------------------------------------------------------

typedef struct stage { // of a pattern, and what is said of it
  const gir_pattern *p;
  const gir_node *n;
  pass_same *same;
} stage;

static bool same_filter(const stage *a, const stage *b)
{
  const gir_node *f = gir_stage_filter(a->n);
  return f && a->p->currency == b->p->currency && same_condition(f, gir_stage_filter(b->n));
}

static int64_t within_of(const gir_node *n)
{
  return n->op == GIR_STAGE || n->op == GIR_WALK || n->op == GIR_LAYER ? n->imm[0] : 0;
}

// As the tables have it: of `any` nothing is asked.
static bool may_stay(const stage *s)
{
  const gir_node *from = gir_stage_from(s->n), *to = gir_stage_to(s->n);

  if (s->n->op == GIR_WALK || from->op == GIR_ANYONE || to->op == GIR_ANYONE) return true;
  return gir_may_equal(s->p, from, to);
}

static bool same_rows(const stage *a, const stage *b)
{
  const gir_node *f = gir_stage_filter(a->n), *g = gir_stage_filter(b->n);

  if ((f || g) && !same_filter(a, b)) return false;
  return a->p->within == b->p->within && a->p->currency == b->p->currency &&
         (a->n->op == GIR_WALK) == (b->n->op == GIR_WALK) && within_of(a->n) == within_of(b->n) &&
         may_stay(a) == may_stay(b);
}

typedef bool (*same_fn)(const stage *a, const stage *b);
typedef uint32_t *(*number_fn)(pass_same *same);

static uint32_t *filter_number(pass_same *same)
{
  return &same->filter;
}

static uint32_t *rows_number(pass_same *same)
{
  return &same->rows;
}

// Calls for the stages of a unit in the order of the text, up to the k-th, until one has the same.
static bool find_in(const pass_unit *u, uint32_t end, const stage *s, same_fn same,
                    number_fn number)
{
  uint32_t k = 0;

  for (uint32_t i = 0; i < u->gir->body.n && k < end; i++) {
    if (!gir_is_stage(u->gir->body.at[i])) continue;
    const stage t = {u->gir, u->gir->body.at[i], &u->same.at[k++]};
    if (*number(t.same) == 0 || !same(s, &t)) continue;
    *number(s->same) = *number(t.same);
    return true;
  }
  return false;
}

static uint32_t last_number(const pass_unit *u, number_fn number)
{
  uint32_t last = 0;

  for (; u; u = u->before)
    for (uint32_t i = 0; i < u->same.n; i++)
      if (*number(&u->same.at[i]) > last) last = *number(&u->same.at[i]);
  return last;
}

// The k-th stage of the unit: the number of one before it, or the next.
static void give_number(const pass_unit *u, uint32_t k, const stage *s, same_fn same,
                        number_fn number)
{
  if (find_in(u, k, s, same, number)) return;
  for (const pass_unit *b = u->before; b; b = b->before)
    if (find_in(b, b->same.n, s, same, number)) return;
  *number(s->same) = last_number(u, number) + 1;
}

pass_outcome pass_share(pass_unit *u)
{
  uint32_t k = 0;

  for (uint32_t i = 0; i < u->gir->body.n; i++) {
    if (!gir_is_stage(u->gir->body.at[i])) continue;
    const stage s = {u->gir, u->gir->body.at[i], &u->same.at[k]};
    if (gir_stage_filter(s.n)) give_number(u, k, &s, same_filter, filter_number);
    give_number(u, k, &s, same_rows, rows_number);
    k++;
  }
  return k > 0 ? PASS_CHANGED : PASS_UNCHANGED;
}
