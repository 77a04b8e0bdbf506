#include "runtime/src/reject.h"
#include "runtime/src/error.h"

const char *amlrt__reason_text(amlrt__reason reason)
{
  switch (reason) {
  case AMLRT__GOOD:
    break;
#define REJECT(id, text)                                                                           \
  case AMLRT__BAD_##id:                                                                            \
    return text;
#include "runtime/src/reject.def"
  }
  AMLRT__BUG("a good row has no reason");
}
