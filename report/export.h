/* Every table of a report as data: tables/NAME.csv, and all of them in tables.json
 * (`report.tables/1`, see ../results/README.md). */
#ifndef REPORT_EXPORT_H
#define REPORT_EXPORT_H

#include "report/plots.h"

#define EXPORT_ERROR_SIZE 512

/* Writes the files into the folder of the run. Returns 0 or a negative errno with the file and the
 * reason in `error` of EXPORT_ERROR_SIZE bytes. */
int export_tables(const struct plot_source *source, char *error);

#endif
