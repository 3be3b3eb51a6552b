/* The explorer: one page that holds the parameters, the points that were measured, and the same
 * predictor in JavaScript. It asks for nothing else, so it can be opened from a file. */
#ifndef CHOOSE_EXPLORER_H
#define CHOOSE_EXPLORER_H

#include <stdio.h>

#include "choose/parameters.h"
#include "report/dataset/dataset.h"

/* Writes the page with the points of a frozen dataset, which may be empty. Returns 0, or a negative
 * errno with the reason in *error. */
int explorer_write(FILE *out, struct dataset *dataset, const struct parameters *parameters,
                   struct error *error);

#endif
