#include "frontend/driver/jit_dump.h"
#include <string.h>

static const struct {
  const char *word;
  unsigned bit;
  const char *file, *comment;
} kinds[] = {
    {"llvm", JIT_WANT_LLVM, "detector.ll", "; as amlc wrote it"},
    {"llvm-opt", JIT_WANT_LLVM_OPT, "detector.opt.ll", "; as LLVM's passes left it"},
    {"asm", JIT_WANT_ASM, "detector.s", "# the code"},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static unsigned bit_of(const char *word)
{
  for (int i = 0; i < N_KINDS; i++)
    if (!strcmp(kinds[i].word, word)) return kinds[i].bit;
  cli_error("--dump: there is no `%s`; it takes llvm, llvm-opt and asm, with commas between", word);
  return 0;
}

bool jit_dump_wants(cli *c, unsigned *want)
{
  const char *list = c->o.values[OPT_DUMP];
  *want = 0;
  while (list && *list) {
    size_t n = strcspn(list, ",");
    unsigned bit = bit_of(arena_text(c->mem, list, n));
    if (!bit) return false;
    *want |= bit;
    list += n + (list[n] == ',');
  }
  return true;
}

static const char *text_of(const jit_result *made, unsigned bit)
{
  return bit == JIT_WANT_LLVM ? made->llvm : bit == JIT_WANT_ASM ? made->assembly : made->llvm_opt;
}

int jit_dump(cli *c, const jit_result *made, unsigned want)
{
  const char *dir = c->o.values[OPT_DUMP_DIR];
  for (int i = 0; i < N_KINDS; i++) {
    const char *text = text_of(made, kinds[i].bit);
    if (!(want & kinds[i].bit)) continue;
    if (!dir) {
      fprintf(stderr, "%s\n%s", kinds[i].comment, text);
      continue;
    }
    int code = cli_write_file(c, arena_printf(c->mem, "%s/%s", dir, kinds[i].file), text);
    if (code != EXIT_DONE) return code;
  }
  return EXIT_DONE;
}
