// The title of an alert: its template filled in, in one line.
#include "runtime/src/outfile.h"
#include "runtime/src/alloc.h"
#include "runtime/src/decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 5 }; // accounts of a group or chain, before "and N more"

// A text that grows; what does not fit for want of memory marks the writer.
typedef struct text {
  amlrt_out *o;
  char *at;
  size_t n, cap;
} text;

static void add(text *t, const char *at, size_t n)
{
  if (!amlrt__grow(amlrt__out_mem(t->o), &t->at, &t->cap, t->n + n + 1, 1)) {
    amlrt__out_fail(t->o, AMLRT_E_NOMEM, 0);
    return;
  }
  memcpy(t->at + t->n, at, n);
  t->n += n;
}

static void add_z(text *t, const char *at)
{
  add(t, at, strlen(at));
}

// ---- values ---------------------------------------------------------------------------------------

static amlrt_i128 div_floor(amlrt_i128 num, amlrt_i128 den)
{
  return num / den - (num % den < 0);
}

// To the nearest whole number, a half upwards.
static amlrt_i128 nearest(amlrt_frac v)
{
  amlrt_i128 whole = div_floor(v.num, v.den);
  amlrt_i128 rest = v.num - whole * v.den;

  return whole + (rest >= v.den - rest);
}

// As a decimal with at least two decimals: exact where the fraction is one of up to 18, else rounded
// to two.
static void add_decimal(text *t, amlrt_frac v)
{
  char out[64];
  amlrt_i128 mantissa;

  for (int d = 0; d <= AMLRT__MAX_DIGITS; d++) {
    // den divides num * 10^d; where the product does not fit, the rounding below serves.
    if (__builtin_mul_overflow(v.num, (amlrt_i128)amlrt__pow10[d], &mantissa)) break;
    if (mantissa % v.den != 0) continue;
    add(t, out, amlrt_decimal_print(out, mantissa / v.den, d, 2));
    return;
  }
  amlrt_frac cents = amlrt_frac_mul(v, amlrt_frac_int(100));
  add(t, out, amlrt_decimal_print(out, nearest(cents), 2, 2));
}

static void add_number(text *t, amlrt_frac v)
{
  char out[32];

  add(t, out, amlrt_double_print(out, amlrt_frac_double(v)));
}

static void add_duration(text *t, amlrt_frac v)
{
  static const struct {
    int64_t seconds;
    const char *unit;
  } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  amlrt_i128 left = nearest(v);
  const char *between = "";

  if (left < 0) add_z(t, "-");
  if (left < 0) left = -left;
  if (left == 0) add_z(t, "0 s");
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    char out[64];
    if (left < units[i].seconds) continue;
    add_z(t, between);
    add(t, out, amlrt_decimal_print(out, left / units[i].seconds, 0, 0));
    add_z(t, " ");
    add_z(t, units[i].unit);
    left %= units[i].seconds;
    between = " ";
  }
}

static void add_time(text *t, amlrt_frac v)
{
  amlrt_i128 at = div_floor(v.num, v.den);
  char out[32];

  if (at < INT64_MIN || at > INT64_MAX)
    add_z(t, "?");
  else
    add(t, out, amlrt_time_print(out, (int64_t)at));
}

static void add_value(text *t, const amlrt_value *v, const amlrt_table *table)
{
  int decimals;

  switch (v->kind) {
  case AMLRT_VALUE_NONE:
    add_z(t, "?");
    return;
  case AMLRT_VALUE_NUMBER:
    add_number(t, v->v);
    return;
  case AMLRT_VALUE_MONEY:
    add_decimal(t, v->v);
    if (!v->currency) return;
    add_z(t, " ");
    add_z(t, amlrt_table_currency(table, v->currency, &decimals));
    return;
  case AMLRT_VALUE_DURATION:
    add_duration(t, v->v);
    return;
  case AMLRT_VALUE_TIME:
    add_time(t, v->v);
    return;
  }
}

// ---- the line -------------------------------------------------------------------------------------

static void add_accounts(text *t, const amlrt_list *l, const amlrt_table *table)
{
  uint32_t shown = l->n > SHOWN ? SHOWN : l->n;

  if (!l->n) add_z(t, "nobody");
  for (uint32_t i = 0; i < shown; i++) {
    if (i) add_z(t, ", ");
    add_z(t, amlrt_table_account(table, l->at[i]));
  }
  if (l->n > shown) {
    char more[48];
    snprintf(more, sizeof more, " and %" PRIu32 " more", l->n - shown);
    add_z(t, more);
  }
}

static void add_parts(text *t, const amlrt_match *m, const amlrt_pattern_info *p,
                      const amlrt_table *table)
{
  for (uint32_t i = 0; i < p->n_title; i++) {
    const amlrt_title_part *part = &p->title[i];
    switch (part->kind) {
    case AMLRT_TITLE_TEXT:
      add_z(t, part->text);
      break;
    case AMLRT_TITLE_ROLE:
      add_accounts(t, &m->roles[part->index], table);
      break;
    case AMLRT_TITLE_VALUE:
      add_value(t, &m->title_values[part->index], table);
      break;
    }
  }
}

// For a pattern without a template: "scatter_gather: source A, mid B, C, sink D".
static void add_roles(text *t, const amlrt_match *m, const amlrt_pattern_info *p,
                      const amlrt_table *table)
{
  add_z(t, p->name);
  for (uint32_t r = 0; r < p->n_roles; r++) {
    add_z(t, r ? "; " : ": ");
    add_z(t, p->roles[r].name);
    add_z(t, " ");
    add_accounts(t, &m->roles[r], table);
  }
}

// Account keys and templates may hold line breaks; a title is one line.
static void one_line(text *t)
{
  for (size_t i = 0; i < t->n; i++)
    if ((unsigned char)t->at[i] < 0x20) t->at[i] = ' ';
}

void amlrt__out_title(amlrt_out *o, const amlrt_match *m, const amlrt_pattern_info *p,
                      const amlrt_table *table)
{
  text t = {.o = o};

  if (p->n_title)
    add_parts(&t, m, p, table);
  else
    add_roles(&t, m, p, table);
  one_line(&t);
  amlrt_out_json(o, t.at ? t.at : "", t.n);
  amlrt__release(amlrt__out_mem(o), t.at);
}
