// A program started with an argument vector; what it says on both streams is collected.
#ifndef AML_DRIVER_RUN_PROGRAM_H
#define AML_DRIVER_RUN_PROGRAM_H

#include "ir/base/strbuf.h"
#include "ir/base/vec.h"

typedef enum {
  RUN_EXITED,  // *code is the exit status
  RUN_KILLED,  // *code is the signal
  RUN_STOPPED, // `stop` said so; the program was ended
  RUN_CANNOT   // errno says why it could not be started
} run_outcome;

// The file of a program: a name with a slash as it is, else looked for on PATH. NULL: there is none.
const char *run_find(arena *mem, const char *name);

// argv ends with NULL; argv[0] is the file. folder: where it runs; NULL: here. The messages of the
// program are English: LC_ALL is C.
run_outcome run_program(const char *const *argv, const char *folder, strbuf *said, int *code,
                        bool (*stop)(void *user), void *user);

#endif
