// All of a table as text: two tables are the same where their dumps are.
#ifndef AML_TESTS_DUMP_H
#define AML_TESTS_DUMP_H

#include "amlrt/table.h"

// To be freed. Row numbers, accounts, ids, amounts, further columns, attributes, rejects, inputs with
// their hashes.
char *table_dump(const amlrt_table *t);

#endif
