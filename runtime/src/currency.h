// What identifies a currency.
#ifndef AMLRT_SRC_CURRENCY_H
#define AMLRT_SRC_CURRENCY_H

#include "amlrt/money.h"

// The ISO code of a name where it is known, else the name itself; *n is its length, in and out.
const char *amlrt__currency_name(const char *text, size_t *n);

#endif
