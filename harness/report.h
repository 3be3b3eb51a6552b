/* The report of a run, made by the program `report` beside this one. */
#ifndef HARNESS_REPORT_H
#define HARNESS_REPORT_H

#include <stdbool.h>

#include "harness/suite.h"

/* Makes the report of the run in the folder `run`, and says on stdout where it is (unless `quiet`).
 * Returns 0, or a negative errno with the reason in `error` of ERROR_SIZE bytes. */
int report_make(const struct suite *suite, const char *run, bool quiet, char *error);

#endif
