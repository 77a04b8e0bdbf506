// Times: calendar days by arithmetic, without the system's time zone.
#ifndef AMLRT_SRC_TIME_H
#define AMLRT_SRC_TIME_H

#include "amlrt/table.h"

// "YYYY/MM/DD HH:MM", seconds optional: the form of the IBM AML files.
bool amlrt__time_ibm(int64_t *out, const char *text, size_t n);
// "YYYY-MM-DD": its first second.
bool amlrt__time_day(int64_t *out, const char *text, size_t n);

#endif
