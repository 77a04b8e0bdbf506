// Diagnostics: what the user did wrong, where, why, and what to write instead.
//
//   diag_error(cx, DIAG_UNIT_MISMATCH, range->span, "this range is %s", unit_name(unit));
//   diag_note(cx, value->span, "'%s' is %s", text, unit_name(other));
//   diag_help(cx, "write an amount, as in `9_000 USD..`");
//
// note and help belong to the diagnostic made last. One mistake, one error: a second error at the
// very same span is dropped, and whoever reports a sharp error marks what hangs on it (an AST or
// type of kind "error") so that nothing vague follows.
#ifndef AML_BASE_DIAG_H
#define AML_BASE_DIAG_H

#include "ir/base/source.h"
#include "ir/base/strbuf.h"

typedef enum {
#define DIAG(id, code, severity, help) DIAG_##id,
#include "ir/base/diag_codes.def"
  DIAG_N_CODES
} diag_code;

typedef enum { DIAG_SEV_ERROR, DIAG_SEV_WARNING } diag_severity;

typedef struct diag_code_info {
  const char *code; // "unit-mismatch"
  diag_severity severity;
  const char *help; // one sentence of what the code means, for `amlc help CODE` and SARIF
} diag_code_info;
extern const diag_code_info diag_codes[DIAG_N_CODES];

// Severity is that of the code's row.
void diag_error(cx *c, diag_code code, span where, const char *fmt, ...) AML_PRINTF(4, 5);
void diag_note(cx *c, span where, const char *fmt, ...) AML_PRINTF(3, 4); // span {0}: no place
void diag_help(cx *c, const char *fmt, ...) AML_PRINTF(2, 3);

uint32_t diag_n_errors(const cx *c);
uint32_t diag_n_warnings(const cx *c);
bool diag_stop(const cx *c); // too many errors, or no memory: unwind

// All diagnostics so far in the order of file, place; stable.
typedef enum { DIAG_TEXT, DIAG_JSON, DIAG_SARIF } diag_format;
void diag_render(cx *c, strbuf *out, diag_format format, bool colour);
void diag_clear(cx *c);

#endif
