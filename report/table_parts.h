/* What the tables of a report have in common: the parts of their rows. */
#ifndef REPORT_TABLE_PARTS_H
#define REPORT_TABLE_PARTS_H

#include <stdio.h>

#include "report/run_data.h"

/* Writes the median by `format`, or a dash. */
void table_median(FILE *out, const struct stats_summary *summary, void (*format)(FILE *, double));

/* Writes "279 ms … 285 ms": the least and the most, or a dash. */
void table_range(FILE *out, const struct stats_summary *summary, void (*format)(FILE *, double));

/* Writes the interval less `offset`, "[279 ms, 285 ms]"; or the range likewise, where the samples
 * are too few for an interval. */
void table_spread(FILE *out, const struct stats_summary *summary, double offset,
                  void (*format)(FILE *, double));

/* Writes "1000 threads (threads)": what the cell runs, and its lane. */
void table_label(FILE *out, const struct workload_cell *cell);

/* Writes "5 of 5 (1 noisy, 1 outlier)". */
void table_valid(FILE *out, const struct workload_cell *cell, size_t outliers);

/* What a cell may have in flight at most: no more than there are requests. */
double table_asked(const struct workload_cell *cell);

#endif
