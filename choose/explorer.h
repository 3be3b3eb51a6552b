/* The explorer: one page that holds the parameters, the points that were measured, and the same
 * predictor in JavaScript. It asks for nothing else, so it can be opened from a file. */
#ifndef CHOOSE_EXPLORER_H
#define CHOOSE_EXPLORER_H

#include "choose/parameters.h"
#include "report/dataset/dataset.h"

/* Writes the page, with the points of a frozen dataset, which may be empty, to a file, in whose
 * place it comes as a whole. Returns 0, or a negative errno with the reason in *error. */
int explorer_save(const char *path, struct dataset *dataset, const struct parameters *parameters,
                  struct error *error);

#endif
