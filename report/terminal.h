/* What `bench` shows of runs: templates with tables for a terminal (*.txt.in). */
#ifndef REPORT_TERMINAL_H
#define REPORT_TERMINAL_H

#include <stdio.h>

#include "common/error.h"
#include "report/dataset/dataset.h"

/* Writes the text called `name`: "show", "list", "doctor", "compare" or "compare-cells". Returns 0, or a
 * negative errno with the reason in *error. */
int terminal_write(FILE *out, struct dataset *dataset, const char *name, struct error *error);

#endif
