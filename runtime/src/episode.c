// Episodes and maximal matches: which matches of the same pattern and keys become one alert.
//
// Only what a later match can still touch is kept. A match reaches back less than the pattern's
// `within` from its trigger, so a group whose last trigger is that old is done; a busy hub costs two
// copies, whatever the number of its matches.
#include "runtime/src/sink.h"
#include "runtime/src/alloc.h"

#include <string.h>

// ---- the groups: a hash table, and a list by last trigger ----------------------------------------

static void list_remove(amlrt__groups *gs, amlrt__group *g)
{
  *(g->older ? &g->older->younger : &gs->oldest) = g->younger;
  *(g->younger ? &g->younger->older : &gs->youngest) = g->older;
}

static void list_append(amlrt__groups *gs, amlrt__group *g)
{
  g->older = gs->youngest;
  g->younger = NULL;
  *(gs->youngest ? &gs->youngest->younger : &gs->oldest) = g;
  gs->youngest = g;
}

static amlrt__group **bucket_of(const amlrt__groups *gs, uint64_t hash)
{
  return &gs->bucket[hash & (gs->n_buckets - 1)];
}

static void table_remove(amlrt__groups *gs, amlrt__group *g)
{
  amlrt__group **at = bucket_of(gs, g->hash);

  while (*at != g)
    at = &(*at)->in_bucket;
  *at = g->in_bucket;
  gs->n--;
}

static void table_insert(amlrt__groups *gs, amlrt__group *g)
{
  amlrt__group **at = bucket_of(gs, g->hash);

  g->in_bucket = *at;
  *at = g;
  gs->n++;
}

// A table that cannot grow only gets slower: false only when there is none at all.
static bool table_grow(amlrt__groups *gs, const amlrt_alloc *mem)
{
  size_t want = gs->n_buckets ? gs->n_buckets * 2 : 64;
  if (gs->n < gs->n_buckets) return true;
  amlrt__group **bucket = amlrt__array(mem, want, sizeof(amlrt__group *));
  if (!bucket) return gs->n_buckets > 0;
  amlrt__release(mem, gs->bucket);
  gs->bucket = bucket;
  gs->n_buckets = want;
  gs->n = 0;
  for (amlrt__group *g = gs->oldest; g; g = g->younger)
    table_insert(gs, g);
  return true;
}

static void group_free(amlrt__group *g, const amlrt_alloc *mem)
{
  amlrt__copy_release(&g->best, mem);
  amlrt__copy_release(&g->latest, mem);
  while (g->waiting) {
    amlrt__waiting *w = g->waiting;
    g->waiting = w->next;
    amlrt__copy_release(&w->copy, mem);
    amlrt__release(mem, w);
  }
  amlrt__release(mem, g->key);
  amlrt__release(mem, g);
}

static amlrt__group *group_new(const amlrt__u32s *key, uint64_t hash, const amlrt_alloc *mem)
{
  amlrt__group *g = amlrt__array(mem, 1, sizeof *g);
  uint32_t *copy = amlrt__array(mem, key->n + 1, sizeof *copy);

  if (!g || !copy) {
    amlrt__release(mem, g);
    amlrt__release(mem, copy);
    return NULL;
  }
  if (key->n) memcpy(copy, key->at, key->n * sizeof *copy);
  g->key = copy;
  g->n_key = key->n;
  g->hash = hash;
  return g;
}

// The open group of the match's keys, a new one if there is none; moved to the young end of the list.
static amlrt__group *group_of(amlrt_sink *s, const amlrt_match *m)
{
  amlrt__groups *gs = &s->groups;
  amlrt__u32s *key = &s->scratch;
  amlrt__group *g = NULL;

  key->n = 0;
  if (!amlrt__keys_grouped(key, m, &s->patterns[m->pattern], &s->mem)) return NULL;
  uint64_t hash = amlrt__keys_hash(key->at, key->n);
  if (gs->n_buckets) g = *bucket_of(gs, hash);
  while (g && (g->hash != hash || amlrt__keys_cmp(g->key, g->n_key, key->at, key->n) != 0))
    g = g->in_bucket;
  if (g) {
    list_remove(gs, g);
  } else {
    if (!table_grow(gs, &s->mem)) return NULL;
    g = group_new(key, hash, &s->mem);
    if (!g) return NULL;
    table_insert(gs, g);
  }
  g->last_trigger = m->trigger;
  list_append(gs, g);
  return g;
}

void amlrt__groups_release(amlrt_sink *s)
{
  amlrt__groups *gs = &s->groups;

  while (gs->oldest) {
    amlrt__group *g = gs->oldest;
    list_remove(gs, g);
    group_free(g, &s->mem);
  }
  amlrt__release(&s->mem, gs->bucket);
  *gs = (amlrt__groups){0};
}

// ---- closing ----------------------------------------------------------------------------------------

// Is the row too old for a match with this trigger? Windows are open below.
static bool too_old(const amlrt_sink *s, uint32_t row, uint32_t trigger, int64_t within)
{
  const int64_t *time = amlrt_table_columns(s->table)->time;

  return (amlrt_i128)time[row] <= (amlrt_i128)time[trigger] - within;
}

static amlrt_status episode_close(amlrt_sink *s, amlrt__group *g)
{
  if (!g->merged) return AMLRT_OK;
  amlrt_status st = amlrt__sink_alert(s, &g->best, g->merged, g->trigger_first, g->trigger_last);
  if (st >= 0) g->merged = 0;
  return st;
}

static amlrt_status waiting_close(amlrt_sink *s, amlrt__waiting **at)
{
  amlrt__waiting *w = *at;
  uint32_t trigger = w->copy.match.trigger;

  amlrt_status st = amlrt__sink_alert(s, &w->copy, 1, trigger, trigger);
  if (st < 0) return st;
  *at = w->next;
  amlrt__release(&s->mem, w);
  return AMLRT_OK;
}

static amlrt_status group_close(amlrt_sink *s, amlrt__group *g)
{
  amlrt_status st = episode_close(s, g);

  while (st >= 0 && g->waiting)
    st = waiting_close(s, &g->waiting);
  if (st < 0) return st;
  list_remove(&s->groups, g);
  table_remove(&s->groups, g);
  group_free(g, &s->mem);
  return AMLRT_OK;
}

amlrt_status amlrt__groups_close(amlrt_sink *s, uint32_t trigger)
{
  int64_t within = s->any ? s->patterns[s->pattern].within : 0;

  for (amlrt__group *g = s->groups.oldest; g; g = s->groups.oldest) {
    if (trigger != AMLRT_NONE && !too_old(s, g->last_trigger, trigger, within)) break;
    amlrt_status st = group_close(s, g);
    if (st < 0) return st;
  }
  return AMLRT_OK;
}

// ---- a match comes in ----------------------------------------------------------------------------

static const amlrt_match *latest_of(const amlrt__group *g)
{
  return g->best_is_latest ? &g->best.match : &g->latest.match;
}

amlrt_status amlrt__episode_add(amlrt_sink *s, const amlrt_match *m)
{
  const amlrt_pattern_info *p = &s->patterns[m->pattern];
  amlrt__group *g = group_of(s, m);

  if (!g) return AMLRT_E_NOMEM;
  if (g->merged && !amlrt__match_share(latest_of(g), m, p->n_stages)) {
    amlrt_status st = episode_close(s, g);
    if (st < 0) return st;
  }
  bool best = !g->merged || m->degree >= g->best.match.degree;
  if (!amlrt__copy_set(best ? &g->best : &g->latest, m, p, &s->mem)) return AMLRT_E_NOMEM;
  g->best_is_latest = best;
  if (!g->merged) g->trigger_first = m->trigger;
  g->trigger_last = m->trigger;
  g->merged++;
  return AMLRT_OK;
}

// Drops what the match contains and makes alerts of what no later match can contain any more.
static amlrt_status waiting_sift(amlrt_sink *s, amlrt__group *g, const amlrt_match *m)
{
  const amlrt_pattern_info *p = &s->patterns[m->pattern];

  s->scratch.n = 0;
  if (!amlrt__u32s_room(&s->scratch, p->n_stages, &s->mem)) return AMLRT_E_NOMEM;
  for (amlrt__waiting **at = &g->waiting; *at;) {
    amlrt__waiting *w = *at;
    uint32_t first = amlrt__match_first_row(&w->copy.match, p->n_stages);
    if (m->degree >= w->copy.match.degree &&
        amlrt__match_within(&w->copy.match, m, p->n_stages, s->scratch.at)) {
      *at = w->next;
      amlrt__copy_release(&w->copy, &s->mem);
      amlrt__release(&s->mem, w);
    } else if (too_old(s, first, m->trigger, p->within)) {
      amlrt_status st = waiting_close(s, at);
      if (st < 0) return st;
    } else {
      at = &w->next;
    }
  }
  return AMLRT_OK;
}

amlrt_status amlrt__maximal_add(amlrt_sink *s, const amlrt_match *m)
{
  amlrt__group *g = group_of(s, m);
  amlrt__waiting *w = amlrt__array(&s->mem, 1, sizeof *w);
  amlrt_status st = g && w ? waiting_sift(s, g, m) : AMLRT_E_NOMEM;

  if (st >= 0 && !amlrt__copy_set(&w->copy, m, &s->patterns[m->pattern], &s->mem))
    st = AMLRT_E_NOMEM;
  if (st < 0) {
    amlrt__release(&s->mem, w);
    return st;
  }
  w->next = g->waiting;
  g->waiting = w;
  return AMLRT_OK;
}
