// Plans asked for, saved and pinned.
#ifndef AML_DRIVER_PLAN_FILE_H
#define AML_DRIVER_PLAN_FILE_H

#include "frontend/driver/cli.h"

// What --use-plan and --plan ask for, as amlrt_run_opts.plan takes it; NULL: nothing. An exit code.
int plan_asked(cli *c, const char **spec);
// Writes the plans a run took to where --save-plan says. An exit code.
int plan_save(cli *c, const cli_run *r);

#endif
