// The sink: matches go in, alerts come out, sorted and with their ids.
#include "runtime/src/sink.h"
#include "runtime/src/alloc.h"
#include "runtime/src/error.h"
#include "runtime/src/outfile.h"

amlrt_status amlrt_sink_new(amlrt_sink **out, const amlrt_pattern_info *patterns,
                            uint32_t n_patterns, const amlrt_table *table, amlrt_mode mode,
                            const amlrt_alloc *mem, amlrt_error *err)
{
  if (!mem) mem = amlrt_alloc_default();
  amlrt_sink *s = amlrt__array(mem, 1, sizeof *s);
  uint64_t *n_matches = amlrt__array(mem, (size_t)n_patterns + 1, sizeof *n_matches);

  *out = NULL;
  if (!s || !n_matches) {
    amlrt__release(mem, s);
    amlrt__release(mem, n_matches);
    return amlrt__nomem(err, "collecting matches");
  }
  *s = (amlrt_sink){.mem = *mem,
                    .patterns = patterns,
                    .n_patterns = n_patterns,
                    .table = table,
                    .mode = mode,
                    .n_matches = n_matches};
  *out = s;
  return AMLRT_OK;
}

static void alert_free(amlrt__alert *a, const amlrt_alloc *mem)
{
  amlrt__copy_release(&a->copy, mem);
  amlrt__u32s_release(&a->key, mem);
  amlrt__release(mem, a);
}

void amlrt_sink_free(amlrt_sink *s)
{
  if (!s) return;
  amlrt_alloc mem = s->mem;

  amlrt__groups_release(s);
  for (size_t i = 0; i < s->n_alerts; i++)
    alert_free(s->alerts[i], &mem);
  amlrt__release(&mem, s->alerts);
  amlrt__u32s_release(&s->scratch, &mem);
  amlrt__release(&mem, s->n_matches);
  amlrt__release(&mem, s);
}

// ---- collecting -----------------------------------------------------------------------------------

amlrt_status amlrt__sink_alert(amlrt_sink *s, amlrt__copy *copy, uint64_t merged,
                               uint32_t trigger_first, uint32_t trigger_last)
{
  amlrt__alert *a = amlrt__array(&s->mem, 1, sizeof *a);

  if (!a ||
      !amlrt__grow(&s->mem, &s->alerts, &s->cap_alerts, s->n_alerts + 1, sizeof s->alerts[0])) {
    amlrt__release(&s->mem, a);
    return AMLRT_E_NOMEM;
  }
  amlrt__copy_trim(copy, &s->patterns[copy->match.pattern], &s->mem);
  *a = (amlrt__alert){.copy = *copy};
  a->pub = (amlrt_alert){.match = copy->match,
                         .merged = merged,
                         .trigger_first = trigger_first,
                         .trigger_last = trigger_last};
  s->alerts[s->n_alerts++] = a;
  *copy = (amlrt__copy){0};
  return AMLRT_OK;
}

static amlrt_status all_add(amlrt_sink *s, const amlrt_match *m)
{
  amlrt__copy copy = {0};

  if (!amlrt__copy_set(&copy, m, &s->patterns[m->pattern], &s->mem)) return AMLRT_E_NOMEM;
  amlrt_status st = amlrt__sink_alert(s, &copy, 1, m->trigger, m->trigger);
  amlrt__copy_release(&copy, &s->mem);
  return st;
}

static amlrt_status add_by_mode(amlrt_sink *s, const amlrt_match *m)
{
  switch (s->mode) {
  case AMLRT_MODE_EPISODE:
    return amlrt__episode_add(s, m);
  case AMLRT_MODE_MAXIMAL:
    return amlrt__maximal_add(s, m);
  case AMLRT_MODE_ALL:
    return all_add(s, m);
  }
  return AMLRT_E_ARG;
}

// Episodes lean on the order that amlrt_match_fn promises.
static bool in_order(const amlrt_sink *s, const amlrt_match *m)
{
  if (m->pattern >= s->n_patterns || m->trigger >= amlrt_table_columns(s->table)->n_rows)
    return false;
  if (!s->any || m->pattern > s->pattern) return true;
  return m->pattern == s->pattern && m->trigger >= s->last_trigger;
}

amlrt_status amlrt_sink_add(void *sink, const amlrt_match *m)
{
  amlrt_sink *s = sink;
  amlrt_status st;

  if (s->finished || !in_order(s, m)) return AMLRT_E_ARG;
  bool same = s->any && m->pattern == s->pattern;
  st = amlrt__groups_close(s, same ? m->trigger : AMLRT_NONE);
  if (st < 0) return st;
  s->any = true;
  s->pattern = m->pattern;
  s->last_trigger = m->trigger;
  st = add_by_mode(s, m);
  if (st < 0) return st;
  s->n_matches[m->pattern]++;
  return AMLRT_OK;
}

amlrt_status amlrt_sink_add_episode(void *sink, const amlrt_match *best, uint64_t merged,
                                    uint32_t trigger_first, uint32_t trigger_last)
{
  amlrt_sink *s = sink;
  amlrt__copy copy = {0};

  if (s->finished || s->mode != AMLRT_MODE_EPISODE || best->pattern >= s->n_patterns)
    return AMLRT_E_ARG;
  if (!amlrt__copy_set(&copy, best, &s->patterns[best->pattern], &s->mem)) return AMLRT_E_NOMEM;
  amlrt_status st = amlrt__sink_alert(s, &copy, merged, trigger_first, trigger_last);
  amlrt__copy_release(&copy, &s->mem);
  if (st == AMLRT_OK) s->n_matches[best->pattern] += merged;
  return st;
}

// ---- finishing ------------------------------------------------------------------------------------

static int alert_cmp(const amlrt__alert *a, const amlrt__alert *b)
{
  const amlrt_match *m = &a->pub.match, *n = &b->pub.match;

  if (m->trigger != n->trigger) return m->trigger < n->trigger ? -1 : 1;
  if (m->pattern != n->pattern) return m->pattern < n->pattern ? -1 : 1;
  return amlrt__keys_cmp(a->key.at, a->key.n, b->key.at, b->key.n);
}

static void sift_down(amlrt__alert **at, size_t root, size_t n)
{
  for (size_t child; (child = 2 * root + 1) < n; root = child) {
    if (child + 1 < n && alert_cmp(at[child], at[child + 1]) < 0) child++;
    if (alert_cmp(at[root], at[child]) >= 0) return;
    amlrt__alert *swap = at[root];
    at[root] = at[child];
    at[child] = swap;
  }
}

// Heap sort: in place, and no two alerts compare equal, so their order does not hang on the method.
static void sort_alerts(amlrt__alert **at, size_t n)
{
  for (size_t i = n / 2; i-- > 0;)
    sift_down(at, i, n);
  for (size_t i = n; i-- > 1;) {
    amlrt__alert *swap = at[0];
    at[0] = at[i];
    at[i] = swap;
    sift_down(at, 0, i);
  }
}

static bool name_alerts(amlrt_sink *s)
{
  amlrt__u32s rows = {0};
  amlrt__sha256 empty;
  bool ok = true;

  amlrt__sha256_init_bulk(&empty);
  for (size_t i = 0; i < s->n_alerts && ok; i++) {
    amlrt__alert *a = s->alerts[i];
    const amlrt_pattern_info *p = &s->patterns[a->pub.match.pattern];
    a->key.n = 0;
    ok = amlrt__keys_shown(&a->key, &a->pub.match, p, &s->mem) &&
         amlrt__ids(&a->pub, p, s->table, &rows, &s->scratch, &empty, &s->mem);
  }
  amlrt__u32s_release(&rows, &s->mem);
  return ok;
}

amlrt_status amlrt_sink_finish(amlrt_sink *s, amlrt_error *err)
{
  if (s->finished) return amlrt__fail(err, AMLRT_E_ARG, "the matches were collected before");
  amlrt_status st = amlrt__groups_close(s, AMLRT_NONE);
  if (st >= 0 && !name_alerts(s)) st = AMLRT_E_NOMEM;
  if (st < 0) return amlrt__nomem(err, "collecting matches");
  sort_alerts(s->alerts, s->n_alerts);
  s->finished = true;
  return AMLRT_OK;
}

uint64_t amlrt_sink_n(const amlrt_sink *s)
{
  return s->finished ? s->n_alerts : 0;
}

const amlrt_alert *amlrt_sink_alert(const amlrt_sink *s, uint64_t i)
{
  return i < amlrt_sink_n(s) ? &s->alerts[i]->pub : NULL;
}

uint64_t amlrt_sink_n_matches(const amlrt_sink *s, uint32_t pattern)
{
  return pattern < s->n_patterns ? s->n_matches[pattern] : 0;
}

const amlrt_table *amlrt__sink_table(const amlrt_sink *s)
{
  return s->table;
}

const amlrt_pattern_info *amlrt__sink_pattern(const amlrt_sink *s, uint32_t i)
{
  return &s->patterns[i];
}
