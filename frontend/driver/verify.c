// --verify: alerts drawn by lot are computed again by the reference engine, and compared as JSON.
#include "frontend/driver/cli.h"
#include <stdlib.h>
#include <string.h>

static uint64_t next_random(uint64_t *state) // splitmix64: the same draw on every machine
{
  uint64_t z = *state += 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

typedef struct again { // matches of one trigger of one pattern, each as a line
                       // of alerts.jsonl
  amlrt_sink *sink;
  char *text;
} again;

static void again_free(again *a)
{
  amlrt_sink_free(a->sink);
  free(a->text);
}

static amlrt_status again_open(again *a, cli *c, const cli_run *r, amlrt_error *err)
{
  *a = (again){0};
  return amlrt_sink_new(&a->sink, amlc_patterns(c->a), amlc_n_patterns(c->a), r->table,
                        AMLRT_MODE_ALL, NULL, err);
}

static amlrt_status again_text(again *a, amlrt_error *err)
{
  size_t size = 0;
  amlrt_out *o = NULL;
  uint8_t sum[32];
  amlrt_status st = amlrt_sink_finish(a->sink, err);
  FILE *f = st < 0 ? NULL : open_memstream(&a->text, &size);
  if (st >= 0 && !f) st = AMLRT_E_NOMEM;
  if (st >= 0) st = amlrt_out_stream(&o, f, "memory", NULL, err);
  if (st >= 0) {
    amlrt_write_alerts(o, a->sink);
    st = amlrt_out_close(o, sum, err);
  }
  if (f && fclose(f) != 0 && st >= 0) st = AMLRT_E_NOMEM;
  return st;
}

// The alert's match as an alert of its own: what it looks like in --mode=all.
static amlrt_status as_found(again *a, cli *c, const cli_run *r, const amlrt_match *m,
                             amlrt_error *err)
{
  amlrt_status st = again_open(a, c, r, err);
  if (st >= 0) st = amlrt_sink_add(a->sink, m);
  return st < 0 ? st : again_text(a, err);
}

static amlrt_status by_reference(again *a, cli *c, const cli_run *r, const amlrt_match *m,
                                 amlrt_error *err)
{
  ref_opts o = {.rates = r->rates,
                .history_complete = r->history_complete,
                .only_trigger = m->trigger,
                .hub_limit = (int64_t)r->hub_limit,
                .cancelled = cli_stop,
                .user = c};
  ref_stats stats;
  amlrt_status st = again_open(a, c, r, err);
  if (st >= 0)
    st = ref_run(c->a->module->patterns.at[m->pattern], m->pattern, r->table, &o, amlrt_sink_add,
                 a->sink, &stats, err);
  if (st < 0 || st == AMLRT_INTERRUPTED) return st;
  return again_text(a, err);
}

// The line that begins like `line` up to the match id; NULL: there is none.
static const char *line_of(const char *text, const char *line, size_t n)
{
  for (const char *at = text; *at;) {
    size_t len = strcspn(at, "\n");
    if (len >= n && !memcmp(at, line, n)) return at;
    at += len + (at[len] == '\n');
  }
  return NULL;
}

static void say_mismatch(const cli *c, const amlrt_alert *a, const char *ours, const char *theirs)
{
  cli_error("--verify: alert %s of pattern %s: the reference engine %s", a->match_id,
            amlc_patterns(c->a)[a->match.pattern].name,
            theirs ? "finds another one" : "does not find it");
  fprintf(stderr, "  alert:     %.*s\n", (int)strcspn(ours, "\n"), ours);
  if (theirs) fprintf(stderr, "  reference: %.*s\n", (int)strcspn(theirs, "\n"), theirs);
}

static amlrt_status verify_one(cli *c, const cli_run *r, const amlrt_alert *a, cli_verified *out,
                               amlrt_error *err)
{
  again ours, theirs = {0};
  amlrt_status st = as_found(&ours, c, r, &a->match, err);
  if (st >= 0) st = by_reference(&theirs, c, r, &a->match, err);
  if (st >= 0 && st != AMLRT_INTERRUPTED) {
    size_t n = strcspn(ours.text, "\n");
    // {"match_id":"...32 hex...": equal ids mean the same keys and evidence.
    const char *same = line_of(theirs.text, ours.text, strlen("{\"match_id\":\"\"") + 32);
    bool equal = same && strcspn(same, "\n") == n && !memcmp(same, ours.text, n);
    out->alerts++;
    out->mismatches += !equal;
    if (!equal) say_mismatch(c, a, ours.text, same);
  }
  again_free(&ours);
  again_free(&theirs);
  return st;
}

int cli_verify(cli *c, const cli_run *r, const amlrt_sink *sink, uint64_t n, uint64_t seed,
               cli_verified *out)
{
  uint64_t left = amlrt_sink_n(sink), state = seed;
  *out = (cli_verified){0};
  // Each alert is drawn with the share of what is still wanted among what is left: n in all.
  for (uint64_t i = 0; left > 0 && n > 0; i++, left--) {
    amlrt_error err = {0};
    if (next_random(&state) % left >= n) continue;
    n--;
    amlrt_status st = verify_one(c, r, amlrt_sink_alert(sink, i), out, &err);
    if (st < 0) return cli_fail(st, &err);
    if (st == AMLRT_INTERRUPTED && *c->interrupted) return EXIT_CTRL_C;
    if (st == AMLRT_INTERRUPTED) break; // --time-limit: what was computed again counts
  }
  return out->mismatches ? EXIT_MISMATCH : EXIT_DONE;
}
