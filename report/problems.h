/* What went wrong in a run, and what it left out. */
#ifndef REPORT_PROBLEMS_H
#define REPORT_PROBLEMS_H

#include <stdio.h>

#include "report/plots.h"

/* Writes a list of all: faults of the folder, plots that failed, executions and memory passes that
 * do not count, cells that were left out or run less often than planned. One sentence where there
 * is nothing. */
void problems_write(FILE *out, const struct run *run, const struct plots *plots);

/* Lists the executions that count although something may have disturbed them: those marked as
 * noisy, cells marked as noisy, and outliers; or says that there are none. */
void problems_write_noise(FILE *out, const struct run *run);

#endif
