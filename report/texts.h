/* The texts of a report: report.md and report.html, from templates (*.md.in). */
#ifndef REPORT_TEXTS_H
#define REPORT_TEXTS_H

#include <stdio.h>

#include "common/error.h"
#include "report/dataset/dataset.h"

/* Writes both to `folder` from the frozen dataset with its claims and plots. Returns 0 or a
 * negative errno with the reason in *error. */
int texts_write(struct dataset *dataset, const char *folder, struct error *error);

/* Writes the views of an empty dataset with their columns as Markdown. Returns 0; or a negative
 * errno with the reason in *error, -ENOENT where words.json does not say what some of them are. */
int texts_columns(struct dataset *dataset, FILE *out, struct error *error);

#endif
