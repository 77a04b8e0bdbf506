#include "ir/gir_table.h"
#include "ir/op_row.h"

#include <string.h>

const gir_type_info gir_types[TY_N] = {
#define GIR_TYPE(id, name, words) {name, words},
#include "ir/types.def"
};

const gir_op_info gir_ops[GIR_N_OPS] = {
#define GIR_OP(id, name, takes, attrs, gives, made, words)                                         \
  {#name, takes, attrs, words, TY_##gives, PH_##made},
#include "ir/gir_ops.def"
};

const char *const gir_currency_names[GIR_N_CURRENCIES] = {
    [GIR_CURRENCY_CHECKED] = "checked",
    [GIR_CURRENCY_SAME] = "same",
    [GIR_CURRENCY_IGNORED] = "ignored",
};

const char *const gir_stat_names[GIR_N_STATS] = {
    [GIR_STAT_FAN] = "fan",   [GIR_STAT_TRANSFERS] = "transfers", [GIR_STAT_RATIO] = "ratio",
    [GIR_STAT_SUM] = "sum",   [GIR_STAT_MEAN] = "mean",           [GIR_STAT_MIN] = "min",
    [GIR_STAT_MAX] = "max",   [GIR_STAT_MEDIAN] = "median",       [GIR_STAT_VAR] = "var",
    [GIR_STAT_SKEW] = "skew", [GIR_STAT_KURTOSIS] = "kurtosis",
};

uint32_t gir_min_args(gir_op op)
{
  return op_min_args(gir_ops[op].takes);
}

uint32_t gir_n_args(gir_op op)
{
  return op_n_args(gir_ops[op].takes);
}

bool gir_takes_more(gir_op op)
{
  return op_takes_more(gir_ops[op].takes);
}

char gir_arg_letter(gir_op op, uint32_t k)
{
  return op_arg_letter(gir_ops[op].takes, k);
}

static bool is_quantity(gir_type type)
{
  return type == TY_NUMBER || type == TY_MONEY || type == TY_DURATION || type == TY_TIME ||
         type == TY_ANY;
}

bool gir_letter_takes(char letter, gir_type type)
{
  switch (letter) {
  case 'R':
    return type == TY_ROLE;
  case 'S':
    return type == TY_STAGE;
  case 'X':
    return type == TY_SET;
  case 'B':
    return type == TY_BOOL;
  case 'N':
    return is_quantity(type);
  case 'T':
    return type == TY_TEXT || type == TY_ANY;
  case 'A':
    return type == TY_ACCOUNT || type == TY_ANY;
  case 'V':
    return is_quantity(type) || type == TY_TEXT || type == TY_ACCOUNT;
  }
  AML_BUG("gir_ops.def: unknown letter '%c' in takes", letter);
}

bool gir_has_attr(gir_op op, char attr)
{
  return op_has_attr(gir_ops[op].attrs, attr);
}

gir_word gir_imm_word(gir_op op, int which)
{
  gir_word w = {0};
  w.name = op_word(gir_ops[op].attrs, gir_ops[op].words, which, &w.n);
  if (!w.name || w.name[w.n] != ':') return w;
  w.values = w.name + w.n + 1;
  w.n_values = strcspn(w.values, " ");
  return w;
}

bool gir_value_name(const gir_word *w, int64_t value, const char **at, size_t *n)
{
  if (!w->values || value < 0) return false;
  const char *end = w->values + w->n_values;
  for (const char *t = w->values; t < end; value--) {
    size_t len = strcspn(t, ", ");
    if (value == 0) {
      *at = t;
      *n = len;
      return true;
    }
    t += len + 1;
  }
  return false;
}

int64_t gir_value_of(const gir_word *w, const char *name, size_t n)
{
  const char *at;
  size_t len;
  for (int64_t v = 0; gir_value_name(w, v, &at, &len); v++)
    if (len == n && memcmp(at, name, n) == 0) return v;
  return -1;
}

gir_type gir_field_type(const char *name)
{
  static const struct {
    const char *name;
    gir_type type;
  } fields[] = {
      {"amount", TY_MONEY},           {"currency", TY_TEXT}, {"amount_received", TY_MONEY},
      {"currency_received", TY_TEXT}, {"format", TY_TEXT},   {"time", TY_TIME},
      {"from", TY_ACCOUNT},           {"to", TY_ACCOUNT},
  };
  for (size_t i = 0; name && i < sizeof fields / sizeof *fields; i++)
    if (strcmp(fields[i].name, name) == 0) return fields[i].type;
  return TY_NONE;
}

static bool is_letter(char ch)
{
  return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
}

bool gir_is_word(const char *text)
{
  if (!is_letter(*text)) return false;
  for (const char *t = text; *t; t++)
    if (!is_letter(*t) && !(*t >= '0' && *t <= '9') && *t != '.') return false;
  return true;
}

void gir_print_quoted(strbuf *out, const char *text)
{
  strbuf_putc(out, '"');
  for (const char *t = text; *t; t++) {
    unsigned char ch = (unsigned char)*t;
    if (ch == '"' || ch == '\\')
      strbuf_printf(out, "\\%c", ch);
    else if (ch == '\n')
      strbuf_puts(out, "\\n");
    else if (ch < 0x20 || ch == 0x7f)
      strbuf_printf(out, "\\u{%x}", ch);
    else
      strbuf_putc(out, *t);
  }
  strbuf_putc(out, '"');
}
