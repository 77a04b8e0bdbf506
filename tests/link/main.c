// The main of a detector as a program, for an object file that LLVM wrote. FILES, SHA256, VERSION and
// BUILD come from the command line: what a manifest says of the patterns.
#include "amlrt/amlrt_gen.h"
#include "amlrt/main.h"

int main(int argc, char **argv)
{
  static const char *const files[] = {FILES}, *const sha256[] = {SHA256};
  static const amlrt_main_info info = {VERSION, BUILD, files, sha256};
  return amlrt_detector_main(amlrt_detector_get(), &info, argc, argv);
}
