#include "frontend/driver/kernel.h"
#include "aml_build_id.h"
#include "backend_cpu/cpu.h"
#include "ir/base/map.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

// ---- options ------------------------------------------------------------------------------------

static bool is_pass(const char *word, opt_id id)
{
  if (pass_find(word) < n_passes) return true;
  const char *names[64];
  size_t n = 0;
  for (uint32_t i = 0; i < n_passes && n < 64; i++)
    names[n++] = passes[i].cli;
  const char *near = nearest_word(word, names, n);
  if (near)
    cli_error("--%s: there is no pass `%s`; did you mean `%s`?", opt_table[id].name, word, near);
  else
    cli_error("--%s: there is no pass `%s`; see `amlc help passes`", opt_table[id].name, word);
  return false;
}

// A trick of the runtime; AMLRT_N_TRICKS: none.
static uint32_t trick_find(const char *name)
{
  uint32_t i = 0;
  while (i < AMLRT_N_TRICKS && strcmp(amlrt_trick_of((amlrt_trick)i)->name, name) != 0)
    i++;
  return i;
}

uint64_t kernel_tricks_off(cli *c)
{
  const char *list = c->o.values[OPT_DISABLE];
  uint64_t off = 0;
  while (list && *list) {
    size_t n = strcspn(list, ",");
    uint32_t i = trick_find(arena_text(c->mem, list, n));
    if (i < AMLRT_N_TRICKS) off |= (uint64_t)1 << i;
    list += n + (list[n] == ',');
  }
  return off;
}

static bool take_disabled(cli *c, pass_opts *out)
{
  const char *list = c->o.values[OPT_DISABLE];
  VEC(const char *) names = {0};
  while (list && *list) {
    size_t n = strcspn(list, ",");
    const char *name = arena_text(c->mem, list, n);
    list += n + (list[n] == ',');
    if (trick_find(name) < AMLRT_N_TRICKS) continue;
    if (!is_pass(name, OPT_DISABLE)) return false;
    if (passes[pass_find(name)].level == PASS_LEVEL_LOWER) {
      cli_error("--disable: without `%s` there is no kernel IR", name);
      return false;
    }
    VEC_PUSH(c->mem, &names, name);
  }
  out->disable = names.at;
  out->n_disable = names.n;
  return true;
}

static void dump(void *user, const char *pattern, uint32_t place, const char *pass,
                 const char *text)
{
  cli *c = user;
  const char *dir = c->o.values[OPT_DUMP_DIR];
  uint32_t i = pass_find(pass);
  bool is_gir = i < n_passes && passes[i].level == PASS_LEVEL_GIR;
  if (!dir) {
    fprintf(stderr, "// %s after %s\n%s", pattern, pass, text);
    return;
  }
  const char *path = arena_printf(c->mem, "%s/%s.%02u.%s.%s", dir, pattern, place + 1, pass,
                                  is_gir ? "gir" : "kir");
  (void)cli_write_file(c, path,
                       text); // says what failed; the dump is no result
}

static double clock_of(void *user)
{
  (void)user;
  return cli_clock();
}

int kernel_options(cli *c, pass_opts *out)
{
  const char *const *v = c->o.values;
  *out = (pass_opts){.stop_after = v[OPT_STOP_AFTER],
                     .only = v[OPT_ONLY],
                     .dump_after = v[OPT_DUMP_AFTER],
                     .dump = dump,
                     .clock = clock_of,
                     .user = c};
  if (v[OPT_STOP_AFTER] && !is_pass(v[OPT_STOP_AFTER], OPT_STOP_AFTER)) return EXIT_USAGE;
  if (v[OPT_ONLY] && !is_pass(v[OPT_ONLY], OPT_ONLY)) return EXIT_USAGE;
  if (v[OPT_DUMP_AFTER] && strcmp(v[OPT_DUMP_AFTER], "all") != 0 &&
      !is_pass(v[OPT_DUMP_AFTER], OPT_DUMP_AFTER))
    return EXIT_USAGE;
  if (!take_disabled(c, out)) return EXIT_USAGE;
  if (v[OPT_DUMP_DIR] && !v[OPT_DUMP_AFTER] && !v[OPT_DUMP]) out->dump_after = "all";
  if (!v[OPT_DUMP_DIR] || mkdir(v[OPT_DUMP_DIR], 0777) == 0 || errno == EEXIST) return EXIT_DONE;
  cli_error("cannot make folder %s: %s", v[OPT_DUMP_DIR], strerror(errno));
  return EXIT_WORLD;
}

int kernel_options_reach_code(const pass_opts *o)
{
  const char *ends[] = {o->stop_after, o->only};
  static const char *const names[] = {"stop-after", "only"};
  for (int i = 0; i < 2; i++)
    if (ends[i] && passes[pass_find(ends[i])].level == PASS_LEVEL_GIR) {
      cli_error("--%s=%s ends before there is kernel IR; `amlc compile "
                "--emit=gir` shows what there "
                "is",
                names[i], ends[i]);
      return EXIT_USAGE;
    }
  return EXIT_DONE;
}

// ---- making -------------------------------------------------------------------------------------

const char *kernel_hash(arena *mem, const gir_pattern *p)
{
  strbuf text;
  uint8_t sum[32];
  char *hex = arena_alloc(mem, 65);
  gir_module *m = gir_module_new(mem);
  VEC_PUSH(mem, &m->patterns,
           (gir_pattern *)(uintptr_t)p); // gir_print only reads
  strbuf_init(&text, arena_cx(mem));
  gir_print(&text, m);
  amlrt_sha256(sum, strbuf_text(&text), text.n);
  strbuf_release(&text);
  for (int i = 0; i < 32; i++)
    snprintf(hex + 2 * i, 3, "%02x", sum[i]);
  return hex;
}

const char *kernel_detector_hash(arena *mem, const kernel *k)
{
  strbuf text;
  uint8_t sum[32];
  if (k->units.n == 1) return k->units.at[0]->kir->hash;
  char *hex = arena_alloc(mem, 65);
  strbuf_init(&text, arena_cx(mem));
  for (uint32_t i = 0; i < k->units.n; i++)
    strbuf_printf(&text, "%s\n", k->units.at[i]->kir->hash);
  amlrt_sha256(sum, strbuf_text(&text), text.n);
  strbuf_release(&text);
  for (int i = 0; i < 32; i++)
    snprintf(hex + 2 * i, 3, "%02x", sum[i]);
  return hex;
}

int kernel_make(cli *c, kernel *k, const pass_opts *o, const kernel_input *in, uint32_t n)
{
  double t0 = cli_clock();
  *k = (kernel){.times = arena_try(c->mem, ((size_t)n * n_passes + 1) * sizeof *k->times)};
  for (uint32_t i = 0; i < n && k->times && cx_ok(c->a->c); i++) {
    pass_opts own = *o;
    own.hash = kernel_hash(c->mem, in[i].pattern);
    own.before = k->units.n ? k->units.at[k->units.n - 1] : NULL;
    pass_unit *u = passes_run(c->mem, c->a->c, in[i].module, in[i].pattern, &own,
                              k->times + (size_t)i * n_passes);
    if (u) VEC_PUSH(c->mem, &k->units, u);
  }
  k->seconds = cli_clock() - t0;
  if (k->units.n == n && cx_ok(c->a->c)) return EXIT_DONE;
  cli_error("out of memory");
  return EXIT_WORLD;
}

int kernel_make_all(cli *c, kernel *k, const pass_opts *o)
{
  uint32_t n = c->a->module->patterns.n;
  kernel_input *in = arena_try(c->mem, (n + 1) * sizeof *in);
  for (uint32_t i = 0; in && i < n; i++)
    in[i] = (kernel_input){c->a->module, c->a->module->patterns.at[i]};
  if (in) return kernel_make(c, k, o, in, n);
  cli_error("out of memory");
  return EXIT_WORLD;
}

void kernel_text(kernel *k, strbuf *out)
{
  double t0 = cli_clock();
  VEC(const kir_module *) modules = {0};
  for (uint32_t i = 0; i < k->units.n; i++)
    VEC_PUSH(k->units.at[i]->mem, &modules, k->units.at[i]->kir);
  kir_export e = {k->units.n ? kernel_detector_hash(k->units.at[0]->mem, k) : "", AMLC_VERSION};
  cpu_emit_c(out, modules.at, modules.n, &e);
  k->seconds += cli_clock() - t0;
}

void kernel_say_times(const cli *c, const kernel *k)
{
  if (!cli_verbose(c) || cli_quiet(c) || !k->units.n) return;
  for (uint32_t p = 0; p < n_passes; p++) {
    double seconds = 0;
    uint32_t changed = 0, ran = 0;
    for (uint32_t i = 0; i < k->units.n; i++) {
      const pass_time *t = &k->times[(size_t)i * n_passes + p];
      seconds += t->seconds;
      ran += t->ran;
      changed += t->changed;
    }
    if (ran)
      fprintf(stderr, "pass %-12s %8.3f ms, changed %u of %u\n", passes[p].cli, 1e3 * seconds,
              changed, ran);
  }
}
