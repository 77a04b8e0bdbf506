// A dated table of exchange rates.
#include "amlrt/money.h"
#include "runtime/src/currency.h"
#include "runtime/src/decimal.h"
#include "runtime/src/error.h"
#include "runtime/src/intern.h"
#include "runtime/src/csv.h"
#include "runtime/src/sort.h"
#include "runtime/src/time.h"

#include <inttypes.h>
#include <string.h>

typedef struct rate {
  int64_t time, mantissa;
  uint32_t currency, line;
  int decimals;
} rate;

struct amlrt_rates {
  amlrt_alloc mem;
  amlrt__pool texts;
  amlrt__intern currencies;
  uint32_t base; // AMLRT_NONE: none was given
  rate *rate;    // by currency, then by time
  size_t n, cap;
  size_t *first; // by currency, and one more at the end
};

void amlrt_rates_free(amlrt_rates *r)
{
  if (!r) return;
  amlrt_alloc mem = r->mem;
  amlrt__release(&mem, r->rate);
  amlrt__release(&mem, r->first);
  amlrt__intern_release(&r->currencies);
  amlrt__pool_release(&r->texts);
  amlrt__release(&mem, r);
}

// ---- reading ------------------------------------------------------------------------------------

typedef struct reader {
  amlrt_rates *r;
  amlrt__csv csv;
  const char *path;
  amlrt_error *err;
} reader;

static amlrt_status bad_line(const reader *rd, const char *what)
{
  return amlrt__fail(rd->err, AMLRT_E_RATES, "%s:%" PRIu64 ": %s", rd->path, rd->csv.line, what);
}

static amlrt_status read_header(reader *rd)
{
  static const char *const names[] = {"date", "currency", "rate"};
  bool more;
  amlrt_status st = amlrt__csv_next(&rd->csv, &more, rd->err);

  if (st < 0) return st;
  bool ok = more && !rd->csv.fault.reason && rd->csv.n_fields == 3;
  for (uint32_t i = 0; ok && i < 3; i++)
    ok = amlrt__csv_find(&rd->csv, names[i]) == i;
  if (!ok)
    return amlrt__fail(rd->err, AMLRT_E_RATES, "%s: the header should be 'date,currency,rate'",
                       rd->path);
  rd->csv.n_expected = 3;
  return AMLRT_OK;
}

static amlrt_status take_base(reader *rd, uint32_t currency, const rate *rt)
{
  if (rt->mantissa != 1 || rt->decimals != 0)
    return bad_line(rd, "the base currency has the rate 1: '*,CUR,1'");
  if (rd->r->base != AMLRT_NONE) return bad_line(rd, "there is a base currency already");
  rd->r->base = currency;
  return AMLRT_OK;
}

static amlrt_status take_line(reader *rd)
{
  amlrt_rates *r = rd->r;
  rate rt = {.line = (uint32_t)rd->csv.line};
  amlrt__text day, name, text;
  amlrt_status st;

  if (rd->csv.fault.reason) return bad_line(rd, amlrt__reason_text(rd->csv.fault.reason));
  day = amlrt__csv_text(&rd->csv, 0);
  name = amlrt__csv_text(&rd->csv, 1);
  text = amlrt__csv_text(&rd->csv, 2);
  if (name.n == 0) return bad_line(rd, "the currency is empty");
  if (!amlrt_decimal_parse(&rt.mantissa, &rt.decimals, text.at, text.n) || rt.mantissa <= 0)
    return bad_line(rd, "the rate is not a decimal above 0");
  name.at = amlrt__currency_name(name.at, &name.n);
  st = amlrt__intern_add(&r->currencies, name.at, name.n, &rt.currency);
  if (st < 0) return amlrt__nomem(rd->err, rd->path);
  if (day.n == 1 && *day.at == '*') return take_base(rd, rt.currency, &rt);
  if (!amlrt__time_day(&rt.time, day.at, day.n)) return bad_line(rd, "the date is not YYYY-MM-DD");
  if (!amlrt__grow(&r->mem, &r->rate, &r->cap, r->n + 1, sizeof *r->rate))
    return amlrt__nomem(rd->err, rd->path);
  r->rate[r->n++] = rt;
  return AMLRT_OK;
}

// ---- order --------------------------------------------------------------------------------------

static bool sorted_items(const amlrt_rates *r, uint32_t *items, int64_t *key)
{
  for (size_t i = 0; i < r->n; i++) {
    items[i] = (uint32_t)i;
    key[i] = r->rate[i].time;
  }
  if (!amlrt__sort_by_int(items, r->n, key, &r->mem)) return false;
  for (size_t i = 0; i < r->n; i++)
    key[i] = r->rate[i].currency;
  return amlrt__sort_by_int(items, r->n, key, &r->mem);
}

static bool sort_rates(amlrt_rates *r)
{
  uint32_t *items = amlrt__array(&r->mem, r->n, sizeof *items);
  int64_t *key = amlrt__array(&r->mem, r->n, sizeof *key);
  rate *sorted = amlrt__array(&r->mem, r->n, sizeof *sorted);
  bool ok;

  r->first = amlrt__array(&r->mem, (size_t)r->currencies.n + 1, sizeof *r->first);
  ok = items && key && sorted && r->first && sorted_items(r, items, key);
  for (size_t i = 0; ok && i < r->n; i++) {
    sorted[i] = r->rate[items[i]];
    r->first[sorted[i].currency + 1] = i + 1;
  }
  for (uint32_t c = 0; ok && c < r->currencies.n; c++) // a currency without dated rates: nothing
    if (r->first[c + 1] < r->first[c]) r->first[c + 1] = r->first[c];
  amlrt__release(&r->mem, items);
  amlrt__release(&r->mem, key);
  if (!ok) {
    amlrt__release(&r->mem, sorted);
    return false;
  }
  amlrt__release(&r->mem, r->rate);
  r->rate = sorted;
  r->cap = r->n;
  return true;
}

static amlrt_status check_rates(const amlrt_rates *r, const char *path, amlrt_error *err)
{
  for (size_t i = 0; i < r->n; i++) {
    const rate *a = &r->rate[i];
    if (a->currency == r->base)
      return amlrt__fail(err, AMLRT_E_RATES, "%s:%" PRIu32 ": %s is the base currency, always 1",
                         path, a->line, r->currencies.text[a->currency]);
    if (i > 0 && a[-1].currency == a->currency && a[-1].time == a->time)
      return amlrt__fail(err, AMLRT_E_RATES,
                         "%s:%" PRIu32 ": the rate of %s for this day is on line %" PRIu32
                         " already",
                         path, a->line, r->currencies.text[a->currency], a[-1].line);
  }
  return AMLRT_OK;
}

static amlrt_status read_lines(reader *rd)
{
  amlrt_status st = read_header(rd);
  bool more = true;

  while (st == AMLRT_OK) {
    st = amlrt__csv_next(&rd->csv, &more, rd->err);
    if (st < 0 || !more) break;
    st = rd->csv.line >= UINT32_MAX ? bad_line(rd, "the file is too long") : take_line(rd);
  }
  if (st == AMLRT_OK && !sort_rates(rd->r)) st = amlrt__nomem(rd->err, rd->path);
  return st < 0 ? st : check_rates(rd->r, rd->path, rd->err);
}

static amlrt_status read_file(reader *rd)
{
  amlrt__input in;
  amlrt_status st = amlrt__input_open(&in, rd->path, &rd->r->mem, rd->err);

  if (st < 0) return st;
  st = amlrt__csv_init(&rd->csv, &in, ',', rd->err);
  if (st == AMLRT_OK) {
    st = read_lines(rd);
    amlrt__csv_release(&rd->csv);
  }
  amlrt__input_close(&in);
  return st;
}

amlrt_status amlrt_rates_read(amlrt_rates **out, const char *path, const amlrt_alloc *mem,
                              amlrt_error *err)
{
  const amlrt_alloc *from = mem ? mem : amlrt_alloc_default();
  amlrt_rates *r = amlrt__array(from, 1, sizeof *r);
  reader rd = {.r = r, .path = path, .err = err};
  amlrt_status st;

  *out = NULL;
  if (!r) return amlrt__nomem(err, path);
  r->mem = *from;
  r->base = AMLRT_NONE;
  amlrt__pool_init(&r->texts, &r->mem);
  amlrt__intern_init(&r->currencies, &r->texts);
  st = read_file(&rd);
  if (st == AMLRT_OK)
    *out = r;
  else
    amlrt_rates_free(r);
  return st;
}

// ---- asking -------------------------------------------------------------------------------------

bool amlrt_rates_at(const amlrt_rates *r, const char *currency, int64_t time, int64_t *mantissa,
                    int *decimals)
{
  size_t n = strlen(currency), lo, hi;
  const char *name = amlrt__currency_name(currency, &n);
  uint32_t c = amlrt__intern_find(&r->currencies, name, n);

  if (c == AMLRT_NONE) return false;
  if (c == r->base) {
    *mantissa = 1;
    *decimals = 0;
    return true;
  }
  lo = r->first[c];
  hi = r->first[c + 1];
  while (lo < hi) { // the first rate later than `time`
    size_t mid = lo + (hi - lo) / 2;
    if (r->rate[mid].time <= time)
      lo = mid + 1;
    else
      hi = mid;
  }
  if (lo == r->first[c]) return false;
  *mantissa = r->rate[lo - 1].mantissa;
  *decimals = r->rate[lo - 1].decimals;
  return true;
}
