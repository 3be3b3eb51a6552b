/* Parameters held against a run that they were not fitted to: how far off each cell is, and whether
 * what would have been recommended was the best. */
#ifndef CHOOSE_CHECK_H
#define CHOOSE_CHECK_H

#include "choose/parameters.h"
#include "report/dataset/dataset.h"

/* Prints the residuals of a frozen dataset, and how many are within 10 % and within their own
 * errors. Returns 0, or a negative errno with the reason in *error. */
int check(struct dataset *dataset, const struct parameters *parameters, struct error *error);

#endif
