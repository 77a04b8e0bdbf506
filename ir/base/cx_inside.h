// What a context holds. For the files of ir/base only: everyone else sees cx.h.
#ifndef AML_BASE_CX_INSIDE_H
#define AML_BASE_CX_INSIDE_H

#include "ir/base/arena.h"
#include "ir/base/diag.h"

enum { CX_RESERVE_BYTES = 64 * 1024, ARENA_NODE_BYTES = 4096, ARENA_ALIGN = 16 };

// What belongs to an error or a warning, in the order it was said.
typedef struct diag_note_item {
  struct diag_note_item *next;
  span where;
  bool has_place;
  const char *text;
} diag_note_item;

typedef struct diag_item {
  struct diag_item *next; // in the order they were reported
  diag_code code;
  span where;
  const char *message;
  const char *help; // NULL: none
  diag_note_item *notes, *last_note;
} diag_item;

typedef struct diag_state {
  arena *mem; // emptied by diag_clear
  diag_item *first, *last;
  diag_item *open; // what a note or a help belongs to; NULL: it was dropped
  uint32_t n_errors, n_warnings, n_kept;
  bool too_many;
} diag_state;

typedef struct intern_table {
  const char **slot; // power of two, NULL: free
  uint32_t n, cap;
} intern_table;

struct cx {
  cx_allocator mem;
  cx_limits limits;
  bool nomem;
  unsigned char *reserve; // what arenas draw on once memory ran out
  size_t reserve_used;
  arena *names; // interned texts
  intern_table interned;
  source **sources;
  uint32_t n_sources, cap_sources;
  diag_state diag;
};

// From the reserve; aborts when a loop of ours that never asks cx_ok has eaten it up.
void *cx__reserve(cx *c, size_t bytes);

#endif
