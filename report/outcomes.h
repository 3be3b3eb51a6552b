/* How the requests of a cell ended, where not all ended well. */
#ifndef REPORT_OUTCOMES_H
#define REPORT_OUTCOMES_H

#include <stdio.h>

#include "report/run_data.h"

/* Writes "9900 timeout, 3 reset" of the execution of `cell` in which most failed, "none" where all
 * ended `ok` in each, or a dash where no lane told. */
void outcomes_write(FILE *out, const struct run *run, const struct workload_cell *cell);

/* The most requests of one execution that did not end `ok`; NAN where no lane told. */
double outcomes_failed(const struct run *run, const struct workload_cell *cell);

#endif
