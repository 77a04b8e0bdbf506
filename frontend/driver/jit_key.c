#include "frontend/driver/jit_key.h"
#include "frontend/driver/native_cache.h"
#include "aml_build_id.h"
#include "amlrt/program.h"
#include <string.h>
#include <sys/stat.h>

#ifndef AML_LLVM_VERSION
#define AML_LLVM_VERSION "none"
#endif

static void add_text(native_parts *p, const char *text)
{
  native_parts_add(p, text, strlen(text));
}

// ---- the CPU --------------------------------------------------------------------------------------
// All that cpuid says of features; not the number of the core that happens to run this.

#ifdef __x86_64__
#include <cpuid.h>

static void add_leaf(native_parts *p, unsigned leaf, unsigned part)
{
  unsigned r[4] = {0};
  if (!__get_cpuid_count(leaf, part, &r[0], &r[1], &r[2], &r[3])) return;
  if (leaf == 1) r[1] = 0;
  native_parts_add(p, (const char *)r, sizeof r);
}

// Which registers the system saves: AVX needs more than a CPU that has it.
static void add_saved_state(native_parts *p)
{
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return;
  __asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  native_parts_add(p, (const char *)&a, sizeof a);
}

static void add_cpu(native_parts *p)
{
  static const unsigned leaves[][2] = {{0, 0},    {1, 0},          {7, 0},
                                       {7, 1},    {0xd, 1},        {0x14, 0},
                                       {0x19, 0}, {0x80000001, 0}, {0x80000008, 0}};
  for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++)
    add_leaf(p, leaves[i][0], leaves[i][1]);
  add_saved_state(p);
}

const char *jit_refuses_machine(void)
{
  return sizeof(void *) == 8 ? NULL : "it makes code for 64 bits only";
}
#else
static void add_cpu(native_parts *p)
{
  (void)p;
}

const char *jit_refuses_machine(void)
{
  return "it makes code for x86-64 only";
}
#endif

// ---- the rest -------------------------------------------------------------------------------------

// Debug information has lines of these; a comment more above a pattern moves them.
static void add_sources(native_parts *p, const cx *c)
{
  for (uint32_t i = 0; i < source_count(c); i++) {
    add_text(p, source_get(c, i)->name);
    native_parts_add(p, source_get(c, i)->text, source_get(c, i)->n);
  }
}

// Another file of the same build is another compiler: a developer's.
static void add_library(native_parts *p, const jit_library *l)
{
  struct stat st;
  if (!l->path || stat(l->path, &st) < 0) return;
  const int64_t facts[] = {st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec};
  native_parts_add(p, (const char *)facts, sizeof facts);
}

const char *jit_key(arena *mem, const jit_library *l, const kernel *k, const char *cpu)
{
  native_parts p;
  strbuf text;
  strbuf_init(&p.text, arena_cx(mem));
  strbuf_init(&text, arena_cx(mem));
  strbuf_printf(&p.text, "amlc objects, ABI %u, LLVM %s, amlc %s %s ", AMLRT_ABI_VERSION,
                AML_LLVM_VERSION, AMLC_VERSION, AMLC_BUILD_ID);
  add_library(&p, l);
  add_text(&p, cpu);
  add_cpu(&p);
  add_sources(&p, arena_cx(mem));
  for (uint32_t i = 0; i < k->units.n; i++)
    kir_print(&text, k->units.at[i]->kir);
  native_parts_add(&p, strbuf_text(&text), text.n);
  strbuf_release(&text);
  return native_parts_key(&p, mem);
}
