// What comes out: features, and profiles.
#include "frontend/sema_inside.h"

#include <string.h>

// ---- features -------------------------------------------------------------------------------------

static bool feature_name(sema_pattern *p, const ast_stmt *s)
{
  cx *c = p->env.c;

  if (!s->name.text) return false;
  if (strcmp(s->name.text, "count") == 0 || strcmp(s->name.text, "degree") == 0) {
    diag_error(c, DIAG_RESERVED_NAME, s->name.span, "every pattern has a column `%s`",
               s->name.text);
    diag_help(c, "take another name");
    return false;
  }
  for (uint32_t i = 0; i < p->out->features.n; i++) {
    if (p->out->features.at[i]->name != s->name.text) continue;
    diag_error(c, DIAG_DUPLICATE_NAME, s->name.span, "there is already a feature `%s`",
               s->name.text);
    diag_note(c, p->out->features.at[i]->span, "it stands here");
    diag_help(c, "take another name");
    return false;
  }
  return true;
}

// A value for each match. Times have no sum, and no bins.
static gir_node *feature_value(sema_pattern *p, const ast_expr *x, bool any_unit)
{
  sema_scope s = {.kind = IN_OUTPUT};
  sema_x v = lower_value(p, &p->env, &s, x);

  if (v.type == TY_NONE) return NULL;
  if (v.is_const) {
    diag_error(p->env.c, DIAG_FEATURE, x->span, "this is the same for every match");
    diag_help(p->env.c, "write a value of the match, such as `count(ROLE)` or `sum(STAGE.amount)`");
    return NULL;
  }
  if (any_unit || v.type == TY_NUMBER || v.type == TY_MONEY || v.type == TY_DURATION)
    return lower_node(p, &v);
  diag_error(p->env.c, DIAG_UNIT_MISMATCH, x->span, "this is %s", sema_unit_words(v.type));
  diag_help(p->env.c, "write a number, an amount or a duration");
  return NULL;
}

static bool bins(sema_pattern *p, const ast_expr *x, int64_t *lo, int64_t *hi)
{
  cx *c = p->env.c;
  gir_range g;

  if (!x || !sema_size_range(&p->env, x, "a bin", &g)) return false;
  if (g.has != (GIR_HAS_B | GIR_HAS_C)) {
    diag_error(c, DIAG_FEATURE, x->span, "bins run from one whole number to another");
    diag_help(c, "write both ends, as in `bins 2..30`; the last bin is open");
    return false;
  }
  *lo = (int64_t)g.b.num;
  *hi = (int64_t)g.c.num;
  if (*hi - *lo < GIR_MAX_BINS) return true;
  diag_error(c, DIAG_FEATURE, x->span, "these are more than %d bins", GIR_MAX_BINS);
  diag_help(c, "the last bin is open: fewer will do");
  return false;
}

static void histogram(sema_pattern *p, const ast_stmt *s)
{
  int64_t lo = 0, hi = 0;
  sema_scope scope = {.kind = IN_OUTPUT};
  sema_x v = lower_value(p, &p->env, &scope, s->value);
  bool ok = bins(p, s->range, &lo, &hi);

  if (v.type == TY_NONE || !ok) return;
  if (v.type != TY_NUMBER || v.is_const) {
    diag_error(p->env.c, v.is_const ? DIAG_FEATURE : DIAG_UNIT_MISMATCH, s->value->span,
               v.is_const ? "this is the same for every match" : "bins are of a plain number");
    diag_help(p->env.c, "write `count by count(ROLE) bins 2..30`");
    return;
  }
  gir_node *arg = lower_node(p, &v);
  gir_node *n = gir_make(p->out, GIR_FEATURE, s->span, &arg, 1);
  n->name = s->name.text;
  n->imm[0] = GIR_FEATURE_HISTOGRAM;
  n->imm[1] = lo;
  n->imm[2] = hi;
  gir_add(p->out, n);
}

static int aggregate_of(const ast_expr *x)
{
  static const char *const words[] = {"count", "sum", "min", "max", "mean"}; // as gir_feature_kind

  if (x->kind != AST_CALL || x->args.n != 1) return -1;
  for (int i = 0; i < 5; i++)
    if (strcmp(x->text, words[i]) == 0) return i;
  return -1;
}

static void help_feature(sema_pattern *p, const ast_stmt *s, const ast_expr *arg)
{
  cx *c = p->env.c;
  const sema_symbol *sym = arg && arg->kind == AST_NAME ? sema_find(&p->env, arg->text) : NULL;

  if (sym && (sym->kind == SYM_ROLE || sym->kind == SYM_STAGE))
    diag_help(c, "write `feature %s = max(count(%s));`, or `count by count(%s) bins 2..30`",
              s->name.text, arg->text, arg->text);
  else if (arg && arg->kind == AST_DOT && arg->a && arg->a->kind == AST_NAME)
    diag_help(c,
              "write `feature %s = max(sum(%s.%s));`: the inner one is of a match, the outer one "
              "of all matches of a transfer",
              s->name.text, arg->a->text, arg->text);
  else
    diag_help(c,
              "write `feature %s = max(VALUE);` or `count by VALUE bins 2..30`, with VALUE such as "
              "`count(ROLE)`",
              s->name.text);
}

void lower_feature(sema_pattern *p, const ast_stmt *s)
{
  if (!feature_name(p, s) || !s->value || s->value->kind == AST_ERROR) return;
  if (s->histogram) {
    histogram(p, s);
    return;
  }
  int kind = aggregate_of(s->value);
  const ast_expr *arg = kind >= 0 ? s->value->args.at[0] : NULL;
  const sema_symbol *sym = arg && arg->kind == AST_NAME ? sema_find(&p->env, arg->text) : NULL;
  bool plain = sym && (sym->kind == SYM_ROLE || sym->kind == SYM_STAGE);
  if (kind < 0 || !arg || plain || arg->kind == AST_DOT) {
    diag_error(
        p->env.c, DIAG_FEATURE, s->value->span,
        "a feature is an aggregate, over the matches of a transfer, of a value of the match");
    help_feature(p, s, arg ? arg : s->value);
    return;
  }
  gir_node *value = feature_value(
      p, arg, kind == GIR_FEATURE_COUNT || kind == GIR_FEATURE_MIN || kind == GIR_FEATURE_MAX);
  if (!value) return;
  gir_node *n = gir_make(p->out, GIR_FEATURE, s->span, &value, 1);
  n->name = s->name.text;
  n->imm[0] = kind;
  gir_add(p->out, n);
}

// ---- profiles -------------------------------------------------------------------------------------

static void word_list(cx *c, const ast_stmt *s, const char *const words[2], bool *out[2])
{
  sema_words w = {words, 2};

  for (uint32_t i = 0; i < s->names.n; i++) {
    const ast_name *n = &s->names.at[i];
    uint32_t k = n->text ? sema_word_index(&w, n->text) : 0;
    if (k == 2) {
      diag_error(c, DIAG_UNKNOWN_WORD, n->span, "`%s` is neither `%s` nor `%s`", n->text, words[0],
                 words[1]);
      sema_help_words(c, n->text, &w);
    } else if (n->text && *out[k]) {
      diag_error(c, DIAG_DUPLICATE_NAME, n->span, "`%s` is said twice", n->text);
      diag_help(c, "leave one out");
    } else {
      *out[k] = true;
    }
  }
}

static const struct {
  gir_stat_kind kind;
  bool column;
  const char *help;
} stats[] = {
#define SEMA_STAT(name, kind, column, help) {GIR_STAT_##kind, column, help},
#include "frontend/builtins.def"
};

static void add_stat(sema_state *st, gir_profile *g, const ast_expr *x)
{
  cx *c = st->c;

  if (!x || (x->kind != AST_NAME && x->kind != AST_CALL)) return;
  uint32_t k = sema_word_index(&sema_stat_words, x->text);
  if (k == sema_stat_words.n) {
    diag_error(c, DIAG_UNKNOWN_WORD, x->kind == AST_CALL ? x->op_span : x->span,
               "`%s` is no statistic of a profile", x->text);
    sema_help_words(c, x->text, &sema_stat_words);
    return;
  }
  const ast_expr *arg = x->kind == AST_CALL && x->args.n == 1 ? x->args.at[0] : NULL;
  if (stats[k].column ? !arg || arg->kind != AST_NAME : x->kind == AST_CALL) {
    diag_error(c, DIAG_PROFILE, x->span,
               stats[k].column ? "`%s` of which column?" : "`%s` takes no column", x->text);
    diag_help(c, "write `%s`", stats[k].column ? stats[k].help : x->text);
    return;
  }
  gir_stat s = {stats[k].kind, arg ? arg->text : NULL};
  for (uint32_t i = 0; i < g->stats.n; i++)
    if (g->stats.at[i].kind == s.kind && g->stats.at[i].column == s.column) {
      diag_error(c, DIAG_DUPLICATE_NAME, x->span, "this statistic stands there twice");
      diag_help(c, "leave one out");
      return;
    }
  static const char *const not_numbers[] = {
      "currency", "currency_received", "format", "time", "from", "to"};
  sema_words w = {not_numbers, sizeof not_numbers / sizeof *not_numbers};
  if (arg && sema_word_index(&w, arg->text) < w.n) {
    diag_error(c, DIAG_UNIT_MISMATCH, arg->span, "`%s` is no number", arg->text);
    diag_help(c, "write `%s`", stats[k].help);
    return;
  }
  VEC_PUSH(st->mem, &g->stats, s);
}

static void profile_body(sema_state *st, gir_profile *g, const ast_stmt *s)
{
  static const char *const for_words[2] = {"from", "to"}, *const over_words[2] = {"out", "in"};
  bool *ends[2] = {&g->for_from, &g->for_to}, *directions[2] = {&g->over_out, &g->over_in};

  for (uint32_t i = 0; i < s->body.n && !diag_stop(st->c); i++) {
    const ast_stmt *b = s->body.at[i];
    if (!b) continue;
    if (b->kind == AST_FOR) word_list(st->c, b, for_words, ends);
    if (b->kind == AST_OVER) word_list(st->c, b, over_words, directions);
    if (b->kind == AST_STAT) add_stat(st, g, b->value);
  }
}

static bool says(const ast_stmt *s, ast_stmt_kind kind)
{
  for (uint32_t i = 0; i < s->body.n; i++)
    if (s->body.at[i] && s->body.at[i]->kind == kind) return true;
  return false;
}

void lower_profile(sema_state *st, sema_unit *u, gir_module *m, const ast_stmt *s)
{
  sema_env e = {.c = st->c, .mem = st->mem, .state = st, .unit = u, .any_currency = true};
  gir_profile *g = arena_make(m->mem, gir_profile);
  cx *c = st->c;

  if (!s->name.text) return;
  *g = (gir_profile){.name = s->name.text, .span = s->span};
  if (s->value) (void)sema_seconds(&e, s->value, "the window of a profile", &g->within);
  profile_body(st, g, s);
  if (u->broken) return;
  if (!says(s, AST_FOR) || !says(s, AST_OVER)) {
    bool over = says(s, AST_FOR);
    diag_error(c, DIAG_PROFILE, s->name.span,
               over ? "profile `%s` does not say which transfers it looks at"
                    : "profile `%s` does not say whose it is",
               g->name);
    diag_help(c, over ? "write `over out, in;`: what the account sent, what it got"
                      : "write `for from, to;`: both accounts of a transfer");
  } else if (!says(s, AST_STAT)) {
    diag_error(c, DIAG_PROFILE, s->name.span, "profile `%s` has no statistics", g->name);
    diag_help(c, "write some, as in `fan; transfers; sum(amount);`");
  }
  VEC_PUSH(m->mem, &m->profiles, g);
}
