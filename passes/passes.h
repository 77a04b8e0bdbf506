// Every pass by its name, from passes.def: the file that holds it is named after it.
#ifndef AML_PASSES_PASSES_H
#define AML_PASSES_PASSES_H

#include "passes/pass.h"

#define PASS(id, cli, level, help) pass_outcome pass_##id(pass_unit *u);
#include "passes/passes.def"

#endif
