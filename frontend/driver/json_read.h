// Reads JSON text into a tree: what `amlc why` needs to read our own alerts back.
#ifndef AML_DRIVER_JSON_READ_H
#define AML_DRIVER_JSON_READ_H

#include "ir/base/arena.h"

typedef enum { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_LIST, JSON_OBJECT } json_kind;

typedef struct json {
  json_kind kind;
  const char *key;    // in an object, else NULL
  const char *text;   // STRING: decoded; NUMBER: as written; ended by NUL
  bool truth;         // BOOL
  uint32_t n;         // LIST, OBJECT: how many
  struct json *first; // LIST, OBJECT
  struct json *next;  // of the same list or object
} json;

enum { JSON_DEPTH = 64 };

// One value and nothing after it but space. NULL: *why says what is wrong (static text), or the
// context is out of memory.
const json *json_read(arena *mem, const char *text, size_t n, const char **why);

// The member of an object; NULL when it is none or has none of that name and kind.
const json *json_get(const json *object, const char *key, json_kind kind);

#endif
