// Conditions that hold always, or never, whatever the data are.
//
// A value is known to lie between two bounds: counts and amounts are not negative, a group's size is
// what its brackets say. Where all between them passes, or nothing does, the condition says nothing.
// With a parameter in it, "always" is a choice of whoever set it, and no mistake.
#include "frontend/sema_inside.h"

typedef struct bounds {
  bool has_lo, has_hi;
  rational lo, hi;
} bounds;

static bounds at_least(int64_t lo)
{
  return (bounds){.has_lo = true, .lo = rational_int(lo)};
}

static bounds size_bounds(const gir_node *role)
{
  const gir_range *r = &role->range;
  bounds b = at_least(0);

  if (r->has & (GIR_HAS_A | GIR_HAS_B)) b.lo = r->has & GIR_HAS_A ? r->a : r->b;
  if (rational_cmp(b.lo, rational_int(0)) < 0) b.lo = rational_int(0);
  b.has_hi = (r->has & (GIR_HAS_C | GIR_HAS_D)) != 0;
  if (b.has_hi) b.hi = r->has & GIR_HAS_D ? r->d : r->c;
  return b;
}

static bounds bounds_of(const gir_node *n);

static bounds sum_bounds(const gir_node *n)
{
  bounds a = bounds_of(n->args[0]), b = bounds_of(n->args[1]), out = {0};

  if (n->op == GIR_SUB) { // a - b: as a + (-b)
    bounds flip = {b.has_hi, b.has_lo, b.hi, b.lo};
    flip.lo.num = -flip.lo.num;
    flip.hi.num = -flip.hi.num;
    b = flip;
  }
  out.has_lo = a.has_lo && b.has_lo && rational_add(&out.lo, a.lo, b.lo);
  out.has_hi = a.has_hi && b.has_hi && rational_add(&out.hi, a.hi, b.hi);
  return out;
}

static bool is_not_negative(const bounds *b)
{
  return b->has_lo && rational_cmp(b->lo, rational_int(0)) >= 0;
}

static bounds product_bounds(const gir_node *n)
{
  bounds a = bounds_of(n->args[0]), b = bounds_of(n->args[1]), out = {0};

  if (!is_not_negative(&a) || !is_not_negative(&b)) return out;
  if (n->op == GIR_DIV) return at_least(0);
  out.has_lo = rational_mul(&out.lo, a.lo, b.lo);
  out.has_hi = a.has_hi && b.has_hi && rational_mul(&out.hi, a.hi, b.hi);
  return out;
}

// No `default`: a new op has to say what is known of it.
static bounds bounds_of(const gir_node *n)
{
  if (n->op == GIR_CONST && n->type != TY_TEXT) return (bounds){true, true, n->value.v, n->value.v};
  if (n->op == GIR_COUNT_ROLE) return size_bounds(n->args[0]);
  if (n->op == GIR_COUNT || n->op == GIR_DISTINCT || n->op == GIR_SPAN) return at_least(0);
  if (n->op == GIR_GAP) return at_least(1);
  if (n->op == GIR_ADD || n->op == GIR_SUB) return sum_bounds(n);
  if (n->op == GIR_MUL || n->op == GIR_DIV) return product_bounds(n);
  if (n->type == TY_MONEY && (n->op == GIR_FIELD || (n->op >= GIR_SUM && n->op <= GIR_MEAN)))
    return at_least(0); // no row with a negative amount is read
  return (bounds){0};
}

// ---- the same thing on both sides -----------------------------------------------------------------

static bool same(const gir_node *a, const gir_node *b)
{
  if (a == b) return true;
  if (!a || !b || a->op != b->op || a->name != b->name || a->n_args != b->n_args) return false;
  if (a->op == GIR_CONST)
    return a->type == b->type && a->value.text == b->value.text &&
           rational_cmp(a->value.v, b->value.v) == 0;
  for (int k = 0; k < 3; k++)
    if (a->imm[k] != b->imm[k]) return false;
  if (gir_ops[a->op].gives == TY_ROLE || gir_ops[a->op].gives == TY_STAGE) return false;
  for (uint32_t k = 0; k < a->n_args; k++)
    if (!same(a->args[k], b->args[k])) return false;
  return true;
}

// ---- judging --------------------------------------------------------------------------------------

typedef enum { MAYBE, ALWAYS, NEVER } truth;

static truth truth_of_order(gir_op op, const bounds *a, const bounds *b)
{
  bool strict = op == GIR_LT; // a < b or a <= b
  int high = a->has_hi && b->has_lo ? rational_cmp(a->hi, b->lo) : 2;
  int low = a->has_lo && b->has_hi ? rational_cmp(a->lo, b->hi) : -2;

  if (strict ? high < 0 : high <= 0) return ALWAYS;
  if (strict ? low >= 0 : low > 0) return NEVER;
  return MAYBE;
}

static truth truth_of_compare(const gir_node *n)
{
  const gir_node *x = n->args[0], *y = n->args[1];
  bool swap = n->op == GIR_GT || n->op == GIR_GE;
  gir_op op = n->op == GIR_GT ? GIR_LT : n->op == GIR_GE ? GIR_LE : n->op;

  if (same(x, y)) return op == GIR_EQ || op == GIR_LE ? ALWAYS : NEVER;
  bounds a = bounds_of(swap ? y : x), b = bounds_of(swap ? x : y);
  if (op == GIR_LT || op == GIR_LE) return truth_of_order(op, &a, &b);
  if (x->op == GIR_CONST && y->op == GIR_CONST) return op == GIR_NE ? ALWAYS : NEVER;
  if (truth_of_order(GIR_LT, &a, &b) == ALWAYS || truth_of_order(GIR_LT, &b, &a) == ALWAYS)
    return op == GIR_NE ? ALWAYS : NEVER;
  return MAYBE;
}

static truth truth_of_range(const gir_node *n)
{
  const gir_range *r = &n->range;
  bounds b = bounds_of(n->args[0]);
  bool lower = r->has & (GIR_HAS_A | GIR_HAS_B), upper = r->has & (GIR_HAS_C | GIR_HAS_D);
  bool over = !lower || ((r->has & GIR_HAS_B) && b.has_lo && rational_cmp(b.lo, r->b) >= 0);
  bool under = !upper || ((r->has & GIR_HAS_C) && b.has_hi && rational_cmp(b.hi, r->c) <= 0);

  if (over && under) return ALWAYS;
  if (b.has_hi && lower &&
      !gir_range_admits(&(gir_range){.has = r->has & 3u, .a = r->a, .b = r->b}, b.hi))
    return NEVER;
  if (b.has_lo && upper &&
      !gir_range_admits(&(gir_range){.has = r->has & 12u, .c = r->c, .d = r->d}, b.lo))
    return NEVER;
  return MAYBE;
}

static bool is_constant(const gir_node *n)
{
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k]->op != GIR_CONST) return false;
  return true;
}

// What is known of a value, for the reader to see why.
static void note_bounds(sema_pattern *p, const ast_expr *x, const gir_node *n)
{
  bounds b = bounds_of(n);
  sema_value lo = {.type = n->type, .v = b.lo}, hi = {.type = n->type, .v = b.hi};

  if (n->op == GIR_CONST || !x || (!b.has_lo && !b.has_hi)) return;
  const char *low = b.has_lo ? sema_value_text(p->env.mem, p->env.c, &lo) : "";
  const char *high = b.has_hi ? sema_value_text(p->env.mem, p->env.c, &hi) : "";
  if (b.has_lo && b.has_hi)
    diag_note(p->env.c, x->span, "this lies between %s and %s", low, high);
  else if (b.has_lo)
    diag_note(p->env.c, x->span, "this is %s or more", low);
  else
    diag_note(p->env.c, x->span, "this is %s or less", high);
}

static void report(sema_pattern *p, const ast_expr *x, const gir_node *n, truth t)
{
  cx *c = p->env.c;
  bool twice = n->op != GIR_IN_RANGE && !is_constant(n) && same(n->args[0], n->args[1]);
  const char *why = is_constant(n) ? ": both sides are constants"
                    : twice        ? ": both sides are the same"
                                   : "";

  diag_error(c, t == NEVER ? DIAG_NEVER_TRUE : DIAG_ALWAYS_TRUE, x->span, "this %s%s",
             t == NEVER ? "never holds" : "always holds", why);
  if (!twice) note_bounds(p, x->a, n->args[0]);
  if (!twice && n->op != GIR_IN_RANGE) note_bounds(p, x->b, n->args[1]);
  if (is_constant(n))
    diag_help(c, "compare something of the data, such as `count(STAGE)`");
  else if (twice)
    diag_help(c, "compare it with something else");
  else if (n->op == GIR_IN_RANGE && !n->range.has)
    diag_help(c, "give the range an end, or leave the constraint out");
  else if (t == ALWAYS)
    diag_help(c, "leave it out, or tighten the bound");
  else
    diag_help(c, "loosen the bound");
}

void sema_check_truth(sema_pattern *p, const ast_expr *x, const gir_node *n, bool from_param)
{
  if (!cx_ok(p->env.c)) return;
  if (n->op != GIR_IN_RANGE && n->n_args < 2) return;
  truth t = n->op == GIR_IN_RANGE ? truth_of_range(n) : truth_of_compare(n);
  // A gap is there only where its transfers are in order: even a wide range asks for that.
  if (t == ALWAYS && n->args[0]->op == GIR_GAP && n->range.has) t = MAYBE;
  if (t == ALWAYS && from_param && !is_constant(n)) t = MAYBE;
  if (t != MAYBE) report(p, x, n, t);
}
