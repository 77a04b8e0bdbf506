// Matches as bytes, from the worker that found them to the one consumer. All parts are multiples of 16
// bytes, so what is read needs no copy.
#include "runtime/src/run_match.h"

#include <string.h>

enum { ALIGN = 16 };

typedef struct head {
  uint32_t what, trigger;
  uint64_t bytes; // with the head
  amlrt_degree degree;
  bool inconclusive;
} head;

static size_t padded(size_t bytes)
{
  return (bytes + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
}

// ---- writing ----------------------------------------------------------------------------------------

void *amlrt__room(amlrt_worker *w, size_t bytes)
{
  void *at = amlrt_task_room(w->task, bytes);

  if (at)
    w->wrote += bytes;
  else
    w->st = AMLRT_E_NOMEM;
  return at;
}

static void *room(amlrt_worker *w, size_t bytes)
{
  size_t limit = w->run->scratch_limit;
  void *at;

  // Chunks are the same for any number of threads, and so is what is cut.
  if (limit && w->said + bytes > limit) {
    w->st = AMLRT_TRUNCATED;
    return NULL;
  }
  at = amlrt__room(w, bytes);
  if (at) w->said += bytes;
  return at;
}

bool amlrt__say(amlrt_worker *w, amlrt__said what)
{
  head h = {.what = what, .trigger = w->trigger, .bytes = padded(sizeof h)};

  if (w->want == AMLRT__WANT_NOTHING) return true;
  unsigned char *at = room(w, h.bytes);
  if (at) memcpy(at, &h, sizeof h);
  return at != NULL;
}

static void put(unsigned char **at, const void *from, size_t bytes)
{
  if (bytes) memcpy(*at, from, bytes);
  *at += padded(bytes);
}

static size_t list_bytes(const amlrt_list *lists, uint32_t n)
{
  size_t bytes = 0;

  for (uint32_t i = 0; i < n; i++)
    bytes += ALIGN + padded(lists[i].n * sizeof *lists[i].at);
  return bytes;
}

static void put_lists(unsigned char **at, const amlrt_list *lists, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++) {
    put(at, &lists[i].n, sizeof lists[i].n);
    put(at, lists[i].at, lists[i].n * sizeof *lists[i].at);
  }
}

bool amlrt__match_write(amlrt_worker *w, const amlrt_match *m)
{
  const amlrt_pattern_info *info = w->run->p->info;
  size_t results = padded(info->n_constraints * sizeof *m->constraints);
  size_t titles = padded(info->n_title_values * sizeof *m->title_values);
  size_t features = padded(info->n_features * sizeof *m->feature_values);
  head h = {.what = AMLRT__SAID_MATCH,
            .trigger = m->trigger,
            .degree = m->degree,
            .inconclusive = m->inconclusive};

  h.bytes = padded(sizeof h) + results + titles + features + list_bytes(m->roles, info->n_roles) +
            list_bytes(m->stages, info->n_stages);
  unsigned char *at = room(w, h.bytes);
  if (!at) return false;
  put(&at, &h, sizeof h);
  put(&at, m->constraints, info->n_constraints * sizeof *m->constraints);
  put(&at, m->title_values, info->n_title_values * sizeof *m->title_values);
  put(&at, m->feature_values, info->n_features * sizeof *m->feature_values);
  put_lists(&at, m->roles, info->n_roles);
  put_lists(&at, m->stages, info->n_stages);
  return true;
}

// A light match in short: most have a few whole numbers, and there may be one for every transfer.
typedef struct short_head {
  uint32_t what, trigger;
  int64_t degree; // times 2, plus 1 where it is inconclusive
} short_head;

static bool is_whole(const amlrt_value *v)
{
  return v->kind == AMLRT_VALUE_NUMBER && v->currency == 0 && v->v.den == 1 &&
         v->v.num <= INT64_MAX && v->v.num >= INT64_MIN;
}

static bool is_short(const amlrt_match *m, uint32_t n)
{
  if (n > AMLRT__MOST_COUNTS) return false;
  for (uint32_t i = 0; i < n; i++)
    if (!is_whole(&m->feature_values[i])) return false;
  return true;
}

bool amlrt__is_one_count(const amlrt_value *v, uint32_t n, int64_t *value)
{
  *value = 0;
  if (n == 0) return true;
  if (n > 1 || !is_whole(v)) return false;
  *value = (int64_t)v->v.num;
  return true;
}

typedef struct one {
  uint32_t what, trigger;
  int64_t value;
} one;

bool amlrt__count_write(amlrt_worker *w, uint32_t trigger, int64_t value)
{
  const one o = {AMLRT__SAID_ONE, trigger, value};
  unsigned char *at = room(w, sizeof o);

  if (at) memcpy(at, &o, sizeof o);
  return at != NULL;
}

static bool write_short(amlrt_worker *w, const amlrt_match *m, uint32_t n)
{
  short_head h = {AMLRT__SAID_COUNT, m->trigger, m->degree * 2 + m->inconclusive};
  int64_t v[AMLRT__MOST_COUNTS];
  unsigned char *at = room(w, padded(sizeof h) + padded(n * sizeof *v));

  if (!at) return false;
  for (uint32_t i = 0; i < n; i++)
    v[i] = (int64_t)m->feature_values[i].v.num;
  put(&at, &h, sizeof h);
  put(&at, v, n * sizeof *v);
  return true;
}

bool amlrt__light_write(amlrt_worker *w, const amlrt_match *m)
{
  uint32_t n = w->run->p->info->n_features;
  int64_t value;

  if (m->degree == AMLRT_DEGREE_ONE && !m->inconclusive &&
      amlrt__is_one_count(m->feature_values, n, &value))
    return amlrt__count_write(w, m->trigger, value);
  if (is_short(m, n)) return write_short(w, m, n);
  head h = {.what = AMLRT__SAID_LIGHT,
            .trigger = m->trigger,
            .bytes = padded(sizeof h) + padded(n * sizeof *m->feature_values),
            .degree = m->degree,
            .inconclusive = m->inconclusive};
  unsigned char *at = room(w, h.bytes);

  if (!at) return false;
  put(&at, &h, sizeof h);
  put(&at, m->feature_values, n * sizeof *m->feature_values);
  return true;
}

// ---- reading ----------------------------------------------------------------------------------------

static const void *get(const unsigned char **at, size_t bytes)
{
  const void *here = *at;

  *at += padded(bytes);
  return here;
}

static void get_lists(const unsigned char **at, amlrt_list *lists, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++) {
    memcpy(&lists[i].n, get(at, sizeof lists[i].n), sizeof lists[i].n);
    lists[i].at = get(at, lists[i].n * sizeof *lists[i].at);
  }
}

// What all of these have alike is set once: there may be one for every transfer.
static void set_short(amlrt__heard *out, uint32_t trigger, amlrt_degree degree, bool inconclusive)
{
  if (!out->is_set) {
    for (uint32_t i = 0; i < AMLRT__MOST_COUNTS; i++)
      out->count[i] = (amlrt_value){.kind = AMLRT_VALUE_NUMBER, .v = {0, 1}};
    out->what = AMLRT__SAID_LIGHT;
    out->match = (amlrt_match){.feature_values = out->count};
    out->is_set = true;
  }
  out->trigger = out->match.trigger = trigger;
  out->match.degree = degree;
  out->match.inconclusive = inconclusive;
}

static void hear_short(const unsigned char **at, uint32_t n, amlrt__heard *out)
{
  short_head h;
  const int64_t *v;

  memcpy(&h, get(at, sizeof h), sizeof h);
  v = get(at, n * sizeof *v);
  set_short(out, h.trigger, h.degree >> 1, h.degree & 1);
  for (uint32_t i = 0; i < n; i++)
    out->count[i].v.num = v[i];
}

static void hear_one(const unsigned char **at, amlrt__heard *out)
{
  one o;

  memcpy(&o, get(at, sizeof o), sizeof o);
  set_short(out, o.trigger, AMLRT_DEGREE_ONE, false);
  out->count[0].v.num = o.value;
}

void amlrt__hear(const amlrt_program *p, const unsigned char **at, amlrt_list *lists,
                 amlrt__heard *out)
{
  const amlrt_pattern_info *info = p->info;
  const unsigned char *next = *at;
  amlrt_match *m = &out->match;
  head h;
  uint32_t what;

  memcpy(&what, *at, sizeof what);
  if (what == AMLRT__SAID_ONE) {
    hear_one(at, out);
    return;
  }
  if (what == AMLRT__SAID_COUNT) {
    hear_short(at, info->n_features, out);
    return;
  }
  memcpy(&h, *at, sizeof h);
  out->is_set = false;
  next += h.bytes;
  out->what = (amlrt__said)h.what;
  out->trigger = h.trigger;
  *m = (amlrt_match){0};
  *at += padded(sizeof h);
  if (out->what == AMLRT__SAID_LIGHT) {
    *m = (amlrt_match){.trigger = h.trigger, .degree = h.degree, .inconclusive = h.inconclusive};
    m->feature_values = get(at, info->n_features * sizeof *m->feature_values);
  }
  if (out->what == AMLRT__SAID_MATCH) {
    m->trigger = h.trigger;
    m->degree = h.degree;
    m->inconclusive = h.inconclusive;
    m->constraints = get(at, info->n_constraints * sizeof *m->constraints);
    m->title_values = get(at, info->n_title_values * sizeof *m->title_values);
    m->feature_values = get(at, info->n_features * sizeof *m->feature_values);
    m->roles = lists;
    m->stages = lists + info->n_roles;
    get_lists(at, lists, info->n_roles + info->n_stages);
  }
  *at = next;
}
