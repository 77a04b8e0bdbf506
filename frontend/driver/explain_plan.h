// How a pattern is found: its plans, what the passes did; with data: costs, the plan taken, counts.
#ifndef AML_DRIVER_EXPLAIN_PLAN_H
#define AML_DRIVER_EXPLAIN_PLAN_H

#include "frontend/driver/kernel.h"

// Of unit i of the kernel.
void explain_plans(strbuf *out, const kernel *k, uint32_t i);

// Mines the patterns of an open run and says what that took. An exit code.
typedef struct explain_mined explain_mined;
int explain_mine(cli *c, cli_run *r, explain_mined **out);
void explain_data(strbuf *out, cli *c, const cli_run *r, const explain_mined *m, uint32_t i);

// The same as members of the pattern's JSON object, each with a comma before it. r, m: NULL without data.
void explain_plans_json(strbuf *out, cli *c, const kernel *k, const cli_run *r,
                        const explain_mined *m, uint32_t i);

#endif
