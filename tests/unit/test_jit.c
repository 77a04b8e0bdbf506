// Engine jit below the command line: what LLVM makes of kernel IR, and the linker of kept objects.
#include <check.h>
#include <elf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "amlrt/amlrt_gen.h"
#include "frontend/driver/jit_load.h"
#include "frontend/driver/jit_provider.h"
#include "frontend/driver/native_cache.h"
#include "ir/kir_fields.h"
#include "tests/unit/alloc_fail.h"
#include "tests/unit/support_files.h"
#include "tests/unit/support_kir.h"

Suite *make_jit_suite(void);

static const char hash[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// ---- the provider, where this build has one -------------------------------------------------------

typedef struct machine {
  kir_bench b;
  jit_library l;
} machine;

static bool begin(machine *k)
{
  char exe[4096];
  kir_bench_init(&k->b, NULL);
  ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
  exe[n > 0 ? n : 0] = '\0';
  if (jit_library_find(&k->l, k->b.mem, exe)) {
    ck_assert_msg(jit_library_load(&k->l, k->b.mem), "%s", k->l.why);
    return true;
  }
  fprintf(stderr, "jit: skipped: %s\n", k->l.why);
  kir_bench_release(&k->b);
  return false;
}

static void end(machine *k)
{
  jit_library_close(&k->l);
  kir_bench_release(&k->b);
}

static jit_status compile(const jit_provider *p, kir_bench *b, const char *name, unsigned want,
                          const char *cpu, jit_result *out)
{
  const kir_module *m = kir_bench_module(b, name);
  ck_assert_ptr_nonnull(m);
  jit_request in = {.mem = b->mem,
                    .modules = &m,
                    .n_modules = 1,
                    .hash = hash,
                    .compiler = "1.2.3",
                    .cpu = cpu,
                    .want = want,
                    .verify = true};
  return p->compile(out, &in);
}

static jit_result object_of(machine *k, const char *name)
{
  jit_result made;
  jit_status st = compile(k->l.provider, &k->b, name, JIT_WANT_OBJECT, NULL, &made);
  ck_assert_msg(st == JIT_DONE, "%s: %s", name, made.why);
  return made;
}

static const amlrt_detector_export *exported(const void *get)
{
  const amlrt_detector_export *(*call)(void);
  memcpy(&call, &get, sizeof call);
  return call();
}

// ---- every op and every field ---------------------------------------------------------------------

START_TEST(all_kernel_ir_compiles)
{
  static const unsigned all = JIT_WANT_OBJECT | JIT_WANT_LLVM | JIT_WANT_LLVM_OPT | JIT_WANT_ASM;
  static const char *const cpus[] = {NULL, "native", "x86-64-v3"};
  machine k;
  if (!begin(&k)) return;
  for (size_t i = 0; i < n_kir_texts; i++)
    for (size_t c = 0; c < sizeof cpus / sizeof *cpus; c++) {
      jit_result made;
      jit_status st = compile(k.l.provider, &k.b, kir_texts[i].name, all, cpus[c], &made);
      ck_assert_msg(st == JIT_DONE, "%s: %s", kir_texts[i].name, made.why);
      ck_assert_ptr_nonnull(strstr(made.llvm, "define internal"));
      ck_assert_ptr_nonnull(strstr(made.assembly, "amlrt_detector_get"));
      ck_assert_ptr_nonnull(made.llvm_opt);
      // No floating point is computed, so none can be contracted; no flag would allow it.
      ck_assert_ptr_null(strstr(made.llvm_opt, " fmul "));
      ck_assert_ptr_null(strstr(made.llvm_opt, " fadd "));
      ck_assert_ptr_null(strstr(made.llvm_opt, " fast "));
    }
  end(&k);
}
END_TEST

START_TEST(a_cpu_that_is_none_is_refused)
{
  machine k;
  jit_result made;
  if (!begin(&k)) return;
  ck_assert_int_eq(compile(k.l.provider, &k.b, "everything", JIT_WANT_OBJECT, "i_am_no_cpu", &made),
                   JIT_NO_CPU);
  ck_assert_msg(strstr(made.why, "i_am_no_cpu") != NULL, "%s", made.why);
  end(&k);
}
END_TEST

// ---- tables, read back through the layouts of the headers --------------------------------------------

typedef struct member {
  const char *of, *name;
  size_t offset, bytes, item;
} member;

#define ABI_STRUCT(name)
#define ABI_MEMBER(of, name, kind, type)                                                           \
  {#of, #name, offsetof(of, name), sizeof(((of *)0)->name), sizeof(((of *)0)->name)},
#define ABI_ARRAY(of, name, kind, type, n)                                                         \
  {#of, #name, offsetof(of, name), sizeof(((of *)0)->name), sizeof(((of *)0)->name) / (n)},
#define ABI_END(name)
static const member members[] = {
#include "amlrt/amlrt_abi.def"
};

static const void *place(const char *of, const char *path, const void *at, size_t *bytes)
{
  size_t n = strcspn(path, "[");
  for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
    const member *m = &members[i];
    if (strcmp(m->of, of) != 0 || strncmp(m->name, path, n) != 0 || m->name[n]) continue;
    *bytes = m->item;
    return (const char *)at + m->offset + (path[n] ? (size_t)(path[n + 1] - '0') * m->item : 0);
  }
  ck_abort_msg("%s has no %s", of, path);
  return NULL;
}

static void same_frac(const rational *want, const amlrt_frac *have)
{
  ck_assert(want->num == have->num && want->den == have->den);
}

static void same_range(const gir_range *want, const amlrt_range *have)
{
  ck_assert_uint_eq(want->has, have->has);
  if (want->has & AMLRT_HAS_A) same_frac(&want->a, &have->a);
  if (want->has & AMLRT_HAS_B) same_frac(&want->b, &have->b);
  if (want->has & AMLRT_HAS_C) same_frac(&want->c, &have->c);
  if (want->has & AMLRT_HAS_D) same_frac(&want->d, &have->d);
}

static void same_int(int64_t want, const void *at, size_t bytes)
{
  int64_t have = 0; // little-endian
  memcpy(&have, at, bytes);
  ck_assert_int_eq(bytes == 4 ? (int64_t)(uint32_t)want : want, have);
}

static void same_field(const kir_field *f, const void *item, const char *of, const void *at)
{
  size_t bytes;
  const void *have = place(of, f->c_member, at, &bytes);
  switch (f->kind) {
  case KF_NAME:
  case KF_TEXT:
    ck_assert_str_eq(kir_get_text(f, item), *(const char *const *)have);
    break;
  case KF_BOOL:
    same_int(kir_get_bool(f, item), have, bytes);
    break;
  case KF_INT:
  case KF_ENUM:
  case KF_ENUM64:
    same_int(kir_get_int(f, item), have, bytes);
    break;
  case KF_U64:
    same_int((int64_t)kir_get_u64(f, item), have, bytes);
    break;
  case KF_U32:
  case KF_ANY:
  case KF_REF:
  case KF_OPT:
    same_int(kir_get_u32(f, item), have, bytes);
    break;
  case KF_RATIONAL:
    same_frac(kir_get_rational(f, item), have);
    break;
  case KF_RANGE:
    same_range(kir_get_range(f, item), have);
    break;
  case KF_FN:
  case KF_OPT_FN:
    ck_assert_int_eq(kir_get_u32(f, item) != KIR_NONE, *(const void *const *)have != NULL);
    break;
  }
}

static void same_item(kir_record_id record, const void *item, const char *of, const void *at)
{
  uint32_t n;
  const kir_field *f = kir_record_fields(record, &n);
  for (uint32_t i = 0; i < n; i++)
    if (*f[i].c_member) same_field(&f[i], item, of, at);
}

static void same_list(const kir_module *m, kir_record_id record, uint32_t of, const char *type,
                      const void *list, size_t bytes)
{
  for (uint32_t i = 0; i < kir_n_items(m, record, of); i++)
    same_item(record, kir_item(m, record, of, i), type, (const char *)list + i * bytes);
}

static void same_program(const kir_module *m, const amlrt_program *p)
{
  same_item(KREC_HEAD, m, "amlrt_program", p);
  same_list(m, KREC_ROLE, 0, "amlrt_prole", p->roles, sizeof *p->roles);
  same_list(m, KREC_STAGE, 0, "amlrt_pstage", p->stages, sizeof *p->stages);
  same_list(m, KREC_SET, 0, "amlrt_pset", p->sets, sizeof *p->sets);
  same_list(m, KREC_PAIR, 0, "amlrt_ppair", p->pairs, sizeof *p->pairs);
  same_list(m, KREC_CON, 0, "amlrt_pcon", p->cons, sizeof *p->cons);
  same_list(m, KREC_SYMBOL, 0, "amlrt_symbol", p->symbols, sizeof *p->symbols);
  same_list(m, KREC_NEED, 0, "amlrt_need", p->needs, sizeof *p->needs);
  same_list(m, KREC_PLAN, 0, "amlrt_pplan", p->plans, sizeof *p->plans);
  same_list(m, KREC_TITLE, 0, "amlrt_title_part", p->info->title, sizeof *p->info->title);
  for (uint32_t i = 0; i < m->pairs.n; i++) {
    ck_assert_uint_eq(p->pairs[i].n_conds, m->pairs.at[i].conds.n);
    same_list(m, KREC_COND, i, "amlrt_ppair_cond", p->pairs[i].conds, sizeof *p->pairs[i].conds);
  }
  for (uint32_t i = 0; i < m->may_equal.n; i++) {
    ck_assert_uint_eq(p->may_equal[i][0], m->may_equal.at[i].a);
    ck_assert_uint_eq(p->may_equal[i][1], m->may_equal.at[i].b);
  }
  for (uint32_t i = 0; i < m->start_order.n; i++)
    ck_assert_uint_eq(p->start_order[i], m->start_order.at[i]);
  const uint32_t counts[][2] = {{p->n_stages, m->stages.n},
                                {p->n_sets, m->sets.n},
                                {p->n_pairs, m->pairs.n},
                                {p->n_groups, m->start_order.n},
                                {p->n_symbols, m->symbols.n},
                                {p->n_may_equal, m->may_equal.n},
                                {p->n_needs, m->needs.n},
                                {p->n_plans, m->plans.n},
                                {p->info->n_roles, m->roles.n},
                                {p->info->n_title, m->title.n},
                                {p->info->n_title_values, m->title_values.n},
                                {p->info->n_params, m->params.n},
                                {p->info->n_features, m->features.n},
                                {p->info->n_constraints, m->cons.n}};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    ck_assert_uint_eq(counts[i][0], counts[i][1]);
}

static void same_info(const kir_module *m, const amlrt_pattern_info *p)
{
  ck_assert_str_eq(p->name, m->name);
  ck_assert_str_eq(p->id, m->id);
  ck_assert_str_eq(p->version, m->version);
  ck_assert_str_eq(p->status, m->status);
  ck_assert_int_eq(p->within, m->within);
  for (uint32_t i = 0; i < m->roles.n; i++)
    ck_assert_str_eq(p->roles[i].name, m->roles.at[i].name);
  for (uint32_t i = 0; i < m->stages.n; i++)
    if (m->stages.at[i].shown != KIR_NONE)
      ck_assert_str_eq(p->stages[m->stages.at[i].shown].name, m->stages.at[i].name);
  for (uint32_t i = 0; i < m->params.n; i++)
    ck_assert_str_eq(p->params[i].value, m->params.at[i].value);
  for (uint32_t i = 0; i < m->cons.n; i++) {
    const amlrt_constraint_info *c = &p->constraints[i];
    const gir_range *r = &m->cons.at[i].shown;
    ck_assert_str_eq(c->text, m->cons.at[i].text);
    ck_assert_uint_eq(c->has, r->has);
    if (r->has & AMLRT_HAS_B) ck_assert(c->bounds[1] == rational_double(r->b));
    if (r->has & AMLRT_HAS_C) ck_assert(c->bounds[2] == rational_double(r->c));
  }
  for (uint32_t i = 0; i < m->features.n; i++) {
    ck_assert_str_eq(p->features[i].name, m->features.at[i].name);
    ck_assert_int_eq(p->features[i].bin_lo, m->features.at[i].lo);
    ck_assert_int_eq(p->features[i].bin_hi, m->features.at[i].hi);
  }
}

static void check_detector(const kir_module *m, const void *get)
{
  const amlrt_detector_export *e = exported(get);
  ck_assert_uint_eq(e->abi_version, AMLRT_ABI_VERSION);
  ck_assert_uint_eq(e->n_programs, 1);
  ck_assert_str_eq(e->pattern_hash, hash);
  ck_assert_str_eq(e->compiler, "1.2.3");
  same_program(m, e->programs[0]);
  same_info(m, e->programs[0]->info);
}

// Linked by LLVM, and by our own linker.
START_TEST(tables_are_those_of_kernel_ir)
{
  machine k;
  if (!begin(&k)) return;
  for (size_t i = 0; i < n_kir_texts; i++) {
    jit_result made = object_of(&k, kir_texts[i].name);
    const kir_module *m = kir_bench_module(&k.b, kir_texts[i].name);
    const void *get;
    const char *why = "";
    jit_linked *linked;
    jit_loaded loaded;
    jit_status st =
        k.l.provider->link(&linked, &get, &made, jit_symbols, n_jit_symbols, k.b.mem, &why);
    ck_assert_msg(st == JIT_DONE, "%s", why);
    check_detector(m, get);
    ck_assert_msg(jit_load(&loaded, k.b.mem, made.object, made.object_bytes, jit_symbols,
                           n_jit_symbols, &why),
                  "%s", why);
    check_detector(m, loaded.get);
    jit_unload(&loaded);
    k.l.provider->release(linked);
  }
  end(&k);
}
END_TEST

// ---- only what is listed resolves -----------------------------------------------------------------

START_TEST(what_is_not_listed_does_not_resolve)
{
  machine k;
  const void *get;
  const char *why = "";
  jit_linked *linked;
  jit_loaded loaded;
  if (!begin(&k)) return;
  jit_result made = object_of(&k, "everything");
  ck_assert(!jit_load(&loaded, k.b.mem, made.object, made.object_bytes, jit_symbols, 1, &why));
  ck_assert_msg(strstr(why, "amlrt_") != NULL, "%s", why);
  ck_assert_ptr_null(loaded.at);
  // The functions are in this process, and found in it by dlsym; still they are not taken from there.
  ck_assert_int_eq(k.l.provider->link(&linked, &get, &made, jit_symbols, 1, k.b.mem, &why),
                   JIT_BUG);
  ck_assert_ptr_null(linked);
  end(&k);
}
END_TEST

// Every function that amlrt_gen.h offers to generated code is in the list, or compiled code could call
// it from C and not from here.
START_TEST(the_list_is_that_of_the_header)
{
  char line[400];
  uint32_t n = 0;
  FILE *f = fopen(AML_SOURCE_DIR "/runtime/include/amlrt/amlrt_gen.h", "r");
  ck_assert_ptr_nonnull(f);
  while (fgets(line, sizeof line, f)) {
    const char *name = strstr(line, "amlrt_"), *paren = strchr(line, '(');
    if (strncmp(line, "AMLRT_API", 9) != 0) continue;
    while (name && paren && name + strcspn(name, " (*") != paren)
      name = strstr(name + 1, "amlrt_");
    ck_assert_msg(name && paren, "%s", line);
    line[paren - line] = '\0';
    if (!strcmp(name, "amlrt_detector_get")) continue;
    uint32_t i = 0;
    while (i < n_jit_symbols && strcmp(jit_symbols[i].name, name) != 0)
      i++;
    ck_assert_msg(i < n_jit_symbols, "amlrt_calls.def has no %s", name);
    n++;
  }
  fclose(f);
  ck_assert_uint_eq(n, n_jit_symbols);
}
END_TEST

// ---- our linker: damaged files --------------------------------------------------------------------

static bool try_load(machine *k, const char *bytes, size_t n)
{
  jit_loaded loaded;
  const char *why = NULL;
  bool ok = jit_load(&loaded, k->b.mem, bytes, n, jit_symbols, n_jit_symbols, &why);
  ck_assert(ok || (why && *why));
  jit_unload(&loaded);
  return ok;
}

START_TEST(files_cut_short)
{
  machine k;
  if (!begin(&k)) return;
  jit_result made = object_of(&k, "everything");
  for (size_t n = 0; n < made.object_bytes; n += n < 128 ? 1 : 61) {
    char *copy = malloc(n ? n : 1); // so that a sanitizer sees the end of it
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, made.object, n);
    ck_assert(!try_load(&k, copy, n));
    free(copy);
  }
  end(&k);
}
END_TEST

// Each byte of headers, symbols and relocations takes some other values: refused, or an image that lies
// where it should. Nothing of it is run.
START_TEST(files_changed)
{
  static const unsigned char values[] = {0xff, 0x00, 0x80, 0x01};
  machine k;
  if (!begin(&k)) return;
  jit_result made = object_of(&k, "everything");
  char *copy = malloc(made.object_bytes);
  ck_assert_ptr_nonnull(copy);
  memcpy(copy, made.object, made.object_bytes);
  Elf64_Ehdr h;
  memcpy(&h, copy, sizeof h);
  uint32_t refused = 0, tried = 0;
  for (size_t at = 0; at < made.object_bytes; at++) {
    bool head = at < sizeof h || at >= h.e_shoff;
    if (!head && at % 13 != 0) continue;
    for (size_t v = 0; v < sizeof values; v++) {
      char was = copy[at];
      copy[at] = (char)values[v];
      refused += !try_load(&k, copy, made.object_bytes);
      tried++;
      copy[at] = was;
    }
  }
  ck_assert_uint_gt(refused, tried / 20);
  ck_assert(try_load(&k, copy, made.object_bytes));
  free(copy);
  end(&k);
}
END_TEST

// ---- eight at once, many one after the other --------------------------------------------------------

typedef struct worker {
  const jit_provider *provider;
  const char *name; // of the kernel IR
  uint32_t rounds;
  size_t bytes;
  uint8_t sum[32];
  bool ok;
} worker;

// What a thread does: its own context, kernel IR, compilation, image. Check's macros are for the main
// thread.
static void *work(void *user)
{
  worker *w = user;
  for (uint32_t i = 0; i < w->rounds; i++) {
    kir_bench b;
    jit_result made = {.why = ""};
    jit_loaded loaded = {0};
    const char *why = "", *text = kir_text_of(w->name);
    kir_bench_init(&b, NULL);
    w->ok = kir_bench_read(&b, text, strlen(text));
    const kir_module *m = b.m;
    jit_request in = {.mem = b.mem,
                      .modules = &m,
                      .n_modules = 1,
                      .hash = hash,
                      .compiler = "1.2.3",
                      .cpu = "native",
                      .want = JIT_WANT_OBJECT};
    const void *get;
    jit_linked *linked = NULL;
    w->ok =
        w->ok && w->provider->compile(&made, &in) == JIT_DONE &&
        w->provider->link(&linked, &get, &made, jit_symbols, n_jit_symbols, b.mem, &why) ==
            JIT_DONE &&
        jit_load(&loaded, b.mem, made.object, made.object_bytes, jit_symbols, n_jit_symbols, &why);
    w->ok = w->ok && exported(get)->n_programs == 1 && exported(loaded.get)->n_programs == 1;
    if (w->ok) amlrt_sha256(w->sum, made.object, made.object_bytes);
    w->bytes = made.object_bytes;
    jit_unload(&loaded);
    w->provider->release(linked);
    kir_bench_release(&b);
    if (!w->ok) break;
  }
  return NULL;
}

START_TEST(eight_at_once)
{
  enum { N = 8 };
  pthread_t threads[N];
  worker workers[N];
  machine k;
  if (!begin(&k)) return;
  for (int i = 0; i < N; i++) {
    workers[i] = (worker){.provider = k.l.provider, .name = "everything", .rounds = 3};
    ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
  }
  for (int i = 0; i < N; i++) {
    pthread_join(threads[i], NULL);
    ck_assert(workers[i].ok);
    // The same bytes from each: nothing of a compilation is another's.
    ck_assert_uint_eq(workers[i].bytes, workers[0].bytes);
    ck_assert_mem_eq(workers[i].sum, workers[0].sum, 32);
  }
  end(&k);
}
END_TEST

static long resident_kib(void) // the second number of the line is pages
{
  char line[200] = "", *at = line;
  FILE *f = fopen("/proc/self/statm", "r");
  if (f && !fgets(line, sizeof line, f)) *line = '\0';
  if (f) fclose(f);
  (void)strtol(line, &at, 10);
  return strtol(at, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MANY = 10, KEEPS_MORE_KIB = INT32_MAX }; // what is freed stays in quarantine
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { MANY = 10, KEEPS_MORE_KIB = INT32_MAX };
#else
enum { MANY = 200, KEEPS_MORE_KIB = 2048 };
#endif
#else
enum { MANY = 200, KEEPS_MORE_KIB = 2048 };
#endif

// AML_JIT_MANY=1000 for the long one.
START_TEST(many_keep_no_memory)
{
  const char *asked = getenv("AML_JIT_MANY");
  long many = asked ? strtol(asked, NULL, 10) : MANY;
  machine k;
  if (!begin(&k)) return;
  worker w = {.provider = k.l.provider, .name = "ring", .rounds = (uint32_t)many / 5};
  work(&w);
  long before = resident_kib();
  w.rounds = (uint32_t)(many - many / 5);
  work(&w);
  ck_assert(w.ok);
  long more = resident_kib() - before;
  ck_assert_msg(more < KEEPS_MORE_KIB, "%ld KiB more after %u compilations", more, w.rounds);
  end(&k);
}
END_TEST

// ---- without memory -------------------------------------------------------------------------------

START_TEST(without_memory)
{
  machine k;
  if (!begin(&k)) return;
  const char *text = kir_text_of("everything");
  for (uint64_t n = 0; n < 400; n += n < 20 ? 1 : 13) {
    alloc_fail a;
    kir_bench b;
    alloc_fail_init(&a, UINT64_MAX);
    const cx_allocator mem = alloc_fail_cx(&a);
    kir_bench_init(&b, &mem);
    ck_assert(kir_bench_read(&b, text, strlen(text)));
    const kir_module *m = b.m;
    jit_request in = {.mem = b.mem,
                      .modules = &m,
                      .n_modules = 1,
                      .hash = hash,
                      .compiler = "1",
                      .want = JIT_WANT_OBJECT | JIT_WANT_LLVM};
    jit_result made;
    a.fail_at = atomic_load(&a.n_calls) + n;
    jit_status st = k.l.provider->compile(&made, &in);
    bool failed = alloc_fail_hit(&a);
    ck_assert_int_eq(st, failed ? JIT_WORLD : JIT_DONE);
    kir_bench_release(&b);
    alloc_fail_check(&a);
    if (!failed) break;
  }
  end(&k);
}
END_TEST

// ---- the cache of objects ---------------------------------------------------------------------------

static void damage(const char *path, long at)
{
  FILE *f = fopen(path, "r+b");
  ck_assert_ptr_nonnull(f);
  ck_assert_int_eq(fseek(f, at, at < 0 ? SEEK_END : SEEK_SET), 0);
  int ch = fgetc(f);
  ck_assert_int_eq(fseek(f, -1, SEEK_CUR), 0);
  fputc(ch ^ 1, f);
  fclose(f);
}

START_TEST(kept_objects)
{
  const char key[] = "00000000000000000000000000000000000000000000000000000000000000aa";
  const char bytes[] = "what was compiled";
  char folder[] = "/tmp/amlc-kept-XXXXXX";
  kir_bench b;
  native_cache cache;
  size_t n = 0;
  kir_bench_init(&b, NULL);
  ck_assert_ptr_nonnull(mkdtemp(folder));
  setenv("AMLC_CACHE", folder, 1);
  native_cache_open(&cache, b.mem);
  ck_assert_ptr_null(native_cache_read(&cache, key, &n));
  native_cache_write(&cache, key, bytes, sizeof bytes);
  const char *kept = native_cache_read(&cache, key, &n);
  ck_assert_ptr_nonnull(kept);
  ck_assert_uint_eq(n, sizeof bytes);
  ck_assert_mem_eq(kept, bytes, n);
  // Tampered with in its bytes, in its checksum, or writable by others: it is not there.
  const char *path = arena_printf(b.mem, "%s/%s.jit", folder, key);
  damage(path, -1);
  ck_assert_ptr_null(native_cache_read(&cache, key, &n));
  damage(path, -1);
  ck_assert_ptr_nonnull(native_cache_read(&cache, key, &n));
  damage(path, 20);
  ck_assert_ptr_null(native_cache_read(&cache, key, &n));
  damage(path, 20);
  ck_assert_int_eq(chmod(path, 0666), 0);
  ck_assert_ptr_null(native_cache_read(&cache, key, &n));
  unlink(path);
  ck_assert_int_eq(symlink("/etc/hostname", path), 0);
  ck_assert_ptr_null(native_cache_read(&cache, key, &n));
  unlink(path);
  rmdir(folder);
  unsetenv("AMLC_CACHE");
  kir_bench_release(&b);
}
END_TEST

Suite *make_jit_suite(void)
{
  Suite *s = suite_create("jit");
  TCase *tc = tcase_create("all");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, all_kernel_ir_compiles);
  tcase_add_test(tc, a_cpu_that_is_none_is_refused);
  tcase_add_test(tc, tables_are_those_of_kernel_ir);
  tcase_add_test(tc, what_is_not_listed_does_not_resolve);
  tcase_add_test(tc, the_list_is_that_of_the_header);
  tcase_add_test(tc, files_cut_short);
  tcase_add_test(tc, files_changed);
  tcase_add_test(tc, eight_at_once);
  tcase_add_test(tc, many_keep_no_memory);
  tcase_add_test(tc, without_memory);
  tcase_add_test(tc, kept_objects);
  suite_add_tcase(s, tc);
  return s;
}
