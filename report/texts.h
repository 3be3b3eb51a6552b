/* Texts from templates: report.md and report.html (*.md.in), and what `bench` shows of runs in the
 * terminal (*.txt.in). */
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

/* Writes the text called `name`: "show", "list", "doctor", "compare" or "compare-cells". Returns 0,
 * or a negative errno with the reason in *error. */
int texts_show(FILE *out, struct dataset *dataset, const char *name, struct error *error);

#endif
