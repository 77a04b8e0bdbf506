// The runner. It trusts no pass: both IRs are verified after every one.
#include "passes/copy.h"
#include "passes/pass.h"

#include <string.h>

// ---- the unit ---------------------------------------------------------------------------------------

static void take_facts(pass_unit *u)
{
  for (uint32_t i = 0; i < u->gir->body.n; i++) {
    gir_node *n = u->gir->body.at[i];
    if (!gir_is_stage(n)) continue;
    VEC_PUSH(u->mem, &u->times, ((pass_times){0, 0}));
    VEC_PUSH(u->mem, &u->same, ((pass_same){0, 0}));
    if (gir_is_evidence(n) && (!u->gir->trigger || u->gir->trigger == n))
      VEC_PUSH(u->mem, &u->triggers, n);
  }
}

static pass_unit *unit_new(arena *mem, cx *c, const gir_pattern *p, const pass_opts *opts)
{
  pass_unit *u = arena_make(mem, pass_unit);

  *u = (pass_unit){.c = c, .mem = mem, .source = p, .gir_all = gir_module_new(mem)};
  u->pattern_hash = opts->hash;
  u->src_name = opts->source;
  u->before = opts->before;
  u->gir = copy_pattern(u->gir_all, p);
  if (u->gir) take_facts(u);
  return u->gir && cx_ok(c) ? u : NULL;
}

// ---- one pass ---------------------------------------------------------------------------------------

static bool is_listed(const char *cli, const char *const *list, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    if (strcmp(list[i], cli) == 0) return true;
  return false;
}

// Kernel IR comes from LOWER, so it runs whatever was switched off.
static bool is_wanted(const pass_info *p, const pass_opts *opts)
{
  if (opts->only) {
    uint32_t k = pass_find(opts->only);
    bool for_kir =
        p->level == PASS_LEVEL_LOWER && k < n_passes && passes[k].level == PASS_LEVEL_KIR;
    return for_kir || strcmp(opts->only, p->cli) == 0;
  }
  return p->level == PASS_LEVEL_LOWER || !is_listed(p->cli, opts->disable, opts->n_disable);
}

static void verify(const pass_unit *u)
{
  gir_verify_or_bug(u->gir_all);
  if (u->kir) kir_verify_or_bug(u->kir);
}

// What graph IR has no place for stands below it, as comments.
static void print_facts(strbuf *out, const pass_unit *u)
{
  uint32_t k = 0;

  strbuf_puts(out, "// trigger in:");
  for (uint32_t i = 0; i < u->triggers.n; i++)
    strbuf_printf(out, " %s", u->triggers.at[i]->name);
  strbuf_putc(out, '\n');
  for (uint32_t i = 0; i < u->gir->body.n; i++) {
    const gir_node *n = u->gir->body.at[i];
    if (!gir_is_stage(n)) continue;
    const pass_times *t = &u->times.at[k];
    const pass_same *same = &u->same.at[k++];
    if (t->early || t->late)
      strbuf_printf(out,
                    "// %s: later than trigger - within + %llds, not later than trigger - %llds\n",
                    n->name, (long long)t->early, (long long)t->late);
    if (same->filter) strbuf_printf(out, "// %s: filter %u\n", n->name, same->filter);
    if (same->rows) strbuf_printf(out, "// %s: transfers %u\n", n->name, same->rows);
  }
}

static void dump(const pass_unit *u, uint32_t place, const pass_opts *opts)
{
  const char *after = opts->dump_after;
  strbuf out;

  if (!after || !opts->dump) return;
  if (strcmp(after, "all") != 0 && strcmp(after, passes[place].cli) != 0) return;
  strbuf_init(&out, u->c);
  if (u->kir) {
    kir_print(&out, u->kir);
  } else {
    gir_print(&out, u->gir_all);
    print_facts(&out, u);
  }
  if (cx_ok(u->c))
    opts->dump(opts->user, u->gir->name, place, passes[place].cli, strbuf_text(&out));
  strbuf_release(&out);
}

static double now(const pass_opts *opts)
{
  return opts->clock ? opts->clock(opts->user) : 0;
}

static bool run_one(pass_unit *u, uint32_t place, const pass_opts *opts, pass_time *time)
{
  double start = now(opts);
  pass_outcome did = passes[place].run(u);

  *time = (pass_time){.seconds = now(opts) - start, .ran = true, .changed = did == PASS_CHANGED};
  if (did == PASS_FAILED || !cx_ok(u->c)) return false;
  verify(u);
  dump(u, place, opts);
  return cx_ok(u->c);
}

pass_unit *passes_run(arena *mem, cx *c, const gir_module *m, const gir_pattern *p,
                      const pass_opts *opts, pass_time *times)
{
  static const pass_opts none = {0};
  pass_time ignored;

  (void)m;
  if (!opts) opts = &none;
  for (uint32_t i = 0; times && i < n_passes; i++)
    times[i] = (pass_time){0};
  pass_unit *u = unit_new(mem, c, p, opts);
  for (uint32_t i = 0; u && i < n_passes; i++) {
    if (is_wanted(&passes[i], opts) && !run_one(u, i, opts, times ? &times[i] : &ignored))
      return NULL;
    if (opts->stop_after && strcmp(opts->stop_after, passes[i].cli) == 0) break;
  }
  return u;
}
