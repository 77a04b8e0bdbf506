// Constants and parameters: their values, declared ranges, and what is given from outside.
#include "frontend/sema_inside.h"

#include <string.h>

static const char *const type_help[N_PARAM_TYPES] = {
#define SEMA_TYPE(id, name, type, help) help,
#include "frontend/builtins.def"
};
static const gir_type type_unit[N_PARAM_TYPES] = {
#define SEMA_TYPE(id, name, type, help) TY_##type,
#include "frontend/builtins.def"
};

// ---- constant expressions -----------------------------------------------------------------------

sema_value sema_const(sema_env *e, const ast_expr *x)
{
  static const sema_scope scope = {.kind = IN_CONST};

  if (!x) return sema_wrong();
  if (x->kind == AST_RANGE) return sema_range(e, x);
  sema_x v = lower_value(NULL, e, &scope, x);
  if (v.type == TY_NONE) return sema_wrong();
  AML_BUG_UNLESS(v.is_const);
  return v.v;
}

bool sema_whole(sema_env *e, const ast_expr *x, int64_t lo, int64_t hi, const char *what,
                int64_t *out)
{
  sema_value v = sema_const(e, x);

  if (!sema_coerce(e, &v, TY_NUMBER, x ? x->span : (span){0}, what)) return false;
  if (!rational_is_int(v.v)) {
    diag_error(e->c, DIAG_NOT_WHOLE, x->span, "%s is a whole number", what);
    diag_help(e->c, "write a whole number");
    return false;
  }
  if (rational_cmp(v.v, rational_int(lo)) < 0 || rational_cmp(v.v, rational_int(hi)) > 0) {
    diag_error(e->c, DIAG_BAD_VALUE, x->span, "%s lies between %lld and %lld", what, (long long)lo,
               (long long)hi);
    diag_help(e->c, "write a number between the two");
    return false;
  }
  *out = (int64_t)v.v.num;
  return true;
}

static const int64_t century_s = (int64_t)100 * 36525 * 864; // 100 years of 365.25 days

bool sema_seconds(sema_env *e, const ast_expr *x, const char *what, int64_t *out)
{
  sema_value v = sema_const(e, x);

  if (!sema_coerce(e, &v, TY_DURATION, x ? x->span : (span){0}, what)) return false;
  if (rational_cmp(v.v, rational_int(0)) <= 0) {
    diag_error(e->c, DIAG_BAD_VALUE, x->span, "%s is longer than nothing", what);
    diag_help(e->c, "write a duration above 0, as in `96h`");
    return false;
  }
  if (rational_cmp(v.v, rational_int(century_s)) > 0) {
    diag_error(e->c, DIAG_BAD_VALUE, x->span, "%s is at most 100 years", what);
    diag_help(e->c, "write 36525d or less");
    return false;
  }
  if (!rational_is_int(v.v)) {
    diag_error(e->c, DIAG_NOT_WHOLE, x->span, "%s is a whole number of seconds", what);
    diag_help(e->c, "write a whole number");
    return false;
  }
  *out = (int64_t)v.v.num;
  return true;
}

// ---- parameters ---------------------------------------------------------------------------------

static bool fits_type(sema_env *e, sema_value *v, sema_param_type type, span where)
{
  rational zero = rational_int(0);

  if (v->type == TY_NONE) return false;
  if (type == PARAM_RANGE) {
    if (v->is_range) return true;
    diag_error(e->c, DIAG_UNIT_MISMATCH, where,
               "a parameter of type `range` has a range as its value");
    diag_help(e->c, "write `3..` or `0.8~0.9..1.1`, or give the parameter another type");
    return false;
  }
  if (v->is_range) {
    diag_error(e->c, DIAG_UNIT_MISMATCH, where,
               "a parameter of type `%s` has one value, and this is a range",
               sema_type_words.at[type]);
    diag_help(e->c, "write %s, or give it the type `range`", type_help[type]);
    return false;
  }
  const char *what = arena_printf(e->mem, "a parameter of type `%s`", sema_type_words.at[type]);
  if (!sema_coerce(e, v, type_unit[type], where, what)) return false;
  if (type == PARAM_COUNT && (!rational_is_int(v->v) || rational_cmp(v->v, zero) < 0)) {
    diag_error(e->c, DIAG_NOT_WHOLE, where, "a count is a whole number, 0 or more");
    diag_help(e->c, "write a whole number, or give the parameter the type `number`");
    return false;
  }
  if (type == PARAM_SHARE && rational_cmp(v->v, zero) < 0) {
    diag_error(e->c, DIAG_BAD_VALUE, where, "a share is 0 or more");
    diag_help(e->c, "write it as in `60%%`");
    return false;
  }
  return true;
}

// The declared range, of the parameter's own unit and with hard ends. False: none, or wrong.
static bool declared_range(sema_env *e, const ast_stmt *s, sema_param_type type,
                           const sema_value *v, gir_range *out)
{
  if (!s->range) return false;
  if (type == PARAM_TEXT) {
    diag_error(e->c, DIAG_UNIT_MISMATCH, s->range->span, "a text has no range");
    diag_help(e->c, "leave `in ...` out");
    return false;
  }
  sema_value r = sema_range(e, s->range);
  if (r.type == TY_NONE) return false;
  if (r.range.has & (GIR_HAS_A | GIR_HAS_D)) {
    diag_error(e->c, DIAG_UNIT_MISMATCH, s->range->span, "what a parameter may be is a hard range");
    diag_help(e->c, "write it without `~`");
    return false;
  }
  gir_type want = type == PARAM_RANGE ? v->type : type_unit[type];
  if (!sema_range_coerce(e, &r, want == TY_ANY ? r.type : want, s->range->span)) return false;
  if (r.type == TY_MONEY && r.range.currency != (v->is_range ? v->range.currency : v->text)) {
    diag_error(e->c, DIAG_CURRENCY_MISMATCH, s->range->span,
               "the value and its range are of two currencies");
    diag_help(e->c, "write both in one currency");
    return false;
  }
  *out = r.range;
  return true;
}

static void check_inside(sema_env *e, const ast_stmt *s, const sema_value *v, span where,
                         bool is_default, const gir_range *r)
{
  gir_range one = {.has = GIR_HAS_B, .b = v->v};

  if (sema_range_within(v->is_range ? &v->range : &one, r)) return;
  diag_error(e->c, is_default ? DIAG_DEFAULT_OUTSIDE : DIAG_VALUE_OUTSIDE, where,
             "%s %s of `%s` lies outside its range", is_default ? "the default" : "the value",
             sema_value_text(e->mem, e->c, v), s->name.text);
  diag_note(e->c, s->range->span, "its range stands here");
  diag_help(e->c, is_default ? "change the default, or widen the range"
                             : "give a value inside the range");
}

static bool is_for(const sema_override *o, const sema_env *e, const char *name)
{
  if (!e->pattern || strcmp(o->name, name) != 0) return false;
  return !o->pattern || !*o->pattern || strcmp(o->pattern, e->pattern) == 0;
}

// The value given from outside; NULL: none.
static const sema_override *find_override(const sema_env *e, const char *name)
{
  const sema_override *found = NULL;

  for (uint32_t i = 0; i < e->n_overrides; i++)
    if (is_for(&e->overrides[i], e, name)) found = &e->overrides[i]; // the last one wins
  return found;
}

static const ast_expr *override_expr(sema_env *e, const sema_override *o)
{
  if (o->expr) return o->expr;
  const char *name = o->pattern && *o->pattern
                         ? arena_printf(e->mem, "--param %s.%s", o->pattern, o->name)
                         : arena_printf(e->mem, "--param %s", o->name);
  uint32_t file = source_add(e->c, name, o->value, strlen(o->value));
  if (file == UINT32_MAX) return NULL;
  return parse_expr(e->mem, e->c, file, 0, (uint32_t)strlen(o->value));
}

// A value from outside is worked out where the file's constants are in reach, nothing of the pattern.
static sema_value override_value(sema_env *e, const ast_expr *x)
{
  sema_env outside = *e;

  if (!x) return sema_wrong();
  outside.names = NULL;
  return sema_const(&outside, x);
}

static sema_value param_value(sema_env *e, const ast_stmt *s)
{
  uint32_t type = s->type.text ? sema_word_index(&sema_type_words, s->type.text) : N_PARAM_TYPES;
  gir_range range;

  if (type == N_PARAM_TYPES) {
    if (!s->type.text) return sema_wrong();
    diag_error(e->c, DIAG_UNKNOWN_TYPE, s->type.span, "`%s` is no type of a parameter",
               s->type.text);
    sema_help_words(e->c, s->type.text, &sema_type_words);
    return sema_wrong();
  }
  const sema_override *o = find_override(e, s->name.text);
  const ast_expr *given = o ? override_expr(e, o) : NULL;
  sema_value v = o ? override_value(e, given) : sema_const(e, s->value);
  if (v.type == TY_NONE) return v;
  if (!fits_type(e, &v, (sema_param_type)type, o ? given->span : s->value->span))
    return sema_wrong();
  if (declared_range(e, s, (sema_param_type)type, &v, &range))
    check_inside(e, s, &v, o ? given->span : s->value->span, !o, &range);
  v.from_param = true;
  if (type == PARAM_SHARE) v.is_share = true;
  return v;
}

void sema_eval_symbol(sema_env *e, sema_symbol *s)
{
  if (s->state == SYM_DONE) return;
  if (s->state == SYM_BUSY) {
    diag_error(e->c, DIAG_CONST_CYCLE, s->where, "`%s` is worked out from itself", s->name);
    diag_help(e->c, "write its value");
    s->value = sema_wrong();
    s->state = SYM_DONE;
    return;
  }
  if (e->depth >= cx_get_limits(e->c)->max_depth) {
    diag_error(e->c, DIAG_LIMIT, s->where,
               "constants are worked out from each other more than %u deep", e->depth);
    diag_help(e->c, "write the value of one of them");
    s->state = SYM_DONE;
    s->value = sema_wrong();
    return;
  }
  s->state = SYM_BUSY;
  e->depth++;
  sema_value v = s->kind == SYM_PARAM ? param_value(e, s->stmt) : sema_const(e, s->stmt->value);
  e->depth--;
  if (s->state == SYM_BUSY) s->value = v;
  s->state = SYM_DONE;
}

// ---- overrides as a whole -----------------------------------------------------------------------

static bool has_param(sema_state *st, const char *pattern, const char *name)
{
  sema_unit *u;
  const ast_stmt *p = sema_find_pattern(st, pattern, &u);

  for (uint32_t i = 0; p && i < p->body.n; i++) {
    const ast_stmt *s = p->body.at[i];
    if (s && s->kind == AST_PARAM && s->name.text && strcmp(s->name.text, name) == 0) return true;
  }
  const sema_symbol *s = p ? map_get(u->visible, cx_intern_z(st->c, name)) : NULL;
  return s && s->kind == SYM_PARAM;
}

static void param_names(sema_names *out, sema_state *st, const char *pattern)
{
  sema_unit *u;
  const ast_stmt *p = sema_find_pattern(st, pattern, &u);

  for (uint32_t i = 0; p && i < p->body.n; i++) {
    const ast_stmt *s = p->body.at[i];
    if (s && s->kind == AST_PARAM && s->name.text) VEC_PUSH(st->mem, out, s->name.text);
  }
  for (uint32_t i = 0; p && i < map_n(u->visible); i++) {
    const sema_symbol *s = map_value(u->visible, i);
    if (s->kind == SYM_PARAM) VEC_PUSH(st->mem, out, s->name);
  }
}

// Where a value from outside is spoken about: its place in a file, or its own text.
static span override_place(sema_state *st, const sema_override *o)
{
  if (o->where.file != UINT32_MAX) return o->where;
  const char *text =
      arena_printf(st->mem, "%s%s%s=%s", o->pattern ? o->pattern : "",
                   o->pattern && *o->pattern ? "." : "", o->name, o->value ? o->value : "");
  uint32_t file = source_add(st->c, "--param", text, strlen(text));
  uint32_t n = (uint32_t)(strlen(text) - strlen(o->value ? o->value : "") - 1);
  return file == UINT32_MAX ? (span){0} : (span){file, 0, n};
}

static void check_override(sema_state *st, const sema_override *o, const sema_names *patterns)
{
  sema_names names = {0};
  bool known = false, all = !o->pattern || !*o->pattern;

  for (uint32_t i = 0; i < patterns->n; i++)
    if (all || strcmp(patterns->at[i], o->pattern) == 0) {
      known = true;
      if (has_param(st, patterns->at[i], o->name)) return;
      param_names(&names, st, patterns->at[i]);
    }
  span where = override_place(st, o);
  if (!known) {
    diag_error(st->c, DIAG_UNKNOWN_PATTERN, where, "there is no pattern `%s`",
               all ? "" : o->pattern);
    if (!all) sema_suggest(st->c, o->pattern, patterns->at, patterns->n, "patterns");
    return;
  }
  if (all)
    diag_error(st->c, DIAG_UNKNOWN_PARAM, where, "no pattern has a parameter `%s`", o->name);
  else
    diag_error(st->c, DIAG_UNKNOWN_PARAM, where, "pattern `%s` has no parameter `%s`", o->pattern,
               o->name);
  sema_suggest(st->c, o->name, names.at, names.n, "parameters");
}

void sema_check_overrides(sema_state *st, const sema_override *o, uint32_t n)
{
  sema_names patterns = {0};

  sema_pattern_names(st, &patterns);
  for (uint32_t i = 0; i < n && !diag_stop(st->c); i++)
    check_override(st, &o[i], &patterns);
}
