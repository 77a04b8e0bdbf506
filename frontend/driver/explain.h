// A pattern in plain words, for analysts: what it looks for, when it reports, and why there.
//
// Made from graph IR alone, so it says what will be run, with the parameters of this compilation. Lines
// are at most 100 columns wide where words allow it.
#ifndef AML_FRONTEND_DRIVER_EXPLAIN_H
#define AML_FRONTEND_DRIVER_EXPLAIN_H

#include "ir/gir.h"

// p must be derived (gir_derive) and verified; its arena is drawn on. Out of memory: the context is marked.
void explain_pattern(strbuf *out, const gir_pattern *p);

// One JSON object without its closing brace, so that more can be added: pattern id version status doc within_s span_s currency hubs keys
// roles stages conditions triggers breakable title features params; `text` is in words.
void explain_pattern_json(strbuf *out, const gir_pattern *p);

#endif
