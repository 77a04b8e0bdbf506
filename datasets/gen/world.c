#include "datasets/gen/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const currency_info gen_currency[N_CURRENCIES] = {
#define CURRENCY(id, name, weight, num, den, digits) {name, weight, num, den, digits},
#include "datasets/gen/currencies.def"
};

const format_info gen_format[N_FORMATS] = {
#define FORMAT(id, name, weight) {name, weight},
#include "datasets/gen/formats.def"
};

// Share of all transfers, in 1/10,000, that the busiest payers and payees take part in. HI-Small
// has one account behind 3.3 % of its rows; without such hubs a pattern looks cheaper than it is.
static const uint32_t hub_out[] = {330, 200, 40, 36, 34, 26, 18, 14, 10, 8};
static const uint32_t hub_in[] = {118, 50, 24, 18, 14, 12, 10, 8, 6, 6};
enum { N_HUBS = sizeof hub_out / sizeof *hub_out };

enum {
  WEIGHT_ONE = 1 << 11, // weight of the least active account
  WEIGHT_QUIET = 3 * WEIGHT_ONE,
  WEIGHT_CAP = 500 * WEIGHT_ONE, // the tail ends here: what is above are the hubs of the table
  ID_SPACE = 0x7F000000,         // account ids are 80000000 to FEFFFFFF, and a 0
  ID_STEP = 977,
};

gen_status gen_fail(gen_error *e, gen_status st, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  if (e) vsnprintf(e->text, sizeof e->text, fmt, ap);
  va_end(ap);
  return st;
}

static uint64_t isqrt(uint64_t x)
{
  uint64_t r = 0;
  for (uint64_t bit = (uint64_t)1 << 31; bit; bit >>= 1) {
    if ((r + bit) * (r + bit) <= x) r += bit;
  }
  return r;
}

// Pareto with index 4/3: u^(-3/4), by two whole square roots, so that no libm is asked.
static uint64_t pareto(gen_rng *r)
{
  uint64_t u = (gen_next(r) >> 32) | 1;
  uint64_t half = isqrt(u << 32), quarter = isqrt(half << 32);
  uint64_t w = (((uint64_t)1 << 40) / half) * (((uint64_t)1 << 40) / quarter) >> 5;
  return w < WEIGHT_CAP ? w : WEIGHT_CAP;
}

static bool is_hub(const gen_world *w, uint32_t account)
{
  return w->weight_out[account] > WEIGHT_CAP || w->weight_in[account] > WEIGHT_CAP;
}

static void draw_weights(gen_world *w, uint64_t *weight, const uint32_t *hubs, uint32_t first,
                         gen_rng *r)
{
  uint64_t sum = 0;
  for (uint32_t i = 0; i < w->n_ordinary; i++)
    sum += weight[i] = pareto(r);
  for (uint32_t k = 0; k < N_HUBS; k++) {
    uint32_t at = (uint32_t)((uint64_t)w->n_ordinary * (2 * k + first) / (2 * N_HUBS + 1));
    uint64_t share = sum / 10000 * hubs[k];
    weight[at] = share > WEIGHT_CAP ? share : WEIGHT_CAP + 1;
  }
}

// Pairs each account of less than average weight with one of more. All products stay below 2^63:
// at most 2^25 accounts (gen_run), of 2^13 on average; a hub has 1/30 of that sum.
static bool alias_build(gen_alias *a, const uint64_t *weight, uint32_t n)
{
  uint32_t *small = malloc(n * sizeof *small), *large = malloc(n * sizeof *large);
  uint64_t n_small = 0, n_large = 0;
  a->n = n;
  a->keep = malloc(n * sizeof *a->keep);
  a->other = malloc(n * sizeof *a->other);
  bool ok = small && large && a->keep && a->other;
  for (uint32_t i = 0; ok && i < n; i++)
    a->total += weight[i];
  for (uint32_t i = 0; ok && i < n; i++) {
    a->keep[i] = weight[i] * n;
    a->other[i] = i;
    if (a->keep[i] < a->total)
      small[n_small++] = i;
    else
      large[n_large++] = i;
  }
  while (ok && n_small && n_large) {
    uint32_t s = small[--n_small], l = large[n_large - 1];
    a->other[s] = l;
    a->keep[l] -= a->total - a->keep[s];
    if (a->keep[l] < a->total) {
      n_large--;
      small[n_small++] = l;
    }
  }
  free(small);
  free(large);
  return ok;
}

static uint32_t alias_draw(const gen_alias *a, gen_rng *r)
{
  uint32_t i = gen_below(r, a->n);
  return gen_next(r) % a->total < a->keep[i] ? i : a->other[i];
}

// A quarter of the regular counterparties live in the same block of 64 accounts.
static void draw_regulars(gen_world *w, gen_rng *r)
{
  for (uint32_t i = 0; i < w->n_ordinary; i++) {
    for (uint32_t k = 0; k < GEN_REGULAR; k++) {
      uint32_t near = (i & ~63u) + gen_below(r, 64);
      bool local = gen_chance(r, 250) && near < w->n_ordinary;
      w->regular[(size_t)i * GEN_REGULAR + k] = local ? near : alias_draw(&w->in, r);
    }
  }
}

gen_status gen_world_init(gen_world *w, const gen_opts *o, gen_error *e)
{
  gen_rng r;
  uint64_t n = o->accounts ? o->accounts : o->rows / 8;
  *w = (gen_world){.seed = gen_mix(o->seed)};
  w->n_ordinary = w->n_accounts = n < 100 ? 100 : (uint32_t)n;
  w->n_banks = w->n_ordinary / 17 + 8;
  w->days = (int32_t)o->days;
  w->history_days = (int32_t)o->history_days;
  w->weight_out = malloc(w->n_ordinary * sizeof *w->weight_out);
  w->weight_in = malloc(w->n_ordinary * sizeof *w->weight_in);
  w->regular = malloc((size_t)w->n_ordinary * GEN_REGULAR * sizeof *w->regular);
  if (w->weight_out && w->weight_in && w->regular) {
    gen_rng_init(&r, o->seed, 1);
    draw_weights(w, w->weight_out, hub_out, 1, &r);
    draw_weights(w, w->weight_in, hub_in, 2, &r);
    if (alias_build(&w->out, w->weight_out, w->n_ordinary) &&
        alias_build(&w->in, w->weight_in, w->n_ordinary)) {
      draw_regulars(w, &r);
      return GEN_OK;
    }
  }
  gen_world_release(w);
  return gen_fail(e, GEN_E_NOMEM, "not enough memory for %u accounts", (unsigned)n);
}

static void alias_release(gen_alias *a)
{
  free(a->keep);
  free(a->other);
}

void gen_world_release(gen_world *w)
{
  free(w->weight_out);
  free(w->weight_in);
  free(w->regular);
  alias_release(&w->out);
  alias_release(&w->in);
  *w = (gen_world){0};
}

currency gen_home_currency(const gen_world *w, uint32_t account)
{
  uint32_t at = (uint32_t)(gen_mix(w->seed + account * 3u) % 10000), c = 0;
  while (c + 1 < N_CURRENCIES && at >= gen_currency[c].weight)
    at -= gen_currency[c++].weight;
  return (currency)c;
}

// Account numbers repeat across banks: an odd account may have the number of the one before it.
static bool repeats_number(const gen_world *w, uint32_t account)
{
  return (account & 1) && gen_mix(w->seed ^ (account + 0x51ull)) % 25 == 0;
}

static uint32_t bank_of(const gen_world *w, uint32_t account)
{
  if (repeats_number(w, account)) return (bank_of(w, account - 1) + 1) % w->n_banks;
  uint64_t u = gen_mix(w->seed ^ ((uint64_t)account << 20)) >> 32;
  return (uint32_t)(((u * u >> 32) * w->n_banks) >> 32); // squared: some banks are large
}

// Bank 1 has the number of bank 0 and one more leading zero: two banks, if ids are kept as text.
void gen_bank_text(const gen_world *w, uint32_t account, char out[16])
{
  uint32_t bank = bank_of(w, account), base = bank == 1 ? 0 : bank;
  uint32_t number = 10 + base * 7 + (uint32_t)(gen_mix(base) % 7);
  char digits[12];
  int n = 0, zeros = bank == 1 ? 2 : 1;
  for (; number; number /= 10)
    digits[n++] = (char)('0' + number % 10);
  if (n == 3 || n == 4) zeros++;
  while (zeros-- > 0)
    *out++ = '0';
  while (n > 0)
    *out++ = digits[--n];
  *out = '\0';
}

void gen_account_text(const gen_world *w, uint32_t account, char out[16])
{
  static const char hex[] = "0123456789ABCDEF";
  uint32_t i = repeats_number(w, account) ? account - 1 : account;
  uint32_t room = w->n_ordinary * 2 + 1000000, step = ID_SPACE / room;
  if (step > ID_STEP) step = ID_STEP;
  uint32_t id = 0x80000000u + i * step + (uint32_t)(gen_mix(w->seed ^ ~(uint64_t)i) % step);
  for (int k = 7; k >= 0; k--, id >>= 4)
    out[k] = hex[id & 15];
  out[8] = '0';
  out[9] = '\0';
}

uint32_t gen_quiet_account(const gen_world *w, gen_rng *r)
{
  uint32_t a = 0;
  for (int tries = 0; tries < 64; tries++) {
    a = gen_below(r, w->n_ordinary);
    if (w->weight_out[a] < WEIGHT_QUIET && w->weight_in[a] < WEIGHT_QUIET) break;
  }
  return a;
}

uint32_t gen_new_account(gen_world *w)
{
  return w->n_accounts++;
}

int64_t gen_value(gen_rng *r)
{
  uint32_t e = 9;
  for (int i = 0; i < 4; i++)
    e += gen_below(r, 5);
  if (gen_chance(r, 2)) e += gen_below(r, 13); // the few very large ones: up to 10^12 in yen
  uint64_t v = ((uint64_t)1 << e) + (gen_next(r) >> (64 - e));
  if (v >= 10000 && gen_chance(r, 100)) v -= v % 10000; // round sums are common
  return (int64_t)v;
}

int64_t gen_minor(currency c, int64_t us_cents)
{
  int64_t v = us_cents * gen_currency[c].num / gen_currency[c].den;
  return v > 0 ? v : 1;
}

static format draw_format(gen_rng *r)
{
  uint32_t at = gen_below(r, 1000), f = 0;
  while (f + 1 < N_FORMATS && at >= gen_format[f].weight)
    at -= gen_format[f++].weight;
  return (format)f;
}

// Fills currency, amounts and format of a transfer whose accounts are set.
static void draw_payment(const gen_world *w, gen_rng *r, gen_tx *t)
{
  currency c = gen_home_currency(w, t->from), got = c;
  int64_t value = gen_value(r);
  bool self = t->from == t->to;
  if (!self && gen_chance(r, 15)) got = gen_home_currency(w, t->to);
  t->paid_in = (uint8_t)c;
  t->received_in = (uint8_t)got;
  t->paid = gen_minor(c, value);
  t->received = gen_minor(got, value);
  t->format = (uint8_t)(self                                     ? FMT_reinvestment
                        : c == CUR_bitcoin || got == CUR_bitcoin ? FMT_bitcoin
                                                                 : draw_format(r));
}

// The first day holds twice its share, as the first day of the published sets does.
static int32_t draw_minute(const gen_world *w, gen_rng *r)
{
  uint32_t day = gen_below(r, (uint32_t)w->days + 1);
  if (day >= (uint32_t)w->days) day = 0;
  return (int32_t)(day * 1440 + gen_below(r, 1440));
}

void gen_background(const gen_world *w, gen_rng *r, gen_tx *out, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    gen_tx t = {.from = alias_draw(&w->out, r)};
    uint32_t kind = gen_below(r, 1000);
    if (kind < 120)
      t.to = t.from;
    else if (is_hub(w, t.from))
      t.to = gen_below(r, w->n_ordinary);
    else if (kind < 700)
      t.to = w->regular[t.from * (size_t)GEN_REGULAR + gen_below(r, GEN_REGULAR)];
    else
      t.to = alias_draw(&w->in, r);
    t.minute = draw_minute(w, r);
    draw_payment(w, r, &t);
    out[i] = t;
  }
}

size_t gen_history_max(const gen_world *w)
{
  return w->history_days ? w->n_accounts : 0;
}

// Each account pays one of lower number, later than that one did: so nobody is paid and pays on
// soon after, which would look like an account that wakes up. The first payment of all lies at the
// beginning, the others in the later 7/10, less than the half year after which a bank says dormant.
size_t gen_history(const gen_world *w, gen_rng *r, const bool *silent, gen_tx *out)
{
  size_t n = 0;
  int64_t minutes = (int64_t)w->history_days * 1440, later = minutes * 7 / 10;
  for (uint32_t i = 0; w->history_days && i < w->n_accounts; i++) {
    uint32_t lower = gen_below(r, i < w->n_ordinary ? i + (i == 0) : w->n_ordinary);
    gen_tx t = {.from = i, .to = i ? lower : 1};
    if (silent[i]) continue;
    t.minute = (int32_t)(i ? later * i / w->n_accounts - later : -minutes);
    draw_payment(w, r, &t);
    out[n++] = t;
  }
  return n;
}
