// The table of passes.
#include "passes/passes.h"

#include <string.h>

const pass_info passes[] = {
#define PASS(id, cli, level, help) {#id, cli, help, PASS_LEVEL_##level, pass_##id},
#include "passes/passes.def"
};
const uint32_t n_passes = sizeof passes / sizeof *passes;

uint32_t pass_find(const char *cli)
{
  for (uint32_t i = 0; i < n_passes; i++)
    if (strcmp(passes[i].cli, cli) == 0) return i;
  return n_passes;
}
