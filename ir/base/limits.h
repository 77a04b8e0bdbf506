// Default bounds on what a user may hand in.
#ifndef AML_BASE_LIMITS_H
#define AML_BASE_LIMITS_H

enum {
  LIMIT_FILE_BYTES = 1 << 20, // the longest pattern library we know has 60 KiB
  LIMIT_DEPTH = 200,          // deep enough for any sane formula, far below the C stack
  LIMIT_ERRORS = 50
};

#endif
