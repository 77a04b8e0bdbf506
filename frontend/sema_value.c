// Constants: their units, their text, and making one fit where another unit is wanted.
#include "frontend/sema_inside.h"

#include <string.h>

sema_value sema_wrong(void)
{
  return (sema_value){.type = TY_NONE};
}

sema_value sema_number(rational v)
{
  return (sema_value){.type = TY_NUMBER, .v = v};
}

const char *sema_unit_words(gir_type t)
{
  return gir_types[t].words;
}

const char *sema_value_text(arena *mem, cx *c, const sema_value *v)
{
  strbuf out;

  strbuf_init(&out, c);
  if (v->is_range) {
    gir_range_print(&out, &v->range);
  } else {
    gir_const k = {.type = v->type, .v = v->v, .text = v->text};
    gir_const_print(&out, &k);
  }
  const char *text = arena_text(mem, strbuf_text(&out), strlen(strbuf_text(&out)));
  strbuf_release(&out);
  return text;
}

// ---- currencies ---------------------------------------------------------------------------------

static const char *const currency_codes[] = {
#define CURRENCY(code, name) #code,
#include "frontend/currencies.def"
};
static const char *const currency_names[] = {
#define CURRENCY(code, name) name,
#include "frontend/currencies.def"
};
enum { N_CURRENCIES = sizeof currency_codes / sizeof *currency_codes };

static bool in_list(const char *const *list, const char *name)
{
  for (size_t i = 0; i < N_CURRENCIES; i++)
    if (*list[i] && strcmp(list[i], name) == 0) return true;
  return false;
}

bool sema_known_currency(const char *name)
{
  return in_list(currency_codes, name) || in_list(currency_names, name);
}

void sema_check_currency(sema_env *e, const char *code, span where)
{
  if (sema_known_currency(code)) return;
  const char *near = nearest_word(code, currency_codes, N_CURRENCIES);
  const char *name = nearest_word(code, currency_names, N_CURRENCIES);
  if (name && *name && strlen(code) > 3) near = name;
  diag_error(e->c, DIAG_UNKNOWN_CURRENCY, where, "`%s` is no currency that amlc knows", code);
  if (near)
    diag_help(e->c, "did you mean `%s`? An unknown one equals only itself, as text", near);
  else
    diag_help(e->c, "write the ISO 4217 code, such as USD; an unknown one equals only itself");
}

bool sema_money_literal(sema_env *e, sema_value *v, span where)
{
  sema_check_currency(e, v->text, where);
  if (e->any_currency || e->currency != GIR_CURRENCY_IGNORED) return true;
  diag_error(e->c, DIAG_CURRENCY_IGNORED, where, "%s is taken as a plain number here", v->text);
  diag_note(e->c, e->currency_at, "this pattern ignores currencies");
  diag_help(e->c, "leave `%s` out, or `ignoring currency`", v->text);
  v->text = NULL;
  return true;
}

// ---- fitting ------------------------------------------------------------------------------------

static void report_no_currency(sema_env *e, span where, const char *what)
{
  diag_error(e->c, DIAG_NO_CURRENCY, where, "%s is an amount, and this number names no currency",
             what);
  diag_help(e->c,
            "write the currency, as in `9_000 USD`, or say `ignoring currency;` in the pattern");
}

void sema_help_unit(cx *c, gir_type want)
{
  switch (want) {
  case TY_MONEY:
    diag_help(c, "write an amount, as in `9_000 USD`");
    return;
  case TY_DURATION:
    diag_help(c, "write a duration, as in `48h` or `30d`");
    return;
  case TY_NUMBER:
    diag_help(c, "write a plain number, as in `3` or `60%%`");
    return;
  case TY_TEXT:
    diag_help(c, "write a text in quotes");
    return;
  case TY_TIME:
    diag_help(c, "write a time, as in `2022-09-01 00:20`");
    return;
  case TY_NONE:
  case TY_ROLE:
  case TY_STAGE:
  case TY_SET:
  case TY_STMT:
  case TY_BOOL:
  case TY_ACCOUNT:
  case TY_ANY:
  case TY_N:
    return;
  }
}

bool sema_coerce(sema_env *e, sema_value *v, gir_type want, span where, const char *what)
{
  if (v->type == TY_NONE) return false;
  if (v->is_range) {
    diag_error(e->c, DIAG_UNIT_MISMATCH, where, "%s is one value, and this is a range", what);
    *v = sema_wrong();
    return false;
  }
  if (want == TY_MONEY && v->type == TY_NUMBER) {
    v->type = TY_MONEY;
    v->text = NULL;
  }
  if (want == TY_MONEY && v->type == TY_MONEY && !v->text && !e->any_currency &&
      e->currency != GIR_CURRENCY_IGNORED) {
    report_no_currency(e, where, what);
    *v = sema_wrong();
    return false;
  }
  if (want == TY_NUMBER && v->type == TY_MONEY && !v->text) v->type = TY_NUMBER;
  if (v->type == want) return true;
  diag_error(e->c, DIAG_UNIT_MISMATCH, where, "%s is %s, and this is %s", what,
             sema_unit_words(want), sema_unit_words(v->type));
  sema_help_unit(e->c, want);
  *v = sema_wrong();
  return false;
}
