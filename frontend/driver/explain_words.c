#include "frontend/driver/explain_words.h"

#include <string.h>

void words_comma(strbuf *out, uint32_t k, uint32_t n, const char *last)
{
  if (k == 0) return;
  if (k + 1 == n)
    strbuf_printf(out, " %s ", last);
  else
    strbuf_puts(out, ", ");
}

// ---- ranges ---------------------------------------------------------------------------------------

static void value(strbuf *out, const gir_range *r, rational v, words_kind kind)
{
  rational percent;
  if (kind == WORDS_SHARE && rational_mul(&percent, v, rational_int(100))) {
    rational_print(out, percent);
    strbuf_putc(out, '%');
    return;
  }
  gir_const c = {.type = r->type, .v = v, .text = r->currency};
  gir_const_print(out, &c);
}

// The whole number next above (step 1) or below (step -1) v; v itself does not count.
static rational next_whole(rational v, int step)
{
  aml_i128 floor = v.num / v.den - (v.num % v.den < 0);
  bool whole = rational_is_int(v);
  return (rational){step > 0 ? floor + 1 : whole ? floor - 1 : floor, 1};
}

static void words_lower(strbuf *out, const gir_range *r, words_kind kind)
{
  bool graded = (r->has & GIR_HAS_A) != 0;
  bool above = graded && kind != WORDS_COUNT;
  strbuf_puts(out, above ? "above " : "at least ");
  value(out, r, !graded ? r->b : above ? r->a : next_whole(r->a, 1), kind);
}

static void words_upper(strbuf *out, const gir_range *r, words_kind kind)
{
  bool graded = (r->has & GIR_HAS_D) != 0;
  bool below = graded && kind != WORDS_COUNT;
  strbuf_puts(out, below ? "below " : "at most ");
  value(out, r, !graded ? r->c : below ? r->d : next_whole(r->d, -1), kind);
}

// A slope that no whole number falls on is none.
static bool slopes(const gir_range *r, unsigned end, words_kind kind)
{
  if (!(r->has & end)) return false;
  if (kind != WORDS_COUNT) return true;
  return end == GIR_HAS_A ? rational_cmp(next_whole(r->a, 1), r->b) < 0
                          : rational_cmp(next_whole(r->d, -1), r->c) > 0;
}

static void words_plateau(strbuf *out, const gir_range *r, words_kind kind)
{
  bool low = slopes(r, GIR_HAS_A, kind), high = slopes(r, GIR_HAS_D, kind);
  if (!low && !high) return;
  strbuf_puts(out, ", fully");
  if (low && high && rational_cmp(r->b, r->c) == 0) {
    strbuf_puts(out, " at ");
    value(out, r, r->b, kind);
    return;
  }
  if (low) {
    strbuf_puts(out, " from ");
    value(out, r, r->b, kind);
  }
  if (!high) return;
  strbuf_puts(out, low ? " to " : " up to ");
  value(out, r, r->c, kind);
}

void words_range(strbuf *out, const gir_range *r, words_kind kind, const char *noun)
{
  bool low = (r->has & GIR_HAS_B) != 0, high = (r->has & GIR_HAS_C) != 0;
  if (low && high && !(r->has & (GIR_HAS_A | GIR_HAS_D))) {
    bool one = rational_cmp(r->b, r->c) == 0;
    if (one) strbuf_puts(out, "exactly ");
    value(out, r, r->b, kind);
    if (!one) {
      strbuf_puts(out, " to ");
      value(out, r, r->c, kind);
    }
    strbuf_puts(out, noun);
    return;
  }
  if (low) words_lower(out, r, kind);
  if (low && high) strbuf_puts(out, " and ");
  if (high) words_upper(out, r, kind);
  strbuf_puts(out, noun);
  words_plateau(out, r, kind);
}

// ---- roles ----------------------------------------------------------------------------------------

// By the number that stands before it.
static const char *noun_of(const gir_range *r)
{
  rational last = r->has & GIR_HAS_D   ? next_whole(r->d, -1)
                  : r->has & GIR_HAS_C ? r->c
                  : r->has & GIR_HAS_A ? next_whole(r->a, 1)
                                       : r->b;
  return rational_cmp(last, rational_int(1)) == 0 ? " account" : " accounts";
}

void words_role(strbuf *out, const gir_node *role)
{
  if (role->op == GIR_ONE) {
    strbuf_puts(out, "one account");
    return;
  }
  if (role->op == GIR_GROUP && gir_size_may_be_zero(role) && !(role->range.has & GIR_HAS_C)) {
    strbuf_puts(out, "a group of any number of accounts, also none");
    return;
  }
  strbuf_printf(out, "a %s of ", role->op == GIR_GROUP ? "group" : "chain");
  words_range(out, &role->range, WORDS_COUNT, noun_of(&role->range));
  if (role->op == GIR_CHAIN) strbuf_puts(out, ", each paying the next");
}

static void words_end(strbuf *out, const gir_node *role)
{
  strbuf_puts(out, role->op == GIR_ANYONE ? "any account" : role->name);
}

// ---- sets -----------------------------------------------------------------------------------------

static void words_where(strbuf *out, const gir_node *filter)
{
  if (!filter) return;
  strbuf_puts(out, " where ");
  gir_expr_print(out, filter, NULL);
}

// "paid mule (theft)", "were paid by at least 60% of mule"
static void words_has(strbuf *out, const gir_node *has, const gir_node *group)
{
  const gir_node *term = has->args[0];
  bool paid = gir_stage_to(term) == group;
  const gir_node *partner = paid ? gir_stage_from(term) : gir_stage_to(term);
  strbuf_puts(out, paid ? "were paid by " : "paid ");
  if (has->op == GIR_HAS_SHARE) {
    gir_range r = {.type = TY_NUMBER};
    bool all = rational_cmp(has->value.v, rational_int(1)) == 0;
    strbuf_puts(out, all ? "all" : "at least ");
    if (!all) value(out, &r, has->value.v, WORDS_SHARE);
    strbuf_puts(out, " of ");
  } else if (partner->op == GIR_GROUP && has->imm[0] == 1) {
    strbuf_puts(out, "at least one account of ");
  } else if (partner->op == GIR_GROUP) {
    strbuf_printf(out, "at least %lld accounts of ", (long long)has->imm[0]);
  }
  strbuf_puts(out, partner->name);
  words_where(out, gir_stage_filter(term));
  if (term->op == GIR_TERM) strbuf_printf(out, " (%s)", term->name);
}

static void words_that(strbuf *out, const gir_node *set, const gir_node *group, bool parens)
{
  bool leaf = set->op == GIR_HAS || set->op == GIR_HAS_SHARE || set->op == GIR_IN_ROLE;
  if (set->op == GIR_IN_ROLE) {
    const gir_node *role = set->args[0];
    strbuf_printf(out, role->op == GIR_ONE ? "are %s" : "are in %s", role->name);
  } else if (leaf) {
    words_has(out, set, group);
  } else {
    bool row = set->args[0]->op == set->op;
    if (parens) strbuf_putc(out, '(');
    words_that(out, set->args[0], group, !row);
    strbuf_puts(out, set->op == GIR_INTERSECT ? " and "
                     : set->op == GIR_UNION   ? " or "
                                              : ", except any that ");
    words_that(out, set->args[1], group, true);
    if (parens) strbuf_putc(out, ')');
  }
}

void words_set(strbuf *out, const gir_node *set, const gir_node *group)
{
  strbuf_puts(out, "those that ");
  words_that(out, set, group, false);
}

// ---- stages ---------------------------------------------------------------------------------------

static void words_layer(strbuf *out, const gir_node *n)
{
  const char *from = gir_stage_from(n)->name, *to = gir_stage_to(n)->name;
  strbuf_printf(out,
                "from %s to %s: each of %s pays at least %lld of %s, each of %s is paid by at "
                "least %lld of %s",
                from, to, from, (long long)n->imm[1], to, to, (long long)n->imm[2], from);
}

void words_stage(strbuf *out, const gir_node *n)
{
  const gir_node *from = gir_stage_from(n), *to = gir_stage_to(n);
  if (n->op == GIR_LAYER) {
    words_layer(out, n);
  } else {
    strbuf_puts(out, "from ");
    words_end(out, from);
    if (n->op == GIR_WALK) strbuf_printf(out, ", hop by hop through %s,", n->args[1]->name);
    strbuf_puts(out, " to ");
    words_end(out, to);
    if (n->op == GIR_WALK && from == to) strbuf_puts(out, " again");
  }
  words_where(out, gir_stage_filter(n));
  if (n->op == GIR_TERM || n->imm[0] <= 0) return;
  strbuf_puts(out, ", only those less than ");
  gir_duration_print(out, rational_int(n->imm[0]));
  strbuf_puts(out, " older than the latest of them");
}

// ---- pairs ----------------------------------------------------------------------------------------

typedef struct pair_part {
  const gir_node *cond;
  bool swapped; // its side 0 is side 1 of the pair
} pair_part;

// Two sides and what they ask of a pair: of all statements over the same two.
typedef struct pair {
  const char *name[2];  // of the sides in conditions
  const char *one[2];   // "scatter", "transfer"
  bool asks[2];         // transfers of this side need a partner
  VEC(pair_part) parts; // conditions, `and` taken apart
} pair;

static void add_parts(arena *mem, pair *pr, const gir_node *cond, bool swapped)
{
  if (cond->op == GIR_AND) {
    add_parts(mem, pr, cond->args[0], swapped);
    add_parts(mem, pr, cond->args[1], swapped);
  } else {
    pair_part part = {cond, swapped};
    VEC_PUSH(mem, &pr->parts, part);
  }
}

// count(..) and what is made of counts: between 2 and 3 there is nothing.
static bool is_whole(const gir_node *n)
{
  if (n->op == GIR_COUNT_ROLE || n->op == GIR_COUNT || n->op == GIR_DISTINCT) return true;
  if (n->op == GIR_CONST) return n->type == TY_NUMBER && rational_is_int(n->value.v);
  if (n->op == GIR_ADD || n->op == GIR_SUB || n->op == GIR_MUL)
    return is_whole(n->args[0]) && is_whole(n->args[1]);
  return false;
}

static void words_of_cond(strbuf *out, const gir_node *cond, const char *const *sides)
{
  if (cond->op != GIR_IN_RANGE) {
    gir_expr_print(out, cond, sides);
    return;
  }
  const gir_node *of = cond->args[0];
  if (of->op == GIR_GAP && sides)
    strbuf_printf(out, "the time from %s to a later %s", sides[of->imm[0]], sides[of->imm[1]]);
  else
    gir_expr_print(out, of, sides);
  const gir_range *r = &cond->range;
  bool hard = r->has == (GIR_HAS_B | GIR_HAS_C) && rational_cmp(r->b, r->c) != 0;
  strbuf_puts(out, hard ? " is from " : " is ");
  words_range(out, &cond->range, is_whole(of) ? WORDS_COUNT : WORDS_VALUE, "");
}

static const char *article(const char *noun)
{
  return strchr("aeiouAEIOU", *noun) ? "an" : "a";
}

// "every scatter has a later gather, every gather an earlier scatter", less what is not asked; how[k] is
// what a transfer of side k has.
static void words_asks(strbuf *out, const pair *pr, char *const how[2])
{
  if (pr->asks[0]) strbuf_printf(out, "every %s has %s", pr->one[0], how[0]);
  if (pr->asks[0] && pr->asks[1]) strbuf_puts(out, ", ");
  if (pr->asks[1])
    strbuf_printf(out, "every %s %s%s", pr->one[1], pr->asks[0] ? "" : "has ", how[1]);
}

static void words_parts(strbuf *out, const pair *pr)
{
  for (uint32_t i = 0; i < pr->parts.n; i++) {
    if (i) strbuf_puts(out, "; and ");
    const pair_part *part = &pr->parts.at[i];
    const char *const names[] = {pr->name[part->swapped], pr->name[!part->swapped]};
    words_of_cond(out, part->cond, names);
  }
}

// The condition that is all there is of the pair; NULL: there are more.
static const gir_node *only_part(const pair *pr)
{
  return pr->parts.n == 1 ? pr->parts.at[0].cond : NULL;
}

// What a transfer of side k has: "a later gather", "a gather at the same time or later", "a gather".
static char *words_partner(arena *mem, const pair *pr, int k)
{
  const gir_node *only = only_part(pr);
  const char *other = pr->one[1 - k];
  bool early = only && only->imm[0] == k;
  if (only && only->op == GIR_BEFORE)
    return arena_printf(mem, "%s %s", early ? "a later" : "an earlier", other);
  if (only && only->op == GIR_NOT_AFTER)
    return arena_printf(mem, "%s %s at the same time or %s", article(other), other,
                        early ? "later" : "earlier");
  return arena_printf(mem, "%s %s", article(other), other);
}

static void words_pair(strbuf *out, arena *mem, const pair *pr)
{
  const gir_node *only = only_part(pr);
  char *const how[] = {words_partner(mem, pr, 0), words_partner(mem, pr, 1)};
  if (pr->asks[0] || pr->asks[1]) {
    words_asks(out, pr, how);
    if (only && (only->op == GIR_BEFORE || only->op == GIR_NOT_AFTER)) return;
    strbuf_puts(out, ", such that ");
  } else {
    strbuf_printf(out, "%s and %s may each be missing, and count by how well ", pr->one[0],
                  pr->one[1]);
  }
  words_parts(out, pr);
}

// Is `n` a statement over the same two sides as `first`, which may be the other way round?
static bool same_sides(const gir_node *first, const gir_node *n, bool *swapped)
{
  *swapped = false;
  if (n->op != first->op || n->args[0] != first->args[0]) return false;
  if (n->op == GIR_HOP_PAIR) return true;
  *swapped = n->args[1] != first->args[1];
  return n->args[1 + *swapped] == first->args[1] && n->args[2 - *swapped] == first->args[2];
}

// Gathers the conditions of all statements over the sides of `first`; false: an earlier one did.
static bool gather_parts(pair *pr, const gir_pattern *p, const gir_node *first)
{
  bool swapped;
  for (uint32_t i = 0; i < p->body.n; i++) {
    const gir_node *n = p->body.at[i];
    if (!same_sides(first, n, &swapped)) continue;
    if (n != first && pr->parts.n == 0) return false;
    add_parts(p->mem, pr, n->args[n->n_args - 1], swapped);
  }
  return true;
}

static bool words_each_pair(strbuf *out, const gir_pattern *p, const gir_node *n)
{
  const gir_node *a = n->args[1], *b = n->args[2];
  pair pr = {.name = {a->name, b->name}, .one = {a->name, b->name}};
  pr.asks[0] = !gir_stage_may_be_empty(p, b);
  pr.asks[1] = !gir_stage_may_be_empty(p, a);
  if (!gather_parts(&pr, p, n)) return false;
  if (n->args[0]->op == GIR_GROUP) strbuf_printf(out, "for each account of %s: ", n->args[0]->name);
  words_pair(out, p->mem, &pr);
  return true;
}

static bool words_hops(strbuf *out, const gir_pattern *p, const gir_node *n)
{
  pair pr = {.name = {"this", "next"}, .one = {"transfer", "transfer"}, .asks = {true, true}};
  if (!gather_parts(&pr, p, n)) return false;
  const gir_node *only = only_part(&pr);
  strbuf_printf(out, "from each hop of %s to the next: ", n->args[0]->name);
  if (only && only->op == GIR_BEFORE && only->imm[0] == 0) {
    strbuf_puts(out,
                "every transfer has a later one in the next hop, every transfer there an earlier "
                "one in this hop");
    return true;
  }
  strbuf_puts(out,
              "every transfer (this) has one in the next hop (next), every transfer there one in "
              "this hop, such that ");
  words_parts(out, &pr);
  return true;
}

// ---- other conditions -----------------------------------------------------------------------------

static void words_each(strbuf *out, const gir_node *n)
{
  strbuf_printf(
      out, n->args[0]->op == GIR_GROUP ? "for each account of %s: " : "for %s: ", n->args[0]->name);
  words_of_cond(out, n->args[1], NULL);
}

static void words_overlap(strbuf *out, const gir_node *n)
{
  const char *a = n->args[0]->name, *b = n->args[1]->name;
  strbuf_printf(out,
                "of all pairs of a %s and a %s, the share where the %s is not the earlier one is ",
                a, b, a);
  words_range(out, &n->range, WORDS_SHARE, "");
}

static void words_absent(strbuf *out, const gir_node *n)
{
  const gir_node *from = n->args[0], *to = n->args[1], *anchor = n->args[3];
  strbuf_printf(out, "%s: no transfer from ", n->name);
  strbuf_puts(out, from->op == GIR_ANYONE ? "any other account" : from->name);
  strbuf_puts(out, " to ");
  strbuf_puts(out, to->op == GIR_ANYONE ? "any other account" : to->name);
  words_where(out, n->args[2]);
  if (!anchor) {
    strbuf_puts(out, " in the window");
  } else if (n->imm[0] > 0) {
    strbuf_puts(out, " in the ");
    gir_duration_print(out, rational_int(n->imm[0]));
    strbuf_printf(out, " before the first %s", anchor->name);
  } else {
    strbuf_printf(out, " in the window before the first %s", anchor->name);
  }
}

bool words_condition(strbuf *out, const gir_pattern *p, const gir_node *n)
{
  if (n->op == GIR_PAIR) return words_each_pair(out, p, n);
  if (n->op == GIR_HOP_PAIR) return words_hops(out, p, n);
  if (n->op == GIR_EACH)
    words_each(out, n);
  else if (n->op == GIR_REQUIRE)
    words_of_cond(out, n->args[0], NULL);
  else if (n->op == GIR_OVERLAP)
    words_overlap(out, n);
  else if (n->op == GIR_ABSENT)
    words_absent(out, n);
  else
    return false;
  return true;
}

// ---- slopes ---------------------------------------------------------------------------------------

bool words_has_slope(const gir_node *n)
{
  if (n->op == GIR_IN_RANGE && (n->range.has & (GIR_HAS_A | GIR_HAS_D))) return true;
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] && n->args[k]->type == TY_BOOL && words_has_slope(n->args[k])) return true;
  return false;
}

// ---- what comes out -------------------------------------------------------------------------------

// Braces of the text itself are doubled, as the pattern has them.
static void words_title_text(strbuf *out, const char *text)
{
  for (; *text; text++) {
    strbuf_putc(out, *text);
    if (*text == '{' || *text == '}') strbuf_putc(out, *text);
  }
}

void words_title(strbuf *out, const gir_pattern *p)
{
  for (uint32_t i = 0; i < p->title.n; i++) {
    const gir_node *n = p->title.at[i];
    if (n->op == GIR_TITLE_TEXT) {
      words_title_text(out, n->text);
      continue;
    }
    strbuf_putc(out, '{');
    if (n->op == GIR_TITLE_ROLE)
      strbuf_puts(out, gir_role_name(n->args[0]));
    else
      gir_expr_print(out, n->args[0], NULL);
    strbuf_putc(out, '}');
  }
}

void words_feature(strbuf *out, const gir_node *n)
{
  static const char *const kinds[] = {"the number of its matches with a value of ",
                                      "the sum, over its matches, of ",
                                      "the least, of its matches, of ",
                                      "the greatest, of its matches, of ",
                                      "the mean, over its matches, of ",
                                      "its matches counted by "};
  strbuf_puts(out, kinds[n->imm[0]]);
  gir_expr_print(out, n->args[0], NULL);
  if (n->imm[0] != GIR_FEATURE_HISTOGRAM) return;
  strbuf_printf(out, ": columns %s.%lld to %s.%lld, the last one also for all above", n->name,
                (long long)n->imm[1], n->name, (long long)n->imm[2]);
}
