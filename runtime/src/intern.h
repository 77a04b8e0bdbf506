// Each distinct text gets a number, 0, 1, 2, ..., in the order it first appears. Texts have no NUL
// inside.
//
// Who looks up many texts makes keys of them first: a key carries a short text in four words, so that
// hashing and comparing are a few instructions, and the slots of many keys can be on their way from
// memory at once.
//
// Threads: while one adds, others may look up with the functions that take keys. They may not find what
// was added meanwhile.
#ifndef AMLRT_SRC_INTERN_H
#define AMLRT_SRC_INTERN_H

#include "runtime/src/alloc.h"
#include "amlrt/table.h"

#include <stdatomic.h>

enum { AMLRT__KEY_WORDS = 4, AMLRT__KEY_SHORT = 8 * AMLRT__KEY_WORDS };

typedef struct amlrt__key {
  uint64_t word[AMLRT__KEY_WORDS]; // n < AMLRT__KEY_SHORT: the text, then zeros
  const char *at;                  // else: the text, borrowed
  size_t n;
  uint32_t hash;
} amlrt__key;

// 32 bytes, half a cache line: all that it takes to tell whether a text of less than 24 bytes is here.
enum { AMLRT__SLOT_SHORT = 24 };
typedef struct amlrt__intern_slot {
  _Atomic uint32_t number; // plus 1; 0: free. Written last
  uint32_t hash;           // its highest bit: the text is a long one
  union {
    uint64_t word[AMLRT__SLOT_SHORT / 8]; // a short text, then zeros
    const char *text;                     // a long one
  };
} amlrt__intern_slot;

typedef struct amlrt__intern_slots {
  struct amlrt__intern_slots *older; // outgrown; others may be looking there
  size_t n;                          // a power of two
  uint64_t unused[2];                // no slot is in two lines, where the block begins at a line
  amlrt__intern_slot slot[];
} amlrt__intern_slots;

typedef struct amlrt__intern {
  const amlrt_alloc *mem;
  amlrt__pool *pool; // where the texts go; outlives the intern
  _Atomic(amlrt__intern_slots *) slots;
  const char **text; // by number
  size_t cap;
  uint32_t n;
} amlrt__intern;

void amlrt__intern_init(amlrt__intern *in, amlrt__pool *pool);
void amlrt__intern_release(amlrt__intern *in); // the texts stay in the pool
void amlrt__intern_clear(amlrt__intern *in);   // no texts; the room stays
// Status: AMLRT_OK, AMLRT_E_NOMEM, AMLRT_E_TOO_LARGE (more than 2^32 - 2 texts).
amlrt_status amlrt__intern_add(amlrt__intern *in, const char *text, size_t n, uint32_t *number);
uint32_t amlrt__intern_find(const amlrt__intern *in, const char *text, size_t n); // AMLRT_NONE

void amlrt__key_make(amlrt__key *key, const char *text, size_t n);
// The key of the n < AMLRT__KEY_SHORT bytes at `text`, of which AMLRT__KEY_SHORT can be read. Where
// `colon` is below n, that byte counts as ':', whatever stands there; else n.
void amlrt__key_load(amlrt__key *key, const char *text, size_t n, size_t colon);
// What intern_add and intern_find do.
amlrt_status amlrt__intern_add_key(amlrt__intern *in, const amlrt__key *key, uint32_t *number);
uint32_t amlrt__intern_find_key(const amlrt__intern *in, const amlrt__key *key);
// Sets out for the slot of a key that will be looked up soon.
void amlrt__intern_prefetch(const amlrt__intern *in, const amlrt__key *key);
// Looks up n keys; number[i] is AMLRT_NONE where a text is not there.
void amlrt__intern_find_keys(const amlrt__intern *in, const amlrt__key *key, size_t n,
                             uint32_t *number);

#endif
