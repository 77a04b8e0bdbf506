// Sums, extremes, counts and means over what is left of a line, kept as its ends advance.
//
// A sum is brought up to date when it is asked for: what came is added, what went is taken off, each
// transfer once. Sums are of whole numbers, so their order does not matter and they equal those of the
// evaluator (gen_value.c) to the bit. What would have to be added in order, or looked at all over, is left
// to the evaluator: converted amounts, different amounts.
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/plan_hub.h"

#include <string.h>

enum { AHEAD = 24, MOST_DECIMALS = 38 };

static amlrt__hub_sweep *sweep_of(amlrt__view *v)
{
  return (amlrt__hub_sweep *)(void *)((char *)v - offsetof(amlrt__hub_sweep, view));
}

static amlrt_num number(amlrt_frac v)
{
  return (amlrt_num){.kind = AMLRT_NUM_NUMBER, .v = v};
}

static amlrt_num unsure(amlrt__hub_sweep *s)
{
  s->view.unsure = true;
  return (amlrt_num){.kind = AMLRT_NUM_UNKNOWN};
}

static amlrt__hub_line *line_of(amlrt__hub_sweep *s, uint32_t stage)
{
  return &s->line[s->h->of_stage[stage]];
}

// ---- one transfer ----------------------------------------------------------------------------------------

typedef struct value { // mantissa / unit
  int64_t mantissa;
  int decimals;
} value;

static const amlrt_extra *column_of(const amlrt__hub_sweep *s, const amlrt__hub_sum *sum)
{
  return s->h->run->symbol[sum->symbol].extra;
}

static uint32_t code_at(const amlrt__hub_sweep *s, const amlrt__hub_sum *sum, uint32_t row)
{
  const amlrt_columns *col = s->h->run->col;

  switch (sum->field) {
  case AMLRT_F_AMOUNT:
  case AMLRT_F_CURRENCY:
    return col->currency[row];
  case AMLRT_F_AMOUNT_RECEIVED:
  case AMLRT_F_CURRENCY_RECEIVED:
    return col->currency_received[row];
  case AMLRT_F_FORMAT:
    return col->format[row];
  case AMLRT_F_TIME:
  case AMLRT_F_FROM:
  case AMLRT_F_TO:
    break;
  }
  return 0;
}

// False: not given.
static bool value_at(const amlrt__hub_sweep *s, const amlrt__hub_sum *sum, uint32_t place,
                     value *out)
{
  const amlrt__hub_line *l = &s->line[sum->line];
  const amlrt__run *run = s->h->run;
  uint32_t row = l->row[place];

  *out = (value){0, 0};
  if (sum->is_column) {
    const amlrt_extra *x = column_of(s, sum);
    *out = (value){x->mantissa[row], x->decimals};
  } else if (sum->field == AMLRT_F_TIME) {
    out->mantissa = s->h->base + l->time[place];
  } else {
    out->mantissa =
        sum->field == AMLRT_F_AMOUNT ? run->col->amount[row] : run->col->amount_received[row];
    out->decimals = run->decimals[code_at(s, sum, row)];
  }
  return out->mantissa != AMLRT_NO_AMOUNT;
}

static amlrt_i128 ten_to(int n)
{
  static const int64_t small[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  return n < (int)(sizeof small / sizeof *small) ? small[n] : amlrt__ten_to(n);
}

static amlrt_frac frac_of(value v)
{
  return (amlrt_frac){v.mantissa, ten_to(v.decimals)};
}

// ---- more, less ------------------------------------------------------------------------------------------

static bool has_amounts(const amlrt__hub_sum *sum)
{
  return !sum->is_column && amlrt__is_amount(sum->field);
}

// Amounts stand far apart in the table: those that come soon are asked for ahead.
static void fetch(const amlrt__hub_sweep *s, const amlrt__hub_sum *sum, uint32_t place)
{
  const amlrt__hub_line *l = &s->line[sum->line];
  const amlrt_columns *col = s->h->run->col;

  if (place >= l->n || !has_amounts(sum)) return;
  uint32_t row = l->row[place];
  if (sum->field == AMLRT_F_AMOUNT) {
    __builtin_prefetch(&col->amount[row]);
    __builtin_prefetch(&col->currency[row]);
  } else {
    __builtin_prefetch(&col->amount_received[row]);
    __builtin_prefetch(&col->currency_received[row]);
  }
}

static void count_code(amlrt__hub_sum *sum, uint32_t code, bool more)
{
  if (more)
    sum->n_present += sum->count[code]++ == 0;
  else
    sum->n_present -= --sum->count[code] == 0;
}

// Amounts stand far apart in the table, so they are kept beside the line for when they are taken off.
static void add_amount(amlrt__hub_sweep *s, amlrt__hub_sum *sum, uint32_t place)
{
  value v;
  bool given = value_at(s, sum, place, &v);

  sum->mantissa[place] = v.mantissa;
  if (sum->count) {
    uint32_t code = code_at(s, sum, s->line[sum->line].row[place]);
    sum->code[place] = (uint16_t)code;
    count_code(sum, code, true);
  }
  sum->decimals[place] = (uint8_t)v.decimals;
  if (!given)
    sum->n_missing++;
  else if (v.decimals < 0 || v.decimals >= sum->n_decimals)
    AMLRT__BUG("more decimals than amounts have");
  else {
    sum->sum[v.decimals] += v.mantissa;
    sum->has_decimals |= (uint64_t)1 << v.decimals;
  }
}

static void take_off_amount(amlrt__hub_sum *sum, uint32_t place)
{
  if (sum->count) count_code(sum, sum->code[place], false);
  if (sum->mantissa[place] == AMLRT_NO_AMOUNT)
    sum->n_missing--;
  else
    sum->sum[sum->decimals[place]] -= sum->mantissa[place];
}

// a better than b?
static bool is_better(const amlrt__hub_sum *sum, value a, value b)
{
  if (a.decimals == b.decimals)
    return sum->sign > 0 ? a.mantissa > b.mantissa : a.mantissa < b.mantissa;
  return amlrt_frac_cmp(frac_of(a), frac_of(b)) * sum->sign > 0;
}

// The queue holds those that no later one is better than: the first of them is the best, of equals the
// first in order.
static void change_best(amlrt__hub_sweep *s, amlrt__hub_sum *sum, uint32_t place, bool more)
{
  value v, back;

  if (!value_at(s, sum, place, &v)) {
    sum->n_missing += more ? 1 : UINT64_MAX;
    return;
  }
  if (!more) {
    if (sum->head < sum->tail && sum->queue[sum->head] == place) sum->head++;
    return;
  }
  while (sum->tail > sum->head) {
    value_at(s, sum, sum->queue[sum->tail - 1], &back);
    if (!is_better(sum, v, back)) break;
    sum->tail--;
  }
  sum->queue[sum->tail++] = place;
}

static amlrt_degree degree_at(amlrt__hub_sweep *s, const amlrt__hub_sum *sum, uint32_t place)
{
  const amlrt_program *p = s->h->run->p;
  const amlrt_pcon *c = &p->cons[sum->cond];
  const amlrt__hub_line *l = &s->line[sum->line];

  if (c->kind == AMLRT_CON_FILTER) return p->stages[c->stage].filter(s->w, l->row[place]).degree;
  // The best partner is the first: see passes/kir_hub_sweep.c.
  uint32_t partner = amlrt__hub_first_partner(s, l, place);
  int64_t gap = (int64_t)s->line[l->s->other].time[partner] - (int64_t)l->time[place];
  return amlrt_range_degree(&p->pairs[c->pair].conds[c->cond].gap, amlrt_frac_int(gap));
}

static void change(amlrt__hub_sweep *s, amlrt__hub_sum *sum, uint32_t place, bool more)
{
  uint32_t code;

  switch (sum->what) {
  case AMLRT__HUB_AMOUNT:
    if (more) {
      fetch(s, sum, place + AHEAD);
      add_amount(s, sum, place);
    } else {
      take_off_amount(sum, place);
    }
    break;
  case AMLRT__HUB_BEST:
    if (more) fetch(s, sum, place + AHEAD);
    change_best(s, sum, place, more);
    break;
  case AMLRT__HUB_DIFFERENT:
    code = code_at(s, sum, s->line[sum->line].row[place]);
    if (code) count_code(sum, code, more);
    break;
  case AMLRT__HUB_MEAN:
    if (more) sum->degree[place] = degree_at(s, sum, place);
    sum->sum[0] += more ? sum->degree[place] : -sum->degree[place];
    break;
  }
}

static void clear(amlrt__hub_sum *sum)
{
  if (sum->count) memset(sum->count, 0, sum->n_codes * sizeof *sum->count);
  if (sum->sum) memset(sum->sum, 0, (size_t)sum->n_decimals * sizeof *sum->sum);
  sum->n_present = 0;
  sum->has_decimals = 0;
  sum->n_missing = 0;
  sum->head = sum->tail = 0;
}

static bool make_room(amlrt__hub_sweep *s, amlrt__hub_sum *sum)
{
  const amlrt_alloc *mem = s->w->run->mem;
  size_t n = s->line[sum->line].n;
  bool ok = true;

  if (sum->what == AMLRT__HUB_BEST)
    ok = amlrt__grow(mem, &sum->queue, &sum->cap, n, sizeof(uint32_t));
  if (sum->what == AMLRT__HUB_MEAN)
    ok = amlrt__grow(mem, &sum->degree, &sum->cap_degree, n, sizeof *sum->degree);
  if (sum->what == AMLRT__HUB_AMOUNT)
    ok = amlrt__grow(mem, &sum->mantissa, &sum->cap_mantissa, n, sizeof *sum->mantissa) &&
         amlrt__grow(mem, &sum->code, &sum->cap_code, n, sizeof *sum->code) &&
         amlrt__grow(mem, &sum->decimals, &sum->cap_decimals, n, sizeof *sum->decimals);
  if (!ok) s->w->st = AMLRT_E_NOMEM;
  return ok;
}

// Up to date: what is left of its line now.
static bool bring(amlrt__hub_sweep *s, amlrt__hub_sum *sum)
{
  const amlrt__hub_line *l = &s->line[sum->line];
  bool other = sum->epoch != s->epoch;

  s->n_asked++;
  if (other && !make_room(s, sum)) return false;
  // Where more went than is left, starting afresh is less work.
  if (other || sum->hi <= l->lo || l->lo - sum->lo > l->hi - l->lo) {
    clear(sum);
    sum->epoch = s->epoch;
    sum->lo = sum->hi = l->lo;
  }
  while (sum->hi < l->hi)
    change(s, sum, sum->hi++, true);
  while (sum->lo < l->lo)
    change(s, sum, sum->lo++, false);
  return true;
}

// ---- found or made ---------------------------------------------------------------------------------------

static bool is_same(const amlrt__hub_sum *a, const amlrt__hub_sum *b)
{
  return a->what == b->what && a->line == b->line && a->is_column == b->is_column &&
         a->field == b->field && a->symbol == b->symbol && a->sign == b->sign && a->cond == b->cond;
}

static bool take_arrays(amlrt__hub_sweep *s, amlrt__hub_sum *sum)
{
  const amlrt__run *run = s->w->run;
  uint32_t n_currencies = amlrt_table_n_currencies(run->table),
           n_formats = amlrt_table_n_formats(run->table);

  bool noted = sum->what == AMLRT__HUB_AMOUNT && has_amounts(sum) &&
               run->p->currency != AMLRT_CURRENCY_IGNORED;

  if (sum->what == AMLRT__HUB_DIFFERENT || noted) {
    sum->n_codes = (n_currencies > n_formats ? n_currencies : n_formats) + 1;
    sum->count = amlrt__array(run->mem, sum->n_codes, sizeof *sum->count);
    if (!sum->count) return false;
  }
  if (sum->what == AMLRT__HUB_AMOUNT || sum->what == AMLRT__HUB_MEAN) {
    sum->n_decimals = 1;
    if (sum->what == AMLRT__HUB_AMOUNT) sum->n_decimals = MOST_DECIMALS + 1;
    if (has_amounts(sum)) sum->n_decimals = amlrt_table_max_decimals(run->table) + 1;
    sum->sum = amlrt__array(run->mem, (size_t)sum->n_decimals, sizeof *sum->sum);
    if (!sum->sum) return false;
  }
  return true;
}

// The sum that is asked for, up to date; NULL: no memory.
static amlrt__hub_sum *get(amlrt__hub_sweep *s, amlrt__hub_sum like)
{
  for (size_t i = 0; i < s->n_sums; i++)
    if (is_same(&s->sum[i], &like)) return bring(s, &s->sum[i]) ? &s->sum[i] : NULL;
  like.epoch = s->epoch - 1; // not made for what is at hand
  bool ok = amlrt__grow(s->w->run->mem, &s->sum, &s->cap_sums, s->n_sums + 1, sizeof *s->sum);
  if (ok) {
    s->sum[s->n_sums] = like;
    ok = take_arrays(s, &s->sum[s->n_sums++]);
  }
  if (!ok) {
    s->w->st = AMLRT_E_NOMEM;
    return NULL;
  }
  return bring(s, &s->sum[s->n_sums - 1]) ? &s->sum[s->n_sums - 1] : NULL;
}

void amlrt__hub_sums_release(amlrt__hub_sweep *s)
{
  const amlrt_alloc *mem = s->w->run->mem;

  for (size_t i = 0; i < s->n_sums; i++) {
    amlrt__release(mem, s->sum[i].count);
    amlrt__release(mem, s->sum[i].sum);
    amlrt__release(mem, s->sum[i].queue);
    amlrt__release(mem, s->sum[i].degree);
    amlrt__release(mem, s->sum[i].mantissa);
    amlrt__release(mem, s->sum[i].code);
    amlrt__release(mem, s->sum[i].decimals);
  }
  amlrt__release(mem, s->sum);
}

bool amlrt__hub_mean(amlrt__hub_sweep *s, uint32_t con, uint32_t line, amlrt_degree *degree)
{
  const amlrt__hub_line *l = &s->line[line];
  const amlrt__hub_sum *sum = get(
      s, (amlrt__hub_sum){.what = AMLRT__HUB_MEAN, .line = line, .cond = con, .is_column = true});

  if (!sum) return false;
  *degree = amlrt_degree_mean(sum->sum[0], l->hi - l->lo);
  return true;
}

// ---- what conditions ask ---------------------------------------------------------------------------------

static amlrt__hub_sum *amounts_of(amlrt__hub_sweep *s, const amlrt__view_agg *a)
{
  return get(s, (amlrt__hub_sum){.what = AMLRT__HUB_AMOUNT,
                                 .line = s->h->of_stage[a->stage],
                                 .is_column = a->is_column,
                                 .field = a->field,
                                 .symbol = a->symbol});
}

// As plain_sum in gen_value.c adds them.
static amlrt_num sum_of(amlrt__hub_sweep *s, const amlrt__view_agg *a)
{
  amlrt_frac total = {0, 1};
  const amlrt__hub_sum *sum = amounts_of(s, a);

  if (!sum) return unsure(s);
  if (sum->n_missing) return (amlrt_num){.kind = AMLRT_NUM_UNKNOWN};
  for (uint64_t has = sum->has_decimals; has; has &= has - 1) {
    int d = __builtin_ctzll(has);
    if (sum->sum[d]) total = amlrt_frac_add(total, (amlrt_frac){sum->sum[d], ten_to(d)});
  }
  return number(total);
}

static amlrt_num mean_of(amlrt__hub_sweep *s, const amlrt__view_agg *a)
{
  const amlrt__hub_line *l = line_of(s, a->stage);
  amlrt_num sum = sum_of(s, a);

  if (sum.kind != AMLRT_NUM_NUMBER) return sum;
  if (!amlrt_frac_div(&sum.v, sum.v, amlrt_frac_int(l->hi - l->lo))) sum.kind = AMLRT_NUM_NOTHING;
  return sum;
}

static amlrt_num best_of(amlrt__hub_sweep *s, const amlrt__view_agg *a, int sign)
{
  value v;
  const amlrt__hub_sum *sum = get(s, (amlrt__hub_sum){.what = AMLRT__HUB_BEST,
                                                      .line = s->h->of_stage[a->stage],
                                                      .is_column = a->is_column,
                                                      .field = a->field,
                                                      .symbol = a->symbol,
                                                      .sign = sign});

  if (!sum) return unsure(s);
  if (sum->n_missing) return (amlrt_num){.kind = AMLRT_NUM_UNKNOWN};
  if (sum->head == sum->tail) return (amlrt_num){.kind = AMLRT_NUM_NOTHING};
  value_at(s, sum, sum->queue[sum->head], &v);
  return number(frac_of(v));
}

static amlrt_num different(amlrt__hub_sweep *s, const amlrt__view_agg *a)
{
  amlrt__hub_line *l = line_of(s, a->stage);
  uint32_t n = 0;

  if (a->is_column || amlrt__is_amount(a->field) || a->field == AMLRT_F_TIME) return unsure(s);
  if (a->field == AMLRT_F_FROM || a->field == AMLRT_F_TO) {
    bool of_key = (a->field == AMLRT_F_TO) == (l->s->side == AMLRT__TO);
    if (of_key)
      n = l->hi > l->lo;
    else if (!amlrt__hub_different(s, l, &n))
      return unsure(s);
    return number(amlrt_frac_int(n));
  }
  const amlrt__hub_sum *sum = get(s, (amlrt__hub_sum){.what = AMLRT__HUB_DIFFERENT,
                                                      .line = s->h->of_stage[a->stage],
                                                      .field = a->field});
  return sum ? number(amlrt_frac_int(sum->n_present)) : unsure(s);
}

static bool has_numbers(const amlrt__hub_sweep *s, const amlrt__view_agg *a)
{
  if (!a->is_column) return amlrt__is_amount(a->field) || a->field == AMLRT_F_TIME;
  const amlrt_extra *x = s->h->run->symbol[a->symbol].extra;
  return x && x->type == AMLRT_COL_NUMBER;
}

static amlrt_num agg(amlrt__view *v, const amlrt__view_agg *a)
{
  amlrt__hub_sweep *s = sweep_of(v);

  if (a->what == AMLRT_A_DISTINCT) return different(s, a);
  if (s->w->convert || !has_numbers(s, a)) return unsure(s);
  switch (a->what) {
  case AMLRT_A_SUM:
    return sum_of(s, a);
  case AMLRT_A_MIN:
    return best_of(s, a, -1);
  case AMLRT_A_MAX:
    return best_of(s, a, 1);
  case AMLRT_A_MEAN:
  case AMLRT_A_DISTINCT:
    break;
  }
  return mean_of(s, a);
}

static uint64_t count(amlrt__view *v, uint32_t stage, uint32_t role, uint32_t account)
{
  const amlrt__hub_line *l = line_of(sweep_of(v), stage);

  (void)role; // of the key or of the match: the same
  (void)account;
  return l->hi - l->lo;
}

static uint64_t members(amlrt__view *v, uint32_t role)
{
  amlrt__hub_sweep *s = sweep_of(v);
  uint32_t n = 1; // the key

  for (uint32_t i = 0; i < s->h->n_stages; i++)
    if (s->h->stage[i].group == role && !amlrt__hub_different(s, &s->line[i], &n)) unsure(s);
  return n;
}

static bool first(amlrt__view *v, uint32_t stage, uint32_t role, uint32_t account, int64_t *time)
{
  amlrt__hub_sweep *s = sweep_of(v);
  const amlrt__hub_line *l = line_of(s, stage);

  (void)role;
  (void)account;
  if (l->lo == l->hi) return false;
  *time = s->h->base + l->time[l->lo];
  return true;
}

static bool last(amlrt__view *v, uint32_t stage, uint32_t role, uint32_t account, int64_t *time)
{
  amlrt__hub_sweep *s = sweep_of(v);
  const amlrt__hub_line *l = line_of(s, stage);

  (void)role;
  (void)account;
  if (l->lo == l->hi) return false;
  *time = s->h->base + l->time[l->hi - 1];
  return true;
}

static bool span(amlrt__view *v, int64_t *seconds)
{
  const amlrt__hub_sweep *s = sweep_of(v);
  uint32_t earliest = UINT32_MAX, latest = 0;
  bool any = false;

  for (uint32_t i = 0; i < s->h->n_stages; i++) {
    const amlrt__hub_line *l = &s->line[i];
    if (l->lo == l->hi) continue;
    any = true;
    if (l->time[l->lo] < earliest) earliest = l->time[l->lo];
    if (l->time[l->hi - 1] > latest) latest = l->time[l->hi - 1];
  }
  *seconds = any ? (int64_t)latest - earliest : 0;
  return any;
}

static void note(amlrt__view *v, amlrt_field amount, uint32_t stage, uint32_t role,
                 uint32_t account)
{
  amlrt__hub_sweep *s = sweep_of(v);
  const amlrt__view_agg a = {.field = amount, .stage = stage, .role = role, .account = account};
  const amlrt__hub_sum *sum = amounts_of(s, &a);

  if (!sum) {
    unsure(s);
    return;
  }
  for (uint32_t c = 0, left = sum->n_present; left > 0; c++) {
    if (sum->count[c] == 0) continue;
    amlrt__note_currency(s->w, c);
    left--;
  }
}

const amlrt__view_ops amlrt__hub_view = {
    .agg = agg,
    .count = count,
    .members = members,
    .first = first,
    .last = last,
    .span = span,
    .note = note,
};
