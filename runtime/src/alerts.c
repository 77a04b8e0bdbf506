// alerts.jsonl: one JSON object a line, one line an alert. docs/output.md says what each field is.
#include "runtime/src/match_copy.h"
#include "runtime/src/alloc.h"
#include "runtime/src/outfile.h"
#include "runtime/src/table.h"

#include <inttypes.h>
#include <string.h>

// Sums by currency, and the order in which currencies are written.
typedef struct sums {
  const amlrt_table *table;
  amlrt_currency *order; // all currencies, by the bytes of their text
  amlrt_i128 *sum;
  bool *seen; // both by currency
  uint32_t n;
} sums;

typedef struct writer {
  amlrt_out *o;
  const amlrt_table *table;
  const amlrt_pattern_info *p;
  sums sums;
} writer;

// ---- sums -----------------------------------------------------------------------------------------

static const char *currency_text(const amlrt_table *t, amlrt_currency c)
{
  int decimals;

  return c ? amlrt_table_currency(t, c, &decimals) : "";
}

static void sort_currencies(sums *s)
{
  for (uint32_t i = 0; i < s->n; i++) {
    uint32_t k = i;
    const char *text = currency_text(s->table, (amlrt_currency)i);
    for (; k > 0 && strcmp(currency_text(s->table, s->order[k - 1]), text) > 0; k--)
      s->order[k] = s->order[k - 1];
    s->order[k] = (amlrt_currency)i;
  }
}

static bool sums_init(sums *s, const amlrt_table *t, const amlrt_alloc *mem)
{
  uint32_t n = amlrt_table_n_currencies(t);

  *s = (sums){.table = t, .n = n};
  s->order = amlrt__array(mem, n, sizeof *s->order);
  s->sum = amlrt__array(mem, n, sizeof *s->sum);
  s->seen = amlrt__array(mem, n, sizeof *s->seen);
  if (!s->order || !s->sum || !s->seen) return false;
  sort_currencies(s);
  return true;
}

static void sums_release(sums *s, const amlrt_alloc *mem)
{
  amlrt__release(mem, s->order);
  amlrt__release(mem, s->sum);
  amlrt__release(mem, s->seen);
}

// At most 2^32 amounts below 2^63: the sum fits.
static void sum_up(sums *s, const amlrt_list *rows)
{
  const amlrt_columns *c = amlrt_table_columns(s->table);

  memset(s->sum, 0, s->n * sizeof *s->sum);
  memset(s->seen, 0, s->n * sizeof *s->seen);
  for (uint32_t i = 0; i < rows->n; i++) {
    uint32_t row = rows->at[i];
    if (c->amount[row] == AMLRT_NO_AMOUNT) continue;
    s->sum[c->currency[row]] += c->amount[row];
    s->seen[c->currency[row]] = true;
  }
}

// ---- pieces ---------------------------------------------------------------------------------------

static void put_key(writer *w, const char *name)
{
  amlrt__out_json_z(w->o, name);
  amlrt_out_write(w->o, ":", 1);
}

static void put_account(writer *w, uint32_t account)
{
  amlrt__out_json_z(w->o, amlrt_table_account(w->table, account));
}

static void put_role(writer *w, const amlrt_role_info *role, const amlrt_list *l)
{
  put_key(w, role->name);
  if (role->kind == AMLRT_ROLE_ONE) {
    if (l->n)
      put_account(w, l->at[0]);
    else
      amlrt__out_puts(w->o, "null");
    return;
  }
  amlrt__out_puts(w->o, "[");
  for (uint32_t i = 0; i < l->n; i++) {
    amlrt__prefetch_accounts(w->table, l->at + i, amlrt__window(i, l->n));
    if (i) amlrt__out_puts(w->o, ",");
    put_account(w, l->at[i]);
  }
  amlrt__out_puts(w->o, "]");
}

static void put_roles(writer *w, const amlrt_match *m)
{
  amlrt__out_puts(w->o, ",\"roles\":{");
  for (uint32_t r = 0; r < w->p->n_roles; r++) {
    if (r) amlrt__out_puts(w->o, ",");
    put_role(w, &w->p->roles[r], &m->roles[r]);
  }
  amlrt__out_puts(w->o, "}");
}

static void put_stages(writer *w, const amlrt_match *m)
{
  amlrt__out_puts(w->o, ",\"stages\":{");
  for (uint32_t s = 0; s < w->p->n_stages; s++) {
    if (s) amlrt__out_puts(w->o, ",");
    put_key(w, w->p->stages[s].name);
    amlrt__out_puts(w->o, "[");
    for (uint32_t i = 0; i < m->stages[s].n; i++) {
      amlrt__prefetch_ids(w->table, m->stages[s].at + i, amlrt__window(i, m->stages[s].n));
      if (i) amlrt__out_puts(w->o, ",");
      amlrt__out_json_id(w->o, w->table, m->stages[s].at[i]);
    }
    amlrt__out_puts(w->o, "]");
  }
  amlrt__out_puts(w->o, "}");
}

static void put_constraint(writer *w, const amlrt_constraint_info *c, const amlrt_result *r)
{
  amlrt__out_puts(w->o, "{");
  put_key(w, "text");
  amlrt__out_json_z(w->o, c->text);
  amlrt__out_puts(w->o, ",\"value\":");
  if (r->value.kind == AMLRT_VALUE_NONE || r->left_out)
    amlrt__out_puts(w->o, "null");
  else
    amlrt__out_double(w->o, amlrt_frac_double(r->value.v));
  amlrt__out_puts(w->o, ",\"bounds\":[");
  for (unsigned b = 0; b < 4; b++) {
    if (b) amlrt__out_puts(w->o, ",");
    if (c->has & (1u << b))
      amlrt__out_double(w->o, c->bounds[b]);
    else
      amlrt__out_puts(w->o, "null");
  }
  amlrt__out_puts(w->o, "],\"degree\":");
  amlrt__out_double(w->o, amlrt_degree_double(r->degree));
  amlrt__out_puts(w->o, r->left_out ? ",\"left_out\":true}" : "}");
}

static void put_constraints(writer *w, const amlrt_match *m)
{
  amlrt__out_puts(w->o, ",\"constraints\":[");
  for (uint32_t i = 0; i < w->p->n_constraints; i++) {
    if (i) amlrt__out_puts(w->o, ",");
    put_constraint(w, &w->p->constraints[i], &m->constraints[i]);
  }
  amlrt__out_puts(w->o, "]");
}

static void put_sum(writer *w, amlrt_currency c)
{
  char text[64];
  int decimals = 0;
  const char *name = amlrt_table_currency(w->table, c, &decimals);

  amlrt__out_puts(w->o, "{\"currency\":");
  if (c)
    amlrt__out_json_z(w->o, name);
  else
    amlrt__out_puts(w->o, "null");
  amlrt_decimal_print(text, w->sums.sum[c], decimals, 2);
  amlrt_out_printf(w->o, ",\"sum\":\"%s\"}", text);
}

static void put_amounts(writer *w, const amlrt_match *m)
{
  amlrt__out_puts(w->o, ",\"amounts\":{");
  for (uint32_t s = 0; s < w->p->n_stages; s++) {
    const char *between = "";
    if (s) amlrt__out_puts(w->o, ",");
    put_key(w, w->p->stages[s].name);
    amlrt__out_puts(w->o, "[");
    sum_up(&w->sums, &m->stages[s]);
    for (uint32_t i = 0; i < w->sums.n; i++) {
      if (!w->sums.seen[w->sums.order[i]]) continue;
      amlrt__out_puts(w->o, between);
      put_sum(w, w->sums.order[i]);
      between = ",";
    }
    amlrt__out_puts(w->o, "]");
  }
  amlrt__out_puts(w->o, "}");
}

static void put_id(writer *w, const char *name, uint32_t row)
{
  amlrt_out_printf(w->o, ",\"%s\":", name);
  amlrt__out_json_id(w->o, w->table, row);
}

static void put_time(writer *w, const char *name, uint32_t row)
{
  char text[32];

  amlrt_time_print(text, amlrt_table_columns(w->table)->time[row]);
  amlrt_out_printf(w->o, ",\"%s\":\"%s\"", name, text);
}

static void put_head(writer *w, const amlrt_alert *a)
{
  amlrt_out_printf(w->o, "{\"match_id\":\"%s\",\"pattern\":", a->match_id);
  amlrt__out_json_z(w->o, w->p->name);
  amlrt__out_puts(w->o, ",\"version\":");
  amlrt__out_json_z(w->o, w->p->version);
  amlrt_out_printf(
      w->o, ",\"outcome\":\"%s\",\"degree\":", a->match.inconclusive ? "inconclusive" : "match");
  amlrt__out_double(w->o, amlrt_degree_double(a->match.degree));
  put_id(w, "trigger", a->match.trigger);
  put_time(w, "first", amlrt__match_first_row(&a->match, w->p->n_stages));
  put_time(w, "last", amlrt__match_last_row(&a->match, w->p->n_stages));
}

static void put_alert(writer *w, const amlrt_alert *a)
{
  put_head(w, a);
  put_roles(w, &a->match);
  put_stages(w, &a->match);
  put_constraints(w, &a->match);
  put_amounts(w, &a->match);
  amlrt_out_printf(w->o, ",\"merged\":%" PRIu64, a->merged);
  put_id(w, "trigger_first", a->trigger_first);
  put_id(w, "trigger_last", a->trigger_last);
  amlrt_out_printf(w->o, ",\"alert_id\":\"%s\",\"truncated\":%s,\"title\":", a->alert_id,
                   a->match.truncated ? "true" : "false");
  amlrt__out_title(w->o, &a->match, w->p, w->table);
  amlrt__out_puts(w->o, "}\n");
}

void amlrt_write_alerts(amlrt_out *o, const amlrt_sink *s)
{
  writer w = {.o = o, .table = amlrt__sink_table(s)};

  if (!sums_init(&w.sums, w.table, amlrt__out_mem(o))) amlrt__out_fail(o, AMLRT_E_NOMEM, 0);
  for (uint64_t i = 0; i < amlrt_sink_n(s) && amlrt__out_ok(o); i++) {
    const amlrt_alert *a = amlrt_sink_alert(s, i);
    w.p = amlrt__sink_pattern(s, a->match.pattern);
    put_alert(&w, a);
  }
  sums_release(&w.sums, amlrt__out_mem(o));
}
