#include "datasets/gen/plant.h"

#include <stdlib.h>

// All times below are minutes from the start of the attempt. Each attempt stays an hour or more
// inside the window of its library pattern; how far is said at the function.

enum { MAX_USED = 96, HOUR = 60, DAY = 1440 };

typedef struct {
  gen_plan *plan;
  gen_world *world;
  gen_rng *r;
  int32_t start;
  uint32_t used[MAX_USED]; // accounts of this attempt: each has one role
  uint32_t n_used;
  bool no_memory;
} planter;

static bool grow(void **items, size_t *cap, size_t size)
{
  size_t want = *cap ? *cap * 2 : 256;
  void *p = realloc(*items, want * size);
  if (!p) return false;
  *items = p;
  *cap = want;
  return true;
}

static uint32_t between(planter *p, uint32_t lo, uint32_t hi)
{
  return gen_between(p->r, lo, hi);
}

static bool one_in(planter *p, uint32_t n)
{
  return gen_below(p->r, n) == 0;
}

static uint32_t use(planter *p, uint32_t account)
{
  if (p->n_used < MAX_USED) p->used[p->n_used++] = account;
  return account;
}

static bool is_used(const planter *p, uint32_t account)
{
  for (uint32_t i = 0; i < p->n_used; i++) {
    if (p->used[i] == account) return true;
  }
  return false;
}

// An account with a small life of its own.
static uint32_t quiet(planter *p)
{
  uint32_t a = gen_quiet_account(p->world, p->r);
  while (is_used(p, a))
    a = (a + 1) % p->world->n_ordinary;
  return use(p, a);
}

// An account that does nothing else in the dense period, and, if silent, nothing before it.
static uint32_t fresh(planter *p, bool silent)
{
  uint32_t a = use(p, gen_new_account(p->world));
  gen_plan *q = p->plan;
  if (silent && q->n_silent == q->cap_silent) {
    void *items = q->silent;
    if (!grow(&items, &q->cap_silent, sizeof *q->silent)) p->no_memory = true;
    q->silent = items;
  }
  if (silent && !p->no_memory) q->silent[q->n_silent++] = a;
  return a;
}

// Draws stand in statements of their own, never two in one call: C leaves open in which order
// arguments are evaluated, and two compilers would make two files.
typedef struct {
  uint32_t lo, hi; // at a minute from lo to hi
} when;

static void pay_by(planter *p, uint32_t from, uint32_t to, when at, currency c, int64_t minor,
                   format f)
{
  gen_plan *q = p->plan;
  uint32_t minute = between(p, at.lo, at.hi);
  if (q->n_tx == q->cap_tx) {
    void *items = q->tx;
    if (!grow(&items, &q->cap_tx, sizeof *q->tx)) p->no_memory = true;
    q->tx = items;
  }
  if (p->no_memory) return;
  q->tx[q->n_tx++] = (gen_tx){.from = from,
                              .to = to,
                              .minute = p->start + (int32_t)minute,
                              .attempt = (uint32_t)q->n_attempts,
                              .paid = minor,
                              .received = minor,
                              .paid_in = (uint8_t)c,
                              .received_in = (uint8_t)c,
                              .format = (uint8_t)f};
}

// Nearly all laundering rows of IBM AML are ACH; bitcoins have a format of their own.
static void pay(planter *p, uint32_t from, uint32_t to, when at, currency c, int64_t minor)
{
  format f = one_in(p, 12) ? FMT_wire : FMT_ach;
  pay_by(p, from, to, at, c, minor, c == CUR_bitcoin ? FMT_bitcoin : f);
}

static currency home(const planter *p, uint32_t account)
{
  return gen_home_currency(p->world, account);
}

static int64_t share(planter *p, int64_t of, uint32_t lo_per_mille, uint32_t hi_per_mille)
{
  return of * between(p, lo_per_mille, hi_per_mille) / 1000;
}

// A sum worth the trouble: 2,000 to 250,000 US dollars, in minor units of c.
static int64_t sum_worth(planter *p, currency c)
{
  int64_t cents = between(p, 200000, 2500000);
  return gen_minor(c, one_in(p, 4) ? cents * 10 : cents);
}

// The next of n random parts of what is left of a sum; the last one is all of it.
static int64_t part_of(planter *p, int64_t left, uint32_t n)
{
  return n == 1 ? left : share(p, left / n, 800, 1200);
}

// `total` in n payments by ACH.
static void pay_in_parts(planter *p, uint32_t from, uint32_t to, uint32_t n, when at, currency c,
                         int64_t total)
{
  for (; n; n--) {
    int64_t part = part_of(p, total, n);
    pay_by(p, from, to, at, c, part, FMT_ach);
    total -= part;
  }
}

// n others pay an account; returns the sum.
static int64_t take_in(planter *p, uint32_t account, uint32_t n, when at, currency c)
{
  int64_t total = 0;
  for (; n; n--) {
    uint32_t payer = quiet(p);
    int64_t sum = sum_worth(p, c);
    pay(p, payer, account, at, c, sum);
    total += sum;
  }
  return total;
}

// An account is paid at times in [0, cut], and pays nearly all of it on at times in (cut, end].
static void in_and_out(planter *p, uint32_t account, uint32_t cut, uint32_t end,
                       uint32_t most_per_mille)
{
  uint32_t n_in = between(p, 2, 4), n_out = between(p, 1, 3);
  currency c = home(p, account);
  int64_t left = take_in(p, account, n_in, (when){0, cut}, c);
  for (left = share(p, left, 900, most_per_mille); n_out; n_out--) {
    uint32_t payee = quiet(p);
    int64_t part = part_of(p, left, n_out);
    pay(p, account, payee, (when){cut + HOUR, end}, c, part);
    left -= part;
  }
}

// Begins the next attempt, `span` minutes long, somewhere in the dense period.
static void begin(planter *p, gen_typology t, uint32_t size, uint32_t span)
{
  gen_plan *q = p->plan;
  if (q->n_attempts == q->cap_attempts) {
    void *items = q->attempt;
    if (!grow(&items, &q->cap_attempts, sizeof *q->attempt)) p->no_memory = true;
    q->attempt = items;
  }
  if (p->no_memory) return;
  q->attempt[q->n_attempts++] = (gen_attempt){t, size};
  p->n_used = 0;
  p->start = (int32_t)gen_below(p->r, (uint32_t)p->world->days * DAY - span);
}

// 93 of the 96 hours. The hub of a fan, or of a gather-scatter, has no other life: an alert shows
// the latest of its best matches, and later everyday transfers would push the attempt out of it.
static void plant_fan_out(planter *p)
{
  uint32_t n = between(p, 6, 16), span = 93 * HOUR;
  begin(p, GEN_fan_out, n, span);
  uint32_t hub = fresh(p, false);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t payee = quiet(p);
    currency c = home(p, one_in(p, 2) ? hub : payee);
    int64_t sum = sum_worth(p, c);
    pay(p, hub, payee, (when){0, span}, c, sum);
  }
}

static void plant_fan_in(planter *p)
{
  uint32_t n = between(p, 6, 16), span = 93 * HOUR;
  begin(p, GEN_fan_in, n, span);
  uint32_t hub = fresh(p, false);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t payer = quiet(p);
    currency c = home(p, payer);
    int64_t sum = sum_worth(p, c);
    pay(p, payer, hub, (when){0, span}, c, sum);
  }
}

// 93 of the 96 hours. Hops are in time order, but for one attempt in six, which no temporal
// cycle search can find whole: HI-Small has 5 of 54 like that. Currencies may change hop to hop.
static void plant_cycle(planter *p)
{
  uint32_t hops = between(p, 2, 12), slot = 93 * HOUR / hops, first;
  bool swapped = one_in(p, 6) && hops > 2;
  begin(p, GEN_cycle, hops, 93 * HOUR);
  uint32_t at = first = quiet(p);
  int64_t cents = sum_worth(p, CUR_us_dollar);
  currency c = home(p, first);
  for (uint32_t i = 0; i < hops; i++) {
    uint32_t to = i + 1 < hops ? quiet(p) : first;
    uint32_t k = swapped && i < 2 ? 1 - i : i;
    pay(p, at, to, (when){k * slot, (k + 1) * slot - 1}, c, gen_minor(c, cents));
    cents = share(p, cents, 960, 1000);
    if (one_in(p, 3)) c = home(p, to);
    at = to;
  }
}

// 94 of the 96 hours. In one attempt of three the two phases overlap as a whole; every middleman
// still pays after it was paid, but for one in ten, which is paid once more after that.
static void plant_scatter_gather(planter *p)
{
  uint32_t n = between(p, 4, 12), half = 45 * HOUR;
  bool overlap = one_in(p, 3);
  begin(p, GEN_scatter_gather, n, 94 * HOUR);
  uint32_t source = quiet(p), sink = quiet(p);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t mid = quiet(p), got = between(p, 0, half);
    uint32_t paid = between(p, HOUR, half) + (overlap ? got : half);
    currency c = home(p, mid);
    int64_t sum = sum_worth(p, c), rest = share(p, sum, 900, 980);
    pay(p, source, mid, (when){got, got}, c, sum);
    pay(p, mid, sink, (when){paid, paid}, c, rest);
    if (one_in(p, 10)) pay(p, source, mid, (when){paid + 1, paid + 2 * HOUR}, c, sum / 20);
  }
}

// 190 of the 204 hours. In every second attempt the phases overlap a little.
static void plant_gather_scatter(planter *p)
{
  uint32_t n_in = between(p, 4, 10), n_out = between(p, 4, 10);
  uint32_t cut = 90 * HOUR, mix = one_in(p, 2) ? 15 * HOUR : 0, end = 190 * HOUR;
  begin(p, GEN_gather_scatter, n_in, end);
  uint32_t hub = fresh(p, false);
  for (uint32_t i = 0; i < n_in; i++) {
    uint32_t payer = quiet(p);
    currency c = home(p, payer);
    int64_t sum = sum_worth(p, c);
    pay(p, payer, hub, (when){0, cut + mix}, c, sum);
  }
  for (uint32_t i = 0; i < n_out; i++) {
    uint32_t payee = quiet(p);
    currency c = home(p, hub);
    int64_t sum = sum_worth(p, c);
    pay(p, hub, payee, (when){cut - mix + 1, end}, c, sum);
  }
}

// 46 of the 48 hours. Everybody on the left pays everybody on the right; where both sides are
// large, a payer may leave out one payee that nobody else leaves out, so supports hold.
static void plant_bipartite(planter *p)
{
  uint32_t n_left = between(p, 3, 5), n_right = between(p, 3, 5), right[5], skipped = 0;
  begin(p, GEN_bipartite, 0, 46 * HOUR);
  for (uint32_t i = 0; i < n_right; i++)
    right[i] = quiet(p);
  for (uint32_t i = 0; i < n_left; i++) {
    uint32_t left = quiet(p), hole = gen_below(p->r, n_right);
    currency c = home(p, left);
    bool skip = n_left > 3 && n_right > 3 && !(skipped >> hole & 1) && one_in(p, 4);
    if (skip) skipped |= 1u << hole;
    for (uint32_t k = 0; k < n_right; k++) {
      int64_t sum = sum_worth(p, c);
      if (skip && k == hole) continue;
      pay(p, left, right[k], (when){0, 46 * HOUR}, c, sum);
    }
  }
}

// 115 of the 120 hours. One or two disjoint two-hop chains, each hop in one to three payments.
static void plant_stack(planter *p)
{
  begin(p, GEN_stack, 0, 115 * HOUR);
  for (uint32_t n = between(p, 1, 2); n; n--) {
    uint32_t first = quiet(p), middle = quiet(p), last = quiet(p);
    uint32_t n_one = between(p, 1, 3), n_two = between(p, 1, 3);
    currency c = home(p, first) == CUR_bitcoin ? CUR_euro : home(p, first);
    int64_t sum = sum_worth(p, c), rest = share(p, sum, 950, 1000);
    pay_in_parts(p, first, middle, n_one, (when){0, 50 * HOUR}, c, sum);
    pay_in_parts(p, middle, last, n_two, (when){51 * HOUR, 115 * HOUR}, c, rest);
  }
}

// 90 of the 96 hours, no two hops more than 23 hours apart, one currency all along.
static void plant_random(planter *p)
{
  uint32_t hops = between(p, 3, 9), minute = 0, most = 90 * HOUR / hops;
  if (most > 23 * HOUR) most = 23 * HOUR;
  begin(p, GEN_random, hops, 90 * HOUR);
  uint32_t at = quiet(p);
  currency c = home(p, at);
  int64_t sum = sum_worth(p, c);
  for (uint32_t i = 0; i < hops; i++) {
    uint32_t to = quiet(p);
    pay(p, at, to, (when){minute, minute}, c, sum);
    minute += between(p, 30, most);
    sum = share(p, sum, 950, 995);
    at = to;
  }
}

// 47 hours from the first credit to the last debit; the account has no other life.
static void plant_pass_through(planter *p)
{
  begin(p, GEN_pass_through, 0, 47 * HOUR);
  in_and_out(p, fresh(p, false), 24 * HOUR, 47 * HOUR, 960);
}

// Six of the ten days. Cash in US dollars, 9,000.00 to 9,990.00, by one to three depositors.
static void plant_structuring(planter *p)
{
  uint32_t n = between(p, 3, 8), n_people = between(p, 1, 3), people[3];
  begin(p, GEN_structuring, n, 6 * DAY);
  uint32_t account = quiet(p);
  for (uint32_t i = 0; i < n_people; i++)
    people[i] = quiet(p);
  for (uint32_t i = 0; i < n; i++) {
    int64_t cents = between(p, 900000, 999000);
    if (one_in(p, 2)) cents -= cents % 10000;
    pay_by(p, people[i % n_people], account, (when){0, 6 * DAY}, CUR_us_dollar, cents, FMT_cash);
  }
}

// 71 of the 72 hours. Two or three victims a mule; the mule pays the collector after all of them.
static void plant_mule_herd(planter *p)
{
  uint32_t n = between(p, 4, 8);
  begin(p, GEN_mule_herd, n, 71 * HOUR);
  uint32_t collector = quiet(p);
  currency c = home(p, collector);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t mule = quiet(p), victims = between(p, 2, 3);
    int64_t total = take_in(p, mule, victims, (when){0, 35 * HOUR}, c);
    total = share(p, total, 900, 950);
    pay(p, mule, collector, (when){36 * HOUR, 71 * HOUR}, c, total);
  }
}

// 160 of the 168 hours; never seen before them.
static void plant_dormant(planter *p)
{
  begin(p, GEN_dormant, 0, 160 * HOUR);
  in_and_out(p, fresh(p, true), 40 * HOUR, 160 * HOUR, 980);
}

static void (*const plant_one[GEN_N_TYPOLOGIES])(planter *) = {
#define TYPOLOGY(id, title, before, after) plant_##id,
#include "datasets/gen/typologies.def"
};

gen_status gen_plant(gen_plan *p, gen_world *w, gen_rng *r, uint32_t each, gen_error *e)
{
  planter pl = {.plan = p, .world = w, .r = r};
  *p = (gen_plan){0};
  for (uint32_t i = 0; i < each; i++) {
    for (uint32_t t = 0; t < GEN_N_TYPOLOGIES && !pl.no_memory; t++)
      plant_one[t](&pl);
  }
  if (!pl.no_memory) return GEN_OK;
  gen_plan_release(p);
  return gen_fail(e, GEN_E_NOMEM, "not enough memory for %u attempts of each typology",
                  (unsigned)each);
}

void gen_plan_release(gen_plan *p)
{
  free(p->tx);
  free(p->attempt);
  free(p->silent);
  *p = (gen_plan){0};
}
