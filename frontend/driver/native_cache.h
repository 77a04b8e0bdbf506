// Detectors kept on disk: a shared object by the hash of all that decides its bytes.
//
// The folder is $AMLC_CACHE, else $XDG_CACHE_HOME/amlc, else ~/.cache/amlc; AMLC_CACHE=off switches it
// off. It must be ours and writable by nobody else: what is loaded from it runs. An entry is KEY.so with
// its checksum beside it, KEY.sum; both are written under temporary names and renamed, so that several
// runs may keep and find the same entry at once. What does not fit its checksum is not there.
#ifndef AML_DRIVER_NATIVE_CACHE_H
#define AML_DRIVER_NATIVE_CACHE_H

#include "frontend/driver/build_native.h"
#include "ir/base/strbuf.h"

enum { NATIVE_CACHE_MOST = 256 }; // entries; those not used for longest go first

typedef struct native_cache {
  arena *mem;
  const char *folder; // NULL: off
  const char *why;    // why it is off although it was not switched off, for people; NULL
} native_cache;

void native_cache_open(native_cache *k, arena *mem);
// 64 hex digits of: the text, the flags, the compiler and its version, the headers, the ABI.
const char *native_cache_key(arena *mem, const native *n, const char *text, size_t size);
// The file of a key; NULL: not there, or not whole.
const char *native_cache_find(const native_cache *k, const char *key);
// An object that LLVM made is one file, KEY.jit: its checksum, then its bytes. It is read once, checked,
// and linked from memory, so nothing can come between. NULL: not there, or not whole. Aligned to 16.
const char *native_cache_read(const native_cache *k, const char *key, size_t *n);
void native_cache_write(const native_cache *k, const char *key, const char *bytes, size_t n);
// 64 hex digits of a list of parts, each with its length.
typedef struct native_parts {
  strbuf text;
} native_parts;
void native_parts_add(native_parts *p, const char *text, size_t n);
const char *native_parts_key(native_parts *p, arena *mem); // and releases it

// Keeps a file under a key. Returns its path there; NULL: it could not be kept.
const char *native_cache_keep(const native_cache *k, const char *key, const char *file);

#endif
