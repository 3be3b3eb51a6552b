/* The whole run at a glance: a row for each lane, a column for each number of calls at once, and
 * the memory. */
#ifndef REPORT_MATRIX_H
#define REPORT_MATRIX_H

#include <stdbool.h>
#include <stdio.h>

#include "report/groups.h"
#include "report/run_data.h"

/* Writes the table: wall times (medians) of the calls that only wait, of the main group and those
 * with more requests of the same latency, and the PSS of `held` requests in flight (NAN: none).
 * Returns whether there was anything to set beside one another: at least two lanes, at least two
 * columns. */
bool matrix_write(FILE *out, const struct groups *groups, const struct run *run, double held);

/* Whether a group is one of those. */
bool matrix_covers(const struct groups *groups, const struct group *group);

#endif
