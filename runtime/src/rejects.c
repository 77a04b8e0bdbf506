// rejects.csv: the rows that were not used, and why.
#include "runtime/src/outfile.h"

#include <inttypes.h>

void amlrt_write_rejects(amlrt_out *o, const amlrt_table *t)
{
  amlrt__out_puts(o, "file,line,column,reason\n");
  for (uint64_t i = 0; i < amlrt_table_n_rejects(t) && amlrt__out_ok(o); i++) {
    const amlrt_reject *r = amlrt_table_reject(t, i);
    amlrt__out_csv_z(o, amlrt_table_input(t, r->file)->path);
    amlrt_out_printf(o, ",%" PRIu64 ",", r->line);
    if (r->column) amlrt_out_printf(o, "%" PRIu32, r->column); // none: the row as a whole
    amlrt_out_write(o, ",", 1);
    amlrt__out_csv_z(o, r->reason);
    amlrt_out_write(o, "\n", 1);
  }
}
