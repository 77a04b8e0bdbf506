// Naive matchers for a few shapes, written from docs/semantics.md alone, against the reference
// interpreter. They try every assignment of accounts to keys on tiny random graphs (ties, parallel
// transfers, self-transfers, amounts and currencies not given) and share no code with ir/reference.
//
//   naive [SECONDS [SEED]]     a failure prints its seed, pattern, graph and both answers
//
// An answer is a line a match: trigger, degree in units of 2^-44, keys, then the rows of each stage.
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "frontend/sema.h"
#include "ir/reference/ref.h"

enum { MAX_TX = 18, MAX_ACCOUNTS = 6, TEXT = 1 << 16 };

typedef struct tx {
  int from, to, time, amount, currency; // amount -1, currency 0: not given
} tx;

typedef struct world {
  uint64_t random;
  tx e[MAX_TX];
  int n, n_accounts, within, same_currency, hubs;
  char pattern[1024];
  char naive[TEXT], ref[TEXT];
  size_t n_naive, n_ref;
} world;

// ---- random numbers, text ------------------------------------------------------------------------------

static int draw(world *w, int lo, int hi)
{
  w->random ^= w->random << 13;
  w->random ^= w->random >> 7;
  w->random ^= w->random << 17;
  return lo + (int)((w->random >> 20) % (uint64_t)(hi - lo + 1));
}

static void add(char *text, size_t *n, const char *fmt, ...) AML_PRINTF(3, 4);
static void add(char *text, size_t *n, const char *fmt, ...)
{
  va_list args;

  va_start(args, fmt);
  int k = vsnprintf(text + *n, TEXT - *n, fmt, args);
  va_end(args);
  *n += (size_t)k;
  if (*n >= TEXT) *n = TEXT - 1;
}

static void draw_graph(world *w)
{
  int time = 0;

  w->n = draw(w, 1, MAX_TX);
  w->n_accounts = draw(w, 2, MAX_ACCOUNTS);
  w->within = draw(w, 3, 20);
  for (int i = 0; i < w->n; i++) {
    time += draw(w, 0, 2);
    w->e[i] = (tx){.from = draw(w, 0, w->n_accounts - 1), .time = time};
    w->e[i].to = draw(w, 0, w->n_accounts - 1);
    w->e[i].amount = draw(w, 0, 15) == 0 ? -1 : draw(w, 0, 6);
    w->e[i].currency = draw(w, 0, 15) == 0 ? 0 : draw(w, 0, 3) == 0 ? 2 : 1;
  }
}

// ---- what exists: section 2 ----------------------------------------------------------------------------

static bool exists(const world *w, int e, int t)
{
  if (e > t || w->e[e].time <= w->e[t].time - w->within) return false;
  return !w->same_currency || w->e[e].currency == w->e[t].currency;
}

static bool barred(const world *w, int account, int t)
{
  int in = 0, out = 0;

  for (int e = 0; e < w->n; e++) {
    if (!exists(w, e, t)) continue;
    in += w->e[e].to == account;
    out += w->e[e].from == account;
  }
  return w->hubs > 0 && (in > w->hubs || out > w->hubs);
}

// ---- degrees: section 5 --------------------------------------------------------------------------------

static const int64_t ONE = (int64_t)1 << 44;

static int64_t rounded(double d)
{
  return (int64_t)nearbyint(d * (double)ONE);
}

// lo~hi.. of num / den
static int64_t rising(int64_t num, int64_t den, double lo, double hi)
{
  double x = (double)num / (double)den;
  return x <= lo ? 0 : x >= hi ? ONE : rounded((x - lo) / (hi - lo));
}

static int64_t falling(int64_t num, int64_t den, double lo, double hi)
{
  double x = (double)num / (double)den;
  return x >= hi ? 0 : x <= lo ? ONE : rounded((hi - x) / (hi - lo));
}

static int64_t mean(int64_t sum, int n)
{
  if (n == 0) return ONE;
  int64_t q = sum / n, r = sum % n;
  return q + (2 * r > n || (2 * r == n && q % 2));
}

static int64_t least(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

// ---- answers -------------------------------------------------------------------------------------------

typedef struct stage {
  bool in[MAX_TX];
} stage;

static void keep(stage *s, const world *w, int t, int from, int to)
{
  for (int e = 0; e < w->n; e++)
    s->in[e] = exists(w, e, t) && w->e[e].from == from && w->e[e].to == to && from != to;
}

static bool any(const stage *s)
{
  for (int e = 0; e < MAX_TX; e++)
    if (s->in[e]) return true;
  return false;
}

static void answer(world *w, int t, int64_t degree, int n_keys, const int *keys, int n_stages,
                   const stage *s)
{
  char *o = w->naive;

  add(o, &w->n_naive, "%d %" PRId64, t, degree);
  for (int k = 0; k < n_keys; k++)
    add(o, &w->n_naive, " %d", keys[k]);
  for (int i = 0; i < n_stages; i++) {
    add(o, &w->n_naive, " |");
    for (int e = 0; e < w->n; e++)
      if (s[i].in[e]) add(o, &w->n_naive, " %d", e);
  }
  add(o, &w->n_naive, "\n");
}

// ---- fan: a graded size, a graded filter, hubs -----------------------------------------------------------

static void fan(world *w)
{
  int lo = draw(w, 0, 2), hi = lo + draw(w, 1, 2), a = draw(w, 0, 2), b = a + draw(w, 1, 3);

  w->hubs = draw(w, 0, 3);
  size_t n = 0;
  if (w->hubs) n += (size_t)snprintf(w->pattern, 64, "hubs at most %d;", w->hubs);
  snprintf(w->pattern + n, sizeof w->pattern - n,
           "ignoring currency; stage s: p[%d~%d..] -> h where amount in %d~%d..;", lo, hi, a, b);
  for (int t = 0; t < w->n; t++)
    for (int h = 0; h < w->n_accounts; h++) {
      stage s = {0};
      bool member[MAX_ACCOUNTS] = {0};
      int64_t sum = 0;
      int n_tx = 0, n_members = 0;
      if (barred(w, h, t)) continue;
      for (int e = 0; e < w->n; e++) {
        const tx *x = &w->e[e];
        if (!exists(w, e, t) || x->to != h || x->from == h || barred(w, x->from, t)) continue;
        int64_t d = x->amount < 0 ? 0 : rising(x->amount, 1, a, b);
        if (d == 0) continue;
        s.in[e] = true;
        sum += d;
        n_tx++;
        n_members += !member[x->from];
        member[x->from] = true;
      }
      int64_t degree = least(rising(n_members, 1, lo, hi), mean(sum, n_tx));
      if (s.in[t] && degree > 0) answer(w, t, degree, 1, &h, 1, &s);
    }
}

// ---- scatter-gather: order at a member, a graded ratio of sums --------------------------------------------

static bool prune_middle(const world *w, stage s[2], bool *m)
{
  bool dropped = false;

  for (int k = 0; k < 2; k++)
    for (int e = 0; e < w->n; e++) {
      int x = k ? w->e[e].from : w->e[e].to;
      bool partner = false;
      if (!s[k].in[e]) continue;
      for (int f = 0; f < w->n; f++) {
        if (!s[1 - k].in[f] || (k ? w->e[f].to : w->e[f].from) != x) continue;
        partner |= k ? w->e[f].time < w->e[e].time : w->e[e].time < w->e[f].time;
      }
      if (m[x] && partner) continue;
      s[k].in[e] = false;
      dropped = true;
    }
  for (int x = 0; x < w->n_accounts; x++) {
    bool has[2] = {false, false};
    for (int e = 0; e < w->n; e++) {
      has[0] |= s[0].in[e] && w->e[e].to == x;
      has[1] |= s[1].in[e] && w->e[e].from == x;
    }
    if (!m[x] || (has[0] && has[1])) continue;
    m[x] = false;
    dropped = true;
  }
  return dropped;
}

// -1: cannot be evaluated
static int64_t ratio_of(const world *w, const stage s[2], int x)
{
  int64_t sum[2] = {0, 0};

  for (int k = 0; k < 2; k++)
    for (int e = 0; e < w->n; e++) {
      if (!s[k].in[e] || (k ? w->e[e].from : w->e[e].to) != x) continue;
      if (w->e[e].amount < 0) return -1;
      sum[k] += w->e[e].amount;
    }
  if (sum[0] == 0) return 0;
  return least(rising(sum[1], sum[0], 0.5, 0.8), falling(sum[1], sum[0], 1.25, 2));
}

static bool prune_ratio(const world *w, const stage s[2], bool *m)
{
  bool dropped = false;

  for (int x = 0; x < w->n_accounts; x++)
    if (m[x] && ratio_of(w, s, x) < 0) return false;
  bool out[MAX_ACCOUNTS] = {0};
  for (int x = 0; x < w->n_accounts; x++)
    out[x] = m[x] && ratio_of(w, s, x) == 0;
  for (int x = 0; x < w->n_accounts; x++) {
    m[x] = m[x] && !out[x];
    dropped |= out[x];
  }
  return dropped;
}

static void middle(world *w, int t, int a, int b, int lo)
{
  stage s[2] = {{{0}}, {{0}}};
  bool m[MAX_ACCOUNTS] = {0};
  int n = 0, unknown = 0;
  int64_t sum = 0;

  for (int x = 0; x < w->n_accounts; x++)
    m[x] = x != a && x != b;
  for (int e = 0; e < w->n; e++) {
    s[0].in[e] = exists(w, e, t) && w->e[e].from == a && m[w->e[e].to];
    s[1].in[e] = exists(w, e, t) && w->e[e].to == b && m[w->e[e].from];
  }
  do
    while (prune_middle(w, s, m))
      ;
  while (prune_ratio(w, s, m));
  for (int x = 0; x < w->n_accounts; x++) {
    if (!m[x]) continue;
    int64_t d = ratio_of(w, s, x);
    unknown |= d < 0;
    sum += d;
    n++;
  }
  int64_t degree = unknown ? ONE : mean(sum, n);
  if (n >= lo && degree > 0 && (s[0].in[t] || s[1].in[t]))
    answer(w, t, degree, 2, (int[]){a, b}, 2, s);
}

static void scatter_gather(world *w)
{
  int lo = draw(w, 1, 2);

  snprintf(w->pattern, sizeof w->pattern,
           "ignoring currency; stage s: a -> m[%d..]; stage t: m -> b; each m: s before t;"
           "each m: sum(t.amount) / sum(s.amount) in 0.5~0.8..1.25~2;",
           lo);
  for (int t = 0; t < w->n; t++)
    for (int a = 0; a < w->n_accounts; a++)
      for (int b = 0; b < w->n_accounts; b++)
        if (a != b) middle(w, t, a, b, lo);
}

// ---- chains: closed with an order, closed without, open -----------------------------------------------------

typedef struct hops {
  bool closed, ordered, rising; // rising: each amount at least the one before
  int most;
} hops;

static bool hop_pair(const world *w, const hops *h, int e, int f)
{
  if (h->ordered && w->e[e].time >= w->e[f].time) return false;
  if (!h->rising) return true;
  return w->e[e].amount >= 0 && w->e[f].amount >= 0 && w->e[f].amount >= w->e[e].amount;
}

static bool prune_hops(const world *w, const hops *h, stage *hop, int n)
{
  bool dropped = false;

  for (int i = 0; i < n; i++)
    for (int e = 0; e < w->n; e++) {
      bool before = i == 0, after = i == n - 1;
      if (!hop[i].in[e]) continue;
      for (int f = 0; f < w->n; f++) {
        before |= i > 0 && hop[i - 1].in[f] && hop_pair(w, h, f, e);
        after |= i < n - 1 && hop[i + 1].in[f] && hop_pair(w, h, e, f);
      }
      if (before && after) continue;
      hop[i].in[e] = false;
      dropped = true;
    }
  return dropped;
}

// stops: a, via.., b. Keys are printed as they are: a, b or a, then the list.
static void judge_hops(world *w, const hops *h, int t, const int *stops, int n)
{
  stage hop[MAX_ACCOUNTS + 1] = {{{0}}}, all = {0};
  int keys[MAX_ACCOUNTS + 2];

  for (int i = 0; i < n; i++)
    keep(&hop[i], w, t, stops[i], stops[i + 1]);
  if (h->ordered || h->rising)
    while (prune_hops(w, h, hop, n))
      ;
  for (int i = 0; i < n; i++) {
    if (!any(&hop[i])) return;
    for (int e = 0; e < w->n; e++)
      all.in[e] |= hop[i].in[e];
  }
  for (int i = 0; i <= n; i++)
    keys[i] = stops[i];
  if (all.in[t]) answer(w, t, ONE, h->closed ? n : n + 1, keys, 1, &all);
}

static bool is_used(const int *stops, int n, int x)
{
  for (int i = 0; i < n; i++)
    if (stops[i] == x) return true;
  return false;
}

// All lists of different accounts, in the order of keys: the start, the list (a shorter one first), the end.
static void try_hops(world *w, const hops *h, int t, int *stops, int n)
{
  bool ring = h->closed && !h->ordered && !h->rising;

  for (int x = 0; x < w->n_accounts; x++) {
    if (is_used(stops, n, x) || (ring && n > 0 && x < stops[0])) continue;
    stops[n] = x;
    for (int end = 0; end < w->n_accounts && n > 0; end++) {
      if (h->closed ? end != stops[0] : is_used(stops, n + 1, end)) continue;
      stops[n + 1] = end;
      judge_hops(w, h, t, stops, n + 1);
    }
    if (n < h->most) try_hops(w, h, t, stops, n + 1);
  }
}

static void chain(world *w, hops h)
{
  int stops[MAX_ACCOUNTS + 3];

  h.most = draw(w, 1, 4);
  snprintf(w->pattern, sizeof w->pattern, "ignoring currency; stage r: a -> v{1..%d} -> %s;%s%s",
           h.most, h.closed ? "a" : "b", h.ordered ? "along r: this before next;" : "",
           h.rising ? "along r: next.amount >= this.amount;" : "");
  for (int t = 0; t < w->n; t++)
    try_hops(w, &h, t, stops, 0);
}

static void ring_in_order(world *w)
{
  chain(w, (hops){.closed = true, .ordered = true});
}

static void ring_rising(world *w)
{
  chain(w, (hops){.closed = true, .ordered = true, .rising = true});
}

static void ring(world *w)
{
  chain(w, (hops){.closed = true});
}

static void open_chain(world *w)
{
  chain(w, (hops){.ordered = draw(w, 0, 1), .rising = draw(w, 0, 1)});
}

// ---- gather-scatter: overlap of phases, an absence ----------------------------------------------------------

static void around(world *w, int t, int h, int absent)
{
  stage s[2] = {{{0}}, {{0}}};
  int out_of_order = 0, pairs = 0;
  int64_t degree = ONE;

  for (int e = 0; e < w->n; e++) {
    const tx *x = &w->e[e];
    if (!exists(w, e, t) || x->from == x->to) continue;
    s[0].in[e] = x->to == h;
    s[1].in[e] = x->from == h;
  }
  if (!any(&s[0]) || !any(&s[1]) || (!s[0].in[t] && !s[1].in[t])) return;
  for (int e = 0; e < w->n; e++)
    for (int f = 0; f < w->n; f++) {
      if (!s[0].in[e] || !s[1].in[f]) continue;
      pairs++;
      out_of_order += w->e[e].time >= w->e[f].time;
      // No one both pays the hub and is paid by it.
      if (absent && w->e[e].from == w->e[f].to) return;
    }
  degree = falling(out_of_order, pairs, 0.25, 0.75);
  if (degree > 0) answer(w, t, degree, 1, &h, 2, s);
}

static void gather_scatter(world *w)
{
  int absent = draw(w, 0, 1);

  snprintf(w->pattern, sizeof w->pattern,
           "stage g: p[1..] -> h; stage s: h -> q[1..]; require g before s overlap ..25%%~75%%;%s",
           absent ? "absent back: h -> p;" : "");
  for (int t = 0; t < w->n; t++)
    for (int h = 0; h < w->n_accounts; h++)
      around(w, t, h, absent);
}

// ---- bipartite: support, a difference -------------------------------------------------------------------------

static int partners(const world *w, const stage *s, int x, bool from)
{
  bool seen[MAX_ACCOUNTS] = {0};
  int n = 0;

  for (int e = 0; e < w->n; e++) {
    int mine = from ? w->e[e].from : w->e[e].to, other = from ? w->e[e].to : w->e[e].from;
    if (!s->in[e] || mine != x) continue;
    n += !seen[other];
    seen[other] = true;
  }
  return n;
}

static void seeded(world *w, int t, int a, int b, int p, int q)
{
  stage s[4] = {{{0}}, {{0}}, {{0}}, {{0}}}; // seed, out(a), in(b), layer
  bool l[MAX_ACCOUNTS], r[MAX_ACCOUNTS], dropped;
  int n_l = 0, n_r = 0;

  keep(&s[0], w, t, a, b);
  if (!s[0].in[t]) return;
  for (int x = 0; x < w->n_accounts; x++) {
    stage there = {0}, back = {0};
    bool key = x == a || x == b;
    keep(&there, w, t, a, x);
    keep(&back, w, t, x, a);
    r[x] = !key && any(&there) && !any(&back);
    keep(&there, w, t, x, b);
    l[x] = !key && any(&there);
  }
  do {
    dropped = false;
    for (int e = 0; e < w->n; e++) {
      const tx *x = &w->e[e];
      bool is = exists(w, e, t) && x->from != x->to;
      s[1].in[e] = is && x->from == a && r[x->to];
      s[2].in[e] = is && x->to == b && l[x->from];
      s[3].in[e] = is && l[x->from] && r[x->to];
    }
    for (int x = 0; x < w->n_accounts; x++) {
      if (l[x] && partners(w, &s[3], x, true) < p) dropped = true, l[x] = false;
      if (r[x] && partners(w, &s[3], x, false) < q) dropped = true, r[x] = false;
    }
  } while (dropped);
  for (int x = 0; x < w->n_accounts; x++) {
    n_l += l[x];
    n_r += r[x];
  }
  if (n_l && n_r) answer(w, t, ONE, 2, (int[]){a, b}, 4, s);
}

static void bipartite(world *w)
{
  int p = draw(w, 1, 2), q = draw(w, 1, 2);

  w->within = 40; // matches are rare enough

  snprintf(w->pattern, sizeof w->pattern,
           "trigger seed; stage seed: a -> b; set r[1..] = out(a) - in(a); set l[1..] = in(b);"
           "stage layer: l -> r support %d.., %d..;",
           p, q);
  for (int t = 0; t < w->n; t++)
    for (int a = 0; a < w->n_accounts; a++)
      for (int b = 0; b < w->n_accounts; b++)
        if (a != b) seeded(w, t, a, b, p, q);
}

// ---- a share, and a union -------------------------------------------------------------------------------------

static void shared(world *w, int t, int h)
{
  stage s[3] = {{{0}}, {{0}}, {{0}}}; // p -> h, out(p), out(h)
  bool p[MAX_ACCOUNTS] = {0}, m[MAX_ACCOUNTS];
  int n_p = 0;

  for (int e = 0; e < w->n; e++) {
    s[0].in[e] = exists(w, e, t) && w->e[e].to == h && w->e[e].from != h;
    if (s[0].in[e]) p[w->e[e].from] = true;
  }
  for (int x = 0; x < w->n_accounts; x++) {
    bool paid[MAX_ACCOUNTS] = {0}, by_h = false;
    int n = 0;
    for (int e = 0; e < w->n; e++) {
      if (!exists(w, e, t) || w->e[e].to != x || w->e[e].from == x) continue;
      if (p[w->e[e].from]) paid[w->e[e].from] = true;
      by_h |= w->e[e].from == h;
    }
    n_p = 0;
    for (int y = 0; y < w->n_accounts; y++) {
      n += paid[y];
      n_p += p[y];
    }
    m[x] = x != h && (by_h || (n > 0 && 100 * n >= 60 * n_p));
  }
  for (int e = 0; e < w->n; e++) {
    const tx *x = &w->e[e];
    if (!exists(w, e, t) || x->from == x->to || !m[x->to]) continue;
    s[1].in[e] = p[x->from];
    s[2].in[e] = x->from == h;
  }
  if (n_p && (s[0].in[t] || s[1].in[t] || s[2].in[t])) answer(w, t, ONE, 1, &h, 3, s);
}

static void share(world *w)
{
  snprintf(w->pattern, sizeof w->pattern,
           "stage s: p[1..] -> h; set m[0..] = out(p, at least 60%%) as o | out(h) as u;");
  for (int t = 0; t < w->n; t++)
    for (int h = 0; h < w->n_accounts; h++)
      shared(w, t, h);
}

// ---- three accounts: a gap and a ratio at the middle, may equal, currencies ---------------------------------------

static bool middle_pair(const world *w, int e, int f, int money, int64_t *gap)
{
  const tx *a = &w->e[e], *b = &w->e[f];

  if (b->time <= a->time) return false;
  *gap = falling(b->time - a->time, 1, 2, 6);
  if (*gap == 0) return false;
  if (!money) return true;
  if (a->amount <= 0 || b->amount < 0) return false;
  if (a->currency == 0 || b->currency == 0 || a->currency != b->currency) return false;
  return 2 * b->amount >= a->amount && b->amount <= 2 * a->amount;
}

static void three(world *w, int t, int a, int b, int c, int money)
{
  stage s[2] = {{{0}}, {{0}}};
  bool dropped = true;
  int64_t sum = 0;
  int n = 0;

  for (int k = 0; k < 2; k++)
    for (int e = 0; e < w->n; e++)
      s[k].in[e] = exists(w, e, t) && w->e[e].from == (k ? b : a) && w->e[e].to == (k ? c : b);
  while (dropped) {
    dropped = false;
    for (int k = 0; k < 2; k++)
      for (int e = 0; e < w->n; e++) {
        bool partner = false;
        int64_t gap;
        for (int f = 0; f < w->n; f++)
          if (s[k].in[e] && s[1 - k].in[f])
            partner |= k ? middle_pair(w, f, e, money, &gap) : middle_pair(w, e, f, money, &gap);
        if (s[k].in[e] && !partner) dropped = true, s[k].in[e] = false;
      }
  }
  if (!any(&s[0]) || !any(&s[1]) || (!s[0].in[t] && !s[1].in[t])) return;
  for (int e = 0; e < w->n; e++) {
    int64_t best = 0, gap = 0;
    if (!s[0].in[e]) continue;
    for (int f = 0; f < w->n; f++)
      if (s[1].in[f] && middle_pair(w, e, f, money, &gap) && gap > best) best = gap;
    sum += best;
    n++;
  }
  answer(w, t, mean(sum, n), 3, (int[]){a, b, c}, 2, s);
}

static void middle_man(world *w)
{
  int money = draw(w, 0, 1), equal = draw(w, 0, 1);

  w->same_currency = money ? 0 : draw(w, 0, 1);
  snprintf(w->pattern, sizeof w->pattern,
           "%sstage s: a -> b; stage t: b -> c; each b: gap(s, t) in ..2s~6s;%s%s",
           w->same_currency ? "same currency;" : "", equal ? "may equal a, c;" : "",
           money ? "each b: t.amount / s.amount in 0.5..2;" : "");
  for (int t = 0; t < w->n; t++) {
    if (w->same_currency && w->e[t].currency == 0) continue;
    for (int a = 0; a < w->n_accounts; a++)
      for (int b = 0; b < w->n_accounts; b++)
        for (int c = 0; c < w->n_accounts; c++)
          if (a != b && b != c && (equal || a != c)) three(w, t, a, b, c, money);
  }
}

// ---- the two against each other -----------------------------------------------------------------------------------

typedef struct shape {
  const char *name;
  void (*run)(world *w);
} shape;

static const shape shapes[] = {
    {"fan", fan},
    {"scatter-gather", scatter_gather},
    {"ring in order", ring_in_order},
    {"ring, rising", ring_rising},
    {"ring", ring},
    {"chain", open_chain},
    {"gather-scatter", gather_scatter},
    {"bipartite", bipartite},
    {"share", share},
    {"middle man", middle_man},
};
enum { N_SHAPES = sizeof shapes / sizeof *shapes };

typedef struct printer {
  world *w;
  const amlrt_pattern_info *info;
  const amlrt_table *table;
} printer;

static amlrt_status print_match(void *user, const amlrt_match *m)
{
  const printer *p = user;
  world *w = p->w;

  add(w->ref, &w->n_ref, "%u %" PRId64, m->trigger, m->degree);
  for (uint32_t r = 0; r < p->info->n_roles; r++)
    for (uint32_t i = 0; p->info->roles[r].kind != AMLRT_ROLE_GROUP && i < m->roles[r].n; i++)
      add(w->ref, &w->n_ref, " %s", amlrt_table_account(p->table, m->roles[r].at[i]));
  for (uint32_t s = 0; s < p->info->n_stages; s++) {
    add(w->ref, &w->n_ref, " |");
    for (uint32_t i = 0; i < m->stages[s].n; i++)
      add(w->ref, &w->n_ref, " %u", m->stages[s].at[i]);
  }
  add(w->ref, &w->n_ref, "\n");
  return AMLRT_OK;
}

static amlrt_table *make_table(const world *w)
{
  static const char *const currencies[] = {NULL, "USD", "EUR"};
  amlrt_builder *b;
  amlrt_table *t = NULL;

  if (amlrt_builder_new(&b, NULL, NULL) < 0) return NULL;
  for (int i = 0; i < w->n; i++) {
    char from[8], to[8], amount[8];
    snprintf(from, sizeof from, "%d", w->e[i].from);
    snprintf(to, sizeof to, "%d", w->e[i].to);
    snprintf(amount, sizeof amount, "%d", w->e[i].amount);
    amlrt_tx x = {.from = from, .to = to, .time = w->e[i].time};
    x.amount = w->e[i].amount < 0 ? NULL : amount;
    x.currency = currencies[w->e[i].currency];
    if (amlrt_builder_add(b, &x, NULL) < 0) break;
  }
  amlrt_status st = amlrt_builder_finish(&t, b, NULL);
  amlrt_builder_free(b);
  return st < 0 ? NULL : t;
}

// As it is, and looking for the trigger in every stage: the same. False: they differ, or fail.
static bool run_both(world *w, const gir_pattern *pattern, arena *mem)
{
  amlrt_table *t = make_table(w);
  printer p = {w, ref_pattern_info(mem, pattern), t};
  ref_opts opts = {.only_trigger = AMLRT_NONE};
  bool same = t != NULL;

  for (int all = 1; all >= 0 && same; all--) {
    opts.all_stages = all;
    w->n_ref = 0;
    w->ref[0] = '\0';
    same = ref_run(pattern, 0, t, &opts, print_match, &p, NULL, NULL) == AMLRT_OK &&
           strcmp(w->naive, w->ref) == 0;
  }
  amlrt_table_free(t);
  return same;
}

static bool run_ref(world *w, cx *c, arena *mem)
{
  char text[2048];
  int n = snprintf(text, sizeof text,
                   "#!amlc 1\n/// x\npattern t { meta { id: "
                   "\"6f1c1a52-6c0e-4c39-9d53-0b7e6b1f0a11\"; version: \"1.0.0\"; }\n"
                   "within %ds; %s }\n",
                   w->within, w->pattern);
  sema_root root = {source_add(c, "t.aml", text, (size_t)n)};
  sema_loader loader = {.roots = &root, .n_roots = 1};
  sema_program *program = sema_load(mem, c, &loader);
  gir_module *m = program ? sema_lower(mem, c, program, NULL, 0) : NULL;
  if (!m) {
    strbuf out;
    strbuf_init(&out, c);
    diag_render(c, &out, DIAG_TEXT, false);
    fprintf(stderr, "%s", strbuf_text(&out));
    strbuf_release(&out);
    return false;
  }
  return run_both(w, m->patterns.at[0], mem);
}

static void tell(const world *w, const char *name, uint64_t seed)
{
  fprintf(stderr, "naive: %s, seed %" PRIu64 "\nwithin %ds; %s\n", name, seed, w->within,
          w->pattern);
  for (int i = 0; i < w->n; i++)
    fprintf(stderr, "%d: %d -> %d at %d, %d of currency %d\n", i, w->e[i].from, w->e[i].to,
            w->e[i].time, w->e[i].amount, w->e[i].currency);
  fprintf(stderr, "naive:\n%sreference:\n%s", w->naive, w->ref);
}

// One seed: a shape, its parameters, a graph. False: they differ.
static bool one(uint64_t seed, uint64_t *n_lines)
{
  static world w; // too large for some stacks
  const shape *s = &shapes[seed % N_SHAPES];

  memset(&w, 0, sizeof w);
  w.random = seed * 0x9E3779B97F4A7C15u + 0x1234567;
  for (int i = 0; i < 8; i++)
    draw(&w, 0, 1);
  draw_graph(&w);
  s->run(&w);
  cx *c = cx_new(NULL, NULL);
  arena *mem = c ? arena_new(c, "naive") : NULL;
  bool ok = mem && run_ref(&w, c, mem);
  if (!ok) tell(&w, s->name, seed);
  for (const char *at = w.naive; (at = strchr(at, '\n')); at++)
    n_lines[seed % N_SHAPES]++;
  arena_free(mem);
  cx_free(c);
  return ok;
}

int main(int argc, char **argv)
{
  uint64_t n_lines[N_SHAPES] = {0}, n = 0;
  long seconds = argc > 1 ? strtol(argv[1], NULL, 10) : 4;
  time_t end = time(NULL) + seconds;
  uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL) * 1000;

  if (argc > 2 && seconds == 0) return !one(seed, n_lines);
  printf("naive: from seed %" PRIu64 "\n", seed);
  fflush(stdout);
  for (; n < N_SHAPES || time(NULL) < end; n++)
    if (!one(seed + n, n_lines)) {
      printf("naive: %" PRIu64 " passed, 1 failed, 0 skipped\n", n);
      return 1;
    }
  printf("naive: %" PRIu64 " graphs, the same matches:", n);
  for (unsigned s = 0; s < N_SHAPES; s++)
    printf("%s %s %" PRIu64, s ? "," : "", shapes[s].name, n_lines[s]);
  printf("\nnaive: %" PRIu64 " passed, 0 failed, 0 skipped\n", n);
  return 0;
}
