#include "tests/unit/support_table.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

table_test start(void)
{
  return (table_test){.opts = amlrt_read_opts_default()};
}

void read_paths(table_test *x, const char *const *paths, size_t n, amlrt_status want)
{
  amlrt_status st = amlrt_table_read(&x->t, paths, n, &x->opts, &x->err);

  ck_assert_msg(st == want, "status %d instead of %d: %s", st, want, x->err.text);
  ck_assert_int_eq(x->t != NULL, want == AMLRT_OK || want == AMLRT_E_REJECTS);
}

void read_text(table_test *x, const char *text, amlrt_status want)
{
  const char *path = file_with("data.csv", text);

  read_paths(x, &path, 1, want);
}

void stop(table_test *x)
{
  amlrt_table_free(x->t);
  files_clean();
}

void says(const table_test *x, const char *words)
{
  ck_assert_msg(strstr(x->err.text, words) != NULL, "'%s' is not in: %s", words, x->err.text);
}

// A row in words: "id from>to amount currency > amount currency format @time".
const char *row(const amlrt_table *t, uint32_t i)
{
  static char out[512];
  const amlrt_columns *c = amlrt_table_columns(t);
  char id[64], paid[64] = "-", got[64] = "-";
  int d;

  ck_assert_uint_lt(i, c->n_rows);
  amlrt_table_id_text(t, i, id, sizeof id);
  ck_assert_uint_eq(amlrt_table_find_id(t, id), i);
  const char *currency = amlrt_table_currency(t, c->currency[i], &d);
  if (c->amount[i] != AMLRT_NO_AMOUNT) amlrt_decimal_print(paid, c->amount[i], d, 0);
  const char *received = amlrt_table_currency(t, c->currency_received[i], &d);
  if (c->amount_received[i] != AMLRT_NO_AMOUNT)
    amlrt_decimal_print(got, c->amount_received[i], d, 0);
  snprintf(out, sizeof out, "%s %s>%s %s %s > %s %s %s @%lld", id,
           amlrt_table_account(t, c->from[i]), amlrt_table_account(t, c->to[i]), paid, currency,
           got, received, amlrt_table_format(t, c->format[i]), (long long)c->time[i]);
  return out;
}

void reject_is(const amlrt_table *t, uint64_t i, uint64_t line, uint32_t column, const char *reason)
{
  ck_assert_uint_lt(i, amlrt_table_n_rejects(t));
  const amlrt_reject *r = amlrt_table_reject(t, i);
  ck_assert_str_eq(r->reason, reason);
  ck_assert_uint_eq(r->line, line);
  ck_assert_uint_eq(r->column, column);
}

// read = used + rejected, for each file and in all.
void totals(const amlrt_table *t)
{
  uint64_t used = 0, rejected = 0;

  for (uint32_t i = 0; i < amlrt_table_n_inputs(t); i++) {
    const amlrt_input_info *f = amlrt_table_input(t, i);
    ck_assert_uint_eq(f->rows_read, f->rows_used + f->rows_rejected);
    used += f->rows_used;
    rejected += f->rows_rejected;
  }
  ck_assert_uint_eq(rejected, amlrt_table_n_rejects(t));
  if (amlrt_table_columns(t)->n_rows) ck_assert_uint_eq(used, amlrt_table_columns(t)->n_rows);
}
