// evidence.csv: a row a stage and transfer of each alert.
#include "runtime/src/outfile.h"
#include "runtime/src/table.h"

static void comma(amlrt_out *o)
{
  amlrt_out_write(o, ",", 1);
}

static void put_amount(amlrt_out *o, const amlrt_table *t, int64_t amount, amlrt_currency c)
{
  char text[64];
  int decimals = 0;

  if (amount == AMLRT_NO_AMOUNT) return;
  amlrt_table_currency(t, c, &decimals);
  amlrt_out_write(o, text, amlrt_decimal_print(text, amount, decimals, 2));
}

static void put_currency(amlrt_out *o, const amlrt_table *t, amlrt_currency c)
{
  int decimals;

  if (c) amlrt__out_csv_z(o, amlrt_table_currency(t, c, &decimals));
}

static void put_transfer(amlrt_out *o, const amlrt_table *t, uint32_t row)
{
  const amlrt_columns *c = amlrt_table_columns(t);
  char time[32];

  amlrt__out_csv_id(o, t, row);
  comma(o);
  amlrt_out_write(o, time, amlrt_time_print(time, c->time[row]));
  comma(o);
  amlrt__out_csv_z(o, amlrt_table_account(t, c->from[row]));
  comma(o);
  amlrt__out_csv_z(o, amlrt_table_account(t, c->to[row]));
  comma(o);
  put_amount(o, t, c->amount[row], c->currency[row]);
  comma(o);
  put_currency(o, t, c->currency[row]);
  comma(o);
  put_amount(o, t, c->amount_received[row], c->currency_received[row]);
  comma(o);
  put_currency(o, t, c->currency_received[row]);
  comma(o);
  amlrt__out_csv_z(o, amlrt_table_format(t, c->format[row]));
  amlrt__out_puts(o, "\n");
}

static void put_alert(amlrt_out *o, const amlrt_alert *a, const amlrt_pattern_info *p,
                      const amlrt_table *t)
{
  uint64_t seq = 0;

  for (uint32_t s = 0; s < p->n_stages; s++)
    for (uint32_t i = 0; i < a->match.stages[s].n && amlrt__out_ok(o); i++) {
      const amlrt_list *rows = &a->match.stages[s];
      amlrt__prefetch_rows(t, rows->at + i, amlrt__window(i, rows->n));
      amlrt_out_write(o, a->match_id, 32);
      comma(o);
      amlrt__out_u64(o, seq++);
      comma(o);
      amlrt__out_csv_z(o, p->stages[s].name);
      comma(o);
      put_transfer(o, t, rows->at[i]);
    }
}

void amlrt_write_evidence(amlrt_out *o, const amlrt_sink *s)
{
  amlrt__out_puts(o, "match_id,seq,stage,transaction,time,from,to,amount,currency,"
                     "amount_received,currency_received,format\n");
  for (uint64_t i = 0; i < amlrt_sink_n(s) && amlrt__out_ok(o); i++) {
    const amlrt_alert *a = amlrt_sink_alert(s, i);
    put_alert(o, a, amlrt__sink_pattern(s, a->match.pattern), amlrt__sink_table(s));
  }
}
