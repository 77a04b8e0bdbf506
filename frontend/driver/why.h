// `amlc why`: an alert in words.
#ifndef AML_DRIVER_WHY_H
#define AML_DRIVER_WHY_H

#include <stdio.h>

// Shows one alert of a run. `dir` is the folder that `amlc run -o` wrote, or an alerts file (the
// evidence is then looked for beside it), or "-" for alerts on standard input. `match` is the beginning
// of a match id or an alert id, at least 4 digits; NULL: the first alert, and how many others there are.
//
// Returns an exit code: 0; 2 no alert has that id, or several have; 4 the file is none of ours; 74 a
// file cannot be read, or memory ran out. What is wrong is said on err. Nothing is written to out then.
int why_print(const char *dir, const char *match, FILE *out, FILE *err);

#endif
