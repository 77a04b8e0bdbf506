// One pattern, from its tree to graph IR; and all patterns of a run.
#include "frontend/sema_inside.h"

#include <string.h>

// ---- parameters and constants -----------------------------------------------------------------------

static void declare_values(sema_pattern *p)
{
  for (uint32_t i = 0; i < p->stmt->body.n; i++) {
    const ast_stmt *s = p->stmt->body.at[i];
    if (!s || (s->kind != AST_PARAM && s->kind != AST_CONST)) continue;
    sema_symbol *sym = sema_declare(&p->env, s->kind == AST_PARAM ? SYM_PARAM : SYM_CONST, s->name);
    if (!sym) continue;
    sym->stmt = s;
    if (s->kind == AST_PARAM) VEC_PUSH(p->env.mem, &p->params, sym);
  }
}

static void eval_values(sema_pattern *p)
{
  for (uint32_t i = 0; i < map_n(p->env.names) && !diag_stop(p->env.c); i++) {
    sema_symbol *s = map_value(p->env.names, i);
    if ((s->kind == SYM_PARAM || s->kind == SYM_CONST) && !s->of_file) sema_eval_symbol(&p->env, s);
  }
}

// ---- statements that stand once ---------------------------------------------------------------------

static bool first_of(sema_pattern *p, const ast_stmt **slot, const ast_stmt *s, const char *word)
{
  if (!*slot) {
    *slot = s;
    return true;
  }
  diag_error(p->env.c, DIAG_DUPLICATE_STATEMENT, s->span, "a pattern says `%s` once", word);
  diag_note(p->env.c, (*slot)->span, "it stands here first");
  diag_help(p->env.c, "leave one of the two out");
  return false;
}

static void currency_mode(sema_pattern *p, const ast_stmt *s)
{
  gir_currency mode = s->kind == AST_SAME_CURRENCY ? GIR_CURRENCY_SAME : GIR_CURRENCY_IGNORED;

  if (p->currency_stmt && p->currency_stmt->kind != s->kind) {
    diag_error(p->env.c, DIAG_CURRENCY_MODES, s->span,
               "a pattern says `same currency` or `ignoring currency`, not both");
    diag_note(p->env.c, p->currency_stmt->span, "the other stands here");
    diag_help(p->env.c, "leave one of the two out");
    return;
  }
  if (!first_of(p, &p->currency_stmt, s,
                mode == GIR_CURRENCY_SAME ? "same currency" : "ignoring currency"))
    return;
  p->env.currency = p->out->currency = mode;
  p->env.currency_at = s->span;
}

static void find_single(sema_pattern *p)
{
  for (uint32_t i = 0; i < p->stmt->body.n; i++) {
    const ast_stmt *s = p->stmt->body.at[i];
    if (!s) continue;
    if (s->kind == AST_WITHIN) (void)first_of(p, &p->within, s, "within");
    if (s->kind == AST_HUBS) (void)first_of(p, &p->hubs, s, "hubs");
    if (s->kind == AST_TRIGGER) (void)first_of(p, &p->trigger, s, "trigger");
    if (s->kind == AST_ALERT) (void)first_of(p, &p->alert, s, "alert");
    if (s->kind == AST_META) (void)first_of(p, &p->meta, s, "meta");
    if (s->kind == AST_SAME_CURRENCY || s->kind == AST_IGNORING_CURRENCY) currency_mode(p, s);
  }
}

static void lower_single(sema_pattern *p)
{
  cx *c = p->env.c;

  if (p->within) {
    (void)sema_seconds(&p->env, p->within->value, "the window of a match", &p->out->within);
  } else if (!p->env.unit->broken) {
    diag_error(c, DIAG_NO_WITHIN, p->stmt->name.span, "pattern `%s` has no `within`",
               p->stmt->name.text);
    diag_help(c, "say how long a match may take, as in `within 96h;`");
  }
  if (p->hubs)
    (void)sema_whole(&p->env, p->hubs->value, 1, INT32_MAX, "the limit of `hubs at most`",
                     &p->out->hubs);
  if (p->meta || !p->env.unit->broken) sema_meta_statement(p);
}

static void lower_trigger(sema_pattern *p)
{
  if (!p->trigger) return;
  sema_stage *g = sema_find_stage(p, p->trigger->name, true);
  if (g) p->out->trigger = g->node;
  if (!g || !g->node) p->bad_shape = true;
}

// ---- statements in the order of the text --------------------------------------------------------------

// Whether what a name stands for is lowered, or never will be.
static bool is_ready(sema_pattern *p, const char *name)
{
  const sema_symbol *s = name ? map_get(p->env.names, name) : NULL;

  if (s && s->kind == SYM_ROLE) return s->role->node != NULL;
  return !s || s->kind != SYM_STAGE || s->stage->node || s->stage->bad;
}

static bool all_ready(sema_pattern *p, const ast_stmt *s)
{
  sema_uses uses = {0};

  if (s->kind != AST_ABSENT && !is_ready(p, s->name.text)) return false;
  if (!is_ready(p, s->other.text) || !is_ready(p, s->from.name.text) ||
      !is_ready(p, s->to.name.text))
    return false;
  sema_uses_of(p->env.mem, &uses, s->value);
  sema_uses_of(p->env.mem, &uses, s->before);
  for (uint32_t i = 0; i < uses.n; i++)
    if (!is_ready(p, uses.at[i].name.text)) return false;
  return true;
}

static void lower_later(sema_pattern *p, const ast_stmt *s)
{
  if (s->kind == AST_EACH) lower_each(p, s);
  if (s->kind == AST_ALONG) lower_along(p, s);
  if (s->kind == AST_REQUIRE) lower_require(p, s);
  if (s->kind == AST_ABSENT) lower_absent(p, s);
  if (s->kind == AST_MAY_EQUAL) lower_may_equal(p, s);
}

static void lower_statement(sema_pattern *p, const ast_stmt *s)
{
  if (s->kind == AST_STAGE) {
    lower_stage(p, s);
  } else if (s->kind == AST_SET) {
    lower_set(p, s);
  } else if (s->kind == AST_EACH || s->kind == AST_ALONG || s->kind == AST_REQUIRE ||
             s->kind == AST_ABSENT || s->kind == AST_MAY_EQUAL) {
    // One that stands above the stages it names follows them: graph IR names nothing before it is there.
    if (all_ready(p, s))
      lower_later(p, s);
    else
      VEC_PUSH(p->env.mem, &p->later, s);
  }
}

// Those that waited and have all they name; `all`: whatever may be missing.
static void lower_waiting(sema_pattern *p, bool all)
{
  uint32_t kept = 0, n = p->later.n;

  for (uint32_t i = 0; i < n && !diag_stop(p->env.c); i++) {
    const ast_stmt *s = p->later.at[i];
    if (all || all_ready(p, s))
      lower_later(p, s);
    else
      p->later.at[kept++] = s;
  }
  p->later.n = kept;
}

static void lower_body(sema_pattern *p)
{
  cx *c = p->env.c;

  for (uint32_t i = 0; i < p->stmt->body.n && !diag_stop(c); i++) {
    const ast_stmt *s = p->stmt->body.at[i];
    if (!s) continue;
    lower_statement(p, s);
    if (s->kind == AST_STAGE || s->kind == AST_SET) lower_waiting(p, false);
  }
  lower_waiting(p, true);
  lower_trigger(p);
  if (p->alert) sema_alert(p, p->alert);
  for (uint32_t i = 0; i < p->stmt->body.n && !diag_stop(c); i++)
    if (p->stmt->body.at[i] && p->stmt->body.at[i]->kind == AST_FEATURE)
      lower_feature(p, p->stmt->body.at[i]);
}

// ---- the whole ----------------------------------------------------------------------------------------

static void check_whole(sema_pattern *p)
{
  bool broken = p->env.unit->broken;

  if (p->stages.n == 0) {
    if (broken || p->bad_shape) return;
    span end = p->stmt->span; // where the stages would stand: at the closing brace
    end.start = end.end - 1;
    diag_error(p->env.c, DIAG_NO_STAGE, end, "pattern `%s` has no stage", p->stmt->name.text);
    diag_help(p->env.c, "write one, as in `stage pay: payer[3..] -> hub;`");
    return;
  }
  bool wrong = sema_check_orders(p);
  if (broken || p->bad_shape) return;
  sema_check_anchors(p);
  if (p->bad_shape) return;
  gir_derive(p->out);
  if (!wrong) sema_check_trigger(p);
  sema_check_links(p);
}

static void mark_uses(sema_pattern *p, const ast_expr *x, const char *except)
{
  sema_uses uses = {0};

  sema_uses_of(p->env.mem, &uses, x);
  for (uint32_t i = 0; i < uses.n; i++) {
    if (uses.at[i].name.text == except) continue;
    sema_symbol *s = map_get(p->env.names, uses.at[i].name.text);
    if (s) s->used = true;
  }
}

static void mark_set(sema_pattern *p, const ast_set *x)
{
  if (!x) return;
  mark_uses(p, x->filter, NULL);
  mark_uses(p, x->at_least, NULL);
  mark_set(p, x->a);
  mark_set(p, x->b);
}

// Also what stands in statements that could not be lowered is used.
static void mark_all_uses(sema_pattern *p)
{
  for (uint32_t i = 0; i < p->stmt->body.n && cx_ok(p->env.c); i++) {
    const ast_stmt *s = p->stmt->body.at[i];
    if (!s) continue;
    const ast_expr *parts[] = {s->value,  s->range,  s->filter,      s->support_p,  s->support_q,
                               s->bounds, s->before, s->from.bounds, s->via.bounds, s->to.bounds};
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
      mark_uses(p, parts[k], s->kind == AST_PARAM ? s->name.text : NULL);
    mark_set(p, s->set);
  }
}

static void check_unused(sema_pattern *p)
{
  cx *c = p->env.c;

  mark_all_uses(p);
  for (uint32_t i = 0; i < map_n(p->env.names); i++) {
    sema_symbol *s = map_value(p->env.names, i);
    bool param = s->kind == SYM_PARAM;
    if (s->of_file && s->used && param) VEC_PUSH(p->env.mem, &p->env.state->used, s->stmt);
    if (s->used || s->of_file || !(param || s->kind == SYM_CONST) || p->env.unit->broken) continue;
    diag_error(c, param ? DIAG_UNUSED_PARAM : DIAG_UNUSED_CONST, s->where, "%s `%s` is never used",
               param ? "parameter" : "constant", s->name);
    diag_help(c, "use it, or leave it out");
  }
}

static void list_params(sema_pattern *p)
{
  for (uint32_t i = 0; i < map_n(p->env.names); i++) {
    sema_symbol *s = map_value(p->env.names, i);
    if (s->kind == SYM_PARAM && s->of_file && s->used) VEC_PUSH(p->env.mem, &p->params, s);
  }
  for (uint32_t i = 0; i < p->params.n && cx_ok(p->env.c); i++) {
    const sema_symbol *s = p->params.at[i];
    if (s->state != SYM_DONE || s->value.type == TY_NONE) continue;
    gir_param g = {s->name, s->stmt->type.text, sema_value_text(p->env.mem, p->env.c, &s->value),
                   s->stmt->reason.text ? s->stmt->reason.text : ""};
    VEC_PUSH(p->out->mem, &p->out->params, g);
  }
}

gir_pattern *sema_lower_pattern(sema_state *st, gir_module *m, const ast_stmt *stmt,
                                sema_unit *unit, const sema_override *o, uint32_t n)
{
  sema_pattern *p = arena_make(m->mem, sema_pattern);

  p->env = (sema_env){.c = st->c,
                      .mem = m->mem,
                      .state = st,
                      .unit = unit,
                      .pattern = stmt->name.text,
                      .overrides = o,
                      .n_overrides = n};
  p->env.names = map_new(m->mem);
  p->stmt = stmt;
  p->out = gir_pattern_new(m, stmt->name.text, stmt->span);
  if (stmt->doc) p->out->doc = stmt->doc;
  if (stmt->body.n > SEMA_MAX_STATEMENTS) {
    diag_error(st->c, DIAG_LIMIT, stmt->name.span, "a pattern has at most %d statements",
               SEMA_MAX_STATEMENTS);
    diag_help(st->c, "write several patterns");
    return p->out;
  }
  find_single(p);
  declare_values(p);
  eval_values(p);
  lower_single(p);
  sema_declare_roles(p);
  lower_body(p);
  check_whole(p);
  check_unused(p);
  list_params(p);
  return p->out;
}

// ---- a run ----------------------------------------------------------------------------------------------

static bool is_used(const sema_state *st, const sema_symbol *s)
{
  if (s->used) return true; // by a profile, or by another value of the file
  for (uint32_t i = 0; i < st->used.n; i++)
    if (st->used.at[i] == s->stmt) return true;
  return false;
}

// Parameters of a file that no pattern of the run uses. A file without patterns is there for others.
static void check_unused_of_files(sema_state *st)
{
  for (uint32_t k = 0; k < st->units.n; k++) {
    const sema_unit *u = st->units.at[k];
    bool runs = false;
    for (uint32_t i = 0; u->tree && i < u->tree->items.n; i++) {
      const ast_stmt *s = u->tree->items.at[i];
      runs = runs || (s && (s->kind == AST_PATTERN || s->kind == AST_PROFILE));
    }
    for (uint32_t i = 0; u->root && runs && !u->broken && i < map_n(u->own); i++) {
      const sema_symbol *s = map_value(u->own, i);
      if (s->kind != SYM_PARAM || is_used(st, s)) continue;
      diag_error(st->c, DIAG_UNUSED_PARAM, s->where, "no pattern uses parameter `%s`", s->name);
      diag_help(st->c, "use it, or leave it out");
    }
  }
}

static gir_module *finish(cx *c, gir_module *m)
{
  if (diag_n_errors(c) > 0 || !cx_ok(c)) return NULL;
  gir_verify_or_bug(m);
  return cx_ok(c) ? m : NULL;
}

static void lower_unit(sema_state *st, gir_module *m, sema_unit *u, const sema_override *o,
                       uint32_t n)
{
  for (uint32_t i = 0; u->tree && i < u->tree->items.n && !diag_stop(st->c); i++) {
    const ast_stmt *s = u->tree->items.at[i];
    if (!s || !s->name.text) continue;
    if (s->kind == AST_PATTERN) (void)sema_lower_pattern(st, m, s, u, o, n);
    if (s->kind == AST_PROFILE) lower_profile(st, u, m, s);
  }
}

gir_module *sema_lower(arena *mem, cx *c, sema_program *p, const sema_override *overrides,
                       uint32_t n_overrides)
{
  gir_module *m = gir_module_new(mem);
  sema_state *st = p->state;

  st->used.n = 0;
  sema_check_overrides(st, overrides, n_overrides);
  for (uint32_t i = 0; i < st->units.n && !diag_stop(c); i++)
    if (st->units.at[i]->root) lower_unit(st, m, st->units.at[i], overrides, n_overrides);
  check_unused_of_files(st);
  return finish(c, m);
}

gir_module *sema_lower_one(arena *mem, cx *c, sema_program *p, const char *pattern,
                           const sema_override *overrides, uint32_t n_overrides)
{
  gir_module *m = gir_module_new(mem);
  sema_unit *u;
  const ast_stmt *s = sema_find_pattern(p->state, pattern, &u);

  if (!s) {
    sema_override none = {.pattern = pattern, .name = "", .where = {.file = UINT32_MAX}};
    sema_check_overrides(p->state, &none, 1);
    return NULL;
  }
  (void)sema_lower_pattern(p->state, m, s, u, overrides, n_overrides);
  return finish(c, m);
}
