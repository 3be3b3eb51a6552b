/* The texts of a report: report.md and report.html, from templates (*.md.in). */
#ifndef REPORT_TEXTS_H
#define REPORT_TEXTS_H

#include "common/error.h"
#include "report/dataset/dataset.h"

/* Writes both to `folder` from the frozen dataset with its claims and plots. Returns 0 or a
 * negative errno with the reason in *error. */
int texts_write(struct dataset *dataset, const char *folder, struct error *error);

#endif
