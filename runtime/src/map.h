// The column map of --map: what our columns are called in the user's files.
#ifndef AMLRT_SRC_MAP_H
#define AMLRT_SRC_MAP_H

#include "runtime/src/alloc.h"

typedef enum {
#define COLUMN(id, name, needed, in_words) AMLRT__COL_##id,
#include "runtime/src/column.def"
  AMLRT__N_COLUMNS
} amlrt__column;

const char *amlrt__column_name(amlrt__column c);
bool amlrt__column_needed(amlrt__column c);
// AMLRT__N_COLUMNS: no column has this name.
amlrt__column amlrt__column_find(const char *name, size_t n);

typedef struct amlrt__map_entry {
  const char *ours; // name of the column; of a further one, its name without "extra."
  bool is_extra;
  amlrt__column column; // unless is_extra
  const char *theirs;   // name in the file's header; NULL: by position
  uint32_t position;    // 0-based, in a file without header
  uint32_t line;        // of the map
} amlrt__map_entry;

typedef struct amlrt__map {
  const char *path;
  bool has_header;
  char delimiter;
  amlrt__map_entry *entry;
  size_t n, cap;
  amlrt__pool texts;
} amlrt__map;

// No map at all: commas, a header, our own names.
void amlrt__map_init(amlrt__map *map, const amlrt_alloc *mem);
// Failure: AMLRT_E_MAP with the line, AMLRT_E_READ, AMLRT_E_NOMEM; release the map in every case.
amlrt_status amlrt__map_read(amlrt__map *map, const char *path, amlrt_error *err) AMLRT_MUST_USE;
void amlrt__map_release(amlrt__map *map);

#endif
