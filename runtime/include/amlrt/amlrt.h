// libamlrt: the graph-mining runtime that compiled detectors link against. This header: status, error
// object, allocator. C11; no globals, no network, no compiler inside.
#ifndef AMLRT_AMLRT_H
#define AMLRT_AMLRT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define AMLRT_API __attribute__((visibility("default")))
#define AMLRT_MUST_USE __attribute__((warn_unused_result))
#define AMLRT_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define AMLRT_API
#define AMLRT_MUST_USE
#define AMLRT_PRINTF(fmt, args)
#endif

__extension__ typedef __int128 amlrt_i128;

typedef enum {
#define AMLRT_STATUS(id, number, text) AMLRT_##id = (number),
#include "amlrt/status.def"
} amlrt_status;

// The one line of a status: "out of memory". Threads: any.
AMLRT_API const char *amlrt_status_text(amlrt_status st);

// What went wrong, for people. The caller's; may be NULL in every call; written on failure only.
typedef struct amlrt_error {
  amlrt_status status;
  int sys_errno;  // of the operating system, or 0
  char text[512]; // UTF-8, ended by NUL, cut when longer
} amlrt_error;

// Where memory comes from. Both functions set. Threads: called from any thread of a run.
typedef struct amlrt_alloc {
  void *(*alloc)(void *user, size_t bytes); // NULL when there is none; aligned as malloc
  void (*release)(void *user, void *block); // block may be NULL
  void *user;
} amlrt_alloc;

// malloc and free. Threads: any.
AMLRT_API const amlrt_alloc *amlrt_alloc_default(void);

AMLRT_API const char *amlrt_version(void); // "0.1.0"

// SHA-256 of a block (FIPS 180-4). Threads: any.
AMLRT_API void amlrt_sha256(uint8_t out[32], const void *data, size_t n);

#endif
