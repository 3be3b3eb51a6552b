/* What explains the figures of a run beyond its claims: sentences of the claims file, each about
 * the cells that it selects, with their figures filled in. What the run lacks is left out. */
#ifndef REPORT_EXPLANATION_H
#define REPORT_EXPLANATION_H

#include <stdio.h>

#include "report/claims.h"

/* Writes a heading of level 3 and a list for each explanation of which any sentence can be written.
 */
void explanations_write(FILE *out, const struct claims *claims, const struct run *run);

/* What is wrong with the "explanations" of a claims file, or NULL. */
const char *explanations_fault(const json_t *file);

#endif
