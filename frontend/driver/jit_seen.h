// What perf and gdb are told of code that is loaded in memory: names of functions, lines of patterns.
#ifndef AML_DRIVER_JIT_SEEN_H
#define AML_DRIVER_JIT_SEEN_H

#include <stddef.h>
#include <stdint.h>

// With AMLC_PERF=1: a line of /tmp/perf-PID.map, where `perf report` looks for names.
void jit_seen_by_perf(const void *at, uint64_t bytes, const char *name);

// A copy of the object for gdb's JIT interface, with the addresses of its sections. NULL: no memory.
typedef struct jit_seen jit_seen;
jit_seen *jit_seen_new(const char *object, size_t n);
// The address field of a section, at `field` in the object, becomes `address`.
void jit_seen_place(jit_seen *s, uint64_t field, const void *address);
// Threads: any; the list that gdb reads is locked.
void jit_seen_tell(jit_seen *s);
void jit_seen_free(jit_seen *s); // untold first; NULL is fine

#endif
