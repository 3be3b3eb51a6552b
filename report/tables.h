/* All tables of a report as data: tables.json, and a CSV file for each. */
#ifndef REPORT_TABLES_H
#define REPORT_TABLES_H

#include "common/error.h"
#include "report/dataset/dataset.h"

/* Writes the tables that the dataset's table `exports` lists to `folder`/tables.json and
 * `folder`/tables/NAME.csv. Of one run the column `run` is left out. Returns 0 or a negative errno
 * with the reason in *error. */
int tables_write(struct dataset *dataset, const char *folder, struct error *error);

#endif
