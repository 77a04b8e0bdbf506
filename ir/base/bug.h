// A bug of ours: say where and abort, for a wrong alert is worse than none.
#ifndef AML_BASE_BUG_H
#define AML_BASE_BUG_H

#include <stdarg.h>

#if defined(__GNUC__)
#define AML_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define AML_NORETURN __attribute__((noreturn))
#define AML_MUST_USE __attribute__((warn_unused_result))
#else
#define AML_PRINTF(fmt, args)
#define AML_NORETURN
#define AML_MUST_USE
#endif

// Prints file, line and message to standard error, then aborts.
AML_NORETURN void aml_bug(const char *file, int line, const char *fmt, ...) AML_PRINTF(3, 4);

#define AML_BUG(...) aml_bug(__FILE__, __LINE__, __VA_ARGS__)
#define AML_BUG_UNLESS(cond)                                                                       \
  do {                                                                                             \
    if (!(cond)) AML_BUG("%s", #cond);                                                             \
  } while (0)

#endif
