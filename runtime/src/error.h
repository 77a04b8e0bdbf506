// The caller's error object, filled in on failure.
#ifndef AMLRT_SRC_ERROR_H
#define AMLRT_SRC_ERROR_H

#include "amlrt/amlrt.h"

// Fills *err (NULL is fine) and gives st back: return amlrt__fail(...).
amlrt_status amlrt__fail(amlrt_error *err, amlrt_status st, const char *fmt, ...)
    AMLRT_PRINTF(3, 4);
// The same, with the system's words for sys_errno after the text.
amlrt_status amlrt__fail_sys(amlrt_error *err, amlrt_status st, int sys_errno, const char *fmt, ...)
    AMLRT_PRINTF(4, 5);
amlrt_status amlrt__nomem(amlrt_error *err,
                          const char *what); // AMLRT_E_NOMEM: "what: out of memory"

// A text of the user's for an error message: at most cap - 1 bytes, "..." at the end where cut,
// control characters and bytes that are not UTF-8 as '?'. Returns out.
const char *amlrt__show(char *out, size_t cap, const char *text, size_t n);

// A bug of ours: says where and aborts.
#define AMLRT__BUG(what) amlrt__bug(__FILE__, __LINE__, (what))
_Noreturn void amlrt__bug(const char *file, int line, const char *what);

#endif
