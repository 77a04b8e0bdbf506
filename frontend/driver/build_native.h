// C text to a shared object, an object file or a program, by the system's C compiler.
//
// The compiler is found on PATH and started with an argument vector in a private folder, never through
// a shell. What it says is kept: when it refuses code that we wrote, that is a bug of ours.
#ifndef AML_DRIVER_BUILD_NATIVE_H
#define AML_DRIVER_BUILD_NATIVE_H

#include "ir/base/vec.h"

typedef enum { NATIVE_OBJ, NATIVE_SO, NATIVE_EXE } native_kind;

typedef enum {
  NATIVE_DONE,
  NATIVE_NO_CC,   // no C compiler, or one that does not work: `why` says what to install
  NATIVE_REFUSED, // the compiler refused our code: our bug; `why` says where all is kept
  NATIVE_WORLD,   // no room, no rights, no memory
  NATIVE_STOPPED  // `stop` said so
} native_status;

typedef struct native_opts {
  arena *mem;               // where texts live
  const char *cc;           // --cc, may hold several words; NULL: $CC, else `cc`
  const char *exe;          // path of this program: headers and library are found from it
  bool (*stop)(void *user); // asked while the compiler runs; NULL
  void *user;
} native_opts;

typedef VEC(const char *) native_words;

typedef struct native {
  native_opts o;
  native_words cc;     // path of the compiler, then the further words of --cc or $CC
  const char *version; // all that `cc --version` says
  const char *include; // the folder that holds amlrt/
  const char *library; // libamlrt.a, or "-lamlrt"
  const char *folder;  // private; NULL: not made yet
  bool keep_folder;    // it holds what a bug report needs
  const char *why;     // of the last status but DONE, for people
  uint32_t n_built;
} native;

// Finds compiler and headers. NATIVE_DONE, NATIVE_NO_CC, NATIVE_WORLD, NATIVE_STOPPED.
native_status native_open(native *n, const native_opts *o);
// Removes the private folder.
void native_close(native *n);

// The flags of a kind: what, beside text and compiler, decides the bytes.
void native_flags(native_words *out, arena *mem, native_kind kind);
// Compiles; *path is a file in the private folder, there until native_close.
native_status native_build(native *n, native_kind kind, const char *text, size_t size,
                           const char **path);
// Copies a file to where it shall stand: under a temporary name, then renamed. False: errno.
bool native_install(arena *mem, const char *from, const char *to, unsigned mode);

#endif
