// Arenas: memory named by its lifetime. Nobody frees a node.
//
// Out of memory: the arena draws on a small reserve (64 KiB) of its context and marks the context
// (cx_ok turns false), so a statement can be finished without a check at every allocation. Whoever
// loops over a user's input asks cx_ok once a turn; a loop that does not and eats the reserve up is
// a bug of ours.
#ifndef AML_BASE_ARENA_H
#define AML_BASE_ARENA_H

#include "ir/base/cx.h"

typedef struct arena arena;

arena *arena_new(cx *c, const char *name); // NULL when there is no memory (context marked)
void arena_free(arena *a);                 // NULL is fine
cx *arena_cx(const arena *a);

// Zeroed, aligned to 16, never NULL; at most 4 KiB a call. For nodes.
void *arena_alloc(arena *a, size_t bytes);
// Zeroed, aligned to 16; NULL and the context marked when there is none. For arrays of any size.
void *arena_try(arena *a, size_t bytes);
// A copy, ended by NUL; "" when there is no memory.
char *arena_text(arena *a, const char *text, size_t n);
// printf into the arena; "" when there is no memory.
char *arena_printf(arena *a, const char *fmt, ...) AML_PRINTF(2, 3);

#define arena_make(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
