// The compilation context: all state of one compilation hangs off it, nothing is global.
//
// Threads: one context belongs to one thread at a time; any number may live side by side.
#ifndef AML_BASE_CX_H
#define AML_BASE_CX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "ir/base/bug.h"

typedef struct cx cx;

// Where the compiler's memory comes from. All fields set, or the whole NULL for malloc and free.
typedef struct cx_allocator {
  void *(*alloc)(void *user, size_t bytes); // NULL when there is none
  void (*release)(void *user, void *block); // block may be NULL
  void *user;
} cx_allocator;

// Bounds on what a user may hand in; each is met by a diagnostic (limits.h has the defaults).
typedef struct cx_limits {
  uint32_t max_file_bytes; // of one source
  uint32_t max_depth;      // nesting of expressions and sets, and of imports
  uint32_t max_errors;     // then "too many errors" and the end of the compilation
} cx_limits;

// NULL when there is no memory. Holds a reserve, see arena.h.
cx *cx_new(const cx_allocator *mem, const cx_limits *limits);
void cx_free(cx *c); // NULL is fine

// False once memory ran out. Every statement and every pass asks it, and unwinds.
bool cx_ok(const cx *c);
// Marks the context: memory ran out.
void cx_nomem(cx *c);
const cx_limits *cx_get_limits(const cx *c);

// Raw memory of the context's allocator; NULL (and the context marked) when there is none.
void *cx_alloc(cx *c, size_t bytes);
void *cx_realloc(cx *c, void *block, size_t old_bytes, size_t new_bytes);
void cx_release(cx *c, void *block);

// The canonical copy of a text: equal texts give equal pointers. Lives as long as the context.
// Never NULL: when memory runs out, "" is returned and the context marked.
const char *cx_intern(cx *c, const char *text, size_t n);
const char *cx_intern_z(cx *c, const char *text);

#endif
