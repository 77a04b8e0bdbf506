// compile --emit=llvm and obj: what LLVM gets and makes, as a file.
#ifndef AML_DRIVER_JIT_WRITE_H
#define AML_DRIVER_JIT_WRITE_H

#include "frontend/driver/kernel.h"

// Does LLVM write --emit=obj? The C compiler does where --cc names one, or LLVM is not there.
bool jit_writes_objects(const cli *c);
// Writes LLVM's text, or an object file, to where -o says. An exit code; what failed is said.
int jit_write(cli *c, const kernel *k, bool as_text);

#endif
