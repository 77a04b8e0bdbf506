// Graph IR in words of the language: what a line of the pattern would say.
#include "ir/gir.h"

#include <string.h>

// ---- values ---------------------------------------------------------------------------------------

void gir_duration_print(strbuf *out, rational seconds)
{
  static const struct {
    int64_t seconds, from; // the unit is used from so many seconds on
    char unit;
  } units[] = {{86400, 7 * 86400, 'd'}, {3600, 3600, 'h'}, {60, 60, 'm'}};
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    rational whole;
    if (rational_cmp(seconds, rational_int(units[i].from)) < 0) continue;
    if (!rational_div(&whole, seconds, rational_int(units[i].seconds))) continue;
    if (!rational_is_int(whole)) continue;
    rational_print(out, whole);
    strbuf_putc(out, units[i].unit);
    return;
  }
  rational_print(out, seconds);
  strbuf_putc(out, 's');
}

// Digits of the whole part in threes where there are five or more: 10_000.
static void print_grouped(strbuf *out, rational v)
{
  strbuf plain;
  strbuf_init(&plain, out->c);
  rational_print(&plain, v);
  const char *text = strbuf_text(&plain);
  if (*text == '-') strbuf_putc(out, *text++);
  size_t whole = strspn(text, "0123456789");
  bool group = whole >= 5 && !strchr(text, '/');
  for (size_t i = 0; i < whole; i++) {
    if (group && i > 0 && (whole - i) % 3 == 0) strbuf_putc(out, '_');
    strbuf_putc(out, text[i]);
  }
  strbuf_puts(out, text + whole);
  strbuf_release(&plain);
}

static int64_t floor_div(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

// Days since 1970-01-01 to year, month, day. Counted in years from March, so that the leap day is last.
static void print_date(strbuf *out, int64_t days)
{
  days += 719468; // since 0000-03-01
  int64_t era = floor_div(days, 146097), doe = days - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
  strbuf_printf(out, "%04lld-%02lld-%02lld", (long long)(yoe + era * 400 + (month <= 2)),
                (long long)month, (long long)day);
}

static void print_time(strbuf *out, rational v)
{
  // Beyond any calendar, or between two seconds: the bare number says it best.
  if (!rational_is_int(v) || v.num > 253402300799 || v.num < -62167219200) {
    rational_print(out, v);
    return;
  }
  int64_t t = (int64_t)v.num, days = floor_div(t, 86400), s = t - days * 86400;
  print_date(out, days);
  strbuf_printf(out, " %02d:%02d", (int)(s / 3600), (int)(s / 60 % 60));
  if (s % 60) strbuf_printf(out, ":%02d", (int)(s % 60));
}

static void print_text(strbuf *out, const char *text)
{
  strbuf_putc(out, '"');
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') strbuf_putc(out, '\\');
    if (*text == '\n')
      strbuf_puts(out, "\\n");
    else
      strbuf_putc(out, *text);
  }
  strbuf_putc(out, '"');
}

void gir_const_print(strbuf *out, const gir_const *v)
{
  if (v->type == TY_TEXT)
    print_text(out, v->text ? v->text : "");
  else if (v->type == TY_DURATION)
    gir_duration_print(out, v->v);
  else if (v->type == TY_TIME)
    print_time(out, v->v);
  else
    print_grouped(out, v->v);
  if (v->type == TY_MONEY && v->text) strbuf_printf(out, " %s", v->text);
}

void gir_range_print(strbuf *out, const gir_range *r)
{
  const rational *end[] = {&r->a, &r->b, &r->c, &r->d};
  for (int i = 0; i < 4; i++) {
    if (i == 2) strbuf_puts(out, "..");
    if (!(r->has & (1u << i))) continue;
    if (i == 3) strbuf_putc(out, '~');
    gir_const v = {.type = r->type, .v = *end[i], .text = r->currency};
    gir_const_print(out, &v);
    if (i == 0) strbuf_putc(out, '~');
  }
}

// ---- conditions and values -------------------------------------------------------------------------

// How tightly an op binds; what is not here stands for itself.
enum { BIND_OR = 1, BIND_AND, BIND_NOT, BIND_COMPARE, BIND_ADD, BIND_MUL, BIND_NEG, BIND_TIGHT };
typedef struct infix {
  int bind;
  const char *text;
} infix;
static const infix infixes[GIR_N_OPS] = {
    [GIR_OR] = {BIND_OR, " or "},
    [GIR_AND] = {BIND_AND, " and "},
    [GIR_NOT] = {BIND_NOT, "not "},
    [GIR_EQ] = {BIND_COMPARE, " = "},
    [GIR_NE] = {BIND_COMPARE, " != "},
    [GIR_LT] = {BIND_COMPARE, " < "},
    [GIR_LE] = {BIND_COMPARE, " <= "},
    [GIR_GT] = {BIND_COMPARE, " > "},
    [GIR_GE] = {BIND_COMPARE, " >= "},
    [GIR_IN_RANGE] = {BIND_COMPARE, " in "},
    [GIR_ONE_OF] = {BIND_COMPARE, " in {"},
    [GIR_BEFORE] = {BIND_COMPARE, " before "},
    [GIR_NOT_AFTER] = {BIND_COMPARE, " not after "},
    [GIR_ADD] = {BIND_ADD, " + "},
    [GIR_SUB] = {BIND_ADD, " - "},
    [GIR_MUL] = {BIND_MUL, " * "},
    [GIR_DIV] = {BIND_MUL, " / "},
    [GIR_NEG] = {BIND_NEG, "-"},
};

typedef struct words {
  strbuf *out;
  const char *const *sides; // NULL in a filter
} words;

static void print_expr(words *w, const gir_node *n, int bind);

static const char *side_name(const words *w, int64_t side)
{
  return w->sides && (side == 0 || side == 1) ? w->sides[side] : "this";
}

static void print_leaf(words *w, const gir_node *n)
{
  if (n->op == GIR_CONST) {
    gir_const_print(w->out, &n->value);
    return;
  }
  if (w->sides) strbuf_printf(w->out, "%s.", side_name(w, n->imm[0]));
  if (n->op == GIR_ATTRIBUTE) strbuf_puts(w->out, n->imm[1] ? "to." : "from.");
  strbuf_puts(w->out, n->name);
}

// count(mid), sum(gather.amount), first(gather), span
static void print_aggregate(words *w, const gir_node *n)
{
  strbuf_puts(w->out, n->op == GIR_COUNT_ROLE ? "count" : gir_ops[n->op].name);
  if (n->op == GIR_SPAN) return;
  const gir_node *of = n->args[0];
  strbuf_printf(w->out, "(%s", of->type == TY_ROLE ? gir_role_name(of) : of->name);
  if (n->name) strbuf_printf(w->out, ".%s", n->name);
  strbuf_putc(w->out, ')');
}

static void print_one_of(words *w, const gir_node *n)
{
  print_expr(w, n->args[0], BIND_ADD);
  strbuf_puts(w->out, infixes[n->op].text);
  for (uint32_t k = 1; k < n->n_args; k++) {
    if (k > 1) strbuf_puts(w->out, ", ");
    print_expr(w, n->args[k], BIND_ADD);
  }
  strbuf_putc(w->out, '}');
}

static void print_infix(words *w, const gir_node *n)
{
  const infix *in = &infixes[n->op];
  if (n->op == GIR_ONE_OF) {
    print_one_of(w, n);
  } else if (n->op == GIR_NOT || n->op == GIR_NEG) {
    strbuf_puts(w->out, in->text);
    print_expr(w, n->args[0], in->bind + 1);
  } else if (n->op == GIR_BEFORE || n->op == GIR_NOT_AFTER) {
    strbuf_printf(w->out, "%s%s%s", side_name(w, n->imm[0]), in->text, side_name(w, n->imm[1]));
  } else {
    // Comparisons do not chain; the other operators lean to the left.
    print_expr(w, n->args[0], in->bind + (in->bind == BIND_COMPARE));
    strbuf_puts(w->out, in->text);
    if (n->op == GIR_IN_RANGE)
      gir_range_print(w->out, &n->range);
    else
      print_expr(w, n->args[1], in->bind + 1);
  }
}

static void print_expr(words *w, const gir_node *n, int bind)
{
  if (n->op >= GIR_COUNT_ROLE && n->op <= GIR_SPAN) {
    print_aggregate(w, n);
  } else if (n->op == GIR_GAP) {
    strbuf_printf(w->out, "gap(%s, %s)", side_name(w, n->imm[0]), side_name(w, n->imm[1]));
  } else if (!infixes[n->op].text) {
    print_leaf(w, n);
  } else {
    bool parens = infixes[n->op].bind < bind;
    if (parens) strbuf_putc(w->out, '(');
    print_infix(w, n);
    if (parens) strbuf_putc(w->out, ')');
  }
}

void gir_expr_print(strbuf *out, const gir_node *n, const char *const sides[2])
{
  words w = {.out = out, .sides = sides};
  print_expr(&w, n, BIND_OR);
}

// ---- sets and stages -------------------------------------------------------------------------------

const char *gir_role_name(const gir_node *role)
{
  return role->op == GIR_ANYONE ? "any" : role->name;
}

static void print_where(strbuf *out, const gir_node *stage)
{
  const gir_node *filter = gir_stage_filter(stage);
  if (!filter) return;
  strbuf_puts(out, " where ");
  gir_expr_print(out, filter, NULL);
}

// out(a), in(G, at least 2 where ...) as s; seen from the group whose set it is.
static void print_term(strbuf *out, const gir_node *has, const gir_node *group)
{
  const gir_node *term = has->args[0];
  bool paid = gir_stage_to(term) == group;
  const gir_node *partner = paid ? gir_stage_from(term) : gir_stage_to(term);
  strbuf_printf(out, "%s(%s", paid ? "out" : "in", gir_role_name(partner));
  if (has->op == GIR_HAS && has->imm[0] > 1)
    strbuf_printf(out, ", at least %lld", (long long)has->imm[0]);
  if (has->op == GIR_HAS_SHARE) {
    rational percent;
    if (rational_cmp(has->value.v, rational_int(1)) == 0) {
      strbuf_puts(out, ", all");
    } else if (rational_mul(&percent, has->value.v, rational_int(100))) {
      strbuf_puts(out, ", at least ");
      rational_print(out, percent);
      strbuf_putc(out, '%');
    }
  }
  print_where(out, term);
  strbuf_putc(out, ')');
  // A name with a dot was made by the compiler: SET.2.
  if (term->op == GIR_TERM && !strchr(term->name, '.')) strbuf_printf(out, " as %s", term->name);
}

static bool is_set_operator(gir_op op)
{
  return op == GIR_INTERSECT || op == GIR_UNION || op == GIR_MINUS;
}

static void print_operand(strbuf *out, const gir_node *set, const gir_node *group, bool bare)
{
  bool parens = is_set_operator(set->op) && !bare;
  if (parens) strbuf_putc(out, '(');
  gir_set_print(out, set, group);
  if (parens) strbuf_putc(out, ')');
}

void gir_set_print(strbuf *out, const gir_node *set, const gir_node *group)
{
  if (set->op == GIR_IN_ROLE) {
    strbuf_puts(out, gir_role_name(set->args[0]));
    return;
  }
  if (!is_set_operator(set->op)) {
    print_term(out, set, group);
    return;
  }
  print_operand(out, set->args[0], group, set->args[0]->op == set->op);
  strbuf_puts(out, set->op == GIR_INTERSECT ? " & " : set->op == GIR_UNION ? " | " : " - ");
  print_operand(out, set->args[1], group, false);
}

static void print_stage(strbuf *out, const gir_node *n)
{
  strbuf_printf(out, "stage %s: %s -> ", n->name, gir_role_name(gir_stage_from(n)));
  if (n->op == GIR_WALK) strbuf_printf(out, "%s -> ", gir_role_name(n->args[1]));
  strbuf_puts(out, gir_role_name(gir_stage_to(n)));
  if (n->op == GIR_LAYER)
    strbuf_printf(out, " support %lld.., %lld..", (long long)n->imm[1], (long long)n->imm[2]);
  print_where(out, n);
  if (n->op != GIR_TERM && n->imm[0] > 0) {
    strbuf_puts(out, " within ");
    gir_duration_print(out, rational_int(n->imm[0]));
  }
}

const char *gir_constraint_text(const gir_pattern *p, const gir_node *n)
{
  if (n->text) return n->text;
  strbuf out;
  strbuf_init(&out, arena_cx(p->mem));
  if (n->op == GIR_GROUP || n->op == GIR_CHAIN) {
    strbuf_printf(&out, "%s%c", n->name, n->op == GIR_GROUP ? '[' : '{');
    gir_range_print(&out, &n->range);
    strbuf_putc(&out, n->op == GIR_GROUP ? ']' : '}');
  } else {
    print_stage(&out, n);
  }
  const char *text = arena_text(p->mem, strbuf_text(&out), out.n);
  strbuf_release(&out);
  return text;
}
