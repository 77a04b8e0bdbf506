// Between the files that write C: emit_c.c (frame, names, texts), emit_c_tables.c, emit_c_fn.c.
#ifndef AML_IR_EMIT_C_INSIDE_H
#define AML_IR_EMIT_C_INSIDE_H

#include "ir/kir_fields.h"
#include "ir/base/map.h"

typedef struct emitter {
  strbuf *out;
  arena *mem;
  const kir_dialect *d;
  map *taken; // names of the file scope
  // of the module at hand
  const kir_module *m;
  const char *prefix;                             // of all its names
  const char **roles, **stages, **symbols, **fns; // C names by index
  bool *fn_used;                                  // some table names it
} emitter;

// ---- texts: whatever reaches C goes through one of these two ------------------------------------------

// A C string, with its quotes: plain ASCII, no trigraphs. A text longer than C promises to take becomes
// an array of characters.
void emit_string(strbuf *out, const char *text);
// What stands behind `//`: one line of plain ASCII that ends and begins no comment.
void emit_comment_text(strbuf *out, const char *text);

// A line; what is longer than the page is broken at blanks outside strings.
void emit_flow(strbuf *out, uint32_t indent, const char *text);
void emit_comment(strbuf *out, uint32_t indent, const char *text);

// ---- names --------------------------------------------------------------------------------------------

// PREFIX_name, with what C does not take in a name as `_`; a number behind it where it is taken.
const char *emit_name(emitter *e, const char *kind, const char *name);
// PREFIX_name as it is: of the tables, whose names are set aside before all others.
const char *emit_table_name(emitter *e, const char *name);

// ---- values -------------------------------------------------------------------------------------------

void emit_int(strbuf *out, int64_t v);
void emit_rational(strbuf *out, rational v); // {7, 10}
void emit_has(strbuf *out, unsigned has);    // AMLRT_HAS_B | AMLRT_HAS_C
void emit_range(strbuf *out, const gir_range *r);
// An index as C: the name of the role, stage or symbol, or the number; AMLRT_NONE.
void emit_index(strbuf *out, const emitter *e, kir_record_id record, uint32_t i);

// ---- the parts of a module ----------------------------------------------------------------------------

void emit_functions(emitter *e);
void emit_tables(emitter *e); // the last: PREFIX_program

#endif
