// What the forms of diagnostics share. For diag_*.c only.
#ifndef AML_BASE_DIAG_INSIDE_H
#define AML_BASE_DIAG_INSIDE_H

#include "ir/base/cx_inside.h"

#define DIAG_TOO_MANY "too many errors: what follows is not looked at"

// What is printed, in the order of file and place; equal places in the order they were reported.
// The caller releases *items with cx_release; NULL where there is none, or no memory.
uint32_t diag__sorted(cx *c, const diag_item ***items);
const char *diag__severity(const diag_item *d); // "error", "warning"
bool diag__has_place(const cx *c, const diag_item *d);

void diag__text(cx *c, strbuf *out, const diag_item *const *items, uint32_t n, bool colour);
void diag__json(cx *c, strbuf *out, const diag_item *const *items, uint32_t n);
void diag__sarif(cx *c, strbuf *out, const diag_item *const *items, uint32_t n);

#endif
