// each, along, require: which kind of constraint it is, and its node.
//
// Under `each`, what names single transfers (orders, gaps, STAGE.field) makes a pair of two stages, what
// names many (sum, count, ...) an aggregate. Under `along` the two sides are this and next. Under
// `require` stands an aggregate of the match, or an order with its overlap.
#include "frontend/sema_inside.h"

#include <string.h>

// ---- the text of a constraint ---------------------------------------------------------------------

// Bytes of the piece at t that is kept whole (a text in quotes) or dropped (a comment); 0: neither.
static size_t piece(const char *t, const char *end, bool *keep)
{
  const char *at = t + 1;

  *keep = *t == '"';
  if (*t == '"') {
    while (at < end && *at != '"')
      at += *at == '\\' && at + 1 < end ? 2 : 1;
    return (size_t)(at < end ? at + 1 - t : end - t);
  }
  if (*t != '/' || at >= end || (*at != '/' && *at != '*')) return 0;
  bool block = *at == '*';
  while (at < end && (block ? !(at[-1] == '*' && *at == '/' && at > t + 2) : *at != '\n'))
    at++;
  return (size_t)(block && at < end ? at + 1 - t : at - t);
}

const char *lower_text(sema_pattern *p, span where)
{
  const source *src = source_get(p->env.c, where.file);
  const char *t = src->text + where.start, *end = src->text + where.end;
  bool blank = false, keep;
  strbuf out;

  while (end > t && (end[-1] == ';' || strchr(" \t\r\n", end[-1])))
    end--;
  strbuf_init(&out, p->env.c);
  while (t < end) {
    size_t n = piece(t, end, &keep);
    if ((n && !keep) || strchr(" \t\r\n", *t)) {
      blank = true;
      t += n ? n : 1;
      continue;
    }
    if (blank) strbuf_putc(&out, ' ');
    blank = false;
    n = n ? n : 1;
    strbuf_add(&out, t, n);
    t += n;
  }
  const char *text = arena_text(p->env.mem, strbuf_text(&out), strlen(strbuf_text(&out)));
  strbuf_release(&out);
  return text;
}

// ---- each -----------------------------------------------------------------------------------------

static bool touches(const sema_stage *g, const sema_role *r)
{
  return gir_stage_touches(g->node, r->node);
}

static void report_no_touch(sema_pattern *p, const sema_stage *g, const sema_role *r, span where)
{
  diag_error(p->env.c, DIAG_EACH_ROLE, where, "stage `%s` does not touch `%s`", g->name, r->name);
  diag_note(p->env.c, g->where, "`%s` is between other roles", g->name);
  diag_help(p->env.c, "name a stage of `%s`, or write `require` for the whole match", r->name);
}

// The stages of a pair, side 0 the one named first. False: wrong and reported, or one is not lowered.
static bool pair_sides(sema_pattern *p, sema_scope *s, const sema_uses *uses, const ast_expr *x)
{
  uint32_t n = 0;
  bool ok = true;

  for (uint32_t i = 0; i < uses->n; i++) {
    const sema_use *u = &uses->at[i];
    if (!u->of_pair) continue;
    sema_stage *g = sema_find_stage(p, u->name, true);
    if (!g || !g->node) {
      ok = false;
      continue;
    }
    if (g == s->side[0] || g == s->side[1]) continue;
    if (!touches(g, s->role)) {
      report_no_touch(p, g, s->role, u->name.span);
      ok = false;
      continue;
    }
    if (n < 2) s->side[n] = g;
    if (n == 2) {
      diag_error(p->env.c, DIAG_PAIR_STAGES, u->name.span,
                 "`%s` is the third stage here, and a pair has two", g->name);
      diag_help(p->env.c, "write one statement for each two stages");
      ok = false;
    }
    n++;
  }
  if (!ok || n == 2) return ok;
  if (x->kind == AST_BEFORE || x->kind == AST_NOT_AFTER || !s->side[0]) {
    s->side[1] = s->side[0]; // `A before A`: lower_cond.c says what is wrong with it
    return s->side[0] != NULL;
  }
  diag_error(p->env.c, DIAG_PAIR_STAGES, x->span, "this is about single transfers of `%s` alone",
             s->side[0]->name);
  diag_help(p->env.c, "put it into `where` of stage `%s`, or compare with another stage",
            s->side[0]->name);
  return false;
}

static void lower_pair(sema_pattern *p, const ast_stmt *st, const sema_role *r,
                       const sema_uses *uses)
{
  sema_scope s = {.kind = IN_PAIR, .role = r, .stmt = st};

  if (!pair_sides(p, &s, uses, st->value)) return;
  sema_x cond = lower_condition(p, &s, st->value);
  if (cond.type != TY_BOOL || s.side[0] == s.side[1]) return;
  gir_node *args[4] = {r->node, s.side[0]->node, s.side[1]->node, cond.node};
  gir_node *n = gir_make(p->out, GIR_PAIR, st->span, args, 4);
  n->text = lower_text(p, st->span);
  gir_add(p->out, n);
}

static bool reads_stage(const gir_node *n)
{
  for (uint32_t k = 0; k < n->n_args; k++)
    if (n->args[k] &&
        (n->args[k]->type == TY_STAGE || (n->args[k]->type != TY_ROLE && reads_stage(n->args[k]))))
      return true;
  return false;
}

static void report_no_stage(sema_pattern *p, const ast_stmt *st, const sema_role *r)
{
  diag_error(p->env.c, DIAG_EACH_ROLE, st->value->span, "this names no stage of `%s`", r->name);
  diag_help(p->env.c, "compare something of its transfers, such as `count(STAGE)`; write `require` "
                      "for what the whole match has");
}

static void lower_aggregate(sema_pattern *p, const ast_stmt *st, const sema_role *r)
{
  sema_scope s = {.kind = IN_EACH, .role = r, .stmt = st};
  sema_x cond = lower_condition(p, &s, st->value);

  if (cond.type != TY_BOOL) return;
  if (!reads_stage(cond.node)) {
    report_no_stage(p, st, r);
    return;
  }
  gir_node *args[2] = {r->node, cond.node};
  gir_node *n = gir_make(p->out, GIR_EACH, st->span, args, 2);
  n->text = lower_text(p, st->span);
  gir_add(p->out, n);
}

static sema_role *each_role(sema_pattern *p, const ast_stmt *st)
{
  cx *c = p->env.c;
  sema_symbol *s = st->name.text ? map_get(p->env.names, st->name.text) : NULL;

  if (s && s->kind == SYM_STAGE) {
    diag_error(c, DIAG_WRONG_KIND, st->name.span,
               "`%s` is a stage, and `each` goes through the accounts of a role", s->name);
    diag_note(c, s->where, "`%s` stands here", s->name);
    diag_help(c, "name a role; for the hops of a chain write `along %s:`", s->name);
    return NULL;
  }
  sema_role *r = sema_find_role(p, st->name);
  if (!r || r->shape != AST_ROLE_CHAIN) return r && r->node ? r : NULL;
  diag_error(c, DIAG_CHAIN_ROLE, st->name.span,
             "`%s` is a chain, and `each` is about groups and single accounts", r->name);
  diag_note(c, r->where, "its stage is here");
  diag_help(c, "write `along STAGE:` with `this` and `next` for its hops");
  return NULL;
}

static bool has_pair(const sema_uses *uses)
{
  for (uint32_t i = 0; i < uses->n; i++)
    if (uses->at[i].of_pair) return true;
  return false;
}

void lower_each(sema_pattern *p, const ast_stmt *st)
{
  cx *c = p->env.c;
  sema_role *r = each_role(p, st);
  sema_uses uses = {0};

  if (!st->value || st->value->kind == AST_ERROR) return;
  sema_uses_of(p->env.mem, &uses, st->value);
  for (uint32_t i = 0; !r && i < uses.n; i++) // its stages are still looked at
    if (uses.at[i].of_pair) (void)sema_find_stage(p, uses.at[i].name, true);
  if (!r) return;
  bool pair = has_pair(&uses), many = sema_has_aggregate(st->value);
  if (sema_has_overlap(st->value)) {
    diag_error(c, DIAG_OVERLAP_SCOPE, st->value->span,
               "`overlap` is about all pairs of the whole match");
    diag_help(c,
              "leave it out: under `each` every transfer needs one partner in order; or write "
              "`require` instead of `each %s:`",
              r->name);
  } else if (pair && many) {
    diag_error(c, DIAG_PAIR_MIX, st->value->span,
               "this mixes single transfers with aggregates of many");
    diag_help(c, "write two statements: one of single transfers (orders, gaps, STAGE.field), one "
                 "of aggregates");
  } else if (pair) {
    lower_pair(p, st, r, &uses);
  } else if (many) {
    lower_aggregate(p, st, r);
  } else {
    sema_scope s = {.kind = IN_EACH, .role = r, .stmt = st};
    if (lower_condition(p, &s, st->value).type == TY_BOOL) report_no_stage(p, st, r);
  }
}

// ---- along ----------------------------------------------------------------------------------------

static sema_stage *along_stage(sema_pattern *p, const ast_stmt *st)
{
  cx *c = p->env.c;
  sema_symbol *s = st->name.text ? map_get(p->env.names, st->name.text) : NULL;

  if (s && s->kind == SYM_ROLE && s->role->shape == AST_ROLE_CHAIN) {
    diag_error(c, DIAG_WRONG_KIND, st->name.span, "`%s` is the chain; `along` names its stage",
               s->name);
    diag_note(c, s->where, "its stage is here");
    diag_help(c, "write the name in front of the colon of that stage");
    return NULL;
  }
  sema_stage *g = sema_find_stage(p, st->name, true);
  if (!g || !g->node || g->node->op == GIR_WALK) return g && g->node ? g : NULL;
  diag_error(c, DIAG_ALONG_STAGE, st->name.span, "stage `%s` is no chain: it has no hops", g->name);
  diag_note(c, g->where, "it stands here");
  diag_help(c, "write `each ROLE:` to compare two stages at an account");
  return NULL;
}

static bool along_sides(sema_pattern *p, const ast_stmt *st, const sema_stage *g)
{
  sema_uses uses = {0};
  bool side[2] = {false, false};

  sema_uses_of(p->env.mem, &uses, st->value);
  for (uint32_t i = 0; i < uses.n; i++) {
    const char *name = uses.at[i].name.text;
    // A bare field, or another name: said where it stands.
    if (!uses.at[i].of_pair && sema_word_index(&sema_field_words, name) < sema_field_words.n)
      return true;
    if (!uses.at[i].of_pair) continue;
    if (strcmp(name, "this") == 0)
      side[0] = true;
    else if (strcmp(name, "next") == 0)
      side[1] = true;
    else
      return true;
  }
  if (side[0] && side[1]) return true;
  if (sema_has_aggregate(st->value) || sema_has_overlap(st->value))
    return true; // a sharper word follows
  diag_error(p->env.c, DIAG_ALONG_SIDES, st->value->span,
             side[0] || side[1] ? "this is about one hop alone" : "this compares no hops");
  if (side[0] || side[1])
    diag_help(p->env.c, "put it into `where` of stage `%s`: it then holds for every hop", g->name);
  else
    diag_help(p->env.c, "compare `this` with `next`, as in `this before next` or `next.amount / "
                        "this.amount in 0.9..1`");
  return false;
}

void lower_along(sema_pattern *p, const ast_stmt *st)
{
  sema_scope s = {.kind = IN_ALONG, .stmt = st};
  sema_stage *g = along_stage(p, st);

  if (!g || !st->value || st->value->kind == AST_ERROR || !along_sides(p, st, g)) return;
  sema_x cond = lower_condition(p, &s, st->value);
  if (cond.type != TY_BOOL) return;
  gir_node *args[2] = {g->node, cond.node};
  gir_node *n = gir_make(p->out, GIR_HOP_PAIR, st->span, args, 2);
  n->text = lower_text(p, st->span);
  gir_add(p->out, n);
}

// ---- require --------------------------------------------------------------------------------------

static gir_node *overlap_side(sema_pattern *p, const ast_expr *x)
{
  if (!x || x->kind == AST_ERROR) return NULL;
  if (x->kind != AST_NAME) {
    diag_error(p->env.c, DIAG_WRONG_KIND, x->span, "an order is between two stages");
    diag_help(p->env.c, "write `require A before B overlap R`");
    return NULL;
  }
  sema_stage *g = sema_find_stage(p, (ast_name){x->text, x->span}, true);
  return g ? g->node : NULL;
}

static bool share_range(sema_pattern *p, const ast_expr *x, gir_range *out)
{
  cx *c = p->env.c;
  sema_value r = sema_range(&p->env, x);
  rational zero = rational_int(0), one = rational_int(1);

  if (r.type == TY_NONE) return false;
  if (!sema_range_coerce(&p->env, &r, TY_NUMBER, x->span)) {
    diag_help(c, "write a share, as in `..20%%`");
    return false;
  }
  *out = r.range;
  bool low = !(out->has & GIR_HAS_B) || rational_cmp(out->b, zero) <= 0;
  bool high = !(out->has & GIR_HAS_C) || rational_cmp(out->c, one) >= 0;
  bool never =
      (out->has & GIR_HAS_B) && rational_cmp(out->has & GIR_HAS_A ? out->a : out->b, one) > 0;
  never = never || ((out->has & GIR_HAS_C) &&
                    rational_cmp(out->has & GIR_HAS_D ? out->d : out->c, zero) < 0);
  if (never) {
    diag_error(c, DIAG_NEVER_TRUE, x->span, "a share lies between 0%% and 100%%");
    diag_help(c, "write the share that may be out of order, as in `..20%%`");
    return false;
  }
  if (!low || !high || (r.from_param && out->has)) return true;
  diag_error(c, DIAG_ALWAYS_TRUE, x->span, "every share lies in this range");
  diag_help(c, "write the share that may be out of order, as in `..20%%`");
  return false;
}

static void lower_overlap(sema_pattern *p, const ast_stmt *st, const ast_expr *x)
{
  const ast_expr *o = x->a;
  gir_range r;

  if (!o || o->kind == AST_ERROR) return;
  gir_node *args[2] = {overlap_side(p, o->a), overlap_side(p, o->b)};
  if (!share_range(p, x->b, &r) || !args[0] || !args[1]) return;
  if (args[0] == args[1]) {
    diag_error(p->env.c, DIAG_NEVER_TRUE, o->span, "no stage is before itself");
    diag_help(p->env.c, "name two stages");
    return;
  }
  gir_node *n = gir_make(p->out, GIR_OVERLAP, st->span, args, 2);
  n->range = r;
  n->text = lower_text(p, st->span);
  gir_add(p->out, n);
}

void lower_require(sema_pattern *p, const ast_stmt *st)
{
  sema_scope s = {.kind = IN_REQUIRE, .stmt = st};

  if (!st->value) return;
  if (st->value->kind == AST_OVERLAP) {
    lower_overlap(p, st, st->value);
    return;
  }
  sema_x cond = lower_condition(p, &s, st->value);
  if (cond.type != TY_BOOL) return;
  gir_node *n = gir_make(p->out, GIR_REQUIRE, st->span, &cond.node, 1);
  n->text = lower_text(p, st->span);
  gir_add(p->out, n);
}
