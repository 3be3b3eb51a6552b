/* The answer for a reader in a hurry. */
#ifndef REPORT_ANSWER_H
#define REPORT_ANSWER_H

#include <stdio.h>

#include "report/plots.h"

/* Writes a list: wall times of the groups that compare models, the memory, what computing comes to,
 * the verdicts. */
void answer_write(FILE *out, const struct plot_source *source);

#endif
