// A detector as a program of its own: what `amlc compile --emit=exe` writes is the compiled patterns and
// a main that calls this. It reads the data, runs every pattern and writes what `amlc run` writes.
#ifndef AMLRT_MAIN_H
#define AMLRT_MAIN_H

#include "amlrt/program.h"

typedef struct amlrt_main_info {
  const char *version, *build; // of amlc, for the manifest
  const char *const *files;    // by program: name of the pattern's source
  const char *const *sha256;   // by program: 64 hex digits of the source's text
} amlrt_main_info;

// Parses the command line, runs, and gives back the exit code (amlrt/report.h). Ctrl-C and SIGTERM end
// the run cleanly: they are blocked, and asked for while it goes on.
AMLRT_API int amlrt_detector_main(const amlrt_detector_export *detector,
                                  const amlrt_main_info *info, int argc, char **argv);

#endif
