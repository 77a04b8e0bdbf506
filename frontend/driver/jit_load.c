#include "frontend/driver/jit_load.h"
#include "frontend/driver/jit_seen.h"
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOST_SECTIONS = 4096, MOST_ALIGN = 4096, JUMP_BYTES = 16 };

typedef struct loader {
  arena *mem;
  const char *object;
  size_t n;
  const jit_symbol *given;
  uint32_t n_given;
  const char *why;
  const Elf64_Shdr *sections;
  uint32_t n_sections;
  const Elf64_Sym *symbols;
  uint32_t n_symbols;
  const char *names; // of symbols; ended by NUL
  size_t n_names;
  size_t *place;    // by section: where it lies in the image; SIZE_MAX: nowhere
  uint32_t *jump;   // by given symbol: its jump, from 1 on; 0: none yet
  uint32_t n_jumps; // made
  size_t jumps_at, text_bytes, bytes;
  char *image;
} loader;

static bool refuse(loader *l, const char *why)
{
  if (!l->why) l->why = why;
  return false;
}

static bool inside(const loader *l, uint64_t at, uint64_t bytes)
{
  return at <= l->n && bytes <= l->n - at;
}

// ---- the file -------------------------------------------------------------------------------------

static bool read_header(loader *l)
{
  Elf64_Ehdr h;
  static const unsigned char ident[] = {ELFMAG0, ELFMAG1,    ELFMAG2,
                                        ELFMAG3, ELFCLASS64, ELFDATA2LSB};
  if (l->n < sizeof h) return refuse(l, "it is too short");
  memcpy(&h, l->object, sizeof h);
  if (memcmp(h.e_ident, ident, sizeof ident) != 0 || h.e_type != ET_REL || h.e_machine != EM_X86_64)
    return refuse(l, "it is no object file for x86-64");
  if (h.e_shentsize != sizeof(Elf64_Shdr) || h.e_shnum == 0 || h.e_shnum > MOST_SECTIONS ||
      h.e_shoff % _Alignof(Elf64_Shdr) != 0 ||
      !inside(l, h.e_shoff, (uint64_t)h.e_shnum * sizeof(Elf64_Shdr)))
    return refuse(l, "its section table is damaged");
  l->sections = (const void *)(l->object + h.e_shoff);
  l->n_sections = h.e_shnum;
  return true;
}

static bool read_symbols(loader *l)
{
  for (uint32_t i = 0; i < l->n_sections; i++) {
    const Elf64_Shdr *s = &l->sections[i];
    if (s->sh_type != SHT_SYMTAB) continue;
    const Elf64_Shdr *names = s->sh_link < l->n_sections ? &l->sections[s->sh_link] : NULL;
    if (l->symbols || !names || !inside(l, s->sh_offset, s->sh_size) ||
        !inside(l, names->sh_offset, names->sh_size) || s->sh_entsize != sizeof(Elf64_Sym) ||
        s->sh_offset % _Alignof(Elf64_Sym) != 0 || names->sh_size == 0 ||
        l->object[names->sh_offset + names->sh_size - 1])
      return refuse(l, "its symbol table is damaged");
    l->symbols = (const void *)(l->object + s->sh_offset);
    l->n_symbols = (uint32_t)(s->sh_size / sizeof(Elf64_Sym));
    l->names = l->object + names->sh_offset;
    l->n_names = names->sh_size;
  }
  return l->symbols ? true : refuse(l, "it has no symbols");
}

static const char *name_of(const loader *l, const Elf64_Sym *s)
{
  return s->st_name < l->n_names ? l->names + s->st_name : "";
}

// ---- the image: text, jumps, then constants on pages of their own ------------------------------------

static size_t up_to(size_t n, size_t align)
{
  return (n + align - 1) & ~(align - 1);
}

static bool is_text(const Elf64_Shdr *s)
{
  return (s->sh_flags & SHF_EXECINSTR) != 0;
}

static bool check_section(loader *l, const Elf64_Shdr *s)
{
  bool odd_align = s->sh_addralign & (s->sh_addralign - 1) || s->sh_addralign > MOST_ALIGN;
  if (s->sh_type != SHT_PROGBITS || s->sh_flags & (SHF_TLS | SHF_COMPRESSED) || odd_align)
    return refuse(l, "it has a section of a kind that amlc does not write");
  if (is_text(s) && s->sh_flags & SHF_WRITE)
    return refuse(l, "it has a section that is both to be written and to be run");
  return inside(l, s->sh_offset, s->sh_size) ? true : refuse(l, "a section leaves the file");
}

// Places the sections that run (text), or those that do not, from `at` on; the end.
static size_t place(loader *l, bool text, size_t at)
{
  for (uint32_t i = 0; i < l->n_sections; i++) {
    const Elf64_Shdr *s = &l->sections[i];
    if (!(s->sh_flags & SHF_ALLOC) || is_text(s) != text) continue;
    at = up_to(at, s->sh_addralign ? s->sh_addralign : 1);
    l->place[i] = at;
    at += s->sh_size; // each size is below the file's
  }
  return at;
}

static bool lay_out(loader *l)
{
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  l->place = arena_try(l->mem, l->n_sections * sizeof *l->place);
  l->jump = arena_try(l->mem, (l->n_given + 1) * sizeof *l->jump);
  if (!l->place || !l->jump) return refuse(l, "out of memory");
  for (uint32_t i = 0; i < l->n_sections; i++) {
    l->place[i] = SIZE_MAX;
    if (l->sections[i].sh_flags & SHF_ALLOC && !check_section(l, &l->sections[i])) return false;
  }
  l->jumps_at = up_to(place(l, true, 0), JUMP_BYTES);
  l->text_bytes = up_to(l->jumps_at + (size_t)l->n_given * JUMP_BYTES, page);
  l->bytes = up_to(place(l, false, l->text_bytes), page);
  return l->bytes < INT32_MAX ? true : refuse(l, "it is too large");
}

static bool fill(loader *l)
{
  void *at = mmap(NULL, l->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return refuse(l, "out of memory");
  l->image = at;
  for (uint32_t i = 0; i < l->n_sections; i++)
    if (l->place[i] != SIZE_MAX)
      memcpy(l->image + l->place[i], l->object + l->sections[i].sh_offset, l->sections[i].sh_size);
  return true;
}

// ---- relocations ------------------------------------------------------------------------------------

// jmp *0(%rip), the address behind it: what is called may lie further than a call reaches.
static char *jump_of(loader *l, uint32_t given)
{
  static const unsigned char code[] = {0xff, 0x25, 0, 0, 0, 0};
  if (!l->jump[given]) {
    char *new = l->image + l->jumps_at + (size_t)l->n_jumps *JUMP_BYTES;
    memcpy(new, code, sizeof code);
    memcpy(new + sizeof code, &l->given[given].address, sizeof l->given[given].address);
    l->jump[given] = ++l->n_jumps;
  }
  return l->image + l->jumps_at + (size_t)(l->jump[given] - 1) * JUMP_BYTES;
}

static bool is_placed(const loader *l, const Elf64_Sym *s)
{
  return s->st_shndx != SHN_UNDEF && s->st_shndx < l->n_sections &&
         l->place[s->st_shndx] != SIZE_MAX && s->st_value <= l->sections[s->st_shndx].sh_size;
}

// The address of a symbol; `near`: one that 32 bits reach.
static bool address_of(loader *l, uint64_t symbol, bool near, const char **out)
{
  if (symbol >= l->n_symbols) return refuse(l, "a relocation names no symbol");
  const Elf64_Sym *s = &l->symbols[symbol];
  if (s->st_shndx != SHN_UNDEF) {
    if (!is_placed(l, s)) return refuse(l, "a symbol lies in no section");
    *out = l->image + l->place[s->st_shndx] + s->st_value;
    return true;
  }
  for (uint32_t i = 0; i < l->n_given; i++) {
    if (strcmp(l->given[i].name, name_of(l, s)) != 0) continue;
    *out = near ? jump_of(l, i) : l->given[i].address;
    return true;
  }
  return refuse(
      l, arena_printf(l->mem, "it calls `%.200s`, which compiled code may not", name_of(l, s)));
}

static bool relocate_one(loader *l, const Elf64_Rela *r, char *section, uint64_t bytes)
{
  uint32_t type = ELF64_R_TYPE(r->r_info);
  bool wide = type == R_X86_64_64;
  bool relative = type == R_X86_64_PC32 || type == R_X86_64_PLT32;
  const char *target;
  if (!wide && !relative)
    return refuse(l, "it has a relocation of a kind that amlc does not write");
  size_t size = wide ? 8 : 4;
  if (r->r_offset > bytes || bytes - r->r_offset < size)
    return refuse(l, "a relocation leaves its section");
  char *at = section + r->r_offset;
  if (!address_of(l, ELF64_R_SYM(r->r_info), !wide, &target)) return false;
  uint64_t value = (uint64_t)(uintptr_t)target + (uint64_t)r->r_addend;
  if (wide) {
    memcpy(at, &value, 8);
    return true;
  }
  int64_t distance = (int64_t)(value - (uint64_t)(uintptr_t)at);
  int32_t narrow = (int32_t)distance;
  if (narrow != distance) return refuse(l, "a relocation does not reach");
  memcpy(at, &narrow, 4);
  return true;
}

// Those of sections that are not in the image are a debugger's to follow.
static bool relocate(loader *l)
{
  for (uint32_t i = 0; i < l->n_sections; i++) {
    const Elf64_Shdr *s = &l->sections[i];
    if (s->sh_type != SHT_RELA) {
      if (s->sh_type == SHT_REL) return refuse(l, "it has relocations of another kind");
      continue;
    }
    if (s->sh_info >= l->n_sections || !inside(l, s->sh_offset, s->sh_size) ||
        s->sh_entsize != sizeof(Elf64_Rela) || s->sh_offset % _Alignof(Elf64_Rela) != 0)
      return refuse(l, "its relocations are damaged");
    if (l->place[s->sh_info] == SIZE_MAX) continue;
    const Elf64_Rela *r = (const void *)(l->object + s->sh_offset);
    for (uint64_t k = 0; k < s->sh_size / sizeof *r; k++)
      if (!relocate_one(l, &r[k], l->image + l->place[s->sh_info], l->sections[s->sh_info].sh_size))
        return false;
  }
  return true;
}

// ---- ready ------------------------------------------------------------------------------------------

static bool protect(loader *l)
{
  bool ok = mprotect(l->image, l->text_bytes, PROT_READ | PROT_EXEC) == 0;
  if (ok && l->bytes > l->text_bytes)
    ok = mprotect(l->image + l->text_bytes, l->bytes - l->text_bytes, PROT_READ) == 0;
  return ok ? true : refuse(l, "this system does not let memory be run");
}

static bool find_get(loader *l, const void **get)
{
  for (uint32_t i = 0; i < l->n_symbols; i++) {
    const Elf64_Sym *s = &l->symbols[i];
    const char *at;
    if (strcmp(name_of(l, s), "amlrt_detector_get") != 0) continue;
    if (ELF64_ST_TYPE(s->st_info) != STT_FUNC || s->st_shndx == SHN_UNDEF ||
        s->st_shndx >= l->n_sections || !is_text(&l->sections[s->st_shndx]))
      break;
    if (!address_of(l, i, false, &at)) return false;
    *get = at;
    return true;
  }
  return refuse(l, "it has no amlrt_detector_get");
}

// Tells perf and gdb what lies where.
static struct jit_seen *show(const loader *l)
{
  for (uint32_t i = 0; i < l->n_symbols; i++) {
    const Elf64_Sym *s = &l->symbols[i];
    if (is_placed(l, s) && ELF64_ST_TYPE(s->st_info) == STT_FUNC)
      jit_seen_by_perf(l->image + l->place[s->st_shndx] + s->st_value, s->st_size, name_of(l, s));
  }
  struct jit_seen *seen = jit_seen_new(l->object, l->n);
  if (!seen) return NULL;
  for (uint32_t i = 0; i < l->n_sections; i++)
    if (l->place[i] != SIZE_MAX)
      jit_seen_place(seen,
                     (uint64_t)((const char *)&l->sections[i] - l->object) +
                         offsetof(Elf64_Shdr, sh_addr),
                     l->image + l->place[i]);
  jit_seen_tell(seen);
  return seen;
}

bool jit_load(jit_loaded *out, arena *mem, const char *object, size_t n, const jit_symbol *symbols,
              uint32_t n_symbols, const char **why)
{
  loader l = {.mem = mem, .object = object, .n = n, .given = symbols, .n_given = n_symbols};
  *out = (jit_loaded){0};
  bool ok = read_header(&l) && read_symbols(&l) && lay_out(&l) && fill(&l) && relocate(&l) &&
            protect(&l) && find_get(&l, &out->get);
  if (ok) {
    out->at = l.image;
    out->bytes = l.bytes;
    out->seen = show(&l);
    return true;
  }
  *why = l.why;
  out->get = NULL;
  if (l.image) munmap(l.image, l.bytes);
  return false;
}

void jit_unload(jit_loaded *l)
{
  jit_seen_free(l->seen);
  if (l->at) munmap(l->at, l->bytes);
  *l = (jit_loaded){0};
}
