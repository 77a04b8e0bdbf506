// The insides of a writer, for the files that write through it. Internal to libamlrt.
#ifndef AMLRT__OUTFILE_H
#define AMLRT__OUTFILE_H

#include "amlrt/match.h"

// Where the writer's memory comes from.
const amlrt_alloc *amlrt__out_mem(const amlrt_out *o);
// Marks the writer: closing it will fail with this status, unless it failed before.
void amlrt__out_fail(amlrt_out *o, amlrt_status st, int sys_errno);
bool amlrt__out_ok(const amlrt_out *o);

// A text, ended by NUL.
void amlrt__out_puts(amlrt_out *o, const char *text);
void amlrt__out_json_z(amlrt_out *o, const char *text);
void amlrt__out_csv_z(amlrt_out *o, const char *text);
void amlrt__out_u64(amlrt_out *o, uint64_t v);
void amlrt__out_double(amlrt_out *o, double v); // shortest that reads back

// An integer as decimal digits; returns the length. No NUL. For millions of ids, where printf is slow.
size_t amlrt__i64_print(char out[20], int64_t v);

// The id of a row: in JSON a number or a string, in CSV a field.
void amlrt__out_json_id(amlrt_out *o, const amlrt_table *t, uint32_t row);
void amlrt__out_csv_id(amlrt_out *o, const amlrt_table *t, uint32_t row);

// title.c: the alert's title, in one line, as a JSON string.
void amlrt__out_title(amlrt_out *o, const amlrt_match *m, const amlrt_pattern_info *p,
                      const amlrt_table *t);

// match.c: what the sink was made with.
const amlrt_table *amlrt__sink_table(const amlrt_sink *s);
const amlrt_pattern_info *amlrt__sink_pattern(const amlrt_sink *s, uint32_t i);

#endif
