// Ranges: working out their ends, and whether they are in order.
#include "frontend/sema_inside.h"

#include <string.h>

// ---- ends ---------------------------------------------------------------------------------------

typedef struct ends { // a~b..c~d as written, those missing NULL
  const ast_expr *at[4];
  sema_value v[4];
} ends;

static const char *end_text(sema_env *e, const sema_value *v)
{
  return sema_value_text(e->mem, e->c, v);
}

// All ends are of one unit: that of the first.
static bool one_unit(sema_env *e, ends *r, int first, int k)
{
  sema_value *v = &r->v[k], *f = &r->v[first];

  if (v->type == f->type && (v->type != TY_MONEY || v->text == f->text)) return true;
  if (v->type == TY_MONEY && f->type == TY_MONEY && v->text && f->text) {
    diag_error(e->c, DIAG_CURRENCY_MISMATCH, r->at[k]->span,
               "the ends of this range are of two currencies");
    diag_note(e->c, r->at[first]->span, "this one is in %s, the other in %s", f->text, v->text);
    diag_help(e->c, "constants are not converted: write both ends in one currency");
    return false;
  }
  bool money = v->type == TY_MONEY || f->type == TY_MONEY;
  bool plain = v->type == TY_NUMBER || f->type == TY_NUMBER || v->type == f->type;
  if (money && plain && e->currency == GIR_CURRENCY_IGNORED) {
    v->type = f->type = TY_MONEY;
    v->text = f->text = NULL;
    return true;
  }
  diag_error(e->c, DIAG_UNIT_MISMATCH, r->at[k]->span,
             "this end of the range is %s, the other is %s", sema_unit_words(v->type),
             sema_unit_words(f->type));
  diag_note(e->c, r->at[first]->span, "this is %s", sema_unit_words(f->type));
  if (money && plain)
    diag_help(e->c, "write the currency at both ends, as in `500 USD..9_000 USD`");
  else
    diag_help(e->c, "write both ends in one unit");
  return false;
}

static bool read_ends(sema_env *e, ends *r, sema_value *out)
{
  int first = -1;
  bool ok = true;

  for (int k = 0; k < 4; k++) {
    if (!r->at[k]) continue;
    sema_value v = r->v[k] = sema_const(e, r->at[k]);
    if (v.type == TY_NONE) ok = false;
    if (!ok) continue;
    if (v.is_range || v.type == TY_TEXT) {
      diag_error(e->c, DIAG_UNIT_MISMATCH, r->at[k]->span,
                 "the end of a range is one quantity, and this is %s",
                 v.is_range ? "a range itself" : "a text");
      ok = false;
      continue;
    }
    out->from_param = out->from_param || v.from_param;
    if (first < 0) first = k;
    if (!one_unit(e, r, first, k)) ok = false;
  }
  if (!ok) return false;
  out->type = first < 0 ? TY_ANY : r->v[first].type;
  out->text = first < 0 ? NULL : r->v[first].text;
  return true;
}

static bool in_order(sema_env *e, const ast_expr *x, const ends *r)
{
  static const char *const side[] = {"lower", "upper"};

  for (int k = 0; k < 4; k += 2) {
    if (!r->at[k] || !r->at[k + 1]) continue;
    if (rational_cmp(r->v[k].v, r->v[k + 1].v) < 0) continue;
    diag_error(e->c, DIAG_GRADED_ORDER, span_join(r->at[k]->span, r->at[k + 1]->span),
               "the graded %s end runs from %s to %s, which is not upwards", side[k / 2],
               end_text(e, &r->v[k]), end_text(e, &r->v[k + 1]));
    diag_help(e->c, "write the smaller number first: in `a~b..c~d` the degree rises from a to b "
                    "and falls from c to d");
    return false;
  }
  if (!r->at[1] || !r->at[2] || rational_cmp(r->v[1].v, r->v[2].v) <= 0) return true;
  diag_error(e->c, DIAG_EMPTY_RANGE, x->span, "this range is empty: %s lies above %s",
             end_text(e, &r->v[1]), end_text(e, &r->v[2]));
  diag_help(e->c, "write the lower end first, as in `%s..%s`", end_text(e, &r->v[2]),
            end_text(e, &r->v[1]));
  return false;
}

static sema_value range_of_name(sema_env *e, const ast_expr *x)
{
  sema_value v = sema_const(e, x);

  if (v.type == TY_NONE || v.is_range) return v;
  diag_error(e->c, DIAG_UNIT_MISMATCH, x->span, "a range is meant here, and this is %s",
             v.type == TY_NUMBER ? "one number" : sema_unit_words(v.type));
  const char *text = end_text(e, &v);
  diag_help(e->c, "write `%s..` for at least, `..%s` for at most, `%s..%s` for exactly", text, text,
            text, text);
  return sema_wrong();
}

static gir_range pack(const ends *r, const sema_value *v)
{
  gir_range g = {.type = v->type, .currency = v->type == TY_MONEY ? v->text : NULL};
  rational *at[4] = {&g.a, &g.b, &g.c, &g.d};

  for (int k = 0; k < 4; k++) {
    *at[k] = rational_int(0);
    if (!r->at[k]) continue;
    g.has |= 1u << k;
    *at[k] = r->v[k].v;
  }
  return g;
}

sema_value sema_range(sema_env *e, const ast_expr *x)
{
  sema_value out = {.is_range = true};

  if (!x || x->kind == AST_ERROR) return sema_wrong();
  if (x->kind != AST_RANGE) return range_of_name(e, x);
  ends r = {.at = {x->lo0, x->lo1, x->hi0, x->hi1}};
  if (r.at[1] && r.at[1] == r.at[2]) { // [3] or [NAME]
    sema_value v = sema_const(e, r.at[1]);
    if (v.is_range || v.type == TY_NONE) return v;
  }
  if (!read_ends(e, &r, &out) || !in_order(e, x, &r)) return sema_wrong();
  out.range = pack(&r, &out);
  return out;
}

// ---- questions ----------------------------------------------------------------------------------

static bool hard_has(const gir_range *outer, rational v)
{
  if ((outer->has & GIR_HAS_B) && rational_cmp(v, outer->b) < 0) return false;
  return !(outer->has & GIR_HAS_C) || rational_cmp(v, outer->c) <= 0;
}

bool sema_range_within(const gir_range *inner, const gir_range *outer)
{
  const rational *at[4] = {&inner->a, &inner->b, &inner->c, &inner->d};

  for (int k = 0; k < 4; k++)
    if ((inner->has & (1u << k)) && !hard_has(outer, *at[k])) return false;
  return true;
}

bool sema_range_coerce(sema_env *e, sema_value *v, gir_type want, span where)
{
  bool plain = want == TY_NUMBER || want == TY_ANY;
  gir_range *r = &v->range;

  if (v->type == TY_NONE) return false;
  if (r->type == TY_ANY) r->type = want == TY_ANY ? TY_NUMBER : want; // no ends
  if (want == TY_MONEY && r->type == TY_NUMBER &&
      (e->any_currency || e->currency == GIR_CURRENCY_IGNORED)) {
    r->type = TY_MONEY;
    r->currency = NULL;
  }
  if (plain && r->type == TY_MONEY && !r->currency) r->type = TY_NUMBER;
  v->type = r->type;
  if (r->type == want || (plain && r->type == TY_NUMBER)) {
    if (want != TY_MONEY || r->currency || !r->has || e->any_currency ||
        e->currency == GIR_CURRENCY_IGNORED)
      return true;
  }
  if (want == TY_MONEY && (r->type == TY_NUMBER || r->type == TY_MONEY)) {
    diag_error(e->c, DIAG_NO_CURRENCY, where, "the bounds of an amount name their currency");
    diag_help(e->c, "write it, as in `9_000 USD..`, or say `ignoring currency;` in the pattern");
    return false;
  }
  diag_error(e->c, DIAG_UNIT_MISMATCH, where, "this range is %s, and the value is %s",
             sema_unit_words(r->type), sema_unit_words(want));
  sema_help_unit(e->c, want);
  return false;
}

// ---- sizes --------------------------------------------------------------------------------------

static bool whole_ends(sema_env *e, const ast_expr *x, const gir_range *r, const char *what)
{
  const rational *at[4] = {&r->a, &r->b, &r->c, &r->d};
  rational zero = rational_int(0), most = rational_int(INT32_MAX);

  for (int k = 0; k < 4; k++) {
    if (!(r->has & (1u << k))) continue;
    // A graded end that is no whole number only tilts the slope; a hard one is a mistake.
    bool slope = r->has & (k < 2 ? GIR_HAS_A : GIR_HAS_D);
    if (k == 2 && rational_cmp(*at[k], zero) < 0) {
      diag_error(e->c, DIAG_NEVER_TRUE, x->span, "%s is never below 0", what);
      diag_help(e->c, "write bounds from 0 on");
      return false;
    }
    if ((rational_is_int(*at[k]) || slope) && rational_cmp(*at[k], zero) >= 0) {
      if (rational_cmp(*at[k], most) <= 0) continue;
      diag_error(e->c, DIAG_OVERFLOW, x->span, "%s is at most %d", what, INT32_MAX);
      diag_help(e->c, "write a smaller number");
      return false;
    }
    diag_error(e->c, DIAG_NOT_WHOLE, x->span, "%s is a whole number, 0 or more", what);
    diag_help(e->c, "write a whole number");
    return false;
  }
  return true;
}

bool sema_size_range(sema_env *e, const ast_expr *x, const char *what, gir_range *out)
{
  sema_value v = sema_range(e, x);

  if (v.type == TY_NONE) return false;
  if (v.type != TY_ANY && v.type != TY_NUMBER && !(v.type == TY_MONEY && !v.text)) {
    diag_error(e->c, DIAG_UNIT_MISMATCH, x->span, "%s is a number, and this range is %s", what,
               sema_unit_words(v.type));
    diag_help(e->c, "write plain numbers, as in `3..`");
    return false;
  }
  v.range.type = TY_NUMBER;
  v.range.currency = NULL;
  if (v.range.has && !whole_ends(e, x, &v.range, what)) return false;
  *out = v.range;
  return true;
}
