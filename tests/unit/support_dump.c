#include "tests/unit/support_dump.h"

#include <inttypes.h>
#include <stdio.h>

static void dump_extra(FILE *f, const amlrt_extra *e, uint32_t i)
{
  if (e->type == AMLRT_COL_TEXT)
    fprintf(f, " %s=%s", e->name, e->text[i] ? e->text[i] : "<none>");
  else
    fprintf(f, " %s=%" PRId64 "/%d", e->name, e->mantissa[i], e->decimals);
}

static void dump_row(FILE *f, const amlrt_table *t, uint32_t i)
{
  const amlrt_columns *c = amlrt_table_columns(t);
  char id[4096];

  amlrt_table_id_text(t, i, id, sizeof id);
  fprintf(f,
          "%" PRIu32 " %s %" PRId64 " %" PRIu32 ">%" PRIu32 " %" PRId64 " %u %" PRId64
          " %u %u @%" PRIu64 " found %" PRIu32 " input %" PRIu32,
          i, id, c->time[i], c->from[i], c->to[i], c->amount[i], c->currency[i],
          c->amount_received[i], c->currency_received[i], c->format[i], c->input_row[i],
          amlrt_table_find_id(t, id), amlrt_table_row_by_input(t, i));
  for (uint32_t k = 0; k < amlrt_table_n_extra(t); k++)
    dump_extra(f, amlrt_table_extra(t, k), i);
  fprintf(f, "\n");
}

static void dump_names(FILE *f, const amlrt_table *t)
{
  static const char *const columns[] = {"amount",          "currency",          "id",
                                        "amount_received", "currency_received", "format"};
  int decimals;

  for (uint32_t i = 0; i < amlrt_table_n_currencies(t); i++) {
    const char *text = amlrt_table_currency(t, (amlrt_currency)i, &decimals);
    fprintf(f, "currency %s %d\n", text, decimals);
  }
  for (uint32_t i = 0; i < amlrt_table_n_formats(t); i++)
    fprintf(f, "format %s\n", amlrt_table_format(t, (uint16_t)i));
  for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
    fprintf(f, "has %s %d\n", columns[i], amlrt_table_has_column(t, columns[i]));
  fprintf(f, "decimals %d, ids %d\n", amlrt_table_max_decimals(t), amlrt_table_ids_are_integers(t));
  for (uint32_t i = 0; i < amlrt_table_columns(t)->n_accounts; i++) {
    fprintf(f, "account %" PRIu32 " %s", i, amlrt_table_account(t, i));
    for (uint32_t k = 0; k < amlrt_table_n_attributes(t); k++)
      dump_extra(f, amlrt_table_attribute(t, k), i);
    fprintf(f, "\n");
  }
}

static void dump_inputs(FILE *f, const amlrt_table *t)
{
  for (uint32_t i = 0; i < amlrt_table_n_inputs(t); i++) {
    const amlrt_input_info *in = amlrt_table_input(t, i);
    fprintf(f, "input %" PRIu64 " bytes, %" PRIu64 " read %" PRIu64 " used %" PRIu64 " rejected, ",
            in->bytes, in->rows_read, in->rows_used, in->rows_rejected);
    for (int k = 0; k < 32; k++)
      fprintf(f, "%02x", in->sha256[k]);
    fprintf(f, "\n");
  }
  for (uint64_t i = 0; i < amlrt_table_n_rejects(t); i++) {
    const amlrt_reject *r = amlrt_table_reject(t, i);
    fprintf(f, "reject %" PRIu32 ":%" PRIu64 ":%" PRIu32 " %s\n", r->file, r->line, r->column,
            r->reason);
  }
}

char *table_dump(const amlrt_table *t)
{
  char *text = NULL;
  size_t n = 0;
  FILE *f = open_memstream(&text, &n);

  if (!f) return NULL;
  dump_inputs(f, t);
  dump_names(f, t);
  for (uint32_t i = 0; i < amlrt_table_columns(t)->n_rows; i++)
    dump_row(f, t, i);
  fclose(f);
  return text;
}
