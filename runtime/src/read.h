// Reading of files as one table.
#ifndef AMLRT_SRC_READ_H
#define AMLRT_SRC_READ_H

#include "runtime/src/table.h"

// amlrt_table_read, with blocks of so many bytes. The table does not depend on it.
enum { AMLRT__BLOCK_BYTES = 256 * 1024 };
amlrt_status amlrt__table_read_cut(amlrt_table **out, const char *const *paths, size_t n_paths,
                                   const amlrt_read_opts *opts, size_t block_bytes,
                                   amlrt_error *err) AMLRT_MUST_USE;

// accounts.c: adds the attributes of a file to a table. `ibm`: account keys are bank:account.
amlrt_status amlrt__accounts_read(amlrt_table *t, const char *path, bool ibm,
                                  amlrt_error *err) AMLRT_MUST_USE;

#endif
